"""What the fate of one letter means: for its ticket, for its promise, and for staff, who may have to hear of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ksmail.address import Address, parse_address
from ksmail.desk.acts import Act
from ksmail.desk.case import Returned
from ksmail.desk.farewell import farewell, let_go
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.policy import Policy
from ksmail.desk.requests import Sender
from ksmail.desk.returned import came_back, unsure
from ksmail.desk.sending import once_taken
from ksmail.desk.ticket import Acknowledged, Change, Flag, Flagged, Ticket, evolve
from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.transport import Bounced, Deferred, Outcome, Sent, Uncertain

_ACKNOWLEDGEMENTS = frozenset({LetterKind.ACK.value, LetterKind.ACK_LATE.value, LetterKind.LINKED_NEW.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """`changes` come with the reason why; `ticket` is the ticket afterwards."""

    ticket: Ticket | None
    changes: tuple[tuple[Change, str], ...] = ()
    letters: tuple[Letter, ...] = ()
    acts: tuple[Act, ...] = ()

    def then(self, because: str, *changes: Change) -> Aftermath:
        ticket = self.ticket
        for change in changes if ticket is not None else ():
            ticket = evolve(ticket, change)
        return replace(self, ticket=ticket, changes=(*self.changes, *((change, because) for change in changes)))


def aftermath(
    mail: OutgoingMail,
    outcomes: Mapping[str, Outcome],
    next_at: datetime | None,
    ticket: Ticket | None,
    policy: Policy,
    *,
    now: datetime,
    absent: Collection[Address],
) -> Aftermath:
    """What follows from one attempt to send `mail`, by the outcome for each recipient. Pure. `next_at` is when it is
    tried again, None when it is not; `now` is aware, UTC."""
    found = Aftermath(ticket=ticket)
    for recipient, outcome in outcomes.items():
        first = recipient == mail.recipients[0]
        match outcome:
            case Sent() if first:
                found = _taken(found, mail, policy, now)
            case Bounced(reason):
                returned = _returned(mail, recipient, reason)
                found = _refused(found, returned, f"refused for ever: {reason}", policy, now, absent)
            case Deferred(reason) if next_at is None:
                returned = _returned(mail, recipient, reason)
                given_up = _refused(found, returned, f"given up: {reason}", policy, now, absent)
                found = replace(given_up, acts=found.acts)  # what was refused for now silences no address
            case Uncertain(reason):
                found = _unsure(found, _returned(mail, recipient, reason), next_at, policy, now, absent)
            case _:
                pass
    return found


def _taken(found: Aftermath, mail: OutgoingMail, policy: Policy, now: datetime) -> Aftermath:
    if mail.kind in _ACKNOWLEDGEMENTS:
        found = found.then("the mail server took the acknowledgement", Acknowledged(mail.message_id))
    if found.ticket is None or not mail.then:
        return found
    before = found.ticket
    changes = let_go(before, once_taken(before, mail.then, now, policy))
    by = parse_address(mail.carries.by) if mail.carries.by else None
    goodbyes = farewell(before, changes, Sender(policy=policy, cause=f"over {mail.message_id}", by=by))
    taken = found.then("the mail server took the letter", *changes)
    return replace(taken, letters=(*taken.letters, *goodbyes))


def _refused(
    found: Aftermath,
    returned: Returned,
    because: str,
    policy: Policy,
    now: datetime,
    absent: Collection[Address],
) -> Aftermath:
    """A letter that was refused at once changes what a report that comes later would change."""
    after = came_back(found.ticket, returned, policy, now=now, absent=absent)
    changes = after.changes or (Flagged(Flag.LETTER_BOUNCED, returned.kind),)
    told = replace(found, letters=(*found.letters, *after.letters), acts=(*found.acts, *after.acts))
    return told.then(because, *changes)


def _unsure(
    found: Aftermath,
    returned: Returned,
    next_at: datetime | None,
    policy: Policy,
    now: datetime,
    absent: Collection[Address],
) -> Aftermath:
    """Better twice than never (RFC 1047), but what a person wrote waits for a word of a person."""
    flag = Flag.LETTER_BOUNCED if next_at is None else Flag.LETTER_TWICE
    because = f"nobody knows whether it was taken: {returned.reason}"
    kind = LetterKind(returned.kind)
    if not kind.by_a_person and not (kind.asks_a_person and next_at is None):
        return found.then(because, Flagged(flag, returned.kind))
    told = unsure(found.ticket, returned, policy, now=now, absent=absent) if found.ticket else ()
    return replace(found, letters=(*found.letters, *told))


def _returned(mail: OutgoingMail, recipient: str, reason: str) -> Returned:
    return Returned(
        kind=mail.kind,
        message_id=mail.message_id,
        recipient=recipient,
        reason=reason,
        first_recipient=recipient == mail.recipients[0],
    )
