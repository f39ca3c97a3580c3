"""A text without the one who wrote it: what a partner may read as long as staff do not choose otherwise.

What is taken out is found by what the desk knows: the addresses and names of the asker's side, how they sign, where
they work. It is a help and no proof (decision 0021): staff see each copy before it leaves.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ksmail.address import Address
from ksmail.desk.signing import PARTICLES, folded, has_capitals, words_of_a_name
from ksmail.incoming.identity import Institution
from ksmail.incoming.message import Language

# What is taken out leaves one of these, which no text has, until all is: so no word of ours is taken out in its turn.
_NAME, _MAIL, _NUMBER, _PLACE = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"
_WORDS = {
    Language.NL: {_NAME: "[naam]", _MAIL: "[adres]", _NUMBER: "[nummer]", _PLACE: "[instelling]"},
    Language.EN: {_NAME: "[name]", _MAIL: "[address]", _NUMBER: "[number]", _PLACE: "[institution]"},
}
_ADDRESS = re.compile(
    r"[^\s<>\"(),;:\[\]]{1,64}[ \u00a0]?(?:@|\[at\]|\(at\))[ \u00a0]?(?:[\w-]{1,63}\.){1,40}[^\W\d_]{2,24}",
    re.IGNORECASE,
)
_GAP = r"[ \t\u00a0\u202f()./\-\u2010-\u2015]{0,3}"
# A number of one's own country has nine or ten digits and begins with a nought; another with a plus or two of them.
_NUMBERS = (
    re.compile(rf"(?<!\d)(?:\+|(?<!\w)00){_GAP}[1-9](?:{_GAP}\d){{7,13}}(?!\d)"),
    re.compile(rf"(?<!\d[.,])(?<!\w)\(?0{_GAP}[1-9](?:{_GAP}\d){{7,8}}(?!\d)\)?"),
)
_DATE = re.compile(r"\(?(?:0?[1-9]|[12]\d|3[01])[-./](?:0?[1-9]|1[0-2])[-./](?:19|20)\d{2}(?!\d)")
_DECIMAL = re.compile(r"\d[.,]\d+")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
# Who has one of these in his name is a group of people; as a part of an address they are nobody's name either.
_GROUPS = frozenset({
    "info", "secretariaat", "secretariat", "office", "desk", "loket", "team", "helpdesk", "support", "research",
    "afdeling", "department", "bureau", "service", "services", "noreply", "contact", "admin", "administratie",
})  # fmt: skip
_ROLES = _GROUPS | {"mail", "post", "kennisveiligheid", "security", "adviseur", "advisor", "advies", "legal", "policy"}
# What stands in names as well as in every text, also with a capital at the beginning of a sentence.
_IN_EVERY_TEXT = frozenset({
    "van", "der", "den", "de", "het", "ten", "ter", "te", "in", "op", "al", "do", "en", "and", "of", "the",
})  # fmt: skip
_BETWEEN = "|".join(sorted(map(re.escape, PARTICLES), key=len, reverse=True))
_TOGETHER = re.compile(
    rf"{_NAME}(?:(?:,?[ \t\u00a0]+|[ \t]*\n[ \t>]*)(?:(?:{_BETWEEN})[ \t]+){{0,3}}{_NAME})+", re.IGNORECASE
)
_MOST_NAMES, _MOST_WHOLE_NAMES = 200, 50
_SHORTEST_OF_INSTITUTION = 4  # letters of a word in its name that gives it away; shorter ones only in capitals
# What others have in their names too, and in their domains.
_OF_ALL = frozenset({
    "universiteit", "university", "hogeschool", "school", "college", "institute", "instituut", "academie", "academy",
    "centre", "center", "centrum", "design", "open",
})  # fmt: skip
_OF_MANY = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})  # what stands above is everybody's: ac.uk


@dataclass(frozen=True, slots=True)
class Discreet:
    """A text, and how many words such as `[name]` stand in it for what was taken out."""

    text: str
    removed: int = 0


def discreet(
    text: str, people: Iterable[Address], institution: Institution | None, language: Language, names: Iterable[str] = ()
) -> Discreet:
    """`text` without any mail address or telephone number, without the names of `people`, their domains and their
    institution, and without `names`.

    What is taken out leaves a word in `language` (Dutch unless English), so that nobody takes the text for whole.
    """
    people, small = tuple(people), not has_capitals(text)
    domains = tuple(dict.fromkeys(domain for person in people for domain in _domains(person.domain)))
    text = unicodedata.normalize("NFC", text).translate(dict.fromkeys(map(ord, _WORDS[Language.NL])))
    text = _without((_ADDRESS, *map(_host, domains)), _MAIL, text)
    text = _without_numbers(text)
    text = _without(_of_institution(institution, domains, small=small), _PLACE, text)
    text = _without_names(text, people, tuple(names)[:_MOST_NAMES], small=small)
    return _in_words(text, _WORDS.get(language, _WORDS[Language.NL]))


def _in_words(text: str, words: Mapping[str, str]) -> Discreet:
    removed = sum(map(text.count, words))
    for mark, word in words.items():
        text = text.replace(mark, word)
    return Discreet(text, removed)


def _without(patterns: Iterable[re.Pattern[str]], mark: str, text: str) -> str:
    for pattern in patterns:
        text = pattern.sub(mark, text)
    return text


def _phrase(words: str) -> str:
    """A pattern for words, also where a line ends between them, and nowhere inside other words."""
    inside = r"[\s>]+".join(re.escape(word) for word in unicodedata.normalize("NFC", words).split())
    return rf"(?<![^\W_]){inside}(?![^\W_])"


def _without_numbers(text: str) -> str:
    """A date looks like a telephone number, and is none."""
    for pattern in _NUMBERS:
        pieces, at = [], 0
        for date in _DATE.finditer(text):
            pieces += [pattern.sub(_number, text[at : date.start()]), date[0]]
            at = date.end()
        text = "".join((*pieces, pattern.sub(_number, text[at:])))
    return text


def _number(match: re.Match[str]) -> str:
    """A parenthesis around all of a number stays, and so does a decimal number."""
    number = match[0]
    if _DECIMAL.fullmatch(number):
        return number
    closes = number.endswith(")") and number.count(")") == 1 and number.find("(") < 1
    return ("(" if closes and number.startswith("(") else "") + _NUMBER + (")" if closes else "")


# --- where somebody works


def _domains(domain: str) -> Iterator[str]:
    """A domain, the one above it where that is somebody's own, and how people write them."""
    labels = domain.split(".")
    above = [".".join(labels[1:])] if len(labels) > 2 and labels[1] not in _OF_MANY else []
    for each in (domain, *above):
        yield each
        try:
            yield each.encode("ascii").decode("idna")
        except UnicodeError:
            continue


def _host(domain: str) -> re.Pattern[str]:
    """With all that stands before and behind it in a link."""
    host = rf"(?:https?://)?(?:[\w-]{{1,63}}\.){{0,5}}{re.escape(domain)}(?::\d{{1,5}})?"
    return re.compile(rf"(?<![\w.-]){host}(?:/[^\s)>\]]*[^\s)>\].,;:!?])?/?(?![\w-])", re.IGNORECASE)


def _of_institution(
    institution: Institution | None, domains: Sequence[str], *, small: bool
) -> Iterator[re.Pattern[str]]:
    """Its names, and the words of them that its domain has too: `Delft` for tudelft.nl, but nobody's `Netherlands`."""
    if institution is None or institution.kind in ("freemail", "government"):
        return
    as_written = re.IGNORECASE if small else re.NOFLAG
    for name in _called(institution.name):
        sure = len(name) >= _SHORTEST_OF_INSTITUTION and not (name.isupper() and name.isalpha())
        yield re.compile(_phrase(name), re.IGNORECASE if sure else as_written)
    for word in dict.fromkeys(_WORD.findall(institution.name)):
        own = len(word) >= _SHORTEST_OF_INSTITUTION and folded(word) not in _OF_ALL
        if own and any(folded(word) in folded(domain) for domain in domains):
            spellings = "|".join(map(_phrase, (word, word.upper(), word.capitalize())))
            yield re.compile(rf"(?:(?<!\w)TU\s+)?(?:{spellings})", as_written)


def _called(name: str) -> Iterator[str]:
    """All of a name, and the names that stand in it side by side; behind the first a mere `Amsterdam` is none."""
    first, *others = map(str.strip, re.split(r"\s+[/-]\s+|[();]", name))
    aliases = (each for each in others if " " in each or each.isupper())
    return (each for each in (name.strip(), first, *aliases) if _WORD.search(each))


# --- who somebody is


def _without_names(text: str, people: Sequence[Address], names: Sequence[str], *, small: bool) -> str:
    """Names as a whole, then word by word, whatever their marks and apostrophes; those that stand together are one."""
    whole = (re.compile(_phrase(name), re.IGNORECASE) for name in _whole_names(people, names))
    text = _without(whole, _NAME, text)
    wanted = _wanted(text, people, names, small=small)

    def put(match: re.Match[str]) -> str:
        word = match[0]
        is_in_small_letters = word == word.lower() != word.upper()
        if (is_in_small_letters and not small) or not _forms(word) & wanted:
            return word
        return _NAME + (word[-2:] if word[-2:] in ("'s", "\u2019s") else "")

    return _TOGETHER.sub(_NAME, _WORD.sub(put, text))


def _whole_names(people: Sequence[Address], names: Sequence[str]) -> list[str]:
    """Names of several words as they are written, the longest first: so go titles and initials too."""
    called = {" ".join(name.split()) for name in (*(person.name for person in people), *names)}
    several = (name for name in called if " " in name and _WORD.search(name))
    return sorted(several, key=len, reverse=True)[:_MOST_WHOLE_NAMES]


def _wanted(text: str, people: Sequence[Address], names: Sequence[str], *, small: bool) -> set[str]:
    """The words of all names, folded. What only an address tells is no name where the text has it as a word."""
    called = {part for name in (*map(_as_a_person, people), *names) for part in _parts(name)}
    told = {part for person in people for part in _parts(person.local.partition("+")[0])} - _ROLES
    used = set() if small else {folded(word) for word in _WORD.findall(text) if not has_capitals(word)}
    return called | (told - used)


def _as_a_person(person: Address) -> str:
    """What he calls himself, without the pieces of it that name a group; nothing for a mere address."""
    pieces = re.split(r" [-|] |[(),|]", " ".join(person.name.split()))
    own = (piece for piece in pieces if "@" not in piece and not _GROUPS & set(folded(piece).split()))
    return " ".join(own)


def _parts(name: str) -> Iterator[str]:
    """The words of a name that are his alone, folded."""
    spaced = re.sub(r"[\d_.,()\"|&+-]+", " ", unicodedata.normalize("NFC", name))
    for part in words_of_a_name(spaced, whole=True):
        if len(part) > 1 and _WORD.search(part) and part not in PARTICLES and folded(part) not in _IN_EVERY_TEXT:
            yield folded(part)


def _forms(word: str) -> set[str]:
    """A word folded; without the s of a genitive, which a short name on a vowel has not: `This` is not of Thi; and the
    parts of a double name."""
    whole = folded(word)
    stem = whole.removesuffix("s")
    genitive = {stem} if len(stem) > 3 or stem[-1:] not in tuple("aeiou") else set()
    return {whole, whole.removesuffix("'s"), whole.removesuffix("'"), *genitive, *re.split("['-]", whole)}
