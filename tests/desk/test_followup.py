"""What a mail of the asker's side does to its ticket."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.desk.arrival import Arrival, Decision, Disposition, Elsewhere
from ksmail.desk.decide import decide
from ksmail.desk.letter import LetterKind
from ksmail.desk.ticket import (
    Assigned,
    CloseReason,
    ContinuedBy,
    Continues,
    Flag,
    Flagged,
    Ground,
    OpenedAgain,
    Posted,
    Promised,
    PromiseState,
    Resumed,
    Status,
    Thanked,
    Ticket,
)
from ksmail.incoming.evidence import Evidence
from ksmail.incoming.identity import Proof
from ksmail.incoming.message import Language
from ksmail.incoming.verdict import Silence
from tests.builders import MONDAY, address, identity, message
from tests.desk.facts import (
    EVA,
    FIRST,
    POLICY,
    SECOND,
    TEAM,
    THURSDAY,
    after,
    answered,
    arrival,
    closed,
    correspondent,
    file,
    kinds_of,
    ticket,
    waiting,
)

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
ADVISER = address("adviser@uni.example")
OVER = [answered(ticket(ADVISER)), closed(ticket(ADVISER))]
Promises = list[Promised]


def reply(made: Ticket, own: str = "And Eve?", at: datetime = MONDAY + DAY, **facts: object) -> Arrival:
    """Ada's reply, judged a minute after it came."""
    defaults: dict[str, object] = {
        "ticket": made,
        "found_by": "our Message-ID",
        "own_words": own,
        "message": message(text=own, message_id="<reply@uni.example>"),
        "received_at": at,
        "now": at + MINUTE,
        "next_reference": SECOND,
    }
    return arrival(**(defaults | facts))


def judged(made: Ticket, own: str = "And Eve?", at: datetime = MONDAY + DAY, **facts: object) -> Decision:
    return decide(reply(made, own, at, **facts), POLICY)


def promises(decision: Decision) -> Promises:
    return [change for change in decision.changes if isinstance(change, Promised)]


# An open question.


def test_an_addition_to_an_open_question_moves_no_date_and_mails_only_staff() -> None:
    decision = judged(ticket())
    assert decision.disposition is Disposition.FOLLOW_UP
    assert [type(change) for change in decision.changes] == [Posted]
    assert [letter.to for letter in decision.letters] == [TEAM]
    assert decision.ticket == ticket()


def test_who_handles_it_is_told() -> None:
    decision = judged(after(ticket(), Assigned(EVA.address)))
    assert [letter.to for letter in decision.letters] == [EVA.address]


def test_thanks_for_the_acknowledgement_are_an_addition_like_any_other() -> None:
    assert not any(isinstance(change, Thanked) for change in judged(ticket(), "Thanks!").changes)


# We wait for the asker.


@pytest.mark.parametrize(
    ("at", "days", "promised"),
    [
        ("2026-06-02T08:00", 2, "2026-06-04"),
        ("2026-06-02T22:30", 2, "2026-06-05"),  # it is Wednesday at the desk
        ("2026-06-05T08:00", 1, "2026-06-08"),
        ("2026-06-06T08:00", 3, "2026-06-10"),
        ("2026-12-23T08:00", 2, "2026-12-28"),
    ],
)
def test_the_clock_goes_on_from_the_day_of_the_reply_with_the_days_that_were_left(
    at: str, days: int, promised: str
) -> None:
    decision = judged(waiting(days=days), at=datetime.fromisoformat(at).replace(tzinfo=UTC))
    assert promises(decision) == [Promised(promised_on=date.fromisoformat(promised), ground=Ground.ASKER_REPLIED)]
    assert decision.ticket is not None
    assert (decision.ticket.status, decision.ticket.remaining_days) == (Status.IN_PROGRESS, None)


def test_a_reply_that_was_fetched_late_gets_no_day_that_has_passed() -> None:
    decision = judged(waiting(days=1), at=MONDAY, now=MONDAY + 3 * DAY)
    assert promises(decision)[0].promised_on == date(2026, 6, 5)


def test_a_reply_fetched_late_keeps_a_day_that_is_still_to_come() -> None:
    decision = judged(waiting(days=3), at=MONDAY, now=MONDAY + DAY)
    assert promises(decision)[0].promised_on == THURSDAY


def test_staff_are_told_that_the_clock_runs_and_until_when() -> None:
    (letter,) = judged(waiting(days=2)).letters
    assert letter.kind is LetterKind.STAFF_FOLLOWUP
    assert (letter.facts["status_note"], letter.facts["promised_on"]) == ("resumed", THURSDAY)


def test_thanks_while_we_wait_are_a_reply_too() -> None:
    assert Resumed() in judged(waiting(), "Thanks!").changes


@given(st.integers(1, 20), st.integers(0, 400))
def test_a_resumed_promise_lies_after_the_day_on_which_it_is_given(days: int, later: int) -> None:
    at = MONDAY + timedelta(hours=7 * later)
    decision = judged(waiting(days=days), at=at, now=at + timedelta(hours=later))
    (promised,) = promises(decision)
    assert promised.promised_on > (at + timedelta(hours=later)).date()
    assert POLICY.workdays.is_working_day(promised.promised_on)


# What was over.


@pytest.mark.parametrize("over", OVER)
def test_thanks_open_nothing_and_staff_see_why(over: Ticket) -> None:
    decision = judged(over, "Thank you very much!\n\nAda")
    assert decision.ticket is not None
    assert decision.ticket.status is over.status
    assert decision.ticket.active_at == MONDAY + DAY
    assert "not reopened: thanks" in decision.because
    assert [letter.facts["status_note"] for letter in decision.letters] == ["thanks"]
    assert promises(decision) == []


def test_thanks_with_a_file_are_more_than_thanks() -> None:
    with_file = message(text="Thanks!", attachments=(file(),))
    assert promises(judged(answered(), "Thanks!", message=with_file)) != []


@pytest.mark.parametrize("over", OVER)
def test_more_than_thanks_opens_it_again_with_a_new_date_and_tells_the_asker(over: Ticket) -> None:
    decision = judged(over)
    assert decision.ticket is not None
    assert decision.ticket.status is Status.IN_PROGRESS
    assert (decision.ticket.ended_at, decision.ticket.closed_because) == (None, None)
    assert promises(decision) == [Promised(promised_on=date(2026, 6, 5), ground=Ground.REOPENED)]
    assert kinds_of(decision.letters) == [LetterKind.REOPENED, LetterKind.STAFF_FOLLOWUP]
    assert decision.letters[1].facts["status_note"] == "reopened"
    assert "reopened" in decision.because


def test_the_letter_about_it_goes_to_the_asker_whoever_of_his_side_wrote() -> None:
    adviser = correspondent(identity=identity(address=ADVISER))
    letter = judged(OVER[0], sender=adviser).letters[0]
    assert (letter.kind, letter.to) == (LetterKind.REOPENED, address())
    assert (letter.facts["promised_on"], letter.facts["days"]) == (date(2026, 6, 5), 3)
    assert letter.in_reply_to == "<reply@uni.example>"


def test_it_is_in_the_language_of_the_ticket_without_our_number_in_the_subject() -> None:
    dutch = answered(ticket(language=Language.NL, subject="Re: [KV-2026-0001] Een vraag"))
    letter = judged(dutch).letters[0]
    assert (letter.language, letter.facts["subject"]) == (Language.NL, "Een vraag")


def test_beyond_the_caps_that_letter_waits() -> None:
    busy = correspondent(letters_hour=5)
    assert judged(answered(), sender=busy).letters[0].held == Silence.ADDRESS_CAP.value


@pytest.mark.parametrize("made", [ticket(), waiting(), *OVER, answered()])
@pytest.mark.parametrize("own", ["And Eve?", "Thanks!"])
def test_what_the_border_says_is_not_his_is_kept_and_shown_and_changes_no_state(made: Ticket, own: str) -> None:
    forged = correspondent(identity=identity(proof=Proof.FAILED))
    decision = judged(made, own, sender=forged)
    assert decision.ticket == made
    assert [type(change) for change in decision.changes] == [Posted]
    assert kinds_of(decision.letters) == [LetterKind.STAFF_FOLLOWUP]


def test_who_gets_no_automatic_letter_gets_none_about_it_either() -> None:
    decision = judged(answered(), sender=correspondent(suppressed=True))
    assert kinds_of(decision.letters) == [LetterKind.STAFF_FOLLOWUP]
    assert OpenedAgain(at=MONDAY + DAY) in decision.changes


def test_a_reply_that_was_fetched_too_late_for_its_date_gets_a_fresh_one() -> None:
    decision = judged(answered(), at=MONDAY, now=MONDAY + 3 * DAY)
    assert promises(decision)[0].promised_on == date(2026, 6, 9)


@pytest.mark.parametrize("over", OVER)
@pytest.mark.parametrize(("later", "recent"), [(30 * DAY, True), (30 * DAY + MINUTE, False)])
def test_within_thirty_days_it_opens_again_and_after_that_it_is_a_new_question(
    over: Ticket, later: timedelta, recent: bool
) -> None:
    decision = judged(over, at=MONDAY + later)
    assert (decision.disposition is Disposition.FOLLOW_UP) is recent
    assert (decision.disposition is Disposition.TICKET) is not recent


def test_closing_what_was_answered_does_not_make_the_answer_younger() -> None:
    quiet = closed(answered(), at=MONDAY + 14 * DAY)
    assert judged(quiet, at=MONDAY + 31 * DAY).disposition is Disposition.TICKET


def test_a_ticket_whose_end_nobody_knows_opens_again() -> None:
    unknown = replace(answered(), ended_at=None)
    assert judged(unknown, at=MONDAY + 365 * DAY).disposition is Disposition.FOLLOW_UP


# A late reply.


def late(**facts: Any) -> Decision:
    return judged(answered(), at=MONDAY + 60 * DAY, **facts)


def test_a_late_reply_is_a_new_ticket_that_goes_on_with_the_old_one() -> None:
    decision = late()
    assert decision.ticket is not None
    assert (decision.ticket.reference, decision.ticket.continues) == (SECOND, FIRST)
    assert decision.ticket.status is Status.NEW
    assert Continues(FIRST) in decision.changes
    assert decision.elsewhere == (Elsewhere(FIRST, (ContinuedBy(SECOND),)),)
    assert "KV-2026-0001" in decision.because


def test_its_asker_gets_the_new_number_with_a_date_and_the_old_number() -> None:
    letter = late().letters[0]
    assert (letter.kind, letter.about) == (LetterKind.LINKED_NEW, "KV-2026-0002")
    assert (letter.facts["earlier"], letter.facts["split"]) == (FIRST, False)
    assert letter.facts["promised_on"] == date(2026, 8, 5)


def test_its_subject_is_without_the_old_number() -> None:
    marked = message(subject="Re: [KV-2026-0001] A question", text="And Eve?")
    decision = late(message=marked, evidence=Evidence(number=FIRST))
    assert decision.ticket is not None
    assert decision.ticket.subject == "A question"
    assert Flagged(Flag.NUMBER_OF_OTHERS, "KV-2026-0001") not in decision.changes


def test_who_gets_no_automatic_letter_gets_none_about_a_linked_question() -> None:
    assert kinds_of(late(sender=correspondent(suppressed=True)).letters) == [LetterKind.STAFF_NEW]


def test_late_thanks_are_thanks() -> None:
    assert judged(answered(), "Thanks!", at=MONDAY + 60 * DAY).disposition is Disposition.FOLLOW_UP


@given(st.sampled_from([ticket(), waiting(), answered(), closed()]), st.sampled_from(["Thanks!", "And?"]))
def test_a_reply_never_breaks_or_keeps_a_promise(made: Ticket, own: str) -> None:
    assert all(change.state is PromiseState.OPEN for change in promises(judged(made, own)))


def test_a_reply_to_what_was_closed_as_spam_is_kept_and_opens_nothing_and_its_sender_hears_nothing() -> None:
    over = closed(reason=CloseReason.SPAM)
    decision = judged(over, "Buy more!")
    assert decision.ticket is not None
    assert decision.ticket.status is Status.CLOSED
    assert [letter.kind for letter in decision.letters] == [LetterKind.STAFF_FOLLOWUP]
    assert decision.letters[0].facts["status_note"] == "closed_reply"
