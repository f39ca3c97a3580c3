"""Mails that wait for a person: judged again, or refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from ksmail.desk.arrival import Disposition
from ksmail.store.happenings import Dropped, Reopened
from ksmail.store.records import Cause, Happened, Records
from ksmail.store.tables import inbound

_MAIL = select(inbound).where(inbound.c.number == bindparam("mail"))  # built once: each mail asks it
_WAITS_FOR_STAFF = (Disposition.QUARANTINED, Disposition.HELD)


class Aside(Records):
    """What becomes true about mails that were quarantined or held."""

    def reopen(self, number: int, now: datetime) -> Disposition:
        """Let a quarantined or held mail be judged again. Returns what it was; its letters stay.

        Raises ValueError for any other mail, LookupError for one that is not in the ledger.
        """
        return self._judge_again(number, now, "operator", "judged again")

    def _release(self, number: int, now: datetime, actor: str, because: str) -> None:
        self._judge_again(number, now, actor, because)
        self._db.execute(update(inbound).where(inbound.c.number == number).values(released=True))

    def _judge_again(self, number: int, now: datetime, actor: str, because: str) -> Disposition:
        was = self._put_aside(number)
        again = {"disposition": Disposition.PENDING.value, "attempts": 0, "reason": "", "recorded_at": None}
        self._db.execute(update(inbound).where(inbound.c.number == number).values(again))
        self.note([Happened(Reopened(was), actor, because)], Cause(number, now, now))
        return was

    def _drop(self, number: int, now: datetime, actor: str, reason: str) -> None:
        """Refused mail stays in the folder in which it waited: `filed` says so, and a person can still find it."""
        was = self._put_aside(number)
        refused = {"disposition": Disposition.REFUSED.value, "reason": reason, "recorded_at": now}
        self._db.execute(update(inbound).where(inbound.c.number == number).values(refused))
        self.note([Happened(Dropped(was), actor, reason)], Cause(number, now, now))

    def _put_aside(self, number: int) -> Disposition:
        was = Disposition(self._mail(number).disposition)
        if was not in _WAITS_FOR_STAFF:
            raise ValueError(f"mail {number} is neither quarantined nor held")
        return was

    def _mail(self, number: int) -> Row[Any]:
        row = self._db.execute(_MAIL, {"mail": number}).one_or_none()
        if row is None:
            raise LookupError(f"there is no mail {number}")
        return row
