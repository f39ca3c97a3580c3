"""Desks with their settings, and the command line as a function."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ksmail import cli, log, screen
from ksmail.demo.servers import Servers


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line on standard error; fails when there is more than that."""
        (line,) = self.err.splitlines()
        return line


Ask = Callable[..., Said]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Ask]:
    """Give a command in this process: quicker than to start one. `folder` is where the desk's settings lie."""

    monkeypatch.setattr(screen.console, "width", 200)  # as into a pipe, whatever the tests run in

    def given(*words: str | Path, folder: Path | None = None) -> Said:
        place = ["--config", str(folder / "ksmail.toml")] if folder else []
        monkeypatch.setattr(sys, "argv", ["ksmail", *place, *map(str, words)])
        capsys.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(bool(end.code))
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    yield given
    log.configure("json")  # a command may have asked for another form of it


@pytest.fixture(scope="module")
def own_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Servers that nobody else resets."""
    with Servers(tmp_path_factory.mktemp("servers")) as running:
        yield running
