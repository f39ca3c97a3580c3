"""When the simulated program looks around: at a regular pace, at the hours of the office, never while it is down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ksmail.desk.policy import Office

PACE = timedelta(hours=1)
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment (aware), up to and not including another."""

    begins: datetime
    ends: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.begins <= moment < self.ends


@dataclass(frozen=True, slots=True)
class WrongClock:
    """A while in which the program's clock shows `by` more than it is. It jumps at both ends."""

    span: Span
    by: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What happens to the program and its servers: `down` (nothing runs), `mailbox_away`, `sending_away`."""

    down: tuple[Span, ...] = ()
    mailbox_away: tuple[Span, ...] = ()
    sending_away: tuple[Span, ...] = ()
    wrong_clocks: tuple[WrongClock, ...] = ()

    def offset(self, moment: datetime) -> timedelta:
        """What the program's clock shows too much at that moment."""
        return sum((wrong.by for wrong in self.wrong_clocks if moment in wrong.span), timedelta())

    def turns(self) -> set[datetime]:
        """The moments at which something of this begins or ends."""
        spans = (*self.down, *self.mailbox_away, *self.sending_away, *(wrong.span for wrong in self.wrong_clocks))
        return {moment for span in spans for moment in (span.begins, span.ends)}


def is_in(moment: datetime, spans: Iterable[Span]) -> bool:
    """Whether one of these is under way."""
    return any(moment in span for span in spans)


def rounds(period: Span, course: Course, office: Office, timezone: ZoneInfo, pace: timedelta = PACE) -> list[datetime]:
    """All moments (UTC) in `period` at which the program looks around, ascending: those that its clock shows as a whole
    multiple of `pace` since midnight or as a time of the office, a minute after each of these, and what `course` turns
    on."""
    turns = sorted(moment for moment in course.turns() if moment in period)
    found = {period.begins, *turns}
    for begins, ends in zip((period.begins, *turns), (*turns, period.ends), strict=True):
        by = course.offset(begins)
        shown = Span(begins + by, ends + by)
        seen = {*_at_pace(shown, timezone, pace), *_of_office(shown, office, timezone)}
        found |= {moment - by for moment in seen}
    return sorted(moment.astimezone(UTC) for moment in found if not is_in(moment, course.down))


def _at_pace(period: Span, timezone: ZoneInfo, pace: timedelta) -> Iterator[datetime]:
    """In steps of UTC, so that an hour that comes twice is there twice, and one that is left out is not."""
    moment = period.begins.astimezone(UTC) - pace
    while moment < period.ends:
        if moment in period:
            yield moment
        later = moment + pace
        whole = later - _since_midnight(later.astimezone(timezone)) % pace
        moment = whole if whole > moment else later


def _since_midnight(local: datetime) -> timedelta:
    return timedelta(hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond)


def _of_office(period: Span, office: Office, timezone: ZoneInfo) -> Iterator[datetime]:
    day = period.begins.astimezone(timezone).date()
    while day <= period.ends.astimezone(timezone).date():
        for at in (office.digest, office.opens, office.again, office.closes):
            moment = local_moment(datetime.combine(day, at), timezone)
            yield from (each for each in (moment, moment + _MINUTE) if each in period)
        day += _DAY


def local_moment(local: datetime, timezone: ZoneInfo) -> datetime:
    """What a clock of the desk shows (naive), as a moment in UTC. Of a time that comes twice it is the first."""
    return local.replace(tzinfo=timezone).astimezone(UTC)
