"""Signed references: who may speak about which ticket, in a form that survives a mail client."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import date, timedelta
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
    """A signing key: an id of one to four of [a-z0-9], which is no secret, and the secret. Raises ValueError.

    `until` is the last day (UTC) on which what it signed still counts; None for the key that signs, or one without end.
    """

    id: str
    secret: bytes
    until: date | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9]{1,4}", self.id, re.ASCII) or not self.secret:
            raise ValueError("a key needs an id of one to four letters or digits, and a secret")

    def __repr__(self) -> str:
        return f"Key({self.id!r})"


@dataclass(frozen=True, slots=True)
class Capability:
    """What we signed. `subject`: a ticket (KV-2026-0042), a quarantined mail (Q-17), a confirmation (C-17), a numbered
    list (L-17), or a mail to those who run the program (D-17).

    `party` is a keyed tag of the address it was issued to; compare with `issued_to`. `expires` is the last day (UTC) on
    which it is good, by its own word or its key's, whichever comes first; None is never. Ask `is_good_on` before use.
    """

    subject: str
    audience: Audience
    party: str
    key_id: str
    expires: date | None = None

    @property
    def names_ticket(self) -> bool:
        """Whether the subject is a ticket's number: prefix, year and number."""
        return self.subject.count("-") == 2

    @property
    def names_mail(self) -> bool:
        """Whether the subject is a quarantined mail."""
        return not self.names_ticket and self.subject.startswith("Q-")

    @property
    def names_confirmation(self) -> bool:
        """Whether the subject is an order that waits for a yes."""
        return not self.names_ticket and self.subject.startswith("C-")

    @property
    def names_list(self) -> bool:
        """Whether the subject is a numbered list."""
        return not self.names_ticket and self.subject.startswith("L-")

    @property
    def number(self) -> int:
        """The number of the quarantined mail, the confirmation or the list. Raises ValueError for a ticket, which
        has a year too."""
        if self.names_ticket:
            raise ValueError("a ticket has no number of its own")
        return int(self.subject.partition("-")[2])

    def is_good_on(self, day: date) -> bool:
        """Whether it still counts on this day (UTC)."""
        return self.expires is None or day <= self.expires


# subject.audience.party.key.tail: lower case and digits only, because servers fold the case of local parts. The tail is
# three characters of the day of expiry and 24 of the signature; a dot less, because a local part holds 64 characters.
_TOKEN = re.compile(
    r"((?:[a-z]{1,8}-\d{4}-\d{4,9}|[a-z]-\d{1,9})\.[aspo]\.[a-z2-7]{8}\.[a-z0-9]{1,4}\.[a-z2-7]{3})([a-z2-7]{24})",
    re.ASCII | re.IGNORECASE,
)
_DIGITS = "abcdefghijklmnopqrstuvwxyz234567"  # base32 of RFC 4648 6, in lower case
_NEVER = date(2020, 1, 1)  # day 0 of the count: "aaa" is never, and there were no desks then
_LAST = _NEVER + timedelta(days=32**3 - 1)


def find_tokens(text: str) -> tuple[str, ...]:
    """Everything in `text` that has the shape of a token, in order. The shape proves nothing: `Keyring.read` does."""
    return tuple(match[0].lower() for match in _TOKEN.finditer(text[:65536]))


class Keyring:
    """The desk's signing keys, newest first: the first signs, all of them verify."""

    def __init__(self, keys: tuple[Key, ...]) -> None:
        if not keys:
            raise ValueError("a keyring needs a key")
        self._keys = keys

    def issue(self, subject: str, audience: Audience, party: Address, expires: date | None = None) -> str:
        """A token for one subject, one audience and one address, good up to and including the day `expires` (UTC).

        None is never. Raises ValueError for a subject of another shape, and for a day outside 2020-01-02 to 2109-09-18.
        """
        key = self._keys[0]
        head = f"{subject.lower()}.{audience}.{_tag(key, party)}.{key.id}.{_write_day(expires)}"
        token = head + _mac(key, head)
        if not _TOKEN.fullmatch(token):
            raise ValueError(f"not a subject that a token can carry: {subject[:40]!r}")
        return token

    def read(self, token: str) -> Capability | None:
        """What a token says, or None when we did not sign it, whatever is wrong with it. It may have expired.

        Compares in constant time (CVE-2021-34337), and with every key, so that the time it takes does not tell which
        keys there are.
        """
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        head, mac = match[1].lower(), match[2].lower()
        subject, audience, party, key_id, day = head.split(".")
        genuine = [hmac.compare_digest(_mac(key, head), mac) for key in self._keys]
        for key, signed in zip(self._keys, genuine, strict=True):
            if signed and key.id == key_id:
                expires = _earlier(_read_day(day), key.until)
                return Capability(subject.upper(), Audience(audience), party, key_id, expires)
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
    # 120 bits of HMAC-SHA-256, 24 whole characters. RFC 2104 5 advises half (128) and no less than 80; nobody can try
    # a guess without mailing it to us.
    return _base32(hmac.digest(key.secret, b"token\0" + head.encode(), "sha256")[:15])


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()


def _write_day(day: date | None) -> str:
    if day is None:
        return _DIGITS[0] * 3
    if not _NEVER < day <= _LAST:
        raise ValueError(f"not a day that a token can carry: {day}")
    count = (day - _NEVER).days
    return _DIGITS[count >> 10] + _DIGITS[count >> 5 & 31] + _DIGITS[count & 31]


def _read_day(text: str) -> date | None:
    high, middle, low = (_DIGITS.index(digit) for digit in text)
    count = high << 10 | middle << 5 | low
    return _NEVER + timedelta(days=count) if count else None


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)


def fingerprint(*parts: str) -> str:
    """Sixteen characters that are the same for the same parts: what makes a Message-ID repeatable."""
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()
    return _base32(digest[:10])
