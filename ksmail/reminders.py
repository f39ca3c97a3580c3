"""Time passes: what silence leads to, decided like a mail and recorded the same way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ksmail import log
from ksmail.desk.policy import Policy
from ksmail.desk.remind import close_quiet
from ksmail.desk.ticket import Status
from ksmail.reference import Reference
from ksmail.store.store import Store

_log = log.get()


@dataclass(frozen=True, slots=True)
class Reminders:
    """The tickets of one store, looked at now and then. `now` gives the time, aware, UTC."""

    store: Store
    policy: Policy
    now: Callable[[], datetime]

    def round(self) -> int:
        """Do what is due; doing it twice changes nothing. Returns how many tickets changed. Raises Unavailable."""
        now = self.now()
        with self.store.reading() as past:
            answered = past.in_status(Status.ANSWERED)
        due = [reference for reference in answered if self._close(reference, now)]
        return len(due)

    def _close(self, reference: Reference, now: datetime) -> bool:
        with self.store.writing() as tx:
            ticket = tx.find_ticket(reference)
            changes = close_quiet(ticket, now, self.policy) if ticket else ()
            if changes:
                tx.pass_time(reference, changes, "nobody wrote any more", now)
                _log.info("ticket_closed_quietly", ticket=str(reference))
        return bool(changes)
