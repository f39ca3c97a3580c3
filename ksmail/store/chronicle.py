"""The whole history in the order in which it happened, and what else a look back over a period asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select

from ksmail.desk.ticket import PromiseState
from ksmail.reference import Reference
from ksmail.store.letters import DueLetters
from ksmail.store.lines import history_line
from ksmail.store.tables import history, outbox, promise
from ksmail.store.values import HistoryLine, LetterState

_NEXT_DUE = select(func.min(outbox.c.due_at)).where(outbox.c.state == LetterState.WAITING.value)


class Chronicle(DueLetters):
    """Look-ups for a look back, and for a look ahead."""

    def happenings(self) -> Iterator[tuple[Reference | None, HistoryLine]]:
        """All that happened, oldest first, each with its ticket (None: there is none)."""
        rows = self._db.execute(select(history).order_by(history.c.id).execution_options(yield_per=500))
        for row in rows:
            yield (Reference.parse(row.ticket) if row.ticket else None), history_line(row)

    def promise_states(self) -> dict[PromiseState, int]:
        """What became of the dates that were given; every state is there."""
        query = select(promise.c.state, func.count()).group_by(promise.c.state)
        found = {row[0]: row[1] for row in self._db.execute(query)}
        return {state: found.get(state.value, 0) for state in PromiseState}

    def next_due(self) -> datetime | None:
        """When the first of the waiting letters is due; None when none waits."""
        found: datetime | None = self._db.scalar(_NEXT_DUE)
        return found
