"""What delivery reports say about a letter of ours."""

from __future__ import annotations

import pickle
import time
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksmail.incoming.bounce_words import in_words, reason_in, said, status_in
from ksmail.incoming.headers import Field, one_line
from ksmail.incoming.limits import Limits
from ksmail.incoming.message import Message, Report
from ksmail.incoming.parse import parse
from tests.incoming import hostile

BOUNCES = Path(__file__).parents[1] / "mails" / "bounces"
DAEMON = b"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.agency.example\r\nSubject: Undelivered\r\n"


def read(raw: bytes) -> Message:
    return parse(raw, Limits())


def report_of(raw: bytes) -> Report:
    report = read(raw).report
    assert report is not None
    return report


def with_status(*groups: bytes, text: bytes = b"Not delivered.", more: bytes = b"") -> bytes:
    """A report by RFC 3464 with these groups of fields; `more` are whole parts behind them."""
    status = b"\r\n\r\n".join((b"Reporting-MTA: dns; mx.agency.example", *groups))
    return (
        DAEMON + b'Content-Type: multipart/report; report-type=delivery-status; boundary="=_r"\r\n\r\n'
        b"--=_r\r\nContent-Type: text/plain\r\n\r\n" + text + b"\r\n"
        b"--=_r\r\nContent-Type: message/delivery-status\r\n\r\n" + status + b"\r\n" + more + b"--=_r--\r\n"
    )


def group(recipient: bytes = b"anna@university.example", action: bytes = b"failed", *more: bytes) -> bytes:
    return b"\r\n".join((b"Final-Recipient: rfc822; " + recipient, b"Action: " + action, *more))


def in_text(text: str, subject: str = "Undelivered") -> Report:
    head = DAEMON.replace(b"Undelivered", subject.encode())
    return report_of(head + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode().replace(b"\n", b"\r\n"))


# ---- the corpus


@pytest.mark.parametrize("path", sorted(BOUNCES.glob("*.eml")), ids=lambda path: path.stem)
def test_a_report_of_the_corpus_says_what_its_page_says(path: Path) -> None:
    """`none`: it is no delivery report. Nobody else is named than the page names."""
    page = tomllib.loads(path.with_suffix(".toml").read_text("utf-8"))
    report = read(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")).report
    if page.pop("none", False):
        assert report is None
        return
    assert report is not None
    for fact, value in {"failed": [], "delayed": [], **page}.items():
        found = getattr(report, fact)
        assert (list(found) if isinstance(found, tuple) else found) == value, fact


def test_every_report_of_the_corpus_has_its_page() -> None:
    assert {path.stem for path in BOUNCES.glob("*.eml")} == {path.stem for path in BOUNCES.glob("*.toml")}
    assert len(list(BOUNCES.glob("*.eml"))) >= 20


# ---- which mail is a report


def test_a_question_is_no_report() -> None:
    assert read(hostile.HEAD + b"\r\nMy mail could not be delivered: 550 5.1.1 user unknown\r\n").report is None


def test_an_automatic_answer_with_a_null_path_is_no_report() -> None:
    raw = b"Return-Path: <>\r\nFrom: anna@university.example\r\nSubject: Away\r\n\r\nAsk bo@university.example.\r\n"
    assert read(raw).report is None


def test_a_postmaster_who_writes_a_letter_sends_no_report() -> None:
    raw = b"From: postmaster@university.example\r\nSubject: A question\r\n\r\nMay we ask you something?\r\n"
    assert read(raw).report is None


def test_a_report_without_a_daemon_is_one_by_its_type() -> None:
    raw = with_status(group()).replace(DAEMON, b"From: anna@university.example\r\n")
    assert report_of(raw).failed == ("anna@university.example",)


def test_the_content_id_of_a_report_is_over_its_parts_as_ever() -> None:
    """It is in databases: a mail that comes again is known by it."""
    raw = (BOUNCES.parent / "005-delivery-report.eml").read_bytes()
    assert read(raw).content_id == "5d3518b3600bbb657748d9a903de1674e9fbfd1cda65294dc93aac14df3ce8ee"


def test_a_message_with_its_report_goes_through_a_pickle() -> None:
    message = read(with_status(group()))
    assert pickle.loads(pickle.dumps(message)) == message
    assert replace(message, report=None) != message


# ---- RFC 3464


@pytest.mark.parametrize(
    ("action", "status", "failed", "delayed"),
    [
        (b"failed", b"5.1.1", 1, 0),
        (b"failed", b"4.4.7", 1, 0),
        (b"FAILED (for ever)", b"5.1.1", 1, 0),
        (b"error", b"5.0.0", 1, 0),
        (b"delayed", b"4.4.1", 0, 1),
        (b"delivered", b"2.0.0", 0, 0),
        (b"relayed", b"5.0.0", 0, 0),
        (b"expanded", b"2.0.0", 0, 0),
        (b"another", b"5.1.1", 1, 0),
        (b"another", b"4.1.1", 0, 1),
        (b"another", b"2.1.1", 0, 0),
        (b"another", b"none", 0, 0),
    ],
)
def test_the_action_says_who_failed_and_else_the_class_of_the_status(
    action: bytes, status: bytes, failed: int, delayed: int
) -> None:
    """RFC 3464 2.3.3; RFC 3463 2."""
    report = report_of(with_status(group(b"anna@university.example", action, b"Status: " + status)))
    assert (len(report.failed), len(report.delayed)) == (failed, delayed)


def test_a_report_of_success_names_no_status_and_no_reason() -> None:
    report = report_of(with_status(group(action=b"delivered"), text=b"550 5.1.1 is what others got."))
    assert report == Report()


def test_the_original_recipient_counts_before_the_final_one() -> None:
    raw = with_status(b"Original-Recipient: rfc822;Anna@University.example\r\n" + group(b"a1@hub.university.example"))
    assert report_of(raw).failed == ("anna@university.example",)


def test_who_failed_once_is_not_delayed_too() -> None:
    report = report_of(with_status(group(action=b"delayed"), group(action=b"failed"), group(action=b"failed")))
    assert (report.failed, report.delayed) == (("anna@university.example",), ())


def test_the_status_and_the_reason_are_of_who_failed_rather_than_of_who_waits() -> None:
    late = group(b"bo@university.example", b"delayed", b"Status: 4.4.1", b"Diagnostic-Code: smtp; 450 busy")
    failed = group(b"anna@university.example", b"failed", b"Status: 5.1.1", b"Diagnostic-Code: smtp; 550 nobody")
    report = report_of(with_status(late, failed))
    assert (report.status, report.reason) == ("5.1.1", "550 nobody")


def test_a_server_without_a_code_is_heard_in_its_words() -> None:
    report = report_of(with_status(group(), text=b"The server said: 550 5.2.2 the box is full"))
    assert (report.status, report.reason) == ("5.2.2", "550 5.2.2 the box is full")


@pytest.mark.parametrize(
    "inner", [b"text/rfc822-headers", b"message/rfc822", b"message/global", b"Text/RFC822-Headers"]
)
def test_the_id_of_the_returned_mail_is_found(inner: bytes) -> None:
    back = b"--=_r\r\nContent-Type: " + inner + b"\r\n\r\nSubject: x\r\nMessage-ID:\r\n <ks1.a@agency.example>\r\n\r\n"
    assert report_of(with_status(group(), more=back)).message_ids == ("<ks1.a@agency.example>",)


def test_the_words_of_a_returned_mail_name_no_id() -> None:
    back = b"--=_r\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nMessage-ID: <ks1.a@agency.example>\r\n"
    assert report_of(with_status(group(), more=back)).message_ids == ()


# ---- the words of a server


def test_words_that_no_pattern_knows_name_who_stands_at_the_beginning_of_a_line() -> None:
    text = (
        "Alas:\n\n* anna@university.example: gone\n\nAsk h@mx.example or\npostmaster@mx.example\ndesk@agency.example\n"
    )
    report = report_of(DAEMON + b"To: desk@agency.example\r\n\r\n" + text.encode())
    assert (report.failed, report.delayed) == (("anna@university.example",), ())


@pytest.mark.parametrize(
    "author", [b"", b"<>", b"MAILER-DAEMON", b"a: b;", b"MAILER-DAEMON@mx.example, ,", b"\xff", b'"']
)
def test_an_author_that_is_none_hides_no_words(author: bytes) -> None:
    raw = b"X-Failed-Recipients: anna@university.example\r\nFrom: " + author + b"\r\nSubject: failed\r\n\r\nNo.\r\n"
    assert report_of(raw).failed == ("anna@university.example",)
    head = b"Return-Path: <>\r\nFrom: " + author + b"\r\nSubject: Undeliverable\r\n\r\n"
    assert report_of(head + b"failed addresses follow:\r\n x@y.example\r\n").failed == ("x@y.example",)


def test_the_returned_mail_names_nobody() -> None:
    text = "We could not do it.\n\nOriginal message:\nReceived: by mx\n\nanna@university.example: 550 5.1.1\n"
    assert in_text(text) == Report()


def test_a_warning_in_words_is_a_delay_also_where_the_pattern_calls_it_a_failure() -> None:
    text = "Delivery to the following recipients failed.\n\n   anna@university.example\n\nWe will keep trying.\n"
    assert in_text(text).delayed == ("anna@university.example",)
    assert in_text(text.replace("We will keep trying.", "")).failed == ("anna@university.example",)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("550 5.1.1 nobody", "5.1.1"),
        ("550-5.1.1 nobody", "5.1.1"),
        ("550 #5.1.1 nobody", "5.1.1"),
        ("no mailbox here. (#5.1.1)", "5.1.1"),
        ("Status: 5.1.10.", "5.1.10"),
        ("version 4.2.1 says 550 5.7.1 no", "5.7.1"),
        ("connected to 5.1.1.10 and to 4.4.4.4", ""),
        ("on 5.11.2026", ""),
        ("a 5.1.1111", ""),
    ],
)
def test_a_status_code_is_told_from_other_figures(text: str, status: str) -> None:
    assert status_in(text) == status


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("host mx said: 550 5.1.1 <anna@university.example>: nobody\n    by that name (in reply)\n\nmore",
         "550 5.1.1 … nobody by that name (in reply)"),
        ("<<< 552 the box is full", "552 the box is full"),
        ("Hello,\nSorry, no mailbox here by that name. (#5.1.1)\nBye", "Sorry, no mailbox here by that name. (#5.1.1)"),
        ("We are in room 550 of the building.", ""),
        ("Hello,\nUser unknown\n", "User unknown"),
    ],
)  # fmt: skip
def test_the_reason_is_the_line_of_the_server(text: str, reason: str) -> None:
    assert reason_in(text) == reason


def test_a_reason_has_no_address_no_link_and_no_control() -> None:
    words = (
        "550 a@b.example, <c@d.example>: \x1b[1m\u202enot\r\nhere\0 see https://x.example/?u=a%40b.example\t"
        + "x" * 999
    )
    assert said(words) == "550 … … [1mnot here see … " + "x" * (200 - len("550 … … [1mnot here see … "))


# ---- reports that are built to hurt (RFC 3464 4.1)


def test_ten_thousand_recipients_are_fifty() -> None:
    report = report_of(with_status(*(group(b"p%d@university.example" % number) for number in range(10_000))))
    assert report.failed == tuple(f"p{number}@university.example" for number in range(50))


def test_a_field_of_a_megabyte_is_cut() -> None:
    raw = with_status(group(b"anna@university.example", b"failed", b"Diagnostic-Code: smtp; " + b"550 x " * 180_000))
    assert len(report_of(raw).reason) <= 200
    assert report_of(with_status(group(b"a" * 1_000_000))).failed == ()


def test_ids_by_the_thousand_are_ten() -> None:
    text = b"".join(b"Message-ID: <%d@agency.example>\r\n" % number for number in range(5000))
    assert len(report_of(with_status(group(), text=text)).message_ids) == 10


@pytest.mark.parametrize(
    "recipient",
    [
        *(b"", b";", b"\0", b"anna", b"@", b"a@b", b"<>", b"\xff\xfe@x.example", b"(" * 900),
        *(b"anna@university.example, bo@university.example", b"anna@university.example\0"),
        *(b'"anna bo"@university.example', b"=?utf-8?q?anna?=@university.example"),
    ],
)
def test_what_is_no_plain_address_names_nobody(recipient: bytes) -> None:
    assert set(report_of(with_status(group(recipient))).failed) <= {"anna@university.example"}


def test_a_null_character_does_not_come_through() -> None:
    report = report_of(with_status(group(b"anna@university.example", b"failed", b"Diagnostic-Code: smtp; 550 a\0b")))
    assert report.reason == "550 ab"


def test_a_report_in_a_character_set_that_is_none_is_read() -> None:
    raw = with_status(group()).replace(b"message/delivery-status", b"message/delivery-status; charset=klingon")
    assert report_of(raw.replace(b"Not delivered.", b"\xff\xfe\x80")).failed == ("anna@university.example",)


def test_a_report_in_a_report_in_a_report_is_the_outermost_one() -> None:
    raw = with_status(group())
    for level in range(8):
        back = b"--=_r\r\nContent-Type: message/rfc822\r\n\r\n" + raw.replace(b"=_r", b"=_%d" % level)
        raw = with_status(group(b"p%d@university.example" % level), more=back)
    assert report_of(raw).failed == ("p7@university.example",)


def test_words_that_fit_every_pattern_take_no_time() -> None:
    """The library's patterns are quadratic in a line; hence the limits of what it is shown."""
    starts = (
        *("failed addresses follow:", "Your message to:", "Your message could not be delivered to"),
        *("the following addresses had", "The address to which the message has not yet been delivered is"),
        *("this is the email server at", "not yet been delivered", "Sorry, unable to deliver your message to"),
    )
    for unit in ("a", " ", "<", "a ", ",a", ", ", "@", "a@", "\\", ">", "-", "mail to a", "to ", "sent "):
        lines = unit * (290 // len(unit)) + "\n"
        text = "\n".join(starts) + "\n" + lines * 1000 + unit * 1_000_000
        begun = time.process_time()
        in_words([Field("from", b"MAILER-DAEMON@mx.agency.example")], "text/plain", text)
        status_in(text), reason_in(text)
        assert time.process_time() - begun < 0.5, unit


_PIECES = st.sampled_from(
    [
        *(b"Final-Recipient: rfc822; ", b"Action: failed", b"Status: 5.1.1", b"Diagnostic-Code: ", b"550 5.1.1 "),
        *(b"\r\n", b"\r\n\r\n", b"\n", b"\0", b" ", b"\t", b";", b"(", b"\\", b"<", b">:", b"\xe9", b"=?", b", x@y, "),
        *(b"--=_r", b"--=_r--", b"Content-Type: message/rfc822\r\n\r\n", b"Message-ID: <a@b.example>"),
        *(b"anna@university.example", b"X-Failed-Recipients: ", b"Hi. This is the\r\n\r\n", b"the postfix\r\n"),
        *(b"did not reach the following recipient\r\n", b"transcript of session follows\r\n"),
    ]
)
_TYPES = (
    b"text/plain",
    b"multipart/mixed; boundary==_r",
    b'multipart/report; boundary="=_r"',
    b"message/delivery-status",
)


@given(st.sampled_from(_TYPES), st.lists(_PIECES | st.binary(max_size=8), max_size=60))
@settings(max_examples=400, deadline=None)
def test_no_report_breaks_the_reading_of_it(content_type: bytes, pieces: list[bytes]) -> None:
    raw = DAEMON + b"X-Mailer: Novell\r\nContent-Type: " + content_type + b"\r\n\r\n" + b"".join(pieces)
    report = read(raw).report
    if report is not None:
        assert len(report.failed) <= 50 and len(report.delayed) <= 50 and len(report.message_ids) <= 10
        assert all(spec == spec.lower() and spec.isascii() and "@" in spec for spec in report.failed + report.delayed)
        assert "@" not in report.reason and report.reason == one_line(report.reason, 200)
