"""The new words of a reply: a corpus of mail programs and languages, named behaviours, and what always holds."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.incoming.limits import Limits
from ksmail.incoming.parse import parse
from ksmail.incoming.reply import MOST_LINES, Reply, trim

REPLIES = Path(__file__).parent.parent / "mails" / "replies"
SAMPLES = sorted(path for path in REPLIES.iterdir() if not path.name.endswith(".expected.txt"))
OLDER = ("(ouder)", "(older)", "(älter)", "(ancien)")  # stands in the quoted words of every sample

WROTE = "Op ma 1 jun 2026 om 10:02 schreef Ada <ada@uni.example>:"
HEADERS = "Van: Ada <ada@uni.example>\nVerzonden: maandag 1 juni 2026 10:02\nAan: Loket\nOnderwerp: Vraag\n\n"
NOTICE = "This e-mail is intended for the addressee only. If that is not you, then please tell us, and destroy it.\n"


def text_of(sample: Path) -> str:
    """The text that a mail with this body has."""
    content = sample.read_text(encoding="utf-8")
    kind = "html" if sample.suffix == ".html" else "plain"
    head = f"From: ada@uni.example\nContent-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
    return parse((head + content).encode(), Limits()).text


def words(*texts: str) -> list[str]:
    return sorted(" ".join(texts).replace("-", " ").split())


# --- the corpus


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_a_mail_program_and_a_language(sample: Path) -> None:
    expected = (REPLIES / f"{sample.stem}.expected.txt").read_text(encoding="utf-8").rstrip("\n")
    assert trim(text_of(sample)).own == expected


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_nothing_older_leaves_with_words_that_are_sent_on(sample: Path) -> None:
    reply = trim(text_of(sample), strict=True)
    assert not any(mark in reply.own for mark in OLDER)
    assert ">" not in reply.own
    assert set(words(reply.own)) <= set(words(trim(text_of(sample)).own))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_every_word_of_a_sample_is_in_one_of_the_three(sample: Path) -> None:
    text = text_of(sample)
    for strict in (False, True):
        reply = trim(text, strict=strict)
        assert words(reply.own, reply.quoted, reply.signature) == words(text)


# --- where it keeps more


def test_a_mail_that_quotes_nothing_is_all_own() -> None:
    assert trim("Dear desk,\n\nmay I?\n\nAda\n") == Reply("Dear desk,\n\nmay I?\n\nAda")


def test_indents_and_empty_lines_between_own_words_stay() -> None:
    assert trim("\n\n    one\n\n\n\ttwo  three\n\n").own == "    one\n\n\n\ttwo  three"


def test_answers_between_quoted_lines_keep_what_they_answer() -> None:
    reply = trim(f"{WROTE}\n> Who?\n\nAda.\n\n> When?\n\nSoon.\n\n> Regards\n")
    assert reply == Reply("> Who?\n\nAda.\n\n> When?\n\nSoon.", f"{WROTE}\n> Regards", "", sure=False)


def test_a_citation_that_nobody_is_said_to_have_written_stays() -> None:
    reply = trim("> The law says so.\n\nDoes that hold for us?")
    assert reply == Reply("> The law says so.\n\nDoes that hold for us?", sure=False)


def test_an_answer_below_the_mail_it_answers_is_all_that_is_new() -> None:
    assert trim(f"{WROTE}\n> Who?\n\nAda.\n") == Reply("Ada.", f"{WROTE}\n> Who?")


def test_a_mail_passed_on_without_a_word_stays_but_for_its_headers() -> None:
    reply = trim(f"{HEADERS}May I?\n")
    assert (reply.own, reply.sure) == ("May I?", False)
    assert reply.quoted.startswith("Van: Ada")


def test_a_mail_passed_on_with_a_word_is_not_sure() -> None:
    reply = trim(f"What do you think?\n\n---------- Forwarded message ---------\n{HEADERS}May I?\n")
    assert (reply.own, reply.sure) == ("What do you think?", False)


@pytest.mark.parametrize(
    "text",
    [
        "Van: Ada\nOnderwerp: een gast\nVraag: mag dit?",
        "In uw brief van 12 mei 2026 schreef u:\n\nhet mag.\n\nKlopt dat?",
        "Op 3 juni om 10:02 begint het.\nEn daarna:\n- een\n- twee",
        "one -- two\n--- three\nfour",
        "Before\n\n-----\n\nAfter",
        "It was sent from my desk, which is easier than from my phone.",
        "Is this sent from my iPhone?",
        "| land | stad |\n|------|------|\n| NO | Oslo |",
        "a > b\n2 > 1",
    ],
)
def test_what_only_looks_like_a_quotation_is_own(text: str) -> None:
    assert trim(text).own == text


def test_a_bare_separator_above_many_lines_is_no_signature() -> None:
    text = "one\n--\n" + "a line of it\n" * 30
    assert trim(text).own == text.rstrip()
    assert trim(text.replace("--", "-- ")).own == "one"


def test_a_date_and_an_address_in_a_sentence_of_ones_own_are_no_attribution() -> None:
    text = "Graag voor 3 juni 2026 om 10:00 sturen naar Ada <ada@uni.example>:\n- naam\n- adres"
    assert trim(text).own == text


# --- what it cuts


@pytest.mark.parametrize("prefix", ["Dank. ", "Dank---"])
def test_own_words_before_an_attribution_on_the_same_line_stay(prefix: str) -> None:
    assert trim(f"{prefix}{WROTE}\n> Who?").own == prefix.rstrip(" -")


@pytest.mark.parametrize(
    "line",
    [
        "El lun, 1 jun 2026 a las 10:02, Ada (<ada@uni.example>) escribió:",
        "El 01/06/2026 10:02, Ada <ada@uni.example> escribieron:",
        "Il giorno lun 1 giu 2026 alle ore 10:02 Ada <ada@uni.example> ha scritto:",
        "Em seg., 1 de jun. de 2026 às 10:02, Ada <ada@uni.example> escreveu:",
        "No dia 01/06/2026, às 10:02, ada@uni.example escreveu:",
        "pon., 1 cze 2026 o 10:02 Ada <ada@uni.example> napisał(a):",
        "W dniu 2026-06-01 o 10:02, ada@uni.example pisze: ",
        "Wiadomość napisana przez Ada <ada@uni.example> w dniu 01.06.2026, o godz. 10:02:",
        "Den mån 1 juni 2026 kl 10:02 skrev Ada <ada@uni.example>:",
        "man. 1. jun. 2026 kl. 10.02 skrev Ada <ada@uni.example>:",
        "ma 1. kesäk. 2026 klo 10.02 Ada (ada@uni.example) kirjoitti:",
        "E, 1. juuni 2026 kell 10:02 Ada <ada@uni.example> kirjutas:",
        "Dne po 1. 6. 2026 10:02 uživatel Ada <ada@uni.example> napsal:",
        "Ada <ada@uni.example> ezt írta (időpont: 2026. jún. 1., H, 10:02):",
        "lun., 1 iun. 2026 la 10:02 Ada <ada@uni.example> a scris:",
        "Στις Δευ, 1 Ιουν 2026 στις 10:02 π.μ., ο χρήστης Ada <ada@uni.example> έγραψε:",
        "пн, 1 июн. 2026 г. в 10:02, Ada <ada@uni.example>:",
        "Monday, 1 June 2026, 10:02 AM +0300 from Ada <ada@uni.example>:",
        "Ada <ada@uni.example>, 1 Haz 2026 Pzt, 10:02 tarihinde şunu yazdı:",
        "\u202bفي الاثنين، ١ يونيو ٢٠٢٦ في ١٠:٠٢ ص تمت كتابة ما يلي بواسطة Ada <\u202aada@uni.example\u202c>:\u202c",
        "\u202bבתאריך יום ב׳, 1 ביוני 2026 ב-10:02 מאת Ada <\u202aada@uni.example\u202c>:\u202c",
        "2026年6月1日(月) 10:02 Ada <ada@uni.example>:",
        "2026/06/01 10:02、Ada <ada@uni.example>のメール:",
        "Ada <ada@uni.example> 于2026年6月1日周一 10:02写道：",
        "2026년 6월 1일 (월) 오전 10:02, Ada <ada@uni.example>님이 작성:",
    ],
)
def test_an_attribution_in_another_language_needs_no_quotation_below_it(line: str) -> None:
    assert trim(f"Ok.\n\n{line}\n\nWho?").own == "Ok."
    assert trim(f"Ok.\n\n{line}\n\nWho?", strict=True).own == "Ok."


def test_when_is_enough_above_a_quotation_whatever_the_verb() -> None:
    assert trim("Ok.\n\n2026.06.01. 10:02 keltezéssel, Ada irta:\n> Ki?").own == "Ok."


@pytest.mark.parametrize(
    "line", ["Quoting Ada <ada@uni.example>:", "Zitat von Ada <ada@uni.example>:", "* Ada <ada@uni.example>:"]
)
def test_who_is_enough_above_a_quotation_whatever_the_verb(line: str) -> None:
    assert trim(f"Ok.\n\n{line}\n\n> Who?").own == "Ok."
    assert trim(f"Ok.\n\n{line}\n\nWho?").own == f"Ok.\n\n{line}\n\nWho?"


def test_an_attribution_right_above_headers_goes_with_them() -> None:
    assert trim(f"Ja.\nAm 01.06.26 um 10:02 schrieb Ada\n{HEADERS}Wie?").own == "Ja."


def test_a_date_on_a_line_of_its_own_is_part_of_the_attribution() -> None:
    assert trim("Ja.\n\nAm 1.6.2026\num 10:02 schrieb Ada\n<ada@uni.example>:\n\n> Wer?").own == "Ja."


def test_a_name_without_a_date_needs_a_quotation_below_it() -> None:
    assert trim("Ja.\n\nAda schreef:\n> Wie?").own == "Ja."
    assert trim("Ja.\n\nAda schreef:\nWie?").own == "Ja.\n\nAda schreef:\nWie?"


def test_an_attribution_wrapped_over_three_lines_goes_whole() -> None:
    assert trim("Yes.\n\nOn 1 Jun 2026, at 10:02, Ada <\nada.of.a.long.name@uni.example>\nwrote:\n\nWho?").own == "Yes."


def test_the_end_of_an_address_on_the_next_line_is_no_quotation() -> None:
    assert trim("Ja.\n\nOp 1 jun 2026 10:02 schreef Ada <ada@uni.example\n>:\n\nWie?").own == "Ja."


def test_the_rest_of_a_wrapped_quoted_line_is_quoted() -> None:
    line = "> this is a quoted line that is so long that the program of the sender"
    assert trim(f"Yes.\n\n{WROTE}\n{line}\nwraps it\n> and goes on\n").own == "Yes."


def test_a_quoted_paragraph_that_is_wrapped_goes_whole() -> None:
    long = "and goes on and on, in words that fill the whole line, so that the next\n"
    quoted = f"> this is a quoted line that is so long that the program of the sender\nwraps it {long}ends it.\n> Bo\n"
    assert trim(f"Yes.\n\n{WROTE}\n{quoted}").own == "Yes."


def test_a_few_words_that_had_no_room_in_a_deep_quotation_go_with_it() -> None:
    text = ">> > > this is a line of a quotation in which no room was left for\nOne word\n>> > > more"
    assert trim(f"Yes.\n\n{WROTE}\n{text}\n").own == "Yes."


def test_an_answer_between_two_quoted_lines_stays() -> None:
    long = "> Do you think that this is a good idea, and if so, when would you be able to do it"
    reply = trim(f"{WROTE}\n{long}\nNext week.\n> Who pays?\nWe do.\n")
    assert reply.own == f"{long}\nNext week.\n> Who pays?\nWe do."


def test_initials_before_the_mark_make_it_a_quotation() -> None:
    assert trim(f"{WROTE}\nAB> Who?\nAB> And when?\n\nAda, today.").own == "Ada, today."
    assert trim("Ada.\n\nAB> Who?", strict=True).own == "Ada."
    assert trim("SQL> select 1\n1\nSQL> quit").own == "SQL> select 1\n1\nSQL> quit"


def test_headers_may_be_wrapped_and_in_bold() -> None:
    headers = (
        "*From:* Ada\n*Sent:* Monday 1 June 2026\n*To:* Bo <bo@uni.example>,\n Cy <cy@uni.example>\n*Subject:* a\nb\n"
    )
    assert trim(f"Yes.\n\n{headers}\nWho?").own == "Yes."


def test_a_header_above_marked_ones_is_one_of_them() -> None:
    assert trim("Yes.\nFrom: Ada <ada@uni.example>\n>\n> Sent: 1 June 2026\n> To: Bo\n>\n> Who?").own == "Yes."


def test_headers_on_one_line_are_headers_too() -> None:
    assert trim("Yes.\n\nFrom: Ada Sent: 1 June 2026 To: Bo Subject: guest\n\nWho?").own == "Yes."


def test_headers_with_empty_lines_between_them_are_headers_too() -> None:
    assert trim("Yes.\n\nFrom: Ada\n\nSent: 1 June 2026 10:02\n\nTo: Bo\n\nSubject: guest\n\nWho?").own == "Yes."


def test_a_rule_above_the_older_mail_goes_with_it() -> None:
    reply = trim(f"Ja.\n\n________________________________\n{HEADERS}Wie?")
    assert reply.own == "Ja."
    assert reply.quoted.startswith("____")


@pytest.mark.parametrize(
    "line",
    [
        "Verstuurd vanaf mijn iPhone",
        "Verzonden met Outlook voor Android",
        "Verstuurd vanuit Mail voor Windows",
        "Outlook voor iOS downloaden",
        "Sent from my iPad",
        "Sent from my Galaxy, please excuse my brevity.",
        "(sent from a phone)",
        "Get Outlook for Android<https://aka.example/a>",
        "Get [Outlook for iOS](https://aka.example/i)",
        "Gesendet mit der GMX Mail App",
        "Von meinem Samsung Gerät gesendet.",
        "Outlook für Android herunterladen",
        "Envoyé depuis mon appareil mobile",
        "Envoyé à partir de Outlook pour iOS",
        "Obtenir Outlook pour Android",
        "Virusvrij.www.example.org",
        "Enviado desde mi iPhone",
        "Enviada do meu iPhone",
        "Enviat des del meu iPhone",
        "Inviato da iPhone",
        "Skickat från min iPhone",
        "Sendt fra min iPhone",
        "Lähetetty iPhonesta",
        "Saadetud minu iPhone'ist",
        "Wysłane z iPhone'a",
        "Odesláno z iPhonu",
        "Odoslané z iPhonu",
        "Poslano s mog iPhonea",
        "Az iPhone-omról küldve",
        "Trimis de pe iPhone‑ul meu",
        "Στάλθηκε από το iPhone μου",
        "Отправлено с iPhone",
        "Надіслано з iPhone",
        "Изпратено от моя iPhone",
        "iPhone'umdan gönderildi",
        "\u202bأُرسلت من الـ iPhone\u202c",
        "נשלח מה-iPhone שלי",
        "iPhoneから送信",
        "나의 iPhone에서 보냄",
        "发自我的iPhone",
        "從我的 iPhone 傳送",
    ],
)
def test_the_line_of_a_phone_is_a_signature(line: str) -> None:
    assert trim(f"Ja.\n\n{line}\n") == Reply("Ja.", "", line)


def test_what_stands_below_the_line_of_a_phone_is_not_own() -> None:
    assert trim("Ja.\n\nVerstuurd vanaf mijn iPhone\n\nUw vraag is bij ons binnen.").own == "Ja."


def test_the_line_of_a_phone_may_stand_right_below_the_words() -> None:
    assert trim("Ja.\nVerstuurd vanaf mijn iPhone\n\nUw vraag is bij ons binnen.").own == "Ja."


@pytest.mark.parametrize("line", ["Verstuurd met mijn andere adres", "Ik heb de iPhone verzonden", "iPhone verzonden"])
def test_what_was_sent_in_ones_own_words_stays(line: str) -> None:
    text = f"Ja.\n{line}\n\nKlopt dat?"
    assert trim(text).own == text


def test_a_line_of_underscores_below_the_name_may_begin_a_signature() -> None:
    assert trim("Ja.\n\nGroet, Ada\n_____________\n\nDr. A. Lovelace\nFaculteit").own == "Ja.\n\nGroet, Ada"
    text = "Kies er een:\n_____________\n\nappel\npeer"
    assert trim(text).own == text


def test_the_armour_of_a_signed_text_is_not_own() -> None:
    signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
    armour = "-----BEGIN PGP SIGNATURE-----\n\niHUEARYKAB0\n=abcd\n-----END PGP SIGNATURE-----"
    for strict in (False, True):
        assert trim(f"{signed}Ja.\n\n{armour}", strict=strict).own == "Ja."
        assert trim(f"{signed}Ja.\n- -- \nAda\n{armour}", strict=strict).own == "Ja."


def test_words_below_the_line_of_a_phone_at_the_top_are_own() -> None:
    assert trim("Verstuurd vanaf mijn iPhone\n\nJa, graag.") == Reply("Ja, graag.", "", "Verstuurd vanaf mijn iPhone")
    assert trim("Verstuurd vanaf mijn iPhone\n\nJa, graag.", strict=True).own == ""


@pytest.mark.parametrize(
    "warning",
    [
        "CAUTION: This email originated from outside of the organisation. Do not click links\nor open attachments.",
        "LET OP: Deze e-mail komt van buiten de universiteit.\nOpen geen bijlagen als u de afzender niet kent.",
        "Achtung! Diese E-Mail kommt von einem externen Absender. Bitte öffnen Sie keine Anhänge.",
        "ATTENTION : ce message vient de l’extérieur. Ne cliquez pas sur les liens.",
        "[EXTERNAL EMAIL]",
        "*** Externe e-mail ***",
    ],
)
def test_a_warning_that_a_server_put_on_top_is_not_own(warning: str) -> None:
    for strict in (False, True):
        assert trim(f"{warning}\n\nJa, graag.", strict=strict) == Reply("Ja, graag.", "", warning)
    assert trim(f"{warning}\n\n{WROTE}\n> Wie?", strict=True).own == ""


@pytest.mark.parametrize(
    "text",
    [
        "Let op: de link in uw bericht werkt niet.\n\nJa, graag.",
        "Extern of intern, dat maakt niet uit.\n\nJa, graag.",
        "CAUTION: This email originated from outside of the organisation. Do not click links.",
    ],
)
def test_a_warning_of_ones_own_stays(text: str) -> None:
    assert trim(text).own == text


def test_a_signature_may_stand_above_the_older_mail_or_below_it() -> None:
    assert trim(f"Ja.\n-- \nAda\n\n{WROTE}\n> Wie?") == Reply("Ja.", f"{WROTE}\n> Wie?", "-- \nAda")
    assert trim(f"Ja.\n\n{WROTE}\n> Wie?\n\n-- \nAda") == Reply("Ja.", f"{WROTE}\n> Wie?", "-- \nAda")


def test_a_notice_for_whom_a_mail_is_counts_as_signature() -> None:
    assert trim(f"Ja.\n\nDisclaimer\n\n{NOTICE}").own == "Ja."
    assert trim(NOTICE).own == NOTICE.strip()


# --- what HTML says beside its words


def html(body: str) -> str:
    head = "From: ada@uni.example\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
    return parse((head + body).encode(), Limits()).text


def test_a_mail_passed_on_in_html_is_as_one_in_plain_text() -> None:
    headers = "---------- Forwarded message ---------<br>Van: Bo &lt;bo@uni.example&gt;<br>Date: 1 jun 2026<br>To: Ada"
    gmail = f'<div class="gmail_quote"><div class="gmail_attr">{headers}</div><br>Mag dit?</div>'
    assert trim(html(f"<div>Wat vindt u?</div>{gmail}")).own == "Wat vindt u?"
    assert trim(html(gmail)).own == "Mag dit?"
    thunderbird = f'<div class="moz-forward-container">{headers}<br>Mag dit?</div>'
    assert trim(html(f"<div>Wat vindt u?</div>{thunderbird}")).own == "Wat vindt u?"
    assert trim(html(thunderbird)).own == "Mag dit?"


@pytest.mark.parametrize(
    "older",
    [
        '<blockquote type="cite">Wie?</blockquote>',
        '<div class="yahoo_quoted">Wie?</div>',
        '<div class="zmail_extra">Wie?</div>',
        '<div class="protonmail_quote">Wie?</div>',
        '<div class="moz-cite-prefix">Bo:</div><blockquote>Wie?</blockquote>',
        '<div class="gmail_quote"><div class="gmail_attr">Bo:</div><blockquote>Wie?</blockquote></div>',
        '<div id="divRplyFwdMsg">Bo</div>Wie?',
        '<div id="appendonsend"></div><div>Wie?</div>',
        '<div id="mail-editor-reference-message-container">Wie?</div>',
        '<div id="ms-outlook-mobile-reference-message-container">Wie?</div>',
        '<div class="OutlookMessageHeader">Bo</div>Wie?',
        '<span id="OLK_SRC_BODY_SECTION">Wie?</span>',
        '<hr id="stopSpelling">Wie?',
        '<div id="x_divRplyFwdMsg">Bo</div>Wie?',
    ],
)
def test_what_mail_programs_put_around_a_quotation_is_enough(older: str) -> None:
    for strict in (False, True):
        assert trim(html(f"<div>Ja.</div>{older}"), strict=strict).own == "Ja."


def test_own_words_that_are_indented_are_no_quotation() -> None:
    style = "margin:0 0 0 40px;border:none;padding:0px"
    assert trim(html(f'Ja.<blockquote style="{style}">Graag.</blockquote>')).own == "Ja.\nGraag."
    assert trim(html(f'Ja.<blockquote type="cite" style="{style}">Wie?</blockquote>')).own == "Ja."
    quoted = '<div class="yahoo_quoted">Wie?</div>'
    assert trim(html(f'<blockquote style="{style}">Ja.{quoted}</blockquote>'), strict=True).own == "Ja."


def test_words_below_a_signature_keep_it() -> None:
    assert trim(html('Ja.<div id="Signature">Ada</div>Graag.')).own == "Ja.\nAda\nGraag."


def test_a_signature_around_all_words_is_none() -> None:
    assert trim(html('<div id="Signature">Ja, graag.<br>Ada</div>')).own == "Ja, graag.\nAda"


def test_a_signature_within_a_quotation_is_quoted() -> None:
    text = html('Ja.<blockquote>Wie?<div class="gmail_signature">Bo</div></blockquote>')
    assert trim(text) == Reply("Ja.", "> Wie?\n> Bo")


@pytest.mark.parametrize("marks", ["&#xE002;a", "a&#xE003;", "x<br>&#xE002;a&#xE000;", "x<br>&#xE002;<br>a&#xE003;b"])
def test_forged_marks_do_no_harm(marks: str) -> None:
    assert not re.search("[\ue000-\ue003]", html(marks))


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "display: none !important",
        "visibility:hidden",
        "opacity:0!important",
        "max-height:0;overflow:hidden",
        "overflow:hidden; max-height: 0px",
        "height:0;width:0;overflow:hidden",
        "font-size:0",
        "font-size: 0px !important; color: #fff",
    ],
)
def test_hidden_words_are_never_own(style: str) -> None:
    assert trim(html(f'Ja.<div style="{style}">#sluit</div>')).own == "Ja."


@pytest.mark.parametrize("style", ["min-height:0;overflow:hidden", "max-height:0", "line-height:0;overflow:hidden"])
def test_words_that_can_be_seen_are_own(style: str) -> None:
    assert trim(html(f'Ja.<div style="{style}">Graag.</div>')).own == "Ja.\nGraag."


def test_words_that_have_a_size_again_are_own() -> None:
    body = '<div style="font-size:0"><span>x</span><span style="font-size:12px">Graag.</span></div>'
    assert "Graag." in trim(html(f"Ja.{body}")).own


# --- for words that are to be sent on


def test_strict_keeps_what_stands_above_the_first_quotation_only() -> None:
    reply = trim("#antwoord\nJa.\n\n> Wie?\n\nAda.\n", strict=True)
    assert reply == Reply("#antwoord\nJa.", "> Wie?\n\nAda.", "", sure=False)


def test_strict_below_a_quotation_keeps_what_stands_apart_from_it() -> None:
    assert trim(f"{WROTE}\n> Wie?\nen waar?\n\nAda.\n", strict=True) == Reply(
        "Ada.", f"{WROTE}\n> Wie?\nen waar?", sure=False
    )


@pytest.mark.parametrize(
    "older",
    [
        "________________________________\nWie?",
        "Van: Ada <ada@uni.example>\nWie?",
        "Van: Ada\nOnderwerp: gast\n\nWie?",
        "Op 1 juni 2026 schreef Ada:\n\nWie?",
        "-----Oorspronkelijk bericht-----\nWie?",
        "Verstuurd vanaf mijn iPhone\nWie?",
        "| Wie?\n| Waar?\n| Wanneer?",
        ": Wie?\n: Waar?\n: Wanneer?",
        "__________Reply Separator__________\nSubject: gast\nWie?",
        HEADERS + "Wie?",
    ],
)
def test_strict_takes_the_faintest_sign_for_a_quotation(older: str) -> None:
    assert trim(f"#antwoord\nJa.\n\n{older}", strict=True).own == "#antwoord\nJa."


@pytest.mark.parametrize("text", [HEADERS + "Wie?", "> Wie?", "", "____________\n", f"{WROTE}\n\nWie?"])
def test_strict_has_nothing_when_all_may_be_quoted(text: str) -> None:
    assert trim(text, strict=True).own == ""


def test_strict_is_sure_when_nothing_could_be_own_below() -> None:
    assert trim(f"Ja.\n\n{HEADERS}Wie?", strict=True).sure
    assert trim(f"Ja.\n\n{WROTE}\n> Wie?\n-- \nAda", strict=True).sure


# --- what always holds

LINES = st.sampled_from(
    [
        "",
        "Ja.",
        "x:",
        "> a",
        ">> b",
        "> wrote:",
        "| t",
        "|",
        "-- ",
        "--",
        "__",
        "----------",
        "______________",
        "list@lists.example",
        WROTE,
        f"> {WROTE}",
        f"ok {WROTE}",
        "On 1 Jun 2026, at 10:02, Ada <",
        "ada@uni.example> wrote:",
        "Jan schreef:",
        *HEADERS.split("\n"),
        "-----Original Message-----",
        "Begin forwarded message:",
        ">>> Ada <ada@uni.example> 1-6-26 10:02 >>>",
        "-----BEGIN PGP SIGNED MESSAGE-----",
        "-----BEGIN PGP SIGNATURE-----",
        "AB> c",
        "Quoting Ada <ada@uni.example>:",
        "06/01/2026 10:02 AM",
        "To: Ada",
        "Sent from my iPhone",
        "CAUTION: external sender, click no link",
        "[EXTERNAL]",
        "Disclaimer",
        NOTICE.strip(),
        "> this is a quoted line that is so long that the program of the sender",
        "wraps it",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(LINES, max_size=14).map("\n".join))


@given(TEXTS, st.booleans())
def test_nothing_is_lost(text: str, strict: bool) -> None:
    reply = trim(text, strict=strict)
    assert words(reply.own, reply.quoted, reply.signature) == words(text)


@given(TEXTS, st.booleans())
def test_the_own_words_of_own_words_are_the_same(text: str, strict: bool) -> None:
    own = trim(text, strict=strict).own
    again = trim(own, strict=strict)
    assert (again.own, again.quoted, again.signature) == (own, "", "")


@given(TEXTS, st.text())
def test_strict_always_removes_what_is_quoted(text: str, older: str) -> None:
    quoted = "".join(f"> Q{line}Q\n" for line in older.splitlines())
    own = trim(f"{text}\n\n{WROTE}\n{quoted}", strict=True).own
    assert WROTE not in own
    assert not re.search(r"^\s*>", own, re.MULTILINE)


@given(TEXTS)
def test_strict_never_keeps_a_word_that_is_not_in_the_text(text: str) -> None:
    assert set(words(trim(text, strict=True).own)) <= set(words(text))


def test_what_is_beyond_the_last_line_looked_at_is_quoted() -> None:
    reply = trim("a\n" * MOST_LINES + "b\n")
    assert (reply.quoted, reply.sure) == ("b", False)


UNITS = (
    *("\n", ">", ">\n", "<", "<a@\n", "a: ", "a@b:\n", "-", "-- \n", "____\n", "|\n", " ", "1.1.", "abc. ", "\x1c"),
    *("wrote:\n", "On 1 wrote:\n", "On 1 Jan 2026 at 10:02, \n", "schreef ", " On 1", "1@", "1 u ", "at 1 @ wrote "),
    *(
        "From: a@b\n",
        "Van: a\nx\n\n",
        "--message--\n",
        "Sent from my iPhone\n",
        "Sent from my iPhone\n\n",
        "from my a\n",
        "-- a -- From: a@b Date: 1 C",
        "--- a ---\nFrom: a\nTo: b\n",
        "01-01-2026 10:02\nTo: a\nSubject: b\n",
        "To: a\n",
        "---- Forwarded by a\n",
        "AB> a\n",
        "> " + "a " * 40 + "\n" + ("b " * 40 + "\n") * 11,
    ),
    *(
        "This message intended for \n\n",
        "> a\nb\n",
        f"a\n\n> b\n\n{WROTE}\n",
        "1@" * 25 + ":\n",
        "schre 1 @ " * 45 + ":\n",
    ),
)


@pytest.mark.parametrize("unit", UNITS)
def test_64_kilobytes_of_anything_take_no_time(unit: str) -> None:
    text = (unit * (64 * 1024))[: 64 * 1024]
    start = time.process_time()
    trim(text)
    trim(text + ":", strict=True)
    assert time.process_time() - start < 4
