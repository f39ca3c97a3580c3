"""Look-ups: what is already known of a mail."""

from __future__ import annotations

import zlib
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select

from ksmail.address import Address
from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import Ticket
from ksmail.incoming.mailbox import MailKey
from ksmail.incoming.message import Message
from ksmail.store.returns import Returns
from ksmail.store.tables import doomed, inbound, raw_mail
from ksmail.store.tables import mailbox as mailboxes
from ksmail.store.tickets import DERIVED
from ksmail.store.values import Doomed, Known, Pending, Same

# Built once: each look at the time asks these, and building a query takes longer than asking it.
_FIRST_TAKEN = select(inbound.c.taken_at).order_by(inbound.c.number).limit(1)
_NEWEST = select(inbound.c.received_at).order_by(inbound.c.number.desc()).limit(50)

_MACHINES = tuple(kind.value for kind in (Disposition.AUTOMATIC, Disposition.BOUNCE, Disposition.OWN))
_SETTLED = inbound.c.disposition != Disposition.PENDING.value
# Judged, and not itself a copy: two copies must not point at each other when the first is judged again.
_ORIGINAL = inbound.c.disposition.not_in((Disposition.PENDING.value, Disposition.DUPLICATE.value))

_HERE = inbound.c.mailbox == bindparam("box")
_KNOWN = select(inbound.c.uid, inbound.c.number, inbound.c.disposition, inbound.c.filed).where(
    _HERE, inbound.c.uidvalidity == bindparam("validity"), inbound.c.uid >= bindparam("first")
)
_UNFILED = select(inbound.c.uidvalidity, inbound.c.uid, inbound.c.number, inbound.c.disposition).where(
    _HERE, inbound.c.filed == "", _SETTLED
)
_VALIDITY = select(mailboxes.c.uidvalidity).where(mailboxes.c.name == bindparam("box"))
_PENDING = (
    select(inbound)
    .where(inbound.c.disposition == Disposition.PENDING.value)
    .order_by(inbound.c.received_at, inbound.c.uid, inbound.c.number)
    .limit(bindparam("most"))
)
_RAW = (
    select(raw_mail.c.packed, raw_mail.c.destroyed_at)
    .join(inbound, inbound.c.raw_sha256 == raw_mail.c.sha256)
    .where(inbound.c.number == bindparam("mail"))
)
_SAME_WORDS = (
    select(inbound.c.ticket)
    .where(
        inbound.c.asker == bindparam("who"),
        inbound.c.words == bindparam("said"),
        inbound.c.received_at >= bindparam("since"),
        inbound.c.disposition.in_((Disposition.TICKET.value, Disposition.FOLLOW_UP.value)),
    )
    .order_by(inbound.c.number.desc())
    .limit(1)
)
_OTHER_CONTENT = (
    select(inbound.c.number)
    .where(inbound.c.message_id == bindparam("name"), inbound.c.content_id != bindparam("content"), _SETTLED)
    .limit(1)
)
_DOOMED = (
    select(inbound.c.number, inbound.c.raw_sha256, inbound.c.size, inbound.c.message_id)
    .join(doomed, doomed.c.mail == inbound.c.number)
    .where(doomed.c.done_at.is_(None))
    .order_by(inbound.c.number)
)


class LookUps(Returns):
    """Look-ups for judging a mail."""

    def known(self, mailbox: str, uidvalidity: int, *, from_uid: int = 0) -> dict[int, Known]:
        """The mails of one mailbox that the ledger holds, by UID; `from_uid` leaves out those below it."""
        rows = self._db.execute(_KNOWN, {"box": mailbox, "validity": uidvalidity, "first": from_uid})
        return {row.uid: Known(row.number, Disposition(row.disposition), row.filed) for row in rows}

    def unfiled(self, mailbox: str) -> dict[MailKey, Known]:
        """The judged mails of one mailbox that are not noted as out of the way."""
        return {
            MailKey(mailbox, row.uidvalidity, row.uid): Known(row.number, Disposition(row.disposition), "")
            for row in self._db.execute(_UNFILED, {"box": mailbox})
        }

    def mailbox_state(self, mailbox: str) -> int | None:
        """The UIDVALIDITY under which this mailbox was last read, or None when it never was."""
        return self._db.scalar(_VALIDITY, {"box": mailbox})

    def began_at(self) -> datetime | None:
        """When this desk took its first mail; None when it never took one."""
        return self._db.scalar(_FIRST_TAKEN)

    def newest_mails(self) -> list[datetime]:
        """When each of the fifty mails that were taken last came in, by the clock of their server; in that order."""
        return list(reversed(self._db.scalars(_NEWEST).all()))

    def pending(self, limit: int) -> list[Pending]:
        """Mails taken and not yet judged, in order of receipt."""
        return [
            Pending(
                number=row.number,
                key=MailKey(row.mailbox, row.uidvalidity, row.uid),
                received_at=row.received_at,
                size=row.size,
                incomplete=row.incomplete,
                attempts=row.attempts,
                released=row.released,
            )
            for row in self._db.execute(_PENDING, {"most": limit})
        ]

    def raw(self, number: int) -> bytes:
        """The bytes of a mail, as they were served. Raises LookupError for a number that is not in the ledger, and for
        a mail that was destroyed."""
        row = self._db.execute(_RAW, {"mail": number}).one_or_none()
        if row is None:
            raise LookupError(f"there is no mail {number}")
        if row.destroyed_at is not None:
            raise LookupError("the mail was destroyed")
        return zlib.decompress(row.packed)

    def doomed(self) -> list[Doomed]:
        """Destroyed mails that still have to go from the mail server."""
        return [
            Doomed(
                number=row.number,
                sha256=row.raw_sha256,
                size=row.size,
                message_id="" if row.message_id.endswith(DERIVED) else row.message_id,
            )
            for row in self._db.execute(_DOOMED)
        ]

    def find_same(self, message: Message, number: int, *, put_aside: bool = True) -> Same | None:
        """A judged mail other than `number` that is this very message; one that went to a ticket is preferred.

        The content must be equal, and the Message-ID too; a message that came without one must be equal to the byte.
        `put_aside` says whether one that was taken for a machine's counts.
        """
        query = _same(by_name=message.message_id_given, put_aside=put_aside)
        name = message.message_id if message.message_id_given else message.raw_sha256
        row = self._db.execute(query, {"name": name, "content": message.content_id, "mail": number}).one_or_none()
        return Same(row.number, self._ticket(row.ticket)) if row else None

    def find_same_bytes(self, number: int) -> Same | None:
        """A judged mail other than `number` with the very same bytes: how a mail nobody can read is known again."""
        sha256 = select(inbound.c.raw_sha256).where(inbound.c.number == number).scalar_subquery()
        query = select(inbound.c.number, inbound.c.ticket).where(
            inbound.c.raw_sha256 == sha256, inbound.c.incomplete == "", _ORIGINAL, inbound.c.number != number
        )
        row = self._db.execute(query.order_by(inbound.c.number).limit(1)).one_or_none()
        return Same(row.number, self._ticket(row.ticket)) if row else None

    def find_same_words(self, asker: Address, words: str, since: datetime) -> Ticket | None:
        """The newest ticket in which this asker wrote these words, in a mail received at `since` or later."""
        wanted = {"who": asker.key, "said": words, "since": since}
        return self._ticket(self._db.scalar(_SAME_WORDS, wanted)) if words else None

    def message_id_known(self, message_id: str, content_id: str) -> bool:
        """Whether a judged mail had this Message-ID and other content."""
        wanted = {"name": message_id, "content": content_id}
        return bool(message_id) and self._db.scalar(_OTHER_CONTENT, wanted) is not None


@cache
def _same(*, by_name: bool, put_aside: bool) -> Select[Any]:
    """Another mail than `mail` with the same `content` whose Message-ID, or else the hash of its bytes, is `name`."""
    alike: ColumnElement[bool] = (inbound.c.message_id if by_name else inbound.c.raw_sha256) == bindparam("name")
    query = select(inbound.c.number, inbound.c.ticket).where(
        inbound.c.content_id == bindparam("content"), inbound.c.content_id != "", alike, _ORIGINAL,
        inbound.c.number != bindparam("mail"),
    )  # fmt: skip
    if not put_aside:
        query = query.where(inbound.c.disposition.not_in(_MACHINES))
    return query.order_by(inbound.c.ticket.is_(None), inbound.c.number).limit(1)
