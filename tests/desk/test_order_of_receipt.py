"""First come, first served."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ksmail.address import Address
from ksmail.desk.case import QueueLine
from ksmail.desk.order_of_receipt import next_to_take
from ksmail.desk.ticket import Status
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
