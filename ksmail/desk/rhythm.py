"""When the day, the week and the month are summed up. Dates are those of the desk; closed days have no sum."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from ksmail.desk.month import Month
from ksmail.desk.policy import Policy


def digest_day(now: datetime, policy: Policy) -> date | None:
    """The day whose digest is due at `now` (aware); None while none is. A local hour that a clock change skips or
    doubles changes nothing: later on that day it is due, and the day comes once."""
    local = now.astimezone(policy.timezone)
    if local.time() < policy.office.digest or not policy.workdays.is_working_day(local.date()):
        return None
    return local.date()


def month_day(now: datetime, policy: Policy) -> date | None:
    """The day under which the figures of the month before are mailed: the first working day of this month. They are
    due from then on, so that a downtime does not swallow them."""
    today = digest_day(now, policy)
    if today is None:
        return None
    return policy.workdays.after(Month.of(today).first - timedelta(days=1), 1)


def week_day(now: datetime, policy: Policy) -> date | None:
    """The day under which the list of this ISO week is mailed: its first working day. It is due then, and on each later
    working day of the week, from the moment at which the office opens; None at any other moment."""
    local = now.astimezone(policy.timezone)
    today = local.date()
    if local.time() < policy.office.opens or not policy.workdays.is_working_day(today):
        return None
    return policy.workdays.after(week_of(today)[0] - timedelta(days=1), 1)


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday of its ISO week."""
    monday = day - timedelta(days=day.isoweekday() - 1)
    return monday, monday + timedelta(days=6)


def next_digest(day: date, policy: Policy) -> datetime:
    """When the digest after that of `day` is due."""
    return datetime.combine(policy.workdays.after(day, 1), policy.office.digest, policy.timezone)
