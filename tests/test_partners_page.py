"""The page for a new liaison says what the program does with the mail of a partner."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from ksmail.capability import Audience
from ksmail.desk.markings import MARKINGS, find_marking
from ksmail.desk.order_line import spellings
from ksmail.desk.orders import ORDERS, Orders, help_lines, read_orders
from ksmail.desk.policy import Coordination
from ksmail.incoming.message import Language

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "partners.md").read_text("utf-8")
LANGUAGES = (Language.NL, Language.EN)
USUAL = Coordination()


def page(language: Language) -> str:
    """The part in one language."""
    dutch, english = PAGE.split("\n## English\n")
    return english if language is Language.EN else dutch.split("\n## Nederlands\n")[1]


def named(language: Language) -> list[str]:
    return re.findall(r"#(\w+)", page(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_that_is_named_is_an_order_for_partners_in_that_language(language: Language) -> None:
    works = {row.spelling(language) for row in ORDERS if Audience.PARTNER in row.audiences}
    assert set(named(language)) == works
    assert works <= spellings(Audience.PARTNER).keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_order_for_partners_stands_in_the_table_once_and_with_what_it_means(language: Language) -> None:
    table = [(f"#{word}", what) for word, what in re.findall(r"^\| `#(\w+)` \| (.+) \|$", page(language), re.MULTILINE)]
    assert table == [(line.usage, line.what) for line in help_lines(language, Audience.PARTNER)]


@pytest.mark.parametrize(("language", "word"), [(each, word) for each in LANGUAGES for word in named(each)])
def test_a_word_alone_is_a_whole_answer(language: Language, word: str) -> None:
    found = read_orders(f"#{word}", today=date(2026, 6, 1), audience=Audience.PARTNER)
    assert isinstance(found, Orders)
    assert len(found.orders) == 1
    assert found.strays == ()


def test_the_page_names_the_usual_number_of_days() -> None:
    for days in (USUAL.partner_days, USUAL.silence_days):
        assert f"{days} werkdagen" in page(Language.NL)
    assert f"you have {USUAL.partner_days} working days" in page(Language.EN)
    assert f"After {USUAL.silence_days} more working days" in page(Language.EN)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_subject_on_the_page_is_that_of_a_request(language: Language) -> None:
    template = (ROOT / "templates" / language.value / "partner_request" / "subject.txt").read_text("utf-8")
    words = template.partition("{{")[0]
    assert words.strip()
    assert re.search(rf"^\[KV-2026-0042/BZ\] {re.escape(words)}\w+ 14 \w+$", page(language), re.MULTILINE)


def test_both_languages_have_the_same_parts() -> None:
    dutch, english = (re.findall(r"^(?:###|\||```)", page(each), re.MULTILINE) for each in LANGUAGES)
    assert dutch == english


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_read_in_two_minutes(language: Language) -> None:
    assert len(page(language).split()) < 480  # at 240 words a minute


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reply_that_quotes_the_page_is_not_set_aside(language: Language) -> None:
    assert find_marking(page(language), MARKINGS) == ""
