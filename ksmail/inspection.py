"""What one look finds of each part of the desk: signs, without an address, a name, a subject or a secret."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from ksmail.clock import fault_of
from ksmail.desk.alarm import Part, Sign
from ksmail.desk.due import Call
from ksmail.desk.letter import LetterKind
from ksmail.desk.policy import Policy
from ksmail.desk.promise import received_on
from ksmail.errors import LoginRefused, ParserAway, StoreAway, Unavailable
from ksmail.incoming.pace import readable
from ksmail.outbox import Outbox
from ksmail.store.store import Reader, Store
from ksmail.store.values import Backlog, Probe
from ksmail.witness import Witness

DIGEST = LetterKind.OPS_DIGEST.value  # what the digest of a day is claimed as
CALLS = Call.OPENING.value  # and the call that begins it
LATE = timedelta(minutes=15)  # after which a probe should have come back
_UNSENT = timedelta(minutes=5)  # a letter that is due for longer, nobody is sending
_GRACE = timedelta(hours=1)  # for what is done once a day
_CLOCK_SLACK = timedelta(minutes=5)
_PROBES_SINCE = timedelta(days=2)
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)  # the program is younger: a clock before that is not set
_REPLY = re.compile(r"([245]\d\d)\b")
_LOGIN_WANTED = ("530", "534", "535", "538")  # RFC 4954 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the store says, as of one look. `digest` is whether that of today was written, `called` whether those were
    told today who have something due; None: none is due. `clock` is why our clock cannot be right, or ""."""

    backlog: Backlog
    probes: tuple[Probe, ...]
    digest: bool | None
    called: bool | None
    clock: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """Looks at one desk. `room` is how many octets must be free in `folder`. `certificates` are those of the servers by
    name, as they were when we connected last; `notice` is how long before its end one is an alarm."""

    store: Store
    policy: Policy
    witness: Witness
    outbox: Outbox
    folder: Path
    room: int
    certificates: Callable[[], Mapping[str, datetime | None]]
    notice: timedelta

    def signs(self, now: datetime) -> list[Sign]:
        """One look. `now` is aware, UTC. Of what cannot be known at the moment there is no sign."""
        facts, store = self._store(now)
        found = [*self._intake(), *self._sending(facts, now), store, self._disk(), self._clockwork(), *self._secret()]
        found += [*_certificate(self.certificates(), now, self.notice), _clock(facts, now)]
        away = any(not sign.well for sign in found if sign.part in _WAY_OF_A_PROBE)
        if facts is not None and not away:  # else it only says once more what is known
            found += _probe(facts.probes, now)
        return found + list(_of_the_day(facts))

    def _store(self, now: datetime) -> tuple[Facts | None, Sign]:
        """It is tried whether it can be written and read."""
        try:
            self.store.try_write()
            with self.store.reading() as past:
                facts = Facts(
                    backlog=past.backlog(),
                    # One from the future was sent under a wrong clock, which says nothing of the present one.
                    probes=tuple(past.probes(now - _PROBES_SINCE, now + _CLOCK_SLACK)),
                    digest=self._digest(past, now),
                    called=self._called(past, now),
                    clock=fault_of(now, past),
                )
        except Unavailable as fault:
            return None, Sign(Part.STORE, False, str(fault))
        return facts, Sign(Part.STORE, True)

    def _digest(self, past: Reader, now: datetime) -> bool | None:
        return self._done(past, DIGEST, self.policy.office.digest, now)

    def _called(self, past: Reader, now: datetime) -> bool | None:
        """Nobody is called after office hours: a program that starts then has missed nothing that it could do."""
        office, clock = self.policy.office, now.astimezone(self.policy.timezone).time()
        return self._done(past, CALLS, office.opens, now) if clock < office.closes else None

    def _done(self, past: Reader, what: str, at: time, now: datetime) -> bool | None:
        """Whether it was done today, an hour after its time; None before that. There is none on the day of the first
        mail of a desk, and on no day on which it is closed."""
        local, today = now.astimezone(self.policy.timezone), received_on(now, self.policy.timezone)
        began = past.began_at()
        if began is None or received_on(began, self.policy.timezone) >= today:
            return None
        due = datetime.combine(today, at, self.policy.timezone) + _GRACE
        if local < due or not self.policy.workdays.is_working_day(today):
            return None
        return past.claimed(what, today) is not None

    def _intake(self) -> Iterator[Sign]:
        """The mailbox, and the process that reads mail: one of them stops a round."""
        fault, polled = self.witness.fault, self.witness.last_poll is not None
        match fault:
            case None if polled:
                yield from (Sign(Part.MAILBOX, True), Sign(Part.PARSER, True))
            case None | StoreAway():
                return
            case ParserAway():
                yield Sign(Part.PARSER, False, str(fault))
            case _:
                yield Sign(Part.MAILBOX, False, str(fault))

    def _sending(self, facts: Facts | None, now: datetime) -> Iterator[Sign]:
        """With nothing to send, nobody knows whether a server that refused us would take a letter now."""
        backlog = facts.backlog if facts else None
        if self.outbox.paused_until is not None:
            if backlog is None or backlog.letters:
                yield Sign(Part.SENDING, False, said(self.outbox.fault))
        elif backlog is not None:
            late = backlog.oldest_due is not None and now - backlog.oldest_due > _UNSENT
            yield Sign(Part.SENDING, not late, "letters are due, and none is sent" if late else "")

    def _disk(self) -> Sign:
        try:
            free = shutil.disk_usage(self.folder).free
        except OSError as fault:
            return Sign(Part.DISK, False, f"the state directory cannot be looked at ({type(fault).__name__})")
        well = free >= self.room
        return Sign(Part.DISK, well, "" if well else f"{readable(free)} is free, {readable(self.room)} is needed")

    def _clockwork(self) -> Sign:
        stuck = [f"no move of the {each} for {_minutes(self.witness.silent(each))}" for each in self.witness.stuck()]
        return Sign(Part.CLOCKWORK, not stuck, "; ".join(stuck))

    def _secret(self) -> Iterator[Sign]:
        imap, smtp = isinstance(self.witness.fault, LoginRefused), refuses_login(self.outbox.fault)
        if imap or smtp:
            servers = " and ".join(name for name, refuses in (("IMAP", imap), ("SMTP", smtp)) if refuses)
            yield Sign(Part.SECRET, False, f"refused by {servers}")
        elif self.witness.fault is None and self.witness.last_poll is not None and self.outbox.paused_until is None:
            yield Sign(Part.SECRET, True)


_WAY_OF_A_PROBE = (Part.MAILBOX, Part.PARSER, Part.SENDING, Part.STORE, Part.CLOCKWORK)


def _of_the_day(facts: Facts | None) -> Iterator[Sign]:
    """What is done once a day. Under a clock that cannot be right nothing is: that says it."""
    if facts is None or facts.clock:
        return
    if facts.called is not None:
        yield Sign(Part.CALLS, facts.called, "" if facts.called else "nobody was told today what is due")
    if facts.digest is not None:
        yield Sign(Part.DIGEST, facts.digest, "" if facts.digest else "today's digest was not written")


def _certificate(known: Mapping[str, datetime | None], now: datetime, notice: timedelta) -> Iterator[Sign]:
    ends = {server: until for server, until in known.items() if until is not None}
    soon = [f"that of {server} ends on {until:%Y-%m-%d}" for server, until in ends.items() if until - now < notice]
    if ends:
        yield Sign(Part.CERTIFICATE, not soon, "; ".join(soon))


def _probe(probes: Sequence[Probe], now: datetime) -> Iterator[Sign]:
    """One that got lost among others is forgiven once a later one is back."""
    back = [probe.sent_at for probe in probes if probe.came_at is not None]
    lost = [probe.sent_at for probe in probes if probe.came_at is None and now - probe.sent_at > LATE]
    if lost and (not back or max(lost) > max(back)):
        since = [sent_at for sent_at in lost if not back or sent_at > max(back)]
        yield Sign(Part.PROBE, False, f"{len(since)} did not come back" if len(since) > 1 else "one did not come back")
    elif back:
        yield Sign(Part.PROBE, True)


def _clock(facts: Facts | None, now: datetime) -> Sign:
    """The mail server's clock against ours: the newest probe arrived there after we sent it, before we took it."""
    if now < _EARLIEST:
        return Sign(Part.CLOCK, False, "the clock of this machine is not set")
    if facts is not None and facts.clock:
        return Sign(Part.CLOCK, False, facts.clock)
    probes = facts.probes if facts else ()
    newest = next((probe for probe in reversed(probes) if probe.came_at and probe.received_at), None)
    if newest is None or newest.came_at is None or newest.received_at is None:
        return Sign(Part.CLOCK, True)
    apart = max(newest.sent_at - newest.received_at, newest.received_at - newest.came_at)
    well = apart <= _CLOCK_SLACK
    return Sign(Part.CLOCK, well, "" if well else f"{_minutes(apart.total_seconds())} apart from the mail server's")


def refuses_login(reply: str) -> bool:
    """Whether an SMTP reply says that our login is refused, or wanted (RFC 4954 6)."""
    return reply.startswith(_LOGIN_WANTED)


def said(reply: str) -> str:
    """What may be shown of an SMTP fault: our own words, but of a server's only the code, for they may hold names."""
    if refuses_login(reply):
        return "the SMTP server refuses our login"
    code = _REPLY.match(reply)
    return f"the SMTP server says {code[1]}" if code else reply


def _minutes(seconds: float) -> str:
    count = int(seconds // 60)
    return "1 minute" if count == 1 else f"{count} minutes"
