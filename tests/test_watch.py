"""What a look finds, who is told by which way, and what is remembered."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ksmail import notify
from ksmail.address import Address
from ksmail.alarmfile import AlarmFile
from ksmail.clock import Clock
from ksmail.desk.alarm import Alarms, AlarmSettings, Outage, Part, Sign
from ksmail.desk.arrival import Disposition
from ksmail.desk.policy import Policy
from ksmail.errors import LoginRefused, ParserAway, StoreAway, Unavailable
from ksmail.incoming.limits import Limits
from ksmail.inspection import CALLS, DIGEST, Inspection, said
from ksmail.outbox import Outbox
from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.transport import Deferred, Outcome, Sent
from ksmail.store.happenings import Failed
from ksmail.store.records import Cause
from ksmail.store.store import Store
from ksmail.watch import Watch
from ksmail.witness import STALE, Mover, Witness
from ksmail.writing import Desk
from tests.builders import MONDAY
from tests.outgoing.letters import composer
from tests.store.facts import letter, message, new_store, settle_as, take

MINUTE = timedelta(minutes=1)
DESK = Address("contact", "desk.example")
POLICY = Policy()
OURS = Desk(policy=POLICY, composer=composer(), limits=Limits())


@dataclass
class Way:
    """A transport that takes everything, or answers with `outcome`."""

    outcome: Outcome = field(default_factory=Sent)
    mails: list[OutgoingMail] = field(default_factory=list)
    tried: int = 0

    async def send(self, mail: OutgoingMail, recipients: tuple[str, ...]) -> Mapping[str, Outcome]:
        self.tried += 1
        if isinstance(self.outcome, Sent):
            self.mails.append(mail)
        return dict.fromkeys(recipients, self.outcome)

    async def close(self) -> None:
        return


@dataclass
class Post:
    """A watch with everything around it, and a clock for it."""

    store: Store
    folder: Path
    now: datetime = MONDAY
    seconds: float = 0.0
    ends: dict[str, datetime | None] = field(default_factory=dict)
    main: Way = field(default_factory=Way)
    relay: Way | None = None
    probe_every: timedelta = timedelta(0)
    room: int = 1

    def __post_init__(self) -> None:
        self.witness = Witness(lambda: self.seconds)
        self.outbox = Outbox(self.store, self.main, OURS, lambda: self.now, lambda: 0.0)
        self.alarms = AlarmFile(self.folder / "health.alarms.json")
        self.begin()

    def begin(self) -> None:
        self.inspection = Inspection(
            store=self.store,
            policy=POLICY,
            witness=self.witness,
            outbox=self.outbox,
            folder=self.folder,
            room=self.room,
            certificates=lambda: self.ends,
            notice=timedelta(days=14),
        )
        self.watch = Watch(
            inspection=self.inspection,
            store=self.store,
            desk=OURS,
            address=DESK,
            main=self.main,
            relay=self.relay,
            alarms=self.alarms,
            settings=AlarmSettings(),
            probe_every=self.probe_every,
            now=lambda: self.now,
        )

    def signs(self) -> dict[Part, Sign]:
        return {sign.part: sign for sign in self.inspection.signs(self.now)}

    def sign(self, part: Part) -> tuple[bool, str] | None:
        found = self.signs().get(part)
        return (found.well, found.detail) if found else None

    def looks(self, minutes: int) -> None:
        for _ in range(minutes):
            self.now += MINUTE
            self.watch.look()


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    store = new_store(tmp_path / "desk.db", busy_timeout=0.05)
    yield Post(store, tmp_path)
    store.close()


# -- what a look finds ----------------------------------------------------------------------------------------------


def test_of_a_desk_that_has_just_begun_only_what_can_be_tried_is_known(post: Post) -> None:
    assert {part: sign.well for part, sign in post.signs().items()} == dict.fromkeys(
        (Part.SENDING, Part.STORE, Part.DISK, Part.CLOCKWORK, Part.CLOCK), True
    )


def test_a_round_that_went_well_speaks_for_mailbox_parser_and_passwords(post: Post) -> None:
    post.witness.polled(MONDAY)
    assert [post.sign(part) for part in (Part.MAILBOX, Part.PARSER, Part.SECRET)] == [(True, "")] * 3


@pytest.mark.parametrize(
    ("fault", "bad"),
    [
        (Unavailable("no connection to the IMAP server"), {Part.MAILBOX}),
        (LoginRefused("the IMAP server refuses our login"), {Part.MAILBOX, Part.SECRET}),
        (ParserAway("the parser's worker process does not start"), {Part.PARSER}),
        (StoreAway("another process keeps the store locked"), set()),
    ],
)
def test_what_ended_a_round_says_what_fails(post: Post, fault: Unavailable, bad: set[Part]) -> None:
    post.witness.polled(MONDAY)
    post.witness.failed(fault)
    found = post.signs()
    assert {part for part, sign in found.items() if not sign.well} == bad
    assert not {Part.MAILBOX, Part.PARSER, Part.SECRET} & (found.keys() - bad)


def queue(post: Post, name: str = "1", *, at: datetime = MONDAY) -> None:
    with post.store.writing() as tx:
        tx.queue([replace(letter(name), due_at=at)], None, Cause(None, at, at))


def test_an_account_that_waits_fails_as_long_as_a_letter_does(post: Post) -> None:
    post.outbox.paused_until, post.outbox.fault = MONDAY + MINUTE, "no connection to the SMTP server"
    assert post.sign(Part.SENDING) is None
    queue(post)
    assert post.sign(Part.SENDING) == (False, "no connection to the SMTP server")


def test_letters_that_nobody_sends_are_noticed(post: Post) -> None:
    """Case 158: the outbox worker is dead."""
    queue(post)
    post.now = MONDAY + 5 * MINUTE
    assert post.sign(Part.SENDING) == (True, "")
    post.now += MINUTE
    assert post.sign(Part.SENDING) == (False, "letters are due, and none is sent")


def test_a_letter_that_is_due_later_is_no_fault(post: Post) -> None:
    queue(post, at=MONDAY + timedelta(days=1))
    assert post.sign(Part.SENDING) == (True, "")


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        ("535 5.7.8 bad password for desk of Ada", "the SMTP server refuses our login"),
        ("554 5.2.0 quota of Ada exceeded", "the SMTP server says 554"),
        ("the SMTP server does not answer", "the SMTP server does not answer"),
    ],
)
def test_of_what_an_smtp_server_says_only_the_code_is_shown(reply: str, shown: str) -> None:
    assert said(reply) == shown


def test_a_login_that_both_servers_refuse_is_one_sign(post: Post) -> None:
    post.witness.failed(LoginRefused("the IMAP server refuses our login"))
    post.outbox.paused_until, post.outbox.fault = MONDAY, "535 5.7.8 no"
    assert post.sign(Part.SECRET) == (False, "refused by IMAP and SMTP")


def test_a_disk_without_room_for_two_of_the_largest_mails_fails(post: Post) -> None:
    post.room = 2**60
    post.begin()
    found = post.sign(Part.DISK)
    assert found is not None and not found[0] and found[1].endswith(" MB is needed")


def test_a_folder_that_is_gone_fails(post: Post) -> None:
    post.folder = post.folder / "gone"
    post.begin()
    assert post.sign(Part.DISK) == (False, "the state directory cannot be looked at (FileNotFoundError)")


def test_a_part_that_does_not_move_for_five_minutes_is_stuck(post: Post) -> None:
    """Case 158: the fetcher hangs."""
    for mover in Mover:
        post.witness.rests(mover)
    post.seconds = STALE
    assert post.sign(Part.CLOCKWORK) == (True, "")
    post.witness.moved(Mover.SCHEDULER)
    post.witness.moved(Mover.OUTBOX)
    post.seconds += 61
    assert post.sign(Part.CLOCKWORK) == (False, "no move of the intake for 6 minutes")


def test_a_letter_under_way_may_take_its_time() -> None:
    clock = [0.0]
    witness = Witness(lambda: clock[0])
    witness.moved(Mover.OUTBOX, 1200)
    witness.moved(Mover.OUTBOX)  # another one is done
    clock[0] = 1200 + STALE
    assert witness.stuck() == []
    clock[0] += 1
    assert (witness.stuck(), witness.silent(Mover.INTAKE)) == ([Mover.OUTBOX], 0.0)
    witness.rests(Mover.OUTBOX)
    assert witness.stuck() == []


def test_a_certificate_that_ends_within_two_weeks_is_named(post: Post) -> None:
    assert post.sign(Part.CERTIFICATE) is None
    post.ends = {"IMAP": None, "SMTP": MONDAY + timedelta(days=14)}
    assert post.sign(Part.CERTIFICATE) == (True, "")
    post.ends["IMAP"] = MONDAY + timedelta(days=13)
    assert post.sign(Part.CERTIFICATE) == (False, "that of IMAP ends on 2026-06-14")


def test_a_clock_that_is_far_from_the_last_time_on_record_fails(post: Post) -> None:
    assert Clock(post.store, POLICY.timezone).is_plausible(post.now)
    assert post.sign(Part.CLOCK) == (True, "")
    post.now += timedelta(days=365)
    assert post.sign(Part.CLOCK) == (
        False, "the clock is far ahead of the last time on record, and no mail has come since"
    )  # fmt: skip


def test_a_clock_that_is_not_set_fails(post: Post) -> None:
    post.now = datetime(1970, 1, 1, tzinfo=UTC)
    assert post.sign(Part.CLOCK) == (False, "the clock of this machine is not set")


def test_a_clock_that_was_ahead_and_is_right_again_keeps_no_probe_back_and_fails_no_more(post: Post) -> None:
    post.probe_every = timedelta(hours=1)
    post.begin()
    post.looks(1)
    post.now += timedelta(days=20)
    post.looks(1)
    with post.store.writing() as tx:  # it came back, by the clock of the mail server twenty days earlier
        probe = tx.due(post.now, 9)[-1].mail
        settle_as(tx, take(tx, received_at=MONDAY), Disposition.OWN, message(message_id=probe.message_id))
    assert post.sign(Part.CLOCK) == (False, f"{20 * 24 * 60 + 2} minutes apart from the mail server's")
    post.now -= timedelta(days=20, hours=-1)
    post.looks(1)
    assert post.sign(Part.CLOCK) == (True, "")
    with post.store.reading() as past:
        assert len(past.probes(MONDAY)) == 3


# -- the digest -----------------------------------------------------------------------------------------------------

TODAY = date(2026, 6, 1)


def begin_long_ago(post: Post) -> None:
    with post.store.writing() as tx:
        settle_as(tx, take(tx), Disposition.AUTOMATIC)
    post.now = MONDAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(-2.5, None), (-1.4, (False, "today's digest was not written")), (6, (False, "today's digest was not written"))],
)
def test_a_digest_that_is_missing_an_hour_after_its_time_is_noticed(
    post: Post, hours: float, expected: tuple[bool, str] | None
) -> None:
    """Case 158. It is due at 07:30; the look is at 10:02 and so many hours."""
    begin_long_ago(post)
    post.now += timedelta(hours=hours)
    assert post.sign(Part.DIGEST) == expected


def test_a_digest_that_was_written_is_well(post: Post) -> None:
    begin_long_ago(post)
    with post.store.writing() as tx:
        tx.claim(DIGEST, TODAY + timedelta(days=1), post.now)
    assert post.sign(Part.DIGEST) == (True, "")


def test_no_digest_is_missed_on_a_day_off_or_on_the_first_day(post: Post) -> None:
    assert post.sign(Part.DIGEST) is None
    begin_long_ago(post)
    post.now = MONDAY + timedelta(days=5)
    assert post.sign(Part.DIGEST) is None


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("09:59", None),
        ("10:00", (False, "nobody was told today what is due")),
        ("16:59", (False, "nobody was told today what is due")),
        ("17:00", None),
    ],
)
def test_a_call_that_is_missing_an_hour_after_the_office_opened_is_noticed(
    post: Post, clock: str, expected: tuple[bool, str] | None
) -> None:
    """Until it closes: whoever starts the program later cannot have missed it."""
    begin_long_ago(post)
    local = datetime.fromisoformat(f"2026-06-02T{clock}").replace(tzinfo=POLICY.timezone)
    post.now = local.astimezone(UTC)
    assert post.sign(Part.CALLS) == expected


def test_a_call_that_was_made_is_well(post: Post) -> None:
    begin_long_ago(post)
    with post.store.writing() as tx:
        tx.claim(CALLS, TODAY + timedelta(days=1), post.now)
    assert post.sign(Part.CALLS) == (True, "")


def test_no_call_is_missed_on_a_day_off_or_on_the_first_day(post: Post) -> None:
    assert post.sign(Part.CALLS) is None
    begin_long_ago(post)
    post.now = MONDAY + timedelta(days=5)
    assert post.sign(Part.CALLS) is None


def test_what_a_wrong_clock_keeps_back_is_one_fault(post: Post) -> None:
    begin_long_ago(post)
    assert Clock(post.store, POLICY.timezone).is_plausible(post.now)
    post.now += timedelta(days=365)
    assert {part for part, sign in post.signs().items() if not sign.well} == {Part.CLOCK}


# -- telling --------------------------------------------------------------------------------------------------------


def test_an_alarm_goes_over_the_main_server_once(post: Post) -> None:
    post.relay = Way()
    post.begin()
    post.witness.failed(Unavailable("no connection to the IMAP server"))
    post.looks(20)
    (mail,) = post.main.mails
    assert (mail.recipients, mail.kind, mail.about) == ((POLICY.ops.spec,), "ops_alert", "A-1")
    assert post.relay.tried == 0


def test_an_alarm_about_sending_goes_over_the_relay_only(post: Post) -> None:
    post.relay = Way()
    post.begin()
    queue(post)
    post.outbox.paused_until, post.outbox.fault = MONDAY, "no connection to the SMTP server"
    post.looks(20)
    assert (post.main.tried, len(post.relay.mails)) == (0, 1)


def test_what_the_main_server_does_not_take_goes_over_the_relay(post: Post) -> None:
    post.main.outcome, post.relay = Deferred("450 later"), Way()
    post.begin()
    post.witness.failed(Unavailable("no connection to the IMAP server"))
    post.looks(20)
    assert (post.main.tried, len(post.relay.mails)) == (1, 1)


def test_what_nobody_takes_is_tried_every_minute_as_the_same_mail(post: Post) -> None:
    post.main.outcome = Deferred("450 later")
    post.witness.failed(Unavailable("no connection to the IMAP server"))
    post.looks(20)
    assert post.main.tried == 5
    before = post.watch._write(post.alarms.state.owed[0])
    post.main.outcome = Sent()
    post.looks(3)
    (mail,) = post.main.mails
    assert (mail.message_id, mail.raw) == (before.message_id, before.raw)


def test_a_store_that_is_away_keeps_no_recovery_back(post: Post) -> None:
    post.witness.failed(Unavailable("no connection to the IMAP server"))
    post.looks(20)
    post.witness.polled(post.now)
    with post.store.writing():
        post.looks(1)
    assert [mail.kind for mail in post.main.mails] == ["ops_alert", "ops_recovered"]
    assert "Wij konden niet in de database kijken." not in post.main.mails[1].text  # reading is possible


def failures(post: Post) -> list[Failed]:
    with post.store.reading() as past:
        return past.failures(0)


def test_what_is_over_goes_on_record_once_for_the_digest(post: Post) -> None:
    post.witness.failed(Unavailable("no connection to the IMAP server"))
    post.looks(20)
    assert failures(post) == []  # the health file has what goes on
    post.witness.polled(post.now)
    post.looks(3)
    assert failures(post) == [Failed(part="mailbox", since=MONDAY + MINUTE, until=MONDAY + 21 * MINUTE)]
    with post.store.reading() as past:
        assert past.verify_chain() is None


def test_what_nobody_was_alerted_about_is_not_on_record(post: Post) -> None:
    post.witness.failed(Unavailable("no connection to the IMAP server"))
    post.looks(14)
    post.witness.polled(post.now)
    post.looks(1)
    assert failures(post) == []


def test_a_store_that_is_away_keeps_no_watch_from_telling_what_is_over(post: Post) -> None:
    """The log has the alarm that the digest lacks."""
    post.witness.failed(Unavailable("no connection to the IMAP server"))
    post.looks(20)
    post.witness.polled(post.now)
    with post.store.writing(), capture_logs() as log:
        post.looks(1)
    assert [entry["parts"] for entry in log if entry["event"] == "alarm_over"] == [["mailbox"]]
    assert [mail.kind for mail in post.main.mails] == ["ops_alert", "ops_recovered"]
    assert failures(post) == []


def test_a_fault_of_ours_ends_no_watch(post: Post) -> None:
    over = threading.Event()

    def broken() -> Mapping[str, datetime | None]:
        over.set()
        raise ZeroDivisionError

    post.watch.inspection = replace(post.inspection, certificates=broken)
    with capture_logs() as log:
        post.watch.keep(over)
    assert [entry["event"] for entry in log] == ["watch_failed"]


# -- what is remembered ---------------------------------------------------------------------------------------------

STATE = Alarms(outages=(Outage(part=Part.DISK, since=MONDAY, times=1, told_at=MONDAY),), count=3)


def test_the_state_survives_in_its_file(tmp_path: Path) -> None:
    AlarmFile(tmp_path / "alarms.json").keep(STATE)
    assert AlarmFile(tmp_path / "alarms.json").state == STATE
    assert [path.name for path in tmp_path.iterdir()] == ["alarms.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", json.dumps({"count": 1})])
def test_a_broken_file_is_that_of_a_new_desk(tmp_path: Path, text: str) -> None:
    (tmp_path / "alarms.json").write_text(text)
    assert AlarmFile(tmp_path / "alarms.json").state == Alarms()


def test_what_cannot_be_written_lives_in_memory_and_is_written_later(tmp_path: Path) -> None:
    place = tmp_path / "gone"
    file = AlarmFile(place / "alarms.json")
    with capture_logs() as log:
        file.keep(STATE)
        file.keep(STATE)
    assert (file.state, [entry["event"] for entry in log]) == (STATE, ["alarm_file_failed"])
    place.mkdir()
    file.keep(STATE)
    assert AlarmFile(place / "alarms.json").state == STATE


# -- the init system ------------------------------------------------------------------------------------------------


@pytest.fixture
def init(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        yield listener


def test_a_word_reaches_the_socket_that_is_named(init: socket.socket, tmp_path: Path) -> None:
    assert notify.notify(notify.READY, {"NOTIFY_SOCKET": str(tmp_path / "notify")})
    assert init.recv(100) == b"READY=1"


def test_an_abstract_socket_is_one_with_an_at(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0ksmail-{os.getpid()}")
        listener.settimeout(5)
        assert notify.notify(notify.STOPPING, {"NOTIFY_SOCKET": f"@ksmail-{os.getpid()}"})
        assert listener.recv(100) == b"STOPPING=1"


@pytest.mark.parametrize("place", ["", "relative", "/nowhere/at/all"])
def test_where_nobody_listens_nothing_happens(place: str) -> None:
    assert not notify.notify(notify.READY, {"NOTIFY_SOCKET": place})


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "120000000"}, 60.0),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": str(os.getpid())}, 60.0),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "1"}, None),
    ],
)
def test_the_watchdog_hears_from_us_in_half_of_its_time(environ: dict[str, str], seconds: float | None) -> None:
    assert notify.watchdog_interval(environ) == seconds


def test_the_watchdog_hears_nothing_while_something_is_stuck(init: socket.socket, tmp_path: Path) -> None:
    well = iter([True, False, True])
    environ = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2000"}

    async def three_times() -> None:
        with pytest.raises(RuntimeError):  # the answers are used up
            await notify.say_alive(lambda: next(well), environ)

    asyncio.run(three_times())
    assert [init.recv(100) for _ in range(2)] == [b"WATCHDOG=1"] * 2
    init.setblocking(False)
    with pytest.raises(BlockingIOError):
        init.recv(100)
