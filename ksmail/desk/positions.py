"""The partners of a ticket side by side: who was asked, until when, and who answered what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from ksmail.capability import Audience
from ksmail.desk.case import Case, Text
from ksmail.desk.consultation import Consultation, Stage
from ksmail.desk.mistake import Mistake
from ksmail.desk.orders import read_orders
from ksmail.desk.partner import find_partner
from ksmail.desk.policy import Policy
from ksmail.desk.signing import without_signature
from ksmail.desk.ticket import EntryKind, Ticket
from ksmail.incoming.words import own_words


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionLine:
    """One partner in the table. `stage` and `position` are the values of Stage and Position ("" for none); `text` is
    what it wrote, in its own words. `replied_at` is aware, UTC; `due_on` is a date of the desk."""

    code: str
    name_nl: str
    name_en: str
    stage: str
    position: str
    due_on: date
    replied_at: datetime | None = None
    identity: bool = False
    attachments: bool = False
    text: str = ""


def position_lines(ticket: Ticket, case: Case, policy: Policy) -> tuple[PositionLine, ...]:
    """The table of a ticket, in the order in which the desk lists its partners: letters that leave together are taken
    in any order."""
    places = {each: place for place, each in enumerate(policy.partners)}
    found = {each.partner: find_partner(policy.partners, each.partner) for each in ticket.consultations}
    last = len(places)

    def place(each: Consultation) -> tuple[int, str]:
        partner = found[each.partner]
        return (places[partner] if partner is not None else last, each.partner)

    ordered = sorted(ticket.consultations, key=place)
    return tuple(_line(each, case, policy) for each in ordered)


def position_words(consultation: Consultation, texts: Iterable[Text]) -> str:
    """What a partner wrote when it took its position, and has added since: without what it quoted, and without the word
    that is its position."""
    theirs = [text for text in texts if text.kind is EntryKind.POSITION and text.partner == consultation.partner]
    since = consultation.replied_at
    return "\n\n".join(filter(None, (_own(text) for text in theirs if since is not None and text.at >= since)))


def _own(text: Text) -> str:
    own = own_words(text.text)
    orders = read_orders(own, today=text.at.date(), audience=Audience.PARTNER)
    return without_signature(own if isinstance(orders, Mistake) else orders.text)


def _line(consultation: Consultation, case: Case, policy: Policy) -> PositionLine:
    partner = find_partner(policy.partners, consultation.partner)
    return PositionLine(
        code=consultation.partner,
        name_nl=partner.name_nl if partner else consultation.partner,
        name_en=partner.name_en if partner else consultation.partner,
        stage=consultation.stage.value,
        position=consultation.position.value if consultation.position else "",
        due_on=consultation.due_on,
        replied_at=consultation.replied_at,
        identity=consultation.identity,
        attachments=consultation.attachments,
        text="" if consultation.stage is Stage.WITHDRAWN else position_words(consultation, case.texts),
    )
