"""A finished letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ksmail.desk.ticket import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Carries:
    """What the register of disclosures says of a letter. `by`: who of staff ordered it (addr-spec), "" for nobody;
    `identity`: it tells a partner who asks; `files`: the SHA-256 of each file that goes along."""

    by: str = ""
    identity: bool = False
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """Bytes that are rendered once and never again, so that a retry is the same mail.

    `envelope_from` is "" for the null path. `about` is the ticket's reference or Q-number, `kind` the kind of letter.
    `held` is empty, or why the letter waits for staff. `due_at` is aware, UTC. `then` becomes true when a mail server
    has taken it for the first of its `recipients`. `text` is its text part, for those who must see what leaves.
    `orderable`: it goes on the word of staff, who can call it back as long as it has not left.
    `carries` is what the register of disclosures will say of it.
    """

    message_id: str
    kind: str
    about: str
    envelope_from: str
    recipients: tuple[str, ...]
    raw: bytes
    due_at: datetime
    held: str = ""
    then: tuple[Change, ...] = ()
    text: str = ""
    orderable: bool = False
    carries: Carries = Carries()
