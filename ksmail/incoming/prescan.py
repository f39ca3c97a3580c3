"""A look at the raw bytes before any parser sees them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ksmail.errors import UnreadableMail
from ksmail.incoming.outline import Outline, Scanner

_MBOX = re.compile(rb"From [^\r\n]{1,500}\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes are in octets, `cpu_seconds` and `wall_seconds` per mail, `memory` is the worker's address space.

    To, Cc and Bcc have a size limit of their own (`recipient_fields`): a mail to very many is long, not hostile,
    and only the first `addresses` of them are read.
    """

    depth: int = 50
    parts: int = 1000
    header_block: int = 256 * 1024
    header_field: int = 64 * 1024
    header_fields: int = 1000
    recipient_fields: int = 8 * 1024 * 1024
    addresses: int = 200
    encoded_words: int = 200
    parameter_segments: int = 50
    comment_depth: int = 20
    received_fields: int = 50
    text: int = 1024 * 1024
    cpu_seconds: int = 2
    wall_seconds: float = 5.0
    memory: int = 512 * 1024 * 1024


def prescan(raw: bytes, limits: Limits) -> None:
    """Raise UnreadableMail, with the limit in its text, when the mail is no mail or could harm a parser."""
    survey(raw, limits)


def survey(raw: bytes, limits: Limits) -> Outline:
    """Find the parts of a mail in one pass: linear, without recursion, and within the limits.

    Lines end with LF, with or without a CR before it. Raises UnreadableMail.
    """
    if not raw:
        raise UnreadableMail("the mail is empty (0 bytes)")
    mbox = _MBOX.match(raw)
    scanner = Scanner(raw, limits)
    if mbox:
        scanner.outline.remarks.append("an mbox separator line before the header")
    scanner.run(mbox.end() if mbox else 0)
    return scanner.outline
