"""Something is away for twenty minutes: who runs the program hears of it and of its end, and nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ksmail.demo.servers import Servers
from ksmail.desk.alarm import Part
from ksmail.desk.arrival import Disposition
from ksmail.incoming.limits import Limits
from ksmail.incoming.worker import Parser
from ksmail.store.values import LetterState
from ksmail.witness import Mover
from tests.disks import fill, no_room_for_files, small_disk
from tests.door import Door
from tests.faults.test_store_away import noise
from tests.smtp_stub import SmtpStub
from tests.stories.rig import TEAM, Clock, Rig
from tests.stories.test_questions import ask
from tests.stub import Certified
from tests.watching import NO_PROBE, Watched, subjects, texts

MakeRig = Callable[..., Rig]
MAILS = 3


@pytest.fixture
def imap_door(servers: Servers) -> Iterator[Door]:
    with Door(servers.imap_port) as door:
        yield door


@pytest.fixture
def smtp_door(servers: Servers) -> Iterator[Door]:
    with Door(servers.smtp_port) as door:
        yield door


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Servers]:
    """A second provider, with its own account and authority."""
    with Servers(tmp_path / "relay", user="alarm@example.org", password="another") as running:
        yield running


def relayed(relay: Servers) -> dict[str, str]:
    section = "KSMAIL_ALARM_RELAY__"
    return {
        f"{section}HOST": "localhost",
        f"{section}PORT": str(relay.smtp_port),
        f"{section}CA_FILE": str(relay.ca_file),
        f"{section}USER": relay.user,
        f"{section}PASSWORD": relay.password,
    }


def deliver(rig: Rig) -> None:
    for number in range(MAILS):
        rig.deliver(ask(f"asker{number}@uni.example", f"Question {number}: may we do this?\n"))


def all_is_done(rig: Rig) -> bool:
    """One ticket and two letters a mail; nothing in the mailbox, nothing waiting, the history whole."""
    with rig.store.reading() as past:
        backlog, unfiled, broken = past.backlog(), past.counts().unfiled, past.verify_chain()
        balance = {kind: count for kind, count in past.balance().items() if count}
    left = (backlog.mails, backlog.letters, unfiled, broken, rig.servers.folder("INBOX"))
    return (balance, left) == ({Disposition.TICKET: MAILS}, (0, 0, 0, None, []))


# The mailbox


def test_a_mailbox_that_is_away_for_twenty_minutes_is_told_and_its_end_too(make_rig: MakeRig, imap_door: Door) -> None:
    desk = Watched(make_rig(environ={**NO_PROBE, "KSMAIL_IMAP__PORT": str(imap_door.port)}))
    desk.minutes(1)
    imap_door.shut()
    deliver(desk.rig)
    desk.minutes(15)
    assert (desk.told, desk.raised) == ([], set())
    with capture_logs() as log:
        desk.minutes(5)
    assert desk.told == ["Alarm: er komt geen mail binnen"]
    (raised,) = [entry for entry in log if entry["event"] == "alarm_raised"]
    assert (raised["log_level"], raised["parts"], raised["seconds"]) == ("error", ["mailbox"], 900)
    imap_door.open()
    desk.minutes(5)
    assert desk.told == ["Alarm: er komt geen mail binnen", "Voorbij: er komt weer mail binnen"]
    (alert,) = texts(desk.rig.letters(TEAM), "Alarm")
    assert "Sinds maandag 1 juni 2026, 10:04 uur." in alert
    assert "Technisch: no connection to the IMAP server" in alert
    assert "- Er gaat mail weg.\n- De database werkt." in alert
    (over,) = texts(desk.rig.letters(TEAM), "Voorbij")
    assert "De storing duurde 20 minuten" in over
    assert "Alle e-mails die wij hebben opgehaald, zijn behandeld." in over
    assert all_is_done(desk.rig)


def test_a_restart_repeats_no_alert_and_forgets_no_outage(make_rig: MakeRig, imap_door: Door) -> None:
    desk = Watched(make_rig(environ={**NO_PROBE, "KSMAIL_IMAP__PORT": str(imap_door.port)}))
    imap_door.shut()
    desk.minutes(10)
    desk.restart()
    desk.minutes(6)
    assert desk.told == ["Alarm: er komt geen mail binnen"]
    desk.restart()
    desk.minutes(30)
    assert len(desk.told) == 1
    desk.restart()
    imap_door.open()
    desk.minutes(2)
    assert desk.told[1:] == ["Voorbij: er komt weer mail binnen"]
    assert "De storing duurde 46 minuten" in texts(desk.rig.letters(TEAM), "Voorbij")[0]


def test_what_goes_on_is_told_again_every_hour(make_rig: MakeRig, imap_door: Door) -> None:
    desk = Watched(make_rig(environ={**NO_PROBE, "KSMAIL_IMAP__PORT": str(imap_door.port)}))
    imap_door.shut()
    desk.minutes(140)
    assert desk.told == ["Alarm: er komt geen mail binnen", *["Nog steeds: er komt geen mail binnen"] * 2]


def test_a_mailbox_that_flaps_alerts_nobody(make_rig: MakeRig, imap_door: Door) -> None:
    desk = Watched(make_rig(environ={**NO_PROBE, "KSMAIL_IMAP__PORT": str(imap_door.port)}))
    for _ in range(3):
        imap_door.shut()
        desk.minutes(14)
        imap_door.open()
        desk.minutes(1)
    assert (desk.told, desk.alarms.state.count) == ([], 0)


def test_a_refused_login_is_told_as_that_within_the_quarter(make_rig: MakeRig) -> None:
    """Case 20: by a way other than that mailbox."""
    rig = make_rig(environ={**NO_PROBE, "KSMAIL_IMAP__PASSWORD": "expired"})
    desk = Watched(rig)
    desk.minutes(16)
    assert desk.told == ["Alarm: er komt geen mail binnen en nog 1 storing"]
    (alert,) = texts(rig.letters(TEAM), "Alarm")
    assert "Technisch: the IMAP server refuses our login" in alert
    assert "Een wachtwoord wordt geweigerd.\n" in alert
    assert "expired" not in alert


# Sending


def test_a_server_that_takes_no_letters_is_told_by_the_second_relay(
    make_rig: MakeRig, smtp_door: Door, relay: Servers
) -> None:
    environ = {**NO_PROBE, "KSMAIL_SMTP__PORT": str(smtp_door.port), **relayed(relay)}
    desk = Watched(make_rig(environ=environ))
    smtp_door.shut()
    deliver(desk.rig)
    desk.minutes(20)
    (alarm,) = relay.sent
    assert alarm.recipients == (TEAM,)
    assert desk.rig.letters() == []
    smtp_door.open()
    desk.minutes(8)  # the outbox tries at most every five minutes
    assert desk.told == ["Voorbij: er gaat weer mail weg"]
    assert len(relay.sent) == 1
    assert len(desk.rig.letters()) == 2 * MAILS + 1
    assert all_is_done(desk.rig)


def test_without_a_second_relay_the_log_tells_it_and_a_mail_says_afterwards_that_it_was(
    make_rig: MakeRig, smtp_door: Door
) -> None:
    desk = Watched(make_rig(environ={**NO_PROBE, "KSMAIL_SMTP__PORT": str(smtp_door.port)}))
    smtp_door.shut()
    deliver(desk.rig)
    with capture_logs() as log:
        desk.minutes(20)
    assert [entry["parts"] for entry in log if entry["event"] == "alarm_raised"] == [["sending"]]
    assert [entry["event"] for entry in log].count("alarm_untold") == 5  # tried every minute
    desk.restart()
    smtp_door.open()
    with capture_logs() as log:
        desk.minutes(8)
    assert [entry["parts"] for entry in log if entry["event"] == "alarm_over"] == [["sending"]]
    assert desk.told == ["Voorbij: er gaat weer mail weg"]
    assert all_is_done(desk.rig)


def test_an_account_that_is_refused_makes_one_alert_keeps_all_rows_and_goes_on_by_itself(
    make_rig: MakeRig, servers: Servers, relay: Servers
) -> None:
    """Case 36."""
    desk = Watched(make_rig(environ={**NO_PROBE, **relayed(relay)}))
    servers.reply("MAIL", "535 5.7.8 Authentication credentials invalid")
    deliver(desk.rig)
    desk.minutes(40)
    (alarm,) = relay.sent
    assert b"Technisch: the SMTP server refuses our login" in alarm.raw
    assert b"credentials" not in alarm.raw
    with desk.rig.store.reading() as past:
        assert past.counts().letters[LetterState.WAITING] == 2 * MAILS
    servers.well()
    desk.minutes(8)
    assert desk.told == ["Voorbij: er gaat weer mail weg en nog 1 storing is voorbij"]
    assert all_is_done(desk.rig)


def test_a_login_that_is_refused_to_the_alarm_itself_is_tried_no_more_than_every_five_minutes(
    make_rig: MakeRig, imap_door: Door
) -> None:
    """Case 20: many refused logins lock an account. The mailbox is away, and nothing waits in the outbox."""
    with SmtpStub() as stub:
        stub.on("AUTH", "535 5.7.8 no")
        environ = {"KSMAIL_SMTP__PORT": str(stub.port), "KSMAIL_SMTP__TLS": "none"}
        desk = Watched(make_rig(environ={**NO_PROBE, "KSMAIL_IMAP__PORT": str(imap_door.port), **environ}))
        imap_door.shut()
        desk.minutes(26)
        assert len(stub.said("AUTH")) == 3


# The store and its disk

LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


def test_a_store_that_another_process_keeps_locked_is_told_and_its_end_too(make_rig: MakeRig) -> None:
    """Case 7, for twenty minutes."""
    desk = Watched(make_rig(environ={**NO_PROBE, "KSMAIL_STORE__BUSY_TIMEOUT": "0.1"}))
    desk.minutes(1)
    command = [sys.executable, "-c", LOCK, str(desk.rig.config.store.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as neighbour:
        assert neighbour.stdout is not None and neighbour.stdout.readline() == b"locked\n"
        deliver(desk.rig)
        desk.minutes(20)
        assert desk.told == ["Alarm: de database doet het niet"]
        assert desk.rig.balance() == {}
        neighbour.communicate()
    desk.minutes(3)
    assert desk.told[1:] == ["Voorbij: de database doet het weer"]
    assert "Technisch: another process keeps the store locked" in texts(desk.rig.letters(TEAM), "Alarm")[0]
    assert all_is_done(desk.rig)


def test_a_disk_that_takes_no_byte_is_told_though_nothing_can_be_written_and_its_end_too(make_rig: MakeRig) -> None:
    """Case 6, for twenty minutes, with the kernel's own refusal and without the right to mount a disk."""
    rig = make_rig(environ=NO_PROBE)
    desk = Watched(rig)
    desk.minutes(1)
    with capture_logs(), no_room_for_files():
        deliver(rig)
        desk.minutes(20)
        told, raised, balance = desk.told, desk.raised, rig.balance()
    assert (told, raised, balance) == (["Alarm: de database doet het niet"], {Part.STORE}, {})
    assert not (rig.folder / "health.alarms.json").exists()
    assert len(rig.servers.folder("INBOX")) == MAILS
    desk.minutes(3)
    assert desk.told[1:] == ["Voorbij: de database doet het weer"]
    assert "Technisch: the disk of the store gives errors" in texts(rig.letters(TEAM), "Alarm")[0]
    assert (rig.folder / "health.alarms.json").exists()
    assert all_is_done(rig)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """The state directory of the desk on a small disk of its own."""
    with small_disk(tmp_path / "desk") as folder:
        yield folder


@pytest.mark.mounts
def test_a_full_disk_is_told_though_nothing_can_be_written_and_its_end_too(disk: Path, make_rig: MakeRig) -> None:
    """Case 6, for twenty minutes. The mails are larger than what the log of the database still holds."""
    rig = make_rig(environ={**NO_PROBE, "KSMAIL_IMAP__LARGEST_MAIL": "1000000"})
    desk = Watched(rig)
    desk.minutes(1)
    ballast = fill(disk)
    for number in range(MAILS):
        rig.deliver(ask(f"asker{number}@uni.example", f"{number}: may we?\n", headers=noise(number)))
    desk.minutes(20)
    assert desk.told == ["Alarm: de database doet het niet en nog 1 storing"]
    assert desk.raised == {Part.STORE, Part.DISK}
    assert (desk.alarms.state.count, (disk / "health.alarms.json").exists()) == (1, False)
    (alert,) = texts(rig.letters(TEAM), "Alarm")
    assert "Technisch: the disk of the store is full" in alert
    assert "Technisch: 0 bytes is free, 2 MB is needed" in alert
    ballast.unlink()
    desk.minutes(3)
    assert desk.told[1:] == ["Voorbij: de database doet het weer en nog 1 storing is voorbij"]
    assert (disk / "health.alarms.json").exists()
    assert all_is_done(rig)


# Everything at once


def test_two_servers_that_go_together_make_one_mail(
    make_rig: MakeRig, imap_door: Door, smtp_door: Door, relay: Servers
) -> None:
    ports = {"KSMAIL_IMAP__PORT": str(imap_door.port), "KSMAIL_SMTP__PORT": str(smtp_door.port)}
    desk = Watched(make_rig(environ={**NO_PROBE, **ports, **relayed(relay)}))
    deliver(desk.rig)
    smtp_door.shut()
    desk.minutes(1)
    imap_door.shut()
    desk.minutes(25)
    assert [part.value for part in desk.raised] and desk.raised == {Part.MAILBOX, Part.SENDING}
    told = len(relay.sent)
    assert told == 2  # they failed a minute apart
    smtp_door.open()
    imap_door.open()
    desk.minutes(8)
    assert all(subject.startswith("Voorbij") for subject in subjects(desk.rig.letters(TEAM)))
    assert all_is_done(desk.rig)


# The program itself


@pytest.mark.parametrize("hangs", Mover)
def test_a_part_of_the_program_that_hangs_is_told_and_its_end_too(make_rig: MakeRig, hangs: Mover) -> None:
    """Case 158: nothing fails, and nothing moves."""
    rig = make_rig(environ=NO_PROBE)
    desk = Watched(rig)
    desk.minutes(1)
    for _ in range(21):
        rig.clock.forward(minutes=1)
        desk.seconds += 60
        for mover in set(Mover) - {hangs}:
            desk.witness.rests(mover)
        desk.watch.look()
    assert desk.told == ["Alarm: een deel van het programma staat stil"]
    assert f"Technisch: no move of the {hangs} for 21 minutes" in texts(rig.letters(TEAM), "Alarm")[0]
    desk.minutes(1)
    assert desk.told[1:] == ["Voorbij: alle delen van het programma werken weer"]


def test_a_worker_that_does_not_start_is_told_and_its_end_too(make_rig: MakeRig) -> None:
    """Its mails are recorded and wait, without losing an attempt."""
    desk = Watched(make_rig(environ={**NO_PROBE, "KSMAIL_OPS__ALARM_MINUTES": "2"}))
    healthy = desk.rig.works.intake.parser
    deliver(desk.rig)
    with Parser(Limits(memory=2**70)) as broken:
        desk.rig.works.intake.parser = broken
        desk.minutes(4)
    assert desk.told == ["Alarm: mail wordt niet gelezen"]
    desk.rig.works.intake.parser = healthy
    desk.minutes(2)
    assert desk.told[1:] == ["Voorbij: mail wordt weer gelezen"]
    assert all_is_done(desk.rig)


# Certificates


def test_a_certificate_that_soon_ends_is_told_once_a_day(make_rig: MakeRig, tmp_path: Path) -> None:
    """As both servers show theirs when we connect; that of the mailbox server is good for long."""
    certified, now = Certified(tmp_path), datetime.now(UTC)
    soon = certified.context("localhost", not_after=now + timedelta(days=3))
    with SmtpStub(soon) as stub:
        environ = {"KSMAIL_SMTP__PORT": str(stub.port), "KSMAIL_SMTP__CA_FILE": str(certified.ca_file)}
        rig = make_rig(environ={**NO_PROBE, **environ}, clock=Clock(now))
        desk = Watched(rig)
        deliver(rig)
        desk.minutes(100)
        told = [mail for mail in stub.taken if b"[A-" in mail]
    until = rig.works.mailbox.certificate_until
    assert until is not None and until > now + timedelta(days=14)
    assert len(told) == 1
    assert f"that of SMTP ends on {now + timedelta(days=3):%Y-%m-%d}".encode() in told[0]
