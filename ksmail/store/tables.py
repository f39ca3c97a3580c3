"""Rows. They never leave this room."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, Table, Text, UniqueConstraint
from sqlmodel import Field

from ksmail.store.columns import Base, Moment, added_flag, added_string, big, link, moment, string


class Inbound(Base, table=True):
    """One mail of one mailbox. `number` is never used again; what was not judged has no message, reason or ticket."""

    __tablename__ = "inbound"
    __table_args__ = (
        UniqueConstraint("mailbox", "uidvalidity", "uid"),
        Index(None, "asker", "words"),
        Index(None, "filed", "mailbox"),
        {"sqlite_autoincrement": True},
    )
    number: int | None = Field(default=None, primary_key=True)
    mailbox: str = Field(sa_type=Text)
    uidvalidity: int = big()
    uid: int = big()
    received_at: datetime = moment()
    taken_at: datetime = moment()
    size: int = big()
    incomplete: str = string()
    raw_sha256: str = link("raw_mail.sha256")
    attempts: int = 0
    attempted_at: datetime | None = moment(null=True)
    disposition: str = string(index=True)
    reason: str = string()
    message_id: str = string(index=True)
    content_id: str = string(index=True)
    ticket: str | None = link("ticket.reference", null=True)
    asker: str = string()
    words: str = string()
    filed: str = string()
    recorded_at: datetime | None = moment(null=True)
    released: bool = added_flag()


class RawMail(Base, table=True):
    """The bytes of mails, compressed, once however often they came; none when they were destroyed."""

    __tablename__ = "raw_mail"
    sha256: str = Field(sa_type=Text, primary_key=True)
    size: int = big()
    packed: bytes
    destroyed_at: datetime | None = moment(null=True)


class TicketRow(Base, table=True):
    """A ticket as it stands. `changes` and `head` are the number and the hash of its last row in the history.

    `merge` counts the tickets that were merged before it, and `merged_after` is the last entry that there was then:
    together they say where its files come in the other ticket.
    """

    __tablename__ = "ticket"
    reference: str = Field(sa_type=Text, primary_key=True)
    status: str = string(index=True)
    asker: str = string()
    asker_name: str = string()
    language: str = string()
    subject: str = string()
    received_at: datetime = Field(sa_type=Moment, nullable=False, index=True)
    promised_on: date | None = None
    flags: str = string()
    changes: int = 0
    head: str = string()
    assignee: str = added_string()
    assignee_name: str = added_string()
    remaining_days: int | None = None
    ended_at: datetime | None = moment(null=True)
    active_at: datetime | None = moment(null=True)
    closed_because: str = added_string()
    merged_into: str | None = link("ticket.reference", null=True)
    merged_after: int | None = None
    merge: int | None = None
    continues: str | None = link("ticket.reference", null=True, index=False)
    waiting_since: datetime | None = moment(null=True)
    nudged_at: datetime | None = moment(null=True)


class History(Base, table=True):
    """What happened, append-only. `digest` is of `change`: the text may one day have to go, the chain stays."""

    __tablename__ = "history"
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    ticket: str | None = link("ticket.reference", null=True)
    at: datetime = moment()
    actor: str = string()
    mail: int | None = link("inbound.number", null=True, index=False)
    because: str = string()
    change: str = string()
    digest: str = string()
    previous: str = string()
    hash: str = string()


class Chain(Base, table=True):
    """How long the history is and how it ends: one row."""

    __tablename__ = "chain"
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    length: int
    head: str = string()


class Entry(Base, table=True):
    """One text in a ticket's thread, with who may ever read it."""

    __tablename__ = "entry"
    id: int | None = Field(default=None, primary_key=True)
    ticket: str = link("ticket.reference")
    mail: int | None = link("inbound.number", null=True, index=False)
    at: datetime = moment()
    kind: str = string()
    author: str = string()
    author_name: str = string()
    role: str = string()
    audience: str = string()
    text: str = string()
    message_id: str = string(index=True)
    partner: str = added_string()


class AttachmentRow(Base, table=True):
    """A file that came with a text; its bytes are in the raw mail."""

    __tablename__ = "attachment"
    id: int | None = Field(default=None, primary_key=True)
    entry: int = link("entry.id")
    name: str = string()
    content_type: str = string()
    size: int = big()
    sha256: str = string()
    purged_at: datetime | None = moment(null=True)


class ParticipantRow(Base, table=True):
    """Who may write into a ticket, in the order in which they joined."""

    __tablename__ = "participant"
    __table_args__ = (UniqueConstraint("ticket", "key"),)
    id: int | None = Field(default=None, primary_key=True)
    ticket: str = link("ticket.reference", index=False)
    key: str = string()
    address: str = string()
    name: str = string()
    part: str = string()


class PromiseRow(Base, table=True):
    """A date that was given."""

    __tablename__ = "promise"
    id: int | None = Field(default=None, primary_key=True)
    ticket: str = link("ticket.reference")
    mail: int | None = link("inbound.number", null=True, index=False)
    promised_on: date = Field(index=True)
    ground: str = string()
    state: str = string()
    given_at: datetime = moment()
    settled_at: datetime | None = moment(null=True)


class Outbox(Base, table=True):
    """One finished letter. `rank` orders what is due: 0 for askers, 1 for staff; `on_sent` is what then comes true,
    `wish` the state that staff want it to have if it turns out that it has not left, `carries` what the register of
    disclosures says of it."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("message_id"),
        Index(None, "state", "rank", "due_at"),
        Index(None, "kind", "queued_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    message_id: str = string()
    kind: str = string()
    rank: int
    about: str = string()
    ticket: str | None = link("ticket.reference", null=True)
    mail: int | None = link("inbound.number", null=True, index=False)
    envelope_from: str = string(index=True)
    raw: bytes
    state: str = string()
    held: str = string()
    queued_at: datetime = moment()
    due_at: datetime = moment()
    tries: int = 0
    first_tried_at: datetime | None = moment(null=True)
    settled_at: datetime | None = moment(null=True)
    on_sent: str = added_string("[]")
    orderable: bool = added_flag()
    wish: str = added_string("")
    carries: str = added_string()


class OutboxRecipient(Base, table=True):
    """What came of a letter for one recipient."""

    __tablename__ = "outbox_recipient"
    __table_args__ = (UniqueConstraint("letter", "address"),)
    id: int | None = Field(default=None, primary_key=True)
    letter: int = link("outbox.id", index=False)
    address: str = string()
    key: str = string(index=True)
    outcome: str = string()
    reason: str = string()
    at: datetime | None = moment(null=True)


class ConsultationRow(Base, table=True):
    """What one partner was asked about one ticket, in the order in which they were asked first."""

    __tablename__ = "consultation"
    __table_args__ = (UniqueConstraint("ticket", "partner"),)
    id: int | None = Field(default=None, primary_key=True)
    ticket: str = link("ticket.reference", index=False)
    partner: str = string()
    sent_to: str = string()
    sent_to_name: str = string()
    due_on: date
    asked_at: datetime = moment()
    message_id: str = string()
    stage: str = string(index=True)
    position: str = string()
    replied_at: datetime | None = moment(null=True)
    identity: bool
    attachments: bool
    reminded: bool


class MailboxRow(Base, table=True):
    """How far a mailbox was read."""

    __tablename__ = "mailbox"
    name: str = Field(sa_type=Text, primary_key=True)
    uidvalidity: int = big()
    last_uid: int = big()
    seen_at: datetime = moment()


class Counter(Base, table=True):
    """The last ticket number of a year."""

    __tablename__ = "counter"
    prefix: str = Field(sa_type=Text, primary_key=True)
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    last: int


class Absence(Base, table=True):
    """When a person of ours is away, first and last day included."""

    __tablename__ = "absence"
    key: str = Field(sa_type=Text, primary_key=True)
    address: str = string()
    name: str = string()
    first: date
    last: date


class Confirmation(Base, table=True):
    """Orders that wait, or waited, for the word of who gave them. `mail` is the mail in which they stand."""

    __tablename__ = "confirmation"
    mail: int = Field(foreign_key="inbound.number", primary_key=True, sa_column_kwargs={"autoincrement": False})
    who: str = string()
    who_name: str = string()
    text: str = string()
    ticket: str | None = link("ticket.reference", null=True, index=False)
    about: str = string()
    shown: str = string()
    asked_at: datetime = moment()
    settled_at: datetime | None = moment(null=True)
    confirmed: bool | None = None


class Suppression(Base, table=True):
    """A person who gets no automatic letter up to and including a day."""

    __tablename__ = "suppression"
    person: str = Field(sa_type=Text, primary_key=True)
    until: date


class DoomedRow(Base, table=True):
    """A mail whose copy on the mail server goes too; `done_at` when it went."""

    __tablename__ = "doomed"
    mail: int = Field(foreign_key="inbound.number", primary_key=True, sa_column_kwargs={"autoincrement": False})
    asked_at: datetime = moment()
    done_at: datetime | None = moment(null=True)


class Claim(Base, table=True):
    """A thing that is done once per date: alerts rung, a digest written. `number` counts those of its kind; `facts` is
    what is remembered of it, as JSON."""

    __tablename__ = "claim"
    what: str = Field(sa_type=Text, primary_key=True)
    day: date = Field(primary_key=True)
    at: datetime = moment()
    number: int
    facts: str = string()


class Sheet(Base, table=True):
    """A numbered list that was mailed. `lines` is a JSON list of what its numbers stand for, from 1: tickets, and mails
    that wait (Q-17)."""

    __tablename__ = "sheet"
    id: int | None = Field(default=None, primary_key=True)
    kind: str = string()
    address: str = string()
    lines: str = string()
    at: datetime = moment()


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


# Rows are read and written in Core: an object per row would cost more than the desk's whole judgement.
inbound, raw_mail, ticket, history, chain = map(_table, ("inbound", "raw_mail", "ticket", "history", "chain"))
entry, attachment, participant, promise = map(_table, ("entry", "attachment", "participant", "promise"))
outbox, outbox_recipient, mailbox, counter = map(_table, ("outbox", "outbox_recipient", "mailbox", "counter"))
absence, confirmation, suppression, doomed = map(_table, ("absence", "confirmation", "suppression", "doomed"))
consultation, claim, sheet = map(_table, ("consultation", "claim", "sheet"))
