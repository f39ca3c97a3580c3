"""The command line."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ksmail import __version__, assemble, front, log, screen
from ksmail.checkup import check_all
from ksmail.commands import clock, digest, disclosures, figures, keys, outbox, promises, quarantine, tickets
from ksmail.commands.simulate import simulate
from ksmail.config import Config
from ksmail.daemon import Daemon, jitter, utc_now
from ksmail.desk.promise import promise_date, received_on, steps
from ksmail.errors import ConfigError, KsmailError, Unavailable
from ksmail.explain import explain as explain_mail
from ksmail.explain import readable
from ksmail.front import LogForm, Verbose, choose, whole_settings
from ksmail.health import ailments, read_health, remarks
from ksmail.incoming.message import Language
from ksmail.store.store import Store
from ksmail.store.values import LetterState

app = typer.Typer(
    name="ksmail",
    help="Mail in, ticket, promised date, answer: a help desk that lives in a mailbox.",
    epilog="Start with `ksmail demo`. With your own settings: `ksmail migrate` once, `ksmail check`, `ksmail run`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its tracebacks show local variables, and those hold mail
    rich_markup_mode=None,
)
app.add_typer(tickets.app, name="tickets")
app.add_typer(outbox.app, name="outbox")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(keys.app, name="keys")
app.command()(simulate)

_YEARS = range(1970, 2200)  # outside, calendars of holidays know nothing


def _version(wanted: bool) -> None:
    if wanted:
        print(f"ksmail {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    config_file: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            help="The settings. Otherwise KSMAIL_CONFIG, ./config/ksmail.toml or /etc/ksmail/ksmail.toml.",
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    choose(config_file)


@app.command()
def run(log_form: LogForm = "json", verbose: Verbose = False) -> None:
    """Work until stopped: take mail, open tickets, send letters.

    SIGTERM or Ctrl-C stops within 30 seconds, after the letters under way. SIGHUP reads the settings again.
    """
    log.configure(front.log_form(log_form), "DEBUG" if verbose else "INFO")
    log.catch_strays()
    raise typer.Exit(asyncio.run(Daemon(whole_settings(), whole_settings).run()))


@app.command()
def once(log_form: LogForm = "json", verbose: Verbose = False) -> None:
    """Do one round and stop: take the mail, send what is due.

    Exit code 0: all done. 1: a server was away, or a mail or a letter is left for a later round.
    """
    log.configure(front.log_form(log_form), "DEBUG" if verbose else "INFO")
    log.catch_strays()
    raise typer.Exit(asyncio.run(_once(whole_settings())))


async def _once(settings: Config) -> int:
    store = assemble.open_store(settings, exclusive=True)
    works = assemble.make_works(settings, store, utc_now, jitter)
    try:
        await works.outbox.recover()
        left = await asyncio.to_thread(_take_mail, works)
        await asyncio.to_thread(works.pass_time)
        await works.outbox.round()
        with store.reading() as past:
            letters = past.counts().letters
        return 1 if left or letters[LetterState.WAITING] or letters[LetterState.SENDING] else 0
    except Unavailable as fault:
        log.get().warning("store_unavailable", reason=str(fault))
        return 1
    finally:
        await works.close()
        store.close()


def _take_mail(works: assemble.Works) -> bool:
    """Whether something was left in the mailbox."""
    try:
        return works.intake.round().left > 0
    except Unavailable as fault:
        log.get().warning("mailbox_unavailable", reason=str(fault))
        return True


@app.command()
def check(
    live: Annotated[
        bool, typer.Option("--live", help="Only ask whether the running daemon is alive (for a health check).")
    ] = False,
) -> None:
    """Try settings, letters, database, IMAP and SMTP.

    Says what is wrong, and how to mend it. Run it after every change of the settings. Sends nothing and takes no mail;
    in the mailbox it makes the folders for mail that is done, held or in quarantine, if they are not there yet.

    Exit code 0: all is well. 1: something is not.
    """
    if live:
        _check_live()
    well = True
    for finding in check_all(whole_settings(), utc_now()):
        well = well and finding.well
        line = f"{'ok  ' if finding.well else 'FAIL'}  {finding.what:<9} {finding.detail}"
        screen.console.print(screen.harmless(line), soft_wrap=True)
    raise typer.Exit(0 if well else 1)


def _check_live() -> NoReturn:
    health = read_health(front.settings().health_file)
    found = ailments(health, utc_now())
    for sentence in found or (remarks(health) if health else ()):
        screen.errors.print(screen.harmless(sentence), soft_wrap=True)
    print("not well" if found else "alive")
    raise typer.Exit(1 if found else 0)


@app.command()
def explain(
    file: Annotated[Path, typer.Argument(help="A mail as a file (.eml).", exists=True, dir_okay=False, readable=True)],
    at: Annotated[
        str | None, typer.Option("--at", help="When it would have come in, on the desk's clock: '2026-12-23 11:00'.")
    ] = None,
) -> None:
    """Say what would be done with a mail, and why. Writes and sends nothing.

    Shows the verdict, who writes and how far that is proven, the ticket it belongs to, the decision, the promise,
    and every letter as it would leave.
    """
    settings = front.settings()
    moment = utc_now() if at is None else _moment(at, settings)
    explained = explain_mail(file.read_bytes(), settings, received_at=moment, now=moment)
    for what, how in explained.lines:
        screen.console.print(f"{what:<12} {screen.harmless(how)}", soft_wrap=True)
    for mail in explained.judged.mails:
        screen.console.rule(f"{mail.kind}")
        screen.console.print(screen.harmless(readable(mail), 40_000), soft_wrap=True)


@app.command()
def promise(
    at: Annotated[
        str | None,
        typer.Option("--at", help="When a question comes in, on the desk's clock: '2026-12-23 11:00'. Default: now."),
    ] = None,
) -> None:
    """Say which date a question gets, day by day."""
    settings = front.settings()
    policy = settings.policy
    moment = utc_now() if at is None else _moment(at, settings)
    rows = [
        (step.day.isoformat(), f"{step.day:%A}", "" if step.counted is None else str(step.counted), step.why)
        for step in steps(moment, policy, Language.EN)
    ]
    screen.show_table(
        f"Received {screen.local(moment, policy.timezone)}", ("date", "day", "working day", "why"), rows, ""
    )
    promised = promise_date(moment, policy)
    screen.console.print(f"\nPromised: {promised:%A} {promised.isoformat()}")
    if promised <= received_on(utc_now(), policy.timezone):
        screen.console.print("A question that came in then and is fetched today gets a fresh date and an apology.")


app.command("disclosures")(disclosures.show)


@app.command()
def migrate() -> None:
    """Make the database, or bring it up to date.

    Run it once before the first start, and after each upgrade while the daemon is stopped. Running it again does no
    harm; there is no way back to an older version.
    """
    settings = front.settings()
    before, after = Store.migrate(settings.store)
    if before == after:
        print(f"The database is at version {after}: nothing to do.")
    else:
        print(f"The database went from {before or 'nothing'} to version {after}.")


@app.command()
def demo(
    stay: Annotated[
        bool, typer.Option("--stay", help="Keep running, so that a mail client can be pointed at it.")
    ] = False,
) -> None:
    """Show a whole desk at work on this machine.

    Needs nothing set up: it brings its own mail servers, on loopback. Takes less than a minute.
    """
    from ksmail.demo.demo import show

    raise typer.Exit(show(stay=stay))


app.command("promises")(promises.show)
app.command("figures")(figures.show)
app.command("digest")(digest.show)
app.command("clock")(clock.show)


def _moment(text: str, settings: Config) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--at: {text[:40]!r} is no date and time; write 2026-12-23 11:00") from None
    if moment.year not in _YEARS:
        raise ConfigError(f"--at: {text[:40]!r} is too far away to count working days")
    return moment if moment.tzinfo else moment.replace(tzinfo=settings.policy.timezone)


def main() -> None:
    """Run a command; our own errors are one sentence on standard error and exit code 2, never a traceback."""
    try:
        app()
    except KsmailError as fault:
        screen.errors.print(f"ksmail: {screen.harmless(str(fault))}", soft_wrap=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
