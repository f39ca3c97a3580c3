"""A ministry, or whoever else the desk consults."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from ksmail.address import Address, domain_matches
from ksmail.incoming.message import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """`code` and `aliases` are what staff write in an order (BZ, OCW); `domains` are where its people write from.

    `liaison` is the one address that gets our mails, or None as long as the operator has not filled it in. `language`
    is that of our mails to it. `outcome`: it is told when the question was answered.
    """

    code: str
    name_nl: str
    name_en: str
    aliases: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    liaison: Address | None = None
    language: Language = Language.NL
    outcome: bool = False

    def name(self, language: Language) -> str:
        """What it is called; in Dutch unless `language` is English."""
        return self.name_en if language is Language.EN else self.name_nl

    def is_called(self, said: str) -> bool:
        """Whether somebody means it by this code or alias, whatever its case."""
        return said.casefold() in {word.casefold() for word in (self.code, *self.aliases)}

    @property
    def has_usual_liaison(self) -> bool:
        """Whether its liaison is at one of its own domains."""
        liaison = self.liaison
        return liaison is not None and any(domain_matches(liaison.domain, domain) for domain in self.domains)

    def writes_from(self, address: Address) -> bool:
        """Whether somebody at this address writes for the partner: its liaison, or anybody of its domains."""
        return address == self.liaison or any(domain_matches(address.domain, domain) for domain in self.domains)


def find_partner(partners: Iterable[Partner], said: str) -> Partner | None:
    """The partner that somebody means by a code or an alias, whatever its case."""
    return next((each for each in partners if each.is_called(said)), None)


def code_now(partners: Iterable[Partner], code: str) -> str:
    """The code under which a partner is known now; that of old when it was taken out of the list."""
    found = find_partner(partners, code)
    return found.code if found else code


def stand_in(code: str, liaison: Address) -> Partner:
    """A partner that was taken out of the list since it was asked."""
    return Partner(code=code, name_nl=code, name_en=code, liaison=liaison)


def alike(partners: Iterable[Partner], said: str) -> tuple[str, ...]:
    """At most three codes that look like what was said, best first; all of them where none does."""
    partners = tuple(partners)
    codes = {word.casefold(): each.code for each in partners for word in (each.code, *each.aliases)}
    close = get_close_matches(said.casefold()[:40], codes, n=6, cutoff=0.5)
    return tuple(dict.fromkeys(codes[each] for each in close))[:3] or tuple(each.code for each in partners)
