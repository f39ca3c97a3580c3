"""`ksmail promises`: every date that was given, and what became of it."""

from __future__ import annotations

from typing import Annotated

import typer

from ksmail import screen
from ksmail.commands.months import month_or_none
from ksmail.desk.ledger import DatePromised, promises
from ksmail.desk.month import Month
from ksmail.desk.ticket import PromiseState
from ksmail.front import Json, reading


def show(
    month: Annotated[
        str | None,
        typer.Option("--month", metavar="2026-11", help="Only dates that lie in this month."),
    ] = None,
    as_json: Json = False,
) -> None:
    """The promised dates, and what became of them.

    From the history alone: when each was given, why and by whom, and whether it was kept, moved, broken or dropped.
    "unknown": its letter was refused, so the asker does not know it.
    """
    wanted = month_or_none(month)
    with reading() as (past, settings):
        given = [each for each in promises(past.facts()) if wanted in (None, Month.of(each.promised_on))]
    sums = {state.value: sum(each.state is state for each in given) for state in PromiseState}
    sums["unknown"] = sum(each.unknown for each in given)
    if as_json:
        screen.show_json({"promises": given, "sums": sums})
        return
    zone = settings.policy.timezone
    rows = [
        (
            str(each.ticket),
            each.promised_on.isoformat(),
            f"{each.state.value}, unknown" if each.unknown else each.state.value,
            screen.local(each.given_at, zone),
            each.given_by,
            each.ground.value,
            screen.local(each.settled_at, zone) if each.settled_at else "",
            _after(each),
        )
        for each in given
    ]
    columns = ("ticket", "date", "state", "given", "by", "because", "settled", "what came after")
    screen.show_table("Promises", columns, rows, "No date was promised.")
    if rows:
        screen.console.print(f"\n{', '.join(f'{count} {name}' for name, count in sums.items() if count)}")


def _after(each: DatePromised) -> str:
    """By whom it was settled, and for what date it made room."""
    moved = f"another date: {each.moved_to.value}" if each.moved_to else ""
    return ", ".join(filter(None, (moved, f"by {each.settled_by}" if each.settled_by else "")))
