"""What stands in the files of a mail, what is packed in them, and whether they still show how they came about."""

from __future__ import annotations

import binascii
import html
import quopri
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo, is_zipfile

MOST_UNPACKED = 20 * 1024 * 1024  # bytes, of all files of one mail together
MOST_OF_A_MEMBER = 10 * 1024 * 1024
MOST_MEMBERS = 2000
MOST_ELEMENTS = 500_000
MOST_CHARACTERS = 4_000_000

_WORD_NAMES = frozenset({
    "ins", "del", "moveFrom", "moveTo", "moveFromRangeStart", "moveToRangeStart", "rPrChange", "pPrChange",
    "sectPrChange", "tblPrChange", "tblPrExChange", "tblGridChange", "trPrChange", "tcPrChange", "numberingChange",
    "cellIns", "cellDel", "cellMerge", "comment",
})  # fmt: skip
# ECMA-376 part 1, 17.13 (revisions, comments) and 18.7; ISO/IEC 29500 strict; OpenDocument 1.3 part 3, 5.5 and 14.1.
_TRACKED = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": _WORD_NAMES,
    "http://purl.oclc.org/ooxml/wordprocessingml/main": _WORD_NAMES,
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main": frozenset({"comment"}),
    "http://purl.oclc.org/ooxml/spreadsheetml/main": frozenset({"comment"}),
    "http://schemas.openxmlformats.org/presentationml/2006/main": frozenset({"cm"}),
    "urn:oasis:names:tc:opendocument:xmlns:text:1.0": frozenset({"changed-region"}),
    "urn:oasis:names:tc:opendocument:xmlns:office:1.0": frozenset({"annotation"}),
}
_BREAKS = frozenset({"p", "h", "br", "cr", "tc", "si", "is", "line-break", "table-cell"})
_TEXTS = frozenset({"t", "delText", "instrText"})  # what was deleted leaks as well as what stands
_LINKS = ("Target", "http://www.w3.org/1999/xlink href")
_OFFICE = re.compile(r"(?:word|xl|ppt)/(?:[^/]+/)?[^/]+\.(?:xml|rels)|(?:content|styles)\.xml", re.IGNORECASE)
_DOCUMENT = re.compile(r"(?:\[content_types\]|word/document\d*|content)\.xml", re.IGNORECASE)
_CLAIMS = re.compile(r".*(?:\.(?:doc|dot)[xm]?|\.f?od[tsp]|\.ott|\.zip)", re.IGNORECASE | re.DOTALL)
_CLAIMED_TYPE = re.compile(r"application/.*(?:msword|ms-word|wordprocessingml|opendocument\.text|[/-]zip).*", re.I)
_TEXT_NAME = re.compile(r".*\.(?:txt|csv|tsv|md|x?html?|xml|eml|json|log|rtf|ics|vcf)", re.IGNORECASE | re.DOTALL)
_MARKED_UP = re.compile(r".*\.(?:x?html?|xml)", re.IGNORECASE | re.DOTALL)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # [MS-CFB] 2.2: Word of before 2007, and whatever Office encrypts
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # [MS-OFFCRYPTO] 2.3.4
_INLINE = re.compile(r"</?(?:a|b|big|code|em|font|i|mark|s|small|span|strong|sub|sup|u)(?:\s[^<>]*)?>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_VALUE = re.compile(
    r"""\b(?:href|src|alt|title|content|value)\s{0,9}=\s{0,9}(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.I
)
_BASE64 = re.compile(rb"(?:^[A-Za-z0-9+/]{60,76}\r?\n)+[A-Za-z0-9+/]*={0,2}|^[A-Za-z0-9+/]{24,76}={0,2}\r?$", re.M)


class _Unreadable(Exception):
    """A file that should be looked into and cannot be."""


_BROKEN = (
    _Unreadable,
    BadZipFile,
    zlib.error,
    expat.ExpatError,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,  # a password, and NotImplementedError: a method of packing that zipfile does not know
    ValueError,
    LookupError,
    OverflowError,
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file, or what is packed in one (then the name is "outer: inner"): its bytes and its words, as far as read."""

    name: str
    data: bytes
    text: str = ""
    tracked: bool = False
    readable: bool = True


def opened(files: Iterable[tuple[str, str, bytes]]) -> tuple[Opened, ...]:
    """Every file (name, content type, bytes) and what archives among them hold, within limits. Never raises."""
    opener = _Opener()
    return tuple(found for name, kind, data in files for found in opener.open(name, kind, data, 0))


class _Opener:
    """Opens files until what it may unpack and read has been used up."""

    def __init__(self) -> None:
        self._bytes = MOST_UNPACKED
        self._elements = MOST_ELEMENTS
        self._characters = MOST_CHARACTERS

    def open(self, name: str, kind: str, data: bytes, depth: int) -> list[Opened]:
        """The file first, then its members. A file that breaks half-way keeps the members read until then."""
        inside: list[Opened] = []
        try:
            text, tracked = self._look(name, kind, data, depth, inside)
        except _BROKEN:
            return [Opened(name, data, readable=False), *inside]
        return [Opened(name, data, text, tracked), *inside]

    def _look(self, name: str, kind: str, data: bytes, depth: int, inside: list[Opened]) -> tuple[str, bool]:
        claims = bool(_CLAIMS.fullmatch(name) or _CLAIMED_TYPE.fullmatch(kind))
        if data.startswith(b"PK\x03\x04") or is_zipfile(BytesIO(data)):
            return self._zip(name, data, depth, inside)
        if claims or (data.startswith(_OLE) and _ENCRYPTED in data):
            raise _Unreadable
        if data.startswith(b"%PDF-"):
            return "", False
        return self._counted(_text(name, kind.lower(), data)), False

    def _counted(self, text: str) -> str:
        self._characters -= len(text)
        if self._characters < 0:
            raise _Unreadable
        return text

    def _zip(self, name: str, data: bytes, depth: int, inside: list[Opened]) -> tuple[str, bool]:
        # Before zipfile builds an object for each. A signature may stand inside a member too: then we err on this side.
        if data.count(b"PK\x01\x02") > MOST_MEMBERS or depth > 1:
            raise _Unreadable
        with ZipFile(BytesIO(data)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if any(_DOCUMENT.fullmatch(_path(member)) for member in members):
                return self._document(archive, [member for member in members if _OFFICE.fullmatch(_path(member))])
            for member in members:
                content = self._unpacked(archive, member)
                inside += self.open(f"{name}: {member.filename}", "", content, depth + 1)
        return "", False

    def _document(self, archive: ZipFile, members: list[ZipInfo]) -> tuple[str, bool]:
        if not members:
            raise _Unreadable
        readings = []
        for member in members:
            reading = _Reading(self._elements, mixed="/" not in _path(member))
            reading.read(self._unpacked(archive, member))
            self._elements = reading.left
            readings.append(reading)
        return self._counted("\n".join(reading.text for reading in readings)), any(r.tracked for r in readings)

    def _unpacked(self, archive: ZipFile, member: ZipInfo) -> bytes:
        """One member. Other ways of packing than deflate may ask for gigabytes before the first byte comes out."""
        most = min(self._bytes, MOST_OF_A_MEMBER)
        if member.flag_bits & 1 or member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise _Unreadable
        with archive.open(member) as stream:
            data = stream.read(most + 1)
        self._bytes -= min(len(data), most)
        if len(data) > most:
            raise _Unreadable
        return data


class _Reading:
    """One XML part of a document. Expat resolves namespaces, whatever the prefixes; it never fetches anything, and a
    document type is refused, so that there are no entities at all."""

    def __init__(self, left: int, *, mixed: bool) -> None:
        self.left = left
        self.tracked = False
        self._mixed = mixed  # OpenDocument: text may stand in any element
        self._on = mixed
        self._pieces: list[str] = []
        self._links: list[str] = []

    @property
    def text(self) -> str:
        """What stands in it, a paragraph on a line; what it links to comes last."""
        return "\n".join(("".join(self._pieces), *self._links))

    def read(self, data: bytes) -> None:
        """Raises ExpatError for what is not well-formed, _Unreadable for a document type or too many elements."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse
        parser.Parse(data, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.left -= 1
        if self.left < 0:
            raise _Unreadable
        space, _separator, local = name.rpartition(" ")
        self.tracked = self.tracked or local in _TRACKED.get(space, ())
        self._on = self._mixed or local in _TEXTS
        self._links += [attributes[link] for link in _LINKS if link in attributes]
        if local in _BREAKS:
            self._pieces.append("\n")
        elif local in ("tab", "s"):
            self._pieces.append(" ")

    def _end(self, _: str) -> None:
        self._on = self._mixed

    def _characters(self, text: str) -> None:
        if self._on:
            self._pieces.append(text)

    def _refuse(self, *_: object) -> None:
        raise _Unreadable


def _path(member: ZipInfo) -> str:
    return member.filename.replace("\\", "/").lstrip("/")


def _text(name: str, kind: str, data: bytes) -> str:
    """The words of a file that says it is text, or that reads as UTF-8; "" for any other."""
    if kind == "message/rfc822" or name.lower().endswith(".eml"):
        return "\n".join(_mail(data))
    if not (kind.startswith("text/") or _TEXT_NAME.fullmatch(name) or _is_text(data)):
        return ""
    text = _decoded(data)
    return _without_tags(text) if kind == "text/html" or _MARKED_UP.fullmatch(name) else text


def _mail(data: bytes) -> Iterator[str]:
    """An enclosed mail: as it stands, its quoted-printable read, and each stretch of base64 that is text."""
    yield _without_tags(_decoded(quopri.decodestring(data)))
    for match in _BASE64.finditer(data):
        block = b"".join(match[0].split())
        decoded = binascii.a2b_base64(block[: len(block) - len(block) % 4])
        if _is_text(decoded):
            yield _without_tags(_decoded(decoded))


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _without_tags(text: str) -> str:
    """HTML without its tags; what goes out unseen stays: comments, and the values of attributes at the end."""
    text = text.replace("<!--", "\n").replace("-->", "\n")
    values = ["".join(found) for tag in _TAG.findall(text) for found in _VALUE.findall(tag)]
    return html.unescape("\n".join((_TAG.sub("\n", _INLINE.sub("", text)), *values)))
