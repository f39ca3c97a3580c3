"""The configuration, read once and handed to every room ready made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ksmail.address import parse_address
from ksmail.defaults import defaults_directory
from ksmail.desk.alarm import AlarmSettings
from ksmail.desk.partner import Partner
from ksmail.desk.policy import Caps, Coordination, Notify, Office, OtherDesk, Policy
from ksmail.incoming.form import Form
from ksmail.incoming.identify import Roster
from ksmail.incoming.imap import ImapSettings
from ksmail.incoming.limits import Limits
from ksmail.incoming.message import Language
from ksmail.outgoing.compose import ComposeSettings, DeskFacts, Source
from ksmail.outgoing.smtp import SmtpSettings
from ksmail.settings.calendar import workdays
from ksmail.settings.checks import check
from ksmail.settings.origin import Origin, find
from ksmail.settings.partners import read_partners
from ksmail.settings.read import Settings, read_settings
from ksmail.settings.secrets import read_password
from ksmail.settings.staff import own_addresses, people, staff_addresses
from ksmail.settings.suggest import suggestions
from ksmail.settings.words import to_time
from ksmail.store.store import StoreSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How often the daemon does what."""

    poll_seconds: float = 60.0
    outbox_seconds: float = 15.0
    health_seconds: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything an operator decided. Paths are ready to open; `file` is where it was read.

    `relay` is the second way out for alarms, None without one. `certificate_notice` is how long before its end a
    certificate is an alarm; every `probe_every` a mail goes to ourselves (zero: never).
    `keys_grace` is how long what a signing key signed still counts after another key took over.
    """

    file: Path
    state_directory: Path
    keys_file: Path
    keys_grace: timedelta
    health_file: Path
    imap: ImapSettings
    smtp: SmtpSettings
    relay: SmtpSettings | None
    alarm: AlarmSettings
    certificate_notice: timedelta
    probe_every: timedelta
    limits: Limits
    roster: Roster
    forms: tuple[Form, ...]
    partners: tuple[Partner, ...]
    institutions: Path
    government_domains: tuple[str, ...]
    authserv_id: str
    require_return_path: bool
    policy: Policy
    desk: DeskFacts
    compose: ComposeSettings
    store: StoreSettings
    schedule: Schedule


def load(path: Path | None, environ: Mapping[str, str], *, secrets: bool = True) -> Config:
    """Find, read and check the configuration. Raises ConfigError: one sentence that names the key and the file.

    Without `secrets` all passwords are left empty: whoever only looks into the store needs no right to read them.

    Looked for in this order: `path`, KSMAIL_CONFIG, ./config/ksmail.toml, /etc/ksmail/ksmail.toml.
    """
    origin = Origin(find(path, environ), environ)
    settings = read_settings(origin)
    check(settings, origin)
    state = origin.path(settings.state_directory)
    partners = read_partners(_shipped_or_own(settings.partners.file, "partners.toml", origin), settings)
    return Config(
        file=origin.file,
        state_directory=state,
        keys_file=state / settings.store.keys_file,
        keys_grace=timedelta(days=settings.store.keys_grace_days),
        health_file=state / settings.store.health_file,
        imap=_imap(settings, origin, secrets),
        smtp=_smtp(settings, origin, secrets),
        relay=_relay(settings, origin, secrets),
        alarm=AlarmSettings(patience=timedelta(minutes=settings.ops.alarm_minutes)),
        certificate_notice=timedelta(days=settings.ops.certificate_days),
        probe_every=timedelta(minutes=settings.ops.probe_minutes),
        limits=Limits(**settings.limits.model_dump()),
        roster=_roster(settings, partners),
        forms=tuple(Form(parse_address(form.sender)) for form in settings.form),
        partners=partners,
        institutions=_shipped_or_own(settings.institutions.file, "institutions.csv", origin),
        government_domains=tuple(settings.institutions.government_domains),
        authserv_id=settings.trust.authserv_id,
        require_return_path=settings.acknowledge.require_return_path,
        policy=_policy(settings, partners, origin),
        desk=_desk(settings),
        compose=_compose(settings, origin),
        store=StoreSettings(path=state / settings.store.database, busy_timeout=settings.store.busy_timeout),
        schedule=Schedule(**settings.schedule.model_dump()),
    )


def _imap(settings: Settings, origin: Origin, secrets: bool) -> ImapSettings:
    section = settings.imap
    plain = section.model_dump(exclude={"user", "password", "password_file", "ca_file"})
    return ImapSettings(
        **plain,
        user=section.user or settings.desk.address,
        password=read_password("imap", section, origin) if secrets else "",
        ca_file=origin.path(section.ca_file) if section.ca_file else None,
    )


def _smtp(settings: Settings, origin: Origin, secrets: bool) -> SmtpSettings:
    section = settings.smtp
    plain = section.model_dump(exclude={"password", "password_file", "ca_file"})
    return SmtpSettings(
        **plain,
        password=read_password("smtp", section, origin) if secrets and section.user else "",
        ca_file=origin.path(section.ca_file) if section.ca_file else None,
    )


def _relay(settings: Settings, origin: Origin, secrets: bool) -> SmtpSettings | None:
    section = settings.alarm_relay
    if not section.host:
        return None
    return SmtpSettings(
        host=section.host,
        port=section.port,
        tls=section.tls,
        user=section.user,
        password=read_password("alarm_relay", section, origin) if secrets and section.user else "",
        ca_file=origin.path(section.ca_file) if section.ca_file else None,
    )


def _roster(settings: Settings, partners: Iterable[Partner]) -> Roster:
    return Roster(
        ourselves=own_addresses(settings),
        staff=staff_addresses(settings),
        partners=tuple(partner.liaison for partner in partners if partner.liaison),
        authserv_id=settings.trust.authserv_id,
        own_hops=settings.trust.own_hops,
    )


def _policy(settings: Settings, partners: tuple[Partner, ...], origin: Origin) -> Policy:
    orders = settings.orders
    return Policy(
        prefix=settings.desk.prefix,
        timezone=ZoneInfo(settings.desk.timezone),
        workdays=workdays(settings.calendar, origin),
        response_days=settings.promise.days,
        cutoff=to_time(settings.promise.cutoff),
        team=parse_address(settings.team.address),
        staff_language=Language(settings.desk.staff_language),
        caps=_caps(settings),
        oldest_answered=timedelta(hours=settings.acknowledge.oldest_hours),
        duplicate_window=timedelta(hours=settings.acknowledge.duplicate_hours),
        staff=people(settings),
        own_addresses=own_addresses(settings),
        other_desks=tuple(OtherDesk(**referral.model_dump()) for referral in settings.desk.referral),
        notify=Notify(orders.notify),
        has_border=bool(settings.trust.authserv_id),
        hide_names=not orders.show_names,
        hold=timedelta(minutes=orders.hold_minutes),
        quiet=timedelta(days=settings.tickets.quiet_days),
        asker_days=settings.tickets.asker_days,
        office=_office(settings),
        ops=parse_address(settings.ops.address or settings.team.address),
        reopen=timedelta(days=settings.tickets.reopen_days),
        reference_life=timedelta(days=orders.reference_days),
        silence_after_bounce=timedelta(days=settings.acknowledge.silence_after_bounce_days),
        partners=partners,
        coordination=Coordination(**settings.consult.model_dump()),
        suggestions=suggestions(settings, partners, origin),
        markings=tuple(settings.markings.words),
    )


def _office(settings: Settings) -> Office:
    section = settings.office
    return Office(
        opens=time.fromisoformat(section.opens),
        again=time.fromisoformat(section.again),
        closes=time.fromisoformat(section.closes),
        digest=time.fromisoformat(settings.ops.digest_at),
    )


def _caps(settings: Settings) -> Caps:
    section = settings.acknowledge
    return Caps(
        address_hour=section.address_hour,
        address_day=section.address_day,
        desk_hour=section.desk_hour,
        quarantine_hour=section.quarantine_hour,
        followup_hour=section.followup_hour,
        receipt_hour=settings.orders.receipt_hour,
    )


def _desk(settings: Settings) -> DeskFacts:
    section = settings.desk
    return DeskFacts(
        address=parse_address(section.address),
        name_nl=section.name_nl,
        name_en=section.name_en,
        prefix=section.prefix,
        timezone=ZoneInfo(section.timezone),
        phone=section.phone,
        page_nl=section.page_nl,
        page_en=section.page_en,
        espionage_phone=section.espionage_phone,
        sources=tuple(Source(**source.model_dump()) for source in section.source),
    )


def _compose(settings: Settings, origin: Origin) -> ComposeSettings:
    letters = settings.letters
    return ComposeSettings(
        templates=origin.path(letters.templates) if letters.templates else None,
        null_sender=settings.acknowledge.null_sender,
        plus_addressing=letters.plus_addressing,
        bounce_addresses=letters.bounce_addresses,
        staff_reference_life=timedelta(days=settings.orders.reference_days),
        message_id_domain=letters.message_id_domain or parse_address(settings.desk.address).domain,
    )


def _shipped_or_own(named: str, name: str, origin: Origin) -> Path:
    """The file that was named; else the one beside the configuration; else the one that comes with the program."""
    if named:
        return origin.path(named)
    beside = origin.path(name)
    return beside if beside.is_file() else defaults_directory("config") / name
