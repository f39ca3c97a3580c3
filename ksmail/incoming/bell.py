"""Waiting for a server to speak, in a way that another thread can end."""

from __future__ import annotations

import selectors
import socket
import threading
from contextlib import suppress


class Bell:
    """`ring` may be called from any thread and ends a wait, or the next one; everything else belongs to one thread."""

    def __init__(self) -> None:
        self._rung = threading.Event()
        self._far: socket.socket | None = None

    @property
    def rung(self) -> bool:
        return self._rung.is_set()

    def ring(self) -> None:
        self._rung.set()
        far = self._far
        if far is not None:
            with suppress(OSError):  # the wait has just ended by itself
                far.send(b"!")

    def silence(self) -> None:
        self._rung.clear()

    def sleep(self, seconds: float) -> None:
        """Until it rings, or `seconds` have passed."""
        self._rung.wait(seconds)

    def readable(self, connection: socket.socket, seconds: float) -> bool:
        """Until there is something to read (True), it rings, or `seconds` have passed."""
        near, far = socket.socketpair()
        with near, far, selectors.DefaultSelector() as selector:
            selector.register(connection, selectors.EVENT_READ)
            selector.register(near, selectors.EVENT_READ)
            self._far = far
            try:
                if self.rung:
                    return False
                return bool(selector.select(seconds)) and not self.rung
            finally:
                self._far = None
