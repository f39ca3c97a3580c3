"""How people end a mail and what they call themselves there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import islice

# What stands in names in small letters and is nobody's name.
PARTICLES = frozenset({
    "van", "von", "der", "den", "de", "het", "'t", "\u2019t", "ten", "ter", "te", "in", "op", "la", "le", "el", "al",
    "da", "di", "du", "do", "dos", "das", "del", "della", "bin", "ibn", "bint", "zu", "zur", "y", "e",
})  # fmt: skip
_TITLES = frozenset({
    "prof", "professor", "dr", "drs", "mr", "mrs", "ms", "ir", "ing", "mevrouw", "heer", "dhr", "mw", "phd", "msc",
    "bsc", "ma", "ba", "llm",
})  # fmt: skip
_SURELY_TITLES = _TITLES - {"ma", "ba", "ing"}  # these three are names too, when they have a capital and no point
_CLOSING = re.compile(
    r"(?:met\s+(?:(?:\w+|\w+\s+en\s+\w+)\.?\s+)?gr(?:oet(?:en|jes)?|\.)|met\s+de\s+meeste\s+hoogachting|"
    r"(?:\w+\.?\s+)?groet(?:en|jes)?|vr\.?\s*gr\.?|gr\.|hoogachtend|mvg|m\.v\.g\.?|"
    r"(?:alvast|bij\s+voorbaat|veel)?\s*(?:hartelijke?\s+)?(?:dank|bedankt)(?:\s+alvast|\s+u(?:\s+wel)?)?(?:\s+en\s+groet(?:en)?)?|"
    r"(?:many\s+thanks\s+and\s+)?(?:with\s+)?(?:kind|best|warm|many)?(?:est)?\s*regards|(?:with\s+)?best\s+wishes|"
    r"all\s+the\s+best|best|cheers|greetings|yours(?:\s+(?:sincerely|faithfully|truly))?|sincerely(?:\s+yours)?|"
    r"respectfully|thank\s+you|thanks(?:\s+a\s+lot|\s+in\s+advance|\s+again|\s+and\s+regards)?|many\s+thanks)",
    re.IGNORECASE,
)
_WORDS_TOO = re.compile(r"(?:regards|best|thanks?|dank|bedankt|cheers|yours|greetings|all the)\b", re.IGNORECASE)
_BEHIND_CLOSING = re.compile(r"[\s,.!/|\u2013\u2014-]*(?:(?:van|from)\s+)?((?:mede )?namens\b)?(.*)", re.IGNORECASE)
_POSTSCRIPT = re.compile(r"\s*p\.?\s?s\.?(?![\w-])", re.IGNORECASE)
_INTRODUCED = re.compile(r"\b(?:mijn naam is|ik heet|my name is)[:\s>]{1,9}([^\s:>][^\n]{0,119})", re.IGNORECASE)
_AND = ("&", "en", "and")
# Letters that are no letter with a mark, and that people write without it all the same.
_PLAIN = str.maketrans({"\u2019": "'", "\u0131": "i", "\u0142": "l", "\u00f8": "o", "\u0111": "d", "\u00e6": "ae"})
_EDGES = " \t>*_|\u2013\u2014-"
_MOST_BELOW_A_CLOSING = 15  # lines of a signature; a greeting higher up belongs to the text
_LONGEST_BELOW = 90  # characters: a longer line is no line of a signature
_A_SENTENCE = 5  # words with a point behind them
_MOST_OF_A_NAME = 8  # words, titles and all
_MOST_BEHIND = 2  # words behind a greeting that pass for a name without a capital
_MOST_OF_A_LINE = 200  # characters of it that are read for a name
_MOST_INTRODUCED, _MOST_GREETINGS = 20, 20


def without_signature(text: str) -> str:
    """`text` up to the last greeting near its end, with a postscript below it; or up to a bare name there."""
    lines = text.rstrip().split("\n")
    at = _closing(lines)
    if at:  # in the first line it is all there is
        below = lines[at + 1 :]
        after = next((place for place, line in enumerate(below) if _POSTSCRIPT.match(line)), len(below))
        return "\n".join((*lines[:at], *below[after:])).strip("\n").rstrip()
    return "\n".join(lines[:-1]).rstrip() if _ends_in_a_name(lines) else text.rstrip()


def signed_names(text: str) -> tuple[str, ...]:
    """How a writer calls himself: below or behind his last greeting, as the last line, or in so many words. His
    address may tell another name, or none."""
    lines = text.rstrip().split("\n")
    small = not has_capitals(text)
    found = (*_introduced(text, small=small), *_below_greetings(lines, small=small), *_at_the_end(lines))
    names = (" ".join(words_of_a_name(each, whole=small)) for each in found)
    return tuple(dict.fromkeys(name for name in names if name))


def is_a_name(line: str) -> bool:
    """A few words with capitals, no greeting, and no end of a sentence."""
    bare = line.strip(_EDGES)
    parts = [part for part in bare.split() if part not in _AND]
    if not 0 < len(parts) <= _MOST_OF_A_NAME or bare[-1] in "?!:;" or any(letter.isdigit() for letter in bare):
        return False
    if _is_a_formula(bare):
        return False
    return len(words_of_a_name(" ".join(parts))) == sum(not _is_a_title(part) for part in parts)


def words_of_a_name(name: str, *, whole: bool = False) -> list[str]:
    """A name without its titles, up to the first word that can be none; all of it when it is surely a `whole` name."""
    found: list[str] = []
    for part in name.strip(_EDGES).split():
        bare = part.strip(',()"')
        if _is_a_title(part):
            continue
        starts = bare[:1].isupper() or (bare[:1].isalpha() and bare.lower() == bare.upper())
        if not (starts or whole or bare in PARTICLES):
            break
        found.append(bare.rstrip(".;:!?") if len(bare) > 2 else bare)
        if not whole and ((bare.endswith(".") and len(bare) > 3) or part[-1] in ",;:!?"):
            break  # the end of a sentence, or of what he calls himself
    return found if whole or any(part not in PARTICLES for part in found) else []


def has_capitals(text: str) -> bool:
    return any(letter.isupper() for letter in text)


def folded(word: str) -> str:
    """A word without case and marks, with one sort of apostrophe."""
    plain = unicodedata.normalize("NFKD", word.casefold().translate(_PLAIN))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _introduced(text: str, *, small: bool) -> Iterator[str]:
    """What stands behind `my name is`; one word of it where no capitals tell how far the name goes."""
    for match in islice(_INTRODUCED.finditer(text), _MOST_INTRODUCED):
        yield match[1].split(maxsplit=1)[0] if small else match[1]


def _below_greetings(lines: Sequence[str], *, small: bool) -> Iterator[str]:
    """Whoever stands behind a greeting and in the line below it; below the last one there may be empty lines."""
    last = _closing(lines)
    behind = [(at, _behind_closing(line, small=small)) for at, line in enumerate(lines)]
    greetings = [(at, name) for at, name in behind if name is not None]
    for at, name in (*greetings[:_MOST_GREETINGS], *greetings[-1:]):
        below = lines[at + 1 :] if at == last else lines[at + 1 : at + 2]
        under = _first_piece(next((each for each in below if each.strip(_EDGES)), ""))
        yield from _each(_first_piece(name))
        if is_a_name(under) or (small and _is_short(under)):
            yield from _each(under)


def _at_the_end(lines: Sequence[str]) -> Iterator[str]:
    if _closing(lines) is None and _ends_in_a_name(lines):
        yield from _each(_first_piece(lines[-1]))


def _each(names: str) -> list[str]:
    """Whoever signs together: Ada & Grace Lovelace."""
    return re.split(r"\s(?:&|en|and)\s", names)


def _is_short(line: str) -> bool:
    """What passes for a name without a capital."""
    words = line.split()
    only_letters = all(letter.isalpha() or letter in ".-'\u2019" for letter in "".join(words))
    return 0 < len(words) <= _MOST_BEHIND and only_letters and not _is_a_formula(line)


def _is_a_formula(line: str) -> bool:
    """A greeting or a postscript."""
    return bool(_POSTSCRIPT.match(line) or _CLOSING.fullmatch(line.strip(" ,.!")))


def _first_piece(line: str) -> str:
    """A name without the function that stands behind it."""
    bare = re.sub(r"\s*\([^)]*\)\s*$", "", line.strip(_EDGES)[:_MOST_OF_A_LINE])
    return re.split(r"\s*[|,]|\s+[-\u2013\u2014]\s+", bare, maxsplit=1)[0]


def _closing(lines: Sequence[str]) -> int | None:
    """The last greeting below which there is nothing but a signature."""
    small = not has_capitals("\n".join(lines))
    for at in range(len(lines) - 1, max(len(lines) - _MOST_BELOW_A_CLOSING, 0) - 1, -1):
        if _behind_closing(lines[at], small=small) is not None:
            return at
        if len(lines[at]) > _LONGEST_BELOW or _is_a_sentence(lines[at]):
            return None
    return None


def _is_a_sentence(line: str) -> bool:
    bare = line.strip(_EDGES)
    if _POSTSCRIPT.match(bare):
        return False
    return bare.endswith("?") or (bare[-1:] in tuple(".!:") and len(bare.split()) >= _A_SENTENCE)


def _behind_closing(line: str, *, small: bool) -> str | None:
    """The name behind a greeting on its own line, "" where there is none; None for a line that is no greeting. In a
    mail with capitals a greeting with a name behind it begins with one: "regards chips" may be the end of a sentence.
    """
    bare = line.strip(_EDGES)
    match = _CLOSING.match(bare)
    if match is None or (match.end() < len(bare) and bare[match.end()].isalnum()):
        return None
    rest = _BEHIND_CLOSING.fullmatch(bare[match.end() :])
    behind = rest[2].strip(f" ,.!{_EDGES}") if rest else ""
    if not behind or _CLOSING.fullmatch(behind):
        return ""
    if rest and rest[1]:  # who is greeted for: no name where it is `us all`
        return behind if is_a_name(_first_piece(behind)) else ""
    if not small and not bare[:1].isupper() and "," not in bare and _WORDS_TOO.match(bare):
        return None
    short = len(behind.split()) <= _MOST_BEHIND and (small or not _WORDS_TOO.match(bare))
    return behind if is_a_name(_first_piece(behind)) or short else None


def _ends_in_a_name(lines: Sequence[str]) -> bool:
    """Whether the last line is a bare name: alone below an empty line, and the text above it ends a sentence. Else it
    may be the last of a list."""
    if len(lines) < 3 or lines[-2].strip() or not is_a_name(_first_piece(lines[-1])):
        return False
    above = next((line.rstrip() for line in reversed(lines[:-2]) if line.strip()), "")
    return above[-1:] in tuple(".?!)")


def _is_a_title(word: str) -> bool:
    """Also several in one word: prof.dr."""
    bare = word.strip(',()"')
    pieces = [piece for piece in bare.casefold().split(".") if piece]
    if not pieces or not all(piece in _TITLES for piece in pieces):
        return False
    return all(piece in _SURELY_TITLES for piece in pieces) or "." in bare or not bare[:1].isupper()
