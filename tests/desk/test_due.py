"""What is due, who hears of it, and what silence will cause next."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.address import Address
from ksmail.desk.apology import Question, apology
from ksmail.desk.bundle import MOST_LINES, Bundle, bundles, due_letter
from ksmail.desk.case import GivenDate, WaitingLetter, WaitState
from ksmail.desk.due import (
    Call,
    DueLine,
    Matter,
    Next,
    Rung,
    closed_line,
    letter_lines,
    mail_lines,
    question_line,
)
from ksmail.desk.lateness import standing
from ksmail.desk.letter import LetterKind
from ksmail.desk.policy import Notify, Policy
from ksmail.desk.ticket import Assigned, Ground, Promised, PromiseState, Ticket
from ksmail.incoming.message import Language
from ksmail.reference import Reference
from tests.builders import MONDAY
from tests.desk.facts import EVA, PEER, POLICY, SAM, TEAM, THURSDAY, after, case, ticket, waits

WEDNESDAY, FRIDAY, MONDAY_AFTER = date(2026, 6, 3), date(2026, 6, 5), date(2026, 6, 8)
OPEN = (GivenDate(THURSDAY, PromiseState.OPEN),)
SORRY = (GivenDate(THURSDAY, PromiseState.BROKEN), GivenDate(date(2026, 6, 10), PromiseState.OPEN, Ground.OVERDUE))
EXTENDED = Promised(promised_on=date(2026, 6, 10), ground=Ground.OVERDUE)


def at(day: date, hour: int = 7) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def rung(
    day: date,
    made: Ticket | None = None,
    *,
    absent: Collection[Address] = (),
    policy: Policy = POLICY,
    promises: tuple[GivenDate, ...] = OPEN,
    letters: tuple[WaitingLetter, ...] = (),
    **facts: Any,
) -> Rung | None:
    asked = Question(ticket=made or ticket(), case=case(*letters, promises=promises), **facts)
    stands = standing(asked.ticket, promises, day, policy)
    return question_line(asked, apology(asked, stands, at(day), policy), at(day), policy, absent)


def line(day: date, made: Ticket | None = None, **facts: Any) -> DueLine:
    found = rung(day, made, **facts)
    assert found is not None
    return found.line


def people(day: date, made: Ticket | None = None, **facts: Any) -> list[Address]:
    found = rung(day, made, **facts)
    assert found is not None
    return [to for to, _ in found.people]


# What a line says.


def test_the_day_before_it_says_when_the_asker_gets_an_apology_and_which_date_that_gives() -> None:
    found = line(WEDNESDAY)
    assert (found.matter, found.about, found.promised_on, found.since) == (Matter.SOON, "KV-2026-0001", THURSDAY, None)
    assert (found.next, found.next_on, found.new_date) == (Next.APOLOGY, FRIDAY, date(2026, 6, 10))
    assert found.told_on == MONDAY_AFTER


def test_on_the_day_it_says_the_same() -> None:
    found = line(THURSDAY)
    assert (found.matter, found.next, found.next_on) == (Matter.TODAY, Next.APOLOGY, FRIDAY)


def test_on_the_first_day_it_is_late_it_says_that_the_asker_hears_of_it_today() -> None:
    found = line(FRIDAY)
    assert (found.matter, found.since, found.days) == (Matter.LATE, THURSDAY, 1)
    assert (found.next, found.new_date, found.told_on) == (Next.SORRY, date(2026, 6, 10), MONDAY_AFTER)


def test_after_that_only_people_give_dates() -> None:
    ahead = line(MONDAY_AFTER, after(ticket(), EXTENDED), promises=SORRY)
    late = line(date(2026, 6, 11), after(ticket(), EXTENDED), promises=SORRY)
    assert (ahead.matter, ahead.next, ahead.told_on) == (Matter.AHEAD, Next.NOTHING, None)
    assert (late.matter, late.next, late.days) == (Matter.LATE, Next.NOTHING, 5)


@pytest.mark.parametrize("facts", [{"told": False}, {"suppressed": True}, {"letters": (waits(),)}])
@pytest.mark.parametrize("day", [THURSDAY, FRIDAY])
def test_where_the_program_will_not_apologise_it_says_so(day: date, facts: dict[str, Any]) -> None:
    assert line(day, **facts).next is Next.NOTHING


def test_a_line_says_who_handles_the_question_and_how_it_stands() -> None:
    taken = line(FRIDAY, after(ticket(), Assigned(SAM.address)))
    assert (taken.holder, taken.status, taken.subject, taken.received_at) == (
        "Sam",
        "in_progress",
        "A question",
        MONDAY,
    )
    assert line(FRIDAY).holder == ""
    assert line(FRIDAY, after(ticket(), Assigned(Address("gone", "agency.example")))).holder == ""


def test_about_a_question_that_has_time_there_is_no_line() -> None:
    assert rung(date(2026, 6, 2)) is None


# Who hears of it.


def test_the_team_hears_of_what_nobody_has_taken_and_whoever_has_it_of_his_own() -> None:
    assert people(FRIDAY) == [TEAM]
    assert people(FRIDAY, after(ticket(), Assigned(SAM.address))) == [SAM.address]


def test_the_setting_about_notices_counts_here_too() -> None:
    taken = after(ticket(), Assigned(SAM.address))
    assert people(FRIDAY, taken, policy=replace(POLICY, notify=Notify.BOTH)) == [SAM.address, TEAM]


def test_who_is_away_is_not_rung_and_the_team_is() -> None:
    assert people(FRIDAY, after(ticket(), Assigned(SAM.address)), absent=[SAM.address]) == [TEAM]


def test_from_the_second_day_on_the_coordinator_hears_of_it_too() -> None:
    taken = after(ticket(), Assigned(SAM.address))
    assert people(MONDAY_AFTER, taken) == [SAM.address, EVA.address]
    assert line(MONDAY_AFTER, taken).told_on is None


def test_with_a_new_date_by_itself_the_days_count_on() -> None:
    assert people(MONDAY_AFTER, after(ticket(), EXTENDED), promises=SORRY) == [TEAM, EVA.address]


def test_where_every_coordinator_is_away_the_team_hears_of_it() -> None:
    taken = after(ticket(), Assigned(SAM.address))
    assert people(MONDAY_AFTER, taken, absent=[EVA.address]) == [SAM.address, TEAM]
    assert people(MONDAY_AFTER, taken, policy=replace(POLICY, staff=(SAM, PEER))) == [SAM.address, TEAM]


def test_a_coordinator_who_handles_it_hears_of_it_once() -> None:
    assert people(MONDAY_AFTER, after(ticket(), Assigned(EVA.address))) == [EVA.address]


# Letters and mails that wait.


def test_a_letter_that_waits_for_staff_since_yesterday_is_a_line() -> None:
    held, unsure = waits(1, state=WaitState.HELD), waits(2, LetterKind.CORRECTION, WaitState.UNCERTAIN)
    found = [each.line for each in letter_lines(ticket(), (held, unsure), at(date(2026, 6, 2)), POLICY, ())]
    assert [(each.matter, each.kind, each.state) for each in found] == [
        (Matter.LETTER, "answer", "held"), (Matter.LETTER, "correction", "uncertain")
    ]  # fmt: skip


@pytest.mark.parametrize("state", [WaitState.WAITING, WaitState.SENDING])
def test_a_letter_that_goes_by_itself_is_none(state: WaitState) -> None:
    assert list(letter_lines(ticket(), (waits(state=state),), at(date(2026, 6, 2)), POLICY, ())) == []


def test_on_the_day_itself_staff_were_told() -> None:
    held = waits(state=WaitState.HELD)
    assert list(letter_lines(ticket(), (held,), MONDAY + timedelta(hours=1), POLICY, ())) == []


def test_a_mail_that_waits_since_a_working_day_is_a_line_and_later_the_coordinators_too() -> None:
    friday, monday, tuesday = (
        list(mail_lines([(17, at(FRIDAY))], at(day), POLICY, ())) for day in (FRIDAY, MONDAY_AFTER, date(2026, 6, 9))
    )
    assert friday == []
    assert [(each.line.about, each.line.days, each.line.told_on) for each in monday] == [("Q-17", 1, date(2026, 6, 9))]
    assert [to for to, _ in monday[0].people] == [TEAM]
    assert [(each.line.days, each.line.told_on) for each in tuesday] == [(2, None)]
    assert [to for to, _ in tuesday[0].people] == [TEAM, EVA.address]


def test_whoever_asked_hears_that_the_asker_never_answered() -> None:
    found = closed_line(after(ticket(), Assigned(SAM.address)), POLICY, ())
    assert (found.line.matter, [to for to, _ in found.people]) == (Matter.CLOSED, [SAM.address])


# One mail for each person.


def a_line(matter: Matter, about: str = "KV-2026-0001", **facts: Any) -> DueLine:
    return DueLine(matter=matter, about=about, **({"received_at": MONDAY} | facts))


def to(person: Address, *lines: DueLine, language: Language = Language.NL) -> list[Rung]:
    return [Rung(each, ((person, language),)) for each in lines]


def test_each_person_gets_one_list_with_the_most_pressing_first() -> None:
    soon, late, older = a_line(Matter.SOON), a_line(Matter.LATE), a_line(Matter.LATE, promised_on=WEDNESDAY)
    late = replace(late, promised_on=THURSDAY)
    found = bundles([*to(TEAM, soon, late), *to(SAM.address, soon), *to(TEAM, older)], Call.OPENING)
    assert [each.to for each in found] == [TEAM, SAM.address]
    assert [(each.number, each.matter, each.promised_on) for each in found[0].lines] == [
        (1, Matter.LATE, WEDNESDAY), (2, Matter.LATE, THURSDAY), (3, Matter.SOON, None)
    ]  # fmt: skip


def test_the_second_call_of_a_day_is_about_that_day_alone() -> None:
    lines = to(TEAM, *(a_line(matter) for matter in Matter))
    (found,) = bundles([*lines, *to(SAM.address, a_line(Matter.LATE))], Call.AGAIN)
    assert (found.to, [each.matter for each in found.lines]) == (TEAM, [Matter.TODAY])


def test_a_list_has_an_end_and_says_how_much_it_left_out() -> None:
    (found,) = bundles(to(TEAM, *[a_line(Matter.LATE)] * (MOST_LINES + 3)), Call.OPENING)
    assert (len(found.lines), found.lines[-1].number, len(found.left_out)) == (MOST_LINES, MOST_LINES, 3)


@pytest.mark.parametrize("matter", [Matter.PARTNER, Matter.CLOSED])
def test_what_is_said_only_once_is_never_left_out(matter: Matter) -> None:
    lines = [*[a_line(Matter.LATE)] * MOST_LINES, a_line(matter), *[a_line(Matter.MAIL, "Q-17")] * 3]
    (found,) = bundles(to(TEAM, *lines), Call.OPENING)
    assert [each.matter for each in found.lines] == [*[Matter.LATE] * MOST_LINES, matter]
    assert [each.number for each in found.lines] == [*range(1, MOST_LINES + 2)]
    assert [each.matter for each in found.left_out] == [Matter.MAIL] * 3


def test_nor_is_it_when_there_is_very_much_of_it() -> None:
    (found,) = bundles(to(TEAM, *[a_line(Matter.PARTNER)] * 60, a_line(Matter.SOON)), Call.OPENING)
    assert (len(found.lines), found.lines[-1].matter, found.left_out) == (61, Matter.SOON, ())


def test_the_mail_counts_what_is_late_and_what_is_due_and_names_the_question_that_is_next() -> None:
    lines = (a_line(Matter.LATE, number=1), a_line(Matter.TODAY, number=2), a_line(Matter.SOON, number=3))
    left_out = (a_line(Matter.LATE), a_line(Matter.MAIL))
    letter = due_letter(Bundle(TEAM, Language.NL, lines, left_out), 17, Call.OPENING, FRIDAY, Reference("KV", 2026, 1))
    assert (letter.kind, letter.to, letter.about) == (LetterKind.STAFF_DUE, TEAM, "L-17")
    assert (letter.facts["late"], letter.facts["due_today"], letter.facts["more"]) == (2, 1, 2)
    assert (letter.facts["next_one"], letter.facts["example"]) == ("KV-2026-0001", 1)


def test_a_mail_without_a_question_has_no_example_of_one() -> None:
    lines = (a_line(Matter.MAIL, "Q-17", number=1),)
    letter = due_letter(Bundle(TEAM, Language.EN, lines), 17, Call.OPENING, FRIDAY, None)
    assert (letter.facts["next_one"], letter.facts["example"]) == ("", 0)


@pytest.mark.parametrize(
    ("made", "orders"),
    [
        (a_line(Matter.LATE, number=1), ["#answer", "#take", "#extend "]),
        (a_line(Matter.LATE, number=1, holder="Sam"), ["#answer", "#extend "]),
        (a_line(Matter.LETTER, number=1), ["#now", "#stop"]),
        (a_line(Matter.PARTNER, number=1), ["#answer", "#consult ", "#status"]),
        (a_line(Matter.MAIL, "Q-17", number=1), ["#release", "#drop"]),
        (a_line(Matter.CLOSED, number=1), ["#reopen"]),
    ],
)
def test_each_line_offers_what_can_be_done_about_it(made: DueLine, orders: list[str]) -> None:
    letter = due_letter(Bundle(TEAM, Language.EN, (made,)), 17, Call.OPENING, FRIDAY, None)
    assert [each.line for each in letter.prepared] == orders
    assert {(each.about, each.place) for each in letter.prepared} == {(made.about, 1)}


@given(st.lists(st.tuples(st.sampled_from(Matter), st.sampled_from([TEAM, SAM.address, EVA.address])), max_size=80))
def test_every_line_of_the_morning_reaches_its_reader_once(drawn: list[tuple[Matter, Address]]) -> None:
    lines = [a_line(matter, f"KV-2026-{number:04}") for number, (matter, _) in enumerate(drawn, 1)]
    pairs = [each for one, (_, person) in zip(lines, drawn, strict=True) for each in to(person, one)]
    found = bundles(pairs, Call.OPENING)
    read = {(each.to, one.about) for each in found for one in each.lines}
    assert len(read) == sum(len(each.lines) for each in found) == len(drawn) - sum(len(each.left_out) for each in found)
    assert [one.number for each in found for one in each.lines] == [
        number for each in found for number in range(1, len(each.lines) + 1)
    ]


def test_nobody_is_rung_about_a_question_whose_answer_is_about_to_leave() -> None:
    answer = replace(waits(), due_at=at(FRIDAY) + timedelta(minutes=3))
    assert rung(FRIDAY, letters=(answer,)) is None
