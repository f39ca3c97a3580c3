"""Look-ups for those who handle a ticket: what it is made of, and which ones are open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, Row, Select, bindparam, func, select

from ksmail.capability import Audience
from ksmail.desk.case import Case, GivenDate, NumberedFile, QueueLine, Text, WaitingLetter, WaitState
from ksmail.desk.consultation import Consulted, Stage
from ksmail.desk.ticket import Change, EntryKind, Ground, Posted, Promised, PromiseState, Status
from ksmail.incoming.identity import Role
from ksmail.incoming.message import Attachment
from ksmail.reference import Reference
from ksmail.store.codec import decode_all
from ksmail.store.people import ASKER_KINDS, People
from ksmail.store.tables import attachment, consultation, entry, outbox, outbox_recipient, promise
from ksmail.store.tables import ticket as tickets
from ksmail.store.tickets import DERIVED, address, address_or_none

_WAITING = tuple(state.value for state in WaitState)
_OPEN = tuple(status.value for status in Status if status.is_open)

# Built once: each look at the time asks these, and building a query takes longer than asking it.
_NAME: BindParameter[str] = bindparam("name")
_MOMENT: BindParameter[datetime] = bindparam("moment", type_=tickets.c.ended_at.type)
_DAY: BindParameter[date] = bindparam("day")
_IN_ORDER = select(tickets.c.reference).order_by(tickets.c.received_at, tickets.c.reference)
_HEARD_OF = func.coalesce(tickets.c.active_at, tickets.c.ended_at)
_QUIET = _IN_ORDER.where(tickets.c.status == Status.ANSWERED.value, _HEARD_OF <= _MOMENT)
_DUE = (consultation.c.stage == Stage.SENT.value) & (consultation.c.due_on <= _DAY)
_WITH_PARTNERS = _IN_ORDER.where(tickets.c.reference.in_(select(consultation.c.ticket).where(_DUE)))
_GIVEN: Select[Any] = select(promise.c.ticket, promise.c.promised_on, promise.c.state, promise.c.ground).order_by(
    promise.c.id
)
_MERGED = select(tickets.c.reference, tickets.c.merged_after, tickets.c.merge).where(tickets.c.merged_into == _NAME)
_ENTRIES = (
    select(entry).where(entry.c.ticket.in_(bindparam("tickets", expanding=True))).order_by(entry.c.at, entry.c.id)
)
_FILES = select(attachment).where(attachment.c.entry.in_(bindparam("entries", expanding=True)))
_OF_THESE = (
    select(outbox.c.message_id, func.min(outbox_recipient.c.id).label("first"))
    .join(outbox_recipient, outbox_recipient.c.letter == outbox.c.id)
    .where(outbox.c.ticket.in_(bindparam("tickets", expanding=True)))
    .group_by(outbox.c.id, outbox.c.message_id)
    .subquery()
)
_LOST = (
    select(_OF_THESE.c.message_id)
    .join(outbox_recipient, outbox_recipient.c.id == _OF_THESE.c.first)
    .where(outbox_recipient.c.outcome == "bounced")
)
_TAKEN = (
    select(outbox.c.message_id, func.min(outbox_recipient.c.at).label("at"))
    .join(outbox_recipient, outbox_recipient.c.letter == outbox.c.id)
    .where(
        outbox.c.ticket.in_(bindparam("tickets", expanding=True)),
        outbox.c.kind.in_(ASKER_KINDS),
        outbox_recipient.c.outcome == "sent",
    )
    .group_by(outbox.c.id)
)
_ADDRESSEES = (
    select(outbox_recipient.c.address)
    .where(outbox_recipient.c.letter == bindparam("letter_id"))
    .order_by(outbox_recipient.c.id)
)
_OUTCOMES = _ADDRESSEES.where(outbox_recipient.c.outcome == bindparam("what"))
_LETTERS = (
    select(outbox.c.id, outbox.c.kind, outbox.c.message_id, outbox.c.due_at, outbox.c.state, outbox.c.on_sent)
    .where(outbox.c.ticket == _NAME, outbox.c.orderable, outbox.c.state.in_(_WAITING), outbox.c.raw != b"")
    .order_by(outbox.c.id)
)
_DATES = _GIVEN.where(promise.c.ticket == _NAME)
_OPEN_DATES = _GIVEN.join(tickets, tickets.c.reference == promise.c.ticket).where(tickets.c.status.in_(_OPEN))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the entries of a ticket come in the one that took it in: after the entries up to `floor`, which were there
    then, and after those of an earlier `merge`."""

    floor: int = 0
    merge: int = 0

    def within(self, other: _Place) -> _Place:
        """Where they come when that ticket was itself merged: the later of the two merges made them part of it."""
        return _Place(max(self.floor, other.floor), max(self.merge, other.merge))

    def key(self, number: int) -> tuple[int, int, int]:
        """What orders entries by the moment at which they became part of the ticket; it never changes."""
        return (number, 0, number) if number > self.floor else (self.floor, self.merge, number)


class Cases(People):
    """Look-ups of tickets from the inside."""

    def case(self, reference: Reference) -> Case:
        """Everything that it takes to handle a ticket, with what came from the tickets that were merged into it.

        A file keeps its number for ever: files count in the order in which they became part of this ticket. A letter
        that was destroyed waits no more. What the asker's side knows: texts that it may read, and our letters that a
        mail server took for somebody. An unknown ticket has an empty case.
        """
        places = self._family(str(reference))
        rows = self._db.execute(_ENTRIES, {"tickets": list(places)}).all()
        lost = self._lost(places)
        return Case(
            texts=tuple(_text(row, row.message_id in lost) for row in rows),
            files=self._files(rows, places),
            waiting=self._waiting(str(reference)),
            promises=self._dates(str(reference)),
            thread=self._thread(rows, places),
        )

    def open_tickets(self, limit: int) -> tuple[QueueLine, ...]:
        """The queue: open tickets, in order of receipt."""
        query = select(tickets).where(tickets.c.status.in_(_OPEN))
        rows = self._db.execute(query.order_by(tickets.c.received_at, tickets.c.reference).limit(limit))
        return tuple(
            QueueLine(
                reference=Reference.parse(row.reference),
                status=Status(row.status),
                subject=row.subject,
                received_at=row.received_at,
                promised_on=row.promised_on,
                assignee=address_or_none(row.assignee, row.assignee_name),
            )
            for row in rows
        )

    def open_dates(self) -> dict[Reference, tuple[GivenDate, ...]]:
        """The dates that were given about each open ticket, oldest first."""
        found: dict[Reference, list[GivenDate]] = {}
        for row in self._db.execute(_OPEN_DATES):
            found.setdefault(Reference.parse(row.ticket), []).append(_given(row))
        return {reference: tuple(dates) for reference, dates in found.items()}

    def in_status(self, status: Status) -> tuple[Reference, ...]:
        """The tickets that stand there, in order of receipt."""
        return tuple(map(Reference.parse, self._db.scalars(_IN_ORDER.where(tickets.c.status == status.value))))

    def quiet_since(self, moment: datetime) -> tuple[Reference, ...]:
        """The answered tickets of which nobody has heard after `moment`, in order of receipt."""
        return tuple(map(Reference.parse, self._db.scalars(_QUIET, {"moment": moment})))

    def with_letters_for_staff(self) -> tuple[Reference, ...]:
        """The tickets of which a letter that staff ordered waits for a word of theirs; in order of receipt."""
        states = (WaitState.HELD.value, WaitState.UNCERTAIN.value)
        waits = select(outbox.c.ticket).where(outbox.c.orderable, outbox.c.state.in_(states), outbox.c.raw != b"")
        return tuple(map(Reference.parse, self._db.scalars(_IN_ORDER.where(tickets.c.reference.in_(waits)))))

    def was_told(self, reference: Reference) -> bool:
        """Whether a mail server ever took a letter of ours to the asker about this ticket."""
        here = (outbox.c.ticket == str(reference)) & outbox.c.kind.in_(ASKER_KINDS)
        query = select(outbox.c.id).join(outbox_recipient, outbox_recipient.c.letter == outbox.c.id)
        return self._db.scalar(query.where(here, outbox_recipient.c.outcome == "sent").limit(1)) is not None

    def was_written(self, reference: Reference, kind: str, since: datetime) -> bool:
        """Whether the program wrote such a letter about this ticket by itself at `since` or later, whatever became of
        it."""
        here = (outbox.c.ticket == str(reference)) & (outbox.c.kind == kind) & (outbox.c.queued_at >= since)
        of_itself = outbox.c.carries.like('%"by":""%')
        return self._db.scalar(select(outbox.c.id).where(here, of_itself).limit(1)) is not None

    def open_since(self, reference: Reference) -> datetime | None:
        """When the date that still stands was given; None where there is none."""
        here = (promise.c.ticket == str(reference)) & (promise.c.state == PromiseState.OPEN.value)
        given: datetime | None = self._db.scalar(select(promise.c.given_at).where(here).limit(1))
        return given

    def with_due_consultations(self, today: date) -> tuple[Reference, ...]:
        """The tickets for which a partner had to answer by `today`, a date of the desk, and has not; in order of
        receipt."""
        return tuple(map(Reference.parse, self._db.scalars(_WITH_PARTNERS, {"day": today})))

    def _family(self, name: str) -> dict[str, _Place]:
        """This ticket and those that were merged into it, or into one of those."""
        places = {name: _Place()}
        new = [name]
        while new:
            host = new.pop()
            for row in self._db.execute(_MERGED, {"name": host}).all():
                if row.reference not in places:
                    places[row.reference] = _Place(row.merged_after or 0, row.merge or 0).within(places[host])
                    new.append(row.reference)
        return places

    def _lost(self, places: Mapping[str, _Place]) -> frozenset[str]:
        """The Message-IDs of letters that did not reach the one they were for, the first of their recipients."""
        return frozenset(self._db.scalars(_LOST, {"tickets": list(places)}))

    def _files(self, rows: Sequence[Row[Any]], places: Mapping[str, _Place]) -> tuple[NumberedFile, ...]:
        order = {row.id: places[row.ticket].key(row.id) for row in rows}
        mails = {row.id: row.mail or 0 for row in rows}
        found = self._db.execute(_FILES, {"entries": list(order)}).all()
        files = sorted(found, key=lambda file: (order[file.entry], file.id))
        return tuple(
            NumberedFile(number, attachment_of(file), mails[file.entry], purged=file.purged_at is not None)
            for number, file in enumerate(files, start=1)
        )

    def _waiting(self, name: str) -> tuple[WaitingLetter, ...]:
        rows = self._db.execute(_LETTERS, {"name": name}).all()
        return tuple(
            WaitingLetter(
                id=row.id,
                kind=row.kind,
                message_id=row.message_id,
                to=self._addressees(row.id),
                due_at=row.due_at,
                state=WaitState(row.state),
                taken=self._with_outcome(row.id, "sent"),
                perhaps=self._with_outcome(row.id, "uncertain"),
                names=min(filter(None, map(_names, decode_all(row.on_sent))), default=None),
                author=next((each.author for each in decode_all(row.on_sent) if isinstance(each, Posted)), None),
            )
            for row in rows
        )

    def _addressees(self, letter: int) -> tuple[str, ...]:
        return tuple(self._db.scalars(_ADDRESSEES, {"letter_id": letter}))

    def _with_outcome(self, letter: int, outcome: str) -> tuple[str, ...]:
        return tuple(self._db.scalars(_OUTCOMES, {"letter_id": letter, "what": outcome}))

    def _dates(self, name: str) -> tuple[GivenDate, ...]:
        return tuple(map(_given, self._db.execute(_DATES, {"name": name})))

    def _thread(self, rows: Sequence[Row[Any]], places: Mapping[str, _Place]) -> tuple[str, ...]:
        known: list[tuple[datetime, str]] = [
            (row.at, row.message_id)
            for row in rows
            if row.audience == Audience.ASKER and row.message_id and not row.message_id.endswith(DERIVED)
        ]
        known += [(row.at, row.message_id) for row in self._db.execute(_TAKEN, {"tickets": list(places)})]
        return tuple(dict.fromkeys(message_id for _, message_id in sorted(known, key=lambda each: each[0])))


def _names(change: Change) -> date | None:
    """The day that a letter gives by what comes true with it: a promise, or the date of a partner."""
    if isinstance(change, Promised):
        return change.promised_on
    return change.due_on if isinstance(change, Consulted) else None


def _given(row: Any) -> GivenDate:
    return GivenDate(row.promised_on, PromiseState(row.state), Ground(row.ground))


def attachment_of(row: Row[Any]) -> Attachment:
    """A file as it was stored."""
    return Attachment(name=row.name, content_type=row.content_type, size=row.size, sha256=row.sha256)


def _text(row: Row[Any], lost: bool) -> Text:
    return Text(
        kind=EntryKind(row.kind),
        author=address(row.author, row.author_name),
        role=Role(row.role),
        audience=Audience(row.audience),
        at=row.at,
        text=row.text,
        message_id=row.message_id,
        mail=row.mail,
        lost=lost,
        partner=row.partner,
    )
