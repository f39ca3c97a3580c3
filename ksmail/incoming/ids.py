"""Message-IDs, and what makes two mails the same mail."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

from ksmail.incoming.headers import Field, decode_words, values

LENGTH = 250
# RFC 5322 3.6.4, without the quoted forms: visible ASCII, one pair of brackets, an @ within.
_ID = re.compile(r"<[!-;=?A-~]++@[!-;=?-~]++>", re.ASCII)

_FIRST, _LAST, _ANSWERED = 1, 50, 10


def message_id(fields: Sequence[Field], raw_sha256: str) -> tuple[str, bool, str]:
    """The Message-ID, whether the mail gave it, and a remark when it did not.

    Exactly one well-formed field counts; otherwise the id is derived from the bytes, so that it stays the same.
    """
    given = values(fields, "message-id")
    if len(given) == 1 and _whole(given[0]):
        return given[0], True, ""
    remark = {0: "no Message-ID", 1: "a Message-ID that is none"}.get(len(given), "more than one Message-ID")
    return f"<{raw_sha256[:32]}@derived.invalid>", False, remark


def in_reply_to(fields: Sequence[Field]) -> tuple[str, ...]:
    """The well-formed ids of In-Reply-To, at most ten."""
    return _ids(values(fields, "in-reply-to"))[:_ANSWERED]


def references(fields: Sequence[Field]) -> tuple[str, ...]:
    """The well-formed ids of References: the first one and the last fifty."""
    found = _ids(values(fields, "references"))
    return found if len(found) <= _FIRST + _LAST else found[:_FIRST] + found[-_LAST:]


def content_id(fields: Sequence[Field], leaves: Iterable[tuple[str, str]]) -> str:
    """SHA-256 over From, Date and Subject and the type and hash of each decoded part.

    Trace and list headers, Message-ID and recipients are left out: two copies that came by two ways are one.
    """
    whole = hashlib.sha256()
    for name in ("from", "date", "subject"):
        for value in values(fields, name):
            _add(whole, name, " ".join(value.split()))
    for content_type, sha256 in leaves:
        _add(whole, content_type, sha256)
    return whole.hexdigest()


def _whole(text: str) -> bool:
    return len(text) <= LENGTH and _ID.fullmatch(text) is not None


def _ids(texts: Iterable[str]) -> tuple[str, ...]:
    # Some libraries turn an id that is longer than a line into encoded words. What it then names is still signed.
    plain = (decode_words(text) if "=?" in text else text for text in texts)
    pieces = (piece for text in plain for piece in re.findall(r"<[^<>\s]{3,248}>", text))
    return tuple(dict.fromkeys(piece for piece in pieces if _whole(piece)))


def _add(whole: hashlib._Hash, *texts: str) -> None:
    for text in texts:
        data = text.encode("utf-8")
        whole.update(b"%d:%s" % (len(data), data))
