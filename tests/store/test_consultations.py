"""What partners were asked about a ticket comes out of the store as it went in."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksmail.address import parse_address
from ksmail.capability import Audience
from ksmail.desk.arrival import Disposition, Elsewhere
from ksmail.desk.consultation import (
    Consultation,
    ConsultationEnded,
    Consulted,
    Informed,
    Inherited,
    PartnerChange,
    PartnerReminded,
    PartnerReplied,
    Position,
    Stage,
)
from ksmail.desk.ticket import (
    Absorbed,
    Answered,
    AnswerFailed,
    Change,
    Closed,
    CloseReason,
    EntryKind,
    InfoAsked,
    MergedInto,
    OpenedAgain,
    Posted,
    PromiseSettled,
    PromiseState,
    Resumed,
    TakenUp,
    Ticket,
    evolve,
)
from ksmail.incoming.identity import Role
from ksmail.outgoing.transport import Sent
from ksmail.reference import Reference
from ksmail.store.store import Store, StoreSettings, Transaction
from tests.store.facts import NOW, follow_up, letter, open_ticket, posted

FIRST, SECOND = Reference("KV", 2026, 1), Reference("KV", 2026, 2)
LIAISON = parse_address("Pat.Liaison@ministry.example", "Pat Liaison")
OTHER = parse_address("desk@partner.example")
DUE = date(2026, 6, 8)
LATER = NOW + timedelta(days=2, microseconds=7)


def asked(partner: str = "BZ", **facts: Any) -> Consulted:
    defaults: dict[str, Any] = {"to": LIAISON, "due_on": DUE, "message_id": f"<{partner}@desk.example>", "at": NOW}
    return Consulted(partner=partner, **(defaults | facts))


def replied(partner: str = "BZ", position: Position = Position.NO_OBJECTION) -> PartnerReplied:
    return PartnerReplied(partner=partner, position=position, at=LATER)


INHERITED = Consultation(
    partner="EZ",
    to=OTHER,
    due_on=DUE,
    asked_at=LATER,
    message_id="<EZ@desk.example>",
    stage=Stage.REPLIED,
    position=Position.NOT_OURS,
    replied_at=LATER,
    identity=True,
    attachments=True,
    reminded=True,
)


def found(store: Store, reference: Reference = FIRST) -> Ticket:
    """The ticket as it is on the disk."""
    with store.reading() as past:
        ticket = past.find_ticket(reference)
        assert past.verify_chain() is None
    assert ticket is not None
    return ticket


def after(store: Store, *changes: Change) -> tuple[Consultation, ...]:
    """The consultations of a question to which this happened, each by a mail of its own."""
    with store.writing() as tx:
        open_ticket(tx, 1)
        for uid, change in enumerate(changes, start=2):
            follow_up(tx, uid, FIRST, change)
    return found(store).consultations


def test_a_new_question_consulted_nobody(store: Store) -> None:
    assert after(store) == ()


def test_a_request_comes_back_as_it_was(store: Store) -> None:
    (consultation,) = after(store, asked(identity=True, attachments=True))
    assert consultation == Consultation(
        partner="BZ",
        to=LIAISON,
        due_on=DUE,
        asked_at=NOW,
        message_id="<BZ@desk.example>",
        identity=True,
        attachments=True,
    )
    assert (consultation.to.spec, consultation.to.name) == ("Pat.Liaison@ministry.example", "Pat Liaison")


def test_a_request_that_follows_another_one_takes_its_place(store: Store) -> None:
    again = asked(to=OTHER, due_on=DUE + timedelta(days=7), message_id="<again@desk.example>", at=LATER)
    (consultation,) = after(store, asked(identity=True), replied(), PartnerReminded("BZ"), again)
    assert (consultation.to, consultation.due_on) == (OTHER, date(2026, 6, 15))
    assert (consultation.asked_at, consultation.message_id) == (LATER, "<again@desk.example>")
    assert (consultation.stage, consultation.position, consultation.replied_at) == (Stage.SENT, None, None)
    assert (consultation.identity, consultation.reminded) == (True, False)


def test_the_very_same_request_that_was_taken_twice_changes_nothing(store: Store) -> None:
    twice = asked(to=OTHER, due_on=DUE + timedelta(days=7), at=LATER, identity=True)
    (consultation,) = after(store, asked(), replied(), twice)
    assert (consultation.to, consultation.due_on, consultation.asked_at) == (LIAISON, DUE, NOW)
    assert (consultation.stage, consultation.position) == (Stage.REPLIED, Position.NO_OBJECTION)
    assert consultation.identity is False


def test_an_older_answer_that_is_released_later_changes_nothing(store: Store) -> None:
    older = PartnerReplied(partner="BZ", position=Position.OBJECTION, at=NOW)
    (consultation,) = after(store, asked(), replied(), older)
    assert (consultation.position, consultation.replied_at) == (Position.NO_OBJECTION, LATER)


@pytest.mark.parametrize(("identity", "attachments"), [(True, False), (False, True), (True, True)])
def test_what_a_partner_was_told_after_its_request_is_kept(store: Store, identity: bool, attachments: bool) -> None:
    (consultation,) = after(store, asked(), Informed(partner="BZ", identity=identity, attachments=attachments))
    assert (consultation.identity, consultation.attachments) == (identity, attachments)


@pytest.mark.parametrize("position", Position)
def test_a_position_is_kept_with_its_moment(store: Store, position: Position) -> None:
    (consultation,) = after(store, asked(), replied(position=position))
    assert (consultation.stage, consultation.position, consultation.replied_at) == (Stage.REPLIED, position, LATER)


def test_that_a_partner_was_reminded_is_kept(store: Store) -> None:
    (consultation,) = after(store, asked(), PartnerReminded("BZ"))
    assert (consultation.stage, consultation.reminded) == (Stage.SENT, True)


@pytest.mark.parametrize("stage", [Stage.EXPIRED, Stage.WITHDRAWN, Stage.RETURNED])
def test_how_a_consultation_ended_is_kept(store: Store, stage: Stage) -> None:
    (consultation,) = after(store, asked(), ConsultationEnded("BZ", stage))
    assert (consultation.stage, consultation.position) == (stage, None)


def test_a_consultation_of_another_ticket_comes_along_whole(store: Store) -> None:
    assert after(store, Inherited(INHERITED)) == (INHERITED,)


def test_a_question_that_is_over_has_closed_its_consultations(store: Store) -> None:
    changes = (asked("BZ"), asked("OCW"), replied("BZ"), Closed(reason=CloseReason.WITHDRAWN, at=LATER))
    assert [(each.stage, each.position) for each in after(store, *changes)] == [
        (Stage.CLOSED, Position.NO_OBJECTION), (Stage.CLOSED, None)
    ]  # fmt: skip


def test_of_a_partner_that_was_never_asked_nothing_is_stored(store: Store) -> None:
    ended = ConsultationEnded("BZ", Stage.EXPIRED)
    assert after(store, replied(), PartnerReminded("BZ"), Informed(partner="BZ", identity=True), ended) == ()


def test_partners_keep_the_order_in_which_they_were_asked_first(store: Store) -> None:
    changes = (asked("OCW"), asked("BZ"), Inherited(INHERITED), replied("BZ"), asked("OCW", at=LATER))
    assert [each.partner for each in after(store, *changes)] == ["OCW", "BZ", "EZ"]


def test_several_partners_can_be_asked_at_once(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        follow_up(tx, 2, FIRST, asked("OCW"), asked("BZ"), replied("OCW"))
    assert [(each.partner, each.stage) for each in found(store).consultations] == [
        ("OCW", Stage.REPLIED), ("BZ", Stage.SENT)
    ]  # fmt: skip


def test_each_ticket_has_its_own_consultations(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        open_ticket(tx, 2)
        follow_up(tx, 3, FIRST, asked("BZ"))
        follow_up(tx, 4, SECOND, asked("BZ", to=OTHER), replied("BZ"))
    assert [(each.to, each.stage) for each in found(store).consultations] == [(LIAISON, Stage.SENT)]
    assert [(each.to, each.stage) for each in found(store, SECOND).consultations] == [(OTHER, Stage.REPLIED)]


def test_a_partner_is_asked_when_the_mail_server_takes_our_request(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("r", "partner_request", LIAISON.spec))
        tx.start_attempt([1], NOW)
        tx.settle(1, {LIAISON.spec: Sent()}, None, NOW, [(asked(), "taken")])
    assert [each.partner for each in found(store).consultations] == ["BZ"]


def test_what_time_brings_to_a_consultation_is_stored(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        follow_up(tx, 2, FIRST, asked())
        tx.pass_time(FIRST, [PartnerReminded("BZ"), ConsultationEnded("BZ", Stage.EXPIRED)], "silent", LATER)
    (consultation,) = found(store).consultations
    assert (consultation.stage, consultation.reminded) == (Stage.EXPIRED, True)


def test_what_was_undone_was_never_asked(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
    with pytest.raises(OSError, match="fell over"), store.writing() as tx:
        follow_up(tx, 2, FIRST, asked())
        raise OSError("fell over")
    assert found(store).consultations == ()


# Which tickets wait for partners whose date has come.


def test_the_tickets_that_wait_for_a_partner_come_in_order_of_receipt(store: Store) -> None:
    with store.writing() as tx:
        for uid in (1, 2, 3):
            open_ticket(tx, uid)
        follow_up(tx, 4, Reference("KV", 2026, 3), asked("BZ"), asked("OCW"))
        follow_up(tx, 5, FIRST, asked("BZ"))
        assert tx.with_due_consultations(DUE) == (FIRST, Reference("KV", 2026, 3))


@pytest.mark.parametrize(
    "change",
    [
        replied(),
        ConsultationEnded("BZ", Stage.EXPIRED),
        ConsultationEnded("BZ", Stage.WITHDRAWN),
        ConsultationEnded("BZ", Stage.RETURNED),
        Closed(reason=CloseReason.WITHDRAWN, at=LATER),
        MergedInto(reference=SECOND, at=LATER),
    ],
    ids=lambda change: f"{type(change).__name__} {getattr(change, 'stage', '')}".strip(),
)
def test_a_ticket_whose_last_partner_is_done_waits_for_none(store: Store, change: Change) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        open_ticket(tx, 2)
        again = asked("BZ", message_id="<again@desk.example>")
        follow_up(tx, 3, FIRST, asked("BZ"), replied("BZ"), again)
        assert tx.with_due_consultations(DUE) == (FIRST,)
        follow_up(tx, 4, FIRST, change)
        assert tx.with_due_consultations(DUE) == ()


def test_one_partner_that_has_not_answered_is_enough_to_wait(store: Store) -> None:
    after(store, asked("BZ"), asked("OCW"), replied("BZ"))
    with store.reading() as past:
        assert past.with_due_consultations(DUE) == (FIRST,)


def test_before_its_date_nobody_need_look_at_a_partner(store: Store) -> None:
    later = asked("OCW", due_on=DUE + timedelta(days=3))
    with store.writing() as tx:
        open_ticket(tx, 1)
        open_ticket(tx, 2)
        follow_up(tx, 3, FIRST, asked("BZ"), later)
        follow_up(tx, 4, SECOND, later)
        days = [DUE - timedelta(days=1), DUE, DUE + timedelta(days=2), DUE + timedelta(days=3)]
        assert [tx.with_due_consultations(day) for day in days] == [(), (FIRST,), (FIRST,), (FIRST, SECOND)]


# Whose words a text has.


def text_of(partner: str, kind: EntryKind = EntryKind.POSITION, role: Role = Role.PARTNER) -> Posted:
    said = posted(f"<{partner}-{kind}@ministry.example>", files=0, audience=Audience.PARTNER, kind=kind, role=role)
    return replace(said, partner=partner)


TEXTS = (text_of("BZ", EntryKind.REQUEST, Role.STAFF), text_of("OCW"))


def test_a_case_says_of_each_text_whose_it_is(store: Store) -> None:
    after(store, *TEXTS)
    with store.reading() as past:
        texts = past.case(FIRST).texts
    assert [(text.kind, text.partner) for text in texts] == [
        (EntryKind.QUESTION, ""), (EntryKind.REQUEST, "BZ"), (EntryKind.POSITION, "OCW")
    ]  # fmt: skip
    assert [text.audience for text in texts[1:]] == [Audience.PARTNER, Audience.PARTNER]


def test_a_dossier_says_of_each_entry_whose_it_is(store: Store) -> None:
    after(store, *TEXTS)
    with store.reading() as past:
        dossier = past.ticket(FIRST)
    assert dossier is not None
    assert [(entry.kind, entry.partner) for entry in dossier.entries] == [
        (EntryKind.QUESTION, ""), (EntryKind.REQUEST, "BZ"), (EntryKind.POSITION, "OCW")
    ]  # fmt: skip


def merge(tx: Transaction, uid: int) -> None:
    """The first ticket goes into the second, with what it asked of partners."""
    ticket = tx.find_ticket(FIRST)
    assert ticket is not None
    merged = (PromiseSettled(PromiseState.DROPPED), MergedInto(reference=SECOND, at=NOW))
    brought: tuple[Change, ...] = (Absorbed(FIRST), *map(Inherited, ticket.consultations))
    follow_up(tx, uid, FIRST, *merged, kind=Disposition.ORDER, elsewhere=[Elsewhere(SECOND, brought)])


def test_a_position_comes_along_with_the_ticket_that_was_merged(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        open_ticket(tx, 2)
        follow_up(tx, 3, FIRST, asked("OCW"), TEXTS[1], replied("OCW"))
        merge(tx, 4)
        assert [text.partner for text in tx.case(SECOND).texts if text.partner] == ["OCW"]
    assert [(each.partner, each.stage) for each in found(store, SECOND).consultations] == [("OCW", Stage.REPLIED)]


def test_no_text_of_a_partner_is_in_the_thread_of_the_asker(store: Store) -> None:
    after(store, *TEXTS)
    with store.reading() as past:
        assert past.case(FIRST).thread == ()


# Whatever happens, the store and the desk agree.


CODES = st.sampled_from(["BZ", "OCW", "EZ"])
MOMENTS = st.sampled_from([NOW, LATER])
FLAGS = st.booleans()
ADDRESSES = st.sampled_from([LIAISON, OTHER])
DAYS = st.dates(date(2026, 6, 1), date(2027, 1, 1))
IDS = st.sampled_from(["<1@desk.example>", "<2@desk.example>"])
CONSULTATIONS = st.builds(
    Consultation,
    partner=CODES,
    to=ADDRESSES,
    due_on=DAYS,
    asked_at=MOMENTS,
    message_id=IDS,
    stage=st.sampled_from(Stage),
    position=st.none() | st.sampled_from(Position),
    replied_at=st.none() | MOMENTS,
    identity=FLAGS,
    attachments=FLAGS,
    reminded=FLAGS,
)
OF_PARTNERS: tuple[st.SearchStrategy[PartnerChange], ...] = (
    st.builds(
        Consulted, partner=CODES, to=ADDRESSES, due_on=DAYS, message_id=IDS, at=MOMENTS, identity=FLAGS,
        attachments=FLAGS,
    ),
    st.builds(Informed, partner=CODES, identity=FLAGS, attachments=FLAGS),
    st.builds(PartnerReplied, partner=CODES, position=st.sampled_from(Position), at=MOMENTS),
    st.builds(PartnerReminded, CODES),
    st.builds(ConsultationEnded, CODES, st.sampled_from([Stage.EXPIRED, Stage.WITHDRAWN, Stage.RETURNED])),
    st.builds(Inherited, CONSULTATIONS),
)  # fmt: skip
BESIDE: tuple[st.SearchStrategy[Change], ...] = (
    st.just(TakenUp()),
    st.just(Resumed()),
    st.just(AnswerFailed()),
    st.builds(Answered, message_id=IDS, at=MOMENTS),
    st.builds(InfoAsked, message_id=IDS, at=MOMENTS, remaining_days=st.integers(1, 9)),
    st.builds(Closed, reason=st.sampled_from([CloseReason.ANSWERED, CloseReason.SPAM]), at=MOMENTS),
    st.builds(OpenedAgain, at=MOMENTS),
)
LIVES = st.lists(st.lists(st.one_of(*OF_PARTNERS, *OF_PARTNERS, *BESIDE), min_size=1, max_size=4), max_size=5)


@settings(max_examples=40, deadline=None)
@given(LIVES)
def test_whatever_happens_the_ticket_in_the_store_is_the_one_that_the_desk_knows(
    empty_store: Path, tmp_path_factory: pytest.TempPathFactory, life: list[list[Change]]
) -> None:
    place = tmp_path_factory.mktemp("consultations") / "desk.db"
    store = Store.open(StoreSettings(path=Path(shutil.copy(empty_store, place))))
    with closing(store):
        with store.writing() as tx:
            open_ticket(tx, 1)
            open_ticket(tx, 2)
        known, other = found(store), found(store, SECOND)
        for uid, changes in enumerate(life, start=3):
            with store.writing() as tx:
                follow_up(tx, uid, FIRST, *changes)
            known = reduce(evolve, changes, known)
            assert found(store) == known
        with store.reading() as past:
            waits = any(each.is_open for each in known.consultations)
            assert past.with_due_consultations(date.max) == ((FIRST,) if waits else ())
        assert found(store, SECOND) == other
        assert len({each.partner for each in known.consultations}) == len(known.consultations)
