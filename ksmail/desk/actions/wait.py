"""Orders about what waits: letters that have not left, and mails that wait for a decision."""

from __future__ import annotations

from ksmail.desk.acts import Drop, Hurry, Recall, Release
from ksmail.desk.case import HeldMail, WaitState
from ksmail.desk.notices import stopped_by_another
from ksmail.desk.order import Order
from ksmail.desk.progress import Progress, Scene
from ksmail.desk.receipt import Done
from ksmail.desk.refusal import Refusal, Why


def stop(scene: Scene, order: Order, so_far: Progress) -> Progress:
    waiting = so_far.waiting(scene)
    if not waiting:
        raise Refusal(Why.NOTHING_WAITS)
    states = {letter.state for letter in waiting}
    partly = "partly" if any(letter.taken for letter in waiting) else ""
    partly = "uncertain" if any(letter.perhaps for letter in waiting) else partly
    doubt = partly or next((state.value for state in (WaitState.SENDING, WaitState.UNCERTAIN) if state in states), "")
    done = Done(verb=order.verb.value, count=len(waiting), reason=doubt)
    told = stopped_by_another(scene, waiting, detained=False)
    return so_far.doing(*(Recall(letter.id) for letter in waiting)).writing(*told).telling(done)


def now(scene: Scene, order: Order, so_far: Progress) -> Progress:
    """Also what waits for a word because nobody knows whether it arrived, or because an order was not understood."""
    waiting = tuple(letter for letter in so_far.waiting(scene) if letter.state is not WaitState.SENDING)
    if not waiting:
        raise Refusal(Why.NOTHING_WAITS)
    if any(letter.names is not None and letter.names <= scene.today for letter in waiting):
        raise Refusal(Why.DATE_PASSED)
    done = Done(verb=order.verb.value, count=len(waiting))
    return so_far.doing(*(Hurry(letter.id) for letter in waiting)).telling(done)


def release(scene: Scene, order: Order, so_far: Progress) -> Progress:
    mail = _held(scene, so_far)
    if mail.unreadable:
        raise Refusal(Why.UNREADABLE)
    return so_far.doing(Release(mail.number)).telling(Done(verb=order.verb.value, reference=f"Q-{mail.number}"))


def drop(scene: Scene, order: Order, so_far: Progress) -> Progress:
    mail = _held(scene, so_far)
    done = Done(verb=order.verb.value, reference=f"Q-{mail.number}", reason=order.reason)
    return so_far.doing(Drop(mail.number, order.reason)).telling(done)


def _held(scene: Scene, so_far: Progress) -> HeldMail:
    if scene.staff.held is None:
        raise Refusal(Why.NOT_HELD_MAIL)
    if any(isinstance(act, Release | Drop) for act in so_far.acts):
        raise Refusal(Why.NOTHING_TO_UNDO)
    return scene.staff.held
