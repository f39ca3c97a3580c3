"""Sample facts for what staff are told: of questions, of mails that wait, of letters that did not arrive."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from ksmail.address import Address
from ksmail.capability import Audience
from ksmail.desk.letter import LetterKind
from ksmail.desk.orders import help_lines
from ksmail.desk.ticket import EntryKind, Flag, Flagged, Status
from ksmail.incoming.identity import Institution, Proof
from ksmail.incoming.message import Language
from ksmail.incoming.verdict import Silence
from ksmail.outgoing.sample_facts import (
    ASKER,
    COLLEAGUE,
    LIAISON,
    LONG,
    NUMBERED,
    ONE_DAY,
    PROMISED,
    QUESTION,
    RECEIVED,
    SEALED,
    SUBJECT,
    TWO_DAYS,
    Variants,
)

_NEW: dict[str, Any] = {
    "author": replace(ASKER, name=""),
    "answer_to": None,
    "cc": (),
    "subject": SUBJECT,
    "text": QUESTION,
    "files": (),
    "institution": None,
    "proof": Proof.NONE.value,
    "asker_language": Language.EN.value,
    "received_at": RECEIVED,
    "promised_on": PROMISED,
    "closed_days": (),
    "flags": (),
    "silence": "",
    "held": False,
    "via_form": False,
    "late_from": None,
    "suggested": (),
    "copied": (),
}
_FOLLOWUP: dict[str, Any] = {
    "author": ASKER,
    "text": "Here is the draft agreement.\n\nAda",
    "files": (),
    "flags": (),
    "received_at": RECEIVED,
    "promised_on": PROMISED,
    "is_asker": True,
    "proof": Proof.NONE.value,
    "kind": EntryKind.FOLLOW_UP.value,
    "status_note": "",
    "assignee": "",
    "waits": False,
}
_QUARANTINE: dict[str, Any] = {
    "number": 17,
    "last": False,
    "disposition": "quarantined",
    "reason": "more than 50 levels of nested parts",
    "received_at": RECEIVED,
    "size": 340_000,
    "sender": "",
    "subject": "",
    "orders": (),
    "claims": "",
    "proofs": (),
    "marking": "",
}
_ASSIGNED: dict[str, Any] = {
    "by": "Kim Sample",
    "text": QUESTION,
    "files": (),
    "promised_on": PROMISED,
    "status": Status.IN_PROGRESS.value,
    "author": ASKER,
    "note": "",
}
_REFUSED: dict[str, Any] = {
    "kind": LetterKind.ANSWER.value,
    "recipient": ASKER.spec,
    "reason": "550 5.1.1 no such user",
    "promised_on": PROMISED,
    "knows_nothing": True,
}
_STOPPED: dict[str, Any] = {
    "by": "Kim Sample",
    "kind": LetterKind.ANSWER.value,
    "recipient": ASKER.spec,
    "detained": False,
}
_UNCERTAIN: dict[str, Any] = {
    "kind": LetterKind.ANSWER.value,
    "recipient": ASKER.spec,
    "reason": "the connection was lost after the end of the mail",
}

NOTICE_VARIANTS: Variants = {
    LetterKind.STAFF_NEW: {
        "bare": _NEW,
        "full": _NEW
        | {
            "author": ASKER,
            "answer_to": Address("group", "uni.example", "Ada's group"),
            "cc": (COLLEAGUE, Address("legal", "uni.example", "Legal desk")),
            "files": NUMBERED,
            "institution": Institution(name="University of Example", kind="university"),
            "proof": Proof.VERIFIED.value,
            "closed_days": ONE_DAY,
            "flags": tuple(Flagged(flag) for flag in Flag),
            "silence": Silence.ADDRESS_CAP.value,
            "held": True,
            "via_form": True,
            "late_from": date(2026, 6, 2),
            "suggested": ("BZ", "OCW"),
            "copied": ("EZ", "Defensie"),
        },
        "short": _NEW
        | {
            "subject": "",
            "text": "",
            "files": NUMBERED[:1],
            "cc": (COLLEAGUE,),
            "closed_days": TWO_DAYS,
            "proof": Proof.FAILED.value,
            "asker_language": Language.NL.value,
            "flags": (Flagged(Flag.NUMBER_OF_OTHERS, "KV-2026-0017"),),
            "suggested": ("BZ",),
        },
        "long": _NEW | {"text": LONG, "asker_language": Language.BOTH.value},
        **{f"silent {why}": _NEW | {"silence": why.value} for why in Silence},
    },
    LetterKind.STAFF_FOLLOWUP: {
        "bare": _FOLLOWUP,
        "full": _FOLLOWUP
        | {
            "files": (*NUMBERED, SEALED),
            "flags": tuple(Flagged(flag) for flag in Flag),
            "proof": Proof.VERIFIED.value,
            "status_note": "resumed",
            "assignee": "Sam Sample",
        },
        "failed": _FOLLOWUP | {"proof": Proof.FAILED.value},
        "short": _FOLLOWUP
        | {
            "text": "",
            "files": NUMBERED[:1],
            "promised_on": None,
            "author": COLLEAGUE,
            "is_asker": False,
            "flags": (Flagged(Flag.COLLEAGUE), Flagged(Flag.PERSONAL_DATA), Flagged(Flag.PERSONAL_DATA, "2")),
        },
        "long": _FOLLOWUP | {"text": LONG},
        "waits": _FOLLOWUP | {"waits": True},
        **{f"note {note}": _FOLLOWUP | {"status_note": note} for note in ("reopened", "thanks", "closed_reply")},
        **{str(kind): _FOLLOWUP | {"kind": kind.value, "is_asker": False, "author": COLLEAGUE} for kind in EntryKind},
    },
    LetterKind.STAFF_QUARANTINE: {
        "bare": _QUARANTINE,
        "full": _QUARANTINE
        | {
            "disposition": "held",
            "sender": "sam@desk.example",
            "subject": f"Re: [KV-2026-0042] {SUBJECT}",
            "reason": "in the name of staff, and not proven: dmarc=fail",
            "orders": ("#answer", "#close answered"),
            "claims": "Sam Sample",
            "proofs": ("holds: on the staff list", "fails: dmarc=fail"),
        },
        "marked": _QUARANTINE | {"sender": "ada@uni.example", "reason": "marked RESTRICTED", "marking": "RESTRICTED"},
        "held": _QUARANTINE
        | {
            "disposition": "held",
            "last": True,
            "sender": "noreply@portal.example",
            "subject": SUBJECT,
            "reason": "a person may have written from an address that takes no replies",
        },
    },
    LetterKind.STAFF_ASSIGNED: {
        "bare": _ASSIGNED,
        "full": _ASSIGNED | {"files": NUMBERED, "note": "She is known to us.\nPlease call her first."},
        "short": _ASSIGNED | {"text": "", "files": NUMBERED[:1], "promised_on": None, "author": COLLEAGUE},
        "long": _ASSIGNED | {"text": LONG},
        **{status.value: _ASSIGNED | {"status": status.value} for status in Status},
    },
    LetterKind.STAFF_BOUNCE: {
        "bare": _REFUSED | {"promised_on": None, "knows_nothing": False},
        "full": _REFUSED,
        "no ticket": _REFUSED | {"kind": LetterKind.ACK_UNREADABLE.value, "promised_on": None},
        "date": _REFUSED | {"kind": LetterKind.DELAY_NOTICE.value},
        "one": _REFUSED | {"kind": LetterKind.PARTNER_REQUEST.value, "recipient": LIAISON.spec},
        "partner": _REFUSED | {"kind": LetterKind.PARTNER_SHARED.value, "recipient": LIAISON.spec},
    },
    LetterKind.STAFF_UNCERTAIN: {
        "bare": _UNCERTAIN,
        "full": _UNCERTAIN | {"kind": LetterKind.CORRECTION.value},
        "one": _UNCERTAIN | {"kind": LetterKind.PARTNER_REQUEST.value, "recipient": LIAISON.spec},
        "no ticket": _UNCERTAIN | {"kind": LetterKind.ACK_UNREADABLE.value},
    },
    LetterKind.STAFF_STOPPED: {
        "bare": _STOPPED,
        "full": _STOPPED | {"detained": True},
    },
    LetterKind.STAFF_AWAY: {"bare": {"until": None}, "full": {"until": date(2026, 6, 19)}},
    LetterKind.STAFF_HELP: {
        "bare": {"lines": help_lines(Language.EN, Audience.STAFF)},
        "full": {"lines": help_lines(Language.NL, Audience.STAFF)},
    },
}
