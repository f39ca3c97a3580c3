"""The people around a desk, and the mails that they write as mail clients do."""

from __future__ import annotations

from collections.abc import Iterable
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count

from tests.builders import mail
from tests.stories.rig import BORDER, DESK, Rig

SAM = "sam@agency.example"
EVA = "eva@agency.example"
ROBIN = "robin@uni.example"

# Beside Sam, whom every rig has: a coordinator, and somebody who is called another way too.
PEOPLE = f"""
[[staff]]
name = "Eva Coördinator"
address = "{EVA}"
role = "coordinator"
language = "en"
aliases = ["eefje", "eva@home.example"]
"""

# The ministries that a desk consults: code, domain, and the name of the mailbox there.
BZ, OCW, EZ = "liaison@bz.example", "kennis@ocw.example", "loket@ez.example"
MINISTRIES = """
[[partner]]
code = "BZ"
name_nl = "Ministerie van Buitenlandse Zaken"
name_en = "Ministry of Foreign Affairs"
aliases = ["BuZa"]
domains = ["bz.example"]
liaison = "liaison@bz.example"
[[partner]]
code = "OCW"
name_nl = "Ministerie van Onderwijs, Cultuur en Wetenschap"
name_en = "Ministry of Education, Culture and Science"
aliases = []
domains = ["ocw.example"]
liaison = "kennis@ocw.example"
outcome = true
[[partner]]
code = "EZ"
name_nl = "Ministerie van Economische Zaken"
name_en = "Ministry of Economic Affairs"
aliases = ["EZK"]
domains = ["ez.example"]
liaison = "loket@ez.example"
[[partner]]
code = "Defensie"
name_nl = "Ministerie van Defensie"
name_en = "Ministry of Defence"
aliases = ["DEF"]
domains = ["mindef.example"]
"""

_numbers = count(1)


def border(sender: str, result: str = "pass") -> tuple[str, str]:
    """What our own mail server writes above a mail of this sender."""
    domain = sender.rpartition("@")[2]
    return ("Authentication-Results", f"{BORDER}; dmarc={result} header.from={domain}")


def quote_of(letter: EmailMessage, who: str = "Contactpunt") -> str:
    """The letter below a reply, as a mail client quotes it."""
    body = letter.get_body(("plain",))
    text = str(body.get_content()) if body else ""
    quoted = "\n".join(f"> {line}" for line in text.splitlines())
    return f"\n\nOp ma 1 jun 2026 om 10:03 schreef {who} <{DESK}>:\n{quoted}\n"


def reply(
    letter: EmailMessage,
    text: str,
    sender: str = SAM,
    *,
    proof: str = "pass",
    html: str = "",
    headers: Iterable[tuple[str, str]] = (),
    thread: bool = True,
    **facts: object,
) -> bytes:
    """A reply to one of our letters, proven by the border unless `proof` says otherwise ("" for no word of it)."""
    number = next(_numbers)
    proven = [border(sender, proof)] if proof else []
    threads = [("In-Reply-To", letter["Message-ID"]), ("References", letter["Message-ID"])] if thread else []
    defaults: dict[str, object] = {
        "sender": sender,
        "to": str(letter["Reply-To"]),
        "subject": f"Re: {letter['Subject']}",
        "text": text,
        "html": html,
        "message_id": f"<reply-{number}@{sender.rpartition('@')[2]}>",
        "headers": [*proven, *threads, *headers],
    }
    return mail(**(defaults | facts))  # type: ignore[arg-type]  # mixed facts


def fresh(text: str, sender: str = SAM, *, proof: str = "pass", subject: str = "status", **facts: object) -> bytes:
    """A mail that answers nothing of ours."""
    defaults: dict[str, object] = {
        "sender": sender,
        "to": DESK,
        "subject": subject,
        "text": text,
        "message_id": f"<fresh-{next(_numbers)}@{sender.rpartition('@')[2]}>",
        "headers": [border(sender, proof)] if proof else [],
    }
    return mail(**(defaults | facts))  # type: ignore[arg-type]  # mixed facts


def html_only(raw: bytes) -> bytes:
    """The same mail as phones send it: no plain text beside the HTML."""
    parsed = message_from_bytes(raw, policy=policy.SMTP.clone(max_line_length=998))
    body = parsed.get_body(("html",))
    assert body is not None
    html = body.get_content()
    for name in ("Content-Type", "Content-Transfer-Encoding"):
        del parsed[name]
    parsed.set_content(html, subtype="html")
    return parsed.as_bytes()


def last(rig: Rig, to: str, word: str = "") -> EmailMessage:
    """The newest letter to somebody (with a word in its subject)."""
    return [letter for letter in rig.letters(to) if word in str(letter["Subject"])][-1]
