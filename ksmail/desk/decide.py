"""What to do about one mail. Pure: the same facts always give the same decision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ksmail.capability import Audience
from ksmail.desk.arrival import Arrival, Decision, Disposition
from ksmail.desk.followup import follow_up
from ksmail.desk.idle import wants_something
from ksmail.desk.machines import away_mail
from ksmail.desk.markings import find_marking
from ksmail.desk.notices import personal_flags, staff_followups, staff_quarantine
from ksmail.desk.open import open_ticket
from ksmail.desk.partnermail import decide_partner
from ksmail.desk.policy import Policy
from ksmail.desk.returned import reported
from ksmail.desk.staffmail import decide_staff
from ksmail.desk.ticket import Change, EntryKind, Flag, Flagged, Joined, Posted, Ticket, evolved
from ksmail.incoming.identity import Identity, Proof, Role
from ksmail.incoming.verdict import Sort

Rule = Callable[[Arrival, Policy], Decision | None]


def decide(arrival: Arrival, policy: Policy) -> Decision:
    """The first rule that has something to say decides; a mail that none of them knows is a new question."""
    for rule in RULES:
        decision = rule(arrival, policy)
        if decision is not None:
            return decision
    return open_ticket(arrival, policy)


def _another_copy(arrival: Arrival, _: Policy) -> Decision | None:
    twin = arrival.twin
    if twin is None or not twin.same:
        return None
    return Decision(disposition=Disposition.DUPLICATE, because=twin.because, ticket=twin.ticket)


def _our_own(arrival: Arrival, _: Policy) -> Decision | None:
    if arrival.verdict.sort is Sort.OWN:
        return Decision(disposition=Disposition.OWN, because=arrival.verdict.because)
    return None


def _machine(arrival: Arrival, policy: Policy) -> Decision | None:
    """Recorded, shown with its ticket, never answered. Only a report about a letter of ours changes anything."""
    match arrival.verdict.sort:
        case Sort.BOUNCE:
            disposition, kind = Disposition.BOUNCE, EntryKind.BOUNCE
        case Sort.BULK if arrival.partner is not None and arrival.partner.signed:
            return None  # a group mailbox marks what its people write as a list's; nothing is answered to it anyway
        case Sort.AUTOMATIC | Sort.BULK:
            disposition, kind = Disposition.AUTOMATIC, EntryKind.AUTOMATIC
        case _:
            return None
    because = arrival.verdict.because
    if arrival.message.sender is not None and arrival.ticket is not None:
        role = arrival.sender.identity.role if arrival.sender else Role.ASKER
        posted = _posted(arrival, kind, role, Audience.STAFF)
        because = f"{because}; shown with {arrival.ticket.reference}"
        shown = _followed(arrival.ticket, disposition, because, (posted,))
    else:
        shown = Decision(disposition=disposition, because=because, ticket=arrival.ticket)
    if disposition is Disposition.BOUNCE:
        return reported(arrival, policy, shown)
    return away_mail(arrival, policy, shown) if arrival.verdict.sort is Sort.AUTOMATIC else shown


def _encrypted(arrival: Arrival, policy: Policy) -> Decision | None:
    if not arrival.message.encrypted:
        return None
    return staff_quarantine(
        arrival, policy, Disposition.QUARANTINED, f"encrypted ({arrival.message.encrypted})", answer_unreadable=True
    )


def _nobody(arrival: Arrival, policy: Policy) -> Decision | None:
    if arrival.message.sender is None:
        because = arrival.message.ambiguity or "no author"
        return staff_quarantine(arrival, policy, Disposition.QUARANTINED, f"sender unclear: {because}")
    if arrival.sender is None:
        return staff_quarantine(arrival, policy, Disposition.HELD, "a form's mail that names nobody to answer")
    return None


def _about_the_program(arrival: Arrival, policy: Policy) -> Decision | None:
    """Digests and alarms go to those who run the program, often to a list of many people or to another desk's machine.
    Whoever answers one asks us nothing, and nobody here has anything to do about it: no letter, no ticket, no line
    among what is due. Orders of staff, and what is about a ticket after all, are judged as ever."""
    program = arrival.evidence.program
    if program is None or arrival.ticket is not None or arrival.released:
        return None
    if arrival.staff is not None and (arrival.message.encrypted or wants_something(arrival.staff)):
        return None
    because = f"an answer to a mail about the program ({program.subject})"
    return Decision(disposition=Disposition.PROGRAM, because=because)


def _machine_like(arrival: Arrival, policy: Policy) -> Decision | None:
    if arrival.verdict.sort is Sort.MACHINE_LIKE and not arrival.released:
        return staff_quarantine(arrival, policy, Disposition.HELD, arrival.verdict.because)
    return None


def _staff(arrival: Arrival, policy: Policy) -> Decision | None:
    return decide_staff(arrival, policy)


def _partner(arrival: Arrival, policy: Policy) -> Decision | None:
    return decide_partner(arrival, policy)


def _marked(arrival: Arrival, policy: Policy) -> Decision | None:
    """What bears a marking had better not be here at all: it is quoted and passed on to nobody. Of staff only their own
    words count: a mail that was released is quoted in each reply about it."""
    message = arrival.message
    subject, text = message.subject, message.text
    if arrival.staff is not None:
        subject, text = "", arrival.staff.reply.own
    names = "\n".join(file.name for file in message.attachments)
    marking = find_marking(f"{subject}\n{text}\n{names}", policy.markings)
    if not marking or arrival.released or _is_nobodys_concern(arrival):
        return None
    told = {policy.team: policy.staff_language}
    if arrival.staff is not None:  # he wrote it, and must know why nothing came of it
        told |= {arrival.staff.person.address: arrival.staff.person.language}
    because = f"marked {marking}"
    return staff_quarantine(arrival, policy, Disposition.QUARANTINED, because, marking=marking, told=told)


def _is_nobodys_concern(arrival: Arrival) -> bool:
    """A newsletter that mentions a marking is stored and shown to nobody."""
    return arrival.verdict.sort in (Sort.BOUNCE, Sort.AUTOMATIC, Sort.BULK) and arrival.ticket is None


def _desk_people(arrival: Arrival, policy: Policy) -> Decision | None:
    """What the team's own address, a partner's or ours writes is stored and never sent, and nobody is told by mail: a
    responder behind one of these would otherwise answer our notice for ever (FreeScout 4806). But staff hear of a mail
    that only pretends to be theirs."""
    sender = arrival.sender
    if sender is None or sender.identity.role not in (Role.STAFF, Role.OURSELVES, Role.PARTNER):
        return None
    if not arrival.released and (because := _not_genuine(arrival, sender.identity, policy)):
        return staff_quarantine(arrival, policy, Disposition.HELD, because)
    if arrival.ticket is not None:
        note = _posted(arrival, EntryKind.NOTE, sender.identity.role, Audience.STAFF)
        because = f"a note from {sender.identity.role.value}: stored, not sent; {arrival.found_by}"
        kept = _followed(arrival.ticket, Disposition.FOLLOW_UP, because, (note,))
        if sender.identity.role is not Role.PARTNER:
            return kept
        # Of a partner that was asked nothing, staff hear: no machine of ours writes to it, so none can answer for ever.
        return replace(kept, letters=staff_followups(arrival, policy, kept.ticket or arrival.ticket, kept.changes))
    if sender.identity.role is Role.PARTNER or arrival.released:
        return None
    return Decision(disposition=Disposition.HELD, because=f"from {sender.identity.role.value}, about no ticket")


def _not_genuine(arrival: Arrival, identity: Identity, policy: Policy) -> str:
    """Why a mail is not taken for that of the desk's own people, or "". Where a border could vouch for it, it must;
    elsewhere it must answer something of ours: a note that anybody can plant steers those who read it."""
    role = identity.role.value
    if identity.proof is Proof.FAILED:
        return f"our border says that the address of {role} is not genuine"
    if policy.has_border and identity.proof is not Proof.VERIFIED:
        return f"our border does not vouch for the address of {role}"
    if not policy.has_border and arrival.ticket is not None and arrival.evidence.capability is None:
        return f"from the address of {role}, and it answers no signed reference of ours"
    return ""


def _staff_reference(arrival: Arrival, policy: Policy) -> Decision | None:
    """Our notices go to staff only: whoever else answers one is a colleague of theirs at another address, or had it
    forwarded. Neither is asking the desk anything."""
    capability, sender = arrival.evidence.capability or arrival.evidence.confirmation, arrival.sender
    if capability is None or capability.audience is not Audience.STAFF or sender is None or arrival.released:
        return None
    if sender.identity.role is not Role.ASKER:
        return None
    if arrival.ticket is not None and arrival.ticket.has_part(sender.identity.address):
        return None
    because = "answers a notice to staff, from an address that is not on the staff list"
    return staff_quarantine(arrival, policy, Disposition.HELD, because)


def _reply(arrival: Arrival, policy: Policy) -> Decision | None:
    """A mail that belongs to a ticket: by somebody who has a part in it, or by a colleague of the asker."""
    ticket, sender = arrival.ticket, arrival.sender
    if ticket is None or sender is None:
        return None
    author = sender.identity.address
    changes: tuple[Change, ...] = ()
    if not ticket.has_part(author):
        if not is_colleague(sender.identity, ticket) and not arrival.released:
            because = f"a reference to {ticket.reference} used by somebody it was not issued to"
            return staff_quarantine(arrival, policy, Disposition.HELD, because)
        changes = (Joined(author, "colleague"), Flagged(Flag.COLLEAGUE))
    posted = _posted(arrival, EntryKind.FOLLOW_UP, Role.ASKER, Audience.ASKER)
    return follow_up(arrival, policy, ticket, f"found by {arrival.found_by}", posted, *changes, *_flags(arrival))


def _asked_again(arrival: Arrival, policy: Policy) -> Decision | None:
    """The same question by the same person within a day: one ticket, one number, one acknowledgement."""
    twin, sender = arrival.twin, arrival.sender
    if twin is None or twin.ticket is None or sender is None:
        return None
    if not twin.ticket.has_part(sender.identity.address):
        return None  # he only wants the answer to go to somebody who wrote these words
    posted = _posted(arrival, EntryKind.FOLLOW_UP, Role.ASKER, Audience.ASKER)
    because = f"possible duplicate: {twin.because}"
    return follow_up(arrival, policy, twin.ticket, because, posted, Flagged(Flag.POSSIBLE_DUPLICATE))


def _several(arrival: Arrival, policy: Policy) -> Decision | None:
    """References to different tickets in one mail: nothing is added to any of them by itself."""
    if not arrival.evidence.several or arrival.released:
        return None
    return staff_quarantine(arrival, policy, Disposition.HELD, arrival.evidence.because)


# Order is meaning: what must never be answered stands before what may be.
RULES: tuple[Rule, ...] = (
    _another_copy,
    _our_own,
    _marked,
    _machine,
    _nobody,
    _about_the_program,
    _machine_like,
    _encrypted,
    _staff,
    _partner,
    _desk_people,
    _staff_reference,
    _several,
    _reply,
    _asked_again,
)


def is_colleague(identity: Identity, ticket: Ticket) -> bool:
    """Whether somebody writes from the asker's own organisation, as far as our border does not deny it; a freemail
    domain is nobody's organisation."""
    if identity.institution is not None and identity.institution.kind == "freemail":
        return False
    if identity.proof is Proof.FAILED:
        return False
    return identity.address.domain == ticket.asker.domain


def _posted(arrival: Arrival, kind: EntryKind, role: Role, audience: Audience) -> Posted:
    message = arrival.message
    author = arrival.sender.identity.address if arrival.sender else message.sender
    if author is None:
        raise ValueError("a text without an author cannot be posted")
    return Posted(
        kind=kind,
        author=author,
        role=role,
        audience=audience,
        text=message.text,
        message_id=message.message_id,
        attachments=message.attachments,
    )


def _flags(arrival: Arrival) -> tuple[Change, ...]:
    reused = (Flagged(Flag.MESSAGE_ID_REUSED),) if arrival.message_id_reused else ()
    reused = (*reused, *personal_flags(arrival))
    if arrival.resembles is None:
        return reused
    return (*reused, Flagged(Flag.RESEMBLES_STAFF, arrival.resembles.spec))


def _followed(ticket: Ticket, disposition: Disposition, because: str, changes: tuple[Change, ...]) -> Decision:
    after = evolved(ticket, changes)
    return Decision(disposition=disposition, because=because, ticket=after, changes=changes)
