"""One desk over a period: its real stories, moved from event to event by a clock that only we turn."""

from __future__ import annotations

import asyncio
import hashlib
import heapq
import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Self

from ksmail.assemble import make_clerk, make_parser
from ksmail.clerk import Clerk
from ksmail.config import Config
from ksmail.desk.arrival import Disposition
from ksmail.desk.vitals import Vitals
from ksmail.digest import Digest
from ksmail.errors import Unavailable
from ksmail.incoming.worker import Parser
from ksmail.intake import Intake
from ksmail.outbox import Outbox
from ksmail.reminders import Reminders
from ksmail.simulate.mailbox import SimulatedMailbox
from ksmail.simulate.people import Delivery, Nobody, Staff
from ksmail.simulate.postman import Postman
from ksmail.simulate.reader import OwnReader
from ksmail.simulate.times import PACE, Course, Span, is_in, rounds
from ksmail.store.store import Store, StoreSettings
from ksmail.writing import Desk

_AGAIN = timedelta(seconds=15)  # a letter that could not leave is looked at again no sooner


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is simulated: a period, the mails that arrive in it, and what goes wrong. `pace` is how often the
    program looks around beside the hours of the office."""

    period: Span
    mails: tuple[Delivery, ...] = ()
    course: Course = field(default_factory=Course)
    pace: timedelta = PACE


class Simulation:
    """A desk with its own settings, a store and keys that are thrown away, and nothing around it that is real.

    As a context manager. `rounds` are the further stories that time makes happen, called at each round after the
    reminders; they use `store`, `desk` and `now`. Raises ConfigError when a template is broken.
    """

    def __init__(
        self,
        config: Config,
        plan: Plan,
        staff: Staff | None = None,
        *,
        letters: Path | None = None,
        own_process: bool = False,
    ) -> None:
        """`letters` is a folder that gets every letter; `own_process` reads mails in a worker, as the daemon does."""
        self.plan = plan
        self.rounds: list[Callable[[], int]] = []
        self._config, self._staff = config, staff or Nobody()
        self._letters, self._own_process = letters, own_process
        self._true = plan.period.begins
        self._asked = 0  # of how many letters people were told
        self._order = count()
        self._coming: list[tuple[datetime, int, Delivery]] = []
        self._expect(plan.mails)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ksmail-simulated-")))
            self.config = _thrown_away(self._config, folder)
            Store.migrate(self.config.store)
            self.store = Store.open(self.config.store)
            stack.callback(self.store.close)
            policy = self.config.policy
            self.mailbox = SimulatedMailbox(self.config.imap.mailbox, self.config.imap.largest_mail)
            self.postman = Postman(self.true_time, policy.timezone, self._letters)
            self._clerk: Clerk = make_clerk(self.config)
            self.desk = Desk(policy=policy, composer=self._clerk.composer, limits=self._clerk.limits)
            self._parser: Parser = make_parser(self.config) if self._own_process else OwnReader(self.config.limits)
            stack.callback(self._parser.close)
            self._loop = stack.enter_context(asyncio.Runner())
            self._begin()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def now(self) -> datetime:
        """What the program's clock shows, aware, UTC."""
        return self._true + self.plan.course.offset(self._true)

    def true_time(self) -> datetime:
        """What the clocks of everybody else show: of people and mail servers."""
        return self._true

    def unaccounted(self) -> int:
        """How many mails arrived that are neither settled in the ledger nor still in the inbox; zero at all times."""
        with self.store.reading() as past:
            settled = sum(number for kind, number in past.balance().items() if kind is not Disposition.PENDING)
        return self.mailbox.delivered - settled - self.mailbox.waiting

    def run(self) -> None:
        """From the beginning of the period to its end."""
        period, course = self.plan.period, self.plan.course
        policy = self.config.policy
        regular = rounds(period, course, policy.office, policy.timezone, self.plan.pace)
        fixed = iter([*regular, period.ends])
        next_round = next(fixed)
        self._next_look: datetime | None = None
        was_down = False
        while (moment := self._next(next_round)) < period.ends:
            self._true = moment
            self._deliver()
            is_round = moment >= next_round
            if is_round:
                next_round = next(fixed)
            is_down = is_in(moment, course.down)
            if was_down and not is_down:
                self._begin()
            was_down = is_down
            if is_down:
                self._next_look = None  # its end is a round
            else:
                self._work(is_round)

    def _next(self, next_round: datetime) -> datetime:
        moments = [next_round]
        if self._coming:
            moments.append(self._coming[0][0])
        if self._next_look is not None:
            moments.append(self._next_look)
        return max(min(moments), self._true)

    def _begin(self) -> None:
        """The program starts: what a process keeps in its memory is new. One connection, so that two runs send in the
        same order."""
        self.outbox = Outbox(self.store, self.postman, self.desk, self.now, lambda: 0.0, connections=1)
        self.intake = Intake(self.mailbox, self.mailbox.name, self.store, self._parser, self._clerk, self.now)
        self.reminders = Reminders(self.store, self.desk, self.now)
        self.digest = Digest(self.store, self.desk, self.now, lambda *_: Vitals())
        self._loop.run(self.outbox.recover())

    def _work(self, is_round: bool) -> None:
        course = self.plan.course
        self.mailbox.away = is_in(self._true, course.mailbox_away)
        self.postman.away = is_in(self._true, course.sending_away)
        again = self._take_mail() if self.mailbox.waiting else None
        if is_round:
            self._pass_time()
        letter = self._next_letter()
        if letter is not None and letter <= self._true:
            self._loop.run(self.outbox.round())
            self._expect_replies()
            letter = self._next_letter()
            letter = max(letter, self._true + _AGAIN) if letter else None
        self._next_look = min(filter(None, (again, letter)), default=None)

    def _pass_time(self) -> None:
        self.reminders.round()
        self.digest.round()
        for story in self.rounds:
            story()
        self._expect(self._staff.look(self._true))

    def _take_mail(self) -> datetime | None:
        """When to look again at mails that could not be taken now; a mailbox that is away has a round at its end."""
        try:
            left = self.intake.round().left
        except Unavailable:
            return None
        return self._true + timedelta(seconds=self.config.schedule.poll_seconds) if left else None

    def _next_letter(self) -> datetime | None:
        """When the next letter is due, as a true moment; None when none waits."""
        with self.store.reading() as past:
            due = past.next_due()
        paused = self.outbox.paused_until
        return max(due, paused or due) - self.now() + self._true if due else None

    def _expect_replies(self) -> None:
        fresh, self._asked = self.postman.sent[self._asked :], len(self.postman.sent)
        for letter in fresh:
            self._expect(self._staff.read(letter))

    def _expect(self, deliveries: Iterable[Delivery]) -> None:
        for delivery in deliveries:
            heapq.heappush(self._coming, (delivery.at, next(self._order), delivery))

    def _deliver(self) -> None:
        while self._coming and self._coming[0][0] <= self._true:
            at, _, delivery = heapq.heappop(self._coming)
            self.mailbox.deliver(delivery.raw, at)


def _thrown_away(config: Config, folder: Path) -> Config:
    """The same desk with a store and keys of its own. The keys are no secret, so that two runs write the same."""
    keys = folder / "signing.keys"
    keys.write_text(f"k1 {hashlib.sha256(b'a simulation').hexdigest()}\n")
    store = StoreSettings(path=folder / "ksmail.db", durable=False)
    return replace(config, state_directory=folder, keys_file=keys, health_file=folder / "health.json", store=store)
