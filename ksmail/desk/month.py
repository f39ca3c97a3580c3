"""A calendar month at the desk."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SHAPE = re.compile(r"(\d{4})-(\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A year and a month from 1. Raises ValueError for a month that no calendar has."""

    year: int
    month: int

    def __post_init__(self) -> None:
        date(self.year, self.month, 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read 2026-11. Raises ValueError for anything else."""
        match = _SHAPE.fullmatch(text)
        if match is None:
            raise ValueError(f"not a month: {text[:20]!r}")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> Month:
        """The month in which a day lies."""
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return self._next - timedelta(days=1)

    @property
    def before(self) -> Month:
        """The month before it. Raises ValueError before the first month of the year 1."""
        return Month(self.year - 1, 12) if self.month == 1 else Month(self.year, self.month - 1)

    def moments(self, timezone: ZoneInfo) -> tuple[datetime, datetime]:
        """When it begins and when the next one does, UTC."""
        return _midnight(self.first, timezone), _midnight(self._next, timezone)

    @property
    def _next(self) -> date:
        return date(self.year + 1, 1, 1) if self.month == 12 else date(self.year, self.month + 1, 1)


def _midnight(day: date, timezone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), timezone).astimezone(UTC)
