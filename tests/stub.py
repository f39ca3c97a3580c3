"""A server that says what a test tells it to, one thread for each connection; the base of the IMAP and SMTP stubs."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

import trustme

from ksmail.demo.servers import HOST

HANG_UP = "<hang up>"
SILENCE = "<silence>"
HOLD = "<hold>"  # before a reply: only after `release`


@dataclass(slots=True)
class Rule:
    command: str
    reply: str
    left: int
    skip: int


class Certified:
    """A certificate authority with its file, and server certificates from it."""

    def __init__(self, directory: Path) -> None:
        self._authority = trustme.CA()
        self.ca_file = directory / "stub-ca.pem"
        self._authority.cert_pem.write_to_path(str(self.ca_file))

    def context(self, *names: str, **more: object) -> ssl.SSLContext:
        """For 127.0.0.1, or for other `names`; `more` goes to the certificate (`not_after`)."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*(names or (HOST,)), **more).configure_cert(context)  # type: ignore[arg-type]  # mixed
        return context


class Line:
    """One connection of a stub: whole lines in, bytes out, TLS when wanted."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection = connection
        self.reader: BinaryIO = connection.makefile("rb")
        self._writing = threading.Lock()

    def say(self, text: str | bytes) -> None:
        with self._writing:
            self.connection.sendall(text.encode("latin-1") if isinstance(text, str) else text)

    def encrypt(self, context: ssl.SSLContext) -> None:
        self.reader.close()
        self.connection.getpeername()  # who has left already is not worth a handshake, which would leak a socket
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.reader = self.connection.makefile("rb")

    def close(self) -> None:
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.reader.close()
        self.connection.close()


class Stub:
    """Listens on a free port of loopback while its `with` block lasts. `commands` is all that clients said."""

    def __init__(self, context: ssl.SSLContext | None = None, *, implicit: bool = True) -> None:
        """With a `context`, TLS from the first byte; or, when not `implicit`, on STARTTLS."""
        self.context = context
        self.implicit = implicit and context is not None
        self.commands: list[str] = []
        self.connections = 0
        self.lines: list[Line] = []
        self._rules: list[Rule] = []
        self._over = threading.Event()
        self._released = threading.Event()
        self._server = _Server((HOST, 0), _Handler)
        self._server.stub = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def on(self, command: str, reply: str, *, times: int = -1, skip: int = 0) -> Self:
        """From now on (or after `skip` of them) answer `command` with `reply`, HANG_UP or SILENCE."""
        self._rules.append(Rule(command, reply, times, skip))
        return self

    def rule(self, command: str) -> str | None:
        for rule in self._rules:
            if rule.command == command and rule.left != 0:
                if rule.skip > 0:
                    rule.skip -= 1
                    continue
                rule.left -= 1
                return rule.reply
        return None

    def push(self, text: str) -> None:
        """Say something to every client, unasked."""
        for line in list(self.lines):
            with suppress(OSError):
                line.say(text)

    def cut(self) -> None:
        """End every connection without a word."""
        for line in list(self.lines):
            with suppress(OSError):
                line.connection.shutdown(socket.SHUT_RDWR)

    def said(self, command: str) -> list[str]:
        return [words for words in self.commands if words.upper().startswith(command)]

    def release(self) -> None:
        """Let the replies go that were on HOLD."""
        self._released.set()

    def held_back(self, reply: str) -> str:
        if reply.startswith(HOLD):
            self._released.wait(60)
        return reply.removeprefix(HOLD)

    def be_silent(self) -> None:
        """Keep the connection open and say nothing, until the test is over."""
        self._over.wait(60)

    def converse(self, line: Line) -> None:
        raise NotImplementedError

    def serve(self, connection: socket.socket) -> None:
        self.connections += 1
        line = Line(connection)
        with suppress(OSError, ValueError):  # what clients do to a connection is their right
            try:
                if self.implicit and self.context:
                    line.encrypt(self.context)
                self.lines.append(line)
                self.converse(line)
            finally:
                if line in self.lines:
                    self.lines.remove(line)
                line.close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._released.set()
        self.cut()
        self._server.shutdown()
        self._server.server_close()  # waits for the connections' threads
        self._thread.join()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = False
    stub: Stub

    def shutdown_request(self, request: object) -> None:
        """The stub closes its connections itself."""


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.server.stub.serve(self.request)
