"""One question to one partner (a ministry, say): its own small life."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import assert_never

from ksmail.address import Address


class Position(StrEnum):
    """What a partner answered."""

    NO_OBJECTION = "no_objection"
    OBJECTION = "objection"
    INPUT = "input"  # free text, and whatever is none of the others
    NOT_OURS = "not_ours"


class Stage(StrEnum):
    """Where a consultation stands. RETURNED: our request came back, so the partner knows of nothing."""

    SENT = "sent"
    REPLIED = "replied"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """What was asked of one partner about one ticket, and what came of it.

    `partner` is its code, `to` the address that the request went to: references issued to it are answered about this
    consultation. `due_on` is a date of the desk; `asked_at` and `replied_at` are aware, UTC. `identity` and
    `attachments`: it knows who asks, and has the asker's files. `reminded`: it was told that the date has come.
    """

    partner: str
    to: Address
    due_on: date
    asked_at: datetime
    message_id: str
    stage: Stage = Stage.SENT
    position: Position | None = None
    replied_at: datetime | None = None
    identity: bool = False
    attachments: bool = False
    reminded: bool = False

    @property
    def is_open(self) -> bool:
        """Whether we still wait for an answer."""
        return self.stage is Stage.SENT


def disagree(consultations: Iterable[Consultation]) -> bool:
    """Whether one partner objects where another one does not."""
    positions = {each.position for each in consultations if each.stage is not Stage.WITHDRAWN}
    return {Position.OBJECTION, Position.NO_OBJECTION} <= positions


@dataclass(frozen=True, slots=True, kw_only=True)
class Consulted:
    """A mail server accepted our request to a partner, whatever it was asked before."""

    partner: str
    to: Address
    due_on: date
    message_id: str
    at: datetime
    identity: bool = False
    attachments: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Informed:
    """A mail server accepted what a partner was told after our request; it may have learnt who asks."""

    partner: str
    identity: bool = False
    attachments: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerReplied:
    """A partner took a position; a later one takes the place of an earlier one."""

    partner: str
    position: Position
    at: datetime


@dataclass(frozen=True, slots=True)
class PartnerReminded:
    """A partner was told that its date has come."""

    partner: str


@dataclass(frozen=True, slots=True)
class ConsultationEnded:
    """A consultation that we waited for came to its end without an answer: expired, withdrawn or returned."""

    partner: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class Inherited:
    """A ticket that was put into this one brought its consultation along."""

    consultation: Consultation


PartnerChange = Consulted | Informed | PartnerReplied | PartnerReminded | ConsultationEnded | Inherited


def gone_on(consultations: tuple[Consultation, ...], change: PartnerChange) -> tuple[Consultation, ...]:
    """The consultations of a ticket after a change. Each partner has one; of a partner that was never asked, nothing
    can change."""
    known = {each.partner: each for each in consultations}
    match change:
        case Consulted():
            known[change.partner] = _asked(change, known.get(change.partner))
        case Inherited(consultation):
            known.setdefault(consultation.partner, consultation)
        case Informed() | PartnerReplied() | PartnerReminded() | ConsultationEnded():
            if change.partner in known:
                known[change.partner] = _changed(known[change.partner], change)
        case _:
            assert_never(change)
    return tuple(known.values())


def _asked(change: Consulted, before: Consultation | None) -> Consultation:
    """Asked again, a partner still knows what it knew. The very same request, taken twice after a crash, asks nothing
    new."""
    if before is not None and before.message_id == change.message_id:
        return before
    return Consultation(
        partner=change.partner,
        to=change.to,
        due_on=change.due_on,
        asked_at=change.at,
        message_id=change.message_id,
        identity=change.identity or (before is not None and before.identity),
        attachments=change.attachments or (before is not None and before.attachments),
    )


def _changed(
    known: Consultation, change: Informed | PartnerReplied | PartnerReminded | ConsultationEnded
) -> Consultation:
    match change:
        case Informed(identity=identity, attachments=attachments):
            return replace(known, identity=known.identity or identity, attachments=known.attachments or attachments)
        case PartnerReplied(at=at) if known.replied_at is not None and at < known.replied_at:
            return known  # staff released an older mail: what it says is over
        case PartnerReplied(position=position, at=at):
            stage = known.stage if known.stage is Stage.CLOSED else Stage.REPLIED
            return replace(known, stage=stage, position=position, replied_at=at)
        case PartnerReminded():
            return replace(known, reminded=True)
        case ConsultationEnded(stage=stage):
            return replace(known, stage=stage) if known.is_open else known
        case _:
            assert_never(change)
