"""Rows to the lines that people read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row

from ksmail.capability import Audience
from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import EntryKind, Ground, PromiseState, Status
from ksmail.incoming.identity import Role
from ksmail.incoming.mailbox import MailKey
from ksmail.incoming.message import Language
from ksmail.reference import Reference
from ksmail.store.cases import attachment_of
from ksmail.store.codec import decode
from ksmail.store.happenings import Disclosed, LetterState
from ksmail.store.tickets import address, address_or_none, flags
from ksmail.store.values import (
    DisclosureLine,
    EntryLine,
    HistoryLine,
    InboundLine,
    OutboxLine,
    PromiseLine,
    QuarantineLine,
    RecipientLine,
    TicketLine,
)


def entry_line(row: Row[Any], files: Iterable[Row[Any]]) -> EntryLine:
    return EntryLine(
        at=row.at,
        kind=EntryKind(row.kind),
        author=address(row.author, row.author_name),
        role=Role(row.role),
        audience=Audience(row.audience),
        text=row.text,
        message_id=row.message_id,
        mail=row.mail,
        attachments=tuple(attachment_of(file) for file in files),
        partner=row.partner,
    )


def ticket_line(row: Row[Any]) -> TicketLine:
    return TicketLine(
        reference=Reference.parse(row.reference),
        status=Status(row.status),
        asker=address(row.asker, row.asker_name),
        language=Language(row.language),
        subject=row.subject,
        received_at=row.received_at,
        promised_on=row.promised_on,
        flags=flags(row.flags),
        assignee=address_or_none(row.assignee, row.assignee_name),
    )


def promise_line(row: Row[Any]) -> PromiseLine:
    ground, state = Ground(row.ground), PromiseState(row.state)
    return PromiseLine(promised_on=row.promised_on, ground=ground, state=state, given_at=row.given_at)


def history_line(row: Row[Any]) -> HistoryLine:
    change = decode(row.change)
    return HistoryLine(id=row.id, at=row.at, actor=row.actor, mail=row.mail, because=row.because, change=change)


def quarantine_line(row: Row[Any]) -> QuarantineLine:
    return QuarantineLine(
        number=row.number,
        key=_key(row),
        reason=row.reason,
        received_at=row.received_at,
        size=row.size,
        disposition=Disposition(row.disposition),
    )


def inbound_line(row: Row[Any]) -> InboundLine:
    return InboundLine(
        number=row.number,
        key=_key(row),
        received_at=row.received_at,
        taken_at=row.taken_at,
        size=row.size,
        incomplete=row.incomplete,
        attempts=row.attempts,
        disposition=Disposition(row.disposition),
        reason=row.reason,
        message_id=row.message_id,
        content_id=row.content_id,
        raw_sha256=row.raw_sha256,
        ticket=Reference.parse(row.ticket) if row.ticket else None,
        filed=row.filed,
        recorded_at=row.recorded_at,
    )


def outbox_line(row: Row[Any], people: Iterable[Row[Any]]) -> OutboxLine:
    return OutboxLine(
        id=row.id,
        message_id=row.message_id,
        kind=row.kind,
        about=row.about,
        state=LetterState(row.state),
        held=row.held,
        queued_at=row.queued_at,
        due_at=row.due_at,
        tries=row.tries,
        settled_at=row.settled_at,
        recipients=tuple(RecipientLine(person.address, person.outcome, person.reason) for person in people),
    )


def disclosure_line(row: Row[Any], disclosed: Disclosed) -> DisclosureLine:
    return DisclosureLine(
        number=row.id,
        at=row.at,
        ticket=Reference.parse(row.ticket) if row.ticket else None,
        kind=disclosed.kind,
        recipient=disclosed.recipient,
        message_id=disclosed.message_id,
        sha256=disclosed.sha256,
        identity=disclosed.identity,
        files=disclosed.files,
        by=disclosed.by,
        certain=disclosed.certain,
    )


def _key(row: Row[Any]) -> MailKey:
    return MailKey(row.mailbox, row.uidvalidity, row.uid)
