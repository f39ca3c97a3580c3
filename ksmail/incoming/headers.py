"""The fields of a header: their words, their parameters, and what is safe to show."""

from __future__ import annotations

import binascii
import codecs
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

# RFC 2047 2; the language of RFC 2231 5 is left out. Spaces inside are wrong but common.
_WORD = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]*)\?=")
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,63}/[a-z0-9!#$&^_.+-]{1,63}", re.ASCII)
# Always matches where a quote opens, so that it stays linear: up to the closing quote or the end.
_PIECE = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|;|[^";]+', re.DOTALL)
_SEGMENT = re.compile(r"([^*\s]+)(?:\*(\d{1,9}))?(\*)?", re.ASCII)  # RFC 2231 3 and 4

# Names that senders use for a character set that is really a larger one.
_REALLY = {
    "iso8859-1": "cp1252",
    "ascii": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
# Codecs of Python that are no character sets of mail, or take quadratic time.
_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"})


@dataclass(frozen=True, slots=True)
class Field:
    """One header field. `name` is lower case; `value` are its bytes as they stand, still folded."""

    name: str
    value: bytes

    @property
    def text(self) -> str:
        """Unfolded, as characters; encoded words are left as they are (RFC 5322 2.2.3, RFC 6532)."""
        unfolded = self.value.replace(b"\r\n", b"").replace(b"\n", b"")
        return decode(unfolded, "utf-8")[0].strip()


def values(fields: Iterable[Field], name: str) -> list[str]:
    """The unfolded values of all fields with this name, from the top."""
    return [field.text for field in fields if field.name == name]


def charset_codec(charset: str) -> str | None:
    """The name of Python's codec for a character set named in a mail; None for what is no text or not known."""
    if len(charset) > 40 or not charset.isascii() or "\0" in charset:
        return None
    try:
        found = codecs.lookup(charset.strip())
        "".encode(found.name)  # compressors and the like are refused here
    except (LookupError, ValueError):
        return None
    return None if found.name in _NO_CHARSETS else _REALLY.get(found.name, found.name)


def decode(data: bytes, charset: str) -> tuple[str, bool]:
    """Bytes as characters, and whether they were what they claimed to be. Never raises."""
    named = charset_codec(charset)
    for codec in (named or "utf-8", "utf-8", "cp1252"):
        try:
            return without_surrogates(data.decode(codec)), codec == named
        except ValueError:
            continue
    return data.decode("cp1252", "replace"), False


def decode_words(text: str) -> str:
    """Decode the encoded words of RFC 2047 in an unfolded value. Never raises; what is broken stays as it is.

    Neighbours in one character set are joined before they are decoded: senders cut within a character.
    """
    shown: list[str] = []
    charset, data, end = "", b"", 0
    for word in _WORD.finditer(text):
        gap = text[end : word.start()]
        if end == 0 or gap.strip() or word[1].lower() != charset:
            shown += [decode(data, charset)[0], gap if end == 0 or gap.strip() else ""]
            data = b""
        charset, data, end = word[1].lower(), data + _word_bytes(word), word.end()
    return "".join([*shown, decode(data, charset)[0], text[end:]])


def _word_bytes(word: re.Match[str]) -> bytes:
    data = word[3].encode("utf-8", "replace")
    if word[2] in "qQ":
        return binascii.a2b_qp(data, header=True)
    return base64(data)[0]


def base64(data: bytes) -> tuple[bytes, bool]:
    """Decode base64 as far as it goes (RFC 2045 6.8), and whether it was whole. Never raises."""
    try:
        return binascii.a2b_base64(data), True
    except binascii.Error:
        kept = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        kept = kept[: len(kept) - (len(kept) % 4 == 1)]
        return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4)), False


def parameters(text: str) -> tuple[str, dict[str, str]]:
    """The first word of a Content- field in lower case, and its parameters (RFC 2045 5.1, RFC 2231)."""
    first, *rest = list(_pieces(text)) or [""]
    segments: dict[str, list[tuple[int, bool, str]]] = {}
    for piece in rest:
        name, _, value = piece.partition("=")
        if found := _SEGMENT.fullmatch(name.strip().lower()):
            # A plain name is worth less than name* or name*0: hence the rank -1, dropped by _joined().
            rank = int(found[2]) if found[2] else 0 if found[3] else -1
            segments.setdefault(found[1], []).append((rank, bool(found[3]), _unquoted(value.strip())))
    main = first.split("(", 1)[0].strip().lower()
    return main, {name: _joined(parts) for name, parts in segments.items()}


def _pieces(text: str) -> Iterator[str]:
    """Cut at the semicolons that stand outside quotes."""
    piece: list[str] = []
    for found in _PIECE.findall(text):
        if found == ";":
            yield "".join(piece)
            piece = []
        else:
            piece.append(found)
    yield "".join(piece)


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        return re.sub(r"\\(.)", r"\1", value[1:].removesuffix('"'))
    return value


def _joined(parts: list[tuple[int, bool, str]]) -> str:
    """One parameter out of its segments (RFC 2231 3 and 4): the first may name the character set."""
    extended = sorted((part for part in parts if part[0] >= 0), key=lambda part: part[0])
    if not extended:
        return parts[0][2]
    charset, data = "utf-8", b""
    for position, (_, encoded, value) in enumerate(extended):
        if encoded and position == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        data += unquote_to_bytes(value) if encoded else value.encode("utf-8", "replace")
    return decode(data, charset or "utf-8")[0]


def media_type(name: str, default: str = "text/plain") -> str:
    """`name` when it is a type and subtype (RFC 2045 5.1), else the default."""
    return name if _MEDIA_TYPE.fullmatch(name) else default


def without_surrogates(text: str) -> str:
    """Without lone surrogates, which no database and no wire takes."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "ignore").decode("utf-8")
    return text


def one_line(text: str, most: int) -> str:
    """What a stranger wrote, safe to show: one line, no controls, nothing invisible, at most `most` characters.

    Format characters (Unicode Cf: zero-width, direction, tags) go too, so that a name reads as it is stored.
    """
    if not text.isprintable():
        text = "".join(_visible(char) for char in text)
    return " ".join(text.split())[:most].rstrip()


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if char.isspace() or category in ("Zl", "Zp"):
        return " "
    return "" if category in ("Cc", "Cf", "Cs") else char
