"""The register: what left the desk, to whom, with what, on whose order."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from ksmail.capability import Audience
from ksmail.desk.acts import CameBack, Destroy, Hurry, Recall
from ksmail.desk.arrival import Decision, Disposition
from ksmail.desk.letter import LetterKind
from ksmail.desk.ticket import Purged
from ksmail.outgoing.mail import Carries, OutgoingMail
from ksmail.outgoing.transport import Bounced, Deferred, Outcome, Sent, Uncertain
from ksmail.reference import Reference
from ksmail.store.store import Store, Transaction
from ksmail.store.values import Broken, DisclosureLine
from tests.store.facts import ASKER, NOW, file, follow_up, letter, message, open_ticket, posted, take

FIRST, SECOND = Reference("KV", 2026, 1), Reference("KV", 2026, 2)
A, B, PAT = "jo.de.vries@uni.example", "second@uni.example", "Pat.Liaison@ministry.example"
SAM = "sam@agency.example"
AGAIN = NOW + timedelta(hours=1)
HASHES = ("ab" * 32, "cd" * 32)
CARRIES = Carries(by=SAM, identity=True, files=HASHES)
DATA = b"a CV"
CV = file("0.pdf", DATA)


def request(name: str = "r", *, to: str = PAT, about: str = "KV-2026-0001", carries: Carries = CARRIES) -> OutgoingMail:
    return letter(name, "partner_request", to, about=about, carries=carries, orderable=True)


def send(tx: Transaction, outcomes: Mapping[str, Outcome], number: int = 1, again: bool = False) -> None:
    tx.start_attempt([number], NOW)
    tx.settle(number, outcomes, AGAIN if again else None, NOW)


def who(lines: list[DisclosureLine]) -> list[tuple[str, bool]]:
    return [(line.recipient, line.certain) for line in lines]


def test_an_empty_desk_disclosed_nothing(store: Store) -> None:
    with store.reading() as past:
        assert past.disclosures() == []


def test_a_line_says_what_went_to_whom_when_about_what_and_on_whose_order(store: Store) -> None:
    put = request()
    with store.writing() as tx:
        open_ticket(tx, 1, put)
        tx.start_attempt([1], NOW)
        tx.settle(1, {PAT: Sent("250 ok")}, None, AGAIN)
        [line] = tx.disclosures()
        history = tx.counts().history
    assert line == DisclosureLine(
        number=history - 1,  # the last one says that the letter is sent
        at=AGAIN,
        ticket=FIRST,
        kind="partner_request",
        recipient=PAT,
        message_id="<letter-r@desk.example>",
        sha256=hashlib.sha256(put.raw).hexdigest(),
        identity=True,
        files=HASHES,
        by=SAM,
        certain=True,
    )


def test_what_nobody_ordered_and_carries_nothing_says_so(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter())
        send(tx, {A: Sent()})
        [line] = tx.disclosures()
    assert (line.by, line.identity, line.files) == ("", False, ())


@pytest.mark.parametrize("kind", LetterKind)
def test_letters_to_askers_and_partners_stand_in_it_and_those_to_staff_do_not(store: Store, kind: LetterKind) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("x", kind.value, carries=CARRIES))
        send(tx, {A: Sent()})
        lines = tx.disclosures()
    assert [line.kind for line in lines] == ([] if kind.audience in (Audience.STAFF, Audience.OPS) else [kind.value])


def test_everybody_who_got_a_copy_has_a_line(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("a", "answer", cc=(B,)))
        send(tx, {A: Sent(), B: Sent()})
        assert who(tx.disclosures()) == [(A, True), (B, True)]


def test_before_a_letter_leaves_it_is_not_there(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, request())
        assert tx.disclosures() == []
        tx.start_attempt([1], NOW)
        assert tx.disclosures() == []


@pytest.mark.parametrize("outcome", [Deferred("451 later"), Bounced("550 no such user")])
@pytest.mark.parametrize("again", [True, False])
def test_whom_no_mail_server_took_it_for_has_no_line(store: Store, outcome: Outcome, again: bool) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("a", "answer", cc=(B,)))
        send(tx, {A: outcome, B: Sent()}, again=again)
        assert who(tx.disclosures()) == [(B, True)]


def test_who_gets_it_at_a_later_attempt_has_a_line_from_then_on(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("a", "answer", cc=(B,)))
        send(tx, {A: Sent(), B: Deferred("451 later")}, again=True)
        tx.start_attempt([1], AGAIN)
        tx.settle(1, {B: Sent()}, None, AGAIN)
        assert [(line.recipient, line.at) for line in tx.disclosures()] == [(A, NOW), (B, AGAIN)]


def test_a_letter_that_was_called_back_was_never_disclosed(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, request())
        follow_up(tx, 2, FIRST, kind=Disposition.ORDER, acts=[Recall(1)])
        assert tx.disclosures() == []


def test_that_a_letter_came_back_later_takes_no_line_away(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, request())
        send(tx, {PAT: Sent()})
        follow_up(tx, 2, FIRST, kind=Disposition.BOUNCE, acts=[CameBack(1, PAT, "5.1.1 no such user")])
        assert who(tx.disclosures()) == [(PAT, True)]


# Who may have it.


@pytest.mark.parametrize("kind", ["ack", "answer", "partner_request"])
def test_who_perhaps_has_it_is_marked(store: Store, kind: str) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("a", kind, cc=(B,)))
        send(tx, {A: Sent(), B: Uncertain("the connection broke")})
        assert who(tx.disclosures()) == [(A, True), (B, False)]


def test_who_perhaps_had_it_and_gets_it_once_more_has_a_second_line(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("a", "answer", orderable=True))
        send(tx, {A: Uncertain("the connection broke")})
        follow_up(tx, 2, FIRST, kind=Disposition.ORDER, acts=[Hurry(1)])
        send(tx, {A: Sent()})
        assert who(tx.disclosures()) == [(A, False), (A, True)]


def test_what_a_person_wrote_and_a_crash_left_half_sent_is_marked(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("a", "answer", cc=(B,), carries=CARRIES))
        send(tx, {A: Sent(), B: Deferred("451 later")}, again=True)
        tx.start_attempt([1], AGAIN)
        tx.interrupted(AGAIN)
        lines = tx.disclosures()
        assert tx.verify_chain() is None
    assert who(lines) == [(A, True), (B, False)]
    assert (lines[1].at, lines[1].by, lines[1].files) == (AGAIN, SAM, HASHES)


def test_after_a_crash_only_those_of_that_attempt_are_marked_anew(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("a", "answer", cc=(B,)))
        send(tx, {A: Uncertain("the connection broke"), B: Deferred("451 later")}, again=True)
        tx.start_attempt([1], AGAIN)
        tx.interrupted(AGAIN)
        assert who(tx.disclosures()) == [(A, False), (B, False)]


def test_a_letter_to_a_partner_that_a_crash_left_half_sent_and_staff_then_called_back_is_marked(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, request())
        tx.start_attempt([1], NOW)
        tx.interrupted(AGAIN)
        follow_up(tx, 2, FIRST, kind=Disposition.ORDER, acts=[Recall(1)])
        assert who(tx.disclosures()) == [(PAT, False)]


# How it is found.


def fill(tx: Transaction) -> None:
    """Two questions: the first went to a partner and to its asker, the second to the partner alone."""
    open_ticket(tx, 1, request("1"), letter("2", "answer", "Jo.de.Vries+lab@Uni.Example"))
    open_ticket(tx, 2, request("3", about=str(SECOND)))
    send(tx, {PAT: Sent()}, 1)
    send(tx, {"Jo.de.Vries+lab@Uni.Example": Sent()}, 2)
    send(tx, {PAT: Sent()}, 3)


def named(lines: list[DisclosureLine]) -> list[str]:
    return [line.message_id.removeprefix("<letter-").partition("@")[0] for line in lines]


def test_all_of_it_comes_oldest_first(store: Store) -> None:
    with store.writing() as tx:
        fill(tx)
        lines = tx.disclosures()
    assert named(lines) == ["1", "2", "3"]
    assert [line.number for line in lines] == sorted(line.number for line in lines)


def test_it_can_be_asked_about_one_ticket(store: Store) -> None:
    with store.writing() as tx:
        fill(tx)
        assert named(tx.disclosures(FIRST)) == ["1", "2"]
        assert named(tx.disclosures(SECOND)) == ["3"]
        assert tx.disclosures(Reference("KV", 2026, 9)) == []


@pytest.mark.parametrize(
    "spec", [PAT, "pat.liaison@ministry.example", "PAT.LIAISON@MINISTRY.EXAMPLE", "Pat.Liaison+tag@ministry.example"]
)
def test_it_can_be_asked_about_an_address_however_that_is_spelt(store: Store, spec: str) -> None:
    with store.writing() as tx:
        fill(tx)
        assert named(tx.disclosures(recipient=spec)) == ["1", "3"]
        assert named(tx.disclosures(recipient=A)) == ["2"]


@pytest.mark.parametrize("spec", ["liaison@ministry.example", "pat.liaison@other.example", "@", "nobody"])
def test_an_address_that_got_nothing_has_no_lines(store: Store, spec: str) -> None:
    with store.writing() as tx:
        fill(tx)
        assert tx.disclosures(recipient=spec) == []


def test_it_can_be_asked_what_an_address_has_of_one_ticket(store: Store) -> None:
    with store.writing() as tx:
        fill(tx)
        assert named(tx.disclosures(SECOND, PAT)) == ["3"]
        assert tx.disclosures(SECOND, A) == []


def test_a_letter_about_a_mail_without_a_ticket_stands_there_without_one(store: Store) -> None:
    with store.writing() as tx:
        judged = Decision(disposition=Disposition.QUARANTINED, because="unreadable")
        note = letter("q", "ack_unreadable", about="Q-1")
        tx.record(take(tx), message(), judged, [note], asker=ASKER, words="", now=NOW)
        send(tx, {A: Sent()})
        [line] = tx.disclosures(recipient=A)
        assert tx.verify_chain() is None
    assert (line.ticket, line.kind) == (None, "ack_unreadable")


def test_words_that_look_like_a_line_are_none(store: Store) -> None:
    words = letter("s", "staff_new", '{"type":"Disclosed"}@uni.example')
    with store.writing() as tx:
        open_ticket(tx, 1, words)
        follow_up(tx, 2, FIRST, Purged(1, '"type":"Disclosed"', CV.sha256))
        assert tx.disclosures() == []


# It outlives everything else.


def with_cv() -> OutgoingMail:
    made = EmailMessage()
    made.set_content("See the file")
    made.add_attachment(DATA, maintype="application", subtype="pdf", filename="0.pdf", cte="base64")
    carries = Carries(by=SAM, files=(CV.sha256,))
    return letter("a", "answer", raw=made.as_bytes(), orderable=True, carries=carries)


def with_file(tx: Transaction) -> OutgoingMail:
    """A question whose file goes along with our letter."""
    put = with_cv()
    open_ticket(tx, 1)
    follow_up(tx, 2, FIRST, replace(posted("<cv@uni.example>", files=0), attachments=(CV,)), letters=[put])
    return put


def destroy(tx: Transaction) -> None:
    """Staff destroy that file; so goes every letter that carried it."""
    follow_up(tx, 3, FIRST, Purged(2, CV.name, CV.sha256), kind=Disposition.ORDER, acts=[Destroy(2, CV.sha256)])


def bytes_of_letter(path: Path) -> bytes:
    with closing(sqlite3.connect(path)) as db:
        found: bytes = db.execute("SELECT raw FROM outbox").fetchone()[0]
    return found


def test_a_line_survives_the_destruction_of_its_letter(store: Store, path: Path) -> None:
    with store.writing() as tx:
        put = with_file(tx)
        send(tx, {A: Sent()})
        before = tx.disclosures()
    assert bytes_of_letter(path) == put.raw
    with store.writing() as tx:
        destroy(tx)
        after = tx.disclosures()
        assert tx.verify_chain() is None
    assert bytes_of_letter(path) == b""
    assert after == before
    assert (after[0].sha256, after[0].files) == (hashlib.sha256(put.raw).hexdigest(), (CV.sha256,))


def test_a_letter_that_loses_its_bytes_as_it_leaves_is_named_by_them_all_the_same(store: Store, path: Path) -> None:
    with store.writing() as tx:
        put = with_file(tx)
        tx.start_attempt([1], NOW)
        destroy(tx)
        tx.settle(1, {A: Sent()}, None, AGAIN)
        [line] = tx.disclosures()
    assert bytes_of_letter(path) == b""
    assert line.sha256 == hashlib.sha256(put.raw).hexdigest()


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_line_that_was_taken_out_is_noticed(store: Store, path: Path, which: int) -> None:
    with store.writing() as tx:
        fill(tx)
        assert tx.verify_chain() is None
        line = tx.disclosures()[which]
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM history WHERE id = ?", (line.number,))
    with store.reading() as past:
        assert past.verify_chain() == Broken(line.number, "a row is missing here")


@pytest.mark.parametrize(
    ("told", "altered"), [(PAT, "nobody@ministry.example"), ('"identity":true', '"identity":false'), (SAM, "")]
)
def test_a_line_that_was_altered_is_noticed(store: Store, path: Path, told: str, altered: str) -> None:
    with store.writing() as tx:
        fill(tx)
        line = tx.disclosures()[0]
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE history SET change = replace(change, ?, ?) WHERE id = ?", (told, altered, line.number))
    with store.reading() as past:
        assert past.verify_chain() == Broken(line.number, "the change is not what was recorded")


def test_a_line_is_put_down_with_what_came_of_the_letter_or_not_at_all(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, request())
        tx.start_attempt([1], NOW)
    with pytest.raises(OSError, match="fell over"), store.writing() as tx:
        tx.settle(1, {PAT: Sent()}, None, NOW)
        raise OSError("fell over")
    with store.reading() as past:
        assert past.disclosures() == []
