"""`ksmail figures`: what a desk publishes about a month."""

from __future__ import annotations

import csv
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from ksmail import screen
from ksmail.commands.months import month_or_none
from ksmail.daemon import utc_now
from ksmail.desk.month import Month
from ksmail.desk.promise import received_on
from ksmail.front import Json, reading
from ksmail.summing import figures_of

_OBEYED = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet takes what begins so for a formula


def show(
    month: Annotated[
        str | None,
        typer.Option("--month", metavar="2026-11", help="Which month. Default: the one before this."),
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Two columns, for a spreadsheet.")] = False,
    as_json: Json = False,
) -> None:
    """The figures of a month, without a name in them.

    Questions received and acknowledged, how long answers took, promised dates kept and not kept. You may publish them.
    """
    wanted = month_or_none(month)
    with reading() as (past, settings):
        policy = settings.policy
        wanted = wanted or Month.of(received_on(utc_now(), policy.timezone)).before
        found = asdict(figures_of(past, wanted, policy))
    if as_json:
        screen.show_json(found)
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\r\n")  # RFC 4180
        writer.writerow(("figure", "value"))
        writer.writerows((cell(name), cell(_shown(value))) for name, value in found.items())
    else:
        rows = [(name.replace("_", " "), _shown(value)) for name, value in found.items() if name != "month"]
        screen.show_table(f"Figures of {wanted}", ("figure", "value"), rows, "")


def cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (CWE-1236)."""
    return f"'{text}" if text.startswith(_OBEYED) else text


def _shown(value: object) -> str:
    return "" if value is None else str(value)
