"""The weekly list: all open questions in order of receipt, numbered, for the coordinators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ksmail.address import Address
from ksmail.desk.case import QueueLine
from ksmail.desk.order_of_receipt import Overtaken
from ksmail.desk.policy import Policy
from ksmail.desk.promise import received_on
from ksmail.desk.ticket import Status
from ksmail.incoming.message import Language
from ksmail.reference import Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLine:
    """One question under its number in the list. `days` are working days since receipt; `by` questions of later
    receipt were answered first, `words` are the reasons on record for that."""

    number: int
    reference: Reference
    status: Status
    subject: str
    promised_on: date | None
    days: int
    late: bool
    assignee: Address | None
    by: int = 0
    words: tuple[str, ...] = ()


def list_lines(
    queue: Sequence[QueueLine], passed: Sequence[Overtaken], today: date, policy: Policy
) -> tuple[ListLine, ...]:
    """`queue` in its order, numbered from 1. `today` is a date of the desk."""
    by = {each.ticket: each for each in passed}
    return tuple(_line(number, line, by.get(line.reference), today, policy) for number, line in enumerate(queue, 1))


def list_readers(policy: Policy) -> tuple[tuple[Address, Language], ...]:
    """The coordinators, or the team where there are none, each with the language of their letters."""
    found = tuple((person.address, person.language) for person in policy.coordinators)
    return found or ((policy.team, policy.staff_language),)


def _line(number: int, line: QueueLine, passed: Overtaken | None, today: date, policy: Policy) -> ListLine:
    return ListLine(
        number=number,
        reference=line.reference,
        status=line.status,
        subject=line.subject,
        promised_on=line.promised_on,
        days=policy.workdays.count(received_on(line.received_at, policy.timezone), today),
        late=line.promised_on is not None and line.promised_on < today,
        assignee=line.assignee,
        by=passed.by if passed else 0,
        words=tuple(excuse.value for excuse in passed.excuses) if passed else (),
    )
