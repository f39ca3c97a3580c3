"""Taking mail in groups that fit in memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ksmail.intake import BATCH, BATCH_OCTETS, batches

SIZES = st.lists(st.sampled_from([0, 1, 5_000, BATCH_OCTETS // 3, BATCH_OCTETS - 1, BATCH_OCTETS, 3 * BATCH_OCTETS]))


@given(SIZES)
def test_groups_hold_everything_in_its_order(sizes: list[int]) -> None:
    assert [size for batch in batches(sizes, int) for size in batch] == sizes


@given(SIZES)
def test_a_group_is_bounded_in_number_and_but_for_its_last_member_in_octets(sizes: list[int]) -> None:
    for batch in batches(sizes, int):
        assert 1 <= len(batch) <= BATCH
        assert sum(batch[:-1]) < BATCH_OCTETS


def test_a_group_is_handed_on_before_the_next_mail_is_fetched() -> None:
    fetched: list[int] = []

    def fetch() -> object:
        for size in (BATCH_OCTETS, BATCH_OCTETS):
            fetched.append(size)
            yield size

    next(batches(fetch(), int))  # type: ignore[arg-type]  # a generator of sizes
    assert fetched == [BATCH_OCTETS]
