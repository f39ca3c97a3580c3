"""One question of two, or two of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ksmail.capability import Audience
from ksmail.desk.actions.join import joins_strangers
from ksmail.desk.consultation import ConsultationEnded, Inherited, Position, Stage
from ksmail.desk.leaks import Leak, LeakKind
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.policy import Policy
from ksmail.desk.progress import Progress
from ksmail.desk.refusal import Why
from ksmail.desk.ticket import (
    Absorbed,
    Change,
    CloseReason,
    ContinuedBy,
    Continues,
    EntryKind,
    Ground,
    Joined,
    MergedInto,
    OpenedAgain,
    Posted,
    Promised,
    PromiseSettled,
    PromiseState,
    Status,
    Ticket,
    evolve,
)
from ksmail.incoming.identity import Role
from ksmail.reference import Reference
from tests.builders import MONDAY, address
from tests.desk.facts import (
    BZ,
    CONSULTING,
    EVA,
    FIRST,
    NOW,
    SECOND,
    TEAM,
    THURSDAY,
    after,
    answered,
    asked,
    carried,
    case,
    closed,
    consulted,
    kinds_of,
    letter_of,
    refused,
    replied,
    text,
    ticket,
    waiting,
    why,
)

BOB = address("bob@uni.example")
ADVISER = address("adviser@uni.example")
THIRD = Reference("KV", 2026, 3)
LATER = Promised(promised_on=date(2026, 6, 10), ground=Ground.EXTENDED)


def second(*parts: object, **facts: object) -> Ticket:
    return ticket(*parts, reference=SECOND, **facts)  # type: ignore[arg-type]  # mixed facts


def merged(own: Ticket | None = None, into: Ticket | None = None) -> Progress:
    return carried("#merge KV-2026-0002", ticket=own or ticket(), other=into or second())


def elsewhere(outcome: Progress) -> tuple[Change, ...]:
    (there,) = outcome.elsewhere
    return there.changes


def test_a_merge_closes_this_one_and_points_to_that_one() -> None:
    outcome = merged()
    assert outcome.ticket is not None
    assert (outcome.ticket.status, outcome.ticket.closed_because) == (Status.CLOSED, CloseReason.MERGED)
    assert outcome.ticket.merged_into == SECOND
    assert outcome.elsewhere[0].ticket == SECOND
    assert Absorbed(FIRST) in elsewhere(outcome)


def test_the_promise_of_this_one_is_dropped() -> None:
    assert PromiseSettled(PromiseState.DROPPED) in merged().changes
    assert MergedInto(reference=SECOND, at=NOW) in merged().changes


def test_a_promise_that_was_late_by_then_is_broken() -> None:
    outcome = carried("#merge KV-2026-0002", other=second(), now=NOW + timedelta(days=4))
    assert PromiseSettled(PromiseState.BROKEN) in outcome.changes


def test_the_asker_is_told_one_number_at_once() -> None:
    letter = letter_of(merged(), LetterKind.MERGED)
    assert letter.to == address()
    assert letter.facts["into"] == SECOND
    assert letter.wait == timedelta(0)


def test_everybody_of_this_one_has_a_part_in_that_one_once() -> None:
    outcome = merged(ticket(ADVISER, asker=BOB), second(ADVISER))
    assert [change for change in elsewhere(outcome) if isinstance(change, Joined)] == [Joined(BOB, "copied")]


def test_the_earlier_of_two_dates_holds() -> None:
    outcome = merged(ticket(), after(second(), LATER))
    assert letter_of(outcome, LetterKind.MERGED).facts["promised_on"] == THURSDAY
    assert elsewhere(outcome)[1:] == (
        PromiseSettled(PromiseState.MOVED),
        Promised(promised_on=THURSDAY, ground=Ground.MERGED),
    )


def test_a_later_date_moves_nothing() -> None:
    outcome = merged(after(ticket(), LATER), second())
    assert letter_of(outcome, LetterKind.MERGED).facts["promised_on"] == THURSDAY
    assert elsewhere(outcome) == (Absorbed(FIRST),)


@pytest.mark.parametrize("own", [answered(), closed()])
def test_the_date_of_a_question_that_is_over_counts_no_more(own: Ticket) -> None:
    outcome = merged(own, after(second(), LATER))
    assert letter_of(outcome, LetterKind.MERGED).facts["promised_on"] == LATER.promised_on
    assert elsewhere(outcome) == (Absorbed(FIRST),)


@pytest.mark.parametrize("into", [answered(second()), closed(second())])
def test_a_question_that_somebody_waits_for_is_not_put_into_one_that_is_over(into: Ticket) -> None:
    assert why(refused("#merge KV-2026-0002", other=into)) is Why.OTHER_CLOSED


@pytest.mark.parametrize("into", [answered(second()), closed(second())])
def test_a_question_that_is_over_promises_nothing(into: Ticket) -> None:
    outcome = merged(closed(), into)
    assert letter_of(outcome, LetterKind.MERGED).facts["promised_on"] is None
    assert elsewhere(outcome) == (Absorbed(FIRST),)


def test_where_the_clock_stands_still_no_date_is_told_and_none_given() -> None:
    outcome = merged(ticket(), waiting(second()))
    assert letter_of(outcome, LetterKind.MERGED).facts["promised_on"] is None
    assert elsewhere(outcome) == (Absorbed(FIRST),)


def test_a_date_that_has_passed_is_told_to_nobody_and_moves_nothing() -> None:
    now = NOW + timedelta(days=4)  # Friday; Thursday was promised here
    outcome = carried("#merge KV-2026-0002", other=after(second(), LATER), now=now)
    assert letter_of(outcome, LetterKind.MERGED).facts["promised_on"] == LATER.promised_on
    assert elsewhere(outcome) == (Absorbed(FIRST),)


def test_a_date_that_has_passed_there_is_not_told_either() -> None:
    now = NOW + timedelta(days=4)
    outcome = carried("#merge KV-2026-0002", ticket=waiting(), other=second(), now=now)
    assert letter_of(outcome, LetterKind.MERGED).facts["promised_on"] is None


def test_today_is_a_date_that_can_still_be_kept() -> None:
    outcome = carried("#merge KV-2026-0002", other=after(second(), LATER), now=NOW + timedelta(days=3))
    assert letter_of(outcome, LetterKind.MERGED).facts["promised_on"] == THURSDAY


def test_a_merge_never_leaves_two_open_promises() -> None:
    into = after(second(), LATER)
    assert [type(change) for change in elsewhere(merged(ticket(), into))[1:]] == [PromiseSettled, Promised]


# With its partners.


def disagreements(outcome: Progress) -> list[Letter]:
    return [letter for letter in outcome.letters if letter.kind is LetterKind.STAFF_DISAGREEMENT]


def joined(own: Ticket, into: Ticket, policy: Policy = CONSULTING, **facts: object) -> Progress:
    return carried("#merge KV-2026-0002", policy, ticket=own, other=into, **facts)


def test_what_was_asked_of_partners_goes_along_as_it_stood() -> None:
    own = after(consulted(ticket(), "BZ", "OCW", "EZ"), replied("OCW"), ConsultationEnded("EZ", Stage.EXPIRED))
    outcome = joined(own, second())
    assert elsewhere(outcome) == (Absorbed(FIRST), *map(Inherited, own.consultations))
    assert kinds_of(outcome.letters) == [LetterKind.MERGED]


def test_what_was_closed_before_does_not() -> None:
    over = after(closed(consulted(ticket(), "BZ")), OpenedAgain(at=NOW))
    assert elsewhere(joined(over, second())) == (Absorbed(FIRST),)


def test_a_partner_that_was_asked_about_both_is_told_once_and_asked_about_one() -> None:
    there = consulted(second(), "BZ", message_id="<other@desk.example>")
    outcome = joined(consulted(ticket(), "BZ", "OCW"), there)
    (letter,) = (each for each in outcome.letters if each.kind.audience is Audience.PARTNER)
    assert (letter.kind, letter.to, letter.facts["reason"]) == (LetterKind.PARTNER_WITHDRAWN, BZ.liaison, "merged")
    assert (letter.about, letter.in_reply_to) == (str(FIRST), "<request-bz@desk.example>")
    assert (letter.wait, letter.then) == (timedelta(0), ())
    kept = after(there, *elsewhere(outcome))
    assert [(each.partner, each.message_id) for each in kept.consultations] == [
        ("BZ", "<other@desk.example>"),
        ("OCW", "<request-ocw@desk.example>"),
    ]


@pytest.mark.parametrize(
    "own",
    [
        after(consulted(ticket(), "BZ"), replied()),
        after(consulted(ticket(), "BZ"), ConsultationEnded("BZ", Stage.EXPIRED)),
        consulted(ticket(), "OCW"),
    ],
    ids=["has answered", "was silent", "was another one"],
)
def test_one_that_need_not_answer_about_this_one_hears_nothing(own: Ticket) -> None:
    outcome = joined(own, consulted(second(), "BZ"))
    assert kinds_of(outcome.letters) == [LetterKind.MERGED]


def test_nor_does_one_to_whom_nobody_can_write() -> None:
    here, there = consulted(ticket(), "BZ"), consulted(second(), "BZ")
    without = replace(CONSULTING, partners=(replace(BZ, liaison=None),))
    assert kinds_of(joined(here, there, without).letters) == [LetterKind.MERGED]
    assert kinds_of(joined(here, there, replace(CONSULTING, partners=())).letters) == [LetterKind.MERGED]


AGREES = after(consulted(ticket(), "BZ"), replied("BZ"))
OBJECTS = after(consulted(second(), "OCW"), replied("OCW", Position.OBJECTION))


def test_partners_who_contradict_each_other_once_two_questions_are_one_are_told_to_staff() -> None:
    words = {"role": Role.PARTNER, "audience": Audience.PARTNER}
    here = case(texts=(text(EntryKind.POSITION, "#ok\n\nGo ahead.", partner="BZ", **words),))
    there = case(texts=(text(EntryKind.POSITION, "#bezwaar\n\nNo.", partner="OCW", **words),))
    found = disagreements(joined(AGREES, OBJECTS, case=here, other_case=there))
    assert [(each.to, each.about) for each in found] == [(TEAM, str(SECOND)), (EVA.address, str(SECOND))]
    assert [(each.code, each.position, each.text) for each in found[0].facts["positions"]] == [
        ("BZ", "no_objection", "Go ahead."),
        ("OCW", "objection", "No."),
    ]
    assert found[0].facts["promised_on"] == THURSDAY
    assert [each.line for each in found[0].prepared[:2]] == ["#deel BZ", "#deel OCW"]
    assert {each.cause for each in found} == {"orders of mail 17"}


def test_so_they_are_the_other_way_round() -> None:
    own = after(consulted(ticket(), "OCW"), replied("OCW", Position.OBJECTION))
    assert disagreements(joined(own, after(consulted(second(), "BZ"), replied("BZ"))))


@pytest.mark.parametrize(
    ("own", "into"),
    [
        (AGREES, after(OBJECTS, *(asked("EZ"), replied("EZ")))),  # it was told there already
        (AGREES, after(consulted(second(), "OCW"), replied("OCW"))),
        (AGREES, consulted(second(), "OCW")),
        (ticket(), OBJECTS),
        (closed(AGREES), OBJECTS),  # what was closed before does not go along
        (AGREES, after(consulted(second(), "BZ"), replied("BZ", Position.OBJECTION))),  # it thinks otherwise of this
    ],
)
def test_where_nobody_contradicts_another_one_anew_there_is_nothing_to_tell(own: Ticket, into: Ticket) -> None:
    assert disagreements(joined(own, into)) == []


def test_a_question_is_not_put_into_itself() -> None:
    assert why(refused("#merge KV-2026-0001")) is Why.SAME_TICKET


@pytest.mark.parametrize("other", [None, ticket(reference=THIRD)])
def test_the_other_number_must_exist(other: Ticket | None) -> None:
    assert why(refused("#merge KV-2026-0002", other=other)) is Why.NO_SUCH_TICKET


def test_what_went_into_a_third_one_points_there() -> None:
    gone = after(second(), MergedInto(reference=THIRD, at=MONDAY))
    stopped = refused("#merge KV-2026-0002", other=gone)
    assert (why(stopped), stopped.lines) == (Why.MERGED, ("KV-2026-0003",))


def test_a_merge_leaves_no_letter_of_the_same_mail_behind() -> None:
    assert why(refused("#extend 2026-06-12 x\n#merge KV-2026-0002", other=second())) is Why.LETTERS_WAIT


def test_after_a_merge_nothing_more_is_ordered_here() -> None:
    assert why(refused("#merge KV-2026-0002\n#take", other=second())) is Why.MERGED


def test_only_a_merge_of_other_people_joins_strangers() -> None:
    assert joins_strangers(ticket(), second(asker=BOB))
    assert joins_strangers(ticket(ADVISER), second())
    assert joins_strangers(ticket(), second(ADVISER))
    assert not joins_strangers(ticket(ADVISER), second(ADVISER, asker=address("ADA@uni.example")))


# Two of one.


def split(own: Ticket | None = None) -> tuple[Progress, Ticket]:
    """What a split comes to, and the second question."""
    outcome = carried("#split\n\nAnd may Eve come?", ticket=own or ticket(ADVISER))
    made: Ticket | None = None
    for change in elsewhere(outcome):
        made = evolve(made, change)
    assert made is not None
    return outcome, made


def test_a_split_makes_a_question_of_the_same_asker_with_its_own_date() -> None:
    outcome, made = split(after(ticket(), LATER))
    assert (made.reference, made.asker, made.promised_on) == (SECOND, address(), THURSDAY)
    assert outcome.ticket is not None
    assert outcome.ticket.promised_on == LATER.promised_on


def test_both_questions_know_of_each_other() -> None:
    outcome, made = split()
    assert ContinuedBy(SECOND) in outcome.changes
    assert made.continues == FIRST
    assert Continues(FIRST) in elsewhere(outcome)


def test_the_text_is_the_second_question_which_its_asker_may_read() -> None:
    outcome, _ = split()
    (posted,) = (change for change in elsewhere(outcome) if isinstance(change, Posted))
    assert (posted.kind, posted.text, posted.audience) == (EntryKind.QUESTION, "And may Eve come?", Audience.ASKER)


def test_those_in_cc_have_a_part_in_the_second_question_too() -> None:
    assert split()[1].has_part(ADVISER)


def test_staff_work_on_the_second_question_already() -> None:
    assert split()[1].status is Status.IN_PROGRESS


def test_the_asker_gets_the_second_number_at_once_about_the_second_question() -> None:
    letter = letter_of(split()[0], LetterKind.LINKED_NEW)
    assert (letter.about, letter.wait) == ("KV-2026-0002", timedelta(0))
    assert (letter.facts["earlier"], letter.facts["split"]) == (FIRST, True)
    assert letter.facts["promised_on"] == THURSDAY


def test_the_receipt_names_the_second_number_and_its_date() -> None:
    (done,) = split()[0].done
    assert (done.reference, done.day) == ("KV-2026-0002", THURSDAY)


@pytest.mark.parametrize("own", [waiting(), answered(), closed()])
def test_a_split_of_whatever_state_leaves_that_state(own: Ticket) -> None:
    outcome, _ = split(own)
    assert outcome.ticket is not None
    assert outcome.ticket.status is own.status


def test_our_number_and_re_are_left_out_of_the_second_subject() -> None:
    assert split(ticket(subject="Re: [KV-2026-0001] A question"))[1].subject == "A question"


def test_words_of_a_note_do_not_become_the_askers_own_by_a_split() -> None:
    leaks = (Leak(LeakKind.INTERNAL, "she is known to us"),)
    assert why(refused("#split\n\nShe is known to us.", leaks=leaks)) is Why.LEAK
    assert carried("#split!\n\nShe is known to us.", leaks=leaks).elsewhere


def test_a_partner_that_got_another_code_between_two_questions_is_one_partner_of_both() -> None:
    renamed = replace(CONSULTING, partners=(replace(BZ, code="BUZA", aliases=("BZ",)),))
    outcome = joined(consulted(ticket(), "BZ"), consulted(second(), "BUZA"), renamed)
    (elsewhere,) = outcome.elsewhere
    assert not any(isinstance(change, Inherited) for change in elsewhere.changes)
    assert [letter.facts["reason"] for letter in outcome.letters if letter.kind is LetterKind.PARTNER_WITHDRAWN] == [
        "merged"
    ]
