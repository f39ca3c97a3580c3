"""What may stand in a line of the log, and what may not."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from datetime import date, time, timedelta
from math import isfinite
from pathlib import Path
from types import TracebackType
from unicodedata import category

from structlog.typing import EventDict, WrappedLogger

from ksmail.reference import Reference

# What people write, and who they are: never above DEBUG.
_PERSONAL = frozenset({
    "address", "addresses", "asker", "author", "bcc", "body", "cc", "content", "email", "filename", "from", "header",
    "headers", "html", "message", "message_id", "name", "names", "participant", "participants", "quote", "raw",
    "recipient", "recipients", "reply_to", "sender", "subject", "text", "to", "user", "username",
})  # fmt: skip
# What opens doors: never.
_SECRET = frozenset({"authorization", "capability", "credential", "credentials", "password", "secret", "token", "url"})
# As the last word of a longer key these say nothing: `moved_to`.
_NO_SUFFIX = frozenset({"from", "to"})
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'@]{1,254}@[^\s<>()\[\],;:\"']+")
_LONGEST = 2000


def trace(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Exceptions as type and places. Their texts may quote a mail, so they stay out, of the causes too."""
    given = event.pop("exc_info", None)
    if given:
        error = (
            given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else sys.exc_info()[1]
        )
        if error is not None:
            event["exception"] = _described(error)
    event.pop("stack_info", None)
    return event


def _described(error: BaseException) -> list[str]:
    lines: list[str] = []
    seen: set[int] = set()
    waiting: list[tuple[str, BaseException]] = [("", error)]
    while waiting and len(lines) < 200:
        relation, error = waiting.pop()
        if id(error) in seen:
            continue
        seen.add(id(error))
        lines += [relation + _type(error), *_places(error.__traceback__)]
        if isinstance(error, BaseExceptionGroup):
            waiting += [("part: ", part) for part in reversed(error.exceptions)]
        if error.__cause__ is not None:
            waiting.append(("because of: ", error.__cause__))
        elif error.__context__ is not None and not error.__suppress_context__:
            waiting.append(("while handling: ", error.__context__))
    return lines


def _type(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _places(step: TracebackType | None) -> list[str]:
    found = []
    while step is not None:
        code = step.tb_frame.f_code
        found.append(f"  {code.co_filename}:{step.tb_lineno} in {code.co_name}")
        step = step.tb_next
    # A recursion without end is told by its beginning and its end.
    return found if len(found) <= 40 else [*found[:20], "  …", *found[-20:]]


def withhold(_: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Take out secrets, and above DEBUG whatever may be personal; `withheld` says what is missing."""
    keys = [key for key in event if _is(key, _SECRET) or (method != "debug" and _is(key, _PERSONAL))]
    for key in keys:
        del event[key]
    if keys:
        event["withheld"] = sorted(keys)
    if method == "debug":
        return event
    return {key: _without_addresses(value) for key, value in event.items()}


def _is(key: str, words: frozenset[str]) -> bool:
    """`sender_address` is an address, `password_file` is no secret."""
    lowered = key.lower()
    return lowered in words or lowered.rpartition("_")[2] in words - _NO_SUFFIX


def _without_addresses(value: object) -> object:
    if isinstance(value, str):
        return _ADDRESS.sub("<address>", value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_addresses(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _without_addresses(item) for key, item in value.items()}
    return value


def harmless(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {_plain_text(str(key)): _plain(value) for key, value in event.items()}


def _plain(value: object) -> object:
    """Numbers, text, dates, and lists of them. Of anything else only the type: its repr may hold a mail."""
    if isinstance(value, float) and not isfinite(value):
        return str(value)  # JSON has no word for it
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str | Path | Reference):
        return _plain_text(str(value))
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {_plain_text(str(key)): _plain(item) for key, item in value.items()}
    return f"<{type(value).__name__}>"


def _plain_text(text: str) -> str:
    """Without anything that a terminal or a collector would obey, on one line, of a bounded length."""
    short = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return "".join(letter if _is_plain(letter) else f"\\u{ord(letter):04x}" for letter in short)


def _is_plain(letter: str) -> bool:
    # C: control, format (also right-to-left marks), surrogates; Zl and Zp: line ends that are not \n.
    kind = category(letter)
    return kind[0] != "C" and kind not in ("Zl", "Zp")
