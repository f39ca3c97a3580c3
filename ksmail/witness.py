"""What the parts of the daemon tell of themselves: when they last moved, and how the mailbox was."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ksmail.errors import Unavailable

STALE = 300.0  # seconds without a sign of life after which a part counts as stuck


class Mover(StrEnum):
    """The parts of the daemon that must keep moving."""

    INTAKE = "intake"
    OUTBOX = "outbox"
    SCHEDULER = "scheduler"


@dataclass(slots=True)
class Witness:
    """Written by the threads of the daemon, each its own facts; read by whoever watches. `monotonic` is a clock that
    nobody can set (seconds)."""

    monotonic: Callable[[], float] = time.monotonic
    last_poll: datetime | None = None
    fault: Unavailable | None = None
    _quiet_until: dict[Mover, float] = field(default_factory=dict)

    def moved(self, mover: Mover, allowed: float = 0.0) -> None:
        """A sign of life. What is done now may take `allowed` seconds without another one; 0 takes nothing back that
        was allowed to others at the same work."""
        until = self.monotonic() + allowed
        self._quiet_until[mover] = max(until, self._quiet_until.get(mover, until))

    def rests(self, mover: Mover) -> None:
        """A sign of life of one that has nothing under way."""
        self._quiet_until[mover] = self.monotonic()

    def silent(self, mover: Mover) -> float:
        """For how many seconds it has been silent beyond what was allowed; 0 for one that has not begun."""
        now = self.monotonic()
        return max(0.0, now - self._quiet_until.get(mover, now))

    def stuck(self) -> list[Mover]:
        """Those that have been silent for too long."""
        return [mover for mover in Mover if self.silent(mover) > STALE]

    def polled(self, now: datetime) -> None:
        """A whole round of the intake went well."""
        self.last_poll, self.fault = now, None

    def failed(self, fault: Unavailable) -> None:
        """A round of the intake ended early."""
        self.fault = fault
