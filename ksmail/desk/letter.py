"""What the desk wants said. How it is said lives in templates/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from ksmail.address import Address
from ksmail.capability import Audience
from ksmail.desk.ticket import Change
from ksmail.incoming.message import Attachment, Language


class LetterKind(StrEnum):
    """The name is the folder in templates/<language>/."""

    ACK = "ack"
    ACK_LATE = "ack_late"
    ACK_UNREADABLE = "ack_unreadable"
    REOPENED = "reopened"
    LINKED_NEW = "linked_new"
    DELAY_NOTICE = "delay_notice"
    COORDINATION_NOTICE = "coordination_notice"
    INFO_REQUEST = "info_request"
    ANSWER = "answer"
    CORRECTION = "correction"
    REDIRECT = "redirect"
    MERGED = "merged"
    PERSONAL_DATA_NOTICE = "personal_data_notice"
    CLOSED = "closed"
    STAFF_NEW = "staff_new"
    STAFF_FOLLOWUP = "staff_followup"
    STAFF_QUARANTINE = "staff_quarantine"
    STAFF_RECEIPT = "staff_receipt"
    STAFF_ASSIGNED = "staff_assigned"
    STAFF_BOUNCE = "staff_bounce"
    STAFF_UNCERTAIN = "staff_uncertain"
    STAFF_STOPPED = "staff_stopped"
    STAFF_AWAY = "staff_away"
    STAFF_STATUS = "staff_status"
    STAFF_HELP = "staff_help"
    STAFF_PARTNER_REPLY = "staff_partner_reply"
    STAFF_DISAGREEMENT = "staff_disagreement"
    CONFIRM = "confirm"
    PARTNER_REQUEST = "partner_request"
    PARTNER_REMINDER = "partner_reminder"
    PARTNER_UPDATE = "partner_update"
    PARTNER_SHARED = "partner_shared"
    PARTNER_OUTCOME = "partner_outcome"
    PARTNER_WITHDRAWN = "partner_withdrawn"
    INFO_REMINDER = "info_reminder"
    STAFF_DUE = "staff_due"
    OPS_DIGEST = "ops_digest"
    OPS_MONTHLY = "ops_monthly"
    COORDINATOR_WEEKLY = "coordinator_weekly"
    STAFF_TRANSCRIPT = "staff_transcript"
    OPS_ALERT = "ops_alert"
    OPS_RECOVERED = "ops_recovered"
    OPS_PROBE = "ops_probe"

    @property
    def audience(self) -> Audience:
        if self.name.startswith("PARTNER"):
            return Audience.PARTNER
        if self.name.startswith("OPS"):
            return Audience.OPS
        own = self.name.startswith(("STAFF", "COORDINATOR")) or self is LetterKind.CONFIRM
        return Audience.STAFF if own else Audience.ASKER

    @property
    def by_a_person(self) -> bool:
        """Whether a staff member wrote what it says: then it is no automatic letter."""
        return self in (LetterKind.ANSWER, LetterKind.INFO_REQUEST, LetterKind.CORRECTION)

    @property
    def asks_a_person(self) -> bool:
        """Whether staff had it sent to a partner: it is no automatic letter either, and its reader's out-of-office
        is welcome."""
        return self in (LetterKind.PARTNER_REQUEST, LetterKind.PARTNER_UPDATE, LetterKind.PARTNER_SHARED)

    @property
    def auto_submitted(self) -> str:
        """RFC 3834 3.1.7: replies to one mail are auto-replied, everything else a machine writes auto-generated; what
        a person wrote, or had sent, is neither."""
        if self.by_a_person or self.asks_a_person:
            return ""
        return "auto-replied" if self.audience is Audience.ASKER else "auto-generated"

    @property
    def has_html(self) -> bool:
        """An acknowledgement is text only (RFC 3834 3.2)."""
        return self.audience is not Audience.ASKER


@dataclass(frozen=True, slots=True)
class Prepared:
    """A reply that a reader only has to send: a link (RFC 6068) with address, subject and first line filled in.

    `name` is its label in templates/*/_shared/action.txt, `line` the order, `text` what stands below it. In a list,
    `about` is what the reply is about and `place` the line that it belongs to.
    """

    name: str
    line: str
    text: str = ""
    about: str = ""
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter to one person.

    `about` is the ticket's reference or the number of a quarantined mail (Q-17): the token in the Message-ID is bound
    to it. `cause` names the mail that caused the letter (its content id): same cause, kind and recipient make the
    same Message-ID, so that doing the work twice makes no second letter. `facts` is what the templates see as
    `letter`. `held` is empty, or why the letter waits for staff in the outbox.

    `cc` get it too. `files` came with the mails numbered `files_of` and go along. `wait` is how long staff can still
    call it back. `then` becomes true when the mail server has taken it for `to`. `prepared` are replies for its reader.
    `by` is the address of whoever of staff ordered it, "" for nobody. `identity`: it tells a partner who asks.
    """

    kind: LetterKind
    to: Address
    language: Language
    about: str
    cause: str
    facts: Mapping[str, Any]
    in_reply_to: str = ""
    references: tuple[str, ...] = field(default=())
    held: str = ""
    cc: tuple[Address, ...] = ()
    files: tuple[Attachment, ...] = ()
    files_of: tuple[int, ...] = ()
    wait: timedelta = timedelta(0)
    then: tuple[Change, ...] = ()
    prepared: tuple[Prepared, ...] = ()
    by: str = ""
    identity: bool = False
