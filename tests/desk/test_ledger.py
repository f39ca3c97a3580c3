"""The ledger of promises: every date that was given, and what became of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from ksmail.desk.history import Fact
from ksmail.desk.ledger import DatePromised, promises
from ksmail.desk.ticket import (
    Acknowledged,
    Change,
    Flag,
    Flagged,
    Ground,
    Promised,
    PromiseSettled,
    PromiseState,
    TakenUp,
    Unkept,
)
from ksmail.reference import Reference
from tests.builders import MONDAY
from tests.desk.facts import FIRST, SECOND, THURSDAY

FRIDAY = date(2026, 6, 5)


def happened(*changes: Change, ticket: Reference = FIRST, because: str = "") -> list[Fact]:
    """One after the other, an hour apart, all by the program."""
    return [
        Fact(ticket, MONDAY + timedelta(hours=hour), "ksmail", because, change) for hour, change in enumerate(changes)
    ]


def given(ground: Ground = Ground.RECEIVED, day: date = THURSDAY, **facts: PromiseState) -> Promised:
    return Promised(promised_on=day, ground=ground, **facts)


def settled(state: PromiseState) -> PromiseSettled:
    return PromiseSettled(state)


def bounced(kind: str) -> Flagged:
    return Flagged(Flag.LETTER_BOUNCED, kind)


def only(*changes: Change, because: str = "") -> DatePromised:
    (found,) = promises(happened(*changes, because=because))
    return found


def at(hour: int) -> datetime:
    return MONDAY + timedelta(hours=hour)


def test_a_date_says_when_why_and_by_whom_it_was_given() -> None:
    assert only(TakenUp(), given()) == DatePromised(
        ticket=FIRST, promised_on=THURSDAY, ground=Ground.RECEIVED, given_at=at(1), given_by="ksmail"
    )


@pytest.mark.parametrize("state", [each for each in PromiseState if each is not PromiseState.OPEN])
def test_what_became_of_it_is_told_with_the_moment(state: PromiseState) -> None:
    found = only(given(), settled(state))
    assert (found.state, found.settled_at, found.settled_by) == (state, at(1), "ksmail")


def test_a_date_that_made_room_names_the_ground_of_the_next() -> None:
    moved, fresh = promises(happened(given(), settled(PromiseState.MOVED), given(Ground.EXTENDED, FRIDAY)))
    assert (moved.state, moved.moved_to) == (PromiseState.MOVED, Ground.EXTENDED)
    assert (fresh.state, fresh.moved_to, fresh.promised_on) == (PromiseState.OPEN, None, FRIDAY)


def test_a_date_that_could_not_be_promised_any_more_is_broken_from_the_beginning() -> None:
    broken, fresh = promises(happened(given(state=PromiseState.BROKEN), given(Ground.FETCHED_LATE, FRIDAY)))
    assert (broken.state, broken.settled_at, fresh.state) == (PromiseState.BROKEN, at(0), PromiseState.OPEN)


def test_settling_where_nothing_is_open_changes_nothing() -> None:
    kept = only(given(), settled(PromiseState.KEPT), settled(PromiseState.DROPPED))
    assert (kept.state, kept.settled_at) == (PromiseState.KEPT, at(1))


def test_an_answer_that_came_back_in_time_opens_the_date_again() -> None:
    found = only(given(), settled(PromiseState.KEPT), Unkept(PromiseState.OPEN))
    assert (found.state, found.settled_at, found.settled_by) == (PromiseState.OPEN, None, "")


def test_an_answer_that_came_back_too_late_breaks_it() -> None:
    found = only(given(), settled(PromiseState.KEPT), Unkept(PromiseState.BROKEN))
    assert (found.state, found.settled_at) == (PromiseState.BROKEN, at(2))


def test_what_was_not_kept_cannot_be_unkept() -> None:
    assert only(given(), settled(PromiseState.DROPPED), Unkept(PromiseState.OPEN)).state is PromiseState.DROPPED
    assert promises(happened(Unkept(PromiseState.OPEN))) == ()


def test_each_ticket_has_its_own_dates_in_the_order_in_which_they_were_given() -> None:
    mixed = [*happened(given()), *happened(given(), ticket=SECOND), *happened(settled(PromiseState.KEPT))]
    assert [(each.ticket, each.state) for each in promises(mixed)] == [
        (FIRST, PromiseState.KEPT), (SECOND, PromiseState.OPEN)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "ground"),
    [
        ("ack", Ground.RECEIVED),
        ("ack_late", Ground.FETCHED_LATE),
        ("linked_new", Ground.RECEIVED),
        ("reopened", Ground.REOPENED),
        ("merged", Ground.MERGED),
        ("coordination_notice", Ground.CONSULTED),
        ("delay_notice", Ground.OVERDUE),
    ],
)
def test_a_date_whose_letter_was_refused_is_unknown_to_the_asker(kind: str, ground: Ground) -> None:
    assert only(given(ground), bounced(kind)).unknown


@pytest.mark.parametrize("kind", ["staff_new", "answer", "partner_request", "of another program", ""])
def test_other_letters_tell_no_date(kind: str) -> None:
    assert not only(given(), bounced(kind)).unknown


def test_a_report_about_the_first_letter_says_nothing_of_a_later_date() -> None:
    facts = happened(given(), settled(PromiseState.MOVED), given(Ground.EXTENDED, FRIDAY), bounced("ack"))
    assert [each.unknown for each in promises(facts)] == [True, False]


def test_a_new_date_that_was_refused_at_once_was_never_given_so_the_older_one_is_known() -> None:
    refused = happened(given(Ground.EXTENDED), bounced("delay_notice"), because="refused for ever: 550")
    assert [each.unknown for each in promises(refused)] == [False]


def test_a_new_date_whose_letter_came_back_later_is_unknown() -> None:
    assert only(given(Ground.EXTENDED), bounced("delay_notice"), because="a report; delay_notice came back").unknown


def test_an_acknowledgement_that_went_after_all_makes_the_date_known() -> None:
    assert not only(given(), bounced("ack"), Acknowledged("<1@desk.example>")).unknown


def test_a_refusal_before_any_date_means_nothing() -> None:
    assert promises(happened(bounced("ack"))) == ()
