"""What must go, goes everywhere, and that it was there stays on record."""

from __future__ import annotations

import hashlib
import random
import zlib
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from ksmail.desk.acts import Destroy, Hurry
from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import Posted, Purged
from ksmail.incoming.mailbox import Folder
from ksmail.incoming.message import Attachment, Message
from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.transport import Bounced, Deferred, Sent, Uncertain
from ksmail.reference import Reference
from ksmail.store.happenings import LetterState
from ksmail.store.store import Store, StoreSettings, Transaction
from ksmail.store.values import Doomed
from tests.store.facts import (
    ASKER,
    NOW,
    decision,
    file,
    follow_up,
    letter,
    message,
    open_ticket,
    opening,
    posted,
    take,
)

FIRST = Reference("KV", 2026, 1)
A = "jo.de.vries@uni.example"
SECRET = random.Random(7).randbytes(20_000)  # no compression hides it, and it needs pages of its own
CV = file("cv.pdf", SECRET)
RAW = b"Subject: my CV\r\n\r\n" + SECRET


def with_file(*files: Attachment) -> Posted:
    return replace(posted(files=0), attachments=files or (CV,))


def receive_cv(tx: Transaction, uid: int = 1, raw: bytes = RAW) -> int:
    """A question with a CV; returns the number of the mail."""
    number = take(tx, uid, raw)
    changes = [opening(FIRST)[0], with_file()]
    tx.record(number, message("cv"), decision(changes), (), asker=ASKER, words="", now=NOW)
    return number


def purge(tx: Transaction, number: int = 1, *others: Destroy | Hurry, uid: int = 90) -> int:
    """Staff destroy the CV."""
    acts = (Destroy(number, CV.sha256), *others)
    return follow_up(tx, uid, FIRST, Purged(1, "cv.pdf", CV.sha256), kind=Disposition.ORDER, acts=acts)


def with_cv(name: str = "a", kind: str = "answer", *, orderable: bool = True, held: str = "") -> OutgoingMail:
    made = EmailMessage()
    made.set_content("See the file")
    made.add_attachment(SECRET, maintype="application", subtype="pdf", filename="cv.pdf", cte="base64")
    return letter(name, kind, raw=made.as_bytes(), orderable=orderable, held=held)


def on_disk(path: Path) -> bytes:
    """Everything that the store has on the disk."""
    return b"".join(place.read_bytes() for place in path.parent.glob("desk.db*") if place.is_file())


def holds(path: Path, data: bytes) -> bool:
    """Whether any part of these bytes stands in the files, at whatever place in their pages."""
    there = on_disk(path)
    return any(data[at : at + 24] in there for at in range(0, len(data) - 24, 24))


def test_the_bytes_of_a_destroyed_mail_are_gone_from_the_files(store: Store, path: Path) -> None:
    with store.writing() as tx:
        receive_cv(tx)
    assert holds(path, zlib.compress(RAW))
    with store.writing() as tx:
        purge(tx)
    assert not holds(path, zlib.compress(RAW))


def test_a_letter_with_the_file_is_gone_from_the_files(store: Store, path: Path) -> None:
    sent = with_cv()
    with store.writing() as tx:
        receive_cv(tx)
        follow_up(tx, 2, FIRST, letters=[sent])
        tx.start_attempt([1], NOW)
        tx.settle(1, {A: Sent()}, None, NOW)
    assert holds(path, sent.raw)
    with store.writing() as tx:
        purge(tx)
    assert not holds(path, sent.raw)


def test_bytes_that_somebody_was_reading_go_with_the_next_record(store: Store, path: Path) -> None:
    with store.writing() as tx:
        receive_cv(tx)
    with store.reading() as past:
        assert past.raw(1) == RAW
        with store.writing() as tx:
            purge(tx)
        assert holds(path, zlib.compress(RAW))
    with store.writing() as tx:
        take(tx, 3)
    assert not holds(path, zlib.compress(RAW))


def test_bytes_that_a_crash_left_go_when_the_daemon_comes_back(store: Store, path: Path) -> None:
    with store.writing() as tx:
        receive_cv(tx)
    with store.reading() as past:
        past.raw(1)
        with store.writing() as tx:
            purge(tx)
    assert holds(path, zlib.compress(RAW))
    back = Store.open(StoreSettings(path=path), exclusive=True)
    with back.writing() as tx:
        take(tx, 3)
    back.close()
    assert not holds(path, zlib.compress(RAW))


def test_a_destroyed_mail_says_so(store: Store) -> None:
    with store.writing() as tx:
        number = receive_cv(tx)
        purge(tx)
        with pytest.raises(LookupError, match="the mail was destroyed"):
            tx.raw(number)


def test_what_was_destroyed_stays_on_record(store: Store) -> None:
    with store.writing() as tx:
        receive_cv(tx)
        number = purge(tx)
        [numbered] = tx.case(FIRST).files
        dossier = tx.ticket(FIRST)
        assert tx.verify_chain() is None
    assert dossier is not None
    assert (numbered.number, numbered.file, numbered.purged) == (1, CV, True)
    assert dossier.entries[0].attachments == (CV,)
    purged = next(line for line in dossier.history if isinstance(line.change, Purged))
    assert (purged.change, purged.actor, purged.mail) == (Purged(1, "cv.pdf", CV.sha256), "staff", number)


def test_a_file_keeps_its_number_when_another_is_destroyed(store: Store) -> None:
    with store.writing() as tx:
        receive_cv(tx)
        follow_up(tx, 2, FIRST, with_file(file("plan.pdf")))
        purge(tx)
        files = tx.case(FIRST).files
    assert [(each.number, each.file.name, each.purged) for each in files] == [
        (1, "cv.pdf", True), (2, "plan.pdf", False),
    ]  # fmt: skip


def test_the_same_file_in_another_mail_of_the_ticket_goes_too(store: Store) -> None:
    with store.writing() as tx:
        receive_cv(tx)
        again = follow_up(tx, 2, FIRST, with_file(), raw=b"Subject: once more\r\n\r\n" + SECRET)
        other = follow_up(tx, 3, FIRST, with_file(file("plan.pdf")))
        purge(tx)
        with pytest.raises(LookupError, match="destroyed"):
            tx.raw(again)
        assert tx.raw(other)
        assert [each.purged for each in tx.case(FIRST).files] == [True, True, False]


def test_the_mails_that_have_to_go_from_the_server_are_listed(store: Store) -> None:
    with store.writing() as tx:
        receive_cv(tx)
        assert tx.doomed() == []
        purge(tx)
        sha256 = hashlib.sha256(RAW).hexdigest()
        assert tx.doomed() == [Doomed(number=1, sha256=sha256, size=len(RAW), message_id="<cv@uni.example>")]
        tx.mark_destroyed(1, NOW)
        assert tx.doomed() == []
        assert tx.verify_chain() is None


def test_a_message_id_that_we_derived_is_not_asked_for(store: Store) -> None:
    with store.writing() as tx:
        number = take(tx, 1, RAW)
        nameless = message("cv", given=False, message_id="<abc@derived.invalid>")
        changes = [opening(FIRST)[0], with_file()]
        tx.record(number, nameless, decision(changes), (), asker=ASKER, words="", now=NOW)
        purge(tx)
        assert [mail.message_id for mail in tx.doomed()] == [""]


@pytest.mark.parametrize("number", [2, 99])
def test_only_a_doomed_mail_can_be_gone_from_the_server(store: Store, number: int) -> None:
    with store.writing() as tx, pytest.raises(LookupError, match="does not have to go"):
        receive_cv(tx)
        take(tx, 2)
        tx.mark_destroyed(number, NOW)


def other_way(tx: Transaction, uid: int) -> int:
    """The same mail by a mailing list: other bytes, the same content."""
    number = take(tx, uid, b"Received: by list\r\n" + RAW)
    same = decision([], tx.find_ticket(FIRST), Disposition.DUPLICATE)
    tx.record(number, message("cv"), same, (), asker=None, words="", now=NOW)
    return number


def same_bytes(tx: Transaction, uid: int) -> int:
    """The very same bytes under another UID."""
    number = take(tx, uid, RAW)
    if number in {pending.number for pending in tx.pending(9)}:
        same = decision([], tx.find_ticket(FIRST), Disposition.DUPLICATE)
        tx.record(number, message("cv"), same, (), asker=None, words="", now=NOW)
    return number


Again = Callable[[Transaction, int], int]


@pytest.mark.parametrize("copy", [other_way, same_bytes])
def test_every_copy_of_a_destroyed_mail_goes(store: Store, copy: Again) -> None:
    with store.writing() as tx:
        receive_cv(tx)
        number = copy(tx, 2)
        purge(tx)
        assert [mail.number for mail in tx.doomed()] == [1, number]
        with pytest.raises(LookupError, match="destroyed"):
            tx.raw(number)


@pytest.mark.parametrize("copy", [other_way, same_bytes])
def test_a_copy_that_comes_later_goes_too(store: Store, path: Path, copy: Again) -> None:
    with store.writing() as tx:
        receive_cv(tx)
        purge(tx)
        tx.mark_destroyed(1, NOW)
    with store.writing() as tx:
        number = copy(tx, 2)
        line = tx.inbound(number)
        assert [mail.number for mail in tx.doomed()] == [number]
        assert tx.pending(9) == []
        assert tx.verify_chain() is None
    assert line is not None
    assert (line.disposition, line.ticket) == (Disposition.DUPLICATE, FIRST)
    assert not holds(path, zlib.compress(RAW))


def test_a_copy_that_waits_to_be_judged_is_what_it_would_have_become(store: Store) -> None:
    with store.writing() as tx:
        receive_cv(tx)
        waiting = take(tx, 2, RAW)
        purge(tx)
        line = tx.inbound(waiting)
        dossier = tx.ticket(FIRST)
        assert tx.pending(9) == []
        assert sum(tx.balance().values()) == 3
        tx.mark_filed([waiting], Folder.DONE)
        assert tx.verify_chain() is None
    assert line is not None
    assert (line.disposition, line.reason) == (Disposition.DUPLICATE, "another copy of mail 1, which was destroyed")
    assert (line.ticket, line.message_id) == (FIRST, "<cv@uni.example>")
    assert dossier is not None
    assert waiting in {entry.mail for entry in dossier.history}


def test_other_mails_stay(store: Store) -> None:
    with store.writing() as tx:
        receive_cv(tx)
        stranger = take(tx, 2, b"Subject: other\r\n\r\n" + SECRET)
        without = Message(content_id="", raw_sha256="", message_id="")
        judged = decision([], None, Disposition.AUTOMATIC)
        tx.record(stranger, without, judged, (), asker=None, words="", now=NOW)
        order = purge(tx)
        assert tx.raw(stranger).endswith(SECRET)
        assert tx.raw(order)


@pytest.mark.parametrize("sha256", ["", "ab" * 32])
def test_a_file_that_the_mail_does_not_have_is_a_mistake(store: Store, sha256: str) -> None:
    with store.writing() as tx, pytest.raises(ValueError, match="mail 1 has no such file"):
        receive_cv(tx)
        follow_up(tx, 2, FIRST, kind=Disposition.ORDER, acts=[Destroy(1, sha256)])


def test_an_unknown_mail_cannot_be_destroyed(store: Store) -> None:
    with store.writing() as tx, pytest.raises(LookupError, match="no mail 99"):
        receive_cv(tx)
        follow_up(tx, 2, FIRST, kind=Disposition.ORDER, acts=[Destroy(99, CV.sha256)])


def test_destroying_twice_changes_nothing_more(store: Store) -> None:
    with store.writing() as tx:
        receive_cv(tx)
        purge(tx)
        tx.mark_destroyed(1, NOW)
        purge(tx, uid=91)
        assert tx.doomed() == []
        assert [each.purged for each in tx.case(FIRST).files] == [True]


def emptied(tx: Transaction, *numbers: int) -> list[bool]:
    return [tx._db.exec_driver_sql("SELECT raw FROM outbox WHERE id = ?", (n,)).scalar() == b"" for n in numbers]


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Sent(), LetterState.SENT),
        (Bounced("550"), LetterState.BOUNCED),
        (Uncertain("?"), LetterState.UNCERTAIN),
        (Deferred("451"), LetterState.GIVEN_UP),
    ],
)
def test_a_letter_that_carried_the_file_is_emptied(
    store: Store, outcome: Sent | Bounced | Uncertain | Deferred, state: LetterState
) -> None:
    with store.writing() as tx:
        receive_cv(tx)
        follow_up(tx, 2, FIRST, letters=[with_cv("a"), letter("plain", "answer", orderable=True)])
        tx.start_attempt([1], NOW)
        tx.settle(1, {A: outcome}, None, NOW)
        purge(tx)
        assert emptied(tx, 1, 2) == [True, False]
        assert next(line for line in tx.outbox(9) if line.id == 1).state is state


@pytest.mark.parametrize("outcome", [Uncertain("?"), Deferred("451")])
def test_an_emptied_letter_never_goes(store: Store, outcome: Uncertain | Deferred) -> None:
    with store.writing() as tx:
        receive_cv(tx)
        follow_up(tx, 2, FIRST, letters=[with_cv()])
        tx.start_attempt([1], NOW)
        tx.settle(1, {A: outcome}, None, NOW)
        purge(tx)
        assert tx.case(FIRST).waiting == ()
        with pytest.raises(ValueError, match="was destroyed"):
            tx.release(1, NOW)


def test_a_held_letter_with_the_file_is_called_back(store: Store) -> None:
    with store.writing() as tx:
        receive_cv(tx)
        follow_up(tx, 2, FIRST, letters=[with_cv(held="orders")])
        purge(tx)
        assert emptied(tx, 1) == [True]
        assert [line.state for line in tx.outbox(9)] == [LetterState.CANCELLED]
        assert tx.verify_chain() is None


def test_a_letter_under_way_is_emptied_when_it_has_come_to_its_end(store: Store, path: Path) -> None:
    sent = with_cv()
    with store.writing() as tx:
        receive_cv(tx)
        follow_up(tx, 2, FIRST, letters=[sent])
        tx.start_attempt([1], NOW)
        purge(tx)
        assert emptied(tx, 1) == [False]
    with store.writing() as tx:
        tx.settle(1, {A: Sent()}, None, NOW)
        assert emptied(tx, 1) == [True]
    assert not holds(path, sent.raw)


def test_a_letter_of_another_ticket_keeps_its_file(store: Store) -> None:
    with store.writing() as tx:
        receive_cv(tx)
        second = open_ticket(tx, 2)
        follow_up(tx, 3, second, letters=[replace(with_cv(), about=str(second))])
        tx.start_attempt([1], NOW)
        tx.settle(1, {A: Sent()}, None, NOW)
        purge(tx)
        assert emptied(tx, 1) == [False]
