"""The script of a simulation: who answers which letter, which mails arrive when, and what goes wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from ksmail.desk.letter import LetterKind
from ksmail.settings.origin import Origin
from ksmail.settings.read import read_toml
from ksmail.settings.refusal import refusal
from ksmail.settings.sections import Section
from ksmail.settings.words import Count, Line, MailAddress, Needed, NeededAddress
from ksmail.simulate.wait import read_wait


def _moment(value: object) -> object:
    """A time on the desk's clock: as text, or as TOML has it, without a zone."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if not isinstance(found, datetime) or found.tzinfo is not None:
        raise ValueError("must be a day and a time on the desk's clock, such as 2026-12-23 11:00")
    return found


def _kind(text: str) -> str:
    if text not in list(LetterKind):
        raise ValueError("must be a kind of letter, such as staff_new; docs/letters.md lists them")
    return text


def _wait(text: str) -> str:
    read_wait(text)
    return text


def _shift(text: str) -> str:
    if read_wait(text.removeprefix("-")).working_days:
        raise ValueError("must not be working days")
    return text


Moment = Annotated[datetime, BeforeValidator(_moment)]
Kind = Annotated[Line, AfterValidator(_kind)]
Waiting = Annotated[Line, AfterValidator(_wait)]
Shift = Annotated[Line, AfterValidator(_shift)]


class ReplySection(Section):
    to: Kind
    ticket: Count | None = None
    subject: Line = ""
    nth: Count | None = None
    after: Waiting
    sender: MailAddress = Field(default="", alias="from")
    text: str = Field(min_length=1)


class MailSection(Section):
    at: Moment
    file: Needed


class SpanSection(Section):
    begins: Moment = Field(alias="from")
    ends: Moment = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.begins >= self.ends:
            raise ValueError("must end after it begins")
        return self


class DownSection(SpanSection):
    pass


class AwaySection(SpanSection):
    what: Literal["mailbox", "sending"]


class ClockSection(SpanSection):
    by: Shift


class RefuseSection(Section):
    address: NeededAddress
    reason: Needed = "550 5.1.1 no such user"


class Script(Section):
    """The whole file."""

    reply: list[ReplySection] = Field(default=[])
    mail: list[MailSection] = Field(default=[])
    down: list[DownSection] = Field(default=[])
    away: list[AwaySection] = Field(default=[])
    clock: list[ClockSection] = Field(default=[])
    refuse: list[RefuseSection] = Field(default=[])


def read_script(file: Path) -> Script:
    """Read a script. Raises ConfigError: one sentence that names the key and the file."""
    try:
        return Script.model_validate(read_toml(file))
    except ValidationError as error:
        raise refusal(error, Script, Origin(file, {})) from None


def shift(section: ClockSection) -> timedelta:
    """By how much the clock is wrong; below zero it is behind."""
    wait = read_wait(section.by.removeprefix("-"))
    by = timedelta(days=wait.days, hours=wait.hours, minutes=wait.minutes)
    return -by if section.by.startswith("-") else by
