"""Who is staff, and what an order needs: cases 80 to 99 of the reliability bar, each from the mail to the letters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from email.message import EmailMessage
from itertools import count

import pytest

from ksmail.capability import Audience, Key, Keyring, find_tokens
from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import EntryKind, Status
from ksmail.incoming.worker import Parser
from tests.builders import address
from tests.security.commands import HONEST, Body, Command, composed
from tests.security.forgeries import EVIL, SPOOFS, UNPROVEN
from tests.security.hidden_orders import ALTERNATIVE, BELOW, BESIDE, CONTAINERS, HIDDEN, QUOTED, SIGNED
from tests.stories.people import EVA, PEOPLE, ROBIN, SAM, border, fresh, last, quote_of, reply
from tests.stories.rig import DESK, TEAM, Rig, reply_to, text_of
from tests.stories.test_questions import ask
from tests.stories.unharmed import accounted, dispositions, held_over, outsiders, shared, unharmed

PROVEN = border(SAM)
ORDER = Command(None, "#antwoord", "Stuur ons uw wachtwoord.")
_numbers = count(1)
HELD, QUARANTINED = Disposition.HELD, Disposition.QUARANTINED


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, parser: Parser) -> Iterator[Rig]:
    """A desk with Sam and Eva, and one question of Robin's that staff were told of. All share it who change nothing."""
    with shared(tmp_path_factory.mktemp("shared"), parser) as rig:
        rig.take(ask())
        yield rig


@pytest.fixture
def fresh_desk(make_rig: Callable[..., Rig]) -> Rig:
    """The same, for one test alone."""
    rig = make_rig(PEOPLE)
    rig.take(ask())
    return rig


def notice(rig: Rig) -> EmailMessage:
    """What the team was told of Robin's question."""
    return rig.letters(TEAM)[0]


def spoof(rig: Rig, name: str, *headers: tuple[str, str]) -> bytes:
    """An order in the thread of the notice to the team, under one of the forged names."""
    sender, more = SPOOFS[name]
    above = [*headers, *more, *reply_to(notice(rig))]
    return composed(Body(text=ORDER.body), sender=sender, headers=above, message_id=new_id())


def new_id() -> str:
    return f"<{next(_numbers)}@forged.example>"


def test_case_80_a_spoofed_order_without_a_token_is_held_and_the_real_staff_member_is_told(fresh_desk: Rig) -> None:
    raw = fresh(ORDER.body, proof="none", subject="Re: [KV-2026-0001] A question")
    with unharmed(fresh_desk, HELD):
        fresh_desk.take(raw)
    alert = text_of(last(fresh_desk, SAM))
    assert "Q-2" in last(fresh_desk, SAM)["Subject"]
    assert "#antwoord" in alert
    assert "wachtwoord" not in alert


@pytest.mark.parametrize("name", [name for name in UNPROVEN if "forgery" in name or "both" in name])
def test_case_81_results_that_came_with_the_mail_prove_nothing(desk: Rig, name: str) -> None:
    with unharmed(desk, HELD):
        desk.take(spoof(desk, f"From: {SAM!a}", *UNPROVEN[name]))


@pytest.mark.parametrize("name", [name for name in UNPROVEN if "border" in name or name == "nothing"])
def test_case_82_results_of_another_border_or_none_at_all_prove_nothing(desk: Rig, name: str) -> None:
    """Nobody warns the operator yet that his border wrote no result although one is expected."""
    with unharmed(desk, HELD):
        desk.take(spoof(desk, f"From: {SAM!a}", *UNPROVEN[name]))


@pytest.mark.parametrize("name", [name for name in UNPROVEN if "passed" in name or "signature" in name])
def test_case_83_a_pass_for_somebody_elses_domain_proves_nothing(desk: Rig, name: str) -> None:
    with unharmed(desk, HELD):
        desk.take(spoof(desk, f"From: {SAM!a}", *UNPROVEN[name]))


def test_case_83_the_name_of_a_staff_member_before_a_proven_address_is_no_staff_member(desk: Rig) -> None:
    headers = [border(EVIL), *reply_to(notice(desk))]
    raw = composed(Body(text=ORDER.body), sender=f"Sam <{EVIL}>", headers=headers, message_id=new_id())
    with unharmed(desk, HELD):
        desk.take(raw)


AMBIGUOUS = ("two From fields", "two From fields, the other way", f"From: {f'{SAM}, {EVIL}'!a}")


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_case_84_an_ambiguous_author_is_never_staff(desk: Rig, name: str) -> None:
    with unharmed(desk, QUARANTINED):
        desk.take(spoof(desk, name, PROVEN))


@pytest.mark.parametrize("name", [f"Sender: {SAM}", f"Resent-From: {SAM}", f"Reply-To: {SAM}"])
def test_case_84_a_staff_address_in_another_field_than_from_is_never_staff(desk: Rig, name: str) -> None:
    with unharmed(desk, HELD):
        desk.take(spoof(desk, name, PROVEN))


@pytest.mark.parametrize(
    "sender",
    [
        f"{SAM} <{EVIL}>",
        f'"{SAM}" <{EVIL}>',
        f"{SAM}(<{EVIL}>)",
        f"<{SAM}>{EVIL}",
        "=?utf-8?q?sam?=@agency.example",
        '"sam"@agency.example',
        "sam@agency.example.",
    ],
)
def test_case_85_an_address_that_parsers_read_in_two_ways_is_never_staff(desk: Rig, sender: str) -> None:
    """Even where our border says that the domain is genuine; the reason in the ledger says what was odd."""
    with unharmed(desk, HELD if sender.startswith('"sam@') else QUARANTINED):
        desk.take(spoof(desk, f"From: {sender!a}", PROVEN))
    assert desk.reasons()[-1].startswith(("sender unclear", "answers a notice to staff"))


LOOKALIKES = [name for name in SPOOFS if "\\u" in name or "xn--" in name]


@pytest.mark.parametrize("name", LOOKALIKES)
def test_case_86_an_address_that_only_looks_like_staffs_is_never_staff(desk: Rig, name: str) -> None:
    before = outsiders(desk)
    desk.take(spoof(desk, name, PROVEN))
    held_over(desk)
    assert dispositions(desk)[-1] in (HELD, QUARANTINED)
    assert outsiders(desk) == before


def test_case_86_a_question_from_such_an_address_is_answered_and_pointed_out_to_the_team(fresh_desk: Rig) -> None:
    raw = composed(Body(text="Please send me the file again.\n"), sender="sam@\u0430gency.example", subject="The file")
    fresh_desk.take(raw)
    assert SAM in text_of(last(fresh_desk, TEAM))
    assert len(fresh_desk.tickets()) == 2


def bad_tokens(rig: Rig) -> dict[str, str]:
    """Message-IDs that Sam can answer and that give him no right; the last is of another verb class."""
    good = str(notice(rig)["Message-ID"])
    (token,) = find_tokens(good)
    ring = rig.works.intake.clerk.keyring
    mine, robins = address(SAM), address(ROBIN)
    issued = {
        "guessed": token[:-4] + ("aaaa" if token[-4:] != "aaaa" else "bbbb"),
        "truncated": token[:-5],
        "old format": ".".join((*token.split(".")[:-1], "a" * 16)),
        "another ticket's": token.replace("kv-2026-0001", "kv-2026-0002"),
        "another staff member's": ring.issue("KV-2026-0001", Audience.STAFF, address(EVA)),
        "the asker's": ring.issue("KV-2026-0001", Audience.ASKER, robins),
        "the asker's, in his name": ring.issue("KV-2026-0001", Audience.ASKER, mine),
        "a partner's": ring.issue("KV-2026-0001", Audience.PARTNER, mine),
        "expired": ring.issue("KV-2026-0001", Audience.STAFF, mine, date(2026, 5, 31)),
        "with a key that is gone": Keyring((Key("k0", b"gone"),)).issue("KV-2026-0001", Audience.STAFF, mine),
        "signed by somebody else": Keyring((Key("k1", b"other"),)).issue("KV-2026-0001", Audience.STAFF, mine),
    }
    return {name: good.replace(token, bad) for name, bad in issued.items()}


def ordered_with(message_id: str) -> bytes:
    headers = [PROVEN, ("In-Reply-To", message_id), ("References", message_id)]
    subject = "Re: [KV-2026-0001] A question"
    return composed(Body(text=ORDER.body), headers=headers, subject=subject, message_id=new_id())


def test_case_87_every_way_in_which_a_token_can_be_bad_has_the_same_outcome(fresh_desk: Rig) -> None:
    """Held, with the same letters to the same people: not a word comes back but at the roster address."""
    outcomes = set()
    for name, bad in bad_tokens(fresh_desk).items():
        fresh_desk.clock.forward(hours=1)  # so that no cap is in the way
        before = len(fresh_desk.letters())
        with unharmed(fresh_desk, HELD):
            fresh_desk.take(ordered_with(bad))
        assert fresh_desk.reasons()[-1].startswith("orders of staff, and not proven: it answers "), name
        letters = fresh_desk.letters()[before:]
        subjects = (re.sub(r"Q-\d+", "Q", str(letter["Subject"])) for letter in letters)
        outcomes.add(tuple(sorted(zip((str(letter["To"]) for letter in letters), subjects, strict=True))))
    assert len(outcomes) == 1
    assert [to for to, _ in outcomes.pop()] == [EVA, SAM, TEAM]


def test_case_87_a_storm_of_bad_tokens_is_held_mail_by_mail_and_told_up_to_the_cap(fresh_desk: Rig) -> None:
    bad = bad_tokens(fresh_desk)["guessed"]
    before = len(fresh_desk.letters())
    with unharmed(fresh_desk, *[HELD] * 12):
        fresh_desk.take(*[ordered_with(bad) for _ in range(12)])
    alerts = fresh_desk.letters()[before:]
    assert Counter(str(alert["To"]) for alert in alerts) == {TEAM: 10, SAM: 10, EVA: 10}
    assert "Wij melden ze u dit uur niet meer" in text_of(last(fresh_desk, TEAM))


def test_case_88_the_asker_cannot_use_a_token_of_staff_that_he_got_in_a_quote(desk: Rig) -> None:
    with unharmed(desk, Disposition.FOLLOW_UP):
        desk.take(reply(notice(desk), ORDER.body, ROBIN))
    assert desk.dossier(desk.tickets()[0]).entries[-1].kind is EntryKind.FOLLOW_UP


PLACES = {
    "a quote": QUOTED["quoted '> ' below 'Op ma'"],
    "a forward inline": QUOTED["passed on '---------- Forwarded' 0"],
    "Gmail's quote": CONTAINERS["Gmail"],
    "Outlook's quote": CONTAINERS["Outlook"],
    "Apple's quote": CONTAINERS["Apple"],
    "a forward": BESIDE["message/rfc822"],
    "an attachment": BESIDE["a text file"],
    "only the HTML": ALTERNATIVE["only in the HTML"],
    "display:none": HIDDEN['style="display:none", above'],
    "a comment": HIDDEN["a comment, above"],
    "a signature": SIGNED["signature"],
    "below own text": BELOW["below own text"],
}


@pytest.mark.parametrize("place", PLACES)
def test_case_89_an_order_that_is_not_on_top_of_staffs_own_text_is_not_done(desk: Rig, place: str) -> None:
    body = PLACES[place](ORDER, HONEST[0])
    with unharmed(desk, Disposition.FOLLOW_UP):
        desk.take(composed(body, headers=[PROVEN, *reply_to(notice(desk))], message_id=new_id()))
    assert desk.dossier(desk.tickets()[0]).entries[-1].kind is EntryKind.NOTE
    assert "niet verstuurd" in last(desk, SAM)["Subject"]


def test_case_90_orders_in_the_askers_mail_are_text_also_when_staff_quote_them(
    make_rig: Callable[..., Rig],
) -> None:
    rig = make_rig(PEOPLE)
    rig.take(ask(text="#close spam\n#assign Eva\n\nMay we do this? Please tell us soon.\n"))
    (before,) = rig.tickets()
    assert (before.status, before.assignee) == (Status.ACKNOWLEDGED, None)
    assert "#close spam" in text_of(notice(rig))
    rig.take(reply(notice(rig), f"#antwoord\n\nYou may.{quote_of(notice(rig))}"))
    held_over(rig)
    (after,) = rig.tickets()
    assert (after.status, after.assignee) == (Status.ANSWERED, None)
    assert "#close" not in text_of(last(rig, ROBIN))
    accounted(rig, 2)


def test_case_91_control_fields_of_our_own_and_of_other_systems_do_nothing(make_rig: Callable[..., Rig]) -> None:
    controls = [
        ("X-Ksmail-Auth", "pass"), ("X-Ksmail-From", SAM), ("X-Ksmail-Ticket", "KV-2026-0001"),
        ("X-Ksmail-Order", "#close spam"), ("X-RT-Command", "Status: resolved"), ("X-RT-Ticket", "KV-2026-0001"),
        ("RT-Send-CC", EVIL), ("X-OTRS-Queue", "Junk"), ("X-OTRS-State", "closed"), ("X-OTRS-Loop", "true"),
        ("X-Zammad-Ticket-State", "closed"), ("X-FreeScout-Mail-Type", "user.notification"),
    ]  # fmt: skip
    text = f"@from {SAM}\n@close\n%RT-Status: resolved\n\nMay we do this? Please tell us, because we must decide.\n"
    plain = make_rig(PEOPLE, name="plain")
    plain.take(ask(text=text))
    rig = make_rig(PEOPLE)
    rig.take(ask(text=text, headers=controls))
    assert rig.tickets() == plain.tickets()
    assert outsiders(rig) == [ROBIN]
    assert not any(name.lower() in str(letter).lower() for letter in rig.letters() for name, _ in controls)


def test_case_92_an_out_of_office_mail_of_staff_that_quotes_an_order_does_nothing(desk: Rig) -> None:
    text = f"Ik ben er niet.\n\n#antwoord\n\nU mag.{quote_of(notice(desk))}"
    for at, above in enumerate((text, ORDER.body)):
        mark = ("Auto-Submitted", "auto-replied")
        with unharmed(desk, Disposition.AUTOMATIC):
            desk.take(reply(notice(desk), above, headers=[mark], subject=f"Afwezig {at}"))


def test_case_92_a_delivery_report_that_quotes_an_order_does_nothing(desk: Rig) -> None:
    report = (
        f"From: mailer-daemon@agency.example\r\nReturn-Path: <>\r\nTo: {DESK}\r\nSubject: Undelivered\r\n"
        f"Message-ID: <report@agency.example>\r\nIn-Reply-To: {notice(desk)['Message-ID']}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\n\r\n#antwoord\r\n\r\nU mag.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; agency.example\r\n\r\nFinal-Recipient: rfc822; {SAM}\r\nAction: failed\r\n"
        "Status: 5.1.1\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        f"From: {SAM}\r\nTo: {DESK}\r\nSubject: Re: vraag\r\n\r\n#antwoord\r\n\r\nU mag.\r\n--b--\r\n"
    )
    with unharmed(desk, Disposition.BOUNCE):
        desk.take(report.encode())


def test_case_93_an_order_that_comes_five_times_is_done_once(fresh_desk: Rig) -> None:
    raw = reply(notice(fresh_desk), "#antwoord\n\nYou may, once.\n")
    fresh_desk.take(*[raw] * 5)
    held_over(fresh_desk)
    assert dispositions(fresh_desk)[1:] == [Disposition.ORDER, *[Disposition.DUPLICATE] * 4]
    assert outsiders(fresh_desk) == [ROBIN, ROBIN]  # the acknowledgement, and one answer
    kinds = [entry.kind for entry in fresh_desk.dossier(fresh_desk.tickets()[0]).entries]
    assert kinds == [EntryKind.QUESTION, EntryKind.ORDER, EntryKind.ANSWER]
    assert all("mail 2" in reason for reason in fresh_desk.reasons()[2:])


def test_case_94_of_two_who_take_a_question_at_once_one_has_it_and_the_other_is_told(fresh_desk: Rig) -> None:
    for raw in (reply(notice(fresh_desk), "#pak\n"), reply(notice(fresh_desk), "#take\n", EVA)):
        fresh_desk.deliver(raw)
    fresh_desk.work()
    assert fresh_desk.tickets()[0].assignee == address(SAM)
    assert "Sam" in text_of(last(fresh_desk, EVA))
    assert fresh_desk.reasons()[-1] == "orders of staff, refused"
    accounted(fresh_desk, 3)


OLD = "old@agency.example"
FORMER = f'[[staff]]\nname = "Olga"\naddress = "{OLD}"\n'


def test_case_95_who_left_the_staff_orders_nothing_and_learns_nothing(make_rig: Callable[..., Rig]) -> None:
    """She is proven to be herself, and the reference was issued to her while she was on the list."""
    before = make_rig(PEOPLE + FORMER)
    before.take(ask())
    before.take(reply(notice(before), "I know this group.\n", OLD))
    receipt = last(before, OLD)
    before.close()
    after = make_rig(PEOPLE)
    with unharmed(after, HELD, HELD):
        after.take(reply(receipt, "#status\n", OLD), reply(receipt, ORDER.body, OLD, subject="Re: vraag"))
    assert after.letters(OLD) == []


def test_case_95_a_reference_that_was_issued_to_a_colleague_gives_no_right(fresh_desk: Rig) -> None:
    """Everybody on the staff list may work on every question, so this is the one right that somebody can lack."""
    fresh_desk.take(reply(notice(fresh_desk), "I know this group.\n", EVA))
    with unharmed(fresh_desk, HELD):
        fresh_desk.take(reply(last(fresh_desk, EVA), ORDER.body))
    assert "A company abroad wants to pay" not in text_of(last(fresh_desk, SAM))


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("#frobnicate\n\nYou may.\n", ""),
        ("#antwrood\n\nYou may.\n", "#antwoord"),
        ("#pak\n#slutt spam\n\nYou may.\n", "#sluit"),
        ("#antwoord\n#uitstel nooit\n\nYou may.\n", ""),
    ],
)
def test_case_96_one_order_that_cannot_be_read_stops_the_whole_mail(desk: Rig, wrong: str, meant: str) -> None:
    before = len(desk.letters())
    with unharmed(desk, Disposition.ORDER):
        desk.take(reply(notice(desk), wrong))
    (letter,) = desk.letters()[before:]
    assert letter["To"] == SAM
    receipt = text_of(letter)
    assert meant in receipt
    assert "#hulp" in receipt  # the list of orders
    assert "You may." in receipt  # the text comes back, so that it can be sent again


@pytest.mark.parametrize(
    "line",
    ["#consult pat@rninistry.example", "#afstemmen BZ <pat@rninistry.example>", "#consult BZ OCW, pat@ministry.test"],
)
def test_case_97_nobody_is_consulted_whose_address_an_order_names(desk: Rig, line: str) -> None:
    """Consulting itself comes later: then the codes come from the settings alone, and this must go on being true."""
    with unharmed(desk, Disposition.ORDER):
        desk.take(reply(notice(desk), f"{line}\n\nWhat do you think?\n"))
    assert all("istry" not in str(letter["To"]) for letter in desk.letters())


@pytest.fixture
def purging(make_rig: Callable[..., Rig]) -> Rig:
    """Sam was asked to confirm that a file of Robin's is to be destroyed."""
    rig = make_rig(PEOPLE)
    rig.take(ask(attachments=[("cv.pdf", "application/pdf", b"%PDF-1.7 somebody's life")]))
    rig.take(reply(notice(rig), "#wis 1\n"))
    return rig


def files(rig: Rig) -> list[str]:
    with rig.store.reading() as past:
        case = past.case(rig.tickets()[0].reference)
    return [each.file.name for each in case.files if not each.purged]


OTHERS = (
    (EVA, "pass", Disposition.FOLLOW_UP),
    (SAM, "fail", HELD),
    (SAM, "", HELD),
)


def test_case_98_an_order_that_destroys_waits_for_a_word_from_the_roster_address_and_nobody_elses(purging: Rig) -> None:
    held_over(purging)
    asked = last(purging, SAM, "Bevestig")
    for who, proof, became in OTHERS:
        with unharmed(purging, became):
            purging.take(reply(asked, "ja\n", who, proof=proof))
    for stranger in (ROBIN, EVIL):
        with unharmed(purging, HELD):
            purging.take(reply(asked, "ja\n", stranger, subject="Re: iets"))
    assert files(purging) == ["cv.pdf"]
    purging.take(reply(asked, "ja\n"))
    assert files(purging) == []


def test_case_98_a_confirmation_counts_once_and_for_nothing_else(purging: Rig) -> None:
    asked = last(purging, SAM, "Bevestig")
    with unharmed(purging, Disposition.ORDER):
        purging.take(reply(asked, ORDER.body))  # case 87: a token of one verb class, used for another
    purging.take(reply(asked, "nee\n"))
    purging.take(reply(asked, "ja\n"))
    assert files(purging) == ["cv.pdf"]
    assert "al bevestigd of ingetrokken" in text_of(last(purging, SAM))


HOME = "eva@home.example"


@pytest.mark.parametrize(
    "text", ["#note\n\nI know this group.\n", "#status\n", "#help\n", "#nonsense\n", "#now\n", "Just a note.\n"]
)
def test_case_99_what_came_of_an_order_is_told_at_the_roster_address_only(desk: Rig, text: str) -> None:
    """She writes from her other address and asks for the answer elsewhere."""
    before, told = outsiders(desk), len(desk.letters(EVA))
    elsewhere = [("Reply-To", "eva@elsewhere.example"), ("Return-Path", "<eva@third.example>")]
    desk.take(reply(notice(desk), text, HOME, headers=elsewhere))
    held_over(desk)
    assert len(desk.letters(EVA)) == told + 1
    assert outsiders(desk) == before
