"""Stories of a numbered list: it is mailed to one person, and one answer to it handles several questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from email.message import EmailMessage

import pytest

from ksmail.address import parse_address
from ksmail.capability import Audience
from ksmail.desk.arrival import Disposition
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.ticket import CloseReason, EntryKind, PromiseState, Status, Ticket
from ksmail.explain import explain
from ksmail.incoming.message import Language
from ksmail.store.records import Cause
from ksmail.store.values import LetterState
from tests.stories.people import EVA, PEOPLE, SAM, fresh, last, quote_of, reply
from tests.stories.rig import DESK, TEAM, Rig, text_of
from tests.stories.test_orders import held_over
from tests.stories.test_questions import ask
from tests.stories.test_staff_day import NO_BORDER, links, opened


def fill(rig: Rig, count: int = 3) -> None:
    """So many questions, each of another asker."""
    for number in range(1, count + 1):
        rig.deliver(ask(f"asker{number}@uni{number}.example", subject=f"Question {number}", text=f"May we? {number}"))
    rig.work()


def mailed(rig: Rig, lines: Sequence[str] = (), to: str = SAM) -> EmailMessage:
    """A numbered list that went to somebody: all tickets, or these lines."""
    names = tuple(lines) or tuple(str(each.reference) for each in rig.tickets())
    address, now = parse_address(to), rig.clock.now()
    with rig.store.writing() as tx:
        number = tx.keep_sheet("sample", address, names, now)
        letter = Letter(
            kind=LetterKind.STAFF_HELP,
            to=address,
            language=Language.NL,
            about=f"L-{number}",
            cause=f"list {number}",
            facts={"lines": ()},
        )
        tx.queue([rig.works.intake.clerk.composer.compose(letter, None, now=now)], None, Cause(None, now, now))
    rig.send()
    return rig.letters(to)[-1]


def ticket(rig: Rig, number: int) -> Ticket:
    return rig.tickets()[number - 1]


def entries(rig: Rig, number: int) -> list[tuple[EntryKind, str]]:
    return [(entry.kind, entry.text) for entry in rig.dossier(ticket(rig, number)).entries]


@pytest.fixture
def desk(make_rig: Callable[..., Rig]) -> Rig:
    """A desk with Sam and Eva, and three questions."""
    rig = make_rig(PEOPLE)
    fill(rig)
    return rig


@pytest.fixture
def open_desk(make_rig: Callable[..., Rig]) -> Rig:
    """A desk whose mail server says nothing of anybody."""
    rig = make_rig(PEOPLE, environ=NO_BORDER)
    fill(rig)
    return rig


def test_one_answer_takes_one_question_closes_another_and_lets_a_mail_through(desk: Rig) -> None:
    desk.take(fresh("Hello.", "team@desk.example", proof=""))  # nobody's in particular: it waits for a person
    waits = next(number for number in range(1, 9) if _waits(desk, number))
    names = [*(str(each.reference) for each in desk.tickets()), f"Q-{waits}"]
    desk.take(reply(mailed(desk, names), "1 pak\n2 sluit spam\n4 vrijgeven\n"))
    assert ticket(desk, 1).assignee == parse_address(SAM)
    assert (ticket(desk, 2).status, ticket(desk, 2).closed_because) == (Status.CLOSED, CloseReason.SPAM)
    assert ticket(desk, 3).status is Status.ACKNOWLEDGED
    assert not _waits(desk, waits)
    transcript = text_of(last(desk, SAM))
    assert "Gedaan: alle 3 opdrachten" in last(desk, SAM)["Subject"]
    assert "1. KV-2026-0001: Question 1\n- #pak: U behandelt deze vraag nu." in transcript
    assert f"4. Q-{waits}\n- #vrijgeven: E-mail Q-{waits} is vrijgegeven." in transcript


def _waits(rig: Rig, number: int) -> bool:
    with rig.store.reading() as past:
        return past.held_mail(number) is not None


def test_each_ticket_keeps_its_own_line_under_the_name_of_staff(desk: Rig) -> None:
    desk.take(reply(mailed(desk), "1 pak\n2 notitie Zelfde als vraag 1.\n"))
    assert entries(desk, 1)[-1] == (EntryKind.ORDER, "L-1, 1: #pak")
    assert entries(desk, 2)[-1] == (EntryKind.NOTE, "Zelfde als vraag 1.")
    assert len(entries(desk, 3)) == 1
    happened = [row for row in desk.dossier(ticket(desk, 1)).history if row.actor == "staff"]
    assert {row.because for row in happened} == {
        "orders of staff: 1 #take on list L-1",
        "orders of staff on list L-1",
    }
    assert len({row.mail for row in happened}) == 1


def test_what_leaves_waits_and_is_stopped_by_its_number_in_an_answer_to_the_same_list(desk: Rig) -> None:
    due = mailed(desk)
    desk.take(reply(due, "1, 2 sluit ingetrokken\n"))
    assert "- Gaat weg om 10:05 uur: bericht dat de vraag gesloten is, aan asker1@" in text_of(last(desk, SAM))
    desk.take(reply(due, "1 stop\n"))
    held_over(desk)
    assert len(desk.letters("asker1@uni1.example")) == 1  # the acknowledgement
    assert "gesloten" in text_of(last(desk, "asker2@uni2.example")) or "closed" in text_of(
        last(desk, "asker2@uni2.example")
    )
    assert ticket(desk, 1).status is not Status.CLOSED
    assert ticket(desk, 2).status is Status.CLOSED


def test_the_transcript_can_be_answered_too_and_stops_with_two_taps(desk: Rig) -> None:
    desk.take(reply(mailed(desk), "1 sluit ingetrokken\n3 sluit ingetrokken\n"))
    desk.take(reply(last(desk, SAM), "1 nu\n" + quote_of(last(desk, SAM))))
    assert len(desk.letters("asker1@uni1.example")) == 2
    desk.take(reply(mailed(desk), "2 sluit ingetrokken\n"))
    desk.take(opened(links(last(desk, SAM))["Tegenhouden"]))
    held_over(desk)
    assert len(desk.letters("asker2@uni2.example")) == 1
    assert len(desk.letters("asker3@uni3.example")) == 2


def test_what_waits_is_also_stopped_in_an_answer_to_the_mail_about_its_own_question(desk: Rig) -> None:
    notice = last(desk, TEAM, "KV-2026-0001")
    desk.take(reply(mailed(desk), "1 sluit ingetrokken\n"))
    desk.take(reply(notice, "#stop\n"))
    assert [line.state for line in desk.dossier(ticket(desk, 1)).letters if line.kind == "closed"] == [
        LetterState.CANCELLED
    ]


def test_a_line_that_is_impossible_stops_no_other(desk: Rig) -> None:
    due = mailed(desk)
    desk.take(reply(due, "2 sluit spam\n"))
    desk.take(reply(due, "1 pak\n2 uitstel 2026-06-12 Ziek\n3 pak\n"))
    assert ticket(desk, 1).assignee and ticket(desk, 3).assignee
    transcript = last(desk, SAM)
    assert "Gedaan: 2 van 3 opdrachten" in transcript["Subject"]
    assert "- #uitstel 2026-06-12 Ziek: Niet gedaan." in text_of(transcript)


def test_a_line_that_cannot_be_read_stops_them_all_and_is_mended_with_two_taps(desk: Rig) -> None:
    desk.take(reply(mailed(desk), "1 pak\n2 sluti spam\n"))
    assert [each.assignee for each in desk.tickets()] == [None] * 3
    assert "Bedoelt u: #sluit" in text_of(last(desk, SAM))
    desk.take(opened(links(last(desk, SAM))["Verbeterd opnieuw versturen"]))
    assert ticket(desk, 1).assignee == parse_address(SAM)
    assert ticket(desk, 2).status is Status.CLOSED


def test_a_number_that_is_not_on_the_list_stops_them_all(desk: Rig) -> None:
    desk.take(reply(mailed(desk), "1 pak\n4 pak\n"))
    assert ticket(desk, 1).assignee is None
    assert "Dit nummer staat niet op de lijst." in text_of(last(desk, SAM))


def test_a_misspelt_line_keeps_back_what_waits_about_all_of_them(desk: Rig) -> None:
    due = mailed(desk)
    desk.take(reply(due, "1, 2 sluit ingetrokken\n"))
    desk.take(reply(due, "1 stop\n2 stpo\n"))
    held_over(desk)
    assert [len(desk.letters(f"asker{number}@uni{number}.example")) for number in (1, 2)] == [1, 1]
    desk.take(opened(links(last(desk, SAM))["Meteen versturen"]))
    assert [len(desk.letters(f"asker{number}@uni{number}.example")) for number in (1, 2)] == [2, 2]


def test_numbers_refer_to_the_list_as_it_was_mailed_wherever_a_question_went_since(desk: Rig) -> None:
    desk.take(ask("asker1@uni1.example", subject="Again", text="May we, or may we not?"))
    first, later = mailed(desk), desk.tickets()[3]
    desk.take(reply(last(desk, TEAM, str(later.reference)), f"#samenvoegen {ticket(desk, 1).reference}\n"))
    assert ticket(desk, 4).merged_into == ticket(desk, 1).reference
    desk.take(reply(first, "4 pak\n"))
    assert ticket(desk, 1).assignee == parse_address(SAM)
    assert f"Deze vraag hoort nu bij {ticket(desk, 1).reference}." in text_of(last(desk, SAM))


def test_several_questions_are_put_into_one_by_one_line(desk: Rig) -> None:
    for number in range(2):
        desk.take(ask("asker1@uni1.example", subject="Again", text=f"May we, or may we not? {number}"))
    desk.take(reply(mailed(desk), f"4, 5 samenvoegen {ticket(desk, 1).reference}\n"))
    assert [ticket(desk, number).merged_into for number in (4, 5)] == [ticket(desk, 1).reference] * 2
    assert "Gedaan: alle 2 opdrachten" in last(desk, SAM)["Subject"]


def test_the_mail_about_what_is_due_is_such_a_list(desk: Rig) -> None:
    """It went to the team, that all of the staff belong to."""
    due_on = ticket(desk, 1).promised_on
    assert due_on is not None
    desk.clock.moment = datetime.combine(due_on, time(9), desk.config.policy.timezone)
    desk.work()
    due = last(desk, TEAM, "L-")
    desk.take(reply(due, "1, 3 pak\n2 sluit ingetrokken\n" + quote_of(due)))
    assert [each.assignee for each in desk.tickets()] == [parse_address(SAM), None, parse_address(SAM)]
    held_over(desk)
    assert ticket(desk, 2).status is Status.CLOSED


# Whose it is


def test_a_forged_answer_is_held_and_both_are_told(desk: Rig) -> None:
    desk.take(reply(mailed(desk), "1 pak\n2 sluit spam\n", proof="fail"))
    assert [each.status for each in desk.tickets()] == [Status.ACKNOWLEDGED] * 3
    assert desk.balance()[Disposition.HELD] == 1
    for to in (SAM, EVA):
        assert "sluit spam" in text_of(last(desk, to)) or "close spam" in text_of(last(desk, to))


def test_an_answer_of_a_colleague_to_whom_it_did_not_go_is_held(desk: Rig) -> None:
    desk.take(reply(mailed(desk), "1 pak\n", EVA))
    assert ticket(desk, 1).assignee is None
    assert "issued to somebody else" in desk.reasons()[-1]
    assert "1 #take" in text_of(last(desk, EVA))


def test_an_answer_of_a_stranger_is_held(desk: Rig) -> None:
    desk.take(reply(mailed(desk), "1 pak\n", "somebody@elsewhere.example"))
    assert desk.balance()[Disposition.HELD] == 1 and len(desk.tickets()) == 3


def test_a_reference_that_has_expired_orders_nothing(desk: Rig) -> None:
    due = mailed(desk)
    desk.clock.forward(days=200)
    desk.take(reply(due, "1 pak\n"))
    assert ticket(desk, 1).assignee is None
    assert "expired" in desk.reasons()[-1]


def test_a_reference_to_a_list_whose_number_was_given_once_more_orders_nothing(desk: Rig) -> None:
    """A store that was put back from a copy counts on from there."""
    due = mailed(desk)
    with desk.store.writing() as tx:
        number = tx.keep_sheet("sample", parse_address(EVA), [str(ticket(desk, 2).reference)], desk.clock.now())
    keyring = desk.works.intake.clerk.keyring
    token = keyring.issue(f"L-{number}", Audience.STAFF, parse_address(SAM))
    desk.take(reply(due, "1 pak\n", thread=False, to=DESK, subject=f"Re: lijst ({token})"))
    assert [each.assignee for each in desk.tickets()] == [None] * 3
    assert desk.balance()[Disposition.HELD] == 1


def test_a_number_in_the_subject_is_no_list(desk: Rig) -> None:
    mailed(desk)
    desk.take(fresh("1 pak\n", subject="Re: [L-1] lijst"))
    assert ticket(desk, 1).assignee is None


def test_an_answer_in_a_thread_about_a_question_and_a_list_is_for_a_person_to_read(desk: Rig) -> None:
    due, notice = mailed(desk), last(desk, TEAM, "KV-2026-0001")
    both = (("References", f"{notice['Message-ID']} {due['Message-ID']}"),)
    desk.take(reply(due, "1 pak\n", thread=False, headers=both, to=DESK))
    assert ticket(desk, 1).assignee is None and desk.balance()[Disposition.HELD] == 1


# Without a border


def test_without_a_border_one_yes_does_all_of_it(open_desk: Rig) -> None:
    open_desk.take(reply(mailed(open_desk), "1 pak\n2, 3 sluit ingetrokken\n", proof=""))
    request = last(open_desk, SAM)
    assert "JA" in request["Subject"] and ticket(open_desk, 1).assignee is None
    said = text_of(request)
    assert "asker2@uni2.example" in said and "asker3@uni3.example" in said
    open_desk.take(reply(request, "ja\n", proof=""))
    assert ticket(open_desk, 1).assignee == parse_address(SAM)
    assert "Gedaan: alle 3 opdrachten" in last(open_desk, SAM)["Subject"]
    held_over(open_desk)
    assert [len(open_desk.letters(f"asker{number}@uni{number}.example")) for number in (2, 3)] == [2, 2]
    assert [kind for kind, _ in entries(open_desk, 1)].count(EntryKind.ORDER) == 1
    open_desk.take(reply(request, "ja\n", proof=""))
    held_over(open_desk)
    assert len(open_desk.letters("asker2@uni2.example")) == 2  # one yes counts once


def test_without_a_border_a_no_drops_all_of_it(open_desk: Rig) -> None:
    open_desk.take(reply(mailed(open_desk), "1 pak\n2 sluit ingetrokken\n", proof=""))
    open_desk.take(reply(last(open_desk, SAM), "nee\n", proof=""))
    held_over(open_desk)
    assert ticket(open_desk, 1).assignee is None
    assert len(open_desk.letters("asker2@uni2.example")) == 1


def test_without_a_border_what_changed_meanwhile_needs_a_new_order(open_desk: Rig) -> None:
    due = mailed(open_desk)
    open_desk.take(reply(due, "1 pak\n2 sluit ingetrokken\n", proof=""))
    request = last(open_desk, SAM)
    open_desk.take(reply(last(open_desk, TEAM, "KV-2026-0001"), "#pak\n", EVA, proof=""))
    open_desk.take(reply(request, "ja\n", proof=""))
    held_over(open_desk)
    assert ticket(open_desk, 1).assignee == parse_address(EVA)
    assert len(open_desk.letters("asker2@uni2.example")) == 1


def test_without_a_border_what_one_line_stops_does_not_leave_before_the_yes(open_desk: Rig) -> None:
    due = mailed(open_desk)
    open_desk.take(reply(due, "1 sluit ingetrokken\n", proof=""))
    open_desk.take(reply(last(open_desk, SAM), "ja\n", proof=""))
    open_desk.take(reply(due, "1 stop\n2 sluit ingetrokken\n", proof=""))
    request = last(open_desk, SAM)
    held_over(open_desk)
    open_desk.take(reply(request, "ja\n", proof=""))
    held_over(open_desk)
    assert [len(open_desk.letters(f"asker{number}@uni{number}.example")) for number in (1, 2)] == [1, 2]


def test_without_a_border_what_stays_inside_is_done_at_once(open_desk: Rig) -> None:
    open_desk.take(reply(mailed(open_desk), "1, 2, 3 pak\n", proof=""))
    assert all(each.assignee == parse_address(SAM) for each in open_desk.tickets())


# What explain says of it


def test_an_answer_to_a_list_is_explained_line_by_line_and_changes_nothing(desk: Rig) -> None:
    raw = reply(mailed(desk), "1 pak\n2, 3 sluit ingetrokken\n")
    told = explain(raw, desk.config, received_at=desk.clock.now(), now=desk.clock.now())
    said = [f"{what}: {how}" for what, how in told.lines]
    assert "list: L-1, mailed Monday 01 June 2026, 08:02 UTC" in said
    assert [line for line in said if line.startswith("line: ")] == [
        "line: 1 #take: KV-2026-0001",
        "line: 2 #close ingetrokken: KV-2026-0002",
        "line: 3 #close ingetrokken: KV-2026-0003",
    ]
    assert (
        "reference: holds: it answers a reference issued to him for L-1: our Message-ID in In-Reply-To or References"
        in said
    )
    assert "ticket: KV-2026-0001: orders of staff: 1 #take on list L-1" in said
    assert "letter: staff_transcript to sam@agency.example" in said
    assert ticket(desk, 1).assignee is None


def test_lines_that_cannot_be_read_are_explained(desk: Rig) -> None:
    told = explain(reply(mailed(desk), "1 pka\n"), desk.config, received_at=desk.clock.now(), now=desk.clock.now())
    assert ("orders", "cannot be read, so none is obeyed: unknown") in told.lines


# Once, and without numbers


def test_the_same_mail_twice_does_it_once(desk: Rig) -> None:
    raw = reply(mailed(desk), "1 sluit ingetrokken\n2 pak\n")
    desk.take(raw, raw)
    held_over(desk)
    assert desk.balance()[Disposition.DUPLICATE] == 1
    assert len(desk.letters("asker1@uni1.example")) == 2
    assert [kind for kind, _ in entries(desk, 2)].count(EntryKind.ORDER) == 1


def test_a_text_without_numbers_comes_back_with_how_to_use_them(desk: Rig) -> None:
    due = mailed(desk)
    desk.take(reply(due, "I will look at these tomorrow.\n"))
    told = last(desk, SAM)
    assert "3 pak" in text_of(told) and "I will look at these tomorrow." in text_of(told)
    desk.take(reply(told, "3 pak\n"))
    assert ticket(desk, 3).assignee == parse_address(SAM)


def test_an_order_without_a_number_says_that_it_needs_one(desk: Rig) -> None:
    desk.take(reply(mailed(desk), "#pak\n"))
    assert "Niet gedaan: #pak" in last(desk, SAM)["Subject"]
    assert [each.assignee for each in desk.tickets()] == [None] * 3


def test_status_alone_is_the_queue(desk: Rig) -> None:
    desk.take(reply(mailed(desk), "#status\n"))
    assert all(str(each.reference) in text_of(last(desk, SAM)) for each in desk.tickets())


def test_absences_can_be_told_here_as_in_any_mail(desk: Rig) -> None:
    desk.take(reply(mailed(desk), "#afwezig 2026-06-10 2026-06-12\n"))
    with desk.store.reading() as past:
        assert past.absent_on((desk.clock.now() + timedelta(days=9)).date()) == (parse_address(SAM),)


def test_a_list_of_fifty_is_handled_by_one_mail(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(PEOPLE)
    fill(rig, 50)
    due = mailed(rig)
    lines = [f"{number} {'sluit ingetrokken' if number % 2 else 'pak'}" for number in range(1, 51)]
    rig.take(reply(due, "\n".join(lines) + "\n" + quote_of(due)))
    assert sum(each.assignee == parse_address(SAM) for each in rig.tickets()) == 25
    assert "Gedaan: alle 50 opdrachten" in last(rig, SAM)["Subject"]
    held_over(rig)
    assert sum(each.status is Status.CLOSED for each in rig.tickets()) == 25
    promises = [promise for each in rig.tickets()[::2] for promise in rig.dossier(each).promises]
    assert {promise.state for promise in promises} == {PromiseState.DROPPED}
