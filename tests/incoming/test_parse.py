"""What the bytes of a mail say."""

from __future__ import annotations

import base64
import hashlib
import tomllib
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksmail.address import parse_address
from ksmail.errors import UnreadableMail
from ksmail.incoming.limits import Limits
from ksmail.incoming.message import KEPT_HEADERS, Message
from ksmail.incoming.parse import parse
from tests.incoming import hostile

MAILS = Path(__file__).parents[1] / "mails"
LIMITS = Limits()


def as_sent(path: Path) -> bytes:
    """The corpus is kept with line ends that every editor knows; a server hands out CRLF."""
    return path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def read(raw: bytes, limits: Limits = LIMITS) -> Message:
    return parse(raw, limits)


def mail(*headers: str | bytes, body: bytes = b"hello\r\n") -> Message:
    lines = [line.encode() if isinstance(line, str) else line for line in ("From: anna@university.example", *headers)]
    return read(b"\r\n".join([*lines, b"", body]))


def parts(*inner: bytes, kind: str = "mixed", more: str = "") -> bytes:
    """A multipart body with its Content-Type, to stand behind header lines."""
    head = f'Content-Type: multipart/{kind}; boundary="=_{kind}"{more}\r\n\r\n'.encode()
    line = f"--=_{kind}".encode()
    return head + b"".join(line + b"\r\n" + part + b"\r\n" for part in inner) + line + b"--\r\n"


def part(content_type: str, body: bytes, *headers: str) -> bytes:
    return "\r\n".join([f"Content-Type: {content_type}", *headers, "", ""]).encode() + body


def file(name: str, *, content_type: str = "application/pdf", body: bytes = b"x") -> bytes:
    return part(content_type, body, f"Content-Disposition: attachment; {name}")


def whole(body: bytes) -> Message:
    return read(hostile.HEAD + body)


PLAIN = part("text/plain; charset=utf-8", b"the plain one")
HTML = part("text/html; charset=utf-8", b"<p>the <b>HTML</b> one</p>")


# ---- the corpus


@pytest.mark.parametrize("path", sorted(MAILS.glob("*.eml")), ids=lambda path: path.stem)
def test_a_mail_of_the_corpus_says_what_its_page_says(path: Path) -> None:
    """Each mail has a page beside it: [message] holds facts; `text` and `remarks` say what must be in them."""
    expected = tomllib.loads(path.with_suffix(".toml").read_text("utf-8"))["message"]
    message = read(as_sent(path))
    for fact, value in expected.items():
        match fact:
            case "text":
                assert message.text == value.strip("\n")
            case "sender" | "return_path":
                found = getattr(message, fact)
                assert (str(found) if found is not None else "nobody") == value
            case "to" | "cc" | "reply_to":
                assert [str(address) for address in getattr(message, fact)] == value
            case "attachments":
                assert [[found.name, found.content_type, found.size] for found in message.attachments] == value
            case "headers":
                assert {name: message.header(name) for name in value} == {n: tuple(v) for n, v in value.items()}
            case _:
                found = getattr(message, fact)
                assert (list(found) if isinstance(found, tuple) else found) == value


def test_every_mail_of_the_corpus_has_its_page() -> None:
    assert {path.stem for path in MAILS.glob("*.eml")} == {path.stem for path in MAILS.glob("*.toml")}
    assert len(list(MAILS.glob("*.eml"))) >= 15


# ---- header fields


def test_a_plain_mail_says_all_of_this() -> None:
    raw = (
        b"Return-Path: <anna@university.example>\r\nReceived: from x by y\r\nDate: Mon, 1 Jun 2026 10:02:00 +0200\r\n"
        b"From: Anna <anna@university.example>\r\nTo: desk@agency.example\r\nCc: Bo <bo@university.example>\r\n"
        b"Subject: =?utf-8?q?A_question_=E2=9C=93?=\r\nMessage-ID: <1@university.example>\r\n"
        b"In-Reply-To: <0@agency.example>\r\nReferences: <a@agency.example>\r\n <0@agency.example>\r\n\r\n"
        b"Hello\r\nyou\r\n"
    )
    message = read(raw)
    assert message == Message(
        content_id=message.content_id,
        raw_sha256=hashlib.sha256(raw).hexdigest(),
        message_id="<1@university.example>",
        sender=parse_address("anna@university.example"),
        to=(parse_address("desk@agency.example"),),
        cc=(parse_address("bo@university.example"),),
        return_path="anna@university.example",
        subject="A question ✓",
        in_reply_to=("<0@agency.example>",),
        references=("<a@agency.example>", "<0@agency.example>"),
        date=datetime(2026, 6, 1, 8, 2, tzinfo=UTC),
        text="Hello\nyou",
        headers=(("received", "from x by y"),),
    )


@pytest.mark.parametrize(
    ("lines", "remark"),
    [
        ([], "no Message-ID"),
        (["Message-ID: <a@b>", "Message-ID: <a@b>"], "more than one Message-ID"),
        (["Message-ID: <>"], "a Message-ID that is none"),
        (["Message-ID: <a b@c>"], "a Message-ID that is none"),
        (["Message-ID: a@b"], "a Message-ID that is none"),
        (["Message-ID: <a@b> <c@d>"], "a Message-ID that is none"),
        (["Message-ID: <a@b\x01>"], "a Message-ID that is none"),
        (["Message-ID: <" + "a" * 5000 + "@b>"], "a Message-ID that is none"),
        (["Message-ID: <é@b>"], "a Message-ID that is none"),
    ],
)
def test_a_message_id_that_is_none_is_derived_from_the_bytes(lines: list[str], remark: str) -> None:
    """Case 120."""
    message = mail(*lines)
    assert message.message_id == f"<{message.raw_sha256[:32]}@derived.invalid>"
    assert not message.message_id_given
    assert remark in message.remarks


def test_a_message_id_may_be_folded_onto_a_new_line() -> None:
    assert mail("Message-ID:\r\n <a@b.example>").message_id == "<a@b.example>"


def test_only_well_formed_ids_are_followed() -> None:
    message = mail("In-Reply-To: x <a@b> <c d> (<e@f>)", "References: <g><h@i>,<j@k\0> <h@i>")
    assert message.in_reply_to == ("<a@b>", "<e@f>")
    assert message.references == ("<h@i>",)


def test_a_long_thread_keeps_its_first_and_its_last_ids() -> None:
    found = mail("References: " + " ".join(f"<{number}@x>" for number in range(300))).references
    assert found == ("<0@x>", *(f"<{number}@x>" for number in range(250, 300)))


@pytest.mark.parametrize(
    "date", ["32 Foo 2026", "1 Jan 0001 00:00:00 +2300", "", "yesterday", "Mon, 1 Jun 99999 10:00:00 +0000", "\xff\xfe"]
)
def test_a_date_that_is_none_is_remarked(date: str) -> None:
    """Case 54, our part."""
    message = mail(f"Date: {date}".encode("latin-1"))
    assert message.date is None
    assert "a Date that is none" in message.remarks


@pytest.mark.parametrize(
    ("date", "year"), [("Thu, 1 Jan 1970 00:00:00 +0000", 1970), ("1 Jan 2099 01:00:00 +0100", 2099)]
)
def test_an_unlikely_date_is_only_a_claim(date: str, year: int) -> None:
    assert mail(f"Date: {date}").date == datetime(year, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Date", "Subject"])
def test_of_a_repeated_field_the_first_counts(name: str) -> None:
    """Case 120."""
    first, second = {"Date": ("1 Jun 2026 10:00:00 +0000", "2 Jun 2026 10:00:00 +0000"), "Subject": ("a", "b")}[name]
    message = mail(f"{name}: {first}", f"{name}: {second}")
    assert message.subject == "a" if name == "Subject" else message.date == datetime(2026, 6, 1, 10, tzinfo=UTC)
    assert f"more than one {name} field" in message.remarks


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("=?utf-8?q?A=0D=0ABcc:_x@y.example?=", "A Bcc: x@y.example"),
        ("A\x00B\x1b[31mC\x85D", "AB[31mC D"),
        ("\u202eevil\u202c \u200bzero\ufeff", "evil zero"),
        ("=?utf-8?b?8J+YgA==?=", "😀"),
        ("=?utf-8?b?8J+Y?= =?utf-8?b?gA==?=", "😀"),
        ("=?utf-8?q?=ED=A0=80x?=", "í\xa0€x".replace("\xa0", " ")),
        ("=?foo?q?caf=C3=A9?=", "café"),
        ("=?zlib?q?caf=C3=A9?=", "café"),
        ("=?iso-8859-1?q?caf=E9?= plain =?utf-8?q?caf=C3=A9?=", "café plain café"),
        ("=?utf-8?b?Y2Fmw6?=", "caf\xc3".replace("\xc3", "Ã")),
        ("=?utf-8?q?unfinished", "=?utf-8?q?unfinished"),
        ("Re: {{7*7}} ${x} %(y)s", "Re: {{7*7}} ${x} %(y)s"),
        ("x" * 5000, "x" * 500),
        ("folded\r\n\tsubject", "folded subject"),
        ("=?utf-7?q?a+2AA-b?=", "ab"),
        ("", ""),
    ],
)
def test_a_subject_is_one_harmless_line(subject: str, shown: str) -> None:
    """Cases 118 and 119."""
    assert mail(f"Subject: {subject}").subject == shown


def test_bytes_that_are_no_utf8_are_read_as_western() -> None:
    assert mail("Subject: café".encode("latin-1")).subject == "café"


def test_bytes_that_are_nothing_known_are_replaced() -> None:
    assert mail(b"Subject: caf\xe9 \x81").subject == "café \ufffd"


def test_of_the_headers_only_a_few_are_kept() -> None:
    message = mail("X-Ksmail-Auth: pass", "RT-Control: x", "Auto-Submitted: no", "Received: a", "RECEIVED: b\r\n c")
    assert message.headers == (("auto-submitted", "no"), ("received", "a"), ("received", "b c"))
    assert {name for name, _ in message.headers} <= KEPT_HEADERS


def test_an_encoded_word_cannot_forge_a_clause_of_a_kept_header() -> None:
    forged = "mx.agency.example; spf=fail smtp.mailfrom==?utf-8?q?x;_dmarc=3Dpass?="
    assert mail(f"Authentication-Results: {forged}").header("authentication-results") == (forged,)


def test_a_control_character_cannot_join_two_words_of_a_kept_header() -> None:
    assert mail("Auto-Submitted: auto\0replied").header("auto-submitted") == ("auto replied",)


def test_an_ambiguous_author_is_nobody() -> None:
    """Case 84."""
    message = mail("From: evil@x.example")
    assert (message.sender, message.ambiguity) == (None, "more than one From field")


def test_no_author_at_all_is_nobody() -> None:
    """Case 121."""
    message = read(b"Subject: x\r\n\r\nhello")
    assert (message.sender, message.ambiguity, message.text) == (None, "no From field", "hello")


@pytest.mark.parametrize(
    ("value", "remarked"),
    [
        ("=?utf-8?q?Anna:_a?= <anna@university.example>", True),
        ("=?utf-8?b?QW5uY?= <anna@university.example>", True),
        ("Anna <anna@university.example>", False),
        ('"sam@agency.example" <anna@university.example>', False),
    ],
)
def test_another_reading_of_the_author_is_remarked(value: str, remarked: bool) -> None:
    """Case 85: where mail-parser finds nobody or somebody else, that is worth a look."""
    message = read(f"From: {value}\r\nDate: 1 Jun 2026 10:00:00 +0000\r\n\r\nhello".encode())
    assert message.sender == parse_address("anna@university.example")
    assert message.date == datetime(2026, 6, 1, 10, tzinfo=UTC)
    assert ("another parser reads another author" in message.remarks) is remarked


def test_a_domain_in_other_letters_is_no_other_reading() -> None:
    message = read("From: jan@universität.example\r\nMessage-ID: <a@b>\r\n\r\nhello".encode())
    assert (str(message.sender), message.remarks) == ("jan@xn--universitt-y5a.example", ())


# ---- text


def test_of_alternatives_the_plain_one_is_read() -> None:
    message = whole(parts(PLAIN, HTML, kind="alternative"))
    assert (message.text, message.text_from_html) == ("the plain one", False)


def test_of_alternatives_in_the_wrong_order_too() -> None:
    assert whole(parts(HTML, PLAIN, kind="alternative")).text == "the plain one"


@pytest.mark.parametrize("empty", [b"", b" \r\n\r\n"])
def test_an_empty_plain_text_gives_way_to_the_html(empty: bytes) -> None:
    message = whole(parts(part("text/plain", empty), HTML, kind="alternative"))
    assert (message.text, message.text_from_html) == ("the HTML one", True)


def test_texts_that_follow_each_other_are_joined() -> None:
    message = whole(parts(PLAIN, file("filename=a.pdf"), part("text/plain", b"and more")))
    assert message.text == "the plain one\n\nand more"


def test_html_beside_a_plain_footer_is_not_lost() -> None:
    message = whole(parts(HTML, part("text/plain", b"-- a list footer")))
    assert message.text == "the HTML one\n\n-- a list footer"


def test_an_image_in_html_is_an_attachment() -> None:
    image = part("image/png", b"x", "Content-ID: <a@b>", "Content-Disposition: inline")
    message = whole(parts(PLAIN, parts(HTML, image, kind="related"), kind="alternative"))
    assert message.text == "the plain one"
    assert [found.name for found in message.attachments] == ["attachment-1.png"]


def test_a_text_that_is_a_file_is_not_read_as_the_mail() -> None:
    message = whole(parts(PLAIN, file('filename="notes.txt"', content_type="text/plain", body=b"#close")))
    assert message.text == "the plain one"
    assert [found.name for found in message.attachments] == ["notes.txt"]


def test_a_lone_text_with_a_name_is_read_and_kept_as_a_file() -> None:
    message = whole(part("text/plain; name=body.txt", b"hello"))
    assert message.text == "hello"
    assert [found.name for found in message.attachments] == ["body.txt"]


def test_a_multipart_without_parts_is_shown_as_it_is() -> None:
    """Case 116."""
    assert whole(b"Content-Type: multipart/mixed; boundary=b\r\n\r\nhello").text == "hello"
    assert whole(b"Content-Type: multipart/mixed\r\n\r\nhello").text == "hello"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (b"<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"),
        (b"<div>#close</div><div><br></div><div>Anna</div>", "#close\n\nAnna"),
        (b"a<script>b</script><style>c</style><!-- d -->e", "ae"),
        (b"<head><title>t</title></head><body>a</body>", "a"),
        (b"a<span style='DISPLAY : /* x */ none'>#close</span>b", "ab"),
        (b"a<span hidden>#close</span><i style='visibility:hidden'>x</i><i style='opacity: 0'>y</i>b", "ab"),
        (b"a<div style='display:none'>b<div style='display:block'>c</div></div>d", "ad"),
        (b"<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n> > b\n>\nc"),
        (b"<ul><li>a<li>b</ul>", "  * a\n  * b"),
        (b"<p>a</p><blockquote><p>b</p></blockquote>", "a\n\n> b"),
        (b"<table><tr><td>a</td><td>b</td></tr></table>", "a  b"),
        (b"&lt;b&gt; &amp; caf\xc3\xa9", "<b> & café"),
        (b"<?xml version='1.0' encoding='utf-16'?><html><meta charset='utf-16'>caf\xc3\xa9", "café"),
        (b"<scr<script>ipt>alert(1)</script>", "ipt>alert(1)"),
        (b"", ""),
        (b"<!-- -->", ""),
        (b"<p", ""),
        (b"\xee\x80\x80a\xee\x80\x81", "a"),
    ],
)
def test_html_becomes_the_text_that_a_reader_sees(html: bytes, text: str) -> None:
    message = whole(part("text/html; charset=utf-8", html))
    assert message.text == text
    assert message.text_from_html is bool(text)


@pytest.mark.parametrize(("depth", "remark"), [(300, ""), (1500, "without its layout"), (3000, "without its layout")])
def test_html_of_a_long_conversation_is_read(depth: int, remark: str) -> None:
    html = b"a" + b"<div>" * depth + b"b<i hidden>c<b>d</b></i>"
    message = whole(part("text/html", html))
    assert message.text.startswith("a")
    assert ("b" in message.text) is (depth < 2000)
    assert "c" not in message.text and "d" not in message.text
    assert remark in " ".join(message.remarks)


@pytest.mark.parametrize(
    ("charset", "body", "text", "lossy"),
    [
        ("utf-8", "café".encode(), "café", False),
        ("iso-8859-1", b"caf\xe9 \x80", "café €", False),
        ("ISO-2022-JP", "日本語".encode("iso-2022-jp"), "日本語", False),
        ("gb2312", "知识安全".encode("gb18030"), "知识安全", False),
        ("utf-16", "café".encode("utf-16"), "café", False),
        ("utf-7", b"caf+AOk-", "café", False),
        ("us-ascii", "café".encode(), "café", False),
        ("utf-8", b"caf\xe9", "café", True),
        ("utf-8", "één café ".encode() + b"\xe9", "één café \ufffd", True),
        ("utf-8", b"caf\xe9 \x81", "caf\ufffd \ufffd", True),
        ("utf-8", b"\xef\xbb\xbfcaf\xc3\xa9", "café", False),
        ("foo", "café".encode(), "café", True),
        ("idna", b"abc", "abc", True),
        ("punycode", b"a" * 1000, "a" * 1000, True),
        ("zlib", b"x\x9c\x03", "xœ", True),
        ("undefined", b"abc", "abc", True),
        ("x" * 3000, b"abc", "abc", True),
        ("unicode_escape", b"\\x41", "\\x41", True),
        ("", b"caf\xe9", "café", True),
    ],
)
def test_a_character_set_never_hurts(charset: str, body: bytes, text: str, lossy: bool) -> None:
    """Case 117."""
    message = whole(part(f'text/plain; charset="{charset}"', body))
    assert message.text == text
    assert any("lossy" in remark for remark in message.remarks) is lossy


@pytest.mark.parametrize(
    ("encoding", "body", "text", "remark"),
    [
        ("base64", b"aGVsbG8=\r\n", "hello", ""),
        ("BASE64", b"aGVs\r\nbG8", "hello", "broken base64"),
        ("base64", b"aGVsbG8hX", "hello!", "broken base64"),
        ("base64", b"****", "", ""),
        ("quoted-printable", b"caf=C3=A9 =\r\nx=20\r\n-- =ZZ", "café x \n-- =ZZ", ""),
        ("7bit", "café".encode(), "café", ""),
        (
            "x-uuencode",
            b"begin 644 a\r\n#86)C\r\n`\r\nend",
            "begin 644 a\n#86)C\n`\nend",
            "a transfer encoding that is",
        ),
    ],
)
def test_a_transfer_encoding_never_hurts(encoding: str, body: bytes, text: str, remark: str) -> None:
    """Case 116."""
    message = whole(part("text/plain; charset=utf-8", body, f"Content-Transfer-Encoding: {encoding}"))
    assert message.text == text
    assert remark in " ".join(message.remarks)


def test_text_has_no_character_that_a_database_refuses() -> None:
    """Case 118."""
    body = b"a\0b\x1b[1m\x7f\xc2\x85cd\xf0\x9f\x98\x80\r\ne\rf\x0cg\xe2\x80\xa8h\tz"
    assert whole(part("text/plain; charset=utf-8", body)).text == "ab[1mcd😀\ne\nf\ng\nh\tz"
    lone = whole(part("text/plain; charset=utf-7", b"a+2AA-b")).text
    assert lone.encode("utf-8") and lone.startswith("a")


def test_text_is_cut_at_the_limit() -> None:
    message = read(hostile.HEAD + b"\r\n" + b"0123456789\r\n" * 100, Limits(text=55))
    assert message.text == "0123456789\n" * 5
    assert "text cut at 55 octets (limit text)" in message.remarks


@pytest.mark.parametrize("encoding", ["8bit", "quoted-printable", "base64"])
def test_a_text_of_many_megabytes_is_read_from_its_beginning(encoding: str) -> None:
    line = {"base64": base64.b64encode("é".encode() * 27)}.get(encoding, b"hello" * 10)
    body = (line + b"\r\n") * 400
    raw = hostile.HEAD + part("text/plain; charset=utf-8", body, f"Content-Transfer-Encoding: {encoding}")
    message = read(raw, Limits(text=1000))
    assert 990 <= len(message.text.encode()) <= 1000
    assert not any("lossy" in remark for remark in message.remarks)


def test_long_html_is_cut_too() -> None:
    message = read(hostile.HEAD + part("text/html", b"<p>hello</p>" * 100), Limits(text=120))
    assert message.text.count("hello") == 10
    assert "text cut at 120 octets (limit text)" in message.remarks


def test_one_very_long_line_is_cut_as_well() -> None:
    assert len(read(hostile.HEAD + b"\r\n" + b"x" * 100_000, Limits(text=1000)).text) == 1000


# ---- attachments


def test_an_attachment_is_known_by_its_decoded_bytes() -> None:
    message = read(hostile.with_attachment(b"%PDF-1.7"))
    (found,) = message.attachments
    assert (found.name, found.content_type, found.size) == ("plan.pdf", "application/pdf", 8)
    assert found.sha256 == hashlib.sha256(b"%PDF-1.7").hexdigest()
    assert message.text == "See the file."


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("filename=a.pdf", "a.pdf"),
        ('filename="a b.pdf"', "a b.pdf"),
        ("filename*=utf-8''caf%C3%A9.pdf", "café.pdf"),
        ("filename*0=very; filename*1=long.pdf", "verylong.pdf"),
        ("filename*0*=utf-8''caf%C3; filename*1*=%A9.pdf", "café.pdf"),
        ("filename*1=b.pdf; filename*0=a", "ab.pdf"),
        ("filename=plain.pdf; filename*=\"utf-8''better.pdf\"", "better.pdf"),
        ('filename="=?utf-8?q?caf=C3=A9.pdf?="', "café.pdf"),
        ('filename="../../etc/passwd"', "passwd"),
        ('filename="/etc/passwd"', "passwd"),
        ('filename="C:\\\\temp\\\\x.pdf"', "x.pdf"),
        ('filename="a\0b.pdf"', "ab.pdf"),
        ('filename="CON"', "_CON"),
        ('filename="con.pdf"', "_con.pdf"),
        ('filename="COM1.txt"', "_COM1.txt"),
        ('filename="console.pdf"', "console.pdf"),
        ('filename="' + "x" * 300 + '.pdf"', "x" * 116 + ".pdf"),
        ('filename="' + "x" * 300 + '"', "x" * 120),
        ('filename="fdp.\u202eexe.pdf"', "fdp.exe.pdf"),
        ('filename="\u200b.htaccess"', "htaccess"),
        ('filename="\u2024htaccess"', "htaccess"),
        ('filename="a\uff0fb.pdf"', "b.pdf"),
        ('filename="\uff21.pdf"', "A.pdf"),
        ('filename="a:b|c?.pdf"', "a_b_c_.pdf"),
        ('filename="a.pdf. . "', "a.pdf"),
        ('filename="..."', "attachment-1.pdf"),
        ('filename=""', "attachment-1.pdf"),
        ('filename="\u200b"', "attachment-1.pdf"),
        ("filename*=foo''%FF%FE", "ÿþ"),
        ("filename*=utf-8", "utf-8"),
        ("size=3", "attachment-1.pdf"),
        ('filename="unfinished.pdf', "unfinished.pdf"),
        ('filename="semi;colon \\" quote.pdf"', "semi;colon _ quote.pdf"),
    ],
)
def test_the_name_of_an_attachment_is_harmless(given: str, shown: str) -> None:
    """Case 130, CVE-2026-28289: decided after normalisation."""
    assert [found.name for found in whole(parts(PLAIN, file(given))).attachments] == [shown]


def test_names_that_are_equal_after_normalisation_become_different() -> None:
    """Case 130."""
    names = ["filename=a.pdf", "filename=A.PDF", "filename*=utf-8''%EF%BD%81.pdf", "filename=a-2.pdf", "x=y", "x=y"]
    message = whole(parts(*(file(name) for name in names)))
    shown = ["a.pdf", "A-2.PDF", "a-3.pdf", "a-2-2.pdf", "attachment-5.pdf", "attachment-6.pdf"]
    assert [found.name for found in message.attachments] == shown


def test_a_long_name_that_stands_twice_keeps_its_length() -> None:
    message = whole(parts(*(file(f'filename="{"x" * 300}.pdf"') for _ in range(3))))
    assert len({found.name for found in message.attachments}) == 3
    assert {len(found.name) for found in message.attachments} == {120}


@pytest.mark.parametrize(
    "kind", ["zip", "gzip", "ms-tnef", "vnd.openxmlformats-officedocument.wordprocessingml.document"]
)
def test_an_archive_is_opaque_bytes(kind: str) -> None:
    """Cases 115 and 116."""
    bomb = b"PK\x03\x04" + bytes(1000)
    message = whole(parts(file("filename=a.zip", content_type=f"application/{kind}", body=bomb)))
    assert (message.attachments[0].size, message.text) == (1004, "")


def test_a_forwarded_mail_is_one_attachment() -> None:
    inner = hostile.with_attachment(b"x")
    message = whole(parts(PLAIN, part("message/rfc822", inner)))
    (found,) = message.attachments
    assert (found.name, found.content_type, found.size) == ("attachment-1.eml", "message/rfc822", len(inner))
    assert message.text == "the plain one"


def test_a_mail_that_is_only_a_file_has_no_text() -> None:
    message = whole(file("filename=a.pdf"))
    assert (message.text, message.content_type, len(message.attachments)) == ("", "application/pdf", 1)


@pytest.mark.parametrize("wrong", ["nonsense", "a/b/c", "text/", "te xt/plain", ""])
def test_a_type_that_is_none_is_plain_text(wrong: str) -> None:
    message = whole(part(wrong, b"hello"))
    assert (message.content_type, message.text) == ("text/plain", "hello")


# ---- reports and secrets

STATUS = part("message/delivery-status", b"Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\n")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (parts(PLAIN, STATUS, kind="report", more="; report-type=delivery-status"), "delivery-status"),
        (parts(PLAIN, STATUS, kind="mixed"), "delivery-status"),
        (parts(PLAIN, STATUS, kind="report", more="; report-type=feedback-report"), "delivery-status"),
        (parts(PLAIN, part("message/disposition-notification", b"x"), kind="report"), "disposition-notification"),
        (parts(PLAIN, kind="report", more="; report-type=Feedback-Report"), "feedback-report"),
        (parts(PLAIN, kind="report"), ""),
        (parts(PLAIN, part("message/rfc822", hostile.HEAD + parts(PLAIN, STATUS, kind="report"))), ""),
        (part("text/plain; report-type=delivery-status", b""), ""),
    ],
)
def test_a_report_says_what_it_reports(body: bytes, kind: str) -> None:
    """RFC 6522; a report that somebody forwards is no report."""
    assert whole(body).report_type == kind


def der(last: int) -> bytes:
    return base64.b64encode(bytes.fromhex("30800609 2a864886f70d0107") + bytes([last]) + bytes(80))


P7M = "application/pkcs7-mime; name=smime.p7m"
ARMOUR = b"-----BEGIN PGP MESSAGE-----\r\n\r\n" + b"x" * 300 + b"\r\n-----END PGP MESSAGE-----\r\n"
AS_BASE64 = "Content-Transfer-Encoding: base64"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (parts(part("application/pgp-encrypted", b"Version: 1"), file("x=y"), kind="encrypted"), "PGP/MIME"),
        (parts(parts(file("x=y"), kind="encrypted"), PLAIN), "PGP/MIME"),
        (b"Content-Type: multipart/encrypted; boundary=b\r\n\r\nx", "PGP/MIME"),
        (part(f"{P7M}; smime-type=enveloped-data", der(3), AS_BASE64), "S/MIME"),
        (part("application/x-pkcs7-mime", der(3), AS_BASE64), "S/MIME"),
        (part("application/octet-stream; name=smime.p7m", der(3), AS_BASE64), "S/MIME"),
        (part(f"{P7M}; smime-type=authEnveloped-data", b"?", AS_BASE64), "S/MIME"),
        (part(P7M, b"?", AS_BASE64), "S/MIME"),
        (part(f"{P7M}; smime-type=signed-data", der(3), AS_BASE64), "S/MIME"),
        (part(f"{P7M}; smime-type=signed-data", der(2), AS_BASE64), ""),
        (part(P7M, der(2), AS_BASE64), ""),
        (parts(PLAIN, part("application/pkcs7-signature; name=smime.p7s", b"x"), kind="signed"), ""),
        (parts(PLAIN, part("application/pgp-signature", b"x"), kind="signed"), ""),
        (part("text/plain", ARMOUR), "PGP inline"),
        (part("text/plain", b"Hi,\r\n" + ARMOUR + b"Anna"), "PGP inline"),
        (part("text/plain", ARMOUR + b"A long explanation of what it is. " * 30), ""),
        (part("text/plain", ARMOUR.replace(b"MESSAGE", b"SIGNATURE")), ""),
        (part("text/plain", b""), ""),
        (parts(PLAIN, part("message/rfc822", hostile.HEAD + part(P7M, der(3), AS_BASE64))), ""),
    ],
)
def test_what_is_encrypted_is_known_and_what_is_signed_is_ordinary(body: bytes, kind: str) -> None:
    """Case 126."""
    assert whole(body).encrypted == kind


def test_parts_around_an_encrypted_one_are_never_joined_with_it() -> None:
    """Case 126, EFAIL: an open tag before and after must not enclose what lies between."""
    before, after = part("text/html", b'<img src="http://evil.example/'), part("text/html", b'">')
    message = whole(parts(before, part(P7M, der(3), AS_BASE64), after))
    assert message.encrypted == "S/MIME"
    assert "MIAG" not in message.text and "evil.example" not in message.text


def test_text_inside_an_opaque_signature_is_remarked() -> None:
    remarks = whole(part(P7M, der(2), AS_BASE64)).remarks
    assert "opaque S/MIME signature: the text stands inside the attachment" in remarks


# ---- the same mail


BASE = hostile.HEAD + b"Date: Mon, 1 Jun 2026 10:02:00 +0200\r\nMessage-ID: <1@x>\r\n" + parts(PLAIN, file("x=y"))


@pytest.mark.parametrize(
    "other",
    [
        b"Received: from a by b\r\nList-Id: <x>\r\nReturn-Path: <>\r\nDKIM-Signature: x\r\n" + BASE,
        BASE.replace(b"desk@agency.example", b"list@agency.example"),
        BASE.replace(b"=_mixed", b"other"),
        BASE.replace(b"Subject: Question", b"Subject:\r\n Question"),
        BASE.replace(b"\r\n", b"\n"),
        BASE.replace(b"the plain one", b"dGhlIHBsYWluIG9uZQ==").replace(
            b"charset=utf-8", b"charset=utf-8\r\nContent-Transfer-Encoding: base64"
        ),
    ],
)
def test_a_copy_that_came_another_way_is_the_same_mail(other: bytes) -> None:
    """Case 23."""
    assert read(other).content_id == read(BASE).content_id


@pytest.mark.parametrize(
    "other",
    [
        BASE.replace(b"anna@", b"bo@"),
        BASE.replace(b"Question", b"Questions"),
        BASE.replace(b"10:02", b"10:03"),
        BASE.replace(b"the plain one", b"the plain two"),
        BASE.replace(b"\r\nx\r\n", b"\r\ny\r\n"),
        BASE.replace(b"application/pdf", b"application/zip"),
    ],
)
def test_a_mail_with_other_content_is_another_mail(other: bytes) -> None:
    """Case 24: whoever uses a Message-ID first suppresses nothing."""
    assert other != BASE
    assert read(other).content_id != read(BASE).content_id


# ---- for all mails


def check(message: Message) -> None:
    """What everybody may rely on."""
    for text in (message.text, message.subject, *message.remarks, *(found.name for found in message.attachments)):
        text.encode("utf-8")
        assert "\0" not in text
    assert "\r" not in message.text
    assert message.subject.isprintable() and len(message.subject) <= 500
    assert (message.sender is None) == bool(message.ambiguity)
    assert message.message_id.startswith("<") and message.message_id.isascii() and len(message.message_id) <= 250
    names = [found.name.casefold() for found in message.attachments]
    assert len(set(names)) == len(names)
    assert all(0 < len(name) <= 130 and "/" not in name and not name.startswith(".") for name in names)
    assert message.date is None or message.date.tzinfo is UTC


SEEDS = [as_sent(path) for path in sorted(MAILS.glob("*.eml"))]
CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), st.binary(max_size=12)), max_size=8)


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_a_message_or_unreadable(data: bytes) -> None:
    for raw in (data, b"From: a@b.example\r\n" + data, b"Content-Type: " + data):
        try:
            check(read(raw))
        except UnreadableMail:
            continue


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(SEEDS), CHANGES)
def test_a_damaged_mail_is_a_message_or_unreadable(raw: bytes, changes: list[tuple[float, int, bytes]]) -> None:
    for place, length, new in changes:
        at = int(place * len(raw))
        raw = raw[:at] + new + raw[at + length :]
    try:
        check(read(raw))
    except UnreadableMail:
        return


@settings(deadline=None, max_examples=50)
@given(st.sampled_from(SEEDS), st.lists(st.sampled_from([b"Received: from a by b", b"List-Id: <x>", b"X-Y: z"])))
def test_no_trace_or_list_header_makes_a_mail_another_one(raw: bytes, added: list[bytes]) -> None:
    above = b"".join(line + b"\r\n" for line in added)
    assert read(above + raw).content_id == read(raw).content_id


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co"]), max_size=200), st.text(max_size=40))
def test_what_another_program_writes_we_read(body: str, name: str) -> None:
    """Against the standard library's writer."""
    message = EmailMessage()
    message["From"] = "Anna <anna@university.example>"
    message["Subject"] = "".join(char for char in body if char.isprintable())[:100]
    message.set_content("> " + body)
    message.add_attachment(b"x", "application", "pdf", filename="".join(filter(str.isprintable, name)) or "x")
    found = read(message.as_bytes())
    assert found.sender == parse_address("anna@university.example")
    # mail-parser puts letters into their canonical form (UAX 15): U+F900 comes out as U+8C48, which is the same letter.
    assert normalize("NFC", found.text).split() == [">", *normalize("NFC", body).split()]
    assert len(found.attachments) == 1
