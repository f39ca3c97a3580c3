"""Sample letters of every kind, so that templates can be tried before anybody gets one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ksmail.capability import Audience
from ksmail.desk.bundle import replies_to
from ksmail.desk.letter import Letter, LetterKind, Prepared
from ksmail.desk.orders import Verb, help_lines, row_of
from ksmail.desk.ticket import Status, Ticket
from ksmail.incoming.message import Attachment, Language
from ksmail.outgoing.sample_facts import (
    ASKER,
    BYTES,
    COLLEAGUE,
    LIAISON,
    MOMENT,
    OPS,
    PROMISED,
    RECEIVED,
    STAFF,
    SUBJECT,
    TEAM,
    Variants,
)
from ksmail.outgoing.samples_asker import ASKER_VARIANTS
from ksmail.outgoing.samples_due import DUE_VARIANTS
from ksmail.outgoing.samples_list import LIST_VARIANTS
from ksmail.outgoing.samples_notice import NOTICE_VARIANTS
from ksmail.outgoing.samples_ops import OPS_VARIANTS
from ksmail.outgoing.samples_order import ORDER_VARIANTS
from ksmail.outgoing.samples_partner import PARTNER_VARIANTS
from ksmail.outgoing.samples_sums import SUMS_VARIANTS
from ksmail.reference import Reference

__all__ = ["MOMENT", "Sample", "samples"]

_VARIANTS: Variants = {
    **ASKER_VARIANTS,
    **NOTICE_VARIANTS,
    **ORDER_VARIANTS,
    **PARTNER_VARIANTS,
    **DUE_VARIANTS,
    **SUMS_VARIANTS,
    **LIST_VARIANTS,
    **OPS_VARIANTS,
}
_WITHOUT_TICKET = frozenset(
    (
        LetterKind.ACK_UNREADABLE,
        LetterKind.STAFF_QUARANTINE,
        LetterKind.STAFF_AWAY,
        LetterKind.STAFF_HELP,
        LetterKind.STAFF_DUE,
        LetterKind.OPS_DIGEST,
        LetterKind.OPS_MONTHLY,
        LetterKind.COORDINATOR_WEEKLY,
        LetterKind.STAFF_TRANSCRIPT,
    )
)
_NAMES = (
    "answer",
    "ask",
    "note",
    "take",
    "assign",
    "extend",
    "redirect",
    "close",
    "reopen",
    "correct",
    "release",
    "drop",
    "stop",
    "now",
    "away",
    "status",
    "help",
    "confirm",
    "withdraw",
    "override",
    "send",
    "again",
    "consult",
    "share",
    "update",
    "ok",
    "object",
    "input",
    "notours",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """`name` says what is special about it: "full" has every fact, "bare" only those that are always there.

    `files` holds the bytes of the files that go along, by their SHA-256.
    """

    name: str
    letter: Letter
    ticket: Ticket | None
    files: Mapping[str, bytes] = field(default_factory=dict)


def samples(kind: LetterKind, language: Language) -> tuple[Sample, ...]:
    """Letters of one kind that reach every branch of its templates."""
    return tuple(
        Sample(name=name, letter=letter, ticket=_ticket(letter, name, language), files=BYTES if letter.files else {})
        for name, facts in _VARIANTS[kind].items()
        for letter in (_letter(kind, language, name, facts),)
    )


def _letter(kind: LetterKind, language: Language, name: str, facts: dict[str, Any]) -> Letter:
    files: tuple[Attachment, ...] = facts["files"] if kind.by_a_person or kind in _WITH_FILES else ()
    return Letter(
        kind=kind,
        to=_TO.get(kind, _READERS[kind.audience]),
        language=language,
        about=_about(kind, name),
        cause="sample",
        facts=facts | _words(kind, language),
        in_reply_to="<question@uni.example>",
        references=("<question@uni.example>",),
        cc=(COLLEAGUE,) if kind.by_a_person and name == "full" else (),
        files=files,
        prepared=_prepared(kind, name, language, facts),
    )


_READERS = {Audience.ASKER: ASKER, Audience.STAFF: TEAM, Audience.PARTNER: LIAISON, Audience.OPS: OPS}
_WITH_FILES = frozenset((LetterKind.PARTNER_REQUEST, LetterKind.PARTNER_UPDATE))
_ASKING = frozenset(
    (
        LetterKind.PARTNER_REQUEST,
        LetterKind.PARTNER_REMINDER,
        LetterKind.PARTNER_UPDATE,
        LetterKind.PARTNER_SHARED,
    )
)
_ANSWERS = (Verb.OK, Verb.OBJECT, Verb.INPUT, Verb.NOT_OURS)
_TWO = (Prepared("answer", "#answer", "Dear Ada,\n\nYou can accept it."), Prepared("close", "#close "))
_REPLIES = {
    LetterKind.STAFF_QUARANTINE: (Prepared("release", "#release"), Prepared("drop", "#drop")),
    LetterKind.STAFF_RECEIPT: (Prepared("stop", "#stop"), Prepared("now", "#now")),
    LetterKind.STAFF_UNCERTAIN: (Prepared("now", "#now"), Prepared("stop", "#stop")),
    LetterKind.STAFF_STOPPED: (Prepared("now", "#now"), Prepared("stop", "#stop")),
    LetterKind.STAFF_AWAY: (Prepared("away", "#away "),),
    LetterKind.STAFF_PARTNER_REPLY: (Prepared("answer", "#answer"), Prepared("share", "#share BZ")),
    LetterKind.STAFF_DISAGREEMENT: (Prepared("share", "#share BZ"), Prepared("extend", "#extend ")),
    LetterKind.CONFIRM: (Prepared("confirm", "yes"), Prepared("withdraw", "no")),
    LetterKind.STAFF_TRANSCRIPT: (Prepared("stop", "9 #stop"), Prepared("now", "9 #now")),
}
_SUBJECTS = {
    LetterKind.CONFIRM: "C-17",
    LetterKind.STAFF_DUE: "L-17",
    LetterKind.STAFF_TRANSCRIPT: "L-17",
    LetterKind.COORDINATOR_WEEKLY: "L-17",
    LetterKind.OPS_DIGEST: "D-17",
    LetterKind.OPS_MONTHLY: "M-5",
}
_TO = {LetterKind.CONFIRM: STAFF, LetterKind.STAFF_RECEIPT: STAFF, LetterKind.STAFF_TRANSCRIPT: STAFF}


def _words(kind: LetterKind, language: Language) -> dict[str, Any]:
    """What a partner can order, as its letters say it: in the language of the letter."""
    if kind not in _ASKING:
        return {}
    return {"lines": help_lines(language, Audience.PARTNER)}


def _prepared(kind: LetterKind, name: str, language: Language, facts: dict[str, Any]) -> tuple[Prepared, ...]:
    """Every label there is; one without a label of its own; and one with more text than a link can hold."""
    if not kind.has_html or name == "bare" or kind in SUMS_VARIANTS or kind.audience is Audience.OPS:
        return ()
    if kind.audience is Audience.PARTNER:
        return tuple(_answer(verb, language) for verb in _ANSWERS) if kind in _ASKING else ()
    if kind is LetterKind.STAFF_DUE:
        return tuple(each for line in facts["lines"] for each in replies_to(line, language))
    if (kind, name) != (LetterKind.STAFF_NEW, "full"):
        return _REPLIES.get(kind, _TWO)
    every = tuple(Prepared(each, f"#{each}") for each in _NAMES)
    return (*every, Prepared("other", "#other"), Prepared("send", "#answer", "A line of words.\n" * 200))


def _answer(verb: Verb, language: Language) -> Prepared:
    """`#akkoord` alone is an answer; after the others its reader writes more."""
    return Prepared(verb.value, f"#{row_of(verb).spelling(language)}{'' if verb is Verb.OK else ' '}")


def _about(kind: LetterKind, name: str) -> str:
    if kind in _SUBJECTS:
        return _SUBJECTS[kind]
    if kind.audience is Audience.OPS:
        return "A-17"
    return "KV-2026-0042" if _has_ticket(kind, name) else "Q-17"


def _has_ticket(kind: LetterKind, name: str) -> bool:
    no_reference = kind is LetterKind.CONFIRM and name == "bare"
    return (
        kind.audience is not Audience.OPS
        and kind not in _WITHOUT_TICKET
        and not name.endswith("no ticket")
        and not no_reference
    )


def _ticket(letter: Letter, name: str, language: Language) -> Ticket | None:
    if not _has_ticket(letter.kind, name):
        return None
    return Ticket(
        reference=Reference("KV", 2026, 42),
        status=Status.NEW,
        asker=ASKER,
        language=language,
        subject="" if name == "short" else SUBJECT,
        received_at=RECEIVED,
        promised_on=letter.facts.get("promised_on", PROMISED),
        assignee=STAFF if name == "full" else None,
    )
