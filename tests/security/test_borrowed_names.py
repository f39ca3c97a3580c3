"""Writing under somebody else's name: what our border denies gives no part and no trust."""

from __future__ import annotations

import pytest

from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import EntryKind
from tests.builders import ASKER, mail
from tests.security.attacked import DESK, STAFF, TEAM, Desk, reply_to, results, text_of

SUBJECT = "Re: [KV-2026-0001] A question"


@pytest.fixture
def asked(desk: Desk) -> Desk:
    """A desk with Ada's ticket."""
    desk.take(mail())
    return desk


def forged(sender: str, subject: str = SUBJECT, headers: tuple[tuple[str, str], ...] = ()) -> bytes:
    """A mail whose From our border denies."""
    failed = results(sender.rpartition("@")[2], "fail")
    return mail(sender=sender, subject=subject, message_id="<forged@evil.example>", headers=[failed, *headers])


@pytest.mark.parametrize("sender", [STAFF, TEAM, DESK])
def test_a_forged_mail_of_our_own_people_is_no_note_but_held_and_staff_are_told(asked: Desk, sender: str) -> None:
    headers = reply_to(asked.letters(TEAM)[0])
    asked.take(forged(sender, headers=headers))
    assert asked.dispositions()[-1] is Disposition.HELD
    assert [entry.kind for entry in asked.dossiers()[0].entries] == [EntryKind.QUESTION]
    told = text_of(asked.letters(TEAM)[-1])
    assert "not genuine" in told or "dmarc=fail" in told


def test_a_genuine_mail_of_staff_is_a_note(asked: Desk) -> None:
    proven = [results("agency.example")]
    asked.take(mail(sender=STAFF, subject=SUBJECT, message_id="<note@agency.example>", headers=proven))
    assert [entry.kind for entry in asked.dossiers()[0].entries] == [EntryKind.QUESTION, EntryKind.NOTE]


def test_staff_see_that_a_follow_up_is_not_the_askers(asked: Desk) -> None:
    asked.take(forged(ASKER))
    told = text_of(asked.letters(TEAM)[-1])
    assert told.startswith("Iemand schrijft in naam van de vraagsteller.")
    assert "Afzender: het adres is niet echt, zegt onze mailserver" in told


def test_staff_see_that_a_follow_up_is_the_askers(asked: Desk) -> None:
    asked.take(mail(subject=SUBJECT, message_id="<more@uni.example>", headers=[results("uni.example")]))
    told = text_of(asked.letters(TEAM)[-1])
    assert told.startswith("De vraagsteller schrijft.")
    assert "Afzender: het adres is echt, zegt onze mailserver" in told


def test_a_forged_colleague_with_a_stolen_reference_gets_no_part(asked: Desk) -> None:
    stolen = reply_to(asked.letters(ASKER)[0])
    asked.take(forged("mallory@uni.example", headers=stolen))
    assert asked.dispositions()[-1] is Disposition.HELD
    assert len(asked.tickets()[0].participants) == 1


@pytest.mark.parametrize("sender", ["m@uni.example.evil.example", "m@notuni.example", "m@xn--ni-xka.example"])
def test_a_domain_that_resembles_the_askers_makes_no_colleague(asked: Desk, sender: str) -> None:
    asked.take(mail(sender=sender, message_id="<m@evil.example>", headers=reply_to(asked.letters(ASKER)[0])))
    assert asked.dispositions()[-1] is Disposition.HELD
