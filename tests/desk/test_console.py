"""What becomes of an answer to a numbered list: line by line, each as in a reply about its own ticket."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.desk.acts import Await, Detain, Drop, Hurry, Recall, Release, Settle
from ksmail.desk.arrival import Arrival, Decision, Disposition
from ksmail.desk.case import AnsweredList, Case, HeldMail, Place
from ksmail.desk.decide import decide
from ksmail.desk.idle import NOTHING
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.mistake import Fault, Mistake
from ksmail.desk.numbered import Lines, corrected, numbers_in, read_lines
from ksmail.desk.orders import Orders, read_orders
from ksmail.desk.policy import Policy
from ksmail.desk.receipt import ListLine
from ksmail.desk.refusal import Why
from ksmail.desk.ticket import (
    Absorbed,
    Assigned,
    Change,
    Closed,
    EntryKind,
    MergedInto,
    Posted,
    TakenUp,
    Ticket,
    evolve,
)
from ksmail.incoming.identity import Proof, Role
from ksmail.incoming.message import Language
from ksmail.incoming.reply import Reply
from ksmail.reference import Reference
from tests.builders import MONDAY, address, identity
from tests.desk.facts import (
    CONSULTING,
    EVA,
    NO_BORDER,
    POLICY,
    SAM,
    TEAM,
    TODAY,
    after,
    answered,
    case,
    closed,
    consulted,
    correspondent,
    kinds_of,
    numbered,
    ordered,
    person,
    proven,
    replied,
    staff_mail,
    text,
    ticket,
    waiting,
    waits,
    why,
)

BOB = address("bob@uni.example")
LAST = 9  # numbers on the list
HELD = HeldMail(number=17, reason="encrypted", received_at=MONDAY, unreadable=False)


def name(number: int) -> Reference:
    return Reference("KV", 2026, number)


def here(number: int, made: Ticket | None = None, told: Case | None = None, **facts: Any) -> Place:
    """A number of the list: the ticket with that number of Ada's, or another ticket, with what is known of it."""
    made = made or ticket(reference=name(number))
    alone = staff_mail("", case=told or case(), **facts)
    return Place(number=number, name=facts.pop("was", str(name(number))), ticket=made, staff=alone)


def waiting_mail(number: int, held: HeldMail | None = HELD) -> Place:
    return Place(number=number, name="Q-17", ticket=None, staff=staff_mail("", held=held))


def listed(own: str, *places: Place) -> AnsweredList:
    """Sam's answer to a list of nine questions of Ada's; `places` say what is special about some of them."""
    lines = read_lines(own, today=TODAY, last=LAST)
    found = {number: here(number) for number in range(1, LAST + 1)} | {each.number: each for each in places}
    named: dict[int, tuple[Any, ...]] = {number: () for number in numbers_in(own) if 0 < number <= LAST}
    if isinstance(lines, Lines):
        named = {}
        for line in lines.lines:
            named |= {number: (*named.get(number, ()), line.order) for number in line.numbers}
    read = tuple(_ordered(found[number], orders) for number, orders in sorted(named.items()))
    return AnsweredList(number=4, mailed_at=MONDAY, lines=lines, places=read)


def _ordered(place: Place, orders: tuple[Any, ...]) -> Place:
    return replace(place, staff=replace(place.staff, orders=Orders(orders, "")))


def mail(own: str, *places: Place, **facts: Any) -> Arrival:
    """Sam's mail, about no ticket of its own."""
    return ordered(own, ticket=None, listed=listed(own, *places), **facts)


def decided(own: str, *places: Place, policy: Policy = POLICY, **facts: Any) -> Decision:
    return decide(mail(own, *places, **facts), policy)


def changes_of(decision: Decision, number: int) -> list[Change]:
    """What became true of one ticket, without the line that it keeps."""
    found = [each for other in decision.elsewhere if other.ticket == name(number) for each in other.changes]
    return [each for each in found if not isinstance(each, Posted)]


def kept(decision: Decision, number: int) -> list[Posted]:
    found = [each for other in decision.elsewhere if other.ticket == name(number) for each in other.changes]
    return [each for each in found if isinstance(each, Posted)]


def transcript(decision: Decision) -> Letter:
    (found,) = (letter for letter in decision.letters if letter.kind is LetterKind.STAFF_TRANSCRIPT)
    return found


def lines_of(decision: Decision) -> tuple[ListLine, ...]:
    lines: tuple[ListLine, ...] = transcript(decision).facts["lines"]
    return lines


def refused(decision: Decision) -> dict[int, Why]:
    return {line.number: why(line.refused) for line in lines_of(decision) if line.refused}


# Each line on its own ticket


def test_each_line_changes_its_own_ticket() -> None:
    decision = decided("1 pak\n2 sluit spam")
    assert changes_of(decision, 1) == [Assigned(SAM.address), TakenUp()]
    assert [type(each) for each in changes_of(decision, 2)][1:] == [Closed]
    assert (decision.disposition, decision.ticket, decision.changes) == (Disposition.ORDER, None, ())


def test_each_ticket_keeps_its_own_line_and_no_other() -> None:
    decision = decided("1 pak\n2 sluit spam")
    assert [each.text for each in kept(decision, 1)] == ["L-4, 1: #pak"]
    assert [each.text for each in kept(decision, 2)] == ["L-4, 2: #sluit spam"]
    assert {each.kind for each in kept(decision, 1)} == {EntryKind.ORDER}
    assert [each.because for each in decision.elsewhere] == [
        "orders of staff: 1 #take on list L-4",
        "orders of staff: 2 #close on list L-4",
        "orders of staff on list L-4",
    ]


def test_one_line_may_name_several_numbers() -> None:
    decision = decided("5, 6 pak")
    assert changes_of(decision, 5) == changes_of(decision, 6) == [Assigned(SAM.address), TakenUp()]


def test_a_mail_gets_one_transcript() -> None:
    decision = decided("1 pak\n2 sluit spam\n3 pak")
    assert kinds_of(decision.letters) == [LetterKind.STAFF_TRANSCRIPT]
    assert transcript(decision).about == "L-4"
    assert [(line.number, line.order) for line in lines_of(decision)] == [
        (1, "#pak"),
        (2, "#sluit spam"),
        (3, "#pak"),
    ]


def test_a_line_that_its_ticket_refuses_stops_no_other() -> None:
    decision = decided("1 pak\n2 sluit spam\n3 pak", here(2, closed(ticket(reference=name(2)))))
    assert refused(decision) == {2: Why.NOT_OPEN}
    assert changes_of(decision, 1) and changes_of(decision, 3)
    assert changes_of(decision, 2) == []
    assert transcript(decision).facts["count"] == 2


def test_a_refused_line_is_kept_with_its_ticket_all_the_same() -> None:
    decision = decided("2 sluit spam", here(2, closed(ticket(reference=name(2)))))
    assert [each.text for each in kept(decision, 2)] == ["L-4, 2: #sluit spam"]
    assert decision.elsewhere[0].because.endswith(", refused")


def test_of_one_line_a_number_that_is_refused_stops_no_other_number() -> None:
    decision = decided("1, 2 sluit spam", here(2, closed(ticket(reference=name(2)))))
    assert refused(decision) == {2: Why.NOT_OPEN}
    assert any(isinstance(each, Closed) for each in changes_of(decision, 1))


def test_two_lines_about_one_number_count_in_their_order() -> None:
    decision = decided("1 pak\n1 sluit spam")
    assert [type(each).__name__ for each in changes_of(decision, 1)] == ["Assigned", "PromiseSettled", "Closed"]


def test_a_line_sees_what_the_lines_above_it_did() -> None:
    decision = decided("1 sluit spam\n1 uitstel 2026-06-12 Ziek")
    assert refused(decision) == {1: Why.NOT_OPEN}


def test_two_new_dates_for_one_question_are_one_too_many() -> None:
    decision = decided("1 uitstel 2026-06-12 Ziek\n1 uitstel 2026-06-15 Ziek")
    assert refused(decision) == {1: Why.ORDERED_ABOVE}
    assert kinds_of(decision.letters) == [LetterKind.DELAY_NOTICE, LetterKind.STAFF_TRANSCRIPT]


def test_the_same_order_may_come_again_when_it_was_refused_above() -> None:
    decision = decided("1 uitstel 2026-06-01 Ziek\n1 uitstel 2026-06-12 Ziek")
    assert [line.refused is None for line in lines_of(decision)] == [False, True]


def test_two_numbers_may_stand_for_one_ticket() -> None:
    """Number 2 was put into number 1 since the list was mailed."""
    decision = decided("1 pak\n2 sluit spam", replace(here(2), ticket=ticket(reference=name(1))))
    assert [type(each).__name__ for each in changes_of(decision, 1)] == ["Assigned", "PromiseSettled", "Closed"]
    assert [line.moved for line in lines_of(decision)] == ["", "KV-2026-0001"]


def test_a_note_stands_behind_its_order() -> None:
    decision = decided("1 notitie Bel hem eerst.")
    assert [(each.kind, each.text) for each in kept(decision, 1)] == [(EntryKind.NOTE, "Bel hem eerst.")]


def test_a_note_without_words_is_none() -> None:
    decision = decided("1 notitie")
    assert refused(decision) == {1: Why.NO_WORDS}
    assert {each.kind for each in kept(decision, 1)} == {EntryKind.ORDER}


def test_a_colleague_hears_that_a_question_is_his_now() -> None:
    decision = decided("1, 2 geef Eva")
    told = [letter for letter in decision.letters if letter.kind is LetterKind.STAFF_ASSIGNED]
    assert [(letter.to, letter.about) for letter in told] == [(EVA.address, str(name(n))) for n in (1, 2)]


def test_the_text_below_the_lines_comes_back() -> None:
    assert transcript(decided("1 pak\n\nThanks!")).facts["text"] == "Thanks!"


# Mails that wait


def test_a_mail_that_waits_can_be_let_through_or_refused() -> None:
    assert decided("3 vrijgeven", waiting_mail(3)).acts == (Release(17),)
    assert decided("3 weg reclame", waiting_mail(3)).acts == (Drop(17, "reclame"),)


def test_a_mail_that_does_not_wait_any_more_is_refused_alone() -> None:
    decision = decided("1 pak\n3 vrijgeven", waiting_mail(3, held=None))
    assert refused(decision) == {3: Why.NOT_HELD_MAIL}
    assert changes_of(decision, 1)


def test_a_mail_that_waits_is_no_question() -> None:
    decision = decided("3 pak", waiting_mail(3))
    assert refused(decision) == {3: Why.NO_TICKET}
    assert decision.elsewhere == ()


def test_one_mail_is_not_let_through_and_refused() -> None:
    decision = decided("3 vrijgeven\n3 weg", waiting_mail(3))
    assert refused(decision) == {3: Why.NOTHING_TO_UNDO}
    assert decision.acts == (Release(17),)


# What leaves


def test_what_leaves_waits_and_the_transcript_says_how_to_stop_it() -> None:
    decision = decided("1 sluit ingetrokken\n2 pak")
    letter = transcript(decision)
    (leaving,) = letter.facts["leaving"]
    first, second = lines_of(decision)
    assert (leaving.kind, first.letters, first.stop, first.now) == ("closed", (0,), "1 stop", "1 nu")
    assert (second.letters, second.stop) == ((), "")
    assert [each.line for each in letter.prepared] == ["1 #stop", "1 #nu"]
    assert letter.facts["waiting_until"] == mail("").now + POLICY.hold


def test_letters_are_those_of_the_lines_by_which_they_came() -> None:
    decision = decided("1 sluit ingetrokken\n2 pak\n3 sluit ingetrokken")
    assert [line.letters for line in lines_of(decision)] == [(0,), (), (1,)]
    assert [letter.about for letter in decision.letters[:2]] == [str(name(1)), str(name(3))]


def test_what_waits_is_called_back_or_hurried_by_its_number() -> None:
    asked = (here(1, told=case(waits(5))), here(2, told=case(waits(6))))
    assert decided("1 stop\n2 nu", *asked).acts == (Recall(5), Hurry(6))


def test_a_merge_tells_its_one_question_and_counts_for_the_other() -> None:
    into = ticket(reference=name(2))
    decision = decided("1 samenvoegen KV-2026-0002", here(1, other=into, other_case=case()))
    assert any(isinstance(each, MergedInto) for each in changes_of(decision, 1))
    assert changes_of(decision, 2) == [Absorbed(name(1))]


def test_several_may_be_put_into_one() -> None:
    into = ticket(reference=name(7))
    asked = (here(number, other=into, other_case=case()) for number in (1, 2))
    decision = decided("1, 2 samenvoegen KV-2026-0007", *asked)
    assert refused(decision) == {}
    assert changes_of(decision, 7) == [Absorbed(name(1)), Absorbed(name(2))]


def test_a_question_that_took_another_one_in_is_left_alone_below() -> None:
    into = ticket(reference=name(2))
    decision = decided("1 samenvoegen KV-2026-0002\n2 pak", here(1, other=into, other_case=case()), here(2, into))
    assert refused(decision) == {2: Why.JUST_JOINED}


def test_a_question_is_not_put_into_one_that_was_put_away_above() -> None:
    first, second = ticket(reference=name(1)), ticket(reference=name(2))
    third = ticket(reference=name(3))
    decision = decided(
        "1 samenvoegen KV-2026-0002\n3 samenvoegen KV-2026-0001",
        here(1, first, other=second, other_case=case()),
        here(3, third, other=first, other_case=case()),
    )
    assert refused(decision) == {3: Why.MERGED}


def test_files_of_a_question_that_was_put_into_another_one_have_other_numbers() -> None:
    moved = replace(here(2, told=case(files=(numbered(1),))), ticket=ticket(reference=name(1)))
    assert refused(decided("2 wis 1", moved)) == {2: Why.FILES_MOVED}


# Proofs


def test_a_list_that_went_to_somebody_else_orders_nothing() -> None:
    decision = decided("1 pak", proofs=proven(issued=False))
    assert decision.disposition is Disposition.HELD
    assert "list L-4" in decision.because and decision.elsewhere == ()
    assert {letter.to for letter in decision.letters} == {TEAM, EVA.address, SAM.address}
    assert decision.letters[0].facts["orders"] == ("1 #pak",)


def test_a_forged_mail_is_held_with_its_lines_and_both_are_told() -> None:
    who = identity(address=SAM.address, role=Role.STAFF, proof=Proof.FAILED)
    decision = decided("1 pak\n2 sluit spam", proofs=proven(genuine=False), sender=correspondent(identity=who))
    assert decision.disposition is Disposition.HELD
    assert {letter.to for letter in decision.letters} >= {EVA.address, SAM.address}
    assert decision.letters[0].facts["orders"] == ("1 #pak", "2 #sluit spam")


def test_lines_that_cannot_be_read_and_are_not_his_are_held_too() -> None:
    decision = decided("1 pka", proofs=proven(issued=False))
    assert (decision.disposition, decision.acts) == (Disposition.HELD, ())


def test_the_team_is_nobody_who_can_order() -> None:
    decision = decided("1 pak", person=person("team", "team@desk.example"), proofs=proven(listed=False))
    assert decision.elsewhere == () and decision.because == "orders from the team's address, refused"


# Confirmation


def test_without_a_border_one_yes_is_asked_for_the_whole_mail() -> None:
    decision = decided("1 pak\n2 sluit ingetrokken", policy=NO_BORDER, proofs=proven(genuine=False))
    assert kinds_of(decision.letters) == [LetterKind.CONFIRM]
    assert decision.letters[0].facts["orders"] == (
        "1 #pak (KV-2026-0001, A question)",
        "2 #sluit ingetrokken (KV-2026-0002, A question)",
    )
    assert [each.kind for each in decision.letters[0].facts["leaving"]] == ["closed"]
    assert kinds_of(decision.drafts) == [LetterKind.CLOSED]
    assert all(changes_of(decision, number) == [] for number in (1, 2))
    (waits_on,) = decision.acts
    assert isinstance(waits_on, Await) and waits_on.about == "L-4"


def test_without_a_border_what_stays_inside_needs_no_yes() -> None:
    assert decided("1 pak", policy=NO_BORDER, proofs=proven(genuine=False)).acts == ()


def test_what_a_line_calls_back_waits_on_until_the_yes_comes() -> None:
    letter = replace(waits(5), author=EVA.address)
    asked = here(1, told=case(letter))
    decision = decided("1 stop\n2 sluit ingetrokken", asked, policy=NO_BORDER, proofs=proven(genuine=False))
    assert decision.acts[1:] == (Detain(5),)
    assert [(each.kind, each.to) for each in decision.letters] == [
        (LetterKind.STAFF_STOPPED, EVA.address),
        (LetterKind.CONFIRM, SAM.address),
    ]


@pytest.mark.parametrize(("own", "asks"), [("1 sluit spam", True), ("1 pak", False), ("1 stop", False)])
def test_where_the_own_words_are_not_sure_what_leaves_needs_a_yes(own: str, asks: bool) -> None:
    decision = decided(own, here(1, told=case(waits(5)) if "stop" in own else case()), reply=Reply(own, sure=False))
    assert (LetterKind.CONFIRM in kinds_of(decision.letters)) is asks


def test_what_destroys_is_confirmed_with_a_border_too() -> None:
    decision = decided("1 pak\n2 wis 1", here(2, told=case(files=(numbered(1),))))
    assert decision.letters[0].facts["why"] == "destroys"
    assert decision.letters[0].facts["files"] == ("KV-2026-0002: 1. 1.pdf",)


def test_a_merge_that_shows_a_case_to_a_stranger_says_whose() -> None:
    into = ticket(reference=name(7), asker=BOB)
    decision = decided("1 samenvoegen KV-2026-0007", here(1, other=into, other_case=case()))
    assert decision.letters[0].facts["why"] == "discloses"
    assert decision.letters[0].facts["files"] == ("KV-2026-0001: KV-2026-0007: A question (bob@uni.example)",)


def test_the_request_says_which_lines_will_not_be_done() -> None:
    asked = here(2, closed(ticket(reference=name(2))))
    decision = decided("1 sluit pers\n2 pak\n2 sluit pers", asked, policy=NO_BORDER, proofs=proven(genuine=False))
    assert "wordt niet gedaan" in decision.letters[0].facts["orders"][2]


def test_a_line_that_will_not_be_done_is_named_in_the_language_of_its_reader() -> None:
    decision = decided(
        "1 close press\n2 close press",
        here(2, closed(ticket(reference=name(2)))),
        policy=NO_BORDER,
        proofs=proven(genuine=False),
        person=EVA,
    )
    assert "will not be done" in decision.letters[0].facts["orders"][1]


def confirmed(own: str, *places: Place, shown: str = "", answer: str = "yes") -> Decision:
    facts = {"confirms": 12, "answer": answer, "shown": shown, "proofs": proven(genuine=False)}
    return decided(own, *places, policy=NO_BORDER, **facts)


def awaited(own: str, *places: Place) -> str:
    (act,) = decided(own, *places, policy=NO_BORDER, proofs=proven(genuine=False)).acts
    assert isinstance(act, Await)
    return act.shown


def test_a_yes_carries_out_all_of_it_once() -> None:
    own = "1 pak\n2 sluit ingetrokken"
    decision = confirmed(own, shown=awaited(own))
    assert kinds_of(decision.letters) == [LetterKind.CLOSED, LetterKind.STAFF_TRANSCRIPT]
    assert changes_of(decision, 1) == [Assigned(SAM.address), TakenUp()]
    assert kept(decision, 1) == []  # it was kept when the yes was asked for
    assert decision.acts == (Settle(17, True),)


def test_a_yes_to_something_else_than_was_shown_does_nothing() -> None:
    own = "1 pak\n2 sluit ingetrokken"
    taken = here(1, after(ticket(reference=name(1)), Assigned(EVA.address)))
    decision = confirmed(own, taken, shown=awaited(own))
    assert decision.elsewhere == () and decision.acts == (Settle(17, False),)
    assert why(decision.letters[0].facts["refused"]) is Why.CHANGED


def test_a_no_withdraws_all_of_it() -> None:
    decision = confirmed("1 sluit ingetrokken", answer="no")
    assert decision.acts == (Settle(17, False),) and decision.letters[0].about == "L-4"


# What cannot be read


@pytest.mark.parametrize("own", ["1 pak\n2 sluti spam", "1 pak\n10 pak", "1 antwoord Ja.", "1 pak\nen 2 ook"])
def test_a_line_that_cannot_be_read_stops_the_whole_mail(own: str) -> None:
    decision = decided(own)
    assert kinds_of(decision.letters) == [LetterKind.STAFF_RECEIPT]
    assert decision.elsewhere == () and decision.acts == ()
    assert decision.letters[0].facts["text"] == own
    assert decision.letters[0].about == "L-4"


def test_a_number_that_is_not_on_the_list_is_said_to_be_so() -> None:
    wrong = decided("10 pak").letters[0].facts["mistake"]
    assert (wrong.because, wrong.line) == (Fault.NOT_ON_THE_LIST, "10 pak")


def test_the_corrected_mail_is_ready_with_its_lines_in_their_order() -> None:
    (again,) = decided("1 pak\n2 sluti spam\n3 pak").letters[0].prepared
    assert (again.line, again.text) == ("1 pak", "2 #sluit spam\n3 pak")


def test_what_waits_about_any_of_the_lines_waits_on() -> None:
    asked = (here(1, told=case(waits(5))), here(2, told=case(waits(6))), here(3, told=case(waits(7))))
    decision = decided("1 stop\n2 stpo", *asked)
    assert decision.acts == (Detain(5), Detain(6))
    assert [each.line for each in decision.letters[0].prepared[1:]] == ["1, 2 #stop", "1, 2 #nu"]


def test_whoever_ordered_what_waits_on_is_told() -> None:
    letter = replace(waits(5), author=EVA.address)
    decision = decided("1 stpo", here(1, told=case(letter)))
    assert [(each.kind, each.to) for each in decision.letters[1:]] == [(LetterKind.STAFF_STOPPED, EVA.address)]


# Without numbers


def test_a_text_is_told_how_numbers_work_and_comes_back() -> None:
    decision = decided("I will look at these on Thursday.")
    (told,) = decision.letters
    assert why(told.facts["refused"]) is Why.NO_NUMBER
    assert (told.about, told.facts["text"]) == ("L-4", "I will look at these on Thursday.")
    assert decision.disposition is Disposition.ORDER


def test_an_order_without_a_number_is_refused() -> None:
    decision = decided("#pak")
    assert decision.letters[0].facts["refused"].verb == "#pak"
    assert decision.elsewhere == ()


def test_lines_below_an_order_without_a_number_are_not_swallowed() -> None:
    assert why(decided("#status\n3 pak").letters[0].facts["refused"]) is Why.NO_NUMBER


@pytest.mark.parametrize(
    ("own", "kind"),
    [
        ("#status", LetterKind.STAFF_STATUS),
        ("#hulp", LetterKind.STAFF_HELP),
        ("#afwezig 2026-06-10 2026-06-12", LetterKind.STAFF_RECEIPT),
    ],
)
def test_what_may_come_in_any_mail_may_come_here(own: str, kind: LetterKind) -> None:
    assert kinds_of(decided(own).letters) == [kind]


def test_an_order_without_a_number_that_cannot_be_read_is_a_mistake_as_ever() -> None:
    assert decided("#stauts").letters[0].facts["mistake"].because is Fault.UNKNOWN


def test_a_text_of_somebody_to_whom_the_list_did_not_go_is_held() -> None:
    assert decided("Hello.", proofs=proven(issued=False)).disposition is Disposition.HELD


# Caps


def test_beyond_the_cap_the_transcript_waits_and_the_orders_count() -> None:
    decision = decided("1 pak", letters_hour=POLICY.caps.receipt_hour)
    assert transcript(decision).held == "receipt_cap" and changes_of(decision, 1)


def test_a_machine_that_answers_each_receipt_gets_five_an_hour() -> None:
    assert decided("Thank you for your mail.", letters_hour=4).letters[0].held == ""
    assert decided("Thank you for your mail.", letters_hour=5).letters[0].held == "receipt_cap"


@pytest.mark.parametrize("own", ["Thank you for your mail.", "3 december ben ik er weer"])
def test_after_ten_a_day_it_is_recorded_without_a_letter(own: str) -> None:
    assert len(decided(own, idle_day=9).letters) == 1
    decision = decided(own, idle_day=10)
    assert (decision.disposition, decision.letters) == (Disposition.ORDER, ())
    assert decision.because.startswith(NOTHING)


@pytest.mark.parametrize("own", ["1 pak", "1 uitstel", "1 pka\n2 pak"])
def test_a_mail_that_names_an_order_is_told_on_any_day(own: str) -> None:
    decision = decided(own, idle_hour=50, idle_day=50)
    assert [letter.held for letter in decision.letters] == [""]
    assert not decision.because.startswith(NOTHING)


def test_what_keeps_a_letter_back_is_told_on_any_day() -> None:
    decision = decided("1 stpo", here(1, told=case(waits())), idle_day=50)
    assert decision.acts and decision.letters


# The law: a line does what the same order does in a reply to the mail about its ticket

LINES = [
    "pak",
    "geef Eva",
    "geef niemand",
    "notitie Bel hem.",
    "uitstel 2026-06-12 Ziek",
    "uitstel 2026-06-12 :Wij overleggen",
    "uitstel 2026-06-13 Ziek",
    "afstemmen EZ",
    "afstemmen BZ OCW voor 2026-06-12",
    "afstemmen EZ +identiteit",
    "deel BZ",
    "bijpraten BZ",
    "intrekken BZ",
    "doorverwijzen Library",
    "sluit spam",
    "sluit beantwoord",
    "sluit ingetrokken",
    "sluit zomaar",
    "heropen",
    "samenvoegen KV-2026-0007",
    "wis 1",
    "wis 2",
    "stop",
    "nu",
    "vrijgeven",
    "weg",
    "afwezig 2026-06-10 2026-06-12",
    "status",
    "hulp",
]
INTO = ticket(reference=name(7))
STATES = [
    ticket(),
    closed(),
    answered(),
    waiting(),
    after(consulted(ticket(), "BZ", "OCW"), replied("BZ")),
    after(ticket(), MergedInto(reference=name(7), at=MONDAY)),
    ticket(BOB),
]
CASES = [
    case(),
    case(waits(5)),
    case(waits(5, LetterKind.CLOSED)),
    case(files=(numbered(1),)),
    case(
        texts=(
            text(),
            text(EntryKind.ANSWER, "You may.", role=Role.STAFF),
            text(EntryKind.POSITION, "Fine by us.", role=Role.PARTNER, partner="BZ"),
        )
    ),
]


def own_mail(line: str, made: Ticket, told: Case, policy: Policy, genuine: bool) -> Decision:
    """The same order in a reply to the mail about its ticket."""
    return decide(
        ordered(f"#{line}", ticket=made, case=told, other=INTO, other_case=case(), proofs=proven(genuine=genuine)),
        policy,
    )


def by_list(line: str, made: Ticket, told: Case, policy: Policy, genuine: bool) -> Decision:
    place = here(1, made, told, other=INTO, other_case=case(), proofs=proven(genuine=genuine))
    return decide(mail(f"1 {line}", place, proofs=proven(genuine=genuine)), policy)


def same_letters(decision: Decision) -> list[Letter]:
    """What goes to others, and what was asked to be seen."""
    answers = (LetterKind.STAFF_RECEIPT, LetterKind.STAFF_TRANSCRIPT, LetterKind.CONFIRM)
    return [letter for letter in (*decision.letters, *decision.drafts) if letter.kind not in answers]


@given(
    line=st.sampled_from(LINES),
    made=st.sampled_from(STATES),
    told=st.sampled_from(CASES),
    genuine=st.booleans(),
)
def test_a_line_does_what_the_same_order_does_in_a_mail_of_its_own(
    line: str, made: Ticket, told: Case, genuine: bool
) -> None:
    policy = CONSULTING if genuine else replace(CONSULTING, has_border=False)
    alone, numbered_ = (each(line, made, told, policy, genuine) for each in (own_mail, by_list))
    changes = [each for other in numbered_.elsewhere if other.ticket == made.reference for each in other.changes]
    assert reduce(evolve, changes, made) == alone.ticket
    assert [each for each in changes if not isinstance(each, Posted)] == [
        each for each in alone.changes if not isinstance(each, Posted)
    ]
    assert [type(each) for each in changes if isinstance(each, Posted)] == [
        type(each) for each in alone.changes if isinstance(each, Posted)
    ]
    assert same_letters(numbered_) == same_letters(alone)
    acts = [[act for act in each.acts if not isinstance(act, Await)] for each in (alone, numbered_)]
    assert acts[0] == acts[1]
    others = [other.changes for other in numbered_.elsewhere if other.ticket != made.reference]
    assert others == [other.changes for other in alone.elsewhere]


@given(lines=st.lists(st.tuples(st.integers(1, 4), st.sampled_from(LINES[:20])), min_size=1, max_size=6))
def test_no_order_counts_twice_and_none_is_lost(lines: list[tuple[int, str]]) -> None:
    own = "\n".join(f"{number} {line}" for number, line in lines)
    found = listed(own)
    if isinstance(found.lines, Mistake):
        assert found.lines.because is Fault.TWICE
        return
    decision = decided(own, policy=CONSULTING)
    if LetterKind.CONFIRM not in kinds_of(decision.letters):
        assert [line.number for line in lines_of(decision)] == [number for number, _ in lines]
        keys = [(letter.kind, letter.about, letter.to) for letter in decision.letters]
        assert len(keys) == len(set(keys))  # each letter has a Message-ID of its own


# Reading


@pytest.mark.parametrize(
    ("own", "numbers"),
    [
        ("3 pka", (3,)),
        ("3, 5 en 7 stpo\n8. nu", (3, 5, 7, 8)),
        ("> 3 pak\n\n4 pak\n4 sluit", (4,)),
        ("Hallo 3", ()),
        ("1234 pak", ()),
        ("", ()),
    ],
)
def test_the_numbers_at_the_beginning_of_lines(own: str, numbers: tuple[int, ...]) -> None:
    assert numbers_in(own) == numbers


@pytest.mark.parametrize(
    ("line", "first"),
    [("3 pka", "3 #pak"), ("3, 5 #pka mij", "3, 5 #pak mij"), ("3. pka", "3. #pak"), ("geen", "geen")],
)
def test_another_verb_on_a_line(line: str, first: str) -> None:
    assert corrected(f"{line}\n4 pak\n\nDag", line, "#pak") == (first, "4 pak\n\nDag")


def test_a_line_reads_back_as_it_is_written() -> None:
    for line in LINES:
        read = read_lines(f"3, 5 {line}", today=TODAY)
        assert isinstance(read, Lines)
        assert read_lines(read.lines[0].written(Language.EN), today=TODAY) == read


def test_orders_above_numbered_lines_are_read_as_ever() -> None:
    assert isinstance(read_orders("3 pak", today=TODAY), Orders)
