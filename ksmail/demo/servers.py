"""A mail provider on loopback: IMAP and submission with TLS, in memory, in a thread of this process."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import tempfile
import threading
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, TypeVar

import trustme

from ksmail.demo.postbox import Postbox
from ksmail.demo.sink import SentMail, Sink

__all__ = ["HOST", "SentMail", "Servers"]

HOST = "127.0.0.1"

_T = TypeVar("_T")


class Servers:
    """IMAP and SMTP for one account. As a context manager: started on entry, all mail forgotten on exit.

    `ca_file` is the authority that signed their certificates. `imap_port` and `smtp_port` speak TLS at once, the two
    `…_starttls_port` after STARTTLS. Every method may be called from any thread.
    """

    host = HOST

    def __init__(
        self,
        directory: Path | None = None,
        *,
        user: str = "desk@example.org",
        password: str = "only-on-loopback",  # noqa: S107 - it guards nothing
    ) -> None:
        """`directory` is where `ca.pem` is written; without it a temporary one, which goes with us."""
        self._scratch = tempfile.mkdtemp(prefix="ksmail-servers-") if directory is None else ""
        self.ca_file = (directory or Path(self._scratch)) / "ca.pem"
        self.user = user
        self.password = password
        self.imap_port = self.imap_starttls_port = self.smtp_port = self.smtp_starttls_port = 0
        self._sink = Sink(user, password)
        self._ready = threading.Event()
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="servers", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        if self._fault is not None:
            raise self._fault
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)

    # The postbox

    def append(self, raw: bytes, folder: str = "INBOX", when: datetime | None = None) -> None:
        """Put a mail into a folder, as if it had arrived at `when` (aware; now, if not given)."""
        self._do(self._postbox.append(raw, folder, when or datetime.now(UTC)))

    def folder(self, name: str) -> list[bytes]:
        """The mails in a folder, in their order."""
        return self._do(self._postbox.folder(name))

    # The submission server

    @property
    def sent(self) -> list[SentMail]:
        """What was handed over so far."""
        return self._sink.sent

    def wait_sent(self, count: int, seconds: float = 10.0) -> list[SentMail]:
        """`sent`, as soon as there are `count` of them; what there is when the time is up."""
        return self._sink.wait(count, seconds)

    def forget_sent(self) -> None:
        self._sink.forget()

    def reply(self, command: str, reply: str, *, recipient: str = "", times: int = -1, delay: float = 0.0) -> None:
        """Answer MAIL, RCPT (of one recipient or of all) or DATA (the mail itself) with `reply`, for ever or a few
        times, after `delay` seconds."""
        self._sink.reply(command, reply, recipient, times, delay)

    def well(self) -> None:
        """Take back every `reply`."""
        self._sink.well()

    def reset(self) -> None:
        """As if just started: no mail, no folders, no connections, no refusals."""
        self.well()
        self.forget_sent()
        self._do(self._start_over())

    def hang_up(self) -> None:
        """Cut every connection of both servers, as a restart would."""
        self._do(self._cut())

    # The thread

    def _do(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as fault:  # handed to the thread that waits for us
            self._fault = fault
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        context = self._certified()
        self._postbox = Postbox(self.user, self.password, context)
        await self._postbox.open_account()
        listeners = [
            await self._postbox.listen(HOST, starttls=False),
            await self._postbox.listen(HOST, starttls=True),
            await self._sink.listen(HOST, context, starttls=False),
            await self._sink.listen(HOST, context, starttls=True),
        ]
        self.imap_port, self.imap_starttls_port, self.smtp_port, self.smtp_starttls_port = map(_port, listeners)
        self._ready.set()
        await self._stop.wait()
        for listener in listeners:
            listener.close()
        await self._cut()

    async def _start_over(self) -> None:
        await self._cut()
        self._postbox.empty()

    async def _cut(self) -> None:
        self._postbox.hang_up()
        self._sink.hang_up()
        for _ in range(3):
            await asyncio.sleep(0)  # for the sockets to be closed

    def _certified(self) -> ssl.SSLContext:
        authority = trustme.CA()
        self.ca_file.parent.mkdir(parents=True, exist_ok=True)
        authority.cert_pem.write_to_path(str(self.ca_file))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost", HOST).configure_cert(context)
        return context


def _port(listener: asyncio.Server) -> int:
    return int(listener.sockets[0].getsockname()[1])
