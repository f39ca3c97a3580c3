"""Trying everything a desk needs, without changing anything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ksmail import assemble
from ksmail.config import Config
from ksmail.errors import KsmailError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried: how it went, and a sentence about it."""

    what: str
    well: bool
    detail: str


async def check_all(config: Config) -> list[Finding]:
    """Letters, IMAP, SMTP and database, each tried whatever became of the others. The settings are read already."""
    local = await asyncio.to_thread(lambda: list(_local(config)))
    try:
        transport = assemble.make_transport(config)
        smtp = Finding("SMTP", True, await transport.probe())
    except KsmailError as fault:
        smtp = Finding("SMTP", False, str(fault))
    return [*local, smtp]


def _local(config: Config) -> Iterator[Finding]:
    yield Finding("settings", True, f"read; {len(config.partners)} partners, {len(config.forms)} web forms")
    yield _try("letters", lambda: _letters(config))
    yield _try("database", lambda: _database(config))
    yield _try("IMAP", lambda: _imap(config))


def _try(what: str, work: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, work())
    except KsmailError as fault:
        return Finding(what, False, str(fault))


def _letters(config: Config) -> str:
    assemble.make_clerk(config)
    return "every letter in every language was written with sample facts"


def _database(config: Config) -> str:
    store = assemble.open_store(config)
    try:
        with store.reading() as past:
            broken = past.verify_chain()
            mails = past.counts().mails
        if broken is not None:
            raise KsmailError(f"the history does not fit from row {broken.row} on: {broken.because}")
        return f"version {store.version()}, {mails} mails, history unbroken"
    finally:
        store.close()


def _imap(config: Config) -> str:
    mailbox = assemble.make_mailbox(config)
    try:
        mailbox.open()
        return f"{len(mailbox.uids())} mails wait in the mailbox"
    finally:
        mailbox.close()
