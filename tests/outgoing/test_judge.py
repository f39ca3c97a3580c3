"""What an SMTP reply means for the letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.outgoing.judge import Phase, describe, judge
from ksmail.outgoing.transport import Bounced, Deferred, Sent

AFTER_SESSION = [Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.DOT]


def everybody_waits(phase: Phase, code: int, text: str) -> bool:
    outcome = judge(phase, code, text)
    return isinstance(outcome, Deferred) and outcome.account_wide


@pytest.mark.parametrize("code", [250, 251, 299])
def test_a_good_reply_to_the_dot_is_sent(code: int) -> None:
    assert isinstance(judge(Phase.DOT, code, "queued"), Sent)


@given(st.integers(100, 999), st.text())
def test_no_fault_before_mail_is_the_letters(code: int, text: str) -> None:
    assert everybody_waits(Phase.SESSION, code, text)


@pytest.mark.parametrize("phase", AFTER_SESSION)
def test_4yz_is_for_now(phase: Phase) -> None:
    outcome = judge(phase, 451, "4.7.1 greylisted")
    assert outcome == Deferred("451 4.7.1 greylisted", account_wide=False)


@pytest.mark.parametrize("phase", [Phase.RCPT, Phase.DATA, Phase.DOT])
def test_5yz_is_for_ever(phase: Phase) -> None:
    assert judge(phase, 550, "5.1.1 no such user") == Bounced("550 5.1.1 no such user")


def test_5yz_to_mail_is_about_our_account() -> None:
    assert everybody_waits(Phase.MAIL, 550, "5.7.60 not permitted to send as this sender")


@pytest.mark.parametrize("phase", [Phase.MAIL, Phase.DATA, Phase.DOT])
@pytest.mark.parametrize(
    "reply",
    ["554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException", "554 5.2.2 mailbox full",
     "550 5.4.5 Daily sending quota exceeded", "432 4.3.2 sender thread limit exceeded", "421 4.3.2 throttled"],
)  # fmt: skip
def test_a_quota_of_ours_pauses_the_account(phase: Phase, reply: str) -> None:
    assert everybody_waits(phase, int(reply[:3]), reply[4:])


def test_a_full_mailbox_of_a_recipient_is_the_recipients() -> None:
    assert judge(Phase.RCPT, 452, "4.2.2 over quota") == Deferred("452 4.2.2 over quota", account_wide=False)


def test_a_mailbox_that_is_full_for_ever_is_the_recipients_too() -> None:
    assert isinstance(judge(Phase.RCPT, 552, "5.2.2 over quota"), Bounced)


@pytest.mark.parametrize("text", ["4.3.2 too many", "you are throttled", "rate limit reached"])
def test_our_pace_is_ours_at_rcpt_too(text: str) -> None:
    assert everybody_waits(Phase.RCPT, 450, text)


@pytest.mark.parametrize("phase", AFTER_SESSION)
@pytest.mark.parametrize("code", [530, 535])
def test_a_server_that_wants_a_login_has_nothing_against_the_letter(phase: Phase, code: int) -> None:
    assert everybody_waits(phase, code, "5.7.0 Authentication required")


@pytest.mark.parametrize(
    "text",
    ["5.7.1 <desk@example.org>: Sender address rejected: not owned by user", "5.7.1 Relay access denied",
     "5.7.1 Client host rejected: Access denied", "5.7.54 Unable to relay recipient in non-accepted domain"],
)  # fmt: skip
def test_what_a_relay_has_against_us_bounces_no_letter(text: str) -> None:
    assert everybody_waits(Phase.RCPT, 554, text)


def test_what_the_recipients_relay_has_against_it_is_the_recipients() -> None:
    text = "5.1.1 Recipient address rejected: undeliverable: host mx.example said: Relay access denied"
    assert isinstance(judge(Phase.RCPT, 550, text), Bounced)


@pytest.mark.parametrize("phase", AFTER_SESSION)
@pytest.mark.parametrize("text", ["5.3.4 message too large, size limit exceeded", "message size exceeds maximum"])
def test_a_letter_that_is_too_large_is_refused_alone(phase: Phase, text: str) -> None:
    assert isinstance(judge(phase, 552, text), Bounced)


def test_a_letter_that_is_too_large_for_now_waits() -> None:
    assert isinstance(judge(Phase.MAIL, 452, "4.3.1 message size exceeds what is free"), Deferred)


@pytest.mark.parametrize("phase", AFTER_SESSION)
@pytest.mark.parametrize("code", [199, 354, 600, 999])
def test_a_code_that_means_nothing_is_tried_again(phase: Phase, code: int) -> None:
    assert isinstance(judge(phase, code, "?"), Deferred)


@given(st.integers(100, 999), st.text())
def test_a_reply_is_told_in_one_short_line_without_addresses(code: int, text: str) -> None:
    told = describe(code, text)
    assert len(told) <= 160
    assert told.isprintable()
    assert "@" not in told


def test_the_code_comes_first() -> None:
    assert describe(550, "5.1.1 <nobody@example.net>:\n unknown") == "550 5.1.1 … unknown"


@given(st.sampled_from(AFTER_SESSION), st.integers(100, 999), st.text())
def test_only_a_dot_is_ever_sent(phase: Phase, code: int, text: str) -> None:
    assert isinstance(judge(phase, code, text), Sent) == (phase is Phase.DOT and 200 <= code < 300)
