"""How much to ask of a server at once, and how soon again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ksmail.incoming import pace

SIZES = st.lists(st.tuples(st.integers(1, 9999), st.integers(0, 2000)), max_size=200)
LIMIT = 3000


@given(SIZES)
def test_batches_keep_every_mail_in_its_order(sizes: list[tuple[int, int]]) -> None:
    assert [uid for batch in pace.batches(sizes, LIMIT) for uid in batch] == [uid for uid, _ in sizes]


@given(SIZES)
def test_a_batch_is_never_empty_and_at_most_fifty_mails(sizes: list[tuple[int, int]]) -> None:
    assert all(1 <= len(batch) <= 50 for batch in pace.batches(sizes, LIMIT))


@given(st.lists(st.integers(0, 2000), max_size=200))
def test_the_mails_of_a_batch_measure_no_more_than_the_limit(sizes: list[int]) -> None:
    batches = pace.batches(list(enumerate(sizes)), LIMIT)
    assert all(sum(sizes[uid] for uid in batch) <= LIMIT for batch in batches)


def test_a_mail_above_the_limit_comes_alone() -> None:
    assert list(pace.batches([(1, 10), (2, 5000), (3, 10)], LIMIT)) == [[1], [2], [3]]


@given(st.integers(0, 10**6), st.floats(-1, 1), st.floats(0.1, 60), st.floats(60, 3600))
def test_a_delay_lies_within_its_bounds(failures: int, jitter: float, least: float, most: float) -> None:
    assert least <= pace.delay(failures, jitter, least, most) <= most


@given(st.integers(1, 100))
def test_a_delay_grows_with_the_failures(failures: int) -> None:
    assert pace.delay(failures, 0.0, 10, 300) <= pace.delay(failures + 1, 0.0, 10, 300)


def test_the_first_delays_double() -> None:
    assert [pace.delay(failures, 0.0, 10, 300) for failures in (1, 2, 3, 4, 5, 6, 7)] == [10, 20, 40, 80, 160, 300, 300]


def test_jitter_moves_a_delay_by_a_fifth() -> None:
    assert (pace.delay(3, -1.0, 10, 300), pace.delay(3, 1.0, 10, 300)) == (32.0, 48.0)


def test_advice_in_milliseconds_is_read_as_seconds() -> None:
    text = "NO Request is throttled. Suggested Backoff Time: 299961 milliseconds"
    assert pace.advised(text) == 299.961


def test_advice_in_seconds_is_read_too() -> None:
    assert pace.advised("please back-off time 30 seconds") == 30


def test_a_text_without_advice_advises_nothing() -> None:
    assert pace.advised("NO [AUTHENTICATIONFAILED] wrong password") is None


def test_sizes_are_written_as_people_write_them() -> None:
    assert [pace.readable(size) for size in (0, 1023, 1024, 40 * 1024**2)] == ["0 bytes", "1023 bytes", "1 kB", "40 MB"]
