"""The outbox: letters that wait, are being sent, and what came of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import Row, insert, select, update

from ksmail.desk.ticket import Change, Flag, Flagged
from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.transport import Bounced, Deferred, Outcome, Sent, Uncertain
from ksmail.reference import Reference
from ksmail.store.happenings import LetterState, Released, Settled
from ksmail.store.lookups import LookUps
from ksmail.store.people import ASKER_KINDS, PERSON_KINDS, address_key
from ksmail.store.records import OURSELVES, Cause, Happened, Records
from ksmail.store.tables import outbox, outbox_recipient
from ksmail.store.values import Queued

_FINAL = ("sent", "bounced")
_WAITS_FOR_STAFF = frozenset({LetterState.HELD, LetterState.UNCERTAIN, LetterState.GIVEN_UP})


class DueLetters(LookUps):
    """Look-ups for sending."""

    def due(self, now: datetime, limit: int) -> list[Queued]:
        """Letters to send now: those to askers first, then by the moment they were due. Nothing that is being sent."""
        query = select(outbox).where(outbox.c.state == LetterState.WAITING.value, outbox.c.due_at <= now)
        return self._letters(query.order_by(outbox.c.rank, outbox.c.due_at, outbox.c.id).limit(limit))

    def _letters(self, query: Any) -> list[Queued]:
        rows = self._db.execute(query).all()
        people = self._recipients([row.id for row in rows])
        return [_queued(row, people[row.id]) for row in rows]

    def _recipients(self, letters: Sequence[int]) -> dict[int, list[Row[Any]]]:
        here = outbox_recipient.c.letter.in_(letters)
        people: dict[int, list[Row[Any]]] = {letter: [] for letter in letters}
        for person in self._db.execute(select(outbox_recipient).where(here).order_by(outbox_recipient.c.id)):
            people[person.letter].append(person)
        return people


class Letters(Records, DueLetters):
    """What becomes true about letters."""

    def queue(self, mails: Sequence[OutgoingMail], ticket: Reference | None, cause: Cause) -> None:
        """Put finished letters in the outbox. One whose Message-ID is there already is left as it is."""
        for mail in mails:
            known = select(outbox.c.id).where(outbox.c.message_id == mail.message_id)
            if self._db.scalar(known) is None:
                self._queue(mail, str(ticket) if ticket else None, cause)

    def start_attempt(self, ids: Iterable[int], now: datetime) -> None:
        """These letters are about to be handed over: commit first. Raises ValueError when one does not wait."""
        wanted = frozenset(ids)
        here = outbox.c.id.in_(wanted) & (outbox.c.state == LetterState.WAITING.value)
        first = update(outbox).where(here, outbox.c.first_tried_at.is_(None)).values(first_tried_at=now)
        self._db.execute(first)
        begun = update(outbox).where(here).values(state=LetterState.SENDING.value, tries=outbox.c.tries + 1)
        if self._db.execute(begun).rowcount != len(wanted):
            raise ValueError("a letter does not wait to be sent")

    def settle(
        self,
        id: int,  # noqa: A002 -- the outbox's own word for it
        outcomes: Mapping[str, Outcome],
        next_at: datetime | None,
        now: datetime,
        changes: Sequence[tuple[Change, str]] = (),
        *,
        spared: bool = False,
    ) -> None:
        """What came of an attempt, per recipient; `changes` is what it means for the letter's ticket, and why.

        Recipients who do not have it yet are tried again at `next_at`; None gives them up. A `spared` attempt was
        stopped by a fault that is not the letter's, and is taken back from its tries. Raises ValueError when the
        letter is not being sent, or for a recipient who is not waiting for it.
        """
        row = self._db.execute(select(outbox).where(outbox.c.id == id)).one_or_none()
        if row is None or row.state != LetterState.SENDING:
            raise ValueError(f"letter {id} is not being sent")
        self._outcomes(id, outcomes, now)
        state = _state([person.outcome for person in self._recipients([id])[id]], next_at)
        ended = None if state is LetterState.WAITING else now
        self._db.execute(
            update(outbox).where(outbox.c.id == id).values(
                state=state.value, due_at=next_at if next_at and not ended else row.due_at, settled_at=ended
            )
        )  # fmt: skip
        if spared:
            self._spare(row)
        facts = [Happened(change, OURSELVES, because) for change, because in changes]
        if ended:
            facts.append(Happened(Settled(row.kind, row.message_id, state), OURSELVES, f"the letter is {state.value}"))
        self._tell(row, facts, now)

    def interrupted(self, now: datetime) -> list[Queued]:
        """Letters that a crash left half sent: they wait again, and the history says "possibly twice"."""
        rows = self._db.execute(select(outbox).where(outbox.c.state == LetterState.SENDING.value)).all()
        ids = [row.id for row in rows]
        self._db.execute(update(outbox).where(outbox.c.id.in_(ids)).values(state=LetterState.WAITING.value))
        for row in rows:
            why = "we stopped while the letter was being sent"
            self._tell(row, [Happened(Flagged(Flag.LETTER_TWICE, row.kind), OURSELVES, why)], now)
        return self._letters(select(outbox).where(outbox.c.id.in_(ids)).order_by(outbox.c.rank, outbox.c.id))

    def release(self, id: int, now: datetime) -> None:  # noqa: A002 -- the outbox's own word for it
        """Let a held letter, or one that was given up or is uncertain, go now. Raises ValueError for any other one,
        and for a letter that has no recipient left."""
        row = self._db.execute(select(outbox).where(outbox.c.id == id)).one_or_none()
        if row is None or row.state not in _WAITS_FOR_STAFF:
            raise ValueError(f"letter {id} does not wait for staff")
        again = {
            "state": LetterState.WAITING.value,
            "held": "",
            "due_at": now,
            "first_tried_at": None,
            "settled_at": None,
        }
        self._db.execute(update(outbox).where(outbox.c.id == id).values(again))
        released = Released(row.kind, row.message_id, LetterState(row.state))
        self._tell(row, [Happened(released, "operator", "released")], now)

    def _queue(self, mail: OutgoingMail, ticket: str | None, cause: Cause) -> None:
        state = LetterState.HELD if mail.held else LetterState.WAITING
        people = tuple(dict.fromkeys(mail.recipients))
        if not people:
            raise ValueError("a letter without a recipient")
        letter = self._db.scalar(insert(outbox).returning(outbox.c.id), {
            "message_id": mail.message_id, "kind": mail.kind, "rank": int(mail.kind not in ASKER_KINDS),
            "about": mail.about, "ticket": ticket, "mail": cause.mail, "envelope_from": mail.envelope_from,
            "raw": mail.raw, "state": state.value, "held": mail.held, "queued_at": cause.now, "due_at": mail.due_at,
            "tries": 0,
        })  # fmt: skip
        waiting = {"letter": letter, "outcome": "", "reason": ""}
        rows = [{**waiting, "address": address, "key": address_key(address)} for address in people]
        self._db.execute(insert(outbox_recipient), rows)

    def _outcomes(self, letter: int, outcomes: Mapping[str, Outcome], now: datetime) -> None:
        waiting = {person.address for person in self._recipients([letter])[letter] if person.outcome not in _FINAL}
        if not outcomes.keys() <= waiting:
            raise ValueError(f"letter {letter} does not wait for one of these recipients")
        for address, outcome in outcomes.items():
            word, reason = _said(outcome)
            here = (outbox_recipient.c.letter == letter) & (outbox_recipient.c.address == address)
            self._db.execute(update(outbox_recipient).where(here).values(outcome=word, reason=reason, at=now))

    def _spare(self, letter: Row[Any]) -> None:
        before = letter.first_tried_at if letter.tries > 1 else None
        here = outbox.c.id == letter.id
        self._db.execute(update(outbox).where(here).values(tries=letter.tries - 1, first_tried_at=before))

    def _tell(self, letter: Row[Any], facts: Sequence[Happened], now: datetime) -> None:
        ticket, cause = self._ticket(letter.ticket), Cause(letter.mail, now, now)
        if ticket is None:
            self.note(facts, cause)
        else:
            self.apply(ticket, facts, cause)


def _said(outcome: Outcome) -> tuple[str, str]:
    match outcome:
        case Sent(reply):
            return "sent", reply
        case Deferred(reason):
            return "deferred", reason
        case Bounced(reason):
            return "bounced", reason
        case Uncertain(reason):
            return "uncertain", reason
        case _:
            assert_never(outcome)


def _state(outcomes: Sequence[str], next_at: datetime | None) -> LetterState:
    left = [outcome for outcome in outcomes if outcome not in _FINAL]
    if not left:
        return LetterState.BOUNCED if "bounced" in outcomes else LetterState.SENT
    if next_at is not None:
        return LetterState.WAITING
    return LetterState.UNCERTAIN if set(left) == {"uncertain"} else LetterState.GIVEN_UP


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
    )
    left = tuple(person.address for person in people if person.outcome not in _FINAL)
    return Queued(id=row.id, mail=mail, tries=row.tries, first_tried_at=row.first_tried_at, open_recipients=left)
