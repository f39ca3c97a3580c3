"""Whether the clock of the machine can be right."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.desk.plausible import BACKWARD, FORWARD, clock_fault
from tests.builders import MONDAY

HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
AHEAD = "the clock is far ahead of the last time on record, and no mail has come since"
BEHIND = "the clock is behind the last time on record"


def test_at_the_very_first_start_every_clock_is_believed() -> None:
    assert clock_fault(MONDAY, None, None) == ""


@pytest.mark.parametrize("passed", [timedelta(0), HOUR, 3 * DAY, FORWARD, -BACKWARD])
def test_a_clock_that_goes_on_is_believed_also_after_some_days_of_silence(passed: timedelta) -> None:
    assert clock_fault(MONDAY + passed, MONDAY, None) == ""


def test_a_year_from_one_moment_to_the_next_is_not() -> None:
    assert clock_fault(MONDAY + YEAR, MONDAY, MONDAY - HOUR) == AHEAD
    assert clock_fault(MONDAY + YEAR, MONDAY, None) == AHEAD


def test_unless_a_mail_that_came_meanwhile_says_so() -> None:
    assert clock_fault(MONDAY + YEAR, MONDAY, MONDAY + YEAR - DAY) == ""


def test_a_mail_from_the_future_proves_nothing() -> None:
    assert clock_fault(MONDAY + YEAR, MONDAY, MONDAY + 2 * YEAR) == AHEAD


@pytest.mark.parametrize("back", [2 * HOUR, YEAR])
def test_a_clock_behind_the_last_time_on_record_is_not(back: timedelta) -> None:
    assert clock_fault(MONDAY - back, MONDAY, MONDAY - back) == BEHIND


@given(st.timedeltas(-YEAR, 2 * YEAR), st.timedeltas(-YEAR, YEAR))
def test_a_clock_that_is_believed_never_took_a_leap_that_nobody_confirms(passed: timedelta, mail: timedelta) -> None:
    now, newest = MONDAY + passed, MONDAY + mail
    if clock_fault(now, MONDAY, newest) == "":
        assert now >= MONDAY - BACKWARD
        assert passed <= FORWARD or abs(now - newest) <= FORWARD
