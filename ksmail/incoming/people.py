"""Who wrote a mail and to whom, as far as its fields say so without ambiguity."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ksmail.address import Address
from ksmail.incoming.headers import Field, one_line
from ksmail.incoming.limits import Limits
from ksmail.incoming.mailboxes import Mailboxes, read_mailboxes

# Folding aside, a control character has no business in a header (RFC 5322 2.2), a bare CR least of all.
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|\n(?![ \t])")


def author(fields: Sequence[Field]) -> tuple[Address | None, str]:
    """The one author, or None and why: one From field with one strict mailbox, or nobody (RFC 7103 7.5)."""
    given = [field for field in fields if field.name == "from"]
    if len(given) != 1:
        return None, "more than one From field" if given else "no From field"
    if _CONTROL.search(given[0].value):
        return None, "a control character in From"
    if any(b"\r" in field.value.replace(b"\r\n", b"") for field in fields):
        return None, "a bare carriage return in the header"
    return _only(read_mailboxes(given[0].text, 2))


def _only(found: Mailboxes) -> tuple[Address | None, str]:
    if found.grouped:
        return None, "a group in From"
    if found.total > 1:
        return None, "more than one mailbox in From"
    if not found.addresses:
        return None, f"From: {found.reason}" if found.wrong else "From is empty"
    return found.addresses[0], ""


def reply_to(fields: Sequence[Field]) -> tuple[tuple[Address, ...], str]:
    """Where answers are wanted, and a remark. One field that is understood in full, or nothing."""
    given = [field for field in fields if field.name == "reply-to"]
    if not given:
        return (), ""
    if len(given) > 1:
        return (), "more than one Reply-To field: not used"
    found = read_mailboxes(given[0].text, 10)
    if found.wrong or found.total > 10 or _CONTROL.search(given[0].value):
        return (), "a Reply-To that is not a list of strict mailboxes: not used"
    return found.addresses, ""


CUT = "only the first"


def recipients(fields: Iterable[Field], name: str, limits: Limits) -> tuple[tuple[Address, ...], list[str]]:
    """The mailboxes of To or Cc, and remarks; what is no strict mailbox is left out and counted."""
    found = [_bounded(field, limits) for field in fields if field.name == name]
    addresses = tuple(dict.fromkeys(address for each in found for address in each.addresses))
    kept = addresses[: limits.addresses]
    remarks = []
    if wrong := sum(each.wrong for each in found):
        remarks.append(f"{name}: {wrong} entries that are no strict mailbox")
    if (total := sum(each.total for each in found)) > max(len(kept) + wrong, limits.addresses):
        remarks.append(f"{name}: {CUT} {len(kept)} of about {total} entries are kept")
    return kept, remarks


def _bounded(field: Field, limits: Limits) -> Mailboxes:
    """Read the beginning of a long field only; the commas tell how many entries follow."""
    value = field.value[: limits.header_field]
    rest = field.value[len(value) :]
    if not rest:
        return read_mailboxes(field.text, limits.addresses)
    whole = Field(field.name, value[: value.rfind(b",") + 1])
    found = read_mailboxes(whole.text, limits.addresses)
    return Mailboxes(found.addresses, found.wrong, found.reason, found.total + rest.count(b",") + 1, found.grouped)


def return_path(fields: Iterable[Field]) -> str | None:
    """The envelope sender that our own border wrote: a Return-Path above the first Received (RFC 5321 4.4).

    "" for the null path `<>`; None when there is none there, or one that is no path.
    """
    for field in fields:
        if field.name == "received":
            return None
        if field.name == "return-path":
            path = re.fullmatch(r"<([^<>\s]{0,254})>|([^<>\s]{1,254})", field.text)
            return one_line(path[1] or path[2] or "", 254) if path else None
    return None
