"""Tables and revisions agree, and a revision is made whole or not at all."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, event

from ksmail.desk.ticket import Acknowledged, PromiseSettled, PromiseState
from ksmail.errors import ConfigError
from ksmail.outgoing.transport import Sent
from ksmail.reference import Reference
from ksmail.store import revisions
from ksmail.store.columns import Base
from ksmail.store.engine import connect, make_file, transaction
from ksmail.store.store import Store, StoreSettings
from tests.store.facts import NOW, follow_up, letter, open_ticket, take


class Stop(Exception):
    """The test ends the work here."""


def tables(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


def test_the_revisions_make_the_tables_of_the_program(path: Path) -> None:
    engine = connect(path, 1.0)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_the_comparison_would_see_a_difference(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("ALTER TABLE entry DROP COLUMN text")
    engine = connect(path, 1.0)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) != []
    engine.dispose()


def test_migrating_twice_changes_nothing(path: Path) -> None:
    before = tables(path)
    assert Store.migrate(StoreSettings(path=path)) == ("0002", "0002")
    assert tables(path) == before


def test_a_migration_that_fails_leaves_the_old_tables(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    make_file(path)
    engine = connect(path, 1.0)
    with pytest.raises(Stop), transaction(engine, writes=True) as connection:
        revisions.upgrade(connection)
        raise Stop
    engine.dispose()
    assert tables(path) == []


def _migrate_and_die(path: Path, table: str) -> None:
    @event.listens_for(Engine, "before_cursor_execute")
    def _die(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if f"CREATE TABLE {table} " in statement:
            os._exit(9)

    Store.migrate(StoreSettings(path=path))


@pytest.mark.parametrize("table", ["alembic_version", "outbox"])
def test_a_migration_that_is_killed_leaves_the_old_tables_and_can_be_run_again(tmp_path: Path, table: str) -> None:
    path = tmp_path / "desk.db"
    child = multiprocessing.get_context("spawn").Process(target=_migrate_and_die, args=(path, table))
    child.start()
    child.join(60)
    assert child.exitcode == 9
    assert tables(path) == []
    with pytest.raises(ConfigError, match="run `ksmail migrate`"):
        Store.open(StoreSettings(path=path))
    assert Store.migrate(StoreSettings(path=path)) == ("", "0002")


def _at_first_revision(path: Path) -> None:
    """A store as version 0001 of its tables made it."""
    make_file(path)
    engine = connect(path, 1.0)
    with transaction(engine, writes=True) as connection:
        config = revisions._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()


def _fill(old: Path, new: Path) -> None:
    """Every row of a store of today in the columns of the store of then."""
    with closing(sqlite3.connect(old)) as db, db:
        db.execute("ATTACH ? AS new", (str(new),))
        for table in (name for name in tables(old) if name not in ("alembic_version", "sqlite_sequence")):
            columns = ", ".join(f'"{row[1]}"' for row in db.execute(f"PRAGMA main.table_info({table})"))
            db.execute(f"DELETE FROM main.{table}")
            db.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")


def _all_of(path: Path) -> dict[str, object]:
    store = Store.open(StoreSettings(path=path))
    with store.reading() as past:
        found = {
            "tickets": past.tickets(9),
            "dossiers": [past.ticket(line.reference) for line in past.tickets(9)],
            "cases": [past.case(line.reference) for line in past.tickets(9)],
            "letters": past.outbox(9),
            "due": past.due(NOW, 9),
            "pending": past.pending(9),
            "mails": [past.inbound(number) for number in (1, 2, 3, 4)],
            "bytes": [past.raw(number) for number in (1, 2, 3)],
            "counts": past.counts(),
            "broken": past.verify_chain(),
            "head": past.chain_head(),
        }
    store.close()
    return found


@pytest.fixture
def before_and_after(tmp_path: Path, store: Store, path: Path) -> tuple[dict[str, object], dict[str, object]]:
    """What a store says, and what the same rows say that were written by 0001 and migrated."""
    with store.writing() as tx:
        open_ticket(tx, 1, letter("a"), letter("s", "staff_new", "team@desk.example"))
        open_ticket(tx, 2, letter("b", about="KV-2026-0002"))
        tx.start_attempt([1], NOW)
        tx.settle(1, {"jo.de.vries@uni.example": Sent()}, None, NOW, [(Acknowledged("<letter-a@desk.example>"), "")])
        take(tx, 3)
    store.close()
    old = tmp_path / "old" / "desk.db"
    _at_first_revision(old)
    _fill(old, path)
    assert Store.migrate(StoreSettings(path=old)) == ("0001", "0002")
    return _all_of(path), _all_of(old)


def test_a_store_of_0001_reads_the_same_when_it_was_migrated(
    before_and_after: tuple[dict[str, object], dict[str, object]],
) -> None:
    before, after = before_and_after
    assert after == before
    assert after["broken"] is None


def test_open_promises_stay_open(before_and_after: tuple[dict[str, object], dict[str, object]]) -> None:
    cases = before_and_after[1]["cases"]
    assert isinstance(cases, list)
    assert [[given.state for given in case.promises] for case in cases] == [[PromiseState.OPEN]] * 2


def test_a_migrated_store_works_on(tmp_path: Path, before_and_after: object) -> None:
    store = Store.open(StoreSettings(path=tmp_path / "old" / "desk.db"))
    with store.writing() as tx:
        follow_up(tx, 4, Reference("KV", 2026, 1), PromiseSettled(PromiseState.DROPPED))
        open_ticket(tx, 5)
        assert tx.verify_chain() is None
    store.close()


def test_a_migrated_store_has_the_tables_of_the_program(tmp_path: Path, before_and_after: object) -> None:
    test_the_revisions_make_the_tables_of_the_program(tmp_path / "old" / "desk.db")


def test_the_revisions_only_go_forward() -> None:
    scripts = list(revisions._scripts(revisions._config()).walk_revisions())
    assert [script.revision for script in scripts] == ["0002", "0001"]
    assert not any(hasattr(script.module, "downgrade") for script in scripts)
