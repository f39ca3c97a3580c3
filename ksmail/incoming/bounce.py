"""What a delivery report says about a letter of ours: by RFC 3464, and else in the words of its server."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ksmail.incoming import ids
from ksmail.incoming.bounce_words import in_words, own_words, reason_in, said, status_in
from ksmail.incoming.headers import Field, decode, decode_words, values
from ksmail.incoming.leaves import Leaf, transfer_decoded
from ksmail.incoming.mailboxes import strict
from ksmail.incoming.message import Report
from ksmail.incoming.outline import Outline, Part
from ksmail.incoming.people import return_path
from ksmail.incoming.signs import REPORT_SUBJECT, REPORT_TEXT, first_word, strip_comments

# RFC 3464 4.1: anybody can write a report, so of each thing there is a most.
_RECIPIENTS = 50
_IDS = 10
_OCTETS = 128 * 1024  # of one part
_CHARACTERS = 1000  # of one field

_DELIVERY = frozenset({"message/delivery-status", "message/global-delivery-status"})
_HEADERS = frozenset(
    {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers", "message/rfc822", "message/global"}
)
_MARKS = frozenset({"x-failed-recipients", "x-ms-exchange-message-is-ndr"})
_DAEMON = re.compile(r"\bmailer-daemon\b", re.IGNORECASE)
_POSTMASTER = re.compile(r"\bpostmaster@|\bmicrosoftexchange[0-9a-f]{32}@", re.IGNORECASE)
_MESSAGE_ID = re.compile(
    r"^[>| \t]*+(?:x-)?(?:original-)?message-id:\s*+(<[^<>\s]{3,248}>)", re.IGNORECASE | re.MULTILINE
)
_Block = dict[str, str]


def read_report(raw: bytes, outline: Outline, found: Sequence[Leaf], text: str) -> Report | None:
    """What a mail says of the delivery of another; None for a mail that is no delivery report. Never raises.

    `found` are the leaves of the mail and `text` the words to read in it. A report of another sort (RFC 8098,
    RFC 5965) is none of these. One that tells of success names nobody.
    """
    statuses = [leaf.part for leaf in found if leaf.content_type in _DELIVERY]
    if not _is_report(outline, text, bool(statuses)) or (not statuses and _is_another(outline, found)):
        return None
    message_ids = tuple(dict.fromkeys(_message_ids(raw, outline, found, text)))[:_IDS]
    fields = [_decoded(raw, part) for part in statuses] or [own_words(text)]  # some servers put them into the text
    blocks = [block for each in fields for block in _blocks(each)]
    if any(_recipient(block) and block.get("action") for block in blocks):
        return _by_rfc(blocks, message_ids, own_words(text))
    failed, delayed = in_words(outline.fields, outline.parts[0].content_type, text)
    own = own_words(text)
    return _report(failed, delayed, message_ids, status_in(own), reason_in(own))


def _by_rfc(blocks: Sequence[_Block], message_ids: tuple[str, ...], text: str) -> Report:
    """Of those who were refused, first for ever and then for now; the words help out where the fields are silent."""
    failed = [block for block in blocks if _fate(block) == "failed"]
    delayed = [block for block in blocks if _fate(block) == "delayed"]
    refused = [*failed, *delayed]
    status = next(filter(None, map(_status, refused)), "") or (status_in(text) if refused else "")
    reason = next(filter(None, map(_reason, refused)), "") or (reason_in(text) if refused else "")
    return _report(map(_recipient, failed), map(_recipient, delayed), message_ids, status, reason)


def _report(
    failed: Iterable[str], delayed: Iterable[str], message_ids: tuple[str, ...], status: str, reason: str
) -> Report:
    """Everybody once, and who is refused for ever is not refused for now."""
    ever = tuple(dict.fromkeys(filter(None, failed)))
    now = tuple(spec for spec in dict.fromkeys(filter(None, delayed)) if spec not in ever[:_RECIPIENTS])
    return Report(
        failed=ever[:_RECIPIENTS], delayed=now[:_RECIPIENTS], message_ids=message_ids, status=status, reason=reason
    )


def _is_report(outline: Outline, text: str, has_status: bool) -> bool:
    fields = outline.fields
    if outline.parts[0].content_type == "multipart/report" or any(field.name in _MARKS for field in fields):
        return True
    path = return_path(fields)
    author = "".join(values(fields, "from")[:1])[:_CHARACTERS]
    if _DAEMON.search(author) or _DAEMON.match(path or ""):
        return True
    if path != "" and not _POSTMASTER.search(author):
        return False
    subject = decode_words("".join(values(fields, "subject")[:1]))[:_CHARACTERS]
    return has_status or bool(REPORT_SUBJECT.search(subject) or REPORT_TEXT.search(text[:10_000]))


def _is_another(outline: Outline, found: Sequence[Leaf]) -> bool:
    """Whether the report is about reading, abuse or something else than delivery."""
    top = outline.parts[0]
    label = top.parameters.get("report-type", "").lower() if top.content_type == "multipart/report" else ""
    read = any(leaf.content_type == "message/disposition-notification" for leaf in found)
    return read or label not in ("", "delivery-status")


def _decoded(raw: bytes, part: Part) -> str:
    """The beginning of a part as text with \\n; UTF-8 is allowed there (RFC 6533 3), and ASCII is a part of it."""
    data, _ = transfer_decoded(raw[part.start : min(part.end, part.start + _OCTETS)], part.encoding)
    return decode(data, "utf-8")[0].replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _blocks(text: str) -> Iterator[_Block]:
    """The groups of fields of a delivery status (RFC 3464 2.1), names in lower case; the first of each name counts.

    A second recipient begins a group also where its server forgot the empty line.
    """
    block: _Block = {}
    for line in re.sub(r"\n[ \t]++(?=\S)", " ", text).split("\n"):
        name, colon, value = line[: 4 * _CHARACTERS].partition(":")
        name = name.strip().lower()
        if not line.strip() or (name == "final-recipient" and name in block):
            yield block
            block = {}
        if colon:
            block.setdefault(name, value.strip()[:_CHARACTERS])
    yield block


def _fate(block: _Block) -> str:
    """ "failed", "delayed" or "": the action (RFC 3464 2.3.3), and where that says nothing the class of the status."""
    action = first_word(block.get("action", ""))
    if action.startswith(("fail", "error", "expired", "undeliver")):  # the last three are no words of RFC 3464
        return "failed"
    if action.startswith("delay"):
        return "delayed"
    if action in ("delivered", "relayed", "expanded"):
        return ""
    return {"5": "failed", "4": "delayed"}.get(status_in(block.get("status", ""))[:1], "")


def _recipient(block: _Block) -> str:
    """Whom we wrote to, where the server tells it, or else who was refused (RFC 3464 2.3.1 and 2.3.2)."""
    for name in ("original-recipient", "final-recipient"):
        kind, semicolon, spec = strip_comments(block.get(name, "")).partition(";")
        try:
            return strict((spec if semicolon else kind).strip(" \t<>\"'").rstrip(".")).key
        except ValueError:
            continue
    return ""


def _status(block: _Block) -> str:
    """The code of the status field (RFC 3464 2.3.4), or of the server's own words where that says more."""
    code, more = status_in(block.get("status", "")), status_in(block.get("diagnostic-code", ""))
    return more if not code or (code.endswith(".0.0") and more[:1] == code[:1]) else code


def _reason(block: _Block) -> str:
    """What the server said (RFC 3464 2.3.6), without the type in front of it."""
    kind, semicolon, words = block.get("diagnostic-code", "").partition(";")
    return said(words if semicolon and " " not in kind.strip() else f"{kind}{semicolon}{words}")


def _message_ids(raw: bytes, outline: Outline, found: Sequence[Leaf], text: str) -> Iterator[str]:
    """The ids of what came back: of the mail itself, of its headers (RFC 6522 4), of headers in the words."""
    for leaf in found:
        if leaf.part.container:
            yield from _whole(outline.parts[leaf.part.place + 1].fields)
        elif leaf.content_type in _HEADERS | _DELIVERY:
            yield from _quoted(_decoded(raw, leaf.part))
    yield from _quoted(text[:_OCTETS])


def _quoted(text: str) -> Iterator[str]:
    for number, match in enumerate(_MESSAGE_ID.finditer(text)):
        if number == _IDS:
            return
        yield from _whole([Field("message-id", match[1].encode())])


def _whole(fields: Sequence[Field]) -> Iterator[str]:
    for field in fields:
        value, is_given, _ = ids.message_id([field], "")
        if is_given:
            yield value
