"""Letters that have not left, and what staff want with them: call back, send now, keep back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, select, update

from ksmail.reference import Reference
from ksmail.store.happenings import Handled, LetterState
from ksmail.store.letters import Letters
from ksmail.store.records import Cause, Happened
from ksmail.store.tables import outbox

BY_ORDER = "orders"  # why a letter is held when staff must say whether it goes

_STILL_HERE = frozenset({LetterState.WAITING, LetterState.HELD, LetterState.UNCERTAIN})


@dataclass(frozen=True, slots=True)
class Mandate:
    """On whose word (a role, or ourselves) and why something is done, and the ticket of the mail that asks for it."""

    actor: str
    because: str
    cause: Cause
    ticket: Reference | None = None


class Handling(Letters):
    """What becomes true about letters by an order. Each raises ValueError for a letter that it cannot be done to."""

    def _recall(self, letter: int, mandate: Mandate) -> None:
        row = self._still_here(letter, {*_STILL_HERE, LetterState.SENDING})
        if not row.orderable:
            raise ValueError(f"letter {letter} does not go on the word of staff")
        if row.state == LetterState.SENDING:
            self._wish(row, LetterState.CANCELLED, mandate)
        else:
            self._cancel(row, mandate)

    def overtake(self, letter: int, because: str, mandate: Mandate) -> None:
        """A letter that waits, and that nobody ordered, says what is not true any more: it never goes."""
        self._cancel(self._still_here(letter, {LetterState.WAITING}), replace(mandate, because=because))

    def _hurry(self, letter: int, mandate: Mandate) -> None:
        row = self._still_here(letter, _STILL_HERE)
        if row.state == LetterState.WAITING:
            self._db.execute(update(outbox).where(outbox.c.id == letter).values(due_at=mandate.cause.now))
        else:
            self._let_go(row, mandate.cause.now)
        self._handled(row, LetterState.WAITING, mandate)

    def _detain(self, letter: int, mandate: Mandate) -> None:
        row = self._still_here(letter, {LetterState.WAITING, LetterState.SENDING})
        if row.state == LetterState.SENDING:
            self._wish(row, LetterState.HELD, mandate)
            return
        held = {"state": LetterState.HELD.value, "held": BY_ORDER}
        self._db.execute(update(outbox).where(outbox.c.id == letter).values(held))
        self._handled(row, LetterState.HELD, mandate)

    def _wish(self, row: Row[Any], state: LetterState, mandate: Mandate) -> None:
        """A mail server has it now. If it turns out that it was not taken, this is what becomes of it."""
        if row.wish != LetterState.CANCELLED:  # what was called back is not merely kept
            self._db.execute(update(outbox).where(outbox.c.id == row.id).values(wish=state.value))
        self._handled(row, state, mandate)

    def _cancel(self, row: Row[Any], mandate: Mandate) -> None:
        ended = {"state": LetterState.CANCELLED.value, "settled_at": mandate.cause.now}
        self._db.execute(update(outbox).where(outbox.c.id == row.id).values(ended))
        self._handled(row, LetterState.CANCELLED, mandate)

    def _handled(self, row: Row[Any], state: LetterState, mandate: Mandate) -> None:
        handled = Handled(row.kind, row.message_id, state)
        self._tell(row, [Happened(handled, mandate.actor, mandate.because)], mandate.cause)

    def _still_here(self, letter: int, states: Collection[LetterState]) -> Row[Any]:
        row = self._db.execute(select(outbox).where(outbox.c.id == letter)).one_or_none()
        if row is None or row.state not in states:
            raise ValueError(f"letter {letter} does not wait")
        return row
