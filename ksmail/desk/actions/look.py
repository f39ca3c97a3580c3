"""Orders that only ask to see something, and the note that only keeps something."""

from __future__ import annotations

from dataclasses import replace

from ksmail.capability import Audience
from ksmail.desk.case import Case
from ksmail.desk.letter import Letter, LetterKind, Prepared
from ksmail.desk.notices import prepared
from ksmail.desk.order import Order, Verb
from ksmail.desk.orders import help_lines
from ksmail.desk.positions import position_lines
from ksmail.desk.progress import Progress, Scene
from ksmail.desk.receipt import Done
from ksmail.desk.refusal import Refusal, Why
from ksmail.desk.ticket import Ticket
from ksmail.incoming.message import Language
from ksmail.incoming.words import own_words


def note(scene: Scene, order: Order, so_far: Progress) -> Progress:
    """The mail itself is stored with the ticket, whatever else it orders."""
    so_far.own_ticket()
    return so_far.telling(Done(verb=order.verb.value))


def status(scene: Scene, order: Order, so_far: Progress) -> Progress:
    """The ticket of the thread or the one that is named, whole; the desk's queue where there is neither."""
    ticket, case = so_far.ticket, scene.case
    if order.reference is not None and (ticket is None or order.reference != ticket.reference):
        ticket, case = scene.staff.other, scene.staff.other_case or Case()
        if ticket is None or ticket.reference != order.reference:  # a mail brings along one that it names
            raise Refusal(Why.NO_SUCH_TICKET)
    person = scene.staff.person
    letter = Letter(
        kind=LetterKind.STAFF_STATUS,
        to=person.address,
        language=person.language,
        about=str(ticket.reference) if ticket else f"Q-{scene.staff.number}",
        cause=scene.cause,
        facts={
            "entries": tuple(replace(text, text=own_words(text.text)) for text in case.texts) if ticket else (),
            "promises": case.promises if ticket else (),
            "waiting": case.waiting if ticket else (),
            "files": case.files if ticket else (),
            "consultations": position_lines(ticket, case, scene.policy) if ticket else (),
            "queue": () if ticket else scene.staff.queue,
            "today": scene.today,
        },
        prepared=_offered(ticket, case, person.language),
    )
    return so_far.writing(letter)


def _offered(ticket: Ticket | None, case: Case, language: Language) -> tuple[Prepared, ...]:
    if ticket is None or ticket.merged_into is not None:
        return ()
    return (*(prepared(language, (Verb.STOP, Verb.NOW)) if case.waiting else ()), *prepared(language))


def show_help(scene: Scene, order: Order, so_far: Progress) -> Progress:
    person = scene.staff.person
    letter = Letter(
        kind=LetterKind.STAFF_HELP,
        to=person.address,
        language=person.language,
        about=str(so_far.ticket.reference) if so_far.ticket else f"Q-{scene.staff.number}",
        cause=scene.cause,
        facts={"lines": help_lines(person.language, Audience.STAFF)},
    )
    return so_far.writing(letter)
