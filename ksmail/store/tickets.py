"""Look-ups of tickets: as they stand, and by what answers them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, bindparam, select

from ksmail.address import Address
from ksmail.desk.consultation import Consultation, Position, Stage
from ksmail.desk.ticket import CloseReason, Flag, Participant, Status, Ticket
from ksmail.incoming.message import Language
from ksmail.reference import Reference
from ksmail.store.tables import consultation, counter, entry, participant
from ksmail.store.tables import ticket as tickets

DERIVED = "@derived.invalid>"  # the end of a Message-ID that we gave to a mail that had none

# A hostile mail may list any number of Message-IDs. What it answers stands first, the end of the thread last.
_ANSWERS = 100

# Built once: each mail and each look at the time asks these, and building a query takes longer than asking it.
_NAME: BindParameter[str] = bindparam("name")
_TICKET = select(tickets).where(tickets.c.reference == _NAME)
_LAST = select(counter.c.last).where(counter.c.prefix == bindparam("letters"), counter.c.year == bindparam("of"))
_PEOPLE = select(participant).where(participant.c.ticket == _NAME).order_by(participant.c.id)
_CONSULTATIONS = select(consultation).where(consultation.c.ticket == _NAME).order_by(consultation.c.id)


class Tickets:
    """Look-ups that end at a ticket."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def find_ticket(self, reference: Reference) -> Ticket | None:
        """The ticket with this number, as it stands."""
        wanted = {"name": str(reference)}
        row = self._db.execute(_TICKET, wanted).one_or_none()
        if row is None:
            return None
        people = tuple(Participant(address(p.address, p.name), p.part) for p in self._db.execute(_PEOPLE, wanted))
        return _ticket(row, people, self._consultations(str(reference)))

    def find_by_answers(self, message_ids: Iterable[str]) -> Ticket | None:
        """The ticket that holds a text with one of these Message-IDs; None when there are none, or several."""
        query = select(entry.c.ticket).distinct().where(entry.c.message_id.in_(some(message_ids))).limit(2)
        found = self._db.scalars(query).all()
        return self._ticket(found[0]) if len(found) == 1 else None

    def next_reference(self, prefix: str, year: int) -> Reference:
        """The number that the next ticket of this year gets."""
        return Reference(prefix, year, (self._db.scalar(_LAST, {"letters": prefix, "of": year}) or 0) + 1)

    def _consultations(self, name: str) -> tuple[Consultation, ...]:
        return tuple(_consultation(row) for row in self._db.execute(_CONSULTATIONS, {"name": name}))

    def _ticket(self, reference: str | None) -> Ticket | None:
        return self.find_ticket(Reference.parse(reference)) if reference else None


def some(message_ids: Iterable[str]) -> set[str]:
    """Those of any number of Message-IDs that are looked up."""
    given = [message_id for message_id in message_ids if message_id]
    return {*given[:_ANSWERS], *given[-_ANSWERS:]}


def address(spec: str, name: str) -> Address:
    """An address as it was stored."""
    local, _, domain = spec.rpartition("@")
    return Address(local, domain, name)


def address_or_none(spec: str, name: str) -> Address | None:
    """An address as it was stored, where there may be none."""
    return address(spec, name) if spec else None


def reference_or_none(text: str | None) -> Reference | None:
    """A reference as it was stored, where there may be none."""
    return Reference.parse(text) if text else None


def flags(text: str) -> tuple[Flag, ...]:
    """Flags as they were stored."""
    return tuple(Flag(word) for word in text.split())


def _consultation(row: Row[Any]) -> Consultation:
    return Consultation(
        partner=row.partner,
        to=address(row.sent_to, row.sent_to_name),
        due_on=row.due_on,
        asked_at=row.asked_at,
        message_id=row.message_id,
        stage=Stage(row.stage),
        position=Position(row.position) if row.position else None,
        replied_at=row.replied_at,
        identity=row.identity,
        attachments=row.attachments,
        reminded=row.reminded,
    )


def _ticket(row: Row[Any], people: tuple[Participant, ...], consultations: tuple[Consultation, ...]) -> Ticket:
    return Ticket(
        reference=Reference.parse(row.reference),
        status=Status(row.status),
        asker=address(row.asker, row.asker_name),
        language=Language(row.language),
        subject=row.subject,
        received_at=row.received_at,
        participants=people,
        promised_on=row.promised_on,
        flags=flags(row.flags),
        assignee=address_or_none(row.assignee, row.assignee_name),
        remaining_days=row.remaining_days,
        ended_at=row.ended_at,
        active_at=row.active_at,
        closed_because=CloseReason(row.closed_because) if row.closed_because else None,
        merged_into=reference_or_none(row.merged_into),
        continues=reference_or_none(row.continues),
        consultations=consultations,
        waiting_since=row.waiting_since,
        nudged_at=row.nudged_at,
    )
