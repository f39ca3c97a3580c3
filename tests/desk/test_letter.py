"""What kinds of letters there are."""

from __future__ import annotations

import pytest

from ksmail.capability import Audience
from ksmail.desk.letter import LetterKind

AUDIENCES = {
    "staff": Audience.STAFF,
    "partner": Audience.PARTNER,
    "confirm": Audience.STAFF,
    "ops": Audience.OPS,
}


@pytest.mark.parametrize("kind", LetterKind)
def test_every_letter_is_for_staff_a_partner_an_asker_or_whoever_runs_the_program(kind: LetterKind) -> None:
    assert kind.audience is AUDIENCES.get(kind.value.partition("_")[0], Audience.ASKER)


def test_what_a_person_wrote_is_an_answer_a_question_or_a_correction() -> None:
    assert {kind for kind in LetterKind if kind.by_a_person} == {
        LetterKind.ANSWER,
        LetterKind.INFO_REQUEST,
        LetterKind.CORRECTION,
    }


def test_what_staff_have_sent_to_a_partner_is_a_request_more_about_it_or_a_position() -> None:
    assert {kind for kind in LetterKind if kind.asks_a_person} == {
        LetterKind.PARTNER_REQUEST,
        LetterKind.PARTNER_UPDATE,
        LetterKind.PARTNER_SHARED,
    }


@pytest.mark.parametrize("kind", LetterKind)
def test_everything_a_machine_sends_by_itself_says_so_and_nothing_else_does(kind: LetterKind) -> None:
    assert bool(kind.auto_submitted) is not (kind.by_a_person or kind.asks_a_person)
    if kind.auto_submitted:
        assert (kind.auto_submitted == "auto-replied") is (kind.audience is Audience.ASKER)


@pytest.mark.parametrize("kind", LetterKind)
def test_an_asker_gets_text_only(kind: LetterKind) -> None:
    assert kind.has_html is (kind.audience is not Audience.ASKER)
