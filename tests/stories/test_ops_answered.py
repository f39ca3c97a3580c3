"""Stories of those who answer a mail about the program: nobody is asked anything, and nobody hears of it."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage

import pytest

from ksmail.desk.arrival import Disposition
from tests.stories.people import EVA, PEOPLE, SAM, last, reply
from tests.stories.rig import TEAM, Rig, text_of

OPS = "ops@ict.example"
AWAY = "I am not in the office until Monday."


def digest(rig: Rig, to: str) -> EmailMessage:
    rig.clock.forward(hours=1)
    rig.work()
    return last(rig, to, "[D-")


def desk_of(make_rig: Callable[..., Rig], ops: str) -> Rig:
    return make_rig(f'{PEOPLE}\n[ops]\naddress = "{ops}"\n', sums=True)


@pytest.mark.parametrize("sender", ["jan@ict.example", "no-reply@ict.example", OPS])
def test_whoever_answers_a_digest_asks_nothing_and_nobody_hears_of_it(
    make_rig: Callable[..., Rig], sender: str
) -> None:
    rig = desk_of(make_rig, OPS)
    mail = reply(digest(rig, OPS), AWAY, sender)
    before = len(rig.letters())
    rig.take(mail)
    assert rig.tickets() == []
    assert len(rig.letters()) == before
    assert rig.balance() == {Disposition.PROGRAM: 1}
    assert rig.reasons() == ["an answer to a mail about the program (D-1)"]


def test_that_answer_makes_no_work_and_has_words_of_its_own_in_the_next_digest(make_rig: Callable[..., Rig]) -> None:
    rig = desk_of(make_rig, OPS)
    rig.take(reply(digest(rig, OPS), AWAY, "jan@ict.example"))
    with rig.store.reading() as past:
        assert not past.put_aside()
    rig.clock.forward(days=1)
    assert "1 over het programma" in text_of(digest(rig, OPS))


@pytest.mark.parametrize("proof", ["pass", "fail", ""])
def test_an_answer_of_a_staff_member_who_runs_the_program_is_no_forgery(
    make_rig: Callable[..., Rig], proof: str
) -> None:
    rig = desk_of(make_rig, SAM)
    mail = reply(digest(rig, SAM), "Thanks, I shall look at the disk.", SAM, proof=proof)
    before = len(rig.letters())
    rig.take(mail)
    assert (rig.balance(), len(rig.letters())) == ({Disposition.PROGRAM: 1}, before)


def test_a_digest_that_went_to_the_team_is_answered_in_silence_too(make_rig: Callable[..., Rig]) -> None:
    rig = desk_of(make_rig, TEAM)
    rig.take(reply(digest(rig, TEAM), AWAY, SAM), reply(last(rig, TEAM, "[D-"), AWAY, TEAM))
    assert rig.balance() == {Disposition.PROGRAM: 2}


def test_orders_that_may_stand_in_any_mail_may_stand_in_an_answer_to_a_digest(make_rig: Callable[..., Rig]) -> None:
    rig = desk_of(make_rig, SAM)
    rig.take(reply(digest(rig, SAM), "#status\n", SAM))
    assert rig.balance() == {Disposition.ORDER: 1}


def test_orders_in_a_false_name_are_held_there_as_ever(make_rig: Callable[..., Rig]) -> None:
    rig = desk_of(make_rig, SAM)
    rig.take(reply(digest(rig, SAM), "#status\n", SAM, proof="fail"))
    assert rig.balance() == {Disposition.HELD: 1}
    assert rig.letters(EVA)


def test_what_the_address_of_ops_writes_by_itself_still_waits_for_a_person(make_rig: Callable[..., Rig]) -> None:
    rig = desk_of(make_rig, OPS)
    mail = reply(digest(rig, OPS), "The server moves on Friday.", OPS, thread=False, to="desk@desk.example")
    rig.take(mail)
    assert rig.balance() == {Disposition.HELD: 1}
