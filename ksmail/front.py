"""What all commands share: which settings, and how to look into the store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from ksmail import assemble, config
from ksmail.config import Config
from ksmail.errors import ConfigError
from ksmail.store.store import Reader, Store, Transaction

Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=1_000_000, help="At most so many lines.")]
LogForm = Annotated[
    str,
    typer.Option("--log", help="json: one line per event, for machines. console: for people.", metavar="json|console"),
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Log more, addresses and server replies included. Not for every day.")
]

LARGEST = 2**63 - 1  # what the store can count to

_chosen: dict[str, Path | None] = {"config": None}


def choose(file: Path | None) -> None:
    """Use this file of settings in what follows; None looks in the usual places."""
    _chosen["config"] = file


def settings(*, secrets: bool = False) -> Config:
    """Most commands need no server, so they work for somebody who may not read the passwords."""
    return config.load(_chosen["config"], os.environ, secrets=secrets)


def whole_settings() -> Config:
    """The settings with both passwords."""
    return settings(secrets=True)


@contextmanager
def reading() -> Iterator[tuple[Reader, Config]]:
    """One look into the store."""
    with _opened() as (store, found), store.reading() as past:
        yield past, found


@contextmanager
def writing() -> Iterator[tuple[Transaction, Config]]:
    """One change of the store; nothing of it is kept when it ends with an exception."""
    with _opened() as (store, found), store.writing() as tx:
        yield tx, found


@contextmanager
def _opened() -> Iterator[tuple[Store, Config]]:
    found = settings()
    with closing(assemble.open_store(found)) as store:
        yield store, found


def log_form(text: str) -> Literal["json", "console"]:
    """What stands behind --log. Raises ConfigError."""
    if text == "json":
        return "json"
    if text == "console":
        return "console"
    raise ConfigError("--log is json or console")
