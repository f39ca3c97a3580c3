"""Orders that reach partners: ask them, tell them more, show them one another's position, let them go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ksmail.capability import Audience
from ksmail.desk.acts import Await
from ksmail.desk.arrival import Decision
from ksmail.desk.case import NumberedFile, WaitingLetter
from ksmail.desk.consultation import ConsultationEnded, Consulted, Informed, PartnerReplied, Position, Stage
from ksmail.desk.execute import binding, carry_out, why_confirm
from ksmail.desk.leaks import Leak, LeakKind
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.orders import Orders
from ksmail.desk.policy import Coordination, Policy
from ksmail.desk.progress import Progress
from ksmail.desk.promise import NamedDay
from ksmail.desk.receipt import Done
from ksmail.desk.refusal import Why
from ksmail.desk.staffmail import decide_staff
from ksmail.desk.ticket import (
    Change,
    EntryKind,
    Ground,
    MergedInto,
    OpenedAgain,
    Posted,
    Promised,
    Status,
    TakenUp,
    Ticket,
)
from ksmail.incoming.identity import Role
from ksmail.incoming.message import Language
from tests.builders import MONDAY, QUESTION, address, institution
from tests.desk.facts import (
    BZ,
    CONSULTING,
    DUE,
    EVA,
    EZ,
    NOW,
    OCW,
    SAM,
    SECOND,
    THURSDAY,
    after,
    answered,
    carried,
    case,
    closed,
    consulted,
    file,
    kinds_of,
    letter_of,
    numbered,
    ordered,
    partner,
    proven,
    refused,
    replied,
    scene,
    text,
    ticket,
    waiting,
    waits,
    why,
)

ASKED = "May a colleague from abroad work in our laboratory next year?"
LVVN = partner("LVVN", aliases=("LNV",), liaison=None)
DESK = replace(CONSULTING, partners=(*CONSULTING.partners, LVVN))
NAMING = replace(DESK, coordination=Coordination(name_partners=True))
ADA, BOB = address("ada@uni.example", "Ada Lovelace"), address("bob@uni.example", "Bob Byron")
TEN_DAYS = date(2026, 6, 15)  # ten working days after MONDAY
BZ_ASKED = consulted(ticket(), "BZ")
TWO_ASKED = consulted(ticket(), "BZ", "OCW")
THREE_ASKED = consulted(ticket(), "BZ", "OCW", "EZ")
CASE = case(texts=(text(words=QUESTION, mail=11),))
ADDED = text(EntryKind.FOLLOW_UP, "It is about lasers.\n\nAda", mail=12)


def done(own: str, policy: Policy = DESK, **facts: Any) -> Progress:
    """What Sam's orders come to."""
    return carried(own, policy, **({"case": CASE} | facts))


def stopped(own: str, policy: Policy = DESK, **facts: Any) -> Why:
    """Why they are not carried out."""
    return why(refused(own, policy, **({"case": CASE} | facts)))


def lines(own: str, policy: Policy = DESK, **facts: Any) -> tuple[str, ...]:
    return refused(own, policy, **({"case": CASE} | facts)).lines


def judged(own: str, policy: Policy = DESK, **facts: Any) -> Decision:
    decision = decide_staff(ordered(own, **({"case": CASE} | facts)), policy)
    assert decision is not None
    return decision


def requests(outcome: Progress) -> tuple[Letter, ...]:
    return tuple(letter for letter in outcome.letters if letter.kind is LetterKind.PARTNER_REQUEST)


def partner_letters(outcome: Progress) -> tuple[Letter, ...]:
    return tuple(letter for letter in outcome.letters if letter.kind.audience is Audience.PARTNER)


def request(outcome: Progress) -> Letter:
    return letter_of(outcome, LetterKind.PARTNER_REQUEST)


def waits_for(code: str, kind: LetterKind = LetterKind.PARTNER_REQUEST, **facts: Any) -> WaitingLetter:
    """A letter to a partner that has not left."""
    return replace(waits(kind=kind), to=(f"liaison@{code.casefold()}.example",), **facts)


# Ask them.


def test_each_partner_gets_a_mail_of_its_own_at_its_liaison_in_its_language() -> None:
    found = requests(done("#consult BZ EZ\n\nMay they?"))
    assert [(each.to, each.language) for each in found] == [
        (address("liaison@bz.example"), Language.NL),
        (address("liaison@ez.example"), Language.EN),
    ]
    assert [each.cc for each in found] == [(), ()]
    assert len({each.cause for each in found}) == 2


def test_a_request_is_about_the_question_and_bears_the_code_of_the_partner() -> None:
    letter = request(done("#consult BZ\n\nMay they?"))
    assert letter.about == "KV-2026-0001"
    assert letter.facts["reference"] == "KV-2026-0001/BZ"
    assert (letter.facts["partner_nl"], letter.facts["partner_en"]) == ("Ministerie BZ", "Ministry BZ")


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("bz", ["BZ"]),
        ("EZK", ["EZ"]),
        ("ezk EZ Ez", ["EZ"]),
        ("OCW, BZ en ocw", ["OCW", "BZ"]),
        ("met BZ/EZ", ["BZ", "EZ"]),
    ],
)
def test_a_partner_is_known_by_code_and_alias_and_asked_once(said: str, codes: list[str]) -> None:
    outcome = done(f"#afstemmen {said}\n\nMay they?")
    assert [each.facts["reference"].partition("/")[2] for each in requests(outcome)] == codes
    assert outcome.done[0].name == ", ".join(codes)


def test_the_text_of_staff_is_what_they_are_asked() -> None:
    facts = request(done("#consult BZ\n\nMay they?")).facts
    assert (facts["text"], facts["is_question"]) == ("May they?", False)


def test_without_a_text_they_are_asked_what_the_asker_asked_without_his_signature() -> None:
    facts = request(done("#consult BZ")).facts
    assert (facts["text"], facts["is_question"]) == (f"Dear desk,\n\n{ASKED}", True)


def test_with_the_questions_that_were_put_into_this_one_each_of_them_is_asked_once() -> None:
    texts = (
        text(words="May they come?\n"),
        text(words=" \n"),
        text(words="And may Eve?"),
        text(words="May they come?"),
    )
    facts = request(done("#consult BZ", case=case(texts=(*texts, ADDED)))).facts
    assert (facts["text"], facts["is_question"]) == ("May they come?\n\nAnd may Eve?", True)


def test_of_the_question_only_the_askers_own_words_are_passed_on() -> None:
    quoting = text(words=f"{ASKED}\n\nOp ma 1 jun 2026 om 10:03 schreef Bob <bob@uni.example>:\n> Ask the desk.\n")
    assert request(done("#consult BZ", case=case(texts=(quoting,)))).facts["text"] == ASKED


def test_they_do_not_learn_who_asks() -> None:
    made = ticket(BOB, asker=ADA)
    own = "#consult BZ\n\nAda Lovelace (ada@uni.example, 06-12345678) of the University of Example, and Bob?"
    letter = request(done(own, ticket=made, institution=institution()))
    assert letter.facts["text"] == "[naam] ([adres], [nummer]) of the [instelling], and [naam]?"
    assert (letter.facts["asker"], letter.facts["institution"], letter.identity) == (None, None, False)
    assert letter.facts["institution_kind"] == "university"


def test_they_do_not_learn_it_from_a_name_that_only_stands_below_his_mails_either() -> None:
    signed = text(words="May they?\n\nKind regards,\nAugusta Byron\nRoom 1.15")
    facts = request(done("#consult BZ\n\nAugusta Byron asks.", case=case(texts=(signed,)))).facts
    assert facts["text"] == "[naam] asks."


def test_the_names_below_the_mails_of_others_stay() -> None:
    ours = text(EntryKind.ANSWER, "Yes.\n\nKind regards,\nAugusta Byron", author=SAM.address, role=Role.STAFF)
    facts = request(done("#consult BZ\n\nAugusta Byron asks.", case=case(texts=(*CASE.texts, ours)))).facts
    assert facts["text"] == "Augusta Byron asks."


def test_the_receipt_says_how_much_was_taken_out() -> None:
    made = ticket(asker=ADA)
    assert done("#consult BZ\n\nAda Lovelace (ada@uni.example)?", ticket=made).done[0].count == 2


@pytest.mark.parametrize("kind", ["freemail", "government"])
def test_free_mail_is_no_institution_whose_name_is_taken_out(kind: str) -> None:
    facts = request(done("#consult BZ\n\nBy free mail?", institution=institution("free mail", kind))).facts
    assert (facts["text"], facts["institution_kind"]) == ("By free mail?", kind)


def test_a_partner_has_five_working_days_or_until_the_date_that_staff_give() -> None:
    assert request(done("#consult BZ\n\nMay they?")).facts["due_on"] == DUE
    dated = done("#consult BZ by 2026-06-11\n\nMay they?")
    assert (request(dated).facts["due_on"], dated.done[0].day) == (date(2026, 6, 11), date(2026, 6, 11))


def test_nobody_is_consulted_before_a_mail_server_took_the_request() -> None:
    outcome = done("#consult BZ\n\nMay they?")
    assert outcome.changes == (TakenUp(),)
    assert outcome.ticket is not None
    assert (outcome.ticket.status, outcome.ticket.consultations) == (Status.IN_PROGRESS, ())


def test_then_the_partner_was_asked_and_the_text_stands_in_the_thread_for_that_partner_alone() -> None:
    posted, then = request(done("#consult BZ\n\nMay they?")).then
    assert isinstance(posted, Posted)
    assert (posted.kind, posted.audience, posted.partner) == (EntryKind.REQUEST, Audience.PARTNER, "BZ")
    assert (posted.author, posted.role, posted.text) == (SAM.address, Role.STAFF, "May they?")
    assert isinstance(then, Consulted)
    assert (then.partner, then.to, then.due_on) == ("BZ", address("liaison@bz.example"), DUE)
    assert (then.identity, then.attachments) == (False, False)


def test_what_waits_for_partners_can_be_called_back_for_as_long_as_the_desk_wants() -> None:
    letters = done("#consult BZ OCW\n\nMay they?").letters
    assert [each.wait for each in letters] == [timedelta(minutes=3)] * 3


def test_a_request_names_who_ordered_it_and_no_name_of_the_asker() -> None:
    letter = request(done("#consult BZ\n\nMay they?"))
    assert letter.by == SAM.address.spec


@pytest.mark.parametrize(
    ("code", "answers"),
    [("BZ", ["#akkoord", "#bezwaar", "#aanvulling", "#nietvanons"]), ("EZ", ["#ok", "#object", "#input", "#notours"])],
)
def test_a_partner_can_answer_in_one_word_of_its_language(code: str, answers: list[str]) -> None:
    letter = request(done(f"#consult {code}\n\nMay they?"))
    assert [each.line for each in letter.prepared] == answers
    assert [line.usage.split()[0] for line in letter.facts["lines"]] == answers


def test_the_first_request_begins_a_thread() -> None:
    letter = request(done("#consult BZ\n\nMay they?"))
    assert (letter.in_reply_to, letter.references, letter.facts["again"]) == ("", (), False)


def test_asked_again_a_partner_gets_it_in_the_same_thread() -> None:
    letter = request(done("#consult BZ\n\nAnd now?", ticket=after(BZ_ASKED, replied())))
    assert (letter.in_reply_to, letter.facts["again"]) == ("<request-bz@desk.example>", True)


def test_the_receipt_says_who_was_asked_by_when_and_what_the_asker_was_told() -> None:
    assert done("#consult BZ OCW\n\nMay they?").done == (Done(verb="consult", name="BZ, OCW", day=DUE, until=TEN_DAYS),)


# What the asker hears.


def test_the_asker_hears_of_it_before_the_partners_do() -> None:
    outcome = done("#consult BZ OCW\n\nMay they?")
    assert kinds_of(outcome.letters) == [LetterKind.COORDINATION_NOTICE, *[LetterKind.PARTNER_REQUEST] * 2]
    assert outcome.letters[0].to == address()


def test_he_gets_a_date_ten_working_days_from_now_in_the_place_of_the_old_one() -> None:
    letter = letter_of(done("#consult BZ\n\nMay they?"), LetterKind.COORDINATION_NOTICE)
    assert (letter.facts["promised_on"], letter.facts["old_date"]) == (TEN_DAYS, THURSDAY)
    assert letter.then == (Promised(promised_on=TEN_DAYS, ground=Ground.CONSULTED),)


def test_where_his_date_was_later_already_there_is_no_old_one_to_name() -> None:
    made = after(ticket(), Promised(promised_on=date(2026, 7, 31), ground=Ground.EXTENDED))
    letter = letter_of(done("#consult BZ\n\nMay they?", ticket=made), LetterKind.COORDINATION_NOTICE)
    assert (letter.facts["promised_on"], letter.facts["old_date"]) == (date(2026, 7, 31), None)


def test_he_hears_on_which_days_the_desk_is_closed_meanwhile() -> None:
    outcome = done("#consult BZ\n\nMay they?", now=datetime(2026, 12, 21, 9, tzinfo=UTC))
    facts = letter_of(outcome, LetterKind.COORDINATION_NOTICE).facts
    assert [each.day for each in facts["closed_days"]] == [date(2026, 12, 25), date(2027, 1, 1)]
    assert isinstance(facts["closed_days"][0], NamedDay)


def test_he_hears_of_it_in_his_own_thread_and_language() -> None:
    made = ticket(language=Language.NL, subject="Re: [KV-2026-0001] Een vraag")
    letter = letter_of(done("#consult BZ\n\nMay they?", ticket=made), LetterKind.COORDINATION_NOTICE)
    assert (letter.language, letter.in_reply_to) == (Language.NL, "<ack@desk.example>")
    assert letter.facts["subject"] == "Een vraag"


def test_which_ministries_are_asked_is_told_only_if_the_desk_wants_that() -> None:
    own = "#consult BZ OCW\n\nMay they?"
    hidden = letter_of(done(own), LetterKind.COORDINATION_NOTICE)
    named = letter_of(done(own, NAMING), LetterKind.COORDINATION_NOTICE)
    assert (hidden.facts["partners"], named.facts["partners"]) == ((), (BZ, OCW))


def test_why_they_are_asked_is_never_told_him() -> None:
    letter = letter_of(done("#consult BZ\n\nWe fear dual use.", NAMING), LetterKind.COORDINATION_NOTICE)
    assert "dual use" not in str(letter.facts)


def test_two_orders_in_one_mail_make_one_notice() -> None:
    outcome = done("#consult BZ by 2026-06-10\n#consult OCW EZ\n\nMay they?", NAMING)
    assert kinds_of(outcome.letters) == [LetterKind.COORDINATION_NOTICE, *[LetterKind.PARTNER_REQUEST] * 3]
    assert outcome.letters[0].facts["partners"] == (BZ, OCW, EZ)
    assert [each.facts["due_on"] for each in requests(outcome)] == [date(2026, 6, 10), DUE, DUE]


def test_of_two_orders_with_two_dates_the_receipt_gives_the_asker_one() -> None:
    first, second = done("#consult BZ\n#consult OCW by 2026-06-19").done
    assert (first.name, first.day, second.name, second.day) == ("BZ", DUE, "OCW", date(2026, 6, 19))
    assert first.until == second.until == date(2026, 6, 23)


def test_of_two_orders_the_later_date_is_the_one_that_the_asker_hears() -> None:
    for own in ("#consult BZ by 2026-06-19\n#consult OCW", "#consult OCW\n#consult BZ by 2026-06-19"):
        letter = letter_of(done(own), LetterKind.COORDINATION_NOTICE)
        assert letter.facts["promised_on"] == date(2026, 6, 23)
        assert letter.facts["old_date"] == THURSDAY


def coordinated(*codes: str, day: date = TEN_DAYS) -> Ticket:
    """Ada's ticket after partners were asked and she was told."""
    return after(consulted(ticket(), *codes), Promised(promised_on=day, ground=Ground.CONSULTED))


def test_a_second_partner_adds_no_second_notice() -> None:
    outcome = done("#consult OCW\n\nMay they?", ticket=coordinated("BZ"))
    assert kinds_of(outcome.letters) == [LetterKind.PARTNER_REQUEST]
    assert (request(outcome).facts["due_on"], outcome.done[0].until) == (DUE, None)


@pytest.mark.parametrize("change", [replied(), ConsultationEnded("BZ", Stage.EXPIRED)])
def test_nor_does_it_after_the_first_one_has_answered_or_not(change: Change) -> None:
    outcome = done("#consult OCW\n\nMay they?", ticket=after(coordinated("BZ"), change))
    assert kinds_of(outcome.letters) == [LetterKind.PARTNER_REQUEST]


def test_unless_there_is_no_room_for_it_and_the_date_moves() -> None:
    outcome = done("#consult OCW\n\nMay they?", ticket=coordinated("BZ"), now=datetime(2026, 6, 12, 9, tzinfo=UTC))
    letter = letter_of(outcome, LetterKind.COORDINATION_NOTICE)
    assert (letter.facts["old_date"], letter.facts["promised_on"]) == (TEN_DAYS, date(2026, 6, 26))
    assert outcome.done[0].until == date(2026, 6, 26)


def test_or_staff_give_it_a_date_that_moves_his() -> None:
    outcome = done("#consult OCW by 2026-06-19\n\nMay they?", ticket=coordinated("BZ"))
    assert letter_of(outcome, LetterKind.COORDINATION_NOTICE).facts["promised_on"] == date(2026, 6, 23)


def test_while_we_wait_for_him_he_hears_nothing_of_it() -> None:
    outcome = done("#consult BZ\n\nMay they?", ticket=waiting())
    assert kinds_of(outcome.letters) == [LetterKind.PARTNER_REQUEST]
    assert outcome.done == (Done(verb="consult", name="BZ", day=DUE),)


def test_after_his_question_was_opened_again_he_hears_of_it_again() -> None:
    again = after(
        closed(coordinated("BZ")), OpenedAgain(at=NOW), Promised(promised_on=TEN_DAYS, ground=Ground.REOPENED)
    )
    outcome = done("#consult BZ\n\nMay they?", ticket=again)
    assert letter_of(outcome, LetterKind.COORDINATION_NOTICE).facts["promised_on"] == TEN_DAYS


# What stops it.


@pytest.mark.parametrize("said", ["BX", "BBZ", "BZ BX"])
def test_a_code_that_nobody_has_stops_it_and_those_that_look_like_it_are_named(said: str) -> None:
    assert stopped(f"#consult {said}") is Why.NO_SUCH_PARTNER
    wrong, *alike = lines(f"#consult {said}")
    assert wrong == f"{said.split()[-1]}?"
    assert alike[0] == "BZ"


def test_an_alias_that_is_nearly_right_is_answered_with_the_code() -> None:
    assert lines("#consult EZZK")[:2] == ("EZZK?", "EZ")


def test_where_none_looks_like_it_all_are_named() -> None:
    assert lines("#consult Qqq") == ("Qqq?", "BZ", "OCW", "EZ", "LVVN")


@pytest.mark.parametrize("order", ["#consult", "#update", "#share", "#withdraw"])
def test_every_order_about_a_partner_names_what_was_meant(order: str) -> None:
    assert stopped(f"{order} OWC", ticket=TWO_ASKED) is Why.NO_SUCH_PARTNER
    assert lines(f"{order} OWC", ticket=TWO_ASKED)[:2] == ("OWC?", "OCW")


@pytest.mark.parametrize("said", ["LVVN", "LNV", "BZ LNV"])
def test_a_ministry_without_a_liaison_stops_it_and_the_key_is_named(said: str) -> None:
    outcome = refused(f"#consult {said}", DESK, case=CASE)
    assert (why(outcome), outcome.lines) == (Why.NO_LIAISON, ("LVVN",))
    assert "liaison" in outcome.why(Language.NL)
    assert "liaison" in outcome.why(Language.EN)


@pytest.mark.parametrize("order", ["#consult BZ", "#update BZ", "#share BZ", "#withdraw BZ"])
@pytest.mark.parametrize("over", [closed(TWO_ASKED), answered(TWO_ASKED)])
def test_about_a_question_that_is_over_no_partner_is_mailed(order: str, over: Ticket) -> None:
    assert stopped(order, ticket=over) is Why.NOT_OPEN


@pytest.mark.parametrize("order", ["#consult BZ", "#update BZ", "#share BZ", "#withdraw BZ"])
def test_without_a_ticket_no_partner_is_mailed(order: str) -> None:
    assert stopped(order, ticket=None) is Why.NO_TICKET


@pytest.mark.parametrize("order", ["#consult BZ", "#update BZ", "#share BZ", "#withdraw BZ"])
def test_a_question_that_went_into_another_one_points_there(order: str) -> None:
    gone = after(TWO_ASKED, MergedInto(reference=SECOND, at=MONDAY))
    assert stopped(order, ticket=gone) is Why.MERGED


@pytest.mark.parametrize("day", ["2026-06-01", "2026-05-29"])
def test_a_date_for_partners_lies_after_today(day: str) -> None:
    assert stopped(f"#consult BZ by {day}") is Why.NOT_LATER


@pytest.mark.parametrize(
    ("day", "names"), [("2026-06-06", "weekend"), ("2026-12-25", "Eerste kerstdag"), ("2027-05-05", "Bevrijdingsdag")]
)
def test_a_date_for_partners_is_a_working_day(day: str, names: str) -> None:
    assert stopped(f"#consult BZ by {day}") is Why.CLOSED_DAY
    assert lines(f"#consult BZ by {day}") == (names,)


def test_why_a_day_is_closed_is_told_in_the_writers_language() -> None:
    assert lines("#consult BZ by 2026-12-25", person=EVA) == ("Christmas Day",)


@pytest.mark.parametrize(
    ("order", "code"),
    [("#consult BZ OCW", "BZ"), ("#update BZ\n\nMore.", "BZ"), ("#share OCW", "BZ"), ("#withdraw BZ", "BZ")],
)
@pytest.mark.parametrize("kind", [LetterKind.PARTNER_REQUEST, LetterKind.PARTNER_UPDATE, LetterKind.PARTNER_WITHDRAWN])
def test_two_letters_to_one_partner_never_wait_side_by_side(order: str, code: str, kind: LetterKind) -> None:
    here = replace(CASE, waiting=(waits_for(code, kind),))
    made = after(TWO_ASKED, replied("OCW"))
    assert stopped(order, ticket=made, case=here) is Why.PARTNER_WAITS
    assert lines(order, ticket=made, case=here) == (code,)


def test_a_letter_to_another_partner_does_not_stand_in_its_way() -> None:
    here = replace(CASE, waiting=(waits_for("OCW"),))
    assert requests(done("#consult BZ", case=here))


def test_nor_does_one_that_has_reached_it() -> None:
    here = replace(CASE, waiting=(waits_for("BZ", taken=("liaison@bz.example",)),))
    assert requests(done("#consult BZ", case=here))


def test_nor_does_one_that_the_same_mail_calls_back() -> None:
    here = replace(CASE, waiting=(waits_for("BZ"),))
    assert requests(done("#stop\n#consult BZ", case=here))


def test_two_orders_of_one_mail_do_not_reach_the_same_partner() -> None:
    assert stopped("#consult BZ\n#consult OCW BZ by 2026-06-10") is Why.PARTNER_WAITS
    assert stopped("#consult OCW\n#share BZ", ticket=after(TWO_ASKED, replied("BZ"))) is Why.PARTNER_WAITS
    assert stopped("#withdraw BZ\n#withdraw BZ OCW", ticket=TWO_ASKED) is Why.PARTNER_WAITS


@pytest.mark.parametrize("kind", [LetterKind.DELAY_NOTICE, LetterKind.COORDINATION_NOTICE])
def test_the_asker_never_gets_two_dates_at_once(kind: LetterKind) -> None:
    here = replace(CASE, waiting=(waits(kind=kind),))
    assert stopped("#consult BZ", case=here) is Why.ONE_DATE
    assert stopped("#consult BZ", case=here, ticket=coordinated("OCW")) is Why.ONE_DATE


def test_a_date_that_has_reached_him_stands_in_nobodys_way() -> None:
    here = replace(CASE, waiting=(replace(waits(kind=LetterKind.DELAY_NOTICE), taken=(address().spec,)),))
    assert requests(done("#consult BZ", case=here))


def test_a_date_that_the_same_mail_calls_back_does_not_either() -> None:
    here = replace(CASE, waiting=(waits(kind=LetterKind.DELAY_NOTICE),))
    assert requests(done("#stop\n#consult BZ", case=here))


@pytest.mark.parametrize("own", ["#extend 2026-06-19 x\n#consult BZ", "#consult BZ\n#extend 2026-06-19 x"])
def test_a_mail_that_gives_him_a_date_itself_consults_nobody(own: str) -> None:
    assert stopped(own) is Why.ONE_DATE


def test_while_he_is_about_to_hear_of_it_staff_give_him_no_date_of_their_own() -> None:
    here = replace(CASE, waiting=(waits(kind=LetterKind.COORDINATION_NOTICE),))
    assert stopped("#extend 2026-06-10 x", case=here) is Why.ONE_DATE


@pytest.mark.parametrize(
    "kind",
    [
        LetterKind.ANSWER,
        LetterKind.INFO_REQUEST,
        LetterKind.CORRECTION,
        LetterKind.REDIRECT,
        LetterKind.CLOSED,
        LetterKind.MERGED,
    ],
)
def test_behind_a_letter_that_ends_the_question_or_stops_its_clock_nobody_is_consulted(kind: LetterKind) -> None:
    ending = waits(kind=kind)
    assert stopped("#consult BZ", case=replace(CASE, waiting=(ending,))) is Why.LETTERS_WAIT
    assert requests(done("#stop\n#consult BZ", case=replace(CASE, waiting=(ending,))))
    reached = replace(ending, taken=(address().spec,))
    assert requests(done("#consult BZ", case=replace(CASE, waiting=(reached,))))


@pytest.mark.parametrize("own", ["#consult BZ\n#redirect Library", "#redirect Library\n#consult BZ"])
def test_a_mail_that_sends_the_asker_elsewhere_consults_nobody(own: str) -> None:
    assert stopped(own) is Why.LETTERS_WAIT


@pytest.mark.parametrize("own", ["#update BZ\n#redirect Library\n\nMore.", "#share OCW\n#redirect Library"])
def test_nor_does_it_tell_a_partner_more(own: str) -> None:
    assert stopped(own, ticket=after(TWO_ASKED, replied("OCW"))) is Why.LETTERS_WAIT


@pytest.mark.parametrize("own", ["#consult BZ", "#update BZ", "#share OCW", "#withdraw BZ"])
@pytest.mark.parametrize("close", ["#close withdrawn", "#close spam", "#close answered"])
def test_a_mail_that_closes_the_question_writes_to_no_partner_wherever_it_says_so(own: str, close: str) -> None:
    made, here = after(TWO_ASKED, replied("OCW")), replace(CASE, texts=(*CASE.texts, ADDED))
    assert stopped(f"{own}\n{close}", ticket=made, case=here) is Why.CLOSE_BESIDE
    assert stopped(f"{close}\n{own}", ticket=made, case=here) is Why.CLOSE_BESIDE


@pytest.mark.parametrize("facts", [{"case": case(texts=())}, {"case": None}, {"case": case(texts=(text(words=" "),))}])
def test_where_there_is_nothing_to_ask_nothing_is_asked(facts: dict[str, Any]) -> None:
    assert stopped("#consult BZ", **facts) is Why.NOTHING_NEW


@pytest.mark.parametrize("order", ["#consult BZ", "#update BZ"])
def test_a_text_whose_end_was_lost_is_not_sent(order: str) -> None:
    assert stopped(f"{order}!\n\nMay they?", ticket=TWO_ASKED, cut_short=True) is Why.TOO_LONG


@pytest.mark.parametrize("order", ["#consult BZ", "#update BZ"])
def test_a_leak_stops_it_until_somebody_who_saw_the_warning_says_so(order: str) -> None:
    leaks = (Leak(LeakKind.INTERNAL, "from a note"),)
    verb, _, code = order.partition(" ")
    outcome = refused(f"{order}\n\nMay they?", DESK, case=CASE, ticket=TWO_ASKED, leaks=leaks)
    assert why(outcome) is Why.LEAK
    assert outcome.override.split()[0].endswith("!")
    assert done(f"{verb}! {code}\n\nMay they?", ticket=TWO_ASKED, leaks=leaks).letters


def test_what_must_never_leave_does_not_leave_on_any_word() -> None:
    leaks = (Leak(LeakKind.SEALED, "cv.pdf"),)
    assert stopped("#consult! BZ +attachments\n\nMay they?", leaks=leaks) is Why.LEAK


MARKED = replace(DESK, markings=("Dep.V.",))


@pytest.mark.parametrize("mark", ["", "!"])
@pytest.mark.parametrize("order", ["#consult", "#update"])
@pytest.mark.parametrize("below", ["", "\n\nDep.V.\n\nMay they?"])
def test_what_bears_a_marking_goes_to_no_partner_on_any_word(order: str, mark: str, below: str) -> None:
    here = case(texts=(text(words="Dep.V.\n\nMay they?"), text(EntryKind.FOLLOW_UP, "Dep.V.\n\nMore.")))
    outcome = refused(f"{order}{mark} BZ{below}", MARKED, ticket=BZ_ASKED, case=here)
    assert (why(outcome), outcome.override) == (Why.LEAK, "")
    assert "Dep.V." in outcome.lines[0]


def test_nor_does_a_position_that_bears_one() -> None:
    theirs = text(EntryKind.POSITION, "Dep.V.\n\nWe object.", role=Role.PARTNER, partner="BZ")
    made = after(TWO_ASKED, replied("BZ", Position.OBJECTION))
    assert stopped("#share BZ", MARKED, ticket=made, case=case(texts=(theirs,))) is Why.LEAK


# With the name of the asker.


def test_with_a_word_they_learn_who_asks() -> None:
    letter = request(done("#consult BZ +identity", institution=institution()))
    assert letter.facts["text"] == QUESTION.strip()
    assert (letter.facts["asker"], letter.facts["institution"]) == (address(), institution())
    assert letter.identity is True
    assert isinstance(letter.then[1], Consulted)
    assert letter.then[1].identity is True


def test_then_nothing_is_taken_out_and_the_receipt_says_what_went_along() -> None:
    told = done("#consult BZ +identity\n\nAda (ada@uni.example)?").done[0]
    assert (told.reason, told.count) == ("identity", 0)


@pytest.mark.parametrize(
    ("own", "kind"),
    [
        ("#consult BZ +identity", LetterKind.PARTNER_REQUEST),
        ("#afstemmen BZ +identiteit", LetterKind.PARTNER_REQUEST),
        ("#update BZ +identity\n\nMore.", LetterKind.PARTNER_UPDATE),
    ],
)
def test_the_name_of_the_asker_leaves_only_after_a_yes(own: str, kind: LetterKind) -> None:
    decision = judged(own, ticket=coordinated("BZ"))
    assert kinds_of(decision.letters) == [LetterKind.CONFIRM]
    assert decision.letters[0].facts["why"] == "identity"
    assert kinds_of(decision.drafts) == [kind]
    assert [type(act) for act in decision.acts] == [Await]
    assert decision.ticket == coordinated("BZ")


def test_after_that_yes_it_leaves() -> None:
    here = scene("#consult BZ +identity", DESK, case=CASE)
    assert isinstance(here.staff.orders, Orders)
    outcome = carry_out(here, here.staff.orders.orders)
    assert isinstance(outcome, Progress)
    decision = judged("#consult BZ +identity", confirms=17, answer="yes", shown=binding(outcome))
    assert kinds_of(decision.letters)[1:] == [LetterKind.PARTNER_REQUEST, LetterKind.STAFF_RECEIPT]


def test_without_the_name_no_yes_is_needed_where_a_border_vouches_for_staff() -> None:
    assert kinds_of(judged("#consult BZ +attachments").letters) == [
        LetterKind.COORDINATION_NOTICE,
        LetterKind.PARTNER_REQUEST,
        LetterKind.STAFF_RECEIPT,
    ]


@pytest.mark.parametrize("own", ["#consult OCW", "#update BZ\n\nMore.", "#share BZ", "#withdraw OCW"])
def test_where_no_border_does_every_order_to_a_partner_needs_a_yes(own: str) -> None:
    here = scene(own, DESK, case=CASE, ticket=after(THREE_ASKED, replied("BZ")), proofs=proven(genuine=False))
    assert isinstance(here.staff.orders, Orders)
    outcome = carry_out(here, here.staff.orders.orders)
    assert isinstance(outcome, Progress)
    assert why_confirm(here, here.staff.orders.orders, outcome) == "no_border"


# With files.


FILES = case(
    texts=(
        text(words=QUESTION, mail=11),
        text(EntryKind.FOLLOW_UP, "More.", author=address("bob@uni.example"), mail=12),
        text(EntryKind.NOTE, "A note.", author=EVA.address, role=Role.STAFF, audience=Audience.STAFF, mail=13),
        text(EntryKind.POSITION, "No.", role=Role.PARTNER, audience=Audience.PARTNER, mail=14, partner="BZ"),
        text(EntryKind.NOTE, "From elsewhere.", role=Role.ASKER, audience=Audience.STAFF, mail=15),
        text(EntryKind.ANSWER, "Yes.", author=SAM.address, role=Role.STAFF, mail=16),
    ),
    files=tuple(numbered(number) for number in range(1, 8)),
)


def files_of(letter: Letter) -> list[str]:
    return [each.name for each in letter.files]


def test_with_a_word_the_files_of_the_askers_side_go_along_and_nobody_elses() -> None:
    letter = request(done("#consult BZ +attachments", case=FILES))
    assert (files_of(letter), letter.files_of) == (["bijlage-1.pdf", "bijlage-2.pdf"], (11, 12))
    assert [each.sha256 for each in letter.files] == [each.file.sha256 for each in FILES.files[:2]]
    assert letter.facts["files"] == letter.files
    assert isinstance(letter.then[1], Consulted)
    assert letter.then[1].attachments is True


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Plan of Ada Lovelace.PDF", "bijlage-1.pdf"),
        ("ada.tar.gz", "bijlage-1.gz"),
        ("Ada Lovelace", "bijlage-1"),
        ("plan.", "bijlage-1"),
        ("plan.lovelace", "bijlage-1"),  # too long for an ending: it may be a name
        ("plan.A. Lovelace", "bijlage-1"),
        ("plan.żółw", "bijlage-1"),
        ("", "bijlage-1"),
    ],
)
@pytest.mark.parametrize("order", ["#consult BZ +attachments", "#update BZ +attachments\n\nMore."])
def test_a_file_that_goes_without_the_name_of_the_asker_keeps_only_its_ending(
    order: str, name: str, shown: str
) -> None:
    here = replace(FILES, files=(NumberedFile(1, file(name), 11),))
    (letter,) = partner_letters(done(order, ticket=coordinated("BZ"), case=here))
    assert files_of(letter) == [shown]
    assert letter.files[0] == replace(file(name), name=shown)


def test_at_an_english_desk_it_is_called_an_attachment() -> None:
    letter = request(done("#consult BZ +attachments", replace(DESK, staff_language=Language.EN), case=FILES))
    assert files_of(letter) == ["attachment-1.pdf", "attachment-2.pdf"]


@pytest.mark.parametrize("order", ["#consult BZ +attachments +identity", "#update BZ +attachments +identity\n\nMore."])
def test_with_the_name_of_the_asker_a_file_keeps_its_own(order: str) -> None:
    (letter,) = partner_letters(done(order, ticket=coordinated("BZ"), case=FILES, files=(file("own.pdf"),)))
    assert files_of(letter) == ["1.pdf", "2.pdf", "own.pdf"]


def test_without_that_word_no_file_goes_along() -> None:
    letter = request(done("#consult BZ", case=FILES, files=(file("own.pdf"),)))
    assert (letter.files, letter.files_of, letter.facts["files"]) == ((), (), ())


def test_what_staff_send_along_goes_too() -> None:
    letter = request(done("#consult BZ +bijlagen", case=FILES, files=(file("own.pdf"),), number=31))
    assert (files_of(letter), letter.files_of) == (
        ["bijlage-1.pdf", "bijlage-2.pdf", "bijlage-3.pdf"],
        (11, 12, 31),
    )
    assert letter.files[2].sha256 == file("own.pdf").sha256


def test_the_same_file_goes_once() -> None:
    twice = replace(FILES, files=(numbered(1, "plan.pdf"), numbered(2, "plan.pdf")))
    letter = request(done("#consult BZ +attachments", case=twice))
    assert (files_of(letter), letter.files[0].sha256) == (["bijlage-1.pdf"], file("plan.pdf").sha256)


def test_a_file_that_was_destroyed_does_not_go() -> None:
    gone = replace(FILES, files=(numbered(1, purged=True), numbered(2)))
    letter = request(done("#consult BZ +attachments", case=gone))
    assert (files_of(letter), letter.files[0].sha256) == (["bijlage-1.pdf"], numbered(2).file.sha256)


def test_where_there_are_no_files_the_partner_has_none() -> None:
    letter = request(done("#consult BZ +attachments"))
    assert isinstance(letter.then[1], Consulted)
    assert letter.then[1].attachments is False


# Tell them more.


def test_what_the_asker_added_is_passed_on_without_his_signature() -> None:
    outcome = done("#update BZ OCW", ticket=TWO_ASKED, case=replace(CASE, texts=(*CASE.texts, ADDED)))
    assert kinds_of(outcome.letters) == [LetterKind.PARTNER_UPDATE] * 2
    assert [each.to for each in outcome.letters] == [BZ.liaison, OCW.liaison]
    facts = outcome.letters[0].facts
    assert (facts["text"], facts["is_question"], facts["due_on"]) == ("It is about lasers.", True, DUE)


def test_of_two_additions_the_last_one_is_passed_on() -> None:
    more = text(EntryKind.FOLLOW_UP, "And about optics.")
    here = replace(CASE, texts=(*CASE.texts, ADDED, more))
    assert done("#update BZ", ticket=BZ_ASKED, case=here).letters[0].facts["text"] == "And about optics."


def test_a_text_of_staff_goes_in_its_place() -> None:
    facts = done("#bijpraten BZ\n\nThey leave in May.", ticket=BZ_ASKED).letters[0].facts
    assert (facts["text"], facts["is_question"]) == ("They leave in May.", False)


@pytest.mark.parametrize(
    "texts",
    [
        CASE.texts,
        (*CASE.texts, text(EntryKind.FOLLOW_UP, "Between us.", audience=Audience.STAFF)),
        (*CASE.texts, text(EntryKind.NOTE, "A note.")),
    ],
)
def test_where_the_asker_added_nothing_there_is_nothing_to_pass_on(texts: Any) -> None:
    assert stopped("#update BZ", ticket=BZ_ASKED, case=replace(CASE, texts=texts)) is Why.NOTHING_NEW


def test_then_the_partner_knows_more_and_the_text_is_its_own() -> None:
    posted, told = done("#update BZ +attachments\n\nMore.", ticket=BZ_ASKED, case=FILES).letters[0].then
    assert isinstance(posted, Posted)
    assert (posted.kind, posted.partner, posted.text) == (EntryKind.REQUEST, "BZ", "More.")
    assert told == Informed(partner="BZ", attachments=True)


def test_who_has_answered_is_told_more_without_a_date() -> None:
    made = after(BZ_ASKED, replied())
    assert done("#update BZ\n\nMore.", ticket=made).letters[0].facts["due_on"] is None


@pytest.mark.parametrize("order", ["#update BZ\n\nMore.", "#share BZ", "#withdraw BZ"])
@pytest.mark.parametrize(
    "made",
    [
        ticket(),
        consulted(ticket(), "OCW"),
        after(TWO_ASKED, ConsultationEnded("BZ", Stage.WITHDRAWN)),
        after(TWO_ASKED, ConsultationEnded("BZ", Stage.RETURNED)),
    ],
)
def test_who_is_not_in_the_conversation_hears_nothing_of_it(order: str, made: Ticket) -> None:
    assert stopped(order, ticket=made) is Why.NOT_CONSULTED
    assert lines(order, ticket=made) == ("BZ",)


def test_after_a_question_was_opened_again_those_who_were_asked_are_still_in_the_conversation() -> None:
    again = after(closed(after(TWO_ASKED, replied("BZ", Position.OBJECTION))), OpenedAgain(at=NOW))
    told = done("#update BZ OCW\n\nMore.", ticket=again).letters
    assert [(each.kind, each.to, each.facts["due_on"]) for each in told] == [
        (LetterKind.PARTNER_UPDATE, BZ.liaison, None),
        (LetterKind.PARTNER_UPDATE, OCW.liaison, None),
    ]
    (shown,) = done("#share BZ", ticket=again, case=KNOWN).letters
    assert (shown.kind, shown.to, shown.facts["due_on"]) == (LetterKind.PARTNER_SHARED, OCW.liaison, None)
    assert [(each.code, each.stage, each.position, each.text) for each in shown.facts["shared"]] == [
        ("BZ", "closed", "objection", "We object, says [naam].")
    ]


def test_but_who_had_not_answered_has_no_position_and_need_not_be_let_go() -> None:
    again = after(closed(TWO_ASKED), OpenedAgain(at=NOW))
    assert stopped("#share BZ", ticket=again) is Why.NO_POSITION
    assert stopped("#withdraw BZ", ticket=again) is Why.NOT_CONSULTED
    assert lines("#withdraw BZ", ticket=again) == ("BZ",)


def test_who_stayed_silent_can_be_told_more_and_asked_again() -> None:
    made = after(coordinated("BZ"), ConsultationEnded("BZ", Stage.EXPIRED))
    assert done("#update BZ\n\nMore.", ticket=made).letters[0].facts["due_on"] is None
    assert kinds_of(done("#consult BZ\n\nPlease?", ticket=made).letters) == [LetterKind.PARTNER_REQUEST]


def test_the_receipt_of_an_update_names_the_partners() -> None:
    outcome = done("#update BZ OCW +attachments\n\nMore.", ticket=TWO_ASKED, case=FILES)
    assert outcome.done == (Done(verb="update", name="BZ, OCW", reason="attachments"),)


# Show them one another's position.


PAT = address("pat@bz.example", "Pat Noether")
POSITION = text(
    EntryKind.POSITION,
    "We object, says Pat Noether.\n\nKind regards,\nPat Noether",
    author=PAT,
    role=Role.PARTNER,
    audience=Audience.PARTNER,
    partner="BZ",
)
OBJECTED = after(THREE_ASKED, replied("BZ", Position.OBJECTION))
KNOWN = replace(CASE, texts=(*CASE.texts, POSITION))


def test_the_position_of_one_partner_is_shown_to_each_of_the_others() -> None:
    outcome = done("#share BZ", ticket=OBJECTED, case=KNOWN)
    assert kinds_of(outcome.letters) == [LetterKind.PARTNER_SHARED] * 2
    assert [each.to for each in outcome.letters] == [OCW.liaison, EZ.liaison]
    assert [each.facts["reference"] for each in outcome.letters] == ["KV-2026-0001/OCW", "KV-2026-0001/EZ"]


def test_they_read_the_position_and_the_words_without_the_name_of_their_writer() -> None:
    (line,) = done("#deel bz", ticket=OBJECTED, case=KNOWN).letters[0].facts["shared"]
    assert (line.code, line.position) == ("BZ", "objection")
    assert line.text == "We object, says [naam]."


def test_who_asks_is_left_out_of_a_position_too_though_its_writer_may_know_him() -> None:
    made = after(consulted(ticket(BOB, asker=ADA), "BZ", "OCW"), replied("BZ", Position.OBJECTION))
    words = "#bezwaar\n\nAda Lovelace (ada@uni.example, 06-12345678) and Byron of the University of Example? No, Pat."
    theirs = replace(POSITION, text=words, author=address("pat@bz.example", "Pat Noether"))
    asker = text(words=f"{QUESTION}\n\nKind regards,\nAugusta Byron", author=ADA)
    here = replace(CASE, texts=(asker, theirs))
    (letter,) = done("#share BZ", ticket=made, case=here, institution=institution()).letters
    (line,) = letter.facts["shared"]
    assert line.text == "[naam] ([adres], [nummer]) and [naam] of the [instelling]? No, [naam]."
    (posted,) = letter.then
    assert isinstance(posted, Posted)
    assert posted.text == line.text


def test_how_the_asker_signs_is_left_out_of_a_position_but_not_what_a_colleague_signs() -> None:
    signed = text(words="May they?\n\nKind regards,\nAugusta Byron")
    ours = text(EntryKind.NOTE, "Note.\n\nKind regards,\nGrace Hopper", role=Role.STAFF, audience=Audience.STAFF)
    theirs = replace(POSITION, text="Augusta Byron and Grace Hopper may not.")
    (line,) = done("#share BZ", ticket=OBJECTED, case=case(texts=(signed, ours, theirs))).letters[0].facts["shared"]
    assert line.text == "[naam] and Grace Hopper may not."


def test_what_a_partner_adds_to_its_answer_is_shown_with_it_and_what_it_wrote_before_is_not() -> None:
    before = replace(POSITION, text="We do not know yet.", at=POSITION.at - timedelta(days=1))
    more = replace(POSITION, text="Ask who pays.", at=POSITION.at + timedelta(days=1))
    told = replace(KNOWN, texts=(before, *KNOWN.texts, more))
    (line,) = done("#share BZ", ticket=OBJECTED, case=told).letters[0].facts["shared"]
    assert line.text.endswith("\n\nAsk who pays.")
    assert "not know yet" not in line.text


def test_what_a_partner_wrote_before_it_changed_its_mind_is_not_shown() -> None:
    later = replace(POSITION, text="#ok\n\nWe agree now.", at=MONDAY + timedelta(days=1))
    made = after(OBJECTED, replied("BZ", at=later.at))
    (line,) = done("#share BZ", ticket=made, case=case(texts=(POSITION, later))).letters[0].facts["shared"]
    assert (line.position, line.text) == ("no_objection", "We agree now.")


def test_a_position_without_words_can_be_shown() -> None:
    (line,) = done("#share BZ", ticket=OBJECTED).letters[0].facts["shared"]
    assert (line.position, line.text) == ("objection", "")


def test_then_what_they_read_stands_in_the_thread_for_them_alone() -> None:
    letters = done("#share BZ", ticket=OBJECTED, case=KNOWN).letters
    assert [[(each.kind, each.partner) for each in letter.then if isinstance(each, Posted)] for letter in letters] == [
        [(EntryKind.REQUEST, "OCW")],
        [(EntryKind.REQUEST, "EZ")],
    ]


def test_whoever_still_has_to_answer_reads_by_when() -> None:
    letters = done("#share BZ", ticket=after(OBJECTED, replied("OCW")), case=KNOWN).letters
    assert [each.facts["due_on"] for each in letters] == [None, DUE]


def test_the_receipt_names_whose_position_and_who_reads_it() -> None:
    assert done("#share BZ", ticket=OBJECTED).done == (Done(verb="share", name="BZ", reason="OCW, EZ"),)


def test_who_has_not_answered_has_no_position_to_show() -> None:
    assert stopped("#share OCW", ticket=OBJECTED) is Why.NO_POSITION


@pytest.mark.parametrize(
    "made",
    [
        after(BZ_ASKED, replied()),
        after(TWO_ASKED, replied(), ConsultationEnded("OCW", Stage.WITHDRAWN)),
        consulted(after(BZ_ASKED, replied()), "VWS"),  # which is not in the list any more
    ],
)
def test_with_nobody_else_in_the_conversation_there_is_nobody_to_show_it_to(made: Ticket) -> None:
    assert stopped("#share BZ", ticket=made) is Why.NOBODY_ELSE


# Let them go.


def test_a_partner_that_is_let_go_is_told_so_in_its_thread() -> None:
    outcome = done("#withdraw BZ EZ", ticket=THREE_ASKED)
    assert kinds_of(outcome.letters) == [LetterKind.PARTNER_WITHDRAWN] * 2
    letter = outcome.letters[0]
    assert (letter.to, letter.in_reply_to) == (BZ.liaison, "<request-bz@desk.example>")
    assert (letter.facts["reason"], letter.prepared) == ("withdrawn", ())
    assert outcome.done == (Done(verb="withdraw", name="BZ, EZ"),)


def test_it_is_let_go_once_it_was_told() -> None:
    outcome = done("#intrekken BZ", ticket=BZ_ASKED)
    assert outcome.ticket == BZ_ASKED
    assert outcome.letters[0].then == (ConsultationEnded("BZ", Stage.WITHDRAWN),)
    assert after(BZ_ASKED, *outcome.letters[0].then).status is Status.IN_PROGRESS


@pytest.mark.parametrize("change", [replied(), ConsultationEnded("BZ", Stage.EXPIRED)])
def test_who_need_not_answer_any_more_is_not_let_go(change: PartnerReplied | ConsultationEnded) -> None:
    assert stopped("#withdraw BZ", ticket=after(BZ_ASKED, change)) is Why.NOT_CONSULTED


@pytest.mark.parametrize("code", ["OCW", "ocw"])
def test_a_partner_that_is_not_on_the_list_any_more_is_let_go_without_a_letter(code: str) -> None:
    made = after(TWO_ASKED, replied("BZ"))
    outcome = done(f"#withdraw {code}", replace(DESK, partners=(BZ, EZ)), ticket=made)
    assert (outcome.letters, outcome.changes) == ((), (ConsultationEnded("OCW", Stage.WITHDRAWN), TakenUp()))
    assert outcome.ticket == after(made, *outcome.changes)
    assert outcome.ticket.status is Status.IN_PROGRESS
    assert outcome.done == (Done(verb="withdraw", name="OCW"),)


def test_so_is_one_to_whom_nobody_can_write_any_more() -> None:
    outcome = done("#withdraw BZ OCW", replace(DESK, partners=(replace(BZ, liaison=None), OCW)), ticket=TWO_ASKED)
    assert [(each.kind, each.to) for each in outcome.letters] == [(LetterKind.PARTNER_WITHDRAWN, OCW.liaison)]
    assert outcome.changes == (ConsultationEnded("BZ", Stage.WITHDRAWN), TakenUp())
    assert outcome.done == (Done(verb="withdraw", name="BZ, OCW"),)


def test_one_that_is_not_on_the_list_and_is_not_waited_for_is_nobody() -> None:
    gone = replace(DESK, partners=(BZ, EZ))
    assert stopped("#withdraw OCW", gone, ticket=after(TWO_ASKED, replied("OCW"))) is Why.NO_SUCH_PARTNER
    assert stopped("#withdraw OCW", gone, ticket=BZ_ASKED) is Why.NO_SUCH_PARTNER


def test_a_request_that_has_not_left_is_called_back_rather_than_withdrawn() -> None:
    assert stopped("#withdraw BZ", case=replace(CASE, waiting=(waits_for("BZ"),))) is Why.NOT_CONSULTED


# A partner that got another code keeps the old one as an alias.


BUZA = replace(BZ, code="BUZA", aliases=("BZ",), liaison=address("new@bz.example"))
RENAMED = replace(DESK, partners=(BUZA, OCW, EZ, LVVN))


@pytest.mark.parametrize("said", ["BUZA", "BZ", "bz"])
def test_under_its_new_code_a_partner_is_asked_again_in_the_thread_of_its_old_one(said: str) -> None:
    made = after(coordinated("BZ"), replied())
    (letter,) = done(f"#consult {said}\n\nAnd now?", RENAMED, ticket=made).letters
    assert (letter.to, letter.in_reply_to) == (BUZA.liaison, "<request-bz@desk.example>")
    assert (letter.facts["reference"], letter.facts["again"]) == ("KV-2026-0001/BUZA", True)
    posted, then = letter.then
    assert isinstance(posted, Posted)
    assert isinstance(then, Consulted)
    assert (posted.partner, then.partner, then.to) == ("BZ", "BZ", BUZA.liaison)
    assert [each.partner for each in after(made, then).consultations] == ["BZ"]


def test_what_it_is_told_is_told_to_the_one_that_was_asked() -> None:
    (letter,) = done("#update BUZA +attachments\n\nMore.", RENAMED, ticket=TWO_ASKED, case=FILES).letters
    posted, then = letter.then
    assert isinstance(posted, Posted)
    assert (posted.partner, then) == ("BZ", Informed(partner="BZ", attachments=True))
    assert letter.facts["due_on"] == DUE


@pytest.mark.parametrize("said", ["BUZA", "BZ"])
def test_its_position_under_its_old_code_is_shown_to_the_others_and_not_to_itself(said: str) -> None:
    outcome = done(f"#share {said}", RENAMED, ticket=OBJECTED, case=KNOWN)
    assert [each.to for each in outcome.letters] == [OCW.liaison, EZ.liaison]
    (line,) = outcome.letters[0].facts["shared"]
    assert (line.position, line.text) == ("objection", "We object, says [naam].")
    assert outcome.done == (Done(verb="share", name="BUZA", reason="OCW, EZ"),)


def test_it_reads_the_positions_of_others_under_the_code_that_the_ticket_knows() -> None:
    made = after(TWO_ASKED, replied("OCW"))
    (letter,) = done("#share OCW", RENAMED, ticket=made).letters
    (posted,) = letter.then
    assert isinstance(posted, Posted)
    assert (letter.to, posted.partner) == (BUZA.liaison, "BZ")


@pytest.mark.parametrize("said", ["BUZA", "BZ"])
def test_let_go_it_is_the_old_one_that_nobody_waits_for(said: str) -> None:
    outcome = done(f"#withdraw {said}", RENAMED, ticket=BZ_ASKED)
    (letter,) = outcome.letters
    assert (letter.to, letter.then) == (BUZA.liaison, (ConsultationEnded("BZ", Stage.WITHDRAWN),))
    assert outcome.done == (Done(verb="withdraw", name="BUZA"),)
    without = replace(RENAMED, partners=(replace(BUZA, liaison=None), OCW))
    silent = done(f"#withdraw {said}", without, ticket=BZ_ASKED)
    assert (silent.letters, silent.changes) == ((), (ConsultationEnded("BZ", Stage.WITHDRAWN), TakenUp()))


def test_asker_and_partners_never_read_one_anothers_letters() -> None:
    for own in ("#consult OCW BZ +attachments", "#update BZ\n\nMore.", "#share BZ", "#withdraw OCW"):
        for letter in done(own, ticket=OBJECTED, case=KNOWN).letters:
            theirs = letter.kind.audience is Audience.PARTNER
            assert (letter.to != address()) is theirs
            assert letter.cc == ()


def test_an_alias_beside_its_code_is_one_partner_to_let_go() -> None:
    outcome = done("#withdraw EZ EZK", ticket=consulted(ticket(), "EZ"))
    assert [letter.to for letter in outcome.letters] == [EZ.liaison]
    assert outcome.done == (Done(verb="withdraw", name="EZ"),)
