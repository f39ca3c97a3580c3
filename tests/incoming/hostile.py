"""Mails that are built to hurt a parser, and work that hangs or dies; shared by the tests of reading mail."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

from ksmail.incoming.limits import Limits
from ksmail.incoming.message import Message
from ksmail.incoming.worker import read

HEAD = b"From: Anna <anna@university.example>\r\nTo: desk@agency.example\r\nSubject: Question\r\n"


def nested_multiparts(levels: int) -> bytes:
    opened = [
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in range(levels)
    ]
    return HEAD + b"MIME-Version: 1.0\r\n" + b"".join(opened) + b"\r\nhello\r\n"


def nested_messages(levels: int) -> bytes:
    return HEAD + b"Content-Type: message/rfc822\r\n\r\n" * levels + b"hello\r\n"


def many_parts(count: int) -> bytes:
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * count + b"--b--\r\n"


def many_recipients(count: int) -> bytes:
    people = b",\r\n ".join(b"Person %d <p%d@university.example>" % (number, number) for number in range(count))
    return HEAD.replace(b"desk@agency.example", people) + b"\r\nhello\r\n"


def many_fields(count: int) -> bytes:
    return HEAD + b"".join(b"X-%d: y\r\n" % number for number in range(count)) + b"\r\nhello\r\n"


def one_field(name: bytes, value: bytes) -> bytes:
    return b"From: anna@university.example\r\n" + name + b": " + value + b"\r\n\r\nhello\r\n"


def parameter_segments(count: int) -> bytes:
    name = b"".join(b";\r\n filename*%d*=a" % number for number in range(count))
    return HEAD + b"Content-Type: application/pdf\r\nContent-Disposition: attachment" + name + b"\r\n\r\nx\r\n"


def with_attachment(data: bytes) -> bytes:
    """An ordinary mail: a text, and a file in base64."""
    import base64

    return (
        HEAD
        + b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="=_b"\r\n\r\n'
        + b"--=_b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSee the file.\r\n"
        + b'--=_b\r\nContent-Type: application/pdf; name="plan.pdf"\r\nContent-Transfer-Encoding: base64\r\n'
        + b'Content-Disposition: attachment; filename="plan.pdf"\r\n\r\n'
        + base64.encodebytes(data).replace(b"\n", b"\r\n")
        + b"--=_b--\r\n"
    )


def fragile(raw: bytes, limits: Limits) -> Message | str:
    """Work for a Parser: does what the mail says to the process, or reads it."""
    if b"X-Do: hang" in raw:
        time.sleep(600)
    if b"X-Do: spin" in raw:
        return instead(raw, limits, spin)
    if b"X-Do: starve" in raw:
        return instead(raw, limits, lambda *_: bytearray(2**31))
    if b"X-Do: die" in raw:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"X-Do: fail" in raw:
        return instead(raw, limits, fail)
    return read(raw, limits)


def instead(raw: bytes, limits: Limits, do: Callable[..., object]) -> Message | str:
    """Read a mail with a parser that does something else. The worker does not live on with it."""
    from ksmail.incoming import parse

    parse.parse, kept = do, parse.parse  # type: ignore[assignment]  # in the worker, where it harms nobody
    try:
        return read(raw, limits)
    finally:
        parse.parse = kept


def spin(*_: object) -> object:
    while True:
        pass


def fail(*_: object) -> object:
    raise KeyError("a secret of the mail")


def do(what: str) -> bytes:
    return HEAD + f"X-Do: {what}\r\n\r\nhello\r\n".encode()


def with_pid(raw: bytes, limits: Limits) -> Message | str:
    """Work for a Parser: says which process did it, and what that process may do."""
    import resource
    import sys

    names = ("AS", "CORE", "FSIZE")
    allowed = {name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}")) for name in names}
    strangers = sorted(name for name in sys.modules if name.startswith("ksmail") and "incoming" not in name)
    return f"{os.getpid()} {allowed} {strangers}"
