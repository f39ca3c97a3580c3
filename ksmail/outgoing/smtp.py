"""The transport over SMTP."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, NoReturn

from aiosmtplib import SMTP, SMTPException, SMTPResponse, SMTPResponseException, SMTPTimeoutError

from ksmail.address import parse_address
from ksmail.errors import Unavailable
from ksmail.outgoing.judge import Phase, judge
from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.transport import Bounced, Deferred, Outcome, Uncertain
from ksmail.outgoing.wire import blocks, canonical, stuffed
from ksmail.tls import client_context, good_until, refuse_cleartext

Tls = Literal["implicit", "starttls", "none"]

_FAULTS = (SMTPException, OSError, ValueError)  # ValueError: replies and addresses the library will not have
_GRACE = 25.0  # seconds that a cancelled `send` still waits for the reply to its dot
_QUIT = 2.0  # seconds for a polite goodbye


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """Times are in seconds. `tls="none"` is accepted for loopback addresses only (tests). No `user`: no login."""

    host: str
    user: str = ""
    password: str = ""
    port: int = 465
    tls: Tls = "implicit"
    ca_file: Path | None = None
    connections: int = 3
    connect_timeout: float = 30.0
    command_timeout: float = 300.0
    data_timeout: float = 600.0
    helo: str = ""

    def __repr__(self) -> str:
        return f"SmtpSettings({self.host!r}, {self.port})"

    @property
    def longest(self) -> float:
        """How many seconds handing over one letter may take, when every answer comes at the last moment."""
        return 3 * self.connect_timeout + 8 * self.command_timeout + self.data_timeout


class _Ended(Exception):
    """The conversation about this mail has ended with one outcome for everybody still in it."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


class _Client(SMTP):
    """The library's, but closed is closed: it would wait for the server's TLS goodbye, longer than the loop lives."""

    def close(self) -> None:
        # In this order: Python 3.11.2 cannot abort what was closed twice.
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()
        super().close()


@dataclass(slots=True)
class _Envelope:
    """A mail under way: who is still in it, and what became of the others."""

    sender: str
    payload: bytes
    accepted: list[str] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)


class SmtpTransport:
    """Hands letters to one submission server over a few connections that are kept (see `Transport`).

    Used from one event loop at a time, with `close` in between. A `send` that is cancelled before the final dot is on
    its way leaves nothing behind and raises CancelledError. Cancelled after it, `send` still waits for the reply (25 s
    at most) and returns the outcome, since nobody else could ever learn it: let running sends finish before the loop
    ends.
    """

    def __init__(self, settings: SmtpSettings, section: str = "smtp") -> None:
        """Raises ConfigError, which names a key of `section`; connects only when used."""
        refuse_cleartext(settings.host, settings.tls, f"{section}.tls")
        self._settings = settings
        self._context = client_context(settings.ca_file, f"{section}.ca_file")
        self.certificate_until: datetime | None = None  # of the server, as it was seen last
        self._places = self._make_places()
        self._idle: list[SMTP] = []

    async def send(self, mail: OutgoingMail, recipients: tuple[str, ...]) -> Mapping[str, Outcome]:
        plain = [recipient for recipient in recipients if _is_plain(recipient)]
        outcomes: dict[str, Outcome] = {
            recipient: Bounced("not a plain mail address") for recipient in recipients if recipient not in plain
        }
        if plain and mail.envelope_from and not _is_plain(mail.envelope_from):
            return outcomes | dict.fromkeys(plain, Deferred("our own address is not a plain one", account_wide=True))
        if plain:
            async with self._places:
                outcomes |= await self._hand_over(mail, plain)
        return {recipient: outcomes[recipient] for recipient in recipients}

    async def probe(self) -> str:
        """Connect, encrypt and log in; send nothing. Raises Unavailable with the reason why that cannot be done."""
        try:
            async with self._connection(self._settings.helo or "[127.0.0.1]") as client:
                return "takes our login" if self._settings.user else f"answers ({client.hostname})"
        except _Ended as end:
            reason = getattr(end.outcome, "reason", "")
            raise Unavailable(reason or "the SMTP server does not take us") from None
        finally:
            await self.close()

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        self._places = self._make_places()  # after this, another event loop may use us
        for client in idle:
            with suppress(*_FAULTS):
                await client.quit(timeout=min(_QUIT, self._settings.command_timeout))
            await _hang_up(client)

    def _make_places(self) -> asyncio.Semaphore:
        return asyncio.Semaphore(max(1, self._settings.connections))

    async def _hand_over(self, mail: OutgoingMail, recipients: Sequence[str]) -> dict[str, Outcome]:
        envelope = _Envelope(mail.envelope_from, canonical(mail.raw))
        try:
            async with self._connection(_neutral_name(self._settings.helo, mail)) as client:
                await self._converse(client, envelope, recipients)
        except _Ended as end:
            return dict.fromkeys(recipients, end.outcome) | envelope.outcomes
        return envelope.outcomes

    # Connections

    @asynccontextmanager
    async def _connection(self, name: str) -> AsyncIterator[SMTP]:
        """A connection that is ready for MAIL; kept for the next mail unless something went wrong with it."""
        client = await self._kept() or await self._fresh(name)
        try:
            yield client
            await self._keep(client)
        except _Ended:
            await self._keep(client)
            raise
        except BaseException:
            client.close()
            raise

    async def _kept(self) -> SMTP | None:
        """A connection that still answers. That a server closed an idle one is nobody's fault."""
        while self._idle:
            client = self._idle.pop()
            try:
                await client.rset(timeout=self._settings.connect_timeout)
            except _FAULTS:
                await _hang_up(client)
            except BaseException:
                client.close()
                raise
            else:
                return client
        return None

    async def _keep(self, client: SMTP) -> None:
        if client.is_connected:
            self._idle.append(client)
        else:
            await _hang_up(client)

    async def _fresh(self, name: str) -> SMTP:
        """Connected, encrypted and logged in. Every fault here is the account's: no letter could go out."""
        settings = self._settings
        client = _Client(
            hostname=settings.host,
            port=settings.port,
            use_tls=settings.tls == "implicit",
            start_tls=False,  # done below: the library's own default goes on in the clear where it is not offered
            tls_context=self._context,
            local_hostname=name,
            timeout=settings.command_timeout,
        )
        try:
            await client.connect(timeout=settings.connect_timeout)
            await client.ehlo()
            if settings.tls == "starttls":
                await client.starttls(timeout=settings.connect_timeout)
                await client.ehlo()
            if client.transport is not None:
                shown = good_until(client.transport.get_extra_info("ssl_object"))
                self.certificate_until = shown or self.certificate_until
            await self._login(client)
        except _FAULTS as fault:
            await _hang_up(client)
            _heed_cancel()
            raise _Ended(_session_fault(fault)) from None  # the library's texts may hold what we sent
        except BaseException:
            client.close()
            raise
        return client

    async def _login(self, client: SMTP) -> None:
        """The seam for other ways to log in. One attempt only: a second way with the same password locks accounts."""
        user, password = self._settings.user, self._settings.password
        if not user:
            return
        if "plain" in client.server_auth_methods:
            await client.auth_plain(user, password)
        elif "login" in client.server_auth_methods:
            await client.auth_login(user, password)
        else:
            raise SMTPException("it offers no way to log in that we know")

    # One mail

    async def _converse(self, client: SMTP, envelope: _Envelope, recipients: Sequence[str]) -> None:
        await self._mail(client, envelope)
        for recipient in recipients:
            await self._rcpt(client, envelope, recipient)
        if not envelope.accepted:
            await self._reset(client)
            return
        await self._data(client, envelope)
        _heed_cancel()  # the dot cannot be taken back
        outcome = await self._finish(client)
        envelope.outcomes |= dict.fromkeys(envelope.accepted, outcome)

    async def _mail(self, client: SMTP, envelope: _Envelope) -> None:
        words = [b"MAIL", f"FROM:<{envelope.sender}>".encode("ascii")]
        if client.supports_extension("size"):
            words.append(b"SIZE=%d" % len(envelope.payload))  # RFC 1870
        if not envelope.payload.isascii() and client.supports_extension("8bitmime"):
            words.append(b"BODY=8BITMIME")  # RFC 6152
        code, text = await self._say(client, *words)
        if not 200 <= code < 300:
            await self._end(client, judge(Phase.MAIL, code, text))

    async def _rcpt(self, client: SMTP, envelope: _Envelope, recipient: str) -> None:
        code, text = await self._say(client, b"RCPT", f"TO:<{recipient}>".encode("ascii"))
        if 200 <= code < 300:
            envelope.accepted.append(recipient)
        else:
            envelope.outcomes[recipient] = judge(Phase.RCPT, code, text)

    async def _data(self, client: SMTP, envelope: _Envelope) -> None:
        """DATA and the mail, all but the dot: until here the server can have taken nothing."""
        code, text = await self._say(client, b"DATA")
        if code != 354:
            await self._end(client, judge(Phase.DATA, code, text))
        try:
            for block in blocks(stuffed(envelope.payload)):
                await asyncio.wait_for(_write(client, block), self._settings.command_timeout)
        except _FAULTS as fault:
            raise _Ended(await _lost(client, fault)) from None

    async def _finish(self, client: SMTP) -> Outcome:
        """The dot, and the reply that makes the server responsible. Between the two nobody knows (RFC 1047)."""
        protocol = client.protocol
        if protocol is None:
            raise _Ended(Deferred("the connection was lost before the end of the mail"))
        try:
            protocol.write(b".\r\n")
        except _FAULTS as fault:
            raise _Ended(await _lost(client, fault)) from None
        reply = asyncio.ensure_future(protocol.read_response(timeout=self._settings.data_timeout))
        try:
            code, text = await _even_if_cancelled(reply)
        except (*_FAULTS, asyncio.CancelledError) as fault:
            reply.cancel()
            client.close()
            if isinstance(fault, SMTPTimeoutError):
                return Uncertain("no reply to the end of the mail")
            return Uncertain("the connection was lost before the reply to the end of the mail")
        if code == 421:
            await _hang_up(client)
        return judge(Phase.DOT, code, text)

    async def _say(self, client: SMTP, *words: bytes) -> tuple[int, str]:
        try:
            reply = await client.execute_command(*words)
        except _FAULTS as fault:
            raise _Ended(await _lost(client, fault)) from None
        return reply.code, reply.message

    async def _end(self, client: SMTP, outcome: Outcome) -> NoReturn:
        await self._reset(client)
        raise _Ended(outcome)

    async def _reset(self, client: SMTP) -> None:
        try:
            await client.rset()
        except _FAULTS:
            await _hang_up(client)


def _heed_cancel() -> None:
    """Python 3.11 forgets a cancellation when what it waits for with a time limit ends in the same turn of the loop."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _even_if_cancelled(reply: asyncio.Future[SMTPResponse]) -> SMTPResponse:
    """The reply, and if we are cancelled meanwhile, still the reply when it comes within the grace."""
    try:
        return await asyncio.shield(reply)
    except asyncio.CancelledError:
        await asyncio.wait({reply}, timeout=_GRACE)
        if not reply.done():
            reply.cancel()
        return await reply


async def _write(client: SMTP, block: bytes) -> None:
    """Write, and wait until the connection has taken it, so that a 40 MB mail does not lie in memory twice."""
    if client.protocol is None or client.transport is None:
        raise OSError("connection lost")
    client.protocol.write(block)
    transport = client.transport
    while isinstance(transport, asyncio.WriteTransport) and transport.get_write_buffer_size() > 0:
        if transport.is_closing():
            raise OSError("connection lost")
        await asyncio.sleep(0.005)


async def _lost(client: SMTP, fault: BaseException) -> Deferred:
    """The conversation broke off before the dot. The next mail will show whether the server is there at all."""
    await _hang_up(client)
    if isinstance(fault, TimeoutError):
        return Deferred("the SMTP server does not answer")
    return Deferred("the connection to the SMTP server was lost")


async def _hang_up(client: SMTP) -> None:
    client.close()
    await asyncio.sleep(0)  # the loop closes the socket in its next turn


def _session_fault(fault: BaseException) -> Outcome:
    if isinstance(fault, SMTPResponseException) and fault.code > 0:
        return judge(Phase.SESSION, fault.code, fault.message)
    return Deferred(_reason(fault), account_wide=True)


def _reason(fault: BaseException) -> str:
    cause = fault.__cause__ or fault
    match cause:
        case ssl.SSLCertVerificationError():
            return f"the certificate of the SMTP server is not valid: {cause.verify_message}"
        case ssl.SSLError():
            return "no secure connection to the SMTP server"
        case TimeoutError():
            return "the SMTP server does not answer"
        case OSError():
            return "no connection to the SMTP server"
        case SMTPException() if "STARTTLS" in cause.message:
            return "the SMTP server offers no encryption"
        case SMTPException():
            return f"the SMTP server cannot do what we need: {cause.message}"
    return "the SMTP server cannot be understood"


def _is_plain(address: str) -> bool:
    try:
        parse_address(address)
    except ValueError:
        return False
    return True


def _neutral_name(configured: str, mail: OutgoingMail) -> str:
    """What we call ourselves in EHLO: never the name of this machine."""
    if configured:
        return configured
    for text in (mail.envelope_from, "id@" + mail.message_id.strip("<>").rpartition("@")[2]):
        with suppress(ValueError):
            return parse_address(text).domain
    return "[127.0.0.1]"  # RFC 5321 4.1.4: a client without a name gives an address
