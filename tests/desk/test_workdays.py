"""The calendar of the desk."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.desk.workdays import Calendar, Workdays, good_friday
from ksmail.incoming.message import Language

DUTCH = Workdays()
DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 1))


def days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=offset) for offset in range((last - first).days + 1))


def closed_on_weekdays(workdays: Workdays, year: int) -> list[date]:
    whole = days(date(year, 1, 1), date(year, 12, 31))
    return [day for day in whole if not workdays.is_weekend(day) and not workdays.is_working_day(day)]


def test_the_dutch_closed_weekdays_of_2026() -> None:
    assert closed_on_weekdays(DUTCH, 2026) == [
        date(2026, 1, 1),
        date(2026, 4, 3),
        date(2026, 4, 6),
        date(2026, 4, 27),
        date(2026, 5, 5),
        date(2026, 5, 14),
        date(2026, 5, 25),
        date(2026, 12, 25),
    ]


def test_liberation_day_is_closed_every_year_and_not_only_in_lustrum_years() -> None:
    assert not any(DUTCH.is_working_day(date(year, 5, 5)) for year in range(1990, 2101))


def test_without_the_optional_category_liberation_day_is_worked_outside_lustrum_years() -> None:
    public = Workdays(Calendar(categories=("public",)))
    assert public.is_working_day(date(2026, 5, 5))
    assert not public.is_working_day(date(2025, 5, 5))


def test_kings_day_on_a_sunday_is_kept_on_the_saturday_before() -> None:
    assert DUTCH.is_working_day(date(2025, 4, 28))
    assert DUTCH.why_closed(date(2025, 4, 26), Language.NL) == "weekend"


@pytest.mark.parametrize(
    ("day", "dutch", "english"),
    [
        (date(2026, 6, 1), "", ""),
        (date(2026, 6, 6), "weekend", "weekend"),
        (date(2026, 6, 7), "weekend", "weekend"),
        (date(2026, 4, 27), "Koningsdag", "King's Day"),
        (date(2026, 12, 25), "Eerste kerstdag", "Christmas Day"),
    ],
)
def test_a_closed_day_says_why_in_both_languages(day: date, dutch: str, english: str) -> None:
    assert (DUTCH.why_closed(day, Language.NL), DUTCH.why_closed(day, Language.EN)) == (dutch, english)


def test_unsure_of_the_language_gives_both_names_dutch_first() -> None:
    assert DUTCH.why_closed(date(2026, 4, 27), Language.BOTH) == "Koningsdag / King's Day"
    assert DUTCH.why_closed(date(2026, 6, 6), Language.BOTH) == "weekend"
    assert DUTCH.why_closed(date(2026, 6, 1), Language.BOTH) == ""


def test_a_closed_date_is_closed_by_the_desk() -> None:
    workdays = Workdays(Calendar(closed=frozenset({date(2026, 5, 15)})))
    assert workdays.why_closed(date(2026, 5, 15), Language.NL) == "extra sluitingsdag"
    assert workdays.why_closed(date(2026, 5, 15), Language.EN) == "closed by the desk"


def test_an_open_date_is_worked_whatever_else_it_is() -> None:
    saturday, christmas, bridge = date(2026, 6, 6), date(2026, 12, 25), date(2026, 5, 15)
    workdays = Workdays(Calendar(open=frozenset({saturday, christmas, bridge}), closed=frozenset({bridge})))
    assert all(workdays.is_working_day(day) for day in (saturday, christmas, bridge))


def test_good_friday_is_worked_when_the_switch_says_so() -> None:
    worked = Workdays(Calendar(good_friday_closed=False))
    assert worked.is_working_day(date(2026, 4, 3))
    assert not DUTCH.is_working_day(date(2026, 4, 3))


def test_the_good_friday_switch_also_closes_where_the_calendar_does_not_know_the_day() -> None:
    american = Workdays(Calendar(country="US", categories=("public",)))
    assert american.why_closed(date(2026, 4, 3), Language.NL) == "Goede vrijdag"
    assert american.why_closed(date(2026, 4, 3), Language.EN) == "Good Friday"


def test_the_good_friday_switch_moves_no_other_day() -> None:
    worked = Workdays(Calendar(good_friday_closed=False))
    different = [
        day
        for day in days(date(1990, 1, 1), date(2100, 12, 31))
        if worked.is_working_day(day) is not DUTCH.is_working_day(day)
    ]
    assert different == [good_friday(year) for year in range(1990, 2101)]


@pytest.mark.parametrize("year", range(1990, 2101))
def test_our_good_friday_is_that_of_the_holidays_library(year: int) -> None:
    named = Workdays(Calendar(country="GB", good_friday_closed=False, categories=("public",), subdivision="ENG"))
    library = Workdays(Calendar(country="GB", categories=("public",), subdivision="ENG"))
    assert library.why_closed(good_friday(year), Language.EN) == "Good Friday"
    assert named.is_working_day(good_friday(year))


def test_another_country_keeps_its_own_holidays() -> None:
    german = Workdays(Calendar(country="DE", subdivision="BE", categories=("public",)))
    assert german.why_closed(date(2025, 10, 3), Language.EN) == "German Unity Day"
    assert german.is_working_day(date(2026, 4, 27))


def test_a_country_without_dutch_names_uses_english_ones_in_dutch_letters() -> None:
    german = Workdays(Calendar(country="DE", categories=("public",)))
    assert german.why_closed(date(2025, 10, 3), Language.NL) == "German Unity Day"


@pytest.mark.parametrize("country", ["ZZ", "Netherlands", "nl", "", "N"])
def test_a_country_nobody_keeps_holidays_of_is_refused_by_name(country: str) -> None:
    with pytest.raises(ValueError, match=f"country '{country}'"):
        Workdays(Calendar(country=country))


def test_an_unknown_subdivision_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="subdivision 'Atlantis'"):
        Workdays(Calendar(subdivision="Atlantis"))


def test_an_unknown_category_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="categories public, moon"):
        Workdays(Calendar(categories=("public", "moon")))


def test_a_desk_that_is_always_closed_is_told_so_instead_of_looping() -> None:
    never = Workdays(Calendar(weekend=frozenset(range(7))))
    with pytest.raises(ValueError, match="no working day in 400 days"):
        never.after(date(2026, 6, 1), 1)
    assert never.count(date(2026, 6, 1), date(2030, 6, 1)) == 0


@pytest.mark.parametrize("count", [0, -1])
def test_working_days_are_counted_from_one(count: int) -> None:
    with pytest.raises(ValueError, match="from 1"):
        DUTCH.after(date(2026, 6, 1), count)


def test_count_leaves_the_first_day_out_and_takes_the_last_in() -> None:
    assert DUTCH.count(date(2026, 6, 1), date(2026, 6, 4)) == 3
    assert DUTCH.count(date(2026, 6, 1), date(2026, 6, 2)) == 1


@pytest.mark.parametrize("last", [date(2026, 6, 1), date(2026, 5, 1), date(2020, 1, 1)])
def test_count_is_zero_when_the_last_day_is_not_later(last: date) -> None:
    assert DUTCH.count(date(2026, 6, 1), last) == 0


def test_count_goes_over_years() -> None:
    one_by_one = sum(DUTCH.is_working_day(day) for day in days(date(2024, 11, 2), date(2028, 2, 29)))
    assert DUTCH.count(date(2024, 11, 1), date(2028, 2, 29)) == one_by_one


@given(DAYS, st.integers(1, 30))
def test_count_undoes_after(day: date, count: int) -> None:
    assert DUTCH.count(day, DUTCH.after(day, count)) == count


@given(DAYS, st.integers(0, 40))
def test_count_is_the_number_of_working_days_between(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    one_by_one = sum(DUTCH.is_working_day(day) for day in days(first + timedelta(days=1), last))
    assert DUTCH.count(first, last) == one_by_one


@given(DAYS, st.integers(1, 20))
def test_the_day_after_is_later_and_worked(day: date, count: int) -> None:
    found = DUTCH.after(day, count)
    assert found > day
    assert DUTCH.is_working_day(found)


@given(DAYS)
def test_a_day_is_closed_exactly_when_there_is_a_reason_in_every_language(day: date) -> None:
    reasons = {bool(DUTCH.why_closed(day, language)) for language in Language}
    assert reasons == {not DUTCH.is_working_day(day)}


def test_a_century_of_working_days_is_counted_in_moments() -> None:
    workdays = Workdays()
    start = time.process_time()
    for _ in range(1000):
        workdays.count(date(1990, 1, 1), date(2100, 12, 31))
    assert time.process_time() - start < 5


def test_two_calendars_with_the_same_days_are_equal() -> None:
    assert Workdays(Calendar(country="NL")) == DUTCH
    assert hash(Workdays()) == hash(DUTCH)
    assert Workdays(Calendar(good_friday_closed=False)) != DUTCH
    assert DUTCH != "NL"


def test_the_calendar_shows_in_the_repr() -> None:
    assert "country='NL'" in repr(DUTCH)
