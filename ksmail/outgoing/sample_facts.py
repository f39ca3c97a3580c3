"""People, days and files that the sample letters are about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from ksmail.address import Address
from ksmail.desk.case import NumberedFile
from ksmail.desk.letter import LetterKind
from ksmail.desk.open import NamedDay
from ksmail.incoming.message import Attachment

Variants = Mapping[LetterKind, Mapping[str, dict[str, Any]]]  # the facts of each kind, by the name of the sample

MOMENT = datetime(2026, 6, 1, 8, 2, tzinfo=UTC)
RECEIVED = MOMENT
PROMISED = date(2026, 6, 4)
ASKER = Address("ada", "uni.example", "Ada Sample")
COLLEAGUE = Address("grace", "uni.example")
TEAM = Address("team", "desk.example")
STAFF = Address("sam", "desk.example", "Sam Sample")
SUBJECT = "A joint laboratory"
QUESTION = (
    "Dear contact point,\n\nA partner abroad offers us a joint laboratory. They pay for the equipment.\n"
    "Can we accept this, and what should we agree on first?\n\nAda Sample\nUniversity of Example"
)
ANSWER = (
    "Dear Ada,\n\nYou can accept the equipment. First agree on who owns the results.\n"
    "Also write down who may enter the laboratory."
)
FILES = (
    Attachment(name="draft agreement.pdf", content_type="application/pdf", size=2_000_000, sha256="0" * 64),
    Attachment(name="budget.xlsx", content_type="application/vnd.ms-excel", size=34_200, sha256="1" * 64),
)
NUMBERED = tuple(NumberedFile(number, file, 17) for number, file in enumerate(FILES, 1))
BYTES = {file.sha256: b"a file" for file in FILES}
ONE_DAY = (NamedDay(date(2026, 4, 27), "Koningsdag", "King's Day"),)
TWO_DAYS = (
    NamedDay(date(2027, 5, 5), "Bevrijdingsdag", "Liberation Day"),
    NamedDay(date(2027, 5, 6), "Hemelvaartsdag", "Ascension Day"),
)
LONG = "word\n" * 1_000
