"""What an IMAP server says of one mail, made into facts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

# The items of one FETCH response; or, when the server refuses to speak of this mail, its words.
Answer = dict[bytes, Any] | str


@dataclass(frozen=True, slots=True)
class Facts:
    """`received_at` is aware, UTC; `refused` is empty, or why the server would not tell the rest."""

    size: int
    received_at: datetime
    refused: str = ""


def facts(answer: Answer) -> Facts:
    """Size and INTERNALDATE. A server that does not say when a mail came leaves us the moment at which we ask."""
    now = datetime.now(UTC)
    if isinstance(answer, str):
        return Facts(0, now, refused(answer))
    when, size = answer.get(b"INTERNALDATE"), answer.get(b"RFC822.SIZE")
    if not isinstance(when, datetime) or when.tzinfo is None:
        when = now
    return Facts(size if isinstance(size, int) else 0, when.astimezone(UTC))


def body(answer: Answer) -> tuple[bytes, str]:
    """The octets of the mail, and why there are none."""
    if isinstance(answer, str):
        return b"", refused(answer)
    octets = next((value for name, value in answer.items() if name.startswith(b"BODY[")), None)
    return (octets, "") if isinstance(octets, bytes) else (b"", refused("it answered without the mail"))


def refused(words: str) -> str:
    return f"the server would not hand it over: {words}"


def words(fault: BaseException) -> str:
    """What the server said, in one short printable line, and without addresses."""
    text = re.sub(r"\S*@\S*", "…", str(fault))
    return "".join(char if char.isprintable() else " " for char in text)[:120].strip()
