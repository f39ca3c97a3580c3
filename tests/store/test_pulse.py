"""What whoever watches the desk asks the store every minute."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ksmail.desk.arrival import Disposition
from ksmail.desk.letter import LetterKind
from ksmail.errors import StoreAway
from ksmail.store.happenings import Failed
from ksmail.store.records import OURSELVES, Cause, Happened
from ksmail.store.store import Store, Transaction
from ksmail.store.values import Backlog, Probe
from tests.store.facts import DAY, NOW, letter, message, new_store, open_ticket, settle_as, take

MINUTE = timedelta(minutes=1)


def send_probe(tx: Transaction, name: str, at: timedelta = timedelta(0)) -> str:
    """Queue a mail to ourselves; returns its Message-ID."""
    mail = replace(letter(name), kind=LetterKind.OPS_PROBE.value, about=f"P-{name}")
    tx.queue([mail], None, Cause(None, NOW + at, NOW + at))
    return mail.message_id


def test_an_empty_store_has_no_backlog(store: Store) -> None:
    with store.reading() as past:
        assert (past.backlog(), past.probes(NOW - DAY)) == (Backlog(0, 0, None), [])


def test_the_backlog_is_what_waits_to_be_judged_and_to_be_sent(store: Store) -> None:
    with store.writing() as tx:
        take(tx, 1)
        settle_as(tx, take(tx, 2), Disposition.AUTOMATIC)
        tx.queue([letter("1"), letter("2"), replace(letter("3"), held="a cap")], None, Cause(None, NOW, NOW))
        tx.start_attempt([1], NOW)
        assert tx.backlog() == Backlog(mails=1, letters=2, oldest_due=letter("1").due_at)


def test_a_probe_is_back_when_we_took_it_and_knew_it(store: Store) -> None:
    with store.writing() as tx:
        message_id = send_probe(tx, "1")
        send_probe(tx, "2", MINUTE)
        number = take(tx, 1)
        assert [probe.came_at for probe in tx.probes(NOW)] == [None, None]
        settle_as(tx, number, Disposition.OWN, message(message_id=message_id))
        assert tx.probes(NOW) == [
            Probe(sent_at=NOW, came_at=NOW, received_at=NOW),
            Probe(sent_at=NOW + MINUTE),
        ]


def test_a_copy_of_its_message_id_by_somebody_else_is_no_return(store: Store) -> None:
    with store.writing() as tx:
        message_id = send_probe(tx, "1")
        settle_as(tx, take(tx, 1), Disposition.AUTOMATIC, message(message_id=message_id))
        assert tx.probes(NOW) == [Probe(sent_at=NOW)]


def test_a_probe_that_came_twice_counts_once_from_its_first_return(store: Store) -> None:
    with store.writing() as tx:
        message_id = send_probe(tx, "1")
        for uid, at in ((1, NOW + MINUTE), (2, NOW)):
            settle_as(tx, take(tx, uid, received_at=at), Disposition.OWN, message(str(uid), message_id=message_id))
        assert tx.probes(NOW) == [Probe(sent_at=NOW, came_at=NOW, received_at=NOW)]


def test_older_probes_and_other_letters_are_left_out(store: Store) -> None:
    with store.writing() as tx:
        send_probe(tx, "1")
        send_probe(tx, "2", DAY)
        tx.queue([letter("3")], None, Cause(None, NOW + DAY, NOW + DAY))
        assert [probe.sent_at for probe in tx.probes(NOW + MINUTE)] == [NOW + DAY]


def test_to_try_writing_writes_and_changes_nothing(store: Store, path: Path) -> None:
    before = path.with_name(path.name + "-wal")
    size = before.stat().st_size if before.exists() else 0
    store.try_write()
    assert before.stat().st_size > size
    with store.reading() as past:
        assert past.counts().history == 0


def test_to_try_writing_fails_while_somebody_else_writes(tmp_path: Path) -> None:
    store = new_store(tmp_path / "desk.db", busy_timeout=0.05)
    with closing(sqlite3.connect(tmp_path / "desk.db", isolation_level=None)) as neighbour:
        neighbour.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreAway, match="another process keeps the store locked"):
            store.try_write()
    store.try_write()
    store.close()


def fail(tx: Transaction, part: str, at: timedelta) -> Failed:
    """Note a part that failed for twenty minutes until `at`."""
    over = Failed(part=part, since=NOW + at - 20 * MINUTE, until=NOW + at)
    tx.note([Happened(over, OURSELVES, "it works again")], Cause(None, over.until, over.until))
    return over


def test_what_failed_comes_back_from_the_history_as_it_was_oldest_first(store: Store) -> None:
    with store.writing() as tx:
        first, second = fail(tx, "mailbox", DAY), fail(tx, "sending", MINUTE)
        assert tx.failures(0) == [first, second]
    with store.reading() as past:
        assert (past.failures(0), past.verify_chain()) == ([first, second], None)


def test_what_failed_is_told_from_a_row_of_the_history_on(store: Store) -> None:
    with store.writing() as tx:
        fail(tx, "mailbox", MINUTE)
        row, _ = tx.extent()
        later = fail(tx, "mailbox", DAY)
        assert (tx.failures(row), tx.failures(row + 1)) == ([later], [])


def test_whoever_writes_such_a_line_in_a_mail_makes_no_failure(store: Store) -> None:
    words = '{"part":"store","since":"2026-06-01","type":"Failed","until":"2026-06-02"}'
    with store.writing() as tx:
        open_ticket(tx, 1, words=words, name=words)
        assert tx.failures(0) == []
