"""Listings: what a person at the command line asks the store."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, case, func, select

from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import Status
from ksmail.reference import Reference
from ksmail.store.chain import End, Link, verify
from ksmail.store.codec import decode
from ksmail.store.happenings import Disclosed, LetterState
from ksmail.store.letters import DueLetters
from ksmail.store.lines import (
    disclosure_line,
    entry_line,
    history_line,
    inbound_line,
    outbox_line,
    promise_line,
    quarantine_line,
    ticket_line,
)
from ksmail.store.people import address_key
from ksmail.store.tables import attachment, chain, entry, history, inbound, outbox, promise
from ksmail.store.tables import ticket as tickets
from ksmail.store.values import (
    Broken,
    Counts,
    DisclosureLine,
    EntryLine,
    InboundLine,
    OutboxLine,
    QuarantineLine,
    TicketDossier,
    TicketLine,
)

# A list of letters does not need their bytes.
_ENVELOPE = tuple(column for column in outbox.c if column is not outbox.c.raw)


class Listings(DueLetters):
    """Look-ups for people, and for the daily sum."""

    def tickets(self, limit: int, status: Status | None = None) -> list[TicketLine]:
        """Tickets, the newest first."""
        query = select(tickets).order_by(tickets.c.received_at.desc(), tickets.c.reference.desc()).limit(limit)
        if status is not None:
            query = query.where(tickets.c.status == status.value)
        return [ticket_line(row) for row in self._db.execute(query)]

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
            promises=tuple(promise_line(row) for row in self._db.execute(dates)),
            history=tuple(history_line(row) for row in self._db.execute(links)),
            letters=tuple(self._lines(select(*_ENVELOPE).where(outbox.c.ticket == name).order_by(outbox.c.id))),
        )

    def outbox(self, limit: int) -> list[OutboxLine]:
        """Letters: those that are done, sent or called back, come last; each sort with the newest first."""
        done = case((outbox.c.state.in_((LetterState.SENT.value, LetterState.CANCELLED.value)), 1), else_=0)
        return self._lines(select(*_ENVELOPE).order_by(done, outbox.c.id.desc()).limit(limit))

    def quarantine(self) -> list[QuarantineLine]:
        """Mails that wait for a person: quarantined and held ones, oldest first."""
        waiting = (Disposition.QUARANTINED.value, Disposition.HELD.value)
        query = select(inbound).where(inbound.c.disposition.in_(waiting)).order_by(inbound.c.number)
        return [quarantine_line(row) for row in self._db.execute(query)]

    def inbound(self, number: int) -> InboundLine | None:
        """One line of the ledger."""
        row = self._db.execute(select(inbound).where(inbound.c.number == number)).one_or_none()
        return inbound_line(row) if row else None

    def balance(self) -> dict[Disposition, int]:
        """How many mails became what; every disposition is there."""
        found = self._tally(inbound.c.disposition)
        return {disposition: found.get(disposition.value, 0) for disposition in Disposition}

    def disclosures(self, reference: Reference | None = None, recipient: str = "") -> list[DisclosureLine]:
        """The register: what left the desk, oldest first; about one ticket, or to one address however it is spelt."""
        query = select(history).where(history.c.change.like('%"type":"Disclosed"%'))
        if reference is not None:
            query = query.where(history.c.ticket == str(reference))
        found = ((row, decode(row.change)) for row in self._db.execute(query.order_by(history.c.id)))
        lines = [disclosure_line(row, change) for row, change in found if isinstance(change, Disclosed)]
        wanted = address_key(recipient)
        return [line for line in lines if not recipient or address_key(line.recipient) == wanted]

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
        return entry_line(row, self._db.execute(files))

    def _lines(self, query: Any) -> list[OutboxLine]:
        rows = self._db.execute(query).all()
        people = self._recipients([row.id for row in rows])
        return [outbox_line(row, people[row.id]) for row in rows]
