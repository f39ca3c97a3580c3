"""A finished letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """Bytes that are rendered once and never again, so that a retry is the same mail.

    `envelope_from` is "" for the null path. `about` is the ticket's reference or Q-number, `kind` the kind of letter.
    `held` is empty, or why the letter waits for staff. `due_at` is aware, UTC.
    """

    message_id: str
    kind: str
    about: str
    envelope_from: str
    recipients: tuple[str, ...]
    raw: bytes
    due_at: datetime
    held: str = ""
