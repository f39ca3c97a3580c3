"""What is meant for some stays with them: cases 138 to 142 and 144 of the reliability bar.

Case 137, the long random run, is in test_canaries.py; case 143 in test_tickets_hijacked.py.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path

import pytest

from ksmail import log
from ksmail.clerk import Clerk, Judged
from ksmail.demo.servers import Servers
from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import EntryKind
from ksmail.errors import UnreadableMail
from ksmail.health import read_health
from ksmail.incoming.identity import Role
from ksmail.incoming.message import Message
from ksmail.store.store import Reader
from ksmail.store.values import Pending
from tests.front.program import Running
from tests.front.test_daemon import QUIET
from tests.front.test_daemon import desk as daemon
from tests.stories.people import EVA, PEOPLE, ROBIN, SAM, last, quote_of, reply
from tests.stories.rig import DESK, TEAM, Rig, text_of
from tests.stories.test_questions import ask
from tests.stories.unharmed import accounted, held_over, outsiders, unharmed

MALLORY = "mallory@x.example"
NOTE = "Between us: the ministry has doubts about this company and its owner in the capital."
CANARY = "kanarie"


@pytest.fixture
def desk(make_rig: Callable[..., Rig]) -> Rig:
    """A desk with Robin's question, and its adviser in Cc."""
    rig = make_rig(PEOPLE)
    rig.take(ask(headers=[("Cc", "adviser@uni.example")]))
    return rig


def notice(rig: Rig) -> EmailMessage:
    return rig.letters(TEAM)[0]


def answers(rig: Rig) -> list[EmailMessage]:
    """What Robin got beside the acknowledgement."""
    return rig.letters(ROBIN)[1:]


def test_case_138_an_answer_to_all_goes_to_those_in_the_ticket_and_the_receipt_names_the_others(desk: Rig) -> None:
    crowd = [("Cc", f"adviser@uni.example, {MALLORY}, press@paper.example, {EVA}")]
    desk.take(reply(notice(desk), "#antwoord\n\nYou may.\n", headers=crowd))
    receipt = text_of(last(desk, SAM))
    held_over(desk)
    (answer,) = answers(desk)
    assert (answer["To"], answer["Cc"]) == (ROBIN, "adviser@uni.example")
    assert sorted(outsiders(desk)) == ["adviser@uni.example", ROBIN, ROBIN]
    dropped = receipt.partition("press@paper.example")[0]
    assert MALLORY in dropped
    assert "- press@paper.example" in receipt
    assert "- adviser@uni.example" not in receipt
    assert f"- {EVA}" not in receipt


def test_case_139_a_note_that_is_quoted_below_an_answer_is_cut(desk: Rig) -> None:
    desk.take(reply(notice(desk), f"{NOTE}\n"))
    receipt = last(desk, SAM)
    assert NOTE.split()[0] in text_of(receipt)
    desk.take(reply(receipt, f"#antwoord\n\nYou may.{quote_of(receipt)}"))
    held_over(desk)
    (answer,) = answers(desk)
    assert "You may." in text_of(answer)
    assert "doubts" not in str(answer)
    assert "doubts" in text_of(last(desk, SAM))  # the receipt shows what was cut


def test_case_139_a_note_that_is_pasted_into_an_answer_is_refused(desk: Rig) -> None:
    desk.take(reply(notice(desk), f"{NOTE}\n"))
    for pasted in (NOTE, NOTE.upper(), NOTE.partition(": ")[2]):
        with unharmed(desk, Disposition.ORDER):
            desk.take(reply(notice(desk), f"#antwoord\n\nYou may. {pasted}\n"))
    assert answers(desk) == []
    assert "#antwoord!" in text_of(last(desk, SAM))  # what sends it all the same


PAT, KIM = "pat@one.example", "kim@two.example"
PARTNERS = f"""
[[partner]]
code = "EEN"
name_nl = "Ministerie Een"
name_en = "Ministry One"
domains = ["one.example"]
liaison = "{PAT}"
[[partner]]
code = "TWEE"
name_nl = "Ministerie Twee"
name_en = "Ministry Two"
domains = ["two.example"]
liaison = "{KIM}"
"""
POSITION = "Our position is that this laboratory must not be built before the law has changed."


@pytest.fixture
def with_partners(make_rig: Callable[..., Rig], tmp_path: Path) -> Rig:
    """A desk that knows two partners, one of whom wrote about Robin's question.

    To consult partners comes later: until then a partner can only answer what somebody passed on to him.
    """
    file = tmp_path / "partners.toml"
    file.write_text(PARTNERS)
    rig = make_rig(f'{PEOPLE}[partners]\nfile = "{file}"\n')
    rig.take(ask())
    rig.take(reply(rig.letters(ROBIN)[0], f"#object\n\n{POSITION}\n", PAT))
    return rig


def test_case_140_what_a_partner_writes_reaches_neither_the_asker_nor_another_partner(with_partners: Rig) -> None:
    held_over(with_partners)
    (ticket,) = with_partners.tickets()
    entry = with_partners.dossier(ticket).entries[-1]
    assert (entry.kind, entry.role) == (EntryKind.NOTE, Role.PARTNER)
    assert outsiders(with_partners) == [ROBIN]
    assert "laboratory must not" not in str(with_partners.letters(ROBIN)[0])
    accounted(with_partners, 2)


def test_case_140_what_a_partner_wrote_is_refused_in_an_answer(with_partners: Rig) -> None:
    with unharmed(with_partners, Disposition.ORDER):
        with_partners.take(reply(notice(with_partners), f"#antwoord\n\nNo. {POSITION}\n"))
    assert "ministerie" in text_of(last(with_partners, SAM))


def test_case_140_no_letter_to_one_audience_holds_an_address_or_a_token_of_another(with_partners: Rig) -> None:
    with_partners.take(reply(notice(with_partners), "#antwoord\n\nYou may, with agreements.\n"))
    held_over(with_partners)
    tokens = {str(letter["Message-ID"]).partition("@")[0].strip("<") for letter in with_partners.letters(TEAM)}
    for letter in with_partners.letters(ROBIN):
        assert not any(token in str(letter) for token in tokens)
        assert not any(who in str(letter) for who in (PAT, KIM, SAM, EVA, TEAM))


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """The log from INFO on, as the daemon writes it."""
    stream = io.StringIO()
    log.configure("json", "INFO", stream)
    yield stream
    log.configure("json")


@pytest.fixture
def written(lines: io.StringIO, make_rig: Callable[..., Rig]) -> tuple[Rig, io.StringIO]:
    """A busy day, with a bird in every text, name, subject, address and file."""
    rig = make_rig(PEOPLE)
    robin = f"robin.{CANARY}@{CANARY}.example"
    bird = (f"{CANARY}.pdf", "application/pdf", CANARY.encode())
    rig.take(ask(robin, f"May {CANARY} work here?\n", subject=CANARY, attachments=[bird]))
    told = notice(rig)
    rig.take(
        reply(told, f"{CANARY} is known to us.\n"),
        reply(told, f"#{CANARY}\n\n{CANARY}\n"),
        reply(told, f"#antwoord\n\nNo {CANARY} here.\n"),
        reply(told, f"#sluit anders: {CANARY}\n"),
        reply(told, f"#geef {CANARY}\n"),
        reply(told, f"#antwoord\n\n{CANARY}\n", proof="fail"),
        reply(told, f"#antwoord\n\n{CANARY}\n", MALLORY, subject=CANARY),
        reply(rig.letters(robin)[0], f"Thanks, {CANARY}!\n", robin),
    )
    rig.servers.reply("RCPT", f"550 5.1.1 <{robin}>: {CANARY} does not live here", times=1)
    held_over(rig)
    return rig, lines


def test_case_141_neither_a_line_of_the_log_nor_a_reason_holds_a_word_of_a_mail(
    written: tuple[Rig, io.StringIO],
) -> None:
    """What goes to the operator by mail, the digest, comes later; until then he reads the log and the lists."""
    rig, stream = written
    text = stream.getvalue()
    events = {json.loads(line)["event"] for line in text.splitlines()}
    assert {"mail_settled", "letter_sent", "letter_bounced"} <= events
    assert [line for line in text.splitlines() if CANARY in line.lower() or "@" in line] == []
    assert [reason for reason in rig.reasons() if CANARY in reason.lower()] == []


def test_case_141_the_file_about_the_daemons_health_holds_no_word_of_a_mail(
    tmp_path: Path, own_servers: Servers
) -> None:
    """Also when the mail server repeats what a mail says while it refuses."""
    own_servers.reply("RCPT", f"550 5.1.1 <{CANARY}@{CANARY}.example>: {CANARY} does not live here", times=1)
    running = Running(daemon(tmp_path, own_servers, f"{QUIET}{PEOPLE}"))
    try:
        own_servers.append(ask(f"{CANARY}@{CANARY}.example", f"May {CANARY} work here?\n", subject=CANARY))
        running.wait_for("mail_settled", 1)
        (told,) = (parsed(mail.raw) for mail in own_servers.wait_sent(1))
        own_servers.append(reply(told, f"#antwoord\n\nNo {CANARY} here.\n#{CANARY}\n"))
        running.wait_for("mail_settled", 2)
        running.wait_for("letter_bounced")
        assert running.stop()[0] == 0
    finally:
        running.end()
    file = running.folder / "health.json"
    assert read_health(file) is not None
    assert CANARY not in file.read_text().lower()
    assert not any(CANARY in line.lower() for line in running.lines)


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=modern)


@pytest.fixture
def own_servers(tmp_path: Path) -> Iterator[Servers]:
    with Servers(tmp_path / "servers") as running:
        yield running


def test_case_142_a_file_that_came_with_a_note_goes_out_with_nothing(desk: Rig) -> None:
    secret = ("internal.txt", "text/plain", f"{CANARY} {NOTE}".encode())
    told = notice(desk)
    desk.take(
        reply(told, f"{NOTE}\n", attachments=[secret]),
        reply(told, "#note\n\nSee the file.\n", attachments=[("plan.pdf", "application/pdf", CANARY.encode())]),
        reply(told, "#antwoord\n\nYou may.\n"),
    )
    held_over(desk)
    (answer,) = answers(desk)
    assert list(answer.iter_attachments()) == []
    for letter in desk.letters(ROBIN):
        assert CANARY not in str(letter)
        assert "internal.txt" not in str(letter)


def test_case_142_an_internal_mail_that_comes_back_in_full_stays_inside(desk: Rig) -> None:
    """An outside server, to which somebody forwards his mail, returns our notice or receipt with all its text."""
    desk.take(reply(notice(desk), f"{NOTE}\n"))
    receipt = last(desk, SAM)
    report = (
        f"From: mailer-daemon@relay.example\nReturn-Path: <>\nTo: {DESK}\nCc: {ROBIN}\nReply-To: {ROBIN}\n"
        "Subject: Undelivered\nMessage-ID: <report@relay.example>\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="zz"\n\n'
        f"--zz\n\nYour mail came back: {NOTE}\n\n--zz\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; relay.example\n\nFinal-Recipient: rfc822; {SAM}\nAction: failed\nStatus: 5.1.1\n\n"
        f"--zz\nContent-Type: message/rfc822\n\n{receipt.as_string()}\n--zz--\n"
    )
    before = outsiders(desk)
    desk.take(report.replace("\n", "\r\n").encode())
    held_over(desk)
    assert desk.balance()[Disposition.BOUNCE] == 1
    assert outsiders(desk) == before
    assert not any("doubts" in str(letter) for letter in desk.letters(ROBIN))


class Stumbling(Clerk):
    """A clerk with a fault of ours, whose text repeats the mail."""

    def judge(self, past: Reader, mail: Pending, message: Message | UnreadableMail, now: datetime) -> Judged:
        if isinstance(message, Message):
            try:
                raise KeyError(message.text)
            except KeyError as first:
                raise ValueError(f"cannot handle {message.subject} by {message.sender}: {message.text}") from first
        return super().judge(past, mail, message, now)


def test_case_144_a_fault_of_ours_is_logged_and_told_with_numbers_only(
    lines: io.StringIO, make_rig: Callable[..., Rig]
) -> None:
    rig = make_rig(PEOPLE)
    clerk = rig.works.intake.clerk
    rig.works.intake.clerk = Stumbling(**{each.name: getattr(clerk, each.name) for each in fields(clerk)})
    rig.deliver(ask(f"{CANARY}@{CANARY}.example", f"May {CANARY} work here?\n", subject=CANARY))
    for _ in range(3):
        rig.work()
    failed = [line for line in map(json.loads, lines.getvalue().splitlines()) if line["event"] == "mail_failed"]
    assert len(failed) == 3
    assert failed[0]["exception"][0] == "ValueError"
    assert CANARY not in lines.getvalue().lower()
    (alert,) = rig.letters(TEAM)
    assert "Q-1" in alert["Subject"]
    assert CANARY not in str(alert).lower()
    assert rig.balance() == {Disposition.QUARANTINED: 1}
