"""The files of a mail come out as they went in."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.errors import UnreadableMail
from ksmail.incoming.files import extract
from ksmail.incoming.limits import Limits
from ksmail.incoming.parse import parse
from tests.builders import mail

LIMITS = Limits()


def hashes(raw: bytes) -> list[str]:
    return [file.sha256 for file in parse(raw, LIMITS).attachments]


@given(st.lists(st.binary(max_size=300), max_size=4))
def test_every_file_that_a_message_names_comes_out_as_it_went_in(files: list[bytes]) -> None:
    raw = mail(attachments=[(f"{n}.bin", "application/octet-stream", data) for n, data in enumerate(files)])
    found = extract(raw, LIMITS, hashes(raw))
    assert [found[sha256] for sha256 in hashes(raw)] == files


def test_only_wanted_files_come_out() -> None:
    raw = mail(attachments=[("a.pdf", "application/pdf", b"one"), ("b.pdf", "application/pdf", b"two")])
    wanted = hashlib.sha256(b"two").hexdigest()
    assert extract(raw, LIMITS, {wanted}) == {wanted: b"two"}


def test_a_file_that_the_mail_does_not_have_is_left_out() -> None:
    assert extract(mail(), LIMITS, {"ab" * 32}) == {}


def test_the_text_of_a_mail_is_no_file() -> None:
    raw = b"From: ada@uni.example\r\n\r\nThe text\r\n"
    assert extract(raw, LIMITS, {hashlib.sha256(b"The text\r\n").hexdigest()}) == {}


def test_a_forwarded_mail_is_one_file_with_all_that_is_in_it() -> None:
    inner = b"Subject: inner\r\nContent-Type: text/plain\r\n\r\nHello\r\n"
    raw = (
        b"From: ada@uni.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--b--\r\n"
    )
    [sha256] = hashes(raw)
    assert extract(raw, LIMITS, {sha256})[sha256].startswith(b"Subject: inner")


def test_quoted_printable_and_broken_base64_come_out_as_they_are_hashed() -> None:
    raw = (
        b"From: ada@uni.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/csv; name=a.csv\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=3Db\r\n"
        b"--b\r\nContent-Type: image/png; name=b.png\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJ*DRA\r\n--b--\r\n"
    )
    found = extract(raw, LIMITS, hashes(raw))
    assert len(found) == 2
    assert all(hashlib.sha256(data).hexdigest() == sha256 for sha256, data in found.items())


@pytest.mark.parametrize("raw", [b"", b"From: a@uni.example\r\n" + b"X: y\r\n" * 5000 + b"\r\n"])
def test_a_mail_that_cannot_be_read_has_no_files(raw: bytes) -> None:
    with pytest.raises(UnreadableMail):
        extract(raw, LIMITS, {"ab" * 32})
