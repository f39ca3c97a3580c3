"""Real servers on loopback, one of each for every test process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ksmail.demo.servers import Servers


@pytest.fixture(scope="session")
def _one_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with Servers(tmp_path_factory.mktemp("servers")) as running:
        yield running


@pytest.fixture
def servers(_one_servers: Servers) -> Servers:
    """IMAP and SMTP in memory (pymap, aiosmtpd), empty and obliging."""
    _one_servers.reset()
    return _one_servers
