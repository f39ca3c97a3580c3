"""The number of a ticket, as people say it: KV-2026-0042."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SHAPE = re.compile(r"([A-Z]{1,8})-(\d{4})-(\d{4,9})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """Prefix of the desk, year of receipt (in the desk's time zone), number within that year from 1."""

    prefix: str
    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year:04d}-{self.number:04d}"

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read one reference, in any case. Raises ValueError when `text` is not exactly one."""
        match = _SHAPE.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"not a ticket reference: {text[:40]!r}")
        return cls(match[1].upper(), int(match[2]), int(match[3]))
