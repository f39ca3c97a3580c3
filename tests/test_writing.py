"""The letters of one decision, written in the order in which they know of each other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from email import message_from_bytes
from email.policy import default as modern
from typing import Any, cast

import pytest

from ksmail.desk.arrival import Decision, Elsewhere
from ksmail.desk.letter import LetterKind
from ksmail.desk.policy import Policy
from ksmail.desk.staffmail import decide_staff
from ksmail.desk.ticket import Assigned, Ticket
from ksmail.incoming.limits import Limits
from ksmail.incoming.parse import parse
from ksmail.outgoing.compose import Composer, ComposeSettings
from ksmail.outgoing.mail import OutgoingMail
from ksmail.reference import Reference
from ksmail.store.store import Reader
from ksmail.writing import Writer
from tests.builders import mail
from tests.desk.facts import (
    CONSULTING,
    EVA,
    NO_BORDER,
    NOW,
    POLICY,
    SECOND,
    after,
    case,
    consulted,
    numbered,
    ordered,
    proven,
    replied,
    text,
    ticket,
)
from tests.outgoing.letters import DESK, KEYRING, composer

LIMITS = Limits()
RAW = mail(
    text="#answer\n\nSee the form.\n",
    attachments=[("form.pdf", "application/pdf", b"the form"), ("cv.pdf", "application/pdf", b"a cv")],
)
FORM, CV = parse(RAW, LIMITS).attachments


@dataclass
class Past:
    """A store that knows these tickets and this one mail with files."""

    tickets: tuple[Ticket, ...] = ()
    asked: list[int] = field(default_factory=list)

    def find_ticket(self, reference: Reference) -> Ticket | None:
        return next((each for each in self.tickets if each.reference == reference), None)

    def raw(self, number: int) -> bytes:
        self.asked.append(number)
        return RAW


def writer(decision: Decision, past: Past | None = None, **facts: Any) -> Writer:
    defaults: dict[str, Any] = {
        "composer": composer(),
        "past": cast(Reader, past or Past()),
        "limits": LIMITS,
        "ticket": decision.ticket,
        "elsewhere": decision.elsewhere,
        "now": NOW,
    }
    return Writer(**(defaults | facts))


def decided(own: str, policy: Policy = POLICY, **facts: Any) -> Decision:
    decision = decide_staff(ordered(own, **facts), policy)
    assert decision is not None
    return decision


def written(decision: Decision, past: Past | None = None, **facts: Any) -> tuple[OutgoingMail, ...]:
    return writer(decision, past, **facts).write(decision.letters, decision.drafts)


def of(mails: tuple[OutgoingMail, ...], kind: LetterKind) -> OutgoingMail:
    (found,) = (each for each in mails if each.kind == kind.value)
    return found


def test_each_letter_is_written_in_its_place() -> None:
    decision = decided("#extend 2026-06-12 x\n#answer\n\nYou may.")
    assert [each.kind for each in written(decision)] == [letter.kind.value for letter in decision.letters]


def test_no_letter_is_no_mail() -> None:
    assert writer(decided("#take")).write(()) == ()


def test_a_receipt_shows_the_very_words_that_leave() -> None:
    mails = written(decided("#answer\n\nYou may, if you publish."))
    answer, receipt = of(mails, LetterKind.ANSWER), of(mails, LetterKind.STAFF_RECEIPT)
    assert "You may, if you publish." in receipt.text
    assert str(message_from_bytes(answer.raw, policy=modern)["Subject"]) in receipt.text
    for line in filter(str.strip, answer.text.splitlines()):
        assert line.strip()[:40] in receipt.text


def test_a_receipt_that_stands_before_what_it_shows_is_written_after_it() -> None:
    decision = decided("#answer\n\nYou may.")
    answer, receipt = decision.letters
    shown = tuple(replace(each, letter=1) for each in receipt.facts["leaving"])
    first = replace(receipt, facts={**receipt.facts, "leaving": shown})
    mails = writer(decision).write((first, answer))
    assert [each.kind for each in mails] == ["staff_receipt", "answer"]
    assert "You may." in mails[0].text


def test_several_that_leave_are_all_shown() -> None:
    receipt = of(written(decided("#extend 2026-06-12 x\n#answer\n\nYou may.")), LetterKind.STAFF_RECEIPT)
    assert "You may." in receipt.text
    assert "12 June 2026" in receipt.text


def test_a_request_to_confirm_shows_what_would_leave_and_that_is_not_among_the_letters() -> None:
    decision = decided("#answer\n\nYou may.", NO_BORDER, proofs=proven(genuine=False))
    (confirm,) = written(decision)
    assert confirm.kind == "confirm"
    assert "You may." in confirm.text


# Several partners read the same.


WORDS = "May they work with lasers?"


def shown(own: str, policy: Policy = CONSULTING, **facts: Any) -> tuple[OutgoingMail, int]:
    """What staff get to read of it, and how often it holds the words that go to partners."""
    decision = decided(f"{own}\n\n{WORDS}", policy, **({"case": case()} | facts))
    mail = written(decision)[-1]
    return mail, mail.text.count(WORDS)


def test_the_same_words_to_two_partners_are_shown_once_and_of_the_other_to_whom_they_go() -> None:
    mail, times = shown("#consult BZ OCW")
    assert (mail.kind, times) == ("staff_receipt", 1)
    whole, _, again = mail.text.partition("Ook aan: ")
    assert "liaison@bz.example" in whole
    assert "Ministerie BZ" in whole
    assert "liaison@ocw.example" in again
    assert "[KV-2026-0001/OCW]" in again
    assert "Ministerie OCW" not in mail.text


@pytest.mark.parametrize(
    ("own", "made", "times"),
    [
        ("#consult BZ OCW EZ", ticket(), 2),  # EZ reads English
        ("#update BZ OCW", consulted(ticket(), "BZ", "OCW"), 1),
        ("#update BZ OCW", after(consulted(ticket(), "BZ", "OCW"), replied("BZ")), 2),  # one must still answer
        ("#update BZ OCW", consulted(consulted(ticket(), "BZ"), "OCW", due_on=date(2026, 6, 12)), 2),
        ("#consult BZ OCW", consulted(ticket(), "BZ"), 2),  # BZ is asked for the second time
    ],
)
def test_what_differs_in_more_than_the_name_of_the_partner_is_shown_whole(own: str, made: Ticket, times: int) -> None:
    assert shown(own, ticket=made)[1] == times


def test_two_orders_that_give_two_partners_two_dates_are_both_shown_whole() -> None:
    mails = written(
        decided("#consult BZ by 2026-06-10\n#consult OCW", CONSULTING, case=case(texts=(text(words=WORDS),)))
    )
    receipt = of(mails, LetterKind.STAFF_RECEIPT).text
    assert receipt.count(WORDS) == 2
    assert "woensdag 10 juni 2026" in receipt
    assert "maandag 8 juni 2026" in receipt
    assert "Ook aan: " not in receipt


def test_what_goes_to_the_asker_is_shown_whole_beside_it() -> None:
    mail, _ = shown("#consult BZ OCW")
    assert "We are asking one or more ministries about your question." in mail.text


def test_a_request_to_confirm_shows_them_once_too() -> None:
    mail, times = shown("#consult BZ OCW +identity")
    assert (mail.kind, times) == ("confirm", 1)
    assert "Ook aan: liaison@ocw.example" in mail.text


@pytest.mark.parametrize("own", ["#split\n\nAnd may Eve?", "#merge KV-2026-0002", "#purge 1"])
def test_whatever_would_leave_can_be_shown(own: str) -> None:
    facts = {"case": case(files=(numbered(1),)), "other": ticket(reference=SECOND)}
    decision = decided(own, NO_BORDER, proofs=proven(genuine=False), **facts)
    (confirm,) = written(decision, Past((ticket(reference=SECOND),)))
    assert "ada@uni.example" in confirm.text


def test_a_letter_about_a_ticket_that_this_decision_makes_is_about_that_ticket() -> None:
    linked = of(written(decided("#split\n\nAnd may Eve?")), LetterKind.LINKED_NEW)
    assert linked.about == "KV-2026-0002"
    assert "KV-2026-0002" in linked.text
    assert "KV-2026-0001" in linked.text


def test_a_letter_about_another_ticket_reads_it_from_the_store() -> None:
    other = ticket(reference=SECOND, subject="Another subject")
    decision = decided("#status KV-2026-0002", other=other)
    (status,) = written(decision, Past((other,)))
    assert "Another subject" in status.text


def test_a_change_beside_its_ticket_is_seen_in_the_letter_about_it() -> None:
    other = ticket(reference=SECOND)
    decision = decided("#status KV-2026-0002", other=other)
    there = (Elsewhere(SECOND, (Assigned(EVA.address),)),)
    (before,) = written(decision, Past((other,)))
    (after,) = written(decision, Past((other,)), elsewhere=there)
    assert before.text != after.text


@pytest.mark.parametrize("prefix", ["C", "Q"])
def test_a_desk_whose_numbers_begin_like_those_of_mails_finds_its_tickets(prefix: str) -> None:
    first, second = Reference(prefix, 2026, 1), Reference(prefix, 2026, 2)
    other = ticket(reference=second, subject="Another subject")
    decision = decided(f"#status {second}", ticket=ticket(reference=first), other=other)
    own = Composer(ComposeSettings(), replace(DESK, prefix=prefix), KEYRING)
    (status,) = written(decision, Past((other,)), composer=own)
    assert "Another subject" in status.text


def test_only_the_files_of_a_letter_are_taken_out_of_their_mail() -> None:
    past = Past()
    decision = decided("#answer\n\nSee the form.", files=(FORM,), number=31)
    answer = of(written(decision, past), LetterKind.ANSWER)
    parsed = message_from_bytes(answer.raw, policy=modern)
    assert [part.get_filename() for part in parsed.iter_attachments()] == ["form.pdf"]
    assert set(past.asked) == {31}


def test_a_letter_without_files_looks_into_no_mail() -> None:
    past = Past()
    written(decided("#answer\n\nYou may."), past)
    assert past.asked == []


def test_a_file_that_is_not_in_its_mail_stops_the_letter() -> None:
    lost = replace(CV, sha256="ab" * 32)
    with pytest.raises(ValueError, match=r"."):
        written(decided("#answer\n\nSee it.", files=(lost,)))


def test_written_twice_is_the_same_to_the_byte() -> None:
    decision = decided("#answer\n\nYou may.")
    assert written(decision) == written(decision)
