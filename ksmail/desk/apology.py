"""What an asker hears by himself from a desk that is silent: an apology, a reminder, and that we stop waiting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ksmail.desk.case import Case, WaitingLetter, WaitState
from ksmail.desk.lateness import Standing, When, has_apologised
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.policy import Policy
from ksmail.desk.promise import named_days, received_on
from ksmail.desk.ticket import AskerReminded, Change, Closed, CloseReason, Ground, Promised, Status, Ticket
from ksmail.incoming.evidence import strip_subject

# What gives the asker an answer, another date or an end, and may be on its way.
_OVERTAKES = frozenset(
    kind.value
    for kind in (
        LetterKind.ANSWER,
        LetterKind.INFO_REQUEST,
        LetterKind.DELAY_NOTICE,
        LetterKind.COORDINATION_NOTICE,
        LetterKind.REDIRECT,
        LetterKind.CLOSED,
        LetterKind.MERGED,
    )
)


OF_ITSELF = frozenset((LetterKind.DELAY_NOTICE, LetterKind.INFO_REMINDER, LetterKind.CLOSED))  # what is sent from here
_ENDS = frozenset(
    kind.value for kind in (LetterKind.ANSWER, LetterKind.INFO_REQUEST, LetterKind.REDIRECT, LetterKind.CLOSED)
)
_HOUR = timedelta(hours=1)
_TOO_LATE = 20  # working days; after that an apology without an answer is none, and people must write


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An open question from the inside. `told`: its asker has had a letter of ours; one who had none hears nothing by
    himself, because it may be a machine. `suppressed`: his address refuses our mail. `apologised`: an apology for the
    date that stands was written before, `let_go`: a letter that we stop waiting for him, whatever became of them."""

    ticket: Ticket
    case: Case
    told: bool = True
    suppressed: bool = False
    apologised: bool = False
    let_go: bool = False


@dataclass(frozen=True, slots=True)
class Nudge:
    """What is done about an asker who owes us an answer. `closes`: we stop waiting for him."""

    changes: tuple[Change, ...] = ()
    letters: tuple[Letter, ...] = ()
    because: str = ""
    closes: bool = False


def apology(question: Question, stands: Standing | None, now: datetime, policy: Policy) -> Letter | None:
    """On the first working day after a date that passed, when nobody acted: sorry, and a new date. Once; after that
    only people give dates. It becomes a promise when a mail server has taken the letter."""
    if stands is None or stands.when is not When.LATE or stands.days > _TOO_LATE or not may_apologise(question):
        return None
    today = received_on(now, policy.timezone)
    day = new_date(today, policy)
    facts: dict[str, object] = {
        "old_date": stands.promised_on,
        "promised_on": day,
        "reason": "",
        "closed_days": named_days(today, day, policy),
        "late": True,
    }
    then = (Promised(promised_on=day, ground=Ground.OVERDUE),)
    return _letter(question, policy, LetterKind.DELAY_NOTICE, f"overdue {stands.promised_on}", facts, then=then)


def may_apologise(question: Question) -> bool:
    """Whether the program may say sorry by itself, when the date passes."""
    return (
        question.told
        and not question.suppressed
        and not question.apologised
        and not has_apologised(question.case.promises)
        and not under_way(question.case.waiting)
    )


def under_way(waiting: Sequence[WaitingLetter]) -> bool:
    """Whether words of ours that would cross an apology are on their way, or may have arrived. What staff keep back is
    on no way."""
    return any(letter.kind in _OVERTAKES and letter.state is not WaitState.HELD for letter in waiting)


def is_leaving(waiting: Sequence[WaitingLetter], now: datetime) -> bool:
    """Whether words of staff that end the matter leave within the hour: then nobody need be rung about it."""
    return any(
        letter.kind in _ENDS
        and letter.state in (WaitState.WAITING, WaitState.SENDING)
        and abs(letter.due_at - now) < _HOUR
        for letter in waiting
    )


def new_date(today: date, policy: Policy) -> date:
    """The date that takes the place of one that passed."""
    return policy.workdays.after(today, policy.response_days)


def nudge(question: Question, now: datetime, policy: Policy) -> Nudge:
    """An asker who owes us an answer is reminded once; after as many working days again the question is closed, and he
    is told. Nothing while a letter of ours to him is under way."""
    ticket, today = question.ticket, received_on(now, policy.timezone)
    waits = ticket.status is Status.WAITING_ASKER and not question.let_go
    if not waits or ticket.waiting_since is None or under_way(question.case.waiting):
        return Nudge()
    if ticket.nudged_at is None:
        if _waited(ticket.waiting_since, today, policy) < policy.asker_days:
            return Nudge()
        return _reminded(question, now, policy)
    if _waited(ticket.nudged_at, today, policy) < policy.asker_days:
        return Nudge()
    return _closed(question, now, policy)


def still_holds(ticket: Ticket, kind: LetterKind, then: tuple[Change, ...], today: date) -> bool:
    """Whether a letter that the program wrote by itself is still true of its ticket when it leaves. It may have waited
    for a server, and people have acted meanwhile."""
    if kind is LetterKind.INFO_REMINDER or any(isinstance(change, Closed) for change in then):
        return ticket.status is Status.WAITING_ASKER
    new = next((change.promised_on for change in then if isinstance(change, Promised)), None)
    if new is None or not ticket.status.is_open or ticket.status is Status.WAITING_ASKER or ticket.promised_on is None:
        return False
    return ticket.promised_on < today < new


def _waited(since: datetime, today: date, policy: Policy) -> int:
    return policy.workdays.count(received_on(since, policy.timezone), today)


def _reminded(question: Question, now: datetime, policy: Policy) -> Nudge:
    ticket, today = question.ticket, received_on(now, policy.timezone)
    asked_on = received_on(ticket.waiting_since or now, policy.timezone)
    facts: dict[str, object] = {"asked_on": asked_on, "closes_on": policy.workdays.after(today, policy.asker_days)}
    letter = _letter(question, policy, LetterKind.INFO_REMINDER, f"reminder {ticket.waiting_since}", facts)
    return Nudge((AskerReminded(now),), () if question.suppressed else (letter,), "the asker was reminded")


def _closed(question: Question, now: datetime, policy: Policy) -> Nudge:
    """With a letter it is closed once that was taken, as by an order of staff."""
    closed = Closed(reason=CloseReason.NO_REPLY, at=now)
    if question.suppressed:
        return Nudge((closed,), (), "the asker did not answer", closes=True)
    cause = f"no reply {question.ticket.waiting_since}"
    letter = _letter(question, policy, LetterKind.CLOSED, cause, {"reason": CloseReason.NO_REPLY.value}, then=(closed,))
    return Nudge((), (letter,), "the asker did not answer", closes=True)


def _letter(
    question: Question,
    policy: Policy,
    kind: LetterKind,
    cause: str,
    facts: dict[str, object],
    *,
    then: tuple[Change, ...] = (),
) -> Letter:
    """In the asker's own thread."""
    ticket, thread = question.ticket, question.case.thread
    return Letter(
        kind=kind,
        to=ticket.asker,
        language=ticket.language,
        about=str(ticket.reference),
        cause=f"{cause} {ticket.reference}",
        facts={"subject": strip_subject(ticket.subject, policy.prefix), **facts},
        in_reply_to=thread[-1] if thread else "",
        references=thread,
        then=then,
    )
