"""First come, first served: which question is next, and which ones were passed by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from ksmail.desk.case import QueueLine
from ksmail.desk.consultation import Consulted
from ksmail.desk.history import Fact
from ksmail.desk.ticket import (
    Answered,
    Change,
    Ground,
    InfoAsked,
    Opened,
    OpenedAgain,
    Promised,
    Status,
    Ticket,
    evolve,
)
from ksmail.reference import Reference

# The desk waits for a partner or for the asker: nobody of staff can go on with it.
_WITH_OTHERS = frozenset({Status.COORDINATION, Status.WAITING_ASKER})

_Rank = tuple[datetime, Reference]  # by receipt, then by number


def in_staffs_hands(status: Status) -> bool:
    """Whether staff could answer now: it is open, and neither a partner nor the asker has to write first."""
    return status.is_open and status not in _WITH_OTHERS


def next_to_take(lines: Sequence[QueueLine]) -> Reference | None:
    """The question to take next: the oldest that nobody has taken, or the oldest of all where each is taken. None when
    no question is in staff's hands."""
    ours = sorted(
        (line for line in lines if in_staffs_hands(line.status)), key=lambda line: (line.received_at, line.reference)
    )
    free = [line for line in ours if line.assignee is None]
    return next((line.reference for line in (*free, *ours)), None)


class Excuse(StrEnum):
    """What the history knows of a question that others went past. It is no judgement."""

    CONSULTED = "consulted"  # a partner was asked about it
    ASKED = "asked"  # it waited for the asker
    EXTENDED = "extended"  # staff gave it another date
    REOPENED = "reopened"  # it had been answered or closed before


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaken:
    """An open question that was in staff's hands when `by` questions of later receipt were answered. `since` is the
    first of those moments, aware, UTC; no `excuses`: none is recorded."""

    ticket: Reference
    by: int
    since: datetime
    excuses: tuple[Excuse, ...] = ()


@dataclass(frozen=True, slots=True)
class _Answer:
    """A question was answered: its place in the queue then, its name, and when that was."""

    rank: _Rank
    name: str  # quicker to look up than the reference, and this is done for each open question
    at: datetime


@dataclass(frozen=True, slots=True)
class _Place:
    """A question in the queue. `received_at` is when it was received, or opened again; that is its place.

    `spans` are the times during which staff could have answered it, counted in answers of the desk: from the first
    number until before the second. `since` is the number at which such a time began that is not over.
    """

    ticket: Ticket
    received_at: datetime
    since: int | None = None
    spans: tuple[tuple[int, int], ...] = ()
    excuses: tuple[Excuse, ...] = ()

    @property
    def rank(self) -> _Rank:
        return (self.received_at, self.ticket.reference)


def overtaken(facts: Iterable[Fact]) -> tuple[Overtaken, ...]:
    """The open questions that others went past, in order of receipt. `facts` are in the order of the history; those of
    a ticket whose beginning is not among them do not count. What is merged, answered or closed is out of it."""
    queue: dict[Reference, _Place] = {}
    answers: list[_Answer] = []
    for fact in facts:
        place = queue.get(fact.ticket)
        if place is None and not isinstance(fact.change, Opened):
            continue
        moved = queue[fact.ticket] = _moved(place, fact.change, len(answers))
        if isinstance(fact.change, Answered) and moved.ticket.status is Status.ANSWERED:
            answers.append(_Answer(moved.rank, str(fact.ticket), fact.at))
    waiting = sorted((each for each in queue.values() if each.ticket.status.is_open), key=lambda each: each.rank)
    return tuple(found for each in waiting if (found := _overtaken(each, answers)))


def _overtaken(place: _Place, answers: Sequence[_Answer]) -> Overtaken | None:
    """A question that was answered twice went past it once."""
    rank, spans = place.rank, place.spans if place.since is None else (*place.spans, (place.since, len(answers)))
    went = [answer for begin, end in spans for answer in answers[begin:end] if answer.rank > rank]
    if not went:
        return None
    names = {answer.name for answer in went}
    return Overtaken(ticket=place.ticket.reference, by=len(names), since=went[0].at, excuses=place.excuses)


def _moved(place: _Place | None, change: Change, answers: int) -> _Place:
    """`answers` is how many the desk has given before."""
    ticket = evolve(place.ticket if place else None, change)
    if place is None:
        return _in_hand(_Place(ticket, ticket.received_at), answers)
    if not ticket.status.is_open:
        return replace(place, ticket=ticket, since=None, spans=())
    if isinstance(change, OpenedAgain):
        return _in_hand(_Place(ticket, change.at, excuses=(Excuse.REOPENED,)), answers)
    return _in_hand(replace(place, ticket=ticket, excuses=_excused(place.excuses, change)), answers)


def _in_hand(place: _Place, answers: int) -> _Place:
    """With the time that begins, or is over, now."""
    if in_staffs_hands(place.ticket.status):
        return place if place.since is not None else replace(place, since=answers)
    if place.since is None:
        return place
    return replace(place, since=None, spans=(*place.spans, (place.since, answers)))


def _excused(excuses: tuple[Excuse, ...], change: Change) -> tuple[Excuse, ...]:
    match change:
        case Consulted():
            found = Excuse.CONSULTED
        case InfoAsked():
            found = Excuse.ASKED
        case Promised(ground=Ground.EXTENDED):
            found = Excuse.EXTENDED
        case _:
            return excuses
    return excuses if found in excuses else (*excuses, found)
