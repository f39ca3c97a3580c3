"""What staff must know of a case to handle it: its texts, its files, its letters; and what a mail of theirs says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ksmail.address import Address
from ksmail.capability import Audience
from ksmail.desk.consultation import Consultation
from ksmail.desk.leaks import Leak
from ksmail.desk.mistake import Mistake
from ksmail.desk.numbered import Lines
from ksmail.desk.orders import Orders
from ksmail.desk.partner import Partner
from ksmail.desk.people import Person
from ksmail.desk.personal import looks_personal
from ksmail.desk.ticket import EntryKind, Ground, PromiseState, Status, Ticket
from ksmail.incoming.identity import Institution, Role
from ksmail.incoming.message import Attachment
from ksmail.incoming.reply import Reply
from ksmail.reference import Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text of the thread. `mail` is the number of the mail it came with, if it came with one; `lost`: it was ours,
    and came back. `partner` is the code of the partner that wrote it, or to whom it went."""

    kind: EntryKind
    author: Address
    role: Role
    audience: Audience
    at: datetime
    text: str
    message_id: str = ""
    mail: int | None = None
    lost: bool = False
    partner: str = ""


@dataclass(frozen=True, slots=True)
class NumberedFile:
    """A file of the ticket, under the number by which staff name it (1 is the oldest, for ever)."""

    number: int
    file: Attachment
    mail: int
    purged: bool = False

    @property
    def sealed(self) -> bool:
        """Whether it may hold data about people: then it goes along with no letter."""
        return looks_personal(self.file)


class WaitState(StrEnum):
    """Why a letter has not left: it can still be called back, or it waits for a word of staff."""

    WAITING = "waiting"
    SENDING = "sending"  # a mail server has it now: nobody knows yet whether it can still be called back
    HELD = "held"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLetter:
    """A letter that staff ordered and that has not left. `kind` is a LetterKind, `author` who ordered it, if it has
    words of his, `taken` those who have it already, `perhaps` those who may have it. `names` is the first day that it
    gives somebody, if it gives one."""

    id: int
    kind: str
    message_id: str
    to: tuple[str, ...]
    due_at: datetime
    state: WaitState
    author: Address | None = None
    taken: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()
    names: date | None = None

    @property
    def reached(self) -> bool:
        """Whether the one it is for has it, and only others wait."""
        return self.to[:1] != () and self.to[0] in self.taken


@dataclass(frozen=True, slots=True)
class GivenDate:
    """A promise as it stands in the ledger of promises."""

    promised_on: date
    state: PromiseState
    ground: Ground = Ground.RECEIVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A ticket from the inside, oldest first. `thread` holds the Message-IDs that the asker's side knows."""

    texts: tuple[Text, ...] = ()
    files: tuple[NumberedFile, ...] = ()
    waiting: tuple[WaitingLetter, ...] = ()
    promises: tuple[GivenDate, ...] = ()
    thread: tuple[str, ...] = ()

    @property
    def was_answered(self) -> bool:
        return any(text.kind is EntryKind.ANSWER and not text.lost for text in self.texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """One open ticket in the list that staff get."""

    reference: Reference
    status: Status
    subject: str
    received_at: datetime
    promised_on: date | None
    assignee: Address | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMail:
    """A mail that waits for a person. `unreadable`: no parser could read it, so that judging again changes nothing."""

    number: int
    reason: str
    received_at: datetime
    unreadable: bool


@dataclass(frozen=True, slots=True)
class Proven:
    """Whether one proof held, and because of what."""

    holds: bool
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """Who may order: on the staff list, holding a reference that was issued to him, and really himself.

    `fresh`: the mail answers nothing of ours. `confirmed`: it answers a one-time reference, which stands for the
    border's word where there is no border.
    """

    listed: Proven
    issued: Proven
    genuine: Proven
    fresh: bool = False
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMail:
    """What somebody on the staff list wrote, and what it takes to act on it.

    `number` is the mail in which the orders stand: this one, or the earlier one that this one confirms; `text` is all
    that mail says. `confirms` is that earlier mail, and `answer` what this one says to it: "yes", "no", "late" (a word
    was given before), or "" for neither; `shown` is a hash of what the orders would have come to when that was asked.
    `other` is the ticket that #merge or #status names, `held` the mail that a reply to a notice about quarantine is
    about. `letters_hour` counts the letters to this person that answered his mails, `confirm_letters` those that asked
    for his yes, `away_letters` those of the last week that offered him #away; `notes_day` counts receipts for his
    notes, `idle_hour` and `idle_day` those for other mails of his in which nothing was ordered. `cut_short`: the mail
    was longer than what is kept of a text. `dropped` are people whom he copied in and who are not in the case.
    `listed` is there when it answers a numbered list. `institution` is that of the asker; `unusual` are addresses that
    look wrong, of those to whom his orders could have something sent that was never sent before.
    """

    person: Person
    proofs: Proofs
    reply: Reply
    orders: Orders | Mistake
    number: int
    text: str
    files: tuple[Attachment, ...] = ()
    leaks: tuple[Leak, ...] = ()
    case: Case | None = None
    other: Ticket | None = None
    other_case: Case | None = None
    held: HeldMail | None = None
    queue: tuple[QueueLine, ...] = ()
    confirms: int = 0
    answer: str = ""
    shown: str = ""
    letters_hour: int = 0
    notes_day: int = 0
    idle_hour: int = 0
    idle_day: int = 0
    away_letters: int = 0
    confirm_letters: int = 0
    cut_short: bool = False
    dropped: tuple[Address, ...] = ()
    institution: Institution | None = None
    unusual: tuple[Address, ...] = ()
    listed: AnsweredList | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What one number of a list stands for. `name` is what was mailed (KV-2026-0042, Q-17), `ticket` where that is now,
    as it stands; `staff` is the mail as if it answered one about that alone."""

    number: int
    name: str
    ticket: Ticket | None
    staff: StaffMail

    @property
    def moved(self) -> str:
        """The ticket that took it in since, or ""."""
        now = str(self.ticket.reference) if self.ticket else self.name
        return "" if now == self.name else now


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredList:
    """A numbered list that was mailed, and the lines of an answer to it. `places` are those that the answer names."""

    number: int
    mailed_at: datetime
    lines: Lines | Mistake
    places: tuple[Place, ...] = ()

    @property
    def name(self) -> str:
        return f"L-{self.number}"

    @property
    def orders_something(self) -> bool:
        """Whether a line of it is an order, or wants to be one."""
        return isinstance(self.lines, Mistake) or bool(self.lines.lines)

    @property
    def written(self) -> Lines:
        """The lines, where they can be read; else none."""
        return Lines((), "") if isinstance(self.lines, Mistake) else self.lines


class Standing(StrEnum):
    """Who answers a request to a partner: the one it went to, a colleague at the partner's domain, somebody else."""

    LIAISON = "liaison"
    COLLEAGUE = "colleague"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerMail:
    """A mail about a consultation, and what it takes to judge it.

    `signed`: it answers a reference that we issued for this consultation. `unrecorded`: the partner must have our
    request, and the ticket knows of none. `to_asker`: it also went to somebody of the
    asker's side.
    `back_on` a day that an out-of-office names.
    """

    partner: Partner
    consultation: Consultation
    standing: Standing
    signed: bool
    reply: Reply
    orders: Orders | Mistake
    unrecorded: bool = False
    to_asker: bool = False
    back_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A letter of ours that a mail server refused, at once or later by a report. `kind` is a LetterKind.

    `latest`: no later letter of ours has words of a person. `letter` is its number in the outbox when a report says so.
    """

    kind: str
    message_id: str
    recipient: str
    reason: str
    for_ever: bool = True
    first_recipient: bool = True
    latest: bool = True
    letter: int = 0
