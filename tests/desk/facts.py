"""Facts for the desk's tests, with sane defaults."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ksmail.address import Address
from ksmail.desk.arrival import Arrival, Correspondent
from ksmail.desk.ticket import Ground, Joined, Opened, Promised, Ticket, evolve
from ksmail.incoming.evidence import Evidence
from ksmail.incoming.message import Language
from ksmail.incoming.verdict import Sort, Verdict
from ksmail.reference import Reference
from tests.builders import MONDAY, address, identity, message

PERSON = Verdict(Sort.PERSON, "no sign of a machine")
FIRST = Reference("KV", 2026, 1)
TEAM = Address("team", "desk.example")


def ticket(*parts: Address, **facts: Any) -> Ticket:
    """Ada's ticket KV-2026-0001, promised for Thursday 4 June 2026; `parts` stood in Cc."""
    opened: dict[str, Any] = {
        "reference": FIRST,
        "asker": address(),
        "language": Language.EN,
        "subject": "A question",
        "received_at": MONDAY,
    }
    made = evolve(None, Opened(**(opened | facts)))
    made = evolve(made, Promised(promised_on=(MONDAY + timedelta(days=3)).date(), ground=Ground.RECEIVED))
    for part in parts:
        made = evolve(made, Joined(part, "copied"))
    return made


def correspondent(**facts: Any) -> Correspondent:
    """Ada, asking for herself."""
    who = facts.pop("identity", None) or identity()
    return Correspondent(**({"identity": who, "asker": who.address} | facts))


def arrival(**facts: Any) -> Arrival:
    """A first question of Ada's, judged a minute after it came."""
    defaults: dict[str, Any] = {
        "message": message(),
        "verdict": PERSON,
        "language": Language.EN,
        "sender": correspondent(),
        "evidence": Evidence(),
        "ticket": None,
        "next_reference": FIRST,
        "mail_number": 17,
        "size": 1234,
        "received_at": MONDAY,
        "now": MONDAY + timedelta(minutes=1),
    }
    return Arrival(**(defaults | facts))
