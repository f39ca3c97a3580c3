"""A transport that delivers nothing: it keeps each letter with the moment at which it would have left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.transport import Deferred, Outcome, Sent

_TAKEN = Sent("250 2.0.0 Ok: simulated")
_AWAY = Deferred("421 4.3.2 the simulated server is away", account_wide=True)


@dataclass(frozen=True)
class SentLetter:
    """A letter that left at `at` (aware, UTC) for `recipients`, addr-specs."""

    at: datetime
    mail: OutgoingMail
    recipients: tuple[str, ...]

    @cached_property
    def parsed(self) -> EmailMessage:
        """The letter as a mail client sees it."""
        return message_from_bytes(self.mail.raw, policy=modern)


@dataclass(slots=True)
class Postman:
    """A `Transport`. `now` gives the time (aware, UTC), `refusal` what a server says against a recipient, or None.
    While it is `away` no letter leaves. `folder`, if there is one, gets each letter as a file."""

    now: Callable[[], datetime]
    timezone: ZoneInfo
    folder: Path | None = None
    refusal: Callable[[OutgoingMail, str], Outcome | None] = lambda _mail, _recipient: None
    away: bool = False
    sent: list[SentLetter] = field(default_factory=list)

    async def send(self, mail: OutgoingMail, recipients: tuple[str, ...]) -> Mapping[str, Outcome]:
        if self.away:
            return dict.fromkeys(recipients, _AWAY)
        outcomes = {recipient: self.refusal(mail, recipient) or _TAKEN for recipient in recipients}
        reached = tuple(recipient for recipient, outcome in outcomes.items() if isinstance(outcome, Sent))
        if reached:
            self._keep(SentLetter(self.now(), mail, reached))
        return outcomes

    async def close(self) -> None:
        """Nothing is open."""

    def _keep(self, letter: SentLetter) -> None:
        self.sent.append(letter)
        if self.folder is not None:
            moment = letter.at.astimezone(self.timezone).strftime("%Y-%m-%dT%H%M%S")
            name = f"{moment}-{letter.mail.kind}-{letter.mail.about}"
            taken = len(list(self.folder.glob(f"{name}*.eml")))
            file = self.folder / (f"{name}-{taken + 1}.eml" if taken else f"{name}.eml")
            file.write_bytes(letter.mail.raw)
