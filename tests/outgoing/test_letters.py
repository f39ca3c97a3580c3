"""The words of the letters: complete, alike in both languages, plain, and the same as last time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel import Locale
from jinja2 import Environment, nodes

from ksmail.capability import Audience
from ksmail.defaults import defaults_directory
from ksmail.desk.letter import LetterKind
from ksmail.desk.ticket import EntryKind, Flag, Flagged
from ksmail.errors import ConfigError
from ksmail.incoming.identity import Proof
from ksmail.incoming.message import Language
from ksmail.incoming.verdict import Silence
from ksmail.outgoing.samples import samples
from tests.outgoing.letters import GOLDEN, compose, golden_texts, languages, part, sample

TEMPLATES = defaults_directory("templates")
ONE_EACH = (Language.NL, Language.EN)
ASKER_LETTERS = [kind for kind in LetterKind if kind.audience is Audience.ASKER]
STAFF_LETTERS = [kind for kind in LetterKind if kind.audience in (Audience.STAFF, Audience.OPS)]
EVERY_TEMPLATE = sorted(path for path in TEMPLATES.rglob("*") if path.suffix in {".txt", ".html"})
GOLDEN_TEXTS = dict(golden_texts())


@pytest.mark.parametrize("name", GOLDEN_TEXTS)
def test_a_letter_reads_as_it_did(name: str) -> None:
    """On purpose? `python -m tests.outgoing.renew_golden`, and read the difference."""
    assert GOLDEN_TEXTS[name].encode() == (GOLDEN / name).read_bytes()


def test_no_golden_letter_is_left_over() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(GOLDEN_TEXTS)


@pytest.mark.parametrize("language", ONE_EACH)
@pytest.mark.parametrize("kind", LetterKind)
def test_every_letter_has_its_templates(kind: LetterKind, language: Language) -> None:
    found = {path.name for path in (TEMPLATES / language / kind).iterdir()}
    assert found == {"subject.txt", "body.txt"} | ({"body.html"} if kind.has_html else set())


@pytest.mark.parametrize("kind", LetterKind)
def test_both_languages_use_the_same_fields(kind: LetterKind) -> None:
    dutch, english = (
        {name: fields(f"{language}/{kind}/{name}") for name in ("subject.txt", "body.txt")} for language in ONE_EACH
    )
    assert dutch == english


@pytest.mark.parametrize("kind", STAFF_LETTERS)
def test_the_text_part_uses_what_the_html_uses(kind: LetterKind) -> None:
    for language in ONE_EACH:
        # For screen readers, and the width of a bar whose number stands beside it.
        html = fields(f"{language}/{kind}/body.html") - {"ticket.language", "bar.share"}
        assert html <= fields(f"{language}/{kind}/body.txt") | fields(f"{language}/{kind}/subject.txt")


@pytest.mark.parametrize("kind", LetterKind)
def test_a_fact_that_is_not_there_stops_the_letter(kind: LetterKind) -> None:
    used = {field.split(".")[1] for field in fields(f"nl/{kind}/body.txt") if field.startswith("letter.")}
    used -= {"about", "actions"}  # of the letter itself
    assert used <= set(map(without_language, sample(kind).letter.facts)) and used
    for fact in used:
        with pytest.raises(ConfigError, match=f"letters.templates: nl/{kind}/.*{fact}"):
            for one in samples(kind, Language.NL):
                facts = {name: value for name, value in one.letter.facts.items() if without_language(name) != fact}
                compose(replace(one, letter=replace(one.letter, facts=facts)))


@pytest.mark.parametrize("path", EVERY_TEMPLATE, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_no_template_names_a_country(path: Path) -> None:
    words = set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    territories = {name for language in ("nl", "en") for name in Locale.parse(language).territories.values()}
    assert not words & territories


@pytest.mark.parametrize("language", languages(LetterKind.ACK))
@pytest.mark.parametrize("kind", ASKER_LETTERS)
def test_sentences_to_askers_are_short(kind: LetterKind, language: Language) -> None:
    for one in samples(kind, language):
        lengths = [len(sentence.split()) for sentence in sentences(part(compose(one), "plain"))]
        assert sum(lengths) / len(lengths) <= 15
        assert max(lengths) <= 20


@pytest.mark.parametrize(("language", "most"), [(Language.NL, 4096), (Language.EN, 4096), (Language.BOTH, 8192)])
@pytest.mark.parametrize("kind", [kind for kind in ASKER_LETTERS if not kind.by_a_person])
def test_what_the_desk_writes_by_itself_is_small(kind: LetterKind, language: Language, most: int) -> None:
    assert max(len(compose(one).raw) for one in samples(kind, language)) <= most


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (Language.NL, "U krijgt uiterlijk op donderdag 4 juni 2026 antwoord van ons."),
        (Language.EN, "You will have our answer by Thursday 4 June 2026."),
    ],
)
def test_the_promise_is_the_first_sentence(language: Language, expected: str) -> None:
    text = part(compose(sample(LetterKind.ACK, language, "bare")), "plain")
    assert text.split("\n\n")[1].startswith(expected)


def test_the_two_languages_of_one_letter_are_divided() -> None:
    text = part(compose(sample(LetterKind.ACK, Language.BOTH)), "plain")
    dutch, english = text.split(f"{'-' * 60}\nEnglish\n{'-' * 60}")
    assert dutch.startswith("(English: see below.)\n\nGoedendag,") and "Hello" not in dutch
    assert english.strip().startswith("Hello,") and "Goedendag" not in english


def test_an_acknowledgement_names_at_most_five_sources() -> None:
    text = part(compose(sample(LetterKind.ACK)), "plain")
    assert text.count("https://desk.example/guidelines/") == 5


def test_the_time_is_the_time_at_the_desk() -> None:
    assert "Monday 1 June 2026 at 10:02" in part(compose(sample(LetterKind.ACK, name="bare")), "plain")


def test_a_date_is_the_date_at_the_desk() -> None:
    late = sample(LetterKind.ACK).letter.facts["received_at"].replace(day=1, hour=22, minute=30)
    assert "Sunday 2 May 2027 at 00:30" in part(compose(sample(LetterKind.ACK, received_at=late)), "plain")


@pytest.mark.parametrize("unknown", [True, False])
def test_only_an_asker_we_cannot_place_is_asked_for_the_institution(unknown: bool) -> None:
    text = part(compose(sample(LetterKind.ACK, ask_institution=unknown)), "plain")
    assert ("Which knowledge institution" in text) is unknown


@pytest.mark.parametrize(("days", "expected"), [(1, "within 1 working day of"), (3, "within 3 working days of")])
def test_one_and_more_are_different_words(days: int, expected: str) -> None:
    assert expected in part(compose(sample(LetterKind.ACK, days=days)), "plain")


def test_one_and_more_closed_days_are_different_sentences() -> None:
    one, two = (part(compose(sample(LetterKind.ACK, name=name)), "plain") for name in ("one", "full"))
    assert "we are closed on Monday 27 April (King's Day). That day does not count." in one
    assert "we are closed on these days. They do not count.\n- Wednesday 5 May (Liberation Day)\n- Thursday" in two


@pytest.mark.parametrize("language", ONE_EACH)
@pytest.mark.parametrize("kind", [LetterKind.STAFF_NEW, LetterKind.STAFF_FOLLOWUP])
def test_every_flag_has_its_own_sentence(kind: LetterKind, language: Language) -> None:
    texts = [part(compose(sample(kind, language, "bare", flags=(Flagged(flag, "DETAIL"),))), "plain") for flag in Flag]
    assert len(set(texts)) == len(Flag)
    assert not any(flag.value in text for flag, text in zip(Flag, texts, strict=True))


@pytest.mark.parametrize("language", ONE_EACH)
def test_every_silence_has_its_own_sentence(language: Language) -> None:
    texts = [part(compose(sample(LetterKind.STAFF_NEW, language, f"silent {why.value}")), "plain") for why in Silence]
    assert len(set(texts)) == len(Silence)
    assert not any(why.value in text for why, text in zip(Silence, texts, strict=True))


@pytest.mark.parametrize("language", ONE_EACH)
def test_every_proof_has_its_own_words(language: Language) -> None:
    texts = {
        part(compose(sample(LetterKind.STAFF_NEW, language, "bare", proof=proof.value)), "plain") for proof in Proof
    }
    assert len(texts) == len(Proof)


@pytest.mark.parametrize("language", ONE_EACH)
def test_every_kind_of_entry_has_its_own_words(language: Language) -> None:
    texts = {part(compose(sample(LetterKind.STAFF_FOLLOWUP, language, kind.value)), "plain") for kind in EntryKind}
    assert len(texts) == len(EntryKind)


def test_a_held_acknowledgement_is_told_as_waiting() -> None:
    held = part(compose(sample(LetterKind.STAFF_NEW, silence=Silence.DESK_CAP.value, held=True)), "plain")
    assert "has not been sent yet" in held and "got no acknowledgement" not in held


@pytest.mark.parametrize("language", ONE_EACH)
def test_a_text_that_is_cut_says_so(language: Language) -> None:
    for subtype in ("plain", "html"):
        long, short = (
            part(compose(sample(LetterKind.STAFF_NEW, language, name)), subtype) for name in ("long", "bare")
        )
        said = (TEMPLATES / language / "_shared" / "cut.txt").read_text(encoding="utf-8").strip()
        assert said in long and said not in short


def test_the_question_and_the_date_stand_before_everything_else() -> None:
    for subtype in ("plain", "html"):
        text = part(compose(sample(LetterKind.STAFF_NEW)), subtype).partition("</head>")[-1 if subtype == "html" else 0]
        order = ["Thursday 4 June 2026", "Dear contact point", "fetched too late", "budget.xlsx", "About this question"]
        assert sorted(order, key=text.index) == order


@pytest.mark.parametrize("language", ONE_EACH)
@pytest.mark.parametrize("kind", STAFF_LETTERS)
def test_html_is_whole_and_brings_nothing_from_outside(kind: LetterKind, language: Language) -> None:
    for one in samples(kind, language):
        html = part(compose(one), "html")
        check = Nesting()
        check.feed(html)
        assert check.open == []
        assert f'<html lang="{language}">' in html and html.count("<h1>") == 1
        assert not re.search(r"<(img|link|script|iframe|form|object)\b|src=|url\(|@import|https?:", html)
        assert all(link.startswith('"mailto:contact@desk.example?') for link in html.split("href=")[1:])


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ("#1b2733", "#ffffff"),
        ("#154273", "#ffffff"),
        ("#4a5866", "#ffffff"),
        ("#ffffff", "#154273"),
        ("#ffffff", "#b3261e"),
        ("#154273", "#e8eef5"),
        ("#e8eef5", "#10171f"),
        ("#a9c9ee", "#10171f"),
        ("#a9c9ee", "#1d2b3b"),
        ("#d3e3f5", "#1d2b3b"),
        ("#b3261e", "#ffffff"),
        ("#ff9b94", "#10171f"),
        ("#b4c0cc", "#10171f"),
    ],
)
def test_colours_can_be_told_apart(ink: str, paper: str) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1."""
    page = (TEMPLATES / "_shared" / "page.html").read_text(encoding="utf-8")
    assert ink in page and paper in page
    light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_no_wording_for_both_parts_contains_markup() -> None:
    shared = [path for path in EVERY_TEMPLATE if path.parent.name == "_shared" and path.suffix == ".txt"]
    bare = [re.sub(r"{[{%].*?[%}]}", "", path.read_text(encoding="utf-8")) for path in shared]
    assert len(bare) > 10 and not [text for text in bare if re.search("[<>&]", text)]


class Nesting(HTMLParser):
    """Tags that are open, and an error for one that is closed out of turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def sentences(text: str) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[.?!])\s+|\n+", text) if re.search(r"\w", sentence)]


def fields(name: str) -> set[str]:
    """Every dotted name in a template and in what it includes, with name_nl and name_en taken for one."""
    environment = Environment(autoescape=True)
    environment.tests["too_long"] = lambda text: bool(text)
    for each in ("longdate", "shortdate", "clock", "size", "plural", "quoted", "written", "order"):
        environment.filters[each] = str
    tree = environment.parse((TEMPLATES / name).read_text(encoding="utf-8"))
    found = set(map(without_language, _dotted(tree)))
    links = [link.template for link in tree.find_all(nodes.Include)]
    links += [link.template for link in tree.find_all(nodes.Extends)]
    for link in links:
        assert isinstance(link, nodes.Const)
        found |= fields(link.value)
    return found


def without_language(name: str) -> str:
    return re.sub(r"_(nl|en)$", "", name)


def _dotted(tree: nodes.Template) -> Iterator[str]:
    for node in tree.find_all(nodes.Getattr):
        if isinstance(node.node, nodes.Name):
            yield f"{node.node.name}.{node.attr}"
        elif isinstance(node.node, nodes.Getattr) and isinstance(node.node.node, nodes.Name):
            yield f"{node.node.node.name}.{node.node.attr}.{node.attr}"
