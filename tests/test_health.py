"""The file that says whether the daemon is alive."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ksmail.health import Health, Trouble, ailments, read_health, remarks, write_health
from tests.builders import MONDAY

WELL = Health(
    at=MONDAY,
    pid=os.getpid(),
    version="1",
    started_at=MONDAY,
    intake_beat=MONDAY,
    outbox_beat=MONDAY,
    scheduler_beat=MONDAY,
    last_poll=MONDAY,
    last_send=None,
    mailbox_fault="",
    transport_paused=False,
)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    ill = replace(WELL, alarms=(Trouble("mailbox", MONDAY, "no connection"),))
    for health in (WELL, ill):
        write_health(tmp_path / "health.json", health)
        assert read_health(tmp_path / "health.json") == health


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"at": "yesterday"}'])
def test_a_missing_or_broken_file_reads_as_none(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "health.json"
    if content is not None:
        path.write_text(content)
    assert read_health(path) is None


def test_a_fresh_file_has_no_ailment() -> None:
    assert ailments(WELL, MONDAY + timedelta(minutes=4)) == []


def test_no_file_is_an_ailment() -> None:
    assert ailments(None, MONDAY) == ["no health file: the daemon has not started"]


def test_silence_of_more_than_five_minutes_is_an_ailment() -> None:
    beats = dict.fromkeys(("intake_beat", "outbox_beat", "scheduler_beat"), MONDAY + timedelta(minutes=7))
    found = ailments(replace(WELL, **beats), MONDAY + timedelta(minutes=7))  # type: ignore[arg-type]  # by name
    assert found == ["the daemon has been silent for 7 minutes"]


@pytest.mark.parametrize("part", ["intake", "outbox", "scheduler"])
def test_a_stuck_part_is_an_ailment_though_the_rest_lives(part: str) -> None:
    """Case 158."""
    later = MONDAY + timedelta(minutes=9)
    alive = replace(WELL, at=later, intake_beat=later, outbox_beat=later, scheduler_beat=later)
    assert ailments(alive, later) == []
    found = ailments(replace(alive, **{f"{part}_beat": MONDAY}), later)  # type: ignore[arg-type]  # by name
    assert found == [f"the {part} has been stuck for 9 minutes"]


def test_an_alarm_is_a_remark_and_no_ailment() -> None:
    ill = replace(WELL, alarms=(Trouble("probe", MONDAY, "one did not come back"), Trouble("clock", MONDAY, "")))
    assert ailments(ill, MONDAY) == []
    assert remarks(ill) == [
        "alarm: probe fails since 2026-06-01 08:02 UTC (one did not come back)",
        "alarm: clock fails since 2026-06-01 08:02 UTC",
    ]


def test_a_mail_server_that_is_away_is_no_ailment_of_the_daemon() -> None:
    assert ailments(replace(WELL, mailbox_fault="connection refused", last_poll=None), MONDAY) == []


def test_a_process_that_is_gone_is_an_ailment() -> None:
    pid = 4_194_304 + 7  # beyond the largest process number of Linux
    assert ailments(replace(WELL, pid=pid), MONDAY) == [f"process {pid} is gone"]
