"""What silence leads to."""

from __future__ import annotations

from datetime import datetime

from ksmail.desk.policy import Policy
from ksmail.desk.ticket import Change, Closed, CloseReason, Status, Ticket


def close_quiet(ticket: Ticket, now: datetime, policy: Policy) -> tuple[Change, ...]:
    """An answered ticket of which nobody has heard for `policy.quiet` is closed. Nobody is told: the asker has his
    answer, and a reply still opens it again."""
    last = ticket.active_at or ticket.ended_at
    if ticket.status is not Status.ANSWERED or last is None or now - last < policy.quiet:
        return ()
    return (Closed(reason=CloseReason.ANSWERED, at=now),)
