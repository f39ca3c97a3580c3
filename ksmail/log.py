"""One line per event, for people and machines, without anybody's words in it."""

from __future__ import annotations

import json
import logging
import sys
import threading
from typing import Any, Literal, TextIO, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

from ksmail.discretion import harmless, trace, withhold


class _Line:
    """Writes to standard error as it is at that moment. A log that cannot be written must not stop the mail."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def msg(self, line: str) -> None:
        # One call and no lock of ours: a worker that is forked while a line is written would wait for ever.
        try:
            stream = self._stream or sys.stderr
            stream.write(line + "\n")
            stream.flush()
        except (OSError, ValueError):
            return

    debug = info = warning = error = critical = fatal = exception = log = msg


def configure(form: Literal["json", "console"], level: str | int = "INFO", stream: TextIO | None = None) -> None:
    """Set up our own events and those of the libraries; may be called again. `stream`: standard error by default."""
    number = logging.getLevelNamesMapping()[level.upper()] if isinstance(level, str) else level
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            trace,
            harmless,
            withhold,
            _as_json if form == "json" else _as_text,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: _Line(stream),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _Libraries)]:
        root.removeHandler(handler)
    root.addHandler(_Libraries(logging.WARNING))
    root.setLevel(logging.WARNING)


def get(**context: object) -> FilteringBoundLogger:
    """A logger; `context` stands on each of its lines."""
    return cast(FilteringBoundLogger, structlog.get_logger(**context))


def catch_strays() -> None:
    """Let crashes of the program and of threads end in the log too: Python prints them with the exception's text."""
    sys.excepthook = lambda _kind, error, _trace: _crash("crashed", error)
    threading.excepthook = lambda stray: _crash("thread_crashed", stray.exc_value)
    logging.captureWarnings(True)


def _crash(event: str, error: BaseException | None) -> None:
    if not isinstance(error, KeyboardInterrupt | SystemExit):
        get().critical(event, exc_info=error)


class _Libraries(logging.Handler):
    """Events of libraries. Their text is left out, because it may quote a mail; the pattern of a text is not text."""

    def emit(self, record: logging.LogRecord) -> None:
        facts: dict[str, object] = {"library": record.name, "where": f"{record.module}:{record.lineno}"}
        if record.args and isinstance(record.msg, str):
            facts["pattern"] = record.msg
        if record.exc_info and record.exc_info[1] is not None:
            facts["exc_info"] = record.exc_info
        get().log(min(record.levelno // 10 * 10, logging.CRITICAL), "library", **facts)


def _as_json(_: WrappedLogger, __: str, event: EventDict) -> str:
    first = {key: event.pop(key) for key in ("timestamp", "level", "event", "ticket", "mail") if key in event}
    return json.dumps({**first, **event})


def _as_text(_: WrappedLogger, __: str, event: EventDict) -> str:
    stamp, level, name = str(event.pop("timestamp"))[:19], event.pop("level"), event.pop("event")
    trace = event.pop("exception", [])
    facts = " ".join(f"{key}={_shown(value)}" for key, value in event.items())
    return "\n".join([f"{stamp} {level:<8} {name} {facts}".rstrip(), *(f"    {line}" for line in trace)])


def _shown(value: Any) -> str:
    return value if isinstance(value, str) and value and " " not in value else json.dumps(value, ensure_ascii=False)


# Whoever logs before `configure` is bound by the same rules.
configure("json")
