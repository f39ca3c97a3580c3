"""The day is summed up: for those who run the program, for the coordinators, for whoever asks for the figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

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
from ksmail.reference import Reference
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
            left = [each for each in due if self._is_open(past, each[0], each[1])]
        if not left or not Clock(self.store, policy.timezone).is_plausible(now):
            return 0  # a date that was claimed under a wrong clock would have no digest of its own when it comes
        return sum(self._sum_up(kind, day, gather, now) for kind, day, gather in left)

    def _is_open(self, past: Reader, kind: LetterKind, day: date) -> bool:
        """Whether it has not been done. A month or a week that began before this desk did has no sum."""
        if past.claimed(kind.value, day) is not None:
            return False
        began, timezone = past.began_at(), self.desk.policy.timezone
        first_day = received_on(began, timezone) if began else None
        match kind:
            case LetterKind.OPS_MONTHLY:
                return first_day is not None and first_day < Month.of(day).first
            case LetterKind.COORDINATOR_WEEKLY if day < received_on(self.now(), timezone):
                return first_day is not None and first_day <= day
            case _:
                return True

    def _sum_up(self, kind: LetterKind, day: date, gather: _Gather, now: datetime) -> int:
        """Gathering takes its time, so nobody waits for it: it only reads. What it saw is what is then claimed."""
        with self.store.reading() as past:
            before, planned = planned_claim(past, kind, day, now)
            letters = gather(past, planned, before, now)
        with self.store.writing() as tx:
            if tx.newest_claim(kind.value) != before or tx.claim(kind.value, day, now, planned.facts) != planned:
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


class Passed:
    """The open questions that others went past. To find them takes the longest, and two sums tell of them: they are
    looked for once."""

    def __init__(self) -> None:
        self._found: tuple[Overtaken, ...] | None = None

    def __call__(self, past: Reader) -> tuple[Overtaken, ...]:
        """Only what came since the oldest open question can matter."""
        if self._found is None:
            oldest = past.open_tickets(1)
            self._found = overtaken(past.facts(received_since=oldest[0].received_at)) if oldest else ()
        return self._found


_Letters = Callable[[Transaction], tuple[Letter, ...]]
_Gather = Callable[[Reader, Claim, "Claim | None", datetime], _Letters]


def planned_claim(past: Reader, kind: LetterKind, day: date, now: datetime) -> tuple[Claim | None, Claim]:
    """The last claim of its kind, and the one that comes after it: it covers what the store holds now."""
    history, mails = past.extent()
    before = past.newest_claim(kind.value)
    number = before.number + 1 if before else 1
    return before, Claim(kind.value, day, now, number, {"history": history, "mails": mails})


def digest_letter(
    past: Reader,
    claim: Claim,
    before: Claim | None,
    vitals: Vitals,
    now: datetime,
    policy: Policy,
    passed: Passed | None = None,
) -> Letter:
    """The digest of `claim`, which covers what happened since `before`, the last one; None: since the beginning."""
    holdings = gather(past, claim, before, (passed or Passed())(past))
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


def gather(past: Reader, claim: Claim, before: Claim | None, passed: Sequence[Overtaken]) -> Holdings:
    """What the store holds at the moment of `claim`. `passed` are those whom others went past."""
    month = Month.of(claim.day)
    history, mails = claim.facts["history"], claim.facts["mails"]
    return Holdings(
        period=past.pile(_mark(before, "mails"), mails),
        whole=past.pile(0, mails),
        answered=past.answered_between(_mark(before, "history"), history),
        queue=past.open_tickets(_WHOLE_QUEUE),
        overtaken=passed,
        promises=past.dates_in(month.first, month.last),
        unknown=tuple(dict.fromkeys(unknown_dates(past, month))),
        letters=past.letter_sums(_mark(before, "history"), history),
        quarantine=past.put_aside(),
        history=history,
        head=past.chain_head(),
        first=before is None,
    )


def unknown_dates(past: Reader, month: Month) -> list[Reference]:
    """The tickets of the dates in this month that the asker does not know of, one for each date."""
    given = promises(past.facts(returned=True, promised=(month.first, month.last)))
    return [each.ticket for each in given if each.unknown and Month.of(each.promised_on) == month]


def figures_of(past: Reader, month: Month, policy: Policy) -> Figures:
    """The figures of one month, as the store has them now."""
    return figures(month, past.month_rows(month, policy), len(unknown_dates(past, month)), policy)


def monthly_letter(month: Month, found: Figures, claim: Claim, policy: Policy) -> Letter:
    """The figures of a month."""
    facts: dict[str, object] = {
        "number": claim.number,
        "first": month.first,
        "last": month.last,
        "lines": figure_lines(found),
    }
    return _to_ops(LetterKind.OPS_MONTHLY, f"M-{claim.number}", claim, facts, policy)


def weekly_facts(past: Reader, passed: Sequence[Overtaken], now: datetime, policy: Policy) -> dict[str, object]:
    """What the list says: how each open question stands today, on the desk's calendar."""
    queue, today = past.open_tickets(_WHOLE_QUEUE), received_on(now, policy.timezone)
    lines = list_lines(queue[:LONGEST_LIST], passed, today, policy)
    return {"day": today, "lines": lines, "total": len(queue), "more": len(queue) - len(lines)}


def weekly_letters(
    tx: Transaction, claim: Claim, facts: Mapping[str, Any], now: datetime, policy: Policy
) -> tuple[Letter, ...]:
    """The list, to each coordinator under a number of its own: a reply to it names its lines."""
    kind, names = LetterKind.COORDINATOR_WEEKLY, [str(line.reference) for line in facts["lines"]]
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
