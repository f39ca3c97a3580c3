"""Real servers on loopback, one of each for every test process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.servers import Dovecot, Postfix, Servers
from tests.servers import dovecot as run_dovecot
from tests.servers import postfix as run_postfix

# How long something takes is measured in tests/bench: a busy machine is no fault.
settings.register_profile("unhurried", parent=settings(), deadline=None)
settings.load_profile("unhurried")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first, so that no process waits for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def _one_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with Servers(tmp_path_factory.mktemp("servers")) as running:
        yield running


@pytest.fixture
def servers(_one_servers: Servers) -> Servers:
    """IMAP and SMTP in memory (pymap, aiosmtpd), empty and obliging."""
    _one_servers.reset()
    return _one_servers


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A real IMAP server; take a `new_user` from it. Where Debian's is not installed, that is a failure."""
    try:
        with run_dovecot() as running:
            yield running
    except FileNotFoundError as missing:
        pytest.fail(str(missing))


@pytest.fixture(scope="session")
def postfix(dovecot: Dovecot) -> Iterator[Postfix]:
    """A real submission server; what it takes lies in `dovecot`."""
    try:
        with run_postfix(dovecot) as running:
            yield running
    except FileNotFoundError as missing:
        pytest.fail(str(missing))
