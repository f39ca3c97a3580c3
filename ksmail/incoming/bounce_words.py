"""What a mail server says in words of its own about a delivery: whom it refused, with which code, and why."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from email.message import Message
from itertools import takewhile

from flufl.bounce import all_failures

from ksmail.incoming.headers import Field, decode_words, one_line, values
from ksmail.incoming.mailboxes import read_mailboxes, strict
from ksmail.incoming.signs import is_machines

# The patterns of flufl.bounce take quadratic time in the length of a line: hence short lines, and few.
_TEXT = 16_000
_LINE = 300
_FIELD = 4000
_REASON = 200
_READ_BY_IT = ("x-failed-recipients", "x-mailer")
# A failing pattern would log its traceback, and that the words of a mail.
logging.getLogger("flufl.bounce").disabled = True

# RFC 3463 2; no piece of an IP address or of a version.
_CODE = r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)"
_STATUS = re.compile(_CODE)
_REPLY_STATUS = re.compile(rf"(?:\b[45]\d\d[ -]\(?#?|#|\bstatus:? ?)({_CODE})", re.IGNORECASE)  # qmail puts a hash
_AGAIN = re.compile(rf"(?<=\S) [45]\d\d-(?:{_CODE})?")  # each line of a reply repeats the code (RFC 5321 4.2.1)
_REPLY = r"([45]\d\d[ -]"
_REASONS = (
    re.compile(rf"\b{_REPLY}\(?#?{_CODE}[^\n]*(?:\n[ \t]+[^\n]+)?)"),
    re.compile(rf"(?:^[<> \t]*+|\b(?:said|responded|reply|response|error): ?){_REPLY}[^\n]+)", re.I | re.M),
    re.compile(rf"^([^\n]*\(#?{_CODE}\)[^\n]*)$", re.M),
    re.compile(
        r"^([^\n]*(?:unknown user|user (?:is )?unknown|no such (?:user|mailbox|person)|mailbox (?:is )?full"
        r"|mailbox unavailable|quota|not listed in|address rejected|host (?:or domain name )?not found"
        r"|does not exist|doesn't exist|onbekend|bestaat niet|unbekannt|existiert nicht)[^\n]*)$",
        re.I | re.M,
    ),
)
_LATE_SUBJECT = re.compile(  # the words behind these may be those of the returned mail's subject
    r"^(?:warning|delayed|vertraagd|vertraging|verzögert)\b|\(delay(?:ed)?\)|still being retried"
    r"|notification: (?:warning|delayed)|(?:delivery|message) (?:has been |is )?delayed",
    re.IGNORECASE,
)
_LATE_TEXT = re.compile(
    r"this is a warning message only|temporary failure report|(?:do not|don't) need to (?:re-?)?send"
    r"|not yet been delivered|(?:will|to) (?:continue|keep)(?: to)? (?:try|attempt)|delivery attempts will continue"
    r"|will be retried|no action is required on your part|we (?:blijven|zullen).{0,40}(?:proberen|opnieuw)",
    re.IGNORECASE,
)
# How the servers that the library does not know name somebody, and where the mail that they return begins.
_SPEC = r"<?([^\s<>()\[\],;:\"']{1,64}@[^\s<>()\[\],;:\"']{1,255})>?"
_ALONE = re.compile(rf"[ \t*>-]*+{_SPEC}(?:<mailto:[^<>]*>)?[ \t]*(?:[:(].*)?")
_UNDELIVERED = re.compile(
    r"\b(?:(?:deliver(?:y|ed|ing)?|sen[dt]|mail|message)\b[^<>@]{0,60}?\bto|bericht aan|nachricht an|rcpt to)"
    rf":? ?{_SPEC}",
    re.IGNORECASE,
)
_RETURNED = re.compile(
    r"[ \t>-]*+(?:(?:received|return-path|message-id|mime-version|dkim-signature):|unsent message"
    r"|returned message[ :-]*$|(?:[^\n]*\b)?copy of (?:the|your) (?:original )?(?:mail|message)"
    r"|(?:[^\n]*\b)?original message(?: headers?| follows)?[ .:-]*$|(?:[^\n]*\b)?headers follow)",
    re.IGNORECASE,
)


def in_words(fields: Sequence[Field], content_type: str, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who was refused for ever and who for now, as addr-specs in lower case, by the ways of many servers.

    `content_type` is the mail's own, `text` what is to read in it. Never raises; looks at the beginning only.
    """
    try:
        late, failed = all_failures(_copy(fields, content_type, text))
    except (AttributeError, LookupError, TypeError, ValueError):
        late, failed = frozenset(), frozenset()  # what its patterns choke on, they do not know
    now, ever = _specs(late), _specs(failed)
    if not now and not ever:
        ever = _named(fields, text)
    return ((), (*ever, *now)) if _is_late(fields, text) else (ever, now)


def own_words(text: str) -> str:
    """The words above the mail, or its headers, that the server returns in the same text; its beginning only."""
    lines = takewhile(lambda line: not _RETURNED.match(line[:_LINE]), text[: 4 * _TEXT].split("\n"))
    return "\n".join(lines)


def _named(fields: Sequence[Field], text: str) -> tuple[str, ...]:
    """Whom the words above the returned mail name at the beginning of a line, or as one to whom it did not go."""
    fields_of_people = (value[:_FIELD] for name in ("from", "to") for value in values(fields, name)[:1])
    people = {address.key for value in fields_of_people for address in read_mailboxes(value, 50).addresses}
    matches = (_ALONE.fullmatch(line) or _UNDELIVERED.search(line) for line in _short_lines(own_words(text)))
    found = _specs(match[1].encode() for match in matches if match)
    return tuple(spec for spec in found if spec not in people and not is_machines(spec.partition("@")[0]))


def status_in(text: str) -> str:
    """The first enhanced status code in a text, one that follows a reply code before all others; or ""."""
    head = text[:_TEXT]
    if found := _REPLY_STATUS.search(head):
        return found[1]
    found = _STATUS.search(head)
    return found[0] if found else ""


def reason_in(text: str) -> str:
    """The line of a text in which a server says why; or ""."""
    head = text[:_TEXT]
    found = next(filter(None, (pattern.search(head) for pattern in _REASONS)), None)
    return said(found[1]).rstrip("'\" ") if found else ""


def said(words: str) -> str:
    """What a server said as one line that can be shown: without mail addresses and links, and short."""
    text = _AGAIN.sub("", one_line(words[: 2 * _FIELD], _FIELD))
    shown = ["…" if _is_address(word) else word for word in text.split()]
    return one_line(" ".join(shown), _REASON)


def _is_address(word: str) -> bool:
    return any(mark in word.lower() for mark in ("@", "＠", "%40", "://"))


def _is_late(fields: Sequence[Field], text: str) -> bool:
    subject = decode_words("".join(values(fields, "subject")[:1]))
    return bool(_LATE_SUBJECT.search(subject[:_FIELD]) or _LATE_TEXT.search(own_words(text)[:_TEXT]))


def _specs(found: Iterable[bytes]) -> tuple[str, ...]:
    """In alphabetical order, since they come without one; what is no plain address is left out."""
    specs: set[str] = set()
    for spec in found:
        try:
            specs.add(strict(spec.decode("ascii").strip("<>")).key)
        except ValueError:
            continue
    return tuple(sorted(specs))


def _short_lines(text: str) -> list[str]:
    """The beginning, in ASCII: other letters become what no address has (a question mark, one may have)."""
    ascii_only = text[: 4 * _TEXT].encode("ascii", "backslashreplace").decode()
    return "\n".join(line[:_LINE] for line in ascii_only.split("\n"))[:_TEXT].split("\n")


def _copy(fields: Sequence[Field], content_type: str, text: str) -> Message:
    """A small mail with what the patterns look at, and nothing that could harm them: ASCII, flat, bounded."""
    copy, words, rest = Message(), Message(), Message()
    author = read_mailboxes("".join(values(fields, "from")[:1])[:_FIELD], 1).addresses
    copy["From"] = author[0].spec if author else "nobody@nowhere.invalid"  # without any, a pattern fails
    for name in _READ_BY_IT:
        for value in values(fields, name)[:1]:
            copy[name] = value[:_FIELD]
    words["Content-Type"] = "text/plain"
    words["Content-Description"] = "notification"
    words.set_payload("\n".join(_short_lines(text)))
    if content_type not in ("multipart/mixed", "multipart/report"):
        copy.set_payload(words.get_payload())
        return copy
    copy["Content-Type"] = content_type
    rest.set_payload("")
    copy.set_payload([words, rest])
    return copy
