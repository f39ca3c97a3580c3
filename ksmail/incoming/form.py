"""A web form's mail, and the person who filled it in."""

from __future__ import annotations

from dataclasses import dataclass

from ksmail.address import Address


@dataclass(frozen=True, slots=True)
class Form:
    """A web server that mails what people fill in; its mails are told by their From address."""

    sender: Address
