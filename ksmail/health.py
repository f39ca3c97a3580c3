"""A file that says whether the daemon is alive, for a container's health check and for people."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

STALE = timedelta(minutes=5)
_BEATS = ("intake_beat", "outbox_beat", "scheduler_beat")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A part that was alerted about and still fails; `detail` is a few words without names."""

    part: str
    since: datetime
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Instants are aware, UTC. A beat moves while its part of the daemon works or waits as it should; `last_poll` and
    `last_send` are the last times a server answered, None before the first. `alarms` is what people were alerted to.
    """

    at: datetime
    pid: int
    version: str
    started_at: datetime
    intake_beat: datetime
    outbox_beat: datetime
    scheduler_beat: datetime
    last_poll: datetime | None
    last_send: datetime | None
    mailbox_fault: str
    transport_paused: bool
    alarms: tuple[Trouble, ...] = ()


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
        for name in ("at", "started_at", *_BEATS, "last_poll", "last_send"):
            facts[name] = datetime.fromisoformat(facts[name]) if facts[name] else None
        facts["alarms"] = tuple(
            Trouble(each["part"], datetime.fromisoformat(each["since"]), each["detail"]) for each in facts["alarms"]
        )
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
    for name in _BEATS:
        silent = now - getattr(health, name)
        if silent > STALE:
            found.append(f"the {name.removesuffix('_beat')} has been stuck for {_minutes(silent)} minutes")
    if not _alive(health.pid):
        found.append(f"process {health.pid} is gone")
    return found


def remarks(health: Health) -> list[str]:
    """What a living daemon has to put up with, a sentence each."""
    found = [f"no mail comes in: {health.mailbox_fault}"] if health.mailbox_fault else []
    if health.transport_paused:
        found.append("no letter goes out: the SMTP server does not take us")
    return [*found, *(_told(alarm) for alarm in health.alarms)]


def _told(alarm: Trouble) -> str:
    detail = f" ({alarm.detail})" if alarm.detail else ""
    return f"alarm: {alarm.part} fails since {alarm.since:%Y-%m-%d %H:%M} UTC{detail}"


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
