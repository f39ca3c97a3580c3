"""Every sign in a text that the words of an older mail follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ksmail.incoming.attribution import Strength, attributions, introduces
from ksmail.incoming.enclosed import enclosures, is_rule


@dataclass(frozen=True, slots=True)
class Sign:
    """The lines `first` to `last` say that older words follow. `marked`: that these have ">" before them."""

    first: int
    last: int
    marked: bool
    sure: bool = True


def signs(lines: Sequence[str], marked: Sequence[bool], *, strict: bool) -> list[Sign]:
    """Attributions and beginnings of older mails, outside quotations, in order."""
    least = Strength.DATED if strict else Strength.STRONG
    below = _below(lines)
    found = [
        Sign(_introduced(lines, piece.first), piece.last, False, not piece.forwarded)
        for piece in enclosures(lines, marked, strict=strict)
    ]
    for who in attributions(lines, marked):
        after = below[who.last]
        is_marked = after < len(lines) and marked[after]
        if not marked[who.first] and (is_marked or who.strength >= least):
            found.append(Sign(who.first, who.last, is_marked, is_marked or who.strength >= Strength.STRONG))
    return sorted(found, key=lambda sign: sign.first)


def _introduced(lines: Sequence[str], first: int) -> int:
    """With the line above these headers that says once more who wrote, as some phones put it."""
    return first - 1 if first and introduces(lines[first - 1]) else first


def _below(lines: Sequence[str]) -> list[int]:
    """Of each line, the next one with words."""
    below = [len(lines)] * len(lines)
    for at in range(len(lines) - 2, -1, -1):
        below[at] = at + 1 if lines[at + 1].strip() else below[at + 1]
    return below


def has_words(lines: Sequence[str]) -> bool:
    return any(line.strip() and not is_rule(line) for line in lines)


def cut_above(lines: Sequence[str], first: int) -> int:
    """Where a cut before line `first` begins: with the rules drawn above it."""
    while first and (not lines[first - 1].strip() or is_rule(lines[first - 1])):
        first -= 1
    return first
