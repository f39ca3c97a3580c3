"""Letters that say something else than what the desk does."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.builders import ASKER, mail
from tests.security.attacked import Desk, text_of

ENGLISH = "Dear desk,\n\nMay we accept this laboratory that a company wants to pay for? Please advise us.\n"


@pytest.mark.parametrize(
    ("received", "days"),
    [
        (datetime(2026, 6, 1, 14, 0, tzinfo=UTC), 3),
        (datetime(2026, 6, 1, 15, 0, tzinfo=UTC), 4),
        (datetime(2026, 6, 6, 10, 0, tzinfo=UTC), 4),
    ],
    ids=["in time", "after the cut-off", "on Saturday"],
)
def test_with_a_cut_off_the_letter_counts_the_working_days_that_it_really_takes(
    tmp_path: Path, received: datetime, days: int
) -> None:
    desk = Desk(tmp_path, '[promise]\ncutoff = "16:30"\n')
    desk.moment = received
    desk.take(mail(text=ENGLISH))
    (ack,) = desk.letters(ASKER)
    desk.close()
    assert f"within {days} working days of receipt" in text_of(ack)
