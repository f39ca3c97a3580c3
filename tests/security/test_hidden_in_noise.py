"""Broken mails by the dozen, so that nobody sees the one that matters."""

from __future__ import annotations

from tests.builders import mail
from tests.security.attacked import TEAM, Desk, text_of


def noise(number: int) -> bytes:
    return b"This is no mail, %d.\r\n" % number


def test_the_last_notice_of_an_hour_says_that_more_may_wait(desk: Desk) -> None:
    desk.take(*map(noise, range(12)))
    desk.take(mail(sender="noreply+ada@uni.example"))
    told = [text_of(letter) for letter in desk.letters(TEAM)]
    assert ["ksmail quarantine list" in text for text in told] == [False] * 9 + [True]


def test_questions_are_told_of_whatever_else_comes(desk: Desk) -> None:
    desk.take(*map(noise, range(12)))
    desk.take(mail())
    assert len(desk.letters(TEAM)) == 11
