"""What a mail says about the ticket it belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ksmail.capability import Audience, Capability, Keyring, find_tokens
from ksmail.incoming.message import Message
from ksmail.reference import Reference

SEVERAL = "signed references to different tickets"

_LONGEST_SUBJECT = 1000
_BRACKETS = re.compile(r"\[[^\[\]]*\]")
_REPLY_PREFIX = re.compile(
    r"\s*(?:re|antw|antwoord|fwd?|doorst|doorgestuurd|aw|wg)\s?(?:[\[(^]\d{1,3}[\])]?)?\s?[:：]", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Claims, strongest first. `capability` is signed by us; the rest is what anybody could write.

    `confirmation` is ours too, and apart: the answered letter asked for a yes. `expired` was ours and counts no more;
    it only matters where there is no capability. `several`: signed references to different tickets, so staff decide.
    `further` are the tickets named further back in the thread than the letter that is answered.
    `partner` is the code that stands beside the number in a letter to a partner.
    `program` is the reference of a letter to those who run the program, where there is no capability and nothing is to
    be confirmed; one that has expired counts too, because it gives no right to anything.
    `because` says which carrier held the capability, or what else was found.
    """

    capability: Capability | None = None
    number: Reference | None = None
    answers: tuple[str, ...] = ()
    because: str = "no reference found"
    expired: Capability | None = None
    confirmation: Capability | None = None
    several: bool = False
    further: tuple[str, ...] = ()
    partner: str = ""
    program: Capability | None = None


_Signed = tuple[Capability, str]  # and what carried it


def find_evidence(message: Message, keyring: Keyring, prefix: str, today: date) -> Evidence:
    """Look in the order of trust: our Message-ID in the thread, our reply address, our token in the subject, number.

    What is not good on `today` (UTC) is no capability. The letter that a mail answers goes before those further back in
    its thread, which may be about the ticket that this one was split off or goes on with: whoever knows the tickets
    looks that up. A numbered list is a subject like a ticket. Signed references to different ones are otherwise no
    evidence of any, and neither are number and answers then: staff decide. Among several for one ticket the one that
    was issued to the sender goes first. A reference to a quarantined mail counts where there is none to a ticket:
    whoever sent his question again has both in his thread.
    """
    answers = tuple(dict.fromkeys(message.in_reply_to + message.references))
    found = list(_signed(message, answers, keyring))
    good = [each for each in found if each[0].is_good_on(today)]
    confirming = _confirming(message, keyring, today)
    confirmation = confirming[0] if confirming else None
    answered = _answered(message, keyring, today)
    signed = _about(answered or good)
    if len({capability.subject for capability, _ in signed}) > 1:
        return Evidence(confirmation=confirmation, several=True, because=SEVERAL)
    best = _best(signed, message, keyring)
    number = find_number(message.subject, prefix)
    program = None if best or confirmation else _program(found)
    expired = next((capability for capability, _ in found if not capability.is_good_on(today)), None)
    return Evidence(
        capability=best[0] if best else None,
        number=number,
        answers=answers,
        because=_because(best or confirming or program, expired, number),
        expired=expired,
        confirmation=confirmation,
        further=_further(best, good) if answered else (),
        partner=find_partner_code(message.subject, prefix),
        program=program[0] if program else None,
    )


def _program(found: list[_Signed]) -> _Signed | None:
    return next((each for each in found if each[0].audience is Audience.OPS), None)


def _further(best: _Signed | None, good: list[_Signed]) -> tuple[str, ...]:
    subjects = dict.fromkeys(capability.subject for capability, _ in good if capability.names_ticket)
    return tuple(subject for subject in subjects if best is not None and subject != best[0].subject)


def _answered(message: Message, keyring: Keyring, today: date) -> list[_Signed]:
    """The references to tickets and lists in the letter that is answered; none of those further back in the thread."""
    found = (each for each in _signed(message, message.in_reply_to, keyring) if each[0].is_good_on(today))
    return [each for each in found if _is_worked_on(each[0])]


def _is_worked_on(capability: Capability) -> bool:
    return capability.names_ticket or capability.names_list


def _about(good: list[_Signed]) -> list[_Signed]:
    """The references to tickets and lists; without any, the first one to a quarantined mail."""
    here = [each for each in good if _is_worked_on(each[0])]
    return here or [each for each in good if each[0].names_mail][:1]


def _best(signed: list[_Signed], message: Message, keyring: Keyring) -> _Signed | None:
    sender = message.sender
    own = (each for each in signed if sender is not None and keyring.issued_to(each[0], sender))
    return next(own, signed[0] if signed else None)


def _confirming(message: Message, keyring: Keyring, today: date) -> _Signed | None:
    """The confirmation that the answered letter asked for.

    Not one from further back in the thread: a yes to a later letter is no yes to that one. The last of References is
    the answered letter where In-Reply-To is missing (RFC 5322 3.6.4). A mail that answers two of them confirms neither.
    """
    answered = message.in_reply_to or message.references[-1:]
    found = _signed(message, answered, keyring)
    good = [each for each in found if each[0].names_confirmation and each[0].is_good_on(today)]
    return good[0] if len({capability.subject for capability, _ in good}) == 1 else None


def _because(best: _Signed | None, expired: Capability | None, number: Reference | None) -> str:
    if best is not None:
        return best[1]
    if expired is not None:
        return "a signed reference that has expired"
    return f"number {number} in the subject" if number else "no reference found"


def find_number(subject: str, prefix: str) -> Reference | None:
    """Our own tag `[KV-2026-0042]`, also without brackets; None when two different numbers stand there.

    Tags of other systems are not ours, whatever stands in them: `[#1234]`, `[TOPdesk KV-2026-0042]`.
    """
    text = _BRACKETS.sub(lambda tag: tag[0] if _is_own(tag[0], prefix) else " ", subject[:_LONGEST_SUBJECT])
    shape = rf"(?<![\w.#/-]){re.escape(prefix)}-\d{{4}}-\d{{4,9}}(?![\w-])"
    found = {Reference.parse(match) for match in re.findall(shape, text, re.ASCII | re.IGNORECASE)}
    return found.pop() if len(found) == 1 else None


def find_partner_code(subject: str, prefix: str) -> str:
    """The code of a partner in our own tag, `[KV-2026-0042/BZ]`, as it was written; "" when there is none."""
    shape = rf"(?<![\w.#/-]){re.escape(prefix)}-\d{{4}}-\d{{4,9}}/([A-Za-z][A-Za-z0-9]{{0,15}})(?![\w-])"
    ours = _BRACKETS.sub(lambda tag: tag[0] if _is_own(tag[0], prefix) else " ", subject[:_LONGEST_SUBJECT])
    found = re.search(shape, ours, re.ASCII | re.IGNORECASE)
    return found[1] if found else ""


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


def _signed(message: Message, answers: tuple[str, ...], keyring: Keyring) -> Iterator[_Signed]:
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
