"""What is refused before any parser sees it, and where the parts of a mail stand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.errors import UnreadableMail
from ksmail.incoming.limits import Limits
from ksmail.incoming.prescan import prescan, survey
from tests.incoming import hostile

DEFAULT = Limits()
SMALL = Limits(depth=3, parts=5, header_block=2000, header_field=500, header_fields=20, encoded_words=4)


def refusal(raw: bytes, limits: Limits = DEFAULT) -> str:
    with pytest.raises(UnreadableMail) as caught:
        prescan(raw, limits)
    return str(caught.value)


@pytest.mark.parametrize(
    ("mail", "reason"),
    [
        pytest.param(lambda: hostile.nested_multiparts(5000), "limit depth", id="105"),
        pytest.param(lambda: hostile.nested_multiparts(300), "limit depth", id="106"),
        pytest.param(lambda: hostile.nested_messages(5000), "limit depth", id="107"),
        pytest.param(lambda: hostile.many_fields(100_000), "limit header_fields", id="109 fields"),
        pytest.param(lambda: hostile.one_field(b"X-Long", b"x" * 10_000_000), "limit header_field", id="109 field"),
        pytest.param(lambda: hostile.one_field(b"X-Long", b"x\r\n " * 500_000), "limit header_field", id="109 folded"),
        pytest.param(lambda: hostile.one_field(b"Subject", b"x " * 500_000), "limit header_field", id="109 subject"),
        pytest.param(lambda: hostile.one_field(b"Subject", b"=?utf-8?q?a?= " * 50_000), "limit", id="110"),
        pytest.param(lambda: hostile.one_field(b"Subject", b"=?utf-8?q?a?= " * 201), "encoded_words", id="110 small"),
        pytest.param(lambda: hostile.one_field(b"Reply-To", b"(" * 100_000), "limit", id="111"),
        pytest.param(lambda: hostile.one_field(b"Reply-To", b"(" * 21), "limit comment_depth", id="111 small"),
        pytest.param(lambda: hostile.parameter_segments(20_000), "limit", id="112"),
        pytest.param(lambda: hostile.parameter_segments(51), "limit parameter_segments", id="112 small"),
        pytest.param(lambda: hostile.many_parts(100_000), "limit parts", id="113"),
    ],
)
def test_what_could_harm_a_parser_is_refused_with_the_limit(mail: Callable[[], bytes], reason: str) -> None:
    """Cases 105 to 107, 109 to 113."""
    assert reason in refusal(mail())


@pytest.mark.parametrize(
    "mail",
    [
        hostile.nested_multiparts(2),
        hostile.nested_messages(2),
        hostile.many_parts(4),
        hostile.one_field(b"Subject", b"=?utf-8?q?a?= " * 4),
        hostile.one_field(b"Reply-To", b"(" * 20),
        hostile.parameter_segments(20),
    ],
)
def test_what_is_just_within_the_limits_passes(mail: bytes) -> None:
    prescan(mail, SMALL)


@pytest.mark.parametrize(
    ("mail", "reason"),
    [
        (hostile.nested_multiparts(3), "more than 3 deep"),
        (hostile.nested_messages(3), "more than 3 deep"),
        (hostile.many_parts(5), "more than 5 MIME parts"),
        (hostile.many_fields(18), "more than 20 header fields"),
        (hostile.one_field(b"Subject", b"=?utf-8?q?a?= " * 5), "more than 4 encoded words"),
        (hostile.HEAD + b"".join(b"X: " + b"x" * 400 + b"\r\n" for _ in range(6)), "more than 2000 octets of header"),
    ],
)
def test_what_is_just_beyond_the_limits_is_refused(mail: bytes, reason: str) -> None:
    assert reason in refusal(mail, SMALL)


def test_more_received_fields_than_hops_are_a_loop() -> None:
    assert "more than 50 Received fields" in refusal(b"Received: x\r\n" * 51 + hostile.HEAD)


def test_a_mail_to_very_many_is_no_attack() -> None:
    """Case 108."""
    prescan(hostile.many_recipients(100_000), DEFAULT)


def test_even_recipients_have_a_limit() -> None:
    assert "limit header_field" in refusal(hostile.many_recipients(100), Limits(recipient_fields=2000))


def test_recipients_in_many_fields_have_it_together() -> None:
    raw = hostile.HEAD + b"Cc: " + b"a@x.example,\r\n " * 100 + b"b@x.example\r\n"
    assert "limit recipient_fields" in refusal(raw * 2, Limits(recipient_fields=2000))


@pytest.mark.parametrize(
    "block",
    [
        b"".join(b"X-%d: y\r\n" % number for number in range(25)),
        b"Content-Type: text/plain" + b"; x=yyyyyyyyyyyy" * 50 + b"\r\n",
        b"Content-Disposition: attachment" + b"".join(b"; filename*%d=a" % number for number in range(51)) + b"\r\n",
        b"Content-Description: " + b"=?utf-8?q?a?= " * 5 + b"\r\n",
    ],
)
def test_the_limits_hold_for_the_header_of_a_part_too(block: bytes) -> None:
    raw = hostile.HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + block + b"\r\nx\r\n--b--\r\n"
    assert "limit" in refusal(raw, SMALL)


def test_many_short_headers_of_parts_are_too_many_together() -> None:
    raw = hostile.HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\nA: b\r\nC: d\r\n\r\nx\r\n" * 5
    assert "limit header_fields" in refusal(raw, Limits(header_fields=1)) and refusal(raw, Limits(header_fields=0))


def test_lines_that_only_resemble_a_boundary_cannot_cost_much() -> None:
    raw = hostile.HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--bx\n" * 30_000
    assert "resemble boundaries" in refusal(raw)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty (0 bytes)"),
        (b"\r\nFrom: a@b.example\r\n\r\nhi\r\n", "does not begin with a header field"),
        (b" From: a@b.example\r\n\r\nhi\r\n", "does not begin with a header field"),
        (b"garbage\r\nFrom: a@b.example\r\n\r\nhi\r\n", "does not begin with a header field"),
        (b">From x\r\nFrom: a@b.example\r\n\r\nhi\r\n", "does not begin with a header field"),
        (b"Just a text without a header\r\n", "does not begin with a header field"),
        (b"Subject: x\r\ngarbage\r\nFrom: a@b.example\r\n\r\nhi\r\n", "no header field, and there is no From above"),
        (b"\0\xff" * 100, "does not begin with a header field"),
    ],
)
def test_what_is_no_mail_is_refused(raw: bytes, reason: str) -> None:
    """Case 121."""
    assert reason in refusal(raw)


def test_an_mbox_separator_is_passed_over() -> None:
    """Case 121: nothing that matters can stand in it."""
    outline = survey(b"From anna@x.example Mon Jun  1\r\n" + hostile.HEAD + b"\r\nhi", DEFAULT)
    assert outline.fields[0].name == "from"
    assert outline.remarks == ["an mbox separator line before the header"]


def test_headers_alone_are_a_mail() -> None:
    """Case 121."""
    assert len(survey(b"From: a@b.example", DEFAULT).parts) == 1


def test_a_missing_empty_line_below_from_is_only_remarked() -> None:
    outline = survey(hostile.HEAD + b"Dear desk\r\nhello\r\n", DEFAULT)
    assert outline.remarks == ["no empty line between header and body"]
    assert outline.parts[0].start == len(hostile.HEAD)


def bodies(raw: bytes) -> list[tuple[str, int, bytes]]:
    return [(part.content_type, part.depth, raw[part.start : part.end]) for part in survey(raw, DEFAULT).parts]


MIXED = hostile.HEAD + b"Content-Type: multipart/mixed; boundary=out\r\n\r\npreamble\r\n"


def test_the_parts_of_a_tree_are_found() -> None:
    raw = (
        MIXED
        + b'--out\r\nContent-Type: multipart/alternative;\r\n boundary="in"\r\n\r\n'
        + b"--in\r\n\r\none\r\n--in\r\nContent-Type: text/html\r\n\r\ntwo\r\n--in--\r\nepilogue\r\n"
        + b"--out\r\nContent-Type: image/png\r\n\r\nthree\r\n--out--\r\nepilogue\r\n"
    )
    assert bodies(raw)[2:] == [("text/plain", 3, b"one"), ("text/html", 3, b"two"), ("image/png", 2, b"three")]


def test_an_outer_boundary_ends_the_parts_inside() -> None:
    raw = MIXED + b"--out\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n\r\none\r\n--out\r\n\r\ntwo\r\n"
    assert [body for _, _, body in bodies(raw)[2:]] == [b"one", b"two\r\n"]


def test_a_boundary_that_begins_like_another_is_not_the_other() -> None:
    raw = (
        MIXED
        + b"--out\r\nContent-Type: multipart/mixed; boundary=out1\r\n\r\n--out1\r\n\r\none\r\n--out1--\r\n--out--\r\n"
    )
    assert [(depth, body) for _, depth, body in bodies(raw)[2:]] == [(3, b"one")]


def test_the_same_boundary_twice_belongs_to_the_inner_part() -> None:
    """Case 116."""
    raw = (
        MIXED
        + b"--out\r\nContent-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\n\r\none\r\n--out--\r\n--out--\r\n"
    )
    assert [(depth, body) for _, depth, body in bodies(raw)[2:]] == [(3, b"one")]


@pytest.mark.parametrize("end", [b"", b"\r\n--out", b"\r\n--ou", b"\r\n--out-"])
def test_a_mail_that_breaks_off_keeps_what_came(end: bytes) -> None:
    """Case 116."""
    raw = MIXED + b"--out\r\n\r\none" + end
    assert bodies(raw)[1][2].startswith(b"one")
    assert "without its closing boundary" in " ".join(survey(raw, DEFAULT).remarks)


def test_a_boundary_line_ends_a_header_block() -> None:
    raw = MIXED + b"--out\r\nContent-Type: image/png\r\n--out\r\n\r\ntwo\r\n--out--"
    assert [(kind, body) for kind, _, body in bodies(raw)[1:]] == [("image/png", b""), ("text/plain", b"two")]


def test_a_boundary_with_a_colon_is_no_header_field() -> None:
    raw = MIXED.replace(b"=out", b'="o:t"') + b"--o:t\r\n--o:t\r\n\r\ntwo\r\n--o:t--"
    assert [body for _, _, body in bodies(raw)[1:]] == [b"", b"two"]


def test_a_boundary_in_segments_is_put_together() -> None:
    raw = MIXED.replace(b"boundary=out", b"boundary*0=o;\r\n boundary*1*=%75t") + b"--out\r\n\r\none\r\n--out--"
    assert len(bodies(raw)) == 2


def test_lines_may_end_in_lf_alone() -> None:
    raw = (MIXED + b"--out\r\n\r\none\r\n--out--\r\n").replace(b"\r\n", b"\n")
    assert bodies(raw)[1][2] == b"one"


def test_parts_of_a_digest_are_mails() -> None:
    raw = MIXED.replace(b"mixed", b"digest") + b"--out\r\n\r\nSubject: x\r\n\r\none\r\n--out--"
    assert [kind for kind, _, _ in bodies(raw)] == ["multipart/digest", "message/rfc822", "text/plain"]


def test_an_encoded_forwarded_mail_is_not_opened() -> None:
    raw = hostile.HEAD + b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nRnJvbTogYQ==\r\n"
    assert len(bodies(raw)) == 1


LINES = st.sampled_from([
    b"--a", b"--a--", b"--b", b"--b--", b"", b" x", b"x", b"x: y", b"Content-Type: multipart/mixed; boundary=a",
    b"Content-Type: multipart/mixed; boundary=b", b"Content-Type: message/rfc822", b"From: a@b.example", b"--", b"\r",
])  # fmt: skip


@given(st.lists(LINES, max_size=40), st.sampled_from([b"\n", b"\r\n"]))
def test_every_part_lies_within_its_container(lines: list[bytes], end: bytes) -> None:
    raw = b"From: a@b.example" + end + end.join(lines)
    try:
        parts = survey(raw, SMALL).parts
    except UnreadableMail:
        return
    assert len(parts) <= SMALL.parts
    for part in parts:
        assert 0 <= part.start <= part.end <= len(raw)
        assert part.depth <= SMALL.depth
        if part.place:
            outer = parts[part.parent]
            assert outer.container and outer.start <= part.start and part.end <= outer.end


@given(st.binary(max_size=500))
def test_any_bytes_are_surveyed_or_refused(data: bytes) -> None:
    try:
        survey(b"From: a\r\n" + data, DEFAULT)
    except UnreadableMail as error:
        assert str(error)
