"""`ksmail outbox`: the letters, and what became of them."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from ksmail import screen
from ksmail.daemon import utc_now
from ksmail.errors import ConfigError
from ksmail.front import LARGEST, Json, Limit, reading, writing
from ksmail.store.values import LetterState, OutboxLine, RecipientLine

app = typer.Typer(help="Look at the letters that wait, went or failed.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_letters(limit: Limit = 50, as_json: Json = False) -> None:
    """Letters, unsent ones first.

    With what each waits for, and what the servers said.
    """
    with reading() as (past, settings):
        lines = past.outbox(limit)
    if as_json:
        screen.show_json(lines)
        return
    zone = settings.policy.timezone
    rows = [
        (
            str(line.id),
            line.about,
            line.kind,
            _how_it_stands(line, zone),
            "; ".join(_how_it_went(recipient) for recipient in line.recipients),
        )
        for line in lines
    ]
    screen.show_table("Letters", ("number", "about", "letter", "state", "to"), rows, "The outbox is empty.")


def _how_it_stands(line: OutboxLine, zone: ZoneInfo) -> str:
    """The state of a letter, with what belongs to it: until when, why, after how many tries."""
    match line.state:
        case LetterState.WAITING:
            told = f"waiting, due {screen.local(line.due_at, zone)}"
        case LetterState.HELD:
            told = f"held: {line.held}"
        case _:
            told = line.state.value.replace("_", " ")
            told += f" {screen.local(line.settled_at, zone)}" if line.settled_at else ""
    return f"{told}, {line.tries} tries" if line.tries > 1 else told


def _how_it_went(recipient: RecipientLine) -> str:
    """The address, and what the server said if there is something to say."""
    if recipient.outcome in ("", "sent"):
        return recipient.address
    return f"{recipient.address} {recipient.outcome}: {recipient.reason}"


@app.command("release")
def release(
    number: Annotated[
        int, typer.Argument(help="The number of the letter, from `ksmail outbox list`.", min=1, max=LARGEST)
    ],
) -> None:
    """Let a letter go that waits for you.

    That is one held beyond a cap, given up, or uncertain. The daemon sends it with its next round.
    """
    try:
        with writing() as (tx, _):
            tx.release(number, utc_now())
    except ValueError as fault:
        raise ConfigError(str(fault)) from None
    screen.console.print(f"letter {number} will be sent", soft_wrap=True)
