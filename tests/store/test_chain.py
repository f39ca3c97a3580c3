"""A history that was touched shows it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from ksmail.desk.arrival import Disposition
from ksmail.store.chain import START, End, Link, forge, verify
from ksmail.store.store import Store
from ksmail.store.values import Broken
from tests.store.facts import NOW, letter, open_ticket, settle_as, take


@pytest.fixture
def full(store: Store) -> Store:
    """Three tickets and two ticketless mails: seventeen links."""
    with store.writing() as tx:
        for uid in (1, 2, 3):
            open_ticket(tx, uid, letter(str(uid)))
        settle_as(tx, take(tx, 4), Disposition.AUTOMATIC)
        settle_as(tx, take(tx, 5), Disposition.OWN)
    return store


def broken(store: Store, path: Path, *statements: str) -> Broken | None:
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement)
    with store.reading() as reader:
        return reader.verify_chain()


def test_an_untouched_history_verifies(full: Store, path: Path) -> None:
    assert broken(full, path, "SELECT 1") is None


def test_an_empty_history_verifies_and_has_a_head(store: Store) -> None:
    with store.reading() as reader:
        assert reader.verify_chain() is None
        assert reader.chain_head() == START


def test_every_record_moves_the_head(store: Store) -> None:
    heads = set()
    for uid in (1, 2, 3):
        with store.writing() as tx:
            open_ticket(tx, uid)
            heads.add(tx.chain_head())
    assert len(heads) == 3


@pytest.mark.parametrize(
    "column", ["because", "actor", "change", "digest", "hash", "previous", "at", "ticket", "mail", "id"]
)
def test_an_edit_is_found_at_its_row(full: Store, path: Path, column: str) -> None:
    other = {
        "ticket": "'KV-2026-0003'",
        "mail": "3",
        "id": "99",
        "at": "'2026-06-01 06:15:00.123457'",
        "change": """'{"type":"Flagged","flag":"colleague","detail":""}'""",
    }.get(column, "'x'")
    found = broken(full, path, f"UPDATE history SET {column} = {other} WHERE id = 7")
    assert found is not None
    assert found.row == 7


def test_an_edit_with_a_matching_digest_is_found(full: Store, path: Path) -> None:
    found = broken(
        full, path, "UPDATE history SET change = (SELECT change FROM history WHERE id = 2),"
        " digest = (SELECT digest FROM history WHERE id = 2) WHERE id = 7",
    )  # fmt: skip
    assert found == Broken(7, "the row is not what was recorded")


def test_a_deleted_row_is_found(full: Store, path: Path) -> None:
    assert broken(full, path, "DELETE FROM history WHERE id = 5") == Broken(5, "a row is missing here")


def test_a_deleted_row_is_found_when_the_others_move_up(full: Store, path: Path) -> None:
    found = broken(
        full, path, "DELETE FROM history WHERE id = 5", "UPDATE history SET id = -(id - 1) WHERE id > 5",
        "UPDATE history SET id = -id WHERE id < 0",
    )  # fmt: skip
    assert found == Broken(5, "the row does not follow the row before it")


def test_two_rows_that_changed_places_are_found(full: Store, path: Path) -> None:
    swap = [f"UPDATE history SET id = {to} WHERE id = {was}" for was, to in ((6, 100), (7, 6), (100, 7))]
    found = broken(full, path, *swap)
    assert found is not None
    assert found.row == 6


def test_a_cut_tail_is_found(full: Store, path: Path) -> None:
    assert broken(full, path, "DELETE FROM history WHERE id > 14") == Broken(15, "rows are missing at the end")


def test_a_cut_tail_is_found_by_its_ticket_when_the_head_was_moved_too(full: Store, path: Path) -> None:
    found = broken(
        full, path, "DELETE FROM history WHERE id > 13",
        "UPDATE chain SET length = 13, head = (SELECT hash FROM history WHERE id = 13)",
    )  # fmt: skip
    assert found == Broken(13, "KV-2026-0003 should have another history")


def test_a_whole_history_that_is_gone_is_found(full: Store, path: Path) -> None:
    assert broken(full, path, "DELETE FROM history") == Broken(1, "rows are missing at the end")


def test_a_missing_head_is_found(full: Store, path: Path) -> None:
    assert broken(full, path, "DELETE FROM chain") == Broken(18, "rows are missing at the end")


def test_an_added_row_is_found(full: Store, path: Path) -> None:
    columns = "ticket, at, actor, mail, because, change, digest, previous, hash"
    found = broken(full, path, f"INSERT INTO history SELECT 18, {columns} FROM history WHERE id = 17")
    assert found == Broken(18, "the row does not follow the row before it")


def test_the_hash_does_not_depend_on_the_time_zone() -> None:
    link = Link(id=0, ticket=None, at=NOW, actor="ksmail", mail=None, because="", change="{}")
    elsewhere = replace(link, at=NOW.astimezone(timezone(timedelta(hours=2))))
    assert forge(End(), link)[0].hash == forge(End(), elsewhere)[0].hash


def test_the_text_of_a_change_can_go_and_the_hashes_after_it_stay() -> None:
    link = Link(id=0, ticket=None, at=NOW, actor="ksmail", mail=None, because="", change="{}")
    first, end = forge(End(), link)
    second, end = forge(end, link)
    found = verify([replace(first, change=""), second], end, {})
    assert found == Broken(1, "the change is not what was recorded")
    assert verify([first, second], end, {}) is None
