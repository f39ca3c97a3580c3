"""A desk in a process of its own that kills itself at a chosen moment: `python -m tests.faults.child CONFIG MOMENT`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ksmail import config
from ksmail.assemble import Works, make_works, open_store
from ksmail.daemon import utc_now
from ksmail.incoming.imap import ImapMailbox
from ksmail.incoming.mailbox import Copy, Folder, IncomingMail
from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.smtp import SmtpTransport
from ksmail.outgoing.transport import Outcome


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class DyingMailbox:
    """A real mailbox that kills the process at one moment of its work."""

    real: ImapMailbox
    moment: str

    def open(self) -> int:
        return self.real.open()

    def uids(self) -> tuple[int, ...]:
        return self.real.uids()

    def fetch(self, uids: Sequence[int]) -> Iterator[IncomingMail]:
        fetched = list(self.real.fetch(uids))
        if self.moment == "after-fetch" and fetched:
            die()
        return iter(fetched)

    def file(self, uids: Sequence[int], folder: Folder) -> None:
        if self.moment == "before-move":
            die()
        self.real.file(uids, folder)
        if self.moment == "after-move":
            die()

    def destroy(self, copy: Copy) -> int:
        return self.real.destroy(copy)

    def wait(self, seconds: float) -> bool:
        return self.real.wait(seconds)

    def interrupt(self) -> None:
        self.real.interrupt()

    def close(self) -> None:
        self.real.close()


@dataclass
class DyingTransport:
    """A real transport that kills the process around a letter."""

    real: SmtpTransport
    moment: str

    async def send(self, mail: OutgoingMail, recipients: tuple[str, ...]) -> Mapping[str, Outcome]:
        if self.moment == "before-send":
            die()
        outcomes = await self.real.send(mail, recipients)
        if self.moment == "after-250":
            die()
        return outcomes

    async def close(self) -> None:
        await self.real.close()


@dataclass
class DyingParser:
    """Dies while a mail is being understood."""

    def parse_many(self, _: Sequence[bytes]) -> Iterator[object]:
        die()
        return iter(())


def main(settings: str, moment: str) -> None:
    loaded = config.load(Path(settings), {})
    store = open_store(loaded, exclusive=True)
    works = make_works(loaded, store, utc_now, lambda: 0.0)
    works.intake.mailbox = DyingMailbox(works.mailbox, moment)
    works.outbox.transport = DyingTransport(works.transport, moment)
    if moment == "while-parsing":
        works.intake.parser = DyingParser()  # type: ignore[assignment]  # it never parses
    asyncio.run(_round(works))


async def _round(works: Works) -> None:
    await works.outbox.recover()
    await asyncio.to_thread(works.intake.round)
    await works.outbox.round()
    await works.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
