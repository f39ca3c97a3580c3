"""What staff hear of their own mails."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from ksmail.desk.acts import Detain
from ksmail.desk.case import Case, HeldMail
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.mistake import Mistake
from ksmail.desk.orders import Orders
from ksmail.desk.progress import Progress
from ksmail.desk.receipt import Refused
from ksmail.desk.receipts import confirm_letter, receipt
from ksmail.desk.refusal import Refusal, Why
from ksmail.desk.ticket import EntryKind
from ksmail.incoming.message import Language
from ksmail.incoming.reply import Reply
from tests.builders import MONDAY, address, message
from tests.desk.facts import (
    EVA,
    NOW,
    POLICY,
    SAM,
    carried,
    case,
    file,
    numbered,
    proven,
    scene,
    text,
    ticket,
)

ADVISER = address("adviser@uni.example")
HELD = HeldMail(number=12, reason="encrypted", received_at=MONDAY, unreadable=False)


def told(own: str, **facts: Any) -> Letter:
    """The receipt for orders that are carried out."""
    policy = facts.pop("policy", POLICY)
    return receipt(scene(own, policy, **facts), carried(own, policy, **facts))


def names(letter: Letter) -> list[str]:
    return [each.name for each in letter.prepared]


def mistaken(own: str, *acts: Detain, **facts: Any) -> Letter:
    """The receipt for orders that cannot be read."""
    here = scene(own, **facts)
    assert isinstance(here.staff.orders, Mistake)
    return receipt(here, Progress(ticket=ticket(), acts=acts), mistake=here.staff.orders)


def test_it_says_what_was_done() -> None:
    assert [done.verb for done in told("#take\n#assign eva").facts["done"]] == ["take", "assign"]


def test_it_shows_what_leaves_to_whom_with_what_and_when() -> None:
    letter = told("#answer\n\nYes.", ticket=ticket(ADVISER), files=(file("form.pdf"),))
    (leaving,) = letter.facts["leaving"]
    assert (leaving.kind, leaving.to, leaving.cc) == ("answer", "ada@uni.example", ("adviser@uni.example",))
    assert leaving.files == ("form.pdf",)
    assert leaving.at == letter.facts["waiting_until"] == NOW + timedelta(minutes=3)


def test_a_letter_to_a_colleague_does_not_leave_the_desk() -> None:
    assert told("#assign eva").facts["leaving"] == ()


def test_each_that_leaves_is_told_by_its_place_among_the_letters() -> None:
    letter = told("#assign eva\n#extend 2026-06-12 x\n#answer\n\nYes.")
    assert [(each.kind, each.letter) for each in letter.facts["leaving"]] == [("delay_notice", 1), ("answer", 2)]


def test_what_leaves_at_once_waits_for_nothing() -> None:
    letter = told("#answer\n\nYes.", policy=replace(POLICY, hold=timedelta(0)))
    assert letter.facts["waiting_until"] is None
    assert letter.prepared == ()


def test_what_was_cut_is_shown_where_words_leave() -> None:
    cut = Reply("#answer\n\nYes.", quoted="> May we?", signature="Sam")
    assert told("#answer\n\nYes.", reply=cut).facts["cut"] == "Sam\n\n> May we?"
    assert told("#take", reply=Reply("#take", quoted="> May we?")).facts["cut"] == ""


def test_a_cut_that_may_be_wrong_is_said_where_words_leave() -> None:
    own = "#answer\n\nYes."
    assert told(own, reply=Reply(own, sure=False)).facts["unsure"] is True
    assert told("#take", reply=Reply("#take", sure=False)).facts["unsure"] is False


def test_lines_that_look_like_orders_are_pointed_out() -> None:
    assert told("#answer\n\nYes.\n#close spam").facts["strays"] == ("#close spam",)


def test_people_whom_he_copied_in_and_who_get_nothing_are_named_where_words_leave() -> None:
    assert told("#answer\n\nYes.", dropped=(ADVISER,)).facts["dropped"] == (ADVISER,)
    assert told("#take", dropped=(ADVISER,)).facts["dropped"] == ()


# Prepared replies.


def test_while_something_can_be_called_back_stop_and_now_are_prepared() -> None:
    letter = told("#answer\n\nYes.")
    assert [each.line for each in letter.prepared] == ["#stop", "#nu"]


def test_otherwise_the_usual_orders_are() -> None:
    assert names(told("#take")) == ["answer", "ask", "take", "note", "extend", "close"]


def test_an_order_without_a_ticket_prepares_nothing() -> None:
    assert told("#away 2026-12-20 2027-01-04", ticket=None).prepared == ()


def test_a_refused_text_that_may_go_all_the_same_is_prepared_with_its_mark() -> None:
    here = scene("#answer\n\nYes.")
    refused = Refusal(Why.LEAK, "x", override=True).of(None, Language.NL)
    letter = receipt(here, Progress(ticket=ticket()), refused=replace(refused, override="#antwoord!"))
    assert [(each.name, each.line, each.text) for each in letter.prepared] == [("override", "#antwoord!", "Yes.")]


def test_other_refusals_prepare_nothing() -> None:
    refused: Refused = Refusal(Why.TAKEN, "Eva").of(None, Language.NL)
    assert receipt(scene("#take"), Progress(ticket=ticket()), refused=refused).prepared == ()


def test_a_misspelt_mail_is_prepared_again_with_the_best_guess() -> None:
    (again,) = mistaken("#extnd 2026-06-12 late\n#take\n\nMore.").prepared
    assert (again.name, again.line) == ("again", "#extend 2026-06-12 late")
    assert again.text == "#take\n\nMore."


def test_without_a_guess_nothing_is_prepared() -> None:
    assert mistaken("#zzzzzz").prepared == ()


def test_a_misspelt_mail_that_stopped_letters_offers_stop_and_now_too() -> None:
    letter = mistaken("#stpo", Detain(5))
    assert names(letter) == ["again", "stop", "now"]
    assert letter.facts["stopped"] is True


def test_only_a_mistake_shows_the_list_of_orders() -> None:
    assert mistaken("#anser\n\nx").facts["help"]
    assert told("#take").facts["help"] == ()


def test_his_own_text_comes_back_to_him() -> None:
    assert mistaken("#anser\n\nYes.").facts["text"] == "#anser\n\nYes."


# Where it goes.


def test_it_stands_in_the_thread_of_his_own_mail() -> None:
    mine = message(sender=SAM.address, message_id="<m@agency.example>", references=("<r@desk.example>",))
    letter = told("#take", message=mine)
    assert (letter.in_reply_to, letter.references) == (
        "<m@agency.example>",
        ("<r@desk.example>", "<m@agency.example>"),
    )


def test_it_is_about_the_ticket_or_the_held_mail_or_the_mail_itself() -> None:
    assert told("#take").about == "KV-2026-0001"
    assert told("#drop", ticket=None, held=HELD).about == "Q-12"
    assert told("#away 2026-12-20 2027-01-04", ticket=None).about == "Q-17"


def test_two_mails_get_two_receipts() -> None:
    assert told("#take").cause != told("#take", mail_number=18).cause


def held(own: str, **facts: Any) -> str:
    return receipt(scene(own, **facts), Progress(ticket=ticket())).held


@pytest.mark.parametrize(("count", "reason"), [(59, ""), (60, "receipt_cap")])
def test_beyond_the_cap_a_receipt_waits_for_the_operator(count: int, reason: str) -> None:
    assert held("#take", letters_hour=count) == reason


def notes(count: int, at: datetime = NOW, who: object = SAM.address) -> Case:
    return case(texts=tuple(text(EntryKind.NOTE, "Away.", at=at, author=who) for _ in range(count)))


@pytest.mark.parametrize(("count", "reason"), [(4, ""), (5, "receipt_cap")])
def test_a_machine_that_answers_receipts_without_an_order_is_stopped_sooner(count: int, reason: str) -> None:
    assert held("Away.", case=notes(count)) == reason


def test_notes_of_longer_ago_or_of_a_colleague_stop_nobody() -> None:
    assert held("Away.", case=notes(9, NOW - timedelta(hours=1, seconds=1))) == ""
    assert held("Away.", case=notes(9, who=EVA.address)) == ""


def test_notes_stop_no_receipt_of_an_order() -> None:
    assert held("#take", case=notes(9)) == ""


@pytest.mark.parametrize(("count", "reason"), [(4, ""), (5, "receipt_cap")])
def test_somebody_of_whom_nothing_is_proven_gets_few_letters(count: int, reason: str) -> None:
    nothing = proven(issued=False, genuine=False, fresh=True)
    assert held("#status", proofs=nothing, letters_hour=count) == reason
    assert confirm("#status", "no_border", proofs=nothing, confirm_letters=count).held == reason


@pytest.mark.parametrize(("count", "reason"), [(64, ""), (65, "receipt_cap")])
def test_a_request_to_confirm_has_a_cap_of_its_own(count: int, reason: str) -> None:
    assert confirm("#purge 1", case=FILES, confirm_letters=count, letters_hour=200).held == reason


def test_a_misspelt_order_counts_as_an_order() -> None:
    assert mistaken("#anser\n\nx", letters_hour=5).held == ""


@pytest.mark.parametrize(("own", "reason"), [("# er weer op 3 december", "receipt_cap"), ("#antwoord", "")])
def test_of_what_names_no_order_there_are_five_receipts_an_hour(own: str, reason: str) -> None:
    assert mistaken(own, idle_hour=4).held == ""
    assert mistaken(own, idle_hour=5).held == reason


def test_receipts_for_nothing_stop_none_for_an_order() -> None:
    assert held("#take", idle_hour=50, idle_day=50) == ""


# A request to confirm.


def confirm(own: str, why: str = "destroys", **facts: Any) -> Letter:
    here = scene(own, **facts)
    assert isinstance(here.staff.orders, Orders)
    return confirm_letter(here, here.staff.orders.orders, carried(own, **facts), why)


FILES = case(files=(numbered(1), numbered(2)))


def test_it_asks_the_address_on_the_list_in_his_language() -> None:
    letter = confirm("#purge 1 2", case=FILES, person=EVA)
    assert (letter.kind, letter.to, letter.language) == (LetterKind.CONFIRM, EVA.address, Language.EN)


def test_its_reference_is_that_of_the_mail_with_the_orders_not_of_the_ticket() -> None:
    letter = confirm("#purge 1", case=FILES, number=31)
    assert letter.about == "C-31"
    assert letter.facts["reference"] == "KV-2026-0001"


def test_without_a_ticket_it_names_none() -> None:
    assert confirm("#away 2026-12-20 2027-01-04", "no_border", ticket=None).facts["reference"] == ""


def test_it_shows_the_orders_as_they_are_written_and_what_would_leave() -> None:
    letter = confirm("#purge 2 1\n#extend 2026-06-12 : later", case=FILES)
    assert letter.facts["orders"] == ("#wis 1 2", "#uitstel 2026-06-12 :later")
    assert [each.kind for each in letter.facts["leaving"]] == ["personal_data_notice", "delay_notice"]


def test_a_long_quotation_is_shown_as_far_as_it_tells_what_it_was() -> None:
    own = "#answer\n\nYes."
    cut = told(own, reply=Reply(own, quoted="\n".join(f"> {n}" for n in range(50)))).facts["cut"]
    assert cut.splitlines()[-1] == "…"
    assert len(cut.splitlines()) == 11


def test_it_names_the_files_that_would_be_destroyed() -> None:
    assert confirm("#purge 1 2", case=FILES).facts["files"] == ("1. 1.pdf", "2. 2.pdf")
    assert confirm("#answer\n\nYes.", "no_border").facts["files"] == ()


@pytest.mark.parametrize(("who", "lines"), [(SAM, ["ja", "nee"]), (EVA, ["yes", "no"])])
def test_yes_and_no_are_prepared(who: object, lines: list[str]) -> None:
    assert [each.line for each in confirm("#purge 1", case=FILES, person=who).prepared] == lines


def test_the_reason_is_on_it() -> None:
    assert confirm("#answer\n\nYes.", "unsure").facts["why"] == "unsure"
