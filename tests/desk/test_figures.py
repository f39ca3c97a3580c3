"""The figures of a month."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.desk.figures import AnswerGiven, Figures, MonthRows, Received, figure_lines, figures, share
from ksmail.desk.month import Month
from ksmail.desk.policy import Policy
from ksmail.desk.ticket import CloseReason, PromiseState
from tests.builders import MONDAY
from tests.desk.facts import FIRST

JUNE = Month(2026, 6)
DAY = timedelta(days=1)


def of(rows: MonthRows, unknown: int = 0) -> Figures:
    return figures(JUNE, rows, unknown, Policy())


def acknowledged(seconds: int | None) -> Received:
    at = None if seconds is None else MONDAY + timedelta(seconds=seconds)
    return Received(FIRST, MONDAY, at)


def answered(days: int) -> AnswerGiven:
    return AnswerGiven(FIRST, MONDAY, MONDAY + days * DAY)


def test_a_month_in_which_nothing_happened_has_nothing_to_divide_by() -> None:
    found = of(MonthRows())
    assert (found.received, found.acknowledged_share, found.days_average, found.kept_share) == (0, None, None, None)


def test_acknowledgements_are_counted_with_the_time_they_took() -> None:
    found = of(MonthRows(received=[acknowledged(seconds) for seconds in (10, 30, 70, None)]))
    assert (found.received, found.acknowledged, found.acknowledged_share) == (4, 3, 75)
    assert (found.acknowledged_median_seconds, found.acknowledged_longest_seconds) == (30, 70)


def test_a_clock_behind_that_of_the_mail_server_makes_no_negative_time() -> None:
    assert of(MonthRows(received=[acknowledged(-5)])).acknowledged_longest_seconds == 0


def test_handling_time_is_in_working_days() -> None:
    """A Monday; three days later, and over a weekend."""
    found = of(MonthRows(answered=[answered(0), answered(3), answered(8), answered(18)]))
    assert (found.answered, found.days_average, found.days_median) == (4, 5.8, 4.5)
    assert (found.within_two_days, found.within_two_days_share) == (1, 25)
    assert (found.within_ten_days, found.within_ten_days_share) == (3, 75)


def test_the_share_of_dates_kept_is_of_those_that_were_kept_or_broken() -> None:
    dates = {state: count for count, state in enumerate(PromiseState, 1)}
    found = of(MonthRows(dates=dates), unknown=2)
    assert (found.kept, found.broken, found.kept_share) == (2, 5, 29)
    assert (found.moved, found.paused, found.dropped, found.still_open, found.unknown) == (3, 4, 6, 1, 2)


def test_merged_questions_are_told_apart_from_those_closed_without_an_answer() -> None:
    found = of(MonthRows(closed={CloseReason.SPAM: 2, CloseReason.WITHDRAWN: 1, CloseReason.MERGED: 4}))
    assert (found.closed, found.merged) == (3, 4)


def test_each_figure_is_one_line_and_a_share_stands_with_what_it_is_of() -> None:
    lines = {line.name: line for line in figure_lines(of(MonthRows(answered=[answered(1)])))}
    assert "month" not in lines and not any(name.endswith("_share") for name in lines)
    assert (lines["within_two_days"].value, lines["within_two_days"].share) == (1, 100)
    assert (lines["acknowledged"].value, lines["acknowledged"].share) == (0, None)


@given(st.integers(0, 5_000), st.integers(0, 5_000))
def test_only_nothing_reads_as_nothing_and_only_all_as_all(part: int, rest: int) -> None:
    found = share(part, part + rest)
    if part + rest == 0:
        assert found is None
    else:
        assert found is not None and 0 <= found <= 100
        assert (found == 0) == (part == 0) and (found == 100) == (rest == 0)


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "2026-1", "26-01", "", "2026-11-25", "0000-01"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Month.parse(text)


@given(st.dates(date(2, 1, 1), date(9998, 12, 1)))
def test_a_month_holds_its_days_and_no_other(day: date) -> None:
    month = Month.of(day)
    assert month.first <= day <= month.last
    assert Month.parse(str(month)) == month
    assert Month.of(month.last + DAY).before == month and month.before.last == month.first - DAY


def test_a_month_begins_and_ends_at_midnight_on_the_desks_clock() -> None:
    assert Month(2026, 10).moments(ZoneInfo("Europe/Amsterdam")) == (
        datetime(2026, 9, 30, 22, 0, tzinfo=UTC), datetime(2026, 10, 31, 23, 0, tzinfo=UTC)
    )  # fmt: skip
    assert Month(2026, 12).last == date(2026, 12, 31)
