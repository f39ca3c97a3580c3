"""What becomes true when a mail server has taken a letter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from ksmail.desk.consultation import Consulted
from ksmail.desk.policy import Policy
from ksmail.desk.promise import received_on
from ksmail.desk.ticket import (
    Answered,
    Change,
    Closed,
    Corrected,
    Ground,
    InfoAsked,
    OpenedAgain,
    Posted,
    Promised,
    PromiseSettled,
    PromiseState,
    Status,
    Ticket,
    evolve,
)


def settled(ticket: Ticket, today: date, otherwise: PromiseState) -> PromiseSettled:
    """What becomes of the open promise when its question ends on `today`, a date of the desk: late is broken."""
    late = ticket.promised_on is not None and today > ticket.promised_on
    return PromiseSettled(PromiseState.BROKEN if late else otherwise)


def once_taken(ticket: Ticket, then: tuple[Change, ...], at: datetime, policy: Policy) -> tuple[Change, ...]:
    """The changes that a letter brings, as of the moment `at` (aware, UTC) at which it was accepted, with what they
    mean for the open promise: kept if that is on or before the promised date, local time. A date is no promise when
    another letter, taken before it, stopped the clock or ended the question."""
    if ticket.merged_into is not None:
        return tuple(_as_of(change, at) for change in then if isinstance(change, Posted))
    late = ticket.promised_on is not None and received_on(at, policy.timezone) > ticket.promised_on
    found: list[Change] = []
    for change in then:
        if isinstance(change, Promised) and not _may_promise(ticket, change, late):
            continue
        found += _with_promise(_as_of(change, at), late)
        ticket = evolve(ticket, change)
    return tuple(found)


def _may_promise(ticket: Ticket, promised: Promised, late: bool) -> bool:
    """A date that the program gives by itself takes the place of one that passed, and of no other."""
    waits_for_us = ticket.status.is_open and ticket.status is not Status.WAITING_ASKER
    return waits_for_us and (promised.ground is not Ground.OVERDUE or late)


def _with_promise(change: Change, late: bool) -> Iterator[Change]:
    became = {
        Answered: PromiseState.KEPT,
        InfoAsked: PromiseState.PAUSED,
        Promised: PromiseState.MOVED,
        Closed: PromiseState.DROPPED,
    }.get(type(change))
    if became is not None:
        yield PromiseSettled(PromiseState.BROKEN if late else became)
    yield change


def _as_of(change: Change, at: datetime) -> Change:
    if isinstance(change, Answered | InfoAsked | Corrected | Closed | OpenedAgain | Consulted):
        return replace(change, at=at)
    return change
