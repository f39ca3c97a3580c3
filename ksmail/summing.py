"""What the sums say: looked up in the store, and made into letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ksmail import __version__
from ksmail.desk.digest import Holdings, balances, needs_attention, sections
from ksmail.desk.figures import Figures, figure_lines, figures
from ksmail.desk.ledger import promises
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.month import Month
from ksmail.desk.order_of_receipt import Overtaken, overtaken
from ksmail.desk.policy import Policy
from ksmail.desk.promise import received_on
from ksmail.desk.rhythm import next_digest
from ksmail.desk.vitals import Vitals
from ksmail.desk.weekly import list_lines, list_readers
from ksmail.reference import Reference
from ksmail.store.store import Reader, Transaction
from ksmail.store.values import Claim

LONGEST_LIST = 200  # questions in one weekly list; what is beyond is counted
_WHOLE_QUEUE = 1_000_000


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
