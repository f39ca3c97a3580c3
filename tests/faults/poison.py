"""Mails that hurt those who read them, each with what must become of it."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from ksmail.desk.arrival import Disposition
from tests.incoming import hostile
from tests.stories.rig import DESK

EVE = "eve@evil.example"  # nobody may ever write to her

TICKET, QUARANTINED = Disposition.TICKET, Disposition.QUARANTINED


@dataclass(frozen=True)
class Poison:
    """One hostile mail. `reason` is in the ledger's line about it."""

    name: str
    make: Callable[[], bytes]
    becomes: Disposition
    reason: str

    def __str__(self) -> str:
        return self.name


def plain(*headers: bytes, body: bytes = b"May we?\r\n", sender: bytes = b"Robin <robin@uni.example>") -> bytes:
    """A mail to the desk, of these very bytes."""
    return b"\r\n".join((b"From: " + sender, b"To: " + DESK.encode(), *headers, b"", body))


def in_charset(name: bytes) -> Callable[[], bytes]:
    """Words in body and subject in a charset that nobody has, or that should not be one."""
    typed = b'Content-Type: text/plain; charset="' + name + b'"'
    body = b"In " + name[:60] + b": Caf\xe9 +ADw-script+AD4- \xff\r\n"
    return lambda: plain(
        b"Subject: =?" + name[:60] + b"?q?Caf=E9?=", typed, body=body, sender=name[:60] + b"@uni.example"
    )


def subjects(*values: bytes) -> Callable[[], bytes]:
    return lambda: plain(*(b"Subject: " + value for value in values), body=b"about " + values[0][:60] + b"\r\n")


def ids(*values: bytes) -> Callable[[], bytes]:
    body = b"%d ids, first of %d octets\r\n" % (len(values), len(values[0]))
    return lambda: plain(*(b"Message-ID: " + value for value in values), body=body)


def bomb() -> bytes:
    """A hundred million zeros in a file of a hundred thousand octets."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(100_000_000))
    data = base64.encodebytes(packed.getvalue()).replace(b"\n", b"\r\n")
    return parts(b'Content-Type: application/zip; name="bomb.zip"\r\nContent-Transfer-Encoding: base64\r\n\r\n' + data)


def parts(*inner: bytes, end: bytes = b"--=_b--\r\n") -> bytes:
    typed = (b"MIME-Version: 1.0", b'Content-Type: multipart/mixed; boundary="=_b"')
    return plain(*typed, body=b"".join(b"--=_b\r\n" + part + b"\r\n" for part in inner) + end)


CASES = (
    Poison("105 multiparts 5 000 deep", lambda: hostile.nested_multiparts(5_000), QUARANTINED, "limit depth"),
    Poison("106 multiparts 300 deep", lambda: hostile.nested_multiparts(300), QUARANTINED, "limit depth"),
    Poison("107 mails in mails, 5 000 deep", lambda: hostile.nested_messages(5_000), QUARANTINED, "limit depth"),
    Poison("108 a hundred thousand recipients", lambda: hostile.many_recipients(100_000), TICKET, "not_addressed"),
    Poison("109 a hundred thousand fields", lambda: hostile.many_fields(100_000), QUARANTINED, "limit header_fields"),
    Poison("109 a field of 10 MB", lambda: hostile.one_field(b"X-A", bytes(10**7)), QUARANTINED, "limit header_field"),
    Poison(
        "109 a subject of 1 MB",
        lambda: hostile.one_field(b"Subject", b"words " * 170_000),
        QUARANTINED,
        "limit header_field",
    ),
    Poison(
        "110 a subject of 50 000 encoded words",
        lambda: hostile.one_field(b"Subject", b"\r\n ".join([b"=?utf-8?q?a?="] * 50_000)),
        QUARANTINED,
        "limit header_field",
    ),
    Poison(
        "110 a subject of 3 000 encoded words",
        lambda: hostile.one_field(b"Subject", b"\r\n ".join([b"=?utf-8?q?a?="] * 3_000)),
        QUARANTINED,
        "limit encoded_words",
    ),
    Poison("111 100 000 ( in From", lambda: plain(sender=b"(" * 100_000), QUARANTINED, "limit header_field"),
    Poison("111 10 000 ( in From", lambda: plain(sender=b"(" * 10_000), QUARANTINED, "limit comment_depth"),
    Poison(
        "112 20 000 segments of a file name",
        lambda: hostile.parameter_segments(20_000),
        QUARANTINED,
        "limit header_",
    ),
    Poison(
        "112 1 000 segments of a file name",
        lambda: hostile.parameter_segments(1_000),
        QUARANTINED,
        "limit parameter_segments",
    ),
    Poison("113 a hundred thousand parts", lambda: hostile.many_parts(100_000), QUARANTINED, "limit parts"),
    Poison("115 a zip bomb", bomb, TICKET, "new question"),
    Poison(
        "116 broken base64",
        lambda: parts(b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!not base64=\r\n"),
        TICKET,
        "new question",
    ),
    Poison("116 no closing boundary", lambda: parts(b"\r\nWhere does it end?\r\n", end=b""), TICKET, "new question"),
    Poison(
        "116 one boundary twice",
        lambda: parts(b"\r\nfirst\r\n", b'Content-Type: multipart/mixed; boundary="=_b"\r\n\r\n--=_b\r\n\r\ninner\r\n'),
        TICKET,
        "new question",
    ),
    Poison(
        "116 uuencoded",
        lambda: plain(b"Subject: uu", body=b"begin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n"),
        TICKET,
        "new question",
    ),
    *(
        Poison(f"117 charset {name[:8].decode()}", in_charset(name), TICKET, "new question")
        for name in (b"foo", b"idna", b"punycode", b"utf-7", b"utf-16", b"zlib", b"x" * 3_000)
    ),
    Poison("118 NUL", lambda: plain(b"Subject: a\0b", body=b"NUL \0 in the text\r\n"), TICKET, "new question"),
    Poison(
        "118 lone surrogates, an emoji and C1",
        lambda: plain(
            b"Subject: =?utf-8?q?=ED=A0=80 =F0=9F=99=82 =C2=9B31m?=",
            b"Content-Type: text/plain; charset=utf-8",
            body=b"\xed\xa0\x80 \xf0\x9f\x99\x82 \xc2\x9b31m\r\n",
        ),
        TICKET,
        "new question",
    ),
    Poison(
        "119 a hidden Bcc in the name",
        lambda: plain(
            sender=b"=?utf-8?q?Robin=0D=0ABcc=3A_eve=40evil=2Eexample?= <r119@uni.example>", body=b"name\r\n"
        ),
        TICKET,
        "new question",
    ),
    Poison(
        "119 a hidden Bcc in the subject",
        lambda: plain(
            b"Subject: =?utf-8?q?Hello=0D=0ABcc=3A_eve=40evil=2Eexample=0D=0A?=",
            b"Authentication-Results: mx.desk.example; dmarc=pass header.from=uni.example",
            body=b"subject\r\n",
        ),
        TICKET,
        "new question",
    ),
    Poison(
        "119 a hidden address in From",
        lambda: plain(sender=b"=?utf-8?q?robin=40uni=2Eexample=3E=0D=0ABcc=3A_eve=40evil=2Eexample?="),
        QUARANTINED,
        "sender unclear",
    ),
    Poison("120 two Message-IDs", ids(b"<one@uni.example>", b"<two@uni.example>"), TICKET, "new question"),
    Poison("120 a Message-ID of 5 000 octets", ids(b"<" + b"a" * 5_000 + b"@uni.example>"), TICKET, "new question"),
    Poison("120 a Message-ID with spaces", ids(b"<one two@uni example>"), TICKET, "new question"),
    Poison("120 an empty Message-ID", ids(b"<>"), TICKET, "new question"),
    Poison("120 two subjects", subjects(b"the first", b"the second"), TICKET, "new question"),
    Poison(
        "120 two dates",
        lambda: plain(
            b"Date: Mon, 1 Jun 2026 08:00:00 +0000", b"Date: Mon, 1 Jan 2035 08:00:00 +0000", body=b"dates\r\n"
        ),
        TICKET,
        "new question",
    ),
    Poison(
        "120 two authors",
        lambda: plain(b"From: Eve <eve@evil.example>", body=b"two\r\n"),
        QUARANTINED,
        "sender unclear",
    ),
    Poison("121 an empty line first", lambda: b"\r\n" + plain(), QUARANTINED, "does not begin with a header field"),
    Poison("121 a line of garbage first", lambda: b"%%% ???\r\n" + plain(), QUARANTINED, "does not begin"),
    Poison(
        "121 an mbox line first",
        lambda: b"From robin@uni.example Mon Jun  1 08:00:00 2026\r\n" + plain(body=b"from a file\r\n"),
        TICKET,
        "new question",
    ),
    Poison("121 nothing at all", lambda: b"", QUARANTINED, "empty"),
    Poison("121 only a header", lambda: plain(b"Subject: only a header", body=b""), TICKET, "new question"),
    Poison("121 only a body", lambda: b"Dear desk, may we?\r\n\r\nRobin\r\n", QUARANTINED, "does not begin"),
)
