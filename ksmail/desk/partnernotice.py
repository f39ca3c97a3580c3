"""What staff are told about partners: who answered, and who contradicts whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from ksmail.address import Address
from ksmail.capability import Audience
from ksmail.desk.arrival import Arrival
from ksmail.desk.case import Case, PartnerMail, Text
from ksmail.desk.consultation import Position
from ksmail.desk.letter import Letter, LetterKind, Prepared
from ksmail.desk.mistake import Mistake
from ksmail.desk.notices import cause, notice_people, numbered, prepared
from ksmail.desk.order import Verb
from ksmail.desk.orders import row_of
from ksmail.desk.people import find_person
from ksmail.desk.policy import Policy
from ksmail.desk.positions import position_lines
from ksmail.desk.ticket import EntryKind, Flagged, Ticket
from ksmail.incoming.identity import Role
from ksmail.incoming.message import Language

_OFFERED = (Verb.ANSWER, Verb.EXTEND, Verb.CONSULT, Verb.NOTE, Verb.TAKE)


def partner_notice(
    arrival: Arrival,
    policy: Policy,
    ticket: Ticket,
    mail: PartnerMail,
    *,
    event: str,
    position: str = "",
    flags: Sequence[Flagged] = (),
    status_note: str = "",
) -> tuple[Letter, ...]:
    """Somebody answered a request to a partner. Beyond the cap the notice waits for the operator, as with additions of
    an asker. `event` is "replied", "late", "note", "to_asker" or "away"."""
    sender, case = arrival.sender, arrival.case or Case()
    holder = find_person(policy.staff, ticket.assignee) if ticket.assignee else None
    facts: dict[str, object] = {
        "event": event,
        "code": mail.partner.code,
        "partner_nl": mail.partner.name_nl,
        "partner_en": mail.partner.name_en,
        "promised_on": ticket.promised_on if ticket.status.is_open else None,
        "assignee": holder.name if holder else "",
        "waits": bool(case.waiting),
        "author": sender.identity.address if sender else None,
        "text": _words(mail, arrival.message.text) if position else mail.reply.own or arrival.message.text,
        "position": position,
        "flags": tuple(flags),
        "files": numbered(arrival),
        "received_at": arrival.received_at,
        "positions": position_lines(ticket, with_this(mail, arrival) if position else case, policy),
        "back_on": mail.back_on if event == "away" else None,
        "due_on": mail.consultation.due_on,
        "status_note": status_note,
    }
    held = "ticket_cap" if arrival.followup_letters_hour >= policy.caps.followup_hour else ""
    codes = (mail.partner.code,) if position else ()
    told = dict(notice_people(ticket, arrival.absent, policy))
    return _letters(
        LetterKind.STAFF_PARTNER_REPLY, ticket, told, cause(arrival.message, arrival.mail_number), facts, codes, held
    )


def disagreement(
    ticket: Ticket, case: Case, policy: Policy, absent: Collection[Address], because: str
) -> tuple[Letter, ...]:
    """One partner objects and another one does not: staff and the coordinators see them side by side. `because` names
    the mail that brought it about."""
    lines = position_lines(ticket, case, policy)
    differing = tuple(line.code for line in lines if line.position in (Position.OBJECTION, Position.NO_OBJECTION))
    facts: dict[str, object] = {
        "positions": lines,
        "promised_on": ticket.promised_on if ticket.status.is_open else None,
    }
    told = _with_coordinators(ticket, policy, absent)
    return _letters(LetterKind.STAFF_DISAGREEMENT, ticket, told, because, facts, differing)


def _letters(
    kind: LetterKind,
    ticket: Ticket,
    told: Mapping[Address, Language],
    because: str,
    facts: Mapping[str, object],
    codes: Sequence[str] = (),
    held: str = "",
) -> tuple[Letter, ...]:
    """One letter to each; `codes` are the partners whose positions can be shown to the others."""
    return tuple(
        Letter(
            kind=kind,
            to=to,
            language=language,
            about=str(ticket.reference),
            cause=because,
            facts=facts,
            held=held,
            prepared=(
                *(prepared(language, (Verb.STOP, Verb.NOW)) if facts.get("waits") else ()),
                *_offered(language, codes),
            ),
        )
        for to, language in told.items()
    )


def _words(mail: PartnerMail, whole: str) -> str:
    """What the partner wrote itself, without the word that became its position; the whole mail where nothing is its
    own, as when all of it is a quotation."""
    if isinstance(mail.orders, Mistake) or len({order.verb for order in mail.orders.orders}) != 1:
        return mail.reply.own or whole
    return mail.orders.text


def with_this(mail: PartnerMail, arrival: Arrival) -> Case:
    """The case with the answer that is being judged, which stands in no store yet."""
    sender, case = arrival.sender, arrival.case or Case()
    if sender is None:
        return case
    text = Text(
        kind=EntryKind.POSITION,
        author=sender.identity.address,
        role=Role.PARTNER,
        audience=Audience.PARTNER,
        at=arrival.received_at,
        text=arrival.message.text,
        partner=mail.consultation.partner,
    )
    return replace(case, texts=(*case.texts, text))


def _with_coordinators(ticket: Ticket, policy: Policy, absent: Collection[Address]) -> dict[Address, Language]:
    told = dict(notice_people(ticket, absent, policy))
    return told | {person.address: person.language for person in policy.coordinators}


def _offered(language: Language, codes: Sequence[str]) -> tuple[Prepared, ...]:
    """What staff do next; the positions of these partners can be shown to the others."""
    line = f"#{row_of(Verb.SHARE).spelling(language)}"
    return (*(Prepared("share", f"{line} {code}") for code in codes), *prepared(language, _OFFERED))
