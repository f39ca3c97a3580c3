"""The new words of a reply, without the mail it answers and without the signature."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from ksmail.incoming.attribution import attributions, parted
from ksmail.incoming.enclosed import is_rule
from ksmail.incoming.older import Sign, cut_above, has_words, signs
from ksmail.incoming.preamble import text_start
from ksmail.incoming.quotemarks import initials_of, marks
from ksmail.incoming.signature import signature_start

MOST_LINES = 10_000
_MOST_ROUNDS = 8


class _Is(Enum):
    OWN = "own"
    QUOTED = "quoted"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Reply:
    """A mail's text in three. Every line of it that has words is in one of them; each keeps the order of the text.

    `sure` is false when the cut could be elsewhere: someone who answers between the lines, a mail that is passed on,
    a quotation at the top. Then a reader should see the whole.
    """

    own: str
    quoted: str = ""
    signature: str = ""
    sure: bool = True


def trim(text: str, *, strict: bool = False) -> Reply:
    """Pure; linear in the length of `text`; what is beyond 10000 lines is not looked at and counts as quoted.

    When unsure it keeps more: of answers between quoted lines also those lines, and of a mail that is passed on
    without a word the mail. With `strict` it keeps less, for words that are to be sent on: nothing after the first
    sign of a quotation, or, when the mail begins with one in ">", nothing but what stands apart below it.
    """
    lines = [piece for line in text.splitlines() for piece in parted(line)]
    kept = list(range(min(len(lines), MOST_LINES)))
    places = [_Is.OWN] * len(kept) + [_Is.QUOTED] * (len(lines) - len(kept))
    sure = len(kept) == len(lines)
    for _ in range(_MOST_ROUNDS):
        now, is_sure = (_strict if strict else _lenient)([lines[at] for at in kept])
        sure &= is_sure
        for at, place in zip(kept, now, strict=True):
            places[at] = place
        if all(place is _Is.OWN for place in now):
            break
        kept = [at for at in kept if places[at] is _Is.OWN]
    own, quoted, signature = ([line for line, is_ in zip(lines, places, strict=True) if is_ is place] for place in _Is)
    return Reply(_joined(own), _joined(quoted), _joined(signature), sure)


def _joined(lines: Sequence[str]) -> str:
    """Without empty lines around them."""
    worded = [at for at, line in enumerate(lines) if line.strip()]
    return "\n".join(lines[worded[0] : worded[-1] + 1]).rstrip() if worded else ""


def _lenient(lines: Sequence[str]) -> tuple[list[_Is], bool]:
    marked = marks(lines)
    quoting = list(marked)  # and the attributions above them
    places = [_Is.OWN] * len(lines)
    sure, end, seen, has_own = True, len(lines), 0, False
    for sign in signs(lines, marked, strict=False):
        if sign.first < seen:
            continue
        has_own = has_own or any(
            not quoting[at] and lines[at].strip() and not is_rule(lines[at]) for at in range(seen, sign.first)
        )
        seen = sign.last + 1
        sure &= sign.sure or has_own
        if sign.marked:
            quoting[sign.first : seen] = [True] * (seen - sign.first)
        elif has_own:
            end = cut_above(lines, sign.first)
            sure &= sign.sure
            break
        else:  # nothing above it: the words of another, or a forward, or someone who answers below
            places[sign.first : seen] = [_Is.QUOTED] * (seen - sign.first)
            sure = False
    places[end:] = [_Is.QUOTED] * (len(lines) - end)
    return places, _stretches(lines[:end], marked, quoting, places) and sure


def _stretches(lines: Sequence[str], marked: Sequence[bool], quoting: Sequence[bool], places: list[_Is]) -> bool:
    """Sort out the signatures, the quotations after the last own words, and the single one with an attribution."""
    runs = _runs(lines, quoting)
    last = -1
    for at, (first, end, is_quote) in enumerate(runs):
        if not is_quote:
            top = first + (0 if at else text_start(lines[:end]))
            start = top + signature_start(lines[top:end])
            places[first:top] = [is_ if is_ is _Is.QUOTED else _Is.SIGNATURE for is_ in places[first:top]]
            places[start:end] = [is_ if is_ is _Is.QUOTED else _Is.SIGNATURE for is_ in places[start:end]]
            if any(places[line] is _Is.OWN and lines[line].strip() for line in range(top, start)):
                last = at
    inner = [(first, end) for first, end, is_quote in runs[: last + 1] if is_quote]
    cut = [(first, end) for first, end, is_quote in runs[last + 1 :] if is_quote]
    if len(inner) == 1 and _is_attributed(lines, marked, *inner[0]):
        cut += inner
        inner = []
    for first, end in cut:
        places[first:end] = [_Is.QUOTED] * (end - first)
    for first, end in inner:
        for line in range(first, end):
            if quoting[line] and not marked[line]:
                places[line] = _Is.QUOTED
    return not inner


def _runs(lines: Sequence[str], quoting: Sequence[bool]) -> list[tuple[int, int, bool]]:
    """Stretches of quoted and of other lines; empty lines belong to what stands above them."""
    runs: list[tuple[int, int, bool]] = []
    first = 0
    for at in range(1, len(lines)):
        if lines[at].strip() and quoting[at] != quoting[first]:
            runs.append((first, at, quoting[first]))
            first = at
    return [*runs, (first, len(lines), quoting[first])] if lines else []


def _is_attributed(lines: Sequence[str], marked: Sequence[bool], first: int, end: int) -> bool:
    if not marked[first]:
        return True
    head = [line for line in lines[first : min(end, first + 12)] if line.strip("> \t\xa0")][:6]
    found = attributions(head, [True] * len(head))
    return bool(found) and found[0].first == 0


def _strict(lines: Sequence[str]) -> tuple[list[_Is], bool]:
    marked = marks(lines)
    found = {sign.first: sign for sign in signs(lines, marked, strict=True)}
    marked = [
        is_ or line.lstrip().startswith(">") or bool(initials_of(line)) for is_, line in zip(marked, lines, strict=True)
    ]
    start, sure = 0, True
    first = _first(lines, marked, found, start)
    while first < len(lines) and not has_words(lines[start:first]):
        if first in found and not found[first].marked:
            return [_Is.QUOTED] * len(lines), sure
        start, sure = _beyond(lines, marked, found, first), False
        first = _first(lines, marked, found, start)
    sure &= first not in found or found[first].sure
    first = cut_above(lines, first) if first < len(lines) else first
    if start >= first:
        return [_Is.QUOTED] * len(lines), sure
    top = start or text_start(lines[:first], strict=True)
    end = top + signature_start(lines[top:first], strict=True)
    places = [_Is.QUOTED if start else _Is.SIGNATURE] * top + [_Is.OWN] * (end - top) + [_Is.SIGNATURE] * (first - end)
    sure &= not _answers_below(lines, marked, found, first)
    return places + [_Is.QUOTED] * (len(lines) - first), sure


def _first(lines: Sequence[str], marked: Sequence[bool], found: Iterable[int], start: int) -> int:
    """The first sign of a quotation from `start` on: also a line of underscores, above which Outlook's text ends."""
    ruled = (at for at in range(start, len(lines)) if marked[at] or lines[at].strip().startswith("_" * 10))
    return min((at for at in (*found, next(ruled, len(lines))) if at >= start), default=len(lines))


def _beyond(lines: Sequence[str], marked: Sequence[bool], found: dict[int, Sign], at: int) -> int:
    """The first line below a quotation that stands apart from it: words on the next line may be its end, wrapped."""
    tied = False
    while at < len(lines):
        if at in found and found[at].marked:
            at = found[at].last
            tied = True
        elif marked[at]:
            tied = True
        elif not has_words(lines[at : at + 1]):
            tied = False
        elif not tied:
            break
        at += 1
    return at


def _answers_below(lines: Sequence[str], marked: Sequence[bool], found: dict[int, Sign], first: int) -> bool:
    """Whether words that may be someone's own stand below the first line in ">"."""
    if any(not sign.marked for sign in found.values() if sign.first >= first):
        return False
    attributed = {line for sign in found.values() for line in range(sign.first, sign.last + 1)}
    rest = [line if not marked[at] and at not in attributed else "" for at, line in enumerate(lines)][first:]
    return has_words(rest[: signature_start(rest)])
