"""Partners that the words of a new question call for: proposed to staff, or asked at once where the desk says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ksmail.desk.acknowledge import held_back, thread
from ksmail.desk.arrival import Arrival
from ksmail.desk.letter import Letter, LetterKind, Prepared
from ksmail.desk.notices import cause
from ksmail.desk.order import Verb
from ksmail.desk.orders import row_of
from ksmail.desk.partner import Partner, find_partner
from ksmail.desk.policy import Policy
from ksmail.desk.promise import received_on
from ksmail.desk.requests import Copy, Sender, coordination_notice, request, text_for_partners
from ksmail.desk.suggest import copied, suggested
from ksmail.desk.terms import terms
from ksmail.desk.ticket import Ticket
from ksmail.incoming.message import Language
from ksmail.incoming.words import own_words


def suggested_partners(arrival: Arrival, policy: Policy) -> tuple[str, ...]:
    """The codes of the partners to whom one can write, and whom the words of this question call for."""
    return tuple(partner.code for partner in _reachable(suggested(_words(arrival), policy.suggestions), policy))


def copied_partners(arrival: Arrival, policy: Policy) -> tuple[Partner, ...]:
    """Those of them who are asked without an order. Not about a mail that staff had to let through or that has no
    words, and nobody at an address that staff would have to confirm."""
    if arrival.released or not own_words(arrival.message.text).strip():
        return ()
    found = _reachable(copied(_words(arrival), policy.suggestions), policy)
    return tuple(partner for partner in found if partner.has_usual_liaison)


def copies(
    arrival: Arrival, policy: Policy, ticket: Ticket, promised_on: date, partners: tuple[Partner, ...]
) -> tuple[Letter, ...]:
    """A request to each of these partners, and the letter that tells the asker of it. All can be called back."""
    sender = arrival.sender
    if sender is None or not partners:
        return ()
    today = received_on(arrival.now, policy.timezone)
    when = terms(promised_on, None, today, policy, first=True)
    institution = sender.identity.institution
    words = arrival.message.text
    text = text_for_partners(own_words(words), ticket, institution, policy, written=(words,), signed=True)
    copy = Copy(text=text.text.strip(), is_question=True, removed=text.removed, institution=institution)
    whence = Sender(policy=policy, cause=cause(arrival.message, arrival.mail_number), wait=policy.hold)
    letters = [request(whence, ticket, partner, copy, when.due_on) for partner in partners]
    if when.promised_on is not None:
        plain = _to_asker(arrival, policy, ticket)
        letters.insert(0, coordination_notice(plain, ticket, partners, when.promised_on, today, policy))
    held = held_back(arrival, policy)
    return tuple(replace(letter, held=held) for letter in letters)


def may_consult(policy: Policy) -> bool:
    """Whether there is a partner to whom one can write."""
    return any(partner.liaison is not None for partner in policy.partners)


def offered(codes: tuple[str, ...], language: Language) -> tuple[Prepared, ...]:
    """A reply that asks them, ready to be sent."""
    if not codes:
        return ()
    return (Prepared("consult", f"#{row_of(Verb.CONSULT).spelling(language)} {' '.join(codes)}"),)


def _to_asker(arrival: Arrival, policy: Policy, ticket: Ticket) -> Letter:
    in_reply_to, references = thread(arrival.message)
    return Letter(
        kind=LetterKind.COORDINATION_NOTICE,
        to=ticket.asker,
        language=ticket.language,
        about=str(ticket.reference),
        cause=cause(arrival.message, arrival.mail_number),
        facts={},
        in_reply_to=in_reply_to,
        references=references,
        wait=policy.hold,
    )


def _words(arrival: Arrival) -> str:
    return f"{arrival.message.subject}\n{own_words(arrival.message.text)}"


def _reachable(codes: tuple[str, ...], policy: Policy) -> tuple[Partner, ...]:
    found = (find_partner(policy.partners, code) for code in codes)
    return tuple(partner for partner in found if partner is not None and partner.liaison is not None)
