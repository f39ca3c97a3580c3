"""Orders that make one question of two, or two of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from ksmail.capability import Audience
from ksmail.desk.actions.consult import sender_of
from ksmail.desk.actions.write import refuse_leaks, to_asker
from ksmail.desk.arrival import Elsewhere
from ksmail.desk.case import Case
from ksmail.desk.consultation import Consultation, Inherited, Stage, disagree
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.notices import notice_people, prepared
from ksmail.desk.order import Order
from ksmail.desk.partner import find_partner
from ksmail.desk.partnernotice import disagreement
from ksmail.desk.progress import Progress, Scene
from ksmail.desk.promise import named_days
from ksmail.desk.receipt import Done
from ksmail.desk.refusal import Refusal, Why
from ksmail.desk.requests import consultation_of, withdrawn
from ksmail.desk.sending import settled
from ksmail.desk.ticket import (
    Absorbed,
    Change,
    ContinuedBy,
    Continues,
    EntryKind,
    Ground,
    Joined,
    MergedInto,
    Opened,
    Posted,
    Promised,
    PromiseSettled,
    PromiseState,
    Status,
    TakenUp,
    Ticket,
    evolved,
)
from ksmail.incoming.evidence import strip_subject
from ksmail.incoming.identity import Role
from ksmail.reference import Reference


def merge(scene: Scene, order: Order, so_far: Progress) -> Progress:
    """This ticket goes into the other one: its people and its partners join that one, and the earlier of the two dates
    holds."""
    ticket, into = so_far.own_ticket(), _target(scene, order, so_far)
    if so_far.in_the_way(scene) or so_far.letters:
        raise Refusal(Why.LETTERS_WAIT)
    promised = _promised(ticket, into, scene.today)
    here = [each for each in ticket.consultations if each.stage is not Stage.CLOSED]
    brought = tuple(Inherited(each) for each in here if _there(scene, each, into) is None)
    changes: tuple[Change, ...] = (
        Absorbed(ticket.reference), *_joined(ticket, into), *_earlier(into, promised), *brought
    )  # fmt: skip
    letter = to_asker(scene, ticket, LetterKind.MERGED, {"into": into.reference, "promised_on": promised})
    merged = so_far.changed(
        settled(ticket, scene.today, PromiseState.DROPPED), MergedInto(reference=into.reference, at=scene.arrival.now)
    )
    done = Done(verb=order.verb.value, reference=str(into.reference))
    letters = (_at_once(letter), *_asked_twice(scene, ticket, into), *_disagreed(scene, into, changes))
    return _elsewhere(merged, into.reference, *changes).writing(*letters).telling(done)


def _disagreed(scene: Scene, into: Ticket, changes: tuple[Change, ...]) -> tuple[Letter, ...]:
    """Partners that agree about each question may contradict each other once they are one."""
    after = evolved(into, changes)
    if disagree(into.consultations) or not disagree(after.consultations):
        return ()
    other = scene.staff.other_case or Case()
    both = replace(other, texts=(*other.texts, *scene.case.texts))
    return disagreement(after, both, scene.policy, scene.arrival.absent, scene.cause)


def _there(scene: Scene, consultation: Consultation, into: Ticket) -> Consultation | None:
    """What the same partner was asked about the other question, whatever its code was then."""
    partner = find_partner(scene.policy.partners, consultation.partner)
    return into.consultation(consultation.partner) if partner is None else consultation_of(into, partner)


def _asked_twice(scene: Scene, ticket: Ticket, into: Ticket) -> tuple[Letter, ...]:
    """A partner that was asked about both questions answers about the one that is left."""
    both = (each for each in ticket.consultations if each.is_open and _there(scene, each, into) is not None)
    partners = (find_partner(scene.policy.partners, each.partner) for each in both)
    sender = replace(sender_of(scene), wait=timedelta(0))
    return tuple(
        replace(withdrawn(sender, ticket, partner, "merged"), then=())
        for partner in partners
        if partner is not None and partner.liaison is not None
    )


def split(scene: Scene, order: Order, so_far: Progress) -> Progress:
    """The text becomes a question of its own, by the same asker and with its own date. It counts as the asker's words
    from then on, so it must not be anybody else's."""
    ticket, policy = so_far.own_ticket(), scene.policy
    refuse_leaks(scene, override=order.override, can_override=True)
    reference = scene.arrival.next_reference
    day = policy.workdays.after(scene.today, policy.response_days)
    facts: dict[str, object] = {
        "earlier": ticket.reference,
        "promised_on": day,
        "days": policy.response_days,
        "closed_days": named_days(scene.today, day, policy),
        "received_at": scene.arrival.now,
        "split": True,
    }
    letter = _at_once(to_asker(scene, ticket, LetterKind.LINKED_NEW, facts), about=str(reference))
    done = Done(verb=order.verb.value, reference=str(reference), day=day)
    further = (
        so_far.changed(ContinuedBy(reference)).writing(letter, *_announced(scene, ticket, reference, day)).telling(done)
    )
    promised = Promised(promised_on=day, ground=Ground.RECEIVED)
    return _elsewhere(further, reference, *_second(scene, ticket, reference), promised)


def _announced(scene: Scene, ticket: Ticket, reference: Reference, day: date) -> tuple[Letter, ...]:
    """The second question reaches staff like any other one: a reply to this letter is about that number."""
    facts: dict[str, object] = {
        "by": scene.staff.person.name,
        "note": "",
        "text": scene.text,
        "author": ticket.asker,
        "files": (),
        "promised_on": day,
        "status": Status.IN_PROGRESS.value,
    }
    return tuple(
        Letter(
            kind=LetterKind.STAFF_ASSIGNED,
            to=to,
            language=language,
            about=str(reference),
            cause=scene.cause,
            facts=facts,
            prepared=prepared(language),
        )
        for to, language in notice_people(ticket, scene.arrival.absent, scene.policy)
    )


def joins_strangers(ticket: Ticket, into: Ticket) -> bool:
    """Whether a merge shows a case to people who have no part in it yet: then it is always confirmed."""
    return {person.address for person in ticket.participants} != {person.address for person in into.participants}


def _target(scene: Scene, order: Order, so_far: Progress) -> Ticket:
    other, own = scene.staff.other, so_far.own_ticket()
    if order.reference == own.reference:
        raise Refusal(Why.SAME_TICKET)
    if other is None or other.reference != order.reference:
        raise Refusal(Why.NO_SUCH_TICKET)
    if other.merged_into is not None:
        raise Refusal(Why.MERGED, str(other.merged_into))
    if not other.status.is_open and own.status.is_open:
        raise Refusal(Why.OTHER_CLOSED)
    return other


def _joined(ticket: Ticket, into: Ticket) -> tuple[Joined, ...]:
    """Whoever had a part in the one has it in the other; a different asker is copied in what is answered there."""
    parts = (
        Joined(person.address, "copied" if person.part == "asker" else person.part) for person in ticket.participants
    )
    return tuple(joined for joined in parts if not into.has_part(joined.address))


def _promised(ticket: Ticket, into: Ticket, today: date) -> date | None:
    """The date that holds: the earlier one that has not passed; none where that question's clock stands still."""
    if not into.status.is_open or into.promised_on is None:
        return None
    own = ticket.promised_on if ticket.status.is_open else None
    return min((day for day in (own, into.promised_on) if day is not None and day >= today), default=None)


def _earlier(into: Ticket, day: date | None) -> tuple[Change, ...]:
    if day is None or into.promised_on is None or day >= into.promised_on:
        return ()
    return (PromiseSettled(PromiseState.MOVED), Promised(promised_on=day, ground=Ground.MERGED))


def _second(scene: Scene, ticket: Ticket, reference: Reference) -> tuple[Change, ...]:
    opened = Opened(
        reference=reference,
        asker=ticket.asker,
        language=ticket.language,
        subject=strip_subject(ticket.subject, scene.policy.prefix),
        received_at=scene.arrival.now,
    )
    posted = Posted(
        kind=EntryKind.QUESTION,
        author=ticket.asker,
        role=Role.ASKER,
        audience=Audience.ASKER,
        text=scene.text,
        message_id="",
    )
    others = tuple(Joined(person.address, person.part) for person in ticket.participants if person.part != "asker")
    return (opened, *others, posted, Continues(ticket.reference), TakenUp())


def _elsewhere(so_far: Progress, reference: Reference, *changes: Change) -> Progress:
    return replace(so_far, elsewhere=(*so_far.elsewhere, Elsewhere(reference, changes)))


def _at_once(letter: Letter, about: str = "") -> Letter:
    """What is done is done, so its letter cannot be called back."""
    return replace(letter, wait=timedelta(0), about=about or letter.about)
