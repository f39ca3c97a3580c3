"""A web form's mail, and the person who filled it in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ksmail.address import Address, is_mailbox
from ksmail.incoming.message import Message


@dataclass(frozen=True, slots=True)
class Form:
    """A web server that mails what people fill in; its mails are told by their From address."""

    sender: Address


def find_form(message: Message, forms: Iterable[Form]) -> Form | None:
    """The form that sent this mail, if it is one of ours."""
    return next((form for form in forms if form.sender == message.sender), None)


def asker_of(message: Message, form: Form | None, ourselves: tuple[Address, ...] = ()) -> Address | None:
    """Whom to answer: the person of the form, else Reply-To, else From. None when nobody can be named.

    RFC 3834 4 warns personal responders off Reply-To, because it may name a list or somebody else, and lets a
    service, which answers who asked for it, specify its own rule. Ours: exactly one Reply-To, of a mail that did not
    come over a list, to an address that is neither ours nor one the mail itself went to. What our border proves of
    From proves nothing of a Reply-To with another address: `identify` is to be asked about From only.
    """
    if message.sender is None:
        return None
    reply_to = set(message.reply_to)
    usable = len(reply_to) == 1 and not _is_shared(message.reply_to[0], message, ourselves)
    if form is not None:
        return message.reply_to[0] if usable and message.reply_to[0] != form.sender else None
    return message.reply_to[0] if usable and not _came_over_a_list(message) else message.sender


def _is_shared(address: Address, message: Message, ourselves: tuple[Address, ...]) -> bool:
    """Whether an answer to `address` would come back to us or go to everybody else who got the mail."""
    return address in message.recipients or any(is_mailbox(address, own) for own in ourselves)


def _came_over_a_list(message: Message) -> bool:
    return any(name.startswith("list-") for name, _ in message.headers)
