"""A desk without sockets, and the oracle that knows for whom each word is."""

from __future__ import annotations

import asyncio
import hashlib
import html
import io
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message as Letter
from email.utils import getaddresses
from enum import StrEnum
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, Protocol, cast
from urllib.parse import unquote

from ksmail.assemble import make_clerk
from ksmail.capability import find_tokens
from ksmail.clerk import Clerk
from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import EntryKind, PromiseState, Status
from ksmail.errors import UnreadableMail
from ksmail.incoming.limits import Limits
from ksmail.incoming.mailbox import Copy, Folder, IncomingMail, MailKey
from ksmail.incoming.message import Message
from ksmail.incoming.parse import parse
from ksmail.incoming.worker import Parser
from ksmail.intake import Intake
from ksmail.outbox import Desk, Outbox
from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.transport import Bounced, Deferred, Outcome, Sent, Uncertain
from ksmail.reference import Reference
from ksmail.reminders import Reminders
from ksmail.store.store import Reader, Store, StoreSettings
from ksmail.store.values import DisclosureLine, EntryLine, InboundLine
from tests.stories.people import BZ, EVA, EZ, MINISTRIES, OCW, PEOPLE, SAM
from tests.stories.rig import DESK, TEAM, Clock, Rig, settings

HOME = "eva@home.example"
STAFF = frozenset({SAM, EVA, HOME, TEAM})
ADA, BOB, CLEO = "ada@uni.example", "bob@lab.example", "cleo@tech.example"
ADVISER, LAWYER = "adviser@uni.example", "lawyer@firm.example"
# Who they are: names that occur nowhere else. A ministry reads them where staff wanted it, and nowhere else.
NAMES = {
    ADA: "Quirijn Zonnebloem",
    BOB: "Wietske Knispelaar",
    CLEO: "Xandra van Vuursteen",
    ADVISER: "Olof Palingkweker",
    LAWYER: "Machteld Brievengaarder",
}
EMPLOYERS = {"uni.example": "Universiteit Vossenstein", "tech.example": "Vuurberg Technologie"}
INSTITUTIONS = "name,kind,domains\n" + "".join(f"{name},university,{domain}\n" for domain, name in EMPLOYERS.items())
MORE = f"""
{PEOPLE}
[[desk.referral]]
name = "export"
title_nl = "het loket voor export"
title_en = "the export desk"
contact = "020 000 00 00"
[orders]
receipt_hour = 1000
[acknowledge]
address_hour = 1000
address_day = 1000
desk_hour = 10000
quarantine_hour = 1000
followup_hour = 1000
"""  # the caps have tests of their own; here they would only keep letters from the oracle
HOLD = timedelta(minutes=3)


@dataclass(frozen=True)
class Ministry:
    """A partner of the desk. Nobody outside it reads `secrets` of it; what it is called stands above a position that
    staff share."""

    code: str
    liaison: str
    colleague: str
    secrets: re.Pattern[str]
    called: re.Pattern[str]

    def is_of(self, spec: str) -> bool:
        return _domain(spec) == _domain(self.liaison)


def _ministry(code: str, liaison: str, colleague: str, codes: str, called: str) -> Ministry:
    people = "|".join(word for spec in (liaison, colleague) for word in NAMES[spec].split())
    domain = re.escape(_domain(liaison))
    return Ministry(code, liaison, colleague, re.compile(rf"\b(?:{codes}|{people}|{domain})\b"), re.compile(called))


def _domain(spec: str) -> str:
    return spec.partition("@")[2]


NAMES |= {
    BZ: "Bartholomeus Vlinderstruik",
    OCW: "Otteline Schemerlamp",
    EZ: "Egidius Kruiwagen",
    "barbara@bz.example": "Barbarina Zilverreiger",
    "oda@ocw.example": "Odalinde Waterjuffer",
    "evert@ez.example": "Evertje Roodborst",
}
PARTNERS = tuple(
    _ministry(*facts)
    for facts in (
        ("BZ", BZ, "barbara@bz.example", "BZ|BuZa", "Buitenlandse Zaken|Foreign Affairs"),
        ("OCW", OCW, "oda@ocw.example", "OCW", "Onderwijs, Cultuur|Education, Culture"),
        ("EZ", EZ, "evert@ez.example", "EZK?", "Economische Zaken|Economic Affairs"),
    )
)
LIAISONS = {ministry.liaison: ministry for ministry in PARTNERS}
CODES = {"bz": BZ, "buza": BZ, "ocw": OCW, "ez": EZ, "ezk": EZ}  # what staff write in an order
_NEVER_ASKED = re.compile(r"\bDefensie\b|Defence|mindef")


KEY = "k1 " + "5a" * 32


# --- a desk without sockets


@dataclass(frozen=True)
class Taken:
    """A letter that a mail server took, for these recipients."""

    raw: bytes
    recipients: tuple[str, ...]


class Office(Protocol):
    """A desk that a machine drives: with servers in memory, or without any."""

    clock: Clock
    store: Store

    def put(self, raw: bytes) -> None:
        """Into the mailbox."""

    def work(self) -> None:
        """One round of everything."""

    def taken(self) -> list[Taken]:
        """What mail servers took since the last time."""

    def expect(self, mood: Mood, why: str) -> None:
        """What the mail server does with the next letter; `why` are its words."""

    def doubted(self) -> set[tuple[str, str]]:
        """Letters (SHA-256) that somebody may or may not have got so far, and who."""

    def calm(self) -> None:
        """The mail server takes everything from now on."""

    def restart(self) -> None:
        """As after a crash."""

    def close(self) -> None: ...


class Mood(StrEnum):
    """What a mail server does with a letter."""

    REFUSE = "refuse"
    REFUSE_THE_OTHERS = "refuse the others"
    REFUSE_THE_FIRST = "refuse the first"
    DEFER = "defer"
    ACCOUNT = "account"
    TAKE_IN_SILENCE = "take in silence"
    DIE_IN_SILENCE = "die in silence"
    POWER_CUT = "power cut"


class PowerCut(BaseException):
    """The machine under the desk stops."""


class QuietMailbox:
    """A mailbox (see `Mailbox`) that is a dictionary."""

    def __init__(self) -> None:
        self.inbox: dict[int, tuple[bytes, datetime]] = {}
        self.filed: list[bytes] = []
        self._uids = count(1)

    def put(self, raw: bytes, at: datetime) -> None:
        self.inbox[next(self._uids)] = (raw, at)

    def open(self) -> int:
        return 1

    def uids(self) -> tuple[int, ...]:
        return tuple(self.inbox)

    def fetch(self, uids: Sequence[int]) -> Iterator[IncomingMail]:
        for uid in uids:
            raw, at = self.inbox[uid]
            yield IncomingMail(key=MailKey("INBOX", 1, uid), raw=raw, received_at=at, size=len(raw))

    def file(self, uids: Sequence[int], folder: Folder) -> None:
        self.filed += [self.inbox.pop(uid)[0] for uid in uids]

    def destroy(self, copy: Copy) -> int:
        before = len(self.filed)
        self.filed = [raw for raw in self.filed if hashlib.sha256(raw).hexdigest() != copy.sha256]
        return before - len(self.filed)

    def wait(self, seconds: float) -> bool:
        return False

    def interrupt(self) -> None: ...

    def close(self) -> None: ...


class QuietTransport:
    """A transport (see `Transport`) that keeps what it takes, or does not take it."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.moods: list[tuple[Mood, str]] = []
        self.doubted: set[tuple[str, str]] = set()

    async def send(self, mail: OutgoingMail, recipients: tuple[str, ...]) -> Mapping[str, Outcome]:
        mood, why = self.moods.pop() if self.moods else (None, "")
        outcomes = _outcomes(mood, why, mail, recipients)
        silent = mood in (Mood.TAKE_IN_SILENCE, Mood.POWER_CUT)
        if silent or mood is Mood.DIE_IN_SILENCE:
            self.doubted |= {(sha256(mail.raw), who) for who in recipients}
        took = tuple(who for who in recipients if silent or isinstance(outcomes[who], Sent))
        if took:
            self.taken.append(Taken(mail.raw, took))
        if mood is Mood.POWER_CUT:
            raise PowerCut
        return outcomes

    async def close(self) -> None: ...


def _outcomes(mood: Mood | None, why: str, mail: OutgoingMail, recipients: tuple[str, ...]) -> dict[str, Outcome]:
    first = mail.recipients[0]
    refused = {
        Mood.REFUSE: set(recipients),
        Mood.REFUSE_THE_FIRST: {first},
        Mood.REFUSE_THE_OTHERS: set(recipients) - {first},
    }
    match mood:
        case Mood.REFUSE | Mood.REFUSE_THE_FIRST | Mood.REFUSE_THE_OTHERS:
            no = Bounced(f"550 5.1.1 <{first}> {why}")
            return {who: no if who in refused[mood] else Sent("250 2.0.0 ok") for who in recipients}
        case Mood.DEFER | Mood.ACCOUNT:
            return dict.fromkeys(recipients, Deferred(f"450 4.2.0 {why}", account_wide=mood is Mood.ACCOUNT))
        case Mood.TAKE_IN_SILENCE | Mood.DIE_IN_SILENCE:
            return dict.fromkeys(recipients, Uncertain(f"lost {why}"))
        case _:
            return dict.fromkeys(recipients, Sent("250 2.0.0 ok"))


class QuietParser:
    """What `Parser` does, without a process. `faults` are the texts of what could not be read."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def parse_many(self, raws: Sequence[bytes]) -> Iterator[Message | UnreadableMail]:
        for raw in raws:
            try:
                yield parse(raw, Limits())
            except UnreadableMail as fault:
                self.faults.append(f"{fault!r} {fault.__cause__!r}")
                yield fault


class QuietOffice:
    """A whole desk with its store, and dictionaries for servers."""

    def __init__(self, store: StoreSettings, clerk: Clerk) -> None:
        self.clock = Clock()
        self.mailbox, self.transport, self.parser = QuietMailbox(), QuietTransport(), QuietParser()
        self._settings, self._clerk, self._runner = store, clerk, asyncio.Runner()
        self._start()

    def _start(self) -> None:
        store, clerk, now = Store.open(self._settings), self._clerk, self.clock.now
        desk = Desk(policy=clerk.policy, composer=clerk.composer, limits=clerk.limits)
        self.store = store
        self.intake = Intake(self.mailbox, "INBOX", store, cast(Parser, self.parser), clerk, now)
        # One letter after the other, so that a run can be repeated.
        self.outbox = Outbox(store, self.transport, desk, now, lambda: 0.0, connections=1)
        self.reminders = Reminders(store, desk, now)

    def put(self, raw: bytes) -> None:
        self.mailbox.put(raw, self.clock.now())

    def work(self) -> None:
        self.intake.round()
        self.reminders.round()
        try:
            self._runner.run(self.outbox.round())
        except PowerCut:
            self.restart()

    def taken(self) -> list[Taken]:
        news, self.transport.taken = self.transport.taken, []
        return news

    def expect(self, mood: Mood, why: str) -> None:
        self.transport.moods.append((mood, why))

    def doubted(self) -> set[tuple[str, str]]:
        return self.transport.doubted

    def calm(self) -> None:
        self.transport.moods.clear()

    def restart(self) -> None:
        self.store.close()
        self._start()
        self._runner.run(self.outbox.recover())

    def close(self) -> None:
        self.store.close()
        self._runner.close()


def quiet_offices(folder: Path) -> Iterator[QuietOffice]:
    """One desk after the other, each with a store of its own; what they share is made once."""
    folder.mkdir()
    nowhere = SimpleNamespace(password="x", imap_port=1, smtp_port=1, user=DESK, ca_file="")
    (folder / "institutions.csv").write_text(INSTITUTIONS)
    config = settings(folder, cast(Any, nowhere), MORE, partners=MINISTRIES)
    config.keys_file.touch(0o600)
    config.keys_file.write_text(KEY)
    clerk = make_clerk(config)
    Store.migrate(config.store)
    for number in count(1):
        path = folder / f"{number}.db"
        shutil.copy(config.store.path, path)
        yield QuietOffice(replace(config.store, path=path), clerk)


class WiredOffice:
    """The desk of the other stories, with its servers in memory."""

    def __init__(self, rig: Rig) -> None:
        self._rig, self.clock, self.store = rig, rig.clock, rig.store
        self._seen = len(rig.servers.sent)

    def put(self, raw: bytes) -> None:
        self._rig.deliver(raw)

    def work(self) -> None:
        self._rig.work()

    def taken(self) -> list[Taken]:
        news = self._rig.servers.sent[self._seen :]
        self._seen += len(news)
        return [Taken(mail.raw, tuple(mail.recipients)) for mail in news]

    def expect(self, mood: Mood, why: str) -> None: ...

    def doubted(self) -> set[tuple[str, str]]:
        return set()

    def calm(self) -> None: ...

    def restart(self) -> None:
        """Only the connections: whole restarts over servers have stories of their own, and take seconds."""
        self._rig.works.mailbox.close()
        asyncio.run(self._rig.works.outbox.recover())

    def close(self) -> None:
        self._rig.close()


def wired_offices(make_rig: Callable[..., Rig], folder: Path) -> Iterator[WiredOffice]:
    """One desk after the other over servers; `folder` is where the rigs are made."""
    for number in count(1):
        (folder / str(number)).mkdir()
        (folder / str(number) / "institutions.csv").write_text(INSTITUTIONS)
        yield WiredOffice(make_rig(MORE, str(number), partners=MINISTRIES))


# --- words, and who may read them

BIRD = re.compile(r"qx0[a-z]{5}0xq")  # with a digit that no signature of ours has
_TAG = re.compile(r"\[KV-\d{4}-\d{4,}/\w+\]")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# What asker letters must not name; whoever answers stays "the desk".
_STAFF_NAMES = re.compile(r"\bSam\b|\bEva\b|Coördinator|\beefje\b", re.IGNORECASE)
_ORDINARY = frozenset({"van", "Universiteit", "Technologie"})  # words of names that stand in letters too
AT_HOME = frozenset(who for ministry in PARTNERS for who in (ministry.liaison, ministry.colleague))
_PERSON = {
    name: re.compile(rf"\b(?:{'|'.join(word for word in name.split() if word not in _ORDINARY)})\b", re.IGNORECASE)
    for name in (*NAMES.values(), *EMPLOYERS.values())
}
# Our own faults: a mail or a letter that only a bug can have stopped.
_FAULTS = frozenset({"mail_failed", "quarantine_failed", "letter_failed", "outbox_failed", "library", "crashed"})


@dataclass(eq=False)
class Bird:
    """A word that occurs nowhere else. Nobody may read it until somebody is named who may.

    `tickets` are those whose asker's side may, not before `since`; `readers` always may. `left`: one of a side read it.
    Ministries have a `Leave` for it, or none.
    """

    word: str
    what: str
    staff: bool = False
    tickets: set[str] = field(default_factory=set)
    since: datetime | None = None
    left: bool = False
    readers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Telling:
    """What an order about ministries lets out, once it is obeyed. `to` are the liaisons that it names; for "share" the
    one whose position it shows. `words`: staff wrote what they are told, else the asker did."""

    verb: str
    to: tuple[str, ...]
    identity: bool
    files: bool
    words: bool


@dataclass(eq=False)
class Leave:
    """A ministry may read these words from `since` on. With `identity` it may know who asks, of the ministries `shown`
    what they are called. `left`: it has read one of them."""

    ticket: str
    liaison: str
    since: datetime
    birds: frozenset[Bird] = frozenset()
    identity: bool = False
    shown: frozenset[str] = frozenset()
    left: bool = False


class Seen(NamedTuple):
    """A letter that somebody got. `about` is a ticket's number, Q-17 or C-17; `audience` stands in its token."""

    letter: Letter
    taken: Taken
    about: str
    audience: str


@dataclass(kw_only=True)
class Post:
    """A mail to the desk, with what the one who wrote it meant.

    `genuine`: our border vouches for a staff member. `for_asker` are the birds of which he wants that they leave, if
    the orders are obeyed, `for_partners` those that the ministries of his `tellings` may then read; `repeats` he puts
    into it without saying that he means it. `merges` is the ticket into which he puts this one, `awaited` the mail that
    he confirms. `own` is what stands in none of the letters that he quotes.
    """

    author: str
    text: tuple[Bird, ...] = ()
    subject: tuple[Bird, ...] = ()
    files: tuple[Bird, ...] = ()
    copied: tuple[str, ...] = ()
    asker: str = ""
    form: bool = False
    genuine: bool = False
    machine: bool = False
    own: tuple[Bird, ...] = ()
    for_asker: tuple[Bird, ...] = ()
    for_partners: tuple[Bird, ...] = ()
    repeats: tuple[Bird, ...] = ()
    tellings: tuple[Telling, ...] = ()
    verbs: tuple[str, ...] = ()
    merges: str = ""
    releases: int = 0
    awaited: int = 0
    number: int = 0
    line: InboundLine | None = None
    released: bool = False

    @property
    def kept_with(self) -> str:
        """The ticket with which the words of staff are kept, if they are."""
        line = self.line
        kept = line is not None and line.disposition in (Disposition.FOLLOW_UP, Disposition.ORDER)
        return str(line.ticket) if kept and line is not None and line.ticket else ""


class Oracle:
    """Knows every word and every mail, and looks at every letter and every line of the log."""

    def __init__(self, office: Office, log: io.StringIO) -> None:
        self.office, self.log = office, log
        log.seek(0)
        log.truncate()  # what the one before could not look at any more
        self.birds: dict[str, Bird] = {}
        self.posts: dict[int, Post] = {}
        self.sides: dict[str, set[str]] = {}
        self.merged: dict[str, str] = {}
        self.letters: list[Seen] = []
        self.leaves: list[Leave] = []
        self.questions: dict[str, list[Bird]] = {}
        self.additions: dict[str, list[Bird]] = {}
        self.enclosed: dict[str, list[Bird]] = {}
        self.positions: list[tuple[str, str, tuple[Bird, ...]]] = []  # ticket, liaison, own words
        self.askers: dict[str, str] = {}
        self.tally: Counter[str] = Counter()
        self._fresh: list[Post] = []
        self._freed: list[Post] = []
        self._private_tokens: set[str] = set()  # of staff, and of ministries
        self._stolen: set[str] = set()  # references that outsiders have, so that they may get them back
        self._tagged: set[str] = set()  # who wrote to us below the tag of a letter to a ministry
        self._machines: set[str] = set()
        self._words = count(1)
        self.sound = True

    # words

    def bird(self, what: str, **facts: Any) -> Bird:
        number, letters = next(self._words), ""
        for _ in range(5):
            number, rest = divmod(number, 26)
            letters += chr(ord("a") + rest)
        made = Bird(f"qx0{letters}0xq", what, **facts)
        self.birds[made.word] = made
        return made

    def root(self, reference: str) -> str:
        """The ticket in which this one is by now."""
        while reference in self.merged:
            reference = self.merged[reference]
        return reference

    def family(self, reference: str) -> list[str]:
        """All tickets that are one with this one by now."""
        return [name for name in self.sides if self.root(name) == self.root(reference)]

    def asked(self, reference: str) -> set[str]:
        """The ministries that staff asked about it."""
        return {leave.liaison for leave in self.leaves if self.root(leave.ticket) == self.root(reference)}

    # mails

    def deliver(self, raw: bytes, post: Post) -> None:
        """Put it into the mailbox."""
        self.office.put(raw)
        post.number = len(self.posts) + 1
        self.posts[post.number] = post
        self._fresh.append(post)
        post.own = post.own or post.text
        if post.author not in STAFF and not post.machine:
            self._known_to_its_writer(said(message_from_bytes(raw)), post)
            if _TAG.search(decoded(message_from_bytes(raw)["Subject"] or "")):
                self._tagged |= {post.author, post.asker}
        if post.machine:
            self._machines.add(str(message_from_bytes(raw)["Message-ID"]))

    def _known_to_its_writer(self, text: str, post: Post) -> None:
        """Whoever writes a word to us knows it, wherever he has it from, and may read it again."""
        self._stolen.update(find_tokens(text))
        told = tuple(self.birds[word] for word in dict.fromkeys(BIRD.findall(text)))
        for bird in told:
            bird.readers |= {post.author, *post.copied, *_at_home(post.author)}
        post.text = tuple(dict.fromkeys((*post.text, *told)))

    def work(self) -> None:
        """Let the desk work, and look at everything that came of it."""
        self.sound = False
        self.office.work()
        fresh, self._fresh = self._fresh, []
        with self.office.store.reading() as past:
            for post in fresh:
                self._settled(past, post)
        while self._freed:
            self.office.work()  # a mail that was let through is judged again
            with self.office.store.reading() as past:
                self._settled(past, self._freed.pop(0))
        with self.office.store.reading() as past:
            self._look(past, fresh)
        self.sound = True

    def _settled(self, past: Reader, post: Post) -> None:
        """What became of a mail says who may read it from now on, as far as its writer meant it."""
        line = post.line = cast(InboundLine, past.inbound(post.number))
        self.tally[line.disposition.value] += 1
        ticket = str(line.ticket) if line.ticket else ""
        for bird in post.subject:
            bird.staff = True
        match line.disposition:
            case Disposition.PENDING:
                raise AssertionError(f"mail {post.number} is still pending")
            case Disposition.TICKET:
                self._opened(post, ticket)
            case Disposition.FOLLOW_UP:
                self._followed(past, post, ticket)
            case Disposition.AUTOMATIC | Disposition.BOUNCE:
                assert post.machine, f"not a machine's: {line.reason}"
                _let(post.text, staff=True)
            case Disposition.ORDER:
                self._ordered(past, post, ticket, line.reason)
            case _:
                pass

    def _opened(self, post: Post, ticket: str) -> None:
        assert not post.machine
        assert post.author not in STAFF or post.released, "a question of staff"
        self.askers.setdefault(ticket, post.asker or post.author)
        self.sides.setdefault(ticket, {self.askers[ticket], *post.copied})
        if not post.form:
            self.sides[ticket].add(post.author)
        self.questions.setdefault(ticket, []).extend(post.own)
        self.enclosed.setdefault(ticket, []).extend(post.files)
        _let((*post.text, *post.subject), staff=True, ticket=ticket)

    def _followed(self, past: Reader, post: Post, ticket: str) -> None:
        if post.author in STAFF:
            assert post.genuine or post.released, "a note of somebody who is not proven to be staff"
            return _let(post.text, staff=True)
        entry = _entry(past, ticket, post.number)
        if entry.audience != "a":
            return self._of_a_ministry(post, ticket, entry)
        side, author = self.sides[ticket], post.asker if post.form else post.author
        known = author in side or _domain(author) == _domain(self.askers[ticket])
        assert known or post.released, f"the stranger {author} in {ticket}: {post}"
        side.add(author)
        self.additions.setdefault(ticket, []).extend(post.own)
        self.enclosed.setdefault(ticket, []).extend(post.files)
        return _let((*post.text, *post.subject), staff=True, ticket=ticket)

    def _of_a_ministry(self, post: Post, ticket: str, entry: EntryLine) -> None:
        """A position of a ministry that was asked, proven to be its own; or a note, which is nobody's but staff's."""
        _let((*post.text, *post.subject), staff=True)
        if entry.kind is not EntryKind.POSITION:
            assert entry.audience == "s", f"a note that {entry.audience} may read"
            return
        ministry = next(each for each in PARTNERS if each.code == entry.partner)
        assert ministry.is_of(post.author), f"{post.author} spoke for {ministry.code}"
        assert post.genuine or post.released, f"a position of {ministry.code} that nothing proves"
        assert ministry.liaison in self.asked(ticket), f"a position of {ministry.code}, which nobody asked"
        self.positions.append((ticket, ministry.liaison, post.own))
        self.tally.update(f"partner #{verb}" for verb in post.verbs)

    def _ordered(self, past: Reader, post: Post, ticket: str, reason: str) -> None:
        assert post.genuine, "an order of somebody who is not proven to be staff"
        _let((*post.text, *post.for_asker), staff=True)
        if post.awaited and reason.startswith("orders of staff: "):
            self._obeyed(past, self.posts[post.awaited], ticket)
        elif reason.startswith("orders of staff: "):
            self._obeyed(past, post, ticket)

    def _obeyed(self, past: Reader, post: Post, ticket: str) -> None:
        self.tally.update(f"#{verb}" for verb in post.verbs)
        now = self.office.clock.now()
        mine = [bird for bird in self.birds.values() if ticket in map(self.root, bird.tickets) and bird.since]
        if "stop" in post.verbs:
            for bird in mine:
                if not bird.left:
                    bird.tickets.clear()
            self.leaves = [leave for leave in self.leaves if leave.left or self.root(leave.ticket) != self.root(ticket)]
        if "now" in post.verbs:
            for bird in mine:
                bird.since = min(bird.since or now, now)
            for leave in self.leaves:
                if self.root(leave.ticket) == self.root(ticket):
                    leave.since = min(leave.since, now)
        for bird in post.for_asker:
            if not bird.left:
                bird.since = now + HOLD
        _let(post.for_asker, staff=True, ticket=ticket)
        for telling in post.tellings:
            self._told(post, telling, ticket, now + HOLD)
        if post.merges:
            self._merged(past, ticket, post.merges)
        if "split" in post.verbs:
            self._split(past, ticket, post)
        if post.releases:
            freed = self.posts[post.releases]
            freed.released = True
            self._freed.append(freed)

    def _told(self, post: Post, telling: Telling, ticket: str, since: datetime) -> None:
        """An order about ministries was obeyed. Of a question all that was asked may leave, and of a position all that
        this ministry ever said about it: which is the newest of them, other tests tell."""
        family = self.family(ticket)
        # What the asker's side knows staff may tell; what another ministry knows only if they say that they mean it.
        birds: Iterable[Bird] = (*post.for_partners, *filter(self._is_the_askers, post.repeats))
        if telling.verb == "withdraw":
            return
        if telling.verb == "share":
            (whose,) = telling.to
            birds = [bird for name, who, own in self.positions if name in family and who == whose for bird in own]
            for liaison in self.asked(ticket) - {whose}:
                self.leaves.append(Leave(ticket, liaison, since, frozenset(birds), shown=frozenset({whose})))
            return
        if not telling.words:
            theirs = self.questions if telling.verb == "consult" else self.additions
            birds = [bird for name in family for bird in theirs.get(name, ())]
        if telling.files:
            birds = [*birds, *post.files, *(bird for name in family for bird in self.enclosed.get(name, ()))]
        for liaison in telling.to:
            self.leaves.append(Leave(ticket, liaison, since, frozenset(birds), telling.identity))

    def _is_the_askers(self, bird: Bird) -> bool:
        return bool(bird.tickets) and (bird.since is None or bird.since <= self.office.clock.now())

    def _merged(self, past: Reader, ticket: str, into: str) -> None:
        """Two askers' sides are one from now on: that is what a merge means."""
        gone = [line.reference for line in past.tickets(1000) if str(line.reference) not in self.merged]
        for reference in gone:
            found = past.find_ticket(reference)
            if found is not None and found.merged_into is not None:
                assert str(found.merged_into) == into, "a merge that nobody ordered"
                self.merged[str(reference)] = into
                both = self.sides[str(reference)] | self.sides[into]
                for name, side in list(self.sides.items()):
                    if side is self.sides[into] or self.root(name) == self.root(into):
                        self.sides[name] = both

    def _split(self, past: Reader, ticket: str, post: Post) -> None:
        for line in past.tickets(5):
            made = past.find_ticket(line.reference)
            if made is None or made.continues is None or self.root(str(made.continues)) != self.root(ticket):
                continue  # a question of somebody else's that came in the same round
            if str(line.reference) not in self.sides:
                self.sides[str(line.reference)] = set(self.sides[ticket])
                self.askers[str(line.reference)] = self.askers[ticket]
                heads = [bird for bird in self.birds.values() if "subject" in bird.what and ticket in bird.tickets]
                _let((*post.text, *heads), staff=True, ticket=str(line.reference))  # it has the subject of the first
                self.questions[str(line.reference)] = list(post.for_partners)

    # what came of it

    def _look(self, past: Reader, fresh: Sequence[Post]) -> None:
        self._look_at_the_log()
        touched = {str(post.line.ticket) for post in fresh if post.line and post.line.ticket}
        for taken in self.office.taken():
            touched.add(self._look_at_a_letter(taken))
        for reference in touched & self.sides.keys():
            self._look_at_a_ticket(past, reference)

    def _look_at_the_log(self) -> None:
        text = self.log.getvalue()
        self.log.seek(0)
        self.log.truncate()
        for line in text.splitlines():
            assert not BIRD.search(line), f"a canary in the log: {line}"
            assert not _ADDRESS.search(line), f"an address in the log: {line}"
            assert json.loads(line)["event"] not in _FAULTS, f"our own fault: {line}"
        faults = cast(QuietParser, getattr(self.office, "parser", QuietParser())).faults
        assert not any(BIRD.search(fault) for fault in faults), "a canary in an exception"

    def _look_at_a_letter(self, taken: Taken) -> str:
        letter = message_from_bytes(taken.raw)
        about, audience = _subject_of(letter)
        self.letters.append(Seen(letter, taken, about, audience))
        text = said(letter)
        if audience != "a":
            self._private_tokens.update(find_tokens(text))
        if audience == "s":
            assert set(taken.recipients) <= STAFF, f"a letter to staff went to {taken.recipients}"
        elif audience == "p":
            self._look_at_a_ministrys_letter(letter, taken, about, text)
        else:
            self._look_at_an_askers_letter(letter, taken, about, text)
        for word in set(BIRD.findall(text)):
            for who in taken.recipients:
                self._may_read(self.birds[word], who, letter)
        return about

    def _may_read(self, bird: Bird, who: str, letter: Letter) -> None:
        if who in STAFF:
            assert bird.staff, f"staff read {bird} in {letter['Subject']}"
            return
        now = self.office.clock.now()
        leaves = [leave for leave in self.leaves if leave.liaison == who and bird in leave.birds and leave.since <= now]
        for leave in leaves:
            leave.left = True
        if leaves or who in bird.readers:
            return
        sides = [self.sides[ticket] for ticket in bird.tickets]
        assert any(who in side for side in sides), f"{who} read {bird}{self._story(bird)} in\n{text_of(letter)}"
        assert bird.since is None or bird.since <= now, f"{bird} left too early"
        bird.left = True

    def _story(self, bird: Bird) -> str:
        """The mails that the word came with, and what became of them."""
        posts = [post for post in self.posts.values() if bird in (*post.text, *post.repeats)]
        return "".join(f"\n  {post.author}: {post.verbs} {post.line.reason if post.line else ''}" for post in posts)

    def _look_at_an_askers_letter(self, letter: Letter, taken: Taken, about: str, text: str) -> None:
        post = self.posts.get(int(about[2:])) if about.startswith("Q-") else None
        side = {post.author, post.asker} if post else self.sides[about]
        assert set(taken.recipients) <= side, f"{taken.recipients} have no part in {about}"
        strangers = _named_in(letter) - side
        assert not strangers, f"{strangers} are named in\n{text_of(letter)}"
        assert not _STAFF_NAMES.search(_bare(letter)), f"a name of staff in\n{text_of(letter)}"
        tokens = self._private_tokens.intersection(find_tokens(text)) - self._stolen
        assert not tokens, f"a reference of staff or of a ministry in\n{text_of(letter)}"
        if letter["Auto-Submitted"]:
            assert letter["In-Reply-To"] not in self._machines, f"a machine got\n{text_of(letter)}"
        bare = _TAG.sub("", _bare(letter)) if self._tagged & side else _bare(letter)
        for ministry in PARTNERS:
            if not any(ministry.is_of(who) for who in side):
                found = ministry.secrets.search(bare) or ministry.called.search(bare)
                assert not found, f"{found} of a ministry in\n{text_of(letter)}"

    def _look_at_a_ministrys_letter(self, letter: Letter, taken: Taken, about: str, text: str) -> None:
        (liaison,) = taken.recipients
        shown, bare = f"\n{text_of(letter)}", _bare(letter)
        assert [spec for _, spec in getaddresses([str(letter["To"])])] == [liaison], f"to somebody else too{shown}"
        assert not letter["Cc"] and not letter["Bcc"], f"in copy{shown}"
        assert f"[{about}/{LIAISONS[liaison].code}]" in decoded(letter["Subject"])
        assert liaison in self.asked(about), f"{liaison} was never asked{shown}"
        (own, *_) = find_tokens(str(letter["Message-ID"]))
        strange = {token for token in find_tokens(text) if token.split(".")[1:3] != own.split(".")[1:3]}
        assert not strange, f"references of somebody else{shown}"
        assert not _STAFF_NAMES.search(bare), f"a name of staff{shown}"
        if letter["Auto-Submitted"]:
            assert letter["In-Reply-To"] not in self._machines, f"a machine got{shown}"
        self._look_for_ministries(liaison, about, bare, shown)
        side = self._known_to(liaison, about)
        strangers = _named_in(letter) - side - {liaison}
        assert not strangers, f"{strangers} are named in{shown}"
        known = {NAMES[spec] for spec in side if spec in NAMES} | {EMPLOYERS.get(_domain(spec), "") for spec in side}
        for name in (*(NAMES[spec] for spec in (ADA, BOB, CLEO, ADVISER, LAWYER)), *EMPLOYERS.values()):
            assert name in known or not _PERSON[name].search(bare), f"{name} stands in{shown}"

    def _look_for_ministries(self, liaison: str, about: str, bare: str, shown: str) -> None:
        """Of other ministries a letter says at most what they are called, where staff shared a position. One that asks
        the desk something itself is an asker like any other."""
        side = self._known_to(liaison, about)
        called = {whose for leave in self._leaves(liaison, about) for whose in leave.shown}
        assert not _NEVER_ASKED.search(bare), f"a ministry that was never asked{shown}"
        for ministry in PARTNERS:
            if ministry.liaison != liaison and not any(ministry.is_of(who) for who in side):
                found = ministry.secrets.search(bare)
                assert not found, f"{found} of {ministry.code}{shown}"
                found = ministry.called.search(bare)
                assert not found or ministry.liaison in called, f"{found} of {ministry.code}{shown}"

    def _leaves(self, liaison: str, about: str) -> list[Leave]:
        """What this ministry may know about a ticket by now."""
        now, root = self.office.clock.now(), self.root(about)
        mine = (leave for leave in self.leaves if leave.liaison == liaison and self.root(leave.ticket) == root)
        return [leave for leave in mine if leave.since <= now]

    def _known_to(self, liaison: str, about: str) -> set[str]:
        """The addresses of the asker's side, once staff wanted this ministry to know who asks; else none."""
        if not any(leave.identity for leave in self._leaves(liaison, about)):
            return set()
        return {who for name in self.family(about) for who in self.sides[name]}

    def _look_at_a_ticket(self, past: Reader, reference: str) -> None:
        dossier = past.ticket(Reference.parse(reference))
        assert dossier is not None
        states = [line.state for line in dossier.promises]
        assert states.count(PromiseState.OPEN) <= 1, f"{reference} has two open promises"
        if dossier.ticket.status is Status.CLOSED:
            assert PromiseState.OPEN not in states, f"{reference} is closed and has an open promise"

    def _look_at_the_register(self, past: Reader) -> None:
        """What left has its line, and no line is about anything else."""
        lines = past.disclosures()
        outside = [seen for seen in self.letters if seen.audience != "s"]
        left = {(sha256(seen.taken.raw), who): seen for seen in outside for who in seen.taken.recipients}
        known = {(line.sha256, line.recipient) for line in lines}
        for key, seen in left.items():
            assert key in known, f"the register says nothing of\n{seen.letter['Subject']} to {key[1]}"
        for line in lines:
            key = (line.sha256, line.recipient)
            assert key in left or (not line.certain and key in self.office.doubted()), f"nobody got {line}"
            if key in left:
                self._look_at_a_line(line, left[key])

    def _look_at_a_line(self, line: DisclosureLine, seen: Seen) -> None:
        names_ticket = seen.about.count("-") == 2
        assert not names_ticket or str(line.ticket) == seen.about
        assert line.message_id == seen.letter["Message-ID"]
        assert line.by == "" or line.by in STAFF
        assert sorted(line.files) == sorted(sha256(data) for data in files_of(seen.letter)), f"other files: {line}"
        side = {who for name in self.family(seen.about) for who in self.sides[name]}
        tells_who = seen.audience == "p" and any(spec in _bare(seen.letter) for spec in side)
        if line.kind == "partner_reminder":  # it repeats what the ministry was told before
            assert not line.identity
        elif not side & AT_HOME:
            assert line.identity == tells_who, f"{line}\n{text_of(seen.letter)}"

    def end(self) -> None:
        """Every mail has become exactly one thing, and the register is right."""
        self.work()
        self.office.calm()
        for _ in range(2):  # what a power cut stopped goes again, and what was deferred
            self.office.clock.forward(days=1)
            self.work()
        with self.office.store.reading() as past:
            balance = {kind: number for kind, number in past.balance().items() if number}
            self._look_at_the_register(past)
        assert Disposition.PENDING not in balance
        assert sum(balance.values()) == len(self.posts)


def _let(birds: Iterable[Bird], *, staff: bool, ticket: str = "") -> None:
    for bird in birds:
        bird.staff = bird.staff or staff
        bird.tickets |= {ticket} if ticket else set()


def _at_home(spec: str) -> frozenset[str]:
    """What somebody of a ministry writes, its liaison may read."""
    return frozenset(ministry.liaison for ministry in PARTNERS if ministry.is_of(spec))


def _entry(past: Reader, ticket: str, mail: int) -> EntryLine:
    """What a mail became in the thread."""
    dossier = past.ticket(Reference.parse(ticket))
    assert dossier is not None
    return next(entry for entry in dossier.entries if entry.mail == mail)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _subject_of(letter: Letter) -> tuple[str, str]:
    """What a letter is about and for whom, by the token in its Message-ID."""
    (token, *_) = find_tokens(str(letter["Message-ID"]))
    about, audience, *_ = token.split(".")
    return about.upper(), audience


def said(letter: Letter) -> str:
    """Every word that somebody can find in a letter, wherever it stands."""
    return "\n".join([*(decoded(value) for part in letter.walk() for value in part.values()), *_bodies(letter)])


def _bare(letter: Letter) -> str:
    """The same, also what stands in links."""
    text = said(letter)
    return f"{text}\n{unquote(text)}"


def _named_in(letter: Letter) -> set[str]:
    """Whose addresses stand in a letter, without the desk's."""
    named = getaddresses([str(letter[name]) for name in ("To", "Cc") if letter[name]])
    named += [("", spec) for part in _bodies(letter) for spec in _ADDRESS.findall(part)]
    return {spec.lower() for _, spec in named if not spec.lower().startswith("desk+")} - {DESK}


def files_of(letter: Letter) -> list[bytes]:
    """The files that go along."""
    parts = (part for part in letter.walk() if part.get_content_disposition() == "attachment")
    return [cast(bytes, part.get_payload(decode=True)) for part in parts]


def decoded(head: object) -> str:
    """A field of a header on one line, as its reader sees it."""
    return " ".join(str(make_header(decode_header(str(head)))).split())


def _bodies(letter: Letter) -> list[str]:
    parts = [part for part in letter.walk() if not part.is_multipart()]
    texts = [cast(bytes, part.get_payload(decode=True)).decode("utf-8", "replace") for part in parts]
    return [
        html.unescape(text) if part.get_content_subtype() == "html" else text
        for part, text in zip(parts, texts, strict=True)
    ]


def text_of(letter: Letter) -> str:
    """The text part of a letter of ours."""
    return next(iter(_bodies(letter)), "").replace("\r\n", "\n")
