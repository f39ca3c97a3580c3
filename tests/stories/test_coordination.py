"""Ministries are consulted: stories 11 and 12, and what else can happen between them, the desk and the asker."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.stories.people import BZ, EVA, MINISTRIES, OCW, PEOPLE, ROBIN, SAM, last, reply
from tests.stories.rig import TEAM, Rig, text_of
from tests.stories.test_questions import ask


@pytest.fixture
def desk(make_rig: Callable[..., Rig]) -> Rig:
    """A desk with ministries, and Robin's question."""
    rig = make_rig(PEOPLE, partners=MINISTRIES)
    rig.take(ask(headers=[("Cc", "adviser@uni.example")]))
    return rig


def test_scratch(desk: Rig) -> None:
    desk.take(reply(desk.letters(TEAM)[0], "#afstemmen BZ ocw\n"))
    print(text_of(last(desk, SAM)))
    desk.clock.forward(minutes=3)
    desk.work()
    for who in (ROBIN, BZ, OCW):
        print("=====", who)
        print(last(desk, who).as_string()[:1200])
        print(text_of(last(desk, who)))
    desk.take(reply(last(desk, BZ), "#bezwaar\n\nWij hebben zorgen over dit lab.\n", BZ))
    print(text_of(last(desk, TEAM)))
    desk.take(reply(last(desk, OCW), "#akkoord\n", OCW))
    print(text_of(last(desk, EVA)))
    print(desk.tickets()[0])
    assert 0
