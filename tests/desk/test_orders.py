"""What staff and partners order by mail."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.capability import Audience
from ksmail.desk.numbered import names_verb
from ksmail.desk.orders import (
    ORDERS,
    Fault,
    Kind,
    Line,
    Lines,
    Mistake,
    Option,
    Order,
    Orders,
    Row,
    Text,
    Verb,
    help_lines,
    read_lines,
    read_orders,
    row_of,
    written,
)
from ksmail.incoming.message import Language
from ksmail.reference import Reference

TODAY = date(2026, 6, 3)  # a Wednesday
DEADLINE = date(2026, 12, 14)  # a Monday
TEXT = "Dear Ada,\n\nYes, you may."
BOTH = frozenset({Option.IDENTITY, Option.ATTACHMENTS})
ONLY_IDENTITY = frozenset({Option.IDENTITY})


def read(own: str, audience: Audience = Audience.STAFF) -> Orders | Mistake:
    return read_orders(own, today=TODAY, audience=audience)


def only(own: str, audience: Audience = Audience.STAFF) -> Order:
    """The one order of a mail with a text below it."""
    orders = read(f"{own}\n\n{TEXT}", audience)
    assert isinstance(orders, Orders), orders
    assert orders.text == TEXT
    (order,) = orders.orders
    return order


def mistake(own: str, audience: Audience = Audience.STAFF) -> Mistake:
    wrong = read(own, audience)
    assert isinstance(wrong, Mistake), wrong
    return wrong


def away(first: str, last: str) -> Order:
    return Order(Verb.AWAY, dates=(date.fromisoformat(first), date.fromisoformat(last)))


def consult(*partners: str, by: str | None = None, options: frozenset[Option] = frozenset()) -> Order:
    return Order(
        Verb.CONSULT, partners=partners, dates=(date.fromisoformat(by),) if by else (), options=frozenset(options)
    )


def extended(by: str, reason: str, *, tells: bool = False) -> Order:
    return Order(Verb.EXTEND, dates=(date.fromisoformat(by),), reason=reason, tells_asker=tells)


ANSWER, ASK, NOTE, TAKE = (Order(verb) for verb in (Verb.ANSWER, Verb.ASK, Verb.NOTE, Verb.TAKE))
STATUS_41 = Order(Verb.STATUS, reference=Reference("KV", 2026, 41))
MERGE_41 = Order(Verb.MERGE, reference=Reference("KV", 2026, 41))
STAFF_SPELLINGS = [
    ("#answer", ANSWER),
    ("#antwoord", ANSWER),
    ("#ANTWOORD", ANSWER),
    ("# Antwoord", ANSWER),
    ("# Antwoord :", ANSWER),
    ("#\u00a0Antwoord\u00a0:", ANSWER),
    ("#\u202fanswer\u3000", ANSWER),
    ("\u200b#answer\u200b", ANSWER),
    ("\ufeff#answer", ANSWER),
    ("\u200e#\u200banswer\u200d.", ANSWER),
    ("#\ufe0f answer", ANSWER),
    ("#ans\u00adwer", ANSWER),
    ("＃ａｎｓｗｅｒ", ANSWER),
    ("﹟answer：", ANSWER),
    ("   #answer", ANSWER),
    ("\t#answer,", ANSWER),
    ("\n\n \n#answer", ANSWER),
    ("#answer;", ANSWER),
    ("#answer…", ANSWER),
    ("#answer...", ANSWER),
    ("#answer\r", ANSWER),
    ("#answer !", ANSWER),
    ("#answer!", replace(ANSWER, override=True)),
    ("#antwoord！", replace(ANSWER, override=True)),
    ("# Antwoord!:", replace(ANSWER, override=True)),
    ("#ask", ASK),
    ("#Vraag.", ASK),
    ("#note", NOTE),
    ("#notitie!", NOTE),
    ("#take", TAKE),
    ("#pak", TAKE),
    ("#assign me", TAKE),
    ("#geef mij.", TAKE),
    ("#assign Me", TAKE),
    ("#assign Grace", Order(Verb.ASSIGN, person="Grace")),
    ("#geef aan Grace van der Hopper.", Order(Verb.ASSIGN, person="Grace van der Hopper")),
    ("#assign: grace@desk.example", Order(Verb.ASSIGN, person="grace@desk.example")),
    ("#consult BZ", consult("BZ")),
    ("#afstemmen BZ, OCW en Defensie", consult("BZ", "OCW", "Defensie")),
    ("#afstemmen met BZ/OCW", consult("BZ", "OCW")),
    ("#consult BZ & BZ bz", consult("BZ")),
    ("#consult I&W", consult("I&W")),
    ("#consult BZ OCW by 2026-12-14", consult("BZ", "OCW", by="2026-12-14")),
    ("#consult BZ,OCW 2026-12-14", consult("BZ", "OCW", by="2026-12-14")),
    ("#afstemmen BZ vóór 14 december", consult("BZ", by="2026-12-14")),
    ("#afstemmen BZ uiterlijk op 14/12.", consult("BZ", by="2026-12-14")),
    ("#consult BZ by Friday", consult("BZ", by="2026-06-05")),
    ("#consult BZ +identity", consult("BZ", options=frozenset({Option.IDENTITY}))),
    ("#consult + identity BZ + Bijlagen", consult("BZ", options=BOTH)),
    ("#afstemmen BZ +identiteit voor 14-12-2026 +attachments", consult("BZ", by="2026-12-14", options=BOTH)),
    ("#share BZ", Order(Verb.SHARE, partners=("BZ",))),
    ("#deel OCW.", Order(Verb.SHARE, partners=("OCW",))),
    ("#update BZ OCW", Order(Verb.UPDATE, partners=("BZ", "OCW"))),
    ("#bijpraten BZ +bijlagen", Order(Verb.UPDATE, partners=("BZ",), options=frozenset({Option.ATTACHMENTS}))),
    ("#update! BZ + identity", Order(Verb.UPDATE, partners=("BZ",), options=ONLY_IDENTITY, override=True)),
    ("#withdraw BZ", Order(Verb.WITHDRAW, partners=("BZ",))),
    ("# Intrekken: BZ, OCW en Defensie.", Order(Verb.WITHDRAW, partners=("BZ", "OCW", "Defensie"))),
    ("#extend 2026-12-14 waiting", extended("2026-12-14", "waiting")),
    ("#uitstel 14-12 wacht op BZ", extended("2026-12-14", "wacht op BZ")),
    ("#uitstel 14-12 :wij zoeken het uit.", extended("2026-12-14", "wij zoeken het uit.", tells=True)),
    ("#uitstel tot 14 december : wij zoeken het uit", extended("2026-12-14", "wij zoeken het uit", tells=True)),
    ("#uitstel 14-12: BZ is laat", extended("2026-12-14", "BZ is laat")),
    ("#uitstel: 14 december 12 mensen zijn ziek", extended("2026-12-14", "12 mensen zijn ziek")),
    ("#extend to 14 Dec. 2026 – waiting.", extended("2026-12-14", "waiting")),
    ("#redirect Visa Desk", Order(Verb.REDIRECT, person="Visa Desk")),
    ("#doorverwijzen naar rvo", Order(Verb.REDIRECT, person="rvo")),
    ("#close answered", Order(Verb.CLOSE, reason="answered")),
    ("#sluit: spam.", Order(Verb.CLOSE, reason="spam")),
    ("# Sluit : out-of-scope", Order(Verb.CLOSE, reason="out-of-scope")),
    ("#sluit\u00a0– vraag\u2009is  ingetrokken", Order(Verb.CLOSE, reason="vraag is ingetrokken")),
    ("#reopen", Order(Verb.REOPEN)),
    ("#heropen nieuwe feiten", Order(Verb.REOPEN, reason="nieuwe feiten")),
    ("#merge KV-2026-0041", MERGE_41),
    ("#samenvoegen met [kv-2026-0041].", MERGE_41),
    ("#merge KV–2026–0041", MERGE_41),
    ("#split", Order(Verb.SPLIT)),
    ("#splits:", Order(Verb.SPLIT)),
    ("#correct", Order(Verb.CORRECT)),
    ("#rectificatie", Order(Verb.CORRECT)),
    ("#release", Order(Verb.RELEASE)),
    ("#vrijgeven", Order(Verb.RELEASE)),
    ("#drop", Order(Verb.DROP)),
    ("#weg", Order(Verb.DROP)),
    ("#purge 1 2", Order(Verb.PURGE, numbers=(1, 2))),
    ("#wis 2, 1 en 10.", Order(Verb.PURGE, numbers=(1, 2, 10))),
    ("#stop", Order(Verb.STOP)),
    ("#Stop!!!", Order(Verb.STOP)),
    ("#stop 🙏", Order(Verb.STOP)),
    ("#stop niet versturen!", Order(Verb.STOP, reason="niet versturen!")),
    ("#now", Order(Verb.NOW)),
    ("#nu!", Order(Verb.NOW)),
    ("#away 2026-12-20 2027-01-04", away("2026-12-20", "2027-01-04")),
    ("#afwezig van 20 december tot en met 4 januari", away("2026-12-20", "2027-01-04")),
    ("#afwezig 20-12 t/m 4-1", away("2026-12-20", "2027-01-04")),
    ("#away monday - friday", away("2026-06-08", "2026-06-12")),
    ("#status", Order(Verb.STATUS)),
    ("#status KV-2026-0041", STATUS_41),
    ("#help", Order(Verb.HELP)),
    ("#Hulp.", Order(Verb.HELP)),
]
PARTNER_SPELLINGS = [
    ("#ok", Verb.OK),
    ("#OK!", Verb.OK),
    ("# Akkoord.", Verb.OK),
    ("#object", Verb.OBJECT),
    ("#Bezwaar:", Verb.OBJECT),
    ("#input", Verb.INPUT),
    ("#aanvulling", Verb.INPUT),
    ("#notours", Verb.NOT_OURS),
    ("#Not ours", Verb.NOT_OURS),
    ("#nietvanons", Verb.NOT_OURS),
    ("#niet-van-ons", Verb.NOT_OURS),
    ("# Niet van ons.", Verb.NOT_OURS),
]


@pytest.mark.parametrize(("line", "order"), STAFF_SPELLINGS)
def test_staff_write_an_order_in_many_ways(line: str, order: Order) -> None:
    assert only(line) == order


@pytest.mark.parametrize(("line", "verb"), PARTNER_SPELLINGS)
def test_partners_write_an_order_in_many_ways(line: str, verb: Verb) -> None:
    assert only(line, Audience.PARTNER) == Order(verb)


DATES = [
    ("2026-12-14", "2026-12-14"),
    ("2026/12/14", "2026-12-14"),
    ("14-12-2026", "2026-12-14"),
    ("14.12.2026", "2026-12-14"),
    ("14/12/2026", "2026-12-14"),
    ("12/14/2026", "2026-12-14"),
    ("14/12", "2026-12-14"),
    ("12-11-2026", "2026-11-12"),
    ("11/11/2026", "2026-11-11"),
    ("14–12–2026", "2026-12-14"),
    ("14-12", "2026-12-14"),
    ("3-6", "2026-06-03"),
    ("2-6", "2027-06-02"),
    ("29-2", "2028-02-29"),
    ("14 december", "2026-12-14"),
    ("14 december 2026", "2026-12-14"),
    ("14 dec. 2026", "2026-12-14"),
    ("14e december", "2026-12-14"),
    ("1 mrt", "2027-03-01"),
    ("1 maart", "2027-03-01"),
    ("31 okt", "2026-10-31"),
    ("December 14", "2026-12-14"),
    ("December 14, 2026", "2026-12-14"),
    ("Dec 14th", "2026-12-14"),
    ("14th of December 2026", "2026-12-14"),
    ("1 mei", "2027-05-01"),
    ("May 1st", "2027-05-01"),
    ("maandag 14 december", "2026-12-14"),
    ("Monday December 14, 2026", "2026-12-14"),
    ("ma 14-12", "2026-12-14"),
    ("vrijdag", "2026-06-05"),
    ("vr", "2026-06-05"),
    ("Tuesday", "2026-06-09"),
    ("woensdag", "2026-06-10"),
]


@pytest.mark.parametrize(("said", "meant"), DATES)
def test_a_date_is_read_as_people_write_it(said: str, meant: str) -> None:
    assert only(f"#extend {said} reason") == extended(meant, "reason")


WRONG_DATES = [
    ("12/11/2026", Fault.DATE_AMBIGUOUS),
    ("12/11", Fault.DATE_AMBIGUOUS),
    ("14-12-26", Fault.DATE_AMBIGUOUS),
    ("30-2-2026", Fault.DATE_IMPOSSIBLE),
    ("30-2", Fault.DATE_IMPOSSIBLE),
    ("31 november", Fault.DATE_IMPOSSIBLE),
    ("0000-12-14", Fault.DATE_IMPOSSIBLE),
    ("12-14-2026", Fault.DATE_IMPOSSIBLE),
    ("29 februari 2027", Fault.DATE_IMPOSSIBLE),
    ("vrijdag 14 december", Fault.DATE_WEEKDAY),
    ("soon", Fault.DATE),
    ("14", Fault.DATE),
    ("2026-12", Fault.DATE),
    ("tot", Fault.DATE),
    ("14-12/2026", Fault.DATE),
    ("99999-12-14", Fault.DATE),
]


@pytest.mark.parametrize(("said", "fault"), WRONG_DATES)
def test_a_date_that_is_none_or_two_is_a_mistake(said: str, fault: Fault) -> None:
    assert mistake(f"#extend {said} reason").because is fault


def test_a_year_after_a_colon_belongs_to_the_reason() -> None:
    assert only("#extend 14 december :2027 is full") == extended("2026-12-14", "2027 is full", tells=True)


def test_a_date_beyond_the_calendar_does_not_exist() -> None:
    wrong = read_orders("#extend friday x", today=date.max)
    assert isinstance(wrong, Mistake)
    assert wrong.because is Fault.DATE_IMPOSSIBLE


MISTAKES = [
    ("#assign", Fault.MISSING),
    ("#geef ...", Fault.MISSING),
    ("#geef aan", Fault.PERSON),
    ("#assign " + "x" * 81, Fault.PERSON),
    ("#consult", Fault.MISSING),
    ("#consult by 2026-12-14", Fault.MISSING),
    ("#consult +identity", Fault.MISSING),
    ("#consult BZ by", Fault.DATE),
    ("#consult BZ by soon", Fault.DATE),
    ("#consult BZ by 14-12 please", Fault.TOO_MUCH),
    ("#consult BZ +name", Fault.OPTION),
    ("#consult somebody@partner.example", Fault.PARTNER),
    ("#consult BZ <b@partner.example>", Fault.PARTNER),
    ("#share BZ OCW", Fault.TOO_MUCH),
    ("#share BZ 14-12", Fault.TOO_MUCH),
    ("#update", Fault.MISSING),
    ("#update +identity", Fault.MISSING),
    ("#update BZ +name", Fault.OPTION),
    ("#update BZ by 14-12", Fault.TOO_MUCH),
    ("#withdraw", Fault.MISSING),
    ("#withdraw BZ +identity", Fault.PARTNER),
    ("#extend", Fault.MISSING),
    ("#extend 2026-12-14", Fault.MISSING),
    ("#extend 2026-12-14 -", Fault.MISSING),
    ("#extend reason 2026-12-14", Fault.DATE),
    ("#close", Fault.MISSING),
    ("#close :", Fault.MISSING),
    ("#merge", Fault.MISSING),
    ("#merge 41", Fault.REFERENCE),
    ("#merge with", Fault.REFERENCE),
    ("#merge KV-2026-0041 KV-2026-0042", Fault.TOO_MUCH),
    ("#purge", Fault.MISSING),
    ("#purge all", Fault.NUMBER),
    ("#purge 1-3", Fault.NUMBER),
    ("#purge 0", Fault.NUMBER),
    ("#purge en", Fault.NUMBER),
    ("#away 2026-12-20", Fault.MISSING),
    ("#away 2026-12-20 -", Fault.MISSING),
    ("#away 2027-01-04 2026-12-20", Fault.DATES_REVERSED),
    ("#take it", Fault.TOO_MUCH),
    ("#close " + "x" * 1001, Fault.TOO_MUCH),
    ("#now please", Fault.TOO_MUCH),
    ("#status #close", Fault.TWO_ON_A_LINE),
    ("#close spam #take", Fault.TWO_ON_A_LINE),
    ("#answer #close answered", Fault.TWO_ON_A_LINE),
    ("#answer", Fault.NO_TEXT),
    ("#answer\n\u200b\n ", Fault.NO_TEXT),
    ("#answer\n> what you asked", Fault.NO_TEXT),
    ("#ask", Fault.NO_TEXT),
    ("#split", Fault.NO_TEXT),
    ("#correct\n\n", Fault.NO_TEXT),
    ("#answer yes\n#close answered", Fault.BELOW_TEXT),
    ("#answer yes\n\n# Heading", Fault.UNKNOWN),
    ("#answer\n#note\nwords", Fault.TWO_TEXTS),
    ("#consult BZ\n#answer\nwords", Fault.TWO_TEXTS),
    ("#take\n#take", Fault.TWICE),
    ("#take\n#assign me", Fault.TWICE),
    ("#answer\n#answer!\nwords", Fault.TWICE),
    ("#consult BZ\n#consult BZ", Fault.TWICE),
    ("#purge 1\n#purge 2", Fault.TWICE),
    ("\n".join(f"#share P{count}" for count in range(51)), Fault.TOO_MANY),
    ("#", Fault.UNKNOWN),
    ("#1", Fault.UNKNOWN),
    ("#1234", Fault.UNKNOWN),
    ("# 1. First\nwords", Fault.UNKNOWN),
    ("#:", Fault.UNKNOWN),
    ("##answer\nwords", Fault.UNKNOWN),
    ("# Summary\nwords", Fault.UNKNOWN),
    ("#ok", Fault.UNKNOWN),
    ("#answer?\nwords", Fault.UNKNOWN),
]


@pytest.mark.parametrize(("own", "fault"), MISTAKES)
def test_what_cannot_be_read_is_a_mistake(own: str, fault: Fault) -> None:
    wrong = mistake(own)
    assert wrong.because is fault
    assert wrong.text == own


TYPOS = [
    ("#anwser", "#answer"),
    ("#answr", "#answer"),
    ("#answer?", "#answer"),
    ("##answer", "#answer"),
    ("#answer)", "#answer"),
    ("#antwoordt", "#antwoord"),
    ("#antword", "#antwoord"),
    ("#antwoorde Beste Ada", "#antwoord"),
    ("#vrag", "#vraag"),
    ("#notite", "#notitie"),
    ("#pk", "#pak"),
    ("#afstemen BZ", "#afstemmen"),
    ("#consullt BZ", "#consult"),
    ("#uitsel 14-12", "#uitstel"),
    ("#exted 14-12", "#extend"),
    ("#updat BZ", "#update"),
    ("#intreken BZ", "#intrekken"),
    ("#doorverwijs x", "#doorverwijzen"),
    ("#sluiten spam", "#sluit"),
    ("#clsoe", "#close"),
    ("#heropenen", "#heropen"),
    ("#samenvoeg KV-2026-0041", "#samenvoegen"),
    ("#rectificeer", "#rectificatie"),
    ("#vrijgegeven", "#vrijgeven"),
    ("#purg 1", "#purge"),
    ("#statsu", "#status"),
    ("#hlep", "#help"),
]


@pytest.mark.parametrize(("line", "meant"), TYPOS)
def test_a_typo_is_given_back_with_what_was_meant(line: str, meant: str) -> None:
    wrong = mistake(f"{line}\n{TEXT}")
    assert wrong.because is Fault.UNKNOWN
    assert wrong.line == line
    assert wrong.did_you_mean[0] == meant
    assert len(wrong.did_you_mean) <= 3


@pytest.mark.parametrize(("line", "meant"), [("#akoord", "#akkoord"), ("#bezwaren", "#bezwaar"), ("#imput", "#input")])
def test_partners_are_proposed_their_own_orders(line: str, meant: str) -> None:
    assert mistake(line, Audience.PARTNER).did_you_mean == (meant,)


def test_a_number_or_a_stranger_s_word_has_no_proposal() -> None:
    assert mistake("#1234").did_you_mean == mistake("#xyzzy").did_you_mean == ()


def test_each_proposal_is_another_order() -> None:
    proposals = mistake("#splitt\nwords").did_you_mean
    assert proposals[0] == "#split"
    assert "#splits" not in proposals


def test_a_wrong_option_is_given_back_with_what_was_meant() -> None:
    wrong = mistake("#consult BZ +identitty")
    assert (wrong.verb, wrong.did_you_mean[0]) == (Verb.CONSULT, "+identity")


def test_a_mistake_names_the_order_if_that_much_is_clear() -> None:
    assert mistake("#uitstel morgen").verb is Verb.EXTEND
    assert mistake("#uitsel morgen").verb is None


def test_a_mistake_says_why_in_both_languages() -> None:
    wrong = mistake("#extend 12/11/2026 x")
    assert wrong.why(Language.EN) == "This date can mean two things. Write it as 2026-12-14."
    assert wrong.why(Language.NL) == wrong.why(Language.BOTH)
    assert wrong.why(Language.NL).startswith("Deze datum kan twee dingen betekenen.")


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_is_worded_in_both_languages(fault: Fault) -> None:
    wrong = Mistake(line="", because=fault)
    assert wrong.why(Language.NL)
    assert wrong.why(Language.EN) not in ("", wrong.why(Language.NL))


def test_a_long_line_is_shown_in_part() -> None:
    assert len(mistake("#" + "x" * 10_000).line) == 200


def test_several_orders_stand_under_each_other() -> None:
    orders = read(f"#pak\n#antwoord\n\n# Sluit : beantwoord\n\n{TEXT}\n")
    assert orders == Orders((TAKE, ANSWER, Order(Verb.CLOSE, reason="beantwoord")), TEXT)


def test_one_bad_order_stops_all() -> None:
    wrong = mistake(f"#pak\n#antwoord\n#slutt spam\n{TEXT}")
    assert (wrong.line, wrong.did_you_mean[0]) == ("#slutt spam", "#sluit")


def test_consultations_may_come_several_times() -> None:
    orders = read("#consult BZ by 2026-12-14\n#consult OCW +identity\nWhat do you think?")
    asked = (consult("BZ", by="2026-12-14"), consult("OCW", options=frozenset({Option.IDENTITY})))
    assert orders == Orders(asked, "What do you think?")


def test_what_is_held_is_called_back_and_replaced_in_one_mail() -> None:
    orders = read("#stop wrong name\n#answer\nDear Ada")
    assert orders == Orders((Order(Verb.STOP, reason="wrong name"), ANSWER), "Dear Ada")


@pytest.mark.parametrize(
    ("own", "text"),
    [
        ("#antwoord: Beste Ada,\nJa.", "Beste Ada,\nJa."),
        ("#antwoord Ja, dat mag.", "Ja, dat mag."),
        ("#antwoord :ja", "ja"),
        ("#antwoord:ja", "ja"),
        ("#antwoord - 5 °C; ½\u00a0uur…", "- 5 °C; ½\u00a0uur…"),
        ("#antwoord\n\n  ﬁrst  line \n\n# not an order", "ﬁrst  line \n\n# not an order"),
    ],
)
def test_the_text_is_not_touched(own: str, text: str) -> None:
    assert read(own) == Orders((ANSWER,), text)


def test_a_text_of_their_own_may_stand_beside_partners_orders() -> None:
    assert read("#ok geen opmerkingen", Audience.PARTNER) == Orders((Order(Verb.OK),), "geen opmerkingen")


def test_without_an_order_at_the_top_all_is_text() -> None:
    note = "Hello,\n\n# Heading\n#1 in the list\n#woo #press"
    assert read(note) == Orders((), note)
    assert read("") == read(" \n") == Orders((), "")


def test_a_heading_in_the_text_is_text() -> None:
    text = "Dear Ada,\n# Conditions\n#hashtag"
    assert read(f"#answer\n{text}") == Orders((ANSWER,), text)


def test_an_order_in_the_text_is_text_and_is_pointed_at() -> None:
    orders = read("#answer\nDear Ada\n\n# Sluit: beantwoord\n#close\n> #take\n#closed")
    assert isinstance(orders, Orders)
    assert orders.orders == (ANSWER,)
    assert orders.strays == ("# Sluit: beantwoord", "#close")


def test_a_quoted_order_is_none() -> None:
    assert read("> #answer\n> #close spam") == Orders((), "> #answer\n> #close spam")
    assert read("＞#answer") == Orders((), "＞#answer")


@pytest.mark.parametrize("mark", ["-", "*", "•", "“", "1.", ">"])
def test_an_order_behind_a_mark_is_none(mark: str) -> None:
    orders = read(f"{mark} #answer\nwords")
    assert isinstance(orders, Orders)
    assert orders.orders == ()


@pytest.mark.parametrize("audience", [Audience.ASKER, Audience.OPS])
def test_an_order_by_somebody_else_is_text(audience: Audience) -> None:
    assert read("#answer\nwords", audience) == Orders((), "#answer\nwords")


def test_partners_cannot_order_what_staff_can() -> None:
    assert mistake("#answer\nwords", Audience.PARTNER).because is Fault.UNKNOWN


NUMBERED = [
    ("3 pak", (3,), TAKE, ""),
    ("3. Pak.", (3,), TAKE, ""),
    ("3) #pak", (3,), TAKE, ""),
    ("3: pak", (3,), TAKE, ""),
    ("3\u00a0pak", (3,), TAKE, ""),
    ("３ pak", (3,), TAKE, ""),
    ("3, 5 en 4 pak", (3, 4, 5), TAKE, ""),
    ("3 5 sluit spam", (3, 5), Order(Verb.CLOSE, reason="spam"), ""),
    ("3 & 5: sluit: spam", (3, 5), Order(Verb.CLOSE, reason="spam"), ""),
    ("12 assign Grace", (12,), Order(Verb.ASSIGN, person="Grace"), ""),
    ("3 wis 1 2", (3,), Order(Verb.PURGE, numbers=(1, 2)), ""),
    ("3 uitstel 14-12 wacht", (3,), extended("2026-12-14", "wacht"), ""),
    ("3 afstemmen BZ, OCW voor 14/12", (3,), consult("BZ", "OCW", by="2026-12-14"), ""),
    ("3 notitie gebeld, 2 keer", (3,), NOTE, "gebeld, 2 keer"),
]


@pytest.mark.parametrize(("own", "numbers", "order", "text"), NUMBERED)
def test_a_numbered_line_orders_something(own: str, numbers: tuple[int, ...], order: Order, text: str) -> None:
    assert read_lines(own, today=TODAY) == Lines((Line(numbers, order, text),), "")


def test_several_lines_and_a_text() -> None:
    lines = read_lines("\n3 pak\n5 sluit spam\n\n3 status\n\nGroeten,\n6 Straat", today=TODAY)
    orders = (Line((3,), TAKE), Line((5,), Order(Verb.CLOSE, reason="spam")), Line((3,), Order(Verb.STATUS)))
    assert lines == Lines(orders, "Groeten,\n6 Straat")


def test_empty_lines_between_orders_make_no_difference() -> None:
    assert read_lines("2 pak\n\n\n3 sluit spam", today=TODAY) == read_lines("2 pak\n3 sluit spam", today=TODAY)


@pytest.mark.parametrize("below", ["2 stop", "2 #stop", "4, 5 sluit spam", "2 notitie Bel hem."])
def test_an_order_below_a_text_stops_all_lines(below: str) -> None:
    own = f"1 pak\n\nDank!\n\n{below}\nGroeten"
    wrong = read_lines(own, today=TODAY, last=9)
    assert isinstance(wrong, Mistake)
    assert (wrong.because, wrong.line, wrong.text) == (Fault.BELOW_TEXT, below, own)


@pytest.mark.parametrize(
    "below",
    ["6 Straat", "1 vraag heb ik nog: mag dat?", "2 nu al bezig", "> 2 stop", "12 pak", "2 uitstel morgen of zo"],
)
def test_other_numbers_in_a_text_stop_nothing(below: str) -> None:
    lines = read_lines(f"1 pak\n\nDank!\n{below}", today=TODAY, last=9)
    assert lines == Lines((Line((1,), TAKE),), f"Dank!\n{below}")


@pytest.mark.parametrize("below", ["3 december ben ik er weer", "3 stpo"])
def test_a_number_below_an_empty_line_that_cannot_be_read_stops_all_lines(below: str) -> None:
    wrong = read_lines(f"2 pak\n\n{below}", today=TODAY)
    assert isinstance(wrong, Mistake) and wrong.because is Fault.UNKNOWN


@pytest.mark.parametrize("own", ["3 pak", "x\n3, 5: #sluit", "#antwoord", "# niet van ons", "3pak", "3 antwoord Ada"])
def test_a_line_names_an_order_whatever_is_wrong_with_it(own: str) -> None:
    audience = Audience.PARTNER if "ons" in own else Audience.STAFF
    assert names_verb(own, audience)


@pytest.mark.parametrize("own", ["", "pak", "3 december ben ik er weer", "3", "#", "#anser", "> 3 pak", "Ik pak 3"])
def test_other_lines_name_none(own: str) -> None:
    assert not names_verb(own)


@pytest.mark.parametrize("own", ["", "Thanks", "#3 pak", "> 3 pak", "pak 3"])
def test_without_a_number_at_the_top_all_is_text_too(own: str) -> None:
    assert read_lines(own, today=TODAY) == Lines((), own)


@pytest.mark.parametrize(
    ("own", "fault"),
    [
        ("3", Fault.NO_LINE),
        ("3 5", Fault.NO_LINE),
        ("3pak", Fault.NO_LINE),
        ("3-5 sluit spam", Fault.NO_LINE),
        ("1234 pak", Fault.NO_LINE),
        ("3 pak\nGroeten", Fault.NO_LINE),
        ("3 pka", Fault.UNKNOWN),
        ("3 pak\n14 december", Fault.UNKNOWN),
        ("3 pak, 5 sluit spam", Fault.TWO_ON_A_LINE),
        ("3 sluit spam; 5 pak", Fault.TWO_ON_A_LINE),
        ("3 sluit spam en 5 pak", Fault.TWO_ON_A_LINE),
        ("3 antwoord Beste Ada", Fault.NOT_IN_A_LIST),
        ("3 sluit", Fault.MISSING),
        ("0 pak", Fault.NUMBER),
        ("\n".join(f"{count} pak" for count in range(1, 202)), Fault.TOO_MANY),
        ("3 pak\n3, 4 pak", Fault.TWICE),
    ],
)
def test_a_line_that_cannot_be_read_stops_all_lines(own: str, fault: Fault) -> None:
    wrong = read_lines(own, today=TODAY)
    assert isinstance(wrong, Mistake)
    assert (wrong.because, wrong.text) == (fault, own)


def test_a_numbered_line_by_somebody_else_is_text() -> None:
    assert read_lines("3 pak", today=TODAY, audience=Audience.ASKER) == Lines((), "3 pak")


def test_every_verb_has_one_row() -> None:
    assert [row.verb for row in ORDERS] == list(dict.fromkeys(row.verb for row in ORDERS))
    assert {row.verb for row in ORDERS} == set(Verb)


def test_no_spelling_means_two_orders() -> None:
    spellings = list(chain.from_iterable({*row.en, *row.nl} for row in ORDERS))
    assert len(spellings) == len(set(spellings))
    assert all(spelling.isascii() and spelling.isalpha() and spelling.islower() for spelling in spellings)


def test_every_verb_has_help_in_both_languages() -> None:
    for row in ORDERS:
        assert row.help_nl
        assert row.help_en not in ("", row.help_nl)


def test_help_lists_what_this_audience_can_order() -> None:
    assert [line.usage for line in help_lines(Language.EN, Audience.PARTNER)] == [
        "#ok",
        "#object",
        "#input",
        "#notours",
    ]
    staff = {line.usage: line.what for line in help_lines(Language.NL, Audience.STAFF)}
    assert "#uitstel 2026-12-14 reden" in staff
    assert staff["#pak"] == "U behandelt deze vraag."
    assert help_lines(Language.EN, Audience.ASKER) == ()


@pytest.mark.parametrize(
    "usage",
    [
        "#afstemmen BZ OCW [voor 2026-12-14] [+identiteit] [+bijlagen]",
        "#deel BZ",
        "#bijpraten BZ OCW [+identiteit] [+bijlagen]",
        "#intrekken BZ OCW",
    ],
)
def test_help_shows_staff_how_partners_are_consulted(usage: str) -> None:
    assert usage in [line.usage for line in help_lines(Language.NL, Audience.STAFF)]


@pytest.mark.parametrize("language", [Language.NL, Language.EN])
@pytest.mark.parametrize("audience", Audience)
def test_help_shows_everything_that_this_audience_can_order(language: Language, audience: Audience) -> None:
    usages = [row.usage(language) for row in ORDERS if audience in row.audiences]
    assert [line.usage for line in help_lines(language, audience)] == usages


@pytest.mark.parametrize("row", [row for row in ORDERS if Audience.STAFF in row.audiences], ids=lambda row: row.verb)
def test_no_order_of_staff_is_one_of_a_partner(row: Row) -> None:
    assert row.audiences == (Audience.STAFF,)
    assert mistake(row.usage(Language.EN), Audience.PARTNER).because is Fault.UNKNOWN


@pytest.mark.parametrize(
    "line", ["#answer +sources", "#antwoord +bronnen", "#answer: + Sources.", "#antwoord! ＋bronnen"]
)
def test_sources_are_named_under_an_answer_when_staff_say_so(line: str) -> None:
    assert only(line).options == {Option.SOURCES}


def test_another_word_with_a_plus_sign_is_text() -> None:
    orders = read("#answer +31 70 000 00 00 is our number")
    assert isinstance(orders, Orders)
    assert (orders.orders[0].options, orders.text) == (frozenset(), "+31 70 000 00 00 is our number")


@pytest.mark.parametrize("language", [Language.NL, Language.EN])
@pytest.mark.parametrize("row", ORDERS, ids=lambda row: str(row.verb))
def test_a_usage_line_can_be_sent_as_it_stands(row: Row, language: Language) -> None:
    order = only(row.usage(language).replace("[", "").replace("]", ""), row.audiences[0])
    assert (order.verb, order.options) == (row.verb, frozenset(row.options))


def test_what_destroys_or_discloses_is_marked() -> None:
    assert {row.verb for row in ORDERS if row.destroys} == {Verb.PURGE}
    assert {row.verb for row in ORDERS if row.discloses} == {Verb.MERGE}


def test_what_is_sent_with_a_text_leaves_the_desk() -> None:
    assert all(row.leaves for row in ORDERS if row.overridable or row.text is Text.REQUIRED)
    assert not any(row.leaves for row in ORDERS if Audience.PARTNER in row.audiences)
    assert not row_of(Verb.NOTE).leaves


DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
WORDS = st.text("abcdefghijklmnopqrstuvwxyzABCéëü0123456789'-", min_size=1, max_size=12).filter(
    lambda word: word[0].isalpha() and word.casefold() not in {"aan", "to", "naar", "me", "myself", "mij", "mezelf"}
)
PHRASES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join).filter(lambda said: said not in ("mijzelf", "ik"))
CODES = st.lists(st.sampled_from(["BZ", "OCW", "I&W", "Defensie", "EZ"]), min_size=1, max_size=4, unique=True)
ARGUMENTS: dict[Kind, st.SearchStrategy[dict[str, object]]] = {
    Kind.PERSON: PHRASES.map(lambda said: {"person": said}),
    Kind.PARTNER: st.sampled_from(["BZ", "OCW"]).map(lambda code: {"partners": (code,)}),
    Kind.PARTNERS: CODES.map(lambda codes: {"partners": tuple(codes)}),
    Kind.UNTIL: DAYS.map(lambda day: {"dates": (day,)}),
    Kind.DATE: DAYS.map(lambda day: {"dates": (day,)}),
    Kind.SPAN: st.tuples(DAYS, st.integers(0, 400)).map(lambda p: {"dates": (p[0], p[0] + timedelta(p[1]))}),
    Kind.REASON: PHRASES.map(lambda said: {"reason": said}),
    Kind.TOLD_REASON: st.tuples(PHRASES, st.booleans()).map(lambda p: {"reason": p[0], "tells_asker": p[1]}),
    Kind.REFERENCE: st.builds(Reference, st.just("KV"), st.integers(2000, 2999), st.integers(1, 99999)).map(
        lambda reference: {"reference": reference}
    ),
    Kind.NUMBERS: st.sets(st.integers(1, 999), min_size=1).map(lambda numbers: {"numbers": tuple(sorted(numbers))}),
}


@st.composite
def orders(draw: st.DrawFn) -> Order:
    row = draw(st.sampled_from(ORDERS))
    facts: dict[str, object] = {}
    for kind in (*row.takes, *row.may_take):
        if kind in row.takes or draw(st.booleans()):
            facts |= draw(ARGUMENTS[kind])
    if row.options:
        facts["options"] = draw(st.frozensets(st.sampled_from(row.options)))
    if row.overridable:
        facts["override"] = draw(st.booleans())
    return Order(row.verb, **facts)  # type: ignore[arg-type]  # the facts are those of the table


def audience_of(order: Order) -> Audience:
    return row_of(order.verb).audiences[0]


LANGUAGES = st.sampled_from([Language.NL, Language.EN])
NOISY = st.text("#＃> :!.,;+-/\n\u00a0\u200b0123456789ABZantwordpkslui\u202e½ﬁé'", max_size=60)
LINES = st.sampled_from(
    [line for line, _ in STAFF_SPELLINGS] + [own for own, _ in MISTAKES] + ["", "words", "> #answer"]
)
MAILS = st.lists(st.one_of(LINES, NOISY, st.text(max_size=30)), max_size=6).map("\n".join)


@given(orders(), LANGUAGES)
def test_a_written_order_reads_back_as_itself(order: Order, language: Language) -> None:
    assert only(written(order, language), audience_of(order)) == order


@given(MAILS, st.dates(), st.sampled_from(Audience))
def test_nothing_that_is_written_breaks_the_reading(own: str, today: date, audience: Audience) -> None:
    assert isinstance(read_orders(own, today=today, audience=audience), Orders | Mistake)
    assert isinstance(read_lines(own, today=today, audience=audience), Lines | Mistake)


@given(MAILS)
def test_a_text_that_does_not_begin_with_a_hash_has_no_orders(own: str) -> None:
    orders = read(f"Hello\n{own}")
    assert isinstance(orders, Orders)
    assert (orders.orders, orders.text) == ((), f"Hello\n{own}".strip())


@given(
    MAILS, st.integers(0, 8), st.sampled_from(["> #close spam", ">#answer", " > words", "\u200b>> #now", "＞ #take"])
)
def test_a_quoted_line_anywhere_adds_no_order(own: str, place: int, quote: str) -> None:
    lines = own.split("\n")
    before, after = read(own), read("\n".join([*lines[:place], quote, *lines[place:]]))
    assert isinstance(before, Mistake) == isinstance(after, Mistake)
    if isinstance(before, Orders) and isinstance(after, Orders):
        assert before.orders == after.orders


@given(orders(), LANGUAGES, st.data())
def test_noise_does_not_change_the_reading(order: Order, language: Language, data: st.DataObject) -> None:
    line = written(order, language)
    spaces = st.sampled_from([" ", "  ", "\u00a0", "\u2009 ", "\u3000", "\t", " \u200b"])
    wide = {chr(code - 0xFEE0): chr(code) for code in range(0xFF01, 0xFF5F)}
    noisy = ""
    for character in line:
        if character == " ":
            noisy += data.draw(spaces)
        else:
            noisy += data.draw(st.sampled_from([character, wide.get(character, character), f"{character}\u200b"]))
    assert only(f"\ufeff {noisy}\u200b ", audience_of(order)) == order


@given(orders(), LANGUAGES)
def test_decomposed_letters_do_not_change_the_reading(order: Order, language: Language) -> None:
    line = unicodedata.normalize("NFD", written(order, language))
    assert only(line, audience_of(order)) == order


@given(MAILS)
def test_a_mistake_gives_everything_back(own: str) -> None:
    wrong = read(own)
    if isinstance(wrong, Mistake):
        assert wrong.text == own
        assert len(wrong.did_you_mean) <= 3
    else:
        assert wrong.text in own
