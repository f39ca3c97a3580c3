"""A relay that says later, no, or nothing: every letter arrives, or staff know that it did not."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ksmail.demo.servers import HOST
from ksmail.desk.arrival import Disposition
from ksmail.desk.policy import Policy
from ksmail.desk.ticket import Flag, Status
from ksmail.errors import Unavailable
from ksmail.incoming.limits import Limits
from ksmail.outbox import Desk, Outbox
from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.smtp import SmtpSettings, SmtpTransport
from ksmail.outgoing.transport import Bounced, Deferred, Outcome, Sent, Transport, Uncertain
from ksmail.outgoing.wire import canonical
from ksmail.store.happenings import LetterState
from ksmail.store.records import Cause
from ksmail.store.store import Store
from ksmail.store.values import OutboxLine
from tests.outgoing.letters import composer
from tests.smtp_stub import SmtpStub
from tests.store.facts import NOW, letter, new_store
from tests.stories.rig import DESK, TEAM, Clock, Rig
from tests.stories.test_questions import ask
from tests.stub import HANG_UP

ROBIN = "robin@uni.example"


def lines(rig: Rig) -> list[OutboxLine]:
    with rig.store.reading() as past:
        return past.outbox(1_000)


def line_to(rig: Rig, person: str) -> OutboxLine:
    (found,) = (line for line in lines(rig) if person in {one.address for one in line.recipients})
    return found


def bytes_to(rig: Rig, person: str) -> bytes:
    """A letter that waits, as it will stand on the wire."""
    with rig.store.reading() as past:
        waiting = past.due(rig.clock.now() + timedelta(days=30), 1_000)
    (found,) = (queued.mail.raw for queued in waiting if person in queued.mail.recipients)
    return canonical(found)


def pass_time(rig: Rig, until: timedelta, step: timedelta) -> None:
    end = rig.clock.now() + until
    while rig.clock.now() < end:
        rig.clock.moment += step
        rig.send()


async def round_and_goodbye(rig: Rig) -> None:
    try:
        await rig.works.outbox.round()
    finally:
        await rig.works.transport.close()


def release(rig: Rig, line: OutboxLine) -> None:
    with rig.store.writing() as tx:
        tx.release(line.id, rig.clock.now())


class Relay(SmtpStub):
    """A stub whose faults come and go: `faults` is what it answers to a command instead."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: dict[str, str] = {}

    def rule(self, command: str) -> str | None:
        return self.faults.get(command) or super().rule(command)


@pytest.fixture
def relay() -> Iterator[Relay]:
    with Relay() as running:
        yield running


@pytest.fixture
def relayed(rig: Rig, relay: Relay) -> Rig:
    """A desk that sends through the stub."""
    there = SmtpSettings(host=HOST, port=relay.port, tls="none", user="desk", password="right")
    rig.works.transport = rig.works.outbox.transport = SmtpTransport(there)
    return rig


# Later


def test_greylisting_for_half_an_hour_is_waited_out(rig: Rig) -> None:
    """Case 32."""
    rig.servers.reply("RCPT", "451 4.7.1 greylisted, come back later", recipient=ROBIN)
    rig.take(ask(ROBIN))
    raw, promised = bytes_to(rig, ROBIN), rig.tickets()[0].promised_on
    pass_time(rig, timedelta(minutes=29), timedelta(minutes=1))
    assert rig.letters(ROBIN) == []
    rig.servers.well()
    pass_time(rig, timedelta(minutes=31), timedelta(minutes=1))
    (ticket,) = rig.tickets()
    assert rig.raw_letters(ROBIN) == [raw]
    assert 3 <= line_to(rig, ROBIN).tries <= 5
    assert (ticket.promised_on, ticket.status, ticket.flags) == (promised, Status.ACKNOWLEDGED, ())


def test_a_mail_refused_for_now_at_its_end_comes_back_byte_for_byte(relayed: Rig, relay: Relay) -> None:
    """Case 32: the server has seen the whole mail, four times."""
    relay.on("DOT", "451 4.7.1 greylisted", times=3)
    relayed.deliver(ask(ROBIN))
    relayed.works.intake.round()
    pass_time(relayed, timedelta(hours=1), timedelta(minutes=1))
    acks = [wire for wire in relay.wire if b"To: " + ROBIN.encode() in wire]
    assert [line.state for line in lines(relayed)] == [LetterState.SENT] * 2
    assert len(relay.wire) == 5
    assert len(acks) >= 2
    assert len(set(acks)) == 1


@pytest.fixture
def refused(rig: Rig) -> Rig:
    """A desk with an acknowledgement that nobody takes, some hours before the end of the fifth day."""
    rig.servers.reply("RCPT", "451 4.7.1 not now", recipient=ROBIN)
    rig.take(ask(ROBIN))
    pass_time(rig, timedelta(days=4, hours=20), timedelta(hours=2))
    return rig


def test_a_letter_is_tried_for_five_days(refused: Rig) -> None:
    """Case 33; RFC 5321 4.5.4.1."""
    assert line_to(refused, ROBIN).state is LetterState.WAITING
    assert refused.tickets()[0].flags == ()


def test_after_five_days_a_letter_is_given_up_and_its_ticket_says_so(refused: Rig) -> None:
    """Case 33."""
    pass_time(refused, timedelta(hours=6), timedelta(hours=1))
    line = line_to(refused, ROBIN)
    assert line.state is LetterState.GIVEN_UP
    assert 30 < line.tries < 80
    assert Flag.LETTER_BOUNCED in refused.tickets()[0].flags
    pass_time(refused, timedelta(days=2), timedelta(hours=12))
    assert line_to(refused, ROBIN).tries == line.tries


def test_a_letter_that_was_given_up_can_be_let_go_again(refused: Rig) -> None:
    """Case 33: the row is kept, and what goes is what was promised."""
    raw = bytes_to(refused, ROBIN)
    pass_time(refused, timedelta(hours=6), timedelta(hours=1))
    refused.servers.well()
    refused.send()
    assert refused.letters(ROBIN) == []
    release(refused, line_to(refused, ROBIN))
    refused.send()
    assert refused.raw_letters(ROBIN) == [raw]
    assert refused.tickets()[0].status is Status.ACKNOWLEDGED


def test_a_letter_let_go_again_has_five_days_again(refused: Rig) -> None:
    pass_time(refused, timedelta(hours=6), timedelta(hours=1))
    release(refused, line_to(refused, ROBIN))
    refused.send()
    assert line_to(refused, ROBIN).state is LetterState.WAITING


# No


def report_about(letter: EmailMessage) -> bytes:
    """What a mail server further on writes when it cannot deliver a letter (RFC 3464)."""
    head = (
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON@relay.example\r\nTo: {DESK}\r\nSubject: Undelivered mail\r\n"
        "Message-ID: <report@relay.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=_r"\r\n\r\n'
    )
    status = (
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relay.example\r\n\r\n"
        f"Final-Recipient: rfc822; {ROBIN}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    )
    ours = f"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: {letter['Message-ID']}\r\n"
    text = "Content-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
    return (head + "".join(f"--=_r\r\n{part}\r\n" for part in (text, status, ours)) + "--=_r--\r\n").encode()


def test_an_acknowledgement_nobody_wants_is_tried_once_and_flagged(rig: Rig) -> None:
    """Case 34."""
    rig.servers.reply("RCPT", "550 5.1.1 no such user", recipient=ROBIN)
    rig.take(ask(ROBIN))
    rig.servers.well()
    pass_time(rig, timedelta(days=6), timedelta(hours=12))
    line = line_to(rig, ROBIN)
    (ticket,) = rig.tickets()
    assert (line.state, line.tries) == (LetterState.BOUNCED, 1)
    assert (ticket.status, ticket.flags) == (Status.NEW, (Flag.LETTER_BOUNCED,))
    assert rig.letters(ROBIN) == []


def test_a_refused_acknowledgement_is_told_to_staff_once_and_leads_to_no_other_letter(rig: Rig) -> None:
    """Case 34: the asker does not know the date, and staff should know that."""
    rig.servers.reply("RCPT", "550 5.1.1 no such user", recipient=ROBIN)
    rig.take(ask(ROBIN))
    pass_time(rig, timedelta(days=1), timedelta(hours=1))
    sent = [line.kind for line in lines(rig) if line.state is LetterState.SENT]
    assert sorted(sent) == ["staff_bounce", "staff_new"]
    assert len(lines(rig)) == 3


def test_a_report_of_a_lost_acknowledgement_is_no_question(rig: Rig) -> None:
    """Case 34: no ticket from the bounce; staff are told, once however often it is reported."""
    rig.take(ask(ROBIN))
    (ack,) = rig.letters(ROBIN)
    rig.take(report_about(ack))
    rig.take(report_about(ack).replace(b"Message-ID: <", b"Message-ID: <again-", 1))
    assert rig.balance() == {Disposition.TICKET: 1, Disposition.BOUNCE: 2}
    assert len(rig.letters()) == len(rig.letters(TEAM)) + 1 == 3


# Not you


ACCOUNT = {"AUTH": "535 5.7.8 the password has changed", "DOT": "554 5.2.0 our quota is used up"}


@dataclass
class Outage:
    """Ten questions, and a relay that refuses the account."""

    rig: Rig
    relay: Relay
    command: str

    @property
    def attempts(self) -> int:
        return len(self.relay.said("AUTH" if self.command == "AUTH" else "DATA"))


@pytest.fixture(params=ACCOUNT)
def outage(request: pytest.FixtureRequest, relayed: Rig, relay: Relay) -> Outage:
    relay.faults[request.param] = ACCOUNT[request.param]
    for number in range(10):
        relayed.deliver(ask(f"asker{number}@uni.example", f"Question {number}: may we?\n"))
    relayed.works.intake.round()
    return Outage(relayed, relay, request.param)


def test_an_account_that_is_refused_pauses_everything_and_tries_once_a_pause(outage: Outage) -> None:
    """Case 36: many refused logins would lock the account."""
    tried: list[int] = []
    for _ in range(120):
        before, paused = outage.attempts, outage.rig.works.outbox.paused_until
        outage.rig.send()
        tried.append(outage.attempts - before)
        assert tried[-1] == (paused is None or outage.rig.clock.now() >= paused)
        outage.rig.clock.forward(seconds=15)
    assert sum(tried) == 9  # after 0, 30, 90, 210 and 450 s, then every 300 s


def test_letters_of_a_refused_account_go_by_themselves_when_it_is_well(outage: Outage) -> None:
    """Case 36."""
    pass_time(outage.rig, timedelta(hours=1), timedelta(minutes=5))
    outage.relay.faults.clear()
    pass_time(outage.rig, timedelta(minutes=5), timedelta(minutes=1))
    assert {(line.state, line.tries) for line in lines(outage.rig)} == {(LetterState.SENT, 1)}
    assert len(outage.relay.taken) == len(set(outage.relay.taken)) == 20
    assert outage.rig.works.outbox.paused_until is None


def test_a_week_of_a_refused_account_takes_no_try_from_a_letter(outage: Outage) -> None:
    """Case 36: greylisting after a long outage finds every letter with its five days untouched."""
    pass_time(outage.rig, timedelta(days=7), timedelta(hours=6))
    outage.relay.faults = {"RCPT": "451 4.7.1 greylisted"}
    outage.rig.clock.forward(minutes=5)
    outage.rig.send()
    for line in lines(outage.rig):
        assert (line.state, line.tries) == (LetterState.WAITING, 1)
        assert line.due_at - outage.rig.clock.now() == timedelta(minutes=5)


def test_a_refusal_of_one_recipient_in_the_name_of_the_account_holds_nobody_up_for_long(rig: Rig) -> None:
    """A relay may say of one domain what it usually says of us. The others get their letters, and so do staff."""
    rig.servers.reply("RCPT", "554 5.7.1 Relay access denied", recipient=ROBIN)
    rig.deliver(ask(ROBIN))
    for number in range(5):
        rig.deliver(ask(f"asker{number}@uni.example", f"Question {number}: may we?\n"))
    rig.works.intake.round()
    pass_time(rig, timedelta(minutes=10), timedelta(seconds=30))
    assert {line.state for line in lines(rig) if line.id != line_to(rig, ROBIN).id} == {LetterState.SENT}
    pass_time(rig, timedelta(days=6), timedelta(hours=2))
    assert line_to(rig, ROBIN).state is LetterState.GIVEN_UP
    assert [ticket.flags for ticket in rig.tickets() if ticket.asker.spec == ROBIN] == [(Flag.LETTER_BOUNCED,)]


def test_a_refusal_that_looks_like_the_accounts_does_not_keep_staff_from_their_letters(rig: Rig) -> None:
    """The refused letter goes to an asker, and askers go first: that must not mean for ever."""
    rig.servers.reply("RCPT", "554 5.7.1 Relay access denied", recipient=ROBIN)
    rig.take(ask(ROBIN))
    pass_time(rig, timedelta(minutes=10), timedelta(seconds=30))
    assert len(rig.letters(TEAM)) == 1


# Nothing


def test_a_connection_lost_after_the_dot_means_the_same_bytes_once_more(relayed: Rig, relay: Relay) -> None:
    """Case 31; RFC 1047."""
    relay.on("DOT", HANG_UP, times=1)
    relayed.deliver(ask(ROBIN))
    relayed.works.intake.round()
    pass_time(relayed, timedelta(minutes=10), timedelta(minutes=1))
    copies = Counter(relay.wire)
    assert sorted(copies.values()) == [1, 2]
    assert {line.state for line in lines(relayed)} == {LetterState.SENT}


def test_a_letter_that_may_have_gone_twice_is_on_record_with_its_ticket(relayed: Rig, relay: Relay) -> None:
    """Case 31."""
    relay.on("DOT", HANG_UP, times=1)
    relayed.deliver(ask(ROBIN))
    relayed.works.intake.round()
    pass_time(relayed, timedelta(minutes=10), timedelta(minutes=1))
    assert Flag.LETTER_TWICE in relayed.tickets()[0].flags


def test_a_goodbye_that_fails_is_no_failure(relayed: Rig, relay: Relay) -> None:
    """Case 31: what has its 250 is sent."""
    relay.on("QUIT", HANG_UP)
    relayed.deliver(ask(ROBIN))
    relayed.works.intake.round()
    pass_time(relayed, timedelta(minutes=10), timedelta(minutes=1))
    assert len(relay.taken) == len(relay.wire) == 2
    assert {(line.state, line.tries) for line in lines(relayed)} == {(LetterState.SENT, 1)}


# Ourselves


@dataclass
class Clumsy:
    """A real transport that has a fault of ours when it comes to one recipient."""

    real: Transport
    stumbles_over: str

    async def send(self, mail: OutgoingMail, recipients: tuple[str, ...]) -> Mapping[str, Outcome]:
        if self.stumbles_over in recipients:
            raise KeyError("a bug")
        return await self.real.send(mail, recipients)

    async def close(self) -> None:
        await self.real.close()


def test_a_letter_that_our_own_fault_stops_waits_for_staff_and_the_others_go(rig: Rig) -> None:
    """Case 39."""
    rig.works.outbox.transport = Clumsy(rig.works.transport, ROBIN)
    for person in (ROBIN, "ann@uni.example", "bob@uni.example"):
        rig.deliver(ask(person, f"{person} asks: may we?\n"))
    rig.work()
    states = Counter(line.state for line in lines(rig))
    assert states == {LetterState.SENT: 5, LetterState.UNCERTAIN: 1}
    assert rig.tickets()[0].flags == (Flag.LETTER_BOUNCED,)


def test_a_letter_that_our_own_fault_stopped_can_be_let_go_again(rig: Rig) -> None:
    rig.works.outbox.transport = Clumsy(rig.works.transport, ROBIN)
    rig.take(ask(ROBIN))
    rig.works.outbox.transport = rig.works.transport
    release(rig, line_to(rig, ROBIN))
    rig.send()
    assert len(rig.letters(ROBIN)) == 1


@dataclass
class Locking:
    """A real transport, while somebody takes the store away as soon as the first letter has gone."""

    real: Transport
    neighbour: sqlite3.Connection

    async def send(self, mail: OutgoingMail, recipients: tuple[str, ...]) -> Mapping[str, Outcome]:
        outcomes = await self.real.send(mail, recipients)
        if not self.neighbour.in_transaction:
            self.neighbour.execute("BEGIN IMMEDIATE")
        return outcomes

    async def close(self) -> None:
        await self.real.close()


@pytest.mark.parametrize("reply", ["250 2.0.0 ok", "451 4.7.1 later", "550 5.1.1 no"])
def test_an_outcome_that_could_not_be_written_down_is_written_down_later(
    make_rig: Callable[..., Rig], reply: str
) -> None:
    """The store is away between the relay's answer and our note of it: no second copy, and no letter in limbo."""
    rig = make_rig(environ={"KSMAIL_STORE__BUSY_TIMEOUT": "0.1"})
    rig.deliver(ask(ROBIN))
    rig.works.intake.round()
    if not reply.startswith("250"):
        rig.servers.reply("RCPT", reply, recipient=ROBIN, times=1)
    with closing(sqlite3.connect(rig.config.store.path, isolation_level=None, check_same_thread=False)) as neighbour:
        rig.works.outbox.transport = Locking(rig.works.transport, neighbour)
        for _ in range(2):
            with pytest.raises(Unavailable):
                asyncio.run(round_and_goodbye(rig))
        neighbour.execute("ROLLBACK")
        rig.works.outbox.transport = rig.works.transport
        pass_time(rig, timedelta(minutes=10), timedelta(minutes=1))
    assert LetterState.SENDING not in {line.state for line in lines(rig)}
    assert len(rig.letters(ROBIN)) == (0 if reply.startswith("550") else 1)
    assert len(rig.letters(TEAM)) == (2 if reply.startswith("550") else 1)


# Whatever happens

WORDS = st.sampled_from(["sent", "deferred", "account", "bounced", "taken, unheard", "lost, unheard", "fault"])
COUNT = itertools.count()


@dataclass
class Script:
    """A transport that does what a list says, and then is well. It counts who got what."""

    words: list[str]
    taken: Counter[tuple[str, str]] = field(default_factory=Counter)
    unheard: Counter[tuple[str, str]] = field(default_factory=Counter)
    ended: set[tuple[str, str]] = field(default_factory=set)

    async def send(self, mail: OutgoingMail, recipients: tuple[str, ...]) -> Mapping[str, Outcome]:
        await asyncio.sleep(0)
        return {person: self._one((mail.message_id, person), recipients) for person in recipients}

    def _one(self, who: tuple[str, str], recipients: tuple[str, ...]) -> Outcome:
        assert who not in self.ended
        match self.words.pop(0) if self.words else "sent":
            case "deferred":
                return Deferred("451 later")
            case "account":
                return Deferred("535 not you", account_wide=True)
            case "bounced":
                self.ended.add(who)
                return Bounced("550 no")
            case "taken, unheard":
                self.taken[who] += 1
                self.unheard[who] += 1
                return Uncertain("lost")
            case "lost, unheard":
                self.unheard[who] += 1
                return Uncertain("lost")
            case "fault":
                for person in recipients:
                    self.unheard[who[0], person] += 1
                raise KeyError("a bug")
        self.taken[who] += 1
        self.ended.add(who)
        return Sent("250 ok")

    async def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = new_store(Path(tmp_path_factory.mktemp("outbox")) / "desk.db")
    yield made
    made.close()


async def until_nothing_waits(outbox: Outbox, clock: Clock, store: Store) -> list[OutboxLine]:
    for _ in range(1_000):
        await outbox.round()
        with store.reading() as past:
            found = past.outbox(1_000)
        assert LetterState.SENDING not in {line.state for line in found}
        waiting = [line.due_at for line in found if line.state is LetterState.WAITING]
        if not waiting:
            return found
        clock.moment = max(min(waiting), clock.moment, outbox.paused_until or clock.moment)
    raise AssertionError("letters wait for ever")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(WORDS, max_size=25), people=st.lists(st.integers(1, 3), min_size=1, max_size=4))
def test_nobody_gets_more_copies_than_there_were_doubts_and_every_letter_ends(
    store: Store, words: list[str], people: list[int]
) -> None:
    script, clock = Script(list(words)), Clock(NOW)
    desk = Desk(policy=Policy(), composer=composer(), limits=Limits())
    outbox = Outbox(store, script, desk, clock.now, lambda: 0.0)
    names = [str(next(COUNT)) for _ in people]
    letters = [
        letter(name, to="one@uni.example", cc=("two@uni.example", "three@uni.example")[: count - 1])
        for name, count in zip(names, people, strict=True)
    ]
    with store.writing() as tx:
        tx.queue(letters, None, Cause(None, NOW, NOW))
    lines = asyncio.run(until_nothing_waits(outbox, clock, store))
    for who, copies in script.taken.items():
        assert copies <= 1 + script.unheard[who]
    for line in lines:
        if line.message_id in {mail.message_id for mail in letters} and line.state is LetterState.SENT:
            assert all(script.taken[line.message_id, person.address] >= 1 for person in line.recipients)
