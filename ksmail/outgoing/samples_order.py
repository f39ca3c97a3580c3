"""Sample facts for what staff hear of their own orders: receipts, requests to confirm, how things stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import cycle
from typing import Any

from ksmail.address import Address
from ksmail.capability import Audience
from ksmail.desk.case import GivenDate, NumberedFile, QueueLine, Text, WaitingLetter, WaitState
from ksmail.desk.letter import LetterKind
from ksmail.desk.mistake import Fault, Mistake
from ksmail.desk.orders import Verb, help_lines
from ksmail.desk.receipt import Done, Leaving, Refused
from ksmail.desk.ticket import EntryKind, PromiseState, Status
from ksmail.incoming.identity import Role
from ksmail.incoming.message import Language
from ksmail.outgoing.sample_facts import (
    ANSWER,
    ASKER,
    COLLEAGUE,
    FILES,
    LIAISON,
    LONG,
    MOMENT,
    NUMBERED,
    POSITIONS,
    PROMISED,
    QUESTION,
    RECEIVED,
    STAFF,
    SUBJECT,
    Variants,
)
from ksmail.reference import Reference

_HELP = help_lines(Language.EN, Audience.STAFF)
_SOON = MOMENT + timedelta(minutes=3)
_LETTER = Leaving(
    kind=LetterKind.ANSWER.value,
    to=ASKER.spec,
    cc=(COLLEAGUE.spec, "legal@uni.example"),
    files=tuple(file.name for file in FILES),
    at=_SOON,
    subject=f"[KV-2026-0042] Re: {SUBJECT}",
    body=f"{ANSWER}\n\nThis is advice. The decision is yours.",
)
_REQUEST = Leaving(
    kind=LetterKind.PARTNER_REQUEST.value,
    to=LIAISON.spec,
    files=(FILES[0].name,),
    at=_SOON,
    subject="[KV-2026-0042/BZ] Your view, please, by Monday 8 June",
    body="Can we accept a joint laboratory?",
)
_COPY = replace(_REQUEST, to="liaison@ocw.example", subject=_REQUEST.subject.replace("BZ", "OCW"), body="")
_PLAIN_LETTER = Leaving(kind=LetterKind.CLOSED.value, to=ASKER.spec, at=MOMENT, body=ANSWER)
_CUT = "Sent from my phone\n\nOn Monday the contact point wrote:\n> Answer by Thursday"
_RECEIPT: dict[str, Any] = {
    "done": (),
    "leaving": (),
    "cut": "",
    "strays": (),
    "note": False,
    "mistake": None,
    "refused": None,
    "withdrawn": False,
    "stopped": False,
    "dropped": (),
    "text": "",
    "waiting_until": None,
    "help": (),
    "unsure": False,
}
_MISTAKE = Mistake(
    line="#anwser", because=Fault.UNKNOWN, did_you_mean=("#answer", "#assign"), text=f"#anwser\n{ANSWER}"
)
_LEAK = Refused(
    verb="#answer",
    why_nl="In de tekst staat iets dat misschien niet naar buiten mag.",
    why_en="The text holds something that perhaps must not go out.",
    lines=("reference: see KV-2026-0017",),
    override="#answer!",
)
_CONFIRM: dict[str, Any] = {
    "reference": "KV-2026-0042",
    "orders": ("#answer",),
    "why": "no_border",
    "leaving": (),
    "cut": "",
    "received_at": RECEIVED,
    "files": (),
}
_STATUS: dict[str, Any] = {
    "entries": (),
    "promises": (),
    "waiting": (),
    "files": (),
    "queue": (),
    "today": date(2026, 6, 3),
    "consultations": (),
}


_CONSULTED: Mapping[str, Mapping[str, Any]] = {
    "consult": {"name": "BZ, OCW", "reason": "identity attachments", "count": 0},
    "update": {"name": "BZ, OCW", "reason": "attachments left_behind"},
    "withdraw": {"name": "BZ, OCW", "reason": ""},
}


_TOLD: Mapping[str, Mapping[str, Any]] = {"share": {"name": "BZ", "reason": "OCW, EZ"}}


def _done(verb: Verb, **more: Any) -> Done:
    return Done(
        verb=verb.value,
        **{
            "name": "Kim Sample",
            "day": PROMISED,
            "until": date(2026, 6, 19),
            "reference": "KV-2026-0017",
            "reason": "withdrawn",
            "numbers": (1, 2),
            "count": 2,
            **_CONSULTED.get(verb.value, {}),
            **more,
            **_TOLD.get(verb.value, {}),
        },
    )


_ROLES = {EntryKind.QUESTION: Role.ASKER, EntryKind.FOLLOW_UP: Role.ASKER, EntryKind.POSITION: Role.PARTNER}
_AUTHORS = {Role.ASKER: ASKER, Role.PARTNER: LIAISON, Role.STAFF: STAFF}


def _texts() -> Iterator[Text]:
    for kind in EntryKind:
        role = _ROLES.get(kind, Role.STAFF)
        yield Text(
            kind=kind,
            author=_AUTHORS[role],
            role=role,
            audience=Audience.STAFF,
            at=RECEIVED,
            text=QUESTION,
            partner="BZ" if kind in (EntryKind.REQUEST, EntryKind.POSITION) else "",
        )


def _queue() -> Iterator[QueueLine]:
    for number, status in enumerate(Status, 17):
        yield QueueLine(
            reference=Reference("KV", 2026, number),
            status=status,
            subject=SUBJECT if number > 17 else "",
            received_at=RECEIVED,
            promised_on=None if number == 19 else date(2026, 5, 30) if number == 18 else PROMISED,
            assignee=STAFF if number > 18 else None,
        )


_ABOUT_TICKETS = tuple(kind for kind in LetterKind if kind.audience is not Audience.OPS)


def _waiting(kind: LetterKind, state: WaitState) -> WaitingLetter:
    return WaitingLetter(
        id=1, kind=kind.value, message_id="<1@desk.example>", to=(ASKER.spec,), due_at=_SOON, state=state
    )


_LONG_TEXT = tuple(replace(text, text=LONG) for text in tuple(_texts())[:1])
_SENDING = _RECEIPT | {"done": (_done(Verb.ANSWER),), "leaving": (_LETTER,), "waiting_until": _SOON}

ORDER_VARIANTS: Variants = {
    LetterKind.STAFF_RECEIPT: {
        "bare": _RECEIPT,
        "full": _SENDING
        | {
            "done": (_done(Verb.TAKE), _done(Verb.ANSWER)),
            "cut": _CUT,
            "strays": ("#close spam",),
            "dropped": (Address("press", "paper.example"),),
            "text": ANSWER,
            "unsure": True,
        },
        "one": _SENDING | {"done": tuple(_done(verb, count=1, numbers=(1,), reason="") for verb in Verb)},
        "three requests": _SENDING
        | {"done": (_done(Verb.CONSULT),), "leaving": (_REQUEST, _COPY, replace(_COPY, files=(), subject=""))},
        "two letters": _SENDING | {"leaving": (_LETTER, _PLAIN_LETTER)},
        "long letter": _SENDING
        | {"leaving": (Leaving(kind="answer", to=ASKER.spec, at=_SOON, body=LONG),), "cut": LONG},
        "doubt": _RECEIPT | {"done": tuple(_done(Verb.STOP, reason=why) for why in ("sending", "partly", "uncertain"))},
        "at once": _RECEIPT | {"done": (_done(Verb.CLOSE),), "leaving": (_PLAIN_LETTER,)},
        "two at once": _RECEIPT | {"leaving": (_PLAIN_LETTER, _PLAIN_LETTER)},
        "done": _RECEIPT | {"done": tuple(_done(verb) for verb in Verb)},
        "done no ticket": _RECEIPT | {"done": (_done(Verb.RELEASE), _done(Verb.DROP))},
        "note": _RECEIPT | {"note": True, "text": ANSWER},
        "long note": _RECEIPT | {"note": True, "text": LONG},
        "mistake": _RECEIPT | {"mistake": _MISTAKE, "text": _MISTAKE.text, "help": _HELP, "stopped": True},
        "mistake no ticket": _RECEIPT | {"mistake": Mistake(line="#away", because=Fault.MISSING), "help": _HELP[:2]},
        "refused": _RECEIPT | {"refused": _LEAK, "text": ANSWER},
        "refused no ticket": _RECEIPT | {"refused": Refused(verb="", why_nl="Nee.", why_en="No.")},
        "withdrawn": _RECEIPT | {"withdrawn": True},
    },
    LetterKind.CONFIRM: {
        "bare": _CONFIRM | {"reference": ""},
        "full": _CONFIRM | {"orders": ("#answer", "#close answered"), "leaving": (_LETTER,), "cut": _CUT},
        "one": _CONFIRM | {"orders": ("#purge 1",), "why": "destroys", "files": ("1. cv.pdf",)},
        "two": _CONFIRM | {"orders": ("#purge 1 2",), "why": "destroys", "files": ("1. cv.pdf", "2. passport.jpg")},
        "identity": _CONFIRM | {"orders": ("#consult BZ +identity",), "why": "identity"},
        "discloses": _CONFIRM | {"orders": ("#merge KV-2026-0017",), "why": "discloses"},
        "unsure": _CONFIRM | {"why": "unsure", "cut": LONG},
        "held": _CONFIRM
        | {"orders": ("#consult BZ OCW",), "why": "unusual", "files": (LIAISON.spec,), "leaving": (_REQUEST, _COPY)},
    },
    LetterKind.STAFF_STATUS: {
        "bare": _STATUS,
        "full": _STATUS
        | {
            "entries": tuple(_texts()),
            "promises": tuple(GivenDate(PROMISED, state) for state in PromiseState),
            "waiting": tuple(map(_waiting, _ABOUT_TICKETS, cycle(WaitState))),
            "files": (*NUMBERED[:1], NumberedFile(2, FILES[1], 17, purged=True)),
            "consultations": POSITIONS,
        },
        "short": _STATUS | {"entries": tuple(_texts())[:2], "promises": (GivenDate(PROMISED, PromiseState.OPEN),)},
        "long": _STATUS | {"entries": (next(_texts()), *_LONG_TEXT)},
        "queue no ticket": _STATUS | {"queue": tuple(_queue())},
        "one no ticket": _STATUS | {"queue": tuple(_queue())[-1:]},
        "empty no ticket": _STATUS,
    },
}
