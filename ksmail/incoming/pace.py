"""How much to ask of a server at once, and how soon again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

MOST_OCTETS = 8 * 1024 * 1024
MOST_MAILS = 50

_ADVICE = re.compile(r"back-?off time:?\s*(\d{1,9})\s*(milli)?seconds?", re.IGNORECASE | re.ASCII)


def batches(sizes: Iterable[tuple[int, int]], most_octets: int = MOST_OCTETS) -> Iterator[list[int]]:
    """UIDs in their order, in groups that measure at most `most_octets` together, fifty to a group.

    `sizes` are pairs of UID and octets. One that is larger than the limit comes alone.
    """
    batch: list[int] = []
    total = 0
    for uid, size in sizes:
        if batch and (total + size > most_octets or len(batch) == MOST_MAILS):
            yield batch
            batch, total = [], 0
        batch.append(uid)
        total += size
    if batch:
        yield batch


def delay(failures: int, jitter: float, least: float, most: float) -> float:
    """Seconds to wait after so many failures in a row: doubling from `least` to `most`, within them, 20 % more or less.

    `jitter` is from -1 to 1, so that many clients of one server do not come back at the same moment.
    """
    doubled = min(most, least * 2.0 ** min(max(failures - 1, 0), 32))
    return min(most, max(least, doubled * (1 + 0.2 * jitter)))


def advised(text: str) -> float | None:
    """The seconds for which a throttling server asks to be left alone; None when it does not."""
    match = _ADVICE.search(text)
    if match is None:
        return None
    return int(match[1]) / (1000 if match[2] else 1)


def readable(size: int) -> str:
    """A size as people write it: 200 MB."""
    if size >= 1024 * 1024:
        return f"{size / (1024 * 1024):.0f} MB"
    return f"{size / 1024:.0f} kB" if size >= 1024 else f"{size} bytes"
