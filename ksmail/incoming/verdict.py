"""What sort of mail it is, and because of what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sort(StrEnum):
    """Exactly one per mail."""

    PERSON = "person"
    AUTOMATIC = "automatic"  # auto-reply, out-of-office, notification: recorded, never answered
    BOUNCE = "bounce"  # a delivery or disposition report
    BULK = "bulk"  # newsletter, mailing list
    OWN = "own"  # a letter of ours that came back
    MACHINE_LIKE = "machine-like"  # looks like a machine, but a person may have written it: held for staff


class Silence(StrEnum):
    """Why a person who asked gets no automatic letter. The wording for staff lives in templates/*/_shared."""

    SUPPRESSED = "suppressed"  # X-Auto-Response-Suppress (MS-OXCMAIL 2.1.3.2.20)
    SENDER_FAILED = "sender_failed"  # our border says the From address is not genuine
    NOT_ADDRESSED = "not_addressed"  # our address is nowhere in To or Cc (RFC 5230 4.5)
    ROLE_ADDRESS = "role_address"  # postmaster and the like: a person may read it, a machine may answer
    OUR_OWN_PEOPLE = "our_own_people"  # our own, a staff member's or a partner's address
    TOO_OLD = "too_old"  # older than a day on a first start
    MARKED_SPAM = "marked_spam"  # our border marked it as spam
    NO_RETURN_PATH = "no_return_path"  # only when the desk requires one
    ADDRESS_CAP = "address_cap"  # enough automatic letters to this address
    DESK_CAP = "desk_cap"  # enough automatic letters from this desk
    BOUNCED_BEFORE = "bounced_before"  # the address refused our mail for ever, not long ago


@dataclass(frozen=True, slots=True)
class Verdict:
    """`silent` is None, or why a person gets no automatic letter about this mail."""

    sort: Sort
    because: str
    silent: Silence | None = None
