"""A date we gave somebody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ksmail.desk.policy import Policy
from ksmail.incoming.message import Language

_DAY = timedelta(days=1)
_RECEIVED = {Language.NL: "ontvangen", Language.EN: "received"}
_COUNTS_LATER = {
    Language.NL: "ontvangen; telt als de volgende werkdag",
    Language.EN: "received; counts as the next working day",
}
_COUNTS_HERE = {Language.NL: "telt als dag van ontvangst", Language.EN: "counts as the day of receipt"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPromise:
    """The date for a new ticket. Dates are local to the desk.

    `broken_on` is the date that had already come when we fetched the mail, or None: then an apology is due.
    """

    promised_on: date
    received_on: date
    broken_on: date | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One day of the explanation: as which working day it counts (None: it does not), and why not."""

    day: date
    counted: int | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A weekday on which the desk is closed, with the reason in the asker's language."""

    day: date
    name: str


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A closed day that an asker should know of, with its name in both languages; a day that the desk chose itself has
    none, and needs none in a letter that says "we are closed"."""

    day: date
    name_nl: str
    name_en: str


def received_on(received_at: datetime, timezone: ZoneInfo) -> date:
    """The date at the desk when the mail came. Raises ValueError for a naive `received_at`."""
    if received_at.utcoffset() is None:
        raise ValueError("a moment without a time zone has no date")
    return received_at.astimezone(timezone).date()


def counts_from(received_at: datetime, policy: Policy) -> date:
    """The day after which we count: the day of receipt, or with a cut-off the working day it counts as.

    With a cut-off, mail outside the desk's hours counts as the next working day, and a closed day is outside them
    altogether: otherwise a mail of Saturday would get an earlier date than one of Friday evening.
    """
    day = received_on(received_at, policy.timezone)
    if policy.cutoff is None:
        return day
    # Moments are compared, not clock faces: in the night in which the clock goes back 02:30 comes twice.
    cutoff = datetime.combine(day, policy.cutoff, policy.timezone).astimezone(UTC)
    in_time = policy.workdays.is_working_day(day) and received_at.astimezone(UTC) <= cutoff
    return day if in_time else policy.workdays.after(day, 1)


def promise_date(received_at: datetime, policy: Policy) -> date:
    """The date by which a mail is answered: `response_days` working days after the day it counts from."""
    return policy.workdays.after(counts_from(received_at, policy), policy.response_days)


def first_promise(received_at: datetime, now: datetime, policy: Policy) -> FirstPromise:
    """The promise for a new ticket, judged at `now`; both moments aware.

    A date that is today or past cannot be promised any more: then it is today plus `response_days`.
    """
    received, today = received_on(received_at, policy.timezone), received_on(now, policy.timezone)
    promised = promise_date(received_at, policy)
    if promised > today:
        return FirstPromise(promised_on=promised, received_on=received)
    fresh = policy.workdays.after(today, policy.response_days)
    return FirstPromise(promised_on=fresh, received_on=received, broken_on=promised)


def steps(received_at: datetime, policy: Policy, language: Language) -> tuple[Step, ...]:
    """How `promise_date` came about, day by day, from the day of receipt up to the promised day."""
    return tuple(_steps(received_at, policy, language))


def _steps(received_at: datetime, policy: Policy, language: Language) -> Iterator[Step]:
    workdays = policy.workdays
    day, start = received_on(received_at, policy.timezone), counts_from(received_at, policy)
    yield Step(day, None, _say(_RECEIVED if day == start else _COUNTS_LATER, language))
    counted = 0
    while counted < policy.response_days:
        day += _DAY
        closed = workdays.why_closed(day, language)
        if closed:
            yield Step(day, None, closed)
        elif day <= start:
            yield Step(day, None, _say(_COUNTS_HERE, language))
        else:
            counted += 1
            yield Step(day, counted)


def closed_days(first: date, last: date, policy: Policy, language: Language) -> tuple[ClosedDay, ...]:
    """The weekdays between `first` and `last` on which the desk is closed. Weekends speak for themselves."""
    between = (first + timedelta(days=offset) for offset in range(1, (last - first).days))
    weekdays = (day for day in between if not policy.workdays.is_weekend(day))
    named = ((day, policy.workdays.why_closed(day, language)) for day in weekdays)
    return tuple(ClosedDay(day, name) for day, name in named if name)


def named_days(first: date, last: date, policy: Policy) -> tuple[NamedDay, ...]:
    """`closed_days` in both languages at once."""
    dutch = closed_days(first, last, policy, Language.NL)
    english = closed_days(first, last, policy, Language.EN)
    own = policy.workdays.calendar.closed
    return tuple(
        NamedDay(nl.day, "", "") if nl.day in own else NamedDay(nl.day, nl.name, en.name)
        for nl, en in zip(dutch, english, strict=True)
    )


def days_left(today: date, promised_on: date | None, policy: Policy) -> int:
    """The working days up to and including the promised one, at least one; all of them where nothing is promised."""
    if promised_on is None:
        return policy.response_days
    return max(policy.workdays.count(today, promised_on), 1) if promised_on > today else 1


def _say(words: dict[Language, str], language: Language) -> str:
    return " / ".join(words.values()) if language is Language.BOTH else words[language]
