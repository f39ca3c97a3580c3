"""What else happens on a staff member's day: two taps, confirmations, absences, colleagues, and files that must go."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import date
from email.message import EmailMessage
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import EntryKind, PromiseState, Status
from ksmail.store.values import LetterState
from tests.builders import mail
from tests.stories.people import EVA, PEOPLE, ROBIN, SAM, border, fresh, last, reply
from tests.stories.rig import TEAM, Rig, reply_to, text_of
from tests.stories.test_orders import held_over, report_about
from tests.stories.test_questions import ask

NO_BORDER = {"KSMAIL_TRUST__AUTHSERV_ID": ""}


@pytest.fixture
def desk(make_rig: Callable[..., Rig]) -> Rig:
    rig = make_rig(PEOPLE)
    rig.take(ask())
    return rig


@pytest.fixture
def open_desk(make_rig: Callable[..., Rig]) -> Rig:
    """A desk whose mail server says nothing of anybody."""
    rig = make_rig(PEOPLE, environ=NO_BORDER)
    rig.take(ask())
    return rig


def opened(href: str, sender: str = SAM, more: str = "") -> bytes:
    """What a phone makes of a mailto link (RFC 6068), and its owner sends: a new mail, which answers nothing."""
    link = urlsplit(href)
    fields = parse_qs(link.query, keep_blank_values=True, strict_parsing=True)
    return mail(
        sender=sender,
        to=unquote(link.path),
        subject=fields["subject"][0],
        text=fields["body"][0].replace("\r\n", "\n") + more,
        message_id=f"<{abs(hash(href + more))}@agency.example>",
        headers=[border(sender)],
    )


def links(letter: EmailMessage) -> dict[str, str]:
    """The prepared replies of a letter, by their labels, from its text."""
    return dict(re.findall(r"^- (.+?): (mailto:\S+)$", text_of(letter), re.MULTILINE))


def test_two_taps_take_a_question(desk: Rig) -> None:
    desk.take(opened(links(last(desk, TEAM))["Ik pak deze vraag"]))
    assert desk.tickets()[0].assignee is not None
    assert "#pak" in last(desk, SAM)["Subject"]


def test_the_buttons_of_the_html_are_the_links_of_the_text(desk: Rig) -> None:
    letter = last(desk, TEAM)
    html = letter.get_body(("html",))
    assert html is not None
    buttons = [unescape(href) for href in re.findall(r'href="(mailto:[^"]+)"', html.get_content())]
    assert buttons == list(links(letter).values())


def test_a_prepared_answer_needs_only_the_words(desk: Rig) -> None:
    desk.take(opened(links(last(desk, TEAM))["Antwoorden"], more="\n\nYou may, and congratulations.\n"))
    held_over(desk)
    assert "You may, and congratulations." in text_of(last(desk, ROBIN))


def test_a_forgotten_verb_is_mended_with_two_taps(desk: Rig) -> None:
    desk.take(reply(last(desk, TEAM), "You may, if you agree on publication first.\n"))
    desk.take(opened(links(last(desk, SAM))["Deze tekst als antwoord versturen"]))
    held_over(desk)
    assert "You may, if you agree on publication first." in text_of(last(desk, ROBIN))


def test_a_misspelt_verb_is_mended_with_two_taps(desk: Rig) -> None:
    desk.take(reply(last(desk, TEAM), "#antwrd\n\nYou may, with pleasure.\n"))
    assert len(desk.letters(ROBIN)) == 1
    desk.take(opened(links(last(desk, SAM))["Verbeterd opnieuw versturen"]))
    held_over(desk)
    assert "You may, with pleasure." in text_of(last(desk, ROBIN))


def test_a_misspelt_order_keeps_back_what_waits(desk: Rig) -> None:
    desk.take(reply(last(desk, TEAM), "#antwoord\n\nYou may not.\n"))
    desk.take(reply(last(desk, SAM), "#stpo\n"))
    held_over(desk)
    assert len(desk.letters(ROBIN)) == 1
    desk.take(opened(links(last(desk, SAM))["Tegenhouden"]))
    assert [line.state for line in desk.dossier(desk.tickets()[0]).letters if line.kind == "answer"] == [
        LetterState.CANCELLED
    ]


def test_a_colleague_who_stops_an_answer_is_named_to_its_writer(desk: Rig) -> None:
    desk.take(reply(last(desk, TEAM), "#antwoord\n\nYou may not.\n"))
    desk.take(reply(last(desk, TEAM), "#stop\n", EVA))
    assert "Eva" in last(desk, SAM)["Subject"]


# Without a border


def test_without_a_border_an_answer_waits_for_a_yes_of_the_address_on_the_list(open_desk: Rig) -> None:
    open_desk.take(reply(last(open_desk, TEAM), "#antwoord\n\nYou may.\n", proof=""))
    held_over(open_desk)
    assert len(open_desk.letters(ROBIN)) == 1
    request = last(open_desk, SAM)
    assert "JA" in request["Subject"]
    assert "You may." in text_of(request)
    open_desk.take(reply(request, "Ja\n", proof=""))
    held_over(open_desk)
    assert "You may." in text_of(last(open_desk, ROBIN))


def test_a_yes_counts_once(open_desk: Rig) -> None:
    open_desk.take(reply(last(open_desk, TEAM), "#antwoord\n\nYou may.\n", proof=""))
    request = last(open_desk, SAM)
    open_desk.take(reply(request, "ja\n", proof=""), reply(request, "ja!\n", proof=""))
    held_over(open_desk)
    assert len(open_desk.letters(ROBIN)) == 2


def test_a_no_and_anything_else_do_nothing(open_desk: Rig) -> None:
    open_desk.take(reply(last(open_desk, TEAM), "#antwoord\n\nYou may.\n", proof=""))
    request = last(open_desk, SAM)
    open_desk.take(reply(request, "Huh? Dat heb ik niet gestuurd.\n", proof=""), reply(request, "Nee!\n", proof=""))
    open_desk.take(reply(request, "ja\n", proof=""))
    held_over(open_desk)
    assert len(open_desk.letters(ROBIN)) == 1


def test_whoever_does_not_hold_the_one_time_reference_confirms_nothing(open_desk: Rig) -> None:
    notice = last(open_desk, TEAM)
    open_desk.take(reply(notice, "#antwoord\n\nYou may.\n", proof=""))
    open_desk.take(reply(notice, "ja\n", proof=""), reply(last(open_desk, SAM), "ja\n", EVA, proof=""))
    held_over(open_desk)
    assert len(open_desk.letters(ROBIN)) == 1


def test_what_only_changes_the_desks_own_papers_needs_no_yes(open_desk: Rig) -> None:
    open_desk.take(reply(last(open_desk, TEAM), "#pak\n", proof=""))
    assert open_desk.tickets()[0].status is Status.IN_PROGRESS


# People


def test_notices_go_to_whoever_handles_the_question(desk: Rig) -> None:
    desk.take(reply(last(desk, TEAM), "#geef Eva\n"))
    assert "assigned" in text_of(last(desk, EVA)) or "Sam" in text_of(last(desk, EVA))
    before = len(desk.letters(TEAM))
    desk.take(ask(text="One more thing.\n", headers=reply_to(desk.letters(ROBIN)[0])))
    assert "One more thing." in text_of(last(desk, EVA))
    assert len(desk.letters(TEAM)) == before


def test_while_somebody_is_away_the_team_hears_instead_and_gets_no_questions_for_him(desk: Rig) -> None:
    desk.take(reply(last(desk, TEAM), "#pak\n"), fresh("#afwezig 2026-06-01 2026-06-12\n"))
    desk.take(ask(text="One more thing.\n", headers=reply_to(desk.letters(ROBIN)[0])))
    assert "One more thing." in text_of(last(desk, TEAM))
    desk.take(reply(last(desk, TEAM), "#assign Sam\n", EVA))
    assert "Sam" in text_of(last(desk, EVA))
    assert "Not done" in last(desk, EVA)["Subject"]


def test_an_out_of_office_mail_of_staff_offers_to_say_so_once(desk: Rig) -> None:
    def away(number: int) -> bytes:
        automatic = [border(SAM), ("Auto-Submitted", "auto-replied"), *reply_to(last(desk, TEAM))]
        return mail(
            sender=SAM, to="desk@desk.example", subject="Afwezig", text="Ik ben er niet.\n",
            message_id=f"<away-{number}@agency.example>", headers=automatic,
        )  # fmt: skip

    desk.take(away(1), away(2), away(3))
    assert ["body=%23afwezig" in text_of(letter) for letter in desk.letters(SAM)] == [True]
    assert desk.tickets()[0].status is Status.ACKNOWLEDGED


def test_an_asker_who_is_away_is_told_to_staff_who_wait_for_him(desk: Rig) -> None:
    desk.take(reply(last(desk, TEAM), "#vraag\n\nWho pays?\n"))
    held_over(desk)
    automatic = [("Auto-Submitted", "auto-replied"), *reply_to(last(desk, ROBIN))]
    desk.take(ask(text="I am away until July.\n", subject="Out of office", headers=automatic))
    assert "I am away until July." in text_of(last(desk, TEAM))
    assert desk.tickets()[0].status is Status.WAITING_ASKER


# Files that must go


def test_destroyed_files_are_gone_from_the_store_and_from_the_mailbox_and_the_text_stays(desk: Rig) -> None:
    curriculum = b"%PDF kanarie " * 50
    desk.take(ask(text="My CV is attached.\n", attachments=[("cv.pdf", "application/pdf", curriculum)]))
    desk.take(reply(last(desk, TEAM), "#wis 1\n"))
    assert "cv.pdf" in text_of(last(desk, SAM))
    assert len(desk.servers.folder("Done")) == 3
    desk.take(reply(last(desk, SAM), "ja\n"))
    desk.work()
    (ticket,) = [each for each in desk.tickets() if each.reference.number == 2]
    texts = [entry.text.strip() for entry in desk.dossier(ticket).entries]
    assert "My CV is attached." in texts
    assert not any(b"cv.pdf" in raw for raw in desk.servers.folder("Done"))
    assert "1 attachment" in text_of(last(desk, ROBIN))
    with desk.store.reading() as past, pytest.raises(LookupError):
        past.raw(2)


def test_a_held_mail_is_let_through_by_a_reply_and_becomes_a_question(desk: Rig) -> None:
    desk.take(ask("noreply@portal.example", subject="A request", headers=[]))
    notice = last(desk, TEAM)
    assert desk.balance()[Disposition.HELD] == 1
    desk.take(reply(notice, "#vrijgeven\n"))
    desk.work()
    assert len(desk.tickets()) == 2
    assert Disposition.HELD not in desk.balance()


def test_a_held_mail_is_refused_by_a_reply_and_accounted_for(desk: Rig) -> None:
    desk.take(ask("noreply@portal.example", subject="A request"))
    desk.take(reply(last(desk, TEAM), "#weg reclame\n"))
    assert desk.balance()[Disposition.REFUSED] == 1
    assert len(desk.tickets()) == 1


# Bounces


def test_a_report_that_comes_back_to_the_letters_own_address_is_about_that_letter(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(f"{PEOPLE}\n[letters]\nbounce_addresses = true\n")
    rig.take(ask())
    rig.take(reply(last(rig, TEAM), "#antwoord\n\nYou may.\n"))
    held_over(rig)
    sent = next(each for each in rig.servers.sent if each.recipients == (ROBIN,) and b"You may." in each.raw)
    report = report_about(last(rig, ROBIN)).replace(str(last(rig, ROBIN)["Message-ID"]).encode(), b"<lost@x.example>")
    rig.take(report.replace(b"To: desk@desk.example", f"To: {sent.envelope_from}".encode()))
    assert rig.tickets()[0].status is Status.IN_PROGRESS


def test_an_address_that_refused_our_mail_gets_no_automatic_letter_for_a_while(desk: Rig) -> None:
    desk.take(report_about(desk.letters(ROBIN)[0]))
    desk.take(ask(text="Another question about something else?\n", subject="Two"))
    assert len(desk.letters(ROBIN)) == 1
    assert "suppress" not in text_of(last(desk, TEAM))
    desk.clock.forward(days=61)
    desk.take(ask(text="A third question, after two months?\n", subject="Three"))
    assert len(desk.letters(ROBIN)) == 2


def test_a_notice_to_staff_that_bounces_makes_no_other_notice(desk: Rig) -> None:
    before = len(desk.letters())
    desk.take(report_about(last(desk, TEAM), TEAM))
    assert len(desk.letters()) == before


# Two questions


def test_two_questions_become_one_and_the_asker_is_told_one_number(desk: Rig) -> None:
    desk.take(ask(text="Something else about the same laboratory?\n", subject="More"))
    desk.take(reply(last(desk, TEAM, "KV-2026-0002"), "#samenvoegen KV-2026-0001\n"))
    first, second = desk.tickets()
    assert (second.status, second.merged_into) == (Status.CLOSED, first.reference)
    assert "KV-2026-0001" in text_of(last(desk, ROBIN))
    desk.take(ask(text="And this?\n", headers=reply_to(desk.letters(ROBIN)[1])))
    assert desk.dossier(desk.tickets()[0]).entries[-1].text.strip() == "And this?"


def test_one_mail_becomes_two_questions_with_a_date_each(desk: Rig) -> None:
    desk.clock.forward(days=1)
    desk.take(reply(last(desk, TEAM), "#splits\n\nMay I also travel with the equipment?\n"))
    first, second = desk.tickets()
    assert (first.promised_on, second.promised_on) == (date(2026, 6, 4), date(2026, 6, 5))
    assert second.continues == first.reference
    assert [entry.kind for entry in desk.dossier(second).entries] == [EntryKind.QUESTION]


def test_a_late_reply_is_a_new_question_that_goes_on_with_the_old_one(desk: Rig) -> None:
    desk.take(reply(last(desk, TEAM), "#antwoord\n\nYou may.\n"))
    held_over(desk)
    desk.clock.forward(days=45)
    desk.work()
    desk.take(ask(text="It is me again: may my colleague come too?\n", headers=reply_to(last(desk, ROBIN))))
    first, second = desk.tickets()
    assert (first.status, second.continues) == (Status.CLOSED, first.reference)
    assert "KV-2026-0002" in last(desk, ROBIN)["Subject"]


def test_a_new_date_is_a_promise_once_the_asker_has_it(desk: Rig) -> None:
    desk.take(reply(last(desk, TEAM), "#uitstel 2026-06-10 :We first ask a colleague.\n"))
    assert desk.tickets()[0].promised_on == date(2026, 6, 4)
    held_over(desk)
    assert desk.tickets()[0].promised_on == date(2026, 6, 10)
    assert "We first ask a colleague." in text_of(last(desk, ROBIN))
    states = [line.state for line in desk.dossier(desk.tickets()[0]).promises]
    assert states == [PromiseState.MOVED, PromiseState.OPEN]


@pytest.fixture
def crashed(desk: Rig) -> Rig:
    """The program died while an answer was on its way: nobody knows whether a mail server took it."""
    desk.take(reply(last(desk, TEAM), "#antwoord\n\nYou may.\n"))
    desk.clock.forward(minutes=4)
    with desk.store.writing() as tx:
        (letter,) = tx.due(desk.clock.now(), 10)
        tx.start_attempt([letter.id], desk.clock.now())
    asyncio.run(desk.works.outbox.recover())
    desk.work()
    return desk


def test_story_18_an_answer_of_which_nobody_knows_whether_it_arrived_waits_for_staff(crashed: Rig) -> None:
    crashed.clock.forward(days=1)
    crashed.work()
    assert len(crashed.letters(ROBIN)) == 1
    assert last(crashed, TEAM, "Misschien niet aangekomen")
    assert "misschien niet aangekomen: antwoord" in text_of(last(crashed, TEAM, "L-1"))


def test_story_18_staff_have_it_sent_again_byte_for_byte(crashed: Rig) -> None:
    crashed.take(reply(last(crashed, TEAM), "#nu\n"))
    crashed.work()
    assert "You may." in text_of(last(crashed, ROBIN))
    assert crashed.tickets()[0].status is Status.ANSWERED


def test_story_18_staff_leave_it_and_the_receipt_promises_nothing(crashed: Rig) -> None:
    crashed.take(reply(last(crashed, TEAM), "#stop\n"))
    assert "misschien al aangekomen" in text_of(last(crashed, SAM))
    crashed.clock.forward(days=1)
    crashed.work()
    assert len(crashed.letters(ROBIN)) == 1
