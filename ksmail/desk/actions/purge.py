"""Destroying files that the desk must not have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from ksmail.capability import Audience
from ksmail.desk.actions.write import to_asker
from ksmail.desk.acts import Destroy
from ksmail.desk.case import NumberedFile
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.order import Order
from ksmail.desk.progress import Progress, Scene
from ksmail.desk.receipt import Done
from ksmail.desk.refusal import Refusal, Why
from ksmail.desk.ticket import Purged, Ticket
from ksmail.incoming.identity import Role


def purge(scene: Scene, order: Order, so_far: Progress) -> Progress:
    """The files, and the mails they came with, are gone for ever, and so is every other file of those mails; that they
    were there stays on record, and the asker is told how many."""
    ticket = so_far.own_ticket()
    named = scene.arrival.evidence.capability
    if named is not None and named.names_ticket and named.subject != str(ticket.reference):
        raise Refusal(Why.FILES_MOVED, str(ticket.reference))
    if so_far.in_the_way(scene) or so_far.letters:
        raise Refusal(Why.LETTERS_WAIT)
    files = {each.number: each for each in scene.case.files if not each.purged}
    missing = [str(number) for number in order.numbers if number not in files]
    if missing:
        raise Refusal(Why.NO_SUCH_FILE, *missing)
    doomed = _together([files[number] for number in order.numbers], tuple(files.values()))
    further = so_far.changed(*(Purged(each.number, each.file.name, each.file.sha256) for each in doomed))
    further = further.doing(*(Destroy(each.mail, each.file.sha256) for each in doomed))
    done = Done(verb=order.verb.value, numbers=tuple(each.number for each in doomed), count=len(doomed))
    return further.writing(*_notice(scene, ticket, doomed)).telling(done)


def _together(named: Sequence[NumberedFile], files: Sequence[NumberedFile]) -> tuple[NumberedFile, ...]:
    """The files that go when these go: a mail is destroyed whole, and the same file goes wherever it came once more."""
    mails, hashes = {file.mail for file in named}, {file.file.sha256 for file in named}
    while True:
        found = tuple(file for file in files if file.mail in mails or file.file.sha256 in hashes)
        further = {file.mail for file in found}, {file.file.sha256 for file in found}
        if further == (mails, hashes):
            return found
        mails, hashes = further


def _notice(scene: Scene, ticket: Ticket, doomed: Sequence[NumberedFile]) -> tuple[Letter, ...]:
    """The asker hears of what his side sent: that the desk had files of its own is no business of his."""
    of_the_asker = (Audience.ASKER, Role.ASKER)
    ours = {text.mail for text in scene.case.texts if (text.audience, text.role) != of_the_asker}
    count = len([file for file in doomed if file.mail not in ours])
    if not count:
        return ()
    return (replace(to_asker(scene, ticket, LetterKind.PERSONAL_DATA_NOTICE, {"count": count}), wait=timedelta(0)),)
