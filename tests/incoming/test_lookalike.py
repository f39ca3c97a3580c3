"""Addresses that look like one of ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.address import Address, parse_address
from ksmail.incoming.lookalike import resembled, resembles_domain

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


# Domains alone.

KNOWN = ("agency.example", "modern.example")


def labels(domain: str) -> str:
    """A domain as it comes in: in A-labels."""
    return domain.encode("idna").decode()


@pytest.mark.parametrize("domain", ["\u0430gency.example", "agenc\u0443.example", "\u0430g\u0435n\u0441\u0443.example"])
def test_a_domain_in_letters_of_another_script_that_are_drawn_the_same_resembles(domain: str) -> None:
    assert resembles_domain(labels(domain), KNOWN)


@pytest.mark.parametrize(
    "domain",
    [
        *("agencyy.example", "agenc.example", "aqency.example", "agency.exampl", "modem.example"),
        *("agencv.example", "aagency.example", "agencyexample"),
    ],
)
def test_a_domain_with_one_letter_too_many_too_few_or_other_resembles(domain: str) -> None:
    assert resembles_domain(domain, KNOWN)


@pytest.mark.parametrize(
    "domain",
    [
        "uni.example",
        "agencies.example",
        "agency.test",
        "mail.agency.example",
        "agency.example.test",
        "gcenya.example",
        "",
    ],
)
def test_another_domain_resembles_none(domain: str) -> None:
    assert not resembles_domain(domain, KNOWN)


@pytest.mark.parametrize("domain", KNOWN)
def test_a_domain_that_is_known_does_not_resemble_itself(domain: str) -> None:
    assert not resembles_domain(domain, (domain,))


def test_among_very_short_domains_a_neighbour_says_nothing() -> None:
    assert not resembles_domain("bz.test", ("ez.tes",))
    assert not resembles_domain("vu.nl", ("uu.nl", "wu.nl"))
    assert resembles_domain("uva.test", ("uvb.test",))


def test_a_very_short_domain_that_is_drawn_the_same_resembles_still() -> None:
    assert resembles_domain(labels("\u0430b.nl"), ("ab.nl",))


def test_where_no_domain_is_known_none_resembles() -> None:
    assert not resembles_domain("agency.example", ())


def test_a_domain_that_cannot_be_decoded_is_taken_as_it_stands() -> None:
    assert not resembles_domain("xn--99999999.example", KNOWN)


domains = st.from_regex(r"[abd-kmo-qs-uw-z]{1,20}\.example", fullmatch=True)  # no letters that look like one in pairs


@given(domains)
def test_no_domain_resembles_itself(domain: str) -> None:
    assert not resembles_domain(domain, (domain, domain))


@given(domains, st.integers(0, 19), st.sampled_from("abxyz"))
def test_one_letter_put_in_anywhere_resembles(domain: str, at: int, letter: str) -> None:
    assert resembles_domain(domain[:at] + letter + domain[at:], (domain,))
