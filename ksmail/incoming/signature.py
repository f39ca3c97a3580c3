"""The end of what somebody wrote: signature, the line of a phone, a list's footer, a legal notice."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ksmail.incoming.enclosed import is_rule
from ksmail.incoming.sentfrom import is_sent_from, names_device, names_phone

_LONG_SIGNATURE = 20  # lines; below a bare "--" more than that is rather text
_SIGNED = "-----BEGIN PGP SIGNATURE-----"

_THIS_MAIL = re.compile(
    r"\b(?:th(?:is|e) (?:information in this )?(?:e-?mail|message|communication|transmission)|"
    r"(?:dit|deze|de informatie in (?:dit|deze)) (?:e-?mail)?-?\s?(?:bericht|mail|boodschap)|"
    r"diese[rs]? (?:e-?mail|nachricht)|ce (?:message|courriel|courrier|mail)|cet e-?mail|disclaimer)",
    re.IGNORECASE,
)
_NOT_FOR_YOU = re.compile(
    r"intended (?:solely |only |exclusively )?(?:recipient|addressee|for)|(?:named|for the) addressee|"
    r"bestemd|geadresseerde|(?:richtige|vorgesehene|bestimmt)\w* ?(?:adressat|empfänger|für)|nicht der (?:richtige|"
    r"beabsichtigte)|destinataire|bestimmt",
    re.IGNORECASE,
)
_NOTICE_TITLES = ("disclaimer", "confidentiality notice", "haftungsausschluss", "avertissement", "vertrouwelijkheid")
_SCANNED = re.compile(
    r"(?:this|dit|diese|ce) [\w-]{4,12} (?:has been|is) (?:scanned|checked|gescand|gecontroleerd)", re.I
)


def signature_start(lines: Sequence[str], *, strict: bool = False) -> int:
    """The index of the first line of the signature of one stretch of own words; their number when there is none.

    Below the line of a phone stands what it did not mark as a quotation.
    """
    end = _separated(lines)
    end = next((at for at in range(end) if _ends_text(lines, at, strict)), end)
    while (shorter := _shorter(lines, end)) < end:
        end = shorter
    return end if any(line.strip() for line in lines[end:]) else len(lines)


def _ends_text(lines: Sequence[str], at: int, strict: bool) -> bool:
    """Whether this is the line of a phone in the middle, no sentence, below some words, above an empty line.

    It need not be a paragraph of its own when it names the phone: some people remove the empty line above it.
    """
    if not is_sent_from(lines[at]) or not names_device(lines[at]):
        return False
    if strict:
        return True
    apart = at and (not lines[at - 1].strip() or names_phone(lines[at])) and not "".join(lines[at + 1 : at + 2]).strip()
    return bool(apart) and lines[at].rstrip()[-1] not in ".,;:" and any(map(str.strip, lines[:at]))


def _separated(lines: Sequence[str]) -> int:
    """The first "-- " (RFC 3676 4.3). Programs drop its space, so "--" counts too, above a few lines."""
    for at, line in enumerate(lines):
        if line.startswith(_SIGNED):
            return at
        if line.rstrip() in ("--", "- --"):  # RFC 4880 7.1: a signed text has another dash before it
            below = sum(1 for text in lines[at + 1 :] if text.strip())
            return at if line.endswith("-- ") or below <= _LONG_SIGNATURE else len(lines)
    return len(lines)


def _shorter(lines: Sequence[str], end: int) -> int:
    """Without the last line or paragraph when that is no text."""
    while end and not lines[end - 1].strip():
        end -= 1
    if not end:
        return 0
    line = lines[end - 1]
    if is_sent_from(line) or is_rule(line) or line.strip() == "ᐧ":
        return end - 1
    first = end - 1
    while first and lines[first - 1].strip() and end - first < 30:
        first -= 1
    if first and _is_notice("\n".join(lines[first:end])):
        return first
    return _footer(lines, end)


def _is_notice(paragraph: str) -> bool:
    """For whom a mail is, in the words of lawyers: it says "this message", and that it may not be for the reader."""
    head = paragraph[:600]
    if len(paragraph) < 40 and head.strip(" *_:").casefold() in _NOTICE_TITLES:
        return True
    if _SCANNED.match(head):
        return True
    return len(paragraph) > 80 and bool(_THIS_MAIL.search(head[:250])) and bool(_NOT_FOR_YOU.search(paragraph[:2000]))


def _footer(lines: Sequence[str], end: int) -> int:
    """The footer of a mailing list: a line of underscores, and a few lines with an address. Or a card with a name."""
    for at in range(end - 1, max(end - 8, -1), -1):
        core = lines[at].strip()
        if len(core) >= 2 and not core.strip("_"):
            listed = any("@" in line or "://" in line or "list" in line for line in lines[at + 1 : end])
            return (
                at if listed or (len(core) >= 5 and _is_card(lines[max(at - 20, 0) : at], lines[at + 1 : end])) else end
            )
    return end


def _is_card(above: Sequence[str], below: Sequence[str]) -> bool:
    """Some short lines without a sentence, below the name that closes a mail."""
    words = [line.strip() for line in above if line.strip()]
    card = [line.strip() for line in below if line.strip()]
    ends = any(len(text) > 60 or text.endswith((".", "?", "!", ":", ";")) for text in (*words[-1:], *card))
    return len(words) > 1 and len(card) > 1 and not ends
