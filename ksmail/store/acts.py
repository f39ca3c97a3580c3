"""Acts: what a decision does beside changing its ticket, carried out one by one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from sqlalchemy import delete, insert, select, update

from ksmail.desk.acts import (
    Absent,
    Act,
    Await,
    CameBack,
    Destroy,
    Detain,
    Drop,
    Hurry,
    Recall,
    Release,
    Settle,
    Suppress,
)
from ksmail.desk.arrival import Elsewhere
from ksmail.desk.ticket import Change, Flagged, Posted
from ksmail.store.destruction import Destruction
from ksmail.store.handling import Mandate
from ksmail.store.people import address_key
from ksmail.store.records import OURSELVES, Happened
from ksmail.store.tables import absence, confirmation, outbox_recipient, suppression


class Acts(Destruction):
    """The acts of a decision, or of what came of a letter."""

    def _apply_elsewhere(self, elsewhere: Iterable[Elsewhere], mandate: Mandate) -> None:
        """Change other tickets than the one that a mail or a letter belongs to."""
        for other in elsewhere:
            because = other.because or mandate.because
            facts = [Happened(change, author_of(change, mandate.actor), because) for change in other.changes]
            after = self.apply(self.find_ticket(other.ticket), facts, mandate.cause)
            if after is None or after.reference != other.ticket:
                raise ValueError(f"the changes do not make {other.ticket}")

    def carry_out(self, acts: Iterable[Act], mandate: Mandate) -> None:
        """Carry out acts in their order. Raises ValueError or LookupError for one that cannot be done: a letter that
        left, a mail that does not wait, an order that was settled before."""
        for act in acts:
            self._carry_out(act, mandate)

    def _carry_out(self, act: Act, mandate: Mandate) -> None:
        match act:
            case Recall(letter):
                self._recall(letter, mandate)
            case Hurry(letter):
                self._hurry(letter, mandate)
            case Detain(letter):
                self._detain(letter, mandate)
            case Release(mail):
                self._release(mail, mandate.cause.now, mandate.actor, mandate.because)
            case Drop(mail, reason):
                self._drop(mail, mandate.cause.now, mandate.actor, reason or mandate.because)
            case Destroy(mail, sha256):
                self._destroy(mail, sha256, mandate)
            case Absent():
                self._absent(act)
            case Await():
                self._await(act, mandate)
            case Settle():
                self._settle_order(act, mandate)
            case CameBack(letter, recipient, reason):
                here = (outbox_recipient.c.letter == letter) & (outbox_recipient.c.address == recipient)
                self._db.execute(update(outbox_recipient).where(here).values(outcome="bounced", reason=reason))
            case Suppress():
                self._suppress(act)
            case _:
                assert_never(act)

    def _absent(self, act: Absent) -> None:
        self._db.execute(delete(absence).where(absence.c.key == act.who.key))
        away = {"key": act.who.key, "address": act.who.spec, "name": act.who.name}
        self._db.execute(insert(absence), {**away, "first": act.first, "last": act.last})

    def _await(self, act: Await, mandate: Mandate) -> None:
        about = str(mandate.ticket) if mandate.ticket else act.about
        self._db.execute(insert(confirmation), {
            "mail": act.mail, "who": act.who.spec, "who_name": act.who.name, "text": act.text,
            "ticket": str(mandate.ticket) if mandate.ticket else None, "about": about, "shown": act.shown,
            "asked_at": mandate.cause.now,
        })  # fmt: skip

    def _settle_order(self, act: Settle, mandate: Mandate) -> None:
        # One word counts: an order that was confirmed cannot be confirmed again, or withdrawn.
        here = (confirmation.c.mail == act.mail) & confirmation.c.settled_at.is_(None)
        word = {"settled_at": mandate.cause.now, "confirmed": act.confirmed}
        if self._db.execute(update(confirmation).where(here).values(word)).rowcount != 1:
            raise ValueError(f"the orders of mail {act.mail} do not wait for a word")

    def _suppress(self, act: Suppress) -> None:
        key = address_key(act.address)
        before = self._db.scalar(select(suppression.c.until).where(suppression.c.person == key))
        self._db.execute(delete(suppression).where(suppression.c.person == key))
        until = max(act.until, before or act.until)
        self._db.execute(insert(suppression), {"person": key, "until": until})


def author_of(change: Change, actor: str = OURSELVES) -> str:
    """Who did it: whoever wrote a text; and for all else `actor`, who marks nothing: marks are our own doing."""
    if isinstance(change, Posted):
        return change.role.value
    return OURSELVES if isinstance(change, Flagged) else actor
