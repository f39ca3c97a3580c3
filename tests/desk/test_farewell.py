"""Partners hear when a question is over: who need not answer any more, and who wants to know."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.address import Address
from ksmail.capability import Audience
from ksmail.desk.consultation import ConsultationEnded, Position, Stage
from ksmail.desk.farewell import farewell, let_go
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.policy import Policy
from ksmail.desk.requests import Sender
from ksmail.desk.ticket import (
    Answered,
    AnswerFailed,
    Change,
    Closed,
    CloseReason,
    Corrected,
    InfoAsked,
    Posted,
    PromiseSettled,
    PromiseState,
    TakenUp,
    Ticket,
)
from tests.builders import address
from tests.desk.facts import (
    BZ,
    CONSULTING,
    EZ,
    NOW,
    OCW,
    SAM,
    after,
    answered,
    asked,
    carried,
    case,
    closed,
    consulted,
    kinds_of,
    partner,
    replied,
    text,
    ticket,
)

ANSWER = Answered(message_id="<answer@desk.example>", at=NOW)
CLOSE = Closed(reason=CloseReason.WITHDRAWN, at=NOW)
ENDS = (Stage.EXPIRED, Stage.WITHDRAWN, Stage.RETURNED)
# BZ and OCW still have to answer; EZ, which wants to know how it ends, has.
ASKED = after(consulted(ticket(), "BZ", "OCW", "EZ"), replied("EZ"))


def told(made: Ticket, *changes: Change, policy: Policy = CONSULTING, by: Address | None = None) -> tuple[Letter, ...]:
    return farewell(made, changes, Sender(policy=policy, cause="over <answer@desk.example>", by=by))


def read(letters: tuple[Letter, ...]) -> list[tuple[LetterKind, Address]]:
    return [(letter.kind, letter.to) for letter in letters]


# Who hears of it.


def test_with_the_answer_who_has_not_answered_need_not_do_so_any_more() -> None:
    letters = told(consulted(ticket(), "BZ", "OCW"), ANSWER)
    assert read(letters) == [(LetterKind.PARTNER_WITHDRAWN, BZ.liaison), (LetterKind.PARTNER_WITHDRAWN, OCW.liaison)]
    assert {letter.facts["reason"] for letter in letters} == {"answered"}


def test_who_has_and_wants_to_know_hears_on_which_day_it_was_answered() -> None:
    (letter,) = told(after(consulted(ticket(), "EZ"), replied("EZ")), ANSWER)
    assert (letter.kind, letter.to) == (LetterKind.PARTNER_OUTCOME, EZ.liaison)
    assert letter.facts["answered_on"] == date(2026, 6, 1)


def test_that_day_is_a_date_at_the_desk() -> None:
    late = replace(ANSWER, at=datetime(2026, 6, 1, 22, 30, tzinfo=UTC))
    (letter,) = told(after(consulted(ticket(), "EZ"), replied("EZ")), late)
    assert letter.facts["answered_on"] == date(2026, 6, 2)


def test_of_a_second_answer_it_hears_nothing_more() -> None:
    over = answered(after(consulted(ticket(), "EZ"), replied("EZ")))
    assert told(over, replace(ANSWER, message_id="<second@desk.example>")) == ()


def test_of_an_answer_that_came_back_and_goes_again_it_hears_once_it_has_gone() -> None:
    again = after(answered(after(consulted(ticket(), "EZ"), replied("EZ"))), AnswerFailed())
    assert kinds_of(told(again, ANSWER)) == [LetterKind.PARTNER_OUTCOME]


def test_who_has_and_did_not_ask_to_know_hears_nothing() -> None:
    assert told(after(consulted(ticket(), "BZ"), replied("BZ")), ANSWER) == ()


@pytest.mark.parametrize("position", list(Position))
def test_who_wants_to_know_hears_it_whatever_it_answered(position: Position) -> None:
    made = after(consulted(ticket(), "EZ"), replied("EZ", position))
    assert kinds_of(told(made, ANSWER)) == [LetterKind.PARTNER_OUTCOME]


@pytest.mark.parametrize("stage", ENDS)
def test_who_never_answered_and_is_not_waited_for_hears_nothing(stage: Stage) -> None:
    assert told(after(consulted(ticket(), "EZ"), ConsultationEnded("EZ", stage)), ANSWER) == ()


def test_each_partner_hears_what_is_so_for_it() -> None:
    assert kinds_of(told(ASKED, ANSWER)) == [*[LetterKind.PARTNER_WITHDRAWN] * 2, LetterKind.PARTNER_OUTCOME]


@pytest.mark.parametrize("reason", list(CloseReason))
def test_when_the_question_is_closed_without_an_answer_only_who_still_has_to_answer_hears_it(
    reason: CloseReason,
) -> None:
    letters = told(ASKED, Closed(reason=reason, at=NOW))
    assert [letter.to for letter in letters] == [BZ.liaison, OCW.liaison]
    assert {letter.facts["reason"] for letter in letters} == {"closed"}


def test_answered_and_closed_at_once_it_was_answered() -> None:
    letters = told(ASKED, ANSWER, CLOSE)
    assert [letter.facts.get("reason", "") for letter in letters] == ["answered", "answered", ""]


@pytest.mark.parametrize(
    "change",
    [
        TakenUp(),
        InfoAsked(message_id="<ask@desk.example>", at=NOW, remaining_days=2),
        Corrected(message_id="<correction@desk.example>", at=NOW),
        PromiseSettled(PromiseState.KEPT),
        replied("BZ"),
    ],
)
def test_nothing_else_ends_a_question(change: Change) -> None:
    assert told(ASKED, change) == ()
    assert told(ASKED) == ()


def test_of_a_question_of_which_nobody_was_asked_nobody_hears() -> None:
    assert told(ticket(), ANSWER, CLOSE) == ()


@pytest.mark.parametrize("over", [answered(ASKED), closed(ASKED)])
def test_a_partner_to_whom_nobody_can_write_any_more_hears_nothing(over: Ticket) -> None:
    without = replace(CONSULTING, partners=(partner("BZ", liaison=None), OCW))
    assert [letter.to for letter in told(ASKED, ANSWER, policy=without)] == [OCW.liaison]
    assert told(over, ANSWER, policy=replace(CONSULTING, partners=())) == ()


def test_a_partner_that_got_another_code_hears_it_under_the_new_one_and_is_let_go_under_the_old_one() -> None:
    policy = replace(CONSULTING, partners=(replace(BZ, code="BUZA", aliases=("BZ",)), OCW))
    (letter,) = told(consulted(ticket(), "BZ"), CLOSE, policy=policy)
    assert (letter.to, letter.facts["reference"]) == (BZ.liaison, "KV-2026-0001/BUZA")
    assert letter.in_reply_to == "<request-bz@desk.example>"
    assert letter.then == (ConsultationEnded("BZ", Stage.WITHDRAWN),)


# What they read.


@pytest.mark.parametrize(("by", "name"), [(None, ""), (SAM.address, SAM.address.spec)])
def test_it_stands_in_the_thread_of_its_own_request(by: Address | None, name: str) -> None:
    for letter, code in zip(told(ASKED, ANSWER, by=by), ("bz", "ocw", "ez"), strict=True):
        assert letter.in_reply_to == f"<request-{code}@desk.example>"
        assert letter.about == "KV-2026-0001"
        assert (letter.by, letter.wait, letter.cc) == (name, timedelta(0), ())


def test_it_says_nothing_of_the_answer_and_nothing_of_who_asked() -> None:
    for letter in told(ASKED, ANSWER, CLOSE):
        assert letter.kind.audience is Audience.PARTNER
        assert address().spec not in str(letter.facts)
        assert (letter.files, letter.identity, letter.prepared) == ((), False, ())


def test_once_a_partner_was_told_nobody_waits_for_it() -> None:
    assert [letter.then for letter in told(consulted(ticket(), "BZ"), CLOSE)] == [
        (ConsultationEnded("BZ", Stage.WITHDRAWN),)
    ]


def test_no_two_letters_about_one_end_are_the_same() -> None:
    letters = told(ASKED, ANSWER)
    assert len({letter.cause for letter in letters}) == len(letters)


# Behind an answer nobody waits.


def test_behind_an_answer_those_who_are_waited_for_are_let_go() -> None:
    posted = PromiseSettled(PromiseState.KEPT)
    assert let_go(ASKED, (posted, ANSWER, CLOSE)) == (
        posted,
        ANSWER,
        ConsultationEnded("BZ", Stage.WITHDRAWN),
        ConsultationEnded("OCW", Stage.WITHDRAWN),
        CLOSE,
    )


@pytest.mark.parametrize("changes", [(), (CLOSE,), (TakenUp(), replied("BZ"))])
def test_without_an_answer_nothing_is_added(changes: tuple[Change, ...]) -> None:
    assert let_go(ASKED, changes) == changes


def test_an_answer_that_comes_back_leaves_the_question_to_staff() -> None:
    made = after(ASKED, *let_go(ASKED, (ANSWER,)))
    assert not any(each.is_open for each in made.consultations)


some_stage = st.sampled_from([*ENDS, Stage.SENT, Stage.REPLIED])


@given(st.lists(st.tuples(st.sampled_from(["BZ", "OCW", "EZ", "VWS"]), some_stage), max_size=8), st.booleans())
def test_whoever_is_waited_for_is_told_and_let_go_and_nobody_else(ends: list[tuple[str, Stage]], close: bool) -> None:
    made = ticket()
    for code, stage in ends:
        made = consulted(made, code)
        change = replied(code) if stage is Stage.REPLIED else ConsultationEnded(code, stage)
        made = made if stage is Stage.SENT else after(made, change)
    open_ones = [each.partner for each in made.consultations if each.is_open]
    changes = (ANSWER, CLOSE) if close else (ANSWER,)
    gone = [change.partner for change in let_go(made, changes) if isinstance(change, ConsultationEnded)]
    assert gone == open_ones
    theirs = [letter.to for letter in told(made, *changes) if letter.kind is LetterKind.PARTNER_WITHDRAWN]
    assert theirs == [address(f"liaison@{code.casefold()}.example") for code in open_ones if code != "VWS"]


# A request that left too late.


@pytest.mark.parametrize(("over", "reason"), [(answered(), "answered"), (closed(), "closed")])
def test_a_partner_that_was_asked_when_it_was_over_hears_so_at_once(over: Ticket, reason: str) -> None:
    (letter,) = told(over, asked("BZ"))
    assert (letter.kind, letter.to) == (LetterKind.PARTNER_WITHDRAWN, BZ.liaison)
    assert (letter.facts["reason"], letter.in_reply_to) == (reason, "<request-bz@desk.example>")


@pytest.mark.parametrize("over", [answered(), closed()])
def test_and_nobody_waits_for_it(over: Ticket) -> None:
    assert let_go(over, (asked("BZ"),)) == (asked("BZ"), ConsultationEnded("BZ", Stage.WITHDRAWN))


def test_those_who_were_asked_in_time_hear_nothing_of_that() -> None:
    over = answered(after(consulted(ticket(), "OCW", "EZ"), replied("EZ")))
    assert [letter.to for letter in told(over, asked("BZ"))] == [BZ.liaison]


def test_a_request_that_left_in_time_is_no_farewell() -> None:
    assert told(ticket(), asked("BZ")) == ()
    assert let_go(ticket(), (asked("BZ"),)) == (asked("BZ"),)


# By an order.


def test_an_order_that_closes_a_question_at_once_tells_the_partners_at_once() -> None:
    outcome = carried("#close spam", CONSULTING, ticket=ASKED)
    assert read(outcome.letters) == [
        (LetterKind.PARTNER_WITHDRAWN, BZ.liaison),
        (LetterKind.PARTNER_WITHDRAWN, OCW.liaison),
    ]
    assert {(letter.wait, letter.by) for letter in outcome.letters} == {(timedelta(0), SAM.address.spec)}


@pytest.mark.parametrize(
    "own", ["#close withdrawn", "#redirect Library", "#answer\n\nYou may.", "#answer\n#close woo\n\nYes."]
)
def test_an_order_whose_letter_ends_the_question_tells_them_when_that_has_gone(own: str) -> None:
    outcome = carried(own, CONSULTING, ticket=ASKED)
    assert {letter.kind.audience for letter in outcome.letters} == {Audience.ASKER}


@pytest.mark.parametrize("own", ["#take", "#note\n\nCall them.", "#ask\n\nWhich country?", "#extend 2026-06-19 x"])
def test_an_order_that_ends_nothing_tells_them_nothing(own: str) -> None:
    letters = carried(own, CONSULTING, ticket=ASKED, case=case(texts=(text(),))).letters
    assert not [letter for letter in letters if letter.kind.audience is Audience.PARTNER]


def test_nothing_of_it_stands_in_the_thread_of_the_asker() -> None:
    assert not [change for letter in told(ASKED, ANSWER, CLOSE) for change in letter.then if isinstance(change, Posted)]


def test_a_partner_that_got_another_code_and_was_asked_too_late_is_told() -> None:
    policy = replace(CONSULTING, partners=(replace(BZ, code="BUZA", aliases=("BZ",)), OCW))
    late = asked("BZ", message_id="<again@desk.example>")
    letters = told(answered(consulted(ticket(), "BZ")), late, policy=policy)
    assert read(letters) == [(LetterKind.PARTNER_WITHDRAWN, BZ.liaison)]
