"""What staff and partners order in a mail: all of it, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ksmail.capability import Audience
from ksmail.desk.mistake import Fault, Mistake, Unreadable
from ksmail.desk.numbered import Line, Lines, read_lines
from ksmail.desk.order import Kind, Option, Order, Text, Verb
from ksmail.desk.order_line import begins_order, names_order, own_lines, read_order, spellings, written
from ksmail.desk.repertoire import ORDERS, HelpLine, help_lines, row_of
from ksmail.desk.verbs import Row

__all__ = [
    "ORDERS",
    "Fault",
    "HelpLine",
    "Kind",
    "Line",
    "Lines",
    "Mistake",
    "Option",
    "Order",
    "Orders",
    "Row",
    "Text",
    "Verb",
    "help_lines",
    "read_lines",
    "read_orders",
    "row_of",
    "written",
]


_MOST = 50  # orders in a mail


@dataclass(frozen=True, slots=True)
class Orders:
    """`orders` as they stand at the top, and the text below them, untouched. `strays` are lines of the text that look
    like an order: they are text, though whoever wrote them may have meant otherwise.
    """

    orders: tuple[Order, ...]
    text: str
    strays: tuple[str, ...] = ()


def read_orders(own: str, *, today: date, audience: Audience = Audience.STAFF) -> Orders | Mistake:
    """The orders at the top of `own`, what the person wrote himself, and the text below them.

    `today` is a date of the desk. Lines that begin with ">" are never orders. Without an order at the top all is
    text; with one that cannot be read, nothing is ordered at all. For an audience without orders all is text.
    """
    rows = spellings(audience)
    lines = own.split("\n")
    found: list[tuple[Order, int]] = []
    beside, end = "", 0
    for place in own_lines(lines):
        if not rows or not begins_order(lines[place]):
            break
        try:
            order, words = read_order(lines[place], rows, today)
            _check(order, [other for other, _ in found], beside)
        except Unreadable as wrong:
            return Mistake.of(wrong, lines[place], own)
        found.append((order, place))
        beside, end = words, place + 1
    text = "\n".join((beside, *lines[end:])).strip()
    for order, place in found:
        if row_of(order.verb).text is Text.REQUIRED and not any(True for _ in own_lines(text.split("\n"))):
            return Mistake.of(Unreadable(Fault.NO_TEXT, verb=order.verb), lines[place], own)
    strays = tuple(line.strip() for line in text.split("\n") if begins_order(line) and names_order(line, rows))
    return Orders(tuple(order for order, _ in found), text, strays)


def _check(order: Order, before: list[Order], beside: str) -> None:
    """Whether an order can stand below those `before` it. Raises Unreadable.

    Only what names partners may come several times, and only one sort of order can have the text.
    """
    if len(before) == _MOST:
        raise Unreadable(Fault.TOO_MANY)
    if beside:
        raise Unreadable(Fault.BELOW_TEXT, verb=order.verb)
    if any(order.verb is other.verb and (order == other or not order.partners) for other in before):
        raise Unreadable(Fault.TWICE, verb=order.verb)
    others = [other for other in before if other.verb is not order.verb]
    if _uses_text(order) and any(_uses_text(other) for other in others):
        raise Unreadable(Fault.TWO_TEXTS, verb=order.verb)


def _uses_text(order: Order) -> bool:
    return row_of(order.verb).text is not Text.NONE
