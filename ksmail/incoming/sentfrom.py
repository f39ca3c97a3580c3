"""The line that a phone or a mail program puts below the words ("Sent from my iPhone"), in the languages they speak."""

from __future__ import annotations

import re

from ksmail.incoming.quotemarks import visible

_LONGEST = 160

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
_EXCUSE = re.compile(r"excuse|typo|brevity|spelling|tikfout|typefout|kort|kürze|tippfehler|fautes", re.IGNORECASE)
_OURS = re.compile(rf"{_DEVICE.pattern}|\b(?:my|mijn|meine?[mr]?|mon|ma|mi|meu|min|mio)\b", re.IGNORECASE)
_LINK = re.compile(r"<?\(?(?:https?://|mailto:|www\.)\S*")


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


def names_device(line: str) -> bool:
    """A phone, a program, or that it is "mine"."""
    return bool(_OURS.search(line))


def names_phone(line: str) -> bool:
    return bool(_PHONE.search(line))
