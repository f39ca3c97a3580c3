"""The transport over SMTP."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Tls = Literal["implicit", "starttls", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """Times are in seconds. `tls="none"` is accepted for loopback addresses only (tests). No `user`: no login."""

    host: str
    user: str = ""
    password: str = ""
    port: int = 465
    tls: Tls = "implicit"
    ca_file: Path | None = None
    connections: int = 3
    connect_timeout: float = 30.0
    command_timeout: float = 300.0
    data_timeout: float = 600.0
    helo: str = ""

    def __repr__(self) -> str:
        return f"SmtpSettings({self.host!r}, {self.port})"
