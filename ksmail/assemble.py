"""Putting the program together from its configuration."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from ksmail.alarmfile import AlarmFile
from ksmail.clerk import Clerk
from ksmail.config import Config
from ksmail.defaults import defaults_directory
from ksmail.digest import Digest
from ksmail.errors import ConfigError
from ksmail.incoming.imap import ImapMailbox
from ksmail.incoming.institution import Institutions
from ksmail.incoming.worker import Parser
from ksmail.inspection import Inspection
from ksmail.intake import Intake
from ksmail.keys import load_keys
from ksmail.outbox import Desk, Outbox
from ksmail.outgoing.compose import Composer
from ksmail.outgoing.smtp import SmtpSettings, SmtpTransport
from ksmail.reminders import Reminders
from ksmail.store.store import Store
from ksmail.vitals import read_vitals
from ksmail.watch import Watch
from ksmail.witness import Mover, Witness


def make_clerk(config: Config) -> Clerk:
    """Everything a judgement needs. Raises ConfigError when a template or the list of institutions is broken."""
    keyring = load_keys(config.keys_file)
    composer = Composer(config.compose, config.desk, keyring)
    _try_letters(config, composer)
    return Clerk(
        policy=config.policy,
        roster=config.roster,
        forms=config.forms,
        institutions=Institutions.load(config.institutions, config.government_domains),
        keyring=keyring,
        composer=composer,
        limits=config.limits,
        require_return_path=config.require_return_path,
    )


def _try_letters(config: Config, composer: Composer) -> None:
    """Writing every letter in every language takes a second; what was tried once and has not changed is good."""
    folders = filter(None, (config.compose.templates, defaults_directory("templates")))
    files = sorted(file for folder in folders for file in folder.rglob("*") if file.is_file())
    state = (config.compose, config.desk, tuple((file, file.stat().st_mtime_ns, file.stat().st_size) for file in files))
    if state not in _tried:
        composer.check()
        _tried.add(state)


_tried: set[tuple[object, ...]] = set()


def make_parser(config: Config) -> Parser:
    return Parser(config.limits)


def make_mailbox(config: Config) -> ImapMailbox:
    return ImapMailbox(config.imap)


def make_transport(config: Config) -> SmtpTransport:
    return SmtpTransport(config.smtp)


def make_relay(config: Config) -> SmtpTransport | None:
    """The second way out for alarms; None when there is none."""
    return SmtpTransport(_brisk(config.relay), "alarm_relay") if config.relay else None


def _brisk(settings: SmtpSettings) -> SmtpSettings:
    """Alarms are short, and another way or another minute is near: none of the patience that long letters need."""
    return replace(settings, connections=1, connect_timeout=15.0, command_timeout=30.0, data_timeout=60.0)


def alarm_file(config: Config) -> AlarmFile:
    """Beside the health file: `health.json` has a `health.alarms.json`."""
    return AlarmFile(config.health_file.with_suffix(".alarms.json"))


def open_store(config: Config, *, exclusive: bool = False) -> Store:
    """Open the store. `exclusive`: for a program that works on it; a second one is refused with ConfigError."""
    return Store.open(config.store, exclusive=exclusive)


@dataclass(slots=True)
class Works:
    """The moving parts that are made anew when the configuration is read again."""

    config: Config
    mailbox: ImapMailbox
    transport: SmtpTransport
    parser: Parser
    intake: Intake
    outbox: Outbox
    reminders: Reminders
    digest: Digest
    desk: Desk

    def pass_time(self) -> None:
        """What time brings: first what is due, then what is summed up. Raises Unavailable."""
        self.reminders.round()
        self.digest.round()

    async def close(self) -> None:
        """Say goodbye to both servers and to the parser."""
        await self.transport.close()
        await asyncio.to_thread(self.mailbox.close)
        await asyncio.to_thread(self.parser.close)


def make_works(config: Config, store: Store, now: Callable[[], datetime], jitter: Callable[[], float]) -> Works:
    """Raises ConfigError; nothing is connected yet."""
    _refuse_lost_keys(config, store)
    clerk = make_clerk(config)
    mailbox, transport, parser = make_mailbox(config), make_transport(config), make_parser(config)
    intake = Intake(mailbox, config.imap.mailbox, store, parser, clerk, now)
    desk = Desk(policy=clerk.policy, composer=clerk.composer, limits=clerk.limits)
    outbox = Outbox(store, transport, desk, now, jitter, config.smtp.connections)
    reminders = Reminders(store, desk, now)
    digest = Digest(store, desk, now, lambda past, before: read_vitals(config, past, before))
    return Works(config, mailbox, transport, parser, intake, outbox, reminders, digest, desk)


def make_watch(works: Works, store: Store, witness: Witness, alarms: AlarmFile, now: Callable[[], datetime]) -> Watch:
    """Whoever watches these works. What the works do is told to `witness`; the rest is looked at."""
    config, intake, outbox = works.config, works.intake, works.outbox
    intake.beat = lambda: witness.moved(Mover.INTAKE)
    outbox.beat = lambda seconds: witness.moved(Mover.OUTBOX, seconds)
    outbox.patience = config.smtp.longest
    relay, main = make_relay(config), SmtpTransport(_brisk(config.smtp))
    inspection = Inspection(
        store=store,
        policy=config.policy,
        witness=witness,
        outbox=outbox,
        folder=config.state_directory,
        room=2 * config.imap.largest_mail,
        certificates=lambda: {"IMAP": works.mailbox.certificate_until, "SMTP": works.transport.certificate_until},
        notice=config.certificate_notice,
    )
    return Watch(
        inspection=inspection,
        store=store,
        desk=works.desk,
        address=config.desk.address,
        main=main,
        relay=relay,
        alarms=alarms,
        settings=config.alarm,
        probe_every=config.probe_every,
        now=now,
    )


def _refuse_lost_keys(config: Config, store: Store) -> None:
    """New keys beside an old store would be made without a word, and no reply to an old letter be recognised."""
    with store.reading() as past:
        has_mail = past.began_at() is not None
    if has_mail and not config.keys_file.exists():
        raise ConfigError(
            f"store.keys_file: {config.keys_file.name} is gone although this desk has had mail; restore it from your "
            "backup (without one, a line with k1, a space and 64 hexadecimal digits makes a new key)"
        )
