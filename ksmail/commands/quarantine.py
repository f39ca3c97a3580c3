"""`ksmail quarantine`: mails that wait for a person."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ksmail import screen
from ksmail.daemon import utc_now
from ksmail.errors import ConfigError
from ksmail.front import LARGEST, Json, reading, writing
from ksmail.store.store import Reader

app = typer.Typer(
    help="Mails that a person must look at: unreadable or held.", no_args_is_help=True, rich_markup_mode=None
)

_BEGINNING = 4000  # octets of a mail on the screen


@app.command("list")
def list_mails(as_json: Json = False) -> None:
    """Mails that wait for a person, oldest first."""
    with reading() as (past, settings):
        lines = past.quarantine()
    if as_json:
        screen.show_json(lines)
        return
    zone = settings.policy.timezone
    rows = [
        (f"Q-{line.number}", line.disposition.value, screen.local(line.received_at, zone), str(line.size), line.reason)
        for line in lines
    ]
    screen.show_table("Quarantine", ("number", "state", "received", "octets", "reason"), rows, "Nothing is waiting.")


def _bytes_of(past: Reader, number: int) -> bytes:
    try:
        return past.raw(number)
    except LookupError:
        raise ConfigError(f"mail {number} was destroyed: only its line in the ledger is left") from None


@app.command("show")
def show_mail(
    number: Annotated[str, typer.Argument(help="The number: 17 or Q-17.")],
    raw: Annotated[bool, typer.Option("--raw", help="The mail as it came, to a file or a pipe only.")] = False,
    as_json: Json = False,
) -> None:
    """Why a mail waits, and its beginning.

    Whatever a terminal would obey is made harmless.
    """
    item = _item(number)
    with reading() as (past, settings):
        line, octets = past.inbound(item), b""
        if line is not None:
            octets = _bytes_of(past, item)
    if line is None:
        raise ConfigError(f"there is no mail {item}")
    if raw:
        if sys.stdout.isatty():
            raise ConfigError("a raw mail can harm a terminal: send it to a file (… --raw > mail.eml)")
        sys.stdout.buffer.write(octets)
    elif as_json:
        screen.show_json(line)
    else:
        screen.console.print(f"Q-{line.number}  {line.disposition.value}: {screen.harmless(line.reason)}")
        screen.console.print(
            f"received {screen.local(line.received_at, settings.policy.timezone)}, {line.size} octets\n"
        )
        beginning = octets[:_BEGINNING].decode("utf-8", "replace").replace("\r\n", "\n").removesuffix("\r")
        screen.console.print(screen.harmless(beginning), soft_wrap=True)
        if len(octets) > _BEGINNING:
            screen.console.print(f"… and {len(octets) - _BEGINNING} octets more; all of it: --raw > mail.eml")


@app.command("retry")
def retry(
    number: Annotated[str, typer.Argument(help="The number (17 or Q-17), or `all`.")],
) -> None:
    """Let a mail be judged again.

    The daemon does it in its next round, with the program and the settings as they are then. Use it after an upgrade
    or a change of the settings. The stored mail is not altered.
    """
    with writing() as (tx, _):
        waiting = [line.number for line in tx.quarantine()]
        wanted = waiting if number == "all" else [_item(number)]
        for item in wanted:
            if item not in waiting:
                raise ConfigError(f"mail {item} is not in quarantine")
            tx.reopen(item, utc_now())
    screen.console.print(
        f"{len(wanted)} {'mail' if len(wanted) == 1 else 'mails'} will be judged again", soft_wrap=True
    )


def _item(number: str) -> int:
    digits = number.upper().removeprefix("Q-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > len(str(LARGEST)) - 1:
        raise ConfigError(f"{number[:20]!r} is no number of a mail; they look like Q-17")
    return int(digits)
