"""A mailbox in memory: what arrives in it lies there until it is filed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ksmail.errors import Unavailable
from ksmail.incoming.mailbox import Copy, Folder, IncomingMail, MailKey

_UIDVALIDITY = 1
_HEAD = 256 * 1024  # what is kept of a mail that is too large


@dataclass(slots=True)
class SimulatedMailbox:
    """A `Mailbox`. `largest` is what a mail may measure, in octets; while it is `away` every call fails."""

    name: str
    largest: int
    away: bool = False
    delivered: int = 0
    folders: dict[Folder, list[IncomingMail]] = field(default_factory=lambda: {folder: [] for folder in Folder})
    _inbox: dict[int, IncomingMail] = field(default_factory=dict)

    def deliver(self, raw: bytes, received_at: datetime) -> None:
        """A mail arrives, whether or not anybody can look. `received_at` is aware."""
        self.delivered += 1
        large = len(raw) > self.largest
        self._inbox[self.delivered] = IncomingMail(
            key=MailKey(self.name, _UIDVALIDITY, self.delivered),
            raw=raw[:_HEAD] if large else raw,
            received_at=received_at,
            size=len(raw),
            incomplete=f"larger than {self.largest} octets" if large else "",
        )

    @property
    def waiting(self) -> int:
        """How many mails nobody has filed yet."""
        return len(self._inbox)

    def open(self) -> int:
        self._answer()
        return _UIDVALIDITY

    def uids(self) -> tuple[int, ...]:
        self._answer()
        return tuple(self._inbox)

    def fetch(self, uids: Sequence[int]) -> Iterator[IncomingMail]:
        self._answer()
        yield from (self._inbox[uid] for uid in uids if uid in self._inbox)

    def file(self, uids: Sequence[int], folder: Folder) -> None:
        self._answer()
        self.folders[folder] += [self._inbox.pop(uid) for uid in uids if uid in self._inbox]

    def destroy(self, copy: Copy) -> int:
        self._answer()
        before = sum(map(len, self.folders.values())) + len(self._inbox)
        for folder, mails in self.folders.items():
            self.folders[folder] = [mail for mail in mails if not _is(mail, copy)]
        self._inbox = {uid: mail for uid, mail in self._inbox.items() if not _is(mail, copy)}
        return before - sum(map(len, self.folders.values())) - len(self._inbox)

    def wait(self, seconds: float) -> bool:
        """Time does not pass by waiting here."""
        return False

    def interrupt(self) -> None:
        """Nobody waits."""

    def close(self) -> None:
        """Nothing is open."""

    def _answer(self) -> None:
        if self.away:
            raise Unavailable("the simulated mailbox is away")


def _is(mail: IncomingMail, copy: Copy) -> bool:
    return mail.size == copy.size and hashlib.sha256(mail.raw).hexdigest() == copy.sha256
