"""A letter on its way to being written."""

from __future__ import annotations

from dataclasses import dataclass

from ksmail.capability import Audience, fingerprint
from ksmail.desk.letter import Letter
from ksmail.desk.ticket import Ticket
from ksmail.incoming.message import Language
from ksmail.outgoing.actions import Action

ONE_EACH = (Language.NL, Language.EN)


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter on its way, with what its templates and its headers have in common."""

    letter: Letter
    ticket: Ticket | None
    token: str
    actions: tuple[Action, ...] = ()

    @property
    def languages(self) -> tuple[Language, ...]:
        """Dutch first when unsure. Staff letters are in one language."""
        if self.letter.language is not Language.BOTH:
            return (self.letter.language,)
        return ONE_EACH if self.letter.kind.audience is Audience.ASKER else (Language.NL,)

    @property
    def tag(self) -> str:
        """What people see in front of the subject: the ticket, where the token is that of a confirmation."""
        return str(self.letter.facts.get("reference") or self.letter.about)

    @property
    def mark(self) -> str:
        """What makes its Message-ID repeatable: same cause, kind and recipient, same mark."""
        return fingerprint(self.letter.cause, self.letter.kind, self.letter.to.key)
