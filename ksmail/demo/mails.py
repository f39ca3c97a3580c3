"""The mails of strangers, as a desk gets them: made up, from reserved domains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.policy import default as modern
from email.utils import format_datetime, make_msgid

DESK = "contact@desk.example"
FORM = "webform@form.desk.example"
TEAM = "team@desk.example"
BORDER = "mx.desk.example"  # the mail server of the desk, which says whether a sender is genuine
ROBIN = "Robin Jansen <robin@university.example>"
SANNE = "Sanne <sanne@prive.example>"

NL_QUESTION = """\
Goedemiddag,

Onze groep wil een promovendus uit het buitenland aannemen. Hij krijgt een beurs van zijn eigen overheid.
Waar moeten wij op letten? En moeten wij vooraf iets afspreken over de resultaten van het onderzoek?

Met vriendelijke groet,
Sanne
"""
EN_QUESTION = """\
Dear contact point,

A foreign company offers to pay for a new laboratory. In return it wants to see our results first.
Is that a risk for us? Which agreements would you advise?

Kind regards,
Robin
"""
UNSURE = "Vraag / question: visiting delegation, see programme. Graag advies, please advise.\n"
FORM_TEXT = """\
Naam: J. de Boer
Instelling: Voorbeeld Hogeschool
Vraag: Mogen wij een gezamenlijke leerstoel aannemen die een buitenlandse universiteit betaalt?
"""
MORE = "Nog iets: hij begint in september.\n\nSanne\n"
THANKS = "Thank you very much!\n\nRobin\n"
MORE_THAN_THANKS = "Thank you. I forgot to say: the company also asks for a seat in our board.\n\nRobin\n"
PDF_TEXT = (
    "Beste mensen,\n\nHierbij de conceptovereenkomst waar ik advies over wil. Wat vindt u van artikel 4?\n\nNoor\n"
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One act of the demo: what it shows, and the mail. `make` gets the letters sent so far, oldest first.

    `says` is what its writer wrote, where that is worth a look, and `whole` are the people whose letters are. `later`
    is how many of its letters wait; below zero, how many that waited go with them.
    """

    title: str
    make: Callable[[datetime, list[bytes]], bytes]
    says: str = ""
    whole: tuple[str, ...] = ()
    later: int = 0


def mail(
    now: datetime,
    *,
    sender: str,
    subject: str,
    text: str,
    to: str = DESK,
    headers: tuple[tuple[str, str], ...] = (),
    return_path: str | None = None,
    pdf: str = "",
    border: str = "pass",
) -> bytes:
    """One mail as a server delivers it: with its Return-Path, and what our border thinks of the sender (RFC 8601)."""
    # Unfolded: the library would turn a Message-ID that is longer than a line into encoded words.
    made = EmailMessage(policy=SMTP.clone(max_line_length=998))
    author = spec(sender)
    made["Return-Path"] = f"<{author if return_path is None else return_path}>"
    made["Authentication-Results"] = f"{BORDER}; dmarc={border} header.from={author.rpartition('@')[2]}"
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Date"] = format_datetime(now)
    made["Message-ID"] = make_msgid(domain=author.rpartition("@")[2])
    for name, value in headers:
        made[name] = value
    made.set_content(text)
    if pdf:
        made.add_attachment(b"%PDF-1.4\n%%EOF\n", maintype="application", subtype="pdf", filename=pdf)
    return made.as_bytes()


def spec(sender: str) -> str:
    """The address in a From that we wrote."""
    return sender.rpartition("<")[2].rstrip(">")


def thread(letter: EmailMessage) -> tuple[tuple[str, str], ...]:
    """The headers with which a mail client answers a letter."""
    return (("In-Reply-To", letter["Message-ID"]), ("References", letter["Message-ID"]))


def newest(letters: list[bytes], to: str) -> EmailMessage:
    """The newest letter to somebody."""
    parsed = (message_from_bytes(raw, policy=modern) for raw in reversed(letters))
    return next(letter for letter in parsed if to in str(letter["To"]))


def english(now: datetime, _: list[bytes]) -> bytes:
    return mail(now, sender=ROBIN, subject="A company pays for our lab", text=EN_QUESTION)


def dutch(now: datetime, _: list[bytes]) -> bytes:
    return mail(now, sender=SANNE, subject="Promovendus met een beurs", text=NL_QUESTION)


def unsure(now: datetime, _: list[bytes]) -> bytes:
    return mail(now, sender="office@institute.example", subject="Delegation", text=UNSURE)


def form(now: datetime, _: list[bytes]) -> bytes:
    reply_to = (("Reply-To", "J. de Boer <j.deboer@hogeschool.example>"), ("Auto-Submitted", "auto-generated"))
    return mail(now, sender=f"Webformulier <{FORM}>", subject="Nieuwe vraag", text=FORM_TEXT, headers=reply_to)


def pdf(now: datetime, _: list[bytes]) -> bytes:
    return mail(
        now,
        sender="Noor <noor@umc.example>",
        subject="Conceptovereenkomst",
        text=PDF_TEXT,
        headers=(("Cc", "Adviseur <adviseur@umc.example>"),),
        pdf="concept overeenkomst.pdf",
    )


def replying(sender: str, subject: str, text: str) -> Callable[[datetime, list[bytes]], bytes]:
    """A reply to the newest letter to this asker, with a subject of his own."""

    def make(now: datetime, letters: list[bytes]) -> bytes:
        letter = newest(letters, spec(sender))
        return mail(now, sender=sender, subject=subject, text=text, headers=thread(letter))

    return make


def out_of_office(now: datetime, letters: list[bytes]) -> bytes:
    headers = (("Auto-Submitted", "auto-replied"), *thread(newest(letters, spec(SANNE))))
    return mail(
        now,
        sender=SANNE,
        subject="Automatisch antwoord: ik ben er niet",
        text="Ik ben tot maandag met verlof.\n",
        headers=headers,
        return_path="",
    )


def newsletter(now: datetime, _: list[bytes]) -> bytes:
    headers = (("List-Id", "<news.association.example>"), ("List-Unsubscribe", "<https://association.example/off>"))
    return mail(
        now,
        sender="Association <news@association.example>",
        subject="Our newsletter of this month",
        text="Ten new things to read.\n",
        headers=(*headers, ("Precedence", "bulk")),
    )


def broken(_: datetime, __: list[bytes]) -> bytes:
    depth = 80
    heads = "".join(f'Content-Type: multipart/mixed; boundary="b{at}"\r\n\r\n--b{at}\r\n' for at in range(depth))
    return (
        f"From: x@odd.example\r\nTo: {DESK}\r\nSubject: eighty boxes in boxes\r\nMIME-Version: 1.0\r\n{heads}".encode()
    )


def two_authors(now: datetime, _: list[bytes]) -> bytes:
    raw = mail(now, sender="a@odd.example", subject="Who wrote this?", text="Please answer quickly.\n")
    return b"From: director@university.example\r\n" + raw


def again(now: datetime, _: list[bytes]) -> bytes:
    return mail(now, sender=SANNE, subject="Nogmaals: promovendus", text=NL_QUESTION)
