"""Hostile mails between ordinary ones: each ends where it should, and nobody else notices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from ksmail.demo.servers import HOST, Servers
from ksmail.desk.arrival import Disposition
from ksmail.incoming.imap import ImapMailbox, ImapSettings
from ksmail.incoming.limits import Limits
from ksmail.incoming.worker import Parser
from ksmail.intake import Round
from ksmail.store.values import InboundLine, OutboxLine
from tests.faults.poison import CASES, EVE, Poison
from tests.imap_stub import ImapStub, StubMail
from tests.incoming import hostile
from tests.stories.rig import TEAM, Rig
from tests.stories.test_questions import ask

AROUND = 5  # ordinary mails that at least stand before and after each hostile one
BETWEEN = 2


@dataclass
class Ward:
    """A mailbox full of trouble after one round. The place of a mail in `raws` is its UID and number, less one."""

    rig: Rig
    stub: ImapStub
    raws: list[bytes] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    ordinary: list[int] = field(default_factory=list)
    done: Round = field(default_factory=Round)
    sent: list[tuple[str, str]] = field(default_factory=list)  # Message-ID and recipient, as a server took them
    lines: list[InboundLine] = field(default_factory=list)
    written: list[OutboxLine] = field(default_factory=list)

    def ordinary_mails(self, count: int) -> None:
        for _ in range(count):
            self.ordinary.append(len(self.raws) + 1)
            self.raws.append(ask(asker(self.ordinary[-1]), f"Question {self.ordinary[-1]}: may we do this?\n"))

    def settle(self) -> None:
        """One round of everything, and what became of it."""
        self.done = self.rig.works.intake.round()
        self.rig.send()
        self.sent = [(letter["Message-ID"], letter["To"]) for letter in self.rig.letters()]
        with self.rig.store.reading() as past:
            found = [past.inbound(number) for number in range(1, len(self.raws) + 1)]
            self.lines = [line for line in found if line is not None]
            self.written = past.outbox(1_000)

    def line(self, number: int) -> InboundLine:
        return self.lines[number - 1]

    def letters(self, number: int) -> list[OutboxLine]:
        """What was written because of one mail."""
        about = str(self.line(number).ticket or f"Q-{number}")
        return [letter for letter in self.written if letter.about == about]

    def kept(self, number: int) -> bytes:
        with self.rig.store.reading() as past:
            return past.raw(number)

    def nearest(self, number: int) -> list[int]:
        before = [place for place in self.ordinary if place < number]
        after = [place for place in self.ordinary if place > number]
        return before[-AROUND:] + after[:AROUND]


def asker(number: int) -> str:
    return f"asker{number}@uni.example"


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory, parser: Parser) -> Iterator[Ward]:
    """All hostile mails in one mailbox, taken in one round. The servers in memory read mails themselves, and fall over
    these: so they come from a server that only counts octets."""
    with Servers(tmp_path_factory.mktemp("servers")) as servers, ImapStub() as stub:
        environ = {"KSMAIL_ACKNOWLEDGE__QUARANTINE_HOUR": "1000"}
        rig = Rig(tmp_path_factory.mktemp("desk"), servers, parser, environ=environ)
        made = Ward(rig, stub)
        made.ordinary_mails(AROUND - BETWEEN)
        for case in CASES:
            made.ordinary_mails(BETWEEN)
            made.places[case.name] = len(made.raws) + 1
            made.raws.append(case.make())
        made.ordinary_mails(AROUND)
        stub.mails = {uid: StubMail(raw) for uid, raw in enumerate(made.raws, start=1)}
        here = ImapSettings(host=HOST, port=stub.port, tls="none", user="desk", password="right")
        rig.works.intake.mailbox = mailbox = ImapMailbox(here)
        made.settle()
        yield made
        mailbox.close()
        rig.close()


each = pytest.mark.parametrize("case", CASES, ids=str)


@each
def test_a_hostile_mail_ends_where_it_should(ward: Ward, case: Poison) -> None:
    line = ward.line(ward.places[case.name])
    assert (line.disposition, line.attempts) == (case.becomes, 1)
    assert case.reason in line.reason


@each
def test_the_bytes_of_a_hostile_mail_are_kept_as_they_were_served(ward: Ward, case: Poison) -> None:
    number = ward.places[case.name]
    assert ward.kept(number) == ward.raws[number - 1]


@each
def test_the_ten_mails_around_a_hostile_one_are_a_ticket_and_an_acknowledgement_each(ward: Ward, case: Poison) -> None:
    nearest = ward.nearest(ward.places[case.name])
    assert len(nearest) == 2 * AROUND
    for number in nearest:
        assert ward.line(number).disposition is Disposition.TICKET
        assert len([to for _, to in ward.sent if asker(number) in to]) == 1


@each
def test_staff_are_told_once_of_a_hostile_mail(ward: Ward, case: Poison) -> None:
    number = ward.places[case.name]
    told = [letter for letter in ward.letters(number) if TEAM in {person.address for person in letter.recipients}]
    assert len(told) == 1
    assert len([name for name, to in ward.sent if name == told[0].message_id and TEAM in to]) == 1


def test_no_hostile_mail_got_as_far_as_to_kill_the_parser(ward: Ward) -> None:
    """The look at the bytes stopped all of them: nobody died, and nobody took too long or too much."""
    reasons = [ward.line(number).reason for number in ward.places.values()]
    assert [reason for reason in reasons if "the parser" in reason] == []


def test_one_round_settles_everything(ward: Ward) -> None:
    assert ward.done == Round(received=len(ward.raws), settled=len(ward.raws), left=0)
    assert Disposition.PENDING not in ward.rig.balance()


def test_everything_lies_in_done_or_in_quarantine(ward: Ward) -> None:
    quarantined = ward.rig.balance()[Disposition.QUARANTINED]
    assert len(ward.stub.folders["Quarantine"]) == quarantined
    assert len(ward.stub.folders["Done"]) == len(ward.raws) - quarantined
    assert ward.stub.mails == {}


def test_another_round_changes_nothing(ward: Ward) -> None:
    before = ward.rig.balance()
    assert ward.rig.works.intake.round() == Round()
    assert ward.rig.balance() == before


def test_no_letter_goes_to_whom_a_header_smuggled_in(ward: Ward) -> None:
    for mail in ward.rig.servers.sent:
        assert EVE not in mail.recipients
        assert len(mail.recipients) == 1


def test_no_letter_carries_a_header_that_a_mail_smuggled_in(ward: Ward) -> None:
    for letter in ward.rig.letters():
        assert letter["Bcc"] is None
        assert {EVE} & {letter["To"], letter["Cc"], letter["Reply-To"], letter["Sender"]} == set()


def test_nobody_with_a_quarantined_mail_gets_a_letter(ward: Ward) -> None:
    """Case 121: what cannot be understood is not answered."""
    for case in CASES:
        if case.becomes is Disposition.QUARANTINED:
            assert [letter.kind for letter in ward.letters(ward.places[case.name])] == ["staff_quarantine"]


DEATHS = {"die": "the parser died (signal 9", "starve": "limit memory"}


@pytest.mark.parametrize("how", DEATHS)
def test_a_mail_that_kills_its_reader_is_quarantined_and_its_neighbours_are_not(rig: Rig, how: str) -> None:
    """Case 122."""
    with Parser(Limits(), work=hostile.fragile) as fragile:
        rig.works.intake.parser = fragile
        for number in range(2 * AROUND):
            if number == AROUND:
                rig.deliver(ask("killer@uni.example", headers=[("X-Do", how)]))
            rig.deliver(ask(asker(number), f"Question {number}: may we?\n"))
        rig.work()
    assert rig.balance() == {Disposition.TICKET: 2 * AROUND, Disposition.QUARANTINED: 1}
    assert DEATHS[how] in rig.reasons()[AROUND]
    assert [len(rig.letters(asker(number))) for number in range(2 * AROUND)] == [1] * 2 * AROUND


def test_a_quarantined_mail_is_judged_again_from_the_same_bytes(rig: Rig) -> None:
    """Case 122: a reader that was mended reads what the broken one could not."""
    raw = ask("killer@uni.example", headers=[("X-Do", "die")])
    with Parser(Limits(), work=hostile.fragile) as fragile:
        healthy, rig.works.intake.parser = rig.works.intake.parser, fragile
        rig.take(raw)
    rig.works.intake.parser = healthy
    with rig.store.writing() as tx:
        before = tx.raw(1)
        assert tx.reopen(1, rig.clock.now()) is Disposition.QUARANTINED
    rig.work()
    assert rig.balance() == {Disposition.TICKET: 1}
    assert len(rig.letters("killer@uni.example")) == 1
    with rig.store.reading() as past:
        assert past.raw(1) == before == raw


def test_a_mail_that_kills_its_reader_again_goes_back_to_quarantine(rig: Rig) -> None:
    with Parser(Limits(), work=hostile.fragile) as fragile:
        rig.works.intake.parser = fragile
        rig.take(ask("killer@uni.example", headers=[("X-Do", "die")]))
        with rig.store.writing() as tx:
            tx.reopen(1, rig.clock.now())
        rig.work()
    assert rig.balance() == {Disposition.QUARANTINED: 1}


def test_five_hundred_poison_mails_in_an_hour_are_ten_notices(rig: Rig) -> None:
    """Case 123."""
    for batch in range(5):
        for number in range(100):
            rig.deliver(b"%%%% no header in number %d of %d\r\n\r\nwords\r\n" % (number, batch))
        rig.deliver(ask(asker(batch), f"Question {batch}: may we?\n"))
        rig.work()
        rig.clock.forward(minutes=10)
    assert rig.balance() == {Disposition.QUARANTINED: 500, Disposition.TICKET: 5}
    assert len(rig.letters(TEAM)) == rig.config.policy.caps.quarantine_hour + 5


def test_an_hour_after_a_flood_of_poison_staff_are_told_again(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(environ={"KSMAIL_ACKNOWLEDGE__QUARANTINE_HOUR": "2"})
    rig.take(*(b"%%%% no header in number %d\r\n\r\n" % number for number in range(4)))
    assert len(rig.letters(TEAM)) == 2
    rig.clock.forward(minutes=61)
    rig.take(b"no header again\r\n\r\n")
    assert len(rig.letters(TEAM)) == 3
