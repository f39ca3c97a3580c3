"""Everything that is needed to judge a mail about a consultation."""

from __future__ import annotations

import re
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

_MOST_OF_AN_ABSENCE = 2000  # characters
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_MONTH = r"(?:jan|feb|maa?rt|mrt|mar|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec)[a-z]{0,6}\.?"
_DAY = re.compile(
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}(?:\s+\d{{4}})?|\d{{1,2}}[-/]\d{{1,2}}[-/]\d{{4}}|\d{{4}}-\d{{2}}-\d{{2}}|"
    rf"{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?)(?!\w)",
    re.IGNORECASE,
)


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
        if ticket is None:
            return None
        found = self._found(ticket, message, identity.address, evidence, received_at)
        if found is None:
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
            unrecorded=consultation not in ticket.consultations,
            to_asker=any(ticket.has_part(each) and not partner.writes_from(each) for each in message.recipients),
            back_on=_named_day(reply.own or message.text, today),
        )

    def about(self, ticket: Ticket, address: Address) -> bool:
        """Whether somebody at this address writes for a partner that was asked about this ticket."""
        return bool(self._of_sender(ticket, address))

    def _found(
        self, ticket: Ticket, message: Message, sender: Address, evidence: Evidence, received_at: datetime
    ) -> tuple[Partner, Consultation, bool] | None:
        """By the reference that the mail answers; else by whose people write, and the code in the subject. A reference
        that was issued to an asker or to staff says nothing of a partner, whoever answers it."""
        capability = evidence.capability
        if capability is not None:
            of_partner = capability.audience is Audience.PARTNER
            return self._issued(ticket, capability, message, evidence, received_at) if of_partner else None
        theirs = self._of_sender(ticket, sender)
        if evidence.partner:  # the number of another partner's request may have been forwarded
            theirs = [each for each in theirs if each[0].is_called(evidence.partner)]
        return (*theirs[0], False) if theirs else None

    def _issued(
        self, ticket: Ticket, capability: Capability, message: Message, evidence: Evidence, received_at: datetime
    ) -> tuple[Partner, Consultation, bool] | None:
        """Where one address speaks for several partners: the request that is answered, or the code in the subject."""
        known = [(self._partner(each), each) for each in ticket.consultations]
        issued = [(partner, each) for partner, each in known if self._went_to(capability, partner, each)]
        answers = {*message.in_reply_to, *message.references}
        for fits in (lambda p, c: c.message_id in answers, lambda p, _: p.is_called(evidence.partner), lambda *_: True):
            chosen = next((each for each in issued if fits(*each)), None)
            if chosen is not None:
                return (*chosen, True)
        return self._unrecorded(capability, message, evidence, received_at)

    def _partner(self, consultation: Consultation) -> Partner:
        known = find_partner(self.policy.partners, consultation.partner)
        return known or stand_in(consultation.partner, consultation.to)

    def _went_to(self, capability: Capability, partner: Partner, consultation: Consultation) -> bool:
        """To the address of then, or to that of a liaison who came after."""
        addresses = (consultation.to, *((partner.liaison,) if partner.liaison else ()))
        return any(self.keyring.issued_to(capability, address) for address in addresses)

    def _unrecorded(
        self, capability: Capability, message: Message, evidence: Evidence, received_at: datetime
    ) -> tuple[Partner, Consultation, bool] | None:
        """Whoever answers a request has it, also where a crash kept us from writing that down."""
        partners = [each for each in self.policy.partners if each.liaison is not None]
        issued = [each for each in partners if each.liaison and self.keyring.issued_to(capability, each.liaison)]
        partner = next((each for each in issued if each.is_called(evidence.partner)), issued[0] if issued else None)
        if partner is None or partner.liaison is None:
            return None
        token = f".{capability.party}.{capability.key_id}."
        ours = (each for each in (*message.in_reply_to, *reversed(message.references)) if token in each)
        consultation = Consultation(
            partner=partner.code,
            to=partner.liaison,
            due_on=received_on(received_at, self.policy.timezone),
            asked_at=received_at,
            message_id=next(ours, ""),
        )
        return partner, consultation, True

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
    """The last day that a text names, if it is not over: an absence has a beginning and an end. Only with a month: a
    weekday or a pair of numbers may mean anything."""
    days = []
    for match in _DAY.finditer(text[:_MOST_OF_AN_ABSENCE]):
        try:
            day, _ = leading_date(_ORDINAL.sub("", match[0]).replace(",", " ").split(), today)
        except Unreadable:
            continue
        days.append(day)
    return max((day for day in days if day >= today), default=None)
