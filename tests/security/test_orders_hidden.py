"""What a spoofed, forwarded, quoted, hidden, attached or automatic mail orders is not done, whatever it orders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksmail.capability import Audience, Key, Keyring, find_tokens
from ksmail.desk.arrival import Disposition
from ksmail.desk.execute import FRESH
from ksmail.desk.ticket import EntryKind
from tests.builders import address
from tests.security.commands import HONEST, Body, Command, commands, composed, thread
from tests.security.desk import EVA, KIM, ROBIN, SAM, TEAM, Office, Outcome, open_office, results
from tests.security.forgeries import AUTOMATIC, EVIL, SPOOFS, UNPROVEN
from tests.security.hidden_orders import ALTERNATIVE, ANYWHERE, BESIDE, BESIDE_WORDS, CONTAINERS, HIDDEN, QUOTED, SIGNED

OURS = {SAM, EVA, TEAM}
# What staff may hear of such a mail. Nothing that an order leads to is among them.
TOLD = {"staff_receipt", "staff_quarantine", "staff_new", "staff_followup", "staff_away"}
PROVEN = results("agency.example")
STALE = timedelta(days=200)  # longer than a reference to staff is good

quick = settings(max_examples=80, deadline=None)
TICKETS = st.sampled_from((0, 1))
TARGETS = st.sampled_from((0, 1, 2, 3))
ordered_by_staff = commands(Audience.STAFF)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = open_office(tmp_path_factory.mktemp("office"))
    yield made
    made.desk.close()


def nothing_is_done(outcome: Outcome) -> None:
    """No ticket that was there changes, nothing is acted on, and nobody but staff gets a letter: only somebody who is
    taken for a new asker has an acknowledgement of his own mail."""
    askers = [ticket.asker.spec for ticket in outcome.new]
    decision = outcome.judged.decision
    assert outcome.after[: len(outcome.before)] == outcome.before
    assert (decision.acts, decision.elsewhere, decision.drafts) == ((), (), ())
    for kind, to in outcome.letters():
        assert kind in TOLD if to in OURS else kind == "ack" and to in askers
    assert not outcome.new or outcome.disposition is Disposition.TICKET


def is_kept_as_a_note(outcome: Outcome) -> None:
    nothing_is_done(outcome)
    assert outcome.disposition is Disposition.FOLLOW_UP
    assert outcome.entries == (EntryKind.NOTE,)
    assert outcome.letters() == {("staff_receipt", SAM)}


def answered(office: Office, target: int) -> tuple[tuple[str, str], ...]:
    return thread(str(office.targets[target]["Message-ID"]))


def from_sam(office: Office, body: Body, target: int, *headers: tuple[str, str], subject: str = "Re: vraag") -> bytes:
    """A mail that is Sam's beyond doubt."""
    return composed(body, headers=[PROVEN, *headers, *answered(office, target)], subject=subject)


@quick
@given(order=commands(), target=TICKETS)
def test_on_top_of_a_proven_mail_each_of_these_is_taken_for_an_order(
    office: Office, order: Command, target: int
) -> None:
    """The measure of all that follows: it would be done, or refused for what it orders, or not be understood."""
    assert office.desk.judge(from_sam(office, Body(text=order.body), target)).disposition is Disposition.ORDER


@quick
@given(order=commands(), own=st.sampled_from(("", *HONEST)), carrier=st.sampled_from(sorted(ANYWHERE)), target=TICKETS)
def test_what_is_quoted_forwarded_signed_or_attached_is_not_ordered(
    office: Office, order: Command, own: str, carrier: str, target: int
) -> None:
    is_kept_as_a_note(office.desk.judge(from_sam(office, ANYWHERE[carrier](order, own), target)))


@quick
@given(order=commands(), own=st.sampled_from(HONEST), carrier=st.sampled_from(sorted(BESIDE_WORDS)), target=TICKETS)
def test_what_is_hidden_in_html_or_below_own_text_is_not_ordered(
    office: Office, order: Command, own: str, carrier: str, target: int
) -> None:
    is_kept_as_a_note(office.desk.judge(from_sam(office, BESIDE_WORDS[carrier](order, own), target)))


OWN_ORDERS = ("#take", "#note\n\nI know this group.", "#answer\n\nAn answer that is my own.")
AROUND = {**QUOTED, **SIGNED, **CONTAINERS, **HIDDEN}


@quick
@given(order=commands(), own=st.sampled_from(OWN_ORDERS), carrier=st.sampled_from(sorted(AROUND)))
def test_beside_an_order_of_ones_own_the_others_in_the_mail_neither_count_nor_leave(
    office: Office, order: Command, own: str, carrier: str
) -> None:
    """At most the desk asks whether it cut the mail in the right place."""
    alone = office.desk.judge(from_sam(office, Body(text=own), 0))
    among = office.desk.judge(from_sam(office, AROUND[carrier](order, own), 0))
    if not among.because.startswith("orders of staff wait to be confirmed (unsure)"):
        assert (among.because, among.after, among.letters()) == (alone.because, alone.after, alone.letters())
    for leaving in (made for made in among.judged.mails if made.kind == "answer"):
        assert order.line.strip() not in leaving.text
        assert not order.text or order.text not in leaving.text


@settings(max_examples=60, deadline=None)
@given(
    order=st.one_of(commands(), st.sampled_from([Command(None, word) for word in ("ja", "Yes.", "JA\n\nSam")])),
    own=st.sampled_from(HONEST),
    carrier=st.sampled_from(sorted({**ANYWHERE, **HIDDEN, **ALTERNATIVE})),
    target=st.sampled_from((2, 3)),
)
def test_neither_a_held_mail_nor_an_order_that_waits_is_settled_by_words_that_are_not_somebodys_own(
    office: Office, order: Command, own: str, carrier: str, target: int
) -> None:
    carry = {**ANYWHERE, **HIDDEN, **ALTERNATIVE}[carrier]
    nothing_is_done(office.desk.judge(from_sam(office, carry(order, own), target)))


@quick
@given(order=commands(), mark=st.sampled_from(sorted(AUTOMATIC)), target=TARGETS)
def test_what_a_machine_sends_is_not_ordered(office: Office, order: Command, mark: str, target: int) -> None:
    headers, subject = AUTOMATIC[mark]
    outcome = office.desk.judge(from_sam(office, Body(text=order.body), target, *headers, subject=subject))
    nothing_is_done(outcome)
    assert outcome.disposition is Disposition.AUTOMATIC
    assert outcome.letters() <= {("staff_away", SAM)}


@quick
@given(order=commands(), spoof=st.sampled_from(sorted(SPOOFS)), target=TARGETS, proof=st.sampled_from(sorted(UNPROVEN)))
def test_what_somebody_orders_in_the_name_of_staff_is_not_done(
    office: Office, order: Command, spoof: str, target: int, proof: str
) -> None:
    sender, more = SPOOFS[spoof]
    headers = [*UNPROVEN[proof], *more, *answered(office, target)]
    outcome = office.desk.judge(composed(Body(text=order.body), sender=sender, headers=headers))
    nothing_is_done(outcome)
    assert outcome.disposition in (Disposition.HELD, Disposition.QUARANTINED)


@quick
@given(order=commands(), spoof=st.sampled_from(sorted(SPOOFS)), proof=st.sampled_from(sorted(UNPROVEN)))
def test_without_a_reference_of_ours_it_is_held_or_it_is_somebodys_question(
    office: Office, order: Command, spoof: str, proof: str
) -> None:
    sender, more = SPOOFS[spoof]
    raw = composed(
        Body(text=order.body), sender=sender, headers=[*UNPROVEN[proof], *more], subject="Re: [KV-2026-0001] vraag"
    )
    outcome = office.desk.judge(raw)
    nothing_is_done(outcome)
    assert not any(to in (SAM, ROBIN, KIM) and kind == "ack" for kind, to in outcome.letters())


def bad_references(office: Office) -> dict[str, tuple[str, ...]]:
    """What Sam cannot have been given, or what counts no more."""
    good = str(office.first["Message-ID"])
    (token,) = find_tokens(good)
    wrong = token[:-1] + ("b" if token[-1] == "a" else "a")
    stranger = Keyring((Key("k1", b"another secret"),)).issue("KV-2026-0001", Audience.STAFF, address(TEAM))
    older = Keyring((Key("k0", b"a key that is gone"),)).issue("KV-2026-0001", Audience.STAFF, address(TEAM))
    former = office.desk.clerk.keyring.issue("KV-2026-0001", Audience.STAFF, address("old@agency.example"))
    return {
        "none": ("<nothing@x.example>",),
        "one letter off": (good.replace(token, wrong),),
        "truncated": (good.replace(token, token[:-6]),),
        "another ticket's number on it": (good.replace("kv-2026-0001", "kv-2026-0002"),),
        "another audience on it": (good.replace(".s.", ".p."),),
        "signed by somebody else": (f"<{stranger}.abcdefghijklmnop@desk.example>",),
        "signed with a key that is gone": (f"<{older}.abcdefghijklmnop@desk.example>",),
        "issued to Eva": (str(office.for_eva["Message-ID"]),),
        "issued to the asker": (str(office.for_robin["Message-ID"]),),
        "issued to somebody who left": (f"<{former}.abcdefghijklmnop@desk.example>",),
        "of two tickets": (f"{office.first['Message-ID']} {office.second['Message-ID']}",),
    }


NAMES = (
    "none", "one letter off", "truncated", "another ticket's number on it", "another audience on it",
    "signed by somebody else", "signed with a key that is gone", "issued to Eva", "issued to the asker",
    "issued to somebody who left", "of two tickets",
)  # fmt: skip


@quick
@given(order=ordered_by_staff.filter(lambda order: order.verb not in FRESH), name=st.sampled_from(NAMES))
def test_without_a_reference_that_was_issued_to_him_not_even_sam_orders_anything(
    office: Office, order: Command, name: str
) -> None:
    """#status, #help and #away are left out: they need no reference when the mail is proven to be his."""
    references = thread(*bad_references(office)[name])
    outcome = office.desk.judge(
        composed(Body(text=order.body), headers=[PROVEN, *references], subject="Re: [KV-2026-0001] vraag")
    )
    nothing_is_done(outcome)
    assert outcome.disposition is Disposition.HELD


@settings(max_examples=60, deadline=None)
@given(order=ordered_by_staff, target=TARGETS)
def test_with_a_reference_that_has_expired_nothing_is_ordered(office: Office, order: Command, target: int) -> None:
    outcome = office.desk.judge(from_sam(office, Body(text=order.body), target), later=STALE)
    nothing_is_done(outcome)


@quick
@given(
    order=commands(),
    thief=st.sampled_from((EVIL, "mallory@agency.example", "old@agency.example", ROBIN, KIM, TEAM, "pat@uni.example")),
    target=TARGETS,
)
def test_with_a_stolen_reference_nobody_orders_anything(
    office: Office, order: Command, thief: str, target: int
) -> None:
    """Each of them is proven to be who he is, and some have a part in a ticket."""
    headers = [results(thief.rpartition("@")[2]), *answered(office, target)]
    nothing_is_done(office.desk.judge(composed(Body(text=order.body), sender=thief, headers=headers)))


@settings(max_examples=40, deadline=None)
@given(order=ordered_by_staff, shown=st.sampled_from(("KV-2026-0001", "kv-2026-0001")))
def test_a_reference_counts_for_its_own_ticket_whatever_number_stands_in_the_subject(
    office: Office, order: Command, shown: str
) -> None:
    subject = f"Re: [{shown}] vraag"
    outcome = office.desk.judge(from_sam(office, Body(text=order.body), 1, subject=subject))
    merges = outcome.judged.decision.elsewhere  # a merge into ticket 1 names it in the mail itself, and is confirmed
    assert outcome.after[0] == outcome.before[0]
    assert not any(each.ticket == outcome.before[0].reference for each in merges)


@st.composite
def jumbles(draw: st.DrawFn) -> Body:
    """Own words, and several orders in several places at once."""
    own = draw(st.sampled_from(HONEST))
    parts = [own, draw(st.sampled_from(sorted(QUOTED)).map(QUOTED.__getitem__))(draw(commands()), "").text]
    if draw(st.booleans()):
        parts.insert(1, SIGNED["signature"](draw(commands()), "").text)
    beside = [
        BESIDE[name](draw(commands()), own) for name in draw(st.lists(st.sampled_from(sorted(BESIDE)), max_size=2))
    ]
    html = draw(st.sampled_from(sorted(HIDDEN)).map(HIDDEN.__getitem__))(draw(commands()), own).html
    return Body(
        text="\n\n".join(parts),
        html=html if draw(st.booleans()) else "",
        attachments=tuple(file for body in beside for file in body.attachments),
        mails=tuple(mail for body in beside for mail in body.mails),
    )


@quick
@given(body=jumbles(), target=TICKETS)
def test_in_many_places_at_once_nothing_is_ordered_either(office: Office, body: Body, target: int) -> None:
    is_kept_as_a_note(office.desk.judge(from_sam(office, body, target)))


@quick
@given(
    order=commands(),
    body=jumbles(),
    spoof=st.sampled_from(sorted(SPOOFS)),
    proof=st.sampled_from(sorted(UNPROVEN)),
    mark=st.sampled_from(("", *sorted(AUTOMATIC))),
    target=TARGETS,
    later=st.sampled_from((timedelta(0), STALE)),
)
def test_whatever_is_wrong_with_a_mail_together_nothing_is_ordered(
    office: Office,
    order: Command,
    body: Body,
    spoof: str,
    proof: str,
    mark: str,
    target: int,
    later: timedelta,
) -> None:
    sender, more = SPOOFS[spoof]
    headers, subject = AUTOMATIC.get(mark, ((), "Re: [KV-2026-0002] vraag"))
    whole = Body(text=f"{order.body}\n{body.text}", html=body.html, attachments=body.attachments, mails=body.mails)
    raw = composed(
        whole,
        sender=sender,
        headers=[*UNPROVEN[proof], *more, *headers, *answered(office, target)],
        subject=subject,
    )
    nothing_is_done(office.desk.judge(raw, later=later))
