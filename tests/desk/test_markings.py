"""Whether a text bears the marking of a classified document."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.desk.markings import MARKINGS, find_marking

PHRASES = [each for each in MARKINGS if each != "Stg."]
UNSEEN = st.sampled_from("\u00ad\u200b\u200c\u200d\u2060\ufeff\u202e\u034f\x00\x08")
GAPS = st.sampled_from([" ", "  ", "\n", "\r\n", "\n> ", "\n> > ", ".", ". ", "/", "-", "\u00a0", "_", " * ", "\t"])
TEXTS = st.text(max_size=100) | st.sampled_from(["Beste collega,\n\n", "> ", "vr. gr.\nA.", "Dep.", "NATO ", "a b c "])


def respelled(phrase: str, gap: str) -> str:
    return gap.join(phrase.replace("/", " ").replace("-", " ").replace(".", " ").split())


@pytest.mark.parametrize(
    ("text", "marking"),
    [
        ("Dep.V.", "Dep.V."),
        ("DEP. V.", "Dep.V."),
        ("Dep.V", "Dep.V."),
        ("dep v", "Dep.V."),
        ("DepV", "Dep.V."),
        ("[Dep.V.] Vraag", "Dep.V."),
        ("Rubricering: Dep.V. tot 2030", "Dep.V."),
        ("departementaal vertrouwelijk", "Departementaal Vertrouwelijk"),
        ("DEPARTEMENTAAL\r\nVERTROUWELIJK", "Departementaal Vertrouwelijk"),
        ("> Departementaal\n> Vertrouwelijk", "Departementaal Vertrouwelijk"),
        ("Departementaal Ver-\n> trouwelijk", "Departementaal Vertrouwelijk"),
        ("D E P A R T E M E N T A A L  V E R T R O U W E L I J K", "Departementaal Vertrouwelijk"),
        ("Dep. Vertrouwelijk", "Dep. Vertrouwelijk"),
        ("Staatsgeheim", "Staatsgeheim"),
        ("STAATSGEHEIM.", "Staatsgeheim"),
        ("Is dit een staatsgeheim?", "Staatsgeheim"),
        ("Stg. Geheim", "Stg. Geheim"),
        ("stg geheim", "Stg. Geheim"),
        ("S.T.G. GEHEIM", "Stg. Geheim"),
        ("Zie de nota (Stg.Confidentieel)", "Stg. Confidentieel"),
        ("Stg. zeer geheim", "Stg. Zeer Geheim"),
        ("NATO RESTRICTED", "NATO RESTRICTED"),
        ("N.A.T.O. Restricted", "NATO RESTRICTED"),
        ("N A T O R E S T R I C T E D", "NATO RESTRICTED"),
        ("**NATO_SECRET**", "NATO SECRET"),
        ("NATO\u200b\u00adCONFIDENTIAL", "NATO CONFIDENTIAL"),
        ("ＮＡＴＯ ＳＥＣＲＥＴ", "NATO SECRET"),
        ("Cosmic top  secret", "COSMIC TOP SECRET"),
        ("RESTREINT UE/EU RESTRICTED", "EU RESTRICTED"),
        ("restreint ue", "RESTREINT UE"),
        ("E.U. SECRET", "EU SECRET"),
        ("Très secret UE", "TRES SECRET UE"),
        ("R-UE/EU-R", "R-UE/EU-R"),
    ],
)
def test_a_marking_is_found_however_it_is_written(text: str, marking: str) -> None:
    assert find_marking(text, MARKINGS) == marking
    assert find_marking(f"Vraag over export\nGeachte heer,\n\n{text}\n\nGroet", MARKINGS) == marking


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Vertrouwelijk",
        "This e-mail is confidential and may be secret.",
        "Wij behandelen uw vraag vertrouwelijk.",
        "departementale vertrouwelijkheid",
        "Het departementaal beleid is vertrouwelijk",
        "in de PV-panelen",
        "Dep. van Financiën",
        "The restricted area of NATO",
        "a NATO-unrestricted area",
        "EU funds secretariat",
        "eusecrets",
        "Een geheim van de staat",
        "De heer Stg. Jansen",
        "Wij zijn Stg. Techniek voor Iedereen.",
        "Namens\nStg. Techniek\nDelft",
        "postage",
    ],
)
def test_ordinary_words_are_no_marking(text: str) -> None:
    assert find_marking(f"Vraag\n{text}", MARKINGS) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Stg.",
        "[Stg.] Vraag over export",
        "Re: [Stg.] Vraag over export",
        "FW: Antw: [EXTERN] [KV-2026-0042] [STG] Vraag",
        "Stg. - vraag",
        "Vraag\n\nStg.\n\nGeachte heer,",
        "Vraag\n> Stg.\n> Geachte heer,",
        "Vraag\n  *** STG ***  ",
        "Vraag\n-----\nVan: A\nOnderwerp: [Stg.] Notitie\n",
        "Vraag\n> Subject: Re: Stg. notitie",
        "Vraag\nRubricering: Stg.",
        "Vraag\nS\u00adt\u200bg.",
    ],
)
def test_a_short_abbreviation_counts_alone_on_its_line_or_in_front_of_the_subject(text: str) -> None:
    assert find_marking(text, MARKINGS) == "Stg."


@pytest.mark.parametrize("own", ["Stg", "NfD", "Geh."])
def test_what_an_abbreviation_is_follows_from_how_it_is_written(own: str) -> None:
    assert find_marking(f"Vraag\n{own}\n", [own]) == own
    assert find_marking(f"Vraag\nvan {own} Delft\n", [own]) == ""


def test_a_longer_word_or_a_phrase_counts_anywhere() -> None:
    assert find_marking("this is Sensitive, see below", ["Sensitive"]) == "Sensitive"
    assert find_marking("papers (vs-nfd) of ours", ["VS-NfD"]) == "VS-NfD"


def test_the_longest_one_is_told() -> None:
    assert find_marking("Stg. Zeer Geheim\nTRES SECRET UE / EU TOP SECRET", MARKINGS) == "Stg. Zeer Geheim"
    assert find_marking("secret ue, tres secret ue", ["SECRET UE", "TRES SECRET UE"]) == "TRES SECRET UE"


def test_without_markings_nothing_is_marked() -> None:
    assert find_marking("NATO SECRET", ()) == ""
    assert find_marking("NATO SECRET ...", ("...", "", " ")) == ""


def test_no_marking_is_told_twice() -> None:
    assert len({each.casefold() for each in MARKINGS}) == len(MARKINGS)


@pytest.mark.parametrize("marking", MARKINGS)
def test_each_marking_finds_itself(marking: str) -> None:
    assert find_marking(marking, MARKINGS) == marking
    assert find_marking(f"Vraag\n{marking.upper()}\n", MARKINGS) == marking


@given(st.sampled_from(PHRASES), TEXTS, TEXTS, st.sampled_from([" ", "\n", ". ", "(", ", "]))
def test_the_text_around_a_marking_does_not_matter(marking: str, before: str, behind: str, border: str) -> None:
    assert find_marking(f"{before}{border}{marking}{border}{behind}", MARKINGS) != ""


@given(st.sampled_from(MARKINGS), TEXTS, TEXTS)
def test_a_marking_on_a_line_of_its_own_is_always_found(marking: str, before: str, behind: str) -> None:
    assert find_marking(f"{before}\n{marking}\n{behind}", MARKINGS) != ""


@given(st.sampled_from(MARKINGS), st.data())
def test_what_nobody_sees_hides_no_marking(marking: str, data: st.DataObject) -> None:
    sown = "".join(letter + data.draw(st.text(UNSEEN, max_size=2)) for letter in marking)
    assert find_marking(f"Vraag\n{sown}\n", MARKINGS) == marking


@given(st.sampled_from(PHRASES), GAPS)
def test_what_stands_between_its_words_does_not_matter(marking: str, gap: str) -> None:
    assert find_marking(f"Vraag\nvan {respelled(marking, gap)} toe", [marking]) == marking


@given(st.text(), st.lists(st.text(max_size=20), max_size=5))
def test_any_text_can_be_looked_at(text: str, markings: list[str]) -> None:
    assert find_marking(text, markings) in {*markings, ""}


@given(st.text() | st.sampled_from(MARKINGS), st.sampled_from(["\n> ", "\n", "\r\n"]))
def test_quoted_lines_count(text: str, end: str) -> None:
    whole = f"Vraag\n\n{text}"
    quoted = end.join(whole.split("\n"))
    assert bool(find_marking(quoted, PHRASES)) == bool(find_marking(whole, PHRASES))


FLOODS = ["a", "a ", "a.", "a-\n", "\n", " ", "[", "re:", "> ", "stg\n", "stg ", "é", "\u0301\u0323", "\u200b", "NATO "]


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_takes_no_time_and_hides_nothing(flood: str) -> None:
    text = flood * (1024 * 1024 // len(flood)) + "\nNATO SECRET"
    begun = time.process_time()
    assert find_marking(text, MARKINGS) == "NATO SECRET"
    assert time.process_time() - begun < 5
