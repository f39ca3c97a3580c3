"""A text without the one who wrote it: what a partner may read as long as staff do not choose otherwise."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ksmail.address import Address
from ksmail.incoming.message import Language

_PLACEHOLDERS = {
    Language.NL: {"name": "[naam]", "address": "[adres]", "number": "[nummer]", "institution": "[instelling]"},
    Language.EN: {"name": "[name]", "address": "[address]", "number": "[number]", "institution": "[institution]"},
}
_ADDRESS = re.compile(r"[\w.+'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
_NUMBER = re.compile(r"(?<![\w.,])(?:\+|00|0)[1-9](?:[ ().-]{0,2}\d){7,12}(?!\w)")
_CLOSING = re.compile(
    r"(?:met (?:\w+ )?groet(?:en|jes)?|(?:\w+ )?groet(?:en|jes)?|hoogachtend|mvg|m\.v\.g\.|alvast (?:hartelijk )?"
    r"(?:dank|bedankt)|(?:with )?(?:kind|best|warm|many)?(?:est)? ?regards|best wishes|all the best|best|cheers|"
    r"yours (?:sincerely|faithfully|truly)|sincerely(?: yours)?|thank you|thanks(?: in advance)?|many thanks)",
    re.IGNORECASE,
)
_MOST_BELOW_A_CLOSING = 15  # lines of a signature; a greeting higher up belongs to the text
_MOST_OF_A_NAME = 4
# What stands in names and is nobody's name.
_PARTS_OF_NAMES = frozenset({
    "van", "von", "der", "den", "de", "het", "ten", "ter", "te", "la", "le", "les", "du", "di", "da", "del", "el", "al",
    "bin", "ibn", "bint", "ben", "the", "and", "en", "of",
})  # fmt: skip
_TITLES = frozenset({
    "prof", "professor", "dr", "drs", "mr", "mrs", "ms", "ir", "ing", "mevrouw", "heer", "phd", "msc", "bsc", "ma",
    "ba", "llm",
})  # fmt: skip
_ROLES = frozenset({
    "info", "contact", "secretariaat", "secretariat", "office", "desk", "loket", "team", "mail", "post", "admin",
    "administratie", "support", "noreply", "kennisveiligheid", "security", "adviseur", "advisor",
})  # fmt: skip
_SHORTEST_OF_ANY_CASE = 5  # letters; a shorter name may be a word ("will", "bos") when it has no capital


@dataclass(frozen=True, slots=True)
class Discreet:
    """A text, and how many names, addresses and numbers were taken out of it."""

    text: str
    removed: int = 0


def without_signature(text: str) -> str:
    """`text` up to the greeting at its end, or up to a bare name there."""
    lines = text.rstrip().split("\n")
    start = max(len(lines) - _MOST_BELOW_A_CLOSING, 1)
    for at in range(start, len(lines)):
        if _CLOSING.fullmatch(lines[at].strip(" \t,.!-–—*_")):
            return "\n".join(lines[:at]).rstrip()
    while len(lines) > 1 and (not lines[-1].strip() or _is_a_name(lines[-1])):
        lines.pop()
    return "\n".join(lines).rstrip()


def signed_names(text: str) -> tuple[str, ...]:
    """The names below the greetings of a text, and a bare name at its end: its writer may have another name than his
    address tells."""
    lines = [line.strip(" \t>*_") for line in text.split("\n") if line.strip(" \t>*_")]
    below = [
        lines[at + 1]
        for at, line in enumerate(lines[:-1])
        if _CLOSING.fullmatch(line.strip(",.!-–— ")) and _is_a_name(lines[at + 1])
    ]
    return tuple(dict.fromkeys((*below, *(line for line in lines[-1:] if _is_a_name(line)))))


def discreet(
    text: str, people: Iterable[Address], institution: str, language: Language, names: Iterable[str] = ()
) -> Discreet:
    """`text` without any mail address or telephone number, without the names of `people` and of their institution, and
    without `names`.

    What is taken out leaves a word in `language` (Dutch unless English), so that nobody takes the text for whole.
    """
    words = _PLACEHOLDERS.get(language, _PLACEHOLDERS[Language.NL])
    text = unicodedata.normalize("NFC", text)
    patterns = [(_ADDRESS, words["address"]), (_NUMBER, words["number"])]
    if len(institution.split()) > 1 or len(institution) >= _SHORTEST_OF_ANY_CASE:
        patterns.append((re.compile(_phrase(institution), re.IGNORECASE), words["institution"]))
    patterns += [(pattern, words["name"]) for pattern in _name_patterns(tuple(people), tuple(names))]
    removed = 0
    for pattern, word in patterns:
        text, count = pattern.subn(word, text)
        removed += count
    twice = re.compile(rf"{re.escape(words['name'])}(?:[ ,.]{{1,2}}{re.escape(words['name'])})+")
    return Discreet(twice.sub(words["name"], text), removed)


def _is_a_name(line: str) -> bool:
    """A line of a few words with capitals and no end of a sentence: who signs without a greeting."""
    parts = line.strip().split()
    if not 0 < len(parts) <= _MOST_OF_A_NAME or line.rstrip()[-1] in "?!:;,.":
        return False
    return all(part[:1].isupper() or part.casefold() in _PARTS_OF_NAMES for part in parts) and not any(
        character.isdigit() for character in line
    )


def _name_patterns(people: Sequence[Address], names: Sequence[str]) -> list[re.Pattern[str]]:
    """Whole names first, then their parts: "Ada Lovelace" is one name."""
    called = [*(person.name for person in people), *names]
    whole = {" ".join(name.split()) for name in called if len(name.split()) > 1}
    locals_ = [person.local.partition("+")[0] for person in people]
    parts = {part for words in (*called, *locals_) for part in _parts(words)}
    found = [re.compile(_phrase(name), re.IGNORECASE) for name in sorted(whole, key=len, reverse=True)]
    return found + [_part_pattern(part) for part in sorted(parts, key=lambda part: (-len(part), part))]


def _parts(words: str) -> Iterable[str]:
    for part in re.split(r"[\s,.()\"'_-]+|\d+", words):
        folded = unicodedata.normalize("NFC", part).casefold()
        if len(folded) > 1 and folded not in _PARTS_OF_NAMES | _TITLES | _ROLES and "@" not in folded:
            yield folded


def _part_pattern(part: str) -> re.Pattern[str]:
    if len(part) >= _SHORTEST_OF_ANY_CASE:
        return re.compile(_phrase(part), re.IGNORECASE)
    spellings = "|".join(re.escape(each) for each in (part.capitalize(), part.upper()))
    return re.compile(rf"(?<!\w)(?:{spellings})(?!\w)")


def _phrase(words: str) -> str:
    gap = r"[\s>]+"
    normal = unicodedata.normalize("NFC", words)
    return rf"(?<!\w){gap.join(re.escape(word) for word in normal.split())}(?!\w)"
