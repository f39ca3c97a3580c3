"""Finding the way into a ticket, or out of one's own: what a signed reference does in whose hands (Ticket Trick)."""

from __future__ import annotations

from ksmail.desk.arrival import Disposition
from tests.builders import ASKER, mail
from tests.security.attacked import TEAM, Desk, reply_to

ENCRYPTED = "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"


def test_who_sent_his_question_again_without_encryption_stays_in_his_ticket(desk: Desk) -> None:
    """His thread holds two references of ours, to the mail we could not read and to his ticket."""
    desk.take(mail(text=ENCRYPTED))
    unreadable = desk.letters(ASKER)[0]
    desk.take(mail(subject="Again", message_id="<again@uni.example>", headers=reply_to(unreadable)))
    thread = reply_to(unreadable, desk.letters(ASKER)[1])
    desk.take(mail(subject="More", text="One more thing.\n", message_id="<more@uni.example>", headers=thread))
    assert desk.dispositions()[1:] == [Disposition.TICKET, Disposition.FOLLOW_UP]
    assert len(desk.letters(ASKER)) == 2


def test_references_to_two_tickets_add_to_neither_and_staff_decide(desk: Desk) -> None:
    """Case 143."""
    desk.take(mail(), mail(text="Another question of mine.\n", message_id="<other@uni.example>"))
    thread = reply_to(*desk.letters(ASKER))
    desk.take(mail(text="Both.\n", message_id="<both@uni.example>", headers=thread))
    assert [len(dossier.entries) for dossier in desk.dossiers()] == [1, 1]
    assert desk.dispositions()[-1] is Disposition.HELD


def test_a_reference_issued_to_staff_gives_a_stranger_no_part_and_no_ticket(desk: Desk) -> None:
    desk.take(mail())
    thread = reply_to(desk.letters(TEAM)[0])
    desk.take(mail(sender="jo@private.example", message_id="<jo@private.example>", headers=thread))
    assert desk.dispositions()[-1] is Disposition.HELD


def test_a_reference_issued_to_staff_makes_no_colleague(desk: Desk) -> None:
    desk.take(mail())
    thread = reply_to(desk.letters(TEAM)[0])
    desk.take(mail(sender="mallory@uni.example", message_id="<m@uni.example>", headers=thread))
    assert desk.dispositions()[-1] is Disposition.HELD


def test_an_answer_to_a_notice_of_quarantine_is_held_and_no_question(desk: Desk) -> None:
    desk.take(mail(sender="noreply@uni.example"))
    thread = reply_to(desk.letters(TEAM)[0])
    desk.take(mail(sender="jo@private.example", message_id="<jo@private.example>", headers=thread))
    assert desk.dispositions() == [Disposition.HELD, Disposition.HELD]
    assert desk.recipients() == []


def test_the_asker_may_answer_what_staff_wrote_to_him_from_their_notice(desk: Desk) -> None:
    desk.take(mail())
    thread = reply_to(desk.letters(TEAM)[0])
    desk.take(mail(subject="Re: your mail", text="I see.\n", message_id="<i@uni.example>", headers=thread))
    assert desk.dispositions()[-1] is Disposition.FOLLOW_UP
