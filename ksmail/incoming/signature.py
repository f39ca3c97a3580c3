"""The end of what somebody wrote: signature, the line of a phone, a list's footer, a legal notice."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ksmail.incoming.enclosed import is_rule
from ksmail.incoming.quotemarks import visible

_LONG_SIGNATURE = 20  # lines; below a bare "--" more than that is rather text
_LONGEST = 160
_SIGNED = "-----BEGIN PGP SIGNATURE-----"
_OPENPGP = "-----BEGIN PGP SIGNED MESSAGE-----"

_DEVICE = re.compile(
    r"i(?:phone|pad|pod|os)|android|galaxy|samsung|huawei|xiaomi|oneplus|pixel|nokia|xperia|motorola|fairphone|htc\b|"
    r"blackberry|windows|outlook|yahoo|proton|thunderbird|k-9|fairemail|gmail|gmx|web\.de|bluemail|aqua mail|airmail|"
    r"mailbox|spark|zoho|tutanota|\bapp\b|\bmail\b|mobi|phone|tablet|handy|telef|cell\b|apparaat|toestel|"
    r"gerät|appareil|ger\u00e4t|puhelime|手机|手機",
    re.IGNORECASE,
)
_SENT = re.compile(
    r"(?:this (?:message|e-?mail) was )?(?:sent|posted|written) (?:from|via|with|using|by|on) \S|"
    r"from my \S|(?:\w{1,20} )?from (?:mobile|phone|i(?:phone|pad))\Z|"
    r"(?:dit bericht is )?(?:verstuurd|verzonden|gestuurd) (?:vanaf|vanuit|via|met|van|door|op) \S|"
    r"(?:diese (?:nachricht|e-?mail) wurde )?(?:gesendet|verschickt) (?:von|mit|über|aus|via) \S|"
    r"(?:ce message a été )?envoyé (?:de|depuis|à partir|avec|via|par) |envoyée? d['’]|"
    r"inviato (?:da|dal|con) |envi(?:ado|ada) (?:desde|do|da|de|con|a partir) |"
    r"(?:skickat|sendt|sent) (?:från|fra|via|med) |lähetetty \S|wysłan[eo] (?:z|za) |odesláno z |odoslan[éo] z |"
    r"poslano (?:s|sa|iz) |trimis (?:de pe|de la|din|prin) |(?:στάλθηκε|εστάλη) από |отправлено (?:с|из) |надіслано з |"
    r"изпратено от |saadetud minu |sūtīts no |išsiųsta iš |enviat (?:des|amb) |נשלח מ|(?:أُ?رسلت|مرسل) من |"
    r"dikirim dari |dihantar daripada |đã gửi từ |发自|發自|從我的|ส่งจาก|iphone'umdan",
    re.IGNORECASE,
)
_SENT_LAST = re.compile(
    r"(?:von (?:meinem|unterwegs)|diese (?:nachricht|e-?mail) wurde|vanaf (?:mijn|een)|van mijn) .{1,90}"
    r"(?:gesendet|verschickt|geschrieben|verstuurd|verzonden)",
    re.IGNORECASE,
)
_PHONE = re.compile(r"i(?:phone|pad)|android|galaxy|samsung|huawei|xiaomi|blackberry|outlook", re.IGNORECASE)
_PHONE_SENT = re.compile(r".{0,40}(?:küldve|gönderildi|から送信|에서 보냄)", re.IGNORECASE)
_STORE = re.compile(
    r"outlook\W.{0,80}(?:for|voor|für|pour|para|per|til|för|dla)\W.{0,20}(?:ios|android|mac|windows)", re.I
)
_VIRUS_FREE = re.compile(r"(?:virus-?free|virusvrij|virenfrei|sans virus|garanti sans virus)\W", re.IGNORECASE)
_THIS_MAIL = re.compile(
    r"\b(?:th(?:is|e) (?:information in this )?(?:e-?mail|message|communication|transmission)|"
    r"(?:dit|deze|de informatie in (?:dit|deze)) (?:e-?mail)?-?\s?(?:bericht|mail|boodschap)|"
    r"diese[rs]? (?:e-?mail|nachricht)|ce (?:message|courriel|courrier|mail)|cet e-?mail|disclaimer)",
    re.IGNORECASE,
)
_NOT_FOR_YOU = re.compile(
    r"intended (?:solely |only |exclusively )?(?:recipient|addressee|for)|(?:named|for the) addressee|"
    r"bestemd|geadresseerde|(?:richtige|vorgesehene|bestimmt)\w* ?(?:adressat|empfänger|für)|nicht der (?:richtige|"
    r"beabsichtigte)|destinataire|bestimmt",
    re.IGNORECASE,
)
_EXCUSE = re.compile(r"excuse|typo|brevity|spelling|tikfout|typefout|kort|kürze|tippfehler|fautes", re.IGNORECASE)
_NOTICE_TITLES = ("disclaimer", "confidentiality notice", "haftungsausschluss", "avertissement", "vertrouwelijkheid")
_SCANNED = re.compile(
    r"(?:this|dit|diese|ce) [\w-]{4,12} (?:has been|is) (?:scanned|checked|gescand|gecontroleerd)", re.I
)
_OURS = re.compile(rf"{_DEVICE.pattern}|\b(?:my|mijn|meine?[mr]?|mon|ma|mi|meu|min|mio)\b", re.IGNORECASE)
_LINK = re.compile(r"<?\(?(?:https?://|mailto:|www\.)\S*")

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
    device = not strict and end == first + 1 and is_sent_from(text) and _OURS.search(text)
    is_top = text.startswith(_OPENPGP) or _is_alert(text) or _TAGGED.fullmatch(text.strip()) or device
    return end if end - first <= 8 and is_top else start


def _is_alert(text: str) -> bool:
    """A warning about somebody outside, and about what a mail may bring."""
    return len(text) <= 600 and bool(_ALERT.match(text) and _OUTSIDER.search(text) and _CAREFUL.search(text))


def signature_start(lines: Sequence[str], *, strict: bool = False) -> int:
    """The index of the first line of the signature of one stretch of own words; their number when there is none.

    Below the line of a phone stands what it did not mark as a quotation.
    """
    end = _separated(lines)
    end = next((at for at in range(end) if _ends_text(lines, at, strict)), end)
    while (shorter := _shorter(lines, end)) < end:
        end = shorter
    return end if any(line.strip() for line in lines[end:]) else len(lines)


def _ends_text(lines: Sequence[str], at: int, strict: bool) -> bool:
    """Whether this is the line of a phone in the middle, no sentence, below some words, above an empty line.

    It need not be a paragraph of its own when it names the phone: some people remove the empty line above it.
    """
    if not is_sent_from(lines[at]) or not _OURS.search(lines[at]):
        return False
    if strict:
        return True
    apart = (
        at and (not lines[at - 1].strip() or _PHONE.search(lines[at])) and not "".join(lines[at + 1 : at + 2]).strip()
    )
    return bool(apart) and lines[at].rstrip()[-1] not in ".,;:" and any(map(str.strip, lines[:at]))


def is_sent_from(line: str) -> bool:
    """ "Sent from my iPhone", "Outlook voor Android downloaden" and their kin, alone on a line."""
    if len(line) > 2 * _LONGEST:
        return False
    core = visible(line).strip(" \t\xa0*_<>()[]«»-–—~|").rstrip("!")
    if not 5 < len(core) <= _LONGEST:
        return False
    words = _LINK.sub(" ", core).replace("[", " ").replace("]", " ").split()
    text = " ".join(words)
    if len(words) > 16 or text.endswith("?"):
        return False
    if _VIRUS_FREE.match(core) or (_STORE.search(text) and len(words) <= 9):
        return True
    if _SENT_LAST.match(text) or (_PHONE_SENT.fullmatch(text) and _PHONE.search(text)):
        return True
    if not _SENT.match(text):
        return False
    if len(words) > 8 or text[-1] in ".,;:":
        return bool(_DEVICE.search(text)) and (text[-1] not in ".,;:" or len(words) <= 8 or bool(_EXCUSE.search(text)))
    return True


def _separated(lines: Sequence[str]) -> int:
    """The first "-- " (RFC 3676 4.3). Programs drop its space, so "--" counts too, above a few lines."""
    for at, line in enumerate(lines):
        if line.startswith(_SIGNED):
            return at
        if line.rstrip() in ("--", "- --"):  # RFC 4880 7.1: a signed text has another dash before it
            below = sum(1 for text in lines[at + 1 :] if text.strip())
            return at if line.endswith("-- ") or below <= _LONG_SIGNATURE else len(lines)
    return len(lines)


def _shorter(lines: Sequence[str], end: int) -> int:
    """Without the last line or paragraph when that is no text."""
    while end and not lines[end - 1].strip():
        end -= 1
    if not end:
        return 0
    line = lines[end - 1]
    if is_sent_from(line) or is_rule(line) or line.strip() == "ᐧ":
        return end - 1
    first = end - 1
    while first and lines[first - 1].strip() and end - first < 30:
        first -= 1
    if first and _is_notice("\n".join(lines[first:end])):
        return first
    return _footer(lines, end)


def _is_notice(paragraph: str) -> bool:
    """For whom a mail is, in the words of lawyers: it says "this message", and that it may not be for the reader."""
    head = paragraph[:600]
    if len(paragraph) < 40 and head.strip(" *_:").casefold() in _NOTICE_TITLES:
        return True
    if _SCANNED.match(head):
        return True
    return len(paragraph) > 80 and bool(_THIS_MAIL.search(head[:250])) and bool(_NOT_FOR_YOU.search(paragraph[:2000]))


def _footer(lines: Sequence[str], end: int) -> int:
    """The footer of a mailing list: a line of underscores, and a few lines with an address. Or a card with a name."""
    for at in range(end - 1, max(end - 8, -1), -1):
        core = lines[at].strip()
        if len(core) >= 2 and not core.strip("_"):
            listed = any("@" in line or "://" in line or "list" in line for line in lines[at + 1 : end])
            return (
                at if listed or (len(core) >= 5 and _is_card(lines[max(at - 20, 0) : at], lines[at + 1 : end])) else end
            )
    return end


def _is_card(above: Sequence[str], below: Sequence[str]) -> bool:
    """Some short lines without a sentence, below the name that closes a mail."""
    words = [line.strip() for line in above if line.strip()]
    card = [line.strip() for line in below if line.strip()]
    ends = any(len(text) > 60 or text.endswith((".", "?", "!", ":", ";")) for text in (*words[-1:], *card))
    return len(words) > 1 and len(card) > 1 and not ends
