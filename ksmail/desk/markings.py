"""Whether a text bears the marking of a classified document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ksmail.desk.suggest import plain, words

# The Dutch ones (VIRBI 2013), those of NATO, and those of the European Union with their short forms (2013/488/EU).
MARKINGS = (
    "Departementaal Vertrouwelijk",
    "Dep. Vertrouwelijk",
    "Dep.V.",
    "Staatsgeheim",
    "Stg.",
    "Stg. Confidentieel",
    "Stg. Geheim",
    "Stg. Zeer Geheim",
    "Stg. ZG",
    "NATO RESTRICTED",
    "NATO CONFIDENTIAL",
    "NATO SECRET",
    "COSMIC TOP SECRET",
    "EU RESTRICTED",
    "EU CONFIDENTIAL",
    "EU SECRET",
    "EU TOP SECRET",
    "RESTREINT UE",
    "CONFIDENTIEL UE",
    "SECRET UE",
    "TRES SECRET UE",
    "R-UE/EU-R",
    "C-UE/EU-C",
    "S-UE/EU-S",
    "TS-UE/EU-TS",
)
_LONGEST_ABBREVIATION = 4  # letters
_LONGEST_LINE = 300  # characters
# Letters one by one, with a dot or a space between them: N.A.T.O., S T G.
_SPELLED = re.compile(r"(?<![^\W_])[^\W_](?:[ .][^\W_])+(?![^\W_])")
# A word that was broken at the end of a line, quoted or not.
_BROKEN = re.compile(r"(?<=[^\W_])-[ \t]*\r?\n[>|\s]*(?=[^\W_])")
_SUBJECT = re.compile(r"[\s>|*]*(?:subject|onderwerp|betreft|rubricering|classificatie|classification)\s*:")
_BEFORE = re.compile(r"\s*(?:(?:re|fwd?|antw|aw|doorst)\s*:|\[[^\[\]]{0,80}\])")


def find_marking(text: str, markings: Sequence[str]) -> str:
    """The marking, as it stands in `markings`, that stands in `text`; "" without one, the longest where there are more.

    `text` is a subject, a body, or both with the subject on the first line. Whole words count, quoted ones too; case,
    accents, spaces, dots, slashes, hyphens, line ends and characters that nobody sees do not. An abbreviation of one
    word, which may be short for something else, counts where nothing else can be meant: alone on its line, or in front
    of the subject.
    """
    if not markings:
        return ""
    seen = plain(text)
    page = "\n".join(f" {words(form)} " for form in (seen, _put_together(seen)))
    found = [each for each in markings if _bears(seen, page, each)]
    return max(found, key=len, default="")


def _put_together(seen: str) -> str:
    """A plain text without hyphenation, and with words in one piece that were spelled letter by letter."""
    return _SPELLED.sub(lambda spelled: words(spelled[0]).replace(" ", ""), _BROKEN.sub("", seen))


def _bears(seen: str, page: str, marking: str) -> bool:
    phrase = words(_put_together(plain(marking)))
    if not phrase:
        return False
    if _is_abbreviation(marking, phrase):
        return any(_is_headed(line, phrase, place) for place, line in enumerate(seen.splitlines()) if phrase in line)
    return any(f" {form} " in page for form in {phrase, phrase.replace(" ", "")})


def _is_abbreviation(marking: str, phrase: str) -> bool:
    return " " not in phrase and (len(phrase) <= _LONGEST_ABBREVIATION or marking.rstrip().endswith("."))


def _is_headed(line: str, phrase: str, place: int) -> bool:
    """Whether an abbreviation is all of this line, or the first word of a subject."""
    line = line[:_LONGEST_LINE]
    subject = _SUBJECT.match(line)
    if place == 0 or subject:
        return phrase in _first_words(line[subject.end() if subject else 0 :])
    return words(line) == phrase


def _first_words(subject: str) -> Iterator[str]:
    """The first word of a subject, also without the `Re:` and the [tags] in front of it, one by one."""
    while first := words(subject).partition(" ")[0]:
        yield first
        before = _BEFORE.match(subject)
        subject = subject[before.end() :] if before else ""
