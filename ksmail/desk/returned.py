"""What it means when a letter of ours was refused, at once or by a report that comes later."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from ksmail.address import Address
from ksmail.capability import Audience
from ksmail.desk.acts import Act, CameBack, Suppress
from ksmail.desk.arrival import Arrival, Decision
from ksmail.desk.case import Returned
from ksmail.desk.consultation import ConsultationEnded, Stage
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.notices import notice_people, prepared
from ksmail.desk.order import Verb
from ksmail.desk.policy import Policy
from ksmail.desk.promise import received_on
from ksmail.desk.ticket import (
    AnswerFailed,
    Change,
    Flag,
    Flagged,
    Ground,
    Promised,
    PromiseState,
    Status,
    Ticket,
    Unkept,
    evolved,
)

# RFC 3463: what may pass (4.x.x), a full mailbox, a mail too large, its content or a policy say nothing about whether
# the address is good.
_PASSING = re.compile(r"\b(?:4\.\d{1,3}\.\d{1,3}|5\.(?:2\.2|3\.4|6\.\d{1,3}|7\.\d{1,3}))\b")


CAME_BACK = "came back"  # how the history says that a report about a letter came in, after the kind of the letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What follows from what became of a letter. `ticket` is the ticket afterwards."""

    ticket: Ticket | None
    changes: tuple[Change, ...] = ()
    letters: tuple[Letter, ...] = ()
    acts: tuple[Act, ...] = ()


def came_back(
    ticket: Ticket | None, returned: Returned, policy: Policy, *, now: datetime, absent: Collection[Address]
) -> Consequence:
    """A letter that was refused for ever: staff are told, unless it was a letter to staff. A notice to staff that
    comes back must never make another notice (FreeScout 4806)."""
    if not returned.for_ever:
        return Consequence(ticket=ticket)
    kind = LetterKind(returned.kind)
    today = received_on(now, policy.timezone)
    changes: tuple[Change, ...] = (Flagged(Flag.LETTER_BOUNCED, returned.kind),)
    if kind.by_a_person and returned.first_recipient and returned.latest and ticket is not None:
        changes = (*changes, *_unanswered(ticket, kind, today, policy))
    if kind is LetterKind.PARTNER_REQUEST and ticket is not None:
        changes = (*changes, *_not_asked(ticket, returned))
    acts = (*_noted(returned), *(_suppressed(returned, today, policy) if kind.audience is Audience.ASKER else ()))
    if ticket is None:
        return Consequence(ticket=None, acts=acts)
    after = evolved(ticket, changes)
    return Consequence(
        ticket=after,
        changes=changes,
        letters=()
        if kind.audience in (Audience.STAFF, Audience.OPS)
        else _told(after, returned, policy, absent, kind, changes),
        acts=acts,
    )


def reported(arrival: Arrival, policy: Policy, shown: Decision) -> Decision:
    """What a delivery report adds to `shown`, the mere record of it."""
    for returned in arrival.returned:
        found = came_back(shown.ticket, returned, policy, now=arrival.now, absent=arrival.absent)
        shown = replace(
            shown,
            because=f"{shown.because}; {returned.kind} {CAME_BACK}",
            ticket=found.ticket,
            changes=(*shown.changes, *found.changes),
            letters=(*shown.letters, *found.letters),
            acts=(*shown.acts, *found.acts),
        )
    return shown


def unsure(
    ticket: Ticket, returned: Returned, policy: Policy, *, now: datetime, absent: Collection[Address]
) -> tuple[Letter, ...]:
    """Nobody knows whether words of ours arrived: a person decides whether they go again, each time anew."""
    facts = {"kind": returned.kind, "recipient": returned.recipient, "reason": returned.reason}
    return tuple(
        Letter(
            kind=LetterKind.STAFF_UNCERTAIN,
            to=to,
            language=language,
            about=str(ticket.reference),
            cause=f"uncertain {returned.message_id} {returned.recipient} {now.isoformat()}",
            facts=facts,
            prepared=prepared(language, (Verb.NOW, Verb.STOP)),
        )
        for to, language in notice_people(ticket, absent, policy)
    )


def _unanswered(ticket: Ticket, kind: LetterKind, today: date, policy: Policy) -> tuple[Change, ...]:
    """The asker does not know what we wrote. A promise that was kept by it is not kept."""
    asked = kind is LetterKind.INFO_REQUEST
    stands = ticket.status is Status.WAITING_ASKER if asked else not ticket.status.is_open
    if not stands or ticket.merged_into is not None:
        return ()  # it was refused at once, so nothing had changed yet; or what came after it goes on
    failed: tuple[Change, ...] = (AnswerFailed(),)
    if kind is LetterKind.ANSWER and ticket.promised_on is not None:
        in_time = ticket.promised_on >= today
        return (*failed, Unkept(PromiseState.OPEN if in_time else PromiseState.BROKEN))
    if asked:
        day = policy.workdays.after(today, ticket.remaining_days or policy.response_days)
        return (*failed, Promised(promised_on=day, ground=Ground.RETURNED))
    return failed


def _not_asked(ticket: Ticket, returned: Returned) -> tuple[Change, ...]:
    """The partner knows of nothing, so nobody waits for it."""
    return tuple(
        ConsultationEnded(each.partner, Stage.RETURNED)
        for each in ticket.consultations
        if each.message_id == returned.message_id and each.is_open
    )


def _told(
    ticket: Ticket,
    returned: Returned,
    policy: Policy,
    absent: Collection[Address],
    kind: LetterKind,
    changes: Collection[Change],
) -> tuple[Letter, ...]:
    """What is said of the question is so: that nobody knows the answer, only where there is no later one."""
    fell_back = any(isinstance(change, AnswerFailed) for change in changes)
    is_open = ticket.status.is_open and ticket.merged_into is None
    told = dict(notice_people(ticket, absent, policy))
    if LetterKind(returned.kind).by_a_person:
        told |= {person.address: person.language for person in policy.coordinators}
    facts = {
        "kind": returned.kind,
        "recipient": returned.recipient,
        "reason": returned.reason,
        "promised_on": ticket.promised_on if is_open else None,
        "knows_nothing": is_open
        and kind.audience is Audience.ASKER
        and returned.first_recipient
        and (fell_back or returned.letter == 0 or not kind.by_a_person),
    }
    return tuple(
        Letter(
            kind=LetterKind.STAFF_BOUNCE,
            to=to,
            language=language,
            about=str(ticket.reference),
            cause=f"returned {returned.message_id} {returned.recipient}",
            facts=facts,
            prepared=prepared(language),
        )
        for to, language in told.items()
    )


def _noted(returned: Returned) -> tuple[Act, ...]:
    """A report counts once for each letter and recipient: who knows a Message-ID can write as many as he likes."""
    return (CameBack(returned.letter, returned.recipient, returned.reason),) if returned.letter else ()


def _suppressed(returned: Returned, today: date, policy: Policy) -> tuple[Act, ...]:
    if _PASSING.search(returned.reason):
        return ()
    return (Suppress(returned.recipient, today + policy.silence_after_bounce),)
