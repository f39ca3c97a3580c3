"""Time passes: what silence leads to, decided like a mail and recorded the same way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ksmail import log
from ksmail.desk.promise import received_on
from ksmail.desk.remind import close_quiet, partners_due
from ksmail.desk.ticket import Status
from ksmail.reference import Reference
from ksmail.store.records import Cause
from ksmail.store.store import Store
from ksmail.writing import Desk

_log = log.get()


@dataclass(frozen=True, slots=True)
class Reminders:
    """The tickets of one store, looked at now and then. `now` gives the time, aware, UTC."""

    store: Store
    desk: Desk
    now: Callable[[], datetime]

    def round(self) -> int:
        """Do what is due; doing it twice changes nothing. Returns how many tickets changed. Raises Unavailable."""
        now = self.now()
        with self.store.reading() as past:
            answered = past.in_status(Status.ANSWERED)
            asking = past.with_due_consultations(received_on(now, self.desk.policy.timezone))
        due = {reference for reference in answered if self._close(reference, now)}
        due |= {reference for reference in asking if self._ring(reference, now)}
        return len(due)

    def _ring(self, reference: Reference, now: datetime) -> bool:
        """Partners whose date has come. What is rung is on record with its letter, so a restart rings nobody twice."""
        policy = self.desk.policy
        with self.store.writing() as tx:
            ticket = tx.find_ticket(reference)
            if ticket is None:
                return False
            absent = tx.absent_on(received_on(now, policy.timezone))
            due = partners_due(ticket, tx.case(reference), now, policy, absent)
            if due.changes:
                tx.pass_time(reference, due.changes, due.because, now)
                tx.queue(self.desk.write(tx, due.ticket, due.letters, now), reference, Cause(None, now, now))
                _log.info("partners_due", ticket=str(reference), letters=[letter.kind.value for letter in due.letters])
        return bool(due.changes)

    def _close(self, reference: Reference, now: datetime) -> bool:
        with self.store.writing() as tx:
            ticket = tx.find_ticket(reference)
            changes = close_quiet(ticket, now, self.desk.policy) if ticket else ()
            if changes:
                tx.pass_time(reference, changes, "nobody wrote any more", now)
                _log.info("ticket_closed_quietly", ticket=str(reference))
        return bool(changes)
