"""`ksmail demo`, as a newcomer starts it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.front.program import COMMAND, environment, gone, offspring


@contextmanager
def demo(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """The demo in a process group of its own, as a terminal starts it."""
    command = [*COMMAND, "demo", *words]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(TMPDIR=str(folder), COLUMNS="120"),
        cwd=folder,
        process_group=0,
    )
    try:
        yield process
    finally:
        for number in {process.pid, *offspring(folder)}:
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                continue
        process.communicate()


def test_the_demo_accounts_for_every_mail_and_leaves_no_process(tmp_path: Path) -> None:
    with demo(tmp_path) as process:
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0, out
        assert "; 0 unaccounted" in out
        assert "Traceback" not in out
        assert gone(tmp_path)


def test_ctrl_c_ends_a_demo_that_stays_within_seconds(tmp_path: Path) -> None:
    with demo(tmp_path, "--stay") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Ctrl-C stops" in line:
                break
        assert len(offspring(tmp_path)) > 1
        os.killpg(process.pid, signal.SIGINT)
        out, _ = process.communicate(timeout=10)
        assert process.returncode in (0, 130)
        assert "Traceback" not in out
        assert gone(tmp_path)
