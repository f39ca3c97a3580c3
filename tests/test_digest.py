"""The day, the week and the month are summed up: once each, whole, and without a word of anybody."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ksmail.desk.people import Person
from ksmail.desk.plausible import noted
from ksmail.desk.policy import Office, Policy
from ksmail.desk.ticket import Answered, Assigned, Change, Closed, CloseReason, Flag, Flagged, TakenUp
from ksmail.desk.vitals import Alarm, Probes, Vitals
from ksmail.desk.workdays import Calendar, Workdays
from ksmail.digest import Digest
from ksmail.incoming.limits import Limits
from ksmail.incoming.message import Language
from ksmail.outgoing.mail import OutgoingMail
from ksmail.reference import Reference
from ksmail.store.store import Reader, Store, StoreSettings
from ksmail.store.values import Claim
from ksmail.summing import LONGEST_LIST, Passed
from ksmail.writing import Desk
from tests.birds import BIRD, full_of_birds
from tests.builders import address
from tests.outgoing.letters import composer
from tests.store.facts import NOW, follow_up, mail, new_store, open_ticket

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
POLICY = Policy(staff_language=Language.EN)
VITALS = Vitals(
    last_poll=datetime(2026, 6, 3, 5, 29, tzinfo=UTC),
    last_send=datetime(2026, 6, 3, 5, 20, tzinfo=UTC),
    free_disk=41_000_000_000,
    database=3_600_000,
    alarms=(Alarm("mailbox", NOW, NOW + timedelta(minutes=20)), Alarm("sending", NOW)),
    probes=Probes(24, 23, 41.4),
)
EVA = Person(name="Eva", address=address("eva@agency.example"), coordinator=True, language=Language.EN)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = new_store(tmp_path / "desk.db")
    yield made
    made.close()


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that was made once; copy it, do not write in it."""
    path = tmp_path_factory.mktemp("made") / "desk.db"
    Store.migrate(StoreSettings(path=path))
    return path


def local(day: int, hour: int = 7, minute: int = 30, *, month: int = 6) -> datetime:
    """A moment of 2026 on the desk's clock."""
    return datetime(2026, month, day, hour, minute, tzinfo=AMSTERDAM).astimezone(UTC)


def digest(store: Store, at: datetime, rules: Policy = POLICY, vitals: Vitals = VITALS) -> Digest:
    """As after a start of the program: nothing is remembered but what the store holds."""
    desk = Desk(policy=rules, composer=composer(), limits=Limits())
    return Digest(store, desk, lambda: at, lambda *_: vitals)


def sent(store: Store, kind: str = "ops_digest") -> list[OutgoingMail]:
    with store.reading() as past:
        found = past.due(datetime(2100, 1, 1, tzinfo=UTC), 999)
    return [letter.mail for letter in sorted(found, key=lambda letter: letter.id) if letter.mail.kind == kind]


def claims(store: Store, what: str = "ops_digest") -> list[Claim]:
    with store.reading() as past:
        return past.claims(what)


def opened(letter: OutgoingMail) -> EmailMessage:
    message = message_from_bytes(letter.raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text(letter: OutgoingMail, subtype: str = "plain") -> str:
    body = opened(letter).get_body((subtype,))
    assert body is not None
    content: str = body.get_content()
    return content.replace("\r\n", "\n")


def question(store: Store, uid: int, *changes: Change) -> Reference:
    with store.writing() as tx:
        reference = open_ticket(tx, uid)
        if changes:
            follow_up(tx, uid + 100, reference, *changes)
    return reference


# When.


def test_on_a_working_day_it_goes_at_half_past_seven(store: Store) -> None:
    assert [digest(store, local(3, 7, 29)).round(), digest(store, local(3)).round()] == [0, 1]
    (letter,) = sent(store)
    assert (letter.recipients, letter.about) == (("ops@desk.example",), "D-1")


def test_it_goes_once_however_often_the_program_starts(store: Store) -> None:
    assert [digest(store, local(3, hour)).round() for hour in (8, 8, 9, 23)] == [1, 0, 0, 0]


def test_a_closed_day_has_none(store: Store) -> None:
    assert digest(store, local(6, 12)).round() == 0


def test_after_a_downtime_there_is_one_that_says_what_it_covers(store: Store) -> None:
    digest(store, local(3)).round()
    assert digest(store, local(8, 16)).round() == 2  # a Monday: the weekly list too
    assert "It covers 3 working days, since Wednesday 3 June 2026, 07:30" in text(sent(store)[-1])


def test_a_clock_that_goes_back_brings_no_second_one(store: Store) -> None:
    moments = (local(3, 8), local(4, 8), local(3, 9), local(4, 7), local(4, 9))
    assert [digest(store, at).round() for at in moments] == [1, 1, 0, 0, 0]


def test_under_a_clock_that_cannot_be_right_there_is_none_and_the_right_day_has_its_own(store: Store) -> None:
    digest(store, local(3, 8)).round()
    question(store, 1)
    assert digest(store, local(4, 8) + timedelta(days=365)).round() == 0
    assert digest(store, local(2, 8)).round() == 0
    assert digest(store, local(4, 8)).round() == 1
    assert [claim.day for claim in claims(store)] == [date(2026, 6, 3), date(2026, 6, 4)]
    assert "1 e-mail seen = 1 new question; 0 unaccounted" in text(sent(store)[-1])


@pytest.mark.parametrize(("month", "day"), [(10, 25), (3, 29)], ids=["back", "forward"])
def test_on_the_days_on_which_the_clock_changes_there_is_one(store: Store, month: int, day: int) -> None:
    """Half past two comes twice on the one, and never on the other."""
    always = Workdays(Calendar(weekend=frozenset({0})))
    rules = replace(POLICY, office=Office(digest=time(2, 30)), workdays=always)
    start = datetime(2026, month, day, tzinfo=AMSTERDAM).astimezone(UTC)
    done = [digest(store, start + timedelta(minutes=10 * step), rules).round() for step in range(24 * 6 - 6)]
    assert (sum(done), [claim.day for claim in claims(store)]) == (1, [date(2026, month, day)])


def test_when_nothing_is_due_the_store_is_only_read(store: Store) -> None:
    digest(store, local(3)).round()
    with store.writing():  # somebody else has the right to write
        assert digest(store, local(3, 8)).round() == 0


def test_a_round_that_fails_on_the_way_claims_nothing(store: Store) -> None:
    def broken(*_: object) -> Vitals:
        raise OSError("no disk")

    with pytest.raises(OSError, match="no disk"):
        replace(digest(store, local(3)), vitals=broken).round()
    assert (claims(store), digest(store, local(3)).round()) == ([], 1)


_MINUTES = st.integers(0, 24 * 60 * 21)  # three weeks from the 19th of October, over the change of the clock
_FIRST = datetime(2026, 10, 18, 22, 0, tzinfo=UTC)


@given(st.lists(st.tuples(_MINUTES, st.booleans()), max_size=25))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_days_with_a_round_are_the_days_with_a_digest(
    empty_store: Path, tmp_path: Path, rounds: list[tuple[int, bool]]
) -> None:
    """Whatever the program does between: it is off, it starts again, its clock goes back (one that is behind what is
    sure by more than an hour is not believed). And no mail is counted in two digests, or in none."""
    path = Path(shutil.copy(empty_store, tmp_path / "desk.db"))
    store = Store.open(StoreSettings(path=path))
    expected: dict[date, None] = {}
    uid, note = 0, None
    for minutes, mailed in rounds:
        now = _FIRST + timedelta(minutes=minutes)
        here = now.astimezone(AMSTERDAM)
        if mailed:
            uid += 1
            question(store, uid)
        digest(store, now).round()
        is_due = here.weekday() < 5 and (here.hour, here.minute) >= (7, 30)
        if is_due and here.date() not in expected and (note is None or now >= note.sure - timedelta(hours=1)):
            expected[here.date()] = None
            note = noted(now, note, [])  # the mails are older than all of this
    found = sorted(claims(store), key=lambda claim: claim.number)
    letters = sent(store)
    store.close()
    assert [claim.day for claim in found] == list(expected)
    assert [claim.number for claim in found] == list(range(1, len(found) + 1))
    assert sorted(letter.about for letter in letters) == sorted(f"D-{claim.number}" for claim in found)
    marks = [claim.facts["mails"] for claim in found]
    assert marks == sorted(marks) and (not marks or marks[-1] <= uid)


# What it says.


def test_the_balance_comes_first_and_is_nothing_when_all_is_accounted_for(store: Store) -> None:
    digest(store, local(3)).round()
    question(store, 1, TakenUp())
    digest(store, local(4)).round()
    assert text(sent(store)[-1]).split("\n\n")[1].splitlines() == [
        "The balance",
        "- Since the last digest: 2 e-mails seen = 1 new question + 1 follow-up; 0 unaccounted.",
        "- Since the beginning: 2 e-mails seen = 1 new question + 1 follow-up; 0 unaccounted.",
    ]


def test_the_first_digest_has_one_balance(store: Store) -> None:
    question(store, 1)
    digest(store, local(3)).round()
    said = text(sent(store)[0])
    assert said.split("\n\n")[1].splitlines() == [
        "The balance", "- Since the beginning: 1 e-mail seen = 1 new question; 0 unaccounted."
    ]  # fmt: skip
    assert "It covers everything since the beginning: rows 1 to 5 of the history, e-mails 1 to 1." in said


def test_a_desk_at_which_all_is_well_says_so_in_the_subject(store: Store) -> None:
    well = Vitals(alarms=(), probes=Probes(24, 24, 40.0))
    digest(store, local(3), vitals=well).round()
    assert opened(sent(store)[0])["Subject"] == "[D-1] Digest 1, Wednesday 3 June: all is well"


def test_a_mail_that_nobody_has_judged_is_named_with_its_age(store: Store) -> None:
    with store.writing() as tx:
        tx.receive([mail(9, received_at=local(3) - timedelta(hours=5))], NOW)
    digest(store, local(3)).round()
    said = text(sent(store)[0])
    assert "1 unaccounted" in said and "Not judged yet: e-mail 1 (5 hours old)." in said


def test_what_happened_before_the_last_digest_is_not_told_again(store: Store) -> None:
    question(store, 1, TakenUp(), Answered(message_id="<a@desk.example>", at=NOW))
    digest(store, local(3)).round()
    digest(store, local(4)).round()
    first, second = map(text, sent(store))
    assert "Answered since the last digest: 1 question (KV-2026-0001)." in first
    assert "No question was answered since the last digest." in second
    assert "Since the beginning: 2 e-mails seen = 1 new question + 1 follow-up" in second


def test_late_questions_the_oldest_and_the_next_are_named(store: Store) -> None:
    question(store, 1, Assigned(address("sam@agency.example")))
    question(store, 2)
    digest(store, local(5)).round()
    said = text(sent(store)[0])
    assert "2 questions are late: KV-2026-0001, KV-2026-0002." in said
    assert "The oldest open question is KV-2026-0001, of Monday 1 June 2026 (4 working days ago)." in said
    assert "The next one to take is KV-2026-0002." in said


def test_whoever_was_overtaken_is_named_with_what_is_on_record(store: Store) -> None:
    question(store, 1)
    question(store, 2, Answered(message_id="<a@desk.example>", at=NOW))
    digest(store, local(3)).round()
    assert "KV-2026-0001 was overtaken by 1 later question, since Monday 1 June 2026 (2 working days)." in text(
        sent(store)[0]
    )


def test_a_date_whose_letter_came_back_is_unknown_to_the_asker(store: Store) -> None:
    question(store, 1, Flagged(Flag.LETTER_BOUNCED, "ack"))
    digest(store, local(3)).round()
    assert "The asker does not know the date, because the e-mail was refused: KV-2026-0001." in text(sent(store)[0])


def test_it_says_how_the_program_is(store: Store) -> None:
    digest(store, local(3)).round()
    said = text(sent(store)[0])
    for sentence in (
        "The mailbox was last read on Wednesday 3 June 2026, 07:29.",
        "The last e-mail left on Wednesday 3 June 2026, 07:20.",
        "Probe mails: 24 sent, 1 not back, half of them within 41 seconds.",
        "2 alarms since the last digest.",
        "Alarm since Monday 1 June 2026, 08:15, not over yet: no mail goes out.",
        "Alarm of Monday 1 June 2026, 08:15, over after 20 minutes: no mail comes in.",
        "The database takes 3.6 MB.",
        "Free on the disk: 41 GB.",
        "The next one comes on Thursday 4 June 2026 at 07:30.",
    ):
        assert sentence in said


def test_what_is_not_known_is_said_to_be_unknown(store: Store) -> None:
    digest(store, local(3), vitals=Vitals()).round()
    said = text(sent(store)[0])
    assert "When the mailbox was last read is not known." in said and "larm" not in said and "Probe" not in said


def test_the_head_of_the_history_is_in_it(store: Store) -> None:
    question(store, 1)
    with store.reading() as past:
        head = past.chain_head()
    digest(store, local(3)).round()
    assert head in text(sent(store)[0])


def test_closed_days_of_the_next_two_weeks_are_named(store: Store) -> None:
    digest(store, local(18, month=12)).round()
    said = text(sent(store)[0])
    assert "On Friday 25 December 2026 we are closed." in said and "On Friday 1 January 2027 we are closed." in said


# The month.


def test_the_figures_of_a_month_go_on_the_first_working_day_of_the_next(store: Store) -> None:
    question(store, 1)
    assert [digest(store, local(1, hour, 30, month=7)).round() for hour in (6, 7, 8)] == [0, 2, 0]
    (letter,) = sent(store, "ops_monthly")
    assert letter.about == "M-1" and "from Monday 1 June 2026 to Tuesday 30 June 2026" in opened(letter)["Subject"]
    assert "- Questions received: 1\n" in text(letter)


def test_they_are_not_swallowed_by_a_downtime_and_go_once(store: Store) -> None:
    question(store, 1)
    for day in (3, 6, 7):
        digest(store, local(day, month=7)).round()
    assert len(sent(store, "ops_monthly")) == 1


def test_a_month_before_this_desk_has_no_figures(store: Store) -> None:
    question(store, 1)
    digest(store, local(3)).round()
    assert sent(store, "ops_monthly") == []
    digest(store, local(1, month=7)).round()
    assert [letter.about for letter in sent(store, "ops_monthly")] == ["M-1"]


# The week.


def test_the_list_goes_on_the_first_working_day_of_a_week_when_the_office_opens(store: Store) -> None:
    question(store, 1)
    moments = (local(8, 8, 59), local(8, 9), local(8, 10), local(9, 9))
    for at in moments:
        digest(store, at).round()
    assert [letter.recipients for letter in sent(store, "coordinator_weekly")] == [("team@desk.example",)]


def test_after_a_monday_that_is_closed_it_goes_on_tuesday(store: Store) -> None:
    easter_tuesday = local(7, 9, month=4)
    digest(store, local(6, 9, month=4)).round()
    assert sent(store, "coordinator_weekly") == []
    digest(store, easter_tuesday).round()
    assert len(sent(store, "coordinator_weekly")) == 1


def test_each_coordinator_gets_a_list_of_his_own_whose_numbers_are_kept(store: Store) -> None:
    rules = replace(POLICY, staff=(EVA, replace(EVA, name="Max", address=address("max@agency.example"))))
    for uid in (1, 2):
        question(store, uid)
    question(store, 3, Closed(reason=CloseReason.SPAM, at=NOW))
    digest(store, local(8, 9), rules).round()
    found = {letter.about: letter.recipients[0] for letter in sent(store, "coordinator_weekly")}
    assert found == {"L-1": "eva@agency.example", "L-2": "max@agency.example"}
    with store.reading() as past:
        sheets = [past.sheet(number) for number in (1, 2)]
    assert [sheet.lines for sheet in sheets if sheet] == [("KV-2026-0001", "KV-2026-0002")] * 2
    assert [sheet.address for sheet in sheets if sheet] == list(found.values())


def test_its_lines_say_how_each_question_stands(store: Store) -> None:
    question(store, 1, Assigned(address("sam@agency.example")))
    digest(store, local(8, 9)).round()
    (letter,) = sent(store, "coordinator_weekly")
    assert (
        "1. KV-2026-0001: by Thursday 4 June 2026 (late)\n   Een vraag\n"
        "   in progress, sam@agency.example, 5 working days old" in text(letter)
    )
    assert opened(letter)["Subject"] == "[L-1] Weekly list Monday 8 June: 1 open question"


def test_it_says_how_to_reply(store: Store) -> None:
    question(store, 1)
    digest(store, local(8, 9)).round()
    assert 'for example "3 take" or "5 close spam"' in text(sent(store, "coordinator_weekly")[0])


def test_a_week_without_open_questions_says_so(store: Store) -> None:
    digest(store, local(8, 9)).round()
    (letter,) = sent(store, "coordinator_weekly")
    assert text(letter).startswith("There are no open questions.")


def test_a_list_that_is_too_long_says_how_many_are_left_out(store: Store) -> None:
    with store.writing() as tx:
        for uid in range(1, LONGEST_LIST + 3):
            open_ticket(tx, uid)
    digest(store, local(8, 9)).round()
    (letter,) = sent(store, "coordinator_weekly")
    assert "There are 2 more open questions. They are not in this list." in text(letter)
    with store.reading() as past:
        sheet = past.sheet(1)
    assert sheet is not None and len(sheet.lines) == LONGEST_LIST


def test_when_the_program_was_off_on_that_day_it_goes_on_a_later_one_and_once(store: Store) -> None:
    question(store, 1)
    moments = (local(10, 8), local(10, 9), local(10, 9), local(11, 9), local(12, 9))
    for at in moments:
        digest(store, at).round()
    (letter,) = sent(store, "coordinator_weekly")
    assert [claim.day for claim in claims(store, "coordinator_weekly")] == [date(2026, 6, 8)]
    assert opened(letter)["Subject"] == "[L-1] Weekly list Wednesday 10 June: 1 open question"
    assert "(late)" in text(letter)


def test_a_list_that_missed_its_week_does_not_come_beside_that_of_the_next(store: Store) -> None:
    question(store, 1)
    for at in (local(13, 9), local(15, 9), local(16, 9)):  # from a Saturday on
        digest(store, at).round()
    assert [claim.day for claim in claims(store, "coordinator_weekly")] == [date(2026, 6, 15)]


def test_a_week_that_began_before_this_desk_did_has_no_list(store: Store) -> None:
    question(store, 1)  # on Monday the first
    digest(store, local(29, 9, month=5)).round()
    assert sent(store, "coordinator_weekly") == []
    digest(store, local(2, 9)).round()
    assert len(sent(store, "coordinator_weekly")) == 1


@pytest.mark.parametrize("closes", [8, 9], ids=["the day on which it came", "a later day"])
def test_a_week_whose_days_are_closed_after_its_list_has_no_second_one(store: Store, closes: int) -> None:
    question(store, 1)
    digest(store, local(8, 9)).round()
    shut = replace(POLICY, workdays=Workdays(Calendar(closed=frozenset({date(2026, 6, closes)}))))
    for day in (8, 9, 10, 12):
        digest(store, local(day, 10), shut).round()
    assert len(sent(store, "coordinator_weekly")) == 1
    digest(store, local(15, 9), shut).round()
    assert len(sent(store, "coordinator_weekly")) == 2


def test_a_week_whose_first_day_is_a_working_day_after_all_has_no_second_list(store: Store) -> None:
    question(store, 1)
    shut = replace(POLICY, workdays=Workdays(Calendar(closed=frozenset({date(2026, 6, 8)}))))
    digest(store, local(9, 9), shut).round()
    digest(store, local(10, 9)).round()
    assert [claim.day for claim in claims(store, "coordinator_weekly")] == [date(2026, 6, 9)]


def test_a_month_whose_first_day_is_closed_after_its_figures_has_no_second_ones(store: Store) -> None:
    question(store, 1)
    digest(store, local(1, month=7)).round()
    shut = replace(POLICY, workdays=Workdays(Calendar(closed=frozenset({date(2026, 7, 1)}))))
    digest(store, local(2, month=7), shut).round()
    assert [claim.day for claim in claims(store, "ops_monthly")] == [date(2026, 7, 1)]


# What is gathered is what is claimed.


def meanwhile(store: Store, at: datetime, happens: Callable[[], object]) -> int:
    """A round, and what somebody else does while it looks at the store."""

    def looked(past: Reader, before: Claim | None) -> Vitals:
        past.extent()
        happens()
        return VITALS

    return replace(digest(store, at), vitals=looked).round()


def test_others_write_while_it_gathers_and_what_they_write_is_for_the_next_one(store: Store) -> None:
    question(store, 1)
    assert meanwhile(store, local(3), lambda: question(store, 2, Answered(message_id="<a@desk.example>", at=NOW))) == 1
    digest(store, local(4)).round()
    first, second = map(text, sent(store))
    assert "Since the beginning: 1 e-mail seen = 1 new question; 0 unaccounted." in first
    assert "No question was answered since the last digest." in first and "There is 1 open question." in first
    assert "Since the last digest: 2 e-mails seen = 1 new question + 1 follow-up; 0 unaccounted." in second
    assert "Answered since the last digest: 1 question (KV-2026-0002)." in second
    rows = [claim.facts["history"] for claim in claims(store)]
    assert f"rows 1 to {rows[0]} of the history" in first and f"rows {rows[0] + 1} to {rows[1]}" in second


def test_a_digest_that_somebody_else_claimed_meanwhile_is_not_queued(store: Store) -> None:
    assert meanwhile(store, local(3), digest(store, local(3)).round) == 0
    assert [letter.about for letter in sent(store)] == ["D-1"]


def test_a_digest_whose_period_changed_meanwhile_is_made_anew(store: Store) -> None:
    def other() -> None:
        with store.writing() as tx:
            tx.claim("ops_digest", date(2026, 6, 3), local(3), {"history": 0, "mails": 0})

    assert meanwhile(store, local(4), other) == 0
    assert [claim.day for claim in claims(store)] == [date(2026, 6, 3)] and sent(store) == []
    assert digest(store, local(4)).round() == 1
    assert [claim.number for claim in claims(store)] == [1, 2]


def test_what_takes_long_is_looked_for_once_in_a_round(store: Store) -> None:
    question(store, 1)
    question(store, 2, Answered(message_id="<a@desk.example>", at=NOW))
    passed = Passed()
    with store.reading() as past:
        found = passed(past)
    question(store, 3, Answered(message_id="<b@desk.example>", at=NOW))
    with store.reading() as past:
        assert passed(past) is found and [each.by for each in found] == [1]
        assert [each.by for each in Passed()(past)] == [2]


# Nothing of anybody.


def test_neither_digest_nor_figures_hold_a_word_of_anybody(store: Store) -> None:
    with store.writing() as tx:
        full_of_birds(tx)
    digest(store, local(1, month=7)).round()
    for kind in ("ops_digest", "ops_monthly"):
        (letter,) = sent(store, kind)
        assert BIRD not in letter.raw.decode().lower()
        for subtype in ("plain", "html"):
            assert BIRD not in text(letter, subtype).lower()
        assert "KV-2026-0001" in text(letter) or kind == "ops_monthly"
