"""A file that says whether the daemon is alive, for a container's health check and for people."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

STALE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Instants are aware, UTC. `intake_beat` moves while the intake works or waits; `last_poll` and `last_send` are
    the last times a server answered, None before the first."""

    at: datetime
    pid: int
    version: str
    started_at: datetime
    intake_beat: datetime
    last_poll: datetime | None
    last_send: datetime | None
    mailbox_fault: str
    transport_paused: bool


def write_health(path: Path, health: Health) -> None:
    """Replace the file in one step, so that a reader never sees half of it."""
    text = json.dumps(asdict(health), default=lambda value: value.isoformat(), indent=1)
    draft = path.with_suffix(".new")
    draft.write_text(text + "\n")
    draft.replace(path)


def read_health(path: Path) -> Health | None:
    """The last health written, or None when there is none or it cannot be read."""
    try:
        facts = json.loads(path.read_text())
        for name in ("at", "started_at", "intake_beat", "last_poll", "last_send"):
            facts[name] = datetime.fromisoformat(facts[name]) if facts[name] else None
        return Health(**facts)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def ailments(health: Health | None, now: datetime) -> list[str]:
    """What is wrong, a sentence each; empty when the daemon lives. A mail server that is away is no ailment of ours:
    a restart would not bring it back."""
    if health is None:
        return ["no health file: the daemon has not started"]
    found = []
    if now - health.at > STALE:
        found.append(f"the daemon has been silent for {_minutes(now - health.at)} minutes")
    if now - health.intake_beat > STALE:
        found.append(f"the intake has been stuck for {_minutes(now - health.intake_beat)} minutes")
    if not _alive(health.pid):
        found.append(f"process {health.pid} is gone")
    return found


def remarks(health: Health) -> list[str]:
    """What a living daemon has to put up with, a sentence each."""
    found = [f"no mail comes in: {health.mailbox_fault}"] if health.mailbox_fault else []
    return [*found, "no letter goes out: the SMTP server does not take us"] if health.transport_paused else found


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
