"""One line with an order: `#verb arguments`, as phones and mail clients make it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from difflib import SequenceMatcher

from ksmail.capability import Audience
from ksmail.desk.arguments import OPTIONS, read_arguments
from ksmail.desk.mistake import Fault, Unreadable
from ksmail.desk.order import Kind, Option, Order, Text, Verb
from ksmail.desk.repertoire import row_of, rows_for
from ksmail.desk.verbs import Row, option_word
from ksmail.incoming.message import Language

Rows = Mapping[str, Row]  # by spelling

# Zero width, bidirectional and other characters that nobody sees, as the inside of a character class.
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u20e3\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_POINTS = ":;,.…：；，．﹕﹔﹐﹒"
_GAP = rf"[\s{_UNSEEN}]*"
_FIRST = re.compile(rf"{_GAP}([^\s{_UNSEEN}])")
_HASH = re.compile(rf"{_GAP}[#＃﹟]{_GAP}")
_WORD = rf"[^\s{_POINTS}]+"
_WORDS = re.compile(rf"({_WORD})(?:{_GAP}({_WORD})(?:{_GAP}({_WORD}))?)?")
# Behind the verb: points that touch it, points that stand alone, and one colon.
_POINTED = re.compile(rf"[{_POINTS}{_UNSEEN}]*(?:{_GAP}[{_POINTS}!！]+(?=\s|\Z))*{_GAP}[:：﹕]?{_GAP}")
_PLUS = re.compile(rf"{_GAP}([+＋﹢]{_GAP}\S+)")
_MYSELF = frozenset({"me", "myself", "mij", "mezelf", "mijzelf", "ik"})
_AT_A_TIME = 500
_LONGEST = 1000  # characters of arguments
_LONGEST_WORD = 40
_LIKENESS = 0.6


def spellings(audience: Audience) -> Rows:
    """What this audience can write, and what it means."""
    return {spelling: row for row in rows_for(audience) for spelling in (*row.en, *row.nl)}


def plain(line: str) -> str:
    """`line` in compatibility forms (UAX 15), without what nobody sees, and with single spaces.

    Piece by piece: a run of combining marks takes quadratic time to put in order.
    """
    seen = re.sub(f"[{_UNSEEN}]", "", line)
    pieces = (unicodedata.normalize("NFKC", seen[at : at + _AT_A_TIME]) for at in range(0, len(seen), _AT_A_TIME))
    return " ".join("".join(pieces).split())


def own_lines(lines: Sequence[str]) -> Iterator[int]:
    """The places of the lines that count: neither empty nor quoted."""
    for place, line in enumerate(lines):
        first = _FIRST.match(line)
        if first and not unicodedata.normalize("NFKC", first[1]).startswith(">"):
            yield place


def begins_order(line: str) -> bool:
    """Whether a line wants to be an order."""
    return _HASH.match(line) is not None


def names_order(line: str, rows: Rows) -> bool:
    """Whether a line or word is `#` and a verb, whatever stands behind it."""
    words = plain(line).removeprefix("#").split()
    return begins_order(line) and bool(words) and words[0].rstrip(":;,.!").casefold() in rows


def verb_of(line: str, rows: Rows) -> Verb | None:
    """The order that a line that begins with # names, whatever stands behind it; None where it names none."""
    try:
        return _verb(line, rows)[0].verb
    except Unreadable:
        return None


def read_order(line: str, rows: Rows, today: date) -> tuple[Order, str]:
    """The order on a line that begins with #, and the text that stands behind it, untouched. Raises Unreadable."""
    row, override, rest = _verb(line, rows)
    said = plain(rest)
    if said.startswith("#") or (row.text is Text.NONE and any(names_order(word, rows) for word in said.split())):
        raise Unreadable(Fault.TWO_ON_A_LINE, verb=row.verb)
    if row.text is not Text.NONE and not row.takes:
        options, rest = _leading_options(row, rest)
        return Order(row.verb, options=options, override=override), rest.strip() if said else ""
    if len(said) > _LONGEST:
        raise Unreadable(Fault.TOO_MUCH, verb=row.verb)
    try:
        order = read_arguments(row, said, today, override=override)
    except Unreadable as wrong:
        raise Unreadable(wrong.fault, did_you_mean=wrong.did_you_mean, verb=row.verb) from None
    if order.verb is Verb.ASSIGN and (order.person or "").casefold() in _MYSELF:
        return Order(Verb.TAKE), ""
    return order, ""


def written(order: Order, language: Language) -> str:
    """The line that orders this. It reads back as the same order."""
    row = row_of(order.verb)
    dates = [day.isoformat() for day in order.dates]
    if Kind.UNTIL in row.may_take and dates:
        dates = ["by" if language is Language.EN else "voor", *dates]
    reason = f":{order.reason}" if order.tells_asker else order.reason
    options = [option_word(option, language) for option in Option if option in order.options]
    reference = str(order.reference) if order.reference else ""
    verb = f"#{row.spelling(language)}{'!' if order.override else ''}"
    words = [verb, order.person or "", *order.partners, *dates, *options, reference, *map(str, order.numbers), reason]
    return " ".join(filter(None, words))


def _verb(line: str, rows: Rows) -> tuple[Row, bool, str]:
    """Which order, whether it was written with `!`, and the rest of the line. `#niet van ons` is one verb too."""
    after = _HASH.sub("", line, count=1)
    words = _WORDS.match(after)
    if words is None:
        raise Unreadable(Fault.UNKNOWN)
    for count in (1, 2, 3):
        said = _letters("".join(filter(None, words.groups()[:count])))
        if words[count] and (row := rows.get(said.rstrip("!"))):
            rest = _POINTED.sub("", after[words.end(count) :], count=1)
            return row, row.overridable and said.endswith("!"), rest
    raise Unreadable(Fault.UNKNOWN, did_you_mean=_alike(_letters(words[1]), rows))


def _leading_options(row: Row, rest: str) -> tuple[frozenset[Option], str]:
    """The plus words directly behind a verb whose text may begin on the same line, and the rest. Any other word with a
    plus sign is text: a telephone number, say."""
    found: set[Option] = set()
    while (match := _PLUS.match(rest)) and (option := OPTIONS.get(_letters(match[1]).rstrip(_POINTS))) in row.options:
        found.add(option)
        rest = rest[match.end() :]
    return frozenset(found), rest


def _letters(word: str) -> str:
    return plain(word).translate({ord(" "): None, ord("-"): None}).casefold()


def _alike(word: str, rows: Rows) -> tuple[str, ...]:
    """At most three orders whose spelling, in either language, looks like `word`, best first; each order once."""
    said = word.strip("#!?")[:_LONGEST_WORD]
    likeness = {spelling: SequenceMatcher(None, spelling, said).ratio() for spelling in rows}
    best: dict[Verb, str] = {}
    for spelling in sorted(likeness, key=lambda name: (-likeness[name], name)):
        if likeness[spelling] >= _LIKENESS:
            best.setdefault(rows[spelling].verb, f"#{spelling}")
    return tuple(best.values())[:3]
