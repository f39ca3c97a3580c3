"""The line above a quotation that says who wrote it and when, as mail programs put it, on one line or wrapped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from ksmail.incoming.quotemarks import UNSEEN, bare

_AFTER = f" \t\xa0*_-{UNSEEN}"
_MOST_LINES = 6
_LONGEST = 500

_VERB = re.compile(
    r"(?<!\w)(?:wrote|writes|schreef|geschreven|schrieb|schreibt|geschrieben|a écrit|écrit|escribió|escribieron|"
    r"escreveu|ha escrit|va escriure|scritto|scrive|skrev|skrifaði|kirjoitti|kirjutas|napisał\(a\)|napisała?|"
    r"napisan[ay] przez|pisze|napsala?|napsal\(a\)|napísala?|napísal\(a\)|napisao|napisala|napisao/la|rašė|rakstīja|"
    r"написала?|написав|пише|пишет|написа|írta|yazdı|a scris|έγραψε|đã viết|كتب|كتبت|כתב|כתבה|כתב/ה)(?!\w)|"
    r"写道|寫道|書きました|のメッセージ|작성",
    re.IGNORECASE,
)
_STEM_WORDS = (
    "wrote writes schre schrie geschr écrit escri escre scritto scrive skrev skrif kirjoit kirjut napis napsal napís "
    "pisze rašė rakst написа пише пишет gmt írta yazd scris έγραψε viết كتب כתב 写道 寫道 書きました のメッセージ 작성"
)
_STEMS = _STEM_WORDS.split()  # of these verbs and of _GMAIL_OLD, to see fast that a line has none of them
_WEEKDAY_OR_MONTH = r"(?:[^\W\d_]{1,14}['’׳]?[.,،]{0,2}\s{1,2})"
_ON = r"(?:on|op|am|le|el|il|em|den|de|på|dnia|w dniu|dne|at|vào|în|pe|στις|в|у|在|於)\b"
_OPENING = re.compile(
    rf"\W{{0,6}}(?:{_ON}[^@]{{0,40}}?\d|{_WEEKDAY_OR_MONTH}{{0,3}}\d{{1,4}}(?:[-./:,年년]|\s|st|nd|rd|th))",
    re.IGNORECASE,
)
_OPENS_ON = re.compile(rf"\W{{0,6}}{_ON}", re.IGNORECASE)
_TIME = re.compile(r"(?<![\d.])\d{1,2}(?:[:h]|\s?u\s?)\d{2}(?!\d)|(?<![\d.])\d{1,2}\.\d{2}(?![\d.])", re.IGNORECASE)
_DATE = re.compile(r"\d{1,4}[-./]\d{1,2}|(?<!\d)(?:19|20)\d\d(?!\d)|\d\s?[年년]|\d\.? [^\W\d_]{3,}")
_UNCLOSED = re.compile(r"--|GMT[+-]")
_FIGURE = re.compile(r"\d")
_BRACKETED = re.compile(r"(?:[<(\[]|&lt;)[^\s@]{1,99}@|\bmailto:\S")
_BRACKETED_END = re.compile(r"@[^\s@]{1,260}[>)\]][^@]{0,30}\Z")
_NEW_SENTENCE = re.compile(r"[^\W\d_A-Z]{4,}[.?!]\s+[A-Z]")
_GMAIL_OLD = re.compile(r"\d{4}-\d\d-\d\d \d{1,2}:\d\d GMT[+-]\d\d:\d\d \S.{0,80}")
_INSIDE = re.compile(r"[ \t\xa0-](?=(?:On|Op|Am|Le|El|Il|Em)\s[^@]{0,25}\d)")


class Strength(IntEnum):
    """NONE: no attribution. WEAK: one if a quotation follows. DATED: weak, with a date or address. STRONG: one."""

    NONE = 0
    WEAK = 1
    DATED = 2
    STRONG = 3


@dataclass(frozen=True, slots=True)
class Attribution:
    """The lines `first` to `last`, inclusive."""

    first: int
    last: int
    strength: Strength


def parted(line: str) -> tuple[str, ...]:
    """Own words and the attribution that stands on the same line behind them; or just the line."""
    if len(line) <= _LONGEST and _can_end(line) and not _OPENS_ON.match(line) and not line.lstrip().startswith(">"):
        for place in _INSIDE.finditer(line):
            if line[: place.start()].strip(" -*_") and _strength(bare(line[place.end() :])) == Strength.STRONG:
                return line[: place.start()].rstrip(" -"), line[place.end() :]
    return (line,)


def attributions(lines: Sequence[str], marked: Sequence[bool]) -> list[Attribution]:
    """All of them, in order, those within quotations too. Linear: from each line that can end one, a few lines up."""
    found: list[Attribution] = []
    for last, line in enumerate(lines):
        if len(line) > _LONGEST or not _can_end(line):
            continue
        floor = found[-1].last + 1 if found and found[-1].strength == Strength.STRONG else 0
        if unit := _unit(lines, marked, last, floor):
            while found and found[-1].last >= unit.first:
                found.pop()
            found.append(unit)
    return found


def introduces(line: str) -> bool:
    """Whether it opens with when, and has one of the verbs: enough for an attribution right above a mail's headers."""
    text = bare(line[:_LONGEST])
    return _has_stem(text) and bool(_OPENING.match(text) and _TIME.search(text) and _VERB.search(text))


def _can_end(line: str) -> bool:
    end = line.rstrip(_AFTER)
    return _is_closed(end) or (
        len(end) > 3 and (end[-1] in ">]" or _ends_in_verb(end) or bool(_GMAIL_OLD.match(bare(end))))
    )


def _is_closed(line: str) -> bool:
    return line.rstrip(_AFTER).endswith((":", "："))


def _ends_in_verb(text: str) -> bool:
    return _has_stem(text[-40:]) and any(verb.end() == len(text[-40:]) for verb in _VERB.finditer(text[-40:]))


def _has_stem(text: str) -> bool:
    text = text.lower()
    return any(stem in text for stem in _STEMS)


def _unit(lines: Sequence[str], marked: Sequence[bool], last: int, floor: int) -> Attribution | None:
    """The shortest run of lines that is an attribution, or a longer one that begins like one, from `floor` on."""
    best: Attribution | None = None
    starts = _starts(lines, marked, last, floor)
    whole = " ".join(lines[starts[-1] : last + 1])
    has_figure, has_address = bool(_FIGURE.search(whole)), "@" in whole
    is_above = any(marked[last + 1 : last + 3])
    if not (has_figure and has_address) and not (is_above and (has_figure or has_address)) and not _has_stem(whole):
        return None
    if not has_address and not _is_closed(lines[last]) and not _UNCLOSED.search(whole):
        return None
    for first in starts if has_figure or has_address else starts[:1]:
        text = " ".join(filter(None, (bare(line) for line in lines[first : last + 1])))
        strength = _strength(text)
        opens = bool(_OPENING.match(bare(lines[first])))
        if best and best.strength == Strength.STRONG:
            is_better = (
                opens and strength == Strength.STRONG and not lines[first].rstrip().endswith((".", "!", "?", ":"))
            )
        else:
            is_better = strength > (best.strength if best else Strength.NONE)
        if is_better:
            best = Attribution(first, last, strength)
            if opens and strength == Strength.STRONG and _DATE.search(_TIME.sub("", text)):
                break
    return best


def _starts(lines: Sequence[str], marked: Sequence[bool], last: int, floor: int) -> list[int]:
    """Where a run that ends at `last` may begin, nearest first: no empty line in it, but before a lone "<"."""
    starts = [last]
    length = len(lines[last])
    for at in range(last - 1, max(last - _MOST_LINES, floor - 1), -1):
        is_empty = not lines[at].strip("> \t\xa0")
        length += len(lines[at])
        if length > _LONGEST or marked[at] != marked[last] or lines[at].endswith(":"):
            break
        if is_empty and not lines[at + 1].lstrip().startswith("<"):
            break
        if not is_empty:
            starts.append(at)
    return starts


def _strength(text: str) -> Strength:
    end = text.rstrip(" -*_")
    closed = end.endswith((":", "："))
    opens, timed = bool(_OPENING.match(text)), bool(_TIME.search(text))
    verb = _last_verb(text)
    if not closed:
        return _unclosed(text, end, opens and timed)
    if verb is None:
        return _verbless(end, opens, timed)
    after = text[verb.end() :]
    if _NEW_SENTENCE.search(after) or len(after) > 250:
        return Strength.NONE
    if (opens and (timed or "@" in text)) or _BRACKETED.search(text) or (_DATE.search(after) and _TIME.search(after)):
        return Strength.STRONG
    return Strength.DATED if _DATE.search(text) or "@" in text else Strength.WEAK


def _verbless(text: str, opens: bool, timed: bool) -> Strength:
    """With a verb that is not known: when, and who with an address; or one of them, above a quotation."""
    if opens and _DATE.search(_TIME.sub("", text)) and _BRACKETED_END.search(text) and _is_name(text):
        return Strength.STRONG
    return Strength.WEAK if (opens and timed) or _BRACKETED_END.search(text) else Strength.NONE


def _is_name(text: str) -> bool:
    """Whether a name stands between the figures and the address: a sentence of one's own has other words there."""
    head = text[: max(text.rfind(sign) for sign in "<([")]
    words = head[max((at for at, char in enumerate(head) if char.isdigit()), default=0) :].split()
    return not any(word.islower() and word.isalpha() and len(word) > 4 for word in words)


def _unclosed(text: str, end: str, opens_with_time: bool) -> Strength:
    """Without a colon at its end: as Zoho writes it, between dashes or not, and as Gmail once did."""
    dashed = text.endswith("--") and (text.startswith("--") or opens_with_time)
    if _ends_in_verb(end) and (dashed or (opens_with_time and "@" in text)):
        return Strength.STRONG
    if _GMAIL_OLD.fullmatch(text):
        return Strength.STRONG
    return Strength.WEAK if _opens_with_date(text) and _BRACKETED_END.search(end) else Strength.NONE


def _opens_with_date(text: str) -> bool:
    return bool(_OPENING.match(text) and _DATE.search(text[:40]))


def _last_verb(text: str) -> re.Match[str] | None:
    return next(reversed(list(_VERB.finditer(text))), None) if _has_stem(text) else None
