"""A month on the command line."""

from __future__ import annotations

from ksmail.desk.month import Month
from ksmail.errors import ConfigError


def month_or_none(text: str | None) -> Month | None:
    """What stands behind --month. Raises ConfigError."""
    if text is None:
        return None
    try:
        return Month.parse(text)
    except ValueError:
        raise ConfigError(f"--month: {text[:20]!r} is no month; write 2026-11") from None
