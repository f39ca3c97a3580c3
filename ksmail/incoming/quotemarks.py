"""The marks of a quotation in plain text: ">" before its lines, in some programs "|"."""

from __future__ import annotations

import re
from collections.abc import Sequence

_BAR = re.compile(r"\s*\|(?:\s*\Z|\s.*[^|\s]\s*\Z)")
_CLOSING = re.compile(r"\s*>\s*(?:\w{1,12}(?: \w{1,12})?)?\s*[:：]\s*")
# Marks for the direction of writing, which programs put around names and dates, and spaces without width.
UNSEEN = "".join(map(chr, (0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)))
_UNSEEN = dict.fromkeys(map(ord, UNSEEN))


def visible(line: str) -> str:
    return line.translate(_UNSEEN)


def bare(line: str) -> str:
    """A line without quote marks, and without the emphasis that HTML leaves behind."""
    return visible(line).lstrip("> \t\xa0*_").rstrip(" \t\xa0*_").lstrip("| ")


def marks(lines: Sequence[str]) -> list[bool]:
    """Which lines begin with ">", or three and more in a row with "|" (a table ends its lines with it as well).

    So does the wrapped rest of such a line; not so the ">" that ends an address which an attribution wrapped there.
    """
    marked = [line.lstrip().startswith(">") and not is_groupwise(line) for line in lines]
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
        elif not marked[at] and at and marked[at - 1] and _is_rest(lines[at - 1], line):
            marked[at] = marked[at + 1 : at + 2] == [True] or not "".join(lines[at + 1 : at + 2]).strip()
        if line.strip():
            above = marked[at]
    return marked


def is_groupwise(line: str) -> bool:
    """The line that GroupWise puts above an older mail, with a date between its marks."""
    core = line.strip()[:300]
    return core.startswith(">>> ") and core.endswith(" >>>") and any(char.isdigit() for char in core)


def _is_rest(above: str, line: str) -> bool:
    """Whether this line is the end of the long quoted one above, wrapped by a program that forgot the ">"."""
    return len(above) >= 60 and above.rstrip()[-1] not in ".?!:" and line.lstrip(" \"'(")[:1].islower()
