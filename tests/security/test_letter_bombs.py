"""One victim under many spellings: the caps count people, not spellings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.address import Address
from tests.builders import mail
from tests.security.attacked import FORM, Desk

SPELLINGS = {
    "details": [f"victim+{number}@uni.example" for number in range(12)],
    "dots": [f"{'victimofspam'[:at]}.{'victimofspam'[at:]}@gmail.com" for at in range(1, 12)],
    "case": [f"{'victimofspam'[:at].upper()}{'victimofspam'[at:]}@uni.example" for at in range(12)],
}


def bomb(number: int, victim: str, form: bool) -> bytes:
    text, name = f"Question number {number}.\n", f"<{number}@evil.example>"
    if form:
        return mail(sender=FORM, text=text, message_id=name, headers=[("Reply-To", victim)])
    return mail(sender=victim, text=text, message_id=name)


@pytest.mark.parametrize("form", [False, True], ids=["from", "form"])
@pytest.mark.parametrize("spellings", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_other_spellings_bring_no_more_letters(desk: Desk, spellings: list[str], form: bool) -> None:
    desk.take(*(bomb(number, victim, form) for number, victim in enumerate(spellings)))
    assert len(desk.tickets()) == len(spellings)
    assert len(desk.recipients()) == 5


def test_other_people_are_counted_apart(desk: Desk) -> None:
    desk.take(*(bomb(number, f"person{number}@uni.example", False) for number in range(8)))
    assert len(desk.recipients()) == 8


LOCALS = st.from_regex(r"[a-z]{1,9}", fullmatch=True)


@given(LOCALS, LOCALS)
def test_a_detail_and_dots_make_no_other_person_but_do_make_another_address(local: str, detail: str) -> None:
    plain, spelt = Address(local, "uni.example"), Address(f"{local[0]}.{local[1:]}x+{detail}", "uni.example")
    assert Address(f"{local}x", "uni.example").person == spelt.person
    assert plain != spelt
