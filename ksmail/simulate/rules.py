"""The people of a script: each rule of it answers the letters it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ksmail.address import Address, parse_address
from ksmail.desk.policy import Policy
from ksmail.reference import Reference
from ksmail.simulate.people import Delivery, Pen
from ksmail.simulate.postman import SentLetter
from ksmail.simulate.script import ReplySection
from ksmail.simulate.wait import read_wait


@dataclass(slots=True)
class Rules:
    """A `Staff`: what the [[reply]] tables of a script say."""

    replies: tuple[ReplySection, ...]
    policy: Policy
    pen: Pen
    _met: dict[int, int] = field(default_factory=dict)

    def read(self, letter: SentLetter) -> Iterable[Delivery]:
        for place, rule in enumerate(self.replies):
            if _is_about(rule, letter):
                self._met[place] = self._met.get(place, 0) + 1
                if rule.nth in (None, self._met[place]):
                    yield self._reply(rule, letter)

    def look(self, now: datetime) -> Iterable[Delivery]:
        return ()

    def _reply(self, rule: ReplySection, letter: SentLetter) -> Delivery:
        at = read_wait(rule.after).after(letter.at, self.policy.workdays, self.policy.timezone)
        return Delivery(at, self.pen.reply(letter, rule.text, self._author(rule, letter), at))

    def _author(self, rule: ReplySection, letter: SentLetter) -> Address:
        """Who got the letter, unless the rule says; for the team the first of its people."""
        if rule.sender:
            return parse_address(rule.sender)
        reader = parse_address(letter.recipients[0])
        people = [person.address for person in self.policy.staff]
        return people[0] if reader == self.policy.team and people and reader not in people else reader


def _is_about(rule: ReplySection, letter: SentLetter) -> bool:
    if letter.mail.kind != rule.to or (rule.ticket is not None and _number(letter.mail.about) != rule.ticket):
        return False
    return rule.subject.casefold() in str(letter.parsed["Subject"]).casefold() if rule.subject else True


def _number(about: str) -> int | None:
    try:
        return Reference.parse(about).number
    except ValueError:
        return None  # a mail's number, or a list's
