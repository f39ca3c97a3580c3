"""When to try a letter again, and when to give up (RFC 5321 4.5.4.1)."""

from __future__ import annotations

from datetime import timedelta

LIFETIME = timedelta(days=5)

# Minutes since the first attempt: soon enough for greylisting, and then with patience.
_EARLY = (0, 5, 15, 30, 60, 120)
_LATER = timedelta(hours=2)


def next_delay(tries: int, age: timedelta, jitter: float) -> timedelta | None:
    """How long to wait after `tries` attempts (1 or more), the first of which was `age` ago; None: give up.

    `jitter` is from -1 to 1 and moves the later attempts by at most 20 %, so that a queue does not come back as one.
    """
    if age >= LIFETIME:
        return None
    tries = max(tries, 1)
    if tries < len(_EARLY):
        return timedelta(minutes=_EARLY[tries] - _EARLY[tries - 1])
    return _LATER * (1 + 0.2 * max(-1.0, min(1.0, jitter)))
