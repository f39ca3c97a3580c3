"""The day is summed up: for those who run the program, for the coordinators, for whoever asks for the figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from ksmail import __version__, log
from ksmail.clock import Clock
from ksmail.desk.digest import Holdings, balances, needs_attention, sections
from ksmail.desk.figures import Figures, figure_lines, figures
from ksmail.desk.ledger import promises
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.month import Month
from ksmail.desk.order_of_receipt import Overtaken, overtaken
from ksmail.desk.policy import Policy
from ksmail.desk.promise import received_on
from ksmail.desk.rhythm import digest_day, month_day, next_digest, week_day
from ksmail.desk.vitals import Vitals
from ksmail.desk.weekly import list_lines, list_readers
from ksmail.store.records import Cause
from ksmail.store.store import Reader, Store, Transaction
from ksmail.store.values import Claim
from ksmail.writing import Desk

LONGEST_LIST = 200  # questions in one weekly list; what is beyond is counted
_WHOLE_QUEUE = 1_000_000

_log = log.get()


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
        days = (
            (LetterKind.OPS_DIGEST, digest_day(now, policy), self._digest),
            (LetterKind.OPS_MONTHLY, month_day(now, policy), self._monthly),
            (LetterKind.COORDINATOR_WEEKLY, week_day(now, policy), self._weekly),
        )
        due = [(kind, day, write) for kind, day, write in days if day is not None]
        if not due:
            return 0
        with self.store.reading() as past:
            left = [each for each in due if self._is_open(past, each[0], each[1])]
        if not left or not Clock(self.store, policy.timezone).is_plausible(now):
            return 0  # a date that was claimed under a wrong clock would have no digest of its own when it comes
        return sum(self._sum_up(kind, day, write, now) for kind, day, write in left)

    def _is_open(self, past: Reader, kind: LetterKind, day: date) -> bool:
        """Whether it has not been done. A month in which this desk was not there yet has no figures."""
        if past.claimed(kind.value, day) is not None:
            return False
        if kind is not LetterKind.OPS_MONTHLY:
            return True
        began = past.began_at()
        return began is not None and received_on(began, self.desk.policy.timezone) < Month.of(day).first

    def _sum_up(self, kind: LetterKind, day: date, write: _Write, now: datetime) -> int:
        with self.store.writing() as tx:
            history, mails = tx.extent()
            before = tx.newest_claim(kind.value)
            claim = tx.claim(kind.value, day, now, {"history": history, "mails": mails})
            letters = write(tx, claim, before, now) if claim else ()
            tx.queue(self.desk.write(tx, None, letters, now), None, Cause(None, now, now))
        if letters:
            _log.info("summed_up", kind=kind.value, number=claim.number if claim else 0, letters=len(letters))
        return len(letters)

    def _digest(self, tx: Transaction, claim: Claim, before: Claim | None, now: datetime) -> tuple[Letter, ...]:
        return (digest_letter(tx, claim, before, self.vitals(tx, before), now, self.desk.policy),)

    def _monthly(self, tx: Transaction, claim: Claim, before: Claim | None, now: datetime) -> tuple[Letter, ...]:
        policy, month = self.desk.policy, Month.of(claim.day).before
        return (monthly_letter(month, figures_of(tx, month, policy), claim, policy),)

    def _weekly(self, tx: Transaction, claim: Claim, before: Claim | None, now: datetime) -> tuple[Letter, ...]:
        return weekly_letters(tx, claim, now, self.desk.policy)


_Write = Callable[[Transaction, Claim, "Claim | None", datetime], tuple[Letter, ...]]


def digest_letter(
    past: Reader, claim: Claim, before: Claim | None, vitals: Vitals, now: datetime, policy: Policy
) -> Letter:
    """The digest of `claim`, which covers what happened since `before`, the last one; None: since the beginning."""
    holdings = gather(past, claim, before, policy)
    found = balances(holdings, now)
    told = sections(holdings, vitals, now, policy, __version__)
    facts: dict[str, object] = {
        "number": claim.number,
        "day": claim.day,
        "since": before.at if before else None,
        "days": policy.workdays.count(before.day, claim.day) if before else 0,
        "rows": (_mark(before, "history") + 1, claim.facts["history"]),
        "mails": (_mark(before, "mails") + 1, claim.facts["mails"]),
        "balances": found,
        "sections": told,
        "attention": needs_attention(found, told),
        "next_at": next_digest(claim.day, policy),
    }
    return _to_ops(LetterKind.OPS_DIGEST, f"D-{claim.number}", claim, facts, policy)


def gather(past: Reader, claim: Claim, before: Claim | None, policy: Policy) -> Holdings:
    """What the store holds at the moment of `claim`."""
    month = Month.of(claim.day)
    history, mails = claim.facts["history"], claim.facts["mails"]
    given = promises(past.facts(returned=True))
    return Holdings(
        period=past.pile(_mark(before, "mails"), mails),
        whole=past.pile(0, mails),
        answered=past.answered_between(_mark(before, "history"), history),
        queue=past.open_tickets(_WHOLE_QUEUE),
        overtaken=passed_by(past),
        promises=past.dates_in(month.first, month.last),
        unknown=tuple(
            dict.fromkeys(each.ticket for each in given if each.unknown and Month.of(each.promised_on) == month)
        ),
        letters=past.letter_sums(_mark(before, "history"), history),
        quarantine=past.put_aside(),
        history=history,
        head=past.chain_head(),
        first=before is None,
    )


def passed_by(past: Reader) -> tuple[Overtaken, ...]:
    """The open questions that others went past. Only what came since the oldest of them can matter."""
    oldest = past.open_tickets(1)
    return overtaken(past.facts(received_since=oldest[0].received_at)) if oldest else ()


def figures_of(past: Reader, month: Month, policy: Policy) -> Figures:
    """The figures of one month, as the store has them now."""
    given = promises(past.facts(returned=True))
    unknown = sum(each.unknown and Month.of(each.promised_on) == month for each in given)
    return figures(month, past.month_rows(month, policy), unknown, policy)


def monthly_letter(month: Month, found: Figures, claim: Claim, policy: Policy) -> Letter:
    """The figures of a month."""
    facts: dict[str, object] = {
        "number": claim.number,
        "first": month.first,
        "last": month.last,
        "lines": figure_lines(found),
    }
    return _to_ops(LetterKind.OPS_MONTHLY, f"M-{claim.number}", claim, facts, policy)


def weekly_letters(tx: Transaction, claim: Claim, now: datetime, policy: Policy) -> tuple[Letter, ...]:
    """The list, to each coordinator under a number of its own: a reply to it names its lines."""
    queue = tx.open_tickets(_WHOLE_QUEUE)
    lines = list_lines(queue[:LONGEST_LIST], passed_by(tx), claim.day, policy)
    names = [str(line.reference) for line in lines]
    facts: dict[str, object] = {
        "day": claim.day,
        "lines": lines,
        "total": len(queue),
        "more": len(queue) - len(lines),
    }
    kind = LetterKind.COORDINATOR_WEEKLY
    return tuple(
        Letter(
            kind=kind,
            to=to,
            language=language,
            about=f"L-{tx.keep_sheet(kind.value, to, names, now)}",
            cause=f"{kind} {claim.day}",
            facts=facts,
        )
        for to, language in list_readers(policy)
    )


def _to_ops(kind: LetterKind, about: str, claim: Claim, facts: dict[str, object], policy: Policy) -> Letter:
    return Letter(
        kind=kind,
        to=policy.ops,
        language=policy.staff_language,
        about=about,
        cause=f"{kind} {claim.day}",
        facts=facts,
    )


def _mark(before: Claim | None, what: str) -> int:
    """Up to where the last one came."""
    return int(before.facts[what]) if before else 0
