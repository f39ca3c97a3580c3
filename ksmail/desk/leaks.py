"""What must not leave the desk, as far as somebody found it in a text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LeakKind(StrEnum):
    """Why a text had better not leave. The wording for staff lives in templates/*/_shared."""

    TOKEN = "token"  # a signed reference of ours  # noqa: S105 -- the name of a kind
    MARKING = "marking"  # what stands on classified documents
    SEALED = "sealed"  # an attachment that is sealed
    INTERNAL = "internal"  # the words of a note or of another text that only staff may read
    PARTNER = "partner"  # the words of a partner
    REFERENCE = "reference"  # the number of another ticket
    ADDRESS = "address"  # the address of somebody who is not in the case
    TRACKED = "tracked"  # a document with tracked changes or comments
    UNREADABLE = "unreadable"  # a document that nobody can look into


@dataclass(frozen=True, slots=True)
class Leak:
    """`line` is the offending line, harmless and bounded, or the name of the file."""

    kind: LeakKind
    line: str

    @property
    def overridable(self) -> bool:
        """Whether somebody who has read the warning may send it all the same."""
        return self.kind not in (LeakKind.TOKEN, LeakKind.MARKING, LeakKind.SEALED)
