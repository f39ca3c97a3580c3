"""A reply to a numbered list: `3 pak`, `5, 6 sluit spam`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from ksmail.capability import Audience
from ksmail.desk.mistake import Fault, Mistake, Unreadable
from ksmail.desk.order import Order, Text, Verb
from ksmail.desk.order_line import Rows, begins_order, own_lines, plain, read_order, spellings, verb_of, written
from ksmail.desk.repertoire import row_of
from ksmail.incoming.message import Language

_NUMBERED = re.compile(r"((?:\d{1,3}(?:\s*[,;&.:)]\s*|\s+(?:(?:en|and)\s+)?))+)#?\s*(\D.*)", re.ASCII | re.IGNORECASE)
_ANOTHER = re.compile(r"(?:[,;&]|\b(?:en|and)\b)\s*\d{1,3}[.:)]?\s+#?(\w+)", re.IGNORECASE)
_LEADING = re.compile(r"\d{1,3}(?:(?:\s*[,;&.:)]\s*|\s(?:en\s|and\s)?)\d{1,3})*(?!\d)[,;&.:)]?", re.ASCII | re.I)
_MOST = 200  # lines in a mail


@dataclass(frozen=True, slots=True)
class Line:
    """One line: which numbers of the list, what to do with each, and the words behind it (of a note)."""

    numbers: tuple[int, ...]
    order: Order
    text: str = ""

    def written(self, language: Language) -> str:
        """The line as it can be written: `5, 6 #close spam`. It reads back as the same line."""
        return f"{', '.join(map(str, self.numbers))} {written(self.order, language)} {self.text}".rstrip()


@dataclass(frozen=True, slots=True)
class Lines:
    """`text` is what stands below the lines, after an empty line; nothing in it is an order."""

    lines: tuple[Line, ...]
    text: str


def read_lines(
    own: str, *, today: date, audience: Audience = Audience.STAFF, last: int | None = None
) -> Lines | Mistake:
    """The numbered lines at the top of `own`. `today` is a date of the desk, `last` the last number of the list.

    Empty lines between numbered lines make no difference: many mail clients put one below each line. The text begins
    with the first line below an empty one that has no number in front; if the very first line has none, all is text. A
    line in a text below orders that could be carried out stops the whole mail: whoever wrote it may have meant it, and
    it may be a `stop`. An order that needs a text cannot be given here: of a wrapped line only the beginning would go
    out.
    """
    rows = spellings(audience)
    lines = own.split("\n")
    found: list[Line] = []
    end = 0
    for place in own_lines(lines):
        said = plain(lines[place])
        if not rows or (not said[:1].isdecimal() and (not found or place > end)):
            break
        try:
            found.append(_line(said, rows, today, found))
            _check_numbers(found[-1], last)
        except Unreadable as wrong:
            return Mistake.of(wrong, lines[place], own)
        end = place + 1
    for place in own_lines(lines) if found else ():
        if place >= end and (verb := _order_in(lines[place], rows, today, last)) is not None:
            return Mistake.of(Unreadable(Fault.BELOW_TEXT, verb=verb), lines[place], own)
    return Lines(tuple(found), "\n".join(lines[end:]).strip())


def names_verb(own: str, audience: Audience = Audience.STAFF) -> bool:
    """Whether a line of `own` names an order behind its numbers or its #, whatever else is wrong with it."""
    rows = spellings(audience)
    lines = own.split("\n")
    return any(_names_verb(lines[place], rows) for place in own_lines(lines))


def _names_verb(line: str, rows: Rows) -> bool:
    numbers = _LEADING.match(said := plain(line))
    if numbers is None and not begins_order(line):
        return False
    return verb_of(f"#{said[numbers.end() if numbers else 0 :].lstrip('# ')}", rows) is not None


def _order_in(line: str, rows: Rows, today: date, last: int | None) -> Verb | None:
    """What a numbered line in a text would order, if nothing is wrong with it."""
    if not rows or not plain(line)[:1].isdecimal():
        return None
    try:
        read = _line(plain(line), rows, today, [])
        _check_numbers(read, last)
    except Unreadable:
        return None
    return read.order.verb


def numbers_in(own: str) -> tuple[int, ...]:
    """The numbers at which lines of `own` begin, each once, whatever stands behind them: what a mail that cannot be
    read may have been about."""
    lines = own.split("\n")
    said = (_LEADING.match(plain(lines[place])) for place in own_lines(lines))
    return tuple(dict.fromkeys(int(number) for match in said if match for number in re.findall(r"\d+", match[0])))


def corrected(text: str, line: str, verb: str) -> tuple[str, str]:
    """`text` with another verb on one of its lines, apart: its first line, and all below it."""
    lines = [_with_verb(each, verb) if each.strip() == line else each for each in text.strip().split("\n")]
    return lines[0].strip(), "\n".join(lines[1:]).strip()


def _with_verb(line: str, verb: str) -> str:
    numbers = _LEADING.match(plain(line))
    if numbers is None:
        return line
    words = plain(line)[numbers.end() :].lstrip("# ").split(" ")
    return " ".join((numbers[0].strip(), verb, *words[1:]))


def _check_numbers(line: Line, last: int | None) -> None:
    """Raises Unreadable for a number that the list does not have."""
    if last is not None and line.numbers[-1] > last:
        raise Unreadable(Fault.NOT_ON_THE_LIST, verb=line.order.verb)


def _line(said: str, rows: Rows, today: date, before: list[Line]) -> Line:
    if len(before) == _MOST:
        raise Unreadable(Fault.TOO_MANY)
    match = _NUMBERED.fullmatch(said)
    if match is None:
        raise Unreadable(Fault.NO_LINE)
    if any(word.casefold() in rows for word in _ANOTHER.findall(match[2])):
        raise Unreadable(Fault.TWO_ON_A_LINE)
    order, text = read_order(f"#{match[2]}", rows, today)
    if row_of(order.verb).text is Text.REQUIRED:
        raise Unreadable(Fault.NOT_IN_A_LIST, verb=order.verb)
    numbers = sorted({int(number) for number in re.findall(r"\d+", match[1])})
    if not numbers[0]:
        raise Unreadable(Fault.NUMBER, verb=order.verb)
    if any(order == other.order and set(numbers) & set(other.numbers) for other in before):
        raise Unreadable(Fault.TWICE, verb=order.verb)
    return Line(tuple(numbers), order, text)
