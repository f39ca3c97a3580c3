"""How many working days are left of a promise, and which closed days an asker is told of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.desk.policy import Policy
from ksmail.desk.promise import NamedDay, days_left, named_days
from ksmail.desk.workdays import Calendar, Workdays

POLICY = Policy()
BRIDGE = replace(POLICY, workdays=Workdays(Calendar(closed=frozenset({date(2026, 5, 15)}))))
DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))


@pytest.mark.parametrize(
    ("today", "promised", "left"),
    [
        ("2026-06-01", "2026-06-04", 3),
        ("2026-06-03", "2026-06-04", 1),
        ("2026-06-04", "2026-06-04", 1),
        ("2026-06-08", "2026-06-04", 1),
        ("2026-06-05", "2026-06-10", 3),
        ("2026-06-06", "2026-06-10", 3),
        ("2026-12-24", "2026-12-29", 2),
        ("2026-06-06", "2026-06-07", 1),  # nothing but a weekend
    ],
)
def test_the_working_days_up_to_and_including_the_promised_one_are_left(today: str, promised: str, left: int) -> None:
    assert days_left(date.fromisoformat(today), date.fromisoformat(promised), POLICY) == left


def test_where_nothing_is_promised_all_days_are_left() -> None:
    assert days_left(date(2026, 6, 1), None, replace(POLICY, response_days=5)) == 5


@given(DAYS, DAYS)
def test_at_least_one_day_is_left(today: date, promised: date) -> None:
    assert days_left(today, promised, POLICY) >= 1


@given(DAYS, st.integers(1, 15))
def test_counting_the_days_that_are_left_leads_back_to_the_promised_one(today: date, days: int) -> None:
    promised = POLICY.workdays.after(today, days)
    assert days_left(today, promised, POLICY) == days


def test_closed_weekdays_in_between_are_named_in_both_languages() -> None:
    named = named_days(date(2026, 12, 23), date(2026, 12, 29), POLICY)
    assert [(day.day, day.name_en) for day in named] == [(date(2026, 12, 25), "Christmas Day")]
    assert named[0].name_nl not in ("", "Christmas Day")


def test_a_day_that_the_desk_chose_itself_has_no_name() -> None:
    named = named_days(date(2026, 5, 13), date(2026, 5, 20), BRIDGE)
    assert NamedDay(date(2026, 5, 15), "", "") in named
    assert len(named) == 2


def test_weekends_speak_for_themselves() -> None:
    assert named_days(date(2026, 6, 5), date(2026, 6, 10), POLICY) == ()


@given(DAYS, st.integers(-5, 40))
def test_no_named_day_is_a_working_day_or_lies_outside(first: date, span: int) -> None:
    last = first + timedelta(days=span)
    for named in named_days(first, last, POLICY):
        assert first < named.day < last
        assert not POLICY.workdays.is_working_day(named.day)
