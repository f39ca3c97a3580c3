"""What HTML says beside its words: what is hidden, and what is a quotation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

_QUOTE, _UNQUOTE = "\ue000", "\ue001"  # from the private use area, and ours: tidy() takes them out of every text
_CONTROLS = (code for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A))
_REMOVED = dict.fromkeys((*_CONTROLS, ord(_QUOTE), ord(_UNQUOTE)))
_HIDDEN = "display:none"
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\u2028\u2029]")
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0*)?\s*(?:;|\Z)", re.IGNORECASE
)


def tidy(text: str) -> str:
    """Line ends as \\n, without control characters, lone surrogates and a byte order mark."""
    text = _LINE_ENDS.sub("\n", text).translate(_REMOVED).removeprefix("\ufeff")
    return text.encode("utf-8", "ignore").decode("utf-8")


def mark(elements: Iterable[Any]) -> None:
    """Give what is hidden one plain style for it, and put marks around quotations. Elements are those of lxml."""
    for element in elements:
        if _is_unseen(element):
            element.set("style", _HIDDEN)
        elif element.tag == "blockquote":
            element.text = _QUOTE + (element.text or "")
            if len(element):
                element[-1].tail = (element[-1].tail or "") + _UNQUOTE
            else:
                element.text += _UNQUOTE


def open_quote(element: Any) -> None:
    """Put a mark before this element: it and all that comes after it is a quotation."""
    if element.tag in ("td", "th") or element.getparent() is None:
        element.text = _QUOTE + (element.text or "")
    else:
        begin = element.makeelement("div")
        begin.text = _QUOTE
        element.addprevious(begin)


def _is_unseen(element: Any) -> bool:
    """Hidden by an attribute or by its own style; style sheets are not read."""
    first, *rest = (element.get("style") or "").split("/*")
    style = first + "".join(piece.partition("*/")[2] for piece in rest)
    return element.tag == "template" or "hidden" in element.attrib or bool(_UNSEEN.search(style))


def seen(tree: Any) -> Iterator[str]:
    """The bare words of a marked tree of any depth, without what is hidden."""
    for element in tree.iter("*"):
        if element.tag in ("script", "style", "title") or element.get("style") == _HIDDEN:
            element.clear(keep_tail=True)
    yield from tree.itertext("*")


def quoted(text: str) -> str:
    """Put "> " before the lines that stand between the marks, as mails in plain text have it."""
    depth, lines = 0, [""]
    for line in text.split("\n"):
        depth += line.count(_QUOTE)
        words = line.replace(_QUOTE, "").replace(_UNQUOTE, "").rstrip()
        shown = ("> " * min(depth, 5) + words).rstrip()
        if words or lines[-1].strip("> "):  # one empty line at a time
            lines.append(shown)
        depth = max(depth - line.count(_UNQUOTE), 0)
    while not lines[-1].strip("> ") and len(lines) > 1:
        lines.pop()
    return "\n".join(lines)
