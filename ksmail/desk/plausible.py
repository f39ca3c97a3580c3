"""Whether the clock of the machine can be right. What cannot be undone waits until it is."""

from __future__ import annotations

from datetime import datetime, timedelta

BACKWARD = timedelta(hours=1)  # a clock is set right by less than that
FORWARD = timedelta(days=31)  # a program is not still for longer than that without a mail that came meanwhile


def clock_fault(now: datetime, seen: datetime | None, newest_mail: datetime | None) -> str:
    """Why `now` cannot be right, or "". `seen` is the last time of which we were sure, `newest_mail` when the newest
    mail came by the clock of its server (INTERNALDATE): another clock than ours, so it can confirm a long silence.

    A mail that claims to come from the future proves nothing: somebody may have put it there. All are aware.
    """
    if seen is None:
        return ""
    if now < seen - BACKWARD:
        return "the clock is behind the last time on record"
    if now - seen <= FORWARD:
        return ""
    confirmed = newest_mail is not None and abs(now - newest_mail) <= FORWARD
    return "" if confirmed else "the clock is far ahead of the last time on record, and no mail has come since"
