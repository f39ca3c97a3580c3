"""How a question stands against its date, and when people are rung about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.desk.case import GivenDate
from ksmail.desk.due import Call, calls_at
from ksmail.desk.lateness import Standing, When, has_apologised, missed, standing
from ksmail.desk.policy import Policy
from ksmail.desk.promise import received_on
from ksmail.desk.ticket import Ground, Promised, PromiseState, Ticket
from tests.desk.facts import POLICY, THURSDAY, after, answered, ticket, waiting

HOUR = timedelta(hours=1)
FIRST = GivenDate(THURSDAY, PromiseState.OPEN)
LATER = date(2026, 6, 10)  # the Wednesday after it


def promised(day: date) -> Ticket:
    return after(ticket(), Promised(promised_on=day, ground=Ground.EXTENDED))


def late_since(new: date = LATER, state: PromiseState = PromiseState.OPEN) -> tuple[GivenDate, ...]:
    """Thursday passed, and the program gave another date by itself."""
    return GivenDate(THURSDAY, PromiseState.BROKEN), GivenDate(new, state, Ground.OVERDUE)


# Case 55: exactly these moments, in UTC. The working day before, twice on the day, and on the first one after it.
MOMENTS = {
    "2026-06-04": "06-03T07 06-04T07 06-04T13 06-05T07",
    "2026-06-05": "06-04T07 06-05T07 06-05T13 06-08T07",  # a weekend behind it
    "2026-06-08": "06-05T07 06-08T07 06-08T13 06-09T07",  # a weekend before it
    "2026-04-09": "04-08T07 04-09T07 04-09T13 04-10T07",
    "2026-04-07": "04-02T07 04-07T07 04-07T13 04-08T07",  # Good Friday and Easter Monday before it
    "2026-04-02": "04-01T07 04-02T07 04-02T13 04-07T07",  # and behind it
    "2026-04-30": "04-29T07 04-30T07 04-30T13 05-01T07",
    "2026-04-28": "04-24T07 04-28T07 04-28T13 04-29T07",  # King's Day
    "2026-04-24": "04-23T07 04-24T07 04-24T13 04-28T07",
    "2026-05-06": "05-04T07 05-06T07 05-06T13 05-07T07",  # Liberation Day
    "2026-05-04": "05-01T07 05-04T07 05-04T13 05-06T07",
    "2026-05-15": "05-13T07 05-15T07 05-15T13 05-18T07",  # Ascension Day
    "2026-05-13": "05-12T07 05-13T07 05-13T13 05-15T07",
    "2026-05-26": "05-22T07 05-26T07 05-26T13 05-27T07",  # Whit Monday
    "2026-05-22": "05-21T07 05-22T07 05-22T13 05-26T07",
    "2026-12-29": "12-28T08 12-29T08 12-29T14 12-30T08",  # the story of Christmas
    "2026-12-28": "12-24T08 12-28T08 12-28T14 12-29T08",
    "2026-12-24": "12-23T08 12-24T08 12-24T14 12-28T08",
    "2026-12-31": "12-30T08 12-31T08 12-31T14 01-04T08",  # New Year's Day
    "2027-01-04": "12-31T08 01-04T08 01-04T14 01-05T08",
    "2027-01-05": "01-04T08 01-05T08 01-05T14 01-06T08",
    "2026-03-27": "03-26T08 03-27T08 03-27T14 03-30T07",  # the clock goes forward on Sunday 29 March
    "2026-03-30": "03-27T08 03-30T07 03-30T13 03-31T07",
    "2026-03-31": "03-30T07 03-31T07 03-31T13 04-01T07",
    "2026-10-23": "10-22T07 10-23T07 10-23T13 10-26T08",  # the clock goes back on Sunday 25 October
    "2026-10-26": "10-23T07 10-26T08 10-26T14 10-27T08",
    "2026-10-27": "10-26T08 10-27T08 10-27T14 10-28T08",
    "2027-03-25": "03-24T08 03-25T08 03-25T14 03-30T07",  # Easter, and the clock goes forward within it
    "2027-03-30": "03-25T08 03-30T07 03-30T13 03-31T07",
    "2027-05-04": "05-03T07 05-04T07 05-04T13 05-07T07",  # Liberation Day and Ascension Day in one week
    "2027-05-07": "05-04T07 05-07T07 05-07T13 05-10T07",
    "2026-11-02": "10-30T08 11-02T08 11-02T14 11-03T08",
}


def rings(day: date, step: timedelta = timedelta(minutes=30)) -> Iterator[tuple[datetime, When]]:
    """When somebody is rung about a question that is promised for `day`, up to the first day on which it is late."""
    claimed: set[tuple[date, Call]] = set()
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=8)
    while True:
        today, calls = calls_at(now, POLICY)
        new = [call for call in calls if (today, call) not in claimed]
        claimed |= {(today, call) for call in new}
        stands = standing(promised(day), (GivenDate(day, PromiseState.OPEN),), today, POLICY) if new else None
        if stands is not None and (new[0] is Call.OPENING or stands.when is When.TODAY):
            yield now, stands.when
            if stands.when is When.LATE:
                return
        now += step


@pytest.mark.parametrize("day", MOMENTS)
def test_people_are_rung_the_day_before_twice_on_the_day_and_when_it_is_late(day: str) -> None:
    found = list(rings(date.fromisoformat(day)))
    assert [f"{moment:%m-%dT%H}" for moment, _ in found] == MOMENTS[day].split()
    assert {moment.minute for moment, _ in found} == {0}
    assert [when for _, when in found] == [When.SOON, When.TODAY, When.TODAY, When.LATE]


@pytest.mark.parametrize(
    ("clock", "calls"),
    [
        ("08:59", ()),
        ("09:00", (Call.OPENING,)),
        ("14:59", (Call.OPENING,)),
        ("15:00", (Call.OPENING, Call.AGAIN)),
        ("16:59", (Call.OPENING, Call.AGAIN)),
        ("17:00", ()),
    ],
)
def test_nobody_is_called_outside_office_hours(clock: str, calls: tuple[Call, ...]) -> None:
    now = datetime.fromisoformat(f"2026-06-04T{clock}").replace(tzinfo=POLICY.timezone)
    assert calls_at(now, POLICY) == (THURSDAY, calls)


@pytest.mark.parametrize("day", ["2026-06-06", "2026-06-07", "2026-12-25", "2026-04-27"])
def test_nobody_is_called_on_a_closed_day(day: str) -> None:
    now = datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=POLICY.timezone)
    assert calls_at(now, POLICY)[1] == ()


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)))  # noqa: DTZ001 -- made aware below
def test_every_call_is_within_the_hours_of_a_working_day(moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)
    day, calls = calls_at(now, POLICY)
    local = now.astimezone(POLICY.timezone)
    open_now = POLICY.workdays.is_working_day(day) and 9 <= local.hour < 17
    assert (day, bool(calls)) == (local.date(), open_now)


def test_a_date_further_away_is_nobodys_concern() -> None:
    assert standing(ticket(), (FIRST,), date(2026, 6, 2), POLICY) is None


@pytest.mark.parametrize(
    "made", [answered(), waiting(), after(ticket(), Promised(promised_on=LATER, ground=Ground.EXTENDED))]
)
def test_what_is_answered_waits_for_the_asker_or_has_time_is_nobodys_concern(made: Ticket) -> None:
    assert standing(made, (GivenDate(LATER, PromiseState.OPEN, Ground.EXTENDED),), THURSDAY, POLICY) is None


def test_a_question_without_a_date_is_nobodys_concern() -> None:
    assert standing(after(ticket()), (), date(2026, 6, 1), POLICY) is None


def test_a_late_question_says_since_when_and_for_how_many_working_days() -> None:
    assert standing(ticket(), (FIRST,), date(2026, 6, 9), POLICY) == Standing(When.LATE, THURSDAY, THURSDAY, 3)


def test_a_day_that_was_closed_after_it_was_promised_is_due_on_the_working_day_before() -> None:
    saturday = promised(date(2026, 6, 6))
    assert standing(saturday, (), date(2026, 6, 4), POLICY) == Standing(When.SOON, date(2026, 6, 6))
    assert standing(saturday, (), date(2026, 6, 5), POLICY) == Standing(When.TODAY, date(2026, 6, 6))
    assert standing(saturday, (), date(2026, 6, 8), POLICY) == Standing(
        When.LATE, date(2026, 6, 6), date(2026, 6, 6), 1
    )


@pytest.mark.parametrize(
    ("today", "when", "days"),
    [
        (date(2026, 6, 5), When.AHEAD, 1),
        (date(2026, 6, 9), When.SOON, 3),
        (LATER, When.TODAY, 4),
        (date(2026, 6, 11), When.LATE, 5),
    ],
)
def test_a_new_date_by_itself_does_not_undo_the_one_that_was_missed(today: date, when: When, days: int) -> None:
    assert standing(promised(LATER), late_since(), today, POLICY) == Standing(when, LATER, THURSDAY, days)


@pytest.mark.parametrize("ground", [Ground.EXTENDED, Ground.CONSULTED, Ground.REOPENED, Ground.ASKER_REPLIED])
def test_a_date_that_people_gave_afterwards_does(ground: Ground) -> None:
    given = (*late_since(state=PromiseState.MOVED), GivenDate(date(2026, 6, 12), PromiseState.OPEN, ground))
    assert missed(given) is None
    assert standing(promised(date(2026, 6, 12)), given, date(2026, 6, 5), POLICY) is None


def test_of_a_date_that_was_given_by_itself_and_is_over_nothing_is_left() -> None:
    assert missed(late_since(state=PromiseState.KEPT)) is None
    assert missed(()) is None
    assert missed((GivenDate(LATER, PromiseState.OPEN, Ground.OVERDUE),)) is None


def test_the_program_says_sorry_once_until_the_question_is_opened_again() -> None:
    again = GivenDate(date(2026, 6, 12), PromiseState.OPEN, Ground.REOPENED)
    assert not has_apologised((FIRST,))
    assert has_apologised(late_since())
    assert has_apologised((*late_since(), GivenDate(LATER, PromiseState.OPEN, Ground.EXTENDED)))
    assert not has_apologised((*late_since(), again))
    assert has_apologised((*late_since(), again, GivenDate(LATER, PromiseState.OPEN, Ground.OVERDUE)))


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(-20, 20))
def test_lateness_never_shrinks_from_one_day_to_the_next(day: date, ahead: int) -> None:
    made, given_ = promised(day), (GivenDate(day, PromiseState.OPEN),)
    today, tomorrow = (standing(made, given_, day + timedelta(days=ahead + n), Policy()) for n in (0, 1))
    assert (tomorrow.days if tomorrow else 0) - (today.days if today else 0) in (0, 1)


def test_a_moment_belongs_to_the_day_of_the_desk() -> None:
    late_evening = datetime(2026, 6, 3, 22, 30, tzinfo=UTC)
    assert calls_at(late_evening, POLICY)[0] == received_on(late_evening, POLICY.timezone) == THURSDAY
