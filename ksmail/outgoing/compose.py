"""From a letter to a finished mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from ksmail.address import Address
from ksmail.capability import Audience, Keyring, fingerprint
from ksmail.defaults import defaults_directory
from ksmail.desk.letter import Letter, LetterKind
from ksmail.desk.ticket import Ticket
from ksmail.errors import ConfigError
from ksmail.incoming.message import Language
from ksmail.outgoing.finish import date_line, finish, mailbox, references, subject_line, well_formed
from ksmail.outgoing.harmless import one_line, without_links
from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.samples import samples
from ksmail.outgoing.wording import Lines, Wording

_ONE_EACH = (Language.NL, Language.EN)
_PARTS = ("subject.txt", "body.txt", "body.html")
_MOST_OF_A_LOCAL_PART = 64  # RFC 5321 4.5.3.1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Something to read meanwhile, printed at the end of an acknowledgement."""

    title_nl: str
    title_en: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFacts:
    """What every letter may say of the desk; the templates see it as `desk`."""

    address: Address
    name_nl: str
    name_en: str
    prefix: str
    timezone: ZoneInfo
    phone: str = ""
    page_nl: str = ""
    page_en: str = ""
    espionage_phone: str = ""
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeSettings:
    """`templates` is searched first, then the templates that came with the program.

    `null_sender`: acknowledgements leave with the null envelope sender (RFC 3834 3.3), where the relay allows that.
    `plus_addressing`: our server takes desk+token@…, so replies carry the token in their address too.
    `message_id_domain` is the right-hand side of our Message-IDs; "" is the domain of the desk's address.
    """

    templates: Path | None = None
    null_sender: bool = False
    plus_addressing: bool = False
    message_id_domain: str = ""


class Composer:
    """Writes letters in the words of templates/. The same letter at the same moment is the same bytes."""

    def __init__(self, settings: ComposeSettings, desk: DeskFacts, keyring: Keyring) -> None:
        self._settings, self._desk, self._keyring = settings, desk, keyring
        own = (settings.templates,) if settings.templates else ()
        self._wording = Wording((*own, defaults_directory("templates")))

    def compose(self, letter: Letter, ticket: Ticket | None, *, now: datetime) -> OutgoingMail:
        """The finished mail; `now` is aware. Raises ConfigError when a template is at fault."""
        languages = _languages(letter)
        token = self._keyring.issue(letter.about, letter.kind.audience, letter.to)
        mark = fingerprint(letter.cause, letter.kind, letter.to.key)
        message_id = f"<{token}.{mark}@{self._settings.message_id_domain or self._desk.address.domain}>"
        subject = " / ".join(one_line(self._render(letter, ticket, each, "subject.txt")) for each in languages)
        headers = {
            "From": mailbox(self._desk_name(languages), self._desk.address),
            "To": letter.to.spec,
            "Reply-To": self._reply_to(token),
            "Subject": subject_line(letter.about, subject),
            "Date": date_line(now),
            "Message-ID": message_id,
            "In-Reply-To": well_formed(letter.in_reply_to),
            "References": references(letter.references, letter.in_reply_to),
            "Auto-Submitted": letter.kind.auto_submitted,
            "X-Auto-Response-Suppress": "All",
            "Content-Language": ", ".join(languages),
        }
        html = self._render(letter, ticket, languages[0], "body.html") if letter.kind.has_html else ""
        null_path = self._settings.null_sender and letter.kind.audience is Audience.ASKER
        return OutgoingMail(
            message_id=message_id,
            kind=letter.kind.value,
            about=letter.about,
            envelope_from="" if null_path else self._desk.address.spec,
            recipients=(letter.to.spec,),
            raw=finish(headers, self._body(letter, ticket, languages), html, mark),
            due_at=now,
            held=letter.held,
        )

    def check(self) -> list[str]:
        """Write every letter in every language with sample facts. Returns what was tried ("nl/ack", …).

        Raises ConfigError, which names the setting and the file, for the first thing that is wrong.
        """
        self._check_folder()
        self._check_reply_address()
        tried = []
        for kind in LetterKind:
            for language in Language if kind.audience is Audience.ASKER else _ONE_EACH:
                for sample in samples(kind, language):
                    self.compose(sample.letter, sample.ticket, now=sample.letter.facts["received_at"])
                tried.append(f"{language}/{kind}")
        return tried

    def _body(self, letter: Letter, ticket: Ticket | None, languages: tuple[Language, ...]) -> str:
        texts = {str(each): Lines(_tidy(self._render(letter, ticket, each, "body.txt"))) for each in languages}
        if len(texts) == 1:
            return "".join(texts.values())
        return _tidy(self._wording.fill("_shared/both.txt", texts))

    def _render(self, letter: Letter, ticket: Ticket | None, language: Language, part: str) -> str:
        facts = dict(letter.facts)
        if "subject" in facts:
            harmless = without_links if letter.kind.audience is Audience.ASKER else one_line
            facts["subject"] = harmless(facts["subject"])
        seen = SimpleNamespace(**facts, about=letter.about)
        name = f"{language}/{letter.kind}/{part}"
        return self._wording.fill(name, {"letter": seen, "ticket": ticket, "desk": self._desk, "language": language})

    def _desk_name(self, languages: tuple[Language, ...]) -> str:
        names = {Language.NL: self._desk.name_nl, Language.EN: self._desk.name_en}
        return " / ".join(dict.fromkeys(names[each] for each in languages))

    def _reply_to(self, token: str) -> str:
        desk = self._desk.address
        local = f"{desk.local}+{token}"
        usable = self._settings.plus_addressing and len(local) <= _MOST_OF_A_LOCAL_PART
        return f"{local}@{desk.domain}" if usable else desk.spec

    def _check_folder(self) -> None:
        own = self._settings.templates
        if own is None:
            return
        if not own.is_dir():
            raise ConfigError(f"letters.templates: {own} is not a folder")
        stray = next(_strays(own), None)
        if stray is not None:
            raise ConfigError(f"letters.templates: no letter uses {stray}")

    def _check_reply_address(self) -> None:
        token = self._keyring.issue(f"{self._desk.prefix}-2026-00042", Audience.ASKER, self._desk.address)
        if self._settings.plus_addressing and "+" not in self._reply_to(token):
            most = _MOST_OF_A_LOCAL_PART - len(token) - 1
            raise ConfigError(f"letters.plus_addressing: needs at most {most} characters before the @ of the desk")


def _languages(letter: Letter) -> tuple[Language, ...]:
    """Dutch first when unsure. Staff letters are in one language."""
    if letter.language is not Language.BOTH:
        return (letter.language,)
    return _ONE_EACH if letter.kind.audience is Audience.ASKER else (Language.NL,)


def _strays(own: Path) -> Iterator[str]:
    """Files that look like templates but are in no place where one is looked for."""
    for path in sorted(own.rglob("*")):
        place = path.relative_to(own).parts
        known = "_shared" in place[:2] or (
            len(place) == 3 and place[0] in _ONE_EACH and place[1] in set(LetterKind) and place[2] in _PARTS
        )
        if path.suffix in {".txt", ".html"} and not known:
            yield path.relative_to(own).as_posix()


def _tidy(text: str) -> str:
    """Without spaces at line ends, with at most one empty line in a row, and one line end at the end."""
    lines: list[str] = []
    for line in map(str.rstrip, text.strip().split("\n")):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n"
