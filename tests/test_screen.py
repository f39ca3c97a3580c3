"""What the commands show."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail import screen
from ksmail.address import Address
from ksmail.desk.ticket import Flag
from ksmail.reference import Reference
from tests.builders import MONDAY
from tests.desk.facts import ticket

# C0 without tab and line end, delete, C1, directional overrides and isolates, zero width, byte order mark.
STEERING = {
    chr(at)
    for span in ((0, 9), (11, 32), (127, 160), (0x202A, 0x202F), (0x2066, 0x206A), (0x200B, 0x2010), (0xFEFF, 0xFF00))
    for at in range(*span)
}


@given(st.text(st.sampled_from([*sorted(STEERING), "a", "\n", "\t", "é"])))
def test_no_text_from_a_mail_steers_a_terminal(text: str) -> None:
    shown = screen.harmless(text)
    assert not STEERING & set(shown)
    assert len(shown) == len(text)


def test_bidi_overrides_and_zero_width_characters_are_shown_as_replaced() -> None:
    assert screen.harmless("a\u202eb\u200bc") == "a\ufffdb\ufffdc"


def test_facts_become_json_as_people_write_them(capsys: pytest.CaptureFixture[str]) -> None:
    screen.show_json(
        {"at": MONDAY, "on": date(2026, 6, 4), "flags": (Flag.COLLEAGUE,), "to": Address("a", "b.example")}
    )
    assert json.loads(capsys.readouterr().out) == {
        "at": "2026-06-01T08:02:00+00:00",
        "on": "2026-06-04",
        "flags": ["colleague"],
        "to": "a@b.example",
    }


def test_a_ticket_becomes_json_with_its_reference_as_one_word() -> None:
    assert screen.plain(ticket())["reference"] == str(Reference("KV", 2026, 1))


def test_an_empty_list_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    screen.show_table("Tickets", ("number",), [], "No tickets yet.")
    assert capsys.readouterr().out == "No tickets yet.\n"


def test_markup_in_a_cell_is_shown_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    screen.show_table("Tickets", ("subject",), [("[bold red]x[/]",)], "")
    assert "[bold red]x[/]" in capsys.readouterr().out
