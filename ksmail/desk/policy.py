"""The desk's knobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from ksmail.address import Address
from ksmail.desk.workdays import Workdays
from ksmail.incoming.message import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """How many automatic letters may go before staff have to look. `followup_hour` is for one ticket."""

    address_hour: int = 5
    address_day: int = 10
    desk_hour: int = 200
    quarantine_hour: int = 10
    followup_hour: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything `decide` may know of this desk. `response_days` are working days; `cutoff` is local time."""

    prefix: str = "KV"
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Amsterdam"))
    workdays: Workdays = field(default_factory=Workdays)
    response_days: int = 3
    cutoff: time | None = None
    team: Address = field(default_factory=lambda: Address("team", "desk.example"))
    staff_language: Language = Language.NL
    caps: Caps = field(default_factory=Caps)
    oldest_answered: timedelta = timedelta(hours=24)
    duplicate_window: timedelta = timedelta(hours=24)
