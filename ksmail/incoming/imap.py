"""The mailbox over IMAP."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Tls = Literal["implicit", "starttls", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapSettings:
    """Times are in seconds, sizes in octets. `tls="none"` is accepted for loopback addresses only (tests)."""

    host: str
    user: str
    password: str
    port: int = 993
    tls: Tls = "implicit"
    ca_file: Path | None = None
    mailbox: str = "INBOX"
    done_folder: str = "Done"
    quarantine_folder: str = "Quarantine"
    held_folder: str = "Held"
    leave_in_place: bool = False
    timeout: float = 60.0
    idle_renewal: float = 240.0
    largest_mail: int = 40 * 1024 * 1024
    reconnect_min: float = 10.0
    reconnect_max: float = 300.0

    def __repr__(self) -> str:
        return f"ImapSettings({self.host!r}, {self.port})"
