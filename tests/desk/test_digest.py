"""What the digest says, from what there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.address import Address
from ksmail.desk.arrival import Disposition
from ksmail.desk.case import QueueLine
from ksmail.desk.digest import (
    MOST,
    Balance,
    Bar,
    Holdings,
    Letters,
    Line,
    Pile,
    balances,
    needs_attention,
    sections,
)
from ksmail.desk.order_of_receipt import Excuse, Overtaken
from ksmail.desk.policy import Policy
from ksmail.desk.ticket import PromiseState, Status
from ksmail.desk.vitals import Alarm, Probes, Vitals
from ksmail.reference import Reference
from tests.builders import MONDAY
from tests.desk.facts import TODAY

NOTHING = Pile(0)
DAY = timedelta(days=1)


def holdings(**facts: Any) -> Holdings:
    return Holdings(**({"period": NOTHING, "whole": NOTHING} | facts))


def told(found: Holdings, vitals: Vitals | None = None, now: datetime = MONDAY) -> dict[str, list[Line]]:
    """The sentences by what they say."""
    lines: dict[str, list[Line]] = {}
    for section in sections(found, vitals or Vitals(), now, Policy(), "1.0"):
        for line in section.lines:
            lines.setdefault(line.what, []).append(line)
    return lines


def only(what: str, found: Holdings, vitals: Vitals | None = None, now: datetime = MONDAY) -> Line:
    (line,) = told(found, vitals, now)[what]
    return line


def reference(number: int) -> Reference:
    return Reference("KV", 2026, number)


def question(number: int, promised_on: date | None = TODAY, status: Status = Status.NEW) -> QueueLine:
    return QueueLine(
        reference=reference(number),
        status=status,
        subject="A question",
        received_at=MONDAY,
        promised_on=promised_on,
        assignee=Address("sam", "agency.example"),
    )


def balance(pile: Pile) -> Balance:
    (found,) = balances(holdings(whole=pile, first=True), MONDAY)
    return found


def test_mails_that_became_something_are_the_parts_of_the_balance() -> None:
    found = balance(Pile(4, {Disposition.FOLLOW_UP: 3, Disposition.TICKET: 1, Disposition.OWN: 0}))
    assert (found.seen, found.open) == (4, 0)
    assert found.parts == (Bar("ticket", 1, 25), Bar("follow_up", 3, 75))


def test_pending_mails_are_unaccounted_with_their_age_in_hours() -> None:
    pending = [(7, MONDAY - timedelta(minutes=59)), (8, MONDAY - timedelta(hours=30)), (9, MONDAY + DAY)]
    found = balance(Pile(3, {Disposition.PENDING: 3}, pending))
    assert (found.unaccounted, found.open) == (((7, 0), (8, 30), (9, 0)), 3)


def test_a_number_without_a_row_is_unaccounted_too() -> None:
    found = balance(Pile(5, {Disposition.TICKET: 3}))
    assert (found.missing, found.open) == (2, 2)


def test_of_many_pending_mails_the_oldest_are_named_and_all_are_counted() -> None:
    pending = [(number, MONDAY) for number in range(MOST + 3)]
    found = balance(Pile(len(pending), {Disposition.PENDING: len(pending)}, pending))
    assert (len(found.unaccounted), found.more, found.open) == (MOST, 3, MOST + 3)


@given(st.dictionaries(st.sampled_from(Disposition), st.integers(0, 50)), st.integers(0, 3))
def test_what_is_seen_is_what_is_accounted_for_and_what_is_not(became: dict[Disposition, int], lost: int) -> None:
    pending = [(number, MONDAY) for number in range(became.get(Disposition.PENDING, 0))]
    seen = sum(became.values()) + lost
    found = balance(Pile(seen, became, pending))
    assert sum(bar.count for bar in found.parts) + found.open == seen


def test_the_first_digest_has_one_balance_and_later_ones_have_two() -> None:
    assert [each.name for each in balances(holdings(first=True), MONDAY)] == ["all"]
    assert [each.name for each in balances(holdings(), MONDAY)] == ["period", "all"]


def test_only_a_day_that_has_passed_is_late() -> None:
    queue = (question(1, TODAY - DAY), question(2), question(3, TODAY + DAY), question(4, None))
    lines = told(holdings(queue=queue))
    assert [line.names for line in (*lines["overdue"], *lines["due_today"])] == [("KV-2026-0001",), ("KV-2026-0002",)]
    assert lines["overdue"][0].alarm and not lines["due_today"][0].alarm


def test_open_questions_are_shown_by_where_they_stand() -> None:
    queue = (question(1), question(2, status=Status.COORDINATION), question(3, status=Status.COORDINATION))
    shown = sections(holdings(queue=queue), Vitals(), MONDAY, Policy(), "1.0")[0]
    assert shown.bars == (Bar("new", 1, 33), Bar("coordination", 2, 67))


def test_where_nothing_is_open_there_is_no_oldest_and_no_next() -> None:
    assert not {"oldest", "next", "overtaken"} & told(holdings()).keys()


def test_where_nothing_is_in_staffs_hands_there_is_an_oldest_and_no_next() -> None:
    lines = told(holdings(queue=(question(1, status=Status.WAITING_ASKER),)))
    assert "oldest" in lines and "next" not in lines


def test_a_long_list_of_references_is_cut_and_counted() -> None:
    line = only("answered", holdings(answered=[reference(number) for number in range(1, MOST + 3)]))
    assert (line.count, len(line.names), line.more) == (MOST + 2, MOST, 2)


def test_who_was_overtaken_without_a_reason_needs_attention() -> None:
    passed = Overtaken(ticket=reference(1), by=2, since=MONDAY - 4 * DAY)
    excused = replace(passed, ticket=reference(4), excuses=(Excuse.ASKED, Excuse.EXTENDED))
    first, second = told(holdings(overtaken=(passed, excused)))["overtaken"]
    assert (first.count, first.days, first.words, first.alarm) == (2, 2, (), True)
    assert (second.words, second.alarm) == (("asked", "extended"), False)


def test_of_many_who_were_overtaken_the_first_are_named() -> None:
    many = [Overtaken(ticket=reference(number), by=1, since=MONDAY) for number in range(1, MOST + 3)]
    lines = told(holdings(overtaken=many))
    assert (len(lines["overtaken"]), lines["overtaken_more"][0].count) == (MOST, 2)


def test_promises_of_the_month_are_parts_and_a_sum() -> None:
    counts = {PromiseState.KEPT: 3, PromiseState.BROKEN: 1, PromiseState.OPEN: 0}
    found = sections(holdings(promises=counts), Vitals(), MONDAY, Policy(), "1.0")[1]
    assert (found.bars, found.lines[0].count) == ((Bar("kept", 3, 75), Bar("broken", 1, 25)), 4)


@pytest.mark.parametrize("what", ["held", "uncertain", "refused", "given_up"])
def test_letters_that_do_not_go_need_attention(what: str) -> None:
    about: dict[str, Any] = {what: ("KV-2026-0001", "KV-2026-0001")}
    line = only(what, holdings(letters=Letters(**about)))
    assert (line.count, line.names, line.alarm) == (2, ("KV-2026-0001",), True)
    assert not only(what, holdings()).alarm


def test_what_is_not_known_of_the_program_is_left_out_or_said_to_be_unknown() -> None:
    lines = told(holdings())
    assert lines["last_poll"][0].at is None and lines["database"][0].count == 0
    assert not {"probes", "alarms"} & lines.keys()


def test_a_probe_that_did_not_come_back_needs_attention() -> None:
    lost = only("probes", holdings(), Vitals(probes=Probes(3, 2, 40.6)))
    assert (lost.count, lost.days, lost.words, lost.alarm) == (3, 1, ("41",), True)
    none = only("probes", holdings(), Vitals(probes=Probes(0, 0)))
    assert (none.words, none.alarm) == ((), False)


def test_an_alarm_needs_attention_as_long_as_it_lasts() -> None:
    lines = told(holdings(), Vitals(alarms=(Alarm("mailbox", MONDAY, MONDAY + DAY), Alarm("letters", MONDAY))))
    assert (lines["alarms"][0].count, lines["alarm_over"][0].alarm, lines["alarm"][0].alarm) == (2, False, True)


@pytest.mark.parametrize(("days", "alarm"), [(0, False), (1, True)])
def test_mail_that_waits_for_a_person_needs_attention_after_a_working_day(days: int, alarm: bool) -> None:
    line = only("quarantine", holdings(quarantine=(MONDAY,)), now=MONDAY + days * DAY)
    assert (line.count, line.at, line.alarm) == (1, MONDAY, alarm)
    assert only("quarantine", holdings()).at is None


def test_closed_days_of_two_weeks_are_named_without_weekends() -> None:
    lines = told(holdings(), now=MONDAY.replace(month=12, day=18))
    assert [line.day for line in lines["closed_day"]] == [date(2026, 12, 25), date(2027, 1, 1)]
    assert "no_closed_days" in told(holdings())


def test_points_are_counted_by_sort() -> None:
    passed = [Overtaken(ticket=reference(number), by=1, since=MONDAY) for number in (1, 2)]
    found = holdings(overtaken=passed, whole=Pile(1), period=Pile(1), queue=(question(1, TODAY - DAY),))
    shown = sections(found, Vitals(), MONDAY, Policy(), "1.0")
    assert needs_attention(balances(found, MONDAY), shown) == 3
    assert needs_attention((), ()) == 0
