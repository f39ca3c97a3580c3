"""Signed references: who may speak about which ticket, in a form that survives a mail client."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

from ksmail.address import Address


class Audience(StrEnum):
    """For whom a letter is; the one letter is what stands in a token."""

    ASKER = "a"
    STAFF = "s"
    PARTNER = "p"
    OPS = "o"


@dataclass(frozen=True, slots=True)
class Key:
    """A signing key: an id of one to four of [a-z0-9], which is no secret, and the secret. Raises ValueError."""

    id: str
    secret: bytes

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9]{1,4}", self.id, re.ASCII) or not self.secret:
            raise ValueError("a key needs an id of one to four letters or digits, and a secret")

    def __repr__(self) -> str:
        return f"Key({self.id!r})"


@dataclass(frozen=True, slots=True)
class Capability:
    """A reference that we signed: `subject` is a ticket (KV-2026-0042) or a quarantined mail (Q-17).

    `party` is a keyed tag of the address it was issued to; compare with `issued_to`.
    """

    subject: str
    audience: Audience
    party: str
    key_id: str

    @property
    def names_ticket(self) -> bool:
        """Whether the subject is a ticket's number: prefix, year and number."""
        return self.subject.count("-") == 2


# subject.audience.party.key.mac: lower case and digits only, because servers fold the case of local parts.
_TOKEN = re.compile(
    r"([a-z]{1,8}(?:-\d{1,9}){1,2})\.([aspo])\.([a-z2-7]{8})\.([a-z0-9]{1,4})\.([a-z2-7]{26})",
    re.ASCII | re.IGNORECASE,
)


def find_tokens(text: str) -> tuple[str, ...]:
    """Everything in `text` that has the shape of a token, in order. The shape proves nothing: `Keyring.read` does."""
    return tuple(match[0].lower() for match in _TOKEN.finditer(text[:65536]))


class Keyring:
    """The desk's signing keys, newest first: the first signs, all of them verify."""

    def __init__(self, keys: tuple[Key, ...]) -> None:
        if not keys:
            raise ValueError("a keyring needs a key")
        self._keys = keys

    def issue(self, subject: str, audience: Audience, party: Address) -> str:
        """A token for one subject, one audience and one address. Raises ValueError for a subject of another shape."""
        key = self._keys[0]
        head = f"{subject.lower()}.{audience}.{_tag(key, party)}.{key.id}"
        token = f"{head}.{_mac(key, head)}"
        if not _TOKEN.fullmatch(token):
            raise ValueError(f"not a subject that a token can carry: {subject[:40]!r}")
        return token

    def read(self, token: str) -> Capability | None:
        """What a token says, or None when we did not sign it. Compares in constant time (CVE-2021-34337)."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        subject, audience, party, key_id, mac = match[0].lower().split(".")
        for key in self._keys:
            head = f"{subject}.{audience}.{party}.{key_id}"
            if key.id == key_id and hmac.compare_digest(_mac(key, head), mac):
                return Capability(subject.upper(), Audience(audience), party, key_id)
        return None

    def issued_to(self, capability: Capability, party: Address) -> bool:
        """Whether `party` is the one this capability was issued to."""
        return any(
            key.id == capability.key_id and hmac.compare_digest(_tag(key, party), capability.party)
            for key in self._keys
        )


def _tag(key: Key, party: Address) -> str:
    return _base32(hmac.digest(key.secret, b"party\0" + party.key.encode(), "sha256")[:5])


def _mac(key: Key, head: str) -> str:
    # 128 bits of HMAC-SHA-256 (RFC 2104 5 allows truncation to half).
    return _base32(hmac.digest(key.secret, b"token\0" + head.encode(), "sha256")[:16])


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()


def fingerprint(*parts: str) -> str:
    """Sixteen characters that are the same for the same parts: what makes a Message-ID repeatable."""
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()
    return _base32(digest[:10])
