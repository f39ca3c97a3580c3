"""One mail and every fact needed to judge it; and the judgement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ksmail.address import Address
from ksmail.desk.letter import Letter
from ksmail.desk.ticket import Change, Ticket
from ksmail.incoming.evidence import Evidence
from ksmail.incoming.identity import Identity
from ksmail.incoming.message import Language, Message
from ksmail.incoming.verdict import Verdict
from ksmail.reference import Reference


class Disposition(StrEnum):
    """What became of a mail: exactly one each, so that the balance can be zero. PENDING is being worked on."""

    PENDING = "pending"
    TICKET = "ticket"
    FOLLOW_UP = "follow_up"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    DUPLICATE = "duplicate"
    OWN = "own"
    HELD = "held"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondent:
    """The person to answer, and what we sent there: the person of the form, Reply-To or From, in that order.

    The counts are automatic letters queued in the last hour and day, to this address and by the desk.
    """

    identity: Identity
    asker: Address
    letters_hour: int = 0
    letters_day: int = 0
    desk_letters_hour: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """An earlier mail that is this one again. `same`: the same mail to the byte that counts (2 copies of one mail);
    otherwise the same words by the same person within the window. `ticket` is where the earlier one went, if anywhere.
    """

    same: bool
    because: str
    ticket: Ticket | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """`sender` is None when the mail has no unambiguous author. `found_by` says how `ticket` was found.

    `first_start`: this desk never took a mail before this run. `mail_number` numbers the mail in the ledger
    (Q-17 when it is quarantined). `received_at` is INTERNALDATE, `now` the moment of judgement, both aware and UTC.
    """

    message: Message
    verdict: Verdict
    language: Language
    sender: Correspondent | None
    evidence: Evidence
    ticket: Ticket | None
    twin: Twin | None
    message_id_reused: bool
    next_reference: Reference
    mail_number: int
    quarantine_letters_hour: int
    first_start: bool
    received_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is to be recorded about one mail. `ticket` is the ticket it went to, as it stands afterwards."""

    disposition: Disposition
    because: str
    ticket: Ticket | None = None
    changes: tuple[Change, ...] = ()
    letters: tuple[Letter, ...] = ()
