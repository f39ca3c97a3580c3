"""What a receipt tells the person who gave orders: what was done, what leaves, and what was refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from ksmail.incoming.message import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One order that was carried out. `verb` is a Verb; its sentence is in templates/*/_shared/done.txt.

    `name` is a colleague or another desk, `day` and `until` are dates of the desk, `reference` is another ticket,
    `reason` is staff's own word, `numbers` are those of attachments (of a consultation: those that stay here), `count`
    is how many letters it was about.
    """

    verb: str
    name: str = ""
    day: date | None = None
    until: date | None = None
    reference: str = ""
    reason: str = ""
    numbers: tuple[int, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """One letter that goes out by an order, exactly as it will leave. `kind` is a LetterKind, `at` is aware, UTC.

    `letter` is its place in the letters of the decision; `subject` and `body` are filled in once it is written.
    """

    kind: str
    to: str
    cc: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    at: datetime
    letter: int = 0
    subject: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLine:
    """What one line of an answer to a numbered list came to, for one of its numbers.

    `name` is what the number stands for (KV-2026-0042, Q-17), `moved` the ticket that took it in since, `order` how the
    order is written. `letters` are places among the letters of the decision, `stop` and `now` the lines that call them
    back and send them at once, "" where none waits.
    """

    number: int
    name: str
    subject: str
    order: str
    moved: str = ""
    done: tuple[Done, ...] = ()
    refused: Refused | None = None
    letters: tuple[int, ...] = ()
    stop: str = ""
    now: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An order that was understood and not carried out, so that nothing of its mail was.

    `verb` is how it was written, `lines` are those of the text that are the reason, `override` is the line that does
    it all the same, or "" where nothing does.
    """

    verb: str
    why_nl: str
    why_en: str
    lines: tuple[str, ...] = ()
    override: str = ""

    def why(self, language: Language) -> str:
        """The reason as one or two sentences; Dutch unless `language` is English."""
        return self.why_en if language is Language.EN else self.why_nl
