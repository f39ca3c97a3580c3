"""The long-running program: who does what when, and how it starts and stops."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from ksmail import __version__, log
from ksmail.assemble import Works, alarm_file, make_watch, make_works, open_store
from ksmail.config import Config, Schedule
from ksmail.errors import ConfigError, Unavailable
from ksmail.health import Health, Trouble, write_health
from ksmail.incoming.imap import reconnect_delay
from ksmail.notify import READY, STOPPING, notify, say_alive
from ksmail.outbox import Outbox
from ksmail.store.store import Store
from ksmail.witness import Mover, Witness

STOP_SECONDS = 25.0  # init systems and containers kill after 30
PASS_TIME = 60.0  # seconds between two looks at what silence leads to
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

    def __init__(
        self,
        config: Config,
        reload: Callable[[], Config],
        now: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._reload = reload
        self._now = now
        self._stopping = False
        self._started = now()
        self._witness = Witness(monotonic)
        self._alarms = alarm_file(config)
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
            clean, alive = True, asyncio.create_task(say_alive(lambda: not self._witness.stuck(), os.environ))
            while not self._stopping:
                clean = await self._serve(store)
            alive.cancel()
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
        watch = make_watch(works, store, self._witness, self._alarms, self._now)
        works.intake.settled, works.intake.stopping = self._letters_wait, over.is_set
        thread = threading.Thread(target=self._take_mail, args=(works, over), name="intake", daemon=True)
        watching = threading.Thread(target=watch.keep, args=(over,), name="watch", daemon=True)
        scheduler = self._scheduler(works.config.schedule)
        await works.outbox.recover()
        self._letters.set()
        sending = asyncio.create_task(self._send_letters(works.outbox, over))
        thread.start()
        scheduler.start()
        watching.start()
        await self._write_health()
        notify(READY, os.environ)
        self._works = await self._next_works(works, store)
        if self._stopping:
            notify(STOPPING, os.environ)
        over.set()
        works.mailbox.interrupt()
        scheduler.shutdown(wait=False)
        clean = await self._finish_letters(works.outbox, sending)
        # Whoever waits for a silent server is left behind: what the intake does is recorded whole or not at all.
        await asyncio.to_thread(thread.join, 2.0)
        if thread.is_alive():
            works.mailbox.abandon()  # else the farewell would wait behind it
        await asyncio.to_thread(watching.join, 1.0)
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
        now = datetime.now(UTC)  # the library goes by the clock of the machine, whatever ours shows
        scheduler.add_job(self._pass_time, "interval", seconds=PASS_TIME, id="reminders", next_run_time=now)
        scheduler.add_job(self._write_health, "interval", seconds=times.health_seconds, id="health")
        return scheduler

    def _take_mail(self, works: Works, over: threading.Event) -> None:
        """The intake's thread: a round, then wait for the server to say that something came."""
        failures = 0
        while not over.is_set():
            self._touch()
            try:
                works.intake.round()
                self._witness.polled(self._now())
                failures = 0
                self._listen(works, over)
            except Unavailable as fault:
                failures += 1
                self._rest(works, over, fault, failures)
            except Exception as fault:
                _log.exception("intake_failed")
                failures += 1
                self._rest(works, over, Unavailable(f"our own fault: {type(fault).__name__}"), failures)

    def _listen(self, works: Works, over: threading.Event) -> None:
        """Until something came or it is time to look; however long that is, with a sign of life now and then."""
        end = time.monotonic() + works.config.schedule.poll_seconds
        while not over.is_set() and (left := end - time.monotonic()) > 0:
            if works.mailbox.wait(min(left, SIGN_OF_LIFE)):
                return
            self._touch()

    def _rest(self, works: Works, over: threading.Event, fault: Unavailable, failures: int) -> None:
        if over.is_set():
            return
        left = delay = max(fault.retry_after or 0.0, reconnect_delay(works.config.imap, failures, jitter()))
        _log.warning("mailbox_unavailable", reason=str(fault), failures=failures, retry_in=round(delay))
        self._witness.failed(fault)
        while left > 0 and not over.wait(min(left, SIGN_OF_LIFE)):
            self._touch()
            left -= SIGN_OF_LIFE

    def _touch(self) -> None:
        self._witness.moved(Mover.INTAKE)

    def _letters_wait(self) -> None:
        self._loop.call_soon_threadsafe(self._letters.set)

    async def _pass_time(self) -> None:
        await asyncio.to_thread(self._try, self._works.reminders.round, "reminders_failed")
        await asyncio.to_thread(self._try, self._works.digest.round, "digest_failed")

    def _try(self, job: Callable[[], int], failed: str) -> None:
        """The one broad except around a job: what ails one of them must not keep the other from its work."""
        try:
            job()
        except Unavailable as fault:
            _log.warning("store_unavailable", reason=str(fault))
        except Exception:
            _log.exception(failed)

    async def _look_at_letters(self) -> None:
        self._letters.set()

    async def _send_letters(self, outbox: Outbox, over: threading.Event) -> None:
        """The outbox's task: a round whenever a commit or the clock says so."""
        while not over.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._letters.wait(), SIGN_OF_LIFE)
            self._letters.clear()
            self._witness.rests(Mover.OUTBOX)
            try:
                await outbox.round()
            except Unavailable as fault:
                _log.warning("store_unavailable", reason=str(fault))
            except Exception:
                _log.exception("outbox_failed")

    async def _write_health(self) -> None:
        now, witness = self._now(), self._witness
        witness.rests(Mover.SCHEDULER)
        beats = {f"{mover}_beat": now - timedelta(seconds=witness.silent(mover)) for mover in Mover}
        health = Health(
            at=now,
            pid=os.getpid(),
            version=__version__,
            started_at=self._started,
            **beats,
            last_poll=witness.last_poll,
            last_send=self._works.outbox.last_sent,
            mailbox_fault=str(witness.fault or ""),
            transport_paused=self._works.outbox.paused_until is not None,
            alarms=tuple(Trouble(each.part.value, each.since, each.detail) for each in self._alarms.state.raised),
        )
        try:
            write_health(self._works.config.health_file, health)
        except OSError as fault:
            _log.error("health_file_failed", reason=type(fault).__name__)
