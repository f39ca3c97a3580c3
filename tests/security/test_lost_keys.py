"""Signing keys that got lost beside a store that did not."""

from __future__ import annotations

import pytest

from ksmail.assemble import make_works
from ksmail.errors import ConfigError
from tests.builders import mail
from tests.security.attacked import Desk


def start(desk: Desk) -> None:
    make_works(desk.config, desk.store, lambda: desk.moment, lambda: 0.0)


def test_a_desk_that_has_had_mail_does_not_start_without_its_keys(desk: Desk) -> None:
    desk.take(mail())
    desk.config.keys_file.unlink()
    with pytest.raises(ConfigError, match="restore it from your backup"):
        start(desk)
    assert not desk.config.keys_file.exists()


def test_a_new_desk_makes_its_own(desk: Desk) -> None:
    desk.config.keys_file.unlink()
    start(desk)
    assert desk.config.keys_file.exists()


def test_a_key_made_by_hand_gets_a_desk_going_again(desk: Desk) -> None:
    desk.take(mail())
    desk.config.keys_file.write_text(f"k1 {'0a' * 32}\n")
    start(desk)
