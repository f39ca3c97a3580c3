"""What an SMTP reply means for the letter: whose fault it is, and whether it is worth another try."""

from __future__ import annotations

import re
from enum import StrEnum

from ksmail.outgoing.transport import Bounced, Deferred, Outcome, Sent


class Phase(StrEnum):
    """Where in the conversation a reply came (RFC 5321 3). SESSION is all before MAIL; DOT is the end of the mail."""

    SESSION = "session"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    DOT = "end of mail"


# Submission services tell us of our own quota and pace with codes that elsewhere speak of the recipient's mailbox.
_OUR_QUOTA = re.compile(r"\b(?:5\.2\.0|5\.2\.2|[45]\.3\.2)\b|quota|throttl|rate limit|limit exceeded", re.IGNORECASE)
_OUR_PACE = re.compile(r"\b[45]\.3\.2\b|throttl|rate limit", re.IGNORECASE)
# What a relay thinks of us, many keep back until RCPT (Postfix: smtpd_delay_reject). No letter would pass.
_OUR_STANDING = re.compile(
    r"(?:sender address|client host|helo command) rejected|relay access denied|unable to relay|relay not permitted",
    re.IGNORECASE,
)
_THEIRS = re.compile("recipient address rejected", re.IGNORECASE)
_LOGIN_WANTED = (530, 534, 535, 538)  # RFC 4954 6
_TOO_LARGE = re.compile(r"\b5\.3\.4\b|message size|size limit", re.IGNORECASE)  # RFC 3463 3.4, RFC 1870 6


def judge(phase: Phase, code: int, text: str) -> Outcome:
    """The outcome of a reply that ends a phase for one recipient or for all. 2yz to the dot alone is Sent."""
    reason = describe(code, text)
    refused = 500 <= code < 600
    if phase is Phase.DOT and 200 <= code < 300:
        return Sent(reason)
    if phase is Phase.SESSION or code in _LOGIN_WANTED:
        return Deferred(reason, account_wide=True)
    if refused and _TOO_LARGE.search(text):
        return Bounced(reason)
    if _is_about_us(phase, text):
        return Deferred(reason, account_wide=True)
    if phase is Phase.MAIL:
        return Deferred(reason, account_wide=refused)
    return Bounced(reason) if refused else Deferred(reason)


def _is_about_us(phase: Phase, text: str) -> bool:
    """A full mailbox in a reply to RCPT is the recipient's; at any other place quota means ours."""
    if phase is Phase.RCPT:
        return bool(_OUR_PACE.search(text) or (_OUR_STANDING.search(text) and not _THEIRS.search(text)))
    return bool(_OUR_QUOTA.search(text))


def describe(code: int, text: str) -> str:
    """A reply in one short printable line, without the addresses in it."""
    words = re.sub(r"\S*@\S*", "…", text)
    line = " ".join("".join(char if char.isprintable() else " " for char in words).split())
    return f"{code} {line}"[:160].strip()
