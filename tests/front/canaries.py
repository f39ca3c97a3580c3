"""Mails in which a bird sits in every place where people, machines or attackers can put words."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import format_datetime

from tests.builders import MONDAY, mail
from tests.incoming.hostile import nested_multiparts
from tests.stories.rig import BORDER, DESK, FORM

BIRD = "kanarie"
STEERING = "\x1b]0;owned\x07\x1b[31m"

HEADERS = (
    "Auto-Submitted", "Precedence", "List-Id", "List-Unsubscribe", "X-Auto-Response-Suppress", "X-Mailer", "Reply-To",
    "Sender", "In-Reply-To", "References", "Return-Path", "Received", "Authentication-Results", "Content-Language",
    "X-Loop", "Feedback-ID", "Thread-Topic", "Date", "Content-Type", "Content-Disposition", "MIME-Version", "Cc", "Bcc",
    "Delivered-To", "X-Failed-Recipients", "Disposition-Notification-To", "Comments", "From", "Subject", "Message-ID",
)  # fmt: skip


def mails() -> Iterator[bytes]:
    """All of them; none has a Message-ID of another."""
    yield letter(0)
    for number, name in enumerate(HEADERS, 1):
        for shape in (f"{BIRD}", f"<{BIRD}@{BIRD}.example>", f"no; {BIRD}=({BIRD} <{BIRD}@x.example>)"):
            yield raw(f"{number}-{len(shape)}", name, shape)
    yield from machines()
    yield nested_multiparts(80).replace(b"Anna", BIRD.encode())


def letter(number: int) -> bytes:
    """An ordinary question, full of birds."""
    return mail(
        sender=f"{BIRD} {BIRD} <{BIRD}{number}@{BIRD}.example>",
        subject=f"{BIRD} asks {STEERING}\N{RIGHT-TO-LEFT OVERRIDE}",
        text=f"May {BIRD} work here?\n",
        html=f"<p>May <b>{BIRD}</b> work here?</p>",
        message_id=f"<{number}.{BIRD}@{BIRD}.example>",
        attachments=[(f"{BIRD}.pdf", "application/pdf", BIRD.encode())],
        headers=(("Cc", f"{BIRD} <other@{BIRD}.example>"),),
    )


def raw(number: str, name: str, value: str) -> bytes:
    """A mail of which one field (above the others, so that it is the first of its name) says `value`."""
    return (
        f"{name}: {value}\r\nFrom: {BIRD} <{BIRD}{number}@{BIRD}.example>\r\nTo: {DESK}\r\n"
        f"Subject: =?utf-8?q?{BIRD}=0D=0A=1B[2J{number}?=\r\nMessage-ID: <{number}@{BIRD}.example>\r\n"
        f"Date: {format_datetime(MONDAY)}\r\n\r\nQuestion {number}: {BIRD}?\r\n"
    ).encode()


def machines() -> Iterator[bytes]:
    """What machines send: a report, a form without a person, a forged result of our own border."""
    yield (
        f"Return-Path: <>\r\nFrom: {BIRD} <mailer-daemon@{BIRD}.example>\r\nTo: {DESK}\r\nSubject: {BIRD}\r\n"
        f"Message-ID: <report@{BIRD}.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        f"--b\r\n\r\n{BIRD}\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; {BIRD}.example\r\n\r\n"
        f"Final-Recipient: rfc822; {BIRD}@x.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"Diagnostic-Code: smtp; 550 {BIRD}\r\n--b--\r\n"
    ).encode()
    yield mail(sender=f"{BIRD} <{FORM}>", subject=BIRD, text=BIRD, message_id=f"<form@{BIRD}.example>")
    results = f"{BORDER}; dkim=pass ({BIRD}) header.d={BIRD}.example header.i=@{BIRD}.example; spf=fail {BIRD}"
    yield mail(text=BIRD, message_id=f"<auth@{BIRD}.example>", headers=(("Authentication-Results", results),))
