"""Partners hear when a question is over: those who still have to answer, and those who want to know how it ended."""

from __future__ import annotations

from collections.abc import Iterable

from ksmail.desk.consultation import Consultation, ConsultationEnded, Consulted, Stage
from ksmail.desk.letter import Letter
from ksmail.desk.partner import Partner, find_partner
from ksmail.desk.policy import Policy
from ksmail.desk.promise import received_on
from ksmail.desk.requests import Sender, outcome, withdrawn
from ksmail.desk.ticket import Answered, Change, Closed, Status, Ticket, evolved


def farewell(ticket: Ticket, changes: Iterable[Change], sender: Sender) -> tuple[Letter, ...]:
    """What partners are told when these changes befall `ticket`, which is as it was before them.

    Whoever has not answered need not do so any more. Whoever has, and wants to know, hears on which day the question
    was answered; never what the answer was.
    """
    changes = tuple(changes)
    ends = [change for change in changes if isinstance(change, Answered | Closed)]
    letters: list[Letter] = list(_too_late(ticket, changes, sender))
    if not ends:
        return tuple(letters)
    first = ticket.status is not Status.ANSWERED
    answered = next((change for change in ends if isinstance(change, Answered)), None)
    for partner, consultation in _reachable(ticket, sender.policy):
        if consultation.is_open:
            letter = withdrawn(sender, ticket, partner, "answered" if answered else "closed")
            letters.append(letter)
        elif answered and first and partner.outcome and consultation.stage is Stage.REPLIED:
            day = received_on(answered.at, sender.policy.timezone)
            letters.append(outcome(sender, ticket, partner, day))
    return tuple(letters)


def let_go(ticket: Ticket, changes: Iterable[Change]) -> tuple[Change, ...]:
    """`changes`, with the partners let go behind an answer, and behind a request that came after it."""
    found: list[Change] = []
    for change in changes:
        found.append(change)
        if isinstance(change, Answered):
            open_ones = (each for each in ticket.consultations if each.is_open)
            found += [ConsultationEnded(each.partner, Stage.WITHDRAWN) for each in open_ones]
        if isinstance(change, Consulted) and not ticket.status.is_open:
            found.append(ConsultationEnded(change.partner, Stage.WITHDRAWN))
    return tuple(found)


def _too_late(ticket: Ticket, changes: tuple[Change, ...], sender: Sender) -> list[Letter]:
    """A request that left when the question was over already."""
    asked = [change for change in changes if isinstance(change, Consulted)]
    if ticket.status.is_open or not asked:
        return []
    after, codes = evolved(ticket, asked), {change.partner for change in asked}
    reason = "answered" if ticket.status is Status.ANSWERED else "closed"
    found = (partner for partner, each in _reachable(after, sender.policy) if each.partner in codes)
    return [withdrawn(sender, after, partner, reason) for partner in found]


def _reachable(ticket: Ticket, policy: Policy) -> list[tuple[Partner, Consultation]]:
    found = ((find_partner(policy.partners, each.partner), each) for each in ticket.consultations)
    return [(partner, each) for partner, each in found if partner is not None and partner.liaison is not None]
