"""`ksmail keys`: a new key signs, and the old references go on working for a while."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from ksmail.address import Address
from ksmail.capability import Audience
from ksmail.daemon import utc_now
from ksmail.keys import load_keys
from tests.front.conftest import Ask

SETTINGS = """
state_directory = "{folder}"
[desk]
address = "desk@desk.example"
[team]
address = "team@desk.example"
[imap]
host = "imap.desk.example"
[smtp]
host = "smtp.desk.example"
[store]
keys_grace_days = 30
"""
ASKER = Address("ada", "uni.example")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A desk that has started once: it has its first key."""
    (tmp_path / "ksmail.toml").write_text(SETTINGS.format(folder=tmp_path))
    load_keys(tmp_path / "signing.keys")
    return tmp_path


def today() -> date:
    return utc_now().date()


def secrets(folder: Path) -> list[str]:
    return re.findall(r"\b[0-9a-f]{64}\b", (folder / "signing.keys").read_text())


def test_after_a_rotation_a_new_key_signs(folder: Path, ask: Ask) -> None:
    assert ask("keys", "rotate", folder=folder).code == 0
    token = load_keys(folder / "signing.keys").issue("KV-2026-0042", Audience.ASKER, ASKER)
    assert ".k2." in token


def test_older_references_count_until_the_days_of_grace_are_over(folder: Path, ask: Ask) -> None:
    token = load_keys(folder / "signing.keys").issue("KV-2026-0042", Audience.ASKER, ASKER)
    before = today()
    ask("keys", "rotate", folder=folder)
    read = load_keys(folder / "signing.keys").read(token)
    assert read is not None
    assert read.expires in {day + timedelta(days=30) for day in (before, today())}


def test_a_rotation_says_what_happened_and_what_is_left_to_do(folder: Path, ask: Ask) -> None:
    said = ask("keys", "rotate", folder=folder)
    former = load_keys(folder / "signing.keys")._keys[1]
    first, second, third = said.out.splitlines()
    assert first == f"Key k2 signs from now on. What key k1 signed counts until {former.until} (UTC)."
    assert "SIGHUP" in second
    assert "backup" in third


def test_a_rotation_is_one_event_in_the_log(folder: Path, ask: Ask) -> None:
    line = json.loads(ask("keys", "rotate", folder=folder).sentence)
    assert (line["event"], line["level"], line["key"]) == ("keys_rotated", "info", "k2")


def test_the_log_of_a_rotation_can_be_one_for_people(folder: Path, ask: Ask) -> None:
    assert "keys_rotated" in ask("keys", "rotate", "--log", "console", folder=folder).sentence


def test_the_list_has_the_newest_key_first_and_its_last_day(folder: Path, ask: Ask) -> None:
    ask("keys", "rotate", folder=folder)
    former = load_keys(folder / "signing.keys")._keys[1]
    rows = [re.split(r"\s{2,}", line.strip()) for line in ask("keys", "list", folder=folder).out.splitlines()[2:]]
    assert rows == [["k2", "without end; signs new letters"], ["k1", f"until {former.until}"]]


def test_the_list_says_that_a_keys_day_is_past(folder: Path, ask: Ask) -> None:
    past = today() - timedelta(days=1)
    with (folder / "signing.keys").open("a") as file:
        file.write(f"k0 {'ab' * 32} until {past}\n")
    assert f"no longer, since {past}" in ask("keys", "list", folder=folder).out


def test_the_list_as_json_is_one_document(folder: Path, ask: Ask) -> None:
    assert json.loads(ask("keys", "list", "--json", folder=folder).out) == [{"id": "k1", "until": None, "signs": True}]


@pytest.mark.parametrize("words", [("keys", "list"), ("keys", "list", "--json"), ("keys", "rotate")])
def test_no_command_shows_a_secret(folder: Path, ask: Ask, words: tuple[str, ...]) -> None:
    before = secrets(folder)
    said = ask(*words, folder=folder)
    assert said.code == 0
    assert not any(secret in said.out + said.err for secret in (*before, *secrets(folder)))


@pytest.mark.parametrize("what", ["list", "rotate"])
def test_a_desk_without_keys_gets_none_from_being_looked_at(folder: Path, ask: Ask, what: str) -> None:
    (folder / "signing.keys").unlink()
    said = ask("keys", what, folder=folder)
    assert (said.code, said.out) == (2, "")
    assert said.sentence.startswith("ksmail: store.keys_file: there is no signing.keys; ")
    assert not (folder / "signing.keys").exists()


@pytest.mark.parametrize("what", ["list", "rotate"])
def test_a_spoilt_file_of_keys_stays_as_it_is(folder: Path, ask: Ask, what: str) -> None:
    (folder / "signing.keys").write_text("k1 half\n")
    said = ask("keys", what, folder=folder)
    assert (said.code, said.out) == (2, "")
    assert "does not hold signing keys" in said.sentence
    assert (folder / "signing.keys").read_text() == "k1 half\n"


@pytest.mark.parametrize("words", [("keys",), ("keys", "list"), ("keys", "rotate")])
def test_every_help_fits_a_terminal(ask: Ask, words: tuple[str, ...]) -> None:
    said = ask(*words, "--help")
    assert said.code == 0
    assert max(map(len, said.out.splitlines())) <= 80
    assert "..." not in re.sub(r"^Usage:.*", "", said.out)
