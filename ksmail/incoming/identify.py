"""Who writes: from the address field and from what our own border says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import authres

from ksmail.address import Address, domain_matches, is_mailbox
from ksmail.incoming.identity import Identity, Proof, Role
from ksmail.incoming.institution import Institutions
from ksmail.incoming.message import Message

# Far more than a border writes; the parser copies the rest of the field for every token it reads.
_LONGEST_FIELD = 4096

NO_RESULTS = "no results of our own border"


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The people and addresses of this desk. `staff` holds the team's address and every address of its people, those
    they only write from too. `authserv_id` is the name our own border writes into its
    Authentication-Results (RFC 8601 2.5); empty means nothing is trusted. `own_hops` is how many Received fields our
    own servers may put above that field: 1 for a border that hands over to one mail store."""

    ourselves: tuple[Address, ...]
    staff: tuple[Address, ...] = ()
    partners: tuple[Address, ...] = ()
    authserv_id: str = ""
    own_hops: int = 1


def identify(message: Message, roster: Roster, institutions: Institutions, address: Address | None = None) -> Identity:
    """Say who `address` (the sender, unless another is given) is to the desk, and how far that is proven.

    Proof is about From: any other address has none. Raises ValueError for a mail without a sender, if no address
    is given.
    """
    judged = address or message.sender
    if judged is None:
        raise ValueError("a mail without an unambiguous sender identifies nobody")
    role, listed = _role(judged, roster)
    proof, proven = Proof.NONE, "not the From address, so nothing is proven"
    if judged == message.sender:
        proof, proven = _proof(message, judged.domain, roster)
    return Identity(
        address=judged,
        role=role,
        proof=proof,
        institution=institutions.find(judged.domain),
        because=f"{listed}; {proven}",
    )


def is_ours(address: Address, roster: Roster) -> bool:
    """Whether `address` is one of the desk's own, with or without a detail behind a plus."""
    return any(is_mailbox(address, own) for own in roster.ourselves)


def _role(address: Address, roster: Roster) -> tuple[Role, str]:
    if is_ours(address, roster):
        return Role.OURSELVES, "our own address"
    if address in roster.staff:
        return Role.STAFF, "on the staff list"
    if address in roster.partners:
        return Role.PARTNER, "on the list of partners"
    return Role.ASKER, "on no list"


def _proof(message: Message, domain: str, roster: Roster) -> tuple[Proof, str]:
    """What the one field that our border wrote says of `domain`."""
    results = _trusted_results(message, roster)
    if results is None:
        return Proof.NONE, NO_RESULTS
    dmarc = [result for result in results if result.method == "dmarc"]
    if any(result.result == "fail" for result in dmarc):
        return Proof.FAILED, "our border says dmarc=fail"
    # A border writes one dmarc result. A second one is somebody's attempt to smuggle it in.
    if len(dmarc) == 1 and dmarc[0].result == "pass" and domain in _values(dmarc[0], "from"):
        return Proof.VERIFIED, "our border says dmarc=pass"
    if len(dmarc) < 2 and any(_is_aligned(result, domain) for result in results):
        return Proof.VERIFIED, "our border says dkim=pass, aligned with From"
    return Proof.NONE, "our border vouches for nothing"


def _trusted_results(message: Message, roster: Roster) -> list[Any] | None:
    """The results in the topmost Authentication-Results of our border (RFC 8601 5 and 7.1), or None.

    Whatever stands below the hops of our own servers came with the mail, and anybody may have written it.
    """
    hops = 0
    for name, value in message.headers:
        hops += name == "received"
        if hops > roster.own_hops:
            return None
        if name == "authentication-results":
            parsed = _parse(value)
            # A field that cannot be read may be our border's, spoilt by what the sender made it quote.
            if parsed is None:
                return None
            if parsed.authserv_id == roster.authserv_id.lower():
                return list(parsed.results)
    return None


def _parse(value: str) -> Any:
    """The field as authres reads it, or None when that is not possible."""
    if len(value) > _LONGEST_FIELD:
        return None
    try:
        return authres.AuthenticationResultsHeader.parse_value(" ".join(value.split()))
    except (authres.AuthResError, RecursionError):
        return None


def _is_aligned(result: Any, domain: str) -> bool:
    """A passed DKIM signature by the From domain or one above it. Signatures by domains below it prove less than
    RFC 7489 3.1.1 assumes, because subdomains are often let to others."""
    if result.method != "dkim" or result.result != "pass":
        return False
    return any("." in signer and domain_matches(domain, signer) for signer in _values(result, "d"))


def _values(result: Any, name: str) -> list[str]:
    """The values of header.`name`, as domains."""
    found = (each for each in result.properties if each.type == "header" and each.name == name)
    return [str(each.value or "").lower().rstrip(".") for each in found]
