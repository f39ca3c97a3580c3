"""The database underneath: what differs from one product to the next."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ksmail.errors import ConfigError, StoreAway

# FULL: a commit that returned survives a power cut, also in WAL mode. foreign_keys is off by default, and whether
# deleted text is overwritten depends on how the library was built.
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
_HASTY = ("synchronous=OFF",)

# Primary result codes that are the machine's or the neighbour's fault. Everything else is a bug of ours.
_UNAVAILABLE = {
    sqlite3.SQLITE_BUSY: "another process keeps the store locked",
    sqlite3.SQLITE_LOCKED: "another process keeps the store locked",
    sqlite3.SQLITE_PROTOCOL: "another process keeps the store locked",
    sqlite3.SQLITE_FULL: "the disk of the store is full",
    sqlite3.SQLITE_IOERR: "the disk of the store gives errors",
    sqlite3.SQLITE_CANTOPEN: "the store cannot be opened",
    sqlite3.SQLITE_READONLY: "the store cannot be written",
    sqlite3.SQLITE_PERM: "the store may not be opened",
    sqlite3.SQLITE_NOMEM: "there is no memory left for the store",
    sqlite3.SQLITE_CORRUPT: "the store is damaged",
    sqlite3.SQLITE_NOTADB: "the store is damaged",
}
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_FORBIDDEN = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)


def connect(path: Path, busy_timeout: float, *, durable: bool = True) -> Engine:
    """An engine for one SQLite file that must exist; `busy_timeout` in seconds. Connections may go between threads.

    Without `durable` nobody waits for the disk: for a store that goes with the process."""
    engine = create_engine(
        "sqlite+pysqlite://",
        creator=lambda: _connection(path, busy_timeout, _PRAGMAS if durable else (*_PRAGMAS, *_HASTY)),
        poolclass=QueuePool,
        pool_timeout=busy_timeout,
        max_overflow=32,
        # An error text must not carry people's words into a log.
        hide_parameters=True,
    )
    event.listen(engine, "begin", _begin)
    return engine


def _connection(path: Path, busy_timeout: float, pragmas: Sequence[str]) -> sqlite3.Connection:
    # mode=rw: only `ksmail migrate` makes a file. isolation_level=None: the module itself never begins a transaction,
    # so that a writing one can take its lock first and is never refused on the way up from reading.
    address = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(address, uri=True, timeout=busy_timeout, isolation_level=None, check_same_thread=False)
    try:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").close()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def transaction(engine: Engine, *, writes: bool) -> Iterator[Connection]:
    """One transaction: kept at the end, undone on an exception. Raises StoreAway for what the machine does to it."""
    try:
        with engine.connect().execution_options(writes=writes) as connection, connection.begin():
            yield connection
    except DBAPIError as error:
        reason = _UNAVAILABLE.get(_code(error))
        if reason is None:
            raise
        raise StoreAway(reason) from error
    except PoolTimeout as error:
        raise StoreAway("too many tasks use the store at once") from error


@contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """A part of a transaction that is kept whole, or undone alone on an exception.

    Raises StoreAway for what the machine does to it. Then the whole transaction must end: SQLite may have undone all of
    it already, and would keep each later statement by itself.
    """
    nested = connection.begin_nested()
    try:
        yield
        nested.commit()
    except StoreAway:
        raise
    except Exception as error:
        reason = _UNAVAILABLE.get(_code(error)) if isinstance(error, DBAPIError) else None
        if reason is not None:
            raise StoreAway(reason) from error
        nested.rollback()
        raise


def check(engine: Engine) -> None:
    """Look whether the file is sound. Raises ConfigError when it is damaged or not ours to open, or StoreAway."""
    try:
        with engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    except DBAPIError as error:
        code = _code(error)
        if code in _FORBIDDEN:
            raise ConfigError(f"store.database: {_UNAVAILABLE[code]}") from error
        if code not in _DAMAGED:
            raise StoreAway(_UNAVAILABLE.get(code, "the store cannot be opened")) from error
        found = "damaged"
    if found != "ok":
        raise ConfigError("store.database: the store is damaged; put a backup in its place")


def wipe(engine: Engine) -> bool:
    """Move everything that was written into its place and empty the write-ahead log, in which overwritten and deleted
    pages live on. False when somebody's reading, or the disk, kept us from it for a second."""
    connection = engine.raw_connection()
    cursor = connection.cursor()
    try:
        (patience,) = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute("PRAGMA busy_timeout = 1000")
        busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {int(patience)}")
    except sqlite3.Error:
        connection.invalidate()
        return False
    finally:
        connection.close()
    return not busy


def octets(path: Path) -> int:
    """What the store takes on the disk, with what was written and not yet moved into place."""
    files = (path, path.with_name(path.name + "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def make_file(path: Path) -> None:
    """An empty file that only we can read; its companions get the same rights. One that is there is left alone.

    Raises ConfigError when it cannot be made.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise ConfigError(f"store.database: a file of the store cannot be made ({error.strerror})") from error


def _code(error: DBAPIError) -> int:
    code: Any = getattr(error.orig, "sqlite_errorcode", 0)
    return int(code) & 0xFF
