"""How a mail is handed over, and what can come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ksmail.outgoing.mail import OutgoingMail


@dataclass(frozen=True, slots=True)
class Sent:
    """The server took responsibility (RFC 5321 4.2.5)."""

    reply: str = ""


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now. `account_wide`: the fault is ours or the server's, not this recipient's, so every letter waits."""

    reason: str
    account_wide: bool = False


@dataclass(frozen=True, slots=True)
class Bounced:
    """Never, for this recipient."""

    reason: str


@dataclass(frozen=True, slots=True)
class Uncertain:
    """Nobody knows: the connection died after the mail was handed over and before the reply (RFC 1047)."""

    reason: str


Outcome = Sent | Deferred | Bounced | Uncertain


class Transport(Protocol):
    """Never raises for what a server or a wire can do: that is an outcome."""

    async def send(self, mail: OutgoingMail, recipients: tuple[str, ...]) -> Mapping[str, Outcome]:
        """Hand `mail` over for these recipients (a subset of its own). One outcome for each."""

    async def close(self) -> None:
        """Say goodbye to the server; never raises."""
