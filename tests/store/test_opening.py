"""Opening, making and refusing a store."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ksmail.errors import ConfigError
from ksmail.store.store import Store, StoreSettings
from tests.store.facts import new_store, open_ticket

OPEN = """
import sys
from pathlib import Path
from ksmail.errors import ConfigError
from ksmail.store.store import Store, StoreSettings
try:
    store = Store.open(StoreSettings(path=Path(sys.argv[1])), exclusive=True)
except ConfigError as error:
    print(error)
else:
    print("opened", flush=True)
    if sys.argv[2] == "hold":
        sys.stdin.read()
    store.close()
"""


def execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(statement)


def refusal(path: Path, call: Callable[[StoreSettings], object] = Store.open) -> str:
    with pytest.raises(ConfigError) as caught:
        call(StoreSettings(path=path))
    return str(caught.value)


def test_a_store_is_made_once_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "desk.db"
    assert Store.migrate(StoreSettings(path=path)) == ("", "0004")
    store = Store.open(StoreSettings(path=path))
    assert store.version() == "0004"
    assert store.size() > 4096
    store.close()


def test_nothing_is_made_by_opening(tmp_path: Path) -> None:
    assert refusal(tmp_path / "desk.db") == "store.database: there is no store yet; run `ksmail migrate`"
    assert list(tmp_path.iterdir()) == []


def test_only_the_owner_can_read_the_files(tmp_path: Path) -> None:
    store = new_store(tmp_path / "desk.db", exclusive=True)
    with store.writing() as tx:
        open_ticket(tx)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    store.close()
    assert modes == dict.fromkeys(
        ("desk.db", "desk.db-wal", "desk.db-shm", "desk.db.lock", "desk.db.exists"), 0o600
    )  # fmt: skip


@pytest.mark.parametrize("call", [Store.open, Store.migrate])
def test_a_store_that_is_gone_is_not_made_again(tmp_path: Path, call: Callable[[StoreSettings], object]) -> None:
    path = tmp_path / "desk.db"
    new_store(path).close()
    path.unlink()
    assert "gone although there was one" in refusal(path, call)
    assert not path.exists()


@pytest.mark.parametrize("call", [Store.open, Store.migrate])
def test_a_store_that_was_emptied_is_refused(tmp_path: Path, call: Callable[[StoreSettings], object]) -> None:
    path = tmp_path / "desk.db"
    new_store(path).close()
    os.truncate(path, 0)
    assert "empty although there was one" in refusal(path, call)


@pytest.mark.parametrize("call", [Store.open, Store.migrate])
@pytest.mark.parametrize("place", [0, 100, 4096])
def test_a_damaged_store_is_refused(path: Path, place: int, call: Callable[[StoreSettings], object]) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        file.write(b"\xa5" * 2000)
    assert refusal(path, call) == "store.database: the store is damaged; put a backup in its place"


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    path.write_text("Dear colleague,\n" * 1000)
    assert "damaged" in refusal(path)
    assert path.read_text().startswith("Dear colleague")


def test_an_older_store_asks_for_a_migration(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    path.touch()
    assert "run `ksmail migrate`" in refusal(path)


@pytest.mark.parametrize("call", [Store.open, Store.migrate])
def test_a_newer_store_is_left_alone(path: Path, call: Callable[[StoreSettings], object]) -> None:
    execute(path, "UPDATE alembic_version SET version_num = '9999'")
    assert "made by a newer ksmail" in refusal(path, call)


def test_a_second_daemon_is_refused_and_told_who_is_first(path: Path) -> None:
    first = Store.open(StoreSettings(path=path), exclusive=True)
    with pytest.raises(ConfigError, match=rf"another ksmail works on this store \(process {os.getpid()}\)"):
        Store.open(StoreSettings(path=path), exclusive=True)
    first.close()
    Store.open(StoreSettings(path=path), exclusive=True).close()


def test_a_migration_under_a_running_daemon_is_refused(path: Path) -> None:
    first = Store.open(StoreSettings(path=path), exclusive=True)
    assert "another ksmail" in refusal(path, Store.migrate)
    first.close()


def test_a_command_may_look_while_the_daemon_works(path: Path) -> None:
    daemon = Store.open(StoreSettings(path=path), exclusive=True)
    command = Store.open(StoreSettings(path=path))
    with daemon.writing() as tx:
        open_ticket(tx)
        with command.reading() as reader:
            assert reader.counts().mails == 0
    with command.reading() as reader:
        assert reader.counts().mails == 1
    command.close()
    daemon.close()


def test_a_second_daemon_in_another_process_is_refused(path: Path) -> None:
    first = Store.open(StoreSettings(path=path), exclusive=True)
    other = subprocess.run([sys.executable, "-c", OPEN, path, "go"], capture_output=True, text=True, check=True)
    first.close()
    assert f"process {os.getpid()}" in other.stdout


def test_the_lock_ends_with_a_killed_process(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OPEN, path, "hold"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "opened\n"
        with pytest.raises(ConfigError, match=rf"process {other.pid}\)"):
            Store.open(StoreSettings(path=path), exclusive=True)
        other.kill()
        other.wait()
        Store.open(StoreSettings(path=path), exclusive=True).close()


FORK = """
import os, sys
from pathlib import Path
from ksmail.store.store import Store, StoreSettings
settings = StoreSettings(path=Path(sys.argv[1]))
store = Store.open(settings, exclusive=True)
began, begin = os.pipe()
ended, end = os.pipe()
if os.fork() == 0:
    os.close(end)
    os.write(begin, b"x")
    os.read(ended, 1)
    os._exit(0)
os.read(began, 1)
store.close()
Store.open(settings, exclusive=True).close()
print("free")
"""


def test_a_forked_worker_does_not_keep_the_lock(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FORK, path], capture_output=True, text=True, check=True)
    assert done.stdout == "free\n"


def test_a_failed_opening_gives_the_lock_back(path: Path) -> None:
    execute(path, "UPDATE alembic_version SET version_num = '9999'")
    for _ in range(2):
        with pytest.raises(ConfigError, match="newer"):
            Store.open(StoreSettings(path=path), exclusive=True)


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1), ("busy_timeout", 1500)],
)
def test_every_connection_is_set_for_safety(path: Path, pragma: str, value: object) -> None:
    store = Store.open(StoreSettings(path=path, busy_timeout=1.5))
    with store.reading() as one, store.reading() as two:
        for reader in (one, two):
            assert reader._db.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
    store.close()


def test_a_backup_that_was_put_back_is_watched_again(path: Path) -> None:
    Store.open(StoreSettings(path=path), exclusive=True).close()
    path.unlink()
    assert "gone although there was one" in refusal(path)


def test_a_store_that_cannot_be_made_is_the_operator_s_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be made" in refusal(tmp_path / "file" / "desk.db", Store.migrate)


def test_a_directory_is_no_store(tmp_path: Path) -> None:
    assert refusal(tmp_path) == "store.database: the store cannot be opened"


def test_a_lock_that_cannot_be_opened_is_the_operator_s_fault(path: Path) -> None:
    path.with_name("desk.db.lock").mkdir()
    with pytest.raises(ConfigError, match="lock file cannot be opened"):
        Store.open(StoreSettings(path=path), exclusive=True)
