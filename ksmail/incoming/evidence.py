"""What a mail says about the ticket it belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ksmail.capability import Capability, Keyring, find_tokens
from ksmail.incoming.message import Message
from ksmail.reference import Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Claims, strongest first. `capability` is signed by us; the rest is what anybody could write.

    `because` says which carrier held the capability, or what else was found.
    """

    capability: Capability | None = None
    number: Reference | None = None
    answers: tuple[str, ...] = ()
    because: str = "no reference found"


def find_evidence(message: Message, keyring: Keyring, prefix: str) -> Evidence:
    """Look in the order of trust: our Message-ID in the thread, our reply address, our token in the subject, number."""
    number = find_number(message.subject, prefix)
    answers = tuple(dict.fromkeys(message.in_reply_to + message.references))
    carriers = (
        ("our Message-ID in In-Reply-To or References", " ".join(answers)),
        ("our signed reply address", " ".join(address.spec for address in message.recipients)),
        ("our signed token in the subject", message.subject),
    )
    for carrier, text in carriers:
        capability = next((found for token in find_tokens(text) if (found := keyring.read(token))), None)
        if capability is not None:
            return Evidence(capability=capability, number=number, answers=answers, because=carrier)
    because = f"number {number} in the subject" if number else "no reference found"
    return Evidence(number=number, answers=answers, because=because)


def find_number(subject: str, prefix: str) -> Reference | None:
    """Our own tag `[KV-2026-0042]`, also without brackets. Tags of other systems ([#1234]) are not ours."""
    shape = re.compile(rf"(?<![A-Za-z0-9-]){re.escape(prefix)}-\d{{4}}-\d{{4,9}}(?![0-9-])", re.ASCII | re.IGNORECASE)
    match = shape.search(subject[:1000])
    return Reference.parse(match[0]) if match else None
