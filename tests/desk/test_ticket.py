"""What happens to a ticket, and what it is afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ksmail.capability import Audience
from ksmail.desk.ticket import (
    Acknowledged,
    EntryKind,
    Flag,
    Flagged,
    Ground,
    Joined,
    Posted,
    Promised,
    PromiseState,
    Status,
    evolve,
)
from ksmail.incoming.identity import Role
from tests.builders import address
from tests.desk.facts import ticket


def test_a_new_ticket_has_its_asker_as_the_only_participant() -> None:
    assert [person.address for person in ticket().participants] == [address()]


def test_somebody_joins_once() -> None:
    joined = evolve(ticket(), Joined(address("bob@uni.example"), "copied"))
    assert len(evolve(joined, Joined(address("BOB@uni.example"), "colleague")).participants) == 2


def test_a_text_changes_no_state() -> None:
    posted = Posted(
        kind=EntryKind.FOLLOW_UP,
        author=address(),
        role=Role.ASKER,
        audience=Audience.ASKER,
        text="more",
        message_id="<m@uni.example>",
    )
    assert evolve(ticket(), posted) == ticket()


def test_an_open_promise_becomes_the_date_and_a_broken_one_does_not() -> None:
    later = date(2026, 7, 1)
    moved = evolve(ticket(), Promised(promised_on=later, ground=Ground.FETCHED_LATE))
    broken = Promised(promised_on=later, ground=Ground.RECEIVED, state=PromiseState.BROKEN)
    assert moved.promised_on == later
    assert evolve(ticket(), broken) == ticket()


def test_a_flag_is_raised_once() -> None:
    flagged = evolve(ticket(), Flagged(Flag.COLLEAGUE))
    assert evolve(flagged, Flagged(Flag.COLLEAGUE, "again")).flags == (Flag.COLLEAGUE,)


def test_an_accepted_acknowledgement_acknowledges_a_new_ticket() -> None:
    assert evolve(ticket(), Acknowledged("<m@desk.example>")).status is Status.ACKNOWLEDGED


def test_a_second_acknowledgement_after_a_crash_changes_nothing() -> None:
    acknowledged = replace(ticket(), status=Status.ACKNOWLEDGED)
    assert evolve(acknowledged, Acknowledged("<m@desk.example>")) is acknowledged


def test_nothing_can_happen_to_a_ticket_that_was_never_opened() -> None:
    with pytest.raises(ValueError, match="without a ticket"):
        evolve(None, Flagged(Flag.COLLEAGUE))
