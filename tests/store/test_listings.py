"""What a person at the command line is told."""

from __future__ import annotations

from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import Status
from ksmail.outgoing.transport import Sent
from ksmail.store.happenings import LetterState
from ksmail.store.store import Store
from tests.store.facts import ASKER, DAY, NOW, decision, letter, message, open_ticket, opening, settle_as, take


def test_tickets_come_newest_first(store: Store) -> None:
    with store.writing() as tx:
        for uid, received_at in ((1, NOW), (2, NOW + DAY), (3, NOW)):
            changes = opening(tx.next_reference("KV", 2026), received_at=received_at)
            tx.record(take(tx, uid), message(str(uid)), decision(changes), (), asker=ASKER, words="", now=NOW)
        lines = tx.tickets(9)
        assert [line.reference.number for line in lines] == [2, 3, 1]
        assert [line.reference.number for line in tx.tickets(1)] == [2]
    assert (lines[0].subject, lines[0].asker, lines[0].flags) == ("Een vraag", ASKER, ())


def test_tickets_can_be_chosen_by_status(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx)
        assert len(tx.tickets(9, Status.NEW)) == 1
        assert tx.tickets(9, Status.ACKNOWLEDGED) == []


def test_unsent_letters_come_before_sent_ones(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("1"), letter("2"), letter("3"))
        tx.start_attempt([3], NOW)
        tx.settle(3, {"jo.de.vries@uni.example": Sent()}, None, NOW)
        assert [line.id for line in tx.outbox(9)] == [2, 1, 3]
        assert [line.id for line in tx.outbox(2)] == [2, 1]


def test_the_quarantine_lists_quarantined_and_held_mails(store: Store) -> None:
    with store.writing() as tx:
        settle_as(tx, take(tx, 1), Disposition.QUARANTINED)
        settle_as(tx, take(tx, 2), Disposition.AUTOMATIC)
        settle_as(tx, take(tx, 3), Disposition.HELD)
        take(tx, 4)
        lines = tx.quarantine()
    assert [(line.number, line.disposition.value) for line in lines] == [(1, "quarantined"), (3, "held")]
    assert (lines[0].key.uid, lines[0].reason, lines[0].received_at) == (1, "it is quarantined", NOW)


def test_the_balance_names_every_disposition(store: Store) -> None:
    with store.writing() as tx:
        settle_as(tx, take(tx, 1), Disposition.BOUNCE)
        take(tx, 2)
        balance = tx.balance()
    assert set(balance) == set(Disposition)
    assert (balance[Disposition.BOUNCE], balance[Disposition.PENDING], sum(balance.values())) == (1, 1, 2)


def test_counts_say_since_when_work_waits(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("1", due_at=NOW + DAY), letter("2", held="beyond the cap"))
        take(tx, 2, received_at=NOW - DAY)
        counts = tx.counts()
    assert (counts.mails, counts.unfiled, counts.history) == (2, 1, 5)
    assert counts.tickets == dict.fromkeys(Status, 0) | {Status.NEW: 1}
    assert counts.letters[LetterState.HELD] == counts.letters[LetterState.WAITING] == 1
    assert (counts.oldest_pending, counts.oldest_due) == (NOW - DAY, NOW + DAY)


def test_an_empty_store_counts_nothing(store: Store) -> None:
    with store.reading() as reader:
        counts = reader.counts()
        assert (reader.tickets(9), reader.outbox(9), reader.quarantine()) == ([], [], [])
    assert (counts.mails, counts.oldest_pending, counts.oldest_due) == (0, None, None)
