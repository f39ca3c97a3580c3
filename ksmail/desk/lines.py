"""Carrying out the lines of an answer to a numbered list: each as in a reply about its own ticket, and each alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ksmail.capability import Audience, Capability, fingerprint
from ksmail.desk.arrival import Elsewhere
from ksmail.desk.case import AnsweredList, Place
from ksmail.desk.execute import binding, concluded, perform, why_confirm
from ksmail.desk.letter import Letter
from ksmail.desk.numbered import Line
from ksmail.desk.order import Order, Verb
from ksmail.desk.order_line import written
from ksmail.desk.orders import row_of
from ksmail.desk.progress import Progress, Scene
from ksmail.desk.receipt import Done, Refused
from ksmail.desk.refusal import Refusal, Why
from ksmail.desk.ticket import Change, EntryKind, Posted, Ticket, evolved
from ksmail.incoming.identity import Role
from ksmail.incoming.message import Language
from ksmail.reference import Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One order about one number: what it was on top of, and what it came to. `posted` is what its ticket keeps."""

    place: Place
    scene: Scene
    order: Order
    before: Progress
    after: Progress
    posted: tuple[Change, ...] = ()
    refused: Refused | None = None

    @property
    def changes(self) -> tuple[Change, ...]:
        return self.after.changes[len(self.before.changes) :]

    @property
    def elsewhere(self) -> tuple[Elsewhere, ...]:
        return self.after.elsewhere[len(self.before.elsewhere) :]

    def wrote(self, letter: Letter) -> bool:
        """Whether it was this order by which the letter came."""
        return _among(letter, self.after.letters) and not _among(letter, self.before.letters)

    def because(self, name: str) -> str:
        refused = ", refused" if self.refused else ""
        return f"orders of staff: {self.place.number} #{self.order.verb.value} on list {name}{refused}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What the lines came to: the steps in their order, and all of it together. `letters` says for each letter of the
    total by which step it came."""

    steps: tuple[Step, ...]
    total: Progress
    by: tuple[int, ...]
    why: str

    @property
    def binding(self) -> str:
        """A hash of what was shown: what leaves, what is done, which lines are done and which are not."""
        each = (
            f"{step.place.number} {step.place.name} {written(step.order, Language.EN)} "
            f"{step.refused.why_en if step.refused else ''}"
            for step in self.steps
        )
        others = tuple(other for step in self.steps for other in step.elsewhere)  # kept lines are no part of it
        return fingerprint(binding(replace(self.total, elsewhere=others)), *each)

    def done(self, step: Step) -> tuple[Done, ...]:
        """What the receipt says of a step; a later line may have changed the words of an earlier one."""
        last = next(each for each in reversed(self.steps) if _key(each.place) == _key(step.place))
        return last.after.done[len(step.before.done) : len(step.after.done)]


def carry_out_lines(scene: Scene, listed: AnsweredList) -> Carried:
    """Every order of every line on its own ticket, in their order. One that is refused is left out, and stops no
    other."""
    run = _Run(scene, listed)
    for line in listed.written.lines:
        for number in line.numbers:
            run.take(number, line)
    return run.ended()


class _Run:
    """How far the lines have come. `tickets` are as they leave them, `joined` those that took another one in."""

    def __init__(self, scene: Scene, listed: AnsweredList) -> None:
        self.scene, self.name = scene, listed.name
        self.places = {place.number: place for place in listed.places}
        self.tickets: dict[Reference, Ticket] = {}
        self.joined: set[Reference] = set()
        self.steps: list[Step] = []

    def take(self, number: int, line: Line) -> None:
        place = self.places[number]
        scene = self._about(place)
        before = next((each.after for each in reversed(self.steps) if _key(each.place) == _key(place)), None)
        before = before or Progress(ticket=scene.arrival.ticket)
        try:
            self._check(place, line)
            after, refused = perform(scene, line.order, before), None
        except Refusal as refusal:
            after, refused = before, refusal.of(line.order, scene.staff.person.language)
        posted = self._posted(place, line, refused)
        step = Step(
            place=place, scene=scene, order=line.order, before=before, after=after, posted=posted, refused=refused
        )
        self.steps.append(step)
        self._remember(step)

    def ended(self) -> Carried:
        strands = {key: tuple(steps) for key, steps in self._strands().items()}
        last = {key: _concluded(steps) for key, steps in strands.items()}
        letters = [(letter, self._by(letter, strands[key])) for key, each in last.items() for letter in each.letters]
        total = Progress(
            ticket=None,
            letters=tuple(letter for letter, _ in letters),
            acts=tuple(act for each in last.values() for act in each.acts),
            elsewhere=(*self._elsewhere(), *self._conclusions(strands, last)),
            done=tuple(done for each in last.values() for done in each.done),
        )
        why = next(filter(None, (_why(step, last[_key(step.place)]) for step in self.steps)), "")
        return Carried(steps=tuple(self.steps), total=total, by=tuple(by for _, by in letters), why=why)

    def _about(self, place: Place) -> Scene:
        """The mail as if it answered one about this place alone, in the light of the lines above."""
        mail = self.scene.staff
        staff = replace(place.staff, person=mail.person, proofs=mail.proofs, reply=mail.reply)
        if staff.other is not None:
            staff = replace(staff, other=self.tickets.get(staff.other.reference, staff.other))
        ticket = self.tickets.get(place.ticket.reference, place.ticket) if place.ticket else None
        evidence = replace(self.scene.arrival.evidence, capability=Capability(place.name, Audience.STAFF, "", ""))
        arrival = replace(self.scene.arrival, ticket=ticket, case=staff.case, staff=staff, evidence=evidence)
        return replace(self.scene, arrival=arrival, staff=staff, text="")

    def _check(self, place: Place, line: Line) -> None:
        """What holds for lines only. Raises Refusal."""
        order = line.order
        if order.verb is Verb.NOTE and place.ticket is not None and not line.text.strip():
            raise Refusal(Why.NO_WORDS)
        if place.ticket is not None and place.ticket.reference in self.joined:
            raise Refusal(Why.JUST_JOINED)  # its texts and files are more than was gathered here
        above = [each.order for each in self.steps if _key(each.place) == _key(place) and not each.refused]
        if any(order.verb is other.verb and (order == other or not order.partners) for other in above):
            raise Refusal(Why.ORDERED_ABOVE)

    def _remember(self, step: Step) -> None:
        if step.after.ticket is not None and not step.refused:
            self.tickets[step.after.ticket.reference] = step.after.ticket
        named = step.scene.staff.other
        for other in step.elsewhere:
            self.joined.add(other.ticket)
            if named is not None and named.reference == other.ticket:
                self.tickets[other.ticket] = evolved(named, other.changes)

    def _posted(self, place: Place, line: Line, refused: Refused | None) -> tuple[Change, ...]:
        """The line is kept with its ticket, and nothing of the others. What confirms it is not kept once more."""
        if place.ticket is None or self.scene.staff.confirms:
            return ()
        note = line.order.verb is Verb.NOTE and refused is None
        said = written(line.order, self.scene.staff.person.language)
        return (
            Posted(
                kind=EntryKind.NOTE if note else EntryKind.ORDER,
                author=self.scene.staff.person.address,
                role=Role.STAFF,
                audience=Audience.STAFF,
                text=line.text if note else f"{self.name}, {place.number}: {said} {line.text}".rstrip(),
                message_id="",  # its answers are about a list, not about this ticket
            ),
        )

    def _strands(self) -> dict[str, list[Step]]:
        found: dict[str, list[Step]] = {}
        for step in self.steps:
            found.setdefault(_key(step.place), []).append(step)
        return found

    def _by(self, letter: Letter, strand: tuple[Step, ...]) -> int:
        """Which step it came by; what follows from all of them together, by the last one that was carried out."""
        here = [step for step in strand if step.wrote(letter)] or [step for step in strand if not step.refused]
        return next(place for place, step in enumerate(self.steps) if step is here[-1])

    def _elsewhere(self) -> Iterator[Elsewhere]:
        for step in self.steps:
            because, changes = step.because(self.name), (*step.posted, *step.changes)
            if step.place.ticket is not None and changes:
                yield Elsewhere(step.place.ticket.reference, changes, because)
            yield from (replace(other, because=because) for other in step.elsewhere)

    def _conclusions(self, strands: dict[str, tuple[Step, ...]], last: dict[str, Progress]) -> Iterator[Elsewhere]:
        for key, steps in strands.items():
            changes = last[key].changes[len(steps[-1].after.changes) :]
            ticket = steps[-1].place.ticket
            if ticket is not None and changes:
                yield Elsewhere(ticket.reference, changes, f"orders of staff on list {self.name}")


def _concluded(steps: tuple[Step, ...]) -> Progress:
    first = steps[0].scene
    return concluded(first, [step.order for step in steps if not step.refused], steps[-1].after)


def _why(step: Step, last: Progress) -> str:
    """Why a line waits for a yes, or "". Here a quotation that was taken for somebody's own words may hold a line that
    leaves without any text, so that being unsure counts for all that leaves."""
    if step.refused:
        return ""
    unsure = not step.scene.staff.reply.sure and row_of(step.order.verb).leaves
    return why_confirm(step.scene, (step.order,), last) or ("unsure" if unsure else "")


def _key(place: Place) -> str:
    return str(place.ticket.reference) if place.ticket else place.name


def _among(letter: Letter, letters: Iterable[Letter]) -> bool:
    return any(letter is other for other in letters)
