"""All the orders of one mail, or none; and which of them wait for a word of confirmation."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.capability import Audience
from ksmail.desk.case import Case, HeldMail
from ksmail.desk.execute import ACTIONS, FRESH, carry_out, why_confirm
from ksmail.desk.order import Order, Verb
from ksmail.desk.orders import ORDERS, Orders, Row, read_orders
from ksmail.desk.partner import Partner
from ksmail.desk.policy import Policy
from ksmail.desk.progress import Progress, Scene
from ksmail.desk.receipt import Refused
from ksmail.desk.ticket import EntryKind, Ticket, evolve
from ksmail.incoming.identity import Role
from ksmail.incoming.reply import Reply
from tests.builders import MONDAY, address
from tests.desk.facts import (
    BZ,
    CONSULTING,
    EZ,
    NO_BORDER,
    OCW,
    POLICY,
    SECOND,
    TODAY,
    after,
    answered,
    attempt,
    case,
    closed,
    consulted,
    numbered,
    proven,
    replied,
    scene,
    text,
    ticket,
    waits,
)
from tests.desk.facts import FRESH as FRESH_PROOFS

STAFF_ORDERS = [row for row in ORDERS if Audience.STAFF in row.audiences]
BOB = address("bob@uni.example")
CASE = case(
    files=(numbered(1),),
    texts=(
        text(),
        text(EntryKind.POSITION, "Fine by us.", role=Role.PARTNER, audience=Audience.PARTNER, partner="BZ"),
        text(EntryKind.ANSWER, "You may.", role=Role.STAFF),
    ),
)
HELD = HeldMail(number=12, reason="encrypted", received_at=MONDAY, unreadable=False)


def coordinated() -> Ticket:
    """BZ has answered, OCW has not, and EZ was never asked."""
    return after(consulted(ticket(), "BZ", "OCW"), replied("BZ"))


# One line for each order; the text stands below all of them.
LINES = [
    "#answer",
    "#ask",
    "#note",
    "#take",
    "#assign Eva",
    "#assign nobody",
    "#consult EZ",
    "#consult BZ OCW by 2026-06-12",
    "#consult EZ +identity",
    "#consult XY",
    "#share BZ",
    "#share OCW",
    "#update BZ OCW",
    "#update EZ",
    "#withdraw OCW",
    "#withdraw BZ",
    "#extend 2026-06-12 x",
    "#extend 2026-06-06 x",
    "#redirect library",
    "#redirect nowhere",
    "#close withdrawn",
    "#close spam",
    "#close whatever",
    "#reopen",
    "#merge KV-2026-0002",
    "#merge KV-2026-0009",
    "#split",
    "#correct",
    "#release",
    "#drop",
    "#purge 1",
    "#purge 9",
    "#stop",
    "#now",
    "#away 2026-12-20 2027-01-04",
    "#status",
    "#help",
]


def orders(lines: list[str]) -> tuple[Order, ...]:
    """What these lines order, also where no mail could: two that use the text, or one of them twice."""
    read = (read_orders(f"{line}\n\nThe text.", today=TODAY) for line in lines)
    return tuple(order for found in read if isinstance(found, Orders) for order in found.orders)


def place(policy: Policy = CONSULTING, **facts: Any) -> Scene:
    defaults: dict[str, Any] = {"case": CASE, "ticket": coordinated(), "other": ticket(reference=SECOND)}
    return replace(scene(policy=policy, **(defaults | facts)), text="The text.")


@pytest.mark.parametrize("row", STAFF_ORDERS, ids=lambda row: row.verb)
def test_every_order_that_the_help_shows_is_carried_out_by_something(row: Row) -> None:
    assert row.verb in ACTIONS


@pytest.mark.parametrize("row", STAFF_ORDERS, ids=lambda row: row.verb)
def test_each_of_these_orders_can_be_carried_out_somewhere(row: Row) -> None:
    places = (
        place(), place(ticket=answered()), place(ticket=closed()), place(held=HELD), place(case=case(waits()))
    )  # fmt: skip
    lines = [line for line in LINES if orders([line])[0].verb is row.verb]
    assert any(isinstance(carry_out(here, orders([line])), Progress) for line in lines for here in places)


def test_every_line_of_these_tests_is_an_order() -> None:
    assert {order.verb for order in orders(LINES)} == set(ACTIONS)


@given(st.lists(st.sampled_from(LINES), max_size=5), st.sampled_from([ticket(), coordinated(), closed(), None]))
def test_the_orders_of_a_mail_are_carried_out_all_or_none(lines: list[str], made: Ticket | None) -> None:
    here, wanted = place(ticket=made), orders(lines)
    outcome = carry_out(here, wanted)
    looks = {Verb.STATUS, Verb.HELP}
    if isinstance(outcome, Progress):
        assert len(outcome.done) == len([order for order in wanted if order.verb not in looks])
    else:
        assert outcome.why_nl and outcome.why_en


@given(st.lists(st.sampled_from(LINES), max_size=3), st.lists(st.sampled_from(LINES), max_size=2))
def test_one_impossible_order_stops_all_wherever_it_stands(before: list[str], behind: list[str]) -> None:
    lines = [*before, "#assign nobody", *behind]
    assert isinstance(carry_out(place(), orders(lines)), Refused)


@given(st.lists(st.sampled_from(LINES), max_size=4))
def test_a_ticket_after_orders_is_the_ticket_before_with_their_changes(lines: list[str]) -> None:
    here = place()
    outcome = carry_out(here, orders(lines))
    if isinstance(outcome, Progress):
        assert outcome.ticket == reduce(evolve, outcome.changes, here.arrival.ticket)


@given(st.lists(st.sampled_from(LINES), max_size=4))
def test_carrying_out_is_pure(lines: list[str]) -> None:
    assert carry_out(place(), orders(lines)) == carry_out(place(), orders(lines))


def test_no_order_is_no_work() -> None:
    assert carry_out(place(), ()) == Progress(ticket=coordinated())


# What waits for a word.


def waits_because(here: Scene, wanted: tuple[Order, ...]) -> str:
    """Also of orders that are not possible here: they would come to nothing."""
    outcome = carry_out(here, wanted)
    return why_confirm(here, wanted, outcome if isinstance(outcome, Progress) else Progress(ticket=None))


def asked(own: str, policy: Policy = POLICY, **facts: object) -> str:
    here = scene(own, policy, **facts)
    assert isinstance(here.staff.orders, Orders)
    return waits_because(here, here.staff.orders.orders)


@pytest.mark.parametrize("row", STAFF_ORDERS, ids=lambda row: row.verb)
def test_with_three_proofs_only_destroying_is_confirmed(row: Row) -> None:
    line = next(line for line in LINES if orders([line])[0].verb is row.verb)
    wanted = "destroys" if row.verb is Verb.PURGE else ""
    assert waits_because(place(), orders([line])) == wanted


@pytest.mark.parametrize("row", STAFF_ORDERS, ids=lambda row: row.verb)
def test_without_a_border_whatever_leaves_or_destroys_is_confirmed(row: Row) -> None:
    line = next(line for line in LINES if orders([line])[0].verb is row.verb)
    here = place(replace(CONSULTING, has_border=False), proofs=proven(genuine=False))
    reaches = row.leaves or row.destroys
    assert bool(waits_because(here, orders([line]))) is reaches


@pytest.mark.parametrize(
    "line", ["#consult EZ +identity", "#update BZ +identity", "#update OCW BZ +attachments +identity"]
)
def test_who_asks_is_told_to_a_partner_only_after_a_word(line: str) -> None:
    assert waits_because(place(), orders([line])) == "identity"


def test_a_mail_that_destroys_and_tells_who_asks_is_confirmed_as_one_that_destroys() -> None:
    assert waits_because(place(), orders(["#consult EZ +identity", "#purge 1"])) == "destroys"


def test_one_that_tells_a_partner_who_asks_is_confirmed_as_that_even_if_its_address_looks_wrong() -> None:
    assert EZ.liaison is not None
    assert waits_because(place(unusual=(EZ.liaison,)), orders(["#consult EZ +identity"])) == "identity"


@pytest.mark.parametrize(
    "line", ["#consult EZ", "#consult EZ +attachments", "#update BZ", "#share BZ", "#withdraw OCW"]
)
def test_a_letter_to_a_partner_that_does_not_say_who_asks_is_not_confirmed(line: str) -> None:
    assert waits_because(place(), orders([line])) == ""


@pytest.mark.parametrize(("line", "reached"), [("#consult EZ", EZ), ("#update BZ", BZ), ("#share BZ", OCW)])
def test_a_letter_to_an_address_that_looks_wrong_is_confirmed(line: str, reached: Partner) -> None:
    assert reached.liaison is not None
    assert waits_because(place(unusual=(reached.liaison,)), orders([line])) == "unusual"


def test_so_is_an_answer_of_which_such_an_address_gets_a_copy() -> None:
    assert waits_because(place(unusual=(BOB,), ticket=ticket(BOB)), orders(["#answer"])) == "unusual"


@pytest.mark.parametrize("line", ["#consult BZ", "#note", "#answer"])
def test_an_address_that_looks_wrong_does_not_matter_where_it_gets_nothing(line: str) -> None:
    assert EZ.liaison is not None
    assert waits_because(place(unusual=(EZ.liaison,)), orders([line])) == ""


@pytest.mark.parametrize("verb", [Verb.ANSWER, Verb.ASK, Verb.CORRECT, Verb.EXTEND, Verb.REDIRECT, Verb.CLOSE])
def test_what_writes_to_the_asker_leaves(verb: Verb) -> None:
    assert next(row for row in ORDERS if row.verb is verb).leaves


def test_a_merge_of_the_same_askers_questions_is_not_confirmed() -> None:
    assert asked("#merge KV-2026-0002", other=ticket(reference=SECOND)) == ""


def test_a_merge_across_askers_always_is() -> None:
    assert asked("#merge KV-2026-0002", other=ticket(reference=SECOND, asker=BOB)) == "discloses"


def test_a_merge_with_nothing_discloses_nothing() -> None:
    assert asked("#merge KV-2026-0002") == ""


def test_one_order_that_must_be_confirmed_makes_its_whole_mail_wait() -> None:
    assert asked("#take\n#purge 1", case=CASE) == "destroys"


@pytest.mark.parametrize("own", ["#status", "#help", "#away 2026-12-20 2027-01-04"])
def test_a_fresh_mail_needs_the_third_proof(own: str) -> None:
    fresh: dict[str, Any] = {"ticket": None, "proofs": FRESH_PROOFS}
    assert asked(own, **fresh) == ""
    without = proven(issued=False, genuine=False, fresh=True)
    assert asked(own, NO_BORDER, ticket=None, proofs=without) == "no_border"


@pytest.mark.parametrize("own", ["#answer\n\nYes.", "#ask\n\nWhich?", "#split\n\nAnd?"])
def test_words_that_perhaps_were_cut_in_the_wrong_place_are_shown_before_they_leave(own: str) -> None:
    assert asked(own, reply=Reply(own, sure=False)) == "unsure"


@pytest.mark.parametrize("own", ["#take", "#note\n\nAsk Pat.", "#extend 2026-06-12 x", "#now"])
def test_where_no_words_leave_the_cut_does_not_matter(own: str) -> None:
    assert asked(own, reply=Reply(own, sure=False), case=case(waits())) == ""


def test_only_what_needs_no_ticket_may_come_in_a_fresh_mail() -> None:
    assert {Verb.STATUS, Verb.HELP, Verb.AWAY} == FRESH


def test_a_mail_without_a_case_has_an_empty_one() -> None:
    assert scene("#note").case == Case()


def test_what_carrying_out_the_same_mail_twice_writes_has_the_same_cause() -> None:
    causes = {letter.cause for letter in attempt("#answer\n\nYes.").letters}  # type: ignore[union-attr]
    assert causes == {"orders of mail 17"}


def test_no_order_of_a_partner_is_carried_out_for_staff() -> None:
    assert set(ACTIONS) <= {row.verb for row in STAFF_ORDERS}
