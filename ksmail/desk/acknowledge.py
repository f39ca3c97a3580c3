"""Who gets an acknowledgement, and what stands in it."""

from __future__ import annotations

from ksmail.desk.arrival import Arrival
from ksmail.desk.policy import Policy
from ksmail.incoming.identity import Proof, Role
from ksmail.incoming.message import Message
from ksmail.incoming.signs import is_machines
from ksmail.incoming.verdict import Silence


def silence(arrival: Arrival, policy: Policy) -> Silence | None:
    """Why no automatic letter goes to this asker, or None. The first reason counts (RFC 3834 2)."""
    sender = arrival.sender
    if arrival.verdict.silent is not None:
        return arrival.verdict.silent
    if sender is None or sender.asker_role is not Role.ASKER or sender.identity.role is not Role.ASKER:
        return Silence.OUR_OWN_PEOPLE
    if sender.identity.proof is Proof.FAILED:
        return Silence.SENDER_FAILED
    if is_machines(sender.asker.local):
        return Silence.ROLE_ADDRESS  # a Reply-To can name a list's robot as well
    if arrival.predates_desk:
        return Silence.TOO_OLD
    if sender.suppressed and sender.identity.proof is not Proof.VERIFIED:
        return Silence.BOUNCED_BEFORE  # a forged report must not silence somebody of whom we know that he writes
    return None


def held_back(arrival: Arrival, policy: Policy) -> str:
    """Which cap makes the letter wait for staff, or "". Caps are what stops a loop that nothing else recognises."""
    sender, caps = arrival.sender, policy.caps
    if sender is None:
        return ""
    if sender.letters_hour >= caps.address_hour or sender.letters_day >= caps.address_day:
        return Silence.ADDRESS_CAP.value
    if sender.desk_letters_hour >= caps.desk_hour:
        return Silence.DESK_CAP.value
    return ""


def verified_subject(arrival: Arrival) -> str:
    """The asker's subject if our border vouches for him as the sender, else "": otherwise anybody could have us carry
    words of his choice to a victim (CVE-2023-50456), with a Reply-To if not with a From."""
    sender = arrival.sender
    if sender is None or sender.identity.proof is not Proof.VERIFIED or sender.asker != sender.identity.address:
        return ""
    return arrival.message.subject


def thread(message: Message) -> tuple[str, tuple[str, ...]]:
    """In-Reply-To and References of an answer to `message` (RFC 5322 3.6.4)."""
    if not message.message_id_given:
        return "", ()
    return message.message_id, (*message.references, message.message_id)
