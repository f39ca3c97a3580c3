"""The figures of a month, for those to whom a desk accounts for its work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from statistics import fmean, median

from ksmail.desk.month import Month
from ksmail.desk.policy import Policy
from ksmail.desk.promise import counts_from, received_on
from ksmail.desk.ticket import CloseReason, PromiseState
from ksmail.reference import Reference

SIMPLE_DAYS = 2  # the Dutch code of conduct for e-mail to governments, part C: simple questions
COMPLEX_DAYS = 10  # the same: by then the asker knows when the answer comes


@dataclass(frozen=True, slots=True)
class Received:
    """A question of the month. `acknowledged_at`: when a mail server took the acknowledgement, None if none did."""

    ticket: Reference
    received_at: datetime
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """The first answer to a question, which did not come back."""

    ticket: Reference
    received_at: datetime
    answered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthRows:
    """What the store holds of one month. `mails` came in, `received` questions were opened by them. `dates` counts the
    promises whose date lies in the month, `closed` the questions closed without an answer, by reason."""

    mails: int = 0
    received: Sequence[Received] = ()
    answered: Sequence[AnswerGiven] = ()
    dates: Mapping[PromiseState, int] = field(default_factory=dict)
    closed: Mapping[CloseReason, int] = field(default_factory=dict)
    consulted: int = 0
    reopened: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts, days and shares of one month; None where there is nothing to divide by.

    Days are working days from receipt to the answer. Shares are whole per cents. `unknown` are promises of the month
    that the asker does not know of, because their letter was refused.
    """

    month: str
    mails: int
    received: int
    acknowledged: int
    acknowledged_share: int | None
    acknowledged_median_seconds: int | None
    acknowledged_longest_seconds: int | None
    answered: int
    days_average: float | None
    days_median: float | None
    within_two_days: int
    within_two_days_share: int | None
    within_ten_days: int
    within_ten_days_share: int | None
    kept: int
    broken: int
    kept_share: int | None
    moved: int
    paused: int
    dropped: int
    still_open: int
    unknown: int
    closed: int
    merged: int
    consulted: int
    reopened: int


def figures(month: Month, rows: MonthRows, unknown: int, policy: Policy) -> Figures:
    """The figures of `month`. `rows` are those of that month, `unknown` its promises that the asker does not know."""
    waits = [_seconds(each) for each in rows.received if each.acknowledged_at is not None]
    days = [_days(each, policy) for each in rows.answered]
    simple, complex_ = (sum(each <= most for each in days) for most in (SIMPLE_DAYS, COMPLEX_DAYS))
    kept, broken = (rows.dates.get(state, 0) for state in (PromiseState.KEPT, PromiseState.BROKEN))
    return Figures(
        month=str(month),
        mails=rows.mails,
        received=len(rows.received),
        acknowledged=len(waits),
        acknowledged_share=share(len(waits), len(rows.received)),
        acknowledged_median_seconds=round(median(waits)) if waits else None,
        acknowledged_longest_seconds=max(waits, default=None),
        answered=len(days),
        days_average=round(fmean(days), 1) if days else None,
        days_median=float(median(days)) if days else None,
        within_two_days=simple,
        within_two_days_share=share(simple, len(days)),
        within_ten_days=complex_,
        within_ten_days_share=share(complex_, len(days)),
        kept=kept,
        broken=broken,
        kept_share=share(kept, kept + broken),
        moved=rows.dates.get(PromiseState.MOVED, 0),
        paused=rows.dates.get(PromiseState.PAUSED, 0),
        dropped=rows.dates.get(PromiseState.DROPPED, 0),
        still_open=rows.dates.get(PromiseState.OPEN, 0),
        unknown=unknown,
        closed=sum(count for reason, count in rows.closed.items() if reason is not CloseReason.MERGED),
        merged=rows.closed.get(CloseReason.MERGED, 0),
        consulted=rows.consulted,
        reopened=rows.reopened,
    )


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One figure as a letter shows it: its wording is in templates/*/_shared/figure.txt, by `name`. `value` is None
    where there is nothing to count; `share` is in per cents."""

    name: str
    value: float | None
    share: int | None = None


def figure_lines(found: Figures) -> tuple[FigureLine, ...]:
    """The figures in the order in which they are read."""
    return tuple(
        FigureLine(each.name, getattr(found, each.name), getattr(found, f"{each.name}_share", None))
        for each in fields(found)
        if each.name != "month" and not each.name.endswith("_share")
    )


def share(part: int, whole: int) -> int | None:
    """A part in whole per cents, or None of nothing. All is 100 and nothing is 0; what is neither never reads so."""
    if whole == 0:
        return None
    if part in (0, whole):
        return 100 * part // whole
    return min(max(round(100 * part / whole), 1), 99)


def _seconds(each: Received) -> int:
    """How long the asker waited for his acknowledgement; a clock that runs behind the mail server's makes it 0."""
    if each.acknowledged_at is None:
        raise ValueError("nothing was acknowledged")
    return max(round((each.acknowledged_at - each.received_at).total_seconds()), 0)


def _days(each: AnswerGiven, policy: Policy) -> int:
    return policy.workdays.count(counts_from(each.received_at, policy), received_on(each.answered_at, policy.timezone))
