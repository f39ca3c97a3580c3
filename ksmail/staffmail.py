"""Everything that is needed to judge a mail of somebody on the staff list. Reads the store, changes nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ksmail.address import Address
from ksmail.capability import Audience, Capability, Keyring
from ksmail.desk.authority import prove
from ksmail.desk.case import Case, HeldMail, Proven, StaffMail
from ksmail.desk.idle import NOTE, NOTHING
from ksmail.desk.leaks import Leak, LeakKind
from ksmail.desk.letter import LetterKind
from ksmail.desk.mistake import Mistake
from ksmail.desk.order import Option, Order, Verb
from ksmail.desk.orders import Orders, read_orders, row_of
from ksmail.desk.partner import find_partner
from ksmail.desk.people import Person, find_person
from ksmail.desk.policy import Policy
from ksmail.desk.promise import received_on
from ksmail.desk.ticket import EntryKind, Ticket
from ksmail.incoming.enclosures import enclosed_on_purpose
from ksmail.incoming.evidence import Evidence
from ksmail.incoming.files import extract
from ksmail.incoming.identify import Roster, is_ours
from ksmail.incoming.identity import Identity, Role
from ksmail.incoming.institution import Institutions
from ksmail.incoming.limits import Limits
from ksmail.incoming.lookalike import resembles_domain
from ksmail.incoming.message import Attachment, Message
from ksmail.incoming.reply import trim
from ksmail.incoming.text import TEXT_CUT
from ksmail.incoming.words import words_hash
from ksmail.listmail import ListRoom, number_of
from ksmail.outgoing.leak import File, Known, find_leaks
from ksmail.store.store import Reader
from ksmail.store.values import Awaited, Pending

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
CONFIRM_LIFE = timedelta(days=7)  # how long a yes counts
QUEUE = 50  # lines of the list of open questions
_ANSWERS = (LetterKind.STAFF_RECEIPT, LetterKind.STAFF_TRANSCRIPT)  # what answers a mail of theirs

# What leaves with words that somebody wrote below it, or makes them the asker's own.
_WRITES = frozenset({Verb.ANSWER, Verb.ASK, Verb.CORRECT, Verb.SPLIT})
# What staff wrote in order to have it sent: to repeat it gives away nothing that partners wrote.
_OURS = frozenset({EntryKind.ORDER, EntryKind.REQUEST})
_TO_PARTNERS = frozenset({Verb.CONSULT, Verb.UPDATE})
_YES = frozenset({"ja", "yes", "ok", "oké", "oke", "okay", "akkoord", "jawel", "bevestigd", "confirmed"})
_BESIDE_YES = frozenset({
    "doe", "dat", "maar", "graag", "hoor", "prima", "goed", "uitvoeren", "is", "oke",
    "please", "do", "it", "go", "ahead", "fine", "sure", "this",
})  # fmt: skip
_GREETINGS = frozenset({"groet", "groeten", "mvg", "regards", "groetjes", "cheers", "sincerely"})
_NO = frozenset({"nee", "neen", "no", "stop", "niet", "not"})
_DOUBTS = _NO | {"maar", "wacht", "eerst", "nog", "tenzij", "but", "wait", "first", "unless", "yet", "afwezig"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRoom:
    """What the reading of staff's mail needs of the desk."""

    policy: Policy
    roster: Roster
    keyring: Keyring
    limits: Limits
    institutions: Institutions

    def read(
        self,
        past: Reader,
        mail: Pending,
        message: Message,
        identity: Identity,
        evidence: Evidence,
        ticket: Ticket | None,
        now: datetime,
    ) -> StaffMail | None:
        """None for a mail whose author nobody on the staff list is."""
        person = find_person(self.policy.staff, identity.address)
        listed = person is not None
        if person is None and identity.address == self.policy.team:
            person = Person(name="team", address=self.policy.team, language=self.policy.staff_language)
        if person is None:
            return None
        proofs = prove(identity, evidence, self._is_his(evidence.capability, person), self.policy, listed=listed)
        reply = trim(message.text, strict=True)
        today = received_on(mail.received_at, self.policy.timezone)
        staff = StaffMail(
            person=person,
            proofs=proofs,
            reply=reply,
            orders=read_orders(reply.own, today=today),
            number=mail.number,
            text=message.text,
            files=message.attachments,
            letters_hour=sum(self._letters(past, kind, now - HOUR, person) for kind in _ANSWERS),
            notes_day=past.receipts_since(now - DAY, person.address, NOTE),
            idle_hour=past.receipts_since(now - HOUR, person.address, NOTHING),
            idle_day=past.receipts_since(now - DAY, person.address, NOTHING),
            away_letters=self._letters(past, LetterKind.STAFF_AWAY, now - WEEK, person),
            confirm_letters=self._letters(past, LetterKind.CONFIRM, now - HOUR, person),
            cut_short=any(remark.startswith(TEXT_CUT) for remark in message.remarks),
            dropped=self._dropped(message, ticket),
        )
        capability = evidence.capability
        held = capability.number if capability is not None and capability.names_mail else 0
        awaited = self._awaited(past, evidence, person, now)
        if awaited is not None:
            staff, held = self._confirming(staff, awaited, now), number_of(awaited, "Q")
        staff = self._with_case(past, staff, past.held_mail(held) if held else None, ticket)
        lists = ListRoom(policy=self.policy, keyring=self.keyring, gather=self._with_case)
        return replace(staff, listed=lists.read(past, mail, staff, evidence, awaited))

    def _letters(self, past: Reader, kind: LetterKind, since: datetime, person: Person) -> int:
        return past.staff_letters_since(kind, since, to=person.address)

    def _is_his(self, capability: Capability | None, person: Person) -> bool:
        """Issued to one of his addresses, or to the team that everybody on the list belongs to."""
        if capability is None or capability.audience is not Audience.STAFF:
            return False
        return any(
            self.keyring.issued_to(capability, each) for each in (person.address, *person.others, self.policy.team)
        )

    def _dropped(self, message: Message, ticket: Ticket | None) -> tuple[Address, ...]:
        known = self.roster.staff + self.roster.partners
        return tuple(
            address
            for address in dict.fromkeys(message.recipients)
            if not is_ours(address, self.roster)
            and address not in known
            and (ticket is None or not ticket.has_part(address))
        )[:20]

    def _awaited(self, past: Reader, evidence: Evidence, person: Person, now: datetime) -> Awaited | None:
        reference = evidence.confirmation
        if reference is None or not reference.is_good_on(now.astimezone(UTC).date()):
            return None
        awaited = past.confirmation(reference.number)
        return awaited if awaited is not None and self._may_confirm(reference, awaited, person) else None

    def _confirming(self, staff: StaffMail, awaited: Awaited, now: datetime) -> StaffMail:
        """An answer to a request to confirm is about the orders of the earlier mail, read as on the day it came."""
        reply = trim(awaited.text, strict=True)
        one_time = Proven(True, f"it answers the one-time reference C-{awaited.mail}, which went to him alone")
        return replace(
            staff,
            proofs=replace(staff.proofs, issued=one_time),
            reply=reply,
            orders=read_orders(reply.own, today=received_on(awaited.received_at, self.policy.timezone)),
            number=awaited.mail,
            text=awaited.text,
            files=awaited.files,
            confirms=awaited.mail,
            answer=_answer(staff.reply.own) if awaited.open and now - awaited.asked_at <= CONFIRM_LIFE else "late",
            shown=awaited.shown,
        )

    def _may_confirm(self, reference: Capability, awaited: Awaited, person: Person) -> bool:
        return awaited.who == person.address and self.keyring.issued_to(reference, person.address)

    def _with_case(self, past: Reader, staff: StaffMail, held: HeldMail | None, ticket: Ticket | None) -> StaffMail:
        case = past.case(ticket.reference) if ticket else None
        found = staff.orders.orders if isinstance(staff.orders, Orders) else ()
        named = next((order.reference for order in found if order.reference is not None), None)
        other = past.find_ticket(named) if named else None
        files, leaks = self._sent_along(past, staff, case, ticket)
        unusual = self._unusual(past, found, ticket)
        return replace(
            staff,
            files=files,
            leaks=leaks,
            case=case,
            other=other,
            other_case=past.case(other.reference) if other else None,
            held=held,
            queue=past.open_tickets(QUEUE) if any(order.verb is Verb.STATUS for order in found) else (),
            institution=self.institutions.find(ticket.asker.domain) if ticket else None,
            unusual=unusual,
        )

    def _unusual(self, past: Reader, found: Sequence[Order], ticket: Ticket | None) -> tuple[Address, ...]:
        """Whom a letter must not reach for the first time without a second look: a liaison at a domain that is not its
        partner's, and whoever is at a domain that differs in one letter from one that we know."""
        codes = {code for order in found for code in order.partners}
        if ticket is not None and any(order.verb is Verb.SHARE for order in found):
            codes |= {each.partner for each in ticket.consultations}  # a position goes to the others
        partners = {find_partner(self.policy.partners, code) for code in codes}
        liaisons = [each for each in partners if each is not None and each.liaison is not None]
        odd = [each.liaison for each in liaisons if each.liaison and not each.has_usual_liaison]
        if ticket is not None and any(row_of(order.verb).leaves for order in found):
            askers = (person.address for person in ticket.participants if person.part in ("asker", "copied"))
            odd += [address for address in askers if self._resembles(address.domain)]
        return tuple(address for address in dict.fromkeys(odd) if not past.was_written_to(address))

    def _resembles(self, domain: str) -> bool:
        if self.institutions.find(domain) is not None:
            return False
        known = {own for partner in self.policy.partners for own in partner.domains} | set(self.institutions.domains)
        return domain not in known and resembles_domain(domain, known)

    def _sent_along(
        self, past: Reader, staff: StaffMail, case: Case | None, ticket: Ticket | None
    ) -> tuple[tuple[Attachment, ...], tuple[Leak, ...]]:
        """The files that go along with words that leave, and what had better not leave of both."""
        if isinstance(staff.orders, Mistake) or ticket is None or case is None:
            return (), ()
        reasons = tuple(order.reason for order in staff.orders.orders if order.tells_asker)
        consults = any(order.verb in _TO_PARTNERS for order in staff.orders.orders)
        if not reasons and not consults and not any(order.verb in _WRITES for order in staff.orders.orders):
            return (), ()
        files: tuple[Attachment, ...] = ()
        opened: list[File] = []
        raw = _bytes_of(past, staff.number) if staff.files else b""
        if raw:
            wanted = enclosed_on_purpose(raw, self.limits)
            files = tuple(file for file in staff.files if file.sha256 in wanted)
            data = extract(raw, self.limits, wanted)
            opened = [File(file.name, file.content_type, data[file.sha256]) for file in files]
        known = self._known(ticket, case, staff)
        beside = find_leaks("\n".join(reasons), [], known) if reasons else ()  # a reason goes to the asker, always
        if consults:
            codes = {code for order in staff.orders.orders for code in order.partners}
            known = self._known_to_partners(known, case, codes)
        leaks = find_leaks(staff.orders.text, opened, known)
        return files, tuple(dict.fromkeys((*leaks, *beside, *self._marked_files(past, staff.orders, case, known))))

    def _marked_files(self, past: Reader, orders: Orders, case: Case, known: Known) -> tuple[Leak, ...]:
        """Files of the asker go along unread by anybody, but not with a marking."""
        if not any(Option.ATTACHMENTS in order.options for order in orders.orders):
            return ()
        found: list[File] = []
        here = [each for each in case.files if not each.purged]
        for mail in dict.fromkeys(each.mail for each in here):
            files = {each.file.sha256: each.file for each in here if each.mail == mail}
            raw = _bytes_of(past, mail)
            data = extract(raw, self.limits, set(files)) if raw else {}
            found += [File(files[sha256].name, files[sha256].content_type, data[sha256]) for sha256 in data]
        return tuple(leak for leak in find_leaks("", found, known) if leak.kind is LeakKind.MARKING)

    def _known_to_partners(self, known: Known, case: Case, codes: set[str]) -> Known:
        """What goes to partners may repeat what each of them was told before, and to one alone its own words."""
        to = {find_partner(self.policy.partners, code) for code in codes} - {None}
        told = [
            {text.text for text in case.texts if text.kind is EntryKind.REQUEST and one.is_called(text.partner)}
            for one in to
            if one is not None
        ]
        all_of_them = set.intersection(*told) if told else set[str]()
        alone = next(iter(to)) if len(to) == 1 else None
        theirs = [text for text in case.texts if text.role is Role.PARTNER and text.audience is not Audience.ASKER]
        own = [text for text in theirs if alone is not None and alone.is_called(text.partner)]
        others = tuple(text.text for text in theirs if text not in own)
        return replace(known, shared=(*known.shared, *sorted(all_of_them), *(t.text for t in own)), partner=others)

    def _known(self, ticket: Ticket, case: Case, staff: StaffMail) -> Known:
        """What the asker's side knows, and what it must not learn. A mail with orders is neither: its words are what is
        being sent. Nor is the writer's own note of the very same words: he forgot the verb, and sends it now."""
        words = words_hash(staff.orders.text) if isinstance(staff.orders, Orders) else ""
        inside = [
            text
            for text in case.texts
            if text.audience is not Audience.ASKER
            and not (staff.person.writes_from(text.author) and words_hash(text.text) == words)
        ]
        people = (person.address for person in ticket.participants)
        domains = {address.domain for address in (*self.roster.ourselves, self.policy.team)}
        return Known(
            reference=ticket.reference,
            prefix=self.policy.prefix,
            shared=tuple(text.text for text in case.texts if text.audience is Audience.ASKER),
            internal=tuple(t.text for t in inside if t.role is not Role.PARTNER and t.kind not in _OURS),
            partner=tuple(text.text for text in inside if text.role is Role.PARTNER),
            people=(*people, *self.roster.ourselves),
            own_domains=tuple(sorted(domains)),
            markings=self.policy.markings,
            sealed=frozenset(each.file.sha256 for each in case.files if each.sealed),
        )


def _bytes_of(past: Reader, number: int) -> bytes:
    """Nothing for a mail that is only explained, and for one that was destroyed."""
    try:
        return past.raw(number)
    except LookupError:
        return b""


def _answer(own: str) -> str:
    """What somebody says to a request to confirm: yes, no or neither.

    Yes is a first line of nothing but yes, and no doubt below it: "Ok, but please wait" is none, and neither is the
    answer of a machine. Whoever begins with no never means yes.
    """
    lines = [line for line in own.casefold()[:2000].splitlines() if line.strip("# \t\xa0")]
    words = [re.findall(r"[^\W\d_]+", line) for line in lines]
    if not words or not words[0]:
        return ""
    if words[0][0] in _NO:
        return "no"
    greeting = next((at for at, line in enumerate(words) if at and set(line) & _GREETINGS), len(words))
    below = {word for line in words[1:greeting] for word in line}
    said = set(words[0])
    plain = words[0][0] in _YES and said <= _YES | _BESIDE_YES and ("doe" in said or "maar" not in said)
    return "yes" if plain and "?" not in "\n".join(lines[:greeting]) and not below & _DOUBTS else ""
