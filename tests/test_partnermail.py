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
from ksmail.desk.consultation import ConsultationEnded, Stage
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
TWO_ASKED = consulted(ticket(ADVISER), "BZ", "OCW")
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


def test_the_code_in_the_subject_does_not_change_that() -> None:
    evidence = replace(issued(LIAISON), partner="OCW")
    assert who(read(evidence=evidence)) == ("BZ", Standing.LIAISON, True)


@pytest.mark.parametrize("to", [address("liaison@ez.example"), COLLEAGUE, address()])
def test_a_reference_that_was_issued_to_nobody_who_was_asked_is_about_no_consultation(to: Address) -> None:
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


@pytest.mark.parametrize("audience", [Audience.ASKER, Audience.OPS])
def test_so_it_does_with_a_reference_that_was_for_somebody_else(audience: Audience) -> None:
    assert who(read(evidence=issued(address(), audience))) == ("BZ", Standing.LIAISON, False)


def test_whom_the_asker_copied_in_writes_for_himself() -> None:
    copied = consulted(ticket(COLLEAGUE), "BZ")
    assert found(sender=COLLEAGUE, evidence=issued(COLLEAGUE, Audience.ASKER), made=copied) is None


@pytest.mark.parametrize("sender", [HOME, address(), ADVISER, address("liaison@ez.example"), address(DESK)])
def test_whoever_writes_for_no_partner_that_was_asked_is_none(sender: Address) -> None:
    assert found(sender=sender, evidence=NOTHING) is None


@pytest.mark.parametrize("made", [None, ticket()])
@pytest.mark.parametrize("evidence", [issued(LIAISON), NOTHING])
def test_where_nobody_was_asked_there_is_no_answer(evidence: Evidence, made: Ticket | None) -> None:
    assert found(evidence=evidence, made=made) is None


@pytest.mark.parametrize(
    ("code", "partner_code"), [("LNV", "LNV"), ("lnv", "LNV"), ("EZ", "EZ"), ("EZK", "EZ"), ("", "EZ"), ("XYZ", "EZ")]
)
def test_of_two_partners_with_one_domain_the_code_in_the_subject_says_which(code: str, partner_code: str) -> None:
    evidence = Evidence(partner=code)
    mail = read(sender=address("pat@ez.example"), evidence=evidence, made=BOTH_ASKED, policy=SHARED)
    assert who(mail) == (partner_code, Standing.COLLEAGUE, False)


def test_the_code_of_a_partner_whose_people_do_not_write_from_there_says_nothing() -> None:
    made = consulted(BOTH_ASKED, "BZ")
    mail = read(sender=address("pat@ez.example"), evidence=Evidence(partner="BZ"), made=made, policy=SHARED)
    assert mail.partner.code == "EZ"


# The list of partners has changed since.


NEW = address("new@bz.example")
MOVED = replace(CONSULTING, partners=(replace(BZ, liaison=NEW), OCW, EZ))


@pytest.mark.parametrize("sender", [LIAISON, NEW])
@pytest.mark.parametrize(("evidence", "signed"), [(issued(LIAISON), True), (NOTHING, False)])
def test_after_a_liaison_changed_both_speak_for_the_partner(sender: Address, evidence: Evidence, signed: bool) -> None:
    assert who(read(sender=sender, evidence=evidence, policy=MOVED)) == ("BZ", Standing.LIAISON, signed)


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
    ],
)
def test_it_went_past_the_desk_when_somebody_of_the_askers_side_has_it_too(
    facts: dict[str, Any], to_asker: bool
) -> None:
    assert read(**facts).to_asker is to_asker


@pytest.mark.parametrize(
    ("own", "day"),
    [
        ("I am away until 15 June 2026.", date(2026, 6, 15)),
        ("Ik ben afwezig tot en met 15 juni.", date(2026, 6, 15)),
        ("Van 3 juni tot 15-06-2026 ben ik weg.", date(2026, 6, 15)),
        ("Away (15 June), back (22 June).", date(2026, 6, 22)),
        ("Ik ben maandag 15 juni terug.", date(2026, 6, 15)),
        ("Vandaag, 1 juni 2026, lees ik geen mail.", date(2026, 6, 1)),
        ("I was away until 15 May 2026.", None),
        ("I am away.", None),
        ("Back on 31 June 2026.", None),
        ("x " * 200 + "15 June 2026", None),
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
        *(issued(to, audience) for to in (LIAISON, address("liaison@ocw.example"), address()) for audience in Audience),
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
    assert mail.consultation in TWO_ASKED.consultations
    assert mail.consultation.partner == mail.partner.code
    if mail.standing is Standing.STRANGER:
        assert mail.signed  # nobody else's mail is about a consultation at all
    if mail.signed:
        assert evidence.capability is not None
        assert KEYS.issued_to(evidence.capability, mail.consultation.to)
