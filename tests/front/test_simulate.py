"""`ksmail simulate`: what a desk's settings make of mails at another time."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ksmail.simulate.script import Script
from tests.front.conftest import Ask

EXAMPLE = Path(__file__).parent.parent.parent / "docs" / "simulating"
PAGE = EXAMPLE.with_suffix(".md").read_text("utf-8")
PERIOD = ("--from", "2026-12-21", "--to", "2027-01-05")
MAILS = ("--mails", EXAMPLE / "mails")
SCRIPT = ("--staff", EXAMPLE / "christmas.toml")


def test_the_example_of_the_documentation_runs(ask: Ask, tmp_path: Path) -> None:
    said = ask("simulate", *PERIOD, *MAILS, *SCRIPT, "--out", tmp_path / "letters", folder=EXAMPLE)
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert [line for line in lines if "2026-12-23" in line and "promised Tue 29 Dec 2026" in line]
    assert "1 kept" in lines[-1]
    assert lines[-1].endswith("0 unaccounted")
    assert lines[-1].startswith("5 mails, 2 tickets; letters: ")
    assert "@" not in said.out
    names = [file.name for file in sorted((tmp_path / "letters").iterdir())]
    assert names[0] == "2026-12-21T073000-ops_digest-D-1.eml"
    assert "2026-12-21T100200-ack-KV-2026-0001.eml" in names


def test_the_page_names_the_files_of_the_example_and_every_key_of_a_script() -> None:
    for file in (EXAMPLE / "ksmail.toml", EXAMPLE / "christmas.toml", EXAMPLE / "mails"):
        assert f"docs/simulating/{file.name}" in PAGE
    tables = Script.model_json_schema()["$defs"].values()
    assert all(f"[[{table}]]" in PAGE for table in Script.model_fields)
    assert [key for table in tables for key in table["properties"] if f"`{key}`" not in PAGE] == []


def test_as_json_it_is_one_document(ask: Ask) -> None:
    said = ask("simulate", *PERIOD, *MAILS, "--json", folder=EXAMPLE)
    told = json.loads(said.out)["timeline"]
    assert told["sums"]["mails"] == 2
    first = next(entry for entry in told["entries"] if entry["what"] == "mail in")
    assert (first["at"], first["ticket"]) == ("2026-12-21T10:02:00+01:00", "KV-2026-0001")


def test_mails_that_do_not_lie_in_the_period_are_named(ask: Ask) -> None:
    said = ask("simulate", *PERIOD, *MAILS, folder=EXAMPLE)
    assert "Not in the period: scholarship.eml" in said.out


def test_the_desk_may_look_around_more_often(ask: Ask) -> None:
    day = ("--from", "2026-12-21", "--to", "2026-12-21")
    often, seldom = (ask("simulate", *day, *MAILS, "--every", every, folder=EXAMPLE) for every in ("10", "60"))
    assert often.out == seldom.out  # nothing was due


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--from", "soon", "--to", "2026-12-31", *MAILS), r"--from: 'soon' is no date; write 2026-12-01"),
        (("--from", "2026-12-31", "--to", "2026-12-01", *MAILS), r"--to is before --from"),
        (("--from", "2026-12-01", "--to", "2036-12-01", *MAILS), r"--to: at most three years are simulated"),
        (("--from", "1066-10-14", "--to", "1066-10-15", *MAILS),
         r"--from: '1066-10-14' is too far away to count working days"),
        ((*PERIOD, "--mails", "/nowhere/at/all"), r"--mails: there is no folder /nowhere/at/all"),
        ((*PERIOD, *MAILS, "--staff", "/nowhere.toml"), r"/nowhere\.toml: cannot be read \(FileNotFoundError\)"),
        ((*PERIOD, *MAILS, "--staff", EXAMPLE / "ksmail.toml"), r"desk: unknown key.* \(.*/ksmail\.toml\)"),
        ((*PERIOD, *MAILS, "--out", EXAMPLE), r"--out: the folder .* is not empty"),
    ],
)  # fmt: skip
def test_what_cannot_be_simulated_is_one_sentence(ask: Ask, words: tuple[str | Path, ...], sentence: str) -> None:
    said = ask("simulate", *words, folder=EXAMPLE)
    assert (said.code, said.out) == (2, "")
    assert re.fullmatch(f"ksmail: {sentence}", said.sentence)
