"""What the history can hold: the changes of a ticket, and what the store itself does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import Change


class LetterState(StrEnum):
    """Where a letter in the outbox stands. The first two still go on, HELD and UNCERTAIN wait for staff; a CANCELLED
    one was called back before it left, and never goes."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    BOUNCED = "bounced"
    UNCERTAIN = "uncertain"
    GIVEN_UP = "given_up"
    HELD = "held"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A mail was judged: its line in the history, beside the changes. `letters` are the Message-IDs queued for it."""

    disposition: Disposition
    letters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reopened:
    """A recorded mail was put back to be judged again. `disposition` is what it was."""

    disposition: Disposition


@dataclass(frozen=True, slots=True)
class Settled:
    """A letter came to its end."""

    kind: str
    message_id: str
    state: LetterState


@dataclass(frozen=True, slots=True)
class Released:
    """A letter that waited for staff goes after all. `state` is what it was."""

    kind: str
    message_id: str
    state: LetterState


@dataclass(frozen=True, slots=True)
class Handled:
    """A letter that had not left took another course: by an order, or because we stopped while it was being sent.
    `state` is what it is now."""

    kind: str
    message_id: str
    state: LetterState


@dataclass(frozen=True, slots=True)
class Dropped:
    """A mail that waited for staff was refused by them. `disposition` is what it was."""

    disposition: Disposition


@dataclass(frozen=True, slots=True)
class Unserved:
    """The copies of a destroyed mail are gone from the mail server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosed:
    """Somebody outside the desk has a letter of ours, or may have it (not `certain`): a line of the register.

    `recipient` is an addr-spec, `sha256` is of the bytes of the letter, `files` those of the files that went along.
    `identity`: it tells a partner who asks. `by` is the address of whoever of staff ordered it, "" where nobody did.
    """

    kind: str
    message_id: str
    recipient: str
    sha256: str
    identity: bool
    files: tuple[str, ...]
    by: str
    certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A part of the program did not work, and whoever runs it was told. `part` is a word of ours. Aware, UTC."""

    part: str
    since: datetime
    until: datetime


Happening = Disclosed | Failed | Change | Recorded | Reopened | Settled | Released | Handled | Dropped | Unserved
