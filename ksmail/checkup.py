"""Trying everything a desk needs, without changing anything that matters."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ksmail import assemble
from ksmail.clock import ACCEPT, Clock
from ksmail.config import Config
from ksmail.errors import KsmailError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried: how it went, and a sentence about it."""

    what: str
    well: bool
    detail: str


def check_all(config: Config, now: datetime) -> Iterator[Finding]:
    """Letters, database, clock, IMAP, SMTP and the second way for alarms, if there is one; each tried whatever became
    of the others. `now` is aware. The settings are read already; what they mean for orders is said and not tried.

    The one thing that is made is what IMAP cannot be tried without: our folders in the mailbox.
    """
    counted = f"{_count(len(config.partners), 'partner')}, {_count(len(config.forms), 'web form')}"
    yield Finding("settings", True, f"{config.file} is read: {counted}")
    yield Finding("orders", True, _orders(config))
    yield _try("letters", lambda: _letters(config))
    database = _try("database", lambda: _database(config))
    yield database
    if database.well:
        yield _try("clock", lambda: _clock(config, now))
    yield _try("IMAP", lambda: _imap(config))
    yield _try("SMTP", lambda: asyncio.run(assemble.make_transport(config).probe()))
    relay = assemble.make_relay(config)
    if relay is not None:
        yield _try("relay", lambda: asyncio.run(relay.probe()))


def _orders(config: Config) -> str:
    """No fault either way: a desk can do without a border, at the price of a confirmation."""
    if not config.policy.staff:
        return "nobody can give any: the list of [[staff]] is empty"
    if config.policy.has_border:
        return f"{config.authserv_id} has to say that a mail of staff is genuine (trust.authserv_id)"
    return (
        "will need confirmation: without trust.authserv_id nothing proves who wrote a mail, so staff must answer yes "
        "before an order of theirs sends or destroys something"
    )


def _try(what: str, work: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, work())
    except KsmailError as fault:
        return Finding(what, False, str(fault))


def _letters(config: Config) -> str:
    """A desk that has not started has no keys yet, and gets none from being looked at."""
    with tempfile.TemporaryDirectory(prefix="ksmail-") as folder:
        keys = config.keys_file if config.keys_file.exists() else Path(folder) / "signing.keys"
        assemble.make_clerk(replace(config, keys_file=keys))
    return "every letter in every language was written with sample facts"


def _database(config: Config) -> str:
    store = assemble.open_store(config)
    try:
        with store.reading() as past:
            broken = past.verify_chain()
            mails = past.counts().mails
        if broken is not None:
            raise KsmailError(f"the history does not fit from row {broken.row} on: {broken.because}")
        return f"version {store.version()}, {_count(mails, 'mail')}, history unbroken"
    finally:
        store.close()


def _clock(config: Config, now: datetime) -> str:
    """What is done by time waits while it cannot be right."""
    store = assemble.open_store(config)
    try:
        fault = Clock(store, config.policy.timezone).fault(now)
    finally:
        store.close()
    if fault:
        raise KsmailError(f"{fault}: {ACCEPT}")
    return "can be right, by the last time on record"


def _imap(config: Config) -> str:
    mailbox = assemble.make_mailbox(config)
    try:
        mailbox.open()
        return f"takes our login; {_count(len(mailbox.uids()), 'mail')} in {config.imap.mailbox}"
    finally:
        mailbox.close()


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
