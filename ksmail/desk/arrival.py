"""One mail and every fact needed to judge it; and the judgement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ksmail.address import Address
from ksmail.desk.acts import Act
from ksmail.desk.case import Case, PartnerMail, Returned, StaffMail
from ksmail.desk.letter import Letter
from ksmail.desk.ticket import Change, Ticket
from ksmail.incoming.evidence import Evidence
from ksmail.incoming.identity import Identity, Role
from ksmail.incoming.message import Language, Message
from ksmail.incoming.verdict import Verdict
from ksmail.reference import Reference


class Disposition(StrEnum):
    """What became of a mail: exactly one each, so that the balance can be zero. PENDING is being worked on.

    ORDER: staff ordered something, or tried to. REFUSED: staff dropped it. PROGRAM: it answers a letter to
    those who run the program, and nobody has anything to do about it.
    """

    PENDING = "pending"
    TICKET = "ticket"
    FOLLOW_UP = "follow_up"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    DUPLICATE = "duplicate"
    ORDER = "order"
    REFUSED = "refused"
    OWN = "own"
    PROGRAM = "program"
    HELD = "held"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondent:
    """Who wrote (`identity`), and whom to answer (`asker`: the person of the form, Reply-To or From, in that order).

    `copied` are the others in To and Cc who are neither ours nor staff nor a partner. The counts are automatic
    letters queued in the last hour and day, to this address and by the desk. `suppressed`: the address refused our
    mail for ever not long ago.
    """

    identity: Identity
    asker: Address
    asker_role: Role = Role.ASKER
    copied: tuple[Address, ...] = ()
    via_form: bool = False
    letters_hour: int = 0
    letters_day: int = 0
    desk_letters_hour: int = 0
    suppressed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """An earlier mail that is this one again. `same`: another copy of that very mail; otherwise the same words
    (or the same Message-ID) by the same person within the window. `ticket` is where the earlier one went, if anywhere.
    """

    same: bool
    because: str
    ticket: Ticket | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """`sender` is None when nobody can be named as its author. `found_by` says how `ticket` was found.

    `predates_desk`: the mail was already old when this desk took its very first mail. `mail_number` numbers the mail
    in the ledger (Q-17 when it is quarantined). `quarantine_letters_hour` counts the notices of the last hour,
    `followup_letters_hour` those about additions to the ticket that this mail would be added to.
    `staff` is there when somebody on the staff list wrote it, `partner` when it is about a consultation, `case` when it
    belongs to a ticket, `returned` when it reports about a letter of ours, `absent` who is away today, `released` says
    that staff let a held mail through, `resembles` whose address of our own people the sender's could be taken for.
    `received_at` is INTERNALDATE, `now` the moment of judgement, both aware and UTC.
    """

    message: Message
    verdict: Verdict
    language: Language
    sender: Correspondent | None
    evidence: Evidence
    ticket: Ticket | None
    found_by: str = ""
    twin: Twin | None = None
    message_id_reused: bool = False
    next_reference: Reference
    mail_number: int
    size: int
    received_at: datetime
    now: datetime
    quarantine_letters_hour: int = 0
    followup_letters_hour: int = 0
    predates_desk: bool = False
    own_words: str = ""
    staff: StaffMail | None = None
    partner: PartnerMail | None = None
    case: Case | None = None
    returned: tuple[Returned, ...] = ()
    absent: tuple[Address, ...] = ()
    released: bool = False
    resembles: Address | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Changes of another ticket than the one that a mail belongs to. `because` is why where that is not the reason of
    the whole decision."""

    ticket: Reference
    changes: tuple[Change, ...]
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is to be recorded about one mail. `ticket` is the ticket it went to, as it stands afterwards; `elsewhere`
    is recorded after it, `acts` last. `drafts` are only written to be shown, and leave when they are confirmed;
    `drafted` is what they say of other tickets, which is true by then."""

    disposition: Disposition
    because: str
    ticket: Ticket | None = None
    changes: tuple[Change, ...] = ()
    letters: tuple[Letter, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    acts: tuple[Act, ...] = ()
    drafts: tuple[Letter, ...] = ()
    drafted: tuple[Elsewhere, ...] = ()
