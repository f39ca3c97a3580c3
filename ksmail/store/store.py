"""The door of the store: open it, read it, write in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from ksmail.errors import ConfigError
from ksmail.store import revisions
from ksmail.store.chronicle import Chronicle
from ksmail.store.claims import Claimed
from ksmail.store.engine import check, connect, make_file, octets, savepoint, transaction, wipe
from ksmail.store.ledger import Ledger
from ksmail.store.listings import Listings
from ksmail.store.lock import Lock
from ksmail.store.pulse import Pulse
from ksmail.store.sums import Sums

_WHAT_NOW = "put a backup in its place (to begin anew, remove the file that ends in .exists)"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """Where the store is, and how long (seconds) to wait for somebody else's write. One that need not survive a power
    cut (not `durable`) is quicker."""

    path: Path
    busy_timeout: float = 30.0
    durable: bool = True


class Reader(Chronicle, Listings, Sums, Claimed, Pulse):
    """Look-ups in one consistent snapshot."""


class Transaction(Ledger, Reader):
    """Look-ups and records; the records become true together, or not at all."""

    @contextmanager
    def apart(self) -> Iterator[None]:
        """What is done inside is undone alone when it fails, for whoever goes on after an exception. Raises StoreAway:
        nobody may go on after that."""
        with savepoint(self._db):
            yield


class Store:
    """The memory of one desk. Safe to use from several threads; each transaction belongs to one of them."""

    def __init__(self, path: Path, engine: Engine, lock: Lock | None) -> None:
        self._path, self._engine, self._lock = path, engine, lock
        # A daemon that was killed may have destroyed something that still stands in the write-ahead log.
        self._to_wipe = lock is not None

    @classmethod
    def open(cls, settings: StoreSettings, *, exclusive: bool = False) -> Store:
        """Open a store that is there, sound and as old as the program. It is never made here: see `migrate`.

        `exclusive` keeps every other exclusive one, and `migrate`, away until `close` or the end of the process.
        Raises ConfigError, or Unavailable when the disk or another process does not let us look.
        """
        path = settings.path
        if not path.exists():
            raise ConfigError(_missing(path))
        lock = Lock(_beside(path, ".lock")) if exclusive else None
        store = cls(path, connect(path, settings.busy_timeout, durable=settings.durable), lock)
        try:
            check(store._engine)
            revision = store.version()
            _refuse_emptied(path, revision)
            revisions.require_newest(revision)
        except BaseException:
            store.close()
            raise
        if exclusive:
            # A backup that was put back lacks it.
            make_file(_beside(path, ".exists"))
        return store

    @classmethod
    def migrate(cls, settings: StoreSettings) -> tuple[str, str]:
        """Make the store, or bring its tables up to date, whole or not at all. Returns the revision before and after.

        Raises ConfigError: a store that got lost is not made again, one of a newer program is never taken back,
        and one that a daemon works on is left alone.
        """
        path, marker = settings.path, _beside(settings.path, ".exists")
        if not path.exists() and marker.exists():
            raise ConfigError(_missing(path))
        make_file(path)
        store = cls(path, connect(path, settings.busy_timeout, durable=settings.durable), Lock(_beside(path, ".lock")))
        try:
            check(store._engine)
            with transaction(store._engine, writes=True) as connection:
                before = revisions.current(connection)
                _refuse_emptied(path, before)
                revisions.require_known(before)
                revisions.upgrade(connection)
                after = revisions.current(connection)
        finally:
            store.close()
        make_file(marker)
        return before, after

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """A transaction that holds the right to write from its beginning: kept at the end, undone on an exception.

        Raises Unavailable when the disk is full, or another process writes for longer than `busy_timeout`. One inside
        another, in the same thread, waits for itself. What a transaction destroyed is gone from the files when this
        returns, or after a later one if somebody was just reading, or when the store is opened again.
        """
        with transaction(self._engine, writes=True) as connection:
            tx = Transaction(connection)
            yield tx
        self._to_wipe = self._to_wipe or tx.destroys
        if self._to_wipe:
            self._to_wipe = not wipe(self._engine)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """The store as it is at the first look-up, whatever is written meanwhile. Raises Unavailable."""
        with transaction(self._engine, writes=False) as connection:
            yield Reader(connection)

    def try_write(self) -> None:
        """Write a page and keep it, changing nothing. Raises Unavailable when that cannot be done."""
        with transaction(self._engine, writes=True) as connection:
            connection.exec_driver_sql("PRAGMA user_version = 0")  # a number that we do not use; the page is written

    def version(self) -> str:
        """The revision of the tables; "" when there are none."""
        with transaction(self._engine, writes=False) as connection:
            return revisions.current(connection)

    def size(self) -> int:
        """What the store takes on the disk, in octets."""
        return octets(self._path)

    def close(self) -> None:
        """Let go of the files and of the lock. No transaction may be open."""
        self._engine.dispose()
        if self._lock is not None:
            self._lock.release()


def _missing(path: Path) -> str:
    if _beside(path, ".exists").exists():
        return f"store.database: the store is gone although there was one here; {_WHAT_NOW}"
    return "store.database: there is no store yet; run `ksmail migrate`"


def _refuse_emptied(path: Path, revision: str) -> None:
    if not revision and _beside(path, ".exists").exists():
        raise ConfigError(f"store.database: the store is empty although there was one here; {_WHAT_NOW}")


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
