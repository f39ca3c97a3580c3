"""Case 50: a machine that was put to sleep, or a process that was stopped, over the moment of a digest."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from ksmail import config
from ksmail.demo.servers import Servers
from ksmail.keys import load_keys
from ksmail.store.store import Store
from tests.front.program import Running, until
from tests.front.test_daemon import desk
from tests.store.facts import open_ticket

BRISK = (
    "[schedule]\npoll_seconds = 0.5\noutbox_seconds = 0.2\nhealth_seconds = 0.2\n[ops]\naddress = 'ops@desk.example'\n"
)
TUESDAY = datetime(2026, 6, 2, 5, 20, tzinfo=UTC)  # 7:20 at the desk, ten minutes before its digest
MINUTES = 60.0


class Dated(Running):
    """The program on a day of its own."""

    command = (sys.executable, str(Path(__file__).with_name("dated.py")))

    def __init__(self, folder: Path, moment: datetime) -> None:
        self.file = folder / "offset"
        self.show((moment - datetime.now(UTC)).total_seconds())
        super().__init__(folder)

    def show(self, offset: float) -> None:
        beside = self.file.with_suffix(".new")
        beside.write_text(str(offset))
        beside.replace(self.file)

    def sleeps(self, seconds: float) -> None:
        """So much time passes while the process stands still."""
        self.tell(signal.SIGSTOP)
        self.show(float(self.file.read_text()) + seconds)
        self.tell(signal.SIGCONT)


@pytest.fixture
def running(tmp_path: Path, servers: Servers) -> Iterator[Dated]:
    """A desk that had its first question on Monday, at 7:20 on Tuesday."""
    folder = desk(tmp_path / "desk", servers, BRISK)
    found = config.load(folder / "ksmail.toml", {})
    load_keys(found.keys_file)
    with closing(Store.open(found.store)) as store, store.writing() as tx:
        open_ticket(tx)
    made = Dated(folder, TUESDAY)
    try:
        made.wait_for("started")
        yield made
    finally:
        made.end()


def digests(servers: Servers) -> list[str]:
    """The subjects of the digests that left, without their dates."""
    sent = [message_from_bytes(mail.raw, policy=default) for mail in servers.sent]
    return [str(mail["Subject"]).partition(",")[0] for mail in sent if "[D-" in str(mail["Subject"])]


def test_a_process_that_stood_still_over_its_digest_sends_it_once_and_late(running: Dated, servers: Servers) -> None:
    running.sleeps(20 * MINUTES)
    assert until(lambda: digests(servers) == ["[D-1] Dagbericht 1"])
    running.sleeps(5 * MINUTES)
    running.sleeps(24 * 60 * MINUTES)
    assert until(lambda: len(digests(servers)) > 1)
    running.sleeps(2 * 24 * 60 * MINUTES)  # over the digest of Thursday
    assert until(lambda: len(digests(servers)) > 2)
    assert digests(servers) == ["[D-1] Dagbericht 1", "[D-2] Dagbericht 2", "[D-3] Dagbericht 3"]
    assert running.stop()[0] == 0
