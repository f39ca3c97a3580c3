"""An apology that a server puts off, and what staff do meanwhile: a fault that a review found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.transport import Deferred, Outcome, Transport
from tests.stories.people import SAM, last, reply
from tests.stories.rig import TEAM, Rig
from tests.stories.test_questions import ask

ASKER = "jo@uni.example"


class Greylisting:
    """A way out that puts off apologies once, as a server does that sees a letter for the first time."""

    def __init__(self, way: Transport) -> None:
        self.way, self.seen = way, set[str]()

    async def send(self, mail: OutgoingMail, recipients: tuple[str, ...]) -> Mapping[str, Outcome]:
        if mail.kind == "delay_notice" and mail.message_id not in self.seen:
            self.seen.add(mail.message_id)
            return dict.fromkeys(recipients, Deferred("450 4.7.1 greylisted"))
        return await self.way.send(mail, recipients)

    async def close(self) -> None:
        await self.way.close()


def test_who_has_the_answer_gets_no_apology_after_it(rig: Rig) -> None:
    rig.take(ask(ASKER, subject="A case", text="May we do this?"))
    notice = last(rig, TEAM, "Nieuwe vraag")
    rig.works.outbox.transport = Greylisting(rig.works.outbox.transport)
    rig.clock.moment = datetime.fromisoformat("2026-06-05T07:00:00+00:00")
    rig.work()
    rig.take(reply(notice, "#antwoord\n\nJa, dat mag.", SAM))
    rig.clock.forward(minutes=4)
    rig.send()
    rig.clock.forward(hours=1)
    rig.send()
    subjects = [str(letter["Subject"]) for letter in rig.letters(ASKER)]
    assert "later" not in subjects[-1], subjects
