"""What is due, who hears of it, and what silence will cause next."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from ksmail.address import Address
from ksmail.desk.apology import Question, is_leaving, may_apologise, new_date
from ksmail.desk.case import WaitingLetter, WaitState
from ksmail.desk.consultation import Consultation
from ksmail.desk.lateness import Standing, When, standing
from ksmail.desk.letter import Letter
from ksmail.desk.notices import notice_people
from ksmail.desk.partner import code_now
from ksmail.desk.people import find_person
from ksmail.desk.policy import Policy
from ksmail.desk.promise import received_on
from ksmail.desk.ticket import Status, Ticket
from ksmail.incoming.message import Language

COORDINATOR_DAYS = 2  # working days after which the coordinator hears of it too


class Call(StrEnum):
    """When people are rung on a working day; each is claimed once a date."""

    OPENING = "due"
    AGAIN = "due again"


class Matter(StrEnum):
    """What a line is about, the most pressing first."""

    LATE = "late"
    TODAY = "today"
    LETTER = "letter"  # words of staff wait for a word of staff
    PARTNER = "partner"  # one that was asked did not answer
    SOON = "soon"
    AHEAD = "ahead"
    MAIL = "mail"  # a mail in quarantine, or held
    CLOSED = "closed"  # the asker owed us an answer for too long


class Next(StrEnum):
    """What the asker hears when nobody acts."""

    APOLOGY = "apology"  # on `next_on` he is told that it takes until `new_date`
    SORRY = "sorry"  # he is told so today
    NOTHING = "nothing"  # nothing goes to him by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLine:
    """One line of a mail about what is due. `number` is its place in that mail, `about` a ticket or a mail (Q-17).

    `since` is the first date that was missed, `days` the working days after it (or after a mail came in). `told_on` is
    when the coordinators hear of it too, None where they do already. `kind` and `state` are those of a letter that
    waits. `partner` is the code of the one that did not answer by `since`, `alone` says that nobody is waited for.
    Dates are dates of the desk.
    """

    matter: Matter
    about: str
    number: int = 0
    subject: str = ""
    status: str = ""
    holder: str = ""
    received_at: datetime
    promised_on: date | None = None
    since: date | None = None
    days: int = 0
    next: Next = Next.NOTHING
    next_on: date | None = None
    new_date: date | None = None
    told_on: date | None = None
    kind: str = ""
    state: str = ""
    partner: str = ""
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Rung:
    """A line, and whoever hears of it."""

    line: DueLine
    people: tuple[tuple[Address, Language], ...]


def calls_at(now: datetime, policy: Policy) -> tuple[date, tuple[Call, ...]]:
    """Which calls of today have come, on the desk's clock: none on a closed day, and none outside office hours. After
    a late start both come together, as one mail."""
    local, office = now.astimezone(policy.timezone), policy.office
    day, clock = local.date(), local.time()
    if not policy.workdays.is_working_day(day) or not office.opens <= clock < office.closes:
        return day, ()
    return day, (Call.OPENING, Call.AGAIN) if clock >= office.again else (Call.OPENING,)


def question_line(
    question: Question, sorry: Letter | None, now: datetime, policy: Policy, absent: Collection[Address]
) -> Rung | None:
    """The line about the date of an open question; `sorry` is the apology that its asker gets today, if he does."""
    today = received_on(now, policy.timezone)
    stands = standing(question.ticket, question.case.promises, today, policy)
    if stands is None or is_leaving(question.case.waiting, now):
        return None
    line = replace(
        _about(question.ticket, Matter(stands.when.value), policy),
        promised_on=stands.promised_on,
        since=stands.since,
        days=stands.days,
    )
    people = _heard(question.ticket, stands.days, policy, absent)
    return Rung(_with_next(line, question, stands, sorry, policy), people)


def letter_lines(
    ticket: Ticket, waiting: Sequence[WaitingLetter], now: datetime, policy: Policy, absent: Collection[Address]
) -> Iterator[Rung]:
    """Letters that wait for a word of staff since an earlier day; on the day itself they were told."""
    today = received_on(now, policy.timezone)
    for letter in waiting:
        day = received_on(letter.due_at, policy.timezone)
        if letter.state not in (WaitState.HELD, WaitState.UNCERTAIN) or day >= today:
            continue
        line = replace(_about(ticket, Matter.LETTER, policy), kind=letter.kind, state=letter.state.value)
        yield Rung(line, notice_people(ticket, absent, policy))


def partner_lines(
    ticket: Ticket, silent: Iterable[Consultation], policy: Policy, absent: Collection[Address]
) -> Iterator[Rung]:
    """Partners that stayed silent, of whom `ticket` knows already that nobody waits for them any more. The
    coordinators hear of each at once."""
    waits = ticket.status is Status.WAITING_ASKER or any(each.is_open for each in ticket.consultations)
    people = _heard(ticket, COORDINATOR_DAYS, policy, absent)
    for consultation in silent:
        code = code_now(policy.partners, consultation.partner)
        line = replace(_about(ticket, Matter.PARTNER, policy), partner=code, since=consultation.due_on, alone=not waits)
        yield Rung(line, people)


def mail_lines(
    mails: Iterable[tuple[int, datetime]], now: datetime, policy: Policy, absent: Collection[Address]
) -> Iterator[Rung]:
    """Mails that wait for a person since an earlier working day; each by its number and when it came."""
    today = received_on(now, policy.timezone)
    for number, received_at in mails:
        day = received_on(received_at, policy.timezone)
        days = policy.workdays.count(day, today)
        if days < 1:
            continue
        told_on = None if days >= COORDINATOR_DAYS else policy.workdays.after(today, COORDINATOR_DAYS - days)
        line = DueLine(matter=Matter.MAIL, about=f"Q-{number}", received_at=received_at, days=days, told_on=told_on)
        yield Rung(line, _heard(None, days, policy, absent))


def closed_line(ticket: Ticket, policy: Policy, absent: Collection[Address]) -> Rung:
    """The asker owed us an answer for too long: whoever asked him hears that the question is closed."""
    return Rung(_about(ticket, Matter.CLOSED, policy), notice_people(ticket, absent, policy))


def _about(ticket: Ticket, matter: Matter, policy: Policy) -> DueLine:
    holder = find_person(policy.staff, ticket.assignee) if ticket.assignee else None
    return DueLine(
        matter=matter,
        about=str(ticket.reference),
        subject=ticket.subject,
        status=ticket.status.value,
        holder=holder.name if holder else "",
        received_at=ticket.received_at,
        promised_on=ticket.promised_on,
    )


def _with_next(line: DueLine, question: Question, stands: Standing, sorry: Letter | None, policy: Policy) -> DueLine:
    """What silence will cause: for the asker, and in the house."""
    days, missed_on = policy.workdays, stands.since or stands.promised_on
    told_on = None if stands.days >= COORDINATOR_DAYS else days.after(missed_on, COORDINATOR_DAYS)
    line = replace(line, told_on=told_on)
    if sorry is not None:
        return replace(line, next=Next.SORRY, new_date=sorry.facts["promised_on"])
    if stands.when is When.LATE or not may_apologise(question):
        return line
    next_on = days.after(stands.promised_on, 1)
    return replace(line, next=Next.APOLOGY, next_on=next_on, new_date=new_date(next_on, policy))


def _heard(
    ticket: Ticket | None, days: int, policy: Policy, absent: Collection[Address]
) -> tuple[tuple[Address, Language], ...]:
    """Whoever handles it, and from the second day on the coordinators; the team where all of them are away."""
    people = dict(notice_people(ticket, absent, policy))
    if days >= COORDINATOR_DAYS:
        here = [person for person in policy.coordinators if person.address not in absent]
        people |= {person.address: person.language for person in here} or {policy.team: policy.staff_language}
    return tuple(people.items())
