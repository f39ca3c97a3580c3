"""What machines put above the words of a mail: a warning about outsiders, the line of a phone, OpenPGP's armour."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ksmail.incoming.enclosed import is_rule
from ksmail.incoming.sentfrom import is_sent_from, names_device

_OPENPGP = "-----BEGIN PGP SIGNED MESSAGE-----"
_ALERT = re.compile(
    r"\W{0,8}(?:caution|warning|attention|external|notice|important|let op|pas op|waarschuwing|extern|achtung|vorsicht|"
    r"warnung|hinweis|avertissement|prudence|precaución|atención|atenção|attenzione|cuidado)",
    re.IGNORECASE,
)
_OUTSIDER = re.compile(r"extern|outside|buiten|außerhalb|extérieur|esterno|fuera de|fora da", re.IGNORECASE)
_CAREFUL = re.compile(
    r"link|cli[cq]|attachment|sender|bijlage|afzender|anh[aä]ng|absender|pièces? jointe|expéditeur|enlace|adjunt|"
    r"remitente|allegat|mittente|anexo",
    re.IGNORECASE,
)
_TAGGED = re.compile(r"[\[(*]{1,8}\s?extern(?:al|e|er|es)?(?:[ -]\w{1,12}){0,2}\s?[\])*]{1,8}:?", re.IGNORECASE)


def text_start(lines: Sequence[str], *, strict: bool = False) -> int:
    """The index of the first line of what somebody wrote: below the warning that a mail server put on top of a mail
    from outside, and below the line of a phone. 0 without such a top, or with nothing below it.

    `strict` takes the warning also when it stands alone, and the line of a phone never: below it may stand a quotation.
    """
    start = 0
    while (end := _top_end(lines, start, strict)) > start:
        start = end
    return start if strict or any(line.strip() and not is_rule(line) for line in lines[start:]) else 0


def _top_end(lines: Sequence[str], start: int, strict: bool) -> int:
    """Below the paragraph from `start` on, when a machine put it there."""
    first = next((at for at in range(start, len(lines)) if lines[at].strip() and not is_rule(lines[at])), len(lines))
    end = next((at for at in range(first, len(lines)) if not lines[at].strip() or at - first > 8), len(lines))
    text = " ".join(lines[first:end])
    device = not strict and end == first + 1 and is_sent_from(text) and names_device(text)
    is_top = text.startswith(_OPENPGP) or _is_alert(text) or _TAGGED.fullmatch(text.strip()) or device
    return end if end - first <= 8 and is_top else start


def _is_alert(text: str) -> bool:
    """A warning about somebody outside, and about what a mail may bring."""
    return len(text) <= 600 and bool(_ALERT.match(text) and _OUTSIDER.search(text) and _CAREFUL.search(text))
