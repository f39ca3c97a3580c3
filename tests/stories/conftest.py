"""A desk for each story; the parser's worker and the servers are shared by all stories of one test process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ksmail.demo.servers import Servers
from ksmail.incoming.limits import Limits
from ksmail.incoming.worker import Parser
from tests.stories.rig import Rig


@pytest.fixture(scope="session")
def parser() -> Iterator[Parser]:
    with Parser(Limits()) as made:
        yield made


@pytest.fixture
def make_rig(tmp_path: Path, servers: Servers, parser: Parser) -> Iterator[Callable[..., Rig]]:
    made: list[Rig] = []

    def make(more: str = "", name: str = "desk", **facts: Any) -> Rig:
        made.append(Rig(tmp_path / name, servers, parser, more, **facts))
        return made[-1]

    yield make
    for rig in made:
        rig.close()


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    return make_rig()
