"""What the digest says: the day in numbers and references, for those who run the program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from ksmail.desk.arrival import Disposition
from ksmail.desk.case import QueueLine
from ksmail.desk.figures import share
from ksmail.desk.order_of_receipt import Overtaken, next_to_take
from ksmail.desk.policy import Policy
from ksmail.desk.promise import received_on
from ksmail.desk.ticket import PromiseState, Status
from ksmail.desk.vitals import Vitals
from ksmail.reference import Reference

MOST = 12  # references in one line; the others are counted
AHEAD = timedelta(days=14)

_ACCOUNTED = tuple(each for each in Disposition if each is not Disposition.PENDING)


@dataclass(frozen=True, slots=True)
class Pile:
    """Mails of the ledger. `seen` is by their numbers, `became` by what is written of each; `pending` are those that
    nobody has judged: number and moment of receipt."""

    seen: int
    became: Mapping[Disposition, int] = field(default_factory=dict)
    pending: Sequence[tuple[int, datetime]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """Letters by what they are about. `waiting` are counted; the oldest of them was due at `oldest_due`. `refused` and
    `given_up` are those since the last digest, the others all that there are."""

    waiting: int = 0
    oldest_due: datetime | None = None
    held: Sequence[str] = ()
    uncertain: Sequence[str] = ()
    refused: Sequence[str] = ()
    given_up: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What the store holds. `period` are the mails since the last digest (`first`: there was none), `whole` all.
    `promises` counts those whose date lies in the month, `unknown` are the tickets of those that the asker does not
    know of."""

    period: Pile
    whole: Pile
    answered: Sequence[Reference] = ()
    queue: Sequence[QueueLine] = ()
    overtaken: Sequence[Overtaken] = ()
    promises: Mapping[PromiseState, int] = field(default_factory=dict)
    unknown: Sequence[Reference] = ()
    letters: Letters = field(default_factory=Letters)
    quarantine: Sequence[datetime] = ()
    history: int = 0
    head: str = ""
    first: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One of several parts that make a whole. `share` is in per cents."""

    name: str
    count: int
    share: int = 0


@dataclass(frozen=True, slots=True)
class Balance:
    """The first thing the digest says. `unaccounted` are mails that became nothing yet: number, and whole hours since
    they came. `missing`: numbers of which the ledger has no row."""

    name: str
    seen: int
    parts: tuple[Bar, ...]
    unaccounted: tuple[tuple[int, int], ...] = ()
    more: int = 0
    missing: int = 0

    @property
    def open(self) -> int:
        """How many mails are not accounted for."""
        return len(self.unaccounted) + self.more + self.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One sentence: its wording is in templates/*/_shared/digest_line.txt, by `what`. `alarm`: somebody has to act."""

    what: str
    count: int = 0
    names: tuple[str, ...] = ()
    more: int = 0
    at: datetime | None = None
    days: int = 0
    day: date | None = None
    words: tuple[str, ...] = ()
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it: parts of a whole, then sentences."""

    name: str
    bars: tuple[Bar, ...] = ()
    lines: tuple[Line, ...] = ()


def balances(holdings: Holdings, now: datetime) -> tuple[Balance, ...]:
    """What became of the mails since the last digest, and of all; in the first digest that is the same."""
    whole = _balance("all", holdings.whole, now)
    return (whole,) if holdings.first else (_balance("period", holdings.period, now), whole)


def sections(holdings: Holdings, vitals: Vitals, now: datetime, policy: Policy, version: str) -> tuple[Section, ...]:
    """All that the digest says after the balance. `now` is aware."""
    today = received_on(now, policy.timezone)
    statuses = {status: sum(line.status is status for line in holdings.queue) for status in Status if status.is_open}
    return (
        Section("questions", _bars(statuses), tuple(_questions(holdings, today, policy))),
        Section("promises", _bars(holdings.promises), tuple(_promises(holdings))),
        Section("letters", (), tuple(_letters(holdings.letters))),
        Section("program", (), tuple(_program(holdings, vitals, today, policy, version))),
        Section("ahead", (), tuple(_ahead(holdings, today, policy))),
    )


def needs_attention(found: Sequence[Balance], told: Sequence[Section]) -> int:
    """How many sorts of sentences ask somebody to act; a balance that is not zero is one."""
    sorts = {line.what for section in told for line in section.lines if line.alarm}
    return len(sorts) + any(each.open for each in found)


def _balance(name: str, pile: Pile, now: datetime) -> Balance:
    became: dict[Disposition, int] = {each: pile.became.get(each, 0) for each in _ACCOUNTED}
    waiting = tuple((number, max(int((now - at).total_seconds() // 3600), 0)) for number, at in pile.pending)
    missing = pile.seen - sum(became.values()) - len(waiting)
    return Balance(name, pile.seen, _bars(became), waiting[:MOST], max(len(waiting) - MOST, 0), missing)


def _bars(counts: Mapping[Disposition, int] | Mapping[Status, int] | Mapping[PromiseState, int]) -> tuple[Bar, ...]:
    """Those that are there, in the order of their kind."""
    whole = sum(counts.values())
    return tuple(Bar(name.value, count, share(count, whole) or 0) for name, count in counts.items() if count)


def _listed(what: str, names: Sequence[object], *, alarm: bool = False) -> Line:
    shown = tuple(dict.fromkeys(map(str, names)))
    return Line(
        what=what,
        count=len(names),
        names=shown[:MOST],
        more=max(len(shown) - MOST, 0),
        alarm=alarm and bool(names),
    )


def _questions(holdings: Holdings, today: date, policy: Policy) -> Iterator[Line]:
    queue = holdings.queue
    late = [line.reference for line in queue if line.promised_on is not None and line.promised_on < today]
    yield _listed("answered", holdings.answered)
    yield Line(what="open", count=len(queue))
    yield _listed("overdue", late, alarm=True)
    yield _listed("due_today", [line.reference for line in queue if line.promised_on == today])
    for oldest in queue[:1]:
        received = received_on(oldest.received_at, policy.timezone)
        age = policy.workdays.count(received, today)
        yield Line(what="oldest", names=(str(oldest.reference),), at=oldest.received_at, days=age)
    following = next_to_take(queue)
    if following is not None:
        yield Line(what="next", names=(str(following),))
    for each in holdings.overtaken[:MOST]:
        yield overtaken_line(each, today, policy)
    if len(holdings.overtaken) > MOST:
        yield Line(what="overtaken_more", count=len(holdings.overtaken) - MOST)


def overtaken_line(each: Overtaken, today: date, policy: Policy) -> Line:
    """By how many, since when, for how many working days, and what the history knows of it."""
    days = policy.workdays.count(received_on(each.since, policy.timezone), today)
    words = tuple(excuse.value for excuse in each.excuses)
    return Line(
        what="overtaken", names=(str(each.ticket),), count=each.by, at=each.since, days=days, words=words,
        alarm=not words,
    )  # fmt: skip


def _promises(holdings: Holdings) -> Iterator[Line]:
    yield Line(what="promises", count=sum(holdings.promises.values()))
    yield _listed("unknown", holdings.unknown, alarm=True)


def _letters(letters: Letters) -> Iterator[Line]:
    yield Line(what="waiting", count=letters.waiting, at=letters.oldest_due)
    yield _listed("held", letters.held, alarm=True)
    yield _listed("uncertain", letters.uncertain, alarm=True)
    yield _listed("refused", letters.refused, alarm=True)
    yield _listed("given_up", letters.given_up, alarm=True)


def _program(holdings: Holdings, vitals: Vitals, today: date, policy: Policy, version: str) -> Iterator[Line]:
    yield Line(what="last_poll", at=vitals.last_poll)
    yield Line(what="last_send", at=vitals.last_send)
    if vitals.probes is not None:
        lost, median = vitals.probes.sent - vitals.probes.returned, vitals.probes.median_seconds
        words = () if median is None else (f"{median:.0f}",)
        yield Line(what="probes", count=vitals.probes.sent, days=lost, words=words, alarm=lost > 0)
    if vitals.alarms is not None:
        yield Line(what="alarms", count=len(vitals.alarms))
        for alarm in vitals.alarms[:MOST]:
            if alarm.ended_at is None:
                yield Line(what="alarm", words=(alarm.name,), at=alarm.began_at, alarm=True)
            else:
                minutes = round((alarm.ended_at - alarm.began_at).total_seconds() / 60)
                yield Line(what="alarm_over", words=(alarm.name,), at=alarm.began_at, count=minutes)
    oldest = min(holdings.quarantine, default=None)
    age = policy.workdays.count(received_on(oldest, policy.timezone), today) if oldest else 0
    yield Line(what="quarantine", count=len(holdings.quarantine), at=oldest, days=age, alarm=age > 0)
    yield Line(what="database", count=vitals.database or 0)
    yield Line(what="free_disk", count=vitals.free_disk or 0)
    yield Line(what="version", words=(version,))


def _ahead(holdings: Holdings, today: date, policy: Policy) -> Iterator[Line]:
    days = (today + timedelta(days=offset) for offset in range(1, AHEAD.days + 1))
    closed = [day for day in days if not policy.workdays.is_weekend(day) and not policy.workdays.is_working_day(day)]
    for day in closed:
        yield Line(what="closed_day", day=day)
    if not closed:
        yield Line(what="no_closed_days")
    yield Line(what="history", count=holdings.history, words=(holdings.head,))
