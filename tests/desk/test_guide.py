"""The page for staff says what the program does."""

from __future__ import annotations

import re
from datetime import date

import pytest

from ksmail.capability import Audience
from ksmail.desk.execute import FRESH
from ksmail.desk.order_line import spellings
from ksmail.desk.orders import ORDERS, Lines, Orders, help_lines, read_lines, read_orders
from ksmail.incoming.message import Language
from tests.desk.guide import EXAMPLES, GUIDE, LISTS, guide, page

LANGUAGES = (Language.NL, Language.EN)
TODAY = date(2026, 6, 1)


def test_the_page_is_what_the_program_makes_of_it() -> None:
    """After a change: `python -m tests.desk.renew_guide`."""
    assert GUIDE.read_bytes().decode() == guide()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_order_stands_in_the_table_once(language: Language) -> None:
    for line in help_lines(language, Audience.STAFF):
        assert page(language).count(f"| `{line.usage}` | {line.what} |") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_order_that_is_named_is_an_order_of_that_language(language: Language) -> None:
    named = {word.rstrip("!") for word in re.findall(r"`#(\w+!?)", page(language))}
    works = {row.spelling(language) for row in ORDERS if Audience.STAFF in row.audiences}
    assert named - works == set()


@pytest.mark.parametrize(("language", "typed"), [(each, typed) for each in LANGUAGES for typed, _ in EXAMPLES[each]])
def test_every_example_is_understood(language: Language, typed: str) -> None:
    found = read_orders(typed, today=TODAY)
    assert isinstance(found, Orders)
    assert found.orders
    assert found.strays == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_to_a_list_is_understood(language: Language) -> None:
    found = read_lines(LISTS[language], today=TODAY)
    assert isinstance(found, Lines)
    assert [line.numbers for line in found.lines] == [(1,), (3,), (5, 6), (7,), (8,)]
    assert found.text == ""


def test_an_exclamation_mark_means_something_where_the_page_shows_it() -> None:
    rows = spellings(Audience.STAFF)
    shown = re.findall(r"`#(\w+)!`", guide())
    assert shown
    assert all(rows[word].overridable for word in shown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_names_every_order_that_may_stand_in_a_new_mail(language: Language) -> None:
    sentence = next(part for part in page(language).split(". ") if "#status" in part and "#" in part)
    for row in ORDERS:
        if row.verb in FRESH:
            assert f"`#{row.spelling(language)}`" in sentence


def test_both_languages_have_the_same_parts() -> None:
    shapes = [re.sub(r"[^#|\n]+", "", "\n".join(re.findall(r"^[#|].*", page(each), re.M))) for each in LANGUAGES]
    assert shapes[0] == shapes[1]
    assert len(EXAMPLES[Language.NL]) == len(EXAMPLES[Language.EN])
