"""What it takes to judge a mail of somebody on the staff list, read from the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.address import Address
from ksmail.capability import Audience, Capability
from ksmail.desk import idle
from ksmail.desk.case import Case, HeldMail, QueueLine, StaffMail
from ksmail.desk.leaks import LeakKind
from ksmail.desk.letter import LetterKind
from ksmail.desk.mistake import Mistake
from ksmail.desk.order import Verb
from ksmail.desk.orders import Orders
from ksmail.desk.ticket import EntryKind, Status, Ticket
from ksmail.errors import UnreadableMail
from ksmail.incoming.evidence import Evidence
from ksmail.incoming.identity import Identity, Proof, Role
from ksmail.incoming.institution import Institutions
from ksmail.incoming.limits import Limits
from ksmail.incoming.mailbox import MailKey
from ksmail.incoming.message import Message
from ksmail.incoming.parse import parse
from ksmail.reference import Reference
from ksmail.staffmail import DAY, HOUR, QUEUE, WEEK, StaffRoom
from ksmail.store.store import Reader
from ksmail.store.values import Awaited, Pending
from tests.builders import DESK, MONDAY, PARTNER, STAFF, address, identity, institution, keyring, mail, message, roster
from tests.desk.facts import EVA, FIRST, NOW, PEER, POLICY, SAM, SECOND, TEAM, case, consulted, partner, text, ticket

KEYS = keyring()
LIMITS = Limits()
HOME = address("sam@home.example")
ADVISER = address("adviser@uni.example")
SAMS = replace(SAM, others=(HOME,))
BZ = partner("BZ", aliases=("Foreign",))
OCW = partner("OCW", liaison=address("liaison@0cw.example"))
EZ = partner("EZ")
DESK_POLICY = replace(POLICY, staff=(SAMS, EVA, PEER), partners=(BZ, OCW, EZ), markings=("Dep.V.",))
INSTITUTIONS = Institutions({"uni.example": institution(), "college.example": institution("A college", "hbo")})
ROSTER = roster(staff=(TEAM, address(STAFF), HOME, EVA.address, PEER.address))
ROOM = StaffRoom(policy=DESK_POLICY, roster=ROSTER, keyring=KEYS, limits=LIMITS, institutions=INSTITUTIONS)
PENDING = Pending(number=31, key=MailKey("INBOX", 1, 1), received_at=MONDAY, size=100, incomplete="", attempts=1)
LINE = QueueLine(
    reference=FIRST, status=Status.NEW, subject="A question", received_at=MONDAY, promised_on=None, assignee=None
)
HELD = HeldMail(number=12, reason="encrypted", received_at=MONDAY, unreadable=False)


@dataclass
class Past:
    """A store that knows this much, and remembers what it was asked."""

    cases: Mapping[Reference, Case] = field(default_factory=dict)
    tickets: tuple[Ticket, ...] = ()
    raws: Mapping[int, bytes] = field(default_factory=dict)
    awaited: Awaited | None = None
    reached: tuple[Address, ...] = ()
    counted: list[tuple[str, datetime, Address | None]] = field(default_factory=list)

    def staff_letters_since(self, kind: str, since: datetime, about: str = "", to: Address | None = None) -> int:
        self.counted.append((kind, since, to))
        return len(self.counted)

    def receipts_since(self, since: datetime, to: Address, reason: str) -> int:
        self.counted.append((reason, since, to))
        return len(self.counted)

    def case(self, reference: Reference) -> Case:
        return self.cases.get(reference, Case())

    def find_ticket(self, reference: Reference) -> Ticket | None:
        return next((each for each in self.tickets if each.reference == reference), None)

    def held_mail(self, number: int) -> HeldMail | None:
        return HELD if number == HELD.number else None

    def open_tickets(self, limit: int) -> tuple[QueueLine, ...]:
        return (LINE,) * min(limit, 2)

    def confirmation(self, number: int) -> Awaited | None:
        return self.awaited if self.awaited is not None and self.awaited.mail == number else None

    def was_written_to(self, address: Address) -> bool:
        return address in self.reached

    def raw(self, number: int) -> bytes:
        if number not in self.raws:
            raise LookupError(f"there is no mail {number}")
        return self.raws[number]


def issued(to: Address, subject: str = str(FIRST), audience: Audience = Audience.STAFF) -> Capability:
    found = KEYS.read(KEYS.issue(subject, audience, to))
    assert found is not None
    return found


def sam(proof: Proof = Proof.VERIFIED, spec: str = STAFF) -> Identity:
    return identity(address=address(spec), role=Role.STAFF, proof=proof, because="on the staff list; dmarc=pass")


def found(own: str = "", past: Past | None = None, **facts: Any) -> StaffMail | None:
    """What is read of Sam's reply to a notice about Ada's question."""
    who = facts.pop("identity", None) or sam()
    evidence = facts.pop("evidence", Evidence(capability=issued(who.address)))
    made = facts.pop("ticket", ticket())
    number = facts.pop("number", PENDING.number)
    said = facts.pop("message", None) or message(sender=who.address, text=own, **facts)
    here = replace(PENDING, number=number)
    return ROOM.read(cast(Reader, past or Past()), here, said, who, evidence, made, NOW)


def read(own: str = "", past: Past | None = None, **facts: Any) -> StaffMail:
    staff = found(own, past, **facts)
    assert staff is not None
    return staff


def verbs(staff: StaffMail) -> list[Verb]:
    assert isinstance(staff.orders, Orders), staff.orders
    return [order.verb for order in staff.orders.orders]


# Who wrote.


def test_a_mail_of_nobody_on_the_list_is_none_of_staff() -> None:
    assert found("#answer\n\nYes.", identity=identity()) is None


def test_the_teams_own_address_is_nobodys_in_particular() -> None:
    staff = read("#take", identity=sam(spec=TEAM.spec))
    assert (staff.person.address, staff.proofs.listed.holds) == (TEAM, False)


def test_a_person_is_known_by_each_of_his_addresses_and_called_by_the_first() -> None:
    staff = read("#take", identity=sam(spec=HOME.spec))
    assert staff.person.address == address(STAFF)


@pytest.mark.parametrize("to", [address(STAFF), HOME, TEAM])
def test_a_reference_issued_to_one_of_his_addresses_or_to_the_team_is_his(to: Address) -> None:
    assert read("#take", evidence=Evidence(capability=issued(to))).proofs.issued.holds


@pytest.mark.parametrize("to", [EVA.address, address(), address(DESK)])
def test_a_reference_issued_to_somebody_else_is_not(to: Address) -> None:
    assert not read("#take", evidence=Evidence(capability=issued(to))).proofs.issued.holds


@pytest.mark.parametrize("audience", [Audience.ASKER, Audience.PARTNER, Audience.OPS])
def test_a_reference_that_was_not_for_staff_is_not_his_whomever_it_names(audience: Audience) -> None:
    evidence = Evidence(capability=issued(address(STAFF), audience=audience))
    assert not read("#take", evidence=evidence).proofs.issued.holds


def test_without_a_reference_the_mail_is_fresh() -> None:
    proofs = read("#status", evidence=Evidence()).proofs
    assert (proofs.fresh, proofs.issued.holds) == (True, False)


def test_his_letters_are_counted_at_the_address_on_the_list() -> None:
    past = Past()
    read("#take", past, identity=sam(spec=HOME.spec))
    assert (LetterKind.STAFF_RECEIPT, NOW - HOUR, address(STAFF)) in past.counted
    assert (LetterKind.STAFF_AWAY, NOW - WEEK, address(STAFF)) in past.counted
    assert (idle.NOTE, NOW - DAY, address(STAFF)) in past.counted
    assert {(idle.NOTHING, NOW - span, address(STAFF)) for span in (HOUR, DAY)} <= set(past.counted)


# What it says.


def test_orders_are_read_from_his_own_words_only() -> None:
    staff = read("#take\n\nOp ma 1 jun 2026 om 10:03 schreef Contactpunt <desk@desk.example>:\n> #close spam\n")
    assert verbs(staff) == [Verb.TAKE]
    assert "#close spam" in staff.reply.quoted
    assert "#close spam" in staff.text


def test_dates_are_read_as_on_the_day_on_which_the_mail_came() -> None:
    staff = read("#extend 12 juni vakantie")
    assert isinstance(staff.orders, Orders)
    assert staff.orders.orders[0].dates == (date(2026, 6, 12),)


def test_what_cannot_be_read_is_a_mistake() -> None:
    assert isinstance(read("#anser\n\nYes.").orders, Mistake)


def test_people_in_copy_who_are_not_in_the_case_are_dropped() -> None:
    ours = (address(DESK), address("desk+token@desk.example"), TEAM, EVA.address, address(PARTNER))
    assert read("#take", to=ours, cc=(address(), ADVISER)).dropped == (ADVISER,)
    assert read("#take", cc=(address(),), ticket=None).dropped == (address(),)


def test_not_more_than_twenty_of_them_are_named() -> None:
    crowd = tuple(address(f"person{n}@uni.example") for n in range(50))
    assert len(read("#take", cc=crowd).dropped) == 20


# What it is about.


def test_the_case_of_its_ticket_comes_along() -> None:
    inside = case()
    assert read("#take", Past(cases={FIRST: inside})).case == inside
    assert read("#status", ticket=None, evidence=Evidence()).case is None


def test_the_ticket_that_an_order_names_comes_along_with_its_case() -> None:
    past = Past(cases={SECOND: case()}, tickets=(ticket(reference=SECOND),))
    staff = read("#merge KV-2026-0002", past)
    assert staff.other == ticket(reference=SECOND)
    assert staff.other_case == case()


def test_a_number_of_no_ticket_names_none() -> None:
    staff = read("#merge KV-2026-0002")
    assert (staff.other, staff.other_case) == (None, None)


def test_the_queue_is_only_looked_up_for_those_who_ask() -> None:
    assert read("#status", ticket=None, evidence=Evidence()).queue == (LINE, LINE)
    assert read("#take").queue == ()
    assert QUEUE == 50


@pytest.mark.parametrize(("subject", "held"), [("Q-12", HELD), ("Q-13", None), (str(FIRST), None)])
def test_a_reply_to_a_notice_about_a_held_mail_is_about_that_mail(subject: str, held: HeldMail | None) -> None:
    evidence = Evidence(capability=issued(TEAM, subject))
    assert read("#release", evidence=evidence, ticket=None).held == held


def test_the_institution_of_the_asker_comes_along() -> None:
    assert read("#take").institution == institution()
    assert read("#take", ticket=ticket(asker=address("ada@home.example"))).institution is None
    assert read("#status", ticket=None, evidence=Evidence()).institution is None


# Addresses that look wrong.


LOOKALIKE = address("ada@colllege.example")


@pytest.mark.parametrize("own", ["#consult OCW\n\nMay they?", "#update ocw\n\nMore.", "#share OCW", "#withdraw BZ OCW"])
def test_a_liaison_who_is_not_at_a_domain_of_its_partner_looks_wrong(own: str) -> None:
    assert read(own).unusual == (OCW.liaison,)


@pytest.mark.parametrize("own", ["#share BZ", "#deel foreign"])
@pytest.mark.parametrize("code", ["OCW", "ocw"])
def test_so_does_one_who_is_about_to_read_the_position_of_another_partner(own: str, code: str) -> None:
    made = consulted(ticket(), "BZ", code)
    assert read(own, ticket=made).unusual == (OCW.liaison,)
    assert read("#update BZ\n\nMore.", ticket=made).unusual == ()


@pytest.mark.parametrize(
    "own", ["#consult BZ\n\nMay they?", "#share foreign", "#consult XY\n\nMay they?", "#answer\n\nYes."]
)
def test_one_who_is_or_gets_nothing_does_not(own: str) -> None:
    assert read(own).unusual == ()


@pytest.mark.parametrize(
    "own", ["#answer\n\nYes.", "#extend 12 juni :x", "#close withdrawn", "#consult BZ\n\nMay they?"]
)
def test_an_asker_at_a_domain_that_is_almost_that_of_an_institution_looks_wrong(own: str) -> None:
    assert read(own, ticket=ticket(asker=LOOKALIKE)).unusual == (LOOKALIKE,)


def test_so_does_one_who_stood_in_cc() -> None:
    assert read("#answer\n\nYes.", ticket=ticket(LOOKALIKE)).unusual == (LOOKALIKE,)


@pytest.mark.parametrize("own", ["#note\n\nAsk Pat.", "#take", "Just a thought.", "#anser\n\nYes."])
def test_where_nothing_leaves_nobody_looks_wrong(own: str) -> None:
    assert read(own, ticket=ticket(asker=LOOKALIKE)).unusual == ()


@pytest.mark.parametrize("spec", ["ada@college.example", "ada@lab.college.example", "ada@elsewhere.example"])
def test_an_asker_at_a_domain_that_is_known_or_like_no_other_does_not(spec: str) -> None:
    assert read("#answer\n\nYes.", ticket=ticket(asker=address(spec))).unusual == ()


def test_who_was_written_to_before_looks_wrong_no_more() -> None:
    past = Past(reached=(LOOKALIKE,))
    staff = read("#answer\n\nYes.\n", past, ticket=ticket(LOOKALIKE, asker=LOOKALIKE))
    assert staff.unusual == ()
    assert OCW.liaison is not None
    assert read("#share OCW", Past(reached=(OCW.liaison,))).unusual == ()


# Files that go along, and what had better not leave.


RAW = mail(
    sender=STAFF,
    text="#answer\n\nSee the form.\n",
    attachments=[("form.pdf", "application/pdf", b"form"), ("sam.vcf", "text/vcard", b"BEGIN:VCARD")],
)
WITH_FILES = Past(cases={FIRST: case()}, raws={31: RAW})


def with_files(own: str) -> Message:
    return replace(parse(RAW, LIMITS), text=own)


@pytest.mark.parametrize("verb", ["#answer", "#ask", "#correct", "#consult BZ", "#update BZ OCW"])
def test_files_attached_on_purpose_go_along_with_words_that_leave(verb: str) -> None:
    staff = read(past=WITH_FILES, message=with_files(f"{verb}\n\nSee the form."))
    assert [file.name for file in staff.files] == ["form.pdf"]


@pytest.mark.parametrize("own", ["#note\n\nSee the form.", "#take", "See the form.", "#anser\n\nSee."])
def test_where_no_words_leave_no_file_does(own: str) -> None:
    assert read(past=WITH_FILES, message=with_files(own)).files == ()


def test_without_a_ticket_nothing_goes_along() -> None:
    staff = read(past=WITH_FILES, message=with_files("#answer\n\nSee."), ticket=None)
    assert (staff.files, staff.leaks) == ((), ())


@pytest.mark.parametrize("number", [0, 99])
def test_a_mail_whose_bytes_are_not_there_sends_no_file(number: int) -> None:
    staff = read(past=WITH_FILES, message=with_files("#answer\n\nSee."), number=number)
    assert staff.files == ()


def leaks(own: str, *texts: Any) -> list[LeakKind]:
    inside = case(texts=(text(words="May a colleague from abroad work in our laboratory next year?"), *texts))
    return [leak.kind for leak in read(own, Past(cases={FIRST: inside})).leaks]


NOTE = "Kim called the embassy about this on Tuesday and they were rather worried about the funding."
BY_KIM: dict[str, Any] = {"author": PEER.address, "role": Role.STAFF, "audience": Audience.STAFF}


def test_words_of_an_internal_note_are_found_in_what_leaves() -> None:
    note = text(EntryKind.NOTE, NOTE, **BY_KIM)
    assert LeakKind.INTERNAL in leaks(f"#answer\n\nDear Ada,\n\n{NOTE}", note)


def test_words_of_a_partner_are_found_in_what_leaves() -> None:
    theirs = text(EntryKind.NOTE, NOTE, author=address(PARTNER), role=Role.PARTNER, audience=Audience.STAFF)
    assert LeakKind.PARTNER in leaks(f"#answer\n\nDear Ada,\n\n{NOTE}", theirs)


def test_an_order_is_no_secret_its_words_are_what_is_being_sent() -> None:
    order = text(EntryKind.ORDER, f"#answer\n\n{NOTE}", **BY_KIM)
    assert leaks(f"#answer\n\n{NOTE}", order) == []


def test_what_the_asker_wrote_himself_may_be_said_to_him() -> None:
    assert leaks("#answer\n\nMay a colleague from abroad work in our laboratory next year? Yes, he may.") == []


def test_the_number_of_another_question_and_the_address_of_a_stranger_are_found() -> None:
    found_kinds = leaks("#answer\n\nAs in KV-2026-0009. Ask bob@elsewhere.example.")
    assert set(found_kinds) == {LeakKind.REFERENCE, LeakKind.ADDRESS}


def test_our_own_addresses_and_those_in_the_case_may_be_mentioned() -> None:
    assert leaks("#answer\n\nAs in KV-2026-0001. Mail ada@uni.example or desk@desk.example or help@desk.example.") == []


def test_a_marking_is_found_in_what_leaves() -> None:
    assert leaks("#answer\n\nDep.V.\n\nYou may.") == [LeakKind.MARKING]
    assert leaks("#consult BZ\n\nDep.V.\n\nMay they?") == [LeakKind.MARKING]


THEIRS: dict[str, Any] = {"author": address(PARTNER), "role": Role.PARTNER, "audience": Audience.PARTNER}
POSITION = text(EntryKind.POSITION, NOTE, partner="BZ", **THEIRS)


@pytest.mark.parametrize("verb", ["#consult OCW", "#update OCW", "#consult BZ OCW"])
def test_words_of_one_partner_are_found_in_what_goes_to_another(verb: str) -> None:
    assert LeakKind.PARTNER in leaks(f"{verb}\n\n{NOTE}", POSITION)


@pytest.mark.parametrize("verb", ["#consult BZ", "#update bz", "#update Foreign", "#consult BZ Foreign"])
def test_to_a_partner_alone_its_own_words_may_be_repeated(verb: str) -> None:
    assert leaks(f"{verb}\n\n{NOTE}", POSITION) == []


def test_to_a_partner_that_got_another_code_those_under_its_old_one_are_its_own() -> None:
    before = replace(POSITION, partner="Foreign")
    assert leaks(f"#update BZ\n\n{NOTE}", before) == []
    assert LeakKind.PARTNER in leaks(f"#update OCW\n\n{NOTE}", before)


def told(code: str) -> Any:
    """This partner was told the words of BZ."""
    return text(EntryKind.REQUEST, NOTE, partner=code, **(BY_KIM | {"audience": Audience.PARTNER}))


@pytest.mark.parametrize(
    ("verb", "codes", "leaks_it"),
    [
        ("#update OCW", ["OCW"], False),
        ("#consult ocw", ["OCW"], False),
        ("#update OCW", ["EZ"], True),
        ("#update OCW EZ", ["OCW"], True),
        ("#update OCW EZ", ["EZ"], True),
        ("#update OCW EZ", ["OCW", "EZ"], False),
        ("#update OCW BZ", ["OCW"], True),  # BZ wrote it, and was told nothing of it
        ("#update OCW BZ", ["OCW", "Foreign"], False),
    ],
)
def test_words_of_one_partner_may_be_told_to_those_who_were_all_told_them_before(
    verb: str, codes: list[str], leaks_it: bool
) -> None:
    found_kinds = leaks(f"{verb}\n\n{NOTE}", POSITION, *map(told, codes))
    assert (LeakKind.PARTNER in found_kinds) is leaks_it


def test_to_an_asker_no_position_may_be_repeated() -> None:
    assert LeakKind.PARTNER in leaks(f"#answer\n\n{NOTE}", POSITION)
    assert LeakKind.PARTNER in leaks(f"#answer\n\n{NOTE}", POSITION, told("OCW"))


@pytest.mark.parametrize("beside", ["#update BZ", "#consult BZ", "#update OCW"])
def test_a_reason_for_the_asker_is_looked_at_as_what_he_reads_though_a_partner_may_know_it(beside: str) -> None:
    own = f"{beside}\n#extend 12 juni :{NOTE}\n\nMore."
    assert LeakKind.PARTNER in leaks(own, POSITION, told("OCW"))
    assert LeakKind.INTERNAL in leaks(own, text(EntryKind.NOTE, NOTE, **BY_KIM))
    assert leaks(f"{beside}\n#extend 12 juni :We need more time.\n\n{NOTE}", POSITION, told("OCW")) == []


def test_of_a_reason_that_the_asker_does_not_read_nothing_leaks() -> None:
    assert leaks(f"#update BZ\n#extend 12 juni {NOTE}\n\nMore.", POSITION) == []


def test_what_stands_in_both_is_named_once() -> None:
    own = "#update BZ\n#extend 12 juni :Ask bob@elsewhere.example.\n\nAsk bob@elsewhere.example."
    assert leaks(own) == [LeakKind.ADDRESS]


def test_what_one_partner_was_asked_may_be_asked_of_another() -> None:
    asked = text(EntryKind.REQUEST, NOTE, partner="BZ", **(BY_KIM | {"audience": Audience.PARTNER}))
    assert leaks(f"#consult OCW\n\n{NOTE}", asked) == []


@pytest.mark.parametrize("verb", ["#consult OCW", "#update OCW"])
def test_a_note_is_not_for_partners_either(verb: str) -> None:
    assert LeakKind.INTERNAL in leaks(f"{verb}\n\n{NOTE}", text(EntryKind.NOTE, NOTE, **BY_KIM))


def test_what_stays_inside_leaks_nothing() -> None:
    assert leaks(f"#note\n\n{NOTE} KV-2026-0009", text(EntryKind.NOTE, NOTE, **BY_KIM)) == []


# A word that confirms.


def waiting_orders(own: str = "#purge 1", *, to: Address | None = None, open_: bool = True, **facts: Any) -> Awaited:
    defaults: dict[str, Any] = {
        "mail": 9,
        "who": to or address(STAFF),
        "text": own,
        "ticket": FIRST,
        "about": str(FIRST),
        "received_at": MONDAY - timedelta(days=1),
        "files": (),
        "open": open_,
        "asked_at": MONDAY - timedelta(hours=20),
        "shown": "what was shown",
    }
    return Awaited(**(defaults | facts))


def confirming(said: str, awaited: Awaited | None = None, *, to: Address | None = None, **facts: Any) -> StaffMail:
    evidence = Evidence(confirmation=facts.pop("reference", None) or issued(to or address(STAFF), "C-9"))
    return read(said, Past(awaited=awaited or waiting_orders(), **facts), evidence=evidence)


def test_a_word_about_earlier_orders_is_about_those() -> None:
    staff = confirming("ja")
    assert (staff.confirms, staff.number, staff.text, staff.answer) == (9, 9, "#purge 1", "yes")
    assert verbs(staff) == [Verb.PURGE]
    assert staff.proofs.issued.holds


def test_their_dates_are_read_as_on_the_day_on_which_they_came() -> None:
    awaited = waiting_orders("#extend 12 juni x", received_at=MONDAY - timedelta(days=365))
    staff = confirming("ja", awaited)
    assert isinstance(staff.orders, Orders)
    assert staff.orders.orders[0].dates == (date(2025, 6, 12),)


@pytest.mark.parametrize("said", ["ja", "Ja.", "JA!", "yes", "Yes please", "ok", "akkoord", "  ja\n\nSam", "# ja"])
def test_yes_in_its_forms(said: str) -> None:
    assert confirming(said).answer == "yes"


@pytest.mark.parametrize("said", ["nee", "Nee, toch niet", "no", "No!", "stop", "niet doen"])
def test_no_in_its_forms(said: str) -> None:
    assert confirming(said).answer == "no"


@pytest.mark.parametrize(
    "said",
    [
        "",
        "misschien",
        "Ok, but please wait",
        "ja?",
        "I am away until Monday",
        "123",
        "ja maar eerst bellen",
        "\n!!\n",
    ],
)
def test_anything_else_is_neither(said: str) -> None:
    assert confirming(said).answer == ""


@given(st.text(max_size=200), st.sampled_from(["nee ", "no, ", "stop. "]))
def test_whoever_begins_with_no_never_means_yes(said: str, no: str) -> None:
    assert confirming(no + said).answer != "yes"


def test_yes_in_the_quotation_is_not_his() -> None:
    quoted = "misschien\n\nOp ma 1 jun 2026 om 10:03 schreef Contactpunt <desk@desk.example>:\n> ja\n"
    assert confirming(quoted).answer == ""


def test_a_second_word_comes_late() -> None:
    assert confirming("ja", waiting_orders(open_=False)).answer == "late"


def test_somebody_elses_orders_cannot_be_confirmed() -> None:
    staff = confirming("ja", waiting_orders(to=EVA.address))
    assert (staff.confirms, staff.answer) == (0, "")


def test_a_one_time_reference_of_somebody_else_confirms_nothing() -> None:
    assert confirming("ja", to=EVA.address).confirms == 0


def test_one_that_went_to_the_team_confirms_nothing_either() -> None:
    assert confirming("ja", to=TEAM).confirms == 0


def test_an_expired_one_confirms_nothing() -> None:
    good = issued(address(STAFF), "C-9")
    assert confirming("ja", reference=replace(good, expires=date(2026, 5, 31))).confirms == 0


def test_one_for_orders_that_nobody_knows_confirms_nothing() -> None:
    assert confirming("ja", reference=issued(address(STAFF), "C-8")).confirms == 0


def test_files_that_went_with_the_earlier_orders_go_along() -> None:
    files = parse(RAW, LIMITS).attachments
    awaited = waiting_orders("#answer\n\nSee the form.", files=files)
    staff = confirming("ja", awaited, cases={FIRST: case()}, raws={9: RAW})
    assert [file.name for file in staff.files] == ["form.pdf"]


def test_a_mail_that_cannot_be_read_any_more_is_its_own_fault() -> None:
    broken = b"From: a@uni.example\r\n" + b"X: y\r\n" * 5000 + b"\r\n"
    with pytest.raises(UnreadableMail):
        read(past=Past(cases={FIRST: case()}, raws={31: broken}), message=with_files("#answer\n\nSee."))
