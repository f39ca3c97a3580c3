"""A whole desk without wires: real store, real clerk, real letters; mails are handed in, letters are looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from typing import cast

from ksmail import config
from ksmail.assemble import make_clerk
from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import Ticket
from ksmail.errors import UnreadableMail
from ksmail.incoming.limits import Limits
from ksmail.incoming.mailbox import Copy, Folder, IncomingMail, MailKey
from ksmail.incoming.message import Message
from ksmail.incoming.parse import parse
from ksmail.incoming.worker import Parser
from ksmail.intake import Intake
from ksmail.outgoing.mail import OutgoingMail
from ksmail.store.store import Store
from ksmail.store.values import TicketDossier
from tests.builders import MONDAY

DESK = "desk@desk.example"
TEAM = "team@desk.example"
STAFF = "sam@agency.example"
FORM = "webserver@form.example"
BORDER = "mx.desk.example"

SETTINGS = """
state_directory = "{folder}"
[desk]
address = "{desk}"
name_nl = "Contactpunt"
name_en = "Contact point"
[team]
address = "{team}"
[[staff]]
name = "Sam"
address = "{staff}"
[trust]
authserv_id = "{border}"
[imap]
host = "localhost"
password_file = "{folder}/password"
[smtp]
host = "localhost"
[[form]]
sender = "{form}"
"""


class Inbox:
    """A mailbox in memory."""

    def __init__(self) -> None:
        self.mails: dict[int, IncomingMail] = {}
        self.last = 0

    def deliver(self, raw: bytes, at: datetime) -> None:
        self.last += 1
        key = MailKey("INBOX", 1, self.last)
        self.mails[self.last] = IncomingMail(key=key, raw=raw, received_at=at, size=len(raw))

    def open(self) -> int:
        return 1

    def uids(self) -> tuple[int, ...]:
        return tuple(self.mails)

    def fetch(self, uids: Sequence[int]) -> Iterator[IncomingMail]:
        return iter([self.mails[uid] for uid in uids if uid in self.mails])

    def file(self, uids: Sequence[int], folder: Folder) -> None:
        for uid in uids:
            self.mails.pop(uid, None)

    def destroy(self, copy: Copy) -> int:
        found = [uid for uid, mail in self.mails.items() if hashlib.sha256(mail.raw).hexdigest() == copy.sha256]
        for uid in found:
            del self.mails[uid]
        return len(found)

    def wait(self, seconds: float) -> bool:
        return False

    def interrupt(self) -> None:
        pass

    def close(self) -> None:
        pass


class Reading:
    """The parser, without its process."""

    def parse_many(self, raws: Sequence[bytes]) -> Iterator[Message | UnreadableMail]:
        for raw in raws:
            try:
                yield parse(raw, Limits())
            except UnreadableMail as fault:
                yield fault


class Desk:
    """`take` hands mails in; `letters` are the finished letters of all mails so far, oldest first."""

    def __init__(self, folder: Path, more: str = "") -> None:
        password = folder / "password"
        password.touch(0o600)
        password.write_text("secret")
        path = folder / "ksmail.toml"
        facts = {"desk": DESK, "team": TEAM, "staff": STAFF, "border": BORDER, "form": FORM}
        path.write_text(SETTINGS.format(folder=folder, **facts) + more)
        self.config = config.load(path, {})
        Store.migrate(self.config.store)
        self.store = Store.open(self.config.store)
        self.moment = MONDAY
        self.inbox = Inbox()
        self.clerk = make_clerk(self.config)
        parser = cast(Parser, Reading())
        self.intake = Intake(self.inbox, "INBOX", self.store, parser, self.clerk, lambda: self.moment)

    def close(self) -> None:
        self.store.close()

    def take(self, *raws: bytes) -> None:
        """One mail a minute."""
        for raw in raws:
            self.moment += timedelta(minutes=1)
            self.inbox.deliver(raw, self.moment)
            self.intake.round()

    def queue(self) -> list[OutgoingMail]:
        """What would be sent, oldest first; held letters are not."""
        with self.store.reading() as past:
            due = past.due(self.moment + timedelta(days=1), 10_000)
        return [letter.mail for letter in sorted(due, key=lambda letter: letter.id)]

    def letters(self, to: str = "") -> list[EmailMessage]:
        """What would be sent, parsed; or only what is for `to`."""
        wanted = [mail for mail in self.queue() if not to or to in mail.recipients]
        return [message_from_bytes(mail.raw, policy=modern) for mail in wanted]

    def recipients(self) -> list[str]:
        """Everybody but the team who would get a letter, once for each."""
        return [to for mail in self.queue() for to in mail.recipients if to != TEAM]

    def tickets(self) -> list[Ticket]:
        """All tickets, oldest first."""
        return [dossier.ticket for dossier in self.dossiers()]

    def dossiers(self) -> list[TicketDossier]:
        with self.store.reading() as past:
            lines = past.tickets(1000)
            return [cast(TicketDossier, past.ticket(line.reference)) for line in reversed(lines)]

    def dispositions(self) -> list[Disposition]:
        """What became of each mail, in the order in which they came."""
        with self.store.reading() as past:
            lines = [past.inbound(number) for number in range(1, past.counts().mails + 1)]
        return [line.disposition for line in lines if line is not None]


def text_of(letter: EmailMessage) -> str:
    """The text part of a letter."""
    body = letter.get_body(("plain",))
    return cast(str, body.get_content()) if body else ""


def results(domain: str, verdict: str = "pass") -> tuple[str, str]:
    """What our border writes on top of a mail."""
    return ("Authentication-Results", f"{BORDER}; dmarc={verdict} header.from={domain}")


def reply_to(*letters: EmailMessage) -> tuple[tuple[str, str], ...]:
    """The headers that a mail client writes when somebody answers the last of these."""
    ids = [str(letter["Message-ID"]).strip() for letter in letters]
    return (("In-Reply-To", ids[-1]), ("References", " ".join(ids)))
