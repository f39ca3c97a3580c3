"""Look-ups for what comes back to us: a word about a mail or an order that waits, a report about a letter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from ksmail.desk.arrival import Disposition
from ksmail.desk.case import HeldMail
from ksmail.incoming.message import Attachment
from ksmail.store.cases import Cases, attachment_of
from ksmail.store.happenings import LetterState
from ksmail.store.people import PERSON_KINDS
from ksmail.store.tables import attachment, confirmation, entry, inbound, outbox, outbox_recipient
from ksmail.store.tickets import address, reference_or_none, some
from ksmail.store.values import Awaited, SentLetter

_PUT_ASIDE = (Disposition.QUARANTINED.value, Disposition.HELD.value)


class Returns(Cases):
    """Look-ups of what we asked, and of what we sent."""

    def held_mail(self, number: int) -> HeldMail | None:
        """A mail that waits for a person; None for any other one."""
        query = select(inbound).where(inbound.c.number == number, inbound.c.disposition.in_(_PUT_ASIDE))
        row = self._db.execute(query).one_or_none()
        if row is None:
            return None
        unreadable = row.disposition == Disposition.QUARANTINED and not row.content_id
        return HeldMail(number=number, reason=row.reason, received_at=row.received_at, unreadable=unreadable)

    def confirmation(self, mail: int) -> Awaited | None:
        """The orders in this mail, if they wait for a word, or waited. Files are known once their text is posted."""
        query = select(confirmation, inbound.c.received_at).join(inbound, inbound.c.number == confirmation.c.mail)
        row = self._db.execute(query.where(confirmation.c.mail == mail)).one_or_none()
        if row is None:
            return None
        return Awaited(
            mail=mail,
            who=address(row.who, row.who_name),
            text=row.text,
            ticket=reference_or_none(row.ticket),
            about=row.about,
            received_at=row.received_at,
            files=self._files_of(mail),
            open=row.settled_at is None,
            asked_at=row.asked_at,
            shown=row.shown,
        )

    def letter_behind(self, message_ids: Iterable[str]) -> SentLetter | None:
        """The newest letter with one of these Message-IDs."""
        return self._letter(outbox.c.message_id.in_(some(message_ids)))

    def letter_by_envelope(self, spec: str) -> SentLetter | None:
        """The newest letter that left with this envelope sender, as it was written or in lower case; "" finds none."""
        return self._letter(outbox.c.envelope_from.in_({spec, spec.lower()})) if spec else None

    def _letter(self, here: Any) -> SentLetter | None:
        columns = (outbox.c.id, outbox.c.kind, outbox.c.message_id, outbox.c.about, outbox.c.ticket, outbox.c.state)
        row = self._db.execute(select(*columns).where(here).order_by(outbox.c.id.desc()).limit(1)).one_or_none()
        if row is None:
            return None
        return SentLetter(
            id=row.id,
            kind=row.kind,
            message_id=row.message_id,
            about=row.about,
            ticket=reference_or_none(row.ticket),
            recipients=self._addressees(row.id),
            state=LetterState(row.state),
            returned=self._returned(row.id),
            latest=not self._written_since(row.id, row.ticket),
        )

    def _returned(self, letter: int) -> tuple[str, ...]:
        here = (outbox_recipient.c.letter == letter) & (outbox_recipient.c.outcome == "bounced")
        return tuple(self._db.scalars(select(outbox_recipient.c.address).where(here)))

    def _written_since(self, letter: int, ticket: str | None) -> bool:
        """Whether a later letter about this ticket has words of a person, and left."""
        gone = (LetterState.SENT.value, LetterState.SENDING.value, LetterState.UNCERTAIN.value)
        here = (outbox.c.id > letter) & (outbox.c.ticket == ticket) & outbox.c.kind.in_(PERSON_KINDS)
        return self._db.scalar(select(outbox.c.id).where(here, outbox.c.state.in_(gone)).limit(1)) is not None

    def _files_of(self, mail: int) -> tuple[Attachment, ...]:
        query = select(attachment).join(entry, attachment.c.entry == entry.c.id).where(entry.c.mail == mail)
        return tuple(attachment_of(row) for row in self._db.execute(query.order_by(attachment.c.id)))
