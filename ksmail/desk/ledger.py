"""The ledger of promises: every date that was given, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from ksmail.desk.history import Fact
from ksmail.desk.letter import LetterKind
from ksmail.desk.returned import CAME_BACK
from ksmail.desk.ticket import Acknowledged, Flag, Flagged, Ground, Promised, PromiseSettled, PromiseState, Unkept
from ksmail.reference import Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class DatePromised:
    """One date that an asker was given. `promised_on` is a date of the desk, moments are aware, UTC.

    `given_by` and `settled_by` are roles, or ourselves. `settled_at` is None while the date holds. `moved_to` is the
    ground of the date that took its place, None where none did. `unknown`: the letter that told it was refused, so the
    asker does not know it.
    """

    ticket: Reference
    promised_on: date
    ground: Ground
    given_at: datetime
    given_by: str
    state: PromiseState = PromiseState.OPEN
    settled_at: datetime | None = None
    settled_by: str = ""
    moved_to: Ground | None = None
    unknown: bool = False


# Which letter tells the asker a date, by the ground of that date. A date after his own reply is told in no letter.
_TELLS: Mapping[str, tuple[Ground, ...]] = {
    LetterKind.ACK: (Ground.RECEIVED,),
    LetterKind.ACK_LATE: (Ground.FETCHED_LATE,),
    LetterKind.LINKED_NEW: (Ground.RECEIVED, Ground.FETCHED_LATE),
    LetterKind.REOPENED: (Ground.REOPENED,),
    LetterKind.MERGED: (Ground.MERGED,),
    LetterKind.DELAY_NOTICE: (Ground.EXTENDED, Ground.OVERDUE),
    LetterKind.COORDINATION_NOTICE: (Ground.CONSULTED,),
}
_ACKNOWLEDGED = (Ground.RECEIVED, Ground.FETCHED_LATE)


def promises(facts: Iterable[Fact]) -> tuple[DatePromised, ...]:
    """The dates of every ticket in the order in which they were given. `facts` are in the order of the history."""
    found: dict[Reference, list[DatePromised]] = {}
    order: list[tuple[Reference, int]] = []
    for fact in facts:
        dates = found.setdefault(fact.ticket, [])
        if isinstance(fact.change, Promised):
            order.append((fact.ticket, len(dates)))
        _enter(dates, fact)
    return tuple(found[ticket][place] for ticket, place in order)


def _enter(dates: list[DatePromised], fact: Fact) -> None:
    """What one fact means for the dates of its ticket."""
    match fact.change:
        case Promised():
            _give(dates, fact, fact.change)
        case PromiseSettled(state):
            dates[:] = [_settled(each, state, fact) if each.state is PromiseState.OPEN else each for each in dates]
        case Unkept(state) if dates and dates[-1].state is PromiseState.KEPT:
            dates[-1] = _settled(dates[-1], state, fact)
        case Flagged(Flag.LETTER_BOUNCED, kind):
            _mark(dates, _told_by(kind, fact.because), unknown=True)
        case Acknowledged():  # after all: it had been given up, and staff let it go once more
            _mark(dates, _ACKNOWLEDGED, unknown=False)
        case _:
            pass


def _give(dates: list[DatePromised], fact: Fact, promised: Promised) -> None:
    if dates and dates[-1].state is PromiseState.MOVED and dates[-1].moved_to is None:
        dates[-1] = replace(dates[-1], moved_to=promised.ground)
    given = DatePromised(
        ticket=fact.ticket,
        promised_on=promised.promised_on,
        ground=promised.ground,
        given_at=fact.at,
        given_by=fact.actor,
    )
    dates.append(given if promised.state is PromiseState.OPEN else _settled(given, promised.state, fact))


def _settled(date_: DatePromised, state: PromiseState, fact: Fact) -> DatePromised:
    """With what became of it; a date whose answer came back in time holds again."""
    if state is PromiseState.OPEN:
        return replace(date_, state=state, settled_at=None, settled_by="")
    return replace(date_, state=state, settled_at=fact.at, settled_by=fact.actor)


def _told_by(kind: str, because: str) -> tuple[Ground, ...]:
    """The grounds of the dates that nobody knows of when a letter of this kind was refused.

    A date that staff give comes true when its letter is taken. Refused at once, it told of a date that never was.
    """
    tells = _TELLS.get(kind, ())
    if kind == LetterKind.DELAY_NOTICE and f"{kind} {CAME_BACK}" not in because:
        return (Ground.OVERDUE,)
    return tells


def _mark(dates: list[DatePromised], grounds: tuple[Ground, ...], *, unknown: bool) -> None:
    """The latest date with one of these grounds."""
    for place in range(len(dates) - 1, -1, -1):
        if dates[place].ground in grounds:
            dates[place] = replace(dates[place], unknown=unknown)
            return
