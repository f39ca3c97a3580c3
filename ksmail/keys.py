"""The desk's signing keys on disk."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from ksmail.capability import Key, Keyring
from ksmail.errors import ConfigError

_LINE = re.compile(r"([a-z0-9]{1,4}) ([0-9a-f]{64})")


def load_keys(path: Path) -> Keyring:
    """Read the keys, newest first: one `id secret` a line. A desk that never had any gets one, readable by it alone.

    Raises ConfigError when the file cannot be read or made, or holds something else.
    """
    try:
        if not path.exists():
            _create(path)
        lines = [line for line in path.read_text("ascii").splitlines() if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError(f"store.keys_file: cannot read or create {path.name} ({type(fault).__name__})") from None
    matches = [_LINE.fullmatch(line) for line in lines]
    if not matches or not all(matches):
        raise ConfigError(f"store.keys_file: {path.name} does not hold signing keys; restore it from your backup")
    return Keyring(tuple(Key(match[1], bytes.fromhex(match[2])) for match in matches if match))


def _create(path: Path) -> None:
    # O_EXCL: two programs that start at once must not end up with two keys.
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("# ksmail signing keys, newest first. Back this file up with the database. Show it to nobody.\n")
        file.write(f"k1 {secrets.token_hex(32)}\n")
        file.flush()
        os.fsync(file.fileno())
