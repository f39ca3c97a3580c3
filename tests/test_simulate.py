"""A desk at simulated time: the real stories, over a mailbox and a transport that are made up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ksmail import config
from ksmail.config import Config
from ksmail.desk.letter import LetterKind
from ksmail.desk.ticket import Status
from ksmail.errors import ConfigError
from ksmail.simulate.people import Delivery, Nobody, Staff
from ksmail.simulate.postman import SentLetter
from ksmail.simulate.replay import Played, Wish, play
from ksmail.simulate.run import Plan, Simulation
from ksmail.simulate.script import read_script
from ksmail.simulate.timeline import Entry, timeline
from ksmail.simulate.times import Course, Span, WrongClock, local_moment, rounds
from ksmail.simulate.wait import read_wait
from tests import year
from tests.builders import mail

ZONE = ZoneInfo("Europe/Amsterdam")
ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "docs" / "simulating"
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    """A moment on the desk's clock."""
    return local_moment(datetime.fromisoformat(text), ZONE)


def span(begins: str, ends: str) -> Span:
    return Span(at(begins), at(ends))


def question(when: str, number: int = 1) -> Delivery:
    raw = mail(
        sender=f"Ada <ada{number}@uni.example>",
        subject=f"Question {number}",
        text=f"Dear desk,\n\nMay guest number {number} from abroad work in our laboratory?\n\nAda\n",
        message_id=f"<question-{number}@uni.example>",
        date=at(when),
    )
    return Delivery(at(when), raw)


@pytest.fixture
def settings(tmp_path: Path) -> Config:
    return year.settings(tmp_path / "desk")


def simulated(
    settings: Config, period: Span, *mails: Delivery, course: Course | None = None, staff: Staff | None = None
) -> Simulation:
    return Simulation(settings, Plan(period=period, mails=mails, course=course or Course()), staff)


SUMS = (LetterKind.OPS_DIGEST, LetterKind.OPS_MONTHLY, LetterKind.COORDINATOR_WEEKLY)  # which come by themselves


def letters(simulation: Simulation, kind: LetterKind) -> list[SentLetter]:
    return [letter for letter in simulation.postman.sent if letter.mail.kind == kind]


def without_sums(simulation: Simulation) -> list[SentLetter]:
    return [letter for letter in simulation.postman.sent if letter.mail.kind not in SUMS]


def shown(moments: Sequence[datetime]) -> list[str]:
    """As the desk's clock shows them."""
    return [moment.astimezone(ZONE).strftime("%d %b %H:%M") for moment in moments]


def on(entries: Sequence[Entry], day: str) -> list[Entry]:
    return [entry for entry in entries if entry.at.date().isoformat() == day]


# A question before Christmas of which nobody takes care


def test_a_question_before_christmas_is_acknowledged_and_gets_its_date_while_nobody_acts(settings: Config) -> None:
    period = span("2026-12-21", "2026-12-28")
    with simulated(settings, period, question("2026-12-23 11:00")) as simulation:
        simulation.run()
        told = timeline(simulation)
        (ack,) = letters(simulation, LetterKind.ACK)
    assert ack.at == at("2026-12-23 11:00")
    assert [entry.kind for entry in on(told.entries, "2026-12-23") if entry.kind not in SUMS] == [
        "ticket", "opened", "promised Tue 29 Dec 2026 (received)", "acknowledged", "ack", "staff_new",
    ]  # fmt: skip
    closed = {day: on(told.entries, day) for day in ("2026-12-25", "2026-12-26", "2026-12-27")}
    assert [(entry.what, entry.because) for (entry,) in closed.values()] == [
        ("nothing due", "Christmas Day"), ("nothing due", "weekend"), ("nothing due", "weekend"),
    ]  # fmt: skip
    assert (told.sums.mails, told.sums.tickets, told.sums.unaccounted) == (1, 1, 0)
    assert told.sums.promises["open"] == 1


# When the program looks around


@pytest.mark.parametrize("sunday", [date(2026, 10, 25), date(2027, 3, 28)])
def test_nine_and_three_o_clock_are_met_to_the_second_on_both_sides_of_a_clock_change(
    settings: Config, sunday: date
) -> None:
    days = [sunday + timedelta(days=offset) for offset in (-1, 0, 1)]
    seen: list[datetime] = []

    def look() -> int:
        seen.append(simulation.now())
        return 0

    period = span(days[0].isoformat(), (days[-1] + timedelta(days=1)).isoformat())
    with simulated(settings, period) as simulation:
        simulation.rounds.append(look)
        simulation.run()
    for day in days:
        for clock in ("07:30", "07:31", "09:00", "09:01", "15:00", "15:01", "17:00", "17:01"):
            assert at(f"{day.isoformat()} {clock}") in seen


def test_an_hour_that_comes_twice_is_met_twice_and_one_that_is_left_out_is_not(settings: Config) -> None:
    office = settings.policy.office

    def hours(day: str, after: str) -> list[str]:
        met = rounds(span(day, after), Course(), office, ZONE)
        return [hour for hour in shown(met) if hour.endswith(" 02:00")]

    assert len(hours("2026-10-25", "2026-10-26")) == 2
    assert hours("2027-03-28", "2027-03-29") == []


def test_rounds_come_at_another_pace_when_that_is_wanted(settings: Config) -> None:
    met = rounds(span("2026-07-01 10:05", "2026-07-01 11:05"), Course(), settings.policy.office, ZONE, HOUR / 4)
    assert shown(met) == ["01 Jul 10:05", "01 Jul 10:15", "01 Jul 10:30", "01 Jul 10:45", "01 Jul 11:00"]


# What goes wrong


def test_mail_that_comes_while_the_mailbox_is_away_is_taken_afterwards_and_its_date_counts_from_its_arrival(
    settings: Config,
) -> None:
    away = Course(mailbox_away=(span("2026-07-06 08:00", "2026-07-08 08:00"),))
    mails = (question("2026-07-06 07:00", 1), question("2026-07-06 10:00", 2))
    with simulated(settings, span("2026-07-06", "2026-07-09"), *mails, course=away) as simulation:
        simulation.run()
        _, ack = letters(simulation, LetterKind.ACK)
        with simulation.store.reading() as past:
            line, _ = past.tickets(10)
        assert simulation.unaccounted() == 0
    assert ack.at == at("2026-07-08 08:00")
    assert (line.received_at, line.promised_on) == (at("2026-07-06 10:00"), date(2026, 7, 9))


def test_letters_wait_while_nothing_can_be_sent_and_none_goes_twice(settings: Config) -> None:
    away = Course(sending_away=(span("2026-07-06 09:30", "2026-07-06 12:00"),))
    with simulated(settings, span("2026-07-06", "2026-07-07"), question("2026-07-06 10:00"), course=away) as simulation:
        simulation.run()
        sent = without_sums(simulation)
    assert sorted(letter.mail.kind for letter in sent) == ["ack", "staff_new"]
    assert all(at("2026-07-06 12:00") <= letter.at < at("2026-07-06 12:10") for letter in sent)


def test_a_program_that_was_down_for_three_days_takes_what_came_meanwhile(settings: Config) -> None:
    down = span("2027-02-12 16:00", "2027-02-15 16:00")
    seen: list[datetime] = []

    def look() -> int:
        seen.append(simulation.now())
        return 0

    mails = (question("2027-02-12 15:00", 1), question("2027-02-12 17:00", 2), question("2027-02-14 03:00", 3))
    with simulated(settings, span("2027-02-12", "2027-02-16"), *mails, course=Course(down=(down,))) as simulation:
        simulation.rounds.append(look)
        simulation.run()
        taken = [letter.at for letter in letters(simulation, LetterKind.ACK)]
        with simulation.store.reading() as past:
            dates = sorted((line.received_at, line.promised_on) for line in past.tickets(10))
        assert simulation.unaccounted() == 0
    assert shown(taken) == ["12 Feb 15:00", "15 Feb 16:00", "15 Feb 16:00"]
    assert [day for _, day in dates] == [date(2027, 2, 17)] * 3
    assert not [moment for moment in seen if moment in down]
    assert down.ends in seen


def test_down_for_longer_than_the_promise_the_asker_reads_sorry_and_a_fresh_date(settings: Config) -> None:
    down = Course(down=(span("2026-07-06 09:00", "2026-07-13 09:00"),))
    mails = (question("2026-07-06 08:00", 1), question("2026-07-06 10:00", 2))
    with simulated(settings, span("2026-07-06", "2026-07-14"), *mails, course=down) as simulation:
        simulation.run()
        (late,) = letters(simulation, LetterKind.ACK_LATE)
        with simulation.store.reading() as past:
            dossier = past.ticket(past.tickets(10)[0].reference)
    assert late.at == at("2026-07-13 09:00")
    assert dossier is not None
    assert [(line.promised_on, line.state.value) for line in dossier.promises] == [
        (date(2026, 7, 9), "broken"), (date(2026, 7, 16), "open"),
    ]  # fmt: skip


def test_a_letter_that_could_still_be_called_back_when_the_program_went_down_leaves_afterwards(
    settings: Config, tmp_path: Path
) -> None:
    down = '[[down]]\nfrom = "2026-07-07 12:01"\nto = "2026-07-08 08:30"\n'
    answer = ANSWER.replace("1 working day 2 hours", "1 day 2 hours")
    played = replayed(settings, tmp_path, written(tmp_path, answer + down), question("2026-07-06 10:00"))
    (left,) = [entry.at for entry in played.timeline.entries if entry.kind == "answer"]
    assert left == at("2026-07-08 08:30")


@pytest.mark.parametrize("by", [2 * HOUR, -2 * HOUR])
def test_a_clock_that_jumps_and_jumps_back_loses_no_mail_and_sends_nothing_twice(
    settings: Config, by: timedelta
) -> None:
    wrong = Course(wrong_clocks=(WrongClock(span("2026-07-06 08:00", "2026-07-06 20:00"), by),))
    seen: list[datetime] = []

    def look() -> int:
        seen.append(simulation.now())
        return 0

    with simulated(
        settings, span("2026-07-06", "2026-07-08"), question("2026-07-06 10:00"), course=wrong
    ) as simulation:
        simulation.rounds.append(look)
        simulation.run()
        sent = without_sums(simulation)
        with simulation.store.reading() as past:
            (line,) = past.tickets(10)
        assert simulation.unaccounted() == 0
    assert sorted(letter.mail.kind for letter in sent) == ["ack", "staff_new"]
    assert line.received_at == at("2026-07-06 10:00")  # the server's clock is right
    assert {letter.at for letter in sent} == {line.received_at}
    assert {letter.parsed["Date"].datetime for letter in sent} == {line.received_at + by}
    assert at("2026-07-06 15:00") in seen  # by its own clock
    assert any(later < sooner for sooner, later in pairwise(seen))


def test_what_a_server_refuses_is_known_as_refused(settings: Config, tmp_path: Path) -> None:
    script = written(tmp_path, '[[refuse]]\naddress = "ada1@uni.example"\n')
    played = replayed(settings, tmp_path, script, question("2026-07-06 10:00"), last="2026-07-08")
    refused = [entry for entry in played.timeline.entries if "bounced" in entry.because]
    assert [(entry.what, entry.kind, entry.who) for entry in refused] == [("letter", "ack", "asker")]


# The same again


def test_two_runs_write_the_same_letters_byte_for_byte(settings: Config, tmp_path: Path) -> None:
    runs = []
    for name in ("one", "two"):
        wish = Wish(
            period=span("2026-12-21", "2027-01-07"),
            mails=EXAMPLE / "mails",
            script=EXAMPLE / "christmas.toml",
            letters=tmp_path / name,
        )
        play(wish, settings)
        runs.append({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()})
    assert runs[0] == runs[1]
    assert len(runs[0]) >= 7


def test_another_seed_makes_another_year(settings: Config) -> None:
    few = year.Year(questions=20)
    first, again, other = (year.plan(settings, replace(few, seed=seed)) for seed in (1, 1, 2))
    assert first == again != other


def test_at_the_end_of_each_day_every_mail_is_accounted_for(tmp_path: Path) -> None:
    some = year.Year(questions=30, first=date(2026, 9, 28), last=date(2026, 10, 28))
    balances: dict[str, int] = {}

    def balance() -> int:
        moment = simulation.now().astimezone(ZONE)
        if moment.hour == 21:  # the last look of a day
            balances[moment.date().isoformat()] = simulation.unaccounted()
        return 0

    with year.simulated(tmp_path, some) as simulation:
        simulation.rounds.append(balance)
        simulation.run()
        with simulation.store.reading() as past:
            assert past.verify_chain() is None
    assert balances == dict.fromkeys(balances, 0)
    assert len(balances) == 30


# Who answers


def written(folder: Path, text: str) -> Path:
    file = folder / "script.toml"
    file.write_text(text)
    return file


def replayed(settings: Config, folder: Path, script: Path | None, *mails: Delivery, last: str = "2026-07-20") -> Played:
    place = folder / "mails"
    place.mkdir()
    for number, each in enumerate(mails):
        name = each.at.astimezone(ZONE).strftime("%Y-%m-%dT%H%M")
        (place / f"{name}-{number}.eml").write_bytes(each.raw)
    return play(Wish(period=span("2026-07-06", last), mails=place, script=script), settings)


def kinds(played: Played, what: str) -> list[str]:
    return [entry.kind for entry in played.timeline.entries if entry.what == what]


ANSWER = """
[[reply]]
to = "staff_new"
after = "1 working day 2 hours"
text = "#answer\\n\\nDear Ada,\\n\\nYes, if your contract says so."
"""


def test_a_reply_of_staff_is_obeyed_as_the_border_vouches_for_it(settings: Config, tmp_path: Path) -> None:
    played = replayed(settings, tmp_path, written(tmp_path, ANSWER), question("2026-07-10 10:00"))  # a Friday
    (answer,) = [entry for entry in played.timeline.entries if entry.kind == "answer"]
    assert (answer.what, answer.who) == ("letter out", "asker")
    assert answer.at == at("2026-07-13 12:03")  # three minutes in which it can be called back
    assert played.timeline.sums.promises["kept"] == 1


def test_without_a_border_staff_confirm_with_yes(tmp_path: Path) -> None:
    plain = year.settings(tmp_path / "desk")
    file = plain.file
    file.write_text(file.read_text().replace(f'authserv_id = "{year.BORDER}"', ""))
    unproven = config.load(file, {}, secrets=False)
    played = replayed(unproven, tmp_path, written(tmp_path, ANSWER), question("2026-07-10 10:00"))
    assert [kind for kind in kinds(played, "letter out") if kind in ("confirm", "answer")] == ["confirm", "answer"]


@pytest.mark.parametrize(
    ("rule", "about"),
    [
        ("ticket = 2", ["KV-2026-0002"]),
        ('subject = "QUESTION 1"', ["KV-2026-0001"]),
        ("nth = 2", ["KV-2026-0002"]),
        ("", ["KV-2026-0001", "KV-2026-0002"]),
        ("ticket = 3", []),
    ],
)
def test_a_rule_answers_the_letters_it_is_about(settings: Config, tmp_path: Path, rule: str, about: list[str]) -> None:
    script = written(tmp_path, f'[[reply]]\nto = "staff_new"\n{rule}\nafter = "5 minutes"\ntext = "#take"\n')
    mails = (question("2026-07-06 10:00", 1), question("2026-07-07 10:00", 2))
    played = replayed(settings, tmp_path, script, *mails, last="2026-07-08")
    assert [entry.ticket for entry in played.timeline.entries if entry.kind == "assigned"] == about


def test_an_asker_answers_as_whoever_got_the_letter(settings: Config, tmp_path: Path) -> None:
    script = written(tmp_path, '[[reply]]\nto = "ack"\nafter = "1 day"\ntext = "It begins in September."\n')
    played = replayed(settings, tmp_path, script, question("2026-07-06 10:00"), last="2026-07-08")
    (more,) = [entry for entry in played.timeline.entries if entry.kind == "follow up"]
    assert (more.who, more.at, more.ticket) == ("asker", at("2026-07-07 10:00"), "KV-2026-0001")


def test_a_working_day_later_is_the_same_time_on_the_next_working_day(settings: Config) -> None:
    workdays = settings.policy.workdays
    friday = at("2026-10-23 14:00")  # before the clock goes back
    assert read_wait("1 working day").after(friday, workdays, ZONE) == at("2026-10-26 14:00")
    assert read_wait("1 day 30 minutes").after(at("2026-10-24 14:00"), workdays, ZONE) == at("2026-10-25 14:30")
    assert read_wait("24 hours").after(at("2026-10-24 14:00"), workdays, ZONE) == at("2026-10-25 13:00")


# Which mails arrive


def test_a_mail_arrives_at_the_time_in_the_script_or_in_its_name_or_in_its_date(
    settings: Config, tmp_path: Path
) -> None:
    place = tmp_path / "mails"
    place.mkdir()
    for name, number, when in (
        ("listed", 1, "2026-07-06 08:00"),
        ("2026-07-06T1100-named", 2, "2026-01-01 08:00"),
        ("dated", 3, "2026-07-06 12:00"),
        ("other-month", 4, "2026-08-06 12:00"),
    ):
        (place / f"{name}.eml").write_bytes(question(when, number).raw)
    (place / "undated.eml").write_bytes(b"From: a@b.example\n\nhello\n")
    script = written(tmp_path, '[[mail]]\nat = 2026-07-06 10:00:00\nfile = "listed.eml"\n')
    played = play(Wish(period=span("2026-07-06", "2026-07-07"), mails=place, script=script), settings)
    came = [entry.at for entry in played.timeline.entries if entry.what == "mail in"]
    assert shown(came) == ["06 Jul 10:00", "06 Jul 11:00", "06 Jul 12:00"]
    assert played.left_out == ("other-month.eml", "undated.eml")


# Scripts that cannot be played

REPLY = '[[reply]]\nto = "staff_new"\nafter = "1 hour"\ntext = "x"\n'


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (REPLY + 'whom = "sam"\n', "reply[1].whom: unknown key"),
        (REPLY + 'form = "sam@agency.example"\n', "reply[1].form: unknown key; did you mean reply[1].from?"),
        (REPLY.replace("staff_new", "staf_new"),
         "reply[1].to: must be a kind of letter, such as staff_new; docs/letters.md lists them"),
        (REPLY.replace("1 hour", "soon"),
         'reply[1].after: must be a span of time, such as "2 days 3 hours" or "1 working day"'),
        (REPLY.replace('after = "1 hour"\n', ""), "reply[1].after: must be filled in"),
        (REPLY + "nth = 0\n", "reply[1].nth: must be more than 0"),
        ('[[mail]]\nat = "tomorrow"\nfile = "a.eml"\n',
         "mail[1].at: must be a day and a time on the desk's clock, such as 2026-12-23 11:00"),
        ('[[down]]\nfrom = "2026-07-02 00:00"\nto = "2026-07-01 00:00"\n', "down[1]: must end after it begins"),
        ('[[away]]\nwhat = "all"\nfrom = "2026-07-02 00:00"\nto = "2026-07-03 00:00"\n',
         "away[1].what: must be 'mailbox' or 'sending'"),
        ('[[clock]]\nby = "1 working day"\nfrom = "2026-07-02 00:00"\nto = "2026-07-03 00:00"\n',
         "clock[1].by: must not be working days"),
        ("[[rely]]\n", "rely: unknown key; did you mean reply?"),
    ],
)  # fmt: skip
def test_a_script_with_a_fault_is_refused_with_its_key_and_its_file(tmp_path: Path, script: str, sentence: str) -> None:
    file = written(tmp_path, script)
    with pytest.raises(ConfigError) as refused:
        read_script(file)
    assert str(refused.value) == f"{sentence} ({file})"


def test_a_mail_of_the_script_that_is_not_there_is_named(settings: Config, tmp_path: Path) -> None:
    script = written(tmp_path, '[[mail]]\nat = "2026-07-06 10:00"\nfile = "gone.eml"\n')
    with pytest.raises(ConfigError, match=r"^mail\[1\]\.file: there is no file .*gone\.eml \(.*script\.toml\)$"):
        replayed(settings, tmp_path, script)


def test_a_folder_with_letters_of_before_is_left_alone(settings: Config, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").touch()
    wish = Wish(period=span("2026-07-06", "2026-07-07"), mails=EXAMPLE / "mails", letters=tmp_path / "out")
    with pytest.raises(ConfigError, match="is not empty"):
        play(wish, settings)


# The desk itself


def test_neither_the_store_nor_the_keys_of_the_desk_are_touched_or_made(settings: Config) -> None:
    with simulated(settings, span("2026-07-06", "2026-07-07"), question("2026-07-06 10:00"), staff=Nobody()) as run:
        run.run()
        with run.store.reading() as past:
            (line,) = past.tickets(10)
    assert line.status is Status.ACKNOWLEDGED
    assert run.config.store.path != settings.store.path
    assert not settings.store.path.exists()
    assert not settings.keys_file.exists()
    assert not run.config.state_directory.exists()


def test_a_mail_that_is_too_large_is_taken_as_such(settings: Config) -> None:
    small = replace(settings, imap=replace(settings.imap, largest_mail=200))
    with simulated(small, span("2026-07-06", "2026-07-07"), question("2026-07-06 10:00")) as simulation:
        simulation.run()
        with simulation.store.reading() as past:
            (line,) = past.quarantine()
    assert line.reason == "larger than 200 octets"
    assert datetime(2026, 7, 6, 8, tzinfo=UTC) == line.received_at


def test_mails_can_be_read_in_a_process_of_their_own(settings: Config) -> None:
    plan = Plan(period=span("2026-07-06", "2026-07-07"), mails=(question("2026-07-06 10:00"),))
    with Simulation(settings, plan, own_process=True) as simulation:
        simulation.run()
        assert [letter.mail.kind for letter in without_sums(simulation)] == ["ack", "staff_new"]
