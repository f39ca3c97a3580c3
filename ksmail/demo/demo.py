"""The demo: real mail servers on loopback, the real daemon, some twenty mails, and what becomes of each."""

from __future__ import annotations

import json
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default as modern
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ksmail import config
from ksmail.demo import colleagues, mails
from ksmail.demo.acts import acts
from ksmail.demo.servers import SentMail, Servers
from ksmail.reference import Reference
from ksmail.screen import harmless
from ksmail.store.store import Store

PATIENCE = 20.0  # seconds for one mail; it takes well under one
LONGEST = 30  # lines of a letter that are shown
WIDTH = 80  # of what somebody wrote, with its frame: our letters fold at 76
PREPARED = "(a reply, filled in)"
_MAILTO = re.compile(r"mailto:\S+")

SETTINGS = """\
# The settings of this demo. A real desk starts from the ksmail.toml that comes with the program.
state_directory = "{folder}"
[desk]
address = "{desk}"
name_nl = "Contactpunt van de demo"
name_en = "Contact point of the demo"
phone = "000 000 00 00"
[team]
address = "{team}"
[[staff]]
name = "Sam"
address = "{sam}"
language = "en"
[[staff]]
name = "Eva"
address = "{eva}"
role = "coordinator"
[ops]
probe_minutes = 0
[trust]
authserv_id = "{border}"
[imap]
host = "localhost"
port = {imap_port}
user = "{user}"
password_file = "{folder}/password"
ca_file = "{ca_file}"
[smtp]
host = "localhost"
port = {smtp_port}
user = "{user}"
password_file = "{folder}/password"
ca_file = "{ca_file}"
[[form]]
sender = "{form}"
"""


def show(*, stay: bool = False) -> int:
    """Run the demo in the terminal. Returns the exit code: 0 when every mail was accounted for."""
    console = Console(highlight=False, markup=False, emoji=False)
    folder = Path(tempfile.mkdtemp(prefix="ksmail-demo-"))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the daemon goes with us then too
    try:
        with Servers(folder / "servers") as servers, _desk(folder, servers) as desk:
            return Demo(console, servers, desk, folder).play(stay=stay)
    except KeyboardInterrupt:
        console.print("\nStopped.")
        return 130
    except TimeoutError as fault:
        console.print(f"\nThe demo did not go as it should: {fault}")
        return 1


class Desk:
    """The daemon in a process of its own, and what it says on its log."""

    def __init__(self, settings: Path) -> None:
        self.settings = settings
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()
        self.log = settings.parent / "ksmail.log"
        command = [sys.executable, "-m", "ksmail.cli", "--config", str(settings), "run", "--log", "json"]
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        if self.process.stdout is None:
            return
        with self.log.open("a") as log, self.process.stdout as lines:
            for line in lines:
                log.write(line)
                log.flush()
                try:
                    self.events.put(json.loads(line))
                except ValueError:
                    continue

    def wait_for(self, *names: str) -> dict[str, Any]:
        """The next event of one of these names. Raises TimeoutError with where to look."""
        end = time.monotonic() + PATIENCE
        while (left := end - time.monotonic()) > 0:
            try:
                event = self.events.get(timeout=min(left, 0.2))
            except queue.Empty:
                if self.process.poll() is not None:
                    break
                continue
            if event.get("event") in names:
                return event
        raise TimeoutError(f"the daemon did not say {' or '.join(names)}; its log is {self.log}")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join(5)


@contextmanager
def _desk(folder: Path, servers: Servers) -> Iterator[Desk]:
    password = folder / "password"
    password.touch(0o600)
    password.write_text(servers.password)
    settings = folder / "ksmail.toml"
    settings.write_text(
        SETTINGS.format(
            folder=folder,
            desk=mails.DESK,
            team=mails.TEAM,
            sam=colleagues.SAM,
            eva=colleagues.EVA,
            border=mails.BORDER,
            form=mails.FORM,
            imap_port=servers.imap_port,
            smtp_port=servers.smtp_port,
            user=servers.user,
            ca_file=servers.ca_file,
        )
    )
    (folder / "partners.toml").write_text(colleagues.PARTNERS)
    Store.migrate(config.load(settings, {}).store)
    desk = Desk(settings)
    try:
        yield desk
    finally:
        desk.stop()


class Demo:
    """Delivers the samples one by one and shows what the daemon made of each."""

    def __init__(self, console: Console, servers: Servers, desk: Desk, folder: Path) -> None:
        self._console, self._servers, self._desk, self._folder = console, servers, desk, folder
        self._store: Store
        self._letters = 0

    def play(self, *, stay: bool) -> int:
        self._console.print("A desk on this machine: a mailbox (IMAP), a relay (SMTP), a database, and the daemon.")
        self._console.print(f"{PREPARED} is a link in a letter: two taps on a phone.\n")
        self._desk.wait_for("started")
        settings = config.load(self._desk.settings, {})
        self._store = Store.open(settings.store)
        try:
            samples = acts()
            for number, sample in enumerate(samples, 1):
                self._act(number, sample)
            well = self._balance(len(samples))
            self._where()
            if stay:
                self._stay()
            return 0 if well else 1
        finally:
            self._store.close()

    def _act(self, number: int, sample: mails.Sample) -> None:
        self._console.print(Text(f"{number:>2}  {sample.title}", style="bold"))
        raw = sample.make(datetime.now(UTC), [sent.raw for sent in self._servers.sent])
        self._servers.append(raw)
        event = self._desk.wait_for("mail_settled")
        self._say("mail in", _headline(raw))
        if sample.says:
            self._box(sample.says, "cyan")
        self._say("became", _became(event))
        self._letters_out(len(event["letters"]) - sample.later, sample.whole)
        if event["ticket"]:
            self._ticket(Reference.parse(event["ticket"]))
        self._console.print()

    def _letters_out(self, expected: int, whole: tuple[str, ...]) -> None:
        for _ in range(expected):
            self._desk.wait_for("letter_sent")
        for sent in self._servers.sent[self._letters :]:
            self._letter(sent, whole)
        self._letters = len(self._servers.sent)

    def _letter(self, sent: SentMail, whole: tuple[str, ...]) -> None:
        letter = message_from_bytes(sent.raw, policy=modern)
        self._say("letter out", f"to {', '.join(sent.recipients)}: {letter['Subject']}")
        body = letter.get_body(("plain",))
        if body is not None and set(whole) & set(sent.recipients):
            self._box(_MAILTO.sub(PREPARED, body.get_content()), "dim")

    def _ticket(self, reference: Reference) -> None:
        with self._store.reading() as past:
            ticket = past.find_ticket(reference)
        if ticket is None:
            return
        promised = f", promised for {ticket.promised_on:%a %d %b %Y}" if ticket.promised_on else ""
        ends = promised if ticket.status.is_open else ""
        self._say("ticket", f"{reference}, {ticket.status.value.replace('_', ' ')}{ends}")

    def _box(self, text: str, style: str) -> None:
        lines = text.strip().splitlines()
        shown = "\n".join((*lines[:LONGEST], *(["…"] if len(lines) > LONGEST else [])))
        panel = Panel(Text(shown), border_style=style, padding=(0, 1), width=WIDTH)
        self._console.print(panel)

    def _say(self, what: str, text: str) -> None:
        line = Table.grid(padding=(0, 2))
        line.add_column(width=11)
        line.add_column()
        line.add_row(Text(what, style="dim"), Text(harmless(text, 500)))
        self._console.print(Padding(line, (0, 0, 0, 4)))

    def _balance(self, delivered: int) -> bool:
        with self._store.reading() as past:
            balance = {kind.value: count for kind, count in past.balance().items() if count}
            broken = past.verify_chain()
        unaccounted = delivered - sum(count for kind, count in balance.items() if kind != "pending")
        told = " + ".join(f"{count} {_words(kind, count)}" for kind, count in balance.items())
        self._console.print(Text(f"The balance: {delivered} mails = {told}; {unaccounted} unaccounted", style="bold"))
        self._console.print(
            f"The history is {'unbroken' if broken is None else 'BROKEN'}; {self._letters} letters went out.\n"
        )
        return unaccounted == 0 and broken is None

    def _where(self) -> None:
        self._console.print(f"Everything lies in {self._folder}: settings, database, keys, log. Look around with")
        number = "KV-{year}-0002"
        for command in (
            "tickets list",
            f"tickets show {number}",
            f"disclosures {number}",
            "quarantine list",
            "outbox list",
        ):
            text = command.format(year=datetime.now(UTC).year)
            self._console.print(f"    ksmail --config {self._desk.settings} {text}", soft_wrap=True)

    def _stay(self) -> None:
        servers = self._servers
        self._console.print(
            f"\nIMAP  localhost:{servers.imap_port} (TLS)   user {servers.user}   password {servers.password}"
        )
        self._console.print(
            f"SMTP  localhost:{servers.smtp_port} (TLS)   the same; certificate authority: {servers.ca_file}"
        )
        self._console.print("Put a mail into INBOX and watch. Ctrl-C stops.")
        while self._desk.process.poll() is None:
            try:
                event = self._desk.events.get(timeout=1)
            except queue.Empty:
                continue
            if event.get("event") == "mail_settled":
                self._say("became", f"{_became(event)} {event.get('ticket') or ''}")


def _became(event: dict[str, Any]) -> str:
    """What became of a mail, and why; of one with orders the reason says both."""
    because = str(event["because"])
    return because if event["disposition"] == "order" else f"{_words(event['disposition'])}: {because}"


def _words(disposition: str, count: int = 1) -> str:
    """A disposition as people say it."""
    one, many = _PLURALS.get(disposition, (disposition, disposition))
    return one if count == 1 else many


_PLURALS = {
    "order": ("mail with orders", "mails with orders"),
    "ticket": ("new ticket", "new tickets"),
    "follow_up": ("follow-up", "follow-ups"),
    "automatic": ("automatic mail", "automatic mails"),
    "duplicate": ("second copy", "second copies"),
    "bounce": ("bounce", "bounces"),
}


def _headline(raw: bytes) -> str:
    head = message_from_bytes(raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", policy=modern)
    return f"from {head['From']}: {head['Subject']}"
