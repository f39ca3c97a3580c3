"""Tables and revisions agree, and a revision is made whole or not at all."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, event

from ksmail.errors import ConfigError
from ksmail.store import revisions
from ksmail.store.columns import Base
from ksmail.store.engine import connect, make_file, transaction
from ksmail.store.store import Store, StoreSettings


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
