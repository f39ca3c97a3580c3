"""From texts and headers to the bytes of a mail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

from ksmail.address import Address
from ksmail.incoming.message import Attachment
from ksmail.outgoing.harmless import one_line

_MOST_OF_A_SUBJECT = 200
_MOST_LATER_REFERENCES = 8
_CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}", re.ASCII)
_MESSAGE_ID = re.compile(r"<[!-;=?A-~]{1,200}@[!-;=?A-~]{1,120}>", re.ASCII)


class _Wire(EmailPolicy):
    """Lines of at most 76 octets, folded with more care than the standard library takes with long words.

    It would write a long Message-ID as an encoded-word, which RFC 2047 5 forbids, and a long word of a subject with a
    space too many.
    """

    def fold(self, name: str, value: str) -> str:
        if name in {"Message-ID", "In-Reply-To", "References", "To", "Cc", "Reply-To"}:
            return f"{name}: " + "\r\n ".join(str(value).split()) + "\r\n"
        if name == "Subject":
            charset = "us-ascii" if str(value).isascii() else "utf-8"
            subject = Header(str(value), charset, maxlinelen=76, header_name=name)
            return f"{name}: {subject.encode(linesep=self.linesep)}\r\n"
        folded: str = super().fold(name, value)
        return folded

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii")


_WIRE = _Wire(linesep="\r\n", max_line_length=76, cte_type="7bit")


def finish(
    headers: Mapping[str, str], text: str, html: str, boundary: str, files: Iterable[tuple[Attachment, bytes]] = ()
) -> bytes:
    """A mail of one text, or of text and HTML when `html` is not empty, and of files. The same arguments make the
    same bytes.

    Headers with an empty value are left out. Raises ValueError for a line break in a header.
    """
    message = EmailMessage(policy=_WIRE)
    message.set_content(text, cte="quoted-printable")
    # Neither quoted-printable nor base64 ever contains "=_" (RFC 2045 6.7), so no boundary can occur in a part.
    if html:
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        message.set_boundary(f"=_{boundary}")
    for file, data in files:
        _attach(message, file, data)
    if message.get_content_type() == "multipart/mixed":
        # RFC 2046 5.1.2: no boundary may begin with another one, and "-" occurs in no other.
        message.set_boundary(f"=_mixed-{boundary}")
    # Last, because setting the content takes away every header whose name begins with Content-.
    for name, value in headers.items():
        if value:
            message[name] = value
    return message.as_bytes()


def _attach(message: EmailMessage, file: Attachment, data: bytes) -> None:
    """Put a file into a mail, its name as RFC 2231 writes it. What may not be base64 (RFC 2046 5) has no type."""
    given = file.content_type.lower()
    composite = given.startswith(("multipart/", "message/"))
    kind = given if _CONTENT_TYPE.fullmatch(given) and not composite else "application/octet-stream"
    maintype, _, subtype = kind.partition("/")
    message.add_attachment(data, maintype=maintype, subtype=subtype, cte="base64", filename=_file_name(file.name))


def _file_name(name: str) -> str:
    """`name` without a folder and without what would end the parameter it stands in."""
    return re.sub(r'[/\\"]', "_", one_line(_undecodable(name), 150)).strip(". ") or "attachment"


def subject_line(tag: str, text: str) -> str:
    """`text` with `[tag]` once in front, harmless and bounded."""
    marked = f"[{tag}]"
    untagged = re.sub(re.escape(marked), "", text, flags=re.IGNORECASE)
    return one_line(_undecodable(f"{marked} {untagged}"), _MOST_OF_A_SUBJECT)


def mailbox(name: str, address: Address) -> str:
    """`address` with a display name, as it stands in From (RFC 5322 3.4)."""
    plain = re.sub(r'["\\]', "'", one_line(_undecodable(name), 150))
    return f'"{plain}" <{address.spec}>' if plain else address.spec


def _undecodable(text: str) -> str:
    """What looks like an encoded-word would be decoded on its way into the header, line breaks and all."""
    return one_line(text, 1_000).replace("=?", "= ?")


def date_line(moment: datetime) -> str:
    """An aware moment as RFC 5322 3.3 writes it."""
    return format_datetime(moment)


def well_formed(message_id: str) -> str:
    """`message_id` if it may stand in a header of ours, else ""."""
    return message_id if _MESSAGE_ID.fullmatch(message_id) and "=?" not in message_id else ""


def references(earlier: Iterable[str], in_reply_to: str) -> str:
    """The thread, oldest first: the first and the last eight of it (RFC 5322 3.6.4)."""
    thread = tuple(dict.fromkeys(filter(None, map(well_formed, (*earlier, in_reply_to)))))
    return " ".join(
        thread if len(thread) <= _MOST_LATER_REFERENCES else (thread[0], *thread[1:][-_MOST_LATER_REFERENCES:])
    )
