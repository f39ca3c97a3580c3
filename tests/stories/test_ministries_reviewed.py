"""What reviewers found in the first version of the orders about ministries, each over servers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ksmail.desk.consultation import Position, Stage
from ksmail.desk.ticket import Status
from tests.stories.people import BZ, EZ, MINISTRIES, OCW, PEOPLE, ROBIN, SAM, last, reply
from tests.stories.rig import TEAM, Rig, text_of
from tests.stories.test_coordination import consulted, order, positions
from tests.stories.test_questions import ask

JANSEN = "Robin Jansen <robin@uni.example>"
OBJECTION = "Wij hebben grote zorgen over de eigenaar van dat bedrijf in de hoofdstad."


@pytest.fixture
def desk(make_rig: Callable[..., Rig]) -> Rig:
    rig = make_rig(PEOPLE, partners=MINISTRIES)
    rig.take(ask(JANSEN, "May they pay for our lab?\n\nKind regards, Robin Jansen\n"))
    return rig


def again(rig: Rig, make_rig: Callable[..., Rig], partners: str) -> Rig:
    """The same desk, started again with another list of partners."""
    more = make_rig(PEOPLE, partners=partners, clock=rig.clock)
    more._seen = rig._seen
    return more


def test_a_position_that_is_shared_names_neither_the_asker_nor_who_wrote_it(desk: Rig) -> None:
    order(desk, "#afstemmen BZ +identiteit\n")
    desk.take(reply(last(desk, SAM), "ja\n"))
    desk.clock.forward(minutes=3)
    desk.work()
    consulted(desk, "OCW")
    words = "#bezwaar\n\nDr. Robin Jansen is bij ons bekend.\n\nMet vriendelijke groet, Piet de Vries\n"
    desk.take(reply(desk.letters(BZ)[0], words, BZ))
    order(desk, "#deel BZ\n")
    shared = desk.letters(OCW)[1]
    assert "bij ons bekend" in text_of(shared)
    for name in ("Robin", "Jansen", "Piet", "Vries"):
        assert name not in shared.as_string()


def test_the_reason_for_a_delay_is_looked_at_as_what_the_asker_reads(desk: Rig) -> None:
    consulted(desk, "BZ")
    desk.take(reply(desk.letters(BZ)[0], f"#bezwaar\n\n{OBJECTION}\n", BZ))
    order(desk, f"#bijpraten BZ\n#uitstel 2026-06-30 :{OBJECTION}\n\nHet bedrijf heet Voorbeeld BV.\n")
    assert "woorden van een ministerie" in text_of(last(desk, SAM))
    assert len(desk.letters(ROBIN)) == 2


def test_what_goes_to_one_ministry_and_not_to_the_other_is_shown_before_the_yes(desk: Rig) -> None:
    desk.take(reply(desk.letters(TEAM)[0], "#afstemmen OCW\n#afstemmen BZ +identiteit\n"))
    confirm = text_of(last(desk, SAM))
    assert "ziet een ministerie wie de vraag stelt" in confirm
    assert confirm.count("De vraag\n") == 2
    assert f"Vraagsteller: {ROBIN}" in " ".join(confirm.replace("|", " ").split())


def test_a_ministry_that_got_another_code_goes_on_under_the_old_one(desk: Rig, make_rig: Callable[..., Rig]) -> None:
    consulted(desk, "BZ")
    request = desk.letters(BZ)[0]
    renamed = MINISTRIES.replace('code = "BZ"', 'code = "BUZA"').replace('aliases = ["BuZa"]', 'aliases = ["BZ"]')
    later = again(desk, make_rig, renamed)
    later.clock.forward(days=7, hours=1)
    for _ in range(3):
        later.work()
    assert len(later.letters(BZ)) == 2  # the request, and one reminder
    later.take(reply(request, "#bezwaar\n", BZ))
    assert positions(later) == {"BZ": (Stage.REPLIED, Position.OBJECTION)}


def test_the_answer_of_a_new_liaison_counts(desk: Rig, make_rig: Callable[..., Rig]) -> None:
    consulted(desk, "BZ")
    moved = again(desk, make_rig, MINISTRIES.replace('liaison = "liaison@bz', 'liaison = "nieuw@bz'))
    moved.clock.forward(days=7, hours=1)
    moved.work()
    moved.take(reply(moved.letters("nieuw@bz.example")[0], "#bezwaar\n", "nieuw@bz.example"))
    assert positions(moved) == {"BZ": (Stage.REPLIED, Position.OBJECTION)}


def test_one_liaison_of_two_ministries_is_heard_for_the_request_that_is_answered(
    make_rig: Callable[..., Rig],
) -> None:
    rig = make_rig(PEOPLE, partners=MINISTRIES.replace("kennis@ocw.example", BZ).replace('"ocw.ex', '"bz.ex'))
    rig.take(ask())
    consulted(rig, "BZ")
    consulted(rig, "OCW")
    rig.take(reply(rig.letters(BZ)[1], "#bezwaar\n", BZ))
    assert positions(rig) == {"BZ": (Stage.SENT, None), "OCW": (Stage.REPLIED, Position.OBJECTION)}


def test_who_answers_a_request_that_was_called_back_too_late_is_heard(desk: Rig) -> None:
    desk.take(reply(desk.letters(TEAM)[0], "#afstemmen BZ\n"))
    with desk.store.reading() as past:
        raw = next(line for line in past.outbox(20) if line.kind == "partner_request")
    desk.take(reply(last(desk, SAM), "#stop\n"))
    heads = [("In-Reply-To", raw.message_id), ("References", raw.message_id)]
    facts = {"thread": False, "headers": heads, "to": "desk@desk.example", "subject": "Re: Afstemming"}
    desk.take(reply(last(desk, SAM), "#bezwaar\n", BZ, **facts))  # type: ignore[arg-type]  # mixed facts
    assert positions(desk) == {"BZ": (Stage.REPLIED, Position.OBJECTION)}


def test_the_number_of_another_ministrys_request_gives_no_position(desk: Rig) -> None:
    consulted(desk, "BZ", "OCW")
    facts = {"thread": False, "to": "desk@desk.example", "subject": f"FW: {desk.letters(OCW)[0]['Subject']}"}
    desk.take(reply(desk.letters(OCW)[0], "#akkoord\n", "jan@bz.example", **facts))  # type: ignore[arg-type]  # mixed
    assert {stage for stage, _ in positions(desk).values()} == {Stage.SENT}


def test_the_askers_own_reference_never_makes_a_position(desk: Rig) -> None:
    consulted(desk, "BZ")
    desk.take(reply(desk.letters(ROBIN)[0], "Robin vroeg mij mee te lezen.\n", "jan@bz.example"))
    assert positions(desk) == {"BZ": (Stage.SENT, None)}


def test_words_that_one_ministry_was_shown_do_not_go_to_a_third(desk: Rig) -> None:
    consulted(desk, "BZ", "OCW")
    desk.take(reply(desk.letters(BZ)[0], f"#bezwaar\n\n{OBJECTION}\n", BZ))
    order(desk, "#deel BZ\n")
    order(desk, f"#afstemmen EZ\n\nTer informatie: {OBJECTION}\n")
    assert desk.letters(EZ) == []


def test_a_question_is_not_put_to_ministries_and_closed_in_one_mail(desk: Rig) -> None:
    order(desk, "#afstemmen BZ\n#sluit spam\n")
    assert desk.tickets()[0].status.is_open
    assert (desk.letters(BZ), len(desk.letters(ROBIN))) == ([], 1)


def test_a_position_below_a_greeting_is_read(desk: Rig) -> None:
    consulted(desk, "BZ")
    desk.take(reply(desk.letters(BZ)[0], f"Beste collega,\n\n#bezwaar\n\n{OBJECTION}\n", BZ))
    assert positions(desk) == {"BZ": (Stage.REPLIED, Position.OBJECTION)}


def test_an_addition_leaves_a_position_as_it_is(desk: Rig) -> None:
    consulted(desk, "BZ")
    desk.take(reply(desk.letters(BZ)[0], f"#bezwaar\n\n{OBJECTION}\n", BZ))
    desk.take(reply(desk.letters(BZ)[0], "Dank voor uw bericht.\n", BZ))
    assert positions(desk) == {"BZ": (Stage.REPLIED, Position.OBJECTION)}


def test_a_file_of_the_asker_goes_along_without_its_name(desk: Rig) -> None:
    plan = ("Plan Robin Jansen uni.example.pdf", "application/pdf", b"the plan")
    desk.take(reply(desk.letters(ROBIN)[0], "Here is our plan.\n", ROBIN, attachments=[plan]))
    consulted(desk, "BZ", more=" +bijlagen")
    raw = desk.letters(BZ)[0].as_string()
    assert "bijlage-1.pdf" in raw
    assert "Robin" not in raw


def test_a_cv_is_pointed_out_and_goes_along_with_nothing(desk: Rig) -> None:
    cv = ("CV of a colleague.pdf", "application/pdf", b"a whole life")
    desk.take(reply(desk.letters(ROBIN)[0], "Here is his CV.\n", ROBIN, attachments=[cv]))
    notice = text_of(last(desk, TEAM))
    assert "gegevens over personen in bijlage 1" in notice
    consulted(desk, "BZ", more=" +bijlagen")
    assert list(desk.letters(BZ)[0].iter_attachments()) == []
    order(desk, "#antwoord\n\nThank you, we do not need this.\n")
    desk.take(reply(last(desk, SAM), "#rectificatie\n\nSee the file.\n", attachments=[cv]))
    assert "verzegelde bijlage" in text_of(last(desk, SAM))


def test_a_letter_whose_date_has_passed_is_not_sent_by_now(desk: Rig) -> None:
    desk.take(reply(desk.letters(TEAM)[0], "#afstemmen BZ\n"))
    desk.take(reply(last(desk, SAM), "#sotp\n"))  # keeps it back
    desk.clock.forward(days=30)
    order(desk, "#nu\n")
    assert desk.letters(BZ) == []
    assert not any("ministr" in text_of(letter) for letter in desk.letters(ROBIN)[1:])  # an apology, and no more
    assert "datum die voorbij is" in text_of(last(desk, SAM))


def test_a_new_date_is_not_given_behind_an_answer_that_waits(desk: Rig) -> None:
    desk.take(reply(desk.letters(TEAM)[0], "#antwoord\n\nYes.\n"))
    order(desk, "#afstemmen BZ\n")
    assert desk.letters(BZ) == []
    assert desk.tickets()[0].status is Status.ANSWERED
