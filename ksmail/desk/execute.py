"""Carrying out the orders of one mail: all of them, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from ksmail.capability import fingerprint
from ksmail.desk.actions.consult import consult, pass_on, sender_of, share, withdraw
from ksmail.desk.actions.join import joins_strangers, merge, split
from ksmail.desk.actions.life import close, extend, redirect, reopen
from ksmail.desk.actions.look import note, show_help, status
from ksmail.desk.actions.people import assign, away, take
from ksmail.desk.actions.purge import purge
from ksmail.desk.actions.wait import drop, now, release, stop
from ksmail.desk.actions.write import answer, ask, correct
from ksmail.desk.farewell import farewell
from ksmail.desk.letter import Letter
from ksmail.desk.order import Option, Order, Text, Verb
from ksmail.desk.orders import Row, row_of
from ksmail.desk.progress import Progress, Scene
from ksmail.desk.receipt import Refused
from ksmail.desk.refusal import Refusal
from ksmail.desk.ticket import Opened, TakenUp

Action = Callable[[Scene, Order, Progress], Progress]

ACTIONS: Mapping[Verb, Action] = {
    Verb.ANSWER: answer,
    Verb.ASK: ask,
    Verb.NOTE: note,
    Verb.TAKE: take,
    Verb.ASSIGN: assign,
    Verb.CONSULT: consult,
    Verb.SHARE: share,
    Verb.UPDATE: pass_on,
    Verb.WITHDRAW: withdraw,
    Verb.EXTEND: extend,
    Verb.REDIRECT: redirect,
    Verb.CLOSE: close,
    Verb.REOPEN: reopen,
    Verb.MERGE: merge,
    Verb.SPLIT: split,
    Verb.CORRECT: correct,
    Verb.RELEASE: release,
    Verb.DROP: drop,
    Verb.PURGE: purge,
    Verb.STOP: stop,
    Verb.NOW: now,
    Verb.AWAY: away,
    Verb.STATUS: status,
    Verb.HELP: show_help,
}
# What needs no ticket, and may come in a mail that answers nothing of ours.
FRESH = frozenset({Verb.STATUS, Verb.HELP, Verb.AWAY})
# What a letter says that somebody agreed to when he confirmed it.
_BINDING = ("text", "reason", "into", "contact", "due_on", "asker", "shared")
# What does not count as somebody's first work on a question.
_LOOKS = FRESH | {Verb.STOP, Verb.NOW}


def carry_out(scene: Scene, orders: tuple[Order, ...]) -> Progress | Refused:
    """What the orders come to, one after the other; or why the first impossible one stops them all. A question is
    closed last: an answer in the same mail keeps its promise, wherever it stands."""
    so_far = Progress(ticket=scene.arrival.ticket)
    for order in sorted(orders, key=lambda each: each.verb is Verb.CLOSE):
        try:
            so_far = perform(scene, order, so_far)
        except Refusal as refusal:
            return refusal.of(order, scene.staff.person.language)
    return concluded(scene, orders, so_far)


def perform(scene: Scene, order: Order, so_far: Progress) -> Progress:
    """One order, on top of those before it. Raises Refusal."""
    return ACTIONS[order.verb](scene, order, so_far)


def concluded(scene: Scene, orders: Iterable[Order], so_far: Progress) -> Progress:
    """What follows from these orders together, once all of them are carried out."""
    so_far = so_far.writing(*_farewell(scene, so_far))
    works = any(order.verb not in _LOOKS for order in orders)
    if so_far.ticket is not None and works and so_far.ticket.status.is_open:
        return so_far.changed(TakenUp())
    return so_far


def _farewell(scene: Scene, so_far: Progress) -> tuple[Letter, ...]:
    """What partners hear of a question that is closed at once; other letters to them go when theirs has gone."""
    before = scene.arrival.ticket
    return farewell(before, so_far.changes, replace(sender_of(scene), wait=timedelta(0))) if before else ()


def binding(outcome: Progress) -> str:
    """A hash of what orders come to: which letters to whom with which words and files, and which acts on which ticket.
    What was confirmed is what was shown, whatever has happened meanwhile; but the number that a new question gets may
    be another one by then."""
    made = {str(each.ticket): "new" for each in outcome.elsewhere if any(isinstance(c, Opened) for c in each.changes)}
    letters = [
        [letter.kind.value, made.get(letter.about, letter.about), letter.to.key, *(each.key for each in letter.cc)]
        + [file.sha256 for file in letter.files]
        + [str(letter.facts.get(name, "")) for name in _BINDING]
        for letter in outcome.letters
    ]
    ticket = str(outcome.ticket.reference) if outcome.ticket else ""
    elsewhere = (made.get(str(each.ticket), str(each.ticket)) for each in outcome.elsewhere)
    return fingerprint(ticket, repr(letters), repr(outcome.acts), *elsewhere)


def why_confirm(scene: Scene, orders: tuple[Order, ...], outcome: Progress) -> str:
    """Why these orders wait for a word from the address on the staff list, or "" when they need not."""
    rows = [row_of(order.verb) for order in orders]
    if any(row.destroys for row in rows):
        return "destroys"
    if any(Option.IDENTITY in order.options for order in orders):
        return "identity"
    if any(_joins_strangers(scene, order) for order in orders):
        return "discloses"
    if set(scene.staff.unusual) & {to for letter in outcome.letters for to in (letter.to, *letter.cc)}:
        return "unusual"
    if not scene.staff.proofs.genuine.holds and _reaches_out(rows, scene):
        return "no_border"
    if not scene.staff.reply.sure and any(row.leaves and row.text is not Text.NONE for row in rows):
        return "unsure"
    return ""


def _reaches_out(rows: list[Row], scene: Scene) -> bool:
    """Something leaves or is destroyed; and a mail that answers nothing of ours has one proof less."""
    return any(row.leaves or row.destroys for row in rows) or not scene.staff.proofs.issued.holds


def _joins_strangers(scene: Scene, order: Order) -> bool:
    ticket, other = scene.arrival.ticket, scene.staff.other
    return order.verb is Verb.MERGE and ticket is not None and other is not None and joins_strangers(ticket, other)
