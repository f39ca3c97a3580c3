"""Look-ups for whoever watches the desk: what waits, and whether our mails to ourselves come back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from ksmail.desk.arrival import Disposition
from ksmail.desk.letter import LetterKind
from ksmail.store.codec import decode
from ksmail.store.happenings import Failed, LetterState
from ksmail.store.tables import history, inbound, outbox
from ksmail.store.tickets import Tickets
from ksmail.store.values import Backlog, Probe

_UNDER_WAY = (LetterState.WAITING.value, LetterState.SENDING.value)


class Pulse(Tickets):
    """Small look-ups, made every minute."""

    def backlog(self) -> Backlog:
        """What waits to be judged and to be sent, and since when the oldest letter should have gone."""
        pending = inbound.c.disposition == Disposition.PENDING.value
        open_ = outbox.c.state.in_(_UNDER_WAY)
        return Backlog(
            mails=self._db.scalar(select(func.count()).select_from(inbound).where(pending)) or 0,
            letters=self._db.scalar(select(func.count()).select_from(outbox).where(open_)) or 0,
            oldest_due=self._db.scalar(select(func.min(outbox.c.due_at)).where(open_)),
        )

    def failures(self, after: int) -> list[Failed]:
        """What did not work for a while, by the history behind this row of it; oldest first."""
        query = select(history.c.change).where(history.c.id > after, history.c.change.like('%"type":"Failed"%'))
        found = map(decode, self._db.scalars(query.order_by(history.c.id)))
        return [each for each in found if isinstance(each, Failed)]

    def probes(self, since: datetime, until: datetime | None = None) -> list[Probe]:
        """Our mails to ourselves that were queued at `since` or later, and before `until`, oldest first."""
        ours = inbound.c.disposition == Disposition.OWN.value  # others may copy a Message-ID
        back = ours & (inbound.c.message_id == outbox.c.message_id)
        arrivals = select(
            outbox.c.id,
            outbox.c.queued_at,
            func.min(inbound.c.taken_at).label("came_at"),
            func.min(inbound.c.received_at).label("received_at"),
        ).join_from(outbox, inbound, back, isouter=True)
        sent = (outbox.c.kind == LetterKind.OPS_PROBE.value) & (outbox.c.queued_at >= since)
        if until is not None:
            sent &= outbox.c.queued_at < until
        rows = self._db.execute(arrivals.where(sent).group_by(outbox.c.id).order_by(outbox.c.queued_at, outbox.c.id))
        return [Probe(sent_at=row.queued_at, came_at=row.came_at, received_at=row.received_at) for row in rows]
