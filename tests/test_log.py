"""The log: one line per event, for machines and people, and nobody's words in it."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from apscheduler.events import EVENT_JOB_ERROR
from apscheduler.schedulers.background import BackgroundScheduler
from hypothesis import given
from hypothesis import strategies as st

from ksmail import log
from ksmail.address import Address
from ksmail.reference import Reference

CANARY = "canary-7f3a"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Other tests get the log as they know it."""
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook)
    level = root.level
    yield
    log.configure("json")
    root.setLevel(level)
    sys.excepthook, threading.excepthook = hooks
    logging.captureWarnings(False)
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def written(stream: io.StringIO) -> list[dict[str, Any]]:
    """The lines of a JSON log."""
    text = stream.getvalue()
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def only(stream: io.StringIO) -> dict[str, Any]:
    lines = written(stream)
    assert len(lines) == 1
    return lines[0]


def fail() -> None:
    raise ValueError(f"cannot read {CANARY}")


def fail_twice() -> None:
    try:
        fail()
    except ValueError as error:
        raise LookupError(CANARY) from error


# -- a line ---------------------------------------------------------------------------------------------------------


def test_an_event_is_one_json_line_with_time_level_and_event_first(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    log.get().bind(mail="INBOX/1/42").info("mail_settled", tries=1, ticket="KV-2026-0042")
    line = only(stream)
    assert list(line)[:5] == ["timestamp", "level", "event", "ticket", "mail"]
    assert (line["level"], line["event"], line["mail"]) == ("info", "mail_settled", "INBOX/1/42")
    assert (line["ticket"], line["tries"]) == ("KV-2026-0042", 1)


def test_the_time_is_utc_in_iso_form(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    log.get().info("started")
    stamp = datetime.fromisoformat(only(stream)["timestamp"])
    assert stamp.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - stamp) < timedelta(minutes=1)


def test_a_logger_carries_its_context(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    log.get(ticket="KV-2026-0042").info("letter_sent")
    assert only(stream)["ticket"] == "KV-2026-0042"


def test_context_variables_stand_on_the_line(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    structlog.contextvars.bind_contextvars(mail="INBOX/1/42")
    log.get().info("mail_settled")
    assert only(stream)["mail"] == "INBOX/1/42"


@pytest.mark.parametrize(
    ("level", "expected"), [("INFO", ["b", "c"]), ("warning", ["c"]), (logging.DEBUG, ["a", "b", "c"])]
)
def test_only_events_of_the_level_and_above_are_written(
    level: str | int, expected: list[str], stream: io.StringIO
) -> None:
    log.configure("json", level, stream)
    log.get().debug("a")
    log.get().info("b")
    log.get().warning("c")
    assert [line["event"] for line in written(stream)] == expected


def test_a_logger_made_before_the_set_up_follows_it(stream: io.StringIO) -> None:
    early = log.get()
    log.configure("json", "INFO", stream)
    early.info("started")
    assert only(stream)["event"] == "started"


def test_without_a_stream_lines_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("json")
    log.get().info("started")
    out, err = capsys.readouterr()
    assert (out, json.loads(err)["event"]) == ("", "started")


def test_before_any_set_up_the_same_rules_hold(capsys: pytest.CaptureFixture[str]) -> None:
    log.get().info("started", subject=CANARY)
    assert json.loads(capsys.readouterr().err)["withheld"] == ["subject"]


def test_a_log_that_cannot_be_written_stops_nothing() -> None:
    closed = io.StringIO()
    closed.close()
    log.configure("json", "INFO", closed)
    log.get().info("started")
    assert closed.closed


class _FullDisk(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_full_disk_stops_nothing() -> None:
    full = _FullDisk()
    log.configure("json", "INFO", full)
    log.get().info("started")
    assert full.getvalue() == ""


def test_lines_for_people_are_readable(stream: io.StringIO) -> None:
    log.configure("console", "INFO", stream)
    log.get().info("mail_settled", ticket="KV-2026-0042", because="new question", letters=["ack"], tries=1)
    text = stream.getvalue()
    assert text.count("\n") == 1
    assert 'info     mail_settled ticket=KV-2026-0042 because="new question" letters=["ack"] tries=1' in text


def test_lines_for_people_show_a_trace_below(stream: io.StringIO) -> None:
    log.configure("console", "INFO", stream)
    try:
        fail()
    except ValueError:
        log.get().exception("mail_failed")
    first, *rest = stream.getvalue().splitlines()
    assert first.endswith("error    mail_failed")
    assert rest[0] == "    ValueError"
    assert rest[-1].endswith("in fail")
    assert CANARY not in stream.getvalue()


# -- nobody's words -------------------------------------------------------------------------------------------------

PERSONAL = [
    "address",
    "name",
    "subject",
    "text",
    "raw",
    "body",
    "sender",
    "recipients",
    "asker",
    "to",
    "from",
    "Subject",
    "sender_address",
    "display_name",
    "mail_subject",
    "message_id",
    "reply_to",
]
SECRET = ("password", "token", "secret", "imap_password", "capability", "database_url")


@pytest.mark.parametrize("key", PERSONAL)
@pytest.mark.parametrize("level", ["info", "warning", "error", "critical"])
def test_a_personal_key_is_withheld_above_debug(key: str, level: str, stream: io.StringIO) -> None:
    log.configure("json", "DEBUG", stream)
    getattr(log.get(), level)("mail_settled", **{key: CANARY, "ticket": "KV-2026-0042"})
    line = only(stream)
    assert line["withheld"] == [key]
    assert line["ticket"] == "KV-2026-0042"
    assert CANARY not in stream.getvalue()


@pytest.mark.parametrize("key", PERSONAL)
def test_a_personal_key_is_written_at_debug(key: str, stream: io.StringIO) -> None:
    log.configure("json", "DEBUG", stream)
    log.get().debug("letter_reply", **{key: CANARY})
    assert only(stream)[key] == CANARY


@pytest.mark.parametrize("key", SECRET)
@pytest.mark.parametrize("level", ["debug", "info", "error"])
def test_a_secret_is_withheld_at_every_level(key: str, level: str, stream: io.StringIO) -> None:
    log.configure("json", "DEBUG", stream)
    getattr(log.get(), level)("login", **{key: CANARY})
    assert only(stream)["withheld"] == [key]
    assert CANARY not in stream.getvalue()


@pytest.mark.parametrize("key", ["password_file", "moved_to", "ticket", "mail", "because", "reason", "letters", "kind"])
def test_other_keys_are_written(key: str, stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    log.get().info("mail_settled", **{key: "x"})
    assert only(stream)[key] == "x"


@pytest.mark.parametrize(
    "text",
    [
        "550 <a.b@example.org> unknown",
        "a.b@example.org",
        "mailto:a.b@example.org",
        "[a.b@example.org]",
        "x=a.b@example.org,y",
    ],
)
def test_an_address_inside_a_reason_is_masked(text: str, stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    log.get().warning("letter_bounced", reason=text, all=[text], more={"x": text})
    assert "example.org" not in stream.getvalue()
    assert "<address>" in only(stream)["reason"]


def test_an_object_is_only_named(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    log.get().info("mail_settled", who=Address(CANARY, "example.org", CANARY), all=[Address(CANARY, "example.org")])
    assert only(stream)["who"] == "<Address>"
    assert only(stream)["all"] == ["<Address>"]
    assert CANARY not in stream.getvalue()


def test_bytes_are_only_named(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    log.get().info("mail_settled", part=CANARY.encode())
    assert only(stream)["part"] == "<bytes>"


def test_plain_values_are_written_as_they_are(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    log.get().info(
        "x", n=1, f=0.5, b=True, none=None, day=date(2026, 6, 4), span=timedelta(minutes=1), path=Path("/var/lib"),
        reference=Reference("KV", 2026, 42), table={"a": (1, 2)}, bad=float("nan"),
    )  # fmt: skip
    line = only(stream)
    assert (line["n"], line["f"], line["b"], line["none"]) == (1, 0.5, True, None)
    assert (line["day"], line["span"], line["path"]) == ("2026-06-04", 60.0, "/var/lib")
    assert (line["reference"], line["table"], line["bad"]) == ("KV-2026-0042", {"a": [1, 2]}, "nan")


# -- exceptions -----------------------------------------------------------------------------------------------------


def test_an_exception_is_its_type_and_places_without_its_text(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    try:
        fail()
    except ValueError:
        log.get().exception("mail_failed", mail="INBOX/1/42")
    line = only(stream)
    assert line["exception"][0] == "ValueError"
    assert line["exception"][-1].endswith(f"{Path(__file__).name}:{fail.__code__.co_firstlineno + 1} in fail")
    assert (line["level"], line["mail"]) == ("error", "INBOX/1/42")
    assert CANARY not in stream.getvalue()


def test_the_causes_of_an_exception_are_told_without_their_texts(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    try:
        fail_twice()
    except LookupError as error:
        error.add_note(CANARY)
        log.get().error("mail_failed", exc_info=error)
    types = [entry for entry in only(stream)["exception"] if not entry.startswith(" ")]
    assert types == ["LookupError", "because of: ValueError"]
    assert CANARY not in stream.getvalue()


def test_an_exception_while_handling_another_is_told(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    try:
        try:
            fail()
        except ValueError:
            raise KeyError(CANARY)  # noqa: B904 (the missing `from` is what is tested)
    except KeyError:
        log.get().exception("mail_failed")
    types = [entry for entry in only(stream)["exception"] if not entry.startswith(" ")]
    assert types == ["KeyError", "while handling: ValueError"]
    assert CANARY not in stream.getvalue()


def test_a_suppressed_cause_is_not_told(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    try:
        try:
            fail()
        except ValueError:
            raise KeyError(CANARY) from None
    except KeyError:
        log.get().exception("mail_failed")
    assert [entry for entry in only(stream)["exception"] if not entry.startswith(" ")] == ["KeyError"]


def test_every_exception_of_a_group_is_told(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    log.get().error("failed", exc_info=ExceptionGroup(CANARY, [ValueError(CANARY), TypeError(CANARY)]))
    assert only(stream)["exception"] == ["ExceptionGroup", "part: ValueError", "part: TypeError"]


def test_exceptions_that_name_each_other_end(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    one, other = ValueError(), TypeError()
    one.__cause__, other.__cause__ = other, one
    log.get().error("failed", exc_info=one)
    assert only(stream)["exception"] == ["ValueError", "because of: TypeError"]


def test_an_exception_of_a_library_is_named_in_full(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    log.get().error("failed", exc_info=json.JSONDecodeError(CANARY, CANARY, 0))
    assert only(stream)["exception"] == ["json.decoder.JSONDecodeError"]
    assert CANARY not in stream.getvalue()


def test_a_recursion_without_end_is_told_in_short(stream: io.StringIO) -> None:
    def deeper() -> None:
        deeper()

    log.configure("json", "INFO", stream)
    try:
        deeper()
    except RecursionError:
        log.get().exception("mail_failed")
    assert len(only(stream)["exception"]) == 42


def test_exception_without_an_exception_is_an_ordinary_event(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    log.get().exception("mail_failed")
    assert "exception" not in only(stream)


# -- log injection --------------------------------------------------------------------------------------------------

HOSTILE = {
    "new line": 'x\n{"event": "forged"}',
    "carriage return": "x\rforged",
    "escape sequence": "\x1b[2J\x1b]0;title\x07",
    "C1 control": "\x9b2J",
    "delete": "\x7f\x7f",
    "line separator": "x\u2028forged\u2029",
    "next line": "x\x85forged",
    "right-to-left": "\u202egnp.exe",
    "NUL": "a\0b",
    "lone surrogate": "a\udc80b",
    "JSON breaker": '"}, {"level": "critical',
}


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_stays_on_its_line_and_harmless(name: str, form: Any, stream: io.StringIO) -> None:
    log.configure(form, "INFO", stream)
    log.get().info("mail_settled", **{"because": HOSTILE[name], HOSTILE[name]: "key", "all": [HOSTILE[name]]})
    text = stream.getvalue()
    assert len(text.removesuffix("\n").splitlines()) == 1
    assert all(letter.isprintable() for letter in text.removesuffix("\n"))
    if form == "json":
        assert only(stream)["event"] == "mail_settled"
        assert only(stream)["level"] == "info"


@given(st.text(), st.text(min_size=1), st.sampled_from(["json", "console"]))
def test_whatever_is_logged_is_one_printable_line(value: str, event: str, form: Any) -> None:
    stream = io.StringIO()
    log.configure(form, "INFO", stream)
    log.get().info(event.replace("%", ""), because=value)
    text = stream.getvalue().removesuffix("\n")
    assert not any(ord(letter) < 32 or ord(letter) == 127 for letter in text)
    assert len(text.splitlines()) == 1


def test_a_very_long_text_is_cut(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    log.get().info("x" * 10_000_000, because="a" * 10_000_000 + "@")
    assert len(stream.getvalue()) < 5000


# -- libraries ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("library", ["imapclient", "aiosmtplib", "mailparser", "asyncio", "unknown.library"])
def test_the_text_of_a_library_is_left_out(library: str, stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    logging.getLogger(library).warning(f"cannot parse {CANARY}")  # noqa: G004 (libraries do that)
    line = only(stream)
    assert (line["event"], line["library"], line["level"]) == ("library", library, "warning")
    assert line["where"].startswith("test_log:")
    assert CANARY not in stream.getvalue()


def test_the_pattern_of_a_librarys_text_is_kept(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    logging.getLogger("imapclient").error("cannot parse %s", CANARY)
    assert only(stream)["pattern"] == "cannot parse %s"
    assert CANARY not in stream.getvalue()


def test_an_exception_of_a_library_has_no_text(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    try:
        fail()
    except ValueError:
        logging.getLogger("imapclient").exception(CANARY)
    assert only(stream)["exception"][0] == "ValueError"
    assert CANARY not in stream.getvalue()


def test_libraries_are_silent_below_warning(stream: io.StringIO) -> None:
    log.configure("json", "DEBUG", stream)
    logging.getLogger("imapclient").info("x")
    logging.getLogger("imapclient").debug("x")
    assert written(stream) == []


def test_a_level_of_a_librarys_own_is_the_one_below(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    logging.getLogger("imapclient").log(35, "x")
    logging.getLogger("imapclient").log(99, "x")
    assert [line["level"] for line in written(stream)] == ["warning", "critical"]


def test_setting_up_twice_writes_each_line_once(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    log.configure("json", "INFO", stream)
    logging.getLogger("imapclient").warning("x")
    assert len(written(stream)) == 1


def test_a_job_that_fails_shows_its_exception_and_not_its_text(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    failed = threading.Event()
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_listener(lambda _: failed.set(), EVENT_JOB_ERROR)
    scheduler.add_job(fail)
    scheduler.start()
    try:
        assert failed.wait(30)
    finally:
        scheduler.shutdown()
    line = next(line for line in written(stream) if "exception" in line)
    assert line["library"].startswith("apscheduler")
    assert line["exception"][0] == "ValueError"
    assert CANARY not in stream.getvalue()


# -- strays ---------------------------------------------------------------------------------------------------------


def test_a_crash_ends_in_the_log_without_its_text(stream: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("json", "INFO", stream)
    log.catch_strays()
    error = ValueError(CANARY)
    sys.excepthook(ValueError, error, None)
    assert (only(stream)["event"], only(stream)["level"]) == ("crashed", "critical")
    assert CANARY not in stream.getvalue() + capsys.readouterr().err


def test_a_crash_of_a_thread_ends_in_the_log_without_its_text(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    log.catch_strays()
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    assert only(stream)["event"] == "thread_crashed"
    assert only(stream)["exception"][0] == "ValueError"
    assert CANARY not in stream.getvalue()


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_a_wanted_end_is_no_crash(kind: type[BaseException], stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    log.catch_strays()
    sys.excepthook(kind, kind(), None)
    assert written(stream) == []


def test_a_warning_ends_in_the_log_without_its_text(stream: io.StringIO) -> None:
    log.configure("json", "INFO", stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        log.catch_strays()
        warnings.warn(CANARY, UserWarning, stacklevel=1)
        logging.captureWarnings(False)
    assert only(stream)["library"] == "py.warnings"
    assert CANARY not in stream.getvalue()
