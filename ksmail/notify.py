"""Telling the init system how the daemon is: sd_notify(3), without its library."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Mapping

READY = "READY=1"
ALIVE = "WATCHDOG=1"
STOPPING = "STOPPING=1"


def notify(word: str, environ: Mapping[str, str]) -> bool:
    """Say one word to NOTIFY_SOCKET. False when nobody listens there; that is no fault of ours."""
    place = environ.get("NOTIFY_SOCKET", "")
    if not place.startswith(("/", "@")):
        return False
    address = "\0" + place[1:] if place[0] == "@" else place  # "@": an abstract socket, unix(7)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            line.sendto(word.encode(), address)
    except OSError:
        return False
    return True


def watchdog_interval(environ: Mapping[str, str]) -> float | None:
    """Every how many seconds the init system wants to hear that we live: half of the time after which it ends us
    (sd_watchdog_enabled(3)). None when it does not want to."""
    microseconds, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not microseconds.isascii() or not microseconds.isdigit() or int(microseconds) == 0:
        return None
    return int(microseconds) / 2_000_000 if pid in ("", str(os.getpid())) else None


async def say_alive(well: Callable[[], bool], environ: Mapping[str, str]) -> None:
    """As often as the init system wants to hear it, and only while all is well: whoever is silent is ended and started
    again. Ends at once when it does not want to hear it."""
    interval = watchdog_interval(environ)
    while interval is not None:
        if well():
            notify(ALIVE, environ)
        await asyncio.sleep(interval)
