"""Which rows of the history a sum is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select

from ksmail.store.tables import history
from ksmail.store.tickets import Tickets


class Happened(Tickets):
    """Look-ups of what happened."""

    def _happened(self, here: ColumnElement[bool]) -> Sequence[Row[Any]]:
        columns = (history.c.ticket, history.c.change, history.c.because, history.c.at)
        query: Select[Any] = select(*columns).where(here)
        return self._db.execute(query.order_by(history.c.id)).all()


def rows_between(after: int, until: int) -> ColumnElement[bool]:
    """The rows above `after`, up to and including `until`."""
    return (history.c.id > after) & (history.c.id <= until)


def is_a(kind: type) -> ColumnElement[bool]:
    """Whether a row is a change of this kind. In a text of somebody the quotation marks would be escaped."""
    return history.c.change.like(f'%"type":"{kind.__name__}"%')
