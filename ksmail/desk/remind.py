"""What silence leads to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from ksmail.desk.case import Case
from ksmail.desk.consultation import Consultation, ConsultationEnded, PartnerReminded, Stage
from ksmail.desk.due import calls_at
from ksmail.desk.letter import Letter
from ksmail.desk.partner import Partner, code_now, find_partner
from ksmail.desk.policy import Policy
from ksmail.desk.promise import received_on
from ksmail.desk.requests import Sender, reminder
from ksmail.desk.ticket import Change, Closed, CloseReason, EntryKind, Status, Ticket, evolve


@dataclass(frozen=True, slots=True)
class Due:
    """What time has brought for one ticket. `silent` are the consultations in which nobody is waited for any more."""

    ticket: Ticket
    changes: tuple[Change, ...] = ()
    letters: tuple[Letter, ...] = ()
    because: str = ""
    silent: tuple[Consultation, ...] = ()


def close_quiet(ticket: Ticket, now: datetime, policy: Policy) -> tuple[Change, ...]:
    """An answered ticket of which nobody has heard for `policy.quiet` is closed. Nobody is told: the asker has his
    answer, and a reply still opens it again."""
    last = ticket.active_at or ticket.ended_at
    if ticket.status is not Status.ANSWERED or last is None or now - last < policy.quiet:
        return ()
    return (Closed(reason=CloseReason.ANSWERED, at=now),)


def partners_due(ticket: Ticket, case: Case, now: datetime, policy: Policy) -> Due:
    """Partners whose date has come are told once, on that day and in office hours; not those that stayed silent for
    so long that nobody waits for them any more. Whoever is not on the list, or has no liaison, is not written to."""
    found, today = Due(ticket), received_on(now, policy.timezone)
    for consultation in _waited_for(ticket, now, policy):
        partner = find_partner(policy.partners, consultation.partner)
        if consultation.reminded or today < consultation.due_on or partner is None or partner.liaison is None:
            continue
        if not _is_silent(consultation, today, policy):
            rung = _after(found, PartnerReminded(consultation.partner), f"the date of {partner.code} has come")
            letter = _reminder(rung.ticket, consultation, partner, case, policy)
            found = replace(rung, letters=(*rung.letters, letter))
    return found


def partners_silent(ticket: Ticket, now: datetime, policy: Policy) -> Due:
    """For partners that stayed silent after their date nobody waits any more, whether or not they are still on the
    list: the silence of a partner stops no question. In office hours."""
    found, today = Due(ticket), received_on(now, policy.timezone)
    for consultation in _waited_for(ticket, now, policy):
        if _is_silent(consultation, today, policy):
            because = f"{code_now(policy.partners, consultation.partner)} did not answer"
            ended = _after(found, ConsultationEnded(consultation.partner, Stage.EXPIRED), because)
            found = replace(ended, silent=(*ended.silent, consultation))
    return found


def _waited_for(ticket: Ticket, now: datetime, policy: Policy) -> Iterator[Consultation]:
    if ticket.status.is_open and calls_at(now, policy)[1]:
        yield from (consultation for consultation in ticket.consultations if consultation.is_open)


def _is_silent(consultation: Consultation, today: date, policy: Policy) -> bool:
    return today >= policy.workdays.after(consultation.due_on, policy.coordination.silence_days)


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
