"""Sample facts for every letter, so that templates can be tried before anybody gets one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from ksmail.address import Address
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.open import NamedDay
from ksmail.desk.ticket import EntryKind, Flag, Flagged, Status, Ticket
from ksmail.incoming.identity import Institution, Proof
from ksmail.incoming.message import Attachment, Language
from ksmail.incoming.verdict import Silence
from ksmail.reference import Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """`name` says what is special about it: "full" has every fact, "bare" only those that are always there."""

    name: str
    letter: Letter
    ticket: Ticket | None
    files: Mapping[str, bytes] = field(default_factory=dict)


MOMENT = datetime(2026, 6, 1, 8, 2, tzinfo=UTC)
_ASKER = Address("ada", "uni.example", "Ada Sample")
_COLLEAGUE = Address("grace", "uni.example")
_TEAM = Address("team", "desk.example")
_RECEIVED = datetime(2026, 6, 1, 8, 2, tzinfo=UTC)
_PROMISED = date(2026, 6, 4)
_BEFORE_KINGS_DAY = datetime(2026, 4, 24, 8, 2, tzinfo=UTC)
_SUBJECT = "A joint laboratory"
_QUESTION = (
    "Dear contact point,\n\nA partner abroad offers us a joint laboratory. They pay for the equipment.\n"
    "Can we accept this, and what should we agree on first?\n\nAda Sample\nUniversity of Example"
)
_FILES = (
    Attachment(name="draft agreement.pdf", content_type="application/pdf", size=2_000_000, sha256="0" * 64),
    Attachment(name="budget.xlsx", content_type="application/vnd.ms-excel", size=34_200, sha256="1" * 64),
)
_ONE_DAY = (NamedDay(date(2026, 4, 27), "Koningsdag", "King's Day"),)
_TWO_DAYS = (
    NamedDay(date(2027, 5, 5), "Bevrijdingsdag", "Liberation Day"),
    NamedDay(date(2027, 5, 6), "Hemelvaartsdag", "Ascension Day"),
)
_ACK: dict[str, Any] = {
    "subject": "",
    "received_at": _RECEIVED,
    "promised_on": _PROMISED,
    "days": 3,
    "closed_days": (),
    "ask_institution": False,
}
_STAFF_NEW: dict[str, Any] = {
    "author": replace(_ASKER, name=""),
    "answer_to": None,
    "cc": (),
    "subject": _SUBJECT,
    "text": _QUESTION,
    "attachments": (),
    "institution": None,
    "proof": Proof.NONE.value,
    "asker_language": Language.EN.value,
    "received_at": _RECEIVED,
    "promised_on": _PROMISED,
    "closed_days": (),
    "flags": (),
    "silence": "",
    "held": False,
    "via_form": False,
    "late_from": None,
}
_FOLLOWUP: dict[str, Any] = {
    "author": _ASKER,
    "text": "Here is the draft agreement.\n\nAda",
    "attachments": (),
    "flags": (),
    "received_at": _RECEIVED,
    "promised_on": _PROMISED,
    "is_asker": True,
    "proof": Proof.NONE.value,
    "kind": EntryKind.FOLLOW_UP.value,
}
_QUARANTINE: dict[str, Any] = {
    "number": 17,
    "last": False,
    "disposition": "quarantined",
    "reason": "more than 50 levels of nested parts",
    "received_at": _RECEIVED,
    "size": 340_000,
    "sender": "",
    "subject": "",
}
_VARIANTS: Mapping[LetterKind, Mapping[str, dict[str, Any]]] = {
    LetterKind.ACK: {
        "bare": _ACK,
        "full": _ACK
        | {
            "subject": _SUBJECT,
            "closed_days": _TWO_DAYS,
            "ask_institution": True,
            "received_at": datetime(2027, 5, 3, 8, 2, tzinfo=UTC),
            "promised_on": date(2027, 5, 10),
        },
        "one": _ACK
        | {"days": 1, "closed_days": _ONE_DAY, "received_at": _BEFORE_KINGS_DAY, "promised_on": date(2026, 4, 28)},
    },
    LetterKind.ACK_LATE: {
        "bare": _ACK | {"old_date": _PROMISED, "promised_on": date(2026, 6, 9)},
        "full": _ACK
        | {
            "subject": _SUBJECT,
            "closed_days": _TWO_DAYS,
            "ask_institution": True,
            "received_at": datetime(2027, 4, 26, 8, 2, tzinfo=UTC),
            "old_date": date(2027, 4, 30),
            "promised_on": date(2027, 5, 10),
        },
        "one": _ACK
        | {
            "days": 1,
            "closed_days": _ONE_DAY,
            "received_at": datetime(2026, 4, 23, 8, 2, tzinfo=UTC),
            "old_date": date(2026, 4, 24),
            "promised_on": date(2026, 4, 28),
        },
    },
    LetterKind.ACK_UNREADABLE: {
        "bare": {"subject": "", "received_at": _RECEIVED},
        "full": {"subject": _SUBJECT, "received_at": _RECEIVED},
    },
    LetterKind.STAFF_NEW: {
        "bare": _STAFF_NEW,
        "full": _STAFF_NEW
        | {
            "author": _ASKER,
            "answer_to": Address("group", "uni.example", "Ada's group"),
            "cc": (_COLLEAGUE, Address("legal", "uni.example", "Legal desk")),
            "attachments": _FILES,
            "institution": Institution(name="University of Example", kind="university"),
            "proof": Proof.VERIFIED.value,
            "closed_days": _ONE_DAY,
            "flags": tuple(Flagged(flag) for flag in Flag),
            "silence": Silence.ADDRESS_CAP.value,
            "held": True,
            "via_form": True,
            "late_from": date(2026, 6, 2),
        },
        "short": _STAFF_NEW
        | {
            "subject": "",
            "text": "",
            "attachments": _FILES[:1],
            "cc": (_COLLEAGUE,),
            "closed_days": _TWO_DAYS,
            "proof": Proof.FAILED.value,
            "asker_language": Language.NL.value,
            "flags": (Flagged(Flag.NUMBER_OF_OTHERS, "KV-2026-0017"),),
        },
        "long": _STAFF_NEW | {"text": "word " * 4_001, "asker_language": Language.BOTH.value},
        **{f"silent {why}": _STAFF_NEW | {"silence": why.value} for why in Silence},
    },
    LetterKind.STAFF_FOLLOWUP: {
        "bare": _FOLLOWUP,
        "full": _FOLLOWUP
        | {"attachments": _FILES, "flags": tuple(Flagged(flag) for flag in Flag), "proof": Proof.VERIFIED.value},
        "failed": _FOLLOWUP | {"proof": Proof.FAILED.value},
        "short": _FOLLOWUP
        | {
            "text": "",
            "attachments": _FILES[:1],
            "promised_on": None,
            "author": _COLLEAGUE,
            "is_asker": False,
            "flags": (Flagged(Flag.COLLEAGUE),),
        },
        "long": _FOLLOWUP | {"text": "word " * 4_001},
        **{str(kind): _FOLLOWUP | {"kind": kind.value, "is_asker": False, "author": _COLLEAGUE} for kind in EntryKind},
    },
    LetterKind.STAFF_QUARANTINE: {
        "bare": _QUARANTINE,
        "full": _QUARANTINE | {"sender": _ASKER.spec, "subject": _SUBJECT},
        "held": _QUARANTINE
        | {
            "disposition": "held",
            "last": True,
            "sender": "noreply@portal.example",
            "subject": _SUBJECT,
            "reason": "a person may have written from an address that takes no replies",
        },
    },
}


def samples(kind: LetterKind, language: Language) -> tuple[Sample, ...]:
    """Letters of one kind that reach every branch of its templates."""
    return tuple(
        Sample(name=name, letter=_letter(kind, language, facts), ticket=_ticket(kind, language, facts))
        for name, facts in _VARIANTS[kind].items()
    )


def _letter(kind: LetterKind, language: Language, facts: Mapping[str, Any]) -> Letter:
    return Letter(
        kind=kind,
        to=_TEAM if kind.name.startswith("STAFF") else _ASKER,
        language=language,
        about="KV-2026-0042" if _has_ticket(kind) else "Q-17",
        cause="sample",
        facts=facts,
        in_reply_to="<question@uni.example>",
        references=("<question@uni.example>",),
    )


def _has_ticket(kind: LetterKind) -> bool:
    return kind not in {LetterKind.ACK_UNREADABLE, LetterKind.STAFF_QUARANTINE}


def _ticket(kind: LetterKind, language: Language, facts: Mapping[str, Any]) -> Ticket | None:
    if not _has_ticket(kind):
        return None
    return Ticket(
        reference=Reference("KV", 2026, 42),
        status=Status.NEW,
        asker=_ASKER,
        language=language,
        subject=_SUBJECT,
        received_at=_RECEIVED,
        promised_on=facts["promised_on"],
    )
