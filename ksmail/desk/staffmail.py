"""What to do about a mail of somebody on the staff list: obey it, keep it, ask him, or hold it."""

from __future__ import annotations

from dataclasses import replace

from ksmail.capability import Audience
from ksmail.desk.acts import Await, Detain, Settle
from ksmail.desk.arrival import Arrival, Decision, Disposition
from ksmail.desk.authority import may_be_heard
from ksmail.desk.case import StaffMail, WaitState
from ksmail.desk.console import decide_list, ordered_by_list
from ksmail.desk.execute import FRESH, binding, carry_out, why_confirm
from ksmail.desk.idle import NOTE, because_of, has_heard_enough, wants_something
from ksmail.desk.letter import Letter
from ksmail.desk.mistake import Mistake
from ksmail.desk.notices import staff_held, stopped_by_another
from ksmail.desk.order import Order, Text, Verb
from ksmail.desk.orders import row_of
from ksmail.desk.policy import Policy
from ksmail.desk.progress import Progress, Scene
from ksmail.desk.receipt import Done, Refused
from ksmail.desk.receipts import confirm_letter, receipt
from ksmail.desk.refusal import Refusal, Why
from ksmail.desk.ticket import Change, EntryKind, Posted
from ksmail.incoming.identity import Role


def decide_staff(arrival: Arrival, policy: Policy) -> Decision | None:
    """None for a mail that is nobody's on the staff list."""
    staff, sender = arrival.staff, arrival.sender
    if staff is None or sender is None:
        return None
    if not staff.proofs.listed.holds:
        return _of_the_team(arrival, policy, staff)
    if not may_be_heard(staff.proofs, sender.identity, policy):
        return _held(arrival, policy, staff, f"in the name of staff, and not proven: {staff.proofs.genuine.because}")
    if staff.confirms:
        return _confirmation(arrival, policy, staff)
    if staff.listed is not None and (decided := decide_list(arrival, policy, staff, staff.listed)) is not None:
        return decided
    if isinstance(staff.orders, Mistake):
        return _mistaken(arrival, policy, staff, staff.orders)
    if not staff.orders.orders:
        return _note(arrival, policy, staff)
    scene = Scene(arrival=arrival, staff=staff, policy=policy, text=staff.orders.text)
    return _ordered(scene, staff.orders.orders)


def _ordered(scene: Scene, orders: tuple[Order, ...]) -> Decision:
    """Two proofs are there, or the mail is held; the third is the border's word, or a confirmation."""
    staff, policy = scene.staff, scene.policy
    if not staff.proofs.issued.holds and not _is_fresh(staff, orders):
        because = f"orders of staff, and not proven: {staff.proofs.issued.because}"
        return _held(scene.arrival, policy, staff, because)
    outcome = carry_out(scene, orders)
    if isinstance(outcome, Refused):
        return _refused(scene, outcome)
    if staff.proofs.confirmed and binding(outcome) != staff.shown:
        return _refused(scene, Refusal(Why.CHANGED).of(None, staff.person.language))
    why = "" if staff.proofs.confirmed else why_confirm(scene, orders, outcome)
    return _awaiting(scene, orders, outcome, why) if why else _obeyed(scene, orders, outcome)


def _is_fresh(staff: StaffMail, orders: tuple[Order, ...]) -> bool:
    return staff.proofs.fresh and all(order.verb in FRESH for order in orders)


def _obeyed(scene: Scene, orders: tuple[Order, ...], outcome: Progress) -> Decision:
    kind = _entry_kind(orders, scene.text)
    posted = _posted(scene.arrival, scene.staff, kind)
    if kind is EntryKind.NOTE and posted and not any(order.verb is Verb.NOTE for order in orders):
        outcome = outcome.telling(Done(verb=Verb.NOTE.value))
    settled = (Settle(scene.staff.number, True),) if scene.staff.proofs.confirmed else ()
    told = () if _looks_only(orders) else (receipt(scene, outcome),)
    return _decision(
        scene,
        f"orders of staff: {_named(orders)}",
        replace(outcome, changes=(*posted, *outcome.changes), acts=(*outcome.acts, *settled)),
        *told,
    )


def _looks_only(orders: tuple[Order, ...]) -> bool:
    """What was asked to be seen is its own receipt."""
    return all(order.verb in (Verb.STATUS, Verb.HELP) for order in orders)


def _awaiting(scene: Scene, orders: tuple[Order, ...], outcome: Progress, why: str) -> Decision:
    staff = scene.staff
    about = f"Q-{staff.held.number}" if staff.held else ""
    waits = Await(staff.number, staff.person.address, staff.text, about, binding(outcome))
    posted = _posted(scene.arrival, staff, _entry_kind(orders, scene.text))
    nothing = Progress(ticket=scene.arrival.ticket, changes=posted, acts=(waits,))
    because = f"orders of staff wait to be confirmed ({why}): {_named(orders)}"
    asked = _decision(scene, because, nothing, confirm_letter(scene, orders, outcome, why))
    return replace(asked, drafts=outcome.letters, drafted=outcome.elsewhere)


def _refused(scene: Scene, refused: Refused) -> Decision:
    nothing = Progress(
        ticket=scene.arrival.ticket, changes=_posted(scene.arrival, scene.staff, EntryKind.ORDER), acts=_settled(scene)
    )
    return _decision(scene, "orders of staff, refused", nothing, receipt(scene, nothing, refused=refused))


def _settled(scene: Scene) -> tuple[Settle, ...]:
    """A confirmed order that has become impossible meanwhile is over too."""
    return (Settle(scene.staff.number, False),) if scene.staff.proofs.confirmed else ()


def _mistaken(arrival: Arrival, policy: Policy, staff: StaffMail, mistake: Mistake) -> Decision:
    """Nothing is done. What still waits to leave waits on: the misspelt word may have been `stop`."""
    if not staff.proofs.issued.holds and not (staff.proofs.fresh and staff.proofs.genuine.holds):
        return _held(arrival, policy, staff, f"orders of staff, and not proven: {staff.proofs.issued.because}")
    ticket = arrival.ticket if staff.proofs.issued.holds else None
    scene = Scene(arrival=replace(arrival, ticket=ticket), staff=staff, policy=policy, text="")
    states = (WaitState.WAITING, WaitState.SENDING)
    waiting = tuple(letter for letter in scene.case.waiting if letter.state in states) if ticket else ()
    acts = tuple(Detain(letter.id) for letter in waiting)
    posted = _posted(scene.arrival, staff, EntryKind.ORDER)
    nothing = Progress(ticket=ticket, changes=posted, acts=acts)
    silent = has_heard_enough(staff) and not acts
    told = () if silent else (receipt(scene, nothing, mistake=mistake),)
    because = because_of(staff, f"orders of staff that cannot be read: {mistake.because.value}")
    return _decision(scene, because, nothing, *told, *stopped_by_another(scene, waiting, detained=True))


def _note(arrival: Arrival, policy: Policy, staff: StaffMail) -> Decision | None:
    """The safety rule: without a verb nothing leaves. The writer is told, with a reply prepared that sends it."""
    if arrival.ticket is None:
        if arrival.released:
            return None
        return _held(arrival, policy, staff, f"from staff, about no ticket: {staff.proofs.issued.because}")
    if not staff.proofs.issued.holds and not staff.proofs.genuine.holds:
        return _held(arrival, policy, staff, f"a note of staff, and not proven: {staff.proofs.issued.because}")
    scene = Scene(arrival=arrival, staff=staff, policy=policy, text=staff.reply.own)
    kept = Progress(ticket=arrival.ticket, changes=_posted(arrival, staff, EntryKind.NOTE))
    because = f"{NOTE}stored, not sent; {arrival.found_by}"
    told = () if has_heard_enough(staff) else (receipt(scene, kept, note=True),)
    return replace(_decision(scene, because, kept, *told), disposition=Disposition.FOLLOW_UP)


def _confirmation(arrival: Arrival, policy: Policy, staff: StaffMail) -> Decision:
    """An answer to a one-time reference: yes carries out what waited, no withdraws it, anything else does neither."""
    scene = Scene(arrival=arrival, staff=staff, policy=policy, text="")
    if staff.answer == "yes" and not isinstance(staff.orders, Mistake):
        confirmed = replace(staff, proofs=replace(staff.proofs, confirmed=True))
        if staff.listed is not None and staff.listed.written.lines:
            return ordered_by_list(replace(scene, staff=confirmed), staff.listed)
        return _ordered(replace(scene, staff=confirmed, text=staff.orders.text), staff.orders.orders)
    if staff.answer == "no":
        nothing = Progress(ticket=arrival.ticket, acts=(Settle(staff.number, False),))
        return _decision(scene, "orders of staff, withdrawn", nothing, receipt(scene, nothing, withdrawn=True))
    late = staff.answer == "late"
    refused = Refusal(Why.CONFIRMED_BEFORE if late else Why.NOT_CONFIRMED).of(None, staff.person.language)
    nothing = Progress(ticket=arrival.ticket, changes=_posted(arrival, staff, EntryKind.NOTE, whole=True))
    told = () if has_heard_enough(staff) else (receipt(scene, nothing, refused=refused, again=not late),)
    return _decision(scene, because_of(staff, "an answer to a request to confirm"), nothing, *told)


def _of_the_team(arrival: Arrival, policy: Policy, staff: StaffMail) -> Decision | None:
    """The team's address is nobody's in particular, so it orders nothing; whoever tried is told. Its other mail is kept
    without a word: a machine may write from there."""
    proven = staff.proofs.genuine.holds or (not policy.has_border and staff.proofs.issued.holds)
    about_list = staff.listed is not None and staff.listed.orders_something
    if not proven or not wants_something(staff) or (arrival.ticket is None and not about_list):
        return None
    scene = Scene(arrival=arrival, staff=staff, policy=policy, text="")
    nothing = Progress(ticket=arrival.ticket, changes=_posted(arrival, staff, EntryKind.ORDER))
    refused = Refusal(Why.OWN_ADDRESS).of(None, staff.person.language)
    told = () if has_heard_enough(staff) else (receipt(scene, nothing, refused=refused),)
    return _decision(scene, because_of(staff, "orders from the team's address, refused"), nothing, *told)


def _held(arrival: Arrival, policy: Policy, staff: StaffMail, because: str) -> Decision:
    """Nothing in it is obeyed; the coordinator and the real staff member are told. What a colleague released after
    that is kept as a note, and still not obeyed."""
    return staff_held(arrival, policy, staff, because)


def _entry_kind(orders: tuple[Order, ...], text: str) -> EntryKind:
    """A text below orders that send none is a note: nobody outside may ever read it."""
    if any(order.verb is Verb.NOTE for order in orders):
        return EntryKind.NOTE
    sends = any(row_of(order.verb).text is not Text.NONE for order in orders)
    return EntryKind.NOTE if text and not sends else EntryKind.ORDER


def _named(orders: tuple[Order, ...]) -> str:
    return ", ".join(f"#{order.verb.value}" for order in orders)


def _posted(arrival: Arrival, staff: StaffMail, kind: EntryKind, *, whole: bool = False) -> tuple[Change, ...]:
    """The whole mail is kept with its ticket, once: what confirms it is not, unless it says more (`whole`)."""
    if arrival.ticket is None or (staff.confirms and not whole):
        return ()
    return (
        Posted(
            kind=kind,
            author=staff.person.address,
            role=Role.STAFF,
            audience=Audience.STAFF,
            text=arrival.message.text,
            message_id=arrival.message.message_id,
            attachments=arrival.message.attachments,
        ),
    )


def _decision(scene: Scene, because: str, outcome: Progress, *letters: Letter) -> Decision:
    return Decision(
        disposition=Disposition.ORDER,
        because=because,
        ticket=outcome.ticket,
        changes=outcome.changes,
        letters=(*outcome.letters, *letters),
        elsewhere=outcome.elsewhere,
        acts=outcome.acts,
    )
