"""`ksmail run`: how it starts, works, listens to signals, and stops."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ksmail.demo.servers import HOST, Servers
from ksmail.store.store import Store, StoreSettings
from ksmail.store.values import LetterState
from tests.front.conftest import Ask
from tests.front.program import Running, gone, ksmail, until
from tests.stories.rig import TEAM, settings
from tests.stories.test_questions import ask as question

# Nobody looks by the clock here: a mail that is taken was announced.
QUIET = "[schedule]\npoll_seconds = 3600.0\noutbox_seconds = 0.5\nhealth_seconds = 0.3\n"
SHORT = "[imap]\nreconnect_min = 0.1\nreconnect_max = 300.0\n"


def desk(folder: Path, servers: Servers, more: str = QUIET) -> Path:
    """The folder of a desk with an empty store."""
    config = settings(folder, servers, more)
    text = config.file.read_text().replace("[imap]\n", SHORT, 1)
    config.file.write_text(text)
    Store.migrate(config.store)
    return folder


def rewrite(folder: Path, old: str, new: str) -> str:
    """Change the settings; returns what they were."""
    file = folder / "ksmail.toml"
    before = file.read_text()
    assert old in before
    file.write_text(before.replace(old, new, 1))
    return before


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory, own_servers: Servers) -> Iterator[Running]:
    """One that lives as long as this module; whoever changes its settings puts them back."""
    running = Running(desk(tmp_path_factory.mktemp("desk"), own_servers))
    try:
        running.wait_for("started")
        yield running
    finally:
        running.end()


def answers(daemon: Running, servers: Servers) -> str:
    """Whether a new asker is answered; returns where the notice to staff went."""
    before = len(servers.sent)
    asker = f"asker{before}@uni.example"
    with daemon.expect("letter_sent", 2):
        servers.append(question(asker, f"Question {before}: may we do this with our partner?\n"))
    letters = {mail.recipients[0] for mail in servers.sent[before:]}
    assert asker in letters
    (staff,) = letters - {asker}
    return staff


def test_a_mail_that_comes_while_the_daemon_listens_is_answered(daemon: Running, own_servers: Servers) -> None:
    assert answers(daemon, own_servers) == TEAM
    assert answers(daemon, own_servers) == TEAM


@pytest.mark.parametrize("command", ["run", "once"])
def test_a_second_program_on_the_same_store_refuses_with_one_sentence(daemon: Running, command: str) -> None:
    said = ksmail(command, folder=daemon.folder)
    assert said.returncode == 2
    assert said.stderr == f"ksmail: store.database: another ksmail works on this store (process {daemon.process.pid})\n"
    assert said.stdout == ""


def test_migrate_refuses_while_the_daemon_works(daemon: Running, ask: Ask) -> None:
    said = ask("migrate", folder=daemon.folder)
    assert (said.code, "another ksmail works on this store" in said.sentence) == (2, True)


def test_the_health_check_says_alive(daemon: Running, ask: Ask) -> None:
    said = ask("check", "--live", folder=daemon.folder)
    assert (said.code, said.out, said.err) == (0, "alive\n", "")


def test_tickets_can_be_listed_while_the_daemon_works(daemon: Running, own_servers: Servers, ask: Ask) -> None:
    answers(daemon, own_servers)
    assert "@uni.example" in ask("tickets", "list", folder=daemon.folder).out


def test_sighup_takes_new_settings_over(daemon: Running, own_servers: Servers) -> None:
    before = rewrite(daemon.folder, TEAM, "others@desk.example")
    with daemon.expect("config_reloaded"):
        daemon.tell(signal.SIGHUP)
    assert answers(daemon, own_servers) == "others@desk.example"
    (daemon.folder / "ksmail.toml").write_text(before)
    with daemon.expect("config_reloaded"):
        daemon.tell(signal.SIGHUP)
    assert answers(daemon, own_servers) == TEAM


def test_sighup_with_broken_settings_names_the_key_and_keeps_the_old_ones(
    daemon: Running, own_servers: Servers
) -> None:
    before = rewrite(daemon.folder, "poll_seconds", "pole_seconds")
    with daemon.expect("config_refused"):
        daemon.tell(signal.SIGHUP)
    refused = [event for event in daemon.events if event["event"] == "config_refused"][-1]
    assert refused["reason"].startswith("schedule.pole_seconds: unknown key; did you mean schedule.poll_seconds?")
    assert answers(daemon, own_servers) == TEAM
    (daemon.folder / "ksmail.toml").write_text(before)


def test_sighup_with_a_broken_template_keeps_the_old_letters(daemon: Running, own_servers: Servers) -> None:
    subject = daemon.folder / "templates" / "en" / "ack" / "subject.txt"
    subject.parent.mkdir(parents=True)
    subject.write_text("We have it: {{ ticket.reference }}")
    templates = f'[letters]\ntemplates = "{daemon.folder}/templates"\n[schedule]'
    before = rewrite(daemon.folder, "[schedule]", templates)
    with daemon.expect("config_reloaded"):
        daemon.tell(signal.SIGHUP)
    subject.write_text("{% if %}")
    with daemon.expect("config_refused"):
        daemon.tell(signal.SIGHUP)
    assert "en/ack/subject.txt" in daemon.events[-1]["reason"]
    assert answers(daemon, own_servers) == TEAM
    assert any(b"We have it: KV-" in mail.raw for mail in own_servers.sent[-2:])
    (daemon.folder / "ksmail.toml").write_text(before)


def test_a_server_that_hung_up_is_found_again(daemon: Running, own_servers: Servers) -> None:
    answers(daemon, own_servers)
    with daemon.expect("mailbox_unavailable"):
        own_servers.hang_up()
    assert answers(daemon, own_servers) == TEAM


def test_a_daemon_that_listens_stops_at_once_and_leaves_no_process(tmp_path: Path) -> None:
    with Servers(tmp_path / "servers") as alone:  # no other daemon listens to this mailbox
        running = Running(desk(tmp_path / "desk", alone), "--log", "console")
        try:
            running.wait_line("started")
            alone.append(question(text="May we do this at once?\n"))
            running.wait_line("letter_sent", 2)
            code, span = running.stop()
        finally:
            running.end()
        assert len(alone.sent) == 2
    assert (code, span < 5) == (0, True)
    assert gone(running.folder)
    assert all("{" not in line for line in running.lines)
    assert any(" info     mail_settled " in line and "disposition=ticket" in line for line in running.lines)
    assert running.output == ""


def test_sigterm_waits_for_the_reply_to_a_letter_under_way_and_never_sends_it_again(
    tmp_path: Path, servers: Servers
) -> None:
    folder = desk(tmp_path / "desk", servers)
    running = Running(folder)
    try:
        running.wait_for("started")
        servers.reply("DATA", "", delay=3)
        servers.append(question())
        running.wait_for("mail_settled")
        assert until(lambda: LetterState.SENDING in states(folder))
        code, span = running.stop()
    finally:
        running.end()
    assert (code, span < 10) == (0, True)
    first = len(servers.sent)
    servers.well()
    assert ksmail("once", folder=folder).returncode == 0
    assert len(servers.sent) == 2
    assert len({mail.raw for mail in servers.sent}) == 2
    assert first >= 1
    assert states(folder) == [LetterState.SENT, LetterState.SENT]


def states(folder: Path) -> list[LetterState]:
    """Of the letters of a desk, also while it works."""
    store = Store.open(StoreSettings(path=folder / "ksmail.db"))
    try:
        with store.reading() as past:
            return [line.state for line in past.outbox(10)]
    finally:
        store.close()


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_daemon_whose_imap_server_refuses_or_never_says_a_word_stops_quickly(
    tmp_path: Path, servers: Servers, told: signal.Signals
) -> None:
    folder = desk(tmp_path / "desk", servers)
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        if told is signal.SIGINT:
            listener.listen(8)
        rewrite(folder, f"port = {servers.imap_port}", f"port = {listener.getsockname()[1]}")
        running = Running(folder)
        try:
            running.wait_for("started")
            assert until((folder / "health.json").exists)
            code, span = running.stop(told)
            assert (code, span < 5) == (0, True)
            assert running.wait_for("stopped")["clean"] is True
        finally:
            running.end()


def test_a_wrong_password_is_tried_once_until_sighup_brings_the_right_one(
    tmp_path: Path, servers: Servers, ask: Ask
) -> None:
    folder = desk(tmp_path / "desk", servers)
    (folder / "password").write_text("wrong")
    running = Running(folder)
    try:
        fault = running.wait_for("mailbox_unavailable")
        assert (fault["reason"], fault["retry_in"]) == ("the IMAP server refuses our login", 300)
        assert until(lambda: "no mail comes in" in ask("check", "--live", folder=folder).err)
        said = ask("check", "--live", folder=folder)
        assert (said.code, said.out) == (0, "alive\n")
        assert said.sentence == "no mail comes in: the IMAP server refuses our login"
        (folder / "password").write_text(servers.password)
        with running.expect("config_reloaded"):
            running.tell(signal.SIGHUP)
        assert answers(running, servers) == TEAM
        assert running.count("mailbox_unavailable") == 1
        assert running.stop(signal.SIGKILL)[0] == -signal.SIGKILL
        said = ask("check", "--live", folder=folder)
        assert (said.code, said.out) == (1, "not well\n")
        assert said.sentence == f"process {running.process.pid} is gone"
    finally:
        running.end()
    assert gone(folder)
