"""A mail as it goes over the wire."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINE_END = re.compile(rb"\r\n|\r|\n")
_DOT = re.compile(rb"^\.", re.MULTILINE)

BLOCK = 64 * 1024


def canonical(raw: bytes) -> bytes:
    """CRLF and nothing else at the end of every line, the last one too: what a server takes a bare CR or LF for is
    how one mail becomes two (CVE-2023-51764)."""
    lines = _LINE_END.sub(b"\r\n", raw)
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def stuffed(raw: bytes) -> bytes:
    """A canonical mail with its leading dots doubled (RFC 5321 4.5.2), without the dot that ends it."""
    return _DOT.sub(b"..", raw)


def blocks(data: bytes) -> Iterator[bytes]:
    """Pieces of at most 64 KiB."""
    for start in range(0, len(data), BLOCK):
        yield data[start : start + BLOCK]
