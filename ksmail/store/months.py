"""What happened in a month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select

from ksmail.desk.consultation import Consulted
from ksmail.desk.figures import AnswerGiven, MonthRows, Received
from ksmail.desk.month import Month
from ksmail.desk.policy import Policy
from ksmail.desk.ticket import (
    Acknowledged,
    Answered,
    AnswerFailed,
    Closed,
    CloseReason,
    InfoAsked,
    MergedInto,
    OpenedAgain,
    PromiseState,
)
from ksmail.reference import Reference
from ksmail.store.codec import decode
from ksmail.store.rows import Happened, is_a
from ksmail.store.tables import history, inbound, promise
from ksmail.store.tables import ticket as tickets


@dataclass(frozen=True, slots=True)
class Told:
    """Words of a person that the asker of a ticket got at a moment: an answer, or a question to him."""

    ticket: str
    received_at: datetime
    at: datetime
    is_answer: bool


class Months(Happened):
    """Look-ups of one month of the desk's calendar."""

    def month_rows(self, month: Month, policy: Policy) -> MonthRows:
        """What happened in one month of the desk's calendar."""
        start, end = month.moments(policy.timezone)
        at = (history.c.at >= start) & (history.c.at < end)
        came = (inbound.c.received_at >= start) & (inbound.c.received_at < end)
        return MonthRows(
            mails=self._db.scalar(select(func.count()).where(came)) or 0,
            received=self._received(start, end),
            answered=self._answers(start, end),
            dates=self.dates_in(month.first, month.last),
            closed=self._closed(at),
            consulted=self._tickets(at & is_a(Consulted)),
            reopened=self._tickets(at & is_a(OpenedAgain)),
        )

    def _received(self, start: datetime, end: datetime) -> tuple[Received, ...]:
        came = (tickets.c.received_at >= start) & (tickets.c.received_at < end)
        taken = (
            select(history.c.ticket, func.min(history.c.id).label("id"))
            .where(is_a(Acknowledged), history.c.ticket.in_(select(tickets.c.reference).where(came)))
            .group_by(history.c.ticket)
            .subquery()
        )
        query = (
            select(tickets.c.reference, tickets.c.received_at, history.c.at)
            .outerjoin(taken, taken.c.ticket == tickets.c.reference)
            .outerjoin(history, history.c.id == taken.c.id)
            .where(came)
            .order_by(tickets.c.received_at, tickets.c.reference)
        )
        return tuple(Received(Reference.parse(row[0]), row[1], row[2]) for row in self._db.execute(query))

    def _answers(self, start: datetime, end: datetime) -> tuple[AnswerGiven, ...]:
        """A question counts once: with its first answer that the asker has."""
        at = (history.c.at >= start) & (history.c.at < end)
        here = select(history.c.ticket).where(at, is_a(Answered))
        query = (
            select(history.c.ticket, history.c.at, history.c.change, tickets.c.received_at)
            .join(tickets, tickets.c.reference == history.c.ticket)
            .where(history.c.ticket.in_(here), is_a(Answered) | is_a(InfoAsked) | is_a(AnswerFailed))
        )
        told: dict[str, list[Told]] = {}
        for row in self._db.execute(query.order_by(history.c.id)):
            answered = Told(row.ticket, row.received_at, row.at, isinstance(decode(row.change), Answered))
            _tell(told.setdefault(row.ticket, []), answered, isinstance(decode(row.change), AnswerFailed))
        first = (next((each for each in letters if each.is_answer), None) for letters in told.values())
        return tuple(
            AnswerGiven(Reference.parse(each.ticket), each.received_at, each.at)
            for each in first
            if each is not None and start <= each.at < end
        )

    def _closed(self, at: ColumnElement[bool]) -> dict[CloseReason, int]:
        """Questions that were closed without an answer. Closing what was answered long ago is no news."""
        found = dict.fromkeys(CloseReason, 0)
        for row in self._happened(at & (is_a(Closed) | is_a(MergedInto))):
            change = decode(row.change)
            reason = change.reason if isinstance(change, Closed) else CloseReason.MERGED
            found[reason] += reason is not CloseReason.ANSWERED
        return found

    def _tickets(self, here: ColumnElement[bool]) -> int:
        return self._db.scalar(select(func.count(history.c.ticket.distinct())).where(here)) or 0

    def dates_in(self, first: date, last: date) -> dict[PromiseState, int]:
        """How many promises with a date from `first` to `last` became what; every state is there."""
        query = select(promise.c.state, func.count()).where(promise.c.promised_on.between(first, last))
        found = {row[0]: row[1] for row in self._db.execute(query.group_by(promise.c.state))}
        return {state: found.get(state.value, 0) for state in PromiseState}


def _tell(told: list[Told], each: Told, came_back: bool) -> None:
    """What came back was not told."""
    if not came_back:
        told.append(each)
    elif told:
        told.pop()
