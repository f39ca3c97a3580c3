"""What came of an attempt to send a letter, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import Row, bindparam, select, update

from ksmail.desk.acts import Act
from ksmail.desk.arrival import Elsewhere
from ksmail.desk.ticket import Change
from ksmail.incoming.identity import Role
from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.transport import Bounced, Deferred, Outcome, Sent, Uncertain
from ksmail.store.acts import Acts, author_of
from ksmail.store.codec import decode_carries
from ksmail.store.handling import BY_ORDER, Mandate
from ksmail.store.happenings import LetterState, Settled
from ksmail.store.letters import FINAL
from ksmail.store.people import PERSON_KINDS
from ksmail.store.records import OURSELVES, Cause, Happened
from ksmail.store.tables import outbox, outbox_recipient
from ksmail.store.tickets import reference_or_none

# Built once: each letter asks these, and building a query takes longer than asking it.
_LETTER = select(outbox).where(outbox.c.id == bindparam("letter_id"))
_OUTCOME = update(outbox_recipient).where(
    outbox_recipient.c.letter == bindparam("letter_id"), outbox_recipient.c.address == bindparam("person")
)
_CONCLUDED = update(outbox).where(outbox.c.id == bindparam("letter_id"))


class Settling(Acts):
    """What becomes true when a letter was handed over, or could not be."""

    def settle(
        self,
        id: int,  # noqa: A002 -- the outbox's own word for it
        outcomes: Mapping[str, Outcome],
        next_at: datetime | None,
        now: datetime,
        changes: Sequence[tuple[Change, str]] = (),
        *,
        mails: Sequence[OutgoingMail] = (),
        acts: Sequence[Act] = (),
        elsewhere: Sequence[Elsewhere] = (),
        spared: bool = False,
    ) -> None:
        """What came of an attempt, per recipient; `changes` is what it means for the letter's ticket, and why.

        Recipients who do not have it yet are tried again at `next_at`; None gives them up. A `spared` attempt was
        stopped by a fault that is not the letter's, and is taken back from its tries. `mails` are further letters that
        it leads to, `elsewhere` what it means for other tickets, `acts` what else is done; all at once. Raises
        ValueError when the letter is not being sent, or for a recipient who is not waiting for it.
        """
        row = self._db.execute(_LETTER, {"letter_id": id}).one_or_none()
        if row is None or row.state != LetterState.SENDING:
            raise ValueError(f"letter {id} is not being sent")
        self._outcomes(id, outcomes, now)
        people = [person.outcome for person in self._recipients([id])[id]]
        state = _state(people, next_at, by_a_person=row.kind in PERSON_KINDS)
        if row.wish and state is LetterState.WAITING:
            state = LetterState(row.wish)
        self._conclude(row, state, next_at, now)
        if spared:
            self._spare(row)
        actor = _orderer(row, outcomes)
        facts = [Happened(change, author_of(change, actor), because) for change, because in changes]
        for certain, sort in ((True, Sent), (False, Uncertain)):
            reached = [recipient for recipient, outcome in outcomes.items() if isinstance(outcome, sort)]
            facts += self._disclosures(row, reached, certain=certain)
        because = f"the letter is {state.value}"
        if state not in (LetterState.WAITING, LetterState.HELD):
            facts.append(Happened(Settled(row.kind, row.message_id, state), OURSELVES, because))
        mandate = Mandate(OURSELVES, because, Cause(row.mail, now, now), reference_or_none(row.ticket))
        self._tell(row, facts, mandate.cause)
        self._apply_elsewhere(elsewhere, mandate)
        self.queue(mails, mandate.ticket, mandate.cause)
        self.carry_out(acts, mandate)

    def _conclude(self, letter: Row[Any], state: LetterState, next_at: datetime | None, now: datetime) -> None:
        ended = None if state in (LetterState.WAITING, LetterState.HELD) else now
        due_at = next_at if next_at and not ended else letter.due_at
        held = BY_ORDER if state is LetterState.HELD else letter.held
        values = {"state": state.value, "due_at": due_at, "settled_at": ended, "held": held, "wish": ""}
        self._db.execute(_CONCLUDED, {"letter_id": letter.id, **values})
        if ended:
            self._empty_late(letter)

    def _outcomes(self, letter: int, outcomes: Mapping[str, Outcome], now: datetime) -> None:
        waiting = {person.address for person in self._recipients([letter])[letter] if person.outcome not in FINAL}
        if not outcomes.keys() <= waiting:
            raise ValueError(f"letter {letter} does not wait for one of these recipients")
        for address, outcome in outcomes.items():
            word, reason = _said(outcome)
            said = {"letter_id": letter, "person": address, "outcome": word, "reason": reason, "at": now}
            self._db.execute(_OUTCOME, said)

    def _spare(self, letter: Row[Any]) -> None:
        before = letter.first_tried_at if letter.tries > 1 else None
        here = outbox.c.id == letter.id
        self._db.execute(update(outbox).where(here).values(tries=letter.tries - 1, first_tried_at=before))


def _orderer(letter: Row[Any], outcomes: Mapping[str, Outcome]) -> str:
    """Whose doing it is what a letter brings: that of staff who had it sent, once it was taken."""
    taken = any(isinstance(outcome, Sent) for outcome in outcomes.values())
    return Role.STAFF.value if taken and decode_carries(letter.carries).by else OURSELVES


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


def _state(outcomes: Sequence[str], next_at: datetime | None, *, by_a_person: bool) -> LetterState:
    """A recipient who may have what a person wrote gets it again on the word of staff alone, whoever else waits."""
    left = [outcome for outcome in outcomes if outcome not in FINAL]
    if not left:
        return LetterState.BOUNCED if "bounced" in outcomes else LetterState.SENT
    if by_a_person and "uncertain" in left and (next_at is None or set(left) == {"uncertain"}):
        return LetterState.UNCERTAIN
    if next_at is not None:
        return LetterState.WAITING
    return LetterState.UNCERTAIN if set(left) == {"uncertain"} else LetterState.GIVEN_UP
