"""A look at the raw bytes before any parser sees them."""

from __future__ import annotations

import re

from ksmail.errors import UnreadableMail
from ksmail.incoming.limits import Limits
from ksmail.incoming.outline import Outline, Scanner

_MBOX = re.compile(rb"From [^\r\n]{1,500}\r?\n")


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
