"""`ksmail run` on a day of its own, looking around twice a second: `--config FILE run`. The file `offset` beside FILE
says how many seconds the clocks of the program show too much: whoever writes it lets time pass."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ksmail import config, daemon, log


def main(file: Path) -> int:
    def offset() -> float:
        return float((file.parent / "offset").read_text())

    def settings() -> config.Config:
        return config.load(file, {"KSMAIL_OPS__PROBE_MINUTES": "0"})

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=offset())

    daemon.PASS_TIME = 0.5
    log.configure("json")
    log.catch_strays()
    made = daemon.Daemon(settings(), settings, now, lambda: time.monotonic() + offset())
    return asyncio.run(made.run())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[2])))
