"""Reading mails in this process: quicker than the real worker, and without its limits of time and memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ksmail.errors import UnreadableMail
from ksmail.incoming.limits import Limits
from ksmail.incoming.message import Message
from ksmail.incoming.parse import parse
from ksmail.incoming.worker import Parser


class OwnReader(Parser):
    """A `Parser` without a process of its own. For mails that somebody trusts enough to replay them."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self._most = limits

    def parse_many(self, raws: Sequence[bytes]) -> Iterator[Message | UnreadableMail]:
        """Read mails in their order."""
        yield from map(self._read, raws)

    def _read(self, raw: bytes) -> Message | UnreadableMail:
        try:
            return parse(raw, self._most)
        except UnreadableMail as fault:
            return fault
        except Exception as fault:  # the one around a mail, as in the worker
            return UnreadableMail(f"our parser failed: {type(fault).__name__}")
