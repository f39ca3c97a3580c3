"""A law: who is told what on which day follows from what happened, not from when the program looked around, was started
anew, or was down while nothing came in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ksmail import log
from ksmail.address import parse_address
from ksmail.config import Config
from ksmail.desk.letter import LetterKind
from ksmail.simulate.people import Delivery, Pen
from ksmail.simulate.postman import SentLetter
from ksmail.simulate.run import Plan, Simulation
from ksmail.simulate.times import Course, Span, local_moment
from tests import year
from tests.builders import mail
from tests.lists import text_of

ZONE = ZoneInfo("Europe/Amsterdam")

pytestmark = pytest.mark.timeout(600)

FIRST, DAYS = date(2026, 10, 15), 22  # a Thursday; the clock goes back on the 25th
COMES, ACTS = time(15, 10), time(16, 10)  # so that a letter that can be called back leaves on the same day
TOLD = frozenset({
    LetterKind.STAFF_DUE, LetterKind.DELAY_NOTICE, LetterKind.INFO_REMINDER, LetterKind.PARTNER_REMINDER,
    LetterKind.OPS_DIGEST, LetterKind.OPS_MONTHLY, LetterKind.COORDINATOR_WEEKLY,
})  # fmt: skip
ORDERS = ("", "#antwoord\n\nDat mag.", "#vraag\n\nWanneer begint het?", "#pak\n#afstemmen BZ", "#pak")

Told = Counter[tuple[date, str, str, str]]


@dataclass(frozen=True)
class Question:
    """It comes on a day of the period; so many working days later somebody sends an order, or nobody does."""

    day: int
    order: str = ""
    after: int = 1


@dataclass(frozen=True)
class Weather:
    """How often the program looks around (in minutes), at which minutes of the period it is started anew, and in which
    nights it is down: from an hour of the evening until a minute of the day after, before the second call."""

    pace: int = 60
    restarts: tuple[int, ...] = ()
    nights: tuple[tuple[int, int, int], ...] = ()

    def course(self) -> Course:
        begins = at(0, time(0))
        again = [begins + timedelta(minutes=each, seconds=17) for each in self.restarts]
        down = [
            Span(at(day, time(17 + hour)), at(day + 1, time(minute // 60, minute % 60)))
            for day, hour, minute in self.nights
        ]
        free = [each for each in again if not any(each in span for span in down)]
        return Course(down=(*down, *(Span(each, each + timedelta(seconds=1)) for each in free)))


def at(day: int, clock: time) -> datetime:
    return local_moment(datetime.combine(FIRST + timedelta(days=day), clock), ZONE)


class Staff:
    """What is sent about a question was decided beforehand."""

    def __init__(self, config: Config, questions: tuple[Question, ...]) -> None:
        self._policy, self._questions, self._pen = config.policy, questions, Pen(year.BORDER)

    def read(self, letter: SentLetter) -> Iterable[Delivery]:
        if letter.mail.kind != LetterKind.STAFF_NEW:
            return
        number = int(letter.mail.about.rpartition("-")[2])
        question = self._questions[number - 1]
        if question.order:
            day = self._policy.workdays.after(letter.at.date(), question.after)
            moment = local_moment(datetime.combine(day, ACTS) + timedelta(minutes=number), self._policy.timezone)
            yield Delivery(moment, self._pen.reply(letter, question.order, parse_address(year.SAM), moment))

    def look(self, now: datetime) -> Iterable[Delivery]:
        return ()


def played(config: Config, questions: tuple[Question, ...], weather: Weather) -> Told:
    """Whom the desk told what on which day of its own."""
    period = Span(at(0, time(0)), at(DAYS, time(0)))
    plan = Plan(
        period=period,
        mails=tuple(_mails(questions)),
        course=weather.course(),
        pace=timedelta(minutes=weather.pace),
    )
    with Simulation(config, plan, Staff(config, questions)) as simulation:
        simulation.run()
        zone = simulation.config.policy.timezone
        return Counter(
            (letter.at.astimezone(zone).date(), letter.mail.kind, letter.recipients[0], words(letter))
            for letter in simulation.postman.sent
            if letter.mail.kind in TOLD
        )


def _mails(questions: tuple[Question, ...]) -> Iterator[Delivery]:
    for number, question in enumerate(questions):
        moment = at(question.day, COMES) + timedelta(minutes=number)
        yield Delivery(
            moment,
            mail(
                sender=f"Ada <ada{number}@uni.example>",
                subject=f"Question {number}",
                text=f"Dear desk,\n\nMay guest number {number} use our laboratory?\n\nAda\n",
                message_id=f"<question-{number}@uni.example>",
                date=moment,
            ),
        )


def words(letter: SentLetter) -> str:
    """What it says, without its links. A digest also says how letters, partners and the program stand at that minute,
    which is another one when it is late: of that only the balance and the promises are compared."""
    text = text_of(letter)
    if letter.mail.kind == LetterKind.OPS_DIGEST:
        before, _, after = text.partition("\nVragen\n")
        text = before + after.partition("\nBeloofde datums deze maand\n")[2].partition("\nUitgaande e-mail\n")[0]
    return "\n".join(line for line in text.splitlines() if "mailto:" not in line and not line.startswith("Dagbericht"))


QUESTIONS = st.lists(
    st.builds(Question, st.integers(0, 8), st.sampled_from(ORDERS), st.integers(1, 5)), min_size=1, max_size=5
).map(lambda found: tuple(sorted(found, key=lambda question: question.day)))
WEATHER = st.builds(
    Weather,
    st.sampled_from([60, 25, 10]),
    st.lists(st.integers(0, DAYS * 24 * 60 - 1), max_size=6, unique=True).map(tuple),
    st.lists(
        st.tuples(st.integers(0, DAYS - 2), st.integers(0, 6), st.integers(1, 15 * 60 - 1)),
        max_size=4,
        unique_by=lambda night: night[0],
    ).map(tuple),
)
EVERYTHING = tuple(Question(day, order) for day, order in enumerate(ORDERS))


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    log.configure("json", "ERROR")
    yield year.settings(tmp_path_factory.mktemp("desk"))
    log.configure("json")


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(QUESTIONS, WEATHER)
@example(EVERYTHING, Weather(nights=tuple((day, 0, 14 * 60 + 59) for day in range(DAYS - 1))))
@example(EVERYTHING, Weather(restarts=tuple(Random(1).sample(range(DAYS * 24 * 60), 300))))
def test_who_is_told_what_on_which_day_hangs_on_what_happened_alone(
    config: Config, questions: tuple[Question, ...], weather: Weather
) -> None:
    told, usual = played(config, questions, weather), played(config, questions, Weather())
    assert (told - usual, usual - told) == (Counter(), Counter())


def test_everybody_is_told_something_in_such_a_period(config: Config) -> None:
    """So that the law is about more than silence."""
    assert {kind for _, kind, _, _ in played(config, EVERYTHING, Weather())} == TOLD


@pytest.mark.long
def test_a_round_each_minute_tells_nobody_more(config: Config) -> None:
    told, usual = played(config, EVERYTHING, Weather(pace=1)), played(config, EVERYTHING, Weather())
    assert (told - usual, usual - told) == (Counter(), Counter())
