"""Who may order something by mail: three proofs, each with its reason."""

from __future__ import annotations

from ksmail.capability import Audience
from ksmail.desk.case import Proofs, Proven
from ksmail.desk.policy import Policy
from ksmail.incoming.evidence import Evidence
from ksmail.incoming.identity import Identity, Proof, Role


def prove(identity: Identity, evidence: Evidence, issued_to_him: bool, policy: Policy, *, listed: bool) -> Proofs:
    """What speaks for a mail of this sender. `issued_to_him`: the signed reference that it answers went to him, or to
    the team that he belongs to; `listed`: there is a person on the staff list with his address.
    """
    return Proofs(
        listed=_listed(identity, listed),
        issued=_issued(evidence, issued_to_him),
        genuine=_genuine(identity, policy),
        fresh=evidence.capability is None and evidence.expired is None and not evidence.several,
        confirmed=False,
    )


def _listed(identity: Identity, listed: bool) -> Proven:
    if listed:
        return Proven(True, "one From, and its address is on the staff list")
    if identity.role is Role.STAFF:
        return Proven(False, "the address is the team's, which is nobody's in particular")
    return Proven(False, "the address is not on the staff list")


def _issued(evidence: Evidence, issued_to_him: bool) -> Proven:
    capability = evidence.capability
    if capability is None and evidence.several:
        return Proven(False, "it answers signed references to different tickets")
    if capability is None and evidence.expired is not None:
        return Proven(False, "it answers a reference that has expired")
    if capability is None:
        return Proven(False, "it answers no signed reference of ours")
    if capability.audience is not Audience.STAFF:
        return Proven(False, "it answers a reference that was issued to somebody who is not staff")
    if not issued_to_him:
        return Proven(False, "it answers a reference that was issued to somebody else")
    return Proven(True, f"it answers a reference issued to him for {capability.subject}: {evidence.because}")


def _genuine(identity: Identity, policy: Policy) -> Proven:
    if not policy.has_border:
        return Proven(False, "no border is configured (trust.authserv_id), so orders are confirmed by mail")
    return Proven(identity.proof is Proof.VERIFIED, identity.because.rpartition("; ")[2])


def may_be_heard(proofs: Proofs, identity: Identity, policy: Policy) -> bool:
    """Whether a mail from a staff address is taken for his at all: our border must vouch for it, where there is one,
    and must never deny it."""
    if identity.proof is Proof.FAILED or not proofs.listed.holds:
        return False
    return proofs.genuine.holds or not policy.has_border
