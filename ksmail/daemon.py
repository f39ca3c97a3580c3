"""The long-running program: who does what when, and how it starts and stops."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from ksmail import __version__, log
from ksmail.assemble import Works, make_works, open_store
from ksmail.config import Config, Schedule
from ksmail.errors import ConfigError, Unavailable
from ksmail.health import Health, write_health
from ksmail.incoming.imap import reconnect_delay
from ksmail.outbox import Outbox
from ksmail.store.store import Store

STOP_SECONDS = 25.0  # init systems and containers kill after 30
PASS_TIME = 600.0  # seconds between two looks at what silence leads to; all of it is counted in days
SIGN_OF_LIFE = 60.0  # seconds between two of a waiting intake; the health check takes five minutes for stuck

_log = log.get()


def utc_now() -> datetime:
    """The clock of the program, aware, UTC."""
    return datetime.now(UTC)


def jitter() -> float:
    """From -1 to 1. Spreads retries; nothing secret depends on it."""
    return random.uniform(-1, 1)  # noqa: S311 - not cryptography


class Daemon:
    """One desk at work until it is told to stop. `reload` reads the configuration again, on SIGHUP."""

    def __init__(self, config: Config, reload: Callable[[], Config], now: Callable[[], datetime] = utc_now) -> None:
        self._config = config
        self._reload = reload
        self._now = now
        self._stopping = False
        self._fault = ""
        self._started = self._beat = now()
        self._last_poll: datetime | None = None
        self._works: Works
        self._loop: asyncio.AbstractEventLoop
        self._told: asyncio.Event
        self._letters: asyncio.Event

    async def run(self) -> int:
        """Work until SIGTERM or SIGINT. The exit code is 0 when no letter was left under way.

        Raises ConfigError when the program cannot start.
        """
        self._loop, self._told, self._letters = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        store = open_store(self._config, exclusive=True)
        try:
            self._works = make_works(self._config, store, self._now, jitter)
            for number, told in ((signal.SIGTERM, self.stop), (signal.SIGINT, self.stop), (signal.SIGHUP, self.renew)):
                self._loop.add_signal_handler(number, told)
            _log.info("started", version=__version__)
            clean = True
            while not self._stopping:
                clean = await self._serve(store)
            _log.info("stopped", clean=clean)
            return 0 if clean else 1
        finally:
            store.close()

    def stop(self) -> None:
        """End the run. From the loop's thread; nothing takes it back."""
        self._stopping = True
        self._told.set()

    def renew(self) -> None:
        """Read the configuration again, and go on with it when it is good. From the loop's thread."""
        self._told.set()

    async def _serve(self, store: Store) -> bool:
        """Work with one configuration until told to stop, or until there is another. True when all letters settled."""
        works, over = self._works, threading.Event()
        works.intake.beat, works.intake.settled, works.intake.stopping = self._touch, self._letters_wait, over.is_set
        thread = threading.Thread(target=self._take_mail, args=(works, over), name="intake", daemon=True)
        scheduler = self._scheduler(works.config.schedule)
        await works.outbox.recover()
        self._letters.set()
        sending = asyncio.create_task(self._send_letters(works.outbox, over))
        thread.start()
        scheduler.start()
        await self._write_health()
        self._works = await self._next_works(works, store)
        over.set()
        works.mailbox.interrupt()
        scheduler.shutdown(wait=False)
        clean = await self._finish_letters(works.outbox, sending)
        # Whoever waits for a silent server is left behind: what the intake does is recorded whole or not at all.
        await asyncio.to_thread(thread.join, 2.0)
        await works.close()
        await asyncio.to_thread(thread.join, 0.5)
        await self._write_health()
        return clean

    async def _next_works(self, works: Works, store: Store) -> Works:
        """Waits for a signal. The same works: stop. Others: settings that came with SIGHUP, and are good."""
        while not self._stopping:
            await self._told.wait()
            self._told.clear()
            if not self._stopping and (others := await asyncio.to_thread(self._renewed, store)):
                return others
        return works

    def _renewed(self, store: Store) -> Works | None:
        """Works from the configuration as it is now. None when it is no good; those at work notice nothing then."""
        try:
            works = make_works(self._reload(), store, self._now, jitter)
        except ConfigError as fault:
            _log.error("config_refused", reason=str(fault))
            return None
        _log.info("config_reloaded")
        return works

    async def _finish_letters(self, outbox: Outbox, sending: asyncio.Task[None]) -> bool:
        clean = await outbox.stop(STOP_SECONDS)
        self._letters.set()
        await asyncio.wait({sending}, timeout=3.0 if clean else 0.0)
        for _ in range(2):  # the first ends what has not begun; the second also ends the wait for a reply
            if not sending.done():
                sending.cancel()
                await asyncio.wait({sending}, timeout=1.0)
        return clean

    def _scheduler(self, times: Schedule) -> AsyncIOScheduler:
        """Intervals in UTC: nothing hangs on a local hour that a clock change could double or skip. A late job still
        runs, once (the library's default drops a job that is a second late)."""
        scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": 3600, "coalesce": True, "max_instances": 1}
        )
        scheduler.add_job(self._look_at_letters, "interval", seconds=times.outbox_seconds, id="outbox")
        scheduler.add_job(self._pass_time, "interval", seconds=PASS_TIME, id="reminders", next_run_time=self._now())
        scheduler.add_job(self._write_health, "interval", seconds=times.health_seconds, id="health")
        return scheduler

    def _take_mail(self, works: Works, over: threading.Event) -> None:
        """The intake's thread: a round, then wait for the server to say that something came."""
        failures = 0
        while not over.is_set():
            self._touch()
            try:
                works.intake.round()
                self._last_poll, self._fault, failures = self._now(), "", 0
                self._listen(works, over)
            except Unavailable as fault:
                failures += 1
                self._rest(works, over, str(fault), fault.retry_after, failures)
            except Exception as fault:
                _log.exception("intake_failed")
                failures += 1
                self._rest(works, over, f"our own fault: {type(fault).__name__}", None, failures)

    def _listen(self, works: Works, over: threading.Event) -> None:
        """Until something came or it is time to look; however long that is, with a sign of life now and then."""
        end = time.monotonic() + works.config.schedule.poll_seconds
        while not over.is_set() and (left := end - time.monotonic()) > 0:
            if works.mailbox.wait(min(left, SIGN_OF_LIFE)):
                return
            self._touch()

    def _rest(self, works: Works, over: threading.Event, fault: str, advised: float | None, failures: int) -> None:
        if over.is_set():
            return
        left = delay = max(advised or 0.0, reconnect_delay(works.config.imap, failures, jitter()))
        _log.warning("mailbox_unavailable", reason=fault, failures=failures, retry_in=round(delay))
        self._fault = fault
        while left > 0 and not over.wait(min(left, SIGN_OF_LIFE)):
            self._touch()
            left -= SIGN_OF_LIFE

    def _touch(self) -> None:
        self._beat = self._now()

    def _letters_wait(self) -> None:
        self._loop.call_soon_threadsafe(self._letters.set)

    async def _pass_time(self) -> None:
        """The one broad except around this job."""
        try:
            await asyncio.to_thread(self._works.reminders.round)
        except Unavailable as fault:
            _log.warning("store_unavailable", reason=str(fault))
        except Exception:
            _log.exception("reminders_failed")

    async def _look_at_letters(self) -> None:
        self._letters.set()

    async def _send_letters(self, outbox: Outbox, over: threading.Event) -> None:
        """The outbox's task: a round whenever a commit or the clock says so."""
        while not over.is_set():
            await self._letters.wait()
            self._letters.clear()
            try:
                await outbox.round()
            except Unavailable as fault:
                _log.warning("store_unavailable", reason=str(fault))
            except Exception:
                _log.exception("outbox_failed")

    async def _write_health(self) -> None:
        health = Health(
            at=self._now(),
            pid=os.getpid(),
            version=__version__,
            started_at=self._started,
            intake_beat=self._beat,
            last_poll=self._last_poll,
            last_send=self._works.outbox.last_sent,
            mailbox_fault=self._fault,
            transport_paused=self._works.outbox.paused_until is not None,
        )
        try:
            write_health(self._works.config.health_file, health)
        except OSError as fault:
            _log.error("health_file_failed", reason=type(fault).__name__)
