"""Staff change their mind, answer too late, or attach a file: what they are told is so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import Status
from ksmail.store.values import LetterState
from tests.stories.people import PEOPLE, ROBIN, SAM, fresh, last, reply
from tests.stories.rig import TEAM, Rig, reply_to, text_of
from tests.stories.test_orders import held_over, report_about
from tests.stories.test_questions import ask

ADVISER = "adviser@uni.example"
CV = ("application/pdf", b"%PDF kanarie")


@pytest.fixture
def desk(make_rig: Callable[..., Rig]) -> Rig:
    rig = make_rig(PEOPLE)
    rig.take(ask(headers=[("Cc", ADVISER)]))
    return rig


def cut_off(rig: Rig) -> None:
    """The program dies while the next letter is on its way, and starts again."""
    with rig.store.writing() as tx:
        letter = next(letter for letter in tx.due(rig.clock.now(), 10) if letter.mail.kind == "answer")
        tx.start_attempt([letter.id], rig.clock.now())
    asyncio.run(rig.works.outbox.recover())
    rig.work()


def test_a_second_doubt_about_an_answer_is_told_like_the_first(desk: Rig) -> None:
    desk.take(reply(last(desk, TEAM), "#antwoord\n\nYou may.\n"))
    desk.clock.forward(minutes=4)
    cut_off(desk)
    desk.clock.forward(minutes=1)
    desk.deliver(reply(last(desk, TEAM), "#nu\n"))
    desk.works.intake.round()
    cut_off(desk)
    told = [letter for letter in desk.letters(TEAM) if "Misschien niet aangekomen" in letter["Subject"]]
    assert len(told) == 2


def test_a_stop_that_comes_when_some_have_the_answer_already_says_so(desk: Rig) -> None:
    desk.servers.reply("RCPT", "450 4.2.0 later", recipient=ADVISER)
    desk.take(reply(last(desk, TEAM), "#antwoord\n\nYou may.\n"))
    held_over(desk)
    desk.take(reply(last(desk, SAM), "#stop\n"))
    assert "hebben" in text_of(last(desk, SAM)) or "heeft deze e-mail al" in text_of(last(desk, SAM))
    desk.servers.well()
    desk.clock.forward(hours=3)
    desk.work()
    assert desk.letters(ADVISER) == []
    assert desk.tickets()[0].status is Status.ANSWERED


def test_a_copy_that_still_waits_for_others_is_in_nobodys_way(desk: Rig) -> None:
    desk.servers.reply("RCPT", "450 4.2.0 later", recipient=ADVISER)
    desk.take(reply(last(desk, TEAM), "#antwoord\n\nYou may.\n"))
    held_over(desk)
    desk.take(reply(last(desk, TEAM), "#sluit beantwoord\n"))
    assert desk.tickets()[0].status is Status.CLOSED


def test_a_letter_that_was_called_back_during_a_round_does_not_end_the_round(desk: Rig) -> None:
    desk.take(reply(last(desk, TEAM), "#antwoord\n\nYou may.\n"))
    desk.clock.forward(minutes=4)
    outbox = desk.works.outbox
    with desk.store.reading() as past:
        (letter,) = past.due(desk.clock.now(), 10)
    desk.deliver(reply(last(desk, SAM), "#stop\n"))
    desk.works.intake.round()
    asyncio.run(outbox._send(letter))  # it was taken up for this round before the order came
    states = {line.kind: line.state for line in desk.dossier(desk.tickets()[0]).letters}
    assert states["answer"] is LetterState.CANCELLED


def test_a_forgotten_verb_beside_a_file_prepares_no_mail_without_the_file(desk: Rig) -> None:
    desk.take(reply(last(desk, TEAM), "See the enclosed letter.\n", attachments=[("letter.pdf", *CV)]))
    receipt = last(desk, SAM)
    assert "enclosed" not in "".join(line for line in text_of(receipt).splitlines() if "mailto:" in line)


def test_an_order_in_reply_to_a_notice_that_is_too_old_is_held_and_staff_are_told_what_to_do(desk: Rig) -> None:
    notice = last(desk, TEAM)
    desk.clock.forward(days=200)
    desk.take(reply(notice, "#antwoord\n\nAt last.\n"))
    assert "#status" in text_of(last(desk, SAM))
    assert desk.balance() == {Disposition.TICKET: 1, Disposition.HELD: 1}
    desk.take(fresh("#status KV-2026-0001\n"))
    desk.take(reply(last(desk, SAM), "#antwoord\n\nAt last.\n"))
    held_over(desk)
    assert "At last." in text_of(last(desk, ROBIN))


def test_the_same_file_in_two_mails_goes_with_all_that_came_beside_it_and_all_of_it_is_named(desk: Rig) -> None:
    desk.take(ask(text="My CV.\n", attachments=[("cv.pdf", *CV)]))
    files = [("again.pdf", *CV), ("contract.pdf", "application/pdf", b"%PDF contract")]
    desk.take(ask(text="And the contract.\n", attachments=files, headers=reply_to(desk.letters(ROBIN)[-1])))
    desk.take(reply(last(desk, TEAM, "KV-2026-0002"), "#wis 1\n"))
    request = text_of(last(desk, SAM))
    assert all(name in request for name in ("1. cv.pdf", "2. again.pdf", "3. contract.pdf"))
    desk.take(reply(last(desk, SAM), "ja\n"))
    with desk.store.reading() as past:
        case = past.case(desk.tickets()[1].reference)
    assert [file.purged for file in case.files] == [True, True, True]
    assert "3 attachments" in text_of(last(desk, ROBIN))


def test_a_mail_that_holds_the_file_and_came_after_the_request_was_written_is_not_destroyed_by_its_yes(
    desk: Rig,
) -> None:
    desk.take(ask(text="My CV.\n", attachments=[("cv.pdf", *CV)]))
    desk.take(reply(last(desk, TEAM, "KV-2026-0002"), "#wis 1\n"))
    request = last(desk, SAM)
    again = ask(text="My CV once more.\n", attachments=[("cv.pdf", *CV)], headers=reply_to(desk.letters(ROBIN)[-1]))
    desk.take(again)
    desk.take(reply(request, "ja\n"))
    with desk.store.reading() as past:
        case = past.case(desk.tickets()[1].reference)
    assert [file.purged for file in case.files] == [False, False]
    assert "iets veranderd" in text_of(last(desk, SAM))


def test_what_bounced_may_be_sent_again_in_the_same_words(desk: Rig) -> None:
    desk.take(reply(last(desk, TEAM), "#antwoord\n\nYou may.\n"))
    held_over(desk)
    desk.take(report_about(last(desk, ROBIN)))
    desk.take(reply(last(desk, TEAM), "#antwoord\n\nYou may.\n"))
    held_over(desk)
    assert len([letter for letter in desk.letters(ROBIN) if "You may." in text_of(letter)]) == 2


def test_a_question_that_was_split_off_reaches_staff_under_its_own_number(desk: Rig) -> None:
    desk.take(reply(last(desk, TEAM), "#splits\n\nMay I also travel with the equipment?\n"))
    notice = last(desk, TEAM, "KV-2026-0002")
    desk.take(reply(notice, "#pak\n"))
    assert desk.tickets()[1].assignee is not None


def test_a_split_that_is_first_confirmed_shows_what_it_leads_to(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(environ={"KSMAIL_TRUST__AUTHSERV_ID": ""})
    rig.take(ask())
    rig.take(reply(last(rig, TEAM), "#splits\n\nMay I also travel with the equipment?\n"))
    request = last(rig, SAM)
    assert "KV-2026-0002" in text_of(request)
    rig.take(reply(request, "ja\n"))
    assert "equipment" in text_of(last(rig, TEAM, "KV-2026-0002"))
