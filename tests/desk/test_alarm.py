"""When whoever runs the program hears that something fails, and that it is over."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.desk.alarm import (
    Alarms,
    AlarmSettings,
    Alert,
    Call,
    Outage,
    Over,
    Part,
    Recovery,
    Sign,
    Told,
    forget,
    judge,
    told,
)
from ksmail.desk.alarm_facts import from_facts, to_facts
from tests.builders import MONDAY

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DOWN, UP = Sign(Part.MAILBOX, False, "no connection"), Sign(Part.MAILBOX, True)
SMTP_DOWN, SMTP_UP = Sign(Part.SENDING, False, "paused"), Sign(Part.SENDING, True)


def play(*looks: tuple[int, Iterable[Sign]], state: Alarms | None = None) -> tuple[Alarms, list[Call]]:
    """Look at these minutes after the start; returns the last state and all that became due. Everything is told."""
    state, calls = state or Alarms(), list[Call]()
    for minute, signs in looks:
        state, new = judge(state, signs, MONDAY + minute * MINUTE)
        calls += new
        for call in state.owed:
            state = told(state, call)
    return state, calls


def parts(call: Call) -> list[Part]:
    return [outage.part for outage in call.outages] if isinstance(call, Alert) else [each.part for each in call.over]


def test_a_part_that_fails_for_fourteen_minutes_alerts_nobody() -> None:
    assert play((0, [DOWN]), (14, [DOWN]))[1] == []


def test_a_part_that_fails_for_fifteen_minutes_is_alerted_about_with_its_beginning() -> None:
    _, (alert,) = play((0, [DOWN]), (15, [DOWN, SMTP_UP]))
    assert alert == Alert(
        number=1,
        at=MONDAY + 15 * MINUTE,
        outages=(
            Outage(part=Part.MAILBOX, since=MONDAY, detail="no connection", told_at=MONDAY + 15 * MINUTE, times=1),
        ),
        well=(Part.SENDING,),
    )


def test_the_patience_is_a_setting() -> None:
    state, _ = judge(Alarms(), [DOWN], MONDAY)
    settings = AlarmSettings(patience=2 * MINUTE)
    assert judge(state, [DOWN], MONDAY + MINUTE, settings)[1] == ()
    assert len(judge(state, [DOWN], MONDAY + 2 * MINUTE, settings)[1]) == 1


def test_a_part_that_flaps_alerts_nobody() -> None:
    looks = [(minute, [UP] if minute % 10 == 9 else [DOWN]) for minute in range(120)]
    assert play(*looks)[1] == []


def test_the_newest_detail_is_told() -> None:
    _, (alert,) = play((0, [DOWN]), (15, [Sign(Part.MAILBOX, False, "it refuses our login")]))
    assert isinstance(alert, Alert) and alert.outages[0].detail == "it refuses our login"


def test_what_goes_on_failing_is_told_again_every_hour() -> None:
    _, calls = play(*((minute, [DOWN]) for minute in range(200)))
    assert [call.at - MONDAY for call in calls] == [15 * MINUTE, 75 * MINUTE, 135 * MINUTE, 195 * MINUTE]


@pytest.mark.parametrize("part", [Part.CERTIFICATE, Part.CALLS, Part.DIGEST])
def test_what_gets_no_worse_within_the_day_is_told_once_a_day(part: Part) -> None:
    _, calls = play(*((minute, [Sign(part, False)]) for minute in range(0, 2800, 5)))
    assert [call.at - MONDAY for call in calls] == [15 * MINUTE, 15 * MINUTE + 24 * HOUR]


def test_what_comes_and_goes_is_told_every_hour_at_most() -> None:
    looks = [(minute, [UP] if minute % 20 == 19 else [DOWN]) for minute in range(24 * 60)]
    alerts = [call for call in play(*looks)[1] if isinstance(call, Alert)]
    assert len(alerts) <= 24
    assert [call.at - MONDAY for call in alerts][:2] == [15 * MINUTE, 75 * MINUTE]


def test_what_fails_again_within_the_hour_and_for_good_is_told_when_the_hour_is_over() -> None:
    _, calls = play((0, [DOWN]), (15, [DOWN]), (20, [UP]), *((minute, [DOWN]) for minute in range(21, 80)))
    assert [(type(call), call.at - MONDAY) for call in calls] == [
        (Alert, 15 * MINUTE), (Recovery, 20 * MINUTE), (Alert, 75 * MINUTE)
    ]  # fmt: skip


def test_what_fails_again_after_the_hour_needs_its_fifteen_minutes_anew() -> None:
    looks = [(0, [DOWN]), (15, [DOWN]), (20, [UP]), (100, [DOWN]), (114, [DOWN]), (115, [DOWN])]
    assert [call.at - MONDAY for call in play(*looks)[1]] == [15 * MINUTE, 20 * MINUTE, 115 * MINUTE]


def test_what_was_told_long_ago_is_kept_no_longer_than_a_day() -> None:
    looks = [(0, [DOWN]), (15, [DOWN]), (20, [UP])]
    assert play(*looks)[0].lately == (Told(Part.MAILBOX, MONDAY + 15 * MINUTE),)
    assert play(*looks, (24 * 60 + 15, [UP]))[0].lately == ()


def test_parts_that_are_due_together_make_one_alert_with_the_most_important_first() -> None:
    _, (alert,) = play((0, [SMTP_DOWN, DOWN]), (15, [SMTP_DOWN, DOWN]))
    assert parts(alert) == [Part.MAILBOX, Part.SENDING]


def test_a_part_that_fails_later_is_told_later_and_alone() -> None:
    _, calls = play((0, [DOWN]), (5, [DOWN, SMTP_DOWN]), (15, [DOWN, SMTP_DOWN]), (20, [DOWN, SMTP_DOWN]))
    assert [parts(call) for call in calls] == [[Part.MAILBOX], [Part.SENDING]]


def test_a_recovery_says_how_long_it_lasted() -> None:
    state, (_, recovery) = play((0, [DOWN]), (15, [DOWN]), (20, [UP]))
    assert recovery == Recovery(number=2, at=MONDAY + 20 * MINUTE, over=(Over(Part.MAILBOX, MONDAY, recovery.at),))
    assert isinstance(recovery, Recovery) and recovery.over[0].lasted == 20 * MINUTE
    assert (state.outages, state.raised) == ((), ())


def test_what_was_not_alerted_about_recovers_without_a_word() -> None:
    assert play((0, [DOWN]), (14, [UP]))[1] == []


def test_a_part_of_which_nothing_is_known_neither_fails_nor_recovers() -> None:
    state, calls = play((0, [DOWN]), (15, []), (80, [SMTP_UP]))
    assert calls == []
    assert [outage.since for outage in state.outages] == [MONDAY]
    assert len(play((81, [DOWN]), state=state)[1]) == 1


def test_of_two_signs_of_one_part_the_bad_one_counts() -> None:
    for signs in ([DOWN, UP], [UP, DOWN]):
        assert len(judge(Alarms(), signs, MONDAY)[0].outages) == 1


def test_a_clock_that_jumps_back_makes_no_negative_span() -> None:
    state, _ = play((100, [DOWN]), (115, [DOWN]))
    _, calls = play((0, [DOWN]), (10, [UP]), state=state)
    assert [(call.over[0].since, call.over[0].lasted) for call in calls if isinstance(call, Recovery)] == [
        (MONDAY, 10 * MINUTE)
    ]
    assert Over(Part.DISK, MONDAY, MONDAY - HOUR).lasted == timedelta(0)


def test_a_clock_that_jumped_back_does_not_silence_the_alarm() -> None:
    state, _ = play((1000, [DOWN]), (1015, [DOWN]))
    _, calls = play(*((minute, [DOWN]) for minute in range(70)), state=state)
    assert [call.at - MONDAY for call in calls] == [60 * MINUTE]


def test_an_alert_that_nobody_could_be_told_stays_owed_as_it_was() -> None:
    state, _ = judge(Alarms(), [DOWN], MONDAY)
    state, (alert,) = judge(state, [DOWN], MONDAY + 15 * MINUTE)
    later, calls = judge(state, [DOWN], MONDAY + 16 * MINUTE)
    assert (calls, later.owed) == ((), (alert,))


def test_what_becomes_due_meanwhile_joins_what_is_owed() -> None:
    state, _ = judge(Alarms(), [DOWN], MONDAY)
    state, _ = judge(state, [DOWN, SMTP_DOWN], MONDAY + 15 * MINUTE)
    state, (call,) = judge(state, [DOWN, SMTP_DOWN], MONDAY + 30 * MINUTE)
    (owed,) = state.owed
    assert (parts(call), parts(owed)) == ([Part.SENDING], [Part.MAILBOX, Part.SENDING])


def test_an_alert_nobody_heard_is_not_told_when_it_is_over_and_that_it_was_is() -> None:
    state, _ = judge(Alarms(), [DOWN], MONDAY)
    state, _ = judge(state, [DOWN], MONDAY + 15 * MINUTE)
    state, (recovery,) = judge(state, [UP], MONDAY + 20 * MINUTE)
    assert state.owed == (recovery,)


def test_recoveries_that_nobody_could_be_told_add_up() -> None:
    both = [DOWN, SMTP_DOWN]
    state, _ = judge(Alarms(), both, MONDAY)
    state, _ = judge(state, both, MONDAY + 15 * MINUTE)
    state, _ = judge(state, [UP, SMTP_DOWN], MONDAY + 20 * MINUTE)
    state, _ = judge(state, [UP, SMTP_UP], MONDAY + 21 * MINUTE)
    (recovery,) = state.owed
    assert parts(recovery) == [Part.MAILBOX, Part.SENDING]
    assert told(state, recovery).owed == ()


_NOTHING = {"count": 1, "outages": [], "alert": None, "recovery": None}
_ROOF = {"part": "roof", "since": MONDAY.isoformat(), "detail": "", "told_at": None, "times": 1}
_NAIVE = {**_ROOF, "part": "disk", "since": "2026-06-01"}


def test_a_part_that_nobody_looks_at_any_more_is_forgotten_and_the_others_are_not() -> None:
    both = [DOWN, SMTP_DOWN]
    state, _ = judge(Alarms(), both, MONDAY)
    state, _ = judge(state, both, MONDAY + 15 * MINUTE)
    once = forget(state, Part.MAILBOX)
    assert ([outage.part for outage in once.outages], [parts(call) for call in once.owed]) == (
        [Part.SENDING],
        [[Part.SENDING]],
    )
    twice = forget(once, Part.SENDING)
    assert (twice.outages, twice.owed) == ((), ())


def test_a_part_that_nobody_looks_at_any_more_has_no_last_alert_either() -> None:
    state, _ = play((0, [DOWN]), (15, [DOWN]), (20, [UP]))
    assert forget(state, Part.SENDING) == state
    assert forget(state, Part.MAILBOX).lately == ()


def test_the_state_of_an_earlier_version_is_read() -> None:
    facts = to_facts(play((0, [DOWN]), (15, [DOWN]))[0])
    del facts["lately"]
    assert from_facts(facts).lately == ()


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {**_NOTHING, "count": "x"},
        {**_NOTHING, "outages": 3},
        {**_NOTHING, "outages": [{}]},
        {**_NOTHING, "outages": [_ROOF]},
        {**_NOTHING, "outages": [_NAIVE]},
    ],
)
def test_facts_of_something_else_are_refused(facts: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        from_facts(facts)


# -- laws -----------------------------------------------------------------------------------------------------------

_SIGNS = st.lists(st.builds(Sign, st.sampled_from(Part), st.booleans(), st.sampled_from(["", "a", "b"])), max_size=5)
_LOOKS = st.lists(st.tuples(st.integers(1, 40), _SIGNS, st.booleans()), max_size=60)


@given(_LOOKS)
def test_the_laws_of_alarms(looks: list[tuple[int, list[Sign], bool]]) -> None:
    """No alert before fifteen minutes, none twice within the hour even if it worked between, no recovery without an
    alert; and a restart between any two looks changes nothing."""
    state, now = Alarms(), MONDAY
    bad_since: dict[Part, object] = {}
    last: dict[Part, object] = {}
    open_: set[Part] = set()
    for minutes, signs, heard in looks:
        now += minutes * MINUTE
        restarted = from_facts(json.loads(json.dumps(to_facts(state))))
        assert restarted == state
        state, calls = judge(restarted, signs, now)
        failing = {sign.part for sign in signs if not sign.well}
        for part in failing:
            bad_since.setdefault(part, now)
        for call in calls:
            for part in parts(call):
                if isinstance(call, Alert):
                    assert part in failing
                    assert now - bad_since[part] >= 15 * MINUTE  # type: ignore[operator]  # moments
                    assert part not in last or now - last[part] >= HOUR  # type: ignore[operator]  # moments
                    last[part] = now
                    open_.add(part)
                else:
                    open_.remove(part)
        for part in {sign.part for sign in signs} - failing:
            bad_since.pop(part, None)
        assert {outage.part for outage in state.raised} == open_
        assert all(outage.since <= now for outage in state.outages)
        for call in state.owed if heard else ():
            state = told(state, call)
    assert len({type(call) for call in state.owed}) == len(state.owed)


@given(st.lists(st.tuples(st.integers(-500, 500), _SIGNS), max_size=40))
def test_no_span_is_ever_negative_whatever_the_clock_does(looks: list[tuple[int, list[Sign]]]) -> None:
    state = Alarms()
    for minute, signs in looks:
        now = MONDAY + minute * MINUTE
        state, calls = judge(state, signs, now)
        assert all(outage.since <= now and (outage.told_at or now) <= now for outage in state.outages)
        assert all(each.since <= each.until for call in calls if isinstance(call, Recovery) for each in call.over)
