"""Everything that is needed to judge a mail about a consultation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from ksmail.address import Address
from ksmail.capability import Audience, Capability, Keyring
from ksmail.desk.case import PartnerMail, Standing
from ksmail.desk.consultation import Consultation
from ksmail.desk.dates import leading_date
from ksmail.desk.mistake import Unreadable
from ksmail.desk.orders import read_orders
from ksmail.desk.partner import Partner, find_partner, stand_in
from ksmail.desk.policy import Policy
from ksmail.desk.promise import received_on
from ksmail.desk.ticket import Ticket
from ksmail.incoming.evidence import Evidence
from ksmail.incoming.identity import Identity
from ksmail.incoming.message import Message
from ksmail.incoming.reply import trim

_WORDS_OF_AN_ABSENCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRoom:
    """What the reading of partners' mail needs of the desk."""

    policy: Policy
    keyring: Keyring

    def read(
        self,
        message: Message,
        identity: Identity,
        evidence: Evidence,
        ticket: Ticket | None,
        received_at: datetime,
    ) -> PartnerMail | None:
        """None for a mail that is about no consultation."""
        found = self._found(ticket, identity.address, evidence)
        if ticket is None or found is None:
            return None
        partner, consultation, signed = found
        today = received_on(received_at, self.policy.timezone)
        reply = trim(message.text)
        return PartnerMail(
            partner=partner,
            consultation=consultation,
            standing=_standing(partner, consultation, identity.address),
            signed=signed,
            reply=reply,
            orders=read_orders(reply.own, today=today, audience=Audience.PARTNER),
            to_asker=any(ticket.has_part(address) for address in message.recipients),
            back_on=_named_day(reply.own or message.text, today),
        )

    def about(self, ticket: Ticket, address: Address) -> bool:
        """Whether somebody at this address writes for a partner that was asked about this ticket."""
        return bool(self._of_sender(ticket, address))

    def _found(
        self, ticket: Ticket | None, sender: Address, evidence: Evidence
    ) -> tuple[Partner, Consultation, bool] | None:
        """By the reference that the mail answers; else by whose people write, and the code in the subject."""
        if ticket is None:
            return None
        capability = evidence.capability
        if capability is not None and capability.audience is Audience.STAFF:
            return None
        if capability is not None and capability.audience is Audience.PARTNER:
            return self._issued(ticket, capability)
        if capability is not None and ticket.has_part(sender):
            return None  # somebody at the partner's domain whom the asker put in Cc writes for himself
        theirs = self._of_sender(ticket, sender)
        named = find_partner((partner for partner, _ in theirs), evidence.partner) if evidence.partner else None
        chosen = next((each for each in theirs if named in (None, each[0])), None)
        return (*chosen, False) if chosen else None

    def _issued(self, ticket: Ticket, capability: Capability) -> tuple[Partner, Consultation, bool] | None:
        for consultation in ticket.consultations:
            if self.keyring.issued_to(capability, consultation.to):
                known = find_partner(self.policy.partners, consultation.partner)
                partner = known or stand_in(consultation.partner, consultation.to)
                return partner, consultation, True
        return None

    def _of_sender(self, ticket: Ticket, sender: Address) -> list[tuple[Partner, Consultation]]:
        found = ((find_partner(self.policy.partners, each.partner), each) for each in ticket.consultations)
        return [
            (partner, each)
            for partner, each in found
            if partner is not None and (partner.writes_from(sender) or each.to == sender)
        ]


def _standing(partner: Partner, consultation: Consultation, sender: Address) -> Standing:
    if sender in (partner.liaison, consultation.to):
        return Standing.LIAISON
    return Standing.COLLEAGUE if partner.writes_from(sender) else Standing.STRANGER


def _named_day(text: str, today: date) -> date | None:
    """The last day that a text names, if it is not over: an absence has a beginning and an end."""
    words = text.split()[:_WORDS_OF_AN_ABSENCE]
    days = []
    for place in range(len(words)):
        try:
            day, _ = leading_date([word.strip("().,;:") for word in words[place : place + 4]], today)
        except Unreadable:
            continue
        days.append(day)
    return max((day for day in days if day >= today), default=None)
