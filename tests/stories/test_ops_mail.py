"""A mail to whoever runs the program that does not arrive: the log is where they look next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.stories.rig import DESK, Rig
from tests.stories.test_orders import REPORT
from tests.stories.test_questions import ask

OPS = "ops@agency.example"
_ADDRESS = {"KSMAIL_OPS__ADDRESS": OPS}


@pytest.fixture
def desk(make_rig: Callable[..., Rig]) -> Rig:
    return make_rig(environ=_ADDRESS, sums=True)


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line for line in capsys.readouterr().err.splitlines() if "ops_mail_bounced" in line]


def test_a_digest_that_is_refused_is_an_error_in_the_log(desk: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    desk.servers.reply("RCPT", "550 5.1.1 No such user")
    desk.work()
    (line,) = said(capsys)
    assert "error" in line and "ops_digest" in line and "550 5.1.1" in line and OPS not in line


def test_a_digest_that_is_given_up_is_one_too_and_one_that_still_waits_is_not(
    desk: Rig, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.servers.reply("RCPT", "451 4.2.0 later", recipient=OPS)
    desk.work()
    assert said(capsys) == []
    desk.clock.moment += timedelta(days=20)
    desk.send()
    (line,) = said(capsys)
    assert "ops_digest" in line


def test_a_report_that_a_digest_came_back_is_one_too(desk: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    desk.work()
    (letter,) = desk.letters(OPS)
    report = REPORT.format(to=DESK, recipient=OPS, message_id=letter["Message-ID"]).replace("\n", "\r\n")
    desk.take(report.encode())
    (line,) = said(capsys)
    assert "error" in line and "ops_digest" in line and OPS not in line


def test_a_letter_to_an_asker_that_is_refused_is_none(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    rig.servers.reply("RCPT", "550 5.1.1 No such user", times=9)
    rig.take(ask())
    assert said(capsys) == []
