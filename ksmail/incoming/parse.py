"""From bytes to a Message."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.errors import MessageError
from typing import Any

import mailparser
from inscriptis import Inscriptis
from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.model.config import ParserConfig
from lxml import html as lxml_html  # type: ignore[import-untyped]  # no types published; inscriptis reads its trees

from ksmail.address import Address
from ksmail.incoming import ids, people
from ksmail.incoming.bounce import read_report
from ksmail.incoming.headers import Field, decode_words, one_line, values
from ksmail.incoming.leaves import Leaf, attachments, encryption, is_body, is_opaque_signature, leaves
from ksmail.incoming.limits import Limits
from ksmail.incoming.mailboxes import strict
from ksmail.incoming.markup import mark, quoted, seen
from ksmail.incoming.message import KEPT_HEADERS, Message
from ksmail.incoming.outline import Outline
from ksmail.incoming.prescan import survey
from ksmail.incoming.quotes import enclose
from ksmail.incoming.text import Text

SUBJECT_LENGTH = 500

_ONCE = ("date", "subject", "to", "cc", "sender", "references", "in-reply-to", "content-type", "return-path")
_REPORTS = {
    "message/delivery-status": "delivery-status",
    "message/global-delivery-status": "delivery-status",
    "message/disposition-notification": "disposition-notification",
}
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
    text = Text(raw, outline, found, limits, _characters, _plain)
    remarks = [*outline.remarks, no_id, no_reply_to, *to_remarks, *cc_remarks, *_repeated(fields), *opinions]
    remarks += [*(leaf.remark for leaf in found), *text.remarks, _opaque(found)]
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
        recipients_cut=any(people.CUT in remark for remark in (*to_remarks, *cc_remarks)),
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
        report=read_report(raw, outline, found, text.text),
        encrypted=encryption(outline, found) or _inline_pgp(text.text),
        headers=_kept(fields),
        remarks=tuple(dict.fromkeys(filter(None, remarks))),
    )


def _opaque(found: Sequence[Leaf]) -> str:
    opaque = any(map(is_opaque_signature, found))
    return "opaque S/MIME signature: the text stands inside the attachment" if opaque else ""


def _repeated(fields: Sequence[Field]) -> Iterator[str]:
    """Fields that may stand once (RFC 5322 3.6) and stand more often."""
    names = [field.name for field in fields]
    for name in _ONCE:
        if names.count(name) > 1:
            yield f"more than one {name.title()} field"


def _second_opinion(fields: Sequence[Field], sender: Address | None) -> tuple[datetime | None, list[str]]:
    """The date that mail-parser reads, UTC; and a remark where it reads another author than we do."""
    dates = [f"Date: {text[:200]}" for text in values(fields, "date")[:1]]
    authors = [f"From: {text[:2000]}" for text in values(fields, "from")[:1] if sender]
    parsed = _heard(*dates, *authors) or _heard(*dates)
    date = _utc(parsed.date) if parsed else None
    remarks = ["a Date that is none"] if dates and date is None else []
    if sender and not (parsed and _is_only(sender, [spec for _, spec in parsed.from_])):
        remarks.append("another parser reads another author")
    return date, remarks


def _heard(*lines: str) -> Any:
    """What mail-parser makes of a header; None where it fails, as it does on a name in broken base64."""
    try:
        return mailparser.parse_from_bytes("\r\n".join([*lines, "", ""]).encode())
    except (MessageError, ValueError, LookupError):
        return None


def _is_only(sender: Address, specs: Sequence[str]) -> bool:
    try:
        return [strict(spec) for spec in specs] == [sender]
    except ValueError:
        return False


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


def _characters(data: bytes, codec: str) -> tuple[str, bool]:
    """Bytes as text, by mail-parser, and whether all of them were in the character set.

    It takes 7-bit bodies for ASCII whatever they claim to be, which ISO-2022-JP is not: hence "binary".
    """
    head = f"Content-Type: text/plain; charset={codec}\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    parsed: Any = mailparser.parse_from_bytes(head.encode("ascii") + data)
    return "".join(parsed.text_plain), "CharsetDecodeDefect" not in parsed.defects_categories


def _plain(text: str) -> tuple[str, str]:
    """What a reader of the HTML sees, by inscriptis, and a remark. Nothing is fetched; what is hidden stays away."""
    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=True)  # long conversations nest beyond the usual 256
    try:
        tree = lxml_html.document_fromstring(text.encode(), parser=parser)
    except lxml_html.etree.ParserError:
        return "", ""
    enclose(tree)
    mark(tree.iter(lxml_html.etree.Element))
    cut = any("depth" in entry.message for entry in parser.error_log)
    try:
        words = quoted(Inscriptis(tree, ParserConfig(css=STRICT_CSS_PROFILE)).get_text())
    except RecursionError:
        return quoted("\n".join(seen(tree))), "HTML nested too deep: its words without its layout"
    return words, "HTML nested too deep: what is deeper is left out" if cut else ""
