"""What must go, goes everywhere: the bytes of a mail and its copies here, in letters, and on the mail server."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from email import message_from_bytes
from typing import Any

from sqlalchemy import Row, insert, or_, select, update

from ksmail.desk.arrival import Disposition
from ksmail.store.aside import Aside
from ksmail.store.handling import Handling, Mandate
from ksmail.store.happenings import LetterState, Recorded, Unserved
from ksmail.store.records import OURSELVES, Cause, Happened
from ksmail.store.tables import attachment, doomed, entry, inbound, outbox, raw_mail

_UNDER_WAY = (LetterState.WAITING.value, LetterState.SENDING.value)


class Destruction(Handling, Aside):
    """What becomes true about bytes. `destroys` says that this transaction destroyed some: see `Store.writing`."""

    destroys: bool = False

    def mark_destroyed(self, number: int, now: datetime) -> None:
        """The copies of this mail are gone from the mail server. Raises LookupError for a mail that is not doomed."""
        here = (doomed.c.mail == number) & doomed.c.done_at.is_(None)
        if self._db.execute(update(doomed).where(here).values(done_at=now)).rowcount != 1:
            raise LookupError(f"mail {number} does not have to go from the server")
        self._written(self._mail(number), Unserved(), "destroyed on the mail server", now)

    def _destroy(self, number: int, sha256: str, mandate: Mandate) -> None:
        """Destroy a file that came with a mail, and with it the whole mail. Its name and its hash stay on record.

        So goes every mail of its ticket with the very same file, and every copy of these mails (the same bytes, or the
        same content by another way), and letters that carried the file. A letter that is still under way keeps its
        bytes until it has come to its end; one that is held is called back. Raises ValueError when the mail has no
        such file, LookupError for an unknown mail.
        """
        self._mail(number)
        files = self._same_files(number, sha256)
        if number not in {file.mail for file in files}:
            raise ValueError(f"mail {number} has no such file")
        here = attachment.c.id.in_([file.id for file in files]) & attachment.c.purged_at.is_(None)
        self._db.execute(update(attachment).where(here).values(purged_at=mandate.cause.now))
        mails = {file.mail for file in files if file.mail is not None}
        copies = {copy.number: copy for mail in sorted(mails) for copy in self._copies(self._mail(mail))}
        self._doom(tuple(copies.values()), mandate.cause.now)
        self._empty_letters(tuple(copies.values()), sha256, mandate)

    def _same_files(self, number: int, sha256: str) -> Sequence[Any]:
        tickets = select(entry.c.ticket).where(entry.c.mail == number)
        query = select(attachment.c.id, entry.c.mail).join(entry, attachment.c.entry == entry.c.id)
        here = query.where(entry.c.ticket.in_(tickets), attachment.c.sha256 == sha256)
        return self._db.execute(here.order_by(attachment.c.id)).all()

    def _copies(self, mail: Row[Any]) -> Sequence[Row[Any]]:
        same = inbound.c.raw_sha256 == mail.raw_sha256
        if mail.content_id:
            same = or_(same, inbound.c.content_id == mail.content_id)
        return self._db.execute(select(inbound).where(same).order_by(inbound.c.number)).all()

    def _doom(self, copies: Sequence[Row[Any]], now: datetime) -> None:
        self.destroys = True
        hashes = {copy.raw_sha256 for copy in copies}
        gone = update(raw_mail).where(raw_mail.c.sha256.in_(hashes), raw_mail.c.destroyed_at.is_(None))
        self._db.execute(gone.values(packed=b"", destroyed_at=now))
        entries = select(entry.c.id).where(entry.c.mail.in_([copy.number for copy in copies]))
        theirs = attachment.c.entry.in_(entries) & attachment.c.purged_at.is_(None)
        self._db.execute(update(attachment).where(theirs).values(purged_at=now))
        known = set(self._db.scalars(select(doomed.c.mail).where(doomed.c.mail.in_([copy.number for copy in copies]))))
        for copy in copies:
            if copy.number not in known:
                self._db.execute(insert(doomed), {"mail": copy.number, "asked_at": now})
            if copy.disposition == Disposition.PENDING:
                self._bury(copy, now)

    def _doom_again(self, number: int, now: datetime) -> None:
        """A mail that was destroyed came once more, by another way or from another folder: it goes too."""
        mail = self._mail(number)
        numbers = [copy.number for copy in self._copies(mail) if copy.number != number]
        if self._db.scalar(select(doomed.c.mail).where(doomed.c.mail.in_(numbers)).limit(1)) is not None:
            self._doom([mail], now)

    def _bury(self, copy: Row[Any], now: datetime) -> None:
        """A copy without bytes can never be judged: it is what it would have become."""
        first = next(one for one in self._copies(copy) if one.disposition != Disposition.PENDING)
        because = f"another copy of mail {first.number}, which was destroyed"
        self._db.execute(update(inbound).where(inbound.c.number == copy.number).values(
            disposition=Disposition.DUPLICATE.value, reason=because, recorded_at=now, ticket=first.ticket,
            message_id=first.message_id, content_id=first.content_id,
        ))  # fmt: skip
        self._written(self._mail(copy.number), Recorded(Disposition.DUPLICATE), because, now)

    def _written(self, mail: Row[Any], what: Recorded | Unserved, because: str, now: datetime) -> None:
        self._tell(mail, [Happened(what, OURSELVES, because)], Cause(mail.number, mail.received_at, now))

    def _empty_letters(self, copies: Sequence[Row[Any]], sha256: str, mandate: Mandate) -> None:
        mails = {copy.number for copy in copies}
        tickets = {copy.ticket for copy in copies if copy.ticket}
        near = or_(outbox.c.mail.in_(mails), outbox.c.ticket.in_(tickets))
        query = select(outbox.c.id).where(near, outbox.c.state.not_in(_UNDER_WAY), outbox.c.raw != b"")
        for letter in self._db.scalars(query.order_by(outbox.c.id)).all():
            row = self._db.execute(select(outbox).where(outbox.c.id == letter)).one()
            carried = _carried(row.raw)
            if sha256 in carried or (carried and row.mail in mails):
                self._empty(letter)
                if row.state == LetterState.HELD:
                    self._cancel(row, mandate)

    def _empty_late(self, letter: Row[Any]) -> None:
        """A letter that was under way when a file of it was destroyed has come to its end."""
        carried = _carried(letter.raw) if letter.orderable else frozenset()
        purged = select(attachment.c.id).where(attachment.c.sha256.in_(carried), attachment.c.purged_at.is_not(None))
        if carried and self._db.scalar(purged.limit(1)) is not None:
            self._empty(letter.id)

    def _empty(self, letter: int) -> None:
        self.destroys = True
        self._db.execute(update(outbox).where(outbox.c.id == letter).values(raw=b""))


def _carried(raw: bytes) -> frozenset[str]:
    """The hashes of the files in a letter. The bytes are our own, so that the library may read them."""
    parts = (part for part in message_from_bytes(raw).walk() if part.get_content_disposition() == "attachment")
    bytes_ = (part.get_payload(decode=True) for part in parts)
    return frozenset(hashlib.sha256(data).hexdigest() for data in bytes_ if isinstance(data, bytes))
