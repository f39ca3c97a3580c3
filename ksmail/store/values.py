"""What the store tells: frozen facts about mails, tickets and letters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from ksmail.address import Address
from ksmail.capability import Audience
from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import EntryKind, Flag, Ground, PromiseState, Status, Ticket
from ksmail.incoming.identity import Role
from ksmail.incoming.mailbox import MailKey
from ksmail.incoming.message import Attachment, Language
from ksmail.outgoing.mail import OutgoingMail
from ksmail.reference import Reference
from ksmail.store.happenings import Happening
from ksmail.store.happenings import LetterState as LetterState  # a fact about letters, found here too


@dataclass(frozen=True, slots=True)
class Known:
    """A mail the ledger holds. `filed` is "" or the Folder it was put in."""

    number: int
    disposition: Disposition
    filed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A mail taken and not yet judged. `attempts` counts how often judging was begun; `released` says that staff let
    it through after it was put aside."""

    number: int
    key: MailKey
    received_at: datetime
    size: int
    incomplete: str
    attempts: int
    released: bool = False


@dataclass(frozen=True, slots=True)
class Same:
    """An earlier copy of a mail, and the ticket it went to, if any."""

    number: int
    ticket: Ticket | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A letter with the recipients who still have to get it. `id` is its number in the outbox.

    Whoever may have what a person wrote is not among them: he gets it again when staff let the letter go.
    """

    id: int
    mail: OutgoingMail
    tries: int
    first_tried_at: datetime | None
    open_recipients: tuple[str, ...]
    state: LetterState = LetterState.WAITING


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLetter:
    """A letter of ours that something came back for; `recipients` are addr-specs, the first is whom it was for."""

    id: int
    kind: str
    message_id: str
    about: str
    ticket: Reference | None
    recipients: tuple[str, ...]
    state: LetterState
    returned: tuple[str, ...] = ()
    latest: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """Orders that wait for the word of `who`, or waited (not `open`: one word was given, and counts for ever).

    `mail` is the mail in which they stand, received at `received_at` with `files`; `text` is all it says. `about` is
    what it was about: the ticket's reference, or "" where there is none.
    """

    mail: int
    who: Address
    text: str
    ticket: Reference | None
    about: str
    received_at: datetime
    files: tuple[Attachment, ...]
    open: bool
    asked_at: datetime
    shown: str


@dataclass(frozen=True, slots=True)
class Doomed:
    """A destroyed mail whose copy on the mail server has to go too.

    `sha256` and `size` are of the bytes as the server serves them. `message_id` is "" when the mail had none.
    """

    number: int
    sha256: str
    size: int
    message_id: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A thing that was done once on a day, a date of the desk. `number` counts those of its kind from 1."""

    what: str
    day: date
    at: datetime
    number: int
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A numbered list that was mailed to `address`: what its numbers stand for, from 1 (KV-2026-0042, Q-17)."""

    number: int
    kind: str
    address: str
    lines: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """Mails that wait to be judged, letters that wait to be sent or are under way, and when the oldest was due."""

    mails: int
    letters: int
    oldest_due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A mail to ourselves: when it was put in the outbox and, once it came back, when we took it and when the mail
    server says that it arrived there."""

    sent_at: datetime
    came_at: datetime | None = None
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row of the history that does not fit, and why."""

    row: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketLine:
    reference: Reference
    status: Status
    asker: Address
    language: Language
    subject: str
    received_at: datetime
    promised_on: date | None
    flags: tuple[Flag, ...]
    assignee: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """One text in the thread. `mail` is the number of the inbound mail it came with."""

    at: datetime
    kind: EntryKind
    author: Address
    role: Role
    audience: Audience
    text: str
    message_id: str
    mail: int | None
    attachments: tuple[Attachment, ...]
    partner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseLine:
    promised_on: date
    ground: Ground
    state: PromiseState
    given_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One link of the history. `actor` is a role or `ksmail`; `mail` is the number of the mail that caused it."""

    id: int
    at: datetime
    actor: str
    mail: int | None
    because: str
    change: Happening


@dataclass(frozen=True, slots=True)
class RecipientLine:
    """`outcome` is "" (nothing yet), sent, deferred, bounced or uncertain; `reason` is what the server said."""

    address: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxLine:
    id: int
    message_id: str
    kind: str
    about: str
    state: LetterState
    held: str
    queued_at: datetime
    due_at: datetime
    tries: int
    settled_at: datetime | None
    recipients: tuple[RecipientLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureLine:
    """One letter of ours that somebody outside has, or may have (not `certain`). `by` is who of staff ordered it, ""
    where nobody did; `sha256` is of its bytes, `files` those of the files that went along; `identity`: it says who
    asks. `number` is its row in the history."""

    number: int
    at: datetime
    ticket: Reference | None
    kind: str
    recipient: str
    message_id: str
    sha256: str
    identity: bool
    files: tuple[str, ...]
    by: str
    certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketDossier:
    """Everything about one ticket, oldest first."""

    ticket: Ticket
    entries: tuple[EntryLine, ...]
    promises: tuple[PromiseLine, ...]
    history: tuple[HistoryLine, ...]
    letters: tuple[OutboxLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineLine:
    """A mail that waits for a person: quarantined, or held."""

    number: int
    key: MailKey
    reason: str
    received_at: datetime
    size: int
    disposition: Disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundLine:
    """One line of the ledger. `message_id` and `content_id` are "" for a mail that could not be read."""

    number: int
    key: MailKey
    received_at: datetime
    taken_at: datetime
    size: int
    incomplete: str
    attempts: int
    disposition: Disposition
    reason: str
    message_id: str
    content_id: str
    raw_sha256: str
    ticket: Reference | None
    filed: str
    recorded_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much there is, and since when the oldest unfinished work waits (None: nothing waits)."""

    mails: int
    tickets: Mapping[Status, int] = field(default_factory=dict)
    letters: Mapping[LetterState, int] = field(default_factory=dict)
    unfiled: int = 0
    history: int = 0
    oldest_pending: datetime | None = None
    oldest_due: datetime | None = None
