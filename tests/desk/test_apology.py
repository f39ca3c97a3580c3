"""What an asker hears by himself from a desk that is silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ksmail.desk.apology import (
    Nudge,
    Question,
    apology,
    is_leaving,
    may_apologise,
    new_date,
    nudge,
    still_holds,
)
from ksmail.desk.case import GivenDate, WaitingLetter, WaitState
from ksmail.desk.lateness import standing
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.ticket import (
    AskerReminded,
    Closed,
    CloseReason,
    Ground,
    MergedInto,
    Promised,
    PromiseState,
    Resumed,
    Status,
    Ticket,
)
from ksmail.reference import Reference
from tests.builders import MONDAY, address
from tests.desk.facts import POLICY, THURSDAY, after, answered, case, closed, ticket, waiting, waits

FRIDAY = datetime(2026, 6, 5, 7, 0, tzinfo=UTC)  # nine o'clock at the desk, the first working day after THURSDAY
WEDNESDAY = date(2026, 6, 10)
OPEN = GivenDate(THURSDAY, PromiseState.OPEN)


def question(made: Ticket | None = None, *letters: WaitingLetter, **facts: Any) -> Question:
    promises = facts.pop("promises", (OPEN,))
    return Question(ticket=made or ticket(), case=case(*letters, promises=promises), **facts)


def sorry(asked: Question | None = None, now: datetime = FRIDAY) -> Letter | None:
    asked = asked or question()
    stands = standing(asked.ticket, asked.case.promises, now.astimezone(POLICY.timezone).date(), POLICY)
    return apology(asked, stands, now, POLICY)


def test_on_the_first_working_day_after_a_date_that_passed_the_asker_gets_an_apology_and_a_new_date() -> None:
    letter = sorry()
    assert letter is not None
    assert (letter.kind, letter.to, letter.about) == (LetterKind.DELAY_NOTICE, address(), "KV-2026-0001")
    assert (letter.facts["old_date"], letter.facts["promised_on"], letter.facts["late"]) == (THURSDAY, WEDNESDAY, True)
    assert letter.facts["reason"] == ""
    assert letter.then == (Promised(promised_on=WEDNESDAY, ground=Ground.OVERDUE),)
    assert letter.in_reply_to == "<ack@desk.example>"


def test_it_names_the_days_on_which_the_desk_is_closed_until_then() -> None:
    late = after(ticket(), Promised(promised_on=date(2026, 12, 29), ground=Ground.EXTENDED))
    letter = sorry(question(late), datetime(2026, 12, 30, 8, 0, tzinfo=UTC))
    assert letter is not None
    assert letter.facts["promised_on"] == date(2027, 1, 5)
    assert [day.day for day in letter.facts["closed_days"]] == [date(2027, 1, 1)]


@pytest.mark.parametrize("days", [-1, 0])
def test_before_that_nobody_apologises(days: int) -> None:
    assert sorry(now=FRIDAY + timedelta(days=days - 1)) is None


def test_the_same_date_is_apologised_for_by_the_same_letter() -> None:
    one, other = sorry(), sorry(now=FRIDAY + timedelta(days=3))
    assert one is not None
    assert other is not None
    assert one.cause == other.cause  # so that its Message-ID is the same, and the outbox takes it once


@pytest.mark.parametrize(
    "asked",
    [
        question(told=False),
        question(suppressed=True),
        question(promises=(GivenDate(date(2026, 6, 1), PromiseState.BROKEN), replace(OPEN, ground=Ground.OVERDUE))),
    ],
)
def test_nobody_apologises_twice_nor_to_whom_we_never_wrote_nor_where_nothing_arrives(asked: Question) -> None:
    assert not may_apologise(asked)
    assert sorry(asked) is None


@pytest.mark.parametrize("state", [WaitState.WAITING, WaitState.SENDING, WaitState.UNCERTAIN])
@pytest.mark.parametrize(
    "kind", [LetterKind.ANSWER, LetterKind.INFO_REQUEST, LetterKind.DELAY_NOTICE, LetterKind.CLOSED]
)
def test_an_apology_does_not_cross_words_that_are_on_their_way(kind: LetterKind, state: WaitState) -> None:
    assert sorry(question(None, waits(kind=kind, state=state))) is None


def test_what_staff_keep_back_is_on_no_way_and_neither_is_a_letter_to_a_partner() -> None:
    assert sorry(question(None, waits(state=WaitState.HELD))) is not None
    assert sorry(question(None, waits(kind=LetterKind.PARTNER_REQUEST))) is not None


@pytest.mark.parametrize("made", [answered(), closed(), waiting()])
def test_what_is_not_in_staffs_hands_is_not_late(made: Ticket) -> None:
    assert sorry(question(made)) is None


def test_the_new_date_is_as_far_away_as_that_of_a_new_question() -> None:
    assert new_date(date(2026, 6, 5), POLICY) == WEDNESDAY


# An asker who owes us an answer. MONDAY is 1 June 2026; ten working days later it is Monday 15 June.


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 7, 0, tzinfo=UTC)


REMINDED_ON, CLOSES_ON = date(2026, 6, 15), date(2026, 6, 29)


def test_after_ten_working_days_he_is_reminded() -> None:
    done = nudge(question(waiting()), at(REMINDED_ON), POLICY)
    (letter,) = done.letters
    assert done.changes == (AskerReminded(at(REMINDED_ON)),)
    assert (letter.kind, letter.to) == (LetterKind.INFO_REMINDER, address())
    assert (letter.facts["asked_on"], letter.facts["closes_on"]) == (MONDAY.date(), CLOSES_ON)
    assert (done.because, done.closes) == ("the asker was reminded", False)


def test_a_day_earlier_he_is_left_alone() -> None:
    assert nudge(question(waiting()), at(date(2026, 6, 12)), POLICY) == Nudge()


def reminded() -> Ticket:
    return after(waiting(), AskerReminded(at(REMINDED_ON)))


@pytest.mark.parametrize("day", [REMINDED_ON, date(2026, 6, 26)])
def test_he_is_reminded_once(day: date) -> None:
    assert nudge(question(reminded()), at(day), POLICY) == Nudge()


def test_after_as_many_again_we_stop_waiting_and_he_is_told() -> None:
    done = nudge(question(reminded()), at(CLOSES_ON), POLICY)
    (letter,) = done.letters
    assert (letter.kind, letter.facts["reason"]) == (LetterKind.CLOSED, CloseReason.NO_REPLY.value)
    assert letter.then == (Closed(reason=CloseReason.NO_REPLY, at=at(CLOSES_ON)),)
    assert (done.changes, done.closes) == ((), True)


def test_where_nothing_arrives_nothing_is_sent_but_we_stop_waiting_all_the_same() -> None:
    first = nudge(question(waiting(), suppressed=True), at(REMINDED_ON), POLICY)
    last = nudge(question(reminded(), suppressed=True), at(CLOSES_ON), POLICY)
    assert (first.changes, first.letters) == ((AskerReminded(at(REMINDED_ON)),), ())
    assert (last.changes, last.letters) == ((Closed(reason=CloseReason.NO_REPLY, at=at(CLOSES_ON)),), ())
    assert last.closes


def test_nothing_of_it_while_a_letter_to_him_is_on_its_way() -> None:
    assert nudge(question(waiting(), waits(kind=LetterKind.CLOSED)), at(CLOSES_ON), POLICY) == Nudge()


@pytest.mark.parametrize("made", [ticket(), answered(), after(waiting(), Resumed())])
def test_nobody_else_is_reminded_of_anything(made: Ticket) -> None:
    assert nudge(question(made), at(CLOSES_ON), POLICY) == Nudge()


def test_when_he_writes_the_waiting_is_over_and_counts_anew_the_next_time() -> None:
    resumed = after(reminded(), Resumed())
    assert (resumed.status, resumed.waiting_since, resumed.nudged_at) == (Status.IN_PROGRESS, None, None)
    assert waiting(resumed).nudged_at is None


def test_a_reminder_of_a_question_that_does_not_wait_changes_nothing() -> None:
    assert after(ticket(), AskerReminded(MONDAY)) == ticket()


# A letter that waited for a server, and what became true meanwhile.

APOLOGY = (Promised(promised_on=WEDNESDAY, ground=Ground.OVERDUE),)
END = (Closed(reason=CloseReason.NO_REPLY, at=at(CLOSES_ON)),)
STILL = date(2026, 6, 8)  # a Monday, the date has passed


def test_an_apology_holds_as_long_as_the_date_that_passed_stands() -> None:
    assert still_holds(ticket(), LetterKind.DELAY_NOTICE, APOLOGY, STILL)


@pytest.mark.parametrize(
    "made",
    [
        answered(),
        closed(),
        waiting(),
        after(ticket(), Promised(promised_on=date(2026, 7, 1), ground=Ground.EXTENDED)),
        after(ticket(), MergedInto(reference=Reference("KV", 2026, 2), at=MONDAY)),
    ],
)
def test_it_does_not_once_people_have_acted(made: Ticket) -> None:
    assert not still_holds(made, LetterKind.DELAY_NOTICE, APOLOGY, STILL)


def test_nor_once_its_own_date_has_come() -> None:
    assert not still_holds(ticket(), LetterKind.DELAY_NOTICE, APOLOGY, WEDNESDAY)


def test_nor_does_a_letter_that_gives_no_date() -> None:
    assert not still_holds(ticket(), LetterKind.DELAY_NOTICE, (), STILL)


@pytest.mark.parametrize(("kind", "then"), [(LetterKind.INFO_REMINDER, ()), (LetterKind.CLOSED, END)])
def test_what_an_asker_hears_who_owes_us_an_answer_holds_until_he_writes(
    kind: LetterKind, then: tuple[Closed, ...]
) -> None:
    assert still_holds(waiting(), kind, then, STILL)
    assert not still_holds(after(waiting(), Resumed()), kind, then, STILL)


def test_a_question_is_let_go_once_whatever_became_of_the_letter() -> None:
    assert nudge(question(reminded(), let_go=True), at(CLOSES_ON), POLICY) == Nudge()


def test_after_a_month_of_working_days_only_people_can_say_something() -> None:
    assert sorry(now=at(date(2026, 7, 2))) is not None
    assert sorry(now=at(date(2026, 7, 3))) is None


def test_a_date_for_which_an_apology_was_written_gets_no_other_one() -> None:
    assert sorry(question(apologised=True)) is None


@pytest.mark.parametrize(
    ("letter", "leaves"),
    [
        (waits(), True),
        (waits(state=WaitState.SENDING), True),
        (waits(kind=LetterKind.CLOSED), True),
        (waits(state=WaitState.HELD), False),
        (waits(state=WaitState.UNCERTAIN), False),
        (waits(kind=LetterKind.PARTNER_REQUEST), False),
        (waits(kind=LetterKind.DELAY_NOTICE), False),
    ],
)
def test_words_that_end_the_matter_leave_within_the_hour(letter: WaitingLetter, leaves: bool) -> None:
    assert is_leaving((letter,), MONDAY - timedelta(minutes=3)) is leaves
    assert not is_leaving((letter,), MONDAY - timedelta(hours=2))
    assert not is_leaving((letter,), MONDAY + timedelta(hours=2))  # a server puts it off
