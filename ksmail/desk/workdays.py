"""Working days of the desk's calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Which days the desk works. `closed` and `open` override everything else, `open` last of all."""

    country: str = "NL"
    subdivision: str = ""
    categories: tuple[str, ...] = ("public", "optional")
    good_friday_closed: bool = True
    weekend: frozenset[int] = frozenset({5, 6})  # date.weekday(): Saturday and Sunday
    closed: frozenset[date] = frozenset()
    open: frozenset[date] = frozenset()


class Workdays:
    """To be filled in."""

    def __init__(self, calendar: Calendar | None = None) -> None:
        self.calendar = calendar or Calendar()
