"""Listings: what a person at the command line asks the store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, case, func, select

from ksmail.capability import Audience
from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import EntryKind, Ground, PromiseState, Status
from ksmail.incoming.identity import Role
from ksmail.incoming.mailbox import MailKey
from ksmail.incoming.message import Attachment, Language
from ksmail.reference import Reference
from ksmail.store.chain import End, Link, verify
from ksmail.store.codec import decode
from ksmail.store.letters import DueLetters
from ksmail.store.lookups import address, flags
from ksmail.store.tables import attachment, chain, entry, history, inbound, outbox, promise
from ksmail.store.tables import ticket as tickets
from ksmail.store.values import (
    Broken,
    Counts,
    EntryLine,
    HistoryLine,
    InboundLine,
    LetterState,
    OutboxLine,
    PromiseLine,
    QuarantineLine,
    RecipientLine,
    TicketDossier,
    TicketLine,
)


class Listings(DueLetters):
    """Look-ups for people, and for the daily sum."""

    def tickets(self, limit: int, status: Status | None = None) -> list[TicketLine]:
        """Tickets, the newest first."""
        query = select(tickets).order_by(tickets.c.received_at.desc(), tickets.c.reference.desc()).limit(limit)
        if status is not None:
            query = query.where(tickets.c.status == status.value)
        return [_ticket_line(row) for row in self._db.execute(query)]

    def ticket(self, reference: Reference) -> TicketDossier | None:
        """Everything about one ticket, oldest first."""
        found, name = self.find_ticket(reference), str(reference)
        if found is None:
            return None
        texts = select(entry).where(entry.c.ticket == name).order_by(entry.c.id)
        dates = select(promise).where(promise.c.ticket == name).order_by(promise.c.id)
        links = select(history).where(history.c.ticket == name).order_by(history.c.id)
        return TicketDossier(
            ticket=found,
            entries=tuple(self._entry(row) for row in self._db.execute(texts).all()),
            promises=tuple(_promise(row) for row in self._db.execute(dates)),
            history=tuple(_history(row) for row in self._db.execute(links)),
            letters=tuple(self._lines(select(outbox).where(outbox.c.ticket == name).order_by(outbox.c.id))),
        )

    def outbox(self, limit: int) -> list[OutboxLine]:
        """Letters: those that are not sent yet first, each sort with the newest first."""
        sent = case((outbox.c.state == LetterState.SENT.value, 1), else_=0)
        return self._lines(select(outbox).order_by(sent, outbox.c.id.desc()).limit(limit))

    def quarantine(self) -> list[QuarantineLine]:
        """Mails that wait for a person: quarantined and held ones, oldest first."""
        waiting = (Disposition.QUARANTINED.value, Disposition.HELD.value)
        query = select(inbound).where(inbound.c.disposition.in_(waiting)).order_by(inbound.c.number)
        return [_quarantined(row) for row in self._db.execute(query)]

    def inbound(self, number: int) -> InboundLine | None:
        """One line of the ledger."""
        row = self._db.execute(select(inbound).where(inbound.c.number == number)).one_or_none()
        return _inbound(row) if row else None

    def balance(self) -> dict[Disposition, int]:
        """How many mails became what; every disposition is there."""
        found = self._tally(inbound.c.disposition)
        return {disposition: found.get(disposition.value, 0) for disposition in Disposition}

    def counts(self) -> Counts:
        """How much there is, and since when the oldest unfinished work waits."""
        statuses, states = self._tally(tickets.c.status), self._tally(outbox.c.state)
        settled = inbound.c.disposition != Disposition.PENDING.value
        open_ = (LetterState.WAITING.value, LetterState.SENDING.value)
        return Counts(
            mails=self._db.scalar(select(func.count()).select_from(inbound)) or 0,
            tickets={status: statuses.get(status.value, 0) for status in Status},
            letters={state: states.get(state.value, 0) for state in LetterState},
            unfiled=self._db.scalar(select(func.count()).where(settled, inbound.c.filed == "")) or 0,
            history=self._db.scalar(select(chain.c.length)) or 0,
            oldest_pending=self._db.scalar(select(func.min(inbound.c.received_at)).where(~settled)),
            oldest_due=self._db.scalar(select(func.min(outbox.c.due_at)).where(outbox.c.state.in_(open_))),
        )

    def verify_chain(self) -> Broken | None:
        """The first row of the history that does not fit, or None when nothing was changed, moved or taken out."""
        ends = select(tickets.c.reference, tickets.c.changes, tickets.c.head)
        parts = {row.reference: End(row.changes, row.head) for row in self._db.execute(ends)}
        rows = self._db.execute(select(history).order_by(history.c.id).execution_options(yield_per=500))
        return verify((Link(**row._mapping) for row in rows), self._end(), parts)

    def chain_head(self) -> str:
        """The hash of the last row of the history. Kept elsewhere, it proves later that nothing before it changed."""
        return self._end().head

    def _end(self) -> End:
        row = self._db.execute(select(chain.c.length, chain.c.head)).one_or_none()
        return End(row.length, row.head) if row else End(-1, "")

    def _tally(self, column: Any) -> dict[str, int]:
        return {row[0]: row[1] for row in self._db.execute(select(column, func.count()).group_by(column))}

    def _entry(self, row: Row[Any]) -> EntryLine:
        files = select(attachment).where(attachment.c.entry == row.id).order_by(attachment.c.id)
        return EntryLine(
            at=row.at,
            kind=EntryKind(row.kind),
            author=address(row.author, row.author_name),
            role=Role(row.role),
            audience=Audience(row.audience),
            text=row.text,
            message_id=row.message_id,
            mail=row.mail,
            attachments=tuple(_attachment(file) for file in self._db.execute(files)),
        )

    def _lines(self, query: Any) -> list[OutboxLine]:
        rows = self._db.execute(query).all()
        people = self._recipients([row.id for row in rows])
        return [_outbox(row, people[row.id]) for row in rows]


def _ticket_line(row: Row[Any]) -> TicketLine:
    return TicketLine(
        reference=Reference.parse(row.reference),
        status=Status(row.status),
        asker=address(row.asker, row.asker_name),
        language=Language(row.language),
        subject=row.subject,
        received_at=row.received_at,
        promised_on=row.promised_on,
        flags=flags(row.flags),
    )


def _promise(row: Row[Any]) -> PromiseLine:
    ground, state = Ground(row.ground), PromiseState(row.state)
    return PromiseLine(promised_on=row.promised_on, ground=ground, state=state, given_at=row.given_at)


def _history(row: Row[Any]) -> HistoryLine:
    change = decode(row.change)
    return HistoryLine(id=row.id, at=row.at, actor=row.actor, mail=row.mail, because=row.because, change=change)


def _attachment(row: Row[Any]) -> Attachment:
    return Attachment(name=row.name, content_type=row.content_type, size=row.size, sha256=row.sha256)


def _quarantined(row: Row[Any]) -> QuarantineLine:
    return QuarantineLine(
        number=row.number,
        key=_key(row),
        reason=row.reason,
        received_at=row.received_at,
        size=row.size,
        disposition=Disposition(row.disposition),
    )


def _inbound(row: Row[Any]) -> InboundLine:
    return InboundLine(
        number=row.number,
        key=_key(row),
        received_at=row.received_at,
        taken_at=row.taken_at,
        size=row.size,
        incomplete=row.incomplete,
        attempts=row.attempts,
        disposition=Disposition(row.disposition),
        reason=row.reason,
        message_id=row.message_id,
        content_id=row.content_id,
        raw_sha256=row.raw_sha256,
        ticket=Reference.parse(row.ticket) if row.ticket else None,
        filed=row.filed,
        recorded_at=row.recorded_at,
    )


def _outbox(row: Row[Any], people: Iterable[Row[Any]]) -> OutboxLine:
    return OutboxLine(
        id=row.id,
        message_id=row.message_id,
        kind=row.kind,
        about=row.about,
        state=LetterState(row.state),
        held=row.held,
        queued_at=row.queued_at,
        due_at=row.due_at,
        tries=row.tries,
        settled_at=row.settled_at,
        recipients=tuple(RecipientLine(person.address, person.outcome, person.reason) for person in people),
    )


def _key(row: Row[Any]) -> MailKey:
    return MailKey(row.mailbox, row.uidvalidity, row.uid)
