"""Two hundred mixed mails through Dovecot and Postfix: each accounted for once, each question answered once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from ksmail.desk.arrival import Disposition
from ksmail.incoming.limits import Limits
from ksmail.incoming.worker import Parser
from ksmail.store.values import InboundLine, LetterState
from tests.builders import mail
from tests.servers import Dovecot, Postfix
from tests.stories.debian import Debian
from tests.stories.rig import DESK, FORM, TEAM, Clock, Rig
from tests.stories.test_questions import DUTCH, ENGLISH

pytestmark = pytest.mark.servers

ASKERS = [f"asker{at:02d}@uni.example" for at in range(26)]


def mixed() -> Iterator[tuple[bytes, Disposition]]:
    """Two hundred mails and what must become of each."""
    for at in range(104):  # four of each asker: below the cap of five an hour
        yield question(at), Disposition.TICKET
    for at in range(104, 120):
        person = ("Reply-To", f"person{at}@hogeschool.example")
        yield (
            written(at, FORM, f"{DUTCH} {at}", headers=[person, ("Auto-Submitted", "auto-generated")]),
            Disposition.TICKET,
        )
    for at in range(120, 150):
        yield (
            written(at, ASKERS[at % 26], "I am away.\n", headers=[("Auto-Submitted", "auto-replied")]),
            Disposition.AUTOMATIC,
        )
    for at in range(150, 170):
        yield (
            written(at, "news@list.example", "News\n", headers=[("List-Id", "<n.list.example>")]),
            Disposition.AUTOMATIC,
        )
    for at in range(170, 180):
        yield (
            written(at, "mailer-daemon@mx.example", "could not be delivered\n", subject="Undelivered"),
            Disposition.BOUNCE,
        )
    for at in range(180, 190):
        yield b"From: other@x.example\r\n" + written(at, "one@x.example", "Who wrote this?\n"), Disposition.QUARANTINED
    for at in range(190, 195):
        yield nested(at), Disposition.QUARANTINED
    for at in range(5):
        yield question(at), Disposition.DUPLICATE  # the first five again, to the byte


def question(at: int) -> bytes:
    files = [("paper.pdf", "application/pdf", bytes(20_000))] if at % 7 == 0 else []
    raw = written(at, ASKERS[at % 26], f"Question {at}. {DUTCH if at % 3 else ENGLISH}", attachments=files)
    # The library draws a boundary by lot; the same mail must be the same bytes.
    return re.sub(rb"={15}\d+==", b"a-boundary", raw)


def written(at: int, sender: str, text: str, **facts: object) -> bytes:
    defaults: dict[str, object] = {"subject": f"Mail {at}", "message_id": f"<{at}@uni.example>"}
    return mail(sender=sender, to=DESK, text=text, **(defaults | facts))  # type: ignore[arg-type]  # mixed facts


def nested(at: int) -> bytes:
    boxes = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(90))
    return f"From: x@odd.example\r\nTo: {DESK}\r\nMessage-ID: <{at}@odd.example>\r\n{boxes}".encode()


@pytest.fixture(scope="module")
def earlier(postfix: Postfix) -> int:
    """What the team got of another story on the same servers."""
    return len(postfix.dovecot.folder(TEAM, "INBOX"))


@pytest.fixture(scope="module")
def desk(
    tmp_path_factory: pytest.TempPathFactory, dovecot: Dovecot, postfix: Postfix, earlier: int
) -> Iterator[tuple[Rig, Debian]]:
    """A desk that has worked through all of it, twice."""
    debian = Debian(dovecot, postfix, dovecot.new_user())
    with Parser(Limits()) as parser:
        rig = Rig(tmp_path_factory.mktemp("real"), debian, parser, clock=Clock(datetime.now(UTC)))  # type: ignore[arg-type]  # same shape
        for raw, _ in mixed():
            rig.deliver(raw)
        rig.work()
        yield rig, debian
        rig.close()


def ledger(rig: Rig) -> list[InboundLine]:
    with rig.store.reading() as past:
        lines = [past.inbound(number) for number in range(1, past.counts().mails + 1)]
    return [line for line in lines if line is not None]


def test_every_mail_has_one_line_in_the_ledger_with_a_disposition_and_a_reason(desk: tuple[Rig, Debian]) -> None:
    lines = ledger(desk[0])
    assert len(lines) == len({line.key for line in lines}) == 200
    assert all(line.reason for line in lines)
    assert Counter(line.disposition for line in lines) == Counter(expected for _, expected in mixed())


def test_every_question_is_one_ticket_with_one_promise(desk: tuple[Rig, Debian]) -> None:
    rig, _ = desk
    tickets = rig.tickets()
    assert len(tickets) == 120
    assert [ticket.reference.number for ticket in tickets] == list(range(1, 121))
    assert all(len(rig.dossier(ticket).promises) == 1 for ticket in tickets)


def test_every_question_has_one_acknowledgement_that_postfix_took_and_delivered(
    desk: tuple[Rig, Debian], postfix: Postfix
) -> None:
    for asker in ASKERS:
        letters = postfix.received(asker, 4)
        assert len(letters) == 4
        assert len({number(letter) for letter in letters}) == 4
    assert len(postfix.received("person110@hogeschool.example", 1)) == 1


def number(letter: bytes) -> bytes:
    return letter.partition(b"[KV-")[2][:9]


def test_no_machine_and_no_form_server_got_a_letter(desk: tuple[Rig, Debian], postfix: Postfix) -> None:
    machines = ("news@list.example", "mailer-daemon@mx.example", FORM, "one@x.example", "x@odd.example")
    assert [postfix.received(machine, 1, seconds=0.2) for machine in machines] == [[]] * 5


def test_every_letter_is_sent(desk: tuple[Rig, Debian]) -> None:
    with desk[0].store.reading() as past:
        letters = past.outbox(1000)
    assert {letter.state for letter in letters} == {LetterState.SENT}
    assert Counter(letter.kind for letter in letters)["ack"] == 120


def test_staff_were_told_of_every_question_and_of_ten_quarantined_mails_an_hour(
    desk: tuple[Rig, Debian], postfix: Postfix, earlier: int
) -> None:
    letters = postfix.received(TEAM, earlier + 130)[earlier:]
    assert sum(b"[KV-" in letter for letter in letters) == 120
    assert sum(b"Q-" in letter.partition(b"\r\n\r\n")[0] for letter in letters) == 10


def test_the_mails_lie_in_done_and_quarantine_and_the_inbox_is_empty(desk: tuple[Rig, Debian]) -> None:
    _, debian = desk
    assert debian.folder("INBOX") == []
    assert len(debian.folder("Done")) == 185
    assert len(debian.folder("Quarantine")) == 15


def test_running_again_changes_nothing(desk: tuple[Rig, Debian]) -> None:
    rig, _ = desk
    before = (rig.balance(), rig.tickets(), len(ledger(rig)))
    rig.work()
    assert (rig.balance(), rig.tickets(), len(ledger(rig))) == before


def test_every_mail_is_stored_as_it_was_served(desk: tuple[Rig, Debian]) -> None:
    rig, debian = desk
    served = Counter([*debian.folder("Done"), *debian.folder("Quarantine")])
    with rig.store.reading() as past:
        stored = Counter(past.raw(number) for number in range(1, 201))
    assert stored == served
