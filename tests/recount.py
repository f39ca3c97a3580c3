"""A second count of what a digest says: the history walked through anew, and nothing else of the program's sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import cast, get_args

from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import Answered, Change, Promised, PromiseSettled, PromiseState, Ticket, Unkept, evolve
from ksmail.reference import Reference
from ksmail.store.happenings import Dropped, Recorded, Reopened
from ksmail.store.values import HistoryLine

History = Iterable[tuple[Reference | None, HistoryLine]]


@dataclass
class Given:
    """A date that was given, and what became of it."""

    promised_on: date
    state: PromiseState


@dataclass
class Recount:
    """What is true after some rows of the history. `became` is by the numbers of mails."""

    row: int = 0
    tickets: dict[Reference, Ticket] = field(default_factory=dict)
    dates: dict[Reference, list[Given]] = field(default_factory=dict)
    became: dict[int, Disposition] = field(default_factory=dict)
    answered: dict[Reference, int] = field(default_factory=dict)  # in which row last

    @property
    def open(self) -> list[Ticket]:
        return [ticket for ticket in self.tickets.values() if ticket.status.is_open]

    def late(self, day: date) -> set[Reference]:
        return {each.reference for each in self.open if each.promised_on is not None and each.promised_on < day}

    def mails(self, after: int, until: int) -> Counter[Disposition]:
        """What became of the mails with these numbers."""
        return Counter(what for number, what in self.became.items() if after < number <= until)

    def answered_after(self, row: int) -> set[Reference]:
        return {reference for reference, at in self.answered.items() if at > row}

    def promises(self, day: date) -> Counter[PromiseState]:
        """Of the dates that lie in the month of this day."""
        dates = (each for given in self.dates.values() for each in given)
        return Counter(each.state for each in dates if each.promised_on.replace(day=1) == day.replace(day=1))

    def take(self, ticket: Reference | None, line: HistoryLine) -> None:
        self.row = line.id
        match line.change:
            case Recorded(disposition) if line.mail is not None:
                self.became[line.mail] = disposition
            case Reopened() if line.mail is not None:
                self.became[line.mail] = Disposition.PENDING
            case Dropped() if line.mail is not None:
                self.became[line.mail] = Disposition.REFUSED
            case change if ticket is not None and isinstance(change, get_args(Change)):
                self._change(ticket, cast("Change", change))

    def _change(self, name: Reference, change: Change) -> None:
        self.tickets[name] = evolve(self.tickets.get(name), change)
        given = self.dates.setdefault(name, [])
        match change:
            case Promised(promised_on=day, state=state):
                given.append(Given(day, state))
            case PromiseSettled(state):
                for each in given:
                    each.state = state if each.state is PromiseState.OPEN else each.state
            case Unkept(state) if given and given[-1].state is PromiseState.KEPT:
                given[-1].state = state
            case Answered():
                self.answered[name] = self.row
            case _:
                pass


def recounts(history: History, rows: Iterable[int]) -> Iterator[Recount]:
    """The count after each of these rows, which ascend; the same object, counting on."""
    count, coming = Recount(), iter(history)
    for row in rows:
        while count.row < row:
            count.take(*next(coming))
        yield count
