"""A whole desk against real servers, driven by hand: deliver, work, look. Only the clock is ours."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from typing import cast

from ksmail import config
from ksmail.assemble import Works, make_works
from ksmail.config import Config
from ksmail.demo.servers import Servers
from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import Ticket
from ksmail.incoming.worker import Parser
from ksmail.store.store import Store
from ksmail.store.values import TicketDossier
from tests.builders import MONDAY

DESK = "desk@desk.example"
TEAM = "team@desk.example"
FORM = "noreply@form.example"
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
address = "sam@agency.example"
[trust]
authserv_id = "{border}"
[imap]
host = "{host}"
port = {imap_port}
user = "{user}"
password_file = "{folder}/password"
ca_file = "{ca_file}"
[smtp]
host = "{host}"
port = {smtp_port}
user = "{user}"
password_file = "{folder}/password"
ca_file = "{ca_file}"
[[form]]
sender = "{form}"
"""


@dataclass
class Clock:
    """The time of the desk: it stands still until a test moves it."""

    moment: datetime = MONDAY

    def now(self) -> datetime:
        return self.moment

    def forward(self, **span: float) -> None:
        self.moment += timedelta(**span)


def settings(
    folder: Path, servers: Servers, more: str = "", environ: Mapping[str, str] | None = None, partners: str = ""
) -> Config:
    """A configuration file for these servers, read the way the program reads it; `partners` stands beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    if partners:
        (folder / "partners.toml").write_text(partners)
    password = folder / "password"
    password.touch(0o600)
    password.write_text(servers.password)
    path = folder / "ksmail.toml"
    facts = {
        "folder": folder,
        "host": "localhost",
        "imap_port": servers.imap_port,
        "smtp_port": servers.smtp_port,
        "user": servers.user,
        "ca_file": servers.ca_file,
    }
    path.write_text(SETTINGS.format(desk=DESK, team=TEAM, border=BORDER, form=FORM, **facts) + more)
    return config.load(path, environ or {})


@dataclass
class Rig:
    """One desk with its own store. `work` is one round of everything, as the daemon does it; with `sums` the day, the
    week and the month are summed up too, which most stories are not about."""

    folder: Path
    servers: Servers
    parser: Parser
    more: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    partners: str = ""
    sums: bool = False
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.config = settings(self.folder, self.servers, self.more, self.environ, self.partners)
        if not self.config.store.path.exists():
            Store.migrate(self.config.store)
        self.store = Store.open(self.config.store)
        self.works = self._make()
        self._seen = len(self.servers.sent)

    def _make(self) -> Works:
        works = make_works(self.config, self.store, self.clock.now, lambda: 0.0)
        works.intake.parser = self.parser
        return works

    def close(self) -> None:
        self.works.mailbox.close()
        self.store.close()

    def deliver(self, raw: bytes, at: datetime | None = None) -> None:
        """Put a mail into the mailbox; it came in at `at`, or now on the desk's clock."""
        self.servers.append(raw, when=at or self.clock.now())

    def work(self) -> None:
        self.works.intake.round()
        self.works.reminders.round()
        if self.sums:
            self.works.digest.round()
        self.send()

    def send(self) -> None:
        asyncio.run(self._send())

    async def _send(self) -> None:
        await self.works.outbox.round()
        await self.works.transport.close()

    def take(self, *raws: bytes) -> None:
        """Deliver and work, one mail after the other."""
        for raw in raws:
            self.deliver(raw)
            self.work()

    def letters(self, to: str = "") -> list[EmailMessage]:
        """Everything a mail server accepted from this desk, parsed; or only what went to `to`."""
        sent = self.servers.sent[self._seen :]
        return [_parsed(mail.raw) for mail in sent if not to or to in mail.recipients]

    def raw_letters(self, to: str = "") -> list[bytes]:
        sent = self.servers.sent[self._seen :]
        return [mail.raw for mail in sent if not to or to in mail.recipients]

    def tickets(self) -> list[Ticket]:
        """All tickets, oldest first."""
        with self.store.reading() as past:
            lines = past.tickets(1000)
            return [cast(TicketDossier, past.ticket(line.reference)).ticket for line in reversed(lines)]

    def dossier(self, ticket: Ticket) -> TicketDossier:
        with self.store.reading() as past:
            return cast(TicketDossier, past.ticket(ticket.reference))

    def balance(self) -> dict[Disposition, int]:
        with self.store.reading() as past:
            return {kind: count for kind, count in past.balance().items() if count}

    def reasons(self) -> list[str]:
        """Why each mail became what it became, in the order of the ledger."""
        with self.store.reading() as past:
            total = past.counts().mails
            lines = [past.inbound(number) for number in range(1, total + 1)]
        return [line.reason for line in lines if line is not None]


def _parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=modern)


def text_of(letter: EmailMessage) -> str:
    """The text part of a letter."""
    body = letter.get_body(("plain",))
    return cast(str, body.get_content()).replace("\r\n", "\n") if body else ""


def reply_to(letter: EmailMessage) -> tuple[tuple[str, str], ...]:
    """The headers a mail client writes when somebody answers a letter."""
    return (("In-Reply-To", letter["Message-ID"]), ("References", letter["Message-ID"]))
