"""One order: what somebody wants the desk to do."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from datetime import date
from enum import StrEnum

from ksmail.reference import Reference


class Verb(StrEnum):
    """TAKE is the writer himself, ASSIGN somebody else."""

    ANSWER = "answer"
    ASK = "ask"
    NOTE = "note"
    TAKE = "take"
    ASSIGN = "assign"
    CONSULT = "consult"
    SHARE = "share"
    UPDATE = "update"
    WITHDRAW = "withdraw"
    EXTEND = "extend"
    REDIRECT = "redirect"
    CLOSE = "close"
    REOPEN = "reopen"
    MERGE = "merge"
    SPLIT = "split"
    CORRECT = "correct"
    RELEASE = "release"
    DROP = "drop"
    PURGE = "purge"
    STOP = "stop"
    NOW = "now"
    AWAY = "away"
    STATUS = "status"
    HELP = "help"
    OK = "ok"
    OBJECT = "object"
    INPUT = "input"
    NOT_OURS = "notours"


class Option(StrEnum):
    """What goes along only when it is asked for: with a consultation the first two, under an answer the last."""

    IDENTITY = "identity"
    ATTACHMENTS = "attachments"
    SOURCES = "sources"


class Kind(StrEnum):
    """What an argument is. PERSON is a name of staff or of another desk, UNTIL a date after "by", SPAN two dates,
    TOLD_REASON a reason that goes to the asker if it starts with a colon.
    """

    PERSON = "person"
    PARTNER = "partner"
    PARTNERS = "partners"
    UNTIL = "until"
    DATE = "date"
    SPAN = "span"
    REASON = "reason"
    TOLD_REASON = "told_reason"
    REFERENCE = "reference"
    NUMBERS = "numbers"


class Text(StrEnum):
    """Whether an order uses the text that follows."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Order:
    """What was ordered, read but not judged. `person` is a name of staff or of the desk to redirect to, `partners` are
    codes as they were written, `numbers` those of attachments. `tells_asker`: the reason goes to the asker.
    `override`: the verb was written with `!`. Dates are dates of the desk; they may lie in the past.
    """

    verb: Verb
    _: KW_ONLY
    person: str | None = None
    partners: tuple[str, ...] = ()
    dates: tuple[date, ...] = ()
    reason: str = ""
    tells_asker: bool = False
    reference: Reference | None = None
    numbers: tuple[int, ...] = ()
    options: frozenset[Option] = frozenset()
    override: bool = False
