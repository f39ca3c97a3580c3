"""What a ticket is after each thing that can happen to it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.capability import Audience
from ksmail.desk.ticket import (
    Absorbed,
    Acknowledged,
    Answered,
    AnswerFailed,
    AskerReminded,
    Assigned,
    Change,
    Closed,
    CloseReason,
    ContinuedBy,
    Continues,
    Corrected,
    EntryKind,
    Flag,
    Flagged,
    Ground,
    InfoAsked,
    Joined,
    MergedInto,
    OpenedAgain,
    Posted,
    Promised,
    PromiseSettled,
    PromiseState,
    Purged,
    Resumed,
    Status,
    TakenUp,
    Thanked,
    Ticket,
    Unkept,
    evolve,
)
from ksmail.incoming.identity import Role
from tests.builders import MONDAY, address
from tests.desk.facts import EVA, SAM, SECOND, after, answered, closed, ticket, waiting

DAY = timedelta(days=1)
MOMENTS = st.integers(0, 500).map(lambda days: MONDAY + days * DAY)
ACKNOWLEDGED = after(ticket(), Acknowledged("<ack@desk.example>"))
POSTED = Posted(
    kind=EntryKind.NOTE, author=SAM.address, role=Role.STAFF, audience=Audience.STAFF, text="x", message_id=""
)
CHANGES: st.SearchStrategy[Change] = st.one_of(
    st.builds(
        Joined, st.sampled_from([address(), address("bob@uni.example")]), st.sampled_from(["copied", "colleague"])
    ),
    st.just(POSTED),
    st.builds(
        Promised,
        promised_on=st.dates(date(2026, 1, 1), date(2027, 1, 1)),
        ground=st.sampled_from(Ground),
        state=st.sampled_from(PromiseState),
    ),
    st.builds(Flagged, st.sampled_from(Flag)),
    st.just(Acknowledged("<ack@desk.example>")),
    st.just(TakenUp()),
    st.builds(Assigned, st.sampled_from([SAM.address, EVA.address])),
    st.builds(Answered, message_id=st.just("<a@desk.example>"), at=MOMENTS),
    st.builds(InfoAsked, message_id=st.just("<q@desk.example>"), at=MOMENTS, remaining_days=st.integers(1, 10)),
    st.builds(AskerReminded, MOMENTS),
    st.builds(Corrected, message_id=st.just("<c@desk.example>"), at=MOMENTS),
    st.just(Resumed()),
    st.just(AnswerFailed()),
    st.builds(PromiseSettled, st.sampled_from(PromiseState)),
    st.builds(Unkept, st.sampled_from(PromiseState)),
    st.builds(Closed, reason=st.sampled_from(CloseReason), at=MOMENTS),
    st.builds(OpenedAgain, at=MOMENTS),
    st.builds(Thanked, MOMENTS),
    st.builds(MergedInto, reference=st.just(SECOND), at=MOMENTS),
    st.just(Absorbed(SECOND)),
    st.just(Continues(SECOND)),
    st.just(ContinuedBy(SECOND)),
    st.just(Purged(1, "cv.pdf", "ab" * 32)),
)
STATES = [ticket(), ACKNOWLEDGED, after(ticket(), TakenUp()), waiting(), answered(), closed()]


@given(st.lists(CHANGES, max_size=15))
def test_whatever_happens_to_a_ticket_it_stays_that_ticket(changes: list[Change]) -> None:
    made = after(ticket(), *changes)
    assert (made.reference, made.asker, made.received_at) == (ticket().reference, address(), MONDAY)
    assert made.has_part(address())


@given(st.lists(CHANGES, max_size=15))
def test_what_somebody_waits_for_has_not_ended(changes: list[Change]) -> None:
    made = after(ticket(), *changes)
    if made.status.is_open:
        assert (made.ended_at, made.closed_because) == (None, None)
    else:
        assert made.ended_at is not None
    assert (made.closed_because is not None) is (made.status is Status.CLOSED)


@given(st.lists(CHANGES, max_size=15))
def test_days_are_left_only_while_we_wait_for_the_asker(changes: list[Change]) -> None:
    made = after(ticket(), *changes)
    assert (made.remaining_days is not None) is (made.status is Status.WAITING_ASKER)


@given(CHANGES)
def test_nothing_but_opening_makes_a_ticket(change: Change) -> None:
    with pytest.raises(ValueError, match="without a ticket"):
        evolve(None, change)


@pytest.mark.parametrize("made", STATES)
def test_only_a_new_ticket_is_acknowledged(made: Ticket) -> None:
    acknowledged = after(made, Acknowledged("<ack@desk.example>"))
    assert acknowledged.status is (Status.ACKNOWLEDGED if made.status is Status.NEW else made.status)


@pytest.mark.parametrize("change", [TakenUp(), Assigned(SAM.address)])
@pytest.mark.parametrize("made", STATES)
def test_the_first_work_takes_a_ticket_up_and_later_work_leaves_its_state(made: Ticket, change: Change) -> None:
    fresh = made.status in (Status.NEW, Status.ACKNOWLEDGED)
    assert after(made, change).status is (Status.IN_PROGRESS if fresh else made.status)


def test_an_assignment_takes_the_place_of_the_one_before() -> None:
    assert after(ticket(), Assigned(SAM.address), Assigned(EVA.address)).assignee == EVA.address


def test_an_answer_ends_a_ticket_and_leaves_who_handled_it() -> None:
    made = answered(after(ticket(), Assigned(SAM.address)), at=MONDAY + DAY)
    assert (made.status, made.ended_at, made.active_at) == (Status.ANSWERED, MONDAY + DAY, MONDAY + DAY)
    assert made.assignee == SAM.address


def test_a_question_to_the_asker_stops_the_clock() -> None:
    made = waiting(days=2)
    assert (made.status, made.remaining_days, made.promised_on) == (Status.WAITING_ASKER, 2, None)


def test_his_reply_starts_it() -> None:
    made = after(waiting(), Resumed())
    assert (made.status, made.remaining_days) == (Status.IN_PROGRESS, None)


def test_an_answer_while_we_wait_ends_it_too() -> None:
    assert answered(waiting()).remaining_days is None


@pytest.mark.parametrize("made", [answered(), closed(), waiting()])
@pytest.mark.parametrize("change", [AnswerFailed(), OpenedAgain(at=MONDAY + DAY)])
def test_an_answer_that_failed_and_a_question_opened_again_are_work(made: Ticket, change: Change) -> None:
    found = after(made, change)
    assert found.status is Status.IN_PROGRESS
    assert (found.ended_at, found.active_at, found.closed_because, found.remaining_days) == (None,) * 4


def test_a_question_to_the_asker_of_what_was_closed_makes_it_work_again() -> None:
    made = waiting(closed())
    assert (made.ended_at, made.active_at, made.closed_because) == (None, None, None)


def test_closing_without_an_answer_ends_it_and_says_why() -> None:
    made = closed(at=MONDAY + DAY, reason=CloseReason.SPAM)
    assert (made.ended_at, made.closed_because) == (MONDAY + DAY, CloseReason.SPAM)


def test_closing_an_answer_does_not_make_it_younger() -> None:
    assert closed(answered(at=MONDAY), at=MONDAY + 14 * DAY).ended_at == MONDAY


@pytest.mark.parametrize("change", [Thanked(MONDAY + DAY), Corrected(message_id="<c@desk.example>", at=MONDAY + DAY)])
def test_thanks_and_a_correction_are_the_last_word_but_no_new_end(change: Change) -> None:
    made = after(answered(), change)
    assert (made.status, made.ended_at, made.active_at) == (Status.ANSWERED, MONDAY, MONDAY + DAY)


def test_a_ticket_that_went_into_another_one_is_closed_and_points_there() -> None:
    made = after(ticket(), MergedInto(reference=SECOND, at=MONDAY))
    assert (made.status, made.closed_because, made.merged_into) == (Status.CLOSED, CloseReason.MERGED, SECOND)


def test_a_ticket_knows_which_one_it_goes_on_with() -> None:
    assert after(ticket(), Continues(SECOND)).continues == SECOND


@pytest.mark.parametrize(
    "change",
    [POSTED, PromiseSettled(PromiseState.KEPT), Unkept(PromiseState.OPEN), Absorbed(SECOND), ContinuedBy(SECOND),
     Purged(1, "cv.pdf", "ab" * 32)],
)  # fmt: skip
@pytest.mark.parametrize("made", STATES)
def test_what_only_stands_on_record_changes_no_state(made: Ticket, change: Change) -> None:
    assert after(made, change) is made


@pytest.mark.parametrize("status", Status)
def test_somebody_waits_until_it_is_answered_or_closed(status: Status) -> None:
    assert status.is_open is (status not in (Status.ANSWERED, Status.CLOSED))
