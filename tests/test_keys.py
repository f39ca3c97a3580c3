"""The desk's signing keys on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from ksmail.capability import Audience
from ksmail.errors import ConfigError
from ksmail.keys import load_keys
from tests.builders import address


def test_a_new_desk_gets_a_key_that_only_it_can_read(tmp_path: Path) -> None:
    path = tmp_path / "state" / "ksmail.keys"
    load_keys(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_same_file_verifies_what_it_signed_before(tmp_path: Path) -> None:
    token = load_keys(tmp_path / "keys").issue("KV-2026-0001", Audience.ASKER, address())
    assert load_keys(tmp_path / "keys").read(token) is not None


def test_two_desks_do_not_verify_each_other(tmp_path: Path) -> None:
    token = load_keys(tmp_path / "one").issue("KV-2026-0001", Audience.ASKER, address())
    assert load_keys(tmp_path / "two").read(token) is None


def test_an_older_key_still_verifies_behind_a_newer_one(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    token = load_keys(path).issue("KV-2026-0001", Audience.ASKER, address())
    path.write_text(f"k2 {'ab' * 32}\n{path.read_text()}")
    ring = load_keys(path)
    assert ring.read(token) is not None
    assert ring.issue("KV-2026-0001", Audience.ASKER, address()) != token


@pytest.mark.parametrize("content", [b"", b"no keys here\n", b"k1 abc\n", b"\xff\xfe\n"])
def test_a_file_that_holds_no_keys_stops_the_start_and_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"store\.keys_file"):
        load_keys(path)
    assert path.read_bytes() == content


def test_a_key_never_shows_its_secret(tmp_path: Path) -> None:
    ring = load_keys(tmp_path / "keys")
    secret = (tmp_path / "keys").read_text().splitlines()[1].split()[1]
    assert secret not in repr(ring)
    assert secret not in repr(vars(ring))
