"""Who writes, and how far our own border proves it. Whatever cannot be trusted proves nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.incoming.identify import Roster, identify, is_ours
from ksmail.incoming.identity import Identity, Institution, Proof, Role
from ksmail.incoming.institution import Institutions
from ksmail.incoming.message import Message
from tests.builders import ASKER, DESK, PARTNER, STAFF, address, message, roster

AGENCY = "agency.example"
INSTITUTIONS = Institutions({"uni.example": Institution(name="University of Example", kind="university")})
BORDER = ("received", "from somewhere by mx.desk.example; Mon, 1 Jun 2026 08:02:00 +0000")
INSIDE = ("received", "from mx.desk.example by store.desk.example; Mon, 1 Jun 2026 08:02:01 +0000")


def results(value: str) -> tuple[str, str]:
    return ("authentication-results", value)


PASS = results(f"mx.desk.example; dmarc=pass header.from={AGENCY}")
FAIL = results(f"mx.desk.example; dmarc=fail header.from={AGENCY}")


def staff_mail(*headers: tuple[str, str], sender: str = STAFF) -> Message:
    return message(sender=address(sender), headers=headers)


def judge(mail: Message, desk: Roster | None = None) -> Identity:
    return identify(mail, desk or roster(), INSTITUTIONS)


def proof(*headers: tuple[str, str], sender: str = STAFF) -> Proof:
    return judge(staff_mail(*headers, sender=sender)).proof


@pytest.mark.parametrize(
    ("spec", "role"),
    [
        (ASKER, Role.ASKER),
        (STAFF, Role.STAFF),
        ("SAM@agency.example", Role.STAFF),
        (PARTNER, Role.PARTNER),
        (DESK, Role.OURSELVES),
        ("desk+anything@desk.example", Role.OURSELVES),
        ("sam+desk@agency.example", Role.ASKER),
        ("sam@sub.agency.example", Role.ASKER),
        ("sam@agency.example.evil.test", Role.ASKER),
        ("colleague@agency.example", Role.ASKER),
        ("sam@xn--agency-9ve.example", Role.ASKER),
    ],
)
def test_the_role_follows_from_the_exact_address(spec: str, role: Role) -> None:
    assert judge(staff_mail(sender=spec)).role is role


@pytest.mark.parametrize("spec", ["team@desk.example", STAFF, "samira@private.example"])
def test_the_team_and_every_address_of_a_person_are_staff(spec: str) -> None:
    staff = (address("team@desk.example"), address(STAFF), address("samira@private.example"))
    assert judge(staff_mail(sender=spec), roster(staff=staff)).role is Role.STAFF


def test_a_display_name_is_no_role() -> None:
    mail = message(sender=address("eve@x.example", name="sam@agency.example"))
    assert judge(mail).role is Role.ASKER


def test_the_institution_follows_from_the_domain() -> None:
    assert judge(message()).institution == Institution(name="University of Example", kind="university")


def test_an_unknown_domain_has_no_institution() -> None:
    assert judge(staff_mail()).institution is None


def test_a_mail_without_a_sender_identifies_nobody() -> None:
    with pytest.raises(ValueError, match="identifies nobody"):
        judge(message(sender=None))


def test_an_address_can_be_judged_although_the_mail_has_no_sender() -> None:
    judged = identify(message(sender=None, headers=(PASS,)), roster(), INSTITUTIONS, address(STAFF))
    assert (judged.role, judged.proof) == (Role.STAFF, Proof.NONE)


def test_dmarc_pass_for_the_from_domain_verifies() -> None:
    assert proof(PASS, BORDER) is Proof.VERIFIED


def test_dmarc_fail_is_a_failure() -> None:
    assert proof(FAIL, BORDER) is Proof.FAILED


def test_the_names_of_border_and_domain_may_be_in_any_case() -> None:
    assert proof(results("MX.Desk.Example; DMARC=Pass header.From=AGENCY.example."), BORDER) is Proof.VERIFIED
    assert judge(staff_mail(PASS, BORDER), roster(authserv_id="MX.Desk.Example")).proof is Proof.VERIFIED


def test_a_version_and_comments_are_read_over() -> None:
    value = "mx.desk.example (our border) 1;\r\n\tdmarc=pass (p=none; dis=none) header.from=agency.example (ok)"
    assert proof(results(value), BORDER) is Proof.VERIFIED


def test_words_that_no_standard_knows_are_read_over() -> None:
    value = "mx.desk.example; dmarc=pass action=none header.from=agency.example; compauth=pass reason=100"
    assert proof(results(value), BORDER) is Proof.VERIFIED


@pytest.mark.parametrize("signer", [AGENCY, "AGENCY.example"])
def test_a_signature_of_the_from_domain_verifies(signer: str) -> None:
    assert proof(results(f"mx.desk.example; dkim=pass header.d={signer}"), BORDER) is Proof.VERIFIED


def test_a_signature_of_a_domain_above_verifies() -> None:
    value = results("mx.desk.example; dkim=pass header.d=agency.example")
    assert proof(value, BORDER, sender="sam@team.agency.example") is Proof.VERIFIED


@pytest.mark.parametrize(
    "signer", ["evil.example", "team.agency.example", "notagency.example", "ency.example", "example"]
)
def test_a_signature_of_another_domain_proves_nothing__case_83(signer: str) -> None:
    assert proof(results(f"mx.desk.example; dkim=pass header.d={signer}"), BORDER) is Proof.NONE


@pytest.mark.parametrize(
    "value",
    [
        "mx.desk.example; none",
        "mx.desk.example; dmarc=none header.from=agency.example",
        "mx.desk.example; dmarc=temperror header.from=agency.example",
        "mx.desk.example; dmarc=bestguesspass header.from=agency.example",
        "mx.desk.example; dmarc=pass",
        "mx.desk.example; dmarc=pass header.from=evil.example",
        "mx.desk.example; dmarc=pass header.from=sub.agency.example",
        "mx.desk.example; dmarc=pass header.from=agency.example@evil.example",
        "mx.desk.example; dmarc=pass smtp.from=agency.example",
        "mx.desk.example; spf=pass smtp.mailfrom=agency.example",
        "mx.desk.example; dkim=pass",
        "mx.desk.example; dkim=pass header.i=agency.example",
        "mx.desk.example; dkim=fail header.d=agency.example",
        "mx.desk.example; dkim=neutral header.d=agency.example",
        "mx.desk.example; arc=pass; x-dmarc=pass header.from=agency.example",
    ],
)
def test_nothing_less_than_dmarc_or_an_aligned_signature_proves_anything__case_83(value: str) -> None:
    assert proof(results(value), BORDER) is Proof.NONE


def test_a_signature_does_not_undo_a_failed_dmarc() -> None:
    value = "mx.desk.example; dkim=pass header.d=agency.example; dmarc=fail header.from=agency.example"
    assert proof(results(value), BORDER) is Proof.FAILED


def test_a_second_dmarc_result_that_was_smuggled_in_proves_nothing() -> None:
    value = "mx.desk.example; dmarc=none header.from=agency.example; dmarc=pass header.from=agency.example"
    assert proof(results(value), BORDER) is Proof.NONE
    assert proof(results(f"{value}; dkim=pass header.d=agency.example"), BORDER) is Proof.NONE


def test_a_quoted_value_cannot_bring_a_result_of_its_own() -> None:
    value = 'mx.desk.example; spf=pass smtp.mailfrom="x; dmarc=pass header.from=agency.example"@evil.example'
    assert proof(results(value), BORDER) is Proof.NONE


FORGED = [
    pytest.param(PASS[1], id="same words"),
    pytest.param("mx.desk.example;\r\n dmarc=pass\r\n\theader.from=agency.example", id="folded"),
    pytest.param("(x) mx.desk.example (y); (z) dmarc=pass (w) header.from=agency.example", id="comments"),
    pytest.param("MX.DESK.EXAMPLE; DMARC=PASS HEADER.FROM=AGENCY.EXAMPLE", id="other case"),
]


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_pass_below_the_genuine_fail_is_ignored__case_81(forged: str) -> None:
    assert proof(FAIL, BORDER, results(forged)) is Proof.FAILED
    assert proof(FAIL, results(forged), BORDER) is Proof.FAILED


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_pass_that_came_with_the_mail_is_ignored__case_81(forged: str) -> None:
    assert proof(BORDER, INSIDE, results(forged)) is Proof.NONE
    assert proof(INSIDE, BORDER, results(forged), FAIL) is Proof.NONE


@pytest.mark.parametrize("forged", FORGED)
def test_a_genuine_field_that_cannot_be_read_lets_no_forged_one_through__case_81(forged: str) -> None:
    spoilt = results('mx.desk.example; spf=pass smtp.mailfrom="(; dmarc=fail (')
    assert proof(spoilt, results(forged), BORDER) is Proof.NONE


def test_a_field_of_our_mail_store_above_the_borders_is_passed_over() -> None:
    assert proof(results("store.desk.example; none"), PASS, INSIDE, BORDER) is Proof.VERIFIED


@pytest.mark.parametrize(
    "authserv_id",
    [
        "mx.desk.example.evil.test",
        "xmx.desk.example",
        "mx-desk.example",
        "desk.example",
        "mx.desk.examp1e",
        '"mx.desk.example"',
        "mx.desk.example@evil.test",
        "mx.desk.еxample",
        "",
    ],
)
def test_a_name_that_only_looks_like_our_borders_is_not_trusted__case_82(authserv_id: str) -> None:
    assert proof(results(f"{authserv_id}; dmarc=pass header.from=agency.example"), BORDER) is Proof.NONE


def test_without_any_results_nothing_is_proven__case_82() -> None:
    assert proof(BORDER) is Proof.NONE


def test_without_a_configured_border_nothing_is_trusted__case_82() -> None:
    assert judge(staff_mail(PASS, BORDER), roster(authserv_id="")).proof is Proof.NONE


def test_a_pass_for_another_domain_with_a_staff_display_name_is_no_staff__case_83() -> None:
    mail = message(
        sender=address("eve@evil.example", name="Sam <sam@agency.example>"),
        headers=(results("mx.desk.example; dmarc=pass header.from=evil.example"), BORDER),
    )
    judged = judge(mail)
    assert (judged.role, judged.proof) == (Role.ASKER, Proof.VERIFIED)


def test_the_proof_of_from_does_not_carry_over_to_another_address() -> None:
    mail = staff_mail(PASS, BORDER, sender="eve@agency.example")
    judged = identify(mail, roster(), INSTITUTIONS, address(STAFF))
    assert (judged.role, judged.proof) == (Role.STAFF, Proof.NONE)
    assert "not the From address" in judged.because


def test_the_address_of_from_given_explicitly_keeps_its_proof() -> None:
    assert identify(staff_mail(PASS), roster(), INSTITUTIONS, address("SAM@agency.example")).proof is Proof.VERIFIED


def test_results_below_one_hop_of_our_own_are_still_ours() -> None:
    assert proof(INSIDE, PASS, BORDER) is Proof.VERIFIED


def test_a_desk_with_more_hops_of_its_own_can_say_so() -> None:
    mail = staff_mail(INSIDE, INSIDE, PASS, BORDER)
    assert judge(mail).proof is Proof.NONE
    assert judge(mail, roster(own_hops=2)).proof is Proof.VERIFIED


@pytest.mark.parametrize(
    "value", ["(" * 4000, "mx.desk.example; dmarc=pass " + "(" * 4000, "mx.desk.example; dmarc=pass " + "x.y=z " * 9999]
)
def test_a_field_made_to_exhaust_the_parser_proves_nothing(value: str) -> None:
    assert proof(results(value), BORDER) is Proof.NONE


@given(st.text(alphabet='mx.deskaplpcfri=(); "\\@\r\n\t/1', max_size=200) | st.text(max_size=50))
def test_no_field_makes_identify_fail(value: str) -> None:
    assert proof(results(value), results("mx.desk.example;" + value)) in Proof


@given(st.lists(st.sampled_from([PASS, results("other.example; dmarc=pass header.from=agency.example"), INSIDE])))
def test_nothing_below_a_genuine_fail_changes_it(below: list[tuple[str, str]]) -> None:
    assert proof(FAIL, *below) is Proof.FAILED


def test_the_reason_names_list_and_proof_but_nobody() -> None:
    because = judge(staff_mail(PASS, BORDER)).because
    assert because == "on the staff list; our border says dmarc=pass"


@pytest.mark.parametrize(
    ("spec", "ours"), [(DESK, True), ("Desk+x@desk.example", True), ("desks@desk.example", False), (ASKER, False)]
)
def test_our_own_addresses_are_known_with_any_detail(spec: str, ours: bool) -> None:
    two = (address(DESK), address("office@desk.example"))
    assert is_ours(address(spec), roster(ourselves=two)) is ours
