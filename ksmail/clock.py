"""The last time of which we were sure, and whether the clock of the machine agrees with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ksmail import log
from ksmail.desk.plausible import FORWARD, Note, clock_fault, is_correction, noted
from ksmail.desk.promise import received_on
from ksmail.store.store import Reader, Store, Transaction

_WHAT = "clock"
_NOTED_EVERY = timedelta(minutes=90)
ACCEPT = "set it right; if it is right, wait for the next mail, or run `ksmail clock --accept`"  # what to do

_log = log.get()
_said: set[str] = set()  # by this process, since its clock was right last: everything that time brings asks anew


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of one store. `timezone` is the desk's."""

    store: Store
    timezone: ZoneInfo

    def fault(self, now: datetime) -> str:
        """Why `now` (aware) cannot be right, or "". Raises Unavailable."""
        with self.store.reading() as past:
            return fault_of(now, past)

    def is_plausible(self, now: datetime, past: Reader | None = None) -> bool:
        """Whether `now` can be right; if so it is noted as the last time that was believed. `past` is a snapshot that
        somebody took already. Raises Unavailable."""
        if past is None:
            with self.store.reading() as snapshot:
                return self.is_plausible(now, snapshot)
        note = last_note(past)
        fault = _fault(now, note, past)
        if fault:
            _say(fault)
            return False
        _said.clear()
        if note is None or now >= note.seen + _NOTED_EVERY or is_correction(now, note):
            self._note(now)
        return True

    def accept(self, now: datetime) -> None:
        """Take `now` (aware) for right, because whoever runs the program says so. Raises Unavailable."""
        with self.store.writing() as tx:
            self._keep(tx, Note(now, now), now)
        _log.warning("clock_corrected", by="operator")

    def _note(self, now: datetime) -> None:
        with self.store.writing() as tx:
            note, mails = last_note(tx), tx.newest_mails()
            corrects = is_correction(now, note)
            self._keep(tx, noted(now, note, mails), now)
        if corrects:
            _log.warning("clock_corrected", by="clock")

    def _keep(self, tx: Transaction, note: Note, now: datetime) -> None:
        """The newest of its kind: a day that is still to come was noted by a wrong clock."""
        day, facts = received_on(now, self.timezone), {"seen": note.seen.isoformat(), "sure": note.sure.isoformat()}
        tx.withdraw(_WHAT, after=day)
        if tx.claim(_WHAT, day, now, facts) is None:
            tx.remember(_WHAT, day, facts)


def last_note(past: Reader) -> Note | None:
    """What was noted last; None: nothing yet. An earlier version noted no leaps."""
    last = past.last_claim(_WHAT)
    if last is None:
        return None
    seen = last.facts["seen"]
    return Note(datetime.fromisoformat(seen), datetime.fromisoformat(last.facts.get("sure", seen)))


def fault_of(now: datetime, past: Reader) -> str:
    """Why `now` (aware) cannot be right by what is on record, or ""."""
    return _fault(now, last_note(past), past)


def _fault(now: datetime, note: Note | None, past: Reader) -> str:
    if note is not None and timedelta(0) <= now - note.sure <= FORWARD:
        return ""  # whatever the mails say: they are asked only when there is a doubt
    return clock_fault(now, note, past.newest_mails())


def _say(fault: str) -> None:
    """Once, until it is well again: a line in each minute would hide everything else."""
    if fault not in _said:
        _said.add(fault)
        _log.error("clock_implausible", reason=fault)
