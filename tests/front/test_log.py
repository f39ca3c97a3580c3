"""The log of the daemon: for machines to read, and without a word of anybody's mail."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from ksmail.demo.servers import Servers
from tests.front.canaries import BIRD, mails
from tests.front.program import Running
from tests.front.test_daemon import desk


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, own_servers: Servers) -> Iterator[Running]:
    """A daemon that took mails full of birds; the mail server refused letters with a bird in its words."""
    own_servers.reply("RCPT", f"550 5.1.1 <{BIRD}@{BIRD}.example>: {BIRD} does not live here", times=3)
    own_servers.reply("DATA", f"451 4.7.1 {BIRD} must wait", times=2)
    birds = list(mails())
    for bird in birds:
        own_servers.append(bird)
    running = Running(desk(tmp_path_factory.mktemp("desk"), own_servers))
    try:
        running.wait_for("mail_settled", len(birds))
        running.wait_for("letter_bounced")
        running.wait_for("letter_deferred")
        assert running.stop()[0] == 0
        yield running
    finally:
        running.end()


def test_each_line_is_one_event(running: Running) -> None:
    for line in running.lines:
        event = json.loads(line)
        assert {"timestamp", "level", "event"} <= event.keys()


def test_all_of_it_is_on_standard_error(running: Running) -> None:
    assert running.output == ""


def test_the_birds_came_in_many_ways(running: Running) -> None:
    became = {event["disposition"] for event in running.events if event["event"] == "mail_settled"}
    assert became >= {"ticket", "automatic", "bounce", "held", "quarantined"}


def test_no_line_holds_a_word_of_a_mail_or_of_a_reply_about_one(running: Running) -> None:
    assert [line for line in running.lines if BIRD in line.lower() or "@" in line] == []


def test_no_line_steers_a_terminal(running: Running) -> None:
    assert all(line.isascii() and line[:-1].isprintable() for line in running.lines)


def test_a_bounce_is_told_by_its_code(running: Running) -> None:
    assert {event["code"] for event in running.events if event["event"] == "letter_bounced"} == {"550 5.1.1"}
