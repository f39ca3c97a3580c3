"""First come, first served: which question is next, and which ones were passed by."""

from __future__ import annotations

from collections.abc import Sequence

from ksmail.desk.case import QueueLine
from ksmail.desk.ticket import Status
from ksmail.reference import Reference

# The desk waits for a partner or for the asker: nobody of staff can go on with it.
_WITH_OTHERS = frozenset({Status.COORDINATION, Status.WAITING_ASKER})


def in_staffs_hands(status: Status) -> bool:
    """Whether staff could answer now: it is open, and neither a partner nor the asker has to write first."""
    return status.is_open and status not in _WITH_OTHERS


def next_to_take(lines: Sequence[QueueLine]) -> Reference | None:
    """The question to take next: the oldest that nobody has taken, or the oldest of all where each is taken. None when
    no question is in staff's hands."""
    ours = sorted(
        (line for line in lines if in_staffs_hands(line.status)), key=lambda line: (line.received_at, line.reference)
    )
    free = [line for line in ours if line.assignee is None]
    return next((line.reference for line in (*free, *ours)), None)
