"""Orders that reach partners: ask them, tell them more, show them one another's position, let them go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from ksmail.capability import Audience
from ksmail.desk.actions.write import refuse_leaks, to_asker
from ksmail.desk.consultation import ConsultationEnded, Stage
from ksmail.desk.discreet import discreet
from ksmail.desk.leaks import Leak, LeakKind
from ksmail.desk.letter import LetterKind
from ksmail.desk.markings import find_marking
from ksmail.desk.order import Option, Order
from ksmail.desk.partner import Partner, alike, find_partner, stand_in
from ksmail.desk.policy import Policy
from ksmail.desk.positions import PositionLine, position_lines
from ksmail.desk.progress import Progress, Scene
from ksmail.desk.receipt import Done
from ksmail.desk.refusal import Refusal, Why
from ksmail.desk.refusal import shown as why
from ksmail.desk.requests import (
    Copy,
    Sender,
    added,
    asked,
    consultation_of,
    coordination_notice,
    known_as,
    request,
    shared,
    text_for_partners,
    update,
    withdrawn,
)
from ksmail.desk.signing import signed_names
from ksmail.desk.terms import Terms, terms
from ksmail.desk.ticket import EntryKind, Status, Ticket
from ksmail.incoming.identity import Role
from ksmail.incoming.message import Attachment, Language

_GONE = (Stage.WITHDRAWN, Stage.RETURNED)  # these partners are not in the conversation any more
_ENDS = (LetterKind.REDIRECT, LetterKind.CLOSED, LetterKind.MERGED)
_DATES = frozenset({LetterKind.DELAY_NOTICE.value, LetterKind.COORDINATION_NOTICE.value})


def consult(scene: Scene, order: Order, so_far: Progress) -> Progress:
    """One mail to each partner; the asker is told once, with a new date, unless his clock stands still."""
    ticket, partners = _open(so_far), named(scene.policy, order.partners)
    _refuse_ending(scene, so_far)
    until = _until(scene, order)
    _refuse_waiting(scene, so_far, partners)
    copy = _copy(scene, order, ticket, asked(scene.case))
    when = _terms(scene, ticket, until, so_far)
    letters = tuple(request(sender_of(scene), ticket, partner, copy, when.due_on) for partner in partners)
    moved = _notice(scene, ticket, partners, when, so_far)
    done = _done(scene, order, copy, partners)
    until_then = when.promised_on if moved is not so_far else None
    before = tuple(replace(each, until=until_then) if each.until and until_then else each for each in moved.done)
    return replace(moved, done=before).writing(*letters).telling(replace(done, day=when.due_on, until=until_then))


def pass_on(scene: Scene, order: Order, so_far: Progress) -> Progress:
    """What the asker added, or what staff write, to partners that were consulted."""
    ticket, partners = _open(so_far), _consulted(scene, order, so_far.own_ticket())
    _refuse_waiting(scene, so_far, partners)
    copy = _copy(scene, order, ticket, added(scene.case))
    letters = (update(sender_of(scene), ticket, partner, copy) for partner in partners)
    return so_far.writing(*letters).telling(_done(scene, order, copy, partners))


def share(scene: Scene, order: Order, so_far: Progress) -> Progress:
    """The position of one partner, without the name of whoever wrote it, to the others."""
    ticket = _open(so_far)
    (partner,) = _consulted(scene, order, ticket)
    code = known_as(ticket, partner)
    line = next(line for line in position_lines(ticket, scene.case, scene.policy) if line.code == code)
    if not line.position:
        raise Refusal(Why.NO_POSITION)
    others = _others(scene.policy, ticket, partner)
    if not others:
        raise Refusal(Why.NOBODY_ELSE)
    _refuse_waiting(scene, so_far, others)
    shown = replace(line, text=_without_people(line, scene, ticket))
    _refuse_marking(scene, shown.text)
    letters = (shared(sender_of(scene), ticket, other, shown) for other in others)
    done = Done(verb=order.verb.value, name=partner.code, reason=", ".join(other.code for other in others))
    return so_far.writing(*letters).telling(done)


def withdraw(scene: Scene, order: Order, so_far: Progress) -> Progress:
    """A partner that is not on the list any more, or to whom nobody can write, is let go without a letter."""
    ticket = _open(so_far)
    found = tuple({each[0].code: each for each in (_awaited(scene, ticket, code) for code in order.partners)}.values())
    partners = tuple(partner for partner, _ in found)
    _refuse_waiting(scene, so_far, partners)
    done = so_far.telling(Done(verb=order.verb.value, name=_codes(partners)))
    for partner, listed in found:
        if listed and partner.liaison is not None:
            done = done.writing(withdrawn(sender_of(scene), ticket, partner, "withdrawn"))
        else:
            done = done.changed(ConsultationEnded(known_as(ticket, partner), Stage.WITHDRAWN))
    return done


def _awaited(scene: Scene, ticket: Ticket, code: str) -> tuple[Partner, bool]:
    """The partner that staff mean, and whether it is still on the list. Raises Refusal for one nobody waits for."""
    listed = find_partner(scene.policy.partners, code)
    here = (each for each in ticket.consultations if each.is_open)
    if listed is not None:
        consultation = consultation_of(ticket, listed)
    else:
        consultation = next((each for each in here if each.partner.casefold() == code.casefold()), None)
        if consultation is None:
            raise Refusal(Why.NO_SUCH_PARTNER, f"{code}?", *alike(scene.policy.partners, code))
    if consultation is None or not consultation.is_open:
        raise Refusal(Why.NOT_CONSULTED, code)
    return (listed or stand_in(consultation.partner, consultation.to)), listed is not None


def named(policy: Policy, codes: Iterable[str]) -> tuple[Partner, ...]:
    """The partners that staff mean, each once. Raises Refusal for a code that nobody has, and for a partner to whom
    nobody can write."""
    found: dict[str, Partner] = {}
    for code in codes:
        partner = find_partner(policy.partners, code)
        if partner is None:
            raise Refusal(Why.NO_SUCH_PARTNER, f"{code}?", *alike(policy.partners, code))
        if partner.liaison is None:
            raise Refusal(Why.NO_LIAISON, partner.code)
        found.setdefault(partner.code, partner)
    return tuple(found.values())


def sender_of(scene: Scene) -> Sender:
    """Letters to partners go in the name of whoever ordered them, and can be called back as long as the hold lasts."""
    return Sender(policy=scene.policy, cause=scene.cause, by=scene.staff.person.address, wait=scene.policy.hold)


def _open(so_far: Progress) -> Ticket:
    ticket = so_far.own_ticket()
    if not ticket.status.is_open:
        raise Refusal(Why.NOT_OPEN)
    return ticket


def _consulted(scene: Scene, order: Order, ticket: Ticket) -> tuple[Partner, ...]:
    partners = named(scene.policy, order.partners)
    for partner in partners:
        consultation = consultation_of(ticket, partner)
        if consultation is None or consultation.stage in _GONE:
            raise Refusal(Why.NOT_CONSULTED, partner.code)
    return partners


def _others(policy: Policy, ticket: Ticket, partner: Partner) -> tuple[Partner, ...]:
    here = (each for each in ticket.consultations if each.stage not in _GONE)
    found = (find_partner(policy.partners, each.partner) for each in here)
    return tuple(each for each in found if each is not None and each != partner and each.liaison is not None)


def _refuse_ending(scene: Scene, so_far: Progress) -> None:
    """Raises Refusal when something waits, or stands in the same mail, that stops the clock or ends the question: the
    asker would read of a new date after it."""
    waiting = [LetterKind(letter.kind) for letter in so_far.waiting(scene) if not letter.reached]
    if any(kind.by_a_person or kind in _ENDS for kind in (*waiting, *(letter.kind for letter in so_far.letters))):
        raise Refusal(Why.LETTERS_WAIT)


def _until(scene: Scene, order: Order) -> date | None:
    """The date that staff gave the partners. Raises Refusal for one that is no working day after today."""
    if not order.dates:
        return None
    day = order.dates[0]
    if day <= scene.today:
        raise Refusal(Why.NOT_LATER)
    if not scene.policy.workdays.is_working_day(day):
        raise Refusal(Why.CLOSED_DAY, scene.policy.workdays.why_closed(day, scene.staff.person.language))
    return day


def _refuse_waiting(scene: Scene, so_far: Progress, partners: Iterable[Partner]) -> None:
    """Raises Refusal when a letter to one of them has not left: two at once would cross each other."""
    to = {partner.liaison.spec: partner.code for partner in partners if partner.liaison}
    waiting = [spec for letter in so_far.waiting(scene) for spec in letter.to if not letter.reached]
    here = [letter.to.spec for letter in so_far.letters if letter.kind.audience is Audience.PARTNER]
    twice = [to[spec] for spec in (*waiting, *here) if spec in to]
    if twice:
        raise Refusal(Why.PARTNER_WAITS, *dict.fromkeys(twice))


def _copy(scene: Scene, order: Order, ticket: Ticket, words: str) -> Copy:
    """What leaves: the text of staff, or else these words of the asker. Raises Refusal when there is neither, or when
    it holds something that had better not leave."""
    if scene.staff.cut_short:
        raise Refusal(Why.TOO_LONG)
    text = scene.text or words
    if not text.strip():
        raise Refusal(Why.NOTHING_NEW)
    refuse_leaks(scene, override=order.override, can_override=True)
    _refuse_marking(scene, text)
    identity = Option.IDENTITY in order.options
    institution = scene.staff.institution
    known = text_for_partners(text, ticket, institution, scene.policy, written=_of_askers(scene), signed=not scene.text)
    files = _files(scene, nameless=not identity) if Option.ATTACHMENTS in order.options else ()
    return Copy(
        text=text.strip() if identity else known.text.strip(),
        is_question=not scene.text,
        removed=0 if identity else known.removed,
        identity=identity,
        institution=institution,
        files=tuple(file for _, file in files),
        files_of=tuple(dict.fromkeys(mail for mail, _ in files)),
    )


def _refuse_marking(scene: Scene, text: str) -> None:
    """A question or an answer that staff released may bear one still. Raises Refusal."""
    marking = find_marking(f"\n{text}", scene.policy.markings)
    if marking:
        raise Refusal(Why.LEAK, why(Leak(LeakKind.MARKING, marking), scene.staff.person.language))


def _files(scene: Scene, *, nameless: bool) -> tuple[tuple[int, Attachment], ...]:
    """The files of the asker's side, each once, and those that staff sent along; with the mails they came with. What a
    partner or a colleague sent never goes to a partner by itself. `nameless`: what they are called often says who
    asks, so they get other names."""
    theirs = {text.mail for text in scene.case.texts if text.audience is Audience.ASKER and text.role is Role.ASKER}
    found = {
        each.file.sha256: (each.mail, each.file)
        for each in scene.case.files
        if each.mail in theirs and not each.purged and not each.sealed
    }
    found |= {file.sha256: (scene.staff.number, file) for file in scene.staff.files}
    if not nameless:
        return tuple(found.values())
    word = "attachment" if scene.policy.staff_language is Language.EN else "bijlage"
    return tuple(
        (mail, replace(file, name=f"{word}-{number}{_ending(file.name)}"))
        for number, (mail, file) in enumerate(found.values(), 1)
    )


def _ending(name: str) -> str:
    """`.pdf`, or nothing where there is no such ending."""
    _, point, ending = name.rpartition(".")
    return f".{ending.lower()}" if point and ending.isalnum() and ending.isascii() and len(ending) <= 5 else ""


def _terms(scene: Scene, ticket: Ticket, until: date | None, so_far: Progress) -> Terms:
    """Raises Refusal when another date for the asker is on its way that this one could not take into account."""
    here = [letter for letter in so_far.letters if letter.kind in _DATES]
    waiting = [letter for letter in so_far.waiting(scene) if letter.kind in _DATES and not letter.reached]
    if waiting or any(letter.kind is LetterKind.DELAY_NOTICE for letter in here):
        raise Refusal(Why.ONE_DATE)
    promised_on = None if ticket.status is Status.WAITING_ASKER else ticket.promised_on
    for letter in here:
        promised_on = letter.facts["promised_on"]
    first = not here and all(each.stage is Stage.CLOSED for each in ticket.consultations)
    return terms(promised_on, until, scene.today, scene.policy, first=first)


def _notice(scene: Scene, ticket: Ticket, partners: tuple[Partner, ...], when: Terms, so_far: Progress) -> Progress:
    """The letter to the asker: one in a mail, however many orders it has, and none when he knows the date."""
    if when.promised_on is None:
        return so_far
    here = [letter for letter in so_far.letters if letter.kind is LetterKind.COORDINATION_NOTICE]
    told_before = any(each.stage is not Stage.CLOSED for each in ticket.consultations)
    if not here and told_before and when.promised_on == ticket.promised_on:
        return so_far
    known = tuple(here[0].facts["partners"]) if here else ()
    plain = to_asker(scene, ticket, LetterKind.COORDINATION_NOTICE, {})
    letter = coordination_notice(plain, ticket, (*known, *partners), when.promised_on, scene.today, scene.policy)
    others = tuple(each for each in so_far.letters if each not in here)
    return replace(so_far, letters=(letter, *others))


def _without_people(line: PositionLine, scene: Scene, ticket: Ticket) -> str:
    """A position without who wrote it, and without who asks: the partner may know that, the others need not."""
    wrote = [text for text in scene.case.texts if text.kind is EntryKind.POSITION and text.partner == line.code]
    people = (*(text.author for text in wrote), *(person.address for person in ticket.participants))
    said = (*(text.text for text in wrote), *_of_askers(scene))
    names = tuple(name for text in said for name in signed_names(text))
    return discreet(line.text, people, scene.staff.institution, scene.policy.staff_language, names).text


def _of_askers(scene: Scene) -> list[str]:
    theirs = (Audience.ASKER, Role.ASKER)
    return [text.text for text in scene.case.texts if (text.audience, text.role) == theirs]


def _done(scene: Scene, order: Order, copy: Copy, partners: tuple[Partner, ...]) -> Done:
    """What the receipt says: what goes along, what was taken out of the text, and which files stay here."""
    asked_for = Option.ATTACHMENTS in order.options
    words = (
        (copy.identity, Option.IDENTITY.value),
        (bool(copy.files), Option.ATTACHMENTS.value),
        (bool(scene.staff.files) and not asked_for, "left_behind"),
    )
    sealed = tuple(each.number for each in scene.case.files if asked_for and each.sealed and not each.purged)
    return Done(
        verb=order.verb.value,
        name=_codes(partners),
        reason=" ".join(word for holds, word in words if holds),
        count=copy.removed,
        numbers=sealed,
    )


def _codes(partners: Iterable[Partner]) -> str:
    return ", ".join(partner.code for partner in partners)
