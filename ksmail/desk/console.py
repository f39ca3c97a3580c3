"""What to do about an answer to a numbered list: carry out its lines, ask for a yes, or say what is wrong with it."""

from __future__ import annotations

from dataclasses import replace

from ksmail.desk.acts import Act, Await, Detain, Recall, Settle
from ksmail.desk.arrival import Arrival, Decision, Disposition, Elsewhere
from ksmail.desk.case import AnsweredList, Place, StaffMail, WaitingLetter, WaitState
from ksmail.desk.execute import FRESH
from ksmail.desk.idle import because_of, has_heard_enough
from ksmail.desk.letter import Letter
from ksmail.desk.lines import Carried, carry_out_lines
from ksmail.desk.mistake import Mistake
from ksmail.desk.notices import staff_held, stopped_by_another
from ksmail.desk.numbered import numbers_in
from ksmail.desk.order import Order, Verb
from ksmail.desk.policy import Policy
from ksmail.desk.progress import Progress, Scene
from ksmail.desk.receipts import receipt
from ksmail.desk.refusal import Refusal, Why
from ksmail.desk.transcript import confirm_lines, transcript


def decide_list(arrival: Arrival, policy: Policy, staff: StaffMail, listed: AnsweredList) -> Decision | None:
    """None for a mail without lines that holds what may come in any mail, or that this list was not mailed to."""
    scene = Scene(arrival=arrival, staff=staff, policy=policy, text="")
    if not staff.proofs.issued.holds:
        because = f"orders of staff on list {listed.name}, and not proven: {staff.proofs.issued.because}"
        return staff_held(arrival, policy, staff, because) if listed.orders_something else None
    if isinstance(listed.lines, Mistake):
        return _mistaken(scene, listed, listed.lines)
    if listed.lines.lines:
        return ordered_by_list(scene, listed)
    return _without_numbers(scene, listed)


def ordered_by_list(scene: Scene, listed: AnsweredList) -> Decision:
    """Two proofs are there; the third is the border's word, or one yes for the whole mail."""
    carried, staff = carry_out_lines(scene, listed), scene.staff
    if staff.proofs.confirmed and carried.binding != staff.shown:
        refused = Refusal(Why.CHANGED).of(None, staff.person.language)
        told = receipt(scene, Progress(ticket=None), refused=refused)
        return _decision(f"{_orders(listed)}, refused", told, acts=(Settle(staff.number, False),))
    if carried.why and not staff.proofs.confirmed:
        return _awaiting(scene, listed, carried)
    settled = (Settle(staff.number, True),) if staff.proofs.confirmed else ()
    return _decision(
        _orders(listed),
        *carried.total.letters,
        transcript(scene, listed, carried),
        elsewhere=carried.total.elsewhere,
        acts=(*carried.total.acts, *settled),
    )


def _awaiting(scene: Scene, listed: AnsweredList, carried: Carried) -> Decision:
    """What a line calls back waits on meanwhile: it would be gone before the yes comes."""
    staff = scene.staff
    recalled = {act.letter for act in carried.total.acts if isinstance(act, Recall)}
    stops = [step for step in carried.steps if step.order.verb is Verb.STOP and step.refused is None]
    waiting = [(step, [each for each in _waiting(step.place) if each.id in recalled]) for step in stops]
    told = [note for step, here in waiting for note in stopped_by_another(step.scene, here, detained=True)]
    detained = (Detain(each.id) for _, here in waiting for each in here)
    return Decision(
        disposition=Disposition.ORDER,
        because=f"{_orders(listed)} wait to be confirmed ({carried.why})",
        letters=(*told, confirm_lines(scene, listed, carried)),
        elsewhere=tuple(
            Elsewhere(step.place.ticket.reference, step.posted, f"{step.because(listed.name)}, to be confirmed")
            for step in carried.steps
            if step.place.ticket is not None and step.posted
        ),
        acts=(Await(staff.number, staff.person.address, staff.text, listed.name, carried.binding), *detained),
        drafts=carried.total.letters,
        drafted=carried.total.elsewhere,
    )


def _mistaken(scene: Scene, listed: AnsweredList, mistake: Mistake) -> Decision:
    """Nothing is done. What waits about any number at the beginning of a line waits on: one of them may have been a
    `stop`."""
    named = set(numbers_in(scene.staff.reply.own))
    waiting = [(place, _waiting(place)) for place in listed.places if place.number in named]
    acts = tuple(Detain(letter) for letter in dict.fromkeys(each.id for _, here in waiting for each in here))
    silent = has_heard_enough(scene.staff) and not acts
    told = [] if silent else [receipt(scene, Progress(ticket=None, acts=acts), mistake=mistake)]
    for place, letters in waiting:
        about = replace(scene, arrival=replace(scene.arrival, ticket=place.ticket))
        told += stopped_by_another(about, letters, detained=True)
    because = because_of(scene.staff, f"{_orders(listed)} that cannot be read: {mistake.because.value}")
    return _decision(because, *told, acts=acts)


def _waiting(place: Place) -> tuple[WaitingLetter, ...]:
    case = place.staff.case
    return tuple(each for each in case.waiting if each.state in (WaitState.WAITING, WaitState.SENDING)) if case else ()


def _without_numbers(scene: Scene, listed: AnsweredList) -> Decision | None:
    """Orders need a number in front of them, unless they may come in any mail. A text is told how it could order
    something, and given back."""
    orders = scene.staff.orders
    if isinstance(orders, Mistake):
        return None
    if orders.orders and all(order.verb in FRESH for order in orders.orders) and not numbers_in(orders.text):
        return None
    first: Order | None = orders.orders[0] if orders.orders else None
    refused = Refusal(Why.NO_NUMBER).of(first, scene.staff.person.language)
    told = () if has_heard_enough(scene.staff) else (receipt(scene, Progress(ticket=None), refused=refused),)
    because = f"an answer to list {listed.name}, {'orders' if first else 'text'} without a number"
    return _decision(because_of(scene.staff, because), *told)


def _orders(listed: AnsweredList) -> str:
    return f"orders of staff on list {listed.name}"


def _decision(
    because: str, *letters: Letter, elsewhere: tuple[Elsewhere, ...] = (), acts: tuple[Act, ...] = ()
) -> Decision:
    return Decision(disposition=Disposition.ORDER, because=because, letters=letters, elsewhere=elsewhere, acts=acts)
