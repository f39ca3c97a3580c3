"""Whether the clock of the machine can be right. What cannot be undone waits until it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

BACKWARD = timedelta(hours=1)  # a clock is set right by less than that
FORWARD = timedelta(days=31)  # a program is not still for longer than that without a mail that came meanwhile
STEP = timedelta(hours=2)  # a program that runs looks more often; what is longer is a leap, which nobody saw pass


@dataclass(frozen=True, slots=True)
class Note:
    """The time that was believed last. `sure` is what is left of it without the leaps that no mail confirmed."""

    seen: datetime
    sure: datetime


def clock_fault(now: datetime, note: Note | None, mails: Sequence[datetime]) -> str:
    """Why `now` cannot be right, or "". All are aware.

    `mails`: when the newest mails came by the clock of their server (INTERNALDATE), in the order in which we took them.
    That is another clock than ours: it can confirm a long silence, and show that a note was wrong. A mail that claims
    to come from the future proves nothing: somebody may have put it there.
    """
    if note is None:
        return ""
    if now < note.sure - BACKWARD and not _agrees(now, mails):
        return "the clock is behind the last time on record, and no mail has come since"
    if now - _sure(now, note, mails) > FORWARD:
        return "the clock is far ahead of the last time on record, and no mail has come since"
    return ""


def noted(now: datetime, note: Note | None, mails: Sequence[datetime]) -> Note:
    """The note of `now`, which is believed. The very first has nothing to compare it with."""
    return Note(now, _sure(now, note, mails) if note else now)


def is_correction(now: datetime, note: Note | None) -> bool:
    """Whether `now`, which is believed, shows that the note was wrong."""
    return note is not None and now < note.seen - BACKWARD


def _agrees(now: datetime, mails: Sequence[datetime]) -> bool:
    """Whether the mail that was taken last came just now. An earlier one could come from the time to which our clock
    went back."""
    return bool(mails) and abs(now - mails[-1]) <= BACKWARD


def _sure(now: datetime, note: Note, mails: Sequence[datetime]) -> datetime:
    """The latest moment that has passed for certain, if `now` is right."""
    step = now - note.seen
    ran = step if timedelta(0) < step <= STEP else timedelta(0)
    came = [min(now, at) for at in mails if at <= now + BACKWARD]
    return max([min(now, note.sure + ran), *came])
