"""What it means when a letter of ours was refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.capability import Audience
from ksmail.desk.acts import Suppress
from ksmail.desk.arrival import Decision, Disposition
from ksmail.desk.case import Returned
from ksmail.desk.consultation import ConsultationEnded, Inherited, Stage
from ksmail.desk.decide import decide
from ksmail.desk.letter import LetterKind
from ksmail.desk.returned import Consequence, came_back, unsure
from ksmail.desk.ticket import (
    AnswerFailed,
    Assigned,
    Flag,
    Flagged,
    Ground,
    MergedInto,
    Promised,
    PromiseState,
    Status,
    Ticket,
    Unkept,
)
from ksmail.incoming.verdict import Sort, Verdict
from tests.builders import MONDAY, address, message
from tests.desk.facts import (
    EVA,
    NOW,
    PEER,
    POLICY,
    SECOND,
    TEAM,
    after,
    answered,
    arrival,
    closed,
    consultation,
    consulted,
    kinds_of,
    replied,
    returned,
    ticket,
    waiting,
)

DAY = timedelta(days=1)
OF_PEER = Assigned(PEER.address)
STAFF_KINDS = [kind for kind in LetterKind if kind.audience in (Audience.STAFF, Audience.OPS)]
ASKER_KINDS = [kind for kind in LetterKind if kind not in STAFF_KINDS]
PERSONS = [kind for kind in LetterKind if kind.by_a_person]


def back(
    made: Ticket | None,
    kind: LetterKind = LetterKind.ANSWER,
    now: datetime = NOW,
    absent: tuple[object, ...] = (),
    **facts: object,
) -> Consequence:
    return came_back(made, returned(kind, **facts), POLICY, now=now, absent=absent)  # type: ignore[arg-type]


# An answer that nobody got.


@pytest.mark.parametrize("over", [answered(), closed(answered())])
def test_story_14_a_bounced_answer_is_work_again_and_flagged(over: Ticket) -> None:
    found = back(over)
    assert found.ticket is not None
    assert found.ticket.status is Status.IN_PROGRESS
    assert found.changes[0] == Flagged(Flag.LETTER_BOUNCED, "answer")
    assert AnswerFailed() in found.changes


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2026-06-04T21:59", PromiseState.OPEN),  # Thursday at the desk
        ("2026-06-04T22:00", PromiseState.BROKEN),  # Friday at the desk
    ],
)
def test_the_promise_that_it_kept_is_open_again_or_broken_by_the_date_at_the_desk(
    now: str, state: PromiseState
) -> None:
    found = back(answered(), now=datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert found.changes[-1] == Unkept(state)


def test_where_nothing_was_promised_nothing_is_unkept() -> None:
    assert not any(isinstance(change, Unkept) for change in back(answered(waiting())).changes)


@pytest.mark.parametrize("kind", PERSONS)
def test_refused_at_once_nothing_had_changed_yet(kind: LetterKind) -> None:
    found = back(after(ticket(), OF_PEER), kind)
    assert found.changes == (Flagged(Flag.LETTER_BOUNCED, kind.value),)
    assert found.ticket is not None
    assert found.ticket.status is Status.IN_PROGRESS


def test_a_copy_that_bounces_changes_nothing_for_the_asker_who_has_his_answer() -> None:
    found = back(answered(), first_recipient=False, recipient="adviser@uni.example")
    assert found.ticket is not None
    assert found.ticket.status is Status.ANSWERED
    assert found.letters[0].facts["knows_nothing"] is False


def test_a_correction_that_bounces_is_work_again_but_the_answer_kept_its_promise() -> None:
    found = back(answered(), LetterKind.CORRECTION)
    assert found.ticket is not None
    assert found.ticket.status is Status.IN_PROGRESS
    assert not any(isinstance(change, Unkept) for change in found.changes)


# A question that nobody got.


def test_a_bounced_question_to_the_asker_starts_the_clock_with_the_days_that_were_left() -> None:
    found = back(waiting(days=2), LetterKind.INFO_REQUEST)
    assert found.changes[1:] == (AnswerFailed(), Promised(promised_on=date(2026, 6, 3), ground=Ground.RETURNED))
    assert found.ticket is not None
    assert (found.ticket.status, found.ticket.remaining_days) == (Status.IN_PROGRESS, None)


def test_without_a_count_all_days_are_left() -> None:
    found = back(replace(waiting(), remaining_days=None), LetterKind.INFO_REQUEST)
    assert found.changes[-1] == Promised(promised_on=date(2026, 6, 4), ground=Ground.RETURNED)


@pytest.mark.parametrize("over", [answered(), closed()])
def test_a_question_that_bounces_after_the_answer_opens_nothing(over: Ticket) -> None:
    found = back(over, LetterKind.INFO_REQUEST)
    assert found.ticket is not None
    assert found.ticket.status is over.status
    assert not any(isinstance(change, Promised) for change in found.changes)


def test_an_answer_that_bounces_while_we_wait_for_a_reply_leaves_the_clock() -> None:
    found = back(waiting())
    assert found.ticket is not None
    assert (found.ticket.status, found.ticket.remaining_days) == (Status.WAITING_ASKER, 2)


@pytest.mark.parametrize("kind", PERSONS)
def test_a_question_that_went_into_another_one_does_not_open_by_itself(kind: LetterKind) -> None:
    gone = after(answered(), MergedInto(reference=SECOND, at=MONDAY))
    found = back(gone, kind)
    assert found.ticket is not None
    assert found.ticket.status is Status.CLOSED
    assert kinds_of(found.letters) != []


@pytest.mark.parametrize("kind", [kind for kind in ASKER_KINDS if not kind.by_a_person])
def test_a_letter_of_a_machine_that_bounces_is_flagged_and_told_and_changes_no_state(kind: LetterKind) -> None:
    found = back(ticket(), kind)
    assert found.ticket == after(ticket(), Flagged(Flag.LETTER_BOUNCED))
    assert kinds_of(found.letters) == [LetterKind.STAFF_BOUNCE]


# Who is told.


def test_who_handles_it_is_told_and_the_coordinators_too_where_a_persons_words_came_back() -> None:
    assert [letter.to for letter in back(after(answered(), OF_PEER)).letters] == [PEER.address, EVA.address]
    assert [letter.to for letter in back(after(ticket(), OF_PEER), LetterKind.ACK).letters] == [PEER.address]


def test_while_he_is_away_the_team_is_told() -> None:
    found = back(after(ticket(), OF_PEER), LetterKind.ACK, absent=(PEER.address,))
    assert [letter.to for letter in found.letters] == [TEAM]


def test_a_coordinator_who_handles_it_is_told_once() -> None:
    found = back(after(answered(), Assigned(EVA.address)))
    assert [letter.to for letter in found.letters] == [EVA.address]


def test_what_they_read_says_which_letter_to_whom_and_why() -> None:
    facts = back(answered()).letters[0].facts
    assert (facts["kind"], facts["recipient"], facts["reason"]) == (
        "answer",
        "ada@uni.example",
        "5.1.1 no such user",
    )


def test_two_reports_about_one_letter_make_one_notice() -> None:
    assert back(answered()).letters[0].cause == back(ticket(), now=NOW + DAY).letters[0].cause


@pytest.mark.parametrize("kind", STAFF_KINDS)
@pytest.mark.parametrize("made", [ticket(), answered(), None])
def test_a_bounced_letter_to_staff_makes_no_letter_and_silences_nobody(kind: LetterKind, made: Ticket | None) -> None:
    found = back(made, kind, recipient="team@desk.example")
    assert (found.letters, found.acts) == ((), ())


@pytest.mark.parametrize("kind", LetterKind)
@pytest.mark.parametrize("made", [ticket(), waiting(), answered(), closed(), None])
def test_a_bounce_never_mails_an_asker(kind: LetterKind, made: Ticket | None) -> None:
    assert all(letter.kind is LetterKind.STAFF_BOUNCE for letter in back(made, kind).letters)


# A request that no partner got.


def request_came_back(made: Ticket) -> Consequence:
    """The request to BZ was refused."""
    name = "<request-bz@desk.example>"
    return back(made, LetterKind.PARTNER_REQUEST, message_id=name, recipient="liaison@bz.example")


def test_a_partner_whose_request_came_back_is_not_waited_for_and_staff_hear_of_it() -> None:
    found = request_came_back(consulted(ticket(), "BZ", "OCW"))
    assert ConsultationEnded("BZ", Stage.RETURNED) in found.changes
    assert found.ticket is not None
    assert [(each.partner, each.stage) for each in found.ticket.consultations] == [
        ("BZ", Stage.RETURNED),
        ("OCW", Stage.SENT),
    ]
    assert [(each.kind, each.to) for each in found.letters] == [(LetterKind.STAFF_BOUNCE, TEAM)]


@pytest.mark.parametrize(
    "made",
    [
        after(consulted(ticket(), "BZ"), replied()),
        consulted(ticket(), "BZ", message_id="<again@desk.example>"),
        closed(consulted(ticket(), "BZ")),
        ticket(),
    ],
    ids=["answered", "asked again", "closed", "never asked"],
)
def test_what_came_of_it_otherwise_stays(made: Ticket) -> None:
    found = request_came_back(made)
    assert found.ticket is not None
    assert found.ticket.consultations == made.consultations


def test_what_was_asked_about_a_question_that_was_put_into_this_one_is_not_waited_for_here_either() -> None:
    brought = Inherited(consultation(consulted(ticket(), "BZ")))
    found = request_came_back(after(ticket(reference=SECOND), brought))
    assert found.ticket is not None
    assert (found.ticket.status, consultation(found.ticket).stage) == (Status.IN_PROGRESS, Stage.RETURNED)
    assert [each.about for each in found.letters] == [str(SECOND)]


# Who is not mailed any more.


@pytest.mark.parametrize("reason", ["5.1.1 no such user", "550 no such user", "5.1.2 no such host", "5.4.4 no route"])
def test_an_address_that_is_no_good_gets_no_automatic_letter_for_sixty_days(reason: str) -> None:
    assert back(ticket(), LetterKind.ACK, reason=reason).acts == (Suppress("ada@uni.example", date(2026, 7, 31)),)


@pytest.mark.parametrize(
    "reason",
    [
        "5.2.2 mailbox full",
        "5.3.4 message too big",
        "5.6.0 cannot convert",
        "5.7.1 refused by policy",
        "5.7.26 not authenticated",
        "550 5.7.1 refused by policy",
        "4.2.2 mailbox full",
        "4.4.7 not delivered in five days",
        "4.7.1 greylisted",
        "4.4.1 no answer from host",
    ],
)
def test_a_full_mailbox_a_policy_or_a_delay_say_nothing_about_an_address(reason: str) -> None:
    found = back(answered(), reason=reason)
    assert found.acts == ()
    assert AnswerFailed() in found.changes  # he has no answer all the same


def test_the_days_are_counted_at_the_desk() -> None:
    late = datetime(2026, 6, 1, 22, 30, tzinfo=UTC)
    assert back(ticket(), LetterKind.ACK, now=late).acts == (Suppress("ada@uni.example", date(2026, 8, 1)),)


def test_without_a_ticket_an_address_is_silenced_and_nobody_told() -> None:
    found = back(None, LetterKind.ACK_UNREADABLE)
    assert (found.ticket, found.changes, found.letters) == (None, (), ())
    assert found.acts == (Suppress("ada@uni.example", date(2026, 7, 31)),)


@pytest.mark.parametrize("made", [answered(), None])
def test_what_was_refused_for_now_means_nothing(made: Ticket | None) -> None:
    assert back(made, for_ever=False) == Consequence(ticket=made)


# A report that comes later.


def report(*letters: Returned, **facts: object) -> Decision:
    defaults: dict[str, object] = {
        "verdict": Verdict(Sort.BOUNCE, "a delivery report"),
        "message": message(sender=address("mailer-daemon@mx.uni.example"), text="Sorry."),
        "sender": None,
        "ticket": answered(),
        "returned": letters,
    }
    return decide(arrival(**(defaults | facts)), POLICY)


def test_a_report_is_shown_with_its_ticket_and_brings_what_it_means() -> None:
    decision = report(returned())
    assert decision.disposition is Disposition.BOUNCE
    assert decision.ticket is not None
    assert decision.ticket.status is Status.IN_PROGRESS
    assert "answer came back" in decision.because
    assert kinds_of(decision.letters) == [LetterKind.STAFF_BOUNCE, LetterKind.STAFF_BOUNCE]


def test_a_report_about_two_recipients_brings_both() -> None:
    decision = report(returned(), returned(recipient="adviser@uni.example", first_recipient=False))
    assert len([change for change in decision.changes if isinstance(change, Flagged)]) == 2
    assert len({letter.cause for letter in decision.letters}) == 2


def test_a_report_about_nothing_of_ours_changes_nothing() -> None:
    decision = report(ticket=None)
    assert (decision.changes, decision.letters, decision.acts) == ((), (), ())


def test_a_report_about_a_letter_to_staff_makes_no_letter() -> None:
    assert report(returned(LetterKind.STAFF_NEW, recipient=TEAM.spec)).letters == ()


def test_the_same_report_again_opens_no_second_promise() -> None:
    once = back(waiting(), LetterKind.INFO_REQUEST)
    again = back(once.ticket, LetterKind.INFO_REQUEST)
    assert not any(isinstance(change, Promised) for change in again.changes)


@given(
    st.sampled_from(LetterKind),
    st.sampled_from([ticket(), waiting(), answered(), closed(), closed(answered()), None]),
    st.booleans(),
    st.sampled_from(["5.1.1 x", "4.2.2 x", "5.7.1 x", ""]),
)
def test_the_ticket_after_a_bounce_is_the_ticket_with_its_changes(
    kind: LetterKind, made: Ticket | None, first: bool, reason: str
) -> None:
    found = back(made, kind, first_recipient=first, reason=reason)
    assert found.ticket == (after(made, *found.changes) if made else None)


# Nobody knows.


def test_a_second_doubt_about_the_same_letter_is_asked_about_again() -> None:
    first, second = (
        unsure(ticket(), returned(), POLICY, now=NOW + timedelta(hours=each), absent=())[0] for each in (0, 1)
    )
    assert first.cause != second.cause


def test_words_that_perhaps_arrived_are_put_before_a_person_with_now_and_stop() -> None:
    (letter,) = unsure(after(ticket(), OF_PEER), returned(), POLICY, now=NOW, absent=())
    assert (letter.kind, letter.to) == (LetterKind.STAFF_UNCERTAIN, PEER.address)
    assert [each.line for each in letter.prepared] == ["#nu", "#stop"]
    assert letter.facts == {"kind": "answer", "recipient": "ada@uni.example", "reason": "5.1.1 no such user"}
