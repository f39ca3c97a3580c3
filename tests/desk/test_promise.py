"""The promise: which date an asker gets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ksmail.desk.policy import Policy
from ksmail.desk.promise import (
    ClosedDay,
    Step,
    closed_days,
    counts_from,
    first_promise,
    promise_date,
    received_on,
    steps,
)
from ksmail.desk.workdays import Calendar, Workdays
from ksmail.incoming.message import Language

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
POLICY = Policy()
GOOD_FRIDAY_WORKED = replace(POLICY, workdays=Workdays(Calendar(good_friday_closed=False)))
BRIDGE_CLOSED = replace(POLICY, workdays=Workdays(Calendar(closed=frozenset({date(2026, 5, 15)}))))
CUTOFF = replace(POLICY, cutoff=time(16, 0))

MOMENTS = st.integers(0, int(timedelta(days=40_500) / timedelta(seconds=1))).map(
    lambda seconds: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
POLICIES = st.sampled_from(
    [
        POLICY,
        CUTOFF,
        replace(POLICY, cutoff=time(2, 30)),
        replace(POLICY, cutoff=time(0, 0)),
        replace(POLICY, response_days=1),
        replace(POLICY, response_days=10, cutoff=time(23, 59, 59)),
        replace(POLICY, timezone=ZoneInfo("America/St_Johns")),
        replace(POLICY, timezone=ZoneInfo("Pacific/Kiritimati")),
        GOOD_FRIDAY_WORKED,
    ]
)


def local(text: str, *, fold: int = 0) -> datetime:
    """A moment on the desk's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM, fold=fold)


PINNED = [
    ("2026-06-01T08:15", "2026-06-04"),
    ("2026-06-01T16:59", "2026-06-04"),
    ("2026-06-01T23:59", "2026-06-04"),
    ("2026-06-05T12:00", "2026-06-10"),
    ("2026-06-06T12:00", "2026-06-10"),
    ("2026-06-07T12:00", "2026-06-10"),
    ("2026-04-02T12:00", "2026-04-09"),
    ("2026-04-24T12:00", "2026-04-30"),
    ("2025-04-25T12:00", "2025-04-30"),
    ("2026-04-30T12:00", "2026-05-06"),
    ("2026-05-13T12:00", "2026-05-19"),
    ("2027-05-03T12:00", "2027-05-10"),
    ("2026-12-23T12:00", "2026-12-29"),
    ("2026-12-31T12:00", "2027-01-06"),
]


@pytest.mark.parametrize(("received", "promised"), PINNED)
def test_the_third_working_day_is_promised(received: str, promised: str) -> None:
    assert promise_date(local(received), POLICY) == date.fromisoformat(promised)


@pytest.mark.parametrize(("received", "promised"), PINNED)
@pytest.mark.parametrize("language", Language)
def test_the_explanation_ends_on_the_promised_day(received: str, promised: str, language: Language) -> None:
    last = steps(local(received), POLICY, language)[-1]
    assert last == Step(date.fromisoformat(promised), 3)


def test_the_date_is_that_of_the_desk_and_not_that_of_utc() -> None:
    received = datetime(2026, 6, 1, 22, 30, tzinfo=UTC)
    assert received_on(received, AMSTERDAM) == date(2026, 6, 2)
    assert promise_date(received, POLICY) == date(2026, 6, 5)


def test_good_friday_counts_when_the_desk_works_then() -> None:
    assert promise_date(local("2026-04-02T12:00"), GOOD_FRIDAY_WORKED) == date(2026, 4, 8)


def test_a_bridging_day_that_is_closed_moves_the_promise() -> None:
    assert promise_date(local("2026-05-13T12:00"), BRIDGE_CLOSED) == date(2026, 5, 20)


@pytest.mark.parametrize(
    ("received", "promised"),
    [
        ("2026-06-01T15:59:59", "2026-06-04"),
        ("2026-06-01T16:00:00", "2026-06-04"),
        ("2026-06-01T16:00:01", "2026-06-05"),
        ("2026-06-05T15:00:00", "2026-06-10"),
        ("2026-06-05T17:00:00", "2026-06-11"),
        ("2026-06-06T09:00:00", "2026-06-11"),
        ("2026-06-07T23:00:00", "2026-06-11"),
        ("2026-06-08T09:00:00", "2026-06-11"),
        ("2026-06-08T17:00:00", "2026-06-12"),
    ],
)
def test_with_a_cutoff_later_mail_counts_as_the_next_working_day(received: str, promised: str) -> None:
    assert promise_date(local(received), CUTOFF) == date.fromisoformat(promised)


def test_a_cutoff_does_not_change_the_day_of_receipt() -> None:
    received = local("2026-06-05T17:00")
    assert counts_from(received, CUTOFF) == date(2026, 6, 8)
    assert first_promise(received, received, CUTOFF).received_on == date(2026, 6, 5)


@pytest.mark.parametrize("utc", ["2026-10-25T00:20", "2026-10-25T00:40", "2026-10-25T01:20", "2026-10-25T01:40"])
def test_the_night_in_which_the_clock_goes_back_is_one_day(utc: str) -> None:
    received = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert received_on(received, AMSTERDAM) == date(2026, 10, 25)
    assert promise_date(received, POLICY) == date(2026, 10, 28)


@pytest.mark.parametrize("fold", [0, 1])
def test_both_half_past_twos_of_that_night_get_the_same_date(fold: int) -> None:
    assert promise_date(local("2026-10-25T02:30", fold=fold), POLICY) == date(2026, 10, 28)


@pytest.mark.parametrize(
    ("utc", "day", "promised"),
    [
        ("2026-10-24T21:59:59", date(2026, 10, 24), date(2026, 10, 28)),
        ("2026-10-24T22:00:00", date(2026, 10, 25), date(2026, 10, 28)),
        ("2026-10-25T22:59:59", date(2026, 10, 25), date(2026, 10, 28)),
        ("2026-10-25T23:00:00", date(2026, 10, 26), date(2026, 10, 29)),
        ("2027-03-27T22:59:59", date(2027, 3, 27), date(2027, 4, 1)),
        ("2027-03-27T23:00:00", date(2027, 3, 28), date(2027, 4, 1)),
        ("2027-03-28T00:59:59", date(2027, 3, 28), date(2027, 4, 1)),
        ("2027-03-28T01:00:00", date(2027, 3, 28), date(2027, 4, 1)),
        ("2027-03-28T21:59:59", date(2027, 3, 28), date(2027, 4, 1)),
        ("2027-03-28T22:00:00", date(2027, 3, 29), date(2027, 4, 1)),
        ("2027-03-29T22:00:00", date(2027, 3, 30), date(2027, 4, 2)),
    ],
)
def test_midnight_is_that_of_the_season(utc: str, day: date, promised: date) -> None:
    received = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert (received_on(received, AMSTERDAM), promise_date(received, POLICY)) == (day, promised)


def test_a_cutoff_in_the_repeated_hour_is_its_first_passing() -> None:
    # Sunday worked, so that the night itself decides.
    sunday_worked = Workdays(Calendar(open=frozenset({date(2026, 10, 25)})))
    policy = replace(POLICY, cutoff=time(2, 30), workdays=sunday_worked)
    assert counts_from(local("2026-10-25T02:20", fold=0), policy) == date(2026, 10, 25)
    assert counts_from(local("2026-10-25T02:20", fold=1), policy) == date(2026, 10, 26)


def test_a_naive_moment_has_no_date() -> None:
    with pytest.raises(ValueError, match="time zone"):
        received_on(datetime(2026, 6, 1, 12, 0), AMSTERDAM)  # noqa: DTZ001 (that is what is tested)


def test_a_naive_moment_gets_no_promise() -> None:
    with pytest.raises(ValueError, match="time zone"):
        first_promise(local("2026-06-01T12:00"), datetime(2026, 6, 1, 12, 0), POLICY)  # noqa: DTZ001 (tested)


def test_mail_fetched_in_time_gets_its_date_and_no_apology() -> None:
    promise = first_promise(local("2026-06-01T12:00"), local("2026-06-03T23:59"), POLICY)
    assert (promise.promised_on, promise.received_on, promise.broken_on) == (date(2026, 6, 4), date(2026, 6, 1), None)


@pytest.mark.parametrize(
    ("now", "fresh"),
    [
        ("2026-06-04T00:00", "2026-06-09"),
        ("2026-06-04T23:59", "2026-06-09"),
        ("2026-06-05T09:00", "2026-06-10"),
        ("2026-06-06T09:00", "2026-06-10"),
        ("2026-12-24T09:00", "2026-12-30"),
    ],
)
def test_mail_fetched_late_gets_a_fresh_date_and_the_old_one_is_broken(now: str, fresh: str) -> None:
    promise = first_promise(local("2026-06-01T12:00"), local(now), POLICY)
    assert promise.broken_on == date(2026, 6, 4)
    assert promise.promised_on == date.fromisoformat(fresh)
    assert promise.received_on == date(2026, 6, 1)


def test_late_is_judged_by_the_date_of_the_desk() -> None:
    wednesday_utc = datetime(2026, 6, 3, 22, 30, tzinfo=UTC)
    assert first_promise(local("2026-06-01T12:00"), wednesday_utc, POLICY).broken_on == date(2026, 6, 4)


def test_a_clock_that_is_behind_the_mail_server_makes_nothing_late() -> None:
    promise = first_promise(local("2026-06-01T00:10"), local("2026-05-31T23:50"), POLICY)
    assert promise.broken_on is None


def test_the_explanation_names_every_day_between() -> None:
    assert steps(local("2026-04-24T12:00"), POLICY, Language.EN) == (
        Step(date(2026, 4, 24), None, "received"),
        Step(date(2026, 4, 25), None, "weekend"),
        Step(date(2026, 4, 26), None, "weekend"),
        Step(date(2026, 4, 27), None, "King's Day"),
        Step(date(2026, 4, 28), 1),
        Step(date(2026, 4, 29), 2),
        Step(date(2026, 4, 30), 3),
    )


def test_the_explanation_of_a_cutoff_names_the_day_it_counts_as() -> None:
    assert steps(local("2026-06-05T17:00"), CUTOFF, Language.NL) == (
        Step(date(2026, 6, 5), None, "ontvangen; telt als de volgende werkdag"),
        Step(date(2026, 6, 6), None, "weekend"),
        Step(date(2026, 6, 7), None, "weekend"),
        Step(date(2026, 6, 8), None, "telt als dag van ontvangst"),
        Step(date(2026, 6, 9), 1),
        Step(date(2026, 6, 10), 2),
        Step(date(2026, 6, 11), 3),
    )


def test_the_explanation_in_both_languages_says_it_twice() -> None:
    assert steps(local("2026-06-01T12:00"), POLICY, Language.BOTH)[0].why == "ontvangen / received"


def test_closed_weekdays_between_are_named_and_weekends_are_not() -> None:
    found = closed_days(date(2026, 12, 23), date(2026, 12, 29), POLICY, Language.NL)
    assert found == (ClosedDay(date(2026, 12, 25), "Eerste kerstdag"),)


def test_two_closed_days_in_one_week_are_both_named() -> None:
    found = closed_days(date(2027, 5, 3), date(2027, 5, 10), POLICY, Language.EN)
    assert [day.name for day in found] == ["Liberation Day", "Ascension Day"]


def test_an_ordinary_week_has_no_closed_days() -> None:
    assert closed_days(date(2026, 6, 1), date(2026, 6, 10), POLICY, Language.NL) == ()


def test_the_day_of_receipt_is_not_among_the_closed_days() -> None:
    assert closed_days(date(2026, 4, 27), date(2026, 4, 30), POLICY, Language.NL) == ()


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=12)), POLICIES)
@example(datetime(2026, 10, 25, 0, 45, tzinfo=UTC), timedelta(minutes=30), replace(POLICY, cutoff=time(2, 30)))
@example(datetime(2026, 6, 5, 16, 0, tzinfo=UTC), timedelta(hours=18), CUTOFF)
def test_a_later_arrival_never_gets_an_earlier_promise(at: datetime, later: timedelta, policy: Policy) -> None:
    assert promise_date(at, policy) <= promise_date(at + later, policy)


@given(MOMENTS, POLICIES)
def test_a_promised_day_is_always_a_working_day(at: datetime, policy: Policy) -> None:
    assert policy.workdays.is_working_day(promise_date(at, policy))


@given(MOMENTS, POLICIES)
def test_a_promise_is_exactly_n_working_days_away(at: datetime, policy: Policy) -> None:
    start = counts_from(at, policy)
    assert policy.workdays.count(start, promise_date(at, policy)) == policy.response_days


@given(MOMENTS, POLICIES)
def test_the_explanation_agrees_with_the_date(at: datetime, policy: Policy) -> None:
    found = steps(at, policy, Language.EN)
    counted = [step.counted for step in found if step.counted is not None]
    assert (found[0].day, found[-1].day) == (received_on(at, policy.timezone), promise_date(at, policy))
    assert counted == list(range(1, policy.response_days + 1))
    assert all(later.day - earlier.day == timedelta(days=1) for earlier, later in pairwise(found))
    assert all(bool(step.why) is (step.counted is None) for step in found)


@given(MOMENTS, POLICIES)
def test_closed_days_are_the_closed_weekdays_of_the_explanation(at: datetime, policy: Policy) -> None:
    found = steps(at, policy, Language.EN)
    closed = closed_days(found[0].day, found[-1].day, policy, Language.EN)
    weekdays = [step for step in found[1:] if step.day.weekday() < 5]
    expected = [step.day for step in weekdays if not policy.workdays.is_working_day(step.day)]
    assert [day.day for day in closed] == expected


@given(MOMENTS, st.timedeltas(timedelta(days=-2), timedelta(days=40)), POLICIES)
def test_a_first_promise_always_lies_ahead(at: datetime, waited: timedelta, policy: Policy) -> None:
    now = at + waited
    promise = first_promise(at, now, policy)
    today = received_on(now, policy.timezone)
    assert promise.promised_on > today
    assert promise.broken_on is None or promise.broken_on <= today
