"""Sample facts for what staff hear of their answers to numbered lists."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ksmail.desk.letter import LetterKind
from ksmail.desk.receipt import Done, Leaving, ListLine, Refused
from ksmail.outgoing.sample_facts import ANSWER, ASKER, LONG, MOMENT, SUBJECT, Variants

_SOON = MOMENT + timedelta(minutes=3)
_TAKEN = ListLine(number=3, name="KV-2026-0042", subject=SUBJECT, order="#take", done=(Done(verb="take"),))
_SPAM = ListLine(
    number=5, name="KV-2026-0017", subject="", order="#close spam", done=(Done(verb="close", reason="spam"),)
)
_LATE = ListLine(
    number=6,
    name="KV-2026-0018",
    subject="A visit of students",
    order="#take",
    refused=Refused(
        verb="#take",
        why_nl="Een collega behandelt deze vraag al.",
        why_en="A colleague handles this question already.",
        lines=("Kim Sample",),
    ),
)
_MERGED = ListLine(
    number=7, name="KV-2026-0019", subject=SUBJECT, order="#take", moved="KV-2026-0042", done=(Done(verb="take"),)
)
_CLOSED = ListLine(
    number=9,
    name="KV-2026-0021",
    subject="Two guests from abroad",
    order="#close withdrawn",
    done=(Done(verb="close", reason="withdrawn"),),
    letters=(0,),
    stop="9 stop",
    now="9 now",
)
_RELEASED = ListLine(
    number=8, name="Q-17", subject="", order="#release", done=(Done(verb="release", reference="Q-17"),)
)
_SHOWN = ListLine(number=2, name="KV-2026-0020", subject=SUBJECT, order="#status")
_LETTER = Leaving(
    kind=LetterKind.CLOSED.value, to=ASKER.spec, at=_SOON, subject="[KV-2026-0021] Two guests from abroad", body=ANSWER
)
_LIST: dict[str, Any] = {
    "list": "L-17",
    "lines": (_TAKEN,),
    "count": 1,
    "leaving": (),
    "waiting_until": None,
    "text": "",
}

LIST_VARIANTS: Variants = {
    LetterKind.STAFF_TRANSCRIPT: {
        "bare": _LIST,
        "full": _LIST
        | {
            "lines": (_TAKEN, _SPAM, _LATE, _MERGED, _RELEASED, _CLOSED, _SHOWN),
            "count": 6,
            "leaving": (_LETTER,),
            "waiting_until": _SOON,
            "text": "Thanks, and see you on Thursday.",
        },
        "all": _LIST | {"lines": (_TAKEN, _SPAM), "count": 2},
        "none": _LIST | {"lines": (_LATE,), "count": 0},
        "at once": _LIST
        | {
            "lines": (
                ListLine(
                    number=4,
                    name="KV-2026-0022",
                    subject=SUBJECT,
                    order="#merge KV-2026-0042",
                    done=(Done(verb="merge", reference="KV-2026-0042"),),
                    letters=(0,),
                ),
            ),
            "leaving": (Leaving(kind=LetterKind.MERGED.value, to=ASKER.spec, at=MOMENT, body=ANSWER),),
        },
        "long": _LIST | {"text": LONG},
    },
}
