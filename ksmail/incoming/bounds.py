"""What a header field may hold before it is read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ksmail.errors import UnreadableMail
from ksmail.incoming.headers import Field
from ksmail.incoming.limits import Limits

RECIPIENTS = frozenset({"to", "cc", "bcc"})
_ADDRESSES = RECIPIENTS | {"from", "sender", "reply-to", "resent-from", "resent-to", "resent-cc", "resent-sender"}
_WORD = re.compile(rb"=\?[^?\s]{1,60}\?[bBqQ]\?")
_SEGMENT = re.compile(rb"\*[0-9]{1,9}\*?[ \t\r\n]*=")
_PAREN = re.compile(rb"[()]")


def check_fields(fields: Sequence[Field], limits: Limits) -> None:
    """Raise UnreadableMail when a header block, or one field of it, is more than people write."""
    if sum(one.name == "received" for one in fields) > limits.received_fields:
        raise UnreadableMail(f"more than {limits.received_fields} Received fields (limit received_fields)")
    for one in fields:
        if one.name not in RECIPIENTS and _many(_WORD, one.value, limits.encoded_words):
            raise UnreadableMail(f"more than {limits.encoded_words} encoded words in one field (limit encoded_words)")
        if one.name.startswith("content-") and _many(_SEGMENT, one.value, limits.parameter_segments):
            raise UnreadableMail(
                f"more than {limits.parameter_segments} segments in one parameter (limit parameter_segments)"
            )
        if one.name in _ADDRESSES and _depth(one.value[: limits.header_field]) > limits.comment_depth:
            raise UnreadableMail(f"comments nested more than {limits.comment_depth} deep (limit comment_depth)")


def _many(pattern: re.Pattern[bytes], value: bytes, most: int) -> bool:
    return any(count > most for count, _ in enumerate(pattern.finditer(value), start=1))


def _depth(value: bytes) -> int:
    deepest = depth = 0
    for paren in _PAREN.finditer(value):
        depth = depth + 1 if paren[0] == b"(" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest
