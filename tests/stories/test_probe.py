"""The desk mails itself every hour: the mail goes the way of all letters, comes back, and changes nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes

from ksmail.desk.alarm import Part
from ksmail.desk.arrival import Disposition
from ksmail.store.values import Probe
from tests.stories.rig import DESK, Rig, text_of
from tests.stories.test_questions import ask
from tests.watching import Watched

MINUTE = timedelta(minutes=1)


def probes(rig: Rig) -> list[Probe]:
    with rig.store.reading() as past:
        return past.probes(rig.clock.now() - timedelta(days=9))


def test_a_probe_goes_out_comes_back_and_is_filed_as_our_own(rig: Rig) -> None:
    desk = Watched(rig)
    desk.minutes(3, also=desk.bring_back)
    (probe,) = rig.letters(DESK)
    assert (probe["To"], probe["Auto-Submitted"]) == (DESK, "auto-generated")
    assert "Proefmail" in probe["Subject"] and "U hoeft niets te doen." in text_of(probe)
    assert rig.balance() == {Disposition.OWN: 1}
    assert rig.servers.folder("INBOX") == [] and len(rig.servers.folder("Done")) == 1
    assert (rig.tickets(), len(rig.letters())) == ([], 1)
    (known,) = probes(rig)
    assert known.came_at is not None and known.came_at - known.sent_at == 2 * MINUTE
    assert known.received_at is not None
    assert not any(outage.part is Part.PROBE for outage in desk.alarms.state.outages)


def test_there_is_one_in_each_hour_and_a_restart_makes_no_second(rig: Rig) -> None:
    desk = Watched(rig)
    for _ in range(9):
        desk.minutes(20, also=desk.bring_back)
        desk.restart()
    assert len(probes(rig)) == 4  # from 10:03 on: at once, and at 11, 12 and 13 o'clock
    assert len({message_from_bytes(raw)["Message-ID"] for raw in rig.raw_letters(DESK)}) == 4
    assert desk.told == []


def test_a_probe_that_does_not_come_back_is_told_and_its_end_too(rig: Rig) -> None:
    desk = Watched(rig)
    desk.minutes(30)
    assert desk.told == []
    desk.minutes(5)
    assert desk.told == ["Alarm: onze proefmail komt niet terug"]
    desk.bring_back()
    desk.minutes(2)
    assert desk.told[1:] == ["Voorbij: onze proefmail komt weer terug"]


def test_one_that_got_lost_is_forgiven_when_the_next_is_back(rig: Rig) -> None:
    desk = Watched(rig)
    desk.minutes(50)
    desk.minutes(20, also=lambda: rig.deliver(rig.raw_letters(DESK)[-1]) if len(rig.raw_letters(DESK)) == 2 else None)
    assert desk.told[1:] == ["Voorbij: onze proefmail komt weer terug"]
    assert [probe.came_at is None for probe in probes(rig)] == [True, False]


def test_the_mail_servers_clock_is_compared_with_ours(rig: Rig) -> None:
    desk = Watched(rig)
    desk.minutes(2)
    (raw,) = rig.raw_letters(DESK)
    rig.deliver(raw, at=rig.clock.now() - timedelta(minutes=30))
    desk.minutes(20)
    assert desk.raised == {Part.CLOCK}
    assert "29 minutes apart from the mail server's" in desk.alarms.state.raised[0].detail


def test_a_desk_without_probes_makes_none(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(environ={"KSMAIL_OPS__PROBE_MINUTES": "0"})
    Watched(rig).minutes(70)
    assert (probes(rig), rig.letters()) == ([], [])


def test_whoever_switches_the_probe_off_hears_no_more_of_those_that_got_lost(rig: Rig) -> None:
    desk = Watched(rig)
    desk.minutes(35)
    assert desk.raised == {Part.PROBE}
    desk.watch.probe_every = timedelta(0)
    desk.minutes(70)
    assert (desk.told, desk.raised) == (["Alarm: onze proefmail komt niet terug"], set())


def test_somebody_else_who_sends_a_probe_hides_no_question(rig: Rig) -> None:
    """Only what we sent, under our own name, is ours: a copy of the Message-ID is not enough."""
    desk = Watched(rig)
    desk.minutes(2)
    message_id = str(rig.letters(DESK)[0]["Message-ID"])
    rig.deliver(ask("robin@uni.example", message_id=message_id))
    desk.minutes(1)
    assert rig.balance() == {Disposition.TICKET: 1}
    assert [probe.came_at for probe in probes(rig)] == [None]
