"""Judging one mail: gather the facts, decide, write the letters. Reads the store, changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ksmail.address import Address
from ksmail.capability import Keyring
from ksmail.desk.arrival import Arrival, Correspondent, Decision, Disposition, Twin
from ksmail.desk.case import Returned, StaffMail
from ksmail.desk.decide import decide
from ksmail.desk.letter import LetterKind
from ksmail.desk.notices import decide_unreadable
from ksmail.desk.policy import Policy
from ksmail.desk.promise import received_on
from ksmail.desk.ticket import Ticket
from ksmail.errors import UnreadableMail
from ksmail.incoming.classify import classify
from ksmail.incoming.evidence import SEVERAL, Evidence, find_evidence
from ksmail.incoming.form import Form, asker_of, find_form
from ksmail.incoming.identify import Roster, identify, is_ours
from ksmail.incoming.identity import Proof, Role
from ksmail.incoming.institution import Institutions
from ksmail.incoming.language import guess_language
from ksmail.incoming.limits import Limits
from ksmail.incoming.lookalike import resembled
from ksmail.incoming.message import Message
from ksmail.incoming.verdict import Sort, Verdict
from ksmail.incoming.words import own_words, words_hash
from ksmail.outgoing.compose import Composer
from ksmail.outgoing.mail import OutgoingMail
from ksmail.partnermail import PartnerRoom
from ksmail.reference import Reference
from ksmail.staffmail import StaffRoom
from ksmail.store.store import Reader
from ksmail.store.values import Pending
from ksmail.writing import Writer

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MAX_COPIED = 20
_MOST_MERGES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A decision with its finished letters, and the facts it was made of (None for an unreadable mail)."""

    decision: Decision
    mails: tuple[OutgoingMail, ...]
    arrival: Arrival | None = None
    asker: Address | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
    """Everything a judgement needs besides the mail and the store."""

    policy: Policy
    roster: Roster
    forms: tuple[Form, ...]
    institutions: Institutions
    keyring: Keyring
    composer: Composer
    limits: Limits
    require_return_path: bool = False

    def judge(self, past: Reader, mail: Pending, message: Message | UnreadableMail, now: datetime) -> Judged:
        """The decision about one mail and the letters it asks for, as finished bytes."""
        if isinstance(message, UnreadableMail):
            return self._unreadable(past, mail, message, now)
        arrival = self.gather(past, mail, message, now)
        decision = decide(arrival, self.policy)
        return Judged(
            decision=decision,
            mails=self.compose(past, decision, now),
            arrival=arrival,
            asker=arrival.sender.asker if arrival.sender else None,
            words=_words(message),
        )

    def _unreadable(self, past: Reader, mail: Pending, fault: UnreadableMail, now: datetime) -> Judged:
        same = None if mail.incomplete else past.find_same_bytes(mail.number)
        if same is not None:
            because = f"another copy of mail {same.number}"
            again = Decision(disposition=Disposition.DUPLICATE, because=because, ticket=same.ticket)
            return Judged(decision=again, mails=())
        told = self._quarantine_notices(past, now)
        decision = decide_unreadable(str(fault), mail.number, mail.size, mail.received_at, told, self.policy)
        return Judged(decision=decision, mails=self.compose(past, decision, now))

    def compose(self, past: Reader, decision: Decision, now: datetime) -> tuple[OutgoingMail, ...]:
        """The letters of a decision, written. A receipt comes last: it shows what the others say."""
        writer = Writer(
            composer=self.composer,
            past=past,
            limits=self.limits,
            ticket=decision.ticket,
            elsewhere=(*decision.elsewhere, *decision.drafted),
            now=now,
        )
        return writer.write(decision.letters, decision.drafts)

    def gather(self, past: Reader, mail: Pending, message: Message, now: datetime) -> Arrival:
        """All look-ups in one place, so that deciding needs none."""
        form = find_form(message, self.forms)
        verdict = classify(
            message, self.keyring, self.roster.ourselves, form=form, require_return_path=self.require_return_path
        )
        sender = self._correspondent(past, message, form, now)
        evidence = find_evidence(message, self.keyring, self.policy.prefix, now.astimezone(UTC).date())
        if not _is_one_story(past, evidence):
            evidence = Evidence(confirmation=evidence.confirmation, several=True, because=SEVERAL)
        partners = PartnerRoom(policy=self.policy, keyring=self.keyring)
        ticket, found_by = _find_ticket(past, evidence, sender, partners)
        returned, reported = _returned(past, message) if verdict.sort is Sort.BOUNCE else ((), None)
        twin = self._twin(past, mail, message, sender, verdict)
        grows = reported or ticket or (twin.ticket if twin else None)
        year = received_on(mail.received_at, self.policy.timezone).year
        return Arrival(
            message=message,
            verdict=verdict,
            language=guess_language(message.text),
            sender=sender,
            evidence=evidence,
            ticket=reported or ticket,
            found_by=found_by,
            twin=twin,
            message_id_reused=message.message_id_given
            and past.message_id_known(message.message_id, message.content_id),
            next_reference=past.next_reference(self.policy.prefix, year),
            mail_number=mail.number,
            size=mail.size,
            quarantine_letters_hour=self._quarantine_notices(past, now),
            followup_letters_hour=self._notices_about(past, grows, now),
            predates_desk=self._predates_desk(past, mail, now),
            own_words=own_words(message.text),
            staff=self._staff(past, mail, message, sender, evidence, ticket, now),
            partner=partners.read(message, sender.identity, evidence, ticket, mail.received_at)
            if sender is not None and not sender.via_form and sender.identity.address == message.sender
            else None,
            case=past.case(grows.reference) if grows else None,
            returned=returned,
            absent=past.absent_on(received_on(now, self.policy.timezone)),
            released=mail.released,
            resembles=resembled(sender.identity.address, self.roster.staff) if sender else None,
            received_at=mail.received_at,
            now=now,
        )

    def _notices_about(self, past: Reader, ticket: Ticket | None, now: datetime) -> int:
        """How many notices there were in the last hour about what others added to this ticket."""
        kinds = (LetterKind.STAFF_FOLLOWUP, LetterKind.STAFF_PARTNER_REPLY)
        about = str(ticket.reference) if ticket else ""
        return sum(past.staff_letters_since(kind, now - HOUR, about) for kind in kinds) if about else 0

    def _quarantine_notices(self, past: Reader, now: datetime) -> int:
        """The team hears of each, others of some: counted are the mails, not the letters about them."""
        return past.staff_letters_since(LetterKind.STAFF_QUARANTINE, now - HOUR, to=self.policy.team)

    def _staff(
        self,
        past: Reader,
        mail: Pending,
        message: Message,
        sender: Correspondent | None,
        evidence: Evidence,
        ticket: Ticket | None,
        now: datetime,
    ) -> StaffMail | None:
        """Only From names staff: what a form or a Reply-To says of them is somebody else's word."""
        if sender is None or sender.via_form or sender.identity.address != message.sender:
            return None
        room = StaffRoom(
            policy=self.policy,
            roster=self.roster,
            keyring=self.keyring,
            limits=self.limits,
            institutions=self.institutions,
        )
        return room.read(past, mail, message, sender.identity, evidence, ticket, now)

    def _correspondent(self, past: Reader, message: Message, form: Form | None, now: datetime) -> Correspondent | None:
        machines = tuple(each.sender for each in self.forms)
        asker = asker_of(message, form, self.roster.ourselves + machines)
        author = asker if form else message.sender
        if asker is None or author is None:
            return None
        roles = {address: identify(message, self.roster, self.institutions, address) for address in (author, asker)}
        identity = roles[author]
        if form is not None and identify(message, self.roster, self.institutions).proof is Proof.FAILED:
            identity = replace(identity, proof=Proof.FAILED, because="our border says that the form did not send this")
        return Correspondent(
            identity=identity,
            asker=asker,
            asker_role=roles[asker].role,
            copied=self._copied(message, {author, asker}),
            via_form=form is not None,
            letters_hour=past.letters_since(now - HOUR, asker),
            letters_day=past.letters_since(now - DAY, asker),
            desk_letters_hour=past.letters_since(now - HOUR, None),
            suppressed=past.is_suppressed(asker, received_on(now, self.policy.timezone)),
        )

    def _copied(self, message: Message, known: set[Address]) -> tuple[Address, ...]:
        others = dict.fromkeys(address for address in message.recipients if address not in known)
        strangers = (
            a for a in others if not is_ours(a, self.roster) and a not in self.roster.staff + self.roster.partners
        )
        return tuple(strangers)[:MAX_COPIED]

    def _predates_desk(self, past: Reader, mail: Pending, now: datetime) -> bool:
        """Measured against the first mail ever taken, so that a first start may crash and go on as a first start."""
        return (past.began_at() or now) - mail.received_at > self.policy.oldest_answered

    def _twin(
        self, past: Reader, mail: Pending, message: Message, sender: Correspondent | None, verdict: Verdict
    ) -> Twin | None:
        """A copy that was put aside as a machine's, by a list's header say, must not swallow a person's mail."""
        of_a_person = verdict.sort in (Sort.PERSON, Sort.MACHINE_LIKE)
        same = past.find_same(message, mail.number, put_aside=not of_a_person)
        if same is not None:
            return Twin(same=True, because=f"another copy of mail {same.number}", ticket=same.ticket)
        if sender is None:
            return None
        since = mail.received_at - self.policy.duplicate_window
        ticket = past.find_same_words(sender.asker, _words(message), since)
        if ticket is None:
            return None
        return Twin(same=False, because="the same words by the same sender", ticket=ticket)


def _find_ticket(
    past: Reader, evidence: Evidence, sender: Correspondent | None, partners: PartnerRoom
) -> tuple[Ticket | None, str]:
    """A signed reference finds its ticket whoever writes; anything weaker only for somebody who has a part in it. A
    ticket that was put into another one leads there."""
    ticket, because = _named_ticket(past, evidence, sender, partners)
    for _ in range(_MOST_MERGES):
        if ticket is None or ticket.merged_into is None:
            break
        because = f"{because}; {ticket.reference} was put into {ticket.merged_into}"
        ticket = past.find_ticket(ticket.merged_into)
    return ticket, because


def _is_one_story(past: Reader, evidence: Evidence) -> bool:
    """Whether every ticket that is named further back in the thread led to the one whose letter is answered."""
    if evidence.capability is None or not evidence.further:
        return True
    own = _story(past, evidence.capability.subject)
    return all(own & _story(past, subject) for subject in evidence.further)


def _story(past: Reader, subject: str) -> set[Reference]:
    """A ticket with those that it was put into, split off, or goes on with."""
    found: set[Reference] = set()
    ticket = _ticket(past, subject)
    while ticket is not None and ticket.reference not in found and len(found) < _MOST_MERGES:
        found.add(ticket.reference)
        next_one = ticket.merged_into or ticket.continues
        ticket = past.find_ticket(next_one) if next_one else None
    return found


def _named_ticket(
    past: Reader, evidence: Evidence, sender: Correspondent | None, partners: PartnerRoom
) -> tuple[Ticket | None, str]:
    of_staff = sender is not None and sender.identity.role is Role.STAFF
    if evidence.confirmation is not None and evidence.capability is None and of_staff:
        awaited = past.confirmation(evidence.confirmation.number)
        if awaited is not None and awaited.ticket is not None:
            return past.find_ticket(awaited.ticket), "our request to confirm"
    named = evidence.capability
    if of_staff and named is not None and (named.names_mail or named.names_list):
        return None, ""  # they write about that mail or list; a number in the subject gives nobody a right to order
    if evidence.capability is not None:
        ticket = _ticket(past, evidence.capability.subject)
        if ticket is not None:
            return ticket, evidence.because
    number = past.find_ticket(evidence.number) if evidence.number else None
    for ticket, because in (
        (number, f"number {evidence.number} in the subject, and the sender has a part in it"),
        (past.find_by_answers(evidence.answers), "answers a mail in the ticket, and the sender has a part in it"),
    ):
        if ticket is None or sender is None:
            continue
        if _takes_part(ticket, sender) or partners.about(ticket, sender.identity.address):
            return ticket, because
    return None, ""


def _returned(past: Reader, message: Message) -> tuple[tuple[Returned, ...], Ticket | None]:
    """The letters of ours that a delivery report is about, by our own Message-ID or by the address it came back to.

    Reports can be forged (RFC 3464 4.1): only recipients to whom that very letter went count.
    """
    report = message.report
    letter = past.letter_behind(report.message_ids) if report else None
    if report is not None and letter is None:
        detailed = [address.spec for address in message.recipients if "+" in address.local]
        letter = next(filter(None, map(past.letter_by_envelope, detailed[:10])), None)
    if report is None or letter is None:
        return (), None
    ticket = past.find_ticket(letter.ticket) if letter.ticket else None
    if letter.kind == LetterKind.PARTNER_REQUEST and ticket is not None and ticket.merged_into is not None:
        ticket = past.find_ticket(ticket.merged_into)  # its consultations went there
    named = {spec.casefold(): spec for spec in letter.recipients}
    failed = [named[spec.casefold()] for spec in report.failed if spec.casefold() in named]
    if report.failed and not failed and len(letter.recipients) == 1:
        failed = list(letter.recipients)  # an alias on the way changed the name under which it was refused
    failed = [spec for spec in failed if spec not in letter.returned]  # a report counts once
    reason = f"{report.status} {report.reason}".strip()
    return tuple(
        Returned(
            kind=letter.kind,
            message_id=letter.message_id,
            recipient=spec,
            reason=reason,
            first_recipient=spec == letter.recipients[0],
            latest=letter.latest,
            letter=letter.id,
        )
        for spec in failed
    ), ticket


def _words(message: Message) -> str:
    return words_hash(message.text, (file.sha256 for file in message.attachments))


def _takes_part(ticket: Ticket, sender: Correspondent) -> bool:
    return ticket.has_part(sender.identity.address) or sender.identity.role in (Role.STAFF, Role.PARTNER)


def _ticket(past: Reader, subject: str) -> Ticket | None:
    try:
        return past.find_ticket(Reference.parse(subject))
    except ValueError:
        return None  # a quarantined mail's number: Q-17
