"""A dozen mails as a desk gets them: made up, from reserved domains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

DESK = "contact@desk.example"
FORM = "webform@form.desk.example"
TEAM = "team@desk.example"

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
FOLLOW_UP = "Thank you. I forgot to say: the company also asks for a seat in our board.\n\nRobin\n"
PDF_TEXT = (
    "Beste mensen,\n\nHierbij de conceptovereenkomst waar ik advies over wil. Wat vindt u van artikel 4?\n\nNoor\n"
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One act of the demo: what it shows, and the mail. `make` gets the letters sent so far (raw, by their kind)."""

    title: str
    make: Callable[[datetime, list[bytes]], bytes]


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
) -> bytes:
    """One mail as a server delivers it, with its Return-Path on top."""
    # Unfolded: the library would turn a Message-ID that is longer than a line into encoded words.
    made = EmailMessage(policy=SMTP.clone(max_line_length=998))
    spec = sender.rpartition("<")[2].rstrip(">")
    made["Return-Path"] = f"<{spec if return_path is None else return_path}>"
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Date"] = format_datetime(now)
    made["Message-ID"] = make_msgid(domain=spec.rpartition("@")[2])
    for name, value in headers:
        made[name] = value
    made.set_content(text)
    if pdf:
        made.add_attachment(b"%PDF-1.4\n%%EOF\n", maintype="application", subtype="pdf", filename=pdf)
    return made.as_bytes()


def _thread(letter: bytes) -> tuple[tuple[str, str], ...]:
    head = letter.partition(b"\r\n\r\n")[0].decode("ascii", "replace").splitlines()
    message_id = next(line.partition(": ")[2] for line in head if line.lower().startswith("message-id: "))
    return (("In-Reply-To", message_id), ("References", message_id))


def _english(now: datetime, _: list[bytes]) -> bytes:
    return mail(
        now, sender="Robin Jansen <robin@university.example>", subject="A company pays for our lab", text=EN_QUESTION
    )


def _dutch(now: datetime, _: list[bytes]) -> bytes:
    return mail(now, sender="Sanne <sanne@prive.example>", subject="Promovendus met een beurs", text=NL_QUESTION)


def _unsure(now: datetime, _: list[bytes]) -> bytes:
    return mail(now, sender="office@institute.example", subject="Delegation", text=UNSURE)


def _form(now: datetime, _: list[bytes]) -> bytes:
    reply_to = (("Reply-To", "J. de Boer <j.deboer@hogeschool.example>"), ("Auto-Submitted", "auto-generated"))
    return mail(now, sender=f"Webformulier <{FORM}>", subject="Nieuwe vraag", text=FORM_TEXT, headers=reply_to)


def _pdf(now: datetime, _: list[bytes]) -> bytes:
    return mail(
        now,
        sender="Noor <noor@umc.example>",
        subject="Conceptovereenkomst",
        text=PDF_TEXT,
        headers=(("Cc", "Adviseur <adviseur@umc.example>"),),
        pdf="concept overeenkomst.pdf",
    )


def _follow_up(now: datetime, letters: list[bytes]) -> bytes:
    ack = next(letter for letter in letters if b"robin@university.example" in letter)
    return mail(
        now,
        sender="Robin Jansen <robin@university.example>",
        subject="Re: one more thing",
        text=FOLLOW_UP,
        headers=_thread(ack),
    )


def _out_of_office(now: datetime, letters: list[bytes]) -> bytes:
    ack = next(letter for letter in letters if b"sanne@prive.example" in letter)
    headers = (("Auto-Submitted", "auto-replied"), *_thread(ack))
    return mail(
        now,
        sender="Sanne <sanne@prive.example>",
        subject="Automatisch antwoord: ik ben er niet",
        text="Ik ben tot maandag met verlof.\n",
        headers=headers,
        return_path="",
    )


def _newsletter(now: datetime, _: list[bytes]) -> bytes:
    headers = (("List-Id", "<news.association.example>"), ("List-Unsubscribe", "<https://association.example/off>"))
    return mail(
        now,
        sender="Association <news@association.example>",
        subject="Our newsletter of this month",
        text="Ten new things to read.\n",
        headers=(*headers, ("Precedence", "bulk")),
    )


def _broken(_: datetime, __: list[bytes]) -> bytes:
    depth = 80
    heads = "".join(f'Content-Type: multipart/mixed; boundary="b{at}"\r\n\r\n--b{at}\r\n' for at in range(depth))
    return (
        f"From: x@odd.example\r\nTo: {DESK}\r\nSubject: eighty boxes in boxes\r\nMIME-Version: 1.0\r\n{heads}".encode()
    )


def _two_authors(now: datetime, _: list[bytes]) -> bytes:
    raw = mail(now, sender="a@odd.example", subject="Who wrote this?", text="Please answer quickly.\n")
    return b"From: director@university.example\r\n" + raw


def samples() -> tuple[Sample, ...]:
    """The acts in their order. The last is the first mail again, to the byte."""
    first: list[bytes] = []

    def english(now: datetime, letters: list[bytes]) -> bytes:
        first.append(_english(now, letters))
        return first[0]

    return (
        Sample("A question in English", english),
        Sample("A question in Dutch, from a private address", _dutch),
        Sample("Two languages in one short mail: answered in both", _unsure),
        Sample("A mail from the web form: the asker is the person in Reply-To", _form),
        Sample("A PDF, and an adviser in Cc", _pdf),
        Sample("A reply with another subject: it finds its ticket, no second acknowledgement", _follow_up),
        Sample("An out-of-office reply: recorded, never answered", _out_of_office),
        Sample("A newsletter: recorded, never answered", _newsletter),
        Sample("A mail made to hurt a parser: quarantined before any parser sees it", _broken),
        Sample("Two From fields: nobody can say who wrote it", _two_authors),
        Sample("The same question again, sent by hand: one ticket", _again),
        Sample("Another copy of the first mail: nothing happens", lambda _, __: first[0]),
    )


def _again(now: datetime, _: list[bytes]) -> bytes:
    return mail(now, sender="Sanne <sanne@prive.example>", subject="Nogmaals: promovendus", text=NL_QUESTION)
