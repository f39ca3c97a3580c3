"""When whoever runs the program must hear that a part of it fails, and when that it is over. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Part(StrEnum):
    """What can fail, the most important first. The names stand in the health file and in the templates."""

    MAILBOX = "mailbox"
    SENDING = "sending"
    STORE = "store"
    PARSER = "parser"
    DISK = "disk"
    CLOCKWORK = "clockwork"
    SECRET = "secret"  # noqa: S105 - a word
    CERTIFICATE = "certificate"
    PROBE = "probe"
    CLOCK = "clock"
    CALLS = "calls"
    DIGEST = "digest"


# Nothing that gets worse within the day: people hear of it once a day.
_SLOW = frozenset({Part.CERTIFICATE, Part.CALLS, Part.DIGEST})
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sign:
    """What one look found. `detail` is a short sentence without an address, a name, a subject or a secret. A part of
    which nothing is known has no sign: it neither fails nor recovers."""

    part: Part
    well: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AlarmSettings:
    """How long a part fails before anybody hears of it, and how long until they hear of it again."""

    patience: timedelta = timedelta(minutes=15)
    repeat: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A part that fails since a moment. `told_at` is when the last alert about the part was due, perhaps in an earlier
    outage of the same day; `times` counts those of this one."""

    part: Part
    since: datetime
    detail: str = ""
    told_at: datetime | None = None
    times: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """When an alert about a part was due last. It is kept beyond its recovery: a part that comes and goes is no news
    each time."""

    part: Part
    at: datetime


@dataclass(frozen=True, slots=True)
class Over:
    """A part that failed, was alerted about, and works again."""

    part: Part
    since: datetime
    until: datetime

    @property
    def lasted(self) -> timedelta:
        return max(self.until - self.since, timedelta(0))

    @property
    def hours(self) -> int:
        return int(self.lasted // timedelta(hours=1))

    @property
    def minutes(self) -> int:
        """Beside the whole hours."""
        return int(self.lasted // timedelta(minutes=1)) % 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """People must hear that these parts fail; `well` are those that were seen to work. One mail, however many."""

    number: int
    at: datetime
    outages: tuple[Outage, ...]
    well: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """People who may have heard of them must hear that these parts work again."""

    number: int
    at: datetime
    over: tuple[Over, ...]


Call = Alert | Recovery
_Either = Outage | Over | Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """What fails, the last number given to a call, and what nobody could be told yet: one alert and one recovery at
    most, which grow until somebody can be told. `lately` is of parts that work again."""

    outages: tuple[Outage, ...] = ()
    count: int = 0
    alert: Alert | None = None
    recovery: Recovery | None = None
    lately: tuple[Told, ...] = ()

    @property
    def raised(self) -> tuple[Outage, ...]:
        """What fails and was alerted about."""
        return tuple(outage for outage in self.outages if outage.times)

    @property
    def owed(self) -> tuple[Call, ...]:
        """What is to be told, good news first: the other may say that it is bad again."""
        return tuple(call for call in (self.recovery, self.alert) if call is not None)


def judge(
    state: Alarms, signs: Iterable[Sign], now: datetime, settings: AlarmSettings | None = None
) -> tuple[Alarms, tuple[Call, ...]]:
    """The state after one look, and what became due with it; `owed` of the state is what is then to be told.

    `now` is aware, UTC, and may lie before an earlier one: a clock that was put back lengthens nothing and shortens
    nothing below zero.
    """
    settings = settings or AlarmSettings()
    found = _folded(signs)
    outages = {outage.part: _not_later(outage, now) for outage in state.outages}
    lately = {each.part: min(each.at, now) for each in state.lately if now - each.at < _DAY}
    over = []
    for sign in found.values():
        known = outages.pop(sign.part, None)
        if not sign.well:
            new = Outage(part=sign.part, since=now, told_at=lately.pop(sign.part, None))
            outages[sign.part] = replace(known or new, detail=sign.detail)
        elif known is not None:
            over += [Over(known.part, known.since, now)] if known.times else []
            lately |= {known.part: known.told_at} if known.told_at else {}
    due = {part for part, outage in outages.items() if part in found and _is_due(outage, now, settings)}
    for part in due:
        outages[part] = replace(outages[part], told_at=now, times=outages[part].times + 1)
    well = tuple(part for part in Part if part in found and found[part].well)
    failing, again = tuple(sorted(outages.values(), key=_in_order)), tuple(sorted(over, key=_in_order))
    after, calls = _called(state, failing, due, well, again, now)
    rested = tuple(sorted((Told(part, at) for part, at in lately.items()), key=_in_order))
    return replace(after, lately=rested), calls


def told(state: Alarms, call: Call) -> Alarms:
    """The state once people have this call."""
    alert = None if state.alert == call else state.alert
    return replace(state, alert=alert, recovery=None if state.recovery == call else state.recovery)


def forget(state: Alarms, part: Part) -> Alarms:
    """The state once nobody looks at this part any more: it neither fails nor recovers."""
    outages = tuple(outage for outage in state.outages if outage.part is not part)
    told_of = tuple(outage for outage in state.alert.outages if outage.part is not part) if state.alert else ()
    alert = replace(state.alert, outages=told_of) if state.alert and told_of else None
    lately = tuple(each for each in state.lately if each.part is not part)
    return replace(state, outages=outages, alert=alert, lately=lately)


def _called(
    state: Alarms,
    outages: tuple[Outage, ...],
    due: set[Part],
    well: tuple[Part, ...],
    over: tuple[Over, ...],
    now: datetime,
) -> tuple[Alarms, tuple[Call, ...]]:
    """An alert about what is over by now is not told any more; what is due joins what nobody could be told."""
    count, calls = state.count, list[Call]()
    recovery = state.recovery
    if over:
        count += 1
        calls.append(Recovery(number=count, at=now, over=over))
        recovery = Recovery(number=count, at=now, over=(*(recovery.over if recovery else ()), *over))
    untold = {outage.part for outage in state.alert.outages} if state.alert else set[Part]()
    open_ = tuple(outage for outage in outages if outage.part in untold | due)
    alert = replace(state.alert, outages=open_) if state.alert and open_ else None
    if due:
        count += 1
        alert = Alert(number=count, at=now, outages=open_, well=well)
        calls.append(replace(alert, outages=tuple(outage for outage in outages if outage.part in due)))
    return Alarms(outages=outages, count=count, alert=alert, recovery=recovery), tuple(calls)


def _folded(signs: Iterable[Sign]) -> dict[Part, Sign]:
    """One sign for each part: the bad ones count."""
    found: dict[Part, Sign] = {}
    for sign in signs:
        if sign.part not in found or not sign.well:
            found[sign.part] = sign
    return found


def _not_later(outage: Outage, now: datetime) -> Outage:
    told_at = min(outage.told_at, now) if outage.told_at else None
    return replace(outage, since=min(outage.since, now), told_at=told_at)


def _is_due(outage: Outage, now: datetime, settings: AlarmSettings) -> bool:
    if not outage.times and now - outage.since < settings.patience:
        return False
    return outage.told_at is None or now - outage.told_at >= (_DAY if outage.part in _SLOW else settings.repeat)


def _in_order(each: _Either) -> int:
    return list(Part).index(each.part)
