"""Which partners the words of a question suggest."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.desk.policy import Suggestion
from ksmail.desk.suggest import copied, plain, suggested, words

SPACE = Suggestion(words=("satelliet*", "ruimtevaart", "space technology"), partners=("EZ", "Defensie"))
EXPORT = Suggestion(words=("dual use", "coöperatie"), partners=("BZ", "EZ"), copy=True)
RULES = (SPACE, EXPORT)
TEXTS = st.text(max_size=200) | st.lists(
    st.sampled_from(["dual", "use", "satelliet", "\n", "> ", "-", "Ruimtevaart", "coo", "x"]), max_size=20
).map(" ".join)


@pytest.mark.parametrize(
    "text",
    [
        "Wij werken aan satelliet.",
        "Onze satellieten zijn klein",
        "SATELLIETBEELDEN",
        "over (ruimtevaart)",
        "space technology",
        "Space\r\nTechnology",
        "> space\n> technology",
        "space-technology",
        "space\u00a0technology",
        "ruimte\u00advaart",
        "ruim\u200btevaart",
        "ｒｕｉｍｔｅｖａａｒｔ",
        "RUIMTEVÁÁRT",
        "*ruimtevaart*",
        "_ruimtevaart_",
    ],
)
def test_a_topic_is_found_however_it_is_written(text: str) -> None:
    assert suggested(text, RULES) == ("EZ", "Defensie")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ruimtevaarttechniek",
        "bemanderuimtevaart",
        "ruimte vaart",
        "spacetechnology",
        "space and technology",
        "technology space",
        "kunstsatellieten",
        "duals used",
    ],
)
def test_only_whole_words_in_a_row_count(text: str) -> None:
    assert suggested(text, RULES) == ()


@pytest.mark.parametrize("text", ["cooperatie", "Coöperatie", "COO\u0308PERATIE", "dual-use", "Dual Use"])
def test_accents_case_and_hyphens_do_not_matter(text: str) -> None:
    assert suggested(text, RULES) == ("BZ", "EZ")


def test_each_partner_comes_once_in_the_order_of_the_rules() -> None:
    text = "Dual use van een satelliet"
    assert suggested(text, RULES) == ("EZ", "Defensie", "BZ")
    assert suggested(text, (EXPORT, SPACE)) == ("BZ", "EZ", "Defensie")


def test_only_the_rules_that_say_so_copy() -> None:
    assert copied("Dual use van een satelliet", RULES) == ("BZ", "EZ")
    assert copied("Een satelliet", RULES) == ()


def test_a_rule_of_no_words_suggests_nobody() -> None:
    nothing = Suggestion(words=("...", "*", ""), partners=("BZ",))
    assert suggested("... * woorden", (nothing,)) == ()


def test_without_rules_nobody_is_suggested() -> None:
    assert suggested("satelliet", ()) == copied("satelliet", ()) == ()


@given(TEXTS, TEXTS)
def test_the_text_around_a_topic_does_not_matter(before: str, behind: str) -> None:
    assert {"EZ", "BZ"} <= set(suggested(f"{before} dual use {behind}", RULES))


@given(TEXTS)
def test_a_line_may_break_anywhere(text: str) -> None:
    assert suggested(text.replace(" ", "\n> "), RULES) == suggested(text, RULES)


@given(TEXTS)
def test_who_is_copied_is_also_suggested(text: str) -> None:
    assert set(copied(text, RULES)) <= set(suggested(text, RULES))


@given(st.text())
def test_words_stay_what_they_are(text: str) -> None:
    once = words(plain(text))
    assert words(once) == once
    assert not set(once) & set("\u00ad\u200b\n_-.")


@pytest.mark.parametrize(
    "flood", ["a", "a ", "dual ", "é", "e\u0301\u0323", "\u0301\u0323", "\u200b", "Ω\n", "satelliet"]
)
def test_a_flood_takes_no_time(flood: str) -> None:
    rules = (*RULES, Suggestion(words=tuple(f"dual {'dual ' * at}x" for at in range(50)), partners=("BZ",)))
    text = flood * (1024 * 1024 // len(flood))
    begun = time.process_time()
    suggested(text, rules)
    assert time.process_time() - begun < 5


def test_beyond_a_million_characters_nothing_is_looked_at() -> None:
    assert suggested(" " * (1024 * 1024 - 11) + "ruimtevaart", RULES) == ("EZ", "Defensie")
    assert suggested(" " * 1024 * 1024 + "ruimtevaart", RULES) == ()
