"""`ksmail explain`: the whole judgement of one mail, with nothing written anywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ksmail.demo.servers import Servers
from tests.front.canaries import letter
from tests.front.conftest import Ask, Said
from tests.front.test_daemon import desk
from tests.incoming.hostile import nested_multiparts
from tests.stories.people import fresh
from tests.stories.rig import TEAM, settings
from tests.stories.test_questions import ask as question

STEERING = {
    chr(at) for span in ((0, 10), (11, 32), (127, 160), (0x202A, 0x202F), (0x200B, 0x2010)) for at in range(*span)
}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def file(folder: Path, raw: bytes) -> Path:
    path = folder / "mail.eml"
    path.write_bytes(raw)
    return path


def test_a_question_is_explained_whole_and_nothing_is_written(tmp_path: Path, servers: Servers, ask: Ask) -> None:
    folder = desk(tmp_path / "desk", servers)
    (folder / "password").unlink()
    mail = file(tmp_path, question())
    before = contents(tmp_path)
    said = ask("explain", mail, "--at", "2026-12-23 11:00", folder=folder)
    assert (said.code, said.err) == (0, "")
    told = dict(line.split(maxsplit=1) for line in said.out.splitlines()[:12] if " " in line)
    assert told["verdict"].startswith("person: ")
    assert told["identity"].startswith("robin@uni.example, asker, none: ")
    assert told["evidence"] == "no reference found"
    assert told["decision"] == "ticket: new question"
    assert told["promise"].startswith("Tuesday 29 December 2026")
    assert "ack to robin@uni.example\n" in said.out
    assert "staff_new to team@desk.example\n" in said.out
    assert said.out.count("Tuesday 29 December 2026") >= 2  # in the line about it, and in the letter
    assert contents(tmp_path) == before


def test_a_desk_that_has_not_started_can_ask_too_and_gets_no_file(tmp_path: Path, servers: Servers, ask: Ask) -> None:
    folder = settings(tmp_path / "desk", servers).file.parent
    mail = file(tmp_path, question())
    before = contents(tmp_path)
    said = ask("explain", mail, folder=folder)
    assert (said.code, "decision     ticket: new question" in said.out) == (0, True)
    assert contents(tmp_path) == before


def test_a_mail_that_nobody_can_read_is_explained(tmp_path: Path, servers: Servers, ask: Ask) -> None:
    folder = settings(tmp_path / "desk", servers).file.parent
    said = ask("explain", file(tmp_path, nested_multiparts(80)), folder=folder)
    assert said.code == 0
    assert "readable     no: MIME parts nested more than 50 deep (limit depth)" in said.out
    assert "decision     quarantined: " in said.out


def test_nothing_of_a_hostile_mail_steers_the_terminal(tmp_path: Path, servers: Servers, ask: Ask) -> None:
    folder = settings(tmp_path / "desk", servers).file.parent
    said = ask("explain", file(tmp_path, letter(1) + b"\x1b[31m\x9b31m"), folder=folder)
    assert said.code == 0
    assert STEERING & set(said.out) == set()


def test_a_file_that_is_not_there_is_said(tmp_path: Path, servers: Servers, ask: Ask) -> None:
    folder = settings(tmp_path / "desk", servers).file.parent
    said = ask("explain", tmp_path / "none.eml", folder=folder)
    assert (said.code, "does not exist" in said.err) == (2, True)


def by_staff(proof: str, text: str = "#close spam\n", subject: str = "status") -> bytes:
    return fresh(text, proof=proof, subject=subject)


def lines_of(said: Said) -> dict[str, str]:
    """What and how it came out, up to the letters."""
    pairs = re.findall(r"^(.{1,12}?) {2,}(\S.*)$", said.out, re.MULTILINE)
    return dict(reversed(pairs))


@pytest.mark.parametrize(
    ("proof", "genuine"), [("pass", "holds: our border says dmarc=pass"), ("", "fails: no results")]
)
def test_a_mail_of_staff_is_explained_with_each_proof_on_a_line(
    tmp_path: Path, servers: Servers, ask: Ask, proof: str, genuine: str
) -> None:
    folder = settings(tmp_path / "desk", servers).file.parent
    said = ask("explain", file(tmp_path, by_staff(proof)), folder=folder)
    told = lines_of(said)
    assert told["on the list"] == "holds: one From, and its address is on the staff list"
    assert told["reference"] == "fails: it answers no signed reference of ours"
    assert told["genuine"].startswith(genuine)
    assert told["orders"] == "#close spam"
    assert told["decision"].startswith("held: ")


def test_a_mail_of_staff_with_a_misspelt_order_is_explained(tmp_path: Path, servers: Servers, ask: Ask) -> None:
    folder = settings(tmp_path / "desk", servers).file.parent
    said = ask("explain", file(tmp_path, by_staff("pass", "#clsoe spam\n")), folder=folder)
    assert lines_of(said)["orders"] == "cannot be read, so none is obeyed: unknown"


def test_a_mail_of_staff_without_an_order_is_explained(tmp_path: Path, servers: Servers, ask: Ask) -> None:
    folder = settings(tmp_path / "desk", servers).file.parent
    said = ask("explain", file(tmp_path, by_staff("pass", "Just a thought.\n")), folder=folder)
    assert lines_of(said)["orders"] == "none: what staff write without an order is stored, not sent"


def test_a_mail_of_the_team_says_that_it_is_nobodys(tmp_path: Path, servers: Servers, ask: Ask) -> None:
    folder = settings(tmp_path / "desk", servers).file.parent
    said = ask("explain", file(tmp_path, fresh("#status\n", TEAM)), folder=folder)
    assert lines_of(said)["on the list"].startswith("fails: the address is the team's")


def test_a_question_says_nothing_of_proofs(tmp_path: Path, servers: Servers, ask: Ask) -> None:
    folder = settings(tmp_path / "desk", servers).file.parent
    assert "on the list" not in ask("explain", file(tmp_path, question()), folder=folder).out
