"""kill -9 at the worst moments: nothing is lost, nothing happens twice, a letter goes at most once more."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache
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


MOMENTS = ("after-fetch", "while-parsing", "before-move", "after-move", "before-send", "after-250")


Killed = Callable[[str], Rig]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, parser: Parser) -> Iterator[Killed]:
    """A desk that was killed at one moment with a question under way, and then worked two rounds undisturbed; made
    once for each moment."""
    with ExitStack() as stack:

        @cache
        def make(moment: str) -> Rig:
            servers = stack.enter_context(Servers(tmp_path_factory.mktemp("servers")))
            rig = Rig(tmp_path_factory.mktemp("desk"), servers, parser)
            stack.callback(rig.close)
            rig.deliver(ask(), at=datetime.now(UTC))
            assert run_until(rig, moment) == -signal.SIGKILL
            assert run_until(rig, "never") == 0
            assert run_until(rig, "never") == 0
            return rig

        yield make


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_loses_nothing_and_opens_one_ticket(killed: Killed, moment: str) -> None:
    rig = killed(moment)
    assert rig.balance() == {Disposition.TICKET: 1}
    assert len(rig.tickets()) == 1
    assert rig.servers.folder("INBOX") == []
    assert len(rig.servers.folder("Done")) == 1


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_sends_a_letter_at_most_once_more_and_then_the_same_bytes(killed: Killed, moment: str) -> None:
    rig = killed(moment)
    acks, notices = rig.raw_letters("robin@uni.example"), rig.raw_letters(TEAM)
    most = 2 if moment == "after-250" else 1
    assert len(set(acks)) == len(set(notices)) == 1
    assert len(acks) <= most
    assert len(notices) <= most


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_letter_that_may_have_gone_twice_is_on_record(killed: Killed, moment: str) -> None:
    rig = killed(moment)
    (ticket,) = rig.tickets()
    assert (Flag.LETTER_TWICE in ticket.flags) == (moment in ("before-send", "after-250"))


@pytest.mark.parametrize("moment", MOMENTS)
def test_every_letter_ends_sent_after_a_kill(killed: Killed, moment: str) -> None:
    with killed(moment).store.reading() as past:
        assert {line.state for line in past.outbox(10)} == {LetterState.SENT}
        assert past.verify_chain() is None


def test_a_mail_that_kills_the_program_is_quarantined_on_the_fourth_start_and_others_are_not(rig: Rig) -> None:
    rig.deliver(ask(), at=datetime.now(UTC))
    for _ in range(3):
        assert run_until(rig, "while-parsing") == -signal.SIGKILL
    rig.deliver(ask(text="Another question: may we do this?\n"), at=datetime.now(UTC))
    assert run_until(rig, "never") == 0
    assert rig.balance() == {Disposition.QUARANTINED: 1, Disposition.TICKET: 1}
