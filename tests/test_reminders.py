"""Time passes: what silence leads to, done once and put on record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ksmail.desk.policy import Policy
from ksmail.desk.ticket import Answered, Change, CloseReason, Status, TakenUp, Thanked
from ksmail.reference import Reference
from ksmail.reminders import Reminders
from ksmail.store.store import Store
from tests.store.facts import NOW, follow_up, new_store, open_ticket

DAY = timedelta(days=1)
ANSWERED = (TakenUp(), Answered(message_id="<a@desk.example>", at=NOW))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = new_store(tmp_path / "desk.db")
    yield made
    made.close()


def opened(store: Store, uid: int, *changes: Change) -> Reference:
    with store.writing() as tx:
        reference = open_ticket(tx, uid)
        if changes:
            follow_up(tx, uid + 100, reference, *changes)
    return reference


def pass_time(store: Store, at: datetime) -> int:
    return Reminders(store, Policy(), lambda: at).round()


def status(store: Store, reference: Reference) -> Status:
    with store.reading() as past:
        ticket = past.find_ticket(reference)
    assert ticket is not None
    return ticket.status


def test_an_answered_question_is_closed_after_fourteen_quiet_days(store: Store) -> None:
    reference = opened(store, 1, *ANSWERED)
    assert pass_time(store, NOW + 14 * DAY) == 1
    with store.reading() as past:
        ticket = past.find_ticket(reference)
    assert ticket is not None
    assert (ticket.status, ticket.closed_because) == (Status.CLOSED, CloseReason.ANSWERED)
    assert ticket.ended_at == NOW


def test_it_is_put_on_record_with_its_reason_and_nobody_is_mailed(store: Store) -> None:
    reference = opened(store, 1, *ANSWERED)
    pass_time(store, NOW + 14 * DAY)
    with store.reading() as past:
        dossier = past.ticket(reference)
        assert past.verify_chain() is None
    assert dossier is not None
    assert (dossier.history[-1].actor, dossier.history[-1].mail) == ("ksmail", None)
    assert dossier.history[-1].because == "nobody wrote any more"
    assert dossier.letters == ()


def test_a_moment_too_early_nothing_happens(store: Store) -> None:
    reference = opened(store, 1, *ANSWERED)
    assert pass_time(store, NOW + 14 * DAY - timedelta(seconds=1)) == 0
    assert status(store, reference) is Status.ANSWERED


def test_doing_it_twice_changes_nothing(store: Store) -> None:
    opened(store, 1, *ANSWERED)
    assert [pass_time(store, NOW + 15 * DAY), pass_time(store, NOW + 16 * DAY)] == [1, 0]


def test_a_word_of_thanks_makes_it_wait(store: Store) -> None:
    opened(store, 1, *ANSWERED, Thanked(NOW + 5 * DAY))
    assert pass_time(store, NOW + 15 * DAY) == 0
    assert pass_time(store, NOW + 19 * DAY) == 1


def test_only_what_was_answered_is_closed_and_all_of_it(store: Store) -> None:
    fresh = opened(store, 1)
    two = [opened(store, 2, *ANSWERED), opened(store, 3, *ANSWERED)]
    assert pass_time(store, NOW + 30 * DAY) == 2
    assert status(store, fresh) is Status.NEW
    assert {status(store, each) for each in two} == {Status.CLOSED}


def test_an_empty_desk_has_nothing_to_do(store: Store) -> None:
    assert pass_time(store, NOW) == 0
