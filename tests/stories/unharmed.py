"""That a mail has done nothing: what stood on record, and what went to people outside, before it and after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ksmail.demo.servers import Servers
from ksmail.desk.arrival import Disposition
from ksmail.desk.ticket import Ticket
from ksmail.incoming.worker import Parser
from ksmail.store.values import PromiseLine
from tests.stories.people import EVA, PEOPLE, SAM
from tests.stories.rig import TEAM, Rig

INSIDE = frozenset({SAM, EVA, TEAM})


@dataclass(frozen=True, slots=True)
class Standing:
    """The tickets with their promises, and everybody outside who got a letter, as often as he got one."""

    tickets: tuple[Ticket, ...]
    promises: tuple[tuple[PromiseLine, ...], ...]
    outsiders: tuple[str, ...]


def standing(rig: Rig) -> Standing:
    tickets = tuple(rig.tickets())
    return Standing(tickets, tuple(tuple(rig.dossier(each).promises) for each in tickets), tuple(outsiders(rig)))


def outsiders(rig: Rig) -> list[str]:
    """Who got letters and is neither the team nor on the staff list, in the order of the letters."""
    sent = rig.servers.sent[rig._seen :]
    return [to for mail in sent for to in mail.recipients if to not in INSIDE]


def held_over(rig: Rig) -> None:
    """Wait until what staff ordered may leave."""
    rig.clock.forward(minutes=4)
    rig.work()


def accounted(rig: Rig, mails: int) -> None:
    """The balance: so many mails came, each became one thing, and none is left over."""
    balance = rig.balance()
    assert sum(balance.values()) == mails
    assert Disposition.PENDING not in balance


@contextmanager
def unharmed(rig: Rig, *became: Disposition) -> Iterator[None]:
    """What is done inside changes no ticket and no promise, and sends nobody outside anything, now or after the hold;
    the mails it delivers become these."""
    before, mails, reasons = standing(rig), sum(rig.balance().values()), len(rig.reasons())
    yield
    held_over(rig)
    assert standing(rig) == before
    accounted(rig, mails + len(became))
    assert dispositions(rig)[reasons:] == list(became)


def dispositions(rig: Rig) -> list[Disposition]:
    """What became of each mail, in the order of the ledger."""
    with rig.store.reading() as past:
        lines = [past.inbound(number) for number in range(1, past.counts().mails + 1)]
    return [line.disposition for line in lines if line is not None]


@contextmanager
def shared(folder: Path, parser: Parser, more: str = "") -> Iterator[Rig]:
    """A desk with servers of its own, for all tests of a module that change nothing: to make one takes a second."""
    with Servers(folder / "servers") as servers:
        rig = Rig(folder / "desk", servers, parser, PEOPLE + more)
        try:
            yield rig
        finally:
            rig.close()
