"""Destroying files that the desk must not have."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ksmail.desk.actions.write import to_asker
from ksmail.desk.acts import Destroy
from ksmail.desk.letter import LetterKind
from ksmail.desk.order import Order
from ksmail.desk.progress import Progress, Scene
from ksmail.desk.receipt import Done
from ksmail.desk.refusal import Refusal, Why
from ksmail.desk.ticket import Purged


def purge(scene: Scene, order: Order, so_far: Progress) -> Progress:
    """The files, and the mails they came with, are gone for ever, and so is every other file of those mails; that they
    were there stays on record, and the asker is told how many."""
    ticket = so_far.own_ticket()
    named = scene.arrival.evidence.capability
    if named is not None and named.names_ticket and named.subject != str(ticket.reference):
        raise Refusal(Why.FILES_MOVED, str(ticket.reference))
    if so_far.waiting(scene) or so_far.letters:
        raise Refusal(Why.LETTERS_WAIT)
    files = {each.number: each for each in scene.case.files if not each.purged}
    missing = [str(number) for number in order.numbers if number not in files]
    if missing:
        raise Refusal(Why.NO_SUCH_FILE, *missing)
    mails = {files[number].mail for number in order.numbers}
    doomed = [file for file in files.values() if file.mail in mails]  # a mail is destroyed whole
    letter = to_asker(scene, ticket, LetterKind.PERSONAL_DATA_NOTICE, {"count": len(doomed)})
    further = so_far.changed(*(Purged(each.number, each.file.name, each.file.sha256) for each in doomed))
    further = further.doing(*(Destroy(each.mail, each.file.sha256) for each in doomed))
    done = Done(verb=order.verb.value, numbers=tuple(each.number for each in doomed), count=len(doomed))
    return further.writing(replace(letter, wait=timedelta(0))).telling(done)
