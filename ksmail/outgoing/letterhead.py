"""What every letter may say of the desk, and how the desk wants its letters made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
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
    `bounce_addresses`: letters leave with desk+token@… as envelope sender, so that a delivery report says by its
    address which letter it is about.
    `message_id_domain` is the right-hand side of our Message-IDs; "" is the domain of the desk's address.
    `staff_reference_life`: how long a reference in a letter to staff is good. Those of askers never expire.
    """

    templates: Path | None = None
    null_sender: bool = False
    plus_addressing: bool = False
    bounce_addresses: bool = False
    message_id_domain: str = ""
    staff_reference_life: timedelta = timedelta(days=180)
