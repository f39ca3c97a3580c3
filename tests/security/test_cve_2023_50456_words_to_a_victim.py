"""Having the desk write to somebody else: the attacker's words, his address, and how often (CVE-2023-50456)."""

from __future__ import annotations

import pytest

from ksmail.desk.arrival import Disposition
from tests.builders import mail
from tests.security.attacked import DESK, FORM, TEAM, Desk, results, text_of

EVE = "eve@evil.example"
VICTIM = "victim@uni.example"


def aside(**facts: object) -> bytes:
    """Eve, proven to be Eve, asks for an answer to her victim."""
    headers = (results("evil.example"), ("Reply-To", VICTIM))
    return mail(sender=EVE, subject="Claim your prize today", headers=headers, **facts)  # type: ignore[arg-type]


def test_a_proven_sender_cannot_have_her_subject_carried_to_another_address(desk: Desk) -> None:
    desk.take(aside())
    (letter,) = desk.letters(VICTIM)
    assert "prize" not in letter.as_string()


def test_a_proven_sender_reads_her_own_subject(desk: Desk) -> None:
    desk.take(mail(sender=EVE, subject="My own question", headers=[results("evil.example")]))
    assert "My own question" in text_of(desk.letters(EVE)[0])


def test_staff_see_who_is_proven_and_who_is_only_named(desk: Desk) -> None:
    desk.take(aside())
    lines = text_of(desk.letters(TEAM)[0]).splitlines()
    assert f"Van: {EVE}" in lines
    assert "Afzender: het adres is echt, zegt onze mailserver" in lines
    assert f"Antwoord naar: {VICTIM}" in lines


def test_staff_see_one_address_when_there_is_one(desk: Desk) -> None:
    desk.take(mail(sender=EVE))
    assert "Antwoord naar" not in text_of(desk.letters(TEAM)[0])


def test_a_form_that_our_border_denies_makes_a_ticket_and_no_letter(desk: Desk) -> None:
    """Anybody can write the form's address; the question may still be genuine, so it is not lost."""
    desk.take(mail(sender=FORM, headers=[results("form.example", "fail"), ("Reply-To", VICTIM)]))
    assert desk.dispositions() == [Disposition.TICKET]
    assert desk.recipients() == []
    assert "het adres is niet echt" in text_of(desk.letters(TEAM)[0])


@pytest.mark.parametrize("sender", [EVE, FORM])
@pytest.mark.parametrize(
    "robot", ["news-subscribe@lists.example", "noreply@uni.example", "mailer-daemon@uni.example", "Abuse@uni.example"]
)
def test_no_letter_goes_to_a_machine_that_somebody_names_for_the_answer(desk: Desk, sender: str, robot: str) -> None:
    desk.take(mail(sender=sender, headers=[("Reply-To", robot)]))
    assert desk.dispositions() == [Disposition.TICKET]
    assert desk.recipients() == []


def test_somebody_elses_words_do_not_let_a_stranger_into_his_ticket(desk: Desk) -> None:
    """ "Thank you" is easily guessed; with a Reply-To it passed for the same question by the same person."""
    desk.take(mail(sender=VICTIM, text="Thank you!\n"))
    desk.take(mail(sender=EVE, text="Thank you!\n", message_id="<e@evil.example>", headers=[("Reply-To", VICTIM)]))
    assert desk.dispositions() == [Disposition.TICKET, Disposition.TICKET]
    assert [len(dossier.entries) for dossier in desk.dossiers()] == [1, 1]


@pytest.mark.parametrize("ours", [DESK.replace("@", "+x@"), FORM])
def test_a_reply_to_our_own_desk_or_web_server_is_not_used(desk: Desk, ours: str) -> None:
    desk.take(mail(sender=EVE, headers=[("Reply-To", ours)]))
    assert desk.recipients() == [EVE]
