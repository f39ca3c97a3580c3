"""Which ticket a mail claims to belong to, and what carried the claim."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.capability import Audience, Key, Keyring
from ksmail.incoming.evidence import Evidence, find_evidence, find_number, find_partner_code, strip_subject
from ksmail.incoming.message import Message
from ksmail.reference import Reference
from tests.builders import ASKER, DESK, PARTNER, STAFF, address, keyring, message

TICKET = "KV-2026-0042"
NUMBER = Reference("KV", 2026, 42)
TODAY = date(2026, 11, 25)
YESTERDAY = TODAY - timedelta(days=1)


def token(
    subject: str = TICKET, party: str = ASKER, audience: Audience = Audience.ASKER, expires: date | None = None
) -> str:
    return keyring().issue(subject, audience, address(party), expires)


def thread_id(subject: str = TICKET, party: str = ASKER, expires: date | None = None) -> str:
    return f"<{token(subject, party, expires=expires)}.abc@desk.example>"


def find(mail: Message, ring: Keyring | None = None) -> Evidence:
    return find_evidence(mail, ring or keyring(), "KV", TODAY)


def subject_of(evidence: Evidence) -> str | None:
    return evidence.capability.subject if evidence.capability else None


def test_our_message_id_in_in_reply_to_is_evidence() -> None:
    evidence = find(message(in_reply_to=(thread_id(),)))
    assert (subject_of(evidence), evidence.because) == (TICKET, "our Message-ID in In-Reply-To or References")


def test_our_message_id_anywhere_in_references_is_evidence() -> None:
    assert subject_of(find(message(references=("<1@x.example>", thread_id(), "<2@x.example>")))) == TICKET


def test_our_signed_reply_address_is_evidence() -> None:
    evidence = find(message(to=(address(f"desk+{token()}@desk.example"),)))
    assert (subject_of(evidence), evidence.because) == (TICKET, "our signed reply address")


def test_our_signed_reply_address_in_cc_is_evidence_even_in_capitals() -> None:
    carrier = address(f"DESK+{token().upper()}@desk.example")
    assert subject_of(find(message(to=(address(STAFF),), cc=(carrier,)))) == TICKET


def test_our_token_in_the_subject_is_evidence() -> None:
    evidence = find(message(subject=f"Re: question [{token()}]"))
    assert (subject_of(evidence), evidence.because) == (TICKET, "our signed token in the subject")


def test_the_thread_goes_before_the_address_and_the_subject() -> None:
    mail = message(
        in_reply_to=(thread_id(),), to=(address(f"desk+{token()}@desk.example"),), subject=f"Re: [{token()}]"
    )
    assert find(mail).because == "our Message-ID in In-Reply-To or References"


@pytest.mark.parametrize("place", ["thread", "address", "subject"])
def test_a_token_that_somebody_else_signed_is_no_evidence(place: str) -> None:
    forged = keyring(b"their secret").issue(TICKET, Audience.ASKER, address())
    mails = {
        "thread": message(in_reply_to=(f"<{forged}@desk.example>",)),
        "address": message(to=(address(f"desk+{forged}@desk.example"),)),
        "subject": message(subject=forged),
    }
    assert find(mails[place]).capability is None


def test_a_forged_token_does_not_hide_a_genuine_one() -> None:
    forged = keyring(b"their secret").issue("KV-2026-0001", Audience.ASKER, address())
    assert subject_of(find(message(references=(f"<{forged}@desk.example>", thread_id())))) == TICKET


def test_a_token_in_the_body_is_no_evidence() -> None:
    assert find(message(text=f"Your reference: {token()}")) == Evidence()


def test_references_to_two_tickets_are_evidence_of_neither__case_143() -> None:
    evidence = find(message(subject=f"Re: [{TICKET}]", references=(thread_id(), thread_id(subject="KV-2026-0043"))))
    assert evidence == Evidence(several=True, because="signed references to different tickets")


def test_two_tickets_in_two_carriers_are_evidence_of_neither__case_143() -> None:
    mail = message(in_reply_to=(thread_id(),), to=(address(f"desk+{token('KV-2026-0043')}@desk.example"),))
    assert find(mail).capability is None


def test_the_letter_that_is_answered_goes_before_those_further_back_in_the_thread() -> None:
    later = thread_id(subject="KV-2026-0043")
    evidence = find(message(in_reply_to=(later,), references=(thread_id(), later)))
    assert (subject_of(evidence), evidence.several) == ("KV-2026-0043", False)
    assert evidence.further == (TICKET,)


def test_several_letters_about_one_ticket_are_evidence_of_it() -> None:
    assert subject_of(find(message(references=(thread_id(), thread_id(party=STAFF))))) == TICKET


def test_of_several_tokens_the_one_issued_to_the_sender_goes_first() -> None:
    mail = message(references=(thread_id(party=PARTNER), thread_id(party=ASKER)))
    capability = find(mail).capability
    assert capability is not None
    assert keyring().issued_to(capability, address(ASKER))


def test_a_token_issued_to_somebody_else_is_still_found() -> None:
    capability = find(message(sender=address("eve@x.example"), in_reply_to=(thread_id(),))).capability
    assert capability is not None
    assert not keyring().issued_to(capability, address("eve@x.example"))


def test_evidence_is_found_in_a_mail_without_a_sender() -> None:
    assert subject_of(find(message(sender=None, in_reply_to=(thread_id(),)))) == TICKET


def test_a_plain_number_is_a_claim_and_no_capability__case_100() -> None:
    evidence = find(message(subject="Re: [KV-2026-0042] a question"))
    assert (evidence.capability, evidence.number) == (None, NUMBER)
    assert evidence.because == "number KV-2026-0042 in the subject"


def test_what_a_mail_answers_is_kept_once_each() -> None:
    mail = message(in_reply_to=("<1@x.example>",), references=("<0@x.example>", "<1@x.example>"))
    assert find(mail).answers == ("<1@x.example>", "<0@x.example>")


def test_an_ordinary_question_has_no_evidence() -> None:
    assert find(message()) == Evidence()


def test_a_reference_counts_on_its_last_day() -> None:
    evidence = find(message(in_reply_to=(thread_id(expires=TODAY),)))
    assert (subject_of(evidence), evidence.expired) == (TICKET, None)


@pytest.mark.parametrize("place", ["thread", "address", "subject"])
def test_an_expired_reference_is_no_capability_and_is_told_apart__case_87(place: str) -> None:
    old = token(expires=YESTERDAY)
    mails = {
        "thread": message(in_reply_to=(f"<{old}@desk.example>",)),
        "address": message(to=(address(f"desk+{old}@desk.example"),)),
        "subject": message(subject=old),
    }
    evidence = find(mails[place])
    assert evidence.capability is None
    assert evidence.expired == keyring().read(old)
    assert evidence.because == "a signed reference that has expired"


def test_beside_an_expired_reference_number_and_answers_still_count() -> None:
    old = thread_id(expires=YESTERDAY)
    evidence = find(message(subject="Re: [KV-2026-0042] a question", in_reply_to=(old,)))
    assert (evidence.number, evidence.answers) == (NUMBER, (old,))
    assert evidence.because == "a signed reference that has expired"


def test_a_good_reference_behind_an_expired_one_counts() -> None:
    mail = message(references=(thread_id(expires=YESTERDAY), thread_id()))
    assert (subject_of(find(mail)), find(mail).because) == (TICKET, "our Message-ID in In-Reply-To or References")


def test_an_expired_reference_to_another_ticket_makes_no_second_ticket() -> None:
    evidence = find(message(references=(thread_id("KV-2026-0043", expires=YESTERDAY), thread_id())))
    assert (subject_of(evidence), evidence.several) == (TICKET, False)


def test_a_reference_by_a_key_past_its_day_has_expired__case_87() -> None:
    ring = Keyring((Key("k1", b"new secret"), Key("k0", b"a secret for tests", YESTERDAY)))
    evidence = find(message(in_reply_to=(thread_id(),)), ring)
    assert evidence.capability is None
    assert evidence.expired is not None


def test_a_reference_by_a_key_that_is_gone_leaves_no_trace__case_87() -> None:
    mail = message(in_reply_to=(thread_id(),))
    assert find(mail, Keyring((Key("k1", b"new secret"),))) == Evidence(answers=mail.in_reply_to)


def test_a_reply_to_a_request_for_a_yes_names_the_ticket_and_the_request() -> None:
    evidence = find(message(in_reply_to=(thread_id("C-17"),), references=(thread_id(), thread_id("C-17"))))
    assert subject_of(evidence) == TICKET
    assert evidence.confirmation is not None
    assert evidence.confirmation.number == 17


@pytest.mark.parametrize("further", [(), ("L-17",)])
def test_an_answer_to_a_numbered_list_is_about_that_list(further: tuple[str, ...]) -> None:
    evidence = find(message(in_reply_to=(thread_id("L-17"),), references=tuple(map(thread_id, further))))
    assert evidence.capability is not None and evidence.capability.names_list
    assert (evidence.capability.number, evidence.several) == (17, False)


def test_the_list_that_is_answered_goes_before_a_ticket_further_back() -> None:
    evidence = find(message(in_reply_to=(thread_id("L-17"),), references=(thread_id(), thread_id("L-17"))))
    assert (subject_of(evidence), evidence.further) == ("L-17", (TICKET,))


@pytest.mark.parametrize("other", [TICKET, "L-18"])
def test_a_list_beside_a_ticket_or_another_list_is_evidence_of_none(other: str) -> None:
    evidence = find(message(references=(thread_id("L-17"), thread_id(other))))
    assert (evidence.capability, evidence.several) == (None, True)


def test_a_list_goes_before_a_quarantined_mail() -> None:
    assert subject_of(find(message(references=(thread_id("Q-3"), thread_id("L-17"))))) == "L-17"


def test_a_confirmation_alone_is_no_reference_to_a_ticket() -> None:
    evidence = find(message(in_reply_to=(thread_id("C-17"),)))
    assert (evidence.capability, evidence.confirmation) == (None, keyring().read(token("C-17")))
    assert evidence.because == "our Message-ID in In-Reply-To or References"


@pytest.mark.parametrize("place", ["address", "subject"])
def test_a_confirmation_is_found_in_every_carrier(place: str) -> None:
    mails = {
        "address": message(to=(address(f"desk+{token('C-17')}@desk.example"),)),
        "subject": message(subject=f"Re: [{token('C-17')}]"),
    }
    assert find(mails[place]).confirmation is not None


def test_without_in_reply_to_the_last_of_the_references_is_what_a_mail_answers() -> None:
    confirmation = find(message(references=(thread_id("C-16"), thread_id("C-17")))).confirmation
    assert confirmation is not None
    assert confirmation.number == 17


def test_a_yes_to_a_later_letter_confirms_nothing_from_further_back() -> None:
    mail = message(in_reply_to=(thread_id(),), references=(thread_id("C-17"), thread_id()))
    assert find(mail).confirmation is None


def test_a_mail_that_answers_two_requests_confirms_neither() -> None:
    mail = message(in_reply_to=(thread_id("C-17"),), to=(address(f"desk+{token('C-18')}@desk.example"),))
    assert find(mail).confirmation is None


def test_an_expired_confirmation_confirms_nothing() -> None:
    evidence = find(message(in_reply_to=(thread_id("C-17", expires=YESTERDAY),)))
    assert (evidence.capability, evidence.confirmation) == (None, None)
    assert evidence.expired is not None
    assert evidence.expired.names_confirmation


def test_a_confirmation_stands_even_where_the_thread_has_two_tickets() -> None:
    mail = message(in_reply_to=(thread_id("C-17"),), references=(thread_id(), thread_id("KV-2026-0043")))
    assert (find(mail).several, find(mail).confirmation) == (True, keyring().read(token("C-17")))


@pytest.mark.parametrize("references", [("Q-17", TICKET), (TICKET, "Q-17")])
def test_a_ticket_goes_before_a_quarantined_mail(references: tuple[str, ...]) -> None:
    assert subject_of(find(message(references=tuple(map(thread_id, references))))) == TICKET


def test_a_quarantined_mail_counts_where_there_is_no_ticket() -> None:
    evidence = find(message(references=(thread_id("C-17"), thread_id("Q-17"))))
    assert subject_of(evidence) == "Q-17"


@pytest.mark.parametrize(
    "subject",
    [
        "[KV-2026-0042]",
        "Re: [KV-2026-0042] vraag",
        "kv-2026-0042",
        "vraag over KV-2026-0042, graag snel",
        "(KV-2026-0042)",
        "[KV-2026-0042/BZ] afstemming",
        "[#1234] [KV-2026-0042] two systems",
        "[KV-2026-0042] Re: [kv-2026-0042] twice the same",
    ],
)
def test_our_number_is_read(subject: str) -> None:
    assert find_number(subject, "KV") == NUMBER


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "[#1234] vraag",
        "[TOPdesk 2026-0042]",
        "[TOPdesk KV-2026-0042] their case",
        "[#KV-2026-0042]",
        "[AB-2026-0042]",
        "XKV-2026-0042",
        "SKV-KV-2026-0042",
        "KV-2026-0042-7",
        "KV-2026-0042x",
        "KV-2026-42",
        "KV-2026-٠٠٤٢",
        "https://x.example/KV-2026-0042",
    ],
)
def test_what_is_not_our_number_is_not_read(subject: str) -> None:
    assert find_number(subject, "KV") is None


def test_two_different_numbers_are_no_number() -> None:
    assert find_number("KV-2026-0042 and KV-2026-0043", "KV") is None


def test_a_prefix_is_taken_literally() -> None:
    assert find_number("KV-2026-0042", "K.") is None


def test_a_number_far_into_an_endless_subject_is_not_looked_for() -> None:
    assert find_number("x" * 5000 + " [KV-2026-0042]", "KV") is None


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ("[KV-2026-0042/BZ] Afstemming gevraagd", "BZ"),
        ("Re: [KV-2026-0042/OCW] Antw: [KV-2026-0042/OCW] twice", "OCW"),
        ("[kv-2026-0042/bz]", "bz"),
        ("KV-2026-0042/EZ, without brackets", "EZ"),
        ("(KV-2026-123456789/VWS)", "VWS"),
        ("[#1234] [KV-2026-0042/J2V] two systems", "J2V"),
        ("[KV-2026-0042] and [KV-2026-0043/BZ]", "BZ"),
        ("[KV-2026-0042/ABCDEFGHIJKLMNOP]", "ABCDEFGHIJKLMNOP"),
    ],
)
def test_the_code_of_a_partner_stands_beside_our_number(subject: str, code: str) -> None:
    assert find_partner_code(subject, "KV") == code
    assert find(message(subject=subject)).partner == code


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "A question",
        "[KV-2026-0042] A question",
        "[KV-2026-0042/]",
        "[KV-2026-0042/ BZ]",
        "[KV-2026-0042/2BZ]",
        "[KV-2026-0042/BZ-OCW]",
        "[KV-2026-0042/BZ_OCW]",
        "[KV-2026-0042/ABCDEFGHIJKLMNOPQ]",
        "[KV-2026-42/BZ]",
        "[KV-2026-٠٠٤٢/BZ]",
        "[AB-2026-0042/BZ]",
        "XKV-2026-0042/BZ",
        "https://x.example/KV-2026-0042/BZ",
        "x" * 5000 + " [KV-2026-0042/BZ]",
    ],
)
def test_what_is_no_code_beside_our_number_is_none(subject: str) -> None:
    assert find_partner_code(subject, "KV") == ""


def test_a_code_stands_beside_whatever_else_a_mail_says_of_its_ticket() -> None:
    evidence = find(message(subject=f"Re: [{TICKET}/BZ] A question", in_reply_to=(thread_id(),)))
    assert (subject_of(evidence), evidence.number, evidence.partner) == (TICKET, NUMBER, "BZ")


def test_the_prefix_before_a_code_is_taken_literally() -> None:
    assert find_partner_code("KV-2026-0042/BZ", "K.") == ""


@given(st.from_regex(r"[A-Z][A-Z0-9]{0,15}", fullmatch=True), st.sampled_from(["", "Re: ", "Antw: [#12] "]))
def test_the_code_that_we_write_is_the_code_that_we_read(code: str, before: str) -> None:
    assert find_partner_code(f"{before}[{TICKET}/{code}] A question", "KV") == code


@pytest.mark.parametrize(
    ("subject", "stripped"),
    [
        ("A question", "A question"),
        ("Re: A question", "A question"),
        ("RE: Antw: FW: Fwd: Doorst: AW: WG: A question", "A question"),
        ("RE[2]: Re(3): Re^4: A question", "A question"),
        ("Re : A question", "A question"),
        ("[KV-2026-0042] A question", "A question"),
        ("Re: [KV-2026-0042] Antw: A question", "A question"),
        ("[KV-2026-0042/BZ] A question", "A question"),
        ("A question [kv-2026-0042] from us", "A question from us"),
        ("Re: [#1234] [KV-2026-0042] Re: A question", "[#1234] A question"),
        ("[TOPdesk KV-2026-0042] A question", "[TOPdesk KV-2026-0042] A question"),
        ("[EXTERN] A question [#7]", "[EXTERN] A question [#7]"),
        ("A question. Re: another", "A question. Re: another"),
        ("Reactor: A question", "Reactor: A question"),
        ("[KV-[KV-2026-0042]2026-0042] A question", "A question"),
        ("[[KV-2026-0042] ] Re: A question", "[ ] A question"),
        ("Re  :  A  question", "A question"),
        ("Re: [#1234]", "[#1234]"),
        ("Re: ", ""),
        ("", ""),
    ],
)
def test_our_tags_and_reply_prefixes_are_stripped_and_nothing_else(subject: str, stripped: str) -> None:
    assert strip_subject(subject, "KV") == stripped


@given(
    st.lists(st.sampled_from(["Re: ", "[KV-2026-0042] ", "[#1] ", "FW:", "word ", "[", "] "]), max_size=40).map("".join)
)
def test_stripping_twice_is_stripping_once(subject: str) -> None:
    once = strip_subject(subject, "KV")
    assert "[KV-2026-0042]" not in once
    assert strip_subject(once, "KV") == once


@given(st.text(max_size=3000))
def test_a_stripped_subject_is_never_long_and_never_has_lines(subject: str) -> None:
    stripped = strip_subject(subject, "KV")
    assert len(stripped) <= 1000
    assert "\n" not in stripped


def test_the_desk_address_without_a_token_is_no_evidence() -> None:
    assert find(message(to=(address(DESK), address("desk+hello@desk.example")))).capability is None


def ops_id(subject: str = "D-17", expires: date | None = None) -> str:
    return f"<{token(subject, STAFF, Audience.OPS, expires)}.abc@desk.example>"


@pytest.mark.parametrize("subject", ["D-17", "M-3", "A-2", "P-495000"])
def test_an_answer_to_a_mail_about_the_program_is_about_no_ticket(subject: str) -> None:
    evidence = find(message(in_reply_to=(ops_id(subject),)))
    assert (evidence.capability, evidence.program) == (None, keyring().read(token(subject, STAFF, Audience.OPS)))
    assert evidence.because == "our Message-ID in In-Reply-To or References"


def test_it_is_one_for_ever() -> None:
    assert find(message(in_reply_to=(ops_id(expires=YESTERDAY),))).program is not None


@pytest.mark.parametrize("other", [TICKET, "L-17", "Q-3", "C-17"])
def test_what_staff_work_on_goes_before_the_program(other: str) -> None:
    assert find(message(references=(ops_id(), thread_id(other)))).program is None


def test_a_reference_to_the_program_that_somebody_else_signed_is_none() -> None:
    forged = keyring(b"their secret").issue("D-17", Audience.OPS, address(STAFF))
    assert find(message(in_reply_to=(f"<{forged}@desk.example>",))).program is None
