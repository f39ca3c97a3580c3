"""Which mails of a folder arrive in a simulated period, and when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ksmail.errors import ConfigError
from ksmail.settings.origin import Origin
from ksmail.simulate.people import Delivery
from ksmail.simulate.script import MailSection
from ksmail.simulate.times import Span, local_moment

_NAMED = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d)(\d\d)\D", re.ASCII)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The mails in their order, and the names of the files that do not arrive in the period."""

    mails: tuple[Delivery, ...]
    left_out: tuple[str, ...]


def read_arrivals(
    folder: Path, listed: Sequence[MailSection], script: Path | None, period: Span, timezone: ZoneInfo
) -> Arrivals:
    """The .eml files of a folder: at the times that the script lists, else at the time in the name
    (2026-12-23T1100-name.eml), else at that of the Date header. Raises ConfigError for what cannot be read."""
    if not folder.is_dir():
        raise ConfigError(f"--mails: there is no folder {folder}")
    found = [(local_moment(each.at, timezone), _listed(folder, each, at, script)) for at, each in enumerate(listed, 1)]
    dated = [file for file in sorted(folder.glob("*.eml")) if file not in {file for _, file in found}]
    times = [(_own_time(file, timezone), file) for file in dated]
    found += [(at, file) for at, file in times if at is not None]
    inside = sorted((at, file) for at, file in found if at in period)
    arrived = {file for _, file in inside}
    out = dict.fromkeys(file.name for file in (*dated, *(file for _, file in found)) if file not in arrived)
    return Arrivals(tuple(Delivery(at, _octets(file)) for at, file in inside), tuple(out))


def _listed(folder: Path, section: MailSection, number: int, script: Path | None) -> Path:
    file = folder / section.file
    if script is not None and not file.is_file():
        raise Origin(script, {}).fault(f"mail[{number}].file", f"there is no file {file}")
    return file


def _own_time(file: Path, timezone: ZoneInfo) -> datetime | None:
    named = _NAMED.match(file.name)
    try:
        if named:
            return local_moment(datetime.fromisoformat(f"{named[1]}T{named[2]}:{named[3]}"), timezone)
        found = parsedate_to_datetime(str(message_from_bytes(_octets(file)[:65536])["Date"]))
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)


def _octets(file: Path) -> bytes:
    """With the line ends of the wire, as a server serves them."""
    try:
        raw = file.read_bytes()
    except OSError as fault:
        raise ConfigError(f"--mails: {file} cannot be read ({type(fault).__name__})") from None
    return re.sub(rb"\r?\n", b"\r\n", raw)
