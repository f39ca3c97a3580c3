"""The sorts of values that a configuration file may hold. Every fault is a few words that follow the key."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Annotated
from unicodedata import category
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

from ksmail.address import parse_address

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _one_line(text: str) -> str:
    if any(category(letter)[0] == "C" or category(letter) in ("Zl", "Zp") for letter in text):
        raise ValueError("must be one line of text without control characters")
    return text


def _address(text: str) -> str:
    if text:
        try:
            parse_address(text)
        except ValueError:
            raise ValueError("must be one plain mail address, such as desk@example.org, without a name") from None
    return text


def _domain(text: str) -> str:
    if text:
        try:
            parse_address(f"x@{text}")
        except ValueError:
            raise ValueError("must be a mail domain, such as example.org") from None
    return text


def _needed(text: str) -> str:
    if not text.strip():
        raise ValueError("must be filled in")
    return text


def _name_or_address(text: str) -> str:
    return _address(text) if "@" in text else text


def _prefix(text: str) -> str:
    if not re.fullmatch("[A-Z]{1,8}", text):
        raise ValueError("must be one to eight capital letters A to Z, such as KV")
    return text


def _code(text: str) -> str:
    if not re.fullmatch("[A-Za-z][A-Za-z0-9]{0,15}", text):
        raise ValueError("must be one word of letters and digits, such as BZ")
    return text


def _topic(text: str) -> str:
    if not re.fullmatch(r"[^*]*[^\W_][^*]*", text) and not re.fullmatch(r"[^*]*[^\W_]{3}\*", text):
        raise ValueError('must be a word or a few; three letters or more may have a * behind them, such as "satellit*"')
    return text


def _marking(text: str) -> str:
    if not re.search(r"[^\W_]", text):
        raise ValueError("must be words")
    return text


def _timezone(text: str) -> str:
    # ZoneInfo raises OSError for the name of a folder ("Europe").
    try:
        ZoneInfo(text)
    except (OSError, ValueError, LookupError):
        raise ValueError("must be a time zone of the IANA list, such as Europe/Amsterdam") from None
    return text


def _clock(text: str) -> str:
    if text and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError('must be a time of day between 00:00 and 23:59, such as "16:30", or ""')
    return text


def _url(text: str) -> str:
    if text:
        try:
            parts = urlsplit(text)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not parts.hostname or " " in text:
            raise ValueError("must be an address of a page that starts with https://")
    return text


def _authserv_id(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]*", text):
        raise ValueError("must be one name, such as mx.example.org")
    return text


def _weekday(text: str) -> str:
    if text not in _WEEKDAYS:
        raise ValueError("must hold English names of weekdays, such as saturday")
    return text


def _date(value: object) -> object:
    # The environment has no dates, only text; in TOML both are possible.
    fault = ValueError("must hold dates, such as 2026-05-15")
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise fault from None
    if isinstance(value, datetime) or not isinstance(value, date):
        raise fault
    return value


Line = Annotated[str, AfterValidator(_one_line)]
Needed = Annotated[Line, AfterValidator(_needed)]
MailAddress = Annotated[Line, AfterValidator(_address)]
NeededAddress = Annotated[MailAddress, AfterValidator(_needed)]
NameOrAddress = Annotated[Needed, AfterValidator(_name_or_address)]
Domain = Annotated[Line, AfterValidator(_domain)]
NeededDomain = Annotated[Domain, AfterValidator(_needed)]
Prefix = Annotated[Line, AfterValidator(_prefix)]
Code = Annotated[Line, AfterValidator(_code)]
Topic = Annotated[Line, AfterValidator(_topic)]
Marking = Annotated[Line, AfterValidator(_marking)]
Timezone = Annotated[Line, AfterValidator(_timezone)]
Clock = Annotated[Line, AfterValidator(_clock)]
NeededClock = Annotated[Clock, AfterValidator(_needed)]
Url = Annotated[Line, AfterValidator(_url)]
NeededUrl = Annotated[Url, AfterValidator(_needed)]
AuthservId = Annotated[Line, AfterValidator(_authserv_id)]
Weekday = Annotated[Line, AfterValidator(_weekday)]
Day = Annotated[date, BeforeValidator(_date)]
Count = Annotated[int, Field(gt=0, le=2**40)]
Port = Annotated[int, Field(gt=0, le=65535)]
Days = Annotated[int, Field(gt=0, le=3660)]
Seconds = Annotated[float, Field(gt=0, le=7 * 86400, allow_inf_nan=False)]


def to_time(clock: str) -> time | None:
    """What a `Clock` says; None for an empty one."""
    return time.fromisoformat(clock) if clock else None


def to_weekday(name: str) -> int:
    """The number of a `Weekday`, as date.weekday() counts: Monday is 0."""
    return _WEEKDAYS.index(name)
