"""A look back at everything, and a look ahead at what is due."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ksmail.desk.ticket import Opened, PromiseSettled, PromiseState
from ksmail.store.happenings import Recorded
from ksmail.store.store import Store, StoreSettings
from tests.store.facts import DAY, NOW, follow_up, letter, new_store, open_ticket


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = new_store(tmp_path / "desk.db")
    yield made
    made.close()


def test_all_that_happened_is_told_in_order_each_with_its_ticket(store: Store) -> None:
    with store.writing() as tx:
        references = [open_ticket(tx, uid) for uid in (1, 2)]
    with store.reading() as past:
        told = list(past.happenings())
        assert len(told) == past.counts().history
    assert [line.id for _, line in told] == sorted(line.id for _, line in told)
    assert [ticket for ticket, line in told if isinstance(line.change, Opened)] == references
    assert sum(isinstance(line.change, Recorded) for _, line in told) == 2


def test_dates_are_counted_by_what_became_of_them(store: Store) -> None:
    with store.writing() as tx:
        first, _ = open_ticket(tx, 1), open_ticket(tx, 2)
        follow_up(tx, 3, first, PromiseSettled(PromiseState.KEPT))
    with store.reading() as past:
        found = past.promise_states()
    none_else = dict.fromkeys(set(PromiseState) - {PromiseState.OPEN, PromiseState.KEPT}, 0)
    assert found == none_else | {PromiseState.OPEN: 1, PromiseState.KEPT: 1}


def test_the_first_letter_that_waits_is_the_next_one_due(store: Store) -> None:
    with store.reading() as past:
        assert past.next_due() is None
    letters = (letter("held", held="a cap"), letter("later", due_at=NOW + 2 * DAY), letter("sooner", due_at=NOW + DAY))
    with store.writing() as tx:
        open_ticket(tx, 1, *letters)
    with store.reading() as past:
        assert past.next_due() == NOW + DAY


@pytest.mark.parametrize(("durable", "level"), [(True, 2), (False, 0)])
def test_only_a_store_that_need_not_last_does_not_wait_for_the_disk(tmp_path: Path, durable: bool, level: int) -> None:
    new_store(tmp_path / "other.db").close()
    store = Store.open(StoreSettings(path=tmp_path / "other.db", durable=durable))
    with store.reading() as past:
        assert past._db.exec_driver_sql("PRAGMA synchronous").scalar_one() == level
    store.close()
