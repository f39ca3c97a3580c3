"""The outbox: letters that are put in, are being sent, and are let go."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from ksmail.desk.ticket import Flag, Flagged
from ksmail.outgoing.mail import OutgoingMail
from ksmail.reference import Reference
from ksmail.store.codec import decode_all, decode_carries, encode_all, encode_carries
from ksmail.store.happenings import Disclosed, Handled, LetterState, Released
from ksmail.store.lookups import LookUps
from ksmail.store.people import ASKER_KINDS, INSIDE_KINDS, PERSON_KINDS, address_key
from ksmail.store.records import OURSELVES, Cause, Happened, Records
from ksmail.store.tables import outbox, outbox_recipient
from ksmail.store.tables import ticket as tickets
from ksmail.store.values import Queued

FINAL = ("sent", "bounced")  # what came of a letter for one recipient, for good
_WAITS_FOR_STAFF = frozenset({LetterState.HELD, LetterState.UNCERTAIN, LetterState.GIVEN_UP})
_STOPPED = "we stopped while the letter was being sent"

# Built once: each letter asks these, and building a query takes longer than asking it.
_DUE = (
    select(outbox)
    .where(outbox.c.state == LetterState.WAITING.value, outbox.c.due_at <= bindparam("now"))
    .order_by(outbox.c.rank, outbox.c.due_at, outbox.c.id)
    .limit(bindparam("most"))
)
_STATE = select(outbox.c.state).where(outbox.c.id == bindparam("letter"))
_PEOPLE = (
    select(outbox_recipient)
    .where(outbox_recipient.c.letter.in_(bindparam("letters", expanding=True)))
    .order_by(outbox_recipient.c.id)
)
_QUEUED = select(outbox.c.id).where(outbox.c.message_id == bindparam("name"))
_TICKET = select(tickets.c.reference).where(tickets.c.reference == bindparam("name"))
_NEW = insert(outbox).returning(outbox.c.id)
_NEW_PERSON = insert(outbox_recipient)
_WAITING = outbox.c.id.in_(bindparam("letters", expanding=True)) & (outbox.c.state == LetterState.WAITING.value)
_FIRST_TRIED = update(outbox).where(_WAITING, outbox.c.first_tried_at.is_(None)).values(first_tried_at=bindparam("now"))
_TRIED = update(outbox).where(_WAITING).values(state=LetterState.SENDING.value, tries=outbox.c.tries + 1)


class DueLetters(LookUps):
    """Look-ups for sending."""

    def due(self, now: datetime, limit: int) -> list[Queued]:
        """Letters to send now: those to askers first, then by the moment they were due. Nothing that is being sent."""
        return self._letters(self._db.execute(_DUE, {"now": now, "most": limit}).all())

    def waits(self, id: int) -> bool:  # noqa: A002 -- the outbox's own word for it
        """Whether a letter still waits to be sent: it may have been called back a moment ago."""
        return self._db.scalar(_STATE, {"letter": id}) == LetterState.WAITING.value

    def _letters(self, rows: Sequence[Row[Any]]) -> list[Queued]:
        people = self._recipients([row.id for row in rows])
        return [_queued(row, people[row.id]) for row in rows]

    def _recipients(self, letters: Sequence[int]) -> dict[int, list[Row[Any]]]:
        people: dict[int, list[Row[Any]]] = {letter: [] for letter in letters}
        for person in self._db.execute(_PEOPLE, {"letters": letters}):
            people[person.letter].append(person)
        return people


class Letters(Records, DueLetters):
    """What becomes true about letters."""

    def queue(self, mails: Sequence[OutgoingMail], ticket: Reference | None, cause: Cause) -> None:
        """Put finished letters in the outbox. One whose Message-ID is there already is left as it is.

        A letter belongs to the ticket that it is about; `ticket` is that of the letters that are about none. Its bytes
        hold its text, which is not kept a second time.
        """
        for mail in mails:
            if self._db.scalar(_QUEUED, {"name": mail.message_id}) is None:
                self._queue(mail, self._named(mail.about) or (str(ticket) if ticket else None), cause)

    def start_attempt(self, ids: Iterable[int], now: datetime) -> None:
        """These letters are about to be handed over: commit first. Raises ValueError when one does not wait."""
        wanted = frozenset(ids)
        self._db.execute(_FIRST_TRIED, {"letters": list(wanted), "now": now})
        if self._db.execute(_TRIED, {"letters": list(wanted)}).rowcount != len(wanted):
            raise ValueError("a letter does not wait to be sent")

    def interrupted(self, now: datetime) -> list[Queued]:
        """Letters that a crash left half sent, all of them.

        Those that a machine wrote wait again, and the history says "possibly twice". What a person wrote is uncertain:
        whether it goes again is for staff to say (RFC 1047).
        """
        rows = self._db.execute(select(outbox).where(outbox.c.state == LetterState.SENDING.value)).all()
        for row in rows:
            if row.kind in PERSON_KINDS:
                self._doubt(row, now)
            else:
                self._once_more(row, now)
        ids = [row.id for row in rows]
        again = select(outbox).where(outbox.c.id.in_(ids)).order_by(outbox.c.rank, outbox.c.id)
        return self._letters(self._db.execute(again).all())

    def release(self, id: int, now: datetime) -> None:  # noqa: A002 -- the outbox's own word for it
        """Let a held letter, or one that was given up or is uncertain, go now, with a fresh schedule of retries.

        Raises ValueError for any other one, and for one that was destroyed.
        """
        row = self._db.execute(select(outbox).where(outbox.c.id == id)).one_or_none()
        if row is None or row.state not in _WAITS_FOR_STAFF:
            raise ValueError(f"letter {id} does not wait for staff")
        self._let_go(row, now)
        released = Released(row.kind, row.message_id, LetterState(row.state))
        self._tell(row, [Happened(released, "operator", "released")], Cause(row.mail, now, now))

    def _let_go(self, letter: Row[Any], now: datetime) -> None:
        if not letter.raw:
            raise ValueError(f"letter {letter.id} was destroyed")
        again = {"held": "", "due_at": now, "first_tried_at": None, "settled_at": None, "wish": ""}
        here = outbox.c.id == letter.id
        self._db.execute(update(outbox).where(here).values(state=LetterState.WAITING.value, **again))
        unsure = (outbox_recipient.c.letter == letter.id) & (outbox_recipient.c.outcome == "uncertain")
        self._db.execute(update(outbox_recipient).where(unsure).values(outcome=""))

    def _once_more(self, letter: Row[Any], now: datetime) -> None:
        """It waits again. Each attempt may have reached those who were left, so each has its lines in the register."""
        self._db.execute(update(outbox).where(outbox.c.id == letter.id).values(state=LetterState.WAITING.value))
        left = [p.address for p in self._recipients([letter.id])[letter.id] if p.outcome not in FINAL]
        self._unsure_of_the_rest(letter, now)
        flagged = Happened(Flagged(Flag.LETTER_TWICE, letter.kind), OURSELVES, _STOPPED)
        facts = [flagged, *self._disclosures(letter, left, certain=False)]
        self._tell(letter, facts, Cause(letter.mail, now, now))

    def _unsure_of_the_rest(self, letter: Row[Any], now: datetime) -> None:
        left = (outbox_recipient.c.letter == letter.id) & outbox_recipient.c.outcome.not_in(FINAL)
        said = {"outcome": "uncertain", "reason": _STOPPED, "at": now}
        self._db.execute(update(outbox_recipient).where(left).values(said))

    def _doubt(self, letter: Row[Any], now: datetime) -> None:
        people = [p.address for p in self._recipients([letter.id])[letter.id] if p.outcome not in (*FINAL, "uncertain")]
        doubted = {"state": LetterState.UNCERTAIN.value, "settled_at": now}
        self._db.execute(update(outbox).where(outbox.c.id == letter.id).values(doubted))
        self._unsure_of_the_rest(letter, now)
        handled = Handled(letter.kind, letter.message_id, LetterState.UNCERTAIN)
        facts = [*self._disclosures(letter, people, certain=False), Happened(handled, OURSELVES, _STOPPED)]
        self._tell(letter, facts, Cause(letter.mail, now, now))

    def _disclosures(self, letter: Row[Any], recipients: Iterable[str], *, certain: bool) -> list[Happened]:
        """The lines of the register about a letter that these people have; none about one that stays in the desk."""
        if letter.kind in INSIDE_KINDS:
            return []
        carries, sha256 = decode_carries(letter.carries), hashlib.sha256(letter.raw).hexdigest()
        because = "the mail server took the letter" if certain else "nobody knows whether it was taken"
        return [
            Happened(
                Disclosed(
                    kind=letter.kind,
                    message_id=letter.message_id,
                    recipient=recipient,
                    sha256=sha256,
                    identity=carries.identity,
                    files=carries.files,
                    by=carries.by,
                    certain=certain,
                ),
                OURSELVES,
                because,
            )
            for recipient in recipients
        ]

    def _named(self, about: str) -> str | None:
        return self._db.scalar(_TICKET, {"name": about})

    def _queue(self, mail: OutgoingMail, ticket: str | None, cause: Cause) -> None:
        state = LetterState.HELD if mail.held else LetterState.WAITING
        people = tuple(dict.fromkeys(mail.recipients))
        if not people:
            raise ValueError("a letter without a recipient")
        letter = self._db.scalar(_NEW, {
            "message_id": mail.message_id, "kind": mail.kind, "rank": int(mail.kind not in ASKER_KINDS),
            "about": mail.about, "ticket": ticket, "mail": cause.mail, "envelope_from": mail.envelope_from,
            "raw": mail.raw, "state": state.value, "held": mail.held, "queued_at": cause.now, "due_at": mail.due_at,
            "tries": 0, "on_sent": encode_all(mail.then), "orderable": mail.orderable,
            "carries": encode_carries(mail.carries),
        })  # fmt: skip
        waiting = {"letter": letter, "outcome": "", "reason": ""}
        rows = [{**waiting, "address": address, "key": address_key(address)} for address in people]
        self._db.execute(_NEW_PERSON, rows)

    def _tell(self, row: Row[Any], facts: Sequence[Happened], cause: Cause) -> None:
        """Write down what happened to a letter or to a mail: on its ticket, if it has one."""
        ticket = self._ticket(row.ticket)
        if ticket is None:
            self.note(facts, cause)
        else:
            self.apply(ticket, facts, cause)


def _queued(row: Row[Any], people: Sequence[Row[Any]]) -> Queued:
    mail = OutgoingMail(
        message_id=row.message_id,
        kind=row.kind,
        about=row.about,
        envelope_from=row.envelope_from,
        recipients=tuple(person.address for person in people),
        raw=row.raw,
        due_at=row.due_at,
        held=row.held,
        then=decode_all(row.on_sent),
        orderable=row.orderable,
        carries=decode_carries(row.carries),
    )
    # Whoever may have what a person wrote gets it again when staff say so: see `release`.
    closed = (*FINAL, "uncertain") if row.kind in PERSON_KINDS else FINAL
    return Queued(
        id=row.id,
        mail=mail,
        tries=row.tries,
        first_tried_at=row.first_tried_at,
        open_recipients=tuple(person.address for person in people if person.outcome not in closed),
        state=LetterState(row.state),
    )
