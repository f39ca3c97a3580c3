"""Story 13: a question over Christmas that nobody answers, at real servers; only the clock is ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from email.message import EmailMessage

import pytest

from ksmail.desk.ticket import PromiseState, Status
from tests.stories.people import EVA, PEOPLE, SAM, reply
from tests.stories.rig import TEAM, Rig, text_of
from tests.stories.test_questions import DUTCH, ask
from tests.stories.test_staff_day import links, opened

ROBIN = "robin@uni.example"
CLOCKS = ("00:30", "08:59", "09:00", "12:00", "15:00", "16:59", "17:00", "22:00")


@pytest.fixture
def desk(make_rig: Callable[..., Rig]) -> Rig:
    rig = make_rig(PEOPLE)
    rig.clock.moment = _at(rig, "2026-12-23", "11:00")
    return rig


def _at(rig: Rig, day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=rig.config.policy.timezone)


def pass_days(rig: Rig, first: str, last: str) -> None:
    """The daemon works through these days, the last included, also at hours at which nobody should hear of it."""
    day = date.fromisoformat(first)
    while day <= date.fromisoformat(last):
        for clock in CLOCKS:
            moment = _at(rig, day.isoformat(), clock)
            if moment > rig.clock.moment:
                rig.clock.moment = moment
                rig.work()
        day += timedelta(days=1)


def sent(rig: Rig, to: str) -> list[str]:
    """When each letter to somebody was written, on the desk's clock."""
    return [_when(rig, letter) for letter in rig.letters(to)]


def _when(rig: Rig, letter: EmailMessage) -> str:
    moment: datetime = letter["Date"].datetime
    return f"{moment.astimezone(rig.config.policy.timezone):%m-%d %H:%M}"


def test_nobody_hears_anything_at_christmas_and_the_asker_gets_an_apology_after_it(desk: Rig) -> None:
    desk.take(ask())
    pass_days(desk, "2026-12-23", "2027-01-05")
    assert sent(desk, ROBIN) == ["12-23 11:00", "12-30 09:00"]  # the acknowledgement, and the apology
    assert sent(desk, TEAM) == [
        "12-23 11:00",  # a new question
        "12-28 09:00", "12-29 09:00", "12-29 15:00",  # tomorrow, and twice today
        "12-30 09:00", "12-31 09:00", "01-04 09:00", "01-05 09:00", "01-05 15:00",  # late since then
    ]  # fmt: skip
    assert sent(desk, EVA) == ["12-31 09:00", "01-04 09:00", "01-05 09:00", "01-05 15:00"]
    ack, apology = map(text_of, desk.letters(ROBIN))
    assert "Tuesday 29 December 2026" in ack
    assert "We did not answer you on Tuesday 29 December 2026. We are sorry." in apology
    assert "You will have our answer by Tuesday 5 January 2027." in apology
    assert "on Friday 1 January" in apology
    (ticket,) = desk.tickets()
    assert [(each.promised_on, each.state) for each in desk.dossier(ticket).promises] == [
        (date(2026, 12, 29), PromiseState.BROKEN), (date(2027, 1, 5), PromiseState.OPEN)
    ]  # fmt: skip


def test_after_a_downtime_over_christmas_there_is_one_mail_for_each_person(desk: Rig) -> None:
    desk.take(ask(), ask(subject="Another question", text=DUTCH))
    before = len(desk.letters(TEAM))
    pass_days(desk, "2027-01-04", "2027-01-04")
    assert sent(desk, TEAM)[before:] == ["01-04 09:00"]
    assert sent(desk, EVA) == ["01-04 09:00"]
    assert sent(desk, ROBIN) == ["12-23 11:00", "12-23 11:00", "01-04 09:00", "01-04 09:00"]
    due = text_of(desk.letters(TEAM)[-1])
    assert "1. KV-2026-0001: te laat sinds dinsdag 29 december 2026" in due
    assert "2. KV-2026-0002: te laat sinds dinsdag 29 december 2026" in due


def test_an_answer_ends_it(desk: Rig) -> None:
    desk.take(ask())
    pass_days(desk, "2026-12-23", "2026-12-28")
    desk.take(reply(desk.letters(TEAM)[0], "#antwoord\n\nDat kan, als u vooraf afspraken maakt.", SAM))
    before = len(desk.letters(TEAM))
    pass_days(desk, "2026-12-28", "2026-12-31")
    assert sent(desk, TEAM)[before:] == []
    (ticket,) = desk.tickets()
    assert ticket.status is Status.ANSWERED
    assert [each.state for each in desk.dossier(ticket).promises] == [PromiseState.KEPT]


def test_a_line_of_the_list_can_be_answered_by_itself(desk: Rig) -> None:
    """The prepared reply of a line carries a reference of its own, for that question alone."""
    desk.take(ask())
    pass_days(desk, "2026-12-23", "2026-12-28")
    due = desk.letters(TEAM)[-1]
    desk.take(opened(links(due)["Antwoorden"], more="\n\nDat kan, als u vooraf afspraken maakt."))
    desk.clock.forward(minutes=4)
    desk.work()
    assert "Dat kan, als u vooraf afspraken maakt." in text_of(desk.letters(ROBIN)[-1])
