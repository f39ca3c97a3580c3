"""`ksmail promises`, `ksmail figures` and `ksmail digest`: what a desk did, on the screen."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ksmail.commands.figures import cell
from ksmail.config import Config
from ksmail.demo.servers import Servers
from ksmail.desk.ticket import Answered, PromiseSettled, PromiseState
from ksmail.health import Health, write_health
from ksmail.store.store import Store
from tests.birds import BIRD, full_of_birds
from tests.front.conftest import Ask
from tests.store.facts import NOW, follow_up, open_ticket
from tests.stories.rig import settings


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, own_servers: Servers) -> Config:
    """A desk with two questions, of which one was answered in time."""
    config = settings(tmp_path_factory.mktemp("desk"), own_servers)
    Store.migrate(config.store)
    with closing(Store.open(config.store)) as store, store.writing() as tx:
        first = open_ticket(tx, 1)
        open_ticket(tx, 2)
        answered = Answered(message_id="<a@desk.example>", at=NOW)
        follow_up(tx, 3, first, PromiseSettled(PromiseState.KEPT), answered)
    return config


@pytest.fixture
def birds(tmp_path: Path, own_servers: Servers) -> Config:
    """A desk with a bird in every field."""
    config = settings(tmp_path, own_servers)
    Store.migrate(config.store)
    with closing(Store.open(config.store)) as store, store.writing() as tx:
        full_of_birds(tx)
    return config


@pytest.fixture
def untouched(told: Config) -> Iterator[None]:
    """Whatever is shown, nothing is written: neither in the history nor in the outbox, and no key is made."""
    with closing(Store.open(told.store)) as store, store.reading() as past:
        before = past.chain_head(), past.outbox(99), past.claims("ops_digest")
    yield
    with closing(Store.open(told.store)) as store, store.reading() as past:
        assert (past.chain_head(), past.outbox(99), past.claims("ops_digest")) == before
    assert not told.keys_file.exists()


def test_promises_are_a_table_with_their_sums(told: Config, ask: Ask, untouched: None) -> None:
    said = ask("promises", folder=told.file.parent)
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert "KV-2026-0001 2026-06-04 kept 2026-06-01 08:15 ksmail received 2026-06-01 08:15 by ksmail" in lines
    assert "KV-2026-0002 2026-06-04 open 2026-06-01 08:15 ksmail received" in lines
    assert lines[-1] == "1 open, 1 kept"


def test_promises_of_another_month_are_left_out(told: Config, ask: Ask) -> None:
    assert ask("promises", "--month", "2026-07", folder=told.file.parent).out == "No date was promised.\n"


def test_promises_as_json_hold_each_date_and_the_sums(told: Config, ask: Ask) -> None:
    found = json.loads(ask("promises", "--month", "2026-06", "--json", folder=told.file.parent).out)
    assert [each["state"] for each in found["promises"]] == ["kept", "open"]
    assert (found["sums"]["kept"], found["sums"]["open"], found["sums"]["unknown"]) == (1, 1, 0)


def test_figures_of_a_month_are_a_table(told: Config, ask: Ask, untouched: None) -> None:
    said = ask("figures", "--month", "2026-06", folder=told.file.parent)
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert lines[0] == "Figures of 2026-06"
    assert {"received 2", "answered 1", "kept 1", "kept share 100", "mails 3"} <= set(lines)


def test_without_a_month_the_figures_are_those_of_the_last_one(told: Config, ask: Ask) -> None:
    found = json.loads(ask("figures", "--json", folder=told.file.parent).out)
    assert found["month"] == f"{datetime.now(UTC).replace(day=1) - timedelta(days=1):%Y-%m}"


def test_figures_as_csv_have_a_row_for_each(told: Config, ask: Ask) -> None:
    said = ask("figures", "--month", "2026-06", "--csv", folder=told.file.parent)
    rows = dict(csv.reader(io.StringIO(said.out)))
    assert (rows["figure"], rows["month"], rows["received"], rows["days_average"]) == ("value", "2026-06", "2", "0.0")
    assert rows["acknowledged_median_seconds"] == ""


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\tx", "\rx"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell("kept") == "kept"


@pytest.mark.parametrize("words", [("promises", "--month", "june"), ("figures", "--month", "2026-13")])
def test_what_is_no_month_is_refused(told: Config, ask: Ask, words: tuple[str, ...]) -> None:
    said = ask(*words, folder=told.file.parent)
    assert (said.code, said.sentence) == (2, f"ksmail: --month: {words[2]!r} is no month; write 2026-11")


def test_a_digest_is_shown_as_it_would_be_on_a_day(told: Config, ask: Ask, untouched: None) -> None:
    said = ask("digest", "--print", "--date", "2026-06-05", folder=told.file.parent)
    assert said.code == 0
    assert said.out.startswith("Dagbericht 1, vrijdag 5 juni 2026: ")
    assert "Sinds het begin: 3 e-mails gezien = 2 nieuwe vragen + 1 aanvulling; 0 niet verantwoord." in said.out
    assert "1 vraag is te laat: KV-2026-0002." in said.out
    assert "Het volgende komt op maandag 8 juni 2026 om 07:30." in said.out


def test_a_day_whose_digest_was_sent_keeps_its_number_and_later_ones_go_on(birds: Config, ask: Ask) -> None:
    with closing(Store.open(birds.store)) as store, store.writing() as tx:
        for day in (2, 3):
            tx.claim("ops_digest", date(2026, 6, day), NOW, {"history": day, "mails": 1})
    for day, words in ((3, "Dagbericht 2, woensdag 3 juni"), (4, "Dagbericht 3, donderdag 4 juni")):
        said = ask("digest", "--print", "--date", f"2026-06-0{day}", folder=birds.file.parent)
        assert said.out.startswith(words) and f"regels {day} tot en met" in said.out


def test_what_the_daemon_knows_comes_from_its_health_file(told: Config, ask: Ask) -> None:
    assert "is niet bekend" in ask("digest", "--print", folder=told.file.parent).out
    health = Health(
        at=NOW, pid=1, version="", started_at=NOW, intake_beat=NOW, outbox_beat=NOW,
        scheduler_beat=NOW, last_poll=NOW, last_send=NOW, mailbox_fault="",
        transport_paused=False,
    )  # fmt: skip
    write_health(told.health_file, health)
    said = ask("digest", "--print", folder=told.file.parent)
    assert "De postbus is het laatst gelezen op maandag 1 juni 2026, 08:15." in said.out
    told.health_file.unlink()


def test_without_print_nothing_is_done(told: Config, ask: Ask, untouched: None) -> None:
    said = ask("digest", folder=told.file.parent)
    assert (said.code, said.sentence) == (2, "ksmail: say --print: the daemon sends the digest itself")


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("tomorrow", "ksmail: --date: 'tomorrow' is no date; write 2026-11-25"),
        ("9999-01-01", "ksmail: --date: '9999-01-01' is too far away to count working days"),
    ],
)
def test_what_is_no_day_is_refused(told: Config, ask: Ask, day: str, sentence: str) -> None:
    said = ask("digest", "--print", "--date", day, folder=told.file.parent)
    assert (said.code, said.sentence) == (2, sentence)


@pytest.mark.parametrize(
    "words",
    [
        ("digest", "--print", "--date", "2026-06-05"),
        ("figures", "--month", "2026-06"),
        ("figures", "--month", "2026-06", "--csv"),
        ("figures", "--month", "2026-06", "--json"),
        ("promises",),
        ("promises", "--json"),
    ],
    ids=" ".join,
)
def test_what_is_shown_names_nobody(birds: Config, ask: Ask, words: tuple[str, ...]) -> None:
    said = ask(*words, folder=birds.file.parent)
    assert said.code == 0 and said.out
    assert BIRD not in said.out.lower()
