"""From a letter to a finished mail."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from ksmail.address import Address


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
    `message_id_domain` is the right-hand side of our Message-IDs.
    """

    templates: Path | None = None
    null_sender: bool = False
    plus_addressing: bool = False
    message_id_domain: str = ""
