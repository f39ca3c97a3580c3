"""An IMAP server that keeps its mail in memory."""

from __future__ import annotations

import asyncio
import logging
import ssl
from argparse import Namespace
from contextlib import suppress
from datetime import datetime

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet, Message
from pymap.concurrent import Event, Subsystem
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import FetchRequirement
from pymap.selected import SelectedMailbox
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

logging.getLogger("pymap").setLevel(logging.CRITICAL)  # it tells of every client that hangs up


class _Config(Config):
    @property
    def greeting(self) -> bytes:
        return b"the demo's postbox is ready"  # the library would look up the name of this machine


class _Inbox(MailboxData):
    async def update_selected(self, selected: SelectedMailbox, *, wait_on: Event | None = None) -> SelectedMailbox:
        # The library's IDLE sleeps even when something came just before it.
        missed = selected.mod_sequence != self._mod_sequences.highest
        return await super().update_selected(selected, wait_on=None if missed else wait_on)


class _Folders(MailboxSet):
    def __init__(self) -> None:
        super().__init__()
        self._inbox = _Inbox(self._content_cache, self._thread_cache)


class Postbox:
    """One account. All methods belong to the event loop that serves it."""

    def __init__(self, user: str, password: str, context: ssl.SSLContext) -> None:
        self._user = user
        self._context = context
        self._config = _config(user, password, context, starttls=True)
        self._within_tls = _config(user, password, context, starttls=False)
        self._login = Login(self._config)
        self._account = UserMetadata(self._config, user, password=password)
        self._writers: set[asyncio.StreamWriter] = set()

    async def open_account(self) -> None:
        """To be done once, before the first listener."""
        self._config.apply_context()
        await self._login.demo_user_identity.set(self._account)
        self.empty()

    async def listen(self, host: str, *, starttls: bool) -> asyncio.Server:
        """A listener on a free port: TLS from the first byte, or by STARTTLS."""
        config = self._config if starttls else self._within_tls
        serve = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(self._login, config))

        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writers.add(writer)
            await serve(reader, writer)

        return await asyncio.start_server(converse, host, 0, ssl=None if starttls else self._context)

    async def append(self, raw: bytes, folder: str, when: datetime) -> None:
        """Put a mail into a folder, as if it had arrived at `when` (aware)."""
        mailbox = await self._mailbox(folder)
        await mailbox.append(AppendMessage(raw, when), recent=True)

    async def folder(self, name: str) -> list[bytes]:
        """The mails in a folder, in their order; none when there is no such folder."""
        try:
            mailbox = await self._mailbox(name)
        except KeyError:
            return []
        return [await _octets(mail) async for mail in mailbox.messages()]

    async def _mailbox(self, name: str) -> MailboxData:
        self._config.apply_context()
        async with self._login.demo_user_identity.new_session() as session:
            return await session.mailbox_set.get_mailbox(name)

    def empty(self) -> None:
        """Forget all mails and folders; the next INBOX has a new UIDVALIDITY."""
        self._config.set_cache[self._user] = (_Folders(), FilterSet())

    def hang_up(self) -> None:
        """End every conversation, without a word."""
        for writer in self._writers:
            with suppress(AttributeError):  # Python 3.11.2 cannot abort what was closed twice
                writer.transport.abort()
        self._writers.clear()


async def _octets(mail: Message) -> bytes:
    content = await mail.load_content(FetchRequirement.CONTENT)
    return bytes(content.get_body())


def _config(user: str, password: str, context: ssl.SSLContext, *, starttls: bool) -> _Config:
    return _Config(
        Namespace(passlib_cfg=None, proxy_protocol=None),
        host=None,
        port=0,
        ssl_context=context,
        tls_enabled=starttls,
        hash_context=Cleartext(),
        cpu_subsystem=Subsystem.for_asyncio(),
        reject_dnsbl=False,
        invalid_user_sleep=0.0,
        demo_data=False,
        demo_user=user,
        demo_password=password,
    )
