"""When to try a letter again, and when to give up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.outgoing.retry import LIFETIME, next_delay

TRIES = st.integers(1, 1000)
YOUNG = st.timedeltas(timedelta(0), LIFETIME - timedelta(microseconds=1))
JITTER = st.floats(-1, 1)


def attempts(jitter: float) -> list[timedelta]:
    """When the attempts of a letter that never goes are made, counted from the first."""
    times = [timedelta(0)]
    while (delay := next_delay(len(times), times[-1], jitter)) is not None:
        times.append(times[-1] + delay)
    return times


def test_the_first_attempts_come_soon() -> None:
    assert [int(at.total_seconds() / 60) for at in attempts(0.0)[:7]] == [0, 5, 15, 30, 60, 120, 240]


@pytest.mark.parametrize("age", [LIFETIME, LIFETIME + timedelta(days=300)])
def test_after_five_days_a_letter_is_given_up(age: timedelta) -> None:
    assert next_delay(3, age, 0.0) is None


def test_just_before_five_days_it_is_not() -> None:
    assert next_delay(60, LIFETIME - timedelta(seconds=1), 0.0) == timedelta(hours=2)


@given(TRIES, YOUNG, JITTER)
def test_a_delay_is_between_five_minutes_and_two_hours_and_a_fifth(tries: int, age: timedelta, jitter: float) -> None:
    delay = next_delay(tries, age, jitter)
    assert delay is not None
    assert timedelta(minutes=5) <= delay <= timedelta(minutes=144)


@given(st.integers(6, 1000), YOUNG, JITTER)
def test_later_attempts_come_every_two_hours_more_or_less(tries: int, age: timedelta, jitter: float) -> None:
    delay = next_delay(tries, age, jitter)
    assert delay is not None
    assert abs(delay - timedelta(hours=2)) <= timedelta(minutes=24)


@given(st.integers(1, 5), YOUNG, JITTER)
def test_the_first_attempts_know_no_jitter(tries: int, age: timedelta, jitter: float) -> None:
    assert next_delay(tries, age, jitter) == next_delay(tries, age, 0.0)


@given(JITTER)
def test_a_letter_that_never_goes_is_tried_some_sixty_times(jitter: float) -> None:
    assert 50 <= len(attempts(jitter)) <= 80


@given(JITTER)
def test_the_last_attempt_is_made_when_the_five_days_are_over(jitter: float) -> None:
    assert LIFETIME <= attempts(jitter)[-1] < LIFETIME + timedelta(minutes=144)


def test_a_letter_that_was_greylisted_for_half_an_hour_goes_with_the_fourth_attempt() -> None:
    assert [at >= timedelta(minutes=30) for at in attempts(0.0)[:4]] == [False, False, False, True]


@pytest.mark.parametrize("tries", [0, -1])
def test_no_attempt_yet_counts_as_one(tries: int) -> None:
    assert next_delay(tries, timedelta(0), 0.0) == timedelta(minutes=5)


@pytest.mark.parametrize("jitter", [-5.0, 5.0])
def test_a_jitter_beyond_its_bounds_is_cut(jitter: float) -> None:
    delay = next_delay(10, timedelta(hours=9), jitter)
    assert delay in (timedelta(minutes=96), timedelta(minutes=144))
