"""A new question: its ticket, its promise, the acknowledgement and the notice to staff."""

from __future__ import annotations

from dataclasses import replace

from ksmail.capability import Audience
from ksmail.desk.acknowledge import held_back, silence, thread, verified_subject
from ksmail.desk.arrival import Arrival, Correspondent, Decision, Disposition, Elsewhere
from ksmail.desk.letter import Letter, LetterKind, Prepared
from ksmail.desk.notices import cause, numbered, personal_flags, prepared
from ksmail.desk.order import Verb
from ksmail.desk.partner import Partner
from ksmail.desk.policy import Policy
from ksmail.desk.promise import FirstPromise, first_promise, named_days, received_on
from ksmail.desk.promise import NamedDay as NamedDay  # a fact of letters about a new question, found here too
from ksmail.desk.suggestions import copied_partners, copies, may_consult, offered, suggested_partners
from ksmail.desk.ticket import (
    Change,
    ContinuedBy,
    Continues,
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
from ksmail.incoming.evidence import strip_subject
from ksmail.incoming.verdict import Silence


def open_ticket(arrival: Arrival, policy: Policy, *, earlier: Ticket | None = None) -> Decision:
    """Open a ticket for a question; `earlier` is the ticket that it goes on with, when that was over long ago. Raises
    ValueError when nobody asked: rules before this one see to that."""
    sender = arrival.sender
    if sender is None:
        raise ValueError("a ticket needs an asker")
    promise = first_promise(arrival.received_at, arrival.now, policy)
    changes = _changes(arrival, sender, promise, policy, earlier)
    ticket: Ticket | None = None
    for change in changes:
        ticket = evolve(ticket, change)
    quiet = silence(arrival, policy)
    letters = () if quiet else (_first_letter(arrival, sender, promise, policy, earlier),)
    asked = () if quiet or ticket is None else copied_partners(arrival, policy)
    if ticket is not None:
        letters = (*letters, *copies(arrival, policy, ticket, promise.promised_on, asked))
    because = "new question" if earlier is None else f"goes on with {earlier.reference}, which was over long ago"
    return Decision(
        disposition=Disposition.TICKET,
        because=because if quiet is None else f"{because}, no acknowledgement: {quiet.value}",
        ticket=ticket,
        changes=changes,
        letters=(*letters, _staff_new(arrival, sender, promise, quiet, changes, policy, asked)),
        elsewhere=(Elsewhere(earlier.reference, (ContinuedBy(arrival.next_reference),)),) if earlier else (),
    )


def _changes(
    arrival: Arrival, sender: Correspondent, promise: FirstPromise, policy: Policy, earlier: Ticket | None
) -> tuple[Change, ...]:
    message = arrival.message
    opened = Opened(
        reference=arrival.next_reference,
        asker=sender.asker,
        language=arrival.language,
        subject=strip_subject(message.subject, policy.prefix) if earlier else message.subject,
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
    linked = (Continues(earlier.reference),) if earlier else ()
    return (opened, *_joined(sender), posted, *linked, *_promises(promise), *_flags(arrival, earlier))


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


def _flags(arrival: Arrival, earlier: Ticket | None) -> tuple[Change, ...]:
    flags: list[Change] = []
    if arrival.message_id_reused:
        flags.append(Flagged(Flag.MESSAGE_ID_REUSED))
    if arrival.message.recipients_cut:
        flags.append(Flagged(Flag.TRUNCATED))
    if arrival.resembles is not None:
        flags.append(Flagged(Flag.RESEMBLES_STAFF, arrival.resembles.spec))
    if arrival.evidence.number is not None and earlier is None:
        flags.append(Flagged(Flag.NUMBER_OF_OTHERS, str(arrival.evidence.number)))
    return (*flags, *personal_flags(arrival))


def _first_letter(
    arrival: Arrival, sender: Correspondent, promise: FirstPromise, policy: Policy, earlier: Ticket | None
) -> Letter:
    ack = _ack(arrival, sender, promise, policy)
    if earlier is None:
        return ack
    facts = {name: ack.facts[name] for name in ("subject", "received_at", "promised_on", "days", "closed_days")}
    facts |= {"earlier": earlier.reference, "split": False}
    return replace(ack, kind=LetterKind.LINKED_NEW, facts=facts)


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
    first = promise.received_on if promise.broken_on is None else today
    return named_days(first, promise.promised_on, policy)


def _staff_new(
    arrival: Arrival,
    sender: Correspondent,
    promise: FirstPromise,
    quiet: Silence | None,
    changes: tuple[Change, ...],
    policy: Policy,
    asked: tuple[Partner, ...],
) -> Letter:
    message = arrival.message
    copied = tuple(partner.code for partner in asked)
    suggested = tuple(code for code in suggested_partners(arrival, policy) if code not in copied)
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
            "files": numbered(arrival),
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
            "suggested": suggested,
            "copied": copied,
        },
        prepared=_prepared(suggested, policy, can_stop=bool(copied and policy.hold)),
    )


def _prepared(suggested: tuple[str, ...], policy: Policy, *, can_stop: bool) -> tuple[Prepared, ...]:
    """What staff can do with two taps: first to call back what leaves by itself, then to ask whom a rule suggests."""
    language = policy.staff_language
    return (
        *(prepared(language, (Verb.STOP, Verb.NOW)) if can_stop else ()),
        *offered(suggested, language),
        *prepared(language),
        *(prepared(language, (Verb.CONSULT,)) if not suggested and may_consult(policy) else ()),
    )
