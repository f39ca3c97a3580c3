"""Mailboxes in a From, Reply-To, To or Cc field, by a grammar so small that no two readers can disagree."""

from __future__ import annotations

import encodings.idna
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from ksmail.address import Address, parse_address
from ksmail.incoming.headers import decode_words, one_line

NAME_LENGTH = 200

_QUOTED = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
# An encoded word (RFC 2047) is one thing, although many senders leave an @ or a colon in it.
# Every character belongs to a token, and a quote that opens always makes one: that keeps it linear.
_TOKEN = re.compile(
    r"(?P<space>[ \t]+)|(?P<coded>=\?[^?\s]{1,60}\?[bBqQ]\?[^?\s<>\"(),;]*\?=)"
    r'|(?P<quoted>"(?:[^"\\]++|\\.)*+(?:"|\\?\Z))|(?P<mark>[<>,;:()\\])|(?P<word>[^\s<>,;:()"\\]+|\s)',
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """What stands in an address field: the strict mailboxes, and how many entries were none and why the first.

    `total` counts all entries, those beyond the limit by their commas. `grouped` says whether a group stood there.
    """

    addresses: tuple[Address, ...]
    wrong: int = 0
    reason: str = ""
    total: int = 0
    grouped: bool = False


@dataclass(slots=True)
class _Entry:
    """One entry of the list while it is read. `words` are outside the brackets, `spec` inside them."""

    words: list[tuple[str, str]] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    spec: str | None = None
    closed: bool = False
    wrong: str = ""

    def add(self, kind: str, text: str) -> None:
        inside = self.spec is not None and not self.closed
        if text == "<" and self.spec is None:
            self.spec = ""
        elif text == ">" and inside:
            self.closed = True
        elif inside and kind == "word":
            self.spec = (self.spec or "") + text
        elif inside or kind == "mark" or (kind == "quoted" and not _QUOTED.fullmatch(text)):
            self.wrong = self.wrong or "a character in a place where it means different things to different readers"
        elif self.closed and kind != "space":
            self.wrong = self.wrong or "text behind the address"
        else:
            self.words.append((kind, text))

    def comment(self, text: str) -> None:
        """Harmless outside the brackets when no reader can take it for an address (CVE-2023-27043)."""
        if (self.spec is not None and not self.closed) or any(char in text for char in "<>@\\"):
            self.wrong = self.wrong or "a comment that resembles an address, or stands within one"
        self.comments.append(text)

    @property
    def empty(self) -> bool:
        return self.spec is None and not self.wrong and all(kind == "space" for kind, _ in self.words)

    def address(self) -> Address:
        """Raises ValueError, with the reason, when this is not exactly one strict mailbox."""
        if self.wrong:
            raise ValueError(self.wrong)
        if self.spec is None:
            texts = [text for kind, text in self.words if kind != "space"]
            return strict(texts[0] if len(texts) == 1 else "", _shown(" ".join(self.comments)))
        if not self.closed:
            raise ValueError("a bracket that is not closed")
        if any(kind == "word" and "@" in text for kind, text in self.words):
            raise ValueError("a second address stands before the brackets")
        return strict(self.spec, _shown("".join(_unquoted(kind, text) for kind, text in self.words)))


def read_mailboxes(text: str, most: int) -> Mailboxes:
    """Read an unfolded address field (RFC 5322 3.4, narrowed). Linear, never raises; stops after `most` mailboxes."""
    found: list[Address] = []
    reasons: list[str] = []
    grouped = False
    for ending, entry, position in _entries(text):
        grouped = grouped or ending in (":", ";")
        if ending == ":" or entry.empty:
            continue
        try:
            found.append(entry.address())
        except ValueError as error:
            reasons.append(str(error))
        if len(found) + len(reasons) >= most and (rest := text[position:].strip(" ;,")):
            more = rest.count(",") + 1
            return Mailboxes(
                tuple(found), len(reasons), "".join(reasons[:1]), len(found) + len(reasons) + more, grouped
            )
    return Mailboxes(tuple(found), len(reasons), "".join(reasons[:1]), len(found) + len(reasons), grouped)


def strict(spec: str, name: str = "") -> Address:
    """One addr-spec with an ASCII local part; a domain in other letters becomes its A-labels (RFC 5890).

    Raises ValueError. What looks like an encoded word is no local part, though RFC 5322 has the characters.
    """
    if "=?" in spec or "?=" in spec:
        raise ValueError("an encoded word in the address")
    local, at, domain = spec.rpartition("@")
    if at and not domain.isascii() and len(spec) <= 254:
        spec = local + at + ".".join(_a_label(label) for label in domain.split("."))
    return parse_address(spec, name)


def _a_label(label: str) -> str:
    """Only a label that survives the way there and back: letters that merely look like others do not."""
    if label.isascii():
        return label
    encoded = encodings.idna.ToASCII(label).decode("ascii")
    if encodings.idna.ToUnicode(encoded) != unicodedata.normalize("NFC", label.lower()):
        raise ValueError("letters in the domain that are taken for other letters")
    return encoded


def _entries(text: str) -> Iterator[tuple[str, _Entry, int]]:
    """The entries of a list, each with the mark that ended it ("" at the end) and the position behind that."""
    entry, depth, opened = _Entry(), 0, 0
    grouped = False
    for token in _TOKEN.finditer(text):
        kind, mark = str(token.lastgroup), token[0]
        if depth or mark == "(":
            # Quotes mean nothing within comments, so parentheses are counted wherever they stand.
            opened = token.end() if not depth else opened
            depth += token[0].count("(") - token[0].count(")")
            if depth <= 0:
                entry.comment(text[opened : token.end() - 1])
                depth = 0
        elif _ends(entry, mark, grouped):
            yield mark, entry, token.end()
            entry, grouped = _Entry(), (grouped and mark == ",") or mark == ":"
        else:
            entry.add(kind, mark)
    if depth:
        entry.wrong = "a comment that is not closed"
    yield "", entry, len(text)


def _ends(entry: _Entry, mark: str, grouped: bool) -> bool:
    if entry.spec is not None and not entry.closed:
        return False
    return mark == "," or (mark == ";" and grouped) or (mark == ":" and not grouped and entry.spec is None)


def _unquoted(kind: str, text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if kind == "quoted" else text


def _shown(name: str) -> str:
    """A display name, decoded and safe to show; encoded words in quotes are decoded too, as senders expect."""
    return one_line(decode_words(name.replace("\t", " ")), NAME_LENGTH)
