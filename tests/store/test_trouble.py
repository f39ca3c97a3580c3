"""Full disks, busy neighbours, killed processes: nothing is lost and nothing is half done."""

from __future__ import annotations

import multiprocessing
import os
import random
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from ksmail.errors import StoreAway, Unavailable
from ksmail.outgoing.transport import Sent
from ksmail.store.store import Store, StoreSettings
from tests.store.facts import NOW, letter, mail, open_ticket, take

SPAWN = multiprocessing.get_context("spawn")


def noise(size: int) -> bytes:
    """Bytes that no compression makes smaller; the same ones every time."""
    return random.Random(size).randbytes(size)


def _run(target: Callable[..., None], *args: object) -> int | None:
    child = SPAWN.Process(target=target, args=args)
    child.start()
    child.join(120)
    return child.exitcode


def _take_and_die(path: Path) -> None:
    store = Store.open(StoreSettings(path=path))
    with store.writing() as tx:
        open_ticket(tx, 1, letter())
        os._exit(9)


def test_a_process_killed_before_its_commit_leaves_nothing(path: Path) -> None:
    assert _run(_take_and_die, path) == 9
    store = Store.open(StoreSettings(path=path))
    with store.reading() as reader:
        counts = reader.counts()
        assert (counts.mails, counts.history, reader.outbox(9)) == (0, 0, [])
        assert reader.verify_chain() is None
    store.close()


def _commit_and_die(path: Path) -> None:
    store = Store.open(StoreSettings(path=path))
    with store.writing() as tx:
        open_ticket(tx, 1, letter())
    os._exit(9)


def test_a_process_killed_after_its_commit_leaves_everything(path: Path) -> None:
    assert _run(_commit_and_die, path) == 9
    store = Store.open(StoreSettings(path=path))
    with store.reading() as reader:
        assert (reader.counts().mails, len(reader.outbox(9))) == (1, 1)
        assert reader.verify_chain() is None
    store.close()


def _hold(path: Path, pipe: Connection) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        pipe.send("locked")
        pipe.recv()


def test_a_neighbour_who_keeps_the_lock_makes_us_wait_and_then_say_so(path: Path) -> None:
    here, there = SPAWN.Pipe()
    child = SPAWN.Process(target=_hold, args=(path, there))
    child.start()
    assert here.recv() == "locked"
    store = Store.open(StoreSettings(path=path, busy_timeout=0.1))
    with pytest.raises(Unavailable, match="another process keeps the store locked"), store.writing() as tx:
        take(tx)
    with store.reading() as reader:
        assert reader.counts().mails == 0
    here.send("go")
    child.join(60)
    with store.writing() as tx:
        take(tx)
    store.close()


def test_a_reader_never_stops_a_writer(path: Path) -> None:
    store = Store.open(StoreSettings(path=path, busy_timeout=0.1))
    with store.reading() as reader:
        assert reader.counts().mails == 0
        with store.writing() as tx:
            open_ticket(tx)
    store.close()


def test_a_writer_that_read_first_is_not_refused_on_the_way_up(path: Path) -> None:
    one = Store.open(StoreSettings(path=path, busy_timeout=0.1))
    with one.writing() as tx:
        assert tx.next_reference("KV", 2026).number == 1
        with pytest.raises(Unavailable), one.writing():
            pass
        open_ticket(tx)
    one.close()


def test_a_full_disk_stops_the_round_and_nothing_is_half_written(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter())
        pages = tx._db.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx._db.exec_driver_sql(f"PRAGMA max_page_count = {pages + 5}")
    with pytest.raises(Unavailable, match="disk of the store is full"), store.writing() as tx:
        open_ticket(tx, 2, letter("2"))
        tx.receive([mail(3, noise(200_000))], NOW)
    with store.reading() as reader:
        assert (reader.counts().mails, len(reader.outbox(9))) == (1, 1)
        assert reader.next_reference("KV", 2026).number == 2
        assert reader.verify_chain() is None
    with store.writing() as tx:
        tx._db.exec_driver_sql("PRAGMA max_page_count = 1000000")
        open_ticket(tx, 2, letter("2"))
        assert tx.receive([mail(3, noise(200_000))], NOW) == 1


def _write_past_a_limit(path: Path) -> None:
    # A file that may not grow is what a full disk looks like from inside; unlike a pragma, it also hits the log.
    store = Store.open(StoreSettings(path=path))
    with store.writing() as tx:
        open_ticket(tx, 1, letter())
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (store.size() + 50_000, hard))
    with pytest.raises(Unavailable), store.writing() as tx:
        tx.receive([mail(2, noise(5_000_000))], NOW)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    with store.writing() as tx:
        open_ticket(tx, 2, letter("2"))
        assert tx.receive([mail(3, noise(5_000_000))], NOW) == 1
    with store.reading() as reader:
        assert reader.raw(3) == noise(5_000_000)
        assert reader.verify_chain() is None
    store.close()


def test_a_file_that_cannot_grow_is_survived(path: Path) -> None:
    assert _run(_write_past_a_limit, path) == 0


def test_damage_that_comes_later_stops_the_round(path: Path) -> None:
    store = Store.open(StoreSettings(path=path))
    with store.writing() as tx:
        tx.receive([mail(1, noise(500_000))], NOW)
    store._engine.dispose()  # the next connection has nothing in memory
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xa5" * (size - 8192))
    with pytest.raises(Unavailable, match="the store is damaged"), store.writing() as tx:
        open_ticket(tx, 2)
    store.close()


def test_a_fault_of_ours_is_not_called_unavailable(store: Store) -> None:
    with pytest.raises(IntegrityError), store.writing() as tx:
        tx._db.exec_driver_sql("INSERT INTO counter (prefix, year) VALUES ('KV', 2026)")


def test_error_texts_hold_nobody_s_words(store: Store) -> None:
    with pytest.raises(IntegrityError) as caught, store.writing() as tx:
        tx._db.exec_driver_sql("INSERT INTO counter (prefix, year) VALUES (?, 2026)", ("secret words",))
    assert "secret words" not in str(caught.value)


def _allocate(path: Path, first: int, each: int) -> None:
    store = Store.open(StoreSettings(path=path))

    def one(uid: int) -> None:
        with store.writing() as tx:
            open_ticket(tx, uid, letter(str(uid)))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(first, first + each)))
    store.close()


def test_processes_and_threads_share_the_numbers_without_a_gap(path: Path) -> None:
    children = [SPAWN.Process(target=_allocate, args=(path, first, 40)) for first in (100, 200)]
    for child in children:
        child.start()
    for child in children:
        child.join(120)
    assert [child.exitcode for child in children] == [0, 0]
    store = Store.open(StoreSettings(path=path))
    with store.reading() as reader:
        numbers = sorted(line.reference.number for line in reader.tickets(999))
        assert numbers == list(range(1, 81))
        assert reader.next_reference("KV", 2026).number == 81
        assert reader.verify_chain() is None
    store.close()


def test_settling_from_many_threads_loses_nothing(store: Store) -> None:

    with store.writing() as tx:
        open_ticket(tx, 1, *[letter(str(n)) for n in range(40)])
        due = tx.due(NOW, 99)
        tx.start_attempt([queued.id for queued in due], NOW)

    def one(number: int) -> None:
        with store.writing() as tx:
            tx.settle(number, {"jo.de.vries@uni.example": Sent()}, None, NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, [queued.id for queued in due]))
    with store.reading() as reader:
        assert {line.state.value for line in reader.outbox(99)} == {"sent"}
        assert reader.verify_chain() is None


def test_opening_needs_no_other_process_to_be_quiet(path: Path) -> None:
    script = "import sys; from pathlib import Path; from ksmail.store.store import Store, StoreSettings as S;"
    script += "Store.open(S(path=Path(sys.argv[1]), busy_timeout=0.1)).close(); print('open')"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    assert done.stdout == "open\n"


# A part of a transaction.


def test_a_part_that_fails_is_undone_alone(store: Store) -> None:
    with store.writing() as tx:
        take(tx, 1)
        with pytest.raises(ZeroDivisionError), tx.apart():
            take(tx, 2)
            raise ZeroDivisionError
        with tx.apart():
            take(tx, 3)
    with store.reading() as past:
        assert [mail.key.uid for mail in past.pending(9)] == [1, 3]


def test_a_part_that_the_database_refuses_is_undone_alone_and_the_refusal_is_ours(store: Store) -> None:
    with store.writing() as tx:
        take(tx, 1)
        with pytest.raises(IntegrityError), tx.apart():
            take(tx, 2)
            tx._db.exec_driver_sql("INSERT INTO mailbox SELECT * FROM mailbox")
        take(tx, 3)
    with store.reading() as past:
        assert [mail.key.uid for mail in past.pending(9)] == [1, 3]


def test_a_disk_that_is_full_in_a_part_ends_the_whole(store: Store) -> None:
    with pytest.raises(StoreAway, match="full"), store.writing() as tx:
        take(tx, 1)
        with tx.apart():
            take(tx, 2)
            pages = tx._db.exec_driver_sql("PRAGMA page_count").scalar()
            tx._db.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            tx._db.exec_driver_sql("CREATE TABLE more AS SELECT zeroblob(10000000)")
    with store.reading() as past:
        assert past.pending(9) == []
