"""What somebody hears of his answer to a numbered list: one letter for all of its lines."""

from __future__ import annotations

from ksmail.desk.case import AnsweredList
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.lines import Carried, Step
from ksmail.desk.order import Verb
from ksmail.desk.order_line import written
from ksmail.desk.orders import row_of
from ksmail.desk.progress import Scene
from ksmail.desk.receipt import ListLine
from ksmail.desk.receipts import destroyed, halting, leaves, merged, request_to_confirm, to_person
from ksmail.incoming.message import Language


def transcript(scene: Scene, listed: AnsweredList, carried: Carried) -> Letter:
    """Line by line what was done or why not, what leaves by it and when, and how to stop that. A reply to it is about
    the same list. Text below the lines is in no question, so its writer gets it back."""
    language = scene.staff.person.language
    leaving = leaves(scene, carried.total)
    waits = {each.letter for each in leaving if each.at > scene.arrival.now}
    lines = tuple(_line(step, at, carried, waits, language) for at, step in enumerate(carried.steps))
    facts: dict[str, object] = {
        "list": listed.name,
        "lines": lines,
        "count": sum(line.refused is None for line in lines),
        "leaving": leaving,
        "waiting_until": max((each.at for each in leaving if each.letter in waits), default=None),
        "text": listed.written.text,
    }
    waiting = dict.fromkeys(line.number for line in lines if line.stop)
    replies = halting(language, ", ".join(map(str, waiting))) if waiting else ()
    return to_person(scene, LetterKind.STAFF_TRANSCRIPT, facts, replies, listed.name)


def confirm_lines(scene: Scene, listed: AnsweredList, carried: Carried) -> Letter:
    """One request to confirm for the whole answer, with all that would leave and all that would be destroyed."""
    lines = tuple(_asked(step, scene.staff.person.language) for step in carried.steps)
    here = [step for step in carried.steps if step.refused is None]
    files = tuple(
        f"{step.place.name}: {file}"
        for step in here
        for file in (*destroyed(step.changes), *merged(step.scene, (step.order,)))
    )
    return request_to_confirm(scene, listed.name, lines, files, carried.total, carried.why)


def _asked(step: Step, language: Language) -> str:
    ticket = step.place.ticket
    about = f"{step.place.name}{f', {ticket.subject}' if ticket and ticket.subject else ''}"
    if step.refused is None:
        return f"{step.place.number} {written(step.order, language)} ({about})"
    no = "will not be done" if language is Language.EN else "wordt niet gedaan"
    return f"{step.place.number} {written(step.order, language)} ({about}): {no}. {step.refused.why(language)}"


def _line(step: Step, at: int, carried: Carried, waits: set[int], language: Language) -> ListLine:
    ticket, number = step.place.ticket, step.place.number
    letters = tuple(place for place, by in enumerate(carried.by) if by == at)
    stops = bool(waits & set(letters))
    return ListLine(
        number=number,
        name=step.place.name,
        subject=ticket.subject if ticket else "",
        order=written(step.order, language),
        moved=step.place.moved,
        done=carried.done(step),
        refused=step.refused,
        letters=letters,
        stop=f"{number} {row_of(Verb.STOP).spelling(language)}" if stops else "",
        now=f"{number} {row_of(Verb.NOW).spelling(language)}" if stops else "",
    )
