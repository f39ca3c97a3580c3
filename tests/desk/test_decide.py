"""What the desk decides about one mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.address import Address
from ksmail.capability import Audience, Capability
from ksmail.desk.arrival import Arrival, Decision, Disposition, Twin
from ksmail.desk.decide import decide, is_colleague
from ksmail.desk.letter import LetterKind
from ksmail.desk.notices import decide_unreadable
from ksmail.desk.open import open_ticket
from ksmail.desk.policy import Caps, Policy
from ksmail.desk.ticket import EntryKind, Flag, Flagged, Ground, Joined, Posted, Promised, PromiseState, Ticket
from ksmail.desk.workdays import Calendar, Workdays
from ksmail.incoming.evidence import Evidence
from ksmail.incoming.identity import Proof, Role
from ksmail.incoming.verdict import Silence, Sort, Verdict
from ksmail.reference import Reference
from tests.builders import MONDAY, address, identity, institution, message
from tests.desk.facts import FIRST, TEAM, arrival, closed, correspondent, ordered, ticket, waiting

POLICY = Policy(team=TEAM)
ADVISER = address("adviser@uni.example")
STRANGER = address("someone@elsewhere.example")
ISSUED = Capability(str(FIRST), Audience.STAFF, "tag", "k0")


def kinds(facts: Arrival, policy: Policy = POLICY) -> list[LetterKind]:
    return [letter.kind for letter in decide(facts, policy).letters]


def flags(facts: Arrival) -> list[Flag]:
    return [change.flag for change in decide(facts, POLICY).changes if isinstance(change, Flagged)]


def test_a_first_question_opens_a_ticket_with_a_promise_an_acknowledgement_and_a_notice() -> None:
    decision = decide(arrival(), POLICY)
    assert decision.disposition is Disposition.TICKET
    assert decision.ticket is not None
    assert (decision.ticket.reference, decision.ticket.promised_on) == (FIRST, date(2026, 6, 4))
    assert [letter.kind for letter in decision.letters] == [LetterKind.ACK, LetterKind.STAFF_NEW]
    assert [letter.to for letter in decision.letters] == [address(), TEAM]


def test_the_acknowledgement_stands_in_the_thread_of_the_question() -> None:
    ack = decide(arrival(message=message(references=("<a@x.example>",))), POLICY).letters[0]
    assert ack.in_reply_to == "<question@uni.example>"
    assert ack.references == ("<a@x.example>", "<question@uni.example>")


def test_a_derived_message_id_is_never_quoted_to_anybody() -> None:
    ack = decide(arrival(message=message(message_id_given=False)), POLICY).letters[0]
    assert (ack.in_reply_to, ack.references) == ("", ())


def test_the_subject_is_repeated_to_a_verified_sender_only() -> None:
    verified = arrival(sender=correspondent(identity=identity(proof=Proof.VERIFIED)))
    assert decide(verified, POLICY).letters[0].facts["subject"] == "A question"
    assert decide(arrival(), POLICY).letters[0].facts["subject"] == ""


def test_a_question_fetched_too_late_gets_an_apology_and_a_fresh_date() -> None:
    decision = decide(arrival(now=MONDAY + timedelta(days=9)), POLICY)
    assert [change for change in decision.changes if isinstance(change, Promised)] == [
        Promised(promised_on=date(2026, 6, 4), ground=Ground.RECEIVED, state=PromiseState.BROKEN),
        Promised(promised_on=date(2026, 6, 15), ground=Ground.FETCHED_LATE),
    ]
    assert decision.letters[0].kind is LetterKind.ACK_LATE
    assert decision.letters[0].facts["old_date"] == date(2026, 6, 4)
    assert decision.ticket is not None
    assert decision.ticket.promised_on == date(2026, 6, 15)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"verdict": Verdict(Sort.PERSON, "suppressed", Silence.SUPPRESSED)}, Silence.SUPPRESSED),
        ({"sender": correspondent(identity=identity(proof=Proof.FAILED))}, Silence.SENDER_FAILED),
        ({"sender": correspondent(asker_role=Role.STAFF)}, Silence.OUR_OWN_PEOPLE),
        ({"sender": correspondent(identity=identity(role=Role.PARTNER))}, Silence.OUR_OWN_PEOPLE),
        ({"predates_desk": True}, Silence.TOO_OLD),
        ({"sender": correspondent(asker=address("mailer-daemon@uni.example"))}, Silence.ROLE_ADDRESS),
        ({"sender": correspondent(suppressed=True)}, Silence.BOUNCED_BEFORE),
    ],
)
def test_a_ticket_without_acknowledgement_says_why(facts: dict[str, object], reason: Silence) -> None:
    decision = decide(arrival(**facts), POLICY)
    assert decision.disposition is Disposition.TICKET
    assert [letter.kind for letter in decision.letters] == [LetterKind.STAFF_NEW]
    assert decision.letters[0].facts["silence"] == reason.value
    assert reason.value in decision.because


def test_mail_older_than_a_day_is_acknowledged_when_the_desk_is_not_new() -> None:
    assert LetterKind.ACK in kinds(arrival(now=MONDAY + timedelta(hours=25)))


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ({"letters_hour": 5}, Silence.ADDRESS_CAP),
        ({"letters_day": 10}, Silence.ADDRESS_CAP),
        ({"desk_letters_hour": 200}, Silence.DESK_CAP),
    ],
)
def test_beyond_a_cap_the_ticket_is_made_and_the_letter_waits_for_staff(
    counts: dict[str, int], reason: Silence
) -> None:
    decision = decide(arrival(sender=correspondent(**counts)), POLICY)
    assert decision.disposition is Disposition.TICKET
    assert decision.letters[0].held == reason.value
    assert decision.letters[1].held == ""
    assert decision.letters[1].facts["held"] is True


def test_a_report_that_anybody_can_forge_silences_nobody_whose_mail_is_proven() -> None:
    proven = correspondent(suppressed=True, identity=identity(proof=Proof.VERIFIED))
    assert LetterKind.ACK in kinds(arrival(sender=proven))


def test_below_the_caps_nothing_is_held() -> None:
    facts = arrival(sender=correspondent(letters_hour=4, letters_day=9, desk_letters_hour=199))
    assert decide(facts, POLICY).letters[0].held == ""


def test_others_in_cc_have_a_part_in_the_ticket_and_get_no_letter() -> None:
    decision = decide(arrival(sender=correspondent(copied=(ADVISER,))), POLICY)
    assert decision.ticket is not None
    assert decision.ticket.has_part(ADVISER)
    assert ADVISER not in [letter.to for letter in decision.letters]


def test_the_web_server_of_a_form_has_no_part_in_the_ticket() -> None:
    decision = decide(arrival(sender=correspondent(via_form=True)), POLICY)
    assert [change for change in decision.changes if isinstance(change, Joined)] == []


def test_an_author_who_wants_the_answer_elsewhere_has_a_part_too() -> None:
    decision = decide(arrival(sender=correspondent(asker=address("box@uni.example"))), POLICY)
    assert decision.letters[0].to == address("box@uni.example")
    assert decision.ticket is not None
    assert decision.ticket.has_part(address())


def test_a_private_address_is_asked_for_its_institution() -> None:
    known = correspondent(identity=identity(institution=institution()))
    freemail = correspondent(identity=identity(institution=institution("mail", "freemail")))
    asks = [
        decide(arrival(sender=who), POLICY).letters[0].facts["ask_institution"]
        for who in (known, freemail, correspondent())
    ]
    assert asks == [False, True, True]


def test_closed_days_in_between_are_named_in_both_languages() -> None:
    received = MONDAY.replace(month=12, day=23)
    ack = decide(arrival(received_at=received, now=received), POLICY).letters[0]
    days = ack.facts["closed_days"]
    assert [day.day for day in days] == [date(2026, 12, 25)]
    assert days[0].name_nl != days[0].name_en


def test_staff_are_told_when_a_mail_named_more_people_than_are_kept() -> None:
    assert flags(arrival(message=message(recipients_cut=True))) == [Flag.TRUNCATED]
    assert flags(arrival()) == []


def test_a_day_that_the_desk_chose_to_close_needs_no_name() -> None:
    bridge = Policy(team=TEAM, workdays=Workdays(Calendar(closed=frozenset({date(2026, 6, 3)}))))
    (day,) = decide(arrival(), bridge).letters[0].facts["closed_days"]
    assert (day.day, day.name_nl, day.name_en) == (date(2026, 6, 3), "", "")


def test_a_number_the_sender_has_no_part_in_is_flagged_on_a_new_ticket() -> None:
    number = Reference("KV", 2026, 7)
    decision = decide(arrival(evidence=Evidence(number=number)), POLICY)
    assert decision.disposition is Disposition.TICKET
    assert Flagged(Flag.NUMBER_OF_OTHERS, str(number)) in decision.changes


def test_a_follow_up_by_the_asker_is_shown_to_staff_and_not_acknowledged() -> None:
    decision = decide(arrival(ticket=ticket(), found_by="our Message-ID"), POLICY)
    assert decision.disposition is Disposition.FOLLOW_UP
    assert [letter.kind for letter in decision.letters] == [LetterKind.STAFF_FOLLOWUP]
    assert decision.letters[0].facts["is_asker"] is True
    assert [change.kind for change in decision.changes if isinstance(change, Posted)] == [EntryKind.FOLLOW_UP]


def test_a_follow_up_leaves_the_promise_alone() -> None:
    before = ticket()
    decision = decide(arrival(ticket=before, now=MONDAY + timedelta(days=20)), POLICY)
    assert decision.ticket == before


def test_a_colleague_of_the_asker_is_accepted_and_flagged() -> None:
    colleague = correspondent(identity=identity(address=address("bob@uni.example")))
    decision = decide(arrival(ticket=ticket(), sender=colleague), POLICY)
    assert decision.disposition is Disposition.FOLLOW_UP
    assert Flagged(Flag.COLLEAGUE) in decision.changes
    assert decision.ticket is not None
    assert decision.ticket.has_part(address("bob@uni.example"))


def test_two_people_at_one_freemail_provider_are_no_colleagues() -> None:
    freemail = identity(address=address("bob@uni.example"), institution=institution("mail", "freemail"))
    decision = decide(arrival(ticket=ticket(), sender=correspondent(identity=freemail)), POLICY)
    assert decision.disposition is Disposition.HELD


def test_a_signed_reference_in_a_strangers_hands_is_held_and_staff_are_told() -> None:
    facts = arrival(ticket=ticket(), sender=correspondent(identity=identity(address=STRANGER)))
    decision = decide(facts, POLICY)
    assert decision.disposition is Disposition.HELD
    assert [letter.kind for letter in decision.letters] == [LetterKind.STAFF_QUARANTINE]
    assert [letter.to for letter in decision.letters] == [TEAM]
    assert decision.changes == ()


@pytest.mark.parametrize("sort", [Sort.AUTOMATIC, Sort.BULK, Sort.BOUNCE])
@pytest.mark.parametrize("known", [True, False])
def test_a_machine_is_recorded_shown_with_its_ticket_and_changes_nothing(sort: Sort, known: bool) -> None:
    before = ticket() if known else None
    decision = decide(arrival(ticket=before, verdict=Verdict(sort, "a sign")), POLICY)
    assert decision.letters == ()
    assert decision.ticket == before
    assert [type(change) for change in decision.changes] == ([Posted] if known else [])
    assert all(change.audience is Audience.STAFF for change in decision.changes if isinstance(change, Posted))


def test_a_machine_without_a_sender_is_recorded() -> None:
    facts = arrival(ticket=ticket(), sender=None, message=message(sender=None), verdict=Verdict(Sort.BOUNCE, "report"))
    assert decide(facts, POLICY).disposition is Disposition.BOUNCE


def test_a_machine_like_mail_that_a_person_may_have_written_is_held() -> None:
    decision = decide(arrival(verdict=Verdict(Sort.MACHINE_LIKE, "noreply address with words")), POLICY)
    assert decision.disposition is Disposition.HELD
    assert [letter.kind for letter in decision.letters] == [LetterKind.STAFF_QUARANTINE]


def test_our_own_letter_that_came_back_is_recorded_and_nobody_is_told() -> None:
    decision = decide(arrival(verdict=Verdict(Sort.OWN, "our Message-ID")), POLICY)
    assert (decision.disposition, decision.letters) == (Disposition.OWN, ())


def test_a_mail_without_one_author_is_quarantined() -> None:
    decision = decide(arrival(message=message(sender=None, ambiguity="two From fields"), sender=None), POLICY)
    assert decision.disposition is Disposition.QUARANTINED
    assert "two From fields" in decision.because


def test_a_forms_mail_that_names_nobody_is_held() -> None:
    assert decide(arrival(sender=None), POLICY).disposition is Disposition.HELD


def test_an_encrypted_mail_is_quarantined_and_its_sender_told() -> None:
    facts = arrival(message=message(encrypted="PGP/MIME"))
    assert decide(facts, POLICY).disposition is Disposition.QUARANTINED
    assert kinds(facts) == [LetterKind.ACK_UNREADABLE, LetterKind.STAFF_QUARANTINE]


def test_an_encrypted_mail_from_a_failed_sender_is_not_answered() -> None:
    facts = arrival(message=message(encrypted="PGP/MIME"), sender=correspondent(identity=identity(proof=Proof.FAILED)))
    assert kinds(facts) == [LetterKind.STAFF_QUARANTINE]


def test_an_encrypted_mail_that_looks_like_a_machines_is_held_and_not_answered() -> None:
    facts = arrival(message=message(encrypted="PGP/MIME"), verdict=Verdict(Sort.MACHINE_LIKE, "noreply"))
    assert decide(facts, POLICY).disposition is Disposition.HELD
    assert kinds(facts) == [LetterKind.STAFF_QUARANTINE]


def test_an_encrypted_follow_up_is_not_acknowledged() -> None:
    assert kinds(arrival(message=message(encrypted="S/MIME"), ticket=ticket())) == [LetterKind.STAFF_QUARANTINE]


PROGRAM = Evidence(program=Capability("D-17", Audience.OPS, "tag", "k0"))


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("sort", [Sort.PERSON, Sort.MACHINE_LIKE])
def test_whoever_answers_a_mail_about_the_program_is_recorded_in_silence(role: Role, sort: Sort) -> None:
    who = correspondent(identity=identity(role=role, proof=Proof.FAILED))
    decision = decide(arrival(evidence=PROGRAM, sender=who, verdict=Verdict(sort, "so it says")), POLICY)
    assert (decision.disposition, decision.letters) == (Disposition.PROGRAM, ())
    assert (decision.ticket, decision.changes, decision.acts) == (None, (), ())
    assert "D-17" in decision.because


def test_an_encrypted_answer_to_it_too_unless_staff_wrote_it() -> None:
    sealed = message(encrypted="PGP/MIME")
    assert decide(arrival(evidence=PROGRAM, message=sealed), POLICY).disposition is Disposition.PROGRAM
    by_staff = ordered("", evidence=PROGRAM, ticket=None, message=sealed)
    assert decide(by_staff, POLICY).disposition is Disposition.QUARANTINED


@pytest.mark.parametrize("facts", [{"ticket": ticket()}, {"released": True}])
def test_what_is_about_a_ticket_or_was_released_is_judged_as_ever(facts: dict[str, Any]) -> None:
    assert decide(arrival(evidence=PROGRAM, **facts), POLICY).disposition is not Disposition.PROGRAM


def test_a_marked_answer_to_it_is_quarantined() -> None:
    marked = arrival(evidence=PROGRAM, message=message(text="Dep.V."))
    assert decide(marked, replace(POLICY, markings=("Dep.V.",))).disposition is Disposition.QUARANTINED


def written_by(role: Role, **facts: Any) -> Decision:
    """What becomes of a mail of the desk's own people about a ticket."""
    who, answers = correspondent(identity=identity(role=role)), Evidence(capability=ISSUED)
    return decide(arrival(**({"ticket": ticket(), "sender": who, "evidence": answers} | facts)), POLICY)


@pytest.mark.parametrize("role", [Role.STAFF, Role.OURSELVES])
def test_what_the_desks_own_people_write_into_a_ticket_rings_nobody(role: Role) -> None:
    assert written_by(role).letters == ()


@pytest.mark.parametrize("made", [ticket(), closed(), waiting()])
def test_of_what_a_partner_writes_about_a_question_that_it_was_not_asked_staff_hear(made: Ticket) -> None:
    decision = written_by(Role.PARTNER, ticket=made, message=message(text="You should not answer this."))
    assert [(letter.kind, letter.to) for letter in decision.letters] == [(LetterKind.STAFF_FOLLOWUP, TEAM)]
    facts = decision.letters[0].facts
    assert (facts["author"], facts["text"], facts["kind"]) == (address(), "You should not answer this.", "note")
    assert decision.ticket == made  # nothing is opened again, and no clock runs on


@pytest.mark.parametrize(("letters", "held"), [(19, ""), (20, "ticket_cap")])
def test_beyond_the_cap_that_notice_waits(letters: int, held: str) -> None:
    assert [each.held for each in written_by(Role.PARTNER, followup_letters_hour=letters).letters] == [held]


@pytest.mark.parametrize("sort", [Sort.AUTOMATIC, Sort.BULK, Sort.BOUNCE])
def test_of_what_a_machine_of_a_partner_writes_there_they_do_not(sort: Sort) -> None:
    assert written_by(Role.PARTNER, verdict=Verdict(sort, "a machine")).letters == ()


@pytest.mark.parametrize("role", [Role.STAFF, Role.PARTNER, Role.OURSELVES])
def test_what_the_desks_own_people_write_into_a_ticket_is_a_note_for_staff(role: Role) -> None:
    decision = written_by(role)
    assert decision.disposition is Disposition.FOLLOW_UP
    posted = [change for change in decision.changes if isinstance(change, Posted)]
    assert [(change.kind, change.audience) for change in posted] == [(EntryKind.NOTE, Audience.STAFF)]


@pytest.mark.parametrize("role", [Role.STAFF, Role.PARTNER, Role.OURSELVES])
@pytest.mark.parametrize(
    ("border", "proof", "answers", "disposition"),
    [
        (False, Proof.NONE, False, Disposition.HELD),  # anybody can write a number in a subject
        (False, Proof.FAILED, True, Disposition.HELD),
        (True, Proof.NONE, True, Disposition.HELD),
        (True, Proof.VERIFIED, False, Disposition.FOLLOW_UP),
    ],
)
def test_a_note_in_the_name_of_the_desks_own_people_needs_the_word_of_the_border_or_a_reference(
    role: Role, border: bool, proof: Proof, answers: bool, disposition: Disposition
) -> None:
    who = correspondent(identity=identity(role=role, proof=proof))
    facts = arrival(ticket=ticket(), sender=who, evidence=Evidence(capability=ISSUED if answers else None))
    assert decide(facts, replace(POLICY, has_border=border)).disposition is disposition


@pytest.mark.parametrize("role", [Role.STAFF, Role.OURSELVES])
def test_staff_mail_about_no_ticket_is_held_in_silence(role: Role) -> None:
    decision = decide(arrival(sender=correspondent(identity=identity(role=role))), POLICY)
    assert (decision.disposition, decision.letters) == (Disposition.HELD, ())


@pytest.mark.parametrize("made", [ticket(), None])
def test_a_notice_to_staff_answered_from_another_address_is_held(made: Ticket | None) -> None:
    stranger = correspondent(identity=identity(address=STRANGER))
    facts = {"sender": stranger, "ticket": made, "evidence": Evidence(capability=ISSUED)}
    assert decide(arrival(**facts), POLICY).disposition is Disposition.HELD
    assert decide(arrival(**facts, released=True), POLICY).disposition is not Disposition.HELD


def test_a_request_to_confirm_answered_from_another_address_is_held() -> None:
    stranger = correspondent(identity=identity(address=STRANGER))
    asked = Evidence(confirmation=Capability("C-9", Audience.STAFF, "tag", "k0"))
    assert decide(arrival(sender=stranger, evidence=asked), POLICY).disposition is Disposition.HELD


def test_a_partner_who_answers_a_notice_to_staff_about_no_ticket_asks_a_question() -> None:
    partner = correspondent(identity=identity(role=Role.PARTNER), asker_role=Role.PARTNER)
    facts = arrival(sender=partner, evidence=Evidence(capability=ISSUED))
    assert decide(facts, POLICY).disposition is Disposition.TICKET


@pytest.mark.parametrize("made", [ticket(), None])
def test_an_address_that_looks_like_a_colleagues_is_flagged_with_whose(made: Ticket | None) -> None:
    decision = decide(arrival(ticket=made, resembles=TEAM), POLICY)
    assert Flagged(Flag.RESEMBLES_STAFF, "team@desk.example") in decision.changes


def test_somebody_in_the_case_to_whom_a_notice_was_passed_on_may_answer_it() -> None:
    facts = arrival(ticket=ticket(), evidence=Evidence(capability=ISSUED), found_by="our Message-ID")
    assert decide(facts, POLICY).disposition is Disposition.FOLLOW_UP


def test_references_to_several_tickets_leave_it_to_staff() -> None:
    several = Evidence(several=True, because="signed references to different tickets")
    assert decide(arrival(evidence=several), POLICY).disposition is Disposition.HELD
    assert decide(arrival(evidence=several, released=True), POLICY).disposition is Disposition.TICKET


def test_the_same_words_of_somebody_who_has_no_part_in_the_first_are_a_question_of_his_own() -> None:
    twin = Twin(same=False, because="the same words", ticket=ticket())
    stranger = correspondent(identity=identity(address=STRANGER))
    assert decide(arrival(twin=twin, sender=stranger), POLICY).disposition is Disposition.TICKET


@pytest.mark.parametrize(
    ("facts", "colleague"),
    [
        ({}, True),
        ({"institution": institution(kind="freemail")}, False),
        ({"proof": Proof.FAILED}, False),
        ({"address": address("bob@cs.uni.example")}, False),
    ],
)
def test_a_colleague_writes_from_the_askers_own_domain_as_far_as_nobody_denies_it(
    facts: dict[str, object], colleague: bool
) -> None:
    who = identity(**({"address": address("bob@uni.example")} | facts))
    assert is_colleague(who, ticket()) is colleague


def test_what_a_colleague_released_of_staff_about_no_ticket_becomes_a_question_without_an_acknowledgement() -> None:
    who = correspondent(identity=identity(role=Role.STAFF), asker_role=Role.STAFF)
    decision = decide(ordered("My sister asks whether she may.", ticket=None, released=True, sender=who), POLICY)
    assert decision.disposition is Disposition.TICKET
    assert [letter.kind for letter in decision.letters] == [LetterKind.STAFF_NEW]


def test_another_copy_of_a_mail_changes_nothing_whatever_it_is() -> None:
    twin = Twin(same=True, because="another copy of mail 3", ticket=ticket())
    decision = decide(arrival(twin=twin), POLICY)
    assert (decision.disposition, decision.changes, decision.letters) == (Disposition.DUPLICATE, (), ())


def test_the_same_words_again_go_to_the_same_ticket_without_another_acknowledgement() -> None:
    twin = Twin(same=False, because="the same words by the same sender", ticket=ticket())
    facts = arrival(twin=twin)
    assert kinds(facts) == [LetterKind.STAFF_FOLLOWUP]
    assert flags(facts) == [Flag.POSSIBLE_DUPLICATE]


def test_a_twin_that_opened_no_ticket_does_not_swallow_the_question() -> None:
    twin = Twin(same=False, because="the same words by the same sender", ticket=None)
    assert decide(arrival(twin=twin), POLICY).disposition is Disposition.TICKET


@pytest.mark.parametrize("known", [True, False])
def test_a_message_id_used_before_by_another_mail_is_flagged_and_suppresses_nothing(known: bool) -> None:
    facts = arrival(message_id_reused=True, ticket=ticket() if known else None)
    assert Flag.MESSAGE_ID_REUSED in flags(facts)
    assert kinds(facts)


def test_an_unreadable_mail_tells_staff_and_nobody_else() -> None:
    decision = decide_unreadable("MIME deeper than 50", 17, 99, MONDAY, 0, POLICY)
    assert decision.disposition is Disposition.QUARANTINED
    assert [(letter.kind, letter.to, letter.about) for letter in decision.letters] == [
        (LetterKind.STAFF_QUARANTINE, TEAM, "Q-17")
    ]


def test_a_flood_of_unreadable_mails_makes_no_flood_of_notices() -> None:
    policy = Policy(team=TEAM, caps=Caps(quarantine_hour=3))
    told = [len(decide_unreadable("poison", at, 9, MONDAY, at, policy).letters) for at in range(5)]
    assert told == [1, 1, 1, 0, 0]


def test_a_ticket_without_an_asker_is_refused() -> None:
    with pytest.raises(ValueError, match="asker"):
        open_ticket(arrival(sender=None), POLICY)


@given(
    sort=st.sampled_from(Sort),
    silent=st.sampled_from([None, *Silence]),
    role=st.sampled_from(Role),
    proof=st.sampled_from(Proof),
    known=st.booleans(),
    encrypted=st.sampled_from(["", "PGP/MIME"]),
    part=st.sampled_from([address(), ADVISER, STRANGER]),
    twin=st.sampled_from([None, True, False]),
)
def test_no_machine_and_nobody_of_ours_ever_gets_a_letter(
    sort: Sort,
    silent: Silence | None,
    role: Role,
    proof: Proof,
    known: bool,
    encrypted: str,
    part: Address,
    twin: bool | None,
) -> None:
    facts = arrival(
        verdict=Verdict(sort, "a sign", silent),
        sender=correspondent(identity=identity(role=role, proof=proof, address=part), asker_role=role),
        ticket=ticket() if known else None,
        message=message(encrypted=encrypted, sender=part),
        twin=None if twin is None else Twin(same=twin, because="seen", ticket=ticket()),
    )
    decision = decide(facts, POLICY)
    to_askers = [letter for letter in decision.letters if letter.kind.audience is Audience.ASKER]
    may = sort is Sort.PERSON and silent is None and role is Role.ASKER and proof is not Proof.FAILED
    assert may or not to_askers
    assert len(to_askers) <= 1
    assert all(letter.to == TEAM for letter in decision.letters if letter not in to_askers)
    assert decision.because
