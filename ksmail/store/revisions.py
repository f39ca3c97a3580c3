"""Which tables the store has, and which it should have."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from ksmail.errors import ConfigError


def newest() -> str:
    """The revision this program works with."""
    return _scripts(_config()).get_current_head() or ""


def current(connection: Connection) -> str:
    """The revision the store has; "" for an empty one."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def require_newest(revision: str) -> None:
    """Raises ConfigError when the store is older or newer than the program."""
    if revision != newest():
        require_known(revision)
        raise ConfigError("store.database: the store is older than this program; run `ksmail migrate`")


def require_known(revision: str) -> None:
    """Raises ConfigError for tables that only a later program can have made."""
    known = {script.revision for script in _scripts(_config()).walk_revisions()}
    if revision and revision not in known:
        raise ConfigError("store.database: the store was made by a newer ksmail; it is never taken back")


def upgrade(connection: Connection) -> None:
    """Bring the tables up to date, in the transaction of `connection`."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "ksmail.store:migrations")
    return config


def _scripts(config: Config) -> ScriptDirectory:
    return ScriptDirectory.from_config(config)
