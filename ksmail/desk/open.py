"""A new question: its ticket, its promise, the acknowledgement and the notice to staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ksmail.capability import Audience
from ksmail.desk.acknowledge import held_back, silence, thread, verified_subject
from ksmail.desk.arrival import Arrival, Correspondent, Decision, Disposition
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.notices import cause
from ksmail.desk.policy import Policy
from ksmail.desk.promise import FirstPromise, closed_days, first_promise, received_on
from ksmail.desk.ticket import (
    Change,
    EntryKind,
    Flag,
    Flagged,
    Ground,
    Joined,
    Opened,
    Posted,
    Promised,
    PromiseState,
    Ticket,
    evolve,
)
from ksmail.incoming.message import Language
from ksmail.incoming.verdict import Silence


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A closed day that an asker should know of, with its name in both languages; a day that the desk chose itself has
    none, and needs none in a letter that says "we are closed"."""

    day: date
    name_nl: str
    name_en: str


def open_ticket(arrival: Arrival, policy: Policy) -> Decision:
    """Open a ticket for a question. Raises ValueError when nobody asked: rules before this one see to that."""
    sender = arrival.sender
    if sender is None:
        raise ValueError("a ticket needs an asker")
    promise = first_promise(arrival.received_at, arrival.now, policy)
    changes = _changes(arrival, sender, promise)
    ticket: Ticket | None = None
    for change in changes:
        ticket = evolve(ticket, change)
    quiet = silence(arrival, policy)
    letters = () if quiet else (_ack(arrival, sender, promise, policy),)
    notice = _staff_new(arrival, sender, promise, quiet, changes, policy)
    because = "new question" if quiet is None else f"new question, no acknowledgement: {quiet.value}"
    return Decision(
        disposition=Disposition.TICKET,
        because=because,
        ticket=ticket,
        changes=changes,
        letters=(*letters, notice),
    )


def _changes(arrival: Arrival, sender: Correspondent, promise: FirstPromise) -> tuple[Change, ...]:
    message = arrival.message
    opened = Opened(
        reference=arrival.next_reference,
        asker=sender.asker,
        language=arrival.language,
        subject=message.subject,
        received_at=arrival.received_at,
    )
    posted = Posted(
        kind=EntryKind.QUESTION,
        author=sender.identity.address,
        role=sender.identity.role,
        audience=Audience.ASKER,
        text=message.text,
        message_id=message.message_id,
        attachments=message.attachments,
    )
    return (opened, *_joined(sender), posted, *_promises(promise), *_flags(arrival))


def _joined(sender: Correspondent) -> tuple[Change, ...]:
    """From may differ from the asker (Reply-To): both have a part. The form's web server has none."""
    others = sender.copied if sender.via_form else (sender.identity.address, *sender.copied)
    return tuple(Joined(address, "copied") for address in others if address != sender.asker)


def _promises(promise: FirstPromise) -> tuple[Change, ...]:
    if promise.broken_on is None:
        return (Promised(promised_on=promise.promised_on, ground=Ground.RECEIVED),)
    return (
        Promised(promised_on=promise.broken_on, ground=Ground.RECEIVED, state=PromiseState.BROKEN),
        Promised(promised_on=promise.promised_on, ground=Ground.FETCHED_LATE),
    )


def _flags(arrival: Arrival) -> tuple[Change, ...]:
    flags: list[Change] = []
    if arrival.message_id_reused:
        flags.append(Flagged(Flag.MESSAGE_ID_REUSED))
    if arrival.message.recipients_cut:
        flags.append(Flagged(Flag.TRUNCATED))
    if arrival.evidence.number is not None:
        flags.append(Flagged(Flag.NUMBER_OF_OTHERS, str(arrival.evidence.number)))
    return tuple(flags)


def _ack(arrival: Arrival, sender: Correspondent, promise: FirstPromise, policy: Policy) -> Letter:
    in_reply_to, references = thread(arrival.message)
    institution = sender.identity.institution
    facts: dict[str, object] = {
        "subject": verified_subject(arrival),
        "received_at": arrival.received_at,
        "promised_on": promise.promised_on,
        "days": policy.workdays.count(promise.received_on, promise.promised_on),
        "closed_days": _named_days(arrival, promise, policy),
        "ask_institution": institution is None or institution.kind == "freemail",
    }
    if promise.broken_on is not None:
        facts["old_date"] = promise.broken_on
    return Letter(
        kind=LetterKind.ACK if promise.broken_on is None else LetterKind.ACK_LATE,
        to=sender.asker,
        language=arrival.language,
        about=str(arrival.next_reference),
        cause=cause(arrival.message, arrival.mail_number),
        facts=facts,
        in_reply_to=in_reply_to,
        references=references,
        held=held_back(arrival, policy),
    )


def _named_days(arrival: Arrival, promise: FirstPromise, policy: Policy) -> tuple[NamedDay, ...]:
    today = received_on(arrival.now, policy.timezone)
    first, last = (promise.received_on if promise.broken_on is None else today), promise.promised_on
    dutch = closed_days(first, last, policy, Language.NL)
    english = closed_days(first, last, policy, Language.EN)
    own = policy.workdays.calendar.closed
    return tuple(
        NamedDay(nl.day, "", "") if nl.day in own else NamedDay(nl.day, nl.name, en.name)
        for nl, en in zip(dutch, english, strict=True)
    )


def _staff_new(
    arrival: Arrival,
    sender: Correspondent,
    promise: FirstPromise,
    quiet: Silence | None,
    changes: tuple[Change, ...],
    policy: Policy,
) -> Letter:
    message = arrival.message
    held = "" if quiet else held_back(arrival, policy)
    return Letter(
        kind=LetterKind.STAFF_NEW,
        to=policy.team,
        language=policy.staff_language,
        about=str(arrival.next_reference),
        cause=cause(message, arrival.mail_number),
        facts={
            "author": sender.identity.address,
            "answer_to": None if sender.asker == sender.identity.address else sender.asker,
            "cc": sender.copied,
            "subject": message.subject,
            "text": message.text,
            "attachments": message.attachments,
            "institution": sender.identity.institution,
            "proof": sender.identity.proof.value,
            "asker_language": arrival.language.value,
            "received_at": arrival.received_at,
            "promised_on": promise.promised_on,
            "closed_days": _named_days(arrival, promise, policy),
            "flags": tuple(change for change in changes if isinstance(change, Flagged)),
            "silence": quiet.value if quiet else held,
            "held": bool(held),
            "via_form": sender.via_form,
            "late_from": promise.broken_on,
        },
    )
