"""A mail as it goes over the wire."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.outgoing.wire import BLOCK, blocks, canonical, stuffed

LINES = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"..", b"a", b"\r\n.\r\n", b"\n.\n"])).map(b"".join)


@given(LINES)
def test_every_line_ends_with_crlf_and_nothing_else(raw: bytes) -> None:
    assert re.fullmatch(rb"(?:[^\r\n]*\r\n)+", canonical(raw))


@given(LINES)
def test_canonical_again_changes_nothing(raw: bytes) -> None:
    assert canonical(canonical(raw)) == canonical(raw)


@given(LINES)
def test_no_line_of_a_stuffed_mail_is_a_single_dot(raw: bytes) -> None:
    assert b"\r\n.\r\n" not in b"\r\n" + stuffed(canonical(raw))


@given(LINES)
def test_a_server_gets_back_what_was_stuffed(raw: bytes) -> None:
    unstuffed = re.sub(rb"(?m)^\.", b"", stuffed(canonical(raw)))
    assert unstuffed == canonical(raw)


@pytest.mark.parametrize("smuggled", [b"a\n.\nMAIL FROM:<x@example.net>", b"a\r.\rb", b"a\n.\r\nb", b"a\r\n.\nb"])
def test_no_ending_is_smuggled_in(smuggled: bytes) -> None:
    assert stuffed(canonical(smuggled)).startswith(b"a\r\n..\r\n")


@given(st.binary(max_size=5 * BLOCK))
def test_the_pieces_make_the_whole(data: bytes) -> None:
    assert b"".join(blocks(data)) == data


def test_a_piece_is_at_most_64_kib() -> None:
    assert [len(piece) for piece in blocks(b"x" * (2 * BLOCK + 1))] == [65536, 65536, 1]
