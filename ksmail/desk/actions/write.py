"""Orders by which words of staff go to the asker: an answer, a question, a correction."""

from __future__ import annotations

from dataclasses import replace

from ksmail.address import Address
from ksmail.capability import Audience
from ksmail.desk.case import Text
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.order import Option, Order
from ksmail.desk.progress import Progress, Scene
from ksmail.desk.promise import days_left, received_on
from ksmail.desk.receipt import Done
from ksmail.desk.refusal import Refusal, Why, shown
from ksmail.desk.ticket import Answered, Change, Corrected, EntryKind, InfoAsked, Posted, Ticket
from ksmail.incoming.evidence import strip_subject
from ksmail.incoming.identity import Role
from ksmail.incoming.words import words_hash

_KINDS = {
    EntryKind.ANSWER: LetterKind.ANSWER,
    EntryKind.INFO_REQUEST: LetterKind.INFO_REQUEST,
    EntryKind.CORRECTION: LetterKind.CORRECTION,
}
_OWN_WORDS = frozenset(kind.value for kind in LetterKind if kind.by_a_person)


def answer(scene: Scene, order: Order, so_far: Progress) -> Progress:
    ticket = _may_write(scene, order, so_far)
    then = Answered(message_id="", at=scene.arrival.now)
    facts: dict[str, object] = {"sources": Option.SOURCES in order.options}
    return _written(scene, order, so_far, ticket, EntryKind.ANSWER, then, facts)


def ask(scene: Scene, order: Order, so_far: Progress) -> Progress:
    """The clock stops when a mail server has taken the question; at least one working day stays."""
    ticket = _may_write(scene, order, so_far)
    promised_on = ticket.promised_on if ticket.status.is_open else None  # what is over holds no promise any more
    days = ticket.remaining_days or days_left(scene.today, promised_on, scene.policy)
    then = InfoAsked(message_id="", at=scene.arrival.now, remaining_days=days)
    return _written(scene, order, so_far, ticket, EntryKind.INFO_REQUEST, then, {"days": days})


def correct(scene: Scene, order: Order, so_far: Progress) -> Progress:
    ticket = _may_write(scene, order, so_far)
    answers = [text for text in scene.case.texts if text.kind is EntryKind.ANSWER]
    if not answers:
        raise Refusal(Why.NOT_ANSWERED)
    facts: dict[str, object] = {
        "answered_on": received_on(answers[-1].at, scene.policy.timezone),
        "sources": Option.SOURCES in order.options,
    }
    then = Corrected(message_id="", at=scene.arrival.now)
    return _written(scene, order, so_far, ticket, EntryKind.CORRECTION, then, facts)


def _may_write(scene: Scene, order: Order, so_far: Progress) -> Ticket:
    """Raises Refusal when words of ours wait already, or when these had better not leave."""
    ticket = so_far.own_ticket()
    if any(letter.kind in _OWN_WORDS and not letter.reached for letter in so_far.waiting(scene)):
        raise Refusal(Why.ALREADY_WAITS)
    if scene.staff.cut_short:
        raise Refusal(Why.TOO_LONG)
    refuse_leaks(scene, override=order.override, can_override=True)  # first: its warning must have been read
    if not order.override and any(_says_the_same(text, scene.text) for text in scene.case.texts):
        raise Refusal(Why.SAME_WORDS, override=True)
    return ticket


def _says_the_same(text: Text, words: str) -> bool:
    return text.kind in _KINDS and not text.lost and words_hash(text.text) == words_hash(words)


def refuse_leaks(scene: Scene, *, override: bool = False, can_override: bool = False) -> None:
    """Raises Refusal, with the offending lines, when what leaves holds something that had better not."""
    found = [leak for leak in scene.staff.leaks if not (override and leak.overridable)]
    if found:
        lines = tuple(shown(leak, scene.staff.person.language) for leak in found)
        raise Refusal(Why.LEAK, *lines, override=can_override and all(leak.overridable for leak in found))


def _written(
    scene: Scene,
    order: Order,
    so_far: Progress,
    ticket: Ticket,
    kind: EntryKind,
    then: Change,
    facts: dict[str, object],
) -> Progress:
    policy, staff = scene.policy, scene.staff
    posted = Posted(
        kind=kind,
        author=staff.person.address,
        role=Role.STAFF,
        audience=Audience.ASKER,
        text=scene.text,
        message_id="",  # its files stand with the mail in which it was ordered
    )
    letter = to_asker(scene, ticket, _KINDS[kind], facts | {
        "text": scene.text,
        "by": "" if policy.hide_names else staff.person.name,
        "files": staff.files,
    })  # fmt: skip
    letter = replace(letter, files=staff.files, files_of=(staff.number,), then=(posted, then), cc=cc_of(ticket))
    return so_far.writing(letter).telling(Done(verb=order.verb.value))


def to_asker(scene: Scene, ticket: Ticket, kind: LetterKind, facts: dict[str, object]) -> Letter:
    """A letter that staff ordered, in the asker's own thread; they can call it back as long as the hold lasts."""
    thread = scene.case.thread
    return Letter(
        kind=kind,
        to=ticket.asker,
        language=ticket.language,
        about=str(ticket.reference),
        cause=scene.cause,
        facts={"subject": strip_subject(ticket.subject, scene.policy.prefix), **facts},
        in_reply_to=thread[-1] if thread else "",
        references=thread,
        wait=scene.policy.hold,
        by=scene.staff.person.address.spec,
    )


def cc_of(ticket: Ticket) -> tuple[Address, ...]:
    """Who stood in Cc of the question; a colleague who joined later is not mailed without being asked."""
    return tuple(person.address for person in ticket.participants if person.part == "copied")
