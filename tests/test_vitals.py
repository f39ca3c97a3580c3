"""What the digest says of the program itself, read from its files and its store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from ksmail.config import Config
from ksmail.demo.servers import Servers
from ksmail.desk.arrival import Disposition
from ksmail.desk.vitals import Alarm, Probes, Vitals
from ksmail.health import Trouble, write_health
from ksmail.store.happenings import Failed
from ksmail.store.records import OURSELVES, Cause, Happened
from ksmail.store.store import Store, Transaction
from ksmail.store.values import Claim
from ksmail.vitals import read_vitals
from tests.store.facts import DAY, NOW, mail, message, settle_as, take
from tests.store.test_pulse import send_probe
from tests.stories.rig import settings
from tests.test_health import WELL

MINUTE = timedelta(minutes=1)


@dataclass
class Home:
    """A desk of which only the files are there."""

    config: Config
    store: Store

    def vitals(self, before: Claim | None = None) -> Vitals:
        with self.store.reading() as past:
            return read_vitals(self.config, past, before)

    def claim(self, at: timedelta = timedelta(0)) -> Claim:
        """The last digest, which covers all that is on record by now."""
        with self.store.writing() as tx:
            history, mails = tx.extent()
            made = tx.claim("ops_digest", NOW.date(), NOW + at, {"history": history, "mails": mails})
        assert made is not None
        return made

    def fail(self, part: str, minutes: int) -> None:
        over = Failed(part=part, since=NOW, until=NOW + minutes * MINUTE)
        with self.store.writing() as tx:
            tx.note([Happened(over, OURSELVES, "it works again")], Cause(None, over.until, over.until))


@pytest.fixture
def home(tmp_path: Path, servers: Servers) -> Iterator[Home]:
    config = settings(tmp_path, servers)
    Store.migrate(config.store)
    store = Store.open(config.store)
    yield Home(config, store)
    store.close()


def probe(tx: Transaction, name: str, at: timedelta, took: timedelta | None = None) -> None:
    """Sent at `at` after NOW; back after `took`, or not yet."""
    message_id = send_probe(tx, name, at)
    if took is not None:
        uid = int(name)
        tx.receive([mail(uid, received_at=NOW + at + took)], NOW + at + took)
        number = tx.known("INBOX", 7)[uid].number
        settle_as(tx, number, Disposition.OWN, message(name, message_id=message_id))


def test_without_a_health_file_only_what_is_on_record_is_known(home: Home) -> None:
    found = home.vitals()
    assert (found.last_poll, found.last_send, found.alarms) == (None, None, ())


def test_the_health_file_says_when_the_servers_last_answered(home: Home) -> None:
    write_health(home.config.health_file, replace(WELL, last_poll=NOW, last_send=NOW - MINUTE))
    found = home.vitals()
    assert (found.last_poll, found.last_send, found.alarms) == (NOW, NOW - MINUTE, ())


def test_what_is_over_since_the_last_digest_comes_before_what_goes_on(home: Home) -> None:
    home.fail("sending", 16)
    before = home.claim()
    home.fail("mailbox", 20)
    write_health(home.config.health_file, replace(WELL, alarms=(Trouble("disk", NOW, "0 bytes is free"),)))
    over = Alarm("mailbox", NOW, NOW + 20 * MINUTE)
    assert home.vitals(before).alarms == (over, Alarm("disk", NOW))
    assert home.vitals().alarms == (Alarm("sending", NOW, NOW + 16 * MINUTE), over, Alarm("disk", NOW))


def test_probes_are_counted_with_the_time_that_half_of_them_took(home: Home) -> None:
    with home.store.writing() as tx:
        for number, seconds in enumerate((10, 90, 30), 1):
            probe(tx, str(number), number * 60 * MINUTE, timedelta(seconds=seconds))
        probe(tx, "4", 240 * MINUTE)
        probe(tx, "5", 300 * MINUTE, timedelta(seconds=31))
    assert home.vitals().probes == Probes(sent=5, returned=4, median_seconds=30.5)


def test_a_probe_on_its_way_is_not_missing(home: Home) -> None:
    with home.store.writing() as tx:
        probe(tx, "1", 60 * MINUTE, MINUTE)
        probe(tx, "2", 120 * MINUTE)
    assert home.vitals().probes == Probes(sent=1, returned=1, median_seconds=60.0)


def test_only_probes_since_the_last_digest_count(home: Home) -> None:
    with home.store.writing() as tx:
        probe(tx, "1", 60 * MINUTE, MINUTE)
    before = home.claim(90 * MINUTE)
    with home.store.writing() as tx:
        probe(tx, "2", 120 * MINUTE, 2 * MINUTE)
    assert home.vitals(before).probes == Probes(sent=1, returned=1, median_seconds=120.0)


def test_a_desk_that_has_sent_no_probe_counts_none(home: Home) -> None:
    assert home.vitals().probes == Probes(0, 0, None)


def test_a_new_desk_at_which_no_mail_ever_came_misses_its_probes(home: Home) -> None:
    with home.store.writing() as tx:
        probe(tx, "1", 60 * MINUTE)
        probe(tx, "2", 120 * MINUTE)
    assert home.vitals().probes == Probes(sent=1, returned=0, median_seconds=None)


def test_a_desk_without_probes_says_nothing_of_them(home: Home) -> None:
    home.config = replace(home.config, probe_every=timedelta(0))
    assert home.vitals().probes is None


def test_the_database_is_measured_with_what_is_not_in_its_place_yet(home: Home) -> None:
    with home.store.writing() as tx:
        take(tx, raw=bytes(100_000))
    path = home.config.store.path
    log = path.with_name(f"{path.name}-wal").stat().st_size
    assert log > 0
    assert home.vitals().database == path.stat().st_size + log
    free = home.vitals().free_disk
    assert free is not None and free > 0


def test_a_database_that_was_written_into_place_has_its_own_size(home: Home) -> None:
    path = home.config.store.path
    path.with_name(f"{path.name}-wal").unlink(missing_ok=True)
    assert home.vitals(Claim("ops_digest", NOW.date(), NOW + DAY, 1, {"history": 0})).database == path.stat().st_size
