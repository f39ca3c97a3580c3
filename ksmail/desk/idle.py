"""Mails of staff in which nothing is ordered: what a machine without any mark of one answers to each of our letters."""

from __future__ import annotations

from ksmail.desk.case import StaffMail
from ksmail.desk.mistake import Mistake
from ksmail.desk.numbered import names_verb

# How the reason of such a mail begins in the ledger. Receipts for these are counted by it.
NOTE = "a note from staff: "
NOTHING = "nothing to carry out: "

_DAY = 10  # receipts for such mails to one person


def wants_something(staff: StaffMail) -> bool:
    """Whether the mail has an order in it, or what may have been meant as one; a mistake is that too."""
    if staff.listed is not None and staff.listed.orders_something:
        return True
    return isinstance(staff.orders, Mistake) or bool(staff.orders.orders)


def orders_nothing(staff: StaffMail) -> bool:
    """Whether no line of it names an order. "3 december ben ik er weer" is read like a numbered line, and names none.
    An answer to a request to confirm that is neither yes nor no orders nothing either."""
    if staff.confirms:
        return staff.answer not in ("yes", "no")
    found = staff.listed.lines if staff.listed is not None and staff.listed.orders_something else staff.orders
    if isinstance(found, Mistake):
        return not names_verb(found.text)
    return not wants_something(staff)


def is_note(staff: StaffMail) -> bool:
    """Whether all of it is text about a question."""
    return not staff.confirms and staff.listed is None and not wants_something(staff)


def has_heard_enough(staff: StaffMail) -> bool:
    """Whether no more letters come of such mails today: they are recorded all the same. An hour's cap alone would go on
    for as long as somebody is away. Notes use up nothing of what whoever misspells an order must hear."""
    return orders_nothing(staff) and (staff.notes_day if is_note(staff) else staff.idle_day) >= _DAY


def because_of(staff: StaffMail, because: str) -> str:
    """`because`, so that the ledger tells such mails from those with an order."""
    return f"{NOTHING}{because}" if orders_nothing(staff) else because
