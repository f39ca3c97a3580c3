"""Faults of the calls of a working day that a review found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from ksmail.desk.ticket import Answered, Ground, Promised, PromiseSettled, PromiseState
from ksmail.outgoing.transport import Bounced, Deferred
from tests.store.facts import follow_up
from tests.test_office import FRIDAY, Office, at

TEAM = "team@desk.example"
GREYLISTED = Deferred("450 4.7.1 greylisted")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path / "desk.db")
    yield made
    made.store.close()


def text_of(raw: bytes) -> str:
    """The text part, in one line."""
    body = message_from_bytes(raw, policy=default).get_body(("plain",))
    return " ".join(body.get_content().split()) if body else ""


def states(office: Office, kind: str) -> list[str]:
    with office.store.reading() as past:
        return [line.state.value for line in past.outbox(99) if line.kind == kind]


def test_no_apology_leaves_once_the_answer_was_taken(office: Office) -> None:
    reference = office.question(1)
    office.round(at(FRIDAY))
    office.send(GREYLISTED)
    answered = Answered(message_id="<a@desk.example>", at=at(FRIDAY, "09:30"))
    with office.store.writing() as tx:
        follow_up(tx, 900, reference, PromiseSettled(PromiseState.BROKEN), answered)
    office.moment = at(FRIDAY, "12:00")
    office.send()
    assert "sent" not in states(office, "delay_notice")


def test_an_apology_that_comes_late_does_not_replace_the_date_that_staff_gave(office: Office) -> None:
    reference, later = office.question(1), date(2026, 7, 1)
    office.round(at(FRIDAY))
    office.send(GREYLISTED)
    given = Promised(promised_on=later, ground=Ground.EXTENDED)
    with office.store.writing() as tx:
        follow_up(tx, 900, reference, PromiseSettled(PromiseState.BROKEN), given)
    office.moment = at(FRIDAY, "12:00")
    office.send()
    assert office.promises(reference)[-1] == (later, "extended", "open")


def test_no_line_says_that_the_asker_hears_today_what_was_refused_before(office: Office) -> None:
    office.question(1)
    office.round(at(FRIDAY))
    office.send(Bounced("550 5.7.1 we do not like your words"))
    office.round(at(date(2026, 6, 8)))
    with office.store.reading() as past:
        text = next(each.mail.raw for each in past.due(office.moment, 99) if each.mail.recipients[0] == TEAM)
    assert states(office, "delay_notice") == ["bounced"]
    assert "krijgt vandaag een excuus" not in text_of(text)
