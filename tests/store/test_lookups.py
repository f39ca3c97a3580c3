"""Which mail is this one again, and which ticket does it belong to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ksmail.address import parse_address
from ksmail.desk.acts import CameBack
from ksmail.desk.arrival import Decision, Disposition
from ksmail.outgoing.transport import Bounced, Deferred, Outcome, Sent, Uncertain
from ksmail.reference import Reference
from ksmail.store.store import Store, Transaction
from tests.store.facts import (
    ASKER,
    DAY,
    NOW,
    decision,
    follow_up,
    letter,
    message,
    open_ticket,
    opening,
    posted,
    settle_as,
    take,
)

FIRST = Reference("KV", 2026, 1)
HOUR = timedelta(hours=1)


def test_a_ticket_that_is_not_there_is_none(store: Store) -> None:
    with store.reading() as reader:
        assert reader.find_ticket(FIRST) is None
        assert reader.ticket(FIRST) is None


def test_an_answer_finds_its_ticket(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        found = tx.find_by_answers(["<unknown@x.example>", "<1@uni.example>", ""])
    assert found is not None
    assert found.reference == FIRST


@pytest.mark.parametrize("answers", [[], [""], ["<other@uni.example>"], ["<1@UNI.example>"]])
def test_other_answers_find_no_ticket(store: Store, answers: list[str]) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        assert tx.find_by_answers(answers) is None


def test_answers_to_two_tickets_find_none(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        open_ticket(tx, 2)
        assert tx.find_by_answers(["<1@uni.example>", "<2@uni.example>"]) is None


def test_a_message_id_that_two_tickets_hold_finds_none(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, name="same")
        open_ticket(tx, 2, name="same")
        assert tx.find_by_answers(["<same@uni.example>"]) is None


@pytest.mark.parametrize("place", [0, 99_999])
def test_any_number_of_answers_is_bearable(store: Store, place: int) -> None:
    answers = [f"<{n}@x.example>" for n in range(100_000)]
    answers[place] = "<1@uni.example>"
    with store.writing() as tx:
        open_ticket(tx, 1)
        assert tx.find_by_answers(answers) is not None


def test_the_same_mail_is_found_with_its_ticket(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        same = tx.find_same(message("1"), take(tx, 2))
    assert same is not None
    assert same.number == 1
    assert same.ticket is not None
    assert same.ticket.reference == FIRST


def test_a_mail_is_not_its_own_copy(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        assert tx.find_same(message("1"), 1) is None


def test_a_copy_that_is_not_judged_yet_does_not_count(store: Store) -> None:
    with store.writing() as tx:
        take(tx, 1)
        assert tx.find_same(message("1"), take(tx, 2)) is None


def test_the_same_message_id_with_other_content_is_another_mail(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        other = message("other", message_id="<1@uni.example>")
        assert tx.find_same(other, take(tx, 2)) is None
        assert tx.message_id_known("<1@uni.example>", "content-other")
        assert not tx.message_id_known("<1@uni.example>", "content-1")
        assert not tx.message_id_known("<new@uni.example>", "content-other")


def test_the_same_content_with_another_message_id_is_another_mail(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        assert tx.find_same(message("1", message_id="<2@uni.example>"), take(tx, 2)) is None


def test_without_a_message_id_only_equal_bytes_are_the_same_mail(store: Store) -> None:
    with store.writing() as tx:
        number = take(tx, 1, b"raw one")
        nameless = message("n", given=False, raw=b"raw one", message_id="<derived-1@desk.example>")
        settle_as(tx, number, Disposition.AUTOMATIC, nameless)
        again = take(tx, 2, b"raw one")
        assert tx.find_same(nameless, again) is not None
        other = message("n", given=False, raw=b"raw two", message_id="<derived-1@desk.example>")
        assert tx.find_same(other, again) is None


def test_a_copy_that_went_to_a_ticket_is_preferred(store: Store) -> None:
    with store.writing() as tx:
        settle_as(tx, take(tx, 1), Disposition.QUARANTINED, message("2"))
        open_ticket(tx, 2)
        same = tx.find_same(message("2"), take(tx, 3))
    assert same is not None
    assert same.number == 2


def test_a_copy_without_a_ticket_is_found_too(store: Store) -> None:
    with store.writing() as tx:
        settle_as(tx, take(tx, 1), Disposition.AUTOMATIC, message("1"))
        same = tx.find_same(message("1"), take(tx, 2))
    assert same is not None
    assert same.ticket is None


def test_the_same_words_of_the_same_asker_find_the_ticket(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, words="w1")
        found = tx.find_same_words(parse_address("jo.DE.vries@uni.example"), "w1", NOW)
    assert found is not None
    assert found.reference == FIRST


@pytest.mark.parametrize(
    ("asker", "words", "since"),
    [
        (ASKER, "w2", NOW),
        (ASKER, "", NOW),
        (ASKER, "w1", NOW + HOUR),
        (parse_address("else@uni.example"), "w1", NOW),
    ],
)
def test_other_words_askers_and_times_do_not(store: Store, asker: object, words: str, since: object) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, words="w1")
        open_ticket(tx, 2, words="")
        assert tx.find_same_words(asker, words, since) is None  # type: ignore[arg-type]  # a table of cases


def test_words_of_a_follow_up_count_and_the_newest_ticket_wins(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, words="w1")
        open_ticket(tx, 2, words="w2")
        judged = decision([posted("<3@uni.example>")], tx.find_ticket(FIRST), Disposition.FOLLOW_UP)
        tx.record(take(tx, 3), message("3"), judged, (), asker=ASKER, words="w2", now=NOW)
        found = tx.find_same_words(ASKER, "w2", NOW - DAY)
    assert found is not None
    assert found.reference == FIRST


def test_words_of_a_machine_do_not_count(store: Store) -> None:
    with store.writing() as tx:
        judged = Decision(disposition=Disposition.AUTOMATIC, because="out of office")
        tx.record(take(tx), message(), judged, (), asker=ASKER, words="w", now=NOW)
        assert tx.find_same_words(ASKER, "w", NOW - DAY) is None


def test_letters_to_askers_are_counted_by_time_and_address(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(
            tx, 1, letter("a"), letter("b", "ack_late", to="other@uni.example"),
            letter("c", "staff_new", to="jo.de.vries@uni.example"), letter("d", held="beyond the cap"),
        )  # fmt: skip
        assert tx.letters_since(NOW) == 2
        assert tx.letters_since(NOW - HOUR, ASKER) == 1
        assert tx.letters_since(NOW + HOUR) == 0
        assert tx.letters_since(NOW, parse_address("nobody@uni.example")) == 0


def test_an_address_is_counted_however_it_is_spelt(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("a", to="JO.de.Vries@UNI.example"))
        assert tx.letters_since(NOW, ASKER) == 1


def test_an_address_that_is_none_is_kept_as_it_is(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("a", to='"Odd Name"@uni.example'))
        assert tx.due(NOW, 1)[0].open_recipients == ('"Odd Name"@uni.example',)


def test_staff_letters_are_counted_by_kind(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("a"), letter("s", "staff_new"), letter("q", "staff_quarantine"))
        assert tx.staff_letters_since("staff_quarantine", NOW) == 1
        assert tx.staff_letters_since("staff_followup", NOW) == 0
        assert tx.staff_letters_since("staff_quarantine", NOW + HOUR) == 0


def test_a_snapshot_does_not_see_what_is_written_meanwhile(store: Store) -> None:
    with store.reading() as reader:
        assert reader.next_reference("KV", 2026) == FIRST
        with store.writing() as tx:
            open_ticket(tx)
        assert reader.find_ticket(FIRST) is None
        assert reader.counts().history == 0


def test_a_reader_has_no_records(store: Store) -> None:
    with store.reading() as reader:
        assert not hasattr(reader, "record")
        assert not hasattr(reader, "settle")


def test_a_duplicate_leaves_its_line_on_the_ticket(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        settle_as(tx, take(tx, 2), Disposition.DUPLICATE, message("1"), tx.find_ticket(FIRST))
        dossier = tx.ticket(FIRST)
        assert tx.verify_chain() is None
    assert dossier is not None
    assert len(dossier.entries) == 1
    assert dossier.history[-1].mail == 2


def test_a_second_year_starts_at_one(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1)
        new_year = Reference("KV", 2027, 1)
        tx.record(take(tx, 2), message("2"), decision(opening(new_year)), (), asker=ASKER, words="", now=NOW)
        assert tx.next_reference("KV", 2027).number == 2
        assert tx.next_reference("KV", 2026).number == 2


def test_what_a_person_wrote_is_no_automatic_letter(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(tx, 1, letter("a"), *(letter(kind, kind) for kind in ("answer", "info_request", "correction")))
        assert tx.letters_since(NOW, ASKER) == 1
        assert tx.letters_since(NOW) == 1


def test_staff_letters_are_counted_by_person_and_ticket(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(
            tx, 1, letter("a", "staff_receipt", "sam@agency.example"),
            letter("b", "staff_receipt", "Sam+x@agency.example", about="Q-1"),
            letter("c", "staff_receipt", "kim@agency.example"),
        )  # fmt: skip
        sam = parse_address("sam@agency.example")
        assert tx.staff_letters_since("staff_receipt", NOW) == 3
        assert tx.staff_letters_since("staff_receipt", NOW, to=sam) == 2
        assert tx.staff_letters_since("staff_receipt", NOW, "Q-1", sam) == 1


def test_receipts_for_mails_with_such_a_reason_are_counted_by_person(store: Store) -> None:
    with store.writing() as tx:
        open_ticket(
            tx, 1, letter("a", "staff_receipt", "sam@agency.example"),
            letter("b", "staff_receipt", "kim@agency.example"),
            letter("c", "staff_receipt", "sam@agency.example", held="receipt_cap"),
            letter("d", "staff_transcript", "sam@agency.example"),
        )  # fmt: skip
        sam, reason = parse_address("sam@agency.example"), tx_reason(tx)
        assert tx.receipts_since(NOW, sam, reason[:5]) == 1
        assert tx.receipts_since(NOW, sam, f"%{reason[1:]}") == 0
        assert tx.receipts_since(NOW + HOUR, sam, reason) == 0


def tx_reason(tx: Transaction) -> str:
    """Why the first mail became what it became."""
    line = tx.inbound(1)
    assert line is not None and line.reason
    return line.reason


def ordered(store: Store, outcome: Outcome, *, orderable: bool = True) -> None:
    """A letter to Jo de Vries that somebody ordered, and what came of it."""
    with store.writing() as tx:
        open_ticket(tx, 1, letter("a", "partner_request", ASKER.spec, orderable=orderable))
        tx.start_attempt([1], NOW)
        tx.settle(1, {ASKER.spec: outcome}, None, NOW)


@pytest.mark.parametrize("spec", ["jo.de.vries@uni.example", "Jo.De.Vries@UNI.example", "jo.de.vries+lab@uni.example"])
def test_who_got_something_that_staff_ordered_was_written_to_however_he_is_spelt(store: Store, spec: str) -> None:
    ordered(store, Sent())
    with store.reading() as past:
        assert past.was_written_to(parse_address(spec))
        assert not past.was_written_to(parse_address("other@uni.example"))


@pytest.mark.parametrize("outcome", [Deferred("451"), Bounced("550"), Uncertain("?")])
def test_whom_it_never_reached_for_sure_was_not(store: Store, outcome: Outcome) -> None:
    ordered(store, outcome)
    with store.reading() as past:
        assert not past.was_written_to(ASKER)


def test_a_letter_that_nobody_ordered_does_not_count(store: Store) -> None:
    ordered(store, Sent(), orderable=False)
    with store.reading() as past:
        assert not past.was_written_to(ASKER)


def test_a_letter_that_came_back_does_not_count(store: Store) -> None:
    ordered(store, Sent())
    with store.writing() as tx:
        follow_up(tx, 2, FIRST, kind=Disposition.BOUNCE, acts=[CameBack(1, ASKER.spec, "5.1.1 no such user")])
        assert not tx.was_written_to(ASKER)
