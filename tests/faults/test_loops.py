"""Floods and other machines: caps hold the letters back, and staff see every question."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from email.message import EmailMessage

import pytest

from ksmail.desk.arrival import Disposition
from ksmail.store.happenings import LetterState
from tests.builders import mail
from tests.stories.rig import DESK, TEAM, Rig, reply_to, text_of
from tests.stories.test_questions import ask

PEER = "support@peer.example"
NUMBERS = itertools.count()


def acknowledgements(rig: Rig) -> Counter[LetterState]:
    with rig.store.reading() as past:
        return Counter(line.state for line in past.outbox(1_000) if line.kind == "ack")


def ask_twelve_times(rig: Rig) -> None:
    for _ in range(12):
        rig.deliver(ask("robin@uni.example", f"Question {next(NUMBERS)}: may we do this?\n"))
        rig.work()
        rig.clock.forward(minutes=4)


def test_twelve_questions_of_one_person_in_an_hour_are_twelve_tickets_and_five_acknowledgements(rig: Rig) -> None:
    """Case 79."""
    ask_twelve_times(rig)
    assert len(rig.tickets()) == 12
    assert len(rig.letters("robin@uni.example")) == 5
    assert acknowledgements(rig) == {LetterState.SENT: 5, LetterState.HELD: 7}


def test_staff_see_every_question_whose_acknowledgement_is_held(rig: Rig) -> None:
    ask_twelve_times(rig)
    assert len(rig.letters(TEAM)) == 12


def test_ten_acknowledgements_a_day_are_enough_for_one_person(rig: Rig) -> None:
    """Case 79: an hour later there may be five more, and then none until tomorrow."""
    for _ in range(3):
        ask_twelve_times(rig)
        rig.clock.forward(hours=2)
    assert len(rig.letters("robin@uni.example")) == 10
    rig.clock.forward(days=1)
    rig.take(ask("robin@uni.example", "A question of the next day.\n"))
    assert len(rig.letters("robin@uni.example")) == 11


def test_two_hundred_and_thirty_people_in_an_hour_are_two_hundred_acknowledgements(rig: Rig) -> None:
    """Cases 67 and 68: the breaker of the whole desk; staff are told of everybody, and the next hour is a new one."""
    for number in range(230):
        rig.deliver(ask(f"asker{number}@uni{number}.example", f"Question {number}: may we do this?\n"))
    rig.work()
    assert rig.balance() == {Disposition.TICKET: 230}
    assert acknowledgements(rig) == {LetterState.SENT: 200, LetterState.HELD: 30}
    assert len([sent for sent in rig.servers.sent if TEAM in sent.recipients]) == 230
    rig.clock.forward(minutes=61)
    rig.take(ask("late@uni.example", "A question of the next hour.\n"))
    assert len(rig.letters("late@uni.example")) == 1


def test_held_acknowledgements_do_not_go_by_themselves(rig: Rig) -> None:
    ask_twelve_times(rig)
    for _ in range(5):
        rig.clock.forward(days=1)
        rig.work()
    assert acknowledgements(rig)[LetterState.HELD] == 7


# A machine that does not say that it is one


def in_thread(letter: EmailMessage, number: int) -> bytes:
    """What a ticket system answers that follows the thread and writes another subject each time."""
    text = f"We have received your message as case {number}.\n"
    return machine(number, text, headers=reply_to(letter))


def with_our_words(letter: EmailMessage, number: int) -> bytes:
    """One that forgets the thread and quotes what it got."""
    quoted = "".join(f"> {line}\n" for line in text_of(letter).splitlines())
    return machine(number, f"We have received this as case {number}:\n\n{quoted}")


def always_the_same(_: EmailMessage, number: int) -> bytes:
    """One that forgets the thread and says the same words each time."""
    return machine(number, "Thank you for your message. We shall answer soon.\n")


def always_another(letter: EmailMessage, number: int) -> bytes:
    """One that forgets the thread, and no two of whose answers are alike."""
    return machine(number, f"We have received your message as case {number}.\n")


def machine(number: int, text: str, **facts: object) -> bytes:
    subject = f"[Case {number}] received"
    message_id = f"<{number}@peer.example>"
    return mail(sender=PEER, to=DESK, subject=subject, text=text, message_id=message_id, **facts)  # type: ignore[arg-type]


def converse(rig: Rig, answer: Callable[[EmailMessage, int], bytes], minutes: int) -> None:
    """A day in which the other machine answers every letter it gets, at once."""
    rig.take(answer(EmailMessage(), 0) if answer is not in_thread else machine(0, "A first message.\n"))
    answered = 0
    for number in range(1, 24 * 60 // minutes):
        rig.clock.forward(minutes=minutes)
        letters = rig.letters(PEER)
        for at, letter in enumerate(letters[answered:]):
            rig.take(answer(letter, 100 * number + at))
        answered = len(letters)


@pytest.mark.parametrize("answer", [in_thread, always_the_same])
def test_a_machine_without_a_mark_gets_two_letters_at_most(
    rig: Rig, answer: Callable[[EmailMessage, int], bytes]
) -> None:
    """Case 62 (FreeScout 2445)."""
    converse(rig, answer, 30)
    assert 1 <= len(rig.letters(PEER)) <= 2
    assert 1 <= len(rig.tickets()) <= 2


@pytest.mark.parametrize("answer", [with_our_words, always_another])
def test_a_machine_without_a_mark_that_forgets_the_thread_is_stopped_by_the_cap(
    rig: Rig, answer: Callable[[EmailMessage, int], bytes]
) -> None:
    """Case 62, with nothing left to know it by: the sixth letter waits for staff, and so the machine falls silent."""
    converse(rig, answer, 5)
    assert len(rig.letters(PEER)) == 5
    assert len(rig.tickets()) == 6
