"""Text that takes ages to read (CVE-2021-36093, and the quadratic part of Unicode normalisation)."""

from __future__ import annotations

import time
import unicodedata

import pytest

from ksmail.incoming.language import guess_language
from ksmail.incoming.words import words_hash
from tests.builders import mail
from tests.security.attacked import Desk

MEGABYTE = 1024 * 1024
TEXTS = {
    "two marks in the wrong order, on one letter": "a" + "\u0300\u0316" * (MEGABYTE // 4),
    "one mark, on one letter": "a" + "\u0301" * (MEGABYTE // 2),
    "characters that become eighteen": "\ufdfa" * (MEGABYTE // 3),
    "marks on letters": "\u0315\u0300\u05aeb" * (MEGABYTE // 7),
    "short lines": "a\n" * (MEGABYTE // 2),
    "one word": "a" * MEGABYTE,
    "quotations": "> a\n" * (MEGABYTE // 4),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_no_text_takes_long_to_compare_and_to_know_the_language_of(text: str) -> None:
    guess_language("The model is loaded once, before the clock runs.")
    start = time.process_time()
    words_hash(text)
    guess_language(text)
    assert time.process_time() - start < 3


def test_marks_that_html_hides_from_the_parser_do_not_stop_the_desk(desk: Desk) -> None:
    """In the source they are plain ASCII; only the finished text has them."""
    desk.take(mail())
    start = time.process_time()
    html = "<p>Is this allowed?</p><p>" + "&#768;&#790;" * 80_000 + "</p>"
    desk.take(mail(message_id="<marks@uni.example>", text="", html=html).replace(b"text/plain", b"text/csv"))
    assert time.process_time() - start < 5
    assert len(desk.tickets()) == 2


def test_words_are_still_the_same_whatever_their_spelling() -> None:
    decomposed = unicodedata.normalize("NFD", "Eén vraag over coöperatie")
    assert words_hash(decomposed) == words_hash("EÉN  vraag\nover coöperatie")
