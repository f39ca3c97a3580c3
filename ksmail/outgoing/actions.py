"""Replies that a reader only has to send: mailto links with everything filled in (RFC 6068)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from ksmail.desk.letter import Prepared
from ksmail.outgoing.harmless import harmless, one_line
from ksmail.outgoing.wording import Lines

_MOST_OF_A_LINK = 1_900  # Outlook cuts off a link at about 2 000 characters
_MOST_OF_A_SUBJECT_LINE = 60


@dataclass(frozen=True, slots=True)
class Action:
    """A link for a letter. `cut`: the prepared text did not fit and was left out, and its reader must know. `place` is
    the line of a list that it belongs to."""

    label: str
    href: Lines
    cut: bool
    place: int = 0


def action(prepared: Prepared, label: str, *, to: str, tag: str, token: str) -> Action:
    """The link for a prepared reply: `[tag] line (token)` as subject; the line, an empty line and the text as body.

    The token stands in the subject, because what a mail program makes of a link answers no mail of ours. Everything
    but letters, digits and `-._~` is percent-encoded UTF-8, line ends as %0D%0A (RFC 6068 5). At most 1900
    characters: a longer text is left out, because with two taps half of it would be sent.
    """
    line = one_line(prepared.line)
    room = " " if prepared.line.endswith(" ") else ""  # for what the reader still has to write behind it
    subject = f"{_tagged(tag)}{one_line(line, _MOST_OF_A_SUBJECT_LINE)} ({token})"
    local, _, domain = to.rpartition("@")
    start = f"mailto:{_encoded(local)}@{_encoded(domain)}?subject={_encoded(subject)}&body="
    text = harmless(prepared.text).strip()
    whole = f"{line}{room}\n\n{text}" if text else line + room
    fits = len(start) + len(_encoded(whole)) <= _MOST_OF_A_LINK
    return Action(label, Lines(start + _encoded(whole if fits else f"{line}\n\n")), cut=not fits, place=prepared.place)


def _tagged(tag: str) -> str:
    return f"[{tag}] " if tag else ""


def _encoded(text: str) -> str:
    return quote(text.replace("\n", "\r\n"), safe="")
