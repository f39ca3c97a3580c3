"""A text without the one who wrote it: what a partner may read as long as staff do not choose otherwise.

What is taken out is found by what the desk knows: the addresses and names of the asker's side, how they sign, where
they work. It is a help and no proof (decision 0021): staff see each copy before it leaves.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ksmail.address import Address
from ksmail.incoming.identity import Institution
from ksmail.incoming.message import Language

_PLACEHOLDERS = {
    Language.NL: {"name": "[naam]", "address": "[adres]", "number": "[nummer]", "institution": "[instelling]"},
    Language.EN: {"name": "[name]", "address": "[address]", "number": "[number]", "institution": "[institution]"},
}
_ADDRESS = re.compile(
    r"[^\s<>\"(),;:\[\]]{1,64}[ \u00a0]?(?:@|\[at\]|\(at\))[ \u00a0]?(?:[\w-]{1,63}\.){1,20}[^\W\d_]{2,24}",
    re.IGNORECASE,
)
_GAP = r"[ \u00a0()./\-\u2010-\u2015]{0,3}"
# A number of one's own country has nine or ten digits and begins with a nought; another with a plus or two of them.
_NUMBERS = (
    re.compile(rf"(?<!\w)(?:\+|00){_GAP}[1-9](?:{_GAP}\d){{7,13}}(?!\d)"),
    re.compile(rf"(?<!\w)\(?0{_GAP}[1-9](?:{_GAP}\d){{7,8}}(?!\d)"),
)
_DATE = re.compile(r"\(?\d{1,2}[-./]\d{1,2}[-./](?:19|20)?\d{2}(?!\d)")
_CLOSING = re.compile(
    r"(?:met\s+(?:\w+\s+)?groet(?:en|jes)?|(?:\w+\s+)?groet(?:en|jes)?|hoogachtend|mvg|m\.v\.g\.?|"
    r"(?:alvast\s+)?(?:hartelijk\s+)?(?:dank|bedankt)|(?:with\s+)?(?:kind|best|warm|many)?(?:est)?\s*regards|"
    r"best\s+wishes|all\s+the\s+best|cheers|yours\s+(?:sincerely|faithfully|truly)|sincerely(?:\s+yours)?|thank\s+you|"
    r"thanks(?:\s+a\s+lot|\s+in\s+advance)?|many\s+thanks)",
    re.IGNORECASE,
)
_BEHIND_CLOSING = re.compile(r"[\s,.!/–—-]*(?:(?:van|from|namens|mede namens)\s+)?(.*)", re.IGNORECASE)
_POSTSCRIPT = re.compile(r"\s*P\.?\s?S\.?\b", re.IGNORECASE)
_INTRODUCED = re.compile(
    r"\b(?:mijn naam is|ik heet|my name is)\s+((?:[^\W\d_]\.\s*|[^\W\d_][\w'’-]+\s*){1,6})", re.IGNORECASE
)
_MOST_BELOW_A_CLOSING = 15  # lines of a signature; a greeting higher up belongs to the text
_MOST_BEHIND = 2  # words behind a greeting that pass for a name without a capital
_LONGEST_BELOW = 90  # characters: a longer line is no line of a signature
_MOST_OF_A_NAME = 8  # words, titles and all
# What stands in names in small letters and is nobody's name.
_PARTICLES = frozenset(
    {"van", "von", "der", "den", "de", "het", "ten", "ter", "te", "la", "el", "the", "and", "en", "of"}
)
_TITLES = frozenset({
    "prof", "professor", "dr", "drs", "mr", "mrs", "ms", "ir", "ing", "mevrouw", "heer", "dhr", "mw", "phd", "msc",
    "bsc", "ma", "ba", "llm",
})  # fmt: skip
_SURELY_TITLES = _TITLES - {"ma", "ba", "ing"}  # these three are names too, when they have a capital and no point
# Who has one of these in his name is a group of people.
_GROUPS = frozenset({
    "info", "secretariaat", "secretariat", "office", "desk", "loket", "team", "helpdesk", "support", "research",
    "afdeling", "department", "bureau", "service", "services", "noreply", "contact", "admin", "administratie",
})  # fmt: skip
_ROLES = _GROUPS | {"mail", "post", "kennisveiligheid", "security", "adviseur", "advisor", "advies", "legal", "policy"}
# What many institutions have in their names.
_GENERIC = frozenset({
    "universiteit", "university", "hogeschool", "school", "college", "institute", "instituut", "institution",
    "technische", "technical", "applied", "sciences", "science", "center", "centre", "centrum", "medisch", "medical",
    "academisch", "academic", "academie", "academy", "national", "nationaal", "onderzoek", "research", "voor", "van",
    "vrije", "open", "hospital", "ziekenhuis", "koninklijke", "royal", "stichting", "foundation", "organisatie",
    "organisation", "toegepast", "wetenschappelijk", "with", "from",
})  # fmt: skip
_BETWEEN = r"[\s>]+"
_SHORTEST_OF_INSTITUTION = 4  # letters of a word in its name that gives it away


@dataclass(frozen=True, slots=True)
class Discreet:
    """A text, and how many names, addresses and numbers were taken out of it."""

    text: str
    removed: int = 0


def without_signature(text: str) -> str:
    """`text` up to the last greeting near its end, with a postscript below it; or up to a bare name there."""
    lines = text.rstrip().split("\n")
    at = _closing(lines)
    if at is not None:
        below = lines[at + 1 :]
        after = next((place for place, line in enumerate(below) if _POSTSCRIPT.match(line)), len(below))
        return "\n".join((*lines[:at], *below[after:])).strip("\n").rstrip()
    return "\n".join(lines[:-1]).rstrip() if _ends_in_a_name(lines) else text.rstrip()


def signed_names(text: str) -> tuple[str, ...]:
    """How a writer calls himself: below or behind a greeting, as the last line, or in so many words. His address may
    tell another name, or none."""
    lines = text.rstrip().split("\n")
    found = [match[1] for match in _INTRODUCED.finditer(text)]
    for place, line in enumerate(lines):
        behind = _behind_closing(line)
        if behind is None:
            continue
        below = next((each for each in lines[place + 1 :] if each.strip(" \t>*_")), "")
        found += [each for each in (behind, below.split(",")[0]) if _is_a_name(each)]
    if _ends_in_a_name(lines):
        found.append(lines[-1].split(",")[0])
    names = (" ".join(_words_of_a_name(each)) for each in found)
    return tuple(dict.fromkeys(name for name in names if name))


def discreet(
    text: str, people: Iterable[Address], institution: Institution | None, language: Language, names: Iterable[str] = ()
) -> Discreet:
    """`text` without any mail address or telephone number, without the names of `people`, their domains and their
    institution, and without `names`.

    What is taken out leaves a word in `language` (Dutch unless English), so that nobody takes the text for whole.
    """
    words = _PLACEHOLDERS.get(language, _PLACEHOLDERS[Language.NL])
    text, people = unicodedata.normalize("NFC", text), tuple(people)
    patterns = [(_ADDRESS, words["address"])]
    patterns += [(pattern, words["address"]) for pattern in _hosts(people)]
    patterns += [(pattern, words["number"]) for pattern in _NUMBERS]
    patterns += [(pattern, words["institution"]) for pattern in _of_institution(institution)]
    patterns += [(pattern, words["name"]) for pattern in _of_people(people, tuple(names), text)]
    removed = 0
    for pattern, word in patterns:
        text, count = _replaced(pattern, word, text)
        removed += count
    twice = re.compile(rf"{re.escape(words['name'])}(?:[ ,.]{{1,2}}{re.escape(words['name'])})+")
    return Discreet(twice.sub(words["name"], text), removed)


def _replaced(pattern: re.Pattern[str], word: str, text: str) -> tuple[str, int]:
    count = 0

    def put(match: re.Match[str]) -> str:
        nonlocal count
        if _DATE.match(match[0]):
            return match[0]
        count += 1
        return word

    return pattern.sub(put, text), count


# --- where a mail ends


def _closing(lines: Sequence[str]) -> int | None:
    """The last greeting below which there is nothing but a signature."""
    for at in range(len(lines) - 1, max(len(lines) - _MOST_BELOW_A_CLOSING, 1) - 1, -1):
        if _behind_closing(lines[at]) is not None:
            return at
        if "?" in lines[at] or len(lines[at]) > _LONGEST_BELOW:
            return None
    return None


def _behind_closing(line: str) -> str | None:
    """The name behind a greeting on its own line, "" where there is none; None for a line that is no greeting."""
    bare = line.strip(" \t>*_")
    match = _CLOSING.match(bare)
    if match is None or (match.end() < len(bare) and bare[match.end()].isalnum()):
        return None
    rest = _BEHIND_CLOSING.fullmatch(bare[match.end() :])
    behind = rest[1].strip(" ,.!–—-") if rest else ""
    if not behind or _CLOSING.fullmatch(behind):
        return ""
    return behind if _is_a_name(behind.split(",")[0]) or len(behind.split()) <= _MOST_BEHIND else None


def _ends_in_a_name(lines: Sequence[str]) -> bool:
    """Whether the last line is a bare name: alone below an empty line, and the text above it ends a sentence. Else it
    may be the last of a list."""
    if len(lines) < 3 or lines[-2].strip() or not _is_a_name(lines[-1].split(",")[0]):
        return False
    if _behind_closing(lines[-1]) is not None:
        return False
    above = next((line.rstrip() for line in reversed(lines[:-2]) if line.strip()), "")
    return above[-1:] in tuple(".?!)")


def _is_a_name(line: str) -> bool:
    """A few words with capitals, and no end of a sentence."""
    bare = line.strip(" \t>*_")
    parts = bare.split()
    if not 0 < len(parts) <= _MOST_OF_A_NAME or bare[-1] in "?!:;" or any(letter.isdigit() for letter in bare):
        return False
    return len(_words_of_a_name(bare)) == sum(not _is_a_title(part.strip(",()\"'")) for part in parts)


def _words_of_a_name(name: str) -> list[str]:
    """A name without its titles, up to the first word that can be none."""
    found: list[str] = []
    for part in name.strip(" \t>*_").split():
        bare = part.strip(",()\"'")
        if _is_a_title(bare):
            continue
        if not (bare[:1].isupper() or bare in _PARTICLES):
            break
        found.append(bare.rstrip(".") if len(bare) > 2 else bare)
    return found if any(part[:1].isupper() for part in found) else []


def _is_a_title(word: str) -> bool:
    folded = word.casefold().rstrip(".")
    return folded in _SURELY_TITLES or (folded in _TITLES and (word.endswith(".") or not word[:1].isupper()))


# --- what gives somebody away


def _hosts(people: Sequence[Address]) -> Iterator[re.Pattern[str]]:
    """Their domains, with all that stands before and behind them in a link."""
    for domain in dict.fromkeys(person.domain for person in people):
        yield re.compile(
            rf"(?<![\w.-])(?:https?://)?(?:[\w-]{{1,63}}\.){{0,5}}{re.escape(domain)}(?:/\S*)?(?![\w-])", re.I
        )


def _of_institution(institution: Institution | None) -> Iterator[re.Pattern[str]]:
    """Its name, and the words of its name that others do not have."""
    if institution is None or institution.kind in ("freemail", "government"):
        return
    yield re.compile(_phrase(institution.name), re.IGNORECASE)
    for word in re.findall(r"[^\W\d_]+", institution.name):
        if len(word) >= _SHORTEST_OF_INSTITUTION and word.casefold() not in _GENERIC:
            yield re.compile(rf"(?:TU\s+)?{_phrase(word)}")


def _of_people(people: Sequence[Address], names: Sequence[str], text: str) -> list[re.Pattern[str]]:
    """Whole names first, then their parts: "Ada Lovelace" is one name. What only an address tells, and what stands in
    the text in small letters, is a word and no name."""
    called = [name for name in (*(person.name for person in people), *names) if name.split()]
    whole = {" ".join(name.split()) for name in called if len(name.split()) > 1}
    of_persons = [name for name in called if not _GROUPS & set(name.casefold().split())]
    parts = {part for name in of_persons for part in _parts(name)}
    lower = set(re.findall(r"[^\W\d_]+", text))
    for person in people:
        told = (part for part in _parts(person.local.partition("+")[0]) if part.casefold() not in _ROLES)
        parts |= {part for part in told if part.casefold() not in lower or not _has_capitals(text)}
    found = [re.compile(_phrase(name), re.IGNORECASE) for name in sorted(whole, key=len, reverse=True)]
    small = not _has_capitals(text)
    return found + [_part(part, small=small) for part in sorted(parts, key=lambda part: (-len(part), part))]


def _has_capitals(text: str) -> bool:
    return any(letter.isupper() for letter in text)


def _parts(words: str) -> Iterator[str]:
    for part in re.split(r"[\s,()\"_-]+|\d+", unicodedata.normalize("NFC", words).replace(".", " ")):
        folded = part.casefold()
        skipped = folded in _PARTICLES or folded in _SURELY_TITLES or (folded in _TITLES and not part[:1].isupper())
        if len(part) > 1 and not skipped and "@" not in part:
            yield part


def _part(part: str, *, small: bool) -> re.Pattern[str]:
    """A name as it is written with a capital; in small letters only where its writer uses no capitals at all."""
    spellings = {part, part.capitalize(), part.upper(), part[:1].upper() + part[1:]} if len(part) > 1 else {part}
    spellings = {each for each in spellings if each[:1].isupper()} | ({part.lower()} if small else set())
    return re.compile("|".join(_phrase(each) for each in sorted(spellings)))


def _phrase(words: str) -> str:
    inside = _BETWEEN.join(re.escape(word) for word in unicodedata.normalize("NFC", words).split())
    return rf"(?<![^\W_]){inside}(?![^\W_])"
