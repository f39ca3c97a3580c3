"""Samples of the mails about what is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from ksmail.desk.due import DueLine, Matter, Next
from ksmail.desk.letter import LetterKind
from ksmail.desk.ticket import Status
from ksmail.outgoing.sample_facts import SUBJECT, Variants

_LATE, _TODAY, _DAY_AFTER, _NEW = date(2026, 12, 29), date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 5)
_LINE = DueLine(
    matter=Matter.LATE,
    about="KV-2026-0042",
    number=1,
    subject=SUBJECT,
    status=Status.IN_PROGRESS.value,
    holder="Sam Sample",
    received_at=datetime(2026, 12, 23, 10, 0, tzinfo=UTC),
    promised_on=_LATE,
    since=_LATE,
    days=1,
    next=Next.SORRY,
    new_date=_NEW,
    told_on=_DAY_AFTER,
)
_QUIET = replace(_LINE, holder="", subject="", status=Status.NEW.value)
_FRESH = replace(_LINE, since=None, days=0, next=Next.APOLOGY, next_on=_DAY_AFTER)
_ALL = (
    _LINE,
    replace(_QUIET, about="KV-2026-0038", days=3, next=Next.NOTHING, new_date=None, told_on=None),
    replace(_FRESH, about="KV-2026-0044", matter=Matter.TODAY, promised_on=_TODAY),
    replace(_LINE, about="KV-2026-0035", matter=Matter.TODAY, promised_on=_TODAY, next=Next.NOTHING, new_date=None),
    replace(_LINE, about="KV-2026-0031", matter=Matter.LETTER, kind="answer", state="uncertain", told_on=None),
    replace(_QUIET, about="KV-2026-0032", matter=Matter.LETTER, kind="delay_notice", state="held", told_on=None),
    replace(_LINE, about="KV-2026-0039", matter=Matter.PARTNER, partner="BZ", since=date(2026, 12, 24), told_on=None),
    replace(_QUIET, about="KV-2026-0037", matter=Matter.PARTNER, partner="OCW", alone=True, told_on=None),
    replace(_FRESH, about="KV-2026-0045", matter=Matter.SOON, promised_on=_DAY_AFTER, next_on=date(2027, 1, 4)),
    replace(_LINE, about="KV-2026-0036", matter=Matter.AHEAD, promised_on=_NEW, next=Next.NOTHING, new_date=None),
    replace(_QUIET, about="Q-17", matter=Matter.MAIL, promised_on=None, days=1),
    replace(_QUIET, about="Q-16", matter=Matter.MAIL, promised_on=None, days=4, told_on=None),
    replace(_LINE, about="KV-2026-0020", matter=Matter.CLOSED, promised_on=None, told_on=None),
)


def _mail(*lines: DueLine, more: int = 0, next_one: str = "KV-2026-0038") -> dict[str, Any]:
    numbered = tuple(replace(line, number=number) for number, line in enumerate(lines, 1))
    return {
        "lines": numbered,
        "more": more,
        "day": _TODAY,
        "late": sum(line.matter is Matter.LATE for line in lines),
        "due_today": sum(line.matter is Matter.TODAY for line in lines),
        "next_one": next_one,
        "example": next((line.number for line in numbered if not line.about.startswith("Q-")), 0),
    }


DUE_VARIANTS: Variants = {
    LetterKind.STAFF_DUE: {
        "bare": _mail(_ALL[8], next_one=""),
        "full": _mail(*_ALL, more=2),
        "late": _mail(_ALL[0]),
        "today": _mail(_ALL[2], _ALL[3]),
        "one": _mail(_ALL[2], more=1),
        "mail": _mail(_ALL[10], next_one=""),
    },
}
