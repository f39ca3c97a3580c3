"""Orders about who handles a question, and who is away."""

from __future__ import annotations

from ksmail.desk.acts import Absent
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.notices import prepared, question_facts
from ksmail.desk.order import Order
from ksmail.desk.people import Person, alike, find_named, find_person
from ksmail.desk.progress import Progress, Scene
from ksmail.desk.receipt import Done
from ksmail.desk.refusal import Refusal, Why
from ksmail.desk.ticket import Assigned, Ticket


def take(scene: Scene, order: Order, so_far: Progress) -> Progress:
    """Two who take one question at the same moment: the first has it, and the second is told (an optimistic lock)."""
    ticket, who = so_far.own_ticket(), scene.staff.person
    holder = find_person(scene.policy.staff, ticket.assignee) if ticket.assignee else None
    if holder is not None and holder != who and holder.address not in scene.arrival.absent:
        raise Refusal(Why.TAKEN, holder.name)
    return so_far.changed(Assigned(who.address)).telling(Done(verb=order.verb.value))


def assign(scene: Scene, order: Order, so_far: Progress) -> Progress:
    ticket, to = so_far.own_ticket(), _named(scene, order.person or "")
    if to.address in scene.arrival.absent and to != scene.staff.person:
        raise Refusal(Why.PERSON_AWAY, to.name)
    further = so_far.changed(Assigned(to.address)).telling(Done(verb=order.verb.value, name=to.name))
    return further if to == scene.staff.person else further.writing(_handed_over(scene, ticket, to))


def away(scene: Scene, order: Order, so_far: Progress) -> Progress:
    first, last = order.dates
    if last < scene.today:
        raise Refusal(Why.LONG_PAST)
    done = Done(verb=order.verb.value, day=first, until=last)
    return so_far.doing(Absent(scene.staff.person.address, first, last)).telling(done)


def _named(scene: Scene, said: str) -> Person:
    found = find_named(scene.policy.staff, said)
    if len(found) > 1:
        raise Refusal(Why.WHICH_PERSON, *(person.name for person in found))
    if not found:
        raise Refusal(Why.NO_SUCH_PERSON, *alike(scene.policy.staff, said))
    return found[0]


def _handed_over(scene: Scene, ticket: Ticket, to: Person) -> Letter:
    return Letter(
        kind=LetterKind.STAFF_ASSIGNED,
        to=to.address,
        language=to.language,
        about=str(ticket.reference),
        cause=scene.cause,
        facts={"by": scene.staff.person.name, "note": scene.text, **question_facts(ticket, scene.case)},
        prepared=prepared(to.language),
    )
