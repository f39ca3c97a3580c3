"""Which files of a mail somebody attached on purpose."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.errors import UnreadableMail
from ksmail.incoming.enclosures import enclosed_on_purpose
from ksmail.incoming.limits import Limits
from ksmail.incoming.parse import parse
from tests.builders import mail

LIMITS = Limits()
HEAD = b"From: sam@agency.example\r\nMIME-Version: 1.0\r\n"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def multipart(kind: bytes, *parts: bytes, boundary: bytes = b"b") -> bytes:
    """A multipart entity. Each part is its headers, an empty line and its body."""
    inner = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    head = b"Content-Type: multipart/" + kind + b"; boundary=" + boundary + b"\r\n\r\n"
    return head + inner + b"--" + boundary + b"--\r\n"


def part(kind: bytes, body: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join((b"Content-Type: " + kind, *headers)) + b"\r\n\r\n" + body


TEXT = part(b"text/plain", b"See below.")
HTML = part(b"text/html", b"<p><img src='cid:1'></p>")
LOGO = part(b"image/png", b"LOGO", b"Content-ID: <1>", b"Content-Disposition: inline; filename=logo.png")


def enclosed(raw: bytes) -> frozenset[str]:
    return enclosed_on_purpose(raw, LIMITS)


def test_attachments_go_along() -> None:
    raw = mail(attachments=[("a.pdf", "application/pdf", b"one"), ("b.docx", "application/octet-stream", b"two")])
    assert enclosed(raw) == {sha(b"one"), sha(b"two")}


def test_a_text_that_is_attached_goes_along_and_the_text_of_the_mail_does_not() -> None:
    raw = mail(text="Hello", html="<p>Hello</p>", attachments=[("a.txt", "text/plain", b"notes")])
    assert enclosed(raw) == {sha(b"notes")}


def test_a_mail_without_files_has_none() -> None:
    assert enclosed(mail()) == frozenset()
    assert enclosed(HEAD + b"\r\nJust text\r\n") == frozenset()


def test_the_pictures_that_the_html_shows_stay_behind() -> None:
    raw = HEAD + multipart(b"related", HTML, LOGO)
    assert enclosed(raw) == frozenset()


def test_a_picture_that_was_attached_goes_along() -> None:
    photo = part(b"image/png", b"PHOTO", b"Content-Disposition: attachment; filename=photo.png")
    assert enclosed(HEAD + multipart(b"mixed", TEXT, photo)) == {sha(b"PHOTO")}


def test_a_document_beside_the_pictures_of_the_html_goes_along() -> None:
    document = part(b"application/pdf", b"PDF", b"Content-Disposition: attachment; filename=a.pdf")
    assert enclosed(HEAD + multipart(b"related", HTML, LOGO, document)) == {sha(b"PDF")}


def test_pictures_within_html_within_a_mail_with_files_are_told_apart() -> None:
    inner = multipart(b"related", HTML, LOGO, boundary=b"inner")
    document = part(b"application/pdf", b"PDF", b"Content-Disposition: attachment; filename=a.pdf")
    assert enclosed(HEAD + multipart(b"mixed", inner, document)) == {sha(b"PDF")}


@pytest.mark.parametrize(
    "kind",
    [
        b"application/pkcs7-signature",
        b"application/x-pkcs7-signature",
        b"application/pgp-signature",
        b"application/pgp-keys",
        b"text/vcard",
        b"text/x-vcard",
        b"application/ms-tnef",
        b"Text/VCard",
    ],
)
def test_signatures_and_visiting_cards_stay_behind(kind: bytes) -> None:
    extra = part(kind, b"EXTRA", b"Content-Disposition: attachment; filename=extra.bin")
    assert enclosed(HEAD + multipart(b"mixed", TEXT, extra)) == frozenset()


@pytest.mark.parametrize("kind", [b"message/rfc822", b"message/partial", b"message/external-body"])
def test_whole_mails_stay_behind_with_all_that_is_in_them(kind: bytes) -> None:
    secret = multipart(b"mixed", TEXT, part(b"application/pdf", b"SECRET"), boundary=b"inner")
    forwarded = part(kind, b"From: ada@uni.example\r\n" + secret)
    assert sha(b"SECRET") not in enclosed(HEAD + multipart(b"mixed", TEXT, forwarded))
    assert enclosed(HEAD + multipart(b"mixed", TEXT, forwarded)) == frozenset()


def test_a_file_that_is_there_on_purpose_once_goes_along_though_it_is_shown_too() -> None:
    attached = part(b"image/png", b"LOGO", b"Content-Disposition: attachment; filename=logo.png")
    inner = multipart(b"related", HTML, LOGO, boundary=b"inner")
    assert enclosed(HEAD + multipart(b"mixed", inner, attached)) == {sha(b"LOGO")}


@given(st.lists(st.binary(max_size=100), max_size=4))
def test_what_goes_along_are_files_of_the_mail(files: list[bytes]) -> None:
    raw = mail(attachments=[(f"{n}.bin", "application/octet-stream", data) for n, data in enumerate(files)])
    assert enclosed(raw) == {file.sha256 for file in parse(raw, LIMITS).attachments}


@pytest.mark.parametrize("raw", [b"", b"From: a@uni.example\r\n" + b"X: y\r\n" * 5000 + b"\r\n"])
def test_a_mail_that_cannot_be_read_encloses_nothing(raw: bytes) -> None:
    with pytest.raises(UnreadableMail):
        enclosed(raw)
