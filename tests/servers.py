"""Real mail servers in private directories, on ports of loopback that were free: Debian's Dovecot and Postfix.

Both need root, as their packages do. The two servers in memory come from the demo and are passed on here.
"""

from __future__ import annotations

import imaplib
import itertools
import os
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import trustme

from ksmail.demo.servers import HOST, SentMail, Servers
from ksmail.incoming.imap import ImapSettings
from ksmail.outgoing.smtp import SmtpSettings

__all__ = ["HOST", "Dovecot", "Postfix", "SentMail", "Servers", "dovecot", "free_port", "postfix"]

PASSWORD = "right"

# The account that lives on a server where every folder lies below INBOX.
BELOW_INBOX = "below-inbox@example.org"

DOVECOT = """
base_dir = {dir}/run
state_dir = {dir}/run
log_path = {dir}/dovecot.log
protocols = imap lmtp
listen = {host}
hostname = mail.example
postmaster_address = postmaster@example.org
ssl = yes
ssl_cert = <{dir}/server.pem
ssl_key = <{dir}/server.pem
ssl_min_protocol = {oldest_tls}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:{dir}/mail/%u
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
first_valid_gid = 1
mail_fsync = never
mail_max_userip_connections = 100
maildir_copy_with_hardlinks = yes
namespace inbox {{
  inbox = yes
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = passwd-file
  args = {dir}/below-inbox
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={dir}/mail/%u allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  unix_listener {dir}/auth {{
    mode = 0666
  }}
}}
"""

BELOW_INBOX_USER = (
    "{user}:::::{dir}/mail/{user}::userdb_uid=mail userdb_gid=mail "
    "userdb_namespace/inbox/prefix=INBOX. userdb_namespace/inbox/separator=.\n"
)

MAIN = """
compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = {dir}/postfix.log
maillog_file_prefixes = {dir}
inet_interfaces = {host}
inet_protocols = ipv4
myhostname = mail.example
mydestination =
mynetworks =
alias_maps =
alias_database =
local_recipient_maps =
smtpd_peername_lookup = no
disable_dns_lookups = yes
smtpd_tls_chain_files = {dir}/server.pem
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth}
smtpd_error_sleep_time = 0
message_size_limit = 1000000
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access inline:{{
    {{ nobody@example.net = 550 5.1.1 No such user }}
    {{ later@example.net = 450 4.2.0 Come back later }} }}, permit_sasl_authenticated, reject
smtpd_sender_restrictions = check_sender_access inline:{{ {{ stranger@example.org = 553 5.7.1 Not yours }} }}
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:all
virtual_transport = lmtp:inet:{host}:{lmtp}
"""

QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace")

MASTER = """
{host}:{submissions} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
{host}:{submission} inet n - n - - smtpd
{host}:{border} inet n - n - - smtpd -o smtpd_tls_security_level=none -o smtpd_sasl_auth_enable=no
    -o smtpd_relay_restrictions=reject_unauth_destination -o smtpd_recipient_restrictions=
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(slots=True)
class Program:
    """A server's process, which a test may end and start again; the ports are those it listens on."""

    directory: Path
    command: tuple[str, ...]
    ports: tuple[int, ...]
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Raises TimeoutError with its logs when it does not listen after 30 seconds."""
        with (self.directory / "output").open("ab") as output:
            self._process = subprocess.Popen(
                self.command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True
            )
        _await_ports(self.directory, *self.ports)

    def revive(self) -> None:
        """Start it when a test has ended it."""
        if self._process is None:
            self.start()

    def stop(self) -> None:
        """Nothing listens any more when this returns, and nobody is served: a Dovecot that is told to stop goes on
        with those who are logged in."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    @contextmanager
    def running(self) -> Iterator[None]:
        try:
            self.start()
            yield
        finally:
            self.stop()


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running Dovecot. Every user exists, with one password; so every test takes a new one."""

    directory: Path
    imap: int
    imaps: int
    lmtp: int
    program: Program
    _users: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def ca_file(self) -> Path:
        return self.directory / "ca.pem"

    def new_user(self) -> str:
        return f"desk{next(self._users)}@example.org"

    def deliver(self, raw: bytes, to: str, sender: str = "asker@example.net") -> None:
        """By LMTP (RFC 2033), so that Return-Path, Delivered-To and INTERNALDATE are real. `sender` "" is null."""
        with smtplib.LMTP(HOST, self.lmtp) as client:
            client.sendmail(sender, [to], raw)

    def append(self, raw: bytes, user: str, when: datetime, folder: str = "INBOX") -> None:
        with self.client(user) as client:
            client.append(folder, "", when, raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

    def folder(self, user: str, name: str) -> list[bytes]:
        """The mails in a folder, in their order; none when there is no such folder."""
        with self.client(user) as client:
            answer, (count, *_) = client.select(_quoted(name), readonly=True)
            if answer != "OK" or count == b"0":
                return []
            _, answers = client.fetch("1:*", "(BODY.PEEK[])")
            return [answer[1] for answer in answers if isinstance(answer, tuple)]

    def received(self, user: str, count: int = 1, seconds: float = 20.0) -> list[bytes]:
        """The mails that reached a user, as soon as there are `count`; what there is when the time is up."""
        end = time.monotonic() + seconds
        while len(mails := self.folder(user, "INBOX")) < count and time.monotonic() < end:
            time.sleep(0.02)
        return mails

    @contextmanager
    def client(self, user: str) -> Iterator[imaplib.IMAP4]:
        """Somebody else who is logged in to the same account."""
        with imaplib.IMAP4(HOST, self.imap, timeout=20) as client:
            client.login(user, PASSWORD)
            yield client

    def settings(self, user: str, **changes: object) -> ImapSettings:
        known: dict[str, object] = {"host": HOST, "port": self.imaps, "ca_file": self.ca_file, "timeout": 20.0}
        return ImapSettings(**(known | {"user": user, "password": PASSWORD} | changes))  # type: ignore[arg-type]  # mixed


@dataclass(frozen=True, slots=True)
class Postfix:
    """A running Postfix that takes mail for everybody after a login and hands it to a Dovecot.

    It refuses nobody@example.net for ever, later@example.net for now, and all mail from stranger@example.org.
    At `border` it takes mail without a login, as from the internet, and keeps what Dovecot does not take yet.
    """

    directory: Path
    submissions: int
    submission: int
    border: int
    dovecot: Dovecot
    program: Program

    def received(self, user: str, count: int = 1, seconds: float = 20.0) -> list[bytes]:
        """What `dovecot` has received for this user."""
        return self.dovecot.received(user, count, seconds)

    def take(self, raw: bytes, to: str, sender: str = "asker@example.net") -> None:
        """From the internet."""
        with smtplib.SMTP(HOST, self.border) as client:
            client.sendmail(sender, [to], raw)

    def flush(self) -> None:
        """Try now to hand over what waits in the queue."""
        subprocess.run(["/usr/sbin/postqueue", "-c", self.directory, "-f"], check=True)

    def settings(self, **changes: object) -> SmtpSettings:
        known: dict[str, object] = {"host": HOST, "port": self.submissions, "ca_file": self.dovecot.ca_file}
        return SmtpSettings(**(known | {"user": "desk@example.org", "password": PASSWORD} | changes))  # type: ignore[arg-type]  # mixed


@contextmanager
def dovecot(oldest_tls: str = "TLSv1.2") -> Iterator[Dovecot]:
    """A Dovecot of our own. Raises FileNotFoundError with a sentence when it cannot be had."""
    _need("dovecot", Path("/usr/sbin/dovecot"), Path("/usr/lib/dovecot/lmtp"))
    with _directory("dovecot") as directory:
        command = ("/usr/sbin/dovecot", "-F", "-c", str(directory / "dovecot.conf"))
        imap, imaps, lmtp = free_port(), free_port(), free_port()
        running = Dovecot(directory, imap, imaps, lmtp, Program(directory, command, (imap, imaps, lmtp)))
        _certify(directory)
        (directory / "mail").mkdir()
        shutil.chown(directory / "mail", "mail", "mail")
        (directory / "below-inbox").write_text(BELOW_INBOX_USER.format(user=BELOW_INBOX, dir=directory))
        ports = {"imap": imap, "imaps": imaps, "lmtp": lmtp}
        facts = {"dir": directory, "host": HOST, "password": PASSWORD, "oldest_tls": oldest_tls}
        (directory / "dovecot.conf").write_text(DOVECOT.format(**facts, **ports))
        with running.program.running():
            yield running


@contextmanager
def postfix(dovecot: Dovecot, more: str = "") -> Iterator[Postfix]:
    """A Postfix of our own; `more` goes into its main.cf. Raises FileNotFoundError when it cannot be had."""
    master = Path("/usr/lib/postfix/sbin/master")
    _need("postfix", master)
    with _directory("postfix") as directory:
        submissions, submission, border = free_port(), free_port(), free_port()
        program = Program(directory, (str(master), "-c", str(directory), "-s"), (submissions, submission, border))
        running = Postfix(directory, submissions, submission, border, dovecot, program)
        shutil.copy(dovecot.directory / "server.pem", directory / "server.pem")
        _make_queue(directory)
        facts = {"dir": directory, "host": HOST, "auth": dovecot.directory / "auth", "lmtp": dovecot.lmtp}
        ports = {"submissions": submissions, "submission": submission, "border": border}
        (directory / "main.cf").write_text(MAIN.format(**facts) + more)
        (directory / "master.cf").write_text(MASTER.format(host=HOST, **ports))
        with program.running():
            yield running


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _need(package: str, *paths: Path) -> None:
    if os.geteuid() != 0:
        raise FileNotFoundError(f"{package} can only be started by root; scripts/test does that in a container")
    if not all(path.exists() for path in paths):
        raise FileNotFoundError(f"Debian's {package} is not installed; scripts/test installs it")


@contextmanager
def _directory(name: str) -> Iterator[Path]:
    """A directory with a short path (of a socket: 107 octets) into which the servers' own users may look."""
    directory = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    directory.chmod(0o755)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _await_ports(directory: Path, *ports: int, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    for port in ports:
        while True:
            with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
                break
            if time.monotonic() > end:
                raise TimeoutError(
                    "\n".join(log.read_text() for log in (*directory.glob("*.log"), directory / "output"))
                )
            time.sleep(0.02)


def _certify(directory: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(directory / "ca.pem"))
    authority.issue_cert("localhost", HOST).private_key_and_cert_chain_pem.write_to_path(str(directory / "server.pem"))


def _make_queue(directory: Path) -> None:
    """As postfix's own set-up would, without touching the machine's Postfix."""
    (directory / "queue").mkdir()
    (directory / "data").mkdir()
    shutil.chown(directory / "data", "postfix")
    for name in QUEUES:
        (directory / "queue" / name).mkdir(mode=0o700)
        shutil.chown(directory / "queue" / name, "postfix")
    (directory / "queue" / "pid").mkdir()
    for name, mode in (("public", 0o710), ("maildrop", 0o1730)):
        (directory / "queue" / name).mkdir()
        shutil.chown(directory / "queue" / name, "postfix", "postdrop")
        (directory / "queue" / name).chmod(mode)


def _quoted(name: str) -> str:
    return f'"{name}"'
