"""What silence leads to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from ksmail.address import Address
from ksmail.desk.case import Case
from ksmail.desk.consultation import Consultation, ConsultationEnded, PartnerReminded, Stage
from ksmail.desk.due import calls_at
from ksmail.desk.letter import Letter
from ksmail.desk.partner import Partner, find_partner, stand_in
from ksmail.desk.partnernotice import silent_notice
from ksmail.desk.policy import Policy
from ksmail.desk.promise import received_on
from ksmail.desk.requests import Sender, reminder
from ksmail.desk.ticket import Change, Closed, CloseReason, EntryKind, Status, Ticket, evolve


@dataclass(frozen=True, slots=True)
class Due:
    """What time has brought for one ticket."""

    ticket: Ticket
    changes: tuple[Change, ...] = ()
    letters: tuple[Letter, ...] = ()
    because: str = ""


def close_quiet(ticket: Ticket, now: datetime, policy: Policy) -> tuple[Change, ...]:
    """An answered ticket of which nobody has heard for `policy.quiet` is closed. Nobody is told: the asker has his
    answer, and a reply still opens it again."""
    last = ticket.active_at or ticket.ended_at
    if ticket.status is not Status.ANSWERED or last is None or now - last < policy.quiet:
        return ()
    return (Closed(reason=CloseReason.ANSWERED, at=now),)


def partners_due(ticket: Ticket, case: Case, now: datetime, policy: Policy, absent: Collection[Address]) -> Due:
    """Partners whose date has come are told once, on that day; when they stay silent we stop waiting, and staff and
    the coordinators hear of it. In office hours, and never both at once after a downtime."""
    found = Due(ticket)
    if not ticket.status.is_open or not calls_at(now, policy)[1]:
        return found
    for consultation in ticket.consultations:
        if consultation.is_open:
            found = _due(found, consultation, case, now, policy, absent)
    return found


def _due(
    found: Due,
    consultation: Consultation,
    case: Case,
    now: datetime,
    policy: Policy,
    absent: Collection[Address],
) -> Due:
    """Whoever is not on the list any more, or has no liaison, is not written to; but nobody waits for him for ever."""
    today = received_on(now, policy.timezone)
    listed = find_partner(policy.partners, consultation.partner)
    partner = listed or stand_in(consultation.partner, consultation.to)
    if today >= policy.workdays.after(consultation.due_on, policy.coordination.silence_days):
        ended = _after(found, ConsultationEnded(consultation.partner, Stage.EXPIRED), f"{partner.code} did not answer")
        told = silent_notice(ended.ticket, partner, consultation, case, policy, absent)
        return replace(ended, letters=(*ended.letters, *told))
    if today >= consultation.due_on and not consultation.reminded and listed is not None and listed.liaison is not None:
        rung = _after(found, PartnerReminded(consultation.partner), f"the date of {partner.code} has come")
        letter = _reminder(rung.ticket, consultation, partner, case, policy)
        return replace(rung, letters=(*rung.letters, letter))
    return found


def _after(found: Due, change: Change, because: str) -> Due:
    reasons = "; ".join(filter(None, (found.because, because)))
    return replace(found, ticket=evolve(found.ticket, change), changes=(*found.changes, change), because=reasons)


def _reminder(ticket: Ticket, consultation: Consultation, partner: Partner, case: Case, policy: Policy) -> Letter:
    told = [
        text for text in case.texts if text.kind is EntryKind.REQUEST and text.message_id == consultation.message_id
    ]
    asked_on: date = received_on(consultation.asked_at, policy.timezone)
    sender = Sender(policy=policy, cause=f"due {consultation.message_id}")
    return reminder(sender, ticket, partner, consultation, asked_on, told[-1].text if told else "")
