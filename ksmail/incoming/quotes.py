"""Where the HTML of a reply stops being new: what mail programs put around, or before, the mail it answers; and around
the signature."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # no types published

from ksmail.incoming.markup import is_indent, open_quote, sign

# Around the older mail, or around the line that says who wrote it, where that is not a blockquote.
_AROUND_NAMES = (
    "yahoo_quoted zmail_extra quote moz-cite-prefix gmail_attr reply-intro AppleMailQuoteHeader "
    "AppleOriginalContents protonmail_quote"
)
# Before the older mail: all that comes after is that mail.
_BEFORE_NAMES = (
    "divRplyFwdMsg appendonsend mail-editor-reference-message-container OutlookMessageHeader OLK_SRC_BODY_SECTION "
    "stopSpelling zwchr divTaggedContent ms-outlook-mobile-reference-message-container"
)
_SIGNATURE_NAMES = (
    "Signature gmail_signature moz-signature AppleMailSignature apple-signature ms-outlook-mobile-signature "
    "acompli_signature ymail_android_signature protonmail_signature_block"
)
_AROUND, _BEFORE = frozenset(_AROUND_NAMES.split()), frozenset(_BEFORE_NAMES.split())
_SIGNATURES = frozenset(_SIGNATURE_NAMES.split())
# Outlook and Windows Mail draw a line above the headers of the older mail.
_LINE_ABOVE = re.compile(r"border-top\s*:[^;]{0,60}(?:solid|#|rgb)", re.IGNORECASE)
_HEADER = re.compile(r"[^\W\d_][^:\n]{1,20}:")
_LONGEST_HEADERS = 2000


def enclose(tree: Any) -> None:
    """Make blockquotes of what mail programs quote without one, so that its text gets ">" like any quotation.

    `tree` is lxml's; it is changed. Answers between the lines of Gmail and Thunderbird stay outside: only their own
    blockquotes, and the line above them, are quotations. The signatures outside quotations get marks.
    """
    depth = 0
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if element.tag == "blockquote" and not is_indent(element):
            depth += 1 if event == "start" else -1
        elif event == "start" and not depth:
            names = _names(element)
            if names & _BEFORE or _is_header(element):
                open_quote(element)
                return
            if names & _AROUND and not _is_passed_on(element):
                element.tag, element.attrib["type"] = "blockquote", "cite"
                depth += 1
            elif names & _SIGNATURES:
                sign(element)


def _is_passed_on(element: Any) -> bool:
    """Gmail's heading of a mail that is passed on, which is no quotation: below it stands that mail."""
    return next((text for text in element.itertext("*") if text.strip()), "").lstrip().startswith("--")


def _names(element: Any) -> set[str]:
    words = (element.get("class") or "")[:500].split()
    return {name.removeprefix("x_") for name in (element.get("id") or "", element.get("name") or "", *words)}


def _is_header(element: Any) -> bool:
    """A block with a line above it that begins like headers: three words with a colon."""
    if element.tag not in ("div", "td", "p") or not _LINE_ABOVE.search((element.get("style") or "")[:1000]):
        return False
    text = ""
    for piece in element.itertext("*"):
        text += piece[:_LONGEST_HEADERS]
        if len(text) >= _LONGEST_HEADERS:
            break
    return len(_HEADER.findall(text[:_LONGEST_HEADERS])) >= 3
