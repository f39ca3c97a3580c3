"""Out-of-office mails: never answered, and no state changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.capability import Audience
from ksmail.desk.arrival import Decision, Disposition
from ksmail.desk.decide import decide
from ksmail.desk.letter import LetterKind
from ksmail.desk.policy import Policy
from ksmail.desk.ticket import Assigned, EntryKind, Posted, Ticket
from ksmail.incoming.identity import Proof, Role
from ksmail.incoming.verdict import Sort, Verdict
from tests.builders import STAFF, address, identity, message
from tests.desk.facts import (
    EVA,
    NO_BORDER,
    POLICY,
    SAM,
    after,
    answered,
    arrival,
    closed,
    correspondent,
    kinds_of,
    ordered,
    ticket,
    waiting,
)

AWAY = Verdict(Sort.AUTOMATIC, "Auto-Submitted: auto-replied")
WORDS = "#answer\n\nI am away until Monday."
STRANGER = address("someone@elsewhere.example")


def of_asker(made: Ticket | None, **facts: object) -> Decision:
    defaults: dict[str, object] = {"verdict": AWAY, "ticket": made, "message": message(text=WORDS)}
    return decide(arrival(**(defaults | facts)), POLICY)


def of_staff(policy: Policy = POLICY, proof: Proof = Proof.VERIFIED, **facts: object) -> Decision:
    who = correspondent(identity=identity(address=address(STAFF), role=Role.STAFF, proof=proof))
    return decide(ordered(WORDS, **({"verdict": AWAY, "sender": who} | facts)), policy)


@pytest.mark.parametrize("made", [ticket(), answered(), closed()])
def test_an_asker_who_is_away_is_shown_and_nobody_mailed(made: Ticket) -> None:
    decision = of_asker(made)
    assert decision.disposition is Disposition.AUTOMATIC
    assert decision.letters == ()
    assert decision.ticket == made


def test_while_we_wait_for_him_staff_are_told_and_the_clock_stands_still() -> None:
    decision = of_asker(after(waiting(), Assigned(EVA.address)))
    (letter,) = decision.letters
    assert (letter.kind, letter.to) == (LetterKind.STAFF_FOLLOWUP, EVA.address)
    assert letter.facts["kind"] == EntryKind.AUTOMATIC.value
    assert decision.ticket == after(waiting(), Assigned(EVA.address))


def test_somebody_elses_absence_while_we_wait_is_told_to_nobody() -> None:
    stranger = correspondent(identity=identity(address=STRANGER))
    assert of_asker(waiting(), sender=stranger, message=message(sender=STRANGER, text=WORDS)).letters == ()


def test_an_absence_about_no_ticket_is_recorded_only() -> None:
    assert of_asker(None).letters == ()


def test_a_machine_whose_author_is_unclear_is_told_to_nobody() -> None:
    assert of_asker(waiting(), message=message(sender=None), sender=None).letters == ()


def test_the_notice_is_capped_like_every_other() -> None:
    assert of_asker(waiting(), followup_letters_hour=20).letters[0].held == "ticket_cap"


def test_a_staff_member_who_is_away_is_offered_to_say_so() -> None:
    decision = of_staff()
    (letter,) = decision.letters
    assert (letter.kind, letter.to, letter.about) == (LetterKind.STAFF_AWAY, SAM.address, "KV-2026-0001")
    assert [each.line for each in letter.prepared] == ["#afwezig "]
    assert "offered #away" in decision.because


def test_about_no_ticket_he_is_offered_it_too() -> None:
    assert of_staff(ticket=None).letters[0].about == "Q-17"


@pytest.mark.parametrize("facts", [{"away_letters": 1}, {"absent": (SAM.address,)}, {"sender": None}])
def test_the_offer_comes_once_a_week_and_not_to_who_said_so_already(facts: dict[str, Any]) -> None:
    assert of_staff(**facts).letters == ()


@pytest.mark.parametrize(
    ("policy", "proof", "offered"),
    [
        (POLICY, Proof.VERIFIED, True),
        (POLICY, Proof.NONE, False),
        (POLICY, Proof.FAILED, False),
        (NO_BORDER, Proof.NONE, True),
        (NO_BORDER, Proof.FAILED, False),
    ],
)
def test_only_a_mail_that_is_taken_for_his_leads_to_an_offer(policy: Policy, proof: Proof, offered: bool) -> None:
    assert bool(of_staff(policy, proof).letters) is offered


@given(
    st.sampled_from([Sort.AUTOMATIC, Sort.BULK, Sort.BOUNCE, Sort.OWN]),
    st.sampled_from([ticket(), waiting(), answered(), closed(), None]),
    st.booleans(),
    st.sampled_from(Proof),
)
def test_no_machine_ever_gets_an_answer_or_has_its_orders_obeyed(
    sort: Sort, made: Ticket | None, staff: bool, proof: Proof
) -> None:
    verdict = Verdict(sort, "a machine")
    decision = of_staff(proof=proof, ticket=made, verdict=verdict) if staff else of_asker(made, verdict=verdict)
    assert all(letter.kind.audience is Audience.STAFF for letter in decision.letters)
    assert (decision.acts, decision.drafts, decision.elsewhere) == ((), (), ())
    assert decision.ticket in (made, None)
    assert all(isinstance(change, Posted) and change.audience is Audience.STAFF for change in decision.changes)


def test_a_bulk_mail_of_a_staff_address_offers_nothing() -> None:
    assert of_staff(verdict=Verdict(Sort.BULK, "List-Id")).letters == ()


def test_in_english_the_offer_is_english() -> None:
    eva = correspondent(identity=identity(address=EVA.address, role=Role.STAFF, proof=Proof.VERIFIED))
    (letter,) = decide(ordered(WORDS, person=EVA, sender=eva, verdict=AWAY), replace(POLICY)).letters
    assert letter.prepared[0].line == "#away "
    assert kinds_of([letter]) == [LetterKind.STAFF_AWAY]
