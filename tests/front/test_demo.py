"""`ksmail demo`, as a newcomer starts it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

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
        env=environment(TMPDIR=str(folder), COLUMNS="80"),
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


@dataclass(frozen=True)
class Shown:
    """What a whole demo left on the screen and on the machine."""

    code: int
    screen: str
    clean: bool

    def act(self, title: str) -> str:
        """What is shown below a title."""
        return next(part for part in self.screen.split("\n\n") if title in part.split("\n")[0])


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    folder = tmp_path_factory.mktemp("demo")
    with demo(folder) as process:
        out, _ = process.communicate(timeout=120)
        return Shown(process.returncode, out, gone(folder))


def test_the_demo_accounts_for_every_mail_and_leaves_no_process(shown: Shown) -> None:
    assert shown.code == 0, shown.screen
    assert "; 0 unaccounted" in shown.screen
    assert "Traceback" not in shown.screen
    assert shown.clean


def test_the_demo_shows_a_receipt_before_the_answer_leaves(shown: Shown) -> None:
    assert "Leaves at" in shown.act("The answer: it waits")
    assert "to robin@" not in shown.act("The answer: it waits")
    assert "to robin@university.example: [KV-" in shown.act("He does not want to wait")


def test_the_demo_shows_what_a_forgotten_and_a_misspelt_order_lead_to(shown: Shown) -> None:
    assert "Stored, not sent" in shown.act("He forgets the order")
    assert "Do you mean: #answer?" in shown.act("He misspells it")


def test_the_demo_shows_that_thanks_open_nothing(shown: Shown) -> None:
    assert ", answered" in shown.act("Thanks open nothing")


def test_the_screen_of_the_demo_fits_80_columns(shown: Shown) -> None:
    assert [line for line in shown.screen.splitlines() if len(line) > 80 and "--config" not in line] == []


def test_ctrl_c_ends_a_demo_that_stays(tmp_path: Path) -> None:
    with demo(tmp_path, "--stay") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Ctrl-C stops" in line:
                break
        assert len(offspring(tmp_path)) > 1
        os.killpg(process.pid, signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        assert process.returncode in (0, 130)
        assert "Traceback" not in out
        assert gone(tmp_path)
