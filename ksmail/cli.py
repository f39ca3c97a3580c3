"""The command line."""

from __future__ import annotations

import asyncio
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, NoReturn
from zoneinfo import ZoneInfo

import typer

from ksmail import __version__, assemble, front, log, screen
from ksmail.capability import Key
from ksmail.checkup import check_all
from ksmail.commands import clock as clock_command
from ksmail.commands import digest as digest_command
from ksmail.commands import figures as figures_command
from ksmail.commands import promises as promises_command
from ksmail.commands.simulate import simulate
from ksmail.config import Config
from ksmail.daemon import Daemon, jitter, utc_now
from ksmail.desk.promise import promise_date, received_on, steps
from ksmail.desk.ticket import Status
from ksmail.errors import ConfigError, KsmailError, Unavailable
from ksmail.explain import explain as explain_mail
from ksmail.explain import readable
from ksmail.front import Json, Limit, LogForm, Verbose, choose, reading, whole_settings
from ksmail.health import ailments, read_health, remarks
from ksmail.incoming.message import Language
from ksmail.keys import load_keys, rotate_keys
from ksmail.reference import Reference
from ksmail.store.store import Reader, Store
from ksmail.store.values import DisclosureLine, LetterState, OutboxLine, RecipientLine

app = typer.Typer(
    name="ksmail",
    help="Mail in, ticket, promised date, answer: a help desk that lives in a mailbox.",
    epilog="Start with `ksmail demo`. With your own settings: `ksmail migrate` once, `ksmail check`, `ksmail run`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its tracebacks show local variables, and those hold mail
    rich_markup_mode=None,
)
tickets_app = typer.Typer(help="Look at tickets.", no_args_is_help=True, rich_markup_mode=None)
outbox_app = typer.Typer(
    help="Look at the letters that wait, went or failed.", no_args_is_help=True, rich_markup_mode=None
)
quarantine_app = typer.Typer(
    help="Mails that a person must look at: unreadable or held.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
keys_app = typer.Typer(help="The keys that sign our references.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(tickets_app, name="tickets")
app.add_typer(outbox_app, name="outbox")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(keys_app, name="keys")
app.command()(simulate)

_STATES = ", ".join(status.value for status in Status)
_BEGINNING = 4000  # octets of a mail on the screen
_LARGEST = 2**63 - 1  # what the store can count to
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


@tickets_app.command("list")
def tickets_list(
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


@tickets_app.command("show")
def tickets_show(
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


@outbox_app.command("list")
def outbox_list(limit: Limit = 50, as_json: Json = False) -> None:
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


@app.command()
def disclosures(
    what: Annotated[str, typer.Argument(metavar="REF|ADDRESS", help="A ticket (KV-2026-0042) or a mail address.")],
    as_json: Json = False,
) -> None:
    """What left the desk about a ticket, or to an address.

    When, to whom, with what, and on whose order.

    Letters to askers and partners, and each is named by the SHA-256 of its bytes. The lines are part of the history,
    so `ksmail check` would see if one was taken out.
    """
    reference = _reference_or_none(what)
    if reference is None and "@" not in what:
        raise ConfigError("a ticket has a number such as KV-2026-0042, and an address has an @")
    with reading() as (past, settings):
        lines = past.disclosures(reference, "" if reference else what)
        if reference is not None and not lines and past.find_ticket(reference) is None:
            raise ConfigError(f"there is no ticket {reference}")  # a wrong number is no proof that nothing left
    if as_json:
        screen.show_json(lines)
        return
    zone = settings.policy.timezone
    rows = [
        (
            screen.local(line.at, zone),
            str(line.ticket or ""),
            line.kind if line.certain else f"{line.kind} (perhaps)",
            line.by or "ksmail",
            line.sha256[:16],
            line.recipient,
            _what_it_carries(line),
        )
        for line in lines
    ]
    columns = ("when", "ticket", "letter", "ordered by", "sha-256", "to", "with")
    screen.show_table("Disclosures", columns, rows, "Nothing left the desk.")


def _reference_or_none(text: str) -> Reference | None:
    try:
        return Reference.parse(text)
    except ValueError:
        return None


def _what_it_carries(line: DisclosureLine) -> str:
    files = f"{len(line.files)} file{'s' if len(line.files) > 1 else ''}" if line.files else ""
    return ", ".join(filter(None, ("who asks" if line.identity else "", files))) or "words only"


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


@outbox_app.command("release")
def outbox_release(
    number: Annotated[
        int, typer.Argument(help="The number of the letter, from `ksmail outbox list`.", min=1, max=_LARGEST)
    ],
) -> None:
    """Let a letter go that waits for you.

    That is one held beyond a cap, given up, or uncertain. The daemon sends it with its next round.
    """
    store = assemble.open_store(front.settings())
    try:
        with store.writing() as tx:
            tx.release(number, utc_now())
    except ValueError as fault:
        raise ConfigError(str(fault)) from None
    finally:
        store.close()
    print(f"letter {number} will be sent")


@quarantine_app.command("list")
def quarantine_list(as_json: Json = False) -> None:
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


@quarantine_app.command("show")
def quarantine_show(
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


@quarantine_app.command("retry")
def quarantine_retry(
    number: Annotated[str, typer.Argument(help="The number (17 or Q-17), or `all`.")],
) -> None:
    """Let a mail be judged again.

    The daemon does it in its next round, with the program and the settings as they are then. Use it after an upgrade
    or a change of the settings. The stored mail is not altered.
    """
    settings = front.settings()
    store = assemble.open_store(settings)
    try:
        with store.writing() as tx:
            waiting = [line.number for line in tx.quarantine()]
            wanted = waiting if number == "all" else [_item(number)]
            for item in wanted:
                if item not in waiting:
                    raise ConfigError(f"mail {item} is not in quarantine")
                tx.reopen(item, utc_now())
    finally:
        store.close()
    print(f"{len(wanted)} {'mail' if len(wanted) == 1 else 'mails'} will be judged again")


@keys_app.command("list")
def keys_list(as_json: Json = False) -> None:
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


@keys_app.command("rotate")
def keys_rotate(log_form: LogForm = "json") -> None:
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
    print(f"Key {new} signs from now on. What key {former.id} signed counts until {former.until} (UTC).")
    print(f"A running daemon signs with {former.id} until it is told: send it SIGHUP (systemctl reload ksmail).")
    print(f"Make a backup of {settings.keys_file.name}: without it no reply to a new letter is recognised.")


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


app.command("promises")(promises_command.show)
app.command("figures")(figures_command.show)
app.command("digest")(digest_command.show)
app.command("clock")(clock_command.show)


def _moment(text: str, settings: Config) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--at: {text[:40]!r} is no date and time; write 2026-12-23 11:00") from None
    if moment.year not in _YEARS:
        raise ConfigError(f"--at: {text[:40]!r} is too far away to count working days")
    return moment if moment.tzinfo else moment.replace(tzinfo=settings.policy.timezone)


def _item(number: str) -> int:
    digits = number.upper().removeprefix("Q-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > len(str(_LARGEST)) - 1:
        raise ConfigError(f"{number[:20]!r} is no number of a mail; they look like Q-17")
    return int(digits)


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
