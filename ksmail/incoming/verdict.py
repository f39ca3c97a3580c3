"""What sort of mail it is, and because of what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sort(StrEnum):
    """Exactly one per mail."""

    PERSON = "person"
    AUTOMATIC = "automatic"      # auto-reply, out-of-office, notification: recorded, never answered
    BOUNCE = "bounce"            # a delivery or disposition report
    BULK = "bulk"                # newsletter, mailing list
    OWN = "own"                  # a letter of ours that came back
    MACHINE_LIKE = "machine-like"  # looks like a machine, but a person may have written it: held for staff


@dataclass(frozen=True, slots=True)
class Verdict:
    """`silent` is empty, or why nobody may get an automatic letter about this mail though a person wrote it."""

    sort: Sort
    because: str
    silent: str = ""
