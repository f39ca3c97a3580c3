"""The letters of one decision, written in the order in which they know of each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes
from email.policy import default as modern
from functools import reduce

from ksmail.capability import Audience
from ksmail.desk.arrival import Elsewhere
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.policy import Policy
from ksmail.desk.receipt import Leaving
from ksmail.desk.ticket import Ticket, evolve
from ksmail.incoming.files import extract
from ksmail.incoming.limits import Limits
from ksmail.outgoing.compose import Composer
from ksmail.outgoing.mail import OutgoingMail
from ksmail.reference import Reference
from ksmail.store.store import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes letters about `ticket`, as it stands afterwards, or about the tickets that are changed beside it. `past`
    holds the mails whose files go along; `now` is aware."""

    composer: Composer
    past: Reader
    limits: Limits
    ticket: Ticket | None
    elsewhere: tuple[Elsewhere, ...] = ()
    now: datetime

    def write(self, letters: tuple[Letter, ...], drafts: tuple[Letter, ...] = ()) -> tuple[OutgoingMail, ...]:
        """Each letter as finished bytes, in its place. What shows the words of others, or of `drafts` where there are
        any, is written after them."""
        written: dict[int, OutgoingMail] = {}
        for place in sorted(range(len(letters)), key=lambda place: "leaving" in letters[place].facts):
            shown = dict(enumerate(self.write(drafts))) if drafts else written
            written[place] = self._write(_showing(letters[place], shown, drafts or letters))
        return tuple(written[place] for place in range(len(letters)))

    def _write(self, letter: Letter) -> OutgoingMail:
        return self.composer.compose(letter, self._about(letter), now=self.now, files=self._files(letter))

    def _about(self, letter: Letter) -> Ticket | None:
        own = self.ticket
        if letter.about.count("-") == 1 or (own is not None and str(own.reference) == letter.about):
            return own  # Q-17 and C-17 are mails; a ticket has a year too, and its prefix may be a Q
        reference = Reference.parse(letter.about)
        changes = [change for each in self.elsewhere if each.ticket == reference for change in each.changes]
        return reduce(evolve, changes, self.past.find_ticket(reference))

    def _files(self, letter: Letter) -> Mapping[str, bytes]:
        wanted, found = {file.sha256 for file in letter.files}, dict[str, bytes]()
        for mail in letter.files_of if wanted else ():
            found |= extract(self.past.raw(mail), self.limits, wanted)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What it takes to write letters that no mail asked for."""

    policy: Policy
    composer: Composer
    limits: Limits

    def write(
        self, past: Reader, ticket: Ticket | None, letters: tuple[Letter, ...], now: datetime
    ) -> list[OutgoingMail]:
        """The letters about `ticket`, as it stands afterwards, as finished bytes."""
        writer = Writer(composer=self.composer, past=past, limits=self.limits, ticket=ticket, now=now)
        return list(writer.write(letters))


def _showing(letter: Letter, written: Mapping[int, OutgoingMail], letters: tuple[Letter, ...]) -> Letter:
    """A receipt, or a request to confirm, with the very words of what leaves."""
    leaving: tuple[Leaving, ...] = letter.facts.get("leaving", ())
    shown = _once(tuple(_shown(each, written[each.letter]) for each in leaving), letters)
    return replace(letter, facts={**letter.facts, "leaving": shown}) if shown else letter


def _once(leaving: tuple[Leaving, ...], letters: tuple[Letter, ...]) -> tuple[Leaving, ...]:
    """The same words to seven partners are shown once: of the others only to whom they go. What differs in more than
    the name of the partner is shown whole."""
    seen: set[str] = set()
    shown = []
    for each in leaving:
        facts, words = letters[each.letter].facts, each.body
        for name in ("reference", "partner_nl", "partner_en"):
            words = words.replace(str(facts.get(name, "")) or "\0", "")
        again = LetterKind(each.kind).audience is Audience.PARTNER and words in seen
        seen.add(words)
        shown.append(replace(each, body="") if again else each)
    return tuple(shown)


def _shown(leaving: Leaving, mail: OutgoingMail) -> Leaving:
    subject = str(message_from_bytes(mail.raw, policy=modern)["Subject"])
    return replace(leaving, subject=subject, body=mail.text)
