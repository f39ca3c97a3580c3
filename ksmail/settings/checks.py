"""Rules that hold between keys. Each raises ConfigError with one sentence."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

from ksmail.address import parse_address
from ksmail.capability import Audience, Key, Keyring
from ksmail.settings.origin import Origin
from ksmail.settings.read import Settings
from ksmail.settings.staff import check_staff, is_one_of, own_addresses

_LONGEST_LOCAL_PART = 64  # RFC 5321 4.5.3.1.1


def check(settings: Settings, origin: Origin) -> None:
    """Everything that can be said of the settings without opening a connection."""
    _filled_in(settings, origin)
    _encrypted(settings, origin)
    _apart(settings, origin)
    check_staff(settings, origin)
    _referrals(settings, origin)
    _folders(settings, origin)
    _files(settings, origin)
    _room_for_references(settings, origin)
    _readable(settings, origin)
    if settings.consult.partner_days >= settings.consult.promise_days:
        raise origin.fault("consult.partner_days", "must be less than consult.promise_days")
    if settings.consult.margin_days >= settings.consult.promise_days:
        raise origin.fault("consult.margin_days", "must be less than consult.promise_days")
    _office(settings, origin)
    if settings.alarm_relay.user and not settings.alarm_relay.host:
        raise origin.fault("alarm_relay.user", "is the login of a server: fill in alarm_relay.host too")
    if settings.imap.reconnect_min > settings.imap.reconnect_max:
        raise origin.fault("imap.reconnect_min", "must not be more than imap.reconnect_max")


def _filled_in(settings: Settings, origin: Origin) -> None:
    needed = {
        "desk.address": settings.desk.address,
        "team.address": settings.team.address,
        "imap.host": settings.imap.host,
        "smtp.host": settings.smtp.host,
    }
    for key, value in needed.items():
        if not value:
            raise origin.fault(key, "must be filled in")


def _office(settings: Settings, origin: Origin) -> None:
    office = settings.office
    if not office.opens < office.again < office.closes:  # "09:00" and "15:00": their order is that of the clock
        raise origin.fault("office.again", "must be later than office.opens and earlier than office.closes")


def _encrypted(settings: Settings, origin: Origin) -> None:
    servers = (("imap", settings.imap), ("smtp", settings.smtp), ("alarm_relay", settings.alarm_relay))
    for name, section in servers:
        if section.host and section.tls == "none" and not _is_loopback(section.host):
            raise origin.fault(f"{name}.tls", "must be implicit or starttls for a server on another machine")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _apart(settings: Settings, origin: Origin) -> None:
    """Our own addresses belong to nobody else: mail from there is ours, and a letter to there would come back."""
    others = [("team.address", settings.team.address)]
    others += [("ops.address", settings.ops.address)] if settings.ops.address else []
    others += [(f"form[{number}].sender", form.sender) for number, form in enumerate(settings.form, 1)]
    own = own_addresses(settings)
    for key, text in others:
        if is_one_of(text, own):
            raise origin.fault(key, "must not be an address of the desk itself")


def _referrals(settings: Settings, origin: Origin) -> None:
    seen: set[str] = set()
    for number, referral in enumerate(settings.desk.referral, 1):
        name = " ".join(referral.name.split()).casefold()
        if name in seen:
            raise origin.fault(f"desk.referral[{number}].name", "another desk to refer to has this name too")
        seen.add(name)


def _folders(settings: Settings, origin: Origin) -> None:
    seen = {settings.imap.mailbox.casefold()}
    for key in ("done_folder", "quarantine_folder", "held_folder"):
        folder = getattr(settings.imap, key).casefold()
        if folder in seen:
            raise origin.fault(f"imap.{key}", "must not be a folder that is used for something else too")
        seen.add(folder)


def _files(settings: Settings, origin: Origin) -> None:
    """The health file replaces whatever has its name, the database and the keys too."""
    seen: set[Path] = set()
    for key in ("database", "keys_file", "health_file"):
        file = Path(os.path.normpath(getattr(settings.store, key)))
        if file in seen:
            raise origin.fault(f"store.{key}", "must not be a file that is used for something else too")
        seen.add(file)


def _room_for_references(settings: Settings, origin: Origin) -> None:
    """Both kinds of address hold a signed reference between the desk's name and the @."""
    desk = parse_address(settings.desk.address)
    sample = Keyring((Key("k1", b"sample"),)).issue(f"{settings.desk.prefix}-2026-99999", Audience.ASKER, desk)
    room = _LONGEST_LOCAL_PART - len(f"+{sample}")
    for key in ("plus_addressing", "bounce_addresses"):
        if getattr(settings.letters, key) and len(desk.local) > room:
            raise origin.fault(
                f"letters.{key}", f"must be false, because desk.address has more than {room} characters before the @"
            )


def _readable(settings: Settings, origin: Origin) -> None:
    files = {
        "imap.ca_file": settings.imap.ca_file,
        "smtp.ca_file": settings.smtp.ca_file,
        "alarm_relay.ca_file": settings.alarm_relay.ca_file,
        "institutions.file": settings.institutions.file,
        "partners.file": settings.partners.file,
    }
    for key, text in files.items():
        if text and not _can_read(origin.path(text)):
            raise origin.fault(key, "there is no such file, or it cannot be read")
    if settings.letters.templates and not _can_list(origin.path(settings.letters.templates)):
        raise origin.fault("letters.templates", "there is no such folder, or it cannot be read")


def _can_read(file: Path) -> bool:
    return file.is_file() and os.access(file, os.R_OK)


def _can_list(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.R_OK | os.X_OK)
