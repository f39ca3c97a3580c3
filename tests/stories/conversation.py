"""A conversation over Dovecot and Postfix, and what reached whom."""

from __future__ import annotations

import imaplib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern

from tests.servers import Dovecot, Postfix
from tests.stories.rig import Rig, text_of


@dataclass
class Conversation:
    """A desk on Debian's servers, and everything that reached the mailbox of each of `parties` since it began."""

    rig: Rig
    dovecot: Dovecot
    postfix: Postfix
    parties: tuple[str, ...]
    seen: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.seen = {who: len(self.dovecot.folder(who, "INBOX")) for who in self.parties}

    def letters(self, who: str, count: int) -> list[EmailMessage]:
        """What has reached somebody: as many letters as must be there, and none more."""
        mails = self.postfix.received(who, self.seen[who] + count)[self.seen[who] :]
        assert len(mails) == count
        return [message_from_bytes(mail, policy=modern) for mail in mails]

    def arrives(self, raw: bytes) -> None:
        """A mail lies in the desk's mailbox, as of the desk's own clock."""
        stamp = imaplib.Time2Internaldate(self.rig.clock.now())
        with self.dovecot.client(self.rig.servers.user) as client:
            client.append("INBOX", "", stamp, raw)
        self.rig.work()

    def at(self, moment: str) -> None:
        self.rig.clock.moment = datetime.fromisoformat(moment).astimezone(UTC)
        self.rig.work()


def readable(letter: EmailMessage) -> str:
    """A letter as its reader sees it; what differs from one run to the next stands as a word."""
    names = ("From", "To", "Cc", "Subject", "Auto-Submitted")
    head = "".join(f"{name}: {letter[name]}\n" for name in names if letter[name])
    return re.sub(r"kv-2026-0001\.[aspo]\.[a-z0-9.]+", "TOKEN", f"{head}\n{text_of(letter)}")
