"""`ksmail tickets`: the tickets, and all that happened to one."""

from __future__ import annotations

from typing import Annotated

import typer

from ksmail import screen
from ksmail.desk.ticket import Status
from ksmail.errors import ConfigError
from ksmail.front import Json, Limit, reading
from ksmail.reference import Reference

app = typer.Typer(help="Look at tickets.", no_args_is_help=True, rich_markup_mode=None)

_STATES = ", ".join(status.value for status in Status)


@app.command("list")
def list_tickets(
    limit: Limit = 50,
    status: Annotated[
        Status | None, typer.Option("--status", metavar="state", help=f"Only tickets in this state: {_STATES}.")
    ] = None,
    as_json: Json = False,
) -> None:
    """The newest tickets.

    With number, state, promised date, day of receipt, who asked and about what.
    """
    with reading() as (past, settings):
        lines = past.tickets(limit, status)
    if as_json:
        screen.show_json(lines)
        return
    zone = settings.policy.timezone
    rows = [
        (
            str(line.reference),
            line.status.value,
            str(line.promised_on or ""),
            screen.local(line.received_at, zone)[:10],
            line.asker.spec,
            line.subject,
        )
        for line in lines
    ]
    columns = ("number", "state", "promised", "received", "asker", "subject")
    screen.show_table("Tickets", columns, rows, "No tickets yet.")


@app.command("show")
def show_ticket(
    reference: Annotated[str, typer.Argument(help="The number of a ticket: KV-2026-0042.")], as_json: Json = False
) -> None:
    """One ticket with all that happened to it.

    Its texts, promises and letters, and its history with the reason of each step.
    """
    try:
        wanted = Reference.parse(reference)
    except ValueError:
        raise ConfigError(f"{reference[:40]!r} is no ticket number; they look like KV-2026-0042") from None
    with reading() as (past, settings):
        dossier = past.ticket(wanted)
    if dossier is None:
        raise ConfigError(f"there is no ticket {wanted}")
    if as_json:
        screen.show_json(dossier)
        return
    screen.show_dossier(dossier, settings.policy.timezone)
