"""Dates as people write them: 2026-12-14, 14-12, 14 december, vrijdag."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from ksmail.desk.mistake import Fault, Unreadable

_MONTHS = (
    ("january", "januari", "jan"),
    ("february", "februari", "feb"),
    ("march", "maart", "mar", "mrt"),
    ("april", "apr"),
    ("may", "mei"),
    ("june", "juni", "jun"),
    ("july", "juli", "jul"),
    ("august", "augustus", "aug"),
    ("september", "sep", "sept"),
    ("october", "oktober", "oct", "okt"),
    ("november", "nov"),
    ("december", "dec"),
)
_WEEKDAYS = (
    ("monday", "mon", "maandag", "ma"),
    ("tuesday", "tue", "tues", "dinsdag", "di"),
    ("wednesday", "wed", "woensdag", "wo"),
    ("thursday", "thu", "thur", "thurs", "donderdag", "do"),
    ("friday", "fri", "vrijdag", "vr", "vrij"),
    ("saturday", "sat", "zaterdag", "za"),
    ("sunday", "sun", "zondag", "zo"),
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
_WEEKDAY = {name: number for number, names in enumerate(_WEEKDAYS) for name in names}

_YEAR_FIRST = re.compile(r"(\d{4})([-./])(\d{1,2})\2(\d{1,2})", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})([-./])(\d{1,2})(?:\2(\d{4}|\d\d))?", re.ASCII)
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|e|de|ste)?", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_LONGEST = 5  # vrijdag 14th of december 2026
_LEAP = 8  # years between two 29 Februaries at most (1896 to 1904, 2096 to 2104)


def leading_date(words: Sequence[str], today: date, *, after: date | None = None) -> tuple[date, int]:
    """The date that `words` begin with, and how many of them it takes. Raises Unreadable.

    Without a year it is the next such date, `today` included; a mere weekday is the next such day after `after` or
    else after `today`. With slashes, what could be read in two orders is refused; with dashes and dots the day
    stands first, as in Dutch.
    """
    for length in range(min(_LONGEST, len(words)), 0, -1):
        try:
            day = _read(_tokens(words[:length]), today, after or today)
        except (ValueError, OverflowError):
            raise Unreadable(Fault.DATE_IMPOSSIBLE) from None
        if day is not None:
            return day, length
    raise Unreadable(Fault.DATE)


def _tokens(words: Sequence[str]) -> list[str]:
    """Lower case, one kind of dash, without the commas and dots of abbreviations; only the last may end in a colon."""
    plain = [word.casefold().translate(DASHES) for word in words]
    return [*(word.rstrip(".,") for word in plain[:-1]), plain[-1].rstrip(".,:;")]


def _read(tokens: list[str], today: date, after: date) -> date | None:
    weekday = _WEEKDAY.get(tokens[0])
    if weekday is None:
        return _day(tokens, today)
    if len(tokens) == 1:
        return after + timedelta((weekday - after.weekday() - 1) % 7 + 1)
    day = _day(tokens[1:], today)
    if day is not None and day.weekday() != weekday:
        raise Unreadable(Fault.DATE_WEEKDAY)
    return day


def _day(tokens: list[str], today: date) -> date | None:
    if len(tokens) == 1:
        return _in_digits(tokens[0], today)
    return _in_words([tokens[0], *(word for word in tokens[1:] if word != "of")], today)


def _in_digits(token: str, today: date) -> date | None:
    if match := _YEAR_FIRST.fullmatch(token):
        return date(int(match[1]), int(match[3]), int(match[4]))
    match = _DAY_FIRST.fullmatch(token)
    if match is None:
        return None
    day, month, year = int(match[1]), int(match[3]), match[4]
    if year is not None and len(year) == 2:
        raise Unreadable(Fault.DATE_AMBIGUOUS)
    if match[2] == "/" and day != month and max(day, month) <= 12:
        raise Unreadable(Fault.DATE_AMBIGUOUS)
    if match[2] == "/" and month > 12:
        day, month = month, day
    return _dated(day, month, year, today)


def _in_words(tokens: list[str], today: date) -> date | None:
    """14 december, december 14, and either with a year."""
    if len(tokens) not in (2, 3) or (len(tokens) == 3 and not _YEAR.fullmatch(tokens[2])):
        return None
    day, month = tokens[:2] if tokens[1] in _MONTH else (tokens[1], tokens[0])
    match = _DAY.fullmatch(day)
    if month not in _MONTH or match is None:
        return None
    return _dated(int(match[1]), _MONTH[month], tokens[2] if len(tokens) == 3 else None, today)


def _dated(day: int, month: int, year: str | None, today: date) -> date:
    """Raises ValueError for a date that does not exist."""
    if year is not None:
        return date(int(year), month, day)
    for candidate in range(today.year, today.year + _LEAP + 1):
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if found >= today:
            return found
    raise ValueError("no such date")
