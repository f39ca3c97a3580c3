"""Facts with sane defaults: a test sets only what it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from ksmail.address import Address, parse_address
from ksmail.capability import Key, Keyring, fingerprint
from ksmail.incoming.identify import Roster
from ksmail.incoming.identity import Identity, Institution, Proof, Role
from ksmail.incoming.message import Message

DESK = "desk@desk.example"
ASKER = "ada@uni.example"
STAFF = "sam@agency.example"
PARTNER = "pat@ministry.example"
MONDAY = datetime(2026, 6, 1, 8, 2, tzinfo=UTC)
QUESTION = "Dear desk,\n\nMay a colleague from abroad work in our laboratory next year?\n\nAda\n"


def address(spec: str = ASKER, name: str = "") -> Address:
    """An address from local@domain."""
    return parse_address(spec, name)


def keyring(*secrets: bytes) -> Keyring:
    """A keyring with one key, or with one key per secret (newest first; their ids are k0, k1, ...)."""
    return Keyring(tuple(Key(f"k{at}", secret) for at, secret in enumerate(secrets or (b"a secret for tests",))))


def roster(**facts: Any) -> Roster:
    """One desk address, one staff member, one partner, and a border called mx.desk.example."""
    desk = Roster(
        ourselves=(address(DESK),),
        staff=(address(STAFF),),
        partners=(address(PARTNER),),
        authserv_id="mx.desk.example",
    )
    return replace(desk, **facts)


def message(**facts: Any) -> Message:
    """An ordinary question from ASKER to DESK. `headers` are (name, value) pairs, names in lower case.

    `content_id` and `raw_sha256` follow from Message-ID, subject and text when they are not given.
    """
    defaults: dict[str, Any] = {
        "message_id": "<question@uni.example>",
        "sender": address(ASKER, "Ada"),
        "to": (address(DESK),),
        "return_path": ASKER,
        "subject": "A question",
        "date": MONDAY,
        "text": QUESTION,
    }
    facts = defaults | facts
    seed = fingerprint(facts["message_id"], facts["subject"], facts["text"])
    return Message(**({"content_id": seed, "raw_sha256": fingerprint("raw", seed)} | facts))


def identity(**facts: Any) -> Identity:
    """An asker of whom nothing is proven and whose domain nobody knows."""
    defaults: dict[str, Any] = {
        "address": address(),
        "role": Role.ASKER,
        "proof": Proof.NONE,
        "institution": None,
        "because": "nothing trusted says who this is",
    }
    return Identity(**(defaults | facts))


def institution(name: str = "University of Example", kind: str = "university") -> Institution:
    """A university that does not exist."""
    return Institution(name=name, kind=kind)


def mail(
    *,
    sender: str = f"Ada <{ASKER}>",
    to: str = DESK,
    subject: str = "A question",
    text: str = QUESTION,
    html: str = "",
    message_id: str = "<question@uni.example>",
    date: datetime = MONDAY,
    attachments: Iterable[tuple[str, str, bytes]] = (),
    headers: Iterable[tuple[str, str]] = (),
) -> bytes:
    """RFC 5322 octets. `attachments` are (name, content type, octets); `headers` go on top, in their order.

    An empty sender, to, subject or message_id leaves that field out.
    """
    # Unfolded: the library would turn a Message-ID that is longer than a line into encoded words.
    made = EmailMessage(policy=SMTP.clone(max_line_length=998))
    fields = (("From", sender), ("To", to), ("Subject", subject), ("Message-ID", message_id), ("Date", date))
    for name, value in (*headers, *fields):
        if value:
            made[name] = value
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    for name, content_type, data in attachments:
        maintype, _, subtype = content_type.partition("/")
        made.add_attachment(data, maintype=maintype, subtype=subtype, filename=name)
    return made.as_bytes()
