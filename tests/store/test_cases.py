"""A ticket from the inside: its life, texts, files, dates and the letters that can be called back."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksmail.address import parse_address
from ksmail.capability import Audience
from ksmail.desk.acts import Recall
from ksmail.desk.arrival import Disposition, Elsewhere
from ksmail.desk.case import Case, GivenDate, WaitState
from ksmail.desk.consultation import Consulted, Informed
from ksmail.desk.ticket import (
    Absorbed,
    Answered,
    Assigned,
    Change,
    Closed,
    CloseReason,
    Continues,
    EntryKind,
    Flag,
    Flagged,
    Ground,
    InfoAsked,
    MergedInto,
    Posted,
    Promised,
    PromiseSettled,
    PromiseState,
    Status,
    TakenUp,
    Unkept,
)
from ksmail.incoming.identity import Role
from ksmail.outgoing.transport import Bounced, Deferred, Sent, Uncertain
from ksmail.reference import Reference
from ksmail.store.store import Store, StoreSettings, Transaction
from tests.store.facts import (
    ASKER,
    DAY,
    NOW,
    decision,
    file,
    follow_up,
    letter,
    message,
    open_ticket,
    opening,
    posted,
    take,
)

FIRST, SECOND, THIRD = (Reference("KV", 2026, number) for number in (1, 2, 3))
SAM = parse_address("sam@agency.example", "Sam")
LATER = date(2026, 6, 11)
A = "jo.de.vries@uni.example"


def with_files(*names: str) -> Posted:
    return replace(posted("", files=0), attachments=tuple(map(file, names)))


def merge(tx: Transaction, uid: int, gone: Reference, into: Reference) -> None:
    """The first ticket goes into the second."""
    merged = (PromiseSettled(PromiseState.DROPPED), MergedInto(reference=into, at=NOW))
    other = [Elsewhere(into, (Absorbed(gone),))]
    follow_up(tx, uid, gone, *merged, kind=Disposition.ORDER, elsewhere=other)


def names(case: Case) -> list[tuple[int, str]]:
    return [(each.number, each.file.name) for each in case.files]


@pytest.mark.parametrize(
    "changes",
    [
        (TakenUp(), Assigned(SAM)),
        (InfoAsked(message_id="<i@desk.example>", at=NOW, remaining_days=2),),
        (Answered(message_id="<a@desk.example>", at=NOW + DAY), Closed(reason=CloseReason.ANSWERED, at=NOW + 2 * DAY)),
        (Closed(reason=CloseReason.OUT_OF_SCOPE, at=NOW, said="elsewhere"),),
        (Continues(FIRST),),
        (MergedInto(reference=FIRST, at=NOW),),
    ],
)
def test_the_life_of_a_ticket_comes_back_as_it_was(store: Store, changes: tuple[Change, ...]) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        open_ticket(tx, 2)
        before = tx.find_ticket(SECOND)
        follow_up(tx, 3, SECOND, *changes)
        assert tx.verify_chain() is None
    with store.reading() as past:
        found, listed = past.find_ticket(SECOND), past.tickets(1)
    assert found == decision(list(changes), before).ticket
    assert found is not None
    assert listed[0].assignee == found.assignee
    assert (found.assignee.name if found.assignee else "") == ("Sam" if len(changes) == 2 and found.assignee else "")


def test_a_case_holds_the_texts_of_its_ticket_oldest_first(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        open_ticket(tx, 2)
        note = posted("<n@agency.example>", SAM, kind=EntryKind.NOTE, role=Role.STAFF)
        number = follow_up(tx, 3, FIRST, note)
        texts = tx.case(FIRST).texts
    assert [(text.kind, text.role, text.author.name) for text in texts] == [
        (EntryKind.QUESTION, Role.ASKER, "Jo de Vries"),
        (EntryKind.NOTE, Role.STAFF, "Sam"),
    ]
    assert (texts[1].mail, texts[1].message_id, texts[1].at) == (number, "<n@agency.example>", NOW)


def test_an_unknown_ticket_has_an_empty_case(store: Store) -> None:
    with store.reading() as past:
        assert past.case(FIRST) == Case()


def test_files_are_numbered_in_the_order_in_which_they_came(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        number = follow_up(tx, 2, FIRST, with_files("b.pdf", "a.pdf"))
        files = tx.case(FIRST).files
    assert [(each.number, each.file.name, each.mail) for each in files] == [
        (1, "0.pdf", 1), (2, "b.pdf", number), (3, "a.pdf", number),
    ]  # fmt: skip
    assert not any(each.purged for each in files)


def test_files_of_a_merged_ticket_come_after_those_that_were_there(store: Store) -> None:
    with store.writing() as tx:
        for uid in (1, 2):
            open_ticket(tx, uid)
        follow_up(tx, 3, SECOND, with_files("of the second"))
        follow_up(tx, 4, FIRST, with_files("of the first"))
        before = names(tx.case(FIRST))
        merge(tx, 5, SECOND, FIRST)
        follow_up(tx, 6, FIRST, with_files("after"))
        follow_up(tx, 7, SECOND, with_files("late"))
        after, texts = names(tx.case(FIRST)), tx.case(FIRST).texts
    assert before == [(1, "0.pdf"), (2, "of the first")]
    assert after == [*before, (3, "0.pdf"), (4, "of the second"), (5, "after"), (6, "late")]
    assert len(texts) == 6


def test_what_was_merged_twice_over_is_there_too(store: Store) -> None:
    with store.writing() as tx:
        for uid in (1, 2, 3):
            open_ticket(tx, uid)
        merge(tx, 4, THIRD, SECOND)
        before = names(tx.case(SECOND))
        merge(tx, 5, SECOND, FIRST)
        assert names(tx.case(SECOND)) == before
        assert len(tx.case(FIRST).texts) == 3


STEPS = st.lists(st.tuples(st.sampled_from(["file", "merge"]), st.integers(1, 4), st.integers(1, 4)), max_size=14)


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_a_number_of_a_file_never_changes(
    empty_store: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]
) -> None:
    place = tmp_path_factory.mktemp("numbers") / "desk.db"
    store = Store.open(StoreSettings(path=Path(shutil.copy(empty_store, place))))
    with closing(store), store.writing() as tx:
        references = [open_ticket(tx, uid) for uid in (1, 2, 3, 4)]
        seen: dict[Reference, list[tuple[int, str]]] = {reference: [] for reference in references}
        gone: set[Reference] = set()
        for uid, (step, one, other) in enumerate(steps, start=5):
            ticket, into = references[one - 1], references[other - 1]
            if step == "file":
                follow_up(tx, uid, ticket, with_files(f"{uid}.pdf"))
            elif ticket != into and not {ticket, into} & gone:
                merge(tx, uid, ticket, into)
                gone.add(ticket)
            for reference in references:
                found = names(tx.case(reference))
                assert found[: len(seen[reference])] == seen[reference]
                seen[reference] = found


def test_letters_that_staff_ordered_and_that_have_not_left_wait(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(
            tx, 1, letter("a", "answer", orderable=True, cc=("second@uni.example",), due_at=NOW + DAY), letter("ack"),
            letter("h", "info_request", orderable=True, held="orders"), letter("s", "answer", orderable=True),
        )  # fmt: skip
        tx.start_attempt([4], NOW)
        tx.settle(4, {A: Uncertain("?")}, None, NOW)
        waiting = tx.case(FIRST).waiting
    assert [(each.id, each.kind, each.state) for each in waiting] == [
        (1, "answer", WaitState.WAITING), (3, "info_request", WaitState.HELD), (4, "answer", WaitState.UNCERTAIN),
    ]  # fmt: skip
    assert (waiting[0].to, waiting[0].due_at) == ((A, "second@uni.example"), NOW + DAY)


LIAISON = "liaison@ministry.example"
ASKS = Consulted(
    partner="BZ", to=parse_address(LIAISON), due_on=date(2026, 6, 8), message_id="<letter-r@desk.example>", at=NOW
)
PROMISES = Promised(promised_on=date(2026, 6, 15), ground=Ground.CONSULTED)


def test_who_has_a_letter_that_waits_and_who_may_have_it_is_known(store: Store) -> None:
    second = "second@uni.example"
    with store.writing() as tx:
        open_ticket(
            tx,
            1,
            letter("a", "answer", orderable=True, cc=(second,)),
            letter("b", "answer", orderable=True, cc=(second,)),
        )
        assert [(each.taken, each.perhaps) for each in tx.case(FIRST).waiting] == [((), ()), ((), ())]
        tx.start_attempt([1, 2], NOW)
        tx.settle(1, {A: Uncertain("?"), second: Deferred("451")}, NOW, NOW)
        tx.settle(2, {A: Deferred("451"), second: Sent()}, NOW, NOW)
        assert [(each.taken, each.perhaps) for each in tx.case(FIRST).waiting] == [((), (A,)), ((second,), ())]


def test_after_a_crash_a_partner_may_have_a_request_that_waits_again(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("r", "partner_request", LIAISON, orderable=True, then=(ASKS,)))
        tx.start_attempt([1], NOW)
        tx.interrupted(NOW + DAY)
        (waits,) = tx.case(FIRST).waiting
        assert (waits.state, waits.taken, waits.perhaps) == (WaitState.WAITING, (), (LIAISON,))
        assert [queued.open_recipients for queued in tx.due(NOW + DAY, 9)] == [(LIAISON,)]  # better twice than never
        tx.start_attempt([1], NOW + DAY)
        tx.settle(1, {LIAISON: Sent()}, None, NOW + DAY)
        assert tx.case(FIRST).waiting == ()


@pytest.mark.parametrize(
    ("kind", "then", "names"),
    [
        ("answer", (Answered(message_id="<a@desk.example>", at=NOW),), None),
        ("partner_withdrawn", (), None),
        ("partner_update", (Informed(partner="BZ"),), None),
        ("coordination_notice", (PROMISES,), date(2026, 6, 15)),
        ("partner_request", (ASKS,), date(2026, 6, 8)),
        ("partner_request", (PROMISES, ASKS), date(2026, 6, 8)),
        ("partner_request", (ASKS, PROMISES), date(2026, 6, 8)),
    ],
)
def test_a_letter_that_waits_says_which_day_it_gives_first(
    store: Store, kind: str, then: tuple[Change, ...], names: date | None
) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("r", kind, LIAISON, orderable=True, then=then))
        assert [each.names for each in tx.case(FIRST).waiting] == [names]


def test_a_letter_that_left_or_was_called_back_waits_no_more(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("a", "answer", orderable=True), letter("b", "answer", orderable=True))
        tx.start_attempt([1], NOW)
        assert [(each.id, each.state) for each in tx.case(FIRST).waiting] == [
            (1, WaitState.SENDING),
            (2, WaitState.WAITING),
        ]
        tx.settle(1, {A: Sent()}, None, NOW)
        follow_up(tx, 2, FIRST, kind=Disposition.ORDER, acts=[Recall(2)])
        assert tx.case(FIRST).waiting == ()


def test_the_askers_side_knows_its_own_mails_and_the_letters_that_it_got(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("ack"), letter("new", "staff_new", "team@desk.example"), letter("refused"))
        follow_up(tx, 2, FIRST, posted("<2@uni.example>", audience=Audience.ASKER))
        follow_up(tx, 3, FIRST, posted("<abc@derived.invalid>", audience=Audience.ASKER))
        follow_up(tx, 4, FIRST, posted("<note@agency.example>"), letters=[letter("waits", "answer")])
        tx.start_attempt([1, 2, 3], NOW + DAY)
        tx.settle(1, {A: Sent()}, None, NOW + DAY)
        tx.settle(2, {"team@desk.example": Sent()}, None, NOW + DAY)
        tx.settle(3, {A: Bounced("550")}, None, NOW + DAY)
        assert tx.case(FIRST).thread == ("<2@uni.example>", "<letter-ack@desk.example>")


def test_an_answer_stands_once_in_the_thread(store: Store) -> None:
    sent = letter("a", "answer")
    text = posted(sent.message_id, SAM, 0, Audience.ASKER, EntryKind.ANSWER, Role.STAFF)
    with store.writing() as tx:
        open_ticket(tx, 1, sent)
        tx.start_attempt([1], NOW)
        tx.settle(1, {A: Sent()}, None, NOW, [(text, "the mail server took it")])
        assert tx.case(FIRST).thread == (sent.message_id,)
        assert tx.case(FIRST).was_answered


def test_open_tickets_stand_in_order_of_receipt(store: Store) -> None:
    with store.writing() as tx:
        for uid, received_at in ((1, NOW + DAY), (2, NOW), (3, NOW)):
            changes = opening(tx.next_reference("KV", 2026), f"<{uid}@uni.example>", received_at)
            tx.record(take(tx, uid), message(str(uid)), decision(changes), (), asker=ASKER, words="", now=NOW)
        follow_up(tx, 4, THIRD, Answered(message_id="<a@desk.example>", at=NOW))
        follow_up(tx, 5, SECOND, Assigned(SAM))
        lines = tx.open_tickets(9)
        assert tx.open_tickets(1) == lines[:1]
        assert tx.in_status(Status.ANSWERED) == (THIRD,)
    assert [(line.reference, line.assignee, line.status) for line in lines] == [
        (SECOND, SAM, Status.IN_PROGRESS), (FIRST, None, Status.NEW),
    ]  # fmt: skip
    assert (lines[0].promised_on, lines[0].subject, lines[0].received_at) == (date(2026, 6, 4), "Een vraag", NOW)


def test_a_promise_that_is_settled_makes_room_for_another(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        moved = (PromiseSettled(PromiseState.MOVED), Promised(promised_on=LATER, ground=Ground.EXTENDED))
        follow_up(tx, 2, FIRST, *moved)
        promises = tx.case(FIRST).promises
        found = tx.find_ticket(FIRST)
    assert promises == (
        GivenDate(date(2026, 6, 4), PromiseState.MOVED, Ground.RECEIVED),
        GivenDate(LATER, PromiseState.OPEN, Ground.EXTENDED),
    )
    assert found is not None
    assert found.promised_on == LATER


def test_two_open_promises_are_a_mistake_of_ours(store: Store) -> None:
    with pytest.raises(ValueError, match="has an open promise"), store.writing() as tx:
        open_ticket(tx, 1)
        follow_up(tx, 2, FIRST, Promised(promised_on=LATER, ground=Ground.EXTENDED))
    with store.reading() as past:
        assert past.counts().history == 0


def test_a_promise_that_was_broken_from_the_beginning_stands_beside_the_new_one(store: Store) -> None:
    broken = Promised(promised_on=date(2026, 5, 1), ground=Ground.RECEIVED, state=PromiseState.BROKEN)
    with store.writing() as tx:
        open_ticket(tx, 1)
        follow_up(tx, 2, FIRST, broken)
        assert [each.state for each in tx.case(FIRST).promises] == [PromiseState.OPEN, PromiseState.BROKEN]


@pytest.mark.parametrize("state", [PromiseState.OPEN, PromiseState.BROKEN])
def test_a_promise_whose_answer_came_back_was_not_kept(store: Store, state: PromiseState) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        follow_up(tx, 2, FIRST, PromiseSettled(PromiseState.KEPT))
        follow_up(tx, 3, FIRST, Unkept(state))
        assert [each.state for each in tx.case(FIRST).promises] == [state]


def test_a_promise_that_was_not_kept_is_left_as_it_is(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        follow_up(tx, 2, FIRST, PromiseSettled(PromiseState.MOVED))
        follow_up(tx, 3, FIRST, Unkept(PromiseState.OPEN))
        assert [each.state for each in tx.case(FIRST).promises] == [PromiseState.MOVED]


def test_time_changes_a_ticket_without_a_mail(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        tx.pass_time(FIRST, [Closed(reason=CloseReason.ANSWERED, at=NOW + 14 * DAY)], "nobody wrote", NOW + 14 * DAY)
        dossier = tx.ticket(FIRST)
        assert tx.verify_chain() is None
    assert dossier is not None
    assert dossier.ticket.status is Status.CLOSED
    last = dossier.history[-1]
    assert (last.actor, last.mail, last.because) == ("ksmail", None, "nobody wrote")


def test_time_changes_no_ticket_that_is_not_there(store: Store) -> None:
    with store.writing() as tx, pytest.raises(LookupError, match="no ticket"):
        tx.pass_time(FIRST, [Flagged(Flag.COLLEAGUE)], "", NOW)


def test_what_an_order_changes_was_done_by_staff(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        order = posted("<o@agency.example>", SAM, 0, kind=EntryKind.ORDER, role=Role.STAFF)
        changes = (order, TakenUp(), Assigned(SAM), Flagged(Flag.TRUNCATED))
        follow_up(tx, 2, FIRST, *changes, kind=Disposition.ORDER)
        dossier = tx.ticket(FIRST)
    assert dossier is not None
    assert [line.actor for line in dossier.history[-5:]] == ["staff", "staff", "staff", "ksmail", "ksmail"]


def test_an_order_without_a_text_was_given_by_staff(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        follow_up(tx, 2, FIRST, TakenUp(), kind=Disposition.ORDER)
        dossier = tx.ticket(FIRST)
    assert dossier is not None
    assert [line.actor for line in dossier.history[-2:]] == ["staff", "ksmail"]


def test_another_ticket_changes_with_its_own_history(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        open_ticket(tx, 2)
        moved = (PromiseSettled(PromiseState.MOVED), Promised(promised_on=LATER, ground=Ground.MERGED))
        number = follow_up(tx, 3, FIRST, kind=Disposition.ORDER, elsewhere=[Elsewhere(SECOND, moved)])
        dossier = tx.ticket(SECOND)
        assert tx.verify_chain() is None
    assert dossier is not None
    assert dossier.ticket.promised_on == LATER
    assert [(line.actor, line.mail, line.because) for line in dossier.history[-2:]] == [
        ("staff", number, "it was ordered")
    ] * 2


def test_a_second_ticket_can_be_opened_beside_the_first(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        told = letter("split", "linked_new", about=str(SECOND))
        further = letter("staff", "staff_receipt", "sam@agency.example")
        opened = Elsewhere(SECOND, tuple(opening(SECOND, "")))
        follow_up(tx, 2, FIRST, kind=Disposition.ORDER, letters=[told, further], elsewhere=[opened])
        dossiers = [tx.ticket(reference) for reference in (FIRST, SECOND)]
        assert tx.next_reference("KV", 2026) == THIRD
        assert tx.verify_chain() is None
    assert [[line.message_id for line in each.letters] for each in dossiers if each] == [
        [further.message_id], [told.message_id],
    ]  # fmt: skip


def test_changes_elsewhere_need_a_ticket(store: Store) -> None:
    with store.writing() as tx, pytest.raises(ValueError, match="without a ticket"):
        open_ticket(tx, 1)
        follow_up(tx, 2, FIRST, elsewhere=[Elsewhere(SECOND, (TakenUp(),))])


def test_changes_elsewhere_may_have_a_reason_of_their_own(store: Store) -> None:
    with store.writing() as tx:
        for uid in (1, 2, 3):
            open_ticket(tx, uid)
        others = [Elsewhere(SECOND, (TakenUp(),), "a line about it"), Elsewhere(THIRD, (TakenUp(),))]
        follow_up(tx, 4, FIRST, kind=Disposition.ORDER, elsewhere=others)
        found = [tx.ticket(each) for each in (SECOND, THIRD)]
    assert [each.history[-1].because for each in found if each] == ["a line about it", "it was ordered"]


def test_changes_elsewhere_that_make_another_ticket_are_refused(store: Store) -> None:
    with store.writing() as tx, pytest.raises(ValueError, match="do not make KV-2026-0003"):
        open_ticket(tx, 1)
        follow_up(tx, 2, FIRST, elsewhere=[Elsewhere(THIRD, tuple(opening(SECOND)))])


def test_a_stated_time_is_kept_to_the_microsecond(store: Store) -> None:
    at = NOW + timedelta(microseconds=1)
    with store.writing() as tx:
        open_ticket(tx, 1)
        follow_up(tx, 2, FIRST, Answered(message_id="<a@desk.example>", at=at))
        found = tx.find_ticket(FIRST)
    assert found is not None
    assert (found.ended_at, found.active_at) == (at, at)
