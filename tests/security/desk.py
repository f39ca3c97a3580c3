"""A busy desk whose judgement of a mail is looked at and then undone: fast enough for hundreds of mails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

from ksmail.clerk import Judged
from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import EntryKind, Ticket
from ksmail.errors import UnreadableMail
from ksmail.incoming.limits import Limits
from ksmail.incoming.mailbox import IncomingMail, MailKey
from ksmail.incoming.message import Message
from ksmail.incoming.parse import parse
from ksmail.store.store import Transaction
from ksmail.store.values import TicketDossier
from tests.builders import mail
from tests.security.attacked import TEAM, Desk, results
from tests.stories.people import EVA, PEOPLE, ROBIN, SAM, reply

KIM = "kim@college.example"
_NEVER_USED = 9_999_999  # the UID of a mail that is only judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a mail would have led to. `before` and `after` are all tickets; `entries` are the texts it added to those
    that were there, `new` is the ticket it opened, if any."""

    judged: Judged
    before: tuple[Ticket, ...]
    after: tuple[Ticket, ...]
    entries: tuple[EntryKind, ...]

    @property
    def disposition(self) -> Disposition:
        return self.judged.decision.disposition

    @property
    def because(self) -> str:
        return self.judged.decision.because

    @property
    def new(self) -> tuple[Ticket, ...]:
        return self.after[len(self.before) :]

    def letters(self) -> set[tuple[str, str]]:
        """(kind, recipient) of everything that would leave now or later."""
        return {(letter.kind, to) for letter in self.judged.mails for to in letter.recipients}


class _Undone(Exception):
    """Nothing of a rehearsal is kept."""


class JudgingDesk(Desk):
    """`take` takes a mail as the daemon does; `judge` does the same, tells what came of it, and leaves no trace."""

    def judge(self, *raws: bytes, later: timedelta = timedelta(0)) -> Outcome:
        """What becomes of the last of these mails, after the others, all received `later` than the last taken."""
        try:
            with self.store.writing() as tx:
                for uid, raw in enumerate(raws[:-1], _NEVER_USED):
                    self._settle(tx, uid, raw, later)
                outcome = self._look(tx, _NEVER_USED + len(raws), raws[-1], later)
                raise _Undone
        except _Undone:
            return outcome

    def _look(self, tx: Transaction, uid: int, raw: bytes, later: timedelta) -> Outcome:
        before = self._dossiers(tx)
        judged = self._settle(tx, uid, raw, later)
        after = self._dossiers(tx)
        added = (new.entries[len(old.entries) :] for old, new in zip(before, after, strict=False))
        return Outcome(
            judged=judged,
            before=tuple(dossier.ticket for dossier in before),
            after=tuple(dossier.ticket for dossier in after),
            entries=tuple(entry.kind for entries in added for entry in entries),
        )

    def _settle(self, tx: Transaction, uid: int, raw: bytes, later: timedelta) -> Judged:
        moment = self.moment + timedelta(minutes=1) + later
        key = MailKey("INBOX", 1, uid)
        tx.receive([IncomingMail(key=key, raw=raw, received_at=moment, size=len(raw))], moment)
        (pending,) = (each for each in tx.pending(100) if each.key == key)
        message = read(raw)
        judged = self.clerk.judge(tx, pending, message, moment)
        known = message if isinstance(message, Message) else None
        tx.record(
            pending.number,
            known,
            judged.decision,
            judged.mails,
            asker=judged.asker,
            words=judged.words,
            now=moment,
        )
        return judged

    @staticmethod
    def _dossiers(tx: Transaction) -> list[TicketDossier]:
        lines = tx.tickets(1000)
        return [dossier for line in reversed(lines) if (dossier := tx.ticket(line.reference)) is not None]


def read(raw: bytes) -> Message | UnreadableMail:
    """What the parser makes of these bytes, in this process."""
    try:
        return parse(raw, Limits())
    except UnreadableMail as fault:
        return fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A desk in the middle of its work, and the letters of it that somebody might answer.

    Ticket 1 is Robin's, with a file, and nobody handles it; ticket 2 is Kim's, Sam handles it, and an answer of his
    waits to leave. A mail from a no-reply address is held. Sam has been asked to confirm a #purge in ticket 1.
    """

    desk: JudgingDesk
    first: EmailMessage  # the notices to the team
    second: EmailMessage
    held: EmailMessage
    confirm: EmailMessage  # to Sam
    for_eva: EmailMessage  # her receipt of a note
    for_robin: EmailMessage  # his acknowledgement

    @property
    def targets(self) -> Sequence[EmailMessage]:
        """What Sam may answer: the last is the request to confirm."""
        return (self.first, self.second, self.held, self.confirm)


def open_office(folder: Path) -> Office:
    desk = JudgingDesk(folder, PEOPLE)
    file = ("cv.pdf", "application/pdf", b"%PDF-1.7 a curriculum")
    desk.take(
        mail(sender=ROBIN, text="May a guest work here?\n", message_id="<one@uni.example>", attachments=[file]),
        mail(sender=KIM, text="May we sell a licence?\n", message_id="<two@college.example>"),
    )
    first, second = desk.letters(TEAM)
    desk.take(
        reply(second, "#take\n"),
        reply(second, "#answer\n\nYou may.\n"),
        mail(sender="noreply@shop.example", text="Verify your account.\n", message_id="<three@shop.example>"),
        reply(first, "#purge 1\n"),
        reply(first, "I know this group.\n", EVA),
    )
    return Office(
        desk=desk,
        first=first,
        second=second,
        held=desk.letters(TEAM)[-1],
        confirm=_of(desk, SAM, "C-"),
        for_eva=desk.letters(EVA)[-1],
        for_robin=desk.letters(ROBIN)[0],
    )


def _of(desk: Desk, to: str, about: str) -> EmailMessage:
    """The newest letter to somebody about something."""
    ids = {made.message_id for made in desk.queue() if made.about.startswith(about) and to in made.recipients}
    return next(letter for letter in reversed(desk.letters(to)) if letter["Message-ID"] in ids)


__all__ = ["EVA", "KIM", "ROBIN", "SAM", "TEAM", "JudgingDesk", "Office", "Outcome", "open_office", "read", "results"]
