"""`ksmail once`, and the commands that look into what it left behind."""

from __future__ import annotations

import json
import os
import pty
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ksmail import screen
from ksmail.demo.servers import HOST, Servers
from ksmail.desk.arrival import Disposition
from ksmail.store.store import Store, StoreSettings
from tests.front.conftest import Ask
from tests.front.program import COMMAND, environment, ksmail
from tests.front.test_daemon import desk, rewrite
from tests.incoming.hostile import nested_multiparts
from tests.stories.rig import TEAM
from tests.stories.test_questions import ask as question

POISON = nested_multiparts(80)
GONE = "gone@uni.example"
LISTS = (("tickets", "list"), ("outbox", "list"), ("quarantine", "list"))


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory, own_servers: Servers) -> Iterator[Path]:
    """A desk after one round: two tickets, a mail in quarantine, one held; a letter refused, and one held by a cap."""
    folder = desk(tmp_path_factory.mktemp("desk"), own_servers, "[acknowledge]\naddress_hour = 1\n")
    own_servers.reply("RCPT", f"550 5.1.1 <{GONE}> nobody\x1b[31m here", recipient=GONE)
    for text in ("May we do this?\n", "And may we do that?\n"):
        own_servers.append(question(text=text, subject="Question \x1b[31m\N{RIGHT-TO-LEFT OVERRIDE}"))
    own_servers.append(question(GONE, "May I?\n"))
    own_servers.append(POISON)
    own_servers.append(question(TEAM, "What is this about?\n"))
    said = ksmail("once", folder=folder)
    assert (said.returncode, said.stdout) == (0, ""), said.stderr
    yield folder


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, own_servers: Servers) -> Path:
    return desk(tmp_path_factory.mktemp("empty"), own_servers)


@pytest.fixture
def copy(worked: Path, tmp_path: Path) -> Path:
    """That desk again, for somebody who changes it; without its passwords, which only servers need."""
    folder = tmp_path / "copy"
    shutil.copytree(worked, folder)
    rewrite(folder, f'state_directory = "{worked}"', f'state_directory = "{folder}"')
    return folder


def balance(folder: Path) -> dict[str, int]:
    store = Store.open(StoreSettings(path=folder / "ksmail.db"))
    try:
        with store.reading() as past:
            return {kind.value: count for kind, count in past.balance().items() if count}
    finally:
        store.close()


def raw(folder: Path, number: int) -> bytes:
    store = Store.open(StoreSettings(path=folder / "ksmail.db"))
    try:
        with store.reading() as past:
            return past.raw(number)
    finally:
        store.close()


def listed(ask: Ask, folder: Path, *words: str) -> Any:
    said = ask(*words, "--json", folder=folder)
    assert (said.code, said.err) == (0, "")
    return json.loads(said.out)


# A round


def test_a_round_does_all_there_is(worked: Path, own_servers: Servers) -> None:
    assert balance(worked) == {"ticket": 3, "quarantined": 1, "held": 1}
    assert own_servers.folder("INBOX") == []


@pytest.mark.parametrize("server", ["imap", "smtp"])
def test_a_round_without_a_server_exits_with_one_and_does_the_rest(
    tmp_path: Path, servers: Servers, server: str
) -> None:
    folder = desk(tmp_path / "desk", servers)
    servers.append(question())
    with socket.socket() as nobody:
        nobody.bind((HOST, 0))
        rewrite(folder, f"port = {getattr(servers, f'{server}_port')}", f"port = {nobody.getsockname()[1]}")
        said = ksmail("once", folder=folder)
    assert said.returncode == 1
    assert ("mailbox_unavailable" in said.stderr) == (server == "imap")
    assert balance(folder) == ({} if server == "imap" else {"ticket": 1})
    assert servers.sent == []


# Lists


@pytest.mark.parametrize("words", LISTS)
def test_an_empty_list_is_a_sentence_or_an_empty_document(empty: Path, ask: Ask, words: tuple[str, str]) -> None:
    said = ask(*words, folder=empty)
    assert (said.code, said.err, len(said.out.splitlines())) == (0, "", 1)
    assert said.out.endswith(".\n")
    assert listed(ask, empty, *words) == []


@pytest.mark.parametrize("words", LISTS)
def test_a_list_has_one_line_for_each_and_none_of_them_steers(worked: Path, ask: Ask, words: tuple[str, str]) -> None:
    said = ask(*words, folder=worked)
    entries = listed(ask, worked, *words)
    assert len(said.out.splitlines()) == 2 + len(entries) > 2
    assert "\x1b" not in said.out
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in said.out


KEYS = {
    "tickets": ["reference", "status", "asker", "language", "subject", "received_at", "promised_on", "flags"],
    "outbox": [
        "id", "message_id", "kind", "about", "state", "held", "queued_at", "due_at", "tries", "settled_at",
        "recipients",
    ],
    "quarantine": ["number", "disposition", "received_at", "size", "reason"],
}  # fmt: skip


@pytest.mark.parametrize("what", KEYS)
def test_the_keys_of_a_json_list_stay(worked: Path, ask: Ask, what: str) -> None:
    entry = listed(ask, worked, what, "list")[0]
    assert set(KEYS[what]) <= entry.keys()


def test_json_is_ascii_that_no_terminal_obeys(worked: Path, ask: Ask) -> None:
    out = ask("tickets", "list", "--json", folder=worked).out
    assert out.isascii()
    assert out.replace("\n", "").isprintable()


def test_the_passwords_are_not_needed_to_look(copy: Path, ask: Ask) -> None:
    (copy / "password").unlink()
    for words in (*LISTS, ("promise",), ("migrate",), ("tickets", "show", reference(ask, copy)), ("check", "--live")):
        said = ask(*words, folder=copy)
        assert "password" not in said.err, words
        assert said.code in (0, 1), words


def reference(ask: Ask, folder: Path) -> str:
    return str(listed(ask, folder, "tickets", "list")[-1]["reference"])


def test_a_ticket_is_shown_whole(worked: Path, ask: Ask) -> None:
    said = ask("tickets", "show", reference(ask, worked).lower(), folder=worked)
    assert said.code == 0
    for part in (
        "asker     robin@uni.example",
        "subject   Question",
        "May we do this?",
        "Promises",
        "Letters",
        "History",
    ):
        assert part in said.out
    assert "\x1b" not in said.out


def test_a_ticket_as_json_has_all_its_parts(worked: Path, ask: Ask) -> None:
    shown = listed(ask, worked, "tickets", "show", reference(ask, worked))
    assert list(shown) == ["ticket", "entries", "promises", "history", "letters"]
    assert shown["ticket"]["reference"] == reference(ask, worked)


def test_only_the_tickets_in_one_state(worked: Path, ask: Ask) -> None:
    acknowledged = listed(ask, worked, "tickets", "list", "--status", "acknowledged")
    assert {line["status"] for line in acknowledged} == {"acknowledged"}
    assert len(acknowledged) < len(listed(ask, worked, "tickets", "list"))


# Letters


def test_on_a_small_terminal_no_list_becomes_a_column_of_letters(
    worked: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen.console, "width", 80)
    for words in LISTS:
        shown = ask(*words, folder=worked).out.splitlines()
        assert max(map(len, shown)) <= 80
        assert len(shown) <= 2 + 3 * len(listed(ask, worked, *words)), words


def test_the_outbox_says_what_the_server_said_without_steering(worked: Path, ask: Ask) -> None:
    line = next(line for line in ask("outbox", "list", folder=worked).out.splitlines() if GONE in line)
    assert " bounced 2" in line
    assert "550 5.1.1" in line


def held_letter(ask: Ask, folder: Path) -> dict[str, Any]:
    return next(line for line in listed(ask, folder, "outbox", "list") if line["state"] == "held")


def test_a_held_letter_is_released_once(copy: Path, ask: Ask) -> None:
    number = held_letter(ask, copy)["id"]
    said = ask("outbox", "release", number, folder=copy)
    assert (said.code, said.out) == (0, f"letter {number} will be sent\n")
    again = ask("outbox", "release", number, folder=copy)
    assert (again.code, again.sentence) == (2, f"ksmail: letter {number} does not wait for staff")


# Quarantine


def waiting(ask: Ask, folder: Path) -> int:
    return int(
        next(
            line["number"]
            for line in listed(ask, folder, "quarantine", "list")
            if line["disposition"] == Disposition.QUARANTINED.value
        )
    )


def test_a_mail_in_quarantine_is_shown_with_its_reason(worked: Path, ask: Ask) -> None:
    number = waiting(ask, worked)
    for name in (f"Q-{number}", f"q-{number}", f"{number}"):
        out = ask("quarantine", "show", name, folder=worked).out
        assert out.startswith(f"Q-{number}  quarantined: MIME parts nested more than 50 deep")
        assert "anna@university.example" in out
        assert "\N{REPLACEMENT CHARACTER}" not in out
        assert f"… and {len(POISON) - 4000} octets more" in out
    assert listed(ask, worked, "quarantine", "show", str(number))["number"] == number


def test_a_raw_mail_goes_into_a_pipe_as_it_came(worked: Path, ask: Ask) -> None:
    command = [
        *COMMAND,
        "--config",
        str(worked / "ksmail.toml"),
        "quarantine",
        "show",
        str(waiting(ask, worked)),
        "--raw",
    ]
    said = subprocess.run(command, capture_output=True, env=environment(), timeout=60, check=True)
    assert said.stdout == POISON


def test_a_raw_mail_does_not_go_to_a_terminal(worked: Path, ask: Ask) -> None:
    ours, theirs = pty.openpty()
    command = [
        *COMMAND,
        "--config",
        str(worked / "ksmail.toml"),
        "quarantine",
        "show",
        str(waiting(ask, worked)),
        "--raw",
    ]
    try:
        said = subprocess.run(
            command, stdout=theirs, stderr=subprocess.PIPE, text=True, env=environment(), timeout=60, check=False
        )
        os.set_blocking(ours, False)
        with pytest.raises(BlockingIOError):
            os.read(ours, 1)
    finally:
        os.close(ours)
        os.close(theirs)
    assert said.returncode == 2
    assert said.stderr.startswith("ksmail: a raw mail can harm a terminal")


def test_a_mail_is_judged_again_by_the_next_round_and_its_bytes_stay(copy: Path, ask: Ask) -> None:
    number = waiting(ask, copy)
    said = ask("quarantine", "retry", f"Q-{number}", folder=copy)
    assert (said.code, said.out) == (0, "1 mail will be judged again\n")
    assert balance(copy) == {"ticket": 3, "held": 1, "pending": 1}
    rewrite(copy, "[acknowledge]", "[limits]\ndepth = 200\n[acknowledge]")
    assert ksmail("once", folder=copy).returncode == 0
    assert balance(copy) == {"ticket": 4, "held": 1}
    assert raw(copy, number) == POISON


def test_all_that_waits_is_judged_again(copy: Path, ask: Ask) -> None:
    assert ask("quarantine", "retry", "all", folder=copy).out == "2 mails will be judged again\n"
    assert ask("quarantine", "retry", "all", folder=copy).out == "0 mails will be judged again\n"


def test_a_mail_that_waits_is_explained_as_itself(worked: Path, tmp_path: Path, ask: Ask) -> None:
    held = next(line for line in listed(ask, worked, "quarantine", "list") if line["disposition"] == "held")
    file = tmp_path / "mail.eml"
    file.write_bytes(raw(worked, held["number"]))
    assert f"decision     held: {held['reason']}" in ask("explain", file, folder=worked).out


def test_a_mail_that_became_a_ticket_is_explained_as_a_second_copy(worked: Path, tmp_path: Path, ask: Ask) -> None:
    file = tmp_path / "mail.eml"
    file.write_bytes(raw(worked, 1))
    assert "decision     duplicate: another copy of mail 1" in ask("explain", file, folder=worked).out


# What is not there

LARGE = "9" * 30


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("tickets", "show", "KV-2026-9999"), "there is no ticket KV-2026-9999"),
        (("tickets", "show", "KV-2026-999999999"), "there is no ticket KV-2026-999999999"),
        (("tickets", "show", "42"), "'42' is no ticket number; they look like KV-2026-0042"),
        (("outbox", "release", "999"), "letter 999 does not wait for staff"),
        (("quarantine", "show", "999"), "there is no mail 999"),
        (("quarantine", "show", LARGE), f"'{LARGE[:20]}' is no number of a mail; they look like Q-17"),
        (("quarantine", "show", "x"), "'x' is no number of a mail; they look like Q-17"),
        (("quarantine", "retry", "1"), "mail 1 is not in quarantine"),
        (("quarantine", "retry", "999"), "mail 999 is not in quarantine"),
        (("promise", "--at", "soon"), "--at: 'soon' is no date and time; write 2026-12-23 11:00"),
        (("promise", "--at", "9999-12-31"), "--at: '9999-12-31' is too far away to count working days"),
        (("promise", "--at", ""), "--at: '' is no date and time; write 2026-12-23 11:00"),
        (("once", "--log", "xml"), "--log is json or console"),
    ],
)
def test_what_is_not_there_is_said_in_one_sentence(
    worked: Path, ask: Ask, words: tuple[str, ...], sentence: str
) -> None:
    said = ask(*words, folder=worked)
    assert (said.code, said.out, said.sentence) == (2, "", f"ksmail: {sentence}")


@pytest.mark.parametrize(
    "words", [("outbox", "release", LARGE), ("outbox", "release", "0"), ("tickets", "list", "-n", LARGE)]
)
def test_a_number_beyond_reason_is_a_wrong_use(worked: Path, ask: Ask, words: tuple[str, ...]) -> None:
    said = ask(*words, folder=worked)
    assert said.code == 2
    assert "Invalid value" in said.err
