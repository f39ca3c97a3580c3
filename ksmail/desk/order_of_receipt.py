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
    """An open question that was in staff's hands when questions of later receipt were answered. `since` is the first
    of those moments, aware, UTC; no `excuses`: none is recorded."""

    ticket: Reference
    by: tuple[Reference, ...]
    since: datetime
    excuses: tuple[Excuse, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """A question in the queue. `at` is when it was received, or opened again; that is its place."""

    ticket: Ticket
    at: datetime
    by: tuple[Reference, ...] = ()
    since: datetime | None = None
    excuses: tuple[Excuse, ...] = ()

    @property
    def rank(self) -> tuple[datetime, Reference]:
        return (self.at, self.ticket.reference)


def overtaken(facts: Iterable[Fact]) -> tuple[Overtaken, ...]:
    """The open questions that others went past, in order of receipt. `facts` are in the order of the history; those of
    a ticket whose beginning is not among them do not count. What is merged, answered or closed is out of it."""
    queue: dict[Reference, _Place] = {}
    ours: set[Reference] = set()  # those in staff's hands: few, however long the history
    for fact in facts:
        place = queue.get(fact.ticket)
        if place is None and not isinstance(fact.change, Opened):
            continue
        moved = queue[fact.ticket] = _moved(place, fact.change)
        (ours.add if in_staffs_hands(moved.ticket.status) else ours.discard)(fact.ticket)
        if isinstance(fact.change, Answered) and moved.ticket.status is Status.ANSWERED:
            earlier = (each for each in ours if queue[each].rank < moved.rank)
            queue |= {each: _passed(queue[each], moved, fact.at) for each in earlier}
    return tuple(
        Overtaken(ticket=place.ticket.reference, by=place.by, since=place.since, excuses=place.excuses)
        for place in sorted(queue.values(), key=lambda place: place.rank)
        if place.since is not None and place.ticket.status.is_open
    )


def _moved(place: _Place | None, change: Change) -> _Place:
    ticket = evolve(place.ticket if place else None, change)
    if place is None:
        return _Place(ticket, ticket.received_at)
    if not ticket.status.is_open:
        return replace(place, ticket=ticket, by=(), since=None)
    if isinstance(change, OpenedAgain):
        return _Place(ticket, change.at, excuses=(Excuse.REOPENED,))
    return replace(place, ticket=ticket, excuses=_excused(place.excuses, change))


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


def _passed(place: _Place, answered: _Place, at: datetime) -> _Place:
    others = place.by if answered.ticket.reference in place.by else (*place.by, answered.ticket.reference)
    return replace(place, by=others, since=place.since or at)
