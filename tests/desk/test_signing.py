"""How people end a mail and what they call themselves there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.desk.signing import folded, signed_names, without_signature

# Where a text ends.


@pytest.mark.parametrize(
    "closing",
    [
        "Met vriendelijke groet,",
        "Met vriendelijke groeten",
        "Met hartelijke groet,",
        "Vriendelijke groet,",
        "Met groet,",
        "Met\u00a0vriendelijke  groet,",
        "Hartelijke groeten,",
        "Groet,",
        "Groetjes!",
        "groeten",
        "Hoogachtend,",
        "mvg",
        "MVG,",
        "M.v.g.",
        "m.v.g,",
        "Bedankt!",
        "Hartelijk dank,",
        "Dank u wel,",
        "Dank alvast!",
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
        "Cheers",
        "Yours sincerely,",
        "Yours faithfully,",
        "Sincerely,",
        "Sincerely yours,",
        "Thank you!",
        "Thanks in advance,",
        "Thanks a lot!",
        "Thanks again,",
        "Many thanks,",
        "*Groet*",
        "_Kind regards,_",
        "> Groet,",
        "Met vriendelijke groet / Kind regards,",
        "Met vriendelijke groet, kind regards",
        "Thanks and regards,",
        # And a name behind it.
        "Groet, Ada",
        "groet ada",
        "Groeten van Ada Lovelace",
        "Mvg Ada",
        "mvg, A. Lovelace",
        "Kind regards, prof. dr. Ada Lovelace",
        "Regards - Ada Lovelace, professor of engines and of much else",
        "Cheers! Ada",
        "Thanks, Ada.",
        "Regards from Ada",
        "Met vriendelijke groet, namens de vakgroep",
        "Groet, mede namens Grace Hopper",
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
        "ir. J. Visser MSc",
        "*Ada*",
        "Ada Lovelace, professor of engines",
        "Prof. dr. ir. Anna Maria van der Berg",
        "Ada\n\n",
    ],
)
@pytest.mark.parametrize("text", ["Dear desk,\n\nMay they?", "May they.", "May they!", "May they? (They may.)"])
def test_a_text_ends_above_the_bare_name_below_it(name: str, text: str) -> None:
    assert without_signature(f"{text}\n\n{name}") == text


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
        "May they?\n\nOne Two Three Four Five Six Seven Eight Nine",
        "May they?\nAda Lovelace",  # no empty line above it
        "They are\n\nAda Lovelace",  # no sentence above it
        "The candidates:\n\nGrace Hopper",
        "The candidates.\n\nGrace Hopper\nAda Lovelace",
        "May they?\n\nAda\nLovelace",
        "May they?\n\nada",
        "Dank voor het snelle antwoord.",
        "May they?\nThank you for all that you did.",
        "May they?\nBestemd voor het loket",
        "May they?\nGroetenissen",
        "May they?\nRegards of the whole faculty to you",
        "Beste loket,\n\nDank u wel!\n\nWij willen een postdoc aannemen.\nGraag horen wij of dat mag.",
        "We have questions as\nregards China.\nPlease tell us.",
        "Kind regards\n\nAda",  # the first line is never a greeting
        "Groet, Ada",
    ],
)
def test_without_greeting_and_name_all_of_it_is_the_text(text: str) -> None:
    assert without_signature(text) == text


def test_a_greeting_high_up_belongs_to_the_text() -> None:
    text = "Dear desk,\nThank you\n" + "They may.\n" * 15 + "Yes."
    assert without_signature(text) == text


def test_a_greeting_above_a_question_belongs_to_the_text() -> None:
    text = "Dear desk,\n\nThank you!\n\nAnd may they come from abroad?"
    assert without_signature(text) == text
    assert without_signature(f"{text}\n\nRegards,\nAda") == text


def test_a_greeting_above_a_long_line_belongs_to_the_text() -> None:
    for length, whole in ((90, False), (91, True)):
        text = "Dear desk,\n\nThank you!\n\n" + "a" * length
        assert (without_signature(text) == text) is whole


def test_the_last_of_several_greetings_counts() -> None:
    for text in ("May they?\n\nThanks!", "Regards they send; may they?\n\nThanks!"):
        assert without_signature(f"{text}\n\nRegards,\nAda") == text


def test_a_question_to_everybody_below_a_name_is_part_of_the_signature() -> None:
    assert without_signature("May they?\n\nRegards,\nAda\nProfessor\n\nQuestions? See our page.") == "May they?"


@pytest.mark.parametrize("mark", ["PS", "PS:", "P.S.", "P.S. :", "ps", "p.s.", "P. S.", "  PS"])
def test_a_postscript_stays(mark: str) -> None:
    text = f"May they?\n\nKind regards,\n\nAda Lovelace\nRoom 1\n\n{mark} They are two.\nOr three."
    assert without_signature(text) == f"May they?\n\n{mark} They are two.\nOr three."


def test_what_only_begins_like_a_postscript_is_part_of_the_signature() -> None:
    assert without_signature("May they?\n\nGroet,\nAda\nPSV-laan 1\nPsychologie") == "May they?"


# The names that a signature tells.


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("May they?\n\nKind regards,\n\nAda Lovelace\nRoom 1.15", ("Ada Lovelace",)),
        ("May they?\n\nGroet,\nAda\n", ("Ada",)),
        ("May they?\n\nAda Lovelace", ("Ada Lovelace",)),
        ("May they?\n\nMet vriendelijke groet,\n*Anna van der Berg*\nfaculteit techniek", ("Anna van der Berg",)),
        ("Yes.\n\nCheers,\nAda\n\n> May they?\n>\n> Groet,\n> Grace Hopper\n> kamer 3", ("Ada", "Grace Hopper")),
        ("Yes.\n\nRegards,\nAda\n\nMay they?\n\nRegards,\nAda", ("Ada",)),
        ("May they?", ()),
        ("", ()),
        ("Ada", ()),
        ("May they?\nAda", ()),
        ("They are\n\nAda", ()),
        ("May they?\n\nGroet, Ada", ("Ada",)),
        ("May they?\n\nGroet, ada", ()),
        ("May they?\n\nGroeten van Ada Lovelace", ("Ada Lovelace",)),
        ("May they?\n\nMvg Ada", ("Ada",)),
        ("May they?\n\nRegards, Ada\nAda Lovelace", ("Ada", "Ada Lovelace")),
        ("May they?\n\nGroet, mede namens Grace\nAda", ("Grace", "Ada")),
        ("May they?\n\nMet vriendelijke groet / Kind regards,\n\nAda", ("Ada",)),
        ("Groet, Ada", ("Ada",)),
        ("Kind regards\n\nAda", ("Ada",)),
        ("May they?\n\nRegards,\nAda Lovelace, professor\nRoom 1", ("Ada Lovelace",)),
        ("May they?\n\nRegards,\nProf. dr. Ada Lovelace MSc", ("Ada Lovelace",)),
        ("May they?\n\nGroet,\nmevrouw drs. A. van der Berg", ("A. van der Berg",)),
        ("May they?\n\nGroet,\nmw. ing. Li Ma, ma", ("Li Ma",)),
        ("May they?\n\nGroet,\nIng Chen ba", ("Ing Chen",)),
        ("May they?\n\nDr. A. (Ada) Lovelace", ("A. Ada Lovelace",)),
        ("May they?\n\nRegards,\nthe desk", ()),
        ("May they?\n\nRegards,\nAda works here?", ()),
        ("May they?\n\nRegards,\nprof.", ()),
        ("My name is Ada Lovelace. May they?", ("Ada Lovelace",)),
        ("My name is Ada Lovelace, and I ask.", ("Ada Lovelace",)),
        ("My name is A. B. Lovelace-King; may they?", ("A. B. Lovelace-King",)),
        ("Hello, my name is Ada from abroad", ("Ada",)),
        ("Mijn naam is Anna van der Berg. Mag het?", ("Anna van der Berg",)),
        ("Ik heet Anna! Mag het?", ("Anna",)),
        ("ik heet\nAnna. Mag het?", ("Anna",)),
        ("Mijn naam is D'Arcy.", ("D'Arcy",)),
        ("My name is on the list.", ()),
        ("Mijn naam is bekend; ik heet u welkom.", ()),
        ("My name is Ada. Regards, Ada\n\nRegards,\nAda Lovelace", ("Ada", "Ada Lovelace")),
        ("My name is\n> Ada", ("Ada",)),
        ("mijn naam is ada en dit is mijn vraag", ("ada",)),
        ("ik heet" + "\n" * 10 + " ", ()),
        ("May they?\n\nRegards,\nAda & Grace Lovelace", ("Ada", "Grace Lovelace")),
        ("May they?\n\nAda en Grace Lovelace", ("Ada", "Grace Lovelace")),
        ("May they?\n\nGroet, namens Grace en Kim", ("Grace", "Kim")),
        ("may they?\n\ngroet,\nada", ("ada",)),
        ("may they?\n\ngroet,\nkamer 3", ()),
        ("thanks\nps soon", ()),
        ("May they?\n\nGroet,\nnamens ons allen", ()),
        ("May they?\n\nGroet,", ()),
        ("May they?\n\nGroet,\n06-12345678", ()),
    ],
)
def test_whoever_signs_is_called_so(text: str, names: tuple[str, ...]) -> None:
    assert signed_names(text) == names


def test_the_last_greeting_counts_however_many_there_are() -> None:
    names = signed_names("mvg\nAda\n" * 30 + "\nMay they?\n\nKind regards,\n\nGrace")
    assert names == ("Ada", "Grace")


def test_of_a_hostile_mail_not_all_names_are_learned() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    assert len(signed_names("".join(f"mvg\nA{a}{b}\n" for a in letters for b in letters))) == 21


@pytest.mark.parametrize(
    ("word", "plain"),
    [
        ("Yıldız", "yildiz"),
        ("YILDIZ", "yildiz"),
        ("İnci", "inci"),
        ("Łukasz", "lukasz"),
        ("Zoë", "zoe"),
        ("IJsbrand", "ijsbrand"),
        ("\u0132sbrand", "ijsbrand"),
        ("O’Brien", "o'brien"),
        ("Strauß", "strauss"),
        ("王伟", "王伟"),
    ],
)
def test_a_word_is_the_same_without_case_and_marks(word: str, plain: str) -> None:
    assert folded(word) == plain


# Laws.


@given(st.text(st.sampled_from("Groet,Ada \n.-"), max_size=200))
def test_a_text_without_its_signature_is_the_beginning_of_it(text: str) -> None:
    assert text.lstrip("\n").startswith(without_signature(text).lstrip("\n"))


lines = st.sampled_from(
    ["Dear desk,", "May they?", "They may.", "", "met groet,", "groet, Ada", "Ada Lovelace", "PS soon.", "ps", "a" * 99]
)


@given(st.lists(lines, max_size=25))
def test_without_its_signature_a_text_has_no_other_lines_and_keeps_its_questions(drawn: list[str]) -> None:
    rest = iter(drawn)
    left = without_signature("\n".join(drawn)).split("\n")
    assert all(line in rest for line in left if line)
    assert left.count("May they?") == drawn.count("May they?")


@given(st.lists(lines, max_size=25))
def test_whoever_signs_is_called_by_words_of_the_text(drawn: list[str]) -> None:
    text = "\n".join(drawn)
    small = {"a" * 99} if text == text.lower() else set()  # without capitals, what stands below a greeting is a name
    assert set(signed_names(text)) <= {"Ada", "Ada Lovelace"} | small
