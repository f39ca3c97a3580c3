"""The marks of a quotation in plain text: ">" before its lines, in some programs "|", ":" or initials."""

from __future__ import annotations

import re
from collections.abc import Sequence

_BAR = re.compile(r"\s*[|:](?:\s*\Z|\s.*[^|\s]\s*\Z)")
_CLOSING = re.compile(r"\s*>\s*(?:\w{1,12}(?: \w{1,12})?)?\s*[:：]\s*")
_INITIALS = re.compile(r"\s{0,3}([A-Z][A-Za-z]{0,2})>(?:[\s>]|\Z)")
_MOST_REST = 12
_FULL = 60  # characters that a wrapped line has at least
# Marks for the direction of writing, which programs put around names and dates, and spaces without width.
UNSEEN = "".join(map(chr, (0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)))
_UNSEEN = dict.fromkeys(map(ord, UNSEEN))


def visible(line: str) -> str:
    return line.translate(_UNSEEN)


def bare(line: str) -> str:
    """A line without quote marks, and without the emphasis that HTML leaves behind."""
    return visible(line).lstrip("> \t\xa0*_").rstrip(" \t\xa0*_").lstrip("| ")


def marks(lines: Sequence[str]) -> list[bool]:
    """Which lines begin with ">", or two and more in a row with the same initials before it ("AB> "), or three and
    more with "|" or ":" (a table ends its lines with it as well).

    So does the wrapped rest of such a line; not so the ">" that ends an address which an attribution wrapped there.
    """
    marked = [line.lstrip().startswith(">") and not is_groupwise(line) for line in lines]
    initials = [initials_of(line) for line in lines]
    for at in range(1, len(lines)):
        if initials[at] and initials[at] == initials[at - 1]:
            marked[at - 1 : at + 1] = [True, True]
    first = 0
    for at in range(len(lines) + 1):
        if at == len(lines) or not _BAR.match(lines[at]):
            if at - first >= 3:
                marked[first:at] = [True] * (at - first)
            first = at + 1
    above = False  # the last line with words is quoted
    for at, line in enumerate(lines):
        if marked[at] and not above and len(line) < 60 and _CLOSING.fullmatch(line):
            marked[at] = not any("<" in higher for higher in lines[max(at - 3, 0) : at])
        elif not marked[at] and at and marked[at - 1] and (rest := _rest(lines, marked, at)):
            marked[at : at + rest] = [True] * rest
        if line.strip():
            above = marked[at]
    return marked


def initials_of(line: str) -> str:
    """Those before the quote mark of some programs, or nothing."""
    found = _INITIALS.match(line)
    return found[1] if found else ""


def is_groupwise(line: str) -> bool:
    """The line that GroupWise puts above an older mail, with a date between its marks."""
    core = line.strip()[:300]
    return core.startswith(">>> ") and core.endswith(" >>>") and any(char.isdigit() for char in core)


def _rest(lines: Sequence[str], marked: Sequence[bool], at: int) -> int:
    """How many lines from here on are the end of the quoted one above, wrapped by a program that forgot the ">".

    One line above an empty one; more when the next in ">" follows at once, or a few words that had no room above.
    """
    above, line = lines[at - 1].rstrip(), lines[at]
    stops = range(at, min(at + _MOST_REST, len(lines)))
    end = next((stop for stop in stops if marked[stop] or not lines[stop].strip()), stops.stop)
    full = all(len(text) >= _FULL for text in lines[at : end - 1])
    joined = end < len(lines) and marked[end] and full
    low = line.lstrip(" \"'(")[:1].islower()
    if len(above) >= _FULL and above[-1] not in ".?!:" and low:
        return end - at if joined or end == at + 1 else 0
    deep = above.replace(" ", "").startswith(">>")
    few = len(line) <= 30 and len(above) + len(line) >= 70 and above[-1] not in "?!:" and (low or deep)
    return 1 if few and joined and end == at + 1 else 0
