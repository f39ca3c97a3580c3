"""From a letter to a finished mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from types import MappingProxyType, SimpleNamespace
from typing import Any

from ksmail.capability import Audience, Keyring
from ksmail.defaults import defaults_directory
from ksmail.desk.consultation import Consulted
from ksmail.desk.letter import Letter, LetterKind, Prepared
from ksmail.desk.ticket import Acknowledged, Answered, Change, Corrected, InfoAsked, Posted, Ticket
from ksmail.errors import ConfigError
from ksmail.incoming.evidence import strip_subject
from ksmail.incoming.message import Attachment, Language
from ksmail.outgoing.actions import Action, action
from ksmail.outgoing.draft import ONE_EACH, Draft
from ksmail.outgoing.finish import date_line, finish, mailbox, references, subject_line, well_formed
from ksmail.outgoing.harmless import one_line, without_links
from ksmail.outgoing.letterhead import ComposeSettings, DeskFacts, Source
from ksmail.outgoing.mail import Carries, OutgoingMail
from ksmail.outgoing.own_templates import check_folder
from ksmail.outgoing.samples import MOMENT, samples
from ksmail.outgoing.wording import Lines, Wording

__all__ = ["ComposeSettings", "Composer", "DeskFacts", "Source"]

_ACKNOWLEDGEMENTS = frozenset(
    (
        LetterKind.ACK,
        LetterKind.ACK_LATE,
        LetterKind.ACK_UNREADABLE,
        LetterKind.REOPENED,
        LetterKind.LINKED_NEW,
    )
)
_NAMED = (Posted, Acknowledged, Answered, InfoAsked, Corrected, Consulted)  # changes that say which letter it was
_MOST_OF_A_LOCAL_PART = 64  # RFC 5321 4.5.3.1.1
_NO_FILES: Mapping[str, bytes] = MappingProxyType({})


class Composer:
    """Writes letters in the words of templates/. The same letter at the same moment is the same bytes."""

    def __init__(self, settings: ComposeSettings, desk: DeskFacts, keyring: Keyring) -> None:
        self._settings, self._desk, self._keyring = settings, desk, keyring
        own = (settings.templates,) if settings.templates else ()
        self._wording = Wording((*own, defaults_directory("templates")))

    def compose(
        self, letter: Letter, ticket: Ticket | None, *, now: datetime, files: Mapping[str, bytes] = _NO_FILES
    ) -> OutgoingMail:
        """The finished mail; `now` is aware. `files` holds the bytes of `letter.files` by their SHA-256.

        Raises ConfigError when a template is at fault, and ValueError when a file is missing.
        """
        attached = tuple((file, _bytes_of(file, files)) for file in letter.files)
        draft = self._with_actions(Draft(letter, ticket, self._issue(letter, letter.about, now)), now)
        message_id = f"<{draft.token}.{draft.mark}@{self._settings.message_id_domain or self._desk.address.domain}>"
        text = self._text(draft)
        html = self._render(draft, draft.languages[0], "body.html") if letter.kind.has_html else ""
        headers = self._headers(draft, message_id, now)
        return OutgoingMail(
            message_id=message_id,
            kind=letter.kind.value,
            about=letter.about,
            envelope_from=self._envelope_from(draft),
            recipients=tuple(each.spec for each in dict.fromkeys((letter.to, *letter.cc))),
            raw=finish(headers, text, html, draft.mark, attached),
            due_at=now + letter.wait,
            held=letter.held,
            then=tuple(_by_letter(change, message_id) for change in letter.then),
            text=self._shown(draft, text),
            orderable=bool(letter.wait) or letter.kind.by_a_person or letter.kind.asks_a_person,
            carries=Carries(by=letter.by, identity=letter.identity, files=tuple(file.sha256 for file in letter.files)),
        )

    def check(self) -> list[str]:
        """Write every letter in every language with sample facts. Returns what was tried ("nl/ack", …).

        Raises ConfigError, which names the setting and the file, for the first thing that is wrong.
        """
        check_folder(self._settings.templates)
        self._check_reply_address()
        tried = []
        for kind in LetterKind:
            for language in Language if kind.audience is Audience.ASKER else ONE_EACH:
                for sample in samples(kind, language):
                    self.compose(sample.letter, sample.ticket, now=MOMENT, files=sample.files)
                tried.append(f"{language}/{kind}")
        return tried

    def _issue(self, letter: Letter, about: str, now: datetime) -> str:
        """A token of a letter. One that lets its holder give orders does not stay good for ever."""
        expires: date | None = None
        if letter.kind.audience in (Audience.STAFF, Audience.PARTNER):
            expires = now.astimezone(UTC).date() + self._settings.staff_reference_life
        return self._keyring.issue(about, letter.kind.audience, letter.to, expires)

    def _headers(self, draft: Draft, message_id: str, now: datetime) -> dict[str, str]:
        letter, languages = draft.letter, draft.languages
        subjects = dict.fromkeys(one_line(self._render(draft, each, "subject.txt")) for each in languages)
        return {
            "From": mailbox(self._desk_name(languages), self._desk.address),
            "To": letter.to.spec,
            "Cc": ", ".join(each.spec for each in dict.fromkeys(letter.cc) if each != letter.to),
            "Reply-To": self._reply_to(draft.token),
            "Subject": subject_line(draft.tag, " / ".join(subjects)),
            "Date": date_line(now),
            "Message-ID": message_id,
            "In-Reply-To": well_formed(letter.in_reply_to),
            "References": references(letter.references, letter.in_reply_to),
            "Auto-Submitted": letter.kind.auto_submitted,
            "X-Auto-Response-Suppress": "All" if letter.kind.auto_submitted else "",
            "Content-Language": ", ".join(languages),
        }

    def _text(self, draft: Draft) -> str:
        texts = {str(each): Lines(_tidy(self._render(draft, each, "body.txt"))) for each in draft.languages}
        if len(texts) == 1:
            return str(*texts.values())
        frame = "both_by_a_person.txt" if draft.letter.kind.by_a_person else "both.txt"
        return _tidy(self._wording.fill(f"_shared/{frame}", texts))

    def _shown(self, draft: Draft, text: str) -> str:
        """The text as staff see it before it leaves: not the links that are a partner's own."""
        if draft.letter.kind.audience is not Audience.PARTNER or not draft.actions:
            return text
        return self._text(replace(draft, actions=()))

    def _render(self, draft: Draft, language: Language, part: str) -> str:
        letter, ticket = draft.letter, draft.ticket
        facts = dict(letter.facts)
        if part == "subject.txt":
            facts, ticket = self._without_tags(facts, ticket)
        if "subject" in facts:
            carried = letter.kind.audience is Audience.ASKER and not letter.kind.by_a_person
            facts["subject"] = (without_links if carried else one_line)(facts["subject"])
        if letter.kind.by_a_person and language is not draft.languages[0]:
            facts["text"] = ""  # a person wrote in one language: his words stand there once
        seen = SimpleNamespace(**facts, about=letter.about, actions=draft.actions)
        name = f"{language}/{letter.kind}/{part}"
        return self._wording.fill(name, {"letter": seen, "ticket": ticket, "desk": self._desk, "language": language})

    def _without_tags(self, facts: dict[str, Any], ticket: Ticket | None) -> tuple[dict[str, Any], Ticket | None]:
        """For the subject line, which carries a tag and a prefix of its own."""
        if "subject" in facts:
            facts = facts | {"subject": self._stripped(facts["subject"])}
        return facts, replace(ticket, subject=self._stripped(ticket.subject)) if ticket else None

    def _stripped(self, subject: str) -> str:
        # Made harmless first: an invisible character must not hide a tag until it is taken out.
        return strip_subject(one_line(subject), self._desk.prefix)

    def _with_actions(self, draft: Draft, now: datetime) -> Draft:
        return replace(draft, actions=tuple(self._action(draft, each, now) for each in draft.letter.prepared))

    def _action(self, draft: Draft, prepared: Prepared, now: datetime) -> Action:
        """In a list each line has its own reference: a reply to it is as good as one to a mail about that alone."""
        token = self._issue(draft.letter, prepared.about, now) if prepared.about else draft.token
        facts = {"name": prepared.name, "line": prepared.line}
        label = one_line(self._wording.fill(f"{draft.languages[0]}/_shared/action.txt", facts))
        return action(prepared, label, to=self._reply_to(token), tag=prepared.about or draft.tag, token=token)

    def _desk_name(self, languages: tuple[Language, ...]) -> str:
        names = {Language.NL: self._desk.name_nl, Language.EN: self._desk.name_en}
        return " / ".join(dict.fromkeys(names[each] for each in languages))

    def _envelope_from(self, draft: Draft) -> str:
        """The null path only for what answers a mail at once: of every other letter we must know that it came back."""
        if self._settings.null_sender and draft.letter.kind in _ACKNOWLEDGEMENTS:
            return ""
        with_token = self._with_token(draft.token) if self._settings.bounce_addresses else ""
        return with_token or self._desk.address.spec

    def _reply_to(self, token: str) -> str:
        with_token = self._with_token(token) if self._settings.plus_addressing else ""
        return with_token or self._desk.address.spec

    def _with_token(self, token: str) -> str:
        """desk+token@…, or "" where that is longer than a local part may be."""
        local = f"{self._desk.address.local}+{token}"
        return f"{local}@{self._desk.address.domain}" if len(local) <= _MOST_OF_A_LOCAL_PART else ""

    def _check_reply_address(self) -> None:
        token = self._keyring.issue(f"{self._desk.prefix}-2026-00042", Audience.ASKER, self._desk.address)
        if self._settings.plus_addressing and "+" not in self._reply_to(token):
            most = _MOST_OF_A_LOCAL_PART - len(token) - 1
            raise ConfigError(f"letters.plus_addressing: needs at most {most} characters before the @ of the desk")


def _bytes_of(file: Attachment, files: Mapping[str, bytes]) -> bytes:
    if file.sha256 not in files:
        raise ValueError("a file of the letter is missing")
    return files[file.sha256]


def _by_letter(change: Change, message_id: str) -> Change:
    """A change that comes true by a letter names it: that is only known once the letter is written."""
    if isinstance(change, _NAMED) and not change.message_id:
        return replace(change, message_id=message_id)
    return change


def _tidy(text: str) -> str:
    """Without spaces at line ends, with at most one empty line in a row, and one line end at the end."""
    lines: list[str] = []
    for line in map(str.rstrip, text.strip().split("\n")):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n"
