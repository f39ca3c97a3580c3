"""The desk's signing keys on disk."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from ksmail.capability import Key, Keyring
from ksmail.errors import ConfigError

_LINE = re.compile(r"([a-z0-9]{1,4}) ([0-9a-f]{64})(?: until (\d{4}-\d\d-\d\d))?", re.ASCII)
_REMEMBERED = timedelta(days=365)
_IN_IDS = "123456789abcdefghijklmnopqrstuvwxyz"


def load_keys(path: Path) -> Keyring:
    """Read the keys, newest first: one `id secret` a line, or `id secret until 2027-02-23`.

    The day is the last one (UTC) on which what that key signed still counts. A key past its day is loaded as well. A
    desk that never had any key gets one, readable by it alone. Raises ConfigError when the file cannot be read or made,
    or holds something else.
    """
    return Keyring(tuple(_keys(path, _read(path))))


def rotate_keys(path: Path, *, today: date, grace: timedelta) -> str:
    """Let a new key sign from now on, and return its id; what the former one signed counts until `today + grace`.

    `today` is a day in UTC. A key that is more than a year past its day is dropped. The file is replaced as a whole:
    after a crash it is the old one or the new one. Raises ConfigError as `load_keys` does, and when it cannot be
    written.
    """
    lines = _read(path)
    keys = list(_keys(path, lines))
    former = replace(keys[0], until=min(keys[0].until or date.max, today + grace))
    kept = [former, *(key for key in keys[1:] if key.until is None or today - key.until <= _REMEMBERED)]
    new = Key(_fresh_id(path, kept), secrets.token_bytes(32))
    comments = [line for line in lines if line.startswith("#")]
    try:
        _replace(path, "\n".join((*comments, *map(_write, (new, *kept)), "")))
    except OSError as fault:
        raise ConfigError(f"store.keys_file: cannot write {path.name} ({type(fault).__name__})") from None
    return new.id


def _read(path: Path) -> list[str]:
    try:
        if not path.exists():
            _create(path)
        return path.read_text("ascii").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError(f"store.keys_file: cannot read or create {path.name} ({type(fault).__name__})") from None


def _keys(path: Path, lines: Iterable[str]) -> Iterator[Key]:
    """Every key in the lines, at least one. Raises ConfigError."""
    try:
        keys = [_parse(line) for line in lines if line and not line.startswith("#")]
    except ValueError:
        keys = []
    if not keys:
        raise ConfigError(f"store.keys_file: {path.name} does not hold signing keys; restore it from your backup")
    return iter(keys)


def _parse(line: str) -> Key:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError("not a key")
    return Key(match[1], bytes.fromhex(match[2]), date.fromisoformat(match[3]) if match[3] else None)


def _write(key: Key) -> str:
    return f"{key.id} {key.secret.hex()}" + (f" until {key.until}" if key.until else "")


def _fresh_id(path: Path, keys: list[Key]) -> str:
    # Two characters, round and round: a third would leave less room for the desk's name in a signed reply address.
    at = _IN_IDS.find(keys[0].id.removeprefix("k")) + 1
    taken = {key.id for key in keys}
    fresh = (f"k{digit}" for digit in _IN_IDS[at:] + _IN_IDS[:at] if f"k{digit}" not in taken)
    found = next(fresh, None)
    if found is None:
        raise ConfigError(f"store.keys_file: {path.name} holds {len(keys)} keys; delete the oldest before a new one")
    return found


def _create(path: Path) -> None:
    # O_EXCL: two programs that start at once must not end up with two keys.
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("# ksmail signing keys, newest first. Back this file up with the database. Show it to nobody.\n")
        file.write(f"k1 {secrets.token_hex(32)}\n")
        file.flush()
        os.fsync(file.fileno())


def _replace(path: Path, text: str) -> None:
    target = path.resolve()  # a link stays a link
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # made with mode 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            owner = target.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)  # an administrator must not lock the daemon out
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync(target.parent)


def _sync(folder: Path) -> None:
    # The rename itself is only on disk once the folder is.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
