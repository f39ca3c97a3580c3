"""A desk with a bird in every field that people can fill: what names nobody must show none of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ksmail.address import Address
from ksmail.desk.arrival import Decision, Disposition
from ksmail.desk.consultation import Consulted, PartnerReplied, Position
from ksmail.desk.ticket import (
    Acknowledged,
    Answered,
    Assigned,
    Change,
    Closed,
    CloseReason,
    EntryKind,
    Flag,
    Flagged,
    Ground,
    InfoAsked,
    Joined,
    Opened,
    Posted,
    Promised,
    PromiseSettled,
    PromiseState,
)
from ksmail.incoming.identity import Role
from ksmail.incoming.message import Attachment, Language
from ksmail.outgoing.transport import Bounced, Deferred, Uncertain
from ksmail.reference import Reference
from ksmail.store.store import Transaction
from tests.store.facts import NOW, decision, letter, message, posted, take

BIRD = "kanarie"
WHO = Address(f"{BIRD}", f"{BIRD}.example", f"{BIRD} {BIRD}")
_ORDER = replace(posted(), kind=EntryKind.ORDER, role=Role.STAFF, text=f"#extend 2026-06-20 {BIRD}", author=WHO)


def _opened(reference: Reference) -> tuple[Change, ...]:
    return (
        Opened(reference=reference, asker=WHO, language=Language.NL, subject=BIRD, received_at=NOW),
        _text(EntryKind.QUESTION, Role.ASKER),
        Joined(WHO, "copied"),
        Promised(promised_on=date(2026, 6, 4), ground=Ground.RECEIVED),
    )


def _text(kind: EntryKind, role: Role) -> Posted:
    file = Attachment(name=f"{BIRD}.pdf", content_type=f"application/{BIRD}", size=1, sha256="ab" * 32)
    return replace(posted(f"<{BIRD}@x.example>"), text=BIRD, author=WHO, kind=kind, role=role, attachments=(file,))


_LIVES: tuple[tuple[Change, ...], ...] = (
    (Assigned(WHO), _ORDER, Flagged(Flag.PERSONAL_DATA, f"{BIRD}.pdf"), Flagged(Flag.LETTER_BOUNCED, "ack")),
    (
        Acknowledged(f"<{BIRD}@x.example>"),
        Consulted(partner=BIRD, to=WHO, due_on=date(2026, 6, 9), message_id=f"<{BIRD}@x.example>", at=NOW),
        PartnerReplied(partner=BIRD, position=Position.OBJECTION, at=NOW),
        PromiseSettled(PromiseState.MOVED),
        Promised(promised_on=date(2026, 6, 20), ground=Ground.EXTENDED),
    ),
    (PromiseSettled(PromiseState.DROPPED), Closed(reason=CloseReason.OTHER, at=NOW, said=BIRD)),
    (PromiseSettled(PromiseState.KEPT), Answered(message_id=f"<{BIRD}@x.example>", at=NOW)),
    (PromiseSettled(PromiseState.PAUSED), InfoAsked(message_id=f"<{BIRD}@x.example>", at=NOW, remaining_days=2)),
)


def full_of_birds(tx: Transaction) -> None:
    """Open, consulted, closed, answered and waiting questions; letters in every state; mails put aside."""
    for uid, life in enumerate(_LIVES, 1):
        _happen(tx, uid, life)
    for uid, kind in ((21, Disposition.HELD), (22, Disposition.QUARANTINED), (23, Disposition.REFUSED)):
        number = take(tx, uid, f"Subject: {BIRD} {uid}\r\n\r\n{BIRD}\r\n".encode())
        judged = Decision(disposition=kind, because=f"{BIRD} wrote {BIRD}")
        tx.record(number, message(f"{BIRD}{uid}"), judged, (), asker=WHO, words=BIRD, now=NOW)
    take(tx, 24, f"Subject: {BIRD}\r\n\r\n{BIRD}\r\n".encode())
    _send(tx)


def _happen(tx: Transaction, uid: int, life: tuple[Change, ...]) -> None:
    number = take(tx, uid, f"Subject: {BIRD} {uid}\r\n\r\n{BIRD}\r\n".encode())
    reference = tx.next_reference("KV", 2026)
    made = decision([*_opened(reference), *life])
    about = str(reference)
    mails = [
        letter(f"{BIRD}{uid}", "ack", WHO.spec, about=about),
        letter(f"{BIRD}{uid}h", "ack", WHO.spec, about=about, held=f"{BIRD} cap"),
        letter(f"{BIRD}{uid}a", "answer", WHO.spec, about=about, orderable=True),
        letter(f"{BIRD}{uid}s", "staff_new", WHO.spec, about=about),
    ]
    judged = replace(made, because=f"{BIRD} asked")
    tx.record(number, message(f"{BIRD}{uid}"), judged, mails, asker=WHO, words=BIRD, now=NOW)


def _send(tx: Transaction) -> None:
    """Refused, given up, uncertain, and some that still wait."""
    due = tx.due(NOW, 9)
    tx.start_attempt([each.id for each in due[:6]], NOW)
    outcomes = (Bounced(f"550 {BIRD}"), Deferred(f"451 {BIRD}"), Uncertain(BIRD))
    for place, each in enumerate(due[:6]):
        outcome = outcomes[place % 3]
        flagged = (Flagged(Flag.LETTER_BOUNCED, each.mail.kind), f"refused for ever: {BIRD}")
        tx.settle(each.id, dict.fromkeys(each.open_recipients, outcome), None, NOW, [flagged])
