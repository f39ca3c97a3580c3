"""A mailbox that other people and machines use too: every mail is taken once, whatever they do with it."""

from __future__ import annotations

import imaplib
import random
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from ksmail.assemble import make_works
from ksmail.clerk import Clerk, Judged
from ksmail.demo.servers import HOST, Servers
from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import Flag
from ksmail.errors import ParserAway, Unavailable, UnreadableMail
from ksmail.incoming.imap import ImapMailbox, ImapSettings
from ksmail.incoming.mailbox import Copy, Folder, IncomingMail, Mailbox
from ksmail.incoming.message import Message
from ksmail.incoming.worker import Parser
from ksmail.intake import BATCH
from ksmail.store.store import Reader
from ksmail.store.values import Pending
from tests.builders import mail
from tests.imap_stub import ImapStub, StubMail
from tests.stories.rig import DESK, TEAM, Rig
from tests.stories.test_questions import ask

IN_PLACE = {"KSMAIL_IMAP__LEAVE_IN_PLACE": "true"}
ROBIN = "robin@uni.example"


def question(number: int, **facts: object) -> bytes:
    return ask(f"asker{number}@uni.example", f"Question {number}: may we do this?\n", **facts)


# Other people in the mailbox


@contextmanager
def human(servers: Servers) -> Iterator[imaplib.IMAP4_SSL]:
    """Another client of the same mailbox."""
    trust = ssl.create_default_context(cafile=str(servers.ca_file))
    client = imaplib.IMAP4_SSL("localhost", servers.imap_port, ssl_context=trust)
    client.login(servers.user, servers.password)
    client.select("INBOX")
    try:
        yield client
    finally:
        client.logout()


def seen(servers: Servers) -> list[bool]:
    """Of each mail in the folder, whether it is marked as read."""
    with human(servers) as client:
        _, found = client.uid("FETCH", "1:*", "(FLAGS)")
        return [b"\\Seen" in line for line in found if isinstance(line, bytes)]


def move(servers: Servers, source: str, target: str) -> None:
    """Put the first mail of one folder into another one."""
    with human(servers) as client:
        client.create(target)
        client.select(source)
        client.copy("1", target)
        client.store("1", "+FLAGS", "\\Deleted")
        client.expunge()


@dataclass
class Interrupted:
    """A real mailbox in which something happens right after it was searched, once."""

    real: Mailbox
    happens: Callable[[], None]

    def open(self) -> int:
        return self.real.open()

    def uids(self) -> tuple[int, ...]:
        found = self.real.uids()
        happens, self.happens = self.happens, lambda: None
        happens()
        return found

    def fetch(self, uids: Sequence[int]) -> Iterator[IncomingMail]:
        return self.real.fetch(uids)

    def file(self, uids: Sequence[int], folder: Folder) -> None:
        self.real.file(uids, folder)

    def destroy(self, copy: Copy) -> int:
        return self.real.destroy(copy)

    def wait(self, seconds: float) -> bool:
        return self.real.wait(seconds)

    def interrupt(self) -> None:
        self.real.interrupt()

    def close(self) -> None:
        self.real.close()


def test_mail_that_a_person_read_first_is_taken_and_mail_that_nobody_read_stays_unread(
    make_rig: Callable[..., Rig],
) -> None:
    """Case 13."""
    rig = make_rig(environ=IN_PLACE)
    rig.deliver(question(1))
    with human(rig.servers) as client:
        client.store("1", "+FLAGS", "\\Seen")
    rig.deliver(question(2))
    rig.work()
    assert len(rig.tickets()) == 2
    assert seen(rig.servers) == [True, False]


def test_a_mail_that_vanishes_under_our_hands_stops_no_other(rig: Rig) -> None:
    """Case 14."""
    rig.works.intake.mailbox = Interrupted(rig.works.mailbox, lambda: move(rig.servers, "INBOX", "Elsewhere"))
    for number in range(3):
        rig.deliver(question(number))
    rig.work()
    assert [ticket.asker.spec for ticket in rig.tickets()] == ["asker1@uni.example", "asker2@uni.example"]


def test_a_mail_that_vanished_is_taken_when_it_comes_back(rig: Rig) -> None:
    """Case 14."""
    rig.works.intake.mailbox = Interrupted(rig.works.mailbox, lambda: move(rig.servers, "INBOX", "Elsewhere"))
    rig.deliver(question(0))
    rig.work()
    assert rig.balance() == {}
    move(rig.servers, "Elsewhere", "INBOX")
    rig.work()
    assert len(rig.tickets()) == len(rig.letters("asker0@uni.example")) == 1


def test_a_mail_put_back_into_the_folder_by_hand_is_known(rig: Rig) -> None:
    rig.take(question(0))
    move(rig.servers, "Done", "INBOX")
    rig.work()
    assert rig.balance() == {Disposition.TICKET: 1, Disposition.DUPLICATE: 1}
    assert len(rig.letters()) == 2


# Numbers of the server


def settled_mails() -> list[bytes]:
    """Sixty mails that become whatever a mail can become."""
    odd = [
        question(57, message_id=""),
        ask("no-reply@uni.example", "A machine, or a person?\n"),
        ask("away@uni.example", "I am away.\n", headers=[("Auto-Submitted", "auto-replied")]),
        b"%%% no header\r\n\r\nwords\r\n",
    ]
    return [*(question(number) for number in range(56)), *odd]


@pytest.fixture
def renumbered(make_rig: Callable[..., Rig]) -> Rig:
    """A folder with sixty settled mails and five new ones, after its server lost all numbers."""
    rig = make_rig(environ=IN_PLACE)
    old = settled_mails()
    for raw in old:
        rig.deliver(raw)
    rig.work()
    rig.works.mailbox.close()
    rig.servers.reset()
    everything = old + [question(number) for number in range(100, 105)]
    random.Random(11).shuffle(everything)
    for raw in everything:
        rig.deliver(raw)
    rig.work()
    return rig


def test_new_numbers_for_a_whole_folder_make_tickets_of_the_new_mails_only(renumbered: Rig) -> None:
    """Case 11."""
    assert len(renumbered.tickets()) == 57 + 5
    assert sum(renumbered.balance().values()) == 60 + 65
    assert renumbered.balance()[Disposition.DUPLICATE] == 60
    before = renumbered.balance()
    renumbered.work()
    assert renumbered.balance() == before


def test_new_numbers_for_a_whole_folder_make_no_second_letter(renumbered: Rig) -> None:
    """Case 11. What the server took since the folder was numbered anew:"""
    took = sorted(recipient for sent in renumbered.servers.sent for recipient in sent.recipients)
    assert took == [f"asker{number}@uni.example" for number in range(100, 105)] + [TEAM] * 5


def test_a_folder_that_was_numbered_anew_is_spoken_of_once_also_while_nothing_comes(
    make_rig: Callable[..., Rig],
) -> None:
    """Case 11."""
    rig = make_rig(environ=IN_PLACE)
    rig.deliver(question(1))
    rig.work()
    rig.works.mailbox.close()
    rig.servers.reset()
    with capture_logs() as lines:
        rig.work()
        rig.work()
    assert [line["event"] for line in lines].count("mailbox_renumbered") == 1


@pytest.fixture
def stub() -> Iterator[ImapStub]:
    with ImapStub() as running:
        yield running


@pytest.fixture
def stubbed(rig: Rig, stub: ImapStub) -> Iterator[Rig]:
    """A desk whose mailbox is the stub."""
    mailbox = ImapMailbox(ImapSettings(host=HOST, port=stub.port, tls="none", user="desk", password="right"))
    rig.works.intake.mailbox = mailbox
    yield rig
    mailbox.close()


def test_a_number_that_shows_up_late_is_not_passed_over(stubbed: Rig, stub: ImapStub) -> None:
    """Case 15: UIDNEXT promises nothing about what shows when (RFC 9051 2.3.1.1)."""
    stub.mails[101] = StubMail(question(101))
    stubbed.work()
    stub.mails[100] = StubMail(question(100))
    stubbed.work()
    assert [ticket.asker.spec for ticket in stubbed.tickets()] == ["asker101@uni.example", "asker100@uni.example"]


@pytest.fixture
def stuck(stubbed: Rig, stub: ImapStub) -> Rig:
    """A desk after two rounds on a mailbox with one mail that its server never hands over."""
    for uid in range(1, 8):
        refusal = "[SERVERBUG] that one I cannot read" if uid == 4 else ""
        stub.mails[uid] = StubMail(question(uid), refusal=refusal)
    stubbed.work()
    stubbed.work()
    return stubbed


def test_a_mail_its_server_never_hands_over_stops_no_other(stuck: Rig) -> None:
    """Case 124."""
    assert stuck.balance() == {Disposition.TICKET: 6, Disposition.QUARANTINED: 1}


def test_staff_learn_of_a_mail_its_server_never_hands_over(stuck: Rig) -> None:
    """Case 124."""
    assert len(stuck.letters(TEAM)) == 7
    assert "SERVERBUG" in stuck.reasons()[3]


def test_a_mail_its_server_never_hands_over_is_not_asked_for_for_ever(stuck: Rig, stub: ImapStub) -> None:
    """Case 124."""
    asked = len(stub.said("UID FETCH"))
    stuck.work()
    assert len(stub.said("UID FETCH")) == asked


# The same mail again


BY_LIST = (
    b"Received: from list.example by mx.desk.example; Mon, 1 Jun 2026 08:03:00 +0000\r\nList-Id: <l.list.example>\r\n"
)


def test_a_mail_that_comes_directly_and_by_a_list_is_one_ticket(rig: Rig) -> None:
    """Case 23."""
    raw = question(1)
    rig.take(raw, BY_LIST + raw)
    assert len(rig.tickets()) == 1
    assert len(rig.letters()) == 2


def test_a_mail_that_comes_by_a_list_first_is_still_a_question_when_it_comes_directly(rig: Rig) -> None:
    """Case 23: the copy of a list is a machine's and is put aside; it must not swallow the person's own."""
    raw = question(1)
    rig.take(BY_LIST + raw, raw)
    assert rig.balance() == {Disposition.AUTOMATIC: 1, Disposition.TICKET: 1}
    assert len(rig.letters("asker1@uni.example")) == 1


def test_a_copy_that_pretends_to_be_a_machines_swallows_no_reply(rig: Rig) -> None:
    """Case 24: whoever sees a reply could otherwise make it disappear by a copy of it that comes first."""
    rig.take(question(1))
    (ack,) = rig.letters("asker1@uni.example")
    thread = [("In-Reply-To", ack["Message-ID"]), ("References", ack["Message-ID"])]
    reply = ask("asker1@uni.example", "Here is more.\n", headers=thread)
    rig.take(b"Auto-Submitted: auto-replied\r\n" + reply, reply)
    assert rig.balance() == {Disposition.TICKET: 1, Disposition.AUTOMATIC: 1, Disposition.FOLLOW_UP: 1}
    assert len(rig.letters(TEAM)) == 2


@pytest.fixture
def forestalled(rig: Rig) -> Rig:
    """Somebody who knew the Message-ID of a mail to come was faster than that mail."""
    known = "<known@uni.example>"
    rig.take(
        ask("eve@evil.example", "Nothing of importance.\n", message_id=known),
        ask(ROBIN, message_id=known),
    )
    return rig


def test_a_stolen_message_id_suppresses_nothing(forestalled: Rig) -> None:
    """Case 24."""
    assert forestalled.balance() == {Disposition.TICKET: 2}
    assert len(forestalled.letters(ROBIN)) == 1
    assert len(forestalled.letters(TEAM)) == 2


def test_the_second_mail_with_one_message_id_is_flagged(forestalled: Rig) -> None:
    """Case 24."""
    first, second = forestalled.tickets()
    assert (first.flags, second.flags) == ((), (Flag.MESSAGE_ID_REUSED,))


def test_mails_without_a_message_id_are_told_apart_by_their_bytes(rig: Rig) -> None:
    """Case 25: two mails of one second, and then one of them again."""
    one, two = (mail(sender=ROBIN, to=DESK, message_id="", text=f"{word} question.\n") for word in ("One", "Another"))
    rig.deliver(one)
    rig.deliver(two)
    rig.work()
    assert rig.balance() == {Disposition.TICKET: 2}
    rig.take(one)
    assert rig.balance() == {Disposition.TICKET: 2, Disposition.DUPLICATE: 1}


# The first day


@dataclass
class Counting:
    """A real parser that notes how many mails it is given at once."""

    real: Parser
    given: list[int] = field(default_factory=list)

    def parse_many(self, raws: Sequence[bytes]) -> Iterator[Message | UnreadableMail]:
        self.given.append(len(raws))
        return self.real.parse_many(raws)


def test_a_first_start_takes_an_old_mailbox_in_batches_and_answers_nobody(rig: Rig) -> None:
    """Case 22."""
    for number in range(300):
        rig.deliver(question(number), at=rig.clock.now() - timedelta(hours=25 + number))
    counting = Counting(rig.works.intake.parser)
    rig.works.intake.parser = counting  # type: ignore[assignment]  # it has what the intake uses
    waiting: list[int] = []
    rig.works.intake.beat = lambda: waiting.append(rig.balance().get(Disposition.PENDING, 0))
    rig.works.intake.round()
    assert rig.balance() == {Disposition.TICKET: 300}
    assert max(waiting) < max(counting.given) == BATCH
    with rig.store.reading() as past:
        assert {line.kind for line in past.outbox(1_000)} == {"staff_new"}


# Ourselves


@dataclass
class Absent:
    """A parser whose worker does not start."""

    def parse_many(self, raws: Sequence[bytes]) -> Iterator[Message | UnreadableMail]:
        raise Unavailable("the parser's worker process does not start")


def test_a_parser_that_does_not_start_is_no_mails_fault(rig: Rig) -> None:
    """A machine without memory for a while must not fill the quarantine."""
    healthy, rig.works.intake.parser = rig.works.intake.parser, Absent()  # type: ignore[assignment]  # it never parses
    for number in range(3):
        rig.deliver(question(number))
    for _ in range(5):
        with pytest.raises(Unavailable):
            rig.works.intake.round()
    rig.works.intake.parser = healthy
    rig.work()
    assert rig.balance() == {Disposition.TICKET: 3}


class Stumbling(Clerk):
    """A clerk with a fault of ours that one mail brings out."""

    always = False

    def judge(self, past: Reader, mail: Pending, message: Message | UnreadableMail, now: datetime) -> Judged:
        if mail.number == 2 and (type(self).always or isinstance(message, Message)):
            raise KeyError("a bug")
        return super().judge(past, mail, message, now)


class Falling(Stumbling):
    """One that cannot even put that mail into quarantine."""

    always = True


def put_in(rig: Rig, kind: type[Stumbling]) -> None:
    clerk = rig.works.intake.clerk
    rig.works.intake.clerk = kind(**{each.name: getattr(clerk, each.name) for each in fields(clerk)})


@pytest.mark.parametrize("kind", [Stumbling, Falling])
def test_a_fault_of_ours_about_one_mail_stops_no_other(rig: Rig, kind: type[Stumbling]) -> None:
    put_in(rig, kind)
    for number in range(1, 4):
        rig.deliver(question(number))
    for _ in range(4):
        rig.work()
    rig.take(question(4))
    assert [ticket.asker.spec for ticket in rig.tickets()] == [f"asker{number}@uni.example" for number in (1, 3, 4)]


def test_reloads_in_the_middle_of_a_mail_use_up_none_of_its_attempts(rig: Rig) -> None:
    """A parser is closed with the settings that it came with; a mail has three attempts."""
    rig.deliver(question(1))
    for _ in range(4):
        works = make_works(rig.config, rig.store, rig.clock.now, lambda: 0.0)
        works.parser.close()
        with pytest.raises(ParserAway, match="closed"):
            works.intake.round()
        works.mailbox.close()
    rig.work()
    with rig.store.reading() as past:
        line = past.inbound(1)
    assert line is not None
    assert (line.disposition, line.attempts) == (Disposition.TICKET, 1)


def test_a_fault_of_ours_about_one_mail_puts_it_into_quarantine_after_three_attempts(rig: Rig) -> None:
    put_in(rig, Stumbling)
    for number in range(1, 4):
        rig.deliver(question(number))
    rig.work()
    rig.work()
    assert rig.balance() == {Disposition.TICKET: 2, Disposition.PENDING: 1}
    rig.work()
    assert rig.balance() == {Disposition.TICKET: 2, Disposition.QUARANTINED: 1}
    assert "our own fault" in rig.reasons()[1]


def test_a_mail_that_was_pardoned_once_is_still_given_up_when_the_fault_is_ours(rig: Rig) -> None:
    """A round in which the parser was away does not make a mail immortal."""
    healthy, rig.works.intake.parser = rig.works.intake.parser, Absent()  # type: ignore[assignment]  # it never parses
    for number in range(1, 3):
        rig.deliver(question(number))
    with pytest.raises(Unavailable):
        rig.works.intake.round()
    rig.works.intake.parser = healthy
    put_in(rig, Stumbling)
    for _ in range(3):
        rig.work()
    assert rig.balance() == {Disposition.TICKET: 1, Disposition.QUARANTINED: 1}
