"""A mail comes in: fetch, understand, decide, record in one transaction, and only then tell the mailbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from ksmail import log
from ksmail.capability import Audience
from ksmail.clerk import Clerk, Judged
from ksmail.desk.arrival import Disposition
from ksmail.desk.letter import LetterKind
from ksmail.errors import CannotDestroy, StoreAway, Unavailable, UnreadableMail
from ksmail.incoming.identify import NO_RESULTS
from ksmail.incoming.mailbox import Copy, Folder, IncomingMail, Mailbox, MailKey
from ksmail.incoming.message import Message
from ksmail.incoming.worker import Parser
from ksmail.store.store import Store
from ksmail.store.values import Known, Pending

MAX_ATTEMPTS = 3
BATCH = 50
BATCH_OCTETS = 16 * 1024 * 1024

FOLDERS = {Disposition.QUARANTINED: Folder.QUARANTINE, Disposition.HELD: Folder.HELD}

_log = log.get()


@dataclass(slots=True)
class Round:
    """What one round did: mails taken in, mails settled, and mails left for the next round."""

    received: int = 0
    settled: int = 0
    left: int = 0


@dataclass(slots=True)
class Intake:
    """One mailbox and one store. `now` gives the time (aware, UTC); `beat` is called now and then by long work."""

    mailbox: Mailbox
    mailbox_name: str
    store: Store
    parser: Parser
    clerk: Clerk
    now: Callable[[], datetime]
    beat: Callable[[], None] = lambda: None
    settled: Callable[[], None] = lambda: None
    stopping: Callable[[], bool] = lambda: False
    _border_silent: bool = False
    _blameless: set[int] = field(default_factory=set)
    _listed: dict[MailKey, int] = field(default_factory=dict)

    def round(self) -> Round:
        """Take everything in the mailbox that the ledger does not know, settle what is pending, then file.

        Raises Unavailable when the mailbox or the store is away; nothing is lost by that, only later.
        """
        done = Round()
        self._work(done)  # what an earlier run left behind needs no mailbox
        uidvalidity = self.mailbox.open()
        self._notice_renumbering(uidvalidity)
        present = self.mailbox.uids()
        for batch in self._unknown(uidvalidity, present):
            done.received += self._receive(batch)
            self._work(done)
            self._file(uidvalidity, [mail.key.uid for mail in batch])
            if self.stopping():
                return done
        if withheld := self._withheld(uidvalidity, present):
            done.received += self._receive(withheld)
            self._work(done)
        self._file(uidvalidity, present)
        self._note_gone(uidvalidity, present)
        self._destroy()
        return done

    def _notice_renumbering(self, uidvalidity: int) -> None:
        """Said once, also while no new mail comes."""
        with self.store.reading() as past:
            last = past.mailbox_state(self.mailbox_name)
        if last is not None and last != uidvalidity:
            _log.warning("mailbox_renumbered", uidvalidity=uidvalidity, before=last)
            with self.store.writing() as tx:
                tx.renumber(self.mailbox_name, uidvalidity, self.now())

    def _unknown(self, uidvalidity: int, present: Sequence[int]) -> Iterator[list[IncomingMail]]:
        """Set reconciliation: all UIDs in the mailbox against the ledger, never "newer than the last"."""
        known = self._known(uidvalidity, present)
        yield from batches(self._fetched([uid for uid in present if uid not in known]), _octets)

    def _fetched(self, uids: Sequence[int]) -> Iterator[IncomingMail]:
        """Over a slow line a group takes longer than the health check waits for a sign of life."""
        for mail in self.mailbox.fetch(uids):
            self.beat()
            yield mail

    def _withheld(self, uidvalidity: int, present: Sequence[int]) -> list[IncomingMail]:
        """Mails that the server lists round after round and never hands over: a person has to look for them there."""
        known = self._known(uidvalidity, present)
        keys = [MailKey(self.mailbox_name, uidvalidity, uid) for uid in present if uid not in known]
        self._listed = {key: self._listed.get(key, 0) + 1 for key in keys}
        why = "the server lists this mail and does not hand it over"
        return [
            IncomingMail(key=key, raw=b"", received_at=self.now(), size=0, incomplete=why)
            for key, rounds in self._listed.items()
            if rounds >= MAX_ATTEMPTS
        ]

    def _known(self, uidvalidity: int, uids: Sequence[int]) -> dict[int, Known]:
        if not uids:
            return {}
        with self.store.reading() as past:
            return past.known(self.mailbox_name, uidvalidity, from_uid=min(uids))

    def _receive(self, batch: list[IncomingMail]) -> int:
        with self.store.writing() as tx:
            return tx.receive(batch, self.now())

    def _work(self, done: Round) -> None:
        """Settle what is pending, in order of receipt. A mail that was tried before is tried alone, so that one which
        kills the program takes no other with it."""
        skip: set[int] = set()
        while not self.stopping():
            with self.store.reading() as past:
                waiting = [mail for mail in past.pending(BATCH + len(skip)) if mail.number not in skip]
            if not waiting:
                return
            alone = waiting[0].attempts > 0
            for mail, failed in self._settle(waiting[:1] if alone else next(batches(waiting, _size))):
                self.beat()
                if failed:
                    skip.add(mail.number)
                    done.left += 1
                else:
                    done.settled += 1
            self.settled()

    def _settle(self, mails: list[Pending]) -> Iterator[tuple[Pending, bool]]:
        tried_out = [mail for mail in mails if mail.attempts >= MAX_ATTEMPTS and mail.number not in self._blameless]
        fresh = [mail for mail in mails if mail not in tried_out]
        with self.store.writing() as tx:
            tx.count_attempt([mail.number for mail in fresh if mail.number not in self._blameless], self.now())
        untried = {mail.number for mail in fresh}
        self._blameless -= untried
        try:
            for mail in tried_out:
                yield mail, self._take(mail, UnreadableMail(f"given up after {MAX_ATTEMPTS} attempts"))
            for mail, message in zip(fresh, self._understand(fresh), strict=True):
                yield mail, self._take(mail, message)
                untried.discard(mail.number)
        except StoreAway:
            self._blameless |= untried  # that was no attempt of these mails
            raise
        except Unavailable:
            self._take_back(untried)  # nor was this: the parser is away
            raise

    def _take_back(self, numbers: set[int]) -> None:
        """In the store, so that whoever comes after us knows it too; while that is away, we remember."""
        try:
            with self.store.writing() as tx:
                tx.take_back_attempt(numbers)
        except Unavailable:
            self._blameless |= numbers

    def _understand(self, mails: Iterable[Pending]) -> Iterator[Message | UnreadableMail]:
        mails = list(mails)
        with self.store.reading() as past:
            raws = [b"" if mail.incomplete else past.raw(mail.number) for mail in mails]
        parsed = iter(
            self.parser.parse_many([raw for mail, raw in zip(mails, raws, strict=True) if not mail.incomplete])
        )
        for mail in mails:
            yield UnreadableMail(mail.incomplete) if mail.incomplete else next(parsed)

    def _take(self, mail: Pending, message: Message | UnreadableMail) -> bool:
        """Settle one mail; True when it must be tried again. The one broad except around a mail: our own faults."""
        bound = _log.bind(mail=str(mail.key), number=mail.number)
        try:
            judged = self._record(mail, message)
        except Unavailable:
            raise
        except Exception:
            bound.exception("mail_failed", attempts=mail.attempts + 1)
            return self._give_up(mail) if mail.attempts + 1 >= MAX_ATTEMPTS else True
        decision = judged.decision
        self._watch_border(judged)
        bound.info(
            "mail_settled",
            disposition=decision.disposition.value,
            because=decision.because,
            ticket=str(decision.ticket.reference) if decision.ticket else None,
            letters=[letter.kind.value for letter in decision.letters],
        )
        for letter in decision.letters:
            if letter.held:
                # The breaker: what nobody recognised as a loop or a flood stops here, and ops must know.
                bound.error("letter_held", ticket=letter.about, kind=letter.kind.value, cap=letter.held)
        for returned in judged.arrival.returned if judged.arrival else ():
            if LetterKind(returned.kind).audience is Audience.OPS:
                bound.error("ops_mail_bounced", kind=returned.kind, letter=returned.letter)
        return False

    def _give_up(self, mail: Pending) -> bool:
        """To quarantine with it. When even that fails it stays where it is, and the others go on."""
        fault = UnreadableMail(f"our own fault, {MAX_ATTEMPTS} times: see the log for mail {mail.number}")
        try:
            self._record(mail, fault)
        except Unavailable:
            raise
        except Exception:
            _log.exception("quarantine_failed", number=mail.number)
            return True
        return False

    def _record(self, mail: Pending, message: Message | UnreadableMail) -> Judged:
        """The one transaction: ledger, ticket, history, entry, promise and finished letters together or not at all."""
        with self.store.writing() as tx:
            judged = self.clerk.judge(tx, mail, message, self.now())
            tx.record(
                mail.number,
                message if isinstance(message, Message) else None,
                judged.decision,
                judged.mails,
                asker=judged.asker,
                words=judged.words,
                now=self.now(),
            )
        return judged

    def _watch_border(self, judged: Judged) -> None:
        """A border that writes no results, or not under the name that is configured, proves nobody: no order of staff
        is obeyed then. Said once, and again when it has spoken meanwhile."""
        arrival = judged.arrival
        if arrival is None or arrival.sender is None or not self.clerk.policy.has_border:
            return
        silent = arrival.sender.identity.because.endswith(NO_RESULTS)
        if silent and not self._border_silent:
            _log.warning("border_silent", setting="trust.authserv_id")
        self._border_silent = silent

    def _file(self, uidvalidity: int, uids: Sequence[int]) -> None:
        """Tell the mailbox, last: what is recorded moves out of the way. Asked again until it is done."""
        known = self._known(uidvalidity, uids)
        waiting = {uid: known[uid] for uid in uids if uid in known and not known[uid].filed}
        for folder in Folder:
            rows = {uid: row for uid, row in waiting.items() if _folder(row.disposition) is folder}
            if rows:
                self.mailbox.file(sorted(rows), folder)
                self._mark_filed(rows.values(), folder)

    def _note_gone(self, uidvalidity: int, present: Sequence[int]) -> None:
        """What is not in the folder any more needs no filing: we moved it before a crash, or somebody else did."""
        here = {MailKey(self.mailbox_name, uidvalidity, uid) for uid in present}
        with self.store.reading() as past:
            gone = [row for key, row in past.unfiled(self.mailbox_name).items() if key not in here]
        for folder in Folder:
            self._mark_filed([row for row in gone if _folder(row.disposition) is folder], folder)

    def _destroy(self) -> None:
        """What staff had destroyed goes from the server too, once it is filed. Asked again until it is done; where the
        server cannot delete a single mail, a person must, and the log says so."""
        with self.store.reading() as past:
            doomed = past.doomed()
        for mail in doomed:
            self.beat()
            try:
                count = self.mailbox.destroy(Copy(mail.sha256, mail.size, mail.message_id))
            except CannotDestroy as fault:
                _log.error("copy_not_destroyed", number=mail.number, reason=str(fault))
            else:
                _log.info("copy_destroyed", number=mail.number, copies=count)
            with self.store.writing() as tx:
                tx.mark_destroyed(mail.number, self.now())

    def _mark_filed(self, rows: Iterable[Known], folder: Folder) -> None:
        numbers = [row.number for row in rows]
        if numbers:
            with self.store.writing() as tx:
                tx.mark_filed(numbers, folder)


_Item = TypeVar("_Item")


def batches(items: Iterable[_Item], octets: Callable[[_Item], int]) -> Iterator[list[_Item]]:
    """Groups that fit in memory: at most BATCH items, and no more once they measure BATCH_OCTETS together."""
    batch: list[_Item] = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH or sum(map(octets, batch)) >= BATCH_OCTETS:
            yield batch
            batch = []
    if batch:
        yield batch


def _octets(mail: IncomingMail) -> int:
    return len(mail.raw)


def _size(mail: Pending) -> int:
    return mail.size


def _folder(disposition: Disposition) -> Folder | None:
    if disposition is Disposition.PENDING:
        return None
    return FOLDERS.get(disposition, Folder.DONE)
