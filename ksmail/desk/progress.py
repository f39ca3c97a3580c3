"""How far the orders of one mail have come: what they change, what leaves by them, what the receipt says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from ksmail.desk.acts import Act, Recall
from ksmail.desk.arrival import Arrival, Elsewhere
from ksmail.desk.case import Case, StaffMail, WaitingLetter
from ksmail.desk.letter import Letter
from ksmail.desk.policy import Policy
from ksmail.desk.promise import received_on
from ksmail.desk.receipt import Done
from ksmail.desk.refusal import Refusal, Why
from ksmail.desk.ticket import Change, Ticket, evolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One mail with orders, and the desk it came to. `text` is what stands below the orders."""

    arrival: Arrival
    staff: StaffMail
    policy: Policy
    text: str

    @property
    def today(self) -> date:
        """The date at the desk."""
        return received_on(self.arrival.now, self.policy.timezone)

    @property
    def case(self) -> Case:
        return self.staff.case or Case()

    @property
    def cause(self) -> str:
        """What names the mail with the orders, so that carrying them out twice makes no second letter."""
        return f"orders of mail {self.staff.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`ticket` is the ticket as the orders so far leave it."""

    ticket: Ticket | None
    changes: tuple[Change, ...] = ()
    letters: tuple[Letter, ...] = ()
    done: tuple[Done, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    acts: tuple[Act, ...] = ()

    def changed(self, *changes: Change) -> Progress:
        ticket = self.ticket
        for change in changes:
            ticket = evolve(ticket, change)
        return replace(self, ticket=ticket, changes=(*self.changes, *changes))

    def writing(self, *letters: Letter) -> Progress:
        return replace(self, letters=(*self.letters, *letters))

    def doing(self, *acts: Act) -> Progress:
        return replace(self, acts=(*self.acts, *acts))

    def telling(self, *done: Done) -> Progress:
        return replace(self, done=(*self.done, *done))

    def waiting(self, scene: Scene) -> tuple[WaitingLetter, ...]:
        """The letters of the ticket that have not left, without those that an order above this one called back."""
        recalled = {act.letter for act in self.acts if isinstance(act, Recall)}
        return tuple(letter for letter in scene.case.waiting if letter.id not in recalled)

    def in_the_way(self, scene: Scene) -> bool:
        """Whether a letter waits that the one it is for has not got yet."""
        return any(not letter.reached for letter in self.waiting(scene))

    def own_ticket(self) -> Ticket:
        """The ticket that an order is about. Raises Refusal when there is none, or when another one took it in."""
        if self.ticket is None:
            raise Refusal(Why.NO_TICKET)
        if self.ticket.merged_into is not None:
            raise Refusal(Why.MERGED, str(self.ticket.merged_into))
        return self.ticket
