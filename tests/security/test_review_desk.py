"""A whole desk in the corners of its orders: chains of merges, people who left, a program that is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from ksmail.assemble import make_works
from ksmail.demo.servers import Servers
from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import Status
from ksmail.incoming.limits import Limits
from ksmail.incoming.worker import Parser
from ksmail.store.happenings import LetterState
from tests.stories.people import EVA, PEOPLE, ROBIN, SAM, last, reply
from tests.stories.rig import TEAM, Rig, reply_to
from tests.stories.test_questions import ask

ROOT = Path(__file__).parents[2]
NO_BORDER = {"KSMAIL_TRUST__AUTHSERV_ID": ""}
PDF = ("cv.pdf", "application/pdf", b"%PDF-1.7 a canary")
AT_ONCE = f"{PEOPLE}\n[orders]\nhold_minutes = 0\n"


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    with Parser(Limits()) as made:
        yield made


def opened(rig: Rig) -> Iterator[Rig]:
    yield rig
    rig.close()


@pytest.fixture
def rig(tmp_path: Path, servers: Servers, parser: Parser) -> Iterator[Rig]:
    yield from opened(Rig(tmp_path / "desk", servers, parser, PEOPLE))


@pytest.fixture
def borderless(tmp_path: Path, servers: Servers, parser: Parser) -> Iterator[Rig]:
    yield from opened(Rig(tmp_path / "desk", servers, parser, PEOPLE, NO_BORDER))


@pytest.fixture
def at_once(tmp_path: Path, servers: Servers, parser: Parser) -> Iterator[Rig]:
    yield from opened(Rig(tmp_path / "desk", servers, parser, AT_ONCE))


@pytest.fixture
def chain(rig: Rig) -> list[EmailMessage]:
    """Three questions of one asker, the first put into the second and the second into the third; the notices of all."""
    rig.take(*(ask(text=f"Question {name}: may we do this experiment abroad?\n") for name in ("abc", "def", "ghi")))
    notices = rig.letters(TEAM)
    rig.take(reply(notices[0], "#samenvoegen KV-2026-0002"), reply(notices[1], "#samenvoegen KV-2026-0003"))
    return notices


@pytest.mark.parametrize("which", range(3))
def test_a_reply_to_any_letter_of_a_chain_of_merges_leads_to_the_last(
    rig: Rig, chain: list[EmailMessage], which: int
) -> None:
    rig.take(ask(text="One more fact about it.\n", headers=reply_to(rig.letters(ROBIN)[which])))
    assert "One more fact" in rig.dossier(rig.tickets()[2]).entries[-1].text


@pytest.mark.parametrize("which", range(3))
def test_an_order_in_reply_to_any_notice_of_a_chain_of_merges_is_about_the_last(
    rig: Rig, chain: list[EmailMessage], which: int
) -> None:
    rig.take(reply(chain[which], "#pak"))
    assert [ticket.assignee is not None for ticket in rig.tickets()] == [False, False, True]


def test_a_ticket_cannot_be_put_into_one_that_it_took_in(rig: Rig, chain: list[EmailMessage]) -> None:
    rig.take(reply(chain[2], "#samenvoegen KV-2026-0001"))
    assert rig.tickets()[2].merged_into is None
    assert "Niet gedaan" in str(last(rig, SAM)["Subject"])


def test_a_yes_of_somebody_who_left_the_staff_list_meanwhile_counts_for_nothing(borderless: Rig) -> None:
    borderless.take(ask(attachments=[PDF]))
    borderless.take(reply(last(borderless, TEAM), "#wis 1", EVA, proof=""))
    asked = last(borderless, EVA)
    left = Rig(borderless.folder.parent / "left", borderless.servers, borderless.parser, "", NO_BORDER)
    left.close()
    config = replace(borderless.config, roster=left.config.roster, policy=left.config.policy)
    borderless.works.mailbox.close()
    borderless.works = make_works(config, borderless.store, borderless.clock.now, lambda: 0.0)
    borderless.works.intake.parser = borderless.parser
    borderless.take(reply(asked, "yes", EVA, proof=""))
    assert borderless.balance()[Disposition.HELD] == 1
    assert any(b"cv.pdf" in raw for raw in borderless.servers.folder("Done"))


def run_until(rig: Rig, moment: str) -> int:
    command = [sys.executable, "-m", "tests.faults.child", str(rig.folder / "ksmail.toml"), moment]
    return subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False).returncode


def killed(rig: Rig, moment: str) -> None:
    """A question was asked, and the program is killed with the mail that answers it under way; then it starts again."""
    rig.clock.moment = datetime.now(UTC)
    rig.take(ask())
    rig.deliver(reply(last(rig, TEAM), "#antwoord\n\nYou may.\n"))
    assert run_until(rig, moment) == -signal.SIGKILL
    assert run_until(rig, "never") == 0


@pytest.mark.parametrize("moment", ["while-parsing", "before-move", "after-move"])
def test_a_kill_before_the_answer_leaves_sends_it_once_all_the_same(at_once: Rig, moment: str) -> None:
    killed(at_once, moment)
    assert len(at_once.letters(ROBIN)) == 2  # the acknowledgement and the answer
    assert len(at_once.letters(SAM)) == 1
    assert at_once.tickets()[0].status is Status.ANSWERED


@pytest.mark.parametrize(("moment", "went"), [("before-send", 0), ("after-250", 1)])
def test_a_kill_while_the_answer_leaves_asks_staff_and_sends_it_no_second_time(
    at_once: Rig, moment: str, went: int
) -> None:
    killed(at_once, moment)
    assert len(at_once.letters(ROBIN)) == 1 + went
    assert "Misschien niet aangekomen" in str(last(at_once, TEAM)["Subject"])
    with at_once.store.reading() as past:
        assert [line.state for line in past.outbox(20) if line.kind == "answer"] == [LetterState.UNCERTAIN]
