"""A year of a desk: what comes in at all hours, and people who answer in time, late, or not at all. The same seed makes
the same year, to the byte."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from ksmail import config
from ksmail.address import Address, parse_address
from ksmail.config import Config
from ksmail.desk.letter import LetterKind
from ksmail.simulate.people import Delivery, Pen
from ksmail.simulate.postman import SentLetter
from ksmail.simulate.run import Plan, Simulation
from ksmail.simulate.times import Course, Span, local_moment
from tests.builders import mail
from tests.lists import Item, items, tapped

DESK, TEAM, BORDER = "desk@desk.example", "team@desk.example", "mx.desk.example"
FORM = "noreply@form.example"
SAM, EVA, KIM = "sam@agency.example", "eva@agency.example", "kim@agency.example"
PARTNERS = {"BZ": "liaison@bz.example", "OCW": "kennis@ocw.example", "EZ": "loket@ez.example"}

SETTINGS = f"""
[desk]
address = "{DESK}"
name_nl = "Contactpunt"
name_en = "Contact point"
[team]
address = "{TEAM}"
[[staff]]
name = "Sam"
address = "{SAM}"
[[staff]]
name = "Eva"
address = "{EVA}"
role = "coordinator"
language = "en"
[[staff]]
name = "Kim"
address = "{KIM}"
[trust]
authserv_id = "{BORDER}"
[imap]
host = "mail.desk.example"
[smtp]
host = "mail.desk.example"
[[form]]
sender = "{FORM}"
"""
MINISTRIES = "".join(
    f'[[partner]]\ncode = "{code}"\nname_nl = "Ministerie {code}"\nname_en = "Ministry {code}"\n'
    f'domains = ["{liaison.partition("@")[2]}"]\nliaison = "{liaison}"\n'
    for code, liaison in PARTNERS.items()
)

_TOPICS = (
    ("een beurs van een buitenlandse overheid", "a scholarship of a foreign government"),
    ("een lab dat een bedrijf betaalt", "a laboratory that a company pays for"),
    ("een gezamenlijke leerstoel", "a joint chair"),
    ("een delegatie op bezoek", "a visiting delegation"),
    ("een gastonderzoeker", "a guest researcher"),
    ("een dataset op een gedeelde server", "a data set on a shared server"),
    ("een contract met een clausule over publicaties", "a contract with a clause on publications"),
)
_NL = "Goedemiddag,\n\nWij hebben een vraag over {topic}. Waar moeten wij op letten, en wat raadt u aan?\nHet gaat om \
dossier {number} van onze afdeling.\n\nMet vriendelijke groet,\n{name}\n"
_EN = "Dear contact point,\n\nWe have a question about {topic}. What should we look out for, and what do you advise?\n\
It is file {number} of our department.\n\nKind regards,\n{name}\n"
_NAMES = ("Ada", "Noor", "Robin", "Sanne", "Daan", "Yara", "Emma", "Levi", "Mila", "Finn")
_OFFICE = (time(9, 5), time(17, 25))
_ADVICE = "Beste collega,\n\nSpreek vooraf af wie de resultaten mag publiceren.\n\nHet contactpunt, {:%d-%m %H:%M}"


@dataclass(frozen=True)
class Year:
    """What the year holds, from its first day up to and not including its last, on the desk's clock. The
    mailbox is away for two days, and the program is down over a weekend."""

    seed: int = 1
    questions: int = 400
    first: date = date(2026, 7, 1)
    last: date = date(2027, 7, 1)
    mailbox_away: tuple[str, str] = ("2026-10-06 08:00", "2026-10-08 08:00")
    down: tuple[str, str] = ("2027-02-12 16:00", "2027-02-15 16:00")


@contextmanager
def simulated(folder: Path, year: Year | None = None, more: str = "") -> Iterator[Simulation]:
    """The year, ready to `run`; stories of your own go into its `rounds`. `more` is added to the settings."""
    found = settings(folder, more)
    what = year or Year()
    with Simulation(found, plan(found, what), People(found, what.seed)) as simulation:
        yield simulation


def settings(folder: Path, more: str = "") -> Config:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "partners.toml").write_text(MINISTRIES)
    (folder / "ksmail.toml").write_text(SETTINGS + more)
    return config.load(folder / "ksmail.toml", {}, secrets=False)


def plan(found: Config, year: Year) -> Plan:
    """The mails that nobody's letter causes, and what goes wrong."""
    zone = found.policy.timezone

    def span(begins: str, ends: str) -> Span:
        return Span(*(local_moment(datetime.fromisoformat(text), zone) for text in (begins, ends)))

    period = span(year.first.isoformat(), year.last.isoformat())
    random = Random(year.seed)
    mails = [*_questions(random, period, year.questions), *_newsletters(random, period)]
    course = Course(down=(span(*year.down),), mailbox_away=(span(*year.mailbox_away),))
    # By night and at the weekend the program looks around every three hours: nothing may happen then.
    return Plan(period=period, mails=tuple(mails), course=course, pace=timedelta(hours=3))


def _questions(random: Random, period: Span, count: int) -> Iterator[Delivery]:
    """At any second of any day; three of four on the desk's busier hours."""
    length = (period.ends - period.begins).total_seconds()
    for number in range(1, count + 1):
        at = period.begins + timedelta(seconds=random.randrange(int(length)))
        if random.random() < 0.75:
            at = at.replace(hour=random.randrange(6, 18))
        if at in period:
            yield Delivery(at, _question(random, number, at))


def _question(random: Random, number: int, at: datetime) -> bytes:
    name, dutch, by_form = random.choice(_NAMES), random.random() < 0.6, random.random() < 0.15
    topic = random.choice(_TOPICS)[0 if dutch else 1]
    asker = f"{name.lower()}{random.randrange(200)}@uni{random.randrange(14)}.example"
    return mail(
        sender=FORM if by_form else f"{name} <{asker}>",
        to=DESK,
        subject=f"{'Vraag' if dutch else 'Question'} {number}: {topic}",
        text=(_NL if dutch else _EN).format(topic=topic, number=number, name=name),
        message_id=f"<question-{number}@mail.example>",
        date=at,
        headers=[("Reply-To", asker)] if by_form else [("Return-Path", f"<{asker}>")],
    )


def _newsletters(random: Random, period: Span) -> Iterator[Delivery]:
    at, number = period.begins, 0
    while (at := at + timedelta(days=7, minutes=random.randrange(300))) < period.ends:
        number += 1
        yield Delivery(
            at,
            mail(
                sender="news@association.example",
                to=DESK,
                subject=f"News {number}",
                text=f"Ten new things to read, part {number}.\n",
                message_id=f"<news-{number}@association.example>",
                date=at,
                headers=[("List-Id", "<news.association.example>"), ("Precedence", "bulk")],
            ),
        )


@dataclass
class People:
    """Staff, partners and askers. What each does about a ticket hangs on the seed, on its number, and on how many
    letters of the kind he had about it."""

    config: Config
    seed: int

    def __post_init__(self) -> None:
        self._pen = Pen(BORDER)
        self._policy = self.config.policy
        self._had = Counter[str]()

    def look(self, now: datetime) -> Iterable[Delivery]:
        return ()

    def read(self, letter: SentLetter) -> Iterable[Delivery]:
        read = f"{letter.mail.about} {letter.mail.kind} {letter.recipients[0]}"
        self._had[read] += 1
        random = Random(f"{self.seed} {read} {self._had[read]}")
        match LetterKind(letter.mail.kind):
            case LetterKind.ACK | LetterKind.ACK_LATE:
                yield from self._asker(letter, random)
            case LetterKind.INFO_REQUEST if random.random() < 0.8:
                yield self._write(letter, _reply_to(letter), "It begins in September, and lasts a year.", random, 0, 6)
            case LetterKind.ANSWER if (chance := random.random()) < 0.25:
                text = "Thank you very much!" if chance < 0.17 else "Thank you. But may the guest also use our server?"
                yield self._write(letter, _reply_to(letter), text, random, 0, 3)
            case LetterKind.STAFF_NEW:
                yield from self._staff(letter, random)
            case LetterKind.STAFF_FOLLOWUP | LetterKind.STAFF_PARTNER_REPLY | LetterKind.STAFF_DISAGREEMENT:
                yield from self._again(letter, random)
            case LetterKind.STAFF_DUE:
                yield from self._due(letter, random)
            case LetterKind.COORDINATOR_WEEKLY if random.random() < 0.3:
                free = [item for item in items(letter) if item.is_late and "nobody has it yet" in item.text]
                yield from self._taken(letter, parse_address(letter.recipients[0]), free[:1], random)
            case LetterKind.PARTNER_REQUEST | LetterKind.PARTNER_REMINDER if random.random() < 0.7:
                word = random.choice(("#akkoord", "#akkoord", "#bezwaar\n\nVraag eerst wie betaalt.", "#nietvanons"))
                yield self._write(letter, _reply_to(letter), word, random, 1, 7)
            case _:
                return

    def _asker(self, letter: SentLetter, random: Random) -> Iterator[Delivery]:
        chance = random.random()
        if chance < 0.08:
            text = "One more thing: the contract is to be signed next month."
            yield self._write(letter, _reply_to(letter), text, random, 0, 2)
        elif chance < 0.14:
            at = letter.at + timedelta(seconds=30)
            raw = self._pen.reply(letter, "I am on leave until Monday.", _reply_to(letter), at)
            yield Delivery(at, b"Auto-Submitted: auto-replied\r\n" + raw)

    def _staff(self, letter: SentLetter, random: Random) -> Iterator[Delivery]:
        """Most answer in time, some late, a few after weeks, a few never; some ask, consult or extend first."""
        sender, chance = parse_address(random.choice((SAM, SAM, EVA, KIM))), random.random()
        if chance < 0.7:
            yield self._answer(letter, sender, random, 0, 2)
        elif chance < 0.8:
            yield self._answer(letter, sender, random, 4, 8)
        elif chance < 0.84:
            yield self._answer(letter, sender, random, 15, 30)
        elif chance < 0.9:
            text = "#vraag\n\nBeste collega,\n\nWanneer begint het, en hoe lang duurt het?"
            yield self._write(letter, sender, text, random, 0, 2)
        elif chance < 0.96:
            codes = " ".join(random.sample(sorted(PARTNERS), random.choice((1, 2))))
            yield self._write(letter, sender, f"#pak\n#afstemmen {codes}", random, 0, 2)
            yield self._answer(letter, sender, random, 8, 12)
        elif chance < 0.98:
            later = self._policy.workdays.after(letter.at.date(), 8)
            yield self._write(letter, sender, f"#uitstel {later.isoformat()}: wij zoeken het uit", random, 0, 2)
            yield self._answer(letter, sender, random, 5, 10)

    def _again(self, letter: SentLetter, random: Random) -> Iterator[Delivery]:
        if random.random() < 0.6:
            reader = parse_address(letter.recipients[0])
            sender = parse_address(SAM) if reader == self._policy.team else reader
            yield self._answer(letter, sender, random, 0, 3)

    def _due(self, letter: SentLetter, random: Random) -> Iterator[Delivery]:
        """Half of what is late gets its answer on that day, by the link of its line; a tenth is taken by its number.
        The coordinator leaves to others what is not hers."""
        reader = parse_address(letter.recipients[0])
        sender = parse_address(SAM) if reader == self._policy.team else reader
        mine = [item for item in items(letter) if reader.spec != EVA or ", Eva, " in item.text]
        late = [item for item in mine if item.is_late and item.answer]
        chances = {item.number: random.random() for item in late}
        for item in late:
            if chances[item.number] < 0.5:
                at = self._at_work(letter.at, random, 0, 0)
                yield Delivery(at, self._tapped(letter, item, sender, at))
        yield from self._taken(letter, sender, [item for item in late if chances[item.number] > 0.9], random)

    def _tapped(self, letter: SentLetter, item: Item, sender: Address, at: datetime) -> bytes:
        name = f"{letter.mail.about}-{item.number}"
        return tapped(item.answer, _ADVICE.format(at), sender, at, border=BORDER, name=name)

    def _taken(self, letter: SentLetter, sender: Address, wanted: list[Item], random: Random) -> Iterator[Delivery]:
        """One reply to a list, with a line for each question that he takes."""
        if wanted:
            yield self._write(letter, sender, "\n".join(f"{item.number} pak" for item in wanted), random, 0, 0)

    def _answer(self, letter: SentLetter, sender: Address, random: Random, soonest: int, latest: int) -> Delivery:
        at = self._at_work(letter.at, random, soonest, latest)
        return Delivery(at, self._pen.reply(letter, f"#antwoord\n\n{_ADVICE.format(at)}", sender, at))

    def _write(
        self, letter: SentLetter, sender: Address, text: str, random: Random, soonest: int, latest: int
    ) -> Delivery:
        at = self._at_work(letter.at, random, soonest, latest)
        return Delivery(at, self._pen.reply(letter, text, sender, at))

    def _at_work(self, since: datetime, random: Random, soonest: int, latest: int) -> datetime:
        """A moment within working hours, so many working days later; on the same day only if there is time left."""
        zone, workdays = self._policy.timezone, self._policy.workdays
        local, days = since.astimezone(zone), random.randint(soonest, latest)
        opens, closes = (datetime.combine(local.date(), clock, zone) for clock in _OFFICE)
        if days == 0 and workdays.is_working_day(local.date()) and local < closes - timedelta(minutes=20):
            begins = max(local, opens)
            return begins + (closes - begins) * random.random()
        day = workdays.after(local.date(), max(days, 1))
        minutes = random.randrange(500)
        return local_moment(datetime.combine(day, _OFFICE[0]) + timedelta(minutes=minutes), zone)


def _reply_to(letter: SentLetter) -> Address:
    return parse_address(letter.recipients[0])
