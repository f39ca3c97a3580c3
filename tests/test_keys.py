"""The desk's signing keys on disk."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.capability import Audience, Capability, Keyring
from ksmail.errors import ConfigError
from ksmail.keys import load_keys, rotate_keys
from tests.builders import address

TODAY = date(2026, 11, 25)
DAY = timedelta(days=1)
GRACE = timedelta(days=90)
UNTIL = date(2027, 2, 23)


def issue(ring: Keyring, expires: date | None = None) -> str:
    return ring.issue("KV-2026-0001", Audience.STAFF, address(), expires)


def read(ring: Keyring, token: str) -> Capability:
    capability = ring.read(token)
    assert capability is not None
    return capability


def key_lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if not line.startswith("#")]


def line(key_id: str, until: date | str | None = None) -> str:
    return f"{key_id} {'ab' * 32}" + (f" until {until}" if until else "")


def rotate(path: Path, today: date = TODAY, grace: timedelta = GRACE) -> str:
    return rotate_keys(path, today=today, grace=grace)


@pytest.fixture
def full_disk() -> Iterator[None]:
    """Nobody writes more than ten octets into a file (RLIMIT_FSIZE): what a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


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


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no keys here\n",
        b"k1 abc\n",
        b"\xff\xfe\n",
        f"{line('k1', 'tomorrow')}\n".encode(),
        f"{line('k1', '2027-02-30')}\n".encode(),
        f"{line('k2')}\nk1 abc\n".encode(),
    ],
)
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


def test_a_key_counts_up_to_and_including_its_day(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(line("k1", UNTIL) + "\n")
    capability = read(load_keys(path), issue(load_keys(path)))
    assert capability.expires == UNTIL
    assert capability.is_good_on(UNTIL)
    assert not capability.is_good_on(UNTIL + DAY)


def test_keys_with_and_without_a_day_stand_in_one_file_and_the_first_signs(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text("\n".join((line("k3"), line("k2", UNTIL), line("k1", "2020-01-01"), "")))
    token = issue(load_keys(path))
    assert ".k3." in token
    assert read(load_keys(path), token).expires is None


def test_rotation_lets_a_new_key_sign_and_gives_the_former_one_a_day(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    before = issue(load_keys(path))
    assert rotate(path) == "k2"
    ring = load_keys(path)
    assert ".k2." in issue(ring)
    assert read(ring, issue(ring)).expires is None
    assert read(ring, before).expires == UNTIL
    assert ring.issued_to(read(ring, before), address())


def test_the_earlier_of_the_day_of_a_token_and_that_of_its_key_counts(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    sooner, later = issue(load_keys(path), UNTIL - DAY), issue(load_keys(path), UNTIL + DAY)
    rotate(path)
    assert read(load_keys(path), sooner).expires == UNTIL - DAY
    assert read(load_keys(path), later).expires == UNTIL


def test_another_rotation_leaves_the_days_of_older_keys_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    first = issue(load_keys(path))
    rotate(path)
    assert rotate(path, TODAY + 10 * DAY) == "k3"
    assert read(load_keys(path), first).expires == UNTIL
    assert [text.split()[0] for text in key_lines(path)] == ["k3", "k2", "k1"]


def test_rotation_never_gives_a_key_more_time_than_it_had(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(line("k1", TODAY) + "\n")
    rotate(path)
    assert key_lines(path)[1] == line("k1", TODAY)


def test_a_key_is_remembered_for_a_year_after_its_day(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    year_ago = TODAY - timedelta(days=365)
    path.write_text("\n".join((line("k4"), line("k3", year_ago), line("k2", year_ago - DAY), line("k1"), "")))
    assert rotate(path) == "k5"
    assert [text.split()[0] for text in key_lines(path)] == ["k5", "k4", "k3", "k1"]


@given(st.integers(1, 60), st.integers(11, 400))
def test_however_often_keys_rotate_no_two_share_an_id_and_the_id_stays_short(
    tmp_path_factory: pytest.TempPathFactory, times: int, days: int
) -> None:
    path = tmp_path_factory.mktemp("rotation") / "keys"
    path.write_text("\n".join((line("k1"), "")))
    for at in range(times):
        assert len(rotate(path, TODAY + at * days * DAY, timedelta())) == 2
        ids = [text.split()[0] for text in key_lines(path)]
        assert len(ids) == len(set(ids))


def test_a_desk_that_ran_out_of_ids_is_told_and_its_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text("".join(f"{line(f'k{sign}', UNTIL)}\n" for sign in "123456789abcdefghijklmnopqrstuvwxyz"))
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=r"store\.keys_file: keys holds 35 keys"):
        rotate(path)
    assert path.read_bytes() == before


def test_a_key_whose_id_somebody_chose_is_followed_by_one_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(f"{line('prod')}\n{line('k1')}\n")
    assert rotate(path) == "k2"


def test_rotation_keeps_the_comments_and_the_file_readable_by_the_desk_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    load_keys(path)
    comment = path.read_text().splitlines()[0]
    rotate(path)
    assert path.read_text().splitlines()[0] == comment
    assert path.stat().st_mode & 0o777 == 0o600


def test_rotation_keeps_the_owner_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    load_keys(path)
    owner = 12345 if os.geteuid() == 0 else os.geteuid()
    os.chown(path, owner, -1)
    rotate(path)
    assert path.stat().st_uid == owner


def test_a_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "keys", tmp_path / "link"
    load_keys(path)
    link.symlink_to(path)
    rotate(link)
    assert link.is_symlink()
    assert key_lines(path)[0].startswith("k2 ")


def test_a_rotation_that_finds_the_disk_full_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / "keys"
    load_keys(path)
    before = path.read_bytes()
    request.getfixturevalue("full_disk")
    with pytest.raises(ConfigError, match=r"store\.keys_file: cannot write keys \(OSError\)"):
        rotate(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_holds_no_keys_is_not_rotated(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text("no keys here\n")
    with pytest.raises(ConfigError, match="does not hold signing keys"):
        rotate(path)
    assert path.read_text() == "no keys here\n"


def test_every_rotation_makes_another_secret(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    rotate(path)
    rotate(path)
    assert len({text.split()[1] for text in key_lines(path)}) == 3
