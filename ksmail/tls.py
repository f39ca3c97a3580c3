"""TLS as a client: certificates are always verified, and nothing older than 1.2 is spoken."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime
from pathlib import Path

from ksmail.errors import ConfigError


def client_context(ca_file: Path | None, key: str) -> ssl.SSLContext:
    """A context that trusts the system's authorities, and those in `ca_file` besides.

    Raises ConfigError naming `key` when the file cannot be used. There is no way to switch verification off.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except OSError as fault:  # ssl.SSLError is one
            raise ConfigError(f"{key}: no certificates can be read from this file") from fault
    return context


def good_until(connection: object) -> datetime | None:
    """The last moment (aware, UTC) of the certificate that the server of this connection showed; None without TLS."""
    if not isinstance(connection, ssl.SSLSocket | ssl.SSLObject):
        return None
    shown = (connection.getpeercert() or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown)), UTC) if shown else None


def refuse_cleartext(host: str, tls: str, key: str) -> None:
    """Raise ConfigError naming `key` when mail or a password would leave this machine unencrypted (RFC 8314 3)."""
    if tls == "none" and not is_loopback(host):
        raise ConfigError(f'{key}: "none" is accepted for a server on this machine only')


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine by its very name: 127.0.0.0/8, ::1 or localhost (RFC 6761 6.3)."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"
