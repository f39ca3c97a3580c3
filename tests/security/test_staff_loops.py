"""A responder of a staff member without any mark of one: whatever it answers, it ends each day, and he is heard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest

from ksmail.address import parse_address
from ksmail.desk.arrival import Disposition
from ksmail.desk.letter import Letter, LetterKind
from ksmail.incoming.message import Language
from ksmail.store.records import Cause
from tests.builders import mail
from tests.security.attacked import STAFF, TEAM, Desk, reply_to, results

MANY = 30  # mails of a responder that answers once in ten minutes, for five hours
WORDS = ["Ik ben er niet tot 3 december", "3 december ben ik er weer", "# Ik ben weg tot 3 december"]

Newest = Callable[[Desk], EmailMessage]


def mailed(desk: Desk, to: str = STAFF) -> EmailMessage:
    """A numbered list of all questions that went to somebody."""
    address, now = parse_address(to), desk.moment
    with desk.store.writing() as tx:
        number = tx.keep_sheet("sample", address, tuple(str(each.reference) for each in desk.tickets()), now)
        letter = Letter(
            kind=LetterKind.STAFF_HELP,
            to=address,
            language=Language.NL,
            about=f"L-{number}",
            cause=f"list {number}",
            facts={"lines": ()},
        )
        tx.queue([desk.clerk.composer.compose(letter, None, now=now)], None, Cause(None, now, now))
    return desk.letters(to)[-1]


def answer(desk: Desk, letter: EmailMessage, text: str, number: int, sender: str = STAFF) -> None:
    """A reply ten minutes after the one before."""
    desk.moment += timedelta(minutes=9)
    name, headers = f"<r{number}@agency.example>", (results(sender.partition("@")[2]), *reply_to(letter))
    subject, to = f"Re: {letter['Subject']}", str(letter["Reply-To"])
    desk.take(mail(sender=sender, to=to, subject=subject, text=text, message_id=name, headers=headers))


def talk(desk: Desk, text: str, times: int, first: int = 0, sender: str = STAFF) -> int:
    """So many answers to the newest letter. Returns how many letters came of them."""
    before = len(desk.letters())
    for number in range(first, first + times):
        answer(desk, desk.letters(sender)[-1], f"{text} ({number})\n", number, sender)
    return len(desk.letters()) - before


@pytest.mark.parametrize("text", WORDS)
def test_answers_to_a_list_end(desk: Desk, text: str) -> None:
    desk.take(mail())
    mailed(desk)
    assert talk(desk, text, MANY) == 10
    assert len(desk.dispositions()) == 1 + MANY


@pytest.mark.parametrize("text", WORDS)
def test_answers_to_a_notice_about_a_question_end(desk: Desk, text: str) -> None:
    desk.take(mail())
    answer(desk, desk.letters(TEAM)[-1], text, MANY)
    assert talk(desk, text, MANY - 1) < 10
    (dossier,) = desk.dossiers()
    assert len(dossier.entries) == 1 + MANY  # each is kept all the same


def test_answers_of_the_teams_own_address_to_a_list_end(desk: Desk) -> None:
    desk.take(mail())
    mailed(desk, TEAM)
    assert talk(desk, "3 december is er weer iemand", MANY, sender=TEAM) == 10


@pytest.mark.parametrize("text", WORDS)
def test_within_an_hour_there_are_five(desk: Desk, text: str) -> None:
    desk.take(mail())
    mailed(desk)
    desk.moment -= timedelta(minutes=60)
    for number in range(6):
        desk.moment -= timedelta(minutes=9)
        answer(desk, desk.letters(STAFF)[-1], f"{text} ({number})\n", number)
    assert len(desk.letters(STAFF)) == 1 + 5


def test_the_next_day_he_hears_of_a_forgotten_order_again(desk: Desk) -> None:
    desk.take(mail())
    mailed(desk)
    talk(desk, WORDS[0], MANY)
    desk.moment += timedelta(days=1)
    assert talk(desk, WORDS[0], 1, MANY) == 1


def test_what_he_orders_himself_meanwhile_is_done_and_told(desk: Desk) -> None:
    desk.take(mail())
    due = mailed(desk)
    talk(desk, WORDS[1], MANY)
    answer(desk, due, "1 pak\n", MANY)
    assert desk.tickets()[0].assignee == parse_address(STAFF)
    assert desk.dispositions()[-1] is Disposition.ORDER
    assert len(desk.letters(STAFF)) == 1 + 10 + 1


def test_a_misspelt_order_that_keeps_a_letter_back_is_told_however_many_came_before(desk: Desk) -> None:
    desk.take(mail())
    due = mailed(desk)
    talk(desk, WORDS[1], MANY)
    answer(desk, due, "1 sluit ingetrokken\n", MANY)
    before = len(desk.letters(STAFF))
    desk.moment -= timedelta(minutes=9)  # within the time to think
    answer(desk, due, "1 stpo\n", MANY + 1)
    assert len(desk.letters(STAFF)) == before + 1
