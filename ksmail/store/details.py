"""What a change adds beside its ticket: a text with its files, a date that was given or that came to its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update

from ksmail.desk.ticket import Change, MergedInto, Posted, Promised, PromiseSettled, PromiseState, Unkept
from ksmail.store.lookups import LookUps
from ksmail.store.tables import attachment, entry, promise
from ksmail.store.tables import ticket as tickets

# Built once: each record asks these, and building a query takes longer than asking it.
_NEW_ENTRY = insert(entry).returning(entry.c.id)
_NEW_PROMISE = insert(promise)
_STANDS = (promise.c.ticket == bindparam("name")) & (promise.c.state == PromiseState.OPEN.value)
_STANDING = select(promise.c.id).where(_STANDS).limit(1)
_SETTLED = update(promise).where(_STANDS)


@dataclass(frozen=True, slots=True)
class Cause:
    """The mail that caused it (None: no mail did), when that was received, and when it is written down."""

    mail: int | None
    received_at: datetime
    now: datetime


class Details(LookUps):
    """The rows that belong to a ticket."""

    def _detail(self, change: Change, name: str, cause: Cause) -> None:
        match change:
            case Posted():
                self._post(change, name, cause)
            case Promised():
                self._promise(change, name, cause)
            case PromiseSettled(state):
                self._settle_promise(state, name, cause)
            case Unkept(state):
                self._unkeep(state, name, cause)
            case MergedInto():
                last = select(func.max(entry.c.id)).scalar_subquery()
                count = select(func.count(tickets.c.merge)).scalar_subquery()
                here = tickets.c.reference == name
                self._db.execute(update(tickets).where(here).values(merged_after=last, merge=count + 1))
            case _:
                pass

    def _post(self, posted: Posted, name: str, cause: Cause) -> None:
        number = self._db.scalar(_NEW_ENTRY, {
            "ticket": name, "mail": cause.mail, "at": cause.received_at, "kind": posted.kind.value,
            "author": posted.author.spec, "author_name": posted.author.name, "role": posted.role.value,
            "audience": posted.audience.value, "text": posted.text, "message_id": posted.message_id,
            "partner": posted.partner,
        })  # fmt: skip
        if posted.attachments:
            files = [
                {"entry": number, "name": file.name, "content_type": file.content_type, "size": file.size,
                 "sha256": file.sha256}
                for file in posted.attachments
            ]  # fmt: skip
            self._db.execute(insert(attachment), files)

    def _promise(self, promised: Promised, name: str, cause: Cause) -> None:
        is_open = promised.state is PromiseState.OPEN
        if is_open:
            self._refuse_second(name)
        self._db.execute(_NEW_PROMISE, {
            "ticket": name, "mail": cause.mail, "promised_on": promised.promised_on, "ground": promised.ground.value,
            "state": promised.state.value, "given_at": cause.now, "settled_at": None if is_open else cause.now,
        })  # fmt: skip

    def _refuse_second(self, name: str) -> None:
        if self._db.scalar(_STANDING, {"name": name}) is not None:
            raise ValueError(f"{name} has an open promise; what became of it must be said before another one is given")

    def _settle_promise(self, state: PromiseState, name: str, cause: Cause) -> None:
        self._db.execute(_SETTLED, {"name": name, "state": state.value, "settled_at": cause.now})

    def _unkeep(self, state: PromiseState, name: str, cause: Cause) -> None:
        query = select(promise.c.id, promise.c.state).where(promise.c.ticket == name).order_by(promise.c.id.desc())
        last = self._db.execute(query.limit(1)).one_or_none()
        if last is None or last.state != PromiseState.KEPT:
            return
        ended = None if state is PromiseState.OPEN else cause.now
        self._db.execute(update(promise).where(promise.c.id == last.id).values(state=state.value, settled_at=ended))
