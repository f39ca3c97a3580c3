"""kill -9 at the worst moments: nothing is lost, nothing happens twice, a letter goes at most once more."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ksmail.demo.servers import Servers
from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import Flag
from ksmail.incoming.worker import Parser
from ksmail.store.happenings import LetterState
from tests.stories.rig import TEAM, Rig
from tests.stories.test_questions import ask

ROOT = Path(__file__).parents[2]


def run_until(rig: Rig, moment: str) -> int:
    """Run one round in a process of its own; the exit code (negative: killed by that signal)."""
    command = [sys.executable, "-m", "tests.faults.child", str(rig.folder / "ksmail.toml"), moment]
    return subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False).returncode


# One test process does them all: each start of the program takes its time.
pytestmark = pytest.mark.xdist_group("crash")

MOMENTS = ("after-fetch", "while-parsing", "before-move", "after-move", "before-send", "after-250")


@pytest.fixture(scope="module", params=MOMENTS)
def killed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, parser: Parser
) -> Iterator[tuple[Rig, str]]:
    """A desk that was killed at one moment with a question under way, and then worked two rounds undisturbed."""
    with Servers(tmp_path_factory.mktemp("servers")) as servers:
        rig = Rig(tmp_path_factory.mktemp("desk"), servers, parser)
        rig.deliver(ask(), at=datetime.now(UTC))
        assert run_until(rig, request.param) == -signal.SIGKILL
        assert run_until(rig, "never") == 0
        assert run_until(rig, "never") == 0
        yield rig, request.param
        rig.close()


def test_a_kill_loses_nothing_and_opens_one_ticket(killed: tuple[Rig, str]) -> None:
    rig, _ = killed
    assert rig.balance() == {Disposition.TICKET: 1}
    assert len(rig.tickets()) == 1
    assert rig.servers.folder("INBOX") == []
    assert len(rig.servers.folder("Done")) == 1


def test_a_kill_sends_a_letter_at_most_once_more_and_then_the_same_bytes(killed: tuple[Rig, str]) -> None:
    rig, moment = killed
    acks, notices = rig.raw_letters("robin@uni.example"), rig.raw_letters(TEAM)
    most = 2 if moment == "after-250" else 1
    assert len(set(acks)) == len(set(notices)) == 1
    assert len(acks) <= most
    assert len(notices) <= most


def test_a_letter_that_may_have_gone_twice_is_on_record(killed: tuple[Rig, str]) -> None:
    rig, moment = killed
    (ticket,) = rig.tickets()
    assert (Flag.LETTER_TWICE in ticket.flags) == (moment in ("before-send", "after-250"))


def test_every_letter_ends_sent_after_a_kill(killed: tuple[Rig, str]) -> None:
    with killed[0].store.reading() as past:
        assert {line.state for line in past.outbox(10)} == {LetterState.SENT}
        assert past.verify_chain() is None


def test_a_mail_that_kills_the_program_is_quarantined_on_the_fourth_start_and_others_are_not(rig: Rig) -> None:
    rig.deliver(ask(), at=datetime.now(UTC))
    for _ in range(3):
        assert run_until(rig, "while-parsing") == -signal.SIGKILL
    rig.deliver(ask(text="Another question: may we do this?\n"), at=datetime.now(UTC))
    assert run_until(rig, "never") == 0
    assert rig.balance() == {Disposition.QUARANTINED: 1, Disposition.TICKET: 1}
