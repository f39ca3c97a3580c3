"""The program as people start it: a process of its own, its log, its signals, its exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

PATIENCE = 30.0  # seconds; everything that is waited for takes less than two
COMMAND = [sys.executable, "-m", "ksmail.cli"]


def environment(**more: str) -> dict[str, str]:
    """Ours, without what would change the settings or the look."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("KSMAIL_", "COLUMNS"))}
    # Nobody delivers what these desks mail to themselves, and their tests count letters: on a closed day there is no
    # digest either, whatever the day on which they run.
    today = datetime.now(UTC).date()
    closed = [(today + timedelta(days=days)).isoformat() for days in (-1, 0, 1)]
    return plain | {"KSMAIL_OPS__PROBE_MINUTES": "0", "KSMAIL_CALENDAR__CLOSED": json.dumps(closed)} | more


def ksmail(*words: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run one command to its end. `folder` is where the desk's settings lie."""
    place = ["--config", str(folder / "ksmail.toml")] if folder else []
    command = [*COMMAND, *place, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment(), check=False)


class Running:
    """`ksmail run` in a process of its own. Its log is what it writes to standard error."""

    command: Sequence[str] = COMMAND

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self._output = folder / "stdout"
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [*self.command, "--config", str(folder / "ksmail.toml"), "run", *words],
                stdout=output,
                stderr=subprocess.PIPE,
                env=environment(TMPDIR=str(folder)),
                text=True,
            )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as lines:
            for line in lines:
                with self._changed:
                    self.lines.append(line)
                    self._changed.notify_all()

    @property
    def output(self) -> str:
        """What it wrote to standard output."""
        return self._output.read_text()

    @property
    def events(self) -> list[dict[str, Any]]:
        try:
            return [json.loads(line) for line in self.lines]
        except json.JSONDecodeError:
            raise AssertionError("a line is no event:\n" + "".join(self.lines)) from None

    def wait_line(self, text: str, count: int = 1) -> None:
        """Until `count` lines hold `text`."""
        with self._changed:
            came = self._changed.wait_for(lambda: sum(text in line for line in self.lines) >= count, PATIENCE)
        assert came, f"{text!r} did not come {count} times: {self.lines}"

    def count(self, event: str) -> int:
        return sum(entry["event"] == event for entry in self.events)

    def wait_for(self, event: str, count: int = 1) -> dict[str, Any]:
        """The `count`-th event of this name, as soon as it is there."""
        self.wait_line(f'"event": "{event}"', count)
        return [entry for entry in self.events if entry["event"] == event][count - 1]

    @contextmanager
    def expect(self, event: str, count: int = 1) -> Iterator[None]:
        """What is done inside makes this event come `count` times more."""
        before = self.count(event)
        yield
        self.wait_for(event, before + count)

    def tell(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Exit code, and after how many seconds it was there."""
        start = time.monotonic()
        self.tell(number)
        code = self.process.wait(PATIENCE + 30)
        span = time.monotonic() - start
        self._reader.join(5)
        return code, span

    def end(self) -> None:
        """However the test went, leave nothing behind."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join(5)


def offspring(folder: Path) -> list[int]:
    """The processes that were started with this folder for their temporary files."""
    mark = f"TMPDIR={folder}\0".encode()
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                if mark in (process / "environ").read_bytes() + b"\0":
                    found.append(int(process.name))
            except OSError:
                continue  # it has just ended, or is not ours to look at
    return found


def gone(folder: Path, seconds: float = 5.0) -> bool:
    """Whether all of them have ended after at most so many seconds."""
    end = time.monotonic() + seconds
    while offspring(folder) and time.monotonic() < end:
        time.sleep(0.02)
    return not offspring(folder)


def until(true: Any, seconds: float = PATIENCE) -> bool:
    """Ask again until it is so, or the time is up."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
