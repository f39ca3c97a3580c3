"""What a mail says about the ticket it belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ksmail.capability import Capability, Keyring, find_tokens
from ksmail.incoming.message import Message
from ksmail.reference import Reference

_LONGEST_SUBJECT = 1000
_BRACKETS = re.compile(r"\[[^\[\]]*\]")
_REPLY_PREFIX = re.compile(
    r"\s*(?:re|antw|antwoord|fwd?|doorst|doorgestuurd|aw|wg)\s?(?:[\[(^]\d{1,3}[\])]?)?\s?[:：]", re.IGNORECASE
)


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
    """Look in the order of trust: our Message-ID in the thread, our reply address, our token in the subject, number.

    Signed references to different tickets in one mail are no evidence of any, and neither is the rest of it then:
    staff decide. Among several for one ticket the one that was issued to the sender goes first. A reference to a
    quarantined mail counts where there is none to a ticket: whoever sent his question again has both in his thread.
    """
    answers = tuple(dict.fromkeys(message.in_reply_to + message.references))
    found = list(_signed(message, answers, keyring))
    signed = [each for each in found if each[0].names_ticket] or found[:1]
    if len({capability.subject for capability, _ in signed}) > 1:
        return Evidence(because="signed references to different tickets")
    number = find_number(message.subject, prefix)
    if signed:
        sender = message.sender
        own = (each for each in signed if sender is not None and keyring.issued_to(each[0], sender))
        capability, carrier = next(own, signed[0])
        return Evidence(capability=capability, number=number, answers=answers, because=carrier)
    because = f"number {number} in the subject" if number else "no reference found"
    return Evidence(number=number, answers=answers, because=because)


def find_number(subject: str, prefix: str) -> Reference | None:
    """Our own tag `[KV-2026-0042]`, also without brackets; None when two different numbers stand there.

    Tags of other systems are not ours, whatever stands in them: `[#1234]`, `[TOPdesk KV-2026-0042]`.
    """
    text = _BRACKETS.sub(lambda tag: tag[0] if _is_own(tag[0], prefix) else " ", subject[:_LONGEST_SUBJECT])
    shape = rf"(?<![\w.#/-]){re.escape(prefix)}-\d{{4}}-\d{{4,9}}(?![\w-])"
    found = {Reference.parse(match) for match in re.findall(shape, text, re.ASCII | re.IGNORECASE)}
    return found.pop() if len(found) == 1 else None


def strip_subject(subject: str, prefix: str) -> str:
    """The subject without our own tags and without reply prefixes in front (Re:, Antw:, FW:, AW:, RE[2]: ...).

    Tags of other systems stay, because the other side finds its own case by them. At most 1000 characters are kept.
    """
    rest, kept = _without_own_tags(" ".join(subject[:_LONGEST_SUBJECT].split()), prefix), list[str]()
    while match := _REPLY_PREFIX.match(rest) or _BRACKETS.match(rest):
        if match[0].startswith("["):
            kept.append(match[0])
        rest = rest[match.end() :].lstrip()
    return " ".join((*kept, rest)).rstrip()


def _without_own_tags(subject: str, prefix: str) -> str:
    # Again and again, because taking one out can leave the halves of another one side by side.
    while (shorter := _BRACKETS.sub(lambda tag: "" if _is_own(tag[0], prefix) else tag[0], subject)) != subject:
        subject = " ".join(shorter.split())
    return subject


def _is_own(tag: str, prefix: str) -> bool:
    """Whether a bracketed tag is ours: [KV-2026-0042], or [KV-2026-0042/BZ] for a partner."""
    shape = rf"\[\s*{re.escape(prefix)}-\d{{4}}-\d{{4,9}}(?:/[\w-]{{1,20}})?\s*\]"
    return re.fullmatch(shape, tag, re.IGNORECASE | re.ASCII) is not None


def _signed(message: Message, answers: tuple[str, ...], keyring: Keyring) -> Iterator[tuple[Capability, str]]:
    """Every reference in the mail that we signed, and what carried it; the most trusted carrier first."""
    carriers = (
        ("our Message-ID in In-Reply-To or References", " ".join(answers)),
        ("our signed reply address", " ".join(address.spec for address in message.recipients)),
        ("our signed token in the subject", message.subject),
    )
    for carrier, text in carriers:
        for token in find_tokens(text):
            capability = keyring.read(token)
            if capability is not None:
                yield capability, carrier
