"""Stories of staff at work: they reply, and what they order is done, or they are told why not."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage

import pytest

from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import EntryKind, Flag, PromiseState, Status
from tests.builders import mail
from tests.stories.people import EVA, PEOPLE, ROBIN, SAM, border, fresh, html_only, last, reply
from tests.stories.rig import DESK, TEAM, Rig, reply_to, text_of
from tests.stories.test_questions import ask


@pytest.fixture
def desk(make_rig: Callable[..., Rig]) -> Rig:
    """A desk with Sam and Eva, and one question of Robin's that staff were told of."""
    rig = make_rig(PEOPLE)
    rig.take(ask())
    return rig


def notice(rig: Rig) -> EmailMessage:
    return last(rig, TEAM)


def held_over(rig: Rig) -> None:
    """Wait until what staff ordered may leave."""
    rig.clock.forward(minutes=4)
    rig.work()


def answers(rig: Rig, to: str = ROBIN) -> list[str]:
    """What the asker got beside the acknowledgement."""
    return [text_of(letter) for letter in rig.letters(to)][1:]


def status(rig: Rig) -> Status:
    return rig.tickets()[0].status


def test_an_answer_goes_to_the_asker_after_the_hold(desk: Rig) -> None:
    desk.take(reply(notice(desk), "#antwoord\n\nYou may, if you agree on publication first.\n"))
    assert answers(desk) == []
    held_over(desk)
    (answer,) = answers(desk)
    assert "You may, if you agree on publication first." in answer
    assert status(desk) is Status.ANSWERED


def test_the_receipt_shows_what_will_leave_to_whom_and_when(desk: Rig) -> None:
    desk.take(reply(notice(desk), "#antwoord\n\nYou may.\n"))
    receipt = text_of(last(desk, SAM))
    assert "You may." in receipt
    assert ROBIN in receipt
    assert "10:05" in receipt  # it is 10:02, and the hold is three minutes


def test_stop_calls_back_what_has_not_left(desk: Rig) -> None:
    desk.take(reply(notice(desk), "#antwoord\n\nYou may not.\n"))
    desk.take(reply(last(desk, SAM), "#stop\n"))
    held_over(desk)
    assert answers(desk) == []
    assert status(desk) is Status.IN_PROGRESS


def test_now_sends_at_once_what_is_held(desk: Rig) -> None:
    desk.take(reply(notice(desk), "#antwoord\n\nYou may.\n"))
    desk.take(reply(last(desk, SAM), "#nu\n"))
    assert len(answers(desk)) == 1
    assert status(desk) is Status.ANSWERED


def test_the_answer_stands_in_the_askers_own_thread(desk: Rig) -> None:
    question = desk.servers.folder("Done")[0]
    desk.take(reply(notice(desk), "#antwoord\n\nYou may.\n"))
    held_over(desk)
    answer = last(desk, ROBIN)
    acknowledgement = desk.letters(ROBIN)[0]
    assert answer["In-Reply-To"] == acknowledgement["Message-ID"]
    assert acknowledgement["In-Reply-To"] in answer["References"]
    assert acknowledgement["In-Reply-To"].encode() in question
    assert "A question" in answer["Subject"]
    assert answer["Auto-Submitted"] is None


def test_story_5_the_answer_keeps_the_cc_and_the_advisers_order_is_plain_text(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(PEOPLE)
    rig.take(ask(headers=[("Cc", "adviser@uni.example")]))
    rig.take(reply(notice(rig), "#antwoord\n\nYou may.\n"))
    held_over(rig)
    answer = last(rig, "adviser@uni.example")
    assert answer["Cc"] == "adviser@uni.example"
    assert answer["To"] == ROBIN
    rig.take(reply(answer, "#antwoord\n\nNo, you may not!\n", "adviser@uni.example"))
    held_over(rig)
    (ticket,) = rig.tickets()
    assert rig.dossier(ticket).entries[-1].kind is EntryKind.FOLLOW_UP
    assert not any("No, you may not" in text_of(letter) for letter in rig.letters(ROBIN))


IPHONE = """<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body dir="auto">
#antwoord<div><br></div><div>Beste Robin,</div><div><br></div><div>Dat kan. Leg eerst vast wie publiceert.</div>
<div><br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Verstuurd vanaf mijn iPhone</div>
<div dir="ltr"><br><blockquote type="cite">Op 1 jun 2026 om 10:02 heeft Contactpunt &lt;desk@desk.example&gt; het
volgende geschreven:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">{quote}</div></blockquote></div>
</body></html>"""


def test_story_9_an_answer_from_an_iphone_sends_only_the_words_between_verb_and_signature(desk: Rig) -> None:
    quoted = text_of(notice(desk)).replace("<", "&lt;").replace("\n", "<br>\n")
    raw = mail(
        sender=SAM,
        to=str(notice(desk)["Reply-To"]),
        subject="Re: vraag",
        text="x",
        html=IPHONE.format(quote=quoted),
        message_id="<iphone@agency.example>",
        headers=[border(SAM), *reply_to(notice(desk))],
    )
    desk.take(html_only(raw))
    held_over(desk)
    (answer,) = answers(desk)
    assert "Dat kan. Leg eerst vast wie publiceert." in answer
    assert "iPhone" not in answer
    assert "#antwoord" not in answer
    assert "A company abroad wants to pay" not in answer
    assert "iPhone" in text_of(last(desk, SAM))  # the receipt shows what was cut


def test_story_10_without_a_verb_the_mail_is_stored_and_the_receipt_says_so(desk: Rig) -> None:
    desk.take(reply(notice(desk), "You may, if you agree on publication first.\n"))
    held_over(desk)
    assert answers(desk) == []
    receipt = last(desk, SAM)
    assert "niet verstuurd" in receipt["Subject"]
    assert "mailto:" in text_of(receipt)
    entries = desk.dossier(desk.tickets()[0]).entries
    assert [entry.kind for entry in entries] == [EntryKind.QUESTION, EntryKind.NOTE]


REPORT = """\
From: Mail Delivery System <mailer-daemon@mx.uni.example>
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <report@mx.uni.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
Return-Path: <>

--b

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.uni.example

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such user

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
Subject: an answer

--b--
"""


def report_about(letter: EmailMessage, recipient: str = ROBIN) -> bytes:
    text = REPORT.format(to=DESK, recipient=recipient, message_id=letter["Message-ID"])
    return text.replace("\n", "\r\n").encode()


def test_story_14_an_answer_that_bounces_is_an_answer_that_nobody_got(desk: Rig) -> None:
    desk.take(reply(notice(desk), "#antwoord\n\nYou may.\n"))
    held_over(desk)
    assert [line.state for line in desk.dossier(desk.tickets()[0]).promises] == [PromiseState.KEPT]
    desk.take(report_about(last(desk, ROBIN)))
    (ticket,) = desk.tickets()
    assert ticket.status is Status.IN_PROGRESS
    assert Flag.LETTER_BOUNCED in ticket.flags
    assert [line.state for line in desk.dossier(ticket).promises] == [PromiseState.OPEN]
    assert ROBIN in text_of(last(desk, TEAM))
    assert ROBIN in text_of(last(desk, EVA))  # the coordinator hears of exceptions


@pytest.mark.parametrize("proof", ["", "fail", "none"])
def test_story_15_a_spoofed_staff_mail_with_a_right_number_is_held_and_nothing_is_sent(desk: Rig, proof: str) -> None:
    spoofed = fresh("#antwoord\n\nSend us your passwords.\n", proof=proof, subject="Re: [KV-2026-0001] A question")
    desk.take(spoofed)
    held_over(desk)
    assert answers(desk) == []
    assert desk.balance()[Disposition.HELD] == 1
    assert "#antwoord" in text_of(last(desk, EVA))
    assert "#antwoord" in text_of(last(desk, SAM))  # the real one is told
    assert "passwords" not in text_of(last(desk, SAM))
