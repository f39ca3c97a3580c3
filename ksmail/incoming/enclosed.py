"""Where an older mail begins below a reply, by the headers that mail programs put above it, or by a line of dashes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ksmail.incoming.headerwords import BEGINS, FORWARDED, MAIL_ENDINGS, MAILS, ROLES
from ksmail.incoming.quotemarks import UNSEEN, is_groupwise

_MOST_HEADERS = 32  # lines of one block, wrapped ones included
_LONGEST = 1000
_DASHES = ("--", "__", "==", "~~", "––", "——")
# When, at the end of a line, as Notes has it below or behind the name.
_STAMP = re.compile(
    r"(?<!\d)\d{1,4}[./-]\d{1,2}[./-]\d{2,4},? {1,3}\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]\.?m\.?)?\s{0,9}\Z", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Enclosed:
    """The lines `first` to `last`, inclusive, say that an older mail begins. `forwarded`: and that it was passed on."""

    first: int
    last: int
    forwarded: bool = False


def enclosures(lines: Sequence[str], marked: Sequence[bool], *, strict: bool) -> list[Enclosed]:
    """Where they begin, outside quotations, in order. `strict`: two headers, or a From with an address, are one."""
    found: list[Enclosed] = []
    at = floor = 0
    while at < len(lines):
        piece = None if marked[at] else _notes(lines, marked, at, floor) or _enclosed(lines, marked, at, strict)
        if piece:
            floor = piece.last + 1
            found.append(piece)
        at = piece.last + 1 if piece else at + 1
    return found


def is_rule(line: str) -> bool:
    """A line drawn with dashes, underscores and the like."""
    core = line.strip()
    return len(core) >= 3 and not core.strip("-_=*~#+–—─ ")


def _enclosed(lines: Sequence[str], marked: Sequence[bool], at: int, strict: bool) -> Enclosed | None:
    if not 3 < len(lines[at]) <= _LONGEST:
        return None
    return _passed_on(lines, at) or _headed(lines, marked, at, strict) or _headers(lines, marked, at, strict)


def _headed(lines: Sequence[str], marked: Sequence[bool], at: int, strict: bool) -> Enclosed | None:
    """By a line that says so, or one with dashes above headers; with these headers."""
    line = lines[at]
    is_marker, announces = _is_marker(line), _announces(line)
    if not is_marker and not announces and not _is_heading(line):
        return None
    below = _worded(lines, at + 1)
    roles, last, _ = _block(lines, marked, below) if _role(lines[below]) else (set(), at, False)
    is_one = is_marker or ("from" in roles and (announces or len(roles) >= 2)) or _names_author(lines[below])
    is_one = is_one or (strict and bool(roles))
    return Enclosed(at, last, _is_forwarded(line)) if is_one else None


def _names_author(line: str) -> bool:
    """A From without its colon, as eM Client has it."""
    first = line.strip()[:_LONGEST].partition(" ")[0]
    return ROLES.get(first.casefold()) == "from" and "@" in line


def _headers(lines: Sequence[str], marked: Sequence[bool], at: int, strict: bool) -> Enclosed | None:
    line = lines[at]
    if _is_flattened(line):
        return Enclosed(at, at, _is_forwarded(line))
    if not (role := _role(line)):
        return None
    roles, last, is_dated = _block(lines, marked, at)
    is_block = (len(roles) >= 3 and "from" in roles) or (is_dated and len(roles & {"from", "to", "date"}) >= 2)
    has_author = role == "from" and "@" in line
    if strict:
        is_block = is_block or has_author or (len(roles) >= 2 and bool(roles & {"from", "date", "subject"}))
    elif has_author and not is_block:  # the others may have got the marks of a quotation
        below = _worded(lines, at + 1)
        is_block = marked[below] and bool(_role(lines[below]))
    return Enclosed(at, last) if is_block else None


def _worded(lines: Sequence[str], at: int) -> int:
    """The next line with words, among three; else the one before `at`."""
    return next((line for line in range(at, min(at + 3, len(lines))) if lines[line].strip("> \t\xa0*_")), at - 1)


def _passed_on(lines: Sequence[str], at: int) -> Enclosed | None:
    """ "----- Forwarded by Ada on 06/01/2026 10:02 -----", in Notes; its end may stand on the next line."""
    core = lines[at].strip()
    if not core.startswith(_DASHES) or not _is_forwarded(core) or len(core) > 200:
        return None
    ends = (line for line in range(at, min(at + 2, len(lines))) if lines[line].rstrip().endswith(_DASHES))
    last = next(ends, None)
    return None if last is None else Enclosed(at, last, True)


def _notes(lines: Sequence[str], marked: Sequence[bool], at: int, floor: int) -> Enclosed | None:
    """The headers of Notes: a name, below it when, and then To and Subject, but no From."""
    if _role(lines[at][:_LONGEST]) != "to":
        return None
    roles, last, _ = _block(lines, marked, at)
    above = [line for line in range(at - 1, max(at - 8, floor - 1), -1) if lines[line].strip()][:4]
    stamp = next((line for line in above if _STAMP.search(_ending(lines, line))), None)
    if "subject" not in roles or stamp is None:
        return None
    first = stamp
    names = (line for line in above if line < stamp and len(lines[line]) <= 100)
    if lines[stamp].strip()[:1].isdigit() and (name := next(names, None)) is not None:
        first = next(names, name) if ":" in lines[name] else name  # "Sent by:"
    return Enclosed(first, last)


def _ending(lines: Sequence[str], at: int) -> str:
    """Of a line; with that of the line above when this one has nothing but the time, wrapped."""
    line = lines[at].strip()[-60:]
    return f"{lines[at - 1].rstrip()[-60:]} {line}" if at and len(line) <= 12 and line[:1].isdigit() else line


def _is_marker(line: str) -> bool:
    """-----Original Message-----, and what Apple Mail and GroupWise write instead."""
    core = line.strip(" \t\xa0*")
    if len(core) > 120:
        return False
    if is_groupwise(line):
        return True
    words = core.strip("-_=~–— ").casefold().rstrip(": \xa0").split()
    is_mail = any(word in MAILS or word.endswith(MAIL_ENDINGS) for word in words)
    if not 1 <= len(words) <= 7 or not is_mail or "pgp" in words:
        return False
    return _is_heading(line) or (core.endswith(":") and len(words) > 1 and " ".join(words).startswith(BEGINS))


def _is_heading(line: str) -> bool:
    """Words between dashes, which say in any language that a mail follows when its headers do."""
    core = line.strip(" \t\xa0*")
    return len(core) <= 120 and core.startswith(_DASHES) and core.endswith(_DASHES) and not is_rule(core)


def _announces(line: str) -> bool:
    """ "Begin forwarded message:" in any language, for a line right above headers."""
    core = line.strip(" \t\xa0*")
    return core.endswith((":", "：")) and len(core) <= 80 and _is_forwarded(core)


def _is_forwarded(line: str) -> bool:
    return any(word in line.casefold() for word in FORWARDED)


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
        elif "@" not in lines[at]:
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
    return ROLES.get(key.strip(f"> \t\xa0*_{UNSEEN}").casefold(), "") if colon else ""


def _is_flattened(line: str) -> bool:
    """All headers on one line, as some programs turn HTML into text; Yahoo with its heading before them."""
    core = line.lstrip(" \t\xa0*_")
    if core.startswith("--"):
        core = core.lstrip("- ").partition("--")[2].lstrip("- ")
    if not (first := _role(core)):
        return False
    roles = {ROLES.get(_last_word(piece), "") for piece in core.split(":")[:-1]} - {""}
    if first != "from":
        return len(roles) >= 3 and "from" in roles and "@" in core
    return len(roles) >= 3 or ("date" in roles and "@" in core and any(char.isdigit() for char in core))


def _last_word(text: str) -> str:
    """Folded; of "CETSubject", where a line end is lost, "subject"."""
    word = text[-60:].rstrip("*_ \xa0").rpartition(" ")[2].strip("*_")
    capital = max((at for at, char in enumerate(word) if char.isupper()), default=0)
    return (word if word.casefold() in ROLES else word[capital:]).casefold()
