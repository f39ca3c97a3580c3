"""Whatever staff order and the asker writes, in whatever order letters arrive or come back: the promises add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ksmail.aftermath import aftermath
from ksmail.capability import Audience
from ksmail.desk.acts import Hurry, Recall
from ksmail.desk.arrival import Decision
from ksmail.desk.case import Case, Text, WaitingLetter, WaitState
from ksmail.desk.decide import decide
from ksmail.desk.letter import Letter
from ksmail.desk.remind import close_quiet
from ksmail.desk.ticket import Change, Posted, Promised, PromiseSettled, PromiseState, Status, Ticket, Unkept
from ksmail.incoming.verdict import Sort, Verdict
from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.transport import Bounced, Deferred, Outcome, Sent, Uncertain
from tests.builders import MONDAY, address, message
from tests.desk.facts import POLICY, SECOND, after, arrival, ordered, returned, ticket

WRITES = st.sampled_from(["#answer!\n\nYou may.", "#ask!\n\nWhich country?", "#extend {day} x"])
ORDERS = st.sampled_from(
    [
        "#answer!\n#close answered\n\nYou may.",
        "#correct!\n\nYou may not.",
        "#extend {day} x\n#answer!\n\nYou may.",
        "#close withdrawn",
        "#close spam",
        "#close answered",
        "#reopen",
        "#redirect library",
        "#split\n\nAnd?",
        "#stop",
        "#now",
        "#take",
        "You may.",
    ]
)
FAULTS = st.sampled_from([Bounced("550 5.1.1 no such user"), Deferred("451 later"), Uncertain("lost")])
OUTCOMES = st.just(Sent()) | st.just(Sent()) | FAULTS


class Books(RuleBasedStateMachine):
    """One question of Ada's, its letters on their way, and its promises as the store keeps them."""

    def __init__(self) -> None:
        super().__init__()
        self.ticket: Ticket = ticket()
        self.now = MONDAY
        self.promises = [PromiseState.OPEN]
        self.texts: list[Text] = []
        self.leaving: dict[int, Letter] = {}
        self.gone: list[Letter] = []
        self.number = 0

    def _happen(self, changes: tuple[Change, ...]) -> None:
        for change in changes:
            self.ticket = after(self.ticket, change)
            match change:
                case Promised(state=state):
                    assert state is not PromiseState.OPEN or PromiseState.OPEN not in self.promises
                    self.promises.append(state)
                case PromiseSettled(state):
                    self.promises = [state if each is PromiseState.OPEN else each for each in self.promises]
                case Unkept(state) if self.promises[-1] is PromiseState.KEPT:
                    self.promises[-1] = state
                case Posted(kind=kind, author=author, role=role, audience=audience, text=text):
                    said = Text(kind=kind, author=author, role=role, audience=audience, at=self.now, text=text)
                    self.texts.append(said)
                case _:
                    pass

    def _record(self, decision: Decision) -> None:
        if decision.ticket is not None and decision.ticket.reference == self.ticket.reference:
            self._happen(decision.changes)
            assert decision.ticket == self.ticket
        for act in decision.acts:
            if isinstance(act, Recall):
                del self.leaving[act.letter]
            assert isinstance(act, Recall | Hurry)
        for letter in decision.letters:
            if letter.kind.audience is Audience.ASKER and letter.about == str(self.ticket.reference):
                self.number += 1
                self.leaving[self.number] = letter

    def _case(self) -> Case:
        held = (
            WaitingLetter(
                id=number, kind=letter.kind.value, message_id="", to=(), due_at=self.now, state=WaitState.WAITING
            )
            for number, letter in self.leaving.items()
            if letter.wait
        )
        return Case(texts=tuple(self.texts), waiting=tuple(held))

    @rule(own=WRITES)
    def write(self, own: str) -> None:
        self.order(own)

    @rule(own=ORDERS)
    def give_an_order(self, own: str) -> None:
        self.order(own)

    def order(self, own: str) -> None:
        day = POLICY.workdays.after(self.now.date(), 4)
        here = ordered(own.format(day=day), ticket=self.ticket, case=self._case(), now=self.now, received_at=self.now)
        self._record(decide(replace(here, next_reference=SECOND), POLICY))

    @rule(own=st.sampled_from(["Thanks!", "And Eve?"]))
    def reply(self, own: str) -> None:
        said = message(text=own, message_id="<reply@uni.example>")
        here = arrival(
            ticket=self.ticket, own_words=own, message=said, now=self.now, received_at=self.now, next_reference=SECOND
        )
        self._record(decide(here, POLICY))

    @precondition(lambda self: self.leaving)
    @rule(outcome=OUTCOMES, data=st.data())
    def hand_over(self, outcome: Outcome, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.leaving)))
        letter = self.leaving.pop(number)
        mail = OutgoingMail(
            message_id=f"<{number}@desk.example>",
            kind=letter.kind.value,
            about=letter.about,
            envelope_from="",
            recipients=(letter.to.spec,),
            raw=b"",
            due_at=self.now,
            then=letter.then,
        )
        found = aftermath(mail, {letter.to.spec: outcome}, None, self.ticket, POLICY, now=self.now, absent=())
        self._happen(tuple(change for change, _ in found.changes))
        assert found.ticket == self.ticket
        if isinstance(outcome, Sent):
            self.gone.append(letter)

    @precondition(lambda self: self.gone)
    @rule(data=st.data())
    def come_back(self, data: st.DataObject) -> None:
        letter = data.draw(st.sampled_from(self.gone))
        report = arrival(
            verdict=Verdict(Sort.BOUNCE, "a delivery report"),
            message=message(sender=address("mailer-daemon@mx.uni.example")),
            sender=None,
            ticket=self.ticket,
            returned=(returned(letter.kind),),
            now=self.now,
        )
        decision = decide(report, POLICY)
        self._happen(decision.changes)
        assert all(each.kind.audience is Audience.STAFF for each in decision.letters)

    @rule(days=st.sampled_from([0, 1, 4, 14, 40]))
    def pass_time(self, days: int) -> None:
        self.now += timedelta(days=days, hours=1)
        self._happen(close_quiet(self.ticket, self.now, POLICY))

    @invariant()
    def a_promise_is_open_only_while_somebody_waits_for_it(self) -> None:
        runs = self.ticket.status.is_open and self.ticket.status is not Status.WAITING_ASKER
        assert self.promises.count(PromiseState.OPEN) <= (1 if runs else 0)

    @invariant()
    def days_are_left_only_while_we_wait_for_the_asker(self) -> None:
        waits = self.ticket.status is Status.WAITING_ASKER
        assert (self.ticket.remaining_days is not None and self.ticket.remaining_days >= 1) is waits

    @invariant()
    def how_it_ended_is_told_of_no_open_question(self) -> None:
        assert (self.ticket.ended_at is None) is self.ticket.status.is_open


TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=300, stateful_step_count=20, deadline=None)
