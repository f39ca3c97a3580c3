"""The command line itself: its help, and what it says when it cannot begin."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ksmail.demo.servers import Servers
from tests.front.conftest import Ask
from tests.front.program import ksmail
from tests.stories.rig import settings

COMMANDS = (
    (), ("run",), ("once",), ("check",), ("explain",), ("promise",), ("migrate",), ("demo",),
    ("tickets",), ("tickets", "list"), ("tickets", "show"), ("outbox",), ("outbox", "list"), ("outbox", "release"),
    ("quarantine",), ("quarantine", "list"), ("quarantine", "show"), ("quarantine", "retry"), ("disclosures",),
    ("simulate",),
    ("promises",), ("figures",), ("digest",), ("clock",),
)  # fmt: skip


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without settings; the machine has none either."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KSMAIL_CONFIG", raising=False)
    return tmp_path


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_help_fits_a_terminal_and_no_list_is_cut_short(words: tuple[str, ...], ask: Ask) -> None:
    said = ask(*words, "--help")
    assert said.code == 0
    assert max(map(len, said.out.splitlines())) <= 80
    assert "..." not in re.sub(r"^Usage:.*", "", said.out)


LOOKED = "no configuration: give --config or KSMAIL_CONFIG, or put it in config/ksmail.toml or /etc/ksmail/ksmail.toml"


@pytest.mark.parametrize(
    "words",
    [("run",), ("once",), ("check",), ("tickets", "list"), ("disclosures", "KV-2026-0001"), ("migrate",), ("promise",)],
)
def test_without_settings_each_command_says_where_it_looked(nowhere: Path, ask: Ask, words: tuple[str, ...]) -> None:
    said = ask(*words)
    assert (said.code, said.out, said.sentence) == (2, "", f"ksmail: {LOOKED}")


def test_settings_that_are_not_there_are_named(nowhere: Path, ask: Ask) -> None:
    said = ask("run", folder=nowhere)
    assert (said.code, said.sentence) == (2, f"ksmail: --config: there is no file {nowhere}/ksmail.toml")


def test_a_command_that_does_not_exist_brings_a_suggestion(ask: Ask) -> None:
    said = ask("tickets", "lst")
    assert (said.code, "Did you mean 'list'?" in said.err) == (2, True)


def test_the_version_is_one_line(ask: Ask) -> None:
    said = ask("--version")
    assert (said.code, said.err) == (0, "")
    assert re.fullmatch(r"ksmail \d+\.\d+\.\d+\n", said.out)


def test_migrate_says_what_it_did_and_does_it_once(tmp_path: Path, servers: Servers, ask: Ask) -> None:
    folder = settings(tmp_path / "desk", servers).file.parent
    (folder / "password").unlink()
    first, second = ask("migrate", folder=folder), ask("migrate", folder=folder)
    assert (first.code, second.code) == (0, 0)
    assert re.fullmatch(r"The database went from nothing to version \d{4}\.\n", first.out)
    assert re.fullmatch(r"The database is at version \d{4}: nothing to do\.\n", second.out)


@pytest.mark.parametrize(
    "words",
    [
        ("tickets", "list"),
        ("clock",),
        ("clock", "--accept"),
        ("outbox", "release", "1"),
        ("quarantine", "retry", "all"),
        ("disclosures", "a@uni.example"),
    ],
)
def test_before_migrate_a_command_says_what_to_do(
    tmp_path: Path, servers: Servers, ask: Ask, words: tuple[str, ...]
) -> None:
    said = ask(*words, folder=settings(tmp_path / "desk", servers).file.parent)
    assert (said.code, said.sentence) == (2, "ksmail: store.database: there is no store yet; run `ksmail migrate`")


def test_run_before_migrate_says_what_to_do(tmp_path: Path, servers: Servers) -> None:
    said = ksmail("run", folder=settings(tmp_path / "desk", servers).file.parent)
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == "ksmail: store.database: there is no store yet; run `ksmail migrate`\n"


def test_a_promise_is_counted_out_day_by_day(tmp_path: Path, servers: Servers, ask: Ask) -> None:
    folder = settings(tmp_path / "desk", servers).file.parent
    said = ask("promise", "--at", "2026-12-23 11:00", folder=folder)
    assert (said.code, said.err) == (0, "")
    days = re.findall(r"^(2026-12-\d\d) +(\w+) +(\d?)", said.out, re.MULTILINE)
    assert [(day[-2:], counted) for day, _, counted in days] == [
        ("23", ""), ("24", "1"), ("25", ""), ("26", ""), ("27", ""), ("28", "2"), ("29", "3"),
    ]  # fmt: skip
    assert "\nPromised: Tuesday 2026-12-29\n" in said.out
