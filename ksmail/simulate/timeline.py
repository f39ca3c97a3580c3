"""What happened in a simulated period, line by line, and the sums below it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from ksmail.capability import Audience
from ksmail.desk.consultation import Consulted, PartnerReplied
from ksmail.desk.letter import LetterKind
from ksmail.desk.policy import Policy
from ksmail.desk.ticket import (
    Answered,
    Assigned,
    Change,
    Closed,
    Flagged,
    Joined,
    MergedInto,
    Opened,
    Posted,
    Promised,
    PromiseSettled,
    PromiseState,
    Unkept,
)
from ksmail.incoming.message import Language
from ksmail.reference import Reference
from ksmail.simulate.run import Simulation
from ksmail.simulate.times import local_moment
from ksmail.store.happenings import Disclosed, Dropped, Failed, Handled, Recorded, Released, Reopened, Settled, Unserved
from ksmail.store.values import HistoryLine, LetterState

MAIL_IN, LETTER_OUT, LETTER, TICKET, CLOSED, NOTHING = (
    "mail in", "letter out", "letter", "ticket", "closed", "nothing due",
)  # fmt: skip
_ROLES = {Audience.ASKER: "asker", Audience.STAFF: "staff", Audience.PARTNER: "partner", Audience.OPS: "ops"}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line. `at` is on the desk's clock. `kind` is what became of a mail, which letter it is, or what happened to
    the ticket; `who` is a role, never an address."""

    at: datetime
    what: str
    ticket: str = ""
    kind: str = ""
    who: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """`unaccounted` is how many mails arrived and are neither in the ledger nor in the inbox: zero."""

    mails: int
    tickets: int
    letters: Mapping[str, int]
    promises: Mapping[str, int]
    unaccounted: int


@dataclass(frozen=True, slots=True)
class Timeline:
    entries: tuple[Entry, ...]
    sums: Sums


def timeline(simulation: Simulation) -> Timeline:
    """What the history of a simulated desk tells, after its run."""
    policy = simulation.config.policy
    with simulation.store.reading() as past:
        entries = [entry for entry in _told_in_order(past.happenings(), policy) if entry is not None]
        promises, tickets = past.promise_states(), sum(past.counts().tickets.values())
        held = [line for line in past.outbox(1_000_000) if line.held]
    entries += [
        Entry(at=_local(line.queued_at, policy), what=LETTER, ticket=line.about, kind=line.kind, who=_reader(line.kind),
              because=f"held: {line.held}")
        for line in held
    ]  # fmt: skip
    entries += _empty_days(simulation, {entry.at.date() for entry in entries})
    return Timeline(
        tuple(sorted(entries, key=lambda entry: entry.at)),
        Sums(
            mails=simulation.mailbox.delivered,
            tickets=tickets,
            letters=dict(sorted(Counter(letter.mail.kind for letter in simulation.postman.sent).items())),
            promises={state.value: number for state, number in promises.items()},
            unaccounted=simulation.unaccounted(),
        ),
    )


def _told_in_order(happened: Iterable[tuple[Reference | None, HistoryLine]], policy: Policy) -> Iterator[Entry | None]:
    """A mail before what it did, which stands before it in the history; with the role of who wrote it."""
    before: list[tuple[Reference | None, HistoryLine]] = []
    for ticket, line in happened:
        if before and before[0][1].mail != line.mail:
            yield from (_entry(*each, policy) for each in before)
            before = []
        if isinstance(line.change, Recorded):
            posted = [each.change.role.value for _, each in before if isinstance(each.change, Posted)]
            entry = _entry(ticket, line, policy)
            yield replace(entry, who=posted[0] if posted else "") if entry else None
            yield from (_entry(*each, policy) for each in before)
            before = []
        elif line.mail is not None:
            before.append((ticket, line))
        else:
            yield _entry(ticket, line, policy)
    yield from (_entry(*each, policy) for each in before)


def _entry(ticket: Reference | None, line: HistoryLine, policy: Policy) -> Entry | None:
    """None for what only completes another line."""
    at, number = _local(line.at, policy), str(ticket or "")
    match line.change:
        case Recorded(disposition):
            kind = disposition.value.replace("_", " ")
            return Entry(at=at, what=MAIL_IN, ticket=number, kind=kind, because=line.because)
        case Settled(kind, _, state) | Handled(kind, _, state) | Released(kind, _, state):
            what = LETTER_OUT if state is LetterState.SENT and isinstance(line.change, Settled) else LETTER
            how = "" if what == LETTER_OUT else f"{_words(type(line.change))}: {state.value.replace('_', ' ')}; "
            because = f"{how}{line.because}"
            return Entry(at=at, what=what, ticket=number, kind=kind, who=_reader(kind), because=because)
        case Disclosed() | Failed() | Posted() | Joined() | Unserved():
            return None
        case Reopened(disposition) | Dropped(disposition):
            kind = f"{_words(type(line.change))} ({disposition.value})"
            return Entry(at=at, what=MAIL_IN, ticket=number, kind=kind, who=line.actor, because=line.because)
        case _:
            what = CLOSED if isinstance(line.change, Closed | MergedInto) else TICKET
            kind = _told(line.change)
            return Entry(at=at, what=what, ticket=number, kind=kind, who=line.actor, because=line.because)


def _told(change: Change) -> str:
    """What happened to a ticket, in a few words."""
    words = _words(type(change))
    match change:
        case Promised(promised_on=day, ground=ground, state=state):
            unless_open = "" if state is PromiseState.OPEN else f", {state.value}"
            return f"promised {day:%a %d %b %Y} ({ground.value.replace('_', ' ')}{unless_open})"
        case PromiseSettled(state) | Unkept(state):
            return f"promise {state.value}"
        case Closed(reason=reason):
            return reason.value
        case MergedInto(reference=reference):
            return f"put into {reference}"
        case Flagged(flag):
            return f"{words}: {flag.value.replace('_', ' ')}"
        case Consulted() | PartnerReplied():
            return f"{words}: {change.partner}"
        case Opened() | Answered() | Assigned() | _:
            return words


def _words(sort: type) -> str:
    """TakenUp: taken up."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", sort.__name__).lower()


def _reader(kind: str) -> str:
    return _ROLES[LetterKind(kind).audience]


def _empty_days(simulation: Simulation, busy: set[date]) -> Iterator[Entry]:
    """A line for each day on which nothing happened, with the reason if the desk was closed."""
    policy, period = simulation.config.policy, simulation.plan.period
    day, last = _local(period.begins, policy).date(), _local(period.ends - timedelta.resolution, policy).date()
    while day <= last:
        if day not in busy:
            at = _local(local_moment(datetime.combine(day, policy.office.opens), policy.timezone), policy)
            yield Entry(at=at, what=NOTHING, because=policy.workdays.why_closed(day, Language.EN))
        day += _DAY


def _local(moment: datetime, policy: Policy) -> datetime:
    return moment.astimezone(policy.timezone)
