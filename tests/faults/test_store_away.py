"""The store is away for a while: the round stops where it is, the mailbox stays as it is, the next round does all."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import pytest

from ksmail.desk.arrival import Disposition
from ksmail.errors import Unavailable, UnreadableMail
from ksmail.incoming.mailbox import Copy, Folder, IncomingMail, Mailbox
from ksmail.incoming.message import Message
from ksmail.incoming.worker import Parser
from tests.stories.rig import Rig
from tests.stories.test_questions import ask

MAILS = 3


@dataclass
class While:
    """A real parser; `happens` is called after it has read the first mail and before that is recorded."""

    real: Parser
    happens: Callable[[], None]

    def parse_many(self, raws: Sequence[bytes]) -> Iterator[Message | UnreadableMail]:
        for outcome in self.real.parse_many(raws):
            self.happens()
            yield outcome


@dataclass
class After:
    """A real mailbox; `happens` is called as soon as it has moved something."""

    real: Mailbox
    happens: Callable[[], None]

    def open(self) -> int:
        return self.real.open()

    def uids(self) -> tuple[int, ...]:
        return self.real.uids()

    def fetch(self, uids: Sequence[int]) -> Iterator[IncomingMail]:
        return self.real.fetch(uids)

    def file(self, uids: Sequence[int], folder: Folder) -> None:
        self.real.file(uids, folder)
        self.happens()

    def destroy(self, copy: Copy) -> int:
        return self.real.destroy(copy)

    def wait(self, seconds: float) -> bool:
        return self.real.wait(seconds)

    def interrupt(self) -> None:
        self.real.interrupt()

    def close(self) -> None:
        self.real.close()


@pytest.fixture
def impatient(make_rig: Callable[..., Rig]) -> Rig:
    """A desk that waits a tenth of a second for the store, with three mails in the mailbox."""
    rig = make_rig(environ={"KSMAIL_STORE__BUSY_TIMEOUT": "0.1"})
    for number in range(MAILS):
        rig.deliver(ask(f"asker{number}@uni.example", f"Question {number}: may we do this?\n"))
    return rig


@pytest.fixture
def neighbour(impatient: Rig) -> Iterator[sqlite3.Connection]:
    """Another process at the same store."""
    with closing(sqlite3.connect(impatient.config.store.path, isolation_level=None)) as connection:
        yield connection


def lock(neighbour: sqlite3.Connection) -> None:
    if not neighbour.in_transaction:
        neighbour.execute("BEGIN IMMEDIATE")


def fails(rig: Rig) -> None:
    with pytest.raises(Unavailable, match="another process keeps the store locked"):
        rig.works.intake.round()


def all_is_done(rig: Rig) -> bool:
    """One ticket and two letters a mail; nothing in the mailbox, nothing waiting."""
    rig.work()
    with rig.store.reading() as past:
        unfiled, broken = past.counts().unfiled, past.verify_chain()
    return (rig.balance(), len(rig.letters()), rig.servers.folder("INBOX"), unfiled, broken) == (
        {Disposition.TICKET: MAILS},
        2 * MAILS,
        [],
        0,
        None,
    )


def test_a_store_that_is_locked_when_mail_comes_leaves_the_mailbox_alone(
    impatient: Rig, neighbour: sqlite3.Connection
) -> None:
    """Case 7."""
    lock(neighbour)
    fails(impatient)
    assert impatient.balance() == {}
    assert len(impatient.servers.folder("INBOX")) == MAILS
    neighbour.execute("ROLLBACK")
    assert all_is_done(impatient)


def test_a_store_that_is_locked_while_mails_are_judged_has_nothing_half(
    impatient: Rig, neighbour: sqlite3.Connection
) -> None:
    """Case 7: the bytes are safe, and that is all that happened."""
    impatient.works.intake.parser = While(impatient.works.intake.parser, lambda: lock(neighbour))  # type: ignore[assignment]  # as it is used
    fails(impatient)
    with impatient.store.reading() as past:
        assert (past.counts().history, past.outbox(10), past.tickets(10)) == (0, [], [])
    assert impatient.balance() == {Disposition.PENDING: MAILS}
    assert len(impatient.servers.folder("INBOX")) == MAILS


def test_a_store_that_is_locked_again_and_again_uses_up_no_attempts(
    impatient: Rig, neighbour: sqlite3.Connection
) -> None:
    """Case 7: five rounds, and a mail has three attempts."""
    healthy = impatient.works.intake.parser
    impatient.works.intake.parser = While(healthy, lambda: lock(neighbour))  # type: ignore[assignment]  # as it is used
    for _ in range(5):
        fails(impatient)
        neighbour.execute("ROLLBACK")
    impatient.works.intake.parser = healthy
    assert all_is_done(impatient)
    with impatient.store.reading() as past:
        assert {line.attempts for line in map(past.inbound, range(1, MAILS + 1)) if line} == {1}


def test_a_store_that_is_locked_after_the_move_knows_later_that_the_mails_are_moved(
    impatient: Rig, neighbour: sqlite3.Connection
) -> None:
    """Case 7: the mails are in their folder, and the note about it is missing."""
    impatient.works.intake.mailbox = After(impatient.works.mailbox, lambda: lock(neighbour))
    fails(impatient)
    assert len(impatient.servers.folder("Done")) == MAILS
    neighbour.execute("ROLLBACK")
    impatient.works.intake.mailbox = impatient.works.mailbox
    assert all_is_done(impatient)


def fill(rig: Rig) -> None:
    """The disk has no room for another page, as far as the desk's connection can tell."""
    with rig.store.reading() as past:
        pages = past._db.exec_driver_sql("PRAGMA page_count").scalar_one()
        past._db.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


def make_room(rig: Rig) -> None:
    with rig.store.reading() as past:
        past._db.exec_driver_sql("PRAGMA max_page_count = 1000000")


def test_a_full_disk_when_mail_comes_leaves_the_mailbox_alone(rig: Rig) -> None:
    """Case 6."""
    for number in range(MAILS):
        rig.deliver(ask(f"asker{number}@uni.example", f"{number}: {'may we? ' * 20_000}\n", headers=noise(number)))
    fill(rig)
    with pytest.raises(Unavailable, match="disk of the store is full"):
        rig.works.intake.round()
    assert rig.balance() == {}
    assert len(rig.servers.folder("INBOX")) == MAILS
    make_room(rig)
    assert all_is_done(rig)


def noise(number: int) -> list[tuple[str, str]]:
    """Header lines that no compression makes smaller."""
    return [(f"X-{at}", hashlib.sha512(b"%d %d" % (number, at)).hexdigest()) for at in range(200)]


def test_a_full_disk_while_mails_are_judged_sends_and_moves_nothing(rig: Rig) -> None:
    """Case 6: no mark on the server, no letter; when there is room, it goes on by itself."""
    for number in range(MAILS):
        rig.deliver(ask(f"asker{number}@uni.example", f"Question {number}: may we do this?\n"))
    healthy = rig.works.intake.parser
    rig.works.intake.parser = While(healthy, lambda: fill(rig))  # type: ignore[assignment]  # as it is used
    for _ in range(5):
        with pytest.raises(Unavailable, match="disk of the store is full"):
            rig.works.intake.round()
        rig.send()
    assert rig.balance() == {Disposition.PENDING: MAILS}
    assert rig.letters() == []
    assert len(rig.servers.folder("INBOX")) == MAILS
    rig.works.intake.parser = healthy
    make_room(rig)
    assert all_is_done(rig)
