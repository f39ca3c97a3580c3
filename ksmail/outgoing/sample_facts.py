"""People, days and files that the sample letters are about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from ksmail.address import Address
from ksmail.desk.case import NumberedFile
from ksmail.desk.consultation import Position, Stage
from ksmail.desk.letter import LetterKind
from ksmail.desk.open import NamedDay
from ksmail.desk.positions import PositionLine
from ksmail.incoming.message import Attachment

Variants = Mapping[LetterKind, Mapping[str, dict[str, Any]]]  # the facts of each kind, by the name of the sample

MOMENT = datetime(2026, 6, 1, 8, 2, tzinfo=UTC)
RECEIVED = MOMENT
PROMISED = date(2026, 6, 4)
ASKER = Address("ada", "uni.example", "Ada Sample")
COLLEAGUE = Address("grace", "uni.example")
TEAM = Address("team", "desk.example")
OPS = Address("ops", "desk.example")
STAFF = Address("sam", "desk.example", "Sam Sample")
LIAISON = Address("liaison", "bz.example", "Lee Liaison")
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
SEALED = NumberedFile(3, Attachment(name="CV.pdf", content_type="application/pdf", size=90_000, sha256="2" * 64), 17)
BYTES = {file.sha256: b"a file" for file in FILES}
ONE_DAY = (NamedDay(date(2026, 4, 27), "Koningsdag", "King's Day"),)
TWO_DAYS = (
    NamedDay(date(2027, 5, 5), "Bevrijdingsdag", "Liberation Day"),
    NamedDay(date(2027, 5, 6), "Hemelvaartsdag", "Ascension Day"),
)
LONG = "word\n" * 1_000

DUE = date(2026, 6, 8)
PARTNERS = {
    "BZ": ("Ministerie van Buitenlandse Zaken", "Ministry of Foreign Affairs"),
    "OCW": ("Ministerie van Onderwijs, Cultuur en Wetenschap", "Ministry of Education, Culture and Science"),
    "EZ": ("Ministerie van Economische Zaken", "Ministry of Economic Affairs"),
    "JenV": ("Ministerie van Justitie en Veiligheid", "Ministry of Justice and Security"),
    "LVVN": (
        "Ministerie van Landbouw, Visserij, Voedselzekerheid en Natuur",
        "Ministry of Agriculture, Fisheries, Food Security and Nature",
    ),
    "Defensie": ("Ministerie van Defensie", "Ministry of Defence"),
    "BZK": (
        "Ministerie van Binnenlandse Zaken en Koninkrijksrelaties",
        "Ministry of the Interior and Kingdom Relations",
    ),
}


def position_line(code: str, stage: Stage, position: Position | None = None, text: str = "") -> PositionLine:
    """What a partner answered on Wednesday 3 June, or that it did not."""
    name_nl, name_en = PARTNERS.get(code, (code, code))
    return PositionLine(
        code=code,
        name_nl=name_nl,
        name_en=name_en,
        stage=stage.value,
        position=position.value if position else "",
        due_on=DUE,
        replied_at=datetime(2026, 6, 3, 9, 30, tzinfo=UTC) if position else None,
        identity=code in ("BZ", "OCW"),
        attachments=code in ("BZ", "EZ"),
        text=text,
    )


OBJECTS = position_line(
    "BZ", Stage.REPLIED, Position.OBJECTION, "#bezwaar\n\nThe equipment needs a licence first.\nThat takes eight weeks."
)
AGREES = position_line("OCW", Stage.REPLIED, Position.NO_OBJECTION)
ADDS = position_line("EZ", Stage.REPLIED, Position.INPUT, "Please have them agree on who owns the patents.")
POSITIONS = (
    OBJECTS,
    AGREES,
    ADDS,
    position_line("JenV", Stage.REPLIED, Position.NOT_OURS, "This is for EZ."),
    position_line("LVVN", Stage.SENT),
    position_line("Defensie", Stage.EXPIRED),
    position_line("BZK", Stage.WITHDRAWN),
    position_line("RVO", Stage.RETURNED),
    position_line("NWO", Stage.CLOSED),
)
