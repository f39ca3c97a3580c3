"""What the program would do with one mail, and why. Reads, decides, composes; writes nothing."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes
from email.policy import default as modern
from pathlib import Path

from ksmail.assemble import make_clerk, make_parser
from ksmail.clerk import Judged
from ksmail.config import Config
from ksmail.desk.arrival import Arrival, Disposition
from ksmail.desk.case import AnsweredList
from ksmail.desk.mistake import Mistake
from ksmail.desk.orders import written
from ksmail.desk.promise import first_promise
from ksmail.desk.ticket import Promised
from ksmail.errors import UnreadableMail
from ksmail.incoming.identity import Role
from ksmail.incoming.mailbox import MailKey
from ksmail.incoming.message import Language, Message
from ksmail.outgoing.mail import OutgoingMail
from ksmail.store.store import Reader, Store, StoreSettings
from ksmail.store.values import Pending


@dataclass(frozen=True, slots=True)
class Explanation:
    """The judgement, and the lines that a person reads: (what, how it came out)."""

    judged: Judged
    lines: tuple[tuple[str, str], ...]


def explain(raw: bytes, config: Config, *, received_at: datetime, now: datetime) -> Explanation:
    """Judge `raw` as if it came in at `received_at` (aware) and was fetched at `now`.

    Uses the desk's own store and keys where they are, so that follow-ups and caps come out as they would.
    """
    with make_parser(config) as parser:
        message = next(parser.parse_many([raw]))
    with _rehearsal(config) as (desk, store), store.reading() as past:
        mail = Pending(
            number=_number(past, message),
            key=MailKey("explained", 0, 0),
            received_at=received_at,
            size=len(raw),
            incomplete="",
            attempts=0,
        )
        judged = make_clerk(desk).judge(past, mail, message, now)
    return Explanation(judged, tuple(_lines(judged, message, raw, now, config)))


@contextmanager
def _rehearsal(config: Config) -> Iterator[tuple[Config, Store]]:
    """The desk's store and keys; empty ones that pass for a desk that has not started."""
    with tempfile.TemporaryDirectory(prefix="ksmail-") as name:
        folder = Path(name)
        if not config.keys_file.exists():
            config = replace(config, keys_file=folder / "signing.keys")
        if not config.store.path.exists():
            config = replace(config, store=StoreSettings(path=folder / "empty.db"))
            Store.migrate(config.store)
        store = Store.open(config.store)
        try:
            yield config, store
        finally:
            store.close()


def _number(past: Reader, message: Message | UnreadableMail) -> int:
    """A mail that waits for a person is judged as itself, not as a second copy of what waits. 0: a mail not known."""
    same = past.find_same(message, 0) if isinstance(message, Message) else None
    line = past.inbound(same.number) if same else None
    if line is None or line.disposition not in (Disposition.HELD, Disposition.QUARANTINED):
        return 0
    return line.number


Line = tuple[str, str]


def _lines(
    judged: Judged, message: Message | UnreadableMail, raw: bytes, now: datetime, config: Config
) -> Iterator[Line]:
    yield "mail", f"{len(raw)} octets, SHA-256 {hashlib.sha256(raw).hexdigest()[:16]}…"
    if isinstance(message, UnreadableMail) or judged.arrival is None:
        yield "readable", f"no: {message}"
    else:
        yield from _found(judged.arrival)
    yield from _decided(judged, now, config)


def _found(arrival: Arrival) -> Iterator[Line]:
    message = arrival.message
    yield "verdict", f"{arrival.verdict.sort.value}: {arrival.verdict.because}"
    yield from _who(arrival)
    yield from _ordered(arrival)
    yield from _of_partner(arrival)
    yield "language", arrival.language.value
    yield "evidence", arrival.evidence.because
    if arrival.ticket:
        yield "ticket", f"{arrival.ticket.reference}: {arrival.found_by}"
    if arrival.twin:
        yield "seen before", arrival.twin.because
    yield "content", f"{len(message.text)} characters of text, {len(message.attachments)} files"
    for remark in message.remarks:
        yield "remark", remark


def _who(arrival: Arrival) -> Iterator[Line]:
    if arrival.sender is None:
        yield "identity", f"nobody to answer: {arrival.message.ambiguity or 'the form names nobody'}"
        return
    who = arrival.sender.identity
    yield "identity", f"{who.address.spec}, {who.role.value}, {who.proof.value}: {who.because}"
    yield "institution", f"{who.institution.name} ({who.institution.kind})" if who.institution else "unknown"
    yield "to answer", arrival.sender.asker.spec


def _ordered(arrival: Arrival) -> Iterator[Line]:
    """Who may order, one proof a line; and what is read as an order. Nothing of it for anybody who is not staff."""
    staff = arrival.staff
    if staff is None:
        if arrival.sender is not None and arrival.sender.identity.role is Role.STAFF:
            yield "on the list", "fails: the address is the team's, which is nobody's in particular"
        return
    proofs = staff.proofs
    for name, proof in (("on the list", proofs.listed), ("reference", proofs.issued), ("genuine", proofs.genuine)):
        yield name, f"{'holds' if proof.holds else 'fails'}: {proof.because}"
    if staff.listed is not None:
        yield from _of_list(staff.listed)
        if staff.listed.orders_something:
            return
    if isinstance(staff.orders, Mistake):
        yield "orders", f"cannot be read, so none is obeyed: {staff.orders.because.value}"
        return
    orders = ", ".join(written(order, Language.EN) for order in staff.orders.orders)
    yield "orders", orders or "none: what staff write without an order is stored, not sent"
    cut = sum(len(text.split()) for text in (staff.reply.quoted, staff.reply.signature))
    yield "own words", f"{len(staff.reply.own.split())}; cut off as quotation or signature: {cut}"
    for leak in staff.leaks:
        yield "must not leave", f"{leak.kind.value}: {leak.line}"


def _of_list(listed: AnsweredList) -> Iterator[Line]:
    """The numbered list that it answers, and what each number stands for."""
    yield "list", f"{listed.name}, mailed {listed.mailed_at:%A %d %B %Y, %H:%M} UTC"
    if isinstance(listed.lines, Mistake):
        yield "orders", f"cannot be read, so none is obeyed: {listed.lines.because.value}"
    places = {place.number: place for place in listed.places}
    for line in listed.written.lines:
        for number in line.numbers:
            moved = f", now {places[number].moved}" if places[number].moved else ""
            yield "line", f"{number} {written(line.order, Language.EN)}: {places[number].name}{moved}"


def _of_partner(arrival: Arrival) -> Iterator[Line]:
    """Which consultation it is about, and what makes it that partner's word."""
    mail = arrival.partner
    if mail is None:
        return
    by = "it answers a reference issued for it" if mail.signed else "by the sender, and a number in the subject"
    yield "consultation", f"{mail.partner.code}, {mail.consultation.stage.value}: {by}"
    yield "standing", f"{mail.standing.value}{', also sent to the asker' if mail.to_asker else ''}"
    if isinstance(mail.orders, Mistake):
        yield "answer", f"cannot be read, so it counts as an addition: {mail.orders.because.value}"
        return
    orders = ", ".join(written(order, Language.EN) for order in mail.orders.orders)
    yield "answer", orders or "no word of an answer, so its text counts as an addition"


def _decided(judged: Judged, now: datetime, config: Config) -> Iterator[Line]:
    decision = judged.decision
    yield "decision", f"{decision.disposition.value}: {decision.because}"
    promises = [change for change in decision.changes if isinstance(change, Promised)]
    for promised in promises:
        yield "promise", f"{promised.promised_on:%A %d %B %Y} ({promised.ground.value}, {promised.state.value})"
    if not promises:
        yield "promise", f"none; a question now would get {first_promise(now, now, config.policy).promised_on}"
    for other in decision.elsewhere:
        yield "ticket", f"{other.ticket}: {other.because or decision.because}"
    for letter in judged.mails:
        held = f", held: {letter.held}" if letter.held else ""
        yield "letter", f"{letter.kind} to {', '.join(letter.recipients)}{held}"


def readable(mail: OutgoingMail) -> str:
    """A letter as a person reads it: the headers that matter and the text."""
    parsed = message_from_bytes(mail.raw, policy=modern)
    body = parsed.get_body(("plain",))
    text = body.get_content().replace("\r\n", "\n") if body else ""
    wanted = ("From", "To", "Subject", "Reply-To", "Auto-Submitted")
    head = "\n".join(f"{name}: {parsed[name]}" for name in wanted if parsed[name])
    return f"{head}\n\n{text}"
