"""What staff are told about one mail, and what an asker is told whose mail we cannot read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from ksmail.address import Address
from ksmail.capability import Audience
from ksmail.desk.acknowledge import held_back, silence, thread, verified_subject
from ksmail.desk.arrival import Arrival, Decision, Disposition
from ksmail.desk.case import Case, NumberedFile, StaffMail, WaitingLetter
from ksmail.desk.consultation import Stage
from ksmail.desk.letter import Letter, LetterKind, Prepared
from ksmail.desk.order import Verb
from ksmail.desk.orders import Orders, row_of, written
from ksmail.desk.people import find_person
from ksmail.desk.personal import names_citizen
from ksmail.desk.policy import Notify, Policy
from ksmail.desk.progress import Scene
from ksmail.desk.ticket import Change, EntryKind, Flag, Flagged, Posted, Ticket, evolved
from ksmail.incoming.identity import Proof
from ksmail.incoming.message import Language, Message

# What a notice about a held mail says of it when it did not come in the name of staff.
NOT_OF_STAFF: Mapping[str, object] = {"orders": (), "claims": "", "proofs": ()}


# What a phone offers to send with two taps, in this order; the names are labels in templates/*/_shared/action.txt.
_OFFERED = (Verb.ANSWER, Verb.ASK, Verb.TAKE, Verb.NOTE, Verb.EXTEND, Verb.CLOSE)


def prepared(language: Language, verbs: Sequence[Verb] = _OFFERED) -> tuple[Prepared, ...]:
    """Replies with these orders, ready to be sent; what an order needs behind it is left to the writer."""
    lines = ((verb, f"#{row_of(verb).spelling(language)}") for verb in verbs)
    return tuple(Prepared(verb.value, f"{line} " if row_of(verb).takes else line) for verb, line in lines)


def notice_people(
    ticket: Ticket | None, absent: Collection[Address], policy: Policy
) -> tuple[tuple[Address, Language], ...]:
    """Who hears of what happens to a ticket: the team, or who handles it; somebody who is away does not."""
    team = (policy.team, policy.staff_language)
    who = find_person(policy.staff, ticket.assignee) if ticket is not None and ticket.assignee is not None else None
    if who is None or who.address in absent or policy.notify is Notify.TEAM:
        return (team,)
    own = (who.address, who.language)
    return (own,) if policy.notify is Notify.ASSIGNEE or who.address == policy.team else (own, team)


def question_facts(ticket: Ticket, case: Case) -> dict[str, object]:
    """What somebody must know who is handed a question."""
    asked = next((text for text in case.texts if text.kind is EntryKind.QUESTION), None)
    return {
        "text": asked.text if asked else "",
        "author": asked.author if asked else ticket.asker,
        "files": tuple(file for file in case.files if not file.purged),
        "promised_on": ticket.promised_on,
        "status": ticket.status.value,
    }


def numbered(arrival: Arrival) -> tuple[NumberedFile, ...]:
    """The files of this mail under the numbers that they get in their ticket."""
    before = len(arrival.case.files) if arrival.case else 0
    return tuple(
        NumberedFile(number, file, arrival.mail_number)
        for number, file in enumerate(arrival.message.attachments, before + 1)
    )


def personal_flags(arrival: Arrival) -> tuple[Flagged, ...]:
    """A mark for a mail with files like CVs, or with a citizen's number in its text."""
    files = ", ".join(str(each.number) for each in numbered(arrival) if each.sealed)
    found = bool(files) or names_citizen(arrival.own_words or arrival.message.text)
    return (Flagged(Flag.PERSONAL_DATA, files),) if found else ()


def staff_followups(
    arrival: Arrival, policy: Policy, ticket: Ticket, changes: Sequence[Change], status_note: str = ""
) -> tuple[Letter, ...]:
    """Somebody added something to a ticket. Beyond the cap the notice waits for the operator: a team member whose
    mail program answers each notice without a mark would otherwise get another one for ever."""
    posted = next(change for change in changes if isinstance(change, Posted))
    holder = find_person(policy.staff, ticket.assignee) if ticket.assignee else None
    waits = arrival.case is not None and bool(arrival.case.waiting)
    facts: dict[str, object] = {
        "author": posted.author,
        "text": posted.text,
        "files": numbered(arrival),
        "flags": tuple(change for change in changes if isinstance(change, Flagged)),
        "received_at": arrival.received_at,
        "promised_on": ticket.promised_on if ticket.status.is_open else None,
        "is_asker": posted.author == ticket.asker,
        "proof": arrival.sender.identity.proof.value if arrival.sender else Proof.NONE.value,
        "kind": posted.kind.value,
        "status_note": status_note,
        "waits": waits,
        "assignee": holder.name if holder else "",
    }
    return tuple(
        Letter(
            kind=LetterKind.STAFF_FOLLOWUP,
            to=to,
            language=language,
            about=str(ticket.reference),
            cause=cause(arrival.message, arrival.mail_number),
            facts=facts,
            held="ticket_cap" if arrival.followup_letters_hour >= policy.caps.followup_hour else "",
            prepared=(
                *(prepared(language, (Verb.STOP, Verb.NOW)) if waits else ()),
                *_told_on(ticket, language),
                *prepared(language),
            ),
        )
        for to, language in notice_people(ticket, arrival.absent, policy)
    )


def _told_on(ticket: Ticket, language: Language) -> tuple[Prepared, ...]:
    """What the asker adds can be passed on to the partners that were asked."""
    here = (Stage.SENT, Stage.REPLIED, Stage.CLOSED)
    codes = sorted(each.partner for each in ticket.consultations if each.stage in here)
    if not codes or not ticket.status.is_open:
        return ()
    return (Prepared("update", f"#{row_of(Verb.UPDATE).spelling(language)} {' '.join(codes)}"),)


def stopped_by_another(scene: Scene, waiting: Sequence[WaitingLetter], *, detained: bool) -> tuple[Letter, ...]:
    """Whoever ordered a letter hears that a colleague called it back, or that it waits because of his order."""
    ticket, who = scene.arrival.ticket, scene.staff.person
    if ticket is None:
        return ()
    found = ((letter, find_person(scene.policy.staff, letter.author)) for letter in waiting if letter.author)
    return tuple(
        Letter(
            kind=LetterKind.STAFF_STOPPED,
            to=author.address,
            language=author.language,
            about=str(ticket.reference),
            cause=f"{scene.cause} {letter.message_id}",
            facts={"by": who.name, "kind": letter.kind, "recipient": ", ".join(letter.to), "detained": detained},
            prepared=prepared(author.language, (Verb.NOW, Verb.STOP) if detained else _OFFERED),
        )
        for letter, author in found
        if author is not None and author != who
    )


def staff_held(arrival: Arrival, policy: Policy, staff: StaffMail, because: str) -> Decision:
    """A mail in the name of staff that is not proven to be his. Nothing in it is obeyed; the coordinators and the real
    staff member are told. Once a colleague has released it, it is kept as a note."""
    if arrival.released and arrival.ticket is not None:
        return _kept(arrival, arrival.ticket, because)
    language = staff.person.language
    lines = tuple(written(order, language) for order in staff.orders.orders) if isinstance(staff.orders, Orders) else ()
    if staff.listed is not None and staff.listed.orders_something:
        lines = tuple(line.written(language) for line in staff.listed.written.lines)
    proofs = (staff.proofs.listed, staff.proofs.issued, staff.proofs.genuine)
    facts: dict[str, object] = {
        "orders": lines,
        "claims": staff.person.name,
        "proofs": tuple(f"{'holds' if each.holds else 'fails'}: {each.because}" for each in proofs),
    }
    orders = not isinstance(staff.orders, Orders) or bool(staff.orders.orders)
    orders = orders or (staff.listed is not None and staff.listed.orders_something)
    told = [(policy.team, policy.staff_language)]
    told += [(person.address, person.language) for person in (*policy.coordinators, staff.person)]
    # Without an order it may be a machine of his that answers each letter: he gets none, or it would never end.
    heard = {to: language for to, language in told if orders or to != staff.person.address}
    return staff_quarantine(arrival, policy, Disposition.HELD, because, facts=facts, told=heard)


def _kept(arrival: Arrival, ticket: Ticket, because: str) -> Decision:
    message, sender = arrival.message, arrival.sender
    if sender is None:
        raise ValueError("a mail of staff has a sender")
    changes: tuple[Change, ...] = (
        Posted(
            kind=EntryKind.NOTE,
            author=sender.identity.address,
            role=sender.identity.role,
            audience=Audience.STAFF,
            text=message.text,
            message_id=message.message_id,
            attachments=message.attachments,
        ),
        Flagged(Flag.NOT_PROVEN),
    )
    after = evolved(ticket, changes)
    because = f"released by staff, kept as a note, nothing obeyed; {because}"
    return Decision(disposition=Disposition.FOLLOW_UP, because=because, ticket=after, changes=changes)


def staff_quarantine(
    arrival: Arrival,
    policy: Policy,
    disposition: Disposition,
    because: str,
    *,
    answer_unreadable: bool = False,
    marking: str = "",
    facts: Mapping[str, object] = NOT_OF_STAFF,
    told: Mapping[Address, Language] | None = None,
) -> Decision:
    """A mail that a person must look at: nothing in it is obeyed or answered, but an encrypted one may be. `told` are
    those who hear of it, the team where it is not given. Of one that bears a `marking` not even the subject is shown.
    """
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
            "subject": "" if marking else message.subject,
            "marking": marking,
            **facts,
        },
        told=told,
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
            "marking": "",
            **NOT_OF_STAFF,
        },
    )
    return Decision(disposition=Disposition.QUARANTINED, because=reason, letters=letters)


def quarantine_letters(
    policy: Policy,
    *,
    number: int,
    cause: str,
    told_this_hour: int,
    facts: dict[str, object],
    told: Mapping[Address, Language] | None = None,
) -> tuple[Letter, ...]:
    """One notice a mail, but no storm: beyond the cap the list is in `ksmail quarantine list`, and the last notice
    says so. Otherwise ten broken mails an hour would hide every other one that waits for staff."""
    if told_this_hour >= policy.caps.quarantine_hour:
        return ()
    last = told_this_hour == policy.caps.quarantine_hour - 1
    return tuple(
        Letter(
            kind=LetterKind.STAFF_QUARANTINE,
            to=to,
            language=language,
            about=f"Q-{number}",
            cause=cause,
            facts={"number": number, "last": last, **facts},
            prepared=prepared(language, (Verb.RELEASE, Verb.DROP)),
        )
        for to, language in ({policy.team: policy.staff_language} if told is None else told).items()
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
