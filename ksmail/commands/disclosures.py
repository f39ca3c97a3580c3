"""`ksmail disclosures`: what left the desk."""

from __future__ import annotations

from typing import Annotated

import typer

from ksmail import screen
from ksmail.errors import ConfigError
from ksmail.front import Json, reading
from ksmail.reference import Reference
from ksmail.store.values import DisclosureLine


def show(
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
