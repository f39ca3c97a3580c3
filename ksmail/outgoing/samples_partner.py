"""Sample facts for what partners are told, and for what staff and askers are told of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

from ksmail.address import Address
from ksmail.desk.consultation import Position, Stage
from ksmail.desk.letter import LetterKind
from ksmail.desk.ticket import Flag, Flagged
from ksmail.incoming.identity import Institution
from ksmail.outgoing.sample_facts import (
    ADDS,
    AGREES,
    ASKER,
    DUE,
    FILES,
    LIAISON,
    LONG,
    NUMBERED,
    OBJECTS,
    PARTNERS,
    POSITIONS,
    PROMISED,
    RECEIVED,
    SUBJECT,
    TWO_DAYS,
    Variants,
    position_line,
)

_NAME_NL, _NAME_EN = PARTNERS["BZ"]
_TEXT = (
    "Dear contact point,\n\nA partner abroad offers us a joint laboratory. They pay for the equipment.\n"
    "Can we accept this, and what should we agree on first?"
)
_NEW_DATE = date(2026, 6, 15)
_TO: dict[str, Any] = {"reference": "KV-2026-0042/BZ", "partner_nl": _NAME_NL, "partner_en": _NAME_EN}
_ASKED = _TO | {"lines": ()}  # filled in for each language
_WHO: dict[str, Any] = {"asker": ASKER, "institution": Institution(name="University of Example", kind="university")}
_NOBODY: dict[str, Any] = {"asker": None, "institution": None, "files": ()}
_NOTICE: dict[str, Any] = {
    "old_date": None,
    "promised_on": PROMISED,
    "closed_days": (),
    "partners": (),
    "subject": "",
}
_REQUEST = (
    _ASKED | _NOBODY | {"due_on": DUE, "text": _TEXT, "is_question": True, "institution_kind": "", "again": False}
)
_UPDATE = _ASKED | _NOBODY | {"due_on": None, "text": "We now have the contract as well.", "is_question": True}
_REPLY: dict[str, Any] = {
    "event": "replied",
    "code": "BZ",
    "partner_nl": _NAME_NL,
    "partner_en": _NAME_EN,
    "author": replace(LIAISON, name=""),
    "text": "#akkoord",
    "position": Position.NO_OBJECTION.value,
    "flags": (),
    "files": (),
    "received_at": RECEIVED,
    "promised_on": PROMISED,
    "positions": (),
    "back_on": None,
    "due_on": DUE,
    "status_note": "",
    "waits": False,
    "assignee": "",
}
_FLAGS = (
    Flagged(Flag.PARTNER_COLLEAGUE, "BZ"),
    Flagged(Flag.PARTNER_ELSEWHERE, "lee@mail.example"),
    Flagged(Flag.PARTNER_UNCLEAR, "#akoord"),
    Flagged(Flag.PARTNER_UNPROVEN),
    Flagged(Flag.PARTNER_WROTE_TO_ASKER, "BZ"),
)
_DONE = (position_line("BZ", Stage.REPLIED, Position.NO_OBJECTION), ADDS)
_WAITS = position_line("BZ", Stage.SENT)
_SILENT = position_line("BZ", Stage.EXPIRED)

PARTNER_VARIANTS: Variants = {
    LetterKind.COORDINATION_NOTICE: {
        "bare": _NOTICE,
        "full": _NOTICE
        | {
            "old_date": date(2027, 4, 30),
            "promised_on": date(2027, 5, 18),
            "closed_days": TWO_DAYS,
            "partners": tuple(SimpleNamespace(name_nl=dutch, name_en=english) for dutch, english in PARTNERS.values()),
            "subject": SUBJECT,
        },
        "one": _NOTICE
        | {
            "old_date": PROMISED,
            "promised_on": _NEW_DATE,
            "partners": (SimpleNamespace(name_nl=_NAME_NL, name_en=_NAME_EN),),
        },
    },
    LetterKind.PARTNER_REQUEST: {
        "bare": _REQUEST,
        "full": _REQUEST | _WHO | {"institution_kind": "university", "files": FILES, "again": True},
        "one": _REQUEST
        | {
            "text": "Does the licence cover this equipment?",
            "is_question": False,
            "institution_kind": "umc",
            "files": FILES[:1],
        },
        "nameless": _REQUEST | {"asker": replace(ASKER, name="")},
    },
    LetterKind.PARTNER_REMINDER: {
        "bare": _ASKED | {"due_on": DUE, "asked_on": date(2026, 6, 1), "text": _TEXT},
        "full": _ASKED | {"due_on": DUE, "asked_on": date(2026, 6, 1), "text": _TEXT},
    },
    LetterKind.PARTNER_UPDATE: {
        "bare": _UPDATE,
        "full": _UPDATE | _WHO | {"due_on": DUE, "files": FILES},
        "one": _UPDATE | {"is_question": False, "due_on": DUE, "files": FILES[:1]},
        "nameless": _UPDATE | {"asker": replace(ASKER, name="")},
    },
    LetterKind.PARTNER_SHARED: {
        "bare": _ASKED | {"shared": (replace(AGREES, replied_at=None),), "due_on": None},
        "full": _ASKED | {"shared": (AGREES, ADDS), "due_on": DUE},
        "one": _ASKED | {"shared": (ADDS,), "due_on": DUE},
    },
    LetterKind.PARTNER_OUTCOME: {"bare": _TO | {"answered_on": DUE}, "full": _TO | {"answered_on": DUE}},
    LetterKind.PARTNER_WITHDRAWN: {
        "bare": _TO | {"reason": "closed"},
        "full": _TO | {"reason": "answered"},
        "withdrawn": _TO | {"reason": "withdrawn"},
        "date": _TO | {"reason": "merged"},
    },
    LetterKind.STAFF_PARTNER_REPLY: {
        "bare": _REPLY,
        "full": _REPLY
        | {
            "author": LIAISON,
            "text": OBJECTS.text,
            "position": Position.OBJECTION.value,
            "flags": _FLAGS,
            "files": NUMBERED,
            "positions": POSITIONS,
            "waits": True,
            "assignee": "Sam Sample",
        },
        "short": _REPLY
        | {"text": "", "files": NUMBERED[:1], "promised_on": None, "positions": _DONE, "status_note": "all_answered"},
        "long": _REPLY | {"text": LONG, "position": Position.INPUT.value},
        "not ours": _REPLY | {"position": Position.NOT_OURS.value},
        "no position": _REPLY | {"position": ""},
        "late": _REPLY
        | {"event": "late", "text": OBJECTS.text, "position": Position.OBJECTION.value, "promised_on": None},
        "note": _REPLY
        | {
            "event": "note",
            "author": Address("lee", "mail.example"),
            "text": "I would be careful.",
            "position": "",
            "flags": _FLAGS[1:2],
            "positions": (_WAITS, AGREES),
        },
        "one": _REPLY | {"event": "to_asker", "author": LIAISON, "text": "You can accept it.", "flags": _FLAGS[4:]},
        "held": _REPLY
        | {
            "event": "away",
            "author": LIAISON,
            "text": "I am away until 15 June.",
            "position": "",
            "back_on": date(2026, 6, 15),
            "positions": (_SILENT, AGREES),
        },
        "away in time": _REPLY | {"event": "away", "text": "", "position": "", "back_on": date(2026, 6, 5)},
    },
    LetterKind.STAFF_DISAGREEMENT: {
        "bare": {"positions": (OBJECTS, AGREES), "promised_on": None},
        "full": {"positions": POSITIONS, "promised_on": PROMISED},
        "long": {"positions": (replace(OBJECTS, text=LONG), AGREES), "promised_on": PROMISED},
    },
}
