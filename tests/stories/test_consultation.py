"""Stories 11 and 12 over Dovecot and Postfix: two ministries, one objects, one is late and answers from another
address; with every letter as it reached its reader. `python -m tests.stories.renew_golden` writes the letters anew;
read the difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from ksmail.desk.consultation import Position, Stage
from ksmail.desk.ticket import EntryKind, Flag, Ground, PromiseState, Status
from ksmail.incoming.limits import Limits
from ksmail.incoming.worker import Parser
from tests.servers import Dovecot, Postfix
from tests.stories.conversation import Conversation, readable
from tests.stories.debian import Debian
from tests.stories.people import BZ, EVA, MINISTRIES, OCW, PEOPLE, SAM, html_only, quote_of, reply
from tests.stories.rig import TEAM, Clock, Rig, text_of
from tests.stories.test_questions import ask

pytestmark = pytest.mark.servers

GOLDEN = Path(__file__).parent / "golden" / "consultation"
RUTH = "r.zonneveld@hogeschool.example"
ADVISER = "adviseur@hogeschool.example"
COLLEAGUE, PRIVATE = "j.prins@ocw.example", "jprins@freemail.example"
PARTIES = (RUTH, ADVISER, TEAM, SAM, EVA, BZ, OCW, COLLEAGUE, PRIVATE)
QUESTION = """\
Beste mensen,

Wij willen meetgegevens over satellieten delen met een laboratorium in het buitenland. Ruth Zonneveld leidt het werk.
Mag dat, en wat moeten wij eerst regelen? U bereikt mij op 06 12 34 56 78.

Met vriendelijke groet,
Ruth Zonneveld
Hogeschool Voorbeeld
r.zonneveld@hogeschool.example
"""
OBJECTION = "Dit laboratorium werkt ook voor een leger. Wij raden af om ruwe gegevens te delen."
LATE = "Wat ons betreft kan het, als de gegevens eerst bewerkt zijn."
ANSWER = "Beste Ruth,\n\nDeel geen ruwe gegevens. Bewerkte gegevens mag u delen als u vooraf afspreekt waarvoor.\n"
GMAIL = """<div dir="ltr"><div dir="ltr">#bezwaar</div><div><br></div><div>{text}</div></div><br>
<div class="gmail_quote"><div dir="ltr" class="gmail_attr">Op ma 1 jun 2026 om 10:08 schreef Contactpunt
&lt;<a href="mailto:desk@desk.example">desk@desk.example</a>&gt;:<br></div><blockquote class="gmail_quote"
style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">{quote}</blockquote></div>"""


def hold_the_consultation(talk: Conversation) -> dict[str, EmailMessage]:
    """All of it, in order. Returns the letters by the name of their golden file."""
    got: dict[str, EmailMessage] = {}
    ask_two_ministries(talk, got)
    wait_for_the_late_one(talk, got)
    hear_it_after_all(talk, got)
    share_and_answer(talk, got)
    return got


def ask_two_ministries(talk: Conversation, got: dict[str, EmailMessage]) -> None:
    """The question; both are asked, the asker is told; one objects."""
    talk.at("2026-06-01T10:02+02:00")
    talk.arrives(ask(RUTH, QUESTION, subject="Satellietgegevens", headers=[("Cc", ADVISER)]))
    talk.letters(RUTH, 1)
    (notice,) = talk.letters(TEAM, 1)
    talk.arrives(reply(notice, f"#pak\n#afstemmen BuZa en OCW{quote_of(notice)}"))
    (got["01-receipt-consult"],) = talk.letters(SAM, 1)

    talk.at("2026-06-01T10:05+02:00")
    got["02-coordination_notice"] = talk.letters(RUTH, 2)[1]
    (got["03-partner_request-bz"],) = talk.letters(BZ, 1)
    (got["04-partner_request-ocw"],) = talk.letters(OCW, 1)

    talk.at("2026-06-03T15:20+02:00")
    talk.arrives(from_gmail(got["03-partner_request-bz"]))
    got["05-staff_partner_reply-objection"] = talk.letters(SAM, 2)[1]


def wait_for_the_late_one(talk: Conversation, got: dict[str, EmailMessage]) -> None:
    """Its date comes and goes."""
    talk.at("2026-06-08T08:59+02:00")
    talk.letters(OCW, 1)  # nobody is rung before nine
    talk.at("2026-06-08T09:00+02:00")
    got["06-partner_reminder"] = talk.letters(OCW, 2)[1]
    talk.at("2026-06-09T09:00+02:00")
    talk.letters(OCW, 2)

    talk.at("2026-06-10T09:00+02:00")
    got["07-staff_due-silent"] = talk.letters(SAM, 3)[2]
    (got["08-coordinator-silent"],) = talk.letters(EVA, 1)
    assert talk.rig.tickets()[0].status is Status.IN_PROGRESS


def hear_it_after_all(talk: Conversation, got: dict[str, EmailMessage]) -> None:
    """From elsewhere, which does not count, then from a colleague: the two do not agree."""
    talk.at("2026-06-11T11:00+02:00")
    talk.arrives(reply(got["06-partner_reminder"], LATE, PRIVATE, subject="Re: kennisveiligheid"))
    got["09-staff_partner_reply-elsewhere"] = talk.letters(SAM, 4)[3]
    assert talk.rig.tickets()[0].consultation("OCW").position is None  # type: ignore[union-attr]  # it was asked
    late = f"#akkoord\n\n{LATE}{quote_of(got['06-partner_reminder'])}"
    talk.arrives(reply(got["06-partner_reminder"], late, COLLEAGUE))
    both = sorted(talk.letters(SAM, 6)[4:], key=lambda letter: "niet eens" in str(letter["Subject"]))  # in any order
    got["10-staff_partner_reply-late"], got["11-staff_disagreement"] = both
    got["12-coordinator-disagreement"] = talk.letters(EVA, 2)[1]


def share_and_answer(talk: Conversation, got: dict[str, EmailMessage]) -> None:
    """One position is shown to the other; the asker reads a later date, and then the answer."""
    talk.arrives(reply(got["11-staff_disagreement"], f"#deel BZ{quote_of(got['11-staff_disagreement'])}"))
    got["13-receipt-share"] = talk.letters(SAM, 7)[6]
    talk.at("2026-06-11T11:03+02:00")
    got["14-partner_shared"] = talk.letters(OCW, 3)[2]
    talk.arrives(reply(got["13-receipt-share"], "#uitstel 2026-06-19 de ministeries zijn het niet eens\n"))
    got["15-receipt-extend"] = talk.letters(SAM, 8)[7]
    talk.at("2026-06-11T11:06+02:00")
    got["16-delay_notice"] = talk.letters(RUTH, 3)[2]

    talk.at("2026-06-17T14:00+02:00")
    talk.arrives(reply(got["15-receipt-extend"], f"#antwoord\n\n{ANSWER}{quote_of(got['15-receipt-extend'])}"))
    talk.letters(SAM, 9)
    talk.at("2026-06-17T14:03+02:00")
    talk.rig.work()
    got["17-answer"] = talk.letters(RUTH, 4)[3]
    got["18-partner_outcome"] = talk.letters(OCW, 4)[3]  # it wants to know; BZ does not
    talk.letters(BZ, 1)


def from_gmail(letter: EmailMessage) -> bytes:
    quoted = text_of(letter).replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>\n")
    return html_only(reply(letter, "x", BZ, html=GMAIL.format(text=OBJECTION, quote=quoted)))


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory, dovecot: Dovecot, postfix: Postfix) -> Iterator[Conversation]:
    debian = Debian(dovecot, postfix, dovecot.new_user())
    folder = tmp_path_factory.mktemp("consultation")
    with Parser(Limits()) as parser:
        rig = Rig(folder, debian, parser, PEOPLE, partners=MINISTRIES, clock=Clock())  # type: ignore[arg-type]  # same shape
        yield Conversation(rig, dovecot, postfix, PARTIES)
        rig.close()


@pytest.fixture(scope="module")
def letters(talk: Conversation) -> dict[str, EmailMessage]:
    return hold_the_consultation(talk)


NAMES = (
    "01-receipt-consult", "02-coordination_notice", "03-partner_request-bz", "04-partner_request-ocw",
    "05-staff_partner_reply-objection", "06-partner_reminder", "07-staff_due-silent", "08-coordinator-silent",
    "09-staff_partner_reply-elsewhere", "10-staff_partner_reply-late", "11-staff_disagreement",
    "12-coordinator-disagreement", "13-receipt-share", "14-partner_shared", "15-receipt-extend", "16-delay_notice",
    "17-answer", "18-partner_outcome",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_each_letter_of_the_consultation_reads_as_it_should(letters: dict[str, EmailMessage], name: str) -> None:
    assert readable(letters[name]) == (GOLDEN / f"{name}.txt").read_text()


def test_story_11_the_asker_reads_dates_and_never_a_reason_or_a_ministry(letters: dict[str, EmailMessage]) -> None:
    told = [str(letters[name]) for name in ("02-coordination_notice", "16-delay_notice", "17-answer")]
    assert ["15 juni 2026" in told[0], "19 juni 2026" in told[1]] == [True, True]
    for text in told:
        assert not re.search(r"\bBZ\b|OCW|Buitenlandse|Onderwijs|bz\.example|ocw\.example|niet eens|leger", text)


def test_story_11_a_ministry_reads_nothing_of_the_asker_or_of_the_other_one(letters: dict[str, EmailMessage]) -> None:
    for name in ("03-partner_request-bz", "04-partner_request-ocw", "06-partner_reminder", "18-partner_outcome"):
        text = letters[name].as_string()
        other = "ocw" if name.endswith("bz") else "bz\\.|buitenlandse|leger"
        assert not re.search(rf"ruth|zonneveld|adviseur|hogeschool\.example|06 12|{other}", text, re.IGNORECASE)


def test_story_11_what_was_shared_names_the_ministry_and_not_who_wrote_it(letters: dict[str, EmailMessage]) -> None:
    text = letters["14-partner_shared"].as_string()
    assert OBJECTION[:30] in text_of(letters["14-partner_shared"])
    assert "bz.example" not in text


def test_story_11_positions_stand_side_by_side_for_staff_and_the_coordinator(letters: dict[str, EmailMessage]) -> None:
    for name in ("11-staff_disagreement", "12-coordinator-disagreement"):
        text = " ".join(text_of(letters[name]).split())
        assert "ook voor een leger" in text
        assert "als de gegevens eerst bewerkt zijn" in text


def test_story_11_every_promise_is_accounted_for(talk: Conversation, letters: dict[str, EmailMessage]) -> None:
    promises = talk.rig.dossier(talk.rig.tickets()[0]).promises
    assert [(line.promised_on.isoformat(), line.ground, line.state) for line in promises] == [
        ("2026-06-04", Ground.RECEIVED, PromiseState.MOVED),
        ("2026-06-15", Ground.CONSULTED, PromiseState.MOVED),
        ("2026-06-19", Ground.EXTENDED, PromiseState.KEPT),
    ]


def test_story_12_another_address_of_the_ministry_counts_and_is_flagged(
    talk: Conversation, letters: dict[str, EmailMessage]
) -> None:
    ticket = talk.rig.tickets()[0]
    ocw = ticket.consultation("OCW")
    assert ocw is not None
    assert (ocw.stage, ocw.position) == (Stage.REPLIED, Position.NO_OBJECTION)
    assert Flag.PARTNER_COLLEAGUE in ticket.flags


def test_story_12_a_private_address_leaves_a_note_and_no_position(
    talk: Conversation, letters: dict[str, EmailMessage]
) -> None:
    ticket = talk.rig.tickets()[0]
    entries = talk.rig.dossier(ticket).entries
    (note,) = [entry for entry in entries if entry.author.spec == PRIVATE]
    assert note.kind is EntryKind.NOTE
    assert Flag.PARTNER_ELSEWHERE in ticket.flags


def test_the_register_holds_every_letter_that_left_the_desk(
    talk: Conversation, letters: dict[str, EmailMessage]
) -> None:
    with talk.rig.store.reading() as past:
        lines = past.disclosures(talk.rig.tickets()[0].reference)
    told = {who: [line.kind for line in lines if line.recipient == who] for who in (RUTH, ADVISER, BZ, OCW)}
    assert told == {
        RUTH: ["ack", "coordination_notice", "delay_notice", "answer"],
        ADVISER: ["answer"],
        BZ: ["partner_request"],
        OCW: ["partner_request", "partner_reminder", "partner_shared", "partner_outcome"],
    }
    assert len(lines) == 10
    assert {line.by for line in lines} == {"", SAM}
    assert not any(line.identity or line.files for line in lines)
