"""One mail for each person, with all that he is told at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from ksmail.address import Address
from ksmail.desk.due import Call, DueLine, Matter, Rung
from ksmail.desk.letter import Letter, LetterKind, Prepared
from ksmail.desk.order import Verb
from ksmail.desk.orders import row_of
from ksmail.incoming.message import Language
from ksmail.reference import Reference

MOST_LINES = 50  # in one mail, of those that come back on the next day
_SAID_ONCE = (Matter.PARTNER, Matter.CLOSED)

_OFFERED = {
    Matter.LETTER: (Verb.NOW, Verb.STOP),
    Matter.PARTNER: (Verb.ANSWER, Verb.CONSULT, Verb.STATUS),
    Matter.MAIL: (Verb.RELEASE, Verb.DROP),
    Matter.CLOSED: (Verb.REOPEN,),
}


@dataclass(frozen=True, slots=True)
class Bundle:
    """The lines of one person, numbered from 1, and those for which there was no room."""

    to: Address
    language: Language
    lines: tuple[DueLine, ...]
    left_out: tuple[DueLine, ...] = ()


def bundles(rung: Iterable[Rung], call: Call) -> tuple[Bundle, ...]:
    """One for each person who has lines, in the order in which they must be read. The second call of a day is only
    about what is due that day."""
    lines: dict[Address, list[DueLine]] = {}
    languages: dict[Address, Language] = {}
    for each in rung:
        if call is Call.AGAIN and each.line.matter is not Matter.TODAY:
            continue
        for to, language in each.people:
            languages.setdefault(to, language)
            lines.setdefault(to, []).append(each.line)
    return tuple(_bundle(to, languages[to], found) for to, found in lines.items())


def due_letter(bundle: Bundle, sheet: int, call: Call, day: date, next_one: Reference | None) -> Letter:
    """The mail with somebody's lines. `sheet` is the number under which the list is kept, `next_one` the question that
    comes first in order of receipt."""
    matters = Counter(line.matter for line in (*bundle.lines, *bundle.left_out))
    facts: dict[str, object] = {
        "lines": bundle.lines,
        "more": len(bundle.left_out),
        "day": day,
        "late": matters[Matter.LATE],
        "due_today": matters[Matter.TODAY],
        "next_one": str(next_one) if next_one else "",
        "example": next((line.number for line in bundle.lines if not line.about.startswith("Q-")), 0),
    }
    return Letter(
        kind=LetterKind.STAFF_DUE,
        to=bundle.to,
        language=bundle.language,
        about=f"L-{sheet}",
        cause=f"{call.value} {day}",
        facts=facts,
        prepared=tuple(each for line in bundle.lines for each in replies_to(line, bundle.language)),
    )


def replies_to(line: DueLine, language: Language) -> Iterator[Prepared]:
    """The prepared replies of a line: about the question itself, as from a mail of its own."""
    usual = (Verb.ANSWER, Verb.EXTEND) if line.holder else (Verb.ANSWER, Verb.TAKE, Verb.EXTEND)
    for verb in _OFFERED.get(line.matter, usual):
        row = row_of(verb)
        spelling = f"#{row.spelling(language)}"
        yield Prepared(verb.value, f"{spelling} " if row.takes else spelling, about=line.about, place=line.number)


def _bundle(to: Address, language: Language, lines: list[DueLine]) -> Bundle:
    again = sorted((line for line in lines if line.matter not in _SAID_ONCE), key=_in_order)
    once = [line for line in lines if line.matter in _SAID_ONCE]
    kept = sorted((*again[:MOST_LINES], *once), key=_in_order)
    numbered = tuple(replace(line, number=number) for number, line in enumerate(kept, 1))
    return Bundle(to, language, numbered, left_out=tuple(again[MOST_LINES:]))


def _in_order(line: DueLine) -> tuple[int, date, datetime]:
    return list(Matter).index(line.matter), line.promised_on or date.max, line.received_at
