"""What the fate of one letter means for its ticket, its promise and staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.aftermath import Aftermath, aftermath
from ksmail.capability import Audience
from ksmail.desk.acts import Suppress
from ksmail.desk.letter import LetterKind
from ksmail.desk.ticket import (
    Acknowledged,
    Answered,
    Change,
    EntryKind,
    Flag,
    Flagged,
    InfoAsked,
    Posted,
    PromiseSettled,
    PromiseState,
    Status,
    Ticket,
)
from ksmail.incoming.identity import Role
from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.transport import Bounced, Deferred, Outcome, Sent, Uncertain
from tests.builders import MONDAY, address
from tests.desk.facts import EVA, NOW, POLICY, SAM, TEAM, after, answered, asked, closed, kinds_of, ticket, waiting

ADA = "ada@uni.example"
COPY = "adviser@uni.example"
NEXT = NOW + timedelta(minutes=5)
POSTED = Posted(
    kind=EntryKind.ANSWER, author=SAM.address, role=Role.STAFF, audience=Audience.ASKER, text="Yes.", message_id=""
)
ANSWER: tuple[Change, ...] = (POSTED, Answered(message_id="<answer@desk.example>", at=MONDAY))
ASK: tuple[Change, ...] = (InfoAsked(message_id="<ask@desk.example>", at=MONDAY, remaining_days=2),)
SENT, GONE, LATER = Sent("250 ok"), Bounced("550 5.1.1 no such user"), Deferred("451 4.7.1 later")
UNKNOWN = Uncertain("the connection was lost")


def letter(kind: LetterKind = LetterKind.ANSWER, then: tuple[Change, ...] = (), *cc: str) -> OutgoingMail:
    return OutgoingMail(
        message_id=f"<{kind.value}@desk.example>",
        kind=kind.value,
        about="KV-2026-0001",
        envelope_from="desk@desk.example",
        recipients=(ADA, *cc),
        raw=b"",
        due_at=MONDAY,
        then=then,
    )


def follows(
    mail: OutgoingMail,
    outcomes: Outcome | Mapping[str, Outcome],
    *,
    made: Ticket | None = None,
    next_at: datetime | None = None,
    now: datetime = NOW,
) -> Aftermath:
    each = outcomes if isinstance(outcomes, Mapping) else {ADA: outcomes}
    return aftermath(mail, each, next_at, made or ticket(), POLICY, now=now, absent=())


def changes(found: Aftermath) -> list[Change]:
    return [change for change, _ in found.changes]


# Taken.


@pytest.mark.parametrize("kind", [LetterKind.ACK, LetterKind.ACK_LATE, LetterKind.LINKED_NEW])
def test_an_acknowledgement_that_was_taken_acknowledges(kind: LetterKind) -> None:
    found = follows(letter(kind), SENT)
    assert found.changes == (
        (Acknowledged(f"<{kind.value}@desk.example>"), "the mail server took the acknowledgement"),
    )
    assert found.ticket is not None
    assert found.ticket.status is Status.ACKNOWLEDGED


@pytest.mark.parametrize("kind", [kind for kind in LetterKind if kind.value not in ("ack", "ack_late", "linked_new")])
def test_any_other_letter_acknowledges_nothing(kind: LetterKind) -> None:
    assert follows(letter(kind), SENT) == Aftermath(ticket=ticket())


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (datetime(2026, 6, 4, 21, 59, tzinfo=UTC), PromiseState.KEPT),
        (datetime(2026, 6, 4, 22, 0, tzinfo=UTC), PromiseState.BROKEN),
    ],
)
def test_an_answer_that_was_taken_answers_and_settles_the_promise_by_the_date_at_the_desk(
    now: datetime, state: PromiseState
) -> None:
    found = follows(letter(then=ANSWER), SENT, now=now)
    assert PromiseSettled(state) in changes(found)
    assert found.ticket is not None
    assert (found.ticket.status, found.ticket.ended_at) == (Status.ANSWERED, now)
    assert {because for _, because in found.changes} == {"the mail server took the letter"}


def test_a_question_that_was_taken_stops_the_clock() -> None:
    found = follows(letter(LetterKind.INFO_REQUEST, ASK), SENT)
    assert found.ticket is not None
    assert (found.ticket.status, found.ticket.remaining_days) == (Status.WAITING_ASKER, 2)


def test_only_the_one_it_is_for_counts() -> None:
    mail = letter(LetterKind.ANSWER, ANSWER, COPY)
    found = follows(mail, {ADA: LATER, COPY: SENT}, next_at=NEXT)
    assert found == Aftermath(ticket=ticket())


def test_a_letter_about_no_ticket_changes_nothing() -> None:
    mail = letter(LetterKind.STAFF_QUARANTINE)
    assert aftermath(mail, {ADA: SENT}, None, None, POLICY, now=NOW, absent=()) == Aftermath(ticket=None)


# Not now.


@pytest.mark.parametrize("kind", LetterKind)
def test_what_is_tried_again_means_nothing_yet(kind: LetterKind) -> None:
    assert follows(letter(kind), LATER, next_at=NEXT) == Aftermath(ticket=ticket())


def test_an_answer_that_is_given_up_is_an_answer_that_nobody_got() -> None:
    found = follows(letter(then=ANSWER), Deferred("no answer from the server"))
    assert Flagged(Flag.LETTER_BOUNCED, "answer") in changes(found)
    assert LetterKind.STAFF_BOUNCE in kinds_of(found.letters)
    assert found.changes[0][1].startswith("given up: ")


@pytest.mark.parametrize("reason", ["451 4.7.1 later", "connection refused", "452 mailbox full", "timeout"])
@pytest.mark.parametrize("kind", [LetterKind.ACK, LetterKind.ANSWER])
def test_giving_up_says_nothing_about_the_address(kind: LetterKind, reason: str) -> None:
    assert follows(letter(kind), Deferred(reason)).acts == ()


# Never.


@pytest.mark.parametrize("kind", [LetterKind.ANSWER, LetterKind.INFO_REQUEST, LetterKind.CORRECTION])
def test_words_refused_at_once_leave_the_ticket_open_and_are_told_to_the_coordinator_too(kind: LetterKind) -> None:
    found = follows(letter(kind, ANSWER), GONE)
    assert changes(found) == [Flagged(Flag.LETTER_BOUNCED, kind.value)]
    assert [each.to for each in found.letters] == [TEAM, EVA.address]


def test_an_address_that_refused_for_ever_is_left_in_peace_for_sixty_days() -> None:
    assert follows(letter(LetterKind.ACK), GONE).acts == (Suppress(ADA, date(2026, 7, 31)),)


@pytest.mark.parametrize("reason", ["550 5.7.1 policy", "552 5.2.2 mailbox full", "552 5.3.4 too big"])
def test_a_refusal_by_policy_or_for_size_silences_nobody(reason: str) -> None:
    assert follows(letter(LetterKind.ACK), Bounced(reason)).acts == ()


@pytest.mark.parametrize("kind", [kind for kind in LetterKind if kind.audience is Audience.STAFF])
def test_a_letter_to_staff_that_is_refused_makes_no_letter(kind: LetterKind) -> None:
    found = follows(letter(kind), GONE)
    assert (found.letters, found.acts) == ((), ())
    assert changes(found) == [Flagged(Flag.LETTER_BOUNCED, kind.value)]


def test_a_letter_about_no_ticket_that_is_refused_is_put_on_record() -> None:
    mail = letter(LetterKind.STAFF_QUARANTINE)
    found = aftermath(mail, {ADA: GONE}, None, None, POLICY, now=NOW, absent=())
    assert (changes(found), found.letters, found.acts) == (
        [Flagged(Flag.LETTER_BOUNCED, "staff_quarantine")],
        (),
        (),
    )


def test_a_copy_that_is_refused_keeps_nothing_from_the_asker_who_got_his() -> None:
    found = follows(letter(LetterKind.ANSWER, ANSWER, COPY), {ADA: SENT, COPY: GONE})
    assert found.ticket is not None
    assert found.ticket.status is Status.ANSWERED
    assert found.letters[0].facts["recipient"] == COPY


# Nobody knows.


def test_a_letter_of_a_machine_goes_again_and_that_is_flagged() -> None:
    assert changes(follows(letter(LetterKind.ACK), UNKNOWN, next_at=NEXT)) == [Flagged(Flag.LETTER_TWICE, "ack")]


def test_a_letter_of_a_machine_that_is_not_tried_again_counts_as_refused() -> None:
    assert changes(follows(letter(LetterKind.ACK), UNKNOWN)) == [Flagged(Flag.LETTER_BOUNCED, "ack")]


@pytest.mark.parametrize("kind", [LetterKind.ANSWER, LetterKind.INFO_REQUEST, LetterKind.CORRECTION])
@pytest.mark.parametrize("next_at", [NEXT, None])
def test_words_of_a_person_wait_for_a_person(kind: LetterKind, next_at: datetime | None) -> None:
    found = follows(letter(kind, ANSWER), UNKNOWN, next_at=next_at)
    assert kinds_of(found.letters) == [LetterKind.STAFF_UNCERTAIN]
    assert found.changes == ()


ASKING = [LetterKind.PARTNER_REQUEST, LetterKind.PARTNER_UPDATE, LetterKind.PARTNER_SHARED]
TOLD = [LetterKind.PARTNER_REMINDER, LetterKind.PARTNER_OUTCOME, LetterKind.PARTNER_WITHDRAWN]


@pytest.mark.parametrize("kind", ASKING)
def test_what_staff_had_sent_to_a_partner_waits_for_a_person_once_it_is_not_tried_again(kind: LetterKind) -> None:
    mail = letter(kind, (asked(),) if kind is LetterKind.PARTNER_REQUEST else ())
    found = follows(mail, UNKNOWN)
    assert [(each.kind, each.to, each.facts["kind"]) for each in found.letters] == [
        (LetterKind.STAFF_UNCERTAIN, TEAM, kind.value)
    ]
    assert (found.changes, found.ticket) == ((), ticket())  # nobody says that it was taken, or that it was not


@pytest.mark.parametrize("kind", ASKING)
def test_as_long_as_it_is_tried_again_it_goes_again(kind: LetterKind) -> None:
    found = follows(letter(kind), UNKNOWN, next_at=NEXT)
    assert (changes(found), found.letters) == ([Flagged(Flag.LETTER_TWICE, kind.value)], ())


@pytest.mark.parametrize("kind", TOLD)
@pytest.mark.parametrize(("next_at", "flag"), [(NEXT, Flag.LETTER_TWICE), (None, Flag.LETTER_BOUNCED)])
def test_what_the_desk_itself_tells_a_partner_is_a_letter_of_a_machine(
    kind: LetterKind, next_at: datetime | None, flag: Flag
) -> None:
    found = follows(letter(kind), UNKNOWN, next_at=next_at)
    assert (changes(found), found.letters) == ([Flagged(flag, kind.value)], ())


def test_without_a_ticket_nobody_is_asked() -> None:
    found = aftermath(letter(), {ADA: UNKNOWN}, None, None, POLICY, now=NOW, absent=())
    assert found == Aftermath(ticket=None)


# What is true of all of them.

OUTCOMES = st.sampled_from([SENT, GONE, LATER, UNKNOWN, Bounced("550 5.7.1 policy"), Deferred("x", account_wide=True)])


@given(
    st.sampled_from(LetterKind),
    st.sampled_from([(), ANSWER, ASK]),
    OUTCOMES,
    OUTCOMES,
    st.sampled_from([ticket(), waiting(), answered(), closed()]),
    st.sampled_from([None, NEXT]),
)
def test_the_ticket_afterwards_is_the_ticket_with_the_changes_and_no_asker_is_mailed(
    kind: LetterKind,
    then: tuple[Change, ...],
    first: Outcome,
    second: Outcome,
    made: Ticket,
    next_at: datetime | None,
) -> None:
    mail = replace(letter(kind, then), recipients=(ADA, COPY))
    found = follows(mail, {ADA: first, COPY: second}, made=made, next_at=next_at)
    assert found.ticket == after(made, *changes(found))
    assert all(each.kind.audience is Audience.STAFF for each in found.letters)
    assert address(ADA) not in [each.to for each in found.letters]
    if kind.audience is Audience.STAFF:
        assert found.letters == ()
