"""Look-ups: what is already known of a mail, a ticket, a letter."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from ksmail.address import Address, parse_address
from ksmail.capability import Audience
from ksmail.desk.arrival import Disposition
from ksmail.desk.letter import LetterKind
from ksmail.desk.ticket import Flag, Participant, Status, Ticket
from ksmail.incoming.mailbox import MailKey
from ksmail.incoming.message import Language, Message
from ksmail.reference import Reference
from ksmail.store.tables import counter, entry, inbound, outbox, outbox_recipient, participant, raw_mail
from ksmail.store.tables import mailbox as mailboxes
from ksmail.store.tables import ticket as tickets
from ksmail.store.values import Known, Pending, Same

ASKER_KINDS = tuple(kind.value for kind in LetterKind if kind.audience is Audience.ASKER)

_MACHINES = tuple(kind.value for kind in (Disposition.AUTOMATIC, Disposition.BOUNCE, Disposition.OWN))

# A hostile mail may list any number of Message-IDs. What it answers stands first, the end of the thread last.
_ANSWERS = 100


class LookUps:
    """Look-ups for judging a mail."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def known(self, mailbox: str, uidvalidity: int, *, from_uid: int = 0) -> dict[int, Known]:
        """The mails of one mailbox that the ledger holds, by UID; `from_uid` leaves out those below it."""
        query = select(inbound.c.uid, inbound.c.number, inbound.c.disposition, inbound.c.filed).where(
            inbound.c.mailbox == mailbox, inbound.c.uidvalidity == uidvalidity, inbound.c.uid >= from_uid
        )
        return {row.uid: Known(row.number, Disposition(row.disposition), row.filed) for row in self._db.execute(query)}

    def unfiled(self, mailbox: str) -> dict[MailKey, Known]:
        """The judged mails of one mailbox that are not noted as out of the way."""
        query = select(inbound.c.uidvalidity, inbound.c.uid, inbound.c.number, inbound.c.disposition).where(
            inbound.c.mailbox == mailbox, inbound.c.filed == "", _settled()
        )
        return {
            MailKey(mailbox, row.uidvalidity, row.uid): Known(row.number, Disposition(row.disposition), "")
            for row in self._db.execute(query)
        }

    def mailbox_state(self, mailbox: str) -> int | None:
        """The UIDVALIDITY under which this mailbox was last read, or None when it never was."""
        return self._db.scalar(select(mailboxes.c.uidvalidity).where(mailboxes.c.name == mailbox))

    def began_at(self) -> datetime | None:
        """When this desk took its first mail; None when it never took one."""
        return self._db.scalar(select(inbound.c.taken_at).order_by(inbound.c.number).limit(1))

    def pending(self, limit: int) -> list[Pending]:
        """Mails taken and not yet judged, in order of receipt."""
        query = select(inbound).where(inbound.c.disposition == Disposition.PENDING.value)
        rows = self._db.execute(query.order_by(inbound.c.received_at, inbound.c.uid, inbound.c.number).limit(limit))
        return [
            Pending(
                number=row.number,
                key=MailKey(row.mailbox, row.uidvalidity, row.uid),
                received_at=row.received_at,
                size=row.size,
                incomplete=row.incomplete,
                attempts=row.attempts,
            )
            for row in rows
        ]

    def raw(self, number: int) -> bytes:
        """The bytes of a mail, as they were served. Raises LookupError for a number that is not in the ledger."""
        query = select(raw_mail.c.packed).join(inbound, inbound.c.raw_sha256 == raw_mail.c.sha256)
        packed: bytes | None = self._db.scalar(query.where(inbound.c.number == number))
        if packed is None:
            raise LookupError(f"there is no mail {number}")
        return zlib.decompress(packed)

    def find_ticket(self, reference: Reference) -> Ticket | None:
        """The ticket with this number, as it stands."""
        row = self._db.execute(select(tickets).where(tickets.c.reference == str(reference))).one_or_none()
        if row is None:
            return None
        people = select(participant).where(participant.c.ticket == str(reference)).order_by(participant.c.id)
        return Ticket(
            reference=reference,
            status=Status(row.status),
            asker=address(row.asker, row.asker_name),
            language=Language(row.language),
            subject=row.subject,
            received_at=row.received_at,
            participants=tuple(Participant(address(p.address, p.name), p.part) for p in self._db.execute(people)),
            promised_on=row.promised_on,
            flags=flags(row.flags),
        )

    def find_by_answers(self, message_ids: Iterable[str]) -> Ticket | None:
        """The ticket that holds a text with one of these Message-IDs; None when there are none, or several."""
        given = [message_id for message_id in message_ids if message_id]
        wanted = {*given[:_ANSWERS], *given[-_ANSWERS:]}
        query = select(entry.c.ticket).distinct().where(entry.c.message_id.in_(wanted)).limit(2)
        found = self._db.scalars(query).all()
        return self._ticket(found[0]) if len(found) == 1 else None

    def find_same(self, message: Message, number: int, *, put_aside: bool = True) -> Same | None:
        """A judged mail other than `number` that is this very message; one that went to a ticket is preferred.

        The content must be equal, and the Message-ID too; a message that came without one must be equal to the byte.
        `put_aside` says whether one that was taken for a machine's counts.
        """
        same = inbound.c.message_id == message.message_id
        if not message.message_id_given:
            same = inbound.c.raw_sha256 == message.raw_sha256
        query = select(inbound.c.number, inbound.c.ticket).where(
            inbound.c.content_id == message.content_id, inbound.c.content_id != "", same, _original(),
            inbound.c.number != number,
        )  # fmt: skip
        if not put_aside:
            query = query.where(inbound.c.disposition.not_in(_MACHINES))
        row = self._db.execute(query.order_by(inbound.c.ticket.is_(None), inbound.c.number).limit(1)).one_or_none()
        return Same(row.number, self._ticket(row.ticket)) if row else None

    def find_same_bytes(self, number: int) -> Same | None:
        """A judged mail other than `number` with the very same bytes: how a mail nobody can read is known again."""
        sha256 = select(inbound.c.raw_sha256).where(inbound.c.number == number).scalar_subquery()
        query = select(inbound.c.number, inbound.c.ticket).where(
            inbound.c.raw_sha256 == sha256, inbound.c.incomplete == "", _original(), inbound.c.number != number
        )
        row = self._db.execute(query.order_by(inbound.c.number).limit(1)).one_or_none()
        return Same(row.number, self._ticket(row.ticket)) if row else None

    def find_same_words(self, asker: Address, words: str, since: datetime) -> Ticket | None:
        """The newest ticket in which this asker wrote these words, in a mail received at `since` or later."""
        query = select(inbound.c.ticket).where(
            inbound.c.asker == asker.key, inbound.c.words == words, inbound.c.received_at >= since,
            inbound.c.disposition.in_((Disposition.TICKET.value, Disposition.FOLLOW_UP.value)),
        )  # fmt: skip
        found = self._db.scalar(query.order_by(inbound.c.number.desc()).limit(1)) if words else None
        return self._ticket(found)

    def message_id_known(self, message_id: str, content_id: str) -> bool:
        """Whether a judged mail had this Message-ID and other content."""
        query = select(inbound.c.number).where(
            inbound.c.message_id == message_id, inbound.c.content_id != content_id, _settled()
        )
        return bool(message_id) and self._db.scalar(query.limit(1)) is not None

    def next_reference(self, prefix: str, year: int) -> Reference:
        """The number that the next ticket of this year gets."""
        query = select(counter.c.last).where(counter.c.prefix == prefix, counter.c.year == year)
        return Reference(prefix, year, (self._db.scalar(query) or 0) + 1)

    def letters_since(self, since: datetime, to: Address | None = None) -> int:
        """How many letters to askers (or to this one, however his address was spelt) were queued at `since` or later.
        Held ones do not count."""
        query = _queued(since).where(outbox.c.kind.in_(ASKER_KINDS))
        if to is not None:
            letters = select(outbox_recipient.c.letter).where(outbox_recipient.c.key == to.person)
            query = query.where(outbox.c.id.in_(letters))
        return self._db.scalar(query) or 0

    def staff_letters_since(self, kind: str, since: datetime, about: str = "") -> int:
        """How many letters of one kind (about one ticket) were queued at `since` or later. Held ones do not count."""
        query = _queued(since).where(outbox.c.kind == kind)
        return self._db.scalar(query.where(outbox.c.about == about) if about else query) or 0

    def _ticket(self, reference: str | None) -> Ticket | None:
        return self.find_ticket(Reference.parse(reference)) if reference else None


def address(spec: str, name: str) -> Address:
    """An address as it was stored."""
    local, _, domain = spec.rpartition("@")
    return Address(local, domain, name)


def address_key(spec: str) -> str:
    """Under which key letters to one person are counted, however his address is spelt."""
    try:
        return parse_address(spec).person
    except ValueError:
        return spec.casefold()


def flags(text: str) -> tuple[Flag, ...]:
    """Flags as they were stored."""
    return tuple(Flag(word) for word in text.split())


def _settled() -> ColumnElement[bool]:
    return inbound.c.disposition != Disposition.PENDING.value


def _original() -> ColumnElement[bool]:
    """Judged, and not itself a copy: two copies must not point at each other when the first is judged again."""
    return inbound.c.disposition.not_in((Disposition.PENDING.value, Disposition.DUPLICATE.value))


def _queued(since: datetime) -> Select[int]:
    return select(func.count()).select_from(outbox).where(and_(outbox.c.queued_at >= since, outbox.c.held == ""))
