"""Stories of a desk: a question comes in, and what its asker and the staff see of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import EntryKind, Flag, PromiseState, Status
from ksmail.incoming.message import Language
from tests.builders import mail
from tests.stories.rig import BORDER, DESK, FORM, TEAM, Rig, reply_to, text_of

ENGLISH = """\
Dear contact point,

A company abroad wants to pay for our new laboratory and asks to see the results before we publish them.
Is that a risk for our group, and which agreements would you advise us to make?

Kind regards,
Robin
"""
DUTCH = """\
Beste mensen,

Wij willen een gastonderzoeker uitnodigen die door zijn eigen overheid wordt betaald.
Waar moeten wij op letten en welke afspraken raadt u ons aan?

Met vriendelijke groet,
Sanne
"""
PDF = ("application/pdf", b"%PDF-1.7\n" + bytes(2_000_000))


def ask(sender: str = "robin@uni.example", text: str = ENGLISH, **facts: object) -> bytes:
    """A question as a mail client writes it; each has a Message-ID of its own."""
    ask.count += 1  # type: ignore[attr-defined]
    defaults: dict[str, object] = {
        "sender": sender,
        "to": DESK,
        "subject": "A question",
        "text": text,
        "message_id": f"<{ask.count}@uni.example>",  # type: ignore[attr-defined]
    }
    return mail(**(defaults | facts))  # type: ignore[arg-type]


ask.count = 0  # type: ignore[attr-defined]


def test_story_1_a_plain_question_is_acknowledged_with_thursdays_date(rig: Rig) -> None:
    rig.take(ask())
    (ticket,) = rig.tickets()
    (ack,) = rig.letters("robin@uni.example")
    (notice,) = rig.letters(TEAM)
    assert str(ticket.reference) == "KV-2026-0001"
    assert (ticket.promised_on, ticket.language, ticket.status) == (date(2026, 6, 4), Language.EN, Status.ACKNOWLEDGED)
    assert "Thursday 4 June 2026" in text_of(ack)
    assert "KV-2026-0001" in ack["Subject"]
    assert "A company abroad wants to pay" in text_of(notice)


def test_story_1_the_same_uid_polled_again_does_nothing(rig: Rig) -> None:
    rig.take(ask())
    before = (rig.balance(), len(rig.letters()))
    rig.work()
    rig.work()
    assert (rig.balance(), len(rig.letters())) == before


def test_story_1_the_mail_lies_in_done_and_the_inbox_is_empty(rig: Rig) -> None:
    rig.take(ask())
    assert rig.servers.folder("INBOX") == []
    assert len(rig.servers.folder("Done")) == 1


def form_mail(person: str, text: str) -> bytes:
    headers = (("Reply-To", person), ("Auto-Submitted", "auto-generated"))
    return ask(FORM, text, subject="Form", headers=headers)


def test_story_2_two_form_mails_in_a_minute_are_two_tickets_of_the_people_who_filled_them_in(rig: Rig) -> None:
    rig.take(form_mail("ann@uni.example", ENGLISH), form_mail("bob@uni.example", DUTCH))
    assert [ticket.asker.spec for ticket in rig.tickets()] == ["ann@uni.example", "bob@uni.example"]
    assert len(rig.letters("ann@uni.example")) == len(rig.letters("bob@uni.example")) == 1
    assert rig.letters(FORM) == []


def test_story_2_two_questions_of_one_person_through_the_form_are_two_tickets(rig: Rig) -> None:
    rig.take(form_mail("ann@uni.example", ENGLISH), form_mail("ann@uni.example", DUTCH))
    assert len(rig.tickets()) == 2


def answered(rig: Rig) -> tuple[tuple[str, str], ...]:
    rig.take(ask())
    return reply_to(rig.letters("robin@uni.example")[0])


def test_story_3_a_reply_with_another_subject_and_a_large_file_finds_its_ticket(rig: Rig) -> None:
    thread = answered(rig)
    rig.take(ask(subject="see attached", text="Here it is.\n", headers=thread, attachments=[("a.pdf", *PDF)]))
    (ticket,) = rig.tickets()
    entries = rig.dossier(ticket).entries
    assert [entry.kind for entry in entries] == [EntryKind.QUESTION, EntryKind.FOLLOW_UP]
    assert [(file.name, file.size) for file in entries[1].attachments] == [("a.pdf", len(PDF[1]))]


def test_story_3_a_reply_is_not_acknowledged_again_and_moves_no_date(rig: Rig) -> None:
    thread = answered(rig)
    rig.clock.forward(days=2)
    rig.take(ask(text="One more thing.\n", headers=thread))
    assert len(rig.letters("robin@uni.example")) == 1
    assert rig.tickets()[0].promised_on == date(2026, 6, 4)
    notices = [letter for letter in rig.letters(TEAM) if "[KV-2026-0001]" in letter["Subject"]]
    assert len(notices) == 2  # and on the day before the date one mail about what is due


def test_story_3_a_reply_stripped_of_its_headers_is_found_by_the_number_in_the_subject(rig: Rig) -> None:
    answered(rig)
    rig.take(ask(subject="Re: [KV-2026-0001] A question", text="One more thing.\n"))
    assert len(rig.tickets()) == 1
    assert "number KV-2026-0001 in the subject" in rig.reasons()[1]


def test_story_3_a_reply_to_the_signed_address_is_found_without_headers_or_number(
    make_rig: Callable[..., Rig],
) -> None:
    rig = make_rig("[letters]\nplus_addressing = true\n")
    rig.take(ask())
    address = rig.letters("robin@uni.example")[0]["Reply-To"]
    rig.take(ask(to=address, subject="hello again", text="One more thing.\n"))
    assert len(rig.tickets()) == 1
    assert "signed reply address" in rig.reasons()[1]


def test_story_4_a_dutch_question_from_a_private_address_is_asked_for_its_institution_in_dutch(rig: Rig) -> None:
    rig.take(ask("sanne@prive.example", DUTCH, subject="Vraag"))
    (ack,) = rig.letters("sanne@prive.example")
    assert "donderdag 4 juni 2026" in text_of(ack)
    assert "instelling" in text_of(ack)
    assert rig.tickets()[0].language is Language.NL


def test_story_5_the_adviser_in_cc_gets_no_letter_and_has_a_part_in_the_ticket(rig: Rig) -> None:
    rig.take(ask(headers=[("Cc", "adviser@uni.example")]))
    assert rig.letters("adviser@uni.example") == []
    rig.take(ask("adviser@uni.example", "#antwoord My view.\n", subject="Re: [KV-2026-0001] A question"))
    (ticket,) = rig.tickets()
    assert rig.dossier(ticket).entries[1].kind is EntryKind.FOLLOW_UP
    assert len(rig.letters("robin@uni.example")) == 1


def test_story_6_five_questions_of_one_coordinator_in_an_hour_are_five_tickets(rig: Rig) -> None:
    rig.take(*(ask(text=f"Question number {at}: {ENGLISH}") for at in range(5)))
    acks = rig.letters("robin@uni.example")
    assert len(rig.tickets()) == len(acks) == 5


def test_story_6_replies_go_where_they_belong(rig: Rig) -> None:
    rig.take(*(ask(text=f"Question number {at}: {ENGLISH}") for at in range(5)))
    for at, ack in enumerate(rig.letters("robin@uni.example")):
        rig.take(ask(text=f"More on question {at}.\n", headers=reply_to(ack)))
    for at, ticket in enumerate(rig.tickets()):
        assert [entry.text.strip()[:19] for entry in rig.dossier(ticket).entries[1:]] == [
            f"More on question {at}."[:19]
        ]


def test_story_7_the_same_question_twice_while_smtp_was_down_is_one_number_and_one_acknowledgement(rig: Rig) -> None:
    rig.deliver(ask())
    rig.works.intake.round()  # the relay is down: nothing is sent
    rig.clock.forward(minutes=20)
    rig.deliver(ask())
    rig.works.intake.round()
    rig.send()
    (ticket,) = rig.tickets()
    assert len(rig.letters("robin@uni.example")) == 1
    assert Flag.POSSIBLE_DUPLICATE in ticket.flags


def test_story_7_the_same_words_a_day_later_are_a_new_question(rig: Rig) -> None:
    rig.take(ask())
    rig.clock.forward(hours=25)
    rig.take(ask())
    assert len(rig.tickets()) == 2


def test_story_8_a_hundred_out_of_office_replies_make_no_letter_and_change_no_state(rig: Rig) -> None:
    thread = answered(rig)
    before, sent = rig.tickets(), len(rig.letters())
    for _ in range(100):
        rig.deliver(ask(text="I am away.\n", headers=(("Auto-Submitted", "auto-replied"), *thread)))
    rig.work()
    assert (rig.tickets(), len(rig.letters())) == (before, sent)
    assert rig.balance() == {Disposition.TICKET: 1, Disposition.AUTOMATIC: 100}


def test_story_16_a_strangers_wrong_number_is_a_new_ticket_and_flagged(rig: Rig) -> None:
    rig.take(ask())
    rig.take(ask("eve@elsewhere.example", DUTCH, subject="Re: [KV-2026-0001] A question"))
    old, new = rig.tickets()
    assert not old.has_part(new.asker)
    assert Flag.NUMBER_OF_OTHERS in new.flags
    assert len(rig.dossier(old).entries) == 1


def test_story_16_a_strangers_letter_says_nothing_about_the_other_ticket(rig: Rig) -> None:
    rig.take(ask())
    rig.take(ask("eve@elsewhere.example", DUTCH, subject="Re: [KV-2026-0001] A question"))
    (ack,) = rig.raw_letters("eve@elsewhere.example")
    assert b"KV-2026-0001" not in ack


def test_story_17_a_huge_mail_is_kept_to_the_limit_and_quarantined_and_polling_goes_on(
    make_rig: Callable[..., Rig],
) -> None:
    rig = make_rig(environ={"KSMAIL_IMAP__LARGEST_MAIL": "1000000"})
    rig.deliver(ask(attachments=[("huge.bin", "application/octet-stream", bytes(3_000_000))]))
    rig.deliver(ask("sanne@prive.example", DUTCH))
    rig.work()
    assert rig.balance() == {Disposition.QUARANTINED: 1, Disposition.TICKET: 1}
    assert len(rig.servers.folder("Quarantine")) == 1
    assert len(rig.letters("sanne@prive.example")) == 1
    with rig.store.reading() as past:
        assert 0 < len(past.raw(1)) < 1_000_000


def test_story_19_a_mail_in_two_languages_is_answered_in_both(rig: Rig) -> None:
    rig.take(ask(text=DUTCH + "\n" + ENGLISH))
    (ack,) = rig.letters("robin@uni.example")
    assert "Thursday 4 June 2026" in text_of(ack)
    assert "donderdag 4 juni 2026" in text_of(ack)


@pytest.mark.parametrize("other", ["Iran", "Canada", "Germany", "North Korea"])
def test_story_20_another_country_changes_nothing_but_the_country(make_rig: Callable[..., Rig], other: str) -> None:
    text = "May a colleague from {} work in our laboratory next year? Their embassy in {} pays for the stay.\n\nRobin\n"
    results = []
    for name, country in (("one", "China"), ("two", other)):
        rig = make_rig(name=name)
        raw = ask(text=text.format(country, country), message_id="<fixed@uni.example>", subject=f"Visit from {country}")
        rig.take(raw)
        (ticket,) = rig.tickets()
        (ack,) = rig.letters("robin@uni.example")
        results.append((ticket.promised_on, ticket.language, ticket.flags, rig.reasons(), text_of(ack), ack["Subject"]))
    assert results[0] == results[1]


def test_a_mail_fetched_late_gets_an_apology_and_the_old_promise_is_on_record_as_broken(rig: Rig) -> None:
    sent = rig.clock.now()
    rig.clock.forward(days=10)
    rig.deliver(ask(), at=sent)
    rig.take(ask("other@uni.example", DUTCH))  # the desk is not new: it has taken mail before
    late = next(ticket for ticket in rig.tickets() if ticket.asker.spec == "robin@uni.example")
    promises = [(promise.promised_on, promise.state) for promise in rig.dossier(late).promises]
    assert promises[0] == (date(2026, 6, 4), PromiseState.BROKEN)
    assert promises[1] == (date(2026, 6, 16), PromiseState.OPEN)


def test_the_subject_comes_back_only_to_a_sender_our_border_vouches_for(rig: Rig) -> None:
    vouched = (("Authentication-Results", f"{BORDER}; dmarc=pass header.from=uni.example"),)
    rig.take(ask(subject="Sensor grant", headers=vouched), ask("eve@evil.example", DUTCH, subject="Click here"))
    assert (
        "Sensor grant" in text_of(rig.letters("robin@uni.example")[0]) + rig.letters("robin@uni.example")[0]["Subject"]
    )
    raw = rig.raw_letters("eve@evil.example")[0]
    assert b"Click here" not in raw


def test_an_encrypted_mail_is_quarantined_and_its_sender_asked_to_write_plainly(rig: Rig) -> None:
    encrypted = ask().replace(
        b'Content-Type: text/plain; charset="utf-8"', b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data"
    )
    rig.take(encrypted)
    assert rig.balance() == {Disposition.QUARANTINED: 1}
    assert len(rig.letters("robin@uni.example")) == 1
    assert len(rig.letters(TEAM)) == 1


def test_a_lost_store_asks_for_the_whole_mailbox_again_and_old_mail_gets_no_letter(
    make_rig: Callable[..., Rig],
) -> None:
    rig = make_rig()
    rig.deliver(ask(), at=rig.clock.now() - timedelta(days=2))
    rig.work()
    assert len(rig.tickets()) == 1
    assert rig.letters("robin@uni.example") == []


def test_every_letter_of_ours_carries_the_marks_of_a_machine(rig: Rig) -> None:
    rig.take(ask())
    assert {letter["Auto-Submitted"] for letter in rig.letters()} == {"auto-replied", "auto-generated"}
    assert {letter["X-Auto-Response-Suppress"] for letter in rig.letters()} == {"All"}


def test_our_own_acknowledgement_coming_back_is_recognised_and_makes_no_loop(rig: Rig) -> None:
    rig.take(ask())
    (ack,) = rig.raw_letters("robin@uni.example")
    rig.take(ack)
    assert rig.balance() == {Disposition.TICKET: 1, Disposition.OWN: 1}
    assert len(rig.letters()) == 2
