"""The demo, act by act."""

from __future__ import annotations

from datetime import datetime

from ksmail.demo import colleagues, mails
from ksmail.demo.mails import ROBIN, SANNE, Sample, replying, spec


def acts() -> tuple[Sample, ...]:
    """Two questions with all that becomes of them, and then what else comes into a mailbox. The last is the first mail
    again, to the byte."""
    first: list[bytes] = []

    def english(now: datetime, letters: list[bytes]) -> bytes:
        first.append(mails.english(now, letters))
        return first[0]

    return (
        Sample("A question in English", english, whole=(spec(ROBIN),)),
        *colleagues.english(),
        _says("Thanks open nothing", ROBIN, "Re: your answer", mails.THANKS),
        colleagues.forged(),
        Sample("A question in Dutch, from a private address", mails.dutch, whole=(spec(SANNE),)),
        *colleagues.dutch(),
        _says(
            "A reply with another subject finds its ticket, and gets no second number", SANNE, "Nog iets", mails.MORE
        ),
        _says("More than thanks: the question is open again", ROBIN, "One more thing", mails.MORE_THAN_THANKS),
        Sample("Two languages in one short mail: answered in both", mails.unsure),
        Sample("A mail from the web form: the asker is the person in Reply-To", mails.form),
        Sample("A PDF, and an adviser in Cc", mails.pdf),
        Sample("An out-of-office reply: recorded, never answered", mails.out_of_office),
        Sample("A newsletter: recorded, never answered", mails.newsletter),
        Sample("A mail made to hurt a parser: quarantined before any parser sees it", mails.broken),
        Sample("Two From fields: nobody can say who wrote it", mails.two_authors),
        Sample("The same question again, sent by hand: one ticket", mails.again),
        Sample("Another copy of the first mail: nothing happens", lambda _, __: first[0]),
    )


def _says(title: str, sender: str, subject: str, text: str) -> Sample:
    return Sample(title, replying(sender, subject, text), says=text)
