"""A submission server that delivers nothing and keeps what it was given."""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # it tells who writes to whom


@dataclass(frozen=True, slots=True)
class SentMail:
    """What was handed over: `envelope_from` is "" for the null path, `raw` has CRLF line ends."""

    envelope_from: str
    recipients: tuple[str, ...]
    raw: bytes


@dataclass(slots=True)
class _Refusal:
    command: str
    reply: str
    recipient: str
    left: int
    delay: float


class Sink:
    """What happens at the server; it also is the handler that the library asks (methods `handle_…`)."""

    def __init__(self, user: str, password: str) -> None:
        self._login = (user.encode(), password.encode())
        self._refusals: list[_Refusal] = []
        self._sent: list[SentMail] = []
        self._changed = threading.Condition()
        self._transports: set[asyncio.Transport] = set()

    def reply(self, command: str, reply: str, recipient: str, times: int, delay: float) -> None:
        self._refusals.append(_Refusal(command, reply, recipient, times, delay))

    def well(self) -> None:
        self._refusals.clear()

    @property
    def sent(self) -> list[SentMail]:
        with self._changed:
            return list(self._sent)

    def wait(self, count: int, seconds: float) -> list[SentMail]:
        with self._changed:
            self._changed.wait_for(lambda: len(self._sent) >= count, seconds)
            return list(self._sent)

    def forget(self) -> None:
        with self._changed:
            self._sent.clear()

    async def listen(self, host: str, context: ssl.SSLContext, *, starttls: bool) -> asyncio.Server:
        """A listener on a free port: TLS from the first byte, or by STARTTLS."""
        loop = asyncio.get_running_loop()

        def conversation() -> SMTP:
            return _Conversation(
                self,
                loop=loop,
                hostname="sink.example",
                ident="the demo's submission server",
                tls_context=context if starttls else None,
                require_starttls=starttls,
                auth_require_tls=starttls,  # with TLS from the first byte the library does not know that there is TLS
                authenticator=self._authenticate,
            )

        return await loop.create_server(conversation, host, 0, ssl=None if starttls else context)

    def hang_up(self) -> None:
        """End every conversation, without a word."""
        for transport in self._transports:
            with suppress(AttributeError):  # Python 3.11.2 cannot abort what was closed twice
                transport.abort()
        self._transports.clear()

    def met(self, transport: asyncio.Transport) -> None:
        self._transports.add(transport)

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and (data.login, data.password) == self._login
        return AuthResult(success=known, handled=False)

    async def handle_MAIL(  # noqa: N802 - the library finds it by this name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        refusal = await self._refusal("MAIL")
        if not refusal:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return refusal or "250 2.1.0 Ok"

    async def handle_RCPT(  # noqa: N802 - as above
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = await self._refusal("RCPT", address)
        if not refusal:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return refusal or "250 2.1.5 Ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        refusal = await self._refusal("DATA")
        if refusal:
            return refusal
        sender = envelope.mail_from or ""
        raw = bytes(envelope.original_content or b"")
        mail = SentMail("" if sender == "<>" else sender, tuple(envelope.rcpt_tos), raw)
        with self._changed:
            self._sent.append(mail)
            self._changed.notify_all()
        return "250 2.0.0 Ok: kept"

    async def _refusal(self, command: str, recipient: str = "") -> str:
        for refusal in self._refusals:
            if refusal.command == command and refusal.recipient in ("", recipient) and refusal.left != 0:
                refusal.left -= 1
                await asyncio.sleep(refusal.delay)
                return refusal.reply
        return ""


class _Conversation(SMTP):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self.event_handler.met(transport)
        super().connection_made(transport)
