"""`ksmail digest --print`: the digest as it would be, on the screen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from ksmail import screen
from ksmail.capability import Key, Keyring
from ksmail.config import Config
from ksmail.daemon import utc_now
from ksmail.desk.promise import received_on
from ksmail.errors import ConfigError
from ksmail.front import reading
from ksmail.outgoing.compose import Composer
from ksmail.store.values import Claim
from ksmail.summing import digest_letter
from ksmail.vitals import read_vitals

_YEARS = range(1970, 2200)  # outside, calendars of holidays know nothing
# What is shown has no signed reference in it, so no key of the desk is needed, and none is read.
_NO_KEY = Keyring((Key("none", b"what this signs goes nowhere"),))


def show(
    shown: Annotated[bool, typer.Option("--print", help="Show it here. Nothing is sent or noted down.")] = False,
    on: Annotated[
        str | None, typer.Option("--date", metavar="2026-11-25", help="The day of the digest. Default: today.")
    ] = None,
) -> None:
    """Show the digest as it would be.

    With what the database holds now: for a day that has passed, it is not what was mailed then. What only the running
    program knows comes from its health file.
    """
    if not shown:
        raise ConfigError("say --print: the daemon sends the digest itself")
    with reading() as (past, settings):
        now, day = _moment(on, settings)
        history, mails = past.extent()
        before = past.last_claim("ops_digest", before=day)
        sent, newest = past.claimed("ops_digest", day), past.newest_claim("ops_digest")
        number = sent.number if sent else (newest.number if newest else 0) + 1
        claim = Claim("ops_digest", day, now, number, {"history": history, "mails": mails})
        letter = digest_letter(past, claim, before, read_vitals(settings, past, before), now, settings.policy)
    mail = Composer(settings.compose, settings.desk, _NO_KEY).compose(letter, None, now=now)
    screen.console.print(screen.harmless(mail.text, 100_000), soft_wrap=True, end="")


def _moment(on: str | None, settings: Config) -> tuple[datetime, date]:
    """The moment at which the digest of that day is due; now, for that of today."""
    policy, now = settings.policy, utc_now()
    if on is None:
        return now, received_on(now, policy.timezone)
    try:
        day = date.fromisoformat(on)
    except ValueError:
        raise ConfigError(f"--date: {on[:20]!r} is no date; write 2026-11-25") from None
    if day.year not in _YEARS:
        raise ConfigError(f"--date: {on[:20]!r} is too far away to count working days")
    return datetime.combine(day, policy.office.digest, policy.timezone), day
