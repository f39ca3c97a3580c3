"""Case 158 with the program itself: a part of it hangs on a server that has taken us and then says nothing."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine

from ksmail.demo.servers import Servers
from ksmail.health import Health, ailments, read_health
from tests.front.conftest import Ask
from tests.front.program import Running, until
from tests.front.test_daemon import desk, rewrite
from tests.imap_stub import ImapStub
from tests.smtp_stub import SmtpStub
from tests.stories.test_questions import ask as question
from tests.stub import SILENCE

# Each part that does not hang moves twice a second.
BRISK = "[schedule]\npoll_seconds = 0.5\noutbox_seconds = 0.5\nhealth_seconds = 0.3\n"
# A letter may be under way for 200 seconds, and the server has ten times as long before we leave it.
PATIENT = "[smtp]\nconnect_timeout = 10.0\ncommand_timeout = 20.0\ndata_timeout = 10.0\n"


class Hurried(Running):
    """Its five minutes are over in three seconds."""

    command = (sys.executable, str(Path(__file__).with_name("hurried.py")))


def stuck(health: Health) -> list[str]:
    """The parts that the health file says are stuck, and whatever else ails the program, without its minutes."""
    return [said.partition(" for ")[0] for said in ailments(health, health.at)]


def is_found(folder: Path, part: str, ask: Ask, *, moving: Callable[[Health], list[object]]) -> None:
    """That this part is found stuck by its beat alone, and that the health check then fails with its name."""
    file = folder / "health.json"
    assert until(lambda: (found := read_health(file)) is not None and stuck(found) == [f"the {part} has been stuck"])
    first = read_health(file)
    assert first is not None
    with time_machine.travel(first.at, tick=False):
        said = ask("check", "--live", folder=folder)
    assert (said.code, said.out) == (1, "not well\n")
    assert said.sentence.startswith(f"the {part} has been stuck for ")
    assert until(lambda: (later := read_health(file)) is not None and moving(later) > moving(first))


def test_an_intake_that_waits_for_a_silent_server_is_found_stuck(tmp_path: Path, servers: Servers, ask: Ask) -> None:
    folder = desk(tmp_path / "desk", servers, BRISK)
    with ImapStub() as stub:
        stub.on("SELECT", SILENCE)
        rewrite(folder, f"port = {servers.imap_port}", f'port = {stub.port}\ntls = "none"')
        (folder / "password").write_text("right")
        running = Hurried(folder)
        try:
            is_found(folder, "intake", ask, moving=lambda health: [health.outbox_beat, health.scheduler_beat])
            assert stub.said("SELECT")
            code, span = running.stop()
            assert (code, span < 10) == (0, True)  # it waits no minute for the answer
        finally:
            running.end()


@pytest.mark.parametrize("phase", ["DATA", "DOT"])
def test_an_outbox_that_waits_for_a_silent_server_is_found_stuck(
    tmp_path: Path, servers: Servers, ask: Ask, phase: str
) -> None:
    """Only after the time that a letter may take."""
    folder = desk(tmp_path / "desk", servers, BRISK)
    with SmtpStub() as stub:
        stub.on(phase, SILENCE)
        rewrite(folder, f"port = {servers.smtp_port}", f'port = {stub.port}\ntls = "none"')
        rewrite(folder, "[smtp]\n", PATIENT)
        servers.append(question())
        running = Hurried(folder)
        try:
            is_found(folder, "outbox", ask, moving=lambda health: [health.intake_beat, health.scheduler_beat])
            assert stub.said("DATA") and stub.taken == []
            running.stop(signal.SIGKILL)  # it would wait for the letter
        finally:
            running.end()
