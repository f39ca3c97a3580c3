"""Whom staff's notices go to, and what they say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ksmail.address import Address
from ksmail.capability import Audience
from ksmail.desk.case import Case
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.notices import notice_people, numbered, prepared, question_facts, staff_followups, staff_held
from ksmail.desk.order import Verb
from ksmail.desk.orders import Orders, read_orders
from ksmail.desk.policy import Notify, Policy
from ksmail.desk.ticket import Assigned, EntryKind, Flag, Flagged, Posted, Ticket
from ksmail.incoming.identity import Proof, Role
from ksmail.incoming.message import Language
from tests.builders import address, identity, message
from tests.desk.facts import (
    EVA,
    POLICY,
    SAM,
    TEAM,
    THURSDAY,
    TODAY,
    after,
    answered,
    arrival,
    case,
    correspondent,
    file,
    ordered,
    text,
    ticket,
)
from tests.desk.facts import numbered as numbered_file

OF_EVA = after(ticket(), Assigned(EVA.address))
POSTED = Posted(
    kind=EntryKind.FOLLOW_UP,
    author=address(),
    role=Role.ASKER,
    audience=Audience.ASKER,
    text="More.",
    message_id="<m@uni.example>",
)


def people(made: Ticket | None, notify: Notify, *absent: Address) -> list[Address]:
    return [to for to, _ in notice_people(made, absent, replace(POLICY, notify=notify))]


@pytest.mark.parametrize("notify", Notify)
def test_what_nobody_handles_goes_to_the_team(notify: Notify) -> None:
    assert people(ticket(), notify) == [TEAM]
    assert people(None, notify) == [TEAM]


@pytest.mark.parametrize(
    ("notify", "told"), [(Notify.TEAM, [TEAM]), (Notify.ASSIGNEE, [EVA.address]), (Notify.BOTH, [EVA.address, TEAM])]
)
def test_what_somebody_handles_goes_where_the_desk_wants(notify: Notify, told: list[Address]) -> None:
    assert people(OF_EVA, notify) == told


@pytest.mark.parametrize("notify", Notify)
def test_while_he_is_away_it_goes_to_the_team(notify: Notify) -> None:
    assert people(OF_EVA, notify, EVA.address) == [TEAM]


def test_what_somebody_handles_who_left_the_list_goes_to_the_team() -> None:
    assert people(after(ticket(), Assigned(address("gone@agency.example"))), Notify.ASSIGNEE) == [TEAM]


def test_one_person_whose_address_is_the_teams_gets_one_copy() -> None:
    policy = replace(POLICY, notify=Notify.BOTH, team=EVA.address)
    assert len(notice_people(OF_EVA, (), policy)) == 1


def test_each_reads_his_own_language() -> None:
    both = notice_people(OF_EVA, (), replace(POLICY, notify=Notify.BOTH))
    assert [language for _, language in both] == [Language.EN, Language.NL]


def test_replies_are_prepared_in_the_readers_language_ready_for_what_they_need() -> None:
    assert [each.line for each in prepared(Language.EN)] == [
        "#answer",
        "#ask",
        "#take",
        "#note",
        "#extend ",
        "#close ",
    ]
    assert prepared(Language.NL, (Verb.RELEASE,))[0].line == "#vrijgeven"


@pytest.mark.parametrize("language", [Language.NL, Language.EN])
def test_a_prepared_order_that_needs_nothing_reads_back_as_that_order(language: Language) -> None:
    for each in prepared(language):
        if not each.line.endswith(" "):
            read = read_orders(f"{each.line}\n\nText.", today=TODAY)
            assert isinstance(read, Orders)
            assert [order.verb.value for order in read.orders] == [each.name]


def test_what_somebody_is_handed_is_the_first_question_with_its_files() -> None:
    inside = case(
        texts=(text(EntryKind.NOTE, "internal"), text(words="May we?", author=address("bob@uni.example")), text()),
        files=(numbered_file(1), numbered_file(2, purged=True)),
    )
    facts = question_facts(ticket(), inside)
    assert (facts["text"], facts["author"]) == ("May we?", address("bob@uni.example"))
    assert facts["files"] == (numbered_file(1),)


def test_without_a_text_the_asker_is_named() -> None:
    facts = question_facts(ticket(), Case())
    assert (facts["text"], facts["author"], facts["promised_on"]) == ("", address(), THURSDAY)


def test_files_of_a_mail_are_numbered_on_from_those_of_the_ticket() -> None:
    with_files = message(attachments=(file("a.pdf"), file("b.pdf")))
    before = case(files=(numbered_file(1), numbered_file(2)))
    assert [each.number for each in numbered(arrival(message=with_files))] == [1, 2]
    assert [each.number for each in numbered(arrival(message=with_files, case=before))] == [3, 4]


def followups(made: Ticket = OF_EVA, policy: Policy = POLICY, **facts: object) -> tuple[Letter, ...]:
    changes = (Flagged(Flag.COLLEAGUE), POSTED)
    return staff_followups(arrival(ticket=made, **facts), policy, made, changes, "thanks")


def test_a_notice_says_what_was_added_by_whom_and_what_to_look_at() -> None:
    (letter,) = followups()
    facts = letter.facts
    assert (letter.kind, letter.to) == (LetterKind.STAFF_FOLLOWUP, EVA.address)
    assert (facts["text"], facts["author"], facts["is_asker"]) == ("More.", address(), True)
    assert facts["flags"] == (Flagged(Flag.COLLEAGUE),)
    assert (facts["status_note"], facts["assignee"], facts["kind"]) == ("thanks", "Eva", "follow_up")


def test_a_promised_date_is_told_as_long_as_somebody_waits_for_it() -> None:
    assert followups()[0].facts["promised_on"] == THURSDAY
    assert followups(answered())[0].facts["promised_on"] is None


def test_it_says_how_far_the_writer_is_proven() -> None:
    failed = correspondent(identity=identity(proof=Proof.FAILED))
    assert followups(sender=failed)[0].facts["proof"] == "failed"
    assert followups(sender=None)[0].facts["proof"] == "none"


@pytest.mark.parametrize(("count", "held"), [(19, ""), (20, "ticket_cap")])
def test_beyond_the_cap_of_a_ticket_its_notices_wait(count: int, held: str) -> None:
    both = followups(policy=replace(POLICY, notify=Notify.BOTH), followup_letters_hour=count)
    assert [letter.held for letter in both] == [held, held]


def test_a_misspelt_mail_in_the_name_of_staff_names_no_orders() -> None:
    here = ordered("#anser\n\nx")
    assert here.staff is not None
    decision = staff_held(here, POLICY, here.staff, "not proven")
    assert decision.letters[0].facts["orders"] == ()


def test_a_released_mail_of_nobody_cannot_be_kept() -> None:
    here = ordered("Yes.", released=True, sender=None)
    assert here.staff is not None
    with pytest.raises(ValueError, match="has a sender"):
        staff_held(here, POLICY, here.staff, "not proven")


def test_a_desk_where_nobody_is_coordinator_tells_the_team_and_him() -> None:
    here = ordered("#take")
    assert here.staff is not None
    decision = staff_held(here, replace(POLICY, staff=(SAM,)), here.staff, "not proven")
    assert [letter.to for letter in decision.letters] == [TEAM, SAM.address]
