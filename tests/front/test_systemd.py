"""`ksmail run` under systemd: what it tells, and when."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ksmail.demo.servers import Servers
from ksmail.health import read_health
from tests.front.program import Running, until
from tests.front.test_daemon import desk


@pytest.fixture
def init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The socket of the init system, which wants to hear of us every tenth of a second."""
    place = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(place))
        listener.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(place))
        monkeypatch.setenv("WATCHDOG_USEC", "200000")
        yield listener


def test_the_daemon_says_that_it_is_ready_that_it_lives_and_that_it_stops(
    tmp_path: Path, servers: Servers, init: socket.socket
) -> None:
    running = Running(desk(tmp_path / "desk", servers))
    try:
        running.wait_for("started")
        words = [init.recv(100)]
        while words.count(b"WATCHDOG=1") < 3 or b"READY=1" not in words:
            words.append(init.recv(100))
        assert running.stop()[0] == 0
        init.setblocking(False)
        while words[-1] != b"STOPPING=1":
            words.append(init.recv(100))  # BlockingIOError: it was never said
    finally:
        running.end()
    assert set(words) == {b"READY=1", b"WATCHDOG=1", b"STOPPING=1"}


def test_the_health_file_has_the_beats_of_every_part(tmp_path: Path, servers: Servers) -> None:
    folder = desk(tmp_path / "desk", servers)
    running = Running(folder)
    try:
        assert until((folder / "health.json").exists)
        health = read_health(folder / "health.json")
        assert health is not None and health.pid == running.process.pid
        beats = (health.intake_beat, health.outbox_beat, health.scheduler_beat)
        assert all((health.at - beat).total_seconds() < 60 for beat in beats)
        assert health.alarms == ()
    finally:
        running.end()


def test_the_service_file_agrees_with_what_the_daemon_does() -> None:
    service = (Path(__file__).parent.parent.parent / "config" / "ksmail.service").read_text().splitlines()
    assert "Type=notify" in service
    assert os.environ.get("WATCHDOG_USEC") is None
    (watchdog,) = [line for line in service if line.startswith("WatchdogSec=")]
    assert int(watchdog.removeprefix("WatchdogSec=")) >= 60  # a machine under load must not end a daemon that lives
