"""Everything that is needed to judge an answer to a numbered list. Reads the store, changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ksmail.address import parse_address
from ksmail.capability import Audience, Keyring
from ksmail.desk.case import AnsweredList, HeldMail, Place, StaffMail
from ksmail.desk.mistake import Mistake
from ksmail.desk.numbered import Lines, numbers_in, read_lines
from ksmail.desk.order import Order
from ksmail.desk.orders import Orders
from ksmail.desk.policy import Policy
from ksmail.desk.promise import received_on
from ksmail.desk.ticket import Ticket
from ksmail.incoming.evidence import Evidence
from ksmail.reference import Reference
from ksmail.store.store import Reader
from ksmail.store.values import Awaited, Pending, Sheet

_MOST_MERGES = 10

# Puts beside a mail of staff what a reply about one held mail or one ticket needs.
Gather = Callable[[Reader, StaffMail, HeldMail | None, Ticket | None], StaffMail]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRoom:
    """What the reading of an answer to a list needs of the desk."""

    policy: Policy
    keyring: Keyring
    gather: Gather

    def read(
        self, past: Reader, mail: Pending, staff: StaffMail, evidence: Evidence, awaited: Awaited | None
    ) -> AnsweredList | None:
        """None for a mail that answers no list. `awaited` are earlier orders that this mail says yes or no to: then it
        is about those, read as on the day they came."""
        sheet = self._awaited(past, awaited) if awaited is not None else self._answered(past, evidence)
        if sheet is None:
            return None
        came_at = awaited.received_at if awaited is not None else mail.received_at
        today = received_on(came_at, self.policy.timezone)
        lines = read_lines(staff.reply.own, today=today, last=len(sheet.lines))
        wanted = _wanted(lines, staff.reply.own, len(sheet.lines))
        places = (self._place(past, staff, at, sheet.lines[at - 1], wanted[at]) for at in sorted(wanted))
        return AnsweredList(number=sheet.number, mailed_at=sheet.at, lines=lines, places=tuple(places))

    def _awaited(self, past: Reader, awaited: Awaited) -> Sheet | None:
        number = number_of(awaited, "L")
        return past.sheet(number) if number else None

    def _answered(self, past: Reader, evidence: Evidence) -> Sheet | None:
        """The list of the reference that the mail answers, also of one that has expired: the proofs say so. Not a list
        that went to somebody else than the reference: a store that was put back may give its number once more."""
        named = evidence.capability or evidence.expired
        if named is None or not named.names_list or named.audience is not Audience.STAFF:
            return None
        sheet = past.sheet(named.number)
        return sheet if sheet is not None and self.keyring.issued_to(named, parse_address(sheet.address)) else None

    def _place(self, past: Reader, staff: StaffMail, number: int, name: str, orders: tuple[Order, ...]) -> Place:
        """One number, with what a reply about it alone would need. Files of a mail about several questions belong to
        none of them."""
        alone = replace(staff, orders=Orders(orders, ""), files=(), dropped=())
        kind, _, rest = name.partition("-")
        names_ticket = "-" in rest  # it has a year too, and its prefix may be a Q
        ticket = _now(past, Reference.parse(name)) if names_ticket else None
        held = past.held_mail(int(rest)) if kind == "Q" and not names_ticket else None
        return Place(number=number, name=name, ticket=ticket, staff=self.gather(past, alone, held, ticket))


def number_of(awaited: Awaited, letter: str) -> int:
    """The quarantined mail (Q) or the list (L) that orders are about; 0 where they are about something else."""
    kind, _, number = awaited.about.partition("-")
    return int(number) if kind == letter and number.isdecimal() else 0


def _wanted(lines: Lines | Mistake, own: str, last: int) -> dict[int, tuple[Order, ...]]:
    """Which numbers the mail names, and what is ordered about each."""
    if isinstance(lines, Mistake):
        return {number: () for number in numbers_in(own) if 0 < number <= last}
    found: dict[int, tuple[Order, ...]] = {}
    for line in lines.lines:
        found |= {number: (*found.get(number, ()), line.order) for number in line.numbers}
    return found


def _now(past: Reader, reference: Reference) -> Ticket | None:
    """A ticket as it stands, or the one that took it in since."""
    ticket = past.find_ticket(reference)
    for _ in range(_MOST_MERGES):
        if ticket is None or ticket.merged_into is None:
            break
        ticket = past.find_ticket(ticket.merged_into)
    return ticket
