"""Letters whose words a staff member wrote, and letters that wait before they leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksmail.address import Address
from ksmail.capability import Audience, find_tokens
from ksmail.desk.letter import LetterKind
from ksmail.desk.ticket import (
    Acknowledged,
    Answered,
    Corrected,
    EntryKind,
    Ground,
    InfoAsked,
    Posted,
    Promised,
    TakenUp,
)
from ksmail.incoming.identity import Role
from ksmail.incoming.message import Language
from ksmail.outgoing.harmless import harmless
from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.samples import Sample
from tests.outgoing.letters import DESK, KEYRING, NOW, compose, composer, part, read, sample

WRITER = composer()
BY_A_PERSON = [kind for kind in LetterKind if kind.by_a_person]


def answer(name: str = "bare", language: Language = Language.EN, **facts: Any) -> Sample:
    return sample(LetterKind.ANSWER, language, name, **facts)


def with_letter(one: Sample, **changes: Any) -> Sample:
    return replace(one, letter=replace(one.letter, **changes))


# --- the words


@pytest.mark.parametrize("kind", BY_A_PERSON)
def test_the_words_of_staff_stand_there_whole_and_without_a_margin(kind: LetterKind) -> None:
    text = "Dear Ada,\n\nFirst.\nSecond.\n\nThird."
    assert f"{text}\n\n" in part(compose(sample(kind, name="bare", text=text)), "plain")


def test_the_words_of_staff_are_never_cut() -> None:
    text = "\n".join(f"Line {number}" for number in range(3_000)) + "\n" + "x" * 30_000
    assert text in part(compose(answer(text=text)), "plain")


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_the_words_of_staff_are_harmless_text(text: str) -> None:
    mail = compose(answer(text=f"Begin {text} end."), WRITER)
    shown = " ".join(part(mail, "plain").split())
    assert shown.startswith(" ".join(harmless(f"Begin {text} end.").split()))
    assert not any(inner.defects for inner in read(mail).walk())


@pytest.mark.parametrize("kind", BY_A_PERSON)
def test_in_a_letter_in_two_languages_the_words_of_staff_stand_once(kind: LetterKind) -> None:
    text = part(compose(sample(kind, Language.BOTH, text="These are the words.")), "plain")
    assert text.count("These are the words.") == 1
    assert "Met vriendelijke groet" in text and "Kind regards" in text
    assert text.index("These are the words.") < text.index("Met vriendelijke groet") < text.index("Kind regards")


@pytest.mark.parametrize(
    ("language", "said"),
    [(Language.NL, "Dit is een advies. U beslist zelf."), (Language.EN, "This is advice. The decision is yours.")],
)
@pytest.mark.parametrize("kind", [LetterKind.ANSWER, LetterKind.CORRECTION])
def test_an_answer_says_that_it_does_not_bind(kind: LetterKind, language: Language, said: str) -> None:
    assert said in part(compose(sample(kind, language)), "plain")


@pytest.mark.parametrize(("name", "signed"), [("Sam Sample", True), ("", False)])
def test_an_answer_is_signed_by_a_name_where_the_desk_wants_that(name: str, signed: bool) -> None:
    text = part(compose(answer(by=name)), "plain")
    assert ("Kind regards,\n\nSam Sample\nExample contact point" in text) is signed
    assert ("Kind regards,\n\nExample contact point" in text) is not signed


def test_an_answer_does_not_say_that_a_machine_made_it() -> None:
    assert "automatically" not in part(compose(answer()), "plain")


@pytest.mark.parametrize("sources", [True, False])
def test_sources_are_named_when_staff_want_them(sources: bool) -> None:
    assert ("https://desk.example/guidelines" in part(compose(answer(sources=sources)), "plain")) is sources


def test_a_correction_says_first_which_answer_it_replaces() -> None:
    one = sample(LetterKind.CORRECTION, name="bare", answered_on=date(2026, 6, 2))
    text = part(compose(one), "plain")
    assert text.startswith("This is a correction. This e-mail replaces our answer of Tuesday 2 June 2026.\n\nDear Ada,")


# --- the subject


@pytest.mark.parametrize("kind", BY_A_PERSON)
@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("A joint laboratory", "Re: A joint laboratory"),
        ("Re: Antw: [KV-2026-0042] FW: more", "Re: more"),
        ("[KV-2026-0017] about another one", "Re: about another one"),
        ("[#1234] Re: [TOPdesk 17] ours", "Re: [#1234] [TOPdesk 17] ours"),
        ("[KV-2026\u200b-0017] hidden", "Re: hidden"),
        ("see https://uni.example/page", "Re: see https://uni.example/page"),
    ],
)
def test_an_answer_keeps_the_subject_of_the_question(kind: LetterKind, subject: str, expected: str) -> None:
    one = sample(kind, Language.BOTH, subject=subject)
    assert read(compose(one))["Subject"] == f"[KV-2026-0042] {expected}"


@pytest.mark.parametrize("kind", [LetterKind.STAFF_NEW, LetterKind.STAFF_FOLLOWUP, LetterKind.STAFF_ASSIGNED])
def test_the_subject_of_a_notice_shows_no_tag_of_another_ticket(kind: LetterKind) -> None:
    one = sample(kind, name="bare")
    more: dict[str, Any] = {"subject": "Re: [KV-2026-0017] x"} if "subject" in one.letter.facts else {}
    one = sample(kind, name="bare", **more)
    assert one.ticket is not None
    one = replace(one, ticket=replace(one.ticket, subject="Re: [KV-2026-0017] x"))
    subject = read(compose(one))["Subject"]
    assert "0017" not in subject and subject.startswith("[KV-2026-0042] ") and subject.endswith(": x")


def test_the_text_of_a_notice_shows_the_subject_as_it_was() -> None:
    text = part(compose(sample(LetterKind.STAFF_NEW, subject="Re: [KV-2026-0017] x")), "plain")
    assert "Subject: Re: [KV-2026-0017] x" in text


@pytest.mark.parametrize(("reference", "tag"), [("KV-2026-0042", "[KV-2026-0042]"), ("", "[C-17]")])
def test_a_request_to_confirm_shows_the_number_of_the_question(reference: str, tag: str) -> None:
    mail = compose(sample(LetterKind.CONFIRM, reference=reference))
    (token,) = find_tokens(mail.message_id)
    capability = KEYRING.read(token)
    assert read(mail)["Subject"].startswith(tag)
    assert capability is not None and capability.names_confirmation and mail.about == "C-17"


# --- envelope and time


def test_copies_go_to_those_who_stood_in_cc() -> None:
    others = (Address("grace", "uni.example", "Grace"), Address("legal", "uni.example"))
    mail = compose(with_letter(answer(), cc=others))
    assert read(mail)["To"] == "ada@uni.example"
    assert read(mail)["Cc"] == "grace@uni.example, legal@uni.example"
    assert mail.recipients == ("ada@uni.example", "grace@uni.example", "legal@uni.example")


def test_nobody_gets_a_letter_twice() -> None:
    twice = (Address("Ada", "uni.example"), Address("grace", "uni.example"), Address("GRACE", "uni.example"))
    mail = compose(with_letter(answer(), cc=twice))
    assert mail.recipients == ("ada@uni.example", "grace@uni.example")
    assert read(mail)["Cc"] == "grace@uni.example"


def test_many_copies_make_a_folded_header() -> None:
    others = tuple(Address(f"colleague-{number}", "uni.example") for number in range(50))
    mail = compose(with_letter(answer(), cc=others))
    assert len(read(mail)["Cc"].addresses) == 50
    assert max(map(len, mail.raw.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 998


def test_a_letter_that_waits_is_due_later_and_can_be_ordered() -> None:
    mail = compose(with_letter(sample(LetterKind.DELAY_NOTICE), wait=timedelta(minutes=3)))
    assert mail.due_at == NOW + timedelta(minutes=3) and mail.orderable
    assert read(mail)["Date"].datetime == NOW


@pytest.mark.parametrize("kind", LetterKind)
def test_without_a_wait_only_what_staff_wrote_or_had_sent_can_be_ordered(kind: LetterKind) -> None:
    mail = compose(sample(kind))
    assert mail.due_at == NOW and mail.orderable is (kind.by_a_person or kind.asks_a_person)


def test_the_text_of_a_letter_is_kept_beside_its_bytes() -> None:
    for kind in (LetterKind.ANSWER, LetterKind.STAFF_NEW):
        mail = compose(sample(kind))
        assert mail.text == part(mail, "plain")


def test_what_becomes_true_by_a_letter_names_it() -> None:
    posted = Posted(
        kind=EntryKind.ANSWER,
        author=Address("sam", "desk.example"),
        role=Role.STAFF,
        audience=Audience.ASKER,
        text="Yes.",
        message_id="",
    )
    unnamed = (
        posted,
        Acknowledged(""),
        Answered(message_id="", at=NOW),
        InfoAsked(message_id="", at=NOW, remaining_days=1),
        Corrected(message_id="", at=NOW),
    )
    mail = compose(with_letter(answer(), then=unnamed))
    assert mail.then == tuple(replace(each, message_id=mail.message_id) for each in unnamed)


def test_what_has_a_name_or_needs_none_stays_as_it_is() -> None:
    changes = (
        Answered(message_id="<other@desk.example>", at=NOW),
        TakenUp(),
        Promised(promised_on=date(2026, 6, 9), ground=Ground.EXTENDED),
    )
    assert compose(with_letter(answer(), then=changes)).then == changes


# --- tokens


def expiry(mail: OutgoingMail) -> date | None:
    (token,) = find_tokens(mail.message_id)
    capability = KEYRING.read(token)
    assert capability is not None
    return capability.expires


@pytest.mark.parametrize("kind", LetterKind)
def test_references_that_give_a_right_expire_and_those_of_askers_never_do(kind: LetterKind) -> None:
    expected = None if kind.audience is Audience.ASKER else date(2026, 6, 11)
    assert expiry(compose(sample(kind), composer(staff_reference_life=timedelta(days=10)))) == expected


def test_a_reference_expires_by_days_of_utc() -> None:
    one = sample(LetterKind.STAFF_NEW)
    late = datetime(2026, 6, 1, 23, 30, tzinfo=UTC).astimezone(DESK.timezone)
    mail = composer(staff_reference_life=timedelta(days=10)).compose(one.letter, one.ticket, now=late, files=one.files)
    assert expiry(mail) == date(2026, 6, 11)


@pytest.mark.parametrize("kind", [LetterKind.ANSWER, LetterKind.STAFF_NEW])
def test_with_bounce_addresses_a_report_comes_back_under_the_token(kind: LetterKind) -> None:
    writer = composer(replace(DESK, address=Address("desk", "desk.example")), bounce_addresses=True)
    mail = compose(sample(kind), writer)
    (token,) = find_tokens(mail.message_id)
    assert mail.envelope_from == f"desk+{token}@desk.example"
    assert read(mail)["Reply-To"] == "desk@desk.example"


def test_an_acknowledgement_with_the_null_path_has_no_bounce_address() -> None:
    writer = composer(replace(DESK, address=Address("desk", "desk.example")), bounce_addresses=True, null_sender=True)
    assert compose(sample(LetterKind.ACK), writer).envelope_from == ""


def test_a_bounce_address_is_never_too_long() -> None:
    desk = replace(DESK, address=Address("a-very-long-name", "desk.example"))
    assert compose(answer(), composer(desk, bounce_addresses=True)).envelope_from == "a-very-long-name@desk.example"
