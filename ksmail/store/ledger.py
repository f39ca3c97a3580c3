"""The ledger of mails: taken, judged, filed, judged again."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from ksmail.address import Address
from ksmail.desk.arrival import Decision, Disposition
from ksmail.desk.ticket import Posted
from ksmail.incoming.identity import Role
from ksmail.incoming.mailbox import Folder, IncomingMail, MailKey
from ksmail.incoming.message import Message
from ksmail.outgoing.mail import OutgoingMail
from ksmail.store.acts import author_of
from ksmail.store.claims import Claims
from ksmail.store.handling import Mandate
from ksmail.store.happenings import Recorded
from ksmail.store.records import OURSELVES, Cause, Happened, actor_of
from ksmail.store.tables import inbound, mailbox, raw_mail

# Built once: each mail asks these, and building a query takes longer than asking it.
_HERE = select(inbound).where(
    inbound.c.mailbox == bindparam("box"),
    inbound.c.uidvalidity == bindparam("validity"),
    inbound.c.uid == bindparam("of"),
)
_ALREADY = _HERE.with_only_columns(inbound.c.number)
_BYTES = select(raw_mail.c.destroyed_at).where(raw_mail.c.sha256 == bindparam("hash"))
_NEW_BYTES, _NEW = insert(raw_mail), insert(inbound)
_BOX = select(mailbox).where(mailbox.c.name == bindparam("box"))
_READ = update(mailbox).where(mailbox.c.name == bindparam("box"))
_JUDGED = update(inbound).where(inbound.c.number == bindparam("mail"))
_ATTEMPTED = (
    update(inbound)
    .where(inbound.c.number.in_(bindparam("mails", expanding=True)), inbound.c.disposition == Disposition.PENDING.value)
    .values(attempts=inbound.c.attempts + 1)
)
_TAKEN_BACK = (
    update(inbound)
    .where(
        inbound.c.number.in_(bindparam("mails", expanding=True)),
        inbound.c.disposition == Disposition.PENDING.value,
        inbound.c.attempts > 0,
    )
    .values(attempts=inbound.c.attempts - 1)
)
_FILED = update(inbound).where(inbound.c.number.in_(bindparam("mails", expanding=True)))


class Ledger(Claims):
    """What becomes true about mails."""

    def receive(self, mails: Iterable[IncomingMail], now: datetime) -> int:
        """Take mails into the ledger, with their bytes; those already there are left alone. Returns how many were new.

        The bytes are kept once, however often they came. The mailbox's UIDVALIDITY and last UID are noted.
        """
        return sum(self._take(mail, now) for mail in mails)

    def renumber(self, name: str, uidvalidity: int, now: datetime) -> None:
        """The mails of this mailbox have new numbers: none of them was read yet."""
        self._db.execute(_READ, {"box": name, "uidvalidity": uidvalidity, "last_uid": 0, "seen_at": now})

    def count_attempt(self, numbers: Iterable[int], now: datetime) -> None:
        """Judging these mails begins. Commit before it does, so that a mail that kills us is counted."""
        self._db.execute(_ATTEMPTED, {"mails": list(numbers), "attempted_at": now})

    def take_back_attempt(self, numbers: Iterable[int]) -> None:
        """Judging these mails began and came to nothing, by no fault of theirs."""
        self._db.execute(_TAKEN_BACK, {"mails": list(numbers)})

    def record(
        self,
        number: int,
        message: Message | None,
        decision: Decision,
        mails: Sequence[OutgoingMail],
        *,
        asker: Address | None,
        words: str,
        now: datetime,
    ) -> None:
        """All effects of one mail: its disposition, its ticket's changes with their history, the letters in the outbox.

        The changes are applied to the tickets as they stand now: first its own, then those elsewhere; acts come last.
        What an order changes was done by whoever wrote it. `message` is None for a mail that could not be read,
        `asker` and `words` (a hash of the new words, or "") are what finds the same question asked twice. A letter
        whose Message-ID is already in the outbox is left as it is. Raises ValueError when the mail was judged
        before, when a ticket's number is not the next one, when the changes do not make the decision's ticket, and for
        an act that cannot be done; LookupError for a mail that is not in the ledger.
        """
        row = self._mail(number)
        if row.disposition != Disposition.PENDING or decision.disposition is Disposition.PENDING:
            raise ValueError(f"mail {number} was judged before, or is not judged now")
        before = self.find_ticket(decision.ticket.reference) if decision.ticket else None
        cause = Cause(number, row.received_at, now)
        after = self.apply(before, _happened(decision, mails), cause)
        reference = after.reference if after else None
        if reference != (decision.ticket.reference if decision.ticket else None):
            raise ValueError(f"the changes of mail {number} do not make its ticket")
        ordered = decision.disposition is Disposition.ORDER
        mandate = Mandate(_author(decision) if ordered else OURSELVES, decision.because, cause, reference)
        self._apply_elsewhere(decision.elsewhere, mandate)
        self.queue(mails, reference, cause)
        self._judge(number, message, decision, asker=asker.key if asker else "", words=words, now=now)
        self.carry_out(decision.acts, mandate)
        if message and decision.disposition is Disposition.DUPLICATE:
            self._doom_again(number, now)

    def mark_filed(self, numbers: Iterable[int], folder: Folder) -> None:
        """These mails are out of the way on the server, in this folder."""
        self._db.execute(_FILED, {"mails": list(numbers), "filed": folder.value})

    def _take(self, mail: IncomingMail, now: datetime) -> int:
        where = {"box": mail.key.mailbox, "validity": mail.key.uidvalidity, "of": mail.key.uid}
        if self._db.scalar(_ALREADY, where) is not None:
            return 0
        sha256 = hashlib.sha256(mail.raw).hexdigest()
        known = self._db.execute(_BYTES, {"hash": sha256}).one_or_none()
        if known is None:
            bytes_ = {"sha256": sha256, "size": len(mail.raw), "packed": zlib.compress(mail.raw)}
            self._db.execute(_NEW_BYTES, bytes_)
        self._db.execute(_NEW, {
            "mailbox": mail.key.mailbox, "uidvalidity": mail.key.uidvalidity, "uid": mail.key.uid,
            "received_at": mail.received_at, "taken_at": now, "size": mail.size, "incomplete": mail.incomplete,
            "raw_sha256": sha256, "attempts": 0, "disposition": Disposition.PENDING.value, "reason": "",
            "message_id": "", "content_id": "", "asker": "", "words": "", "filed": "",
        })  # fmt: skip
        self._read_up_to(mail.key, now)
        if known is not None and known.destroyed_at is not None:
            # The bytes of a mail that was destroyed are never taken again.
            self._doom(self._db.execute(_HERE, where).all(), now)
        return 1

    def _read_up_to(self, key: MailKey, now: datetime) -> None:
        row = self._db.execute(_BOX, {"box": key.mailbox}).one_or_none()
        if row is None:
            first = {"name": key.mailbox, "uidvalidity": key.uidvalidity, "last_uid": key.uid, "seen_at": now}
            self._db.execute(insert(mailbox), first)
            return
        last = max(row.last_uid, key.uid) if row.uidvalidity == key.uidvalidity else key.uid
        read = {"box": key.mailbox, "uidvalidity": key.uidvalidity, "last_uid": last, "seen_at": now}
        self._db.execute(_READ, read)

    def _judge(
        self, number: int, message: Message | None, decision: Decision, *, asker: str, words: str, now: datetime
    ) -> None:
        self._db.execute(_JUDGED, {
            "mail": number, "disposition": decision.disposition.value, "reason": decision.because, "asker": asker,
            "words": words, "recorded_at": now, "message_id": message.message_id if message else "",
            "content_id": message.content_id if message else "",
            "ticket": str(decision.ticket.reference) if decision.ticket else None,
        })  # fmt: skip


def _happened(decision: Decision, mails: Sequence[OutgoingMail]) -> list[Happened]:
    author = _author(decision)
    by = actor_of if decision.disposition is not Disposition.ORDER else author_of
    changes = [Happened(change, by(change, author), decision.because) for change in decision.changes]
    recorded = Recorded(decision.disposition, tuple(mail.message_id for mail in mails))
    return [*changes, Happened(recorded, OURSELVES, decision.because)]


def _author(decision: Decision) -> str:
    """In which role somebody wrote the mail, as far as its decision tells."""
    unsaid = Role.STAFF.value if decision.disposition is Disposition.ORDER else OURSELVES
    return next((change.role.value for change in decision.changes if isinstance(change, Posted)), unsaid)
