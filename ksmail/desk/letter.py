"""What the desk wants said. How it is said lives in templates/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ksmail.address import Address
from ksmail.capability import Audience
from ksmail.incoming.message import Language


class LetterKind(StrEnum):
    """The name is the folder in templates/<language>/."""

    ACK = "ack"
    ACK_LATE = "ack_late"
    ACK_UNREADABLE = "ack_unreadable"
    STAFF_NEW = "staff_new"
    STAFF_FOLLOWUP = "staff_followup"
    STAFF_QUARANTINE = "staff_quarantine"

    @property
    def audience(self) -> Audience:
        return Audience.STAFF if self.name.startswith("STAFF") else Audience.ASKER

    @property
    def auto_submitted(self) -> str:
        """RFC 3834 3.1.7: replies to one mail are auto-replied, everything else a machine writes auto-generated."""
        return "auto-replied" if self.audience is Audience.ASKER else "auto-generated"

    @property
    def has_html(self) -> bool:
        """An acknowledgement is text only (RFC 3834 3.2)."""
        return self.audience is not Audience.ASKER


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter to one person.

    `about` is the ticket's reference or the number of a quarantined mail (Q-17): the token in the Message-ID is bound
    to it. `cause` names the mail that caused the letter (its content id): same cause, kind and recipient make the
    same Message-ID, so that doing the work twice makes no second letter. `facts` is what the templates see as
    `letter`. `held` is empty, or why the letter waits for staff in the outbox.
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
