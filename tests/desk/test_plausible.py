"""Whether the clock of the machine can be right."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.desk.plausible import BACKWARD, FORWARD, STEP, Note, clock_fault, is_correction, noted
from tests.builders import MONDAY

HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
AHEAD = "the clock is far ahead of the last time on record, and no mail has come since"
BEHIND = "the clock is behind the last time on record, and no mail has come since"
SURE = Note(MONDAY, MONDAY)


def test_at_the_very_first_start_every_clock_is_believed() -> None:
    assert clock_fault(MONDAY, None, []) == ""
    assert noted(MONDAY, None, [MONDAY - YEAR]) == SURE


@pytest.mark.parametrize("passed", [timedelta(0), HOUR, 3 * DAY, FORWARD, -BACKWARD])
def test_a_clock_that_goes_on_is_believed_also_after_some_days_of_silence(passed: timedelta) -> None:
    assert clock_fault(MONDAY + passed, SURE, []) == ""


def test_a_year_from_one_moment_to_the_next_is_not() -> None:
    assert clock_fault(MONDAY + YEAR, SURE, [MONDAY - HOUR]) == AHEAD
    assert clock_fault(MONDAY + YEAR, SURE, []) == AHEAD


def test_unless_a_mail_that_came_meanwhile_says_so() -> None:
    assert clock_fault(MONDAY + YEAR, SURE, [MONDAY + YEAR - DAY]) == ""


def test_a_mail_from_the_future_proves_nothing() -> None:
    assert clock_fault(MONDAY + YEAR, SURE, [MONDAY + 2 * YEAR]) == AHEAD


def test_a_mail_from_the_future_hides_no_other() -> None:
    assert clock_fault(MONDAY + YEAR, SURE, [MONDAY + YEAR - DAY, MONDAY + 2 * YEAR]) == ""


@pytest.mark.parametrize("back", [2 * HOUR, YEAR])
def test_a_clock_behind_the_last_time_on_record_is_not(back: timedelta) -> None:
    assert clock_fault(MONDAY - back, SURE, []) == BEHIND
    assert clock_fault(MONDAY - back, SURE, [MONDAY - HOUR]) == (BEHIND if back > 2 * HOUR else "")


def test_unless_the_mail_that_was_taken_last_came_just_now() -> None:
    now = MONDAY - YEAR
    assert clock_fault(now, SURE, [now - DAY, now]) == ""
    assert clock_fault(now, SURE, [now, MONDAY]) == BEHIND


def test_leaps_that_nobody_confirms_add_up() -> None:
    note = noted(MONDAY + 20 * DAY, SURE, [])
    assert note == Note(MONDAY + 20 * DAY, MONDAY)
    assert clock_fault(MONDAY + FORWARD, note, []) == ""
    assert clock_fault(MONDAY + FORWARD + HOUR, note, []) == AHEAD


def test_a_mail_confirms_a_leap() -> None:
    assert noted(MONDAY + 20 * DAY, SURE, [MONDAY + 19 * DAY]) == Note(MONDAY + 20 * DAY, MONDAY + 19 * DAY)


def test_a_clock_that_comes_back_from_a_leap_that_nobody_confirmed_is_believed() -> None:
    note = noted(MONDAY + 30 * DAY, SURE, [])
    assert clock_fault(MONDAY + DAY, note, []) == ""
    assert is_correction(MONDAY + DAY, note)
    assert clock_fault(MONDAY - DAY, note, []) == BEHIND


def test_a_program_that_runs_without_any_mail_is_believed_for_ever() -> None:
    note = noted(MONDAY + 30 * DAY, SURE, [])
    for _ in range(1000):
        now = note.seen + STEP
        assert clock_fault(now, note, []) == ""
        note = noted(now, note, [])
    assert note.seen - note.sure == 30 * DAY


@pytest.mark.parametrize(("passed", "corrects"), [(-HOUR, False), (-2 * HOUR, True), (DAY, False)])
def test_only_a_clock_that_goes_back_shows_that_a_note_was_wrong(passed: timedelta, corrects: bool) -> None:
    assert is_correction(MONDAY + passed, SURE) == corrects
    assert not is_correction(MONDAY + passed, None)


_SPANS = st.timedeltas(-YEAR, 2 * YEAR)


@given(_SPANS, _SPANS)
def test_a_clock_that_is_believed_never_took_a_leap_that_nobody_confirms(passed: timedelta, mail: timedelta) -> None:
    now, newest = MONDAY + passed, MONDAY + mail
    if clock_fault(now, SURE, [newest]) == "":
        assert now >= MONDAY - BACKWARD or abs(now - newest) <= BACKWARD
        assert passed <= FORWARD or -BACKWARD <= now - newest <= FORWARD


@given(st.lists(_SPANS, max_size=30))
def test_however_often_it_leaps_it_is_never_further_ahead_of_what_is_sure_than_once(leaps: list[timedelta]) -> None:
    note = SURE
    for leap in leaps:
        now = note.seen + leap
        if clock_fault(now, note, []) == "":
            note = noted(now, note, [])
        assert note.seen - note.sure <= FORWARD


@given(_SPANS, _SPANS)
def test_whatever_was_noted_a_clock_that_is_right_is_believed_when_a_mail_comes(
    wrong: timedelta, on: timedelta
) -> None:
    note, now = noted(MONDAY + wrong, None, []), MONDAY + on
    assert clock_fault(now, note, [now]) == ""
