"""What becomes true when a mail server has taken a letter, and what silence leads to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.capability import Audience
from ksmail.desk.remind import close_quiet
from ksmail.desk.sending import once_taken, settled
from ksmail.desk.ticket import (
    Answered,
    Change,
    Closed,
    CloseReason,
    Corrected,
    EntryKind,
    Ground,
    InfoAsked,
    MergedInto,
    OpenedAgain,
    Posted,
    Promised,
    PromiseSettled,
    PromiseState,
    Status,
    Thanked,
    Ticket,
)
from ksmail.incoming.identity import Role
from tests.builders import MONDAY
from tests.desk.facts import POLICY, SAM, SECOND, after, answered, closed, ticket, waiting

DAY = timedelta(days=1)
IN_TIME = datetime(2026, 6, 4, 21, 59, tzinfo=UTC)  # Thursday 23:59 at the desk
LATE = datetime(2026, 6, 4, 22, 0, tzinfo=UTC)  # Friday 00:00 at the desk
LATER = Promised(promised_on=date(2026, 6, 12), ground=Ground.EXTENDED)
ANSWER = Answered(message_id="<a@desk.example>", at=MONDAY)
ASK = InfoAsked(message_id="<a@desk.example>", at=MONDAY, remaining_days=2)
CLOSE = Closed(reason=CloseReason.WITHDRAWN, at=MONDAY)
POSTED = Posted(
    kind=EntryKind.ANSWER, author=SAM.address, role=Role.STAFF, audience=Audience.ASKER, text="Yes.", message_id=""
)
OPEN_AGAIN = (OpenedAgain(at=MONDAY), Promised(promised_on=date(2026, 6, 12), ground=Ground.REOPENED))


def taken(*then: Change, made: Ticket | None = None, at: datetime = IN_TIME) -> tuple[Change, ...]:
    return once_taken(made or ticket(), then, at, POLICY)


@pytest.mark.parametrize(
    ("at", "state"), [(MONDAY, PromiseState.KEPT), (IN_TIME, PromiseState.KEPT), (LATE, PromiseState.BROKEN)]
)
def test_a_promise_is_kept_if_the_answer_is_taken_on_or_before_the_date_at_the_desk(
    at: datetime, state: PromiseState
) -> None:
    assert PromiseSettled(state) in taken(POSTED, ANSWER, at=at)


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (ANSWER, PromiseState.KEPT),
        (ASK, PromiseState.PAUSED),
        (LATER, PromiseState.MOVED),
        (CLOSE, PromiseState.DROPPED),
    ],
)
def test_each_ends_the_promise_in_its_own_way(change: Change, state: PromiseState) -> None:
    assert taken(change)[0] == PromiseSettled(state)


@pytest.mark.parametrize("change", [ANSWER, ASK, LATER, CLOSE])
def test_a_promise_that_was_late_already_is_broken_whatever_ends_it(change: Change) -> None:
    assert taken(change, at=LATE)[0] == PromiseSettled(PromiseState.BROKEN)


def test_a_correction_settles_nothing() -> None:
    corrected = Corrected(message_id="<c@desk.example>", at=MONDAY)
    assert taken(corrected, made=answered()) == (Corrected(message_id="<c@desk.example>", at=IN_TIME),)


def test_a_text_is_only_kept() -> None:
    assert taken(POSTED) == (POSTED,)


@pytest.mark.parametrize("change", [ANSWER, ASK, CLOSE])
def test_it_happened_when_the_server_took_it_and_not_when_it_was_ordered(change: Change) -> None:
    assert taken(change)[-1].at == IN_TIME  # type: ignore[union-attr]


def test_an_answer_that_closes_keeps_its_promise() -> None:
    found = taken(POSTED, ANSWER, CLOSE)
    settled = [change.state for change in found if isinstance(change, PromiseSettled)]
    assert settled[0] is PromiseState.KEPT
    assert after(ticket(), *found).status is Status.CLOSED


def test_opened_again_by_staff_has_its_new_date() -> None:
    found = taken(*OPEN_AGAIN, made=closed())
    assert after(closed(), *found).promised_on == date(2026, 6, 12)
    assert LATER.promised_on in [change.promised_on for change in found if isinstance(change, Promised)]


@pytest.mark.parametrize("made", [waiting(), answered(), closed()])
def test_a_new_date_that_arrives_when_the_clock_stands_still_is_no_promise(made: Ticket) -> None:
    found = taken(LATER, made=made)
    assert not any(isinstance(change, Promised) for change in found)


def test_of_a_question_that_went_into_another_one_only_the_text_is_kept() -> None:
    gone = after(ticket(), MergedInto(reference=SECOND, at=MONDAY))
    assert taken(POSTED, ANSWER, made=gone) == (POSTED,)
    assert taken(LATER, made=gone) == ()


@pytest.mark.parametrize(
    ("day", "state"), [(date(2026, 6, 4), PromiseState.DROPPED), (date(2026, 6, 5), PromiseState.BROKEN)]
)
def test_a_promise_whose_question_ends_late_is_broken(day: date, state: PromiseState) -> None:
    assert settled(ticket(), day, PromiseState.DROPPED) == PromiseSettled(state)


def test_where_nothing_is_promised_nothing_is_late() -> None:
    assert settled(waiting(), date(2026, 7, 1), PromiseState.DROPPED) == PromiseSettled(PromiseState.DROPPED)


TAKEN = st.lists(
    st.sampled_from([(POSTED, ANSWER), (POSTED, ASK), (LATER,), (CLOSE,), OPEN_AGAIN, (POSTED, ANSWER, CLOSE)]),
    max_size=8,
)


@given(TAKEN, st.integers(0, 20))
def test_letters_taken_in_any_order_never_leave_two_open_promises(then: list[tuple[Change, ...]], days: int) -> None:
    made, is_open = ticket(), True
    for place, changes in enumerate(then):
        for change in once_taken(made, changes, MONDAY + place * days * timedelta(hours=9), POLICY):
            if isinstance(change, PromiseSettled):
                is_open = False
            if isinstance(change, Promised):
                assert not is_open
                is_open = True
            made = after(made, change)
        runs = made.status.is_open and made.status is not Status.WAITING_ASKER
        assert runs or not is_open


# Silence.


def test_an_answer_that_nobody_speaks_of_for_fourteen_days_is_closed() -> None:
    now = MONDAY + 14 * DAY
    assert close_quiet(answered(), now, POLICY) == (Closed(reason=CloseReason.ANSWERED, at=now),)


def test_a_moment_before_it_is_not() -> None:
    assert close_quiet(answered(), MONDAY + 14 * DAY - timedelta(seconds=1), POLICY) == ()


def test_a_word_of_thanks_makes_it_wait_longer() -> None:
    thanked = after(answered(), Thanked(MONDAY + 5 * DAY))
    assert close_quiet(thanked, MONDAY + 15 * DAY, POLICY) == ()
    assert close_quiet(thanked, MONDAY + 19 * DAY, POLICY) != ()


@pytest.mark.parametrize("made", [ticket(), waiting(), closed()])
def test_only_what_was_answered_is_closed_by_silence(made: Ticket) -> None:
    assert close_quiet(made, MONDAY + 400 * DAY, POLICY) == ()


def test_closed_by_silence_stays_closed() -> None:
    now = MONDAY + 14 * DAY
    quiet = after(answered(), *close_quiet(answered(), now, POLICY))
    assert close_quiet(quiet, now + 14 * DAY, POLICY) == ()
    assert quiet.ended_at == MONDAY  # the answer does not become younger
