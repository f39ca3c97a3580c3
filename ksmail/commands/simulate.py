"""`ksmail simulate`: what the desk's settings would make of mails in another time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from ksmail import front, log, screen
from ksmail.errors import ConfigError
from ksmail.front import Json, Verbose
from ksmail.simulate.replay import Played, Wish, play
from ksmail.simulate.timeline import Sums
from ksmail.simulate.times import Span, local_moment

_LONGEST = timedelta(days=3 * 366)
_COLUMNS = ("when", "what", "ticket", "kind", "who", "because")


def simulate(
    begins: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day: 2026-12-01.")],
    ends: Annotated[str, typer.Option("--to", metavar="DATE", help="The last day.")],
    mails: Annotated[Path, typer.Option("--mails", help="A folder with the mails that arrive (.eml).")],
    staff: Annotated[
        Path | None, typer.Option("--staff", help="Who answers what when (TOML). Without it nobody acts.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="A new folder for the letters (.eml).")] = None,
    every: Annotated[
        int, typer.Option("--every", min=1, max=60, help="Minutes between two looks at what is due.")
    ] = 60,
    worker: Annotated[
        bool, typer.Option("--worker", help="Read mails in a process of its own, for mails you do not trust. Slower.")
    ] = False,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Play mails through your settings, at another time.

    Shows what would happen day by day. It reads the settings, partners and templates, and touches neither the desk's
    store nor its servers; nothing is sent.
    """
    log.configure("console", "DEBUG" if verbose else "CRITICAL")
    settings = front.settings()
    wish = Wish(
        period=_period(begins, ends, settings.policy.timezone),
        mails=mails,
        script=staff,
        letters=out,
        pace=timedelta(minutes=every),
        own_process=worker,
    )
    played = play(wish, settings)
    if as_json:
        screen.show_json(played)
    else:
        _show(played)


def _period(begins: str, ends: str, timezone: ZoneInfo) -> Span:
    first, last = _day("--from", begins), _day("--to", ends)
    if last < first:
        raise ConfigError("--to is before --from")
    if last - first > _LONGEST:
        raise ConfigError("--to: at most three years are simulated")
    midnight, after = datetime.combine(first, time()), datetime.combine(last + timedelta(days=1), time())
    return Span(local_moment(midnight, timezone), local_moment(after, timezone))


def _day(option: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{option}: {text[:40]!r} is no date; write 2026-12-01") from None
    if not 1970 <= day.year < 2200:
        raise ConfigError(f"{option}: {text[:40]!r} is too far away to count working days")
    return day


def _show(played: Played) -> None:
    rows = [
        (f"{entry.at:%a %Y-%m-%d %H:%M}", entry.what, entry.ticket, entry.kind, entry.who, entry.because)
        for entry in played.timeline.entries
    ]
    screen.show_table("Timeline", _COLUMNS, rows, "Nothing happened.")
    screen.console.print()
    if played.left_out:
        names = ", ".join(played.left_out[:10]) + (" …" if len(played.left_out) > 10 else "")
        screen.console.print(f"Not in the period: {screen.harmless(names)}", soft_wrap=True)
    screen.console.print(_summed(played.timeline.sums), soft_wrap=True)


def _summed(sums: Sums) -> str:
    letters = ", ".join(f"{number} {kind}" for kind, number in sums.letters.items()) or "none"
    promises = ", ".join(f"{sums.promises[state]} {state}" for state in ("kept", "moved", "broken", "open"))
    counted = f"{_counted(sums.mails, 'mail')}, {_counted(sums.tickets, 'ticket')}"
    return f"{counted}; letters: {letters}; promises: {promises}; {sums.unaccounted} unaccounted"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
