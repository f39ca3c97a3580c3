"""A border that is configured and says nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.stories.people import border
from tests.stories.rig import Rig
from tests.stories.test_questions import ask


def spoken(capsys: pytest.CaptureFixture[str]) -> int:
    return capsys.readouterr().err.count("border_silent")


def test_a_border_that_writes_no_results_is_reported_once__case_82(
    rig: Rig, capsys: pytest.CaptureFixture[str]
) -> None:
    rig.take(ask(text="One?\n"), ask(text="Two?\n"), ask(text="Three?\n"))
    assert spoken(capsys) == 1


def test_it_is_reported_again_when_it_had_spoken_meanwhile(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    proven = [border("robin@uni.example")]
    rig.take(ask(text="One?\n"), ask(text="Two?\n", headers=proven), ask(text="Three?\n"))
    assert spoken(capsys) == 2


def test_where_none_is_configured_nothing_is_missed(
    make_rig: Callable[..., Rig], capsys: pytest.CaptureFixture[str]
) -> None:
    make_rig(environ={"KSMAIL_TRUST__AUTHSERV_ID": ""}).take(ask())
    assert spoken(capsys) == 0
