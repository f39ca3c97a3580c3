"""The file of partners: what stands in it, and whether that fits the desk."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from ksmail.address import parse_address
from ksmail.desk.partner import Partner
from ksmail.incoming.message import Language
from ksmail.settings.origin import Origin
from ksmail.settings.read import Settings, read_toml
from ksmail.settings.refusal import refusal
from ksmail.settings.sections import Section
from ksmail.settings.staff import is_one_of, own_addresses, staff_addresses
from ksmail.settings.words import Code, MailAddress, Needed, NeededDomain


class PartnerSection(Section):
    code: Code
    name_nl: Needed
    name_en: Needed
    aliases: list[Code] = Field(default=[])
    domains: list[NeededDomain] = Field(default=[])
    liaison: MailAddress = ""
    language: Literal["nl", "en", ""] = ""
    outcome: bool = False


class PartnersFile(Section):
    """The whole of partners.toml."""

    partner: list[PartnerSection] = Field(default=[])


def read_partners(file: Path, settings: Settings) -> tuple[Partner, ...]:
    """The partners in a file of [[partner]] tables, in its order. Raises ConfigError, one sentence."""
    origin = Origin(file, {})
    try:
        sections = PartnersFile.model_validate(read_toml(file)).partner
    except ValidationError as error:
        raise refusal(error, PartnersFile, origin) from None
    _words(sections, origin)
    _liaisons(sections, settings, origin)
    return tuple(_partner(section, settings.desk.staff_language) for section in sections)


def _words(sections: Iterable[PartnerSection], origin: Origin) -> None:
    seen: set[str] = set()
    for number, section in enumerate(sections, 1):
        for word in (section.code, *section.aliases):
            if word.upper() in seen:
                raise origin.fault(
                    f"partner[{number}].code", "the code or one of its aliases stands in this file twice"
                )
            seen.add(word.upper())


def _liaisons(sections: Iterable[PartnerSection], settings: Settings, origin: Origin) -> None:
    """No mail of ours to ourselves, and no partner who could give orders as staff."""
    own, staff = own_addresses(settings), staff_addresses(settings)
    for number, section in enumerate(sections, 1):
        if section.liaison and is_one_of(section.liaison, own):
            raise origin.fault(f"partner[{number}].liaison", "must not be an address of the desk itself")
        if section.liaison and parse_address(section.liaison) in staff:
            raise origin.fault(f"partner[{number}].liaison", "must not be an address of the team or of its people")


def _partner(section: PartnerSection, language: str) -> Partner:
    return Partner(
        code=section.code,
        name_nl=section.name_nl,
        name_en=section.name_en,
        aliases=tuple(section.aliases),
        domains=tuple(section.domains),
        liaison=parse_address(section.liaison, section.name_nl) if section.liaison else None,
        language=Language(section.language or language),
        outcome=section.outcome,
    )
