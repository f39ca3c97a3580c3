"""Machines without any mark of one: whatever they answer, it ends."""

from __future__ import annotations

from datetime import timedelta

from ksmail.desk.arrival import Disposition
from tests.builders import mail
from tests.security.attacked import TEAM, Desk, reply_to

JO = "jo@private.example"


def talk(desk: Desk, responder: str, most: int = 400) -> int:
    """A responder behind the team's list and its own address answers every letter, each time in other words. Returns
    how many letters it got before it fell silent, or `most`."""
    answered = 0
    while answered < most and len(letters := desk.letters()) > answered:
        letter = letters[answered]
        answered += 1
        text = f"I am not at my desk. This is message {answered}.\n"
        headers = reply_to(letter)
        subject, name = f"Re: {letter['Subject']}", f"<r{answered}@private.example>"
        desk.take(mail(sender=responder, subject=subject, text=text, message_id=name, headers=headers))
    return answered


def test_a_responder_on_the_teams_list_under_an_address_we_do_not_know(desk: Desk) -> None:
    desk.take(mail())
    assert talk(desk, JO) < 20


def test_a_responder_on_the_teams_list_whose_own_question_it_was(desk: Desk) -> None:
    desk.take(mail(sender=JO))
    assert talk(desk, JO) < 50
    assert len(desk.tickets()) == 1


def test_held_notices_are_there_to_be_released(desk: Desk) -> None:
    desk.take(mail(sender=JO))
    talk(desk, JO)
    with desk.store.reading() as past:
        assert {line.held for line in past.outbox(1000)} == {"", "ticket_cap"}


def test_an_hour_later_staff_hear_of_the_ticket_again(desk: Desk) -> None:
    desk.take(mail())
    subject = "Re: [KV-2026-0001] A question"
    for number in range(30):
        desk.take(mail(subject=subject, text=f"More: {number}.\n", message_id=f"<{number}@uni.example>"))
    assert len(desk.letters(TEAM)) == 21
    desk.moment += timedelta(hours=1)
    desk.take(mail(subject=subject, text="One more.\n", message_id="<last@uni.example>"))
    assert len(desk.letters(TEAM)) == 22


def test_another_ticket_is_not_affected(desk: Desk) -> None:
    desk.take(mail(), mail(sender="bo@uni.example", text="Mine.\n", message_id="<bo@uni.example>"))
    for number in range(30):
        text, name = f"More: {number}.\n", f"<{number}@uni.example>"
        desk.take(mail(subject="Re: [KV-2026-0001] A question", text=text, message_id=name))
    before = len(desk.letters(TEAM))
    desk.take(mail(sender="bo@uni.example", subject="[KV-2026-0002]", text="More.\n", message_id="<b@uni.example>"))
    assert desk.dispositions()[-1] is Disposition.FOLLOW_UP
    assert len(desk.letters(TEAM)) == before + 1
