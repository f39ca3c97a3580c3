"""The people around a simulated desk: what they write, and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Protocol

from ksmail.address import Address, parse_address
from ksmail.desk.letter import LetterKind
from ksmail.simulate.postman import SentLetter

# Unfolded: the library would turn a Message-ID that is longer than a line into encoded words.
_UNFOLDED = SMTP.clone(max_line_length=998)
_TO_SAY_YES = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A mail that arrives in the mailbox at `at` (aware)."""

    at: datetime
    raw: bytes


class Staff(Protocol):
    """Everybody who answers letters of the desk: staff, partners, askers."""

    def read(self, letter: SentLetter) -> Iterable[Delivery]:
        """What this letter makes them write, now or later. Asked once for every letter, when it leaves."""

    def look(self, now: datetime) -> Iterable[Delivery]:
        """What they write of themselves. Asked at every round; `now` is aware."""


class Nobody:
    """Nobody acts."""

    def read(self, letter: SentLetter) -> Iterable[Delivery]:
        return ()

    def look(self, now: datetime) -> Iterable[Delivery]:
        return ()


class Several:
    """Some who act independently."""

    def __init__(self, *members: Staff) -> None:
        self._members = members

    def read(self, letter: SentLetter) -> Iterable[Delivery]:
        return [delivery for member in self._members for delivery in member.read(letter)]

    def look(self, now: datetime) -> Iterable[Delivery]:
        return [delivery for member in self._members for delivery in member.look(now)]


@dataclass(slots=True)
class Pen:
    """Writes replies as mail clients do. `border` is the name of the server that vouches for their senders, "" for
    none. The same replies in the same order are the same bytes."""

    border: str
    written: int = 0

    def reply(self, letter: SentLetter, text: str, sender: Address, at: datetime) -> bytes:
        """A reply of `sender` to a letter, sent at `at`, with the letter quoted below it."""
        self.written += 1
        read = letter.parsed
        made = EmailMessage(policy=_UNFOLDED)
        if self.border:
            made["Authentication-Results"] = f"{self.border}; dmarc=pass header.from={sender.domain}"
        made["Return-Path"] = f"<{sender.spec}>"
        made["From"] = sender.spec
        made["To"] = str(read["Reply-To"] or read["From"])
        made["Subject"] = f"Re: {read['Subject']}"
        made["Date"] = format_datetime(at)
        made["Message-ID"] = f"<simulated-{self.written}@{sender.domain}>"
        made["In-Reply-To"] = made["References"] = letter.mail.message_id
        made.set_content(f"{text.rstrip()}\n\n{_quoted(read)}")
        return made.as_bytes()


def _quoted(letter: EmailMessage) -> str:
    """The letter below a reply, as mail clients put it there."""
    body = letter.get_body(("plain",))
    text = str(body.get_content()) if body else ""
    sent = str(letter["Date"])
    return "\n".join((f"On {sent}, {letter['From']} wrote:", *(f"> {line}" for line in text.splitlines()), ""))


@dataclass(slots=True)
class Confirming:
    """Staff of a desk without a border: each says yes to every request to confirm, two minutes after it left."""

    pen: Pen

    def read(self, letter: SentLetter) -> Iterable[Delivery]:
        if letter.mail.kind != LetterKind.CONFIRM:
            return ()
        at = letter.at + _TO_SAY_YES
        return (Delivery(at, self.pen.reply(letter, "yes", parse_address(letter.recipients[0]), at)),)

    def look(self, now: datetime) -> Iterable[Delivery]:
        return ()
