"""`ksmail keys`: the keys that sign our references."""

from __future__ import annotations

from datetime import date

import typer

from ksmail import front, log, screen
from ksmail.capability import Key
from ksmail.config import Config
from ksmail.daemon import utc_now
from ksmail.errors import ConfigError
from ksmail.front import Json, LogForm
from ksmail.keys import load_keys, rotate_keys

app = typer.Typer(help="The keys that sign our references.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_keys(as_json: Json = False) -> None:
    """The keys, newest first: the first one signs.

    With the last day, by UTC, on which what a key signed still counts. Never shows a secret.
    """
    keys = _keys(front.settings())
    if as_json:
        screen.show_json([{"id": key.id, "until": key.until, "signs": key is keys[0]} for key in keys])
        return
    today = utc_now().date()
    rows = [(key.id, _how_it_counts(key, key is keys[0], today)) for key in keys]
    screen.show_table("Signing keys", ("key", "what it signed counts"), rows, "")


@app.command("rotate")
def rotate(log_form: LogForm = "json") -> None:
    """Let a new key sign our references from now on.

    Replies to older letters go on working for store.keys_grace_days days. Afterwards tell a running daemon (SIGHUP),
    and put the file with the keys into your backup again.
    """
    log.configure(front.log_form(log_form))
    settings = front.settings()
    _keys(settings)
    new = rotate_keys(settings.keys_file, today=utc_now().date(), grace=settings.keys_grace)
    log.get().info("keys_rotated", key=new)
    former = _keys(settings)[1]
    for sentence in (
        f"Key {new} signs from now on. What key {former.id} signed counts until {former.until} (UTC).",
        f"A running daemon signs with {former.id} until it is told: send it SIGHUP (systemctl reload ksmail).",
        f"Make a backup of {settings.keys_file.name}: without it no reply to a new letter is recognised.",
    ):
        screen.console.print(sentence, soft_wrap=True)


def _keys(settings: Config) -> tuple[Key, ...]:
    """Newest first. A desk that has none gets none from here: they would belong to whoever gives the command."""
    file = settings.keys_file
    try:
        is_there = file.exists()
    except OSError:
        is_there = True  # perhaps; reading it says what is wrong
    if not is_there:
        raise ConfigError(
            f"store.keys_file: there is no {file.name}; the first start of a desk makes it, later it is in your backup"
        )
    return load_keys(file)._keys


def _how_it_counts(key: Key, signs: bool, today: date) -> str:
    if key.until is None:
        return "without end; signs new letters" if signs else "without end"
    counts = "until" if today <= key.until else "no longer, since"
    return f"{counts} {key.until}"
