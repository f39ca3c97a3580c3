"""The calls of a working day: what is due is rung once, whatever happens in between."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from ksmail.address import Address
from ksmail.clock import Clock
from ksmail.desk.acts import Absent, Suppress
from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import (
    Acknowledged,
    Assigned,
    Change,
    Ground,
    InfoAsked,
    Promised,
    PromiseSettled,
    PromiseState,
    Status,
)
from ksmail.incoming.limits import Limits
from ksmail.outbox import Outbox
from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.transport import Bounced, Outcome, Sent
from ksmail.reference import Reference
from ksmail.reminders import Reminders
from ksmail.writing import Desk
from tests.desk.facts import POLICY, SAM
from tests.outgoing.letters import composer
from tests.store.facts import ASKER, NOW, follow_up, letter, new_store, open_ticket, settle_as, take

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
WEDNESDAY, THURSDAY, FRIDAY = (
    date(2026, 6, 3),
    date(2026, 6, 4),
    date(2026, 6, 5),
)  # THURSDAY is what they were promised


def at(day: date, clock: str = "09:00") -> datetime:
    """A moment on the desk's clock."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=POLICY.timezone).astimezone(UTC)


class Taker:
    """A mail server that takes everything, or refuses it for ever."""

    def __init__(self, outcome: Outcome | None = None) -> None:
        self.outcome = outcome or Sent()

    async def send(self, mail: OutgoingMail, recipients: tuple[str, ...]) -> dict[str, Outcome]:
        return dict.fromkeys(recipients, self.outcome)

    async def close(self) -> None:
        """Nothing is open."""


class Office:
    """A desk with a clock that is set by hand."""

    def __init__(self, path: Path) -> None:
        self.path, self.store, self.moment = path, new_store(path), NOW
        self.desk = Desk(policy=POLICY, composer=composer(), limits=Limits())

    def question(self, uid: int, *changes: Change, told: bool = True, **facts: Any) -> Reference:
        """A question of Monday, acknowledged; then these changes."""
        ack = letter(f"ack-{uid}", about=f"KV-2026-{uid:04}")
        with self.store.writing() as tx:
            reference = open_ticket(tx, uid, *([ack] if told else []))
            if told:
                (queued,) = (each for each in tx.due(NOW, 99) if each.mail.message_id == ack.message_id)
                tx.start_attempt([queued.id], NOW)
                taken = [(Acknowledged(ack.message_id), "taken")]
                tx.settle(queued.id, dict.fromkeys(ack.recipients, Sent()), None, NOW, taken)
            if changes or facts:
                follow_up(tx, uid + 500, reference, *changes, **facts)
        return reference

    def round(self, moment: datetime) -> int:
        """What the daemon does now and then, by whichever process."""
        self.moment = moment
        return Reminders(self.store, self.desk, lambda: self.moment).round()

    def send(self, outcome: Outcome | None = None) -> None:
        outbox = Outbox(self.store, Taker(outcome), self.desk, lambda: self.moment, lambda: 0.0)
        asyncio.run(outbox.round())

    def letters(self, kind: str = "staff_due") -> list[tuple[str, str]]:
        """When a letter of this kind was queued, on the desk's clock, and to whom, in that order."""
        with self.store.reading() as past:
            lines = sorted(past.outbox(9999), key=lambda line: line.id)
        return [
            (f"{line.queued_at.astimezone(POLICY.timezone):%m-%d %H:%M}", line.recipients[0].address)
            for line in lines
            if line.kind == kind
        ]

    def text(self, kind: str = "staff_due") -> str:
        """The text of the newest letter of a kind."""
        with self.store.reading() as past:
            newest = [each.mail for each in past.due(self.moment + 99 * DAY, 999) if each.mail.kind == kind][-1]
        body = message_from_bytes(newest.raw).walk()
        part = next(each for each in body if each.get_content_type() == "text/plain")
        return bytes(part.get_payload(decode=True)).decode()

    def promises(self, reference: Reference) -> list[tuple[date, str, str]]:
        with self.store.reading() as past:
            dossier = past.ticket(reference)
        assert dossier is not None
        return [(each.promised_on, each.ground.value, each.state.value) for each in dossier.promises]

    def status(self, reference: Reference) -> Status:
        with self.store.reading() as past:
            found = past.find_ticket(reference)
        assert found is not None
        return found.status


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path / "desk.db")
    yield made
    made.store.close()


def test_on_the_day_before_and_twice_on_the_day_the_team_is_rung(office: Office) -> None:
    office.question(1)
    for day in (date(2026, 6, 2), WEDNESDAY, THURSDAY):
        for clock in ("07:30", "08:59", "09:00", "12:00", "15:00", "16:59", "17:00", "23:00"):
            office.round(at(day, clock))
    team = "team@desk.example"
    assert office.letters() == [("06-03 09:00", team), ("06-04 09:00", team), ("06-04 15:00", team)]


def test_five_restarts_ring_nobody_twice(office: Office) -> None:
    office.question(1)
    for minutes in range(0, 25, 5):  # case 56
        office.round(at(THURSDAY) + minutes * MINUTE)
    assert len(office.letters()) == 1


def test_all_that_is_due_comes_in_one_mail_for_each_person(office: Office) -> None:
    office.question(1)
    office.question(2)
    office.question(3, Assigned(SAM.address))
    office.round(at(THURSDAY))
    assert office.letters() == [("06-04 09:00", "team@desk.example"), ("06-04 09:00", "sam@agency.example")]


def test_after_a_downtime_over_both_calls_there_is_one_mail(office: Office) -> None:
    office.question(1)
    office.question(2, PromiseSettled(PromiseState.MOVED), Promised(promised_on=FRIDAY, ground=Ground.EXTENDED))
    office.round(at(THURSDAY, "15:40"))
    office.round(at(THURSDAY, "16:10"))
    assert office.letters() == [("06-04 15:40", "team@desk.example")]
    assert "KV-2026-0001" in office.text()
    assert "KV-2026-0002" in office.text()


def test_after_days_of_downtime_there_is_one_mail_with_the_lines_of_today(office: Office) -> None:
    office.question(1)
    office.question(2)
    office.round(at(date(2026, 6, 8), "11:20"))
    assert office.letters() == [("06-08 11:20", "team@desk.example"), ("06-08 11:20", "eva@agency.example")]
    assert office.letters("delay_notice") == [("06-08 11:20", "Jo.de.Vries@uni.example")] * 2


def test_who_was_promised_an_answer_hears_once_that_it_takes_longer(office: Office) -> None:
    reference = office.question(1)
    for day in (FRIDAY, date(2026, 6, 8), date(2026, 6, 9), date(2026, 6, 10), date(2026, 6, 11), date(2026, 6, 12)):
        office.round(at(day))
        office.send()
    assert office.letters("delay_notice") == [("06-05 09:00", "Jo.de.Vries@uni.example")]
    assert office.promises(reference) == [
        (THURSDAY, "received", "broken"), (date(2026, 6, 10), "overdue", "open")
    ]  # fmt: skip


def test_an_apology_that_no_server_takes_gives_no_date_and_is_not_written_again(office: Office) -> None:
    reference = office.question(1)
    office.round(at(FRIDAY))
    office.send(Bounced("550 5.1.1 no such user"))
    office.round(at(date(2026, 6, 8)))
    assert len(office.letters("delay_notice")) == 1
    assert office.promises(reference) == [(THURSDAY, "received", "open")]


def test_whoever_never_had_a_letter_of_ours_gets_no_apology(office: Office) -> None:
    office.question(1, told=False)
    office.round(at(FRIDAY))
    assert office.letters("delay_notice") == []
    assert len(office.letters()) == 1


def test_an_address_that_refuses_our_mail_gets_no_apology(office: Office) -> None:
    office.question(1, kind=Disposition.ORDER, acts=(Suppress(ASKER.spec, date(2026, 12, 31)),))
    office.round(at(FRIDAY))
    assert office.letters("delay_notice") == []


def test_the_morning_mail_says_what_the_asker_hears_and_from_when_the_coordinator_does(office: Office) -> None:
    office.question(1)
    office.round(at(FRIDAY))
    text = office.text().replace("\n", " ")
    assert "1. KV-2026-0001: te laat sinds donderdag 4 juni 2026" in text
    assert "De vraagsteller krijgt vandaag een excuus en een nieuwe datum: woensdag 10 juni 2026" in text
    assert "Vanaf maandag 8 juni 2026 hoort ook de coördinator dit." in text
    assert "Nu aan de beurt, op volgorde van ontvangst: KV-2026-0001" in text


def test_the_coordinator_is_rung_from_the_second_day_on(office: Office) -> None:
    office.question(1, Assigned(SAM.address))
    for day in (FRIDAY, date(2026, 6, 8), date(2026, 6, 9)):
        office.round(at(day))
        office.send()
    assert [to for _, to in office.letters()] == ["sam@agency.example"] + [
        "sam@agency.example",
        "eva@agency.example",
    ] * 2


def test_who_is_away_is_not_rung(office: Office) -> None:
    away = Absent(SAM.address, THURSDAY, FRIDAY)
    office.question(1, Assigned(SAM.address), kind=Disposition.ORDER, acts=(away,))
    office.round(at(THURSDAY))
    assert [to for _, to in office.letters()] == ["team@desk.example"]


def test_the_numbers_of_the_list_are_kept(office: Office) -> None:
    office.question(1)
    office.question(2)
    office.round(at(THURSDAY))
    with office.store.reading() as past:
        sheet = past.sheet(1)
    assert sheet is not None
    assert (sheet.address, sheet.lines) == ("team@desk.example", ("KV-2026-0001", "KV-2026-0002"))


def test_a_mail_that_waits_since_yesterday_is_in_the_list(office: Office) -> None:
    with office.store.writing() as tx:
        number = take(tx, 1)
        settle_as(tx, number, Disposition.QUARANTINED)
    office.round(at(date(2026, 6, 2)))
    assert f"1. Q-{number}: deze e-mail wacht al 1 werkdag" in office.text()


# An asker who owes us an answer.


def waiting(office: Office, uid: int = 1) -> Reference:
    asked = InfoAsked(message_id="<i@desk.example>", at=NOW, remaining_days=2)
    return office.question(uid, PromiseSettled(PromiseState.PAUSED), asked)


def test_an_asker_is_reminded_after_ten_working_days_and_let_go_after_ten_more(office: Office) -> None:
    reference = waiting(office)
    day = date(2026, 6, 1)
    while day < date(2026, 7, 10):
        office.round(at(day))
        office.send()
        day += DAY
    assert office.letters("info_reminder") == [("06-15 09:00", "Jo.de.Vries@uni.example")]
    assert office.letters("closed") == [("06-29 09:00", "Jo.de.Vries@uni.example")]
    assert office.status(reference) is Status.CLOSED
    assert office.letters() == [("06-29 09:00", "team@desk.example")]


def test_that_is_on_record_with_its_reason(office: Office) -> None:
    reference = waiting(office)
    office.round(at(date(2026, 6, 15)))
    with office.store.reading() as past:
        dossier = past.ticket(reference)
        assert past.verify_chain() is None
    assert dossier is not None
    assert (dossier.history[-1].because, dossier.history[-1].actor) == ("the asker was reminded", "ksmail")
    assert dossier.ticket.nudged_at == at(date(2026, 6, 15))


# A clock that cannot be right (case 52).


def test_a_clock_that_jumps_a_year_ahead_rings_nobody_and_gives_no_dates(office: Office) -> None:
    office.question(1)
    office.round(at(date(2026, 6, 2)))
    for hours in range(0, 72, 6):
        assert office.round(at(date(2027, 6, 2)) + timedelta(hours=hours)) == 0
    assert office.letters() == office.letters("delay_notice") == []
    office.round(at(WEDNESDAY))  # it is right again
    assert office.letters() == [("06-03 09:00", "team@desk.example")]


def test_a_clock_that_goes_back_two_hours_rings_nobody_twice(office: Office) -> None:
    office.question(1)
    for clock in ("09:00", "11:00", "09:10", "10:30", "11:30"):  # case 53
        office.round(at(THURSDAY, clock))
    assert office.letters() == [("06-04 09:00", "team@desk.example")]


def test_a_year_of_silence_that_a_mail_confirms_is_believed(office: Office) -> None:
    office.question(1)
    office.round(at(date(2026, 6, 2)))
    with office.store.writing() as tx:
        take(tx, 9, received_at=at(date(2027, 6, 2), "08:00"))
    office.round(at(date(2027, 6, 2)))
    assert office.letters()[0] == ("06-02 09:00", "team@desk.example")
    assert office.letters("delay_notice") == []  # after so long only people can say something


def test_a_clock_that_was_a_month_ahead_and_is_right_again_stops_nothing(office: Office) -> None:
    office.question(1)
    office.round(at(date(2026, 6, 2)))
    office.round(at(date(2026, 7, 2)))
    before = len(office.letters())
    office.round(at(WEDNESDAY))
    assert len(office.letters()) == before + 1


def test_after_a_first_start_in_another_year_the_first_mail_sets_all_right(office: Office) -> None:
    office.round(at(date(2031, 6, 3)))
    office.question(1)
    with capture_logs() as log:
        office.round(at(WEDNESDAY, "08:00"))
        assert [entry["event"] for entry in log] == ["clock_implausible"]
        with office.store.writing() as tx:
            take(tx, 9, received_at=at(WEDNESDAY, "08:50"))
        office.round(at(WEDNESDAY))
    assert "clock_corrected" in [entry["event"] for entry in log if entry["log_level"] == "warning"]
    office.round(at(THURSDAY))  # by the corrected note, though no mail came since
    assert office.letters() == [("06-03 09:00", "team@desk.example"), ("06-04 09:00", "team@desk.example")]


def test_a_note_of_an_earlier_version_is_sure(office: Office) -> None:
    office.question(1)
    with office.store.writing() as tx:
        tx.claim("clock", date(2026, 7, 2), NOW, {"seen": at(date(2026, 7, 2)).isoformat()})
    office.round(at(WEDNESDAY))
    assert office.letters() == []


def test_a_clock_that_cannot_be_right_is_said_once_until_it_is_well_again(office: Office) -> None:
    office.round(at(WEDNESDAY))
    with capture_logs() as log:
        for minutes in range(5):
            office.round(at(WEDNESDAY) + 365 * DAY + minutes * MINUTE)
        office.round(at(WEDNESDAY))
        office.round(at(WEDNESDAY) + 365 * DAY)
    assert [entry["event"] for entry in log].count("clock_implausible") == 2


def test_a_clock_that_somebody_accepts_is_right(office: Office) -> None:
    office.question(1)
    office.round(at(date(2026, 7, 2)))
    clock = Clock(office.store, POLICY.timezone)
    with capture_logs() as log:
        clock.accept(at(WEDNESDAY, "08:00"))
    assert [(entry["event"], entry["by"]) for entry in log] == [("clock_corrected", "operator")]
    office.round(at(WEDNESDAY))
    assert office.letters()[-1] == ("06-03 09:00", "team@desk.example")


# A law: who is rung when follows from the days on which somebody was there, and from nothing else.

MOMENTS = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from(["03:00", "08:59", "09:00", "11:11", "15:00", "16:30", "17:00"])),
    max_size=20,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MOMENTS, st.integers(0, 3))
def test_rounds_ring_once_for_each_call_that_came_while_somebody_was_there(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, str]], assigned: int
) -> None:
    office = Office(tmp_path_factory.mktemp("office") / "desk.db")
    for uid in range(1, 4):
        office.question(uid, *([Assigned(SAM.address)] if uid <= assigned else []), told=False)
    moments = sorted({at(THURSDAY + days * DAY, clock) for days, clock in drawn})
    for moment in moments:
        office.round(moment)
    assert sorted(office.letters()) == sorted(_expected(moments, assigned))
    office.store.close()


def _expected(moments: list[datetime], assigned: int) -> Iterator[tuple[str, str]]:
    """Rung at the first moment of each day within its hours; on THURSDAY once more from three o'clock on."""
    seen: set[tuple[date, bool]] = set()
    for moment in moments:
        local = moment.astimezone(POLICY.timezone)
        day, again = local.date(), local.hour >= 15
        if not (POLICY.workdays.is_working_day(day) and 9 <= local.hour < 17) or (day, again) in seen:
            continue
        first = not any(each == day for each, _ in seen)
        seen |= {(day, again)}
        if not first and day != THURSDAY:
            continue
        late = POLICY.workdays.count(THURSDAY, day)
        people = (["team@desk.example"] if assigned < 3 else []) + (["sam@agency.example"] if assigned else [])
        for person in people + (["eva@agency.example"] if late >= 2 else []):
            yield f"{local:%m-%d %H:%M}", person


# What keeps one fault, or many late questions, from doing harm.


def test_a_question_that_nobody_can_look_at_silences_no_other_one(office: Office) -> None:
    office.question(1)
    office.question(2)
    with sqlite3.connect(office.path) as db:
        db.execute("UPDATE ticket SET language = 'nonsense' WHERE reference = 'KV-2026-0001'")
    db.close()
    office.round(at(THURSDAY))
    assert office.letters() == [("06-04 09:00", "team@desk.example")]
    assert "KV-2026-0002" in office.text()


def test_a_desk_that_is_late_with_everything_apologises_to_fifty_a_day(office: Office) -> None:
    for uid in range(1, 54):
        office.question(uid)
    office.round(at(FRIDAY))
    assert len(office.letters("delay_notice")) == 50
    office.send()
    office.round(at(date(2026, 6, 8)))
    assert len(office.letters("delay_notice")) == 53


def test_whoever_has_left_the_list_holds_no_question(office: Office) -> None:
    office.question(1, Assigned(Address("gone", "agency.example")))
    office.question(2)
    office.round(at(THURSDAY))
    assert "volgorde van ontvangst: KV-2026-0001" in office.text()
