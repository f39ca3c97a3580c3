"""A whole conversation over Dovecot and Postfix, from a question to a ticket that closes, with every letter as it
reached its reader. `python -m tests.stories.renew_golden` writes the letters anew; read the difference."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from ksmail.desk.ticket import EntryKind, PromiseState, Status
from ksmail.incoming.limits import Limits
from ksmail.incoming.worker import Parser
from tests.servers import Dovecot, Postfix
from tests.stories.conversation import Conversation, readable
from tests.stories.debian import Debian
from tests.stories.people import EVA, PEOPLE, SAM, html_only, quote_of, reply
from tests.stories.rig import DESK, TEAM, Clock, Rig, text_of
from tests.stories.test_questions import ask

pytestmark = pytest.mark.servers

GOLDEN = Path(__file__).parent / "golden" / "conversation"
NOOR = "noor@hogeschool.example"
ADVISER = "adviseur@hogeschool.example"
PARTIES = (NOOR, ADVISER, TEAM, SAM, EVA)
QUESTION = """\
Beste mensen,

Een bedrijf wil ons nieuwe lab betalen. Het vraagt of het de resultaten mag lezen voordat wij ze publiceren.
Kunnen wij dat doen, en welke afspraken raadt u ons aan?

Met vriendelijke groet,
Noor
"""
DETAILS = "Het bedrijf heet Voorbeeld BV. Het gaat om meetapparatuur.\n\nGroet,\nNoor"
ANSWER = """\
Beste Noor,

Dat kan, als u eerst drie dingen vastlegt:

1. U bepaalt zelf wat u publiceert, en wanneer.
2. Het bedrijf leest mee, maar houdt niets tegen.
3. De gegevens blijven bij de hogeschool.

Succes met het lab."""
IPHONE = """<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body dir="auto">
#Antwoord&nbsp;<div><br></div>{answer}<div><br id="lineBreakAtBeginningOfSignature">
<div dir="ltr">Verstuurd vanaf mijn iPhone</div><div dir="ltr"><br><blockquote type="cite">Op 3 jun 2026 om 11:30 heeft
Contactpunt &lt;desk@desk.example&gt; het volgende geschreven:<br><br></blockquote></div>
<blockquote type="cite"><div dir="ltr">{quote}</div></blockquote></div></body></html>"""
OUTLOOK = """

________________________________
Van: Contactpunt <desk@desk.example>
Verzonden: dinsdag 2 juni 2026 10:08
Aan: noor@hogeschool.example <noor@hogeschool.example>
Onderwerp: {subject}

{text}
"""


def hold_the_conversation(talk: Conversation) -> dict[str, EmailMessage]:
    """All of it, in order. Returns the letters by the name of their golden file."""
    got: dict[str, EmailMessage] = {}
    talk.at("2026-06-01T10:02+02:00")
    talk.arrives(ask(NOOR, QUESTION, subject="Geld voor een lab", headers=[("Cc", ADVISER)]))
    (got["01-ack"],) = talk.letters(NOOR, 1)
    (got["02-staff_new"],) = talk.letters(TEAM, 1)

    talk.arrives(reply(got["02-staff_new"], f"#pak{quote_of(got['02-staff_new'])}"))
    (got["03-receipt-take"],) = talk.letters(SAM, 1)

    talk.at("2026-06-02T10:05+02:00")
    asked = f"#vraag\n\nWelk bedrijf is het, en om welk onderzoek gaat het?\n{quote_of(got['03-receipt-take'])}"
    talk.arrives(reply(got["03-receipt-take"], asked))
    got["04-receipt-ask"] = talk.letters(SAM, 2)[1]
    talk.letters(NOOR, 1)  # nothing has left yet
    talk.at("2026-06-02T10:08+02:00")
    got["05-info_request"] = talk.letters(NOOR, 2)[1]
    assert talk.rig.tickets()[0].status is Status.WAITING_ASKER

    talk.at("2026-06-03T11:30+02:00")
    below = OUTLOOK.format(subject=got["05-info_request"]["Subject"], text=text_of(got["05-info_request"]))
    talk.arrives(reply(got["05-info_request"], DETAILS + below, NOOR, proof=""))
    got["06-staff_followup"] = talk.letters(SAM, 3)[2]  # Sam handles it, so the team hears no more of it
    assert talk.rig.tickets()[0].status is Status.IN_PROGRESS

    talk.at("2026-06-04T09:00+02:00")
    got["06b-staff_due"] = talk.letters(SAM, 4)[3]  # tomorrow is the date
    talk.arrives(from_an_iphone(got["06-staff_followup"]))
    got["07-receipt-answer"] = talk.letters(SAM, 5)[4]
    talk.at("2026-06-04T09:03+02:00")
    got["08-answer"] = talk.letters(NOOR, 3)[2]
    (got["09-answer-cc"],) = talk.letters(ADVISER, 1 + 1)[1:]

    talk.at("2026-06-04T09:40+02:00")
    talk.arrives(reply(got["08-answer"], f"Dank u wel!\n\nNoor{quote_of(got['08-answer'])}", NOOR, proof=""))
    got["10-staff_thanks"] = talk.letters(SAM, 6)[5]
    return got


def from_an_iphone(letter: EmailMessage) -> bytes:
    answer = "".join(f"<div>{line or '<br>'}</div>" for line in ANSWER.splitlines())
    quoted = text_of(letter).replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>\n")
    return html_only(reply(letter, "x", html=IPHONE.format(answer=answer, quote=quoted)))


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory, dovecot: Dovecot, postfix: Postfix) -> Iterator[Conversation]:
    debian = Debian(dovecot, postfix, dovecot.new_user())
    with Parser(Limits()) as parser:
        rig = Rig(tmp_path_factory.mktemp("talk"), debian, parser, PEOPLE, clock=Clock())  # type: ignore[arg-type]  # same shape
        yield Conversation(rig, dovecot, postfix, PARTIES)
        rig.close()


@pytest.fixture(scope="module")
def letters(talk: Conversation) -> dict[str, EmailMessage]:
    return hold_the_conversation(talk)


NAMES = (
    "01-ack", "02-staff_new", "03-receipt-take", "04-receipt-ask", "05-info_request", "06-staff_followup",
    "06b-staff_due", "07-receipt-answer", "08-answer", "10-staff_thanks",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_each_letter_of_the_conversation_reads_as_it_should(letters: dict[str, EmailMessage], name: str) -> None:
    assert readable(letters[name]) == (GOLDEN / f"{name}.txt").read_text()


def test_the_answer_is_nothing_but_what_stood_between_verb_and_signature(letters: dict[str, EmailMessage]) -> None:
    answer = text_of(letters["08-answer"])
    assert answer.startswith(ANSWER)
    assert "iPhone" not in answer
    assert "Voorbeeld BV" not in answer


def test_who_stood_in_cc_of_the_question_gets_the_very_same_answer(letters: dict[str, EmailMessage]) -> None:
    assert letters["09-answer-cc"]["Message-ID"] == letters["08-answer"]["Message-ID"]
    assert letters["08-answer"]["Cc"] == ADVISER


def test_the_whole_conversation_is_one_thread_for_the_asker(letters: dict[str, EmailMessage]) -> None:
    ack, asked, answer = letters["01-ack"], letters["05-info_request"], letters["08-answer"]
    assert asked["In-Reply-To"] == ack["Message-ID"]
    assert asked["Message-ID"] in answer["References"]


def test_the_clock_stood_still_while_the_desk_waited_and_the_promise_was_kept(
    talk: Conversation, letters: dict[str, EmailMessage]
) -> None:
    promises = talk.rig.dossier(talk.rig.tickets()[0]).promises
    dates = [(line.promised_on.isoformat(), line.state) for line in promises]
    # Two of the three working days were left on Tuesday: two after Wednesday is Friday.
    assert dates == [("2026-06-04", PromiseState.PAUSED), ("2026-06-05", PromiseState.KEPT)]


def test_thanks_open_nothing_and_after_a_quiet_fortnight_the_ticket_closes_without_a_letter(
    talk: Conversation, letters: dict[str, EmailMessage]
) -> None:
    talk.at("2026-06-18T09:30+02:00")
    assert talk.rig.tickets()[0].status is Status.ANSWERED
    talk.at("2026-06-18T09:50+02:00")
    assert talk.rig.tickets()[0].status is Status.CLOSED
    talk.letters(NOOR, 3)
    talk.letters(SAM, 6)
    talk.letters(TEAM, 1)


def test_every_text_of_the_conversation_is_on_record(talk: Conversation, letters: dict[str, EmailMessage]) -> None:
    dossier = talk.rig.dossier(talk.rig.tickets()[0])
    assert [entry.kind for entry in dossier.entries] == [
        EntryKind.QUESTION,
        EntryKind.ORDER,
        EntryKind.ORDER,
        EntryKind.INFO_REQUEST,
        EntryKind.FOLLOW_UP,
        EntryKind.ORDER,
        EntryKind.ANSWER,
        EntryKind.FOLLOW_UP,
    ]


def test_nothing_went_to_anybody_else(talk: Conversation, letters: dict[str, EmailMessage]) -> None:
    talk.letters(EVA, 0)
    assert DESK not in str(letters["08-answer"]["To"])
