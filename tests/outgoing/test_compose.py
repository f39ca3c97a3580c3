"""Finished mails: their headers, their bytes, and what strangers cannot do to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ksmail.address import Address
from ksmail.capability import Audience, find_tokens
from ksmail.desk.case import NumberedFile
from ksmail.desk.letter import LetterKind
from ksmail.desk.ticket import Flag, Flagged
from ksmail.errors import ConfigError
from ksmail.incoming.evidence import strip_subject
from ksmail.incoming.identity import Institution
from ksmail.incoming.message import Attachment, Language
from ksmail.outgoing.compose import Composer, ComposeSettings, DeskFacts
from ksmail.outgoing.finish import subject_line
from ksmail.outgoing.harmless import one_line
from ksmail.outgoing.samples import Sample, samples
from tests.outgoing.letters import DESK, KEYRING, NOW, SMALL_DESK, compose, composer, languages, part, read, sample

EVERY_SAMPLE = [one for kind in LetterKind for language in languages(kind) for one in samples(kind, language)]
WRITER = composer()
HEADERS = {
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
}


def with_letter(one: Sample, **changes: Any) -> Sample:
    return replace(one, letter=replace(one.letter, **changes))


# --- headers


def test_an_acknowledgement_is_one_small_text_to_one_person() -> None:
    mail = compose(sample(LetterKind.ACK))
    message = read(mail)
    assert message.get_content_type() == "text/plain" and len(mail.raw) <= 4096
    assert [message["To"], *mail.recipients] == ["ada@uni.example"] * 2
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["In-Reply-To"] == message["References"] == "<question@uni.example>"
    assert message["From"].addresses[0].addr_spec == "contact@desk.example"
    assert message["From"].addresses[0].display_name == "Example contact point"


def test_an_acknowledgement_does_not_repeat_the_name_of_the_asker() -> None:
    to = Address("victim", "uni.example", "Call 555 and pay")
    mail = compose(with_letter(sample(LetterKind.ACK), to=to))
    assert b"pay" not in mail.raw


@pytest.mark.parametrize("kind", LetterKind)
def test_only_what_a_machine_wrote_says_so(kind: LetterKind) -> None:
    by_people = kind.by_a_person or kind.asks_a_person
    expected = None if by_people else "auto-replied" if kind.audience is Audience.ASKER else "auto-generated"
    message = read(compose(sample(kind, name="bare")))
    assert message["Auto-Submitted"] == expected
    assert message["X-Auto-Response-Suppress"] == (None if by_people else "All")


@pytest.mark.parametrize("one", EVERY_SAMPLE, ids=lambda one: f"{one.letter.language}-{one.letter.kind}-{one.name}")
def test_every_letter_has_these_headers_once_and_no_others(one: Sample) -> None:
    message = read(compose(one, WRITER))
    letter = one.letter
    extra = {"Content-Transfer-Encoding"} if not letter.kind.has_html and not letter.files else set()
    extra |= {"Cc"} if letter.cc else set()
    by_people = letter.kind.by_a_person or letter.kind.asks_a_person
    missing = {"Auto-Submitted", "X-Auto-Response-Suppress"} if by_people else set()
    assert sorted(message.keys()) == sorted(HEADERS - missing | extra)
    assert not any(inner.defects for inner in message.walk())


def test_staff_letters_are_text_and_html() -> None:
    message = read(compose(sample(LetterKind.STAFF_NEW)))
    kinds = [inner.get_content_type() for inner in message.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]


def test_the_subject_carries_the_tag_once() -> None:
    one = sample(LetterKind.STAFF_NEW, subject="Re: [kv-2026-0042] [KV-2026-0042] more")
    assert read(compose(one))["Subject"] == "[KV-2026-0042] New question: more"


def test_the_subject_of_a_quarantined_mail_carries_its_number() -> None:
    assert read(compose(sample(LetterKind.STAFF_QUARANTINE, name="bare")))["Subject"] == "[Q-17] A mail in quarantine"


def test_a_bilingual_subject_is_dutch_then_english() -> None:
    message = read(compose(sample(LetterKind.ACK, Language.BOTH)))
    assert message["Subject"] == "[KV-2026-0042] Wij hebben uw vraag ontvangen / We have received your question"
    assert message["Content-Language"] == "nl, en"
    assert message["From"].addresses[0].display_name == "Voorbeeldloket / Example contact point"


def test_a_staff_letter_in_both_languages_is_dutch() -> None:
    assert read(compose(sample(LetterKind.STAFF_NEW, Language.BOTH)))["Content-Language"] == "nl"


def test_a_subject_of_ten_thousand_letters_is_bounded() -> None:
    assert len(read(compose(sample(LetterKind.STAFF_NEW, subject="é" * 10_000)))["Subject"]) == 200


def test_the_date_is_now() -> None:
    mail = compose(sample(LetterKind.ACK))
    assert read(mail)["Date"].datetime == NOW == mail.due_at


def test_the_thread_is_bounded_to_the_first_and_the_last_eight() -> None:
    thread = tuple(f"<{number}@uni.example>" for number in range(30))
    message = read(compose(with_letter(sample(LetterKind.ACK), references=thread, in_reply_to=thread[-1])))
    assert message["References"].split() == [thread[0], *thread[-8:]]


@pytest.mark.parametrize(
    "broken",
    ["", "plain", "<a b@c>", "<a@b>\r\nBcc: x@y.example", "<é@b>", "<a@b@c>", f"<{'x' * 999}@b>", "<=?utf-8?q?x?=@b>"],
)
def test_a_broken_message_id_is_left_out(broken: str) -> None:
    message = read(compose(with_letter(sample(LetterKind.ACK), references=(broken, "<ok@b>"), in_reply_to=broken)))
    assert message["References"] == "<ok@b>"
    assert message["In-Reply-To"] is None


def test_the_mail_that_is_answered_ends_the_thread() -> None:
    one = with_letter(sample(LetterKind.ACK), references=("<a@b>", "broken"), in_reply_to="<c@d>")
    assert read(compose(one))["References"] == "<a@b> <c@d>"


def test_a_long_message_id_is_not_broken() -> None:
    long = f"<{'x' * 150}@{'y' * 60}.example>"
    mail = compose(with_letter(sample(LetterKind.ACK), references=(long, "<b@c>"), in_reply_to=long))
    assert f"In-Reply-To: {long}\r\n".encode() in mail.raw
    assert f"References: {long}\r\n <b@c>\r\n".encode() in mail.raw


def test_the_longest_address_is_not_broken() -> None:
    to = Address("l" * 64, ".".join(["d" * 61] * 3))
    mail = compose(with_letter(sample(LetterKind.ACK), to=to))
    assert f"To: {to.spec}\r\n".encode() in mail.raw


def test_no_letter_tells_about_the_machine_or_asks_for_receipts() -> None:
    automatic = [one for one in EVERY_SAMPLE if not one.letter.kind.by_a_person]
    raw = b"".join(compose(one, WRITER).raw.partition(b"\r\n\r\n")[0] for one in automatic).lower()
    for header in (
        b"\nx-mailer",
        b"\nuser-agent",
        b"\nbcc",
        b"\ncc:",
        b"\nreceived:",
        b"\ndisposition-",
        b"\nprecedence",
    ):
        assert header not in raw


# --- envelope, token, identity of the letter


@pytest.mark.parametrize(
    ("kind", "null_sender", "expected"),
    [
        (LetterKind.ACK, False, "contact@desk.example"),
        (LetterKind.ACK, True, ""),
        (LetterKind.STAFF_NEW, True, "contact@desk.example"),
        (LetterKind.ANSWER, True, "contact@desk.example"),
        (LetterKind.DELAY_NOTICE, True, "contact@desk.example"),
        (LetterKind.REOPENED, True, ""),
    ],
)
def test_only_acknowledgements_leave_with_the_null_path(kind: LetterKind, null_sender: bool, expected: str) -> None:
    assert compose(sample(kind), composer(null_sender=null_sender)).envelope_from == expected


@pytest.mark.parametrize("kind", LetterKind)
def test_the_message_id_carries_a_token_for_this_person(kind: LetterKind) -> None:
    one = sample(kind)
    mail = compose(one)
    (token,) = find_tokens(mail.message_id)
    capability = KEYRING.read(token)
    assert capability is not None and capability.subject == one.letter.about
    assert capability.audience is kind.audience and KEYRING.issued_to(capability, one.letter.to)
    assert read(mail)["Message-ID"] == mail.message_id


def test_the_same_letter_at_the_same_moment_is_the_same_bytes() -> None:
    for one in EVERY_SAMPLE:
        assert compose(one, composer()) == compose(one, WRITER)


def test_a_later_moment_of_the_day_changes_the_date_alone() -> None:
    one = sample(LetterKind.STAFF_NEW)
    later = WRITER.compose(one.letter, one.ticket, now=NOW + timedelta(hours=1))
    lines = zip(compose(one, WRITER).raw.split(b"\r\n"), later.raw.split(b"\r\n"), strict=True)
    assert [old.partition(b":")[0] for old, new in lines if old != new] == [b"Date"]


@pytest.mark.parametrize(
    "change", [{"cause": "another"}, {"to": Address("eve", "uni.example")}, {"about": "KV-2026-0043"}]
)
def test_another_letter_has_another_message_id(change: dict[str, Any]) -> None:
    one = sample(LetterKind.ACK)
    assert compose(with_letter(one, **change)).message_id != compose(one).message_id


def test_the_case_of_an_address_does_not_make_a_second_letter() -> None:
    one = sample(LetterKind.ACK)
    assert compose(with_letter(one, to=Address("ADA", "uni.example"))).message_id == compose(one).message_id


def test_what_is_held_stays_held() -> None:
    assert compose(with_letter(sample(LetterKind.ACK), held="address_cap")).held == "address_cap"


def test_the_domain_of_message_ids_is_a_setting() -> None:
    assert compose(sample(LetterKind.ACK), composer(message_id_domain="ids.example")).message_id.endswith(
        "@ids.example>"
    )


def test_replies_come_to_the_desk() -> None:
    assert read(compose(sample(LetterKind.ACK)))["Reply-To"] == "contact@desk.example"


@pytest.mark.parametrize("kind", [LetterKind.ACK, LetterKind.STAFF_NEW])
def test_with_plus_addressing_a_reply_carries_the_token(kind: LetterKind) -> None:
    desk = replace(DESK, address=Address("desk", "desk.example"))
    mail = compose(sample(kind), composer(desk, plus_addressing=True))
    local, _, domain = read(mail)["Reply-To"].rpartition("@")
    assert domain == "desk.example" and local.startswith("desk+") and len(local) <= 64
    assert f"<{local[5:]}." in mail.message_id


def test_a_reply_address_is_never_too_long_for_the_mail() -> None:
    desk = replace(DESK, address=Address("a-very-long-name", "desk.example"))
    message = read(compose(sample(LetterKind.ACK), composer(desk, plus_addressing=True)))
    assert message["Reply-To"] == "a-very-long-name@desk.example"


# --- strangers


HOSTILE = (
    "{{7*7}}",
    "{% for x in y %}",
    "${7*7} %(x)s {0.__class__} #{7*7}",
    "<script>alert(1)</script>",
    "<scr<script>ipt>",
    "</div></td></table><form action=x><base href=x><meta http-equiv=refresh>",
    "<svg/onload=alert(1)> <style>*{background:url(x)}</style> &amp; \"' onclick=x",
    "x\r\nBcc: victim@other.example\r\n\r\nbody",
    "=?utf-8?q?x=0D=0ABcc:_victim@other.example?=",
    "\u202egnp.exe\u200b \ud800 \x00\x1b[31m",
    "--=_x\nContent-Type: text/html\n\n<b>",
    "\n  | not ours\nAnswer by tomorrow.",
    "[KV-2026-0042]" * 30,
)
strangers = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.one_of(st.characters(), st.sampled_from("<>&\"'{}%=?\r\n@.:;\\()[]|é李 "))),
)


def staff_new(words: str) -> Sample:
    """A notice in which a stranger chose every word there is."""
    filled = words if words.strip() else "x"
    return sample(
        LetterKind.STAFF_NEW,
        author=Address("eve", "uni.example", filled),
        answer_to=Address("eve", "uni.example", filled),
        cc=(Address("mallory", "uni.example", filled),),
        subject=filled,
        text=filled,
        files=(NumberedFile(1, Attachment(name=filled, content_type="text/plain", size=1, sha256=""), 17),),
        institution=Institution(name=filled, kind=filled),
        flags=(Flagged(Flag.NUMBER_OF_OTHERS, filled),),
    )


class Tags(HTMLParser):
    """The structure of a page, without line breaks in the text."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, Mapping[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "br":
            self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.seen.append((f"/{tag}", {}))

    def handle_comment(self, data: str) -> None:
        self.seen.append(("!", {}))


def structure(html: str) -> list[tuple[str, Mapping[str, str | None]]]:
    tags = Tags()
    tags.feed(html)
    tags.close()
    return tags.seen


def test_a_subject_of_invisible_characters_is_no_subject() -> None:
    one = sample(LetterKind.STAFF_NEW, subject="\u200b\u202e")
    assert read(compose(one))["Subject"] == "[KV-2026-0042] New question: (no subject)"


PLAIN = compose(staff_new("words"), WRITER)
PLAIN_HEADERS = sorted(read(PLAIN).keys())
PLAIN_TAGS = structure(part(PLAIN, "html"))


@settings(max_examples=100, deadline=None)
@given(strangers)
@example(HOSTILE[7])
@example(HOSTILE[8])
def test_strangers_add_no_header_part_or_tag(words: str) -> None:
    mail = compose(staff_new(words), WRITER)
    message = read(mail)
    assert sorted(message.keys()) == PLAIN_HEADERS
    assert [inner.get_content_type() for inner in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert not any(inner.defects for inner in message.walk())
    assert structure(part(mail, "html")) == PLAIN_TAGS


@settings(max_examples=100, deadline=None)
@given(strangers)
def test_the_wire_form_is_canonical(words: str) -> None:
    raw = compose(staff_new(words), WRITER).raw
    assert raw.isascii()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", raw)
    body = raw.partition(b"\r\n\r\n")[2]
    assert max(map(len, body.split(b"\r\n"))) <= 76


@settings(max_examples=100, deadline=None)
@given(strangers)
def test_a_subject_arrives_as_it_was_written(words: str) -> None:
    shown = strip_subject(one_line(words if words.strip() else "x"), "KV") or "(no subject)"
    expected = subject_line("KV-2026-0042", f"New question: {shown}")
    subject = read(compose(staff_new(words), WRITER))["Subject"]
    assert subject == expected
    assert len(subject) <= 200 and len(subject.splitlines()) == 1 and "=?" not in subject


@settings(max_examples=100, deadline=None)
@given(strangers)
def test_in_the_text_part_strangers_stay_behind_the_margin(words: str) -> None:
    bare = sample(LetterKind.STAFF_NEW, name="bare", text=words if words.strip() else "x")
    ours = part(compose(sample(LetterKind.STAFF_NEW, name="bare", text="x"), WRITER), "plain")
    text = part(compose(bare, WRITER), "plain")
    outside = [line for line in text.split("\n") if not line.startswith("  |")]
    assert outside == [line for line in ours.split("\n") if not line.startswith("  |")]


@pytest.mark.parametrize("words", HOSTILE[:3])
def test_what_looks_like_a_template_appears_literally(words: str) -> None:
    mail = compose(staff_new(words), WRITER)
    assert part(mail, "plain").count(words) == 9
    assert words in read(mail)["Subject"]
    assert part(mail, "html").count(words) == 9


@pytest.mark.parametrize("words", HOSTILE[3:7])
def test_what_looks_like_html_is_shown_as_text(words: str) -> None:
    mail = compose(staff_new(words), WRITER)
    assert words in part(mail, "plain")
    assert "<script" not in part(mail, "html") and "<svg" not in part(mail, "html")


def test_names_that_look_like_addresses_stand_behind_the_real_one() -> None:
    one = sample(LetterKind.STAFF_NEW, author=Address("eve", "other.example", "ada@uni.example\u202e"))
    assert "From: eve@other.example (name given: ada@uni.example)" in part(compose(one), "plain")


def test_an_acknowledgement_repeats_a_subject_without_its_links() -> None:
    one = sample(LetterKind.ACK, subject="Pay at https://bad.example/now or bad.example")
    text = part(compose(one), "plain")
    assert "Subject: Pay at (link) or (link)" in text and "bad.example" not in text


def test_an_acknowledgement_of_an_unproven_sender_repeats_nothing() -> None:
    assert "Subject:" not in part(compose(sample(LetterKind.ACK, name="bare")), "plain")


def test_the_subject_header_of_an_acknowledgement_is_always_the_same() -> None:
    subjects = {read(compose(sample(LetterKind.ACK, subject=words)))["Subject"] for words in ("", "Pay now")}
    assert subjects == {"[KV-2026-0042] We have received your question"}


@given(strangers)
@settings(max_examples=50, deadline=None)
def test_an_acknowledgement_stays_small_whatever_the_subject(words: str) -> None:
    mail = compose(sample(LetterKind.ACK, Language.BOTH, subject=words * 50), WRITER)
    assert len(mail.raw) <= 8192


def test_a_desk_name_with_quotes_is_one_name() -> None:
    desk = replace(DESK, name_en='The "Desk", <main>; \\ 李')
    found = read(compose(sample(LetterKind.ACK), composer(desk)))["From"].addresses
    assert [(each.display_name, each.addr_spec) for each in found] == [
        ("The 'Desk', <main>; ' 李", "contact@desk.example")
    ]


def test_an_address_with_a_line_break_is_refused() -> None:
    with pytest.raises(ValueError, match=r"linefeed|newline"):
        compose(with_letter(sample(LetterKind.ACK), to=Address("a\r\nBcc: x", "uni.example")))


# --- the desk's own templates


def own(folder: Path, name: str, text: str) -> Composer:
    """A desk that wrote one file itself."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return Composer(ComposeSettings(templates=folder), DESK, KEYRING)


@pytest.mark.parametrize("desk", [DESK, SMALL_DESK])
def test_the_shipped_templates_are_good(desk: DeskFacts) -> None:
    tried = composer(desk).check()
    assert sorted(tried) == sorted(f"{language}/{kind}" for kind in LetterKind for language in languages(kind))


def test_an_own_file_goes_before_the_shipped_one(tmp_path: Path) -> None:
    writer = own(tmp_path, "en/ack/subject.txt", "Your question")
    assert writer.check()
    assert read(compose(sample(LetterKind.ACK), writer))["Subject"] == "[KV-2026-0042] Your question"
    assert read(compose(sample(LetterKind.ACK, Language.NL), writer))["Subject"].endswith(
        "Wij hebben uw vraag ontvangen"
    )


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("nl/ack/body.txt", "{{ letter.promisd_on }}", "nl/ack/body.txt: .*promisd_on"),
        ("nl/ack/body.txt", "{{ letter.promisd_on | longdate }}", "nl/ack/body.txt: .*promisd_on"),
        ("nl/ack/body.txt", "{{ letter.subject | longdate }}", "nl/ack/body.txt: TypeError while it was filled in"),
        ("en/staff_new/body.html", "a\n{% if %}", "en/staff_new/body.html, line 2: "),
        (
            "en/staff_new/body.html",
            "{{ letter.text | safe }}",
            "en/staff_new/body.html, line 1: No filter named 'safe'",
        ),
        ("en/_shared/closing.txt", "{% endif %}", "en/_shared/closing.txt, line 1: "),
        ("en/ack/body.txt", '{% include "en/_shared/gone.txt" %}', "en/_shared/gone.txt is missing"),
        ("en/ack/body.txt", " \n", "en/ack/body.txt is empty"),
        ("en/ack/body.txt", "{{ letter.subject.__class__ }}", "en/ack/body.txt: .*unsafe"),
        ("en/akc/body.txt", "words", "no letter uses en/akc/body.txt"),
        ("en/ack/body.text.txt", "words", "no letter uses en/ack/body.text.txt"),
    ],
)
def test_a_fault_in_an_own_file_is_named(tmp_path: Path, name: str, text: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=f"^letters.templates: {sentence}"):
        own(tmp_path, name, text).check()


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    writer = own(tmp_path, "nl/ack/subject.txt", "x")
    (tmp_path / "nl/ack/subject.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"^letters.templates: nl/ack/subject.txt: UnicodeDecodeError"):
        writer.check()


def test_own_notes_and_shared_files_are_welcome(tmp_path: Path) -> None:
    own(tmp_path, "README.md", "Our wording.")
    assert own(tmp_path, "nl/_shared/ours.txt", "Ours.").check()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^letters.templates: .*gone is not a folder"):
        composer(templates=tmp_path / "gone").check()


def test_an_address_too_long_for_plus_addressing_is_named() -> None:
    desk = replace(DESK, address=Address("a-very-long-name", "desk.example"))
    with pytest.raises(ConfigError, match=r"^letters.plus_addressing: needs at most \d+ characters"):
        composer(desk, plus_addressing=True).check()


def test_an_error_never_quotes_a_fact(tmp_path: Path) -> None:
    writer = own(tmp_path, "en/ack/body.txt", "{{ letter.subject | longdate }}")
    with pytest.raises(ConfigError) as caught:
        compose(sample(LetterKind.ACK, subject="CANARY"), writer)
    assert "CANARY" not in str(caught.value) and caught.value.__cause__ is None
