"""Where everything stands in a mail: its header blocks and its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ksmail.errors import UnreadableMail
from ksmail.incoming.bounds import RECIPIENTS, check_fields
from ksmail.incoming.headers import Field, media_type, parameters
from ksmail.incoming.limits import Limits

_NAME = re.compile(rb"([!-9;-~]++)[ \t]*+:")  # RFC 5322 3.6.8
_TAIL = re.compile(rb"(--)?[ \t\r]*+(?:\n|\Z)")  # what may follow a boundary (RFC 2046 5.1.1)


@dataclass(slots=True, eq=False)
class Part:
    """A leaf or a container of the MIME tree (RFC 2045). Its body stands at `start` to `end` in the raw mail.

    `place` is its own place in Outline.parts, `parent` that of its container, -1 for the mail itself. A container has
    parts; a multipart in which no boundary ever stands is none. `boundary` and `next` are the scanner's own.
    """

    fields: list[Field]
    content_type: str
    parameters: dict[str, str]
    encoding: str
    start: int
    end: int
    place: int
    parent: int
    depth: int
    container: bool = False
    boundary: bytes = b""
    next: int = -1

    @property
    def is_message(self) -> bool:
        return self.content_type in ("message/rfc822", "message/global", "message/news")


@dataclass(slots=True)
class Outline:
    """Where everything in a mail stands: its parts in the order in which they come, the mail itself first."""

    parts: list[Part] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def fields(self) -> list[Field]:
        return self.parts[0].fields


class Scanner:
    """Walks over the delimiter lines; keeps the parts that are open, the innermost last."""

    def __init__(self, raw: bytes, limits: Limits) -> None:
        self.raw = raw
        self.limits = limits
        self.outline = Outline()
        self.open: list[Part] = []
        self.position = 0
        self.fields = 0
        self.misses = 0

    def run(self, start: int) -> None:
        if not _NAME.match(self.raw, start):
            raise UnreadableMail("the mail does not begin with a header field")
        self._open(start, -1, "text/plain")
        for owner, tail in self._delimiters():
            self._close_above(owner, owner.next)
            self.position = tail.end()
            if tail[1]:
                owner.end, owner.boundary = tail.end(), b""
                self.open.pop()
            else:
                owner.container = True
                default = "message/rfc822" if owner.content_type == "multipart/digest" else "text/plain"
                self._open(tail.end(), owner.place, default)
        if any(part.boundary for part in self.open):
            self.outline.remarks.append("a MIME part without its closing boundary")

    def _open(self, start: int, parent: int, default: str) -> None:
        """Open the part whose header begins at `start`; and the mail in it, when it is a forwarded one."""
        while True:
            part = self._part(start, parent, default)
            self.outline.parts.append(part)
            self.open.append(part)
            self.position = part.start
            if not (part.is_message and part.encoding not in ("base64", "quoted-printable")):
                return
            part.container = True
            start, parent, default = part.start, part.place, "text/plain"

    def _part(self, start: int, parent: int, default: str) -> Part:
        depth = 1 if parent < 0 else self.outline.parts[parent].depth + 1
        if depth > self.limits.depth:
            raise UnreadableMail(f"MIME parts nested more than {self.limits.depth} deep (limit depth)")
        if len(self.outline.parts) >= self.limits.parts:
            raise UnreadableMail(f"more than {self.limits.parts} MIME parts (limit parts)")
        fields, body = self._block(start, top=parent < 0)
        typed = [field.text for field in fields if field.name == "content-type"]
        main, given = parameters(typed[0]) if typed else (default, {})
        encodings = [field.text.lower() for field in fields if field.name == "content-transfer-encoding"]
        place, end = len(self.outline.parts), len(self.raw)
        part = Part(fields, media_type(main), given, "".join(encodings[:1]), body, end, place, parent, depth)
        if part.content_type.startswith("multipart/") and (boundary := given.get("boundary", "").rstrip()):
            part.boundary = boundary.encode("utf-8", "replace")
        return part

    def _block(self, start: int, *, top: bool) -> tuple[list[Field], int]:
        """Read a header block and check it; with where the body begins."""
        fields: list[Field] = []
        sizes = {True: 0, False: 0}
        position = start
        for name, value, position in self._lines(start):  # noqa: B007  the last position is used below
            sizes[name in RECIPIENTS] += len(name) + len(value)
            if sizes[False] > self.limits.header_block:
                raise UnreadableMail(f"more than {self.limits.header_block} octets of header (limit header_block)")
            if sizes[True] > self.limits.recipient_fields:
                raise UnreadableMail(
                    f"more than {self.limits.recipient_fields} octets of recipients (limit recipient_fields)"
                )
            fields.append(Field(name, value))
            self._count(fields)
        check_fields(fields, self.limits)
        return fields, self._body(position, fields, top=top)

    def _lines(self, position: int) -> Iterator[tuple[str, bytes, int]]:
        """Name, value and end of each field, until something comes that is none."""
        raw = self.raw
        while found := _NAME.match(raw, position):
            if raw.startswith(b"--", position) and self._is_delimiter(position):
                return
            most = self.limits.recipient_fields if found[1].lower() in (b"to", b"cc", b"bcc") else None
            position = self._end_of_field(position, most or self.limits.header_field)
            yield found[1].decode("ascii").lower(), raw[found.end() : position].rstrip(b"\r\n"), position

    def _end_of_field(self, start: int, most: int) -> int:
        """Behind the last line of a field: the lines that begin with a space or tab belong to it."""
        raw, end = self.raw, start
        while end == start or raw[end : end + 1] in (b" ", b"\t"):
            end = raw.find(b"\n", end) + 1 or len(raw)
            if end - start > most:
                raise UnreadableMail(f"a header field of more than {most} octets (limit header_field)")
            if end == len(raw):
                break
        return end

    def _count(self, fields: list[Field]) -> None:
        self.fields += 1
        most = self.limits.header_fields
        if len(fields) > most or self.fields > 10 * most:
            raise UnreadableMail(f"more than {most} header fields (limit header_fields)")

    def _body(self, position: int, fields: list[Field], *, top: bool) -> int:
        """Behind the empty line that ends a header block."""
        end = self.raw.find(b"\n", position) + 1 or len(self.raw)
        if not self.raw[position:end].strip(b"\r\n"):
            return end
        if top and not any(field.name == "from" for field in fields):
            raise UnreadableMail("a line in the header block is no header field, and there is no From above it")
        if not self._is_delimiter(position):
            self.outline.remarks.append("no empty line between header and body")
        return position

    def _delimiters(self) -> Iterator[tuple[Part, re.Match[bytes]]]:
        """The boundary lines of the open parts, with what stands behind the boundary."""
        while waiting := [part for part in self.open if part.boundary]:
            for part in waiting:
                if part.next < self.position:
                    part.next = self._find(part, self.position)
            owner = min(waiting, key=lambda part: (part.next, -part.depth))
            if owner.next > len(self.raw):
                return
            tail = _TAIL.match(self.raw, owner.next + 2 + len(owner.boundary))
            if tail:
                yield owner, tail
            else:
                self._missed(owner)

    def _find(self, part: Part, position: int) -> int:
        found = self.raw.find(b"\n--" + part.boundary, max(position - 1, 0))
        return found + 1 if found >= 0 else len(self.raw) + 1

    def _missed(self, part: Part) -> None:
        self.misses += 1
        if self.misses > 20 * self.limits.parts:
            raise UnreadableMail(f"more than {20 * self.limits.parts} lines that resemble boundaries (limit parts)")
        part.next = self._find(part, part.next + 1)

    def _is_delimiter(self, position: int) -> bool:
        return any(
            part.boundary
            and self.raw.startswith(b"--" + part.boundary, position)
            and _TAIL.match(self.raw, position + 2 + len(part.boundary))
            for part in self.open
        )

    def _close_above(self, owner: Part, position: int) -> None:
        """End the parts inside `owner`; the line end before a boundary belongs to the boundary."""
        end = position - 1
        end -= self.raw[end - 1 : end] == b"\r"
        while self.open[-1] is not owner:
            part = self.open.pop()
            part.end = max(part.start, end)
