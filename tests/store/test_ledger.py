"""The ledger: every mail is taken once, judged once, and never forgotten."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from ksmail.desk.arrival import Decision, Disposition
from ksmail.desk.ticket import Acknowledged, Flag, Flagged, Status
from ksmail.incoming.mailbox import Folder, IncomingMail, MailKey
from ksmail.outgoing.transport import Sent
from ksmail.reference import Reference
from ksmail.store.happenings import Recorded
from ksmail.store.store import Store
from ksmail.store.values import Known
from tests.store.facts import ASKER, DAY, NOW, decision, letter, mail, message, open_ticket, opening, settle_as, take

FIRST = Reference("KV", 2026, 1)


def test_a_received_mail_is_pending_with_its_bytes(store: Store) -> None:
    raw = b"Subject: \xff\x00 odd\r\n\r\n" + bytes(range(256))
    with store.writing() as tx:
        assert tx.receive([mail(5, raw)], NOW) == 1
    with store.reading() as reader:
        [pending] = reader.pending(10)
        assert reader.raw(pending.number) == raw
    assert (pending.key, pending.attempts, pending.size) == (MailKey("INBOX", 7, 5), 0, len(raw))
    assert pending.received_at == NOW


def test_receiving_twice_changes_nothing(store: Store) -> None:
    with store.writing() as tx:
        number = take(tx, 5)
        tx.count_attempt([number], NOW)
        assert tx.receive([mail(5, b"other bytes"), mail(6)], NOW) == 1
        assert tx.pending(10)[0].attempts == 1
        assert tx.raw(number) == mail(5).raw


def test_equal_bytes_are_kept_once(store: Store, path: Path) -> None:
    with store.writing() as tx:
        assert tx.receive([mail(1, b"same"), mail(2, b"same"), mail(3, b"")], NOW) == 3
        assert tx.raw(2) == b"same"
        assert tx.raw(3) == b""
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM raw_mail").fetchone() == (2,)


def test_an_incomplete_mail_says_so(store: Store) -> None:
    big = IncomingMail(
        key=MailKey("INBOX", 7, 1), raw=b"Subject", received_at=NOW, size=3_000_000_000, incomplete="too large"
    )
    with store.writing() as tx:
        tx.receive([big], NOW)
        [pending] = tx.pending(1)
    assert (pending.incomplete, pending.size) == ("too large", 3_000_000_000)


def test_pending_mails_come_in_order_of_receipt(store: Store) -> None:
    with store.writing() as tx:
        tx.receive([mail(9, received_at=NOW), mail(3, received_at=NOW + DAY), mail(4, received_at=NOW)], NOW)
        assert [pending.key.uid for pending in tx.pending(10)] == [4, 9, 3]
        assert [pending.key.uid for pending in tx.pending(1)] == [4]


def test_order_of_receipt_looks_through_time_zones(store: Store) -> None:
    summer = timezone(timedelta(hours=2))
    local = datetime(2026, 6, 1, 7, 0, tzinfo=summer)
    with store.writing() as tx:
        tx.receive([mail(1, received_at=NOW), mail(2, received_at=local)], NOW)
        first = tx.pending(1)[0]
    assert first.key.uid == 2
    assert first.received_at == local
    assert first.received_at.utcoffset() == timedelta(0)


def test_a_naive_moment_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="without a time zone"), store.writing() as tx:
        tx.receive([mail(1, received_at=datetime(2026, 6, 1))], NOW)  # noqa: DTZ001 -- that is the point
    with store.reading() as reader:
        assert reader.pending(1) == []


def test_uids_of_another_uidvalidity_are_other_mails(store: Store) -> None:
    with store.writing() as tx:
        assert tx.receive([mail(1), mail(1, uidvalidity=4_294_967_295)], NOW) == 2
        assert set(tx.known("INBOX", 7)) == set(tx.known("INBOX", 4_294_967_295)) == {1}
        assert tx.known("Other", 7) == {}
        assert tx.mailbox_state("INBOX") == 4_294_967_295
        assert tx.mailbox_state("Other") is None


def test_an_attempt_counts_only_for_pending_mails(store: Store) -> None:
    with store.writing() as tx:
        one, two = take(tx, 1), take(tx, 2)
        settle_as(tx, two, Disposition.OWN)
        tx.count_attempt([one, two], NOW)
        tx.count_attempt([one], NOW)
        lines = [tx.inbound(number) for number in (one, two)]
    assert [line.attempts for line in lines if line] == [2, 0]


def test_an_attempt_is_taken_back_once_and_only_of_pending_mails(store: Store) -> None:
    with store.writing() as tx:
        one, two, three = (take(tx, uid) for uid in (1, 2, 3))
        tx.count_attempt([one, two], NOW)
        settle_as(tx, two, Disposition.OWN)
        tx.take_back_attempt([one, two, three])
        lines = [tx.inbound(number) for number in (one, two, three)]
    assert [line.attempts for line in lines if line] == [0, 1, 0]


def test_a_desk_began_when_it_took_its_first_mail(store: Store) -> None:
    with store.writing() as tx:
        assert tx.began_at() is None
        take(tx, 1)
        began = tx.began_at()
        take(tx, 2)
        assert began is not None
        assert tx.began_at() == began


def test_a_mail_that_nobody_can_read_is_known_again_by_its_bytes(store: Store) -> None:
    with store.writing() as tx:
        first, again, other = take(tx, 1, raw=b"same"), take(tx, 2, raw=b"same"), take(tx, 3, raw=b"other")
        assert tx.find_same_bytes(again) is None
        settle_as(tx, first, Disposition.QUARANTINED)
        found = tx.find_same_bytes(again)
        assert found is not None
        assert found.number == first
        assert tx.find_same_bytes(other) is None


def test_half_a_mail_is_never_taken_for_another_one(store: Store) -> None:
    with store.writing() as tx:
        halves = [replace(mail(uid, b""), incomplete="the server kept it") for uid in (1, 2)]
        tx.receive(halves, NOW)
        first, again = (tx.known("INBOX", 7)[uid].number for uid in (1, 2))
        settle_as(tx, first, Disposition.QUARANTINED)
        assert tx.find_same_bytes(again) is None


def test_a_mail_and_its_ticket_come_back_exactly(store: Store) -> None:
    received_at = datetime(2026, 6, 1, 23, 59, 59, 999999, tzinfo=timezone(timedelta(hours=2)))
    with store.writing() as tx:
        number = take(tx, 1, received_at=received_at)
        judged = decision([*opening(FIRST, received_at=received_at), Flagged(Flag.COLLEAGUE)])
        tx.record(number, message("1"), judged, (), asker=ASKER, words="w", now=NOW + DAY)
    with store.reading() as reader:
        found = reader.find_ticket(FIRST)
        line = reader.inbound(number)
    assert found == judged.ticket
    assert found is not None
    assert found.asker.name == ASKER.name
    assert found.asker.spec == ASKER.spec
    assert found.received_at == received_at
    assert line is not None
    assert (line.disposition, line.ticket, line.reason) == (Disposition.TICKET, FIRST, "a new question")
    assert (line.message_id, line.content_id) == ("<1@uni.example>", "content-1")
    assert line.recorded_at == NOW + DAY


def test_a_dossier_holds_texts_files_dates_history_and_letters(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("a"), letter("s", "staff_new", "team@desk.example"))
        dossier = tx.ticket(FIRST)
    assert dossier is not None
    [text], [promise] = dossier.entries, dossier.promises
    assert text.text == "Mag dit? Één vraag — 🙂"
    assert (text.author, text.author.name) == (ASKER, "Jo de Vries")
    assert text.attachments[0].size == 5_000_000_000
    assert promise.promised_on.isoformat() == "2026-06-04"
    assert [link.actor for link in dossier.history] == ["asker", "asker", "asker", "ksmail", "ksmail"]
    assert {link.mail for link in dossier.history} == {1}
    assert dossier.history[-1].change == Recorded(
        Disposition.TICKET, ("<letter-a@desk.example>", "<letter-s@desk.example>")
    )
    assert [line.kind for line in dossier.letters] == ["ack", "staff_new"]


@pytest.mark.parametrize("kind", [kind for kind in Disposition if kind is not Disposition.PENDING])
def test_every_disposition_leaves_a_line_in_the_history(store: Store, kind: Disposition) -> None:
    with store.writing() as tx:
        settle_as(tx, take(tx), kind)
        assert tx.counts().history == 1
        assert tx.balance()[kind] == 1
        assert sum(tx.balance().values()) == 1
        assert tx.verify_chain() is None


def test_a_mail_is_judged_once(store: Store) -> None:
    with store.writing() as tx:
        number = take(tx)
        settle_as(tx, number, Disposition.AUTOMATIC)
        with pytest.raises(ValueError, match="judged before"):
            settle_as(tx, number, Disposition.OWN)


def test_pending_is_no_judgement(store: Store) -> None:
    with store.writing() as tx, pytest.raises(ValueError, match="not judged"):
        settle_as(tx, take(tx), Disposition.PENDING)


def test_a_mail_that_was_never_taken_cannot_be_judged(store: Store) -> None:
    with store.writing() as tx, pytest.raises(LookupError, match="no mail 99"):
        settle_as(tx, 99, Disposition.OWN)


def test_an_unreadable_mail_has_no_identity(store: Store) -> None:
    with store.writing() as tx:
        number = take(tx)
        settle_as(tx, number, Disposition.QUARANTINED, None)
        line = tx.inbound(number)
    assert line is not None
    assert (line.message_id, line.content_id, line.ticket) == ("", "", None)


@pytest.mark.parametrize("number", [0, 2, 7])
def test_a_ticket_number_is_never_skipped_or_given_twice(store: Store, number: int) -> None:
    with pytest.raises(ValueError, match="not the next number"), store.writing() as tx:
        judged = decision(opening(Reference("KV", 2026, number)))
        tx.record(take(tx), message(), judged, (), asker=ASKER, words="", now=NOW)
    with store.reading() as reader:
        assert reader.next_reference("KV", 2026) == FIRST
        assert reader.counts().mails == 0


def test_an_existing_ticket_is_not_opened_again(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        with pytest.raises(ValueError, match="not the next number"):
            tx.record(take(tx, 2), message("2"), decision(opening(FIRST)), (), asker=ASKER, words="", now=NOW)


def test_years_and_desks_count_on_their_own(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        assert tx.next_reference("KV", 2026) == Reference("KV", 2026, 2)
        assert tx.next_reference("KV", 2027) == Reference("KV", 2027, 1)
        assert tx.next_reference("AB", 2026) == Reference("AB", 2026, 1)


def test_changes_meet_the_ticket_as_it_stands_now(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter())
        stale = tx.find_ticket(FIRST)
        [queued] = tx.due(NOW, 1)
        tx.start_attempt([queued.id], NOW)
        acknowledged = (Acknowledged(queued.mail.message_id), "the mail server took it")
        tx.settle(queued.id, {queued.open_recipients[0]: Sent()}, None, NOW, [acknowledged])
        judged = decision([Flagged(Flag.COLLEAGUE)], stale, Disposition.FOLLOW_UP)
        tx.record(take(tx, 2), message("2"), judged, (), asker=ASKER, words="", now=NOW)
        found = tx.find_ticket(FIRST)
    assert found is not None
    assert (found.status, found.flags) == (Status.ACKNOWLEDGED, (Flag.COLLEAGUE,))


def test_a_ticket_out_of_nowhere_is_refused(store: Store) -> None:
    ghost = decision(opening(FIRST)).ticket
    judged = Decision(disposition=Disposition.FOLLOW_UP, because="?", ticket=ghost)
    with store.writing() as tx, pytest.raises(ValueError, match="do not make its ticket"):
        tx.record(take(tx), message(), judged, (), asker=ASKER, words="", now=NOW)


def test_changes_without_a_ticket_are_refused(store: Store) -> None:
    judged = Decision(disposition=Disposition.FOLLOW_UP, because="?", changes=(Flagged(Flag.COLLEAGUE),))
    with store.writing() as tx, pytest.raises(ValueError, match="without a ticket"):
        tx.record(take(tx), message(), judged, (), asker=ASKER, words="", now=NOW)


def test_a_filed_mail_is_known_by_its_folder(store: Store) -> None:
    with store.writing() as tx:
        number = take(tx)
        settle_as(tx, number, Disposition.HELD)
        assert tx.counts().unfiled == 1
        tx.mark_filed([number], Folder.HELD)
        assert tx.known("INBOX", 7) == {1: Known(number, Disposition.HELD, "held")}
        assert tx.counts().unfiled == 0


@pytest.mark.parametrize("kind", [Disposition.QUARANTINED, Disposition.HELD])
def test_a_mail_in_quarantine_can_be_judged_again(store: Store, kind: Disposition) -> None:
    with store.writing() as tx:
        number = take(tx)
        tx.count_attempt([number], NOW)
        note = letter("q", "ack_unreadable", about="Q-1")
        judged = Decision(disposition=kind, because="unreadable")
        tx.record(number, message(), judged, [note], asker=ASKER, words="", now=NOW)
        assert tx.reopen(number, NOW) is kind
        assert [pending.attempts for pending in tx.pending(1)] == [0]
        assert len(tx.outbox(9)) == 1
        tx.record(number, message(), decision(opening(FIRST)), (), asker=ASKER, words="", now=NOW)
        assert tx.balance()[Disposition.TICKET] == 1
        assert tx.verify_chain() is None


def test_a_reopened_mail_is_not_its_own_twin(store: Store) -> None:
    with store.writing() as tx:
        number = take(tx)
        settle_as(tx, number, Disposition.QUARANTINED, message("1"))
        tx.reopen(number, NOW)
        assert tx.find_same(message("1"), number) is None
        assert not tx.message_id_known("<1@uni.example>", "content-other")


@pytest.mark.parametrize("kind", [Disposition.TICKET, Disposition.AUTOMATIC, Disposition.PENDING])
def test_a_judged_mail_is_not_judged_again(store: Store, kind: Disposition) -> None:
    with store.writing() as tx:
        number = take(tx)
        if kind is not Disposition.PENDING:
            settle_as(tx, number, kind)
        with pytest.raises(ValueError, match="neither quarantined nor held"):
            tx.reopen(number, NOW)


def test_an_unknown_mail_is_not_there(store: Store) -> None:
    with store.writing() as tx:
        assert tx.inbound(9) is None
        for call in (lambda: tx.reopen(9, NOW), lambda: tx.raw(9)):
            with pytest.raises(LookupError, match="no mail 9"):
                call()


def test_reopening_is_written_down(store: Store, path: Path) -> None:
    with store.writing() as tx:
        number = take(tx)
        settle_as(tx, number, Disposition.QUARANTINED)
        tx.reopen(number, NOW)
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT actor, mail, change FROM history ORDER BY id").fetchall()
    assert rows[1] == ("operator", number, '{"disposition":"quarantined","type":"Reopened"}')


def test_a_mail_that_goes_wrong_halfway_leaves_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.writing() as tx:
        open_ticket(tx, 1, letter())
        raise RuntimeError
    with store.reading() as reader:
        assert reader.counts().mails == reader.counts().history == 0
        assert reader.tickets(9) == []
        assert reader.outbox(9) == []
        assert reader.next_reference("KV", 2026) == FIRST


def test_known_mails_can_be_asked_from_a_uid_on(store: Store) -> None:
    with store.writing() as tx:
        tx.receive([mail(uid) for uid in (3, 5, 8)], NOW)
        assert set(tx.known("INBOX", 7, from_uid=5)) == {5, 8}
