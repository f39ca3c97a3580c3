"""When the day, the week and the month are summed up."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.desk.policy import Office, Policy
from ksmail.desk.rhythm import digest_day, month_day, next_digest, week_day
from ksmail.desk.workdays import Calendar, Workdays

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
POLICY = Policy()
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: _FIRST + timedelta(minutes=minutes))


def at(text: str) -> datetime:
    """A moment on the desk's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-06-03 07:29", None),
        ("2026-06-03 07:30", date(2026, 6, 3)),
        ("2026-06-03 23:59", date(2026, 6, 3)),
        ("2026-06-04 00:30", None),  # in UTC still the day before
        ("2026-06-06 12:00", None),  # a Saturday
        ("2026-12-25 12:00", None),
    ],
)
def test_a_digest_is_due_on_a_working_day_from_its_time_on(moment: str, day: date | None) -> None:
    assert digest_day(at(moment), POLICY) == day


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-07-01 07:30", date(2026, 7, 1)),
        ("2026-07-30 12:00", date(2026, 7, 1)),
        ("2026-08-03 07:30", date(2026, 8, 3)),  # the month begins on a Saturday
        ("2027-01-04 07:30", date(2027, 1, 4)),
        ("2027-01-04 07:00", None),
        ("2027-01-01 12:00", None),
    ],
)
def test_the_month_before_is_due_from_the_first_working_day_on(moment: str, day: date | None) -> None:
    assert month_day(at(moment), POLICY) == day


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-06-08 08:59", None),
        ("2026-06-08 09:00", date(2026, 6, 8)),
        ("2026-06-08 22:00", date(2026, 6, 8)),
        ("2026-06-09 08:59", None),
        ("2026-06-09 09:00", date(2026, 6, 8)),
        ("2026-06-12 17:00", date(2026, 6, 8)),
        ("2026-06-13 12:00", None),  # a Saturday
        ("2026-04-06 09:00", None),  # Easter Monday
        ("2026-04-07 09:00", date(2026, 4, 7)),
        ("2026-04-10 09:00", date(2026, 4, 7)),
        ("2026-05-14 12:00", None),  # Ascension Day
        ("2026-05-15 09:00", date(2026, 5, 11)),
        ("2026-06-07 12:00", None),  # a Sunday ends its week
    ],
)
def test_the_list_is_due_from_the_first_working_day_of_a_week_on_when_the_office_is_open(
    moment: str, day: date | None
) -> None:
    assert week_day(at(moment), POLICY) == day


def test_a_week_in_which_the_desk_is_closed_has_no_list() -> None:
    week = frozenset(date(2026, 8, 3) + timedelta(days=day) for day in range(5))
    closed = Policy(workdays=Workdays(Calendar(closed=week)))
    assert {week_day(at(f"{day} 12:00"), closed) for day in week} == {None}
    assert week_day(at("2026-08-10 12:00"), closed) == date(2026, 8, 10)


@given(MOMENTS)
def test_a_sum_is_only_ever_of_a_working_day_that_has_begun(now: datetime) -> None:
    today = now.astimezone(AMSTERDAM).date()
    days = (digest_day(now, POLICY), month_day(now, POLICY), week_day(now, POLICY))
    assert all(day is None or (day <= today and POLICY.workdays.is_working_day(day)) for day in days)
    assert days[0] in (None, today)
    assert days[2] is None or days[2].isocalendar()[:2] == today.isocalendar()[:2]
    assert days[1] is None or (days[1].year, days[1].month) == (today.year, today.month)


@given(MOMENTS)
def test_the_next_digest_is_due_when_we_say_and_on_no_day_between(now: datetime) -> None:
    day = now.astimezone(AMSTERDAM).date()
    due = next_digest(day, POLICY)
    assert digest_day(due.astimezone(UTC), POLICY) == due.date() > day
    between = (day + timedelta(days=step) for step in range(1, (due.date() - day).days))
    assert not any(POLICY.workdays.is_working_day(each) for each in between)


@pytest.mark.parametrize("day", ["2026-10-25", "2026-03-29"], ids=["twice", "never"])
def test_a_time_that_comes_twice_or_never_is_reached_once_on_its_day(day: str) -> None:
    early = Policy(office=Office(digest=time(2, 30)), workdays=Workdays(Calendar(weekend=frozenset({0}))))
    start = at(f"{day} 00:00")
    days = [digest_day(start + timedelta(minutes=10 * step), early) for step in range(6 * 20)]
    assert {each for each in days if each} == {date.fromisoformat(day)}
