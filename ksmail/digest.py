"""The day is summed up: for those who run the program, for the coordinators, for whoever asks for the figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from ksmail import log
from ksmail.clock import Clock
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.month import Month
from ksmail.desk.promise import received_on
from ksmail.desk.rhythm import digest_day, month_day, week_day, week_of
from ksmail.desk.vitals import Vitals
from ksmail.store.records import Cause
from ksmail.store.store import Reader, Store, Transaction
from ksmail.store.values import Claim
from ksmail.summing import Passed, digest_letter, figures_of, monthly_letter, weekly_facts, weekly_letters
from ksmail.writing import Desk

_DAY = timedelta(days=1)

_log = log.get()


_Letters = Callable[[Transaction], tuple[Letter, ...]]
_Gather = Callable[[Reader, Claim, "Claim | None", datetime], _Letters]


@dataclass(frozen=True, slots=True)
class Digest:
    """The sums of one store. `now` gives the time, aware, UTC; `vitals` is asked only when a digest is written, with
    the last one before it."""

    store: Store
    desk: Desk
    now: Callable[[], datetime]
    vitals: Callable[[Reader, Claim | None], Vitals]

    def round(self) -> int:
        """Queue what is due: each sum once per date, claimed with its letters. Doing it twice changes nothing.

        Returns how many letters were queued. Raises Unavailable.
        """
        now, policy = self.now(), self.desk.policy
        passed = Passed()
        days: tuple[tuple[LetterKind, date | None, _Gather], ...] = (
            (LetterKind.OPS_DIGEST, digest_day(now, policy), partial(self._digest, passed)),
            (LetterKind.OPS_MONTHLY, month_day(now, policy), self._monthly),
            (LetterKind.COORDINATOR_WEEKLY, week_day(now, policy), partial(self._weekly, passed)),
        )
        due = [(kind, day, gather) for kind, day, gather in days if day is not None]
        if not due:
            return 0
        with self.store.reading() as past:
            left = [each for each in due if self._is_open(past, each[0], each[1], now)]
        if not left or not Clock(self.store, policy.timezone).is_plausible(now):
            return 0  # a date that was claimed under a wrong clock would have no digest of its own when it comes
        return sum(self._sum_up(kind, day, gather, now) for kind, day, gather in left)

    def _is_open(self, past: Reader, kind: LetterKind, day: date, now: datetime) -> bool:
        """Whether it has not been done. A month or a week that began before this desk did has no sum."""
        first, last = _period(kind, day)
        done = past.last_claim(kind.value, before=last + _DAY)
        if done is not None and done.day >= first:
            return False
        began, timezone = past.began_at(), self.desk.policy.timezone
        first_day = received_on(began, timezone) if began else None
        match kind:
            case LetterKind.OPS_MONTHLY:
                return first_day is not None and first_day < Month.of(day).first
            case LetterKind.COORDINATOR_WEEKLY if day < received_on(now, timezone):
                return first_day is not None and first_day <= day
            case _:
                return True

    def _sum_up(self, kind: LetterKind, day: date, gather: _Gather, now: datetime) -> int:
        """Gathering takes its time, so nobody waits for it: it only reads. What it saw is what is then claimed."""
        with self.store.reading() as past:
            before, planned = planned_claim(past, kind, day, now)
            letters = gather(past, planned, before, now)
        with self.store.writing() as tx:
            if tx.newest_claim(kind.value) != before or tx.claim(kind.value, day, now, planned.facts) is None:
                return 0  # somebody else did it meanwhile
            written = self.desk.write(tx, None, letters(tx), now)
            tx.queue(written, None, Cause(None, now, now))
        _log.info("summed_up", kind=kind.value, number=planned.number, letters=len(written))
        return len(written)

    def _digest(self, passed: Passed, past: Reader, claim: Claim, before: Claim | None, now: datetime) -> _Letters:
        vitals, policy = self.vitals(past, before), self.desk.policy
        letter = digest_letter(past, claim, before, vitals, now, policy, passed)
        return lambda tx: (letter,)

    def _monthly(self, past: Reader, claim: Claim, before: Claim | None, now: datetime) -> _Letters:
        policy, month = self.desk.policy, Month.of(claim.day).before
        letter = monthly_letter(month, figures_of(past, month, policy), claim, policy)
        return lambda tx: (letter,)

    def _weekly(self, passed: Passed, past: Reader, claim: Claim, before: Claim | None, now: datetime) -> _Letters:
        facts = weekly_facts(past, passed(past), now, self.desk.policy)
        return lambda tx: weekly_letters(tx, claim, facts, now, self.desk.policy)


def _period(kind: LetterKind, day: date) -> tuple[date, date]:
    """The days of which there is one sum, the first and the last: also where the desk closes on a day of it later."""
    match kind:
        case LetterKind.OPS_MONTHLY:
            return Month.of(day).first, Month.of(day).last
        case LetterKind.COORDINATOR_WEEKLY:
            return week_of(day)
        case _:
            return day, day


def planned_claim(past: Reader, kind: LetterKind, day: date, now: datetime) -> tuple[Claim | None, Claim]:
    """The last claim of its kind, and the one that comes after it: it covers what the store holds now."""
    history, mails = past.extent()
    before = past.newest_claim(kind.value)
    number = before.number + 1 if before else 1
    return before, Claim(kind.value, day, now, number, {"history": history, "mails": mails})
