"""Which partners the words of a question suggest."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from ksmail.desk.policy import Suggestion

_WORD = re.compile(r"[^\W_]+")
_LONGEST = 1024 * 1024  # characters of a text
# Sorting the marks on one letter takes quadratic time (UAX 15, D109), so that a megabyte of them takes minutes.
_AT_A_TIME = 500
_INKLESS = frozenset("\u115f\u1160\u2800")  # letters and signs without a drop of ink; their other forms fold to these


def suggested(text: str, suggestions: Iterable[Suggestion]) -> tuple[str, ...]:
    """The codes of the partners whose topics `text` speaks of: each once, in the order of the rules.

    A word of a rule is one word or a few in a row; with `*` behind it any ending will do. Case, accents, and where a
    line breaks do not matter. What stands beyond a million characters is not looked at.
    """
    page = f" {words(plain(text[:_LONGEST]))} "
    codes = (code for rule in suggestions if any(_stands(word, page) for word in rule.words) for code in rule.partners)
    return tuple(dict.fromkeys(codes))


def copied(text: str, suggestions: Iterable[Suggestion]) -> tuple[str, ...]:
    """As `suggested`, by the rules that ask their partners without an order of staff."""
    return suggested(text, [rule for rule in suggestions if rule.copy])


def plain(text: str) -> str:
    """`text` in small letters, without accents, and without what nobody sees (soft hyphens, zero width, controls);
    all else stands where it stood."""
    return "".join(_folded(text[at : at + _AT_A_TIME]) for at in range(0, len(text), _AT_A_TIME))


def words(plain_text: str) -> str:
    """The words of a plain text with one space between them: a hyphen, a dot or a quote mark parts words too."""
    return " ".join(_WORD.findall(plain_text))


def _stands(word: str, page: str) -> bool:
    wanted = words(plain(word))
    end = "" if word.rstrip().endswith("*") else " "
    return bool(wanted) and f" {wanted}{end}" in page


def _folded(piece: str) -> str:
    if piece.isascii():
        return piece.translate(_ASCII_UNSEEN).lower()
    return "".join(letter for letter in unicodedata.normalize("NFKD", piece) if not _is_unseen(letter)).casefold()


@lru_cache(maxsize=4096)
def _is_unseen(letter: str) -> bool:
    category = unicodedata.category(letter)
    unseen = category[0] == "M" or category in ("Cc", "Cf", "Cs") or letter in _INKLESS
    return unseen and not letter.isspace()


_ASCII_UNSEEN = dict.fromkeys(code for code in range(128) if _is_unseen(chr(code)))
