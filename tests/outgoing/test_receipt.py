"""What staff hear of their orders: said at once, complete, and nothing in it can pass for words of ours."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksmail.desk.letter import LetterKind
from ksmail.desk.mistake import Fault, Mistake
from ksmail.desk.orders import Verb, row_of
from ksmail.desk.receipt import Done, Leaving, Refused
from ksmail.desk.ticket import CloseReason, Status
from ksmail.incoming.message import Language
from ksmail.outgoing.harmless import one_line
from ksmail.outgoing.samples import Sample, samples
from tests.outgoing.letters import NOW, compose, composer, part, read, sample
from tests.outgoing.test_compose import HOSTILE, structure

WRITER = composer()
LANGUAGES = (Language.NL, Language.EN)
SILENT = {Verb.STATUS, Verb.HELP, Verb.OK, Verb.OBJECT, Verb.INPUT, Verb.NOT_OURS}
strangers = st.one_of(st.sampled_from(HOSTILE), st.text(st.one_of(st.characters(), st.sampled_from("<>&\"'{}%\n|#"))))


def subject(name: str, language: Language, kind: LetterKind = LetterKind.STAFF_RECEIPT) -> str:
    return str(read(compose(sample(kind, language, name), WRITER))["Subject"]).partition("] ")[2]


@pytest.mark.parametrize(
    ("name", "dutch", "english"),
    [
        ("bare", "Niets gedaan", "Nothing done"),
        ("full", "Gaat weg om 10:05: uw antwoord", "Leaves at 10:05: your answer"),
        ("two letters", "Gaat weg om 10:05: 2 e-mails", "Leaves at 10:05: 2 e-mails"),
        (
            "at once",
            "Gaat nu weg: uw bericht dat de vraag gesloten is",
            "Leaves now: your message that the question is closed",
        ),
        ("done no ticket", "Gedaan: #vrijgeven, #weg", "Done: #release, #drop"),
        ("note", "Bewaard, niet verstuurd", "Stored, not sent"),
        ("mistake", "Niet gedaan: onbekende opdracht", "Not done: unknown order"),
        ("mistake no ticket", "Niet gedaan: fout in een opdracht", "Not done: error in an order"),
        ("refused", "Niet gedaan: #answer", "Not done: #answer"),
        ("refused no ticket", "Niet gedaan", "Not done"),
        ("withdrawn", "Ingetrokken, niet gedaan", "Withdrawn, not done"),
    ],
)
def test_the_subject_of_a_receipt_says_it_at_once(name: str, dutch: str, english: str) -> None:
    assert (subject(name, Language.NL), subject(name, Language.EN)) == (dutch, english)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_order_has_its_own_sentence(language: Language) -> None:
    said = {}
    for verb in Verb:
        done = (Done(verb=verb.value, day=NOW.date(), until=NOW.date(), count=2, numbers=(1, 2)),)
        text = part(compose(sample(LetterKind.STAFF_RECEIPT, language, "bare", done=done), WRITER), "plain")
        said[verb] = text.partition(f"- #{row_of(verb).spelling(language)}: ")[2].partition("\n")[0]
    assert {verb for verb in Verb if said[verb] == verb.value} == SILENT
    assert len(set(said.values())) == len(Verb)


@pytest.mark.parametrize(
    ("verb", "one", "more"),
    [
        (Verb.STOP, "1 e-mail was stopped. It does", "2 e-mails were stopped. They do"),
        (Verb.NOW, "1 e-mail leaves", "2 e-mails leave"),
        (
            Verb.PURGE,
            "1 attachment is destroyed for ever: number 1.",
            "2 attachments are destroyed for ever: numbers 1, 2.",
        ),
    ],
)
def test_one_and_more_are_different_sentences(verb: Verb, one: str, more: str) -> None:
    for count, expected in ((1, one), (2, more)):
        done = (Done(verb=verb.value, count=count, numbers=(1, 2)[:count]),)
        text = part(compose(sample(LetterKind.STAFF_RECEIPT, name="bare", done=done)), "plain")
        assert expected in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_leaves_is_shown_whole_with_everybody_who_gets_it(language: Language) -> None:
    for subtype in ("plain", "html"):
        text = part(compose(sample(LetterKind.STAFF_RECEIPT, language)), subtype)
        for expected in ("ada@uni.example", "grace@uni.example, legal@uni.example", "draft agreement.pdf", "Dear Ada,"):
            assert expected in text
        assert text.index("mailto:") < text.index("Dear Ada,"), "who wants to stop it must not read all of it first"
        assert text.index("Dear Ada,") < text.index("press@paper.example") < text.index("Sent from my phone")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mistake_gives_the_text_back_and_says_what_was_meant(language: Language) -> None:
    text = part(compose(sample(LetterKind.STAFF_RECEIPT, language, "mistake")), "plain")
    reason = Mistake(line="", because=Fault.UNKNOWN).why(language)
    order = ["  | #anwser", reason, "#answer", "#assign", "  | Dear Ada,"]
    assert [text.index(each) for each in order] == sorted(text.index(each) for each in order)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_names_the_reason_the_lines_and_the_way_past_it(language: Language) -> None:
    text = part(compose(sample(LetterKind.STAFF_RECEIPT, language, "refused")), "plain")
    refused = sample(LetterKind.STAFF_RECEIPT, language, "refused").letter.facts["refused"]
    assert refused.why(language) in text
    assert "  | reference: see KV-2026-0017" in text and "#answer!" in text


def test_a_refusal_without_a_way_past_it_offers_none() -> None:
    text = part(compose(sample(LetterKind.STAFF_RECEIPT, name="refused no ticket")), "plain")
    assert "No.\n" in text and "Do you want it all the same?" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_to_confirm_has_its_own_sentence(language: Language) -> None:
    texts = {
        part(compose(sample(LetterKind.CONFIRM, language, "bare", why=why, count=2)), "plain")
        for why in ("no_border", "destroys", "discloses", "unsure")
    }
    assert len(texts) == 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_request_to_confirm_says_what_to_do_if_somebody_else_wrote_it(language: Language) -> None:
    said = "waarschuw de coördinator" if language is Language.NL else "warn the coordinator"
    for subtype in ("plain", "html"):
        assert said in part(compose(sample(LetterKind.CONFIRM, language)), subtype)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_status_has_its_own_words(language: Language) -> None:
    texts = [part(compose(sample(LetterKind.STAFF_ASSIGNED, language, status.value)), "plain") for status in Status]
    assert len(set(texts)) == len(Status)
    assert not any(status.value in text for status, text in zip(Status, texts, strict=True) if "_" in status)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_to_close_that_an_asker_hears_has_its_own_words(language: Language) -> None:
    heard = [each.value for each in CloseReason if each.value not in ("answered", "spam", "redirected", "merged")]
    texts = {part(compose(sample(LetterKind.CLOSED, language, reason)), "plain") for reason in heard}
    assert len(texts) == len(heard)


@pytest.mark.parametrize(("today", "late"), [(4, False), (5, True)])
def test_in_the_queue_a_date_is_late_from_the_day_after(today: int, late: bool) -> None:
    one = sample(LetterKind.STAFF_STATUS, name="one no ticket", today=NOW.date().replace(day=today))
    assert ("(late)" in part(compose(one), "plain")) is late


def test_a_destroyed_file_keeps_its_number() -> None:
    assert "2. budget.xlsx (34 kB), destroyed\n" in part(compose(sample(LetterKind.STAFF_STATUS)), "plain")


# --- strangers, and colleagues who write what a stranger would


def everything_from_a_stranger(words: str) -> Sample:
    one = sample(LetterKind.STAFF_RECEIPT, name="bare")
    leaving = Leaving(
        kind="answer", to="ada@uni.example", cc=(words,), files=(words,), at=NOW, subject=words, body=words
    )
    refused = Refused(verb="#answer", why_nl="Nee.", why_en="No.", lines=(words,), override="#answer!")
    facts = {
        **one.letter.facts,
        "done": (
            Done(verb="close", reason=words),
            Done(verb="assign", name=words),
            Done(verb="merge", reference=words),
        ),
        "leaving": (leaving,),
        "cut": words,
        "strays": (words,),
        "refused": refused,
        "text": words,
    }
    return replace(one, letter=replace(one.letter, facts=facts))


PLAIN = compose(everything_from_a_stranger("words"), WRITER)


@settings(max_examples=100, deadline=None)
@given(strangers)
def test_no_words_add_a_header_a_part_or_a_tag_to_a_receipt(words: str) -> None:
    mail = compose(everything_from_a_stranger(words if one_line(words) else "x"), WRITER)
    assert sorted(read(mail).keys()) == sorted(read(PLAIN).keys())
    assert structure(part(mail, "html")) == structure(part(PLAIN, "html"))


@settings(max_examples=100, deadline=None)
@given(strangers)
def test_texts_in_a_receipt_stay_behind_the_margin(words: str) -> None:
    words = words if one_line(words) else "x"
    one = everything_from_a_stranger("words")
    leaving = replace(one.letter.facts["leaving"][0], body=words)
    facts = {**one.letter.facts, "leaving": (leaving,), "cut": words, "text": words, "strays": (words,)}
    text = part(compose(replace(one, letter=replace(one.letter, facts=facts)), WRITER), "plain")
    ours = part(PLAIN, "plain")
    assert outside(text) == outside(ours)


def outside(text: str) -> list[str]:
    return [line for line in text.split("\n") if not line.startswith("  |")]


@settings(max_examples=50, deadline=None)
@given(strangers)
def test_orders_that_were_not_obeyed_stay_behind_the_margin(words: str) -> None:
    words = words if one_line(words) else "x"
    for kind in (LetterKind.STAFF_QUARANTINE, LetterKind.CONFIRM):
        ours, theirs = (part(compose(sample(kind, orders=(each,)), WRITER), "plain") for each in ("words", words))
        assert outside(ours) == outside(theirs)


# --- what is written about the letters


def test_the_page_about_letters_names_every_letter_and_every_fact() -> None:
    page = (Path(__file__).parents[2] / "docs" / "letters.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`\.?(\w+)`", page))
    assert {kind.value for kind in LetterKind} <= named
    facts = {name for kind in LetterKind for one in samples(kind, Language.EN) for name in one.letter.facts}
    assert facts <= named
