"""Whatever happens in whatever order: numbers without gaps, one judgement per mail, a history that verifies."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from ksmail.desk.acts import Detain, Hurry, Recall
from ksmail.desk.arrival import Decision, Disposition
from ksmail.desk.ticket import Acknowledged
from ksmail.outgoing.transport import Bounced, Deferred, Sent, Uncertain
from ksmail.store.happenings import LetterState
from ksmail.store.store import Store, StoreSettings, Transaction
from ksmail.store.values import RecipientLine
from tests.store.facts import ASKER, NOW, decision, letter, mail, message, opening, settle_as

OUTCOMES = st.sampled_from([Sent("250 ok"), Deferred("451"), Bounced("550"), Uncertain("?")])
OTHERS = st.sampled_from([kind for kind in Disposition if kind not in (Disposition.PENDING, Disposition.TICKET)])
ORDERS = st.sampled_from([Recall, Hurry, Detain])


def _has(person: RecipientLine) -> bool:
    return person.outcome == "sent"


class Desk(RuleBasedStateMachine):
    """A desk that takes mail, judges it, sends letters and falls over."""

    def __init__(self, empty_store: Path, place: Path) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(dir=place))
        self.store = Store.open(StoreSettings(path=Path(shutil.copy(empty_store, self.place))))
        self.judged: dict[int, Disposition] = {}
        self.uids = 0
        self.years: dict[int, int] = {}
        self.cancelled: set[int] = set()

    def teardown(self) -> None:
        with self.store.reading() as reader:
            assert reader.verify_chain() is None
            assert reader.counts().history >= len(self.judged)
        self.store.close()
        shutil.rmtree(self.place)

    @rule(count=st.integers(1, 3), again=st.booleans())
    def receive(self, count: int, again: bool) -> None:
        uids = range(1 if again else self.uids + 1, self.uids + count + 1)
        with self.store.writing() as tx:
            assert tx.receive([mail(uid) for uid in uids], NOW) == count
        self.uids += count

    @rule(year=st.sampled_from([2026, 2027]), kind=st.sampled_from(["ack", "answer"]), crash=st.booleans())
    def open_a_ticket(self, year: int, kind: str, crash: bool) -> None:
        try:
            with self.store.writing() as tx:
                pending = tx.pending(1)
                if not pending:
                    return
                number = pending[0].number
                changes = opening(tx.next_reference("KV", year), f"<{number}@uni.example>")
                letters = [letter(str(number), kind, orderable=True), letter(f"{number}-s", "staff_new")]
                judged = decision(changes)
                tx.record(number, message(str(number)), judged, letters, asker=ASKER, words="", now=NOW)
                if crash:
                    raise RuntimeError
        except RuntimeError:
            return
        self.judged[number] = Disposition.TICKET
        self.years[year] = self.years.get(year, 0) + 1

    @rule(kind=OTHERS)
    def judge_otherwise(self, kind: Disposition) -> None:
        with self.store.writing() as tx:
            for pending in tx.pending(1):
                settle_as(tx, pending.number, kind, message(str(pending.number)))
                self.judged[pending.number] = kind

    @precondition(lambda self: self.judged)
    @rule(kind=OTHERS)
    def judge_twice(self, kind: Disposition) -> None:
        number = next(iter(self.judged))
        with pytest.raises(ValueError, match="judged before"), self.store.writing() as tx:
            settle_as(tx, number, kind)

    @rule()
    def judge_again(self) -> None:
        with self.store.writing() as tx:
            for line in tx.quarantine()[:1]:
                assert tx.reopen(line.number, NOW) is self.judged.pop(line.number)

    @rule(outcome=OUTCOMES, again=st.booleans(), crash=st.booleans())
    def send(self, outcome: Sent | Deferred | Bounced | Uncertain, again: bool, crash: bool) -> None:
        with self.store.writing() as tx:
            due = tx.due(NOW, 1)
            tx.start_attempt([queued.id for queued in due], NOW)
        for queued in due:
            changes = [(Acknowledged(queued.mail.message_id), "taken")] if isinstance(outcome, Sent) else []
            with self.store.writing() as tx:
                if crash:
                    assert [back.id for back in tx.interrupted(NOW)] == [queued.id]
                else:
                    outcomes = dict.fromkeys(queued.open_recipients, outcome)
                    tx.settle(queued.id, outcomes, NOW if again else None, NOW, changes)

    @rule(what=ORDERS, place=st.integers(0, 3))
    def order(self, what: type[Recall | Hurry | Detain], place: int) -> None:
        """Staff order something about any letter at all: it is done, or it cannot be done and nothing is."""
        with self.store.reading() as reader:
            letters = reader.outbox(999)
            waiting = {each.id for line in reader.tickets(999) for each in reader.case(line.reference).waiting}
        for chosen in letters[place : place + 1]:
            try:
                with self.store.writing() as tx:
                    self._order(tx, what(chosen.id))
            except ValueError:
                assert what is Detain or chosen.id not in waiting
                continue
            self.uids += 1
            if what is Recall:
                self.cancelled.add(chosen.id)

    def _order(self, tx: Transaction, act: Recall | Hurry | Detain) -> None:
        uid = self.uids + 1
        tx.receive([mail(uid)], NOW)
        number = tx.known("INBOX", 7)[uid].number
        judged = Decision(disposition=Disposition.ORDER, because="ordered", acts=(act,))
        tx.record(number, message(f"order {uid}"), judged, (), asker=None, words="", now=NOW)
        self.judged[number] = Disposition.ORDER

    @invariant()
    def a_letter_that_was_called_back_stays_here(self) -> None:
        with self.store.reading() as reader:
            found = {line.id for line in reader.outbox(999) if line.state is LetterState.CANCELLED}
            assert found == self.cancelled
            assert not found & {queued.id for queued in reader.due(NOW, 999)}

    @invariant()
    def the_register_names_whoever_has_a_letter_and_nobody_else(self) -> None:
        with self.store.reading() as reader:
            letters = [line for line in reader.outbox(999) if line.kind != "staff_new"]
            lines = reader.disclosures()
        have = {(each.message_id, person.address) for each in letters for person in each.recipients if _has(person)}
        assert sorted((line.message_id, line.recipient) for line in lines if line.certain) == sorted(have)
        assert {line.kind for line in lines} <= {"ack", "answer"}

    @invariant()
    def every_mail_has_one_judgement(self) -> None:
        with self.store.reading() as reader:
            known = reader.known("INBOX", 7)
            settled = {one.number: one.disposition for one in known.values()}
            assert len(known) == self.uids == sum(reader.balance().values())
        kinds = {number: kind for number, kind in settled.items() if kind is not Disposition.PENDING}
        assert kinds == self.judged

    @invariant()
    def numbers_have_no_gaps(self) -> None:
        with self.store.reading() as reader:
            found = sorted(line.reference for line in reader.tickets(999))
            letters = reader.outbox(999)
        for year in (2026, 2027):
            count = self.years.get(year, 0)
            assert [one.number for one in found if one.year == year] == list(range(1, count + 1))
        assert len(letters) == 2 * len(found)
        assert LetterState.SENDING not in {line.state for line in letters}


def test_any_order_of_events_keeps_the_books(empty_store: Path, tmp_path: Path) -> None:
    class Here(Desk):
        def __init__(self) -> None:
            super().__init__(empty_store, tmp_path)

    few = settings(max_examples=20, stateful_step_count=20, deadline=None)
    run_state_machine_as_test(Here, settings=few)
