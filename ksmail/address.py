"""Mail addresses, strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# RFC 5321 4.1.2 Dot-string and RFC 5890 letters-digits-hyphen labels. Quoted local parts and address literals
# are legal, never needed by people, and the ground on which parsers disagree: they are not addresses to us.
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATEXT}(?:\.{_ATEXT})*", re.ASCII)
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox. Two are equal when their local parts (case folded) and domains are; the name is only shown.

    `local` keeps the case it came in, for the wire; `domain` is lower case ASCII (A-labels).
    """

    local: str = field(compare=False)
    domain: str
    name: str = field(default="", compare=False)
    _key: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_key", self.local.casefold())

    @property
    def spec(self) -> str:
        """local@domain, as it goes on the wire (RFC 5322 addr-spec)."""
        return f"{self.local}@{self.domain}"

    @property
    def key(self) -> str:
        """The form under which two spellings of one address are the same."""
        return f"{self._key}@{self.domain}"

    @property
    def person(self) -> str:
        """The form under which the spellings that reach one mailbox are counted as one: no detail behind a plus
        (RFC 5233 1), no dots. Two people may share it: it is for caps, never for access."""
        return f"{self._key.partition('+')[0].replace('.', '')}@{self.domain}"

    def __str__(self) -> str:
        return self.spec


def parse_address(text: str, name: str = "") -> Address:
    """Read `local@domain` and nothing else: ASCII only, no quotes, comments, brackets or trailing dot.

    Raises ValueError. The limits are those of RFC 5321 4.5.3.1 (64 and 254 octets).
    """
    local, at, domain = text.rpartition("@")
    if not at or len(text) > 254 or len(local) > 64 or local.startswith("-"):
        raise ValueError("not a plain mail address")
    labels = domain.split(".")
    if not _LOCAL.fullmatch(local) or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("not a plain mail address")
    return Address(local, domain.lower(), name)


def domain_matches(domain: str, suffix: str) -> bool:
    """Whether `domain` is `suffix` or lies below it, on label boundaries: cs.ru.nl is below ru.nl, notru.nl is not."""
    domain, suffix = domain.lower().rstrip("."), suffix.lower().rstrip(".")
    return domain == suffix or domain.endswith("." + suffix)


def is_mailbox(address: Address, mailbox: Address) -> bool:
    """Whether mail to `address` reaches `mailbox`: the same, or with a detail (RFC 5233 1): desk+detail@ is desk@."""
    local, base = address.local.casefold(), mailbox.local.casefold()
    return address.domain == mailbox.domain and (local == base or local.startswith(base + "+"))
