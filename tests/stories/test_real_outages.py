"""Dovecot, Postfix, the database and the disk are away for twenty minutes: told, over, and nothing is lost."""

from __future__ import annotations

import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from itertools import count
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ksmail.desk.alarm import Part
from ksmail.desk.promise import received_on
from ksmail.desk.rhythm import next_digest
from ksmail.incoming.worker import Parser
from tests.disks import fill, small_disk
from tests.faults.test_silence import LOCK, MAILS, all_is_done
from tests.faults.test_store_away import noise
from tests.servers import HOST, PASSWORD, Dovecot, Postfix
from tests.servers import dovecot as run_dovecot
from tests.servers import postfix as run_postfix
from tests.stories.debian import Debian
from tests.stories.rig import Clock, Rig, text_of
from tests.stories.test_questions import ask
from tests.watching import NO_PROBE, Watched, subjects, texts

pytestmark = pytest.mark.servers

# Whoever runs the program reads mail elsewhere: those servers stay. A server of Postfix that died begins again soon.
ELSEWHERE = """
transport_maps = inline:{{ {{ watch.example = lmtp:inet:{host}:{lmtp} }} }}
service_throttle_time = 1s
"""


@pytest.fixture(scope="module")
def mortal_dovecot() -> Iterator[Dovecot]:
    """The mailbox of these desks, for the tests to end."""
    with run_dovecot() as running:
        yield running


@pytest.fixture(scope="module")
def mortal_postfix(mortal_dovecot: Dovecot, dovecot: Dovecot) -> Iterator[Postfix]:
    """Its passwords lie with the mortal Dovecot, to which it also brings mail."""
    with run_postfix(mortal_dovecot, ELSEWHERE.format(host=HOST, lmtp=dovecot.lmtp)) as running:
        yield running


@dataclass
class Outpost:
    """A desk on servers that die, watched from a mailbox `ops` elsewhere. What it writes to askers lies at `post`."""

    desk: Watched
    home: Debian
    elsewhere: Dovecot
    post: Dovecot
    ops: str
    name: str

    @property
    def rig(self) -> Rig:
        return self.desk.rig

    def asker(self, number: int) -> str:
        return f"asker{number}@{self.name}.example"

    def questions(self, **facts: object) -> Iterator[bytes]:
        for number in range(MAILS):
            yield ask(self.asker(number), f"Question {number}: may we do this?\n", **facts)

    def letters(self, expected: int) -> list[EmailMessage]:
        """What reached those who run the program, as soon as there is so much."""
        raws = self.elsewhere.received(self.ops, expected)
        return [message_from_bytes(raw, policy=modern) for raw in raws]

    def told(self, expected: int) -> list[str]:
        return subjects(self.letters(expected))

    def wait_for_logins(self) -> None:
        """Until the mortal Postfix lets somebody in again."""
        end = time.monotonic() + 20
        while True:
            try:
                with smtplib.SMTP(HOST, self.home.postfix.submission) as client:
                    client.starttls()
                    client.login("desk@example.org", PASSWORD)
                    return
            except (OSError, smtplib.SMTPException):
                assert time.monotonic() < end
                time.sleep(0.1)

    def settled(self, calls: int) -> bool:
        """So many calls and no more; one acknowledgement for each asker, and as many tickets; nothing left anywhere."""
        self.desk.minutes(3)
        acks = [len(self.post.received(self.asker(number))) for number in range(MAILS)]
        return (len(self.told(calls)), acks) == (calls, [1] * MAILS) and all_is_done(self.rig)

    def next_digest(self) -> str:
        """The digest of the next working day, as it reached those who run the program."""
        policy, clock = self.rig.config.policy, self.rig.clock
        clock.moment = next_digest(received_on(clock.now(), policy.timezone), policy).astimezone(UTC)
        self.rig.works.pass_time()
        self.rig.send()
        known = len(self.told(0))
        (digest,) = [each for each in self.letters(known + 1) if str(each["Subject"]).startswith("[D-1]")]
        return text_of(digest)


MakeOutpost = Callable[..., Outpost]
_NAMES = (f"outage{number}" for number in count(1))


@pytest.fixture
def make_outpost(
    tmp_path: Path, mortal_dovecot: Dovecot, mortal_postfix: Postfix, dovecot: Dovecot, parser: Parser
) -> Iterator[MakeOutpost]:
    made: list[Rig] = []

    def make(*, post: Dovecot = mortal_dovecot, **environ: str) -> Outpost:
        name = next(_NAMES)
        ops = f"{name}@watch.example"
        home = Debian(mortal_dovecot, mortal_postfix, mortal_dovecot.new_user())
        settings = {**NO_PROBE, "KSMAIL_OPS__ADDRESS": ops, **environ}
        rig = Rig(tmp_path / "desk", home, parser, environ=settings, clock=Clock(datetime.now(UTC)))  # type: ignore[arg-type]  # same shape
        made.append(rig)
        return Outpost(Watched(rig), home, dovecot, post, ops, name)

    yield make
    for rig in made:
        rig.close()
    mortal_dovecot.program.revive()
    mortal_postfix.program.revive()


def server(section: str, postfix: Postfix) -> dict[str, str]:
    """The settings of a section that name this server."""
    facts = {
        "HOST": "localhost",
        "PORT": str(postfix.submissions),
        "CA_FILE": str(postfix.dovecot.ca_file),
        "USER": "desk@example.org",
        "PASSWORD": PASSWORD,
    }
    return {f"KSMAIL_{section}__{name}": value for name, value in facts.items()}


# Dovecot


def test_dovecot_is_away_for_twenty_minutes_and_postfix_keeps_the_mail(
    make_outpost: MakeOutpost, postfix: Postfix
) -> None:
    """Letters go by another provider, so the alarm goes the way of all letters."""
    outpost = make_outpost(post=postfix.dovecot, **server("SMTP", postfix))
    outpost.desk.minutes(1)
    outpost.home.dovecot.program.stop()
    for raw in outpost.questions():
        outpost.home.postfix.take(raw, outpost.home.user)
    outpost.desk.minutes(20)
    assert outpost.desk.raised == {Part.MAILBOX}
    assert outpost.told(1) == ["Alarm: er komt geen mail binnen"]
    (alert,) = texts(outpost.letters(1), "Alarm")
    assert "Technisch: no connection to the IMAP server" in alert
    outpost.home.dovecot.program.start()
    outpost.home.postfix.flush()
    assert len(outpost.home.postfix.received(outpost.home.user, MAILS)) == MAILS
    outpost.desk.minutes(5)
    assert outpost.told(2) == ["Alarm: er komt geen mail binnen", "Voorbij: er komt weer mail binnen"]
    (over,) = texts(outpost.letters(2), "Voorbij")
    assert "De storing duurde 20 minuten" in over
    assert outpost.settled(2)
    assert "voorbij na 20 minuten: er komt geen mail binnen." in outpost.next_digest()


def test_dovecot_takes_postfix_along_because_it_keeps_the_passwords(
    make_outpost: MakeOutpost, postfix: Postfix
) -> None:
    """Mail had been taken, and its letters wait: now nothing comes in and nothing goes out."""
    outpost = make_outpost(**server("ALARM_RELAY", postfix))
    for raw in outpost.questions():
        outpost.home.append(raw)
    outpost.rig.works.intake.round()
    outpost.home.dovecot.program.stop()
    outpost.desk.minutes(20)
    assert outpost.desk.raised == {Part.MAILBOX, Part.SENDING}
    assert outpost.told(1) == ["Alarm: er komt geen mail binnen en nog 1 storing"]
    outpost.home.dovecot.program.start()
    outpost.wait_for_logins()
    outpost.desk.minutes(8)
    assert sorted(outpost.told(3)) == [  # the mailbox is seen to work minutes before a letter is tried
        "Alarm: er komt geen mail binnen en nog 1 storing",
        "Voorbij: er gaat weer mail weg",
        "Voorbij: er komt weer mail binnen",
    ]
    assert outpost.settled(3)


# Postfix


def test_postfix_is_away_for_twenty_minutes_and_the_second_relay_tells_it(
    make_outpost: MakeOutpost, postfix: Postfix
) -> None:
    outpost = make_outpost(**server("ALARM_RELAY", postfix))
    outpost.home.postfix.program.stop()
    for raw in outpost.questions():
        outpost.home.append(raw)
    outpost.desk.minutes(20)
    assert outpost.told(1) == ["Alarm: er gaat geen mail weg"]
    with outpost.rig.store.reading() as past:
        assert past.backlog().letters == 2 * MAILS
    outpost.home.postfix.program.start()
    outpost.desk.minutes(8)  # the outbox tries at most every five minutes
    assert outpost.told(2) == ["Alarm: er gaat geen mail weg", "Voorbij: er gaat weer mail weg"]
    assert outpost.settled(2)


def test_postfix_is_away_for_twenty_minutes_and_without_a_second_relay_the_log_tells_it(
    make_outpost: MakeOutpost,
) -> None:
    outpost = make_outpost()
    outpost.home.postfix.program.stop()
    for raw in outpost.questions():
        outpost.home.append(raw)
    with capture_logs() as log:
        outpost.desk.minutes(20)
    assert [entry["parts"] for entry in log if entry["event"] == "alarm_raised"] == [["sending"]]
    assert [entry["event"] for entry in log].count("alarm_untold") == 5
    outpost.home.postfix.program.start()
    outpost.desk.minutes(8)
    assert outpost.told(1) == ["Voorbij: er gaat weer mail weg"]
    assert outpost.settled(1)


# The database and its disk


def test_the_database_is_locked_for_twenty_minutes(make_outpost: MakeOutpost) -> None:
    outpost = make_outpost(KSMAIL_STORE__BUSY_TIMEOUT="0.1")
    outpost.desk.minutes(1)
    command = [sys.executable, "-c", LOCK, str(outpost.rig.config.store.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as neighbour:
        assert neighbour.stdout is not None and neighbour.stdout.readline() == b"locked\n"
        for raw in outpost.questions():
            outpost.home.append(raw)
        outpost.desk.minutes(20)
        assert outpost.told(1) == ["Alarm: de database doet het niet"]
        assert (outpost.rig.balance(), len(outpost.home.folder("INBOX"))) == ({}, MAILS)
        neighbour.communicate()
    outpost.desk.minutes(3)
    assert outpost.told(2) == ["Alarm: de database doet het niet", "Voorbij: de database doet het weer"]
    assert outpost.settled(2)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """The state directory of the desk on a small disk of its own."""
    with small_disk(tmp_path / "desk") as folder:
        yield folder


@pytest.mark.mounts
def test_the_disk_is_full_for_twenty_minutes(disk: Path, make_outpost: MakeOutpost) -> None:
    """The mails are larger than what the log of the database still holds."""
    outpost = make_outpost(KSMAIL_IMAP__LARGEST_MAIL="1000000")
    outpost.desk.minutes(1)
    ballast = fill(disk)
    for number, raw in enumerate(outpost.questions(headers=noise(0))):
        assert number < MAILS
        outpost.home.append(raw)
    outpost.desk.minutes(20)
    assert outpost.desk.raised == {Part.STORE, Part.DISK}
    assert outpost.told(1) == ["Alarm: de database doet het niet en nog 1 storing"]
    (alert,) = outpost.letters(1)
    assert "Technisch: the disk of the store is full" in text_of(alert)
    assert (outpost.rig.balance(), len(outpost.home.folder("INBOX"))) == ({}, MAILS)
    ballast.unlink()
    outpost.desk.minutes(3)
    assert outpost.told(2)[1:] == ["Voorbij: de database doet het weer en nog 1 storing is voorbij"]
    assert outpost.settled(2)
