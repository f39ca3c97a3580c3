"""Look-ups about people: what was mailed to them, who is away, whom we leave alone."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache

from sqlalchemy import BindParameter, Select, bindparam, func, select

from ksmail.address import Address, parse_address
from ksmail.capability import Audience
from ksmail.desk.letter import LetterKind
from ksmail.store.tables import absence, inbound, outbox, outbox_recipient, suppression
from ksmail.store.tickets import Tickets, address

ASKER_KINDS = tuple(kind.value for kind in LetterKind if kind.audience is Audience.ASKER)
INSIDE_KINDS = tuple(kind.value for kind in LetterKind if kind.audience in (Audience.STAFF, Audience.OPS))
PERSON_KINDS = tuple(kind.value for kind in LetterKind if kind.by_a_person)

# What answers a mail at once. What time brings, or staff order, starts no loop and takes nobody's acknowledgement away.
_NO_ANSWERS = (LetterKind.DELAY_NOTICE, LetterKind.INFO_REMINDER, LetterKind.CLOSED)
_AUTOMATIC = tuple(kind for kind in ASKER_KINDS if kind not in (*PERSON_KINDS, *_NO_ANSWERS))

# Built once: each look at the time and each mail asks it, and building a query takes longer than asking it.
_DAY: BindParameter[date] = bindparam("day")
_SINCE: BindParameter[datetime] = bindparam("since")
_PERSON: BindParameter[str] = bindparam("person")
_ABSENT = select(absence).where(absence.c.first <= _DAY, absence.c.last >= _DAY).order_by(absence.c.key)
_SUPPRESSED = select(suppression.c.until).where(suppression.c.person == _PERSON, suppression.c.until >= _DAY)
_QUEUED = select(func.count()).select_from(outbox).where(outbox.c.queued_at >= _SINCE, outbox.c.held == "")
_HIS = outbox.c.id.in_(select(outbox_recipient.c.letter).where(outbox_recipient.c.key == _PERSON))
_RECEIPTS = _QUEUED.join(inbound, inbound.c.number == outbox.c.mail).where(
    outbox.c.kind == LetterKind.STAFF_RECEIPT.value, _HIS
)


class People(Tickets):
    """Look-ups that begin with a person."""

    def letters_since(self, since: datetime, to: Address | None = None) -> int:
        """How many automatic letters to askers (or to this one, however his address was spelt) were queued at `since`
        or later. Held ones do not count, and what a person wrote does not either."""
        query = _queued(of_a_kind=False, about=False, to=to is not None)
        return self._db.scalar(query, {"since": since, "person": to.person if to else ""}) or 0

    def staff_letters_since(self, kind: str, since: datetime, about: str = "", to: Address | None = None) -> int:
        """How many letters of one kind (about one ticket, to one person) were queued at `since` or later. Held ones
        do not count."""
        query = _queued(of_a_kind=True, about=bool(about), to=to is not None)
        wanted = {"since": since, "such": kind, "subject": about, "person": to.person if to else ""}
        return self._db.scalar(query, wanted) or 0

    def receipts_since(self, since: datetime, to: Address, reason: str) -> int:
        """How many receipts were queued for one person at `since` or later whose mail has a reason that begins with
        `reason`. Held ones do not count."""
        query = _RECEIPTS.where(inbound.c.reason.startswith(reason, autoescape=True))
        return self._db.scalar(query, {"since": since, "person": to.person}) or 0

    def absent_on(self, day: date) -> tuple[Address, ...]:
        """Who of ours is away on this day."""
        return tuple(address(row.address, row.name) for row in self._db.execute(_ABSENT, {"day": day}))

    def was_written_to(self, address: Address) -> bool:
        """Whether something that staff ordered ever reached this address."""
        ordered = outbox.c.orderable & (outbox_recipient.c.outcome == "sent")
        letters = select(outbox.c.id).join(outbox_recipient, outbox_recipient.c.letter == outbox.c.id)
        return self._db.scalar(letters.where(ordered, outbox_recipient.c.key == address.person).limit(1)) is not None

    def is_suppressed(self, address: Address, day: date) -> bool:
        """Whether this address, however it is spelt, gets no automatic letter on this day."""
        return self._db.scalar(_SUPPRESSED, {"person": address.person, "day": day}) is not None


def address_key(spec: str) -> str:
    """Under which key letters to one person are counted, however his address is spelt."""
    try:
        return parse_address(spec).person
    except ValueError:
        return spec.casefold()


@cache
def _queued(*, of_a_kind: bool, about: bool, to: bool) -> Select[int]:
    """How many letters: `since`, of the kind `such` or the automatic ones to askers, about `subject`, to `person`."""
    query = _QUEUED.where(outbox.c.kind == bindparam("such") if of_a_kind else outbox.c.kind.in_(_AUTOMATIC))
    if about:
        query = query.where(outbox.c.about == bindparam("subject"))
    return query.where(_HIS) if to else query
