"""Debian's own servers in the place of those in memory: Dovecot takes and keeps the mail, Postfix sends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ksmail.demo.servers import SentMail
from tests.servers import PASSWORD, Dovecot, Postfix


@dataclass
class Debian:
    """What a Rig needs of its servers. `sent` stays empty: what Postfix took lies in its recipients' mailboxes."""

    dovecot: Dovecot
    postfix: Postfix
    user: str
    password: str = PASSWORD

    @property
    def imap_port(self) -> int:
        return self.dovecot.imaps

    @property
    def smtp_port(self) -> int:
        return self.postfix.submissions

    @property
    def ca_file(self) -> Path:
        return self.dovecot.ca_file

    @property
    def sent(self) -> list[SentMail]:
        return []

    def append(self, raw: bytes, folder: str = "INBOX", when: datetime | None = None) -> None:
        """Delivered by LMTP, as a border would: the time of arrival is the server's own."""
        self.dovecot.deliver(raw, self.user)

    def folder(self, name: str) -> list[bytes]:
        return self.dovecot.folder(self.user, name)
