"""`ksmail disclosures`: what left the desk about a ticket, or to an address."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ksmail.demo.servers import Servers
from ksmail.outgoing.mail import Carries
from ksmail.outgoing.transport import Sent, Uncertain
from ksmail.store.store import Store
from tests.front.conftest import Ask
from tests.front.test_daemon import rewrite
from tests.store.facts import letter, open_ticket
from tests.stories.rig import settings

ASKER, PAT, STAFF, TEAM = "jo@uni.example", "Pat@ministry.example", "sam@agency.example", "team@desk.example"
ASKED_ON = datetime(2026, 6, 1, 22, 30, tzinfo=UTC)  # half past twelve at night at the desk
ANSWERED_ON = datetime(2026, 6, 9, 8, 0, tzinfo=UTC)
FILES = ("ab" * 32, "cd" * 32)
COLUMNS = ["number", "at", "ticket", "kind", "recipient", "message_id", "sha256", "identity", "files", "by", "certain"]

LETTERS = (
    letter("1", "ack", ASKER),
    letter("2", "partner_request", PAT, carries=Carries(by=STAFF, identity=True, files=FILES)),
    letter("3", "partner_request", "liaison@other.example", carries=Carries(by=STAFF, files=FILES[:1])),
    letter("4", "staff_new", TEAM),
    letter("5", "answer", ASKER, carries=Carries(by=STAFF), orderable=True),
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, own_servers: Servers) -> Path:
    """A desk that acknowledged, asked two partners, and answered; who knows whether that arrived. And a second question
    about which nothing has left."""
    config = settings(tmp_path_factory.mktemp("desk"), own_servers)
    Store.migrate(config.store)
    store = Store.open(config.store)
    with closing(store), store.writing() as tx:
        open_ticket(tx, 1, *LETTERS)
        open_ticket(tx, 2)
        tx.start_attempt(range(1, 6), ASKED_ON)
        for number, mail in enumerate(LETTERS, start=1):
            (to,) = mail.recipients
            answer = mail.kind == "answer"
            outcome = Uncertain("the connection broke") if answer else Sent()
            tx.settle(number, {to: outcome}, None, ANSWERED_ON if answer else ASKED_ON)
    return config.file.parent


def rows(out: str) -> list[list[str]]:
    """The cells of the table."""
    title, head, *lines = [line for line in out.splitlines() if line.strip()]
    assert title.strip() == "Disclosures"
    starts = [head.index(name) for name in ("when", "ticket", "letter", "ordered by", "sha-256", "to ", "with")]
    spans = zip(starts, [*starts[1:], None], strict=True)
    places = [slice(start, end) for start, end in spans]
    return [[line[place].strip() for place in places] for line in lines]


def listed(ask: Ask, folder: Path, what: str) -> list[dict[str, Any]]:
    said = ask("disclosures", what, "--json", folder=folder)
    assert (said.code, said.err) == (0, "")
    found: list[dict[str, Any]] = json.loads(said.out)
    return found


def short(at: int) -> str:
    return hashlib.sha256(LETTERS[at].raw).hexdigest()[:16]


def test_a_ticket_has_a_line_for_each_letter_that_left(told: Path, ask: Ask) -> None:
    said = ask("disclosures", "KV-2026-0001", folder=told)
    assert (said.code, said.err) == (0, "")
    found = rows(said.out)
    assert [row[1:] for row in found] == [
        ["KV-2026-0001", "ack", "ksmail", short(0), ASKER, "words only"],
        ["KV-2026-0001", "partner_request", STAFF, short(1), PAT, "who asks, 2 files"],
        ["KV-2026-0001", "partner_request", STAFF, short(2), "liaison@other.example", "1 file"],
        ["KV-2026-0001", "answer (perhaps)", STAFF, short(4), ASKER, "words only"],
    ]


def test_the_time_is_that_of_the_desk(told: Path, ask: Ask) -> None:
    first, *_, last = rows(ask("disclosures", "KV-2026-0001", folder=told).out)
    assert (first[0], last[0]) == ("2026-06-02 00:30", "2026-06-09 10:00")


@pytest.mark.parametrize("what", [PAT, "pat@MINISTRY.example", "PAT+tag@ministry.example"])
def test_an_address_has_a_line_for_each_letter_that_it_got(told: Path, ask: Ask, what: str) -> None:
    said = ask("disclosures", what, folder=told)
    assert (said.code, said.err) == (0, "")
    assert [row[1:] for row in rows(said.out)] == [
        ["KV-2026-0001", "partner_request", STAFF, short(1), PAT, "who asks, 2 files"]
    ]


@pytest.mark.parametrize("what", ["KV-2026-0001", "kv-2026-0001"])
def test_a_number_is_understood_as_people_write_it(told: Path, ask: Ask, what: str) -> None:
    said = ask("disclosures", what, folder=told)
    assert (said.code, len(rows(said.out))) == (0, 4)


def test_a_machine_gets_all_of_it_without_shortening(told: Path, ask: Ask) -> None:
    found = listed(ask, told, PAT)
    assert [list(line) for line in found] == [COLUMNS]
    assert found[0] | {"number": 0} == {
        "number": 0,
        "at": "2026-06-01T22:30:00+00:00",
        "ticket": "KV-2026-0001",
        "kind": "partner_request",
        "recipient": PAT,
        "message_id": "<letter-2@desk.example>",
        "sha256": hashlib.sha256(LETTERS[1].raw).hexdigest(),
        "identity": True,
        "files": list(FILES),
        "by": STAFF,
        "certain": True,
    }


def test_a_machine_is_told_what_perhaps_arrived(told: Path, ask: Ask) -> None:
    found = listed(ask, told, "KV-2026-0001")
    assert [line["certain"] for line in found] == [True, True, True, False]
    assert [line["by"] for line in found] == ["", STAFF, STAFF, STAFF]


@pytest.mark.parametrize("what", ["KV-2026-0002", "nobody@ministry.example", TEAM])
def test_where_nothing_left_a_sentence_says_so(told: Path, ask: Ask, what: str) -> None:
    said = ask("disclosures", what, folder=told)
    assert (said.code, said.out, said.err) == (0, "Nothing left the desk.\n", "")
    assert listed(ask, told, what) == []


@pytest.mark.parametrize("how", [(), ("--json",)])
def test_a_number_that_no_ticket_has_is_no_proof_that_nothing_left(told: Path, ask: Ask, how: tuple[str, ...]) -> None:
    said = ask("disclosures", "kv-2026-9999", *how, folder=told)
    assert (said.code, said.out, said.sentence) == (2, "", "ksmail: there is no ticket KV-2026-9999")


@pytest.mark.parametrize("what", ["ministry.example", "KV-2026", "42", "Q-17", ""])
@pytest.mark.parametrize("how", [(), ("--json",)])
def test_what_is_neither_a_ticket_nor_an_address_is_refused_with_one_sentence(
    told: Path, ask: Ask, what: str, how: tuple[str, ...]
) -> None:
    said = ask("disclosures", what, *how, folder=told)
    assert (said.code, said.out) == (2, "")
    assert said.sentence == "ksmail: a ticket has a number such as KV-2026-0042, and an address has an @"


def test_without_a_word_nothing_is_shown(told: Path, ask: Ask) -> None:
    said = ask("disclosures", folder=told)
    assert (said.code, said.out) == (2, "")
    assert "Missing argument 'REF|ADDRESS'" in said.err


def test_what_a_stranger_called_himself_does_not_steer_a_terminal(tmp_path: Path, servers: Servers, ask: Ask) -> None:
    config = settings(tmp_path / "desk", servers)
    Store.migrate(config.store)
    store = Store.open(config.store)
    odd = '"\x1b[31m"@uni.example'
    with closing(store), store.writing() as tx:
        open_ticket(tx, 1, letter("1", "ack", odd))
        tx.start_attempt([1], ASKED_ON)
        tx.settle(1, {odd: Sent()}, None, ASKED_ON)
    said = ask("disclosures", "KV-2026-0001", folder=config.file.parent)
    assert said.code == 0
    assert "\x1b" not in said.out
    assert "\N{REPLACEMENT CHARACTER}[31m" in said.out


def test_looking_changes_nothing(told: Path, ask: Ask) -> None:
    before = listed(ask, told, "KV-2026-0001")
    ask("disclosures", PAT, folder=told)
    assert listed(ask, told, "KV-2026-0001") == before


def test_the_check_notices_a_line_that_was_taken_out(told: Path, tmp_path: Path, ask: Ask) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(told, folder)
    rewrite(folder, f'state_directory = "{told}"', f'state_directory = "{folder}"')
    number = listed(ask, folder, PAT)[0]["number"]
    with closing(sqlite3.connect(next(folder.glob("*.db")))) as db, db:
        db.execute("DELETE FROM history WHERE id = ?", (number,))
    said = ask("check", folder=folder)
    assert said.code != 0
    assert "a row is missing here" in said.out + said.err
