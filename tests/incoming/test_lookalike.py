"""Addresses that look like one of ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.address import Address, parse_address
from ksmail.incoming.lookalike import resembled

SAM, EVA = parse_address("sam@agency.example"), parse_address("eva@agency.example")
STAFF = (SAM, EVA)


def written(local: str, domain: str) -> Address:
    """An address as it comes in: its domain in A-labels."""
    return parse_address(f"{local}@{domain.encode('idna').decode()}")


@pytest.mark.parametrize("domain", ["\u0430gency.example", "agenc\u0443.example", "\u0430g\u0435n\u0441\u0443.example"])
def test_letters_of_another_script_that_are_drawn_the_same_resemble(domain: str) -> None:
    assert resembled(written("sam", domain), STAFF) == SAM


@pytest.mark.parametrize(
    "domain",
    ["agenc.example", "agencyy.example", "aqency.example", "agency.exampl", "aagency.example", "ageny.example"],
)
def test_one_letter_too_many_too_few_or_other_resembles(domain: str) -> None:
    assert resembled(parse_address(f"sam@{domain}"), STAFF) == SAM


@pytest.mark.parametrize(("ours", "theirs"), [("modern.example", "modem.example"), ("vvind.example", "wind.example")])
def test_two_letters_that_look_like_one_resemble(ours: str, theirs: str) -> None:
    known = parse_address(f"kim@{ours}")
    assert resembled(parse_address(f"kim@{theirs}"), (known,)) == known


def test_a_local_part_that_is_drawn_the_same_resembles() -> None:
    assert resembled(parse_address("sarn@agency.example"), STAFF) == SAM


@pytest.mark.parametrize(
    "other", ["sam@uni.example", "robin@agency.example", "bob@agencyy.example", "eva@agencies.example", "sam@gov.test"]
)
def test_other_people_and_other_places_resemble_nobody(other: str) -> None:
    assert resembled(parse_address(other), STAFF) is None


def test_a_colleague_resembles_nobody() -> None:
    assert resembled(parse_address("SAM@agency.example"), STAFF) is None


def test_a_domain_that_is_no_good_punycode_is_taken_as_it_stands() -> None:
    assert resembled(parse_address("sam@xn--99999999.example"), STAFF) is None


@given(st.from_regex(r"[a-z]{1,10}@[a-z]{1,20}\.example", fullmatch=True))
def test_who_is_known_never_resembles(spec: str) -> None:
    known = parse_address(spec)
    assert resembled(known, (known,)) is None
