"""Working days of the desk's calendar."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import holidays

from ksmail.incoming.message import Language

_DAY = timedelta(days=1)
_LONGEST_CLOSURE = 400
_WEEKEND = "weekend"
_BY_THE_DESK = {Language.NL: "extra sluitingsdag", Language.EN: "closed by the desk"}
_GOOD_FRIDAY = {Language.NL: "Goede vrijdag", Language.EN: "Good Friday"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Which days the desk works. `closed` and `open` override everything else, `open` last of all.

    `country` is an ISO 3166-1 code of two letters, `subdivision` a code within it. `good_friday_closed` decides alone
    about the western Good Friday, whatever the country says.
    """

    country: str = "NL"
    subdivision: str = ""
    categories: tuple[str, ...] = ("public", "optional")
    good_friday_closed: bool = True
    weekend: frozenset[int] = frozenset({5, 6})  # date.weekday(): Saturday and Sunday
    closed: frozenset[date] = frozenset()
    open: frozenset[date] = frozenset()


class Workdays:
    """Answers about working days, worked out once per year. Two are equal when their calendars are.

    Raises ValueError for a country, subdivision or category that nobody keeps holidays of.
    The holidays reach to 2100; after that only weekends and the desk's own dates are known.
    """

    def __init__(self, calendar: Calendar | None = None) -> None:
        self.calendar = calendar or Calendar()
        self._names: dict[int, Mapping[Language, Mapping[date, str]]] = {}
        self._working: dict[int, tuple[date, ...]] = {}
        self._languages = _languages_of(self.calendar.country)
        self._holidays(2026)  # an unknown category shows here, not with the first mail

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Workdays) and self.calendar == other.calendar

    def __hash__(self) -> int:
        return hash(self.calendar)

    def __repr__(self) -> str:
        return f"Workdays({self.calendar!r})"

    def is_working_day(self, day: date) -> bool:
        """Whether the desk works on `day`."""
        return not self.why_closed(day, Language.EN)

    def why_closed(self, day: date, language: Language) -> str:
        """Empty when the desk works; otherwise "weekend", the holiday's name, or that the desk chose so.

        BOTH gives the two names, Dutch first, or one when they are equal.
        """
        if language is Language.BOTH:
            both = (self.why_closed(day, Language.NL), self.why_closed(day, Language.EN))
            return " / ".join(dict.fromkeys(both))
        if day in self.calendar.open:
            return ""
        if self.is_weekend(day):
            return _WEEKEND
        name = self._holidays(day.year)[language].get(day, "")
        return name or (_BY_THE_DESK[language] if day in self.calendar.closed else "")

    def is_weekend(self, day: date) -> bool:
        """Whether `day` is one of the weekdays on which this desk never works."""
        return day.weekday() in self.calendar.weekend

    def after(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`, `count` from 1.

        Raises ValueError when there is no working day in 400 days: then the calendar is wrong.
        """
        if count < 1:
            raise ValueError("count working days from 1")
        for _ in range(count):
            day = self._next(day)
        return day

    def before(self, day: date) -> date:
        """The last working day before `day`. Raises ValueError when there is none in 400 days."""
        for _ in range(_LONGEST_CLOSURE):
            day -= _DAY
            if self.is_working_day(day):
                return day
        raise ValueError(f"the calendar has no working day in {_LONGEST_CLOSURE} days")

    def count(self, first: date, last: date) -> int:
        """How many working days lie after `first`, up to and including `last`; 0 when `last` is not later."""
        if last <= first:
            return 0
        whole_years = sum(len(self._year(year)) for year in range(first.year, last.year))
        return whole_years + bisect_right(self._year(last.year), last) - bisect_right(self._year(first.year), first)

    def _next(self, day: date) -> date:
        for _ in range(_LONGEST_CLOSURE):
            day += _DAY
            if self.is_working_day(day):
                return day
        raise ValueError(f"the calendar has no working day in {_LONGEST_CLOSURE} days")

    def _year(self, year: int) -> tuple[date, ...]:
        if year not in self._working:
            first = date(year, 1, 1)
            days = (first + timedelta(days=offset) for offset in range((date(year, 12, 31) - first).days + 1))
            self._working[year] = tuple(day for day in days if self.is_working_day(day))
        return self._working[year]

    def _holidays(self, year: int) -> Mapping[Language, Mapping[date, str]]:
        if year not in self._names:
            self._names[year] = {language: self._named(year, language) for language in (Language.NL, Language.EN)}
        return self._names[year]

    def _named(self, year: int, language: Language) -> dict[date, str]:
        """Holidays of one year with their names in `language`, or in English or the country's own without it."""
        calendar = self.calendar
        try:
            found = holidays.country_holidays(
                calendar.country,
                subdiv=calendar.subdivision or None,
                years=year,
                expand=False,
                language=self._languages.get(language),
                categories=calendar.categories,
            )
        except (NotImplementedError, ValueError) as error:
            raise ValueError(f"no holidays for {_described(calendar)}") from error
        names = dict(found.items())
        friday = good_friday(year)
        if not calendar.good_friday_closed:
            names.pop(friday, None)
        else:
            names.setdefault(friday, _GOOD_FRIDAY[language])
        return names


def good_friday(year: int) -> date:
    """Two days before the western Easter, by the algorithm in Meeus, Astronomical Algorithms (1991), chapter 8."""
    century, rest = divmod(year, 100)
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * (year % 19) + century - century // 4 - moon + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (year % 19 + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1) - 2 * _DAY


def _languages_of(country: str) -> dict[Language, str]:
    """What the library calls our languages, for this country. Raises ValueError for a country it does not have."""
    # The library also takes names of its own classes as countries; a code is all we accept.
    if not re.fullmatch("[A-Z]{2}", country, re.ASCII):
        raise ValueError(f"no holidays for country {country!r}: give an ISO 3166-1 code of two capital letters")
    try:
        supported = holidays.country_holidays(country).supported_languages
    except NotImplementedError as error:
        raise ValueError(f"no holidays for country {country!r}") from error
    wanted = {Language.NL: ("nl", "en_US"), Language.EN: ("en_US", "en_GB")}
    found = {ours: next((name for name in names if name in supported), "") for ours, names in wanted.items()}
    return {ours: name for ours, name in found.items() if name}


def _described(calendar: Calendar) -> str:
    subdivision = f", subdivision {calendar.subdivision!r}" if calendar.subdivision else ""
    return f"country {calendar.country!r}{subdivision}, categories {', '.join(calendar.categories)}"
