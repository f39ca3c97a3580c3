"""Reading the numbered lists that the desk mails, as people do, and tapping a prepared reply of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, unquote, urlsplit

from ksmail.address import Address
from ksmail.simulate.postman import SentLetter
from tests.builders import mail

_ITEM = re.compile(r"^(\d+)\. (\S+): (.+)$", re.MULTILINE)
_ANSWER = re.compile(r"^- (?:Antwoorden|Answer): (mailto:\S+)$", re.MULTILINE)
_LATE = re.compile(r"te laat|late since|\(late\)")


@dataclass(frozen=True)
class Item:
    """One line of a list: `about` a ticket or a mail, with all that stands below it. `answer` is its link, or ""."""

    number: int
    about: str
    text: str
    answer: str

    @property
    def is_late(self) -> bool:
        return _LATE.search(self.text.splitlines()[0]) is not None


def items(letter: SentLetter) -> Iterator[Item]:
    """The lines of a list, from its text."""
    text = text_of(letter)
    found = [*_ITEM.finditer(text)]
    for here, ends in zip(found, [*(each.start() for each in found[1:]), len(text)], strict=True):
        block = text[here.start() : ends]
        link = _ANSWER.search(block)
        yield Item(int(here[1]), here[2], block, link[1] if link else "")


def text_of(letter: SentLetter) -> str:
    """The text part of a letter, with plain line ends."""
    body = letter.parsed.get_body(("plain",))
    return str(body.get_content()).replace("\r\n", "\n") if body else ""


def tapped(href: str, words: str, sender: Address, at: datetime, *, border: str, name: str) -> bytes:
    """What a phone makes of a mailto link (RFC 6068), with words added. `name` tells it from others."""
    link = urlsplit(href)
    fields = parse_qs(link.query, keep_blank_values=True, strict_parsing=True)
    return mail(
        sender=sender.spec,
        to=unquote(link.path),
        subject=fields["subject"][0],
        text=f"{fields['body'][0]}\n\n{words}\n",
        message_id=f"<tapped-{name}@{sender.domain}>",
        date=at,
        headers=[
            ("Authentication-Results", f"{border}; dmarc=pass header.from={sender.domain}"),
            ("Return-Path", f"<{sender.spec}>"),
        ],
    )
