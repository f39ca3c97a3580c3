"""Partners whose date comes, and what their silence leads to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.address import Address
from ksmail.capability import Audience
from ksmail.desk.case import Case
from ksmail.desk.consultation import ConsultationEnded, PartnerReminded, Position, Stage
from ksmail.desk.due import Matter, Rung, partner_lines
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.partner import Partner
from ksmail.desk.policy import Coordination, Policy
from ksmail.desk.promise import received_on
from ksmail.desk.remind import Due, partners_due, partners_silent
from ksmail.desk.ticket import Assigned, EntryKind, Ground, Promised, Status, Ticket
from ksmail.desk.workdays import Calendar, Workdays
from ksmail.incoming.identity import Role
from ksmail.incoming.message import Language
from tests.builders import MONDAY, address
from tests.desk.facts import (
    BZ,
    CONSULTING,
    DUE,
    EVA,
    EZ,
    OCW,
    SAM,
    TEAM,
    after,
    answered,
    asked,
    case,
    closed,
    consultation,
    consulted,
    kinds_of,
    partner,
    replied,
    text,
    ticket,
    waiting,
)


class Silence(NamedTuple):
    due: Due
    lines: tuple[Rung, ...]

    @property
    def people(self) -> list[Address]:
        """Who hears of the only one."""
        ((_, people),) = [(each.line, each.people) for each in self.lines]
        return [to for to, _ in people]


ENDED = ConsultationEnded("BZ", Stage.EXPIRED)
ASKED = consulted(ticket(), "BZ")  # until Monday 8 June 2026
SILENT = date(2026, 6, 10)  # two working days later
CHRISTMAS = consulted(ticket(), "BZ", due_on=date(2026, 12, 24))  # a Thursday


def at(day: date, clock: str = "09:00") -> datetime:
    """A moment on the desk's clock."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=CONSULTING.timezone).astimezone(UTC)


def due(
    day: date = DUE,
    made: Ticket = ASKED,
    clock: str = "09:00",
    policy: Policy = CONSULTING,
    here: Case | None = None,
) -> Due:
    """Who is told that the date has come."""
    return partners_due(made, here or case(), at(day, clock), policy)


def silence(
    day: date, made: Ticket = ASKED, clock: str = "09:00", policy: Policy = CONSULTING, absent: tuple[Address, ...] = ()
) -> Silence:
    """Who is waited for no longer, and the lines about it."""
    found = partners_silent(made, at(day, clock), policy)
    return Silence(found, tuple(partner_lines(found.ticket, found.silent, policy, absent)))


def only(found: Due) -> Letter:
    (letter,) = found.letters
    return letter


# The day has come.


def test_on_its_day_a_partner_is_told_so() -> None:
    found = due()
    assert found.changes == (PartnerReminded("BZ"),)
    assert (only(found).kind, only(found).to) == (LetterKind.PARTNER_REMINDER, BZ.liaison)
    assert found.because == "the date of BZ has come"


def test_it_is_waited_for_still() -> None:
    found = due()
    assert (found.ticket.status, consultation(found.ticket).reminded) == (Status.COORDINATION, True)


@pytest.mark.parametrize("day", [date(2026, 6, 1), date(2026, 6, 5), date(2026, 6, 7)])
def test_before_that_day_it_hears_nothing(day: date) -> None:
    assert due(day) == Due(ASKED)


@pytest.mark.parametrize(
    ("clock", "told"),
    [("00:00", False), ("08:59", False), ("09:00", True), ("16:59", True), ("17:00", False), ("23:59", False)],
)
def test_nobody_is_rung_outside_office_hours(clock: str, told: bool) -> None:
    assert bool(due(clock=clock).letters) is told


@pytest.mark.parametrize(("day", "hour"), [(date(2026, 6, 8), 7), (date(2026, 1, 12), 8)])
def test_that_is_nine_on_the_clock_of_the_desk_in_summer_and_in_winter(day: date, hour: int) -> None:
    made = consulted(ticket(), "BZ", due_on=day)
    now = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    assert partners_due(made, case(), now, CONSULTING).letters
    assert not partners_due(made, case(), now - timedelta(minutes=1), CONSULTING).letters


def test_it_is_told_once() -> None:
    once = due().ticket
    assert due(made=once) == Due(once)
    assert due(date(2026, 6, 9), once) == Due(once)


def test_asked_again_it_is_told_again() -> None:
    again = after(due().ticket, asked(due_on=date(2026, 6, 16), message_id="<again@desk.example>"))
    assert due(date(2026, 6, 15), again) == Due(again)
    assert kinds_of(due(date(2026, 6, 16), again).letters) == [LetterKind.PARTNER_REMINDER]


def test_the_second_reminder_is_another_letter_than_the_first() -> None:
    again = after(due().ticket, asked(message_id="<again@desk.example>"))
    assert only(due(made=again)).cause != only(due()).cause


def test_after_a_short_downtime_it_is_told_late() -> None:
    assert kinds_of(due(date(2026, 6, 9)).letters) == [LetterKind.PARTNER_REMINDER]


def test_the_reminder_repeats_what_was_asked_and_when() -> None:
    named = "<request-bz@desk.example>"
    first = text(EntryKind.REQUEST, "May they?", role=Role.STAFF, audience=Audience.PARTNER, message_id=named)
    other = text(EntryKind.REQUEST, "Of another.", role=Role.STAFF, audience=Audience.PARTNER, partner="OCW")
    letter = only(due(here=case(texts=(text(), first, other))))
    assert (letter.facts["text"], letter.facts["asked_on"], letter.facts["due_on"]) == (
        "May they?",
        date(2026, 6, 1),
        DUE,
    )


def test_of_several_texts_the_partner_is_reminded_of_the_request_and_never_of_what_was_shared_later() -> None:
    told = [
        text(EntryKind.REQUEST, words, partner="BZ", message_id=f"<{name}-bz@desk.example>")
        for name, words in (("request", "May they?"), ("shared", "OCW objects."))
    ]
    assert only(due(here=case(texts=tuple(told)))).facts["text"] == "May they?"


def test_where_the_text_of_the_request_is_gone_the_reminder_goes_without_it() -> None:
    assert only(due()).facts["text"] == ""


def test_a_reminder_stands_in_the_thread_of_the_request_and_can_be_answered_in_a_word() -> None:
    letter = only(due())
    assert (letter.about, letter.facts["reference"]) == ("KV-2026-0001", "KV-2026-0001/BZ")
    assert letter.in_reply_to == "<request-bz@desk.example>"
    assert [each.line for each in letter.prepared] == ["#akkoord", "#bezwaar", "#aanvulling", "#nietvanons"]
    assert (letter.wait, letter.by) == (timedelta(0), "")


def test_the_day_on_which_it_was_asked_is_a_date_at_the_desk() -> None:
    made = consulted(ticket(), "BZ", at=datetime(2026, 6, 1, 22, 30, tzinfo=UTC))
    assert only(due(made=made)).facts["asked_on"] == date(2026, 6, 2)


# The partner stays silent.


def test_two_working_days_later_nobody_waits_for_it_any_more() -> None:
    found = silence(SILENT, due().ticket).due
    assert found.changes == (ENDED,)
    assert (found.ticket.status, consultation(found.ticket).stage) == (Status.IN_PROGRESS, Stage.EXPIRED)
    assert found.because == "BZ did not answer"


def test_that_is_a_line_for_staff_and_the_coordinators() -> None:
    (rung,) = silence(SILENT).lines
    assert rung.people == ((TEAM, Language.NL), (EVA.address, Language.EN))


def test_it_says_who_was_silent_until_when_and_that_nobody_else_is_waited_for() -> None:
    (rung,) = silence(SILENT).lines
    assert (rung.line.matter, rung.line.about, rung.line.partner, rung.line.since, rung.line.alone) == (
        Matter.PARTNER,
        "KV-2026-0001",
        "BZ",
        DUE,
        True,
    )
    assert rung.line.status == Status.IN_PROGRESS


def test_whoever_handles_the_question_hears_of_it_in_the_place_of_the_team() -> None:
    assert silence(SILENT, after(ASKED, Assigned(SAM.address))).people == [SAM.address, EVA.address]


def test_a_coordinator_who_handles_it_hears_of_it_once() -> None:
    assert silence(SILENT, after(ASKED, Assigned(EVA.address))).people == [EVA.address]


def test_while_its_holder_is_away_the_team_does() -> None:
    taken = after(ASKED, Assigned(SAM.address))
    assert silence(SILENT, taken, absent=(SAM.address,)).people == [TEAM, EVA.address]


def test_while_every_coordinator_is_away_the_team_hears_of_it_too() -> None:
    taken = after(ASKED, Assigned(SAM.address))
    assert silence(SILENT, taken, absent=(EVA.address,)).people == [SAM.address, TEAM]


def test_the_partner_itself_hears_nothing_more() -> None:
    assert silence(SILENT).due.letters == due(SILENT).letters == ()


@pytest.mark.parametrize(("clock", "told"), [("08:59", False), ("09:00", True), ("16:59", True), ("17:00", False)])
def test_that_too_happens_in_office_hours(clock: str, told: bool) -> None:
    assert bool(silence(SILENT, due().ticket, clock).lines) is told


def test_the_day_before_that_nothing_happens() -> None:
    once = due().ticket
    assert silence(date(2026, 6, 9), once) == Silence(Due(once), ())


def test_it_ends_once() -> None:
    ended = silence(SILENT).due.ticket
    assert silence(SILENT, ended) == Silence(Due(ended), ())
    assert silence(date(2026, 7, 1), ended) == Silence(Due(ended), ())


@pytest.mark.parametrize("day", [SILENT, date(2026, 6, 30)])
def test_after_a_long_downtime_it_is_not_reminded_of_a_date_that_is_over(day: date) -> None:
    assert due(day) == Due(ASKED)
    assert silence(day).due.changes == (ENDED,)


def test_how_long_we_wait_is_the_desks_own() -> None:
    patient = replace(CONSULTING, coordination=Coordination(silence_days=5))
    assert silence(date(2026, 6, 12), due().ticket, policy=patient).lines == ()
    assert silence(date(2026, 6, 15), due().ticket, policy=patient).due.changes == (ENDED,)


# Weekends and Christmas.


@pytest.mark.parametrize(
    ("day", "change"),
    [
        (date(2026, 12, 23), None),
        (date(2026, 12, 24), PartnerReminded("BZ")),
        (date(2026, 12, 25), None),  # Christmas Day
        (date(2026, 12, 26), None),  # Saturday
        (date(2026, 12, 27), None),
        (date(2026, 12, 28), PartnerReminded("BZ")),  # the first working day after it, and still in time
        (date(2026, 12, 29), ENDED),
    ],
)
def test_on_days_on_which_the_desk_is_closed_nobody_is_rung(day: date, change: object) -> None:
    assert due(day, CHRISTMAS).changes + silence(day, CHRISTMAS).due.changes == ((change,) if change else ())


def test_closed_days_of_the_desk_are_no_days_of_silence() -> None:
    shut = replace(CONSULTING, workdays=Workdays(Calendar(closed=frozenset({date(2026, 6, 9), date(2026, 6, 10)}))))
    once = due(policy=shut).ticket
    assert [silence(day, once, policy=shut).lines for day in (SILENT, date(2026, 6, 11))] == [(), ()]
    assert silence(date(2026, 6, 12), once, policy=shut).due.changes == (ENDED,)


def test_a_date_that_became_a_closed_day_comes_on_the_next_working_day() -> None:
    shut = replace(CONSULTING, workdays=Workdays(Calendar(closed=frozenset({DUE}))))
    assert due(policy=shut).changes == ()
    assert due(date(2026, 6, 9), policy=shut).changes == (PartnerReminded("BZ"),)


# Who is waited for at all.


@pytest.mark.parametrize("day", [DUE, SILENT])
@pytest.mark.parametrize("over", [answered, closed])
def test_of_a_question_that_is_over_nobody_is_rung(over: Callable[[Ticket], Ticket], day: date) -> None:
    assert due(day, over(ASKED)) == silence(day, over(ASKED)).due == Due(over(ASKED))


@pytest.mark.parametrize("day", [DUE, SILENT])
@pytest.mark.parametrize(
    "change",
    [
        replied(position=Position.INPUT),
        *(ConsultationEnded("BZ", stage) for stage in (Stage.WITHDRAWN, Stage.RETURNED)),
    ],
)
def test_who_has_answered_or_was_let_go_is_not_rung(change: Any, day: date) -> None:
    assert due(day, after(ASKED, change)).changes == silence(day, after(ASKED, change)).due.changes == ()


def test_while_we_wait_for_the_asker_partners_have_their_dates_all_the_same() -> None:
    made = consulted(waiting(), "BZ")
    assert due(made=made).changes == (PartnerReminded("BZ"),)
    found = silence(SILENT, made)
    assert found.due.ticket.status is Status.WAITING_ASKER
    assert [each.line.alone for each in found.lines] == [False]  # we wait for the asker


def test_of_a_question_without_partners_nothing_comes() -> None:
    assert due(made=ticket()) == silence(DUE, ticket()).due == Due(ticket())


GONE = [(), (OCW,), (partner("BZ", liaison=None),)]


@pytest.mark.parametrize("partners", GONE)
def test_who_cannot_be_written_to_is_not_reminded(partners: tuple[Partner, ...]) -> None:
    assert due(policy=replace(CONSULTING, partners=partners)) == Due(ASKED)


@pytest.mark.parametrize("partners", GONE)
def test_but_nobody_waits_for_it_for_ever(partners: tuple[Partner, ...]) -> None:
    found = silence(SILENT, policy=replace(CONSULTING, partners=partners))
    assert (found.due.changes, found.people) == ((ENDED,), [TEAM, EVA.address])
    assert [each.line.partner for each in found.lines] == ["BZ"]


BUZA = replace(BZ, code="BUZA", aliases=("BZ",), liaison=address("new@bz.example"))
RENAMED = replace(CONSULTING, partners=(BUZA, OCW, EZ))


def test_a_partner_that_got_another_code_is_reminded_of_what_it_was_asked_under_the_old_one() -> None:
    found = due(policy=RENAMED)
    assert found.changes == (PartnerReminded("BZ"),)
    assert (only(found).to, only(found).facts["reference"]) == (BUZA.liaison, "KV-2026-0001/BUZA")
    assert due(made=found.ticket, policy=RENAMED) == Due(found.ticket)


def test_nor_does_anybody_wait_for_it_for_ever() -> None:
    found = silence(SILENT, policy=RENAMED)
    assert (found.due.changes, found.due.because) == ((ENDED,), "BUZA did not answer")
    assert consultation(found.due.ticket).stage is Stage.EXPIRED
    assert [each.line.partner for each in found.lines] == ["BUZA"]


# Several partners.


def test_each_partner_has_its_own_date() -> None:
    made = after(ASKED, asked("OCW", due_on=date(2026, 6, 10)), asked("EZ", due_on=date(2026, 6, 15)))
    reminded, ended = due(SILENT, made), silence(SILENT, made).due
    assert (reminded.changes, reminded.because) == ((PartnerReminded("OCW"),), "the date of OCW has come")
    assert (ended.changes, ended.because) == ((ENDED,), "BZ did not answer")
    assert ended.ticket.status is Status.COORDINATION


def test_partners_whose_date_comes_together_are_each_told() -> None:
    letters = due(made=consulted(ticket(), "BZ", "OCW", "EZ")).letters
    assert [(each.to, each.language) for each in letters] == [
        (BZ.liaison, Language.NL),
        (OCW.liaison, Language.NL),
        (EZ.liaison, Language.EN),
    ]
    assert len({each.cause for each in letters}) == 3


def test_while_another_one_is_waited_for_the_line_does_not_say_that_nobody_is() -> None:
    two = after(ASKED, asked("OCW", due_on=date(2026, 6, 15)))
    assert [(each.line.partner, each.line.alone) for each in silence(SILENT, two).lines] == [("BZ", False)]


def test_those_that_stay_silent_together_have_a_line_each() -> None:
    found = silence(SILENT, consulted(ticket(), "BZ", "OCW"))
    assert [(each.line.partner, each.line.alone) for each in found.lines] == [("BZ", True), ("OCW", True)]
    assert found.due.because == "BZ did not answer; OCW did not answer"


# Laws.


def look(made: Ticket, now: datetime) -> Due:
    """Both at one moment, in the order of the program."""
    first = partners_due(made, case(), now, CONSULTING)
    then = partners_silent(first.ticket, now, CONSULTING)
    because = "; ".join(filter(None, (first.because, then.because)))
    return Due(then.ticket, first.changes + then.changes, first.letters, because, then.silent)


moments = st.integers(-7 * 24 * 60, 60 * 24 * 60).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
tickets = st.sampled_from([
    ASKED,
    due().ticket,
    consulted(ticket(), "BZ", "OCW", "EZ"),
    consulted(waiting(), "BZ"),
    after(consulted(ticket(), "BZ", "OCW"), replied("OCW")),
    answered(ASKED),
    closed(ASKED),
    after(ASKED, Promised(promised_on=date(2026, 6, 15), ground=Ground.CONSULTED)),
])  # fmt: skip


@given(tickets, moments)
def test_rung_twice_at_one_moment_is_rung_once(made: Ticket, now: datetime) -> None:
    found = look(made, now)
    assert look(found.ticket, now) == Due(found.ticket)


@given(tickets, moments)
def test_what_is_done_is_what_is_told_and_only_in_office_hours(made: Ticket, now: datetime) -> None:
    found = look(made, now)
    assert len(found.changes) == len(found.letters) + len(found.silent)
    assert bool(found.changes) is bool(found.because)
    assert found.ticket == after(made, *found.changes)
    assert found.ticket.promised_on == made.promised_on
    if found.changes:
        assert CONSULTING.workdays.is_working_day(received_on(now, CONSULTING.timezone))
        assert now.astimezone(CONSULTING.timezone).hour >= 9


@given(tickets, st.lists(moments, max_size=20))
def test_however_often_somebody_looks_a_partner_is_reminded_once_and_given_up_once(
    made: Ticket, looks: list[datetime]
) -> None:
    changes: list[object] = []
    for now in sorted(looks):
        found = look(made, now)
        made, changes = found.ticket, [*changes, *found.changes]
    assert len(changes) == len(set(map(repr, changes)))


@given(tickets, moments)
def test_only_partners_are_ever_reminded(made: Ticket, now: datetime) -> None:
    assert {letter.to for letter in look(made, now).letters} <= {BZ.liaison, OCW.liaison, EZ.liaison}


@given(tickets, moments)
def test_nobody_is_reminded_and_given_up_at_one_moment(made: Ticket, now: datetime) -> None:
    found = look(made, now)
    ended = [each.partner for each in found.silent]
    assert not any(isinstance(each, PartnerReminded) and each.partner in ended for each in found.changes)
