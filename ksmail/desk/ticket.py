"""A ticket, what can happen to it, and what it is afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import assert_never

from ksmail.address import Address
from ksmail.capability import Audience
from ksmail.incoming.identity import Role
from ksmail.incoming.message import Attachment, Language
from ksmail.reference import Reference


class Status(StrEnum):
    """Where a ticket stands. `acknowledged`: the mail server took our acknowledgement."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"


class EntryKind(StrEnum):
    """What one text in the thread is."""

    QUESTION = "question"
    FOLLOW_UP = "follow_up"
    NOTE = "note"  # from staff or a partner: stored, never sent
    AUTOMATIC = "automatic"  # out-of-office and the like
    BOUNCE = "bounce"


class Flag(StrEnum):
    """What staff should look at. The wording lives in templates/*/_shared."""

    POSSIBLE_DUPLICATE = "possible_duplicate"  # same sender, same words, within a day
    MESSAGE_ID_REUSED = "message_id_reused"  # another mail already had this Message-ID (Zammad's lesson)
    NUMBER_OF_OTHERS = "number_of_others"  # names a ticket the sender has no part in; detail: its reference
    COLLEAGUE = "colleague"  # a new person of the asker's organisation wrote
    TRUNCATED = "truncated"  # the mail had more addresses than we keep
    LETTER_BOUNCED = "letter_bounced"  # a letter of ours was refused for ever; detail: which kind
    LETTER_TWICE = "letter_twice"  # a letter may have gone twice after a crash; detail: which kind


class Ground(StrEnum):
    """Why a date was given."""

    RECEIVED = "received"
    FETCHED_LATE = "fetched_late"


class PromiseState(StrEnum):
    OPEN = "open"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Participant:
    """Who may write into a ticket. `asker` is the one who asked; `copied` stood in Cc of the question."""

    address: Address
    part: str  # asker, copied or colleague


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """The ticket as it stands. Times are aware and UTC; `promised_on` is a date in the desk's time zone."""

    reference: Reference
    status: Status
    asker: Address
    language: Language
    subject: str
    received_at: datetime
    participants: tuple[Participant, ...] = ()
    promised_on: date | None = None
    flags: tuple[Flag, ...] = ()

    def has_part(self, address: Address) -> bool:
        """Whether this address may write into the ticket."""
        return any(person.address == address for person in self.participants)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    reference: Reference
    asker: Address
    language: Language
    subject: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Joined:
    address: Address
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A text came in. `audience` is who may ever read it: staff always may, nobody else by default."""

    kind: EntryKind
    author: Address
    role: Role
    audience: Audience
    text: str
    message_id: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A date was given: `promised_on` is kept if the answer is accepted on or before it, local time."""

    promised_on: date
    ground: Ground
    state: PromiseState = PromiseState.OPEN


@dataclass(frozen=True, slots=True)
class Flagged:
    flag: Flag
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A mail server accepted our acknowledgement for the asker."""

    message_id: str


Change = Opened | Joined | Posted | Promised | Flagged | Acknowledged


def evolve(ticket: Ticket | None, change: Change) -> Ticket:
    """What the ticket is after a change. Raises ValueError for a change to a ticket that does not exist."""
    if isinstance(change, Opened):
        return _opened(change)
    if ticket is None:
        raise ValueError(f"{type(change).__name__} without a ticket")
    match change:
        case Joined(address, part):
            if ticket.has_part(address):
                return ticket
            return replace(ticket, participants=(*ticket.participants, Participant(address, part)))
        case Posted():
            return ticket
        case Promised(promised_on=day, state=PromiseState.OPEN):
            return replace(ticket, promised_on=day)
        case Promised():
            return ticket
        case Flagged(flag):
            return ticket if flag in ticket.flags else replace(ticket, flags=(*ticket.flags, flag))
        case Acknowledged():
            return replace(ticket, status=Status.ACKNOWLEDGED) if ticket.status is Status.NEW else ticket
        case _:
            assert_never(change)


def _opened(change: Opened) -> Ticket:
    return Ticket(
        reference=change.reference,
        status=Status.NEW,
        asker=change.asker,
        language=change.language,
        subject=change.subject,
        received_at=change.received_at,
        participants=(Participant(change.asker, "asker"),),
    )
