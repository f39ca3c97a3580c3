"""What a mail of the asker's side does to the ticket that it belongs to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ksmail.desk.acknowledge import held_back, silence, thread
from ksmail.desk.arrival import Arrival, Decision, Disposition
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.notices import cause, staff_followups
from ksmail.desk.open import open_ticket
from ksmail.desk.partner import find_partner
from ksmail.desk.policy import Policy
from ksmail.desk.promise import named_days, promise_date, received_on
from ksmail.desk.requests import coordination_notice
from ksmail.desk.terms import answered_after
from ksmail.desk.thanks import is_thanks
from ksmail.desk.ticket import (
    Change,
    CloseReason,
    Ground,
    OpenedAgain,
    Posted,
    Promised,
    Resumed,
    Status,
    Thanked,
    Ticket,
    evolved,
)
from ksmail.incoming.evidence import strip_subject
from ksmail.incoming.identity import Proof


def follow_up(
    arrival: Arrival, policy: Policy, ticket: Ticket, because: str, posted: Posted, *others: Change
) -> Decision:
    """Add a text to its ticket. An open one goes on; one that waits for the asker is taken up again; one that was
    answered is opened again by more than thanks, for a while; after that a new ticket goes on with it."""
    if arrival.sender is not None and arrival.sender.identity.proof is Proof.FAILED:
        return _told(arrival, policy, ticket, f"{because}; not genuine, so no state changes", (*others, posted))
    if ticket.status is Status.WAITING_ASKER:
        return _resumed(arrival, policy, ticket, because, (*others, posted))
    if ticket.closed_because is CloseReason.SPAM:  # whoever sent it learns nothing from us; staff can #reopen it
        return _told(arrival, policy, ticket, f"{because}; closed as spam", (*others, posted), "closed_reply")
    if ticket.status.is_open:
        return _told(arrival, policy, ticket, because, (*others, posted))
    if is_thanks(arrival.own_words) and not posted.attachments:
        thanked = Thanked(arrival.received_at)
        because = f"{because}; not reopened: thanks"
        return _told(arrival, policy, ticket, because, (*others, posted, thanked), "thanks")
    if _is_recent(arrival, policy, ticket):
        return _opened_again(arrival, policy, ticket, because, (*others, posted))
    return open_ticket(arrival, policy, earlier=ticket)


def _resumed(arrival: Arrival, policy: Policy, ticket: Ticket, because: str, changes: tuple[Change, ...]) -> Decision:
    """The days that were left, unless partners were asked meanwhile and have longer: then the asker is told."""
    day = _after_waiting(arrival, policy, ticket)
    asked = [each.due_on for each in ticket.consultations if each.is_open]
    until = max((answered_after(due_on, policy) for due_on in asked), default=day)
    ground = Ground.CONSULTED if until > day else Ground.ASKER_REPLIED
    resumed = (Resumed(), Promised(promised_on=max(day, until), ground=ground))
    decision = _told(arrival, policy, ticket, because, (*changes, *resumed), "resumed")
    if until <= day or silence(arrival, policy) is not None or arrival.sender is None:
        return decision
    return replace(decision, letters=(_coordination(arrival, policy, ticket, until), *decision.letters))


def _coordination(arrival: Arrival, policy: Policy, ticket: Ticket, day: date) -> Letter:
    """To the asker of the ticket; the date is a promise already."""
    today = received_on(arrival.now, policy.timezone)
    letter = _to_asker(arrival, policy, ticket, LetterKind.COORDINATION_NOTICE, {})
    found = (find_partner(policy.partners, each.partner) for each in ticket.consultations if each.is_open)
    partners = tuple(partner for partner in found if partner is not None)
    return replace(coordination_notice(letter, ticket, partners, day, today, policy), then=())


def _after_waiting(arrival: Arrival, policy: Policy, ticket: Ticket) -> date:
    """The day of the reply and the working days that were left; never a day that has passed."""
    today = received_on(arrival.now, policy.timezone)
    days = max(ticket.remaining_days or policy.response_days, 1)
    day = policy.workdays.after(received_on(arrival.received_at, policy.timezone), days)
    return day if day > today else policy.workdays.after(today, 1)


def _is_recent(arrival: Arrival, policy: Policy, ticket: Ticket) -> bool:
    return ticket.ended_at is None or arrival.received_at - ticket.ended_at <= policy.reopen


def _opened_again(
    arrival: Arrival, policy: Policy, ticket: Ticket, because: str, changes: tuple[Change, ...]
) -> Decision:
    today = received_on(arrival.now, policy.timezone)
    day = promise_date(arrival.received_at, policy)
    if day <= today:
        day = policy.workdays.after(today, policy.response_days)
    again = (OpenedAgain(at=arrival.received_at), Promised(promised_on=day, ground=Ground.REOPENED))
    decision = _told(arrival, policy, ticket, f"{because}; reopened", (*changes, *again), "reopened")
    if silence(arrival, policy) is not None or arrival.sender is None:
        return decision
    letter = _reopened(arrival, policy, ticket, day)
    return Decision(
        disposition=decision.disposition,
        because=decision.because,
        ticket=decision.ticket,
        changes=decision.changes,
        letters=(letter, *decision.letters),
    )


def _reopened(arrival: Arrival, policy: Policy, ticket: Ticket, day: date) -> Letter:
    today = received_on(arrival.received_at, policy.timezone)
    facts: dict[str, object] = {
        "promised_on": day,
        "days": policy.workdays.count(today, day),
        "closed_days": named_days(today, day, policy),
        "received_at": arrival.received_at,
        "subject": strip_subject(ticket.subject, policy.prefix),
    }
    return _to_asker(arrival, policy, ticket, LetterKind.REOPENED, facts)


def _to_asker(arrival: Arrival, policy: Policy, ticket: Ticket, kind: LetterKind, facts: dict[str, object]) -> Letter:
    """To the asker of the ticket, whoever of his side wrote."""
    in_reply_to, references = thread(arrival.message)
    return Letter(
        kind=kind,
        to=ticket.asker,
        language=ticket.language,
        about=str(ticket.reference),
        cause=cause(arrival.message, arrival.mail_number),
        facts=facts,
        in_reply_to=in_reply_to,
        references=references,
        held=held_back(arrival, policy),
    )


def _told(
    arrival: Arrival,
    policy: Policy,
    ticket: Ticket,
    because: str,
    changes: tuple[Change, ...],
    status_note: str = "",
) -> Decision:
    after = evolved(ticket, changes)
    return Decision(
        disposition=Disposition.FOLLOW_UP,
        because=because,
        ticket=after,
        changes=changes,
        letters=staff_followups(arrival, policy, after, changes, status_note),
    )
