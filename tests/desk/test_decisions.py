"""What is true of every decision, whatever mail it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from ksmail.capability import Audience, Capability
from ksmail.desk.arrival import Arrival, Decision, Disposition, Twin
from ksmail.desk.decide import decide
from ksmail.desk.policy import Policy
from ksmail.desk.ticket import Change, Opened, Posted, Promised, PromiseSettled, PromiseState, Status, evolve
from ksmail.incoming.evidence import Evidence
from ksmail.incoming.identity import Proof, Role
from ksmail.incoming.verdict import Silence, Sort, Verdict
from tests.builders import MONDAY, PARTNER, STAFF, address, identity, message
from tests.desk.facts import (
    EVA,
    FIRST,
    NO_BORDER,
    POLICY,
    SAM,
    SECOND,
    answered,
    arrival,
    case,
    closed,
    correspondent,
    file,
    numbered,
    proven,
    returned,
    staff_mail,
    ticket,
    waiting,
    waits,
)

TICKETS = st.sampled_from([None, ticket(), waiting(), answered(), closed()])
OWN = st.sampled_from(
    ["Thanks!", "And Eve?", "#answer\n\nYes.", "#take", "#close spam", "#purge 1", "#anser", "#now", "#split\n\nx"]
)
WRITERS = st.sampled_from(
    [
        (address(), Role.ASKER),
        (address("bob@uni.example"), Role.ASKER),
        (address("someone@elsewhere.example"), Role.ASKER),
        (address(STAFF), Role.STAFF),
        (address(PARTNER), Role.PARTNER),
        (address("desk@desk.example"), Role.OURSELVES),
    ]
)
CAPABILITIES = st.sampled_from([None, Audience.STAFF, Audience.ASKER]).map(
    lambda audience: Capability(str(FIRST), audience, "tag", "k0") if audience else None
)
INSIDE = case(waits(), files=(numbered(1),))


@st.composite
def arrivals(draw: st.DrawFn) -> Arrival:
    """Any mail that a desk may get, with facts that fit each other more or less."""
    who, role = draw(WRITERS)
    own, proof, made = draw(OWN), draw(st.sampled_from(Proof)), draw(TICKETS)
    staff = None
    if role is Role.STAFF:
        proofs = proven(issued=draw(st.booleans()), genuine=proof is Proof.VERIFIED, fresh=draw(st.booleans()))
        staff = staff_mail(own, proofs=proofs, case=INSIDE if made else None, other=ticket(reference=SECOND))
    twin = Twin(same=draw(st.booleans()), because="a copy", ticket=draw(TICKETS)) if draw(st.booleans()) else None
    nobody = draw(st.integers(0, 9)) == 0
    return arrival(
        message=message(
            sender=None if nobody else who,
            text=own,
            attachments=(file(),) if draw(st.booleans()) else (),
            encrypted=draw(st.sampled_from(["", "", "", "PGP/MIME"])),
        ),
        verdict=Verdict(draw(st.sampled_from(Sort)), "so it says", draw(st.sampled_from([None, Silence.SUPPRESSED]))),
        sender=None
        if nobody
        else correspondent(identity=identity(address=who, role=role, proof=proof), asker_role=role),
        evidence=Evidence(capability=draw(CAPABILITIES), several=draw(st.integers(0, 9)) == 0),
        ticket=made,
        twin=twin,
        own_words=own,
        staff=None if nobody else staff,
        case=INSIDE if made else None,
        returned=(returned(),) if draw(st.booleans()) else (),
        released=draw(st.booleans()),
        absent=draw(st.sampled_from([(), (SAM.address,), (EVA.address,)])),
        next_reference=SECOND,
        received_at=MONDAY,
        now=MONDAY + timedelta(days=draw(st.sampled_from([0, 1, 5, 40]))),
    )


POLICIES = st.sampled_from([POLICY, NO_BORDER])


def made_of(here: Arrival, decision: Decision) -> bool:
    """Whether its ticket is what its changes make of one that it may be about."""
    before = [here.ticket, here.twin.ticket if here.twin else None]
    if any(isinstance(change, Opened) for change in decision.changes):
        before = [None]
    return any(
        reduce(evolve, decision.changes, start) == decision.ticket
        for start in before
        if start is not None or isinstance(decision.changes[0], Opened)
    )


@given(arrivals(), POLICIES)
def test_the_ticket_afterwards_is_the_one_before_with_the_changes(here: Arrival, policy: Policy) -> None:
    decision = decide(here, policy)
    if decision.changes:
        assert made_of(here, decision)


@given(arrivals(), POLICIES)
def test_every_mail_gets_one_disposition_and_a_reason(here: Arrival, policy: Policy) -> None:
    decision = decide(here, policy)
    assert decision.disposition not in (Disposition.PENDING, Disposition.REFUSED)
    assert decision.because


@given(arrivals(), POLICIES)
def test_a_text_is_kept_once_at_most(here: Arrival, policy: Policy) -> None:
    decision = decide(here, policy)
    assert len([change for change in decision.changes if isinstance(change, Posted)]) <= 1


@given(arrivals(), POLICIES)
def test_only_a_person_of_whom_nothing_is_denied_gets_a_letter(here: Arrival, policy: Policy) -> None:
    decision = decide(here, policy)
    outside = [letter for letter in decision.letters if letter.kind.audience is not Audience.STAFF]
    if outside:
        assert here.sender is not None
        assert here.sender.identity.proof is not Proof.FAILED
        assert here.verdict.sort is Sort.PERSON or here.released


@given(arrivals(), POLICIES)
def test_only_staff_make_something_happen_beside_a_ticket(here: Arrival, policy: Policy) -> None:
    decision = decide(here, policy)
    if here.staff is None and here.verdict.sort is not Sort.BOUNCE:
        assert decision.acts == ()
        assert decision.drafts == ()


@given(arrivals(), POLICIES)
def test_a_new_promise_never_stands_beside_an_open_one(here: Arrival, policy: Policy) -> None:
    decision = decide(here, policy)
    changes: tuple[Change, ...] = decision.changes
    start = here.twin.ticket if here.twin and here.twin.ticket and not here.ticket else here.ticket
    runs = start is not None and start.status.is_open and start.status is not Status.WAITING_ASKER
    is_open = runs and not any(isinstance(change, Opened) for change in changes)
    for change in changes:
        if isinstance(change, PromiseSettled):
            is_open = False
        if isinstance(change, Promised) and change.state is PromiseState.OPEN:
            assert not is_open
            is_open = True


@given(arrivals(), POLICIES)
def test_deciding_twice_is_deciding_once(here: Arrival, policy: Policy) -> None:
    assert decide(here, policy) == decide(replace(here), policy)
