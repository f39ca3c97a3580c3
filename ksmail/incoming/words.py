"""The words that somebody wrote himself, without quotes and signature."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from ksmail.incoming.quotemarks import marks
from ksmail.incoming.reply import trim

_LONGEST = 1024 * 1024
# Sorting the marks on one letter takes quadratic time (UAX 15, D109), so that a megabyte of them takes minutes.
_AT_A_TIME = 500


@lru_cache(maxsize=8)  # each judgement asks several times for those of the same few mails
def own_words(text: str) -> str:
    """`text` without what it answers, without quoted lines and without the signature; the same when done again."""
    own = _own(text[:_LONGEST])
    while (less := _own(own)) != own:
        own = less
    return own


def _own(text: str) -> str:
    lines = trim(text).own.splitlines()
    quoted = marks(lines)
    return "\n".join(line for at, line in enumerate(lines) if not quoted[at] or line.lstrip().startswith("|"))


def words_hash(text: str, files: Iterable[str] = ()) -> str:
    """By what the same question, sent again, is recognised: SHA-256 in hex of the own words, whatever their case and
    white space, and of the hashes of the files. "" when there are no words: nothing is the same as nothing.
    """
    words = " ".join(map(_folded, own_words(text).split())).split()
    # "See attachment" is another question with another file.
    whole = "\0".join((" ".join(words), *sorted(files)))
    return hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest() if words else ""


def _folded(word: str) -> str:
    """In one spelling for each letter, piece by piece where the word is longer than words are."""
    pieces = (word[at : at + _AT_A_TIME] for at in range(0, len(word), _AT_A_TIME))
    return "".join(unicodedata.normalize("NFKC", piece).casefold() for piece in pieces)
