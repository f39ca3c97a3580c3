"""A text without the one who wrote it."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.address import Address
from ksmail.desk.discreet import Discreet, discreet, signed_names, without_signature
from ksmail.incoming.message import Language
from tests.builders import address

ADA = address("ada.lovelace@uni.example", "Ada Lovelace")
UNIVERSITY = "University of Example"
HOSTILE = 64 * 1024


def hidden(text: str, *people: Address, institution: str = "", language: Language = Language.EN) -> str:
    """What is left of a text of these people."""
    return discreet(text, people, institution, language).text


# Names.

NAMES = [
    # name, address, text, what is left of it
    ("Ada Lovelace", "al@uni.example", "Ada Lovelace asks this.", "[name] asks this."),
    ("Ada Lovelace", "al@uni.example", "I am Ada. Dr. Lovelace is my mother.", "I am [name]. Dr. [name] is my mother."),
    ("Ada Lovelace", "al@uni.example", "Groet, Ada", "Groet, [name]"),
    ("Ada Lovelace", "al@uni.example", "Thanks,\nAda\nLovelace", "Thanks,\n[name]"),
    ("Ada Lovelace", "al@uni.example", "Ada  Lovelace,\n> by Ada\n> Lovelace", "[name],\n> by [name]"),
    ("Ada Lovelace", "al@uni.example", "ADA LOVELACE, ada lovelace", "[name]"),
    ("Ada Lovelace", "al@uni.example", "It is Ada's and Lovelace’s work.", "It is [name]'s and [name]’s work."),
    ("Ada Lovelace", "al@uni.example", "(Ada) “Lovelace” Ada/Lovelace", "([name]) “[name]” [name]/[name]"),
    ("Ada Lovelace", "al@uni.example", "Canada, Adam; the lovelaces", "Canada, Adam; the lovelaces"),
    ("Ada Lovelace", "al@uni.example", "We run ada and ADA.", "We run ada and [name]."),
    ("Lovelace, Ada", "al@uni.example", "Ada Lovelace, or Lovelace, Ada", "[name], or [name]"),
    ("Lovelace, A. (Ada)", "al@uni.example", "Lovelace, A. (Ada) is A. Lovelace.", "[name] is A. [name]."),
    ("Mark Jansen", "mj@uni.example", "Mark asks for the mark of the MARK.", "[name] asks for the mark of the [name]."),
    ("Will Bos", "wb@uni.example", "Will Bos will walk in het bos.", "[name] will walk in het bos."),
    ("Jan Jansen", "jj@uni.example", "Jan Jansen, jansen en jan", "[name] en jan"),
    ("Anna van der Berg", "avdb@uni.example", "Anna van der Berg", "[name]"),
    ("Anna van der Berg", "avdb@uni.example", "Mw. Van der Berg", "Mw. Van der [name]"),
    ("Anna van der Berg", "avdb@uni.example", "De berg van de buren en het dal", "De berg van de buren en het dal"),
    ("van den Broek, P.J.", "pjvdb@uni.example", "P.J. van den Broek", "P.J. van den [name]"),
    ("Jan-Willem de Vries", "jwdv@uni.example", "Jan-Willem de Vries; Willem", "[name]; [name]"),
    ("Jan-Willem de Vries", "jwdv@uni.example", "Groet van Jan-Willem", "Groet van [name]-[name]"),
    ("Siobhán O'Brien", "sob@uni.example", "Siobhán O'Brien, O'Brien", "[name], O'[name]"),
    ("prof. dr. Grace Hopper", "gh@uni.example", "prof. dr. Grace Hopper", "[name]"),
    ("prof. dr. Grace Hopper", "gh@uni.example", "The prof. and dr. Hopper", "The prof. and dr. [name]"),
    ("Dr. ir. Kees Visser MSc", "kv@uni.example", "Dr. Visser is MSc en ir.", "Dr. [name] is MSc en ir."),
    ("Mevrouw Yıldız", "yi@uni.example", "Mevrouw Yıldız vraagt dit.", "[name] vraagt dit."),
    ("José García", "jg@uni.example", "José García, GARCÍA, Jose\u0301", "[name]"),
    ("Jose\u0301 García", "jg@uni.example", "José", "[name]"),
    ("Łukasz Żuk", "lz@uni.example", "Łukasz, Żuk en żuk", "[name] en żuk"),
    ("Xi Wu", "xw@uni.example", "Xi Wu, Wu Xi, X. Wu", "[name], X. [name]"),
    ("Nguyễn Thị Minh", "ntm@uni.example", "Minh Nguyễn", "[name]"),
    ("王伟", "wangwei@uni.example", "I am 王伟 (Wangwei).", "I am [name] ([name])."),
    ("Fatima al-Zahra", "faz@uni.example", "Fatima al-Zahra; Al-Zahra", "[name]; Al-[name]"),
    ("E. Noether", "en@uni.example", "E. Noether en Emmy Noether", "[name] en Emmy [name]"),
    ("", "ada.lovelace@uni.example", "Ada Lovelace", "[name]"),
    ("", "a.lovelace@uni.example", "A. Lovelace", "A. [name]"),
    ("", "lovelace12@uni.example", "Lovelace", "[name]"),
    ("", "lovelace+desk@uni.example", "The desk of Lovelace", "The desk of [name]"),
    ("", "info@uni.example", "Info is what we need, and contact.", "Info is what we need, and contact."),
    ("", "secretariaat@uni.example", "Secretariaat", "Secretariaat"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "spec", "text", "left"), NAMES)
def test_a_name_of_whoever_asks_is_left_out(name: str, spec: str, text: str, left: str) -> None:
    assert hidden(text, address(spec, name)) == left


def test_the_names_of_everybody_on_the_askers_side_are_left_out() -> None:
    adviser = address("pat@uni.example", "Pat Noether")
    assert hidden("Ada and Pat Noether", ADA, adviser) == "[name] and [name]"


def test_of_nobody_there_is_nothing_to_leave_out() -> None:
    assert discreet("Ada Lovelace asks.", (), "", Language.EN) == Discreet("Ada Lovelace asks.")


def test_the_name_of_the_candidate_who_is_asked_about_stays() -> None:
    assert hidden("May Grace Hopper work here?", ADA) == "May Grace Hopper work here?"


# Mail addresses.


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Mail me at ada.lovelace@uni.example.", "Mail me at [address]."),
        ("<ADA.LOVELACE@UNI.EXAMPLE>", "<[address]>"),
        ("mailto:ada+desk@cs.uni.example?subject=x", "mailto:[address]?subject=x"),
        ("eve@elsewhere.example and bob_b@two.example", "[address] and [address]"),
        ("Cc: eve-b@a-b.example,bob@two.example;", "Cc: [address],[address];"),
        ("jürgen@müller.example", "[address]"),
        ("it's eve@elsewhere.example's", "it's [address]'s"),
        ("@ada on two platforms, 3 @ 4 euro, x@y", "@ada on two platforms, 3 @ 4 euro, x@y"),
    ],
)
def test_every_mail_address_is_left_out(text: str, left: str) -> None:
    assert hidden(text, address("ada@uni.example", "Ada Lovelace")) == left


# Telephone numbers.


@pytest.mark.parametrize(
    "number",
    [
        "0612345678",
        "06-12345678",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "020 1234567",
        "020-123 45 67",
        "+31612345678",
        "+31 6 12345678",
        "+31 (0)20 123 45 67",
        "0031 20 123 4567",
        "+44 20 7946 0958",
        "+1-202-555-0143",
        "+1 (202) 555-0143",
        "+49 (0) 30 1234567",
        "+86 10 1234 5678",
    ],
)
@pytest.mark.parametrize("around", ["Bel {}.", "T: {}\nF", "tel:{}", "{}, of mail", "({})", "{}"])
def test_a_telephone_number_is_left_out(number: str, around: str) -> None:
    assert hidden(around.format(number), language=Language.NL) == around.format("[nummer]")


@pytest.mark.parametrize(
    "text",
    [
        "op 1 juni 2026, om 10:30 uur",
        "2026-06-01 en 01-06-2026",
        "01-06-2026 tot 05-06-2026",
        "KV-2026-0042, zaak 0123",
        "een budget van 1.250.000,00 of 0,12345678 euro",
        "Verordening (EU) 2021/821, artikel 4",
        "ISBN 978-3-16-148410-0",
        "0.12345678 en 1.0123456789",
        "in 2026 met 12 promovendi en 3 laboratoria",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert discreet(text, (ADA,), UNIVERSITY, Language.NL) == Discreet(text)


# Institutions.


@pytest.mark.parametrize(
    ("institution", "text", "left"),
    [
        (UNIVERSITY, "At the University of Example we ask.", "At the [institution] we ask."),
        (UNIVERSITY, "university  of\nEXAMPLE's lab", "[institution]'s lab"),
        (UNIVERSITY, "A university of examples; another university", "A university of examples; another university"),
        ("Voorbeeldinstituut", "het voorbeeldinstituut", "het [institution]"),
        ("TU Voorbeeld", "De TU Voorbeeld en een TU", "De [institution] en een TU"),
        ("R&D (NL) B.V.+", "At R&D (NL) B.V.+ we ask.", "At [institution] we ask."),
        ("VU", "De VU en u", "De VU en u"),  # too short to be sure that it is a name
        ("", "De universiteit", "De universiteit"),
    ],
)
def test_the_name_of_the_institution_is_left_out(institution: str, text: str, left: str) -> None:
    assert hidden(text, ADA, institution=institution) == left


# What stands there instead.


@pytest.mark.parametrize(
    ("language", "left"),
    [
        (Language.NL, "[naam], [adres], [nummer], [instelling]"),
        (Language.EN, "[name], [address], [number], [institution]"),
        (Language.BOTH, "[naam], [adres], [nummer], [instelling]"),
    ],
)
def test_what_is_left_out_leaves_a_word_in_the_readers_language(language: Language, left: str) -> None:
    text = "Ada, ada@uni.example, 06-12345678, University of Example"
    assert hidden(text, ADA, institution=UNIVERSITY, language=language) == left


def test_everything_that_was_left_out_is_counted() -> None:
    text = "Ada Lovelace (Ada), ada@uni.example, 06-12345678, University of Example"
    assert discreet(text, (ADA,), UNIVERSITY, Language.EN).removed == 5


def test_two_names_in_a_row_leave_one_word_and_count_twice() -> None:
    assert discreet("Ada, Ada", (ADA,), "", Language.EN) == Discreet("[name]", 2)


# The signature.


@pytest.mark.parametrize(
    "closing",
    [
        "Met vriendelijke groet,",
        "Met vriendelijke groeten",
        "Met hartelijke groet,",
        "Vriendelijke groet,",
        "Groet,",
        "Groetjes!",
        "groeten",
        "Hoogachtend,",
        "mvg",
        "MVG,",
        "Alvast bedankt,",
        "Alvast hartelijk dank!",
        "Kind regards,",
        "With kind regards,",
        "Best regards",
        "Kindest regards,",
        "Warm regards",
        "Regards,",
        "Best wishes,",
        "All the best,",
        "Best,",
        "Cheers",
        "Yours sincerely,",
        "Yours faithfully,",
        "Sincerely,",
        "Sincerely yours,",
        "Thank you!",
        "Thanks in advance,",
        "Many thanks,",
        "  — Regards —",
        "*Groet*",
    ],
)
def test_a_text_ends_above_its_greeting(closing: str) -> None:
    signed = f"Dear desk,\n\nMay they?\n\n{closing}\n\nAda Lovelace\nProfessor of engines\nRoom 1.15, T 06-12345678"
    assert without_signature(signed) == "Dear desk,\n\nMay they?"


@pytest.mark.parametrize(
    "name",
    [
        "Ada",
        "Ada Lovelace",
        "A. Lovelace",
        "Anna van der Berg",
        "Prof. Ada Lovelace",
        "Groet, Ada",
        "Best, Ada",
        "Ada\nLovelace\n\n",
    ],
)
def test_a_text_ends_above_the_bare_name_below_it(name: str) -> None:
    assert without_signature(f"Dear desk,\n\nMay they?\n\n{name}") == "Dear desk,\n\nMay they?"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ada",
        "Groet,",
        "May they?",
        "Dear desk,\nMay they come from abroad?",
        "May they?\n\nThe answer is for Ada Lovelace.",
        "May they?\n\nYes or No?",
        "May they?\n\nDatum: Maandag 1 Juni",
        "May they?\n\nit is urgent",
        "He sends his best regards to you all.\n\nMay they?",
        "May they?\n\nAnna van der Berg Jansen Visser",
    ],
)
def test_without_greeting_and_name_all_of_it_is_the_text(text: str) -> None:
    assert without_signature(text) == text


def test_a_greeting_high_up_belongs_to_the_text() -> None:
    text = "Dear desk,\nThank you\n" + "May they?\n" * 15 + "yes?"
    assert without_signature(text) == text


def test_the_first_line_is_never_a_signature() -> None:
    assert without_signature("Kind regards\n\nAda") == "Kind regards"


# The names that a signature tells.


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("May they?\n\nKind regards,\n\nAda Lovelace\nRoom 1.15", ("Ada Lovelace",)),
        ("May they?\n\nGroet,\nAda\n", ("Ada",)),
        ("May they?\n\nAda Lovelace", ("Ada Lovelace",)),
        ("May they?\n\nMet vriendelijke groet,\n*Anna van der Berg*\nfaculteit techniek", ("Anna van der Berg",)),
        ("Yes.\n\nBest,\nAda\n\n> May they?\n>\n> Groet,\n> Grace Hopper\n> kamer 3", ("Ada", "Grace Hopper")),
        ("Yes.\n\nRegards,\nAda\n\nMay they?\n\nRegards,\nAda", ("Ada",)),
        ("May they?", ()),
        ("", ()),
        ("Ada", ("Ada",)),
        ("May they?\n\nGroet,\nnamens ons allen", ()),
        ("May they?\n\nGroet,", ()),
        ("May they?\n\nGroet,\n06-12345678", ()),
    ],
)
def test_whoever_signs_is_called_so(text: str, names: tuple[str, ...]) -> None:
    assert signed_names(text) == names


def test_such_a_name_is_left_out_like_that_of_an_address() -> None:
    found = discreet("Augusta Byron, and Byron again.", (ADA,), "", Language.EN, ("Augusta Byron",))
    assert found == Discreet("[name], and [name] again.", 2)


# Laws.

PEOPLE = [
    ("Ada", "Lovelace"),
    ("Mark", "Jansen"),
    ("Grace", "Hopper"),
    ("Will", "Bos"),
    ("Xi", "Wu"),
    ("José", "García"),
    ("Łukasz", "Żuk"),
    ("Siobhán", "Smit"),
    ("Fatima", "Zahra"),
    ("Yıldız", "Öztürk"),
    ("Mohammed", "Yu"),
    ("Minh", "Nguyễn"),
]
WORDS = [
    *("the", "mark", "of", "a", "grant,", "will", "walk", "het", "dal", "in;", "may", "they", "work", "here?", "Laser"),
    *("3D", "2026", "(EU)", "-", "“quoted”", ">", ".", "!", "\n"),
]
GAPS = [" ", "  ", "\n", ", ", ". ", " (", ") ", "\n> ", "; "]
people = st.sampled_from(PEOPLE)
parts_of_domains = st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9]", fullmatch=True)
addresses = st.builds(
    lambda local, labels: f"{local}@{'.'.join(labels)}.example",
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,20}", fullmatch=True),
    st.lists(parts_of_domains, min_size=1, max_size=4),
)
numbers = st.sampled_from(["06-12345678,", "+31 20 123 45 67;", "0031 6 1234 5678:"])


def spellings(first: str, last: str) -> list[str]:
    whole = [f"{first} {last}", f"{last}, {first}", f"{first[0]}. {last}", f"{first}\n> {last}", first, last]
    return [*whole, *(each.upper() for each in whole)]


@st.composite
def texts(draw: st.DrawFn, first: str, last: str) -> str:
    """Words, with the name in all its spellings, addresses and numbers between them."""
    piece = st.one_of(st.sampled_from(WORDS), st.sampled_from(spellings(first, last)), addresses, numbers)
    pieces = draw(st.lists(piece, max_size=25))
    gaps = draw(st.lists(st.sampled_from(GAPS), min_size=len(pieces), max_size=len(pieces)))
    return "".join(f"{piece}{gap}" for piece, gap in zip(pieces, gaps, strict=True))


@given(st.data(), people, st.sampled_from(Language))
def test_no_name_and_no_address_of_the_asker_is_ever_left(
    data: st.DataObject, who: tuple[str, str], language: Language
) -> None:
    first, last = who
    person = address("someone@uni.example", f"{first} {last}")
    left = hidden(data.draw(texts(first, last)), person, language=language)
    for part in (first, last):
        assert not re.search(rf"(?<!\w)(?:{part}|{part.upper()})(?!\w)", left)
    assert "@" not in left
    assert not re.search(r"\d{5}", left)


@given(st.data(), people, people)
def test_done_twice_there_is_nothing_more_to_leave_out(
    data: st.DataObject, who: tuple[str, str], other: tuple[str, str]
) -> None:
    both = [address("someone@uni.example", " ".join(each)) for each in (who, other)]
    once = discreet(data.draw(texts(*who)), both, UNIVERSITY, Language.NL)
    assert discreet(once.text, both, UNIVERSITY, Language.NL) == Discreet(once.text)


@given(st.lists(st.sampled_from(WORDS), max_size=40), people)
def test_ordinary_words_stay_as_they_are(words: list[str], who: tuple[str, str]) -> None:
    text = " ".join(words)
    assert discreet(text, (address("someone@uni.example", " ".join(who)),), UNIVERSITY, Language.EN) == Discreet(text)


@given(st.text(max_size=300))
def test_whatever_stands_in_a_text_without_names_only_its_form_may_change(text: str) -> None:
    found = discreet(text, (), "", Language.EN)
    if "@" not in text and not re.search(r"\d", text):
        assert found == Discreet(unicodedata.normalize("NFC", text))


@given(st.text(st.sampled_from("Groet,Ada \n.-"), max_size=200))
def test_a_text_without_its_signature_is_the_beginning_of_it(text: str) -> None:
    assert text.startswith(without_signature(text))


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a.",
        "a@",
        "a@a.",
        "a-a.",
        "@a.b",
        "+31 ",
        "0 ",
        "01 ",
        "0(",
        "Ada ",
        "Ada,",
        "Ada\n> ",
        "Ada",
        "> ",
        "[name] ",
        "University of ",
        "met ",
        "met groet\n",
        "Groet ",
        "\n",
        "A ",
        "e\u0301",
        "9",
        "_",
    ],
)
def test_a_hostile_text_comes_to_an_end(piece: str) -> None:
    text = piece * (HOSTILE // len(piece))
    assert discreet(without_signature(text), (ADA,), UNIVERSITY, Language.EN).text is not None
