"""What strangers write is shown without tricks."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.outgoing.harmless import harmless, one_line, quoted, shown, too_long, without_links


@pytest.mark.parametrize(
    "trick", ["\u202e", "\u2066", "\u200b", "\u200f", "\ufeff", "\u00ad", "\x00", "\x1b", "\u3164"]
)
def test_invisible_and_reordering_characters_are_gone(trick: str) -> None:
    assert harmless(f"ab{trick}cd") == "abcd"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_every_line_end_becomes_one_kind(end: str) -> None:
    assert harmless(f"a{end}b") == "a\nb"


def test_every_space_becomes_a_plain_one() -> None:
    assert harmless("a\u00a0b\u2003c\td") == "a b c d"


def test_a_flood_of_combining_marks_is_bounded() -> None:
    assert harmless("e" + "\u0301" * 50 + "f") == "e" + "\u0301" * 4 + "f"


def test_ordinary_letters_of_any_script_stay() -> None:
    assert harmless("Zoë, Łukasz, 李, שלום 🙂") == "Zoë, Łukasz, 李, שלום 🙂"


@given(st.text())
def test_nothing_that_hides_or_reorders_is_left(text: str) -> None:
    assert not {unicodedata.category(character) for character in harmless(text).replace("\n", "")} & {"Cc", "Cf", "Cs"}


@given(st.text(), st.integers(min_value=1, max_value=40))
def test_one_line_is_one_line_and_bounded(text: str, most: int) -> None:
    line = one_line(text, most)
    assert len(line) <= most
    assert len(line.splitlines()) <= 1


def test_one_line_says_that_it_was_cut() -> None:
    assert one_line("abcdef", 4) == "abc…"


@pytest.mark.parametrize(
    "link",
    [
        "https://bad.example/x",
        "HTTP://bad.example",
        "www.bad.example",
        "bad.example/login",
        "bad。example",
        "ｂａｄ．example",
        "(https://bad.example)",
        "me@bad.example",
        "hxxp://bad",
    ],
)
def test_no_link_survives(link: str) -> None:
    assert without_links(f"Go to {link} now") == "Go to (link) now"


def test_a_subject_without_links_stays_as_it_is() -> None:
    assert without_links("Export of samples, part 2.1 (dual use?)") == "Export of samples, part 2.1 (dual use?)"


def test_text_is_shown_up_to_a_bound() -> None:
    assert sum(map(len, shown("x" * 50_000))) == 20_000
    assert len(shown("x\n" * 5_000)) == 1_000


@pytest.mark.parametrize(
    ("text", "cut"), [("x" * 20_000, False), ("x" * 20_001, True), ("x\n" * 999, False), ("x\n" * 1_000, True)]
)
def test_what_is_too_long_is_known(text: str, cut: bool) -> None:
    assert too_long(text) is cut


def test_empty_lines_at_the_ends_are_not_shown() -> None:
    assert shown("\n\n  \nwords\n\n") == ("words",)


def test_long_lines_are_folded_behind_the_margin() -> None:
    folded = quoted("word " * 40).split("\n")
    assert len(folded) == 3
    assert all(line.startswith("  | word") and len(line) <= 76 for line in folded)


def test_a_long_address_is_not_broken() -> None:
    address = "https://uni.example/" + "x" * 200
    assert quoted(address) == f"  | {address}"


@given(st.text())
def test_no_line_escapes_the_margin(text: str) -> None:
    lines = quoted(text).splitlines()
    assert all(line.startswith("  | ") and len(line) < 998 for line in lines)
