"""What strangers write, made harmless to show."""

from __future__ import annotations

import re
import textwrap
import unicodedata

# How much of a text a letter shows. The rest stays in the original mail.
MOST_CHARACTERS = 20_000
MOST_LINES = 1_000
MOST_OF_A_LINE = 300

_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Letters and marks that leave no ink, beside the categories Cc, Cf and Cs.
_INKLESS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_MOST_MARKS = 4
_DOT = "[.\u3002\uff61]"
# Whatever a mail client might turn into a link: a scheme, www, an address, or a bare domain name.
_LINK = re.compile(rf"\S*(?:://|www{_DOT}|\S@\S|\w{_DOT}[^\W\d_]{{2,}})\S*", re.IGNORECASE)
_MARGIN = "  | "


def harmless(text: str) -> str:
    """`text` without what hides, reorders or piles up: controls, bidi and zero-width characters, floods of marks.

    Lines end in \\n; every other white space becomes a plain space (Unicode Technical Report 36, 2.5 and 2.6).
    """
    kept: list[str] = []
    marks = 0
    for character in _LINE_END.sub("\n", text):
        category = unicodedata.category(character)
        if category == "Zs" or character == "\t":
            kept.append(" ")
        elif character != "\n" and (category in {"Cc", "Cf", "Cs"} or character in _INKLESS):
            continue
        else:
            marks = marks + 1 if category in {"Mn", "Me"} else 0
            if marks <= _MOST_MARKS:
                kept.append(character)
    return "".join(kept)


def one_line(text: str, most: int = MOST_OF_A_LINE) -> str:
    """`text` made harmless on one line of at most `most` characters."""
    line = " ".join(harmless(text[: 4 * most]).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def without_links(text: str, most: int = 120) -> str:
    """`text` on one short line in which nothing can be clicked: we carry no stranger's link to somebody else."""
    return one_line(_LINK.sub("(link)", one_line(unicodedata.normalize("NFKC", one_line(text)))), most)


def too_long(text: str) -> bool:
    """Whether `shown` leaves something out."""
    return len(text) > MOST_CHARACTERS or text.count("\n") >= MOST_LINES


def shown(text: str) -> tuple[str, ...]:
    """The lines of `text` that a letter shows, harmless, without empty lines at either end."""
    lines = harmless(text[:MOST_CHARACTERS]).split("\n")[:MOST_LINES]
    return tuple("\n".join(line.rstrip() for line in lines).strip("\n").split("\n"))


def written(text: str) -> tuple[str, ...]:
    """All lines of what staff wrote, harmless, without empty lines at either end. Nothing is cut: it is the letter."""
    lines = (line.rstrip() for line in harmless(text).split("\n"))
    return tuple("\n".join(lines).strip("\n").split("\n"))


def quoted(text: str) -> str:
    """The shown lines for a plain text letter, each behind a margin so that none can pass for a line of ours.

    Long lines are folded, because a mail client that folds them puts the rest outside the margin.
    """
    folded = (part for line in shown(text) for part in _folded(line))
    return "\n".join(_MARGIN + part for part in folded)


def _folded(line: str) -> list[str]:
    breakable = re.sub(r"(\S{400})", r"\1 ", line)
    return textwrap.wrap(breakable, 72, break_long_words=False, break_on_hyphens=False) or [""]
