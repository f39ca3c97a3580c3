"""What happened at this desk, as those see it who add it up afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ksmail.desk.ticket import Change
from ksmail.reference import Reference


@dataclass(frozen=True, slots=True)
class Fact:
    """One change of one ticket: when it was recorded (aware, UTC), by whom (a role, or ourselves) and why."""

    ticket: Reference
    at: datetime
    actor: str
    because: str
    change: Change
