"""A ticket, what can happen to it, and what it is afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import reduce
from typing import assert_never

from ksmail.address import Address
from ksmail.capability import Audience
from ksmail.desk.consultation import (
    Consultation,
    ConsultationEnded,
    Consulted,
    Informed,
    Inherited,
    PartnerChange,
    PartnerReminded,
    PartnerReplied,
    Stage,
    gone_on,
)
from ksmail.incoming.identity import Role
from ksmail.incoming.message import Attachment, Language
from ksmail.reference import Reference


class Status(StrEnum):
    """Where a ticket stands. `acknowledged`: a mail server took our acknowledgement; `answered`: the answer."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    COORDINATION = "coordination"
    WAITING_ASKER = "waiting_asker"
    ANSWERED = "answered"
    CLOSED = "closed"

    @property
    def is_open(self) -> bool:
        """Whether the asker still waits for something of ours."""
        return self not in (Status.ANSWERED, Status.CLOSED)


class EntryKind(StrEnum):
    """What one text in the thread is."""

    QUESTION = "question"
    FOLLOW_UP = "follow_up"
    NOTE = "note"  # from staff or a partner: stored, never sent
    ORDER = "order"  # from staff, with an order in it: the whole mail, never sent as it is
    ANSWER = "answer"  # what we wrote to the asker; so are the next two
    INFO_REQUEST = "info_request"
    CORRECTION = "correction"
    REQUEST = "request"  # what we sent to a partner
    POSITION = "position"  # what a partner answered
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
    RESEMBLES_STAFF = "resembles_staff"  # the sender's address looks like that of a colleague; detail: which
    NOT_PROVEN = "not_proven"  # a mail in the name of staff, released by a colleague; nothing in it was obeyed
    PERSONAL_DATA = "personal_data"  # a file like a CV or a passport, or a citizen's number; detail: the files
    PARTNER_COLLEAGUE = "partner_colleague"  # a partner answered from another address of its domain; detail: its code
    PARTNER_ELSEWHERE = "partner_elsewhere"  # our request was answered from an address that is not the partner's
    PARTNER_UNCLEAR = "partner_unclear"  # a partner's order that nobody can read counts as free text
    PARTNER_UNPROVEN = "partner_unproven"  # a partner's answer that staff released although nothing proves it
    PARTNER_WROTE_TO_ASKER = "partner_wrote_to_asker"  # a partner wrote to the asker's side, past the desk


class Ground(StrEnum):
    """Why a date was given."""

    RECEIVED = "received"
    FETCHED_LATE = "fetched_late"
    EXTENDED = "extended"  # staff gave another date
    ASKER_REPLIED = "asker_replied"  # the clock stood still until the asker wrote
    REOPENED = "reopened"
    MERGED = "merged"  # a question with an earlier date was put into this one
    RETURNED = "returned"  # our question to the asker came back, so the clock runs again
    CONSULTED = "consulted"  # partners are asked first
    OVERDUE = "overdue"  # the date passed and nobody acted: the program said sorry, once


class PromiseState(StrEnum):
    """What became of a date. At most one of a ticket is open."""

    OPEN = "open"
    KEPT = "kept"
    MOVED = "moved"  # another date took its place
    PAUSED = "paused"  # we wait for the asker
    BROKEN = "broken"
    DROPPED = "dropped"  # closed without an answer


class CloseReason(StrEnum):
    """Why a ticket was closed. The wording for the asker lives in templates/*/closed."""

    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    OUT_OF_SCOPE = "out-of-scope"
    SPAM = "spam"
    PRESS = "press"
    WOO = "woo"  # a request for public information, which has a procedure of its own
    NO_REPLY = "no-reply"
    REDIRECTED = "redirected"
    MERGED = "merged"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Participant:
    """Who may write into a ticket. `asker` is the one who asked; `copied` stood in Cc of the question."""

    address: Address
    part: str  # asker, copied or colleague


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """The ticket as it stands. Times are aware and UTC; `promised_on` is a date in the desk's time zone.

    `remaining_days`: the working days that were left when the clock stopped. `waiting_since`: when our question to the
    asker was accepted, while we wait for him; `nudged_at`: when he was reminded of it. `ended_at`: when the answer was
    accepted, or the ticket was closed without one; `active_at`: the last word of either side after that. `merged_into`
    is the ticket that took this one in, `continues` the older one that this one goes on with.
    """

    reference: Reference
    status: Status
    asker: Address
    language: Language
    subject: str
    received_at: datetime
    participants: tuple[Participant, ...] = ()
    promised_on: date | None = None
    flags: tuple[Flag, ...] = ()
    assignee: Address | None = None
    remaining_days: int | None = None
    ended_at: datetime | None = None
    active_at: datetime | None = None
    closed_because: CloseReason | None = None
    merged_into: Reference | None = None
    continues: Reference | None = None
    consultations: tuple[Consultation, ...] = ()
    waiting_since: datetime | None = None
    nudged_at: datetime | None = None

    def consultation(self, partner: str) -> Consultation | None:
        """What the partner with this code was asked."""
        return next((each for each in self.consultations if each.partner == partner), None)

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
    """A text came in, or went out. `audience` is who may ever read it: staff always may, nobody else by default; of
    the partners only the one with the code `partner` may."""

    kind: EntryKind
    author: Address
    role: Role
    audience: Audience
    text: str
    message_id: str
    attachments: tuple[Attachment, ...] = ()
    partner: str = ""


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


@dataclass(frozen=True, slots=True)
class TakenUp:
    """Staff gave a first order."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """`to` is an address on the staff list."""

    to: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A mail server accepted our answer."""

    message_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InfoAsked:
    """A mail server accepted our question to the asker: the clock stops with so many working days left."""

    message_id: str
    at: datetime
    remaining_days: int


@dataclass(frozen=True, slots=True)
class AskerReminded:
    """The asker was told that we still wait for him."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A mail server accepted a correction of our answer."""

    message_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Resumed:
    """The asker wrote what we waited for."""


@dataclass(frozen=True, slots=True)
class AnswerFailed:
    """A letter of ours came back: the asker does not know what it said."""


@dataclass(frozen=True, slots=True)
class PromiseSettled:
    """What became of the open promise; where none is open, nothing."""

    state: PromiseState


@dataclass(frozen=True, slots=True)
class Unkept:
    """The answer that kept the last promise came back: the promise is open again, or broken."""

    state: PromiseState


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    reason: CloseReason
    at: datetime
    said: str = ""  # staff's own word for the reason


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedAgain:
    at: datetime


@dataclass(frozen=True, slots=True)
class Thanked:
    """A word of thanks, which opens nothing."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedInto:
    reference: Reference
    at: datetime


@dataclass(frozen=True, slots=True)
class Absorbed:
    """Another ticket was put into this one."""

    reference: Reference


@dataclass(frozen=True, slots=True)
class Continues:
    """This ticket goes on with an older one, or was split off it."""

    reference: Reference


@dataclass(frozen=True, slots=True)
class ContinuedBy:
    """A newer ticket goes on with this one, or was split off it."""

    reference: Reference


@dataclass(frozen=True, slots=True)
class Purged:
    """A file was destroyed; its number, name and hash stay as the record of that."""

    number: int
    name: str
    sha256: str


Change = (
    Opened
    | Joined
    | Posted
    | Promised
    | Flagged
    | Acknowledged
    | TakenUp
    | Assigned
    | Answered
    | InfoAsked
    | AskerReminded
    | Corrected
    | Resumed
    | AnswerFailed
    | PromiseSettled
    | Unkept
    | Closed
    | OpenedAgain
    | Thanked
    | MergedInto
    | Absorbed
    | Continues
    | ContinuedBy
    | Purged
    | Consulted
    | Informed
    | PartnerReplied
    | PartnerReminded
    | ConsultationEnded
    | Inherited
)


def evolve(ticket: Ticket | None, change: Change) -> Ticket:
    """What the ticket is after a change. Raises ValueError for a change to a ticket that does not exist."""
    if isinstance(change, Opened):
        return _opened(change)
    if ticket is None:
        raise ValueError(f"{type(change).__name__} without a ticket")
    if ticket.merged_into is not None and not isinstance(change, Joined | Flagged):
        return ticket  # its life goes on in the ticket that took it in
    match change:
        case Joined(address, part):
            if ticket.has_part(address):
                return ticket
            return replace(ticket, participants=(*ticket.participants, Participant(address, part)))
        case Promised(promised_on=day, state=PromiseState.OPEN):
            return replace(ticket, promised_on=day)
        case Flagged(flag):
            return ticket if flag in ticket.flags else replace(ticket, flags=(*ticket.flags, flag))
        case Acknowledged():
            return replace(ticket, status=Status.ACKNOWLEDGED) if ticket.status is Status.NEW else ticket
        case TakenUp() | Resumed() | AnswerFailed() | OpenedAgain() | Assigned():
            return _worked_on(ticket, change)
        case Answered() | InfoAsked() | Closed() | MergedInto():
            return _left_alone(ticket, change)
        case Thanked(at) | Corrected(at=at):
            return replace(ticket, active_at=at)
        case Continues(reference):
            return replace(ticket, continues=reference)
        case AskerReminded(at):
            return replace(ticket, nudged_at=at) if ticket.status is Status.WAITING_ASKER else ticket
        case Consulted() | Informed() | PartnerReplied() | PartnerReminded() | ConsultationEnded() | Inherited():
            return _coordinated(ticket, change)
        case Posted() | Promised() | PromiseSettled() | Unkept() | Absorbed() | ContinuedBy() | Purged():
            return ticket
        case _:
            assert_never(change)


def evolved(ticket: Ticket, changes: Iterable[Change]) -> Ticket:
    """What the ticket is after all of these, one after the other."""
    return reduce(evolve, changes, ticket)


def _coordinated(ticket: Ticket, change: PartnerChange) -> Ticket:
    """What happens between the desk and its partners. A question that waits for none of them any more is back in
    staff's hands; one that waits for the asker goes on waiting for him."""
    return _with_staff(replace(ticket, consultations=gone_on(ticket.consultations, change)))


def _with_staff(ticket: Ticket) -> Ticket:
    """Whether a question that is being worked on waits for partners or for staff."""
    waits = any(each.is_open for each in ticket.consultations)
    if waits and ticket.status.is_open and ticket.status is not Status.WAITING_ASKER:
        return replace(ticket, status=Status.COORDINATION)
    if not waits and ticket.status is Status.COORDINATION:
        return replace(ticket, status=Status.IN_PROGRESS)
    return ticket


def _worked_on(ticket: Ticket, change: TakenUp | Resumed | AnswerFailed | OpenedAgain | Assigned) -> Ticket:
    """What puts a ticket in somebody's hands."""
    begun = replace(ticket, status=Status.IN_PROGRESS)
    match change:
        case TakenUp():
            return begun if ticket.status in (Status.NEW, Status.ACKNOWLEDGED) else ticket
        case Assigned(to):
            return replace(evolve(ticket, TakenUp()), assignee=to)
        case Resumed() | AnswerFailed() | OpenedAgain():
            return _with_staff(_unended(begun))
        case _:
            assert_never(change)


def _left_alone(ticket: Ticket, change: Answered | InfoAsked | Closed | MergedInto) -> Ticket:
    """What takes a ticket out of staff's hands. Closing what was answered does not make the answer younger."""
    match change:
        case Answered(at=at):
            return replace(_unended(ticket), status=Status.ANSWERED, ended_at=at, active_at=at)
        case InfoAsked(remaining_days=days, at=at):
            waits = replace(_unended(ticket), status=Status.WAITING_ASKER, waiting_since=at)
            return replace(waits, remaining_days=days, promised_on=None)
        case Closed(reason=reason, at=at):
            ended = ticket.ended_at or at
            over = tuple(replace(each, stage=Stage.CLOSED) for each in ticket.consultations)
            return replace(
                ticket,
                status=Status.CLOSED,
                ended_at=ended,
                closed_because=reason,
                remaining_days=None,
                waiting_since=None,
                nudged_at=None,
                consultations=over,
            )
        case MergedInto(reference=reference, at=at):
            closed = evolve(ticket, Closed(reason=CloseReason.MERGED, at=at))
            return replace(closed, merged_into=reference)
        case _:
            assert_never(change)


def _unended(ticket: Ticket) -> Ticket:
    return replace(
        ticket,
        remaining_days=None,
        waiting_since=None,
        nudged_at=None,
        ended_at=None,
        active_at=None,
        closed_because=None,
    )


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
