"""The words that somebody wrote himself, without quotes and signature."""

from __future__ import annotations

import hashlib
import unicodedata

_LONGEST = 1024 * 1024


def own_words(text: str) -> str:
    """`text` without quoted lines ("> ") and without the signature (from "-- " on, RFC 3676 4.3)."""
    kept: list[str] = []
    for line in text[:_LONGEST].splitlines():
        # Clients drop the space that ends the separator, so the bare "--" counts too.
        if line.rstrip() == "--":
            break
        if not line.lstrip().startswith(">"):
            kept.append(line)
    return "\n".join(kept)


def words_hash(text: str) -> str:
    """By what the same question, sent again, is recognised: SHA-256 in hex of the own words, whatever their case and
    white space. "" when there are no words: nothing is the same as nothing.
    """
    words = unicodedata.normalize("NFKC", own_words(text)).casefold().split()
    return hashlib.sha256(" ".join(words).encode("utf-8", "replace")).hexdigest() if words else ""
