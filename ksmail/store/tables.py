"""Rows. They never leave this room."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, DateTime, Dialect, ForeignKey, Index, MetaData, Table, Text, UniqueConstraint
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

# Constraints with names can be changed by a later migration.
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware moment, UTC in the store. A naive one is refused with ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class Base(SQLModel):
    metadata: ClassVar[MetaData] = MetaData(naming_convention=_NAMES)


def _moment(*, null: bool = False) -> Any:
    return Field(sa_type=Moment, nullable=null)


def _text(*, index: bool = False) -> Any:
    return Field(default="", sa_type=Text, nullable=False, index=index)


def _big() -> Any:
    # UIDs are 32 bits without a sign (RFC 9051 2.3.1.1).
    return Field(sa_type=BigInteger, nullable=False)


def _link(target: str, *, null: bool = False, index: bool = True) -> Any:
    return Field(default=None, sa_column=Column(ForeignKey(target), nullable=null, index=index))


class Inbound(Base, table=True):
    """One mail of one mailbox. `number` is never used again; what was not judged has no message, reason or ticket."""

    __tablename__ = "inbound"
    __table_args__ = (
        UniqueConstraint("mailbox", "uidvalidity", "uid"),
        Index(None, "asker", "received_at"),
        {"sqlite_autoincrement": True},
    )
    number: int | None = Field(default=None, primary_key=True)
    mailbox: str = Field(sa_type=Text)
    uidvalidity: int = _big()
    uid: int = _big()
    received_at: datetime = _moment()
    taken_at: datetime = _moment()
    size: int = _big()
    incomplete: str = _text()
    raw_sha256: str = _link("raw_mail.sha256")
    attempts: int = 0
    attempted_at: datetime | None = _moment(null=True)
    disposition: str = _text(index=True)
    reason: str = _text()
    message_id: str = _text(index=True)
    content_id: str = _text(index=True)
    ticket: str | None = _link("ticket.reference", null=True)
    asker: str = _text()
    words: str = _text()
    filed: str = _text()
    recorded_at: datetime | None = _moment(null=True)


class RawMail(Base, table=True):
    """The bytes of mails, compressed, once however often they came."""

    __tablename__ = "raw_mail"
    sha256: str = Field(sa_type=Text, primary_key=True)
    size: int = _big()
    packed: bytes


class TicketRow(Base, table=True):
    """A ticket as it stands. `changes` and `head` are the number and the hash of its last row in the history."""

    __tablename__ = "ticket"
    reference: str = Field(sa_type=Text, primary_key=True)
    status: str = _text(index=True)
    asker: str = _text()
    asker_name: str = _text()
    language: str = _text()
    subject: str = _text()
    received_at: datetime = Field(sa_type=Moment, nullable=False, index=True)
    promised_on: date | None = None
    flags: str = _text()
    changes: int = 0
    head: str = _text()


class History(Base, table=True):
    """What happened, append-only. `digest` is of `change`: the text may one day have to go, the chain stays."""

    __tablename__ = "history"
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    ticket: str | None = _link("ticket.reference", null=True)
    at: datetime = _moment()
    actor: str = _text()
    mail: int | None = _link("inbound.number", null=True, index=False)
    because: str = _text()
    change: str = _text()
    digest: str = _text()
    previous: str = _text()
    hash: str = _text()


class Chain(Base, table=True):
    """How long the history is and how it ends: one row."""

    __tablename__ = "chain"
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    length: int
    head: str = _text()


class Entry(Base, table=True):
    """One text in a ticket's thread, with who may ever read it."""

    __tablename__ = "entry"
    id: int | None = Field(default=None, primary_key=True)
    ticket: str = _link("ticket.reference")
    mail: int | None = _link("inbound.number", null=True, index=False)
    at: datetime = _moment()
    kind: str = _text()
    author: str = _text()
    author_name: str = _text()
    role: str = _text()
    audience: str = _text()
    text: str = _text()
    message_id: str = _text(index=True)


class AttachmentRow(Base, table=True):
    """A file that came with a text; its bytes are in the raw mail."""

    __tablename__ = "attachment"
    id: int | None = Field(default=None, primary_key=True)
    entry: int = _link("entry.id")
    name: str = _text()
    content_type: str = _text()
    size: int = _big()
    sha256: str = _text()


class ParticipantRow(Base, table=True):
    """Who may write into a ticket, in the order in which they joined."""

    __tablename__ = "participant"
    __table_args__ = (UniqueConstraint("ticket", "key"),)
    id: int | None = Field(default=None, primary_key=True)
    ticket: str = _link("ticket.reference", index=False)
    key: str = _text()
    address: str = _text()
    name: str = _text()
    part: str = _text()


class PromiseRow(Base, table=True):
    """A date that was given."""

    __tablename__ = "promise"
    id: int | None = Field(default=None, primary_key=True)
    ticket: str = _link("ticket.reference")
    mail: int | None = _link("inbound.number", null=True, index=False)
    promised_on: date = Field(index=True)
    ground: str = _text()
    state: str = _text()
    given_at: datetime = _moment()


class Outbox(Base, table=True):
    """One finished letter. `rank` orders what is due: 0 for askers, 1 for staff."""

    __tablename__ = "outbox"
    __table_args__ = (UniqueConstraint("message_id"), Index(None, "state", "due_at"), Index(None, "kind", "queued_at"))
    id: int | None = Field(default=None, primary_key=True)
    message_id: str = _text()
    kind: str = _text()
    rank: int
    about: str = _text()
    ticket: str | None = _link("ticket.reference", null=True)
    mail: int | None = _link("inbound.number", null=True, index=False)
    envelope_from: str = _text()
    raw: bytes
    state: str = _text()
    held: str = _text()
    queued_at: datetime = _moment()
    due_at: datetime = _moment()
    tries: int = 0
    first_tried_at: datetime | None = _moment(null=True)
    settled_at: datetime | None = _moment(null=True)


class OutboxRecipient(Base, table=True):
    """What came of a letter for one recipient."""

    __tablename__ = "outbox_recipient"
    __table_args__ = (UniqueConstraint("letter", "address"),)
    id: int | None = Field(default=None, primary_key=True)
    letter: int = _link("outbox.id", index=False)
    address: str = _text()
    key: str = _text(index=True)
    outcome: str = _text()
    reason: str = _text()
    at: datetime | None = _moment(null=True)


class MailboxRow(Base, table=True):
    """How far a mailbox was read."""

    __tablename__ = "mailbox"
    name: str = Field(sa_type=Text, primary_key=True)
    uidvalidity: int = _big()
    last_uid: int = _big()
    seen_at: datetime = _moment()


class Counter(Base, table=True):
    """The last ticket number of a year."""

    __tablename__ = "counter"
    prefix: str = Field(sa_type=Text, primary_key=True)
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    last: int


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


# Rows are read and written in Core: an object per row would cost more than the desk's whole judgement.
inbound, raw_mail, ticket, history, chain = map(_table, ("inbound", "raw_mail", "ticket", "history", "chain"))
entry, attachment, participant, promise = map(_table, ("entry", "attachment", "participant", "promise"))
outbox, outbox_recipient, mailbox, counter = map(_table, ("outbox", "outbox_recipient", "mailbox", "counter"))
