"""Where an older mail begins below a reply, by the headers that mail programs put above it, or by a line of dashes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ksmail.incoming.quotemarks import UNSEEN, is_groupwise

_MOST_HEADERS = 16  # lines of one block, wrapped ones included
_LONGEST = 1000

_FIELDS = {
    "from": "from van von de da fra från od afzender absender expéditeur mittente remitente remetente lähettäjä "
    "odesílatel odosielateľ nadawca feladó kimden gönderen expeditor šalje pošiljatelj saatja nuo от від από מאת من "
    "发件人 寄件者 寄件人 差出人 送信元|de la|보낸 사람|보낸사람",
    "date": "sent date verzonden datum gesendet envoyé fecha enviado enviada data inviato sendt dato skickat wysłano "
    "lähetetty päivä päiväys päivämäärä odesláno odoslané dátum elküldve gönderilen gönderildi tarih trimis dată "
    "poslano kuupäev saadetud išsiųsta отправлено дата відправлено надіслано στάλθηκε ημερομηνία נשלח תאריך التاريخ "
    "发送时间 日期 傳送日期 送信日時 日付 날짜|sent on|date sent|message du|message of|verzonden op|verzonden om|"
    "gesendet am|envoyé le|enviado el|enviado em|enviada em|data da|تم الإرسال|보낸 날짜",
    "to": "to aan an à a para til till do komu pour vastaanottaja adresat címzett kime către prima primatelj za "
    "saaja kam кому προς אל إلى 收件人 收件者 宛先 送信先|받는 사람|받는사람",
    "subject": "subject onderwerp betreff objet sujet asunto assunto oggetto emne ämne temat předmět predmet aihe "
    "tárgy konu subiect naslov zadeva teema tema тема θέμα נושא الموضوع 主题 主旨 主題 件名 제목",
    "copy": "cc bcc kopie kopi kopia kopio copie copia dw kópia másolat копія копия koopia نسخة 抄送 副本 참조|copie à|"
    "cópia|cópia para",
    "reply": "reply-to risposta|antwoord aan|beantwoorden aan|antwort an|répondre à|responder a|rispondi a",
}
_ROLES = {
    key: role
    for role, keys in _FIELDS.items()
    for at, group in enumerate(keys.split("|"))
    for key in ([group] if at else group.split())
}
_MAIL_WORDS = (
    "besked message bericht nachricht mail e-mail email mensaje mensagem messaggio meddelelse meddelande melding "
    "viesti wiadomość zpráva сообщение повідомлення üzenet ileti d'origine d’origine antwoord antwort"
)
_MAILS = frozenset(_MAIL_WORDS.split())
_FORWARDED = (
    "forward", "doorgestuurd", "doorgezonden", "weitergeleit", "transféré", "transmis", "réexpédié", "reenviad",
    "encaminhad", "inoltrat", "videresend", "vidarebefordra", "przekazan", "пересыл", "пересла",
    "přeposlan", "preposlan", "továbbít", "redirecționat", "edelleenlähet", "iletilmiş", "перенаправ", "proslijeđ",
    "転送",
)  # fmt: skip
_BEGINS = (
    "begin ",
    "anfang ",
    "début ",
    "inicio ",
    "início ",
    "inizio ",
    "start ",
    "forwarded message",
    "original mes",
)
_DASHES = ("--", "__", "==", "~~", "––", "——")


@dataclass(frozen=True, slots=True)
class Enclosed:
    """The lines `first` to `last`, inclusive, say that an older mail begins. `forwarded`: and that it was passed on."""

    first: int
    last: int
    forwarded: bool = False


def enclosures(lines: Sequence[str], marked: Sequence[bool], *, strict: bool) -> list[Enclosed]:
    """Where they begin, outside quotations, in order. `strict`: two headers, or a From with an address, are one."""
    found: list[Enclosed] = []
    at = 0
    while at < len(lines):
        piece = None if marked[at] else _enclosed(lines, marked, at, strict)
        if piece:
            found.append(piece)
        at = piece.last + 1 if piece else at + 1
    return found


def is_rule(line: str) -> bool:
    """A line drawn with dashes, underscores and the like."""
    core = line.strip()
    return len(core) >= 3 and not core.strip("-_=*~#+–—─ ")


def _enclosed(lines: Sequence[str], marked: Sequence[bool], at: int, strict: bool) -> Enclosed | None:
    line = lines[at]
    if not 3 < len(line) <= _LONGEST:
        return None
    if (is_marker := _is_marker(line)) or _is_heading(line):
        below = next(
            (next_ for next_ in range(at + 1, min(at + 4, len(lines))) if lines[next_].strip("> \t\xa0*_")), at
        )
        roles, last, _ = _block(lines, marked, below) if _role(lines[below]) else (set(), at, False)
        if is_marker or ("from" in roles and len(roles) >= 2):
            return Enclosed(at, last, _is_forwarded(line))
    role = _role(line)
    if not role:
        return Enclosed(at, at, _is_forwarded(line)) if _is_flattened(line) else None
    roles, last, is_dated = _block(lines, marked, at)
    is_block = (len(roles) >= 3 and "from" in roles) or (is_dated and len(roles & {"from", "to", "date"}) >= 2)
    if strict and not is_block:
        is_block = (role == "from" and "@" in line) or (len(roles) >= 2 and bool(roles & {"from", "date"}))
    return Enclosed(at, last) if is_block or _is_flattened(line) else None


def _is_marker(line: str) -> bool:
    """-----Original Message-----, and what Apple Mail and GroupWise write instead."""
    core = line.strip(" \t\xa0*")
    if len(core) > 120:
        return False
    if is_groupwise(line):
        return True
    words = core.strip("-_=~–— ").casefold().rstrip(": \xa0").split()
    if not 1 <= len(words) <= 7 or not _MAILS.intersection(words):
        return False
    return _is_heading(line) or (core.endswith(":") and len(words) > 1 and " ".join(words).startswith(_BEGINS))


def _is_heading(line: str) -> bool:
    """Words between dashes, which say in any language that a mail follows when its headers do."""
    core = line.strip(" \t\xa0*")
    return len(core) <= 120 and core.startswith(_DASHES) and core.endswith(_DASHES) and not is_rule(core)


def _is_forwarded(line: str) -> bool:
    return any(word in line.casefold() for word in _FORWARDED)


def _block(lines: Sequence[str], marked: Sequence[bool], first: int) -> tuple[set[str], int, bool]:
    """The roles of the headers from here on, the last line of them, and whether a date has a figure in it."""
    roles: set[str] = set()
    last, other, is_dated = first, 0, False
    for at in range(first, min(first + _MOST_HEADERS, len(lines))):
        if role := _role(lines[at]):
            is_dated |= role == "date" and any(char.isdigit() for char in lines[at] + "".join(lines[at + 1 : at + 2]))
            roles.add(role)
            last, other = at, 0
        elif not lines[at].strip("> \t\xa0*_"):
            other = max(other, 2)  # an empty line: only another header may follow
        else:
            other += 1
        if other > 3 or (other == 3 and lines[at].strip() and not lines[at - 1].strip()) or marked[at] != marked[first]:
            break
    return roles, _wrapped(lines, last), is_dated


def _wrapped(lines: Sequence[str], last: int) -> int:
    """The last header may go on in the next line: indented, or when the name of the field stands alone."""
    alone = not lines[last].partition(":")[2].strip(" *_")
    after = lines[last + 1] if last + 1 < len(lines) else ""
    return last + 1 if after.strip() and (alone or after.startswith((" ", "\t"))) else last


def _role(line: str) -> str:
    """What a header line tells: "from", "date", "to", "subject", "copy", "reply", or nothing."""
    key, colon, _ = line[:60].replace("：", ":").partition(":")
    return _ROLES.get(key.strip(f"> \t\xa0*_{UNSEEN}").casefold(), "") if colon else ""


def _is_flattened(line: str) -> bool:
    """All headers on one line, as some programs turn HTML into text; Yahoo with its heading before them."""
    core = line.lstrip(" \t\xa0*_")
    if core.startswith("--"):
        core = core.lstrip("- ").partition("--")[2].lstrip("- ")
    if _role(core) != "from":
        return False
    roles = {_ROLES.get(_last_word(piece), "") for piece in core.split(":")[:-1]} - {""}
    return len(roles) >= 3 or ("date" in roles and "@" in core and any(char.isdigit() for char in core))


def _last_word(text: str) -> str:
    """Folded; of "CETSubject", where a line end is lost, "subject"."""
    word = text[-60:].rstrip("*_ \xa0").rpartition(" ")[2].strip("*_")
    capital = max((at for at, char in enumerate(word) if char.isupper()), default=0)
    return (word if word.casefold() in _ROLES else word[capital:]).casefold()
