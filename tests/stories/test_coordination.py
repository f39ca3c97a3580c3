"""Ministries are consulted: what can happen between them, the desk and the asker, beside stories 11 and 12."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from email.message import EmailMessage

import pytest

from ksmail.desk.arrival import Disposition
from ksmail.desk.consultation import Position, Stage
from ksmail.desk.ticket import EntryKind, Flag, Ground, PromiseState, Status
from tests.stories.people import (
    BZ,
    EVA,
    EZ,
    MINISTRIES,
    OCW,
    PEOPLE,
    ROBIN,
    SAM,
    html_only,
    last,
    quote_of,
    reply,
)
from tests.stories.rig import DESK, TEAM, Rig, text_of
from tests.stories.test_orders import REPORT
from tests.stories.test_questions import ask

ADVISER = "adviser@uni.example"
OBJECTION = "Wij hebben zorgen over de eigenaar van dit bedrijf."


@pytest.fixture
def desk(make_rig: Callable[..., Rig]) -> Rig:
    """A desk with ministries, and Robin's question with a file."""
    rig = make_rig(PEOPLE, partners=MINISTRIES)
    rig.take(ask(headers=[("Cc", ADVISER)], attachments=[("plan.pdf", "application/pdf", b"the plan")]))
    return rig


def order(rig: Rig, text: str) -> None:
    """Sam replies to the newest notice about the ticket, and the hold passes."""
    rig.take(reply((rig.letters(SAM) or rig.letters(TEAM))[-1], text))
    rig.clock.forward(minutes=3)
    rig.work()


def consulted(rig: Rig, *codes: str, more: str = "") -> None:
    order(rig, f"#afstemmen {' '.join(codes)}{more}\n")


def positions(rig: Rig) -> dict[str, tuple[Stage, Position | None]]:
    (ticket,) = rig.tickets()
    return {each.partner: (each.stage, each.position) for each in ticket.consultations}


def dates(rig: Rig) -> list[tuple[date, Ground, PromiseState]]:
    (ticket,) = rig.tickets()
    return [(line.promised_on, line.ground, line.state) for line in rig.dossier(ticket).promises]


# --- asking


def test_each_ministry_gets_a_mail_of_its_own_and_the_asker_one_notice_with_a_new_date(desk: Rig) -> None:
    consulted(desk, "BZ", "OCW", "EZK")
    for who, code in ((BZ, "BZ"), (OCW, "OCW"), (EZ, "EZ")):
        (request,) = desk.letters(who)
        assert (request["To"], request["Cc"], request["Bcc"]) == (who, None, None)
        assert request["Subject"] == f"[KV-2026-0001/{code}] Afstemming gevraagd, graag voor maandag 8 juni"
        assert request["Auto-Submitted"] is None  # the liaison's out-of-office is welcome
    _, notice = desk.letters(ROBIN)
    assert "Monday 15 June 2026" in text_of(notice)
    assert dates(desk) == [
        (date(2026, 6, 4), Ground.RECEIVED, PromiseState.MOVED),
        (date(2026, 6, 15), Ground.CONSULTED, PromiseState.OPEN),
    ]
    assert desk.tickets()[0].status is Status.COORDINATION


def test_a_second_ministry_adds_no_second_notice_as_long_as_the_date_stands(desk: Rig) -> None:
    consulted(desk, "BZ")
    desk.clock.forward(days=1)
    consulted(desk, "OCW")
    assert len(desk.letters(ROBIN)) == 2
    assert "graag voor dinsdag 9 juni" in desk.letters(OCW)[0]["Subject"]
    desk.clock.forward(days=9)  # Thursday: too late for Monday's promise
    consulted(desk, "EZ")
    assert "Thursday 25 June 2026" in text_of(desk.letters(ROBIN)[2])


def test_a_date_of_ones_own_moves_the_promise_behind_it(desk: Rig) -> None:
    consulted(desk, "BZ", more=" voor 2026-06-24")
    assert "graag voor woensdag 24 juni" in desk.letters(BZ)[0]["Subject"]
    assert desk.tickets()[0].promised_on == date(2026, 6, 26)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("#afstemmen BZZ", "BZ"),
        ("#afstemmen Defensie", "liaison"),
        ("#afstemmen BZ XYZ", "Defensie"),
        ("#afstemmen BZ voor 2026-06-06", "gesloten"),
        ("#deel BZ", "niet geraadpleegd"),
    ],
)
def test_an_order_about_ministries_that_cannot_be_carried_out_does_nothing_and_says_why(
    desk: Rig, line: str, says: str
) -> None:
    order(desk, f"{line}\n")
    assert says in text_of(last(desk, SAM))
    assert [who for who in (BZ, OCW, EZ) if desk.letters(who)] == []
    assert len(desk.letters(ROBIN)) == 1


def test_what_waits_can_still_be_called_back_and_then_nobody_was_asked(desk: Rig) -> None:
    desk.take(reply(desk.letters(TEAM)[0], "#afstemmen BZ OCW\n"))
    desk.take(reply(last(desk, SAM), "#stop\n"))
    desk.clock.forward(minutes=5)
    desk.work()
    assert desk.letters(BZ) == desk.letters(OCW) == []
    assert len(desk.letters(ROBIN)) == 1
    assert desk.tickets()[0].consultations == ()


def test_while_we_wait_for_the_asker_a_ministry_can_be_asked_and_his_reply_brings_the_date(desk: Rig) -> None:
    order(desk, "#vraag\n\nWhich company is it?\n")
    consulted(desk, "BZ")
    assert desk.tickets()[0].status is Status.WAITING_ASKER
    assert len(desk.letters(ROBIN)) == 2
    desk.take(reply(last(desk, ROBIN), "It is Example Limited.\n", ROBIN, proof=""))
    assert desk.tickets()[0].status is Status.COORDINATION
    assert "Wednesday 10 June 2026" in text_of(desk.letters(ROBIN)[2])  # Monday's reply, and two days to answer
    assert dates(desk)[-1] == (date(2026, 6, 10), Ground.CONSULTED, PromiseState.OPEN)


# --- what goes along


def test_case_140_by_default_a_ministry_reads_nothing_of_who_asks_and_nothing_of_another_ministry(desk: Rig) -> None:
    consulted(desk, "BZ", "OCW")
    for who, other in ((BZ, "ocw"), (OCW, "bz")):
        raw = desk.raw_letters(who)[0].decode().lower()
        for word in ("robin", "uni.example", "adviser", "plan.pdf", f"{other}.example", f"/{other}"):
            assert word not in raw, word
    tokens = {desk.letters(who)[0]["Message-ID"].split(".")[2] for who in (BZ, OCW)}
    assert len(tokens) == 2  # each can only speak for itself


def test_who_asks_is_only_told_after_a_yes_and_then_stands_in_the_register(desk: Rig) -> None:
    order(desk, "#afstemmen BZ +identiteit\n")
    assert desk.letters(BZ) == []
    confirm = last(desk, SAM)
    assert confirm["Subject"].endswith("Bevestig uw opdracht met JA")
    assert ROBIN in text_of(confirm)
    desk.take(reply(confirm, "ja\n"))
    desk.clock.forward(minutes=3)
    desk.work()
    (request,) = desk.letters(BZ)
    assert ROBIN in text_of(request)
    with desk.store.reading() as past:
        (line,) = [line for line in past.disclosures(desk.tickets()[0].reference) if line.recipient == BZ]
    assert (line.identity, line.files, line.by, line.certain) == (True, (), SAM, True)


def test_files_go_along_only_with_the_plus_word_and_then_stand_in_the_register(desk: Rig) -> None:
    consulted(desk, "BZ")
    consulted(desk, "OCW", more=" +bijlagen")
    files = {who: [part.get_filename() for part in desk.letters(who)[0].iter_attachments()] for who in (BZ, OCW)}
    assert files == {BZ: [], OCW: ["bijlage-1.pdf"]}  # its own name may say who asks
    with desk.store.reading() as past:
        lines = {line.recipient: line for line in past.disclosures(desk.tickets()[0].reference)}
    assert (lines[BZ].files, len(lines[OCW].files)) == ((), 1)


def test_a_file_of_one_ministry_never_goes_to_another(desk: Rig) -> None:
    consulted(desk, "BZ")
    secret = ("advies.pdf", "application/pdf", b"for the desk only")
    desk.take(reply(desk.letters(BZ)[0], "#aanvulling\n\nZie bijlage.\n", BZ, attachments=[secret]))
    consulted(desk, "OCW", more=" +bijlagen")
    assert [part.get_filename() for part in desk.letters(OCW)[0].iter_attachments()] == ["bijlage-1.pdf"]


def test_the_words_of_one_ministry_do_not_go_to_another_or_to_the_asker_by_hand(desk: Rig) -> None:
    consulted(desk, "BZ")
    desk.take(reply(desk.letters(BZ)[0], f"#bezwaar\n\n{OBJECTION}\n", BZ))
    for line in ("#afstemmen OCW", "#antwoord"):
        order(desk, f"{line}\n\nTer informatie: {OBJECTION}\n")
        assert "woorden van een ministerie" in text_of(last(desk, SAM))
    assert desk.letters(OCW) == []
    assert len(desk.letters(ROBIN)) == 2


# --- answers


@pytest.mark.parametrize(
    ("word", "position"),
    [
        ("#akkoord", Position.NO_OBJECTION),
        ("#ok", Position.NO_OBJECTION),
        ("#Bezwaar", Position.OBJECTION),
        ("# object", Position.OBJECTION),
        ("#aanvulling: let op de eigenaar", Position.INPUT),
        ("#niet van ons", Position.NOT_OURS),
        ("Wij denken er nog over na.", Position.INPUT),
        ("#bezwar\n\nDit moet u niet doen.", Position.INPUT),
        ("#akkoord\n#bezwaar", Position.INPUT),
    ],
)
def test_a_ministry_answers_in_one_word_or_in_its_own(desk: Rig, word: str, position: Position) -> None:
    consulted(desk, "BZ")
    desk.take(reply(desk.letters(BZ)[0], f"{word}\n{quote_of(desk.letters(BZ)[0])}", BZ))
    assert positions(desk) == {"BZ": (Stage.REPLIED, position)}
    assert desk.tickets()[0].status is Status.IN_PROGRESS
    assert "KV-2026-0001" in last(desk, SAM if desk.tickets()[0].assignee else TEAM)["Subject"]


OUTLOOK = """{own}

________________________________
Van: Contactpunt <desk@desk.example>
Verzonden: maandag 1 juni 2026 10:05
Aan: liaison@bz.example <liaison@bz.example>
Onderwerp: {subject}

{quote}
"""
GMAIL = """<div dir="ltr">{own}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">Op ma 1 jun 2026 om
10:05 schreef Contactpunt &lt;<a href="mailto:desk@desk.example">desk@desk.example</a>&gt;:<br></div>
<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid #ccc;padding-left:1ex">{quote}
</blockquote></div>"""
APPLE = """{own}

> Op 1 jun 2026, om 10:05 heeft Contactpunt <desk@desk.example> het volgende geschreven:
>
{marked}
"""
PHONE = """<html><body dir="auto">{own}<div><br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Verstuurd vanaf mijn
iPhone</div><div dir="ltr"><br><blockquote type="cite">Op 1 jun 2026 om 10:05 heeft Contactpunt
&lt;desk@desk.example&gt; het volgende geschreven:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">
{quote}</div></blockquote></div></body></html>"""
CLIENTS = {"outlook": OUTLOOK, "gmail": GMAIL, "apple": APPLE, "phone": PHONE}
PREFIXES = {"outlook": "RE: ", "gmail": "Re: ", "apple": "Antw: ", "phone": "Re: "}


def written_with(client: str, request: EmailMessage, own: str) -> bytes:
    """A reply of which a mail server rewrote every Message-ID: only the subject and the quotation survived."""
    quote, page = text_of(request), CLIENTS[client].startswith("<")
    shown = quote.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>\n") if page else quote
    marked = "\n".join(f"> {line}" for line in quote.splitlines())
    body = CLIENTS[client].format(own=own, subject=request["Subject"], quote=shown, marked=marked)
    subject = f"{PREFIXES[client]}{request['Subject']}"
    strange = [("In-Reply-To", "<rewritten@gateway.example>"), ("References", "<rewritten@gateway.example>")]
    facts = {"thread": False, "headers": strange, "to": DESK, "subject": subject}
    if page:
        return html_only(reply(request, "x", BZ, html=body, **facts))  # type: ignore[arg-type]  # mixed facts
    return reply(request, body, BZ, **facts)  # type: ignore[arg-type]  # mixed facts


@pytest.mark.parametrize("client", CLIENTS)
def test_a_reply_of_which_only_the_subject_survived_finds_its_consultation(desk: Rig, client: str) -> None:
    consulted(desk, "BZ", "OCW")
    own = f"#bezwaar<br><br>{OBJECTION}" if CLIENTS[client].startswith("<") else f"#bezwaar\n\n{OBJECTION}"
    desk.take(written_with(client, desk.letters(BZ)[0], own))
    assert positions(desk) == {"BZ": (Stage.REPLIED, Position.OBJECTION), "OCW": (Stage.SENT, None)}
    assert OBJECTION.split()[2] in text_of(last(desk, TEAM))


@pytest.mark.parametrize("plus", ["true", "false"])
@pytest.mark.parametrize("survives", ["thread", "address", "link", "subject"])
def test_any_one_carrier_finds_the_consultation_whether_or_not_addresses_take_a_plus(
    make_rig: Callable[..., Rig], plus: str, survives: str
) -> None:
    rig = make_rig(PEOPLE, partners=MINISTRIES, environ={"KSMAIL_LETTERS__PLUS_ADDRESSING": plus})
    rig.take(ask())
    consulted(rig, "BZ", "OCW")
    request = rig.letters(BZ)[0]
    token = request["Message-ID"].strip("<>").rpartition(".")[0]
    facts: dict[str, object] = {"thread": survives == "thread", "subject": "Re: uw vraag", "to": DESK}
    if survives == "address":
        facts["to"] = request["Reply-To"]
        facts["thread"] = plus == "false"  # without a plus the address carries nothing
    if survives == "link":
        facts["subject"] = f"[KV-2026-0001/BZ] #akkoord ({token})"
    if survives == "subject":
        facts["subject"] = f"Antw: {request['Subject']}"
    rig.take(reply(request, "#akkoord\n", BZ, **facts))  # type: ignore[arg-type]  # mixed facts
    assert positions(rig) == {"BZ": (Stage.REPLIED, Position.NO_OBJECTION), "OCW": (Stage.SENT, None)}


def test_one_who_answers_for_two_ministries_is_heard_for_the_one_in_the_subject(make_rig: Callable[..., Rig]) -> None:
    both = MINISTRIES.replace("kennis@ocw.example", "liaison@bz.example").replace('"ocw.example"', '"bz.example"')
    rig = make_rig(PEOPLE, partners=both)
    rig.take(ask())
    consulted(rig, "BZ")
    consulted(rig, "OCW")
    facts = {"thread": False, "to": DESK, "subject": f"Re: {rig.letters(BZ)[1]['Subject']}"}
    rig.take(reply(rig.letters(BZ)[1], "#bezwaar\n", BZ, **facts))  # type: ignore[arg-type]  # mixed facts
    assert positions(rig) == {"BZ": (Stage.SENT, None), "OCW": (Stage.REPLIED, Position.OBJECTION)}


@pytest.mark.parametrize("proof", ["fail", "none", ""])
def test_a_mail_in_the_name_of_a_ministry_that_is_not_proven_is_held(desk: Rig, proof: str) -> None:
    consulted(desk, "BZ")
    desk.take(reply(desk.letters(BZ)[0], "#akkoord\n", BZ, proof=proof))
    assert positions(desk) == {"BZ": (Stage.SENT, None)}
    assert desk.balance()[Disposition.HELD] == 1


def test_what_staff_release_counts_and_bears_a_mark(desk: Rig) -> None:
    consulted(desk, "BZ")
    desk.take(reply(desk.letters(BZ)[0], "#akkoord\n", BZ, proof="none"))
    desk.take(reply(last(desk, TEAM), "#vrijgeven\n"))
    desk.work()
    assert positions(desk) == {"BZ": (Stage.REPLIED, Position.NO_OBJECTION)}
    assert Flag.PARTNER_UNPROVEN in desk.tickets()[0].flags


def test_another_ministry_cannot_speak_for_this_one(desk: Rig) -> None:
    consulted(desk, "BZ", "OCW")
    desk.take(reply(desk.letters(BZ)[0], "#akkoord\n", OCW))  # it was forwarded
    assert positions(desk) == {"BZ": (Stage.SENT, None), "OCW": (Stage.SENT, None)}
    (note,) = [entry for entry in desk.dossier(desk.tickets()[0]).entries if entry.author.spec == OCW]
    assert note.kind is EntryKind.NOTE


def test_a_ministry_that_writes_to_the_asker_is_stored_and_staff_are_warned(desk: Rig) -> None:
    consulted(desk, "BZ")
    request = desk.letters(BZ)[0]
    desk.take(reply(request, f"{OBJECTION}\n", BZ, to=f"{ROBIN}, {DESK}"))
    assert positions(desk) == {"BZ": (Stage.SENT, None)}
    assert Flag.PARTNER_WROTE_TO_ASKER in desk.tickets()[0].flags
    assert "vraagsteller" in text_of(last(desk, TEAM))
    assert len(desk.letters(ROBIN)) == 2


def test_the_asker_who_was_forwarded_a_request_leaves_a_note_for_staff(desk: Rig) -> None:
    consulted(desk, "BZ")
    desk.take(reply(desk.letters(BZ)[0], "What is this about?\n", ROBIN, proof="pass"))
    assert positions(desk) == {"BZ": (Stage.SENT, None)}
    notes = [entry for entry in desk.dossier(desk.tickets()[0]).entries if entry.kind is EntryKind.NOTE]
    assert [note.author.spec for note in notes] == [ROBIN]


def test_the_out_of_office_of_a_liaison_is_told_to_staff_with_its_date(desk: Rig) -> None:
    consulted(desk, "BZ")
    away = "Ik ben afwezig van 1 juni tot en met 12 juni 2026. Daarna lees ik uw bericht.\n"
    machine = [("Auto-Submitted", "auto-replied")]
    desk.take(reply(desk.letters(BZ)[0], away, BZ, headers=machine, subject="Automatisch antwoord: Afstemming"))
    assert positions(desk) == {"BZ": (Stage.SENT, None)}
    assert "12 juni 2026" in text_of(last(desk, TEAM))


def test_a_request_that_comes_back_is_told_to_staff_and_nobody_waits_for_it(desk: Rig) -> None:
    consulted(desk, "BZ")
    request = desk.letters(BZ)[0]
    report = REPORT.format(to=DESK, recipient=BZ, message_id=request["Message-ID"]).replace("\n", "\r\n")
    desk.take(report.encode())
    assert positions(desk) == {"BZ": (Stage.RETURNED, None)}
    assert desk.tickets()[0].status is Status.IN_PROGRESS
    assert BZ in text_of(last(desk, TEAM))


def test_an_answer_after_the_question_was_answered_is_stored_and_told(desk: Rig) -> None:
    consulted(desk, "BZ", "OCW")
    order(desk, "#antwoord\n\nYes, if you agree on publication first.\n")
    desk.work()
    for who in (BZ, OCW):
        assert "hoeft niet meer te antwoorden" in text_of(desk.letters(who)[1])
    desk.take(reply(desk.letters(BZ)[0], f"#bezwaar\n\n{OBJECTION}\n", BZ))
    assert desk.tickets()[0].status is Status.ANSWERED
    assert positions(desk)["BZ"] == (Stage.REPLIED, Position.OBJECTION)
    assert OBJECTION in " ".join(text_of(last(desk, SAM if desk.tickets()[0].assignee else TEAM)).split())


def test_silence_never_blocks_an_answer(desk: Rig) -> None:
    consulted(desk, "BZ")
    order(desk, "#antwoord\n\nYes.\n")
    assert desk.tickets()[0].status is Status.ANSWERED
    desk.clock.forward(days=12)
    desk.work()
    assert len(desk.letters(BZ)) == 2  # the request and the goodbye: nobody is reminded any more


def test_what_the_asker_adds_is_passed_on_when_staff_say_so(desk: Rig) -> None:
    consulted(desk, "BZ")
    desk.take(reply(last(desk, ROBIN), "The owner is Example Holding.\n\nKind regards,\nRobin\n", ROBIN, proof="pass"))
    notice = last(desk, TEAM)
    assert "%23bijpraten%20BZ" in text_of(notice)
    assert len(desk.letters(BZ)) == 1
    desk.take(reply(notice, "#bijpraten BZ\n"))
    desk.clock.forward(minutes=3)
    desk.work()
    update = desk.letters(BZ)[1]
    assert "Example Holding" in text_of(update)
    assert "Robin" not in update.as_string()
    assert update["In-Reply-To"] == desk.letters(BZ)[0]["Message-ID"]


def test_a_ministry_that_is_let_go_is_told_and_not_awaited(desk: Rig) -> None:
    consulted(desk, "BZ", "OCW")
    order(desk, "#intrekken BZ\n")
    assert positions(desk) == {"BZ": (Stage.WITHDRAWN, None), "OCW": (Stage.SENT, None)}
    assert "hoeft niet meer te antwoorden" in text_of(desk.letters(BZ)[1])


def test_a_question_that_is_put_into_another_takes_its_ministries_along(desk: Rig) -> None:
    consulted(desk, "BZ")
    desk.take(ask(text="And may two of us visit their plant?\n", headers=[("Cc", ADVISER)]))
    desk.take(reply(desk.letters(TEAM)[0], "#samenvoegen KV-2026-0002\n"))
    first, second = desk.tickets()
    assert first.merged_into == second.reference
    desk.take(reply(desk.letters(BZ)[0], "#bezwaar\n", BZ))
    _, second = desk.tickets()
    found = second.consultation("BZ")
    assert found is not None
    assert (found.stage, found.position) == (Stage.REPLIED, Position.OBJECTION)


def test_a_closed_question_lets_its_ministries_go(desk: Rig) -> None:
    consulted(desk, "BZ")
    order(desk, "#sluit ingetrokken\n")
    desk.work()
    assert desk.tickets()[0].status is Status.CLOSED
    assert "hoeft niet meer te antwoorden" in text_of(desk.letters(BZ)[1])


def test_a_classified_answer_is_put_aside_and_quoted_to_nobody(desk: Rig) -> None:
    consulted(desk, "BZ")
    marked = "DEPARTEMENTAAL VERTROUWELIJK\n\nDe eigenaar staat op een lijst.\n"
    desk.take(reply(desk.letters(BZ)[0], marked, BZ))
    assert positions(desk) == {"BZ": (Stage.SENT, None)}
    assert desk.balance()[Disposition.QUARANTINED] == 1
    assert all("lijst" not in text_of(letter) for letter in desk.letters(TEAM))


def test_words_with_a_marking_do_not_leave(desk: Rig) -> None:
    order(desk, "#afstemmen BZ\n\nDit stuk is Dep.V. en gaat over een laboratorium.\n")
    assert desk.letters(BZ) == []


# --- many at once

SEVEN = ("AZ", "BK", "DE", "EZ", "JV", "LV", "OC")


def seven() -> str:
    """Seven ministries, as many as the desk's own."""
    return "".join(
        f'[[partner]]\ncode = "{code}"\nname_nl = "Ministerie {code}"\nname_en = "Ministry {code}"\n'
        f'domains = ["{code.lower()}.example"]\nliaison = "liaison@{code.lower()}.example"\n'
        for code in SEVEN
    )


def test_seven_ministries_are_seven_mails_one_notice_one_table_and_one_answer(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(PEOPLE, partners=seven())
    rig.take(ask())
    consulted(rig, *SEVEN)
    requests = {code: rig.letters(f"liaison@{code.lower()}.example") for code in SEVEN}
    assert [len(letters) for letters in requests.values()] == [1] * 7
    assert len(rig.letters(ROBIN)) == 2
    for code in SEVEN:
        rig.take(reply(requests[code][0], "#akkoord\n", f"liaison@{code.lower()}.example"))
    table = text_of(last(rig, TEAM))
    assert [code for code in SEVEN if f"{code} (Ministerie {code}): geen bezwaar" in table] == list(SEVEN)
    order(rig, "#antwoord\n\nYes, you may.\n")
    assert len(rig.letters(ROBIN)) == 3
    with rig.store.reading() as past:
        assert len(past.disclosures(rig.tickets()[0].reference)) == 10  # an acknowledgement, a notice, seven, an answer


# --- suggestions

RULES = """
[[suggest]]
words = ["laboratory", "laboratorium"]
partners = ["OCW", "BZ"]
"""


def test_words_of_a_topic_suggest_ministries_in_the_notice(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(PEOPLE + RULES, partners=MINISTRIES)
    rig.take(ask())
    assert "%23afstemmen%20OCW%20BZ" in text_of(rig.letters(TEAM)[0])
    assert rig.letters(OCW) == []


def test_a_rule_may_send_the_copy_by_itself_and_it_can_be_called_back(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(PEOPLE + RULES + "copy = true\n", partners=MINISTRIES)
    rig.take(ask(), ask("sanne@uni.example"))
    assert rig.letters(OCW) == []
    rig.take(reply(rig.letters(TEAM)[0], "#stop\n"))
    rig.clock.forward(minutes=3)
    rig.work()
    (request,) = rig.letters(OCW)
    assert "KV-2026-0002/OCW" in request["Subject"]
    assert "sanne" not in request.as_string().lower()
    assert (len(rig.letters(ROBIN)), len(rig.letters("sanne@uni.example"))) == (1, 2)


# --- neutrality


@pytest.mark.parametrize("other", ["Iran", "Canada", "Noord-Korea", "België"])
def test_story_20_another_country_changes_nothing_in_a_consultation(make_rig: Callable[..., Rig], other: str) -> None:
    text = "Mag een collega uit {} in ons laboratorium werken? De ambassade van {} betaalt het verblijf.\n\nRobin\n"
    results = []
    for name, country in (("one", "China"), ("two", other)):
        rig = make_rig(PEOPLE + RULES, name=name, partners=MINISTRIES)
        raw = ask(text=text.format(country, country), message_id="<fixed@uni.example>", subject=f"Bezoek uit {country}")
        rig.take(raw)
        consulted(rig, "BZ", "OCW")
        rig.take(reply(rig.letters(BZ)[0], "#bezwaar\n", BZ, message_id=f"<bz-{name}@bz.example>"))
        rig.clock.moment = rig.clock.moment.replace(day=8, hour=8)
        rig.work()
        rig.take(reply(rig.letters(OCW)[1], "#akkoord\n", OCW, message_id=f"<ocw-{name}@ocw.example>"))
        order(rig, "#antwoord\n\nJa, als u vooraf afspraken maakt.\n")
        rig.work()
        letters = [text_of(letter) for who in (ROBIN, BZ, OCW, TEAM, EVA) for letter in rig.letters(who)]
        words = sorted(_plain(text, country) for text in letters)  # those that leave together come in any order
        results.append((rig.tickets()[0].promised_on, dates(rig), rig.reasons(), positions(rig), words))
    assert results[0] == results[1]


def _plain(text: str, country: str) -> str:
    """Without the country, the references that no two desks share, and the line ends that a longer word moves."""
    text = re.sub(r"kv-2026-0001\.[aspo]\.[a-z0-9.]+", "TOKEN", text.replace(country, "LAND"))
    return " ".join(re.sub(r"[|>]", " ", text).split())


# --- cases 143 and 145


def test_case_143_a_mail_with_the_references_of_two_ministries_is_held(desk: Rig) -> None:
    consulted(desk, "BZ")
    desk.take(ask("sanne@uni.example", "And may we take their money?\n"))
    rig_notice = last(desk, TEAM)
    desk.take(reply(rig_notice, "#afstemmen BZ\n"))
    desk.clock.forward(minutes=3)
    desk.work()
    first, second = desk.letters(BZ)
    both = f"{first['Message-ID']} {second['Message-ID']}"
    heads = [("In-Reply-To", both), ("References", both)]
    desk.take(reply(first, "#akkoord\n", BZ, thread=False, headers=heads, subject="Re: uw vragen"))
    assert [ticket.consultations[0].stage for ticket in desk.tickets()] == [Stage.SENT, Stage.SENT]
    assert desk.balance()[Disposition.HELD] == 1


def test_case_145_a_liaison_at_an_unusual_domain_is_confirmed_before_the_first_letter(
    make_rig: Callable[..., Rig],
) -> None:
    rig = make_rig(PEOPLE, partners=MINISTRIES.replace("liaison@bz.example", "liaison@bz-consult.example"))
    rig.take(ask())
    strange = "liaison@bz-consult.example"
    rig.take(reply(rig.letters(TEAM)[0], "#afstemmen BZ\n"))
    confirm = last(rig, SAM)
    assert strange in text_of(confirm)
    rig.take(reply(confirm, "ja\n"))
    rig.clock.forward(minutes=3)
    rig.work()
    assert len(rig.letters(strange)) == 1
    rig.take(reply(last(rig, TEAM), "#bijpraten BZ\n\nHet bedrijf heet Voorbeeld BV.\n"))
    rig.clock.forward(minutes=3)
    rig.work()
    assert len(rig.letters(strange)) == 2  # known by now


def test_case_145_an_asker_at_a_domain_one_letter_off_a_known_one_is_confirmed_before_the_first_answer(
    make_rig: Callable[..., Rig],
) -> None:
    rig = make_rig(PEOPLE, partners=MINISTRIES.replace('"ocw.example"', '"ministry-ocw.example"'))
    rig.take(ask("robin@minlstry-ocw.example"))
    rig.take(reply(rig.letters(TEAM)[0], "#antwoord\n\nYes.\n"))
    assert "minlstry-ocw.example" in text_of(last(rig, SAM))
    assert last(rig, SAM)["Subject"].endswith("Bevestig uw opdracht met JA")


def test_a_letter_to_a_partner_is_never_proof_of_staff(desk: Rig) -> None:
    consulted(desk, "BZ")
    desk.take(reply(desk.letters(BZ)[0], "#antwoord\n\nGo ahead.\n", SAM))
    assert desk.balance()[Disposition.HELD] == 1
    desk.take(reply(desk.letters(BZ)[0], "#antwoord\n\nGo ahead.\n", BZ))
    desk.clock.forward(minutes=3)
    desk.work()
    assert positions(desk) == {"BZ": (Stage.REPLIED, Position.INPUT)}
    assert len(desk.letters(ROBIN)) == 2
