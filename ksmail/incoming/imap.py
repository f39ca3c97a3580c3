"""The mailbox over IMAP."""

from __future__ import annotations

import hashlib
import logging
import re
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from imapclient import DELETED, IMAPClient
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError

from ksmail.errors import CannotDestroy, LoginRefused, Unavailable
from ksmail.incoming import pace
from ksmail.incoming.answer import Answer, Facts, body, words
from ksmail.incoming.answer import facts as answered
from ksmail.incoming.bell import Bell
from ksmail.incoming.mailbox import Copy, Folder, IncomingMail, MailKey
from ksmail.tls import client_context, good_until, refuse_cleartext

Tls = Literal["implicit", "starttls", "none"]

# The library tells at debug level who logs in and what the mails say. That is nobody's business.
logging.getLogger("imapclient").setLevel(logging.INFO)

_CHUNK = 500  # UIDs in one command: its line stays below the 8000 octets of RFC 7162 4
_LOOKS = 3  # searches for news in a row, while the server tells of more
_HEAD = 256 * 1024  # what is fetched of a mail that is too large
_LOOKALIKES = 500  # mails of one folder that are compared with one that is to be destroyed
# Visible ASCII without quote, backslash and brace: within quotes it is itself to every server (RFC 9051 4.3).
_QUOTABLE = re.compile(r"[!#-\[\]-z|}~]{1,998}", re.ASCII)
# After the first two, what the library trips over when a reply is broken.
_FAULTS = (OSError, IMAPClientError, ValueError, TypeError, LookupError, AttributeError, OverflowError, MemoryError)
_NOT_NOW = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT)\]|not connected|backoff time", re.IGNORECASE)  # RFC 5530 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapSettings:
    """Times are in seconds, sizes in octets. `tls="none"` is accepted for loopback addresses only (tests)."""

    host: str
    user: str
    password: str
    port: int = 993
    tls: Tls = "implicit"
    ca_file: Path | None = None
    mailbox: str = "INBOX"
    done_folder: str = "Done"
    quarantine_folder: str = "Quarantine"
    held_folder: str = "Held"
    leave_in_place: bool = False
    timeout: float = 60.0
    idle_renewal: float = 240.0
    largest_mail: int = 40 * 1024 * 1024
    reconnect_min: float = 10.0
    reconnect_max: float = 300.0

    def __repr__(self) -> str:
        return f"ImapSettings({self.host!r}, {self.port})"

    @property
    def folders(self) -> dict[Folder, str]:
        """The folders as the operator named them."""
        return {
            Folder.DONE: self.done_folder,
            Folder.QUARANTINE: self.quarantine_folder,
            Folder.HELD: self.held_folder,
        }


def reconnect_delay(settings: ImapSettings, failures: int, jitter: float) -> float:
    """Seconds before the next attempt, after `failures` in a row. `jitter` is from -1 to 1."""
    return pace.delay(failures, jitter, settings.reconnect_min, settings.reconnect_max)


def searches(copy: Copy) -> Iterator[str]:
    """Criteria that find a mail (RFC 9051 6.4.4), the narrowest first.

    There is more than one because some servers guess at sizes and some search headers badly. An id that could end its
    quotes is left out.
    """
    size = f"SMALLER {copy.size + 1}" + (f" LARGER {copy.size - 1}" if copy.size else "")
    if _QUOTABLE.fullmatch(copy.message_id):
        by_id = f'HEADER Message-ID "{copy.message_id}"'
        yield f"{by_id} {size}"
        yield by_id
    yield size


class ImapMailbox:
    """One folder of one account (see `Mailbox`). One thread uses it; only `interrupt` and `abandon` may come from
    another.

    After any fault the connection is gone, and the next call makes a new one. No command carries a UID of another
    UIDVALIDITY than the one that `open` told last (RFC 9051 2.3.1.1).
    """

    def __init__(self, settings: ImapSettings) -> None:
        """Raises ConfigError; connects only when used."""
        refuse_cleartext(settings.host, settings.tls, "imap.tls")
        self._settings = settings
        self._context = None if settings.tls == "none" else client_context(settings.ca_file, "imap.ca_file")
        self._client: IMAPClient | None = None
        self._uidvalidity = 0
        self._last_uid = 0
        self._folders: dict[Folder, str] = {}
        self._bell = Bell()
        self.certificate_until: datetime | None = None  # of the server, as it was seen last

    def open(self) -> int:
        with self._wire():
            client = self._client or self._connect()
            self._uidvalidity, next_uid = self._select(client)
            self._last_uid = next_uid - 1
            client.noop()
            return self._uidvalidity

    def uids(self) -> tuple[int, ...]:
        with self._wire():
            client = self._ready()
            client.noop()  # without it many servers search what they showed us last
            found = tuple(sorted(client.search("ALL")))
            self._last_uid = max(self._last_uid, *found[-1:], 0)
            return found

    def fetch(self, uids: Sequence[int]) -> Iterator[IncomingMail]:
        for chunk in _chunks(uids):
            facts = self._describe(chunk)
            sizes = [(uid, facts[uid].size) for uid in chunk if uid in facts]
            most = min(pace.MOST_OCTETS, self._settings.largest_mail)
            for batch in pace.batches(sizes, most):  # so one that is too large always comes alone
                yield from self._bodies(batch, facts)

    def file(self, uids: Sequence[int], folder: Folder) -> None:
        if self._settings.leave_in_place:
            return
        for chunk in _chunks(uids):
            with self._wire():
                self._move_what_is_there(self._ready(), chunk, self._folders[folder])

    def destroy(self, copy: Copy) -> int:
        with self._wire():
            client = self._client or self._connect()
            places = self._places(client)
            destroyed: list[_Destroyed] = []
            for criteria in searches(copy):
                destroyed = [self._destroy_in(client, place, criteria, copy) for place in places]
                if any(there.gone or there.obstacle for there in destroyed):
                    break
            self._select(client)  # the other calls find the folder selected
        for there in destroyed:
            if there.obstacle:
                raise CannotDestroy(f"{there.obstacle}: delete it by hand")
        return sum(there.gone for there in destroyed)

    def wait(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        try:
            with self._wire():
                client = self._ready()
                pause = self._idle if client.has_capability("IDLE") else self._doze
                heard = self._has_news(client)
                # A short while first: what comes in one breath with the consent to IDLE lies unseen in a buffer.
                longest = min(1.0, self._settings.idle_renewal)
                while not heard and not self._bell.rung and (left := end - time.monotonic()) > 0:
                    heard = pause(client, min(left, longest))
                    longest = self._settings.idle_renewal
                return heard
        finally:
            self._bell.silence()

    def interrupt(self) -> None:
        self._bell.ring()

    def abandon(self) -> None:
        """End the connection without a word, from any thread: whoever waits for the server finds it gone."""
        client = self._client
        if client is not None:
            with suppress(*_FAULTS):
                # The one below TLS: that of an encrypted socket takes away what the other thread still reads with.
                socket.socket.shutdown(client.socket(), socket.SHUT_RDWR)

    def close(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        with suppress(*_FAULTS):
            client.socket().settimeout(min(2.0, self._settings.timeout))
            client.logout()  # never CLOSE: that expunges what other people marked
        with suppress(*_FAULTS):
            client.shutdown()

    # The connection

    @contextmanager
    def _wire(self) -> Iterator[None]:
        """Whatever goes wrong on the wire drops the connection and becomes Unavailable."""
        try:
            yield
        except Unavailable:
            self._drop()
            raise
        except _FAULTS as fault:
            self._drop()
            raise self._unavailable(fault) from None  # the library's texts may hold what we sent

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(*_FAULTS):
                client.shutdown()

    def _connect(self) -> IMAPClient:
        settings = self._settings
        implicit = settings.tls == "implicit"
        client = IMAPClient(
            settings.host,
            settings.port,
            ssl=implicit,
            ssl_context=self._context,
            timeout=settings.timeout,
        )
        self._client = client
        client.normalise_times = False
        # The library sends some commands in two pieces: without this each waits for an acknowledgement in between.
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _refuse_huge_literals(client, settings.largest_mail + 1024 * 1024)
        if client.welcome.startswith(b"* PREAUTH"):
            # Whoever greets like that forestalls STARTTLS, and is not the server we have an account with.
            raise Unavailable("the IMAP server says that we are logged in before we are")
        if settings.tls == "starttls":
            client.starttls(self._context)
        self.certificate_until = good_until(client.socket()) or self.certificate_until
        self._login(client)
        self._find_folders(client)
        return client

    def _login(self, client: IMAPClient) -> None:
        """The seam for other ways to log in."""
        user, password = self._settings.user, self._settings.password
        if user.isascii() and password.isascii():
            client.login(user, password)
        else:
            client.plain_login(user, password)  # RFC 4616: UTF-8, which LOGIN cannot carry

    def _select(self, client: IMAPClient) -> tuple[int, int]:
        """UIDVALIDITY and UIDNEXT of the folder, now selected."""
        answer = client.select_folder(self._settings.mailbox)
        return int(answer[b"UIDVALIDITY"]), int(answer.get(b"UIDNEXT", 1))

    def _ready(self) -> IMAPClient:
        """The connection, with the folder selected and its UIDs still those that `open` spoke of."""
        client = self._client
        if client is None:
            client = self._connect()
            uidvalidity, _ = self._select(client)
        else:
            uidvalidity = _last_told_uidvalidity(client) or self._uidvalidity
        if uidvalidity != self._uidvalidity:
            raise Unavailable("the IMAP server has numbered the folder anew")
        return client

    def _unavailable(self, fault: BaseException) -> Unavailable:
        wait = pace.advised(str(fault))
        if wait is not None:
            return Unavailable("the IMAP server asks us to come back later", retry_after=wait)
        if _is_refused_login(fault):
            # Trying on locks accounts.
            return LoginRefused("the IMAP server refuses our login", retry_after=self._settings.reconnect_max)
        return Unavailable(_reason(fault))

    # Folders

    def _find_folders(self, client: IMAPClient) -> None:
        if self._settings.leave_in_place:
            return
        for folder, *names in self._names(client):
            self._folders[folder] = _existing_folder(client, *names)

    def _names(self, client: IMAPClient) -> Iterator[tuple[Folder, str, str]]:
        """The folders with the names they may have on this server, the better one first."""
        prefix, delimiter = _namespace(client)
        for folder, name in self._settings.folders.items():
            name = name.replace("/", delimiter)
            yield folder, name if name.startswith(prefix) else prefix + name, f"INBOX{delimiter}{name}"

    def _move_what_is_there(self, client: IMAPClient, uids: Sequence[int], name: str) -> None:
        try:
            _move(client, uids, name)
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            left = _present(client, uids)
            if len(left) == len(uids):
                raise
            if left:
                _move(client, left, name)

    # Destroying

    def _places(self, client: IMAPClient) -> list[str]:
        """Where a mail of ours may lie; when mails are left in place, also where they were put in other times."""
        mailbox = self._settings.mailbox
        names = dict.fromkeys(name for _, *both in self._names(client) for name in both if name != mailbox)
        return [mailbox, *(name for name in names if _can_be_selected(client, name))]

    def _destroy_in(self, client: IMAPClient, place: str, criteria: str, copy: Copy) -> _Destroyed:
        uidvalidity = int(client.select_folder(place)[b"UIDVALIDITY"])
        found = sorted(client.search(criteria))
        uids, too_large = self._comparable(client, found[:_LOOKALIKES], copy.size)
        copies = [uid for uid in uids if _is_copy(client, uid, copy.sha256)]
        if _last_told_uidvalidity(client) != uidvalidity:
            raise Unavailable("the IMAP server has numbered a folder anew")
        if copies and not client.has_capability("UIDPLUS"):
            return _Destroyed(0, "the IMAP server cannot delete one mail alone (no UIDPLUS)")
        left = 0
        if copies:
            _expunge(client, copies)
            left = len(_present(client, copies))
        obstacles = {
            "the IMAP server keeps what it was told to delete": left > 0,
            "the mail is too large to be compared with the server's copy": too_large,
            "too many mails on the IMAP server look like this one": len(found) > _LOOKALIKES,
        }
        return _Destroyed(len(copies) - left, next((text for text, met in obstacles.items() if met), ""))

    def _comparable(self, client: IMAPClient, uids: Sequence[int], size: int) -> tuple[list[int], bool]:
        """Those that can be fetched whole; and whether one of just this size cannot."""
        if not uids:
            return [], False
        sizes = {uid: answered(answer).size for uid, answer in client.fetch(uids, ["RFC822.SIZE"]).items()}
        most = self._settings.largest_mail
        return [uid for uid in uids if sizes.get(uid, most + 1) <= most], size > most and size in sizes.values()

    # Mails

    def _describe(self, uids: Sequence[int]) -> dict[int, Facts]:
        """Size and arrival of those mails that are still there."""
        return {uid: answered(answer) for uid, answer in self._ask(uids, "RFC822.SIZE", "INTERNALDATE").items()}

    def _bodies(self, batch: Sequence[int], facts: dict[int, Facts]) -> Iterator[IncomingMail]:
        most = self._settings.largest_mail
        too_large = facts[batch[0]].size > most
        answers = self._ask(batch, f"BODY.PEEK[]<0.{_HEAD}>" if too_large else "BODY.PEEK[]")
        for uid in batch:
            answer = answers.pop(uid, None)
            if answer is None:
                continue  # somebody moved or deleted it meanwhile (RFC 2683 3.4.6)
            known = facts[uid]
            incomplete = known.refused
            if too_large:
                incomplete = f"larger than {pace.readable(most)} ({pace.readable(known.size)})"
            raw, refused = body(answer)
            yield IncomingMail(
                key=MailKey(self._settings.mailbox, self._uidvalidity, uid),
                raw=raw,
                received_at=known.received_at,
                size=known.size,
                incomplete=refused or incomplete,
            )

    def _ask(self, uids: Sequence[int], *items: str) -> dict[int, Answer]:
        """FETCH. When the server refuses, one mail at a time; what it said of a mail it keeps to itself is a str.

        One that refuses all of several mails has a fault of its own, which is no reason to give up the mails.
        """
        with self._wire():
            client = self._ready()
            try:
                return dict(client.fetch(uids, items))
            except IMAPClientAbortError:
                raise
            except _TooMuch as fault:
                self._drop()
                if len(uids) == 1:
                    return dict.fromkeys(uids, words(fault))
            except (IMAPClientError, ValueError) as fault:
                if _NOT_NOW.search(str(fault)):
                    raise
                if len(uids) == 1:
                    return {uid: words(fault) for uid in _present(client, uids)}
        answers = {uid: answer for uid in uids for answer in self._ask([uid], *items).values()}
        if len(answers) > 1 and all(isinstance(answer, str) for answer in answers.values()):
            raise Unavailable(f"the IMAP server hands over none of {len(answers)} mails")
        return answers

    # Waiting

    def _has_news(self, client: IMAPClient) -> bool:
        """Whether a mail came that `uids` did not see; "n:*" always names the last one (RFC 9051 9, seq-range)."""
        client.noop()
        told = client._imap.untagged_responses
        for _ in range(_LOOKS):
            told.pop("EXISTS", None)
            if any(uid > self._last_uid for uid in client.search(["UID", f"{self._last_uid + 1}:*"])):
                return True
            if "EXISTS" not in told:  # what came during the search is told beside its result, and never again
                return False
        return False

    def _doze(self, client: IMAPClient, seconds: float) -> bool:
        self._bell.sleep(seconds)
        return self._has_news(client)

    def _idle(self, client: IMAPClient, seconds: float) -> bool:
        """RFC 2177, until something is heard, `seconds` have passed, or `interrupt`."""
        try:
            client.idle()
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            # The library takes news that come before the "+" for an error, and has lost its place.
            self._drop()
            return True
        # The lines are read by the DONE: what the library reads without waiting, it loses when half a line comes.
        self._bell.readable(client.socket(), seconds)
        _, lines = client.idle_done()  # on a dead connection the socket's timeout ends this
        return _is_news(lines)


_Line = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Destroyed:
    """How many copies are gone from one folder, and why another is, or may be, still there."""

    gone: int
    obstacle: str


class _TooMuch(ValueError):
    """The server announces more octets than it said the mail measures; they still lie on the line."""


def _chunks(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), _CHUNK):
        yield uids[start : start + _CHUNK]


def _present(client: IMAPClient, uids: Sequence[int]) -> list[int]:
    client.noop()
    return sorted(client.search(["UID", ",".join(map(str, uids))]))


def _move(client: IMAPClient, uids: Sequence[int], name: str) -> None:
    """Never a plain EXPUNGE: that takes what others marked. A server that can do no better keeps the mails in place."""
    if client.has_capability("MOVE"):
        client.move(uids, name)  # RFC 6851
    elif client.has_capability("UIDPLUS"):  # RFC 4315
        client.copy(uids, name)
        _expunge(client, uids)


def _expunge(client: IMAPClient, uids: Sequence[int]) -> None:
    """Delete these mails and no others (RFC 4315 2.1)."""
    client.add_flags(uids, [DELETED], silent=True)
    client.uid_expunge(uids)


def _is_copy(client: IMAPClient, uid: int, sha256: str) -> bool:
    """Whether the bytes are the same; one mail at a time, for they may be large. One that is gone by now is none."""
    raw, refused = body(client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}))
    return not refused and hashlib.sha256(raw).hexdigest() == sha256


def _can_be_selected(client: IMAPClient, name: str) -> bool:
    never = {b"\\noselect", b"\\nonexistent"}  # RFC 9051 7.3.1
    return any(never.isdisjoint(map(bytes.lower, flags)) for flags, _, _ in client.list_folders("", name))


def _namespace(client: IMAPClient) -> tuple[str, str]:
    """Prefix and delimiter of our own folders (RFC 2342)."""
    if client.has_capability("NAMESPACE"):
        personal = client.namespace().personal
        if personal:
            return personal[0][0], personal[0][1] or "/"
    listed = client.list_folders("", "INBOX")
    return "", (listed[0][1] or b"/").decode("ascii") if listed else "/"


def _existing_folder(client: IMAPClient, *names: str) -> str:
    """The first of `names` that is there or can be made. People should see it too, so it is subscribed to."""
    for name in names:
        if client.folder_exists(name):
            return name
    for name in names:
        try:
            client.create_folder(name)
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            if not client.folder_exists(name):  # another of us may have been quicker
                continue
        with suppress(IMAPClientError):
            client.subscribe_folder(name)
        return name
    raise Unavailable("the IMAP server makes no folder for us: make those named in the settings by hand")


def _refuse_huge_literals(client: IMAPClient, most: int) -> None:
    """imaplib tries to hold whatever a server announces, two gigabytes as well."""
    read = client._imap.read

    def careful(size: int) -> bytes:
        if size > most:
            raise _TooMuch(f"it announces {pace.readable(size)}")
        return bytes(read(size))

    client._imap.read = careful


def _last_told_uidvalidity(client: IMAPClient) -> int | None:
    """A server may renumber a folder while it is selected, and then says so in passing (RFC 9051 7.1)."""
    told = client._imap.untagged_responses.get("UIDVALIDITY")
    return int(told[-1]) if told else None


def _is_news(lines: Sequence[_Line]) -> bool:
    """Whether something came. A farewell, or new numbers, among the lines is no news but the end: Unavailable."""
    if any(line[0] == b"BYE" for line in lines):
        raise Unavailable("the IMAP server said goodbye")
    if any(line[0] == b"OK" and b"[UIDVALIDITY" in line[1] for line in lines):
        raise Unavailable("the IMAP server has numbered the folder anew")
    return any(line[1:2] in ((b"EXISTS",), (b"RECENT",)) for line in lines)


def _is_refused_login(fault: BaseException) -> bool:
    if not isinstance(fault, LoginError) or _NOT_NOW.search(str(fault)):
        return False
    return not isinstance(fault.__context__, IMAPClientAbortError)  # the connection died over it


def _reason(fault: BaseException) -> str:
    match fault:
        case ssl.SSLCertVerificationError():
            return f"the certificate of the IMAP server is not valid: {fault.verify_message}"
        case ssl.SSLError() if not isinstance(fault, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return "no secure connection to the IMAP server"
        case TimeoutError():
            return "the IMAP server does not answer"
        case socket.gaierror():
            return "the name of the IMAP server is not known"
        case CapabilityError():
            return f"the IMAP server cannot do what we need: {words(fault)}"
        case LoginError():
            return "the IMAP server takes no logins now"
        case OSError() | IMAPClientAbortError():
            return "no connection to the IMAP server"
        case IMAPClientError():
            return f"the IMAP server refused: {words(fault)}"
    return f"the IMAP server cannot be understood ({type(fault).__name__})"
