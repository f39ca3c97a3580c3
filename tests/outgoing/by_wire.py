"""Letters for the tests of the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.smtp import SmtpSettings, SmtpTransport
from ksmail.outgoing.transport import Outcome

ASKER = "asker@example.net"
RAW = b"From: desk@example.org\r\nMessage-ID: <one@example.org>\r\nSubject: Answer\r\n\r\nYes.\r\n"


def letter(*recipients: str, **changes: Any) -> OutgoingMail:
    facts: dict[str, Any] = {
        "message_id": "<one@example.org>",
        "kind": "answer",
        "about": "KV-2026-0001",
        "envelope_from": "desk@example.org",
        "recipients": recipients or (ASKER,),
        "raw": RAW,
        "due_at": datetime(2026, 6, 1, 8, 0, tzinfo=UTC),
    }
    return OutgoingMail(**(facts | changes))


def send(settings: SmtpSettings, *mails: OutgoingMail) -> list[Mapping[str, Outcome]]:
    """One after the other over one transport, which is closed in the end."""

    async def work() -> list[Mapping[str, Outcome]]:
        transport = SmtpTransport(settings)
        try:
            return [await transport.send(mail, mail.recipients) for mail in mails]
        finally:
            await transport.close()

    return asyncio.run(work())


def send_one(settings: SmtpSettings, mail: OutgoingMail | None = None) -> Outcome:
    """To one recipient."""
    mail = mail or letter()
    return send(settings, mail)[0][mail.recipients[0]]


async def until(happened: Callable[[], bool]) -> None:
    """Wait for something in another thread."""
    while not happened():  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(0.001)
