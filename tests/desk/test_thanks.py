"""Whether a reply is no more than thanks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.desk.thanks import is_thanks

WORDS = st.sampled_from(
    [
        "Thanks",
        "thank you",
        "Bedankt",
        "dank u wel",
        "merci",
        "Danke",
        "for your quick answer",
        "voor uw hulp",
        "!",
        ".",
        "\n",
        "\n\n",
        ",",
        "Ada",
        "Jan de Vries",
        "but",
        "please call me",
        "7",
        "?",
        "kind regards",
        "Met vriendelijke groet",
    ]
)
TEXTS = st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=400)


@pytest.mark.parametrize(
    "own",
    [
        "Thanks!",
        "thx",
        "Thank you very much for the quick reply.",
        "Bedankt!",
        "Hartelijk dank voor uw snelle antwoord.",
        "Dank u wel voor de heldere uitleg, hier kan ik mee verder.",
        "Beste heer,\n\nDank je wel.\n\nMet vriendelijke groet,\nJan de Vries",
        "Many thanks,\n\nAda Lovelace",
        "Bedankt!\nJan van der Berg",
        "Merci!\n王小明",
        "BEDANKT",
        "Ｔｈａｎｋｓ",
        "Vielen Dank für die schnelle Hilfe! Mit freundlichen Grüßen",
        "Merci beaucoup",
    ],
)
def test_thanks_in_their_many_forms(own: str) -> None:
    assert is_thanks(own)


@pytest.mark.parametrize(
    "own",
    [
        "",
        "   \n",
        "!!!",
        "Great.",
        "Thanks, but I do not agree.",
        "Thanks! Can I call you?",
        "Thanks？",
        "شكرا thanks؟",
        "Bedankt, en mag mijn collega dit ook weten",
        "Thanks. We are with 12 people.",
        "Thanks\n0612345678",
        "Thanks\nAda 2",
        "No thanks to you I lost the grant.",
        "Thanks " * 41,
        "x" * 301,
        "Thanks" + " " * 300,
        "Nee, dank u",
        "Thanks.\nPlease call me",
        "Bedankt.\nBel mij morgen",
        "Thanks.\ncall Ada",
        "Jan de Vries\n\nBedankt",
        "Thanks Ada Lovelace and Charles Babbage",
    ],
)
def test_what_is_more_or_other_than_thanks(own: str) -> None:
    assert not is_thanks(own)


def test_a_name_stands_on_a_last_line_of_its_own_and_is_short() -> None:
    assert is_thanks("Thanks!\nAda Byron King Lovelace")
    assert not is_thanks("Thanks!\nAda Augusta Byron King Lovelace")


@given(TEXTS)
def test_whoever_asks_something_only_thanks_never(own: str) -> None:
    if any(mark in own for mark in "?？؟"):
        assert not is_thanks(own)


@given(st.text(min_size=301), st.sampled_from(["Thanks! ", "Bedankt. ", ""]))
def test_more_than_three_hundred_characters_are_more_than_thanks(own: str, before: str) -> None:
    assert not is_thanks(before + own)


@given(TEXTS, st.characters(categories=["Nd"]), TEXTS)
def test_words_with_a_digit_among_them_are_more_than_thanks(before: str, digit: str, behind: str) -> None:
    assert not is_thanks(f"Thanks {before}{digit}{behind}")


@given(st.lists(st.sampled_from(["great", "very", "good", "answer", "Ada", "prima", "\n"]), max_size=12).map(" ".join))
def test_nothing_is_thanks_without_a_word_of_thanks(own: str) -> None:
    assert not is_thanks(own)
