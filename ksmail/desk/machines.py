"""The out-of-office mails that somebody should hear of. None of them is answered, and no state changes."""

from __future__ import annotations

from dataclasses import replace

from ksmail.desk.arrival import Arrival, Decision
from ksmail.desk.case import PartnerMail, Standing
from ksmail.desk.letter import Letter, LetterKind, Prepared
from ksmail.desk.notices import cause, staff_followups
from ksmail.desk.order import Verb
from ksmail.desk.orders import row_of
from ksmail.desk.partnernotice import partner_notice
from ksmail.desk.policy import Policy
from ksmail.desk.ticket import Status
from ksmail.incoming.identity import Proof


def away_mail(arrival: Arrival, policy: Policy, shown: Decision) -> Decision:
    """What `shown`, the mere record, leads to: an asker or a partner who is away while we wait for him is told to
    staff, and a staff member who is away is offered to say so."""
    if arrival.staff is not None:
        return _offered(arrival, policy, shown)
    if (mail := arrival.partner) is not None and mail.standing is not Standing.STRANGER:
        return _partner_away(arrival, policy, mail, shown)
    ticket, sender = shown.ticket, arrival.sender
    if ticket is None or sender is None or ticket.status is not Status.WAITING_ASKER or not shown.changes:
        return shown
    if not ticket.has_part(sender.identity.address):
        return shown
    letters = staff_followups(arrival, policy, ticket, shown.changes)
    return replace(shown, because=f"{shown.because}; told to staff, who wait for him", letters=letters)


def _partner_away(arrival: Arrival, policy: Policy, mail: PartnerMail, shown: Decision) -> Decision:
    """As long as we wait for its answer, staff should know that nobody reads our request."""
    ticket, sender = shown.ticket, arrival.sender
    if ticket is None or sender is None or not mail.consultation.is_open or not ticket.status.is_open:
        return shown
    if sender.identity.proof is Proof.FAILED:
        return shown
    letters = partner_notice(arrival, policy, ticket, mail, event="away")
    return replace(shown, because=f"{shown.because}; told to staff, who wait for {mail.partner.code}", letters=letters)


def _offered(arrival: Arrival, policy: Policy, shown: Decision) -> Decision:
    """Once a week at most: the offer itself may be answered by the same machine."""
    staff, sender = arrival.staff, arrival.sender
    if staff is None or sender is None or staff.away_letters or staff.person.address in arrival.absent:
        return shown
    if sender.identity.proof is Proof.FAILED or (policy.has_border and sender.identity.proof is not Proof.VERIFIED):
        return shown
    language = staff.person.language
    letter = Letter(
        kind=LetterKind.STAFF_AWAY,
        to=staff.person.address,
        language=language,
        about=str(shown.ticket.reference) if shown.ticket else f"Q-{arrival.mail_number}",
        cause=cause(arrival.message, arrival.mail_number),
        facts={"until": None},
        prepared=(Prepared("away", f"#{row_of(Verb.AWAY).spelling(language)} "),),
    )
    return replace(shown, because=f"{shown.because}; offered #away", letters=(letter,))
