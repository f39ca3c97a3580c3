"""What a decision does beside changing its ticket: to letters that wait, to mails that wait, to people's absences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ksmail.address import Address


@dataclass(frozen=True, slots=True)
class Recall:
    """A letter that has not left is called back for good. `letter` is its number in the outbox."""

    letter: int


@dataclass(frozen=True, slots=True)
class Hurry:
    """A letter that waits, for its time or for staff, goes now."""

    letter: int


@dataclass(frozen=True, slots=True)
class Detain:
    """A letter that has not left waits for a word of staff."""

    letter: int


@dataclass(frozen=True, slots=True)
class Release:
    """A quarantined or held mail is judged again, and not put aside for the same reason."""

    mail: int


@dataclass(frozen=True, slots=True)
class Drop:
    """A quarantined or held mail is recorded as refused."""

    mail: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Destroy:
    """A file and the mail it came with are destroyed: bytes in the store, in letters, and on the mail server."""

    mail: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Absent:
    """Somebody is away from the first day up to and including the last. A new absence takes the place of the old."""

    who: Address
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Await:
    """Orders wait until `who` confirms them. `text` is the whole text of the mail they stand in, `about` what they are
    about where that is no ticket: a quarantined mail (Q-17). `shown` is a hash of what he was told would come of it."""

    mail: int
    who: Address
    text: str
    about: str = ""
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Settle:
    """Orders that waited were confirmed, or were withdrawn."""

    mail: int
    confirmed: bool


@dataclass(frozen=True, slots=True)
class CameBack:
    """A report says that a letter which was taken did not reach a recipient after all."""

    letter: int
    recipient: str
    reason: str


@dataclass(frozen=True, slots=True)
class Suppress:
    """An address that refused our mail for ever gets no automatic letter up to and including a day."""

    address: str
    until: date


Act = Recall | Hurry | Detain | Release | Drop | Destroy | Absent | Await | Settle | CameBack | Suppress
