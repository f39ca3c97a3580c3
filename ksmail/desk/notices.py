"""What staff are told about one mail, and what an asker is told whose mail we cannot read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ksmail.desk.acknowledge import held_back, silence, thread, verified_subject
from ksmail.desk.arrival import Arrival, Decision, Disposition
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.policy import Policy
from ksmail.desk.ticket import Change, EntryKind, Flagged, Posted, Ticket
from ksmail.incoming.identity import Proof
from ksmail.incoming.message import Message


def staff_followup(arrival: Arrival, policy: Policy, ticket: Ticket, changes: Sequence[Change]) -> Letter:
    """Somebody added something to a ticket. Beyond the cap the notice waits for the operator: a team member whose
    mail program answers each notice without a mark would otherwise get another one for ever."""
    posted = next(change for change in changes if isinstance(change, Posted))
    return Letter(
        kind=LetterKind.STAFF_FOLLOWUP,
        to=policy.team,
        language=policy.staff_language,
        about=str(ticket.reference),
        cause=cause(arrival.message, arrival.mail_number),
        facts={
            "author": posted.author,
            "text": posted.text,
            "attachments": posted.attachments,
            "flags": tuple(change for change in changes if isinstance(change, Flagged)),
            "received_at": arrival.received_at,
            "promised_on": ticket.promised_on,
            "is_asker": posted.author == ticket.asker,
            "proof": arrival.sender.identity.proof.value if arrival.sender else Proof.NONE.value,
            "kind": EntryKind.FOLLOW_UP.value,
        },
        held="ticket_cap" if arrival.followup_letters_hour >= policy.caps.followup_hour else "",
    )


def staff_quarantine(
    arrival: Arrival,
    policy: Policy,
    disposition: Disposition,
    because: str,
    *,
    answer_unreadable: bool = False,
) -> Decision:
    """A mail that a person must look at: nothing in it is obeyed or answered, but an encrypted one may be."""
    message = arrival.message
    letters = quarantine_letters(
        policy,
        number=arrival.mail_number,
        cause=cause(message, arrival.mail_number),
        told_this_hour=arrival.quarantine_letters_hour,
        facts={
            "disposition": disposition.value,
            "reason": because,
            "received_at": arrival.received_at,
            "size": arrival.size,
            "sender": message.sender.spec if message.sender else "",
            "subject": message.subject,
        },
    )
    if answer_unreadable:
        letters = (*_ack_unreadable(arrival, policy), *letters)
    return Decision(disposition=disposition, because=because, letters=letters)


def decide_unreadable(
    reason: str, number: int, size: int, received_at: datetime, told_this_hour: int, policy: Policy
) -> Decision:
    """A mail that no parser may see or that none could read. There is no sender to answer."""
    letters = quarantine_letters(
        policy,
        number=number,
        cause=f"mail {number}",
        told_this_hour=told_this_hour,
        facts={
            "disposition": Disposition.QUARANTINED.value,
            "reason": reason,
            "received_at": received_at,
            "size": size,
            "sender": "",
            "subject": "",
        },
    )
    return Decision(disposition=Disposition.QUARANTINED, because=reason, letters=letters)


def quarantine_letters(
    policy: Policy, *, number: int, cause: str, told_this_hour: int, facts: dict[str, object]
) -> tuple[Letter, ...]:
    """One notice a mail, but no storm: beyond the cap the list is in `ksmail quarantine list`, and the last notice
    says so. Otherwise ten broken mails an hour would hide every other one that waits for staff."""
    if told_this_hour >= policy.caps.quarantine_hour:
        return ()
    return (
        Letter(
            kind=LetterKind.STAFF_QUARANTINE,
            to=policy.team,
            language=policy.staff_language,
            about=f"Q-{number}",
            cause=cause,
            facts={"number": number, "last": told_this_hour == policy.caps.quarantine_hour - 1, **facts},
        ),
    )


def _ack_unreadable(arrival: Arrival, policy: Policy) -> tuple[Letter, ...]:
    if arrival.sender is None or silence(arrival, policy) is not None or arrival.ticket is not None:
        return ()
    in_reply_to, references = thread(arrival.message)
    return (
        Letter(
            kind=LetterKind.ACK_UNREADABLE,
            to=arrival.sender.asker,
            language=arrival.language,
            about=f"Q-{arrival.mail_number}",
            cause=cause(arrival.message, arrival.mail_number),
            facts={"subject": verified_subject(arrival), "received_at": arrival.received_at},
            in_reply_to=in_reply_to,
            references=references,
            held=held_back(arrival, policy),
        ),
    )


def cause(message: Message, number: int) -> str:
    """What names the mail behind a letter: its content, and its number for the same content sent on purpose twice."""
    return f"{message.content_id} {number}"
