"""The facts we keep of a mail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ksmail.address import Address


class Language(StrEnum):
    """What a text is written in; BOTH means unsure, and is answered in both languages."""

    NL = "nl"
    EN = "en"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that came with a mail. `name` is safe to show and to save; the bytes stay in the raw mail."""

    name: str
    content_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a delivery report says (RFC 3464), or one in the words of a server that knows no RFC 3464. Only a claim.

    `failed` are the recipients refused for ever and `delayed` those refused for now: addr-specs, lower case, at most
    50 of each. `message_ids`, with their brackets, are of the mail it is about, as its copy or its headers came back.
    `status` is an enhanced status code (RFC 3463), "5.1.1". `reason` is one harmless line of what the server said,
    at most 200 characters, without mail addresses.
    """

    failed: tuple[str, ...] = ()
    delayed: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()
    status: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What the bytes of a mail say, decoded. Text is str without NUL or lone surrogates; line ends are \\n.

    `sender` is the one unambiguous author, or None, and then `ambiguity` says why in a few words.
    `message_id` keeps its angle brackets; when the mail had none (or two, or a broken one) it is derived from the
    bytes and `message_id_given` is False. `return_path` is None when absent, "" for the null path `<>`.
    `recipients_cut`: To or Cc named more people than are kept.
    `date` is what the mail claims, aware, UTC; never used for a promise.
    `content_id` is the canonical hash by which two copies of one mail are recognised, whatever way they came
    (From, Date, Subject and decoded parts; trace and list headers left out); `raw_sha256` is over the bytes.
    `report` is what a delivery report says, None for all other mail.
    `headers` holds, lower case, the decoded values of the few headers that the classifiers look at.
    """

    content_id: str
    raw_sha256: str
    message_id: str
    message_id_given: bool = True
    sender: Address | None = None
    ambiguity: str = ""
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    recipients_cut: bool = False
    return_path: str | None = None
    subject: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: datetime | None = None
    text: str = ""
    text_from_html: bool = False
    attachments: tuple[Attachment, ...] = ()
    content_type: str = "text/plain"
    report_type: str = ""
    report: Report | None = None
    encrypted: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = field(default=())

    def header(self, name: str) -> tuple[str, ...]:
        """All values of one kept header, in the order in which they stand."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key == wanted)

    @property
    def recipients(self) -> tuple[Address, ...]:
        return self.to + self.cc


# The headers that Message.headers keeps. Everything else stays in the raw mail only, control headers of other
# ticket systems and of ours included: what a stranger can write must not steer us (CVE-2023-41259).
KEPT_HEADERS = frozenset(
    {
        "authentication-results",
        "auto-submitted",
        "content-language",
        "delivered-to",
        "disposition-notification-to",
        "list-archive",
        "list-help",
        "list-id",
        "list-owner",
        "list-post",
        "list-subscribe",
        "list-unsubscribe",
        "precedence",
        "received",
        "x-auto-response-suppress",
        "x-spam-flag",
        "x-failed-recipients",
        "x-original-to",
        "x-autoreply",
        "x-autorespond",
    }
)
