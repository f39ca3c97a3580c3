"""Sample facts for the letters to askers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from ksmail.desk.letter import LetterKind
from ksmail.desk.ticket import CloseReason
from ksmail.outgoing.sample_facts import ANSWER, FILES, ONE_DAY, PROMISED, RECEIVED, SUBJECT, TWO_DAYS, Variants
from ksmail.reference import Reference

_BEFORE_KINGS_DAY = datetime(2026, 4, 24, 8, 2, tzinfo=UTC)
_OTHER = Reference("KV", 2026, 17)
_LATER = date(2026, 6, 9)
_ONE: dict[str, Any] = {"days": 1, "closed_days": ONE_DAY, "received_at": _BEFORE_KINGS_DAY}
_ACK: dict[str, Any] = {
    "subject": "",
    "received_at": RECEIVED,
    "promised_on": PROMISED,
    "days": 3,
    "closed_days": (),
    "ask_institution": False,
}
_WRITTEN: dict[str, Any] = {"text": ANSWER, "by": "", "subject": "", "files": ()}
_WRITTEN_FULL = _WRITTEN | {"by": "Sam Sample", "subject": SUBJECT, "files": FILES}
_DATED: dict[str, Any] = {"promised_on": PROMISED, "days": 3, "closed_days": (), "received_at": RECEIVED, "subject": ""}
_DATED_FULL = _DATED | {
    "subject": SUBJECT,
    "closed_days": TWO_DAYS,
    "received_at": datetime(2027, 5, 3, 8, 2, tzinfo=UTC),
    "promised_on": date(2027, 5, 10),
}
_LINKED: dict[str, Any] = {"earlier": _OTHER, "split": False}
_DELAY: dict[str, Any] = {
    "old_date": None,
    "promised_on": _LATER,
    "reason": "",
    "closed_days": (),
    "subject": "",
    "late": False,
}
_DESK: dict[str, Any] = {
    "title_nl": "Loket Voorbeelden",
    "title_en": "Example desk",
    "contact": "help@other.example",
    "subject": "",
}
_PERSONAL: dict[str, Any] = {"count": 2, "subject": ""}

ASKER_VARIANTS: Variants = {
    LetterKind.ACK: {
        "bare": _ACK,
        "full": _ACK
        | {
            "subject": SUBJECT,
            "closed_days": TWO_DAYS,
            "ask_institution": True,
            "received_at": datetime(2027, 5, 3, 8, 2, tzinfo=UTC),
            "promised_on": date(2027, 5, 10),
        },
        "one": _ACK | _ONE | {"promised_on": date(2026, 4, 28)},
    },
    LetterKind.ACK_LATE: {
        "bare": _ACK | {"old_date": PROMISED, "promised_on": _LATER},
        "full": _ACK
        | {
            "subject": SUBJECT,
            "closed_days": TWO_DAYS,
            "ask_institution": True,
            "received_at": datetime(2027, 4, 26, 8, 2, tzinfo=UTC),
            "old_date": date(2027, 4, 30),
            "promised_on": date(2027, 5, 10),
        },
        "one": _ACK
        | _ONE
        | {
            "received_at": datetime(2026, 4, 23, 8, 2, tzinfo=UTC),
            "old_date": date(2026, 4, 24),
            "promised_on": date(2026, 4, 28),
        },
    },
    LetterKind.ACK_UNREADABLE: {
        "bare": {"subject": "", "received_at": RECEIVED},
        "full": {"subject": SUBJECT, "received_at": RECEIVED},
    },
    LetterKind.ANSWER: {
        "bare": _WRITTEN | {"sources": False},
        "full": _WRITTEN_FULL | {"sources": True},
        "one": _WRITTEN | {"sources": False, "files": FILES[:1]},
    },
    LetterKind.CORRECTION: {
        "bare": _WRITTEN | {"sources": False, "answered_on": PROMISED},
        "full": _WRITTEN_FULL | {"sources": True, "answered_on": PROMISED},
    },
    LetterKind.INFO_REQUEST: {
        "bare": _WRITTEN | {"days": 2},
        "full": _WRITTEN_FULL | {"days": 2},
        "one": _WRITTEN | {"days": 1},
    },
    LetterKind.INFO_REMINDER: {
        "bare": {"asked_on": PROMISED, "closes_on": _LATER, "subject": ""},
        "full": {"asked_on": PROMISED, "closes_on": _LATER, "subject": SUBJECT},
    },
    LetterKind.DELAY_NOTICE: {
        "bare": _DELAY,
        "full": _DELAY
        | {
            "old_date": date(2027, 4, 30),
            "promised_on": date(2027, 5, 10),
            "reason": "An expert still looks at your question.",
            "closed_days": TWO_DAYS,
            "subject": SUBJECT,
        },
        "late": _DELAY | {"old_date": PROMISED, "late": True},
    },
    LetterKind.REDIRECT: {"bare": _DESK, "full": _DESK | {"subject": SUBJECT}},
    LetterKind.MERGED: {
        "bare": {"into": _OTHER, "promised_on": None, "subject": ""},
        "full": {"into": _OTHER, "promised_on": PROMISED, "subject": SUBJECT},
    },
    LetterKind.REOPENED: {
        "bare": _DATED,
        "full": _DATED_FULL,
        "one": _DATED | _ONE | {"promised_on": date(2026, 4, 28)},
    },
    LetterKind.LINKED_NEW: {
        "bare": _LINKED | _DATED,
        "full": _LINKED | _DATED_FULL | {"split": True},
        "one": _LINKED | _DATED | _ONE | {"promised_on": date(2026, 4, 28)},
    },
    LetterKind.PERSONAL_DATA_NOTICE: {
        "bare": _PERSONAL,
        "full": _PERSONAL | {"subject": SUBJECT},
        "one": _PERSONAL | {"count": 1},
    },
    LetterKind.CLOSED: {
        "bare": {"reason": CloseReason.OTHER.value, "subject": ""},
        "full": {"reason": CloseReason.OUT_OF_SCOPE.value, "subject": SUBJECT},
        **{why.value: {"reason": why.value, "subject": ""} for why in CloseReason},
    },
}
