"""What is done once per date, and the numbered lists that were mailed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, delete, func, insert, select, update

from ksmail.address import Address
from ksmail.store.codec import canonical
from ksmail.store.settling import Settling
from ksmail.store.tables import claim, sheet
from ksmail.store.tickets import Tickets
from ksmail.store.values import Claim, Sheet

# Built once: each look at the time asks these, and building a query takes longer than asking it.
_WHAT: BindParameter[str] = bindparam("what")
_DAY: BindParameter[date] = bindparam("day")
_OF_A_KIND = select(claim).where(claim.c.what == _WHAT)
_CLAIMED = _OF_A_KIND.where(claim.c.day == _DAY)
_LAST = _OF_A_KIND.order_by(claim.c.day.desc()).limit(1)
_LAST_BEFORE = _OF_A_KIND.where(claim.c.day < _DAY).order_by(claim.c.day.desc()).limit(1)

_COUNT = select(func.max(claim.c.number)).where(claim.c.what == _WHAT)
_THAT = (claim.c.what == bindparam("kind_")) & (claim.c.day == bindparam("day_"))
_OTHER_FACTS = update(claim).where(_THAT)
_LATER = delete(claim).where(claim.c.what == _WHAT, claim.c.day > _DAY)


class Claimed(Tickets):
    """Look-ups of what was done."""

    def claimed(self, what: str, day: date) -> Claim | None:
        """What was done on that day, a date of the desk; None when it was not."""
        row = self._db.execute(_CLAIMED, {"what": what, "day": day}).one_or_none()
        return claim_of(row) if row else None

    def last_claim(self, what: str, before: date | None = None) -> Claim | None:
        """The newest of its kind, or the newest on an earlier day than `before`."""
        query = _LAST if before is None else _LAST_BEFORE
        row = self._db.execute(query, {"what": what, "day": before}).one_or_none()
        return claim_of(row) if row else None

    def claims(self, what: str) -> list[Claim]:
        """All of a kind, oldest first."""
        return [claim_of(row) for row in self._db.execute(_OF_A_KIND.order_by(claim.c.day), {"what": what})]

    def sheet(self, number: int) -> Sheet | None:
        """A numbered list that was mailed."""
        row = self._db.execute(select(sheet).where(sheet.c.id == number)).one_or_none()
        if row is None:
            return None
        return Sheet(row.id, row.kind, row.address, tuple(json.loads(row.lines)), row.at)


class Claims(Settling, Claimed):
    """Claiming."""

    def claim(self, what: str, day: date, now: datetime, facts: Mapping[str, Any] | None = None) -> Claim | None:
        """Take it upon us to do this once on that day; None when it was done, or is being done, already. It is claimed
        when the transaction is kept, with all that is done in it. `facts` is plain JSON."""
        if self.claimed(what, day) is not None:
            return None
        count = self._db.scalar(_COUNT, {"what": what}) or 0
        made = Claim(what, day, now, count + 1, dict(facts or {}))
        self._db.execute(insert(claim), {
            "what": what, "day": day, "at": now, "number": made.number, "facts": canonical(made.facts),
        })  # fmt: skip
        return made

    def remember(self, what: str, day: date, facts: Mapping[str, Any]) -> None:
        """Put other facts in the place of those of a claim. Raises LookupError where nothing is claimed."""
        changed = {"kind_": what, "day_": day, "facts": canonical(dict(facts))}
        if self._db.execute(_OTHER_FACTS, changed).rowcount != 1:
            raise LookupError(f"{what} is not claimed on {day}")

    def withdraw(self, what: str, after: date) -> None:
        """Forget what was claimed of this kind on later days: they have not come."""
        self._db.execute(_LATER, {"what": what, "day": after})

    def keep_sheet(self, kind: str, to: Address, lines: Sequence[str], now: datetime) -> int:
        """Keep a numbered list that goes to somebody. Returns its number: L-17."""
        row = {"kind": kind, "address": to.spec, "lines": canonical(list(lines)), "at": now}
        number: int = self._db.scalar(insert(sheet).returning(sheet.c.id), row) or 0
        return number


def claim_of(row: Row[Any]) -> Claim:
    """A claim as it was stored."""
    return Claim(row.what, row.day, row.at, row.number, json.loads(row.facts or "{}"))
