"""Words of staff on their way to the asker: an answer, a question, a correction."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ksmail.capability import Audience
from ksmail.desk.leaks import Leak, LeakKind
from ksmail.desk.letter import LetterKind
from ksmail.desk.refusal import Why
from ksmail.desk.ticket import (
    Answered,
    Corrected,
    EntryKind,
    InfoAsked,
    Joined,
    MergedInto,
    Posted,
    Status,
    TakenUp,
    Ticket,
)
from ksmail.incoming.identity import Role
from tests.builders import MONDAY, address
from tests.desk.facts import (
    EVA,
    NOW,
    POLICY,
    SAM,
    SECOND,
    after,
    answered,
    carried,
    case,
    closed,
    file,
    kinds_of,
    letter_of,
    refused,
    text,
    ticket,
    waiting,
    waits,
    why,
)

ADVISER = address("adviser@uni.example")
WRITE = ["#answer\n\nYou may.", "#ask\n\nWhich country?", "#correct\n\nYou may not."]
ANSWERED_CASE = case(texts=(text(), text(EntryKind.ANSWER, "You may.", author=SAM.address, role=Role.STAFF)))


def test_an_answer_is_the_text_below_the_order_to_the_asker() -> None:
    letter = letter_of(carried("#answer\n\nYou may."), LetterKind.ANSWER)
    assert letter.to == address()
    assert letter.facts["text"] == "You may."
    assert letter.about == "KV-2026-0001"


def test_an_answer_can_be_called_back_for_as_long_as_the_desk_wants() -> None:
    assert letter_of(carried("#answer\n\nYou may."), LetterKind.ANSWER).wait == timedelta(minutes=3)


def test_nothing_is_answered_before_a_mail_server_took_the_answer() -> None:
    outcome = carried("#answer\n\nYou may.")
    assert outcome.ticket is not None
    assert outcome.ticket.status is Status.IN_PROGRESS
    assert outcome.changes == (TakenUp(),)


def test_the_answer_is_kept_in_the_thread_and_the_ticket_answered_when_it_was_taken() -> None:
    posted, then = letter_of(carried("#answer\n\nYou may."), LetterKind.ANSWER).then
    assert isinstance(posted, Posted)
    assert (posted.kind, posted.audience, posted.role) == (EntryKind.ANSWER, Audience.ASKER, Role.STAFF)
    assert (posted.author, posted.text) == (SAM.address, "You may.")
    assert then == Answered(message_id="", at=NOW)


def test_the_answer_stands_in_the_askers_thread() -> None:
    letter = letter_of(carried("#answer\n\nYou may.", case=case()), LetterKind.ANSWER)
    assert letter.in_reply_to == "<ack@desk.example>"
    assert letter.references == ("<question@uni.example>", "<ack@desk.example>")


def test_without_a_thread_it_answers_nothing() -> None:
    letter = letter_of(carried("#answer\n\nYou may."), LetterKind.ANSWER)
    assert (letter.in_reply_to, letter.references) == ("", ())


def test_the_answer_keeps_the_cc_of_the_question_but_not_a_colleague_who_joined_later() -> None:
    joined = after(ticket(ADVISER), Joined(address("new@uni.example"), "colleague"))
    assert letter_of(carried("#answer\n\nYou may.", ticket=joined), LetterKind.ANSWER).cc == (ADVISER,)


def test_files_of_the_order_go_along_with_the_answer() -> None:
    letter = letter_of(carried("#answer\n\nYou may.", files=(file("form.pdf"),), number=31), LetterKind.ANSWER)
    assert [each.name for each in letter.files] == ["form.pdf"]
    assert letter.files_of == (31,)


def test_the_name_of_the_writer_is_told_only_if_the_desk_wants_that() -> None:
    hidden = letter_of(carried("#answer\n\nYou may."), LetterKind.ANSWER)
    named = letter_of(carried("#answer\n\nYou may.", replace(POLICY, hide_names=False)), LetterKind.ANSWER)
    assert (hidden.facts["by"], named.facts["by"]) == ("", "Sam")


def test_sources_go_along_only_on_a_word() -> None:
    assert letter_of(carried("#answer\n\nYou may."), LetterKind.ANSWER).facts["sources"] is False
    assert letter_of(carried("#answer +sources\n\nYou may."), LetterKind.ANSWER).facts["sources"] is True


def test_the_subject_is_without_our_number_and_without_re() -> None:
    marked = ticket(subject="Re: [KV-2026-0001] A question")
    assert letter_of(carried("#answer\n\nYes.", ticket=marked), LetterKind.ANSWER).facts["subject"] == "A question"


def test_a_question_to_the_asker_stops_the_clock_with_the_working_days_that_are_left() -> None:
    _, then = letter_of(carried("#ask\n\nWhich country?"), LetterKind.INFO_REQUEST).then
    assert then == InfoAsked(message_id="", at=NOW, remaining_days=3)


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (datetime(2026, 6, 3, 9, tzinfo=UTC), 1),
        (datetime(2026, 6, 4, 9, tzinfo=UTC), 1),  # the promised day itself: at least one stays
        (datetime(2026, 6, 9, 9, tzinfo=UTC), 1),  # late already
        (datetime(2026, 6, 1, 22, 30, tzinfo=UTC), 2),  # it is Tuesday at the desk
    ],
)
def test_at_least_one_working_day_stays(now: datetime, left: int) -> None:
    letter = letter_of(carried("#ask\n\nWhich country?", now=now), LetterKind.INFO_REQUEST)
    assert letter.facts["days"] == left
    assert isinstance(letter.then[1], InfoAsked)
    assert letter.then[1].remaining_days == left


def test_a_second_question_while_we_wait_keeps_the_days_that_were_left() -> None:
    letter = letter_of(carried("#ask\n\nAnd when?", ticket=waiting(days=2)), LetterKind.INFO_REQUEST)
    assert letter.facts["days"] == 2


@pytest.mark.parametrize("over", [closed(), answered()])
def test_a_question_about_what_was_over_leaves_all_working_days(over: Ticket) -> None:
    letter = letter_of(
        carried("#ask\n\nOne thing more?", ticket=over, now=NOW + timedelta(days=9)), LetterKind.INFO_REQUEST
    )
    assert letter.facts["days"] == POLICY.response_days


def test_a_correction_names_the_day_of_the_last_answer() -> None:
    late = text(EntryKind.ANSWER, at=datetime(2026, 6, 2, 22, 30, tzinfo=UTC))
    outcome = carried("#correct\n\nNot so.", ticket=answered(), case=case(texts=(text(EntryKind.ANSWER), late)))
    letter = letter_of(outcome, LetterKind.CORRECTION)
    assert letter.facts["answered_on"] == date(2026, 6, 3)  # local time
    assert isinstance(letter.then[1], Corrected)


@pytest.mark.parametrize("sources", [True, False])
def test_a_correction_can_have_sources_too(sources: bool) -> None:
    own = f"#correct{' +sources' if sources else ''}\n\nNot so."
    letter = letter_of(carried(own, ticket=answered(), case=ANSWERED_CASE), LetterKind.CORRECTION)
    assert letter.facts["sources"] is sources


def test_what_was_never_answered_cannot_be_corrected() -> None:
    assert why(refused("#correct\n\nNot so.")) is Why.NOT_ANSWERED
    assert why(refused("#correct\n\nNot so.", case=case())) is Why.NOT_ANSWERED


@pytest.mark.parametrize("own", WRITE)
@pytest.mark.parametrize("kind", [LetterKind.ANSWER, LetterKind.INFO_REQUEST, LetterKind.CORRECTION])
def test_two_texts_for_the_asker_never_wait_side_by_side(own: str, kind: LetterKind) -> None:
    assert why(refused(own, case=case(waits(kind=kind)))) is Why.ALREADY_WAITS


@pytest.mark.parametrize("own", WRITE[:2])
def test_a_new_date_that_waits_stops_no_text(own: str) -> None:
    carried(own, case=case(waits(kind=LetterKind.DELAY_NOTICE)))


def test_one_mail_calls_back_the_answer_and_sends_another() -> None:
    outcome = carried("#stop\n#answer\n\nYou may not.", case=case(waits(5)))
    assert kinds_of(outcome.letters) == [LetterKind.ANSWER]


@pytest.mark.parametrize("own", WRITE)
def test_a_leak_stops_the_text_and_is_shown_in_the_writers_language(own: str) -> None:
    leak = Leak(LeakKind.REFERENCE, "as in KV-2026-0002")
    stopped = refused(own, leaks=(leak,), person=EVA, case=ANSWERED_CASE)
    assert why(stopped) is Why.LEAK
    assert stopped.lines == ("the number of another question: as in KV-2026-0002",)
    assert stopped.override == f"{own.split()[0]}!"


@pytest.mark.parametrize("own", WRITE)
def test_somebody_who_saw_the_warning_can_send_it_all_the_same(own: str) -> None:
    said = own.replace("\n", "!\n", 1)
    carried(said, leaks=(Leak(LeakKind.INTERNAL, "from a note"),), case=ANSWERED_CASE)


@pytest.mark.parametrize("kind", [LeakKind.TOKEN, LeakKind.SEALED])
@pytest.mark.parametrize("mark", ["", "!"])
def test_what_must_never_leave_does_not_leave_on_any_word(kind: LeakKind, mark: str) -> None:
    leaks = (Leak(kind, "secret"), Leak(LeakKind.ADDRESS, "a@b.example"))
    stopped = refused(f"#answer{mark}\n\nYou may.", leaks=leaks)
    assert why(stopped) is Why.LEAK
    assert stopped.override == ""


def test_with_a_word_only_what_still_stops_it_is_shown() -> None:
    leaks = (Leak(LeakKind.TOKEN, "secret"), Leak(LeakKind.ADDRESS, "a@b.example"))
    assert len(refused("#answer\n\nYou may.", leaks=leaks).lines) == 2
    assert len(refused("#answer!\n\nYou may.", leaks=leaks).lines) == 1


@pytest.mark.parametrize("kind", [EntryKind.ANSWER, EntryKind.INFO_REQUEST, EntryKind.CORRECTION])
def test_the_same_words_go_to_the_asker_again_only_on_a_word(kind: EntryKind) -> None:
    before = case(texts=(text(), text(kind, "You may.")))
    stopped = refused("#answer\n\n You  may.\n", case=before)
    assert (why(stopped), stopped.override) == (Why.SAME_WORDS, "#antwoord!")
    carried("#answer!\n\nYou may.", case=before)


@pytest.mark.parametrize("kind", [EntryKind.NOTE, EntryKind.ORDER, EntryKind.QUESTION])
def test_words_that_were_only_noted_or_asked_are_not_the_same(kind: EntryKind) -> None:
    carried("#answer\n\nYou may.", case=case(texts=(text(kind, "You may."),)))


def test_who_sends_the_same_words_again_has_read_the_warning_about_them() -> None:
    leaks = (Leak(LeakKind.TRACKED, "form.docx"),)
    assert why(refused("#answer\n\nYou may.", case=ANSWERED_CASE, leaks=leaks)) is Why.LEAK


@pytest.mark.parametrize("own", WRITE)
def test_a_text_whose_end_was_lost_is_not_sent_on_any_word(own: str) -> None:
    said = own.replace("\n", "!\n", 1)
    assert why(refused(said, cut_short=True, case=ANSWERED_CASE)) is Why.TOO_LONG


@pytest.mark.parametrize("own", WRITE)
def test_without_a_ticket_nothing_is_written(own: str) -> None:
    assert why(refused(own, ticket=None)) is Why.NO_TICKET


@pytest.mark.parametrize("own", WRITE)
def test_a_ticket_that_went_into_another_one_points_there(own: str) -> None:
    gone = after(ticket(), MergedInto(reference=SECOND, at=MONDAY))
    stopped = refused(own, ticket=gone)
    assert why(stopped) is Why.MERGED
    assert stopped.lines == ("KV-2026-0002",)


@pytest.mark.parametrize("made", [closed(), answered(), waiting()])
def test_an_answer_may_follow_whatever_came_before(made: Ticket) -> None:
    outcome = carried("#answer\n\nStill, you may.", ticket=made)
    assert kinds_of(outcome.letters) == [LetterKind.ANSWER]
