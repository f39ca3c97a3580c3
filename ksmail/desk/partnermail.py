"""What to do about a mail of a partner: take its position, keep a note, or hold it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ksmail.capability import Audience
from ksmail.desk.arrival import Arrival, Correspondent, Decision, Disposition
from ksmail.desk.case import PartnerMail, Standing
from ksmail.desk.consultation import Consulted, PartnerReplied, Position, Stage, disagree
from ksmail.desk.letter import Letter
from ksmail.desk.mistake import Mistake
from ksmail.desk.notices import cause, staff_quarantine
from ksmail.desk.order import Verb
from ksmail.desk.orders import read_orders
from ksmail.desk.partnernotice import disagreement, partner_notice, with_this
from ksmail.desk.policy import Policy
from ksmail.desk.ticket import Change, EntryKind, Flag, Flagged, Posted, Ticket, evolved
from ksmail.incoming.identity import Proof, Role

_POSITIONS = {
    Verb.OK: Position.NO_OBJECTION,
    Verb.OBJECT: Position.OBJECTION,
    Verb.INPUT: Position.INPUT,
    Verb.NOT_OURS: Position.NOT_OURS,
}


@dataclass(frozen=True, slots=True)
class _Read:
    """What a partner says: its position (None: none), and the line that nobody can read, if there is one."""

    position: Position | None
    unclear: str = ""
    by_verb: bool = False


def decide_partner(arrival: Arrival, policy: Policy) -> Decision | None:
    """None for a mail that is about no consultation, and for one of the desk's own people."""
    mail, sender, ticket = arrival.partner, arrival.sender, arrival.ticket
    if mail is None or sender is None or ticket is None or sender.identity.role in (Role.STAFF, Role.OURSELVES):
        return None
    if because := _not_proven(arrival, sender, mail, policy):
        return staff_quarantine(arrival, policy, Disposition.HELD, because)
    if mail.standing is Standing.STRANGER:
        because = f"answers our request to {mail.partner.code} from elsewhere: a note, not its position"
        flag = Flagged(Flag.PARTNER_ELSEWHERE, sender.identity.address.spec)
        return _noted(arrival, policy, ticket, mail, because, "note", flag)
    read = _read(mail, bool(arrival.message.attachments))
    beside = _beside(arrival, mail, read, policy)
    if mail.to_asker and not read.by_verb:
        because = f"{mail.partner.code} wrote to the asker's side: a note, not its position"
        return _noted(arrival, policy, ticket, mail, because, "to_asker", *beside)
    if read.position is None:
        return _noted(arrival, policy, ticket, mail, f"{mail.partner.code} answered without a word", "note", *beside)
    return _taken(arrival, policy, ticket, mail, read, beside)


def _not_proven(arrival: Arrival, sender: Correspondent, mail: PartnerMail, policy: Policy) -> str:
    """Why a mail is not taken for what it seems, or "". Where a border could vouch for a partner, it must; elsewhere
    the mail must answer a reference of ours. What staff released is theirs to judge."""
    identity = sender.identity
    if arrival.released:
        return ""
    if identity.proof is Proof.FAILED:
        return "our border says that the address of whoever answers a partner's request is not genuine"
    if mail.standing is Standing.STRANGER:
        return ""
    if policy.has_border and identity.proof is not Proof.VERIFIED:
        return f"our border does not vouch for the address of {mail.partner.code}"
    if not policy.has_border and not mail.signed:
        return f"from the address of {mail.partner.code}, and it answers no signed reference of ours"
    return ""


def _read(mail: PartnerMail, has_files: bool) -> _Read:
    """Free text is an addition; so is an order that nobody can read: staff will look."""
    if isinstance(mail.orders, Mistake):
        return _Read(Position.INPUT, mail.orders.line)
    verbs = list(dict.fromkeys(order.verb for order in mail.orders.orders))
    if len(verbs) == 1:
        return _Read(_POSITIONS[verbs[0]], by_verb=True)
    if len(mail.orders.strays) == 1 and (below := _below(mail.orders.strays[0])) is not None:
        return _Read(below, by_verb=True)
    return _Read(Position.INPUT if mail.reply.own.strip() or has_files else None)


def _below(stray: str) -> Position | None:
    """The position on a line below a greeting: partners are no staff, and write as people write."""
    orders = read_orders(stray, today=date.min, audience=Audience.PARTNER)
    if isinstance(orders, Mistake) or len(orders.orders) != 1:
        return None
    return _POSITIONS[orders.orders[0].verb]


def _beside(arrival: Arrival, mail: PartnerMail, read: _Read, policy: Policy) -> tuple[Flagged, ...]:
    """What staff should know of this answer before they trust it."""
    proof = arrival.sender.identity.proof if arrival.sender else Proof.NONE
    unproven = arrival.released and (proof is not Proof.VERIFIED if policy.has_border else not mail.signed)
    marks = (
        (mail.standing is Standing.COLLEAGUE, Flag.PARTNER_COLLEAGUE, mail.partner.code),
        (mail.to_asker, Flag.PARTNER_WROTE_TO_ASKER, mail.partner.code),
        (bool(read.unclear), Flag.PARTNER_UNCLEAR, read.unclear),
        (unproven, Flag.PARTNER_UNPROVEN, mail.partner.code),
    )
    return tuple(Flagged(flag, detail) for holds, flag, detail in marks if holds)


def _taken(
    arrival: Arrival, policy: Policy, ticket: Ticket, mail: PartnerMail, read: _Read, beside: tuple[Flagged, ...]
) -> Decision:
    if read.position is None:
        raise ValueError("a position is needed")
    known = mail.consultation
    stands = known.position if known.stage is not Stage.SENT else None
    older = known.replied_at is not None and arrival.received_at < known.replied_at
    position = stands if stands is not None and (older or not read.by_verb) else read.position
    replied = PartnerReplied(partner=mail.consultation.partner, position=position, at=arrival.received_at)
    told = (*_asked(mail), replied) if position is not stands else ()
    changes: tuple[Change, ...] = (_posted(arrival, EntryKind.POSITION, Role.PARTNER, mail), *told, *beside)
    after = evolved(ticket, changes)
    waited = any(each.is_open for each in ticket.consultations)
    all_there = waited and not any(each.is_open for each in after.consultations)
    letters: tuple[Letter, ...] = partner_notice(
        arrival,
        policy,
        after,
        mail,
        event="replied" if ticket.status.is_open else "late",
        position=position.value,
        flags=beside,
        status_note="all_answered" if all_there and ticket.status.is_open else "",
    )
    if disagree(after.consultations) and not disagree(ticket.consultations):
        because = cause(arrival.message, arrival.mail_number)
        letters = (*letters, *disagreement(after, with_this(mail, arrival), policy, arrival.absent, because))
    late = "" if ticket.status.is_open else ", after the question was over"
    said = f"answered {position.value}" if told else f"added to its answer, which stays {position.value}"
    because = f"{mail.partner.code} {said}{late}; {arrival.found_by}"
    return Decision(disposition=Disposition.FOLLOW_UP, because=because, ticket=after, changes=changes, letters=letters)


def _asked(mail: PartnerMail) -> tuple[Change, ...]:
    """The request that it answers, where only its answer shows that it has it."""
    if not mail.unrecorded:
        return ()
    asked = mail.consultation
    return (
        Consulted(
            partner=asked.partner,
            to=asked.to,
            due_on=asked.due_on,
            message_id=asked.message_id,
            at=asked.asked_at,
        ),
    )


def _noted(
    arrival: Arrival,
    policy: Policy,
    ticket: Ticket,
    mail: PartnerMail,
    because: str,
    event: str,
    *flags: Flagged,
) -> Decision:
    role = Role.ASKER if mail.standing is Standing.STRANGER else Role.PARTNER
    changes: tuple[Change, ...] = (_posted(arrival, EntryKind.NOTE, role, mail), *flags)
    after = evolved(ticket, changes)
    letters = partner_notice(arrival, policy, after, mail, event=event, flags=flags)
    return Decision(disposition=Disposition.FOLLOW_UP, because=because, ticket=after, changes=changes, letters=letters)


def _posted(arrival: Arrival, kind: EntryKind, role: Role, mail: PartnerMail) -> Posted:
    """A position is between the desk and that partner; a note is the desk's alone."""
    message = arrival.message
    if arrival.sender is None:
        raise ValueError("a text without an author cannot be posted")
    of_partner = kind is EntryKind.POSITION
    return Posted(
        kind=kind,
        author=arrival.sender.identity.address,
        role=role,
        audience=Audience.PARTNER if of_partner else Audience.STAFF,
        text=message.text,
        message_id=message.message_id,
        attachments=message.attachments,
        partner=mail.consultation.partner if role is Role.PARTNER else "",
    )
