"""How long from a mail's arrival to an accepted acknowledgement, while IDLE waits: `python -m tests.bench.latency`.

Prints the median, the fastest and the slowest of N questions (default 30), in milliseconds. The daemon runs in a
process of its own against Dovecot (LMTP in, IMAPS) and Postfix (submission with TLS, delivery into Dovecot). Measured
is from the end of the LMTP conversation to the acknowledgement lying in its asker's mailbox, so Postfix's own delivery
is in the figure too. Reported, never asserted: a figure depends on the machine.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ksmail.store.store import Store
from tests.builders import mail
from tests.servers import Dovecot, Postfix, dovecot, postfix
from tests.stories.debian import Debian
from tests.stories.rig import DESK, settings
from tests.stories.test_questions import ENGLISH


def measure(count: int) -> list[float]:
    """Milliseconds for each question, one after the other."""
    with dovecot() as takes, postfix(takes) as sends, tempfile.TemporaryDirectory() as folder:
        debian = Debian(takes, sends, takes.new_user())
        config = settings(Path(folder), debian)  # type: ignore[arg-type]  # the shape of Servers
        Store.migrate(config.store)
        command = [sys.executable, "-m", "ksmail.cli", "--config", str(config.file), "run"]
        with (Path(folder) / "log").open("w") as log:
            environ = {**os.environ, "KSMAIL_OPS__PROBE_MINUTES": "0"}
            daemon = subprocess.Popen(command, stdout=log, stderr=log, env=environ)
            try:
                _one(debian, takes, sends, "warm-up@uni.example")
                return [_one(debian, takes, sends, f"asker{at}@uni.example") for at in range(count)]
            finally:
                daemon.terminate()
                daemon.wait(30)


def _one(debian: Debian, takes: Dovecot, sends: Postfix, asker: str) -> float:
    debian.append(mail(sender=asker, to=DESK, text=f"{ENGLISH} {asker}", message_id=f"<{asker}>"))
    start = time.perf_counter()
    letters = sends.received(asker, 1, seconds=30)
    if len(letters) != 1:
        raise RuntimeError(f"{len(letters)} acknowledgements for {asker}")
    time.sleep(0.2)  # let the daemon go back to IDLE: this measures the wait, not a queue
    return (time.perf_counter() - start - 0.2) * 1000


def main() -> None:
    figures = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
    middle, least, most = statistics.median(figures), min(figures), max(figures)
    print(f"median {middle:.0f} ms, from {least:.0f} to {most:.0f} ms, n={len(figures)}")


if __name__ == "__main__":
    main()
