"""Orders about the life of a question: another date, another desk, closed, open again."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches

from ksmail.capability import Audience
from ksmail.desk.actions.write import refuse_leaks, to_asker
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.order import Order
from ksmail.desk.policy import OtherDesk
from ksmail.desk.progress import Progress, Scene
from ksmail.desk.promise import named_days
from ksmail.desk.receipt import Done
from ksmail.desk.refusal import Refusal, Why
from ksmail.desk.sending import settled
from ksmail.desk.ticket import (
    Closed,
    CloseReason,
    Ground,
    OpenedAgain,
    Promised,
    PromiseState,
    Status,
    Ticket,
)
from ksmail.incoming.message import Language

# What staff write, and what it means; each language knows the words of the other too.
_ENGLISH = {
    "answered": CloseReason.ANSWERED,
    "withdrawn": CloseReason.WITHDRAWN,
    "out-of-scope": CloseReason.OUT_OF_SCOPE,
    "out of scope": CloseReason.OUT_OF_SCOPE,
    "spam": CloseReason.SPAM,
    "press": CloseReason.PRESS,
    "woo": CloseReason.WOO,
    "other": CloseReason.OTHER,
}
_DUTCH = {
    "beantwoord": CloseReason.ANSWERED,
    "ingetrokken": CloseReason.WITHDRAWN,
    "niet voor ons": CloseReason.OUT_OF_SCOPE,
    "buiten bereik": CloseReason.OUT_OF_SCOPE,
    "spam": CloseReason.SPAM,
    "pers": CloseReason.PRESS,
    "woo": CloseReason.WOO,
    "anders": CloseReason.OTHER,
}
_REASONS = _ENGLISH | _DUTCH
# Whoever sent spam learns nothing from us, and whoever has an answer has it.
_SILENT = frozenset({CloseReason.SPAM, CloseReason.ANSWERED})


# Who is told one of these expects the question to go on.
_ASKS = (
    LetterKind.INFO_REQUEST,
    LetterKind.COORDINATION_NOTICE,
    *(kind for kind in LetterKind if kind.audience is Audience.PARTNER),
)


def extend(scene: Scene, order: Order, so_far: Progress) -> Progress:
    """The date becomes a promise when a mail server has taken the letter that gives it."""
    ticket, day = _open(so_far), order.dates[0]
    if ticket.status is Status.WAITING_ASKER:
        raise Refusal(Why.CLOCK_STOPPED)
    if day <= scene.today:
        raise Refusal(Why.NOT_LATER)
    if ticket.promised_on is not None and day <= ticket.promised_on:
        raise Refusal(Why.EARLIER, ticket.promised_on.isoformat())
    if not scene.policy.workdays.is_working_day(day):
        raise Refusal(Why.CLOSED_DAY, scene.policy.workdays.why_closed(day, scene.staff.person.language))
    if order.tells_asker:
        refuse_leaks(scene)
    ahead = (*(letter.kind for letter in so_far.letters), *(LetterKind(each.kind) for each in so_far.waiting(scene)))
    if LetterKind.COORDINATION_NOTICE in ahead:  # its date is not known here: this one could be earlier
        raise Refusal(Why.ONE_DATE)
    if any(kind.by_a_person for kind in ahead):  # it stops the clock or ends the question before this date arrives
        raise Refusal(Why.LETTERS_WAIT)
    facts: dict[str, object] = {
        "old_date": ticket.promised_on,
        "promised_on": day,
        "reason": order.reason if order.tells_asker else "",
        "late": ticket.promised_on is not None and scene.today > ticket.promised_on,
        "closed_days": named_days(scene.today, day, scene.policy),
    }
    letter = to_asker(scene, ticket, LetterKind.DELAY_NOTICE, facts)
    letter = replace(letter, then=(Promised(promised_on=day, ground=Ground.EXTENDED),))
    told = order.reason if order.tells_asker else ""
    return so_far.writing(letter).telling(Done(verb=order.verb.value, day=day, reason=told))


def redirect(scene: Scene, order: Order, so_far: Progress) -> Progress:
    ticket, desk = _open(so_far), _desk(scene, order.person or "")
    if so_far.in_the_way(scene) or any(letter.kind in _ASKS for letter in so_far.letters):
        raise Refusal(Why.LETTERS_WAIT)
    facts: dict[str, object] = {"title_nl": desk.title_nl, "title_en": desk.title_en, "contact": desk.contact}
    letter = to_asker(scene, ticket, LetterKind.REDIRECT, facts)
    then = (Closed(reason=CloseReason.REDIRECTED, at=scene.arrival.now, said=desk.name),)
    return so_far.writing(replace(letter, then=then)).telling(Done(verb=order.verb.value, name=desk.name))


def close(scene: Scene, order: Order, so_far: Progress) -> Progress:
    """With a letter the question is closed once that was taken; without one, at once, or once the answer that the
    same mail orders was taken."""
    ticket, (reason, said) = so_far.own_ticket(), _reason(order.reason, scene.staff.person.language)
    if ticket.status is Status.CLOSED:
        raise Refusal(Why.NOT_OPEN)
    if so_far.in_the_way(scene):
        raise Refusal(Why.LETTERS_WAIT)
    writes = any(letter.kind.by_a_person for letter in so_far.letters)
    asks = any(letter.kind in _ASKS for letter in so_far.letters)
    if asks or (writes and reason is CloseReason.SPAM):
        raise Refusal(Why.CLOSE_BESIDE)
    if reason is CloseReason.ANSWERED and not writes and not scene.case.was_answered:
        raise Refusal(Why.NOT_ANSWERED)
    closed = Closed(reason=reason, at=scene.arrival.now, said=said)
    done = so_far.telling(Done(verb=order.verb.value, reason=order.reason))
    if writes:
        return replace(done, letters=tuple(_closing(letter, closed) for letter in done.letters))
    if reason in _SILENT:
        return done.changed(settled(ticket, scene.today, PromiseState.DROPPED), closed)
    letter = to_asker(scene, ticket, LetterKind.CLOSED, {"reason": reason.value})
    return done.writing(replace(letter, then=(closed,)))


def _closing(letter: Letter, closed: Closed) -> Letter:
    return replace(letter, then=(*letter.then, closed)) if letter.kind.by_a_person else letter


def reopen(scene: Scene, order: Order, so_far: Progress) -> Progress:
    ticket = so_far.own_ticket()
    if ticket.status.is_open:
        raise Refusal(Why.IS_OPEN)
    policy, today, now = scene.policy, scene.today, scene.arrival.now
    day = policy.workdays.after(today, policy.response_days)
    facts: dict[str, object] = {
        "promised_on": day,
        "days": policy.response_days,
        "closed_days": named_days(today, day, policy),
        "received_at": now,
    }
    letter = to_asker(scene, ticket, LetterKind.REOPENED, facts)
    then = (OpenedAgain(at=now), Promised(promised_on=day, ground=Ground.REOPENED))
    return so_far.writing(replace(letter, then=then)).telling(Done(verb=order.verb.value, day=day))


def _open(so_far: Progress) -> Ticket:
    ticket = so_far.own_ticket()
    if not ticket.status.is_open:
        raise Refusal(Why.NOT_OPEN)
    return ticket


def _desk(scene: Scene, said: str) -> OtherDesk:
    desks = {desk.name.casefold(): desk for desk in scene.policy.other_desks}
    found = desks.get(said.casefold())
    if found is None:
        close_ones = get_close_matches(said.casefold()[:80], desks) or sorted(desks)[:10]
        raise Refusal(Why.NO_SUCH_DESK, *(desks[name].name for name in close_ones))
    return found


def _reason(said: str, language: Language) -> tuple[CloseReason, str]:
    """The reason, and staff's own words behind it. Raises Refusal: a misspelt word must not mail a spammer."""
    folded = " ".join(said.casefold().replace("_", "-").split())
    for word, reason in _REASONS.items():
        rest = folded.removeprefix(word)
        if not folded.startswith(word) or rest[:1].isalnum():
            continue
        if reason is CloseReason.OTHER or not rest.strip(" .:;,-"):
            return reason, said[len(word) :].strip(" .:;,-")
    known = list(_ENGLISH if language is Language.EN else _DUTCH)
    raise Refusal(Why.NO_SUCH_REASON, *(get_close_matches(folded[:40], known) or known))
