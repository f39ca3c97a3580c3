"""What staff may not send without a second thought is found before it leaves, and ordinary answers pass."""

from __future__ import annotations

import base64
import hashlib
import io
import random
import textwrap
import time
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.address import Address
from ksmail.capability import Audience
from ksmail.desk.leaks import Leak, LeakKind
from ksmail.outgoing import tracked
from ksmail.outgoing.leak import LONGEST_LINE, MOST_OF_A_KIND, File, Known, find_leaks
from ksmail.reference import Reference
from tests.builders import keyring

ASKER = Address("asker", "uni.example", "An Asker")
DESK = Address("desk", "loket.example")
CASE = Known(
    reference=Reference("KV", 2026, 41),
    prefix="KV",
    shared=(),
    internal=(),
    partner=(),
    people=(ASKER, DESK),
    own_domains=("loket.example",),
)
NOTE = "Volgens de inlichtingendienst financiert een defensiebedrijf deze promovendus via een stroman."
CANARY = "financiert een defensiebedrijf deze promovendus via een stroman"
MEGABYTE = 1024 * 1024
WML = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def leaks(text: str = "", *files: File, known: Known = CASE) -> list[tuple[str, str]]:
    return [(leak.kind.value, leak.line) for leak in find_leaks(text, files, known)]


def kinds(text: str = "", *files: File, known: Known = CASE) -> list[str]:
    return [kind for kind, _ in leaks(text, *files, known=known)]


def noted(*internal: str, shared: tuple[str, ...] = ()) -> Known:
    return replace(CASE, internal=internal, shared=shared)


def packed(members: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def document(body: str, space: str = WML, prefix: str = "w", **others: str | bytes) -> bytes:
    colon = f":{prefix}" if prefix else ""
    root = f"{prefix}:document" if prefix else "document"
    return packed({"word/document.xml": f'<{root} xmlns{colon}="{space}">{body}</{root}>', **others})


def docx(body: str, name: str = "brief.docx") -> File:
    return File(name, DOCX, document(body))


def plain(text: str, name: str = "bijlage.txt", kind: str = "text/plain") -> File:
    return File(name, kind, text.encode())


# --- words of a note


def test_a_sentence_of_a_note_is_found_and_its_line_is_named() -> None:
    text = f"Geachte mevrouw,\n\nWij {CANARY}.\n\nMet vriendelijke groet"
    assert leaks(text, known=noted(NOTE)) == [("internal", f"Wij {CANARY}.")]


@pytest.mark.parametrize(
    "changed",
    [
        CANARY.upper(),
        "\n".join(CANARY.split()),
        "> financiert een defensiebedrijf\n> deze promovendus via\n> een stroman",
        "- financiert een defensiebedrijf\n- deze promovendus\n- via een stroman",
        CANARY.replace(" ", "\u00a0"),
        CANARY.replace("a", "a\u200b").replace("e", "\u2060e"),
        CANARY.replace("ie", "i\u00ade"),
        CANARY.replace("deze", "“deze”").replace("stroman", "‘stroman’…"),
        CANARY.replace("een ", "een, ").replace("via", "(via)"),
        "*financiert* _een_ **defensiebedrijf** deze promovendus via `een` stroman",
        CANARY.replace("financiert", "ﬁnanciert"),
        CANARY.replace("e", "e\u0301"),
        CANARY.replace("o", "ö"),
        CANARY.replace("stroman", "\u202estroman\u202c"),
    ],
)
def test_a_copied_sentence_is_found_in_any_dress(changed: str) -> None:
    assert kinds(f"Beste,\n{changed}\nGroet", known=noted(NOTE)) == ["internal"]


def test_a_note_in_any_dress_is_found_as_well() -> None:
    note = "> financiert een\r\n> Defensie\u00adbedrijf\u00a0DEZE\r> promovendus\x0bvia een stroman"
    assert kinds(CANARY, known=noted(note)) == ["internal"]


def test_six_words_in_a_row_are_enough_and_five_are_not() -> None:
    assert kinds("een defensiebedrijf deze promovendus via een", known=noted(NOTE)) == ["internal"]
    assert kinds("een defensiebedrijf deze promovendus via", known=noted(NOTE)) == []


def test_the_piece_of_a_long_paragraph_is_named() -> None:
    [(kind, line)] = leaks("vooraf iets anders " * 60 + CANARY + " en nog wat anders" * 60, known=noted(NOTE))
    assert kind == "internal"
    assert "defensiebedrijf" in line
    assert len(line) <= LONGEST_LINE


def test_each_passage_is_named_once() -> None:
    text = f"Een.\n{NOTE}\nTwee heel andere woorden hier.\n{CANARY}\nDrie."
    assert leaks(text, known=noted(NOTE)) == [("internal", NOTE), ("internal", CANARY)]


def test_words_of_several_notes_that_meet_are_one_passage() -> None:
    assert len(kinds(f"{NOTE} {NOTE}", known=noted(f"{NOTE} {NOTE}", NOTE))) == 1


@pytest.mark.parametrize(
    "note", ["Paspoort lijkt vervalst", "Bel de recherche hierover", "Do not trust him", "He works for the CIA"]
)
def test_a_short_note_that_stands_whole_in_the_text_is_found(note: str) -> None:
    text = f"Beste, wij zeggen:\n{note.upper()}!\nTot ziens"
    assert leaks(text, known=noted(note)) == [("internal", f"{note.upper()}!")]


@pytest.mark.parametrize(
    "note", ["Ja", "Is goed", "Vervalst paspoort", "Dat is ok", "Dat weten wij nog niet", "Dank u wel"]
)
def test_a_note_of_few_or_common_words_is_not_looked_for(note: str) -> None:
    assert kinds(f"Beste, {note}. Groet", known=noted(note)) == []


@pytest.mark.parametrize("note", ["Hij is ook lid van de PLA", "Dat heeft hem 7500 per jaar gegeven"])
def test_one_word_that_says_something_is_enough_in_six(note: str) -> None:
    assert kinds(note.lower(), known=noted(f"{note}. Meer weten wij niet.")) == ["internal"]


def test_half_a_short_note_is_no_leak() -> None:
    assert kinds("Het paspoort lijkt in orde", known=noted("Paspoort lijkt vervalst")) == []


@pytest.mark.parametrize(
    "stock",
    [
        "Met vriendelijke groet,",
        "Kind regards,",
        "U krijgt uiterlijk op vrijdag 12 maart 2027 antwoord van ons.",
        "You will receive an answer by Friday 12 March 2027 at the latest.",
        "Hartelijk dank voor uw bericht. Wij hebben uw vraag ontvangen.",
        "Thank you for your message. We have received your question.",
        "Als u nog vragen heeft, neem dan contact met ons op.",
        "If you have any questions, please do not hesitate to contact us.",
    ],
)
def test_stock_phrases_leak_nothing(stock: str) -> None:
    assert kinds(f"Geachte heer,\n{stock}\n", known=noted(f"Concept:\n{stock}\nDit kan zo weg.")) == []


def test_the_same_names_below_a_note_and_below_the_answer_leak_nothing() -> None:
    names = "Met vriendelijke groet,\n\nPieter Jansen\nLoket Kennisveiligheid, Dienst voor Kennis\nTelefoon 000 1234567"
    assert kinds(f"Dat mag.\n\n{names}", known=noted(f"Ik twijfel hieraan.\n{names}")) == []


def test_what_follows_the_names_in_a_note_is_looked_for() -> None:
    assert kinds(CANARY, known=noted(f"Eens.\n\nGroet,\nPiet\n\n{NOTE}")) == ["internal"]


def test_an_answer_on_the_same_subject_in_other_words_passes() -> None:
    text = "Wij raden u aan om de financiering van deze promovendus te onderzoeken voordat u het contract tekent."
    assert kinds(text, known=noted(NOTE, "De financiering van de promovendus vertrouw ik niet.")) == []


def test_the_askers_own_question_may_be_repeated() -> None:
    question = "Mag een promovendus met een beurs van een defensiebedrijf in ons laboratorium werken?"
    note = f"De vraag is: {question} Mijn antwoord is nee."
    assert kinds(f"U vroeg:\n> {question}\nMijn antwoord is nee.", known=noted(note, shared=(question,))) == []


def test_what_a_note_adds_to_the_question_is_found() -> None:
    question = "Mag een promovendus met een beurs van een defensiebedrijf in ons laboratorium werken?"
    known = noted(f"{question} Spionage, adviseer weigering.", shared=(question,))
    assert leaks(f"{question}\nSpionage, adviseer weigering.", known=known) == [
        ("internal", "Spionage, adviseer weigering.")
    ]


def test_words_that_come_from_two_shared_texts_are_known() -> None:
    shared = ("Onze promovendus krijgt financiering", "het defensiebedrijf levert apparatuur")
    assert kinds(" ".join(shared), known=noted(" ".join(shared), shared=shared)) == []


def test_the_words_of_a_partner_are_found_as_such() -> None:
    known = replace(CASE, partner=(NOTE,))
    assert leaks(f"Beste,\n{NOTE}", known=known) == [("partner", NOTE)]


def test_what_is_both_a_note_and_a_partners_is_found_as_both() -> None:
    assert kinds(NOTE, known=replace(CASE, partner=(NOTE,), internal=(NOTE,))) == ["internal", "partner"]


def test_a_partners_name_below_his_letter_is_not_for_the_asker() -> None:
    signature = "Met vriendelijke groet,\nKarel Geheimpje\nAfdeling Contraspionage, Bureau Noordzee"
    assert kinds(f"Bel eens met {signature}", known=replace(CASE, partner=(f"Akkoord.\n{signature}",))) == ["partner"]


def test_an_empty_text_and_empty_notes_are_fine() -> None:
    assert kinds("", known=noted("", "\n", shared=("",))) == []


letters = st.text("bcdfghjklmnpqrstvwxz", min_size=6, max_size=10)
sentences = st.lists(letters, min_size=8, max_size=20, unique=True)
prose = st.text("abc xyz.,\n>é\u00a0\u200b-“", max_size=200)


@given(sentences, prose, prose, prose, st.integers(12, 80), st.randoms(use_true_random=False))
def test_a_canary_is_always_found(
    canary: list[str], before: str, after: str, elsewhere: str, width: int, chance: random.Random
) -> None:
    note = f"{elsewhere}\n{' '.join(canary)}.\n{elsewhere}"
    dressed = " ".join(word.upper() if chance.random() < 0.5 else word.title() for word in canary)
    wrapped = "\n".join(chance.choice(["", "> ", "  - "]) + line for line in textwrap.wrap(dressed, width))
    assert "internal" in kinds(f"{before}\n{wrapped}\n{after}", known=noted(note, shared=(elsewhere,)))


@given(st.lists(st.text("ab \n.", max_size=30), min_size=1, max_size=5), st.data())
def test_shared_texts_are_never_words_of_a_note(shared: list[str], data: st.DataObject) -> None:
    told = tuple(text.replace("a", "alfabet").replace("b", "bravo") for text in shared)
    text = "\n".join(data.draw(st.permutations(told)))
    assert kinds(text, known=noted(text, " ".join(told), shared=told)) == []


@given(
    st.text() | st.text("a@.-'é漢\u0130\u05d0ß+%4") | st.text("KVkv-2026.as>\n "),
    st.text(),
    st.binary(max_size=200),
    st.sampled_from(["a.docx", "a.odt", "a.eml", "a.html", "", "a"]),
)
def test_nothing_makes_it_stumble_and_every_line_is_one(text: str, note: str, data: bytes, name: str) -> None:
    for leak in find_leaks(text, [File(name, "", data)], noted(note, text[:5])):
        assert len(leak.line) <= LONGEST_LINE
        assert len(leak.line.splitlines()) <= 1


# --- tokens


def token(subject: str = "KV-2026-0041") -> str:
    return keyring().issue(subject, Audience.STAFF, DESK)


def test_a_token_is_found_and_not_repeated() -> None:
    text = f"Dag,\nAntwoord aan desk+{token()}@loket.example graag."
    assert leaks(text) == [("token", "Antwoord aan desk+kv-2026-0041…@loket.example graag.")]


@pytest.mark.parametrize("subject", ["Q-17", "C-3", "KV-2026-0041"])
def test_a_token_of_any_subject_is_found(subject: str) -> None:
    assert kinds(f"Zie {token(subject)}.") == ["token"]


def test_a_token_that_the_recipient_has_is_found_as_well() -> None:
    assert kinds(token(), known=replace(CASE, shared=(token(),))) == ["token"]


@pytest.mark.parametrize("at", [3, 8, 15, 30, 45])
def test_a_folded_token_is_found_on_the_line_where_it_begins(at: int) -> None:
    text = f"Beste groeten\n> {token()[:at]}\n> {token()[at:]}\nHallo"
    [(kind, line)] = leaks(text)
    assert kind == "token"
    assert line.startswith("> kv-")


@pytest.mark.parametrize(
    "dressed",
    [
        f"mailto:desk%2B{token().replace('-', '%2D')}@loket.example?subject=hallo",
        token().upper(),
        token().replace(".", "\u200b."),
        token().replace("-", "\u2011"),
    ],
)
def test_a_token_is_found_in_any_dress(dressed: str) -> None:
    assert kinds(f"Klik {dressed} hier") == ["token"]


@given(st.integers(0, 70))
def test_a_token_far_down_is_found_wherever_a_window_ends(back: int) -> None:
    assert kinds("lang " * 13_100 + " " * back + token()) == ["token"]


def test_a_token_in_a_link_of_an_html_file_is_found() -> None:
    html = f'<p>Dag</p><a href="mailto:desk+{token()}@loket.example">antwoord</a>'
    assert kinds("", plain(html, "brief.html", "text/html")) == ["token"]


def test_a_token_in_a_link_of_a_document_is_found() -> None:
    rels = f'<Relationships><Relationship Target="mailto:desk+{token()}@loket.example"/></Relationships>'
    data = document("", **{"word/_rels/document.xml.rels": rels})
    assert kinds("", File("a.docx", DOCX, data)) == ["token"]


@pytest.mark.parametrize("encoded", [False, True])
def test_a_token_in_an_enclosed_mail_is_found(encoded: bool) -> None:
    body = f"Order by answering.\nmailto:desk+{token()}@loket.example\n".encode()
    body = base64.encodebytes(body) if encoded else body.replace(b".a", b"=\r\n.a")
    mail = b"Subject: New question\r\nContent-Type: text/plain\r\n\r\n" + body
    assert kinds("", File("mail.eml", "message/rfc822", mail)) == ["token"]


def test_a_token_in_the_name_of_a_file_is_found() -> None:
    assert kinds("", plain("x", f"{token()}.txt")) == ["token"]


def test_nobody_may_override_a_token_a_marking_or_a_sealed_file() -> None:
    kept = [LeakKind.TOKEN, LeakKind.MARKING, LeakKind.SEALED]
    assert [kind for kind in LeakKind if not Leak(kind, "").overridable] == kept


@pytest.mark.parametrize("text", ["Dit is Dep.V.", "DEPARTEMENTAAL\nVERTROUWELIJK", "> nato restricted <"])
def test_a_marking_is_found_and_nothing_but_its_own_words_is_shown(text: str) -> None:
    marked = replace(CASE, markings=("Departementaal Vertrouwelijk", "Dep.V.", "NATO RESTRICTED"))
    (leak,) = find_leaks(f"Beste Ada,\n\n{text}\nGeheime zaken.", [], marked)
    assert leak.kind is LeakKind.MARKING
    assert leak.line in marked.markings


def test_a_marking_inside_a_file_is_found_too() -> None:
    marked = replace(CASE, markings=("Dep.V.",))
    (leak,) = find_leaks("Zie bijlage.", [plain("Dep.V.\n\nGeheime zaken.")], marked)
    assert (leak.kind, leak.line.endswith(": Dep.V.")) == (LeakKind.MARKING, True)


# --- numbers of other tickets


@pytest.mark.parametrize(
    "number",
    ["KV-2026-0042", "kv-2026-0042", "KV\u20112026\u20110042", "KV–2025–0041", "KV-2026-\n0042", "KV-\n> 2026-42"],
)
def test_the_number_of_another_ticket_is_found(number: str) -> None:
    assert kinds(f"Zie ook {number}, graag.") == ["reference"]


def test_the_line_with_the_number_is_named() -> None:
    assert leaks("Dag,\nDit lijkt op KV-2026-0042.\nGroet") == [("reference", "Dit lijkt op KV-2026-0042.")]


@pytest.mark.parametrize(
    "fine", ["KV-2026-0041", "kv-2026-00041", "MKV-2026-0042", "XX-2026-0042", "KV-2026", "KV-26-0042"]
)
def test_the_own_number_and_what_is_no_number_of_ours_pass(fine: str) -> None:
    assert kinds(f"Uw nummer is {fine}.") == []


def test_a_number_that_the_asker_named_passes() -> None:
    known = replace(CASE, shared=("Dit gaat over kv-2026-0042.",))
    assert kinds("Over KV-2026-0042 schreven wij u. Niet over KV-2026-0043.\n", known=known) == ["reference"]
    assert kinds("Over KV-2026-0042 schreven wij u.", known=known) == []


def test_a_number_in_a_file_and_in_its_name_is_found() -> None:
    assert leaks("", plain("Zie KV-2026-0042", "KV-2026-0043.txt")) == [
        ("reference", "KV-2026-0043.txt"),
        ("reference", "KV-2026-0043.txt: Zie KV-2026-0042"),
    ]


# --- mail addresses


@pytest.mark.parametrize(
    "stranger",
    [
        "jan@elders.example",
        "<Jan.de-Vries+werk@elders.example>.",
        "https://zoek.example/?mail=jan%40elders.example&x=1",
        "https://zoek.example/?mail=jan@elders.example",
        "https://jan@elders.example/",
        "mailto:jan@elders.example?subject=x",
        "jan＠elders.example",
        "jan\u200b@elders.example",
        "jan@bücher.example",
        "jürgen@elders.example",
        "'jan@elders.example'",
        "asker@andere.uni.example",
        "x" * 500 + " jan@elders.example",
    ],
)
def test_the_address_of_a_stranger_is_found(stranger: str) -> None:
    assert kinds(f"Vraag het {stranger} eens") == ["address"]


def test_the_line_with_the_address_is_named() -> None:
    assert leaks("Dag,\nBel jan@elders.example\nGroet") == [("address", "Bel jan@elders.example")]


@pytest.mark.parametrize(
    "fine",
    [
        "asker@uni.example",
        "ASKER@Uni.Example",
        "asker+werk@uni.example",
        "desk@loket.example",
        "pieter@post.loket.example",
        "https://video.example/@kanaal",
        "pakket@2.0",
        "@jan",
        "jan@",
        "a@b",
    ],
)
def test_people_of_the_case_and_what_is_no_mailbox_pass(fine: str) -> None:
    assert kinds(f"Mail {fine} gerust.") == []


def test_an_address_that_the_asker_named_passes() -> None:
    known = replace(CASE, shared=("Mijn collega is Jan@Elders.example.",))
    assert kinds("Wij nemen jan@elders.example mee in het antwoord.", known=known) == []


def test_addresses_in_a_file_pass() -> None:
    assert kinds("", plain("info@elders.example")) == []


def test_no_kind_fills_the_page() -> None:
    text = "\n".join(f"jan{number}@elders.example" for number in range(1000))
    assert len(leaks(text)) == MOST_OF_A_KIND


# --- files


def test_a_sealed_file_is_found_whatever_its_name() -> None:
    data = b"\x89PNG sealed"
    known = replace(CASE, sealed=frozenset({hashlib.sha256(data).hexdigest()}))
    assert leaks("", File("foto.png", "image/png", data), File("b", "", b"other"), known=known) == [
        ("sealed", "foto.png")
    ]


def test_a_sealed_file_in_an_archive_is_found() -> None:
    data = b"\x89PNG sealed"
    known = replace(CASE, sealed=frozenset({hashlib.sha256(data).hexdigest()}))
    archive = File("fotos.zip", "application/zip", packed({"a.png": b"x", "b/foto.png": data}))
    assert leaks("", archive, known=known) == [("sealed", "fotos.zip: b/foto.png")]


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [
        ("a.txt", "text/plain", NOTE.encode()),
        ("a.txt", "application/octet-stream", NOTE.encode("utf-16")),
        ("a.txt", "text/plain", NOTE.encode("utf-16-le")),
        ("a.csv", "text/csv", NOTE.replace(" ", ";").encode()),
        ("a.md", "text/markdown", f"**{NOTE}**".encode("cp1252")),
        ("notitie", "application/octet-stream", NOTE.encode()),
        ("a.html", "text/html", f"<p>{NOTE.replace('deze', '<b>de</b>ze')}</p>".encode()),
        ("a.html", "text/html", f"<p>Dag</p><!-- {NOTE} -->".encode()),
        ("a.html", "text/html", f'<img alt="{NOTE}">'.encode()),
        ("a.html", "text/html", NOTE.replace(" ", "&nbsp;").encode()),
        ("a.docx", DOCX, document(f"<w:p><w:r><w:t>{NOTE}</w:t></w:r></w:p>")),
        ("a.docx", DOCX, document("<w:p>" + "".join(f"<w:r><w:t>{part}</w:t></w:r>" for part in NOTE) + "</w:p>")),
        ("a.docx", DOCX, document("", **{"word/footnotes.xml": f'<f xmlns="{WML}"><t>{NOTE}</t></f>'})),
        ("a.odt", "", packed({"mimetype": "x", "content.xml": f"<a><p>{NOTE[:9]}<s>{NOTE[9:]}</s></p></a>"})),
        (
            "a.xlsx",
            "",
            packed({"[Content_Types].xml": "<a/>", "xl/sharedStrings.xml": f"<s><si><t>{NOTE}</t></si></s>"}),
        ),
        ("a.zip", "application/zip", packed({"b.txt": NOTE})),
        ("a.zip", "application/zip", packed({"b.docx": document(f"<w:t>{NOTE}</w:t>")})),
        ("a.eml", "message/rfc822", b"Subject: x\n\n" + base64.encodebytes(NOTE.encode())),
        ("a.eml", "", b"Subject: x\n\n" + NOTE.replace("deze", "d=\ne=7Ae").encode()),
    ],
)
def test_words_of_a_note_are_found_in_a_file(name: str, kind: str, content: bytes) -> None:
    [(found, line)] = leaks("", File(name, kind, content), known=noted(NOTE))
    assert found == "internal"
    assert line.startswith(f"{name}: ")
    assert "defensiebedrijf" in line


def test_the_words_of_a_partner_are_found_in_a_file() -> None:
    assert kinds("", plain(NOTE), known=replace(CASE, partner=(NOTE,))) == ["partner"]


def test_a_picture_is_not_read_for_words() -> None:
    data = b"\x89PNG\r\n\x1a\n\xff\x00" + NOTE.encode()
    assert kinds("", File("a.png", "image/png", data), known=noted(NOTE)) == []


CHANGES = ["ins", "del", "moveFrom", "moveTo", "rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "cellIns"]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("space", [WML, STRICT])
def test_a_document_with_a_tracked_change_is_found(change: str, space: str) -> None:
    data = document(f'<w:p><w:{change} w:id="1"/></w:p>', space)
    assert leaks("", File("brief.docx", DOCX, data)) == [("tracked", "brief.docx")]


@pytest.mark.parametrize("prefix", ["", "x", "anders"])
def test_any_prefix_will_do_for_a_change(prefix: str) -> None:
    change = f"{prefix}:ins" if prefix else "ins"
    assert kinds("", File("a.docx", DOCX, document(f"<{change}/>", prefix=prefix))) == ["tracked"]


def test_the_usual_prefix_bound_to_something_else_is_no_change() -> None:
    assert kinds("", docx('<w:p><x xmlns:w="urn:other"><w:ins/></x></w:p>')) == []


def test_words_about_changes_are_no_change() -> None:
    assert kinds("", docx("<w:p><w:r><w:t>&lt;w:ins&gt; is een wijziging</w:t></w:r><!-- <w:ins/> --></w:p>")) == []


def test_a_document_that_only_has_tracking_switched_on_passes() -> None:
    settings = f'<w:settings xmlns:w="{WML}"><w:trackRevisions/></w:settings>'
    assert kinds("", File("a.docx", DOCX, document("<w:p/>", **{"word/settings.xml": settings}))) == []


@pytest.mark.parametrize(("inside", "found"), [('<w:comment w:id="0"><w:p/></w:comment>', ["tracked"]), ("", [])])
def test_a_document_with_a_comment_is_found_and_an_empty_list_of_comments_passes(inside: str, found: list[str]) -> None:
    comments = f'<w:comments xmlns:w="{WML}">{inside}</w:comments>'
    assert kinds("", File("a.docx", DOCX, document("", **{"word/comments.xml": comments}))) == found


@pytest.mark.parametrize("name", ["brief.docm", "brief.dotx", "brief.pdf", "brief", "brief.zip"])
def test_a_document_is_known_by_its_content(name: str) -> None:
    assert kinds("", docx("<w:ins/>", name)) == ["tracked"]


def test_a_change_in_a_header_or_in_utf_16_counts() -> None:
    header = f'<?xml version="1.0" encoding="UTF-16"?><w:hdr xmlns:w="{WML}"><w:del/></w:hdr>'.encode("utf-16")
    others: dict[str, Any] = {"word/header1.xml": header}
    assert kinds("", File("a.docx", DOCX, document("", **others))) == ["tracked"]


@pytest.mark.parametrize(("name", "space"), [("changed-region", "text"), ("annotation", "office")])
def test_changes_and_comments_of_open_document_are_found(name: str, space: str) -> None:
    content = f'<a xmlns:o="urn:oasis:names:tc:opendocument:xmlns:{space}:1.0"><o:{name}/></a>'
    assert kinds("", File("a.odt", "", packed({"content.xml": content}))) == ["tracked"]


def test_a_document_in_an_archive_is_looked_into() -> None:
    archive = File("a.zip", "application/zip", packed({"b.docx": document("<w:ins/>")}))
    assert leaks("", archive) == [("tracked", "a.zip: b.docx")]


ENTITY = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a xmlns:w="{WML}">&x;</a>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def encrypted(data: bytes) -> bytes:
    """The same archive, in which every member says that it is encrypted."""
    changed = bytearray(data)
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(signature)
        while at >= 0:
            changed[at + flags] |= 1
            at = changed.find(signature, at + 4)
    return bytes(changed)


UNREADABLE = {
    "not a zip": ("brief.docx", b"nothing of the kind"),
    "empty": ("brief.odt", b""),
    "cut short": ("brief.docx", document("<w:p/>" * 100)[:-30]),
    "an older Word or an encrypted one": ("brief.doc", OLE + b"\0" * 100),
    "an encrypted one by another name": ("brief.bin", OLE + "EncryptedPackage".encode("utf-16-le")),
    "encrypted members": ("brief.docx", encrypted(document("<w:p/>"))),
    "an encrypted archive": ("a.zip", encrypted(packed({"a.png": b"x"}))),
    "broken XML": ("brief.docx", document("<w:p>")),
    "an external entity": ("brief.docx", packed({"word/document.xml": ENTITY})),
    "a member beyond the limit": ("brief.docx", document(" " * (tracked.MOST_OF_A_MEMBER + 1))),
    "too much together": (
        "brief.docx",
        document("", **{f"word/h{n}.xml": f"<a>{' ' * 9_000_000}</a>" for n in range(3)}),
    ),
    "too many members": ("brief.docx", document("", **{f"x/{n}": "" for n in range(tracked.MOST_MEMBERS)})),
    "too many elements": ("brief.docx", document("<w:p/>" * (tracked.MOST_ELEMENTS + 1))),
    "archives in archives": ("a.zip", packed({"b.zip": packed({"c.zip": packed({"d": "e"})})})),
    "a text without end": ("a.txt", b"x" * (tracked.MOST_CHARACTERS + 1)),
}


@pytest.mark.parametrize(("name", "data"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_cannot_be_looked_into_is_named(name: str, data: bytes) -> None:
    found = leaks("", File(name, "", data))
    assert [kind for kind, _ in found] == ["unreadable"]
    assert found[0][1].startswith(name)


@pytest.mark.parametrize("name", ["cijfers.xls", "scan.pdf", "foto.jpg", "geluid.mp3"])
def test_other_files_need_no_looking_into(name: str) -> None:
    assert kinds("", File(name, "", OLE + b"\0" * 100)) == []


def test_an_archive_that_breaks_half_way_keeps_what_was_seen() -> None:
    data = b"sealed" * 10
    known = replace(CASE, sealed=frozenset({hashlib.sha256(data).hexdigest()}))
    archive = packed({"a.bin": data, "b.zip": packed({"c.zip": packed({"d": "e"})})})
    assert kinds("", File("a.zip", "", archive), known=known) == ["sealed", "unreadable"]


def test_the_limit_of_unpacking_counts_for_all_files_together() -> None:
    large = document(" " * 3_000_000)
    found = leaks("", *[File(f"{number}.docx", DOCX, large) for number in range(9)])
    assert found == [("unreadable", "6.docx"), ("unreadable", "7.docx"), ("unreadable", "8.docx")]


@given(st.data())
def test_a_damaged_document_never_raises(data: st.DataObject) -> None:
    whole = document(f"<w:p><w:ins><w:t>{NOTE}</w:t></w:ins></w:p>")
    damaged = bytearray(whole)
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=8)):
        damaged[place] = data.draw(st.integers(0, 255))
    assert set(kinds("", File("a.docx", DOCX, bytes(damaged)))) <= {"tracked", "unreadable"}


def test_the_name_of_a_file_is_made_harmless() -> None:
    assert leaks("", docx("<w:ins/>", "a\n\u202eb" + "x" * 400)) == [("tracked", "a b" + "x" * 196 + "…")]


# --- time


def words(amount: int, seed: int) -> str:
    chance = random.Random(seed)
    vocabulary = ["".join(chance.choices("abcdeëfgh", k=chance.randint(1, 9))) for _ in range(5000)]
    return " ".join(chance.choices(vocabulary, k=amount // 6))


def test_a_megabyte_against_two_hundred_long_notes_is_quick() -> None:
    known = replace(CASE, internal=tuple(words(20_000, seed) for seed in range(200)), shared=(words(MEGABYTE, 1000),))
    text = words(MEGABYTE, 2000) + known.internal[7]
    start = time.process_time()
    assert kinds(text, known=known) == ["internal"]
    assert time.process_time() - start < 4


HOSTILE = {
    "marks": "e" + "\u0301\u0316" * (MEGABYTE // 2),
    "one word": "x" * MEGABYTE,
    "characters that become eighteen": "\ufdfa" * (MEGABYTE // 3),
    "at signs": "a@" * (MEGABYTE // 2),
    "domains": "a@" + "b." * (MEGABYTE // 2),
    "half numbers": "KV-2026-" * (MEGABYTE // 8),
    "numbers": "KV-2026-0042 " * (MEGABYTE // 13),
    "tags": "<a " * (MEGABYTE // 3),
    "white space": "KV- " + " " * MEGABYTE,
    "lines": "> \n" * (MEGABYTE // 3),
    "escapes": "%41" * (MEGABYTE // 3),
    "addresses": " ".join(f"p{number}@u{number}.example" for number in range(MEGABYTE // 25)),
    "the same word": "stroman " * (MEGABYTE // 8),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_takes_long(text: str) -> None:
    start = time.process_time()
    find_leaks(text, [plain(text, "a.html", "text/html")], noted("stroman " * 50))
    assert time.process_time() - start < 4
