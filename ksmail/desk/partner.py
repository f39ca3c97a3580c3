"""A ministry, or whoever else the desk consults."""

from __future__ import annotations

from dataclasses import dataclass

from ksmail.address import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """`code` and `aliases` are what staff write in an order (BZ, OCW); `domains` are where its people write from.

    `liaison` is the one address that gets our mails, or None as long as the operator has not filled it in.
    """

    code: str
    name_nl: str
    name_en: str
    aliases: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    liaison: Address | None = None
