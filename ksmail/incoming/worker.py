"""Reading mails in a process of its own, which may die instead of ours."""

from __future__ import annotations

import logging
import math
import resource
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import Any, Self

from pebble import ProcessExpired, ProcessPool

from ksmail.errors import ParserAway, UnreadableMail
from ksmail.incoming.limits import Limits
from ksmail.incoming.message import Message

_AHEAD = 16  # mails that wait at the worker's door, so that it is never idle
_MAILS_PER_WORKER = 1000  # then a fresh one, so that nothing piles up in it
_OCTETS_PER_CPU_SECOND = 16 * 1024 * 1024  # what a long mail gets beyond Limits.cpu_seconds
_PATIENCE = 120.0  # seconds after which a silent pool counts as broken
_LOOK_AFTER_THE_POOL = 1.0  # every so many seconds
_PROBE = b"From: probe@example.org\r\n\r\n"

Work = Callable[[bytes, Limits], Message | str]


class Parser:
    """parse.parse(), in one worker process with little memory, time and rights. Starts with the first mail.

    A worker that dies or takes too long is replaced; only the mail it was reading is refused. Safe in threads.
    """

    def __init__(self, limits: Limits, *, work: Work | None = None) -> None:
        """`work` is what the worker does with a mail: a function of a module, for tests."""
        self._limits = limits
        self._work = work or read
        self._pool: ProcessPool | None = None
        self._closed = False
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the worker, whatever it does, and for good: somebody who is still reading starts no other one."""
        with self._lock:
            pool, self._pool, self._closed = self._pool, None, True
        _stop(pool)

    def parse(self, raw: bytes) -> Message:
        """Read one mail. Raises UnreadableMail; ParserAway when no worker can be started, or this was closed."""
        (outcome,) = self.parse_many([raw])
        if isinstance(outcome, UnreadableMail):
            raise outcome
        return outcome

    def parse_many(self, raws: Sequence[bytes]) -> Iterator[Message | UnreadableMail]:
        """Read mails in their order, the next ones while one is handed out. Raises ParserAway as parse() does."""
        ahead: deque[tuple[bytes, ProcessPool, Future[Any]]] = deque()
        coming = iter(raws)
        try:
            while True:
                for raw in coming:
                    ahead.append((raw, *self._schedule(raw)))
                    if len(ahead) >= _AHEAD:
                        break
                if not ahead:
                    return
                yield self._settled(*ahead.popleft())
        finally:
            for _, _, future in ahead:
                future.cancel()

    def _settled(self, raw: bytes, pool: ProcessPool, future: Future[Any]) -> Message | UnreadableMail:
        """The outcome of one mail; a mail whose pool broke before anybody began with it gets another chance."""
        for _ in range(2):
            outcome = self._outcome(raw, pool, future)
            if outcome is not None:
                return outcome if isinstance(outcome, Message) else UnreadableMail(outcome)
            self._discard(pool)
            pool, future = self._schedule(raw)
        self._discard(pool)
        if isinstance(self._outcome(_PROBE, *self._schedule(_PROBE)), Message):
            return UnreadableMail("the parser died, twice")
        raise ParserAway("the parser's worker process does not start")

    def _outcome(self, raw: bytes, pool: ProcessPool, future: Future[Any]) -> Message | str | None:
        """A message, or why there is none; None when the pool is at fault."""
        patience = time.monotonic() + _PATIENCE + _AHEAD * self._wall_seconds(raw)
        while True:
            try:
                outcome = future.result(_LOOK_AFTER_THE_POOL)
                return outcome if isinstance(outcome, Message | str) else None
            except ProcessExpired as error:
                return self._death(error.exitcode)
            except TimeoutError:
                if future.done():
                    return f"the parser needed more than {self._limits.wall_seconds:g} s (limit wall_seconds)"
                if not pool.active or time.monotonic() > patience:
                    return None  # a broken pool forgets what nobody had begun with
            except (BrokenProcessPool, RuntimeError):
                return None

    def _death(self, exitcode: int) -> str:
        if exitcode == -signal.SIGXCPU:
            return f"the parser needed more than {self._limits.cpu_seconds} s of CPU (limit cpu_seconds)"
        cause = f"signal {-exitcode}" if exitcode < 0 else f"exit code {exitcode}"
        return f"the parser died ({cause}; memory or CPU limit, or killed)"

    def _schedule(self, raw: bytes) -> tuple[ProcessPool, Future[Any]]:
        with self._lock:
            if self._closed:
                raise ParserAway("the parser is closed")
            if self._pool is not None and not self._pool.active:
                _stop(self._pool)
                self._pool = None
            if self._pool is None:
                self._pool = ProcessPool(
                    max_workers=1,
                    max_tasks=_MAILS_PER_WORKER,
                    initializer=_confine,
                    initargs=(self._limits,),
                    context=_Context(),
                )
            pool = self._pool
            future = pool.schedule(self._work, args=(raw, self._limits), timeout=self._wall_seconds(raw))
        return pool, future

    def _wall_seconds(self, raw: bytes) -> float:
        return self._limits.wall_seconds + len(raw) / _OCTETS_PER_CPU_SECOND

    def _discard(self, pool: ProcessPool) -> None:
        with self._lock:
            if self._pool is pool:
                self._pool = None
        _stop(pool)


def read(raw: bytes, limits: Limits) -> Message | str:
    """In the worker: the message, or the reason why there is none, without a word of the mail."""
    from ksmail.incoming.parse import parse  # only the worker pays for the parsers

    _allow_cpu(limits.cpu_seconds + len(raw) // _OCTETS_PER_CPU_SECOND)
    try:
        return parse(raw, limits)
    except UnreadableMail as error:
        return str(error)
    except MemoryError:
        return f"the parser needed more than {limits.memory // 2**20} MiB (limit memory)"
    except Exception as error:  # the one around a mail: whatever it is, it is ours, and the next mail goes on
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"our parser failed: {type(error).__name__} ({Path(place.filename).name}, line {place.lineno})"
    finally:
        _allow_cpu(None)


def _confine(limits: Limits) -> None:
    """In the worker, once: no core dumps, no files written, no more memory than allowed, no words to a log."""
    import ksmail.incoming.parse  # noqa: F401  so that no mail pays for the import

    logging.disable(logging.CRITICAL)
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_AS, limits.memory),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def _allow_cpu(seconds: int | None) -> None:
    """Move the soft CPU limit to so many seconds from now; between mails there is none, for the pool's own sake."""
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = hard if seconds is None else math.ceil(used.ru_utime + used.ru_stime) + seconds
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _stop(pool: ProcessPool | None) -> None:
    if pool is not None:
        pool.stop()  # type: ignore[no-untyped-call]  # pebble types all but this
        pool.join()


class _Process(SpawnProcess):
    """A spawned process that does not run our main program again, which would import all of it."""

    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Any:  # noqa: N802  multiprocessing's name
        with _another_main():
            return SpawnProcess._Popen(process_obj)


class _Context(SpawnContext):
    Process = _Process


@contextmanager
def _another_main() -> Iterator[None]:
    """multiprocessing tells a new process to import what it finds as __main__: for a moment, that is empty."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
