"""From bytes to a Message."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import mailparser
from inscriptis import Inscriptis
from lxml import html as lxml_html  # type: ignore[import-untyped]  # no types published; inscriptis reads its trees

from ksmail.address import Address
from ksmail.incoming import ids, people
from ksmail.incoming.headers import Field, charset_codec, decode_words, one_line, values
from ksmail.incoming.leaves import Leaf, attachments, disposition, encryption, is_body, is_opaque_signature, leaves
from ksmail.incoming.message import KEPT_HEADERS, Message
from ksmail.incoming.prescan import Limits, Outline, survey

SUBJECT_LENGTH = 500

# What it would say holds words of the mail; what matters becomes a remark.
logging.getLogger("mailparser").setLevel(logging.CRITICAL)

_ONCE = ("date", "subject", "to", "cc", "sender", "references", "in-reply-to", "content-type", "return-path")
_REPORTS = {
    "message/delivery-status": "delivery-status",
    "message/global-delivery-status": "delivery-status",
    "message/disposition-notification": "disposition-notification",
}
_CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A)}
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\u2028\u2029]")
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0*)?\s*(?:;|\Z)", re.I
)
_ARMOUR = re.compile(r"-----BEGIN PGP MESSAGE-----.*?(?:-----END PGP MESSAGE-----|\Z)", re.DOTALL)


def parse(raw: bytes, limits: Limits) -> Message:
    """Read a mail. Pure; raises UnreadableMail when it is none, or is beyond the limits.

    Its header, its structure and its author are read by rules of our own, so that there is one reading of them;
    mail-parser turns its parts into text, reads its date, and is heard about its author.
    """
    outline = survey(raw, limits)
    fields = outline.fields
    found = list(leaves(raw, outline))
    sha256 = hashlib.sha256(raw).hexdigest()
    message_id, given, no_id = ids.message_id(fields, sha256)
    sender, ambiguity = people.author(fields)
    reply_to, no_reply_to = people.reply_to(fields)
    to, to_remarks = people.recipients(fields, "to", limits)
    cc, cc_remarks = people.recipients(fields, "cc", limits)
    date, opinions = _second_opinion(fields, sender)
    text = _Text(raw, outline, found, limits)
    remarks = [*outline.remarks, no_id, no_reply_to, *to_remarks, *cc_remarks, *_repeated(fields), *opinions]
    remarks += [*(leaf.remark for leaf in found), *text.remarks]
    if any(map(is_opaque_signature, found)):
        remarks.append("opaque S/MIME signature: the text stands inside the attachment")
    return Message(
        content_id=ids.content_id(fields, ((leaf.content_type, leaf.canonical) for leaf in found)),
        raw_sha256=sha256,
        message_id=message_id,
        message_id_given=given,
        sender=sender,
        ambiguity=ambiguity,
        reply_to=reply_to,
        to=to,
        cc=cc,
        return_path=people.return_path(fields),
        subject=one_line(decode_words("".join(values(fields, "subject")[:1])), SUBJECT_LENGTH),
        in_reply_to=ids.in_reply_to(fields),
        references=ids.references(fields),
        date=date,
        text=text.text,
        text_from_html=text.from_html,
        attachments=attachments(leaf for leaf in found if not is_body(leaf)),
        content_type=outline.parts[0].content_type,
        report_type=_report_type(outline, found),
        encrypted=encryption(outline, found) or _inline_pgp(text.text),
        headers=_kept(fields),
        remarks=tuple(dict.fromkeys(filter(None, remarks))),
    )


def _repeated(fields: Sequence[Field]) -> Iterator[str]:
    """Fields that may stand once (RFC 5322 3.6) and stand more often."""
    names = [field.name for field in fields]
    for name in _ONCE:
        if names.count(name) > 1:
            yield f"more than one {name.title()} field"


def _second_opinion(fields: Sequence[Field], sender: Address | None) -> tuple[datetime | None, list[str]]:
    """The date that mail-parser reads, UTC; and a remark where it reads another author than we do."""
    dates = [text[:200] for text in values(fields, "date")[:1]]
    authors = [text[:2000] for text in values(fields, "from")[:1] if sender]
    lines = [*(f"Date: {text}" for text in dates), *(f"From: {text}" for text in authors)]
    parsed: Any = mailparser.parse_from_bytes("\r\n".join([*lines, "", ""]).encode())
    date = _utc(parsed.date)
    remarks = ["a Date that is none"] if dates and date is None else []
    if sender and [spec.lower() for _, spec in parsed.from_] != [sender.spec.lower()]:
        remarks.append("another parser reads another author")
    return date, remarks


def _utc(date: datetime | None) -> datetime | None:
    try:
        return date and date.replace(tzinfo=date.tzinfo or UTC).astimezone(UTC)
    except OverflowError:
        return None


def _kept(fields: Sequence[Field]) -> tuple[tuple[str, str], ...]:
    """The headers that the classifiers look at, one line each.

    Encoded words stay as they are: decoded, they could forge a clause in a field that a border server wrote.
    """
    return tuple(
        (field.name, "".join(char if char >= " " and char != "\x7f" else " " for char in field.text))
        for field in fields
        if field.name in KEPT_HEADERS
    )


def _report_type(outline: Outline, found: Sequence[Leaf]) -> str:
    """What a report reports (RFC 6522): by its parts first, which is harder to get wrong than its label."""
    for leaf in found:
        if leaf.content_type in _REPORTS:
            return _REPORTS[leaf.content_type]
    top = outline.parts[0]
    return top.parameters.get("report-type", "").lower()[:60] if top.content_type == "multipart/report" else ""


def _inline_pgp(text: str) -> str:
    armoured = sum(len(block) for block in _ARMOUR.findall(text))
    return "PGP inline" if armoured * 2 > len(text) else ""


class _Text:
    """The words of a mail: of each alternative the plain one, or else the HTML; files left out."""

    def __init__(self, raw: bytes, outline: Outline, found: Sequence[Leaf], limits: Limits) -> None:
        self.raw = raw
        self.outline = outline
        self.limits = limits
        self.leaves = {leaf.part.place: leaf for leaf in found}
        self.inside: dict[int, list[int]] = {}
        for part in outline.parts[1:]:
            self.inside.setdefault(part.parent, []).append(part.place)
        self.known: dict[int, str] = {}
        self.remarks: list[str] = []
        chosen = self._bodies(0) or self._named()
        self.from_html = any(leaf.content_type == "text/html" for leaf in chosen)
        self.text = self._joined(chosen)

    def _bodies(self, place: int) -> list[Leaf]:
        """The leaves to read, below this part. No deeper than the limit of the pre-scan."""
        if leaf := self.leaves.get(place):
            return [leaf] if is_body(leaf) and self._words(leaf) else []
        choices = [self._bodies(inner) for inner in self.inside.get(place, [])]
        if self.outline.parts[place].content_type != "multipart/alternative":
            return [leaf for choice in choices for leaf in choice]
        plain = [choice for choice in choices if any(leaf.content_type == "text/plain" for leaf in choice)]
        return next(iter(plain or [choice for choice in reversed(choices) if choice]), [])

    def _named(self) -> list[Leaf]:
        """A text with a file name, when there is nothing else to read."""
        return [
            leaf
            for leaf in self.leaves.values()
            if leaf.content_type in ("text/plain", "text/html") and disposition(leaf.part)[0] != "attachment"
        ][:1]

    def _joined(self, chosen: Sequence[Leaf]) -> str:
        text = "\n\n".join(filter(None, (self._words(leaf) for leaf in chosen)))
        if len(text.encode()) > self.limits.text:
            self.remarks.append(f"text cut at {self.limits.text} octets (limit text)")
            text = text.encode()[: self.limits.text].decode("utf-8", "ignore")
        return text

    def _words(self, leaf: Leaf) -> str:
        place = leaf.part.place
        if place not in self.known:
            text = self._decoded(leaf)
            if leaf.content_type == "text/html":
                text = _tidy(self._from_html(text))
            self.known[place] = text.strip("\n").rstrip()
        return self.known[place]

    def _decoded(self, leaf: Leaf) -> str:
        """The characters of a text, by mail-parser; in the character set it claims, or else UTF-8, or else cp1252."""
        claimed = leaf.part.parameters.get("charset", "")
        body = self._body(leaf)
        text, whole = _characters(body, leaf.part.encoding, charset_codec(claimed) or "utf-8")
        if not whole and "\ufffd" in text:
            text, _ = _characters(body, leaf.part.encoding, "cp1252")
        if not whole or (claimed and charset_codec(claimed) is None):
            self.remarks.append("lossy: a text that is not in the character set it claims")
        return _tidy(text)

    def _body(self, leaf: Leaf) -> bytes:
        """The encoded body, cut at a line end far beyond what is kept of it."""
        body = self.raw[leaf.part.start : leaf.part.end]
        most = 4 * self.limits.text
        if len(body) <= most:
            return body
        self.remarks.append(f"text cut at {self.limits.text} octets (limit text)")
        return body[: body.rfind(b"\n", 0, most) + 1] or body[:most]

    def _from_html(self, text: str) -> str:
        """What a reader of the HTML sees; nothing is fetched, and what is hidden stays away."""
        if len(text) > self.limits.text:
            self.remarks.append(f"HTML cut at {self.limits.text} characters (limit text)")
        parser = lxml_html.HTMLParser(encoding="utf-8")
        try:
            tree = lxml_html.document_fromstring(text[: self.limits.text].encode(), parser=parser)
        except lxml_html.etree.ParserError:
            return ""
        for element in tree.iter(lxml_html.etree.Element):
            if _is_unseen(element):
                element.set("style", "display:none")
        return str(Inscriptis(tree).get_text())


def _characters(body: bytes, encoding: str, codec: str) -> tuple[str, bool]:
    """A body as text, and whether all of it was in the character set.

    mail-parser takes 7-bit bodies for ASCII whatever they claim to be, which ISO-2022-JP is not: hence "binary".
    """
    encoding = encoding if encoding in ("base64", "quoted-printable") else "binary"
    head = f"Content-Type: text/plain; charset={codec}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    parsed: Any = mailparser.parse_from_bytes(head.encode("ascii") + body)
    return "".join(parsed.text_plain), "CharsetDecodeDefect" not in parsed.defects_categories


def _tidy(text: str) -> str:
    """Line ends as \\n, without control characters, lone surrogates and a byte order mark."""
    text = _LINE_ENDS.sub("\n", text).translate(_CONTROLS).removeprefix("\ufeff")
    return text.encode("utf-8", "ignore").decode("utf-8")


def _is_unseen(element: Any) -> bool:
    """Hidden by an attribute or by its own style; style sheets are not read. inscriptis knows script and style."""
    first, *rest = (element.get("style") or "").split("/*")
    style = first + "".join(piece.partition("*/")[2] for piece in rest)
    return element.tag == "template" or "hidden" in element.attrib or bool(_UNSEEN.search(style))
