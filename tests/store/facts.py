"""Small facts for the tests of the store."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ksmail.address import Address, parse_address
from ksmail.capability import Audience
from ksmail.desk.acts import Act
from ksmail.desk.arrival import Decision, Disposition, Elsewhere
from ksmail.desk.ticket import Change, EntryKind, Ground, Joined, Opened, Posted, Promised, Ticket, evolve
from ksmail.incoming.identity import Role
from ksmail.incoming.mailbox import IncomingMail, MailKey
from ksmail.incoming.message import Attachment, Language, Message
from ksmail.outgoing.mail import Carries, OutgoingMail
from ksmail.reference import Reference
from ksmail.store.store import Store, StoreSettings, Transaction

NOW = datetime(2026, 6, 1, 6, 15, 0, 123456, tzinfo=UTC)
ASKER = parse_address("Jo.de.Vries@uni.example", "Jo de Vries")
DAY = timedelta(days=1)


def new_store(path: Path, busy_timeout: float = 30.0, *, exclusive: bool = False) -> Store:
    settings = StoreSettings(path=path, busy_timeout=busy_timeout)
    Store.migrate(settings)
    return Store.open(settings, exclusive=exclusive)


def mail(uid: int = 1, raw: bytes | None = None, received_at: datetime = NOW, uidvalidity: int = 7) -> IncomingMail:
    raw = raw if raw is not None else f"Subject: question {uid}\r\n\r\nText\r\n".encode()
    key = MailKey("INBOX", uidvalidity, uid)
    return IncomingMail(key=key, raw=raw, received_at=received_at, size=len(raw))


def message(name: str = "1", *, given: bool = True, raw: bytes = b"", message_id: str = "") -> Message:
    return Message(
        content_id=f"content-{name}",
        raw_sha256=hashlib.sha256(raw).hexdigest(),
        message_id=message_id or f"<{name}@uni.example>",
        message_id_given=given,
        sender=ASKER,
    )


def take(tx: Transaction, uid: int = 1, raw: bytes | None = None, received_at: datetime = NOW) -> int:
    """Receive one mail; returns its number in the ledger."""
    tx.receive([mail(uid, raw, received_at)], NOW)
    return tx.known("INBOX", 7)[uid].number


def settle_as(
    tx: Transaction, number: int, kind: Disposition, facts: Message | None = None, ticket: Ticket | None = None
) -> None:
    """Record a mail that changes nothing."""
    judged = Decision(disposition=kind, because=f"it is {kind}", ticket=ticket)
    tx.record(number, facts, judged, (), asker=None, words="", now=NOW)


def posted(
    message_id: str = "<1@uni.example>",
    author: Address = ASKER,
    files: int = 1,
    audience: Audience = Audience.STAFF,
    kind: EntryKind = EntryKind.QUESTION,
    role: Role = Role.ASKER,
) -> Posted:
    return Posted(
        kind=kind,
        author=author,
        role=role,
        audience=audience,
        text="Mag dit? Één vraag — 🙂",
        message_id=message_id,
        attachments=tuple(
            Attachment(name=f"{n}.pdf", content_type="application/pdf", size=5_000_000_000, sha256="ab" * 32)
            for n in range(files)
        ),
    )


def opening(reference: Reference, message_id: str = "<1@uni.example>", received_at: datetime = NOW) -> list[Change]:
    return [
        Opened(reference=reference, asker=ASKER, language=Language.NL, subject="Een vraag", received_at=received_at),
        posted(message_id),
        Joined(parse_address("colleague@uni.example", "A. Colleague"), "copied"),
        Promised(promised_on=date(2026, 6, 4), ground=Ground.RECEIVED),
    ]


def decision(changes: list[Change], ticket: Ticket | None = None, kind: Disposition = Disposition.TICKET) -> Decision:
    after = ticket
    for change in changes:
        after = evolve(after, change)
    return Decision(disposition=kind, because="a new question", ticket=after, changes=tuple(changes))


def letter(
    name: str = "1",
    kind: str = "ack",
    to: str = "jo.de.vries@uni.example",
    *,
    cc: tuple[str, ...] = (),
    held: str = "",
    about: str = "KV-2026-0001",
    due_at: datetime = NOW,
    then: tuple[Change, ...] = (),
    orderable: bool = False,
    raw: bytes = b"",
    envelope_from: str = "",
    carries: Carries | None = None,
) -> OutgoingMail:
    return OutgoingMail(
        message_id=f"<letter-{name}@desk.example>",
        kind=kind,
        about=about,
        envelope_from=envelope_from,
        recipients=(to, *cc),
        raw=raw or f"Subject: letter {name}\r\n\r\nText\r\n".encode(),
        due_at=due_at,
        held=held,
        then=then,
        orderable=orderable,
        carries=carries or Carries(),
    )


def open_ticket(tx: Transaction, uid: int = 1, *letters: OutgoingMail, words: str = "", name: str = "") -> Reference:
    """One mail that makes one ticket."""
    number = take(tx, uid)
    reference = tx.next_reference("KV", 2026)
    named = name or str(uid)
    changes = opening(reference, f"<{named}@uni.example>")
    tx.record(number, message(named), decision(changes), letters, asker=ASKER, words=words, now=NOW)
    return reference


def follow_up(
    tx: Transaction,
    uid: int,
    reference: Reference,
    *changes: Change,
    kind: Disposition = Disposition.FOLLOW_UP,
    letters: Sequence[OutgoingMail] = (),
    elsewhere: Sequence[Elsewhere] = (),
    acts: Sequence[Act] = (),
    raw: bytes | None = None,
) -> int:
    """One more mail to a ticket that is there, with what it changes. Returns the number of the mail."""
    number = take(tx, uid, raw)
    judged = replace(
        decision(list(changes), tx.find_ticket(reference), kind),
        because="it was ordered",
        elsewhere=tuple(elsewhere),
        acts=tuple(acts),
    )
    tx.record(number, message(str(uid)), judged, letters, asker=None, words="", now=NOW)
    return number


def act(tx: Transaction, uid: int, *acts: Act) -> int:
    """A mail of staff that does something, and has no ticket."""
    number = take(tx, uid)
    judged = Decision(disposition=Disposition.ORDER, because="it was ordered", acts=acts)
    tx.record(number, message(str(uid)), judged, (), asker=None, words="", now=NOW)
    return number


def file(name: str, data: bytes = b"") -> Attachment:
    return Attachment(
        name=name,
        content_type="application/pdf",
        size=len(data),
        sha256=hashlib.sha256(data or name.encode()).hexdigest(),
    )
