"""A fresh store on disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ksmail.store.store import Store, StoreSettings


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that was made once; copy it, do not write in it."""
    path = tmp_path_factory.mktemp("made") / "desk.db"
    Store.migrate(StoreSettings(path=path))
    return path


@pytest.fixture
def path(tmp_path: Path, empty_store: Path) -> Path:
    return Path(shutil.copy(empty_store, tmp_path / "desk.db"))


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = Store.open(StoreSettings(path=path))
    yield opened
    opened.close()
