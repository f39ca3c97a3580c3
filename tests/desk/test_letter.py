"""What kinds of letters there are."""

from __future__ import annotations

import pytest

from ksmail.capability import Audience
from ksmail.desk.letter import LetterKind


@pytest.mark.parametrize("kind", LetterKind)
def test_every_letter_is_for_staff_or_for_an_asker(kind: LetterKind) -> None:
    staff = kind.value.startswith("staff_") or kind is LetterKind.CONFIRM
    assert kind.audience is (Audience.STAFF if staff else Audience.ASKER)


def test_what_a_person_wrote_is_an_answer_a_question_or_a_correction() -> None:
    assert {kind for kind in LetterKind if kind.by_a_person} == {
        LetterKind.ANSWER,
        LetterKind.INFO_REQUEST,
        LetterKind.CORRECTION,
    }


@pytest.mark.parametrize("kind", LetterKind)
def test_everything_a_machine_wrote_says_so_and_nothing_else_does(kind: LetterKind) -> None:
    assert bool(kind.auto_submitted) is not kind.by_a_person
    if kind.auto_submitted:
        assert (kind.auto_submitted == "auto-replied") is (kind.audience is Audience.ASKER)


@pytest.mark.parametrize("kind", LetterKind)
def test_an_asker_gets_text_only(kind: LetterKind) -> None:
    assert kind.has_html is (kind.audience is Audience.STAFF)
