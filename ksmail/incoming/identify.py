"""Who writes: from the address field and from what our own border says of it."""

from __future__ import annotations

from dataclasses import dataclass

from ksmail.address import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The people and addresses of this desk. `authserv_id` is the name our own border writes into its
    Authentication-Results (RFC 8601 2.5); empty means nothing is trusted."""

    ourselves: tuple[Address, ...]
    staff: tuple[Address, ...] = ()
    partners: tuple[Address, ...] = ()
    authserv_id: str = ""
