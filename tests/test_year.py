"""A year of a desk, with outages, holidays and two clock changes: nothing is lost, nobody is rung twice, and what the
digests say is so."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from ksmail import log
from ksmail.desk.arrival import Disposition
from ksmail.desk.letter import LetterKind
from ksmail.desk.ticket import PromiseState
from ksmail.incoming.mailbox import IncomingMail
from ksmail.reference import Reference
from ksmail.simulate.postman import SentLetter
from ksmail.simulate.run import Simulation
from ksmail.simulate.timeline import timeline
from ksmail.store.happenings import Recorded
from ksmail.store.values import Claim, HistoryLine
from tests import year
from tests.lists import items, text_of
from tests.recount import Recount, recounts

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

ALERTS = frozenset({
    LetterKind.STAFF_DUE, LetterKind.PARTNER_REMINDER, LetterKind.DELAY_NOTICE, LetterKind.INFO_REMINDER,
})  # fmt: skip
PARTS = {
    "nieuwe vra": Disposition.TICKET, "aanvulling": Disposition.FOLLOW_UP, "automatisch": Disposition.AUTOMATIC,
    "opdracht": Disposition.ORDER,
}  # fmt: skip
STATES = {
    PromiseState.OPEN: "geldt nog|gelden nog", PromiseState.KEPT: "gehaald", PromiseState.MOVED: "verschoven",
    PromiseState.PAUSED: "stilgezet", PromiseState.BROKEN: "niet gehaald", PromiseState.DROPPED: "vervallen",
}  # fmt: skip
FATES = {
    PromiseState.KEPT: "gehaald", PromiseState.BROKEN: "niet gehaald", PromiseState.MOVED: "verschoven",
    PromiseState.PAUSED: "stilgezet, wij wachten op de vraagsteller", PromiseState.DROPPED: "vervallen",
    PromiseState.OPEN: "die nog gelden",
}  # fmt: skip
NAME = re.compile(r"KV-\d{4}-\d{4}")


@dataclass(frozen=True)
class Past:
    """The year, when it is over. `alerts` are the letters of its kinds that no mail caused."""

    simulation: Simulation
    history: list[tuple[Reference | None, HistoryLine]]
    claims: list[Claim]
    alerts: list[SentLetter]
    digests: list[SentLetter]

    @property
    def sent(self) -> list[SentLetter]:
        return self.simulation.postman.sent

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.simulation.config.policy.timezone)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    """The log of a year would be the longest thing that a failing test shows."""
    log.configure("json", "ERROR")
    with year.simulated(tmp_path_factory.mktemp("year")) as simulation:
        simulation.run()
        with simulation.store.reading() as reader:
            history, claims = [*reader.happenings()], reader.claims(LetterKind.OPS_DIGEST.value)
        caused = {each for _, line in history if isinstance(line.change, Recorded) for each in line.change.letters}
        own = [letter for letter in simulation.postman.sent if letter.mail.message_id not in caused]
        yield Past(
            simulation, history, claims,
            alerts=[letter for letter in own if letter.mail.kind in ALERTS],
            digests=[letter for letter in own if letter.mail.kind == LetterKind.OPS_DIGEST],
        )  # fmt: skip
    log.configure("json")


def test_every_mail_is_accounted_for_and_every_asker_acknowledged_once(past: Past) -> None:
    told = timeline(past.simulation)
    with past.simulation.store.reading() as reader:
        balance, broken = reader.balance(), reader.verify_chain()
    assert broken is None
    assert told.sums.unaccounted == past.simulation.mailbox.waiting == 0
    assert told.sums.tickets == balance[Disposition.TICKET] == 400
    assert balance[Disposition.HELD] == balance[Disposition.QUARANTINED] == balance[Disposition.PENDING] == 0
    first = [letter for letter in past.sent if letter.mail.kind in (LetterKind.ACK, LetterKind.ACK_LATE)]
    assert Counter(letter.mail.about for letter in first) == Counter(dict.fromkeys({x.mail.about for x in first}, 1))
    assert len(first) == 400
    assert len({letter.mail.message_id for letter in past.sent}) == len(past.sent)


def test_the_year_holds_all_that_it_is_about(past: Past) -> None:
    kinds = Counter(letter.mail.kind for letter in past.alerts)
    assert min(kinds[kind] for kind in ALERTS) > 0, f"no alert of a kind: {kinds}"
    assert any("heeft niet geantwoord" in text_of(x) for x in past.alerts if x.mail.kind == LetterKind.STAFF_DUE)
    states = timeline(past.simulation).sums.promises
    assert min(states[state] for state in ("kept", "moved", "broken")) > 10


# Digests.


def test_there_is_exactly_one_digest_for_each_working_day(past: Past) -> None:
    policy, what = past.simulation.config.policy, year.Year()
    days = [what.first + timedelta(days) for days in range((what.last - what.first).days)]
    working = [day for day in days if policy.workdays.is_working_day(day)]
    assert [claim.day for claim in past.claims] == working
    assert [past.local(letter.at).date() for letter in past.digests] == working


def test_a_digest_leaves_at_half_past_seven_or_when_the_program_is_there_again(past: Past) -> None:
    late = {
        f"{past.local(letter.at):%Y-%m-%d %H:%M}"
        for letter in past.digests
        if past.local(letter.at).strftime("%H:%M") != "07:30"
    }
    assert late == {year.Year.down[1]}


def test_that_is_half_past_seven_on_the_clock_of_the_desk_before_and_after_both_changes(past: Past) -> None:
    left = {past.local(letter.at).date(): letter.at.astimezone(UTC).hour for letter in past.digests}
    autumn, spring = (date(2026, 10, 23), date(2026, 10, 26)), (date(2027, 3, 25), date(2027, 3, 30))
    assert [[left[day] for day in days] for days in (autumn, spring)] == [[5, 6], [6, 5]]


def test_the_history_ends_with_the_row_that_each_digest_names(past: Past) -> None:
    for claim, text in told(past):
        assert number(text, r"De geschiedenis heeft (\d+) regels?") == claim.facts["history"], claim.day


def test_the_balance_is_zero_on_each_day(past: Past) -> None:
    open_days = {claim.day for claim, text in told(past) if re.search(r"[1-9]\d* niet verantwoord", text)}
    assert open_days == set()


def test_all_mails_that_had_come_are_in_the_balance_but_those_that_lay_in_a_mailbox_that_was_away(past: Past) -> None:
    (away,) = past.simulation.plan.course.mailbox_away
    came = sorted(mail.received_at for mail in mails_of(past))
    for claim, text in told(past):
        until = away.begins if claim.at in away else claim.at
        seen = sum(moment <= until for moment in came)
        assert number(text, r"Sinds het begin: (\d+) e-mails? gezien") == seen, claim.day


def test_what_became_of_the_mails_is_what_the_history_says(past: Past) -> None:
    for before, claim, text, count in counted(past):
        since = before.facts["mails"] if before else 0
        for heading, after in (("vorige dagbericht", since), ("begin", 0)):
            if before is None and after == since and heading != "begin":
                continue  # the first digest has one balance
            (line,) = re.findall(rf"^- Sinds het {heading}: (.+)$", text, re.MULTILINE)
            assert parts(line) == count.mails(after, claim.facts["mails"]), (claim.day, line)


def test_open_late_and_answered_questions_are_those_of_the_history(past: Past) -> None:
    for before, claim, text, count in counted(past):
        late, answered = count.late(claim.day), count.answered_after(before.facts["history"] if before else 0)
        assert number(text, r"(?:zijn|is) (\d+) open vra") == len(count.open), claim.day
        assert number(text, r"Let op: (\d+) vra(?:ag|gen) (?:is|zijn) te laat") == len(late), claim.day
        assert number(text, r"Beantwoord sinds het vorige dagbericht: (\d+) vra") == len(answered), claim.day
        assert named(text, "te laat:") <= set(map(str, late)), claim.day
        assert named(text, "Beantwoord sinds") <= set(map(str, answered)), claim.day


def test_the_promises_of_the_month_are_those_of_the_history(past: Past) -> None:
    for _, claim, text, count in counted(past):
        said = Counter({state: number(text, rf"(?m)^- (\d+) (?:{words})$") for state, words in STATES.items()})
        assert said == count.promises(claim.day), claim.day
        assert number(text, r"In deze maand val(?:t|len) (\d+) beloofde") == said.total(), claim.day


def test_the_figures_of_each_month_are_those_of_the_history(past: Past) -> None:
    letters = [letter for letter in past.sent if letter.mail.kind == LetterKind.OPS_MONTHLY]
    assert len(letters) == 11  # July 2026 to May 2027; June is over when the year is
    arrived = Counter(f"{past.local(each.received_at):%Y-%m}" for each in mails_of(past))
    for letter, count in zip(letters, recounts(past.history, rows_at(past, letters)), strict=True):
        month = (past.local(letter.at).date().replace(day=1) - timedelta(days=1)).replace(day=1)
        text, name = text_of(letter), f"{month:%Y-%m}"
        asked = [each for each in count.tickets.values() if f"{past.local(each.received_at):%Y-%m}" == name]
        assert figure(text, "E-mails ontvangen") == arrived[name], name
        assert figure(text, "Vragen ontvangen") == len(asked), name
        fates = Counter({state: figure(text, f"Beloofde datums {words}") for state, words in FATES.items()})
        assert fates == count.promises(month), name


def mails_of(past: Past) -> Iterator[IncomingMail]:
    for mails in past.simulation.mailbox.folders.values():
        yield from mails


def rows_at(past: Past, letters: list[SentLetter]) -> Iterator[int]:
    """The last row of the history before each of these letters left."""
    for letter in letters:
        yield max(line.id for _, line in past.history if line.at < letter.at)


def figure(text: str, words: str) -> int:
    return number(text, rf"(?m)^- {re.escape(words)}: (\d+)")


def told(past: Past) -> Iterator[tuple[Claim, str]]:
    yield from zip(past.claims, map(text_of, past.digests), strict=True)


def counted(past: Past) -> Iterator[tuple[Claim | None, Claim, str, Recount]]:
    """Each digest with the one before it, and our own count up to the row that it covers."""
    befores = [None, *past.claims]
    counts = recounts(past.history, (claim.facts["history"] for claim in past.claims))
    for before, (claim, text), count in zip(befores, told(past), counts, strict=False):
        yield before, claim, text, count


def number(text: str, pattern: str) -> int:
    """What a sentence counts; 0 where another one stands in its place."""
    found = re.search(pattern, text)
    return int(found[1]) if found else 0


def named(text: str, words: str) -> set[str]:
    return {
        name for line in text.splitlines() if words in line and line.startswith("- ") for name in NAME.findall(line)
    }


def parts(line: str) -> Counter[Disposition]:
    """What stands behind the sign of equality."""
    found: Counter[Disposition] = Counter()
    for count, words in re.findall(r"(\d+) ([a-z -]+)(?: \+|;)", line.partition(" = ")[2]):
        found[next(what for begins, what in PARTS.items() if words.startswith(begins))] += int(count)
    return found


# Promises.


def test_every_promise_is_accounted_for(past: Past) -> None:
    *_, (_, _, _, count) = counted(past)
    for about, line in past.history[count.row :]:
        count.take(about, line)
    for reference, given in count.dates.items():
        holding = [each.promised_on for each in given if each.state is PromiseState.OPEN]
        ticket = count.tickets[reference]
        assert len(holding) <= 1, f"{reference} has two dates"
        assert not holding or (ticket.status.is_open and ticket.promised_on == holding[0]), f"{reference}: {holding}"
    with past.simulation.store.reading() as reader:
        kept = {state: sum(each.state is state for x in count.dates.values() for each in x) for state in PromiseState}
        assert reader.promise_states() == kept


# Alerts.


def test_no_alert_leaves_outside_office_hours(past: Past) -> None:
    policy = past.simulation.config.policy
    for letter in past.alerts:
        at = past.local(letter.at)
        assert policy.workdays.is_working_day(at.date()), f"{letter.mail.kind} on {at}"
        assert policy.office.opens <= at.time() < policy.office.closes, f"{letter.mail.kind} on {at}"


def test_nobody_is_rung_twice_about_the_same(past: Past) -> None:
    """A second list of a day is the one of three o'clock, about what that day is the last for."""
    lists: defaultdict[tuple[date, str], list[SentLetter]] = defaultdict(list)
    for letter in past.alerts:
        if letter.mail.kind == LetterKind.STAFF_DUE:
            lists[past.local(letter.at).date(), letter.recipients[0]].append(letter)
            dates = [item.about for item in items(letter) if not re.search("niet geantwoord|not answer", item.text)]
            assert len(dates) == len(set(dates)), f"{letter.recipients[0]} at {letter.at}"
    for (day, reader), letters in lists.items():
        assert len(letters) <= 2, f"{reader} on {day}"
        for _, again in pairwise(letters):
            assert past.local(again.at).hour == 15, f"{reader} on {day}"
            assert all(re.search("laatste dag|last day", item.text.splitlines()[0]) for item in items(again)), day


def test_whoever_is_late_is_in_a_list_of_that_day(past: Past) -> None:
    """Unless something happened to it between half past seven and nine."""
    rung: defaultdict[date, set[str]] = defaultdict(set)
    for about, line in past.history:
        if past.local(line.at).strftime("%H:%M") < "09:00":
            rung[past.local(line.at).date()].add(str(about))
    for letter in past.alerts:
        if letter.mail.kind == LetterKind.STAFF_DUE:
            rung[past.local(letter.at).date()] |= {item.about for item in items(letter)}
    for claim, text in told(past):
        assert named(text, "te laat:") <= rung[claim.day], claim.day


def test_an_asker_hears_once_by_himself_about_each_date_and_each_question_to_him(past: Past) -> None:
    kinds = (LetterKind.DELAY_NOTICE, LetterKind.INFO_REMINDER, LetterKind.PARTNER_REMINDER)
    texts = Counter(
        (letter.mail.kind, letter.recipients, letter.mail.about, text_of(letter))
        for letter in past.alerts
        if letter.mail.kind in kinds
    )
    assert set(texts.values()) == {1}
