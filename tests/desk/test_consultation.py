"""One question to one partner, through its own small life and that of its ticket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.desk.consultation import (
    Consultation,
    ConsultationEnded,
    Consulted,
    Informed,
    Inherited,
    PartnerReminded,
    PartnerReplied,
    Position,
    Stage,
    disagree,
    gone_on,
)
from ksmail.desk.ticket import (
    Acknowledged,
    Answered,
    AnswerFailed,
    Assigned,
    Change,
    Closed,
    CloseReason,
    InfoAsked,
    MergedInto,
    OpenedAgain,
    Resumed,
    Status,
    TakenUp,
    Ticket,
    evolve,
)
from tests.builders import MONDAY, address
from tests.desk.facts import (
    DUE,
    NOW,
    SAM,
    SECOND,
    after,
    answered,
    asked,
    closed,
    consultation,
    consulted,
    replied,
    ticket,
    waiting,
)

CODES = ("BZ", "OCW", "EZ", "VWS")
ENDS = (Stage.EXPIRED, Stage.WITHDRAWN, Stage.RETURNED)
LATER = NOW + timedelta(days=3)


def stage_of(made: Ticket, code: str = "BZ") -> Stage:
    return consultation(made, code).stage


# What a ticket is while partners are asked.


def test_a_request_that_was_taken_is_a_consultation_of_that_partner() -> None:
    assert consulted(ticket(), "BZ").consultations == (
        Consultation(
            partner="BZ",
            to=address("liaison@bz.example"),
            due_on=DUE,
            asked_at=MONDAY,
            message_id="<request-bz@desk.example>",
        ),
    )


@pytest.mark.parametrize("before", [(), (Acknowledged("<ack@desk.example>"),), (TakenUp(),), (Assigned(SAM.address),)])
def test_a_question_of_which_a_partner_was_asked_is_in_coordination(before: tuple[Change, ...]) -> None:
    assert consulted(after(ticket(), *before), "BZ").status is Status.COORDINATION


@pytest.mark.parametrize(
    "change", [TakenUp(), Assigned(SAM.address), Acknowledged("<ack@desk.example>"), PartnerReminded("BZ")]
)
def test_it_stays_in_coordination_whatever_the_desk_does_meanwhile(change: Change) -> None:
    assert after(consulted(ticket(), "BZ"), change).status is Status.COORDINATION


def test_the_answer_of_the_only_partner_puts_it_back_in_the_hands_of_staff() -> None:
    made = after(consulted(ticket(), "BZ"), replied(at=LATER))
    assert made.status is Status.IN_PROGRESS
    assert (stage_of(made), consultation(made).position) == (Stage.REPLIED, Position.NO_OBJECTION)
    assert consultation(made).replied_at == LATER


def test_it_waits_until_the_last_partner_has_answered() -> None:
    made = after(consulted(ticket(), "BZ", "OCW"), replied("BZ"))
    assert made.status is Status.COORDINATION
    assert after(made, replied("OCW")).status is Status.IN_PROGRESS


@pytest.mark.parametrize("stage", ENDS)
def test_nobody_is_waited_for_who_does_not_answer_any_more(stage: Stage) -> None:
    made = after(consulted(ticket(), "BZ", "OCW"), ConsultationEnded("BZ", stage))
    assert (made.status, stage_of(made)) == (Status.COORDINATION, stage)
    assert after(made, ConsultationEnded("OCW", stage)).status is Status.IN_PROGRESS


def test_what_waits_for_the_asker_goes_on_waiting_for_him() -> None:
    made = consulted(waiting(), "BZ")
    assert made.status is Status.WAITING_ASKER
    assert after(made, replied()).status is Status.WAITING_ASKER


def test_once_he_has_written_it_waits_for_the_partners_again() -> None:
    assert after(consulted(waiting(), "BZ"), Resumed()).status is Status.COORDINATION


def test_once_he_has_written_and_all_partners_too_it_is_with_staff() -> None:
    assert after(consulted(waiting(), "BZ"), replied(), Resumed()).status is Status.IN_PROGRESS


def test_a_question_to_the_asker_stops_the_clock_while_partners_think() -> None:
    asking = InfoAsked(message_id="<ask@desk.example>", at=NOW, remaining_days=4)
    made = after(consulted(ticket(), "BZ"), asking)
    assert (made.status, made.remaining_days, stage_of(made)) == (Status.WAITING_ASKER, 4, Stage.SENT)


def test_the_silence_of_a_partner_never_blocks_an_answer() -> None:
    assert answered(consulted(ticket(), "BZ")).status is Status.ANSWERED


@pytest.mark.parametrize("over", [answered, closed])
@pytest.mark.parametrize("change", [asked("OCW"), replied(), ConsultationEnded("BZ", Stage.EXPIRED)])
def test_nothing_of_a_partner_opens_a_question_that_is_over(over: Callable[[Ticket], Ticket], change: Change) -> None:
    made = over(consulted(ticket(), "BZ"))
    assert after(made, change).status is made.status


def test_an_answer_that_came_back_waits_for_the_partners_who_are_still_asked() -> None:
    made = answered(consulted(ticket(), "BZ"))
    assert after(made, AnswerFailed()).status is Status.COORDINATION


@pytest.mark.parametrize("reason", list(CloseReason))
def test_closing_a_question_closes_all_its_consultations(reason: CloseReason) -> None:
    made = after(consulted(ticket(), "BZ", "OCW", "EZ"), replied("OCW"), ConsultationEnded("EZ", Stage.WITHDRAWN))
    over = closed(made, reason=reason)
    assert {each.stage for each in over.consultations} == {Stage.CLOSED}
    assert consultation(over, "OCW").position is Position.NO_OBJECTION


def test_a_question_that_is_opened_again_waits_for_no_partner() -> None:
    assert after(closed(consulted(ticket(), "BZ")), OpenedAgain(at=LATER)).status is Status.IN_PROGRESS


def test_asked_once_more_after_that_a_partner_is_waited_for() -> None:
    again = asked(message_id="<again@desk.example>", at=LATER)
    made = after(closed(consulted(ticket(), "BZ")), OpenedAgain(at=LATER), again)
    assert (made.status, stage_of(made)) == (Status.COORDINATION, Stage.SENT)


def test_merging_closes_the_consultations_of_what_went_into_another_one() -> None:
    made = after(consulted(ticket(), "BZ"), MergedInto(reference=SECOND, at=NOW))
    assert (made.status, stage_of(made)) == (Status.CLOSED, Stage.CLOSED)


@pytest.mark.parametrize(
    "change", [asked("OCW"), replied(), PartnerReminded("BZ"), Informed(partner="BZ", identity=True)]
)
def test_what_went_into_another_one_changes_no_more(change: Change) -> None:
    made = after(consulted(ticket(), "BZ"), MergedInto(reference=SECOND, at=NOW))
    assert after(made, change) == made


# What a merge brings along.


def test_a_consultation_comes_along_as_it_stood() -> None:
    brought = consultation(after(consulted(ticket(), "BZ"), replied()))
    made = after(ticket(reference=SECOND), Inherited(brought))
    assert made.consultations == (brought,)
    assert made.status is Status.NEW


def test_a_question_that_takes_in_one_that_waits_for_a_partner_waits_too() -> None:
    brought = consultation(consulted(ticket(), "BZ"))
    assert after(ticket(reference=SECOND), Inherited(brought)).status is Status.COORDINATION


def test_a_partner_that_was_asked_here_too_has_only_the_consultation_of_here() -> None:
    brought = replace(consultation(consulted(ticket(), "BZ")), message_id="<other@desk.example>")
    made = consulted(ticket(reference=SECOND), "BZ")
    assert after(made, Inherited(brought)) == made


# One consultation.


@pytest.mark.parametrize(("stage", "waited"), [(stage, stage is Stage.SENT) for stage in Stage])
def test_only_after_a_request_that_was_sent_we_wait(stage: Stage, waited: bool) -> None:
    assert replace(consultation(consulted(ticket(), "BZ")), stage=stage).is_open is waited


@pytest.mark.parametrize("position", list(Position))
def test_a_later_position_takes_the_place_of_an_earlier_one(position: Position) -> None:
    made = after(consulted(ticket(), "BZ"), replied(), replied(position=position, at=LATER))
    assert (stage_of(made), consultation(made).position) == (Stage.REPLIED, position)
    assert consultation(made).replied_at == LATER


@pytest.mark.parametrize("position", list(Position))
def test_an_older_answer_that_is_released_later_changes_nothing(position: Position) -> None:
    made = after(consulted(ticket(), "BZ"), replied(position=Position.OBJECTION, at=LATER))
    assert after(made, replied(position=position, at=NOW)) == made


def test_after_it_was_asked_again_even_an_older_answer_counts() -> None:
    answered_once = after(consulted(ticket(), "BZ"), replied(position=Position.OBJECTION, at=LATER))
    again = after(answered_once, asked(message_id="<again@desk.example>", at=LATER), replied(at=NOW))
    assert (stage_of(again), consultation(again).position) == (Stage.REPLIED, Position.NO_OBJECTION)


@pytest.mark.parametrize("stage", ENDS)
def test_a_late_reply_still_counts_as_the_position(stage: Stage) -> None:
    made = after(consulted(ticket(), "BZ"), ConsultationEnded("BZ", stage), replied(at=LATER))
    assert (made.status, stage_of(made)) == (Status.IN_PROGRESS, Stage.REPLIED)
    assert consultation(made).position is Position.NO_OBJECTION


def test_a_reply_after_the_question_was_closed_is_kept_and_leaves_it_closed() -> None:
    made = after(closed(consulted(ticket(), "BZ")), replied(position=Position.OBJECTION, at=LATER))
    assert (made.status, stage_of(made)) == (Status.CLOSED, Stage.CLOSED)
    assert (consultation(made).position, consultation(made).replied_at) == (Position.OBJECTION, LATER)


@pytest.mark.parametrize("stage", ENDS)
def test_what_has_an_answer_does_not_end_without_one(stage: Stage) -> None:
    made = after(consulted(ticket(), "BZ"), replied())
    assert after(made, ConsultationEnded("BZ", stage)) == made


@pytest.mark.parametrize("second", ENDS)
@pytest.mark.parametrize("first", ENDS)
def test_a_consultation_ends_once(first: Stage, second: Stage) -> None:
    made = after(consulted(ticket(), "BZ"), ConsultationEnded("BZ", first))
    assert after(made, ConsultationEnded("BZ", second)) == made


def test_asked_again_a_partner_starts_afresh() -> None:
    before = after(consulted(ticket(), "BZ"), PartnerReminded("BZ"), replied())
    again = asked(due_on=date(2026, 6, 15), message_id="<again@desk.example>", at=LATER)
    found = consultation(after(before, again))
    assert (found.stage, found.position, found.replied_at, found.reminded) == (Stage.SENT, None, None, False)
    assert (found.due_on, found.message_id, found.asked_at) == (date(2026, 6, 15), "<again@desk.example>", LATER)


def test_asked_again_at_another_address_it_is_that_one_that_counts() -> None:
    elsewhere = asked(to=address("other@bz.example"), message_id="<again@desk.example>")
    assert consultation(after(consulted(ticket(), "BZ"), elsewhere)).to == address("other@bz.example")


@pytest.mark.parametrize(
    "meanwhile",
    [
        (),
        (replied(at=LATER),),
        (PartnerReminded("BZ"),),
        (ConsultationEnded("BZ", Stage.WITHDRAWN),),
        (Closed(reason=CloseReason.WITHDRAWN, at=LATER),),
        (Closed(reason=CloseReason.WITHDRAWN, at=LATER), OpenedAgain(at=LATER)),
    ],
    ids=["nothing", "answered", "reminded", "withdrawn", "closed", "opened again"],
)
def test_the_very_same_request_that_was_taken_twice_changes_nothing(meanwhile: tuple[Change, ...]) -> None:
    before = after(consulted(ticket(), "BZ"), *meanwhile)
    twice = asked(due_on=date(2026, 6, 30), at=LATER + timedelta(days=1), identity=True, attachments=True)
    assert after(before, twice) == before


@pytest.mark.parametrize("learns", [Informed(partner="BZ", identity=True, attachments=True), None])
def test_asked_again_it_still_knows_what_it_knew(learns: Informed | None) -> None:
    first = (asked(), learns) if learns else (asked(identity=True, attachments=True),)
    found = consultation(after(ticket(), *first, asked(message_id="<again@desk.example>")))
    assert (found.message_id, found.identity, found.attachments) == ("<again@desk.example>", True, True)


@pytest.mark.parametrize("identity", [False, True])
@pytest.mark.parametrize("attachments", [False, True])
def test_what_a_partner_is_told_later_adds_to_what_it_knows(identity: bool, attachments: bool) -> None:
    told = Informed(partner="BZ", identity=identity, attachments=attachments)
    found = consultation(after(consulted(ticket(), "BZ"), told, Informed(partner="BZ")))
    assert (found.identity, found.attachments, found.stage) == (identity, attachments, Stage.SENT)


def test_a_reminder_changes_nothing_but_that_it_went() -> None:
    made = consulted(ticket(), "BZ")
    assert consultation(after(made, PartnerReminded("BZ"))) == replace(consultation(made), reminded=True)


def test_what_nobody_asked_of_a_partner_has_no_consultation() -> None:
    assert ticket().consultation("BZ") is None


# Disagreement.


def both(one: Position, other: Position) -> Ticket:
    return after(consulted(ticket(), "BZ", "OCW"), replied("BZ", one), replied("OCW", other))


@pytest.mark.parametrize("one", list(Position))
@pytest.mark.parametrize("other", list(Position))
def test_only_an_objection_beside_a_no_objection_is_disagreement(one: Position, other: Position) -> None:
    opposite = {one, other} == {Position.OBJECTION, Position.NO_OBJECTION}
    assert disagree(both(one, other).consultations) is opposite


def test_one_partner_never_disagrees_with_itself() -> None:
    made = after(consulted(ticket(), "BZ"), replied(), replied(position=Position.OBJECTION))
    assert not disagree(made.consultations)


def test_who_was_let_go_disagrees_with_nobody() -> None:
    made = both(Position.OBJECTION, Position.NO_OBJECTION)
    gone = [replace(each, stage=Stage.WITHDRAWN) for each in made.consultations if each.partner == "OCW"]
    assert not disagree((consultation(made), *gone))


# Laws.

some_code = st.sampled_from(CODES)
some_name = st.sampled_from(["<1@desk.example>", "<2@desk.example>"])
some_change = st.one_of(
    st.builds(asked, some_code, message_id=some_name, identity=st.booleans(), attachments=st.booleans()),
    st.builds(Informed, partner=some_code, identity=st.booleans(), attachments=st.booleans()),
    st.builds(replied, some_code, st.sampled_from(Position), st.sampled_from([MONDAY, NOW, LATER])),
    st.builds(PartnerReminded, some_code),
    st.builds(ConsultationEnded, some_code, st.sampled_from(ENDS)),
    st.builds(Inherited, some_code.map(lambda code: consultation(consulted(ticket(), code), code))),
)
of_the_ticket = st.sampled_from([
    Acknowledged("<ack@desk.example>"),
    TakenUp(),
    Assigned(SAM.address),
    Answered(message_id="<answer@desk.example>", at=NOW),
    InfoAsked(message_id="<ask@desk.example>", at=NOW, remaining_days=2),
    Resumed(),
    AnswerFailed(),
    OpenedAgain(at=NOW),
    Closed(reason=CloseReason.WITHDRAWN, at=NOW),
])  # fmt: skip


def about(change: Change) -> str:
    """The code of the partner that a change is about."""
    match change:
        case Inherited(brought):
            return brought.partner
        case Consulted() | Informed() | PartnerReplied() | PartnerReminded() | ConsultationEnded():
            return change.partner
    raise AssertionError(change)


@given(st.lists(some_change, max_size=30))
def test_each_partner_has_one_consultation_in_the_order_of_the_first_request(changes: list[Change]) -> None:
    first = [about(change) for change in changes if isinstance(change, Consulted | Inherited)]
    found = [each.partner for each in after(ticket(), *changes).consultations]
    assert found == list(dict.fromkeys(first))


@given(st.lists(st.one_of(some_change, of_the_ticket), max_size=30), some_change)
def test_whatever_happens_to_a_partner_taken_twice_it_is_taken_once(changes: list[Change], change: Change) -> None:
    once = after(ticket(), *changes, change)
    assert evolve(once, change) == once


@given(st.lists(some_change, max_size=30), some_code)
def test_of_a_partner_that_was_never_asked_nothing_changes(changes: list[Change], code: str) -> None:
    made = after(ticket(), *(change for change in changes if about(change) != code))
    unasked = [each for each in changes if about(each) == code and not isinstance(each, Consulted | Inherited)]
    assert after(made, *unasked) == made


@given(st.lists(some_change, max_size=30), some_change)
def test_a_change_of_one_partner_leaves_the_others_as_they_are(changes: list[Change], change: Change) -> None:
    before = after(ticket(), *changes)
    now = evolve(before, change)
    for code in set(CODES) - {about(change)}:
        assert now.consultation(code) == before.consultation(code)


@given(st.lists(st.one_of(some_change, of_the_ticket), max_size=30))
def test_nothing_that_a_partner_knows_is_ever_forgotten(changes: list[Change]) -> None:
    made = ticket()
    for change in changes:
        before, made = made, evolve(made, change)
        for was in before.consultations:
            now = consultation(made, was.partner)
            assert now.identity >= was.identity
            assert now.attachments >= was.attachments


@given(st.lists(st.one_of(some_change, of_the_ticket), max_size=30))
def test_a_question_is_in_coordination_exactly_while_it_waits_for_partners_alone(changes: list[Change]) -> None:
    made = after(ticket(), *changes)
    waits = any(each.is_open for each in made.consultations)
    theirs = made.status.is_open and made.status is not Status.WAITING_ASKER
    assert (made.status is Status.COORDINATION) is (waits and theirs)


@given(st.lists(st.one_of(some_change, of_the_ticket), max_size=30))
def test_whoever_replied_has_a_position_and_a_moment(changes: list[Change]) -> None:
    for each in after(ticket(), *changes).consultations:
        assert (each.position is None) is (each.replied_at is None)
        assert each.stage is not Stage.REPLIED or each.position is not None


@given(st.lists(some_change, max_size=30))
def test_a_ticket_and_its_consultations_tell_the_same_story(changes: list[Change]) -> None:
    apart: tuple[Consultation, ...] = ()
    for change in changes:
        apart = gone_on(apart, change)  # type: ignore[arg-type]  # all of these are a partner's
    assert after(ticket(), *changes).consultations == apart
