"""The outbox remembers what every recipient got."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from ksmail.desk.acts import Recall, Suppress
from ksmail.desk.arrival import Decision, Disposition, Elsewhere
from ksmail.desk.case import WaitState
from ksmail.desk.ticket import (
    Acknowledged,
    Answered,
    AnswerFailed,
    Change,
    EntryKind,
    Flag,
    Flagged,
    Ground,
    Posted,
    Promised,
    PromiseSettled,
    PromiseState,
    Status,
    TakenUp,
)
from ksmail.incoming.identity import Role
from ksmail.outgoing.mail import Carries, OutgoingMail
from ksmail.outgoing.transport import Bounced, Deferred, Outcome, Sent, Uncertain
from ksmail.reference import Reference
from ksmail.store.happenings import Disclosed, Handled, LetterState, Settled
from ksmail.store.store import Store, Transaction
from ksmail.store.values import OutboxLine, Queued, SentLetter
from tests.store.facts import ASKER, NOW, follow_up, letter, message, open_ticket, posted, take

FIRST = Reference("KV", 2026, 1)
HOUR = timedelta(hours=1)
A, B = "jo.de.vries@uni.example", "second@uni.example"
AGAIN = NOW + HOUR


def begin(tx: Transaction, *letters: OutgoingMail) -> Queued:
    """A ticket whose letters are being sent; returns the first."""
    open_ticket(tx, 1, *letters)
    due = tx.due(NOW, 99)
    tx.start_attempt([queued.id for queued in due], NOW)
    return due[0]


def line(tx: Transaction, number: int = 1) -> OutboxLine:
    return next(one for one in tx.outbox(99) if one.id == number)


def test_a_letter_comes_out_as_it_went_in(store: Store) -> None:
    put = letter("a", cc=(B,))
    with store.writing() as tx:
        open_ticket(tx, 1, put)
        [queued] = tx.due(NOW, 9)
    assert queued.mail == put
    assert (queued.tries, queued.first_tried_at, queued.open_recipients) == (0, None, (A, B))


def test_a_recipient_named_twice_gets_one_letter(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("a", cc=(A,)))
        assert tx.due(NOW, 9)[0].open_recipients == (A,)


def test_a_letter_to_nobody_is_refused(store: Store) -> None:
    nobody = OutgoingMail(
        message_id="<n@desk.example>", kind="ack", about="", envelope_from="", recipients=(), raw=b"", due_at=NOW
    )
    with store.writing() as tx, pytest.raises(ValueError, match="without a recipient"):
        open_ticket(tx, 1, nobody)


def test_letters_to_askers_go_first_then_the_longest_due(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(
            tx, 1, letter("staff", "staff_new", due_at=NOW - 9 * HOUR), letter("new"), letter("old", due_at=NOW - HOUR),
            letter("later", due_at=NOW + HOUR), letter("held", held="beyond the cap"),
        )  # fmt: skip
        names = [queued.mail.message_id[8:].partition("@")[0] for queued in tx.due(NOW, 9)]
        assert names == ["old", "new", "staff"]
        assert len(tx.due(NOW, 2)) == 2
        assert len(tx.due(NOW + HOUR, 9)) == 4


def test_the_same_message_id_is_queued_once(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("a"))
        changed = letter("a", to=B)
        open_ticket(tx, 2, changed)
        [only] = tx.outbox(9)
    assert [person.address for person in only.recipients] == [A]


def test_a_letter_that_is_being_sent_is_not_due(store: Store) -> None:
    with store.writing() as tx:
        queued = begin(tx, letter())
        assert tx.due(NOW + HOUR, 9) == []
        assert line(tx).state is LetterState.SENDING
        with pytest.raises(ValueError, match="does not wait"):
            tx.start_attempt([queued.id], NOW)


@pytest.mark.parametrize("ids", [[99], [1, 99]])
def test_an_unknown_letter_cannot_be_begun(store: Store, ids: list[int]) -> None:
    with store.writing() as tx, pytest.raises(ValueError, match="does not wait"):
        open_ticket(tx, 1, letter())
        tx.start_attempt(ids, NOW)


def test_tries_are_counted_and_the_first_is_remembered(store: Store) -> None:
    with store.writing() as tx:
        queued = begin(tx, letter())
        tx.settle(queued.id, {A: Deferred("later")}, AGAIN, NOW)
        tx.start_attempt([queued.id], AGAIN)
        tx.settle(queued.id, {A: Deferred("later")}, AGAIN, AGAIN)
        [queued] = tx.due(AGAIN, 1)
    assert (queued.tries, queued.first_tried_at) == (2, NOW)


CASES: list[tuple[Mapping[str, Outcome], bool, LetterState, tuple[str, ...]]] = [
    ({A: Sent("250 ok"), B: Sent()}, False, LetterState.SENT, ()),
    ({A: Sent(), B: Sent()}, True, LetterState.SENT, ()),
    ({A: Bounced("550"), B: Bounced("550")}, True, LetterState.BOUNCED, ()),
    ({A: Sent(), B: Bounced("550")}, True, LetterState.BOUNCED, ()),
    ({A: Sent(), B: Deferred("451")}, True, LetterState.WAITING, (B,)),
    ({A: Bounced("550"), B: Deferred("451")}, True, LetterState.WAITING, (B,)),
    ({A: Bounced("550"), B: Deferred("451")}, False, LetterState.GIVEN_UP, (B,)),
    ({A: Uncertain("?"), B: Uncertain("?")}, True, LetterState.WAITING, (A, B)),
    ({A: Uncertain("?"), B: Sent()}, False, LetterState.UNCERTAIN, (A,)),
    ({A: Uncertain("?"), B: Deferred("451")}, False, LetterState.GIVEN_UP, (A, B)),
    ({A: Sent()}, True, LetterState.WAITING, (B,)),
    ({}, True, LetterState.WAITING, (A, B)),
    ({}, False, LetterState.GIVEN_UP, (A, B)),
]


@pytest.mark.parametrize(("outcomes", "again", "state", "left"), CASES)
def test_the_outcomes_make_the_state(
    store: Store, outcomes: Mapping[str, Outcome], again: bool, state: LetterState, left: tuple[str, ...]
) -> None:
    with store.writing() as tx:
        queued = begin(tx, letter(cc=(B,)))
        tx.settle(queued.id, outcomes, AGAIN if again else None, NOW)
        now = line(tx)
        due = tx.due(AGAIN, 9)
    assert now.state is state
    assert now.settled_at == (None if state is LetterState.WAITING else NOW)
    assert now.due_at == (AGAIN if state is LetterState.WAITING else NOW)
    assert [queued.open_recipients for queued in due] == ([left] if state is LetterState.WAITING else [])


def test_what_the_server_said_is_kept_per_recipient(store: Store) -> None:
    with store.writing() as tx:
        queued = begin(tx, letter(cc=(B,)))
        tx.settle(queued.id, {A: Sent("250 queued as 1"), B: Deferred("451 busy")}, AGAIN, NOW)
        said = [(person.outcome, person.reason) for person in line(tx).recipients]
    assert said == [("sent", "250 queued as 1"), ("deferred", "451 busy")]


def test_who_has_it_never_gets_it_again(store: Store) -> None:
    with store.writing() as tx:
        queued = begin(tx, letter(cc=(B,)))
        tx.settle(queued.id, {A: Sent(), B: Deferred("451")}, AGAIN, NOW)
        tx.start_attempt([queued.id], AGAIN)
        with pytest.raises(ValueError, match="does not wait for one of these"):
            tx.settle(queued.id, {A: Sent(), B: Sent()}, None, AGAIN)


def test_a_stranger_is_no_recipient(store: Store) -> None:
    with store.writing() as tx:
        queued = begin(tx, letter())
        with pytest.raises(ValueError, match="does not wait for one of these"):
            tx.settle(queued.id, {"x@uni.example": Sent()}, None, NOW)


@pytest.mark.parametrize("number", [1, 99])
def test_only_a_letter_that_is_being_sent_can_be_settled(store: Store, number: int) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter())
        with pytest.raises(ValueError, match="is not being sent"):
            tx.settle(number, {A: Sent()}, None, NOW)


def test_a_settled_letter_is_settled_once(store: Store) -> None:
    with store.writing() as tx:
        queued = begin(tx, letter())
        tx.settle(queued.id, {A: Sent()}, None, NOW)
        with pytest.raises(ValueError, match="is not being sent"):
            tx.settle(queued.id, {A: Sent()}, None, NOW)


def test_an_accepted_acknowledgement_changes_its_ticket(store: Store) -> None:
    with store.writing() as tx:
        queued = begin(tx, letter())
        change: Change = Acknowledged(queued.mail.message_id)
        tx.settle(queued.id, {A: Sent()}, None, NOW, [(change, "the mail server took it")])
        dossier = tx.ticket(FIRST)
        assert tx.verify_chain() is None
    assert dossier is not None
    assert dossier.ticket.status is Status.ACKNOWLEDGED
    last = dossier.history[-3:]
    disclosed = Disclosed(
        kind="ack",
        message_id=queued.mail.message_id,
        recipient=A,
        sha256=hashlib.sha256(queued.mail.raw).hexdigest(),
        identity=False,
        files=(),
        by="",
        certain=True,
    )
    settled = Settled("ack", queued.mail.message_id, LetterState.SENT)
    assert [link.change for link in last] == [change, disclosed, settled]
    assert [link.actor for link in last] == ["ksmail", "ksmail", "ksmail"]
    assert [link.because for link in last] == [
        "the mail server took it", "the mail server took the letter", "the letter is sent"
    ]  # fmt: skip


def test_what_staff_are_told_leaves_no_line_in_the_register(store: Store) -> None:
    with store.writing() as tx:
        queued = begin(tx, letter("s", "staff_new", "team@desk.example"))
        before = tx.counts().history
        tx.settle(queued.id, {"team@desk.example": Sent()}, None, NOW)
        assert tx.counts().history == before + 1
        assert tx.disclosures() == []


def test_a_letter_that_waits_again_writes_no_history(store: Store) -> None:
    with store.writing() as tx:
        queued = begin(tx, letter())
        before = tx.counts().history
        tx.settle(queued.id, {A: Deferred("451")}, AGAIN, NOW)
        assert tx.counts().history == before


def test_a_letter_about_a_quarantined_mail_has_a_history_without_a_ticket(store: Store) -> None:
    with store.writing() as tx:
        judged = Decision(disposition=Disposition.QUARANTINED, because="unreadable")
        note = letter("q", "ack_unreadable", about="Q-1")
        tx.record(take(tx), message(), judged, [note], asker=ASKER, words="", now=NOW)
        tx.start_attempt([1], NOW)
        tx.settle(1, {A: Bounced("550")}, None, NOW, [(Flagged(Flag.LETTER_BOUNCED, "ack_unreadable"), "refused")])
        assert line(tx).about == "Q-1"
        assert tx.counts().history == 3
        assert tx.verify_chain() is None


def test_after_a_crash_letters_wait_again_and_say_possibly_twice(store: Store) -> None:
    with store.writing() as tx:
        begin(tx, letter("a"), letter("s", "staff_new", "team@desk.example"))
        back = tx.interrupted(AGAIN)
        dossier = tx.ticket(FIRST)
        assert [queued.id for queued in tx.due(NOW, 9)] == [queued.id for queued in back] == [1, 2]
        assert tx.interrupted(AGAIN) == []
        assert tx.verify_chain() is None
    assert [queued.tries for queued in back] == [1, 1]
    assert dossier is not None
    assert dossier.ticket.flags == (Flag.LETTER_TWICE,)
    ack, register, notice = (link.change for link in dossier.history[-3:])
    assert [ack, notice] == [Flagged(Flag.LETTER_TWICE, "ack"), Flagged(Flag.LETTER_TWICE, "staff_new")]
    assert isinstance(register, Disclosed)  # the asker may have it; what stays in the desk is no disclosure
    assert not register.certain


def test_after_a_crash_those_who_may_have_a_letter_still_get_it_until_they_surely_do(store: Store) -> None:
    with store.writing() as tx:
        queued = begin(tx, letter("r", "partner_request", A, cc=(B,)))
        tx.interrupted(AGAIN)
        assert tx.due(AGAIN, 9)[0].open_recipients == (A, B)
        tx.start_attempt([queued.id], AGAIN)
        tx.settle(queued.id, {A: Sent(), B: Sent()}, None, AGAIN)
        assert line(tx).state is LetterState.SENT
        assert tx.interrupted(AGAIN) == []


def test_after_a_crash_only_open_recipients_wait(store: Store) -> None:
    with store.writing() as tx:
        queued = begin(tx, letter(cc=(B,)))
        tx.settle(queued.id, {A: Sent(), B: Deferred("451")}, NOW, NOW)
        tx.start_attempt([queued.id], NOW)
        [back] = tx.interrupted(AGAIN)
    assert back.open_recipients == (B,)


def test_what_a_letter_brings_comes_back_with_it(store: Store) -> None:
    then = (posted("<a@desk.example>", files=2), Answered(message_id="<a@desk.example>", at=NOW))
    carries = Carries(by="sam@agency.example", identity=True, files=("ab" * 32,))
    put = letter("a", "answer", then=then, orderable=True, due_at=NOW, carries=carries)
    with store.writing() as tx:
        open_ticket(tx, 1, put)
        [queued] = tx.due(NOW, 9)
    assert queued.mail == put
    assert queued.state is LetterState.WAITING


def test_an_answer_is_posted_at_the_moment_at_which_it_was_taken(store: Store) -> None:
    text = replace(posted("<letter-1@desk.example>", files=0), kind=EntryKind.ANSWER, role=Role.STAFF)
    with store.writing() as tx:
        queued = begin(tx, letter("1", "answer"))
        tx.settle(queued.id, {A: Sent()}, None, AGAIN, [(text, "taken")])
        dossier = tx.ticket(FIRST)
    assert dossier is not None
    assert (dossier.entries[-1].at, dossier.entries[-1].mail) == (AGAIN, 1)
    assert [(type(line.change), line.actor) for line in dossier.history[-3:]] == [
        (Posted, "staff"), (Disclosed, "ksmail"), (Settled, "ksmail")
    ]  # fmt: skip


def test_what_came_of_a_letter_leads_to_letters_acts_and_changes_elsewhere(store: Store) -> None:
    told = letter("told", "staff_bounce", "team@desk.example")
    with store.writing() as tx:
        queued = begin(tx, letter("1", "answer"))
        second = open_ticket(tx, 2)
        tx.settle(
            queued.id, {A: Bounced("550")}, None, NOW, [(AnswerFailed(), "refused")],
            mails=[told], acts=[Suppress(A, NOW.date())], elsewhere=[Elsewhere(second, (TakenUp(),))],
        )  # fmt: skip
        assert tx.is_suppressed(ASKER, NOW.date())
        assert tx.verify_chain() is None
        dossiers = [tx.ticket(reference) for reference in (FIRST, second)]
    first, other = (each for each in dossiers if each)
    assert [line.message_id for line in first.letters] == [queued.mail.message_id, told.message_id]
    assert other.ticket.status is Status.IN_PROGRESS
    assert (other.history[-1].actor, other.history[-1].because) == ("ksmail", "the letter is bounced")


def test_what_follows_from_a_letter_becomes_true_with_it_or_not_at_all(store: Store) -> None:
    with store.writing() as tx:
        queued = begin(tx, letter("1", "answer"))
    with pytest.raises(ValueError, match="letter 9 does not wait"), store.writing() as tx:
        tx.settle(queued.id, {A: Sent()}, None, NOW, mails=[letter("told", "staff_new")], acts=[Recall(9)])
    with store.reading() as past:
        assert [each.state for each in past.outbox(9)] == [LetterState.SENDING]


def test_after_a_crash_what_a_person_wrote_waits_for_a_word(store: Store) -> None:
    with store.writing() as tx:
        begin(tx, letter("a", "answer", orderable=True), letter("ack"))
        back = tx.interrupted(AGAIN)
        dossier = tx.ticket(FIRST)
        assert [queued.id for queued in tx.due(AGAIN, 9)] == [2]
        assert tx.interrupted(AGAIN) == []
        assert [each.state for each in tx.case(FIRST).waiting] == [WaitState.UNCERTAIN]
        assert tx.verify_chain() is None
    assert {queued.id: queued.state for queued in back} == {1: LetterState.UNCERTAIN, 2: LetterState.WAITING}
    assert dossier is not None
    handled, twice, register = (link.change for link in dossier.history[-3:])
    assert isinstance(register, Disclosed)
    assert handled == Handled("answer", "<letter-a@desk.example>", LetterState.UNCERTAIN)
    assert twice == Flagged(Flag.LETTER_TWICE, "ack")


def test_an_uncertain_letter_of_a_person_goes_again_to_all_who_may_lack_it(store: Store) -> None:
    with store.writing() as tx:
        queued = begin(tx, letter("a", "answer", cc=(B,), orderable=True))
        tx.settle(queued.id, {A: Sent(), B: Deferred("451")}, NOW, NOW)
        tx.start_attempt([queued.id], NOW)
        assert tx.interrupted(NOW)[0].open_recipients == ()
        tx.release(queued.id, NOW)
        assert tx.due(NOW, 9)[0].open_recipients == (B,)


PERSON: list[tuple[Outcome, Outcome, bool, LetterState]] = [
    (Uncertain("?"), Deferred("451"), True, LetterState.WAITING),
    (Uncertain("?"), Deferred("451"), False, LetterState.UNCERTAIN),
    (Uncertain("?"), Sent(), True, LetterState.UNCERTAIN),
    (Uncertain("?"), Bounced("550"), False, LetterState.UNCERTAIN),
    (Sent(), Deferred("451"), False, LetterState.GIVEN_UP),
]


@pytest.mark.parametrize(("one", "other", "again", "state"), PERSON)
def test_who_may_have_what_a_person_wrote_makes_the_letter_uncertain(
    store: Store, one: Outcome, other: Outcome, again: bool, state: LetterState
) -> None:
    with store.writing() as tx:
        queued = begin(tx, letter("a", "answer", cc=(B,), orderable=True))
        tx.settle(queued.id, {A: one, B: other}, AGAIN if again else None, NOW)
        assert line(tx).state is state


def test_who_may_have_what_a_person_wrote_is_left_out_when_others_are_tried_again(store: Store) -> None:
    with store.writing() as tx:
        queued = begin(tx, letter("a", "answer", cc=(B,), orderable=True))
        tx.settle(queued.id, {A: Uncertain("?"), B: Deferred("451")}, AGAIN, NOW)
        [again] = tx.due(AGAIN, 9)
        assert again.open_recipients == (B,)
        tx.start_attempt([queued.id], AGAIN)
        tx.settle(queued.id, {B: Sent()}, None, AGAIN)
        assert line(tx).state is LetterState.UNCERTAIN


def test_a_letter_belongs_to_the_ticket_that_it_is_about(store: Store) -> None:
    with store.writing() as tx:
        second = open_ticket(tx, 1) and open_ticket(tx, 2)
        about_mail = letter("q", "staff_quarantine", about="Q-1")
        follow_up(tx, 3, FIRST, letters=[letter("other", about=str(second)), about_mail])
        found = {reference: tx.ticket(reference) for reference in (FIRST, second)}
    assert [[each.message_id for each in dossier.letters] for dossier in found.values() if dossier] == [
        ["<letter-q@desk.example>"], ["<letter-other@desk.example>"],
    ]  # fmt: skip


def test_a_returned_letter_is_found_by_its_message_id(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("a", "answer", cc=(B,)), letter("b", "staff_new", about="Q-1"))
        found = tx.letter_behind(["<strange@x.example>", "", "<letter-a@desk.example>"])
        assert tx.letter_behind([]) is None
        assert tx.letter_behind(["<strange@x.example>"]) is None
    assert found == SentLetter(
        id=1,
        kind="answer",
        message_id="<letter-a@desk.example>",
        about="KV-2026-0001",
        ticket=FIRST,
        recipients=(A, B),
        state=LetterState.WAITING,
    )


def test_of_several_returned_letters_the_newest_counts(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("a"), letter("b"))
        found = tx.letter_behind(["<letter-b@desk.example>", "<letter-a@desk.example>"])
    assert found is not None
    assert found.id == 2


@pytest.mark.parametrize("spec", ["desk+kv-2026-0001.a.x@desk.example", "Desk+KV-2026-0001.a.x@desk.example"])
def test_a_returned_letter_is_found_by_its_envelope(store: Store, spec: str) -> None:
    envelope = "desk+kv-2026-0001.a.x@desk.example"
    with store.writing() as tx:
        open_ticket(tx, 1, *(letter(name, "answer", envelope_from=envelope) for name in "ab"), letter("c"))
        found = tx.letter_by_envelope(spec)
        assert tx.letter_by_envelope("") is None
        assert tx.letter_by_envelope("desk+other@desk.example") is None
    assert found is not None
    assert found.id == 2


@pytest.mark.parametrize(
    ("by", "outcome", "actor"),
    [
        ("sam@agency.example", Sent(), "staff"),
        ("", Sent(), "ksmail"),
        ("sam@agency.example", Bounced("550 no such user"), "ksmail"),
    ],
)
def test_what_a_letter_brings_was_done_by_whoever_had_it_sent(
    store: Store, by: str, outcome: Outcome, actor: str
) -> None:
    given = Promised(promised_on=date(2026, 6, 15), ground=Ground.EXTENDED)
    with store.writing() as tx:
        reference = open_ticket(tx, 1, letter("later", "delay_notice", carries=Carries(by=by)))
        tx.start_attempt([1], NOW)
        tx.settle(1, {A: outcome}, None, NOW, [(PromiseSettled(PromiseState.MOVED), ""), (given, "a new date")])
        dossier = tx.ticket(reference)
    assert dossier is not None
    assert [line.actor for line in dossier.history if line.change == given] == [actor]
