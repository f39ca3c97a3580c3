"""A year of a desk, with outages, holidays and two clock changes: nothing is lost, and nobody is written to twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ksmail import log
from ksmail.desk.arrival import Disposition
from ksmail.desk.letter import LetterKind
from ksmail.simulate.timeline import timeline
from tests import year

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


@pytest.fixture
def quiet() -> object:
    """The log of a year would be the longest thing that a failing test shows."""
    log.configure("json", "ERROR")
    yield
    log.configure("json")


def test_in_a_whole_year_every_mail_is_accounted_for_and_every_asker_acknowledged_once(
    tmp_path: Path, quiet: object
) -> None:
    with year.simulated(tmp_path) as simulation:
        simulation.run()
        told = timeline(simulation)
        sent = simulation.postman.sent
        with simulation.store.reading() as past:
            balance, broken = past.balance(), past.verify_chain()
    assert broken is None
    assert told.sums.unaccounted == simulation.mailbox.waiting == 0
    assert told.sums.tickets == balance[Disposition.TICKET] == 400
    assert balance[Disposition.HELD] == balance[Disposition.QUARANTINED] == balance[Disposition.PENDING] == 0
    first = [letter for letter in sent if letter.mail.kind in (LetterKind.ACK, LetterKind.ACK_LATE)]
    assert Counter(letter.mail.about for letter in first) == Counter(dict.fromkeys({x.mail.about for x in first}, 1))
    assert len(first) == 400
    assert len({letter.mail.message_id for letter in sent}) == len(sent)
    assert min(told.sums.promises[state] for state in ("kept", "moved", "broken")) > 10
