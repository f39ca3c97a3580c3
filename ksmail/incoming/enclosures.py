"""Which files of a mail somebody attached on purpose."""

from __future__ import annotations

from ksmail.incoming.leaves import Leaf, is_body, leaves
from ksmail.incoming.limits import Limits
from ksmail.incoming.outline import Outline
from ksmail.incoming.prescan import survey

_SIGNATURES = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/pgp-keys",
        "text/vcard",
        "text/x-vcard",
        "application/ms-tnef",
    }
)


def enclosed_on_purpose(raw: bytes, limits: Limits) -> frozenset[str]:
    """The SHA-256 in hex of each file that is to go along when its mail is sent on: not the pictures that the HTML
    shows (RFC 2387), not signatures and visiting cards, and not whole mails, which hold what others wrote.

    Raises UnreadableMail as `parse` does.
    """
    outline = survey(raw, limits)
    return frozenset(leaf.sha256 for leaf in leaves(raw, outline) if _on_purpose(leaf, outline))


def _on_purpose(leaf: Leaf, outline: Outline) -> bool:
    kind = leaf.content_type
    if is_body(leaf) or kind in _SIGNATURES or kind.startswith("message/"):
        return False
    parent = outline.parts[leaf.part.parent].content_type if leaf.part.parent >= 0 else ""
    return not (parent == "multipart/related" and kind.startswith("image/"))
