"""Sums, each counted a second time by walking through the history."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from pathlib import Path
from typing import Any, cast, get_args
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ksmail.desk.acts import CameBack, Drop
from ksmail.desk.arrival import Decision, Disposition
from ksmail.desk.consultation import Consulted
from ksmail.desk.figures import AnswerGiven, Received
from ksmail.desk.history import Fact
from ksmail.desk.ledger import promises
from ksmail.desk.month import Month
from ksmail.desk.policy import Policy
from ksmail.desk.ticket import (
    Acknowledged,
    Answered,
    AnswerFailed,
    Change,
    Closed,
    CloseReason,
    Flag,
    Flagged,
    Ground,
    InfoAsked,
    MergedInto,
    OpenedAgain,
    Promised,
    PromiseSettled,
    PromiseState,
    Resumed,
    TakenUp,
    Ticket,
    Unkept,
    evolve,
)
from ksmail.outgoing.transport import Bounced, Deferred, Sent
from ksmail.reference import Reference
from ksmail.store.codec import decode
from ksmail.store.store import Reader, Store, StoreSettings, Transaction
from ksmail.summing import unknown_dates
from tests.store.facts import (
    ASKER,
    NOW,
    decision,
    follow_up,
    letter,
    mail,
    message,
    open_ticket,
    opening,
    settle_as,
    take,
)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
POLICY = Policy()
TO = "jo.de.vries@uni.example"
MONTHS = tuple(Month(2026, month) for month in range(5, 10))
_START = datetime(2026, 5, 30, 21, 0, tzinfo=UTC)  # an hour before a month begins at the desk
_DAY = date(2026, 6, 4)


def _date(ground: Ground, day: int) -> tuple[Change, ...]:
    return (PromiseSettled(PromiseState.MOVED), Promised(promised_on=_DAY + timedelta(days=day), ground=ground))


def _answered(now: datetime) -> tuple[Change, ...]:
    return (PromiseSettled(PromiseState.KEPT), Answered(message_id="<a@desk.example>", at=now))


def _failed(state: PromiseState) -> tuple[Change, ...]:
    return (AnswerFailed(), Unkept(state))


def _steps(now: datetime, day: int) -> tuple[tuple[Change, ...], ...]:
    """What can happen to a ticket at a moment."""
    consulted = Consulted(partner="BZ", to=ASKER, due_on=_DAY, message_id="<r@desk.example>", at=now)
    return (
        (Acknowledged("<ack@desk.example>"),),
        _answered(now),
        (PromiseSettled(PromiseState.BROKEN), Answered(message_id="<b@desk.example>", at=now)),
        (PromiseSettled(PromiseState.PAUSED), InfoAsked(message_id="<i@desk.example>", at=now, remaining_days=2)),
        (Resumed(), *_date(Ground.ASKER_REPLIED, day)),
        (TakenUp(), *_date(Ground.EXTENDED, day)),
        _failed(PromiseState.BROKEN),
        (
            PromiseSettled(PromiseState.KEPT),
            Answered(message_id="<c@desk.example>", at=now),
            *_failed(PromiseState.OPEN),
        ),
        (
            PromiseSettled(PromiseState.KEPT),
            Answered(message_id="<d@desk.example>", at=now),
            *_failed(PromiseState.BROKEN),
        ),
        (OpenedAgain(at=now), *_date(Ground.REOPENED, day)),
        (PromiseSettled(PromiseState.DROPPED), Closed(reason=CloseReason.SPAM, at=now)),
        (Closed(reason=CloseReason.ANSWERED, at=now),),
        (PromiseSettled(PromiseState.MOVED), MergedInto(reference=Reference("KV", 2026, 1), at=now)),
        (consulted,),
        (Flagged(Flag.LETTER_BOUNCED, "ack"),),
    )


_STEPS = len(_steps(NOW, 0))
_EVENTS = st.lists(
    st.tuples(st.integers(0, 36), st.integers(0, 4), st.integers(-2, _STEPS - 1), st.integers(0, 90)), max_size=40
)
_FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def play(store: Store, events: list[tuple[int, int, int, int]]) -> None:
    """A desk over some months: tickets open, and things happen to them; and mails that are none."""
    now, uid = _START, 0
    for hours, which, step, day in events:
        now += timedelta(hours=hours * 2)
        with store.writing() as tx:
            uid += 1
            if step == -1:
                _other(tx, uid, which, now)
            elif step == -2 or which >= len(tx.tickets(9)):
                _open(tx, uid, now)
            else:
                name = sorted(line.reference for line in tx.tickets(99))[which]
                _change(tx, name, _steps(now, day)[step], now)


def _open(tx: Transaction, uid: int, now: datetime) -> None:
    number = _take(tx, uid, now)
    changes = opening(tx.next_reference("KV", 2026), f"<{uid}@uni.example>", now - timedelta(minutes=uid))
    tx.record(number, message(str(uid)), decision(changes), (), asker=ASKER, words="", now=now)


def _change(tx: Transaction, name: Reference, changes: tuple[Change, ...], now: datetime) -> None:
    is_open = any(each.state is PromiseState.OPEN for each in tx.case(name).promises)
    tx.pass_time(name, list(_possible(changes, is_open)), "it happened", now)


def _possible(changes: tuple[Change, ...], is_open: bool) -> Iterator[Change]:
    """Without what would open a second promise."""
    for change in changes:
        if not (is_open and isinstance(change, Unkept)):
            yield change
        if isinstance(change, Promised | PromiseSettled):
            is_open = isinstance(change, Promised)


def _other(tx: Transaction, uid: int, which: int, now: datetime) -> None:
    kinds = (Disposition.AUTOMATIC, Disposition.QUARANTINED, Disposition.HELD, Disposition.DUPLICATE)
    waiting = tx.quarantine()
    number = _take(tx, uid, now)
    if which < len(kinds):
        settle_as(tx, number, kinds[which])
    elif waiting and which % 2:
        tx.reopen(waiting[0].number, now)
    elif waiting:
        judged = Decision(disposition=Disposition.ORDER, because="ordered", acts=(Drop(waiting[0].number, "no"),))
        tx.record(number, message(str(uid)), judged, (), asker=None, words="", now=now)


def _take(tx: Transaction, uid: int, now: datetime) -> int:
    tx.receive([mail(uid, received_at=now - timedelta(minutes=uid))], now)
    return tx.known("INBOX", 7)[uid].number


class Recount:
    """The whole history, read past the program, and walked through once."""

    def __init__(self, path: Path) -> None:
        with closing(sqlite3.connect(path)) as db:
            rows = db.execute("select id, ticket, at, mail, change from history order by id").fetchall()
            self.mails = {row[0]: _moment(row[1]) for row in db.execute("select number, received_at from inbound")}
        self.rows = [(row[0], row[1], _moment(row[2]), row[3], json.loads(row[4])) for row in rows]
        self.decoded = [(row[1], decode(row[4])) for row in rows]

    @property
    def tickets(self) -> dict[str, Ticket]:
        found: dict[str, list[Any]] = {}
        for name, change in self.decoded:
            if name is not None and isinstance(change, get_args(Change)):
                found.setdefault(name, []).append(change)
        return {name: cast(Ticket, reduce(evolve, changes, None)) for name, changes in found.items()}

    def became(self) -> dict[int, str]:
        """What each mail is, by the last word about it."""
        found = dict.fromkeys(self.mails, "pending")
        for _, _, _, number, change in self.rows:
            match change["type"]:
                case "Recorded":
                    found[number] = change["disposition"]
                case "Reopened":
                    found[number] = "pending"
                case "Dropped":
                    found[number] = "refused"
        return found

    def of(self, kind: str, month: Month) -> set[str]:
        return {name for _, name, at, _, change in self.rows if change["type"] == kind and _month(at) == month}

    def first_answers(self) -> list[AnswerGiven]:
        told: dict[str, list[tuple[datetime, str]]] = {}
        for _, name, at, _, change in self.rows:
            kind = change["type"]
            if kind in ("Answered", "InfoAsked"):
                told.setdefault(name, []).append((at, kind))
            elif kind == "AnswerFailed":
                told[name] = told.get(name, [])[:-1]
        received = {name: ticket.received_at for name, ticket in self.tickets.items()}
        firsts = {name: [at for at, kind in words if kind == "Answered"][:1] for name, words in told.items()}
        return [AnswerGiven(Reference.parse(name), received[name], at) for name, ats in firsts.items() for at in ats]

    def received(self) -> list[Received]:
        first: dict[str, datetime] = {}
        for _, name, at, _, change in self.rows:
            if change["type"] == "Acknowledged":
                first.setdefault(name, at)
        return [
            Received(Reference.parse(name), ticket.received_at, first.get(name))
            for name, ticket in self.tickets.items()
        ]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _month(at: datetime) -> Month:
    here = at.astimezone(AMSTERDAM)
    return Month(here.year, here.month)


def facts(recount: Recount) -> list[Fact]:
    rows = zip(recount.rows, recount.decoded, strict=True)
    return [
        Fact(Reference.parse(name), row[2], "", "", change)
        for row, (name, change) in rows
        if isinstance(change, get_args(Change))
    ]


@given(_EVENTS)
@_FEW
def test_every_sum_is_what_the_history_says(empty_store: Path, tmp_path: Path, events: list[tuple[int, ...]]) -> None:
    path = Path(shutil.copy(empty_store, tmp_path / "desk.db"))
    store = Store.open(StoreSettings(path=path))
    with closing(store):
        play(store, events)  # type: ignore[arg-type]
        recount = Recount(path)
        with store.reading() as past:
            _compare_mails(past, recount)
            _compare_tickets(past, recount)
            _compare_dates(past, recount, path)
            for month in MONTHS:
                _compare_month(past, recount, month)


def _compare_mails(past: Reader, recount: Recount) -> None:
    history, mails = past.extent()
    assert (history, mails) == (len(recount.rows), len(recount.mails))
    became = recount.became()
    for after in range(0, mails + 1, 3):
        pile = past.pile(after, mails)
        assert pile.seen == sum(number > after for number in recount.mails) == sum(pile.became.values())
        there = Counter(kind for number, kind in became.items() if number > after)
        assert {kind.value: count for kind, count in pile.became.items()} == there
        assert [number for number, _ in pile.pending] == [
            number for number, kind in became.items() if number > after and kind == "pending"
        ]
    waiting = sorted(recount.mails[number] for number, kind in became.items() if kind in ("held", "quarantined"))
    assert list(past.put_aside()) == waiting


def _compare_tickets(past: Reader, recount: Recount) -> None:
    open_ = {name: ticket for name, ticket in recount.tickets.items() if ticket.status.is_open}
    queue = past.open_tickets(999)
    assert {str(line.reference): (line.status, line.promised_on) for line in queue} == {
        name: (ticket.status, ticket.promised_on) for name, ticket in open_.items()
    }
    assert [line.received_at for line in queue] == sorted(line.received_at for line in queue)
    length = len(recount.rows)
    for after in range(0, length + 1, 5):
        rows = [row for row in recount.rows if row[0] > after and row[4]["type"] == "Answered"]
        assert list(map(str, past.answered_between(after, length))) == list(dict.fromkeys(row[1] for row in rows))


def _compare_dates(past: Reader, recount: Recount, path: Path) -> None:
    """The ledger is the table, row by row."""
    given_ = promises(past.facts())
    assert [(each.state, each.unknown) for each in given_] == [
        (each.state, each.unknown) for each in promises(facts(recount))
    ]
    with closing(sqlite3.connect(path)) as db:
        columns = "ticket, promised_on, ground, state, given_at, settled_at"
        rows = db.execute(f"select {columns} from promise order by id").fetchall()
    table = [(*row[:4], _moment(row[4]), _moment(row[5]) if row[5] else None) for row in rows]
    assert table == [
        (str(each.ticket), each.promised_on.isoformat(), each.ground, each.state, each.given_at, each.settled_at)
        for each in given_
    ]
    back = {each.ticket for each in given_ if each.unknown}
    assert {each.ticket for each in promises(past.facts(returned=True)) if each.unknown} == back
    for month in MONTHS:
        unknown = [each.ticket for each in given_ if each.unknown and Month.of(each.promised_on) == month]
        assert unknown_dates(past, month) == unknown


def _compare_month(past: Reader, recount: Recount, month: Month) -> None:
    rows = past.month_rows(month, POLICY)
    assert rows.mails == sum(_month(at) == month for at in recount.mails.values())
    received = [each for each in recount.received() if _month(each.received_at) == month]
    assert list(rows.received) == sorted(received, key=lambda each: (each.received_at, each.ticket))
    answers = [each for each in recount.first_answers() if _month(each.answered_at) == month]
    assert sorted(rows.answered, key=lambda each: each.ticket) == sorted(answers, key=lambda each: each.ticket)
    assert (rows.consulted, rows.reopened) == (
        len(recount.of("Consulted", month)), len(recount.of("OpenedAgain", month))
    )  # fmt: skip
    dates = Counter(each.state for each in promises(facts(recount)) if Month.of(each.promised_on) == month)
    assert {state: count for state, count in rows.dates.items() if count} == dates
    closed = Counter(
        change["reason"] if change["type"] == "Closed" else "merged"
        for _, _, at, _, change in recount.rows
        if change["type"] in ("Closed", "MergedInto") and _month(at) == month and change.get("reason") != "answered"
    )
    assert {reason.value: count for reason, count in rows.closed.items() if count} == closed


def test_a_month_begins_at_midnight_on_the_desks_clock(store: Store) -> None:
    with store.writing() as tx:
        tx.receive([mail(1, received_at=datetime(2026, 5, 31, 21, 59, tzinfo=UTC))], NOW)
        tx.receive([mail(2, received_at=datetime(2026, 5, 31, 22, 0, tzinfo=UTC))], NOW)
        assert [tx.month_rows(month, POLICY).mails for month in MONTHS[:2]] == [1, 1]


def test_an_answer_that_came_back_does_not_count_and_the_next_one_does(store: Store) -> None:
    with store.writing() as tx:
        reference = open_ticket(tx)
        for hours, changes in enumerate(_steps(NOW, 0)[index] for index in (1, 6, 1, 1)):
            tx.pass_time(reference, changes, "it happened", NOW + timedelta(hours=hours))
        (given_,) = tx.month_rows(MONTHS[1], POLICY).answered
    assert given_.answered_at == NOW + timedelta(hours=2)


def test_a_question_to_the_asker_that_came_back_takes_no_answer_away(store: Store) -> None:
    with store.writing() as tx:
        reference = open_ticket(tx)
        for changes in (_steps(NOW, 0)[index] for index in (1, 3, 6)):
            tx.pass_time(reference, changes, "it happened", NOW)
        assert len(tx.month_rows(MONTHS[1], POLICY).answered) == 1


def test_letters_are_counted_by_how_they_stand_and_how_they_ended(store: Store) -> None:
    with store.writing() as tx:
        mails = [letter(str(n), about="KV-2026-0001") for n in range(4)]
        open_ticket(tx, 1, *mails, letter("held", held="a cap"))
        tx.start_attempt([1, 2, 3], NOW)
        tx.settle(1, {TO: Bounced("550")}, None, NOW)
        tx.settle(2, {TO: Deferred("451")}, None, NOW)
        tx.settle(3, {TO: Sent("250")}, None, NOW)
        found = tx.letter_sums(0, tx.extent()[0])
    assert (found.waiting, found.oldest_due) == (1, NOW)
    assert (list(found.held), list(found.uncertain)) == (["KV-2026-0001"], [])
    assert (list(found.refused), list(found.given_up)) == (["KV-2026-0001"], ["KV-2026-0001"])


def test_a_letter_that_came_back_later_counts_when_the_report_came(store: Store) -> None:
    with store.writing() as tx:
        reference = open_ticket(tx, 1, letter("1"))
        tx.start_attempt([1], NOW)
        tx.settle(1, {TO: Sent("250")}, None, NOW)
        before = tx.extent()[0]
        flagged, act = Flagged(Flag.LETTER_BOUNCED, "ack"), CameBack(1, TO, "550")
        report = decision([flagged], tx.find_ticket(reference), Disposition.BOUNCE)
        told = Decision(
            disposition=report.disposition, because="a report; ack came back", ticket=report.ticket,
            changes=report.changes, acts=(act,),
        )  # fmt: skip
        tx.record(take(tx, 2), message("2"), told, (), asker=None, words="", now=NOW)
        after = tx.extent()[0]
        assert list(tx.letter_sums(before, after).refused) == ["KV-2026-0001"]
        assert list(tx.letter_sums(0, before).refused) == []


def test_a_text_that_looks_like_a_change_is_counted_as_none(store: Store) -> None:
    with store.writing() as tx:
        reference = open_ticket(tx, 1)
        closed = Closed(reason=CloseReason.OTHER, at=NOW, said='"type":"Answered"')
        follow_up(tx, 2, reference, closed)
        assert tx.answered_between(0, tx.extent()[0]) == ()


def test_only_tickets_received_since_a_moment_are_walked_through(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        found = list(tx.facts(received_since=NOW)), list(tx.facts(received_since=NOW + timedelta(seconds=1)))
    assert ([len(facts) > 0 for facts in found]) == [True, False]


def test_only_tickets_with_a_date_in_a_period_are_walked_through(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)  # by the fourth of June
        found = [list(tx.facts(promised=(_DAY + timedelta(days=days), _DAY.replace(day=30)))) for days in (0, 1)]
    assert [len(facts) > 0 for facts in found] == [True, False]


def test_texts_are_left_out_of_the_facts(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        assert "Posted" not in {type(fact.change).__name__ for fact in tx.facts()}


def test_the_newest_claim_is_the_one_with_the_highest_number(store: Store) -> None:
    with store.writing() as tx:
        assert tx.newest_claim("x") is None
        tx.claim("x", date(2026, 6, 4), NOW)
        tx.claim("x", date(2026, 6, 3), NOW)
        newest = tx.newest_claim("x")
    assert newest is not None and (newest.day, newest.number) == (date(2026, 6, 3), 2)
