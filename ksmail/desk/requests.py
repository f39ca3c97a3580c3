"""Letters to partners: what each is asked or told, in a mail of its own; and the one by which an asker hears of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ksmail.address import Address
from ksmail.capability import Audience
from ksmail.desk.case import Case, Text
from ksmail.desk.consultation import Consultation, ConsultationEnded, Consulted, Informed, Stage
from ksmail.desk.discreet import Discreet, discreet
from ksmail.desk.letter import Letter, LetterKind, Prepared
from ksmail.desk.order import Verb
from ksmail.desk.orders import HelpLine, help_lines, row_of
from ksmail.desk.partner import Partner
from ksmail.desk.policy import Policy
from ksmail.desk.positions import PositionLine
from ksmail.desk.promise import named_days
from ksmail.desk.signing import signed_names, without_signature
from ksmail.desk.ticket import Change, EntryKind, Ground, Posted, Promised, Ticket
from ksmail.incoming.evidence import strip_subject
from ksmail.incoming.identity import Institution, Role
from ksmail.incoming.message import Attachment, Language
from ksmail.incoming.words import own_words

_ANSWERS = (Verb.OK, Verb.OBJECT, Verb.INPUT, Verb.NOT_OURS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What goes to partners about a question. `text` is as it leaves, `removed` counts what was taken out of it.
    `is_question`: the asker wrote it. With `identity` it says who asks; `files` came with the mails `files_of`."""

    text: str
    is_question: bool
    removed: int = 0
    identity: bool = False
    institution: Institution | None = None
    files: tuple[Attachment, ...] = ()
    files_of: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """On whose behalf letters go: `by` is who ordered them, or None; `cause` names the mail that they come of. They can
    be called back for `wait`."""

    policy: Policy
    cause: str
    by: Address | None = None
    wait: timedelta = timedelta(0)


def text_for_partners(
    text: str,
    ticket: Ticket,
    institution: Institution | None,
    policy: Policy,
    *,
    written: Iterable[str],
    signed: bool,
) -> Discreet:
    """`text` without who asks; without the signature below it where it is `signed`, as an asker's mail is. `written` is
    what the asker's side wrote: its signatures say how people are called."""
    names = tuple(name for each in written for name in signed_names(each))
    people = tuple(person.address for person in ticket.participants)
    shown = without_signature(text) if signed else text
    return discreet(shown, people, institution, policy.staff_language, names)


def consultation_of(ticket: Ticket, partner: Partner) -> Consultation | None:
    """What this partner was asked, whatever its code was then."""
    return next((each for each in ticket.consultations if partner.is_called(each.partner)), None)


def known_as(ticket: Ticket, partner: Partner) -> str:
    """The code under which the ticket knows this partner: it may have got another one since."""
    consultation = consultation_of(ticket, partner)
    return consultation.partner if consultation is not None else partner.code


def asked(case: Case) -> str:
    """The question in the asker's own words, with those of the questions that were put into this one; "" when there is
    none."""
    questions = (own_words(text.text).strip() for text in case.texts if text.kind is EntryKind.QUESTION)
    return "\n\n".join(dict.fromkeys(filter(None, questions)))


def added(case: Case) -> str:
    """What the asker's side wrote last after the question; "" for nothing."""
    return next((own_words(text.text) for text in reversed(case.texts) if _is_added(text)), "")


def _is_added(text: Text) -> bool:
    return text.kind is EntryKind.FOLLOW_UP and text.audience is Audience.ASKER


def request(sender: Sender, ticket: Ticket, partner: Partner, copy: Copy, due_on: date) -> Letter:
    """Asks a partner. That it was consulted is true once a mail server has taken this letter."""
    liaison = _liaison(partner)
    before = consultation_of(ticket, partner)
    consulted = Consulted(
        partner=known_as(ticket, partner),
        to=liaison,
        due_on=due_on,
        message_id="",
        at=ticket.received_at,  # the moment at which it is taken takes its place
        identity=copy.identity,
        attachments=bool(copy.files),
    )
    facts = _facts(copy, ticket) | {"due_on": due_on, "again": before is not None}
    return _carrying(sender, LetterKind.PARTNER_REQUEST, ticket, partner, copy, facts, consulted)


def update(sender: Sender, ticket: Ticket, partner: Partner, copy: Copy) -> Letter:
    """Tells a partner more than it was told."""
    before = consultation_of(ticket, partner)
    informed = Informed(partner=known_as(ticket, partner), identity=copy.identity, attachments=bool(copy.files))
    facts = _facts(copy, ticket) | {"due_on": _still_due(before)}
    return _carrying(sender, LetterKind.PARTNER_UPDATE, ticket, partner, copy, facts, informed)


def shared(sender: Sender, ticket: Ticket, partner: Partner, line: PositionLine) -> Letter:
    """Shows a partner the position of another one."""
    facts = {"shared": (line,), "due_on": _still_due(consultation_of(ticket, partner)), **_how(partner)}
    then = (_posted(sender, known_as(ticket, partner), line.text),)
    return _letter(sender, LetterKind.PARTNER_SHARED, ticket, partner, facts, then=then, answers=True)


def withdrawn(sender: Sender, ticket: Ticket, partner: Partner, reason: str) -> Letter:
    """Tells a partner that it need not answer any more: "answered", "closed", "merged" or "withdrawn"."""
    ended = ConsultationEnded(known_as(ticket, partner), Stage.WITHDRAWN)
    return _letter(sender, LetterKind.PARTNER_WITHDRAWN, ticket, partner, {"reason": reason}, then=(ended,))


def outcome(sender: Sender, ticket: Ticket, partner: Partner, answered_on: date) -> Letter:
    """Tells a partner that the question was answered, not what."""
    return _letter(sender, LetterKind.PARTNER_OUTCOME, ticket, partner, {"answered_on": answered_on})


def reminder(
    sender: Sender, ticket: Ticket, partner: Partner, consultation: Consultation, asked_on: date, text: str
) -> Letter:
    """Tells a partner that its date has come."""
    facts = {"due_on": consultation.due_on, "asked_on": asked_on, "text": text, **_how(partner)}
    letter = _letter(sender, LetterKind.PARTNER_REMINDER, ticket, partner, facts, answers=True)
    return replace(letter, identity=consultation.identity)  # it repeats what was asked, and that may say who asks


def coordination_notice(
    letter: Letter, ticket: Ticket, partners: Iterable[Partner], promised_on: date, today: date, policy: Policy
) -> Letter:
    """`letter`, which is to the asker, as the one that tells him that partners are asked and by when he has his
    answer. Which partners is only said where the desk wants that; why never is."""
    later = ticket.promised_on if ticket.promised_on != promised_on else None
    facts: dict[str, object] = {
        "subject": strip_subject(ticket.subject, policy.prefix),
        "old_date": later,
        "promised_on": promised_on,
        "closed_days": named_days(today, promised_on, policy),
        "partners": tuple(partners) if policy.coordination.name_partners else (),
    }
    then = (Promised(promised_on=promised_on, ground=Ground.CONSULTED),)
    return replace(letter, kind=LetterKind.COORDINATION_NOTICE, facts=facts, then=then)


def _carrying(
    sender: Sender,
    kind: LetterKind,
    ticket: Ticket,
    partner: Partner,
    copy: Copy,
    facts: dict[str, object],
    told: Change,
) -> Letter:
    return _letter(
        sender,
        kind,
        ticket,
        partner,
        {**facts, **_how(partner)},
        then=(_posted(sender, known_as(ticket, partner), copy.text), told),
        copy=copy,
        answers=True,
    )


def _letter(
    sender: Sender,
    kind: LetterKind,
    ticket: Ticket,
    partner: Partner,
    facts: dict[str, object],
    *,
    then: tuple[Change, ...] = (),
    copy: Copy | None = None,
    answers: bool = False,
) -> Letter:
    before = consultation_of(ticket, partner)
    thread = (before.message_id,) if before is not None and before.message_id else ()
    tagged = {
        "reference": f"{ticket.reference}/{partner.code}",
        "partner_nl": partner.name_nl,
        "partner_en": partner.name_en,
    }
    return Letter(
        kind=kind,
        to=_liaison(partner),
        language=partner.language,
        about=str(ticket.reference),
        cause=f"{sender.cause} {partner.code}",
        facts={**facts, **tagged},
        in_reply_to=thread[0] if thread else "",
        references=thread,
        files=copy.files if copy else (),
        files_of=copy.files_of if copy else (),
        wait=sender.wait,
        then=then,
        prepared=_prepared(partner.language) if answers else (),
        by=sender.by.spec if sender.by else "",
        identity=copy.identity if copy else False,
    )


def _liaison(partner: Partner) -> Address:
    if partner.liaison is None:
        raise ValueError(f"{partner.code} has no liaison")
    return partner.liaison


def _facts(copy: Copy, ticket: Ticket) -> dict[str, object]:
    """By default only the kind of institution: who asks is nobody's business as long as staff do not say so."""
    return {
        "text": copy.text,
        "is_question": copy.is_question,
        "institution_kind": copy.institution.kind if copy.institution else "",
        "institution": copy.institution if copy.identity else None,
        "asker": ticket.asker if copy.identity else None,
        "files": copy.files,
    }


def _how(partner: Partner) -> dict[str, object]:
    lines: tuple[HelpLine, ...] = help_lines(partner.language, Audience.PARTNER)
    return {"lines": lines}


def _prepared(language: Language) -> tuple[Prepared, ...]:
    return tuple(Prepared(verb.value, f"#{row_of(verb).spelling(language)}") for verb in _ANSWERS)


def _still_due(consultation: Consultation | None) -> date | None:
    return consultation.due_on if consultation is not None and consultation.is_open else None


def _posted(sender: Sender, code: str, text: str) -> Posted:
    """What a partner was told stands in the thread, for that partner alone."""
    return Posted(
        kind=EntryKind.REQUEST,
        author=sender.by or sender.policy.team,
        role=Role.STAFF,
        audience=Audience.PARTNER,
        text=text,
        message_id="",
        partner=code,
    )
