"""A mailbox that says there is a mail, and never shows it: every mail is accounted for all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ksmail.desk.arrival import Disposition
from ksmail.incoming.mailbox import IncomingMail
from tests.builders import mail
from tests.security.attacked import TEAM, Desk, text_of


class Withholding:
    """Hands over everything but the mails in `hidden`."""

    def __init__(self, desk: Desk, hidden: set[int]) -> None:
        self.inbox, self.hidden, self.fetch_all = desk.inbox, hidden, desk.inbox.fetch

    def fetch(self, uids: Sequence[int]) -> Iterator[IncomingMail]:
        return self.fetch_all([uid for uid in uids if uid not in self.hidden])


def withhold(desk: Desk, *hidden: int) -> Withholding:
    server = Withholding(desk, set(hidden))
    desk.inbox.fetch = server.fetch  # type: ignore[method-assign]  # the server's other self
    return server


def test_a_mail_that_is_listed_and_never_handed_over_is_quarantined_and_staff_are_told(desk: Desk) -> None:
    withhold(desk, 1)
    desk.take(mail())
    assert desk.dispositions() == []
    desk.take(
        mail(sender="bo@uni.example", message_id="<2@uni.example>"), mail(text="3\n", message_id="<3@uni.example>")
    )
    assert desk.dispositions().count(Disposition.QUARANTINED) == 1
    assert any("does not hand it over" in text_of(letter) for letter in desk.letters(TEAM))


def test_a_mail_that_is_handed_over_late_is_a_mail_like_any_other(desk: Desk) -> None:
    server = withhold(desk, 1)
    desk.take(mail())
    desk.intake.round()
    server.hidden.clear()
    desk.intake.round()
    assert desk.dispositions() == [Disposition.TICKET]


def test_a_mail_that_somebody_took_away_is_no_fault(desk: Desk) -> None:
    withhold(desk, 1)
    desk.take(mail())
    desk.intake.round()
    desk.inbox.mails.clear()
    for _ in range(3):
        desk.intake.round()
    assert desk.dispositions() == []


def test_each_mail_that_is_fetched_is_a_sign_of_life(desk: Desk) -> None:
    beats: list[None] = []
    for number in range(3):
        desk.inbox.deliver(mail(message_id=f"<{number}@uni.example>", text=f"{number}\n"), desk.moment)
    desk.intake.settled = lambda: None
    desk.intake.beat = lambda: beats.append(None)
    desk.intake.round()
    assert len(beats) == 6
