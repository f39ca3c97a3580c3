"""Tables and revisions agree, and a revision is made whole or not at all."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, event

from ksmail.address import parse_address
from ksmail.desk.acts import Absent, Await, Detain, Suppress
from ksmail.desk.arrival import Disposition, Elsewhere
from ksmail.desk.consultation import Consulted
from ksmail.desk.ticket import (
    Absorbed,
    Acknowledged,
    Answered,
    Assigned,
    EntryKind,
    InfoAsked,
    MergedInto,
    PromiseSettled,
    PromiseState,
)
from ksmail.errors import ConfigError
from ksmail.incoming.identity import Role
from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.transport import Sent
from ksmail.reference import Reference
from ksmail.store import revisions
from ksmail.store.columns import Base
from ksmail.store.engine import connect, make_file, transaction
from ksmail.store.store import Store, StoreSettings, Transaction
from tests.store.facts import ASKER, NOW, follow_up, letter, open_ticket, posted, take

NEWEST = "0004"
FIRST, SECOND = Reference("KV", 2026, 1), Reference("KV", 2026, 2)
SAM = parse_address("sam@agency.example", "Sam")
A = "jo.de.vries@uni.example"


class Stop(Exception):
    """The test ends the work here."""


def tables(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


def test_the_revisions_make_the_tables_of_the_program(path: Path) -> None:
    engine = connect(path, 1.0)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_the_comparison_would_see_a_difference(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("ALTER TABLE entry DROP COLUMN text")
    engine = connect(path, 1.0)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) != []
    engine.dispose()


def test_migrating_twice_changes_nothing(path: Path) -> None:
    before = tables(path)
    assert Store.migrate(StoreSettings(path=path)) == (NEWEST, NEWEST)
    assert tables(path) == before


def test_a_migration_that_fails_leaves_the_old_tables(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    make_file(path)
    engine = connect(path, 1.0)
    with pytest.raises(Stop), transaction(engine, writes=True) as connection:
        revisions.upgrade(connection)
        raise Stop
    engine.dispose()
    assert tables(path) == []


def _migrate_and_die(path: Path, table: str) -> None:
    @event.listens_for(Engine, "before_cursor_execute")
    def _die(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if f"CREATE TABLE {table} " in statement:
            os._exit(9)

    Store.migrate(StoreSettings(path=path))


@pytest.mark.parametrize("table", ["alembic_version", "outbox", "consultation", "sheet"])
def test_a_migration_that_is_killed_leaves_the_old_tables_and_can_be_run_again(tmp_path: Path, table: str) -> None:
    path = tmp_path / "desk.db"
    child = multiprocessing.get_context("spawn").Process(target=_migrate_and_die, args=(path, table))
    child.start()
    child.join(60)
    assert child.exitcode == 9
    assert tables(path) == []
    with pytest.raises(ConfigError, match="run `ksmail migrate`"):
        Store.open(StoreSettings(path=path))
    assert Store.migrate(StoreSettings(path=path)) == ("", NEWEST)


def _at_revision(path: Path, revision: str) -> None:
    """A store as that version of its tables made it."""
    make_file(path)
    engine = connect(path, 1.0)
    with transaction(engine, writes=True) as connection:
        config = revisions._config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def _fill(old: Path, new: Path) -> None:
    """Every row of a store of today in the columns of the store of then."""
    with closing(sqlite3.connect(old)) as db, db:
        db.execute("ATTACH ? AS new", (str(new),))
        for table in (name for name in tables(old) if name not in ("alembic_version", "sqlite_sequence")):
            columns = ", ".join(f'"{row[1]}"' for row in db.execute(f"PRAGMA main.table_info({table})"))
            db.execute(f"DELETE FROM main.{table}")
            db.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")


def _all_of(path: Path) -> dict[str, object]:
    store = Store.open(StoreSettings(path=path))
    with store.reading() as past:
        found = {
            "tickets": past.tickets(9),
            "found": [past.find_ticket(line.reference) for line in past.tickets(9)],
            "dossiers": [past.ticket(line.reference) for line in past.tickets(9)],
            "cases": [past.case(line.reference) for line in past.tickets(9)],
            "letters": past.outbox(9),
            "due": past.due(NOW, 9),
            "pending": past.pending(9),
            "mails": [past.inbound(number) for number in range(1, 9)],
            "bytes": [past.raw(number) for number in (1, 2, 3)],
            "doomed": past.doomed(),
            "absent": past.absent_on(NOW.date()),
            "suppressed": past.is_suppressed(ASKER, NOW.date()),
            "confirmations": [past.confirmation(number) for number in range(1, 9)],
            "written to": past.was_written_to(ASKER),
            "asking": past.with_due_consultations(NOW.date()),
            "register": past.disclosures(),
            "counts": past.counts(),
            "broken": past.verify_chain(),
            "head": past.chain_head(),
        }
    store.close()
    return found


def _first_questions(tx: Transaction) -> None:
    """What a desk of 0001 had: two questions, one of them acknowledged, and a mail that nobody judged yet."""
    open_ticket(tx, 1, letter("a"), letter("s", "staff_new", "team@desk.example"))
    open_ticket(tx, 2, letter("b", about="KV-2026-0002"))
    tx.start_attempt([1], NOW)
    tx.settle(1, {A: Sent()}, None, NOW, [(Acknowledged("<letter-a@desk.example>"), "")])
    take(tx, 3)


def _orders_of_staff(tx: Transaction) -> None:
    """What a desk of 0002 had besides: answers sent and waiting, a merge, an absence, orders that wait for a yes."""
    _first_questions(tx)
    note = posted("<n@agency.example>", SAM, kind=EntryKind.NOTE, role=Role.STAFF)
    follow_up(tx, 4, FIRST, note, Assigned(SAM), letters=[_answer("sent"), _answer("waits")])
    tx.start_attempt([4], NOW)
    tx.settle(4, {A: Sent()}, None, NOW, [(Answered(message_id="<letter-sent@desk.example>", at=NOW), "taken")])
    acts = (Detain(5), Absent(SAM, NOW.date(), NOW.date()), Suppress(A, NOW.date()), Await(5, SAM, "#wis 1"))
    follow_up(tx, 5, FIRST, kind=Disposition.ORDER, acts=acts)
    merged = (PromiseSettled(PromiseState.DROPPED), MergedInto(reference=FIRST, at=NOW))
    follow_up(tx, 6, SECOND, *merged, kind=Disposition.ORDER, elsewhere=[Elsewhere(FIRST, (Absorbed(SECOND),))])


def _answer(name: str) -> OutgoingMail:
    return letter(name, "answer", orderable=True, then=(Answered(message_id=f"<letter-{name}@desk.example>", at=NOW),))


def _waiting_for_an_asker(tx: Transaction) -> None:
    """What a desk of 0003 had besides: a question that its asker has to explain first."""
    _first_questions(tx)
    asked = InfoAsked(message_id="<i@desk.example>", at=NOW, remaining_days=2)
    follow_up(tx, 4, SECOND, PromiseSettled(PromiseState.PAUSED), asked)


DAYS = {"0001": _first_questions, "0002": _orders_of_staff, "0003": _waiting_for_an_asker}


@pytest.fixture(params=DAYS)
def before_and_after(
    request: pytest.FixtureRequest, tmp_path: Path, store: Store, path: Path
) -> tuple[dict[str, object], dict[str, object]]:
    """What a store says, and what the same rows say that were written by an older version and migrated."""
    with store.writing() as tx:
        DAYS[request.param](tx)
    store.close()
    old = tmp_path / "old" / "desk.db"
    _at_revision(old, request.param)
    _fill(old, path)
    assert Store.migrate(StoreSettings(path=old)) == (request.param, NEWEST)
    return _all_of(path), _all_of(old)


def test_a_store_of_an_older_version_reads_the_same_when_it_was_migrated(
    before_and_after: tuple[dict[str, object], dict[str, object]],
) -> None:
    before, after = before_and_after
    assert after == before
    assert after["broken"] is None


def test_tickets_of_an_older_version_consulted_nobody(
    before_and_after: tuple[dict[str, object], dict[str, object]],
) -> None:
    found, cases = before_and_after[1]["found"], before_and_after[1]["cases"]
    assert isinstance(found, list)
    assert isinstance(cases, list)
    assert [ticket.consultations for ticket in found] == [(), ()]
    assert {text.partner for case in cases for text in case.texts} == {""}


@pytest.mark.parametrize("before_and_after", ["0003"], indirect=True)
def test_since_when_we_wait_for_an_asker_is_known_after_a_migration(
    before_and_after: tuple[dict[str, object], dict[str, object]],
) -> None:
    found = before_and_after[1]["found"]
    assert isinstance(found, list)
    assert {str(ticket.reference): ticket.waiting_since for ticket in found} == {str(FIRST): None, str(SECOND): NOW}


LATER = NOW + timedelta(hours=3)


@pytest.mark.parametrize(("kept", "since"), [(True, LATER), (False, NOW)], ids=["history", "no history"])
def test_since_when_we_wait_is_known_of_a_question_that_was_late_when_its_asker_was_asked(
    tmp_path: Path, store: Store, path: Path, kept: bool, since: datetime
) -> None:
    asked = [InfoAsked(message_id=f"<{at.hour}@desk.example>", at=at, remaining_days=1) for at in (NOW, LATER)]
    with store.writing() as tx:
        _first_questions(tx)
        follow_up(tx, 4, SECOND, PromiseSettled(PromiseState.BROKEN), *asked)
    store.close()
    old = tmp_path / "old" / "desk.db"
    _at_revision(old, "0003")
    _fill(old, path)
    if not kept:
        with closing(sqlite3.connect(old)) as db, db:
            db.execute("DELETE FROM history")
    Store.migrate(StoreSettings(path=old))
    store = Store.open(StoreSettings(path=old))
    with store.reading() as past:
        found = past.find_ticket(SECOND)
    store.close()
    assert found is not None
    assert found.waiting_since == since


@pytest.mark.parametrize("before_and_after", ["0001"], indirect=True)
def test_open_promises_stay_open(before_and_after: tuple[dict[str, object], dict[str, object]]) -> None:
    cases = before_and_after[1]["cases"]
    assert isinstance(cases, list)
    assert [[given.state for given in case.promises] for case in cases] == [[PromiseState.OPEN]] * 2


def test_a_migrated_store_works_on(tmp_path: Path, before_and_after: object) -> None:
    asked = Consulted(partner="BZ", to=SAM, due_on=NOW.date(), message_id="<r@desk.example>", at=NOW)
    store = Store.open(StoreSettings(path=tmp_path / "old" / "desk.db"))
    with store.writing() as tx:
        follow_up(tx, 7, FIRST, PromiseSettled(PromiseState.DROPPED), asked)
        open_ticket(tx, 8)
        assert tx.with_due_consultations(NOW.date()) == (FIRST,)
        assert tx.verify_chain() is None
    store.close()


def test_a_letter_that_waited_through_a_migration_stands_in_the_register_when_it_leaves(
    tmp_path: Path, before_and_after: object
) -> None:
    store = Store.open(StoreSettings(path=tmp_path / "old" / "desk.db"))
    with store.writing() as tx:
        before = len(tx.disclosures())
        waiting = next(queued.id for queued in tx.due(NOW, 9) if queued.mail.kind == "ack")
        tx.start_attempt([waiting], NOW)
        tx.settle(waiting, {A: Sent()}, None, NOW)
        assert [(line.kind, line.recipient) for line in tx.disclosures()[before:]] == [("ack", A)]
    store.close()


def test_a_migrated_store_has_the_tables_of_the_program(tmp_path: Path, before_and_after: object) -> None:
    test_the_revisions_make_the_tables_of_the_program(tmp_path / "old" / "desk.db")


def test_the_revisions_only_go_forward() -> None:
    scripts = list(revisions._scripts(revisions._config()).walk_revisions())
    assert [script.revision for script in scripts] == ["0004", "0003", "0002", "0001"]
    assert not any(hasattr(script.module, "downgrade") for script in scripts)
