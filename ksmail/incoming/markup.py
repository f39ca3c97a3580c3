"""What HTML says beside its words: what is hidden, what is a quotation, and what a signature."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

_QUOTE, _UNQUOTE, _SIGN, _UNSIGN = (
    "\ue000",
    "\ue001",
    "\ue002",
    "\ue003",
)  # from the private use area, and ours: tidy() takes them out of every text
_CONTROLS = (code for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A))
_REMOVED = dict.fromkeys((*_CONTROLS, *map(ord, (_QUOTE, _UNQUOTE, _SIGN, _UNSIGN))))
_HIDDEN = "display:none"
_SEPARATOR = "-- "
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\u2028\u2029]")
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0*)?\s*(?:;|!|\Z)", re.IGNORECASE
)
_NO_HEIGHT = re.compile(r"(?<![\w-])(?:max-)?height\s*:\s*0(?:\.0*)?(?:px|pt|em)?\s*(?:;|!|\Z)", re.IGNORECASE)
_INDENT = re.compile(r"margin\s{0,9}:(?:\s{0,9}0(?:px)?){3}\s{1,9}40px\s{0,9};", re.IGNORECASE)
_NO_BORDER = re.compile(r"border\s{0,9}:\s{0,9}none", re.IGNORECASE)
_NO_SIZE = re.compile(r"font-size\s*:\s*0(?:\.0*)?(?:px|pt|em|rem|%)?\s*(?:;|!|\Z)", re.IGNORECASE)
_CLIPPED = re.compile(r"overflow\s*:\s*hidden", re.IGNORECASE)


def tidy(text: str) -> str:
    """Line ends as \\n, without control characters, lone surrogates and a byte order mark."""
    text = _LINE_ENDS.sub("\n", text).translate(_REMOVED).removeprefix("\ufeff")
    return text.encode("utf-8", "ignore").decode("utf-8")


def mark(elements: Iterable[Any]) -> None:
    """Give what is hidden one plain style for it, and put marks around quotations. Elements are those of lxml."""
    for element in elements:
        if _is_unseen(element):
            element.set("style", _HIDDEN)
        elif element.tag == "blockquote" and not is_indent(element):
            _enclose(element, _QUOTE, _UNQUOTE)
        elif element.tag == "hr":
            element.tag = "div"  # for the line break alone


def sign(element: Any) -> None:
    """Put marks around a signature."""
    _enclose(element, _SIGN, _UNSIGN)


def _enclose(element: Any, before: str, after: str) -> None:
    element.text = before + (element.text or "")
    if len(element):
        element[-1].tail = (element[-1].tail or "") + after
    else:
        element.text += after


def open_quote(element: Any) -> None:
    """Put a mark before this element: it and all that comes after it is a quotation."""
    if element.tag in ("td", "th") or element.getparent() is None:
        element.text = _QUOTE + (element.text or "")
    else:
        begin = element.makeelement("div")
        begin.text = _QUOTE
        element.addprevious(begin)


def is_indent(element: Any) -> bool:
    """What Gmail and Apple Mail make of somebody's own words that he moves to the right."""
    style = (element.get("style") or "")[:1000]
    return not set(element.attrib) - {"style", "dir"} and bool(_INDENT.search(style) and _NO_BORDER.search(style))


def _is_unseen(element: Any) -> bool:
    """Hidden by an attribute or by its own style; style sheets are not read."""
    first, *rest = (element.get("style") or "").split("/*")
    style = first + "".join(piece.partition("*/")[2] for piece in rest)
    clipped = _NO_HEIGHT.search(style) and _CLIPPED.search(style)
    if element.tag == "template" or "hidden" in element.attrib or clipped or _UNSEEN.search(style):
        return True
    # Layouts set no size outside and one inside.
    return bool(_NO_SIZE.search(style)) and not any(
        each.tag == "font" or "font" in (each.get("style") or "") for each in element.iter("*") if each is not element
    )


def seen(tree: Any) -> Iterator[str]:
    """The bare words of a marked tree of any depth, without what is hidden."""
    for element in tree.iter("*"):
        if element.tag in ("script", "style", "title") or element.get("style") == _HIDDEN:
            element.clear(keep_tail=True)
    yield from tree.itertext("*")


def quoted(text: str) -> str:
    """Put "> " before the lines that stand between the marks, as mails in plain text have it, and "-- " (RFC 3676 4.3)
    above a signature.
    """
    depth, lines = 0, [""]
    for line in _signed(text.split("\n")):
        depth += line.count(_QUOTE)
        words = line.translate(_REMOVED).rstrip()
        shown = line if line == _SEPARATOR else ("> " * min(depth, 5) + words).rstrip()
        if words or lines[-1].strip("> "):  # one empty line at a time
            lines.append(shown)
        depth = max(depth - line.count(_UNQUOTE), 0)
    while not lines[-1].strip("> ") and len(lines) > 1:
        lines.pop()
    return "\n".join(lines)


def _signed(lines: list[str]) -> list[str]:
    """With a separator above the first signature, when it ends the words: above it there are some, below it none."""
    start = next((at for at, line in enumerate(lines) if line.lstrip().startswith(_SIGN)), len(lines))
    end = next((at for at in range(start, len(lines)) if _UNSIGN in lines[at]), len(lines) - 1)
    quote = next((at for at in range(end, len(lines)) if _QUOTE in lines[at]), len(lines))
    above, words, below = (
        _has_words(piece) for piece in (lines[:start], lines[start : end + 1], lines[end + 1 : quote])
    )
    if not above or not words or below or lines[end].partition(_UNSIGN)[2].partition(_QUOTE)[0].strip():
        return lines
    first = next(at for at in range(start, end + 1) if _has_words(lines[at : at + 1]))
    is_there = lines[first].translate(_REMOVED).strip() == "--"
    return [*lines[:start], _SEPARATOR, *lines[first + 1 if is_there else start :]]


def _has_words(lines: list[str]) -> bool:
    return any(line.translate(_REMOVED).strip() for line in lines)
