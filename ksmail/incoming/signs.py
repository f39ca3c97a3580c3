"""How machines look: words in headers, local parts and subjects."""

from __future__ import annotations

import re
from collections.abc import Iterable

# RFC 2045 5.1, without the characters that end a token.
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]+", re.ASCII)

# Local parts, case folded.
LIST_ROBOT = re.compile(
    r"owner-.+|.+-request|(?:.+-)?bounces?(?:[+=-].*)?|listserv|majordomo|mailman|sympa|.+-(?:un)?subscribe"
)
NO_REPLY = re.compile(
    r"(?:^|[-_.+])"
    r"(?:(?:no|do[-_.]?not|dont|geen|niet|keine|nicht|ne[-_.]?pas)[-_.]?"
    r"(?:reply|respond|reageren|beantwoorden|antwoorden|antwoord|antwort|antworten|repondre|reponse)"
    r"|auto(?:matic)?[-_.]?(?:reply|mailer|confirm)|notifications?|alerts?|newsletter|nieuwsbrief"
    r"|cron|daemon|nobody|root|www-data)"
    r"(?:$|[-_.+])"
)

# What common clients put in front of the subject of an absence, in Dutch, English, German and French. The first
# group needs something that ends it, because people also write subjects that go on after these words.
OUT_OF_OFFICE = re.compile(
    r"(?:"
    r"(?:automatisch(?:e)? (?:antwoord|beantwoording|bericht)|afwezig(?:heid)?|buiten kantoor"
    r"|automatic (?:reply|response)|automated (?:reply|response)|auto[- ]?(?:reply|response)"
    r"|on vacation|away from (?:the |my )?office|out[- ]of[- ](?:the[- ])?office"
    r"|automatische antwort|abwesen(?:d|heit)|nicht im büro"
    r"|r[ée]ponse automatique|message automatique|absen(?:t|te|t\(e\)|ce) du bureau)"
    r"\s*(?:$|[:：!–—|(\[-])"
    r"|automatisch antwoord op\b|afwezigheids(?:bericht|melding|assistent)|afwezig (?:tot|t/m|van|vanaf|wegens|op)\b"
    r"|automatic reply (?:to|from)\b|out[- ]of[- ](?:the[- ])?office (?:auto[- ]?reply|reply|until|till|from|message)\b"
    r"|vacation (?:reply|response)\b|auto: .{1,100} is out of the office\b"
    r"|automatische antwort auf\b|abwesenheits(?:notiz|meldung|nachricht|assistent)"
    r"|message d['’]absence"
    r")",
    re.IGNORECASE,
)

# RFC 5230 4.6: a person may read the mail of the second, and a machine may answer it.
REPORTERS = frozenset({"mailer-daemon", "postmaster"})
ROLE_LOCALS = frozenset({"postmaster", "hostmaster", "abuse"})

REPORT_SUBJECT = re.compile(
    r"undeliver(?:ed|able)|delivery (?:status notification|fail(?:ure|ed)|report|has failed|incomplete|delayed)"
    r"|mail delivery (?:fail(?:ed|ure)|subsystem|problem)|returned mail|failure notice|non-?deliverable"
    r"|message (?:delayed|not delivered)|onbestelbaar|niet (?:bezorgd|afgeleverd)|unzustellbar"
    r"|non (?:remis|distribué)|échec de (?:la )?remise",
    re.IGNORECASE,
)
REPORT_TEXT = re.compile(
    r"could not be delivered|couldn't be delivered|(?:was|wasn't) able to deliver|delivery to the following"
    r"|delivery has failed|following address(?:\(es\)|es)? failed|permanent(?:ly)? (?:fatal )?(?:errors?|failed)"
    r"|user unknown|unknown user|no such user|mailbox (?:is )?full|this is the mail system"
    r"|^(?:final|original)-recipient:|^status: [245]\.\d{1,3}\.\d{1,3}|\b[45]\d\d[ -][45]\.\d{1,3}\.\d{1,3}\b"
    r"|kon niet worden (?:bezorgd|afgeleverd)|konnte nicht zugestellt",
    re.IGNORECASE | re.MULTILINE,
)


def is_machines(local: str) -> bool:
    """Whether no person's answer is to be had at a local part, as far as its words say."""
    folded = local.casefold()
    known = folded in REPORTERS or folded in ROLE_LOCALS
    return known or bool(LIST_ROBOT.fullmatch(folded) or NO_REPLY.search(folded))


def first_word(value: str) -> str:
    """The first token of a structured header value, in lower case; comments before it do not count (RFC 5322 3.2.2)."""
    match = _TOKEN.match(strip_comments(value).strip())
    return match[0].lower() if match else ""


def comma_words(values: Iterable[str]) -> frozenset[str]:
    """All words of comma separated header values, in lower case, without comments."""
    return frozenset(word.strip().lower() for value in values for word in strip_comments(value).split(","))


def strip_comments(value: str) -> str:
    """`value` with each comment (nested and quoted pairs included) replaced by a space."""
    depth, kept, characters = 0, list[str](), iter(value)
    for character in characters:
        if character == "\\":
            next(characters, "")
        elif character == "(":
            depth += 1
            kept.append(" ")
        elif character == ")":
            depth = max(depth - 1, 0)
        elif depth == 0:
            kept.append(character)
    return "".join(kept)
