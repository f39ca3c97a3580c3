"""The life of a question by order: another date, another desk, closed, open again."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from ksmail.desk.leaks import Leak, LeakKind
from ksmail.desk.letter import LetterKind
from ksmail.desk.policy import Policy
from ksmail.desk.refusal import Why
from ksmail.desk.ticket import (
    Answered,
    Closed,
    CloseReason,
    EntryKind,
    Ground,
    MergedInto,
    OpenedAgain,
    Promised,
    PromiseSettled,
    PromiseState,
    Status,
    TakenUp,
    Ticket,
)
from ksmail.incoming.message import Language
from tests.builders import MONDAY, address
from tests.desk.facts import (
    EVA,
    NOW,
    SECOND,
    THURSDAY,
    after,
    answered,
    carried,
    case,
    closed,
    kinds_of,
    letter_of,
    refused,
    text,
    ticket,
    waiting,
    waits,
    why,
)

FRIDAY = date(2026, 6, 5)
OVER = [closed(), answered()]
HAS_ANSWER = case(texts=(text(), text(EntryKind.ANSWER, "You may.")))


# A new date.


def test_a_new_date_becomes_the_promise_when_its_letter_was_taken() -> None:
    outcome = carried("#extend 2026-06-12 holidays")
    letter = letter_of(outcome, LetterKind.DELAY_NOTICE)
    assert letter.then == (Promised(promised_on=date(2026, 6, 12), ground=Ground.EXTENDED),)
    assert outcome.ticket is not None
    assert outcome.ticket.promised_on == THURSDAY


def test_the_letter_about_it_names_both_dates() -> None:
    letter = letter_of(carried("#extend 2026-06-12 holidays"), LetterKind.DELAY_NOTICE)
    assert (letter.facts["old_date"], letter.facts["promised_on"]) == (THURSDAY, date(2026, 6, 12))


def test_a_reason_goes_to_the_asker_only_with_a_colon() -> None:
    kept = letter_of(carried("#extend 2026-06-12 Pat is ill"), LetterKind.DELAY_NOTICE)
    told = letter_of(carried("#extend 2026-06-12 : we need more time"), LetterKind.DELAY_NOTICE)
    assert (kept.facts["reason"], told.facts["reason"]) == ("", "we need more time")


def test_the_receipt_repeats_the_reason_only_where_the_asker_reads_it() -> None:
    (kept,) = carried("#extend 2026-06-12 Pat is ill").done
    (told,) = carried("#extend 2026-06-12 : we need more time").done
    assert (kept.reason, told.reason) == ("", "we need more time")
    assert kept.day == date(2026, 6, 12)


@pytest.mark.parametrize("day", ["2026-06-02", "2026-06-04"])
def test_a_date_that_is_not_later_than_the_promised_one_is_no_delay(day: str) -> None:
    assert why(refused(f"#extend {day} sooner")) is Why.EARLIER


def test_a_reason_for_the_asker_is_looked_at_before_it_leaves() -> None:
    leaks = (Leak(LeakKind.PARTNER, "the ministry objects"),)
    stopped = refused("#extend 2026-06-12 : the ministry objects", leaks=leaks)
    assert (why(stopped), stopped.override) == (Why.LEAK, "")
    carried("#extend 2026-06-12 the ministry objects", leaks=leaks)


@pytest.mark.parametrize("kind", [LetterKind.ANSWER, LetterKind.INFO_REQUEST, LetterKind.CORRECTION])
def test_no_new_date_is_mailed_behind_words_that_wait(kind: LetterKind) -> None:
    assert why(refused("#extend 2026-06-12 x", case=case(waits(kind=kind)))) is Why.LETTERS_WAIT
    carried("#stop\n#extend 2026-06-12 x", case=case(waits(kind=kind)))


def test_no_new_date_is_mailed_with_a_question_that_stops_the_clock() -> None:
    assert why(refused("#ask\n#extend 2026-06-12 x\n\nWhich country?")) is Why.LETTERS_WAIT


def test_a_second_new_date_may_follow_the_first() -> None:
    carried("#extend 2026-06-12 x", case=case(waits(kind=LetterKind.DELAY_NOTICE)))


@pytest.mark.parametrize("day", ["2026-06-01", "2026-05-29", "2025-12-01"])
def test_a_new_date_lies_after_today(day: str) -> None:
    assert why(refused(f"#extend {day} late")) is Why.NOT_LATER


def test_today_is_the_day_at_the_desk() -> None:
    midnight = datetime(2026, 6, 1, 22, 30, tzinfo=UTC)
    assert why(refused("#extend 2026-06-02 late", now=midnight)) is Why.NOT_LATER


@pytest.mark.parametrize(("day", "word"), [("2026-06-06", "weekend"), ("2026-12-25", "Christmas")])
def test_a_new_date_is_a_working_day_and_the_reason_is_told(day: str, word: str) -> None:
    stopped = refused(f"#extend {day} late", person=EVA)
    assert why(stopped) is Why.CLOSED_DAY
    assert word.casefold() in stopped.lines[0].casefold()


def test_while_we_wait_for_the_asker_there_is_no_date_to_move() -> None:
    assert why(refused("#extend 2026-06-12 late", ticket=waiting())) is Why.CLOCK_STOPPED


@pytest.mark.parametrize("over", OVER)
@pytest.mark.parametrize("own", ["#extend 2026-06-12 late", "#redirect library"])
def test_what_is_over_must_be_opened_first(own: str, over: Ticket) -> None:
    assert why(refused(own, ticket=over)) is Why.NOT_OPEN


# Another desk.


def test_a_redirect_tells_which_desk_and_closes_when_its_letter_was_taken() -> None:
    outcome = carried("#redirect LIBRARY")
    letter = letter_of(outcome, LetterKind.REDIRECT)
    assert letter.facts["contact"] == "library@uni.example"
    assert letter.then == (Closed(reason=CloseReason.REDIRECTED, at=NOW, said="Library"),)
    assert outcome.ticket is not None
    assert outcome.ticket.status.is_open


@pytest.mark.parametrize("said", ["Librari", "nothing like it"])
def test_an_unknown_desk_is_refused_with_those_there_are(said: str) -> None:
    stopped = refused(f"#redirect {said}")
    assert why(stopped) is Why.NO_SUCH_DESK
    assert stopped.lines == ("Library",)


def test_a_desk_without_other_desks_redirects_to_none() -> None:
    assert refused("#redirect library", Policy()).lines == ()


@pytest.mark.parametrize("own", ["#redirect library", "#close spam", "#merge KV-2026-0002"])
def test_a_question_does_not_end_while_a_letter_of_it_waits(own: str) -> None:
    found = refused(own, case=case(waits(kind=LetterKind.DELAY_NOTICE)), other=ticket(reference=SECOND))
    assert why(found) is Why.LETTERS_WAIT


# Closed.


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("withdrawn", CloseReason.WITHDRAWN),
        ("ingetrokken", CloseReason.WITHDRAWN),
        ("Out-of-scope.", CloseReason.OUT_OF_SCOPE),
        ("out of scope", CloseReason.OUT_OF_SCOPE),
        ("out_of_scope", CloseReason.OUT_OF_SCOPE),
        ("niet voor ons", CloseReason.OUT_OF_SCOPE),
        ("PRESS", CloseReason.PRESS),
        ("pers", CloseReason.PRESS),
        ("woo", CloseReason.WOO),
        ("other: by phone", CloseReason.OTHER),
        ("anders, per telefoon", CloseReason.OTHER),
        ("other", CloseReason.OTHER),
    ],
)
def test_a_close_with_a_reason_for_the_asker_closes_when_its_letter_was_taken(said: str, reason: CloseReason) -> None:
    outcome = carried(f"#close {said}")
    letter = letter_of(outcome, LetterKind.CLOSED)
    (then,) = letter.then
    assert isinstance(then, Closed)
    assert then.reason is reason
    assert letter.facts["reason"] == reason.value
    assert outcome.ticket is not None
    assert outcome.ticket.status.is_open


def test_staffs_own_word_is_kept_and_never_mailed() -> None:
    letter = letter_of(carried("#close other: he shouted at Kim"), LetterKind.CLOSED)
    assert letter.then == (Closed(reason=CloseReason.OTHER, at=NOW, said="he shouted at Kim"),)
    assert "Kim" not in str(letter.facts)


@pytest.mark.parametrize("said", ["answered", "beantwoord"])
def test_what_was_never_answered_is_not_closed_as_answered(said: str) -> None:
    assert why(refused(f"#close {said}")) is Why.NOT_ANSWERED
    assert why(refused(f"#close {said}", case=case())) is Why.NOT_ANSWERED


@pytest.mark.parametrize("said", ["spam", "answered", "beantwoord"])
def test_spam_and_what_was_answered_are_closed_at_once_without_a_letter(said: str) -> None:
    outcome = carried(f"#close {said}", case=HAS_ANSWER)
    assert outcome.letters == ()
    assert outcome.ticket is not None
    assert outcome.ticket.status is Status.CLOSED
    assert PromiseSettled(PromiseState.DROPPED) in outcome.changes
    assert TakenUp() not in outcome.changes


def test_a_promise_that_was_late_when_its_question_was_closed_is_broken() -> None:
    friday = datetime(2026, 6, 4, 22, 30, tzinfo=UTC)  # at the desk
    assert PromiseSettled(PromiseState.BROKEN) in carried("#close spam", now=friday).changes


@pytest.mark.parametrize("said", ["spam please tell him", "spamm", "answered by phone", "whatever", "perssoon"])
def test_a_reason_that_is_not_quite_one_closes_nothing(said: str) -> None:
    stopped = refused(f"#close {said}")
    assert why(stopped) is Why.NO_SUCH_REASON
    assert stopped.lines


def test_the_reasons_are_offered_in_the_writers_language() -> None:
    assert "ingetrokken" in refused("#sluit zzzz").lines
    assert "withdrawn" in refused("#close zzzz", person=EVA).lines


def test_what_is_closed_is_not_closed_again() -> None:
    assert why(refused("#close withdrawn", ticket=closed())) is Why.NOT_OPEN


def test_what_was_answered_can_be_closed() -> None:
    found = carried("#close answered", ticket=answered(), case=HAS_ANSWER).ticket
    assert found is not None
    assert (found.status, found.ended_at) == (Status.CLOSED, MONDAY)


def test_an_answer_and_a_close_in_one_mail_close_once_the_answer_was_taken() -> None:
    outcome = carried("#answer\n#close answered\n\nYou may.")
    assert kinds_of(outcome.letters) == [LetterKind.ANSWER]
    assert [type(change) for change in outcome.letters[0].then][1:] == [Answered, Closed]
    assert outcome.ticket is not None
    assert outcome.ticket.status.is_open


@pytest.mark.parametrize("own", ["#ask\n#close withdrawn\n\nWho pays?", "#answer\n#close spam\n\nYou may."])
def test_nothing_is_closed_while_a_reply_is_asked_for_nor_as_spam_beside_an_answer(own: str) -> None:
    assert why(refused(own)) is Why.CLOSE_BESIDE


@pytest.mark.parametrize("said", ["withdrawn", "answered"])
def test_a_close_above_an_answer_closes_once_the_answer_was_taken(said: str) -> None:
    outcome = carried(f"#close {said}\n#answer\n\nYou may.")
    assert kinds_of(outcome.letters) == [LetterKind.ANSWER]
    assert outcome.changes == (TakenUp(),)
    assert [done.verb for done in outcome.done] == ["answer", "close"]


def test_only_the_letter_with_the_answer_closes() -> None:
    outcome = carried("#extend 2026-06-12 later\n#answer\n#close answered\n\nYou may.")
    delay = letter_of(outcome, LetterKind.DELAY_NOTICE)
    assert not any(isinstance(change, Closed) for change in delay.then)


# Open again.


@pytest.mark.parametrize("over", OVER)
def test_reopening_gives_a_new_date_when_its_letter_was_taken(over: Ticket) -> None:
    outcome = carried("#reopen he has a point", ticket=over)
    letter = letter_of(outcome, LetterKind.REOPENED)
    assert letter.then == (OpenedAgain(at=NOW), Promised(promised_on=THURSDAY, ground=Ground.REOPENED))
    assert (letter.facts["promised_on"], letter.facts["days"]) == (THURSDAY, 3)
    assert outcome.ticket == over


def test_what_is_open_is_not_reopened() -> None:
    assert why(refused("#reopen")) is Why.IS_OPEN


def test_closed_days_on_the_way_are_named() -> None:
    christmas = datetime(2026, 12, 23, 10, tzinfo=UTC)
    letter = letter_of(carried("#reopen", ticket=closed(), now=christmas), LetterKind.REOPENED)
    assert [day.name_en for day in letter.facts["closed_days"]] == ["Christmas Day"]


@pytest.mark.parametrize(
    "own", ["#extend 2026-06-12 x", "#redirect library", "#close spam", "#reopen", "#note", "#take", "#assign Eva"]
)
def test_an_order_about_a_question_needs_one(own: str) -> None:
    assert why(refused(own, ticket=None)) is Why.NO_TICKET


@pytest.mark.parametrize(
    "own", ["#extend 2026-06-12 x", "#redirect library", "#close spam", "#reopen", "#note", "#take", "#assign Eva"]
)
def test_a_question_that_went_into_another_one_is_handled_there(own: str) -> None:
    gone = after(ticket(), MergedInto(reference=SECOND, at=MONDAY))
    assert why(refused(own, ticket=gone)) is Why.MERGED


def test_letters_go_in_the_language_of_the_asker() -> None:
    dutch = ticket(language=Language.NL, asker=address("bob@uni.example"))
    letter = letter_of(carried("#extend 2026-06-12 x", ticket=dutch, person=EVA), LetterKind.DELAY_NOTICE)
    assert (letter.language, letter.to) == (Language.NL, address("bob@uni.example"))
