"""First come, first served."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksmail.address import Address
from ksmail.desk.case import QueueLine
from ksmail.desk.consultation import Consulted, PartnerReplied, Position
from ksmail.desk.history import Fact
from ksmail.desk.order_of_receipt import Excuse, Overtaken, in_staffs_hands, next_to_take, overtaken
from ksmail.desk.ticket import (
    Answered,
    AnswerFailed,
    Change,
    Closed,
    CloseReason,
    Ground,
    InfoAsked,
    MergedInto,
    Opened,
    OpenedAgain,
    Promised,
    Resumed,
    Status,
    TakenUp,
    Ticket,
    evolve,
)
from ksmail.incoming.message import Language
from ksmail.reference import Reference

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
ANNA = Address("anna", "desk.example")


def line(number: int, day: int = 0, *, status: Status = Status.ACKNOWLEDGED, taken: bool = False) -> QueueLine:
    return QueueLine(
        reference=Reference("KV", 2026, number),
        status=status,
        subject="A question",
        received_at=MONDAY + timedelta(days=day),
        promised_on=None,
        assignee=ANNA if taken else None,
    )


def test_the_oldest_that_nobody_has_taken_is_next() -> None:
    assert next_to_take([line(3, 2), line(1, 0, taken=True), line(2, 1)]) == Reference("KV", 2026, 2)


def test_where_each_is_taken_the_oldest_is_next() -> None:
    assert next_to_take([line(2, 1, taken=True), line(1, 0, taken=True)]) == Reference("KV", 2026, 1)


def test_the_day_of_receipt_decides_and_not_the_number() -> None:
    assert next_to_take([line(1, 1), line(2, 0)]) == Reference("KV", 2026, 2)


def test_of_two_that_came_at_once_the_lower_number_is_next() -> None:
    assert next_to_take([line(2), line(1)]) == Reference("KV", 2026, 1)


@pytest.mark.parametrize(
    "status", [Status.COORDINATION, Status.WAITING_ASKER, Status.ANSWERED, Status.CLOSED], ids=lambda each: each.value
)
def test_what_staff_cannot_go_on_with_is_never_next(status: Status) -> None:
    assert next_to_take([line(1, status=status)]) is None


def test_an_empty_queue_has_no_next() -> None:
    assert next_to_take([]) is None


# Who was overtaken.

A, B, C = (Reference("KV", 2026, number) for number in (1, 2, 3))
LATER = MONDAY + timedelta(days=2)


def opening(ticket: Reference, day: int) -> Opened:
    return Opened(
        reference=ticket,
        asker=ANNA,
        language=Language.EN,
        subject="A question",
        received_at=MONDAY + timedelta(days=day),
    )


def history(*happened: tuple[Reference, Change]) -> list[Fact]:
    """One after the other; `at` goes on by an hour."""
    return [
        Fact(ticket, LATER + timedelta(hours=hour), "", "", change) for hour, (ticket, change) in enumerate(happened)
    ]


def answer() -> Answered:
    return Answered(message_id="<a@desk.example>", at=LATER)


TWO = ((A, opening(A, 0)), (B, opening(B, 1)))
PASSED = (*TWO, (B, answer()))


def test_an_older_question_in_staffs_hands_is_overtaken_by_an_answer() -> None:
    assert overtaken(history(*PASSED)) == (Overtaken(ticket=A, by=1, since=LATER + timedelta(hours=2)),)


def test_an_answer_in_order_of_receipt_overtakes_nobody() -> None:
    assert overtaken(history(*TWO, (A, answer()))) == ()


def test_each_that_went_past_counts_once_and_the_first_says_since_when() -> None:
    again = ((B, OpenedAgain(at=LATER)), (B, answer()))
    (found,) = overtaken(history(*TWO, (C, opening(C, 1)), (B, answer()), (C, answer()), *again))
    assert (found.by, found.since) == (2, LATER + timedelta(hours=3))


@pytest.mark.parametrize(
    "away",
    [
        Consulted(partner="BZ", to=ANNA, due_on=date(2026, 12, 1), message_id="<r@desk.example>", at=LATER),
        InfoAsked(message_id="<i@desk.example>", at=LATER, remaining_days=2),
        Closed(reason=CloseReason.SPAM, at=LATER),
        MergedInto(reference=B, at=LATER),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_staff_cannot_answer_is_not_overtaken(away: Change) -> None:
    assert overtaken(history(*TWO, (A, away), (B, answer()))) == ()


@pytest.mark.parametrize("end", [answer(), Closed(reason=CloseReason.WITHDRAWN, at=LATER)])
def test_once_it_is_over_it_is_overtaken_no_more(end: Change) -> None:
    assert overtaken(history(*PASSED, (A, end))) == ()


def test_a_question_that_was_opened_again_has_its_place_from_then_on() -> None:
    again = ((A, answer()), (A, OpenedAgain(at=MONDAY + timedelta(days=5))))
    assert overtaken(history(*TWO, *again, (B, answer()))) == ()


@pytest.mark.parametrize(
    ("before", "excuse"),
    [
        (
            (
                Consulted(partner="BZ", to=ANNA, due_on=date(2026, 12, 1), message_id="<r@desk.example>", at=LATER),
                PartnerReplied(partner="BZ", position=Position.INPUT, at=LATER),
            ),
            Excuse.CONSULTED,
        ),
        ((InfoAsked(message_id="<i@desk.example>", at=LATER, remaining_days=2), Resumed()), Excuse.ASKED),
        (
            (Promised(promised_on=date(2026, 12, 9), ground=Ground.EXTENDED),) * 2,
            Excuse.EXTENDED,
        ),
        ((answer(), OpenedAgain(at=MONDAY)), Excuse.REOPENED),
    ],
    ids=lambda each: str(each) if isinstance(each, Excuse) else "",
)
def test_what_is_on_record_is_told_with_it(before: tuple[Change, ...], excuse: Excuse) -> None:
    (found,) = overtaken(history(*TWO, *((A, change) for change in before), (B, answer())))
    assert found.excuses == (excuse,)


def test_where_nothing_is_on_record_there_is_no_excuse() -> None:
    (found,) = overtaken(history(*TWO, (A, TakenUp()), (B, answer())))
    assert found.excuses == ()


def test_an_answer_in_a_ticket_that_was_merged_overtakes_nobody() -> None:
    merged = ((B, MergedInto(reference=C, at=LATER)), (B, answer()))
    assert overtaken(history(*TWO, *merged)) == ()


def test_a_ticket_whose_beginning_is_not_among_the_facts_does_not_count() -> None:
    assert overtaken(history((A, opening(A, 0)), (B, answer()))) == ()


def test_those_who_were_overtaken_come_in_order_of_receipt() -> None:
    third = (C, opening(C, 2))
    found = overtaken(history(TWO[1], TWO[0], third, (C, answer())))
    assert [each.ticket for each in found] == [A, B]


# The same by walking through the queue at each answer.

_NAMES = tuple(Reference("KV", 2026, number) for number in range(1, 7))


def _steps(day: int) -> tuple[Change, ...]:
    """What can happen to a question."""
    return (
        answer(),
        answer(),
        answer(),
        AnswerFailed(),
        OpenedAgain(at=MONDAY + timedelta(days=day)),
        InfoAsked(message_id="<i@desk.example>", at=LATER, remaining_days=2),
        Resumed(),
        Consulted(partner="BZ", to=ANNA, due_on=date(2026, 12, 1), message_id="<r@desk.example>", at=LATER),
        PartnerReplied(partner="BZ", position=Position.INPUT, at=LATER),
        Closed(reason=CloseReason.SPAM, at=LATER),
        MergedInto(reference=A, at=LATER),
        TakenUp(),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """Up to six questions, opened sooner or later, to which anything happens in any order."""
    events = draw(st.lists(st.tuples(st.sampled_from(_NAMES), st.integers(0, 11), st.integers(0, 9)), max_size=60))
    opened: set[Reference] = set()
    happened: list[tuple[Reference, Change]] = []
    for name, step, day in events:
        happened.append((name, _steps(day)[step] if name in opened else opening(name, day)))
        opened.add(name)
    return history(*happened)


def recounted(facts: Sequence[Fact]) -> list[tuple[Reference, int, datetime]]:
    """Who was overtaken, by how many and since when, counted anew at each answer."""
    tickets: dict[Reference, Ticket] = {}
    places: dict[Reference, tuple[datetime, Reference]] = {}
    passed: dict[Reference, dict[Reference, datetime]] = {}
    for fact in facts:
        name, change = fact.ticket, fact.change
        ticket = tickets[name] = evolve(tickets.get(name), change)
        if isinstance(change, Opened):
            places[name], passed[name] = (ticket.received_at, name), {}
        elif isinstance(change, OpenedAgain) and ticket.status.is_open:
            places[name], passed[name] = (change.at, name), {}
        if not ticket.status.is_open:
            passed[name] = {}
        if isinstance(change, Answered) and ticket.status is Status.ANSWERED:
            for other in tickets:
                if in_staffs_hands(tickets[other].status) and places[other] < places[name]:
                    passed[other].setdefault(name, fact.at)
    found = [name for name in passed if passed[name]]
    return [(name, len(passed[name]), min(passed[name].values())) for name in sorted(found, key=places.__getitem__)]


@given(histories())
@settings(max_examples=400, deadline=None)
def test_who_was_overtaken_is_what_a_walk_through_the_queue_says(facts: list[Fact]) -> None:
    assert [(each.ticket, each.by, each.since) for each in overtaken(facts)] == recounted(facts)


def test_it_is_found_out_in_no_time_among_thousands() -> None:
    """Fifty that are never answered, and two thousand of later receipt that are."""
    names = [Reference("KV", 2026, number) for number in range(1, 2051)]
    opened = [(name, opening(name, name.number)) for name in names]
    facts = history(*opened, *((name, answer()) for name in names[50:]))
    began = time.process_time()
    found = overtaken(facts)
    assert time.process_time() - began < 2.0
    assert [each.by for each in found] == [2000] * 50
