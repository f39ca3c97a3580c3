"""`ksmail clock`: whether the clock of the machine can be right, and a way to say that it is."""

from __future__ import annotations

from typing import Annotated

import typer

from ksmail import assemble, front, screen
from ksmail.clock import ACCEPT, Clock, fault_of, last_note
from ksmail.daemon import utc_now

_NEVER = "never"


def show(
    accept: Annotated[bool, typer.Option("--accept", help="The time shown is right: go on from it.")] = False,
) -> None:
    """Say whether the clock of this machine can be right.

    Nothing that time brings is done while it cannot. Look at the time that is shown first: a wrong clock that is
    accepted tells askers of dates that have not come. May be given while the daemon runs.

    Exit code 0: it can be right. 1: it cannot.
    """
    settings = front.settings()
    zone, now = settings.policy.timezone, utc_now()
    store = assemble.open_store(settings)
    try:
        if accept:
            Clock(store, zone).accept(now)
        with store.reading() as past:
            fault, note, mails = fault_of(now, past), last_note(past), past.newest_mails()
    finally:
        store.close()
    moments = {
        "this machine": now,
        "last noted": note.seen if note else None,
        "sure until": note.sure if note else None,
        "last mail": mails[-1] if mails else None,
    }
    for what, moment in moments.items():
        screen.console.print(f"{what:<13} {screen.local(moment, zone) if moment else _NEVER}")
    screen.console.print(f"{fault}: {ACCEPT}" if fault else "The clock can be right.", soft_wrap=True)
    raise typer.Exit(1 if fault else 0)
