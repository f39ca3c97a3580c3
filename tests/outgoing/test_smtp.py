"""The transport against two real servers: one in memory (aiosmtpd) and Postfix."""

from __future__ import annotations

import asyncio
import re
import socket
from dataclasses import replace
from email import message_from_bytes
from typing import Any, Protocol

import pytest

from ksmail.errors import ConfigError
from ksmail.outgoing.smtp import SmtpSettings, SmtpTransport
from ksmail.outgoing.transport import Bounced, Deferred, Sent
from tests.outgoing.by_wire import ASKER, RAW, letter, send, send_one
from tests.servers import Postfix, Servers


class Relay(Protocol):
    """A submission server, seen from the other side."""

    settings: SmtpSettings
    starttls: SmtpSettings

    def new_recipient(self) -> str: ...

    def received(self, recipient: str) -> list[bytes]: ...


class InMemory:
    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self.settings = SmtpSettings(
            host=servers.host,
            port=servers.smtp_port,
            user=servers.user,
            password=servers.password,
            ca_file=servers.ca_file,
        )
        self.starttls = replace(self.settings, port=servers.smtp_starttls_port, tls="starttls")

    def new_recipient(self) -> str:
        return ASKER

    def received(self, recipient: str) -> list[bytes]:
        return [mail.raw for mail in self._servers.sent if recipient in mail.recipients]


class Debian:
    def __init__(self, postfix: Postfix) -> None:
        self._postfix = postfix
        self.settings = postfix.settings()
        self.starttls = postfix.settings(port=postfix.submission, tls="starttls")

    def new_recipient(self) -> str:
        return self._postfix.dovecot.new_user()

    def received(self, recipient: str) -> list[bytes]:
        return self._postfix.received(recipient)


@pytest.fixture(params=["aiosmtpd", pytest.param("postfix", marks=pytest.mark.servers)])
def relay(request: pytest.FixtureRequest) -> Relay:
    if request.param == "aiosmtpd":
        return InMemory(request.getfixturevalue("servers"))
    return Debian(request.getfixturevalue("postfix"))


def body(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[2]


# Sending


def test_a_letter_is_sent(relay: Relay) -> None:
    assert isinstance(send_one(relay.settings, letter(relay.new_recipient())), Sent)


def test_a_letter_arrives(relay: Relay) -> None:
    recipient = relay.new_recipient()
    send_one(relay.settings, letter(recipient))
    [arrived] = relay.received(recipient)
    assert (message_from_bytes(arrived)["Message-ID"], body(arrived)) == ("<one@example.org>", b"Yes.\r\n")


def test_starttls_is_used_where_it_is_asked_for(relay: Relay) -> None:
    assert isinstance(send_one(relay.starttls, letter(relay.new_recipient())), Sent)


def test_the_null_path_is_accepted(relay: Relay) -> None:
    assert isinstance(send_one(relay.settings, letter(relay.new_recipient(), envelope_from="")), Sent)


def test_one_letter_to_two_recipients_has_two_outcomes(relay: Relay) -> None:
    recipients = (relay.new_recipient(), "colleague@example.net")
    [outcomes] = send(relay.settings, letter(*recipients))
    assert {who: type(outcome) for who, outcome in outcomes.items()} == dict.fromkeys(recipients, Sent)


def test_many_letters_go_over_one_transport(relay: Relay) -> None:
    outcomes = send(relay.settings, *(letter(relay.new_recipient()) for _ in range(10)))
    assert {type(outcome) for each in outcomes for outcome in each.values()} == {Sent}


@pytest.mark.parametrize(
    ("sent", "arrives"),
    [
        (b"one\n.\ntwo\n", b"one\r\n.\r\ntwo\r\n"),
        (b"one\r.\rtwo\r", b"one\r\n.\r\ntwo\r\n"),
        (b"one\r\n.\r\nMAIL FROM:<x@example.net>\r\n", b"one\r\n.\r\nMAIL FROM:<x@example.net>\r\n"),
        (b".\r\n..\r\n...three\r\n", b".\r\n..\r\n...three\r\n"),
        (b"no end", b"no end\r\n"),
        (b"", b""),
    ],
)
def test_what_was_written_arrives_in_one_piece(relay: Relay, sent: bytes, arrives: bytes) -> None:
    recipient = relay.new_recipient()
    send_one(relay.settings, letter(recipient, raw=b"From: desk@example.org\r\n\r\n" + sent))
    assert [body(raw) for raw in relay.received(recipient)] == [arrives]


def test_a_long_letter_arrives_whole(relay: Relay) -> None:
    recipient = relay.new_recipient()
    lines = b"".join(b"%06d and some more words to make it long\r\n" % number for number in range(20_000))
    send_one(relay.settings, letter(recipient, raw=RAW + lines))
    assert [body(raw) for raw in relay.received(recipient)] == [b"Yes.\r\n" + lines]


def test_eight_bit_octets_arrive_as_they_are(relay: Relay) -> None:
    recipient = relay.new_recipient()
    raw = b"From: desk@example.org\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xe2\x82\xac\r\n"
    send_one(relay.settings, letter(recipient, raw=raw))
    assert [body(arrived) for arrived in relay.received(recipient)] == [b"\xe2\x82\xac\r\n"]


# Who is at the other end


def test_a_wrong_password_pauses_the_account(relay: Relay) -> None:
    outcome = send_one(replace(relay.settings, password="wrong"))
    assert isinstance(outcome, Deferred)
    assert (outcome.account_wide, outcome.reason[:3]) == (True, "535")


@pytest.mark.parametrize("way", ["settings", "starttls"])
def test_a_certificate_of_an_unknown_authority_is_refused(relay: Relay, way: str) -> None:
    outcome = send_one(replace(getattr(relay, way), ca_file=None))
    assert isinstance(outcome, Deferred)
    assert outcome.account_wide
    assert "certificate of the SMTP server is not valid" in outcome.reason


def test_closing_twice_is_harmless(relay: Relay) -> None:
    async def work() -> list[Any]:
        transport = SmtpTransport(relay.settings)
        mail = letter(relay.new_recipient())
        outcomes: list[Any] = []
        for _ in range(2):
            outcomes += (await transport.send(mail, mail.recipients)).values()
            await transport.close()
            await transport.close()
        return outcomes

    assert [type(outcome) for outcome in asyncio.run(work())] == [Sent, Sent]


def test_another_event_loop_may_use_it_after_closing(relay: Relay) -> None:
    transport = SmtpTransport(replace(relay.settings, connections=1))

    async def work() -> int:
        mails = [letter(relay.new_recipient()) for _ in range(3)]
        outcomes = await asyncio.gather(*(transport.send(mail, mail.recipients) for mail in mails))
        await transport.close()
        return sum(isinstance(outcome, Sent) for each in outcomes for outcome in each.values())

    assert [asyncio.run(work()) for _ in range(2)] == [3, 3]


# aiosmtpd alone


def test_a_server_that_wants_a_login_bounces_nothing(servers: Servers) -> None:
    outcome = send_one(replace(InMemory(servers).settings, user=""))
    assert isinstance(outcome, Deferred)
    assert outcome.account_wide


def test_the_envelope_is_ours_not_the_headers(servers: Servers) -> None:
    send_one(InMemory(servers).settings, letter("envelope@example.net", envelope_from="desk+token@example.org"))
    [mail] = servers.sent
    assert (mail.envelope_from, mail.recipients) == ("desk+token@example.org", ("envelope@example.net",))


def test_what_a_server_says_of_one_recipient_is_that_recipients_outcome(servers: Servers) -> None:
    servers.reply("RCPT", "450 4.2.0 later", recipient="later@example.net")
    servers.reply("RCPT", "550 5.1.1 unknown", recipient="nobody@example.net")
    [outcomes] = send(InMemory(servers).settings, letter(ASKER, "later@example.net", "nobody@example.net"))
    assert [type(outcome) for outcome in outcomes.values()] == [Sent, Deferred, Bounced]


def test_who_was_refused_gets_no_copy(servers: Servers) -> None:
    servers.reply("RCPT", "450 4.2.0 later", recipient="later@example.net")
    send(InMemory(servers).settings, letter(ASKER, "later@example.net"))
    assert [mail.recipients for mail in servers.sent] == [(ASKER,)]


def test_only_the_recipients_that_are_asked_for_get_a_copy(servers: Servers) -> None:
    async def work() -> None:
        transport = SmtpTransport(InMemory(servers).settings)
        await transport.send(letter(ASKER, "served@example.net"), (ASKER,))
        await transport.close()

    asyncio.run(work())
    assert [mail.recipients for mail in servers.sent] == [(ASKER,)]


def test_a_connection_that_the_server_closed_meanwhile_is_opened_again(servers: Servers) -> None:
    async def work() -> list[type]:
        transport = SmtpTransport(InMemory(servers).settings)
        first = await transport.send(letter(), (ASKER,))
        servers.hang_up()
        second = await transport.send(letter(), (ASKER,))
        await transport.close()
        return [type(outcome) for outcome in (*first.values(), *second.values())]

    assert asyncio.run(work()) == [Sent, Sent]


# Postfix alone


@pytest.mark.servers
def test_postfix_refuses_each_recipient_for_itself(postfix: Postfix) -> None:
    recipients = (postfix.dovecot.new_user(), "later@example.net", "nobody@example.net")
    [outcomes] = send(postfix.settings(), letter(*recipients))
    assert [type(outcomes[recipient]) for recipient in recipients] == [Sent, Deferred, Bounced]


@pytest.mark.servers
def test_a_sender_that_postfix_does_not_let_us_be_bounces_nothing(postfix: Postfix) -> None:
    outcome = send_one(postfix.settings(), letter(envelope_from="stranger@example.org"))
    assert isinstance(outcome, Deferred)
    assert outcome.account_wide


@pytest.mark.servers
def test_a_letter_that_is_too_large_for_postfix_is_refused_alone(postfix: Postfix) -> None:
    outcome = send_one(postfix.settings(), letter(raw=RAW + b"x" * 76 * 20_000))
    assert isinstance(outcome, Bounced)


@pytest.mark.servers
def test_the_name_of_this_machine_is_told_to_nobody(postfix: Postfix) -> None:
    recipient = postfix.dovecot.new_user()
    send_one(postfix.settings(), letter(recipient))
    [arrived] = postfix.received(recipient)
    received = "".join(message_from_bytes(arrived).get_all("Received", []))
    assert "from example.org (" in received
    words = re.findall(r"[\w+/=.-]+", received)  # an identifier of the server may hold a short name by chance
    assert [word for word in words if socket.gethostname() in (word, word.partition(".")[0])] == []


# Settings


@pytest.mark.parametrize("host", ["mail.example.org", "192.0.2.1", "localhost.example.org"])
def test_cleartext_to_another_machine_is_refused(host: str) -> None:
    with pytest.raises(ConfigError, match=r"smtp\.tls"):
        SmtpTransport(SmtpSettings(host=host, tls="none"))


def test_cleartext_on_this_machine_is_accepted() -> None:
    assert SmtpTransport(SmtpSettings(host="127.0.0.1", tls="none"))


def test_an_authority_that_cannot_be_read_stops_the_start(servers: Servers) -> None:
    with pytest.raises(ConfigError, match=r"smtp\.ca_file"):
        SmtpTransport(replace(InMemory(servers).settings, ca_file=servers.ca_file / "nothing"))


def test_the_password_is_not_shown() -> None:
    assert "hush" not in repr(SmtpSettings(host="mail.example.org", user="u", password="hush"))
