"""Partners that the words of a new question call for: proposed to staff, or asked at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.capability import Audience
from ksmail.desk.arrival import Decision, Disposition
from ksmail.desk.consultation import Consulted
from ksmail.desk.decide import decide
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.open import open_ticket
from ksmail.desk.policy import Coordination, Policy, Suggestion
from ksmail.desk.suggestions import copied_partners, may_consult, offered, suggested_partners
from ksmail.desk.ticket import EntryKind, Ground, Posted, Promised, Status
from ksmail.incoming.identity import Proof, Role
from ksmail.incoming.message import Language
from ksmail.incoming.verdict import Silence, Sort, Verdict
from tests.builders import ASKER, MONDAY, STAFF, address, identity, institution, message
from tests.desk.facts import (
    BZ,
    CONSULTING,
    DUE,
    EZ,
    FIRST,
    OCW,
    TEAM,
    THURSDAY,
    after,
    arrival,
    closed,
    correspondent,
    file,
    kinds_of,
    partner,
    ticket,
)

LVVN = partner("LVVN", liaison=None)
RULES = (
    Suggestion(words=("laser*", "quantum"), partners=("EZ",)),
    Suggestion(words=("sanction*",), partners=("BZ", "LVVN"), copy=True),
    Suggestion(words=("student*",), partners=("OCW", "EZ")),
)
DESK = replace(CONSULTING, partners=(*CONSULTING.partners, LVVN), suggestions=RULES)
NAMING = replace(DESK, coordination=Coordination(name_partners=True))
TEN_DAYS = date(2026, 6, 15)
LASERS = "Dear desk,\n\nMay a student work with lasers?\n\nAda\n"
SANCTIONS = "Dear desk,\n\nDo the sanctions on lasers hold?\n\nKind regards,\nAda Lovelace\nProfessor of engines\n"


def asking(text: str = SANCTIONS, policy: Policy = DESK, **facts: Any) -> Decision:
    """What becomes of a new question."""
    who = correspondent(identity=identity(address=address(ASKER, "Ada Lovelace")))
    return open_ticket(arrival(**({"message": message(text=text), "sender": who} | facts)), policy)


def notice(decision: Decision) -> Letter:
    (found,) = (letter for letter in decision.letters if letter.kind is LetterKind.STAFF_NEW)
    return found


def lines(decision: Decision) -> list[str]:
    return [each.line for each in notice(decision).prepared]


def requests(decision: Decision) -> list[Letter]:
    return [letter for letter in decision.letters if letter.kind is LetterKind.PARTNER_REQUEST]


def coordination(decision: Decision) -> Letter:
    (found,) = (letter for letter in decision.letters if letter.kind is LetterKind.COORDINATION_NOTICE)
    return found


def suggested(text: str, policy: Policy = DESK, **facts: Any) -> tuple[str, ...]:
    return suggested_partners(arrival(message=message(text=text, **facts)), policy)


# Which partners.


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("About lasers.", ("EZ",)),
        ("A student with a LASER", ("EZ", "OCW")),
        ("Sanctions?", ("BZ",)),
        ("Nothing of the kind.", ()),
        ("", ()),
    ],
)
def test_the_words_of_a_question_call_for_partners(text: str, codes: tuple[str, ...]) -> None:
    assert suggested(text) == codes


def test_the_subject_counts_too() -> None:
    assert suggested("May they?", subject="Quantum") == ("EZ",)


def test_what_the_asker_quotes_does_not_count() -> None:
    quoting = "May they?\n\nOp ma 1 jun 2026 om 10:03 schreef Bob <bob@uni.example>:\n> about lasers and sanctions\n"
    assert suggested(quoting) == ()


def test_nobody_is_proposed_to_whom_nobody_can_write() -> None:
    assert suggested("sanctions") == ("BZ",)
    assert suggested("sanctions", replace(DESK, partners=(LVVN,))) == ()


def test_only_a_rule_that_says_so_asks_without_an_order() -> None:
    here = arrival(message=message(text="A student, lasers and sanctions."))
    assert copied_partners(here, DESK) == (BZ,)


@pytest.mark.parametrize(("partners", "may"), [((), False), ((LVVN,), False), ((LVVN, OCW), True)])
def test_a_desk_can_consult_where_there_is_somebody_to_write_to(partners: tuple[Any, ...], may: bool) -> None:
    assert may_consult(replace(DESK, partners=partners)) is may


@pytest.mark.parametrize(("language", "line"), [(Language.NL, "#afstemmen BZ OCW"), (Language.EN, "#consult BZ OCW")])
def test_they_are_proposed_as_a_reply_that_only_has_to_be_sent(language: Language, line: str) -> None:
    (reply,) = offered(("BZ", "OCW"), language)
    assert (reply.name, reply.line, reply.text) == ("consult", line, "")


def test_where_nobody_is_called_for_there_is_no_such_reply() -> None:
    assert offered((), Language.NL) == ()


# Proposed to staff.


def test_staff_read_whom_the_words_call_for_and_nobody_is_asked() -> None:
    decision = asking(LASERS)
    assert kinds_of(decision.letters) == [LetterKind.ACK, LetterKind.STAFF_NEW]
    assert (notice(decision).facts["suggested"], notice(decision).facts["copied"]) == (("EZ", "OCW"), ())


def test_what_is_proposed_comes_first_among_the_replies() -> None:
    assert lines(asking(LASERS))[:2] == ["#afstemmen EZ OCW", "#antwoord"]


def test_where_nothing_is_proposed_a_bare_order_is_offered_last() -> None:
    decision = asking("May they?")
    assert notice(decision).facts["suggested"] == ()
    assert (lines(decision)[0], lines(decision)[-1]) == ("#antwoord", "#afstemmen ")


@pytest.mark.parametrize("partners", [(), (LVVN,)])
def test_where_nobody_can_be_consulted_it_is_not_offered(partners: tuple[Any, ...]) -> None:
    assert "#afstemmen" not in " ".join(lines(asking(SANCTIONS, replace(DESK, partners=partners))))


def test_english_staff_get_english_orders() -> None:
    assert lines(asking(LASERS, replace(DESK, staff_language=Language.EN)))[0] == "#consult EZ OCW"


# Asked without an order.


def test_by_such_a_rule_the_partner_is_asked_at_once() -> None:
    decision = asking()
    assert kinds_of(decision.letters) == [
        LetterKind.ACK,
        LetterKind.COORDINATION_NOTICE,
        LetterKind.PARTNER_REQUEST,
        LetterKind.STAFF_NEW,
    ]
    assert [(each.to, each.facts["due_on"]) for each in requests(decision)] == [(BZ.liaison, DUE)]


def test_it_reads_the_question_without_who_asks() -> None:
    (letter,) = requests(asking(f"I am Ada Lovelace ({ASKER}).\n\n{SANCTIONS}"))
    assert letter.facts["text"] == "I am [naam] ([adres]).\n\nDear desk,\n\nDo the sanctions on lasers hold?"
    assert (letter.facts["is_question"], letter.facts["asker"], letter.identity) == (True, None, False)


def test_of_the_institution_it_reads_the_kind_alone() -> None:
    who = correspondent(identity=identity(institution=institution()))
    (letter,) = requests(asking(f"At the University of Example. {SANCTIONS}", sender=who))
    assert (letter.facts["institution_kind"], letter.facts["institution"]) == ("university", None)
    assert "University of Example" not in letter.facts["text"]


def test_no_file_goes_along_without_a_word_of_staff() -> None:
    said = message(text=SANCTIONS, attachments=(file("cv.pdf"),))
    (letter,) = requests(asking(message=said))
    assert (letter.files, letter.files_of) == ((), ())


@pytest.mark.parametrize("text", ["", " \n", "Op ma 1 jun 2026 om 10:03 schreef Bob <bob@uni.example>:\n> May they?\n"])
def test_where_the_asker_wrote_nothing_himself_nobody_is_asked_without_an_order(text: str) -> None:
    decision = asking(message=message(subject="About sanctions", text=text))
    assert kinds_of(decision.letters) == [LetterKind.ACK, LetterKind.STAFF_NEW]


def test_then_the_partner_was_asked_and_the_asker_has_his_date() -> None:
    decision = asking()
    posted, consulted = requests(decision)[0].then
    assert isinstance(posted, Posted)
    assert (posted.kind, posted.audience, posted.partner) == (EntryKind.REQUEST, Audience.PARTNER, "BZ")
    assert (posted.author, posted.role) == (TEAM, Role.STAFF)
    assert isinstance(consulted, Consulted)
    assert coordination(decision).then == (Promised(promised_on=TEN_DAYS, ground=Ground.CONSULTED),)


def test_before_that_nothing_is_so() -> None:
    decision = asking()
    assert decision.disposition is Disposition.TICKET
    assert decision.ticket is not None
    assert (decision.ticket.status, decision.ticket.consultations) == (Status.NEW, ())
    assert decision.ticket.promised_on == THURSDAY


def test_the_asker_is_told_in_his_own_language_and_thread() -> None:
    letter = coordination(asking(language=Language.NL))
    assert (letter.to.spec, letter.language) == (ASKER, Language.NL)
    assert letter.in_reply_to == "<question@uni.example>"
    assert (letter.facts["promised_on"], letter.facts["old_date"]) == (TEN_DAYS, THURSDAY)


@pytest.mark.parametrize(("policy", "named"), [(DESK, ()), (NAMING, (BZ,))])
def test_which_ministry_is_told_only_if_the_desk_wants_that(policy: Policy, named: tuple[Any, ...]) -> None:
    assert coordination(asking(policy=policy)).facts["partners"] == named


def test_staff_can_call_all_of_it_back() -> None:
    decision = asking()
    assert {letter.wait for letter in (*requests(decision), coordination(decision))} == {timedelta(minutes=3)}
    assert lines(decision)[:2] == ["#stop", "#nu"]


def test_where_nothing_is_held_there_is_nothing_to_call_back() -> None:
    assert "#stop" not in lines(asking(policy=replace(DESK, hold=timedelta(0))))


def test_who_was_asked_already_is_not_proposed_as_well() -> None:
    facts = notice(asking()).facts
    assert (facts["copied"], facts["suggested"]) == (("BZ",), ("EZ",))


def test_several_partners_get_a_mail_each_and_the_asker_one() -> None:
    both = replace(DESK, suggestions=(Suggestion(words=("laser*",), partners=("EZ", "BZ"), copy=True),))
    decision = asking("About lasers.", both)
    assert [each.to for each in requests(decision)] == [EZ.liaison, BZ.liaison]
    assert coordination(decision).facts["promised_on"] == TEN_DAYS


def test_fetched_late_it_has_its_days_from_today() -> None:
    decision = asking(now=MONDAY + timedelta(days=7))
    assert decision.letters[0].kind is LetterKind.ACK_LATE
    assert requests(decision)[0].facts["due_on"] == date(2026, 6, 15)
    assert coordination(decision).facts["promised_on"] == date(2026, 6, 22)


def test_a_question_that_goes_on_with_an_old_one_is_a_question_like_any_other() -> None:
    old = closed(ticket(), at=MONDAY - timedelta(days=90))
    decision = open_ticket(arrival(message=message(text=SANCTIONS)), DESK, earlier=old)
    assert kinds_of(decision.letters)[:3] == [
        LetterKind.LINKED_NEW,
        LetterKind.COORDINATION_NOTICE,
        LetterKind.PARTNER_REQUEST,
    ]


def test_what_is_added_to_a_ticket_asks_nobody() -> None:
    reply = arrival(message=message(text=SANCTIONS), ticket=ticket(), found_by="our Message-ID", case=None)
    assert not requests(decide(reply, DESK))


# Silent askers.


@pytest.mark.parametrize(
    ("facts", "silent"),
    [
        ({"verdict": Verdict(Sort.PERSON, "not to us", Silence.NOT_ADDRESSED)}, Silence.NOT_ADDRESSED),
        ({"predates_desk": True}, Silence.TOO_OLD),
        ({"sender": correspondent(suppressed=True)}, Silence.BOUNCED_BEFORE),
        ({"sender": correspondent(identity=identity(proof=Proof.FAILED))}, Silence.SENDER_FAILED),
        ({"sender": correspondent(asker=address(STAFF), asker_role=Role.STAFF)}, Silence.OUR_OWN_PEOPLE),
        ({"sender": correspondent(asker=address("noreply@uni.example"))}, Silence.ROLE_ADDRESS),
    ],
)
def test_of_somebody_who_gets_no_letter_no_partner_is_asked(facts: dict[str, Any], silent: Silence) -> None:
    decision = asking(**facts)
    assert kinds_of(decision.letters) == [LetterKind.STAFF_NEW]
    assert notice(decision).facts["silence"] == silent.value


def test_to_staff_the_partners_are_proposed_instead() -> None:
    decision = asking(predates_desk=True)
    assert (notice(decision).facts["copied"], notice(decision).facts["suggested"]) == ((), ("EZ", "BZ"))
    assert lines(decision)[0] == "#afstemmen EZ BZ"


@pytest.mark.parametrize(
    ("counts", "cap"),
    [
        ({"letters_hour": 5}, "address_cap"),
        ({"letters_day": 10}, "address_cap"),
        ({"desk_letters_hour": 200}, "desk_cap"),
    ],
)
def test_beyond_a_cap_all_of_it_waits_for_staff(counts: dict[str, int], cap: str) -> None:
    letters = asking(sender=correspondent(**counts)).letters
    assert {letter.held for letter in letters if letter.kind is not LetterKind.STAFF_NEW} == {cap}


# Laws.

WORDS = ["laser", "sanctions", "student", "quantum", "the", "of", "May", "Ada", "Lovelace", ASKER, "06-12345678"]


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_no_partner_is_asked_and_proposed_at_once_and_none_without_a_liaison(text: str) -> None:
    facts = notice(asking(text)).facts
    assert not set(facts["copied"]) & set(facts["suggested"])
    assert {*facts["copied"], *facts["suggested"]} <= {"BZ", "OCW", "EZ"}


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_the_asker_hears_of_a_consultation_exactly_when_there_is_one(text: str) -> None:
    kinds = kinds_of(asking(text).letters)
    assert (LetterKind.PARTNER_REQUEST in kinds) is (LetterKind.COORDINATION_NOTICE in kinds)
    assert kinds.count(LetterKind.COORDINATION_NOTICE) <= 1


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_no_partner_reads_who_asks(text: str) -> None:
    for letter in requests(asking(f"{text} sanctions")):
        shown = str(letter.facts["text"])
        assert "Ada" not in shown
        assert "Lovelace" not in shown
        assert "@" not in shown


def test_the_reference_of_a_request_is_that_of_the_new_question() -> None:
    assert requests(asking())[0].facts["reference"] == f"{FIRST}/BZ"
    assert after(ticket(), requests(asking())[0].then[1]).status is Status.COORDINATION


def test_a_question_of_which_only_the_subject_has_words_is_put_to_nobody_and_staff_are_not_told_that_it_was() -> None:
    decision = asking(message=message(subject="About sanctions", text=""))
    assert notice(decision).facts["copied"] == ()
    assert not any(letter.kind is LetterKind.PARTNER_REQUEST for letter in decision.letters)
