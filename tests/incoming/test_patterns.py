"""No pattern that reads a stranger's mail takes more than linear time."""

from __future__ import annotations

import importlib
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

MODULES = ("bounds", "filenames", "headers", "ids", "mailboxes", "markup", "outline", "parse", "people", "prescan")
# These are only ever tried at one place: the beginning of a line, of a word, of a token.
ANCHORED = ("ids._ID", "mailboxes._QUOTED", "outline._NAME", "outline._TAIL", "filenames._RESERVED", "prescan._MBOX")
UNITS = (
    *(" ", "\t", "a", "a ", "-", "--", ".", "/", "*", "<", "<a", "<a@", "<a@b>", "(", "()", ";", ",", ":", "=", "\\"),
    *('"', '\\"', '"\\', "=?", "=?a", "=?a?q?", "=?a?q?b?=", "*0", "*0*", "\r\n ", "\r", "\n", "0", "From ", "@", "a@"),
    *("-----BEGIN PGP MESSAGE-----", "display:", "display : ", "opacity:0", "opacity: 0.0", "com1", "\u2028"),
)


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    for module in MODULES:
        for name, value in vars(importlib.import_module(f"ksmail.incoming.{module}")).items():
            if isinstance(value, re.Pattern):
                yield f"{module}.{name}", value


def seconds(name: str, pattern: re.Pattern[Any], text: str) -> float:
    """CPU time for one text."""
    subject = text.encode() if isinstance(pattern.pattern, bytes) else text
    start = time.process_time()
    if name in ANCHORED:
        pattern.match(subject)
    else:
        for _ in pattern.finditer(subject):
            pass
    return time.process_time() - start


@pytest.mark.parametrize(("name", "pattern"), [pytest.param(*each, id=each[0]) for each in patterns()])
def test_a_pattern_is_linear(name: str, pattern: re.Pattern[Any]) -> None:
    """Case 114: 64 KB, the largest field that is read, in well under the time of a mail."""
    texts = (head + unit * (64 * 1024 // len(unit)) + "!" for head in ("", '"', "<", "=?a?q?") for unit in UNITS)
    assert max(seconds(name, pattern, text) for text in texts) < 0.25
