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
from ksmail.desk.signing import PARTICLES, folded, has_capitals, words_of_a_name
from ksmail.incoming.identity import Institution
from ksmail.incoming.message import Language

_PLACEHOLDERS = {
    Language.NL: {"name": "[naam]", "address": "[adres]", "number": "[nummer]", "institution": "[instelling]"},
    Language.EN: {"name": "[name]", "address": "[address]", "number": "[number]", "institution": "[institution]"},
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
_MOST_NAMES, _MOST_WHOLE_NAMES = 200, 50
_SHORTEST_OF_INSTITUTION = 4  # letters of a word in its name that gives it away; shorter ones only in capitals
_OF_MANY = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})  # what stands above is everybody's: ac.uk


@dataclass(frozen=True, slots=True)
class Discreet:
    """A text, and how many names, addresses and numbers were taken out of it."""

    text: str
    removed: int = 0


def discreet(
    text: str, people: Iterable[Address], institution: Institution | None, language: Language, names: Iterable[str] = ()
) -> Discreet:
    """`text` without any mail address or telephone number, without the names of `people`, their domains and their
    institution, and without `names`.

    What is taken out leaves a word in `language` (Dutch unless English), so that nobody takes the text for whole.
    """
    words = _PLACEHOLDERS.get(language, _PLACEHOLDERS[Language.NL])
    text, people = unicodedata.normalize("NFC", text), tuple(people)
    before = sum(text.count(word) for word in words.values())
    domains = tuple(dict.fromkeys(domain for person in people for domain in _domains(person.domain)))
    small = not has_capitals(text)
    text = _ADDRESS.sub(words["address"], text)
    for pattern in map(_host, domains):
        text = pattern.sub(words["address"], text)
    for pattern in _NUMBERS:
        text = _without_numbers(pattern, words["number"], text)
    for pattern in _of_institution(institution, domains, small=small):
        text = pattern.sub(words["institution"], text)
    text = _without_names(text, people, tuple(names)[:_MOST_NAMES], words["name"], small=small)
    return Discreet(text, sum(text.count(word) for word in words.values()) - before)


def _without_numbers(pattern: re.Pattern[str], word: str, text: str) -> str:
    """A date and a decimal number look like telephone numbers, and are none."""

    def put(match: re.Match[str]) -> str:
        number = match[0]
        if _DECIMAL.fullmatch(number):
            return number
        inside = number.startswith("(") and number.endswith(")") and number.count(")") == 1
        return ("(" if inside else "") + word + (")" if inside or _only_closes(number) else "")

    pieces, at = [], 0
    for date in _DATE.finditer(text):
        pieces += [pattern.sub(put, text[at : date.start()]), date[0]]
        at = date.end()
    return "".join((*pieces, pattern.sub(put, text[at:])))


def _only_closes(number: str) -> bool:
    return number.endswith(")") and "(" not in number


# --- where somebody works


def _domains(domain: str) -> Iterator[str]:
    """A domain, the one above it where that is somebody's own, and how people write them."""
    labels = domain.split(".")
    own = [domain, *([".".join(labels[1:])] if len(labels) > 2 and labels[1] not in _OF_MANY else [])]
    for each in own:
        yield each
        try:
            readable = each.encode("ascii").decode("idna")
        except UnicodeError:
            continue
        if readable != each:
            yield readable


def _host(domain: str) -> re.Pattern[str]:
    """With all that stands before and behind it in a link."""
    host = rf"(?:https?://)?(?:[\w-]{{1,63}}\.){{0,5}}{re.escape(domain)}(?::\d{{1,5}})?"
    return re.compile(rf"(?<![\w.-]){host}(?:/[^\s)>\]]*[^\s)>\].,;:!?])?/?(?![\w-])", re.IGNORECASE)


def _of_institution(
    institution: Institution | None, domains: Sequence[str], *, small: bool
) -> Iterator[re.Pattern[str]]:
    """Its names, and the words of them that its domain has too: `Delft` for tudelft.nl."""
    if institution is None or institution.kind in ("freemail", "government"):
        return
    flags = re.IGNORECASE if small else re.NOFLAG
    yield re.compile(_phrase(institution.name), re.IGNORECASE)
    for name in re.split(r"\s+[/-]\s+|[();]", institution.name):
        if len(name.strip()) >= _SHORTEST_OF_INSTITUTION:
            yield re.compile(_phrase(name), re.IGNORECASE)
        elif name.strip().isupper():
            yield re.compile(_phrase(name), flags)
    for word in dict.fromkeys(_WORD.findall(institution.name)):
        if len(word) >= _SHORTEST_OF_INSTITUTION and any(word.casefold() in domain for domain in domains):
            yield re.compile(rf"(?:(?<!\w)TU\s+)?(?:{_phrase(word)}|{_phrase(word.upper())})", flags)


def _phrase(words: str) -> str:
    inside = r"[\s>]+".join(re.escape(word) for word in words.split())
    return rf"(?<![^\W_]){inside}(?![^\W_])"


# --- who somebody is


def _without_names(text: str, people: Sequence[Address], names: Sequence[str], word: str, *, small: bool) -> str:
    """Names word by word, whatever their marks and apostrophes; those that stand together are one."""
    called = {part for name in (*map(_as_a_person, people), *names) for part in _parts(name)}
    used = {folded(each) for each in _WORD.findall(text) if small or not has_capitals(each)}
    told = {part for person in people for part in _parts(person.local.partition("+")[0]) if part not in _ROLES}
    wanted = called | (told if small else told - used)  # a word of the text that only an address has is no name

    def put(match: re.Match[str]) -> str:
        shown = match[0]
        counts = small or not has_capitals(shown.swapcase()) or shown[:1].isupper() or not _has_case(shown)
        if not counts or not _is_one_of(shown, wanted):
            return shown
        return word + (shown[-2:] if shown[-2:] in ("'s", "\u2019s") else "")

    for whole in _whole_names(people, names):
        text = re.sub(_phrase(whole), word, text, flags=re.IGNORECASE)
    replaced = _WORD.sub(put, text) if wanted else text
    between = "|".join(sorted(map(re.escape, PARTICLES), key=len, reverse=True))
    name = re.escape(word)
    return re.sub(rf"{name}(?:(?:,?[ \t\u00a0]+|[ \t]*\n[ \t>]*)(?:(?:{between})[ \t]+){{0,3}}{name})+", word, replaced)


def _whole_names(people: Sequence[Address], names: Sequence[str]) -> list[str]:
    """Names of several words as they are written, the longest first: so go titles and initials too."""
    called = {" ".join(name.split()) for name in (*(person.name for person in people), *names)}
    return sorted((name for name in called if " " in name), key=len, reverse=True)[:_MOST_WHOLE_NAMES]


def _has_case(word: str) -> bool:
    return word.lower() != word.upper()


def _is_one_of(word: str, wanted: set[str]) -> bool:
    """Also with the s of a genitive, and as a part of a double name."""
    whole = folded(word)
    forms = {whole, whole.removesuffix("'s"), whole.removesuffix("s"), whole.removesuffix("'")}
    return bool((forms | set(re.split("['-]", whole))) & wanted)


def _as_a_person(person: Address) -> str:
    """What he calls himself, without the pieces of it that name a group; nothing for a mere address."""
    pieces = re.split(r"\s+[-|]\s+|[(),|]", person.name)
    own = (piece for piece in pieces if "@" not in piece and not _GROUPS & set(folded(piece).split()))
    return " ".join(own)


def _parts(name: str) -> Iterator[str]:
    """The words of a name that are his alone, folded."""
    spaced = re.sub(r"[\d_.,()\"|&+-]+", " ", unicodedata.normalize("NFC", name))
    for part in words_of_a_name(spaced, whole=True):
        if len(part) > 1 and any(letter.isalpha() for letter in part) and part not in PARTICLES:
            yield folded(part)
