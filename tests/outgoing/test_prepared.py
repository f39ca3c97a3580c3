"""Prepared replies: what a mail client makes of the links in a letter (RFC 6068)."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksmail.address import Address
from ksmail.capability import find_tokens
from ksmail.desk.letter import LetterKind, Prepared
from ksmail.incoming.message import Language
from ksmail.outgoing.compose import Composer
from ksmail.outgoing.harmless import harmless, one_line
from tests.outgoing.letters import DESK, KEYRING, compose, composer, part, read, sample

WRITER = composer()
HOSTILE = (
    "a&b=c&cc=eve@other.example&bcc=eve@other.example",
    "x?body=y#z%0D%0A%41+ +",
    '"><script>alert(1)</script>',
    "' onclick=x {{7*7}} {% if x %}",
    "x\r\nBcc: victim@other.example\r\n\r\nbody",
    "mailto:eve@other.example?subject=x",
    "\u202egnp.exe\u200b \ud800 \x00\x1b[31m é 李 😀",
)


def links(replies: tuple[Prepared, ...], by: Composer = WRITER, kind: LetterKind = LetterKind.STAFF_NEW) -> list[str]:
    """The links of a letter with these replies; the same in its text and in its HTML."""
    one = sample(kind, name="bare")
    mail = compose(replace(one, letter=replace(one.letter, prepared=replies)), by)
    in_text = re.findall(r"mailto:\S+", part(mail, "plain"))
    in_html = [html.unescape(link) for link in re.findall(r'<a href="([^"]*)">', part(mail, "html"))]
    assert in_text == in_html
    return in_text


def opened(link: str) -> tuple[str, dict[str, str]]:
    """Address and fields, split first and decoded then, as a mail client does."""
    address, _, query = link.removeprefix("mailto:").partition("?")
    fields = (field.partition("=") for field in query.split("&"))
    return unquote(address), {name: unquote(value) for name, _, value in fields}


def test_a_prepared_reply_has_address_subject_and_body() -> None:
    (link,) = links((Prepared("answer", "#answer", "Dear Ada,\n\nYou can."),))
    address, fields = opened(link)
    assert address == "contact@desk.example"
    assert re.fullmatch(r"\[KV-2026-0042\] #answer \(\S+\)", fields["subject"])
    assert fields["body"] == "#answer\r\n\r\nDear Ada,\r\n\r\nYou can."


def test_the_subject_of_a_prepared_reply_carries_the_token_of_the_letter() -> None:
    one = sample(LetterKind.STAFF_NEW, name="bare")
    letter = replace(one.letter, prepared=(Prepared("take", "#take"),))
    mail = compose(replace(one, letter=letter))
    (link,) = re.findall(r"mailto:\S+", part(mail, "plain"))
    (token,) = find_tokens(opened(link)[1]["subject"])
    capability = KEYRING.read(token)
    assert (token,) == find_tokens(mail.message_id)
    assert capability is not None and capability.subject == "KV-2026-0042"
    assert KEYRING.issued_to(capability, letter.to)


def test_a_prepared_yes_carries_the_one_time_reference_under_the_number_of_the_question() -> None:
    (link,) = links((Prepared("confirm", "yes"),), kind=LetterKind.CONFIRM)
    subject = opened(link)[1]["subject"]
    assert subject.startswith("[C-17] yes (c-17.s.")


def test_with_plus_addressing_a_prepared_reply_goes_to_the_address_with_the_token() -> None:
    writer = composer(replace(DESK, address=Address("desk", "desk.example")), plus_addressing=True)
    (link,) = links((Prepared("take", "#take"),), writer)
    assert link.startswith("mailto:desk%2Bkv-2026-0042.s.")
    assert opened(link)[0].startswith("desk+kv-2026-0042.s.")


def test_an_order_that_wants_something_behind_it_keeps_its_space() -> None:
    (link,) = links((Prepared("close", "#close "),))
    assert link.endswith("&body=%23close%20")


@pytest.mark.parametrize("text", ["\n".join(f"Line {number}, é." for number in range(500)), "x" * 2_000])
def test_a_text_that_does_not_fit_in_a_link_is_left_out_whole(text: str) -> None:
    (link,) = links((Prepared("send", "#answer", text),))
    assert len(link) <= 1_900
    assert opened(link)[1]["body"].rstrip() == "#answer"


def test_a_text_that_fits_goes_along_whole() -> None:
    text = "x" * 1_700
    (link,) = links((Prepared("send", "#answer", text),))
    assert opened(link)[1]["body"] == f"#answer\r\n\r\n{text}"


@pytest.mark.parametrize(("language", "said"), [(Language.NL, "past niet in deze link"), (Language.EN, "does not fit")])
def test_a_letter_says_that_a_text_did_not_fit(language: Language, said: str) -> None:
    one = sample(LetterKind.STAFF_NEW, language, name="bare")
    for text, cut in (("x\n" * 2_000, True), ("x", False)):
        mail = compose(replace(one, letter=replace(one.letter, prepared=(Prepared("send", "#answer", text),))))
        for subtype in ("plain", "html"):
            assert (said in part(mail, subtype)) is cut


def test_a_reply_without_a_label_of_its_own_shows_its_line() -> None:
    one = sample(LetterKind.STAFF_NEW, name="bare")
    mail = compose(replace(one, letter=replace(one.letter, prepared=(Prepared("unheard of", "#do <this>"),))))
    assert "- #do <this>: mailto:" in part(mail, "plain")
    assert ">#do &lt;this&gt;</a>" in part(mail, "html")


def test_an_asker_gets_no_prepared_replies() -> None:
    assert b"mailto:" not in compose(sample(LetterKind.ANSWER)).raw


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60)), st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60))
)
def test_what_stands_in_a_prepared_reply_stays_text(line: str, text: str) -> None:
    (link,) = links((Prepared("send", line, text),))
    assert re.fullmatch(r"mailto:contact@desk\.example\?subject=[A-Za-z0-9._~%-]+&body=[A-Za-z0-9._~%-]*", link)
    address, fields = opened(link)
    assert address == "contact@desk.example" and set(fields) == {"subject", "body"}
    assert len(fields["subject"].splitlines()) == 1
    said, _, rest = fields["body"].replace("\r\n", "\n").partition("\n\n")
    assert said.strip() == one_line(line)
    assert rest == harmless(text).strip()


def test_a_hostile_reply_adds_no_header() -> None:
    one = sample(LetterKind.STAFF_NEW, name="bare")
    plain = read(compose(one)).keys()
    replies = tuple(Prepared("other", words, words) for words in HOSTILE)
    mail = compose(replace(one, letter=replace(one.letter, prepared=replies)))
    assert read(mail).keys() == plain
    assert "<script" not in part(mail, "html")
