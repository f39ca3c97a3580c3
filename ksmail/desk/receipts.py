"""What staff hear of their own mails: a receipt for each, or a request to confirm what they ordered."""

from __future__ import annotations

from datetime import datetime

from ksmail.capability import Audience
from ksmail.desk.acknowledge import thread
from ksmail.desk.acts import Detain
from ksmail.desk.case import StaffMail
from ksmail.desk.letter import Letter, LetterKind, Prepared
from ksmail.desk.mistake import Mistake
from ksmail.desk.notices import prepared
from ksmail.desk.order import Order, Verb
from ksmail.desk.orders import Orders, help_lines, row_of, written
from ksmail.desk.progress import Progress, Scene
from ksmail.desk.receipt import Leaving, Refused
from ksmail.incoming.message import Language

# A mail program that answers each receipt without a mark writes no orders: it is stopped much sooner than a person.
_NOTES_HOUR = 5
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
) -> Letter:
    """What was done, what leaves and when, what was cut; or why nothing was done. It goes to the address on the staff
    list, never to that of the mail."""
    staff, leaving = scene.staff, _leaving(scene, outcome)
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
        "text": staff.reply.own,
        "waiting_until": _waits_until(scene, leaving),
        "help": help_lines(staff.person.language, Audience.STAFF) if mistake else (),
        "unsure": not staff.reply.sure and bool(leaving),
    }
    replies = _replies(scene, leaving, note=note, mistake=mistake, refused=refused, stopped=stopped)
    return _to_person(scene, LetterKind.STAFF_RECEIPT, facts, replies, _about(scene))


def confirm_letter(scene: Scene, orders: tuple[Order, ...], outcome: Progress, why: str) -> Letter:
    """Asks the address on the staff list whether these orders are really his; its reference counts once."""
    staff, language = scene.staff, scene.staff.person.language
    ticket = scene.arrival.ticket
    facts: dict[str, object] = {
        "reference": str(ticket.reference) if ticket else "",
        "orders": tuple(written(order, language) for order in orders),
        "why": why,
        "leaving": _leaving(scene, outcome),
        "cut": _cut(staff),
        "received_at": scene.arrival.received_at,
        "count": sum(len(order.numbers) for order in orders if row_of(order.verb).destroys),
    }
    replies = (Prepared("confirm", _YES[language]), Prepared("withdraw", _NO[language]))
    return _to_person(scene, LetterKind.CONFIRM, facts, replies, f"C-{staff.number}")


def _to_person(
    scene: Scene, kind: LetterKind, facts: dict[str, object], replies: tuple[Prepared, ...], about: str
) -> Letter:
    staff = scene.staff
    in_reply_to, references = thread(scene.arrival.message)
    has_orders = not isinstance(staff.orders, Orders) or bool(staff.orders.orders)
    most = scene.policy.caps.receipt_hour if has_orders else _NOTES_HOUR
    return Letter(
        kind=kind,
        to=staff.person.address,
        language=staff.person.language,
        about=about,
        cause=f"mail {scene.arrival.mail_number}",
        facts=facts,
        in_reply_to=in_reply_to,
        references=references,
        held="receipt_cap" if staff.letters_hour >= most else "",
        prepared=replies,
    )


def _about(scene: Scene) -> str:
    ticket = scene.arrival.ticket
    if ticket is not None:
        return str(ticket.reference)
    held = scene.staff.held
    return f"Q-{held.number if held else scene.arrival.mail_number}"


def _leaving(scene: Scene, outcome: Progress) -> tuple[Leaving, ...]:
    """Every letter to an asker; its words are put in once it is written."""
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
        if letter.kind.audience is Audience.ASKER
    )


def _waits_until(scene: Scene, leaving: tuple[Leaving, ...]) -> datetime | None:
    later = [each.at for each in leaving if each.at > scene.arrival.now]
    return max(later) if later else None


def _cut(staff: StaffMail) -> str:
    return "\n\n".join(filter(None, (staff.reply.signature, staff.reply.quoted)))


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
    halt = (Prepared("stop", _line(Verb.STOP, language)), Prepared("now", _line(Verb.NOW, language)))
    if mistake is not None:
        return (*_again(mistake), *(halt if stopped else ()))
    if refused is not None:
        return (Prepared("override", refused.override, scene.text),) if refused.override else ()
    if note:
        return (Prepared("send", _line(Verb.ANSWER, language), text), Prepared("ask", _line(Verb.ASK, language), text))
    if _waits_until(scene, leaving) is not None:
        return halt
    return prepared(language) if scene.arrival.ticket is not None and not leaving else ()


def _again(mistake: Mistake) -> tuple[Prepared, ...]:
    """The same mail with the best guess in the place of the word that nobody knew."""
    if not mistake.did_you_mean:
        return ()
    rest = mistake.line.lstrip("# \t").partition(" ")[2]
    below = "\n".join(line for line in mistake.text.split("\n") if line.strip() != mistake.line)
    return (Prepared("again", f"{mistake.did_you_mean[0]} {rest}".strip(), below.strip()),)


def _line(verb: Verb, language: Language) -> str:
    return f"#{row_of(verb).spelling(language)}"
