"""Whom to answer: the person of a form, Reply-To or From."""

from __future__ import annotations

import pytest

from ksmail.address import Address
from ksmail.incoming.form import Form, asker_of, find_form
from ksmail.incoming.message import Message
from tests.builders import ASKER, DESK, STAFF, address, message

FORM = Form(address("noreply@form.example"))
OTHER = Form(address("noreply@other.example"))
OURSELVES = (address(DESK), address("office@desk.example"))


def form_mail(*reply_to: str) -> Message:
    return message(sender=FORM.sender, reply_to=tuple(address(spec) for spec in reply_to))


def asker(mail: Message, form: Form | None = None) -> Address | None:
    return asker_of(mail, form, OURSELVES)


def test_a_form_is_told_by_its_from_address() -> None:
    assert find_form(form_mail(), (OTHER, FORM)) == FORM


def test_the_case_of_a_forms_address_does_not_matter() -> None:
    assert find_form(message(sender=address("NoReply@form.example")), (FORM,)) == FORM


def test_another_sender_at_the_forms_domain_is_no_form() -> None:
    assert find_form(message(sender=address("other@form.example")), (FORM,)) is None


def test_a_mail_without_a_sender_came_from_no_form() -> None:
    assert find_form(message(sender=None), (FORM,)) is None


def test_the_person_of_a_form_is_its_reply_to() -> None:
    assert asker(form_mail(ASKER), FORM) == address(ASKER)


@pytest.mark.parametrize(
    "reply_to",
    [(), (ASKER, STAFF), ("noreply@form.example",), (DESK,), ("desk+x@desk.example",)],
    ids=["none", "two", "the form itself", "we ourselves", "our reply address"],
)
def test_a_form_that_names_no_one_person_has_no_asker(reply_to: tuple[str, ...]) -> None:
    assert asker(form_mail(*reply_to), FORM) is None


def test_without_reply_to_the_asker_is_from() -> None:
    assert asker(message()) == address(ASKER)


def test_one_reply_to_goes_before_from() -> None:
    assert asker(message(reply_to=(address("ada@home.example"),))) == address("ada@home.example")


def test_the_same_reply_to_twice_is_one() -> None:
    twice = (address("ada@home.example"), address("Ada@home.example"))
    assert asker(message(reply_to=twice)) == address("ada@home.example")


def test_two_reply_tos_are_not_answered__case_72() -> None:
    mail = message(reply_to=(address("ada@home.example"), address("victim@x.example")))
    assert asker(mail) == address(ASKER)


def test_a_reply_to_that_is_a_list_is_not_answered__case_72() -> None:
    mail = message(reply_to=(address("all@list.example"),), headers=(("list-post", "<mailto:all@list.example>"),))
    assert asker(mail) == address(ASKER)


def test_a_reply_to_that_also_got_the_mail_is_not_answered__case_72() -> None:
    everybody = address("everybody@uni.example")
    assert asker(message(reply_to=(everybody,), cc=(everybody,))) == address(ASKER)


@pytest.mark.parametrize("spec", [DESK, "desk+token@desk.example"])
def test_a_reply_to_that_leads_back_to_us_is_not_answered(spec: str) -> None:
    assert asker(message(to=(), reply_to=(address(spec),))) == address(ASKER)


def test_a_mail_without_one_author_has_no_asker_whatever_its_reply_to_says__case_84() -> None:
    assert asker(message(sender=None, reply_to=(address(STAFF),))) is None
