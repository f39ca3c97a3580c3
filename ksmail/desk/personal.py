"""Signs that a mail holds data about people that nobody asked for."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from ksmail.incoming.message import Attachment

_LONGEST = 1024 * 1024
# What such files are called; words of several languages, since people name files in their own.
_WORDS = frozenset({
    "cv", "cvs", "curriculum", "resume", "lebenslauf", "paspoort", "passport", "reisepass", "passeport", "pasaporte",
    "identiteitskaart", "identiteitsbewijs", "idkaart", "idcard", "personalausweis", "rijbewijs", "drivinglicence",
    "drivinglicense", "fuhrerschein", "verblijfsvergunning", "residencepermit", "geboorteakte", "birthcertificate",
    "bsn", "diploma", "cijferlijst", "transcript",
})  # fmt: skip
_PAIRS = frozenset({
    ("id", "kaart"), ("id", "card"), ("identity", "card"), ("driving", "licence"), ("driving", "license"),
    ("driver", "license"), ("residence", "permit"), ("birth", "certificate"), ("c", "v"), ("copy", "id"),
    ("kopie", "id"),
})  # fmt: skip
_CITIZEN = re.compile(r"(?<![\w.,-])(\d{9}|\d{4}\.\d{2}\.\d{3}|\d{3}[ ]\d{3}[ ]\d{3})(?![\w,-])")
_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


def looks_personal(file: Attachment) -> bool:
    """Whether a file is called like a CV, a passport or the like: then it is sealed, and goes along with no letter."""
    words = _name_words(file.name)
    return bool(_WORDS & set(words)) or any(pair in _PAIRS for pair in pairwise(words))


def names_citizen(text: str) -> bool:
    """Whether a citizen service number (BSN) stands in `text`: nine digits that pass the eleven test."""
    return any(_passes(match[1]) for match in _CITIZEN.finditer(text[:_LONGEST]))


def _passes(number: str) -> bool:
    digits = [int(digit) for digit in number if digit.isdigit()]
    total = sum(digit * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return total % 11 == 0 and any(digits)


def _name_words(name: str) -> list[str]:
    """The words of a file's name, without case and marks, also where capitals part them: `AdaCV.pdf`."""
    plain = unicodedata.normalize("NFKD", name[:500])
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", bare)
    return re.findall(r"[a-z]+", parted.casefold())
