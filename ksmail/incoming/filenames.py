"""Names of attachments, safe to show and to save."""

from __future__ import annotations

import re
import unicodedata

from ksmail.incoming.headers import decode_words, one_line

LENGTH = 120
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|\Z)", re.IGNORECASE)
_ENDINGS = {
    "application/pdf": ".pdf",
    "application/pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/pgp-signature": ".asc",
    "application/zip": ".zip",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/plain": ".txt",
}


def safe_name(given: str, content_type: str, number: int) -> str:
    """What the sender called a file, made harmless; "attachment-2.pdf" when nothing is left of it.

    Everything is decided after normalisation to NFKC: a zero-width or full-width character must not hide
    what a name is (CVE-2026-28289).
    """
    name = unicodedata.normalize("NFKC", one_line(decode_words(given), 1000))
    name = one_line(re.split(r"[/\\]", name)[-1], 1000)
    name = re.sub(r'[<>:"|?*]', "_", name).lstrip(". ").rstrip(". ")
    if _RESERVED.match(name):
        name = f"_{name}"
    return shortened(name) or f"attachment-{number}{_ENDINGS.get(content_type, '.bin')}"


def shortened(name: str, most: int = LENGTH) -> str:
    """Cut the name, not its ending."""
    stem, dot, ending = name.rpartition(".")
    if len(name) <= most or not dot or len(ending) > 20:
        return name[:most].rstrip(". ")
    return f"{stem[: most - len(ending) - 1].rstrip('. ')}.{ending}"


def distinct(name: str, taken: dict[str, int]) -> str:
    """`name`, or "name-2", such that no two names of one mail are equal in any case; remembers it in `taken`."""
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, dot + ending) if dot and len(ending) <= 20 else (name, "")
    number, candidate = taken.get(name.casefold(), 1), name
    while candidate.casefold() in taken:
        number += 1
        tail = f"-{number}{ending}"
        candidate = stem[: LENGTH - len(tail)] + tail
    taken[name.casefold()] = number
    taken.setdefault(candidate.casefold(), 1)
    return candidate
