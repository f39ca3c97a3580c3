"""One daemon per store."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from weakref import WeakSet

from ksmail.errors import ConfigError


class Lock:
    """A lock file (flock(2)) held until `release` or the end of the process, however it ends."""

    def __init__(self, path: Path) -> None:
        """Take the lock at once. Raises ConfigError when another one holds it, or it cannot be opened."""
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ConfigError(f"store.database: the lock file cannot be opened ({error.strerror})") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._file, 20).decode("ascii", "replace").strip() or "unknown"
            self.release()
            raise ConfigError(f"store.database: another ksmail works on this store (process {holder})") from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)
        _held.add(self)

    def release(self) -> None:
        """Give the lock back. The file stays: removing it would let two processes lock two files of one name."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


_held: WeakSet[Lock] = WeakSet()


def _let_go_in_child() -> None:
    # A forked worker shares the open file, and would keep the desk locked after its parent was killed.
    for lock in list(_held):
        lock.release()


os.register_at_fork(after_in_child=_let_go_in_child)
