"""What a mail domain tells, on label boundaries and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.errors import ConfigError
from ksmail.incoming.identity import Institution
from ksmail.incoming.institution import Institutions

SHIPPED = Path(__file__).parents[2] / "config" / "institutions.csv"
UNI = Institution(name="University of Example", kind="university")
LAB = Institution(name="Laboratory", kind="research_institute")
KNOWN = Institutions({"uni.example": UNI, "lab.uni.example": LAB, "bücher.example": UNI})


def load(tmp_path: Path, text: str, government: tuple[str, ...] = ()) -> Institutions:
    path = tmp_path / "institutions.csv"
    path.write_text(text, encoding="utf-8")
    return Institutions.load(path, government)


@pytest.mark.parametrize("domain", ["uni.example", "UNI.Example", "cs.uni.example", "a.b.uni.example", "uni.example."])
def test_a_domain_and_what_lies_below_it_is_known(domain: str) -> None:
    assert KNOWN.find(domain) == UNI


@pytest.mark.parametrize("domain", ["notuni.example", "uni.example.evil.test", "example", "", ".", "uni", "x..example"])
def test_a_domain_that_only_looks_alike_is_unknown(domain: str) -> None:
    assert KNOWN.find(domain) is None


def test_the_longest_match_wins() -> None:
    assert KNOWN.find("deep.lab.uni.example") == LAB


def test_both_spellings_of_an_international_domain_are_one() -> None:
    assert KNOWN.find("BÜCHER.example") == KNOWN.find("xn--bcher-kva.example") == UNI


@given(st.text(max_size=300))
def test_no_domain_makes_the_search_fail(domain: str) -> None:
    assert KNOWN.find(domain) in (None, UNI, LAB)


@given(st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True))
def test_a_name_glued_to_a_known_domain_is_another_domain(label: str) -> None:
    assert KNOWN.find(f"{label}uni.example") is None
    assert KNOWN.find(f"{label}.uni.example") in (UNI, LAB)


@pytest.mark.parametrize("domain", ["gmail.com", "mail.gmail.com", "proton.me"])
def test_free_mail_is_a_kind_of_its_own(tmp_path: Path, domain: str) -> None:
    found = load(tmp_path, "name,kind,domains\n").find(domain)
    assert found is not None
    assert found.kind == "freemail"


def test_government_is_a_kind_of_its_own(tmp_path: Path) -> None:
    found = load(tmp_path, "name,kind,domains\n", ("ministry.example",)).find("bz.ministry.example")
    assert found == Institution(name="government", kind="government")


def test_what_the_file_names_goes_before_government(tmp_path: Path) -> None:
    known = load(tmp_path, "name,kind,domains\nPlan,planning_bureau,plan.example\n", ("plan.example",))
    assert known.find("plan.example") == Institution(name="Plan", kind="planning_bureau")


def test_the_columns_may_stand_in_any_order_and_there_may_be_more(tmp_path: Path) -> None:
    known = load(tmp_path, 'source,domains,kind,name\n"a, b", b.example ; c.example , academy , The Academy \n')
    assert known.find("c.example") == Institution(name="The Academy", kind="academy")


def test_a_byte_order_mark_from_a_spreadsheet_is_no_part_of_a_name(tmp_path: Path) -> None:
    assert load(tmp_path, "\ufeffname,kind,domains\nA,academy,a.example\n").find("a.example") is not None


def test_a_row_without_domains_and_a_domain_that_is_none_are_passed_over(tmp_path: Path) -> None:
    known = load(tmp_path, "name,kind,domains\nA,academy\nB,academy,;b..example;b.example\n")
    assert known.find("b.example") is not None
    assert known.find("") is None


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="institutions: the file cannot be read"):
        Institutions.load(tmp_path / "nowhere.csv")


def test_a_file_that_is_no_text_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "institutions.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot be read"):
        Institutions.load(path)


@pytest.mark.parametrize("text", ["", "name,kind\n", "name;kind;domains\n"])
def test_a_file_without_the_columns_stops_the_start(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="has no column"):
        load(tmp_path, text)


@pytest.mark.parametrize(
    ("domain", "kind"),
    [
        ("student.utwente.nl", "university"),
        ("cs.ru.nl", "university"),
        ("lumc.nl", "umc"),
        ("notuva.nl", None),
        ("ru.nl.example", None),
        ("gmail.com", "freemail"),
    ],
)
def test_the_list_that_comes_with_the_program_can_be_searched(domain: str, kind: str | None) -> None:
    found = Institutions.load(SHIPPED).find(domain)
    assert (found.kind if found else None) == kind
