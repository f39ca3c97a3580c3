"""Where mail comes from, whatever the protocol."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Folder(StrEnum):
    """Where a mail is put once it is recorded. The real names are in the configuration."""

    DONE = "done"
    QUARANTINE = "quarantine"
    HELD = "held"


@dataclass(frozen=True, slots=True, order=True)
class MailKey:
    """What names a mail on its server for ever (RFC 9051 2.3.1.1). A UID means nothing without its UIDVALIDITY."""

    mailbox: str
    uidvalidity: int
    uid: int

    def __str__(self) -> str:
        return f"{self.mailbox}/{self.uidvalidity}/{self.uid}"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingMail:
    """Bytes from the mailbox.

    `received_at` is IMAP's INTERNALDATE, aware, UTC. `size` is what the server says the mail measures, in octets.
    `incomplete` is empty, or the reason why `raw` is only the beginning of the mail (or nothing at all).
    """

    key: MailKey
    raw: bytes
    received_at: datetime
    size: int
    incomplete: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """A mail that is to be found again wherever it lies by now.

    `sha256` (hexadecimal) and `size` (octets) are those of the bytes as the server served them. `message_id` is "" when
    the mail had none, or none that is well-formed; it only helps to find the mail, and proves nothing.
    """

    sha256: str
    size: int
    message_id: str


class Mailbox(Protocol):
    """One folder of one account. Every call may raise Unavailable, after which the next call connects again."""

    def open(self) -> int:
        """Connect if need be, select the folder, let the server speak (NOOP). Returns UIDVALIDITY."""

    def uids(self) -> tuple[int, ...]:
        """All UIDs in the folder now, ascending."""

    def fetch(self, uids: Sequence[int]) -> Iterator[IncomingMail]:
        """The mails behind `uids`, without marking them read. A mail that vanished meanwhile is left out."""

    def file(self, uids: Sequence[int], folder: Folder) -> None:
        """Move recorded mails out of the way. Mails no longer there are no error."""

    def destroy(self, copy: Copy) -> int:
        """Delete every copy of one mail for ever, wherever it lies: in the folder and in the three for filed mail.

        Only a mail with the same bytes is deleted. Returns how many were; 0 when none is there (any more). After a
        fault it can be called again, and goes on where it was. Raises CannotDestroy, when all that can be deleted is
        gone, if a copy had to stay or may have.
        """

    def wait(self, seconds: float) -> bool:
        """Wait until the server reports a change (True) or `seconds` have passed or `interrupt` was called (False)."""

    def interrupt(self) -> None:
        """End a `wait` now; may be called from another thread."""

    def close(self) -> None:
        """Log out if that can be done at once; never raises."""
