"""The last time of which we were sure, and whether the clock of the machine agrees with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ksmail import log
from ksmail.desk.plausible import clock_fault
from ksmail.desk.promise import received_on
from ksmail.store.store import Reader, Store

_WHAT = "clock"
_NOTED_EVERY = timedelta(minutes=30)

_log = log.get()


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of one store. `timezone` is the desk's."""

    store: Store
    timezone: ZoneInfo

    def is_plausible(self, now: datetime, past: Reader | None = None) -> bool:
        """Whether `now` can be right; if so it is noted as the last time of which we were sure. `past` is a snapshot
        that somebody took already. Raises Unavailable."""
        if past is None:
            with self.store.reading() as snapshot:
                return self.is_plausible(now, snapshot)
        fault, seen = fault_of(now, past), last_seen(past)
        if fault:
            _log.error("clock_implausible", reason=fault)
            return False
        if seen is None or now >= seen + _NOTED_EVERY:  # now and then, and never backwards
            self._note(now)
        return True

    def _note(self, now: datetime) -> None:
        day, seen = received_on(now, self.timezone), {"seen": now.isoformat()}
        with self.store.writing() as tx:
            if tx.claim(_WHAT, day, now, seen) is None:
                tx.remember(_WHAT, day, seen)


def fault_of(now: datetime, past: Reader) -> str:
    """Why `now` (aware) cannot be right by what is on record, or ""."""
    return clock_fault(now, last_seen(past), past.newest_mail())


def last_seen(past: Reader) -> datetime | None:
    """The last time of which we were sure."""
    last = past.last_claim(_WHAT)
    return datetime.fromisoformat(last.facts["seen"]) if last else None
