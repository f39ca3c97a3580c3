"""The long-running program: who does what when, and how it starts and stops."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from ksmail import __version__, log
from ksmail.assemble import Works, make_works, open_store
from ksmail.config import Config
from ksmail.errors import ConfigError, Unavailable
from ksmail.health import Health, write_health
from ksmail.incoming.imap import reconnect_delay
from ksmail.store.store import Store

STOP_SECONDS = 25.0  # init systems and containers kill after 30

_log = log.get()


def utc_now() -> datetime:
    """The clock of the program, aware, UTC."""
    return datetime.now(UTC)


def jitter() -> float:
    """From -1 to 1. Spreads retries; nothing secret depends on it."""
    return random.uniform(-1, 1)  # noqa: S311 - not cryptography


class Daemon:
    """One desk at work until it is told to stop.

    `reload` reads the configuration again on SIGHUP; `report` is told of each settled round (the demo shows it).
    """

    def __init__(self, config: Config, reload: Callable[[], Config], now: Callable[[], datetime] = utc_now) -> None:
        self._config = config
        self._reload = reload
        self._now = now
        self._stop = threading.Event()
        self._reload_wanted = False
        self._fault = ""
        self._started = self._beat = now()
        self._last_poll: datetime | None = None
        self._works: Works
        self._loop: asyncio.AbstractEventLoop
        self._ended: asyncio.Event
        self._letters: asyncio.Event

    async def run(self) -> int:
        """Work until SIGTERM or SIGINT. The exit code is 0 when nothing was left under way.

        Raises ConfigError when the program cannot start.
        """
        self._loop, self._ended, self._letters = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        store = open_store(self._config, exclusive=True)
        try:
            self._works = self._make(self._config, store)
            for number, wants in ((signal.SIGTERM, False), (signal.SIGINT, False), (signal.SIGHUP, True)):
                self._loop.add_signal_handler(number, self.stop, wants)
            _log.info("started", version=__version__)
            clean = await self._serve()
            while self._reload_wanted:
                await self._renew(store)
                clean = await self._serve()
            _log.info("stopped", clean=clean)
            return 0 if clean else 1
        finally:
            store.close()

    def stop(self, reload: bool = False) -> None:
        """End this run; with `reload`, start another with the configuration as it is then. From the loop's thread."""
        self._reload_wanted = reload
        self._stop.set()
        self._works.mailbox.interrupt()
        self._ended.set()

    def _make(self, config: Config, store: Store) -> Works:
        works = make_works(config, store, self._now, jitter)
        works.intake.beat = self._touch
        works.intake.settled = self._letters_wait
        works.intake.stopping = self._stop.is_set
        return works

    async def _renew(self, store: Store) -> None:
        """New works from the configuration as it is now; the old configuration stays when the new one is no good."""
        self._reload_wanted = False
        self._ended.clear()
        self._stop.clear()
        try:
            config = await asyncio.to_thread(self._reload)
            self._works = self._make(config, store)
            self._config = config
            _log.info("config_reloaded")
        except ConfigError as fault:
            _log.error("config_refused", reason=str(fault))
            self._works = self._make(self._config, store)

    async def _serve(self) -> bool:
        works = self._works
        thread = threading.Thread(target=self._take_mail, name="intake", daemon=True)
        scheduler = self._scheduler()
        await works.outbox.recover()
        self._letters.set()
        sending = asyncio.create_task(self._send_letters())
        thread.start()
        scheduler.start()
        await self._ended.wait()
        scheduler.shutdown(wait=False)
        clean = await works.outbox.stop(STOP_SECONDS)
        self._letters.set()
        await asyncio.gather(sending, return_exceptions=True) if clean else sending.cancel()
        await works.close()
        await asyncio.to_thread(thread.join, 3.0)
        self._write_health()
        return clean and not thread.is_alive()

    def _scheduler(self) -> AsyncIOScheduler:
        """Intervals in UTC: nothing hangs on a local hour that a clock change could double or skip. A late job still
        runs, once (the library's default drops a job that is a second late)."""
        times = self._config.schedule
        scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": 3600, "coalesce": True, "max_instances": 1}
        )
        scheduler.add_job(self._letters.set, "interval", seconds=times.outbox_seconds, id="outbox")
        scheduler.add_job(self._write_health, "interval", seconds=times.health_seconds, id="health")
        return scheduler

    def _take_mail(self) -> None:
        """The intake's thread: a round, then wait for the server to say that something came."""
        failures = 0
        while not self._stop.is_set():
            self._touch()
            try:
                self._works.intake.round()
                self._last_poll, self._fault, failures = self._now(), "", 0
                self._works.mailbox.wait(self._config.schedule.poll_seconds)
            except Unavailable as fault:
                failures += 1
                self._rest(str(fault), fault.retry_after, failures)
            except Exception as fault:
                _log.exception("intake_failed")
                failures += 1
                self._rest(f"our own fault: {type(fault).__name__}", None, failures)

    def _rest(self, fault: str, advised: float | None, failures: int) -> None:
        imap = self._config.imap
        delay = max(advised or 0.0, reconnect_delay(imap, failures, jitter()))
        if not self._stop.is_set():
            _log.warning("mailbox_unavailable", reason=fault, failures=failures, retry_in=round(delay))
        self._fault = fault
        end = delay
        while end > 0 and not self._stop.wait(min(end, 30.0)):
            self._touch()
            end -= 30.0

    def _touch(self) -> None:
        self._beat = self._now()

    def _letters_wait(self) -> None:
        self._loop.call_soon_threadsafe(self._letters.set)

    async def _send_letters(self) -> None:
        """The outbox's task: a round whenever a commit or the clock says so."""
        while not self._stop.is_set():
            await self._letters.wait()
            self._letters.clear()
            try:
                await self._works.outbox.round()
            except Unavailable as fault:
                _log.warning("store_unavailable", reason=str(fault))
            except Exception:
                _log.exception("outbox_failed")

    def _write_health(self) -> None:
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
            write_health(self._config.health_file, health)
        except OSError as fault:
            _log.error("health_file_failed", reason=type(fault).__name__)
