"""Facts for the desk's tests, with sane defaults."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import reduce
from typing import Any

from ksmail.address import Address
from ksmail.capability import Audience, Capability
from ksmail.desk.arrival import Arrival, Correspondent
from ksmail.desk.case import (
    Case,
    NumberedFile,
    PartnerMail,
    Proofs,
    Proven,
    Returned,
    StaffMail,
    Standing,
    Text,
    WaitingLetter,
    WaitState,
)
from ksmail.desk.consultation import Consultation, Consulted, PartnerReplied, Position
from ksmail.desk.execute import carry_out
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.orders import Orders, read_orders
from ksmail.desk.partner import Partner, find_partner
from ksmail.desk.people import Person
from ksmail.desk.policy import OtherDesk, Policy
from ksmail.desk.progress import Progress, Scene
from ksmail.desk.receipt import Refused
from ksmail.desk.refusal import Refusal, Why
from ksmail.desk.ticket import (
    Answered,
    Change,
    Closed,
    CloseReason,
    EntryKind,
    Ground,
    InfoAsked,
    Joined,
    Opened,
    Promised,
    Ticket,
    evolve,
)
from ksmail.incoming.evidence import Evidence
from ksmail.incoming.identity import Proof, Role
from ksmail.incoming.message import Attachment, Language
from ksmail.incoming.reply import Reply
from ksmail.incoming.verdict import Sort, Verdict
from ksmail.reference import Reference
from tests.builders import MONDAY, STAFF, address, identity, message

PERSON = Verdict(Sort.PERSON, "no sign of a machine")
FIRST = Reference("KV", 2026, 1)
TEAM = Address("team", "desk.example")
TODAY = date(2026, 6, 1)  # the day of MONDAY, at the desk
THURSDAY = date(2026, 6, 4)  # what Ada was promised


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
    defaults: dict[str, Any] = {"identity": who, "asker": who.address}
    return Correspondent(**(defaults | facts))


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


def person(name: str = "Sam", spec: str = STAFF, **facts: Any) -> Person:
    """Somebody on the staff list."""
    defaults: dict[str, Any] = {"name": name, "address": address(spec)}
    return Person(**(defaults | facts))


SAM = person()
EVA = person("Eva", "eva@agency.example", coordinator=True, language=Language.EN)
PEER = person("Kim de Boer", "kim@agency.example")
LIBRARY = OtherDesk(name="Library", title_nl="de bibliotheek", title_en="the library", contact="library@uni.example")
POLICY = Policy(team=TEAM, staff=(SAM, EVA, PEER), has_border=True, other_desks=(LIBRARY,))
NO_BORDER = replace(POLICY, has_border=False)
SECOND = Reference("KV", 2026, 2)
NOW = MONDAY + timedelta(minutes=1)  # when a mail of MONDAY is judged


def after(made: Ticket, *changes: Change) -> Ticket:
    """The ticket after these changes."""
    return reduce(evolve, changes, made)


def answered(made: Ticket | None = None, at: datetime = MONDAY) -> Ticket:
    return after(made or ticket(), Answered(message_id="<answer@desk.example>", at=at))


def waiting(made: Ticket | None = None, days: int = 2) -> Ticket:
    """We asked Ada something, with so many working days left."""
    return after(made or ticket(), InfoAsked(message_id="<ask@desk.example>", at=MONDAY, remaining_days=days))


def closed(made: Ticket | None = None, at: datetime = MONDAY, reason: CloseReason = CloseReason.WITHDRAWN) -> Ticket:
    return after(made or ticket(), Closed(reason=reason, at=at))


def proven(*, listed: bool = True, issued: bool = True, genuine: bool = True, **facts: Any) -> Proofs:
    """All three proofs, or those that are not denied."""
    holds = {"listed": listed, "issued": issued, "genuine": genuine}
    said: dict[str, Any] = {name: Proven(each, f"{name} says so") for name, each in holds.items()}
    return Proofs(**said, **facts)


FRESH = proven(issued=False, fresh=True)


def staff_mail(own: str = "", **facts: Any) -> StaffMail:
    """What Sam wrote in reply to a notice, all three proofs holding."""
    reply = facts.pop("reply", Reply(own))
    defaults: dict[str, Any] = {
        "person": SAM,
        "proofs": proven(),
        "reply": reply,
        "orders": read_orders(reply.own, today=TODAY),
        "number": 17,
        "text": reply.own,
    }
    return StaffMail(**(defaults | facts))


def ordered(own: str = "", **facts: Any) -> Arrival:
    """Sam's mail about Ada's ticket. What is no fact of an arrival is one of the StaffMail, and so is the case."""
    names = Arrival.__dataclass_fields__.keys() - {"case"}
    of_arrival = {name: facts.pop(name) for name in tuple(facts) if name in names}
    staff = of_arrival.pop("staff", None) or staff_mail(own, **facts)
    who = staff.person.address
    defaults: dict[str, Any] = {
        "message": message(sender=who, text=staff.reply.own, message_id="<order@agency.example>"),
        "sender": correspondent(identity=identity(address=who, role=Role.STAFF, proof=Proof.VERIFIED)),
        "evidence": Evidence(capability=Capability(str(FIRST), Audience.STAFF, "tag", "k0")),
        "ticket": ticket(),
        "found_by": "our Message-ID",
        "next_reference": SECOND,
        "staff": staff,
        "case": staff.case,
    }
    return arrival(**(defaults | of_arrival))


def scene(own: str = "", policy: Policy = POLICY, **facts: Any) -> Scene:
    """The same, on its way to be carried out."""
    here = ordered(own, **facts)
    assert here.staff is not None
    orders = here.staff.orders
    below = orders.text if isinstance(orders, Orders) else ""
    return Scene(arrival=here, staff=here.staff, policy=policy, text=below)


def attempt(own: str, policy: Policy = POLICY, **facts: Any) -> Progress | Refused:
    """What comes of Sam's orders."""
    here = scene(own, policy, **facts)
    assert isinstance(here.staff.orders, Orders), here.staff.orders
    return carry_out(here, here.staff.orders.orders)


def carried(own: str, policy: Policy = POLICY, **facts: Any) -> Progress:
    """What Sam's orders come to, which are possible."""
    outcome = attempt(own, policy, **facts)
    assert isinstance(outcome, Progress), outcome
    return outcome


def refused(own: str, policy: Policy = POLICY, **facts: Any) -> Refused:
    """Why Sam's orders are not carried out."""
    outcome = attempt(own, policy, **facts)
    assert isinstance(outcome, Refused), outcome
    return outcome


def why(outcome: Refused) -> Why:
    """Which of the reasons it was."""
    return next(each for each in Why if Refusal(each).of(None, Language.NL).why_nl == outcome.why_nl)


def letter_of(outcome: Progress, kind: LetterKind) -> Letter:
    """The one letter of a kind."""
    (found,) = (letter for letter in outcome.letters if letter.kind is kind)
    return found


def kinds_of(letters: Iterable[Letter]) -> list[LetterKind]:
    return [letter.kind for letter in letters]


def file(name: str = "cv.pdf") -> Attachment:
    return Attachment(name=name, content_type="application/pdf", size=3, sha256=name.encode().hex().ljust(64, "0"))


def numbered(number: int, name: str = "", *, purged: bool = False) -> NumberedFile:
    """A file of the ticket; it came with the mail whose number is ten more."""
    return NumberedFile(number, file(name or f"{number}.pdf"), number + 10, purged)


def text(kind: EntryKind = EntryKind.QUESTION, words: str = "May we?", **facts: Any) -> Text:
    """A text of the thread that the asker knows."""
    defaults: dict[str, Any] = {
        "author": address(),
        "role": Role.ASKER,
        "audience": Audience.ASKER,
        "at": MONDAY,
        "text": words,
    }
    return Text(kind=kind, **(defaults | facts))


def waits(number: int = 5, kind: LetterKind = LetterKind.ANSWER, state: WaitState = WaitState.WAITING) -> WaitingLetter:
    """A letter that has not left."""
    name = f"<waiting-{number}@desk.example>"
    return WaitingLetter(id=number, kind=kind.value, message_id=name, to=(address().spec,), due_at=MONDAY, state=state)


def case(*held: WaitingLetter, **facts: Any) -> Case:
    """Ada's question, and the letters that have not left."""
    defaults: dict[str, Any] = {
        "texts": (text(),),
        "waiting": held,
        "thread": ("<question@uni.example>", "<ack@desk.example>"),
    }
    return Case(**(defaults | facts))


def returned(kind: LetterKind = LetterKind.ANSWER, reason: str = "5.1.1 no such user", **facts: Any) -> Returned:
    """A letter to Ada that came back."""
    defaults: dict[str, Any] = {
        "kind": kind.value,
        "message_id": f"<{kind.value}@desk.example>",
        "recipient": address().spec,
        "reason": reason,
    }
    return Returned(**(defaults | facts))


# The partners of the desk.


def partner(code: str, **facts: Any) -> Partner:
    """A ministry: BZ has the domain bz.example, and its liaison there."""
    domain = f"{code.casefold()}.example"
    defaults: dict[str, Any] = {
        "code": code,
        "name_nl": f"Ministerie {code}",
        "name_en": f"Ministry {code}",
        "domains": (domain,),
        "liaison": address(f"liaison@{domain}"),
    }
    return Partner(**(defaults | facts))


BZ, OCW = partner("BZ"), partner("OCW")
EZ = partner("EZ", aliases=("EZK",), language=Language.EN, outcome=True)
CONSULTING = replace(POLICY, partners=(BZ, OCW, EZ))
DUE = date(2026, 6, 8)  # what a partner gets on TODAY: five working days


def asked(code: str = "BZ", **facts: Any) -> Consulted:
    """A mail server took our request to this partner."""
    defaults: dict[str, Any] = {
        "partner": code,
        "to": address(f"liaison@{code.casefold()}.example"),
        "due_on": DUE,
        "message_id": f"<request-{code.casefold()}@desk.example>",
        "at": MONDAY,
    }
    return Consulted(**(defaults | facts))


def replied(code: str = "BZ", position: Position = Position.NO_OBJECTION, at: datetime = MONDAY) -> PartnerReplied:
    return PartnerReplied(partner=code, position=position, at=at)


def consulted(made: Ticket, *codes: str, **facts: Any) -> Ticket:
    """The ticket after each of these partners was asked."""
    return after(made, *(asked(code, **facts) for code in codes))


def consultation(made: Ticket, code: str = "BZ") -> Consultation:
    """What one partner was asked, which it was."""
    found = made.consultation(code)
    assert found is not None
    return found


def partner_mail(own: str = "", code: str = "BZ", **facts: Any) -> PartnerMail:
    """What the liaison of a partner that was asked answers to our request."""
    reply = facts.pop("reply", Reply(own))
    found = find_partner(CONSULTING.partners, code)
    defaults: dict[str, Any] = {
        "partner": found,
        "consultation": consultation(consulted(ticket(), code), code),
        "standing": Standing.LIAISON,
        "signed": True,
        "reply": reply,
        "orders": read_orders(reply.own, today=TODAY, audience=Audience.PARTNER),
    }
    return PartnerMail(**(defaults | facts))


def from_partner(own: str = "", code: str = "BZ", **facts: Any) -> Arrival:
    """That answer on its way to be judged. What is no fact of an arrival is one of the PartnerMail; `proof` is what our
    border says of `who`, the writer."""
    who = facts.pop("who", address(f"liaison@{code.casefold()}.example"))
    proof = facts.pop("proof", Proof.VERIFIED)
    of_arrival = {name: facts.pop(name) for name in tuple(facts) if name in Arrival.__dataclass_fields__}
    made = of_arrival.get("ticket") or consulted(ticket(), code)
    if "consultation" not in facts and "partner" not in of_arrival:
        facts["consultation"] = consultation(made, code)
    defaults: dict[str, Any] = {
        "message": message(sender=who, text=own, message_id="<position@ministry.example>"),
        "sender": correspondent(identity=identity(address=who, role=Role.PARTNER, proof=proof)),
        "evidence": Evidence(capability=Capability(str(FIRST), Audience.PARTNER, "tag", "k0")),
        "ticket": made,
        "found_by": "our Message-ID",
        "next_reference": SECOND,
        "partner": partner_mail(own, code, **facts),
        "case": case(),
    }
    return arrival(**(defaults | of_arrival))
