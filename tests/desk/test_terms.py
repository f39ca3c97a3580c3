"""By when a partner answers, and what that means for the date that the asker was given."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ksmail.desk.policy import Coordination, Policy
from ksmail.desk.terms import Terms, answered_after, terms
from ksmail.desk.workdays import Calendar, Workdays
from tests.desk.facts import CONSULTING, DUE, THURSDAY, TODAY

TEN_DAYS = date(2026, 6, 15)  # ten working days after TODAY, Monday 1 June 2026
CLOSED = frozenset({date(2026, 6, 4), date(2026, 6, 5)})


def policy(*closed: date, **usual: Any) -> Policy:
    """The desk, closed on these days too."""
    calendar = Calendar(closed=frozenset(closed))
    return replace(CONSULTING, workdays=Workdays(calendar), coordination=Coordination(**usual))


def first(
    promised_on: date | None = THURSDAY, until: date | None = None, today: date = TODAY, here: Policy = CONSULTING
) -> Terms:
    return terms(promised_on, until, today, here, first=True)


def second(
    promised_on: date | None = TEN_DAYS, until: date | None = None, today: date = TODAY, here: Policy = CONSULTING
) -> Terms:
    return terms(promised_on, until, today, here, first=False)


# The first consultation of a question.


def test_the_asker_has_an_answer_ten_working_days_from_today_and_the_partner_has_five() -> None:
    assert first() == Terms(DUE, TEN_DAYS)


@pytest.mark.parametrize(
    ("today", "due_on", "promised_on"),
    [
        (date(2026, 6, 5), date(2026, 6, 12), date(2026, 6, 19)),  # Friday
        (date(2026, 6, 6), date(2026, 6, 12), date(2026, 6, 19)),  # Saturday
        (date(2026, 4, 23), date(2026, 5, 1), date(2026, 5, 11)),  # King's Day, and 5 May for the asker
        (date(2026, 5, 11), date(2026, 5, 19), date(2026, 5, 27)),  # Ascension, and Whit Monday for the asker
        (date(2026, 12, 21), date(2026, 12, 29), date(2027, 1, 6)),  # Christmas Day, and New Year's Day
    ],
)
def test_days_on_which_the_desk_is_closed_do_not_count(today: date, due_on: date, promised_on: date) -> None:
    assert first(today, today=today) == Terms(due_on, promised_on)


def test_days_that_the_desk_chose_to_be_closed_do_not_count_either() -> None:
    assert first(here=policy(*CLOSED)) == Terms(date(2026, 6, 10), date(2026, 6, 17))


def test_the_asker_never_gets_an_earlier_date_than_he_had() -> None:
    assert first(date(2026, 7, 31)) == Terms(DUE, date(2026, 7, 31))


def test_the_same_date_that_he_had_stays() -> None:
    assert first(TEN_DAYS) == Terms(DUE, TEN_DAYS)


@pytest.mark.parametrize("late", [TODAY, date(2026, 5, 20)])
def test_a_date_that_has_come_or_passed_is_no_earlier_one(late: date) -> None:
    assert first(late) == Terms(DUE, TEN_DAYS)


@pytest.mark.parametrize("until", [date(2026, 6, 2), date(2026, 6, 10), date(2026, 6, 11)])
def test_a_date_of_staff_is_the_partners_date(until: date) -> None:
    assert first(until=until) == Terms(until, TEN_DAYS)


@pytest.mark.parametrize(
    ("until", "promised_on"),
    [
        (date(2026, 6, 12), date(2026, 6, 16)),
        (date(2026, 6, 30), date(2026, 7, 2)),
        (date(2026, 12, 24), date(2026, 12, 29)),
    ],
)
def test_a_late_date_of_staff_leaves_the_asker_two_working_days_more(until: date, promised_on: date) -> None:
    assert first(until=until) == Terms(until, promised_on)


def test_the_lengths_are_the_desks_own() -> None:
    here = policy(promise_days=20, partner_days=3, margin_days=4)
    assert first(here=here) == Terms(date(2026, 6, 4), date(2026, 6, 29))


def test_where_the_desk_wants_no_margin_the_asker_has_the_day_of_the_partner() -> None:
    none = policy(margin_days=0)
    assert first(until=date(2026, 6, 19), here=none) == Terms(date(2026, 6, 19), date(2026, 6, 19))
    assert first(until=date(2026, 6, 12), here=none) == Terms(date(2026, 6, 12), TEN_DAYS)
    assert answered_after(DUE, none) == DUE
    assert second(here=none) == Terms(DUE, TEN_DAYS)
    assert second(until=TEN_DAYS, here=none) == Terms(TEN_DAYS, TEN_DAYS)
    assert second(today=date(2026, 6, 11), here=none) == Terms(TEN_DAYS, TEN_DAYS)


def test_a_partner_that_has_longer_than_the_asker_moves_the_asker() -> None:
    here = policy(promise_days=5, partner_days=10, margin_days=2)
    assert first(here=here) == Terms(TEN_DAYS, date(2026, 6, 17))


# While we wait for the asker.


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize(("until", "due_on"), [(None, DUE), (date(2026, 6, 19), date(2026, 6, 19))])
def test_while_the_clock_stands_still_no_date_is_given_to_the_asker(
    until: date | None, due_on: date, is_first: bool
) -> None:
    assert terms(None, until, TODAY, CONSULTING, first=is_first) == Terms(due_on, None)


# A later consultation.


def test_a_second_partner_moves_nothing() -> None:
    assert second() == Terms(DUE, TEN_DAYS)


@pytest.mark.parametrize(
    ("today", "due_on"),
    [
        (date(2026, 6, 4), date(2026, 6, 11)),  # five working days just fit
        (date(2026, 6, 5), date(2026, 6, 11)),
        (date(2026, 6, 8), date(2026, 6, 11)),
        (date(2026, 6, 9), date(2026, 6, 11)),  # two working days are the least
    ],
)
def test_it_has_until_two_working_days_before_the_date_of_the_asker(today: date, due_on: date) -> None:
    assert second(today=today) == Terms(due_on, TEN_DAYS)


@pytest.mark.parametrize("today", [date(2026, 6, 10), date(2026, 6, 12), date(2026, 6, 15), date(2026, 6, 22)])
def test_without_room_for_two_working_days_the_date_moves_again(today: date) -> None:
    assert second(today=today) == first(TEN_DAYS, today=today)
    assert second(today=today).promised_on != TEN_DAYS


def test_closed_days_take_that_room_away() -> None:
    today = date(2026, 6, 8)
    assert second(today=today).promised_on == TEN_DAYS
    here = policy(date(2026, 6, 9), date(2026, 6, 10))
    assert second(today=today, here=here) == Terms(date(2026, 6, 17), date(2026, 6, 24))


@pytest.mark.parametrize("until", [date(2026, 6, 2), date(2026, 6, 11)])
def test_a_date_of_staff_that_leaves_two_working_days_moves_nothing(until: date) -> None:
    assert second(until=until) == Terms(until, TEN_DAYS)


def test_a_date_of_staff_that_does_not_moves_the_asker() -> None:
    today, until = date(2026, 6, 8), date(2026, 6, 12)
    assert second(until=until, today=today) == Terms(until, date(2026, 6, 22))


@pytest.mark.parametrize(
    ("due_on", "day"),
    [
        (date(2026, 6, 8), date(2026, 6, 10)),
        (date(2026, 6, 11), TEN_DAYS),
        (date(2026, 12, 24), date(2026, 12, 29)),
    ],
)
def test_we_can_answer_two_working_days_after_the_date_of_a_partner(due_on: date, day: date) -> None:
    assert answered_after(due_on, CONSULTING) == day


# Laws.

days = st.dates(date(2026, 1, 1), date(2028, 12, 31))
desks = st.builds(
    policy,
    promise_days=st.integers(1, 30),
    partner_days=st.integers(1, 30),
    margin_days=st.integers(0, 10),
)
closings = st.frozensets(st.integers(1, 60), max_size=12)


def shut(here: Policy, today: date, closing: frozenset[int]) -> Policy:
    """The same desk, closed so many days after `today` too."""
    calendar = Calendar(closed=frozenset(today + timedelta(days=each) for each in closing))
    return replace(here, workdays=Workdays(calendar))


@given(days, st.integers(-20, 80), st.booleans(), desks, closings)
def test_a_partner_always_has_a_working_day_after_today(
    today: date, ahead: int, is_first: bool, here: Policy, closing: frozenset[int]
) -> None:
    here = shut(here, today, closing)
    old = today + timedelta(days=ahead)
    assume(here.coordination.margin_days or here.workdays.is_working_day(old))
    due_on = terms(old, None, today, here, first=is_first).due_on
    assert due_on > today
    assert here.workdays.is_working_day(due_on)


@given(days, st.integers(-20, 80), st.one_of(st.none(), st.integers(1, 90)), st.booleans(), desks, closings)
def test_a_date_is_never_earlier_than_the_old_one_and_leaves_the_margin(
    today: date, ahead: int, given_days: int | None, is_first: bool, here: Policy, closing: frozenset[int]
) -> None:
    here = shut(here, today, closing)
    old, until = today + timedelta(days=ahead), None
    assume(here.workdays.is_working_day(old))
    if given_days is not None:
        until = today + timedelta(days=given_days)
        assume(here.workdays.is_working_day(until))
    when = terms(old, until, today, here, first=is_first)
    assert when.promised_on is not None
    assert when.promised_on >= old
    assert here.workdays.count(when.due_on, when.promised_on) >= here.coordination.margin_days
    assert until in (None, when.due_on)


@given(days, st.integers(-20, 80), st.one_of(st.none(), st.integers(1, 90)), desks)
def test_the_first_one_always_gives_the_asker_the_days_that_the_desk_says(
    today: date, ahead: int, given_days: int | None, here: Policy
) -> None:
    until = today + timedelta(days=given_days) if given_days else None
    promised_on = terms(today + timedelta(days=ahead), until, today, here, first=True).promised_on
    assert promised_on is not None
    assert here.workdays.count(today, promised_on) >= here.coordination.promise_days


@given(days, st.integers(-20, 80), desks, closings)
def test_a_third_partner_on_the_same_day_never_moves_what_the_first_one_moved(
    today: date, ahead: int, here: Policy, closing: frozenset[int]
) -> None:
    here = shut(here, today, closing)
    assume(here.coordination.partner_days >= 2)  # fewer than that is no room
    before = terms(today + timedelta(days=ahead), None, today, here, first=True)
    assert terms(before.promised_on, None, today, here, first=False) == before
