"""How a question stands against its date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ksmail.desk.case import GivenDate, QueueLine
from ksmail.desk.policy import Policy
from ksmail.desk.ticket import Ground, PromiseState, Status, Ticket


class When(StrEnum):
    """How near a date is, in working days. SOON: the last working day before it; TODAY also where only closed days are
    left up to it. AHEAD: an earlier date was not kept, and the one that took its place by itself is further away."""

    LATE = "late"
    TODAY = "today"
    SOON = "soon"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Standing:
    """`since` is the first date that was not kept, None where none was missed; `days` counts the working days after it,
    today included."""

    when: When
    promised_on: date
    since: date | None = None
    days: int = 0


def standing(ticket: Ticket | QueueLine, promises: Sequence[GivenDate], today: date, policy: Policy) -> Standing | None:
    """How the question stands `today`, a date of the desk; None where nobody need be told."""
    if not ticket.status.is_open or ticket.status is Status.WAITING_ASKER or ticket.promised_on is None:
        return None
    since = missed(promises)
    if since is None and ticket.promised_on < today:
        since = ticket.promised_on
    days = policy.workdays.count(since, today) if since is not None else 0
    when = _when(ticket.promised_on, today, policy) or (When.AHEAD if since is not None else None)
    return Standing(when, ticket.promised_on, since, days) if when is not None else None


def missed(promises: Sequence[GivenDate]) -> date | None:
    """The date that passed before the one that took its place by itself. A date that people gave afterwards, or by
    which the question began anew, ends that."""
    last = promises[-1] if promises else None
    if last is None or last.ground is not Ground.OVERDUE or last.state is not PromiseState.OPEN:
        return None
    return next((each.promised_on for each in reversed(promises[:-1]) if each.state is PromiseState.BROKEN), None)


def has_apologised(promises: Sequence[GivenDate]) -> bool:
    """Whether the program has said sorry by itself since the question was asked, or was last opened again."""
    for each in reversed(promises):
        if each.ground is Ground.OVERDUE:
            return True
        if each.ground is Ground.REOPENED:
            return False
    return False


def _when(promised_on: date, today: date, policy: Policy) -> When | None:
    if promised_on < today:
        return When.LATE
    left = policy.workdays.count(today, promised_on)
    return {0: When.TODAY, 1: When.SOON}.get(left)
