"""What the commands show: tables and letters on a terminal, with strangers' text kept harmless."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ksmail.address import Address
from ksmail.desk.ticket import Ticket
from ksmail.reference import Reference
from ksmail.store.values import TicketDossier

# Into a pipe a row should be one line, for grep; a terminal knows its own width.
_WIDTH = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 200

console = Console(highlight=False, markup=False, emoji=False, width=_WIDTH)
errors = Console(stderr=True, highlight=False, markup=False, emoji=False)


def harmless(text: str, longest: int = 4000) -> str:
    """Text from a mail without escape sequences, bidi overrides and zero-width characters: terminals obey those."""
    kept = (
        c if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co") else "\N{REPLACEMENT CHARACTER}"
        for c in text[:longest]
    )
    return "".join(kept)


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], empty: str) -> None:
    """One table, or the sentence `empty` when there is nothing to show. Only the last two columns may wrap."""
    made = [[Text(harmless(cell, 300)) for cell in row] for row in rows]
    if not made:
        console.print(empty)
        return
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for at, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=at < len(columns) - 2)
    for row in made:
        table.add_row(*row)
    console.print(table)


def show_json(facts: object) -> None:
    """Machine-readable, one document, nothing else on standard output; in ASCII, which no terminal obeys."""
    print(json.dumps(plain(facts), indent=2))


def plain(value: Any) -> Any:
    """Facts as JSON has them: dates and times in ISO 8601, references and addresses as people write them."""
    match value:
        case Enum():
            return value.value
        case Reference() | Address():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return {str(plain(key)): plain(entry) for key, entry in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(entry) for entry in value]
        case str() | int() | float() | bool() | None:
            return value
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
        case _:
            return str(value)


def local(moment: datetime, timezone: ZoneInfo) -> str:
    """Day and time on the desk's clock."""
    return moment.astimezone(timezone).strftime("%Y-%m-%d %H:%M")


def _promised(ticket: Ticket) -> str:
    if not ticket.status.is_open:
        return "nothing is promised any more"
    return f"promised {ticket.promised_on or 'nothing'}"


def _show_consultations(ticket: Ticket, timezone: ZoneInfo) -> None:
    """Nothing for a ticket of which no partner was asked."""
    rows = [
        (
            each.partner,
            each.stage.value,
            each.position.value if each.position else "",
            local(each.asked_at, timezone),
            each.due_on.isoformat(),
            local(each.replied_at, timezone) if each.replied_at else "",
            each.to.spec,
        )
        for each in ticket.consultations
    ]
    if rows:
        show_table("\nConsultations", ("partner", "state", "position", "asked", "due", "answered", "to"), rows, "")


def show_dossier(dossier: TicketDossier, timezone: ZoneInfo) -> None:
    """One ticket, whole, for a person."""
    ticket = dossier.ticket
    console.print(f"{ticket.reference}  {ticket.status.value}  {_promised(ticket)}", style="bold")
    console.print(f"asker     {ticket.asker.spec} ({ticket.language.value})")
    console.print(f"subject   {harmless(ticket.subject, 300)}")
    people = ", ".join(f"{person.address.spec} ({person.part})" for person in ticket.participants)
    console.print(f"people    {people}", soft_wrap=True)
    for name, value in (
        ("handler", ticket.assignee),
        ("ended", ticket.closed_because),
        ("put into", ticket.merged_into),
    ):
        if value:
            console.print(f"{name:<9} {value.value if isinstance(value, Enum) else value}")
    if ticket.flags:
        console.print(f"look at   {', '.join(flag.value for flag in ticket.flags)}")
    for entry in dossier.entries:
        partner = f"  {entry.partner}" if entry.partner else ""
        console.rule(f"{local(entry.at, timezone)}  {entry.kind.value}{partner}  {entry.author.spec}", align="left")
        console.print(harmless(entry.text), soft_wrap=True)
        for attachment in entry.attachments:
            console.print(f"[file] {harmless(attachment.name)}  {attachment.size} octets")
    _show_consultations(ticket, timezone)
    promises = [
        (line.promised_on.isoformat(), line.state.value, local(line.given_at, timezone), line.ground.value)
        for line in dossier.promises
    ]
    show_table("\nPromises", ("date", "state", "given", "because"), promises, "Nothing is promised.")
    letters = [(line.kind, line.state.value, local(line.due_at, timezone), line.message_id) for line in dossier.letters]
    show_table("\nLetters", ("letter", "state", "due", "Message-ID"), letters, "No letters.")
    history = [
        (local(line.at, timezone), line.actor, type(line.change).__name__, line.because) for line in dossier.history
    ]
    show_table("\nHistory", ("when", "by", "what", "because"), history, "No history.")
