"""The way into somebody else's ticket, or out of one's own: cases 100 to 104 and 143 of the reliability bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ksmail.capability import Audience
from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import EntryKind, Flag, Status, Ticket
from ksmail.incoming.worker import Parser
from tests.builders import address
from tests.stories.people import PEOPLE, ROBIN, SAM, fresh, last, reply
from tests.stories.rig import DESK, TEAM, Rig, text_of
from tests.stories.test_questions import ask
from tests.stories.unharmed import accounted, held_over, shared, unharmed

MALLORY = "mallory@x.example"
SECRET = "A company abroad wants to pay"  # Robin's words
SIGNED = "[letters]\nplus_addressing = true\n"


GUEST = "May the same company also send us a guest for a year? We would like to know."


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, parser: Parser) -> Iterator[Rig]:
    """A desk with two questions of Robin's. All share it who change nothing in them."""
    with shared(tmp_path_factory.mktemp("shared"), parser, SIGNED) as rig:
        rig.take(ask(), ask(text=GUEST))
        yield rig


@pytest.fixture
def own_desk(make_rig: Callable[..., Rig]) -> Rig:
    """A desk with Robin's question, which Robin calls "A question"."""
    rig = make_rig(PEOPLE + SIGNED)
    rig.take(ask())
    return rig


def people(ticket: Ticket) -> list[str]:
    return [person.address.spec for person in ticket.participants]


def test_case_100_a_right_number_without_a_token_opens_a_ticket_that_tells_its_writer_nothing(own_desk: Rig) -> None:
    question = "May I see the results? I have a right to know them.\n"
    own_desk.take(ask(MALLORY, question, subject="Re: [KV-2026-0001] A question"))
    first, second = own_desk.tickets()
    assert people(first) == [ROBIN]
    assert [entry.kind for entry in own_desk.dossier(first).entries] == [EntryKind.QUESTION]
    assert (second.asker, Flag.NUMBER_OF_OTHERS in second.flags) == (address(MALLORY), True)
    (acknowledgement,) = own_desk.letters(MALLORY)
    assert SECRET not in str(acknowledgement)
    assert ROBIN not in str(acknowledgement)
    assert "KV-2026-0001" not in text_of(acknowledgement)
    assert "KV-2026-0001" in text_of(last(own_desk, TEAM))  # staff see which one it may be about
    accounted(own_desk, 2)


@pytest.mark.parametrize("place", ["thread", "address", "subject"])
def test_case_101_a_reference_in_a_strangers_hands_is_held_and_changes_nobodys_part(desk: Rig, place: str) -> None:
    """He had Robin's acknowledgement passed on to him."""
    letter = desk.letters(ROBIN)[0]
    token = str(letter["Message-ID"]).strip("<>").rpartition(".")[0]
    raw = {
        "thread": reply(letter, "What did you answer?\n", MALLORY, to=DESK, subject="Hello"),
        "address": fresh("What did you answer?\n", MALLORY, to=str(letter["Reply-To"]), subject="Hello"),
        "subject": fresh("What did you answer?\n", MALLORY, subject=f"Hello [{token}]"),
    }[place]
    desk.clock.forward(hours=1)  # so that no cap is in the way
    with unharmed(desk, Disposition.HELD):
        desk.take(raw)
    assert desk.letters(MALLORY) == []


def test_case_102_whom_somebody_copies_into_a_later_mail_gets_no_mail_of_ours(make_rig: Callable[..., Rig]) -> None:
    """Neither by the asker, nor by a colleague of his, nor by somebody who uses the asker's name."""
    rig = make_rig(PEOPLE)
    rig.take(ask(headers=[("Cc", "adviser@uni.example")]))
    mine = rig.letters(ROBIN)[0]
    more = "One thing more: the money comes next year.\n"
    rig.take(
        reply(mine, more, ROBIN, headers=[("Cc", MALLORY)]),
        reply(mine, f"{more}I am his colleague.\n", "kim@uni.example", headers=[("Cc", MALLORY)]),
        reply(mine, f"{more}And now.\n", ROBIN, proof="fail", headers=[("Cc", MALLORY), ("Reply-To", MALLORY)]),
    )
    rig.take(reply(rig.letters(TEAM)[0], "#antwoord\n\nYou may.\n"))
    held_over(rig)
    answer = last(rig, ROBIN)
    assert "You may." in text_of(answer)
    assert (answer["To"], answer["Cc"]) == (ROBIN, "adviser@uni.example")
    assert rig.letters(MALLORY) == []
    assert rig.letters("kim@uni.example") == []


CODE = "771-482"
VERIFY = f"Welcome! Confirm that this is your address: your code is {CODE}. It expires in ten minutes.\n"


@pytest.mark.parametrize("service", ["noreply@service.example", "accounts@service.example"])
def test_case_103_a_services_verification_mail_to_the_address_of_a_ticket_is_shown_to_nobody_outside(
    desk: Rig, service: str
) -> None:
    """Robin signed up somewhere with the address at which he answers us (Ticket Trick)."""
    to = str(desk.letters(ROBIN)[0]["Reply-To"])
    assert to != DESK
    with unharmed(desk, Disposition.HELD):
        desk.take(fresh(VERIFY, service, to=to, subject="Verify your e-mail address"))
    assert "Q-" in last(desk, TEAM)["Subject"]
    assert not any(CODE in str(letter) for letter in desk.letters())


def test_case_103_a_verification_mail_is_no_part_of_a_ticket_whose_number_it_repeats(own_desk: Rig) -> None:
    """Some services greet whoever signs up by the name that he gave: here a number of ours."""
    service = "accounts@service.example"
    before = len(own_desk.letters(ROBIN))
    own_desk.take(fresh(f"Hello [KV-2026-0001],\n\n{VERIFY}", service, subject="[KV-2026-0001], verify your address"))
    assert [len(own_desk.dossier(ticket).entries) for ticket in own_desk.tickets()] == [1, 1]
    assert len(own_desk.letters(ROBIN)) == before
    assert not any(CODE in str(letter) for letter in own_desk.letters(service))


def answered(rig: Rig) -> None:
    rig.take(reply(rig.letters(TEAM)[0], "#antwoord\n\nYou may.\n"))
    held_over(rig)


def test_case_104_a_reply_long_after_the_end_is_a_new_ticket_that_goes_on_with_the_old_one(own_desk: Rig) -> None:
    answered(own_desk)
    for _ in range(4):  # a clock that leaps further is not believed
        own_desk.clock.forward(days=15)
        own_desk.work()
    assert own_desk.tickets()[0].status is Status.CLOSED
    own_desk.take(reply(own_desk.letters(ROBIN)[0], "It begins again: may they come to our laboratory too?\n", ROBIN))
    old, new = own_desk.tickets()
    assert (old.status, new.continues) == (Status.CLOSED, old.reference)
    assert new.asker == old.asker
    assert "KV-2026-0002" in last(own_desk, ROBIN)["Subject"]


def test_case_104_a_reply_to_a_ticket_that_was_put_into_another_goes_there(own_desk: Rig) -> None:
    own_desk.take(ask(text=GUEST))
    own_desk.take(reply(last(own_desk, TEAM, "KV-2026-0002"), "#samenvoegen KV-2026-0001\n"))
    held_over(own_desk)
    moved = next(letter for letter in own_desk.letters(ROBIN) if "KV-2026-0002" in letter["Subject"])
    own_desk.take(reply(moved, "He comes from their own laboratory.\n", ROBIN))
    target = own_desk.dossier(own_desk.tickets()[0])
    assert target.entries[-1].text.startswith("He comes from their own laboratory.")
    assert len(own_desk.tickets()) == 2
    assert "KV-2026-0002 was put into KV-2026-0001" in own_desk.reasons()[-1]


def with_token(rig: Rig, audience: Audience) -> bytes:
    """A mail of Mallory's with a genuine token of a ticket that is not there."""
    token = rig.works.intake.clerk.keyring.issue("KV-2025-0077", audience, address(MALLORY))
    thread = [("In-Reply-To", f"<{token}.abcdefghijklmnop@desk.example>")]
    return ask(MALLORY, f"What did you answer me? {audience}\n", subject="Re: [KV-2025-0077] x", headers=thread)


def test_case_104_a_token_for_a_ticket_that_is_not_there_opens_one_and_reveals_nothing(own_desk: Rig) -> None:
    """So that a ticket which was destroyed looks like one that never was. Tickets cannot be destroyed yet."""
    own_desk.take(with_token(own_desk, Audience.ASKER))
    (letter,) = own_desk.letters(MALLORY)
    assert "KV-2026-0002" in letter["Subject"]
    assert "2025-0077" not in text_of(letter)
    assert len(own_desk.tickets()) == 2


def test_case_104_a_token_of_staff_for_a_ticket_that_is_not_there_is_held_in_other_hands(desk: Rig) -> None:
    with unharmed(desk, Disposition.HELD):
        desk.take(with_token(desk, Audience.STAFF))
    assert desk.letters(MALLORY) == []


@pytest.mark.parametrize("who", [ROBIN, SAM])
def test_case_143_a_mail_with_tokens_of_two_tickets_is_added_to_neither(desk: Rig, who: str) -> None:
    own = desk.letters(ROBIN) if who == ROBIN else desk.letters(TEAM)
    ids = f"{own[0]['Message-ID']} {own[1]['Message-ID']}"
    text = "#antwoord\n\nYou may, both.\n"
    raw = reply(own[0], text, who, thread=False, headers=[("In-Reply-To", ids), ("References", ids)], to=DESK)
    desk.clock.forward(hours=1)  # so that no cap is in the way
    with unharmed(desk, Disposition.HELD):
        desk.take(raw)
    assert [len(desk.dossier(ticket).entries) for ticket in desk.tickets()] == [1, 1]
    assert "different tickets" in desk.reasons()[-1]
    assert "Q-" in last(desk, TEAM)["Subject"]  # staff decide


def test_case_143_two_tokens_in_two_places_of_one_mail_are_two_tickets_too(desk: Rig) -> None:
    first, second = desk.letters(ROBIN)[:2]
    with unharmed(desk, Disposition.HELD):
        desk.take(reply(first, "Which one is this?\n", ROBIN, to=str(second["Reply-To"])))
