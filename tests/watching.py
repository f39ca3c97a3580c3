"""A desk of `Rig` with somebody who watches it, minute by minute on a clock of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage

from ksmail.alarmfile import AlarmFile
from ksmail.assemble import alarm_file, make_watch
from ksmail.desk.alarm import Part
from ksmail.errors import Unavailable
from ksmail.watch import Watch
from ksmail.witness import Mover, Witness
from tests.stories.rig import DESK, TEAM, Rig, text_of

NO_PROBE = {"KSMAIL_OPS__PROBE_MINUTES": "0"}
TITLES = ("Alarm: ", "Nog steeds: ", "Voorbij: ")


@dataclass
class Watched:
    """`minutes` is what the daemon does in so many minutes, one round of everything in each."""

    rig: Rig
    seconds: float = 0.0
    witness: Witness = field(init=False)
    alarms: AlarmFile = field(init=False)
    watch: Watch = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """As if the program began anew: what it knew is gone, but for its files."""
        self.witness = Witness(lambda: self.seconds)
        self.alarms = alarm_file(self.rig.config)
        self.watch = make_watch(self.rig.works, self.rig.store, self.witness, self.alarms, self.rig.clock.now)

    def minutes(self, count: int, also: Callable[[], None] = lambda: None) -> None:
        for _ in range(count):
            self.rig.clock.forward(minutes=1)
            self.seconds += 60
            also()
            self.minute()

    def minute(self) -> None:
        try:
            self.rig.works.intake.round()
            self.witness.polled(self.rig.clock.now())
        except Unavailable as fault:
            self.witness.failed(fault)
        self.witness.moved(Mover.INTAKE)
        self.witness.rests(Mover.SCHEDULER)
        self.witness.rests(Mover.OUTBOX)
        with suppress(Unavailable):  # the daemon logs it
            asyncio.run(self._send())
        self.watch.look()

    async def _send(self) -> None:
        try:
            await self.rig.works.outbox.round()
        finally:
            await self.rig.works.transport.close()

    @property
    def told(self) -> list[str]:
        """The subjects of what those who run the program were told over the main server, without the numbers."""
        return subjects(self.rig.letters(TEAM))

    @property
    def raised(self) -> set[Part]:
        return {outage.part for outage in self.alarms.state.raised}

    def bring_back(self) -> None:
        """Deliver what the desk mailed to itself, as a mail provider would."""
        for raw in self.rig.raw_letters(DESK):
            if raw not in self._brought:
                self._brought.append(raw)
                self.rig.deliver(raw)

    _brought: list[bytes] = field(default_factory=list)


def subjects(letters: list[EmailMessage]) -> list[str]:
    found = [str(letter["Subject"]).partition("] ")[2] for letter in letters]
    return [subject for subject in found if subject.startswith(TITLES)]


def texts(letters: list[EmailMessage], title: str) -> list[str]:
    """The text of those whose subject begins like this, behind the number."""
    return [text_of(each) for each in letters if str(each["Subject"]).partition("] ")[2].startswith(title)]
