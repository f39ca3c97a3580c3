"""Files that go along with a letter."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ksmail.desk.letter import LetterKind
from ksmail.incoming.message import Attachment
from ksmail.outgoing.finish import finish
from ksmail.outgoing.harmless import one_line
from ksmail.outgoing.mail import OutgoingMail
from tests.outgoing.letters import NOW, composer, part, read, sample

WRITER = composer()
DATA = b"%PDF-1.7\r\n\x00\xff" + b"a--=_x" * 100


def file(name: str = "plan.pdf", content_type: str = "application/pdf", sha256: str = "a") -> Attachment:
    return Attachment(name=name, content_type=content_type, size=len(DATA), sha256=sha256)


def send(*files: Attachment, kind: LetterKind = LetterKind.ANSWER) -> OutgoingMail:
    one = sample(kind, name="bare")
    facts = {**one.letter.facts, "files": files} if kind.by_a_person else one.letter.facts
    letter = replace(one.letter, facts=facts, files=files)
    return WRITER.compose(letter, one.ticket, now=NOW, files={each.sha256: DATA for each in files})


def attached(mail: OutgoingMail) -> list[tuple[str, str, bytes]]:
    parts = read(mail).iter_attachments()
    return [(each.get_filename() or "", each.get_content_type(), each.get_payload(decode=True)) for each in parts]  # type: ignore[misc]


def test_a_file_arrives_as_it_was() -> None:
    mail = send(file("plan.pdf"), file("budget é.xlsx", "application/vnd.ms-excel", "b"))
    assert attached(mail) == [
        ("plan.pdf", "application/pdf", DATA),
        ("budget é.xlsx", "application/vnd.ms-excel", DATA),
    ]
    assert "- plan.pdf\n- budget é.xlsx\n" in part(mail, "plain")


def test_a_name_in_another_script_is_written_as_rfc_2231_says() -> None:
    assert b"filename*=utf-8''budget%20%C3%A9.xlsx" in send(file("budget é.xlsx")).raw


def test_files_stand_around_the_text() -> None:
    kinds = [inner.get_content_type() for inner in read(send(file())).walk()]
    assert kinds == ["multipart/mixed", "text/plain", "application/pdf"]


def test_files_stand_around_text_and_html() -> None:
    mail = send(file(), kind=LetterKind.STAFF_NEW)
    kinds = [inner.get_content_type() for inner in read(mail).walk()]
    assert kinds == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/pdf"]
    outer, inner = (inner.get_boundary() or "" for inner in read(mail).walk() if inner.is_multipart())
    assert not outer.startswith(inner) and not inner.startswith(outer)


def test_the_same_files_make_the_same_bytes() -> None:
    assert send(file()).raw == send(file()).raw


def test_a_missing_file_is_an_error_that_names_nothing() -> None:
    one = sample(LetterKind.ANSWER, name="bare", files=(file("secret.pdf"),))
    with pytest.raises(ValueError, match=r"^a file of the letter is missing$"):
        WRITER.compose(replace(one.letter, files=(file("secret.pdf"),)), one.ticket, now=NOW)


@pytest.mark.parametrize(
    "content_type",
    ["message/rfc822", "multipart/mixed", "", "text", "a/b; c=d", "a/b\r\nBcc: x", "é/é", f"a/{'b' * 99}"],
)
def test_a_type_that_may_not_stand_there_is_told_as_plain_bytes(content_type: str) -> None:
    assert attached(send(file(content_type=content_type))) == [("plan.pdf", "application/octet-stream", DATA)]


@settings(max_examples=200, deadline=None)
@given(st.text(min_size=1, max_size=160))
@example('a"; filename=evil.exe; x="')
@example("x\r\nBcc: victim@other.example")
@example("=?utf-8?q?x=0D=0ABcc:_victim@other.example?=")
@example("../../etc/passwd")
@example("\u202egnp.exe")
@example("a" * 150)
@example("é" * 150)
@example("'' %41 * é")
def test_no_name_of_a_file_can_do_harm(name: str) -> None:
    mail = send(file(name))
    message = read(mail)
    assert not any(inner.defects for inner in message.walk())
    assert "Bcc" not in message
    ((found, content_type, data),) = attached(mail)
    assert (content_type, data) == ("application/pdf", DATA)
    assert found and found == one_line(found) and len(found) <= 150
    assert not re.search(r'[/\\"]', found)
    body = mail.raw.partition(b"\r\n\r\n")[2]
    assert max(map(len, body.split(b"\r\n"))) <= 76 and mail.raw.isascii()


def test_a_name_that_is_safe_stays_as_it_is() -> None:
    for name in ("plan.pdf", "plan van aanpak (2).docx", "李.pdf", "a'b%c.txt", "é" * 120, "a" * 116 + ".pdf"):
        assert attached(send(file(name)))[0][0] == name


def test_a_boundary_never_occurs_in_a_file() -> None:
    raw = finish({}, "text", "", "mark", [(file(), b"--=_mixed-mark--\r\n" * 50)])
    assert raw.count(b"--=_mixed-mark") == 3
