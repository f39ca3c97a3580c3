"""The words that somebody wrote himself, and the same words again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ksmail.incoming.words import own_words, words_hash
from tests.builders import QUESTION

HASH = words_hash(QUESTION)


def test_the_same_words_have_the_same_hash() -> None:
    assert words_hash(QUESTION) == HASH
    assert len(HASH) == 64


def test_other_words_have_another_hash() -> None:
    assert words_hash(QUESTION.replace("next year", "this year")) != HASH


def test_case_and_white_space_make_no_difference() -> None:
    assert words_hash("  " + QUESTION.upper().replace("\n", "\r\n\r\n").replace(" ", "\N{NO-BREAK SPACE} ")) == HASH


def test_quoted_lines_make_no_difference() -> None:
    assert words_hash(QUESTION + "> an older mail\n >> and an older one\n") == HASH


def test_the_signature_makes_no_difference() -> None:
    assert words_hash(QUESTION + "-- \nAda\nUniversity of Example\n") == HASH
    assert words_hash(QUESTION + "--\nAda\n") == HASH


def test_the_words_do_not_run_together() -> None:
    assert words_hash("may be") != words_hash("maybe")


def test_no_words_have_no_hash() -> None:
    assert words_hash("") == words_hash(" \n") == words_hash("> only\n> a quote\n") == words_hash("-- \nAda") == ""


def test_dashes_within_a_line_are_no_signature() -> None:
    assert own_words("one -- two\n--- three\nfour") == "one -- two\n--- three\nfour"


@given(st.text())
def test_any_text_has_a_hash_that_does_not_change(text: str) -> None:
    assert words_hash(text) == words_hash(own_words(text))


def test_half_a_character_is_no_error() -> None:
    assert len(words_hash("a \ud800 b")) == 64
