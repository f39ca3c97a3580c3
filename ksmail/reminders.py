"""Time passes: what silence leads to, decided like a mail and recorded the same way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial

from ksmail import log
from ksmail.address import Address
from ksmail.clock import Clock
from ksmail.desk.apology import Question, apology, nudge
from ksmail.desk.bundle import bundles, due_letter
from ksmail.desk.case import QueueLine
from ksmail.desk.due import Call, Rung, calls_at, closed_line, letter_lines, mail_lines, partner_lines, question_line
from ksmail.desk.lateness import Standing, standing
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.order_of_receipt import next_to_take
from ksmail.desk.people import find_person
from ksmail.desk.promise import received_on
from ksmail.desk.remind import close_quiet, partners_due, partners_silent
from ksmail.desk.ticket import Status, Ticket
from ksmail.errors import Unavailable
from ksmail.reference import Reference
from ksmail.store.records import Cause
from ksmail.store.store import Reader, Store, Transaction
from ksmail.writing import Desk

_MOST = 100_000  # open questions that are looked at
_MOST_APOLOGIES = 50  # in one call, those that wait longest first: the others follow on the next day

_log = log.get()


@dataclass(slots=True)
class _Found:
    """What one call comes upon: its lines, and the tickets for which something was done."""

    tx: Transaction
    absent: Sequence[Address]
    now: datetime
    rung: list[Rung] = field(default_factory=list)
    done: set[Reference] = field(default_factory=set)
    apologies: int = 0

    def ticket(self, reference: Reference) -> Ticket:
        ticket = self.tx.find_ticket(reference)
        if ticket is None:
            raise LookupError(f"there is no ticket {reference}")
        return ticket


@dataclass(frozen=True, slots=True)
class Reminders:
    """The tickets of one store, looked at now and then. `now` gives the time, aware, UTC."""

    store: Store
    desk: Desk
    now: Callable[[], datetime]

    def round(self) -> int:
        """Do what is due; doing it twice changes nothing. Returns for how many tickets something was done.

        Nothing is done while the clock of the machine cannot be right. Raises Unavailable.
        """
        now = self.now()
        day, calls = calls_at(now, self.desk.policy)
        with self.store.reading() as past:
            if not Clock(self.store, self.desk.policy.timezone).is_plausible(now, past):
                return 0
            quiet = past.quiet_since(now - self.desk.policy.quiet)
            asking = [each for each in past.with_due_consultations(day) if calls and self._has_due(past, each, now)]
            open_calls = [call for call in calls if past.claimed(call.value, day) is None]
        done = {reference for reference in quiet if self._close(reference, now)}
        done |= {reference for reference in asking if self._ring(reference, now)}
        return len(done | (self._call(day, calls, now) if open_calls else set()))

    def _has_due(self, past: Reader, reference: Reference, now: datetime) -> bool:
        ticket = past.find_ticket(reference)
        if ticket is None:
            return False
        return bool(partners_due(ticket, past.case(reference), now, self.desk.policy).changes)

    def _ring(self, reference: Reference, now: datetime) -> bool:
        """Partners whose date has come. What is rung is on record with its letter, so a restart rings nobody twice."""
        with self.store.writing() as tx:
            ticket = tx.find_ticket(reference)
            if ticket is None:
                return False
            due = partners_due(ticket, tx.case(reference), now, self.desk.policy)
            if due.changes:
                tx.pass_time(reference, due.changes, due.because, now)
                self._queue(tx, due.ticket, due.letters, now)
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

    def _call(self, day: date, calls: Sequence[Call], now: datetime) -> set[Reference]:
        """One call of the day, with its claim, all its letters and what it does to tickets, or nothing of it. Those
        that came while nobody was here are one: the first that is not claimed, which says everything."""
        with self.store.writing() as tx:
            claimed = [call for call in calls if tx.claim(call.value, day, now) is not None]
            if not claimed:
                return set()
            found = _Found(tx, self._absent(tx, now), now)
            if claimed[0] is Call.OPENING:
                self._open(found)
            queue = tx.open_tickets(_MOST)
            self._lines(found, queue, opening=claimed[0] is Call.OPENING)
            self._mail(found, queue, claimed[0], day)
        _log.info("office_called", call=claimed[0].value, lines=len(found.rung))
        return found.done

    def _open(self, found: _Found) -> None:
        """What is only looked at when the day begins: askers and partners who owe us an answer, letters and mails that
        wait. Nobody reads of partners in a question that is closed just now."""
        tx, policy = found.tx, self.desk.policy
        for reference in tx.in_status(Status.WAITING_ASKER):
            _try(tx, reference, partial(self._nudge, found, reference))
        for reference in tx.with_due_consultations(received_on(found.now, policy.timezone)):
            _try(tx, reference, partial(self._silent, found, reference))
        for reference in tx.with_letters_for_staff():
            _try(tx, reference, partial(self._letters, found, reference))
        waiting = [(line.number, line.received_at) for line in tx.quarantine()]
        found.rung += mail_lines(waiting, found.now, policy, found.absent)

    def _silent(self, found: _Found, reference: Reference) -> None:
        """Partners that stayed silent after their date."""
        policy = self.desk.policy
        due = partners_silent(found.ticket(reference), found.now, policy)
        lines = list(partner_lines(due.ticket, due.silent, policy, found.absent))
        if due.changes:
            found.tx.pass_time(reference, due.changes, due.because, found.now)
            found.done.add(reference)
            found.rung += lines
            _log.info("partners_silent", ticket=str(reference), partners=len(due.silent))

    def _letters(self, found: _Found, reference: Reference) -> None:
        waiting = found.tx.case(reference).waiting
        found.rung += letter_lines(found.ticket(reference), waiting, found.now, self.desk.policy, found.absent)

    def _lines(self, found: _Found, queue: Sequence[QueueLine], *, opening: bool) -> None:
        """The questions whose date is near or past. Only those are read from the inside: most others are in time."""
        policy, today = self.desk.policy, received_on(found.now, self.desk.policy.timezone)
        dates = found.tx.open_dates()
        for line in queue:
            stands = standing(line, dates.get(line.reference, ()), today, policy)
            if stands is not None:
                _try(found.tx, line.reference, partial(self._line, found, line.reference, stands, opening=opening))

    def _line(self, found: _Found, reference: Reference, stands: Standing, *, opening: bool) -> None:
        policy = self.desk.policy
        question = self._question(found.tx, found.ticket(reference), received_on(found.now, policy.timezone))
        bounded = opening and found.apologies < _MOST_APOLOGIES
        sorry = apology(question, stands, found.now, policy) if bounded else None
        line = question_line(question, sorry, found.now, policy, found.absent)
        if sorry is not None:
            self._queue(found.tx, question.ticket, (sorry,), found.now)
            found.done.add(reference)
            found.apologies += 1
            _log.info("apology_queued", ticket=str(reference))
        found.rung += [line] if line is not None else []

    def _nudge(self, found: _Found, reference: Reference) -> None:
        """An asker who owes us an answer."""
        policy, ticket = self.desk.policy, found.ticket(reference)
        done = nudge(self._question(found.tx, ticket, received_on(found.now, policy.timezone)), found.now, policy)
        if not done.because:
            return
        lines = [closed_line(ticket, policy, found.absent)] if done.closes else []
        if done.changes:
            found.tx.pass_time(reference, done.changes, done.because, found.now)
        self._queue(found.tx, ticket, done.letters, found.now)
        found.done.add(reference)
        found.rung += lines
        _log.info("asker_silent", ticket=str(reference), letters=[letter.kind.value for letter in done.letters])

    def _question(self, past: Reader, ticket: Ticket, today: date) -> Question:
        reference, given = ticket.reference, past.open_since(ticket.reference)
        since = ticket.nudged_at or ticket.waiting_since
        return Question(
            ticket=ticket,
            case=past.case(reference),
            told=past.was_told(reference),
            suppressed=past.is_suppressed(ticket.asker, today),
            apologised=given is not None and past.was_written(reference, LetterKind.DELAY_NOTICE, given),
            let_go=since is not None and past.was_written(reference, LetterKind.CLOSED, since),
        )

    def _mail(self, found: _Found, queue: Sequence[QueueLine], call: Call, day: date) -> None:
        staff = self.desk.policy.staff  # whoever has left the list holds nothing
        free = [line if line.assignee and find_person(staff, line.assignee) else replace(line, assignee=None)
                for line in queue]  # fmt: skip
        next_one = next_to_take(free)
        for bundle in bundles(found.rung, call):
            about = [line.about for line in bundle.lines]
            sheet = found.tx.keep_sheet(LetterKind.STAFF_DUE.value, bundle.to, about, found.now)
            self._queue(found.tx, None, (due_letter(bundle, sheet, call, day, next_one),), found.now)

    def _queue(self, tx: Transaction, ticket: Ticket | None, letters: Sequence[Letter], now: datetime) -> None:
        mails = self.desk.write(tx, ticket, tuple(letters), now)
        tx.queue(mails, ticket.reference if ticket else None, Cause(None, now, now))

    def _absent(self, past: Reader, now: datetime) -> tuple[Address, ...]:
        return past.absent_on(received_on(now, self.desk.policy.timezone))


def _try(tx: Transaction, reference: Reference, look: Callable[[], None]) -> None:
    """The one broad except around a question: one that nobody can look at must not silence all the others."""
    try:
        with tx.apart():
            look()
    except Unavailable:
        raise
    except Exception:
        _log.exception("question_failed", ticket=str(reference))
