"""The people of the desk, and how colleagues call them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.desk.people import Person, alike, find_named, find_person
from tests.builders import address
from tests.desk.facts import EVA, PEER, SAM, person

ANNE = person("Anne Bakker", "anne@agency.example", names=("Annie",), others=(address("anne@home.example"),))
OTHER_ANNE = person("Anne Visser", "a.visser@agency.example")
RENE = person("René Çelik", "r.celik@agency.example")
STAFF = (SAM, EVA, PEER, ANNE, OTHER_ANNE, RENE)


def names(found: tuple[Person, ...]) -> list[str]:
    return [each.name for each in found]


def test_somebody_is_found_by_each_address_that_he_writes_from() -> None:
    assert find_person(STAFF, address("ANNE@agency.example")) is ANNE
    assert find_person(STAFF, address("anne@home.example")) is ANNE


def test_an_address_of_nobody_finds_nobody() -> None:
    assert find_person(STAFF, address("anne@elsewhere.example")) is None


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Anne Bakker", ["Anne Bakker"]),
        ("annie", ["Anne Bakker"]),
        ("Bakker", ["Anne Bakker"]),
        ("Anne", ["Anne Bakker", "Anne Visser"]),
        ("  anne   VISSER ", ["Anne Visser"]),
        ("rene celik", ["René Çelik"]),
        ("Rene\u0301", ["René Çelik"]),
        ("a.visser", ["Anne Visser"]),
        ("a.visser@agency.example", ["Anne Visser"]),
        ("anne@home.example", ["Anne Bakker"]),
        ("boer", ["Kim de Boer"]),
        ("nobody", []),
        ("", []),
        ("   ", []),
    ],
)
def test_a_colleague_is_called_by_whole_name_part_or_address(said: str, found: list[str]) -> None:
    assert names(find_named(STAFF, said)) == found


def test_a_whole_name_goes_before_a_part_of_another() -> None:
    kim = person("Kim", "k@agency.example")
    assert find_named((PEER, kim), "kim") == (kim,)


def test_an_initial_is_no_name() -> None:
    assert find_named((person("J. Jansen", "jj@agency.example"),), "j.") == ()


def test_what_looks_like_a_name_is_proposed_once_and_best_first() -> None:
    assert alike(STAFF, "Ane Baker")[0] == "Anne Bakker"
    assert len(set(alike(STAFF, "Ann"))) == len(alike(STAFF, "Ann"))


def test_nothing_is_proposed_for_what_looks_like_nobody() -> None:
    assert alike(STAFF, "zzzzzz") == ()


@given(st.text(max_size=300))
def test_any_words_are_looked_up_and_at_most_three_names_proposed(said: str) -> None:
    assert set(find_named(STAFF, said)) <= set(STAFF)
    assert len(alike(STAFF, said)) <= 3


@given(st.sampled_from(STAFF))
def test_everybody_is_found_by_his_whole_name(who: Person) -> None:
    assert find_named(STAFF, who.name.upper()) == (who,)
