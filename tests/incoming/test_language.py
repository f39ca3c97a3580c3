"""Dutch, English, or not sure: a question is never answered in the wrong language only."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.incoming.language import guess_language
from ksmail.incoming.message import Language
from tests.incoming.questions import COUNTRIES_DUTCH, COUNTRIES_ENGLISH, DUTCH, ENGLISH

DUTCH_TEXT = "Beste desk,\n\nMogen wij met deze partner samenwerken? Graag horen wij waar we op moeten letten.\n"
ENGLISH_TEXT = "Dear desk,\n\nMay we work with this partner? Please tell us what we have to look out for.\n"


@pytest.mark.parametrize(("questions", "language"), [(DUTCH, Language.NL), (ENGLISH, Language.EN)])
def test_short_questions_are_recognised(questions: tuple[str, ...], language: Language) -> None:
    found = [guess_language(question) for question in questions]
    assert len(found) == 30
    assert found.count(language) >= 27
    assert set(found) <= {language, Language.BOTH}


@pytest.mark.parametrize("question", DUTCH)
def test_the_other_language_in_the_quote_does_not_count(question: str) -> None:
    alone = guess_language(question)
    assert guess_language(question + "\n\n" + "".join(f"> {line}\n" for line in ENGLISH)) is alone


def test_the_other_language_in_the_signature_does_not_count() -> None:
    assert guess_language(ENGLISH_TEXT + "-- \n" + DUTCH_TEXT * 3) is Language.EN


@pytest.mark.parametrize("text", [DUTCH_TEXT + ENGLISH_TEXT, ENGLISH_TEXT + DUTCH_TEXT])
def test_a_dutch_and_an_english_half_are_both(text: str) -> None:
    assert guess_language(text) is Language.BOTH


def test_an_english_title_in_a_dutch_question_is_dutch() -> None:
    text = "Wij hebben een vraag over de cursus Machine Learning for Security. Mag iemand van buiten meedoen?"
    assert guess_language(text) is Language.NL


@pytest.mark.parametrize(
    "text", ["", " \n", "Ada", "ok", "Zie bijlage", "https://x.example/may-we-work-with-them", "12 34 56"]
)
def test_hardly_any_words_are_both(text: str) -> None:
    assert guess_language(text) is Language.BOTH


@pytest.mark.parametrize(
    "text",
    [
        "Können Sie mir bitte sagen, ob wir mit diesem Partner zusammen arbeiten dürfen?",
        "Pouvez-vous me dire si nous pouvons collaborer avec cette université?",
        "¿Podemos trabajar con esta universidad? Nos gustaría saber qué debemos hacer.",
        "请问我们可以与这所大学合作吗?我们需要注意什么?",
    ],
    ids=["de", "fr", "es", "zh"],
)
def test_other_languages_are_answered_in_both(text: str) -> None:
    assert guess_language(text) is Language.BOTH


def test_a_text_in_capitals_is_read_too() -> None:
    assert guess_language("MOGEN WIJ MET DEZE PARTNER WERKEN?") is Language.NL
    assert guess_language("MAY WE WORK WITH THIS PARTNER?") is Language.EN


DUTCH_FRAMES = (
    "Mag een onderzoeker uit {} bij ons komen werken?",
    "Wij kregen een aanbod uit {} en willen weten wat er mag.",
    "Is {} een risico voor ons onderzoek? Wij horen het graag.",
    "{} betaalt de beurs. Vindt u dat een probleem?",
    "Onze partner zit in {}, en de data staan in {}.",
    "vraag over {}",
)
ENGLISH_FRAMES = (
    "May a researcher from {} come and work with us?",
    "We received an offer from {} and want to know what is allowed.",
    "Is {} a risk to our research? We would like to know.",
    "{} pays the grant. Do you think that is a problem?",
    "Our partner is in {}, and the data are in {}.",
    "question about {}",
)


@pytest.mark.parametrize("frame", DUTCH_FRAMES)
def test_swapping_the_country_changes_nothing_in_dutch__story_20(frame: str) -> None:
    assert len({guess_language(frame.replace("{}", country)) for country in COUNTRIES_DUTCH}) == 1


@pytest.mark.parametrize("frame", ENGLISH_FRAMES)
def test_swapping_the_country_changes_nothing_in_english__story_20(frame: str) -> None:
    assert len({guess_language(frame.replace("{}", country)) for country in COUNTRIES_ENGLISH}) == 1


@pytest.mark.parametrize("frame", DUTCH_FRAMES[:5])
def test_a_country_named_in_the_other_language_changes_nothing(frame: str) -> None:
    assert {guess_language(frame.replace("{}", country)) for country in COUNTRIES_ENGLISH} == {Language.NL}


@given(st.text(max_size=500))
def test_any_text_has_an_answer(text: str) -> None:
    assert guess_language(text) in Language


def test_only_the_beginning_of_an_endless_text_is_read() -> None:
    assert guess_language(DUTCH_TEXT * 200 + ENGLISH_TEXT * 100_000) is Language.NL


@pytest.mark.parametrize("piece", ["a", ".", "a'", "a-", "@", "1", "[", "\N{NO-BREAK SPACE}"])
def test_a_text_made_to_take_long_takes_no_time(piece: str) -> None:
    guess_language(DUTCH_TEXT)  # loads the model
    start = time.process_time()
    guess_language(piece * 100_000)
    assert time.process_time() - start < 1
