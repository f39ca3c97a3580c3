"""What every record does: change a ticket, and write down in the history that it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import reduce
from typing import get_args

from sqlalchemy import bindparam, insert, select, update

from ksmail.address import Address
from ksmail.desk.consultation import Consultation
from ksmail.desk.ticket import Change, Joined, Opened, Participant, Posted, Ticket, evolve
from ksmail.reference import Reference
from ksmail.store.chain import End, Link, forge
from ksmail.store.codec import encode
from ksmail.store.details import Cause as Cause  # found here too
from ksmail.store.details import Details
from ksmail.store.happenings import Happening
from ksmail.store.tables import chain, counter, history, participant
from ksmail.store.tables import consultation as consultations
from ksmail.store.tables import ticket as tickets

OURSELVES = "ksmail"

# Built once: each record asks these, and building a query takes longer than asking it.
_END = select(chain.c.length, chain.c.head)
_NEW_LINE, _NEW_END = insert(history), update(chain)
_CHANGED = (
    update(tickets)
    .where(tickets.c.reference == bindparam("name"))
    .values(changes=tickets.c.changes + bindparam("added"))
)


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened, by whom (a role, or ourselves) and why."""

    change: Happening
    actor: str
    because: str


class Records(Details):
    """The part of a transaction that keeps tickets and history in step."""

    def apply(self, before: Ticket | None, happened: Sequence[Happened], cause: Cause) -> Ticket | None:
        """Carry out what happened to a ticket as it stands now, or to none yet. Returns the ticket afterwards.

        Raises ValueError when a ticket is opened twice or under a number that is not the next one, and when a date is
        promised while another one is open.
        """
        changes = [fact.change for fact in happened if isinstance(fact.change, get_args(Change))]
        if before is not None and any(isinstance(change, Opened) for change in changes):
            raise ValueError(f"{before.reference} is not the next number: it is open already")
        after = reduce(evolve, changes, before)
        name = str(after.reference) if after else None
        links, end = self._forge(name, happened, cause)
        if after is not None and links:
            self._save(before, after, len(links), end.head)
        self._write(links, end)
        for change in changes:
            self._detail(change, str(name), cause)
        return after

    def pass_time(self, reference: Reference, changes: Sequence[Change], because: str, now: datetime) -> None:
        """Time did this to a ticket, and no mail. Raises LookupError when there is no such ticket."""
        before = self.find_ticket(reference)
        if before is None:
            raise LookupError(f"there is no ticket {reference}")
        self.apply(before, [Happened(change, OURSELVES, because) for change in changes], Cause(None, now, now))

    def note(self, happened: Sequence[Happened], cause: Cause) -> None:
        """Write down what happened where there is no ticket for it to change."""
        self._write(*self._forge(None, happened, cause))

    def _write(self, links: Sequence[Link], end: End) -> None:
        if links:
            self._db.execute(_NEW_LINE, [_row(link) for link in links])
            self._db.execute(_NEW_END, {"length": end.length, "head": end.head})

    def _forge(self, name: str | None, happened: Sequence[Happened], cause: Cause) -> tuple[list[Link], End]:
        row = self._db.execute(_END).one()
        end, links = End(row.length, row.head), []
        for fact in happened:
            link, end = forge(end, Link(
                id=0, ticket=name, at=cause.now, actor=fact.actor, mail=cause.mail, because=fact.because,
                change=encode(fact.change),
            ))  # fmt: skip
            links.append(link)
        return links, end

    def _save(self, before: Ticket | None, after: Ticket, added: int, head: str) -> None:
        row = {
            "status": after.status.value,
            "asker": after.asker.spec,
            "asker_name": after.asker.name,
            "language": after.language.value,
            "subject": after.subject,
            "received_at": after.received_at,
            "promised_on": after.promised_on,
            "flags": " ".join(after.flags),
            "assignee": after.assignee.spec if after.assignee else "",
            "assignee_name": after.assignee.name if after.assignee else "",
            "remaining_days": after.remaining_days,
            "ended_at": after.ended_at,
            "active_at": after.active_at,
            "waiting_since": after.waiting_since,
            "nudged_at": after.nudged_at,
            "closed_because": after.closed_because or "",
            "merged_into": str(after.merged_into) if after.merged_into else None,
            "continues": str(after.continues) if after.continues else None,
            "head": head,
        }
        if before is None:
            self._number(after.reference)
            self._db.execute(insert(tickets), {"reference": str(after.reference), "changes": added, **row})
        else:
            self._db.execute(_CHANGED, {"name": str(after.reference), "added": added, **row})
        # People only ever join: those who were there keep their place.
        new = after.participants[len(before.participants) if before else 0 :]
        if new:
            self._db.execute(insert(participant), [_participant(str(after.reference), person) for person in new])
        self._consult(str(after.reference), before.consultations if before else (), after.consultations)

    def _consult(self, name: str, before: Sequence[Consultation], after: Sequence[Consultation]) -> None:
        """Each partner keeps its place; none is ever taken away."""
        known = {each.partner: each for each in before}
        for each in after:
            if each.partner not in known:
                self._db.execute(insert(consultations), _consulted(name, each))
            elif each != known[each.partner]:
                here = (consultations.c.ticket == name) & (consultations.c.partner == each.partner)
                self._db.execute(update(consultations).where(here).values(_consulted(name, each)))

    def _number(self, reference: Reference) -> None:
        wanted = self.next_reference(reference.prefix, reference.year)
        if reference != wanted:
            raise ValueError(f"{reference} is not the next number, {wanted} is")
        if reference.number == 1:
            first = {"prefix": reference.prefix, "year": reference.year, "last": 1}
            self._db.execute(insert(counter), first)
            return
        here = (counter.c.prefix == reference.prefix) & (counter.c.year == reference.year)
        self._db.execute(update(counter).where(here).values(last=reference.number))


def actor_of(change: Happening, author: str) -> str:
    """Who did it: people open, join and write; everything else is our own doing."""
    return author if isinstance(change, Opened | Joined | Posted) else OURSELVES


def _row(link: Link) -> dict[str, object]:
    return {field.name: getattr(link, field.name) for field in fields(link)}


def _participant(ticket: str, person: Participant) -> dict[str, str]:
    who: Address = person.address
    return {"ticket": ticket, "key": who.key, "address": who.spec, "name": who.name, "part": person.part}


def _consulted(ticket: str, each: Consultation) -> dict[str, object]:
    return {
        "ticket": ticket,
        "partner": each.partner,
        "sent_to": each.to.spec,
        "sent_to_name": each.to.name,
        "due_on": each.due_on,
        "asked_at": each.asked_at,
        "message_id": each.message_id,
        "stage": each.stage.value,
        "position": each.position.value if each.position else "",
        "replied_at": each.replied_at,
        "identity": each.identity,
        "attachments": each.attachments,
        "reminded": each.reminded,
    }
