"""The leaves of a mail: their bytes, which are files, and which cannot be read."""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from ksmail.incoming.filenames import distinct, safe_name
from ksmail.incoming.headers import base64, parameters, values
from ksmail.incoming.message import Attachment
from ksmail.incoming.outline import Outline, Part

_AS_IT_IS = frozenset({"", "7bit", "8bit", "binary"})
_TEXTS = frozenset({"text/plain", "text/html"})
_PKCS7 = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
# What a CMS object contains, as DER (RFC 5652 and RFC 5083): signed data, and what is no secret either.
_CMS = bytes.fromhex("2a864886f70d0107")
_OPEN_CMS = frozenset({b"\x02", b"\x05"})


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part without parts, or a forwarded mail as one thing. `sha256` and `size` are of the decoded bytes."""

    part: Part
    data_start: bytes
    size: int
    sha256: str
    canonical: str
    remark: str = ""

    @property
    def content_type(self) -> str:
        """The type; that of a multipart in which no part stands is text/plain, so that nothing is hidden."""
        return "text/plain" if self.part.content_type.startswith("multipart/") else self.part.content_type


def leaves(raw: bytes, outline: Outline) -> Iterator[Leaf]:
    """Decode each leaf in turn; what is within a forwarded mail belongs to that mail and is left out."""
    hidden: set[int] = set()
    for part in outline.parts:
        if part.parent in hidden or (part.parent >= 0 and outline.parts[part.parent].is_message):
            hidden.add(part.place)
        elif not part.container or part.is_message:
            yield _leaf(raw, part)


def _leaf(raw: bytes, part: Part) -> Leaf:
    data, remark = transfer_decoded(raw[part.start : part.end], part.encoding)
    canonical = sha256 = hashlib.sha256(data).hexdigest()
    if part.content_type.startswith(("text/", "message/", "multipart/")):
        # Ways differ in line ends and in empty lines at the end, and in nothing else that a reader sees.
        canonical = hashlib.sha256(data.replace(b"\r\n", b"\n").rstrip()).hexdigest()
    return Leaf(part, data[:4096], len(data), sha256, canonical, remark)


def transfer_decoded(body: bytes, encoding: str) -> tuple[bytes, str]:
    """Undo the Content-Transfer-Encoding (RFC 2045 6), with a remark when it was not what it claimed."""
    match encoding:
        case "base64":
            data, whole = base64(body)
            return data, "" if whole else "broken base64"
        case "quoted-printable":
            return binascii.a2b_qp(body), ""
        case _ if encoding in _AS_IT_IS:
            return body, ""
    return body, "a transfer encoding that is not known"


def disposition(part: Part) -> tuple[str, str]:
    """The first word of Content-Disposition (RFC 2183), and the file name from there or from Content-Type."""
    shown, given = parameters("".join(values(part.fields, "content-disposition")[:1]))
    return shown, given.get("filename") or part.parameters.get("name", "")


def is_body(leaf: Leaf) -> bool:
    """Whether a leaf is there to be read with the mail, rather than a file that came with it."""
    shown, name = disposition(leaf.part)
    return leaf.content_type in _TEXTS and shown != "attachment" and not name


def attachments(files: Iterator[Leaf]) -> tuple[Attachment, ...]:
    """The files of a mail, with names that are safe and differ."""
    taken: dict[str, int] = {}
    return tuple(
        Attachment(
            name=distinct(safe_name(disposition(leaf.part)[1], leaf.content_type, number), taken),
            content_type=leaf.content_type,
            size=leaf.size,
            sha256=leaf.sha256,
        )
        for number, leaf in enumerate(files, start=1)
    )


def encryption(outline: Outline, found: list[Leaf]) -> str:
    """ "PGP/MIME" (RFC 3156 4), "S/MIME" (RFC 8551 3.3) or "", by the parts; signed data is not encrypted."""
    if any(leaf.part.content_type == "multipart/encrypted" for leaf in found):
        return "PGP/MIME"
    visible = {leaf.part.parent for leaf in found}
    if any(part.content_type == "multipart/encrypted" for part in outline.parts if part.place in visible):
        return "PGP/MIME"
    return "S/MIME" if any(_is_enveloped(leaf) for leaf in found) else ""


def is_opaque_signature(leaf: Leaf) -> bool:
    """Whether the text of the mail stands inside an S/MIME object that is signed only (RFC 8551 3.5.2)."""
    return _is_cms(leaf) and not _is_enveloped(leaf)


def _is_cms(leaf: Leaf) -> bool:
    named = leaf.content_type == "application/octet-stream" and disposition(leaf.part)[1].lower() == "smime.p7m"
    return leaf.content_type in _PKCS7 or named


def _is_enveloped(leaf: Leaf) -> bool:
    """By what it holds, and where that cannot be seen by what it says; unsure counts as encrypted."""
    if not _is_cms(leaf):
        return False
    at = leaf.data_start[:64].find(_CMS)
    if at >= 0:
        return leaf.data_start[at + len(_CMS) : at + len(_CMS) + 1] not in _OPEN_CMS
    return leaf.part.parameters.get("smime-type", "").lower() not in ("signed-data", "certs-only", "compressed-data")
