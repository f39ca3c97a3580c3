"""What becomes of a mail of somebody on the staff list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.capability import Audience
from ksmail.desk.acts import Await, Destroy, Detain, Hurry, Recall, Settle
from ksmail.desk.arrival import Arrival, Decision, Disposition
from ksmail.desk.case import HeldMail, Proofs, Proven, WaitState
from ksmail.desk.decide import decide
from ksmail.desk.execute import binding, carry_out
from ksmail.desk.idle import NOTE, NOTHING
from ksmail.desk.letter import LetterKind
from ksmail.desk.orders import Orders
from ksmail.desk.people import Person
from ksmail.desk.policy import Policy
from ksmail.desk.progress import Progress
from ksmail.desk.staffmail import decide_staff
from ksmail.desk.ticket import EntryKind, Flag, Flagged, Posted, Status, evolve
from ksmail.incoming.identity import Proof, Role
from ksmail.incoming.message import Language
from ksmail.incoming.reply import Reply
from ksmail.reference import Reference
from tests.builders import MONDAY, STAFF, address, identity
from tests.desk.facts import (
    EVA,
    FRESH,
    NO_BORDER,
    NOW,
    POLICY,
    SAM,
    SECOND,
    TEAM,
    arrival,
    case,
    correspondent,
    file,
    kinds_of,
    numbered,
    ordered,
    proven,
    scene,
    staff_mail,
    text,
    ticket,
    waits,
)

FILES = case(files=(numbered(1),))
NOTES = case(texts=(text(EntryKind.NOTE, "Away.", author=SAM.address, at=NOW),) * 5, files=(numbered(1),))
HELD = HeldMail(number=12, reason="encrypted", received_at=MONDAY, unreadable=False)
ANY_ORDERS = st.sampled_from(
    [
        "#answer\n\nYou may.",
        "#answer!\n\nYou may.",
        "#ask\n\nWhich country?",
        "#extend 2026-06-12 x",
        "#close withdrawn",
        "#close spam",
        "#take",
        "#assign Eva",
        "#purge 1",
        "#now",
        "#stop",
        "#split\n\nAnd?",
        "#merge KV-2026-0002",
        "#note\n\nAsk Pat.",
        "#status",
        "#help",
        "#away 2026-12-20 2027-01-04",
        "#anser\n\nYou may.",
        "You may.",
        "",
    ]
)


def judged(own: str = "", policy: Policy = POLICY, **facts: Any) -> Decision:
    decision = decide_staff(ordered(own, **facts), policy)
    assert decision is not None
    return decision


def posted(decision: Decision) -> list[Posted]:
    return [change for change in decision.changes if isinstance(change, Posted)]


def to_askers(decision: Decision) -> list[LetterKind]:
    return [letter.kind for letter in decision.letters if letter.kind.audience is not Audience.STAFF]


def by(proof: Proof) -> dict[str, Any]:
    return {"sender": correspondent(identity=identity(address=address(STAFF), role=Role.STAFF, proof=proof))}


def test_a_mail_of_nobody_on_the_list_is_judged_elsewhere() -> None:
    assert decide_staff(arrival(), POLICY) is None
    assert decide_staff(ordered("#answer\n\nYes.", sender=None), POLICY) is None


# Obeyed.


def test_orders_with_three_proofs_are_carried_out_with_a_receipt() -> None:
    decision = judged("#take\n#answer\n\nYou may.")
    assert decision.disposition is Disposition.ORDER
    assert kinds_of(decision.letters) == [LetterKind.ANSWER, LetterKind.STAFF_RECEIPT]
    assert decision.because == "orders of staff: #take, #answer"
    assert decision.ticket is not None
    assert decision.ticket.assignee == SAM.address


def test_the_whole_mail_is_kept_for_staff_only() -> None:
    kept = judged("#answer\n\nYou may.")
    (order,) = posted(kept)
    assert (order.kind, order.audience, order.role) == (EntryKind.ORDER, Audience.STAFF, Role.STAFF)
    assert order.text == "#answer\n\nYou may."


def test_a_mail_with_a_note_in_it_is_kept_as_a_note() -> None:
    assert posted(judged("#take\n#note\n\nAsk Pat."))[0].kind is EntryKind.NOTE


def test_the_receipt_goes_to_the_address_on_the_list_whichever_he_wrote_from() -> None:
    sam = replace(SAM, others=(address("sam@home.example"),))
    home = correspondent(identity=identity(address=address("sam@home.example"), role=Role.STAFF, proof=Proof.VERIFIED))
    decision = judged("#take", person=sam, sender=home)
    assert [letter.to for letter in decision.letters] == [SAM.address]


@pytest.mark.parametrize("own", ["#status", "#help", "#status\n#help"])
def test_what_was_asked_to_be_seen_is_its_own_receipt(own: str) -> None:
    decision = judged(own)
    assert LetterKind.STAFF_RECEIPT not in kinds_of(decision.letters)


def test_an_order_beside_a_look_gets_its_receipt() -> None:
    assert LetterKind.STAFF_RECEIPT in kinds_of(judged("#status\n#take").letters)


@pytest.mark.parametrize("own", ["#status", "#help", "#away 2026-12-20 2027-01-04"])
def test_a_fresh_mail_may_look_and_be_away(own: str) -> None:
    decision = judged(own, ticket=None, proofs=FRESH)
    assert decision.disposition is Disposition.ORDER
    assert {letter.to for letter in decision.letters} == {SAM.address}


@pytest.mark.parametrize("own", ["#answer\n\nYes.", "#take", "#note\n\nAsk Pat.", "#status\n#take", "#release"])
def test_a_fresh_mail_may_order_nothing_else(own: str) -> None:
    assert judged(own, proofs=FRESH).disposition is Disposition.HELD


# Held.


@pytest.mark.parametrize("proof", [Proof.NONE, Proof.FAILED])
@pytest.mark.parametrize("own", ["#answer\n\nYes.", "#anser\n\nYes.", "Yes.", "#status", ""])
def test_a_mail_that_the_border_does_not_vouch_for_is_held_whatever_it_says(own: str, proof: Proof) -> None:
    decision = judged(own, proofs=proven(genuine=False), **by(proof))
    assert decision.disposition is Disposition.HELD
    assert (decision.changes, decision.acts) == ((), ())


def test_the_team_the_coordinator_and_the_real_one_are_told_once_each() -> None:
    decision = judged("#answer\n\nYes.", proofs=proven(genuine=False), **by(Proof.NONE))
    assert [letter.to for letter in decision.letters] == [TEAM, EVA.address, SAM.address]
    assert set(kinds_of(decision.letters)) == {LetterKind.STAFF_QUARANTINE}


def test_what_they_read_names_the_orders_and_the_proofs_but_no_word_of_the_text() -> None:
    facts = judged("#answer\n\nSend us passwords.", proofs=proven(genuine=False), **by(Proof.NONE)).letters[0].facts
    assert facts["orders"] == ("#antwoord",)
    assert facts["claims"] == "Sam"
    assert [line.split(":")[0] for line in facts["proofs"]] == ["holds", "holds", "fails"]
    assert "passwords" not in str(facts)


def test_a_coordinator_whose_name_is_used_is_told_once() -> None:
    decision = judged("#answer\n\nYes.", person=EVA, proofs=proven(genuine=False), **by(Proof.NONE))
    assert [letter.to for letter in decision.letters] == [TEAM, EVA.address]


@pytest.mark.parametrize("policy", [POLICY, NO_BORDER])
@pytest.mark.parametrize("own", ["#answer\n\nYes.", "#take", "#anser\n\nYes."])
def test_a_reference_of_somebody_else_obeys_nothing(policy: Policy, own: str) -> None:
    decision = judged(own, policy, proofs=proven(issued=False, genuine=policy.has_border))
    assert decision.disposition is Disposition.HELD
    assert (decision.changes, decision.acts) == ((), ())


def test_what_a_colleague_released_is_kept_as_a_note_and_still_not_obeyed() -> None:
    decision = judged("#answer\n\nYes.", proofs=proven(genuine=False), released=True, **by(Proof.NONE))
    assert decision.disposition is Disposition.FOLLOW_UP
    assert posted(decision)[0].kind is EntryKind.NOTE
    assert Flagged(Flag.NOT_PROVEN) in decision.changes
    assert (decision.letters, decision.acts) == ((), ())
    assert decision.ticket is not None
    assert decision.ticket.status is Status.NEW


def test_released_without_a_ticket_there_is_nothing_to_keep_it_with() -> None:
    held = judged("#answer\n\nYes.", proofs=proven(genuine=False), released=True, ticket=None, **by(Proof.NONE))
    assert held.disposition is Disposition.HELD


PROOFLESS = st.builds(
    proven,
    listed=st.booleans(),
    issued=st.booleans(),
    genuine=st.booleans(),
    fresh=st.booleans(),
).filter(lambda each: not (each.listed.holds and each.issued.holds and each.genuine.holds))


@given(ANY_ORDERS, PROOFLESS, st.sampled_from(Proof), st.booleans(), st.booleans())
def test_without_all_three_proofs_nothing_goes_to_an_asker_and_nothing_is_done(
    own: str, proofs: Proofs, proof: Proof, border: bool, released: bool
) -> None:
    if not border:
        proofs = replace(proofs, genuine=Proven(False, "no border"))
    policy = POLICY if border else NO_BORDER
    other = ticket(reference=SECOND, asker=address("bob@uni.example"))
    here = ordered(own, proofs=proofs, case=FILES, other=other, released=released, **by(proof))
    decision = decide(here, policy)
    assert to_askers(decision) == []
    assert not [act for act in decision.acts if isinstance(act, Destroy | Hurry)]
    assert decision.elsewhere == ()


@given(ANY_ORDERS, st.sampled_from([Proof.NONE, Proof.FAILED]), st.booleans())
def test_in_the_name_of_staff_and_not_proven_nothing_is_done_at_all(own: str, proof: Proof, released: bool) -> None:
    decision = judged(own, proofs=proven(genuine=False), case=FILES, released=released, **by(proof))
    assert to_askers(decision) == []
    assert (decision.acts, decision.drafts, decision.elsewhere) == ((), (), ())


# Refused.


def test_a_refused_order_changes_nothing_and_its_writer_is_told_why() -> None:
    decision = judged("#take\n#assign nobody")
    assert [type(change) for change in decision.changes] == [Posted]
    assert (decision.acts, decision.elsewhere) == ((), ())
    assert decision.ticket == ticket()
    (receipt,) = decision.letters
    assert receipt.facts["refused"].verb == "#geef"
    assert receipt.facts["done"] == ()


@pytest.mark.parametrize("line", ["#assign nobody", "#extend 2026-06-06 x", "#reopen", "#purge 9", "#now", "#share BZ"])
def test_whatever_else_the_mail_ordered_is_not_done_either(line: str) -> None:
    decision = judged(f"#take\n{line}\n#answer\n\nYou may.")
    assert to_askers(decision) == []
    assert decision.ticket is not None
    assert decision.ticket.assignee is None


# Not understood.


def test_a_misspelt_order_does_nothing_and_says_what_was_meant() -> None:
    decision = judged("#anser\n\nYou may.")
    assert kinds_of(decision.letters) == [LetterKind.STAFF_RECEIPT]
    assert decision.letters[0].facts["mistake"].did_you_mean[0] == "#answer"
    assert decision.letters[0].facts["text"] == "#anser\n\nYou may."
    assert decision.ticket == ticket()


def test_a_mistake_detains_what_waits_because_it_may_have_meant_stop() -> None:
    inside = case(
        waits(5), waits(6, LetterKind.DELAY_NOTICE), waits(7, state=WaitState.HELD), waits(8, state=WaitState.UNCERTAIN)
    )
    decision = judged("#stpo", case=inside)
    assert decision.acts == (Detain(5), Detain(6))
    assert decision.letters[0].facts["stopped"] is True


def test_a_mistake_with_nothing_waiting_stops_nothing() -> None:
    decision = judged("#stpo", case=case())
    assert decision.acts == ()
    assert decision.letters[0].facts["stopped"] is False


def test_a_misspelt_fresh_mail_touches_no_ticket() -> None:
    decision = judged("#statsu", proofs=FRESH, case=case(waits()))
    assert decision.disposition is Disposition.ORDER
    assert (decision.ticket, decision.changes, decision.acts) == (None, (), ())
    assert kinds_of(decision.letters) == [LetterKind.STAFF_RECEIPT]


# Without an order.


def test_without_a_verb_the_mail_is_a_note_and_the_receipt_says_so() -> None:
    decision = judged("You may.")
    assert decision.disposition is Disposition.FOLLOW_UP
    assert posted(decision)[0].kind is EntryKind.NOTE
    assert kinds_of(decision.letters) == [LetterKind.STAFF_RECEIPT]
    assert decision.letters[0].facts["note"] is True


def test_a_note_is_prepared_to_be_sent_or_asked() -> None:
    replies = judged("You may.").letters[0].prepared
    assert [(each.name, each.line, each.text) for each in replies] == [
        ("send", "#antwoord", "You may."),
        ("ask", "#vraag", "You may."),
    ]


def test_a_note_does_not_count_as_work() -> None:
    after = judged("You may.").ticket
    assert after is not None
    assert after.status is Status.NEW


@pytest.mark.parametrize("proofs", [proven(issued=False), proven(genuine=False)])
def test_a_note_needs_one_proof_beside_the_list(proofs: Proofs) -> None:
    assert judged("You may.", NO_BORDER, proofs=proofs).disposition is Disposition.FOLLOW_UP


def test_a_note_without_either_is_held() -> None:
    unknown = proven(issued=False, genuine=False)
    assert judged("You may.", NO_BORDER, proofs=unknown).disposition is Disposition.HELD


@pytest.mark.parametrize("proofs", [proven(), proven(issued=False, genuine=False)])
def test_a_note_about_no_ticket_is_held(proofs: Proofs) -> None:
    assert judged("You may.", NO_BORDER, ticket=None, proofs=proofs).disposition is Disposition.HELD


# Confirmed.


def test_destroying_waits_for_a_word_and_nothing_is_destroyed_before() -> None:
    decision = judged("#purge 1", case=FILES)
    (waits_for_him,) = decision.acts
    assert isinstance(waits_for_him, Await)
    assert (waits_for_him.mail, waits_for_him.who, waits_for_him.text) == (17, SAM.address, "#purge 1")
    assert kinds_of(decision.letters) == [LetterKind.CONFIRM]
    assert kinds_of(decision.drafts) == [LetterKind.PERSONAL_DATA_NOTICE]
    assert [type(change) for change in decision.changes] == [Posted]
    assert "(destroys)" in decision.because


def test_without_a_border_an_answer_waits_for_a_word_and_is_shown() -> None:
    decision = judged("#answer\n\nYou may.", NO_BORDER, proofs=proven(genuine=False))
    assert kinds_of(decision.letters) == [LetterKind.CONFIRM]
    assert kinds_of(decision.drafts) == [LetterKind.ANSWER]
    assert [each.kind for each in decision.letters[0].facts["leaving"]] == ["answer"]


def test_without_a_border_what_stays_inside_is_done_at_once() -> None:
    decision = judged("#take", NO_BORDER, proofs=proven(genuine=False))
    assert decision.ticket is not None
    assert decision.ticket.assignee == SAM.address


def confirming(answer: str, own: str = "#purge 1", policy: Policy = POLICY, **facts: Any) -> Decision:
    """Sam's word about mail 9, in which the orders stand."""
    defaults: dict[str, Any] = {"number": 9, "case": FILES}
    facts = defaults | facts
    return judged(own, policy, **({"shown": shown(own, **facts), "confirms": 9, "answer": answer} | facts))


def shown(own: str, **facts: Any) -> str:
    """A hash of what the orders came to when the word was asked."""
    here = scene(own, **facts)
    if not isinstance(here.staff.orders, Orders):
        return ""
    outcome = carry_out(here, here.staff.orders.orders)
    return binding(outcome) if isinstance(outcome, Progress) else ""


def test_yes_carries_out_what_waited() -> None:
    decision = confirming("yes")
    assert [type(act) for act in decision.acts] == [Destroy, Settle]
    assert decision.acts[-1] == Settle(9, True)
    assert kinds_of(decision.letters) == [LetterKind.PERSONAL_DATA_NOTICE, LetterKind.STAFF_RECEIPT]


def test_a_confirmed_order_is_not_asked_about_again() -> None:
    own = "#answer\n\nYou may."
    decision = confirming("yes", own, NO_BORDER, proofs=proven(genuine=False))
    assert kinds_of(decision.letters) == [LetterKind.ANSWER, LetterKind.STAFF_RECEIPT]


def test_the_mail_that_confirms_is_not_kept_a_second_time() -> None:
    assert posted(confirming("yes")) == []


def test_no_withdraws_what_waited() -> None:
    decision = confirming("no")
    assert decision.acts == (Settle(9, False),)
    assert decision.letters[0].facts["withdrawn"] is True
    assert decision.changes == ()


@pytest.mark.parametrize("answer", ["", "late"])
def test_anything_else_does_neither_and_says_so(answer: str) -> None:
    decision = confirming(answer)
    assert decision.acts == ()
    assert [change.kind for change in decision.changes if isinstance(change, Posted)] == [EntryKind.NOTE]
    assert kinds_of(decision.letters) == [LetterKind.STAFF_RECEIPT]
    assert decision.letters[0].facts["refused"] is not None


def test_a_reply_that_was_not_understood_leads_to_a_letter_in_which_a_yes_still_counts() -> None:
    (told,) = confirming("").letters
    assert told.about.startswith("C-")
    assert [each.name for each in told.prepared] == ["confirm", "withdraw"]


def test_a_word_counts_once() -> None:
    refused = confirming("late").letters[0].facts["refused"]
    assert "bevestigd of ingetrokken" in refused.why_nl


def test_a_confirmed_order_that_became_impossible_is_over() -> None:
    decision = confirming("yes", case=case())
    assert decision.acts == (Settle(9, False),)
    assert kinds_of(decision.letters) == [LetterKind.STAFF_RECEIPT]


@pytest.mark.parametrize(
    "own",
    ["#answer\n\nYou may.", "#extend 2026-06-12 : later", "#redirect library", "#split\n\nAnd?", "#now", "#release"],
)
def test_yes_to_what_was_shown_is_yes_to_nothing_else(own: str) -> None:
    facts = {"case": case(waits(kind=LetterKind.DELAY_NOTICE)) if own == "#now" else FILES, "held": HELD}
    if own == "#release":
        facts["ticket"] = None
    assert confirming("yes", own, NO_BORDER, proofs=proven(genuine=False), **facts).acts[-1] == Settle(9, True)
    changed = confirming("yes", own, NO_BORDER, proofs=proven(genuine=False), shown="else", **facts)
    assert changed.acts == (Settle(9, False),)
    assert kinds_of(changed.letters) == [LetterKind.STAFF_RECEIPT]
    assert "veranderd" in changed.letters[0].facts["refused"].why_nl


def test_another_recipient_another_text_another_file_is_something_else() -> None:
    own = "#answer\n\nYou may."
    versions = [
        shown(own),
        shown("#answer\n\nYou may not."),
        shown(own, ticket=ticket(address("adviser@uni.example"))),
        shown(own, ticket=ticket(asker=address("bob@uni.example"))),
        shown(own, files=(file(),)),
        shown(own, ticket=ticket(reference=SECOND)),
    ]
    assert len(set(versions)) == len(versions)


def test_a_split_can_be_confirmed_though_somebody_asked_something_meanwhile() -> None:
    third = Reference("KV", 2026, 3)
    assert shown("#split\n\nAnd?", next_reference=third) == shown("#split\n\nAnd?")


def test_a_merge_into_another_question_is_something_else() -> None:
    third = Reference("KV", 2026, 3)
    into = shown("#merge KV-2026-0002", other=ticket(reference=SECOND))
    assert into != shown("#merge KV-2026-0003", other=ticket(reference=third))


def test_what_it_comes_to_is_the_same_a_day_later() -> None:
    own = "#answer\n\nYou may."
    assert shown(own) == shown(own, now=NOW + timedelta(days=1))


def test_yes_to_what_cannot_be_read_any_more_does_nothing() -> None:
    assert confirming("yes", "#anser\n\nx").acts == ()


@pytest.mark.parametrize("proof", [Proof.NONE, Proof.FAILED])
def test_a_yes_in_the_name_of_staff_is_held_like_anything_else(proof: Proof) -> None:
    assert confirming("yes", proofs=proven(genuine=False), **by(proof)).disposition is Disposition.HELD


# What is true of all of them.


@given(ANY_ORDERS, st.sampled_from([POLICY, NO_BORDER]), st.sampled_from(["", "yes", "no", "late"]))
def test_every_mail_that_is_heard_gets_one_word_back_and_only_at_the_address_on_the_list(
    own: str, policy: Policy, answer: str
) -> None:
    confirms = 9 if answer and own.startswith("#") else 0  # only orders are ever asked about
    inside = case(waits(), files=(numbered(1),))
    decision = judged(own, policy, case=inside, confirms=confirms, answer=answer, other=ticket(reference=SECOND))
    own_letters = [letter for letter in decision.letters if letter.to == SAM.address]
    assert len(own_letters) == 1
    assert all(letter.to in (SAM.address, address(), EVA.address, TEAM) for letter in decision.letters)


@given(ANY_ORDERS, st.sampled_from([POLICY, NO_BORDER]), PROOFLESS | st.just(proven()), st.booleans())
def test_the_ticket_afterwards_is_the_ticket_with_the_changes(
    own: str, policy: Policy, proofs: Proofs, released: bool
) -> None:
    here: Arrival = ordered(own, proofs=proofs, case=FILES, released=released, other=ticket(reference=SECOND))
    decision = decide(here, policy)
    if decision.changes:
        assert decision.ticket == reduce(evolve, decision.changes, here.ticket)


@given(ANY_ORDERS)
def test_beyond_the_cap_the_receipt_waits_for_the_operator(own: str) -> None:
    decision = judged(own, letters_hour=60, confirm_letters=65, case=NOTES)
    mine = [letter for letter in decision.letters if letter.kind in (LetterKind.STAFF_RECEIPT, LetterKind.CONFIRM)]
    assert all(letter.held == "receipt_cap" for letter in mine)


# A machine that has no mark of one.


@pytest.mark.parametrize(
    "facts", [{"own": "Away."}, {"own": "# Er weer op maandag"}, {"own": "#purge 1", "confirms": 9, "answer": ""}]
)
def test_after_ten_a_day_what_orders_nothing_is_recorded_without_a_letter(facts: dict[str, Any]) -> None:
    assert len(judged(**facts, case=FILES, idle_day=9, notes_day=9).letters) == 1
    decision = judged(**facts, case=FILES, idle_day=10, notes_day=10)
    assert decision.letters == ()
    assert decision.because.startswith((NOTE, NOTHING))


def test_notes_use_up_nothing_of_what_whoever_misspells_an_order_must_hear() -> None:
    assert len(judged("# frobnicate", notes_day=50).letters) == 1
    assert len(judged("Away.", idle_hour=50, idle_day=50).letters) == 1


@pytest.mark.parametrize("own", ["#take", "#answer", "#assign"])
def test_what_names_an_order_is_told_on_any_day(own: str) -> None:
    decision = judged(own, idle_hour=50, idle_day=50, notes_day=50)
    assert [letter.held for letter in decision.letters] == [""]
    assert not decision.because.startswith((NOTE, NOTHING))


def test_a_yes_is_told_on_any_day() -> None:
    assert LetterKind.STAFF_RECEIPT in kinds_of(confirming("yes", idle_hour=50, idle_day=50).letters)


# The team's address.


def of_the_team(own: str, **facts: object) -> Decision | None:
    team = Person(name="team", address=TEAM)
    return decide_staff(ordered(own, **({"person": team, "proofs": proven(listed=False)} | facts)), POLICY)


@pytest.mark.parametrize("own", ["#answer\n\nYes.", "#take", "#anser\n\nYes."])
def test_the_teams_own_address_orders_nothing_and_whoever_tried_is_told(own: str) -> None:
    decision = of_the_team(own)
    assert decision is not None
    assert [type(change) for change in decision.changes] == [Posted]
    assert (decision.acts, decision.ticket) == ((), ticket())
    assert [(letter.kind, letter.to) for letter in decision.letters] == [(LetterKind.STAFF_RECEIPT, TEAM)]


@pytest.mark.parametrize(
    "facts", [{"proofs": proven(listed=False, genuine=False)}, {"ticket": None}], ids=["not proven", "no ticket"]
)
def test_what_is_not_the_teams_or_about_no_ticket_is_judged_elsewhere(facts: dict[str, object]) -> None:
    assert of_the_team("#take", **facts) is None


def test_a_note_from_the_teams_address_is_judged_elsewhere() -> None:
    assert of_the_team("Away.") is None


# A text below orders that send none.


def test_a_text_below_orders_that_send_none_is_kept_as_a_note_and_the_receipt_says_so() -> None:
    decision = judged("#take\n\nAsk Pat first.")
    assert posted(decision)[0].kind is EntryKind.NOTE
    assert [done.verb for done in decision.letters[-1].facts["done"]] == ["take", "note"]


@pytest.mark.parametrize("own", ["#answer\n\nYes.", "#take", "#take\n#answer\n\nYes."])
def test_a_text_that_is_sent_is_no_note(own: str) -> None:
    assert posted(judged(own))[0].kind is EntryKind.ORDER


def test_a_colleague_whose_letter_a_mistake_stopped_hears_of_it() -> None:
    of_eva = replace(waits(5), author=EVA.address)
    decision = judged("#stpo", case=case(of_eva, waits(6, state=WaitState.SENDING)))
    assert decision.acts == (Detain(5), Detain(6))
    assert [(letter.kind, letter.to) for letter in decision.letters[1:]] == [(LetterKind.STAFF_STOPPED, EVA.address)]
    assert decision.letters[1].facts["detained"] is True


def test_files_of_an_order_stand_with_the_mail_that_they_came_with() -> None:
    here = ordered("#answer\n\nSee the form.", staff=staff_mail("#answer\n\nSee the form.", files=(file(),)))
    message = replace(here.message, attachments=(file(),))
    decision = decide_staff(replace(here, message=message), POLICY)
    assert decision is not None
    assert posted(decision)[0].attachments == (file(),)


def test_the_receipt_is_in_the_language_of_its_reader() -> None:
    assert judged("#take", person=EVA).letters[0].language is Language.EN
    assert judged("#take", reply=Reply("#take")).letters[0].language is Language.NL


def test_stop_is_obeyed_at_once() -> None:
    assert judged("#stop", case=case(waits(5))).acts == (Recall(5),)


def told(own: str) -> set[str]:
    decision = judged(own, proofs=proven(issued=False, genuine=False), **by(Proof.NONE))
    return {letter.to.spec for letter in decision.letters}


def test_the_real_one_hears_of_orders_in_his_name() -> None:
    assert told("#answer\n\nYes.") == {"team@desk.example", "sam@agency.example", "eva@agency.example"}


def test_he_hears_nothing_of_a_mail_without_an_order_which_a_machine_of_his_may_have_written() -> None:
    assert told("I am away.") == {"team@desk.example", "eva@agency.example"}
