"""Sums: what the digest, the ledger of promises and the figures of a month are made of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import cast, get_args

from sqlalchemy import Select, func, select

from ksmail.desk.arrival import Disposition
from ksmail.desk.digest import Letters as LetterSums
from ksmail.desk.digest import Pile
from ksmail.desk.history import Fact
from ksmail.desk.returned import CAME_BACK
from ksmail.desk.ticket import (
    Answered,
    Change,
    Flag,
    Flagged,
    Posted,
)
from ksmail.reference import Reference
from ksmail.store.claims import Claimed, claim_of
from ksmail.store.codec import decode
from ksmail.store.happenings import LetterState, Settled
from ksmail.store.months import Months
from ksmail.store.rows import is_a, rows_between
from ksmail.store.tables import chain, claim, history, inbound, outbox, promise
from ksmail.store.tables import ticket as tickets
from ksmail.store.values import Claim

_ENDED = {LetterState.BOUNCED: "refused", LetterState.GIVEN_UP: "given_up"}


def _those(
    received_since: datetime | None, returned: bool, promised: tuple[date, date] | None
) -> Iterator[Select[tuple[str]]]:
    """The tickets that a look back is about; nothing where it is about all."""
    if received_since is not None:
        yield select(tickets.c.reference).where(tickets.c.received_at >= received_since)
    if returned:
        yield select(tickets.c.reference).where(tickets.c.flags.like(f"%{Flag.LETTER_BOUNCED.value}%"))
    if promised is not None:
        yield select(promise.c.ticket).where(promise.c.promised_on.between(*promised))


class Sums(Months, Claimed):
    """Look-ups that add up."""

    def facts(
        self,
        *,
        received_since: datetime | None = None,
        returned: bool = False,
        promised: tuple[date, date] | None = None,
    ) -> Iterator[Fact]:
        """The changes of tickets, in the order of the history, without texts. Of those tickets alone that were received
        at `received_since` or later, of which a letter was `returned`, or that were ever `promised` a date from the
        first to the last of these."""
        query = select(history).where(history.c.ticket.is_not(None), ~is_a(Posted))
        for which in _those(received_since, returned, promised):
            query = query.where(history.c.ticket.in_(which))
        for row in self._db.execute(query.order_by(history.c.id).execution_options(yield_per=500)):
            change = decode(row.change)
            if isinstance(change, get_args(Change)):
                yield Fact(Reference.parse(row.ticket), row.at, row.actor, row.because, cast("Change", change))

    def newest_claim(self, what: str) -> Claim | None:
        """The one with the highest number: after a clock went back that is not the one of the latest day."""
        query = select(claim).where(claim.c.what == what).order_by(claim.c.number.desc()).limit(1)
        row = self._db.execute(query).one_or_none()
        return claim_of(row) if row else None

    def extent(self) -> tuple[int, int]:
        """How many rows the history has, and the highest number of a mail in the ledger."""
        length = self._db.scalar(select(chain.c.length)) or 0
        return length, self._db.scalar(select(func.max(inbound.c.number))) or 0

    def pile(self, after: int, until: int) -> Pile:
        """The mails with a number above `after`, up to and including `until`."""
        here = (inbound.c.number > after) & (inbound.c.number <= until)
        became = select(inbound.c.disposition, func.count()).where(here).group_by(inbound.c.disposition)
        pending = select(inbound.c.number, inbound.c.received_at).where(
            here, inbound.c.disposition == Disposition.PENDING.value
        )
        return Pile(
            seen=until - after,
            became={Disposition(row[0]): row[1] for row in self._db.execute(became)},
            pending=tuple((row[0], row[1]) for row in self._db.execute(pending.order_by(inbound.c.number))),
        )

    def answered_between(self, after: int, until: int) -> tuple[Reference, ...]:
        """The tickets that were answered in these rows of the history, in that order."""
        rows = self._happened(rows_between(after, until) & is_a(Answered))
        return tuple(dict.fromkeys(Reference.parse(row.ticket) for row in rows))

    def letter_sums(self, after: int, until: int) -> LetterSums:
        """Letters as they stand, and those that failed in these rows of the history."""
        going = outbox.c.state.in_((LetterState.WAITING.value, LetterState.SENDING.value))
        count, oldest = self._db.execute(select(func.count(), func.min(outbox.c.due_at)).where(going)).one()
        failed = self._failed(after, until)
        return LetterSums(
            waiting=count,
            oldest_due=oldest,
            held=self._about(LetterState.HELD),
            uncertain=self._about(LetterState.UNCERTAIN),
            refused=failed["refused"],
            given_up=failed["given_up"],
        )

    def put_aside(self) -> tuple[datetime, ...]:
        """When the mails were received that wait for a person, oldest first."""
        waiting = (Disposition.QUARANTINED.value, Disposition.HELD.value)
        query = select(inbound.c.received_at).where(inbound.c.disposition.in_(waiting))
        return tuple(self._db.scalars(query.order_by(inbound.c.received_at)))

    def _failed(self, after: int, until: int) -> dict[str, list[str]]:
        """What a letter that failed was about: its ticket, or where it has none, its kind."""
        found: dict[str, list[str]] = {"refused": [], "given_up": []}
        for row in self._happened(rows_between(after, until) & (is_a(Settled) | is_a(Flagged))):
            change = decode(row.change)
            if isinstance(change, Settled) and change.state in _ENDED:
                found[_ENDED[change.state]].append(row.ticket or change.kind)
            elif isinstance(change, Flagged) and change.flag is Flag.LETTER_BOUNCED and CAME_BACK in row.because:
                found["refused"].append(row.ticket or change.detail)
        return found

    def _about(self, state: LetterState) -> tuple[str, ...]:
        query = select(outbox.c.about).where(outbox.c.state == state.value).order_by(outbox.c.id)
        return tuple(self._db.scalars(query))
