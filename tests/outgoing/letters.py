"""A desk, a moment and a composer for the tests of the letters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ksmail.address import Address
from ksmail.capability import Audience, Key, Keyring
from ksmail.desk.letter import LetterKind
from ksmail.incoming.message import Language
from ksmail.outgoing.compose import Composer, ComposeSettings, DeskFacts, Source
from ksmail.outgoing.mail import OutgoingMail
from ksmail.outgoing.samples import Sample, samples

NOW = datetime(2026, 6, 1, 8, 3, tzinfo=UTC)
KEYRING = Keyring((Key("k1", b"a secret for tests"),))
DESK = DeskFacts(
    address=Address("contact", "desk.example"),
    name_nl="Voorbeeldloket",
    name_en="Example contact point",
    prefix="KV",
    timezone=ZoneInfo("Europe/Amsterdam"),
    phone="+31 70 000 00 00",
    page_nl="https://desk.example/vragen",
    page_en="https://desk.example/questions",
    espionage_phone="+31 79 000 00 00",
    sources=tuple(
        Source(
            title_nl=f"Leidraad voor samenwerking, deel {number}",
            title_en=f"Guidelines for collaboration, part {number}",
            url=f"https://desk.example/guidelines/collaboration/{number}",
        )
        for number in range(1, 7)
    ),
)
# A desk that filled in no more than it must.
SMALL_DESK = replace(DESK, phone="", page_nl="", page_en="", espionage_phone="", sources=())


def composer(desk: DeskFacts = DESK, **settings: Any) -> Composer:
    return Composer(ComposeSettings(**settings), desk, KEYRING)


def languages(kind: LetterKind) -> tuple[Language, ...]:
    return tuple(Language) if kind.audience is Audience.ASKER else (Language.NL, Language.EN)


def sample(kind: LetterKind, language: Language = Language.EN, name: str = "full", **facts: Any) -> Sample:
    found = next(each for each in samples(kind, language) if each.name == name)
    return replace(found, letter=replace(found.letter, facts={**found.letter.facts, **facts}))


def compose(one: Sample, by: Composer | None = None) -> OutgoingMail:
    return (by or composer()).compose(one.letter, one.ticket, now=NOW, files=one.files)


def read(mail: OutgoingMail) -> EmailMessage:
    message = message_from_bytes(mail.raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(mail: OutgoingMail, subtype: str) -> str:
    found = read(mail).get_body((subtype,))
    assert found is not None
    content = found.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


SHOWN = {
    *("full", "bare", "one", "short", "held", "two letters", "at once", "note", "mistake", "refused", "withdrawn"),
    *("done no ticket", "discloses", "queue no ticket", "withdrawn", "no-reply", "date", "late", "mail"),
}


def golden_texts() -> Iterator[tuple[str, str]]:
    """File name and text part of every golden letter. Those that differ in one sentence only are left out."""
    writer, small = composer(), composer(SMALL_DESK)
    for kind in LetterKind:
        for language in languages(kind):
            for one in samples(kind, language):
                if one.name in SHOWN:
                    by = small if one.name == "bare" else writer
                    yield f"{kind}.{language}.{one.name.replace(' ', '-')}.txt", part(compose(one, by), "plain")


GOLDEN = Path(__file__).parent / "golden"
