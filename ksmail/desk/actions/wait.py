"""Orders about what waits: letters that have not left, and mails that wait for a decision."""

from __future__ import annotations

from ksmail.desk.acts import Drop, Hurry, Recall, Release
from ksmail.desk.case import HeldMail
from ksmail.desk.order import Order
from ksmail.desk.progress import Progress, Scene
from ksmail.desk.receipt import Done
from ksmail.desk.refusal import Refusal, Why


def stop(scene: Scene, order: Order, so_far: Progress) -> Progress:
    waiting = so_far.waiting(scene)
    if not waiting:
        raise Refusal(Why.NOTHING_WAITS)
    done = Done(verb=order.verb.value, count=len(waiting))
    return so_far.doing(*(Recall(letter.id) for letter in waiting)).telling(done)


def now(scene: Scene, order: Order, so_far: Progress) -> Progress:
    """Also what waits for a word because nobody knows whether it arrived, or because an order was not understood."""
    waiting = so_far.waiting(scene)
    if not waiting:
        raise Refusal(Why.NOTHING_WAITS)
    done = Done(verb=order.verb.value, count=len(waiting))
    return so_far.doing(*(Hurry(letter.id) for letter in waiting)).telling(done)


def release(scene: Scene, order: Order, so_far: Progress) -> Progress:
    mail = _held(scene)
    if mail.unreadable:
        raise Refusal(Why.UNREADABLE)
    return so_far.doing(Release(mail.number)).telling(Done(verb=order.verb.value, reference=f"Q-{mail.number}"))


def drop(scene: Scene, order: Order, so_far: Progress) -> Progress:
    mail = _held(scene)
    done = Done(verb=order.verb.value, reference=f"Q-{mail.number}", reason=order.reason)
    return so_far.doing(Drop(mail.number, order.reason)).telling(done)


def _held(scene: Scene) -> HeldMail:
    if scene.staff.held is None:
        raise Refusal(Why.NOT_HELD_MAIL)
    return scene.staff.held
