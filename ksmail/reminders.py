"""Time passes: what silence leads to, decided like a mail and recorded the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ksmail import log
from ksmail.address import Address
from ksmail.clock import Clock
from ksmail.desk.apology import Question, apology, nudge
from ksmail.desk.bundle import bundles, due_letter
from ksmail.desk.due import Call, Rung, calls_at, closed_line, letter_lines, mail_lines, question_line
from ksmail.desk.lateness import standing
from ksmail.desk.letter import Letter
from ksmail.desk.order_of_receipt import next_to_take
from ksmail.desk.promise import received_on
from ksmail.desk.remind import close_quiet, partners_due
from ksmail.desk.ticket import CloseReason, Status, Ticket
from ksmail.reference import Reference
from ksmail.store.records import Cause
from ksmail.store.store import Reader, Store, Transaction
from ksmail.writing import Desk

_MOST = 100_000  # open questions that are looked at

_log = log.get()


@dataclass(frozen=True, slots=True)
class Reminders:
    """The tickets of one store, looked at now and then. `now` gives the time, aware, UTC."""

    store: Store
    desk: Desk
    now: Callable[[], datetime]

    def round(self) -> int:
        """Do what is due; doing it twice changes nothing. Returns how many tickets changed, and calls were made.

        Nothing is done while the clock of the machine cannot be right. Raises Unavailable.
        """
        now = self.now()
        if not Clock(self.store, self.desk.policy.timezone).is_plausible(now):
            return 0
        day, calls = calls_at(now, self.desk.policy)
        with self.store.reading() as past:
            quiet = past.quiet_since(now - self.desk.policy.quiet)
            asking = [each for each in past.with_due_consultations(day) if calls and self._has_due(past, each, now)]
            open_calls = [call for call in calls if past.claimed(call.value, day) is None]
        due = {reference for reference in quiet if self._close(reference, now)}
        due |= {reference for reference in asking if self._ring(reference, now)}
        return len(due) + (self._call(day, calls, now) if open_calls else 0)

    def _has_due(self, past: Reader, reference: Reference, now: datetime) -> bool:
        ticket = past.find_ticket(reference)
        return ticket is not None and bool(
            partners_due(ticket, past.case(reference), now, self.desk.policy, self._absent(past, now)).changes
        )

    def _ring(self, reference: Reference, now: datetime) -> bool:
        """Partners whose date has come. What is rung is on record with its letter, so a restart rings nobody twice."""
        with self.store.writing() as tx:
            ticket = tx.find_ticket(reference)
            if ticket is None:
                return False
            due = partners_due(ticket, tx.case(reference), now, self.desk.policy, self._absent(tx, now))
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

    def _call(self, day: date, calls: Sequence[Call], now: datetime) -> int:
        """One call of the day, with its claim, all its letters and what it does to tickets, or nothing of it. Those
        that came while nobody was here are one: the first that is not claimed, which says everything."""
        with self.store.writing() as tx:
            claimed = [call for call in calls if tx.claim(call.value, day, now) is not None]
            if not claimed:
                return 0
            absent = self._absent(tx, now)
            rung = list(self._questions(tx, now, absent, opening=claimed[0] is Call.OPENING))
            if claimed[0] is Call.OPENING:
                rung += mail_lines([(line.number, line.received_at) for line in tx.quarantine()], now,
                                   self.desk.policy, absent)  # fmt: skip
            self._mail(tx, rung, claimed[0], day, now)
        _log.info("office_called", call=claimed[0].value, lines=len(rung))
        return 1

    def _questions(self, tx: Transaction, now: datetime, absent: Sequence[Address], *, opening: bool) -> Iterator[Rung]:
        policy = self.desk.policy
        waits = tx.with_letters_for_staff() if opening else ()
        open_ones = [line.reference for line in tx.open_tickets(_MOST)]
        for reference in dict.fromkeys((*open_ones, *waits)):
            ticket = tx.find_ticket(reference)
            if ticket is None:
                continue
            if opening and ticket.status is Status.WAITING_ASKER:
                yield from self._nudge(tx, ticket, now, absent)
            if reference in waits:
                yield from letter_lines(ticket, tx.case(reference).waiting, now, policy, absent)
            yield from self._line(tx, ticket, now, absent, opening=opening)

    def _line(
        self, tx: Transaction, ticket: Ticket, now: datetime, absent: Sequence[Address], *, opening: bool
    ) -> Iterator[Rung]:
        policy, today = self.desk.policy, received_on(now, self.desk.policy.timezone)
        question = self._question(tx, ticket, today)
        stands = standing(ticket, question.case.promises, today, policy)
        sorry = apology(question, stands, now, policy) if opening else None
        if sorry is not None:
            self._queue(tx, ticket, (sorry,), now)
            _log.info("apology_queued", ticket=str(ticket.reference))
        line = question_line(question, sorry, now, policy, absent)
        if line is not None:
            yield line

    def _nudge(self, tx: Transaction, ticket: Ticket, now: datetime, absent: Sequence[Address]) -> Iterator[Rung]:
        """An asker who owes us an answer."""
        policy = self.desk.policy
        done = nudge(self._question(tx, ticket, received_on(now, policy.timezone)), now, policy)
        if done.changes:
            tx.pass_time(ticket.reference, done.changes, done.because, now)
        self._queue(tx, ticket, done.letters, now)
        if done.because:
            _log.info("asker_silent", ticket=str(ticket.reference), letters=[each.kind.value for each in done.letters])
        if any(letter.facts.get("reason") == CloseReason.NO_REPLY for letter in done.letters):
            yield closed_line(ticket, policy, absent)

    def _question(self, past: Reader, ticket: Ticket, today: date) -> Question:
        return Question(
            ticket=ticket,
            case=past.case(ticket.reference),
            told=past.was_told(ticket.reference),
            suppressed=past.is_suppressed(ticket.asker, today),
        )

    def _mail(self, tx: Transaction, rung: Sequence[Rung], call: Call, day: date, now: datetime) -> None:
        next_one = next_to_take(tx.open_tickets(_MOST))
        for bundle in bundles(rung, call):
            sheet = tx.keep_sheet("staff_due", bundle.to, [line.about for line in bundle.lines], now)
            self._queue(tx, None, (due_letter(bundle, sheet, call, day, next_one),), now)

    def _queue(self, tx: Transaction, ticket: Ticket | None, letters: Sequence[Letter], now: datetime) -> None:
        mails = self.desk.write(tx, ticket, tuple(letters), now)
        tx.queue(mails, ticket.reference if ticket else None, Cause(None, now, now))

    def _absent(self, past: Reader, now: datetime) -> tuple[Address, ...]:
        return past.absent_on(received_on(now, self.desk.policy.timezone))
