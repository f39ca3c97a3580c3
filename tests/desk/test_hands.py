"""Who handles a question, who is away, what waits, what is destroyed, and what is only looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ksmail.address import Address
from ksmail.capability import Audience, Capability
from ksmail.desk.acts import Absent, Destroy, Drop, Hurry, Recall, Release
from ksmail.desk.case import Case, GivenDate, HeldMail, NumberedFile, QueueLine, WaitState
from ksmail.desk.letter import LetterKind
from ksmail.desk.orders import help_lines
from ksmail.desk.refusal import Why
from ksmail.desk.ticket import Assigned, EntryKind, MergedInto, PromiseState, Purged, Status, TakenUp
from ksmail.incoming.evidence import Evidence
from ksmail.incoming.identity import Role
from ksmail.incoming.message import Attachment, Language
from tests.builders import MONDAY, address
from tests.desk.facts import (
    EVA,
    FIRST,
    FRESH,
    PEER,
    POLICY,
    SAM,
    SECOND,
    THURSDAY,
    TODAY,
    after,
    answered,
    carried,
    case,
    closed,
    kinds_of,
    letter_of,
    numbered,
    person,
    refused,
    text,
    ticket,
    waits,
    why,
)

HELD = HeldMail(number=12, reason="encrypted", received_at=MONDAY, unreadable=False)


# Taking and giving.


def test_whoever_takes_a_question_handles_it() -> None:
    outcome = carried("#take")
    assert outcome.ticket is not None
    assert (outcome.ticket.assignee, outcome.ticket.status) == (SAM.address, Status.IN_PROGRESS)
    assert outcome.letters == ()


def test_two_who_take_one_question_the_first_has_it_and_the_second_is_told_who() -> None:
    stopped = refused("#take", ticket=after(ticket(), Assigned(EVA.address)))
    assert (why(stopped), stopped.lines) == (Why.TAKEN, ("Eva",))


def test_whoever_has_it_may_take_it_again() -> None:
    carried("#take", ticket=after(ticket(), Assigned(SAM.address)))


def test_the_question_of_a_colleague_who_is_away_can_be_taken() -> None:
    outcome = carried("#take", ticket=after(ticket(), Assigned(EVA.address)), absent=(EVA.address,))
    assert outcome.changes[0] == Assigned(SAM.address)


def test_the_question_of_somebody_who_left_the_list_can_be_taken() -> None:
    carried("#take", ticket=after(ticket(), Assigned(address("gone@agency.example"))))


def test_a_question_is_handed_to_a_colleague_who_is_told_in_his_language() -> None:
    outcome = carried("#assign eva")
    letter = letter_of(outcome, LetterKind.STAFF_ASSIGNED)
    assert (letter.to, letter.language) == (EVA.address, Language.EN)
    assert letter.facts["by"] == "Sam"
    assert outcome.ticket is not None
    assert outcome.ticket.assignee == EVA.address


def test_what_he_is_told_holds_the_question_and_its_files_but_not_those_destroyed() -> None:
    files = (numbered(1, purged=True), numbered(2))
    letter = letter_of(carried("#assign eva", case=case(files=files)), LetterKind.STAFF_ASSIGNED)
    assert letter.facts["text"] == "May we?"
    assert [each.number for each in letter.facts["files"]] == [2]
    assert letter.facts["promised_on"] == THURSDAY


def test_who_gives_it_to_himself_by_name_gets_no_letter() -> None:
    outcome = carried("#assign Sam", ticket=after(ticket(), Assigned(EVA.address)))
    assert outcome.letters == ()
    assert outcome.ticket is not None
    assert outcome.ticket.assignee == SAM.address


def test_nothing_is_handed_to_somebody_who_is_away() -> None:
    stopped = refused("#assign eva", absent=(EVA.address,))
    assert (why(stopped), stopped.lines) == (Why.PERSON_AWAY, ("Eva",))


def test_who_is_away_himself_may_still_take_it() -> None:
    carried("#assign Sam", absent=(SAM.address,))


def test_a_name_of_two_people_is_asked_back_with_their_whole_names() -> None:
    policy = replace(POLICY, staff=(SAM, person("Kim Bos", "kb@agency.example"), PEER))
    stopped = refused("#assign kim", policy)
    assert (why(stopped), stopped.lines) == (Why.WHICH_PERSON, ("Kim Bos", "Kim de Boer"))


def test_a_name_of_nobody_is_refused_with_names_like_it() -> None:
    stopped = refused("#assign Evaa")
    assert (why(stopped), stopped.lines) == (Why.NO_SUCH_PERSON, ("Eva",))


# Away.


def test_somebody_is_away_from_the_first_day_to_the_last() -> None:
    outcome = carried("#away 2026-12-20 2027-01-04")
    assert outcome.acts == (Absent(SAM.address, date(2026, 12, 20), date(2027, 1, 4)),)
    assert (outcome.done[0].day, outcome.done[0].until) == (date(2026, 12, 20), date(2027, 1, 4))


def test_an_absence_needs_no_ticket_and_touches_none() -> None:
    assert carried("#away 2026-12-20 2027-01-04", ticket=None).changes == ()
    assert carried("#away 2026-12-20 2027-01-04").changes == ()


def test_an_absence_that_ends_today_still_counts() -> None:
    carried("#away 2026-05-28 2026-06-01")


def test_an_absence_that_is_over_is_refused() -> None:
    assert why(refused("#away 2026-05-20 2026-05-31")) is Why.LONG_PAST


# What waits.


@pytest.mark.parametrize("state", WaitState)
def test_stop_calls_back_every_letter_that_has_not_left(state: WaitState) -> None:
    outcome = carried("#stop", case=case(waits(5, state=state), waits(6, LetterKind.DELAY_NOTICE)))
    assert outcome.acts == (Recall(5), Recall(6))
    assert outcome.done[0].count == 2
    assert outcome.changes == ()


def test_what_a_mail_server_has_in_hand_needs_no_hurry() -> None:
    sending = waits(5, state=WaitState.SENDING)
    assert why(refused("#now", case=case(sending))) is Why.NOTHING_WAITS
    assert carried("#now", case=case(sending, waits(6))).acts == (Hurry(6),)


@pytest.mark.parametrize("state", [WaitState.SENDING, WaitState.UNCERTAIN])
def test_the_receipt_of_a_stop_says_when_it_may_come_too_late(state: WaitState) -> None:
    assert carried("#stop", case=case(waits(5, state=state), waits(6))).done[0].reason == state.value
    assert carried("#stop", case=case(waits(6))).done[0].reason == ""


def test_whoever_wrote_a_letter_hears_that_a_colleague_stopped_it() -> None:
    of_eva = replace(waits(5), author=EVA.address)
    letter = letter_of(carried("#stop", case=case(of_eva)), LetterKind.STAFF_STOPPED)
    assert (letter.to, letter.language, letter.facts["by"]) == (EVA.address, Language.EN, "Sam")


@pytest.mark.parametrize("author", [SAM.address, None, address("gone@agency.example")])
def test_who_stops_his_own_letter_or_that_of_nobody_tells_nobody(author: Address | None) -> None:
    assert carried("#stop", case=case(replace(waits(5), author=author))).letters == ()


@pytest.mark.parametrize("state", [WaitState.WAITING, WaitState.HELD, WaitState.UNCERTAIN])
def test_now_sends_every_letter_that_has_not_left(state: WaitState) -> None:
    assert carried("#now", case=case(waits(5, state=state), waits(6))).acts == (Hurry(5), Hurry(6))


@pytest.mark.parametrize("own", ["#stop", "#now"])
def test_what_has_left_cannot_be_stopped_or_hurried(own: str) -> None:
    assert why(refused(own)) is Why.NOTHING_WAITS
    assert why(refused(own, case=case())) is Why.NOTHING_WAITS


def test_a_letter_is_not_stopped_and_sent_by_one_mail() -> None:
    assert why(refused("#stop\n#now", case=case(waits()))) is Why.NOTHING_WAITS


# Mails that wait for a decision.


def test_a_held_mail_is_released() -> None:
    outcome = carried("#release", ticket=None, held=HELD)
    assert outcome.acts == (Release(12),)
    assert outcome.done[0].reference == "Q-12"


def test_a_held_mail_is_dropped_with_the_reason_on_record() -> None:
    assert carried("#drop junk mail", ticket=None, held=HELD).acts == (Drop(12, "junk mail"),)
    assert carried("#drop", ticket=None, held=HELD).acts == (Drop(12, ""),)


def test_one_mail_does_not_release_and_drop() -> None:
    assert why(refused("#release\n#drop", ticket=None, held=HELD)) is Why.NOTHING_TO_UNDO


@pytest.mark.parametrize("own", ["#release", "#drop"])
def test_only_a_mail_that_waits_is_decided_about(own: str) -> None:
    assert why(refused(own)) is Why.NOT_HELD_MAIL


def test_releasing_what_nobody_can_read_helps_nothing_but_it_can_be_dropped() -> None:
    unreadable = replace(HELD, unreadable=True)
    assert why(refused("#release", ticket=None, held=unreadable)) is Why.UNREADABLE
    carried("#drop", ticket=None, held=unreadable)


# Destroying.


FILES = case(files=(numbered(1), numbered(2, purged=True), numbered(3)))


def test_files_are_destroyed_and_that_they_were_there_stays_on_record() -> None:
    outcome = carried("#purge 1 3", case=FILES)
    assert outcome.acts == (Destroy(11, numbered(1).file.sha256), Destroy(13, numbered(3).file.sha256))
    purged = [change for change in outcome.changes if isinstance(change, Purged)]
    assert [(change.number, change.name) for change in purged] == [(1, "1.pdf"), (3, "3.pdf")]


def test_the_asker_is_told_how_many_at_once_and_not_which() -> None:
    letter = letter_of(carried("#purge 1 3", case=FILES), LetterKind.PERSONAL_DATA_NOTICE)
    assert letter.facts["count"] == 2
    assert letter.wait == timedelta(0)
    assert "pdf" not in str(letter.facts)


def test_the_other_files_of_a_mail_go_with_it_and_are_counted() -> None:
    together = (numbered(1), replace(numbered(2), mail=11), numbered(3))
    outcome = carried("#purge 1", case=case(files=together))
    assert outcome.done[0].numbers == (1, 2)
    assert letter_of(outcome, LetterKind.PERSONAL_DATA_NOTICE).facts["count"] == 2
    assert [type(act) for act in outcome.acts] == [Destroy, Destroy]


def test_nothing_is_destroyed_while_a_letter_waits_that_may_hold_it() -> None:
    assert why(refused("#purge 1", case=case(waits(), files=(numbered(1),)))) is Why.LETTERS_WAIT
    assert why(refused("#answer\n#purge 1\n\nSee it.", case=FILES)) is Why.LETTERS_WAIT


def test_numbers_that_were_read_in_another_question_destroy_nothing() -> None:
    there = Evidence(capability=Capability(str(SECOND), Audience.STAFF, "tag", "k0"))
    assert why(refused("#purge 1", case=FILES, evidence=there)) is Why.FILES_MOVED


@pytest.mark.parametrize(("own", "missing"), [("#purge 1 2", "2"), ("#purge 4", "4")])
def test_a_wrong_number_destroys_nothing_at_all(own: str, missing: str) -> None:
    stopped = refused(own, case=FILES)
    assert (why(stopped), stopped.lines) == (Why.NO_SUCH_FILE, (missing,))


def test_without_a_question_nothing_is_destroyed() -> None:
    assert why(refused("#purge 1", ticket=None)) is Why.NO_TICKET


# Looking.


def test_a_note_is_only_kept() -> None:
    outcome = carried("#note\n\nAsk Pat.")
    assert (outcome.letters, outcome.acts) == ((), ())
    assert outcome.done[0].verb == "note"


def test_status_in_a_thread_shows_that_question_and_changes_nothing() -> None:
    inside = case(waits(), promises=(GivenDate(THURSDAY, PromiseState.OPEN),), files=(numbered(1),))
    outcome = carried("#status", case=inside)
    letter = letter_of(outcome, LetterKind.STAFF_STATUS)
    assert (letter.about, letter.to) == (str(FIRST), SAM.address)
    assert [entry.text for entry in letter.facts["entries"]] == ["May we?"]
    assert (letter.facts["waiting"], letter.facts["promises"]) == (inside.waiting, inside.promises)
    assert (letter.facts["queue"], letter.facts["today"]) == ((), TODAY)
    assert outcome.changes == ()


def test_status_with_its_own_number_shows_it_too() -> None:
    assert letter_of(carried("#status KV-2026-0001"), LetterKind.STAFF_STATUS).about == "KV-2026-0001"


def test_status_with_another_number_shows_that_question_and_nothing_of_this_one() -> None:
    outcome = carried("#status KV-2026-0002", case=case(), other=ticket(reference=SECOND), other_case=None)
    letter = letter_of(outcome, LetterKind.STAFF_STATUS)
    assert letter.about == "KV-2026-0002"
    assert letter.facts["entries"] == ()


def test_status_of_a_number_that_nobody_has_is_refused() -> None:
    assert why(refused("#status KV-2026-0009")) is Why.NO_SUCH_TICKET


def test_status_never_shows_another_question_than_the_one_it_names() -> None:
    own = "#status KV-2026-0009\n#merge KV-2026-0002"
    assert why(refused(own, other=ticket(reference=SECOND))) is Why.NO_SUCH_TICKET


def test_status_shows_what_each_wrote_and_not_what_he_quoted() -> None:
    quoted = (
        "And Eve?\n\nOn 1 Jun 2026 at 10:03, Contact point <desk@desk.example> wrote:\n> You will have our answer\n"
    )
    letter = letter_of(carried("#status", case=case(texts=(text(words=quoted),))), LetterKind.STAFF_STATUS)
    assert [entry.text for entry in letter.facts["entries"]] == ["And Eve?"]


@pytest.mark.parametrize(("inside", "first"), [(case(waits()), "#stop"), (case(), "#antwoord")])
def test_what_waits_can_be_stopped_from_its_status(inside: Case, first: str) -> None:
    letter = letter_of(carried("#status", case=inside), LetterKind.STAFF_STATUS)
    assert letter.prepared[0].line == first


def test_status_without_a_question_shows_the_queue() -> None:
    line = QueueLine(
        reference=FIRST, status=Status.NEW, subject="A question", received_at=MONDAY, promised_on=None, assignee=None
    )
    letter = letter_of(carried("#status", ticket=None, proofs=FRESH, queue=(line,)), LetterKind.STAFF_STATUS)
    assert letter.about == "Q-17"
    assert letter.facts["queue"] == (line,)
    assert (letter.facts["entries"], letter.prepared) == ((), ())


def test_status_shows_a_question_that_went_into_another_one() -> None:
    carried("#status", ticket=after(ticket(), MergedInto(reference=SECOND, at=MONDAY)))


@pytest.mark.parametrize(("made", "about"), [(ticket(), "KV-2026-0001"), (None, "Q-17")])
def test_help_mails_the_orders_that_there_are(made: object, about: str) -> None:
    letter = letter_of(carried("#help", ticket=made, person=EVA), LetterKind.STAFF_HELP)
    assert letter.facts["lines"] == help_lines(Language.EN, Audience.STAFF)
    assert letter.about == about


@pytest.mark.parametrize("own", ["#status", "#help", "#away 2026-12-20 2027-01-04"])
def test_looking_is_no_first_work_on_a_question(own: str) -> None:
    assert TakenUp() not in carried(own).changes


@pytest.mark.parametrize("own", ["#note", "#take", "#extend 2026-06-12 x", "#answer\n\nYes."])
def test_a_first_order_takes_the_question_up(own: str) -> None:
    outcome = carried(own)
    assert outcome.ticket is not None
    assert outcome.ticket.status is Status.IN_PROGRESS
    assert outcome.changes[-1] == TakenUp()


@pytest.mark.parametrize("made", [closed(), answered()])
def test_an_order_about_what_is_over_does_not_take_it_up(made: object) -> None:
    assert carried("#note", ticket=made).changes == ()


def test_several_orders_are_carried_out_one_after_the_other() -> None:
    outcome = carried("#take\n#extend 2026-06-12 x\n#answer\n\nYes.")
    assert [done.verb for done in outcome.done] == ["take", "extend", "answer"]
    assert kinds_of(outcome.letters) == [LetterKind.DELAY_NOTICE, LetterKind.ANSWER]


# The same file in several mails.


def pile(*files: tuple[int, str]) -> Case:
    """Files by the mail they came with and their hash."""
    made = (
        Attachment(name=f"{at}.pdf", content_type="application/pdf", size=1, sha256=sha)
        for at, (_, sha) in enumerate(files)
    )
    return case(files=tuple(NumberedFile(at, file, files[at - 1][0]) for at, file in enumerate(made, 1)))


def test_the_same_file_goes_wherever_it_came_and_every_file_of_those_mails_with_it() -> None:
    outcome = carried("#purge 1", case=pile((7, "cv"), (8, "cv"), (8, "contract"), (9, "contract"), (10, "other")))
    assert [change.number for change in outcome.changes if isinstance(change, Purged)] == [1, 2, 3, 4]
    assert {act.mail for act in outcome.acts if isinstance(act, Destroy)} == {7, 8, 9}
    assert outcome.done[0].count == 4


def test_the_asker_hears_nothing_of_files_that_were_not_of_his_side() -> None:
    note = text(EntryKind.NOTE, "See enclosed.", audience=Audience.STAFF, role=Role.STAFF, mail=7)
    outcome = carried("#purge 1", case=replace(pile((7, "memo")), texts=(text(), note)))
    assert outcome.letters == ()


def test_stop_says_so_when_some_have_the_letter_already() -> None:
    half = replace(waits(), to=("ada@uni.example", "adviser@uni.example"), taken=("adviser@uni.example",))
    assert carried("#stop", case=case(half)).done[0].reason == "partly"


@pytest.mark.parametrize("taken", [(), ("ada@uni.example",)])
@pytest.mark.parametrize("state", [WaitState.WAITING, WaitState.SENDING, WaitState.HELD])
def test_stop_says_so_when_some_may_have_the_letter_already(state: WaitState, taken: tuple[str, ...]) -> None:
    to = ("ada@uni.example", "adviser@uni.example")
    doubtful = replace(waits(state=state), to=to, taken=taken, perhaps=("adviser@uni.example",))
    outcome = carried("#stop", case=case(doubtful, waits(6)))
    assert (outcome.acts, outcome.done[0].reason) == ((Recall(5), Recall(6)), "uncertain")


@pytest.mark.parametrize("day", [TODAY, TODAY - timedelta(days=1), date(2026, 1, 1)])
def test_a_letter_whose_date_has_passed_is_not_sent_now(day: date) -> None:
    stopped = refused("#now", case=case(replace(waits(), names=day), waits(6)))
    assert (why(stopped), stopped.override) == (Why.DATE_PASSED, "")
    assert "#stop" in stopped.why_en
    assert "#stop" in stopped.why_nl


def test_the_date_of_one_that_a_mail_server_has_in_hand_does_not_matter() -> None:
    sending = replace(waits(5, state=WaitState.SENDING), names=TODAY)
    assert carried("#now", case=case(sending, waits(6))).acts == (Hurry(6),)


def test_a_letter_whose_date_lies_ahead_is_sent_now() -> None:
    ahead = replace(waits(), names=TODAY + timedelta(days=1))
    assert carried("#now", case=case(ahead)).acts == (Hurry(5),)


def test_today_is_the_day_at_the_desk_and_not_elsewhere() -> None:
    late = datetime(2026, 6, 1, 22, 30, tzinfo=UTC)  # it is Tuesday 2 June at the desk
    tomorrow = case(replace(waits(), names=TODAY + timedelta(days=1)))
    assert why(refused("#now", case=tomorrow, now=late)) is Why.DATE_PASSED


def test_whatever_date_it_names_a_letter_can_be_stopped() -> None:
    assert carried("#stop", case=case(replace(waits(), names=date(2026, 1, 1)))).acts == (Recall(5),)


def test_a_letter_that_only_waits_for_others_is_in_nobodys_way() -> None:
    half = replace(waits(), to=("ada@uni.example", "adviser@uni.example"), taken=("ada@uni.example",))
    carried("#close withdrawn", case=case(half))
    carried("#answer\n\nOne more thing.", case=case(half))
