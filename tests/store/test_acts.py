"""Acts: letters are called back or hurried, mails let through or refused, people away, orders confirmed once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from ksmail.address import parse_address
from ksmail.desk.acts import Absent, Act, Await, CameBack, Detain, Drop, Hurry, Recall, Release, Settle, Suppress
from ksmail.desk.arrival import Decision, Disposition
from ksmail.desk.case import HeldMail
from ksmail.incoming.mailbox import Folder
from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.transport import Deferred, Sent, Uncertain
from ksmail.reference import Reference
from ksmail.store.happenings import Handled, LetterState
from ksmail.store.store import Store, Transaction
from tests.store.facts import (
    ASKER,
    DAY,
    NOW,
    act,
    decision,
    follow_up,
    letter,
    message,
    open_ticket,
    opening,
    settle_as,
    take,
)

FIRST = Reference("KV", 2026, 1)
A = "jo.de.vries@uni.example"
SAM, KIM = parse_address("Sam@agency.example", "Sam"), parse_address("kim@agency.example")
LATER = NOW + timedelta(minutes=3)


def answer(name: str = "a", *, held: str = "", orderable: bool = True) -> OutgoingMail:
    return letter(name, "answer", held=held, orderable=orderable, due_at=LATER)


def order(tx: Transaction, *acts: Act) -> None:
    """Staff order something about the first ticket."""
    uid = tx.counts().mails + 1
    follow_up(tx, uid, FIRST, kind=Disposition.ORDER, acts=acts)


def state(tx: Transaction, number: int = 1) -> LetterState:
    return next(line.state for line in tx.outbox(99) if line.id == number)


def make_uncertain(tx: Transaction, number: int = 1) -> None:
    tx.start_attempt([number], LATER)
    tx.settle(number, {A: Uncertain("?")}, None, LATER)


def make_sent(tx: Transaction) -> None:
    tx.start_attempt([1], LATER)
    tx.settle(1, {A: Sent()}, None, LATER)


def begin(tx: Transaction) -> None:
    tx.start_attempt([1], LATER)


def call_back(tx: Transaction) -> None:
    order(tx, Recall(1))


def leave(tx: Transaction) -> None:
    """Nothing happens."""


def detain(tx: Transaction) -> None:
    order(tx, Detain(1))


@pytest.mark.parametrize("before", [leave, detain, make_uncertain])
def test_a_letter_that_was_called_back_never_goes(store: Store, before: Callable[[Transaction], None]) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, answer())
        before(tx)
        order(tx, Recall(1))
        assert state(tx) is LetterState.CANCELLED
        assert tx.due(NOW + 99 * DAY, 9) == []
        assert tx.interrupted(NOW) == []
        with pytest.raises(ValueError, match="does not wait"):
            tx.start_attempt([1], LATER)
        with pytest.raises(ValueError, match="does not wait for staff"):
            tx.release(1, LATER)
        assert tx.verify_chain() is None


@pytest.mark.parametrize(
    ("what", "before"),
    [(Hurry, begin), *((what, before) for what in (Recall, Hurry, Detain) for before in (make_sent, call_back))],
)
def test_a_letter_that_left_or_was_called_back_takes_no_orders(
    store: Store, what: Callable[[int], Act], before: Callable[[Transaction], None]
) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, answer())
        before(tx)
    with pytest.raises(ValueError, match="letter 1 does not wait"), store.writing() as tx:
        order(tx, what(1))
    with store.reading() as past:
        assert past.balance()[Disposition.PENDING] == 0


@pytest.mark.parametrize(
    ("what", "then"), [(Recall, LetterState.CANCELLED), (Detain, LetterState.HELD), (None, LetterState.WAITING)]
)
def test_a_letter_that_is_just_being_sent_is_kept_back_if_it_was_not_taken(
    store: Store, what: Callable[[int], Act] | None, then: LetterState
) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, answer())
        begin(tx)
        if what:
            order(tx, what(1))
        assert state(tx) is LetterState.SENDING
        tx.settle(1, {A: Deferred("451 later")}, NOW + DAY, NOW)
        assert state(tx) is then
        assert tx.verify_chain() is None


@pytest.mark.parametrize("what", [Recall, Detain])
def test_a_letter_that_was_taken_meanwhile_is_gone_whatever_staff_wished(
    store: Store, what: Callable[[int], Act]
) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, answer())
        begin(tx)
        order(tx, what(1))
        tx.settle(1, {A: Sent()}, None, NOW)
        assert state(tx) is LetterState.SENT


def test_a_letter_that_is_kept_back_while_it_is_sent_goes_on_a_word_of_staff(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, answer())
        begin(tx)
        order(tx, Detain(1))
        tx.settle(1, {A: Deferred("451 later")}, NOW + DAY, NOW)
        order(tx, Hurry(1))
        assert [each.id for each in tx.due(NOW + DAY, 9)] == [1]


def test_a_report_about_a_recipient_counts_once(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, answer())
        make_sent(tx)
        before = tx.letter_behind([answer().message_id])
        order(tx, CameBack(1, A, "5.1.1 no such user"))
        after = tx.letter_behind([answer().message_id])
    assert before is not None
    assert after is not None
    assert (before.returned, after.returned) == ((), (A,))


def test_an_unknown_letter_takes_no_orders(store: Store) -> None:
    with store.writing() as tx, pytest.raises(ValueError, match="letter 9 does not wait"):
        act(tx, 1, Recall(9))


def test_a_letter_that_nobody_ordered_cannot_be_called_back(store: Store) -> None:
    with store.writing() as tx, pytest.raises(ValueError, match="does not go on the word of staff"):
        open_ticket(tx, 1, answer(orderable=False))
        order(tx, Recall(1))


def test_a_letter_that_waits_can_be_hurried(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, answer())
        assert tx.due(NOW, 9) == []
        order(tx, Hurry(1))
        assert [queued.id for queued in tx.due(NOW, 9)] == [1]


@pytest.mark.parametrize("before", [detain, make_uncertain])
def test_a_letter_that_waits_for_a_word_goes_with_a_fresh_schedule(
    store: Store, before: Callable[[Transaction], None]
) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, answer())
        tx.start_attempt([1], LATER)
        tx.settle(1, {A: Deferred("451")}, LATER, LATER)
        before(tx)
        order(tx, Hurry(1))
        [queued] = tx.due(NOW, 9)
        [line] = tx.outbox(9)
    assert (queued.first_tried_at, queued.open_recipients, queued.mail.held) == (None, (A,), "")
    assert line.settled_at is None


def test_a_letter_can_be_kept_back(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, answer())
        order(tx, Detain(1))
        [line] = tx.outbox(9)
        assert tx.due(LATER, 9) == []
    assert (line.state, line.held) == (LetterState.HELD, "orders")


@pytest.mark.parametrize(
    ("what", "now"),
    [(Recall, LetterState.CANCELLED), (Hurry, LetterState.WAITING), (Detain, LetterState.HELD)],
)
def test_what_is_done_to_a_letter_is_written_down(store: Store, what: Callable[[int], Act], now: LetterState) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, answer())
        order(tx, what(1))
        dossier = tx.ticket(FIRST)
    assert dossier is not None
    last = dossier.history[-1]
    assert last.change == Handled("answer", "<letter-a@desk.example>", now)
    assert (last.actor, last.mail, last.because) == ("staff", 2, "it was ordered")


def test_our_own_acts_are_written_down_as_ours(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, answer())
        follow_up(tx, 2, FIRST, acts=[Detain(1)])
        dossier = tx.ticket(FIRST)
    assert dossier is not None
    assert dossier.history[-1].actor == "ksmail"


def test_letters_called_back_stand_with_those_that_are_done(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, answer("a"), answer("b"))
        order(tx, Recall(2))
        assert [line.id for line in tx.outbox(9)] == [1, 2]
        assert tx.counts().letters[LetterState.CANCELLED] == 1


@pytest.mark.parametrize("kind", [Disposition.QUARANTINED, Disposition.HELD])
def test_a_released_mail_is_judged_again_and_says_so(store: Store, kind: Disposition) -> None:
    with store.writing() as tx:
        number = take(tx, 1)
        settle_as(tx, number, kind, message("1"))
        act(tx, 2, Release(number))
        [pending] = tx.pending(9)
        assert (pending.number, pending.released, pending.attempts) == (number, True, 0)
        tx.record(number, message("1"), decision(opening(FIRST)), (), asker=ASKER, words="", now=NOW)
        assert tx.balance()[Disposition.TICKET] == 1
        assert tx.verify_chain() is None


def test_a_mail_that_was_reopened_at_the_machine_was_not_released(store: Store) -> None:
    with store.writing() as tx:
        number = take(tx, 1)
        settle_as(tx, number, Disposition.HELD)
        tx.reopen(number, NOW)
        assert [pending.released for pending in tx.pending(9)] == [False]


@pytest.mark.parametrize("kind", [Disposition.QUARANTINED, Disposition.HELD])
def test_a_dropped_mail_is_refused_and_stays_where_it_is(store: Store, kind: Disposition) -> None:
    with store.writing() as tx:
        number = take(tx, 1)
        settle_as(tx, number, kind)
        tx.mark_filed([number], Folder.QUARANTINE)
        act(tx, 2, Drop(number, "an advertisement"))
        line = tx.inbound(number)
        assert tx.quarantine() == []
        assert tx.balance()[Disposition.REFUSED] == 1
        assert sum(tx.balance().values()) == 2
    assert line is not None
    assert (line.disposition, line.reason, line.filed) == (Disposition.REFUSED, "an advertisement", "quarantine")


@pytest.mark.parametrize(("what", "name"), [(Release, "Reopened"), (Drop, "Dropped")])
def test_what_becomes_of_a_mail_is_written_down(
    store: Store, path: Path, what: Callable[[int], Act], name: str
) -> None:
    with store.writing() as tx:
        number = take(tx, 1)
        settle_as(tx, number, Disposition.HELD)
        act(tx, 2, what(number))
        assert tx.verify_chain() is None
    with closing(sqlite3.connect(path)) as db:
        [last] = db.execute("SELECT actor, mail, because, change FROM history ORDER BY id DESC LIMIT 1").fetchall()
    assert last == ("staff", number, "it was ordered", f'{{"disposition":"held","type":"{name}"}}')


@pytest.mark.parametrize("what", [Release, Drop])
def test_a_mail_that_does_not_wait_takes_no_orders(store: Store, what: Callable[[int], Act]) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        with pytest.raises(ValueError, match="neither quarantined nor held"):
            act(tx, 2, what(1))
        with pytest.raises(LookupError, match="no mail 99"):
            act(tx, 3, what(99))


def test_a_held_mail_is_found_by_its_number(store: Store) -> None:
    with store.writing() as tx:
        settle_as(tx, take(tx, 1), Disposition.HELD, message("1"))
        settle_as(tx, take(tx, 2), Disposition.QUARANTINED, None)
        settle_as(tx, take(tx, 3), Disposition.QUARANTINED, message("3"))
        settle_as(tx, take(tx, 4), Disposition.AUTOMATIC, message("4"))
        assert tx.held_mail(1) == HeldMail(number=1, reason="it is held", received_at=NOW, unreadable=False)
        found = [tx.held_mail(number) for number in (2, 3)]
        assert [each.unreadable for each in found if each] == [True, False]
        assert tx.held_mail(4) is None
        assert tx.held_mail(99) is None


def test_somebody_is_away_from_the_first_day_to_the_last(store: Store) -> None:
    first, last = date(2026, 7, 1), date(2026, 7, 14)
    with store.writing() as tx:
        act(tx, 1, Absent(SAM, first, last), Absent(KIM, last, last))
        days = [first - DAY, first, last, last + DAY]
        assert [tx.absent_on(day) for day in days] == [(), (SAM,), (KIM, SAM), ()]
        assert tx.absent_on(first)[0].name == "Sam"


def test_a_new_absence_takes_the_place_of_the_old(store: Store) -> None:
    day = date(2026, 7, 1)
    with store.writing() as tx:
        act(tx, 1, Absent(SAM, day, day))
        act(tx, 2, Absent(parse_address("sam@agency.example"), day + DAY, day + DAY))
        assert tx.absent_on(day) == ()
        assert tx.absent_on(day + DAY) == (SAM,)


def test_a_suppressed_address_is_suppressed_however_it_is_spelt(store: Store) -> None:
    until = date(2026, 8, 1)
    with store.writing() as tx:
        act(tx, 1, Suppress("Jo.de.Vries+news@uni.example", until))
        assert tx.is_suppressed(ASKER, until)
        assert not tx.is_suppressed(ASKER, until + DAY)
        assert not tx.is_suppressed(KIM, until)


@pytest.mark.parametrize("days", [(1, 9), (9, 1)])
def test_the_later_day_of_two_suppressions_counts(store: Store, days: tuple[int, int]) -> None:
    with store.writing() as tx:
        for uid, day in enumerate(days, start=1):
            act(tx, uid, Suppress(A, date(2026, 8, day)))
        assert tx.is_suppressed(ASKER, date(2026, 8, 9))


def test_orders_wait_for_the_word_of_who_gave_them(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        follow_up(tx, 2, FIRST, *opening(FIRST)[1:2], kind=Disposition.ORDER, acts=[Await(2, SAM, "#wis 1")])
        awaited = tx.confirmation(2)
        assert tx.confirmation(1) is None
    assert awaited is not None
    assert (awaited.mail, awaited.who, awaited.who.name, awaited.text) == (2, SAM, "Sam", "#wis 1")
    assert (awaited.ticket, awaited.about, awaited.received_at, awaited.open) == (FIRST, "KV-2026-0001", NOW, True)
    assert [file.name for file in awaited.files] == ["0.pdf"]


def test_orders_without_a_ticket_wait_too(store: Store) -> None:
    with store.writing() as tx:
        act(tx, 1, Await(1, SAM, "#weg"))
        awaited = tx.confirmation(1)
    assert awaited is not None
    assert (awaited.ticket, awaited.about, awaited.files) == (None, "", ())


@pytest.mark.parametrize("confirmed", [True, False])
@pytest.mark.parametrize("again", [True, False])
def test_one_word_settles_an_order_for_ever(store: Store, confirmed: bool, again: bool) -> None:
    with store.writing() as tx:
        act(tx, 1, Await(1, SAM, "#weg"))
        act(tx, 2, Settle(1, confirmed))
        awaited = tx.confirmation(1)
    assert awaited is not None
    assert not awaited.open
    with pytest.raises(ValueError, match="do not wait for a word"), store.writing() as tx:
        act(tx, 3, Settle(1, again))


def test_an_act_that_fails_undoes_all_of_its_mail(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, answer())
    with pytest.raises(ValueError, match="do not wait"), store.writing() as tx:
        order(tx, Recall(1), Settle(1, True))
    with store.writing() as tx:
        assert state(tx) is LetterState.WAITING
        assert tx.counts().mails == 1


def test_a_mail_without_a_ticket_can_act(store: Store) -> None:
    judged = Decision(disposition=Disposition.AUTOMATIC, because="away", acts=(Absent(SAM, NOW.date(), NOW.date()),))
    with store.writing() as tx:
        tx.record(take(tx), message(), judged, (), asker=None, words="", now=NOW)
        assert tx.absent_on(NOW.date()) == (SAM,)
