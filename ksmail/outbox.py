"""A mail goes out: take what is due, send it, remember how it went."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ksmail import log
from ksmail.desk.letter import LetterKind
from ksmail.desk.ticket import Acknowledged, Change, Flag, Flagged
from ksmail.outgoing.retry import next_delay
from ksmail.outgoing.transport import Bounced, Deferred, Outcome, Sent, Transport, Uncertain
from ksmail.store.store import Store
from ksmail.store.values import Queued

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=5)
ACKNOWLEDGEMENTS = frozenset({LetterKind.ACK.value, LetterKind.ACK_LATE.value})

_CODE = re.compile(r"\b[245]\d\d(?:[ -][245]\.\d{1,3}\.\d{1,3})?")

_log = log.get()


@dataclass(slots=True)
class Outbox:
    """The letters of one store over one transport. `jitter` gives a number from -1 to 1; `now` the time, aware, UTC."""

    store: Store
    transport: Transport
    now: Callable[[], datetime]
    jitter: Callable[[], float]
    connections: int = 3
    paused_until: datetime | None = None
    last_sent: datetime | None = None
    _pause: timedelta = FIRST_PAUSE
    _stopping: bool = False
    _running: set[asyncio.Task[None]] = field(default_factory=set)

    async def recover(self) -> int:
        """After a crash nobody knows whether a letter under way was taken. It goes again, byte for byte the same:
        better twice than never (RFC 1047). Returns how many."""
        letters = await asyncio.to_thread(self._interrupted)
        for letter in letters:
            _log.warning("letter_possibly_twice", ticket=letter.mail.about, kind=letter.mail.kind, letter=letter.id)
        return len(letters)

    def _interrupted(self) -> list[Queued]:
        with self.store.writing() as tx:
            return tx.interrupted(self.now())

    async def round(self) -> int:
        """Send what is due, a few at a time over reused connections. Returns how many letters were tried."""
        tried = 0
        while not self._stopping and not self._paused():
            letters = await asyncio.to_thread(self._due)
            if not letters:
                break
            tried += len(letters)
            await self._send_all(letters)
        return tried

    def _paused(self) -> bool:
        return self.paused_until is not None and self.now() < self.paused_until

    def _due(self) -> list[Queued]:
        with self.store.reading() as past:
            return past.due(self.now(), 20 * self.connections)

    async def _send_all(self, letters: list[Queued]) -> None:
        waiting = list(reversed(letters))

        async def work() -> None:
            while waiting and not self._stopping and not self._paused():
                await self._send(waiting.pop())

        tasks = {asyncio.create_task(work()) for _ in range(min(self.connections, len(letters)))}
        self._running |= tasks
        try:
            await asyncio.gather(*tasks)
        finally:
            self._running -= tasks

    async def _send(self, letter: Queued) -> None:
        """The attempt is on record before the connection, the outcome after it: the gap between is where RFC 1047's
        second copy can come from, and no wider."""
        await asyncio.to_thread(self._start, letter)
        outcomes = await self.transport.send(letter.mail, letter.open_recipients)
        await asyncio.to_thread(self._settle, letter, outcomes)

    def _start(self, letter: Queued) -> None:
        with self.store.writing() as tx:
            tx.start_attempt([letter.id], self.now())

    def _settle(self, letter: Queued, outcomes: Mapping[str, Outcome]) -> None:
        now = self.now()
        next_at = self._next_at(letter, outcomes, now)
        with self.store.writing() as tx:
            tx.settle(letter.id, outcomes, next_at, now, self._changes(letter, outcomes, next_at))
        for outcome in outcomes.values():
            self._report(letter, outcome, next_at)

    def _next_at(self, letter: Queued, outcomes: Mapping[str, Outcome], now: datetime) -> datetime | None:
        open_ones = [outcome for outcome in outcomes.values() if isinstance(outcome, Deferred | Uncertain)]
        if any(isinstance(outcome, Deferred) and outcome.account_wide for outcome in open_ones):
            return self._pause_all(now)
        if any(isinstance(outcome, Sent) for outcome in outcomes.values()):
            self.last_sent, self.paused_until, self._pause = now, None, FIRST_PAUSE
        if not open_ones:
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

    def _changes(
        self, letter: Queued, outcomes: Mapping[str, Outcome], next_at: datetime | None
    ) -> list[tuple[Change, str]]:
        kind = letter.mail.kind
        changes: list[tuple[Change, str]] = []
        for outcome in outcomes.values():
            match outcome:
                case Sent() if kind in ACKNOWLEDGEMENTS:
                    changes.append((Acknowledged(letter.mail.message_id), "the mail server took the acknowledgement"))
                case Bounced(reason):
                    changes.append((Flagged(Flag.LETTER_BOUNCED, kind), f"refused for ever: {reason}"))
                case Deferred(reason) if next_at is None:
                    changes.append((Flagged(Flag.LETTER_BOUNCED, kind), f"given up: {reason}"))
                case _:
                    pass
        return changes

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

    async def stop(self, seconds: float) -> bool:
        """Start no new letter and wait for those under way. False when some were still under way after `seconds`."""
        self._stopping = True
        if not self._running:
            return True
        _, late = await asyncio.wait(set(self._running), timeout=seconds)
        return not late


def _code(reason: str) -> str:
    """The numbers of an SMTP reply; its words may hold an address, and stay out of the log."""
    found = _CODE.search(reason)
    return found[0] if found else "no reply"
