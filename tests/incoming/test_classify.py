"""A machine never gets an answer, and a person's mail is never lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.capability import Audience
from ksmail.incoming.classify import CLASSIFIERS, classify
from ksmail.incoming.form import Form
from ksmail.incoming.message import KEPT_HEADERS, Message
from ksmail.incoming.signs import first_word, strip_comments
from ksmail.incoming.verdict import Silence, Sort, Verdict
from tests.builders import ASKER, DESK, address, keyring, message

OURSELVES = (address(DESK),)
FORM = Form(address("noreply@form.example"))
OUR_ID = f"<{keyring().issue('KV-2026-0042', Audience.ASKER, address())}.abc@desk.example>"
OUR_OWN = {"message_id": OUR_ID, "sender": address(DESK)}
FORGED_ID = f"<{keyring(b'theirs').issue('KV-2026-0042', Audience.ASKER, address())}.abc@desk.example>"

PERSON, AUTOMATIC, BOUNCE, BULK = Sort.PERSON, Sort.AUTOMATIC, Sort.BOUNCE, Sort.BULK
MACHINE_LIKE = Sort.MACHINE_LIKE


def judge(mail: Message, **options: Any) -> Verdict:
    return classify(mail, keyring(), OURSELVES, **options)


def headers(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"headers": pairs}


def auto(*values: str) -> dict[str, Any]:
    return headers(*(("auto-submitted", value) for value in values))


def suppress(value: str) -> dict[str, Any]:
    return headers(("x-auto-response-suppress", value))


def precedence(value: str) -> dict[str, Any]:
    return headers(("precedence", value))


def sender(local: str, **facts: Any) -> dict[str, Any]:
    return {"sender": address(f"{local}@x.example")} | facts


MATRIX: tuple[tuple[str, dict[str, Any], Sort, Silence | None], ...] = (
    ("57 null return path", {"return_path": ""}, AUTOMATIC, None),
    ("57 null return path, with its brackets", {"return_path": "<>"}, AUTOMATIC, None),
    ("57 null return path and a delivery report", {"return_path": "", "report_type": "delivery-status"}, BOUNCE, None),
    ("57 no return path", {"return_path": None}, PERSON, None),
    ("58 auto-replied", auto("auto-replied"), AUTOMATIC, None),
    ("58 auto-generated", auto("auto-generated"), AUTOMATIC, None),
    ("58 auto-notified", auto("auto-notified"), AUTOMATIC, None),
    ("58 capitals, comment, parameter", auto("AUTO-REPLIED (x); a=b"), AUTOMATIC, None),
    ("58 comment in front", auto("(no) auto-replied"), AUTOMATIC, None),
    ("58 nested comment in front", auto("(a (no) no) auto-generated"), AUTOMATIC, None),
    ("58 an unknown word", auto("x-foo"), AUTOMATIC, None),
    ("58 a word that begins with no", auto("none"), AUTOMATIC, None),
    ("58 a word that begins with no and a hyphen", auto("no-reply"), AUTOMATIC, None),
    ("58 only a parameter says no", auto("auto-generated; no=no"), AUTOMATIC, None),
    ("58 nothing", auto(""), AUTOMATIC, None),
    ("58 only a comment that never ends", auto("(no"), AUTOMATIC, None),
    ("58 two fields", auto("no", "no"), AUTOMATIC, None),
    ("58 two fields of which one says no", auto("no", "auto-replied"), AUTOMATIC, None),
    ("59 no", auto("no"), PERSON, None),
    ("59 No with a parameter", auto("No ; a=b"), PERSON, None),
    ("59 No with a parameter and no space", auto("No;a=b"), PERSON, None),
    ("59 no with a comment", auto("no (human)"), PERSON, None),
    ("59 no behind a folded comment", auto("(a person\r\n wrote it) NO"), PERSON, None),
    *((f"60 {name}", headers((name, "<x>")), BULK, None) for name in sorted(KEPT_HEADERS) if name.startswith("list-")),
    *((f"60 precedence {word}", precedence(word), BULK, None) for word in ("bulk", "Bulk", " junk", "LIST (x)")),
    *((f"60 precedence {word}", precedence(word), AUTOMATIC, None) for word in ("auto_reply", "Auto-Reply")),
    *((f"60 precedence {word}", precedence(word), PERSON, None) for word in ("normal", "first-class", "")),
    *(
        (f"60 suppress {value}", suppress(value), PERSON, Silence.SUPPRESSED)
        for value in ("All", "OOF, AutoReply", "DR, RN, NRN, OOF, AutoReply", "all", "DR,OOF", "RN , AUTOREPLY")
    ),
    *(
        (f"60 suppress {value}", suppress(value), PERSON, None)
        for value in ("None", "DR", "DR, RN, NRN", "NDR", "", "Allegro", "NotAutoReply")
    ),
    ("60 x-autoreply", headers(("x-autoreply", "yes")), AUTOMATIC, None),
    ("60 x-autorespond", headers(("x-autorespond", "")), AUTOMATIC, None),
    ("61 mailer-daemon", sender("MAILER-DAEMON"), BOUNCE, None),
    ("61 mailer-daemon as return path", {"return_path": "<Mailer-Daemon@x.example>"}, BOUNCE, None),
    *(
        (f"61 {local}", sender(local), AUTOMATIC, None)
        for local in ("owner-x", "x-request", "listserv", "LISTSERV", "majordomo", "bounces+ada=x.test", "x-bounces")
    ),
    *(
        (f"61 {local}", sender(local), MACHINE_LIKE, None)
        for local in (
            "no-reply", "noreply", "NoReply", "no_reply", "do-not-reply", "donotreply", "noreply+ada", "forms-noreply",
            "noreply-forms", "niet-beantwoorden", "notifications", "nobody", "www-data",
        )
    ),
    ("61 a no-reply without a word", sender("noreply", text=" \n"), AUTOMATIC, None),
    ("61 postmaster", sender("Postmaster"), PERSON, Silence.ROLE_ADDRESS),
    ("61 our own address, not signed by us", {"sender": address(DESK)}, PERSON, Silence.OUR_OWN_PEOPLE),
    ("61 our own reply address", {"sender": address("desk+x@desk.example")}, PERSON, Silence.OUR_OWN_PEOPLE),
    *(
        (f"61 {local} is a person's", sender(local), PERSON, None)
        for local in ("noreen", "norman.reply-jones", "owner", "request", "bouncer", "replyto", "alerta", "rooter")
    ),
    ("64 a bounce without its own form", sender("mailer-daemon", text="Sorry."), BOUNCE, None),
    ("64 a null return path with a report's words", {"return_path": "", "text": "550 5.1.1 no"}, BOUNCE, None),
    ("64 a null return path with a report's subject", {"return_path": "", "subject": "Onbestelbaar: x"}, BOUNCE, None),
    ("64 postmaster with a report's subject", sender("postmaster", subject="Undeliverable: x"), BOUNCE, None),
    ("64 x-failed-recipients", headers(("x-failed-recipients", ASKER)), BOUNCE, None),
    ("64 automatic, and a report", auto("auto-replied") | {"report_type": "Delivery-Status"}, BOUNCE, None),
    ("66 our own letter", OUR_OWN, Sort.OWN, None),
    ("66 our own letter in capitals", OUR_OWN | {"message_id": OUR_ID.upper()}, Sort.OWN, None),
    ("66 our own letter over a list", OUR_OWN | auto("auto-replied"), Sort.OWN, None),
    ("66 somebody under the Message-ID of a letter he got from us", {"message_id": OUR_ID}, PERSON, None),
    (
        "75 a person passes a report on",
        {"report_type": "delivery-status", "content_type": "multipart/mixed"},
        PERSON,
        None,
    ),
    (
        "75 a server wraps its report",
        {"report_type": "delivery-status", "content_type": "multipart/mixed", "return_path": ""},
        BOUNCE,
        None,
    ),
    ("66 a forged Message-ID of ours", {"message_id": FORGED_ID}, PERSON, None),
    ("66 an answer to our letter", {"in_reply_to": (OUR_ID,), "references": (OUR_ID,)}, PERSON, None),
    ("73 not addressed", {"to": (address("a@x.example"),)}, PERSON, Silence.NOT_ADDRESSED),
    ("73 nobody addressed", {"to": ()}, PERSON, Silence.NOT_ADDRESSED),
    ("73 a look-alike addressed", {"to": (address("desks@desk.example"),)}, PERSON, Silence.NOT_ADDRESSED),
    ("73 addressed in Cc", {"to": (), "cc": (address("DESK@desk.example"),)}, PERSON, None),
    ("73 our reply address", {"to": (address("desk+token@desk.example"),)}, PERSON, None),
    ("74 a disposition report", {"report_type": "disposition-notification"}, BOUNCE, None),
    ("74 a report about something else", {"report_type": "feedback-report"}, AUTOMATIC, None),
    ("74 a report that does not say about what", {"content_type": "multipart/report"}, AUTOMATIC, None),
    ("74 the same in capitals", {"content_type": "Multipart/Report"}, AUTOMATIC, None),
    ("74 a wish for a receipt", headers(("disposition-notification-to", ASKER)), PERSON, None),
    ("77 marked as spam", headers(("x-spam-flag", "YES")), PERSON, Silence.MARKED_SPAM),
    ("77 marked by one of two", headers(("x-spam-flag", "no"), ("x-spam-flag", "yes")), PERSON, Silence.MARKED_SPAM),
    ("77 marked as no spam", headers(("x-spam-flag", "NO")), PERSON, None),
    ("84 no sender", {"sender": None}, PERSON, None),
    ("an ordinary question", {}, PERSON, None),
)  # fmt: skip


@pytest.mark.parametrize(("facts", "sort", "silent"), [pytest.param(*row[1:], id=row[0]) for row in MATRIX])
def test_the_matrix_of_headers(facts: dict[str, Any], sort: Sort, silent: Silence | None) -> None:
    verdict = judge(message(**facts))
    assert (verdict.sort, verdict.silent) == (sort, silent), verdict.because


OUT_OF_OFFICE = (
    "Automatisch antwoord: uw bericht",
    "Automatisch antwoord op: uw bericht",
    "automatisch antwoord: [KV-2026-0042] Ontvangen",
    "Afwezig: uw bericht",
    "Afwezig t/m 12 juni",
    "Afwezigheidsbericht",
    "Automatic reply: your message",
    "Auto-reply: your message",
    "Autoreply",
    "Out of office",
    "Out of Office: your message",
    "Out of Office AutoReply: your message",
    "Out of the office until Monday",
    "AUTO: Ada Lovelace is out of the office (returning 12-06-2026)",
    "Automatische Antwort: Ihre Nachricht",
    "Abwesenheitsnotiz: Ihre Nachricht",
    "Abwesend: Ihre Nachricht",
    "Réponse automatique : votre message",
    "Re\u0301ponse automatique : votre message",
    "Reponse automatique: votre message",
    "Absence du bureau : votre message",
)


@pytest.mark.parametrize("subject", OUT_OF_OFFICE)
def test_an_absence_announced_in_the_subject_only_is_automatic__case_76(subject: str) -> None:
    assert judge(message(subject=subject)).sort is AUTOMATIC


@pytest.mark.parametrize(
    "subject",
    [
        "Re: Automatic reply: your message",
        "A question about automatic reply: how?",
        "Automatic reply systems and export control",
        "Afwezige promovendus",
        "Office out of use",
        "Vacation of a visiting researcher",
        "Absence of a licence",
        "Message d'un collègue",
        "",
    ],
)
def test_a_subject_that_only_speaks_of_absence_is_a_persons(subject: str) -> None:
    assert judge(message(subject=subject)).sort is PERSON


@pytest.mark.parametrize(
    ("facts", "sort", "silent"),
    [
        ({}, PERSON, None),
        (auto("auto-generated"), PERSON, None),
        (auto("auto-generated", "auto-generated"), PERSON, None),
        ({"return_path": ""}, AUTOMATIC, None),
        ({"report_type": "delivery-status"}, BOUNCE, None),
        ({"subject": "Automatic reply: form"}, AUTOMATIC, None),
        (precedence("bulk"), BULK, None),
        (suppress("All"), PERSON, Silence.SUPPRESSED),
        ({"to": ()}, PERSON, Silence.NOT_ADDRESSED),
    ],
)
def test_a_known_form_may_have_a_machines_sender_and_nothing_else(
    facts: dict[str, Any], sort: Sort, silent: Silence | None
) -> None:
    verdict = judge(message(**({"sender": FORM.sender} | facts)), form=FORM)
    assert (verdict.sort, verdict.silent) == (sort, silent), verdict.because


def test_a_verdict_on_a_forms_mail_says_so() -> None:
    assert "through a known web form" in judge(message(sender=FORM.sender), form=FORM).because
    assert "form" not in judge(message(sender=FORM.sender, return_path=""), form=FORM).because
    assert "form" not in judge(message()).because


def test_a_missing_return_path_counts_where_the_desk_requires_one() -> None:
    assert judge(message(return_path=None), require_return_path=True).silent is Silence.NO_RETURN_PATH
    assert judge(message(), require_return_path=True).silent is None


def test_the_reason_names_the_header_and_its_word() -> None:
    assert judge(message(**auto("Auto-Replied (x)"))).because == "Auto-Submitted: auto-replied"


@given(st.text(max_size=200))
def test_a_reason_never_carries_what_could_break_a_line(value: str) -> None:
    because = judge(message(**auto(value))).because
    assert because.isprintable()
    assert len(because) < 100


MACHINE_MARKS = [(row[0], row[1]) for row in MATRIX if row[2] is not PERSON or row[3] is not None]
MACHINE_MARKS += [(subject, {"subject": subject}) for subject in OUT_OF_OFFICE]
HARMLESS: tuple[dict[str, Any], ...] = (
    {"subject": "Re: [KV-2026-0042]"},
    {"text": "May we?"},
    {"cc": (address("b@x.example"),)},
    {"in_reply_to": (OUR_ID,)},
    {"date": None},
    {"remarks": ("odd",)},
    {"text_from_html": True},
)


@given(
    mark=st.sampled_from(MACHINE_MARKS),
    harmless=st.lists(st.sampled_from(HARMLESS)),
    more=st.lists(st.tuples(st.sampled_from(["received", "precedence", "x-spam-flag"]), st.text(max_size=20))),
    require=st.booleans(),
)
def test_a_machine_never_gets_an_answer(
    mark: tuple[str, dict[str, Any]], harmless: list[dict[str, Any]], more: list[tuple[str, str]], require: bool
) -> None:
    facts: dict[str, Any] = {}
    for each in harmless:
        facts |= each
    facts |= mark[1]
    facts["headers"] = (*facts.get("headers", ()), *more)
    verdict = judge(message(**facts), require_return_path=require)
    assert verdict.sort is not PERSON or verdict.silent is not None


@given(st.lists(st.sampled_from(MACHINE_MARKS), min_size=2, max_size=4))
def test_several_marks_of_a_machine_never_make_a_person(marks: list[tuple[str, dict[str, Any]]]) -> None:
    # Of marks in the same place the last one stays, so one is always left.
    facts: dict[str, Any] = {}
    for _, mark in marks:
        facts |= {**mark, "headers": (*facts.get("headers", ()), *mark.get("headers", ()))}
    verdict = judge(message(**facts))
    assert verdict.sort is not PERSON or verdict.silent is not None


any_message = st.builds(
    Message,
    content_id=st.just("id"),
    raw_sha256=st.just("raw"),
    message_id=st.text(max_size=40) | st.just(OUR_ID),
    sender=st.none() | st.sampled_from([address(), address(DESK), address("noreply@x.example")]),
    to=st.sampled_from([(), (address(DESK),)]),
    return_path=st.none() | st.text(max_size=20),
    subject=st.text(max_size=100),
    text=st.text(max_size=100),
    content_type=st.text(max_size=20),
    report_type=st.text(max_size=20),
    headers=st.lists(st.tuples(st.sampled_from(sorted(KEPT_HEADERS)), st.text(max_size=50))).map(tuple),
)


@given(mail=any_message, form=st.none() | st.just(FORM), require=st.booleans())
def test_any_mail_gets_exactly_one_verdict_with_a_reason(mail: Message, form: Form | None, require: bool) -> None:
    verdict = judge(mail, form=form, require_return_path=require)
    assert verdict.because
    assert verdict.silent is None or verdict.sort is PERSON
    assert verdict == judge(mail, form=form, require_return_path=require)


def test_every_classifier_decides_something() -> None:
    mails = [message(**facts) for _, facts, _, _ in MATRIX]
    mails += [message(return_path=None), message(subject=OUT_OF_OFFICE[0])]
    reasons = {judge(mail, require_return_path=True).because.split(":")[0] for mail in mails}
    assert len(reasons) > len(CLASSIFIERS)


@pytest.mark.parametrize(
    ("value", "stripped"),
    [
        ("a (b) c", "a   c"),
        ("a (b (c) d) e", "a    e"),
        (r"a (b \) c) d", "a   d"),
        ("a (b", "a  "),
        ("a ) b", "a  b"),
        ("((((", "    "),
    ],
)
def test_comments_are_taken_out_whatever_is_in_them(value: str, stripped: str) -> None:
    assert strip_comments(value) == stripped


def test_a_value_of_comments_only_has_no_first_word() -> None:
    assert first_word("(no) (yes)") == ""
