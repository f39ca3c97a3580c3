"""The history as a chain: a row that was changed, moved or taken out shows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ksmail.store.codec import canonical
from ksmail.store.values import Broken

START = "0" * 64


@dataclass(frozen=True, slots=True)
class End:
    """How long a chain is, and the hash of its last row."""

    length: int = 0
    head: str = START


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One row of the history. `digest` is the hash of `change`; `hash` that of the row with all rows before it."""

    id: int
    ticket: str | None
    at: datetime
    actor: str
    mail: int | None
    because: str
    change: str
    digest: str = ""
    previous: str = ""
    hash: str = ""


def forge(end: End, link: Link) -> tuple[Link, End]:
    """Put a link at the end of the chain. Its own id, digest and hashes are set here."""
    placed = replace(link, id=end.length + 1, previous=end.head, digest=_sha256(link.change))
    forged = replace(placed, hash=_hash(placed))
    return forged, End(forged.id, forged.hash)


def verify(links: Iterable[Link], end: End, tickets: Mapping[str, End]) -> Broken | None:
    """Walk the chain. `end` and `tickets` are what the store says of the whole and of each ticket's part."""
    walked = End()
    parts: dict[str, End] = {}
    for link in links:
        because = _fault(link, walked)
        if because:
            return Broken(walked.length + 1, because)
        walked = End(link.id, link.hash)
        if link.ticket is not None:
            parts[link.ticket] = End(parts.get(link.ticket, End()).length + 1, link.hash)
    if walked != end:
        return Broken(walked.length + 1, "rows are missing at the end")
    odd = [name for name in {**tickets, **parts} if tickets.get(name, End()) != parts.get(name, End())]
    return Broken(walked.length, f"{odd[0]} should have another history") if odd else None


def _fault(link: Link, before: End) -> str:
    if link.id != before.length + 1:
        return "a row is missing here"
    if link.previous != before.head:
        return "the row does not follow the row before it"
    if link.digest != _sha256(link.change):
        return "the change is not what was recorded"
    return "" if link.hash == _hash(link) else "the row is not what was recorded"


def _hash(link: Link) -> str:
    moment = link.at.astimezone(UTC).isoformat(timespec="microseconds")
    row = [link.id, link.ticket, moment, link.actor, link.mail, link.because, link.digest]
    return _sha256(link.previous + canonical(row))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
