"""Changes go to JSON and come back."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.address import Address
from ksmail.desk.ticket import Change
from ksmail.outgoing.mail import Carries
from ksmail.reference import Reference
from ksmail.store.codec import decode, decode_all, decode_carries, encode, encode_all, encode_carries
from ksmail.store.happenings import Failed, Happening, Reopened
from tests.store.facts import NOW, opening

ADDRESSES = st.builds(Address, st.text("aB.c", min_size=1), st.just("uni.example"), st.text())
REFERENCES = st.builds(Reference, st.just("KV"), st.integers(2000, 9999), st.integers(1, 10**9 - 1))
st.register_type_strategy(Address, ADDRESSES)
st.register_type_strategy(Reference, REFERENCES)
ANYTHING = st.one_of([st.from_type(kind) for kind in get_args(Happening)])


@given(ANYTHING)
def test_every_change_comes_back_as_it_was(change: Happening) -> None:
    assert decode(encode(change)) == change


@given(ANYTHING)
def test_the_line_is_ascii_and_names_the_change(change: Happening) -> None:
    line = encode(change)
    assert line.isascii()
    assert json.loads(line)["type"] == type(change).__name__


def test_an_address_keeps_its_case_and_its_name() -> None:
    opened = opening(Reference("KV", 2026, 1))[0]
    again = decode(encode(opened))
    assert again.asker.spec == "Jo.de.Vries@uni.example"  # type: ignore[union-attr]  # an Opened came back
    assert again.asker.name == "Jo de Vries"  # type: ignore[union-attr]


def test_a_moment_comes_back_to_the_microsecond() -> None:
    again = decode(encode(opening(Reference("KV", 2026, 1))[0]))
    assert again.received_at == NOW  # type: ignore[union-attr]  # an Opened came back


def test_a_failure_is_a_line_of_its_own_without_a_ticket() -> None:
    failed = Failed(part="mailbox", since=NOW, until=NOW)
    line = encode(failed)
    assert json.loads(line) == {"part": "mailbox", "since": NOW.isoformat(), "type": "Failed", "until": NOW.isoformat()}
    assert decode(line) == failed
    with pytest.raises(ValueError, match="not changes of a ticket"):
        decode_all(f"[{line}]")


@pytest.mark.parametrize(
    "text", ["{}", "[]", "no json", '{"type":"Exploded"}', '{"type":"Reopened"}', '{"type":"Reopened","disposition":1}']
)
def test_what_is_no_change_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode(text)


def test_the_line_is_the_same_for_the_same_change() -> None:
    change = decode('{"type":"Reopened","disposition":"held"}')
    assert isinstance(change, Reopened)
    assert encode(change) == '{"disposition":"held","type":"Reopened"}'


@given(st.lists(st.one_of([st.from_type(kind) for kind in get_args(Change)]), max_size=4))
def test_several_changes_come_back_in_their_order(changes: list[Change]) -> None:
    assert decode_all(encode_all(changes)) == tuple(changes)


@given(st.from_type(Carries))
def test_what_a_letter_carries_comes_back_as_it_was(carries: Carries) -> None:
    assert decode_carries(encode_carries(carries)) == carries


def test_a_letter_of_which_nothing_was_put_down_carries_nothing() -> None:
    assert decode_carries("") == Carries()


def test_what_the_store_does_is_no_change_of_a_ticket() -> None:
    with pytest.raises(ValueError, match="not changes of a ticket"):
        decode_all('[{"type":"Reopened","disposition":"held"}]')
