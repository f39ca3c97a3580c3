"""A mail goes out: take what is due, send it, remember how it went."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ksmail import log
from ksmail.address import Address
from ksmail.aftermath import Aftermath, aftermath
from ksmail.capability import Audience
from ksmail.desk.apology import OF_ITSELF, still_holds
from ksmail.desk.case import Returned
from ksmail.desk.letter import LetterKind
from ksmail.desk.promise import received_on
from ksmail.desk.returned import unsure
from ksmail.desk.ticket import Ticket
from ksmail.outgoing.retry import next_delay
from ksmail.outgoing.transport import Bounced, Deferred, Outcome, Sent, Transport, Uncertain
from ksmail.reference import Reference
from ksmail.store.handling import Mandate
from ksmail.store.records import OURSELVES, Cause
from ksmail.store.store import Reader, Store, Transaction
from ksmail.store.values import LetterState, Queued
from ksmail.writing import Desk as Desk  # what its letters are written with, found here too

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=5)
_CODE = re.compile(r"\b[245]\d\d(?:[ -][245]\.\d{1,3}\.\d{1,3})?")

_log = log.get()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What came of one attempt. `spared`: the fault was the account's, so it counts as no try of this letter."""

    letter: Queued
    outcomes: Mapping[str, Outcome]
    next_at: datetime | None
    now: datetime
    spared: bool


@dataclass(slots=True)
class Outbox:
    """The letters of one store over one transport. `jitter` gives a number from -1 to 1; `now` the time, aware, UTC.

    `beat` is called at each step, with how many seconds may pass until the next one: a letter may be under way for
    `patience`. `fault` is why all of them wait, in the words of the server or ours.
    """

    store: Store
    transport: Transport
    desk: Desk
    now: Callable[[], datetime]
    jitter: Callable[[], float]
    connections: int = 3
    beat: Callable[[float], None] = lambda seconds: None
    patience: float = 0.0
    paused_until: datetime | None = None
    fault: str = ""
    last_sent: datetime | None = None
    _pause: timedelta = FIRST_PAUSE
    _stopping: bool = False
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _unsettled: dict[int, _Attempt] = field(default_factory=dict)
    _last_sent_when_refused: dict[int, datetime | None] = field(default_factory=dict)

    async def recover(self) -> int:
        """After a crash nobody knows whether a letter under way was taken. It goes again, byte for byte the same:
        better twice than never (RFC 1047). Returns how many."""
        letters = await asyncio.to_thread(self._interrupted)
        for letter in letters:
            _log.warning("letter_possibly_twice", ticket=letter.mail.about, kind=letter.mail.kind, letter=letter.id)
        return len(letters)

    def _interrupted(self) -> list[Queued]:
        """What a person wrote does not go again by itself: nobody knows whether it arrived, so staff say."""
        now = self.now()
        with self.store.writing() as tx:
            letters = tx.interrupted(now)
            for letter in letters:
                if letter.state is LetterState.UNCERTAIN:
                    self._ask(tx, letter, now)
        return letters

    def _ask(self, tx: Transaction, letter: Queued, now: datetime) -> None:
        ticket = _ticket_of(tx, letter)
        if ticket is None:
            return
        returned = Returned(
            kind=letter.mail.kind,
            message_id=letter.mail.message_id,
            recipient=letter.mail.recipients[0],
            reason="the program stopped while it was being sent",
        )
        letters = unsure(ticket, returned, self.desk.policy, now=now, absent=self._absent(tx, now))
        tx.queue(self.desk.write(tx, ticket, letters, now), ticket.reference, Cause(None, now, now))

    async def round(self) -> int:
        """Send what is due, a few at a time over reused connections. Returns how many letters were tried.

        Raises Unavailable when the store is away; an outcome that could not be written down is kept for the next round.
        """
        for attempt in list(self._unsettled.values()):
            await asyncio.to_thread(self._settle, attempt)
        tried = 0
        while not self._stopping and not self._paused():
            self.beat(0.0)
            letters = await asyncio.to_thread(self._due)
            if not letters:
                break
            tried += len(letters)
            await self._send_all(letters)
        return tried

    def _paused(self) -> bool:
        return self.paused_until is not None and self.now() < self.paused_until

    def _due(self) -> list[Queued]:
        """While the account is in doubt, one letter alone, and the one that waits longest: many refused logins lock
        an account, and the letter that was refused must not always be the first again."""
        with self.store.reading() as past:
            letters = past.due(self.now(), 20 * self.connections)
        if letters and (self.paused_until is not None or self.last_sent is None):
            return [min(letters, key=lambda letter: letter.mail.due_at)]
        return letters

    async def _send_all(self, letters: list[Queued]) -> None:
        waiting = list(reversed(letters))

        async def work() -> None:
            while waiting and not self._stopping and not self._paused():
                await self._send(waiting.pop())

        tasks = {asyncio.create_task(work()) for _ in range(min(self.connections, len(letters)))}
        self._running |= tasks
        try:
            ended = await asyncio.gather(*tasks, return_exceptions=True)  # one that fails must not orphan the others
        finally:
            self._running -= tasks
        for fault in ended:
            if fault is not None:
                raise fault

    async def _send(self, letter: Queued) -> None:
        """The attempt is on record before the connection, the outcome after it: the gap between is where RFC 1047's
        second copy can come from, and no wider."""
        if not await asyncio.to_thread(self._start, letter):
            return  # called back, or kept back, since this round began
        try:
            self.beat(self.patience)
            outcomes = await self.transport.send(letter.mail, letter.open_recipients)
            attempt = self._judge(letter, outcomes)
        except Exception as fault:  # the one around a letter: ours, and nobody knows how far it got
            _log.exception("letter_failed", letter=letter.id)
            lost = Uncertain(f"our own fault: {type(fault).__name__}")
            attempt = _Attempt(letter, dict.fromkeys(letter.open_recipients, lost), None, self.now(), spared=False)
        self._unsettled[letter.id] = attempt
        await asyncio.to_thread(self._settle, attempt)

    def _start(self, letter: Queued) -> bool:
        with self.store.writing() as tx:
            if not tx.waits(letter.id) or self._is_overtaken(tx, letter):
                return False
            tx.start_attempt([letter.id], self.now())
        return True

    def _is_overtaken(self, tx: Transaction, letter: Queued) -> bool:
        """Whether people acted while a letter of the program's own waited: it must not say sorry behind the answer."""
        kind, now = LetterKind(letter.mail.kind), self.now()
        ticket = _ticket_of(tx, letter) if kind in OF_ITSELF and not letter.mail.carries.by else None
        if ticket is None or still_holds(ticket, kind, letter.mail.then, received_on(now, self.desk.policy.timezone)):
            return False
        cause = Cause(None, now, now)
        tx.overtake(letter.id, "overtaken: people acted meanwhile", Mandate(OURSELVES, "", cause, ticket.reference))
        _log.info("letter_overtaken", ticket=letter.mail.about, kind=letter.mail.kind, letter=letter.id)
        return True

    def _settle(self, attempt: _Attempt) -> None:
        letter, outcomes, next_at, now = attempt.letter, attempt.outcomes, attempt.next_at, attempt.now
        with self.store.writing() as tx:
            found = self._aftermath(tx, attempt)
            mails = self.desk.write(tx, found.ticket, found.letters, now)
            tx.settle(
                letter.id, outcomes, next_at, now, found.changes, mails=mails, acts=found.acts, spared=attempt.spared
            )
        del self._unsettled[letter.id]
        for outcome in outcomes.values():
            self._report(letter, outcome, next_at)

    def _aftermath(self, tx: Transaction, attempt: _Attempt) -> Aftermath:
        return aftermath(
            attempt.letter.mail,
            attempt.outcomes,
            attempt.next_at,
            _ticket_of(tx, attempt.letter),
            self.desk.policy,
            now=attempt.now,
            absent=self._absent(tx, attempt.now),
        )

    def _absent(self, past: Reader, now: datetime) -> tuple[Address, ...]:
        return past.absent_on(received_on(now, self.desk.policy.timezone))

    def _judge(self, letter: Queued, outcomes: Mapping[str, Outcome]) -> _Attempt:
        now = self.now()
        spared = self._is_the_account(letter, outcomes)
        if spared:
            self.fault = next(reason for reason in map(_account_fault, outcomes.values()) if reason)
        next_at = self._pause_all(now) if spared else self._next_at(letter, outcomes, now)
        return _Attempt(letter, outcomes, next_at, now, spared)

    def _is_the_account(self, letter: Queued, outcomes: Mapping[str, Outcome]) -> bool:
        """A refusal in the account's name. When the same letter draws it again although others were sent meanwhile,
        it is the letter's own, whatever the words: else one recipient could hold up everybody for ever."""
        if not any(isinstance(outcome, Deferred) and outcome.account_wide for outcome in outcomes.values()):
            self._last_sent_when_refused.pop(letter.id, None)
            return False
        before = self._last_sent_when_refused.setdefault(letter.id, self.last_sent)
        return before == self.last_sent

    def _next_at(self, letter: Queued, outcomes: Mapping[str, Outcome], now: datetime) -> datetime | None:
        if any(isinstance(outcome, Sent) for outcome in outcomes.values()):
            self.last_sent, self.paused_until, self.fault, self._pause = now, None, "", FIRST_PAUSE
        again = Deferred if LetterKind(letter.mail.kind).by_a_person else Deferred | Uncertain
        if not any(isinstance(outcome, again) for outcome in outcomes.values()):
            return None
        first = letter.first_tried_at or now
        delay = next_delay(letter.tries + 1, now - first, self.jitter())
        return None if delay is None else now + delay

    def _pause_all(self, now: datetime) -> datetime:
        """The fault is not this letter's: all of them wait, and none of them loses a try of its own schedule."""
        if not self._paused():
            self.paused_until = now + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return self.paused_until or now

    def _report(self, letter: Queued, outcome: Outcome, next_at: datetime | None) -> None:
        bound = _log.bind(ticket=letter.mail.about, kind=letter.mail.kind, letter=letter.id, tries=letter.tries + 1)
        match outcome:
            case Sent():
                bound.info("letter_sent")
            case Bounced(reason):
                bound.warning("letter_bounced", code=_code(reason))
            case Deferred(reason):
                bound.warning("letter_deferred", code=_code(reason), next_at=str(next_at) if next_at else "given up")
            case Uncertain(reason):
                bound.warning("letter_uncertain", code=_code(reason), next_at=str(next_at) if next_at else "given up")
        if not isinstance(outcome, Sent):
            bound.debug("letter_reply", reason=outcome.reason)
            over = isinstance(outcome, Bounced) or next_at is None
            if over and LetterKind(letter.mail.kind).audience is Audience.OPS:
                bound.error("ops_mail_bounced", code=_code(outcome.reason))

    async def stop(self, seconds: float) -> bool:
        """Start no new letter and wait for those under way. False when some were still under way after `seconds`."""
        self._stopping = True
        if not self._running:
            return True
        _, late = await asyncio.wait(set(self._running), timeout=seconds)
        return not late


def _account_fault(outcome: Outcome) -> str:
    return outcome.reason if isinstance(outcome, Deferred) and outcome.account_wide else ""


def _ticket_of(past: Reader, letter: Queued) -> Ticket | None:
    try:
        return past.find_ticket(Reference.parse(letter.mail.about))
    except ValueError:
        return None  # a quarantined mail's number, or a request to confirm


def _code(reason: str) -> str:
    """The numbers of an SMTP reply; its words may hold an address, and stay out of the log."""
    found = _CODE.search(reason)
    return found[0] if found else "no reply"
