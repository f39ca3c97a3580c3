"""How long the simulated year of tests/year.py takes: `taskset -c 0 python -m tests.bench.year`.

Prints the seconds of CPU of the process, and how many mails and letters the year held. Reported, never asserted: a
figure depends on the machine.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from ksmail import log
from tests import year


def main() -> None:
    log.configure("json", "ERROR")
    with tempfile.TemporaryDirectory() as folder, year.simulated(Path(folder)) as simulation:
        began = time.process_time()
        simulation.run()
        seconds = time.process_time() - began
        print(f"{seconds:.1f} s CPU, {simulation.mailbox.delivered} mails, {len(simulation.postman.sent)} letters")


if __name__ == "__main__":
    main()
