"""What only the running program knows of itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something was wrong with the program. `name` is a word of ours for it, never text of others; `ended_at` is None
    while it lasts. Moments are aware, UTC."""

    name: str
    began_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Probes:
    """Mails that the program sent to itself: how many left, how many came back, and after how many seconds half of
    those were there (None: none came back)."""

    sent: int
    returned: int
    median_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """None: not known. `last_poll` and `last_send` are the last times that a server answered, aware, UTC; sizes are in
    octets. `alarms` and `probes` are those since the last digest."""

    last_poll: datetime | None = None
    last_send: datetime | None = None
    free_disk: int | None = None
    database: int | None = None
    alarms: tuple[Alarm, ...] | None = None
    probes: Probes | None = None
