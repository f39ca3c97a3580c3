"""Who may order something by mail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.capability import Audience, Capability
from ksmail.desk.authority import may_be_heard, prove
from ksmail.desk.case import Proofs
from ksmail.desk.policy import Policy
from ksmail.incoming.evidence import Evidence
from ksmail.incoming.identity import Identity, Proof, Role
from tests.builders import STAFF, address, identity
from tests.desk.facts import FIRST, NO_BORDER, POLICY

ISSUED = Capability(str(FIRST), Audience.STAFF, "tag", "k0")
REPLY = Evidence(capability=ISSUED, because="our Message-ID in In-Reply-To or References")


def sam(proof: Proof = Proof.VERIFIED, role: Role = Role.STAFF) -> Identity:
    because = f"on the staff list; our border says {proof.value}"
    return identity(address=address(STAFF), role=role, proof=proof, because=because)


def proofs(
    who: Identity | None = None,
    evidence: Evidence = REPLY,
    policy: Policy = POLICY,
    *,
    his: bool = True,
    listed: bool = True,
) -> Proofs:
    return prove(who or sam(), evidence, his, policy, listed=listed)


def test_a_genuine_reply_of_somebody_on_the_list_holds_all_three() -> None:
    found = proofs()
    assert (found.listed.holds, found.issued.holds, found.genuine.holds) == (True, True, True)
    assert (found.fresh, found.confirmed) == (False, False)
    assert found.genuine.because == "our border says verified"


def test_the_teams_own_address_is_nobodys() -> None:
    found = proofs(listed=False).listed
    assert not found.holds
    assert "team" in found.because


def test_a_strangers_address_is_not_on_the_list() -> None:
    found = proofs(sam(role=Role.ASKER), listed=False).listed
    assert not found.holds
    assert "not on the staff list" in found.because


@pytest.mark.parametrize(
    ("evidence", "his", "word"),
    [
        (Evidence(), True, "no signed reference"),
        (Evidence(several=True), True, "different tickets"),
        (Evidence(expired=ISSUED), True, "expired"),
        (Evidence(capability=Capability(str(FIRST), Audience.ASKER, "tag", "k0")), True, "not staff"),
        (Evidence(capability=Capability(str(FIRST), Audience.PARTNER, "tag", "k0")), True, "not staff"),
        (REPLY, False, "somebody else"),
    ],
)
def test_a_reference_that_was_not_issued_to_him_does_not_count_and_says_why(
    evidence: Evidence, his: bool, word: str
) -> None:
    found = proofs(evidence=evidence, his=his).issued
    assert not found.holds
    assert word in found.because


@pytest.mark.parametrize("evidence", [REPLY, Evidence(several=True), Evidence(expired=ISSUED)])
def test_what_answers_something_of_ours_is_not_fresh(evidence: Evidence) -> None:
    assert not proofs(evidence=evidence).fresh


def test_what_answers_nothing_of_ours_is_fresh() -> None:
    assert proofs(evidence=Evidence()).fresh


@pytest.mark.parametrize("proof", Proof)
def test_without_a_border_nobody_is_genuine(proof: Proof) -> None:
    found = proofs(sam(proof), policy=NO_BORDER).genuine
    assert not found.holds
    assert "confirmed" in found.because


@pytest.mark.parametrize("proof", [Proof.NONE, Proof.FAILED])
def test_with_a_border_its_word_is_needed(proof: Proof) -> None:
    assert not proofs(sam(proof)).genuine.holds


@pytest.mark.parametrize(
    ("proof", "policy", "heard"),
    [
        (Proof.VERIFIED, POLICY, True),
        (Proof.NONE, POLICY, False),
        (Proof.FAILED, POLICY, False),
        (Proof.VERIFIED, NO_BORDER, True),
        (Proof.NONE, NO_BORDER, True),
        (Proof.FAILED, NO_BORDER, False),
    ],
)
def test_a_mail_is_taken_for_his_only_if_the_border_vouches_for_it_where_there_is_one(
    proof: Proof, policy: Policy, heard: bool
) -> None:
    who = sam(proof)
    assert may_be_heard(proofs(who, policy=policy), who, policy) is heard


@given(st.sampled_from(Proof), st.sampled_from([POLICY, NO_BORDER]), st.booleans())
def test_nobody_off_the_list_is_ever_heard(proof: Proof, policy: Policy, his: bool) -> None:
    who = sam(proof)
    assert not may_be_heard(proofs(who, policy=policy, his=his, listed=False), who, policy)
