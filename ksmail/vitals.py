"""What the digest says of the program itself: from its health file, its disk and what is on record."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from ksmail.config import Config
from ksmail.desk.vitals import Alarm, Probes, Vitals
from ksmail.health import Health, read_health
from ksmail.store.store import Reader
from ksmail.store.values import Claim, Probe

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # of the store: a desk sends probes before its first mail comes
_ON_ITS_WAY = timedelta(minutes=15)  # a probe that was sent so shortly ago may still come


def read_vitals(config: Config, past: Reader, before: Claim | None = None) -> Vitals:
    """As far as they can be known, also by another process than the daemon. What happened counts from `before`, the
    last digest, on."""
    health, path = read_health(config.health_file), config.store.path
    return Vitals(
        last_poll=health.last_poll if health else None,
        last_send=health.last_send if health else None,
        free_disk=shutil.disk_usage(path.parent).free,
        database=_size(path),
        alarms=(*_over(past, before), *_raised(health)),
        probes=_probes(past, before) if config.probe_every else None,
    )


def _size(path: Path) -> int:
    """With its write-ahead log."""
    return sum(file.stat().st_size for file in (path, path.with_name(f"{path.name}-wal")) if file.exists())


def _over(past: Reader, before: Claim | None) -> Sequence[Alarm]:
    after = int(before.facts["history"]) if before else 0
    return [Alarm(each.part, each.since, each.until) for each in past.failures(after)]


def _raised(health: Health | None) -> Sequence[Alarm]:
    return [Alarm(each.part, each.since) for each in health.alarms] if health else []


def _probes(past: Reader, before: Claim | None) -> Probes | None:
    sent = past.probes(before.at if before else _BEGINNING)
    took = [seconds for each in sent if (seconds := _seconds(each)) is not None]
    newest = max((each.sent_at for each in sent), default=None)
    counted = [each for each in sent if each.came_at or newest is None or newest - each.sent_at > _ON_ITS_WAY]
    return Probes(len(counted), len(took), median(took) if took else None)


def _seconds(probe: Probe) -> float | None:
    return (probe.came_at - probe.sent_at).total_seconds() if probe.came_at else None
