"""Partners hear when a question is over: those who still have to answer, and those who want to know how it ended."""

from __future__ import annotations

from collections.abc import Iterable

from ksmail.desk.consultation import Consultation, ConsultationEnded, Stage
from ksmail.desk.letter import Letter
from ksmail.desk.partner import Partner, find_partner
from ksmail.desk.policy import Policy
from ksmail.desk.promise import received_on
from ksmail.desk.requests import Sender, outcome, withdrawn
from ksmail.desk.ticket import Answered, Change, Closed, Ticket


def farewell(ticket: Ticket, changes: Iterable[Change], sender: Sender) -> tuple[Letter, ...]:
    """What partners are told when these changes befall `ticket`, which is as it was before them.

    Whoever has not answered need not do so any more. Whoever has, and wants to know, hears on which day the question
    was answered; never what the answer was.
    """
    ends = [change for change in changes if isinstance(change, Answered | Closed)]
    if not ends or not ticket.consultations:
        return ()
    letters: list[Letter] = []
    answered = next((change for change in ends if isinstance(change, Answered)), None)
    for partner, consultation in _reachable(ticket, sender.policy):
        if consultation.is_open:
            letter = withdrawn(sender, ticket, partner, "answered" if answered else "closed")
            letters.append(letter)
        elif answered and partner.outcome and consultation.stage is Stage.REPLIED:
            day = received_on(answered.at, sender.policy.timezone)
            letters.append(outcome(sender, ticket, partner, day))
    return tuple(letters)


def let_go(ticket: Ticket, changes: Iterable[Change]) -> tuple[Change, ...]:
    """`changes`, and behind an answer that nobody waits for the partners any more."""
    found: list[Change] = []
    for change in changes:
        found.append(change)
        if isinstance(change, Answered):
            open_ones = (each for each in ticket.consultations if each.is_open)
            found += [ConsultationEnded(each.partner, Stage.WITHDRAWN) for each in open_ones]
    return tuple(found)


def _reachable(ticket: Ticket, policy: Policy) -> list[tuple[Partner, Consultation]]:
    found = ((find_partner(policy.partners, each.partner), each) for each in ticket.consultations)
    return [(partner, each) for partner, each in found if partner is not None and partner.liaison is not None]
