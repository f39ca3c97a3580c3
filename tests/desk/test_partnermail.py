"""What becomes of a mail of a partner: a position, a note, or a mail that is held."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.capability import Audience
from ksmail.desk.arrival import Decision, Disposition
from ksmail.desk.case import Standing, WaitingLetter
from ksmail.desk.consultation import Consultation, ConsultationEnded, Consulted, PartnerReplied, Position, Stage
from ksmail.desk.decide import decide
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.partnermail import decide_partner
from ksmail.desk.policy import Notify, Policy
from ksmail.desk.ticket import Assigned, EntryKind, Flag, Flagged, Posted, Status, Ticket
from ksmail.incoming.identity import Proof, Role
from ksmail.incoming.message import Language
from ksmail.incoming.reply import Reply
from ksmail.incoming.verdict import Sort, Verdict
from tests.builders import ASKER, MONDAY, QUESTION, STAFF, address, identity, message
from tests.desk.facts import (
    BZ,
    CONSULTING,
    DUE,
    EVA,
    SAM,
    TEAM,
    THURSDAY,
    after,
    answered,
    arrival,
    case,
    closed,
    consultation,
    consulted,
    correspondent,
    file,
    from_partner,
    kinds_of,
    partner_mail,
    replied,
    text,
    ticket,
    waiting,
    waits,
)

OPEN_DESK = replace(CONSULTING, has_border=False)
PAT = address("pat@bz.example")
HOME = address("pat@home.example")
TWO_ASKED = consulted(ticket(), "BZ", "OCW")
AGREED = after(TWO_ASKED, replied("OCW"))
VERBS = [
    ("#ok", Position.NO_OBJECTION),
    ("#akkoord", Position.NO_OBJECTION),
    ("#object", Position.OBJECTION),
    ("#bezwaar", Position.OBJECTION),
    ("#input", Position.INPUT),
    ("#aanvulling", Position.INPUT),
    ("#notours", Position.NOT_OURS),
    ("#nietvanons", Position.NOT_OURS),
    ("#niet van ons", Position.NOT_OURS),
]


def judged(own: str = "#ok", policy: Policy = CONSULTING, code: str = "BZ", **facts: Any) -> Decision:
    decision = decide_partner(from_partner(own, code, **facts), policy)
    assert decision is not None
    return decision


def position(decision: Decision) -> Position | None:
    """The position that was taken, if one was."""
    return next((each.position for each in decision.changes if isinstance(each, PartnerReplied)), None)


def posted(decision: Decision) -> Posted:
    (found,) = (change for change in decision.changes if isinstance(change, Posted))
    return found


def flags(decision: Decision) -> list[Flagged]:
    return [change for change in decision.changes if isinstance(change, Flagged)]


def notice(decision: Decision) -> Letter:
    (found,) = (letter for letter in decision.letters if letter.kind is LetterKind.STAFF_PARTNER_REPLY)
    return found


def after_of(decision: Decision) -> Ticket:
    assert decision.ticket is not None
    return decision.ticket


# Whose mail it is.


def test_a_mail_about_no_consultation_is_judged_elsewhere() -> None:
    assert decide_partner(arrival(), CONSULTING) is None
    assert decide_partner(from_partner("#ok", partner=None), CONSULTING) is None


def test_without_a_sender_or_a_ticket_it_is_judged_elsewhere_too() -> None:
    assert decide_partner(replace(from_partner("#ok"), sender=None), CONSULTING) is None
    assert decide_partner(replace(from_partner("#ok"), ticket=None), CONSULTING) is None


@pytest.mark.parametrize("role", [Role.STAFF, Role.OURSELVES])
def test_what_the_desks_own_people_write_is_never_the_word_of_a_partner(role: Role) -> None:
    who = correspondent(identity=identity(address=address(STAFF), role=role, proof=Proof.VERIFIED))
    assert decide_partner(from_partner("#ok", sender=who), CONSULTING) is None


# A position.


@pytest.mark.parametrize(("verb", "meant"), VERBS)
@pytest.mark.parametrize("below", ["", "\n\nWe have looked at it."])
def test_one_word_is_enough(verb: str, meant: Position, below: str) -> None:
    decision = judged(f"{verb}{below}")
    assert position(decision) is meant
    assert flags(decision) == []
    assert (consultation(after_of(decision)).stage, consultation(after_of(decision)).position) == (Stage.REPLIED, meant)


def test_free_text_is_an_addition() -> None:
    decision = judged("We have no objection, but ask them about lasers.")
    assert (position(decision), flags(decision)) == (Position.INPUT, [])


def test_a_file_without_a_word_is_an_addition_too() -> None:
    assert position(judged("", message=message(sender=BZ.liaison, text="", attachments=(file(),)))) is Position.INPUT


@pytest.mark.parametrize("own", ["#okk", "#bezwaren\n\nWe object.", "#akord", "#antwoord\n\nYou may not."])
def test_an_order_that_nobody_can_read_counts_as_an_addition_and_is_flagged(own: str) -> None:
    decision = judged(own)
    assert position(decision) is Position.INPUT
    assert flags(decision) == [Flagged(Flag.PARTNER_UNCLEAR, own.split("\n")[0])]


def test_so_do_two_that_differ() -> None:
    decision = judged("#ok\n#notours")
    assert position(decision) is Position.INPUT
    assert [each.flag for each in flags(decision)] == [Flag.PARTNER_UNCLEAR]


@pytest.mark.parametrize(("verb", "meant"), [each for each in VERBS if " " not in each[0]])
@pytest.mark.parametrize(
    "own", ["Dear colleague,\n\n{}", "Dear colleague,\n{}", "Hi,\n\n{} See below.\n\nRegards,\nPat"]
)
def test_one_word_on_a_line_of_its_own_below_a_greeting_is_enough_too(own: str, verb: str, meant: Position) -> None:
    said = own.format(verb)
    decision = judged(said)
    assert (position(decision), flags(decision)) == (meant, [])
    assert (posted(decision).text, notice(decision).facts["text"]) == (said, said)


@pytest.mark.parametrize(
    "line", ["#ok\n#object", "#ok\n\nNo:\n\n#object", "#ok\n\nAgain:\n\n#ok", "Or #ok", "#ok #object"]
)
def test_below_a_greeting_several_of_them_are_an_addition_and_so_is_one_inside_a_line(line: str) -> None:
    decision = judged(f"Dear colleague,\n\n{line}")
    assert (position(decision), posted(decision).kind) == (Position.INPUT, EntryKind.POSITION)


def test_an_order_of_staff_there_is_an_addition_as_well() -> None:
    decision = judged("Dear colleague,\n\n#close spam")
    assert (position(decision), decision.acts, decision.elsewhere) == (Position.INPUT, (), ())
    assert after_of(decision).status is Status.IN_PROGRESS


@pytest.mark.parametrize("own", ["Dear both,\n\n#bezwaar", "Dear both,\n#object\n\nPat"])
def test_with_such_a_line_what_also_went_to_the_asker_is_meant_for_the_desk(own: str) -> None:
    decision = judged(own, to_asker=True)
    assert position(decision) is Position.OBJECTION
    assert flags(decision) == [Flagged(Flag.PARTNER_WROTE_TO_ASKER, "BZ")]


def test_such_a_line_takes_the_place_of_an_earlier_answer() -> None:
    decision = judged("Dear colleague,\n\n#ok", ticket=OBJECTED)
    assert consultation(after_of(decision)).position is Position.NO_OBJECTION


def test_orders_of_staff_are_no_orders_of_a_partner() -> None:
    decision = judged("#close spam")
    assert (position(decision), decision.acts, decision.elsewhere) == (Position.INPUT, (), ())
    assert after_of(decision).status is Status.IN_PROGRESS


def test_the_whole_mail_stands_in_the_thread_for_staff_and_that_partner() -> None:
    kept = posted(judged("#ok\n\nGo ahead."))
    assert (kept.kind, kept.role, kept.audience, kept.partner) == (
        EntryKind.POSITION,
        Role.PARTNER,
        Audience.PARTNER,
        "BZ",
    )
    assert (kept.author, kept.text) == (BZ.liaison, "#ok\n\nGo ahead.")


def test_it_counts_from_the_moment_at_which_the_mail_came() -> None:
    later = MONDAY + timedelta(days=2)
    decision = judged(received_at=later, now=later + timedelta(hours=9))
    assert consultation(after_of(decision)).replied_at == later


def test_the_reason_says_who_answered_what_and_how_that_was_found() -> None:
    decision = judged("#bezwaar")
    assert decision.disposition is Disposition.FOLLOW_UP
    assert decision.because == "BZ answered objection; our Message-ID"


def test_a_later_word_takes_the_place_of_an_earlier_one() -> None:
    made = after(consulted(ticket(), "BZ"), replied(position=Position.OBJECTION))
    assert consultation(after_of(judged("#ok", ticket=made))).position is Position.NO_OBJECTION


OBJECTED = after(consulted(ticket(), "BZ"), replied(position=Position.OBJECTION))


@pytest.mark.parametrize("own", ["And not with lasers.", "#bezwaar\n\nStill.", "#okk"])
def test_what_is_added_to_a_position_leaves_it_as_it_is(own: str) -> None:
    decision = judged(own, ticket=OBJECTED, received_at=MONDAY + timedelta(days=1))
    assert after_of(decision).consultations == OBJECTED.consultations
    assert posted(decision).kind is EntryKind.POSITION
    assert decision.because == "BZ added to its answer, which stays objection; our Message-ID"


def test_staff_read_what_was_added_beside_the_position_that_stays() -> None:
    first = text(EntryKind.POSITION, "#bezwaar\n\nNo.", role=Role.PARTNER, audience=Audience.PARTNER, partner="BZ")
    facts = notice(judged("Not with lasers.", ticket=OBJECTED, case=case(texts=(first,)))).facts
    assert (facts["position"], facts["text"]) == ("objection", "Not with lasers.")
    assert [each.text for each in facts["positions"]] == ["No.\n\nNot with lasers."]


def test_an_order_that_nobody_can_read_is_flagged_beside_it_too() -> None:
    assert flags(judged("#okk", ticket=OBJECTED)) == [Flagged(Flag.PARTNER_UNCLEAR, "#okk")]


def test_asked_again_its_free_text_is_a_new_answer() -> None:
    again = consulted(OBJECTED, "BZ", message_id="<again@desk.example>")
    decision = judged("We know more now.", ticket=again)
    assert consultation(after_of(decision)).position is Position.INPUT


@pytest.mark.parametrize("own", ["#ok", "#akkoord\n\nFine.", "Free text.", "#okk", "#bezwaar"])
def test_an_older_answer_that_is_released_later_changes_nothing(own: str) -> None:
    made = after(TWO_ASKED, replied("BZ", Position.OBJECTION, at=MONDAY + timedelta(days=1)), replied("OCW"))
    decision = judged(own, ticket=made, released=True, received_at=MONDAY)
    assert position(decision) is None
    assert after_of(decision).consultations == made.consultations
    assert posted(decision).text == own
    assert decision.because == "BZ added to its answer, which stays objection; our Message-ID"
    assert notice(decision).facts["position"] == "objection"
    assert kinds_of(decision.letters) == [LetterKind.STAFF_PARTNER_REPLY]


@pytest.mark.parametrize("at", [MONDAY, MONDAY + timedelta(seconds=1)])
def test_one_that_is_not_older_takes_its_place(at: datetime) -> None:
    decision = judged("#ok", ticket=OBJECTED, released=True, received_at=at)
    assert position(decision) is Position.NO_OBJECTION


@pytest.mark.parametrize("stage", [Stage.EXPIRED, Stage.WITHDRAWN, Stage.RETURNED])
def test_a_late_word_still_counts(stage: Stage) -> None:
    made = after(consulted(ticket(), "BZ"), ConsultationEnded("BZ", stage))
    assert consultation(after_of(judged("#ok", ticket=made))).position is Position.NO_OBJECTION


def test_while_we_wait_for_the_asker_it_counts_too() -> None:
    assert after_of(judged(ticket=consulted(waiting(), "BZ"))).status is Status.WAITING_ASKER


def test_nothing_but_a_notice_to_staff_comes_of_it() -> None:
    decision = judged("#bezwaar\n\nNo.")
    assert {letter.kind.audience for letter in decision.letters} == {Audience.STAFF}
    assert (decision.acts, decision.drafts, decision.elsewhere) == ((), (), ())


# What staff read.


def test_staff_read_who_answered_what_and_by_when_it_was_asked() -> None:
    facts = notice(judged("#bezwaar\n\nNot with lasers.")).facts
    assert (facts["event"], facts["code"], facts["position"]) == ("replied", "BZ", "objection")
    assert (facts["partner_nl"], facts["partner_en"]) == ("Ministerie BZ", "Ministry BZ")
    assert (facts["author"], facts["text"]) == (BZ.liaison, "Not with lasers.")
    assert (facts["due_on"], facts["promised_on"], facts["received_at"]) == (DUE, THURSDAY, MONDAY)


@pytest.mark.parametrize(
    ("own", "shown"),
    [
        ("#ok", ""),
        ("#ok Go ahead.", "Go ahead."),
        ("Go ahead.", "Go ahead."),
        ("#okk\n\nGo ahead.", "#okk\n\nGo ahead."),
        ("#ok\n#notours\n\nGo ahead.", "#ok\n#notours\n\nGo ahead."),
    ],
)
def test_the_word_that_became_the_position_is_not_shown_twice(own: str, shown: str) -> None:
    assert notice(judged(own)).facts["text"] == shown


def test_of_a_mail_that_is_all_quotation_staff_see_the_whole() -> None:
    whole = "> Dear colleague,\n> #ok"
    decision = judged(reply=Reply("", whole), message=message(sender=BZ.liaison, text=whole))
    assert notice(decision).facts["text"] == whole


def test_its_files_have_the_numbers_by_which_staff_name_them() -> None:
    said = message(sender=BZ.liaison, text="#ok", attachments=(file("a.pdf"), file("b.pdf")))
    numbers = notice(judged(message=said)).facts["files"]
    assert [(each.number, each.file.name) for each in numbers] == [(1, "a.pdf"), (2, "b.pdf")]


def test_all_partners_stand_side_by_side_with_the_words_of_this_one() -> None:
    table = notice(judged("#bezwaar\n\nNot with lasers.", ticket=AGREED)).facts["positions"]
    assert [(each.code, each.stage, each.position) for each in table] == [
        ("BZ", "replied", "objection"),
        ("OCW", "replied", "no_objection"),
    ]
    assert [each.text for each in table] == ["Not with lasers.", ""]


def test_what_the_others_wrote_before_stands_beside_it() -> None:
    theirs = text(EntryKind.POSITION, "Fine.", role=Role.PARTNER, audience=Audience.PARTNER, partner="OCW")
    table = notice(judged("#ok", ticket=AGREED, case=case(texts=(theirs,)))).facts["positions"]
    assert [each.text for each in table] == ["", "Fine."]


def test_staff_are_told_when_the_last_partner_has_answered() -> None:
    assert notice(judged("#ok", ticket=TWO_ASKED)).facts["status_note"] == ""
    assert notice(judged("#ok", ticket=AGREED)).facts["status_note"] == "all_answered"


def test_they_are_told_that_once() -> None:
    done = after(AGREED, replied("BZ"))
    assert notice(judged("#input\n\nOne thing more.", ticket=done)).facts["status_note"] == ""


def test_the_notice_goes_to_whoever_handles_the_question() -> None:
    assert notice(judged()).to == TEAM
    assert notice(judged(ticket=after(consulted(ticket(), "BZ"), Assigned(SAM.address)))).to == SAM.address


def test_while_he_is_away_the_team_hears_of_it() -> None:
    held = after(consulted(ticket(), "BZ"), Assigned(SAM.address))
    assert notice(judged(ticket=held, absent=(SAM.address,))).to == TEAM


def test_where_the_desk_wants_that_both_do() -> None:
    held = after(consulted(ticket(), "BZ"), Assigned(EVA.address))
    letters = judged("#ok", replace(CONSULTING, notify=Notify.BOTH), ticket=held).letters
    assert [(each.to, each.language) for each in letters] == [(EVA.address, Language.EN), (TEAM, Language.NL)]
    assert letters[0].facts["assignee"] == "Eva"


@pytest.mark.parametrize(("waiting", "first"), [((waits(),), ["#stop", "#nu"]), ((), ["#deel BZ", "#antwoord"])])
@pytest.mark.parametrize("own", ["#bezwaar", ""])
def test_what_waits_to_leave_can_be_called_back_once_a_partner_has_written(
    own: str, waiting: tuple[WaitingLetter, ...], first: list[str]
) -> None:
    letter = notice(judged(own, case=case(*waiting)))
    assert letter.facts["waits"] is bool(waiting)
    offered = [each.line for each in letter.prepared]
    assert offered[:2] == (first if own or waiting else ["#antwoord", "#uitstel "])


def test_a_position_can_be_shared_with_two_taps() -> None:
    assert notice(judged("#bezwaar")).prepared[0].line == "#deel BZ"


@pytest.mark.parametrize(("letters", "held"), [(19, ""), (20, "ticket_cap"), (99, "ticket_cap")])
def test_beyond_the_cap_the_notice_waits_and_the_position_counts(letters: int, held: str) -> None:
    decision = judged("#ok", followup_letters_hour=letters)
    assert notice(decision).held == held
    assert position(decision) is Position.NO_OBJECTION


# Without a word.


@pytest.mark.parametrize("own", ["", " \n\t\n"])
def test_a_mail_without_a_word_is_a_note(own: str) -> None:
    decision = judged(own)
    assert (position(decision), posted(decision).kind) == (None, EntryKind.NOTE)
    assert decision.because == "BZ answered without a word"
    assert after_of(decision) == consulted(ticket(), "BZ")


def test_a_note_is_for_staff_alone_and_has_no_position_to_share() -> None:
    decision = judged("")
    assert posted(decision).audience is Audience.STAFF
    assert notice(decision).facts["event"] == "note"
    assert notice(decision).facts["position"] == ""
    assert "#deel" not in str(notice(decision).prepared)


def test_of_a_note_staff_read_its_writers_own_words_and_of_one_without_any_the_whole() -> None:
    whole = "#ok\n\nGo ahead.\n\nOp ma 1 jun 2026 om 10:03 schreef Desk <desk@desk.example>:\n> May they?"
    own = of_stranger(reply=Reply("#ok\n\nGo ahead.", "> May they?"), message=message(sender=HOME, text=whole))
    assert notice(own).facts["text"] == "#ok\n\nGo ahead."
    quoted = of_stranger(reply=Reply("", whole), message=message(sender=HOME, text=whole))
    assert notice(quoted).facts["text"] == whole


# From elsewhere.


def test_a_colleague_at_the_partners_domain_speaks_for_it_and_is_flagged() -> None:
    decision = judged("#ok", who=PAT, standing=Standing.COLLEAGUE)
    assert position(decision) is Position.NO_OBJECTION
    assert flags(decision) == [Flagged(Flag.PARTNER_COLLEAGUE, "BZ")]
    assert (posted(decision).author, notice(decision).facts["author"]) == (PAT, PAT)
    assert notice(decision).facts["flags"] == (Flagged(Flag.PARTNER_COLLEAGUE, "BZ"),)


def of_stranger(own: str = "#ok", policy: Policy = CONSULTING, **facts: Any) -> Decision:
    """Somebody who is not the partner's answers our request to it."""
    who = correspondent(identity=identity(address=HOME, proof=facts.pop("proof", Proof.VERIFIED)))
    said = message(sender=HOME, text=own)
    defaults: dict[str, Any] = {"sender": who, "message": said, "standing": Standing.STRANGER}
    return judged(own, policy, **(defaults | facts))


@pytest.mark.parametrize("own", ["#ok", "#bezwaar\n\nNo.", "We object.", "#okk", ""])
@pytest.mark.parametrize("proof", [Proof.VERIFIED, Proof.NONE])
@pytest.mark.parametrize("policy", [CONSULTING, OPEN_DESK])
def test_from_a_private_address_it_is_a_note_and_not_the_partners_position(
    policy: Policy, proof: Proof, own: str
) -> None:
    decision = of_stranger(own, policy, proof=proof)
    assert (position(decision), posted(decision).kind) == (None, EntryKind.NOTE)
    assert flags(decision) == [Flagged(Flag.PARTNER_ELSEWHERE, HOME.spec)]
    assert (posted(decision).audience, posted(decision).partner) == (Audience.STAFF, "")
    assert notice(decision).facts["event"] == "note"
    assert consultation(after_of(decision)).is_open


def test_so_is_what_the_liaison_of_another_partner_answers() -> None:
    other = address("liaison@ocw.example")
    who = correspondent(identity=identity(address=other, role=Role.PARTNER, proof=Proof.VERIFIED))
    decision = judged("#ok", ticket=TWO_ASKED, sender=who, standing=Standing.STRANGER)
    assert position(decision) is None
    assert flags(decision) == [Flagged(Flag.PARTNER_ELSEWHERE, other.spec)]
    assert after_of(decision).consultations == TWO_ASKED.consultations


# Not proven.


@pytest.mark.parametrize("policy", [CONSULTING, OPEN_DESK])
@pytest.mark.parametrize("standing", list(Standing))
@pytest.mark.parametrize("own", ["#ok", "We object.", ""])
def test_what_the_border_denies_is_held_whoever_it_seems_to_be(policy: Policy, standing: Standing, own: str) -> None:
    decision = judged(own, policy, proof=Proof.FAILED, standing=standing)
    assert decision.disposition is Disposition.HELD
    assert (decision.changes, decision.ticket) == ((), None)
    assert kinds_of(decision.letters) == [LetterKind.STAFF_QUARANTINE]


@pytest.mark.parametrize("standing", [Standing.LIAISON, Standing.COLLEAGUE])
def test_where_a_border_could_vouch_for_a_partner_it_must(standing: Standing) -> None:
    decision = judged("#ok", proof=Proof.NONE, standing=standing)
    assert (decision.disposition, decision.changes) == (Disposition.HELD, ())
    assert decision.because == "our border does not vouch for the address of BZ"


@pytest.mark.parametrize("standing", [Standing.LIAISON, Standing.COLLEAGUE])
@pytest.mark.parametrize("signed", [False, True])
def test_where_there_is_no_border_it_must_answer_a_reference_of_ours(standing: Standing, signed: bool) -> None:
    decision = judged("#ok", OPEN_DESK, proof=Proof.NONE, standing=standing, signed=signed)
    assert decision.disposition is (Disposition.FOLLOW_UP if signed else Disposition.HELD)
    assert position(decision) is (Position.NO_OBJECTION if signed else None)


def test_where_a_border_vouches_for_it_it_need_not() -> None:
    assert position(judged("#ok", signed=False)) is Position.NO_OBJECTION


@pytest.mark.parametrize("proof", [Proof.NONE, Proof.FAILED])
def test_what_staff_released_counts_and_is_flagged(proof: Proof) -> None:
    decision = judged("#bezwaar", proof=proof, released=True)
    assert position(decision) is Position.OBJECTION
    assert flags(decision) == [Flagged(Flag.PARTNER_UNPROVEN, "BZ")]


def test_so_does_what_answers_no_reference_where_there_is_no_border() -> None:
    decision = judged("#bezwaar", OPEN_DESK, proof=Proof.NONE, signed=False, released=True)
    assert flags(decision) == [Flagged(Flag.PARTNER_UNPROVEN, "BZ")]


@pytest.mark.parametrize(
    "facts", [{"policy": CONSULTING, "signed": False}, {"policy": OPEN_DESK, "proof": Proof.NONE, "signed": True}]
)
def test_released_for_another_reason_it_is_proven_all_the_same(facts: dict[str, Any]) -> None:
    assert flags(judged("#ok", released=True, **facts)) == []


@pytest.mark.parametrize("proof", list(Proof))
def test_released_from_elsewhere_it_is_a_note_still(proof: Proof) -> None:
    decision = of_stranger("#ok", proof=proof, released=True)
    assert (position(decision), posted(decision).kind) == (None, EntryKind.NOTE)


# Past the desk.


@pytest.mark.parametrize("own", ["Dear Ada, you may not.", "#okk\n\nDear Ada", ""])
def test_what_a_partner_writes_to_the_asker_is_a_note_and_not_its_position(own: str) -> None:
    decision = judged(own, to_asker=True)
    assert (position(decision), posted(decision).kind) == (None, EntryKind.NOTE)
    assert Flag.PARTNER_WROTE_TO_ASKER in [each.flag for each in flags(decision)]
    assert notice(decision).facts["event"] == "to_asker"
    assert consultation(after_of(decision)).is_open


@pytest.mark.parametrize(("verb", "meant"), VERBS)
def test_with_an_order_it_is_meant_for_the_desk_and_flagged(verb: str, meant: Position) -> None:
    decision = judged(f"{verb}\n\nDear both", to_asker=True)
    assert position(decision) is meant
    assert flags(decision) == [Flagged(Flag.PARTNER_WROTE_TO_ASKER, "BZ")]
    assert notice(decision).facts["event"] == "replied"


def test_all_that_staff_should_know_of_it_is_said_at_once() -> None:
    decision = judged("#okk", to_asker=True, standing=Standing.COLLEAGUE, proof=Proof.NONE, released=True)
    assert [each.flag for each in flags(decision)] == [
        Flag.PARTNER_COLLEAGUE,
        Flag.PARTNER_WROTE_TO_ASKER,
        Flag.PARTNER_UNCLEAR,
        Flag.PARTNER_UNPROVEN,
    ]


# Too late.


@pytest.mark.parametrize("over", [answered(consulted(ticket(), "BZ")), closed(consulted(ticket(), "BZ"))])
def test_after_the_question_was_over_a_position_is_kept_and_opens_nothing(over: Ticket) -> None:
    decision = judged("#bezwaar\n\nToo late?", ticket=over)
    assert position(decision) is Position.OBJECTION
    assert after_of(decision).status is over.status
    assert consultation(after_of(decision)).position is Position.OBJECTION
    assert decision.because == "BZ answered objection, after the question was over; our Message-ID"


@pytest.mark.parametrize("over", [answered(consulted(ticket(), "BZ")), closed(consulted(ticket(), "BZ"))])
def test_then_staff_hear_that_it_is_late_and_of_no_promise(over: Ticket) -> None:
    facts = notice(judged("#ok", ticket=over)).facts
    assert (facts["event"], facts["promised_on"], facts["status_note"]) == ("late", None, "")


# Disagreement.


def disagreements(decision: Decision) -> list[Letter]:
    return [letter for letter in decision.letters if letter.kind is LetterKind.STAFF_DISAGREEMENT]


def test_an_objection_beside_a_no_objection_is_told_to_staff_and_the_coordinator() -> None:
    found = disagreements(judged("#bezwaar\n\nNo.", ticket=AGREED))
    assert [(each.to, each.language) for each in found] == [(TEAM, Language.NL), (EVA.address, Language.EN)]


def test_they_see_the_positions_side_by_side() -> None:
    letter = disagreements(judged("#bezwaar\n\nNo.", ticket=AGREED))[0]
    assert [(each.code, each.position, each.text) for each in letter.facts["positions"]] == [
        ("BZ", "objection", "No."),
        ("OCW", "no_objection", ""),
    ]
    assert letter.facts["promised_on"] == THURSDAY


def test_each_of_the_positions_that_differ_can_be_shared_with_two_taps() -> None:
    made = after(consulted(AGREED, "EZ"), replied("EZ", Position.INPUT))
    offered = disagreements(judged("#bezwaar", ticket=made))[0].prepared
    assert [each.line for each in offered if each.name == "share"] == ["#deel BZ", "#deel OCW"]


def test_a_coordinator_who_handles_the_question_is_told_once() -> None:
    found = disagreements(judged("#bezwaar", ticket=after(AGREED, Assigned(EVA.address))))
    assert [each.to for each in found] == [EVA.address]


def test_it_arises_the_other_way_round_too() -> None:
    objected = after(TWO_ASKED, replied("OCW", Position.OBJECTION))
    assert disagreements(judged("#ok", ticket=objected))


@pytest.mark.parametrize("own", ["#ok", "#aanvulling\n\nMore.", "#nietvanons", "Free text."])
def test_nothing_else_is_disagreement(own: str) -> None:
    assert disagreements(judged(own, ticket=AGREED)) == []


@pytest.mark.parametrize("own", ["#bezwaar\n\nStill.", "#bezwaar"])
def test_it_is_raised_once(own: str) -> None:
    contrary = after(AGREED, replied("BZ", Position.OBJECTION))
    assert disagreements(judged(own, ticket=contrary)) == []


def test_a_third_partner_does_not_raise_it_again() -> None:
    contrary = after(consulted(AGREED, "EZ"), replied("BZ", Position.OBJECTION))
    assert disagreements(judged("#object", code="EZ", ticket=contrary)) == []


def test_settled_and_back_again_it_is_raised_again() -> None:
    settled = after(AGREED, replied("BZ", Position.OBJECTION), replied("BZ"))
    assert disagreements(judged("#bezwaar", ticket=settled))


def test_a_note_raises_none() -> None:
    assert disagreements(of_stranger("#bezwaar", ticket=AGREED)) == []
    assert disagreements(judged("We object.", ticket=AGREED, to_asker=True)) == []


# A partner that got another code keeps the old one as an alias.


BUZA = replace(BZ, code="BUZA", aliases=("BZ",))
RENAMED = replace(CONSULTING, partners=(BUZA, *CONSULTING.partners[1:]))


def renamed(own: str, **facts: Any) -> Decision:
    return judged(own, RENAMED, **({"partner": partner_mail(own, partner=BUZA)} | facts))


def test_it_answers_what_it_was_asked_under_its_old_code() -> None:
    decision = renamed("#bezwaar")
    assert [(each.partner, each.position) for each in after_of(decision).consultations] == [("BZ", Position.OBJECTION)]
    assert (posted(decision).kind, posted(decision).partner) == (EntryKind.POSITION, "BZ")
    assert decision.because == "BUZA answered objection; our Message-ID"
    assert (notice(decision).facts["code"], notice(decision).prepared[0].line) == ("BUZA", "#deel BUZA")


def test_what_it_writes_without_a_word_is_a_note_of_the_one_that_was_asked() -> None:
    decision = renamed("")
    assert (posted(decision).kind, posted(decision).partner) == (EntryKind.NOTE, "BZ")
    assert after_of(decision) == consulted(ticket(), "BZ")


def test_under_either_code_it_disagrees_with_the_others() -> None:
    assert disagreements(renamed("#bezwaar", ticket=AGREED))
    assert disagreements(renamed("#ok", ticket=AGREED)) == []


# A crash kept us from writing down that it was asked.


LOST = Consultation(
    partner="BZ",
    to=address("liaison@bz.example"),
    due_on=MONDAY.date(),
    asked_at=MONDAY,
    message_id="<lost@desk.example>",
)
RECORDED = Consulted(partner="BZ", to=LOST.to, due_on=LOST.due_on, message_id="<lost@desk.example>", at=MONDAY)


def lost(own: str, made: Ticket | None = None, **facts: Any) -> Decision:
    return judged(own, ticket=made or ticket(), consultation=LOST, unrecorded=True, **facts)


@pytest.mark.parametrize(("own", "meant"), [("#ok", Position.NO_OBJECTION), ("Free text.", Position.INPUT)])
def test_its_answer_says_that_it_was(own: str, meant: Position) -> None:
    decision = lost(own)
    assert [each for each in decision.changes if not isinstance(each, Posted)] == [
        RECORDED,
        PartnerReplied(partner="BZ", position=meant, at=MONDAY),
    ]
    assert after_of(decision).consultations == (replace(LOST, stage=Stage.REPLIED, position=meant, replied_at=MONDAY),)
    assert notice(decision).facts["event"] == "replied"
    assert [(each.code, each.position) for each in notice(decision).facts["positions"]] == [("BZ", meant.value)]


def test_others_who_were_asked_are_waited_for_still() -> None:
    decision = lost("#ok", consulted(ticket(), "OCW"))
    assert after_of(decision).status is Status.COORDINATION
    assert [(each.partner, each.stage) for each in after_of(decision).consultations] == [
        ("OCW", Stage.SENT),
        ("BZ", Stage.REPLIED),
    ]


def test_it_can_contradict_another_one_at_once() -> None:
    assert disagreements(lost("#bezwaar", after(consulted(ticket(), "OCW"), replied("OCW"))))


@pytest.mark.parametrize("facts", [{"own": ""}, {"own": "#ok", "standing": Standing.STRANGER}])
def test_what_is_no_answer_says_nothing_of_it(facts: dict[str, Any]) -> None:
    decision = lost(**facts)
    assert (position(decision), posted(decision).kind) == (None, EntryKind.NOTE)
    assert after_of(decision).consultations == ()


# Among the other rules.


def test_a_partners_mail_about_a_consultation_never_becomes_a_question() -> None:
    assert position(decide(from_partner("#ok"), CONSULTING)) is Position.NO_OBJECTION


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("sort", [Sort.BOUNCE, Sort.AUTOMATIC, Sort.OWN])
def test_no_machine_of_a_partner_takes_a_position(sort: Sort, signed: bool) -> None:
    decision = decide(from_partner("#ok", verdict=Verdict(sort, "a machine"), signed=signed), CONSULTING)
    assert position(decision) is None


LIST = Verdict(Sort.BULK, "List-Id")


@pytest.mark.parametrize(("verb", "meant"), VERBS)
def test_what_a_group_mailbox_marks_as_a_lists_is_a_position_when_it_answers_our_request(
    verb: str, meant: Position
) -> None:
    assert position(decide(from_partner(verb, verdict=LIST), CONSULTING)) is meant


def test_it_is_judged_like_any_other_mail_of_a_partner() -> None:
    assert decide(from_partner("#ok", verdict=LIST), CONSULTING) == decide(from_partner("#ok"), CONSULTING)
    unproven = decide(from_partner("#ok", verdict=LIST, proof=Proof.NONE), CONSULTING)
    assert (unproven.disposition, unproven.changes) == (Disposition.HELD, ())
    stranger = decide(from_partner("#ok", verdict=LIST, who=HOME, standing=Standing.STRANGER), CONSULTING)
    assert position(stranger) is None


def test_a_list_that_answers_no_request_of_ours_is_a_list() -> None:
    decision = decide(from_partner("#ok", verdict=LIST, signed=False), CONSULTING)
    assert (decision.disposition, position(decision), decision.letters) == (Disposition.AUTOMATIC, None, ())


def test_what_the_askers_side_writes_is_no_position() -> None:
    said = arrival(ticket=TWO_ASKED, message=message(text=f"#ok\n\n{QUESTION}"), found_by="our Message-ID")
    decision = decide(said, CONSULTING)
    assert position(decision) is None
    assert after_of(decision).consultations == TWO_ASKED.consultations


some_mail: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    own=st.sampled_from(
        ["#ok", "#bezwaar\n\nNo.", "Free text.", "#okk", "#ok\n#object", "", "#close spam", "#answer\n\nYes."]
    ),
    proof=st.sampled_from(Proof),
    standing=st.sampled_from(Standing),
    signed=st.booleans(),
    to_asker=st.booleans(),
    released=st.booleans(),
    ticket=st.sampled_from([TWO_ASKED, AGREED, consulted(waiting(), "BZ"), answered(TWO_ASKED), closed(TWO_ASKED)]),
)


@given(some_mail, st.sampled_from([CONSULTING, OPEN_DESK]))
def test_whatever_a_partner_writes_only_staff_are_told_and_no_promise_moves(
    mail: dict[str, Any], policy: Policy
) -> None:
    decision = judged(policy=policy, **mail)
    assert {letter.kind.audience for letter in decision.letters} == {Audience.STAFF}
    assert ASKER not in {letter.to.spec for letter in decision.letters}
    assert (decision.acts, decision.drafts, decision.elsewhere) == ((), (), ())
    assert not [each for each in decision.changes if not isinstance(each, Posted | PartnerReplied | Flagged)]
    if decision.ticket is not None:
        assert decision.ticket.promised_on == mail["ticket"].promised_on
        assert decision.ticket.status.is_open is mail["ticket"].status.is_open


@given(some_mail, st.sampled_from([CONSULTING, OPEN_DESK]))
def test_a_position_is_only_taken_from_a_partner_who_is_proven_or_released(
    mail: dict[str, Any], policy: Policy
) -> None:
    decision = judged(policy=policy, **mail)
    if position(decision) is None:
        return
    proven = mail["proof"] is Proof.VERIFIED if policy.has_border else mail["signed"]
    assert mail["standing"] is not Standing.STRANGER
    assert mail["released"] or (proven and mail["proof"] is not Proof.FAILED)
    assert (Flag.PARTNER_UNPROVEN in [each.flag for each in flags(decision)]) is not proven


def test_a_day_that_a_partner_names_is_told_of_its_absence_only() -> None:
    assert notice(judged("Away until then.", back_on=date(2026, 6, 20))).facts["back_on"] is None


def test_what_a_partner_wrote_that_got_another_code_stands_in_the_table() -> None:
    buza = replace(CONSULTING.partners[0], code="BUZA", aliases=("BZ",))
    policy = replace(CONSULTING, partners=(buza,))
    mail = partner_mail("#bezwaar\n\nNot with lasers.", partner=buza)
    (letter,) = judged("#bezwaar\n\nNot with lasers.", policy, partner=mail).letters
    assert [line.text for line in letter.facts["positions"]] == ["Not with lasers."]
