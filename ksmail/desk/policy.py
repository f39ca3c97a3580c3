"""The desk's knobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ksmail.address import Address
from ksmail.desk.partner import Partner
from ksmail.desk.people import Person
from ksmail.desk.workdays import Workdays
from ksmail.incoming.message import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """How many automatic letters may go before staff have to look. `followup_hour` is for one ticket,
    `receipt_hour` for one staff member."""

    address_hour: int = 5
    address_day: int = 10
    desk_hour: int = 200
    quarantine_hour: int = 10
    followup_hour: int = 20
    receipt_hour: int = 60


class Notify(StrEnum):
    """Who gets the notices about a ticket that somebody handles."""

    TEAM = "team"
    ASSIGNEE = "assignee"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherDesk:
    """A desk that an asker can be referred to. `name` is what staff write; `contact` is an address, page or phone."""

    name: str
    title_nl: str
    title_en: str
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Words of a topic, and the codes of the partners to consult about it. `copy`: they are asked without an order."""

    words: tuple[str, ...]
    partners: tuple[str, ...]
    copy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordination:
    """How partners are consulted, in working days: how long the asker then waits, how long a partner has, how long
    before the promise its answer must be there, and how long after its date we stop waiting. `name_partners`: the
    asker is told which ones are asked."""

    promise_days: int = 10
    partner_days: int = 5
    margin_days: int = 2
    silence_days: int = 2
    name_partners: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """When people are rung, on the desk's clock and on its working days: at `opens`, once more at `again` on the last
    day of a promise, and never from `closes` on. The digest is due at `digest`, whether or not the office is open."""

    opens: time = time(9)
    again: time = time(15)
    closes: time = time(17)
    digest: time = time(7, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything `decide` may know of this desk. `response_days` are working days; `cutoff` is local time.

    `has_border`: our own mail server says who is genuine (`trust.authserv_id` is set); without it orders are
    confirmed. `hold` is how long a letter that staff ordered can be called back. `quiet` days after the last word an
    answered ticket is closed, within `reopen` days a reply opens it again. `reference_life` is how long a reference
    issued to staff or a partner is good, `silence_after_bounce` how long an address that refused our mail gets none by
    machine. `markings` are the words that stand on classified documents. `ops` is whoever runs the program. An
    asker who owes us an answer is reminded after `asker_days` working days; after as many again we stop waiting.
    """

    prefix: str = "KV"
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Amsterdam"))
    workdays: Workdays = field(default_factory=Workdays)
    response_days: int = 3
    cutoff: time | None = None
    team: Address = field(default_factory=lambda: Address("team", "desk.example"))
    staff_language: Language = Language.NL
    caps: Caps = field(default_factory=Caps)
    oldest_answered: timedelta = timedelta(hours=24)
    duplicate_window: timedelta = timedelta(hours=24)
    staff: tuple[Person, ...] = ()
    own_addresses: tuple[Address, ...] = ()
    other_desks: tuple[OtherDesk, ...] = ()
    notify: Notify = Notify.ASSIGNEE
    has_border: bool = False
    hide_names: bool = True
    hold: timedelta = timedelta(minutes=3)
    quiet: timedelta = timedelta(days=14)
    office: Office = field(default_factory=Office)
    ops: Address = field(default_factory=lambda: Address("ops", "desk.example"))
    asker_days: int = 10
    reopen: timedelta = timedelta(days=30)
    reference_life: timedelta = timedelta(days=180)
    silence_after_bounce: timedelta = timedelta(days=60)
    partners: tuple[Partner, ...] = ()
    coordination: Coordination = field(default_factory=Coordination)
    suggestions: tuple[Suggestion, ...] = ()
    markings: tuple[str, ...] = ()

    @property
    def coordinators(self) -> tuple[Person, ...]:
        return tuple(person for person in self.staff if person.coordinator)
