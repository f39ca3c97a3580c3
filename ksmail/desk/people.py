"""The people of the desk, and how colleagues call them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from ksmail.address import Address
from ksmail.incoming.message import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody on the staff list. `address` is where our mails for him go; he may write from `others` too.

    `names` are further names by which colleagues know him. `language` is that of the letters to him.
    """

    name: str
    address: Address
    coordinator: bool = False
    language: Language = Language.NL
    names: tuple[str, ...] = ()
    others: tuple[Address, ...] = ()

    def writes_from(self, address: Address) -> bool:
        return address == self.address or address in self.others


def find_person(staff: Iterable[Person], address: Address) -> Person | None:
    """Who writes from this address."""
    return next((person for person in staff if person.writes_from(address)), None)


def find_named(staff: Iterable[Person], said: str) -> tuple[Person, ...]:
    """Whom a colleague means by a name: a whole name, else a first or last name, else the part before the @.

    Several when that is ambiguous, none when nobody is called so. Case and accents do not count.
    """
    people, wanted = tuple(staff), _folded(said)
    if not wanted:
        return ()
    for names in (_whole, _parts, _locals):
        found = tuple(person for person in people if wanted in map(_folded, names(person)))
        if found:
            return found
    return ()


def alike(staff: Iterable[Person], said: str) -> tuple[str, ...]:
    """At most three names that look like what was said, best first."""
    names = {_folded(each): person.name for person in staff for each in (*_whole(person), *_parts(person))}
    close = get_close_matches(_folded(said)[:80], names, n=6)
    return tuple(dict.fromkeys(names[each] for each in close))[:3]


def _whole(person: Person) -> tuple[str, ...]:
    return (person.name, *person.names)


def _parts(person: Person) -> tuple[str, ...]:
    return tuple(part for name in _whole(person) for part in name.split() if len(part.strip(".")) > 1)


def _locals(person: Person) -> tuple[str, ...]:
    addresses = (person.address, *person.others)
    return tuple(each for address in addresses for each in (address.local, address.spec))


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name[:80])
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).casefold().split())
