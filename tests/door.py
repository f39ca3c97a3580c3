"""A door in front of a real server: while it is shut nobody gets in, and whoever was inside is thrown out."""

from __future__ import annotations

import selectors
import socket
import threading
from contextlib import suppress
from typing import Self

from tests.servers import HOST


class Door:
    """Passes the bytes of TCP connections on to a port of loopback. Its own `port` stays the same."""

    def __init__(self, behind: int) -> None:
        self._behind = behind
        self._listener = self._listen(0)
        self.port = int(self._listener.getsockname()[1])
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._start(self._answer, self._listener)
        return self

    def __exit__(self, *_: object) -> None:
        self.shut()

    def shut(self) -> None:
        """Refuse connections, and cut those that there are."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for pair in list(self._pairs):
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._threads.clear()

    def open(self) -> None:
        self._listener = self._listen(self.port)
        self._start(self._answer, self._listener)

    def _listen(self, port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(8)
        return listener

    def _start(self, work: object, *given: object) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)  # type: ignore[arg-type]  # a method of ours
        self._threads.append(thread)
        thread.start()

    def _answer(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                here, _ = listener.accept()
                there = socket.create_connection((HOST, self._behind))
                self._pairs.append((here, there))
                self._start(self._pass_on, here, there)

    def _pass_on(self, here: socket.socket, there: socket.socket) -> None:
        with selectors.DefaultSelector() as ready, here, there, suppress(OSError):
            ready.register(here, selectors.EVENT_READ, there)
            ready.register(there, selectors.EVENT_READ, here)
            while True:
                for key, _ in ready.select():
                    piece = key.fileobj.recv(65536)  # type: ignore[union-attr]  # a socket
                    if not piece:
                        self._pairs.remove((here, there))
                        return
                    key.data.sendall(piece)
