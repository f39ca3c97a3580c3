"""The transport against a server that goes wrong at each phase of the conversation."""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ksmail.outgoing.smtp import SmtpSettings, SmtpTransport
from ksmail.outgoing.transport import Bounced, Deferred, Outcome, Sent, Uncertain
from tests.outgoing.by_wire import ASKER, RAW, letter, send, send_one, until
from tests.smtp_stub import PHASES, SmtpStub
from tests.stub import HANG_UP, HOLD, SILENCE, Certified

LATER, COLLEAGUE = "later@example.net", "colleague@example.net"


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    return Certified(tmp_path_factory.mktemp("stub"))


@pytest.fixture
def stub(certified: Certified) -> Iterator[SmtpStub]:
    """With STARTTLS, so that it has every phase."""
    with SmtpStub(certified.context(), implicit=False) as running:
        yield running


@pytest.fixture
def settings(stub: SmtpStub, certified: Certified) -> SmtpSettings:
    return SmtpSettings(
        host="127.0.0.1",
        port=stub.port,
        tls="starttls",
        ca_file=certified.ca_file,
        user="desk",
        password="right",
        connect_timeout=5,
        command_timeout=5,
        data_timeout=5,
    )


def hasty(settings: SmtpSettings) -> SmtpSettings:
    return replace(settings, connect_timeout=0.3, command_timeout=0.3, data_timeout=0.3)


def kind(outcome: Outcome) -> str:
    match outcome:
        case Deferred(account_wide=True):
            return "all wait"
        case Deferred():
            return "waits"
        case _:
            return type(outcome).__name__.lower()


# What must come of a fault at each phase: the first of these that comes is for all letters or for this one,
# and only after the dot can anybody be in doubt (RFC 5321 4.2, RFC 1047).
MATRIX = {
    "CONNECT": ("all wait", "all wait", "all wait", "all wait"),
    "EHLO": ("all wait", "all wait", "all wait", "all wait"),
    "STARTTLS": ("all wait", "all wait", "all wait", "all wait"),
    "AUTH": ("all wait", "all wait", "all wait", "all wait"),
    "MAIL": ("waits", "all wait", "waits", "waits"),
    "RCPT": ("waits", "bounced", "waits", "waits"),
    "DATA": ("waits", "bounced", "waits", "waits"),
    "DOT": ("waits", "bounced", "uncertain", "uncertain"),
    "QUIT": ("sent", "sent", "sent", "sent"),
}
REPLIES = {
    "421": ("421 4.3.0 shutting down", 0),
    "451": ("451 4.3.0 not now", 0),
    "550": ("550 5.7.1 never", 1),
    "hangs up": (HANG_UP, 2),
}


@pytest.mark.parametrize("reply", REPLIES)
@pytest.mark.parametrize("phase", PHASES)
def test_a_fault_at_each_phase_has_its_outcome(stub: SmtpStub, settings: SmtpSettings, phase: str, reply: str) -> None:
    said, column = REPLIES[reply]
    stub.on(phase, said)
    assert kind(send_one(settings)) == MATRIX[phase][column]


@pytest.mark.parametrize("phase", PHASES)
def test_silence_at_each_phase_has_its_outcome(stub: SmtpStub, settings: SmtpSettings, phase: str) -> None:
    stub.on(phase, SILENCE)
    started = time.monotonic()
    assert kind(send_one(hasty(settings))) == MATRIX[phase][3]
    assert time.monotonic() - started < 4


@pytest.mark.parametrize("reply", [*REPLIES, "silence"])
@pytest.mark.parametrize("phase", PHASES)
def test_after_a_fault_the_next_letter_goes(stub: SmtpStub, settings: SmtpSettings, phase: str, reply: str) -> None:
    stub.on(phase, REPLIES.get(reply, (SILENCE, 0))[0], times=1)
    chosen = hasty(settings) if reply == "silence" else settings
    outcomes = send(chosen, letter(), letter())
    assert kind(outcomes[1][ASKER]) == "sent"


@pytest.mark.parametrize("phase", [phase for phase in PHASES if phase not in ("DOT", "QUIT")])
@pytest.mark.parametrize("reply", [reply for reply, _ in REPLIES.values()])
def test_before_the_dot_the_server_has_nothing(stub: SmtpStub, settings: SmtpSettings, phase: str, reply: str) -> None:
    stub.on(phase, reply)
    send_one(settings)
    assert stub.wire == []


@pytest.mark.parametrize("phase", PHASES)
def test_a_reply_that_is_no_reply_is_tried_again(stub: SmtpStub, settings: SmtpSettings, phase: str) -> None:
    stub.on(phase, "what is this? \x00\xff")
    assert kind(send_one(settings)) in ("all wait", "waits", "uncertain" if phase == "DOT" else "sent")


@pytest.mark.parametrize("phase", PHASES)
def test_a_reply_without_end_takes_no_memory(stub: SmtpStub, settings: SmtpSettings, phase: str) -> None:
    code = {"CONNECT": 220, "STARTTLS": 220, "AUTH": 235, "DATA": 354}.get(phase, 250)
    stub.on(phase, f"{code}-and so on\r\n" * 10_000 + f"{code} end")
    assert kind(send_one(settings)) in ("all wait", "waits", "uncertain" if phase == "DOT" else "sent")


# The end of the mail


def test_a_connection_that_dies_after_the_dot_leaves_us_in_doubt(stub: SmtpStub, settings: SmtpSettings) -> None:
    stub.on("DOT", HANG_UP)
    outcome = send_one(settings)
    assert outcome == Uncertain("the connection was lost before the reply to the end of the mail")


def test_a_server_that_is_silent_after_the_dot_leaves_us_in_doubt(stub: SmtpStub, settings: SmtpSettings) -> None:
    stub.on("DOT", SILENCE)
    assert send_one(hasty(settings)) == Uncertain("no reply to the end of the mail")


def test_the_reply_to_the_dot_may_take_longer_than_any_other(stub: SmtpStub, settings: SmtpSettings) -> None:
    stub.on("DOT", f"{HOLD}250 2.0.0 at last")
    patient = replace(hasty(settings), data_timeout=10)

    async def work() -> Outcome:
        transport = SmtpTransport(patient)
        sending = asyncio.create_task(transport.send(letter(), (ASKER,)))
        await asyncio.sleep(0.6)  # twice the time that other replies get
        stub.release()
        outcome = (await sending)[ASKER]
        await transport.close()
        return outcome

    assert kind(asyncio.run(work())) == "sent"
    assert len(stub.wire) == 1


@pytest.mark.parametrize(
    "reply", ["554 5.2.0 quota", "554 5.2.2 mailbox full", "550 5.4.5 Daily sending quota exceeded"]
)
def test_a_quota_after_the_dot_pauses_the_account(stub: SmtpStub, settings: SmtpSettings, reply: str) -> None:
    stub.on("DOT", reply)
    assert kind(send_one(settings)) == "all wait"


# Several recipients


def test_three_recipients_have_three_outcomes(stub: SmtpStub, settings: SmtpSettings) -> None:
    stub.on("RCPT", "450 4.2.0 later", times=1, skip=1).on("RCPT", "550 5.1.1 unknown", times=1, skip=1)
    [outcomes] = send(settings, letter(ASKER, LATER, "nobody@example.net"))
    assert {who: kind(outcome) for who, outcome in outcomes.items()} == {
        ASKER: "sent", LATER: "waits", "nobody@example.net": "bounced",
    }  # fmt: skip


def test_when_all_are_refused_no_mail_is_handed_over(stub: SmtpStub, settings: SmtpSettings) -> None:
    stub.on("RCPT", "550 5.1.1 unknown")
    send(settings, letter(ASKER, COLLEAGUE))
    assert stub.said("DATA") == []


def test_after_all_were_refused_the_connection_is_used_again(stub: SmtpStub, settings: SmtpSettings) -> None:
    stub.on("RCPT", "550 5.1.1 unknown", times=1)
    outcomes = send(settings, letter(), letter())
    assert ([kind(each[ASKER]) for each in outcomes], stub.connections) == (["bounced", "sent"], 1)


def test_a_connection_that_dies_at_the_second_recipient_defers_both(stub: SmtpStub, settings: SmtpSettings) -> None:
    stub.on("RCPT", HANG_UP, skip=1)
    [outcomes] = send(settings, letter(ASKER, COLLEAGUE, LATER))
    assert [kind(outcome) for outcome in outcomes.values()] == ["waits", "waits", "waits"]


def test_who_was_refused_stays_refused_when_the_mail_is_in_doubt(stub: SmtpStub, settings: SmtpSettings) -> None:
    stub.on("RCPT", "550 5.1.1 unknown", times=1).on("DOT", HANG_UP)
    [outcomes] = send(settings, letter(ASKER, COLLEAGUE))
    assert [kind(outcome) for outcome in outcomes.values()] == ["bounced", "uncertain"]


BAD_ADDRESSES = [
    "asker@example.net\r\nRCPT TO:<other@example.net>", "asker\n@example.net", "asker\0@example.net", "-oX@example.net",
    "asker>@example.net", "<asker@example.net>", "ask er@example.net", "äsker@example.net", "asker@exämple.net",
    "asker", "asker@", "@example.net", "", '"asker"@example.net', "asker@[192.0.2.1]", "a" * 65 + "@example.net",
]  # fmt: skip


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_what_is_no_plain_address_is_refused_before_connecting(
    stub: SmtpStub, settings: SmtpSettings, address: str
) -> None:
    assert send_one(settings, letter(address)) == Bounced("not a plain mail address")
    assert stub.connections == 0


def test_one_bad_address_keeps_no_other_from_the_mail(stub: SmtpStub, settings: SmtpSettings) -> None:
    [outcomes] = send(settings, letter("-oX@example.net", ASKER))
    assert [kind(outcome) for outcome in outcomes.values()] == ["bounced", "sent"]


def test_a_bad_address_of_our_own_pauses_the_account(stub: SmtpStub, settings: SmtpSettings) -> None:
    outcome = send_one(settings, letter(envelope_from="desk@example.org> SIZE=1\r\nRSET"))
    assert (kind(outcome), stub.connections) == ("all wait", 0)


# The wire


def test_one_mail_is_on_the_wire_whatever_its_line_ends(stub: SmtpStub, settings: SmtpSettings) -> None:
    raw = b"A: b\n\none\n.\nMAIL FROM:<x@example.net>\r.\r\n..two\r\n" + b"x" * 2000 + b"\n.\r\nend"
    send_one(settings, letter(raw=raw))
    assert stub.wire == [
        b"A: b\r\n\r\none\r\n..\r\nMAIL FROM:<x@example.net>\r\n..\r\n...two\r\n"
        + b"x" * 2000
        + b"\r\n..\r\nend\r\n.\r\n"
    ]
    assert len(stub.said("MAIL")) == 1


def test_a_retry_sends_the_same_octets(stub: SmtpStub, settings: SmtpSettings) -> None:
    stub.on("DOT", "451 4.3.0 not now", times=1)
    send(settings, letter(), letter())
    assert stub.wire == [RAW + b".\r\n"] * 2


def test_the_size_is_told_where_the_server_wants_it(stub: SmtpStub, settings: SmtpSettings) -> None:
    send_one(settings)
    assert stub.said("MAIL") == [f"MAIL FROM:<desk@example.org> SIZE={len(RAW)}"]


def test_nothing_is_told_that_the_server_does_not_know(stub: SmtpStub, settings: SmtpSettings) -> None:
    stub.extensions = "AUTH PLAIN"
    send_one(settings, letter(raw=RAW + b"\xff\r\n"))
    assert stub.said("MAIL") == ["MAIL FROM:<desk@example.org>"]


def test_eight_bit_octets_are_announced(stub: SmtpStub, settings: SmtpSettings) -> None:
    send_one(settings, letter(raw=RAW + b"\xff\r\n"))
    assert stub.said("MAIL")[0].endswith(" BODY=8BITMIME")


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "example.org"),
        ({"envelope_from": ""}, "letters.example"),
        ({"envelope_from": "", "message_id": "broken"}, "[127.0.0.1]"),
    ],
)
def test_we_greet_with_a_name_that_is_not_this_machines(
    stub: SmtpStub, settings: SmtpSettings, changes: dict[str, Any], name: str
) -> None:
    send_one(settings, letter(**({"message_id": "<one@letters.example>"} | changes)))
    assert set(stub.said("EHLO")) == {f"EHLO {name}"}


def test_we_greet_with_the_name_of_the_settings(stub: SmtpStub, settings: SmtpSettings) -> None:
    send_one(replace(settings, helo="desk.example"))
    assert set(stub.said("EHLO")) == {"EHLO desk.example"}


# No encryption, no conversation (RFC 3207 6, RFC 8314)


def test_without_starttls_neither_login_nor_mail_leave_us(certified: Certified, settings: SmtpSettings) -> None:
    with SmtpStub() as stripped:
        outcome = send_one(replace(settings, port=stripped.port))
        assert (kind(outcome), stripped.said("AUTH") + stripped.said("MAIL")) == ("all wait", [])
        assert outcome == Deferred("the SMTP server offers no encryption", account_wide=True)


def test_a_refused_starttls_is_the_end(stub: SmtpStub, settings: SmtpSettings) -> None:
    stub.on("STARTTLS", "454 4.7.0 not today")
    send_one(settings)
    assert stub.said("AUTH") + stub.said("MAIL") == []


def test_what_was_injected_before_tls_is_not_believed(stub: SmtpStub, settings: SmtpSettings) -> None:
    stub.injected = b"250-evil.example\r\n250 AUTH LOGIN\r\n"
    assert kind(send_one(settings)) in ("sent", "all wait")
    assert stub.said("AUTH LOGIN") == []


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_a_certificate_for_another_host_is_refused(certified: Certified, settings: SmtpSettings, tls: Any) -> None:
    with SmtpStub(certified.context("mail.example"), implicit=tls == "implicit") as stub:
        outcome = send_one(replace(settings, port=stub.port, tls=tls))
        assert (kind(outcome), stub.said("AUTH")) == ("all wait", [])
    assert isinstance(outcome, Deferred)
    assert "certificate" in outcome.reason


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_an_expired_certificate_is_refused(certified: Certified, settings: SmtpSettings, tls: Any) -> None:
    context = certified.context(not_after=datetime.now(UTC) - timedelta(days=1))
    with SmtpStub(context, implicit=tls == "implicit") as stub:
        outcome = send_one(replace(settings, port=stub.port, tls=tls))
    assert isinstance(outcome, Deferred)
    assert "expired" in outcome.reason


def test_a_certificate_of_another_authority_is_refused(settings: SmtpSettings, tmp_path: Path) -> None:
    with SmtpStub(Certified(tmp_path).context()) as stub:
        outcome = send_one(replace(settings, port=stub.port, tls="implicit"))
    assert isinstance(outcome, Deferred)
    assert "certificate" in outcome.reason


def test_tls_before_1_2_is_refused(certified: Certified, settings: SmtpSettings) -> None:
    context = certified.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that is the point
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with SmtpStub(context) as stub:
        outcome = send_one(replace(settings, port=stub.port, tls="implicit"))
    assert outcome == Deferred("no secure connection to the SMTP server", account_wide=True)


# Logging in


def test_a_wrong_password_is_tried_once(stub: SmtpStub, settings: SmtpSettings) -> None:
    stub.extensions = "AUTH CRAM-MD5 LOGIN PLAIN"
    stub.on("AUTH", "535 5.7.8 no")
    send_one(settings)
    assert len(stub.said("AUTH")) == 1


def test_a_server_without_a_way_to_log_in_gets_no_mail(stub: SmtpStub, settings: SmtpSettings) -> None:
    stub.extensions = "AUTH CRAM-MD5 XOAUTH2"
    assert (kind(send_one(settings)), stub.said("MAIL")) == ("all wait", [])


def test_without_a_user_nobody_logs_in(stub: SmtpStub, settings: SmtpSettings) -> None:
    assert (kind(send_one(replace(settings, user=""))), stub.said("AUTH")) == ("sent", [])


@pytest.mark.parametrize(
    "echo", ["535 5.7.8 no such user canary-user with canary-password", HANG_UP, "nonsense canary"]
)
def test_neither_password_nor_letter_reach_a_log(
    stub: SmtpStub, settings: SmtpSettings, caplog: pytest.LogCaptureFixture, echo: str
) -> None:
    caplog.set_level(logging.DEBUG)
    stub.on("AUTH", echo, times=1)
    send(replace(settings, user="canary-user", password="canary-password"), letter(raw=b"Subject: canary\r\n\r\n"))
    assert "canary" not in caplog.text


# Connections


def test_connections_are_used_again(stub: SmtpStub, settings: SmtpSettings) -> None:
    send(settings, *(letter() for _ in range(5)))
    assert (stub.connections, len(stub.taken)) == (1, 5)


def test_there_are_never_more_connections_than_the_settings_allow(stub: SmtpStub, settings: SmtpSettings) -> None:
    most = 0

    async def work() -> None:
        nonlocal most
        transport = SmtpTransport(replace(settings, connections=3))
        sending = [asyncio.create_task(transport.send(letter(), (ASKER,))) for _ in range(12)]
        while not all(task.done() for task in sending):
            most = max(most, len(stub.lines))
            await asyncio.sleep(0.001)
        await transport.close()

    asyncio.run(work())
    assert (len(stub.taken), stub.connections <= 3, most <= 3) == (12, True, True)


def test_closing_says_goodbye(stub: SmtpStub, settings: SmtpSettings) -> None:
    send_one(settings)
    assert stub.commands[-1] == "QUIT"


def test_nobody_there_pauses_the_account(stub: SmtpStub, settings: SmtpSettings) -> None:
    stub.__exit__()
    assert send_one(settings) == Deferred("no connection to the SMTP server", account_wide=True)


def test_a_name_that_nobody_knows_pauses_the_account(settings: SmtpSettings) -> None:
    assert kind(send_one(replace(settings, host="nowhere.invalid"))) == "all wait"


# Being stopped


def stopped_at(
    stub: SmtpStub, settings: SmtpSettings, phase: str, then: Callable[[], None]
) -> Outcome | asyncio.CancelledError:
    """Cancel a send while the server keeps back its reply to `phase`; `then` happens a little later."""
    stub.on(phase, f"{HOLD}250 2.0.0 at last", times=1)
    word = {"DOT": "DATA", "CONNECT": ""}.get(phase, phase)

    async def work() -> Outcome | asyncio.CancelledError:
        transport = SmtpTransport(settings)
        sending = asyncio.create_task(transport.send(letter(), (ASKER,)))
        await until(lambda: bool(stub.wire if phase == "DOT" else stub.said(word) if word else stub.lines))
        sending.cancel()
        asyncio.get_running_loop().call_later(0.1, then)
        try:
            return (await sending)[ASKER]
        except asyncio.CancelledError as cancelled:
            return cancelled
        finally:
            await transport.close()

    return asyncio.run(work())


@pytest.mark.parametrize("phase", ["CONNECT", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA"])
def test_before_the_dot_a_send_can_be_stopped(stub: SmtpStub, settings: SmtpSettings, phase: str) -> None:
    assert isinstance(stopped_at(stub, settings, phase, stub.release), asyncio.CancelledError)
    assert stub.taken == []


def test_a_cancellation_that_a_library_forgot_is_heeded_before_the_dot(stub: SmtpStub, settings: SmtpSettings) -> None:
    async def forgetful(transport: SmtpTransport) -> Mapping[str, Outcome]:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        return await transport.send(letter(), (ASKER,))

    async def work() -> None:
        transport = SmtpTransport(settings)
        sending = asyncio.create_task(forgetful(transport))
        await asyncio.sleep(0)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await transport.close()

    asyncio.run(work())
    assert stub.said("DATA")
    assert stub.taken == []


def test_after_the_dot_a_send_that_is_stopped_still_learns_its_outcome(stub: SmtpStub, settings: SmtpSettings) -> None:
    outcome = stopped_at(stub, settings, "DOT", stub.release)
    assert isinstance(outcome, Sent)


def test_after_the_dot_a_send_that_is_stopped_may_end_in_doubt(stub: SmtpStub, settings: SmtpSettings) -> None:
    assert isinstance(stopped_at(stub, settings, "DOT", stub.cut), Uncertain)


def test_after_the_dot_a_send_that_is_stopped_twice_is_in_doubt(stub: SmtpStub, settings: SmtpSettings) -> None:
    stub.on("DOT", f"{HOLD}250 2.0.0 too late")

    async def work() -> Outcome:
        transport = SmtpTransport(settings)
        sending = asyncio.create_task(transport.send(letter(), (ASKER,)))
        await until(lambda: bool(stub.wire))
        for _ in range(2):
            sending.cancel()
            await asyncio.sleep(0.01)
        outcome = (await sending)[ASKER]
        await transport.close()
        return outcome

    assert isinstance(asyncio.run(work()), Uncertain)


def test_a_send_that_was_stopped_frees_its_place(stub: SmtpStub, settings: SmtpSettings) -> None:
    stub.on("MAIL", f"{HOLD}250 2.0.0 at last", times=1)

    async def work() -> Outcome:
        transport = SmtpTransport(replace(settings, connections=1))
        sending = asyncio.create_task(transport.send(letter(), (ASKER,)))
        await until(lambda: bool(stub.said("MAIL")))
        sending.cancel()
        outcome = (await transport.send(letter(), (ASKER,)))[ASKER]
        await transport.close()
        return outcome

    assert kind(asyncio.run(work())) == "sent"


def test_a_server_that_stops_reading_is_given_up(stub: SmtpStub, settings: SmtpSettings) -> None:
    stub.on("DATA", "354 go ahead", times=1)
    stub.read_mail = False
    outcome = send_one(hasty(settings), letter(raw=RAW + b"x" * 30_000_000))
    assert kind(outcome) == "waits"


def test_no_reason_shows_an_address(stub: SmtpStub, settings: SmtpSettings) -> None:
    stub.on("RCPT", "550 5.1.1 <asker@example.net>: no mailbox asker@example.net here")
    outcome = send_one(settings)
    assert isinstance(outcome, Bounced)
    assert not re.search("asker|example", outcome.reason)
