"""The door of the store: open it, read it, write in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ksmail.address import Address
from ksmail.desk.arrival import Decision, Disposition
from ksmail.desk.ticket import Change, Status, Ticket
from ksmail.incoming.mailbox import Folder, IncomingMail
from ksmail.incoming.message import Message
from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.transport import Outcome
from ksmail.reference import Reference
from ksmail.store.values import (
    Broken,
    Counts,
    InboundLine,
    Known,
    OutboxLine,
    Pending,
    QuarantineLine,
    Queued,
    Same,
    TicketDossier,
    TicketLine,
)

__all__ = ["Reader", "Store", "StoreSettings", "Transaction"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """Where the store is, and how long (seconds) to wait for somebody else's write."""

    path: Path
    busy_timeout: float = 30.0


class Reader:
    """Look-ups in one consistent snapshot."""

    def known(self, mailbox: str, uidvalidity: int) -> dict[int, Known]:
        """The mails of one mailbox by UID."""
        raise NotImplementedError

    def mailbox_state(self, mailbox: str) -> int | None:
        """The last UIDVALIDITY recorded."""
        raise NotImplementedError

    def first_start(self) -> bool:
        """Whether no mail was ever judged here."""
        raise NotImplementedError

    def pending(self, limit: int) -> list[Pending]:
        """Mails to judge, in order of receipt."""
        raise NotImplementedError

    def raw(self, number: int) -> bytes:
        """The bytes of a mail. Raises LookupError."""
        raise NotImplementedError

    def find_ticket(self, reference: Reference) -> Ticket | None:
        """The ticket with this number."""
        raise NotImplementedError

    def find_by_answers(self, message_ids: Iterable[str]) -> Ticket | None:
        """The one ticket that holds a text with one of these Message-IDs."""
        raise NotImplementedError

    def find_same(self, message: Message, number: int) -> Same | None:
        """An earlier, judged copy of mail `number`."""
        raise NotImplementedError

    def find_same_words(self, asker: Address, words: str, since: datetime) -> Ticket | None:
        """The ticket in which this asker wrote these words."""
        raise NotImplementedError

    def message_id_known(self, message_id: str, content_id: str) -> bool:
        """Whether a judged mail had this Message-ID and other content."""
        raise NotImplementedError

    def next_reference(self, prefix: str, year: int) -> Reference:
        """The number the next ticket gets."""
        raise NotImplementedError

    def letters_since(self, since: datetime, to: Address | None = None) -> int:
        """Automatic letters to askers queued since; held ones do not count."""
        raise NotImplementedError

    def staff_letters_since(self, kind: str, since: datetime) -> int:
        """Letters of one kind queued since; held ones do not count."""
        raise NotImplementedError

    def due(self, now: datetime, limit: int) -> list[Queued]:
        """Letters to send now: those to askers first, then the longest due."""
        raise NotImplementedError

    def tickets(self, limit: int, status: Status | None = None) -> list[TicketLine]:
        """Tickets, newest first."""
        raise NotImplementedError

    def ticket(self, reference: Reference) -> TicketDossier | None:
        """Everything about one ticket."""
        raise NotImplementedError

    def outbox(self, limit: int) -> list[OutboxLine]:
        """Letters, unsent ones first."""
        raise NotImplementedError

    def quarantine(self) -> list[QuarantineLine]:
        """Mails that wait for a person, oldest first."""
        raise NotImplementedError

    def inbound(self, number: int) -> InboundLine | None:
        """One line of the ledger."""
        raise NotImplementedError

    def balance(self) -> dict[Disposition, int]:
        """How many mails became what."""
        raise NotImplementedError

    def counts(self) -> Counts:
        """How much there is."""
        raise NotImplementedError

    def verify_chain(self) -> Broken | None:
        """The first row of the history that does not fit."""
        raise NotImplementedError

    def chain_head(self) -> str:
        """The hash of the last row of the history."""
        raise NotImplementedError


class Transaction(Reader):
    """Look-ups and records that become true together, or not at all."""

    def receive(self, mails: Iterable[IncomingMail], now: datetime) -> int:
        """Take mails into the ledger. Returns how many were new."""
        raise NotImplementedError

    def count_attempt(self, numbers: Iterable[int], now: datetime) -> None:
        """Judging these mails begins."""
        raise NotImplementedError

    def record(
        self,
        number: int,
        message: Message | None,
        decision: Decision,
        mails: Sequence[OutgoingMail],
        *,
        asker: Address | None,
        words: str,
        now: datetime,
    ) -> None:
        """All effects of one mail. Raises ValueError when it was judged already or a ticket number is not the next."""
        raise NotImplementedError

    def mark_filed(self, numbers: Iterable[int], folder: Folder) -> None:
        """These mails are out of the way on the server."""
        raise NotImplementedError

    def reopen(self, number: int, now: datetime) -> Disposition:
        """Let a mail be judged again. Returns what it was."""
        raise NotImplementedError

    def start_attempt(self, ids: Iterable[int], now: datetime) -> None:
        """These letters are about to be handed over."""
        raise NotImplementedError

    def settle(
        self,
        id: int,  # noqa: A002 -- the word of the outbox
        outcomes: Mapping[str, Outcome],
        next_at: datetime | None,
        now: datetime,
        changes: Sequence[tuple[Change, str]] = (),
    ) -> None:
        """What came of an attempt, with the changes it means for the letter's ticket and why."""
        raise NotImplementedError

    def interrupted(self, now: datetime) -> list[Queued]:
        """Letters that a crash left half sent: they wait again, and their tickets say "possibly twice"."""
        raise NotImplementedError


class Store:
    """The memory of one desk. Safe to use from several threads; each transaction belongs to one."""

    @classmethod
    def open(cls, settings: StoreSettings, *, exclusive: bool = False) -> Store:
        """Open an existing, current and sound store. Raises ConfigError."""
        raise NotImplementedError

    @classmethod
    def migrate(cls, settings: StoreSettings) -> tuple[str, str]:
        """Create or upgrade the store. Returns the revision before and after."""
        raise NotImplementedError

    def writing(self) -> AbstractContextManager[Transaction]:
        """A transaction. Raises Unavailable."""
        raise NotImplementedError

    def reading(self) -> AbstractContextManager[Reader]:
        """A snapshot. Raises Unavailable."""
        raise NotImplementedError

    def version(self) -> str:
        """The revision of the store's tables."""
        raise NotImplementedError

    def size(self) -> int:
        """Octets on disk."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the files."""
        raise NotImplementedError
