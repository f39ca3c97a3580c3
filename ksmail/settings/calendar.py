"""The calendar of the desk, from the settings."""

from __future__ import annotations

from ksmail.desk.workdays import Calendar, Workdays
from ksmail.errors import ConfigError
from ksmail.settings.origin import Origin
from ksmail.settings.sections import CalendarSection
from ksmail.settings.words import to_weekday


def workdays(section: CalendarSection, origin: Origin) -> Workdays:
    """The days on which the desk works. Raises ConfigError.

    The calendar is built up key by key, so that the fault names the key that brought it.
    """
    calendar = Calendar(country=section.country, categories=("public",))
    _try(calendar, origin.fault("calendar.country", "must be a country with known holidays, such as NL"))
    calendar = Calendar(country=section.country, subdivision=section.subdivision, categories=("public",))
    _try(calendar, origin.fault("calendar.subdivision", "must be a part of the country with holidays of its own"))
    calendar = Calendar(
        country=section.country,
        subdivision=section.subdivision,
        categories=tuple(section.categories),
        good_friday_closed=section.good_friday_closed,
        weekend=frozenset(to_weekday(name) for name in section.weekend),
        closed=frozenset(section.closed),
        open=frozenset(section.open),
    )
    unknown = origin.fault("calendar.categories", "must be sorts of holidays that this country has, such as public")
    made = _try(calendar, unknown)
    if len(calendar.weekend) == 7:
        raise origin.fault("calendar.weekend", "leaves no day to work on")
    return made


def _try(calendar: Calendar, fault: ConfigError) -> Workdays:
    try:
        return Workdays(calendar)
    except ValueError:
        raise fault from None
