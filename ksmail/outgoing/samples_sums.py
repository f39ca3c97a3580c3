"""Sample facts for the letters that sum up a day, a week or a month."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from ksmail.desk.arrival import Disposition
from ksmail.desk.digest import Balance, Bar, Line, Section
from ksmail.desk.figures import FigureLine, Figures, figure_lines
from ksmail.desk.letter import LetterKind
from ksmail.desk.order_of_receipt import Excuse
from ksmail.desk.ticket import PromiseState, Status
from ksmail.desk.weekly import ListLine
from ksmail.outgoing.sample_facts import PROMISED, RECEIVED, STAFF, SUBJECT, Variants
from ksmail.reference import Reference

_DAY = date(2026, 6, 3)
_NEXT = datetime(2026, 6, 4, 5, 30, tzinfo=UTC)
_NAMES = ("KV-2026-0017", "KV-2026-0018")


def _bars(*names: str) -> tuple[Bar, ...]:
    return tuple(Bar(name, count, count * 4) for count, name in enumerate(names, 1))


def _lines(what: tuple[str, ...], **facts: Any) -> tuple[Line, ...]:
    return tuple(Line(what=each, **facts) for each in what)


_LISTS = ("answered", "overdue", "due_today", "unknown", "held", "uncertain", "refused", "given_up")
_COUNTS = ("open", "promises", "alarms", "overtaken_more")
_SINCE = ("waiting", "quarantine")
_SIZES = ("database", "free_disk")
_MOMENTS = ("last_poll", "last_send")


def _every_line(count: int) -> tuple[Line, ...]:
    """Each sentence as it is for this count."""
    names = _NAMES[:count]
    return (
        *_lines(_LISTS, count=count, names=names, more=max(count - 2, 0), alarm=count > 1),
        *_lines(_COUNTS, count=count),
        *_lines(_SINCE, count=count, at=RECEIVED if count else None, days=count),
        *_lines(_SIZES, count=count * 1_200_000),
        *_lines(_MOMENTS, at=RECEIVED if count else None),
    )


def _other_lines() -> tuple[Line, ...]:
    excuses = tuple(excuse.value for excuse in Excuse)
    return (
        *(Line(what="oldest", names=_NAMES[:1], at=RECEIVED, days=days) for days in (1, 2)),
        Line(what="next", names=_NAMES[:1]),
        Line(what="overtaken", names=_NAMES[:1], count=1, at=RECEIVED, days=1, words=excuses),
        Line(what="overtaken", names=_NAMES[1:], count=3, at=RECEIVED, days=2, alarm=True),
        Line(what="probes", count=24, days=1, words=("41",), alarm=True),
        Line(what="probes", count=1, days=1),
        Line(what="alarm", words=("mailbox",), at=RECEIVED, alarm=True),
        Line(what="alarm_over", words=("sending",), at=RECEIVED, count=20),
        Line(what="alarm_over", words=("disk",), at=RECEIVED, count=1),
        Line(what="version", words=("1.0",)),
        Line(what="closed_day", day=PROMISED),
        Line(what="no_closed_days"),
        Line(what="history", count=4711, words=("c0ffee" * 10 + "c0de",)),
    )


_KINDS = tuple(each.value for each in Disposition if each is not Disposition.PENDING)
_SECTIONS = (
    Section("questions", _bars(*(status.value for status in Status if status.is_open)), _every_line(3)),
    Section("promises", _bars(*(state.value for state in PromiseState)), _every_line(1)),
    Section("letters", (), _every_line(0)),
    Section("program", (), _other_lines()),
    Section("ahead", (Bar("kept", 1, 100),)),
)
_DIGEST: dict[str, Any] = {
    "number": 17,
    "day": _DAY,
    "since": datetime(2026, 6, 1, 5, 30, tzinfo=UTC),
    "days": 2,
    "rows": (101, 204),
    "mails": (31, 62),
    "balances": (
        Balance("period", 3, _bars("ticket", "follow_up")),
        Balance("all", 69, _bars(*_KINDS), ((7, 1), (9, 30)), more=1, missing=0),
    ),
    "sections": _SECTIONS,
    "attention": 9,
    "next_at": _NEXT,
}
_QUIET = _DIGEST | {
    "number": 1,
    "since": None,
    "days": 0,
    "rows": (1, 0),
    "mails": (1, 0),
    "balances": (
        Balance("period", 0, ()),
        Balance("all", 1, (), ((7, 1),), missing=2),
        Balance("all", 1, (), missing=1),
    ),
    "sections": (Section("letters", (), _every_line(0)),),
    "attention": 0,
}
_FIGURES = Figures(
    month="2026-05",
    mails=412,
    received=31,
    acknowledged=30,
    acknowledged_share=97,
    acknowledged_median_seconds=38,
    acknowledged_longest_seconds=71,
    answered=28,
    days_average=2.4,
    days_median=2.0,
    within_two_days=17,
    within_two_days_share=61,
    within_ten_days=28,
    within_ten_days_share=100,
    kept=26,
    broken=1,
    kept_share=96,
    moved=4,
    paused=2,
    dropped=1,
    still_open=0,
    unknown=0,
    closed=2,
    merged=1,
    consulted=5,
    reopened=1,
)
_MONTH = {"number": 5, "first": date(2026, 5, 1), "last": date(2026, 5, 31), "lines": figure_lines(_FIGURES)}


def _list_line(number: int, status: Status, **facts: Any) -> ListLine:
    given: dict[str, Any] = {
        "reference": Reference("KV", 2026, 16 + number),
        "subject": SUBJECT,
        "promised_on": PROMISED,
        "days": number,
        "late": False,
        "assignee": STAFF,
    }
    return ListLine(number=number, status=status, **given | facts)


_LINES = (
    _list_line(1, Status.ACKNOWLEDGED, promised_on=date(2026, 6, 2), late=True, assignee=None, by=3),
    _list_line(2, Status.COORDINATION, by=1, words=tuple(excuse.value for excuse in Excuse)),
    _list_line(3, Status.WAITING_ASKER, promised_on=None, subject=""),
    _list_line(4, Status.IN_PROGRESS),
    _list_line(5, Status.NEW),
)
_WEEK: dict[str, Any] = {"day": _DAY, "lines": _LINES, "total": 7, "more": 2}

SUMS_VARIANTS: Variants = {
    LetterKind.OPS_DIGEST: {
        "full": _DIGEST,
        "bare": _QUIET,
        "one": _DIGEST | {"attention": 1, "days": 1},
    },
    LetterKind.OPS_MONTHLY: {
        "full": _MONTH,
        "bare": _MONTH | {"lines": figure_lines(_FIGURES)[:1]},
        "nothing": _MONTH | {"lines": (FigureLine("days_average", None), FigureLine("kept", 0))},
    },
    LetterKind.COORDINATOR_WEEKLY: {
        "full": _WEEK,
        "bare": {"day": _DAY, "lines": (), "total": 0, "more": 0},
        "one": {"day": _DAY, "lines": _LINES[:1], "total": 1, "more": 0},
        "more": {"day": _DAY, "lines": _LINES[:1], "total": 2, "more": 1},
    },
}
