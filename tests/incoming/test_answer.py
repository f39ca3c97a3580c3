"""What an IMAP server says of one mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from ksmail.incoming.answer import body, facts, words

MORNING = datetime(2026, 6, 1, 8, 15, tzinfo=timezone(timedelta(hours=2)))


def test_the_arrival_is_told_in_utc() -> None:
    received = facts({b"INTERNALDATE": MORNING, b"RFC822.SIZE": 9}).received_at
    assert (received, received.tzinfo) == (datetime(2026, 6, 1, 6, 15, tzinfo=UTC), UTC)


def test_a_mail_without_a_usable_arrival_arrived_now() -> None:
    before = datetime.now(UTC)
    assert before <= facts({b"INTERNALDATE": None}).received_at <= datetime.now(UTC)


def test_an_arrival_without_a_zone_is_not_usable() -> None:
    assert facts({b"INTERNALDATE": MORNING.replace(tzinfo=None)}).received_at > datetime(2026, 6, 2, tzinfo=UTC)


def test_a_size_that_is_no_number_counts_as_nothing() -> None:
    assert facts({b"RFC822.SIZE": b"large"}).size == 0


def test_a_refusal_is_a_fact_too() -> None:
    assert facts("no such luck").refused == "the server would not hand it over: no such luck"


def test_the_octets_are_found_whatever_part_was_asked_for() -> None:
    assert body({b"SEQ": 1, b"BODY[]<0>": b"mail"}) == (b"mail", "")


def test_an_answer_without_octets_says_so() -> None:
    assert body({b"BODY[]": None}) == (b"", "the server would not hand it over: it answered without the mail")


@given(st.text())
def test_what_a_server_says_becomes_one_short_printable_line(text: str) -> None:
    said = words(Exception(text))
    assert len(said) <= 120
    assert said.isprintable()
    assert "@" not in said
