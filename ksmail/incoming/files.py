"""The bytes of the files in a mail, for those that go along with a letter."""

from __future__ import annotations

from collections.abc import Collection

from ksmail.incoming.leaves import is_body, leaves, transfer_decoded
from ksmail.incoming.limits import Limits
from ksmail.incoming.prescan import survey


def extract(raw: bytes, limits: Limits, wanted: Collection[str]) -> dict[str, bytes]:
    """The decoded bytes of the attachments of a mail, by their `Attachment.sha256`, of those that are wanted.

    One that the mail does not have is left out. Pure; raises UnreadableMail as `parse` does.
    """
    outline = survey(raw, limits)
    files = (leaf for leaf in leaves(raw, outline) if leaf.sha256 in wanted and not is_body(leaf))
    found = {leaf.sha256: leaf.part for leaf in files}
    return {sha256: transfer_decoded(raw[part.start : part.end], part.encoding)[0] for sha256, part in found.items()}
