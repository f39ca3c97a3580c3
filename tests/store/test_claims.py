"""What is done once per date, and the numbered lists that were mailed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ksmail.address import parse_address
from ksmail.store.store import Store
from ksmail.store.values import Claim, Sheet
from tests.store.facts import NOW

MONDAY, TUESDAY = date(2026, 6, 1), date(2026, 6, 2)
SAM = parse_address("sam@agency.example", "Sam")


def test_a_thing_is_claimed_once_on_a_day(store: Store) -> None:
    with store.writing() as tx:
        assert tx.claim("digest", MONDAY, NOW, {"rows": 7}) == Claim("digest", MONDAY, NOW, 1, {"rows": 7})
        assert tx.claim("digest", MONDAY, NOW) is None
    with store.writing() as tx:
        assert tx.claim("digest", MONDAY, NOW + timedelta(hours=1)) is None
        assert tx.claimed("digest", MONDAY) == Claim("digest", MONDAY, NOW, 1, {"rows": 7})


def test_claims_of_a_kind_are_counted_and_other_kinds_are_not(store: Store) -> None:
    with store.writing() as tx:
        tx.claim("due", MONDAY, NOW)
        first, second = tx.claim("digest", MONDAY, NOW), tx.claim("digest", TUESDAY, NOW)
        assert (first and first.number, second and second.number) == (1, 2)
        assert [claim.day for claim in tx.claims("digest")] == [MONDAY, TUESDAY]


def test_the_newest_claim_is_found_also_before_a_day(store: Store) -> None:
    with store.writing() as tx:
        assert tx.last_claim("digest") is None
        tx.claim("digest", TUESDAY, NOW)
        tx.claim("digest", MONDAY, NOW)
        newest, earlier = tx.last_claim("digest"), tx.last_claim("digest", TUESDAY)
        assert (newest and newest.day, earlier and earlier.day) == (TUESDAY, MONDAY)
        assert tx.last_claim("digest", MONDAY) is None


def test_what_is_undone_is_not_claimed(store: Store) -> None:
    with pytest.raises(RuntimeError, match="no"), store.writing() as tx:
        tx.claim("digest", MONDAY, NOW)
        raise RuntimeError("no")
    with store.reading() as past:
        assert past.claimed("digest", MONDAY) is None


def test_other_facts_can_take_the_place_of_those_of_a_claim(store: Store) -> None:
    with store.writing() as tx:
        tx.claim("clock", MONDAY, NOW, {"seen": 1})
        tx.remember("clock", MONDAY, {"seen": 2})
        claim = tx.claimed("clock", MONDAY)
        assert claim is not None
        assert claim.facts == {"seen": 2}
        with pytest.raises(LookupError, match="clock is not claimed on 2026-06-02"):
            tx.remember("clock", TUESDAY, {})


def test_a_numbered_list_is_found_by_its_number(store: Store) -> None:
    with store.writing() as tx:
        first = tx.keep_sheet("staff_due", SAM, ["KV-2026-0001", "Q-17"], NOW)
        second = tx.keep_sheet("staff_due", SAM, [], NOW)
    with store.reading() as past:
        assert past.sheet(first) == Sheet(first, "staff_due", "sam@agency.example", ("KV-2026-0001", "Q-17"), NOW)
        assert past.sheet(second) == Sheet(second, "staff_due", "sam@agency.example", (), NOW)
        assert past.sheet(second + 1) is None


def test_what_was_claimed_on_days_that_have_not_come_can_be_withdrawn(store: Store) -> None:
    with store.writing() as tx:
        for what, day in (("clock", MONDAY), ("clock", TUESDAY), ("digest", TUESDAY)):
            tx.claim(what, day, NOW)
        tx.withdraw("clock", after=MONDAY)
        assert [claim.day for claim in tx.claims("clock")] == [MONDAY]
        assert tx.claimed("digest", TUESDAY) is not None
