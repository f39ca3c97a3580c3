"""kill -9 at the worst moments: nothing is lost, nothing happens twice, a letter goes at most once more."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import Flag
from ksmail.store.values import LetterState
from tests.stories.rig import TEAM, Rig
from tests.stories.test_questions import ask

ROOT = Path(__file__).parents[2]


def run_until(rig: Rig, moment: str) -> int:
    """Run one round in a process of its own; the exit code (negative: killed by that signal)."""
    command = [sys.executable, "-m", "tests.faults.child", str(rig.folder / "ksmail.toml"), moment]
    return subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False).returncode


MOMENTS = ("after-fetch", "while-parsing", "before-move", "after-move", "before-send", "after-250")


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_at_any_moment_loses_nothing_and_opens_one_ticket(rig: Rig, moment: str) -> None:
    rig.deliver(ask())
    assert run_until(rig, moment) == -signal.SIGKILL
    assert run_until(rig, "never") == 0
    assert rig.balance() == {Disposition.TICKET: 1}
    assert len(rig.tickets()) == 1
    assert rig.servers.folder("INBOX") == []
    assert len(rig.servers.folder("Done")) == 1


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_sends_a_letter_at_most_once_more_and_then_the_same_bytes(rig: Rig, moment: str) -> None:
    rig.deliver(ask())
    run_until(rig, moment)
    run_until(rig, "never")
    run_until(rig, "never")
    acks, notices = rig.raw_letters("robin@uni.example"), rig.raw_letters(TEAM)
    assert len(set(acks)) == len(set(notices)) == 1
    extra = Counter([*acks, *notices]).total() - 2
    assert extra <= (2 if moment == "after-250" else 0)
    assert len(acks) <= (2 if moment == "after-250" else 1)


def test_a_letter_that_may_have_gone_twice_is_on_record(rig: Rig) -> None:
    rig.deliver(ask())
    run_until(rig, "after-250")
    run_until(rig, "never")
    (ticket,) = rig.tickets()
    assert Flag.LETTER_TWICE in ticket.flags


def test_every_letter_ends_sent_after_a_kill(rig: Rig) -> None:
    rig.deliver(ask())
    for moment in ("after-250", "before-send", "never"):
        run_until(rig, moment)
    with rig.store.reading() as past:
        assert {line.state for line in past.outbox(10)} == {LetterState.SENT}
        assert past.verify_chain() is None


def test_a_mail_that_kills_the_program_is_quarantined_on_the_fourth_start_and_others_are_not(rig: Rig) -> None:
    rig.deliver(ask())
    for _ in range(3):
        assert run_until(rig, "while-parsing") == -signal.SIGKILL
    rig.deliver(ask(text="Another question, from somebody else: may we do this?\n"))
    assert run_until(rig, "never") == 0
    assert rig.balance() == {Disposition.QUARANTINED: 1, Disposition.TICKET: 1}
