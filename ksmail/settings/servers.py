"""The sections of ksmail.toml about the mail servers. What each key is for stands in config/ksmail.toml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from ksmail.settings.sections import Section
from ksmail.settings.words import Count, Domain, Line, Needed, Port, Seconds

Tls = Literal["implicit", "starttls", "none"]


class ImapSection(Section):
    host: Needed = ""
    port: Port = 993
    tls: Tls = "implicit"
    ca_file: Line = ""
    user: Line = ""
    password: SecretStr = SecretStr("")
    password_file: Line = ""
    mailbox: Needed = "INBOX"
    done_folder: Needed = "Done"
    quarantine_folder: Needed = "Quarantine"
    held_folder: Needed = "Held"
    leave_in_place: bool = False
    timeout: Seconds = 60.0
    idle_renewal: Seconds = 240.0
    largest_mail: Count = 41943040
    reconnect_min: Seconds = 10.0
    reconnect_max: Seconds = 300.0


class RelaySection(Section):
    host: Line = ""
    port: Port = 465
    tls: Tls = "implicit"
    ca_file: Line = ""
    user: Line = ""
    password: SecretStr = SecretStr("")
    password_file: Line = ""


class SmtpSection(RelaySection):
    host: Needed = ""
    helo: Domain = ""
    connections: int = Field(default=3, gt=0, le=50)
    connect_timeout: Seconds = 30.0
    command_timeout: Seconds = 300.0
    data_timeout: Seconds = 600.0
