"""Who writes, in which role, and how far that is proven."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ksmail.address import Address


class Role(StrEnum):
    """What somebody is to the desk. Anybody not in our configuration is an asker or could become one."""

    ASKER = "asker"
    STAFF = "staff"
    PARTNER = "partner"
    OURSELVES = "ourselves"


class Proof(StrEnum):
    """What our own border says of the From address (RFC 8601). From alone is a claim."""

    VERIFIED = "verified"  # dmarc=pass, or an aligned dkim=pass, in the topmost trusted field
    FAILED = "failed"  # dmarc=fail there
    NONE = "none"  # nothing trusted says anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution:
    """What a mail domain tells: a hint for staff, never a gate (kind: university, hogeschool, umc, …)."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """`institution` is None for an unknown domain; government and freemail are kinds of their own."""

    address: Address
    role: Role
    proof: Proof
    institution: Institution | None
    because: str
