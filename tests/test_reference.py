"""Ticket numbers, as people say and type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.reference import Reference

references = st.builds(
    Reference,
    prefix=st.from_regex(r"[A-Z]{1,8}", fullmatch=True),
    year=st.integers(0, 9999),
    number=st.integers(1, 999_999_999),
)


@given(references)
def test_what_is_written_is_what_is_read(reference: Reference) -> None:
    assert Reference.parse(str(reference)) == reference


@given(references)
def test_the_case_of_the_letters_does_not_matter(reference: Reference) -> None:
    assert Reference.parse(str(reference).lower()) == reference


def test_a_number_has_at_least_four_digits() -> None:
    assert str(Reference("KV", 2026, 42)) == "KV-2026-0042"


def test_a_number_may_have_more_digits() -> None:
    assert Reference.parse("KV-2026-12345") == Reference("KV", 2026, 12345)


def test_white_space_around_a_number_is_ignored() -> None:
    assert Reference.parse(" KV-2026-0042\n") == Reference("KV", 2026, 42)


@pytest.mark.parametrize(
    "text",
    ["", "KV", "KV-26-0042", "KV-2026-042", "KV 2026 0042", "KV-2026-0042-1", "K1-2026-0042", "KV-2026-٠٠٤٢", "Q-17"],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a ticket reference"):
        Reference.parse(text)


def test_numbers_sort_by_year_and_then_by_number() -> None:
    later, first = Reference("KV", 2027, 1), Reference("KV", 2026, 10_000)
    assert sorted([later, first]) == [first, later]
