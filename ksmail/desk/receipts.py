"""What staff hear of their own mails: a receipt for each, or a request to confirm what they ordered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from ksmail.capability import Audience
from ksmail.desk.acknowledge import thread
from ksmail.desk.acts import Detain
from ksmail.desk.case import StaffMail
from ksmail.desk.idle import is_note, orders_nothing, wants_something
from ksmail.desk.letter import Letter, LetterKind, Prepared
from ksmail.desk.mistake import Mistake
from ksmail.desk.notices import prepared
from ksmail.desk.numbered import corrected
from ksmail.desk.order import Order, Verb
from ksmail.desk.orders import Orders, help_lines, row_of, written
from ksmail.desk.progress import Progress, Scene
from ksmail.desk.receipt import Leaving, Refused
from ksmail.desk.ticket import Change, EntryKind, Purged
from ksmail.incoming.message import Language

# Within an hour: receipts for notes and for whatever else orders nothing, and letters to somebody of whose mails
# nothing is proven.
_NOTES_HOUR = 5
_UNPROVEN_HOUR = 5
_CUT_LINES = 10
_YES = {Language.NL: "ja", Language.EN: "yes"}
_NO = {Language.NL: "nee", Language.EN: "no"}


def receipt(
    scene: Scene,
    outcome: Progress,
    *,
    note: bool = False,
    mistake: Mistake | None = None,
    refused: Refused | None = None,
    withdrawn: bool = False,
    again: bool = False,
) -> Letter:
    """What was done, what leaves and when, what was cut; or why nothing was done. It goes to the address on the staff
    list, never to that of the mail. `again`: the word for which it asked has not come yet, and is still waited for."""
    staff, leaving = scene.staff, leaves(scene, outcome)
    stopped = mistake is not None and any(isinstance(act, Detain) for act in outcome.acts)
    facts: dict[str, object] = {
        "done": outcome.done,
        "leaving": leaving,
        "cut": _cut(staff) if leaving else "",
        "strays": staff.orders.strays if isinstance(staff.orders, Orders) else (),
        "note": note,
        "mistake": mistake,
        "refused": refused,
        "withdrawn": withdrawn,
        "stopped": stopped,
        "dropped": staff.dropped if leaving else (),
        "text": scene.arrival.own_words if staff.confirms else staff.reply.own,
        "waiting_until": _waits_until(scene, leaving),
        "help": help_lines(staff.person.language, Audience.STAFF) if mistake else (),
        "unsure": not staff.reply.sure and bool(leaving),
    }
    replies = _replies(scene, leaving, note=note, mistake=mistake, refused=refused, stopped=stopped)
    if again:
        replies = _yes_and_no(scene)
    return to_person(scene, LetterKind.STAFF_RECEIPT, facts, replies, _about(scene, again=again))


def confirm_letter(scene: Scene, orders: tuple[Order, ...], outcome: Progress, why: str) -> Letter:
    """Asks the address on the staff list whether these orders are really his; its reference counts once."""
    ticket, language = scene.arrival.ticket, scene.staff.person.language
    lines = tuple(written(order, language) for order in orders)
    files = (*destroyed(outcome.changes), *merged(scene, orders))
    return request_to_confirm(scene, str(ticket.reference) if ticket else "", lines, files, outcome, why)


def request_to_confirm(
    scene: Scene, reference: str, lines: tuple[str, ...], files: tuple[str, ...], outcome: Progress, why: str
) -> Letter:
    """The same for any orders: `lines` are what was ordered, `files` what is destroyed, or whom it shows to others."""
    facts: dict[str, object] = {
        "reference": reference,
        "orders": lines,
        "why": why,
        "leaving": leaves(scene, outcome),
        "cut": _cut(scene.staff),
        "received_at": scene.arrival.received_at,
        "files": files,
    }
    return to_person(scene, LetterKind.CONFIRM, facts, _yes_and_no(scene), f"C-{scene.staff.number}")


def _yes_and_no(scene: Scene) -> tuple[Prepared, ...]:
    language = scene.staff.person.language
    return (Prepared("confirm", _YES[language]), Prepared("withdraw", _NO[language]))


def destroyed(changes: Iterable[Change]) -> tuple[str, ...]:
    """The files that go, by number and name."""
    return tuple(f"{each.number}. {each.name}" for each in changes if isinstance(each, Purged))


def merged(scene: Scene, orders: tuple[Order, ...]) -> tuple[str, ...]:
    """Into whose question: one digit wrong is another person's."""
    other = scene.staff.other
    if other is None or all(order.verb is not Verb.MERGE for order in orders):
        return ()
    return (f"{other.reference}: {other.subject} ({other.asker.spec})",)


def to_person(
    scene: Scene, kind: LetterKind, facts: dict[str, object], replies: tuple[Prepared, ...], about: str
) -> Letter:
    """A letter to whoever wrote the mail, at his address on the staff list, in the thread of that mail."""
    staff = scene.staff
    in_reply_to, references = thread(scene.arrival.message)
    return Letter(
        kind=kind,
        to=staff.person.address,
        language=staff.person.language,
        about=about,
        cause=f"mail {scene.arrival.mail_number}",
        facts=facts,
        in_reply_to=in_reply_to,
        references=references,
        held="receipt_cap" if _too_many(scene, kind) else "",
        prepared=replies,
    )


def _too_many(scene: Scene, kind: LetterKind) -> bool:
    """A machine that answers each receipt writes notes, and a stranger has no reference: neither gets far, and neither
    uses up what a person who gives orders may get."""
    staff = scene.staff
    if not staff.proofs.issued.holds and not staff.proofs.genuine.holds:
        return (staff.confirm_letters if kind is LetterKind.CONFIRM else staff.letters_hour) >= _UNPROVEN_HOUR
    if kind is LetterKind.CONFIRM:
        return staff.confirm_letters >= scene.policy.caps.receipt_hour + _UNPROVEN_HOUR
    if orders_nothing(staff) and not is_note(staff) and staff.idle_hour >= _NOTES_HOUR:
        return True
    if staff.listed is not None and not wants_something(staff):
        return staff.letters_hour >= _NOTES_HOUR
    if not wants_something(staff):
        since = scene.arrival.now - timedelta(hours=1)
        notes = (text for text in scene.case.texts if text.kind is EntryKind.NOTE and text.at >= since)
        return sum(staff.person.writes_from(text.author) for text in notes) >= _NOTES_HOUR
    return staff.letters_hour >= scene.policy.caps.receipt_hour


def _about(scene: Scene, *, again: bool) -> str:
    ticket = scene.arrival.ticket
    if again:
        return f"C-{scene.staff.number}"
    if scene.staff.listed is not None:
        return scene.staff.listed.name
    if ticket is not None:
        return str(ticket.reference)
    held = scene.staff.held
    return f"Q-{held.number if held else scene.arrival.mail_number}"


def leaves(scene: Scene, outcome: Progress) -> tuple[Leaving, ...]:
    """Every letter to an asker or a partner; its words are put in once it is written."""
    return tuple(
        Leaving(
            kind=letter.kind.value,
            to=letter.to.spec,
            cc=tuple(address.spec for address in letter.cc),
            files=tuple(file.name for file in letter.files),
            at=scene.arrival.now + letter.wait,
            letter=place,
        )
        for place, letter in enumerate(outcome.letters)
        if letter.kind.audience is not Audience.STAFF
    )


def _waits_until(scene: Scene, leaving: tuple[Leaving, ...]) -> datetime | None:
    later = [each.at for each in leaving if each.at > scene.arrival.now]
    return max(later) if later else None


def _cut(staff: StaffMail) -> str:
    """The signature, and of the quotation as much as tells what it was."""
    lines = staff.reply.quoted.split("\n")
    quoted = lines if len(lines) <= _CUT_LINES else [*lines[:_CUT_LINES], "…"]
    return "\n\n".join(filter(None, (staff.reply.signature, "\n".join(quoted))))


def _replies(
    scene: Scene,
    leaving: tuple[Leaving, ...],
    *,
    note: bool,
    mistake: Mistake | None,
    refused: Refused | None,
    stopped: bool,
) -> tuple[Prepared, ...]:
    language, text = scene.staff.person.language, scene.staff.reply.own
    whole = not scene.arrival.message.attachments  # a link cannot carry files, and half a mail must not leave
    halt = halting(language)
    if mistake is not None:
        here = _named_places(scene) if scene.staff.listed else ""
        return (*(_again(mistake) if whole else ()), *(halting(language, here) if stopped else ()))
    if refused is not None:
        return (Prepared("override", refused.override, scene.text),) if refused.override and whole else ()
    if note and not whole:
        return prepared(language, (Verb.ANSWER, Verb.ASK))
    if note:
        return (Prepared("send", _line(Verb.ANSWER, language), text), Prepared("ask", _line(Verb.ASK, language), text))
    if _waits_until(scene, leaving) is not None:
        return halt
    return prepared(language) if scene.arrival.ticket is not None and not leaving else ()


def _again(mistake: Mistake) -> tuple[Prepared, ...]:
    """The same mail with the best guess in the place of the word that nobody knew."""
    if not mistake.did_you_mean:
        return ()
    if mistake.line[:1].isdecimal():
        first, others = corrected(mistake.text, mistake.line, mistake.did_you_mean[0])
        return (Prepared("again", first, others),)
    rest = mistake.line.lstrip("# \t").partition(" ")[2]
    below = "\n".join(line for line in mistake.text.split("\n") if line.strip() != mistake.line)
    return (Prepared("again", f"{mistake.did_you_mean[0]} {rest}".strip(), below.strip()),)


def _named_places(scene: Scene) -> str:
    """The numbers of a list about which something waits."""
    places = scene.staff.listed.places if scene.staff.listed else ()
    return ", ".join(str(place.number) for place in places if place.staff.case and place.staff.case.waiting)


def halting(language: Language, numbers: str = "") -> tuple[Prepared, ...]:
    """Replies that call back what waits, or send it at once; for these numbers of a list where there are any."""
    before = f"{numbers} " if numbers else ""
    verbs = (Verb.STOP, Verb.NOW)
    return tuple(Prepared(verb.value, f"{before}{_line(verb, language)}") for verb in verbs)


def _line(verb: Verb, language: Language) -> str:
    return f"#{row_of(verb).spelling(language)}"
