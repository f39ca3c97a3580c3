"""The people of the desk: who they are, and that nobody can be taken for somebody else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ksmail.address import Address, is_mailbox, parse_address
from ksmail.desk.people import Person, find_named
from ksmail.incoming.message import Language
from ksmail.settings.origin import Origin
from ksmail.settings.read import Settings
from ksmail.settings.sections import StaffSection


def people(settings: Settings) -> tuple[Person, ...]:
    """Everybody on the staff list, in the order of the file."""
    return tuple(_person(section, settings.desk.staff_language) for section in settings.staff)


def staff_addresses(settings: Settings) -> tuple[Address, ...]:
    """Every address that mail of staff comes from: the team's first, then each person's, that of ops last; none
    twice."""
    each = (address for person in people(settings) for address in (person.address, *person.others))
    ops = (parse_address(settings.ops.address),) if settings.ops.address else ()
    return tuple(dict.fromkeys((parse_address(settings.team.address), *each, *ops)))


def own_addresses(settings: Settings) -> tuple[Address, ...]:
    """The desk's address and its aliases."""
    return tuple(parse_address(text) for text in (settings.desk.address, *settings.desk.aliases))


def is_one_of(text: str, own: Iterable[Address]) -> bool:
    """Whether mail to the address `text` reaches one of `own`."""
    return any(is_mailbox(parse_address(text), address) for address in own)


def check_staff(settings: Settings, origin: Origin) -> None:
    """No address belongs to two people, or to a person and to what is no person; no whole name means two people.

    The team's address may be a person's too: a desk of one. Raises ConfigError.
    """
    _addresses(settings, origin)
    _names(settings, origin)


def _person(section: StaffSection, language: str) -> Person:
    return Person(
        name=section.name,
        address=parse_address(section.address, section.name),
        coordinator=section.role == "coordinator",
        language=Language(section.language or language),
        names=tuple(alias for alias in section.aliases if "@" not in alias),
        others=tuple(parse_address(alias, section.name) for alias in section.aliases if "@" in alias),
    )


def _addresses(settings: Settings, origin: Origin) -> None:
    own = own_addresses(settings)
    forms = {parse_address(form.sender) for form in settings.form}
    owner: dict[Address, int] = {}
    for number, key, text in _written_addresses(settings.staff):
        address = parse_address(text)
        if is_one_of(text, own):
            raise origin.fault(key, "must not be an address of the desk itself")
        if address in forms:
            raise origin.fault(key, "must not be the sender of a web form")
        if owner.setdefault(address, number) != number:
            raise origin.fault(key, "must not be an address of somebody else on the staff list")


def _written_addresses(staff: Iterable[StaffSection]) -> Iterator[tuple[int, str, str]]:
    """The number of a person, the key, and an address that stands there."""
    for number, section in enumerate(staff, 1):
        yield number, f"staff[{number}].address", section.address
        yield from ((number, f"staff[{number}].aliases", alias) for alias in section.aliases if "@" in alias)


def _names(settings: Settings, origin: Origin) -> None:
    """Names are compared as an order does it: without case and accents. A whole name goes before all else there."""
    staff = people(settings)
    for number, person in enumerate(staff, 1):
        for key, name in (("name", person.name), *(("aliases", name) for name in person.names)):
            if len(find_named(staff[:number], name)) > 1:
                raise origin.fault(f"staff[{number}].{key}", "somebody else on the staff list is called so too")
