"""What it takes to judge a mail about a consultation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.address import Address
from ksmail.capability import Audience, Capability
from ksmail.desk.case import PartnerMail, Standing
from ksmail.desk.consultation import Consultation, ConsultationEnded, Stage
from ksmail.desk.mistake import Fault, Mistake
from ksmail.desk.order import Verb
from ksmail.desk.orders import Orders
from ksmail.desk.partner import Partner
from ksmail.desk.policy import Policy
from ksmail.desk.ticket import Ticket
from ksmail.incoming.evidence import Evidence
from ksmail.incoming.identity import Role
from ksmail.partnermail import PartnerRoom
from tests.builders import DESK, MONDAY, address, identity, keyring, message
from tests.desk.facts import (
    BZ,
    CONSULTING,
    EZ,
    FIRST,
    OCW,
    after,
    answered,
    asked,
    closed,
    consulted,
    partner,
    replied,
    ticket,
)

KEYS = keyring()
LIAISON = address("liaison@bz.example")
COLLEAGUE = address("pat@bz.example")
HOME = address("pat@home.example")
ADVISER = address("adviser@uni.example")
NEW = address("new@bz.example")
TWO_ASKED = consulted(ticket(ADVISER), "BZ", "OCW")
BUZA = replace(BZ, code="BUZA", aliases=("BZ",))
RENAMED = replace(CONSULTING, partners=(BUZA, OCW, EZ))
# Two ministries whose people share a domain, and one person who answers for both.
LNV = partner("LNV", domains=("ez.example",), liaison=address("nature@ez.example"))
SHARED = replace(CONSULTING, partners=(*CONSULTING.partners, LNV))
BOTH_ASKED = after(consulted(ticket(), "EZ"), asked("LNV", to=address("nature@ez.example")))


def issued(to: Address, audience: Audience = Audience.PARTNER) -> Evidence:
    """The mail answers a reference that was issued to this address."""
    capability = KEYS.read(KEYS.issue(str(FIRST), audience, to))
    assert capability is not None
    return Evidence(capability=capability)


def found(
    own: str = "#ok",
    sender: Address = LIAISON,
    evidence: Evidence | None = None,
    made: Ticket | None = TWO_ASKED,
    policy: Policy = CONSULTING,
    received_at: datetime = MONDAY,
    **facts: Any,
) -> PartnerMail | None:
    """What is read of an answer to the request to BZ."""
    said = message(**({"sender": sender, "text": own} | facts))
    who = identity(address=sender, role=Role.PARTNER)
    room = PartnerRoom(policy=policy, keyring=KEYS)
    return room.read(said, who, issued(LIAISON) if evidence is None else evidence, made, received_at)


def read(own: str = "#ok", sender: Address = LIAISON, evidence: Evidence | None = None, **facts: Any) -> PartnerMail:
    mail = found(own, sender, evidence, **facts)
    assert mail is not None
    return mail


def who(mail: PartnerMail) -> tuple[str, Standing, bool]:
    assert mail.consultation.partner == mail.partner.code
    return (mail.partner.code, mail.standing, mail.signed)


NOTHING = Evidence()


# One person who answers for several partners.


AGENT = address("agent@ministries.example")
AGENCY = replace(CONSULTING, partners=(replace(BZ, liaison=AGENT), replace(OCW, liaison=AGENT), EZ))
FOR_BOTH = after(ticket(), asked("BZ", to=AGENT), asked("OCW", to=AGENT))


@pytest.mark.parametrize("code", ["", "BZ", "OCW", "XYZ"])
@pytest.mark.parametrize("header", ["in_reply_to", "references"])
@pytest.mark.parametrize(("answers", "asked_code"), [("bz", "BZ"), ("ocw", "OCW")])
def test_of_two_requests_to_one_address_it_is_the_one_that_the_mail_answers(
    answers: str, asked_code: str, header: str, code: str
) -> None:
    thread: dict[str, Any] = {header: ("<first@agency.example>", f"<request-{answers}@desk.example>")}
    evidence = replace(issued(AGENT), partner=code)
    mail = read(sender=AGENT, evidence=evidence, made=FOR_BOTH, policy=AGENCY, **thread)
    assert who(mail) == (asked_code, Standing.LIAISON, True)
    assert mail.unrecorded is False


@pytest.mark.parametrize(("code", "asked_code"), [("BZ", "BZ"), ("ocw", "OCW"), ("", "BZ"), ("EZ", "BZ")])
def test_where_it_answers_neither_the_code_in_the_subject_says_which(code: str, asked_code: str) -> None:
    evidence = replace(issued(AGENT), partner=code)
    mail = read(sender=AGENT, evidence=evidence, made=FOR_BOTH, policy=AGENCY, in_reply_to=("<other@desk.example>",))
    assert who(mail) == (asked_code, Standing.LIAISON, True)


# A crash kept us from writing down that it was asked.


def token(to: Address) -> str:
    """A Message-ID of ours, as the answer to it quotes it."""
    return f"<{KEYS.issue(str(FIRST), Audience.PARTNER, to)}.n1@desk.example>"


EZS = address("liaison@ez.example")


@pytest.mark.parametrize("made", [TWO_ASKED, ticket(), answered(ticket())])
@pytest.mark.parametrize(
    ("sender", "standing"),
    [(EZS, Standing.LIAISON), (address("pat@ez.example"), Standing.COLLEAGUE), (HOME, Standing.STRANGER)],
)
def test_who_answers_a_request_of_which_the_ticket_knows_nothing_was_asked(
    sender: Address, standing: Standing, made: Ticket
) -> None:
    ours = token(EZS)
    mail = read(sender=sender, evidence=issued(EZS), made=made, in_reply_to=("<other@x.example>", ours))
    assert who(mail) == ("EZ", standing, True)
    assert mail.unrecorded is True
    assert mail.consultation == Consultation(
        partner="EZ", to=EZS, due_on=MONDAY.date(), asked_at=MONDAY, message_id=ours
    )
    assert mail.partner == EZ


def test_of_several_letters_of_ours_it_is_the_last_one_of_the_thread() -> None:
    first, last = token(EZS), token(EZS).replace(".n1@", ".n2@")
    mail = read(sender=EZS, evidence=issued(EZS), references=(first, token(LIAISON), last, "<own@ez.example>"))
    assert mail.consultation.message_id == last


def test_where_it_quotes_none_of_them_there_is_none() -> None:
    mail = read(sender=EZS, evidence=issued(EZS), in_reply_to=(token(LIAISON),))
    assert (mail.unrecorded, mail.consultation.message_id) == (True, "")


def test_its_day_is_a_date_at_the_desk() -> None:
    late = datetime(2026, 6, 1, 22, 30, tzinfo=UTC)  # it is Tuesday at the desk
    mail = read(sender=EZS, evidence=issued(EZS), received_at=late)
    assert (mail.consultation.due_on, mail.consultation.asked_at) == (date(2026, 6, 2), late)


@pytest.mark.parametrize(("code", "asked_code"), [("", "BZ"), ("OCW", "OCW"), ("EZ", "BZ")])
def test_where_one_address_speaks_for_several_the_code_in_the_subject_says_which_was_asked(
    code: str, asked_code: str
) -> None:
    mail = read(sender=AGENT, evidence=replace(issued(AGENT), partner=code), made=ticket(), policy=AGENCY)
    assert (mail.partner.code, mail.unrecorded) == (asked_code, True)


def test_what_the_ticket_knows_comes_first() -> None:
    made = after(ticket(), asked("OCW", to=AGENT))
    mail = read(sender=AGENT, evidence=replace(issued(AGENT), partner="BZ"), made=made, policy=AGENCY)
    assert (mail.partner.code, mail.unrecorded) == ("OCW", False)


def test_the_code_that_such_a_partner_has_now_is_the_one_it_is_asked_under() -> None:
    mail = read(sender=LIAISON, evidence=issued(LIAISON), made=ticket(), policy=RENAMED)
    assert (mail.consultation.partner, mail.partner, mail.unrecorded) == ("BUZA", BUZA, True)


@pytest.mark.parametrize("evidence", [NOTHING, Evidence(partner="EZ")])
def test_without_a_reference_nobody_was_asked_but_those_whom_the_ticket_knows(evidence: Evidence) -> None:
    assert found(sender=EZS, evidence=evidence) is None


# By the reference that it answers.


@pytest.mark.parametrize(
    ("sender", "standing"),
    [
        (LIAISON, Standing.LIAISON),
        (address("LIAISON@bz.example"), Standing.LIAISON),
        (COLLEAGUE, Standing.COLLEAGUE),
        (address("pat@mail.bz.example"), Standing.COLLEAGUE),
        (HOME, Standing.STRANGER),
        (address("pat@notbz.example"), Standing.STRANGER),
        (address("liaison@ocw.example"), Standing.STRANGER),
        (address(), Standing.STRANGER),
    ],
)
def test_the_reference_says_which_consultation_and_the_address_who_answers(sender: Address, standing: Standing) -> None:
    assert who(read(sender=sender)) == ("BZ", standing, True)


def test_of_several_partners_it_is_the_one_to_whom_the_reference_was_issued() -> None:
    mail = read(sender=address("liaison@ocw.example"), evidence=issued(address("liaison@ocw.example")))
    assert who(mail) == ("OCW", Standing.LIAISON, True)


@pytest.mark.parametrize("code", ["OCW", "XYZ"])
def test_the_code_in_the_subject_does_not_change_that(code: str) -> None:
    evidence = replace(issued(LIAISON), partner=code)
    assert who(read(evidence=evidence)) == ("BZ", Standing.LIAISON, True)


@pytest.mark.parametrize("to", [COLLEAGUE, address(), NEW])
def test_a_reference_that_was_issued_to_no_liaison_is_about_no_consultation(to: Address) -> None:
    assert found(evidence=issued(to)) is None


def test_a_reference_by_another_key_is_nobodys() -> None:
    foreign = Capability(str(FIRST), Audience.PARTNER, "aaaaaaaa", "k9")
    assert found(evidence=Evidence(capability=foreign)) is None


@pytest.mark.parametrize("sender", [LIAISON, COLLEAGUE, HOME])
def test_a_reference_of_staff_is_about_no_consultation(sender: Address) -> None:
    assert found(sender=sender, evidence=issued(LIAISON, Audience.STAFF)) is None


@pytest.mark.parametrize(
    "made",
    [
        after(TWO_ASKED, replied()),
        after(TWO_ASKED, ConsultationEnded("BZ", Stage.EXPIRED)),
        after(TWO_ASKED, ConsultationEnded("BZ", Stage.WITHDRAWN)),
        answered(TWO_ASKED),
        closed(TWO_ASKED),
    ],
)
@pytest.mark.parametrize("evidence", [issued(LIAISON), NOTHING])
def test_an_answer_that_comes_late_is_found_all_the_same(evidence: Evidence, made: Ticket) -> None:
    mail = read(evidence=evidence, made=made)
    assert mail.consultation == made.consultation("BZ")


# By whose people write.


@pytest.mark.parametrize(("sender", "standing"), [(LIAISON, Standing.LIAISON), (COLLEAGUE, Standing.COLLEAGUE)])
def test_without_a_reference_the_address_says_whose_answer_it_is(sender: Address, standing: Standing) -> None:
    assert who(read(sender=sender, evidence=NOTHING)) == ("BZ", standing, False)


@pytest.mark.parametrize("to", [LIAISON, COLLEAGUE, address()])
@pytest.mark.parametrize("audience", [Audience.ASKER, Audience.OPS, Audience.STAFF])
def test_a_reference_of_an_asker_or_of_staff_makes_nothing_a_partners_answer(audience: Audience, to: Address) -> None:
    assert found(evidence=issued(to, audience)) is None


def test_whom_the_asker_copied_in_writes_for_himself() -> None:
    copied = consulted(ticket(COLLEAGUE), "BZ")
    assert found(sender=COLLEAGUE, evidence=issued(COLLEAGUE, Audience.ASKER), made=copied) is None


@pytest.mark.parametrize("sender", [HOME, address(), ADVISER, address("liaison@ez.example"), address(DESK)])
def test_whoever_writes_for_no_partner_that_was_asked_is_none(sender: Address) -> None:
    assert found(sender=sender, evidence=NOTHING) is None


@pytest.mark.parametrize("evidence", [issued(LIAISON), NOTHING])
def test_without_a_ticket_there_is_no_answer(evidence: Evidence) -> None:
    assert found(evidence=evidence, made=None) is None


def test_where_nobody_was_asked_nobody_answers_without_a_reference() -> None:
    assert found(evidence=NOTHING, made=ticket()) is None


@pytest.mark.parametrize(
    ("code", "partner_code"), [("LNV", "LNV"), ("lnv", "LNV"), ("EZ", "EZ"), ("EZK", "EZ"), ("", "EZ")]
)
def test_of_two_partners_with_one_domain_the_code_in_the_subject_says_which(code: str, partner_code: str) -> None:
    evidence = Evidence(partner=code)
    mail = read(sender=address("pat@ez.example"), evidence=evidence, made=BOTH_ASKED, policy=SHARED)
    assert who(mail) == (partner_code, Standing.COLLEAGUE, False)


@pytest.mark.parametrize("code", ["BZ", "OCW", "XYZ"])
def test_with_the_code_of_another_partner_it_is_nobodys_answer(code: str) -> None:
    made = consulted(BOTH_ASKED, "BZ")  # its request was forwarded to a colleague elsewhere
    evidence = Evidence(partner=code)
    assert found(sender=address("pat@ez.example"), evidence=evidence, made=made, policy=SHARED) is None
    assert found(sender=address("pat@ez.example"), evidence=evidence, made=made) is None


# The list of partners has changed since.


MOVED = replace(CONSULTING, partners=(replace(BZ, liaison=NEW), OCW, EZ))


@pytest.mark.parametrize("sender", [LIAISON, NEW])
@pytest.mark.parametrize(("evidence", "signed"), [(issued(LIAISON), True), (issued(NEW), True), (NOTHING, False)])
def test_after_a_liaison_changed_both_speak_for_the_partner(sender: Address, evidence: Evidence, signed: bool) -> None:
    assert who(read(sender=sender, evidence=evidence, policy=MOVED)) == ("BZ", Standing.LIAISON, signed)


def test_what_was_issued_to_a_new_liaison_is_about_what_the_old_one_was_asked() -> None:
    mail = read(sender=NEW, evidence=issued(NEW), policy=MOVED)
    assert (mail.consultation, mail.unrecorded) == (TWO_ASKED.consultation("BZ"), False)


@pytest.mark.parametrize(
    ("evidence", "signed"),
    [
        (issued(LIAISON), True),
        (replace(issued(LIAISON), partner="BUZA"), True),
        (NOTHING, False),
        (Evidence(partner="BZ"), False),
        (Evidence(partner="buza"), False),
    ],
)
def test_a_partner_that_got_another_code_answers_what_it_was_asked_under_the_old_one(
    evidence: Evidence, signed: bool
) -> None:
    mail = read(evidence=evidence, policy=RENAMED)
    assert (mail.partner, mail.consultation) == (BUZA, TWO_ASKED.consultation("BZ"))
    assert (mail.standing, mail.signed, mail.unrecorded) == (Standing.LIAISON, signed, False)


def test_a_former_liaison_at_a_former_domain_still_answers_what_was_asked_of_him() -> None:
    elsewhere = replace(BZ, liaison=address("liaison@minbuza.example"), domains=("minbuza.example",))
    mail = read(policy=replace(CONSULTING, partners=(elsewhere,)))
    assert who(mail) == ("BZ", Standing.LIAISON, True)


def test_a_partner_that_was_taken_out_of_the_list_is_known_by_its_code() -> None:
    mail = read(policy=replace(CONSULTING, partners=(OCW,)))
    assert who(mail) == ("BZ", Standing.LIAISON, True)
    assert mail.partner == Partner(code="BZ", name_nl="BZ", name_en="BZ", liaison=LIAISON)


@pytest.mark.parametrize("sender", [COLLEAGUE, HOME])
def test_only_the_one_who_was_asked_speaks_for_it_then(sender: Address) -> None:
    assert who(read(sender=sender, policy=replace(CONSULTING, partners=(OCW,)))) == ("BZ", Standing.STRANGER, True)


def test_without_a_reference_nobody_does() -> None:
    assert found(evidence=NOTHING, policy=replace(CONSULTING, partners=(OCW,))) is None


# What it says.


@pytest.mark.parametrize(
    ("own", "verb"), [("#ok", Verb.OK), ("#bezwaar\n\nNo.", Verb.OBJECT), ("# Niet van ons", Verb.NOT_OURS)]
)
def test_its_orders_are_those_of_a_partner(own: str, verb: Verb) -> None:
    orders = read(own).orders
    assert isinstance(orders, Orders)
    assert [order.verb for order in orders.orders] == [verb]


@pytest.mark.parametrize("own", ["#answer\n\nYou may.", "#okk", "#close spam"])
def test_an_order_that_a_partner_does_not_have_is_a_mistake(own: str) -> None:
    orders = read(own).orders
    assert isinstance(orders, Mistake)
    assert orders.because is Fault.UNKNOWN


def test_orders_are_read_from_its_own_words_only() -> None:
    mail = read("We agree.\n\nOp ma 1 jun 2026 om 10:03 schreef Contactpunt <desk@desk.example>:\n> #bezwaar\n")
    assert mail.orders == Orders((), "We agree.")
    assert "#bezwaar" in mail.reply.quoted


def test_a_signature_is_none_of_its_words() -> None:
    mail = read("#ok\n\nGo ahead.\n\n-- \nPat\nMinistry of Examples")
    assert mail.reply.own == "#ok\n\nGo ahead."


@pytest.mark.parametrize(
    ("facts", "to_asker"),
    [
        ({"to": (address(DESK),)}, False),
        ({"to": (address(DESK),), "cc": (address("liaison@ocw.example"),)}, False),
        ({"to": (address(DESK),), "cc": (address(),)}, True),
        ({"to": (address("ADA@uni.example"),), "cc": (address(DESK),)}, True),
        ({"to": (address(DESK), ADVISER)}, True),
        ({"to": (address("eve@uni.example"),)}, False),
        ({"to": (address(DESK),), "cc": (COLLEAGUE,)}, False),
    ],
)
def test_it_went_past_the_desk_when_somebody_of_the_askers_side_has_it_too(
    facts: dict[str, Any], to_asker: bool
) -> None:
    assert read(**facts).to_asker is to_asker


def test_its_own_people_are_not_the_askers_side_though_he_copied_them_in() -> None:
    made = consulted(ticket(COLLEAGUE, ADVISER), "BZ")
    assert read(made=made, to=(address(DESK), COLLEAGUE)).to_asker is False
    assert read(made=made, to=(address(DESK), COLLEAGUE, ADVISER)).to_asker is True


@pytest.mark.parametrize(
    ("own", "day"),
    [
        ("I am back on 15 June 2026.", date(2026, 6, 15)),
        ("Ik ben er weer op 15 juni.", date(2026, 6, 15)),
        ("Away from June 3 to June 15, 2026.", date(2026, 6, 15)),
        ("Return: 15/06/2026, or 2026-06-12", date(2026, 6, 15)),
        ("Away (15 June), back (22 June).", date(2026, 6, 22)),
        ("Vandaag, 1 juni 2026, lees ik geen mail.", date(2026, 6, 1)),
        ("I am away until 15 June 2026.", date(2026, 6, 15)),
        ("Ik ben afwezig tot en met 15 juni.", date(2026, 6, 15)),
        ("Van 3 juni tot 15-06-2026 ben ik weg.", date(2026, 6, 15)),
        ("Ik ben maandag 15 juni terug.", date(2026, 6, 15)),
        ("Back on the 15th June.", date(2026, 6, 15)),
        ("I was away until 15 May 2026.", None),
        ("I am away.", None),
        ("Back on 31 June 2026.", None),
        ("Back on Monday.", None),
        ("Ik ben er maandag weer.", None),
        ("Room 3/4, extension 15.", None),
        ("Back on 15.", None),
        ("x " * 900 + "15 June 2026", date(2026, 6, 15)),
        ("x " * 1100 + "15 June 2026", None),
        ("", None),
    ],
)
def test_the_last_day_that_an_absence_names_is_when_somebody_is_back(own: str, day: date | None) -> None:
    assert read(own).back_on == day


def test_a_day_that_is_over_at_the_desk_is_over() -> None:
    late = datetime(2026, 6, 1, 22, 30, tzinfo=UTC)  # it is Tuesday at the desk
    assert read("Away until 1 June 2026.", received_at=late).back_on is None


def test_a_day_that_only_the_quotation_names_is_not_his() -> None:
    quoting = (
        "I am away.\n\nOn 1 Jun 2026, at 10:03, Desk <desk@desk.example> wrote:\n> Please answer by 8 June 2026.\n"
    )
    assert read(quoting).back_on is None


# Whether somebody writes for a partner.


@pytest.mark.parametrize(
    ("sender", "about"),
    [
        (LIAISON, True),
        (COLLEAGUE, True),
        (address("liaison@ocw.example"), True),
        (address("liaison@ez.example"), False),
        (HOME, False),
        (address(), False),
    ],
)
def test_who_writes_for_a_partner_that_was_asked_is_about_its_ticket(sender: Address, about: bool) -> None:
    room = PartnerRoom(policy=CONSULTING, keyring=KEYS)
    assert room.about(TWO_ASKED, sender) is about


def test_who_was_asked_and_is_liaison_no_more_is_about_it_still() -> None:
    moved = replace(BZ, liaison=address("liaison@minbuza.example"), domains=())
    assert PartnerRoom(policy=replace(CONSULTING, partners=(moved,)), keyring=KEYS).about(TWO_ASKED, LIAISON)


def test_of_a_question_of_which_nobody_was_asked_nobody_is() -> None:
    assert not PartnerRoom(policy=CONSULTING, keyring=KEYS).about(ticket(), LIAISON)


# Laws.

senders = st.sampled_from(
    [LIAISON, COLLEAGUE, HOME, NEW, ADVISER, address(), address("a@ocw.example"), address("a@ez.example")]
)
evidences = st.builds(
    lambda base, code: replace(base, partner=code),
    st.sampled_from([
        NOTHING,
        *(
            issued(to, audience)
            for to in (LIAISON, address("liaison@ocw.example"), address("liaison@ez.example"), address())
            for audience in Audience
        ),
    ]),
    st.sampled_from(["", "BZ", "ocw", "EZ", "XYZ"]),
)  # fmt: skip


@given(senders, evidences, st.text(max_size=60))
def test_whatever_comes_is_about_a_partner_that_was_asked_or_about_none(
    sender: Address, evidence: Evidence, own: str
) -> None:
    mail = found(own, sender, evidence)
    if mail is None:
        return
    if not mail.unrecorded:
        assert mail.consultation in TWO_ASKED.consultations
    assert mail.consultation.partner == mail.partner.code
    if mail.standing is Standing.STRANGER:
        assert mail.signed  # nobody else's mail is about a consultation at all
    assert mail.signed is (evidence.capability is not None)  # of a reference that is not a partner's nothing comes
    assert mail.unrecorded is (mail.consultation.partner == "EZ")
    if mail.signed:
        assert evidence.capability is not None
        assert evidence.capability.audience is Audience.PARTNER
        assert KEYS.issued_to(evidence.capability, mail.consultation.to)
