"""Sample facts for what those who run the program are told."""

from __future__ import annotations

from datetime import timedelta

from ksmail.desk.alarm import Outage, Over, Part
from ksmail.desk.letter import LetterKind
from ksmail.outgoing.sample_facts import MOMENT, Variants

_SINCE = MOMENT - timedelta(minutes=20)
_WELL = (Part.SENDING, Part.STORE, Part.PARSER, Part.DISK)


def _outage(part: Part, detail: str = "", times: int = 1) -> Outage:
    return Outage(part=part, since=_SINCE, detail=detail, told_at=MOMENT, times=times)


def _over(part: Part, **span: int) -> Over:
    return Over(part, MOMENT - timedelta(**span), MOMENT)


OPS_VARIANTS: Variants = {
    LetterKind.OPS_ALERT: {
        "full": {
            "outages": (
                _outage(Part.MAILBOX, "the IMAP server refuses our login", 2),
                _outage(Part.SECRET, "refused by IMAP"),
                _outage(Part.CERTIFICATE, "that of SMTP ends on 2026-06-04"),
            ),
            "well": _WELL,
        },
        "one": {"outages": (_outage(Part.MAILBOX, "no connection to the IMAP server"),), "well": _WELL},
        "two": {"outages": (_outage(Part.SENDING), _outage(Part.STORE)), "well": ()},
        "bare": {"outages": (_outage(Part.CLOCK),), "well": ()},
        **{part.value: {"outages": (_outage(part),), "well": tuple(Part)} for part in Part},
    },
    LetterKind.OPS_RECOVERED: {
        "full": {
            "over": (
                _over(Part.MAILBOX, hours=3, minutes=20),
                _over(Part.SENDING, hours=1),
                _over(Part.STORE, minutes=1),
                _over(Part.DISK, seconds=20),
            ),
            "backlog": {"mails": 12, "letters": 3},
        },
        "one": {"over": (_over(Part.SENDING, minutes=20),), "backlog": {"mails": 1, "letters": 1}},
        "two": {
            "over": (_over(Part.PROBE, hours=1, minutes=1), _over(Part.CLOCK, hours=2)),
            "backlog": {"mails": 0, "letters": 0},
        },
        "bare": {"over": (_over(Part.STORE, minutes=20),), "backlog": None},
        **{part.value: {"over": (_over(part, minutes=16),), "backlog": {"mails": 0, "letters": 0}} for part in Part},
    },
    LetterKind.OPS_PROBE: {"full": {"sent_at": MOMENT}, "bare": {"sent_at": MOMENT}},
}
