"""Apologies and the caps on automatic letters: a fault that a review found."""

from __future__ import annotations

from datetime import datetime

from tests.stories.rig import Rig
from tests.stories.test_questions import ask

ASKER = "coordinator@uni.example"


def test_five_apologies_do_not_keep_the_acknowledgement_of_a_new_question(rig: Rig) -> None:
    for number in range(5):
        rig.take(ask(ASKER, subject=f"Case {number}", text=f"May we do this? Case {number}."))
        rig.clock.forward(minutes=61)
    rig.clock.moment = datetime.fromisoformat("2026-06-05T07:05:00+00:00")
    rig.work()
    before = len(rig.letters(ASKER))
    rig.clock.forward(minutes=10)
    rig.take(ask(ASKER, subject="Case 6", text="And this one?"))
    assert len(rig.letters(ASKER)) == before + 1
