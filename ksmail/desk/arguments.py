"""What stands behind a verb: names, dates, numbers, a reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from difflib import get_close_matches

from ksmail.desk.dates import DASHES, leading_date
from ksmail.desk.mistake import Fault, Unreadable
from ksmail.desk.order import Kind, Option, Order
from ksmail.desk.verbs import Row, option_word
from ksmail.incoming.message import Language
from ksmail.reference import Reference

Reader = Callable[[Order, list[str], date], tuple[Order, list[str]]]

_UNTIL = frozenset({"by", "before", "until", "till", "voor", "vóór", "uiterlijk", "tot", "t/m"})
_BEFORE_DATE = _UNTIL | {"to", "on", "from", "and", "op", "naar", "van", "vanaf", "en", "met", "-", "–", "—", ":"}
_BEFORE_PARTNER = frozenset({"with", "met", "aan"})
_BEFORE_PERSON = frozenset({"to", "aan", "naar"})
_BEFORE_REFERENCE = frozenset({"with", "into", "to", "met", "in", "bij", "naar"})
_AND = frozenset({"en", "and", "&"})
_CODE = re.compile(r"[^\W\d_][\w&-]{0,29}")
_NAME = 80  # characters
OPTIONS = {option_word(option, language): option for option in Option for language in (Language.EN, Language.NL)}


def read_arguments(row: Row, line: str, today: date, *, override: bool = False) -> Order:
    """The order that `line`, what stands behind the verb, makes of it. Raises Unreadable."""
    words = line.split() if any(character.isalnum() for character in line) else []
    order = Order(row.verb, override=override)
    if row.options:
        order, words = _options(order, words)
    for kind in (*row.takes, *row.may_take):
        if not words and kind in row.takes:
            raise Unreadable(Fault.MISSING)
        if words:
            order, words = _READERS[kind](order, words, today)
    if words:
        raise Unreadable(Fault.TOO_MUCH)
    return order


def _options(order: Order, words: list[str]) -> tuple[Order, list[str]]:
    """The words with a plus sign, wherever they stand; a phone may put a space behind the sign."""
    words = re.sub(r"(?<!\S)\+ ", "+", " ".join(words)).split()
    found = [word.rstrip(".,;:").casefold() for word in words if word.startswith("+")]
    for word in found:
        if word not in OPTIONS:
            raise Unreadable(Fault.OPTION, did_you_mean=tuple(get_close_matches(word[:40], OPTIONS)))
    options = frozenset(OPTIONS[word] for word in found)
    return replace(order, options=options), [word for word in words if not word.startswith("+")]


def _person(order: Order, words: list[str], _: date) -> tuple[Order, list[str]]:
    name = " ".join(_without(words, _BEFORE_PERSON)).rstrip(".,;:!")
    if not name or len(name) > _NAME:
        raise Unreadable(Fault.PERSON)
    return replace(order, person=name), []


def _partner(order: Order, words: list[str], today: date) -> tuple[Order, list[str]]:
    order, rest = _partners(order, words, today)
    if len(order.partners) > 1:
        raise Unreadable(Fault.TOO_MUCH)
    return order, rest


def _partners(order: Order, words: list[str], _: date) -> tuple[Order, list[str]]:
    """Codes up to the date; each once, as they were written."""
    codes: dict[str, str] = {}
    rest = _without(words, _BEFORE_PARTNER)
    while rest and rest[0].casefold() not in _UNTIL and not rest[0][0].isdigit():
        for code in re.split("[,;/]", rest.pop(0).rstrip(".:!")):
            if code and not _CODE.fullmatch(code) and code not in _AND:
                raise Unreadable(Fault.PARTNER)
            if code and code.casefold() not in _AND:
                codes.setdefault(code.casefold(), code)
    if not codes:
        raise Unreadable(Fault.MISSING)
    return replace(order, partners=tuple(codes.values())), rest


def _date(order: Order, words: list[str], today: date) -> tuple[Order, list[str]]:
    words = _without(words, _BEFORE_DATE)
    day, used = leading_date(words, today, after=order.dates[-1] if order.dates else None)
    return replace(order, dates=(*order.dates, day)), words[used:]


def _span(order: Order, words: list[str], today: date) -> tuple[Order, list[str]]:
    order, words = _date(order, words, today)
    if not _without(words, _BEFORE_DATE):
        raise Unreadable(Fault.MISSING)
    order, words = _date(order, words, today)
    if order.dates[1] < order.dates[0]:
        raise Unreadable(Fault.DATES_REVERSED)
    return order, words


def _reason(order: Order, words: list[str], _: date) -> tuple[Order, list[str]]:
    reason = " ".join(words).lstrip(" :;,.-–—").rstrip(" ,;:")
    if " " not in reason:  # a phone ends one word with a dot, a person a sentence
        reason = reason.rstrip(".")
    if not reason:
        raise Unreadable(Fault.MISSING)
    return replace(order, reason=reason), []


def _told_reason(order: Order, words: list[str], today: date) -> tuple[Order, list[str]]:
    """Only a colon of its own or in front of the reason tells the asker: one behind the date is mere punctuation."""
    return _reason(replace(order, tells_asker=words[0].startswith(":")), words, today)


def _reference(order: Order, words: list[str], _: date) -> tuple[Order, list[str]]:
    words = _without(words, _BEFORE_REFERENCE)
    try:
        reference = Reference.parse(words[0].strip("[]().,;:").translate(DASHES) if words else "")
    except ValueError:
        raise Unreadable(Fault.REFERENCE) from None
    return replace(order, reference=reference), words[1:]


def _numbers(order: Order, words: list[str], _: date) -> tuple[Order, list[str]]:
    """No ranges: too easily one file too many is destroyed."""
    words = [word for word in re.sub("[,;]", " ", " ".join(words)).split() if word.casefold() not in _AND]
    numbers = {word.rstrip(".:") for word in words}
    if not numbers or not all(re.fullmatch(r"[1-9]\d{0,2}", number, re.ASCII) for number in numbers):
        raise Unreadable(Fault.NUMBER)
    return replace(order, numbers=tuple(sorted(map(int, numbers)))), []


def _without(words: list[str], fillers: frozenset[str]) -> list[str]:
    """`words` from the first that is not a mere joining word."""
    start = next((place for place, word in enumerate(words) if word.casefold() not in fillers), len(words))
    return words[start:]


_READERS: dict[Kind, Reader] = {
    Kind.PERSON: _person,
    Kind.PARTNER: _partner,
    Kind.PARTNERS: _partners,
    Kind.UNTIL: _date,
    Kind.DATE: _date,
    Kind.SPAN: _span,
    Kind.REASON: _reason,
    Kind.TOLD_REASON: _told_reason,
    Kind.REFERENCE: _reference,
    Kind.NUMBERS: _numbers,
}
