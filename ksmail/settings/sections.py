"""The sections of ksmail.toml, with their defaults. What each key is for stands in config/ksmail.toml."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ksmail.desk.markings import MARKINGS
from ksmail.settings.words import (
    AuthservId,
    Clock,
    Count,
    Day,
    Days,
    Domain,
    Line,
    MailAddress,
    Marking,
    NameOrAddress,
    Needed,
    NeededAddress,
    NeededClock,
    NeededDomain,
    NeededUrl,
    Prefix,
    Seconds,
    Timezone,
    Topic,
    Url,
    Weekday,
)

MOST_SOURCES = 5


class Section(BaseModel):
    """Unknown keys are refused, and so is text where a number belongs. Empty text means: not set."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class SourceSection(Section):
    title_nl: Needed
    title_en: Needed
    url: NeededUrl


class ReferralSection(Section):
    name: Needed
    title_nl: Needed
    title_en: Needed
    contact: Needed


class DeskSection(Section):
    address: NeededAddress = ""
    aliases: list[NeededAddress] = []
    name_nl: Needed = "Rijksbreed Loket Kennisveiligheid"
    name_en: Needed = "National Contact Point for Knowledge Security"
    prefix: Prefix = "KV"
    timezone: Timezone = "Europe/Amsterdam"
    staff_language: Literal["nl", "en"] = "nl"
    phone: Line = ""
    page_nl: Url = ""
    page_en: Url = ""
    espionage_phone: Line = ""
    source: list[SourceSection] = Field(default=[], max_length=MOST_SOURCES)
    referral: list[ReferralSection] = []


class TeamSection(Section):
    address: NeededAddress = ""


class StaffSection(Section):
    name: Needed
    address: NeededAddress
    role: Literal["staff", "coordinator"] = "staff"
    language: Literal["nl", "en", ""] = ""
    aliases: list[NameOrAddress] = []


class OrdersSection(Section):
    hold_minutes: int = Field(default=3, ge=0, le=1440)
    notify: Literal["assignee", "team", "both"] = "assignee"
    show_names: bool = False
    reference_days: Days = 180
    receipt_hour: Count = 60


class OpsSection(Section):
    address: MailAddress = ""
    digest_at: NeededClock = "07:30"
    alarm_minutes: int = Field(default=15, gt=0, le=1440)
    certificate_days: Days = 14
    probe_minutes: int = Field(default=60, ge=0, le=1440)


class OfficeSection(Section):
    opens: NeededClock = "09:00"
    again: NeededClock = "15:00"
    closes: NeededClock = "17:00"


class TicketsSection(Section):
    asker_days: int = Field(default=10, gt=0, le=260)
    quiet_days: Days = 14
    reopen_days: Days = 30


class FormSection(Section):
    sender: NeededAddress


class PromiseSection(Section):
    days: int = Field(default=3, gt=0, le=260)
    cutoff: Clock = ""


class ConsultSection(Section):
    promise_days: int = Field(default=10, gt=0, le=260)
    partner_days: int = Field(default=5, gt=0, le=260)
    margin_days: int = Field(default=2, ge=0, le=60)
    silence_days: int = Field(default=2, gt=0, le=60)
    name_partners: bool = False


class CalendarSection(Section):
    country: Line = "NL"
    subdivision: Line = ""
    categories: list[Needed] = Field(default=["public", "optional"], min_length=1)
    good_friday_closed: bool = True
    weekend: list[Weekday] = ["saturday", "sunday"]
    closed: list[Day] = []
    open: list[Day] = []


class AcknowledgeSection(Section):
    address_hour: Count = 5
    address_day: Count = 10
    desk_hour: Count = 200
    quarantine_hour: Count = 10
    followup_hour: Count = 20
    silence_after_bounce_days: Days = 60
    oldest_hours: int = Field(default=24, gt=0, le=8760)
    duplicate_hours: int = Field(default=24, gt=0, le=8760)
    null_sender: bool = False
    require_return_path: bool = False


class TrustSection(Section):
    authserv_id: AuthservId = ""
    own_hops: int = Field(default=1, ge=0, le=20)


class MarkingsSection(Section):
    words: list[Marking] = list(MARKINGS)


class LimitsSection(Section):
    depth: Count = 50
    parts: Count = 1000
    header_block: Count = 262144
    header_field: Count = 65536
    header_fields: Count = 1000
    recipient_fields: Count = 8388608
    addresses: Count = 200
    encoded_words: Count = 200
    parameter_segments: Count = 50
    comment_depth: Count = 20
    received_fields: Count = 50
    text: Count = 1048576
    cpu_seconds: int = Field(default=2, gt=0, le=600)
    wall_seconds: Seconds = 5.0
    memory: Count = 536870912


class LettersSection(Section):
    templates: Line = ""
    plus_addressing: bool = False
    bounce_addresses: bool = False
    message_id_domain: Domain = ""


class StoreSection(Section):
    database: Needed = "ksmail.db"
    busy_timeout: Seconds = 30.0
    keys_file: Needed = "signing.keys"
    keys_grace_days: Days = 90
    health_file: Needed = "health.json"


class ScheduleSection(Section):
    poll_seconds: Seconds = 60.0
    outbox_seconds: Seconds = 15.0
    health_seconds: float = Field(default=15.0, gt=0, le=120)  # after five minutes it counts as dead


class InstitutionsSection(Section):
    file: Line = ""
    government_domains: list[NeededDomain] = [
        "minaz.nl",
        "minbuza.nl",
        "minbzk.nl",
        "mindef.nl",
        "minez.nl",
        "minezk.nl",
        "minfin.nl",
        "minienw.nl",
        "minjenv.nl",
        "minlnv.nl",
        "minlvvn.nl",
        "minocw.nl",
        "minszw.nl",
        "minvws.nl",
        "rijksoverheid.nl",
        "rvo.nl",
    ]


class PartnersSection(Section):
    file: Line = ""


class SuggestSection(Section):
    words: list[Topic] = Field(min_length=1)
    partners: list[Needed] = Field(min_length=1)
    copies: bool = Field(default=False, alias="copy")  # pydantic has a method `copy` of its own
