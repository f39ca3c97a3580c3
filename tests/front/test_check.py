"""`ksmail check`: what is well, what is not, and what to do about it."""

from __future__ import annotations

import socket
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ksmail.clock import ACCEPT, Clock
from ksmail.config import load
from ksmail.demo.servers import HOST, Servers
from ksmail.store.store import Store
from tests.desk.test_plausible import BEHIND
from tests.front.conftest import Ask, Said
from tests.front.test_daemon import desk, rewrite
from tests.stories.rig import settings
from tests.stories.test_questions import ask as question


@pytest.fixture
def folder(tmp_path: Path, servers: Servers) -> Path:
    return desk(tmp_path / "desk", servers)


def found(said: Said) -> dict[str, tuple[str, str]]:
    """What was tried: ok or FAIL, and the sentence."""
    lines = [line.split(maxsplit=2) for line in said.out.splitlines()]
    return {what: (how, sentence) for how, what, sentence in lines}


def failed(said: Said) -> dict[str, str]:
    return {what: sentence for what, (how, sentence) in found(said).items() if how != "ok"}


def test_all_is_well(folder: Path, ask: Ask) -> None:
    said = ask("check", folder=folder)
    assert (said.code, said.err, failed(said)) == (0, "", {})
    assert list(found(said)) == ["settings", "orders", "letters", "database", "clock", "IMAP", "SMTP"]


def test_the_mails_and_the_store_stay_as_they_are(folder: Path, servers: Servers, ask: Ask) -> None:
    servers.append(question())
    before = (servers.folder("INBOX"), (folder / "ksmail.db").read_bytes())
    assert "takes our login; 1 mail in INBOX" in ask("check", folder=folder).out
    assert (servers.folder("INBOX"), (folder / "ksmail.db").read_bytes()) == before
    assert servers.sent == []


def test_a_new_desk_is_told_to_migrate_and_gets_no_file(tmp_path: Path, servers: Servers, ask: Ask) -> None:
    folder = settings(tmp_path / "desk", servers).file.parent
    before = sorted(folder.iterdir())
    said = ask("check", folder=folder)
    assert said.code == 1
    assert failed(said) == {"database": "store.database: there is no store yet; run `ksmail migrate`"}
    assert sorted(folder.iterdir()) == before


def test_a_wrong_password_fails_at_both_servers(folder: Path, ask: Ask) -> None:
    (folder / "password").write_text("wrong")
    said = ask("check", folder=folder)
    assert said.code == 1
    assert failed(said).keys() == {"IMAP", "SMTP"}
    assert failed(said)["IMAP"] == "the IMAP server refuses our login"
    assert failed(said)["SMTP"].startswith("535")


def test_servers_that_are_away_fail_and_the_rest_is_tried(folder: Path, servers: Servers, ask: Ask) -> None:
    with socket.socket() as nobody:
        nobody.bind((HOST, 0))
        for port in (servers.imap_port, servers.smtp_port):
            rewrite(folder, f"port = {port}", f"port = {nobody.getsockname()[1]}")
        said = ask("check", folder=folder)
    assert said.code == 1
    assert failed(said) == {"IMAP": "no connection to the IMAP server", "SMTP": "no connection to the SMTP server"}


def test_a_broken_template_is_named(folder: Path, ask: Ask) -> None:
    own = folder / "own" / "nl" / "ack" / "body.txt"
    own.parent.mkdir(parents=True)
    own.write_text("{{ ticket.refrence }}")
    rewrite(folder, "[schedule]", '[letters]\ntemplates = "own"\n[schedule]')
    said = ask("check", folder=folder)
    assert said.code == 1
    assert failed(said).keys() == {"letters"}
    assert "nl/ack/body.txt" in failed(said)["letters"]


def test_a_clock_that_cannot_be_right_is_named_with_what_to_do_until_somebody_accepts_it(
    folder: Path, ask: Ask
) -> None:
    config = load(folder / "ksmail.toml", {}, secrets=False)
    with closing(Store.open(config.store)) as store:
        Clock(store, config.policy.timezone).accept(datetime.now(UTC) + timedelta(days=400))
    said = ask("check", folder=folder)
    assert (said.code, failed(said)) == (1, {"clock": f"{BEHIND}: {ACCEPT}"})
    shown = ask("clock", folder=folder)
    assert (shown.code, shown.out.splitlines()[-1]) == (1, f"{BEHIND}: {ACCEPT}")
    accepted = ask("clock", "--accept", folder=folder)
    assert (accepted.code, accepted.out.splitlines()[-1]) == (0, "The clock can be right.")
    assert failed(ask("check", folder=folder)) == {}


def test_what_is_known_of_the_time_is_shown(folder: Path, ask: Ask) -> None:
    said = ask("clock", folder=folder)
    assert (said.code, said.err) == (0, "")
    assert [line[13:].strip() for line in said.out.splitlines()[1:4]] == ["never"] * 3


def test_a_border_vouches_for_orders(folder: Path, ask: Ask) -> None:
    how, sentence = found(ask("check", folder=folder))["orders"]
    assert (how, sentence) == ("ok", "mx.desk.example has to say that a mail of staff is genuine (trust.authserv_id)")


def test_without_a_border_orders_need_confirmation_and_that_is_no_fault(folder: Path, ask: Ask) -> None:
    rewrite(folder, 'authserv_id = "mx.desk.example"', 'authserv_id = ""')
    said = ask("check", folder=folder)
    how, sentence = found(said)["orders"]
    assert (said.code, how) == (0, "ok")
    assert sentence.startswith("will need confirmation: without trust.authserv_id ")


def test_a_desk_without_staff_is_told_that_nobody_can_order_anything(folder: Path, ask: Ask) -> None:
    file = folder / "ksmail.toml"
    settings = file.read_text()
    start = settings.index("[[staff]]")
    end = settings.find("\n[", start + 1)
    file.write_text(settings[:start] + (settings[end:] if end > 0 else ""))
    said = ask("check", folder=folder)
    assert (said.code, found(said)["orders"]) == (0, ("ok", "nobody can give any: the list of [[staff]] is empty"))


def test_a_missing_password_is_one_sentence(folder: Path, ask: Ask) -> None:
    (folder / "password").unlink()
    said = ask("check", folder=folder)
    assert (said.code, said.out) == (2, "")
    assert said.sentence.startswith("ksmail: imap.password_file: the file cannot be read")


def test_a_desk_that_never_ran_is_not_alive(folder: Path, ask: Ask) -> None:
    said = ask("check", "--live", folder=folder)
    assert (said.code, said.out) == (1, "not well\n")
    assert said.sentence == "no health file: the daemon has not started"


def relay(folder: Path, servers: Servers, password: str) -> None:
    secret = folder / "relay-password"
    secret.touch(0o600)
    secret.write_text(password)
    section = (
        f'host = "localhost"\nport = {servers.smtp_port}\nca_file = "{servers.ca_file}"\nuser = "{servers.user}"\n'
    )
    file = folder / "ksmail.toml"
    file.write_text(f'{file.read_text()}\n[alarm_relay]\n{section}password_file = "relay-password"\n')


def test_the_second_way_for_alarms_is_tried_when_there_is_one(folder: Path, servers: Servers, ask: Ask) -> None:
    relay(folder, servers, servers.password)
    said = ask("check", folder=folder)
    assert (said.code, found(said)["relay"]) == (0, ("ok", "takes our login"))
    assert servers.sent == []


def test_a_second_way_that_refuses_us_fails(folder: Path, servers: Servers, ask: Ask) -> None:
    relay(folder, servers, "wrong")
    said = ask("check", folder=folder)
    assert said.code == 1
    assert failed(said).keys() == {"relay"}
