"""`ksmail run` in a hurry: the same program, on clocks that go a hundred times as fast. `--config FILE run`"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ksmail import config, log
from ksmail.daemon import Daemon

FACTOR = 100
_BEGAN, _BEGAN_AT = time.monotonic(), datetime.now(UTC)


def monotonic() -> float:
    return _BEGAN + FACTOR * (time.monotonic() - _BEGAN)


def now() -> datetime:
    return _BEGAN_AT + timedelta(seconds=monotonic() - _BEGAN)


def main(file: Path) -> int:
    def settings() -> config.Config:
        return config.load(file, {"KSMAIL_OPS__PROBE_MINUTES": "0"})

    log.configure("json")
    log.catch_strays()
    return asyncio.run(Daemon(settings(), settings, now, monotonic).run())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[2])))
