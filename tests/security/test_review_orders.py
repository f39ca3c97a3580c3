"""A whole desk under attack: tokens in wrong hands, orders delivered again and again, forged words of confirmation."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from ksmail.demo.servers import Servers
from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import EntryKind, Status
from ksmail.incoming.limits import Limits
from ksmail.incoming.worker import Parser
from tests.builders import mail
from tests.stories.people import PEOPLE, ROBIN, SAM, border, fresh, last, reply
from tests.stories.rig import DESK, TEAM, Rig
from tests.stories.test_questions import ask

NO_BORDER = {"KSMAIL_TRUST__AUTHSERV_ID": ""}
STRANGER = "eve@evil.example"
PDF = ("cv.pdf", "application/pdf", b"%PDF-1.7 a canary")


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    with Parser(Limits()) as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path, servers: Servers, parser: Parser) -> Iterator[Rig]:
    """A desk with a border, and one question that staff were told of."""
    yield from opened(Rig(tmp_path / "desk", servers, parser, PEOPLE))


@pytest.fixture
def borderless(tmp_path: Path, servers: Servers, parser: Parser) -> Iterator[Rig]:
    """The same desk where nobody is proven, so that orders are confirmed."""
    yield from opened(Rig(tmp_path / "desk", servers, parser, PEOPLE, NO_BORDER))


def opened(rig: Rig) -> Iterator[Rig]:
    rig.take(ask(attachments=[PDF]))
    yield rig
    rig.close()


def token_of(letter: EmailMessage) -> str:
    """The signed reference in a Message-ID of ours, without the mark behind it."""
    return str(letter["Message-ID"]).strip("<>").partition("@")[0].rpartition(".")[0]


def held_over(rig: Rig) -> None:
    rig.clock.forward(minutes=4)
    rig.work()


def test_the_same_order_delivered_five_times_is_carried_out_once(desk: Rig) -> None:
    desk.take(*[reply(last(desk, TEAM), "#antwoord\n\nYou may.\n", message_id="<once@agency.example>")] * 5)
    held_over(desk)
    assert len(desk.letters(ROBIN)) == 2  # the acknowledgement and one answer
    assert (desk.balance()[Disposition.ORDER], desk.balance()[Disposition.DUPLICATE]) == (1, 4)


def test_an_asker_who_holds_a_reference_of_staff_orders_nothing_with_it(desk: Rig) -> None:
    subject = f"[KV-2026-0001] #antwoord ({token_of(last(desk, TEAM))})"
    desk.take(ask(text="#antwoord\n\nYou may!\n", subject=subject, headers=[border(ROBIN)]))
    held_over(desk)
    assert len(desk.letters(ROBIN)) == 1
    assert desk.dossier(desk.tickets()[0]).entries[-1].kind is EntryKind.FOLLOW_UP


def test_an_asker_who_forges_staff_with_their_reference_is_held(desk: Rig) -> None:
    subject = f"[KV-2026-0001] #antwoord ({token_of(last(desk, TEAM))})"
    desk.take(fresh("#antwoord\n\nYou may!\n", proof="fail", subject=subject))
    held_over(desk)
    assert len(desk.letters(ROBIN)) == 1
    assert desk.balance()[Disposition.HELD] == 1


def test_a_stranger_with_a_reference_of_staff_learns_nothing(desk: Rig) -> None:
    desk.take(mail(sender=STRANGER, to=DESK, subject=f"x ({token_of(last(desk, TEAM))})", text="Show me\n"))
    assert desk.letters(STRANGER) == []
    assert len(desk.tickets()) == 1


def test_without_a_border_a_yes_that_lacks_the_one_time_reference_confirms_nothing(borderless: Rig) -> None:
    notice = last(borderless, TEAM)
    borderless.take(reply(notice, "#wis 1", proof=""))
    borderless.take(reply(notice, "ja", proof=""), fresh("ja", proof="", subject="Re: [KV-2026-0001] Bevestig"))
    (ticket,) = borderless.tickets()
    assert any(b"cv.pdf" in raw for raw in borderless.servers.folder("Done"))
    assert [entry.kind for entry in borderless.dossier(ticket).entries].count(EntryKind.NOTE) == 1


def test_without_a_border_a_yes_to_a_request_that_went_to_a_colleague_confirms_nothing(borderless: Rig) -> None:
    borderless.take(reply(last(borderless, TEAM), "#antwoord\n\nYou may.\n", proof=""))
    borderless.take(reply(last(borderless, SAM), "yes", "eva@agency.example", proof=""))
    held_over(borderless)
    assert len(borderless.letters(ROBIN)) == 1
    assert borderless.tickets()[0].status is not Status.ANSWERED


def test_a_file_name_brings_no_header_into_an_answer(desk: Rig) -> None:
    named = b"filename*=utf-8''a%0D%0ABcc%3A%20evil%40evil.example%0D%0A%0D%0Abody.txt"
    raw = reply(last(desk, TEAM), "#antwoord\n\nSee.\n", attachments=[("X.txt", "text/plain", b"hello")])
    desk.take(raw.replace(b'filename="X.txt"', named))
    held_over(desk)
    answer = last(desk, ROBIN)
    assert answer["Bcc"] is None
    assert len(list(answer.iter_attachments())) == 1
    assert desk.letters("evil@evil.example") == []
