"""The rules that suggest partners: that they fit the list of partners, and go by topic alone."""

from __future__ import annotations

from collections.abc import Sequence

from ksmail.desk.partner import Partner, alike, find_partner
from ksmail.desk.policy import Suggestion
from ksmail.settings.nations import names_a_nation
from ksmail.settings.origin import Origin
from ksmail.settings.read import Settings
from ksmail.settings.sections import SuggestSection


def suggestions(settings: Settings, partners: Sequence[Partner], origin: Origin) -> tuple[Suggestion, ...]:
    """The rules, in the order of the file, with the codes of their partners. Raises ConfigError.

    A word that names a country, a territory, a continent or a nationality is refused: no rule of the desk depends on
    one (docs/decisions/0007).
    """
    return tuple(
        _suggestion(f"suggest[{number}]", section, partners, origin)
        for number, section in enumerate(settings.suggest, 1)
    )


def _suggestion(key: str, section: SuggestSection, partners: Sequence[Partner], origin: Origin) -> Suggestion:
    _by_topic(f"{key}.words", section.words, origin)
    meant = [_partner(f"{key}.partners", said, partners, origin) for said in section.partners]
    without = next((partner.code for partner in meant if partner.liaison is None), "")
    if section.copies and without:
        raise origin.fault(f"{key}.copy", f"must be false as long as {without} has no liaison in the file of partners")
    codes = tuple(dict.fromkeys(partner.code for partner in meant))
    return Suggestion(words=tuple(section.words), partners=codes, copy=section.copies)


def _by_topic(key: str, topics: Sequence[str], origin: Origin) -> None:
    for number, topic in enumerate(topics, 1):
        if names_a_nation(topic):
            fits = ", nor fit one with its *" if "*" in topic else ""
            raise origin.fault(key, f"word {number} must not name a country or a nationality{fits}; rules go by topic")


def _partner(key: str, said: str, partners: Sequence[Partner], origin: Origin) -> Partner:
    found = find_partner(partners, said.strip())
    if found is None:
        known = " or ".join(alike(partners, said))
        hint = f"did you mean {known}?" if known else "no partner stands there"
        raise origin.fault(key, f"must hold codes from the file of partners; {hint}")
    return found
