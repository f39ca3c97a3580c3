"""By when a partner answers, and what that means for the date that the asker was given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ksmail.desk.policy import Policy

_LEAST_DAYS = 2  # working days that a partner has at least, unless staff give it a date


@dataclass(frozen=True, slots=True)
class Terms:
    """`due_on` is the partner's date, `promised_on` the asker's from then on; None when his clock stands still. All
    are dates of the desk."""

    due_on: date
    promised_on: date | None


def terms(promised_on: date | None, until: date | None, today: date, policy: Policy, *, first: bool) -> Terms:
    """The dates of a consultation that is ordered `today`. `until` is the date that staff gave, if they did.

    The first consultation of a question gives the asker a new date, never an earlier one. A later one leaves it as it
    is when the partner can still answer well before it; else it moves again.
    """
    days, usual = policy.workdays, policy.coordination
    if promised_on is None:
        return Terms(until or days.after(today, usual.partner_days), None)
    if not first and (due := _within(promised_on, until, today, policy)) is not None:
        return Terms(due, promised_on)
    due = until or days.after(today, usual.partner_days)
    promise = max(promised_on, days.after(today, usual.promise_days), answered_after(due, policy))
    return Terms(due if until else min(due, _before(promise, policy)), promise)


def answered_after(due_on: date, policy: Policy) -> date:
    """The first day by which we can answer when a partner answers on its date."""
    margin = policy.coordination.margin_days
    return policy.workdays.after(due_on, margin) if margin else due_on


def _within(promised_on: date, until: date | None, today: date, policy: Policy) -> date | None:
    """A date for the partner that leaves the promise as it is; None where there is no room for one."""
    if until is not None:
        return until if answered_after(until, policy) <= promised_on else None
    last = _before(promised_on, policy)
    if last < policy.workdays.after(today, _LEAST_DAYS):
        return None
    return min(policy.workdays.after(today, policy.coordination.partner_days), last)


def _before(day: date, policy: Policy) -> date:
    """The working day from which the margin reaches to `day`."""
    earlier = day
    for _ in range(policy.coordination.margin_days):
        earlier = policy.workdays.before(earlier)
    return earlier if policy.workdays.is_working_day(earlier) else policy.workdays.before(earlier)
